/* SPDX-License-Identifier: ISC */
/* The MTA's queue ids, keyed: a database without its custody key cannot be laid beside the MTA's log. */
#include <sodium.h>
#include <string.h>

#include "store/ledger-private.h"

#define LABEL "senim/queue/1\n"
#define KEY 32

/* The key of a day (days since 1970). 1: there is one; 0: none; -1: *error. */
static int read_key(Ledger *ledger, gint64 day, guint8 key[KEY], GError **error)
{
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT key FROM queue_day WHERE day=?", "i", day);
	int found = row != NULL ? database_next(ledger->custody, row, error) : -1;
	if (found != 1)
		return found;
	g_autoptr(GBytes) plain = ledger_unseal(ledger, CUSTODY_OPENING, "queue", (guint64)day, row, 0, error);
	database_done(row);
	if (plain == NULL)
		return -1;
	if (g_bytes_get_size(plain) != KEY) {
		ledger_fail(error, LEDGER_ERROR_DATABASE, "the key of a day's queue ids is of another size");
		return -1;
	}
	memcpy(key, g_bytes_get_data(plain, NULL), KEY);
	return 1;
}

static gboolean make_key(Ledger *ledger, gint64 day, guint8 key[KEY], GError **error)
{
	gsize size;
	randombytes_buf(key, KEY);
	g_autoptr(GBytes) sealed = ledger_seal(ledger, CUSTODY_OPENING, "queue", (guint64)day, key, KEY);
	const void *blob = g_bytes_get_data(sealed, &size);
	return database_run(ledger->custody, error, "INSERT INTO queue_day(day, key) VALUES(?, ?)", "ib", day, blob, size);
}

static void authenticate(const guint8 key[KEY], const char *id, guint8 mac[32])
{
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, key, KEY);
	crypto_auth_hmacsha256_update(&state, (const guint8 *)LABEL, strlen(LABEL));
	crypto_auth_hmacsha256_update(&state, (const guint8 *)id, strlen(id));
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof state);
}

gboolean ledger_queue_remember(LedgerGroup *group, const char *queue_id, GError **error)
{
	Ledger *ledger = group->ledger;
	gint64 day = group->now / LEDGER_DAY_US;
	guint8 key[KEY], mac[32];
	if (queue_id == NULL)
		return TRUE;
	int found = read_key(ledger, day, key, error);
	if (found < 0 || (found == 0 && !make_key(ledger, day, key, error)))
		return FALSE;
	authenticate(key, queue_id, mac);
	sodium_memzero(key, sizeof key);
	/* A message to the same mailbox twice, or an id that an MTA gave again on one day: it is known, once. */
	return database_run(ledger->custody, error, "INSERT OR IGNORE INTO queue(day, mac) VALUES(?, ?)", "ib", day, mac, sizeof mac);
}

gboolean ledger_queue_forget(Ledger *ledger, gint64 now, GError **error)
{
	gint64 first = now / LEDGER_DAY_US - LEDGER_QUEUE_DAYS, oldest;
	if (!database_number(ledger->custody, error, &oldest, G_MAXINT64, "SELECT min(day) FROM queue_day", ""))
		return FALSE;
	return oldest >= first || (database_run(ledger->custody, error, "DELETE FROM queue_day WHERE day < ?", "i", first) &&
	                           database_run(ledger->custody, error, "DELETE FROM queue WHERE day < ?", "i", first));
}

typedef struct {
	LedgerJob job;
	LedgerQueued *ids;
	guint n, at;
} LookJob;

static gboolean look_on(Ledger *ledger, LedgerQueued *queued, gint64 day, GError **error)
{
	guint8 key[KEY], mac[32];
	gint64 found;
	int there = read_key(ledger, day, key, error);
	if (there != 1)
		return there == 0;
	authenticate(key, queued->id, mac);
	sodium_memzero(key, sizeof key);
	if (!database_number(ledger->custody, error, &found, 0, "SELECT count(*) FROM queue WHERE day=? AND mac=?", "ib", day, mac, sizeof mac))
		return FALSE;
	queued->known = queued->known || found > 0;
	return TRUE;
}

/* The moment in a log has no zone as a rule: the days around it are looked at too. */
static gboolean look_one(Ledger *ledger, LedgerQueued *queued, GError **error)
{
	gint64 day = queued->time / LEDGER_DAY_US, oldest;
	if (!database_number(ledger->custody, error, &oldest, G_MAXINT64, "SELECT min(day) FROM queue_day", ""))
		return FALSE;
	queued->known = FALSE;
	for (gint64 one = day - 1; one <= day + 1; one++)
		if (!look_on(ledger, queued, one, error))
			return FALSE;
	queued->early = !queued->known && day < oldest;
	return TRUE;
}

static gboolean step_look(Ledger *ledger, LedgerJob *base)
{
	LookJob *job = (LookJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	while (job->at < job->n && g_get_monotonic_time() < stop)
		if (!look_one(ledger, &job->ids[job->at++], &base->error))
			return TRUE;
	return job->at == job->n;
}

gboolean ledger_queue_look(Ledger *ledger, LedgerQueued *ids, guint n, GError **error)
{
	LookJob job = {.job = {.step = step_look}, .ids = ids, .n = n};
	return ledger_run(ledger, &job.job, error);
}
