/* SPDX-License-Identifier: ISC */
#include "parser/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#define UTF8 "utf-8"
#define NO_CONVERTER ((iconv_t)-1)

/* The first name of a row is iconv's; the others are what mail calls it. All lower case. */
static struct {
	const char *names[9];
	iconv_t converter;
} charsets[] = {
	{{"windows-1251", "cp1251", "win-1251", "x-cp1251", "windows-cp1251", "win1251", "ansi-1251"}, NO_CONVERTER},
	{{"koi8-r", "koi8r", "x-koi8-r", "koi8"}, NO_CONVERTER},
	{{"koi8-u", "koi8u", "koi8-ru"}, NO_CONVERTER},
	{{"cp866", "ibm866", "x-cp866", "dos-866"}, NO_CONVERTER},
	{{"rk1048", "kz-1048", "kz1048", "strk1048-2002", "strk1048", "cp1048", "windows-1048"}, NO_CONVERTER},
	{{"pt154", "ptcp154", "cp154", "csptcp154", "cyrillic-asian", "windows-154", "asian-cyrillic"}, NO_CONVERTER},
	{{"iso-8859-5", "iso8859-5", "cyrillic", "iso_8859-5"}, NO_CONVERTER},
	{{"maccyrillic", "x-mac-cyrillic", "mac-cyrillic", "macukraine"}, NO_CONVERTER},
	{{"windows-1252", "cp1252", "x-ansi", "ansi_x3.110-1983"}, NO_CONVERTER},
	{{"iso-8859-1", "iso8859-1", "latin1", "iso_8859-1", "l1", "8859-1"}, NO_CONVERTER},
	{{"iso-8859-15", "iso8859-15", "latin9", "latin-9"}, NO_CONVERTER},
	{{"iso-8859-2", "iso8859-2", "latin2"}, NO_CONVERTER},
	{{"iso-8859-9", "iso8859-9", "latin5"}, NO_CONVERTER},
	{{"windows-1250", "cp1250"}, NO_CONVERTER},
	{{"windows-1254", "cp1254"}, NO_CONVERTER},
	{{"windows-1256", "cp1256"}, NO_CONVERTER},
	{{"utf-7", "unicode-1-1-utf-7", "utf7", "x-unicode-1-1-utf-7"}, NO_CONVERTER},
	{{"utf-16", "utf16", "ucs-2", "iso-10646-ucs-2"}, NO_CONVERTER},
	{{"utf-16le", "ucs-2le"}, NO_CONVERTER},
	{{"utf-16be", "ucs-2be"}, NO_CONVERTER},
	{{"utf-32", "ucs-4", "utf32"}, NO_CONVERTER},
	{{"gb18030", "gbk", "gb2312", "cp936", "x-gbk", "euc-cn", "gb_2312-80"}, NO_CONVERTER},
	{{"big5", "big-5", "cp950", "big5-hkscs"}, NO_CONVERTER},
	{{"euc-kr", "ks_c_5601-1987", "cp949", "ks_c_5601"}, NO_CONVERTER},
	{{"shift_jis", "shift-jis", "sjis", "x-sjis", "cp932", "windows-31j"}, NO_CONVERTER},
	{{"iso-2022-jp", "csiso2022jp"}, NO_CONVERTER},
	{{"euc-jp", "eucjp", "x-euc-jp"}, NO_CONVERTER},
};

static const char *const utf8_names[] = {UTF8, "utf8", "unicode-1-1-utf-8", "x-utf-8", "utf-8-mac", "unicode"};
/* Labels that programs give to anything: believed only as long as nothing speaks against them. */
static const char *const weak_names[] = {"us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "latin1",
                                         "unknown-8bit", "x-unknown", "x-user-defined", "default", "_iso-2022-jp$esc"};

static void load_weights(void);

void charset_load(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
		if (charsets[i].converter == NO_CONVERTER)
			charsets[i].converter = iconv_open("UTF-8", charsets[i].names[0]);
	load_weights();
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

/* --- decoding ------------------------------------------------------------------- */

static void append_replacement(GString *out, gsize *replaced)
{
	g_string_append(out, "\xef\xbf\xbd");
	(*replaced)++;
}

static GString *take_utf8(const char *octets, gsize size, gsize most, gsize *replaced)
{
	GString *out = g_string_sized_new(MIN(size, most) + 4);
	const char *end = octets + size;
	while (octets < end && out->len < most) {
		const char *bad;
		gsize left = MIN((gsize)(end - octets), most - out->len);
		g_utf8_validate_len(octets, left, &bad);
		g_string_append_len(out, octets, bad - octets);
		octets = bad;
		if (octets == end || out->len + 4 >= most)
			break;
		if (*octets == '\0')
			g_string_append_c(out, '\0'); /* validation stops at NUL; the text goes on */
		else
			append_replacement(out, replaced);
		octets++;
	}
	return out;
}

static GString *convert(iconv_t converter, const char *octets, gsize size, gsize most, gsize *replaced)
{
	GString *out = g_string_sized_new(MIN(size, most) + 64);
	char *in = (char *)octets;
	gsize left = size;
	iconv(converter, NULL, NULL, NULL, NULL);
	while (left > 0 && out->len < most) {
		char piece[4096], *to = piece;
		gsize room = sizeof piece;
		errno = 0;
		gsize rc = iconv(converter, &in, &left, &to, &room);
		g_string_append_len(out, piece, to - piece);
		if (rc != (gsize)-1 || errno == E2BIG)
			continue;
		append_replacement(out, replaced); /* EILSEQ, or EINVAL: the text ends within a character */
		in++;
		left--;
	}
	return out;
}

static GString *decode_as(gssize row, const char *octets, gsize size, gsize most, gsize *replaced)
{
	*replaced = 0;
	if (row < 0 || charsets[row].converter == NO_CONVERTER)
		return take_utf8(octets, size, most, replaced);
	return convert(charsets[row].converter, octets, size, most, replaced);
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
	g_autoptr(GString) text = take_utf8(octets, size, G_MAXSIZE / 2, &replaced);
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

/* --- header fields ---------------------------------------------------------------- */

static void append_renamed(GString *out, const char *label, gsize size)
{
	g_autofree char *name = g_strndup(label, size);
	const char *known = charset_find(name);
	g_string_append(out, known != NULL ? known : name);
}

/* The length of the charset name that begins here and ends at `mark`, 0 where none does. */
static gsize charset_token(const char *at, const char *marks)
{
	gsize size = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:+-");
	return size > 0 && size < 40 && at[size] != '\0' && strchr(marks, at[size]) != NULL ? size : 0;
}

char *charset_rename_words(const char *raw)
{
	GString *out = g_string_sized_new(strlen(raw) + 16);
	while (*raw != '\0') {
		gsize skip = strncmp(raw, "=?", 2) == 0 ? 2 : strncmp(raw, "*=", 2) == 0 ? 2 : 1;
		g_string_append_len(out, raw, (gssize)skip);
		raw += skip;
		gsize size = skip == 1 ? 0 : charset_token(raw, raw[-1] == '?' ? "?*" : "'");
		if (size > 0)
			append_renamed(out, raw, size);
		raw += size;
	}
	return g_string_free(out, FALSE);
}
