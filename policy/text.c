/* SPDX-License-Identifier: ISC */
#include "policy/text.h"

#include <string.h>

#include "policy/fold.h"

#define PARTS_MAX 60        /* of one word; the rest of it is not looked at */
#define READINGS_MAX 4      /* doubtful letters of one word that are read both ways */
#define SPELLED_LEAST 3     /* letters in a row that may spell a word */
#define GLUED_MAX 6
#define RAW_MAX 320        /* pieces of a clause, before letters are put together */
#define SHORT_LINE 45       /* octets: such a line was ended on purpose */

/* A word of the clause under way; its parts lie in the reader's pool. */
typedef struct {
	guint32 from, to;
	guint16 first, n;   /* parts */
	guint8 gap;         /* octets before it, at most 255 */
	gboolean glued;     /* one sign, no blank, before it */
	guint8 letters, strange;
} Raw;

typedef struct {
	const Rules *rules;
	const char *octets;
	gsize size;
	Text *text;
	guint32 sentence, clause;
	guint in_sentence;
	gunichar parts[PARTS_MAX * RAW_MAX];
	Raw raw[RAW_MAX];
	guint n_raw, n_parts;
	gboolean open; /* the last raw word goes on */
	gsize line;    /* where the line begins */
	GArray *atoms; /* of the word being looked up */
	gboolean stretched, english;
	guint zone;    /* index of the zone not yet passed */
} Reader;

/* --- one word: its keys --------------------------------------------------------------------- */

typedef struct {
	guint letters, digits, stars, cyrillic, latin;
	guint strong_cyrillic, strong_latin; /* letters that the other script has no likeness of */
} Look;

static gboolean is_letter(guint8 code)
{
	return FOLD_IS_CYRILLIC(code) || (code >= 'a' && code <= 'z') || code == FOLD_OTHER;
}

static Look look_at(const gunichar *parts, guint n)
{
	Look look = {0};
	for (guint i = 0; i < n; i++) {
		guint8 code = fold_code(parts[i]);
		gboolean sure = TRUE;
		look.stars += code == '*';
		if (!is_letter(code)) {
			look.digits += code != '*' && code != '\'';
			continue;
		}
		look.letters++;
		if (FOLD_IS_CYRILLIC(code)) {
			look.cyrillic++;
			look.strong_cyrillic += fold_to_latin(parts[i], &sure) == 0 ? 2 : !sure;
		} else {
			look.latin++;
			look.strong_latin += fold_to_cyrillic(parts[i], &sure) == 0 ? 2 : !sure;
		}
	}
	return look;
}

/* The second reading of a letter of the other script, or of a digit. */
static guint8 second_reading(gunichar part, gboolean cyrillic)
{
	static const struct {
		char latin;
		const char *cyrillic;
	} doubtful[] = {{'b', "ь"}, {'h', "х"}, {'r', "я"}, {'u', "у"}, {'n', "и"}, {'m', "т"}};
	guint8 code = fold_code(part);
	for (gsize i = 0; cyrillic && i < G_N_ELEMENTS(doubtful); i++)
		if ((guint8)doubtful[i].latin == code)
			return (guint8)(128 + g_utf8_get_char(doubtful[i].cyrillic) - 0x430);
	return is_letter(code) ? 0 : fold_leet(part, cyrillic, 1);
}

/* readings: bit i says that the ith doubtful part is read the second way. Returns how many doubtful ones there are. */
static guint repair(const gunichar *parts, guint n, gboolean cyrillic, guint readings, gboolean stars, guint8 *key,
                    gsize *size)
{
	guint doubtful = 0;
	*size = 0;
	for (guint i = 0; i < n && *size < FOLD_KEY_MAX; i++) {
		gboolean sure;
		guint8 code = fold_code(parts[i]), second = second_reading(parts[i], cyrillic);
		guint8 first = is_letter(code) ? (cyrillic ? fold_to_cyrillic(parts[i], &sure) : fold_to_latin(parts[i], &sure))
		                               : fold_leet(parts[i], cyrillic, 0);
		gboolean other = second != 0 && doubtful < READINGS_MAX && (readings >> doubtful & 1) != 0;
		doubtful += second != 0 && doubtful < READINGS_MAX;
		if (code == '\'' && cyrillic)
			continue;
		if (code == '*' && !stars)
			continue;
		guint8 result = other ? second : first != 0 ? first : code;
		if (result != 0)
			key[(*size)++] = result;
	}
	return doubtful;
}

static void look_up(Reader *reader, const guint8 *key, gsize size)
{
	guint8 other[2 * FOLD_KEY_MAX], calm[FOLD_KEY_MAX] = {0};
	gsize n = 0, run = 0;
	gboolean stretched = FALSE, doubled = FALSE;
	for (gsize i = 0; i < size; i++) {
		run = i > 0 && key[i] == key[i - 1] ? run + 1 : 1;
		doubled = doubled || run == 2;
		if (run == 3) {
			stretched = TRUE;
			n--;
		}
		if (run < 3)
			calm[n++] = key[i];
	}
	rules_look_up(reader->rules, VIEW_WRITTEN, calm, n, reader->atoms);
	reader->stretched = reader->stretched || stretched;
	if (stretched || (doubled && reader->stretched))
		rules_look_up(reader->rules, VIEW_SQUEEZED, other, fold_squeeze(key, size, other), reader->atoms);
	if (!reader->english && n > 0 && !FOLD_IS_CYRILLIC(key[0]) && key[0] != FOLD_OTHER)
		rules_look_up(reader->rules, VIEW_SOUND, other, fold_sound(key, size, other), reader->atoms);
}

static void look_up_readings(Reader *reader, const gunichar *parts, guint n, gboolean cyrillic, gboolean stars)
{
	guint8 key[FOLD_KEY_MAX];
	gsize size;
	guint doubtful = repair(parts, n, cyrillic, 0, stars, key, &size);
	for (guint readings = 0; readings < 1u << doubtful; readings++) {
		repair(parts, n, cyrillic, readings, stars, key, &size);
		look_up(reader, key, size);
	}
}

/* Which script a word is meant in. Where nothing in it decides, its clause does. */
static gboolean is_cyrillic(const Look *look, gboolean clause)
{
	if (look->cyrillic == 0 || look->latin == 0)
		return look->cyrillic > 0;
	if (look->strong_cyrillic != look->strong_latin)
		return look->strong_cyrillic > look->strong_latin;
	return look->cyrillic != look->latin ? look->cyrillic > look->latin : clause;
}

static void look_up_word(Reader *reader, const gunichar *parts, guint n, gboolean clause)
{
	Look look = look_at(parts, n);
	if (look.letters == 0) {
		if (look.digits > 0 && look.stars == 0)
			g_array_append_val(reader->atoms, reader->rules->number);
		return;
	}
	gboolean mixed = look.cyrillic > 0 && look.latin > 0, cyrillic = is_cyrillic(&look, clause);
	gboolean pure = !mixed && look.digits == 0;
	if (mixed && look.strong_cyrillic == look.strong_latin)
		cyrillic = clause;
	guint8 key[FOLD_KEY_MAX];
	gsize size = 0;
	if (pure) { /* nothing to repair: doubtful letters are what they are */
		for (guint i = 0; i < n && size < FOLD_KEY_MAX; i++)
			key[size++] = fold_code(parts[i]);
		look_up(reader, key, size);
		if (cyrillic != clause && (cyrillic ? look.strong_cyrillic : look.strong_latin) == 0 && n > 1)
			look_up_readings(reader, parts, n, clause, TRUE);
	} else {
		look_up_readings(reader, parts, n, cyrillic, TRUE);
	}
	if (look.stars > 0 && (look.stars > 1 || fold_code(parts[0]) == '*' || fold_code(parts[n - 1]) == '*'))
		look_up_readings(reader, parts, n, cyrillic, FALSE);
}

/* --- the clause -------------------------------------------------------------------------------- */

static gboolean is_single(const Raw *raw)
{
	return raw->n == 1 || (raw->n == 2 && raw->strange == 0 && raw->letters == 0);
}

static void join(Raw *raw, guint first, guint last)
{
	raw[first].to = raw[last].to;
	raw[first].n = (guint16)(raw[last].first + raw[last].n - raw[first].first);
}

/* Letters that stand alone, three or more of them: they spell words, and a gap wider than the smallest parts two. */
static void join_spelled(Reader *reader)
{
	guint out = 0;
	for (guint i = 0; i < reader->n_raw;) {
		guint end = i, least = 255;
		while (end < reader->n_raw && is_single(&reader->raw[end])) {
			if (end > i)
				least = MIN(least, reader->raw[end].gap);
			end++;
		}
		if (end - i < SPELLED_LEAST) {
			reader->raw[out++] = reader->raw[i++];
			continue;
		}
		while (i < end) {
			guint last = i;
			while (last + 1 < end && reader->raw[last + 1].gap <= least && reader->raw[last + 1].first - reader->raw[i].first < PARTS_MAX)
				last++;
			join(reader->raw, i, last);
			reader->raw[out++] = reader->raw[i];
			i = last + 1;
		}
	}
	reader->n_raw = out;
}

static gboolean clause_is_cyrillic(const Reader *reader)
{
	guint cyrillic = 0, latin = 0;
	for (guint i = 0; i < reader->n_raw; i++) {
		Look look = look_at(reader->parts + reader->raw[i].first, reader->raw[i].n);
		cyrillic += look.strong_cyrillic;
		latin += look.strong_latin;
	}
	return cyrillic >= latin;
}

static void add_word(Reader *reader, const Raw *raw)
{
	const GArray *zones = reader->text->zones;
	while (reader->zone < zones->len && g_array_index(zones, Zone, reader->zone).to <= raw->from)
		reader->zone++;
	const Zone *zone = reader->zone < zones->len ? &g_array_index(zones, Zone, reader->zone) : NULL;
	TextWord word = {raw->from, raw->to, reader->sentence, reader->clause, reader->text->atoms->len,
	                 (guint16)reader->atoms->len,
	                 (guint8)(zone != NULL && zone->from <= raw->from ? zone->kind : ZONE_OWN)};
	g_array_append_vals(reader->text->atoms, reader->atoms->data, reader->atoms->len);
	g_array_append_val(reader->text->words, word);
}

/* What a word split by signs is as a whole is known of its first piece. */
static void look_up_glued(Reader *reader, guint i, gboolean cyrillic)
{
	guint last = i;
	while (last + 1 < reader->n_raw && reader->raw[last + 1].glued && last - i < GLUED_MAX)
		last++;
	guint n = reader->raw[last].first + reader->raw[last].n - reader->raw[i].first;
	if (last > i && !reader->raw[i].glued && n <= PARTS_MAX)
		look_up_word(reader, reader->parts + reader->raw[i].first, n, cyrillic);
}

/* "я у б ь ю" is one row of letters, and what it says may begin with the second. */
static void look_up_tail(Reader *reader, const Raw *raw, gboolean cyrillic)
{
	const gunichar *parts = reader->parts + raw->first;
	if (raw->n >= 4 && raw->to - raw->from >= 2u * raw->n - 1 && (parts[0] == 0x44f || parts[0] == 'i'))
		look_up_word(reader, parts + 1, raw->n - 1u, cyrillic);
}

static void end_clause(Reader *reader)
{
	reader->open = FALSE;
	if (reader->n_raw == 0)
		return;
	join_spelled(reader);
	gboolean cyrillic = clause_is_cyrillic(reader);
	GArray *const english = g_array_sized_new(FALSE, FALSE, sizeof(guint16), 1);
	g_array_append_val(english, reader->rules->english);
	reader->stretched = FALSE;
	reader->english = TRUE;
	gboolean found = FALSE;
	for (guint i = 0; i < reader->n_raw && !cyrillic && !found; i++) {
		g_array_set_size(reader->atoms, 0);
		look_up_word(reader, reader->parts + reader->raw[i].first, reader->raw[i].n, cyrillic);
		for (guint k = 0; k < reader->atoms->len; k++)
			found = found || rules_has(english, g_array_index(reader->atoms, guint16, k));
	}
	g_array_unref(english);
	reader->english = found;
	for (guint i = 0; i < reader->n_raw; i++) {
		g_array_set_size(reader->atoms, 0);
		look_up_word(reader, reader->parts + reader->raw[i].first, reader->raw[i].n, cyrillic);
		look_up_glued(reader, i, cyrillic);
		look_up_tail(reader, &reader->raw[i], cyrillic);
		if (i > 0 && i % TEXT_CLAUSE_MAX == 0)
			reader->clause++;
		add_word(reader, &reader->raw[i]);
	}
	reader->in_sentence += reader->n_raw;
	reader->n_raw = reader->n_parts = 0;
	reader->clause++;
	if (reader->in_sentence >= TEXT_SENTENCE_MAX) {
		reader->sentence++;
		reader->in_sentence = 0;
	}
}

static void end_sentence(Reader *reader)
{
	end_clause(reader);
	if (reader->in_sentence > 0)
		reader->sentence++;
	reader->in_sentence = 0;
}

/* --- reading ------------------------------------------------------------------------------------- */

static gunichar char_at(const Reader *reader, gsize at, gsize *next)
{
	if (at >= reader->size) {
		*next = at;
		return 0;
	}
	guint8 first = (guint8)reader->octets[at];
	gunichar c = first < 0x80 ? first : g_utf8_get_char_validated(reader->octets + at, (gssize)(reader->size - at));
	gboolean bad = c >= (gunichar)-2;
	*next = at + (bad || first < 0x80 ? 1 : (gsize)g_utf8_skip[first]);
	return bad ? 0xfffd : c;
}

/* What follows after blanks: for telling the end of a sentence from an abbreviation. */
static gunichar next_visible(const Reader *reader, gsize at)
{
	gsize next;
	for (guint i = 0; i < 64; i++, at = next) {
		gunichar c = char_at(reader, at, &next);
		if (c == 0 || !g_unichar_isspace(c))
			return c;
	}
	return 0;
}

static Raw *current(Reader *reader)
{
	return &reader->raw[reader->n_raw - 1];
}

static void put(Reader *reader, gunichar part, gsize at, gsize next)
{
	if (!reader->open) {
		if (reader->n_raw == RAW_MAX)
			end_clause(reader);
		gsize before = reader->n_raw > 0 ? current(reader)->to : at;
		Raw raw = {.from = (guint32)at, .to = (guint32)at, .first = (guint16)reader->n_parts,
		           .gap = (guint8)MIN(at - before, 255), .glued = at - before == 1 && strchr(" \t\r\n", reader->octets[before]) == NULL};
		reader->raw[reader->n_raw++] = raw;
		reader->open = TRUE;
	}
	Raw *raw = current(reader);
	raw->to = (guint32)next;
	if (raw->n < PARTS_MAX) {
		reader->parts[reader->n_parts++] = part;
		raw->n++;
		raw->letters += is_letter(fold_code(part));
		raw->strange += !is_letter(fold_code(part));
	}
}

/* Signs inside a word that stand for letters. */
static gboolean is_leet(const Reader *reader, gunichar c, gsize next)
{
	gsize after;
	gunichar follows = char_at(reader, next, &after);
	if (c == '@' || c == '$')
		return g_unichar_isalpha(follows) || (reader->open && (follows == '@' || follows == '$'));
	return (c == '!' || c == '|' || c == '+') && reader->open && g_unichar_isalpha(follows) && !g_unichar_isupper(follows);
}

static gboolean ends_sentence(const Reader *reader, gunichar c, gsize next)
{
	gsize after;
	gunichar follows = char_at(reader, next, &after), visible = next_visible(reader, next);
	if (c != '.')
		return c != '!' || !g_unichar_isalpha(follows) || g_unichar_isupper(follows);
	if (follows != 0 && !g_unichar_isspace(follows) && !g_unichar_isupper(follows) && !g_unichar_ispunct(follows))
		return FALSE;
	if (reader->n_raw == 0)
		return TRUE;
	const Raw *raw = &reader->raw[reader->n_raw - 1];
	gboolean abbreviated = raw->n <= 2;
	return !(abbreviated && (g_unichar_islower(visible) || g_unichar_isdigit(visible) || raw->n == 1));
}

/* A line end ends a sentence where the line was ended on purpose. */
static gboolean ends_line(const Reader *reader, gsize at, gsize next)
{
	gsize after;
	gunichar follows = char_at(reader, next, &after);
	if (follows == '\r')
		follows = char_at(reader, after, &after);
	return follows == '\n' || follows == '>' || follows == '-' || follows == 0x2014 || follows == 0x2013 ||
	       at - reader->line < SHORT_LINE || !g_unichar_islower(next_visible(reader, next));
}

static void mark(Reader *reader, gunichar c, gsize at, gsize next)
{
	reader->open = FALSE;
	if (c == '\n') {
		if (ends_line(reader, at, next))
			end_sentence(reader);
		reader->line = next;
	} else if (c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0) {
		if (c == 0 || ends_sentence(reader, c, next))
			end_sentence(reader);
	} else if (c == ',' || c == ';' || c == ':' || c == '(' || c == ')' || c == 0x2014 || c == 0x2013 ||
	           (c == '-' && at > 0 && reader->octets[at - 1] == ' ')) {
		gsize after;
		gunichar follows = char_at(reader, next, &after);
		if (c == ',' && !g_unichar_isspace(follows) && reader->n_raw > 1 && current(reader)->n == 1 && reader->raw[reader->n_raw - 2].n == 1)
			return; /* у,б,ь,ю */
		if (c != ':' || g_unichar_isspace(follows) || follows == 0)
			end_clause(reader);
	}
}

static void take(Reader *reader, gunichar c, gsize at, gsize next)
{
	gunichar parts[FOLD_PARTS_MAX];
	gsize after;
	guint n = fold_parts(c, parts);
	if (c == 0) {
		mark(reader, 0, at, next);
		return;
	}
	for (guint i = 0; i < n; i++) {
		guint8 code = fold_code(parts[i]);
		if (code == '\'' && (!reader->open || !g_unichar_isalpha(char_at(reader, next, &after))))
			code = 0;
		if (code != 0 || is_leet(reader, parts[i], next))
			put(reader, parts[i], at, next);
		else
			mark(reader, parts[i], at, next);
	}
}

Text *text_read(const Rules *rules, const char *octets, gsize size)
{
	g_autofree Reader *reader = g_new0(Reader, 1);
	Text *text = g_new0(Text, 1);
	size = MIN(size, G_MAXUINT32 - 1);
	text->words = g_array_new(FALSE, FALSE, sizeof(TextWord));
	text->atoms = g_array_new(FALSE, FALSE, sizeof(guint16));
	text->zones = zones_find(octets, size);
	reader->rules = rules;
	reader->octets = octets;
	reader->size = size;
	reader->text = text;
	reader->atoms = g_array_new(FALSE, FALSE, sizeof(guint16));
	gsize next;
	for (gsize at = 0; at < size; at = next) {
		gunichar c = char_at(reader, at, &next);
		take(reader, c, at, next);
	}
	end_sentence(reader);
	g_array_unref(reader->atoms);
	return text;
}

void text_free(Text *text)
{
	if (text == NULL)
		return;
	g_array_unref(text->words);
	g_array_unref(text->atoms);
	g_array_unref(text->zones);
	g_free(text);
}

gboolean text_word_is(const Text *text, guint number, const GArray *atoms)
{
	const TextWord *word = &g_array_index(text->words, TextWord, number);
	for (guint i = 0; i < word->n_atoms; i++)
		if (rules_has(atoms, g_array_index(text->atoms, guint16, word->atoms + i)))
			return TRUE;
	return FALSE;
}
