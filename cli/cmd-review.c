/* SPDX-License-Identifier: ISC */
/* senim review: the yearly review of the organisation's policy on personal data (clause 7.1 of such policies): when it was, and
 * that it was done now, with the digest of the text that came of it. The text itself goes nowhere. */
#include <sodium.h>
#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/review.h"

#define GROUND "reviewed" /* it looks at nothing */
#define POLICY_MAX (64 * 1024 * 1024)

/* --- that it was done ----------------------------------------------------------------------------------------------- */

static char *digest_of(const char *file, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *text = NULL;
	guint8 digest[32];
	char hex[2 * sizeof digest + 1];
	gsize size;
	if (!g_file_get_contents(file, &text, &size, &cause) || size == 0 || size > POLICY_MAX) {
		g_autofree char *why = escape_text(cause != NULL ? cause->message : file, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_USAGE, _("the policy cannot be read, or is empty: %s"), why);
		return NULL;
	}
	crypto_generichash(digest, sizeof digest, (const guint8 *)text, size, NULL, 0);
	return g_strdup(sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
}

static gboolean enter(Session *session, const char *file, GError **error)
{
	const char *mailbox = session_mailbox(session, error);
	g_autofree char *digest = mailbox != NULL ? digest_of(file, error) : NULL;
	if (digest == NULL)
		return FALSE;
	g_autoptr(Record) own = record_new();
	record_add(own, "digest", digest);
	if (!opening_act_of(session, mailbox, ENTRY_REVIEWED, "/v1/review", json_pack("{s:s}", "digest", digest), own, GROUND, error))
		return FALSE;
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:s, s:s}", "mailbox", mailbox, "digest", digest), error);
	g_autofree char *line = g_strdup_printf(_("The review of the policy is entered for %s. Digest of the text: %s\n"), mailbox, digest);
	return output_said(line, error);
}

/* --- when it was ---------------------------------------------------------------------------------------------------- */

static gboolean show(Session *session, GError **error)
{
	const char *mailbox, *origin, *only = options_value(session->cli->options, "mailbox");
	g_autoptr(json_t) list = json_array();
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		gboolean due;
		gint64 last;
		g_autofree char *digest = NULL;
		if (only != NULL && strcmp(only, mailbox) != 0)
			continue;
		if (!review_is_due(session, mailbox, &due, &last, &digest, error))
			return FALSE;
		g_autofree char *time = last != 0 ? format_time(last, desk_client_zone(session->desk)) : NULL;
		g_autofree char *iso = last != 0 ? format_time_iso(last, desk_client_zone(session->desk)) : NULL;
		g_autofree char *line = due ? review_sentence(session, mailbox, last)
		                        : last == 0 ? g_strdup_printf(_("%s: no review yet; the first is asked for a year after the beginning"), mailbox)
		                                    : g_strdup_printf(_("%s: reviewed on %s, digest %s"), mailbox, time, digest);
		g_string_append_printf(text, "%s\n", line);
		json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:b}", "mailbox", mailbox, "reviewed", output_value(iso), "digest",
		                                      last != 0 ? output_value(digest) : json_null(), "due", due));
	}
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:O}", "reviews", list), error);
	return output_said(text->str, error);
}

gboolean cmd_review(Cli *cli, GError **error)
{
	const char *file = options_value(cli->options, "policy");
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	return file != NULL ? enter(session, file, error) : show(session, error);
}
