/* SPDX-License-Identifier: ISC */
#include "cli/inspection.h"

#include <string.h>

#include "base/day.h"
#include "cli/act.h"
#include "cli/ground.h"

#define GROUND "inspection" /* it needs no other */

static void row_free(gpointer data)
{
	InspectionRow *row = data;
	g_free(row->name);
	g_free(row->official);
	g_free(row->due);
	g_free(row->channel);
	g_free(row->state);
	g_free(row->result);
	g_free(row->category);
	g_free(row);
}

void inspection_free(Inspection *inspection)
{
	if (inspection == NULL)
		return;
	g_free(inspection->mailbox);
	g_free(inspection->order);
	g_free(inspection->order_digest);
	g_free(inspection->first);
	g_free(inspection->last);
	log_book_free(inspection->book);
	g_clear_pointer(&inspection->rows, g_ptr_array_unref);
	g_clear_pointer(&inspection->checks, g_ptr_array_unref);
	incident_close(inspection->journal);
	json_decref(inspection->grounds);
	g_free(inspection->checkpoint);
	g_free(inspection);
}

/* --- entries ------------------------------------------------------------------------------------------------------------ */

/* The number of the entry in *seq, once it is checked. */
static gboolean enter(Inspection *inspection, const char *word, guint64 of, const char *digest, guint64 *seq, GError **error)
{
	const char *names = inspection->names ? "yes" : "no";
	g_autoptr(Record) own = record_new();
	record_add(own, "act", word);
	record_add(own, "order", inspection->order);
	record_add(own, "order-digest", inspection->order_digest);
	record_add_uint(own, "from", (guint64)inspection->from);
	record_add_uint(own, "to", (guint64)inspection->to);
	record_add(own, "names", names);
	record_add_uint(own, "of", of);
	record_add(own, "digest", digest);
	const LookAct expected = {.kind = ENTRY_INSPECTED, .own = own};
	g_autoptr(Act) act = act_begin(inspection->session, inspection->mailbox, GROUND, error);
	if (act == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:I, s:s}", "act", word, "order", inspection->order, "order_digest",
	                         inspection->order_digest, "from", (json_int_t)inspection->from, "to", (json_int_t)inspection->to,
	                         "names", names, "of", (json_int_t)of, "digest", digest);
	g_autoptr(json_t) answer = act_post(act, "/v1/inspection", body, error);
	if (answer == NULL || !act_check(act, &expected, NULL, error))
		return FALSE;
	*seq = verify_look_act_seq(act->look);
	return TRUE;
}

gboolean inspection_enter(Inspection *inspection, const char *digest, GError **error)
{
	guint64 made;
	return enter(inspection, "made", inspection->entry, digest, &made, error);
}

/* --- what it says ------------------------------------------------------------------------------------------------------- */

static gboolean take_row(Inspection *inspection, json_t *item, GError **error)
{
	const struct {
		const char *key;
		gsize at;
	} texts[] = {{"name", G_STRUCT_OFFSET(InspectionRow, name)},         {"official_date", G_STRUCT_OFFSET(InspectionRow, official)},
	             {"due", G_STRUCT_OFFSET(InspectionRow, due)},           {"channel", G_STRUCT_OFFSET(InspectionRow, channel)},
	             {"state", G_STRUCT_OFFSET(InspectionRow, state)},       {"result", G_STRUCT_OFFSET(InspectionRow, result)},
	             {"category", G_STRUCT_OFFSET(InspectionRow, category)}};
	InspectionRow *row = g_new0(InspectionRow, 1);
	g_ptr_array_add(inspection->rows, row);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		G_STRUCT_MEMBER(char *, row, texts[i].at) = g_strdup(json_string_value(json_object_get(item, texts[i].key)));
	row->received = json_integer_value(json_object_get(item, "received"));
	return row->name != NULL || desk_form_error(error, "rows");
}

static gboolean fetch_rows(Inspection *inspection, GError **error)
{
	g_autoptr(json_t) after = json_null();
	for (gboolean more = TRUE; more;) {
		json_t *item;
		gsize i;
		json_t *body = json_pack("{s:s, s:I, s:O}", "mailbox", inspection->mailbox, "entry", (json_int_t)inspection->entry, "after",
		                         after);
		g_autoptr(json_t) answer = desk_client_post(inspection->session->desk, "/v1/inspection/rows", body, NULL, error);
		json_t *rows = answer != NULL ? desk_get_array(answer, "rows", error) : NULL;
		if (rows == NULL)
			return FALSE;
		json_array_foreach(rows, i, item)
			if (!take_row(inspection, item, error))
				return FALSE;
		json_t *next = json_object_get(answer, "after");
		more = json_is_true(json_object_get(answer, "more"));
		if (more && (!json_is_integer(next) || json_equal(next, after)))
			return desk_form_error(error, "after");
		json_decref(after);
		after = json_incref(next != NULL ? next : json_null());
	}
	return TRUE;
}

/* What the register was when the file was made: the checkpoint, checked against the pin. */
static gboolean fetch_checkpoint(Inspection *inspection, GError **error)
{
	Session *session = inspection->session;
	guint64 known, size;
	guint8 root[NOTE_ROOT];
	const char *origin = session_origin(session, inspection->mailbox, &known, error), *mailbox, *unused;
	if (origin == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:I}", "mailbox", inspection->mailbox, "known", (json_int_t)known);
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/checkpoint", body, NULL, error);
	const char *note = answer != NULL ? desk_get_text(answer, "checkpoint", error) : NULL;
	if (note == NULL || !verify_look_checkpoint(session->pins, origin, answer, &size, root, error))
		return FALSE;
	inspection->checkpoint = g_strdup(note);
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &unused); i++)
		if (strcmp(mailbox, inspection->mailbox) == 0)
			inspection->key = desk_client_log_key(session->desk, i);
	return TRUE;
}

static gboolean fetch_all(Inspection *inspection, GError **error)
{
	inspection->book = log_book_fetch(inspection->session, inspection->mailbox, NULL, inspection->from, inspection->to,
	                                  inspection->names, error);
	return inspection->book != NULL && fetch_rows(inspection, error) &&
	       (inspection->journal = incident_open_in(inspection->session, inspection->mailbox, error)) != NULL &&
	       (inspection->grounds = ground_list(inspection->session, error)) != NULL &&
	       (inspection->checks = verify_register_desk(inspection->session, NULL, error)) != NULL &&
	       fetch_checkpoint(inspection, error);
}

static char *day_text(const GDate *day)
{
	return g_strdup_printf("%04u-%02u-%02u", g_date_get_year(day), g_date_get_month(day), g_date_get_day(day));
}

/* A day's first moment, `days` later. */
static gint64 begin_of(GTimeZone *zone, const GDate *day, guint days)
{
	GDate later = *day;
	g_date_add_days(&later, days);
	g_autoptr(GDateTime) begin = g_date_time_new(zone, g_date_get_year(&later), (gint)g_date_get_month(&later),
	                                             g_date_get_day(&later), 0, 0, 0);
	return g_date_time_to_unix(begin);
}

Inspection *inspection_begin(Session *session, const char *mailbox, const char *first, const char *last, const char *order,
                             const char *order_digest, gboolean names, GError **error)
{
	GDate from, to;
	GTimeZone *zone = desk_client_zone(session->desk);
	if (!day_read(first, &from) || !day_read(last, &to) || g_date_compare(&from, &to) > 0) {
		cli_fail(error, CLI_ERROR_USAGE, _("a period is --from 2026-01-01 --to 2026-12-31, the last day not before the first"));
		return NULL;
	}
	g_autoptr(Inspection) inspection = g_new0(Inspection, 1);
	inspection->session = session;
	inspection->mailbox = g_strdup(mailbox);
	inspection->order = g_strdup(order);
	inspection->order_digest = g_strdup(order_digest);
	inspection->first = day_text(&from);
	inspection->last = day_text(&to);
	inspection->names = names;
	inspection->from = begin_of(zone, &from, 0);
	inspection->to = begin_of(zone, &to, 1);
	inspection->rows = g_ptr_array_new_with_free_func(row_free);
	if (!enter(inspection, "begun", 0, "-", &inspection->entry, error) || !fetch_all(inspection, error))
		return NULL;
	return g_steal_pointer(&inspection);
}
