/* SPDX-License-Identifier: ISC */
#include "policy/rules-words.h"

#include <string.h>

#include "policy/fold.h"

typedef enum { ENDING_IS, ENDING_BEGINS, ENDING_ENDS } EndingKind;

typedef struct {
	EndingKind kind;
	guint64 ng; /* bit i: letter i is a ң */
	guint8 size[VIEWS];
	guint8 key[VIEWS][2 * FOLD_KEY_MAX];
} Ending;

typedef struct {
	guint number; /* below ENDINGS_MAX */
	GArray *endings; /* Ending */
	guint64 first[VIEWS][4], last[VIEWS][4]; /* a bit for each letter that one of them begins, *-ones: ends with */
	gboolean empty;                          /* no ending at all is one of them */
} Endings;
#define ENDINGS_MAX 64

/* wanted, unwanted: a bit for each list of endings; none wanted: any will do. */
typedef struct {
	guint16 id;
	guint64 wanted, unwanted;
} Atom;

typedef struct {
	char *name;
	gboolean common;
	GArray *atoms; /* Atom */
} Lexicon;

/* While it is filled everything hangs on each other. */
typedef struct {
	guint32 child, sibling, words;
	guint8 code;
} Seed;

typedef struct {
	guint32 next;
	guint16 lexicon;
	gboolean stem;
	guint64 ng; /* bit i: letter i is a ң */
} Word;

/* Then it is settled: children lie side by side, from `child` on, and so do the atoms of all words that end here. A text of
 * nothing but the rules' own words is read twice as fast so. */
typedef struct {
	guint32 child, offers;
	guint16 n_offers : 14;
	guint16 whole : 1, stem : 1; /* words that end here */
	guint8 n_children, code;
} Node;
#define OFFERS_MAX 0x3fff /* of one node */

typedef struct {
	guint64 wanted, unwanted, ng;
	gboolean stem;
} Condition;

/* Small: there are many, and few kinds of conditions. */
typedef struct {
	guint16 atom, condition;
} Offer;

struct RulesWords {
	GArray *seeds, *words; /* index 0 is none; no more when they are settled */
	GArray *nodes, *offers, *conditions;
	guint32 roots[VIEWS][256];
	GPtrArray *lexicons;
	GHashTable *by_name;   /* lexicon name -> number + 1 */
	GHashTable *endings;   /* name -> Endings */
	GPtrArray *lists;      /* the same by their numbers */
	GHashTable *atoms;     /* text -> number + 1 */
	GArray *atom_lexicon;  /* guint32: the lexicon of each atom */
	GPtrArray *entries;
	Node any; /* the atoms of RULES_ANY_WORD */
};

#define ANY_STEM 2 /* letters that a word has before its ending, at least */

static void lexicon_free(gpointer data)
{
	Lexicon *lexicon = data;
	g_free(lexicon->name);
	g_array_unref(lexicon->atoms);
	g_free(lexicon);
}

static void entry_free(gpointer data)
{
	RulesEntry *entry = data;
	g_free((char *)entry->word);
	g_free(entry);
}

static void endings_free(gpointer data)
{
	Endings *endings = data;
	g_array_unref(endings->endings);
	g_free(endings);
}

RulesWords *rules_words_new(void)
{
	RulesWords *words = g_new0(RulesWords, 1);
	words->seeds = g_array_new(FALSE, TRUE, sizeof(Seed));
	words->words = g_array_new(FALSE, TRUE, sizeof(Word));
	words->nodes = g_array_new(FALSE, TRUE, sizeof(Node));
	words->offers = g_array_new(FALSE, TRUE, sizeof(Offer));
	words->conditions = g_array_new(FALSE, TRUE, sizeof(Condition));
	words->lists = g_ptr_array_new();
	g_array_set_size(words->seeds, 1);
	g_array_set_size(words->words, 1);
	words->lexicons = g_ptr_array_new_with_free_func(lexicon_free);
	words->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	words->endings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, endings_free);
	words->atoms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	words->atom_lexicon = g_array_new(FALSE, FALSE, sizeof(guint32));
	words->entries = g_ptr_array_new_with_free_func(entry_free);
	return words;
}

void rules_words_free(RulesWords *words)
{
	if (words == NULL)
		return;
	g_array_unref(words->seeds);
	g_array_unref(words->words);
	g_array_unref(words->nodes);
	g_array_unref(words->offers);
	g_array_unref(words->conditions);
	g_ptr_array_unref(words->lists);
	g_hash_table_unref(words->by_name);
	g_ptr_array_unref(words->lexicons);
	g_hash_table_unref(words->atoms);
	g_hash_table_unref(words->endings);
	g_array_unref(words->atom_lexicon);
	g_ptr_array_unref(words->entries);
	g_free(words);
}

/* --- filling ------------------------------------------------------------------------------------ */

static Lexicon *lexicon_at(const RulesWords *words, guint number)
{
	return words->lexicons->pdata[number];
}

guint rules_words_find(const RulesWords *words, const char *name)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(words->by_name, name)) - 1;
}

guint rules_words_lexicon(RulesWords *words, const char *name)
{
	guint found = rules_words_find(words, name);
	if (found != G_MAXUINT)
		return found;
	Lexicon *lexicon = g_new0(Lexicon, 1);
	lexicon->name = g_strdup(name);
	lexicon->atoms = g_array_new(FALSE, FALSE, sizeof(Atom));
	g_ptr_array_add(words->lexicons, lexicon);
	g_hash_table_insert(words->by_name, lexicon->name, GUINT_TO_POINTER(words->lexicons->len));
	return words->lexicons->len - 1;
}

void rules_words_set_common(RulesWords *words, guint lexicon)
{
	lexicon_at(words, lexicon)->common = TRUE;
}

gboolean rules_words_is_common(const RulesWords *words, guint16 atom)
{
	return lexicon_at(words, g_array_index(words->atom_lexicon, guint32, atom))->common;
}

static guint32 child_of(const RulesWords *words, guint32 node, guint8 code)
{
	guint32 child = g_array_index(words->seeds, Seed, node).child;
	while (child != 0 && g_array_index(words->seeds, Seed, child).code != code)
		child = g_array_index(words->seeds, Seed, child).sibling;
	return child;
}

static guint32 make_child(RulesWords *words, guint32 parent, guint8 code)
{
	Seed node = {.code = code, .sibling = parent != 0 ? g_array_index(words->seeds, Seed, parent).child : 0};
	guint32 made = words->seeds->len;
	g_array_append_val(words->seeds, node);
	if (parent != 0)
		g_array_index(words->seeds, Seed, parent).child = made;
	return made;
}

static void insert(RulesWords *words, RulesView view, const guint8 *key, gsize size, const Word *word)
{
	guint32 node = words->roots[view][key[0]];
	if (node == 0)
		node = words->roots[view][key[0]] = make_child(words, 0, key[0]);
	for (gsize i = 1; i < size; i++) {
		guint32 next = child_of(words, node, key[i]);
		node = next != 0 ? next : make_child(words, node, key[i]);
	}
	Word copy = *word;
	copy.next = g_array_index(words->seeds, Seed, node).words;
	g_array_index(words->seeds, Seed, node).words = words->words->len;
	g_array_append_val(words->words, copy);
}

/* Which letters are ң; nothing where one letter of the word is not one of the key. */
static guint64 ng_of(const char *text, gsize size, gsize key_size)
{
	guint64 ng = 0;
	guint i = 0;
	for (const char *p = text; p < text + size; p = g_utf8_next_char(p), i++) {
		gunichar c = g_utf8_get_char(p);
		ng |= (c == 0x4a3 || c == 0x4a2) && i < 64 ? G_GUINT64_CONSTANT(1) << i : 0;
	}
	return i == key_size ? ng : 0;
}

static gboolean insert_word(RulesWords *words, guint lexicon, const char *text, gboolean stem)
{
	guint8 key[FOLD_KEY_MAX], other[2 * FOLD_KEY_MAX];
	guint doubtful;
	gsize size = fold_word(text, strlen(text) - (stem ? 1 : 0), key);
	if (size == 0)
		return FALSE;
	Word word = {0, (guint16)lexicon, stem, ng_of(text, strlen(text) - (stem ? 1 : 0), size)};
	insert(words, VIEW_WRITTEN, key, size, &word);
	gsize other_size = fold_squeeze(key, size, other);
	word.ng = 0;
	insert(words, VIEW_SQUEEZED, other, other_size, &word);
	if (FOLD_IS_CYRILLIC(key[0]) && (other_size = fold_sound(key, size, 0, other, &doubtful)) > 0)
		insert(words, VIEW_SOUND, other, other_size, &word);
	return TRUE;
}

gboolean rules_words_add(RulesWords *words, guint lexicon, const char *text, const char *file, guint line,
                         GPtrArray *meant, gboolean linted)
{
	gboolean stem = g_str_has_suffix(text, "-");
	if (!g_utf8_validate(text, -1, NULL) || !insert_word(words, lexicon, text, stem))
		return FALSE;
	RulesEntry *entry = g_new0(RulesEntry, 1);
	*entry = (RulesEntry){file, g_strdup(text), lexicon_at(words, lexicon)->name, line, stem, linted, meant};
	g_ptr_array_add(words->entries, entry);
	return TRUE;
}

static void note_letters(Endings *list, const Ending *ending)
{
	for (guint view = 0; view < VIEWS; view++) {
		const guint n = ending->size[view];
		const guint8 letter = n == 0 ? 0 : ending->key[view][ending->kind == ENDING_ENDS ? n - 1 : 0];
		guint64 *bits = ending->kind == ENDING_ENDS ? list->last[view] : list->first[view];
		list->empty = list->empty || n == 0;
		bits[letter / 64] |= G_GUINT64_CONSTANT(1) << letter % 64;
	}
}

gboolean rules_words_add_ending(RulesWords *words, const char *name, const char *pattern)
{
	Ending ending = {.kind = ENDING_IS};
	guint doubtful;
	gsize size = strlen(pattern);
	Endings *list = g_hash_table_lookup(words->endings, name);
	if (list == NULL && words->lists->len == ENDINGS_MAX)
		return FALSE;
	if (list == NULL) {
		list = g_new0(Endings, 1);
		list->number = words->lists->len;
		list->endings = g_array_new(FALSE, FALSE, sizeof(Ending));
		g_ptr_array_add(words->lists, list);
		g_hash_table_insert(words->endings, g_strdup(name), list);
	}
	if (*pattern == '*') {
		ending.kind = ENDING_ENDS;
		pattern++;
		size--;
	} else if (size > 0 && pattern[size - 1] == '*') {
		ending.kind = ENDING_BEGINS;
		size--;
	} else if (strcmp(pattern, "-") == 0) {
		size = 0;
	}
	ending.size[VIEW_WRITTEN] = (guint8)fold_word(pattern, size, ending.key[VIEW_WRITTEN]);
	const guint8 *key = ending.key[VIEW_WRITTEN];
	ending.ng = ng_of(pattern, size, ending.size[VIEW_WRITTEN]);
	ending.size[VIEW_SQUEEZED] = (guint8)fold_squeeze(key, ending.size[VIEW_WRITTEN], ending.key[VIEW_SQUEEZED]);
	ending.size[VIEW_SOUND] = (guint8)fold_sound(key, ending.size[VIEW_WRITTEN], 0, ending.key[VIEW_SOUND],
	                                                 &doubtful);
	g_array_append_val(list->endings, ending);
	note_letters(list, &ending);
	return TRUE;
}

/* Its number; the list is short enough to be looked through while rules are read. */
static guint16 find_condition(RulesWords *words, const Condition *condition)
{
	guint i = words->conditions->len;
	while (i > 0 && memcmp(&g_array_index(words->conditions, Condition, i - 1), condition, sizeof *condition) != 0)
		i--;
	if (i > 0)
		return (guint16)(i - 1);
	g_array_append_vals(words->conditions, condition, 1);
	return (guint16)(words->conditions->len - 1);
}

static void settle_word(RulesWords *words, const Word *word, Node *node)
{
	const GArray *atoms = lexicon_at(words, word->lexicon)->atoms;
	for (guint k = 0; k < atoms->len && words->offers->len - node->offers < OFFERS_MAX && words->conditions->len < G_MAXUINT16; k++) {
		const Atom *atom = &g_array_index(atoms, Atom, k);
		Condition condition;
		memset(&condition, 0, sizeof condition); /* its gaps too: it is compared as octets */
		condition.wanted = atom->wanted;
		condition.unwanted = atom->unwanted;
		condition.ng = word->ng;
		condition.stem = word->stem;
		Offer offer = {atom->id, find_condition(words, &condition)};
		g_array_append_val(words->offers, offer);
	}
	node->n_offers = (words->offers->len - node->offers) & OFFERS_MAX;
}

/* The atoms of all words that end at a seed. */
static void settle_words(RulesWords *words, const Seed *seed, Node *node)
{
	node->offers = words->offers->len;
	for (guint32 i = seed->words; i != 0; i = g_array_index(words->words, Word, i).next) {
		const Word *word = &g_array_index(words->words, Word, i);
		node->whole |= !word->stem;
		node->stem |= !!word->stem;
		settle_word(words, word, node);
	}
}

/* A node's children behind all that are there, then theirs: a word's letters lie together, and few of them far from the last. */
static void settle_node(RulesWords *words, GArray *order, guint32 number)
{
	const Seed *seed = &g_array_index(words->seeds, Seed, g_array_index(order, guint32, number));
	Node *node = &g_array_index(words->nodes, Node, number);
	node->child = order->len;
	for (guint32 child = seed->child; child != 0; child = g_array_index(words->seeds, Seed, child).sibling)
		g_array_append_val(order, child);
	node->n_children = (guint8)(order->len - node->child);
	node->code = seed->code;
	settle_words(words, seed, node);
	for (guint32 i = 0; i < node->n_children; i++)
		settle_node(words, order, node->child + i);
}

void rules_words_settle(RulesWords *words)
{
	g_autoptr(GArray) order = g_array_sized_new(FALSE, TRUE, sizeof(guint32), words->seeds->len); /* node -> seed */
	g_array_set_size(order, 1);
	for (guint view = 0; view < VIEWS; view++)
		for (guint code = 0; code < 256; code++)
			if (words->roots[view][code] != 0) {
				g_array_append_val(order, words->roots[view][code]);
				words->roots[view][code] = order->len - 1;
			}
	g_array_set_size(words->nodes, words->seeds->len);
	for (guint32 i = 1, roots = order->len; i < roots; i++)
		settle_node(words, order, i);
	Word any = {.lexicon = (guint16)rules_words_lexicon(words, RULES_ANY_WORD), .stem = TRUE};
	words->any.offers = words->offers->len;
	settle_word(words, &any, &words->any);
	g_array_set_size(words->seeds, 0);
	g_array_set_size(words->words, 0);
}

/* --- atoms ---------------------------------------------------------------------------------------- */

static gint fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gint fail(GError **error, const char *format, ...)
{
	va_list values;
	va_start(values, format);
	g_autofree char *message = g_strdup_vprintf(format, values);
	va_end(values);
	g_set_error_literal(error, RULES_ERROR, 0, message);
	return -1;
}

static gboolean read_conditions(const RulesWords *words, Atom *atom, const char *text, GError **error)
{
	g_auto(GStrv) names = g_strsplit(text, ",", 16);
	for (char **name = names; *name != NULL; name++) {
		gboolean unwanted = **name == '!';
		Endings *endings = g_hash_table_lookup(words->endings, *name + unwanted);
		if (endings == NULL)
			return fail(error, "there is no `end %s`: name endings that a file gives", *name + unwanted) >= 0;
		*(unwanted ? &atom->unwanted : &atom->wanted) |= G_GUINT64_CONSTANT(1) << endings->number;
	}
	return TRUE;
}

static guint find_lexicon(RulesWords *words, const char *name, gsize size, GError **error)
{
	g_autofree char *copy = g_strndup(name, size);
	guint lexicon = rules_words_find(words, copy);
	if (lexicon == G_MAXUINT)
		fail(error, "there is no `lex %s`: name a lexicon that a file gives", copy);
	return lexicon;
}

static guint find_or_make(RulesWords *words, const char *text, gsize size, const char *file, guint line, GError **error)
{
	if (*text == '@')
		return find_lexicon(words, text + 1, size - 1, error);
	g_autofree char *copy = g_strndup(text, size);
	guint lexicon = rules_words_find(words, copy);
	if (lexicon != G_MAXUINT)
		return lexicon;
	lexicon = rules_words_lexicon(words, copy);
	if (!rules_words_add(words, lexicon, copy, file, line, NULL, FALSE)) {
		fail(error, "“%s” has no letter: write a word, `stem-` or @lexicon", copy);
		return G_MAXUINT;
	}
	return lexicon;
}

gint rules_words_atom(RulesWords *words, const char *text, const char *file, guint line, GError **error)
{
	guint known = GPOINTER_TO_UINT(g_hash_table_lookup(words->atoms, text));
	if (known != 0)
		return (gint)known - 1;
	if (words->atom_lexicon->len >= RULES_ATOMS_MAX)
		return fail(error, "%s is one word too many: put words that mean the same into a lexicon", text);
	const char *brace = strchr(text, '{');
	gsize size = brace != NULL ? (gsize)(brace - text) : strlen(text);
	guint lexicon = find_or_make(words, text, size, file, line, error);
	if (lexicon == G_MAXUINT)
		return -1;
	Atom atom = {(guint16)words->atom_lexicon->len, 0, 0};
	gsize inner = brace != NULL ? strlen(brace) : 0;
	g_autofree char *conditions = brace != NULL ? g_strndup(brace + 1, inner - (inner > 1 ? 2 : 1)) : NULL;
	if (brace != NULL && (brace[inner - 1] != '}' || !read_conditions(words, &atom, conditions, error)))
		return error != NULL && *error != NULL ? -1 : fail(error, "%s has no closing brace", text);
	g_array_append_val(lexicon_at(words, lexicon)->atoms, atom);
	guint32 number = lexicon;
	g_array_append_val(words->atom_lexicon, number);
	g_hash_table_insert(words->atoms, g_strdup(text), GUINT_TO_POINTER((guint)atom.id + 1));
	return atom.id;
}

/* --- looking up ------------------------------------------------------------------------------------- */

typedef struct {
	const RulesWords *words;
	RulesView view;
	const guint8 *key;
	gsize size;
	GArray *atoms;
	guint visits;
	guint64 plain_n;
	guint64 asked, fitting; /* lists of endings, of the rest behind the node under way */
} Search;

static gboolean fits(const Search *search, const Ending *ending, gsize at)
{
	gsize left = search->size - at, n = ending->size[search->view];
	const guint8 *rest = search->key + at, *key = ending->key[search->view];
	if (n > left || (ending->kind == ENDING_IS && n != left))
		return FALSE;
	const gsize from = ending->kind == ENDING_ENDS ? left - n : 0;
	return (n == 0 || rest[from + n - 1] == key[n - 1]) && memcmp(rest + from, key, n) == 0 && (at + from > 63 || (ending->ng << (at + from) & search->plain_n) == 0);
}

/* Nearly always the letters on either end say at once that none of them fits. */
static gboolean may_fit(const Search *search, const Endings *list, gsize at)
{
	if (list->empty)
		return TRUE;
	if (at >= search->size)
		return FALSE;
	const guint8 first = search->key[at], last = search->key[search->size - 1];
	return (list->first[search->view][first / 64] >> first % 64 & 1) != 0 || (list->last[search->view][last / 64] >> last % 64 & 1) != 0;
}

/* Which of these lists the rest of the key fits; each list is asked once. */
static guint64 fits_lists(Search *search, guint64 lists, gsize at)
{
	for (guint64 left = lists & ~search->asked; left != 0; left &= left - 1) {
		guint number = (guint)__builtin_ctzll(left), k = 0;
		const Endings *list = search->words->lists->pdata[number];
		const GArray *endings = list->endings;
		if (!may_fit(search, list, at))
			continue;
		while (k < endings->len && !fits(search, &g_array_index(endings, Ending, k), at))
			k++;
		search->fitting |= k < endings->len ? G_GUINT64_CONSTANT(1) << number : 0;
	}
	search->asked |= lists;
	return search->fitting & lists;
}

static void add_once(GArray *atoms, guint16 atom)
{
	for (guint i = 0; i < atoms->len; i++)
		if (g_array_index(atoms, guint16, i) == atom)
			return;
	if (atoms->len < 256)
		g_array_append_val(atoms, atom);
}

static void collect(Search *search, const Node *node, gsize at)
{
	search->asked = search->fitting = 0;
	for (guint i = 0; i < node->n_offers; i++) {
		const Offer *offer = &g_array_index(search->words->offers, Offer, node->offers + i);
		const Condition *condition = &g_array_index(search->words->conditions, Condition, offer->condition);
		if ((!condition->stem && at != search->size) || (condition->ng & search->plain_n) != 0)
			continue;
		search->visits++;
		if ((condition->wanted == 0 || fits_lists(search, condition->wanted, at) != 0) &&
		    (condition->unwanted == 0 || fits_lists(search, condition->unwanted, at) == 0))
			add_once(search->atoms, offer->atom);
	}
}

static guint32 child_node(const RulesWords *words, const Node *node, guint8 code)
{
	const Node *children = &g_array_index(words->nodes, Node, node->child);
	for (guint i = 0; i < node->n_children; i++)
		if (children[i].code == code)
			return node->child + i;
	return 0;
}

/* From this node, which stands for the key's first `at` octets. The key is at most FOLD_KEY_MAX long, and so is the depth. */
static void walk(Search *search, guint32 number, gsize at)
{
	if (search->visits++ >= WORDS_VISITS_MAX)
		return;
	const Node *node = &g_array_index(search->words->nodes, Node, number);
	collect(search, node, at);
	if (at >= search->size)
		return;
	if (search->key[at] == '*') {
		for (guint32 i = 0; i < node->n_children; i++)
			walk(search, node->child + i, at + 1);
		return;
	}
	guint32 child = child_node(search->words, node, search->key[at]);
	if (child != 0)
		walk(search, child, at + 1);
}

guint rules_words_look_up(const RulesWords *words, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms)
{
	Search search = {.words = words, .view = view, .key = key, .size = size, .atoms = atoms, .visits = 1, .plain_n = plain_n};
	if (size > 0 && words->roots[view][key[0]] != 0)
		walk(&search, words->roots[view][key[0]], 1);
	return search.visits;
}

guint rules_words_look_up_any(const RulesWords *words, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms)
{
	Search search = {.words = words, .view = view, .key = key, .size = size, .atoms = atoms, .visits = 1, .plain_n = plain_n};
	if (size > ANY_STEM)
		collect(&search, &words->any, ANY_STEM);
	return search.visits;
}

guint rules_words_beginnings(const RulesWords *words, const guint8 *key, gsize size, guint64 *whole, guint64 *stems)
{
	guint32 node = size > 0 ? words->roots[VIEW_WRITTEN][key[0]] : 0;
	guint steps = 1;
	*whole = *stems = 0;
	for (gsize at = 1; node != 0 && at < 64; at++, steps++) {
		const Node *here = &g_array_index(words->nodes, Node, node);
		*whole |= (guint64)here->whole << at;
		*stems |= (guint64)here->stem << at;
		node = at < size ? child_node(words, here, key[at]) : 0;
	}
	return steps;
}

const char *rules_words_lexicon_of(const RulesWords *words, guint16 atom)
{
	return lexicon_at(words, g_array_index(words->atom_lexicon, guint32, atom))->name;
}

guint rules_words_n_atoms(const RulesWords *words)
{
	return words->atom_lexicon->len;
}

guint rules_words_n_entries(const RulesWords *words)
{
	return words->entries->len;
}

const RulesEntry *rules_words_entry(const RulesWords *words, guint i)
{
	return words->entries->pdata[i];
}
