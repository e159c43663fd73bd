/* SPDX-License-Identifier: ISC */
#include "store/ledger.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "store/ledger-private.h"

G_DEFINE_QUARK(senim-ledger-error, ledger_error)

void (*ledger_test_step)(const char *step);

/* --- errors ------------------------------------------------------------------------------------------------------- */

gboolean ledger_fail(GError **error, LedgerError code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (error != NULL)
		*error = g_error_new_valist(LEDGER_ERROR, (gint)code, format, ap);
	va_end(ap);
	return FALSE;
}

gboolean ledger_refuse(LedgerJob *job, LedgerError code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	job->error = g_error_new_valist(LEDGER_ERROR, (gint)code, format, ap);
	va_end(ap);
	return TRUE;
}

void ledger_translate(GError **error)
{
	if (error == NULL || *error == NULL || (*error)->domain == LEDGER_ERROR)
		return;
	LedgerError code = LEDGER_ERROR_DATABASE;
	if (g_error_matches(*error, VAULT_ERROR, VAULT_ERROR_MISSING))
		code = LEDGER_ERROR_NOT_FOUND;
	else if ((*error)->domain == VAULT_ERROR)
		code = LEDGER_ERROR_VAULT;
	else if ((*error)->domain == RECORD_ERROR)
		code = LEDGER_ERROR_FORM;
	(*error)->domain = LEDGER_ERROR;
	(*error)->code = (gint)code;
}

/* --- the object --------------------------------------------------------------------------------------------------- */

static gint64 boot_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

Ledger *ledger_new(const LedgerOptions *options, GError **error)
{
	Ledger *ledger = g_new0(Ledger, 1);
	ledger->directory = g_strdup(options->directory);
	ledger->mailbox = g_strdup(options->mailbox);
	ledger->origin = g_strdup(options->origin);
	memcpy(ledger->store_id, options->store_id, sizeof ledger->store_id);
	ledger->custody_key = options->custody;
	ledger->signer = options->signer;
	ledger->zone = g_time_zone_ref(options->zone);
	ledger->now = options->now != NULL ? options->now : g_get_real_time;
	ledger->uptime = options->uptime != NULL ? options->uptime : options->now != NULL ? options->now : boot_time;
	ledger->directory_fd = -1;
	ledger->settled = TRUE;
	g_mutex_init(&ledger->mutex);
	g_cond_init(&ledger->wake);
	g_queue_init(&ledger->writing);
	g_queue_init(&ledger->reading);
	g_autofree char *line = note_signer_verifier(options->signer);
	ledger->verifier = note_verifier_new(line, error);
	if (ledger->verifier == NULL || sodium_init() < 0 ||
	    strcmp(note_signer_name(options->signer), options->origin) != 0) {
		if (error != NULL && *error == NULL)
			ledger_fail(error, LEDGER_ERROR_FORM, "the signing key is not named after the log %s", options->origin);
		ledger_free(ledger);
		return NULL;
	}
	return ledger;
}

void ledger_free(Ledger *ledger)
{
	if (ledger == NULL)
		return;
	database_close(ledger->books);
	database_close(ledger->custody);
	vault_close(ledger->vault);
	if (ledger->directory_fd >= 0)
		close(ledger->directory_fd);
	ledger_day_keys_drop(ledger);
	g_clear_pointer(&ledger->handing, g_array_unref);
	g_clear_pointer(&ledger->people, people_unref);
	note_verifier_free(ledger->verifier);
	g_time_zone_unref(ledger->zone);
	g_mutex_clear(&ledger->mutex);
	g_cond_clear(&ledger->wake);
	g_free(ledger->clock_fault);
	g_free(ledger->note);
	g_free(ledger->directory);
	g_free(ledger->mailbox);
	g_free(ledger->origin);
	g_free(ledger);
}

/* --- the writer --------------------------------------------------------------------------------------------------- */

/* Takes what waits, and no more than a group may hold. Under the mutex. */
static GPtrArray *take_group(Ledger *ledger)
{
	GPtrArray *jobs = g_ptr_array_new();
	gsize weight = 0;
	while (jobs->len < LEDGER_GROUP_JOBS && !g_queue_is_empty(&ledger->writing)) {
		LedgerJob *job = g_queue_peek_head(&ledger->writing);
		if (jobs->len > 0 && weight + job->weight > LEDGER_GROUP_OCTETS)
			break;
		weight += job->weight;
		g_ptr_array_add(jobs, g_queue_pop_head(&ledger->writing));
	}
	return jobs;
}

/* Under the mutex: the caller that waits may free the job as soon as it is let go. */
static void finish(LedgerJob *job)
{
	job->done = TRUE;
	g_cond_signal(&job->finished);
}

/* Who is about to hand in a report is not pushed aside by the writer's waking up: more of them share a commit. But a batch
 * thread takes a processor from nobody, and waits for the clock's next tick (4 ms) where all are taken: once it has a group,
 * and for as long as somebody makes a long list, it is a thread like any other. */
static void let_others_go_first(Ledger *ledger, gboolean yields)
{
	if (yields != ledger->yields)
		process_set_pace(yields ? PROCESS_BATCH : PROCESS_QUICK);
	ledger->yields = yields;
}

static gboolean nobody_reads(const Ledger *ledger)
{
	return g_get_monotonic_time() - ledger->read_at > LEDGER_IDLE;
}

static void write_group(Ledger *ledger)
{
	g_autoptr(GPtrArray) jobs = take_group(ledger);
	g_mutex_unlock(&ledger->mutex);
	let_others_go_first(ledger, FALSE);
	ledger_commit(ledger, jobs);
	let_others_go_first(ledger, nobody_reads(ledger));
	g_mutex_lock(&ledger->mutex);
	for (guint i = 0; i < jobs->len; i++)
		finish(jobs->pdata[i]);
}

/* One slice of a reading job; it goes to the end of the queue where it has more to read. */
static void read_slice(Ledger *ledger)
{
	LedgerJob *job = g_queue_pop_head(&ledger->reading);
	g_mutex_unlock(&ledger->mutex);
	gboolean done = TRUE;
	ledger->read_at = g_get_monotonic_time();
	let_others_go_first(ledger, FALSE);
	if (ledger->lost && !ledger_look_again(ledger, &job->error))
		ledger_translate(&job->error);
	else
		done = job->step(ledger, job);
	g_mutex_lock(&ledger->mutex);
	if (done)
		finish(job);
	else
		g_queue_push_tail(&ledger->reading, job);
}

/* Nobody waits: the WALs are emptied, and what had its time goes. Failing here loses nothing: it is tried again. */
static void rest(Ledger *ledger)
{
	g_mutex_unlock(&ledger->mutex);
	g_autoptr(GError) error = NULL;
	if (!ledger->lost && (!ledger_settle(ledger, &error) || !ledger_sweep(ledger, &error)))
		log_warning("%s", error->message);
	g_mutex_lock(&ledger->mutex);
}

static gpointer writer(gpointer data)
{
	Ledger *ledger = data;
	ledger->read_at = -LEDGER_IDLE;
	let_others_go_first(ledger, TRUE);
	g_mutex_lock(&ledger->mutex);
	gint64 idle_at = g_get_monotonic_time() + LEDGER_IDLE;
	for (;;) {
		if (!g_queue_is_empty(&ledger->writing)) {
			write_group(ledger);
		} else if (!g_queue_is_empty(&ledger->reading)) {
			read_slice(ledger);
		} else if (ledger->closing) {
			break;
		} else {
			if (!g_cond_wait_until(&ledger->wake, &ledger->mutex, idle_at)) {
				rest(ledger);
				idle_at = g_get_monotonic_time() + (ledger->settled ? LEDGER_DAY_US / 24 : LEDGER_IDLE);
			}
			continue;
		}
		idle_at = g_get_monotonic_time() + LEDGER_IDLE;
	}
	g_mutex_unlock(&ledger->mutex);
	ledger_stop(ledger);
	return NULL;
}

gboolean ledger_run(Ledger *ledger, LedgerJob *job, GError **error)
{
	g_cond_init(&job->finished);
	g_mutex_lock(&ledger->mutex);
	if (ledger->closing) {
		ledger_refuse(job, LEDGER_ERROR_CLOSED, "the books are being closed");
		job->done = TRUE;
	} else {
		g_queue_push_tail(job->apply != NULL ? &ledger->writing : &ledger->reading, job);
		g_cond_signal(&ledger->wake);
	}
	while (!job->done)
		g_cond_wait(&job->finished, &ledger->mutex);
	g_mutex_unlock(&ledger->mutex);
	g_cond_clear(&job->finished);
	if (job->error == NULL)
		return TRUE;
	ledger_translate(&job->error);
	g_propagate_error(error, g_steal_pointer(&job->error));
	return FALSE;
}

/* --- open, close, small answers ----------------------------------------------------------------------------------- */

static Ledger *start(const LedgerOptions *options, GError **error)
{
	GError *inner = NULL;
	Ledger *ledger = ledger_new(options, error);
	if (ledger == NULL || ledger_start(ledger, &inner))
		return ledger;
	ledger_translate(&inner);
	g_propagate_error(error, inner);
	ledger_free(ledger);
	return NULL;
}

Ledger *ledger_open(const LedgerOptions *options, GError **error)
{
	g_autoptr(GError) mismatch = NULL;
	Ledger *ledger = start(options, &mismatch);
	if (ledger == NULL && options->continue_after_mismatch &&
	    g_error_matches(mismatch, LEDGER_ERROR, LEDGER_ERROR_MISMATCH)) {
		log_warning("%s", mismatch->message);
		g_clear_error(&mismatch);
		if (ledger_continue(options, &mismatch))
			ledger = start(options, &mismatch);
	}
	if (ledger == NULL) {
		ledger_translate(&mismatch);
		g_propagate_error(error, g_steal_pointer(&mismatch));
		return NULL;
	}
	ledger->thread = g_thread_new("ledger", writer, ledger);
	return ledger;
}

void ledger_close(Ledger *ledger)
{
	if (ledger == NULL)
		return;
	g_mutex_lock(&ledger->mutex);
	ledger->closing = TRUE;
	g_cond_signal(&ledger->wake);
	g_mutex_unlock(&ledger->mutex);
	g_thread_join(ledger->thread);
	ledger_free(ledger);
}

guint64 ledger_size(Ledger *ledger)
{
	g_mutex_lock(&ledger->mutex);
	guint64 size = ledger->size;
	g_mutex_unlock(&ledger->mutex);
	return size;
}

gboolean ledger_takes_reports(Ledger *ledger)
{
	g_mutex_lock(&ledger->mutex);
	gint64 since = g_get_monotonic_time() - ledger->report_at;
	g_mutex_unlock(&ledger->mutex);
	return since < LEDGER_LULL;
}

gboolean ledger_is_tampered(Ledger *ledger)
{
	g_mutex_lock(&ledger->mutex);
	gboolean tampered = ledger->tampered;
	g_mutex_unlock(&ledger->mutex);
	return tampered;
}

int ledger_payload_file(Ledger *ledger, GError **error)
{
	GError *inner = NULL;
	int fd = vault_file(ledger->vault, &inner);
	if (fd < 0) {
		ledger_translate(&inner);
		g_propagate_error(error, inner);
	}
	return fd;
}

Record *ledger_record_copy(const Record *record)
{
	const char *key, *value;
	Record *copy = record_new();
	for (guint i = 0; record_line(record, i, &key, &value); i++)
		record_add(copy, key, value);
	return copy;
}

/* --- sealed rows -------------------------------------------------------------------------------------------------- */

static char *about(const Ledger *ledger, const char *what, guint64 number)
{
	return g_strdup_printf("%s\n%s\n%" G_GUINT64_FORMAT, what, ledger->origin, number);
}

GBytes *ledger_seal(const Ledger *ledger, CustodyPurpose purpose, const char *what, guint64 number, const void *data,
                    gsize size)
{
	g_autofree char *text = about(ledger, what, number);
	return custody_seal(ledger->custody_key, ledger->store_id, purpose, text, strlen(text), data, size);
}

GBytes *ledger_unseal(const Ledger *ledger, CustodyPurpose purpose, const char *what, guint64 number, sqlite3_stmt *row,
                      int column, GError **error)
{
	g_autofree char *text = about(ledger, what, number);
	const void *blob = sqlite3_column_blob(row, column);
	gsize size = (gsize)sqlite3_column_bytes(row, column);
	return custody_open(ledger->custody_key, ledger->store_id, purpose, text, strlen(text), blob, size, error);
}
