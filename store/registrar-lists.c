/* SPDX-License-Identifier: ISC */
#include "store/registrar-lists.h"

#include "policy/bodies.h"
#include "policy/categories.h"
#include "policy/grounds.h"
#include "policy/letter.h"
#include "store/agreement-text.h"
#include "store/registrar-templates.h"

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

G_STATIC_ASSERT(CATEGORIES_OFF == BODIES_OFF);

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

/* {NAME: text} of those that there are in the mailbox's languages; NULL and *error. */
static json_t *templates_of(const Config *config, GError **error)
{
	static const char *const names[] = {"answer.kk", "answer.ru", "answer.en", "advice.kk", "advice.ru", "advice.en"};
	g_autoptr(json_t) templates = json_object();
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *text = registrar_templates_read(config, names[i], error);
		if (text == NULL)
			return NULL;
		json_object_set_new(templates, names[i], json_string(text));
	}
	return g_steal_pointer(&templates);
}

json_t *registrar_lists_letters(const Config *config, const ConfigMailbox *mailbox, GError **error, gpointer user G_GNUC_UNUSED)
{
	g_autofree char *path = registrar_templates_path(config, "bodies.conf");
	g_autoptr(json_t) bodies = list_of(path, bodies_read, "off", off_of, error);
	g_autoptr(json_t) templates = bodies != NULL ? templates_of(config, error) : NULL;
	if (templates == NULL)
		return NULL;
	json_t *domains = json_array();
	for (char **domain = config->own_domains; *domain != NULL; domain++)
		json_array_append_new(domains, json_string(*domain));
	return json_pack("{s:O, s:O, s:o, s:s}", "bodies", bodies, "templates", templates, "own_domains", domains, "post",
	                 letter_post(config, mailbox));
}

gboolean registrar_lists_check(const Config *config, GError **error)
{
	char digest[65];
	g_autoptr(GError) inner = NULL;
	g_autofree char *path = registrar_templates_path(config, "bodies.conf");
	g_autoptr(Labels) grounds = read_list(config->grounds, grounds_read, error);
	g_autoptr(Labels) categories = grounds != NULL ? read_list(config->categories, categories_read, error) : NULL;
	g_autoptr(Labels) bodies = categories != NULL ? read_list(path, bodies_read, error) : NULL;
	g_autofree char *text = bodies != NULL ? agreement_text_read(config, digest, &inner) : NULL;
	if (inner != NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	return bodies != NULL && (text != NULL || config->agreement[0] == '\0');
}
