/* SPDX-License-Identifier: ISC */
/* Names of the one who wrote, and words that an officer marks: in two views of the text. The one knows the cases of names and
 * their transliterations, the other what the screening knows of disguises; what either finds is hidden. */
#include <string.h>

#include "policy/name-form.h"
#include "policy/name-lists.h"
#include "policy/redact-private.h"
#include "policy/text.h"
#include "policy/utf8.h"
#include "policy/writer.h"
#include "policy/zones.h"

#define PART_MIN 2  /* octets of a folded part that is looked for alone */
#define BENT_MIN 3  /* of one that has endings: «Ли» has none */
#define STEM_MIN 4  /* letters of one that is looked for in disguise, with any ending */
#define BESIDE 2    /* initials on each side */

typedef struct {
	char *fold;     /* folded */
	char *written;  /* in small letters, for the other view */
	gboolean common; /* a first name, or a word of every day: in small letters it is mostly that */
	gboolean marked; /* by an officer */
} Part;

typedef struct {
	const RedactLook *look;
	GArray *parts;  /* Part */
	NameText *text;
	guint8 *hidden; /* of each word: 0 no, 1 hidden, 2 perhaps */
	gboolean small; /* the writer begins his sentences with small letters */
} Search;

static void part_clear(gpointer data)
{
	Part *part = data;
	g_free(part->fold);
	g_free(part->written);
}

static void search_clear(Search *search)
{
	g_clear_pointer(&search->parts, g_array_unref);
	g_clear_pointer(&search->text, name_text_free);
	g_clear_pointer(&search->hidden, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

/* --- what is looked for ----------------------------------------------------------------------------------------------- */

static void add_part(Search *search, const char *word, gsize size, gboolean marked)
{
	g_autofree char *written = g_utf8_strdown(word, (gssize)size);
	g_autofree char *fold = name_text_fold_word(written);
	if (strlen(fold) < (marked ? 1 : PART_MIN))
		return;
	for (guint i = 0; i < search->parts->len; i++)
		if (strcmp(g_array_index(search->parts, Part, i).fold, fold) == 0)
			return;
	const gboolean common = !marked && (strlen(fold) < BENT_MIN || name_form_is_common(fold));
	const Part part = {g_steal_pointer(&fold), g_steal_pointer(&written), common, marked};
	g_array_append_val(search->parts, part);
}

/* «Төлегенов» is Толегенов in one passport and Тулегенов in another. */
static void add_other(Search *search, const char *word)
{
	g_auto(GStrv) small = g_strsplit(word, "ө", -1);
	g_autofree char *once = g_strjoinv("ү", small);
	g_auto(GStrv) capital = g_strsplit(once, "Ө", -1);
	g_autofree char *twice = g_strjoinv("Ү", capital);
	if (strcmp(twice, word) != 0)
		add_part(search, twice, strlen(twice), FALSE);
}

static gboolean is_letter(gunichar c)
{
	return c != UTF8_BAD && (g_unichar_isalpha(c) || g_unichar_ismark(c));
}

/* Every word of it; a single letter is an initial, which hides beside a part alone. */
static void add_words(Search *search, const char *words, gboolean marked)
{
	const char *end = words + strlen(words), *next;
	for (const char *at = words; at < end;) {
		const char *from = at;
		while (at < end && is_letter(utf8_next(at, end, &next)))
			at = next;
		if (at > from) {
			g_autofree char *word = g_strndup(from, (gsize)(at - from));
			add_part(search, word, strlen(word), marked);
			if (!marked)
				add_other(search, word);
		} else {
			utf8_next(at, end, &next);
			at = next;
		}
	}
}

static gboolean looks_surname(const char *fold)
{
	static const char *const ends[] = {"ov", "ova", "ev", "eva"};
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		if (strlen(fold) > STEM_MIN && g_str_has_suffix(fold, ends[i]))
			return TRUE;
	return FALSE;
}

/* aigul.serikova@mail.kz says a name where its parts are one; info@ and office2@ say none. */
static void add_local_part(Search *search, const char *address)
{
	g_auto(GStrv) parts = g_strsplit_set(address, "@", 2);
	g_auto(GStrv) words = g_strsplit_set(parts[0] != NULL ? parts[0] : "", "._-+0123456789", 16);
	for (guint i = 0; words[i] != NULL; i++) {
		g_autofree char *fold = name_text_fold_word(words[i]);
		g_autoptr(NameForm) form = strlen(fold) > STEM_MIN ? name_form_new(words[i]) : NULL;
		if (form != NULL && (name_lists_has(NAME_LIST_GIVEN, fold) || looks_surname(fold)))
			add_words(search, words[i], FALSE);
	}
}

static void collect(Search *search)
{
	const RedactQuestion *question = search->look->question;
	for (guint i = 0; question->names != NULL && question->names[i] != NULL && i < REDACT_WORDS_MAX; i++)
		add_words(search, question->names[i], FALSE);
	for (guint i = 0; question->values != NULL && question->values[i] != NULL && i < REDACT_WORDS_MAX; i++)
		if (strchr(question->values[i], '@') != NULL)
			add_local_part(search, question->values[i]);
	const NamePlace place = {search->text, search->look->text, search->look->size};
	g_autoptr(GPtrArray) writers = writer_find(&place, search->look->zones);
	for (guint i = 0; i < writers->len; i++) {
		const WriterName *writer = writers->pdata[i];
		for (guint k = 0; k < writer->forms->len; k++)
			if (!g_str_has_suffix(writer->forms->pdata[k], ".")) /* an initial, which hides beside the name */
				add_words(search, writer->forms->pdata[k], FALSE);
	}
	for (guint i = 0; question->words != NULL && question->words[i] != NULL && i < REDACT_WORDS_MAX; i++)
		add_words(search, question->words[i], TRUE);
}

/* --- the view that knows names ---------------------------------------------------------------------------------------- */

/* Болатович is Болатұлы in Russian: the father's name with any ending of a patronymic. */
static gboolean is_patronymic_of(const char *fold, const char *part)
{
	NameForm form = {.patronymic = (char *)part};
	return name_form_looks_patronymic(part) && name_form_is_patronymic(&form, fold);
}

static const Part *part_of(const Search *search, const char *fold)
{
	for (guint i = 0; i < search->parts->len; i++) {
		const Part *part = &g_array_index(search->parts, Part, i);
		if (part->fold[0] != fold[0]) /* no case changes the first letter */
			continue;
		if (strlen(part->fold) < BENT_MIN ? strcmp(fold, part->fold) == 0
		                                  : name_form_case(fold, part->fold) != NAME_CASE_NONE ||
		                                        (!part->marked && is_patronymic_of(fold, part->fold)))
			return part;
	}
	return NULL;
}

static gsize word_end(const Search *search, guint i)
{
	return name_text_word_end(search->look->text, search->look->size, name_text_word(search->text, i)->at);
}

static void hide_word(Search *search, guint i, RedactKind kind)
{
	search->hidden[i] = 1;
	redact_look_add(search->look, kind, name_text_word(search->text, i)->at, word_end(search, i));
}

static gboolean is_joined(const Search *search, guint later)
{
	const NameWord *word = name_text_word(search->text, later);
	return word != NULL && (word->flags & (NAME_WORD_COMMA | NAME_WORD_SENTENCE)) == 0;
}

/* А. Б. Серікова, Серікова А.: initials beside what is hidden; with them the dot. */
static void hide_initials(Search *search, guint i, gint side)
{
	for (guint n = 0; n < BESIDE; n++) {
		const gssize k = (gssize)i + side * (gssize)(n + 1);
		const NameWord *word = name_text_word(search->text, k);
		if (word == NULL || (word->flags & NAME_WORD_INITIAL) == 0 || (side > 0 && !is_joined(search, (guint)k)))
			return;
		const gsize to = word_end(search, (guint)k);
		search->hidden[k] = 1;
		redact_look_add(search->look, REDACT_NAME, word->at, to < search->look->size && search->look->text[to] == '.' ? to + 1 : to);
	}
}

static void leave(const Search *search, const char *word, gsize size)
{
	g_autofree char *valid = g_utf8_make_valid(word, (gssize)size);
	g_autofree char *small = g_utf8_strdown(valid, -1);
	GPtrArray *left = search->look->left;
	for (guint i = 0; i < left->len; i++)
		if (strcmp(left->pdata[i], small) == 0)
			return;
	if (left->len < REDACT_WORDS_MAX)
		g_ptr_array_add(left, g_steal_pointer(&small));
}

/* Is one of the names that were given a first name; or more than one? */
static gboolean knows(const Search *search, gboolean surname)
{
	for (guint i = 0; i < search->parts->len; i++) {
		const Part *part = &g_array_index(search->parts, Part, i);
		const gboolean first = name_lists_has(NAME_LIST_GIVEN, part->fold) || name_form_looks_patronymic(part->fold);
		if (!part->marked && first != surname)
			return TRUE;
	}
	return FALSE;
}

/* «Гульнара Аскаровна Иванова», where «Иванова Г. А.» is known. */
static void hide_first_names(Search *search)
{
	const guint n = search->text->words->len;
	for (guint i = 0; i < n; i++)
		for (gint side = -1; search->hidden[i] == 1 && side <= 1; side += 2)
			for (gssize k = (gssize)i + side, far = 0; far < BESIDE && k >= 0 && k < (gssize)n; k += side, far++) {
				const guint signs = search->hidden[k] == 0 ? name_run_signs(search->text, (guint)k) : 0;
				if ((signs & (NAME_SIGN_GIVEN | NAME_SIGN_PATRONYMIC)) == 0 || !is_joined(search, (guint)(side > 0 ? k : k + 1)))
					break;
				hide_word(search, (guint)k, REDACT_NAME);
			}
}

/* «Асқар Ахметов», where the card knows an Askar alone. */
static void hide_surnames(Search *search)
{
	const guint n = search->text->words->len;
	g_autofree guint8 *found = g_memdup2(search->hidden, n + 1);
	for (guint i = 0; i < n; i++)
		for (gint side = -1; found[i] == 1 && side <= 1; side += 2) {
			const gssize k = (gssize)i + side;
			const NameWord *word = name_text_word(search->text, k);
			if (word != NULL && (word->flags & NAME_WORD_CAPITAL) != 0 && search->hidden[k] == 0 && is_joined(search, (guint)MAX(k, (gssize)i)) &&
			    (side > 0 || (word->flags & NAME_WORD_SENTENCE) == 0 || name_form_looks_patronymic(name_text_fold(search->text, k))))
				hide_word(search, (guint)k, REDACT_NAME);
		}
}

/* A word that stands there a thousand times is compared once. */
static const Part *part_known(const Search *search, GHashTable *known, const char *fold)
{
	gpointer part;
	if (g_hash_table_lookup_extended(known, fold, NULL, &part))
		return part;
	part = (gpointer)part_of(search, fold);
	g_hash_table_insert(known, (gpointer)fold, part);
	return part;
}

/* Words that are parts: hidden, or perhaps. */
static void find_parts(Search *search)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < search->text->words->len; i++) {
		const NameWord *word = name_text_word(search->text, i);
		const Part *part = word->size > 0 ? part_known(search, known, name_text_fold(search->text, i)) : NULL;
		if (part == NULL)
			continue;
		if (part->common && !search->small && (word->flags & NAME_WORD_CAPITAL) == 0)
			search->hidden[i] = 2;
		else
			hide_word(search, i, part->marked ? REDACT_WORD : REDACT_NAME);
	}
}

static void find_by_name(Search *search)
{
	const guint n = search->text->words->len;
	find_parts(search);
	for (guint i = 0; i < n; i++) { /* the name beside the name, in whatever letters */
		const gboolean beside = (i > 0 && search->hidden[i - 1] == 1 && is_joined(search, i)) ||
		                        (i + 1 < n && search->hidden[i + 1] == 1 && is_joined(search, i + 1));
		if (search->hidden[i] == 2 && beside)
			hide_word(search, i, REDACT_NAME);
		else if (search->hidden[i] == 2)
			leave(search, search->look->text + name_text_word(search->text, i)->at,
			      word_end(search, i) - name_text_word(search->text, i)->at);
	}
	if (!knows(search, TRUE))
		hide_surnames(search);
	if (!knows(search, FALSE))
		hide_first_names(search);
	for (guint i = 0; i < n; i++)
		if (search->hidden[i] == 1 && (name_text_word(search->text, i)->flags & NAME_WORD_INITIAL) == 0) {
			hide_initials(search, i, -1);
			hide_initials(search, i, 1);
		}
}

/* --- the view that knows disguises -------------------------------------------------------------------------------------- */

static gboolean is_one_script(const char *written)
{
	gboolean letters = *written != '\0';
	for (const char *at = written; *at != '\0'; at = g_utf8_next_char(at))
		letters = letters && g_unichar_isalpha(g_utf8_get_char(at));
	return letters;
}

static void add_lexicon(GString *rules, const Search *search, const char *name, gboolean marked, gboolean common)
{
	guint n = 0;
	g_autoptr(GString) lexicon = g_string_new(NULL);
	g_string_printf(lexicon, "lex %s", name);
	for (guint i = 0; i < search->parts->len; i++) {
		const Part *part = &g_array_index(search->parts, Part, i);
		const glong letters = g_utf8_strlen(part->written, -1);
		if (part->marked != marked || part->common != common || letters < STEM_MIN || !is_one_script(part->written))
			continue;
		/* Серікова, Серіковаға, Сериковой: its last letter goes with the Russian cases. */
		const gboolean bends = letters > STEM_MIN + 1 && (g_str_has_suffix(part->written, "а") || g_str_has_suffix(part->written, "я"));
		g_string_append_printf(lexicon, " %.*s-", (int)(strlen(part->written) - (bends ? strlen("а") : 0)), part->written);
		n++;
	}
	if (n > 0)
		g_string_append_printf(rules, "%s\nguard %s clause @%s\n", lexicon->str, name, name); /* which a row has to use */
}

static const struct {
	const char *lexicon;
	RedactKind kind;
	gboolean marked, common;
} lexicons[] = {
	{"hide.own", REDACT_NAME, FALSE, FALSE},
	{"hide.common", REDACT_NAME, FALSE, TRUE},
	{"hide.word", REDACT_WORD, TRUE, FALSE},
};

static void take_disguised(const Search *search, const Rules *rules, const Text *text, const TextWord *word)
{
	gunichar first = g_utf8_get_char_validated(search->look->text + word->from, (gssize)(word->to - word->from));
	for (guint i = 0; i < word->n_atoms; i++) {
		const char *lexicon = rules_atom_lexicon(rules, g_array_index(text->atoms, guint16, word->atoms + i));
		for (gsize k = 0; k < G_N_ELEMENTS(lexicons); k++)
			if (g_strcmp0(lexicon, lexicons[k].lexicon) == 0 &&
			    (!lexicons[k].common || search->small || (first < (gunichar)-2 && g_unichar_isupper(first))))
				redact_look_add(search->look, lexicons[k].kind, word->from, word->to);
	}
}

static void find_disguised(const Search *search)
{
	g_autoptr(GString) file = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(lexicons); i++)
		add_lexicon(file, search, lexicons[i].lexicon, lexicons[i].marked, lexicons[i].common);
	const RulesFile own = {(char *)"names", file->str, file->len};
	g_autoptr(Rules) rules = file->len > 0 ? rules_read(&own, 1, NULL) : NULL;
	g_autoptr(Text) text = rules != NULL ? text_read(rules, search->look->text, search->look->size) : NULL;
	for (guint i = 0; text != NULL && i < text->words->len; i++)
		take_disguised(search, rules, text, &g_array_index(text->words, TextWord, i));
	explicit_bzero(file->str, file->len);
}

/* --- whoever signs, and the header of quoted mail ------------------------------------------------------------------------ */

/* «С уважением», "Best regards": in a signature whose first line has no comma behind them. */
static gboolean is_closing(const NameText *text, guint i)
{
	static const char *const words[] = {"s", "uvajeniem", "pocteniem", "nailucximi", "kurmetpen", "izgi", "salemen", "iskrene", "vax",
	                                    "vaxa", "best", "kind", "varm", "regards", "iours", "sinsereli", "faitfuli", "respektfuli", NULL};
	return g_strv_contains(words, name_text_fold(text, i));
}

/* Of a signature every word with a capital, behind its closing phrase: who is known by no card stands there. */
static void find_signature(Search *search)
{
	const RedactLook *look = search->look;
	for (guint z = 0; z < look->zones->len; z++) {
		const Zone *zone = &g_array_index(look->zones, Zone, z);
		if (zone->kind != ZONE_SIGNATURE)
			continue;
		const char *from = look->text + zone->from, *feed = memchr(from, '\n', zone->to - zone->from);
		const char *comma = memchr(from, ',', (feed != NULL ? (gsize)(feed - look->text) : zone->to) - zone->from);
		const gsize begin = comma != NULL ? (gsize)(comma - look->text) : zone->from;
		for (guint i = 0; i < search->text->words->len; i++) {
			const NameWord *word = name_text_word(search->text, i);
			if (word->at >= begin && word->at < zone->to && (word->flags & NAME_WORD_CAPITAL) != 0 && !is_closing(search->text, i))
				hide_word(search, i, REDACT_NAME);
		}
	}
}

/* From: Айгүл Серікова <…>, within what was quoted or passed on. */
static void find_quoted_header(const RedactLook *look, gsize from, gsize to)
{
	static const char *const labels[] = {"from:", "to:", "cc:", "sender:", "reply-to:", "от:", "кому:", "копия:", "от кого:", "отправитель:",
	                                     "кімнен:", "кімге:", "көшірме:", "жіберуші:", "алушы:"};
	while (from < to && (g_ascii_isspace(look->text[from]) || look->text[from] == '>' || look->text[from] == '*'))
		from++;
	g_autofree char *valid = g_utf8_make_valid(look->text + from, (gssize)MIN(to - from, 40));
	g_autofree char *lower = g_utf8_strdown(valid, -1);
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		if (g_str_has_prefix(lower, labels[i])) {
			const char *colon = memchr(look->text + from, ':', to - from);
			gsize value = colon != NULL ? (gsize)(colon - look->text) + 1 : to;
			while (value < to && look->text[value] == ' ')
				value++;
			while (to > value && g_ascii_isspace(look->text[to - 1]))
				to--;
			redact_look_add(look, REDACT_NAME, value, to);
			return;
		}
}

static void find_headers(const RedactLook *look)
{
	for (gsize at = 0; at < look->size;) {
		const char *feed = memchr(look->text + at, '\n', look->size - at);
		const gsize end = feed != NULL ? (gsize)(feed - look->text) : look->size;
		if (zones_at(look->zones, at) == ZONE_MAIL_QUOTE)
			find_quoted_header(look, at, end);
		at = end + 1;
	}
}

/* --- what is marked and is no word -------------------------------------------------------------------------------------- */

/* «№ 17-ФЗ», «777ABC02»: as it stands, whatever its case. */
static void find_marked(const RedactLook *look)
{
	const char *const *words = look->question->words;
	g_autofree char *lower = g_ascii_strdown(look->text, (gssize)look->size);
	for (guint i = 0; words != NULL && words[i] != NULL && i < REDACT_WORDS_MAX; i++) {
		g_autofree char *word = g_ascii_strdown(words[i], -1);
		const gsize size = strlen(word);
		if (size == 0 || strpbrk(word, "0123456789") == NULL)
			continue;
		const char *end = lower + look->size;
		for (const char *at = lower; at < end && (at = memmem(at, (gsize)(end - at), word, size)) != NULL; at += size)
			redact_look_add(look, REDACT_WORD, (gsize)(at - lower), (gsize)(at - lower) + size);
	}
}

void redact_name_find(const RedactLook *look)
{
	g_auto(Search) search = {.look = look, .parts = g_array_new(FALSE, FALSE, sizeof(Part))};
	g_array_set_clear_func(search.parts, part_clear);
	search.text = name_text_new(look->text, look->size);
	search.hidden = g_malloc0(search.text->words->len + 1);
	search.small = name_text_is_small(search.text);
	collect(&search);
	find_signature(&search);
	find_by_name(&search);
	find_disguised(&search);
	find_headers(look);
	find_marked(look);
}
