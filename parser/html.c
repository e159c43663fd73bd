/* SPDX-License-Identifier: ISC */
#include "parser/html.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#define NEWLINES_MAX 3
#define LINK_MAX 2000

typedef struct {
	GString *out;
	gsize most;
	guint depth;      /* open elements */
	guint hidden_at;  /* depth of the element that began to hide, 0: none */
	guint silent_at;  /* the same for elements that are no text at all */
	guint preformatted_at;
	char *link;       /* target of the open link */
	gsize link_begin; /* where its words begin in out */
	guint newlines;   /* asked for before the next word */
	gboolean blank;   /* so is a blank */
	HtmlResult *result;
	xmlParserCtxtPtr parser;
} Html;

/* Elements that begin a line; "2" an empty one before them. */
static const struct {
	const char *name;
	guint newlines;
} blocks[] = {
	{"address", 1}, {"article", 1}, {"aside", 1}, {"blockquote", 2}, {"br", 0}, {"center", 1}, {"dd", 1}, {"div", 1},
	{"dl", 2}, {"dt", 1}, {"fieldset", 1}, {"figure", 1}, {"footer", 1}, {"form", 1}, {"h1", 2}, {"h2", 2}, {"h3", 2},
	{"h4", 2}, {"h5", 2}, {"h6", 2}, {"header", 1}, {"hr", 1}, {"li", 1}, {"main", 1}, {"nav", 1}, {"ol", 2}, {"p", 2},
	{"pre", 2}, {"section", 1}, {"table", 1}, {"tbody", 1}, {"tr", 1}, {"ul", 2},
};

static const char *const silent[] = {"script", "style", "head", "template", "object", "applet", "title", "meta", "link"};

void html_load(void)
{
	xmlInitParser();
	HtmlResult result;
	g_string_free(html_to_text("<p>a &amp; b</p>", 16, 100, &result), TRUE);
}

static guint block_newlines(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
		if (strcmp(blocks[i].name, name) == 0)
			return blocks[i].newlines;
	return 0;
}

static gboolean is_silent(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(silent); i++)
		if (strcmp(silent[i], name) == 0)
			return TRUE;
	return FALSE;
}

static const char *attribute(const xmlChar **attributes, const char *name)
{
	for (gsize i = 0; attributes != NULL && attributes[i] != NULL; i += 2)
		if (strcmp((const char *)attributes[i], name) == 0)
			return attributes[i + 1] != NULL ? (const char *)attributes[i + 1] : "";
	return NULL;
}

/* CSS without its blanks, lower case, between semicolons, so that a declaration is one string to look for. */
static gboolean style_hides(const char *style)
{
	static const char *const hiding[] = {";display:none", ";visibility:hidden", ";font-size:0;", ";font-size:0px",
	                                     ";font-size:0pt", ";font-size:0em", ";opacity:0;", ";mso-hide:all"};
	g_autoptr(GString) plain = g_string_new(";");
	for (const char *at = style; *at != '\0' && plain->len < 4000; at++)
		if (!g_ascii_isspace(*at))
			g_string_append_c(plain, g_ascii_tolower(*at));
	g_string_append_c(plain, ';');
	for (gsize i = 0; i < G_N_ELEMENTS(hiding); i++)
		if (strstr(plain->str, hiding[i]) != NULL)
			return TRUE;
	return FALSE;
}

static gboolean is_hidden(const xmlChar **attributes)
{
	const char *style = attribute(attributes, "style");
	return attribute(attributes, "hidden") != NULL || (style != NULL && style_hides(style));
}

/* --- writing ------------------------------------------------------------------------ */

static void ask_newlines(Html *html, guint n)
{
	html->newlines = MAX(html->newlines, n);
}

static gboolean has_room(Html *html)
{
	if (html->out->len < html->most)
		return TRUE;
	html->result->partial = TRUE;
	xmlStopParser(html->parser);
	return FALSE;
}

static void settle(Html *html)
{
	if (html->out->len > 0)
		for (guint i = 0; i < MIN(html->newlines, NEWLINES_MAX); i++)
			g_string_append_c(html->out, '\n');
	if (html->newlines == 0 && html->blank && html->out->len > 0)
		g_string_append_c(html->out, ' ');
	html->newlines = 0;
	html->blank = FALSE;
}

static void put(Html *html, const char *text, gsize size)
{
	if (size == 0 || !has_room(html))
		return;
	settle(html);
	g_string_append_len(html->out, text, (gssize)size);
}

/* HTML's blanks; U+00A0 stays what it is. */
static gboolean is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static gboolean holds_words(const char *text, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!is_space(text[i]))
			return TRUE;
	return FALSE;
}

static void put_flowing(Html *html, const char *text, gsize size)
{
	const char *end = text + size;
	while (text < end) {
		const char *word = text;
		while (word < end && is_space(*word))
			word++;
		html->blank |= word > text;
		const char *stop = word;
		while (stop < end && !is_space(*stop))
			stop++;
		put(html, word, (gsize)(stop - word));
		text = stop;
	}
}

/* --- events ------------------------------------------------------------------------- */

static gboolean is_shown(const Html *html)
{
	return html->silent_at == 0 && html->hidden_at == 0;
}

static void put_image(Html *html, const xmlChar **attributes)
{
	const char *alt = attribute(attributes, "alt");
	if (alt == NULL || !holds_words(alt, strlen(alt)))
		return;
	put(html, "[", 1);
	put_flowing(html, alt, MIN(strlen(alt), LINK_MAX));
	html->blank = FALSE;
	put(html, "]", 1);
}

static void open_link(Html *html, const xmlChar **attributes)
{
	const char *target = attribute(attributes, "href");
	g_clear_pointer(&html->link, g_free);
	if (target == NULL || target[0] == '\0' || target[0] == '#')
		return;
	html->link = g_strndup(target, LINK_MAX);
	html->link_begin = html->out->len;
}

/* The target stands behind the words, unless the words are the target. */
static void close_link(Html *html)
{
	if (html->link == NULL)
		return;
	g_autofree char *words = g_strndup(html->out->str + html->link_begin, html->out->len - html->link_begin);
	const char *bare = g_str_has_prefix(html->link, "mailto:") ? html->link + 7 : html->link;
	if (strcmp(g_strstrip(words), html->link) != 0 && strcmp(words, bare) != 0) {
		html->blank = html->newlines == 0;
		put(html, "<", 1);
		put(html, html->link, strlen(html->link));
		put(html, ">", 1);
	}
	g_clear_pointer(&html->link, g_free);
}

static void start_element(void *user, const xmlChar *xml_name, const xmlChar **attributes)
{
	Html *html = user;
	const char *name = (const char *)xml_name;
	html->depth++;
	if (html->silent_at == 0 && is_silent(name))
		html->silent_at = html->depth;
	if (html->hidden_at == 0 && is_hidden(attributes))
		html->hidden_at = html->depth;
	if (!is_shown(html))
		return;
	ask_newlines(html, block_newlines(name));
	if (strcmp(name, "br") == 0)
		html->newlines++;
	else if (strcmp(name, "li") == 0)
		put(html, "- ", 2);
	else if (strcmp(name, "hr") == 0)
		put(html, "----", 4);
	else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
		html->blank = TRUE;
	else if (strcmp(name, "img") == 0)
		put_image(html, attributes);
	else if (strcmp(name, "a") == 0)
		open_link(html, attributes);
	else if (strcmp(name, "pre") == 0 && html->preformatted_at == 0)
		html->preformatted_at = html->depth;
}

static void end_element(void *user, const xmlChar *xml_name)
{
	Html *html = user;
	const char *name = (const char *)xml_name;
	if (is_shown(html)) {
		if (strcmp(name, "a") == 0)
			close_link(html);
		ask_newlines(html, block_newlines(name));
		if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
			html->blank = TRUE;
	}
	if (html->silent_at == html->depth)
		html->silent_at = 0;
	if (html->hidden_at == html->depth)
		html->hidden_at = 0;
	if (html->preformatted_at == html->depth)
		html->preformatted_at = 0;
	if (html->depth > 0)
		html->depth--;
}

static void characters(void *user, const xmlChar *xml_text, int length)
{
	Html *html = user;
	const char *text = (const char *)xml_text;
	gsize size = (gsize)length;
	if (html->silent_at == 0 && html->hidden_at != 0)
		html->result->hidden |= holds_words(text, size);
	if (!is_shown(html))
		return;
	if (html->preformatted_at != 0)
		put(html, text, size);
	else
		put_flowing(html, text, size);
}

static void say_nothing(void *user, const char *format, ...)
{
	(void)user;
	(void)format;
}

/* NUL ends a string for libxml2; browsers show U+FFFD. */
static char *without_nul(const char *html, gsize size, gsize *clean_size)
{
	GString *clean = g_string_sized_new(size + 1);
	while (size > 0) {
		const char *nul = memchr(html, '\0', size);
		gsize run = nul != NULL ? (gsize)(nul - html) : size;
		g_string_append_len(clean, html, (gssize)run);
		if (nul == NULL)
			break;
		g_string_append(clean, "\xef\xbf\xbd");
		html += run + 1;
		size -= run + 1;
	}
	*clean_size = clean->len;
	return g_string_free(clean, FALSE);
}

GString *html_to_text(const char *source, gsize size, gsize most, HtmlResult *result)
{
	*result = (HtmlResult){.partial = size > HTML_OCTETS_MAX};
	Html html = {.out = g_string_sized_new(256), .most = most, .result = result};
	gsize clean_size;
	g_autofree char *clean = without_nul(source, MIN(size, HTML_OCTETS_MAX), &clean_size);
	htmlParserCtxtPtr parser = clean_size > 0 ? htmlCreateMemoryParserCtxt(clean, (int)clean_size) : NULL;
	if (parser == NULL)
		return html.out;
	static xmlSAXHandler events = {
		.startElement = start_element, .endElement = end_element, .characters = characters, .cdataBlock = characters,
		.ignorableWhitespace = characters, .warning = say_nothing, .error = say_nothing, .fatalError = say_nothing,
	};
	xmlSAXHandlerPtr own = parser->sax;
	html.parser = parser;
	htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
	                               HTML_PARSE_IGNORE_ENC | HTML_PARSE_COMPACT);
	xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
	parser->sax = &events;
	parser->userData = &html;
	htmlParseDocument(parser);
	parser->sax = own;
	htmlFreeParserCtxt(parser);
	g_free(html.link);
	return html.out;
}
