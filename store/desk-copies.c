/* SPDX-License-Identifier: ISC */
/* Targets of the desk by which copies outside of the store are entered: pages that were printed, receipts,
 * exports that were destroyed. What was taken out is an OPENED entry with the act `export` or `print` already. */
#include "store/desk-act.h"
#include "store/desk-json.h"
#include "store/desk-letters.h"

#define SHEETS_MAX 10000
#define PURGED_MAX 1000

/* Before a page leaves: the number of this copy is the writer's to give, so that two officers never print the same one. */
static void serve_printed(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	json_int_t sheets;
	g_auto(DeskPlace) place = {0};
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &fields, reply, "{s:I}", "sheets", &sheets))
		return;
	if (sheets < 1 || sheets > SHEETS_MAX) {
		desk_place_fail_form(reply, "A copy has 1 to 10000 sheets.");
		return;
	}
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, fields.mailbox, fields.seq, &place, reply);
	if (c == NULL || !desk_place_is_there(&place, c->seq, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	record_add_uint(record, "sheets", (guint64)sheets);
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_PRINTED, .record = record, .case_seq = c->seq, .copy = TRUE};
	desk_act_finish(call, &place, &act, &fields, reply);
	if (reply->status == 200) {
		g_autofree char *copy = desk_act_committed(reply, "copy");
		json_object_set_new(reply->json, "copy", copy != NULL ? json_string(copy) : json_null());
	}
}

static gboolean is_yes_or_no(const char *word)
{
	return strcmp(word, "yes") == 0 || strcmp(word, "no") == 0;
}

/* A receipt for whoever reported: the proof of the report's own entry, which her program writes into a file. Where she sends
 * it her program has the proof already, of the card that it opened for the address: this entry is of what left. */
static void serve_receipt(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	g_auto(DeskPlace) place = {0};
	g_auto(DeskLetter) letter = {0};
	const char *bare, *text;
	json_t *asked, *despite;
	if (!desk_act_read(call, DESK_ACT_OF_CASE, &fields, reply, "{s:s, s:s, s:o, s:o}", "bare", &bare, "text", &text, "despite",
	                   &despite, "letter", &asked) ||
	    !desk_letters_check_despite(despite, reply))
		return;
	if (!is_yes_or_no(bare) || !is_yes_or_no(text) || (strcmp(bare, "yes") == 0 && strcmp(text, "yes") == 0)) {
		desk_place_fail_form(reply, "A receipt is bare, or has the check key of the text, or neither.");
		return;
	}
	if (!desk_letters_take(call, fields.mailbox, asked, &letter, reply))
		return;
	g_autoptr(LedgerCase) c = desk_place_enter_case(call, fields.mailbox, fields.seq, &place, reply);
	if (c == NULL || !desk_place_is_there(&place, c->seq, reply) ||
	    (letter.record != NULL && !desk_letters_check_safe(c, despite, reply)))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	record_add_uint(record, "case", c->seq);
	record_add(record, "bare", bare);
	record_add(record, "names-text", text);
	desk_letters_add_despite(despite, record);
	record_add(record, "letter", letter.record != NULL ? "queued" : "-");
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_RECEIPT, .record = record, .case_seq = c->seq};
	desk_letters_queue(call, &letter, &act);
	desk_act_finish_with(call, &place, &act, &fields, c->seq, reply);
	if (reply->status == 200)
		desk_place_add_witnessed(&place, c->seq, reply->json);
}

static gboolean read_exports(const json_t *exports, DeskReply *reply)
{
	gsize n = json_array_size(exports);
	gboolean good = n >= 1 && n <= PURGED_MAX;
	for (gsize i = 0; good && i < n; i++)
		good = json_is_integer(json_array_get(exports, i)) && json_integer_value(json_array_get(exports, i)) > 0;
	return good || desk_place_fail_form(reply, "Exports are named by 1 to 1000 numbers of entries.");
}

/* By which something went into a file of hers. */
static gboolean is_export(guint kind, const Record *record)
{
	const char *act = record_get(record, "act");
	return kind == ENTRY_EXTRACTED || (kind == ENTRY_INSPECTED && g_strcmp0(act, "made") == 0) ||
	       ((kind == ENTRY_OPENED || kind == ENTRY_REGISTER_READ) && g_strcmp0(act, "export") == 0);
}

/* Each must be an export of hers: nobody declares another's copies destroyed. */
static gboolean are_hers(const DeskPlace *place, const json_t *exports, DeskReply *reply)
{
	for (gsize i = 0; i < json_array_size(exports); i++) {
		Entry entry;
		g_autoptr(Record) record =
			desk_place_own_entry(place, (guint64)json_integer_value(json_array_get(exports, i)), G_MAXINT64, &entry);
		if (record == NULL || !is_export(entry.kind, record)) {
			desk_acts_deny(reply, 404, "no-export", "There is no export of yours with that entry.");
			return FALSE;
		}
	}
	return TRUE;
}

static void serve_purged(const DeskCall *call, DeskReply *reply)
{
	g_auto(DeskActFields) fields = {0};
	json_t *exports;
	g_auto(DeskPlace) place = {0};
	if (!desk_act_read(call, DESK_ACT_OF_MAILBOX | DESK_ACT_OWN_GROUND, &fields, reply, "{s:o}", "exports", &exports) ||
	    !read_exports(exports, reply) || !desk_place_enter_named(call, fields.mailbox, &place, reply) ||
	    !are_hers(&place, exports, reply))
		return;
	g_autoptr(Record) record = desk_act_record(call);
	for (gsize i = 0; i < json_array_size(exports); i++)
		record_add_uint(record, "export", (guint64)json_integer_value(json_array_get(exports, i)));
	desk_act_sign_off(record, call, &fields);
	LedgerAct act = {.kind = ENTRY_PURGED, .record = record};
	desk_act_finish(call, &place, &act, &fields, reply);
}

const DeskAct desk_copies_acts[] = {
	{"/v1/printed", TRUE, serve_printed},
	{"/v1/purged", TRUE, serve_purged},
	{"/v1/receipt", TRUE, serve_receipt},
	{0},
};
