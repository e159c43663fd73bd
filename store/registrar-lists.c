/* SPDX-License-Identifier: ISC */
#include "store/registrar-lists.h"

#include "policy/categories.h"
#include "policy/grounds.h"
#include "store/agreement-text.h"

#define LIST_MAX 65536

typedef Labels *(*Read)(const char *text, gsize size, GError **error);

static Labels *read_list(const char *path, Read read, GError **error)
{
	gsize size;
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, &size, error))
		return NULL;
	if (size > LIST_MAX) {
		g_set_error(error, LABELS_ERROR, 0, "%s is larger than 64 KiB: put back the one of the release", path);
		return NULL;
	}
	Labels *labels = read(text, size, error);
	if (labels == NULL)
		g_prefix_error(error, "%s: ", path);
	return labels;
}

static json_t *needs_of(const LabelsItem *item)
{
	json_t *needs = json_array();
	for (guint i = 0; grounds_need(i) != NULL; i++)
		if (item->marks & 1u << i)
			json_array_append_new(needs, json_string(grounds_need(i)));
	return needs;
}

static json_t *off_of(const LabelsItem *item)
{
	return json_boolean(item->marks & CATEGORIES_OFF);
}

static json_t *list_of(const char *path, Read read, const char *key, json_t *(*value)(const LabelsItem *), GError **error)
{
	g_autoptr(Labels) labels = read_list(path, read, error);
	json_t *list = labels != NULL ? json_array() : NULL;
	for (guint i = 0; labels != NULL && i < labels_count(labels); i++) {
		const LabelsItem *item = labels_nth(labels, i);
		json_t *object = json_pack("{s:s, s:o}", "id", item->id, key, value(item));
		for (guint k = 0; k < LABELS_LANGUAGES; k++)
			json_object_set_new(object, labels_language((LabelsLanguage)k), json_string(item->label[k]));
		json_array_append_new(list, object);
	}
	return list;
}

json_t *registrar_lists_grounds(const Config *config, GError **error, gpointer user G_GNUC_UNUSED)
{
	return list_of(config->grounds, grounds_read, "needs", needs_of, error);
}

json_t *registrar_lists_categories(const Config *config, GError **error, gpointer user G_GNUC_UNUSED)
{
	return list_of(config->categories, categories_read, "off", off_of, error);
}

gboolean registrar_lists_check(const Config *config, GError **error)
{
	char digest[65];
	g_autoptr(GError) inner = NULL;
	g_autoptr(Labels) grounds = read_list(config->grounds, grounds_read, error);
	g_autoptr(Labels) categories = grounds != NULL ? read_list(config->categories, categories_read, error) : NULL;
	g_autofree char *text = categories != NULL ? agreement_text_read(config, digest, &inner) : NULL;
	if (inner != NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	return categories != NULL && (text != NULL || config->agreement[0] == '\0');
}
