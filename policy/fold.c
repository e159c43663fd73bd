/* SPDX-License-Identifier: ISC */
#include "policy/fold.h"

#include <string.h>
#include <utf8proc.h>

#define CYR(c) ((guint8)(128 + ((c) - 0x430)))
#define EVERY_DAY 0x600 /* Latin, Greek and Cyrillic */

/* Letters outside а..я and a..z, by what they stand for. */
static const struct {
	gunichar from;
	const char *to;
} letters[] = {
	{0x451, "е"}, {0x454, "е"}, {0x456, "и"}, {0x457, "и"}, {0x45e, "у"}, {0x491, "г"}, {0x493, "г"}, {0x49b, "к"},
	{0x49d, "к"}, {0x4a1, "к"}, {0x4a3, "н"}, {0x4a5, "н"}, {0x4af, "у"}, {0x4b1, "у"}, {0x4b3, "х"}, {0x4b7, "ч"},
	{0x4bb, "х"}, {0x4cf, "l"}, {0x4d9, "а"}, {0x4e9, "о"}, {0x455, "s"}, {0x458, "j"}, {0x501, "d"}, {0x51b, "q"},
	{0x51d, "w"}, {0x475, "v"}, {0x131, "i"}, {0x259, "a"}, {0x14b, "n"}, {0xf8, "o"},  {0x142, "l"}, {0x251, "a"},
	{0x261, "g"}, {0x269, "i"}, {0x3b1, "a"}, {0x3b2, "b"}, {0x3b5, "e"}, {0x3b9, "i"}, {0x3ba, "k"}, {0x3bd, "v"},
	{0x3bf, "o"}, {0x3c1, "p"}, {0x3c4, "t"}, {0x3c5, "u"}, {0x3c7, "x"}, {0x3b3, "y"}, {0x585, "o"}, {0x57d, "u"},
	{0x578, "n"}, {0x570, "h"}, {0x2019, "'"}, {0x2bc, "'"}, {0x60, "'"}, {0xb4, "'"},
};

static guint8 find_code(gunichar c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c == '*')
		return (guint8)c;
	if (c >= 0x430 && c <= 0x44f)
		return CYR(c);
	if (c < 0x80)
		return 0;
	for (gsize i = 0; (c < EVERY_DAY || c == 0x2019) && i < G_N_ELEMENTS(letters); i++)
		if (letters[i].from == c) {
			gunichar to = g_utf8_get_char(letters[i].to);
			return to < 0x80 ? (guint8)to : CYR(to);
		}
	utf8proc_category_t kind = utf8proc_category((utf8proc_int32_t)c);
	return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO ? FOLD_OTHER : 0;
}

static gboolean is_unseen(gunichar c, utf8proc_category_t kind)
{
	/* fillers and the empty Braille cell are letters and signs to Unicode, and nothing to the eye */
	return c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0 || c == 0x2800 || c == 0xfffd ||
	       kind == UTF8PROC_CATEGORY_CF;
}

/* A mark that makes another letter of the one before it. */
static gunichar composed(gunichar letter, gunichar mark)
{
	return letter == 0x438 && mark == 0x306 ? 0x439 : letter == 0x435 && mark == 0x308 ? 0x451 : 0;
}

static guint find_parts(gunichar c, gunichar out[FOLD_PARTS_MAX])
{
	utf8proc_int32_t parts[FOLD_PARTS_MAX];
	guint n = 0;
	if (c < 0x80) {
		out[0] = c >= 'A' && c <= 'Z' ? c + 32 : c;
		return 1;
	}
	if (is_unseen(c, utf8proc_category((utf8proc_int32_t)c)))
		return 0;
	int boundary = 0;
	utf8proc_ssize_t found = utf8proc_decompose_char((utf8proc_int32_t)c, parts, FOLD_PARTS_MAX,
	                                                 UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STABLE,
	                                                 &boundary);
	for (utf8proc_ssize_t i = 0; i < found && i < FOLD_PARTS_MAX && n + 2 < FOLD_PARTS_MAX; i++) {
		gunichar part = (gunichar)parts[i];
		utf8proc_category_t kind = utf8proc_category(parts[i]);
		gunichar whole = n > 0 ? composed(out[n - 1], part) : 0;
		if (whole != 0)
			out[n - 1] = whole;
		else if (part == 0x327 && n > 0 && out[n - 1] == 's')
			out[n++] = 'h'; /* ş */
		else if (kind != UTF8PROC_CATEGORY_MN && kind != UTF8PROC_CATEGORY_ME && !is_unseen(part, kind))
			out[n++] = part;
	}
	return n;
}

/* --- scripts --------------------------------------------------------------------------------- */

static const struct {
	const char *latin, *cyrillic;
	gboolean sure;
} likeness[] = {
	{"a", "а", TRUE}, {"c", "с", TRUE}, {"e", "е", TRUE}, {"o", "о", TRUE},  {"p", "р", TRUE},  {"x", "х", TRUE},
	{"y", "у", TRUE}, {"k", "к", TRUE}, {"m", "м", TRUE}, {"t", "т", TRUE},  {"h", "н", TRUE},  {"b", "в", TRUE},
	{"i", "и", TRUE}, {"n", "п", FALSE}, {"r", "г", FALSE}, {"u", "и", FALSE}, {"w", "ш", FALSE}, {"b", "ь", FALSE},
	{"h", "х", FALSE},
};

/* What looks the same in both scripts though it has a code of one only. */
static const struct {
	gunichar part;
	const char *latin;
} twins[] = {{0x456, "i"}, {0x4bb, "h"}, {0x455, "s"}, {0x458, "j"}, {0x501, "d"}, {0x4af, "y"}, {0x4cf, "l"}};

static guint8 find_cyrillic(gunichar part, gboolean *sure)
{
	guint8 code = find_code(part);
	*sure = TRUE;
	if (FOLD_IS_CYRILLIC(code))
		return code;
	for (gsize i = 0; i < G_N_ELEMENTS(likeness); i++)
		if ((guint8)likeness[i].latin[0] == code) {
			*sure = likeness[i].sure;
			return CYR(g_utf8_get_char(likeness[i].cyrillic));
		}
	return 0;
}

static guint8 find_latin(gunichar part, gboolean *sure)
{
	guint8 code = find_code(part);
	*sure = TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(twins); i++)
		if (twins[i].part == part)
			return (guint8)twins[i].latin[0];
	if (!FOLD_IS_CYRILLIC(code))
		return code;
	for (gsize i = 0; i < G_N_ELEMENTS(likeness); i++)
		if (CYR(g_utf8_get_char(likeness[i].cyrillic)) == code && code != CYR(0x438)) {
			*sure = likeness[i].sure;
			return (guint8)likeness[i].latin[0];
		}
	*sure = FALSE;
	return code == CYR(0x438) ? 'u' : 0;
}

/* --- leet --------------------------------------------------------------------------------------- */

static guint8 find_leet(gunichar part, gboolean cyrillic, guint n)
{
	static const struct {
		char sign;
		const char *cyrillic[2], *latin[2];
	} readings[] = {
		{'0', {"о", NULL}, {"o", NULL}}, {'1', {"и", "л"}, {"i", "l"}},  {'3', {"з", "е"}, {"e", NULL}},
		{'4', {"ч", "а"}, {"a", NULL}},  {'5', {"с", NULL}, {"s", NULL}}, {'6', {"б", NULL}, {"b", "g"}},
		{'7', {"т", NULL}, {"t", NULL}},  {'8', {"в", NULL}, {"b", NULL}}, {'9', {"д", "я"}, {"g", NULL}},
		{'@', {"а", NULL}, {"a", NULL}}, {'$', {"с", NULL}, {"s", NULL}}, {'!', {"и", NULL}, {"i", "l"}},
		{'|', {"и", NULL}, {"l", "i"}},  {'+', {"т", NULL}, {"t", NULL}},
	};
	for (gsize i = 0; n < 2 && i < G_N_ELEMENTS(readings); i++)
		if ((gunichar)readings[i].sign == part) {
			const char *to = cyrillic ? readings[i].cyrillic[n] : readings[i].latin[n];
			return to == NULL ? 0 : cyrillic ? CYR(g_utf8_get_char(to)) : (guint8)*to;
		}
	return 0;
}

/* Latin letters that look like two Cyrillic ones: the other. */
static guint8 find_other(guint8 code)
{
	static const struct {
		char latin;
		const char *cyrillic;
	} doubtful[] = {{'b', "ь"}, {'h', "х"}, {'r', "я"}, {'u', "у"}, {'n', "и"}, {'m', "т"}};
	for (gsize i = 0; i < G_N_ELEMENTS(doubtful); i++)
		if ((guint8)doubtful[i].latin == code)
			return CYR(g_utf8_get_char(doubtful[i].cyrillic));
	return 0;
}

/* --- the letters of every day, looked up once ---------------------------------------------------- */

#define FEW 4

typedef struct {
	guint8 code, n;
	gunichar parts[FEW];
	FoldLetter letters[FEW];
} Letter;

static Letter every_day[EVERY_DAY];
static gsize filled;

static FoldLetter find_letter(gunichar part)
{
	gboolean sure_cyrillic, sure_latin;
	FoldLetter letter = {.part = part, .code = find_code(part)};
	letter.is_letter = FOLD_IS_CYRILLIC(letter.code) || (letter.code >= 'a' && letter.code <= 'z') || letter.code == FOLD_OTHER;
	letter.look.of.stars = letter.code == '*';
	if (!letter.is_letter) {
		letter.look.of.digits = letter.code != '*' && letter.code != '\'';
		for (guint n = 0; n < 2; n++) {
			letter.cyrillic[n] = find_leet(part, TRUE, n);
			letter.latin[n] = find_leet(part, FALSE, n);
		}
		return letter;
	}
	letter.cyrillic[0] = find_cyrillic(part, &sure_cyrillic);
	letter.cyrillic[1] = find_other(letter.code);
	letter.latin[0] = find_latin(part, &sure_latin);
	letter.look.of.letters = 1;
	letter.look.of.cyrillic = FOLD_IS_CYRILLIC(letter.code);
	letter.look.of.latin = !letter.look.of.cyrillic;
	if (letter.look.of.cyrillic)
		letter.look.of.strong_cyrillic = letter.latin[0] == 0 ? 2 : !sure_latin;
	else
		letter.look.of.strong_latin = letter.cyrillic[0] == 0 ? 2 : !sure_cyrillic;
	return letter;
}

static void fill_every_day(void)
{
	for (gunichar c = 0; c < EVERY_DAY; c++) {
		gunichar parts[FOLD_PARTS_MAX];
		Letter *letter = &every_day[c];
		letter->code = find_code(c);
		letter->n = (guint8)find_parts(c, parts);
		g_assert(letter->n <= FEW);
		for (guint i = 0; i < letter->n; i++) {
			letter->parts[i] = parts[i];
			letter->letters[i] = find_letter(parts[i]);
		}
	}
	g_once_init_leave(&filled, 1);
}

static inline const Letter *letter_of(gunichar c)
{
	if (g_once_init_enter(&filled))
		fill_every_day();
	return &every_day[c];
}

guint8 fold_code(gunichar part)
{
	return part < EVERY_DAY ? letter_of(part)->code : find_code(part);
}

guint fold_parts(gunichar c, gunichar out[FOLD_PARTS_MAX])
{
	if (c >= EVERY_DAY)
		return find_parts(c, out);
	const Letter *letter = letter_of(c);
	memcpy(out, letter->parts, sizeof letter->parts);
	return letter->n;
}

guint fold_letters(gunichar c, const FoldLetter **found, FoldLetter own[FOLD_PARTS_MAX])
{
	gunichar parts[FOLD_PARTS_MAX];
	if (c < EVERY_DAY) {
		*found = letter_of(c)->letters;
		return letter_of(c)->n;
	}
	guint n = find_parts(c, parts);
	for (guint i = 0; i < n; i++) {
		const Letter *known = parts[i] < EVERY_DAY ? letter_of(parts[i]) : NULL;
		own[i] = known != NULL && known->n == 1 && known->parts[0] == parts[i] ? known->letters[0] : find_letter(parts[i]);
	}
	*found = own;
	return n;
}

/* --- sounds ------------------------------------------------------------------------------------ */

/* Longest first. What a Latin word means in Cyrillic letters; the alphabets in use agree on nearly all of it. Where they do
 * not, the second reading has a bit: 1 for й written y before e, 2 for j as in Czech, w and c as they look. */
static const struct {
	const char *latin, *sounds, *second;
	guint bit;
} sounds[] = {
	{"shch", "ш", NULL, 0}, {"sch", "ш", NULL, 0}, {"zh", "ж", NULL, 0}, {"sh", "ш", NULL, 0}, {"ch", "ч", NULL, 0},
	{"kh", "х", NULL, 0},   {"gh", "г", NULL, 0},  {"yo", "е", NULL, 0}, {"ye", "е", "ие", 1}, {"jo", "жо", "е", 2},
	{"ng", "нг", "н", 1},   {"tz", "тс", NULL, 0}, {"a", "а", NULL, 0},  {"b", "б", NULL, 0},  {"c", "с", "тс", 2},
	{"d", "д", NULL, 0},    {"e", "е", NULL, 0},   {"f", "ф", NULL, 0},  {"g", "г", NULL, 0},  {"h", "х", NULL, 0},
	{"i", "и", NULL, 0},    {"j", "ж", "и", 2},    {"k", "к", NULL, 0},  {"l", "л", NULL, 0},  {"m", "м", NULL, 0},
	{"n", "н", NULL, 0},    {"o", "о", NULL, 0},   {"p", "п", NULL, 0},  {"q", "к", NULL, 0},  {"r", "р", NULL, 0},
	{"s", "с", NULL, 0},    {"t", "т", NULL, 0},   {"u", "у", NULL, 0},  {"v", "в", NULL, 0},  {"w", "у", "ш", 2},
	{"x", "х", NULL, 0},    {"y", "и", NULL, 0},   {"z", "з", NULL, 0},  {"4", "ч", NULL, 0},  {"'", "", NULL, 0},
	{"й", "и", NULL, 0},    {"ы", "и", NULL, 0},   {"ь", "", NULL, 0},   {"ъ", "", NULL, 0},   {"э", "е", NULL, 0},
	{"я", "иа", NULL, 0},   {"ю", "иу", NULL, 0},  {"щ", "ш", NULL, 0},  {"ц", "тс", NULL, 0},
};

typedef struct {
	guint8 from[4], to[2][2];
	guint8 n_from, n_to[2];
} Sound;

static void add_sound(Sound *sound, guint i)
{
	guint8 key[FOLD_KEY_MAX];
	const char *to[] = {sounds[i].sounds, sounds[i].second};
	sound->n_from = (guint8)MIN(fold_word(sounds[i].latin, strlen(sounds[i].latin), key), sizeof sound->from);
	memcpy(sound->from, key, sound->n_from);
	for (guint k = 0; k < 2 && to[k] != NULL; k++) {
		sound->n_to[k] = (guint8)MIN(fold_word(to[k], strlen(to[k]), key), sizeof sound->to[k]);
		memcpy(sound->to[k], key, sound->n_to[k]);
	}
}

#define SAME_BEGIN 5 /* sounds that begin with one letter, at most */

typedef struct {
	Sound sounds[G_N_ELEMENTS(sounds)];
	guint8 by_letter[256][SAME_BEGIN + 1]; /* numbers + 1, longest first; 0 ends */
} SoundTable;

static const SoundTable *sound_table(void)
{
	static SoundTable table;
	static gsize ready;
	if (g_once_init_enter(&ready)) {
		for (guint i = 0; i < G_N_ELEMENTS(sounds); i++) {
			add_sound(&table.sounds[i], i);
			guint8 *same = table.by_letter[table.sounds[i].from[0]];
			guint n = 0;
			while (n < SAME_BEGIN && same[n] != 0)
				n++;
			g_assert(n < SAME_BEGIN);
			same[n] = (guint8)(i + 1);
		}
		g_once_init_leave(&ready, 1);
	}
	return &table;
}

/* Its number + 1, or 0. */
static guint find_sound(const SoundTable *table, const guint8 *codes, gsize left)
{
	for (const guint8 *same = table->by_letter[*codes]; *same != 0; same++) {
		const Sound *sound = &table->sounds[*same - 1];
		if (sound->n_from <= left && memcmp(sound->from, codes, sound->n_from) == 0)
			return *same;
	}
	return 0;
}

gsize fold_sound(const guint8 *codes, gsize n, guint readings, guint8 *out, guint *doubtful)
{
	const SoundTable *table = sound_table();
	gsize size = 0;
	*doubtful = 0;
	for (gsize at = 0; at < n;) {
		guint found = find_sound(table, codes + at, n - at);
		const Sound *sound = found > 0 ? &table->sounds[found - 1] : NULL;
		guint bit = found > 0 ? sounds[found - 1].bit : 0, which = (bit & readings) != 0;
		const guint8 *to = sound != NULL ? sound->to[which] : codes + at;
		gsize n_to = sound != NULL ? sound->n_to[which] : 1;
		*doubtful |= bit;
		for (gsize k = 0; k < n_to && size < FOLD_KEY_MAX; k++)
			if (size == 0 || out[size - 1] != to[k])
				out[size++] = to[k];
		at += sound != NULL ? sound->n_from : 1;
	}
	return size;
}

/* What a sound does not keep of a letter. Longest first. */
static const struct {
	const char *latin, *cyrillic;
} spellings[] = {{"shch", "щ"}, {"sch", "щ"}, {"ya", "я"}, {"yu", "ю"}, {"ja", "я"}, {"ju", "ю"}, {"ts", "ц"},
                 {"iy", "ий"}, {"ay", "ай"}, {"oy", "ой"}, {"ey", "ей"}, {"uy", "уй"}, {"yy", "ый"},
                 {"yi", "ый"}, {"y", "ы"}, {"'", "ь"}};

/* The number of the spelling that these codes begin with, or how many there are. */
static gsize find_spelling(const guint8 *codes, gsize left)
{
	gsize i = 0;
	while (i < G_N_ELEMENTS(spellings) && ((guint8)spellings[i].latin[0] != *codes || strlen(spellings[i].latin) > left ||
	                                       memcmp(spellings[i].latin, codes, strlen(spellings[i].latin)) != 0))
		i++;
	return i;
}

gsize fold_cyrillic(const guint8 *codes, gsize n, guint8 *out)
{
	const SoundTable *table = sound_table();
	gsize size = 0;
	for (gsize at = 0, taken; at < n && size < FOLD_KEY_MAX; at += taken) {
		const gsize spelling = find_spelling(codes + at, n - at);
		const guint found = FOLD_IS_CYRILLIC(codes[at]) ? 0 : find_sound(table, codes + at, n - at);
		guint8 key[FOLD_KEY_MAX] = {codes[at]};
		gsize n_key = taken = 1;
		if (spelling < G_N_ELEMENTS(spellings)) {
			taken = strlen(spellings[spelling].latin);
			n_key = fold_word(spellings[spelling].cyrillic, strlen(spellings[spelling].cyrillic), key);
		} else if (found > 0) {
			taken = table->sounds[found - 1].n_from;
			n_key = table->sounds[found - 1].n_to[0];
			memcpy(key, table->sounds[found - 1].to[0], n_key);
		}
		n_key = MIN(n_key, FOLD_KEY_MAX - size);
		memcpy(out + size, key, n_key);
		size += n_key;
	}
	return size;
}

gsize fold_squeeze(const guint8 *codes, gsize n, guint8 *out)
{
	gsize size = 0;
	for (gsize i = 0; i < n && size < FOLD_KEY_MAX; i++)
		if (size == 0 || out[size - 1] != codes[i])
			out[size++] = codes[i];
	return size;
}

gsize fold_word(const char *word, gsize size, guint8 *out)
{
	gunichar parts[FOLD_PARTS_MAX];
	gsize n = 0;
	for (const char *p = word; p < word + size && n < FOLD_KEY_MAX; p = g_utf8_next_char(p)) {
		guint found = fold_parts(g_utf8_get_char(p), parts);
		for (guint i = 0; i < found && n < FOLD_KEY_MAX; i++) {
			guint8 code = fold_code(parts[i]);
			if (code != 0)
				out[n++] = code;
		}
	}
	return n;
}
