/* SPDX-License-Identifier: ISC */
#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <qrencode.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/language.h"
#include "cli/page-private.h"
#include "cli/wipe.h"

/* Pango 1.50 declares this for its other types alone. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PangoContext, g_object_unref)

#define MILLIMETRE (72 / 25.4)
#define A4_SHORT 595.276
#define A4_LONG 841.89
#define TOP (18 * MILLIMETRE)
#define BOTTOM (20 * MILLIMETRE)
#define FOOT (12 * MILLIMETRE) /* the footer's base line above the paper's edge */
#define SHORT_LINES 6           /* of a row that is not broken */
#define PADDING 3.0            /* in a ruled cell */
#define SIZE_PLAIN 10.0
#define LINE 12.0 /* about the height of a plain line */

/* In points; scale: how large letters are beside those of a page that is read in the hand. */
static const struct {
	double width, height, left, right, scale;
} papers[] = {
	[PAGE_PORTRAIT] = {A4_SHORT, A4_LONG, 30 * MILLIMETRE, 12 * MILLIMETRE, 1}, /* room for the lace on the left */
	[PAGE_LANDSCAPE] = {A4_LONG, A4_SHORT, 30 * MILLIMETRE, 12 * MILLIMETRE, 1},
	[PAGE_POSTER] = {A4_SHORT, A4_LONG, 18 * MILLIMETRE, 18 * MILLIMETRE, 2},
};

/* One run over the description. The first only counts pages (draws nothing), the second knows how many there are. */
typedef struct {
	const Page *page;
	PangoContext *context;
	cairo_t *cr; /* NULL: counting */
	double width, height, left, room, y; /* room: between the margins */
	guint number, total, at; /* at: which block is being set */
	gboolean fresh; /* nothing but repeated heads on this page yet */
	const PageBlock *footer; /* the last page_footer(), or NULL */
} Sheet;

/* A cell laid out, and how far it has been set. */
typedef struct {
	PangoLayout *layout;
	double x, width;
	guint lines, done;
	double *top, *bottom, *baseline, *left; /* of each line, in points from the layout's corner */
} Cell;

static double below(const Sheet *sheet)
{
	return sheet->height - BOTTOM - sheet->y;
}

/* --- fonts ----------------------------------------------------------------------------------------------------- */

static const char *const fonts[] = {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf",
	"DejaVuSansMono-Bold.ttf"};

/* A configuration that knows these files and nothing of the machine's: no cache is read or written. */
static FcConfig *own_fonts(GError **error)
{
	FcConfig *config = FcConfigCreate();
	for (gsize i = 0; i < G_N_ELEMENTS(fonts); i++) {
		g_autofree char *path = g_build_filename(FONTS_DIRECTORY, fonts[i], NULL);
		if (!FcConfigAppFontAddFile(config, (const FcChar8 *)path)) {
			g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED,
				_("%s is missing or is no font: install fonts-dejavu-core"), path);
			FcConfigDestroy(config);
			return NULL;
		}
	}
	FcConfigSetCurrent(config); /* Pango asks for the current one as it starts, which else reads the machine's */
	return config;
}

static PangoContext *text_context(const Page *page, FcConfig *config)
{
	g_autoptr(PangoFontMap) map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map), 72 * papers[page->paper].scale);
	PangoContext *context = pango_font_map_create_context(map);
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(context, options);
	cairo_font_options_destroy(options);
	pango_context_set_language(context, pango_language_from_string("kk")); /* never the environment's */
	pango_context_set_base_dir(context, PANGO_DIRECTION_LTR);
	pango_context_set_round_glyph_positions(context, FALSE);
	return context;
}

static double size_of(guint style)
{
	if ((style & PAGE_BIG) != 0)
		return 14;
	if ((style & PAGE_LARGE) != 0)
		return 11.5;
	return ((style & PAGE_SMALL) != 0 ? 8 : SIZE_PLAIN) - ((style & PAGE_MONO) != 0 ? 0.5 : 0);
}

static void add_attribute(PangoAttrList *list, PangoAttribute *attribute, gsize start, gsize end)
{
	attribute->start_index = (guint)start;
	attribute->end_index = (guint)end;
	pango_attr_list_insert(list, attribute);
}

static void add_style(PangoAttrList *list, guint style, gsize start, gsize end)
{
	const char *family = (style & PAGE_MONO) != 0 ? "DejaVu Sans Mono" : "DejaVu Sans";
	add_attribute(list, pango_attr_family_new(family), start, end);
	add_attribute(list, pango_attr_size_new((int)(size_of(style) * PANGO_SCALE)), start, end);
	if ((style & PAGE_BOLD) != 0)
		add_attribute(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), start, end);
	if ((style & PAGE_STRUCK) != 0)
		add_attribute(list, pango_attr_strikethrough_new(TRUE), start, end);
}

/* The cell's texts, one below the other. */
static PangoLayout *lay_out(PangoContext *context, const GPtrArray *runs, double width)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(256);
	PangoLayout *layout = pango_layout_new(context);
	g_autoptr(PangoAttrList) list = pango_attr_list_new();
	guint all = 0;
	for (guint i = 0; i < runs->len; i++) {
		const PageRun *run = runs->pdata[i];
		gsize start = wipe_buffer_size(text);
		wipe_buffer_add_text(text, run->text);
		if (i + 1 < runs->len)
			wipe_buffer_add_text(text, "\n");
		add_style(list, run->style, start, i + 1 < runs->len ? wipe_buffer_size(text) : G_MAXUINT);
		all |= run->style;
	}
	add_attribute(list, pango_attr_insert_hyphens_new(FALSE), 0, G_MAXUINT);
	pango_layout_set_attributes(layout, list);
	pango_layout_set_width(layout, (int)(MAX(width, 1) * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_line_spacing(layout, 0);
	if ((all & PAGE_RIGHT) != 0)
		pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
	else if ((all & PAGE_CENTRE) != 0)
		pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
	pango_layout_set_text(layout, wipe_buffer_data(text), (int)wipe_buffer_size(text));
	return layout;
}

/* --- a row over pages ------------------------------------------------------------------------------------------ */

static void cell_clear(Cell *cell)
{
	g_clear_object(&cell->layout);
	g_clear_pointer(&cell->top, g_free);
}

static void cell_measure(Cell *cell)
{
	cell->lines = (guint)pango_layout_get_line_count(cell->layout);
	cell->top = g_new0(double, 4 * (gsize)cell->lines);
	cell->bottom = cell->top + cell->lines;
	cell->baseline = cell->bottom + cell->lines;
	cell->left = cell->baseline + cell->lines;
	PangoLayoutIter *iter = pango_layout_get_iter(cell->layout);
	for (guint i = 0; i < cell->lines; i++, pango_layout_iter_next_line(iter)) {
		PangoRectangle logical;
		int top, bottom;
		pango_layout_iter_get_line_extents(iter, NULL, &logical);
		pango_layout_iter_get_line_yrange(iter, &top, &bottom);
		cell->top[i] = (double)top / PANGO_SCALE;
		cell->bottom[i] = (double)bottom / PANGO_SCALE;
		cell->baseline[i] = (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE;
		cell->left[i] = (double)logical.x / PANGO_SCALE;
	}
	pango_layout_iter_free(iter);
}

static void cells_make(const Sheet *sheet, const PageBlock *row, Cell *cells)
{
	const PageGrid *grid = row->grid;
	double room = sheet->room, x = sheet->left, all = 0;
	for (guint i = 0; i < grid->columns; i++)
		all += grid->weights[i];
	for (guint i = 0; i < grid->columns; i++) {
		double width = room * grid->weights[i] / all;
		/* Without rules columns are kept apart by their right side alone, so that the first begins at the margin. */
		double apart = grid->ruled ? 2 * PADDING : i + 1 < grid->columns ? 2 * PADDING : 0;
		cells[i].x = x;
		cells[i].width = width;
		cells[i].layout = lay_out(sheet->context, row->cells->pdata[i], width - apart);
		cell_measure(&cells[i]);
		x += width;
	}
}

/* How many of its next lines fit into that height. */
static guint cell_fits(const Cell *cell, double height)
{
	guint n = 0;
	while (cell->done + n < cell->lines && cell->bottom[cell->done + n] - cell->top[cell->done] <= height)
		n++;
	return n;
}

static double cell_height(const Cell *cell, guint n)
{
	return n == 0 ? 0 : cell->bottom[cell->done + n - 1] - cell->top[cell->done];
}

static double row_height(const PageBlock *row, const Cell *cells)
{
	double height = 0;
	for (guint i = 0; i < row->grid->columns; i++)
		height = MAX(height, cell_height(&cells[i], cells[i].lines - cells[i].done));
	return height + (row->grid->ruled ? 2 * PADDING : 0);
}

/* In the second column; no colour, for a printer that has none. */
static void draw_bar(Sheet *sheet, const PageBlock *row, const Cell *column, double height)
{
	double grey = row->dark ? 0.25 : 0.65, bar = MIN(height, LINE) * 0.8;
	cairo_save(sheet->cr);
	cairo_set_source_rgb(sheet->cr, grey, grey, grey);
	cairo_rectangle(sheet->cr, column->x, sheet->y + (MIN(height, LINE) - bar) / 2, column->width * row->bar, bar);
	cairo_fill(sheet->cr);
	cairo_restore(sheet->cr);
}

/* Sets the next n[i] lines of each cell and the rules around them; the sheet moves down. */
static void set_piece(Sheet *sheet, const PageBlock *row, Cell *cells, const guint *n)
{
	double padding = row->grid->ruled ? PADDING : 0, height = 0;
	for (guint i = 0; i < row->grid->columns; i++)
		height = MAX(height, cell_height(&cells[i], n[i]));
	height += 2 * padding;
	if (row->bar > 0 && sheet->cr != NULL)
		draw_bar(sheet, row, &cells[1], height);
	for (guint i = 0; i < row->grid->columns; i++) {
		Cell *cell = &cells[i];
		for (guint k = cell->done; k < cell->done + n[i] && sheet->cr != NULL; k++) {
			cairo_move_to(sheet->cr, cell->x + padding + cell->left[k],
				sheet->y + padding + cell->baseline[k] - cell->top[cell->done]);
			pango_cairo_show_layout_line(sheet->cr, pango_layout_get_line_readonly(cell->layout, (int)k));
		}
		cell->done += n[i];
		if (row->grid->ruled && sheet->cr != NULL) {
			cairo_rectangle(sheet->cr, cell->x, sheet->y, cell->width, height);
			cairo_stroke(sheet->cr);
		}
	}
	sheet->y += height;
}

/* A line alone at the foot or at the head of a page is moved to its neighbours. */
static guint without_widow(const Cell *cell, guint n)
{
	guint left = cell->lines - cell->done;
	if (n == left)
		return n;
	if (left - n == 1 && n > 2)
		n--;
	return n >= 2 ? n : 0;
}

/* A table's row of a few lines is not broken: what was written below a text in another language stays with it. */
static gboolean is_short(const PageBlock *row, const Cell *cells)
{
	gboolean is = row->grid->ruled;
	for (guint i = 0; i < row->grid->columns; i++)
		is = is && cells[i].lines <= SHORT_LINES;
	return is;
}

/* How much of the row goes on this page: TRUE where all of it does; n all 0 where it begins on the next. */
static gboolean take(const Sheet *sheet, const PageBlock *row, const Cell *cells, guint *n)
{
	double room = below(sheet) - (row->grid->ruled ? 2 * PADDING : 0);
	gboolean all = TRUE, widow = FALSE;
	for (guint i = 0; i < row->grid->columns; i++) {
		n[i] = cell_fits(&cells[i], room);
		all = all && cells[i].done + n[i] == cells[i].lines;
	}
	if (all)
		return TRUE;
	for (guint i = 0; i < row->grid->columns; i++) {
		n[i] = sheet->fresh ? n[i] : without_widow(&cells[i], n[i]);
		widow = widow || (n[i] == 0 && cells[i].done < cells[i].lines);
	}
	for (guint i = 0; i < row->grid->columns && !sheet->fresh && (widow || row->whole || is_short(row, cells)); i++)
		n[i] = 0;
	for (guint i = 0; i < row->grid->columns && sheet->fresh; i++) /* heads that fill a page: go on all the same */
		n[i] = MAX(n[i], MIN(1, cells[i].lines - cells[i].done));
	return FALSE;
}

static void set_footer(const Sheet *sheet)
{
	if (sheet->cr == NULL || sheet->number == 0)
		return;
	g_autofree char *number = g_strdup_printf("%u / %u", sheet->number, sheet->total);
	const PageBlock *own = sheet->footer;
	const char *texts[] = {own != NULL ? own->left : sheet->page->footer != NULL ? sheet->page->footer : "",
	                       own != NULL ? own->right : number};
	double room = sheet->room;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		PageRun run = {PAGE_SMALL | (i == 1 ? PAGE_RIGHT : 0), (char *)texts[i]};
		gpointer data[] = {&run};
		GPtrArray runs = {data, 1};
		g_autoptr(PangoLayout) layout = lay_out(sheet->context, &runs, i == 0 ? room * 0.85 : room);
		pango_layout_set_height(layout, 0); /* one line */
		pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
		cairo_move_to(sheet->cr, sheet->left, sheet->height - FOOT - LINE);
		pango_cairo_show_layout(sheet->cr, layout);
	}
}

static void set_heads(Sheet *sheet, const PageGrid *grid)
{
	for (guint i = 0; i < grid->heads->len; i++) {
		const PageBlock *head = grid->heads->pdata[i];
		Cell cells[PAGE_COLUMNS_MAX] = {0};
		guint n[PAGE_COLUMNS_MAX];
		cells_make(sheet, head, cells);
		for (guint k = 0; k < grid->columns; k++)
			n[k] = cell_fits(&cells[k], below(sheet) - 2 * PADDING);
		set_piece(sheet, head, cells, n);
		for (guint k = 0; k < grid->columns; k++)
			cell_clear(&cells[k]);
	}
}

static void use_paper(Sheet *sheet, PagePaper paper)
{
	sheet->width = papers[paper].width;
	sheet->height = papers[paper].height;
	sheet->left = papers[paper].left;
	sheet->room = papers[paper].width - papers[paper].left - papers[paper].right;
}

static void end_page(Sheet *sheet)
{
	set_footer(sheet);
	if (sheet->cr != NULL && sheet->number > 0)
		cairo_show_page(sheet->cr);
}

static void begin_page(Sheet *sheet, const PageGrid *heads)
{
	sheet->number++;
	sheet->y = TOP;
	if (heads != NULL)
		set_heads(sheet, heads);
	sheet->fresh = TRUE;
}

static void next_page(Sheet *sheet, const PageGrid *heads)
{
	end_page(sheet);
	begin_page(sheet, heads);
}

/* The size is the next page's: what was drawn has been shown. */
static void turn(Sheet *sheet, PagePaper paper)
{
	end_page(sheet);
	use_paper(sheet, paper);
	if (sheet->cr != NULL)
		cairo_pdf_surface_set_size(cairo_get_target(sheet->cr), sheet->width, sheet->height);
	begin_page(sheet, NULL);
}

/* The heads that a page in the midst of this row's table begins with: none before they stood once. */
static const PageGrid *heads_of(const PageBlock *row)
{
	return g_ptr_array_find(row->grid->heads, row, NULL) ? NULL : row->grid;
}

/* Of the row that is being set and of those behind it that lead as well (a heading, then its table's heads), with room for the
 * first lines of what they lead to. */
static double lead_height(const Sheet *sheet)
{
	const GPtrArray *blocks = sheet->page->blocks;
	double height = 4 * LINE + 2 * PADDING;
	for (guint i = sheet->at; i < blocks->len; i++) {
		const PageBlock *block = blocks->pdata[i];
		Cell cells[PAGE_COLUMNS_MAX] = {0};
		if (block->kind == PAGE_BLOCK_SPACE) {
			height += block->size;
			continue;
		}
		if (block->kind != PAGE_BLOCK_ROW || !block->leads)
			break;
		cells_make(sheet, block, cells);
		height += row_height(block, cells) + block->gap;
		for (guint k = 0; k < block->grid->columns; k++)
			cell_clear(&cells[k]);
	}
	return height;
}

static void set_row(Sheet *sheet, const PageBlock *row)
{
	Cell cells[PAGE_COLUMNS_MAX] = {0};
	guint n[PAGE_COLUMNS_MAX];
	cells_make(sheet, row, cells);
	if (row->leads && !sheet->fresh && below(sheet) < lead_height(sheet))
		next_page(sheet, heads_of(row));
	for (;;) {
		gboolean all = take(sheet, row, cells, n);
		guint lines = 0;
		for (guint i = 0; i < row->grid->columns; i++)
			lines += n[i];
		if (lines > 0 || all)
			set_piece(sheet, row, cells, n);
		sheet->fresh = sheet->fresh && lines == 0;
		if (all || sheet->number > PAGE_COUNT_MAX)
			break;
		next_page(sheet, heads_of(row));
	}
	sheet->y += row->gap;
	for (guint i = 0; i < row->grid->columns; i++)
		cell_clear(&cells[i]);
}

/* --- QR codes -------------------------------------------------------------------------------------------------- */

static void qr_free(QRcode *code)
{
	if (code != NULL)
		explicit_bzero(code->data, (gsize)code->width * (gsize)code->width);
	QRcode_free(code);
}

/* Squares that meet in a row are one rectangle, and all are filled at once: no viewer shows a seam. */
static void draw_code(cairo_t *cr, const QRcode *code, double x, double y, double square)
{
	for (int row = 0; row < code->width; row++)
		for (int from = 0, to; from < code->width; from = to + 1) {
			const guint8 *line = code->data + row * code->width;
			for (to = from; to < code->width && (line[to] & 1) != 0; to++)
				;
			if (to > from)
				cairo_rectangle(cr, x + from * square, y + row * square, (to - from) * square, square);
		}
	cairo_fill(cr);
}

static gboolean set_qr(Sheet *sheet, const PageBlock *block, GError **error)
{
	QRcode *code = NULL;
	if (block->data->len > 0 && block->data->len <= PAGE_QR_MAX)
		code = QRcode_encodeData((int)block->data->len, block->data->data, 0, QR_ECLEVEL_Q);
	if (code == NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("a QR code cannot be made of so much: shorten what it is to hold"));
	if (!sheet->fresh && below(sheet) < block->size)
		next_page(sheet, NULL);
	double square = block->size / (code->width + 8); /* the quiet zone: four squares on each side (ISO/IEC 18004) */
	double from = sheet->page->paper == PAGE_POSTER ? (sheet->room - block->size) / 2 : 0;
	if (sheet->cr != NULL)
		draw_code(sheet->cr, code, sheet->left + from + 4 * square, sheet->y + 4 * square, square);
	qr_free(code);
	sheet->fresh = FALSE;
	sheet->y += block->size + block->gap;
	return TRUE;
}

/* --- the whole ------------------------------------------------------------------------------------------------- */

static gboolean set_block(Sheet *sheet, const PageBlock *block, GError **error)
{
	switch (block->kind) {
	case PAGE_BLOCK_ROW:
		set_row(sheet, block);
		return TRUE;
	case PAGE_BLOCK_QR:
		return set_qr(sheet, block, error);
	case PAGE_BLOCK_SPACE:
		sheet->y += sheet->fresh ? 0 : block->size;
		return TRUE;
	case PAGE_BLOCK_BREAK:
		next_page(sheet, NULL);
		return TRUE;
	case PAGE_BLOCK_TURN:
		turn(sheet, block->paper);
		return TRUE;
	case PAGE_BLOCK_FOOTER:
		sheet->footer = block;
		return TRUE;
	}
	g_return_val_if_reached(FALSE);
}

static gboolean set_all(Sheet *sheet, GError **error)
{
	next_page(sheet, NULL);
	for (guint i = 0; i < sheet->page->blocks->len; i++) {
		sheet->at = i;
		if (!set_block(sheet, sheet->page->blocks->pdata[i], error))
			return FALSE;
		if (sheet->number > PAGE_COUNT_MAX) {
			g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, _("more than %d pages: take a part of it"), PAGE_COUNT_MAX);
			return FALSE;
		}
	}
	set_footer(sheet);
	return TRUE;
}

static cairo_status_t take_octets(void *out, const unsigned char *data, unsigned int size)
{
	wipe_buffer_add(out, data, size);
	return CAIRO_STATUS_SUCCESS;
}

static gboolean draw(Sheet *sheet, WipeBuffer *out, GError **error)
{
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(take_octets, out, sheet->width, sheet->height);
	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, NULL); /* else it asks the clock */
	sheet->cr = cairo_create(surface);
	cairo_set_line_width(sheet->cr, 0.5);
	gboolean done = set_all(sheet, error);
	cairo_show_page(sheet->cr);
	cairo_destroy(sheet->cr);
	cairo_surface_finish(surface);
	cairo_status_t status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (done && status != CAIRO_STATUS_SUCCESS) {
		g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, _("the pages cannot be drawn: %s"),
			cairo_status_to_string(status));
		return FALSE;
	}
	return done;
}

static Sheet sheet_of(const Page *page, PangoContext *context)
{
	Sheet sheet = {.page = page, .context = context};
	use_paper(&sheet, page->paper);
	return sheet;
}

guint page_count(const Page *page, GError **error)
{
	FcConfig *config = own_fonts(error);
	if (config == NULL)
		return 0;
	g_autoptr(PangoContext) context = text_context(page, config);
	Sheet count = sheet_of(page, context);
	gboolean done = set_all(&count, error);
	FcConfigDestroy(config);
	return done ? count.number : 0;
}

GBytes *page_render(const Page *page, GError **error)
{
	FcConfig *config = own_fonts(error);
	if (config == NULL)
		return NULL;
	g_autoptr(PangoContext) context = text_context(page, config);
	Sheet count = sheet_of(page, context);
	Sheet sheet = count;
	WipeBuffer *out = wipe_buffer_new(65536);
	gboolean done = set_all(&count, error);
	sheet.total = count.number;
	done = done && draw(&sheet, out, error);
	FcConfigDestroy(config);
	if (!done) {
		wipe_buffer_free(out);
		return NULL;
	}
	return g_bytes_new_with_free_func(wipe_buffer_data(out), wipe_buffer_size(out),
		(GDestroyNotify)wipe_buffer_free, out);
}
