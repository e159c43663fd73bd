/* SPDX-License-Identifier: ISC */
#include "cli/inspection.h"

#include <string.h>

#include "base/day.h"
#include "cli/act.h"
#include "cli/ground.h"
#include "cli/readers.h"

#define CASES_MAX 3000      /* as the desk takes them: each stands in the file's entry */
#define GROUND "inspection" /* the order itself, where no text is read */

static void report_free(gpointer data)
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

static void file_free(gpointer data)
{
	InspectionFile *file = data;
	g_free(file->officer);
	g_free(file->digest);
	g_free(file);
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
	wipe_text_free(inspection->ground);
	log_book_free(inspection->book);
	register_free(inspection->registered);
	g_clear_pointer(&inspection->others, g_hash_table_unref);
	g_clear_pointer(&inspection->files, g_ptr_array_unref);
	g_clear_pointer(&inspection->rows, g_ptr_array_unref);
	g_clear_pointer(&inspection->checks, g_ptr_array_unref);
	incident_close(inspection->journal);
	json_decref(inspection->grounds);
	g_free(inspection->checkpoint);
	g_free(inspection);
}

/* --- entries ------------------------------------------------------------------------------------------------------------ */

/* In its period, and hers. */
static gboolean has_row(const Inspection *inspection, const RegisterRow *row)
{
	return !row->elsewhere && row->received >= inspection->from * G_USEC_PER_SEC && row->received < inspection->to * G_USEC_PER_SEC;
}

/* The cases whose rows are in the file, for its entry; none before it is made (transfer full). */
static json_t *cases_of(const Inspection *inspection, gboolean made)
{
	json_t *seqs = json_array();
	for (guint i = 0; made && inspection->registered != NULL && i < inspection->registered->rows->len; i++) {
		const RegisterRow *row = inspection->registered->rows->pdata[i];
		if (has_row(inspection, row))
			json_array_append_new(seqs, json_integer((json_int_t)row->seq));
	}
	return seqs;
}

/* The number of the entry in *seq, once it is checked. */
static gboolean enter(Inspection *inspection, const char *word, guint64 of, const char *digest, guint64 *seq, GError **error)
{
	g_autoptr(json_t) seqs = cases_of(inspection, of > 0);
	const char *names = inspection->names ? "yes" : "no", *rows = inspection->has_rows ? "yes" : "no";
	const char *log = inspection->has_all ? "all" : "own";
	g_autoptr(Record) own = record_new();
	record_add(own, "act", word);
	record_add(own, "order", inspection->order);
	record_add(own, "order-digest", inspection->order_digest);
	record_add_uint(own, "from", (guint64)inspection->from);
	record_add_uint(own, "to", (guint64)inspection->to);
	record_add(own, "names", names);
	record_add(own, "rows", rows);
	record_add(own, "log", log);
	record_add_uint(own, "of", of);
	record_add(own, "digest", digest);
	for (gsize i = 0; i < json_array_size(seqs); i++)
		record_add_uint(own, "case", (guint64)json_integer_value(json_array_get(seqs, i)));
	const LookAct expected = {.kind = ENTRY_INSPECTED, .own = own};
	g_autoptr(Act) act = act_begin(inspection->session, inspection->mailbox, inspection->ground, error);
	if (act == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:s, s:O}", "act", word, "order", inspection->order, "order_digest",
	                         inspection->order_digest, "from", (json_int_t)inspection->from, "to", (json_int_t)inspection->to,
	                         "names", names, "rows", rows, "log", log, "of", (json_int_t)of, "digest", digest, "seqs",
	                         seqs);
	g_autoptr(json_t) answer = act_post(act, "/v1/inspection", body, error);
	if (answer == NULL || !act_check(act, &expected, NULL, error))
		return FALSE;
	*seq = verify_look_act_seq(act->look);
	return TRUE;
}

gboolean inspection_enter(Inspection *inspection, const char *digest, GError **error)
{
	return enter(inspection, "made", inspection->entry, digest, &inspection->made, error);
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
	row->elsewhere = json_is_true(json_object_get(item, "elsewhere"));
	if (row->elsewhere && row->name != NULL)
		g_hash_table_add(inspection->others, row->name);
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

static gboolean take_file(Inspection *inspection, const Entry *entry, const Record *record, GError **error)
{
	guint64 time;
	const char *order = record_get(record, "order"), *digest = record_get(record, "digest");
	if (entry->kind != ENTRY_INSPECTED || g_strcmp0(order, inspection->order) != 0 || digest == NULL ||
	    !record_get_uint(record, "time", G_MAXINT64, &time, NULL))
		return desk_form_error(error, "entries");
	InspectionFile *file = g_new0(InspectionFile, 1);
	g_ptr_array_add(inspection->files, file);
	file->entry = entry->seq;
	file->time = (gint64)time;
	file->officer = g_strdup(record_get(record, "officer"));
	file->digest = g_strdup(digest);
	file->rows = g_strcmp0(record_get(record, "rows"), "yes") == 0;
	file->all = g_strcmp0(record_get(record, "log"), "all") == 0;
	file->names = g_strcmp0(record_get(record, "names"), "yes") == 0;
	return TRUE;
}

/* The first entry that comes is the one by which this file was begun. */
static gboolean fetch_files(Inspection *inspection, GError **error)
{
	guint64 known;
	Entry entry;
	const Record *record;
	const char *origin = session_origin(inspection->session, inspection->mailbox, &known, error);
	if (origin == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:I, s:I}", "mailbox", inspection->mailbox, "entry", (json_int_t)inspection->entry, "known",
	                         (json_int_t)known);
	g_autoptr(json_t) answer = desk_client_post(inspection->session->desk, "/v1/inspection/files", body, NULL, error);
	g_autoptr(Look) look = answer != NULL ? verify_look_take(inspection->session->pins, origin, answer, error) : NULL;
	if (look == NULL)
		return FALSE;
	for (guint i = 1; (record = verify_look_nth(look, i, &entry)) != NULL; i++)
		if (!take_file(inspection, &entry, record, error))
			return FALSE;
	return TRUE;
}

/* The list of reports is the registrar's word: what the register proves stands in it. */
static gboolean check_rows(const Inspection *inspection, GError **error)
{
	g_autoptr(json_t) seqs = cases_of(inspection, TRUE);
	if (json_array_size(seqs) > CASES_MAX)
		return cli_fail(error, CLI_ERROR_USAGE, _("more than %d rows are too many for one file: take a shorter period"), CASES_MAX);
	g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < inspection->rows->len; i++)
		g_hash_table_add(listed, ((InspectionRow *)inspection->rows->pdata[i])->name);
	for (guint i = 0; i < inspection->registered->rows->len; i++) {
		const RegisterRow *row = inspection->registered->rows->pdata[i];
		g_autofree char *name = register_name(row);
		if (has_row(inspection, row) && !g_hash_table_contains(listed, name))
			return cli_fail(error, CLI_ERROR_FAILED,
			                _("the list of reports that came lacks %s, which stands in the register: tell the supervisor and the other officers"),
			                name);
	}
	return TRUE;
}

/* Reading the rows is an entry of its own, as always. */
static gboolean fetch_registered(Inspection *inspection, GError **error)
{
	if (!inspection->has_rows)
		return TRUE;
	g_autofree char *period = g_strdup_printf("%s..%s", inspection->first, inspection->last);
	inspection->registered = register_form_kept(inspection->session, inspection->mailbox, &inspection->form, error)
	                                 ? register_read(inspection->session, inspection->mailbox, "inspect", inspection->form, period,
	                                                 inspection->ground, error)
	                                 : NULL;
	return inspection->registered != NULL && check_rows(inspection, error);
}

static gboolean fetch_all(Inspection *inspection, GError **error)
{
	inspection->book = log_book_fetch(inspection->session, inspection->mailbox, NULL, inspection->from, inspection->to,
	                                  LOG_BOOK_PEOPLE | (inspection->names ? LOG_BOOK_TEXTS : 0), error);
	return inspection->book != NULL && fetch_rows(inspection, error) && fetch_registered(inspection, error) &&
	       fetch_files(inspection, error) &&
	       (inspection->journal = incident_open_in(inspection->session, inspection->mailbox, error)) != NULL &&
	       (inspection->grounds = ground_list(inspection->session, error)) != NULL &&
	       (inspection->checks = verify_register_desk(inspection->session, NULL, error)) != NULL &&
	       fetch_checkpoint(inspection, error);
}

/* --- what was asked ----------------------------------------------------------------------------------------------------- */

/* What she may read, as the register itself says; and why, where that is text of a report. */
static gboolean take_part(Inspection *inspection, GError **error)
{
	Session *session = inspection->session;
	g_autoptr(People) people = readers_fetch(session, inspection->mailbox, NULL, error);
	const PeoplePerson *me = people != NULL ? people_find(people, desk_client_officer(session->desk)) : NULL;
	if (people == NULL)
		return FALSE;
	inspection->has_all = me != NULL && people_reads_log(people, me, g_get_real_time());
	inspection->has_rows = me != NULL && me->card != NULL && strcmp(me->role, "supervisor") != 0;
	if (inspection->has_rows)
		session_warn_host(session);
	inspection->ground = inspection->has_rows || inspection->names ? session_ground_anew(session, error) : g_strdup(GROUND);
	return inspection->ground != NULL;
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

static gboolean take_period(Inspection *inspection, const InspectionAsk *ask, GError **error)
{
	GDate from, to;
	GTimeZone *zone = desk_client_zone(inspection->session->desk);
	if (!day_read(ask->first, &from) || !day_read(ask->last, &to) || g_date_compare(&from, &to) > 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("a period is --from 2026-01-01 --to 2026-12-31, the last day not before the first"));
	inspection->first = day_text(&from);
	inspection->last = day_text(&to);
	inspection->from = begin_of(zone, &from, 0);
	inspection->to = begin_of(zone, &to, 1);
	return TRUE;
}

Inspection *inspection_begin(Session *session, const char *mailbox, const InspectionAsk *ask, GError **error)
{
	g_autoptr(Inspection) inspection = g_new0(Inspection, 1);
	inspection->session = session;
	inspection->mailbox = g_strdup(mailbox);
	inspection->order = g_strdup(ask->order);
	inspection->order_digest = g_strdup(ask->order_digest);
	inspection->names = ask->names;
	inspection->rows = g_ptr_array_new_with_free_func(report_free);
	inspection->others = g_hash_table_new(g_str_hash, g_str_equal);
	inspection->files = g_ptr_array_new_with_free_func(file_free);
	return take_period(inspection, ask, error) && take_part(inspection, error) &&
	                       enter(inspection, "begun", 0, "-", &inspection->entry, error) && fetch_all(inspection, error)
	               ? g_steal_pointer(&inspection)
	               : NULL;
}
