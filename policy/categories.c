/* SPDX-License-Identifier: ISC */
#include "policy/categories.h"

#include <string.h>

#define ID_MAX 32
#define LABEL_MAX 200

G_DEFINE_QUARK(senim-categories-error, categories_error)

struct Categories {
	GArray *list; /* CategoriesItem */
};

static const char *const languages[CATEGORIES_LANGUAGES + 1] = {
	[CATEGORIES_KK] = "kk",
	[CATEGORIES_RU] = "ru",
	[CATEGORIES_EN] = "en",
};

const char *categories_language(CategoriesLanguage language)
{
	return languages[language];
}

static void item_clear(gpointer data)
{
	CategoriesItem *item = data;
	g_free(item->id);
	for (guint i = 0; i < CATEGORIES_LANGUAGES; i++)
		g_free(item->label[i]);
}

void categories_free(Categories *categories)
{
	if (categories == NULL)
		return;
	g_array_unref(categories->list);
	g_free(categories);
}

guint categories_count(const Categories *categories)
{
	return categories->list->len;
}

const CategoriesItem *categories_nth(const Categories *categories, guint i)
{
	return i < categories->list->len ? &g_array_index(categories->list, CategoriesItem, i) : NULL;
}

static gboolean G_GNUC_PRINTF(2, 3) fail(GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	*error = g_error_new_valist(CATEGORIES_ERROR, 0, format, ap);
	va_end(ap);
	return FALSE;
}

static gboolean is_id(const char *text)
{
	gsize size = strlen(text);
	return size >= 1 && size <= ID_MAX && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == size && text[0] != '-';
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

static gboolean check_keys(GKeyFile *file, const char *id, GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, id, NULL, NULL);
	for (char **key = keys; key != NULL && *key != NULL; key++)
		if (strcmp(*key, "off") != 0 && !g_strv_contains(languages, *key))
			return fail(error, "[%s] has a key that there is not: it takes kk, ru, en and off", id);
	return TRUE;
}

static gboolean read_off(GKeyFile *file, CategoriesItem *item, GError **error)
{
	g_autofree char *value = g_key_file_get_string(file, item->id, "off", NULL);
	item->off = value != NULL && strcmp(g_strstrip(value), "yes") == 0;
	return value == NULL || item->off || strcmp(value, "no") == 0 ||
	       fail(error, "[%s] off: it takes yes and no", item->id);
}

static gboolean read_item(GKeyFile *file, CategoriesItem *item, GError **error)
{
	if (!is_id(item->id))
		return fail(error, "a section's name is no category's id: it takes at most %d characters of a-z 0-9 -", ID_MAX);
	if (!check_keys(file, item->id, error))
		return FALSE;
	for (guint i = 0; i < CATEGORIES_LANGUAGES; i++) {
		item->label[i] = g_key_file_get_string(file, item->id, languages[i], NULL);
		if (item->label[i] == NULL || !is_label(g_strstrip(item->label[i])))
			return fail(error, "[%s] %s: it takes the category's label, one line of at most %d octets", item->id,
			            languages[i], LABEL_MAX);
	}
	return read_off(file, item, error);
}

Categories *categories_read(const char *text, gsize size, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(Categories) categories = g_new0(Categories, 1);
	categories->list = g_array_new(FALSE, FALSE, sizeof(CategoriesItem));
	g_array_set_clear_func(categories->list, item_clear);
	/* GLib's sentence may repeat a line of the file, whatever that is. */
	if (!g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, NULL)) {
		fail(error, "this is no list of categories: it takes sections [ID] with kk, ru, en and off below them");
		return NULL;
	}
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	for (char **group = groups; *group != NULL; group++) {
		CategoriesItem item = {.id = g_strdup(*group)};
		gboolean good = read_item(file, &item, error);
		g_array_append_val(categories->list, item);
		if (!good)
			return NULL;
	}
	if (categories->list->len > CATEGORIES_MAX) {
		fail(error, "there are more than %d categories: nobody chooses among so many", CATEGORIES_MAX);
		return NULL;
	}
	return g_steal_pointer(&categories);
}
