/* SPDX-License-Identifier: ISC */
#include "cli/review.h"

#include "base/escape.h"
#include "cli/format.h"

#define YEAR (365 * G_TIME_SPAN_DAY)

gboolean review_is_due(Session *session, const char *mailbox, gboolean *due, gint64 *last, char **digest, GError **error)
{
	guint64 now, begun, reviewed = 0;
	g_autoptr(json_t) answer =
		desk_client_post(session->desk, "/v1/review/state", json_pack("{s:s}", "mailbox", mailbox), NULL, error);
	if (answer == NULL || !desk_get_uint(answer, "now", &now, error) || !desk_get_uint(answer, "begun", &begun, error) ||
	    (!json_is_null(json_object_get(answer, "reviewed")) && !desk_get_uint(answer, "reviewed", &reviewed, error)))
		return FALSE;
	guint64 since = MAX(reviewed, begun);
	*due = now > since && now - since > (guint64)YEAR;
	*last = (gint64)reviewed;
	if (digest != NULL)
		*digest = escape_text(reviewed != 0 ? json_string_value(json_object_get(answer, "digest")) : "", -1, ESCAPE_LINE);
	return TRUE;
}

char *review_sentence(Session *session, const char *mailbox, gint64 last)
{
	g_autofree char *time = last != 0 ? format_time(last, desk_client_zone(session->desk)) : NULL;
	if (last == 0)
		return g_strdup_printf(_("%s: the policy on personal data was not reviewed within a year: senim review --policy FILE enters that it was"), mailbox);
	return g_strdup_printf(_("%s: the policy on personal data was last reviewed on %.10s, and it is asked for once a year: senim review --policy FILE"), mailbox, time);
}
