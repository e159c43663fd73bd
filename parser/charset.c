/* SPDX-License-Identifier: ISC */
#include "parser/charset.h"

#include <string.h>

#include "parser/codepage.h"

#define UTF8 "utf-8"

static const Codepage utf8_page = {CODEPAGE_UTF8, NULL, NULL, NULL};

/* The first name of a row is the one that is shown; the others are what mail calls it. All lower case. */
static struct {
	Codepage page;
	const char *names[9];
} charsets[] = {
	{{CODEPAGE_SINGLE, "CP1251", NULL, NULL},
	 {"windows-1251", "cp1251", "win-1251", "x-cp1251", "windows-cp1251", "win1251", "ansi-1251"}},
	{{CODEPAGE_SINGLE, "KOI8-R", NULL, NULL}, {"koi8-r", "koi8r", "x-koi8-r", "koi8"}},
	{{CODEPAGE_SINGLE, "KOI8-U", NULL, NULL}, {"koi8-u", "koi8u", "koi8-ru"}},
	{{CODEPAGE_SINGLE, "CP866", NULL, NULL}, {"cp866", "ibm866", "x-cp866", "dos-866"}},
	{{CODEPAGE_SINGLE, "RK1048", NULL, NULL},
	 {"rk1048", "kz-1048", "kz1048", "strk1048-2002", "strk1048", "cp1048", "windows-1048"}},
	{{CODEPAGE_SINGLE, "PT154", NULL, NULL},
	 {"pt154", "ptcp154", "cp154", "csptcp154", "cyrillic-asian", "windows-154", "asian-cyrillic"}},
	{{CODEPAGE_SINGLE, "KOI8-T", NULL, NULL}, {"koi8-t"}},
	{{CODEPAGE_SINGLE, "CP855", NULL, NULL}, {"cp855", "ibm855"}},
	{{CODEPAGE_SINGLE, "ISO-8859-5", NULL, NULL}, {"iso-8859-5", "iso8859-5", "cyrillic", "iso_8859-5"}},
	{{CODEPAGE_SINGLE, "MACCYRILLIC", NULL, NULL}, {"maccyrillic", "x-mac-cyrillic", "mac-cyrillic", "macukraine"}},
	{{CODEPAGE_SINGLE, "CP1252", NULL, NULL}, {"windows-1252", "cp1252", "x-ansi", "ansi_x3.110-1983"}},
	{{CODEPAGE_SINGLE, "ISO-8859-1", NULL, NULL},
	 {"iso-8859-1", "iso8859-1", "latin1", "iso_8859-1", "l1", "8859-1", "iso-8859-1-windows-3.1-latin-1"}},
	{{CODEPAGE_SINGLE, "ISO-8859-15", NULL, NULL}, {"iso-8859-15", "iso8859-15", "latin9", "latin-9"}},
	{{CODEPAGE_SINGLE, "ISO-8859-2", NULL, NULL}, {"iso-8859-2", "iso8859-2", "latin2"}},
	{{CODEPAGE_SINGLE, "ISO-8859-3", NULL, NULL}, {"iso-8859-3", "iso8859-3", "latin3"}},
	{{CODEPAGE_SINGLE, "ISO-8859-4", NULL, NULL}, {"iso-8859-4", "iso8859-4", "latin4"}},
	{{CODEPAGE_SINGLE, "ISO-8859-6", NULL, NULL}, {"iso-8859-6", "iso8859-6", "arabic", "iso-8859-6-i"}},
	{{CODEPAGE_SINGLE, "ISO-8859-7", NULL, NULL}, {"iso-8859-7", "iso8859-7", "greek"}},
	{{CODEPAGE_SINGLE, "ISO-8859-8", NULL, NULL}, {"iso-8859-8", "iso8859-8", "hebrew", "iso-8859-8-i"}},
	{{CODEPAGE_SINGLE, "ISO-8859-9", NULL, NULL}, {"iso-8859-9", "iso8859-9", "latin5"}},
	{{CODEPAGE_SINGLE, "ISO-8859-13", NULL, NULL}, {"iso-8859-13", "iso8859-13", "latin7"}},
	{{CODEPAGE_SINGLE, "ISO-8859-16", NULL, NULL}, {"iso-8859-16", "iso8859-16"}},
	{{CODEPAGE_SINGLE, "CP1250", NULL, NULL}, {"windows-1250", "cp1250"}},
	{{CODEPAGE_SINGLE, "CP1253", NULL, NULL}, {"windows-1253", "cp1253"}},
	{{CODEPAGE_SINGLE, "CP1254", NULL, NULL}, {"windows-1254", "cp1254"}},
	{{CODEPAGE_SINGLE, "CP1255", NULL, NULL}, {"windows-1255", "cp1255"}},
	{{CODEPAGE_SINGLE, "CP1256", NULL, NULL}, {"windows-1256", "cp1256"}},
	{{CODEPAGE_SINGLE, "CP1257", NULL, NULL}, {"windows-1257", "cp1257"}},
	{{CODEPAGE_SINGLE, "CP1258", NULL, NULL}, {"windows-1258", "cp1258"}},
	{{CODEPAGE_SINGLE, "CP437", NULL, NULL}, {"cp437", "ibm437", "us-dos"}},
	{{CODEPAGE_SINGLE, "CP850", NULL, NULL}, {"cp850", "ibm850"}},
	{{CODEPAGE_SINGLE, "TIS-620", NULL, NULL}, {"windows-874", "cp874", "tis-620", "iso-8859-11"}},
	{{CODEPAGE_DOUBLE, "GBK", NULL, NULL}, {"gb18030", "gbk", "gb2312", "cp936", "x-gbk", "euc-cn", "gb_2312-80"}},
	{{CODEPAGE_DOUBLE, "BIG5", NULL, NULL}, {"big5", "big-5", "cp950", "big5-hkscs", "x-big5"}},
	{{CODEPAGE_DOUBLE, "UHC", NULL, NULL}, {"euc-kr", "ks_c_5601-1987", "cp949", "ks_c_5601", "korean", "uhc"}},
	{{CODEPAGE_DOUBLE, "CP932", NULL, NULL}, {"shift_jis", "shift-jis", "sjis", "x-sjis", "cp932", "windows-31j"}},
	{{CODEPAGE_EUC_JP, "CP932", NULL, NULL}, {"euc-jp", "eucjp", "x-euc-jp"}},
	{{CODEPAGE_ISO_2022_JP, "CP932", NULL, NULL}, {"iso-2022-jp", "csiso2022jp", "iso-2022-jp-2"}},
	{{CODEPAGE_UTF7, NULL, NULL, NULL}, {"utf-7", "unicode-1-1-utf-7", "utf7", "x-unicode-1-1-utf-7"}},
	{{CODEPAGE_UTF16, NULL, NULL, NULL},
	 {"utf-16", "utf16", "utf-16le", "utf-16be", "ucs-2", "ucs-2le", "ucs-2be", "iso-10646-ucs-2"}},
	{{CODEPAGE_UTF32, NULL, NULL, NULL}, {"utf-32", "utf32", "utf-32le", "utf-32be", "ucs-4", "ucs-4le", "ucs-4be"}},
};

static const char *const utf8_names[] = {UTF8, "utf8", "unicode-1-1-utf-8", "x-utf-8", "utf-8-mac", "unicode"};
/* Labels that programs give to anything: believed only as long as nothing speaks against them. */
static const char *const weak_names[] = {"us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "latin1",
                                         "unknown-8bit", "x-unknown", "x-user-defined", "default", "_iso-2022-jp$esc"};

static void load_weights(void);

void charset_load(void)
{
	static gboolean loaded;
	Codepage *pages[G_N_ELEMENTS(charsets)];
	if (loaded)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
		pages[i] = &charsets[i].page;
	codepage_load(pages, G_N_ELEMENTS(pages));
	load_weights();
	loaded = TRUE;
}

static gboolean is_one_of(const char *label, const char *const *names, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (g_ascii_strcasecmp(label, names[i]) == 0)
			return TRUE;
	return FALSE;
}

static gssize find_row(const char *label)
{
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
		for (gsize k = 0; k < G_N_ELEMENTS(charsets[i].names) && charsets[i].names[k] != NULL; k++)
			if (g_ascii_strcasecmp(label, charsets[i].names[k]) == 0)
				return (gssize)i;
	return -1;
}

const char *charset_find(const char *label)
{
	if (is_one_of(label, utf8_names, G_N_ELEMENTS(utf8_names)))
		return UTF8;
	gssize row = find_row(label);
	return row >= 0 ? charsets[row].names[0] : NULL;
}

static GString *decode_as(gssize row, const char *octets, gsize size, gsize most, gsize *replaced)
{
	return codepage_decode(row < 0 ? &utf8_page : &charsets[row].page, octets, size, most, replaced);
}

/* --- guessing ------------------------------------------------------------------- */

#define GUESS_OCTETS 8192

static gint8 weights[0x530 - 0x400];

static void load_weights(void)
{
	static const char common[] = "оеаинтсрвлкмдпуыяьгзбчйх", kazakh[] = "әғқңөұүһіӘҒҚҢӨҰҮҺІ";
	for (gunichar c = 0x400; c < 0x530; c++)
		weights[c - 0x400] = c >= 0x430 && c <= 0x451 ? 1 : c >= 0x410 && c <= 0x42f ? 0 : c == 0x401 ? 1 : -2;
	for (const char *at = common; *at != '\0'; at = g_utf8_next_char(at))
		weights[g_utf8_get_char(at) - 0x400] = 2;
	for (const char *at = kazakh; *at != '\0'; at = g_utf8_next_char(at))
		weights[g_utf8_get_char(at) - 0x400] = 3;
}

/* How much one character speaks for the reading, given the one before. Russian and Kazakh prose is lower case with
 * capitals at the beginning of words; the wrong page turns case over, or brings signs that no prose has. */
static int weigh(gunichar c, gunichar before)
{
	gboolean latin = c < 0x80 && g_ascii_isalpha((gchar)c), after_latin = before < 0x80 && g_ascii_isalpha((gchar)before);
	if (c < 0x80)
		return latin && before >= 0x400 && before < 0x530 ? -4 : 0;
	if (c >= 0x400 && c < 0x530 && after_latin)
		return -4; /* no word mixes the two: é and è of a Western page */
	if (c == 0xfffd || c < 0xa0)
		return -20;
	if (c < 0x400 || c >= 0x530)
		return c == 0xa0 || c == 0xab || c == 0xbb || (c >= 0x2010 && c <= 0x2026) || c == 0x2116 ? 0 : -6;
	if (c >= 0x410 && c <= 0x42f && before >= 0x430 && before <= 0x45f)
		return -4; /* a capital within a word */
	return weights[c - 0x400];
}

static int score(gssize row, const char *octets, gsize size)
{
	gsize replaced;
	int sum = 0;
	gunichar before = ' ';
	g_autoptr(GString) text = decode_as(row, octets, MIN(size, GUESS_OCTETS), 4 * GUESS_OCTETS, &replaced);
	const char *end = text->str + text->len;
	for (const char *at = text->str; at < end; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		sum += weigh(c, before);
		before = c;
	}
	return sum;
}

static gssize guess(const char *octets, gsize size)
{
	static const char *const candidates[] = {"windows-1251", "koi8-r", "cp866", "rk1048", "pt154"};
	gssize best = find_row(candidates[0]);
	int best_score = G_MININT;
	for (gsize i = 0; i < G_N_ELEMENTS(candidates); i++) {
		gssize row = find_row(candidates[i]);
		int s = score(row, octets, size);
		if (s > best_score) {
			best = row;
			best_score = s;
		}
	}
	/* No Cyrillic at all: Western octets in a text that is otherwise ASCII. */
	return best_score > 0 ? best : find_row("windows-1252");
}

static gboolean is_eight_bit(const char *octets, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if ((guint8)octets[i] >= 0x80)
			return TRUE;
	return FALSE;
}

/* UTF-8 but for NUL octets, and for a character that a cut left open at the end. */
static gboolean reads_as_utf8(const char *octets, gsize size)
{
	gsize replaced = 0;
	g_autoptr(GString) text = decode_as(-1, octets, size, G_MAXSIZE / 2, &replaced);
	return replaced == 0;
}

/* Kazakh in KZ-1048 under the label windows-1251: қ ә ң һ Қ Ә Ң Һ stand where windows-1251 has ќ ј ѕ ћ Ќ Ј Ѕ Ћ, which
 * Serbian and Macedonian alone use, and never without their љ њ ђ џ. (ғ ү ө ұ prove nothing: they stand for Ukrainian and
 * Belarusian letters.) */
static gboolean is_kazakh_page(const char *octets, gsize size)
{
	guint kazakh = 0, serbian = 0;
	for (gsize i = 0; i < size; i++) {
		switch ((guint8)octets[i]) {
		case 0x8d: case 0x8e: case 0x9d: case 0x9e: case 0xa3: case 0xbc: case 0xbd: case 0xbe:
			kazakh++;
			break;
		case 0x80: case 0x8a: case 0x8c: case 0x8f: case 0x90: case 0x9a: case 0x9c: case 0x9f:
			serbian++;
			break;
		default:
			break;
		}
	}
	return kazakh >= 3 && kazakh > 4 * serbian;
}

static gboolean has_utf16_mark(const char *octets, gsize size)
{
	return size >= 2 && (memcmp(octets, "\xff\xfe", 2) == 0 || memcmp(octets, "\xfe\xff", 2) == 0);
}

/* The row to use, -1 for UTF-8; *guessed where that is not what the label says. */
static gssize choose(const char *octets, gsize size, const char *label, gboolean *guessed)
{
	gboolean weak = label == NULL || is_one_of(label, weak_names, G_N_ELEMENTS(weak_names));
	gboolean utf8 = label != NULL && is_one_of(label, utf8_names, G_N_ELEMENTS(utf8_names));
	gssize row = label != NULL && !utf8 ? find_row(label) : -1;
	*guessed = FALSE;
	if (row >= 0 && !weak) {
		*guessed = row == find_row("windows-1251") && is_kazakh_page(octets, MIN(size, GUESS_OCTETS));
		return *guessed ? find_row("rk1048") : row;
	}
	if (!is_eight_bit(octets, size))
		return -1; /* an unknown label over ASCII loses nothing */
	*guessed = !utf8;
	if (reads_as_utf8(octets, size))
		return -1;
	gssize likely = has_utf16_mark(octets, size) ? find_row("utf-16") : guess(octets, size);
	if (likely == find_row("windows-1252") && row >= 0)
		likely = row; /* nothing Cyrillic: Western text, as it says */
	*guessed = row < 0 || likely != row;
	return likely;
}

GString *charset_to_utf8(const char *octets, gsize size, const char *label, gsize most, CharsetResult *result)
{
	gsize bounded = MIN(size, most > G_MAXSIZE / 8 ? size : 4 * most + 8);
	gssize row = choose(octets, bounded, label, &result->guessed);
	GString *text = decode_as(row, octets, bounded, most, &result->replaced);
	result->used = row >= 0 ? charsets[row].names[0] : UTF8;
	return text;
}

