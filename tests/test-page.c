/* SPDX-License-Identifier: ISC */
/* Printed pages: what was said is what pdftotext reads, on as many pages as it needs, in the same octets each time. */
#include <gio/gio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/page.h"

#define KAZAKH "Әділ өңірде ғасырлық үміт ұрпақ қиялын іске асырды; һәм Ә Ө Ң Ғ Ү Ұ Қ І Һ."
#define RUSSIAN "Съешь же ещё этих мягких французских булок, да выпей чаю. № 7, «ёлки»."

static GBytes *render(const Page *page)
{
	g_autoptr(GError) error = NULL;
	GBytes *pdf = page_render(page, &error);
	g_assert_no_error(error);
	g_assert_nonnull(pdf);
	/* For a person's eyes: SENIM_PAGES=DIR keeps what the tests draw. */
	const char *keep = g_getenv("SENIM_PAGES");
	if (keep != NULL) {
		g_autofree char *name = g_strdelimit(g_strdup(g_test_get_path() + 1), "/ ", '-');
		g_autofree char *file = g_strdup_printf("%s/%s.pdf", keep, name);
		g_assert_true(g_file_set_contents(file, g_bytes_get_data(pdf, NULL), (gssize)g_bytes_get_size(pdf), NULL));
	}
	return pdf;
}

/* What poppler's program says of the PDF on its standard input. */
static char *asked(const char *const *command, GBytes *pdf)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) child = g_subprocess_newv(command,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
	g_assert_no_error(error);
	g_autoptr(GBytes) out = NULL;
	g_assert_true(g_subprocess_communicate(child, pdf, NULL, &out, NULL, &error));
	g_assert_true(g_subprocess_get_successful(child));
	return g_strndup(g_bytes_get_data(out, NULL), g_bytes_get_size(out));
}

/* Its words, one blank between them. */
static char *text_of(GBytes *pdf)
{
	static const char *const command[] = {"pdftotext", "-raw", "-enc", "UTF-8", "-", "-", NULL};
	g_autofree char *text = asked(command, pdf);
	g_auto(GStrv) words = g_strsplit_set(text, " \n\f", -1);
	GString *all = g_string_new(NULL);
	for (guint i = 0; words[i] != NULL; i++)
		if (*words[i] != '\0')
			g_string_append_printf(all, "%s%s", all->len > 0 ? " " : "", words[i]);
	return g_string_free(all, FALSE);
}

static guint pages_of(GBytes *pdf)
{
	static const char *const command[] = {"pdfinfo", "-", NULL};
	g_autofree char *text = asked(command, pdf);
	const char *line = strstr(text, "Pages:");
	g_assert_nonnull(line);
	return (guint)g_ascii_strtoull(line + 6 + strspn(line + 6, " "), NULL, 10);
}

static guint count_of(const char *text, const char *word)
{
	guint n = 0;
	for (const char *p = text; (p = strstr(p, word)) != NULL; p += strlen(word))
		n++;
	return n;
}

static Page *an_act(void)
{
	Page *page = page_new(PAGE_PORTRAIT, "senim · senim@kmo.kz");
	page_title(page, "Пайдалануға беру актісі");
	page_text(page, 0, KAZAKH);
	page_heading(page, "Акт ввода в действие");
	page_text(page, 0, RUSSIAN);
	page_pair(page, "Жауапты қызметкер", "Айгүл Серікова, комплаенс жөніндегі жауапты қызметкер");
	page_pair(page, "Отпечаток ключа", "7f3a 91c0 0d2e 55b1");
	page_text(page, PAGE_MONO, "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq");
	page_table(page, (const guint[]){1, 3, 6}, 3, 1, TRUE);
	page_cell(page, PAGE_BOLD | PAGE_CENTRE, "№");
	page_cell(page, PAGE_BOLD, "Күні / Дата");
	page_cell(page, PAGE_BOLD, "Мазмұны / Содержание");
	page_cell(page, PAGE_RIGHT, "1");
	page_cell(page, PAGE_STRUCK, "12.10.2026");
	page_more(page, 0, "13.10.2026");
	page_cell(page, 0, RUSSIAN);
	page_signature(page, "Бас директор / Генеральный директор", "Б. Ахметов", "(қолы, күні / подпись, дата)");
	page_qr(page, "https://senim.example/2026/17", 29, 35);
	return page;
}

static void every_letter_is_read_back(void)
{
	g_autoptr(Page) page = an_act();
	g_autoptr(GBytes) pdf = render(page);
	g_autofree char *text = text_of(pdf);
	g_assert_nonnull(strstr(text, KAZAKH));
	g_assert_nonnull(strstr(text, RUSSIAN));
	g_assert_nonnull(strstr(text, "Пайдалануға беру актісі"));
	g_assert_nonnull(strstr(text, "12.10.2026 13.10.2026"));
	g_assert_nonnull(strstr(text, "senim · senim@kmo.kz 1 / 1"));
	g_assert_cmpuint(pages_of(pdf), ==, 1);
}

static void the_same_description_gives_the_same_octets(void)
{
	g_autoptr(Page) page = an_act(), again = an_act();
	g_autoptr(GBytes) one = render(page), two = render(page);
	g_setenv("LANG", "ar_EG.UTF-8", TRUE);
	g_setenv("PANGO_LANGUAGE", "ar", TRUE);
	g_setenv("FONTCONFIG_FILE", "/nonexistent", TRUE);
	g_usleep(1100 * 1000); /* a PDF's dates count seconds */
	g_autoptr(GBytes) three = render(again);
	g_assert_true(g_bytes_equal(one, two));
	g_assert_true(g_bytes_equal(one, three));
	gsize size;
	const char *data = g_bytes_get_data(one, &size);
	g_assert_null(memmem(data, size, "CreationDate", 12));
	g_assert_null(memmem(data, size, "/ID", 3));
}

static void a_table_repeats_its_head_and_loses_no_row(void)
{
	g_autoptr(Page) page = page_new(PAGE_LANDSCAPE, NULL);
	page_table(page, (const guint[]){1, 4, 4}, 3, 2, TRUE);
	static const char *const heads[] = {"№", "Заявитель", "Существо", "1", "2", "3"};
	for (guint i = 0; i < G_N_ELEMENTS(heads); i++)
		page_cell(page, PAGE_BOLD | PAGE_CENTRE, heads[i]);
	for (guint i = 0; i < 120; i++) {
		g_autofree char *number = g_strdup_printf("n%u.", i);
		page_cell(page, 0, number);
		page_cell(page, i % 7 == 0 ? PAGE_STRUCK : 0, KAZAKH);
		page_cell(page, 0, RUSSIAN);
	}
	g_autoptr(GBytes) pdf = render(page);
	g_autofree char *text = text_of(pdf);
	guint pages = pages_of(pdf);
	g_assert_cmpuint(pages, >, 5);
	g_assert_cmpuint(count_of(text, "Заявитель"), ==, pages);
	for (guint i = 0; i < 120; i++) {
		g_autofree char *number = g_strdup_printf(" n%u.", i);
		g_assert_cmpuint(count_of(text, number), ==, 1);
	}
	g_autofree char *last = g_strdup_printf("%u / %u", pages, pages);
	g_assert_nonnull(strstr(text, last));
}

static void a_cell_taller_than_a_page_goes_on(void)
{
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, NULL);
	g_autoptr(GString) tall = g_string_new(NULL);
	for (guint i = 0; i < 2000; i++)
		g_string_append_printf(tall, "w%u ", i);
	page_table(page, (const guint[]){1, 1}, 2, 1, TRUE);
	page_cell(page, PAGE_BOLD, "Head");
	page_cell(page, PAGE_BOLD, "Tall");
	page_cell(page, 0, "short");
	page_cell(page, 0, tall->str);
	g_autoptr(GBytes) pdf = render(page);
	g_autofree char *text = text_of(pdf);
	g_assert_cmpuint(count_of(text, "Head"), ==, pages_of(pdf));
	g_assert_cmpuint(count_of(text, "short"), ==, 1);
	for (guint i = 0; i < 2000; i++) {
		g_autofree char *word = g_strdup_printf("w%u ", i);
		g_assert_cmpuint(count_of(text, word), ==, 1);
	}
}

static void heads_that_fill_a_page_end(void)
{
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, NULL);
	g_autoptr(GString) tall = g_string_new(NULL);
	for (guint i = 0; i < 100; i++)
		g_string_append(tall, "line\n");
	page_table(page, (const guint[]){1}, 1, 1, TRUE);
	page_cell(page, 0, tall->str);
	for (guint i = 0; i < 5; i++)
		page_cell(page, 0, tall->str);
	g_autoptr(GBytes) pdf = render(page);
	g_assert_cmpuint(pages_of(pdf), >, 5);
}

static void a_heading_is_never_the_last_thing_on_a_page(void)
{
	static const char *const command[] = {"pdftotext", "-raw", "-", "-", NULL};
	for (guint lines = 40; lines < 64; lines++) {
		g_autoptr(Page) page = page_new(PAGE_PORTRAIT, NULL);
		for (guint i = 0; i < lines; i++)
			page_text(page, 0, "x\ny");
		page_heading(page, "HEADING");
		page_text(page, 0, "below");
		g_autoptr(GBytes) pdf = render(page);
		g_autofree char *text = asked(command, pdf);
		const char *heading = strstr(text, "HEADING"), *below = strstr(text, "below");
		g_assert_true(heading != NULL && below != NULL);
		g_assert_null(memchr(heading, '\f', (gsize)(below - heading)));
	}
}

static void a_heading_stays_with_the_table_below_it_and_a_short_row_is_not_broken(void)
{
	static const char *const command[] = {"pdftotext", "-raw", "-", "-", NULL};
	for (guint lines = 40; lines < 64; lines++) {
		g_autoptr(Page) page = page_new(PAGE_PORTRAIT, NULL);
		for (guint i = 0; i < lines; i++)
			page_text(page, 0, "x");
		page_heading(page, "HEADING");
		page_table(page, (const guint[]){1}, 1, 1, TRUE);
		page_cell(page, PAGE_BOLD, "head");
		page_cell(page, 0, "first\nsecond\nthird");
		g_autoptr(GBytes) pdf = render(page);
		g_autofree char *text = asked(command, pdf);
		const char *heading = strstr(text, "HEADING"), *last = strstr(text, "third");
		g_assert_true(heading != NULL && last != NULL);
		g_assert_null(memchr(heading, '\f', (gsize)(last - heading)));
	}
}

static void a_strangers_text_cannot_turn_the_page_around(void)
{
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, "\xe2\x80\xae""footer");
	page_text(page, 0, "pay \xe2\x80\xae" "100\x1b[2J \xff end");
	g_autoptr(GBytes) pdf = render(page);
	g_autofree char *text = text_of(pdf);
	g_assert_nonnull(strstr(text, "pay \\u{202E}100\\u{001B}[2J \\x{FF} end"));
	g_assert_nonnull(strstr(text, "\\u{202E}footer"));
}

static void a_long_line_takes_no_long_time(void)
{
	g_autofree char *line = g_malloc((1 << 20) + 1);
	memset(line, 'a', 1 << 20);
	line[1 << 20] = '\0';
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, NULL);
	page_text(page, PAGE_SMALL, line);
	clock_t start = clock(); /* the processor's time: what else this machine does says nothing of us */
	g_autoptr(GBytes) pdf = render(page);
	double took = (double)(clock() - start) / CLOCKS_PER_SEC;
	g_test_message("1 MiB in one line: %.1f s", took);
	g_assert_cmpfloat(took, <, 30);
	g_autofree char *text = text_of(pdf);
	gsize letters = 0;
	for (const char *p = text; *p != '\0'; p++)
		letters += *p == 'a';
	g_assert_cmpuint(letters, ==, 1 << 20);
}

static void what_does_not_fit_a_code_is_refused(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, NULL);
	g_autofree char *data = g_malloc0(PAGE_QR_MAX + 1);
	page_qr(page, data, PAGE_QR_MAX, 100);
	g_autoptr(GBytes) pdf = render(page);
	page_qr(page, data, PAGE_QR_MAX + 1, 100);
	g_assert_null(page_render(page, &error));
	g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/page/every letter is read back", every_letter_is_read_back);
	g_test_add_func("/page/the same description gives the same octets", the_same_description_gives_the_same_octets);
	g_test_add_func("/page/a table repeats its head and loses no row", a_table_repeats_its_head_and_loses_no_row);
	g_test_add_func("/page/a cell taller than a page goes on", a_cell_taller_than_a_page_goes_on);
	g_test_add_func("/page/heads that fill a page end", heads_that_fill_a_page_end);
	g_test_add_func("/page/a heading is never the last thing on a page", a_heading_is_never_the_last_thing_on_a_page);
	g_test_add_func("/page/a heading stays with the table below it, and a short row is not broken",
	                a_heading_stays_with_the_table_below_it_and_a_short_row_is_not_broken);
	g_test_add_func("/page/a stranger's text cannot turn the page around", a_strangers_text_cannot_turn_the_page_around);
	g_test_add_func("/page/a long line takes no long time", a_long_line_takes_no_long_time);
	g_test_add_func("/page/what does not fit a code is refused", what_does_not_fit_a_code_is_refused);
	return g_test_run();
}
