/* SPDX-License-Identifier: ISC */
#include "store/desk-json.h"

#include <sodium.h>
#include <string.h>

#include "store/cases.h"

/* --- requests ------------------------------------------------------------------- */

/* Looked at before jansson sees it: its own limit is 2048, and its parser recurses. */
static gboolean is_too_deep(const char *data, gsize size)
{
	guint depth = 0;
	gboolean text = FALSE;
	for (gsize i = 0; i < size; i++) {
		if (text && data[i] == '\\')
			i++;
		else if (data[i] == '"')
			text = !text;
		else if (!text && (data[i] == '{' || data[i] == '[') && ++depth > DESK_JSON_DEPTH)
			return TRUE;
		else if (!text && (data[i] == '}' || data[i] == ']') && depth > 0)
			depth--;
	}
	return FALSE;
}

static gboolean is_canonical(const json_t *json, const char *data, gsize size)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	gboolean same = text != NULL && strlen(text) == size && memcmp(text, data, size) == 0;
	free(text);
	return same;
}

json_t *desk_json_read(const char *data, gsize size, gboolean canonical, const char **why)
{
	*why = "The request is nested too deeply.";
	if (is_too_deep(data, size))
		return NULL;
	*why = "The request is not a JSON object with each key once.";
	json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
	if (json == NULL || !json_is_object(json)) {
		json_decref(json);
		return NULL;
	}
	*why = "The request of an act is not compact JSON with sorted keys.";
	if (!canonical || is_canonical(json, data, size))
		return json;
	json_decref(json);
	return NULL;
}

/* --- answers ----------------------------------------------------------------------- */

json_t *desk_json_answer(void)
{
	return json_pack("{s:i}", "schema", DESK_JSON_SCHEMA);
}

json_t *desk_json_base64(const void *data, gsize size)
{
	g_autofree char *text = g_base64_encode(data, size);
	return json_string_nocheck(text);
}

json_t *desk_json_bytes(GBytes *octets)
{
	gsize size;
	const void *data = g_bytes_get_data(octets, &size);
	return desk_json_base64(data, size);
}

json_t *desk_json_hex(const void *data, gsize size)
{
	g_autofree char *text = g_malloc(2 * size + 1);
	return json_string_nocheck(sodium_bin2hex(text, 2 * size + 1, data, size));
}

json_t *desk_json_hashes(GBytes *hashes)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(hashes, &size);
	json_t *list = json_array();
	for (gsize at = 0; at + 32 <= size; at += 32)
		json_array_append_new(list, desk_json_base64(data + at, 32));
	return list;
}

/* Of what follows NULL is returned where json_pack() is to leave the key out ("s:o*"): a list of a hundred thousand cases
 * says of each what there is, and not what there is not. */

/* Records may hold octets that are no UTF-8; JSON may not. "-" is none. */
static json_t *value_of(const char *value)
{
	if (value == NULL || strcmp(value, "-") == 0)
		return NULL;
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	return json_string(valid);
}

static json_t *list_of(const Record *facts, const char *key)
{
	if (record_get(facts, key) == NULL)
		return NULL;
	json_t *list = json_array();
	for (guint n = 0; record_get_nth(facts, key, n) != NULL; n++) {
		json_t *value = value_of(record_get_nth(facts, key, n));
		json_array_append_new(list, value != NULL ? value : json_null());
	}
	return list;
}

static json_t *true_or_none(gboolean value)
{
	return value ? json_true() : NULL;
}

static json_t *yes_of(const Record *facts, const char *key)
{
	return true_or_none(g_strcmp0(record_get(facts, key), "yes") == 0);
}

json_t *desk_json_facts(const Record *facts)
{
	guint64 attachments = 0, called;
	record_get_uint(facts, "attachments", G_MAXUINT32, &attachments, NULL);
	gboolean call = record_get_uint(facts, "called", G_MAXINT64, &called, NULL);
	return json_pack("{s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:I, s:o*, s:o*, s:o*, s:o*}",
	                 "channel", value_of(record_get(facts, "channel")),
	                 "language", value_of(record_get(facts, "language")),
	                 "automatic", value_of(record_get(facts, "automatic")),
	                 "verdict", value_of(record_get(facts, "verdict")),
	                 "class", list_of(facts, "class"),
	                 "opaque", yes_of(facts, "opaque"),
	                 "examined", yes_of(facts, "examined"),
	                 "partial", yes_of(facts, "partial"),
	                 "attachments", (json_int_t)attachments,
	                 "named", list_of(facts, "named"),
	                 "reference", list_of(facts, "reference"),
	                 "wish", list_of(facts, "wish"),
	                 "called", call ? json_integer((json_int_t)called) : NULL);
}

json_t *desk_json_date(const GDate *date)
{
	if (!g_date_valid(date))
		return json_null();
	g_autofree char *text = g_strdup_printf("%04d-%02d-%02d", (int)g_date_get_year(date), (int)g_date_get_month(date),
	                                        (int)g_date_get_day(date));
	return json_string(text);
}

json_t *desk_json_known(const GDate *date)
{
	return g_date_valid(date) ? desk_json_date(date) : NULL;
}

static json_t *redirection_of(const LedgerCase *c)
{
	if (c->redirected == NULL)
		return NULL;
	return json_pack("{s:s, s:I, s:o*}", "state", c->redirected, "entry", (json_int_t)c->redirection, "to",
	                 value_of(c->redirected_to));
}

/* `state` is what became of its letter. */
static json_t *reply_of(const LedgerCase *c)
{
	if (c->reply.entry == 0)
		return NULL;
	return json_pack("{s:I, s:s, s:s, s:I, s:o*, s:o*}", "entry", (json_int_t)c->reply.entry, "kind", entry_kind_name(c->reply.kind),
	                 "by", c->reply.by, "time", (json_int_t)c->reply.time, "state",
	                 value_of(ledger_case_posted(c, c->reply.entry)), "unnumbered", true_or_none(ledger_case_lacks_number(c)));
}

/* What it says itself, but for a letter: what became of that. */
static json_t *forwarding_of(const LedgerCase *c)
{
	const char *posted = ledger_case_posted(c, c->forwarding);
	if (c->forwarded == NULL && c->forward_allowed == NULL)
		return NULL;
	return json_pack("{s:o*, s:I, s:o*, s:o*, s:o*}", "state",
	                 value_of(posted != NULL && strcmp(c->forwarded, "queued") == 0 ? posted : c->forwarded), "entry",
	                 (json_int_t)c->forwarding, "to", value_of(c->forwarded_to), "allowed", value_of(c->forward_allowed),
	                 "allowed_by", value_of(c->forward_allowed_by));
}

static json_t *erasure_of(const LedgerCase *c)
{
	const LedgerErasure *e = c->erasure;
	if (e == NULL)
		return NULL;
	json_int_t due = strcmp(e->word, "confirmed") == 0 ? (json_int_t)(e->since + LEDGER_ERASURE_WAIT) : 0;
	return json_pack("{s:s, s:I, s:o*, s:o*, s:o*, s:I, s:I, s:o*}", "state", e->word, "entry", (json_int_t)e->order, "order",
	                 value_of(e->number), "dated", value_of(e->dated), "officer", value_of(e->officer), "since", (json_int_t)e->since,
	                 "due", due, "message", e->message != 0 ? json_integer((json_int_t)e->message) : NULL);
}

static json_t *work_of(const LedgerCase *c)
{
	return json_pack("{s:I, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "last", (json_int_t)ledger_case_last(c), "category",
	                 value_of(c->category), "assigned", value_of(c->assigned), "result", value_of(c->result), "held",
	                 true_or_none(c->held), "resolved", true_or_none(c->resolved), "transcript",
	                 true_or_none(c->transcript != 0), "notified", value_of(ledger_case_posted(c, c->notification)), "reply", reply_of(c),
	                 "unsafe", true_or_none(c->unsafe), "lost", true_or_none(ledger_case_is_lost(c)));
}

json_t *desk_json_case(const LedgerCase *c, const char *mailbox, const GDate *official, const GDate *due)
{
	g_autofree char *name = cases_name(c);
	json_t *acknowledgement = json_pack("{s:o*, s:o*}", "state", value_of(c->ack_state), "reason", value_of(c->ack_reason));
	return json_pack("{s:s, s:I, s:o, s:s, s:I, s:o*, s:o*, s:o, s:o*, s:o, s:o*, s:o*, s:o*, s:o*, s:I, s:o*, s:o, s:I, s:I}",
	                 "mailbox", mailbox,
	                 "seq", (json_int_t)c->seq,
	                 "case_id", desk_json_hex(c->case_id, sizeof c->case_id),
	                 "name", name,
	                 "received", (json_int_t)c->received,
	                 "official_date", desk_json_known(official),
	                 "due", desk_json_known(due),
	                 "facts", desk_json_facts(c->facts),
	                 "state", value_of(c->state),
	                 "acknowledgement", acknowledgement,
	                 "redirection", redirection_of(c),
	                 "forwarding", forwarding_of(c),
	                 "erasure", erasure_of(c),
	                 "erased", c->erased != 0 ? json_integer((json_int_t)c->erased) : NULL,
	                 "followups", (json_int_t)c->followups,
	                 "unread", true_or_none(c->news > c->seen),
	                 "work", work_of(c),
	                 "size", (json_int_t)c->size,
	                 "card_size", (json_int_t)c->card_size);
}

void desk_json_add_proof(json_t *answer, const LedgerProof *proof, const LedgerEntry *entries, guint n)
{
	json_t *list = json_array();
	for (guint i = 0; i < n && i < proof->n_inclusion; i++)
		json_array_append_new(list, json_pack("{s:I, s:o, s:o, s:o, s:o}",
		                                      "seq", (json_int_t)entries[i].seq,
		                                      "entry", desk_json_base64(entries[i].entry, ENTRY_SIZE),
		                                      "salt", desk_json_base64(entries[i].salt, sizeof entries[i].salt),
		                                      "record", desk_json_bytes(entries[i].record),
		                                      "inclusion", desk_json_hashes(proof->inclusion[i])));
	json_object_set_new(answer, "entries", list);
	json_object_set_new(answer, "checkpoint", json_string(proof->note));
	json_object_set_new(answer, "consistency",
	                    proof->consistency != NULL ? desk_json_hashes(proof->consistency) : json_null());
}
