/* SPDX-License-Identifier: ISC */
#include "store/entry.h"

#include <sodium.h>
#include <string.h>

#include "base/finding.h"
#include "base/octets.h"

G_DEFINE_QUARK(senim-entry-error, entry_error)

static const char magic[8] = {'S', 'E', 'N', 'I', 'M', 'R', 'G', '1'};
static const char commit_label[] = "senim/commit/1\n";

static const struct {
	const char *name;
	gboolean concerns;
} kinds[] = {
	[ENTRY_PAD] = {"pad", FALSE},
	[ENTRY_BEGUN] = {"begun", FALSE},
	[ENTRY_RECEIVED] = {"received", FALSE},
	[ENTRY_FOLLOWUP] = {"followup", FALSE},
	[ENTRY_RETRY] = {"retry", TRUE},
	[ENTRY_ACKNOWLEDGED] = {"acknowledged", TRUE},
	[ENTRY_WITHHELD] = {"withheld", FALSE},
	[ENTRY_LISTED] = {"listed", FALSE},
	[ENTRY_OPENED] = {"opened", FALSE},
	[ENTRY_REFUSED] = {"refused", FALSE},
	[ENTRY_NOTED] = {"noted", FALSE},
	[ENTRY_STRUCK] = {"struck", TRUE},
	[ENTRY_ASSIGNED] = {"assigned", FALSE},
	[ENTRY_RESOLVED] = {"resolved", FALSE},
	[ENTRY_REPLIED] = {"replied", FALSE},
	[ENTRY_FORWARDED] = {"forwarded", FALSE},
	[ENTRY_REDIRECTED] = {"redirected", FALSE},
	[ENTRY_PRINTED] = {"printed", FALSE},
	[ENTRY_EXPORTED] = {"exported", FALSE},
	[ENTRY_ERASED] = {"erased", TRUE},
	[ENTRY_KEY] = {"key", FALSE},
	[ENTRY_GRANTED] = {"granted", FALSE},
	[ENTRY_WITHHELD_FROM] = {"withheld-from", FALSE},
	[ENTRY_BLOCKED] = {"blocked", FALSE},
	[ENTRY_INCIDENT] = {"incident", FALSE},
	[ENTRY_RESTORED] = {"restored", FALSE},
	[ENTRY_ACCEPTED] = {"accepted", FALSE},
	[ENTRY_RELEASED] = {"released", FALSE},
	[ENTRY_SET_ASIDE] = {"set-aside", FALSE},
	[ENTRY_CLOSED] = {"closed", TRUE},
	[ENTRY_REOPENED] = {"reopened", FALSE},
	[ENTRY_AGREED] = {"agreed", FALSE},
	[ENTRY_CUSTODY] = {"custody", FALSE},
	[ENTRY_DRILL] = {"drill", FALSE},
	[ENTRY_PURGED] = {"purged", FALSE},
	[ENTRY_NOTICE] = {"notice", FALSE},
	[ENTRY_PROLONGED] = {"prolonged", FALSE},
	[ENTRY_HELD] = {"held", FALSE},
	[ENTRY_LINKED] = {"linked", FALSE},
	[ENTRY_LOG_READ] = {"log-read", FALSE},
	[ENTRY_ALLOWED] = {"allowed", FALSE},
	[ENTRY_EXCEEDED] = {"exceeded", FALSE},
	[ENTRY_REGISTER_READ] = {"register-read", FALSE},
	[ENTRY_SHEET] = {"sheet", FALSE},
	[ENTRY_COPIED] = {"copied", FALSE},
	[ENTRY_ARCHIVED] = {"archived", FALSE},
	[ENTRY_TRIED] = {"tried", FALSE},
	[ENTRY_RESEALED] = {"resealed", TRUE},
	[ENTRY_RECEIPT] = {"receipt", FALSE},
	[ENTRY_SPLIT] = {"split", FALSE},
	[ENTRY_ADVISED] = {"advised", FALSE},
	[ENTRY_RECONCILED] = {"reconciled", FALSE},
	[ENTRY_ERASURE] = {"erasure", FALSE},
	[ENTRY_SEARCHED] = {"searched", FALSE},
	[ENTRY_EXTRACTED] = {"extracted", FALSE},
	[ENTRY_REVIEWED] = {"reviewed", FALSE},
	[ENTRY_WITNESSED] = {"witnessed", FALSE},
	[ENTRY_INSPECTED] = {"inspected", FALSE},
};

const char *entry_kind_name(guint kind)
{
	return kind < G_N_ELEMENTS(kinds) ? kinds[kind].name : NULL;
}

gboolean entry_is_casework(guint kind)
{
	static const EntryKind casework[] = {ENTRY_NOTED,    ENTRY_STRUCK, ENTRY_ASSIGNED, ENTRY_RESOLVED, ENTRY_SET_ASIDE, ENTRY_CLOSED,
	                                     ENTRY_REOPENED, ENTRY_HELD,   ENTRY_LINKED,   ENTRY_PROLONGED, ENTRY_REPLIED, ENTRY_ADVISED,
	                                     ENTRY_FORWARDED, ENTRY_ERASURE,  ENTRY_ERASED};
	for (gsize i = 0; i < G_N_ELEMENTS(casework); i++)
		if (casework[i] == kind)
			return TRUE;
	return FALSE;
}

gboolean entry_kind_concerns(guint kind)
{
	return kind < G_N_ELEMENTS(kinds) && kinds[kind].concerns;
}

void entry_encode(const Entry *entry, guint8 out[ENTRY_SIZE])
{
	memcpy(out, magic, sizeof magic);
	octets_put(out + 8, entry->seq, 8);
	octets_put(out + 16, (guint64)entry->time, 8);
	octets_put(out + 24, entry->kind, 2);
	octets_put(out + 26, entry->flags, 2);
	octets_put(out + 28, 0, 4);
	memcpy(out + 32, entry->commitment, ENTRY_HASH);
	memcpy(out + 64, entry->object, ENTRY_HASH);
	octets_put(out + 96, entry->concerns, 8);
}

static gboolean fail_form(GError **error, const char *what)
{
	g_set_error(error, ENTRY_ERROR, ENTRY_ERROR_FORM, "not an entry of a register: %s", what);
	return FALSE;
}

gboolean entry_decode(const guint8 data[ENTRY_SIZE], Entry *entry, GError **error)
{
	if (memcmp(data, magic, sizeof magic) != 0)
		return fail_form(error, "it does not begin with SENIMRG1");
	entry->seq = octets_get(data + 8, 8);
	entry->time = (gint64)octets_get(data + 16, 8);
	entry->kind = (guint16)octets_get(data + 24, 2);
	entry->flags = (guint16)octets_get(data + 26, 2);
	memcpy(entry->commitment, data + 32, ENTRY_HASH);
	memcpy(entry->object, data + 64, ENTRY_HASH);
	entry->concerns = octets_get(data + 96, 8);
	if (entry->time < 0 || entry->time % ENTRY_DAY != 0)
		return fail_form(error, "its time is not a day");
	if ((entry->flags & ~(ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED)) != 0 || octets_get(data + 28, 4) != 0)
		return fail_form(error, "its flags are not those of this format");
	/* An entry can concern only what stands before it. */
	if (entry->concerns != ENTRY_NOTHING && entry->concerns >= entry->seq)
		return fail_form(error, "it concerns an entry that comes later");
	if (entry_kind_name(entry->kind) != NULL && entry_kind_concerns(entry->kind) != (entry->concerns != ENTRY_NOTHING))
		return fail_form(error, "what it concerns does not go with its kind");
	return TRUE;
}

void entry_leaf(const guint8 data[ENTRY_SIZE], guint8 leaf[ENTRY_HASH])
{
	guint8 octets[1 + ENTRY_SIZE] = {0};
	memcpy(octets + 1, data, ENTRY_SIZE);
	crypto_hash_sha256(leaf, octets, sizeof octets);
}

void entry_commit(const guint8 salt[ENTRY_SALT], const void *record, gsize size, guint8 commitment[ENTRY_HASH])
{
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const guint8 *)commit_label, sizeof commit_label - 1);
	crypto_hash_sha256_update(&state, salt, ENTRY_SALT);
	crypto_hash_sha256_update(&state, record, size);
	crypto_hash_sha256_final(&state, commitment);
	sodium_memzero(&state, sizeof state);
}

gboolean entry_verify_commitment(const guint8 data[ENTRY_SIZE], const guint8 salt[ENTRY_SALT], const void *record,
                                 gsize size, GError **error)
{
	guint8 commitment[ENTRY_HASH];
	Entry entry;
	if (!entry_decode(data, &entry, error))
		return FALSE;
	entry_commit(salt, record, size, commitment);
	if (memcmp(commitment, entry.commitment, sizeof commitment) == 0)
		return TRUE;
	g_set_error(error, ENTRY_ERROR, ENTRY_ERROR_COMMITMENT,
	            "the record shown for entry %" G_GUINT64_FORMAT " is not the one that the register committed to",
	            entry.seq);
	return FALSE;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

#define READERS_MAX 64

static const RecordField pad_schema[] = {{NULL, 0, 0}};
static const RecordField begun_schema[] = {
	{"time", 1, 1},    {"store", 1, 1},       {"mailbox", 1, 1},          {"origin", 1, 1},
	{"log-key", 1, 1}, {"custody-key", 1, 1}, {"reader", 1, READERS_MAX}, {NULL, 0, 0},
};
/* BEGUN's lines, then what it goes on from. */
static const RecordField restored_schema[] = {
	{"time", 1, 1},          {"store", 1, 1},
	{"mailbox", 1, 1},       {"origin", 1, 1},
	{"log-key", 1, 1},       {"custody-key", 1, 1},
	{"reader", 1, READERS_MAX},
	{"old-register", 1, 1},  /* entries of the register that was found, or `-` */
	{"old-custody", 1, 1},   /* entries that its custody.db knew of, or `-` */
	{"old-checkpoint", 1, 1}, /* its last signed checkpoint, or `-` */
	{"highest", 0, 4096},    /* "YEAR/N" and "YEAR/X-N": the highest numbers that were found */
	{NULL, 0, 0},
};
static const RecordField retry_schema[] = {{"time", 1, 1}, {"received", 1, 1}, {"case", 1, 1}, {NULL, 0, 0}};
static const RecordField acknowledged_schema[] = {{"time", 1, 1}, {"case", 1, 1}, {"official-date", 0, 1}, {NULL, 0, 0}};
static const RecordField withheld_schema[] = {{"time", 1, 1}, {"case", 1, 1}, {"reason", 1, 1}, {NULL, 0, 0}};
/* The registrar's own has `what` and no officer, an officer's no `what` and a signature, that of whoever keeps the host neither
 * but `host` (store/incident.h). after: the entry of this kind before it, 0: none. */
static const RecordField incident_schema[] = {
	{"time", 1, 1},     {"officer", 0, 1},   {"after", 1, 1},  {"act", 1, 1},     {"what", 0, 1},    {"of", 0, 1},
	{"from", 0, 1},     {"to", 0, 1},        {"how", 0, 1},    {"refused", 0, 1}, {"detail", 0, 64}, {"part", 0, 1},
	{"cause", 0, 1},    {"measures", 0, 1},  {"needed", 0, 1}, {"responsible", 0, 1}, {"host", 0, 1}, {"ground", 0, 1},
	{"known", 0, 1},    {"request", 0, 1},   {"nonce", 0, 1},  {"counter", 0, 1}, {"method", 0, 1},  {"target", 0, 1},
	{"body", 0, 1},     {"signature", 0, 1}, {NULL, 0, 0},
};
/* from, to: the first and last line of the MTA's log; taken: messages that it says it took for the mailbox; of these known: are in
 * the register; missing: are not; past: were delivered or returned without it; early: from before queue ids were kept. */
static const RecordField reconciled_schema[] = {
	{"time", 1, 1},    {"host", 1, 1}, {"from", 1, 1},  {"to", 1, 1},   {"taken", 1, 1},
	{"known", 1, 1}, {"missing", 1, 1}, {"past", 1, 1}, {"early", 1, 1}, {NULL, 0, 0},
};

static const RecordField received_head[] = {
	{"number", 1, 1}, {"case", 1, 1}, {"time", 1, 1}, {"received", 1, 1}, {NULL, 0, 0}};
/* `case` is the message's own id, under which it is sealed; the case that it belongs to is the entry `of`. */
static const RecordField followup_head[] = {
	{"of", 1, 1}, {"previous", 1, 1}, {"case", 1, 1}, {"time", 1, 1}, {"received", 1, 1}, {NULL, 0, 0}};
static const RecordField message_tail[] = {
	{"size", 1, 1},
	{"digest", 1, 1},
	{"card-size", 1, 1},
	{"card-digest", 1, 1},
	{"key-check-body", 1, 1},
	{"key-check-card", 1, 1},
	{"body-check", 1, 1},
	{"reader", 1, READERS_MAX},
	{NULL, 0, 0},
};
/* From `officer` on: of a report that an officer added, what she signed. */
static const RecordField received_end[] = {
	{"letter", 1, 1}, {"letter-reason", 1, 1}, {"officer", 0, 1}, {"commit", 0, 1}, {"ground", 0, 1},  {"known", 0, 1}, {"request", 0, 1},
	{"nonce", 0, 1},  {"counter", 0, 1},       {"method", 0, 1},  {"target", 0, 1}, {"body", 0, 1}, {"signature", 0, 1}, {NULL, 0, 0}};
/* answers: acknowledgement, notice, redirect, letter, or `-` where it names the case and no letter. returned: which letter to
 * law enforcement, or of an officer, a bounce is of, by the entry that queued it. */
static const RecordField followup_end[] = {{"answers", 1, 1}, {"flood", 1, 1}, {"returned", 0, 1}, {NULL, 0, 0}};

#define MESSAGE_FIELDS 64

/* Behind its head the record of a message holds the facts as they came, so the schema grows with theirs. */
static void make_schema(RecordField *schema, const RecordField *head, const RecordField *end)
{
	const RecordField *const parts[] = {head, finding_facts_schema, message_tail, end};
	gsize n = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		for (const RecordField *field = parts[i]; field->key != NULL; field++) {
			g_assert(n + 1 < MESSAGE_FIELDS);
			schema[n++] = *field;
		}
	schema[n] = (RecordField){NULL, 0, 0};
}

static const RecordField *message_schema(guint kind)
{
	static gsize made;
	static RecordField received[MESSAGE_FIELDS], followup[MESSAGE_FIELDS];
	if (g_once_init_enter(&made)) {
		make_schema(received, received_head, received_end);
		make_schema(followup, followup_head, followup_end);
		g_once_init_leave(&made, 1);
	}
	return kind == ENTRY_RECEIVED ? received : followup;
}

gboolean entry_is_message(guint kind)
{
	return kind == ENTRY_RECEIVED || kind == ENTRY_FOLLOWUP;
}

gboolean entry_check_message(const Record *record, GError **error)
{
	return record_check(record, message_schema(record_get(record, "of") != NULL ? ENTRY_FOLLOWUP : ENTRY_RECEIVED), error);
}

/* Key ids of the custody keys (store/custody.h). */
static const RecordField custody_schema[] = {{"time", 1, 1}, {"old", 1, 1}, {"new", 1, 1}, {NULL, 0, 0}};
/* Who brought a share, and the recipient of the practice identity: never that of the real one. */
static const RecordField drill_schema[] = {{"time", 1, 1}, {"holder", 2, 16}, {"recipient", 1, 1}, {NULL, 0, 0}};

/* month: YYYY-MM; the entries from `begin` to `end` - 1 are in it; manifest: Digest of its manifest. damage: what was found wrong with the
 * months before it. */
static const RecordField archived_schema[] = {{"time", 1, 1}, {"month", 1, 1},    {"begin", 1, 1},   {"end", 1, 1},
                                              {"manifest", 1, 1}, {"damage", 0, 64}, {NULL, 0, 0}};
/* source: archive or backup; opened-by: sheet, recovery or host; upto: entries that were restored. */
static const RecordField tried_schema[] = {{"time", 1, 1}, {"source", 1, 1},   {"opened-by", 1, 1},
                                           {"upto", 1, 1}, {"payloads", 1, 1}, {NULL, 0, 0}};

/* of `case` the message (its entry) became the case `to`, in the same commit; what the officer signed stands in that one's RECEIVED. */
static const RecordField split_schema[] = {{"time", 1, 1}, {"officer", 1, 1}, {"case", 1, 1}, {"message", 1, 1}, {"to", 1, 1}, {NULL, 0, 0}};

/* `told`: arrival, step (or about, of an alarm), role, to, and of = the entry whose letter speaks for this one too, or 0.
 * `sent`, `unsent`: of, reason. Without a case, step and about somebody is told of a person (store/notices.h),
 * with hour at one of notice-hours (store/reminders.h), with alarm and state who keeps the host (store/alarms.h). */
static const RecordField notice_schema[] = {{"time", 1, 1},  {"case", 0, 1}, {"act", 1, 1}, {"arrival", 0, 1}, {"step", 0, 1},
                                            {"about", 0, 1}, {"hour", 0, 1},  {"alarm", 0, 1}, {"state", 0, 1}, {"role", 0, 1},
                                            {"to", 0, 1},    {"of", 1, 1},    {"reason", 0, 1},
                                            {NULL, 0, 0}};

/* `asked`: trustee, old and size: from what size on which checkpoint went to him; `sent`, `unsent`: of, reason; `confirmed`:
 * trustee, size, at (POSIX seconds by his clock), key (its id) and line, the cosignature (C2SP tlog-cosignature); `returned`:
 * trustee, of = the entry `asked` whose mail came back. */
static const RecordField witnessed_schema[] = {{"time", 1, 1}, {"act", 1, 1}, {"trustee", 0, 1}, {"old", 0, 1},    {"of", 0, 1}, {"reason", 0, 1},
                                               {"size", 0, 1}, {"at", 0, 1},  {"key", 0, 1},     {"line", 0, 1}, {NULL, 0, 0}};
/* What of a message outlives it, and by which order it went. of: the ERASURE entry of the order; scope: case or message. From `case-id`
 * to `named` the message's own lines as they were, `case` and `time` of which are called case-id and entered here. texts: entries of
 * the case whose sealed texts went, several to a line; with the first message of a group alone. */
static const RecordField erased_schema[] = {
	{"time", 1, 1},    {"officer", 1, 1},  {"case", 1, 1},     {"after", 1, 1},    {"of", 1, 1},      {"scope", 1, 1},
	{"order", 1, 1},   {"dated", 1, 1},    {"digest", 1, 1},   {"case-id", 1, 1},  {"entered", 1, 1}, {"received", 1, 1},
	{"number", 0, 1},  {"previous", 0, 1}, {"channel", 0, 1},  {"called", 0, 1},   {"automatic", 0, 1}, {"answers", 0, 1},
	{"flood", 0, 1},   {"returned", 0, 1}, {"letter", 0, 1},   {"letter-reason", 0, 1}, {"named", 0, 192}, {"texts", 0, 4096},
	{NULL, 0, 0},
};

const RecordField *entry_schema(guint kind)
{
	switch (kind) {
	case ENTRY_PAD:
		return pad_schema;
	case ENTRY_BEGUN:
		return begun_schema;
	case ENTRY_RESTORED:
		return restored_schema;
	case ENTRY_RECEIVED:
	case ENTRY_FOLLOWUP:
		return message_schema(kind);
	case ENTRY_RETRY:
		return retry_schema;
	case ENTRY_ACKNOWLEDGED:
		return acknowledged_schema;
	case ENTRY_WITHHELD:
		return withheld_schema;
	case ENTRY_INCIDENT:
		return incident_schema;
	case ENTRY_CUSTODY:
		return custody_schema;
	case ENTRY_DRILL:
		return drill_schema;
	case ENTRY_NOTICE:
		return notice_schema;
	case ENTRY_ARCHIVED:
		return archived_schema;
	case ENTRY_TRIED:
		return tried_schema;
	case ENTRY_SPLIT:
		return split_schema;
	case ENTRY_WITNESSED:
		return witnessed_schema;
	case ENTRY_RECONCILED:
		return reconciled_schema;
	case ENTRY_ERASED:
		return erased_schema;
	default:
		return NULL;
	}
}
