/* SPDX-License-Identifier: ISC */
/* After a mismatch that nobody can mend: the old files stay as they are, a new log goes on in their place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/ledger-private.h"

typedef struct {
	guint year;
	gboolean aside;
	guint number;
} Highest;

static void take_in(GArray *all, guint year, gboolean aside, guint more, guint at_least)
{
	for (guint i = 0; i < all->len; i++) {
		Highest *one = &g_array_index(all, Highest, i);
		if (one->year == year && one->aside == aside) {
			one->number = MAX(one->number, at_least) + more;
			return;
		}
	}
	Highest one = {year, aside, at_least + more};
	g_array_append_val(all, one);
}

static gboolean read_numbers(Ledger *old, GArray *all, GError **error)
{
	sqlite3_stmt *row = database_query(old->custody, error,
	                                   "SELECT year, aside, max(number) FROM number GROUP BY year, aside", "");
	int more = row != NULL ? database_next(old->custody, row, error) : -1;
	for (; more == 1; more = database_next(old->custody, row, error))
		take_in(all, (guint)sqlite3_column_int64(row, 0), sqlite3_column_int(row, 1) != 0, 0,
		      (guint)sqlite3_column_int64(row, 2));
	return more == 0;
}

/* Reports that the register has and this custody.db does not: each may have had the next number of either series, in
 * the year of its day. None of these may be given once more. */
static gboolean skip_unknown(Ledger *old, guint64 known, guint64 size, GArray *all, GError **error)
{
	for (guint64 seq = known; seq < size; seq++) {
		guint8 data[ENTRY_SIZE];
		Entry entry;
		if (!ledger_entry_data(old, seq, data, error) || !entry_decode(data, &entry, error))
			return FALSE;
		if (entry.kind != ENTRY_RECEIVED && entry.kind != ENTRY_ACCEPTED)
			continue;
		guint first = ledger_year(old, entry.time * G_USEC_PER_SEC - LEDGER_DAY_US),
			  last = ledger_year(old, entry.time * G_USEC_PER_SEC + 2 * LEDGER_DAY_US);
		for (guint year = first; year <= last; year++) {
			take_in(all, year, FALSE, 1, 0);
			take_in(all, year, TRUE, 1, 0);
		}
	}
	return TRUE;
}

/* Who is in force in the old log, as readers of the new one. */
static gboolean add_readers(Ledger *old, Record *record, GError **error)
{
	g_autoptr(People) people = ledger_people_read(old, error);
	for (guint i = 0; people != NULL && i < people->persons->len; i++) {
		const PeoplePerson *person = people->persons->pdata[i];
		g_autofree char *line = person->state == PEOPLE_ACTIVE ? people_line(person) : NULL;
		if (line != NULL)
			record_add(record, "reader", line);
	}
	return people != NULL;
}

/* The first record's own lines once more, and who reads by now. */
static Record *begin_record(Ledger *old, GError **error)
{
	g_autoptr(Record) first = ledger_opened_record(old, 0, error);
	if (first == NULL)
		return NULL;
	g_autoptr(Record) record = record_new();
	const char *key, *value;
	record_add_uint(record, "time", (guint64)MAX(old->now(), old->last_time));
	for (const RecordField *field = entry_schema(ENTRY_BEGUN) + 1; field->key != NULL; field++)
		for (guint i = 0; record_line(first, i, &key, &value); i++)
			if (strcmp(key, field->key) == 0 && strcmp(key, "reader") != 0)
				record_add(record, key, value);
	if (!add_readers(old, record, error))
		return NULL;
	if (g_strcmp0(record_get(record, "origin"), old->origin) != 0) {
		ledger_fail(error, LEDGER_ERROR_DATABASE, "%s holds the log of another store", old->directory);
		return NULL;
	}
	return g_steal_pointer(&record);
}

/* What the new log's first record says. */
static Record *make_record(Ledger *old, GError **error)
{
	guint64 size, known;
	g_autofree char *note = NULL;
	if (!ledger_open_as_found(old, &size, &known, &note, error))
		return NULL;
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(Highest));
	g_autoptr(Record) record = begin_record(old, error);
	if (record == NULL || !read_numbers(old, numbers, error) || !skip_unknown(old, known, size, numbers, error))
		return NULL;
	record_add_uint(record, "old-register", size);
	record_add_uint(record, "old-custody", known);
	record_add(record, "old-checkpoint", note != NULL ? note : "-");
	for (guint i = 0; i < numbers->len; i++) {
		const Highest *one = &g_array_index(numbers, Highest, i);
		g_autofree char *text = ledger_number_text(one->year, one->aside, one->number);
		record_add(record, "highest", text);
	}
	return g_steal_pointer(&record);
}

static char *aside_path(const Ledger *old)
{
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(old->now() / G_USEC_PER_SEC);
	g_autofree char *stamp = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
	return g_strdup_printf("%s.mismatch-%s", old->directory, stamp);
}

static gboolean exchange(const char *one, const char *two, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(two);
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean done = fd >= 0 && renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE) == 0 && fsync(fd) == 0;
	if (!done)
		ledger_fail(error, LEDGER_ERROR_DATABASE, "%s and %s cannot change places: %s", one, two, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return done;
}

/* The new log is made whole beside the old one; then the two change places in one step of the file system, so that a
 * crash leaves either. */
static gboolean go_on(Ledger *old, const LedgerOptions *options, GError **error)
{
	g_autoptr(Record) record = make_record(old, error);
	ledger_leave_as_found(old);
	if (record == NULL)
		return FALSE;
	g_autofree char *path = aside_path(old);
	LedgerOptions beside = *options;
	beside.directory = path;
	Ledger *new = ledger_new(&beside, error);
	if (new == NULL)
		return FALSE;
	new->last_time = old->last_time;
	gboolean done = ledger_make(new, ENTRY_RESTORED, record, error) && exchange(path, options->directory, error);
	ledger_free(new);
	if (done)
		log_warning("%s: a new log goes on; what was found is kept in %s", options->mailbox, path);
	return done;
}

gboolean ledger_continue(const LedgerOptions *options, GError **error)
{
	Ledger *old = ledger_new(options, error);
	if (old == NULL)
		return FALSE;
	gboolean done = go_on(old, options, error);
	ledger_free(old);
	return done;
}
