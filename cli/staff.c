/* SPDX-License-Identifier: ISC */
#include "cli/staff.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/face.h"
#include "store/enrolment.h"

#define KEY_ENDS_SOON (30 * G_TIME_SPAN_DAY)
#define ACCESS_ENDS_SOON (10 * G_TIME_SPAN_DAY)

json_t *staff_fetch(Session *session, const char *mailbox, GError **error)
{
	g_autoptr(json_t) answer =
		desk_client_post(session->desk, "/v1/people", json_pack("{s:s?}", "mailbox", mailbox), NULL, error);
	json_t *people = answer != NULL ? desk_get_array(answer, "people", error) : NULL;
	return json_incref(people);
}

const char *staff_text(const json_t *person, const char *key)
{
	const char *text = json_string_value(json_object_get(person, key));
	return text != NULL ? text : "";
}

gint64 staff_moment(const json_t *person, const char *key)
{
	return (gint64)json_integer_value(json_object_get(person, key));
}

json_t *staff_find(json_t *staff, const char *mailbox, const char *name)
{
	json_t *person;
	gsize i;
	json_array_foreach(staff, i, person)
		if (strcmp(staff_text(person, "mailbox"), mailbox) == 0 && strcmp(staff_text(person, "name"), name) == 0)
			return person;
	return NULL;
}

const char *staff_role(const json_t *person)
{
	static const struct {
		const char *role, *label;
	} labels[] = {{"officer", N_("officer")}, {"deputy", N_("deputy")}, {"escalation", N_("higher leadership")},
	              {"supervisor", N_("supervisor")}, {"recovery", N_("recovery key")}};
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		if (strcmp(labels[i].role, staff_text(person, "role")) == 0)
			return _(labels[i].label);
	return "?";
}

const char *staff_state(const json_t *person)
{
	const char *state = staff_text(person, "state");
	if (strcmp(state, "unconfirmed") == 0)
		return _("not confirmed");
	if (strcmp(state, "blocked") == 0)
		return _("blocked");
	return json_is_true(json_object_get(person, "in_force")) ? _("in force") : _("key expired");
}

char *staff_day(const Session *session, gint64 moment, gint64 unit)
{
	if (moment == 0)
		return g_strdup("-");
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / unit);
	g_autoptr(GDateTime) here = utc != NULL ? g_date_time_to_timezone(utc, desk_client_zone(session->desk)) : NULL;
	return here != NULL ? g_date_time_format(here, "%Y-%m-%d") : g_strdup("-");
}

/* --- the six words -------------------------------------------------------------------------------------------------- */

const json_t *staff_waiting(const json_t *person)
{
	const json_t *next = json_object_get(person, "next");
	if (strcmp(staff_text(person, "state"), "unconfirmed") == 0)
		return person;
	return json_is_object(next) && strcmp(staff_text(person, "state"), "active") == 0 ? next : NULL;
}

gboolean staff_hash(Session *session, const json_t *keys, guint8 hash[32], GError **error)
{
	const char *mailbox, *origin;
	g_autoptr(GPtrArray) logs = g_ptr_array_new();
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		if (!pins_check_origin(session->pins, mailbox, origin, error))
			return FALSE;
		g_ptr_array_add(logs, (gpointer)pins_line(session->pins, origin));
	}
	g_ptr_array_add(logs, NULL);
	g_autoptr(GBytes) sign = desk_get_octets((json_t *)keys, "sign", 32, error);
	if (sign == NULL)
		return FALSE;
	enrolment_hash(desk_client_store(session->desk), (const char *const *)logs->pdata, staff_text(keys, "body"),
	               staff_text(keys, "card"), g_bytes_get_data(sign, NULL), hash);
	return TRUE;
}

/* The register has the moment behind that day, in UTC. */
char *staff_key_day(const json_t *person)
{
	gint64 end = staff_moment(person, "expires");
	g_autoptr(GDateTime) last = end != 0 ? g_date_time_new_from_unix_utc(end - 1) : NULL;
	return last != NULL ? g_date_time_format(last, "%Y-%m-%d") : g_strdup("-");
}

/* --- what ends soon ------------------------------------------------------------------------------------------------- */

static gboolean is_active(const json_t *person)
{
	return strcmp(staff_text(person, "state"), "active") == 0;
}

char *staff_hours(gint64 ordered, gint64 blocked)
{
	if (ordered == 0 || blocked < ordered)
		return NULL;
	gint64 hours = (blocked - ordered + G_TIME_SPAN_HOUR - 1) / G_TIME_SPAN_HOUR;
	return hours <= 24 ? g_strdup_printf(_("hours from order to block: %d"), (int)hours)
	                   : g_strdup_printf(_("hours from order to block: %d, more than 24"), (int)hours);
}

static char *block_note(const json_t *person)
{
	gint64 ordered = staff_moment(person, "ordered"), blocked = staff_moment(person, "blocked");
	if (strcmp(staff_text(person, "why"), "idle") == 0)
		return g_strdup(_("blocked by itself: she did not sign in"));
	return staff_hours(ordered, blocked);
}

static char *end_note(const Session *session, const json_t *person)
{
	gint64 now = g_get_real_time(), expires = staff_moment(person, "expires") * G_USEC_PER_SEC;
	gint64 idle = staff_moment(person, "idle_end");
	if (expires != 0 && expires > now && expires - now < KEY_ENDS_SOON) {
		g_autofree char *day = staff_key_day(person);
		return g_strdup_printf(_("the key expires on %s: make a new one in time"), day);
	}
	if (idle == 0 || idle - now > ACCESS_ENDS_SOON)
		return NULL;
	if (json_is_true(json_object_get(person, "last")))
		return g_strdup(_("has not signed in for long, and is not blocked only because nobody else opens new cases"));
	g_autofree char *day = staff_day(session, idle, G_USEC_PER_SEC);
	return g_strdup_printf(_("has not signed in for long, and is blocked on %s"), day);
}

/* A newer key that nobody has confirmed, or an older one that still opens letters. */
static char *rotation_note(const json_t *person)
{
	if (staff_waiting(person) != NULL)
		return g_strdup_printf(_("a newer key waits to be confirmed: another officer types the six words that its owner reads out (senim officer confirm %s)"),
		                       staff_text(person, "name"));
	return json_integer_value(json_object_get(person, "older")) > 0
	               ? g_strdup(_("an older key still opens letters: senim rekey, once more, ends that"))
	               : NULL;
}

char *staff_note(const Session *session, const json_t *person)
{
	if (!is_active(person))
		return block_note(person);
	g_autofree char *end = end_note(session, person), *rotation = rotation_note(person);
	return end == NULL ? g_steal_pointer(&rotation) : rotation == NULL ? g_steal_pointer(&end) : g_strconcat(end, "; ", rotation, NULL);
}

/* --- who came and went ---------------------------------------------------------------------------------------------- */

static void say(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void say(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *text = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_autofree char *shown = escape_text(text, -1, ESCAPE_LINE);
	face_warn(shown);
}

/* "NAME ROLE FINGERPRINT", a line each: those to whom new cases are sealed. */
static char *readers_of(json_t *staff, const char *mailbox)
{
	json_t *person;
	gsize i;
	GString *text = g_string_new(NULL);
	json_array_foreach(staff, i, person)
		if (strcmp(staff_text(person, "mailbox"), mailbox) == 0 && json_is_true(json_object_get(person, "in_force")) &&
		    strcmp(staff_text(person, "role"), "supervisor") != 0)
			g_string_append_printf(text, "%s %s %s\n", staff_text(person, "name"), staff_text(person, "role"),
			                       staff_text(person, "fingerprint"));
	return g_string_free(text, FALSE);
}

/* The names of lines that are in one and not in other, a comma between them; NULL: none (transfer full). */
static char *only_in(const char *one, const char *other)
{
	g_auto(GStrv) mine = g_strsplit(one, "\n", -1), theirs = g_strsplit(other, "\n", -1);
	g_autoptr(GString) names = g_string_new(NULL);
	for (guint i = 0; mine[i] != NULL; i++)
		if (mine[i][0] != '\0' && !g_strv_contains((const char *const *)theirs, mine[i]))
			g_string_append_printf(names, "%s%.*s", names->len > 0 ? ", " : "", (int)strcspn(mine[i], " "), mine[i]);
	return names->len > 0 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

static void watch_readers(const Session *session, json_t *staff, const char *mailbox, const char *origin)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *now = readers_of(staff, mailbox), *before = pins_readers(session->pins, origin);
	if (now[0] == '\0' || g_strcmp0(now, before) == 0) /* a mailbox that is not hers has none here */
		return;
	g_autofree char *came = before != NULL ? only_in(now, before) : NULL;
	g_autofree char *went = before != NULL ? only_in(before, now) : NULL;
	if (came != NULL)
		say(_("since you last signed in there are new readers of %s: %s; senim officer list shows who they are"), mailbox, came);
	if (went != NULL)
		say(_("since you last signed in these no longer read %s, or have another key: %s"), mailbox, went);
	if (!pins_keep_readers(session->pins, origin, now, &error))
		say("%s", error->message);
}

static void watch_ends(const Session *session, json_t *staff)
{
	json_t *person;
	gsize i;
	/* It signs in twice, and is what ends most of these. */
	gboolean rekeys = g_strcmp0(options_word(session->cli->options, 0), "rekey") == 0;
	json_array_foreach(staff, i, person) {
		g_autofree char *note = is_active(person) && !rekeys ? staff_note(session, person) : NULL;
		if (note != NULL)
			say("%s (%s): %s", staff_text(person, "name"), staff_text(person, "mailbox"), note);
		gint64 exceeded = staff_moment(person, "exceeded");
		g_autofree char *day = exceeded != 0 ? staff_day(session, exceeded, G_USEC_PER_SEC) : NULL;
		if (day != NULL)
			say(_("%s (%s) looked more often on %s than a day allows: senim log shows at what"), staff_text(person, "name"),
			    staff_text(person, "mailbox"), day);
	}
}

void staff_watch(Session *session)
{
	const char *mailbox, *origin;
	g_autoptr(json_t) staff = staff_fetch(session, NULL, NULL);
	if (staff == NULL || (options_flag(session->cli->options, "json") && !isatty(STDERR_FILENO)))
		return;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++)
		if (pins_verifier(session->pins, origin) != NULL)
			watch_readers(session, staff, mailbox, origin);
	watch_ends(session, staff);
}
