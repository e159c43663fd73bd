/* SPDX-License-Identifier: ISC */
#include "cli/lint.h"

#include <string.h>

#define STEM_LEAST 4 /* characters of a name that a word must begin with */

/* --- abbreviations --------------------------------------------------------------------------------------------------- */

/* Without their full stops, case folded. */
static const char *const shortened[] = {
	"ул", "пр", "просп", "пер", "обл", "гор", "р-н", "мкр", "м-н", "кв", "корп", "тел", "моб", "г", "гг", "им", "зам", "нач", "нач-к",
	"дир", "гл", "гл-бух", "бух", "др", "т.д", "т.п", "т.к", "т.е", "и.о", "врио", "руб", "тг", "тыс", "млн", "млрд", "кол-во",
	"к-ра", "орг", "отд", "сотр", "долж", "проц", "көш", "қ", "ауд", "обл", "т.б", "ж.б", "т.с.с", "ж", "жж", "мең", "бас", "мың",
	"орынб", "директ", "басш", "бөл", "тең", "д-р", "г-н", "г-жа",
};

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

static gboolean is_shortened(const char *word)
{
	g_autofree char *folded = g_utf8_casefold(word, -1);
	gsize size = strlen(folded);
	gboolean dotted = FALSE;
	while (size > 0 && folded[size - 1] == '.') {
		folded[--size] = '\0';
		dotted = TRUE;
	}
	for (gsize i = 0; (dotted || strchr(folded, '-') != NULL) && i < G_N_ELEMENTS(shortened); i++) {
		g_autofree char *one = g_utf8_casefold(shortened[i], -1);
		if (strcmp(one, folded) == 0)
			return TRUE;
	}
	return is_initials(word);
}

static void warn(json_t *warnings, const RowColumn *column, const char *warning, const char *word)
{
	json_array_append_new(warnings, json_pack("{s:s, s:s, s:s}", "column", column->key, "warning", warning, "word", word));
}

/* The next word of text from *at: letters with full stops and hyphens between them, and a stop behind it. */
static char *next_word(const char **at)
{
	while (**at != '\0' && !g_unichar_isalpha(g_utf8_get_char(*at)))
		*at = g_utf8_next_char(*at);
	const char *begin = *at;
	while (**at != '\0' && is_letter_or_joint(g_utf8_get_char(*at)))
		*at = g_utf8_next_char(*at);
	return *at > begin ? g_strndup(begin, (gsize)(*at - begin)) : NULL;
}

static void look_for_abbreviations(json_t *warnings, const RowColumn *column, const char *text)
{
	char *word;
	while ((word = next_word(&text)) != NULL) {
		if (is_shortened(word))
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
	while (text != NULL && g_utf8_validate(text, -1, NULL) && (word = next_word(&text)) != NULL) {
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

static void look_for_names(json_t *warnings, const RowColumn *column, const char *text, const GPtrArray *names)
{
	char *word;
	while ((word = next_word(&text)) != NULL) {
		gboolean found = FALSE;
		for (guint i = 0; !found && i < names->len; i++)
			found = is_name(word, names->pdata[i]);
		if (found)
			warn(warnings, column, "name", word);
		wipe_text_free(word);
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
