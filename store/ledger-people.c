/* SPDX-License-Identifier: ISC */
/* Who reads: folded from the register's entries when it is opened, and with each entry that says more. */
#include <sodium.h>
#include <string.h>

#include "store/ledger-private.h"

/* Entries that say something of people; register.db has an index of just these (ledger-start.c). */
#define ABOUT_PEOPLE "SELECT seq FROM entry WHERE substr(data, 25, 2) IN (x'0014', x'0017', x'001f', x'0027', x'0029') ORDER BY seq"
G_STATIC_ASSERT(ENTRY_KEY == 0x14 && ENTRY_BLOCKED == 0x17 && ENTRY_AGREED == 0x1f && ENTRY_LOG_READ == 0x27 &&
                ENTRY_EXCEEDED == 0x29);

/* --- folding ------------------------------------------------------------------------------------------------------ */

static gboolean take_reason(GError *reason, GError **error)
{
	ledger_fail(error, reason->code == PEOPLE_ERROR_FORM ? LEDGER_ERROR_FORM : LEDGER_ERROR_PEOPLE + (guint)reason->code, "%s",
	            reason->message);
	g_error_free(reason);
	return FALSE;
}

gboolean ledger_people_fold(People *people, guint kind, guint64 seq, const Record *record, GError **error)
{
	GError *reason = NULL;
	return people_fold(people, kind, seq, record, &reason) || take_reason(reason, error);
}

static gboolean fold_entry(Ledger *ledger, People *people, guint64 seq, GError **error)
{
	Entry entry;
	/* Checked: whoever altered custody.db cannot make himself a reader. */
	g_autoptr(Record) record = ledger_entry_record(ledger, seq, &entry, error);
	return record != NULL && ledger_people_fold(people, entry.kind, seq, record, error);
}

People *ledger_people_read(Ledger *ledger, GError **error)
{
	g_autoptr(People) people = people_new();
	if (!fold_entry(ledger, people, 0, error))
		return NULL;
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(gint64));
	sqlite3_stmt *row = database_query(ledger->books, error, ABOUT_PEOPLE, "");
	int more = row != NULL ? database_next(ledger->books, row, error) : -1;
	for (; more == 1; more = database_next(ledger->books, row, error)) {
		gint64 seq = sqlite3_column_int64(row, 0);
		g_array_append_val(seqs, seq);
	}
	for (guint i = 0; more == 0 && i < seqs->len; i++)
		if (!fold_entry(ledger, people, (guint64)g_array_index(seqs, gint64, i), error))
			return NULL;
	return more == 0 ? g_steal_pointer(&people) : NULL;
}

void ledger_people_adopt(Ledger *ledger, People *people)
{
	g_mutex_lock(&ledger->mutex);
	People *old = ledger->people;
	ledger->people = people;
	g_mutex_unlock(&ledger->mutex);
	people_unref(old);
}

/* --- the calls ---------------------------------------------------------------------------------------------------- */

People *ledger_people(Ledger *ledger)
{
	g_mutex_lock(&ledger->mutex);
	People *people = people_ref(ledger->people);
	g_mutex_unlock(&ledger->mutex);
	return people;
}

/* BLAKE2b-256 over "NAME LF BODY LF CARD LF" of each. */
static void digest_set(const GPtrArray *readers, guint8 set[32])
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, 32);
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = readers->pdata[i];
		g_autofree char *line = g_strdup_printf("%s\n%s\n%s\n", reader->name, reader->body,
		                                        reader->card != NULL ? reader->card : "-");
		crypto_generichash_update(&state, (const guint8 *)line, strlen(line));
	}
	crypto_generichash_final(&state, set, 32);
}

static GPtrArray *readers_at(const People *people, gint64 now, guint8 set[32])
{
	GPtrArray *readers = g_ptr_array_new_with_free_func((GDestroyNotify)people_person_free);
	for (guint i = 0; i < people->persons->len; i++)
		if (people_reads(people->persons->pdata[i], now))
			g_ptr_array_add(readers, people_person_copy(people->persons->pdata[i]));
	digest_set(readers, set);
	return readers;
}

gboolean ledger_readers_are(Ledger *ledger, const guint8 set[32])
{
	guint8 now[32];
	g_autoptr(People) people = ledger_people(ledger);
	g_autoptr(GPtrArray) readers = readers_at(people, ledger->now(), now);
	return memcmp(set, now, sizeof now) == 0;
}

/* What nobody but the safe could read is not taken: the sender's server keeps it. */
GPtrArray *ledger_readers(Ledger *ledger, guint8 set[32], GError **error)
{
	g_autoptr(People) people = ledger_people(ledger);
	g_autoptr(GPtrArray) readers = readers_at(people, ledger->now(), set);
	for (guint i = 0; i < readers->len; i++)
		if (((const PeoplePerson *)readers->pdata[i])->card != NULL)
			return g_steal_pointer(&readers);
	ledger_fail(error, LEDGER_ERROR_NO_READER,
	            "no officer and no escalation has a key in force: enter a new one with `senim officer add`");
	return NULL;
}
