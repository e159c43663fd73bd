/* SPDX-License-Identifier: ISC */
#include "policy/rules-words.h"

#include <string.h>

#include "policy/fold.h"

typedef enum { ENDING_IS, ENDING_BEGINS, ENDING_ENDS } EndingKind;

typedef struct {
	EndingKind kind;
	guint8 size[VIEWS];
	guint8 key[VIEWS][2 * FOLD_KEY_MAX];
} Ending;

typedef struct {
	guint16 id;
	GPtrArray *wanted, *unwanted; /* of GArray of Ending; borrowed */
} Atom;

typedef struct {
	char *name;
	gboolean common;
	GArray *atoms; /* Atom */
} Lexicon;

/* Children hang on each other: the root alone has many, and has a table for them. */
typedef struct {
	guint32 child, sibling, words;
	guint8 code;
} Node;

typedef struct {
	guint32 next;
	guint16 lexicon;
	gboolean stem;
} Word;

struct RulesWords {
	GArray *nodes, *words; /* index 0 is none */
	guint32 roots[VIEWS][256];
	GPtrArray *lexicons;
	GHashTable *by_name;   /* lexicon name -> number + 1 */
	GHashTable *endings;   /* name -> GArray of Ending */
	GHashTable *atoms;     /* text -> number + 1 */
	GArray *atom_lexicon;  /* guint32: the lexicon of each atom */
	GPtrArray *entries;
};

static void atom_clear(gpointer data)
{
	Atom *atom = data;
	g_ptr_array_unref(atom->wanted);
	g_ptr_array_unref(atom->unwanted);
}

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

RulesWords *rules_words_new(void)
{
	RulesWords *words = g_new0(RulesWords, 1);
	words->nodes = g_array_new(FALSE, TRUE, sizeof(Node));
	words->words = g_array_new(FALSE, TRUE, sizeof(Word));
	g_array_set_size(words->nodes, 1);
	g_array_set_size(words->words, 1);
	words->lexicons = g_ptr_array_new_with_free_func(lexicon_free);
	words->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	words->endings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	words->atoms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	words->atom_lexicon = g_array_new(FALSE, FALSE, sizeof(guint32));
	words->entries = g_ptr_array_new_with_free_func(entry_free);
	return words;
}

void rules_words_free(RulesWords *words)
{
	if (words == NULL)
		return;
	g_array_unref(words->nodes);
	g_array_unref(words->words);
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
	g_array_set_clear_func(lexicon->atoms, atom_clear);
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
	guint32 child = g_array_index(words->nodes, Node, node).child;
	while (child != 0 && g_array_index(words->nodes, Node, child).code != code)
		child = g_array_index(words->nodes, Node, child).sibling;
	return child;
}

static guint32 make_child(RulesWords *words, guint32 parent, guint8 code)
{
	Node node = {.code = code, .sibling = parent != 0 ? g_array_index(words->nodes, Node, parent).child : 0};
	guint32 made = words->nodes->len;
	g_array_append_val(words->nodes, node);
	if (parent != 0)
		g_array_index(words->nodes, Node, parent).child = made;
	return made;
}

static void insert(RulesWords *words, RulesView view, const guint8 *key, gsize size, guint lexicon, gboolean stem)
{
	guint32 node = words->roots[view][key[0]];
	if (node == 0)
		node = words->roots[view][key[0]] = make_child(words, 0, key[0]);
	for (gsize i = 1; i < size; i++) {
		guint32 next = child_of(words, node, key[i]);
		node = next != 0 ? next : make_child(words, node, key[i]);
	}
	Word word = {g_array_index(words->nodes, Node, node).words, (guint16)lexicon, stem};
	g_array_index(words->nodes, Node, node).words = words->words->len;
	g_array_append_val(words->words, word);
}

static gboolean insert_word(RulesWords *words, guint lexicon, const char *text, gboolean stem)
{
	guint8 key[FOLD_KEY_MAX], other[2 * FOLD_KEY_MAX];
	guint doubtful;
	gsize size = fold_word(text, strlen(text) - (stem ? 1 : 0), key);
	if (size == 0)
		return FALSE;
	insert(words, VIEW_WRITTEN, key, size, lexicon, stem);
	gsize other_size = fold_squeeze(key, size, other);
	insert(words, VIEW_SQUEEZED, other, other_size, lexicon, stem);
	if (FOLD_IS_CYRILLIC(key[0]) && (other_size = fold_sound(key, size, 0, other, &doubtful)) > 0)
		insert(words, VIEW_SOUND, other, other_size, lexicon, stem);
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

void rules_words_add_ending(RulesWords *words, const char *name, const char *pattern)
{
	Ending ending = {.kind = ENDING_IS};
	guint doubtful;
	gsize size = strlen(pattern);
	GArray *list = g_hash_table_lookup(words->endings, name);
	if (list == NULL) {
		list = g_array_new(FALSE, FALSE, sizeof(Ending));
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
	ending.size[VIEW_SQUEEZED] = (guint8)fold_squeeze(key, ending.size[VIEW_WRITTEN], ending.key[VIEW_SQUEEZED]);
	ending.size[VIEW_SOUND] = (guint8)fold_sound(key, ending.size[VIEW_WRITTEN], 0, ending.key[VIEW_SOUND],
	                                                 &doubtful);
	g_array_append_val(list, ending);
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
		GArray *endings = g_hash_table_lookup(words->endings, *name + unwanted);
		if (endings == NULL)
			return fail(error, "there is no `end %s`: name endings that a file gives", *name + unwanted) >= 0;
		g_ptr_array_add(unwanted ? atom->unwanted : atom->wanted, endings);
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
	Atom atom = {(guint16)words->atom_lexicon->len, g_ptr_array_new(), g_ptr_array_new()};
	gsize inner = brace != NULL ? strlen(brace) : 0;
	g_autofree char *conditions = brace != NULL ? g_strndup(brace + 1, inner - (inner > 1 ? 2 : 1)) : NULL;
	if (brace != NULL && (brace[inner - 1] != '}' || !read_conditions(words, &atom, conditions, error))) {
		atom_clear(&atom);
		return error != NULL && *error != NULL ? -1 : fail(error, "%s has no closing brace", text);
	}
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
} Search;

static gboolean fits(const Search *search, const Ending *ending, gsize at)
{
	gsize left = search->size - at, n = ending->size[search->view];
	const guint8 *rest = search->key + at, *key = ending->key[search->view];
	if (n > left || (ending->kind == ENDING_IS && n != left))
		return FALSE;
	return memcmp(ending->kind == ENDING_ENDS ? rest + left - n : rest, key, n) == 0;
}

static gboolean fits_one(const Search *search, const GPtrArray *lists, gsize at)
{
	for (guint i = 0; i < lists->len; i++) {
		const GArray *endings = lists->pdata[i];
		for (guint k = 0; k < endings->len; k++)
			if (fits(search, &g_array_index(endings, Ending, k), at))
				return TRUE;
	}
	return FALSE;
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
	const GArray *all = search->words->words;
	for (guint32 i = node->words; i != 0; i = g_array_index(all, Word, i).next) {
		const Word *word = &g_array_index(all, Word, i);
		if (!word->stem && at != search->size)
			continue;
		const GArray *atoms = lexicon_at(search->words, word->lexicon)->atoms;
		for (guint k = 0; k < atoms->len; k++) {
			const Atom *atom = &g_array_index(atoms, Atom, k);
			search->visits++;
			if ((atom->wanted->len == 0 || fits_one(search, atom->wanted, at)) && !fits_one(search, atom->unwanted, at))
				add_once(search->atoms, atom->id);
		}
	}
}

/* From this node, which stands for the key's first `at` octets. The key is at most FOLD_KEY_MAX long, and so is the depth. */
static void walk(Search *search, guint32 number, gsize at)
{
	const GArray *nodes = search->words->nodes;
	if (search->visits++ >= WORDS_VISITS_MAX)
		return;
	const Node *node = &g_array_index(nodes, Node, number);
	if (node->words != 0)
		collect(search, node, at);
	if (at >= search->size)
		return;
	for (guint32 child = node->child; child != 0; child = g_array_index(nodes, Node, child).sibling)
		if (search->key[at] == '*' || g_array_index(nodes, Node, child).code == search->key[at])
			walk(search, child, at + 1);
}

guint rules_words_look_up(const RulesWords *words, RulesView view, const guint8 *key, gsize size, GArray *atoms)
{
	Search search = {words, view, key, size, atoms, 1};
	if (size > 0 && words->roots[view][key[0]] != 0)
		walk(&search, words->roots[view][key[0]], 1);
	return search.visits;
}

guint rules_words_beginnings(const RulesWords *words, const guint8 *key, gsize size, guint64 *whole, guint64 *stems)
{
	guint32 node = size > 0 ? words->roots[VIEW_WRITTEN][key[0]] : 0;
	guint steps = 1;
	*whole = *stems = 0;
	for (gsize at = 1; node != 0 && at < 64; node = at < size ? child_of(words, node, key[at]) : 0, at++, steps++)
		for (guint32 i = g_array_index(words->nodes, Node, node).words; i != 0; i = g_array_index(words->words, Word, i).next)
			*(g_array_index(words->words, Word, i).stem ? stems : whole) |= G_GUINT64_CONSTANT(1) << at;
	return steps;
}

guint rules_words_n_entries(const RulesWords *words)
{
	return words->entries->len;
}

const RulesEntry *rules_words_entry(const RulesWords *words, guint i)
{
	return words->entries->pdata[i];
}
