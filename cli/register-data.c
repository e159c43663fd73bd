/* SPDX-License-Identifier: ISC */
/* The register for other programs: CSV (RFC 4180, UTF-8 with a mark, CRLF) and JSON. */
#include <string.h>

#include "cli/csv.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/register-render.h"

/* --- CSV -------------------------------------------------------------------------------------------------------------------- */

typedef struct {
	const RegisterPrint *print;
	guint columns;
	WipeBuffer *cells[REGISTER_COLUMNS_MAX]; /* of the row that may still go on on the next page */
	gboolean waiting;
} Csv;

static gboolean write_row(Csv *csv, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	if (!csv->waiting)
		return TRUE;
	for (guint i = 0; i < csv->columns; i++) {
		csv_add_field(out, wipe_buffer_data(csv->cells[i]), i + 1 == csv->columns);
		wipe_buffer_free(csv->cells[i]);
		csv->cells[i] = wipe_buffer_new(64);
	}
	csv->waiting = FALSE;
	return csv->print->write(wipe_buffer_data(out), wipe_buffer_size(out), csv->print->user, error);
}

/* A struck text stands in ~~, with who and when behind it. */
static void add_run(const Csv *csv, const RegisterRun *run, gboolean apart, WipeBuffer *cell)
{
	g_autoptr(WipeText) words = register_run_words(run);
	g_autofree char *note = register_run_note(csv->print->book, run);
	wipe_buffer_add_text(cell, apart ? "\n" : "");
	wipe_buffer_add_text(cell, run->struck != 0 ? "~~" : "");
	wipe_buffer_add_text(cell, words);
	wipe_buffer_add_text(cell, run->struck != 0 ? "~~" : "");
	wipe_buffer_add_text(cell, note != NULL ? " " : "");
	wipe_buffer_add_text(cell, note != NULL ? note : "");
}

static gboolean take_csv(const RegisterPage *page, gpointer user, GError **error)
{
	Csv *csv = user;
	if (!register_is_wanted(csv->print, page))
		return TRUE;
	for (guint l = 0; l < page->lines->len; l++) {
		const RegisterLine *line = page->lines->pdata[l];
		if (!line->continued && !write_row(csv, error))
			return FALSE;
		csv->waiting = TRUE;
		for (guint i = line->continued ? 1 : 0; i < csv->columns; i++) /* each part of a row bears its number */
			for (guint k = 0; k < line->cells[i]->len; k++)
				add_run(csv, line->cells[i]->pdata[k], k > 0, csv->cells[i]);
	}
	return TRUE;
}

gboolean register_csv(const RegisterPrint *print, GError **error)
{
	Csv csv = {.print = print};
	const RegisterColumn *columns = register_columns(print->scope->form, &csv.columns);
	g_autoptr(WipeBuffer) head = wipe_buffer_new(1024);
	wipe_buffer_add_text(head, CSV_MARK);
	for (guint i = 0; i < csv.columns; i++) {
		csv.cells[i] = wipe_buffer_new(64);
		csv_add_field(head, _(columns[i].title), i + 1 == csv.columns);
	}
	gboolean done = print->write(wipe_buffer_data(head), wipe_buffer_size(head), print->user, error) &&
	                register_pages(print->book, print->scope, take_csv, &csv, error) && write_row(&csv, error);
	for (guint i = 0; i < csv.columns; i++)
		wipe_buffer_free(csv.cells[i]);
	return done;
}

/* --- JSON ------------------------------------------------------------------------------------------------------------------- */

typedef struct {
	const RegisterPrint *print;
	gboolean begun;
} Json;

static json_t *run_json(const Json *json, const RegisterRun *run)
{
	static const char *const kinds[] = {"text", "set-aside", "elsewhere", "erased"};
	g_autofree char *time = run->struck != 0 ? format_time_iso(run->time, json->print->book->zone) : NULL;
	json_t *struck = run->struck == 0 ? json_null()
	                                  : json_pack("{s:I, s:o, s:o}", "entry", (json_int_t)run->struck, "officer",
	                                              output_value(run->officer), "time", output_value(time));
	return json_pack("{s:s, s:o, s:o}", "kind", kinds[run->kind], "text", output_string(run->text, strlen(run->text)), "struck",
	                 struck);
}

static json_t *line_json(const Json *json, const RegisterLine *line)
{
	guint columns;
	json_t *cells = json_array();
	register_columns(json->print->scope->form, &columns);
	for (guint i = 0; i < columns; i++) {
		json_t *cell = json_array();
		for (guint k = 0; k < line->cells[i]->len; k++)
			json_array_append_new(cell, run_json(json, line->cells[i]->pdata[k]));
		json_array_append_new(cells, cell);
	}
	g_autofree char *received = line->row->elsewhere ? NULL : format_time_iso(line->row->received, json->print->book->zone);
	const char *official = line->row->official;
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:o}", "case", output_value(line->name), "received", output_value(received),
	                 "official_date", *official != '\0' ? json_string(official) : json_null(), "continued", line->continued,
	                 "elsewhere", line->row->elsewhere, "cells", cells);
}

static char *hex(const guint8 digest[32])
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < 32; i++)
		g_string_append_printf(text, "%02x", digest[i]);
	return g_string_free(text, FALSE);
}

static gboolean write_json(const Json *json, const char *before, json_t *value, const char *after, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(8192);
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
	wipe_buffer_add_text(out, before);
	wipe_buffer_add_text(out, text);
	wipe_buffer_add_text(out, after);
	explicit_bzero(text, strlen(text));
	free(text);
	json_decref(value);
	return json->print->write(wipe_buffer_data(out), wipe_buffer_size(out), json->print->user, error);
}

static gboolean take_json(const RegisterPage *page, gpointer user, GError **error)
{
	static const char *const kinds[] = {"draft", "final", "change"};
	Json *json = user;
	g_autofree char *code = register_code(page), *digest = hex(page->digest), *before = hex(page->before);
	if (!register_is_wanted(json->print, page))
		return TRUE;
	json_t *rows = json_array();
	for (guint i = 0; i < page->lines->len; i++)
		json_array_append_new(rows, line_json(json, page->lines->pdata[i]));
	json_t *object = json_pack("{s:I, s:s, s:I, s:s, s:s, s:s, s:b, s:o}", "sheet", (json_int_t)page->number, "kind",
	                           kinds[page->kind], "as_of", (json_int_t)(page->upto - 1), "code", code, "digest", digest, "before",
	                           before, "holds", page->holds, "rows", rows);
	gboolean first = !json->begun;
	json->begun = TRUE;
	return write_json(json, first ? "" : ",\n", object, "", error);
}

/* Page by page, so that it is never whole in memory: the frame is written by hand around values that jansson writes. */
gboolean register_json(const RegisterPrint *print, GError **error)
{
	static const char pages[] = ", \"pages\": [\n", end[] = "]}\n";
	Json json = {print, FALSE};
	const RegisterScope *scope = print->scope;
	guint n;
	const RegisterColumn *columns = register_columns(scope->form, &n);
	json_t *titles = json_array();
	for (guint i = 0; i < n; i++)
		json_array_append_new(titles, json_string(_(columns[i].title)));
	return write_json(&json, "{\"schema\": 1, \"mailbox\": ", json_string(print->book->mailbox), "", error) &&
	       write_json(&json, ", \"form\": ", json_string(register_form_word(scope->form)), "", error) &&
	       write_json(&json, ", \"year\": ", scope->year != 0 ? json_integer(scope->year) : json_null(), "", error) &&
	       write_json(&json, ", \"channel\": ", output_value(scope->channel), "", error) &&
	       write_json(&json, ", \"as_of\": ", json_integer((json_int_t)(scope->upto - 1)), "", error) &&
	       write_json(&json, ", \"kept_back\": ", json_integer(print->book->kept_back), "", error) &&
	       write_json(&json, ", \"checkpoint\": ", json_string(print->checkpoint), "", error) &&
	       write_json(&json, ", \"columns\": ", titles, pages, error) &&
	       register_pages(print->book, scope, take_json, &json, error) && print->write(end, strlen(end), print->user, error);
}
