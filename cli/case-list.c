/* SPDX-License-Identifier: ISC */
#include "cli/case-list.h"

#include <string.h>

#include "cli/opening.h"
#include "cli/progress.h"

/* One page; *after is where the next one begins: the desk says so, for a row that is not hers has no place of its own. */
static gboolean take_page(json_t *answer, GPtrArray *cases, json_t **after, gboolean *more, GError **error)
{
	json_t *list = desk_get_array(answer, "cases", error), *item, *rest = json_object_get(answer, "more");
	json_t *ends = json_object_get(answer, "after");
	gsize i;
	if (list == NULL)
		return FALSE;
	if (!json_is_boolean(rest))
		return desk_form_error(error, "more");
	if (!json_is_object(ends))
		return desk_form_error(error, "after");
	json_array_foreach(list, i, item) {
		Case *c = case_read(item, error);
		if (c == NULL)
			return FALSE;
		g_ptr_array_add(cases, c);
	}
	*more = json_is_true(rest) && !json_equal(ends, *after);
	json_decref(*after);
	*after = json_incref(ends);
	return TRUE;
}

/* How far into the registers that page came. */
static gboolean say_progress(json_t *answer, json_t *after, Progress *progress, GError **error)
{
	const char *mailbox;
	json_t *end;
	guint64 done = 0;
	if (!desk_get_uint(answer, "size", &progress->all, error))
		return FALSE;
	json_object_foreach(after, mailbox, end)
		done += (guint64)MAX(json_integer_value(end), 0);
	progress_register(progress, MAX(done, progress->done) - progress->done);
	return TRUE;
}

static void alarm_free(CaseAlarm *alarm)
{
	g_free(alarm->mailbox);
	g_free(alarm->officer);
	g_free(alarm);
}

static gboolean take_alarms(json_t *answer, GPtrArray *alarms, GError **error)
{
	json_t *list = desk_get_array(answer, "alarms", error), *item;
	gsize i;
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, item) {
		guint64 time;
		const char *mailbox = desk_get_text(item, "mailbox", error);
		const char *officer = mailbox != NULL ? desk_get_text(item, "officer", error) : NULL;
		if (officer == NULL || !desk_get_uint(item, "time", &time, error))
			return FALSE;
		CaseAlarm *alarm = g_new(CaseAlarm, 1);
		*alarm = (CaseAlarm){g_strdup(mailbox), g_strdup(officer), (gint64)time};
		g_ptr_array_add(alarms, alarm);
	}
	return TRUE;
}

static int pressure(const Case *c)
{
	return case_asks_redirection(c) ? 2 : case_is_pressing(c) ? 1 : 0;
}

/* By mailbox, what is to be redirected first, then what presses; the sort is stable, and the desk gives each mailbox's cases as
 * they came. */
static gint compare(gconstpointer a, gconstpointer b)
{
	const Case *one = *(Case *const *)a, *two = *(Case *const *)b;
	int by_mailbox = strcmp(one->mailbox, two->mailbox);
	return by_mailbox != 0 ? by_mailbox : pressure(two) - pressure(one);
}

GPtrArray *case_list_fetch(Session *session, const char *filter, GPtrArray **alarms, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)alarm_free);
	g_autoptr(json_t) after = json_object();
	g_auto(Progress) progress = {0};
	gboolean more = TRUE;
	session->incidents = 0;
	while (more) {
		guint64 incidents;
		json_t *body = json_pack("{s:s, s:n, s:o}", "filter", filter, "mailbox", "after",
		                         json_object_size(after) > 0 ? json_deep_copy(after) : json_null());
		g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/cases", body, NULL, error);
		if (answer == NULL || !take_alarms(answer, found, error) || !take_page(answer, cases, &after, &more, error) ||
		    !desk_get_uint(answer, "incidents", &incidents, error) || !say_progress(answer, after, &progress, error))
			return NULL;
		session->incidents += incidents;
	}
	g_ptr_array_sort(cases, compare);
	if (alarms != NULL)
		*alarms = g_steal_pointer(&found);
	return g_steal_pointer(&cases);
}

gboolean case_list_take_own(json_t *answer, const char *mailbox, GPtrArray *cases, GError **error)
{
	json_t *array = desk_get_array(answer, "cases", error), *item;
	gsize i;
	if (array == NULL)
		return FALSE;
	json_array_foreach(array, i, item) {
		Case *c = case_read(item, error);
		if (c == NULL)
			return FALSE;
		g_ptr_array_add(cases, c);
		if (c->elsewhere || strcmp(c->mailbox, mailbox) != 0)
			return desk_form_error(error, "cases");
	}
	return TRUE;
}

/* By the name that it has now: which case an arrival's old name means, the desk alone knows. */
static gboolean is_called(Case *c, const char *typed, GTimeZone *zone)
{
	g_clear_pointer(&c->asked, g_free);
	return !c->elsewhere && case_is_named(c, typed, zone, g_get_real_time()) && c->asked == NULL;
}

const Case *case_list_named(const GPtrArray *cases, const char *typed, GTimeZone *zone, gboolean *several)
{
	const Case *found = NULL;
	*several = FALSE;
	for (guint i = 0; i < cases->len; i++) {
		if (!is_called(cases->pdata[i], typed, zone))
			continue;
		*several = found != NULL;
		if (*several)
			return NULL;
		found = cases->pdata[i];
	}
	return found;
}

/* Mailbox by mailbox: each has its own register, and so its own entry. Of what another reads no card is asked for. */
gboolean case_list_cards(Session *session, const GPtrArray *cases, const char *ground, Record **cards,
                         GError **error)
{
	g_autofree Case **asked = g_new0(Case *, cases->len + 1);
	g_autofree guint *places = g_new0(guint, cases->len + 1);
	guint n = 0;
	for (guint i = 0; i < cases->len; i++) {
		Case *c = cases->pdata[i];
		if (!c->elsewhere) {
			places[n] = i;
			asked[n++] = c;
		}
		Case *next = i + 1 < cases->len ? cases->pdata[i + 1] : NULL;
		if (n == 0 || (next != NULL && strcmp(next->mailbox, c->mailbox) == 0))
			continue;
		g_autofree Record **some = g_new0(Record *, n);
		gboolean done = opening_cards(session, asked, n, ground, some, error);
		for (guint k = 0; k < n; k++)
			cards[places[k]] = some[k];
		if (!done)
			return FALSE;
		n = 0;
	}
	return TRUE;
}
