/* SPDX-License-Identifier: ISC */
#include "parser/codepage.h"

#include <iconv.h>
#include <string.h>
#include <sys/mman.h>

#define LEADS (0xff - 0x81)  /* first octets of a pair: 0x81 to 0xfe */
#define TRAILS (0xff - 0x40) /* second octets: 0x40 to 0xfe */
#define UNKNOWN 0xfffd

/* --- loading -------------------------------------------------------------------- */

/* The one character of the BMP that these octets stand for, or 0. */
static guint16 ask(iconv_t converter, guint8 first, guint8 second, gsize size)
{
	char octets[2] = {(char)first, (char)second}, text[16] = {0};
	char *in = octets, *out = text;
	gsize left = size, room = sizeof text - 1;
	iconv(converter, NULL, NULL, NULL, NULL);
	if (iconv(converter, &in, &left, &out, &room) == (gsize)-1 || left > 0)
		return 0;
	gunichar c = g_utf8_get_char_validated(text, out - text);
	return c < 0xffff && g_utf8_next_char(text) == out ? (guint16)c : 0;
}

static gsize table_size(const Codepage *page)
{
	gboolean pairs = page->kind != CODEPAGE_SINGLE;
	return page->source == NULL ? 0 : sizeof(guint16) * (256 + (pairs ? LEADS * TRAILS : 0));
}

static void fill(Codepage *page, guint16 *table)
{
	iconv_t converter = iconv_open("UTF-8", page->source);
	if (converter == (iconv_t)-1)
		return; /* without its converter a page knows ASCII */
	for (guint i = 0; i < 256; i++)
		table[i] = ask(converter, (guint8)i, 0, 1);
	for (guint i = 0; page->kind != CODEPAGE_SINGLE && i < LEADS * TRAILS; i++)
		table[256 + i] = ask(converter, (guint8)(0x81 + i / TRAILS), (guint8)(0x40 + i % TRAILS), 2);
	iconv_close(converter);
}

void codepage_load(Codepage *const *pages, gsize n)
{
	gsize size = 0;
	for (gsize i = 0; i < n; i++)
		size += table_size(pages[i]);
	/* Shared, so that a fork copies not even the page tables. */
	guint8 *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		g_error("no memory for the tables of %" G_GSIZE_FORMAT " charsets", n);
	guint8 *at = map;
	for (gsize i = 0; i < n; i++) {
		if (pages[i]->source == NULL)
			continue;
		fill(pages[i], (guint16 *)(void *)at);
		pages[i]->single = (const guint16 *)(void *)at;
		pages[i]->pairs = pages[i]->kind != CODEPAGE_SINGLE ? pages[i]->single + 256 : NULL;
		at += table_size(pages[i]);
	}
	mprotect(map, size, PROT_READ);
}

/* --- decoding --------------------------------------------------------------------- */

typedef struct {
	const guint8 *at, *end;
	GString *out;
	gsize most, *replaced;
} Decoder;

static gboolean goes_on(const Decoder *d)
{
	return d->at < d->end && d->out->len < d->most;
}

static void put(Decoder *d, gunichar c)
{
	if (c == UNKNOWN || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		(*d->replaced)++;
		c = UNKNOWN;
	}
	if (c < 0x80)
		g_string_append_c(d->out, (char)c);
	else
		g_string_append_unichar(d->out, c);
}

static void decode_utf8(Decoder *d)
{
	while (goes_on(d)) {
		const char *bad, *at = (const char *)d->at;
		gsize left = MIN((gsize)(d->end - d->at), d->most - d->out->len);
		g_utf8_validate_len(at, left, &bad);
		g_string_append_len(d->out, at, bad - at);
		d->at = (const guint8 *)bad;
		if (d->at == d->end || (gsize)(bad - at) + 4 > left)
			break; /* the end, or a character that the limit may have cut */
		put(d, *d->at == '\0' ? 0 : UNKNOWN); /* validation stops at NUL; the text goes on */
		d->at++;
	}
	while (goes_on(d)) { /* what is left is less than a character */
		gunichar c = g_utf8_get_char_validated((const char *)d->at, d->end - d->at);
		gboolean bad = c == (gunichar)-1 || c == (gunichar)-2;
		put(d, bad ? UNKNOWN : c);
		d->at = bad ? d->at + 1 : (const guint8 *)g_utf8_next_char((const char *)d->at);
	}
}

static gunichar single(const Codepage *page, guint8 c)
{
	gunichar found = c < 0x80 ? c : page->single != NULL ? page->single[c] : 0;
	return found != 0 || c == 0 ? found : UNKNOWN;
}

static gunichar pair(const Codepage *page, guint8 first, guint8 second)
{
	if (page->pairs == NULL || first < 0x81 || first == 0xff || second < 0x40 || second == 0xff)
		return UNKNOWN;
	guint16 c = page->pairs[(first - 0x81) * TRAILS + (second - 0x40)];
	return c != 0 ? c : UNKNOWN;
}

static void decode_octets(Decoder *d, const Codepage *page)
{
	while (goes_on(d)) {
		guint8 c = *d->at++;
		gunichar alone = single(page, c);
		if (page->kind != CODEPAGE_DOUBLE || c < 0x80 || alone != UNKNOWN || d->at == d->end) {
			put(d, alone);
			continue;
		}
		gunichar both = pair(page, c, *d->at);
		if (both != UNKNOWN || *d->at >= 0x80)
			d->at++; /* an ASCII octet after a broken lead stands for itself */
		put(d, both);
	}
}

/* Row and column of JIS X 0208, each from 0x21, in CP932's pairs (JIS X 0208:1997, annex 1). */
static gunichar jis(const Codepage *page, guint8 row, guint8 column)
{
	if (row < 0x21 || row > 0x7e || column < 0x21 || column > 0x7e)
		return UNKNOWN;
	guint first = (row - 0x21u) / 2 + (row <= 0x5e ? 0x81 : 0xc1);
	guint second = row % 2 == 0 ? column + 0x7eu : column + (column < 0x60 ? 0x1fu : 0x20u);
	return pair(page, (guint8)first, (guint8)second);
}

static void decode_euc_jp(Decoder *d, const Codepage *page)
{
	while (goes_on(d)) {
		guint8 c = *d->at++;
		if (c < 0x80) {
			put(d, c);
		} else if (d->at == d->end) {
			put(d, UNKNOWN);
		} else {
			guint8 next = *d->at++;
			put(d, c == 0x8e ? single(page, next) : c == 0x8f ? UNKNOWN : jis(page, c & 0x7f, next & 0x7f));
			d->at += c == 0x8f && d->at < d->end; /* JIS X 0212, in three octets */
		}
	}
}

static void decode_iso_2022_jp(Decoder *d, const Codepage *page)
{
	enum { ASCII, KANA, KANJI } set = ASCII;
	while (goes_on(d)) {
		guint8 c = *d->at++;
		if (c == 0x1b && d->end - d->at >= 2 && (d->at[0] == '(' || d->at[0] == '$')) {
			set = d->at[0] == '$' ? KANJI : d->at[1] == 'I' ? KANA : ASCII;
			d->at += 2;
		} else if (c < 0x21 || set == ASCII) {
			put(d, c < 0x80 ? c : UNKNOWN);
			set = c == '\n' ? ASCII : set; /* RFC 1468: a line begins in ASCII */
		} else if (set == KANA) {
			put(d, single(page, c | 0x80));
		} else {
			put(d, d->at < d->end ? jis(page, c, *d->at++) : UNKNOWN);
		}
	}
}

static gboolean is_surrogate(guint unit, guint base)
{
	return unit >= base && unit < base + 0x400;
}

/* RFC 2152. */
static void decode_utf7(Decoder *d)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	guint bits = 0, n = 0, high = 0;
	gboolean shifted = FALSE, empty = FALSE;
	while (goes_on(d)) {
		guint8 c = *d->at++;
		const char *place = shifted && c != '\0' ? strchr(alphabet, c) : NULL;
		if (place != NULL) {
			bits = bits << 6 | (guint)(place - alphabet);
			n += 6;
			empty = FALSE;
			if (n < 16)
				continue;
			n -= 16;
			guint unit = bits >> n & 0xffff;
			if (is_surrogate(unit, 0xd800))
				high = unit;
			else
				put(d, is_surrogate(unit, 0xdc00) && high != 0 ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit);
			high = is_surrogate(unit, 0xd800) ? unit : 0;
		} else if (shifted) {
			shifted = FALSE;
			if (c == '-' && empty)
				put(d, '+');
			else if (c != '-')
				put(d, c < 0x80 ? c : UNKNOWN);
		} else if (c == '+') {
			shifted = empty = TRUE;
			bits = n = high = 0;
		} else {
			put(d, c < 0x80 ? c : UNKNOWN);
		}
	}
}

/* In text of Europe and Central Asia the high octets are small: TRUE where they come first. */
static gboolean reads_big_endian(const guint8 *at, gsize size)
{
	guint first = 0, second = 0;
	for (gsize i = 0; i + 1 < MIN(size, 512); i += 2) {
		first += at[i] < 0x06;
		second += at[i + 1] < 0x06;
	}
	return first >= second;
}

static void decode_utf16(Decoder *d)
{
	gsize size = (gsize)(d->end - d->at);
	gboolean marked_big = size >= 2 && memcmp(d->at, "\xfe\xff", 2) == 0;
	gboolean marked_little = size >= 2 && memcmp(d->at, "\xff\xfe", 2) == 0;
	gboolean big = marked_big || (!marked_little && reads_big_endian(d->at, size));
	d->at += marked_big || marked_little ? 2 : 0;
	while (goes_on(d)) {
		if (d->end - d->at < 2) {
			put(d, UNKNOWN);
			break;
		}
		guint unit = big ? (guint)d->at[0] << 8 | d->at[1] : (guint)d->at[1] << 8 | d->at[0];
		d->at += 2;
		if (is_surrogate(unit, 0xd800) && d->end - d->at >= 2) {
			guint low = big ? (guint)d->at[0] << 8 | d->at[1] : (guint)d->at[1] << 8 | d->at[0];
			if (is_surrogate(low, 0xdc00)) {
				unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
				d->at += 2;
			}
		}
		put(d, unit);
	}
}

static void decode_utf32(Decoder *d)
{
	gboolean big = d->end - d->at < 4 || (d->at[0] == 0 && d->at[3] != 0) || memcmp(d->at, "\0\0\xfe\xff", 4) == 0;
	while (goes_on(d)) {
		if (d->end - d->at < 4) {
			put(d, UNKNOWN);
			break;
		}
		const guint8 *a = d->at;
		gunichar c = big ? (guint)a[0] << 24 | (guint)a[1] << 16 | (guint)a[2] << 8 | a[3]
		                 : (guint)a[3] << 24 | (guint)a[2] << 16 | (guint)a[1] << 8 | a[0];
		d->at += 4;
		if (c != 0xfeff)
			put(d, c);
	}
}

GString *codepage_decode(const Codepage *page, const char *octets, gsize size, gsize most, gsize *replaced)
{
	Decoder d = {(const guint8 *)octets, (const guint8 *)octets + size, g_string_sized_new(MIN(size, most) + 16), most,
	             replaced};
	*replaced = 0;
	switch (page->kind) {
	case CODEPAGE_UTF8:
		decode_utf8(&d);
		break;
	case CODEPAGE_SINGLE:
	case CODEPAGE_DOUBLE:
		decode_octets(&d, page);
		break;
	case CODEPAGE_EUC_JP:
		decode_euc_jp(&d, page);
		break;
	case CODEPAGE_ISO_2022_JP:
		decode_iso_2022_jp(&d, page);
		break;
	case CODEPAGE_UTF7:
		decode_utf7(&d);
		break;
	case CODEPAGE_UTF16:
		decode_utf16(&d);
		break;
	case CODEPAGE_UTF32:
		decode_utf32(&d);
		break;
	}
	return d.out;
}
