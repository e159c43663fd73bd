/* SPDX-License-Identifier: ISC */
#include "store/recovery.h"

#include <string.h>

#include "store/seal.h"

#define BATCH 64
#define NOBODY "-" /* who signed: no officer did */

static gboolean append(Ledger *ledger, EntryKind kind, const Record *record, const GArray *wraps, GError **error)
{
	LedgerEntry entry;
	const LedgerAct act = {.kind = kind,
	                       .concerns = LEDGER_NOTHING,
	                       .record = record,
	                       .case_seq = LEDGER_NOTHING,
	                       .wraps = wraps != NULL ? (const LedgerWrap *)(const void *)wraps->data : NULL,
	                       .n_wraps = wraps != NULL ? wraps->len : 0};
	if (!ledger_append(ledger, &act, &entry, error))
		return FALSE;
	ledger_entry_clear(&entry);
	return TRUE;
}

static Record *record_begin(const char *act)
{
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)g_get_real_time());
	record_add(record, "officer", NOBODY);
	if (act != NULL)
		record_add(record, "act", act);
	return record;
}

static void add_holders(Record *record, const char *const *holders)
{
	for (guint i = 0; holders[i] != NULL; i++)
		record_add(record, "holder", holders[i]);
}

/* --- who is in force ---------------------------------------------------------------------------------------------- */

static const PeoplePerson *whose_is(const People *people, const char *body)
{
	for (guint i = 0; i < people->persons->len; i++) {
		const PeoplePerson *person = people->persons->pdata[i];
		if (strcmp(person->body, body) == 0)
			return person;
	}
	return NULL;
}

static Record *added(const RecoveryRequest *request, const RecoveryPerson *person)
{
	gboolean recovery = strcmp(person->role, "recovery") == 0;
	g_autofree char *sign = g_base64_encode(person->half->sign, sizeof person->half->sign);
	Record *record = record_begin("add");
	record_add(record, "name", person->name);
	record_add(record, "role", person->role);
	record_add(record, "body-key", person->half->body);
	record_add(record, "card-key", recovery ? "-" : person->half->card);
	record_add(record, "sign-key", recovery ? "-" : sign);
	record_add_uint(record, "expires", (guint64)person->half->expires);
	record_add(record, "order", "recovery");
	add_holders(record, request->holders);
	return record;
}

static Record *confirmed(const RecoveryRequest *request, const RecoveryPerson *person)
{
	Record *record = record_begin("confirm");
	record_add(record, "name", person->name);
	add_holders(record, request->holders);
	return record;
}

/* The two entries are two commits: a kill between them leaves somebody who only needs the second. */
static gboolean enrol(Ledger *ledger, const RecoveryRequest *request, const RecoveryPerson *person, GError **error)
{
	g_autoptr(People) people = ledger_people(ledger);
	const PeoplePerson *known = people_find(people, person->name);
	if (known != NULL && strcmp(known->body, person->half->body) != 0) {
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_STATE,
		            "%s stands in the register with another key: give the new officer another name", person->name);
		return FALSE;
	}
	g_autoptr(Record) add = known == NULL ? added(request, person) : NULL;
	g_autoptr(Record) confirm =
		known == NULL || known->state == PEOPLE_UNCONFIRMED ? confirmed(request, person) : NULL;
	return (add == NULL || append(ledger, ENTRY_KEY, add, NULL, error)) &&
	       (confirm == NULL || append(ledger, ENTRY_KEY, confirm, NULL, error));
}

/* --- case by case ------------------------------------------------------------------------------------------------- */

typedef struct {
	Ledger *ledger;
	const RecoveryRequest *request;
	const RecoveryPerson *person;
	const char *recipient; /* of the recovery key */
	RecoveryResult *result;
} Wrapping;

/* What the register says of the state of a body that is in force: its id and key check. */
static gboolean read_state(Ledger *ledger, guint64 state, gboolean anew, guint8 id[SEAL_CASE], guint8 check[32], GError **error)
{
	LedgerEntry entry;
	gsize size;
	if (!ledger_entry(ledger, state, &entry, error))
		return FALSE;
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, error);
	gboolean good = record != NULL && (anew || entry_check_message(record, error)) &&
	                record_get_hex(record, anew ? "object" : "case", id, SEAL_CASE, error) &&
	                record_get_hex(record, "key-check-body", check, 32, error);
	ledger_entry_clear(&entry);
	return good;
}

/* One message of a case. *header NULL: it needs none, or has none to make it from. */
static gboolean wrap_message(const Wrapping *wrapping, guint64 seq, guint64 *state, char **header, GError **error)
{
	guint8 check[32], id[SEAL_CASE];
	GError *inner = NULL;
	*header = NULL;
	g_autoptr(GBytes) hers =
		ledger_header(wrapping->ledger, seq, SEAL_PART_BODY, wrapping->person->half->body, NULL);
	if (hers != NULL)
		return TRUE;
	g_autoptr(GBytes) ours = ledger_header(wrapping->ledger, seq, SEAL_PART_BODY, wrapping->recipient, &inner);
	if (ours == NULL && g_error_matches(inner, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND)) {
		wrapping->result->without++;
		g_error_free(inner);
		return TRUE;
	}
	if (ours == NULL) {
		g_propagate_error(error, inner);
		return FALSE;
	}
	gsize size;
	const char *text = g_bytes_get_data(ours, &size);
	if (!ledger_state(wrapping->ledger, seq, SEAL_PART_BODY, state, error) ||
	    !read_state(wrapping->ledger, *state, *state != seq, id, check, error))
		return FALSE;
	*header = seal_rewrap(SEAL_PART_BODY, id, check, text, size,
	                      keyfile_body_identity(wrapping->request->identity), wrapping->person->half->body, error);
	return *header != NULL;
}

static gboolean enter_batch(const Wrapping *wrapping, const GArray *wraps, GError **error)
{
	g_autoptr(Record) record = record_begin("wrapped");
	record_add(record, "reader", wrapping->person->name);
	record_add(record, "part", "body");
	for (guint i = 0; i < wraps->len; i++)
		record_add_uint(record, "case", g_array_index(wraps, LedgerWrap, i).seq);
	add_holders(record, wrapping->request->holders);
	wrapping->result->wrapped += wraps->len;
	return wraps->len == 0 || append(wrapping->ledger, ENTRY_KEY, record, wraps, error);
}

typedef struct {
	GPtrArray *texts; /* the headers, which the wraps borrow */
	GArray *wraps;
} Batch;

static gboolean add_message(const Wrapping *wrapping, guint64 seq, Batch *batch, GError **error)
{
	guint64 state;
	char *header;
	if (!wrap_message(wrapping, seq, &state, &header, error))
		return FALSE;
	if (header == NULL)
		return TRUE;
	g_ptr_array_add(batch->texts, header);
	const LedgerWrap wrap = {seq, SEAL_PART_BODY, state, wrapping->person->half->body, header, strlen(header)};
	g_array_append_val(batch->wraps, wrap);
	return TRUE;
}

/* The report, and every answer that came to its letters. */
static gboolean add_case(const Wrapping *wrapping, const LedgerCase *c, Batch *batch, GError **error)
{
	g_autoptr(GPtrArray) messages = ledger_messages(wrapping->ledger, c, G_MAXUINT, error);
	gboolean good = messages != NULL && add_message(wrapping, c->seq, batch, error);
	for (guint i = 0; good && i < messages->len; i++)
		good = add_message(wrapping, ((const LedgerMessage *)messages->pdata[i])->seq, batch, error);
	return good;
}

static gboolean wrap_batch(const Wrapping *wrapping, const GPtrArray *cases, GError **error)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) wraps = g_array_new(FALSE, TRUE, sizeof(LedgerWrap));
	Batch batch = {texts, wraps};
	for (guint i = 0; i < cases->len; i++)
		if (!add_case(wrapping, cases->pdata[i], &batch, error))
			return FALSE;
	return enter_batch(wrapping, wraps, error);
}

static gboolean wrap_all(const Wrapping *wrapping, GError **error)
{
	guint64 after = LEDGER_NOTHING, done = 0;
	for (;;) {
		g_autoptr(GPtrArray) cases = ledger_cases(wrapping->ledger, LEDGER_CASES_ALL, after, BATCH, error);
		if (cases == NULL || !wrap_batch(wrapping, cases, error))
			return FALSE;
		done += cases->len;
		if (wrapping->request->progress != NULL)
			wrapping->request->progress(done, wrapping->request->user);
		if (cases->len < BATCH)
			return TRUE;
		after = ((const LedgerCase *)cases->pdata[cases->len - 1])->seq;
	}
}

/* The key that was put together has been in a room with several people: from here on nothing is sealed to it. */
static gboolean retire(Ledger *ledger, const RecoveryRequest *request, const char *name, GError **error)
{
	g_autoptr(Record) record = record_begin(NULL);
	record_add(record, "name", name);
	record_add(record, "why", "order");
	record_add(record, "order", "recovery");
	add_holders(record, request->holders);
	return append(ledger, ENTRY_BLOCKED, record, NULL, error);
}

/* Nor does it open anything in this store any more that the next recovery key opens. */
static gboolean strip(Ledger *ledger, const RecoveryRequest *request, const PeoplePerson *old, GError **error)
{
	LedgerStripped result;
	g_autoptr(GPtrArray) out = g_ptr_array_new(), in = g_ptr_array_new();
	g_autoptr(Record) record = record_begin("strip");
	record_add(record, "name", old->name);
	add_holders(record, request->holders);
	g_ptr_array_add(out, old->body);
	for (guint i = 0; i < request->n_persons; i++)
		if (strcmp(request->persons[i].role, "recovery") == 0)
			g_ptr_array_add(in, request->persons[i].half->body);
	return (old->stripped != 0 || append(ledger, ENTRY_KEY, record, NULL, error)) &&
	       ledger_headers_strip(ledger, out, in, &result, error);
}

gboolean recovery_mailbox(const Stopped *stopped, guint i, const RecoveryRequest *request, RecoveryResult *result,
                          GError **error)
{
	const LedgerOptions options = stopped_options(stopped, i, NULL);
	g_autoptr(KeyfilePublic) own = keyfile_public(request->identity, 0);
	g_autoptr(Ledger) ledger = ledger_open(&options, error);
	if (ledger == NULL)
		return FALSE;
	g_autoptr(People) people = ledger_people(ledger);
	const PeoplePerson *me = whose_is(people, own->body);
	if (me == NULL || strcmp(me->role, "recovery") != 0) {
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_STATE,
		            "the key that was put together is no recovery key of %s: name the right shares", options.mailbox);
		return FALSE;
	}
	for (guint k = 0; k < request->n_persons; k++) {
		const Wrapping wrapping = {ledger, request, &request->persons[k], own->body, result};
		if (!enrol(ledger, request, wrapping.person, error) || !wrap_all(&wrapping, error))
			return FALSE;
	}
	return !request->retire || ((me->state == PEOPLE_BLOCKED || retire(ledger, request, me->name, error)) &&
	                            strip(ledger, request, me, error));
}

gboolean recovery_drilled(const Stopped *stopped, guint i, const char *const *holders, const char *recipient,
                          GError **error)
{
	const LedgerOptions options = stopped_options(stopped, i, NULL);
	g_autoptr(Ledger) ledger = ledger_open(&options, error);
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)g_get_real_time());
	add_holders(record, holders);
	record_add(record, "recipient", recipient);
	return ledger != NULL && append(ledger, ENTRY_DRILL, record, NULL, error);
}
