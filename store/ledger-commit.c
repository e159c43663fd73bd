/* SPDX-License-Identifier: ISC */
/* A group of jobs as one commit, in the order of FORMATS: custody.db, vault, register.db. */
#include <sodium.h>
#include <string.h>

#include "base/log.h"
#include "store/ledger-private.h"

#define CLOCK_BEHIND (5 * 60 * (gint64)G_USEC_PER_SEC)
#define CLOCK_AHEAD (36 * 3600 * (gint64)G_USEC_PER_SEC)

void ledger_step(const char *name)
{
	if (ledger_test_step != NULL)
		ledger_test_step(name);
}

/* --- the clock ---------------------------------------------------------------------------------------------------- */

/* What is wrong with the clock, or NULL. A leap ahead can be told from a quiet week only while this process runs: since
 * its last entry the clock may not have gained more than 36 hours on the one that never leaps. */
static char *clock_fault(const Ledger *ledger, gint64 now, gint64 uptime)
{
	if (now < ledger->last_time - CLOCK_BEHIND)
		return g_strdup_printf("the clock is %" G_GINT64_FORMAT " seconds behind the last entry: set it right",
		                       (ledger->last_time - now) / G_USEC_PER_SEC);
	gint64 gained = now - ledger->seen_now - (uptime - ledger->seen_uptime);
	if (ledger->seen_now != 0 && gained > CLOCK_AHEAD)
		return g_strdup_printf("the clock leapt %" G_GINT64_FORMAT
		                       " hours ahead: set it right, or restart senim-registrar if it is right now",
		                       gained / G_USEC_PER_SEC / 3600);
	return NULL;
}

/* Entry times never run backwards: within the five minutes the last entry's moment stands once more. */
static gboolean take_time(Ledger *ledger, gint64 *moment, GError **error)
{
	gint64 now = ledger->now();
	char *fault = clock_fault(ledger, now, ledger->uptime());
	if (fault != NULL) {
		if (ledger->clock_fault == NULL)
			ledger->clock_since = ledger->uptime();
		if (ledger->clock_fault == NULL)
			log_warning("%s: %s; mail is put off until then", ledger->mailbox, fault);
		ledger_fail(error, LEDGER_ERROR_CLOCK, "%s", fault);
		g_free(ledger->clock_fault);
		ledger->clock_fault = fault;
		return FALSE;
	}
	*moment = MAX(now, ledger->last_time);
	return TRUE;
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

GBytes *ledger_record_octets(EntryKind kind, const Record *record, GError **error)
{
	const RecordField *schema = entry_schema(kind);
	gsize size;
	if (schema != NULL && !record_check(record, schema, error))
		return NULL;
	char *text = record_write(record, &size);
	GBytes *octets = size <= RECORD_MAX ? bundle_secret_bytes(text, size) : NULL;
	sodium_memzero(text, size);
	g_free(text);
	if (octets == NULL)
		ledger_fail(error, LEDGER_ERROR_FORM, "a record of %" G_GSIZE_FORMAT " octets: %d are the most", size,
		            RECORD_MAX);
	return octets;
}

static gboolean keep_node(guint level, guint64 index, const guint8 hash[MERKLE_HASH], gpointer user, GError **error)
{
	LedgerGroup *group = user;
	LedgerNode node = {.level = level, .index = index};
	(void)error;
	memcpy(node.hash, hash, MERKLE_HASH);
	g_array_append_val(group->nodes, node);
	return TRUE;
}

static gboolean insert_opening(LedgerGroup *group, guint64 seq, const Entry *entry, const guint8 salt[ENTRY_SALT],
                               GBytes *record, GError **error)
{
	gsize size;
	const void *octets = g_bytes_get_data(record, &size);
	g_autofree guint8 *plain = g_malloc(ENTRY_SALT + size);
	memcpy(plain, salt, ENTRY_SALT);
	if (size > 0)
		memcpy(plain + ENTRY_SALT, octets, size);
	g_autoptr(GBytes) sealed = ledger_seal(group->ledger, CUSTODY_OPENING, "opening", seq, plain, ENTRY_SALT + size);
	sodium_memzero(plain, ENTRY_SALT + size);
	const void *blob = g_bytes_get_data(sealed, &size);
	return database_run(group->ledger->custody, error, "INSERT INTO opening(seq, sealed, blob) VALUES(?, ?, ?)", "iib",
	                    (gint64)seq, (gint64)((entry->flags & ENTRY_FLAG_SEALED) != 0), blob, size);
}

gboolean ledger_group_add(LedgerGroup *group, const Entry *template, GBytes *record, LedgerEntry *result,
                          GError **error)
{
	Entry entry = *template;
	LedgerNew new = {.is_case = FALSE};
	guint8 salt[ENTRY_SALT];
	gsize size;
	const void *octets = g_bytes_get_data(record, &size);
	entry.seq = group->tree.size;
	entry.time = group->now / LEDGER_DAY_US * ENTRY_DAY;
	randombytes_buf(salt, sizeof salt);
	entry_commit(salt, octets, size, entry.commitment);
	entry_encode(&entry, new.data);
	entry_leaf(new.data, new.leaf);
	if (!insert_opening(group, entry.seq, &entry, salt, record, error) ||
	    !merkle_append(&group->tree, new.leaf, keep_node, group, error))
		return FALSE;
	g_array_append_val(group->entries, new);
	if (result != NULL) {
		result->seq = entry.seq;
		memcpy(result->entry, new.data, ENTRY_SIZE);
		memcpy(result->salt, salt, sizeof salt);
		result->record = g_bytes_ref(record);
	}
	return TRUE;
}

/* The clock was wrong and is right again: the register says so before it says anything else. */
static gboolean add_clock_incident(LedgerGroup *group, GError **error)
{
	Ledger *ledger = group->ledger;
	if (ledger->clock_fault == NULL)
		return TRUE;
	const char *details[] = {ledger->clock_fault};
	gint64 lasted = MAX(ledger->uptime() - ledger->clock_since, 0);
	const LedgerIncident incident = {.what = "clock",
	                                 .from = group->now - lasted,
	                                 .to = group->now,
	                                 .refused = (guint64)ledger->clock_refused,
	                                 .details = details,
	                                 .n_details = 1};
	return ledger_incident_add(group, &incident, NULL, error);
}

/* --- the three stores --------------------------------------------------------------------------------------------- */

/* Within the transaction: what the group means to do, so that a start can tell how far it came. */
static gboolean write_head(LedgerGroup *group, GError **error)
{
	return database_run(group->ledger->custody, error, "UPDATE head SET before=?, root=?, after=?, time=?", "ibii",
	                    (gint64)group->before, group->before_root, sizeof group->before_root, (gint64)group->tree.size,
	                    group->now);
}

/* The last group is committed: what waited for that may go now. */
static gboolean forget_done(LedgerGroup *group, GError **error)
{
	Database *custody = group->ledger->custody;
	return database_run(custody, error, "DELETE FROM outbox WHERE done < ?", "i", (gint64)group->before) &&
	       database_run(custody, error, "DELETE FROM notice WHERE ended < ?", "i", (gint64)group->before);
}

static gboolean apply_all(LedgerGroup *group, GError **error)
{
	for (guint i = 0; i < group->jobs->len; i++) {
		LedgerJob *job = group->jobs->pdata[i];
		if (job->error == NULL && !job->apply(group, job, error))
			return FALSE;
		ledger_translate(&job->error);
	}
	return TRUE;
}

static gboolean write_custody(LedgerGroup *group, gboolean time_is_known, GError **error)
{
	Database *custody = group->ledger->custody;
	ledger_step("custody begins");
	if (!database_begin(custody, error))
		return FALSE;
	if (!forget_done(group, error) || (time_is_known && (!ledger_days_forget(group->ledger, group->now, error) || !ledger_queue_forget(group->ledger, group->now, error))))
		return FALSE;
	/* An incident alone is no reason to commit; it comes with the first entry after it. */
	gboolean appends = FALSE;
	for (guint i = 0; i < group->jobs->len; i++) {
		const LedgerJob *job = group->jobs->pdata[i];
		appends = appends || (job->appends && job->error == NULL);
	}
	if (appends && !add_clock_incident(group, error))
		return FALSE;
	if (!apply_all(group, error))
		return FALSE;
	if (group->entries->len > 0 && !write_head(group, error))
		return FALSE;
	ledger_step("custody commits");
	if (!database_commit(custody, error)) {
		group->ledger->lost = TRUE;
		return FALSE;
	}
	ledger_step("custody has committed");
	return TRUE;
}

static gboolean write_vault(LedgerGroup *group, GError **error)
{
	Vault *vault = group->ledger->vault;
	for (guint i = 0; i < group->links->len; i++) {
		const LedgerLink *link = &g_array_index(group->links, LedgerLink, i);
		ledger_step("vault names");
		if (!vault_link(vault, link->fd, link->case_id, error))
			return FALSE;
	}
	if (group->links->len == 0)
		return TRUE;
	ledger_step("vault syncs");
	return vault_sync(vault, error);
}

static gboolean insert_entries(LedgerGroup *group, GError **error)
{
	Database *books = group->ledger->books;
	for (guint i = 0; i < group->entries->len; i++) {
		const LedgerNew *new = &g_array_index(group->entries, LedgerNew, i);
		gint64 seq = (gint64)(group->before + i);
		if (!database_run(books, error, "INSERT INTO entry(seq, data, leaf) VALUES(?, ?, ?)", "ibb", seq, new->data,
		                  sizeof new->data, new->leaf, sizeof new->leaf))
			return FALSE;
		if (new->is_case && !database_run(books, error, "INSERT INTO \"case\"(seq, id) VALUES(?, ?)", "ib", seq,
		                                  new->case_id, sizeof new->case_id))
			return FALSE;
	}
	for (guint i = 0; i < group->fresh->len; i++) {
		const LedgerFresh *fresh = &g_array_index(group->fresh, LedgerFresh, i);
		if (!database_run(books, error, "INSERT INTO resealed(seq, part, of, id) VALUES(?, ?, ?, ?)", "iiib",
		                  (gint64)fresh->object.seq, (gint64)fresh->part, (gint64)fresh->of, fresh->object.id,
		                  sizeof fresh->object.id))
			return FALSE;
	}
	for (guint i = 0; i < group->cosignatures->len; i++) {
		const LedgerCosignature *cosignature = &g_array_index(group->cosignatures, LedgerCosignature, i);
		if (!ledger_cosignature_insert(group->ledger, cosignature->size, cosignature->key, cosignature->line, error))
			return FALSE;
	}
	for (guint i = 0; i < group->nodes->len; i++) {
		const LedgerNode *node = &g_array_index(group->nodes, LedgerNode, i);
		if (!database_run(books, error, "INSERT INTO node(level, ix, hash) VALUES(?, ?, ?)", "iib", (gint64)node->level,
		                  (gint64)node->index, node->hash, sizeof node->hash))
			return FALSE;
	}
	return TRUE;
}

/* The moment of registration. *note: the checkpoint that holds the group. */
static gboolean write_register(LedgerGroup *group, char **note, GError **error)
{
	Ledger *ledger = group->ledger;
	guint8 root[MERKLE_HASH];
	merkle_root(&group->tree, root);
	g_autofree char *text = note_checkpoint(ledger->origin, group->tree.size, root);
	*note = note_sign(text, ledger->signer, error);
	ledger_step("register begins");
	if (*note == NULL || !database_begin(ledger->books, error) || !insert_entries(group, error) ||
	    !database_run(ledger->books, error, "INSERT INTO checkpoint(size, note) VALUES(?, ?)", "it",
	                  (gint64)group->tree.size, *note))
		return FALSE;
	ledger_step("register commits");
	gboolean done = database_commit(ledger->books, error);
	ledger_step("register has committed");
	return done;
}

/* --- the group ---------------------------------------------------------------------------------------------------- */

static void adopt(LedgerGroup *group, char *note)
{
	Ledger *ledger = group->ledger;
	ledger->tree = group->tree;
	g_free(ledger->note);
	ledger->note = note;
	if (group->people != NULL)
		ledger_people_adopt(ledger, g_steal_pointer(&group->people));
	ledger->last_time = group->now;
	ledger->seen_now = ledger->now();
	ledger->seen_uptime = ledger->uptime();
	ledger->clock_refused = 0;
	g_clear_pointer(&ledger->clock_fault, g_free);
	g_mutex_lock(&ledger->mutex);
	ledger->size = group->tree.size;
	g_mutex_unlock(&ledger->mutex);
}

static gboolean run_group(LedgerGroup *group, gboolean time_is_known, GError **error)
{
	Ledger *ledger = group->ledger;
	ledger->settled = FALSE;
	if (!write_custody(group, time_is_known, error)) {
		database_rollback(ledger->custody);
		return FALSE;
	}
	if (group->entries->len == 0)
		return TRUE;
	char *note = NULL;
	if (!write_vault(group, error) || !write_register(group, &note, error)) {
		/* custody.db names entries that the register may or may not have: only looking tells. */
		ledger->lost = TRUE;
		g_free(note);
		return FALSE;
	}
	adopt(group, note);
	return TRUE;
}

static void group_init(LedgerGroup *group, Ledger *ledger, GPtrArray *jobs)
{
	memset(group, 0, sizeof *group);
	group->ledger = ledger;
	group->jobs = jobs;
	group->before = ledger->tree.size;
	group->tree = ledger->tree;
	merkle_root(&ledger->tree, group->before_root);
	group->entries = g_array_new(FALSE, FALSE, sizeof(LedgerNew));
	group->nodes = g_array_new(FALSE, FALSE, sizeof(LedgerNode));
	group->links = g_array_new(FALSE, FALSE, sizeof(LedgerLink));
	group->fresh = g_array_new(FALSE, FALSE, sizeof(LedgerFresh));
	group->cosignatures = g_array_new(FALSE, FALSE, sizeof(LedgerCosignature));
}

static void group_clear(LedgerGroup *group)
{
	g_array_unref(group->entries);
	g_array_unref(group->nodes);
	g_array_unref(group->links);
	g_array_unref(group->fresh);
	g_array_unref(group->cosignatures);
	people_unref(group->people);
}

/* The jobs that are not refused already hear that the group failed. */
static void fail_jobs(GPtrArray *jobs, const GError *error, gboolean appending_only)
{
	for (guint i = 0; i < jobs->len; i++) {
		LedgerJob *job = jobs->pdata[i];
		if (job->error == NULL && (job->appends || !appending_only))
			job->error = g_error_copy(error);
	}
}

static guint count_appending(const GPtrArray *jobs)
{
	guint n = 0;
	for (guint i = 0; i < jobs->len; i++)
		n += ((const LedgerJob *)jobs->pdata[i])->appends;
	return n;
}

static void spare_the_wal(Ledger *ledger)
{
	g_autoptr(GError) error = NULL;
	if ((database_wal_pages(ledger->custody) > LEDGER_WAL_PAGES &&
	     !database_checkpoint(ledger->custody, FALSE, &error)) ||
	    (database_wal_pages(ledger->books) > LEDGER_WAL_PAGES && !database_checkpoint(ledger->books, FALSE, &error)))
		log_warning("%s", error->message);
}

/* What it put out of use goes at once; where a disk refuses that, when the writer is idle, or at the next start. */
static void destroy_outlived(LedgerGroup *group)
{
	g_autoptr(GError) error = NULL;
	gboolean any = group->fresh->len > 0 || group->erases;
	group->ledger->outlived = group->ledger->outlived || any;
	if (any && !ledger_outlived_destroy(group->ledger, &error))
		log_warning("%s: what was erased or sealed anew lies there in its old state too: %s", group->ledger->mailbox, error->message);
}

void ledger_commit(Ledger *ledger, GPtrArray *jobs)
{
	LedgerGroup group;
	g_autoptr(GError) error = NULL, clock = NULL;
	if (ledger->lost && !ledger_look_again(ledger, &error)) {
		fail_jobs(jobs, error, FALSE);
		return;
	}
	group_init(&group, ledger, jobs);
	gboolean time_is_known = take_time(ledger, &group.now, &clock);
	if (!time_is_known) {
		ledger->clock_refused += count_appending(jobs);
		fail_jobs(jobs, clock, TRUE);
	}
	if (run_group(&group, time_is_known, &error)) {
		destroy_outlived(&group);
		spare_the_wal(ledger);
	} else {
		/* Keys of days that were made within the transaction went with it. */
		ledger_day_keys_drop(ledger);
		fail_jobs(jobs, error, FALSE);
		log_warning("%s: %s", ledger->mailbox, error->message);
	}
	group_clear(&group);
}

gboolean ledger_commit_first(Ledger *ledger, EntryKind kind, const Record *record, GError **error)
{
	LedgerGroup group;
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GBytes) octets = ledger_record_octets(kind, record, error);
	if (octets == NULL)
		return FALSE;
	group_init(&group, ledger, none);
	group.now = ledger->now(); /* once: a clock that is set back meanwhile must not bring a time before the last */
	group.now = MAX(group.now, ledger->last_time);
	char *note = NULL;
	const Entry entry = {.kind = (guint16)kind, .concerns = ENTRY_NOTHING};
	gboolean done = database_begin(ledger->custody, error) && ledger_group_add(&group, &entry, octets, NULL, error) &&
	                write_head(&group, error) && database_commit(ledger->custody, error) &&
	                write_register(&group, &note, error);
	if (done)
		adopt(&group, note);
	else
		g_free(note);
	group_clear(&group);
	return done;
}
