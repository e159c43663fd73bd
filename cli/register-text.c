/* SPDX-License-Identifier: ISC */
/* The register for the terminal: row by row, each filled column on a line of its own. */
#include <string.h>

#include "base/escape.h"
#include "cli/pager.h"
#include "cli/register-render.h"

typedef struct {
	const RegisterPrint *print;
	RegisterCount count;
} Text;

static void add_line(WipeBuffer *out, const char *indent, const char *text)
{
	g_autoptr(WipeText) safe = escape_text(text, -1, ESCAPE_LINE);
	wipe_buffer_add_text(out, indent);
	wipe_buffer_add_text(out, safe);
	wipe_buffer_add_text(out, "\n");
}

static void add_run(const Text *text, const RegisterRun *run, WipeBuffer *out)
{
	g_autoptr(WipeText) words = register_run_words(run), safe = escape_text(words, -1, ESCAPE_LINE);
	g_autofree char *note = register_run_note(text->print->book, run);
	gboolean terminal = run->struck != 0 && pager_on_terminal();
	const char *pieces[] = {"    ", terminal ? "\033[9m" : "", run->struck != 0 ? "~~" : "", safe, run->struck != 0 ? "~~" : "",
	                        terminal ? "\033[29m" : "", note != NULL ? " " : "", note != NULL ? note : "", "\n"};
	for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++)
		wipe_buffer_add_text(out, pieces[i]);
}

static void add_row(const Text *text, const RegisterLine *line, WipeBuffer *out)
{
	guint n;
	const RegisterColumn *columns = register_columns(text->print->scope->form, &n);
	const RegisterRun *date = line->cells[1]->len > 0 ? line->cells[1]->pdata[0] : NULL;
	g_autofree char *head = g_strdup_printf("%s  %s", line->name, date != NULL ? date->text : "");
	add_line(out, "\n", head);
	for (guint i = 2; i < n; i++) {
		if (line->cells[i]->len == 0)
			continue;
		add_line(out, "  ", _(columns[i].title));
		for (guint k = 0; k < line->cells[i]->len; k++)
			add_run(text, line->cells[i]->pdata[k], out);
	}
}

static gboolean take(const RegisterPage *page, gpointer user, GError **error)
{
	Text *text = user;
	g_autoptr(WipeBuffer) out = wipe_buffer_new(8192);
	g_autofree char *head = register_page_line(page), *code = register_digest_line(page), *before = register_before_line(page);
	if (!register_is_wanted(text->print, page))
		return TRUE;
	register_count(&text->count, page);
	add_line(out, "\n", head);
	for (guint i = 0; i < page->lines->len; i++)
		add_row(text, page->lines->pdata[i], out);
	add_line(out, "\n", code);
	if (before != NULL)
		add_line(out, "", before);
	return text->print->write(wipe_buffer_data(out), wipe_buffer_size(out), text->print->user, error);
}

static gboolean finish(Text *text, GError **error)
{
	if (text->print->checkpoint == NULL)
		return TRUE;
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	for (guint i = 0;; i++) {
		g_autofree char *line = register_closing_line(text->print, &text->count, i);
		if (line == NULL)
			break;
		add_line(out, i == 0 ? "\n" : "", line);
	}
	g_autofree char *note = escape_text(text->print->checkpoint, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, note);
	return text->print->write(wipe_buffer_data(out), wipe_buffer_size(out), text->print->user, error);
}

gboolean register_text(const RegisterPrint *print, GError **error)
{
	Text text = {print, {0}};
	g_autofree char *subtitle = register_subtitle(print);
	g_autofree char *head = g_strdup_printf("%s\n%s\n%s\n", print->organisation, register_title(print->scope->form), subtitle);
	g_autofree char *safe = escape_text(head, -1, ESCAPE_TEXT);
	gboolean done = print->write(safe, strlen(safe), print->user, error) &&
	                register_pages(print->book, print->scope, take, &text, error) && finish(&text, error);
	register_count_clear(&text.count);
	return done;
}
