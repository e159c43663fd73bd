/* SPDX-License-Identifier: ISC */
/* senim strike CASE ENTRY[/FIELD]: a wrong entry is struck through and stays legible (KMO 18); what stands instead, and why,
 * is a new entry. */
#include <string.h>

#include "base/escape.h"
#include "cli/casework.h"
#include "cli/form.h"
#include "cli/output.h"

typedef struct {
	guint64 entry;
	const RowColumn *column; /* NULL: all of it */
} Struck;

static gboolean read_struck(const char *typed, Struck *struck, GError **error)
{
	const char *slash = strchr(typed, '/');
	g_autofree char *number = slash != NULL ? g_strndup(typed, (gsize)(slash - typed)) : g_strdup(typed);
	struck->column = slash != NULL ? row_column(slash + 1) : NULL;
	if (g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT64, &struck->entry, NULL) && (slash == NULL || struck->column != NULL))
		return TRUE;
	g_autofree char *shown = escape_text(typed, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_USAGE,
	                _("“%s” names no entry: write its number, or 12/surname for one column of it; senim show CASE --row shows both"),
	                shown);
}

/* {"why": text, "instead": text or missing} */
static gboolean check(json_t *object, const Struck *struck, GError **error)
{
	const char *why = NULL, *instead = NULL, *key;
	if (json_unpack_ex(object, NULL, JSON_STRICT, "{s:s, s?s}", "why", &why, "instead", &instead) != 0 || *why == '\0')
		return cli_fail(error, CLI_ERROR_USAGE, _("a strike takes a JSON object of why, and instead where something stands instead"));
	if (instead == NULL)
		return TRUE;
	if (struck->column == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("what stands instead belongs to one column: write ENTRY/FIELD"));
	g_autoptr(json_t) one = json_object();
	json_object_set(one, struck->column->key, json_object_get(object, "instead"));
	const char *wrong = row_judge(one, struck->column->resolution, &key);
	return wrong == NULL || cli_fail(error, CLI_ERROR_USAGE, _("what was given for “%s” cannot be entered: %s"), key, _(wrong));
}

static json_t *ask(const Struck *struck, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(json_t) object = json_object();
	g_autoptr(WipeText) why = form_line(_("Why is it struck? "), &cause);
	if (why != NULL && struck->column != NULL) {
		g_autofree char *question = g_strdup_printf(_("%s, instead (Enter: nothing): "), _(struck->column->label));
		g_autoptr(WipeText) instead = form_line(question, &cause);
		if (instead != NULL)
			json_object_set_new(object, "instead", output_string(instead, strlen(instead)));
	}
	if (why == NULL && cause == NULL)
		cli_fail(&cause, CLI_ERROR_USAGE, _("without a reason nothing is struck"));
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return NULL;
	}
	json_object_set_new(object, "why", output_string(why, strlen(why)));
	return g_steal_pointer(&object);
}

static gboolean enter(Session *session, Case *c, const Struck *struck, json_t *object, const char *ground, GError **error)
{
	g_autoptr(Record) own = record_new();
	g_autofree char *field = struck->column != NULL ? g_strdelimit(g_strdup(struck->column->key), "_", '-') : g_strdup("-");
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	record_add_uint(own, "of", struck->entry);
	record_add(own, "field", field);
	const CaseworkAct act = {.kind = ENTRY_STRUCK, .target = "/v1/strike", .own = own, .takes_text = TRUE, .text = text,
	                         .body = json_pack("{s:I, s:s}", "of", (json_int_t)struck->entry, "field", field)};
	gboolean done = casework_act(session, c, &act, ground, error);
	explicit_bzero(text, strlen(text));
	free(text);
	return done;
}

static gboolean strike(Session *session, Case *c, const Struck *struck, json_t *given, const char *ground, GError **error)
{
	g_autoptr(Row) row = casework_row(session, c, ground, error);
	if (row == NULL)
		return FALSE;
	if (!row_has(row, struck->entry, struck->column))
		return cli_fail(error, CLI_ERROR_FAILED, _("entry %llu of %s has no such thing in the row: senim show %s --row shows what it has"),
		                (unsigned long long)struck->entry, c->name, c->name);
	g_autoptr(json_t) object = given != NULL ? json_incref(given) : ask(struck, error);
	if (object == NULL || !check(object, struck, error) || !enter(session, c, struck, object, ground, error))
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:I, s:I}", "case", output_value(name), "entry", (json_int_t)c->last, "struck",
		                             (json_int_t)struck->entry), error);
	g_autofree char *line = g_strdup_printf(_("Struck in the row of %s, by entry %llu; it stays legible.\n"), name,
	                                        (unsigned long long)c->last);
	return output_said(line, error);
}

gboolean cmd_strike(Cli *cli, GError **error)
{
	Struck struck;
	const char *word = options_word(cli->options, 3);
	if (!read_struck(options_word(cli->options, 2), &struck, error))
		return FALSE;
	if (word != NULL && strcmp(word, "-") != 0)
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("what you write about a case is never a word of the command: a - reads it from standard input"));
	g_autoptr(json_t) given = word != NULL ? casework_json(error) : NULL;
	if ((word != NULL && given == NULL) || (given != NULL && !check(given, &struck, error)))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	return strike(session, c, &struck, given, ground, error);
}
