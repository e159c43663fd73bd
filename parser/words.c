/* SPDX-License-Identifier: ISC */
#include "parser/words.h"

#include <string.h>

#include "parser/charset.h"

#define NAME_OCTETS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:+-"
#define LABEL_MAX 64

static GString *to_utf8(const char *octets, gsize size, const char *label)
{
	CharsetResult result;
	return charset_to_utf8(octets, size, label, 4 * size + 16, &result);
}

/* --- encoded-words (RFC 2047 2) --------------------------------------------------- */

typedef struct {
	char label[LABEL_MAX];
	char encoding; /* B or Q */
	const char *text;
	gsize size;
	const char *after;
} Word;

static gboolean parse_word(const char *at, Word *word)
{
	if (strncmp(at, "=?", 2) != 0)
		return FALSE;
	gsize size = strspn(at + 2, NAME_OCTETS);
	const char *mark = at + 2 + size;
	if (*mark == '*') /* a language (RFC 2231 5) */
		mark += strcspn(mark, "? ");
	if (size == 0 || size >= LABEL_MAX || mark[0] != '?' || strchr("bBqQ", mark[1]) == NULL || mark[1] == '\0' ||
	    mark[2] != '?')
		return FALSE;
	memcpy(word->label, at + 2, size);
	word->label[size] = '\0';
	word->encoding = g_ascii_toupper(mark[1]);
	word->text = mark + 3;
	const char *end = strstr(word->text, "?=");
	if (end == NULL)
		return FALSE;
	word->size = (gsize)(end - word->text);
	word->after = end + 2;
	return memchr(word->text, '\n', word->size) == NULL;
}

static void append_q(GString *octets, const char *text, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		int high = text[i] == '=' && i + 2 < size ? g_ascii_xdigit_value(text[i + 1]) : -1;
		int low = high >= 0 ? g_ascii_xdigit_value(text[i + 2]) : -1;
		if (low >= 0) {
			g_string_append_c(octets, (char)(high << 4 | low));
			i += 2;
		} else {
			g_string_append_c(octets, text[i] == '_' ? ' ' : text[i]);
		}
	}
}

static void append_decoded(GString *octets, const Word *word)
{
	if (word->encoding == 'Q') {
		append_q(octets, word->text, word->size);
		return;
	}
	gint state = 0;
	guint save = 0;
	gsize before = octets->len;
	g_string_set_size(octets, before + word->size / 4 * 3 + 6);
	gsize n = g_base64_decode_step(word->text, word->size, (guchar *)octets->str + before, &state, &save);
	g_string_set_size(octets, before + n);
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static void flush(GString *text, GString *octets, const char *label)
{
	g_autoptr(GString) piece = to_utf8(octets->str, octets->len, label);
	g_string_append_len(text, piece->str, (gssize)piece->len);
	g_string_truncate(octets, 0);
}

/* One word, and those behind it, as one word of UTF-8: blanks between words do not count (RFC 2047 6.2). The octets of
 * neighbours in one charset are decoded together. Returns what follows. */
static const char *take_words(GString *out, Word word)
{
	g_autoptr(GString) octets = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	Word next;
	append_decoded(octets, &word);
	while (parse_word(skip_blanks(word.after), &next)) {
		if (g_ascii_strcasecmp(next.label, word.label) != 0)
			flush(text, octets, word.label);
		word = next;
		append_decoded(octets, &word);
	}
	flush(text, octets, word.label);
	g_autofree char *base64 = g_base64_encode((const guchar *)text->str, text->len);
	g_string_append_printf(out, "=?utf-8?B?%s?=", base64);
	return word.after;
}

/* --- extended parameters (RFC 2231 3, 4) -------------------------------------------- */

/* The octets of a value as far as it goes, percent-decoded. Returns what follows. */
static const char *take_percent(const char *at, GString *octets)
{
	for (; *at != '\0' && strchr("; \t\r\n\"", *at) == NULL; at++) {
		int high = *at == '%' ? g_ascii_xdigit_value(at[1]) : -1;
		int low = high >= 0 ? g_ascii_xdigit_value(at[2]) : -1;
		if (low >= 0) {
			g_string_append_c(octets, (char)(high << 4 | low));
			at += 2;
		} else {
			g_string_append_c(octets, *at);
		}
	}
	return at;
}

static void append_percent(GString *out, const GString *text)
{
	for (gsize i = 0; i < text->len; i++)
		if (g_ascii_isalnum(text->str[i]) || strchr("._-", text->str[i]) != NULL)
			g_string_append_c(out, text->str[i]);
		else
			g_string_append_printf(out, "%%%02X", (guint8)text->str[i]);
}

/* TRUE where `*=` here ends the name of a later piece, such as `*1*=`: its charset is the first piece's. */
static gboolean is_later_piece(const char *begin, const char *star)
{
	const char *digit = star;
	while (digit > begin && g_ascii_isdigit(digit[-1]))
		digit--;
	return digit < star && digit > begin && digit[-1] == '*' && !(star - digit == 1 && *digit == '0');
}

/* From behind `*=`: charset'language'octets, or the octets of a later piece. Returns what follows. */
static const char *take_extended(GString *out, const char *at, gboolean later, char label[LABEL_MAX])
{
	gsize size = strspn(at, NAME_OCTETS);
	const char *language = at + size;
	const char *value = !later && size < LABEL_MAX && *language == '\'' ? strchr(language + 1, '\'') : NULL;
	if (value != NULL) {
		memcpy(label, at, size);
		label[size] = '\0';
		at = value + 1;
		g_string_append(out, "utf-8''");
	} else if (!later || label[0] == '\0') {
		return at;
	}
	g_autoptr(GString) octets = g_string_new(NULL);
	at = take_percent(at, octets);
	g_autoptr(GString) text = to_utf8(octets->str, octets->len, label[0] != '\0' ? label : NULL);
	append_percent(out, text);
	return at;
}

/* --- the value ---------------------------------------------------------------------------- */

static char *valid(const char *raw)
{
	if (g_utf8_validate(raw, -1, NULL))
		return g_strdup(raw);
	return g_string_free(to_utf8(raw, strlen(raw), NULL), FALSE);
}

char *words_to_utf8(const char *raw)
{
	g_autofree char *text = valid(raw);
	if (strstr(text, "=?") == NULL && strstr(text, "*=") == NULL)
		return g_steal_pointer(&text);
	GString *out = g_string_sized_new(strlen(text) + 64);
	char label[LABEL_MAX] = "";
	const char *at = text;
	Word word;
	while (*at != '\0') {
		if (parse_word(at, &word)) {
			at = take_words(out, word);
		} else if (strncmp(at, "*=", 2) == 0) {
			gboolean later = is_later_piece(text, at);
			g_string_append(out, "*=");
			at = take_extended(out, at + 2, later, label);
		} else {
			g_string_append_c(out, *at++);
		}
	}
	return g_string_free(out, FALSE);
}
