/* SPDX-License-Identifier: ISC */
/* senim note CASE, senim resolve CASE: columns of its row in the register, by a form on the terminal or JSON on standard
 * input. What is filled already is changed by senim strike alone. */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "cli/casework.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/lint.h"
#include "cli/output.h"

typedef struct {
	Session *session;
	Case *c;
	const char *ground;
	gboolean resolution;
	Row *row;
	Opening *card; /* NULL: not opened */
	Record *hints; /* the card, and what is suggested beside it */
} Note;

/* Who decided last: beside the empty field of the next case it is one key. No name of a report. */
static char *decided_by;

static void add_hint(Record *hints, const char *what, const char *source, const char *value)
{
	if (value != NULL && *value != '\0' && strcmp(value, "-") != 0)
		record_add_printf(hints, "suggested", "%s %s %s", what, source, value);
}

static gboolean wants_no_name(const Record *registered)
{
	const char *wish;
	for (guint i = 0; (wish = record_get_nth(registered, "wish", i)) != NULL; i++)
		if (strcmp(wish, "anonymous") == 0)
			return TRUE;
	return FALSE;
}

/* Does the text itself say where an answer goes? */
static gboolean says_address(const Record *card)
{
	const char *line;
	for (guint i = 0; (line = record_get_nth(card, "suggested", i)) != NULL; i++)
		if (g_str_has_prefix(line, "address ") || g_str_has_prefix(line, "email "))
			return TRUE;
	return FALSE;
}

/* What the card offers; where the text has no address the one that it came from, unless she who wrote wants to be nobody;
 * today; who decided before. */
static Record *hints_of(const Note *note)
{
	const char *key, *value;
	Record *hints = record_new();
	for (guint i = 0; note->card != NULL && record_line(note->card->card, i, &key, &value); i++)
		record_add(hints, key, value);
	if (note->card != NULL && !wants_no_name(note->card->registered) && !says_address(note->card->card))
		add_hint(hints, "email", "letter-head", record_get(note->card->card, "from-address"));
	g_autoptr(GDateTime) now = g_date_time_new_now(desk_client_zone(note->session->desk));
	g_autofree char *today = g_date_time_format(now, "%Y-%m-%d");
	add_hint(hints, "today", "clock", today);
	add_hint(hints, "by", "before", decided_by);
	return hints;
}

static void remember(const json_t *filled)
{
	const char *by = json_string_value(json_object_get(filled, "resolution_by"));
	if (by == NULL)
		return;
	g_free(decided_by);
	decided_by = g_strdup(by);
}

static gboolean check(const Note *note, json_t *filled, GError **error)
{
	const char *key;
	json_t *value;
	const char *why = row_judge(filled, note->resolution, &key);
	if (why != NULL) {
		g_autofree char *shown = escape_text(key, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("what was given for “%s” cannot be entered: %s"), shown, _(why));
	}
	json_object_foreach(filled, key, value) {
		const RowColumn *column = row_column(key);
		const RowValue *was = row_value(note->row, column);
		if (was != NULL && !column->many)
			return cli_fail(error, CLI_ERROR_FAILED,
			                _("“%s” is filled already: senim strike %s %llu/%s puts something else in its place, and leaves legible what stands there"),
			                _(column->label), note->c->name, (unsigned long long)was->entry, column->key);
	}
	return TRUE;
}

/* One line each on standard error; nothing is refused for them. Who fills in the form was told before. */
static void say_warnings(const json_t *warnings)
{
	const json_t *one;
	gsize i;
	json_array_foreach(warnings, i, one) {
		g_autoptr(WipeText) line = lint_sentence(one);
		face_warn(line);
	}
}

static gboolean say_done(const Note *note, json_t *filled, json_t *warnings, GError **error)
{
	g_autofree char *name = case_shown(note->c, note->session->desk);
	if (options_flag(note->session->cli->options, "json")) {
		json_t *columns = json_array(), *value;
		const char *key;
		json_object_foreach(filled, key, value)
			json_array_append_new(columns, json_string(key));
		return output_json(json_pack("{s:o, s:I, s:o, s:O}", "case", output_value(name), "entry",
		                             (json_int_t)note->c->last, "columns", columns, "warnings", warnings), error);
	}
	g_autofree char *line = g_strdup_printf(_("Entered into the row of %s as entry %llu.\n"), name,
	                                        (unsigned long long)note->c->last);
	return output_said(line, error);
}

/* The answer whose outgoing number is among the columns, where it lacks one; else 0. The registrar cannot read them. */
static guint64 answer_numbered(const Note *note, const json_t *filled)
{
	return note->c->reply.unnumbered && json_object_get(filled, "outgoing_number") != NULL ? note->c->reply.entry : 0;
}

static gboolean enter(const Note *note, json_t *filled, gboolean warned, GError **error)
{
	g_autoptr(json_t) warnings = lint_row(note->row, note->hints, filled);
	char *text = json_dumps(filled, JSON_COMPACT | JSON_SORT_KEYS);
	if (!warned)
		say_warnings(warnings);
	g_autoptr(Record) own = note->resolution ? record_new() : NULL;
	CaseworkAct act = {.kind = ENTRY_NOTED, .target = "/v1/note", .body = json_object(), .takes_text = TRUE, .text = text};
	if (note->resolution) {
		guint64 of = answer_numbered(note, filled);
		act.kind = ENTRY_RESOLVED;
		act.target = "/v1/resolve";
		act.own = own;
		record_add_uint(own, "of", of);
		json_object_set_new(act.body, "of", json_integer((json_int_t)of));
	}
	gboolean done = casework_act(note->session, note->c, &act, note->ground, error);
	explicit_bzero(text, strlen(text));
	free(text);
	if (done)
		remember(filled);
	return done && say_done(note, filled, warnings, error);
}

static gboolean is_full(const Note *note)
{
	for (const RowColumn *column = row_columns; column->key != NULL; column++)
		if (column->resolution == note->resolution && (column->many || row_value(note->row, column) == NULL))
			return FALSE;
	return TRUE;
}

/* The card says whom the content must not name, and what the reporter says of himself. */
static gboolean fill(Note *note, gboolean from_stdin, GError **error)
{
	g_autoptr(json_t) given = from_stdin ? casework_json(error) : NULL;
	if (from_stdin && given == NULL)
		return FALSE;
	note->row = casework_row(note->session, note->c, note->ground, error);
	if (note->row == NULL)
		return FALSE;
	if (!note->resolution && !row_report_is_erased(note->row)) {
		note->card = opening_open(note->session, note->c, SEAL_PART_CARD, "row", note->ground, NULL, error);
		if (note->card == NULL)
			return FALSE;
	}
	note->hints = hints_of(note);
	if (!from_stdin && is_full(note))
		return output_said(_("Everything is filled in already; striking an entry puts another in its place.\n"), error);
	g_autoptr(json_t) filled = given != NULL ? json_incref(given) : form_ask(note->row, note->hints, note->resolution, error);
	if (filled == NULL)
		return FALSE;
	if (!from_stdin && json_object_size(filled) == 0)
		return output_said(_("Nothing was filled in, and nothing was entered.\n"), error);
	return check(note, filled, error) && enter(note, filled, !from_stdin, error);
}

static gboolean run(Cli *cli, gboolean resolution, GError **error)
{
	const char *word = options_word(cli->options, 2);
	if (word != NULL && strcmp(word, "-") != 0)
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("what you write about a case is never a word of the command: a - reads it from standard input"));
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	Note note = {session, c, ground, resolution, NULL, NULL, NULL};
	gboolean done = fill(&note, word != NULL, error);
	row_free(note.row);
	record_free(note.hints);
	opening_free(note.card);
	return done;
}

gboolean cmd_note(Cli *cli, GError **error)
{
	return run(cli, FALSE, error);
}

gboolean cmd_resolve(Cli *cli, GError **error)
{
	return run(cli, TRUE, error);
}
