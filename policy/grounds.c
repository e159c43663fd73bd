/* SPDX-License-Identifier: ISC */
#include "policy/grounds.h"

#include <string.h>

#define ID_MAX 32
#define LABEL_MAX 200
#define NEEDS "needs"

G_DEFINE_QUARK(senim-grounds-error, grounds_error)

struct Grounds {
	GArray *list; /* GroundsItem */
};

static const char *const languages[GROUNDS_LANGUAGES] = {
	[GROUNDS_KK] = "kk",
	[GROUNDS_RU] = "ru",
	[GROUNDS_EN] = "en",
};

static const char *const needs[] = {"number", "date", "text"};

const char *grounds_language(GroundsLanguage language)
{
	return languages[language];
}

const char *grounds_need(guint i)
{
	return i < G_N_ELEMENTS(needs) ? needs[i] : NULL;
}

static void ground_clear(gpointer data)
{
	GroundsItem *ground = data;
	g_free(ground->id);
	for (guint i = 0; i < GROUNDS_LANGUAGES; i++)
		g_free(ground->label[i]);
}

void grounds_free(Grounds *grounds)
{
	if (grounds == NULL)
		return;
	g_array_unref(grounds->list);
	g_free(grounds);
}

guint grounds_count(const Grounds *grounds)
{
	return grounds->list->len;
}

const GroundsItem *grounds_nth(const Grounds *grounds, guint i)
{
	return i < grounds->list->len ? &g_array_index(grounds->list, GroundsItem, i) : NULL;
}

const GroundsItem *grounds_find(const Grounds *grounds, const char *id)
{
	for (guint i = 0; i < grounds->list->len; i++)
		if (strcmp(grounds_nth(grounds, i)->id, id) == 0)
			return grounds_nth(grounds, i);
	return NULL;
}

/* --- reading -------------------------------------------------------------------------- */

static gboolean G_GNUC_PRINTF(2, 3) fail(GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	*error = g_error_new_valist(GROUNDS_ERROR, 0, format, ap);
	va_end(ap);
	return FALSE;
}

static gboolean is_id(const char *text)
{
	gsize size = strlen(text);
	return size >= 1 && size <= ID_MAX && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static gboolean is_label(const char *text)
{
	gsize size = strlen(text);
	if (size == 0 || size > LABEL_MAX || !g_utf8_validate(text, (gssize)size, NULL))
		return FALSE;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		if (!g_unichar_isprint(g_utf8_get_char(p)))
			return FALSE;
	return TRUE;
}

static gboolean read_labels(GKeyFile *file, GroundsItem *ground, GError **error)
{
	for (guint i = 0; i < GROUNDS_LANGUAGES; i++) {
		ground->label[i] = g_key_file_get_string(file, ground->id, languages[i], NULL);
		if (ground->label[i] == NULL || !is_label(g_strstrip(ground->label[i])))
			return fail(error, "[%s] %s: it takes the ground's label, one line of at most %d octets", ground->id,
			            languages[i], LABEL_MAX);
	}
	return TRUE;
}

static gboolean read_needs(GKeyFile *file, GroundsItem *ground, GError **error)
{
	g_autofree char *value = g_key_file_get_string(file, ground->id, NEEDS, NULL);
	g_auto(GStrv) words = g_strsplit(value != NULL ? value : "", ";", -1);
	for (char **word = words; *word != NULL; word++) {
		guint i = 0;
		if (*g_strstrip(*word) == '\0')
			continue;
		while (i < G_N_ELEMENTS(needs) && strcmp(*word, needs[i]) != 0)
			i++;
		if (i == G_N_ELEMENTS(needs))
			return fail(error, "[%s] %s: it takes number, date and text, separated by ;", ground->id, NEEDS);
		ground->needs |= 1u << i;
	}
	return TRUE;
}

static gboolean check_keys(GKeyFile *file, const char *id, GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, id, NULL, NULL);
	for (char **key = keys; key != NULL && *key != NULL; key++)
		if (strcmp(*key, NEEDS) != 0 && !g_strv_contains((const char *const[]){"kk", "ru", "en", NULL}, *key))
			return fail(error, "[%s] has a key that there is not: it takes kk, ru, en and %s", id, NEEDS);
	return TRUE;
}

static gboolean read_ground(Grounds *grounds, GKeyFile *file, const char *id, GError **error)
{
	if (!is_id(id))
		return fail(error, "a section's name is no ground's id: it takes at most %d characters of a-z 0-9 -", ID_MAX);
	GroundsItem ground = {.id = g_strdup(id)};
	gboolean good =
		check_keys(file, id, error) && read_labels(file, &ground, error) && read_needs(file, &ground, error);
	g_array_append_val(grounds->list, ground);
	return good;
}

static gboolean check_whole(const Grounds *grounds, GError **error)
{
	const GroundsItem *other = grounds_find(grounds, GROUNDS_OTHER);
	if (grounds->list->len > GROUNDS_MAX)
		return fail(error, "there are more than %d grounds: one key takes one", GROUNDS_MAX);
	if (other == NULL || (other->needs & GROUNDS_TEXT) == 0)
		return fail(error, "[" GROUNDS_OTHER "] with " NEEDS " = text is missing: what is written in one's own words "
		                   "goes there");
	return TRUE;
}

Grounds *grounds_read(const char *text, gsize size, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) inner = NULL;
	g_autoptr(Grounds) grounds = g_new0(Grounds, 1);
	grounds->list = g_array_new(FALSE, FALSE, sizeof(GroundsItem));
	g_array_set_clear_func(grounds->list, ground_clear);
	if (!g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, &inner)) {
		/* GLib's sentence may repeat a line of the file, whatever that is. */
		fail(error, "this is no list of grounds: it takes sections [ID] with kk, ru, en and %s below them", NEEDS);
		return NULL;
	}
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	for (char **group = groups; *group != NULL; group++)
		if (!read_ground(grounds, file, *group, error))
			return NULL;
	return check_whole(grounds, error) ? g_steal_pointer(&grounds) : NULL;
}
