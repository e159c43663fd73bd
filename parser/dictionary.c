/* SPDX-License-Identifier: ISC */
#include "parser/dictionary.h"

#include <string.h>

#define ENDINGS_MAX 20000
#define CONDITION_MAX 16 /* letters */

/* One of these letters, or none of them; no letters: any. */
typedef struct {
	char *letters;
	gboolean none;
} Class;

typedef struct {
	gunichar flag;
	char *strip, *add;
	Class condition[CONDITION_MAX];
	guint n_condition;
} Ending;

static void ending_clear(gpointer data)
{
	Ending *ending = data;
	g_free(ending->strip);
	g_free(ending->add);
	for (guint i = 0; i < ending->n_condition; i++)
		g_free(ending->condition[i].letters);
}

/* "[аоу]ж", "[^а]", ".": FALSE for what is longer than any is. */
static gboolean read_condition(Ending *ending, const char *text)
{
	for (const char *p = text; *p != '\0';) {
		if (ending->n_condition == CONDITION_MAX)
			return FALSE;
		Class *one = &ending->condition[ending->n_condition++];
		const char *end = g_utf8_next_char(p);
		if (*p == '[') {
			end = strchr(p, ']');
			if (end == NULL)
				return FALSE;
			one->none = p[1] == '^';
			p += 1 + one->none;
		}
		one->letters = *p == '.' ? NULL : g_strndup(p, (gsize)(end - p));
		p = *end == ']' ? end + 1 : end;
	}
	return TRUE;
}

static void read_ending(GArray *endings, char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
	const char *field[5];
	guint n = 0;
	for (char **word = words; *word != NULL && n < G_N_ELEMENTS(field); word++)
		if (**word != '\0')
			field[n++] = *word;
	if (n < 5 || strcmp(field[0], "SFX") != 0 || endings->len >= ENDINGS_MAX)
		return;
	Ending ending = {.flag = g_utf8_get_char(field[1]), .strip = g_strdup(strcmp(field[2], "0") == 0 ? "" : field[2]),
	                 .add = g_strndup(field[3], strcspn(field[3], "/"))};
	if (strcmp(ending.add, "0") == 0)
		*ending.add = '\0';
	if (read_condition(&ending, field[4]))
		g_array_append_val(endings, ending);
	else
		ending_clear(&ending);
}

static gboolean holds(const Ending *ending, const char *word, gsize size)
{
	const char *p = word + size;
	for (guint i = ending->n_condition; i > 0; i--) {
		const Class *one = &ending->condition[i - 1];
		if (p == word)
			return FALSE;
		p = g_utf8_prev_char(p);
		if (one->letters != NULL && (g_utf8_strchr(one->letters, -1, g_utf8_get_char(p)) != NULL) == one->none)
			return FALSE;
	}
	return g_str_has_suffix(word, ending->strip);
}

/* by_flag: of the first ending with a flag, in the order of the flags. */
static int by_flag(gconstpointer a, gconstpointer b)
{
	const Ending *one = a, *other = b;
	return one->flag < other->flag ? -1 : one->flag > other->flag;
}

static gboolean give_forms(const GArray *endings, const char *word, const char *flags, DictionaryWord each, gpointer user)
{
	const gsize size = strlen(word);
	if (!each(word, size, word, user))
		return FALSE;
	for (const char *flag = flags; *flag != '\0'; flag = g_utf8_next_char(flag)) {
		const gunichar wanted = g_utf8_get_char(flag);
		guint low = 0, high = endings->len;
		while (low < high) {
			guint middle = low + (high - low) / 2;
			if (g_array_index(endings, Ending, middle).flag < wanted)
				low = middle + 1;
			else
				high = middle;
		}
		for (guint i = low; i < endings->len && g_array_index(endings, Ending, i).flag == wanted; i++) {
			const Ending *ending = &g_array_index(endings, Ending, i);
			if (!holds(ending, word, size))
				continue;
			g_autofree char *form = g_strdup_printf("%.*s%s", (int)(size - strlen(ending->strip)), word, ending->add);
			if (!each(form, strlen(form), word, user))
				return FALSE;
		}
	}
	return TRUE;
}

static char *load(const char *directory, const char *name, const char *suffix, GError **error)
{
	g_autofree char *file = g_strconcat(name, suffix, NULL), *path = g_build_filename(directory, file, NULL), *text = NULL;
	gsize size;
	if (!g_file_get_contents(path, &text, &size, error))
		return NULL;
	if (g_utf8_validate(text, (gssize)size, NULL))
		return g_steal_pointer(&text);
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is not UTF-8: install the dictionary of this Debian release", path);
	return NULL;
}

gboolean dictionary_words(const char *directory, const char *name, DictionaryWord each, gpointer user, GError **error)
{
	g_autofree char *aff = load(directory, name, ".aff", error), *dic = aff != NULL ? load(directory, name, ".dic", error) : NULL;
	if (dic == NULL)
		return FALSE;
	g_autoptr(GArray) endings = g_array_new(FALSE, FALSE, sizeof(Ending));
	g_array_set_clear_func(endings, ending_clear);
	char *rest = aff;
	for (char *line; (line = strsep(&rest, "\r\n")) != NULL;)
		read_ending(endings, line);
	g_array_sort(endings, by_flag);
	rest = dic;
	strsep(&rest, "\n"); /* how many there are */
	for (char *line; rest != NULL && (line = strsep(&rest, "\r\n")) != NULL;) {
		line[strcspn(line, " \t")] = '\0';
		char *flags = strchr(line, '/');
		if (flags != NULL)
			*flags++ = '\0';
		if (g_unichar_islower(g_utf8_get_char(line)) && !give_forms(endings, line, flags != NULL ? flags : "", each, user))
			break;
	}
	return TRUE;
}
