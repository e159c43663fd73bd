/* SPDX-License-Identifier: ISC */
#include "cli/publish.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/html.h"
#include "policy/letter.h"
#include "policy/template.h"

#define CODE_MILLIMETRES 70

/* A line of the text by its mark; a line without one is a paragraph. */
typedef enum { LINE_TITLE, LINE_HEADING, LINE_ITEM, LINE_ADDRESS, LINE_CODE, LINE_TEXT } LineKind;

static const struct {
	const char *mark;
	LineKind kind;
} marks[] = {{"== ", LINE_HEADING}, {"= ", LINE_TITLE}, {"- ", LINE_ITEM}, {"@ ", LINE_ADDRESS}, {"% ", LINE_CODE}};

typedef struct {
	LineKind kind;
	char *text;
} Line;

typedef struct {
	const char *code, *name; /* "kk", "Қазақша" */
	GArray *lines;
} Part;

struct Publication {
	PublishKind kind;
	GPtrArray *parts;
};

/* --- from the configuration to lines ---------------------------------------------------------------------------------- */

/* Each language, by its own name and by its name in the others. */
static const struct {
	const char *code, *name, *in[3];
} languages[] = {
	{"kk", "Қазақша", {"қазақша", "казахский", "Kazakh"}},
	{"ru", "Русский", {"орысша", "русский", "Russian"}},
	{"en", "English", {"ағылшынша", "английский", "English"}},
};

static gsize language_index(const char *code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
		if (strcmp(languages[i].code, code) == 0)
			return i;
	g_return_val_if_reached(0);
}

static char *language_list(const ConfigMailbox *mailbox, const char *language)
{
	GString *list = g_string_new(NULL);
	for (char **code = mailbox->languages; *code != NULL; code++)
		g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
		                       languages[language_index(*code)].in[language_index(language)]);
	return g_string_free(list, FALSE);
}

/* "" is none: a group of the text is then left out. */
static const char *or_none(const char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

static char *fill(const Config *config, const ConfigMailbox *mailbox, const char *language, const char *text, GError **error)
{
	static const char *const names[] = {"organisation", "mailbox", "telephone", "escalation", "post", "term", "hours",
	                                    "acknowledged", "inside", "languages", NULL};
	g_autofree char *term = g_strdup_printf("%u", mailbox->term_working_days), *list = language_list(mailbox, language);
	g_autofree char *hours = g_strdup_printf("%02u:%02u–%02u:%02u", mailbox->opens / 60, mailbox->opens % 60, mailbox->closes / 60,
	                                         mailbox->closes % 60);
	const char *values[] = {config->organisation, mailbox->address, or_none(mailbox->telephone), letter_escalation(config, mailbox),
	                        or_none(letter_post(config, mailbox)), term, hours,
	                        mailbox->acknowledge != CONFIG_ACK_NEVER ? "" : NULL,
	                        mailbox->acknowledge_own_domains != CONFIG_OWN_NEVER ? "" : NULL, list};
	GString *out = g_string_new(NULL);
	gboolean good = template_expand(text, names, values, out, NULL, error);
	return g_string_free(out, !good);
}

static void line_clear(Line *line)
{
	g_free(line->text);
}

static void part_free(Part *part)
{
	g_array_unref(part->lines);
	g_free(part);
}

static void add_line(Part *part, const char *text)
{
	Line line = {.kind = LINE_TEXT};
	for (gsize i = 0; i < G_N_ELEMENTS(marks) && line.kind == LINE_TEXT; i++)
		if (g_str_has_prefix(text, marks[i].mark)) {
			line.kind = marks[i].kind;
			text += strlen(marks[i].mark);
		}
	line.text = g_strstrip(g_strdup(text));
	if (*line.text != '\0')
		g_array_append_val(part->lines, line);
	else
		g_free(line.text);
}

Publication *publication_new(PublishKind kind)
{
	Publication *publication = g_new0(Publication, 1);
	publication->kind = kind;
	publication->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	return publication;
}

void publication_free(Publication *publication)
{
	if (publication == NULL)
		return;
	g_ptr_array_unref(publication->parts);
	g_free(publication);
}

gboolean publication_add(Publication *publication, const Config *config, const ConfigMailbox *mailbox, const char *language,
                         const char *text, const char *file, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *filled = fill(config, mailbox, language, text, &cause);
	if (filled == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("%s: %s"), file, cause->message);
	Part *part = g_new0(Part, 1);
	part->code = languages[language_index(language)].code;
	part->name = languages[language_index(language)].name;
	part->lines = g_array_new(FALSE, FALSE, sizeof(Line));
	g_array_set_clear_func(part->lines, (GDestroyNotify)line_clear);
	g_ptr_array_add(publication->parts, part);
	g_auto(GStrv) lines = g_strsplit(filled, "\n", 0);
	for (char **line = lines; *line != NULL; line++)
		add_line(part, *line);
	return TRUE;
}

/* --- for the site ----------------------------------------------------------------------------------------------------- */

static const char style[] =
	"body{max-width:42em;margin:0 auto;padding:1em;font:1.05em/1.5 system-ui,'DejaVu Sans',Arial,sans-serif;color:#111;"
	"background:#fff}"
	"h1{font-size:1.7em;line-height:1.2;margin:1em 0 .3em}h2{font-size:1.2em;margin:1.4em 0 .3em}"
	"nav{display:flex;gap:1.2em}article+article{border-top:1px solid #999;margin-top:3em}"
	".address{font-size:1.5em;font-weight:bold;overflow-wrap:anywhere;margin:.4em 0}a{color:#0b4a8f}"
	"li{margin:.25em 0}"
	"@media (prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8cc4ff}}"
	"@media print{nav{display:none}article+article{break-before:page;border:0;margin:0}body{font-size:11pt;color:#000;"
	"background:#fff}h2{break-after:avoid}a{color:#000;text-decoration:none}}";

/* An address to write to is a link; a number to call stands as it is. */
static void html_address(const char *text, WipeBuffer *out)
{
	gboolean mail = letter_address_is_valid(text);
	g_autofree char *link = mail ? g_uri_escape_string(text, "@", FALSE) : NULL;
	html_add_element(out, "<p class=\"address\">", "", mail ? "<a href=\"mailto:" : "");
	if (mail)
		html_add_element(out, "", link, "\">");
	html_add_element(out, "", text, mail ? "</a></p>\n" : "</p>\n");
}

static void html_line(const Line *line, const Line *before, const Line *after, WipeBuffer *out)
{
	gboolean first = before == NULL || before->kind != LINE_ITEM, last = after == NULL || after->kind != LINE_ITEM;
	switch (line->kind) {
	case LINE_TITLE:
		html_add_element(out, "<h1>", line->text, "</h1>\n");
		break;
	case LINE_HEADING:
		html_add_element(out, "<h2>", line->text, "</h2>\n");
		break;
	case LINE_ITEM:
		html_add_element(out, first ? "<ul>\n<li>" : "<li>", line->text, last ? "</li>\n</ul>\n" : "</li>\n");
		break;
	case LINE_ADDRESS:
		html_address(line->text, out);
		break;
	case LINE_CODE: /* whoever sees a screen can take the address from it */
		break;
	case LINE_TEXT:
		html_add_element(out, "<p>", line->text, "</p>\n");
		break;
	}
}

static void html_part(const Part *part, WipeBuffer *out)
{
	g_autofree char *open = g_strdup_printf("<article id=\"%s\" lang=\"%s\">\n", part->code, part->code);
	wipe_buffer_add_text(out, open);
	for (guint i = 0; i < part->lines->len; i++)
		html_line(&g_array_index(part->lines, Line, i), i > 0 ? &g_array_index(part->lines, Line, i - 1) : NULL,
		          i + 1 < part->lines->len ? &g_array_index(part->lines, Line, i + 1) : NULL, out);
	wipe_buffer_add_text(out, "</article>\n");
}

static const char *title_of(const Part *part)
{
	for (guint i = 0; i < part->lines->len; i++)
		if (g_array_index(part->lines, Line, i).kind == LINE_TITLE)
			return g_array_index(part->lines, Line, i).text;
	return "";
}

WipeBuffer *publication_html(const Publication *publication)
{
	WipeBuffer *out = wipe_buffer_new(32768);
	const Part *first = publication->parts->pdata[0];
	g_autofree char *open = g_strdup_printf("<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
	                                        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
	                                        "<meta name=\"referrer\" content=\"no-referrer\">",
	                                        first->code);
	wipe_buffer_add_text(out, open);
	html_add_element(out, "<title>", title_of(first), "</title><style>");
	wipe_buffer_add_text(out, style);
	wipe_buffer_add_text(out, "</style></head><body>\n");
	for (guint i = 0; i < publication->parts->len && publication->parts->len > 1; i++) {
		const Part *part = publication->parts->pdata[i];
		g_autofree char *link = g_strdup_printf("<a href=\"#%s\" lang=\"%s\">%s</a>", part->code, part->code, part->name);
		wipe_buffer_add_text(out, i == 0 ? "<nav>" : "");
		wipe_buffer_add_text(out, link);
		wipe_buffer_add_text(out, i + 1 == publication->parts->len ? "</nav>\n" : "");
	}
	for (guint i = 0; i < publication->parts->len; i++)
		html_part(publication->parts->pdata[i], out);
	wipe_buffer_add_text(out, "</body></html>\n");
	return out;
}

/* --- for paper ---------------------------------------------------------------------------------------------------------- */

static void pdf_item(Page *page, const char *text)
{
	page_table(page, (const guint[]){1, 20}, 2, 0, FALSE);
	page_cell(page, 0, "•");
	page_cell(page, 0, text);
}

static void pdf_line(Page *page, const Line *line, gboolean poster)
{
	switch (line->kind) {
	case LINE_TITLE:
		page_title(page, line->text);
		break;
	case LINE_HEADING:
		page_heading(page, line->text);
		break;
	case LINE_ITEM:
		pdf_item(page, line->text);
		break;
	case LINE_ADDRESS:
		page_title(page, line->text);
		break;
	case LINE_CODE:
		page_qr(page, line->text, strlen(line->text), CODE_MILLIMETRES);
		break;
	case LINE_TEXT:
		page_space(page, poster ? 5 : 0);
		page_text(page, poster ? PAGE_CENTRE : 0, line->text);
		break;
	}
}

GBytes *publication_pdf(const Publication *publication, GError **error)
{
	gboolean poster = publication->kind == PUBLISH_POSTER;
	g_autoptr(Page) page = page_new(poster ? PAGE_POSTER : PAGE_PORTRAIT, NULL);
	page_footer(page, "", "");
	for (guint i = 0; i < publication->parts->len; i++) {
		const Part *part = publication->parts->pdata[i];
		if (i > 0)
			page_break(page);
		for (guint k = 0; k < part->lines->len; k++)
			pdf_line(page, &g_array_index(part->lines, Line, k), poster);
	}
	return page_render(page, error);
}
