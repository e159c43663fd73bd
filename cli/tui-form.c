/* SPDX-License-Identifier: ISC */
#include "cli/tui-form.h"

#include <ncurses.h>
#include <string.h>

#include "base/escape.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/language.h"
#include "cli/lint.h"
#include "cli/moment.h"
#include "cli/tui-beside.h"
#include "cli/tui-edit.h"

#define LABEL_COLUMNS 30

typedef struct {
	const RowColumn *column;
	TuiEdit *edit;
	GPtrArray *found; /* suggestions */
	guint taken;      /* which of them comes next */
} Field;

typedef struct {
	const TuiForm *of;
	GArray *fields;
	guint current;
	const char *remark; /* N_() */
	WipeText *warned;   /* what the lint said when she last saved, or NULL */
	TuiBeside beside;   /* the letter */
} Form;

/* A row of the terminal that belongs to a field: its text from..to, or suggestion number from where to is 0 and it is one. */
typedef struct {
	guint field, from, to;
	gboolean first, suggestion;
} FormRow;

static void field_clear(gpointer data)
{
	Field *field = data;
	tui_edit_free(field->edit);
	g_ptr_array_unref(field->found);
}

static Field *field_at(const Form *form, guint i)
{
	return &g_array_index(form->fields, Field, i);
}

static void form_begin(Form *form, const json_t *draft)
{
	form->fields = g_array_new(FALSE, FALSE, sizeof(Field));
	g_array_set_clear_func(form->fields, field_clear);
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		if (column->resolution != form->of->resolution || (!column->many && row_value(form->of->row, column) != NULL))
			continue;
		Field field = {column, tui_edit_new(TUI_EDIT_LINE), form_suggestions(form->of->card, column), 0};
		const char *before = json_string_value(json_object_get(draft, column->key));
		if (before != NULL)
			tui_edit_set(field.edit, before);
		g_array_append_val(form->fields, field);
	}
	form->beside = (TuiBeside){.text = form->of->beside, .letter = TRUE};
}

static void form_end(Form *form)
{
	tui_beside_clear(&form->beside);
	wipe_text_free(form->warned);
	g_array_unref(form->fields);
}

/* --- as it is shown -------------------------------------------------------------------------------------------------- */

static guint text_columns(void)
{
	return MAX(tui_terminal_columns(), LABEL_COLUMNS + 10) - LABEL_COLUMNS;
}

static void add_rows(const Form *form, guint i, GArray *rows)
{
	const Field *field = field_at(form, i);
	guint from = 0;
	do {
		guint to = tui_edit_row_end(field->edit, from, text_columns());
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

static gboolean holds_cursor(const Form *form, const FormRow *row)
{
	return !row->suggestion && row->field == form->current &&
	       tui_edit_holds_cursor(field_at(form, row->field)->edit, row->from, row->to);
}

static void put_row(const Form *form, const FormRow *row, guint at)
{
	const Field *field = field_at(form, row->field);
	if (row->suggestion) {
		put_suggestion(field, row->from, at);
		return;
	}
	g_autoptr(WipeText) text = tui_edit_part(field->edit, row->from, row->to);
	if (row->first)
		tui_terminal_put(at, 0, _(field->column->label), row->field == form->current ? TUI_STRONG : TUI_PLAIN);
	tui_terminal_put(at, LABEL_COLUMNS, row->first && field->column->date && *text == '\0' ? _("DD.MM.YYYY") : text, TUI_PLAIN);
	if (holds_cursor(form, row))
		tui_terminal_cursor(at, LABEL_COLUMNS + tui_edit_columns(field->edit, row->from, field->edit->at));
}

static void put_form(Form *form, const char *title)
{
	g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(FormRow));
	guint cursor = 0, at = 1;
	const char *remark = form->warned != NULL ? form->warned : form->remark != NULL ? _(form->remark) : NULL;
	guint end = tui_terminal_frame(title, _("F2 save  F4 take the suggestion  ↑↓ field  Esc leave"), remark);
	for (guint i = 0; i < form->fields->len; i++)
		add_rows(form, i, rows);
	for (guint i = 0; i < rows->len; i++)
		if (holds_cursor(form, &g_array_index(rows, FormRow, i)))
			cursor = i;
	guint page = MAX(end, 2) - 1, top = cursor >= page ? cursor - page + 1 : 0;
	for (guint i = top; i < rows->len && at < end; i++, at++)
		put_row(form, &g_array_index(rows, FormRow, i), at);
	tui_beside_put(&form->beside, at, end); /* in what rows are left below the fields */
	tui_terminal_refresh(TRUE);
}

/* --- what is typed --------------------------------------------------------------------------------------------------- */

static json_t *form_filled(const Form *form)
{
	json_t *filled = json_object();
	for (guint i = 0; i < form->fields->len; i++) {
		const Field *field = field_at(form, i);
		g_autoptr(WipeText) text = tui_edit_text(field->edit);
		g_autoptr(WipeText) value = field->column->date ? moment_typed(g_strstrip(text)) : g_strdup(g_strstrip(text));
		if (*value != '\0')
			json_object_set_new(filled, field->column->key, json_string(value));
	}
	return filled;
}

static void form_take(Form *form)
{
	Field *field = field_at(form, form->current);
	form->remark = field->found->len > 0 ? NULL : N_("there is no suggestion");
	if (field->found->len > 0)
		tui_edit_set(field->edit, form_suggested_value(field->found->pdata[field->taken++ % field->found->len]));
}

/* What a person should look at once more, and how to leave it as it is; NULL: nothing. */
static WipeText *form_lint(const Form *form, const json_t *filled)
{
	g_autoptr(json_t) warnings = lint_row(form->of->row, form->of->card, filled);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	const json_t *one;
	gsize i;
	json_array_foreach(warnings, i, one) {
		g_autoptr(WipeText) sentence = lint_sentence(one);
		wipe_buffer_add_text(out, sentence);
		wipe_buffer_add_text(out, "\n");
	}
	wipe_buffer_add_text(out, _("F2 once more saves it as it is."));
	return json_array_size(warnings) > 0 ? g_strdup(wipe_buffer_data(out)) : NULL;
}

/* NULL: something cannot be entered as it is; the cursor stands there, and the remark says why. What is only warned of is
 * saved when she says so again. */
static json_t *form_save(Form *form)
{
	g_autoptr(json_t) filled = form_filled(form);
	g_autoptr(WipeText) before = g_steal_pointer(&form->warned);
	const char *key = NULL;
	form->remark = json_object_size(filled) > 0 ? row_judge(filled, form->of->resolution, &key)
	                                            : N_("Nothing is filled in yet: Esc leaves the form.");
	for (guint i = 0; key != NULL && form->remark != NULL && i < form->fields->len; i++)
		if (strcmp(field_at(form, i)->column->key, key) == 0) {
			form->current = i;
			form->remark = field_at(form, i)->column->date ? N_("A day is written 31.12.2026.") : form->remark;
		}
	if (form->remark != NULL)
		return NULL;
	form->warned = form_lint(form, filled);
	return form->warned == NULL || g_strcmp0(form->warned, before) == 0 ? g_steal_pointer(&filled) : NULL;
}

/* Moves, edits, or takes a suggestion. */
static void form_key(Form *form, TuiKey key)
{
	guint n = form->fields->len;
	TuiEdit *edit = field_at(form, form->current)->edit;
	form->remark = NULL;
	if (tui_beside_key(&form->beside, key))
		return;
	if ((key.code == KEY_UP || key.code == KEY_DOWN) && tui_edit_step(edit, text_columns(), key.code == KEY_DOWN))
		return;
	else if (key.code == KEY_UP || key.code == KEY_BTAB)
		form->current = (form->current + n - 1) % n;
	else if (key.code == KEY_DOWN || key.code == KEY_ENTER || (key.code == 0 && key.c == '\t'))
		form->current = (form->current + 1) % n;
	else if (key.code == KEY_F(4))
		form_take(form);
	else
		tui_edit_key(edit, key);
}

json_t *tui_form_ask(const TuiForm *of, json_t **draft)
{
	Form form = {.of = of};
	const char *title = of->resolution ? _("Resolution, measures and answer") : _("Who reported, and what");
	json_t *filled = NULL;
	TuiKey key;
	form_begin(&form, *draft);
	while (filled == NULL && form.fields->len > 0) {
		put_form(&form, title);
		key = tui_terminal_key(FALSE);
		if (key.code == TUI_KEY_BACK || key.code == TUI_KEY_ENDED)
			break;
		if (key.code == KEY_F(2))
			filled = form_save(&form);
		else
			form_key(&form, key);
	}
	json_decref(*draft);
	*draft = form_filled(&form);
	form_end(&form);
	return filled;
}
