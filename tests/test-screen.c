/* SPDX-License-Identifier: ISC */
/* The shipped rules: their own examples, the hard texts, the fixtures, each also disguised; and what no rule file may do. */
#include <glib.h>
#include <string.h>

#include "policy/screen.h"
#include "tests/shipped-rules.h"

static Rules *rules;

static RulesVerdict verdict_of(const char *text)
{
	ScreenQuestion question = {.text = text, .size = strlen(text)};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	return verdict->verdict;
}

/* --- examples ---------------------------------------------------------------------------------- */

static gboolean matches(const Rule *rule, const char *text)
{
	ScreenQuestion question = {.text = text, .size = strlen(text)};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	for (guint i = 0; i < verdict->hits->len; i++) {
		const ScreenHit *hit = &g_array_index(verdict->hits, ScreenHit, i);
		if (hit->rule == rule && hit->guards == 0)
			return TRUE;
	}
	return FALSE;
}

static void test_examples(void)
{
	guint n = 0;
	for (guint i = 0; i < rules->rules->len; i++) {
		const Rule *rule = &g_array_index(rules->rules, Rule, i);
		for (guint k = 0; k < rule->examples->len; k++, n++) {
			const RulesExample *example = &g_array_index(rule->examples, RulesExample, k);
			if (matches(rule, example->text) != example->must) {
				g_test_message("%s:%u: %s %s: %s", example->file, example->line, rule->id,
				               example->must ? "does not match" : "matches", example->text);
				g_test_fail();
			}
		}
	}
	g_assert_cmpuint(n, >=, 4 * rules->rules->len);
}

/* --- fixtures ------------------------------------------------------------------------------------ */

typedef struct {
	guint redirect, redirected, flagged, plainly; /* found as they stand */
	guint clean, wrong, looked;                   /* clean ones: redirected, reviewed */
	guint ordinary, bothered;                     /* plain complaints: reviewed */
} Count;

static const char *const languages[] = {"kk", "ru", "en"};
static const struct {
	const char *name;
	double redirected, flagged;
} fixtures[] = {{"hard.tsv", 0.90, 0.90}, {"own.tsv", 0.85, 0.90}, {"blind-1.tsv", 0.90, 0.95}, {"blind-2.tsv", 0.85, 0.90},
                {"blind-3.tsv", 0.75, 0.90}, {"blind-4.tsv", 0.85, 0.95}, {"blind-5.tsv", 0.85, 0.95}, {"blind-6.tsv", 0.90, 0.95},
                {"blind-7.tsv", 0.60, 0.90}, {"blind-8.tsv", 0.75, 0.95}, {"blind-9.tsv", 0.65, 0.90}, {"blind-10.tsv", 0.85, 0.92},
                {"blind-11.tsv", 0.85, 0.92}, {"blind-12.tsv", 0.85, 0.92}, {"blind-13.tsv", 0.75, 0.92},
                {"blind-disguise.tsv", 0.75, 0.87}, {"english.tsv", 0.80, 0.92}, {"traps.tsv", 0, 0}, {"unmarked.tsv", 0, 0}};

typedef char *(*Disguise)(const char *text, const char *language);

static char *plain(const char *text, const char *language)
{
	(void)language;
	return g_strdup(text);
}

/* Each character through a table of pairs, every nth one that is in it. */
static char *replace(const char *text, const char *const (*pairs)[2], gsize n_pairs, guint every)
{
	GString *out = g_string_new(NULL);
	guint seen = 0;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gsize size = (gsize)(g_utf8_next_char(p) - p), i = 0;
		while (i < n_pairs && (strlen(pairs[i][0]) != size || memcmp(pairs[i][0], p, size) != 0))
			i++;
		if (i < n_pairs && seen++ % every == 0)
			g_string_append(out, pairs[i][1]);
		else
			g_string_append_len(out, p, (gssize)size);
	}
	return g_string_free(out, FALSE);
}

static char *homoglyphs(const char *text, const char *language)
{
	static const char *const to_latin[][2] = {{"а", "a"}, {"е", "e"}, {"о", "o"}, {"р", "p"}, {"с", "c"}, {"у", "y"}, {"х", "x"},
	                                          {"і", "i"}};
	static const char *const to_cyrillic[][2] = {{"a", "а"}, {"e", "е"}, {"o", "о"}, {"p", "р"}, {"c", "с"}, {"y", "у"},
	                                             {"x", "х"}, {"i", "і"}};
	return strcmp(language, "en") == 0 ? replace(text, to_cyrillic, G_N_ELEMENTS(to_cyrillic), 1)
	                                   : replace(text, to_latin, G_N_ELEMENTS(to_latin), 1);
}

static char *leet(const char *text, const char *language)
{
	static const char *const pairs[][2] = {{"о", "0"}, {"o", "0"}, {"з", "3"}, {"e", "3"}, {"б", "6"}, {"і", "1"}, {"i", "1"},
	                                       {"а", "@"}, {"ч", "4"}};
	(void)language;
	return replace(text, pairs, G_N_ELEMENTS(pairs), 2);
}

/* Every letter that a sign can stand for. */
static char *leet_throughout(const char *text, const char *language)
{
	static const char *const pairs[][2] = {{"a", "4"}, {"e", "3"}, {"i", "1"}, {"o", "0"}, {"s", "5"}, {"t", "7"}, {"а", "@"}, {"о", "0"},
	                                       {"з", "3"}, {"б", "6"}, {"ч", "4"}, {"т", "7"}, {"е", "3"}, {"и", "1"}, {"і", "1"}};
	(void)language;
	return replace(text, pairs, G_N_ELEMENTS(pairs), 1);
}

/* The same with signs where there are any: they stand beside figures then. */
static char *signs_throughout(const char *text, const char *language)
{
	static const char *const pairs[][2] = {{"a", "@"}, {"e", "3"}, {"i", "1"}, {"o", "0"}, {"s", "$"}, {"t", "7"}, {"а", "@"}, {"о", "0"},
	                                       {"з", "3"}, {"б", "6"}, {"ч", "4"}, {"т", "7"}, {"е", "3"}, {"с", "$"}, {"і", "1"}};
	(void)language;
	return replace(text, pairs, G_N_ELEMENTS(pairs), 1);
}

/* Between any two characters, signs and blanks too. */
static char *zero_width_everywhere(const char *text, const char *language)
{
	(void)language;
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		g_string_append_len(out, p, (gssize)(g_utf8_next_char(p) - p));
		g_string_append(out, "\u200b");
	}
	return g_string_free(out, FALSE);
}

/* After every letter: a zero-width space, a blank; or the letter twice more. */
static char *after_letters(const char *text, const char *with, guint times)
{
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gsize size = (gsize)(g_utf8_next_char(p) - p);
		gunichar c = g_utf8_get_char(p);
		g_string_append_len(out, p, (gssize)size);
		if (with != NULL && g_unichar_isalpha(c) && g_unichar_isalpha(g_utf8_get_char(p + size)))
			g_string_append(out, with);
		else if (with != NULL && *with == ' ' && c == ' ')
			g_string_append(out, "  ");
		for (guint i = 0; with == NULL && i < times && strchr("аеиоуыяюэәөұүіaeiouy", *p) != NULL && g_unichar_isalpha(c); i++)
			g_string_append_len(out, p, (gssize)size);
	}
	return g_string_free(out, FALSE);
}

static char *zero_width(const char *text, const char *language)
{
	(void)language;
	return after_letters(text, "\u200b", 0);
}

static char *spaced(const char *text, const char *language)
{
	(void)language;
	return after_letters(text, " ", 0);
}

static char *row_of_letters(const char *text, const char *language)
{
	(void)language;
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		g_string_append_len(out, p, (gssize)(g_utf8_next_char(p) - p));
		if (*p != ' ')
			g_string_append_c(out, ' ');
	}
	return g_string_free(out, FALSE);
}

static char *dotted(const char *text, const char *language)
{
	(void)language;
	return after_letters(text, ".", 0);
}

static char *dotted_wide(const char *text, const char *language)
{
	(void)language;
	return after_letters(text, ". ", 0);
}

static char *slashed(const char *text, const char *language)
{
	(void)language;
	return after_letters(text, "/", 0);
}

/* A mark on every letter; letters of twice the width; every other one a capital. */
static char *marked(const char *text, const char *language)
{
	static const gunichar marks[] = {0x301, 0x308, 0x336, 0x323, 0x30a};
	GString *out = g_string_new(NULL);
	guint letters = 0;
	(void)language;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		g_string_append_unichar(out, g_utf8_get_char(p));
		if (g_unichar_isalpha(g_utf8_get_char(p)))
			g_string_append_unichar(out, marks[letters++ % G_N_ELEMENTS(marks)]);
	}
	return g_string_free(out, FALSE);
}

static char *wide(const char *text, const char *language)
{
	GString *out = g_string_new(NULL);
	(void)language;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		g_string_append_unichar(out, c > ' ' && c < 0x7f ? c - 0x20 + 0xff00 : c);
	}
	return g_string_free(out, FALSE);
}

static char *mixed_case(const char *text, const char *language)
{
	GString *out = g_string_new(NULL);
	guint n = 0;
	(void)language;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p), n++)
		g_string_append_unichar(out, n % 2 == 1 ? g_unichar_toupper(g_utf8_get_char(p)) : g_unichar_tolower(g_utf8_get_char(p)));
	return g_string_free(out, FALSE);
}

static char *dashed(const char *text, const char *language)
{
	(void)language;
	return after_letters(text, "-", 0);
}

static char *doubled(const char *text, const char *language)
{
	(void)language;
	GString *out = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		for (int i = 0; i < (g_unichar_isalpha(g_utf8_get_char(p)) ? 2 : 1); i++)
			g_string_append_len(out, p, (gssize)(g_utf8_next_char(p) - p));
	return g_string_free(out, FALSE);
}

static char *stretched(const char *text, const char *language)
{
	static const char *const pairs[][2] = {{"а", "аааа"}, {"е", "еееее"}, {"ы", "ыыы"}, {"у", "ууу"}, {"і", "іііі"}, {"и", "иии"},
	                                       {"o", "oooo"}, {"e", "eee"}, {"u", "uuu"}, {"i", "iiii"}, {"a", "aaaa"}};
	(void)language;
	return replace(text, pairs, G_N_ELEMENTS(pairs), 1);
}

static char *without_kazakh(const char *text, const char *language)
{
	static const char *const pairs[][2] = {{"ә", "а"}, {"ө", "о"}, {"ү", "у"}, {"ұ", "у"}, {"қ", "к"}, {"ғ", "г"}, {"ң", "н"},
	                                       {"һ", "х"}, {"і", "и"}, {"Ә", "А"}, {"Ө", "О"}, {"Ү", "У"}, {"Ұ", "У"}, {"Қ", "К"},
	                                       {"Ғ", "Г"}, {"І", "И"}};
	return strcmp(language, "kk") == 0 ? replace(text, pairs, G_N_ELEMENTS(pairs), 1) : g_strdup(text);
}

static char *translit(const char *text, const char *language)
{
	static const char *const pairs[][2] = {
		{"а", "a"}, {"ә", "a"}, {"б", "b"}, {"в", "v"}, {"г", "g"}, {"ғ", "g"}, {"д", "d"}, {"е", "e"}, {"ё", "yo"}, {"ж", "zh"},
		{"з", "z"}, {"и", "i"}, {"і", "i"}, {"й", "y"}, {"к", "k"}, {"қ", "q"}, {"л", "l"}, {"м", "m"}, {"н", "n"}, {"ң", "n"},
		{"о", "o"}, {"ө", "o"}, {"п", "p"}, {"р", "r"}, {"с", "s"}, {"т", "t"}, {"у", "u"}, {"ұ", "u"}, {"ү", "u"}, {"ф", "f"},
		{"х", "kh"}, {"һ", "h"}, {"ц", "ts"}, {"ч", "ch"}, {"ш", "sh"}, {"щ", "shch"}, {"ъ", ""}, {"ы", "y"}, {"ь", ""},
		{"э", "e"}, {"ю", "yu"}, {"я", "ya"}};
	g_autofree char *lower = g_utf8_strdown(text, -1);
	return strcmp(language, "en") == 0 ? g_strdup(text) : replace(lower, pairs, G_N_ELEMENTS(pairs), 1);
}

/* Another hand: ja, ju, w for ш, c for ц, h for х, i for ы. */
static char *translit_other(const char *text, const char *language)
{
	static const char *const pairs[][2] = {
		{"а", "a"}, {"ә", "a"}, {"б", "b"}, {"в", "v"}, {"г", "g"}, {"ғ", "gh"}, {"д", "d"}, {"е", "e"}, {"ё", "jo"}, {"ж", "zh"},
		{"з", "z"}, {"и", "i"}, {"і", "i"}, {"й", "j"}, {"к", "k"}, {"қ", "k"}, {"л", "l"}, {"м", "m"}, {"н", "n"}, {"ң", "ng"},
		{"о", "o"}, {"ө", "o"}, {"п", "p"}, {"р", "r"}, {"с", "s"}, {"т", "t"}, {"у", "u"}, {"ұ", "u"}, {"ү", "u"}, {"ф", "f"},
		{"х", "h"}, {"һ", "h"}, {"ц", "c"}, {"ч", "4"}, {"ш", "w"}, {"щ", "sch"}, {"ъ", ""}, {"ы", "i"}, {"ь", "'"},
		{"э", "e"}, {"ю", "ju"}, {"я", "ja"}};
	g_autofree char *lower = g_utf8_strdown(text, -1);
	return strcmp(language, "en") == 0 ? g_strdup(text) : replace(lower, pairs, G_N_ELEMENTS(pairs), 1);
}

static char *kazakh_2021(const char *text, const char *language)
{
	static const char *const pairs[][2] = {
		{"а", "a"}, {"ә", "ä"}, {"б", "b"}, {"в", "v"}, {"г", "g"}, {"ғ", "ğ"}, {"д", "d"}, {"е", "e"}, {"ё", "io"}, {"ж", "j"},
		{"з", "z"}, {"и", "i"}, {"і", "ı"}, {"й", "i"}, {"к", "k"}, {"қ", "q"}, {"л", "l"}, {"м", "m"}, {"н", "n"}, {"ң", "ñ"},
		{"о", "o"}, {"ө", "ö"}, {"п", "p"}, {"р", "r"}, {"с", "s"}, {"т", "t"}, {"у", "u"}, {"ұ", "ū"}, {"ү", "ü"}, {"ф", "f"},
		{"х", "h"}, {"һ", "h"}, {"ц", "ts"}, {"ч", "ch"}, {"ш", "ş"}, {"щ", "ş"}, {"ъ", ""}, {"ы", "y"}, {"ь", ""},
		{"э", "e"}, {"ю", "iu"}, {"я", "ia"}};
	g_autofree char *lower = g_utf8_strdown(text, -1);
	return strcmp(language, "kk") == 0 ? replace(lower, pairs, G_N_ELEMENTS(pairs), 1) : g_strdup(text);
}

/* As it is typed in a hurry: no letter that a keyboard of plain Latin lacks. */
static char *kazakh_informal(const char *text, const char *language)
{
	static const char *const pairs[][2] = {
		{"а", "a"}, {"ә", "a"}, {"б", "b"}, {"в", "v"}, {"г", "g"}, {"ғ", "g"}, {"д", "d"}, {"е", "e"}, {"ё", "e"}, {"ж", "j"},
		{"з", "z"}, {"и", "i"}, {"і", "i"}, {"й", "i"}, {"к", "k"}, {"қ", "k"}, {"л", "l"}, {"м", "m"}, {"н", "n"}, {"ң", "n"},
		{"о", "o"}, {"ө", "o"}, {"п", "p"}, {"р", "r"}, {"с", "s"}, {"т", "t"}, {"у", "u"}, {"ұ", "u"}, {"ү", "u"}, {"ф", "f"},
		{"х", "h"}, {"һ", "h"}, {"ц", "c"}, {"ч", "sh"}, {"ш", "sh"}, {"щ", "sh"}, {"ъ", ""}, {"ы", "y"}, {"ь", ""},
		{"э", "e"}, {"ю", "yu"}, {"я", "ya"}};
	g_autofree char *lower = g_utf8_strdown(text, -1);
	return strcmp(language, "kk") == 0 ? replace(lower, pairs, G_N_ELEMENTS(pairs), 1) : g_strdup(text);
}

/* Two at once. */
static char *leet_in_a_row(const char *text, const char *language)
{
	g_autofree char *row = row_of_letters(text, language);
	return leet(row, language);
}

static char *translit_dotted(const char *text, const char *language)
{
	g_autofree char *latin = translit(text, language);
	return dotted(latin, language);
}

static char *homoglyphs_zero_width(const char *text, const char *language)
{
	g_autofree char *alike = homoglyphs(text, language);
	return zero_width(alike, language);
}

static const struct {
	const char *name;
	Disguise disguise;
	double least; /* of what is found in plain */
} disguises[] = {{"plain", plain, 1},           {"homoglyphs", homoglyphs, 0.95}, {"zero width", zero_width, 1},
                 {"leet", leet, 0.95},          {"spaced", spaced, 0.95},         {"row of letters", row_of_letters, 0.95},
                 {"dotted", dotted, 0.95},      {"dashed", dashed, 0.95},         {"stretched", stretched, 0.95},
                 {"doubled", doubled, 0.95},    {"no kk letters", without_kazakh, 0.95}, {"translit", translit, 0.95},
                 {"translit 2", translit_other, 0.95}, {"kk 2021", kazakh_2021, 0.95}, {"kk informal", kazakh_informal, 0.95},
                 {"leet throughout", leet_throughout, 0.95}, {"signs throughout", signs_throughout, 0.95},
                 {"zero width, all", zero_width_everywhere, 0.95}, {"dots, wide", dotted_wide, 0.95}, {"slashes", slashed, 0.95},
                 {"marks", marked, 0.95},       {"full width", wide, 0.95},       {"mixed case", mixed_case, 0.95},
                 {"leet in a row", leet_in_a_row, 0.90}, {"translit, dots", translit_dotted, 0.90},
                 {"alike, no width", homoglyphs_zero_width, 0.95}};

static void count_row(char **row, const char *language, Disguise disguise, Count *count)
{
	/* what is disguised already is for the plain run: two disguises at once are more than anybody promises */
	gboolean dressed = strstr(row[2], "obfuscated") != NULL || strstr(row[2], "translit") != NULL || strstr(row[2], "latin") != NULL;
	/* nobody who reports dresses his letter up; what is told there by one word of a scene is too little then */
	dressed = dressed || strstr(row[2], "unmarked") != NULL;
	if (strcmp(row[0], language) != 0 || (disguise != plain && dressed))
		return;
	g_autofree char *text = disguise(row[3], language);
	RulesVerdict verdict = verdict_of(text);
	if (strcmp(row[1], "redirect") == 0) {
		count->redirect++;
		count->redirected += verdict == RULES_REDIRECT;
		count->flagged += verdict != RULES_CLEAN;
		count->plainly += verdict_of(row[3]) != RULES_CLEAN;
	} else if (strcmp(row[1], "clean") == 0) {
		count->clean++;
		count->wrong += verdict == RULES_REDIRECT;
		count->looked += verdict == RULES_REVIEW;
		count->ordinary += strcmp(row[2], "plain") == 0;
		count->bothered += strcmp(row[2], "plain") == 0 && verdict != RULES_CLEAN;
		if (verdict == RULES_REDIRECT)
			g_test_message("redirected though clean: %s", text);
	}
}

static Count count_file(const char *name, const char *language, Disguise disguise)
{
	g_autofree char *path = g_build_filename(FIXTURES, name, NULL);
	g_autofree char *data = NULL;
	g_assert_true(g_file_get_contents(path, &data, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
	Count count = {0};
	for (char **line = lines; *line != NULL; line++) {
		g_auto(GStrv) row = g_strsplit(*line, "\t", 4);
		if (**line != '#' && g_strv_length(row) == 4)
			count_row(row, language, disguise, &count);
	}
	return count;
}

static void tell(const char *name, const char *language, const char *disguise, const Count *count)
{
	g_test_message("%s %s %-15s redirect %u/%u, redirect or review %u/%u; clean: redirected %u, reviewed %u of %u; ordinary: "
	               "reviewed %u of %u", name, language, disguise, count->redirected, count->redirect, count->flagged, count->redirect,
	               count->wrong, count->looked, count->clean, count->bothered, count->ordinary);
}

static void add(Count *sum, const Count *count)
{
	const guint *from = (const guint *)count;
	guint *to = (guint *)sum;
	for (gsize i = 0; i < sizeof *sum / sizeof *to; i++)
		to[i] += from[i];
}

/* Each file as it stands; then all of them together in every disguise: one file is too small for shares. */
static void test_fixtures(void)
{
	for (gsize l = 0; l < G_N_ELEMENTS(languages); l++)
		for (gsize d = 0; d < G_N_ELEMENTS(disguises); d++) {
			Count sum = {0};
			for (gsize f = 0; f < G_N_ELEMENTS(fixtures); f++) {
				Count count = count_file(fixtures[f].name, languages[l], disguises[d].disguise);
				add(&sum, &count);
				if (d > 0)
					continue;
				tell(fixtures[f].name, languages[l], "as it stands", &count);
				if (count.redirected < fixtures[f].redirected * count.redirect || count.flagged < fixtures[f].flagged * count.redirect)
					g_test_fail();
			}
			tell("all", languages[l], disguises[d].name, &sum);
			g_assert_cmpuint(sum.redirect, >, 100);
			if (sum.wrong > 0 || sum.flagged < disguises[d].least * sum.plainly || (d == 0 && sum.bothered > 0.03 * sum.ordinary))
				g_test_fail();
		}
}

/* --- people in danger ---------------------------------------------------------------------------- */

static gboolean has_class(const char *text, const char *name)
{
	ScreenQuestion question = {.text = text, .size = strlen(text)};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	for (guint i = 0; i < verdict->classes->len; i++)
		if (strcmp(verdict->classes->pdata[i], name) == 0)
			return TRUE;
	return FALSE;
}

/* Of the rows of this language and kind, how many have the class. */
static void count_class(const char *language, const char *kind, const char *name, guint *with, guint *all)
{
	*with = *all = 0;
	for (gsize f = 0; f < G_N_ELEMENTS(fixtures); f++) {
		g_autofree char *path = g_build_filename(FIXTURES, fixtures[f].name, NULL);
		g_autofree char *data = NULL;
		g_assert_true(g_file_get_contents(path, &data, NULL, NULL));
		g_auto(GStrv) lines = g_strsplit(data, "\n", -1);
		for (char **line = lines; *line != NULL; line++) {
			g_auto(GStrv) row = g_strsplit(*line, "\t", 4);
			if (**line == '#' || g_strv_length(row) != 4 || strcmp(row[0], language) != 0 || strcmp(row[2], kind) != 0 ||
			    (strcmp(kind, "plain") == 0 && strcmp(row[1], "clean") != 0))
				continue;
			*all += 1;
			*with += has_class(row[3], name);
		}
	}
}

static void test_danger(void)
{
	static const struct {
		const char *kind, *name;
		double least, most;
	} shares[] = {{"at_risk", "reporter-at-risk", 0.90, 1}, {"selfharm", "self-harm", 0.90, 1}, {"plain", "reporter-at-risk", 0, 0.02},
	              {"plain", "self-harm", 0, 0.02}};
	for (gsize l = 0; l < G_N_ELEMENTS(languages); l++)
		for (gsize i = 0; i < G_N_ELEMENTS(shares); i++) {
			guint with, all;
			count_class(languages[l], shares[i].kind, shares[i].name, &with, &all);
			g_test_message("%s %s: class %s %u/%u", languages[l], shares[i].kind, shares[i].name, with, all);
			g_assert_cmpuint(all, >, 5);
			if (with < shares[i].least * all || with > shares[i].most * all)
				g_test_fail();
		}
	/* what another uttered is a threat to nobody but whoever hands it on: urgent, and never away */
	static const char *const told[] = {
		"Начальник написал мне: Я тебя убью, если пожалуешься.", "Вчера участковый кричал, что закопает меня в лесу.",
		"Охранник обещал меня зарезать если пожалуюсь", "Начальник избил меня и сказал молчать.",
		"убью тебя и твою семью - так сказал директор. Прошу защиты.", "прораб мне говорит я тебе ноги переломаю",
		"Директор сказал, что найдет меня и моих детей", "Сынып жетекшісі айтты: айтсаң басыңды аламын.",
		"They follow me home every night.", "Сказали переломают ноги, если пойду в прокуратуру.",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(told); i++) {
		g_test_message("%s", told[i]);
		g_assert_true(has_class(told[i], RULES_AT_RISK));
		g_assert_cmpint(verdict_of(told[i]), ==, RULES_CLEAN);
	}
	g_assert_false(has_class("Завхоз говорил: весь архив убью, а отчёт сдам.", RULES_AT_RISK));
	g_assert_false(has_class("В фильме герой говорит: «я тебя убью».", RULES_AT_RISK));
}

/* --- places, mixtures, bounds ----------------------------------------------------------------------- */

static void test_places(void)
{
	static const char text[] = "Сәлем. Я тебя у\u200bб\u200bь\u200bю!";
	ScreenQuestion question = {.text = text, .size = sizeof text - 1};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	g_assert_cmpint(verdict->verdict, ==, RULES_REDIRECT);
	g_assert_cmpuint(verdict->hits->len, >, 0);
	const ScreenHit *hit = NULL; /* the rules' last; the model's is the whole sentence */
	for (guint i = 0; i < verdict->hits->len; i++)
		if (g_array_index(verdict->hits, ScreenHit, i).verdict == RULES_REDIRECT)
			hit = &g_array_index(verdict->hits, ScreenHit, i);
	g_assert_true(g_str_has_prefix(text + hit->from, "тебя"));
	g_assert_cmpstr(text + hit->to, ==, "!");
}

static void test_mixed(void)
{
	g_assert_cmpint(verdict_of("Завхоз украл 40 млн по договору, акт прилагаю. Я его убью, эту тварь."), ==, RULES_REVIEW);
	g_assert_cmpint(verdict_of("> Я тебя убью\n> сука\n\nЭто написал мой начальник, прошу защиты."), ==, RULES_CLEAN);
	g_assert_cmpint(verdict_of("Я тебя убью.\n\nПрошу ответить в установленный срок."), !=, RULES_CLEAN);
	/* who speaks is told by the whole letter, not by the sentence of the hit */
	g_assert_cmpint(verdict_of("Он орал. Убью! Всех убью! Потом приехал наряд."), !=, RULES_REDIRECT);
	g_assert_cmpint(verdict_of("He was screaming. I'll kill you all! Then the patrol came."), !=, RULES_REDIRECT);
	g_assert_cmpint(verdict_of("Ойбай, өлтіремін сені! - деп балтамен жүгірді."), !=, RULES_REDIRECT);
	g_assert_cmpint(verdict_of("Открыла конверт, там пуля и листок «следующая тебе»"), !=, RULES_REDIRECT);
	g_assert_cmpint(verdict_of("Тетрадь в бухгалтерии, взятки там все. Приеду и сожгу твой дом."), ==, RULES_REVIEW);
}

static void test_bad_files(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"nonsense x\n", "f:1: "},
		{"lex a b-\nrule x redirect y\n  match @c\n", "f:3: there is no `lex c`"},
		{"lex a b-\n\nrule x redirect y\n  match @a\n  + b\n  + b\n  - c\n", "f:3: rule x needs 2 examples"},
		{"lex a b-\nrule x away y\n", "f:2: a rule's verdict"},
		{"\xff\n", "f:1: this line is not UTF-8"},
		{"lex a b-\nrule x review y\n match @a{z}\n", "f:3: there is no `end z`"},
		{"lex a b-\nrule x review y\n match @a + @a\n", "f:3: between words"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		RulesFile file = {(char *)"f", bad[i].text, strlen(bad[i].text)};
		g_assert_null(rules_read(&file, 1, &error));
		g_assert_error(error, RULES_ERROR, 0);
		g_assert_true(g_str_has_prefix(error->message, bad[i].says));
	}
}

static void test_bounds(void)
{
	static const char *const pieces[] = {"а. ", "сен ", "убью ", "«", "х*й ", "ы", "\u200b", "а б в г ", "*", "\n> ", "you kill ", "ты ",
	                                    "қатер ", "х**я б*я ", "y6bю в0т ", "у б ь ю т е б я", "kill you threat never ", "я убью "};
	for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		while (text->len < 1 << 20)
			g_string_append(text, pieces[i]);
		ScreenQuestion question = {.text = text->str, .size = 1 << 20};
		gint64 from = g_get_monotonic_time();
		g_autoptr(Verdict) verdict = screen_text(rules, &question);
		gint64 took = g_get_monotonic_time() - from;
		g_test_message("1 MiB of %s: %" G_GUINT64_FORMAT " steps, %" G_GINT64_FORMAT " ms", pieces[i], verdict->steps, took / 1000);
		g_assert_cmpuint(verdict->steps, <=, SCREEN_STEPS_MAX + SCREEN_STEPS_OCTET * (guint64)question.size);
		g_assert_cmpuint(verdict->hits->len, <=, 2 * SCREEN_HITS_MAX);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_autoptr(GError) error = NULL;
	rules = shipped_rules(RULES, &error);
	g_assert_no_error(error);
	g_test_add_func("/screen/every rule matches its examples and no counter-example", test_examples);
	g_test_add_func("/screen/no clean text is redirected and threats are found however disguised", test_fixtures);
	g_test_add_func("/screen/who is in danger is known and who writes of other things is not taken for it", test_danger);
	g_test_add_func("/screen/a hit has its place in the text as it came", test_places);
	g_test_add_func("/screen/a report with a threat goes to review and a quoted threat nowhere", test_mixed);
	g_test_add_func("/screen/a bad rule file is refused with its line", test_bad_files);
	g_test_add_func("/screen/work stays bounded whatever the text", test_bounds);
	int result = g_test_run();
	rules_free(rules);
	return result;
}
