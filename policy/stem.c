/* SPDX-License-Identifier: ISC */
#include "policy/stem.h"

#include <string.h>

#include "policy/name-text.h"

#define LEAST 3          /* letters of a word, and of what is left of it */
#define PATTERNS 12      /* spellings of one stem */
#define PHRASE 16        /* words of a phrase */
#define LOCAL_DIGITS 7   /* of a telephone number as it is written within a town */
#define NUMBER_DIGITS 32

/* --- folding ------------------------------------------------------------------------------------------------------ */

void stem_wipe(GString *folded)
{
	if (folded == NULL)
		return;
	explicit_bzero(folded->str, folded->allocated_len);
	g_string_free(folded, TRUE);
}

static void name_text_wipe(NameText *text)
{
	explicit_bzero(text->folds->str, text->folds->allocated_len);
	name_text_free(text);
}

/* What may stand between the digits of one number. */
static gboolean joins(char c)
{
	return c == ' ' || c == '-' || c == '(' || c == ')' || c == '.';
}

/* The number that begins at *at, as its digits: 0 of them where there is none. *at goes behind it. */
static gsize read_number(const char **at, const char *end, char digits[NUMBER_DIGITS + 1])
{
	gsize n = 0;
	const char *p = *at, *last = p;
	for (guint between = 0; p < end && between < 3; p++) {
		if (g_ascii_isdigit(*p)) {
			if (n < NUMBER_DIGITS)
				digits[n++] = *p;
			last = p + 1;
			between = 0;
		} else if (joins(*p)) {
			between++;
		} else {
			break;
		}
	}
	/* Without a single number's length it is a row of numbers: the first alone, then the next. */
	if (n < LOCAL_DIGITS || n > 15) {
		for (n = 0, p = *at; p < end && g_ascii_isdigit(*p); p++)
			if (n < NUMBER_DIGITS)
				digits[n++] = *p;
		last = p;
	}
	if (n == 11 && digits[0] == '8')
		digits[0] = '7'; /* the trunk prefix of Kazakhstan, and its country code */
	digits[n] = '\0';
	*at = last;
	return n;
}

/* local: of a number its last digits too, by which it is known within its town. */
static void add_numbers(GString *out, const char *line, const char *end, gboolean local)
{
	char digits[NUMBER_DIGITS + 1];
	while (line < end) {
		gsize n = g_ascii_isdigit(*line) ? read_number(&line, end, digits) : 0;
		line += n == 0;
		if (n > 0)
			g_string_append_printf(out, " %s", digits);
		if (n > LOCAL_DIGITS && local)
			g_string_append_printf(out, " %s", digits + n - LOCAL_DIGITS);
	}
	explicit_bzero(digits, sizeof digits);
}

static void add_line(GString *out, const char *line, const char *end)
{
	NameText *words = name_text_new(line, (gsize)(end - line));
	for (gssize i = 0; name_text_word(words, i) != NULL; i++) {
		if (name_text_word(words, i)->size == 0)
			continue;
		g_string_append_c(out, ' ');
		g_string_append(out, name_text_fold(words, i));
	}
	name_text_wipe(words);
	add_numbers(out, line, end, TRUE);
	g_string_append_c(out, '\n');
}

GString *stem_fold(const char *text, gsize size)
{
	GString *out = g_string_sized_new(2 * size + 64); /* nothing is left behind by growing */
	for (const char *line = text, *end = text + size; line < end;) {
		const char *stop = memchr(line, '\n', (gsize)(end - line));
		stop = stop != NULL ? stop : end;
		add_line(out, line, stop);
		line = stop + 1;
	}
	return out;
}

/* --- endings -------------------------------------------------------------------------------------------------------- */

/* Of Kazakh: plural, possession, case, who does it. They stand one behind another. */
static const char *const kazakh[] = {
	"лар", "лер", "дар", "дер", "тар", "тер", "ымыз", "іміз", "мыз", "міз", "ыңыз", "іңіз", "ңыз", "ңіз", "ым", "ім", "ың", "ің",
	"сы", "сі", "ы", "ның", "нің", "дың", "дің", "тың", "тің", "ға", "ге", "қа", "ке", "на", "не", "а", "е", "ны", "ні", "ды", "ді",
	"ты", "ті", "н", "ын", "сын", "сін", "да", "де", "та", "те", "нда", "нде", "ында", "інде", "сында", "сінде", "дан", "ден", "тан",
	"тен", "нан", "нен", "мен", "бен", "пен", "дағы", "дегі", "тағы", "тегі", "ндағы", "ндегі", "шы", "ші", "ған", "ген", "қан",
	"кен", "у", "уы", "уі", "м", "ң",
};

/* Of Russian: one, and -ся behind a verb's. */
static const char *const russian[] = {
	"иями", "ями", "ами", "иях", "ях", "ах", "иям", "ям", "ам", "ием", "ией", "ей", "ой", "ый", "ий", "ого", "его", "ому", "ему",
	"ыми", "ими", "ым", "им", "ом", "ем", "ую", "юю", "ая", "яя", "ое", "ее", "ые", "ие", "ых", "их", "ов", "ев", "ью", "ия", "ии",
	"ию", "а", "я", "о", "е", "и", "ы", "у", "ю", "ать", "ять", "ить", "еть", "уть", "ал", "ала", "али", "ало", "ил", "ила", "или",
	"ило", "ел", "ела", "ели", "ял", "яла", "яли", "ует", "уют", "ает", "ают", "ит", "ят", "ет", "ут", "ют", "ся", "ться",
};

/* Of Russian too, where enough is left: взятка and взяточник. */
static const char *const smaller[] = {"ка", "ки", "ку", "ке", "кой", "кою", "кам", "ками", "ках", "ок", "ек"};

typedef struct {
	GPtrArray *kazakh, *russian, *smaller; /* folded */
} Endings;

static GPtrArray *fold_all(const char *const *list, gsize n)
{
	GPtrArray *folded = g_ptr_array_new();
	for (gsize i = 0; i < n; i++) {
		char *one = name_text_fold_word(list[i]);
		if (*one != '\0' && !g_ptr_array_find_with_equal_func(folded, one, g_str_equal, NULL))
			g_ptr_array_add(folded, one);
		else
			g_free(one);
	}
	return folded;
}

static const Endings *endings(void)
{
	static Endings *made;
	if (g_once_init_enter(&made)) {
		Endings *both = g_new(Endings, 1);
		both->kazakh = fold_all(kazakh, G_N_ELEMENTS(kazakh));
		both->russian = fold_all(russian, G_N_ELEMENTS(russian));
		both->smaller = fold_all(smaller, G_N_ELEMENTS(smaller));
		g_once_init_leave(&made, both);
	}
	return made;
}

/* Of these n octets, without the longest ending that leaves enough; n where there is none. */
static gsize without(const GPtrArray *list, const char *word, gsize n, gsize least)
{
	gsize left = n;
	for (guint i = 0; i < list->len; i++) {
		const char *ending = list->pdata[i];
		gsize size = strlen(ending);
		if (size + least <= n && n - size < left && memcmp(word + n - size, ending, size) == 0)
			left = n - size;
	}
	return left;
}

/* All endings of Kazakh. A word is not cut to three letters by one letter alone. */
static gsize without_kazakh(const char *word, gsize n, gsize least)
{
	gsize left;
	while ((left = without(endings()->kazakh, word, n, least)) < n) {
		if (least > 0 && left == least && left + 1 == n)
			break;
		n = left;
	}
	return n;
}

/* One of Russian, and the one before -ся. */
static gsize without_russian(const char *word, gsize n, gsize least)
{
	gsize left = without(endings()->russian, word, n, least);
	gboolean reflexive = left + 3 == n && memcmp(word + left, "sia", 3) == 0;
	left = reflexive ? without(endings()->russian, word, left, least) : left;
	return MIN(left, without(endings()->smaller, word, n, least + 1));
}

/* The whole of it is endings. */
static gboolean is_ending(const char *rest, gsize n)
{
	return n == 0 || without(endings()->russian, rest, n, 0) == 0 || without_kazakh(rest, n, 0) == 0;
}

/* --- a query -------------------------------------------------------------------------------------------------------- */

/* One word: any of these begins the word that is looked for. */
typedef struct {
	struct {
		char *text;
		gboolean exact; /* but for its endings: it is short */
	} patterns[PATTERNS];
	guint n;
} Stem;

typedef struct {
	Stem words[PHRASE];
	guint n;
} Term;

struct StemQuery {
	Term terms[STEM_TERMS];
	guint n;
};

static gboolean is_vowel(char c)
{
	return c != '\0' && strchr("aeiou", c) != NULL;
}

/* Takes the pattern. */
static void add_pattern(Stem *stem, char *pattern, gboolean exact)
{
	gboolean known = stem->n == PATTERNS;
	for (guint i = 0; !known && i < stem->n; i++)
		known = strcmp(stem->patterns[i].text, pattern) == 0;
	if (known) {
		explicit_bzero(pattern, strlen(pattern));
		g_free(pattern);
		return;
	}
	stem->patterns[stem->n].text = pattern;
	stem->patterns[stem->n++].exact = exact;
}

/* It and its other spellings: another last letter, or without the vowel before that, or with it. */
static void add_spellings(Stem *stem, const char *pattern, gsize n, gboolean exact)
{
	static const char pairs[][3] = {"pb", "bp", "kg", "gk"};
	add_pattern(stem, g_strndup(pattern, n), exact);
	if (n <= LEAST)
		return;
	char last = pattern[n - 1];
	for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
		if (last == pairs[i][0])
			add_pattern(stem, g_strdup_printf("%.*s%c", (int)n - 1, pattern, pairs[i][1]), exact);
	if (is_vowel(last))
		return;
	if (strchr("ieo", pattern[n - 2]) != NULL && !is_vowel(pattern[n - 3]))
		add_pattern(stem, g_strdup_printf("%.*s%c", (int)n - 2, pattern, last), n - 1 <= LEAST);
	if (!is_vowel(pattern[n - 2]) && is_vowel(pattern[n - 3]))
		for (const char *vowel = "ioe"; *vowel != '\0'; vowel++)
			add_pattern(stem, g_strdup_printf("%.*s%c%c", (int)n - 1, pattern, *vowel, last), exact);
}

static void make_stem(Stem *stem, const char *fold)
{
	gsize n = strlen(fold), kazakh_left = n, russian_left = n;
	if (!g_ascii_isdigit(*fold)) {
		kazakh_left = without_kazakh(fold, n, LEAST);
		russian_left = without_russian(fold, n, LEAST);
	}
	add_spellings(stem, fold, kazakh_left, kazakh_left <= LEAST && kazakh_left < n);
	add_spellings(stem, fold, russian_left, russian_left <= LEAST && russian_left < n);
}

void stem_query_free(StemQuery *query)
{
	if (query == NULL)
		return;
	for (guint t = 0; t < query->n; t++)
		for (guint w = 0; w < query->terms[t].n; w++)
			for (guint i = 0; i < query->terms[t].words[w].n; i++) {
				char *pattern = query->terms[t].words[w].patterns[i].text;
				explicit_bzero(pattern, strlen(pattern));
				g_free(pattern);
			}
	g_free(query);
}

static Term *add_term(StemQuery *query, StemFault *fault)
{
	if (query->n < STEM_TERMS)
		return &query->terms[query->n++];
	*fault = STEM_MANY;
	return NULL;
}

/* Words that stand together, already folded: one term, of which one word must be long enough. */
static StemFault add_words(StemQuery *query, const NameText *words)
{
	StemFault fault = STEM_GOOD;
	Term *term = NULL;
	gboolean longer = FALSE;
	for (gssize i = 0; fault == STEM_GOOD && name_text_word(words, i) != NULL; i++) {
		const char *fold = name_text_fold(words, i);
		if (*fold == '\0')
			continue;
		if (term == NULL && (term = add_term(query, &fault)) == NULL)
			break;
		longer = longer || g_utf8_strlen(fold, -1) >= LEAST;
		if (term->n < PHRASE)
			make_stem(&term->words[term->n++], fold);
		else
			fault = STEM_MANY;
	}
	return term != NULL && !longer && fault == STEM_GOOD ? STEM_SHORT : fault;
}

/* Between quotation marks all of it stands together, else what no blank parts: an address is a phrase. */
static StemFault add_text(StemQuery *query, const char *text, gsize size, gboolean quoted)
{
	StemFault fault = STEM_GOOD;
	for (const char *at = text, *end = text + size; fault == STEM_GOOD && at < end;) {
		gsize n = quoted ? size : MIN(strcspn(at, " \t\r\n"), (gsize)(end - at));
		NameText *words = name_text_new(at, n);
		fault = add_words(query, words);
		name_text_wipe(words);
		at += MAX(n, 1);
	}
	return fault;
}

/* Numbers are looked for by themselves, wherever they stand. */
static StemFault add_typed_numbers(StemQuery *query, const char *text, gsize size)
{
	StemFault fault = STEM_GOOD;
	GString *numbers = g_string_sized_new(2 * size + 64);
	add_numbers(numbers, text, text + size, FALSE);
	for (const char *at = numbers->str; fault == STEM_GOOD && *at == ' ';) {
		char digits[NUMBER_DIGITS + 1];
		gsize n = strcspn(at + 1, " ");
		Term *term = n >= LEAST ? add_term(query, &fault) : NULL;
		g_strlcpy(digits, at + 1, n + 1);
		if (term != NULL)
			make_stem(&term->words[term->n++], digits);
		else if (fault == STEM_GOOD)
			fault = STEM_SHORT;
		explicit_bzero(digits, sizeof digits);
		at += n + 1;
	}
	stem_wipe(numbers);
	return fault;
}

StemQuery *stem_query_new(const char *words, StemFault *fault)
{
	g_autoptr(StemQuery) query = g_new0(StemQuery, 1);
	*fault = STEM_GOOD;
	gboolean quoted = FALSE;
	for (const char *at = words; *fault == STEM_GOOD && *at != '\0'; quoted = !quoted) {
		gsize n = strcspn(at, "\"");
		*fault = add_text(query, at, n, quoted);
		if (*fault == STEM_GOOD)
			*fault = add_typed_numbers(query, at, n);
		at += n + (at[n] != '\0' ? 1 : 0);
	}
	if (*fault == STEM_GOOD && query->n == 0)
		*fault = STEM_NOTHING;
	return *fault == STEM_GOOD ? g_steal_pointer(&query) : NULL;
}

guint32 stem_query_all(const StemQuery *query)
{
	return (1u << query->n) - 1;
}

/* --- finding -------------------------------------------------------------------------------------------------------- */

static gboolean ends_word(char c)
{
	return c == ' ' || c == '\n';
}

/* Does the word at `at` begin with the stem? *behind: where it ends. */
static gboolean is_word(const Stem *stem, const char *at, const char *end, const char **behind)
{
	for (guint i = 0; i < stem->n; i++) {
		const char *pattern = stem->patterns[i].text;
		gsize n = strlen(pattern);
		if ((gsize)(end - at) < n || memcmp(at, pattern, n) != 0)
			continue;
		const char *stop = at + n;
		while (stop < end && !ends_word(*stop))
			stop++;
		*behind = stop;
		if (!stem->patterns[i].exact || is_ending(at + n, (gsize)(stop - at) - n))
			return TRUE;
	}
	return FALSE;
}

/* The whole phrase, of which the first word begins at `at`. */
static gboolean is_term(const Term *term, const char *at, const char *end)
{
	const char *behind = at;
	for (guint i = 0; i < term->n; i++) {
		while (at < end && (ends_word(*at) || (i > 0 && g_ascii_isdigit(*at)))) /* numbers end a line, and no phrase */
			at++;
		if (!is_word(&term->words[i], at, end, &behind))
			return FALSE;
		at = behind;
	}
	return TRUE;
}

/* The place of the term's next occurrence by one spelling, NULL past the last. */
static const char *next_by(const Term *term, const char *pattern, const char *from, const char *end)
{
	gsize n = strlen(pattern);
	for (const char *at = from; at < end && (at = memmem(at, (gsize)(end - at), pattern, n)) != NULL; at++)
		if (at[-1] == ' ' && is_term(term, at, end))
			return at;
	return NULL;
}

/* Counts on from *line_at, which is the beginning of *line, to `at`. */
static void add_mark(GHashTable *marks, const char *at, guint bit, const char **line_at, guint32 *line)
{
	for (const char *p; (p = memchr(*line_at, '\n', (gsize)(at - *line_at))) != NULL; *line_at = p + 1)
		(*line)++;
	gpointer key = GUINT_TO_POINTER(*line);
	g_hash_table_insert(marks, key, GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(marks, key)) | bit));
}

static gint by_line(gconstpointer a, gconstpointer b)
{
	const StemLine *one = a, *other = b;
	return one->line < other->line ? -1 : one->line > other->line;
}

static void take_marks(GHashTable *marks, GArray *lines)
{
	GHashTableIter iter;
	gpointer key, value;
	guint first = lines->len;
	g_hash_table_iter_init(&iter, marks);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const StemLine line = {GPOINTER_TO_UINT(key), GPOINTER_TO_UINT(value)};
		g_array_append_val(lines, line);
	}
	if (lines->len > first)
		qsort(&g_array_index(lines, StemLine, first), lines->len - first, sizeof(StemLine), by_line);
}

guint32 stem_query_find(const StemQuery *query, const char *folded, gsize size, GArray *lines)
{
	const char *end = folded + size;
	guint32 found = 0;
	g_autoptr(GHashTable) marks = lines != NULL ? g_hash_table_new(NULL, NULL) : NULL;
	for (guint t = 0; size > 1 && t < query->n; t++) {
		const Term *term = &query->terms[t];
		for (guint i = 0; i < term->words[0].n && (lines != NULL || (found & (1u << t)) == 0); i++) {
			const char *at = folded + 1, *line_at = folded; /* a word has a blank before it */
			guint32 line = 0;
			while ((at = next_by(term, term->words[0].patterns[i].text, at, end)) != NULL) {
				found |= 1u << t;
				if (lines == NULL)
					break;
				add_mark(marks, at, 1u << t, &line_at, &line);
				at++;
			}
		}
	}
	if (lines != NULL)
		take_marks(marks, lines);
	return found;
}

gsize stem_query_place(const StemQuery *query, const char *line, gsize size)
{
	NameText *words = name_text_new(line, size);
	gsize place = 0;
	gboolean found = FALSE;
	for (gssize i = 0; !found && name_text_word(words, i) != NULL; i++) {
		const char *fold = name_text_fold(words, i), *behind;
		for (guint t = 0; !found && t < query->n; t++)
			found = is_word(&query->terms[t].words[0], fold, fold + strlen(fold), &behind);
		place = found ? name_text_word(words, i)->at : 0;
	}
	name_text_wipe(words);
	return place;
}
