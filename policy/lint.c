/* SPDX-License-Identifier: ISC */
#include "policy/lint.h"

#include <string.h>

#include "policy/fold.h"

#define SHOWN 8      /* words of one entry */
#define FORM_STEM 5  /* letters: behind a stem of so many, ... */
#define FORM_ENDING 4 /* ... so many more are most likely an ending of the same word */

typedef struct {
	guint8 size;
	guint8 key[FOLD_KEY_MAX];
} Key;

typedef struct {
	const RulesEntry *entry;
	GHashTable *hits; /* words, owned */
	GArray *meant;    /* Key with a stem's mark */
} Entry;

typedef struct {
	Key key;
	gboolean stem;
} Meant;

struct Lint {
	const Rules *rules;
	GArray *entries;     /* Entry */
	GHashTable *by_key;  /* Key -> GArray of guint: entries that begin so */
	GHashTable *deciding; /* lexicons that a rule is matched by; the others only hold back */
	GArray *atoms;
};

static guint hash_key(gconstpointer data)
{
	const Key *key = data;
	guint h = 2166136261u;
	for (guint i = 0; i < key->size; i++)
		h = (h ^ key->key[i]) * 16777619u;
	return h;
}

static gboolean equal_keys(gconstpointer a, gconstpointer b)
{
	const Key *one = a, *other = b;
	return one->size == other->size && memcmp(one->key, other->key, one->size) == 0;
}

static gboolean begins(const Key *key, const Key *beginning)
{
	return beginning->size <= key->size && memcmp(key->key, beginning->key, beginning->size) == 0;
}

static Key key_of(const char *word, gsize size)
{
	Key key = {0};
	key.size = (guint8)fold_word(word, size, key.key);
	return key;
}

static void entry_clear(gpointer data)
{
	Entry *entry = data;
	g_hash_table_unref(entry->hits);
	g_array_unref(entry->meant);
}

static void add_entry(Lint *lint, const RulesEntry *given)
{
	Entry entry = {given, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), g_array_new(FALSE, FALSE, sizeof(Meant))};
	for (guint i = 0; given->meant != NULL && i < given->meant->len; i++) {
		const char *word = given->meant->pdata[i];
		gboolean stem = g_str_has_suffix(word, "-") || strcmp(word, "*") == 0;
		Meant meant = {key_of(word, strlen(word) - stem), stem};
		g_array_append_val(entry.meant, meant);
	}
	Key key = key_of(given->word, strlen(given->word) - given->stem);
	GArray *same = g_hash_table_lookup(lint->by_key, &key);
	if (same == NULL) {
		same = g_array_new(FALSE, FALSE, sizeof(guint));
		g_hash_table_insert(lint->by_key, g_memdup2(&key, sizeof key), same);
	}
	g_array_append_val(same, lint->entries->len);
	g_array_append_val(lint->entries, entry);
}

static void find_deciding(Lint *lint)
{
	for (guint i = 0; i < lint->rules->rows->len; i++) {
		const RulesRow *row = &g_array_index(lint->rules->rows, RulesRow, i);
		for (guint e = 0; e < row->n_elements; e++)
			for (guint k = 0; !row->elements[e].absent && k < row->elements[e].of.atoms->len; k++)
				g_hash_table_add(lint->deciding,
				                 (char *)rules_atom_lexicon(lint->rules, g_array_index(row->elements[e].of.atoms, guint16, k)));
	}
}

Lint *lint_new(const Rules *rules)
{
	Lint *lint = g_new0(Lint, 1);
	lint->rules = rules;
	lint->deciding = g_hash_table_new(g_str_hash, g_str_equal);
	find_deciding(lint);
	lint->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	g_array_set_clear_func(lint->entries, entry_clear);
	lint->by_key = g_hash_table_new_full(hash_key, equal_keys, g_free, (GDestroyNotify)g_array_unref);
	lint->atoms = g_array_new(FALSE, FALSE, sizeof(guint16));
	for (guint i = 0; i < rules_n_entries(rules); i++)
		if (rules_entry(rules, i)->linted && g_hash_table_contains(lint->deciding, rules_entry(rules, i)->lexicon))
			add_entry(lint, rules_entry(rules, i));
	return lint;
}

void lint_free(Lint *lint)
{
	if (lint == NULL)
		return;
	g_hash_table_unref(lint->by_key);
	g_hash_table_unref(lint->deciding);
	g_array_unref(lint->entries);
	g_array_unref(lint->atoms);
	g_free(lint);
}

static gboolean is_meant(const Entry *entry, const Key *word, const Key *base)
{
	for (guint i = 0; i < entry->meant->len; i++) {
		const Meant *meant = &g_array_index(entry->meant, Meant, i);
		if (meant->stem ? begins(word, &meant->key) || begins(base, &meant->key)
		                : equal_keys(word, &meant->key) || equal_keys(base, &meant->key))
			return TRUE;
	}
	return FALSE;
}

/* Whether a condition of the lexicon holds, so that a rule could be looked for by the word. */
static gboolean counts(Lint *lint, const Entry *entry)
{
	for (guint i = 0; i < lint->atoms->len; i++)
		if (strcmp(rules_atom_lexicon(lint->rules, g_array_index(lint->atoms, guint16, i)), entry->entry->lexicon) == 0)
			return TRUE;
	return FALSE;
}

void lint_add(Lint *lint, const char *word, gsize size, const char *base)
{
	const Key key = key_of(word, size), base_key = key_of(base, strlen(base));
	g_array_set_size(lint->atoms, 0);
	for (Key start = {.size = 1}; start.size <= key.size; start.size++) {
		memcpy(start.key, key.key, start.size);
		const GArray *same = g_hash_table_lookup(lint->by_key, &start);
		for (guint i = 0; same != NULL && i < same->len; i++) {
			Entry *entry = &g_array_index(lint->entries, Entry, g_array_index(same, guint, i));
			gboolean own = start.size == key.size || equal_keys(&start, &base_key) ||
			               (start.size >= FORM_STEM && base_key.size <= start.size + FORM_ENDING);
			if (own || (!entry->entry->stem && start.size < key.size) || is_meant(entry, &key, &base_key))
				continue;
			if (lint->atoms->len == 0)
				rules_look_up(lint->rules, VIEW_WRITTEN, key.key, key.size, 0, lint->atoms);
			if (counts(lint, entry))
				g_hash_table_add(entry->hits, g_strdup(base));
		}
	}
}

static int by_word(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The rules that a lexicon stands in, each once. */
static void add_rules(const Rules *rules, const char *lexicon, GString *out)
{
	guint last = G_MAXUINT, n = 0;
	for (guint i = 0; i < rules->rows->len && n < 4; i++) {
		const RulesRow *row = &g_array_index(rules->rows, RulesRow, i);
		for (guint e = 0; e < row->n_elements && row->rule != last; e++)
			for (guint k = 0; k < row->elements[e].of.atoms->len && row->rule != last; k++)
				if (strcmp(rules_atom_lexicon(rules, g_array_index(row->elements[e].of.atoms, guint16, k)), lexicon) == 0) {
					last = row->rule;
					g_string_append_printf(out, "%s%s", n++ > 0 ? ", " : " (rules ", g_array_index(rules->rules, Rule, last).id);
				}
	}
	g_string_append(out, n > 0 ? ")" : "");
}

guint lint_report(Lint *lint, GString *out)
{
	guint wrong = 0;
	for (guint i = 0; i < lint->entries->len; i++) {
		const Entry *entry = &g_array_index(lint->entries, Entry, i);
		guint n = g_hash_table_size(entry->hits);
		if (n == 0)
			continue;
		wrong++;
		g_autofree gpointer *words = g_hash_table_get_keys_as_array(entry->hits, NULL);
		qsort(words, n, sizeof *words, by_word);
		g_string_append_printf(out, "%s:%u: %s: %s hits %u %s that it does not mean: ", entry->entry->file, entry->entry->line,
		                       entry->entry->lexicon, entry->entry->word, n, n == 1 ? "word" : "words");
		for (guint k = 0; k < MIN(n, SHOWN); k++)
			g_string_append_printf(out, "%s%s", k > 0 ? ", " : "", (const char *)words[k]);
		g_string_append(out, n > SHOWN ? ", ..." : "");
		add_rules(lint->rules, entry->entry->lexicon, out);
		g_string_append_c(out, '\n');
	}
	return wrong;
}
