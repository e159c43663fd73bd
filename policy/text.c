/* SPDX-License-Identifier: ISC */
#include "policy/text.h"

#include <string.h>

#include "policy/fold.h"
#include "policy/lines.h"
#include "policy/look-ahead.h"
#include "policy/spell.h"

#define PARTS_MAX 60        /* of one word; the rest of it is not looked at */
#define READINGS_MAX 5      /* doubtful letters of one word that are read both ways */
#define SPELLED_LEAST 3     /* letters in a row that may spell a word */
#define GLUED_MAX 6
#define GLUED_LETTERS 32 /* more are several words */
#define RAW_MAX 320        /* pieces of a clause, before letters are put together */
#define SPELLED_REACH 12    /* octets to the next letter but one */
#define SPELLED_BARE 4      /* letters in a row without a wider gap that may be several words */
#define GUESSED_LEAST 2     /* words parted so ... */
#define GUESSED_SHARE 17 / 20 /* ... of which less than this part is known: what stands between, a guard perhaps, is lost */
#define RUN_MAX 3           /* of one letter in a row; more say no more */
#define KNOWN_LEAST 64      /* words that are remembered: a power of two, by the size of the text */
#define KNOWN_MOST 32768
#define KNOWN_OCTETS 8      /* of the text for each of them */
#define ENGLISH_LEAST 3     /* letters of English words that make a clause English: "my", "on" are Russian as well */
#define LEET_LEAST 2        /* words with signs among their letters, in a clause where digits alone may be a word, ... */
#define LEET_MOST 8         /* ... of so many */
#define SHORT_LINE 45       /* octets: such a line was ended on purpose */

/* A word of the clause under way; its parts lie in the reader's pool. */
typedef struct {
	guint32 from, to;
	guint32 hash;       /* of its octets */
	guint16 first, n;   /* parts */
	guint8 chars;       /* characters, at most 255 */
	guint8 blanks;      /* before it, at most 255 */
	gunichar sign;      /* before it, the last of several; 0 for none */
	gboolean glued;     /* one sign, no blank, before it */
	gboolean guessed;   /* TextWord */
	FoldCounts look;
} Raw;

/* What was found of a word: atoms of the text, from the first of them on. */
typedef struct {
	guint32 first, codes;
	guint16 n;
	guint8 n_codes;
	RulesBits bits;
} Found;

/* A word that was looked up: the same octets again need no second time. */
typedef struct {
	guint32 from, size;
	guint8 how; /* ways + 1 */
	Found found;
} Known;

typedef struct {
	const Rules *rules;
	const char *octets;
	gsize size;
	Text *text;
	guint32 sentence, clause;
	guint in_sentence;
	FoldLetter *parts; /* PARTS_MAX * RAW_MAX */
	Raw raw[RAW_MAX];
	guint n_raw, n_parts;
	gboolean open; /* the last raw word goes on */
	gboolean colon; /* since the last word that was added */
	gsize line;    /* where the line begins */
	gboolean wrapped; /* lines_are_wrapped() */
	GArray *atoms; /* of the word being looked up, ... */
	guint8 meant[FOLD_KEY_MAX]; /* ... and the letters it is meant in */
	guint8 n_meant;
	guint16 most;  /* atoms that came with them */
	gboolean stretched, english, cyrillic, leet; /* the clause */
	gboolean was_english; /* one before it */
	guint blanks, signs; /* since the last word */
	gunichar sign;
	gunichar dotted; /* the sign between the letters of the last word that was spelled so, in the clause before */
	Known *known;
	guint32 n_known;
	guint64 unmasked; /* steps that disguises took */
	gboolean plain;   /* what is looked up is written so */
	gboolean has_ng;  /* the line under way: who has Kazakh letters there means н by н; another line may be another's */
	guint64 plain_n;  /* of the key under way: rules_look_up() */
	gsize next_ng; /* the first such letter at or behind the line under way */
	guint zone;    /* index of the zone not yet passed */
} Reader;

/* --- one word: its keys --------------------------------------------------------------------- */

static FoldCounts look_at(const FoldLetter *parts, guint n)
{
	FoldLook look = {.sum = 0};
	for (guint i = 0; i < n; i++)
		look.sum += parts[i].look.sum;
	return look.of;
}

static void add_letter(Reader *reader, gunichar part, guint8 code, guint8 *key, gsize *size)
{
	if (part == 0x43d && reader->has_ng)
		reader->plain_n |= G_GUINT64_CONSTANT(1) << *size;
	key[(*size)++] = code;
}

/* readings: bit i says that the ith doubtful part is read the second way. Returns how many doubtful ones there are. */
static guint repair(Reader *reader, const FoldLetter *parts, guint n, gboolean cyrillic, guint readings, gboolean stars,
                    guint8 *key, gsize *size)
{
	guint doubtful = 0;
	*size = 0;
	reader->plain_n = 0;
	for (guint i = 0; i < n && *size < FOLD_KEY_MAX; i++) {
		const guint8 *readings_of = cyrillic ? parts[i].cyrillic : parts[i].latin;
		const guint8 code = parts[i].code, first = readings_of[0], second = readings_of[1];
		gboolean other = second != 0 && doubtful < READINGS_MAX && (readings >> doubtful & 1) != 0;
		doubtful += second != 0 && doubtful < READINGS_MAX;
		if ((code == '\'' && cyrillic) || (code == '*' && !stars))
			continue;
		guint8 result = other ? second : first != 0 ? first : code;
		if (result != 0)
			add_letter(reader, parts[i].part, result, key, size);
	}
	return doubtful;
}

/* Whether there is still room for what is dressed up; what there is no room for is told by text->cut. */
static gboolean may_unmask(Reader *reader)
{
	gboolean may = reader->unmasked < TEXT_DISGUISE_STEPS;
	reader->text->cut = reader->text->cut || !may;
	return may;
}

static void look_up_view(Reader *reader, RulesView view, const guint8 *key, gsize size)
{
	if (memchr(key, '*', size) != NULL && !may_unmask(reader))
		return;
	guint steps = rules_look_up(reader->rules, view, key, size, view == VIEW_WRITTEN ? reader->plain_n : 0, reader->atoms);
	reader->text->steps += steps;
	reader->unmasked += reader->plain ? 0 : steps;
}

static void look_up_sounds(Reader *reader, const guint8 *key, gsize size)
{
	guint8 sounds[2 * FOLD_KEY_MAX];
	guint doubtful, unused;
	gsize n = fold_sound(key, size, 0, sounds, &doubtful);
	look_up_view(reader, VIEW_SOUND, sounds, n);
	for (guint readings = 1; readings < FOLD_READINGS; readings++) {
		if ((readings & ~doubtful) != 0)
			continue;
		n = fold_sound(key, size, readings, sounds, &unused);
		look_up_view(reader, VIEW_SOUND, sounds, n);
	}
}

/* Runs of one letter: three are stretched; where the clause is, two may be; where every letter is there twice, all are. */
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
	if (n < size) /* letters have moved */
		reader->plain_n = 0;
	look_up_view(reader, VIEW_WRITTEN, calm, n);
	if (stretched || (doubled && reader->stretched))
		look_up_view(reader, VIEW_SQUEEZED, other, fold_squeeze(key, size, other));
	if (!reader->english && n > 0 && !FOLD_IS_CYRILLIC(key[0]) && key[0] != FOLD_OTHER)
		look_up_sounds(reader, key, size);
}

/* Of several readings that one is meant by which most is known; `before`: how many atoms there were without it. */
static void mean(Reader *reader, const guint8 *key, gsize size, guint before)
{
	const guint more = reader->atoms->len - before;
	if (reader->n_meant > 0 && more <= reader->most)
		return;
	memcpy(reader->meant, key, size);
	reader->n_meant = (guint8)size;
	reader->most = (guint16)more;
}

static void look_up_readings(Reader *reader, const FoldLetter *parts, guint n, gboolean cyrillic, gboolean stars)
{
	guint8 key[FOLD_KEY_MAX];
	gsize size;
	guint doubtful = repair(reader, parts, n, cyrillic, 0, stars, key, &size);
	for (guint readings = 0; readings < 1u << doubtful; readings++) {
		if (readings > 0 && !may_unmask(reader))
			return;
		const guint before = reader->atoms->len;
		repair(reader, parts, n, cyrillic, readings, stars, key, &size);
		look_up(reader, key, size);
		mean(reader, key, size, before);
		reader->plain = FALSE;
	}
}

/* Which script a word is meant in. Where nothing in it decides, its clause does. */
static gboolean is_cyrillic(const FoldCounts *look, gboolean clause)
{
	if (look->cyrillic == 0 || look->latin == 0)
		return look->cyrillic > 0;
	if (look->strong_cyrillic != look->strong_latin)
		return look->strong_cyrillic > look->strong_latin;
	return look->cyrillic != look->latin ? look->cyrillic > look->latin : clause;
}

/* The codes as they are: nothing to repair. */
static gsize codes_of(Reader *reader, const FoldLetter *parts, guint n, guint8 *key)
{
	gsize size = 0;
	reader->plain_n = 0;
	for (guint i = 0; i < n && size < FOLD_KEY_MAX; i++)
		if (parts[i].code != 0)
			add_letter(reader, parts[i].part, parts[i].code, key, &size);
	return size;
}

static void look_up_word(Reader *reader, const FoldLetter *parts, guint n, FoldCounts look)
{
	const gboolean clause = reader->cyrillic;
	guint8 key[FOLD_KEY_MAX];
	const guint before = reader->atoms->len;
	gsize size;
	reader->n_meant = 0;
	if (look.letters == 0) {
		if (look.digits > 0 && look.stars == 0)
			g_array_append_val(reader->atoms, reader->rules->number);
		if (look.digits > 0 && reader->leet && n <= LEET_MOST)
			look_up_readings(reader, parts, n, clause, TRUE);
		else
			mean(reader, key, codes_of(reader, parts, n, key), before);
		return;
	}
	gboolean mixed = look.cyrillic > 0 && look.latin > 0, cyrillic = is_cyrillic(&look, clause);
	reader->plain = TRUE;
	if (mixed && look.strong_cyrillic == look.strong_latin)
		cyrillic = clause;
	if (!mixed && look.digits == 0) { /* doubtful letters are what they are */
		size = codes_of(reader, parts, n, key);
		look_up(reader, key, size);
		mean(reader, key, size, before);
		reader->plain = FALSE;
		if (cyrillic != clause && (cyrillic ? look.strong_cyrillic : look.strong_latin) == 0 && n > 1) {
			reader->n_meant = reader->most == 0 ? 0 : reader->n_meant;
			look_up_readings(reader, parts, n, clause, TRUE);
		}
	} else {
		look_up_readings(reader, parts, n, cyrillic, TRUE);
		if (!cyrillic && !reader->english && look.digits > 0) /* 4to */
			look_up_sounds(reader, key, codes_of(reader, parts, n, key));
	}
	if (look.stars > 0 && (look.stars > 1 || parts[0].code == '*' || parts[n - 1].code == '*'))
		look_up_readings(reader, parts, n, cyrillic, FALSE);
}

/* What any word's ending tells, of the letters that the word is meant in; by its sound where it is Latin. */
static void look_up_ending(Reader *reader)
{
	guint8 sounds[2 * FOLD_KEY_MAX];
	guint unused;
	const gsize n = reader->n_meant;
	if (n == 0 || reader->english)
		return;
	if (reader->stretched)
		reader->text->steps += rules_look_up_any(reader->rules, VIEW_SQUEEZED, sounds, fold_squeeze(reader->meant, n, sounds), 0,
		                                         reader->atoms);
	else if (FOLD_IS_CYRILLIC(reader->meant[0]))
		reader->text->steps += rules_look_up_any(reader->rules, VIEW_WRITTEN, reader->meant, n, reader->plain_n, reader->atoms);
	else
		reader->text->steps += rules_look_up_any(reader->rules, VIEW_SOUND, sounds, fold_sound(reader->meant, n, 0, sounds, &unused), 0,
		                                         reader->atoms);
}

/* --- letters that stand alone ------------------------------------------------------------------- */

static gboolean is_single(const Reader *reader, const Raw *raw)
{
	const FoldLetter *parts = reader->parts + raw->first;
	guint same = 1;
	if (raw->chars == 1)
		return TRUE;
	while (same < raw->n && parts[same].part == parts[0].part)
		same++;
	return (same == raw->n && parts[0].is_letter) || (raw->n == 3 && parts[1].part == '\''); /* I'l l */
}

static void join(Raw *raw, guint first, guint last)
{
	raw[first].to = raw[last].to;
	raw[first].n = (guint16)(raw[last].first + raw[last].n - raw[first].first);
}

/* Where a gap is wider than between letters: more blanks than the fewest, or another sign than letters have between, or none. */
typedef struct {
	gunichar sign;
	guint least;
} Gaps;

static Gaps look_at_gaps(const Raw *raw, guint n)
{
	Gaps gaps = {0, G_MAXUINT};
	guint same = 0;
	for (guint i = 1; i < n; i++) { /* what more than half of them are, if anything is */
		if (same == 0)
			gaps.sign = raw[i].sign;
		same += raw[i].sign == gaps.sign ? 1 : -1u;
		gaps.least = MIN(gaps.least, raw[i].blanks);
	}
	same = 0;
	for (guint i = 1; i < n; i++)
		same += raw[i].sign == gaps.sign;
	gaps.sign = 2 * same > n - 1 ? gaps.sign : 0;
	return gaps;
}

static gboolean is_wide(const Gaps *gaps, const Raw *raw)
{
	return raw->sign != gaps->sign || (gaps->sign == 0 && raw->blanks > gaps->least);
}

/* The letters of a row in the script that most of them are of, and which piece each comes from. Returns how many. */
static guint spell_codes(const Reader *reader, const Raw *raw, guint n, guint8 *codes, guint16 *owners)
{
	guint cyrillic = 0, letters = 0, size = 0;
	for (guint i = 0; i < n; i++) {
		const FoldLetter *letter = &reader->parts[raw[i].first];
		cyrillic += letter->look.of.cyrillic;
		letters += letter->look.of.letters;
	}
	for (guint i = 0; i < n; i++) {
		const FoldLetter *parts = reader->parts + raw[i].first;
		for (guint k = 0; k < (parts[raw[i].n - 1].part == parts[0].part ? 1u : raw[i].n) && size < SPELL_LETTERS_MAX; k++, size++) {
			gboolean in_cyrillic = 2 * cyrillic > letters;
			guint8 code = in_cyrillic ? parts[k].cyrillic[0] : parts[k].latin[0];
			codes[size] = code != 0 ? code : parts[k].code;
			owners[size] = (guint16)i;
		}
	}
	return 2 * letters > n ? size : 0;
}

/* Parts a row of single letters where words seem to end. Returns how many pieces it has now, from the first on. */
static guint spell_row(Reader *reader, Raw *raw, guint n)
{
	guint8 codes[SPELL_LETTERS_MAX];
	guint16 ends[SPELL_LETTERS_MAX], owners[SPELL_LETTERS_MAX];
	guint letters = n >= SPELLED_BARE && may_unmask(reader) ? spell_codes(reader, raw, n, codes, owners) : 0;
	guint words = 0, pieces = 0, known = 0;
	if (letters > 0) {
		guint64 steps = 0;
		words = spell_words(reader->rules, codes, letters, ends, &known, &steps);
		reader->text->steps += steps;
		reader->unmasked += steps;
	}
	for (guint i = 0, from = 0; from < n; i++) {
		guint end = i + 1 >= words ? n : MAX(owners[ends[i] - 1] + 1u, from + 1);
		Raw piece = raw[from];
		join(raw, from, end - 1);
		piece.to = raw[from].to;
		piece.n = (guint16)MIN(raw[from].n, PARTS_MAX);
		piece.chars = 2;
		piece.guessed = words > GUESSED_LEAST && known < letters * GUESSED_SHARE;
		raw[pieces++] = piece;
		from = end;
	}
	return pieces;
}

/* Two letters that stand close in a clause of their own (т.ы, т.р.у.п) spell a word where one beside them is spelled so; three do
 * where they are not words each: а я у вас. */
static gboolean is_spelled_short(const Reader *reader, const Raw *raw, guint n)
{
	if (n == SPELLED_LEAST)
		return !spell_is_words(reader->parts[raw[0].first].part, reader->parts[raw[1].first].part);
	return n == 2 && raw[1].glued && g_unichar_islower(g_utf8_get_char(reader->octets + raw[1].from)) &&
	       (reader->dotted == raw[1].sign || look_ahead_dotted(reader->octets, reader->size, raw[1].to, raw[1].sign));
}

/* Three or more letters that stand alone spell words; a gap wider than the others parts two. */
static void join_spelled(Reader *reader)
{
	Raw *raw = reader->raw;
	gunichar dotted = 0;
	guint out = 0;
	for (guint i = 0, end; i < reader->n_raw; i = end) {
		for (end = i; end < reader->n_raw && is_single(reader, &raw[end]); end++)
			;
		if (end - i <= SPELLED_LEAST && !is_spelled_short(reader, raw + i, end - i)) {
			end = MAX(end, i + 1);
			if (out != i)
				memmove(raw + out, raw + i, (end - i) * sizeof *raw);
			out += end - i;
			continue;
		}
		Gaps gaps = look_at_gaps(raw + i, end - i);
		dotted = raw[end - 1].glued ? raw[end - 1].sign : dotted;
		gboolean parted = FALSE;
		for (guint k = i + 1; k < end; k++)
			parted = parted || is_wide(&gaps, &raw[k]);
		for (guint from = i, to; from < end; from = to) {
			for (to = from + 1; to < end && !is_wide(&gaps, &raw[to]); to++)
				;
			guint pieces = 1;
			if (parted)
				join(raw, from, to - 1);
			else
				pieces = spell_row(reader, raw + from, to - from);
			raw[from].chars = 2;
			raw[from].n = (guint16)MIN(raw[from].n, PARTS_MAX);
			memmove(raw + out, raw + from, pieces * sizeof *raw);
			out += pieces;
		}
	}
	reader->n_raw = out;
	reader->dotted = dotted;
}

/* --- the clause -------------------------------------------------------------------------------- */

static gboolean clause_is_cyrillic(Reader *reader)
{
	guint cyrillic = 0, latin = 0;
	for (guint i = 0; i < reader->n_raw; i++) {
		Raw *raw = &reader->raw[i];
		raw->look = look_at(reader->parts + raw->first, raw->n);
		cyrillic += raw->look.strong_cyrillic;
		latin += raw->look.strong_latin;
	}
	return cyrillic >= latin;
}

static void add_word(Reader *reader, const Raw *raw, const Found *found)
{
	const GArray *zones = reader->text->zones;
	while (reader->zone < zones->len && g_array_index(zones, Zone, reader->zone).to <= raw->from)
		reader->zone++;
	const Zone *zone = reader->zone < zones->len ? &g_array_index(zones, Zone, reader->zone) : NULL;
	TextWord word = {raw->from, raw->to, reader->sentence, reader->clause, found->bits, found->first, found->codes,
	                 found->n, found->n_codes, (guint8)(zone != NULL && zone->from <= raw->from ? zone->kind : ZONE_OWN), reader->colon & 1, raw->guessed & 1};
	reader->colon = FALSE;
	g_array_append_val(reader->text->words, word);
}

/* One word that goes on in runs of three, or that has each letter twice or more. */
static gboolean is_stretched(const FoldLetter *parts, guint n)
{
	guint run = 1, shortest = G_MAXUINT, runs = 0;
	for (guint i = 1; i <= n; i++) {
		if (i < n && parts[i].part == parts[i - 1].part) {
			run++;
			continue;
		}
		if (run >= 3 && parts[i - 1].is_letter)
			return TRUE;
		shortest = MIN(shortest, run);
		runs++;
		run = 1;
	}
	return shortest >= 2 && runs >= 2;
}

/* The letters a word is meant in, for eyes that know only such: those of Russian and Kazakh words written in Latin letters, and
 * of stretched ones. */
static void add_codes(Reader *reader, gboolean stretched, Found *found)
{
	guint8 key[FOLD_KEY_MAX], *codes = reader->meant;
	gsize n = reader->n_meant;
	if (!reader->english && !reader->cyrillic && !reader->was_english) {
		n = fold_cyrillic(codes, n, key);
		codes = key;
	}
	if (stretched)
		n = fold_squeeze(codes, n, reader->meant);
	found->codes = reader->text->codes->len;
	found->n_codes = (guint8)n;
	g_byte_array_append(reader->text->codes, stretched ? reader->meant : codes, (guint)n);
}

/* What was looked up since the atoms were emptied. */
static Found take_atoms(Reader *reader, const Raw *raw)
{
	Found found = {.first = reader->text->atoms->len, .n = (guint16)reader->atoms->len};
	add_codes(reader, reader->stretched && is_stretched(reader->parts + raw->first, raw->n), &found);
	for (guint i = 0; i < reader->atoms->len; i++)
		rules_bits_add(&found.bits, g_array_index(reader->atoms, guint16, i));
	g_array_append_vals(reader->text->atoms, reader->atoms->data, reader->atoms->len);
	g_array_set_size(reader->atoms, 0);
	return found;
}

/* What a word split by signs is as a whole is known of its first piece. */
static gboolean look_up_glued(Reader *reader, guint i)
{
	guint last = i;
	while (last + 1 < reader->n_raw && reader->raw[last + 1].glued && last - i < GLUED_MAX)
		last++;
	const FoldLetter *parts = reader->parts + reader->raw[i].first;
	guint n = reader->raw[last].first + reader->raw[last].n - reader->raw[i].first;
	if (last == i || reader->raw[i].glued || n > GLUED_LETTERS)
		return FALSE;
	look_up_word(reader, parts, n, look_at(parts, n));
	return TRUE;
}

/* Whether signs stand for letters here: k1ll, $h3; not: 5A, K2. */
static gboolean clause_is_leet(const Reader *reader)
{
	guint words = 0;
	for (guint i = 0; i < reader->n_raw; i++) {
		const FoldCounts *look = &reader->raw[i].look;
		const FoldLetter *parts = reader->parts + reader->raw[i].first;
		guint inner = look->letters > 1;
		for (guint k = 1; look->digits > 0 && k + 1 < reader->raw[i].n; k++)
			inner += !parts[k].is_letter && parts[k].part != '\'' && parts[k - 1].is_letter && parts[k + 1].is_letter;
		words += inner > 1;
	}
	return words >= LEET_LEAST;
}

static gboolean clause_is_stretched(const Reader *reader)
{
	for (guint i = 0; i < reader->n_raw; i++)
		if (is_stretched(reader->parts + reader->raw[i].first, reader->raw[i].n))
			return TRUE;
	return FALSE;
}

static guint32 hash(const Reader *reader, const Raw *raw)
{
	guint64 h = 0, some;
	for (guint32 at = raw->from; at < raw->to; at += sizeof some, h = (h ^ some) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)) {
		some = 0;
		memcpy(&some, reader->octets + at, MIN(sizeof some, raw->to - at));
		h ^= h >> 32;
	}
	return (guint32)(h >> 32);
}

/* Its atoms, from the last time the same octets stood in a clause of the same kind, or looked up. */
static Found look_up_once(Reader *reader, const Raw *raw)
{
	const guint8 how = (guint8)(1 + reader->cyrillic + 2 * reader->english + 4 * reader->stretched + 8 * reader->has_ng +
	                             16 * reader->leet + 32 * reader->was_english);
	const guint32 size = raw->to - raw->from;
	Known *known = &reader->known[(raw->hash + how) & (reader->n_known - 1)];
	if (known->how == how && known->size == size && memcmp(reader->octets + known->from, reader->octets + raw->from, size) == 0) {
		reader->text->steps++;
		return known->found;
	}
	look_up_word(reader, reader->parts + raw->first, raw->n, raw->look);
	look_up_ending(reader);
	*known = (Known){raw->from, size, how, take_atoms(reader, raw)};
	return known->found;
}

static Found look_up_piece(Reader *reader, guint i)
{
	const Raw *raw = &reader->raw[i];
	if (i + 1 == reader->n_raw || !reader->raw[i + 1].glued || !look_up_glued(reader, i))
		return look_up_once(reader, raw);
	look_up_word(reader, reader->parts + raw->first, raw->n, raw->look);
	look_up_ending(reader);
	return take_atoms(reader, raw);
}

static gboolean clause_is_english(Reader *reader)
{
	RulesBits english = {{0}};
	guint letters = 0;
	rules_bits_add(&english, reader->rules->english);
	reader->english = TRUE; /* as written: what a word sounds like proves nothing */
	for (guint i = 0; i < reader->n_raw && !reader->cyrillic; i++) {
		const Found found = look_up_once(reader, &reader->raw[i]);
		for (guint k = 0; rules_bits_meet(&found.bits, &english) && k < found.n; k++)
			if (g_array_index(reader->text->atoms, guint16, found.first + k) == reader->rules->english)
				letters += reader->raw[i].n;
	}
	return letters >= ENGLISH_LEAST;
}

static void end_clause(Reader *reader)
{
	reader->open = FALSE;
	reader->blanks = reader->signs = 0;
	reader->sign = 0;
	if (reader->n_raw == 0)
		return;
	join_spelled(reader);
	for (guint i = 0; i < reader->n_raw; i++)
		reader->raw[i].hash = hash(reader, &reader->raw[i]);
	reader->cyrillic = clause_is_cyrillic(reader);
	reader->stretched = clause_is_stretched(reader);
	reader->leet = clause_is_leet(reader);
	reader->english = clause_is_english(reader);
	for (guint i = 0; i < reader->n_raw; i++) {
		const Found found = look_up_piece(reader, i);
		if (i > 0 && i % TEXT_CLAUSE_MAX == 0)
			reader->clause++;
		add_word(reader, &reader->raw[i], &found);
	}
	reader->in_sentence += reader->n_raw;
	reader->n_raw = reader->n_parts = 0;
	reader->was_english = reader->was_english || reader->english;
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

static gunichar seen_at(const Reader *reader, gsize at, gsize *next)
{
	return look_ahead_seen(reader->octets, reader->size, at, next);
}

static Raw *current(Reader *reader)
{
	return &reader->raw[reader->n_raw - 1];
}

static void put(Reader *reader, const FoldLetter *part, gsize at, gsize next)
{
	if (!reader->open) {
		if (reader->n_raw == RAW_MAX)
			end_clause(reader);
		Raw raw = {.from = (guint32)at, .to = (guint32)at, .first = (guint16)reader->n_parts,
		           .blanks = (guint8)MIN(reader->blanks, 255), .sign = reader->sign,
		           .glued = reader->n_raw > 0 && reader->signs == 1 && reader->blanks == 0};
		reader->raw[reader->n_raw++] = raw;
		reader->open = TRUE;
		reader->blanks = reader->signs = 0;
		reader->sign = 0;
	}
	Raw *raw = current(reader);
	raw->chars = (guint8)MIN(raw->chars + (at >= raw->to || raw->n == 0), 255);
	raw->to = (guint32)next;
	const FoldLetter *last = reader->parts + raw->first + raw->n - 1;
	gboolean goes_on = raw->n >= RUN_MAX && part->part == last[0].part && part->part == last[-1].part && part->part == last[-2].part;
	if (raw->n < PARTS_MAX && !(goes_on && part->is_letter)) {
		reader->parts[reader->n_parts++] = *part;
		raw->n++;
	}
}

/* I ' l l, p @ y: a blank on both sides, and letters that stand alone. */
static gboolean is_spelled_sign(const Reader *reader, gsize next)
{
	gsize at;
	if (reader->open || reader->n_raw == 0 || reader->blanks == 0 || reader->signs > 0 ||
	    !is_single(reader, &reader->raw[reader->n_raw - 1]) ||
	    !g_unichar_isspace(seen_at(reader, next, &at)))
		return FALSE;
	return g_unichar_isalpha(seen_at(reader, at, &at)) && !g_unichar_isalnum(seen_at(reader, at, &at));
}

/* Signs inside a word that stand for letters. $500 is a word as 500 is: a number. */
static gboolean is_leet(const Reader *reader, gunichar c, gsize next)
{
	gsize after, unused;
	const gunichar follows = seen_at(reader, next, &after);
	if (c != '@' && c != '$')
		return (c == '!' || c == '|' || c == '+') && reader->open && g_unichar_isalpha(follows) && !g_unichar_isupper(follows);
	if (follows == '@' || follows == '$')
		return reader->open || g_unichar_isalnum(seen_at(reader, after, &unused));
	return reader->open || g_unichar_isalnum(follows) || is_spelled_sign(reader, next);
}

/* The last of three letters or more that stand alone, with blanks between them or with stops (e.n.d.s.): no abbreviation. Where
 * all are capitals they may be initials. */
static gboolean ends_row(const Reader *reader)
{
	const Raw *last = &reader->raw[reader->n_raw - 1];
	guint stops = 0;
	for (guint i = 0; i < SPELLED_LEAST; i++) {
		if (reader->n_raw <= i || !is_single(reader, last - i))
			return FALSE;
		stops += i + 1 < SPELLED_LEAST && (last - i)->sign != 0;
	}
	return stops == 0 || (last->glued && g_unichar_islower(g_utf8_get_char(reader->octets + last->from)));
}

static gboolean ends_sentence(const Reader *reader, gunichar c, gsize next)
{
	gsize after;
	gunichar follows = seen_at(reader, next, &after), visible = look_ahead_word(reader->octets, reader->size, next);
	if (c != '.')
		return c != '!' || !g_unichar_isalpha(follows) || g_unichar_isupper(follows);
	if (follows != 0 && !g_unichar_isspace(follows) && !g_unichar_isupper(follows) && !g_unichar_ispunct(follows))
		return FALSE;
	if (reader->n_raw == 0)
		return TRUE;
	const Raw *raw = &reader->raw[reader->n_raw - 1];
	if (ends_row(reader))
		return TRUE;
	gboolean abbreviated = is_single(reader, raw) || (raw->n == 2 && follows != '\n' && follows != '\r'); /* “… of me.” ends its line */
	return !(abbreviated && (g_unichar_islower(visible) || g_unichar_isdigit(visible) || raw->n == 1));
}

/* A line end ends a sentence where the line was ended on purpose. */
static gboolean ends_line(const Reader *reader, gsize at, gsize next)
{
	gsize after;
	gunichar follows = seen_at(reader, next, &after);
	if (follows == '\r')
		follows = seen_at(reader, after, &after);
	return follows == '\n' || follows == '>' || follows == '-' || follows == 0x2014 || follows == 0x2013 ||
	       at - reader->line < SHORT_LINE || !g_unichar_islower(look_ahead_word(reader->octets, reader->size, next)) ||
	       !reader->wrapped || lines_have_room(reader->octets, reader->size, reader->line, at, next);
}

/* A sign between letters that stand alone, and the same one behind the next, or no letter: у - б - ь - ю. What ends a word whose
 * letters stand close (d.i.e. S.o) is none. */
static gboolean spells(const Reader *reader, gunichar c, gsize next)
{
	gsize at = next, after;
	gunichar letter, sign;
	if (reader->n_raw == 0 || !is_single(reader, &reader->raw[reader->n_raw - 1]) ||
	    (reader->raw[reader->n_raw - 1].glued && g_unichar_isspace(seen_at(reader, next, &after))))
		return FALSE;
	while (g_unichar_isspace(letter = seen_at(reader, at, &after)) && after - next < SPELLED_REACH)
		at = after;
	if (!g_unichar_isalnum(letter))
		return FALSE;
	const gsize behind = at = after;
	while (g_unichar_isspace(sign = seen_at(reader, at, &after)) && after - next < SPELLED_REACH)
		at = after;
	const gboolean last = c == '-' || reader->raw[reader->n_raw - 1].sign == c;
	return sign == c || (last && !g_unichar_isalnum(seen_at(reader, behind, &after)));
}

static gboolean parts_clauses(const Reader *reader, gunichar c, gsize next)
{
	gsize after;
	gunichar follows = seen_at(reader, next, &after);
	if (c == ':')
		return g_unichar_isspace(follows) || follows == 0;
	return c == ',' || c == ';' || c == '(' || c == ')' || c == 0x2014 || c == 0x2013 ||
	       (c == '-' && reader->blanks > 0);
}

/* The next of ғ қ ң ү ұ һ, or the end. */
static gsize find_ng(const Reader *reader, gsize at)
{
	const char *found = at < reader->size ? memchr(reader->octets + at, 0xd2, reader->size - at) : NULL;
	return found != NULL ? (gsize)(found - reader->octets) : reader->size;
}

static void begin_line(Reader *reader, gsize at)
{
	const char *lf = at < reader->size ? memchr(reader->octets + at, '\n', reader->size - at) : NULL;
	const gsize end = lf != NULL ? (gsize)(lf - reader->octets) : reader->size;
	reader->line = at;
	if (reader->next_ng < at)
		reader->next_ng = find_ng(reader, at);
	reader->has_ng = reader->next_ng < end;
}

static void mark(Reader *reader, gunichar c, gsize at, gsize next)
{
	reader->open = FALSE;
	if (g_unichar_isspace(c)) {
		reader->blanks++;
	} else {
		reader->signs++;
		reader->sign = c;
	}
	if (c == '\n') {
		if (ends_line(reader, at, next))
			end_sentence(reader);
		begin_line(reader, next);
	} else if (c != 0 && spells(reader, c, next)) {
		return;
	} else if (c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0) {
		if (c == 0 || ends_sentence(reader, c, next))
			end_sentence(reader);
	} else if (parts_clauses(reader, c, next)) {
		end_clause(reader);
		reader->colon = reader->colon || c == ':';
	}
}

static void take(Reader *reader, gunichar c, gsize at, gsize next)
{
	FoldLetter own[FOLD_PARTS_MAX];
	const FoldLetter *letters;
	gsize after;
	if (c == ' ') {
		reader->open = FALSE;
		reader->blanks++;
		return;
	}
	if (c == 0) {
		mark(reader, 0, at, next);
		return;
	}
	guint n = fold_letters(c, &letters, own);
	for (guint i = 0; i < n; i++) {
		const FoldLetter *letter = &letters[i];
		gboolean of_word = letter->code != 0;
		if (letter->code == '\'' && (!reader->open || !g_unichar_isalnum(seen_at(reader, next, &after))) &&
		    !is_spelled_sign(reader, next))
			of_word = FALSE;
		if (of_word || is_leet(reader, letter->part, next))
			put(reader, letter, at, next);
		else
			mark(reader, letter->part, at, next);
	}
}

/* How many words are worth remembering: a power of two. */
static guint32 known_for(gsize size)
{
	guint32 n = KNOWN_LEAST;
	while (n < KNOWN_MOST && n < size / KNOWN_OCTETS)
		n *= 2;
	return n;
}

Text *text_read(const Rules *rules, const char *octets, gsize size)
{
	g_autofree Reader *reader = g_new0(Reader, 1);
	g_autofree FoldLetter *parts = g_new(FoldLetter, PARTS_MAX * RAW_MAX);
	g_autofree Known *known = g_new0(Known, known_for(size));
	Text *text = g_new0(Text, 1);
	size = MIN(size, G_MAXUINT32 - 1);
	text->words = g_array_sized_new(FALSE, FALSE, sizeof(TextWord), (guint)(size / 16));
	text->atoms = g_array_sized_new(FALSE, FALSE, sizeof(guint16), (guint)(size / 8));
	text->codes = g_byte_array_sized_new((guint)(size / 2));
	text->zones = zones_find(octets, size);
	reader->rules = rules;
	reader->octets = octets;
	reader->size = size;
	reader->text = text;
	reader->parts = parts;
	reader->known = known;
	reader->n_known = known_for(size);
	reader->wrapped = lines_are_wrapped(octets, size);
	reader->atoms = g_array_new(FALSE, FALSE, sizeof(guint16));
	reader->next_ng = find_ng(reader, 0);
	begin_line(reader, 0);
	gsize next;
	for (gsize at = 0; at < size; at = next) {
		const gunichar c = look_ahead_raw(octets, size, at, &next);
		take(reader, c, at, next);
	}
	end_sentence(reader);
	g_array_unref(reader->atoms);
	return text;
}

void text_wipe(GByteArray *codes)
{
	if (codes->len > 0)
		explicit_bzero(codes->data, codes->len);
}

void text_free(Text *text)
{
	if (text == NULL)
		return;
	g_array_unref(text->words);
	g_array_unref(text->atoms);
	text_wipe(text->codes);
	g_byte_array_unref(text->codes);
	g_array_unref(text->zones);
	g_free(text);
}

gboolean text_word_has(const Text *text, const TextWord *word, const RulesAtoms *of)
{
	for (guint i = 0; i < word->n_atoms; i++)
		if (rules_has(of->atoms, g_array_index(text->atoms, guint16, word->atoms + i)))
			return TRUE;
	return FALSE;
}
