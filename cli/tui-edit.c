/* SPDX-License-Identifier: ISC */
#include "cli/tui-edit.h"

#include <ncurses.h>
#include <string.h>

#include "base/escape.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/language.h"
#include "cli/tui-terminal.h"

#define EDIT_CHARACTERS (TUI_EDIT_MOST / 2) /* of Cyrillic */
#define LABEL_COLUMNS 30
#define CLEAR_LINE ('U' & 0x1f)

/* --- a text that is typed -------------------------------------------------------------------------------------------- */

typedef struct {
	guint n, at; /* characters, and before which of them the cursor stands */
	gunichar text[EDIT_CHARACTERS];
} Edit;

static void edit_free(gpointer data)
{
	explicit_bzero(data, sizeof(Edit));
	g_free(data);
}

static void edit_set(Edit *edit, const char *text)
{
	edit->n = 0;
	for (const char *at = text; *at != '\0' && edit->n < EDIT_CHARACTERS; at = g_utf8_next_char(at))
		edit->text[edit->n++] = g_utf8_get_char(at);
	edit->at = edit->n;
}

static WipeText *edit_text(const Edit *edit)
{
	char *text = g_malloc((gsize)edit->n * 6 + 1), *end = text;
	for (guint i = 0; i < edit->n; i++)
		end += g_unichar_to_utf8(edit->text[i], end);
	*end = '\0';
	return text;
}

static void edit_insert(Edit *edit, gunichar c)
{
	if (edit->n == EDIT_CHARACTERS)
		return;
	memmove(edit->text + edit->at + 1, edit->text + edit->at, (edit->n - edit->at) * sizeof(gunichar));
	edit->text[edit->at++] = c;
	edit->n++;
}

static void edit_remove(Edit *edit, guint at)
{
	if (at >= edit->n)
		return;
	memmove(edit->text + at, edit->text + at + 1, (edit->n - at - 1) * sizeof(gunichar));
	edit->n--;
}

/* FALSE: the key is none of a line's own. */
static gboolean edit_key(Edit *edit, TuiKey key)
{
	switch (key.code) {
	case 0:
		if (key.c == CLEAR_LINE)
			edit->n = edit->at = 0;
		else if (g_unichar_isprint(key.c))
			edit_insert(edit, key.c);
		return TRUE;
	case KEY_LEFT: edit->at -= edit->at > 0; return TRUE;
	case KEY_RIGHT: edit->at += edit->at < edit->n; return TRUE;
	case KEY_HOME: edit->at = 0; return TRUE;
	case KEY_END: edit->at = edit->n; return TRUE;
	case KEY_DC: edit_remove(edit, edit->at); return TRUE;
	case KEY_BACKSPACE:
		if (edit->at > 0)
			edit_remove(edit, --edit->at);
		return TRUE;
	default: return FALSE;
	}
}

static guint columns_of(gunichar c)
{
	return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

/* Where the row that begins at `from` ends: behind its last blank where it does not fit, so that no word is cut. */
static guint edit_row_end(const Edit *edit, guint from, guint columns)
{
	guint used = 0, blank = 0, i = from;
	for (; i < edit->n && used + columns_of(edit->text[i]) < columns; i++) { /* one column is the cursor's */
		used += columns_of(edit->text[i]);
		if (edit->text[i] == ' ')
			blank = i + 1;
	}
	return i == edit->n ? i : blank > from ? blank : MAX(i, from + 1);
}

/* A part of it as it is shown. */
static WipeText *edit_part(const Edit *edit, guint from, guint to)
{
	char *text = g_malloc((gsize)(to - from) * 6 + 1), *end = text;
	for (guint i = from; i < to; i++)
		end += g_unichar_to_utf8(edit->text[i], end);
	*end = '\0';
	g_autoptr(WipeText) raw = text;
	return escape_text(raw, -1, ESCAPE_LINE);
}

static guint edit_columns(const Edit *edit, guint from, guint to)
{
	guint used = 0;
	for (guint i = from; i < to; i++)
		used += columns_of(edit->text[i]);
	return used;
}

/* --- one line -------------------------------------------------------------------------------------------------------- */

/* The question in the rows above the line, which shows what stands around the cursor. */
static void put_line(const char *question, const Edit *edit)
{
	guint columns = tui_terminal_columns(), last = tui_terminal_rows() - 1, from = 0;
	while (edit_columns(edit, from, edit->at) + 1 >= columns)
		from++;
	tui_terminal_above(question, last - 1);
	g_autoptr(WipeText) shown = edit_part(edit, from, edit->n);
	tui_terminal_put(last - 1, 0, shown, TUI_PLAIN);
	tui_terminal_put(last, 0, _("Enter takes the line   Esc leaves it"), TUI_CHOSEN);
	tui_terminal_cursor(last - 1, edit_columns(edit, from, edit->at));
	tui_terminal_refresh(TRUE);
}

WipeText *tui_edit_line(const char *question)
{
	Edit *edit = g_new0(Edit, 1);
	WipeText *text = NULL;
	TuiKey key;
	do {
		put_line(question, edit);
		key = tui_terminal_key(FALSE);
		if (key.code == KEY_ENTER)
			text = edit_text(edit);
		if (key.code == KEY_RESIZE)
			tui_terminal_clear();
	} while (text == NULL && key.code != TUI_KEY_BACK && key.code != TUI_KEY_ENDED && (edit_key(edit, key) || TRUE));
	edit_free(edit);
	return text != NULL ? g_strstrip(text) : NULL;
}

/* --- the form -------------------------------------------------------------------------------------------------------- */

typedef struct {
	const RowColumn *column;
	Edit *edit;
	GPtrArray *found; /* suggestions */
	guint taken;      /* which of them comes next */
} Field;

typedef struct {
	GArray *fields;
	guint current;
	const char *remark; /* N_() */
} Form;

/* A row of the terminal that belongs to a field: its text from..to, or suggestion number from where to is 0 and it is one. */
typedef struct {
	guint field, from, to;
	gboolean first, suggestion;
} FormRow;

static void field_clear(gpointer data)
{
	Field *field = data;
	edit_free(field->edit);
	g_ptr_array_unref(field->found);
}

static Field *field_at(const Form *form, guint i)
{
	return &g_array_index(form->fields, Field, i);
}

static void form_begin(Form *form, const Row *row, const Record *card, gboolean resolution, const json_t *draft)
{
	form->fields = g_array_new(FALSE, FALSE, sizeof(Field));
	g_array_set_clear_func(form->fields, field_clear);
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		if (column->resolution != resolution || (!column->many && row_value(row, column) != NULL))
			continue;
		Field field = {column, g_new0(Edit, 1), form_suggestions(card, column), 0};
		const char *before = json_string_value(json_object_get(draft, column->key));
		if (before != NULL)
			edit_set(field.edit, before);
		g_array_append_val(form->fields, field);
	}
}

static void add_rows(const Form *form, guint i, guint columns, GArray *rows)
{
	const Field *field = field_at(form, i);
	guint from = 0;
	do {
		guint to = edit_row_end(field->edit, from, columns);
		FormRow row = {i, from, to, from == 0, FALSE};
		g_array_append_val(rows, row);
		from = to;
	} while (from < field->edit->n);
	for (guint k = 0; i == form->current && k < field->found->len; k++) {
		FormRow row = {i, k, 0, FALSE, TRUE};
		g_array_append_val(rows, row);
	}
}

static void put_suggestion(const Field *field, guint k, guint at)
{
	const char *line = field->found->pdata[k], *source = strchr(line, ' ') + 1;
	g_autofree char *word = g_strndup(source, strcspn(source, " "));
	g_autofree char *where = format_word(word);
	g_autoptr(WipeText) value = escape_text(form_suggested_value(line), -1, ESCAPE_LINE);
	g_autoptr(WipeText) shown = g_strdup_printf("%s %s (%s)", k == field->taken % field->found->len ? "F4" : "  ", value, where);
	tui_terminal_put(at, LABEL_COLUMNS - 3, shown, TUI_STRONG);
}

/* Is the cursor in this row? A row's end is the next one's beginning, but for the last. */
static gboolean holds_cursor(const Form *form, const FormRow *row)
{
	const Edit *edit = field_at(form, row->field)->edit;
	return !row->suggestion && row->field == form->current && edit->at >= row->from &&
	       (edit->at < row->to || row->to == edit->n);
}

static void put_row(const Form *form, const FormRow *row, guint at)
{
	const Field *field = field_at(form, row->field);
	if (row->suggestion) {
		put_suggestion(field, row->from, at);
		return;
	}
	g_autoptr(WipeText) text = edit_part(field->edit, row->from, row->to);
	if (row->first)
		tui_terminal_put(at, 0, _(field->column->label), row->field == form->current ? TUI_STRONG : TUI_PLAIN);
	tui_terminal_put(at, LABEL_COLUMNS, row->first && field->column->date && *text == '\0' ? _("YYYY-MM-DD") : text, TUI_PLAIN);
	if (holds_cursor(form, row))
		tui_terminal_cursor(at, LABEL_COLUMNS + edit_columns(field->edit, row->from, field->edit->at));
}

static void put_form(const Form *form, const char *title)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(FormRow));
	guint columns = MAX(tui_terminal_columns(), LABEL_COLUMNS + 10) - LABEL_COLUMNS, cursor = 0, at = 1;
	guint end = tui_terminal_frame(title, _("F2 save  F4 take the suggestion  ↑↓ field  Esc leave"),
	                               form->remark != NULL ? _(form->remark) : NULL);
	for (guint i = 0; i < form->fields->len; i++)
		add_rows(form, i, columns, rows);
	for (guint i = 0; i < rows->len; i++)
		if (holds_cursor(form, &g_array_index(rows, FormRow, i)))
			cursor = i;
	guint page = MAX(end, 2) - 1, top = cursor >= page ? cursor - page + 1 : 0;
	/* The row of the cursor last: it leaves the cursor where it is. */
	for (guint i = top; i < rows->len && at < end; i++, at++)
		put_row(form, &g_array_index(rows, FormRow, i), at);
	put_row(form, &g_array_index(rows, FormRow, cursor), 1 + cursor - top);
	tui_terminal_refresh(TRUE);
}

static json_t *form_filled(const Form *form)
{
	json_t *filled = json_object();
	for (guint i = 0; i < form->fields->len; i++) {
		const Field *field = field_at(form, i);
		g_autoptr(WipeText) text = edit_text(field->edit);
		g_strstrip(text);
		if (*text != '\0')
			json_object_set_new(filled, field->column->key, json_string(text));
	}
	return filled;
}

static void form_take(Form *form)
{
	Field *field = field_at(form, form->current);
	form->remark = field->found->len > 0 ? NULL : N_("there is no suggestion");
	if (field->found->len > 0)
		edit_set(field->edit, form_suggested_value(field->found->pdata[field->taken++ % field->found->len]));
}

/* NULL: something cannot be entered as it is; the cursor stands there, and the remark says why. */
static json_t *form_save(Form *form, gboolean resolution)
{
	g_autoptr(json_t) filled = form_filled(form);
	const char *key = NULL;
	form->remark = json_object_size(filled) > 0 ? row_judge(filled, resolution, &key)
	                                            : N_("Nothing is filled in yet: Esc leaves the form.");
	for (guint i = 0; key != NULL && form->remark != NULL && i < form->fields->len; i++)
		if (strcmp(field_at(form, i)->column->key, key) == 0)
			form->current = i;
	return form->remark == NULL ? g_steal_pointer(&filled) : NULL;
}

/* Moves, edits, or takes a suggestion. */
static void form_key(Form *form, TuiKey key)
{
	guint n = form->fields->len;
	form->remark = NULL;
	if (key.code == KEY_UP || key.code == KEY_BTAB)
		form->current = (form->current + n - 1) % n;
	else if (key.code == KEY_DOWN || key.code == KEY_ENTER || (key.code == 0 && key.c == '\t'))
		form->current = (form->current + 1) % n;
	else if (key.code == KEY_F(4))
		form_take(form);
	else
		edit_key(field_at(form, form->current)->edit, key);
}

json_t *tui_edit_form(const Row *row, const Record *card, gboolean resolution, json_t **draft)
{
	Form form = {NULL, 0, NULL};
	const char *title = resolution ? _("Resolution, measures and answer") : _("Who reported, and what");
	json_t *filled = NULL;
	TuiKey key;
	form_begin(&form, row, card, resolution, *draft);
	if (form.fields->len == 0)
		form.remark = N_("everything is filled in already");
	while (filled == NULL && form.fields->len > 0) {
		put_form(&form, title);
		key = tui_terminal_key(FALSE);
		if (key.code == TUI_KEY_BACK || key.code == TUI_KEY_ENDED)
			break;
		if (key.code == KEY_F(2))
			filled = form_save(&form, resolution);
		else
			form_key(&form, key);
	}
	json_decref(*draft);
	*draft = form_filled(&form);
	g_array_unref(form.fields);
	return filled;
}
