/* SPDX-License-Identifier: ISC */
#include "store/registrar-grounds.h"

#include "policy/grounds.h"
#include "store/desk-agreement.h"

#define LIST_MAX 65536

static Grounds *read_list(const Config *config, GError **error)
{
	gsize size;
	g_autofree char *text = NULL;
	if (!g_file_get_contents(config->grounds, &text, &size, error))
		return NULL;
	if (size > LIST_MAX) {
		g_set_error(error, GROUNDS_ERROR, 0, "%s is larger than 64 KiB: put back the one of the release", config->grounds);
		return NULL;
	}
	Grounds *grounds = grounds_read(text, size, error);
	if (grounds == NULL)
		g_prefix_error(error, "%s: ", config->grounds);
	return grounds;
}

static json_t *item_of(const GroundsItem *item)
{
	json_t *object = json_pack("{s:s}", "id", item->id), *needs = json_array();
	for (guint i = 0; i < GROUNDS_LANGUAGES; i++)
		json_object_set_new(object, grounds_language((GroundsLanguage)i), json_string(item->label[i]));
	for (guint i = 0; grounds_need(i) != NULL; i++)
		if (item->needs & 1u << i)
			json_array_append_new(needs, json_string(grounds_need(i)));
	json_object_set_new(object, "needs", needs);
	return object;
}

json_t *registrar_grounds_list(const Config *config, GError **error, gpointer user G_GNUC_UNUSED)
{
	g_autoptr(Grounds) grounds = read_list(config, error);
	if (grounds == NULL)
		return NULL;
	json_t *list = json_array();
	for (guint i = 0; i < grounds_count(grounds); i++)
		json_array_append_new(list, item_of(grounds_nth(grounds, i)));
	return list;
}

gboolean registrar_grounds_check(const Config *config, GError **error)
{
	char digest[65];
	g_autoptr(GError) inner = NULL;
	g_autoptr(Grounds) grounds = read_list(config, error);
	g_autofree char *text = grounds != NULL ? desk_agreement_text(config, digest, &inner) : NULL;
	if (inner != NULL)
		g_propagate_error(error, g_steal_pointer(&inner));
	return grounds != NULL && (text != NULL || config->agreement[0] == '\0');
}
