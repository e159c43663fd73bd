/* SPDX-License-Identifier: ISC */
#include "parser/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/log.h"

#define UTF8 "utf-8"
#define REPLACEMENT "\xef\xbf\xbd"

/* What the mail of a Kazakh office is written in. The first name of a row is the one that is shown, and the one by which
 * iconv(3) knows it; the others are what mail calls it. The web's rule holds (encoding.spec.whatwg.org): iso-8859-1 is
 * windows-1252, iso-8859-9 windows-1254, gb2312 and gbk are gb18030. Each row is a module of the C library, and costs every
 * child five mappings. */
static struct {
	iconv_t open;
	const char *names[9];
} charsets[] = {
	{NULL, {"windows-1251", "cp1251", "win-1251", "x-cp1251", "windows-cp1251", "win1251", "ansi-1251"}},
	{NULL, {"koi8-r", "koi8r", "x-koi8-r", "koi8"}},
	{NULL, {"koi8-u", "koi8u", "koi8-ru"}},
	{NULL, {"cp866", "ibm866", "x-cp866", "dos-866"}},
	{NULL, {"rk1048", "kz-1048", "kz1048", "strk1048-2002", "strk1048", "cp1048", "windows-1048"}},
	{NULL, {"pt154", "ptcp154", "cp154", "csptcp154", "cyrillic-asian", "windows-154", "asian-cyrillic"}},
	{NULL, {"iso-8859-5", "iso8859-5", "cyrillic", "iso_8859-5"}},
	{NULL, {"mac-cyrillic", "x-mac-cyrillic", "maccyrillic", "macukraine"}},
	{NULL, {"windows-1252", "cp1252", "x-ansi", "iso-8859-1", "iso8859-1", "latin1", "iso_8859-1", "l1", "8859-1"}},
	{NULL, {"iso-8859-15", "iso8859-15", "latin9", "latin-9"}},
	{NULL, {"windows-1254", "cp1254", "iso-8859-9", "iso8859-9", "latin5"}},
	{NULL, {"gb18030", "gbk", "gb2312", "cp936", "x-gbk", "euc-cn", "gb_2312-80"}},
	{NULL, {"utf-7", "unicode-1-1-utf-7", "utf7", "x-unicode-1-1-utf-7"}},
	{NULL, {"utf-16be", "utf-16", "utf16", "ucs-2", "ucs-2be", "iso-10646-ucs-2"}}, /* RFC 2781 4.3: big-endian */
	{NULL, {"utf-16le", "ucs-2le"}},
};

static const char *const utf8_names[] = {UTF8, "utf8", "unicode-1-1-utf-8", "x-utf-8", "utf-8-mac", "unicode"};
/* Labels that programs give to anything: believed only as long as nothing speaks against them. */
static const char *const weak_names[] = {"us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "iso8859-1", "latin1",
                                         "unknown-8bit", "x-unknown", "x-user-defined", "default", "_iso-2022-jp$esc"};

static void load_weights(void);

void charset_load(void)
{
	static gboolean loaded;
	if (loaded)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
		charsets[i].open = iconv_open(UTF8, charsets[i].names[0]);
		if (charsets[i].open == (iconv_t)-1)
			log_warning("the C library cannot convert %s, and text in it will be guessed at: install all of its gconv modules",
			            charsets[i].names[0]);
	}
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
				return charsets[i].open != (iconv_t)-1 ? (gssize)i : -1;
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

static GString *decode_utf8(const char *octets, gsize size, gboolean *replaced)
{
	GString *out = g_string_sized_new(size);
	for (const char *at = octets, *end = octets + size; at <= end; at++) {
		gsize run = strnlen(at, (gsize)(end - at)); /* GLib stops at NUL; the text goes on */
		if (g_utf8_validate_len(at, run, NULL)) {
			g_string_append_len(out, at, (gssize)run);
		} else {
			g_autofree char *valid = g_utf8_make_valid(at, (gssize)run);
			g_string_append(out, valid);
			*replaced = TRUE;
		}
		at += run;
		if (at < end)
			g_string_append_c(out, '\0');
	}
	return out;
}

/* One call of iconv(3): FALSE at an octet that belongs to no character, and where it cannot go on. */
static gboolean convert_some(iconv_t converter, const char **octets, gsize *size, GString *out, gsize most)
{
	gsize before = out->len, room = MIN(2 * *size + 16, most - MIN(before, most)), left = room;
	char *in = (char *)*octets;
	g_string_set_size(out, before + room);
	char *to = out->str + before;
	gboolean done = iconv(converter, &in, size, &to, &left) != (gsize)-1 || (errno == E2BIG && left < room);
	*octets = in;
	g_string_set_size(out, before + room - left);
	return done;
}

static gboolean is_utf16(gssize row)
{
	return row >= 0 && g_str_has_prefix(charsets[row].names[0], "utf-16");
}

static GString *decode_row(gssize row, const char *octets, gsize size, gsize most, gboolean *replaced)
{
	GString *out = g_string_sized_new(MIN(2 * size, most) + 16);
	gsize unit = is_utf16(row) ? 2 : 1;
	iconv(charsets[row].open, NULL, NULL, NULL, NULL); /* forgets the text before */
	while (size > 0 && out->len + 4 <= most) {
		if (convert_some(charsets[row].open, &octets, &size, out, most))
			continue;
		*replaced = TRUE;
		g_string_append(out, REPLACEMENT);
		octets += MIN(unit, size);
		size -= MIN(unit, size);
	}
	return out;
}

/* row -1: UTF-8. */
static GString *decode_as(gssize row, const char *octets, gsize size, gsize most, gboolean *replaced)
{
	*replaced = FALSE;
	GString *out = row < 0 ? decode_utf8(octets, MIN(size, most), replaced)
	                       : decode_row(row, octets, size, most, replaced);
	if (out->len > most) {
		while (most > 0 && ((guint8)out->str[most] & 0xc0) == 0x80)
			most--;
		g_string_truncate(out, most);
	}
	return out;
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
	gboolean replaced;
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
	static const char *const candidates[] = {"windows-1251", "koi8-r", "cp866", "rk1048", "pt154", "iso-8859-5"};
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
	const char *end = octets + size, *bad;
	while (!g_utf8_validate_len(octets, (gsize)(end - octets), &bad)) {
		if (*bad != '\0')
			return g_utf8_get_char_validated(bad, end - bad) == (gunichar)-2;
		octets = bad + 1;
	}
	return TRUE;
}

/* In windows-1251; й and the signs are none. */
static gboolean is_consonant(guint8 octet)
{
	return octet >= 0xc0 && memchr("\xe0\xe5\xe8\xe9\xee\xf3\xfa\xfb\xfc\xfd\xfe\xff", octet | 0x20, 12) == NULL;
}

/* Kazakh in KZ-1048 under the label windows-1251: қ ә ң һ Қ Ә Ң Һ stand where windows-1251 has ќ ј ѕ ћ Ќ Ј Ѕ Ћ, which
 * Serbian and Macedonian alone use, and never without their љ њ ђ џ, nor with an і. ү and ұ stand for ї and ў, which follow
 * no consonant in Ukrainian and Belarusian; ө for ґ, rare in Ukrainian, and no sentence of that is without и and є. Few of
 * them do in a short text, where an і says that it is not Serbian. (ғ proves nothing: it stands for є.) */
static gboolean is_kazakh_page(const char *octets, gsize size)
{
	guint certain = 0, likely = 0, i_letters = 0, serbian = 0, slavic = 0;
	for (gsize i = 0; i < size; i++) {
		switch ((guint8)octets[i]) {
		case 0x8d: case 0x8e: case 0x9d: case 0x9e: case 0xa3: case 0xbc: case 0xbd: case 0xbe:
			certain++;
			break;
		case 0xa1: case 0xa2: case 0xaf: case 0xbf: /* ұ ү */
			*(i > 0 && is_consonant((guint8)octets[i - 1]) ? &certain : &slavic) += 1;
			break;
		case 0xa5: case 0xb4: /* ө */
			likely++;
			break;
		case 0xb2: case 0xb3:
			i_letters++;
			break;
		case 0xaa: case 0xba: case 0xc8: case 0xe8: /* є и */
			slavic++;
			break;
		case 0x80: case 0x8a: case 0x8c: case 0x8f: case 0x90: case 0x9a: case 0x9c: case 0x9f:
			serbian++;
			break;
		default:
			break;
		}
	}
	if (certain >= 3 && certain > 4 * serbian)
		return TRUE;
	return i_letters > 0 && serbian == 0 && ((certain > 0 && 8 * certain >= i_letters) || (likely > 0 && slavic == 0));
}

/* The same in PT154: ү ұ ө ғ Ү Ұ Ө Ғ stand where windows-1251 has ‰ ± µ ѓ ‡ ¦ ¤ Ѓ, none of which stands within a word. */
static gboolean is_asian_page(const char *octets, gsize size)
{
	guint kazakh = 0;
	for (gsize i = 1; i < size; i++)
		if (memchr("\x81\x83\x87\x89\xa4\xa6\xb1\xb5", octets[i], 8) != NULL &&
		    ((guint8)octets[i - 1] >= 0xc0 || (i + 1 < size && (guint8)octets[i + 1] >= 0xc0)))
			kazakh++;
	return kazakh >= 3;
}

#define SHARE_LEAST 24 /* letters: fewer say nothing */

/* How many of a thousand characters beyond ASCII are of those that every text of ours is made of, in whatever case: some
 * 750 in the right reading, some 400 in another. -1: too few to tell. */
static int share_of(gssize row, const char *octets, gsize size)
{
	static const char most[] = "оеаинтсрвлыідқк";
	gboolean replaced;
	guint all = 0, common = 0;
	g_autoptr(GString) text = decode_as(row, octets, MIN(size, GUESS_OCTETS), 4 * GUESS_OCTETS, &replaced);
	for (const char *at = text->str, *end = at + text->len; at < end; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (c < 0x80)
			continue;
		all++;
		common += g_utf8_strchr(most, -1, g_unichar_tolower(c)) != NULL;
	}
	return all >= SHARE_LEAST ? (int)(1000 * common / all) : -1;
}

/* One of the Cyrillic pages under the label of another: -2 where nothing speaks against the label, else the row that is meant. */
static gssize find_other_page(gssize row, const char *octets, gsize size)
{
	static const char *const pages[] = {"windows-1251", "koi8-r", "cp866", "iso-8859-5"};
	gssize best = -2;
	int as_labelled = share_of(row, octets, size), most = MAX(620, as_labelled + 180);
	if (as_labelled < 0 || as_labelled >= 550)
		return -2;
	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
		int share = share_of(find_row(pages[i]), octets, size);
		if (share >= most) {
			best = find_row(pages[i]);
			most = share + 1;
		}
	}
	return best;
}

/* The row that is meant where the label is not to be believed, -2 else. */
static gssize doubt(gssize row, const char *octets, gsize size)
{
	static const char *const pages[] = {"windows-1251", "koi8-r", "cp866", "iso-8859-5", "rk1048", "pt154"};
	gboolean cyrillic = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
		cyrillic |= row == find_row(pages[i]);
	if (!cyrillic)
		return -2;
	if (share_of(row, octets, size) >= 0 && reads_as_utf8(octets, size))
		return -1;
	gssize other = find_other_page(row, octets, size);
	if ((other == -2 ? row : other) != find_row("windows-1251"))
		return other;
	if (is_kazakh_page(octets, MIN(size, GUESS_OCTETS)))
		return find_row("rk1048");
	return is_asian_page(octets, MIN(size, GUESS_OCTETS)) ? find_row("pt154") : other;
}

/* "utf-16le" or "utf-16be" by the byte order mark, or NULL. */
static const char *utf16_mark(const char *octets, gsize size)
{
	if (size < 2)
		return NULL;
	return memcmp(octets, "\xff\xfe", 2) == 0 ? "utf-16le" : memcmp(octets, "\xfe\xff", 2) == 0 ? "utf-16be" : NULL;
}

/* The row to use, -1 for UTF-8; *guessed where that is not what the label says. */
static gssize choose(const char *octets, gsize size, const char *label, gboolean *guessed)
{
	gboolean weak = label == NULL || is_one_of(label, weak_names, G_N_ELEMENTS(weak_names));
	gboolean utf8 = label != NULL && is_one_of(label, utf8_names, G_N_ELEMENTS(utf8_names));
	gssize row = label != NULL && !utf8 ? find_row(label) : -1;
	*guessed = FALSE;
	if (row >= 0 && !weak) {
		gssize meant = doubt(row, octets, size);
		*guessed = meant != -2;
		return *guessed ? meant : row;
	}
	if (!is_eight_bit(octets, size)) {
		*guessed = !weak && !utf8 && memchr(octets, 0x1b, size) != NULL; /* a page of ISO 2022 */
		return -1; /* else an unknown label over ASCII loses nothing */
	}
	*guessed = !utf8;
	if (reads_as_utf8(octets, size))
		return -1;
	const char *mark = utf16_mark(octets, size);
	gssize likely = mark != NULL ? find_row(mark) : guess(octets, size);
	if (likely == find_row("windows-1252") && row >= 0)
		likely = row; /* nothing Cyrillic: Western text, as it says */
	*guessed = row < 0 || likely != row;
	return likely;
}

GString *charset_to_utf8(const char *octets, gsize size, const char *label, gsize most, CharsetResult *result)
{
	gsize bounded = MIN(size, most > G_MAXSIZE / 8 ? size : 4 * most + 8);
	gssize row = choose(octets, bounded, label, &result->guessed);
	const char *mark = is_utf16(row) ? utf16_mark(octets, bounded) : NULL;
	if (mark != NULL) { /* whatever the label says of the order */
		row = find_row(mark);
		octets += 2;
		bounded -= 2;
	}
	GString *text = decode_as(row, octets, bounded, most, &result->replaced);
	result->used = row >= 0 ? charsets[row].names[0] : UTF8;
	return text;
}
