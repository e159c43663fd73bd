/* SPDX-License-Identifier: ISC */
#include "store/registrar-categories.h"

#include "policy/categories.h"

#define LIST_MAX 65536

static Categories *read_list(const Config *config, GError **error)
{
	gsize size;
	g_autofree char *text = NULL;
	if (!g_file_get_contents(config->categories, &text, &size, error))
		return NULL;
	if (size > LIST_MAX) {
		g_set_error(error, CATEGORIES_ERROR, 0, "%s is larger than 64 KiB: put back the one of the release",
		            config->categories);
		return NULL;
	}
	Categories *categories = categories_read(text, size, error);
	if (categories == NULL)
		g_prefix_error(error, "%s: ", config->categories);
	return categories;
}

static json_t *item_of(const CategoriesItem *item)
{
	json_t *object = json_pack("{s:s, s:b}", "id", item->id, "off", item->off);
	for (guint i = 0; i < CATEGORIES_LANGUAGES; i++)
		json_object_set_new(object, categories_language((CategoriesLanguage)i), json_string(item->label[i]));
	return object;
}

json_t *registrar_categories_list(const Config *config, GError **error, gpointer user G_GNUC_UNUSED)
{
	g_autoptr(Categories) categories = read_list(config, error);
	if (categories == NULL)
		return NULL;
	json_t *list = json_array();
	for (guint i = 0; i < categories_count(categories); i++)
		json_array_append_new(list, item_of(categories_nth(categories, i)));
	return list;
}

gboolean registrar_categories_check(const Config *config, GError **error)
{
	g_autoptr(Categories) categories = read_list(config, error);
	return categories != NULL;
}
