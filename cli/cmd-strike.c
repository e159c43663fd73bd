/* SPDX-License-Identifier: ISC */
/* senim strike CASE ENTRY[/FIELD]: a wrong entry is struck through and stays legible (KMO 18); what stands instead, and why,
 * is a new entry. */
#include <string.h>

#include "base/escape.h"
#include "cli/casework.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/moment.h"
#include "cli/output.h"

typedef struct {
	guint64 entry;           /* 0: she is asked */
	const RowColumn *column; /* NULL: all of it */
} Struck;

/* "surname, given, …": as they are typed, which is not how their labels read. */
static char *column_names(void)
{
	GString *names = g_string_new("");
	for (const RowColumn *column = row_columns; column->key != NULL; column++)
		g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", column->key);
	return g_strdelimit(g_string_free(names, FALSE), "_", '-');
}

static gboolean read_struck(const char *typed, Struck *struck, GError **error)
{
	const char *slash = strchr(typed, '/');
	g_autofree char *number = slash != NULL ? g_strndup(typed, (gsize)(slash - typed)) : g_strdup(typed);
	struck->column = slash != NULL ? row_column(slash + 1) : NULL;
	if (g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT64, &struck->entry, NULL) && (slash == NULL || struck->column != NULL))
		return TRUE;
	g_autofree char *shown = escape_text(typed, -1, ESCAPE_LINE), *names = column_names();
	return cli_fail(error, CLI_ERROR_USAGE,
	                _("“%s” names no entry: write its number, or 12/surname for one column of it; senim show CASE --row shows the numbers, and the columns are %s"),
	                shown, names);
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

static const char *text_struck(const Row *row, const Struck *struck)
{
	const GPtrArray *values = row_values(row, struck->column);
	for (guint i = 0; i < values->len; i++)
		if (((const RowValue *)values->pdata[i])->entry == struck->entry)
			return ((const RowValue *)values->pdata[i])->value;
	return NULL;
}

/* On the screen what stood there is changed in place; line by line it is typed anew. */
static WipeText *ask_instead(const Row *row, const Struck *struck, GError **error)
{
	g_autofree char *question = g_strdup_printf(face() != NULL ? _("%s, instead (empty: nothing): ") : _("%s, instead (Enter: nothing): "),
	                                            _(struck->column->label));
	g_autoptr(WipeText) typed =
		face() != NULL ? form_line_from(question, text_struck(row, struck), error) : form_line(question, error);
	return typed == NULL ? NULL : struck->column->date ? moment_typed(typed) : g_steal_pointer(&typed);
}

static json_t *ask(const Row *row, const Struck *struck, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(json_t) object = json_object();
	g_autoptr(WipeText) why = form_line(_("Why is it struck? "), &cause);
	if (why != NULL && struck->column != NULL) {
		g_autoptr(WipeText) instead = ask_instead(row, struck, &cause);
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

/* Which of the values in force: by its label and its text. */
static gboolean choose(const Row *row, Struck *struck, GError **error)
{
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Struck));
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const GPtrArray *values = row_values(row, column);
		for (guint i = 0; i < values->len; i++) {
			const RowValue *value = values->pdata[i];
			Struck one = {value->entry, column};
			g_autoptr(WipeText) text = escape_text(value->value, -1, ESCAPE_LINE);
			if (value->struck != 0)
				continue;
			g_array_append_val(found, one);
			g_ptr_array_add(labels, g_strdup_printf("%s: %s", _(column->label), text));
		}
	}
	if (found->len == 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("nothing is filled in yet that could be struck"));
	int chosen = form_choose(_("What is to be struck?"), (const char *const *)labels->pdata, labels->len, labels->len);
	if (chosen < 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("you broke it off: nothing was entered"));
	*struck = g_array_index(found, Struck, (guint)chosen);
	return TRUE;
}

static gboolean enter(Session *session, Case *c, const Struck *struck, json_t *object, const char *ground, GError **error)
{
	g_autoptr(Record) own = record_new();
	g_autofree char *field = struck->column != NULL ? g_strdelimit(g_strdup(struck->column->key), "_", '-') : g_strdup("-");
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	record_add_uint(own, "of", struck->entry);
	record_add(own, "field", field);
	gboolean instead = json_object_get(object, "instead") != NULL;
	record_add_bool(own, "instead", instead);
	const CaseworkAct act = {.kind = ENTRY_STRUCK, .target = "/v1/strike", .own = own, .takes_text = TRUE, .text = text,
	                         .body = json_pack("{s:I, s:s, s:b}", "of", (json_int_t)struck->entry, "field", field, "instead", instead)};
	gboolean done = casework_act(session, c, &act, ground, error);
	explicit_bzero(text, strlen(text));
	free(text);
	return done;
}

static gboolean strike(Session *session, Case *c, Struck *struck, json_t *given, const char *ground, GError **error)
{
	g_autoptr(Row) row = casework_row(session, c, ground, error);
	if (row == NULL || (struck->entry == 0 && !choose(row, struck, error)))
		return FALSE;
	if (!row_has(row, struck->entry, struck->column))
		return cli_fail(error, CLI_ERROR_FAILED, _("entry %llu of %s has no such thing in the row: senim show %s --row shows what it has"),
		                (unsigned long long)struck->entry, c->name, c->name);
	g_autoptr(json_t) object = given != NULL ? json_incref(given) : ask(row, struck, error);
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
	Struck struck = {0, NULL};
	const char *entry = options_word(cli->options, 2), *word = options_word(cli->options, 3);
	if (entry != NULL && !read_struck(entry, &struck, error))
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
