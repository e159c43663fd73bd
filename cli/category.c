/* SPDX-License-Identifier: ISC */
#include "cli/category.h"

#include <string.h>

#include "base/escape.h"
#include "cli/form.h"
#include "cli/passphrase.h"

static const char *text_of(const json_t *item, const char *key)
{
	const char *text = json_string_value(json_object_get(item, key));
	return text != NULL ? text : "";
}

static gboolean same_text(const char *a, const char *b)
{
	g_autofree char *one = g_utf8_casefold(a, -1), *other = g_utf8_casefold(b, -1);
	return *b != '\0' && strcmp(one, other) == 0;
}

static json_t *learnt; /* all of them */

static json_t *fetch_all(Session *session, GError **error)
{
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/categories", json_object(), NULL, error);
	return answer != NULL ? json_incref(desk_get_array(answer, "categories", error)) : NULL;
}

/* Those that are offered, in their order (transfer full). */
static json_t *fetch(Session *session, GError **error)
{
	g_autoptr(json_t) list = fetch_all(session, error);
	json_t *item;
	gsize i;
	if (list == NULL)
		return NULL;
	json_t *offered = json_array();
	json_array_foreach(list, i, item)
		if (!json_is_true(json_object_get(item, "off")))
			json_array_append(offered, item);
	return offered;
}

static const json_t *find(const json_t *list, const char *typed)
{
	const json_t *item;
	gsize i;
	guint64 number;
	if (g_ascii_string_to_unsigned(typed, 10, 1, json_array_size(list), &number, NULL))
		return json_array_get(list, (gsize)number - 1);
	json_array_foreach(list, i, item)
		if (same_text(typed, text_of(item, "id")) || same_text(typed, text_of(item, "kk")) ||
		    same_text(typed, text_of(item, "ru")) || same_text(typed, text_of(item, "en")))
			return item;
	return NULL;
}

/* One of them, by its number. */
static WipeText *ask(const json_t *list, GError **error)
{
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
	const json_t *item;
	gsize i;
	json_array_foreach(list, i, item)
		g_ptr_array_add(labels, escape_text(text_of(item, language_shown()), -1, ESCAPE_LINE));
	int chosen = form_choose(_("Category"), (const char *const *)labels->pdata, labels->len, labels->len);
	if (chosen >= 0)
		return g_strdup_printf("%d", chosen + 1);
	cli_fail(error, CLI_ERROR_USAGE, _("no category was named"));
	return NULL;
}

char *category_choose(Session *session, const char *typed, char **label, GError **error)
{
	if (g_strcmp0(typed, "-") == 0) {
		*label = g_strdup("-");
		return g_strdup("-");
	}
	g_autoptr(json_t) list = fetch(session, error);
	g_autoptr(WipeText) asked = list != NULL && typed == NULL ? ask(list, error) : NULL;
	const char *word = typed != NULL ? typed : asked;
	if (list == NULL || word == NULL)
		return NULL;
	const json_t *item = find(list, word);
	if (item == NULL) {
		g_autofree char *shown = escape_text(word, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_USAGE, _("“%s” is no category of the organisation's list: senim assign CASE shows it"), shown);
		return NULL;
	}
	*label = escape_text(text_of(item, language_shown()), -1, ESCAPE_LINE);
	return g_strdup(text_of(item, "id"));
}

void category_learn(Session *session)
{
	g_autoptr(GError) none = NULL; /* without it the ids are shown */
	json_t *list = fetch_all(session, &none);
	if (list == NULL)
		return;
	json_decref(learnt);
	learnt = list;
}

char *category_label(const char *id)
{
	const json_t *item;
	gsize i;
	json_array_foreach(learnt, i, item)
		if (strcmp(text_of(item, "id"), id) == 0)
			return escape_text(text_of(item, language_shown()), -1, ESCAPE_LINE);
	return escape_text(id, -1, ESCAPE_LINE);
}
