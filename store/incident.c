/* SPDX-License-Identifier: ISC */
#include "store/incident.h"

#include <string.h>

G_DEFINE_QUARK(senim-incident-error, incident_error)

const char *const incident_parts[] = {"equipment", "premises", "fire", "air-conditioning", "power", "flood", "mail", NULL};

gboolean incident_is_part(const char *word)
{
	return g_strv_contains(incident_parts, word);
}

/* --- memory ---------------------------------------------------------------------------------------------------------- */

static void completion_free(gpointer data)
{
	IncidentCompletion *completion = data;
	g_free(completion->by);
	g_free(completion->part);
	g_free(completion->cause);
	g_free(completion->measures);
	g_free(completion->needed);
	g_free(completion->responsible);
	g_free(completion);
}

static void incident_free(gpointer data)
{
	Incident *incident = data;
	g_free(incident->by);
	g_free(incident->what);
	g_free(incident->how);
	g_free(incident->part);
	g_free(incident->cause);
	g_ptr_array_unref(incident->details);
	g_ptr_array_unref(incident->completions);
	g_free(incident);
}

static void plan_free(gpointer data)
{
	IncidentPlan *plan = data;
	g_free(plan->by);
	g_free(plan->work);
	g_free(plan);
}

IncidentBook *incident_book_new(void)
{
	IncidentBook *book = g_new0(IncidentBook, 1);
	book->incidents = g_ptr_array_new_with_free_func(incident_free);
	book->plans = g_ptr_array_new_with_free_func(plan_free);
	book->entries = g_array_new(FALSE, FALSE, sizeof(guint64));
	return book;
}

void incident_book_free(IncidentBook *book)
{
	if (book == NULL)
		return;
	g_ptr_array_unref(book->incidents);
	g_ptr_array_unref(book->plans);
	g_array_unref(book->entries);
	g_free(book);
}

/* --- one entry --------------------------------------------------------------------------------------------------------- */

typedef struct {
	IncidentBook *book;
	guint64 seq;
	const Record *record;
	gint64 time;
	GError **error;
} Fold;

static gboolean fail(const Fold *fold, IncidentError code, const char *what)
{
	g_set_error(fold->error, INCIDENT_ERROR, code, "entry %" G_GUINT64_FORMAT " of the emergency journal %s", fold->seq, what);
	return FALSE;
}

/* 0 where the line is missing or `-`. */
static gboolean read_moment(const Fold *fold, const char *key, gint64 *moment)
{
	guint64 value = 0;
	const char *text = record_get(fold->record, key);
	gboolean none = text == NULL || strcmp(text, "-") == 0;
	if (!none && !record_get_uint(fold->record, key, G_MAXINT64 / 2, &value, NULL))
		return fail(fold, INCIDENT_ERROR_FORM, "has a moment of another form");
	*moment = (gint64)value;
	return TRUE;
}

/* Without the registrar's `what`: an officer, or whoever keeps the host. */
static char *author_of(const Record *record)
{
	const char *officer = record_get(record, "officer"), *host = record_get(record, "host");
	return g_strdup(officer != NULL && strcmp(officer, "-") != 0 ? officer : host);
}

/* NULL for `-`. */
static char *text_of(const Record *record, const char *key)
{
	const char *text = record_get(record, key);
	return text == NULL || strcmp(text, "-") == 0 ? NULL : g_strdup(text);
}

static Incident *find_mutable(const IncidentBook *book, guint64 seq)
{
	for (guint i = 0; i < book->incidents->len; i++)
		if (((Incident *)book->incidents->pdata[i])->seq == seq)
			return book->incidents->pdata[i];
	return NULL;
}

static Incident *concerned(const Fold *fold)
{
	guint64 of;
	Incident *incident =
		record_get_uint(fold->record, "of", G_MAXINT64, &of, NULL) ? find_mutable(fold->book, of) : NULL;
	if (incident == NULL)
		fail(fold, INCIDENT_ERROR_STATE, "is about an incident that was not opened");
	return incident;
}

static gboolean fold_opened(const Fold *fold)
{
	gint64 from, to;
	guint64 refused = 0;
	const char *what = record_get(fold->record, "what"), *detail;
	if (!read_moment(fold, "from", &from) || !read_moment(fold, "to", &to))
		return FALSE;
	if (from == 0 || (to != 0 && to < from))
		return fail(fold, INCIDENT_ERROR_FORM, "ends before it begins");
	record_get_uint(fold->record, "refused", G_MAXINT64, &refused, NULL);
	Incident *incident = g_new0(Incident, 1);
	incident->number = fold->book->incidents->len + 1;
	incident->seq = fold->seq;
	incident->entered = fold->time;
	incident->what = g_strdup(what != NULL ? what : "hand");
	incident->by = what == NULL ? author_of(fold->record) : NULL;
	incident->from = from;
	incident->to = to;
	incident->how = text_of(fold->record, "how");
	incident->refused = refused;
	incident->part = text_of(fold->record, "part");
	incident->cause = text_of(fold->record, "cause");
	incident->details = g_ptr_array_new_with_free_func(g_free);
	incident->completions = g_ptr_array_new_with_free_func(completion_free);
	for (guint i = 0; (detail = record_get_nth(fold->record, "detail", i)) != NULL; i++)
		g_ptr_array_add(incident->details, g_strdup(detail));
	g_ptr_array_add(fold->book->incidents, incident);
	return TRUE;
}

static gboolean fold_ended(const Fold *fold)
{
	gint64 to;
	Incident *incident = concerned(fold);
	if (incident == NULL || !read_moment(fold, "to", &to))
		return FALSE;
	if (to < incident->from)
		return fail(fold, INCIDENT_ERROR_FORM, "ends before it begins");
	record_get_uint(fold->record, "refused", G_MAXINT64, &incident->refused, NULL);
	if (incident->to == 0)
		incident->to = to;
	return TRUE;
}

static gboolean fold_completed(const Fold *fold)
{
	gint64 to;
	Incident *incident = concerned(fold);
	if (incident == NULL || !read_moment(fold, "to", &to))
		return FALSE;
	if (to != 0 && (to < incident->from || incident->to != 0))
		return fail(fold, INCIDENT_ERROR_STATE, "gives an end that does not go with the incident");
	IncidentCompletion *completion = g_new0(IncidentCompletion, 1);
	completion->seq = fold->seq;
	completion->time = fold->time;
	completion->by = author_of(fold->record);
	completion->part = text_of(fold->record, "part");
	completion->cause = text_of(fold->record, "cause");
	completion->measures = text_of(fold->record, "measures");
	completion->needed = text_of(fold->record, "needed");
	completion->responsible = text_of(fold->record, "responsible");
	g_ptr_array_add(incident->completions, completion);
	if (to != 0)
		incident->to = to;
	return TRUE;
}

static gboolean fold_planned(const Fold *fold)
{
	gint64 from, to;
	if (!read_moment(fold, "from", &from) || !read_moment(fold, "to", &to))
		return FALSE;
	if (from == 0 || to <= from)
		return fail(fold, INCIDENT_ERROR_FORM, "ends before it begins");
	IncidentPlan *plan = g_new0(IncidentPlan, 1);
	plan->number = fold->book->plans->len + 1;
	plan->seq = fold->seq;
	plan->entered = fold->time;
	plan->by = author_of(fold->record);
	plan->work = text_of(fold->record, "cause");
	plan->from = from;
	plan->to = to;
	g_ptr_array_add(fold->book->plans, plan);
	return TRUE;
}

static gboolean fold_cancelled(const Fold *fold)
{
	guint64 of;
	IncidentPlan *plan = record_get_uint(fold->record, "of", G_MAXINT64, &of, NULL)
	                             ? (IncidentPlan *)incident_book_find_plan(fold->book, of)
	                             : NULL;
	if (plan == NULL || plan->cancelled != 0)
		return fail(fold, INCIDENT_ERROR_STATE, "cancels what was not announced");
	plan->cancelled = fold->time;
	return TRUE;
}

gboolean incident_book_fold(IncidentBook *book, guint64 seq, const Record *record, GError **error)
{
	static const struct {
		const char *act;
		gboolean (*fold)(const Fold *fold);
	} acts[] = {{"opened", fold_opened},
	            {"ended", fold_ended},
	            {"completed", fold_completed},
	            {"planned", fold_planned},
	            {"cancelled", fold_cancelled}};
	Fold fold = {.book = book, .seq = seq, .record = record, .error = error};
	guint64 after, time;
	if (!record_get_uint(record, "time", G_MAXINT64 / 2, &time, NULL) || !record_get_uint(record, "after", G_MAXINT64, &after, NULL))
		return fail(&fold, INCIDENT_ERROR_FORM, "is of another form");
	if (after != book->last)
		return fail(&fold, INCIDENT_ERROR_STATE, "does not follow the one before it: one is missing");
	fold.time = (gint64)time;
	for (gsize i = 0; i < G_N_ELEMENTS(acts); i++) {
		if (g_strcmp0(record_get(record, "act"), acts[i].act) != 0)
			continue;
		if (!acts[i].fold(&fold))
			return FALSE;
		book->last = seq;
		g_array_append_val(book->entries, seq);
		return TRUE;
	}
	return fail(&fold, INCIDENT_ERROR_FORM, "is of another form");
}

/* --- questions --------------------------------------------------------------------------------------------------------- */

const Incident *incident_book_nth(const IncidentBook *book, guint number)
{
	return number >= 1 && number <= book->incidents->len ? book->incidents->pdata[number - 1] : NULL;
}

const Incident *incident_book_find(const IncidentBook *book, guint64 seq)
{
	return find_mutable(book, seq);
}

const IncidentPlan *incident_book_nth_plan(const IncidentBook *book, guint number)
{
	return number >= 1 && number <= book->plans->len ? book->plans->pdata[number - 1] : NULL;
}

const IncidentPlan *incident_book_find_plan(const IncidentBook *book, guint64 seq)
{
	for (guint i = 0; i < book->plans->len; i++)
		if (((const IncidentPlan *)book->plans->pdata[i])->seq == seq)
			return book->plans->pdata[i];
	return NULL;
}

const Incident *incident_book_lasting(const IncidentBook *book, const char *what)
{
	for (guint i = book->incidents->len; i-- > 0;) {
		const Incident *incident = book->incidents->pdata[i];
		if (incident->to == 0 && strcmp(incident->what, what) == 0)
			return incident;
	}
	return NULL;
}

const IncidentPlan *incident_book_planned(const IncidentBook *book, const Incident *incident, gint64 now)
{
	gint64 to = incident->to != 0 ? incident->to : MAX(now, incident->from);
	for (guint i = 0; i < book->plans->len; i++) {
		const IncidentPlan *plan = book->plans->pdata[i];
		gboolean stood = plan->entered <= incident->from && plan->cancelled == 0;
		if (stood && plan->from <= incident->from && to <= plan->to)
			return plan;
	}
	return NULL;
}

const IncidentCompletion *incident_completion(const Incident *incident)
{
	guint n = incident->completions->len;
	return n > 0 ? incident->completions->pdata[n - 1] : NULL;
}

gboolean incident_book_waits(const IncidentBook *book, const Incident *incident, gint64 now)
{
	return incident_completion(incident) == NULL && incident_book_planned(book, incident, now) == NULL;
}

guint incident_book_count_waiting(const IncidentBook *book, gint64 now)
{
	guint n = 0;
	for (guint i = 0; i < book->incidents->len; i++)
		n += incident_book_waits(book, book->incidents->pdata[i], now);
	return n;
}
