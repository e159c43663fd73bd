/* SPDX-License-Identifier: ISC */
#include "policy/labels.h"

#include <string.h>

#define ID_MAX 32
#define LABEL_MAX 200

G_DEFINE_QUARK(senim-labels-error, labels_error)

struct Labels {
	GArray *list; /* LabelsItem */
};

static const char *const languages[LABELS_LANGUAGES + 1] = {
	[LABELS_KK] = "kk",
	[LABELS_RU] = "ru",
	[LABELS_EN] = "en",
};

const char *labels_language(LabelsLanguage language)
{
	return languages[language];
}

static void item_clear(gpointer data)
{
	LabelsItem *item = data;
	g_free(item->id);
	for (guint i = 0; i < LABELS_LANGUAGES; i++)
		g_free(item->label[i]);
}

void labels_free(Labels *labels)
{
	if (labels == NULL)
		return;
	g_array_unref(labels->list);
	g_free(labels);
}

guint labels_count(const Labels *labels)
{
	return labels->list->len;
}

const LabelsItem *labels_nth(const Labels *labels, guint i)
{
	return i < labels->list->len ? &g_array_index(labels->list, LabelsItem, i) : NULL;
}

const LabelsItem *labels_find(const Labels *labels, const char *id)
{
	for (guint i = 0; i < labels->list->len; i++)
		if (strcmp(labels_nth(labels, i)->id, id) == 0)
			return labels_nth(labels, i);
	return NULL;
}

/* --- reading -------------------------------------------------------------------------- */

static gboolean G_GNUC_PRINTF(2, 3) fail(GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (error != NULL)
		*error = g_error_new_valist(LABELS_ERROR, 0, format, ap);
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

static gboolean check_keys(const LabelsKind *kind, GKeyFile *file, const char *id, GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, id, NULL, NULL);
	for (char **key = keys; key != NULL && *key != NULL; key++)
		if (strcmp(*key, kind->key) != 0 && !g_strv_contains(languages, *key))
			return fail(error, "[%s] has a key that there is not: it takes kk, ru, en and %s", id, kind->key);
	return TRUE;
}

static gboolean read_labels(const LabelsKind *kind, GKeyFile *file, LabelsItem *item, GError **error)
{
	for (guint i = 0; i < LABELS_LANGUAGES; i++) {
		item->label[i] = g_key_file_get_string(file, item->id, languages[i], NULL);
		if (item->label[i] == NULL || !is_label(g_strstrip(item->label[i])))
			return fail(error, "[%s] %s: it takes the %s's label, one line of at most %d octets", item->id, languages[i],
			            kind->item, LABEL_MAX);
	}
	return TRUE;
}

static gboolean read_item(const LabelsKind *kind, GKeyFile *file, LabelsItem *item, GError **error)
{
	if (!is_id(item->id))
		return fail(error, "a section's name is no %s's id: it takes at most %d characters of a-z 0-9 -", kind->item, ID_MAX);
	if (!check_keys(kind, file, item->id, error) || !read_labels(kind, file, item, error))
		return FALSE;
	g_autofree char *value = g_key_file_get_string(file, item->id, kind->key, NULL);
	return kind->read(value != NULL ? g_strstrip(value) : "", &item->marks) ||
	       fail(error, "[%s] %s: it takes %s", item->id, kind->key, kind->takes);
}

Labels *labels_read(const LabelsKind *kind, const char *text, gsize size, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(Labels) labels = g_new0(Labels, 1);
	labels->list = g_array_new(FALSE, FALSE, sizeof(LabelsItem));
	g_array_set_clear_func(labels->list, item_clear);
	/* GLib's sentence may repeat a line of the file, whatever that is. */
	if (!g_key_file_load_from_data(file, text, size, G_KEY_FILE_NONE, NULL)) {
		fail(error, "this is no list of %s: it takes sections [ID] with kk, ru, en and %s below them", kind->items, kind->key);
		return NULL;
	}
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	for (char **group = groups; *group != NULL; group++) {
		LabelsItem item = {.id = g_strdup(*group)};
		gboolean good = read_item(kind, file, &item, error);
		g_array_append_val(labels->list, item);
		if (!good)
			return NULL;
	}
	if (labels->list->len > kind->most) {
		fail(error, "there are more than %u %s: nobody chooses among so many", kind->most, kind->items);
		return NULL;
	}
	return g_steal_pointer(&labels);
}
