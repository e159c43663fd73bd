/* SPDX-License-Identifier: ISC */
/* senim erase: destruction by order. One orders it, with number, day and digest of the order's document; a second person confirms it; ten
 * days later the registrar carries it out, unless it was stopped. What stays of the row is sealed anew with the order. */
#include <string.h>

#include "base/day.h"
#include "base/escape.h"
#include "cli/casework.h"
#include "cli/erasures.h"
#include "cli/format.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "store/archive.h"

/* --- ordering -------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *number, *dated;
	char digest[2 * ARCHIVE_DIGEST + 1]; /* of the document; "": none was named */
} Document;

static gboolean read_digest(const Options *options, Document *document, GError **error)
{
	guint8 digest[ARCHIVE_DIGEST];
	g_autoptr(GError) cause = NULL;
	const char *file = options_value(options, "digest");
	if (file == NULL)
		return TRUE;
	if (!archive_digest_file(file, digest, NULL, &cause)) {
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_FAILED, "%s", why);
	}
	for (guint i = 0; i < ARCHIVE_DIGEST; i++)
		g_snprintf(document->digest + 2 * i, 3, "%02x", digest[i]);
	return TRUE;
}

static gboolean read_document(const Options *options, Document *document, GError **error)
{
	GDate day;
	document->number = options_value(options, "order");
	document->dated = options_value(options, "date");
	if (document->number == NULL || *document->number == '\0' || options_value(options, "digest") == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("an erasure has its order, by number, day and file of its document: senim erase --help shows how"));
	if (document->dated == NULL || !day_read(document->dated, &day))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes a day: YYYY-MM-DD"), "date");
	return read_digest(options, document, error);
}

/* What stays: the columns of the resolution that stand now. "" as a text where there are none (transfer full). */
static WipeText *lasting_text(Session *session, Case *c, const char *ground, json_t **shown, GError **error)
{
	g_autoptr(Row) row = casework_row(session, c, ground, error);
	if (row == NULL)
		return NULL;
	*shown = row_lasting(row);
	char *text = json_object_size(*shown) > 0 ? json_dumps(*shown, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	WipeText *made = g_strdup(text != NULL ? text : "");
	free(text); /* jansson's memory is wiped when it is freed (output_init()) */
	return made;
}

static gboolean enter_order(Session *session, Case *c, const Document *document, guint64 message, const char *text, const char *ground,
                            GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "ordered");
	record_add(own, "order", document->number);
	record_add(own, "dated", document->dated);
	record_add(own, "digest", document->digest);
	if (message != 0)
		record_add_uint(own, "message", message);
	const CaseworkAct act = {.kind = ENTRY_ERASURE, .target = "/v1/erase", .own = own, .takes_text = TRUE, .text = text,
	                         .body = json_pack("{s:s, s:s, s:s, s:I}", "order", document->number, "dated", document->dated, "digest",
	                                           document->digest, "message", (json_int_t)message)};
	return casework_act(session, c, &act, ground, error);
}

static gboolean say_ordered(Session *session, const Case *c, const Document *document, json_t *lasting, GError **error)
{
	g_autofree char *name = case_shown(c, session->desk);
	/* It is ordered, whether or not this can be had; --status says it again. */
	g_autoptr(json_t) state = erasures_fetch_state(session, c, NULL);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:s, s:o, s:s, s:s, s:O, s:O*}", "case", output_value(name), "entry", (json_int_t)c->last, "state",
		                             "ordered", "order", output_value(document->number), "dated", document->dated, "digest",
		                             document->digest, "stays", lasting, "left", json_object_get(state, "traces")), error);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(2048);
	g_autofree char *line = g_strdup_printf(_("The erasure of %s is ordered. A second person confirms it: senim erase %s --confirm.\n"), name, name);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, safe);
	erasures_add_lasting(lasting, out);
	if (state != NULL)
		erasures_add_left(session, state, out);
	return output_text(out, error);
}

static gboolean run_order(Cli *cli, GError **error)
{
	Document document = {0};
	g_autoptr(json_t) lasting = NULL;
	if (!read_document(cli->options, &document, error) || !messages_check_options(cli->options, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	gboolean one = options_value(cli->options, "message") != NULL;
	g_autoptr(Messages) messages = c != NULL && one ? messages_fetch(session, c, error) : NULL;
	g_autoptr(WipeText) ground = c != NULL && (!one || messages != NULL) ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	guint64 message = !one ? 0 : messages->message != NULL ? messages->message->seq : c->seq;
	g_autoptr(WipeText) text = one ? g_strdup("") : lasting_text(session, c, ground, &lasting, error);
	if (lasting == NULL)
		lasting = json_object();
	return text != NULL && enter_order(session, c, &document, message, *text != '\0' ? text : NULL, ground, error) &&
	       say_ordered(session, c, &document, lasting, error);
}

/* --- confirming, stopping --------------------------------------------------------------------------------------------- */

static gboolean say_decided(Session *session, const Erasure *erasure, const char *act, GError **error)
{
	g_autofree char *name = case_shown(erasure->c, session->desk);
	gboolean confirmed = strcmp(act, "confirmed") == 0;
	g_autofree char *day = confirmed ? erasures_day(session, g_get_real_time() + ERASURES_WAIT) : NULL;
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:s, s:o, s:o}", "case", output_value(name), "entry", (json_int_t)erasure->c->last, "state",
		                             act, "order", output_value(erasure->order), "carried_out_on", output_value(day)), error);
	g_autofree char *line = confirmed
	                            ? g_strdup_printf(_("The erasure of %s is confirmed. The registrar carries it out on %s; until then either of you stops it: senim erase %s --stop.\n"), name, day, name)
	                            : g_strdup_printf(_("The erasure of %s is stopped: everything stays as it is.\n"), name);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

/* Whoever confirms may hold the document against what was ordered. */
static gboolean check_same(const Erasure *erasure, const Document *document, GError **error)
{
	return *document->digest == '\0' || g_strcmp0(document->digest, erasure->digest) == 0 ||
	       cli_fail(error, CLI_ERROR_REFUSED, _("this is not the document that was ordered by: its digest is another; nothing was confirmed"));
}

static gboolean run_decision(Cli *cli, const char *act, const char *target, GError **error)
{
	Document document = {0};
	if (!read_digest(cli->options, &document, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Erasure) erasure = session != NULL ? erasures_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = erasure != NULL && check_same(erasure, &document, error) ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	g_autoptr(Record) own = record_new();
	record_add(own, "act", act);
	record_add_uint(own, "of", erasure->entry);
	const CaseworkAct decision = {.kind = ENTRY_ERASURE, .target = target, .own = own,
	                              .body = json_pack("{s:I}", "of", (json_int_t)erasure->entry)};
	return casework_act(session, erasure->c, &decision, ground, error) && say_decided(session, erasure, act, error);
}

/* --- what waits, and what is still somewhere ---------------------------------------------------------------------------- */

static gboolean run_list(Cli *cli, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(GPtrArray) list = session != NULL ? erasures_fetch(session, error) : NULL;
	if (list == NULL)
		return FALSE;
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o}", "erasures", erasures_json(session, list)), error);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(2048);
	for (guint i = 0; i < list->len; i++)
		erasures_add(session, list->pdata[i], out);
	if (list->len == 0)
		wipe_buffer_add_text(out, _("No erasure is ordered.\n"));
	return output_text(out, error);
}

static gboolean run_status(Cli *cli, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	return c != NULL && erasures_print_state(session, c, error);
}

gboolean cmd_erase(Cli *cli, GError **error)
{
	static const char *const modes[] = {"confirm", "stop", "status"};
	guint n = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++)
		n += options_flag(cli->options, modes[i]);
	if (n > 1 || (n > 0 && options_value(cli->options, "order") != NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--order, --confirm, --stop and --status exclude each other: name one of them"));
	if (options_word(cli->options, 1) == NULL)
		return n == 0 ? run_list(cli, error) : cli_fail(error, CLI_ERROR_USAGE, _("which case? senim erase alone shows what is ordered"));
	if (options_flag(cli->options, "confirm"))
		return run_decision(cli, "confirmed", "/v1/erase/confirm", error);
	if (options_flag(cli->options, "stop"))
		return run_decision(cli, "stopped", "/v1/erase/stop", error);
	return options_flag(cli->options, "status") ? run_status(cli, error) : run_order(cli, error);
}
