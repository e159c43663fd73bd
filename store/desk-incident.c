/* SPDX-License-Identifier: ISC */
#include "store/desk-incident.h"

#include <string.h>

#include "store/desk-act.h"
#include "store/desk-host.h"
#include "store/desk-json.h"

#define PAGE 100u
#define LATER (5 * G_TIME_SPAN_MINUTE) /* by which another machine's clock may be ahead */

/* --- what may be entered ------------------------------------------------------------------------------------------- */

typedef struct {
	const char *act;
	json_int_t of, after, from, to;
	const char *part, *cause, *measures, *needed, *responsible;
} Asked;
#define ASKED_FORMAT "s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s"
#define ASKED_FIELDS(a) \
	"act", &(a)->act, "of", &(a)->of, "after", &(a)->after, "from", &(a)->from, "to", &(a)->to, "part", &(a)->part, "cause", \
		&(a)->cause, "measures", &(a)->measures, "needed", &(a)->needed, "responsible", &(a)->responsible

static gboolean is_none(const char *text)
{
	return strcmp(text, "-") == 0;
}

static gboolean check_texts(const Asked *asked, DeskReply *reply)
{
	const struct {
		const char *text;
		gsize most;
	} texts[] = {{asked->cause, INCIDENT_TEXT}, {asked->measures, INCIDENT_TEXT}, {asked->needed, INCIDENT_LINE}, {asked->responsible, INCIDENT_LINE}};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (!desk_act_is_text(texts[i].text, texts[i].most))
			return desk_place_fail_form(reply, "A text of the emergency journal is one line, and not longer than the journal takes.");
	if (asked->of < 0 || asked->after < 0 || asked->from < 0 || asked->to < 0 || asked->from > G_MAXINT64 / 2 || asked->to > G_MAXINT64 / 2)
		return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
	return is_none(asked->part) || incident_is_part(asked->part) ||
	       desk_place_fail_form(reply, "There is no such part of the emergency journal.");
}

/* No more stands in the record than belongs to the act. */
static gboolean has_only(const Asked *asked, gboolean times, gboolean part, gboolean cause, gboolean rest, DeskReply *reply)
{
	gboolean filled = !is_none(asked->measures) || !is_none(asked->needed) || !is_none(asked->responsible);
	return ((times || (asked->from == 0 && asked->to == 0)) && (part || is_none(asked->part)) && (cause || is_none(asked->cause)) &&
	        (rest || !filled)) ||
	       desk_place_fail_form(reply, "A field does not belong to that entry of the emergency journal.");
}

static gboolean check_opened(const IncidentBook *book G_GNUC_UNUSED, const Asked *asked, gint64 now, DeskReply *reply)
{
	if (!has_only(asked, TRUE, TRUE, TRUE, FALSE, reply))
		return FALSE;
	if (asked->of != 0 || asked->from == 0 || is_none(asked->part) || is_none(asked->cause))
		return desk_place_fail_form(reply, "An incident needs its beginning, its part and what happened.");
	if (asked->from > now + LATER || asked->to > now + LATER || (asked->to != 0 && asked->to < asked->from))
		return desk_acts_deny(reply, 400, "incident-times", "An incident has begun already, and ends after its beginning.");
	return TRUE;
}

static gboolean check_completed(const IncidentBook *book, const Asked *asked, gint64 now, DeskReply *reply)
{
	const Incident *incident = incident_book_find(book, (guint64)asked->of);
	if (!has_only(asked, TRUE, TRUE, TRUE, TRUE, reply))
		return FALSE;
	if (asked->from != 0 || is_none(asked->part) || is_none(asked->cause) || is_none(asked->measures) || is_none(asked->responsible))
		return desk_place_fail_form(reply, "An incident is completed with part, cause, measures and who is responsible.");
	if (incident == NULL) {
		desk_acts_deny(reply, 404, "no-incident", "There is no such incident.");
		return FALSE;
	}
	if (asked->to == 0 && incident->to == 0)
		return desk_acts_deny(reply, 409, "incident-lasts", "The incident lasts: say when it ended, or complete it when it has.");
	if (asked->to != 0 && incident->to != 0)
		return desk_acts_deny(reply, 409, "incident-ended", "The incident has its end already.");
	if (asked->to != 0 && strcmp(incident->what, "hand") != 0)
		return desk_acts_deny(reply, 409, "incident-own-end", "The registrar itself enters when this incident ends.");
	return asked->to == 0 || (asked->to >= incident->from && asked->to <= now + LATER) ||
	       desk_acts_deny(reply, 400, "incident-times", "An incident ends after its beginning, and not in the future.");
}

/* Beforehand, or anybody could excuse an outage that has been. */
static gboolean check_planned(const IncidentBook *book G_GNUC_UNUSED, const Asked *asked, gint64 now, DeskReply *reply)
{
	if (!has_only(asked, TRUE, FALSE, TRUE, FALSE, reply))
		return FALSE;
	if (asked->of != 0 || is_none(asked->cause))
		return desk_place_fail_form(reply, "An announcement needs what is to be done.");
	if (asked->from < now)
		return desk_acts_deny(reply, 409, "plan-late", "Planned work is announced before it begins.");
	return (asked->to > asked->from && asked->to - asked->from <= INCIDENT_PLAN_MOST) ||
	       desk_acts_deny(reply, 400, "plan-times", "Planned work ends after its beginning, and lasts fourteen days at most.");
}

static gboolean check_cancelled(const IncidentBook *book, const Asked *asked, gint64 now, DeskReply *reply)
{
	const IncidentPlan *plan = incident_book_find_plan(book, (guint64)asked->of);
	if (!has_only(asked, FALSE, FALSE, FALSE, FALSE, reply))
		return FALSE;
	if (plan == NULL) {
		desk_acts_deny(reply, 404, "no-plan", "There is no such announcement.");
		return FALSE;
	}
	return (plan->cancelled == 0 && plan->from > now) || desk_acts_deny(reply, 409, "plan-over", "The work was cancelled already, or has begun.");
}

static gboolean check(const IncidentBook *book, const Asked *asked, gint64 now, DeskReply *reply)
{
	static const struct {
		const char *act;
		gboolean (*check)(const IncidentBook *book, const Asked *asked, gint64 now, DeskReply *reply);
	} acts[] = {{"opened", check_opened}, {"completed", check_completed}, {"planned", check_planned}, {"cancelled", check_cancelled}};
	if (!check_texts(asked, reply))
		return FALSE;
	if ((guint64)asked->after != book->last)
		return desk_acts_deny(reply, 409, "meanwhile", "Something was entered in the emergency journal meanwhile: look at it again.");
	for (gsize i = 0; i < G_N_ELEMENTS(acts); i++)
		if (strcmp(asked->act, acts[i].act) == 0)
			return acts[i].check(book, asked, now, reply);
	return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
}

static void add_lines(Record *record, const Asked *asked)
{
	record_add_uint(record, "after", (guint64)asked->after);
	record_add(record, "act", asked->act);
	record_add_uint(record, "of", (guint64)asked->of);
	record_add_uint(record, "from", (guint64)asked->from);
	record_add_uint(record, "to", (guint64)asked->to);
	record_add(record, "part", asked->part);
	record_add(record, "cause", asked->cause);
	record_add(record, "measures", asked->measures);
	record_add(record, "needed", asked->needed);
	record_add(record, "responsible", asked->responsible);
}

static LedgerAct act_of(const Record *record, const Asked *asked)
{
	return (LedgerAct){.kind = ENTRY_INCIDENT, .flags = ENTRY_FLAG_PERSONAL, .concerns = LEDGER_NOTHING, .record = record,
	                   .case_seq = LEDGER_NOTHING, .chained = TRUE, .after = (guint64)asked->after};
}

/* --- officers ------------------------------------------------------------------------------------------------------- */

static void serve_incident(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	Asked asked;
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply, "{" ASKED_FORMAT "}", ASKED_FIELDS(&asked)) ||
	    !desk_place_enter_named(call, fields.mailbox, &place, reply))
		return;
	g_autoptr(IncidentBook) book = ledger_incidents(place.ledger, &error);
	if (book == NULL) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	if (!check(book, &asked, place.now, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	add_lines(record, &asked);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = act_of(record, &asked);
	desk_act_finish(call, &place, &act, &fields, reply);
}

/* Those behind `after`, at most a page of them; *more: there are others. */
static GArray *next_entries(const IncidentBook *book, guint64 after, gboolean *more)
{
	GArray *seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	*more = FALSE;
	for (guint i = 0; i < book->entries->len; i++) {
		guint64 seq = g_array_index(book->entries, guint64, i);
		if (seq <= after)
			continue;
		*more = seqs->len == PAGE;
		if (*more)
			break;
		g_array_append_val(seqs, seq);
	}
	return seqs;
}

static void serve_incidents(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t after, known;
	guint64 begun = 0;
	gboolean more;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:I}", "mailbox", &mailbox, "after", &after, "known", &known) != 0 ||
	    after < 0 || known < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(IncidentBook) book = ledger_incidents(place.ledger, &error);
	if (book == NULL) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	g_autoptr(GArray) seqs = next_entries(book, (guint64)after, &more);
	g_array_prepend_val(seqs, begun); /* a PROOF has one entry at least */
	json_t *answer = desk_json_answer();
	if (!desk_place_add_proof(&place, seqs, known, answer, &error)) {
		json_decref(answer);
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_object_set_new(answer, "more", json_boolean(more));
	desk_place_done(reply, answer);
}

/* --- whoever keeps the host ----------------------------------------------------------------------------------------- */

static Ledger *host_ledger(Registry *registry, const char *mailbox, DeskReply *reply)
{
	int index = registry_find(registry, mailbox);
	if (index < 0)
		desk_acts_deny(reply, 404, "no-mailbox", "There is no such mailbox here.");
	return index < 0 ? NULL : registry_ledger(registry, (guint)index);
}

void desk_incident_as_host(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
{
	const char *mailbox;
	Asked asked;
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	gint64 now = registry_now(registry);
	if (!desk_host_may(uid, reply))
		return;
	if (json_unpack_ex(body, NULL, JSON_STRICT, "{s:s, " ASKED_FORMAT "}", "mailbox", &mailbox, ASKED_FIELDS(&asked)) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	Ledger *ledger = host_ledger(registry, mailbox, reply);
	g_autoptr(IncidentBook) book = ledger != NULL ? ledger_incidents(ledger, &error) : NULL;
	if (ledger != NULL && book == NULL)
		desk_place_fail_ledger(reply, error);
	if (book == NULL || !check(book, &asked, now, reply))
		return;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)now);
	record_add(record, "officer", "-");
	add_lines(record, &asked);
	record_add(record, "host", uid == 0 ? "root" : "registrar");
	LedgerAct act = act_of(record, &asked);
	if (!ledger_append(ledger, &act, &entry, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "seq", json_integer((json_int_t)entry.seq));
	ledger_entry_clear(&entry);
	desk_place_done(reply, answer);
}

static gboolean add_entry(Ledger *ledger, guint64 seq, json_t *list, GError **error)
{
	LedgerEntry entry = {0};
	if (!ledger_entry(ledger, seq, &entry, error))
		return FALSE;
	json_array_append_new(list, json_pack("{s:I, s:o}", "seq", (json_int_t)seq, "record", desk_json_bytes(entry.record)));
	ledger_entry_clear(&entry);
	return TRUE;
}

void desk_incidents_as_host(Registry *registry, const DeskHooks *hooks G_GNUC_UNUSED, guint uid, json_t *body, DeskReply *reply)
{
	const char *mailbox;
	json_int_t after;
	gboolean more;
	g_autoptr(GError) error = NULL;
	g_autoptr(json_t) list = json_array();
	if (!desk_host_may(uid, reply))
		return;
	if (json_unpack_ex(body, NULL, JSON_STRICT, "{s:s, s:I}", "mailbox", &mailbox, "after", &after) != 0 || after < 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	Ledger *ledger = host_ledger(registry, mailbox, reply);
	if (ledger == NULL)
		return;
	g_autoptr(IncidentBook) book = ledger_incidents(ledger, &error);
	g_autoptr(GArray) seqs = book != NULL ? next_entries(book, (guint64)after, &more) : NULL;
	for (guint i = 0; seqs != NULL && error == NULL && i < seqs->len; i++)
		add_entry(ledger, g_array_index(seqs, guint64, i), list, &error);
	if (error != NULL) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set(answer, "entries", list);
	json_object_set_new(answer, "more", json_boolean(more));
	desk_place_done(reply, answer);
}

const DeskAct desk_incident_acts[] = {
	{DESK_INCIDENT, TRUE, serve_incident},
	{DESK_INCIDENTS, FALSE, serve_incidents},
	{0},
};
