/* SPDX-License-Identifier: ISC */
/* Targets of the desk that show the register's own octets; none of them is an entry. */
#include "store/cases.h"
#include "store/desk-host.h"
#include "store/desk-json.h"
#include "store/desk-place.h"

#define ENTRIES_MAX 5000
#define CASES 500u

static void serve_entries(const DeskCall *call, DeskReply *reply)
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

static void serve_checkpoint(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t known;
	g_auto(DeskPlace) place = {0};
	if (!read_known(call, &mailbox, &known, reply) || !desk_place_enter_named(call, mailbox, &place, reply))
		return;
	json_t *answer = desk_json_answer();
	finish(answer, add_checkpoint(&place, known, answer, reply), reply);
}

/* For a program that knows more, or other, entries than there are: what explains it. */
static void serve_restored(const DeskCall *call, DeskReply *reply)
{
	const char *mailbox;
	json_int_t known;
	g_auto(DeskPlace) place = {0};
	g_autoptr(GError) error = NULL;
	if (!read_known(call, &mailbox, &known, reply) || !desk_place_enter_named(call, mailbox, &place, reply))
		return;
	g_autoptr(GArray) seqs = ledger_restored(place.ledger, &error);
	json_t *answer = desk_json_answer();
	gboolean good = seqs != NULL && desk_place_add_proof(&place, seqs, known, answer, &error);
	finish(answer, good || desk_place_fail_ledger(reply, error), reply);
}

static gboolean may_go_on(guint64 done G_GNUC_UNUSED, guint64 all G_GNUC_UNUSED, gpointer user)
{
	return !g_atomic_int_get((const gint *)user);
}

/* A row that its key does not open: whom it is for cannot read that part, and the register itself is none the worse. Whose it
 * is of a case that is not hers is not hers to know. */
static void add_unreadable(const DeskPlace *place, const LedgerCase *c, json_t *list)
{
	gboolean hers = place->supervisor || desk_place_why_not(place, c) == NULL;
	for (guint i = 0; i < place->readers->len; i++) {
		const PeoplePerson *reader = place->readers->pdata[i];
		for (SealPart part = SEAL_PART_BODY; part <= SEAL_PART_CARD; part++) {
			const char *recipient = part == SEAL_PART_BODY ? reader->body : reader->card;
			g_autoptr(GError) error = NULL;
			g_autoptr(GBytes) header =
				recipient != NULL ? ledger_header(place->ledger, c->seq, part, recipient, &error) : NULL;
			if (header != NULL || error == NULL || g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
				continue;
			g_autofree char *name = cases_name(c);
			json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "case", name, "reader", hers ? reader->name : "-", "part",
			                                      desk_place_part_word(part)));
		}
	}
}

/* Of the reports. */
static json_t *find_unreadable(const DeskCall *call, const DeskPlace *place)
{
	json_t *list = json_array();
	guint64 after = LEDGER_NOTHING;
	for (guint n = CASES; n == CASES && !g_atomic_int_get(call->stopping);) {
		g_autoptr(GPtrArray) cases = ledger_cases(place->ledger, LEDGER_CASES_ALL, after, CASES, NULL);
		n = cases != NULL ? cases->len : 0;
		for (guint i = 0; i < n; i++) {
			after = ((const LedgerCase *)cases->pdata[i])->seq;
			add_unreadable(place, cases->pdata[i], list);
		}
	}
	return list;
}

static json_t *faults_of(const LedgerCheck *check)
{
	json_t *faults = json_array();
	for (guint i = 0; check->faults != NULL && i < check->faults->len; i++)
		json_array_append_new(faults, json_string(g_ptr_array_index(check->faults, i)));
	return faults;
}

static void serve_verify(const DeskCall *call, DeskReply *reply)
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
		json_object_set_new(answer, "trustees",
		                    desk_host_trustees(call->config, config_mailbox(call->config, place.mailbox), place.ledger));
		/* From books with a mismatch nothing is read. */
		json_object_set_new(answer, "unreadable", check.faults->len == 0 ? find_unreadable(call, &place) : json_array());
	}
	ledger_check_clear(&check);
	finish(answer, good, reply);
}

const DeskAct desk_register_acts[] = {
	{"/v1/entries", FALSE, serve_entries},
	{"/v1/checkpoint", FALSE, serve_checkpoint},
	{"/v1/restored", FALSE, serve_restored},
	{"/v1/verify", FALSE, serve_verify},
	{0},
};
