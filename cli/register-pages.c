/* SPDX-License-Identifier: ISC */
/* Rows to pages, pages to digests. What a page holds is decided here, once for every format, by counting: the widths of
 * letters are those of a table that is never changed, so that a page breaks at the same place in a hundred years.
 *
 * A row stands whole on a page where a page holds it. One that no page holds has pages of its own, each with the next
 * piece of it. Rows set aside one after another, with nothing written in them, stand in one line. */
#include <sodium.h>
#include <string.h>

#include "cli/register.h"

#define CAPACITY 34u    /* lines of the body of a page: below what every renderer sets on A4 */
#define LETTER 170u     /* hundredths of a millimetre: an em of 8 points is 2.82 mm, a usual letter 0.6 of it */
#define PADDING 250u    /* of a cell, both sides */

/* --- how wide ----------------------------------------------------------------------------------------------------------- */

/* Hundredths of a usual letter, never less than DejaVu Sans and the usual sans-serif letters have. */
static guint width_of(gunichar letter)
{
	static const struct {
		const char *letters;
		guint width;
	} known[] = {
		{" iIjl.,:;'!|()[]ftrіІјЇї", 70},
		{"авгеёзкорстухчэяәғөүұһіabcdeghknopqsuvxyz0123456789-«»/", 105},
		{"бийлнпқ", 110},
		{"дңцъ", 120},
		{"мыw", 138},
		{"жшщюф", 160},
		{"ЖШЩЮMWm@%№—…", 185},
		{"ФМЫ", 150},
	};
	if (g_unichar_iszerowidth(letter))
		return 0;
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (g_utf8_strchr(known[i].letters, -1, letter) != NULL)
			return known[i].width;
	if (g_unichar_iswide(letter))
		return 200;
	return g_unichar_isupper(letter) ? 135 : 120;
}

/* A line of a cell: the piece of one of its runs, or what stands behind a struck one. */
typedef struct {
	guint run;
	gsize from, to; /* octets of its text */
	gboolean note;
} CellLine;

/* Words as long as they fit; a word that is wider than the cell is cut. Where the next line begins. */
static const char *line_end(const char *text, guint room)
{
	const char *last = NULL;
	guint used = 0;
	for (const char *p = text;; p = g_utf8_next_char(p)) {
		gunichar letter = g_utf8_get_char(p);
		if (letter == '\0')
			return p;
		if (letter == '\n')
			return p + 1;
		used += width_of(letter);
		if (used > room && letter != ' ')
			return last != NULL ? last : p > text ? p : g_utf8_next_char(p);
		if (letter == ' ')
			last = p + 1;
	}
}

static void break_text(GArray *lines, guint run, const char *text, guint room, gboolean note)
{
	for (const char *p = text; *p != '\0';) {
		const char *end = line_end(p, room);
		CellLine line = {run, (gsize)(p - text), (gsize)(end - text), note};
		g_array_append_val(lines, line);
		p = end;
	}
}

/* As many lines as who and when take in the longest of the languages. */
static void break_note(GArray *lines, guint n, const RegisterRun *run, guint room)
{
	g_autofree char *like = g_strdup_printf("(вычеркнуто: %s, 2026-11-22 14:05, №%" G_GUINT64_FORMAT ")",
	                                        run->officer != NULL ? run->officer : "-", run->struck);
	break_text(lines, n, like, room, TRUE);
}

/* The same of the words that say by which order it was erased. */
static void break_erased(GArray *lines, guint n, const RegisterRun *run, guint room)
{
	g_autofree char *like = g_strdup_printf("уничтожено по приказу от № %s", run->text);
	break_text(lines, n, like, room, FALSE);
}

static GArray *break_cell(const GPtrArray *cell, guint width)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(CellLine));
	guint room = width * 100 * 100 / LETTER - PADDING * 100 / LETTER;
	for (guint i = 0; i < cell->len; i++) {
		const RegisterRun *run = cell->pdata[i];
		if (run->kind == REGISTER_TEXT)
			break_text(lines, i, run->text, room, FALSE);
		else if (run->kind == REGISTER_ERASED)
			break_erased(lines, i, run, room);
		else
			break_text(lines, i, "жауапты қызметкер № 0000000000", room, FALSE);
		if (run->struck != 0)
			break_note(lines, i, run, room);
	}
	return lines;
}

/* --- lines of a page -------------------------------------------------------------------------------------------------------- */

static void line_free(gpointer data)
{
	RegisterLine *line = data;
	for (guint i = 0; i < REGISTER_COLUMNS_MAX; i++)
		g_clear_pointer(&line->cells[i], g_ptr_array_unref);
	g_free(line->name);
	g_free(line);
}

static RegisterLine *line_new(const RegisterRow *row, guint last, const char *name)
{
	RegisterLine *line = g_new0(RegisterLine, 1);
	line->row = row;
	line->first = row->number;
	line->last = last;
	line->name = g_strdup(name);
	return line;
}

/* Lines from..to-1 of a cell as runs of its own. */
static GPtrArray *cut_cell(const GPtrArray *cell, const GArray *lines, guint from, guint to)
{
	GPtrArray *cut = g_ptr_array_new_with_free_func(register_run_free);
	for (guint i = from; i < MIN(to, lines->len);) {
		const CellLine *first = &g_array_index(lines, CellLine, i);
		const RegisterRun *run = cell->pdata[first->run];
		RegisterRun *piece = g_new0(RegisterRun, 1);
		gsize start = first->from, end = first->note ? start : first->to;
		for (; i < MIN(to, lines->len) && g_array_index(lines, CellLine, i).run == first->run; i++) {
			const CellLine *line = &g_array_index(lines, CellLine, i);
			end = line->note ? end : line->to;
			piece->tail = piece->tail || (line->note && line->from == 0);
		}
		piece->kind = run->kind;
		piece->text = run->kind == REGISTER_TEXT ? g_strndup(run->text + (first->note ? 0 : start), first->note ? 0 : end - start)
		                                         : g_strdup(run->text);
		piece->struck = run->struck;
		piece->time = run->time;
		piece->officer = g_strdup(run->officer);
		g_ptr_array_add(cut, piece);
	}
	return cut;
}

/* --- packing ------------------------------------------------------------------------------------------------------------------ */

typedef struct {
	const RegisterBook *book;
	const RegisterScope *scope;
	RegisterTake take;
	gpointer user;
	RegisterPageKind kind;
	guint64 upto;       /* of the pages that are made now */
	guint number;       /* of the next */
	guint8 before[32];
	const RegisterSheet *sheet; /* which one is made again, or NULL */
	GPtrArray *lines;
	guint used;
	gboolean done;      /* every row so far has its result */
	GPtrArray *aside;   /* rows that wait to stand in one line */
} Packer;

static void digest_line(Record *record, const RegisterLine *line, guint columns)
{
	record_add(record, "row", line->name);
	record_add_uint(record, "received", (guint64)line->row->received);
	record_add(record, "official", line->row->official);
	record_add_bool(record, "continued", line->continued);
	for (guint i = 0; i < columns; i++)
		for (guint k = 0; k < line->cells[i]->len; k++) {
			const RegisterRun *run = line->cells[i]->pdata[k];
			record_add_printf(record, "run", "%u %u %" G_GUINT64_FORMAT, i + 1, run->kind, run->struck);
			record_add(record, "text", run->text);
			if (run->struck != 0)
				record_add_printf(record, "by", "%s %" G_GINT64_FORMAT, run->officer, run->time);
		}
}

/* doc/formats.md, "A page of the register" */
static void make_digest(const Packer *packer, RegisterPage *page)
{
	static const char label[] = "senim/page/1\n";
	static const char *const kinds[] = {"draft", "final", "change"};
	const RegisterScope *scope = packer->scope;
	g_autoptr(Record) record = record_new();
	crypto_hash_sha256_state state;
	guint columns;
	gsize size;
	register_columns(scope->form, &columns);
	record_add(record, "origin", packer->book->origin);
	record_add(record, "form", register_form_word(scope->form));
	record_add(record, "channel", scope->channel != NULL ? scope->channel : "-");
	record_add_printf(record, "period", "%u %s %s", scope->year, scope->from != NULL ? scope->from : "-",
	                  scope->to != NULL ? scope->to : "-");
	record_add(record, "kind", kinds[page->kind]);
	record_add_uint(record, "number", page->number);
	record_add_uint(record, "upto", page->upto);
	record_add_hex(record, "before", page->before, sizeof page->before);
	for (guint i = 0; i < page->lines->len; i++)
		digest_line(record, page->lines->pdata[i], columns);
	char *text = record_write(record, &size);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)label, sizeof label - 1);
	crypto_hash_sha256_update(&state, (const guint8 *)text, size);
	crypto_hash_sha256_final(&state, page->digest);
	explicit_bzero(text, size);
	g_free(text);
}

/* The running page goes out. full: because the next row did not fit. */
static gboolean flush(Packer *packer, gboolean full, guint piece, GError **error)
{
	if (packer->lines->len == 0)
		return TRUE;
	RegisterPage page = {.kind = packer->kind, .number = packer->number, .upto = packer->upto, .full = full,
	                     .done = packer->done, .holds = TRUE, .piece = piece, .lines = packer->lines};
	memcpy(page.before, packer->before, sizeof page.before);
	make_digest(packer, &page);
	if (packer->sheet != NULL) {
		page.entry = packer->sheet->entry;
		page.holds = memcmp(page.digest, packer->sheet->digest, sizeof page.digest) == 0;
		memcpy(page.digest, packer->sheet->digest, sizeof page.digest);
	}
	if (!packer->take(&page, packer->user, error))
		return FALSE;
	memcpy(packer->before, page.digest, sizeof packer->before);
	packer->number++;
	packer->used = 0;
	packer->done = TRUE;
	g_ptr_array_set_size(packer->lines, 0);
	return TRUE;
}

static gboolean has_result(const Packer *packer, const RegisterRow *row)
{
	const char *aside;
	return row->elsewhere || register_is_done(row, packer->upto, &aside);
}

/* A row larger than a page: page after page of its own. */
static gboolean add_pieces(Packer *packer, RegisterLine *whole, GArray *const *broken, guint columns, guint lines, GError **error)
{
	if (!flush(packer, TRUE, 0, error))
		return FALSE;
	for (guint from = 0, piece = 1; from < lines; from += CAPACITY - 1, piece++) {
		RegisterLine *part = line_new(whole->row, whole->last, whole->name);
		part->continued = from > 0;
		for (guint i = 0; i < columns; i++)
			part->cells[i] = cut_cell(whole->cells[i], broken[i], i == 0 ? 0 : from, from + CAPACITY - 1);
		packer->done = has_result(packer, whole->row);
		g_ptr_array_add(packer->lines, part);
		if (packer->sheet != NULL && packer->sheet->piece != piece)
			g_ptr_array_set_size(packer->lines, 0);
		else if (!flush(packer, TRUE, piece, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_line(Packer *packer, RegisterLine *line, GError **error)
{
	guint columns, lines = 1;
	const RegisterColumn *column = register_columns(packer->scope->form, &columns);
	GArray *broken[REGISTER_COLUMNS_MAX];
	gboolean good = TRUE;
	for (guint i = 0; i < columns; i++) {
		broken[i] = break_cell(line->cells[i], column[i].width);
		lines = MAX(lines, broken[i]->len);
	}
	if (lines + 1 > CAPACITY) {
		good = add_pieces(packer, line, broken, columns, lines, error);
		line_free(line);
	} else {
		if (packer->used + lines + 1 > CAPACITY)
			good = flush(packer, TRUE, 0, error);
		packer->used += lines + 1;
		packer->done = packer->done && has_result(packer, line->row);
		g_ptr_array_add(packer->lines, line);
	}
	for (guint i = 0; i < columns; i++)
		g_array_unref(broken[i]);
	return good;
}

/* The rows that say the same one after another, as one line. */
static gboolean add_folded(Packer *packer, GError **error)
{
	GPtrArray *aside = packer->aside;
	if (aside->len == 0)
		return TRUE;
	const RegisterRow *first = aside->pdata[0], *last = aside->pdata[aside->len - 1];
	g_autofree char *begin = register_name(first), *end = register_name(last);
	g_autofree char *name = aside->len > 1 ? g_strdup_printf("%s – %s", begin, end) : g_strdup(begin);
	RegisterLine *line = line_new(first, last->number, name);
	register_cells(packer->book, first, packer->scope->form, name, packer->upto, line->cells);
	g_ptr_array_set_size(aside, 0);
	return add_line(packer, line, error);
}

/* Set aside, and nothing is written in its row; or of those that others read, where they are asked for. */
static gboolean is_folded(const Packer *packer, const RegisterRow *row, const char **why)
{
	if (row->elsewhere && packer->scope->others != NULL) {
		*why = "elsewhere";
		return TRUE;
	}
	if (!register_is_done(row, packer->upto, why) || *why == NULL)
		return FALSE;
	return !register_changed(row, 0, packer->upto);
}

static gboolean add_row(Packer *packer, const RegisterRow *row, GError **error)
{
	const char *why, *before;
	GPtrArray *aside = packer->aside;
	if (is_folded(packer, row, &why)) {
		const RegisterRow *last = aside->len > 0 ? aside->pdata[aside->len - 1] : NULL;
		if (last != NULL && (last->number + 1 != row->number || !is_folded(packer, last, &before) ||
		                     strcmp(before, why) != 0) && !add_folded(packer, error))
			return FALSE;
		g_ptr_array_add(aside, (gpointer)row);
		return TRUE;
	}
	g_autofree char *name = register_name(row);
	RegisterLine *line = line_new(row, row->number, name);
	if (!add_folded(packer, error)) {
		g_free(line->name);
		g_free(line);
		return FALSE;
	}
	register_cells(packer->book, row, packer->scope->form, name, packer->upto, line->cells);
	return add_line(packer, line, error);
}

static gboolean end(Packer *packer, GError **error)
{
	return add_folded(packer, error) && flush(packer, FALSE, 0, error);
}

static Packer packer_new(const RegisterBook *book, const RegisterScope *scope, RegisterTake take, gpointer user)
{
	return (Packer){.book = book, .scope = scope, .take = take, .user = user, .number = 1, .done = TRUE, .upto = scope->upto,
	                .lines = g_ptr_array_new_with_free_func(line_free), .aside = g_ptr_array_new()};
}

static void packer_clear(Packer *packer)
{
	g_ptr_array_unref(packer->lines);
	g_ptr_array_unref(packer->aside);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Packer, packer_clear)

/* --- the whole ------------------------------------------------------------------------------------------------------------------ */

static gboolean is_in_moments(const RegisterScope *scope, const RegisterRow *row)
{
	g_autofree char *name = register_name(row);
	return row->elsewhere ? g_hash_table_contains(scope->others, name)
	                      : row->received >= scope->begin && row->received < scope->end;
}

static gboolean is_in_days(const RegisterBook *book, const RegisterScope *scope, const RegisterRow *row)
{
	if (scope->others != NULL)
		return is_in_moments(scope, row);
	if (scope->from == NULL && scope->to == NULL)
		return TRUE;
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(row->received / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, book->zone);
	g_autofree char *moment = g_date_time_format(here, "%Y-%m-%d");
	const char *day = row->official[0] != '\0' ? row->official : moment;
	return !row->elsewhere && (scope->from == NULL || strcmp(day, scope->from) >= 0) &&
	       (scope->to == NULL || strcmp(day, scope->to) <= 0);
}

static gboolean is_in_scope(const RegisterBook *book, const RegisterScope *scope, const RegisterRow *row, guint64 upto)
{
	return row->since < upto && (scope->year == 0 || row->year == scope->year) &&
	       (scope->channel == NULL || strcmp(scope->channel, row->channel) == 0) && is_in_days(book, scope, row);
}

static gboolean is_of_scope(const RegisterScope *scope, const RegisterSheet *sheet)
{
	return scope->year != 0 && scope->from == NULL && scope->to == NULL && sheet->year == scope->year &&
	       sheet->form == scope->form && g_strcmp0(sheet->channel, scope->channel) == 0 && sheet->entry < scope->upto;
}

/* Which row stands on which sheet: up to which entry, by number. */
typedef struct {
	GHashTable *printed; /* number to upto (as text of neither: guint64 in the heap) */
	guint last;          /* the last row on a sheet */
} Printed;

static void printed_clear(Printed *printed)
{
	g_clear_pointer(&printed->printed, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Printed, printed_clear)

static guint64 printed_upto(const Printed *printed, const RegisterRow *row)
{
	const guint64 *upto = g_hash_table_lookup(printed->printed, GUINT_TO_POINTER(row->number));
	return upto != NULL ? *upto : G_MAXUINT64;
}

/* Is the row on that sheet? */
static gboolean is_on(const Printed *printed, const RegisterSheet *sheet, const RegisterRow *row)
{
	if (row->number < sheet->first || row->number > sheet->last)
		return FALSE;
	guint64 before = printed_upto(printed, row);
	/* The second piece of a row and those behind it follow the first. */
	return !sheet->change || sheet->piece > 1 || (before != G_MAXUINT64 && register_changed(row, before, sheet->upto));
}

/* Rows lie by year and number: the place of the first that is not before that one. */
static guint place_of(const GPtrArray *rows, guint year, guint number)
{
	guint from = 0, to = rows->len;
	while (from < to) {
		guint middle = from + (to - from) / 2;
		const RegisterRow *row = rows->pdata[middle];
		if (row->year < year || (row->year == year && row->number < number))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* The pages that an entry made final, as they were then. */
static gboolean make_sheet(Packer *packer, Printed *printed, const RegisterSheet *sheet, GError **error)
{
	const GPtrArray *rows = packer->book->rows;
	packer->sheet = sheet;
	packer->kind = sheet->change ? REGISTER_PAGE_CHANGE : REGISTER_PAGE_FINAL;
	packer->upto = sheet->upto;
	packer->number = sheet->number;
	g_autoptr(GPtrArray) on = g_ptr_array_new();
	guint past = place_of(rows, sheet->year, sheet->last + 1);
	for (guint i = place_of(rows, sheet->year, sheet->first); i < past; i++)
		if (is_in_scope(packer->book, packer->scope, rows->pdata[i], sheet->upto) && is_on(printed, sheet, rows->pdata[i]))
			g_ptr_array_add(on, rows->pdata[i]);
	for (guint i = 0; i < on->len; i++)
		if (!add_row(packer, on->pdata[i], error))
			return FALSE;
	if (!end(packer, error))
		return FALSE;
	for (guint i = 0; i < on->len; i++)
		g_hash_table_insert(printed->printed, GUINT_TO_POINTER(((RegisterRow *)on->pdata[i])->number),
		                    g_memdup2(&sheet->upto, sizeof sheet->upto));
	if (!sheet->change)
		printed->last = MAX(printed->last, sheet->last);
	packer->number = sheet->number + 1;
	return TRUE;
}

static gboolean make_sheets(Packer *packer, Printed *printed, GError **error)
{
	printed->printed = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	for (guint i = 0; i < packer->book->sheets->len; i++) {
		const RegisterSheet *sheet = packer->book->sheets->pdata[i];
		if (is_of_scope(packer->scope, sheet) && !make_sheet(packer, printed, sheet, error))
			return FALSE;
	}
	packer->sheet = NULL;
	packer->upto = packer->scope->upto;
	return TRUE;
}

gboolean register_pages(const RegisterBook *book, const RegisterScope *scope, RegisterTake take, gpointer user, GError **error)
{
	g_auto(Packer) packer = packer_new(book, scope, take, user);
	g_auto(Printed) printed = {0};
	if (!make_sheets(&packer, &printed, error))
		return FALSE;
	packer.kind = scope->final ? REGISTER_PAGE_FINAL : REGISTER_PAGE_DRAFT;
	for (guint i = 0; i < book->rows->len; i++) {
		const RegisterRow *row = book->rows->pdata[i];
		if (is_in_scope(book, scope, row, scope->upto) && (scope->year == 0 || row->number > printed.last) &&
		    !add_row(&packer, row, error))
			return FALSE;
	}
	return end(&packer, error);
}

static gboolean pass_over(const RegisterPage *page G_GNUC_UNUSED, gpointer user G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
	return TRUE;
}

gboolean register_changes(const RegisterBook *book, const RegisterScope *scope, RegisterTake take, gpointer user, GError **error)
{
	g_auto(Packer) packer = packer_new(book, scope, pass_over, NULL);
	g_auto(Printed) printed = {0};
	if (!make_sheets(&packer, &printed, error))
		return FALSE;
	packer.kind = REGISTER_PAGE_CHANGE;
	packer.take = take;
	packer.user = user;
	for (guint i = 0; i < book->rows->len; i++) {
		const RegisterRow *row = book->rows->pdata[i];
		guint64 before = printed_upto(&printed, row);
		if (is_in_scope(book, scope, row, scope->upto) && before != G_MAXUINT64 &&
		    register_changed(row, before, scope->upto) && !add_row(&packer, row, error))
			return FALSE;
	}
	return end(&packer, error);
}

/* --- what stands on paper --------------------------------------------------------------------------------------------------------- */

char *register_code(const RegisterPage *page)
{
	GString *code = g_string_new(NULL);
	g_string_printf(code, "%" G_GUINT64_FORMAT, page->upto - 1);
	for (guint i = 0; i < 16; i++)
		g_string_append_printf(code, "%s%02x", i % 2 == 0 ? "-" : "", page->digest[i]);
	return g_string_free(code, FALSE);
}

gboolean register_code_read(const char *code, guint64 *upto, guint8 digest[16])
{
	gsize n;
	char *end;
	guint64 entry = g_ascii_strtoull(code, &end, 10);
	if (!g_ascii_isdigit(*code) || *end != '-' || entry > G_MAXINT64)
		return FALSE;
	*upto = entry + 1;
	return sodium_hex2bin(digest, 16, end, strlen(end), "- ", &n, (const char **)&end) == 0 && n == 16 && *end == '\0';
}
