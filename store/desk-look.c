/* SPDX-License-Identifier: ISC */
#include "store/desk-look.h"

#include <string.h>

#include "store/cases.h"
#include "store/desk-json.h"
#include "store/desk-place.h"

#define CASES_MAX 500
#define ENTRIES_MAX 5000

/* --- looking: facts only -------------------------------------------------------------------------- */

static json_t *case_json(const DeskCall *call, const DeskPlace *place, const LedgerCase *c)
{
	GDate official;
	const ConfigMailbox *mailbox = config_mailbox(call->config, place->mailbox);
	g_date_clear(&official, 1);
	if (mailbox != NULL && call->hooks->official_date != NULL)
		call->hooks->official_date(call->config, mailbox, c->received, &official, call->hooks->user);
	return desk_json_case(c, place->mailbox, &official);
}

/* `due` is `open` until the calendar's issue gives cases a term. */
static gboolean read_filter(const char *text, LedgerCases *which)
{
	static const struct {
		const char *word;
		LedgerCases which;
	} filters[] = {
		{"open", LEDGER_CASES_OPEN}, {"due", LEDGER_CASES_OPEN}, {"review", LEDGER_CASES_REVIEW}, {"all", LEDGER_CASES_ALL}};
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++)
		if (strcmp(filters[i].word, text) == 0)
			return *which = filters[i].which, TRUE;
	return FALSE;
}

/* Where the list of this mailbox goes on; FALSE where `after` says something else than a number. */
static gboolean read_after(const json_t *after, const char *mailbox, guint64 *seq)
{
	const json_t *value = json_object_get(after, mailbox);
	*seq = LEDGER_NOTHING;
	if (value == NULL)
		return TRUE;
	*seq = (guint64)json_integer_value(value);
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static gboolean list_mailbox(const DeskCall *call, const DeskPlace *place, LedgerCases which, guint64 after, json_t *list,
                             gboolean *more, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) found = ledger_cases(place->ledger, which, after, CASES_MAX + 1, &error);
	if (found == NULL)
		return desk_place_fail_ledger(reply, error);
	for (guint i = 0; i < MIN(found->len, CASES_MAX); i++)
		json_array_append_new(list, case_json(call, place, g_ptr_array_index(found, i)));
	*more = *more || found->len > CASES_MAX;
	return TRUE;
}

typedef struct {
	LedgerCases which;
	const char *mailbox; /* NULL: every one of hers */
	const json_t *after;
} CasesQuestion;

/* *mine: how many mailboxes were hers. */
static gboolean list_all(const DeskCall *call, const CasesQuestion *question, json_t *list, gboolean *more, guint *mine,
                         DeskReply *reply)
{
	for (guint i = 0; i < registry_count(call->registry); i++) {
		guint64 after;
		g_auto(DeskPlace) place = {0};
		g_autoptr(GError) error = NULL;
		if (question->mailbox != NULL && strcmp(registry_mailbox(call->registry, i), question->mailbox) != 0)
			continue;
		if (!desk_place_enter(call, i, &place, &error)) {
			if (error != NULL)
				return desk_place_fail_ledger(reply, error);
			continue;
		}
		++*mine;
		if (!read_after(question->after, place.mailbox, &after))
			return desk_place_fail_form(reply, "after does not name entries by number.");
		if (!list_mailbox(call, &place, question->which, after, list, more, reply))
			return FALSE;
	}
	return TRUE;
}

void desk_look_cases(const DeskCall *call, DeskReply *reply)
{
	const char *filter;
	json_t *mailbox = NULL, *after = NULL;
	CasesQuestion question = {0};
	guint mine = 0;
	gboolean more = FALSE;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s?o, s?o}", "filter", &filter, "mailbox", &mailbox, "after",
	                   &after) != 0 ||
	    !read_filter(filter, &question.which) || (mailbox != NULL && !json_is_null(mailbox) && !json_is_string(mailbox)) ||
	    (after != NULL && !json_is_null(after) && !json_is_object(after))) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	question.mailbox = json_string_value(mailbox);
	question.after = after;
	json_t *list = json_array();
	gboolean good = list_all(call, &question, list, &more, &mine, reply);
	if (!good || mine == 0) {
		json_decref(list);
		if (good) {
			reply->mailbox = question.mailbox != NULL ? registry_find(call->registry, question.mailbox) : -1;
			desk_place_refuse(reply, "not-reader", "You are no reader of this mailbox.");
		}
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "cases", list);
	json_object_set_new(answer, "more", json_boolean(more));
	desk_place_done(reply, answer);
}

/* --- /v1/find -------------------------------------------------------------------------------------- */

static guint this_year(const DeskCall *call)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(registry_now(call->registry) / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, call->config->timezone);
	return (guint)g_date_time_get_year(here);
}

/* "senim:2026/17", or with the whole address where two mailboxes share the local part. */
static char *name_with_mailbox(const DeskCall *call, const char *mailbox, const LedgerCase *c)
{
	g_autofree char *name = cases_name(c);
	g_autofree char *local = g_strndup(mailbox, (gsize)(strrchr(mailbox, '@') - mailbox));
	guint sharing = 0;
	for (guint i = 0; i < registry_count(call->registry); i++)
		sharing += cases_mailbox_matches(local, registry_mailbox(call->registry, i));
	return g_strdup_printf("%s:%s", sharing > 1 ? mailbox : local, name);
}

typedef struct {
	const CasesName *name;
	guint year;
	json_t *candidates; /* names */
	json_t *found;      /* the last one as CASE */
} FindQuestion;

static gboolean find_in(const DeskCall *call, guint i, FindQuestion *question, DeskReply *reply)
{
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (!cases_mailbox_matches(question->name->mailbox, registry_mailbox(call->registry, i)))
		return TRUE;
	if (!desk_place_enter(call, i, &place, &error))
		return error == NULL || desk_place_fail_ledger(reply, error);
	g_autoptr(LedgerCase) c =
		ledger_case_by_number(place.ledger, question->year, question->name->aside, question->name->number, &error);
	if (c == NULL)
		return g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND) || desk_place_fail_ledger(reply, error);
	g_autofree char *name = name_with_mailbox(call, place.mailbox, c);
	json_array_append_new(question->candidates, json_string(name));
	json_decref(question->found);
	question->found = case_json(call, &place, c);
	return TRUE;
}

static void answer_find(FindQuestion *question, DeskReply *reply)
{
	gsize n = json_array_size(question->candidates);
	if (n == 0) {
		desk_acts_error(reply, 404, "not-found", "There is no such case in your mailboxes.");
	} else if (n > 1) {
		desk_acts_error(reply, 409, "ambiguous", "Several mailboxes have a case of that number: put the mailbox in front.");
		json_object_set(reply->json, "candidates", question->candidates);
	} else {
		json_t *answer = desk_json_answer();
		json_object_set(answer, "case", question->found);
		desk_place_done(reply, answer);
	}
}

void desk_look_find(const DeskCall *call, DeskReply *reply)
{
	const char *text;
	g_auto(CasesName) name = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s}", "case", &text) != 0) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!cases_parse(text, &name)) {
		desk_place_fail_form(reply, "A case is called 2026/17 or 2026/X-5, or 17 for one of this year.");
		return;
	}
	FindQuestion question = {&name, name.year != 0 ? name.year : this_year(call), json_array(), NULL};
	gboolean good = TRUE;
	for (guint i = 0; good && i < registry_count(call->registry); i++)
		good = find_in(call, i, &question, reply);
	if (good)
		answer_find(&question, reply);
	json_decref(question.candidates);
	json_decref(question.found);
}

/* --- the register itself ------------------------------------------------------------------------------- */

void desk_look_entries(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t from, most;
	g_auto(DeskPlace) place = {0};
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s:I, s:I}", "mailbox", &mailbox, "from", &from, "most",
	                   &most) != 0 ||
	    from < 0 || most < 1 || most > ENTRIES_MAX) {
		desk_place_fail_form(reply, DESK_PLACE_FIELDS);
		return;
	}
	if (!desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) entries = ledger_entries(place.ledger, (guint64)from, (guint)most, &error);
	if (entries == NULL) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	json_object_set_new(answer, "entries", desk_json_bytes(entries));
	json_object_set_new(answer, "size", json_integer((json_int_t)ledger_size(place.ledger)));
	desk_place_done(reply, answer);
}

/* Checkpoint and consistency alone. */
static gboolean add_checkpoint(const DeskPlace *place, json_int_t known, json_t *answer, DeskReply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(guint64));
	if (!desk_place_add_proof(place, none, known, answer, &error))
		return desk_place_fail_ledger(reply, error);
	json_object_del(answer, "entries"); /* none was asked for */
	return TRUE;
}

static void finish(json_t *answer, gboolean good, DeskReply *reply)
{
	if (good)
		desk_place_done(reply, answer);
	else
		json_decref(answer);
}

/* mailbox, and known where the asker has a checkpoint. */
static gboolean read_known(const DeskCall *call, const char **mailbox, json_int_t *known, DeskReply *reply)
{
	*known = 0;
	if (json_unpack_ex(call->body, NULL, JSON_STRICT, "{s:s, s?I}", "mailbox", mailbox, "known", known) == 0 && *known >= 0)
		return TRUE;
	return desk_place_fail_form(reply, DESK_PLACE_FIELDS);
}

void desk_look_checkpoint(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t known;
	g_auto(DeskPlace) place = {0};
	if (!read_known(call, &mailbox, &known, reply) || !desk_place_enter_named(call, mailbox, &place, reply))
		return;
	json_t *answer = desk_json_answer();
	finish(answer, add_checkpoint(&place, known, answer, reply), reply);
}

static gboolean may_go_on(guint64 done G_GNUC_UNUSED, guint64 all G_GNUC_UNUSED, gpointer user)
{
	return !g_atomic_int_get((const gint *)user);
}

static json_t *faults_of(const LedgerCheck *check)
{
	json_t *faults = json_array();
	for (guint i = 0; check->faults != NULL && i < check->faults->len; i++)
		json_array_append_new(faults, json_string(g_ptr_array_index(check->faults, i)));
	return faults;
}

void desk_look_verify(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t known;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	LedgerCheck check = {0};
	if (!read_known(call, &mailbox, &known, reply) || !desk_place_enter_named(call, mailbox, &place, reply))
		return;
	if (!ledger_check(place.ledger, &check, may_go_on, (gpointer)call->stopping, &error)) {
		desk_place_fail_ledger(reply, error);
		return;
	}
	json_t *answer = desk_json_answer();
	gboolean good = add_checkpoint(&place, known, answer, reply);
	if (good) {
		json_object_set_new(answer, "entries", json_integer((json_int_t)check.entries));
		json_object_set_new(answer, "payloads", json_integer((json_int_t)check.payloads));
		json_object_set_new(answer, "faults", faults_of(&check));
	}
	ledger_check_clear(&check);
	finish(answer, good, reply);
}
