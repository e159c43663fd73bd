/* SPDX-License-Identifier: ISC */
/* The two statutory forms: which of the row's texts stand in which column.
 *
 * kmo: KMO 17, eight columns; column 2 is the official date. ales: ALES 4.14 and annex 1, seven columns; column 2 is the
 * moment as it was. The row has one address: for somebody who speaks for a legal entity it is the one for the answer
 * (column 7, beside its form and name), for anybody else her own (column 4). */
#include <string.h>

#include "cli/format.h"
#include "cli/register.h"

typedef struct {
	RegisterColumn column;
	const char *keys;   /* of the row's columns, each between blanks */
	gboolean joined;    /* what stands is one text, with blanks between; a | begins another: a person's name, and a firm's */
} FormColumn;

static const FormColumn kmo[] = {
	{{N_("Sequence number of the report"), 22, REGISTER_FIGURES}, "", FALSE},
	{{N_("Date of registration of the report"), 24, REGISTER_FIGURES}, "", FALSE},
	{{N_("Surname, name, patronymic of the person (if given)"), 34, REGISTER_WRITER}, " surname given patronymic | legal_form legal_name ", TRUE},
	{{N_("Address of the person and telephone number (if given)"), 38, REGISTER_WRITER}, " address phone ", FALSE},
	{{N_("Brief content of the report"), 48, REGISTER_WORDS}, " brief ", FALSE},
	{{N_("Content and date of the resolution"), 36, REGISTER_WORDS}, " resolution resolution_date resolution_by ", FALSE},
	{{N_("Mark on the measures taken"), 30, REGISTER_WORDS}, " measures ", FALSE},
	{{N_("Outgoing number and date of the answer"), 23, REGISTER_FIGURES}, " outgoing_number outgoing_date ", FALSE},
};
static const FormColumn ales[] = {
	{{N_("Sequence number of the report"), 22, REGISTER_FIGURES}, "", FALSE},
	{{N_("Date and time at which the report was received"), 23, REGISTER_FIGURES}, "", FALSE},
	{{N_("Surname, name, patronymic of the person"), 38, REGISTER_WRITER}, " surname given patronymic ", TRUE},
	{{N_("Home address and telephone number of the person"), 42, REGISTER_WRITER}, " address phone ", FALSE},
	{{N_("Brief content of the report"), 62, REGISTER_WORDS}, " brief ", FALSE},
	{{N_("Legal form and name, for persons who represent a legal entity"), 34, REGISTER_WRITER}, " legal_form legal_name ", FALSE},
	{{N_("Postal address to which the answer is to be sent"), 34, REGISTER_WRITER}, " address ", FALSE},
};

static const FormColumn *form_of(RegisterForm form, guint *n)
{
	*n = form == REGISTER_ALES ? G_N_ELEMENTS(ales) : G_N_ELEMENTS(kmo);
	return form == REGISTER_ALES ? ales : kmo;
}

const RegisterColumn *register_columns(RegisterForm form, guint *n)
{
	static RegisterColumn columns[2][REGISTER_COLUMNS_MAX];
	const FormColumn *of = form_of(form, n);
	for (guint i = 0; i < *n; i++)
		columns[form][i] = of[i].column;
	return columns[form];
}

void register_run_free(gpointer data)
{
	RegisterRun *run = data;
	wipe_text_free(run->text);
	g_free(run->officer);
	g_free(run);
}

static RegisterRun *add_run(GPtrArray *cell, RegisterRunKind kind, const char *text)
{
	RegisterRun *run = g_new0(RegisterRun, 1);
	run->kind = kind;
	run->text = g_strdup(text);
	g_ptr_array_add(cell, run);
	return run;
}

/* "23.11.2026" of a day; any other text as it is (transfer full). */
static WipeText *shown(const RowColumn *column, const char *text)
{
	return column->date && strlen(text) == 10 ? g_strdup_printf("%.2s.%.2s.%.4s", text + 8, text + 5, text)
	                                         : g_strdup(text);
}

static gboolean is_standing(const RowValue *value, guint64 upto)
{
	return value->entry < upto && (value->struck == 0 || value->struck >= upto);
}

/* The last that stands, or NULL. */
static const RowValue *standing_value(const Row *row, const RowColumn *column, guint64 upto)
{
	const GPtrArray *values = row_values(row, column);
	for (guint i = values->len; i > 0; i--)
		if (is_standing(values->pdata[i - 1], upto))
			return values->pdata[i - 1];
	return NULL;
}

static void add_struck(GPtrArray *cell, const Row *row, const RowColumn *column, guint64 upto)
{
	const GPtrArray *values = row_values(row, column);
	for (guint i = 0; i < values->len; i++) {
		const RowValue *value = values->pdata[i];
		if (value->entry >= upto || is_standing(value, upto))
			continue;
		g_autoptr(WipeText) text = shown(column, value->value);
		RegisterRun *run = add_run(cell, REGISTER_TEXT, text);
		run->struck = value->struck;
		run->time = value->struck_time;
		run->officer = g_strdup(value->struck_officer);
		run->tail = TRUE;
	}
}

/* What was struck comes first, as in a book: above what stands instead. */
static void fill_part(GPtrArray *cell, const Row *row, const char *part, gboolean is_joined, guint64 upto)
{
	g_auto(GStrv) keys = g_strsplit(part, " ", 0);
	g_autoptr(WipeBuffer) joined = wipe_buffer_new(128);
	for (char **key = keys; *key != NULL; key++) {
		const RowColumn *column = **key != '\0' ? row_column(*key) : NULL;
		if (column == NULL)
			continue;
		add_struck(cell, row, column, upto);
		const RowValue *value = standing_value(row, column, upto);
		if (value == NULL)
			continue;
		g_autoptr(WipeText) text = shown(column, value->value);
		if (!is_joined) {
			add_run(cell, REGISTER_TEXT, text);
			continue;
		}
		wipe_buffer_add_text(joined, wipe_buffer_size(joined) > 0 ? " " : "");
		wipe_buffer_add_text(joined, text);
	}
	if (wipe_buffer_size(joined) > 0)
		add_run(cell, REGISTER_TEXT, wipe_buffer_data(joined));
}

static void fill_cell(GPtrArray *cell, const Row *row, const FormColumn *of, guint64 upto)
{
	g_auto(GStrv) parts = g_strsplit(of->keys, "|", 0);
	for (char **part = parts; *part != NULL; part++)
		fill_part(cell, row, *part, of->joined, upto);
}

/* "23.11.2026" of the official day; form ales the moment in the organisation's zone. */
static char *date_of(const RegisterBook *book, const RegisterRow *row, RegisterForm form)
{
	if (row->elsewhere)
		return g_strdup("");
	if (form == REGISTER_KMO && row->official[0] != '\0')
		return g_strdup_printf("%.2s.%.2s.%.4s", row->official + 8, row->official + 5, row->official);
	g_autofree char *moment = format_time(row->received, book->zone); /* 2026-11-23 14:05 */
	return g_strdup_printf("%.2s.%.2s.%.4s %s", moment + 8, moment + 5, moment, moment + 11);
}

/* Which of its two addresses a row's one address is. */
static gboolean is_filled(const RegisterRow *row, RegisterForm form, guint column, guint64 upto)
{
	if (form != REGISTER_ALES || (column != 3 && column != 6))
		return TRUE;
	gboolean legal = standing_value(row->row, row_column("legal_form"), upto) != NULL ||
	                 standing_value(row->row, row_column("legal_name"), upto) != NULL;
	return legal == (column == 6);
}

/* A cell of nothing but what went. */
static gboolean is_personal(const FormColumn *of)
{
	g_auto(GStrv) keys = g_strsplit(of->keys, " ", 0);
	gboolean any = FALSE;
	for (char **key = keys; *key != NULL; key++) {
		const RowColumn *column = **key != '\0' ? row_column(*key) : NULL;
		if (column != NULL && column->resolution)
			return FALSE;
		any = any || column != NULL;
	}
	return any;
}

void register_cells(const RegisterBook *book, const RegisterRow *row, RegisterForm form, const char *name, guint64 upto,
                    GPtrArray *cells[REGISTER_COLUMNS_MAX])
{
	guint n;
	const char *aside;
	const FormColumn *columns = form_of(form, &n);
	g_autofree char *date = date_of(book, row, form);
	for (guint i = 0; i < n; i++) {
		FormColumn of = columns[i];
		cells[i] = g_ptr_array_new_with_free_func(register_run_free);
		if (row->row != NULL && !is_filled(row, form, i, upto))
			of.keys = i == 3 ? " phone " : "";
		if (row->row != NULL)
			fill_cell(cells[i], row->row, &of, upto);
		const RowErased *erased = row->row != NULL && is_personal(&columns[i]) ? row_erased(row->row) : NULL;
		g_autofree char *document = erased != NULL ? g_strdup_printf("%s %s", erased->dated, erased->order) : NULL;
		if (document != NULL)
			add_run(cells[i], REGISTER_ERASED, document);
	}
	add_run(cells[0], REGISTER_TEXT, name);
	if (*date != '\0')
		add_run(cells[1], REGISTER_TEXT, date);
	if (row->elsewhere)
		add_run(cells[4], REGISTER_ELSEWHERE, "");
	else if (register_is_done(row, upto, &aside) && aside != NULL)
		add_run(cells[form == REGISTER_ALES ? 4 : 6], REGISTER_ASIDE, aside);
}
