/* SPDX-License-Identifier: ISC */
#include "cli/agreement.h"

#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "store/desk-request.h"

#define GROUND "agreement" /* accepting it opens nothing and needs no other */

void agreement_clear(Agreement *agreement)
{
	g_clear_pointer(&agreement->text, g_free);
	g_clear_pointer(&agreement->digest, g_free);
	g_clear_pointer(&agreement->open, g_strfreev);
}

static gboolean read_open(json_t *list, Agreement *agreement, GError **error)
{
	json_t *item;
	gsize i;
	agreement->open = g_new0(char *, json_array_size(list) + 1);
	json_array_foreach(list, i, item) {
		if (!json_is_string(item))
			return desk_form_error(error, "open");
		agreement->open[i] = g_strdup(json_string_value(item));
	}
	return TRUE;
}

/* What is accepted is what was shown: the digest is taken of the text that came. */
static gboolean read_text(json_t *answer, Agreement *agreement, GError **error)
{
	const char *text = desk_get_text(answer, "text", error);
	if (text == NULL)
		return FALSE;
	guint8 digest[DESK_REQUEST_DIGEST];
	GString *hex = g_string_sized_new(2 * sizeof digest);
	desk_request_digest(text, strlen(text), digest);
	for (gsize i = 0; i < sizeof digest; i++)
		g_string_append_printf(hex, "%02x", digest[i]);
	agreement->text = g_strdup(text);
	agreement->digest = g_string_free(hex, FALSE);
	return TRUE;
}

gboolean agreement_fetch(const Session *session, Agreement *agreement, GError **error)
{
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/agreement", json_object(), NULL, error);
	json_t *open = answer != NULL ? desk_get_array(answer, "open", error) : NULL;
	return open != NULL && read_open(open, agreement, error) &&
	       (json_is_null(json_object_get(answer, "text")) || read_text(answer, agreement, error));
}

gboolean agreement_show(const Agreement *agreement, GError **error)
{
	g_autofree char *safe = escape_text(agreement->text, -1, ESCAPE_TEXT);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(strlen(safe) + 1);
	wipe_buffer_add_text(out, safe);
	return output_text(out, error);
}

gboolean agreement_accept(Session *session, const Agreement *agreement, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "digest", agreement->digest);
	for (char **mailbox = agreement->open; *mailbox != NULL; mailbox++) {
		json_t *body = json_pack("{s:s}", "digest", agreement->digest);
		if (!opening_act_of(session, *mailbox, ENTRY_AGREED, "/v1/agree", body, own, GROUND, error))
			return FALSE;
	}
	return TRUE;
}

/* She types the word that says yes in her language: a key pressed by chance accepts nothing. */
static gboolean ask(GError **error)
{
	const char *word = _("accept");
	g_autofree char *question = g_strdup_printf(_("To accept the agreement, type “%s”: "), word);
	g_autoptr(Passphrase) answer = passphrase_ask_aloud(question, NULL);
	g_autofree char *typed = answer != NULL ? g_strstrip(g_strdup(passphrase_text(answer))) : NULL;
	return g_strcmp0(typed, word) == 0 ||
	       cli_fail(error, CLI_ERROR_REFUSED, _("the agreement was not accepted, so nothing is opened"));
}

gboolean agreement_settle(Session *session, GError **error)
{
	g_auto(Agreement) agreement = {0};
	if (!desk_client_has_agreement(session->desk))
		return TRUE;
	if (!agreement_fetch(session, &agreement, error))
		return FALSE;
	if (agreement.text == NULL || agreement.open[0] == NULL)
		return TRUE;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_REFUSED,
		                _("the agreement on use has not been accepted yet: senim agreement shows it, --accept accepts it"));
	return agreement_show(&agreement, error) && ask(error) && agreement_accept(session, &agreement, error);
}
