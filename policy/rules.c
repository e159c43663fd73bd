/* SPDX-License-Identifier: ISC */
#include "policy/rules.h"

#include <string.h>

#include "policy/model.h"
#include "policy/rules-words.h"

G_DEFINE_QUARK(senim-rules-error, rules_error)

/* Reads in three rounds: the words and endings of all files, the guards made of them, the rules that name both. */
typedef enum { ROUND_WORDS, ROUND_GUARDS, ROUND_RULES, ROUNDS } Round;

typedef struct {
	Rules *rules;
	const char *file;
	guint line;
	Round round;
	GPtrArray *meant;   /* of the lexicon line just read */
	guint64 unless;     /* what the file's rules have unless they say otherwise */
	gboolean in_rule;
	GError *error;
} Reader;

static const char *const verdict_words[] = {"clean", "review", "redirect"};

const char *rules_verdict_word(RulesVerdict verdict)
{
	return verdict_words[verdict];
}

static void example_clear(gpointer data)
{
	g_free(((RulesExample *)data)->text);
}

static void rule_clear(gpointer data)
{
	Rule *rule = data;
	g_free(rule->id);
	g_free(rule->class_name);
	g_array_unref(rule->examples);
}

static void row_clear(gpointer data)
{
	RulesRow *row = data;
	for (guint i = 0; i < row->n_elements; i++)
		g_array_unref(row->elements[i].of.atoms);
}

static void guard_clear(gpointer data)
{
	RulesGuard *guard = data;
	for (guint i = 0; i < guard->n; i++)
		g_array_unref(guard->of[i].atoms);
}

struct RulesOwned {
	GPtrArray *names; /* of files */
	GPtrArray *meant; /* lists of words */
	RulesWords *words;
};

static Rules *rules_new(void)
{
	Rules *rules = g_new0(Rules, 1);
	struct RulesOwned *owned = g_new0(struct RulesOwned, 1);
	owned->names = g_ptr_array_new_with_free_func(g_free);
	owned->meant = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	owned->words = rules_words_new();
	rules->owned = owned;
	rules->rows = g_array_new(FALSE, TRUE, sizeof(RulesRow));
	g_array_set_clear_func(rules->rows, row_clear);
	rules->rules = g_array_new(FALSE, TRUE, sizeof(Rule));
	g_array_set_clear_func(rules->rules, rule_clear);
	rules->guards = g_array_new(FALSE, TRUE, sizeof(RulesGuard));
	g_array_set_clear_func(rules->guards, guard_clear);
	rules->guard_names = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(rules->guard_names, g_strdup("quoted"));
	g_ptr_array_add(rules->guard_names, g_strdup("mailquote"));
	g_ptr_array_add(rules->guard_names, g_strdup("doubtful"));
	g_ptr_array_add(rules->guard_names, g_strdup("reported"));
	g_ptr_array_add(rules->guard_names, g_strdup("told"));
	rules->content = g_array_new(FALSE, FALSE, sizeof(guint16));
	rules->probes = g_array_new(FALSE, TRUE, sizeof(RulesProbe));
	rules->anchored = g_array_new(FALSE, TRUE, sizeof(guint32));
	rules->by_atom = g_array_new(FALSE, TRUE, sizeof(guint32));
	return rules;
}

void rules_free(Rules *rules)
{
	if (rules == NULL)
		return;
	struct RulesOwned *owned = rules->owned;
	model_free(rules->model);
	rules_words_free(owned->words);
	g_ptr_array_unref(owned->names);
	g_ptr_array_unref(owned->meant);
	g_free(owned);
	g_array_unref(rules->rows);
	g_array_unref(rules->rules);
	g_array_unref(rules->guards);
	g_ptr_array_unref(rules->guard_names);
	g_array_unref(rules->content);
	g_array_unref(rules->probes);
	g_array_unref(rules->anchored);
	g_array_unref(rules->by_atom);
	g_free(rules);
}

void rules_take_model(Rules *rules, Model *model)
{
	model_free(rules->model);
	rules->model = model;
}

static gboolean fail(Reader *reader, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean fail(Reader *reader, const char *format, ...)
{
	va_list words;
	va_start(words, format);
	g_autofree char *message = g_strdup_vprintf(format, words);
	va_end(words);
	g_set_error(&reader->error, RULES_ERROR, 0, "%s:%u: %s", reader->file, reader->line, message);
	return FALSE;
}

static gboolean is_name(const char *word)
{
	return *word != '\0' && strlen(word) <= 64 && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == strlen(word);
}

/* --- words ------------------------------------------------------------------------------------- */

static gboolean read_lex(Reader *reader, char **words)
{
	RulesWords *all = reader->rules->owned->words;
	if (words[0] == NULL || !is_name(words[0]))
		return fail(reader, "a lexicon needs a name of a-z, 0-9, . and -: lex NAME word stem- …");
	guint lexicon = rules_words_lexicon(all, words[0]);
	words++;
	gboolean common = *words != NULL && strcmp(*words, "common") == 0;
	if (common) {
		rules_words_set_common(all, lexicon);
		words++;
	}
	reader->meant = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(reader->rules->owned->meant, reader->meant);
	for (; *words != NULL; words++)
		if (!rules_words_add(all, lexicon, *words, reader->file, reader->line, reader->meant, !common))
			return fail(reader, "“%s” is no word: write words of letters, `stem-` for any ending", *words);
	return TRUE;
}

static gboolean read_meant(Reader *reader, char **words)
{
	if (reader->meant == NULL)
		return fail(reader, "`meant` belongs below the `lex` line whose dictionary words it lists");
	for (; *words != NULL; words++)
		g_ptr_array_add(reader->meant, g_strdup(*words));
	return TRUE;
}

static gboolean read_end(Reader *reader, char **words)
{
	if (words[0] == NULL || !is_name(words[0]) || words[1] == NULL)
		return fail(reader, "endings need a name and patterns: end NAME x *x x* -");
	for (char **word = words + 1; *word != NULL; word++)
		if (strlen(*word) > 60)
			return fail(reader, "the ending “%s” is too long", *word);
		else if (!rules_words_add_ending(reader->rules->owned->words, words[0], *word))
			return fail(reader, "the list %s is one too many: add its endings to another", words[0]);
	return TRUE;
}

/* --- what refers to words ---------------------------------------------------------------------- */

static int by_number(gconstpointer a, gconstpointer b)
{
	return (int)*(const guint16 *)a - (int)*(const guint16 *)b;
}

static gboolean add_atoms(Reader *reader, const char *text, GArray *atoms)
{
	g_auto(GStrv) names = g_strsplit(text, "|", 200);
	for (char **name = names; *name != NULL; name++) {
		gint atom = **name != '\0' ? rules_words_atom(reader->rules->owned->words, *name, reader->file, reader->line,
		                                              &reader->error) : -1;
		if (atom < 0) {
			g_autofree char *why = reader->error != NULL ? g_strdup(reader->error->message) : g_strdup("a word is missing beside |");
			g_clear_error(&reader->error);
			return fail(reader, "%s", why);
		}
		guint16 value = (guint16)atom;
		if (!rules_has(atoms, value)) {
			g_array_append_val(atoms, value);
			g_array_sort(atoms, by_number);
		}
	}
	return TRUE;
}

/* (transfer full) */
static gboolean read_atoms(Reader *reader, const char *text, RulesAtoms *of)
{
	of->atoms = g_array_new(FALSE, FALSE, sizeof(guint16));
	gboolean done = add_atoms(reader, text, of->atoms);
	for (guint i = 0; i < of->atoms->len; i++)
		rules_bits_add(&of->bits, g_array_index(of->atoms, guint16, i));
	return done;
}

static gint guard_number(Reader *reader, const char *name)
{
	for (guint i = 0; i < reader->rules->guard_names->len; i++)
		if (strcmp(reader->rules->guard_names->pdata[i], name) == 0)
			return (gint)i;
	return -1;
}

/* words: a|b & !c|d. */
static gboolean read_guard_words(Reader *reader, char **words, RulesGuard *guard)
{
	for (; *words != NULL; words += words[1] == NULL ? 1 : 2) {
		if (guard->n == RULES_GUARD_WORDS || (words[1] != NULL && (strcmp(words[1], "&") != 0 || words[2] == NULL)))
			return fail(reader, "a guard has up to %d words with & between them", RULES_GUARD_WORDS);
		guard->absent[guard->n] = **words == '!';
		guard->n++;
		if (!read_atoms(reader, *words + guard->absent[guard->n - 1], &guard->of[guard->n - 1]))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_guard(Reader *reader, char **words)
{
	static const char *const places[] = {"before", "after", "clause", "sentence", "previous", "colon", "next", "letter", "around"};
	guint place = 0, n = g_strv_length(words);
	guint64 within = 0;
	if (n < 3 || !is_name(words[0]))
		return fail(reader, "a guard is: guard NAME before|after|clause|sentence|previous|colon|next|letter|around [WORDS] word|@lexicon");
	while (place < G_N_ELEMENTS(places) && strcmp(places[place], words[1]) != 0)
		place++;
	if (place == G_N_ELEMENTS(places))
		return fail(reader, "a guard looks before, after, clause, sentence, previous, colon, next, letter or around, not “%s”", words[1]);
	gboolean counted = n > 3 && strcmp(words[3], "&") != 0;
	if (counted && !g_ascii_string_to_unsigned(words[2], 10, 1, 100, &within, NULL))
		return fail(reader, "“%s” is no number of words from 1 to 100", words[2]);
	gint number = guard_number(reader, words[0]);
	if (number < 0) {
		number = (gint)reader->rules->guard_names->len;
		if (number >= GUARDS_MAX)
			return fail(reader, "there are more than %d guards", GUARDS_MAX);
		g_ptr_array_add(reader->rules->guard_names, g_strdup(words[0]));
	}
	RulesGuard guard = {.guard = (guint)number, .where = (RulesWhere)place, .within = (guint)within};
	gboolean done = read_guard_words(reader, words + (counted ? 3 : 2), &guard);
	g_array_append_val(reader->rules->guards, guard);
	return done;
}

static gboolean read_content(Reader *reader, char **words)
{
	for (; *words != NULL; words++)
		if (!add_atoms(reader, *words, reader->rules->content))
			return FALSE;
	return TRUE;
}

/* --- rules ---------------------------------------------------------------------------------------- */

static Rule *last_rule(Reader *reader)
{
	return &g_array_index(reader->rules->rules, Rule, reader->rules->rules->len - 1);
}

static gboolean read_rule(Reader *reader, char **words)
{
	guint verdict = 0;
	if (g_strv_length(words) != 3 || !is_name(words[0]) || !is_name(words[2]))
		return fail(reader, "a rule is: rule ID clean|review|redirect CLASS");
	while (verdict < G_N_ELEMENTS(verdict_words) && strcmp(verdict_words[verdict], words[1]) != 0)
		verdict++;
	if (verdict == G_N_ELEMENTS(verdict_words))
		return fail(reader, "a rule's verdict is clean, review or redirect, not “%s”", words[1]);
	for (guint i = 0; i < reader->rules->rules->len; i++)
		if (strcmp(g_array_index(reader->rules->rules, Rule, i).id, words[0]) == 0)
			return fail(reader, "there is a rule %s already: give this one another name", words[0]);
	Rule rule = {g_strdup(words[0]), g_strdup(words[2]), (RulesVerdict)verdict, FALSE, reader->unless,
	             g_array_new(FALSE, FALSE, sizeof(RulesExample)), reader->file, reader->line};
	g_array_set_clear_func(rule.examples, example_clear);
	g_array_append_val(reader->rules->rules, rule);
	reader->in_rule = TRUE;
	return TRUE;
}

static gboolean read_unless(Reader *reader, char **words)
{
	guint64 bits = 0;
	for (; *words != NULL; words++) {
		gint number = guard_number(reader, *words);
		if (number < 0 && strcmp(*words, "-") != 0)
			return fail(reader, "there is no guard %s: quoted, mailquote, doubtful, or one that a file gives above", *words);
		bits |= number >= 0 ? G_GUINT64_CONSTANT(1) << number : 0;
	}
	if (reader->in_rule)
		last_rule(reader)->unless = bits;
	else
		reader->unless = bits;
	return TRUE;
}

static gboolean read_join(Reader *reader, const char *word, RulesElement *element)
{
	guint64 gap = 0;
	if (strcmp(word, "&") == 0)
		element->join = JOIN_ANYWHERE;
	else if (*word == '>' || *word == '~')
		element->join = *word == '>' ? JOIN_AFTER : JOIN_NEAR;
	else
		return fail(reader, "between words stands >, >N, ~N or &, not “%s”", word);
	if (word[1] != '\0' && !g_ascii_string_to_unsigned(word + 1, 10, 0, 60, &gap, NULL))
		return fail(reader, "“%s”: the words between are a number from 0 to 60", word);
	element->gap = (guint)gap;
	return TRUE;
}

static gboolean read_element(Reader *reader, const char *word, RulesElement *element)
{
	g_autofree char *text = g_strdup(word);
	char *p = text;
	element->absent = *p == '!';
	p += element->absent;
	element->very_first = g_str_has_prefix(p, "^^");
	element->first = *p == '^';
	p += strspn(p, "^");
	element->very_last = g_str_has_suffix(p, "$$");
	element->last = g_str_has_suffix(p, "$");
	p[strcspn(p, "$")] = '\0';
	return read_atoms(reader, p, &element->of);
}

/* A row is found by its rarest word: the first whose lexicons are not marked `common`. */
static gboolean choose_anchor(Reader *reader, RulesRow *row)
{
	const RulesWords *words = reader->rules->owned->words;
	guint fallback = G_MAXUINT;
	for (guint i = 0; i < row->n_elements; i++) {
		const RulesElement *element = &row->elements[i];
		gboolean common = FALSE;
		for (guint k = 0; k < element->of.atoms->len; k++)
			common = common || rules_words_is_common(words, g_array_index(element->of.atoms, guint16, k));
		if (element->absent)
			continue;
		fallback = fallback == G_MAXUINT ? i : fallback;
		if (!common) {
			row->anchor = i;
			return TRUE;
		}
	}
	row->anchor = fallback;
	return fallback != G_MAXUINT || fail(reader, "a row needs a word that is there, not only !words");
}

static gboolean read_match(Reader *reader, char **words)
{
	if (!reader->in_rule)
		return fail(reader, "`match` belongs below a `rule`");
	RulesRow row = {.rule = reader->rules->rules->len - 1};
	gboolean done = TRUE;
	for (guint i = 0; done && words[i] != NULL; i++) {
		if (row.n_elements == RULES_ELEMENTS_MAX) {
			done = fail(reader, "a row has at most %d words", RULES_ELEMENTS_MAX);
			break;
		}
		RulesElement *element = &row.elements[row.n_elements];
		if (i > 0)
			done = read_join(reader, words[i++], element) && (words[i] != NULL || fail(reader, "a row ends with a word"));
		if (done) {
			row.n_elements++;
			done = read_element(reader, words[i], element);
		}
	}
	done = done && (row.n_elements > 0 || fail(reader, "an empty `match`")) && choose_anchor(reader, &row);
	g_array_append_val(reader->rules->rows, row);
	return done;
}

static gboolean read_within(Reader *reader, char **words)
{
	if (!reader->in_rule || words[0] == NULL || (strcmp(words[0], "sentence") != 0 && strcmp(words[0], "clause") != 0))
		return fail(reader, "a rule stands `within sentence` or `within clause`");
	last_rule(reader)->in_sentence = strcmp(words[0], "sentence") == 0;
	return TRUE;
}

static gboolean read_example(Reader *reader, const char *text, gboolean must)
{
	if (!reader->in_rule)
		return fail(reader, "an example belongs below a `rule`");
	RulesExample example = {g_strstrip(g_strdup(text)), must, reader->line, reader->file};
	g_array_append_val(last_rule(reader)->examples, example);
	return TRUE;
}

/* --- lines ---------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	Round round;
	gboolean (*read)(Reader *reader, char **words);
} directives[] = {
	{"lex", ROUND_WORDS, read_lex},       {"end", ROUND_WORDS, read_end},     {"meant", ROUND_WORDS, read_meant},
	{"guard", ROUND_GUARDS, read_guard},  {"content", ROUND_GUARDS, read_content}, {"rule", ROUND_RULES, read_rule},
	{"unless", ROUND_RULES, read_unless}, {"match", ROUND_RULES, read_match}, {"within", ROUND_RULES, read_within},
};

static gboolean read_words(Reader *reader, char *line)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	char *rest = line;
	for (char *word; (word = strsep(&rest, " \t")) != NULL;)
		if (*word != '\0')
			g_ptr_array_add(words, word);
	g_ptr_array_add(words, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(directives); i++)
		if (strcmp(directives[i].word, words->pdata[0]) == 0)
			return directives[i].round != reader->round || directives[i].read(reader, (char **)words->pdata + 1);
	return fail(reader, "“%s” begins no line of a rule file: see senim-rules(5)", (char *)words->pdata[0]);
}

static gboolean read_line(Reader *reader, const char *start, gsize size)
{
	if (!g_utf8_validate(start, (gssize)size, NULL))
		return fail(reader, "this line is not UTF-8: save the file as UTF-8");
	g_autofree char *line = g_strndup(start, size);
	g_strstrip(line);
	if (*line == '\0' || *line == '#')
		return TRUE;
	if ((*line == '+' || *line == '-') && line[1] == ' ')
		return reader->round != ROUND_RULES || read_example(reader, line + 2, *line == '+');
	return read_words(reader, line);
}

static gboolean read_file(Reader *reader, const RulesFile *file)
{
	reader->line = 0;
	reader->meant = NULL;
	reader->unless = 0;
	reader->in_rule = FALSE;
	for (const char *p = file->text, *end = p + file->size; p < end;) {
		const char *lf = memchr(p, '\n', (gsize)(end - p));
		gsize size = (gsize)((lf != NULL ? lf : end) - p);
		reader->line++;
		if (!read_line(reader, p, size))
			return FALSE;
		p += size + 1;
	}
	return TRUE;
}

static gboolean check_rule(Reader *reader, guint index)
{
	const Rule *rule = &g_array_index(reader->rules->rules, Rule, index);
	guint must = 0, must_not = 0, rows = 0;
	for (guint i = 0; i < rule->examples->len; i++)
		*(g_array_index(rule->examples, RulesExample, i).must ? &must : &must_not) += 1;
	for (guint i = 0; i < reader->rules->rows->len; i++)
		rows += g_array_index(reader->rules->rows, RulesRow, i).rule == index;
	reader->file = rule->file;
	reader->line = rule->line;
	if (rows == 0)
		return fail(reader, "rule %s has no `match`", rule->id);
	return (must >= RULES_EXAMPLES_MIN && must_not >= RULES_EXAMPLES_MIN) ||
	       fail(reader, "rule %s needs %d examples with + and %d with -", rule->id, RULES_EXAMPLES_MIN, RULES_EXAMPLES_MIN);
}

static RulesProbe probe_of(const RulesRow *row)
{
	guint rarest = row->anchor;
	for (guint i = 0; i < row->n_elements; i++)
		if (!row->elements[i].absent && i != row->anchor &&
		    (rarest == row->anchor || row->elements[i].of.atoms->len < row->elements[rarest].of.atoms->len))
			rarest = i;
	return (RulesProbe){row->elements[rarest].of.bits, row->in_sentence};
}

static void index_rows(Rules *rules)
{
	g_array_set_size(rules->by_atom, rules_words_n_atoms(rules->owned->words) + 1);
	for (guint32 i = 0; i < rules->rows->len; i++) {
		RulesRow *row = &g_array_index(rules->rows, RulesRow, i);
		row->in_sentence = g_array_index(rules->rules, Rule, row->rule).in_sentence;
		const RulesProbe probe = probe_of(row);
		g_array_append_val(rules->probes, probe);
		const GArray *atoms = row->elements[row->anchor].of.atoms;
		for (guint k = 0; k < atoms->len; k++)
			g_array_index(rules->by_atom, guint32, g_array_index(atoms, guint16, k))++;
		g_array_set_size(rules->anchored, rules->anchored->len + atoms->len);
	}
	for (guint atom = 1; atom < rules->by_atom->len; atom++)
		g_array_index(rules->by_atom, guint32, atom) += g_array_index(rules->by_atom, guint32, atom - 1);
	for (guint32 i = rules->rows->len; i > 0; i--) { /* backwards, so that each list is in their order and each end its beginning */
		const RulesRow *row = &g_array_index(rules->rows, RulesRow, i - 1);
		const GArray *atoms = row->elements[row->anchor].of.atoms;
		for (guint k = 0; k < atoms->len; k++) {
			guint32 *end = &g_array_index(rules->by_atom, guint32, g_array_index(atoms, guint16, k));
			g_array_index(rules->anchored, guint32, --*end) = i - 1;
		}
	}
}

static gboolean read_all(Reader *reader, const RulesFile *files, gsize n)
{
	RulesWords *words = reader->rules->owned->words;
	rules_words_lexicon(words, "number");
	rules_words_lexicon(words, "english");
	rules_words_lexicon(words, "speaker.told");
	rules_words_lexicon(words, RULES_ANY_WORD);
	rules_words_set_common(words, rules_words_find(words, "number"));
	rules_words_set_common(words, rules_words_find(words, RULES_ANY_WORD));
	for (Round round = ROUND_WORDS; round < ROUNDS; round++) {
		reader->round = round;
		for (gsize i = 0; i < n; i++) {
			char *name = g_strdup(files[i].name);
			g_ptr_array_add(reader->rules->owned->names, name);
			reader->file = name;
			if (!read_file(reader, &files[i]))
				return FALSE;
		}
		if (round == ROUND_WORDS) {
			reader->rules->number = (guint16)rules_words_atom(words, "@number", "", 0, NULL);
			reader->rules->english = (guint16)rules_words_atom(words, "@english", "", 0, NULL);
			reader->rules->told = (guint16)rules_words_atom(words, "@speaker.told", "", 0, NULL);
		}
	}
	for (guint i = 0; i < reader->rules->rules->len; i++)
		if (!check_rule(reader, i))
			return FALSE;
	return TRUE;
}

Rules *rules_read(const RulesFile *files, gsize n, GError **error)
{
	g_autoptr(Rules) rules = rules_new();
	Reader reader = {.rules = rules, .file = n > 0 ? files[0].name : "rules"};
	gsize octets = 0;
	for (gsize i = 0; i < n; i++)
		octets += files[i].size;
	if (octets > RULES_OCTETS_MAX)
		fail(&reader, "the rules are larger than %u MiB together", RULES_OCTETS_MAX >> 20);
	else if (read_all(&reader, files, n)) {
		rules_words_settle(rules->owned->words);
		index_rows(rules);
		return g_steal_pointer(&rules);
	}
	g_propagate_error(error, reader.error);
	return NULL;
}

/* --- for the engine --------------------------------------------------------------------------------- */

guint rules_look_up(const Rules *rules, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms)
{
	return rules_words_look_up(rules->owned->words, view, key, size, plain_n, atoms);
}

guint rules_look_up_any(const Rules *rules, RulesView view, const guint8 *key, gsize size, guint64 plain_n, GArray *atoms)
{
	return rules_words_look_up_any(rules->owned->words, view, key, size, plain_n, atoms);
}

guint rules_beginnings(const Rules *rules, const guint8 *key, gsize size, guint64 *whole, guint64 *stems)
{
	return rules_words_beginnings(rules->owned->words, key, size, whole, stems);
}

gboolean rules_has(const GArray *sorted, guint16 atom)
{
	guint low = 0, high = sorted->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		guint16 value = g_array_index(sorted, guint16, middle);
		if (value == atom)
			return TRUE;
		if (value < atom)
			low = middle + 1;
		else
			high = middle;
	}
	return FALSE;
}

const char *rules_atom_lexicon(const Rules *rules, guint16 atom)
{
	return rules_words_lexicon_of(rules->owned->words, atom);
}

guint rules_n_entries(const Rules *rules)
{
	return rules_words_n_entries(rules->owned->words);
}

const RulesEntry *rules_entry(const Rules *rules, guint i)
{
	return rules_words_entry(rules->owned->words, i);
}
