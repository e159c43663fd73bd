/* SPDX-License-Identifier: ISC */
#include "cli/lint.h"

#include <string.h>

#include "base/escape.h"
#include "cli/language.h"

#define STEM_LEAST 4 /* characters of a name that a word must begin with */
#define SURNAME_LEAST 3 /* characters before its ending */
#define ACRONYM_MAX 5

/* --- abbreviations --------------------------------------------------------------------------------------------------- */

/* Written with a full stop, or with one or a hyphen between; without their last stop, case folded. */
static const char *const shortened[] = {
	"ул", "пр", "просп", "пер", "обл", "гор", "р-н", "мкр", "м-н", "кв", "корп", "тел", "моб", "г", "гг", "зам", "нач", "нач-к",
	"дир", "гл", "гл-бух", "бух", "др", "т.д", "т.п", "т.к", "т.е", "т.н", "и.о", "врио", "руб", "тг", "тыс", "млн", "млрд",
	"кол-во", "к-ра", "орг", "отд", "сотр", "долж", "проц", "көш", "қ", "ауд", "т.б", "ж.б", "т.с.с", "м.а", "ж", "жж", "мең",
	"орынб", "директ", "басш", "бөл", "тең", "д-р", "г-н", "г-жа", "з-д", "пр-т", "б-р", "ғ", "т.а.ә", "ф.и.о", "зав", "см", "п",
	"пп", "ст", "стр", "рис", "прим", "напр", "соотв", "т.ч", "д", "оф", "исх", "вх", "дог", "тов", "инж", "зам-ль", "рук", "меңг",
};
/* With or without one. */
static const char *const bare[] = {"млн", "млрд", "тыс", "тг", "врио", "мкр", "ғимар", "кол-во"};

static gboolean is_letter_or_joint(gunichar c)
{
	return g_unichar_isalpha(c) || c == '.' || c == '-';
}

/* "А.Б.", "К.": initials. */
static gboolean is_initials(const char *word)
{
	guint letters = 0;
	for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (!g_unichar_isupper(c) || *g_utf8_next_char(p) != '.')
			return FALSE;
		letters++;
		p = g_utf8_next_char(p);
	}
	return letters > 0;
}

static gboolean stands_in(const char *folded, const char *const *list, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (strcmp(list[i], folded) == 0)
			return TRUE;
	return FALSE;
}

static gboolean is_shortened(const char *word)
{
	g_autofree char *folded = g_utf8_casefold(word, -1);
	gboolean jointed = strpbrk(folded, ".-") != NULL;
	g_autofree char *before = g_strndup(folded, strcspn(folded, ".")); /* "ул.Абая": no blank behind the stop */
	if (strchr(folded, '.') != NULL && stands_in(before, shortened, G_N_ELEMENTS(shortened)))
		return TRUE;
	for (gsize size = strlen(folded); size > 0 && folded[size - 1] == '.'; size--)
		folded[size - 1] = '\0';
	return (jointed && stands_in(folded, shortened, G_N_ELEMENTS(shortened))) ||
	       stands_in(folded, bare, G_N_ELEMENTS(bare)) || is_initials(word);
}

/* "ЖШС", "МВД": capitals alone, where others are small. Latin numerals are none. */
static gboolean is_acronym(const char *word)
{
	glong length = 0;
	for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p), length++)
		if (!g_unichar_isupper(g_utf8_get_char(p)))
			return FALSE;
	return length >= 2 && length <= ACRONYM_MAX && word[strspn(word, "IVXLCDM")] != '\0';
}

static gboolean has_small_letters(const char *text)
{
	for (; *text != '\0'; text = g_utf8_next_char(text))
		if (g_unichar_islower(g_utf8_get_char(text)))
			return TRUE;
	return FALSE;
}

/* Columns that are told in words; a name, a number or a date has none to abbreviate. */
static gboolean is_told(const RowColumn *column)
{
	static const char *const keys[] = {"address", "legal_form", "brief", "note", "resolution", "resolution_by", "measures", NULL};
	return g_strv_contains(keys, column->key);
}

static void warn(json_t *warnings, const RowColumn *column, const char *warning, const char *word)
{
	json_array_append_new(warnings, json_pack("{s:s, s:s, s:s}", "column", column->key, "warning", warning, "word", word));
}

/* The next word of text from *at: letters with full stops and hyphens between them, and a stop behind it. first (may be
 * NULL): it begins a sentence, as far as what stands right before it says. */
static char *next_word(const char **at, gboolean *first)
{
	gboolean begins = first != NULL && *first;
	for (; **at != '\0' && !g_unichar_isalpha(g_utf8_get_char(*at)); *at = g_utf8_next_char(*at))
		begins = begins || strchr(".!?:;\n", **at) != NULL;
	const char *begin = *at;
	while (**at != '\0' && is_letter_or_joint(g_utf8_get_char(*at)))
		*at = g_utf8_next_char(*at);
	if (first != NULL)
		*first = begins;
	return *at > begin ? g_strndup(begin, (gsize)(*at - begin)) : NULL;
}

static void look_for_abbreviations(json_t *warnings, const RowColumn *column, const char *text)
{
	char *word;
	gboolean acronyms = is_told(column) && has_small_letters(text);
	while ((word = next_word(&text, NULL)) != NULL) {
		if (is_shortened(word) || (acronyms && is_acronym(word)))
			warn(warnings, column, "abbreviation", word);
		wipe_text_free(word);
	}
}

/* --- names ------------------------------------------------------------------------------------------------------------ */

/* Endings differ by case: a word that begins as the name does, but for its last two characters, is it. */
static gboolean is_name(const char *word, const char *name)
{
	g_autofree char *one = g_utf8_casefold(word, -1), *other = g_utf8_casefold(name, -1);
	glong length = g_utf8_strlen(other, -1);
	if (length < STEM_LEAST)
		return strcmp(one, other) == 0;
	gsize stem = (gsize)(g_utf8_offset_to_pointer(other, MAX(STEM_LEAST, length - 2)) - other);
	return strncmp(one, other, stem) == 0 && g_utf8_strlen(one, -1) <= length + 6;
}

static void add_words(GPtrArray *names, const char *text)
{
	char *word;
	while (text != NULL && g_utf8_validate(text, -1, NULL) && (word = next_word(&text, NULL)) != NULL) {
		if (g_utf8_strlen(word, -1) >= 3)
			g_ptr_array_add(names, word);
		else
			wipe_text_free(word);
	}
}

static GPtrArray *names_of(const Row *row, const Record *card, const json_t *filled)
{
	static const char *const columns[] = {"surname", "given", "patronymic"};
	GPtrArray *names = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	const char *line;
	for (gsize i = 0; i < G_N_ELEMENTS(columns); i++) {
		const RowValue *value = row_value(row, row_column(columns[i]));
		add_words(names, json_string_value(json_object_get(filled, columns[i])));
		add_words(names, value != NULL ? value->value : NULL);
	}
	if (card != NULL)
		add_words(names, record_get(card, "from-name"));
	for (guint i = 0; card != NULL && (line = record_get_nth(card, "suggested", i)) != NULL; i++)
		if (g_str_has_prefix(line, "surname ") || g_str_has_prefix(line, "given ") || g_str_has_prefix(line, "patronymic ")) {
			const char *value = strchr(strchr(line, ' ') + 1, ' ');
			add_words(names, value);
		}
	return names;
}

/* How patronymics and surnames end, each followed by one of the endings of its cases, in Russian or Kazakh. */
static const char *const patronymics[] = {"ович", "евич", "овн", "евн", "ұлы", "улы", "қызы", "кызы"};
static const char *const surnames[] = {"ов", "ев", "ёв", "ова", "ева", "ёва"};
static const char *const surnames_by_a_name[] = {"ин", "ина", "ский", "ская", "бай", "бек", "хан"};
static const char *const cases[] = {"", "а", "у", "ым", "ом", "ем", "е", "ой", "ы", "ых", "ым", "ами", "ого", "ому", "ую", "ая",
                                    "ның", "нің", "тың", "тің", "дың", "дің", "ға", "ге", "қа", "ке", "на", "не", "ны", "ні", "ты",
                                    "ті", "ды", "ді", "н", "нан", "нен", "тан", "тен", "дан", "ден", "мен", "пен", "бен", "да", "де",
                                    "та", "те", "нда", "нде"};

static gboolean ends_in(const char *folded, const char *const *endings, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		const char *at = g_strrstr(folded, endings[i]);
		if (at != NULL && g_utf8_pointer_to_offset(folded, at) >= SURNAME_LEAST &&
		    stands_in(at + strlen(endings[i]), cases, G_N_ELEMENTS(cases)))
			return TRUE;
	}
	return FALSE;
}

/* A person's by its form. beside: a name or initials stand right before it, so that less is enough. */
static gboolean looks_like_a_name(const char *word, gboolean first, gboolean beside)
{
	g_autofree char *folded = g_utf8_casefold(word, -1);
	if (!g_unichar_isupper(g_utf8_get_char(word)))
		return FALSE;
	for (gsize size = strlen(folded); size > 0 && folded[size - 1] == '.'; size--)
		folded[size - 1] = '\0';
	return ends_in(folded, patronymics, G_N_ELEMENTS(patronymics)) ||
	       ((!first || beside) && ends_in(folded, surnames, G_N_ELEMENTS(surnames))) ||
	       (beside && ends_in(folded, surnames_by_a_name, G_N_ELEMENTS(surnames_by_a_name)));
}

/* --- whoever stands behind his post ---------------------------------------------------------------------------------- */

/* How they begin; what a post is over; what is written with a capital behind one and is no person; what makes the word before it
 * a place. */
static const char *const posts[] = {"начальник", "заведующ", "директор", "мастер", "инженер", "прокурор", "судья", "судьи", "полковник",
                                    "майор", "капитан", "сержант", "лейтенант", "водител", "прораб", "бухгалтер", "аким", "инспектор",
                                    "следовател", "врач", "охранник", "сторож", "бригадир", "депутат", "заместител", "кладовщи",
                                    "әкім", "басшысы", "бастығы", "меңгерушісі", "бухгалтері", "инженері", "мастері", "судьясы",
                                    "прокуроры", "инспекторы", "күзетші", "жүргізуші", "орынбасары", "хатшысы", "бригадирі"};
static const char *const charges[] = {"склад", "отдел", "участк", "школ", "цех", "баз", "бригад", "смен", "гараж", "кадр", "больниц",
                                      "станци", "поликлиник", "хозяйств", "закуп"};
static const char *const bodies[] = {"департамент", "управлени", "министерств", "комитет", "филиал", "центр", "агентств", "республик",
                                     "президент", "правительств", "отдел", "басқарма", "министрлі", "қазақстан"};
static const char *const places[] = {"қала", "облыс", "аудан", "ауыл", "көше", "даңғыл", "станция", "кент", "район", "област", "улиц"};
static const char *const adjectives[] = {"ский", "ского", "скому", "ском", "ским", "ская", "ской", "скую", "ской"};

static gboolean begins_as(const char *folded, const char *const *list, gsize n)
{
	for (gsize i = 0; folded != NULL && i < n; i++)
		if (g_str_has_prefix(folded, list[i]))
			return TRUE;
	return FALSE;
}

static gboolean is_adjective(const char *folded)
{
	for (gsize i = 0; i < G_N_ELEMENTS(adjectives); i++)
		if (g_str_has_suffix(folded, adjectives[i]))
			return TRUE;
	return FALSE;
}

/* before, earlier: the words before it in the sentence, folded, or NULL; rest: what follows. */
static gboolean stands_behind_post(const char *word, const char *before, const char *earlier, const char *rest)
{
	g_autofree char *folded = g_utf8_casefold(word, -1), *next = next_word(&rest, NULL);
	g_autofree char *following = next != NULL ? g_utf8_casefold(next, -1) : NULL;
	gboolean behind = begins_as(before, posts, G_N_ELEMENTS(posts)) ||
	                  (begins_as(before, charges, G_N_ELEMENTS(charges)) && begins_as(earlier, posts, G_N_ELEMENTS(posts)));
	return behind && g_unichar_isupper(g_utf8_get_char(word)) && !is_acronym(word) && !is_shortened(word) && !is_adjective(folded) &&
	       !begins_as(folded, bodies, G_N_ELEMENTS(bodies)) && !begins_as(following, places, G_N_ELEMENTS(places));
}

/* A word in quotation marks is a firm's. */
static gboolean is_quoted(const char *begin, const char *word)
{
	const char *before = word > begin ? g_utf8_find_prev_char(begin, word) : NULL;
	return before != NULL && (g_utf8_get_char(before) == 0xab || *before == '"' || g_utf8_get_char(before) == 0x201c);
}

static void look_for_names(json_t *warnings, const RowColumn *column, const char *text, const GPtrArray *names)
{
	char *word;
	const char *begin = text;
	gboolean first = TRUE, beside = FALSE;
	g_autoptr(WipeText) before = NULL, earlier = NULL;
	for (; (word = next_word(&text, &first)) != NULL; wipe_text_free(word)) {
		gboolean quoted = is_quoted(begin, text - strlen(word));
		gboolean found = looks_like_a_name(word, first, beside) ||
		                 (!first && !quoted && stands_behind_post(word, before, earlier, text));
		for (guint i = 0; !found && i < names->len; i++)
			found = is_name(word, names->pdata[i]);
		if (found)
			warn(warnings, column, "name", word);
		beside = found || is_initials(word);
		first = g_str_has_suffix(word, ".") && !is_initials(word) && !is_shortened(word);
		wipe_text_free(earlier);
		earlier = g_steal_pointer(&before);
		before = first ? NULL : g_utf8_casefold(word, -1);
	}
}

json_t *lint_row(const Row *row, const Record *card, const json_t *filled)
{
	json_t *warnings = json_array();
	g_autoptr(GPtrArray) names = names_of(row, card, filled);
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const char *text = json_string_value(json_object_get(filled, column->key));
		if (text == NULL)
			continue;
		look_for_abbreviations(warnings, column, text);
		if (strcmp(column->key, "brief") == 0)
			look_for_names(warnings, column, text, names);
	}
	return warnings;
}

WipeText *lint_sentence(const json_t *warning)
{
	const RowColumn *column = row_column(json_string_value(json_object_get(warning, "column")));
	gboolean name = strcmp(json_string_value(json_object_get(warning, "warning")), "name") == 0;
	g_autoptr(WipeText) word = escape_text(json_string_value(json_object_get(warning, "word")), -1, ESCAPE_LINE);
	return name ? g_strdup_printf(_("%s: “%s” names somebody: the content is told without names"), _(column->label), word)
	            : g_strdup_printf(_("%s: “%s” is an abbreviation: entries are made without"), _(column->label), word);
}
