/* SPDX-License-Identifier: ISC */
/* The cached state of cases, derived from the openings: a list of a hundred thousand reads rows, not records. */
#include <string.h>

#include "base/finding.h"
#include "store/ledger-private.h"

void ledger_case_free(LedgerCase *c)
{
	if (c == NULL)
		return;
	record_free(c->facts);
	g_free(c->state);
	g_free(c->told);
	g_free(c->until);
	g_free(c->ack_state);
	g_free(c->ack_reason);
	g_free(c->assigned);
	g_strfreev(c->withheld);
	g_strfreev(c->granted);
	g_free(c->redirected);
	g_free(c->redirected_to);
	g_free(c->forwarded);
	g_free(c->forwarded_to);
	g_free(c->forward_allowed);
	g_free(c->forward_allowed_by);
	g_free(c->category);
	g_free(c->result);
	ledger_erasure_free(c->erasure);
	if (c->work != NULL)
		g_array_unref(c->work);
	if (c->posted != NULL)
		g_array_unref(c->posted);
	g_free(c);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

guint ledger_year(const Ledger *ledger, gint64 moment)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(moment / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, ledger->zone);
	return (guint)g_date_time_get_year(local);
}

char *ledger_number_text(guint year, gboolean aside, guint number)
{
	return g_strdup_printf("%u/%s%u", year, aside ? "X-" : "", number);
}

gboolean ledger_number_parse(const char *text, guint *year, gboolean *aside, guint *number)
{
	char *end;
	*year = (guint)g_ascii_strtoull(text, &end, 10);
	if (end == text || *end != '/')
		return FALSE;
	*aside = strncmp(end, "/X-", 3) == 0;
	*number = (guint)g_ascii_strtoull(end + (*aside ? 3 : 1), &end, 10);
	g_autofree char *again = ledger_number_text(*year, *aside, *number);
	return *number > 0 && strcmp(again, text) == 0;
}

gboolean ledger_number_next(Ledger *ledger, guint year, gboolean aside, guint *number, GError **error)
{
	gint64 last;
	if (!database_number(ledger->custody, error, &last, 0, "SELECT max(number) FROM number WHERE year=? AND aside=?",
	                     "ii", (gint64)year, (gint64)aside))
		return FALSE;
	*number = (guint)last + 1;
	return TRUE;
}

gboolean ledger_number_insert(Ledger *ledger, const LedgerCase *c, guint64 by, GError **error)
{
	return database_run(ledger->custody, error,
	                    "INSERT INTO number(year, aside, number, seq, given) VALUES(?, ?, ?, ?, ?)", "iiiii",
	                    (gint64)c->year, (gint64)c->aside, (gint64)c->number, (gint64)c->seq, (gint64)by);
}

/* --- a row -------------------------------------------------------------------------------------------------------- */

static const RecordField state_head[] = {
	{"case", 1, 1},       {"number", 1, 1}, {"received", 1, 1},  {"state", 1, 1},   {"ack-state", 1, 1},
	{"ack-reason", 1, 1}, {"acked", 1, 1}, {"told", 1, 1}, {"size", 1, 1},   {"card-size", 1, 1}, {"retries", 1, 1}, {"accepted", 1, 1},
	{"copies", 1, 1},     {"assigned", 1, 1}, {"withheld", 1, 1}, {"granted", 1, 1},
	{"redirected", 1, 1}, {"category", 1, 1}, {"result", 1, 1}, {"until", 1, 1}, {"forwarded", 1, 1}, {"forwarded-to", 1, 1},
	{"forwarding", 1, 1}, {"forward-allowed", 1, 1}, {"forward-allowed-by", 1, 1}, {"notification", 1, 1}, {"reply", 1, 1}, {"unsafe", 1, 1}, {"on-hold", 1, 1}, {"resolved", 1, 1}, {"transcript", 1, 1}, {"erased", 1, 1}, {"erasure", 1, 1}, {"work", 1, 1}, {"posted", 1, 1},
	{"followups", 1, 1}, {"last", 1, 1}, {"news", 1, 1}, {"seen", 1, 1},
	{"day", 1, 1}, {"today", 1, 1},
};

/* What is closed stands among the open ones again while an answer to it was not read, a letter of it did not arrive, or the
 * outgoing number of its answer is lacking. */
static int shelf(const LedgerCase *c)
{
	gboolean over = strcmp(c->state, "new") != 0 && strcmp(c->state, "open") != 0;
	gboolean waits = c->news > c->seen || (c->erased == 0 && (ledger_case_is_lost(c) || ledger_case_lacks_number(c)));
	if ((over || c->erased != 0) && !waits)
		return LEDGER_CASE_SHUT;
	return c->aside ? LEDGER_CASE_OPEN_ASIDE : LEDGER_CASE_OPEN;
}

/* Names between blanks, "-" for none: a name of the configuration has no blank in it. */
static void add_names(Record *record, const char *key, char **names)
{
	g_autofree char *joined = names != NULL ? g_strjoinv(" ", names) : NULL;
	record_add(record, key, joined != NULL && *joined != '\0' ? joined : "-");
}

static char **read_names(const Record *record, const char *key)
{
	const char *text = record_get(record, key);
	return g_strsplit(strcmp(text, "-") == 0 ? "" : text, " ", -1);
}

static GBytes *seal_case(const Ledger *ledger, const LedgerCase *c)
{
	const char *key, *value;
	gsize size;
	g_autoptr(Record) record = record_new();
	g_autofree char *number = ledger_number_text(c->year, c->aside, c->number);
	record_add_hex(record, "case", c->case_id, sizeof c->case_id);
	record_add(record, "number", number);
	record_add_uint(record, "received", (guint64)c->received);
	record_add(record, "state", c->state);
	record_add(record, "ack-state", c->ack_state);
	record_add(record, "ack-reason", c->ack_reason != NULL ? c->ack_reason : "-");
	record_add_uint(record, "acked", (guint64)c->acked);
	record_add(record, "told", c->told != NULL ? c->told : "-");
	record_add_uint(record, "size", c->size);
	record_add_uint(record, "card-size", c->card_size);
	record_add_uint(record, "retries", c->retries);
	record_add_uint(record, "accepted", c->accepted);
	record_add_uint(record, "copies", c->copies);
	record_add(record, "assigned", c->assigned != NULL ? c->assigned : "-");
	add_names(record, "withheld", c->withheld);
	add_names(record, "granted", c->granted);
	if (c->redirected != NULL)
		record_add_printf(record, "redirected", "%s %" G_GUINT64_FORMAT " %s", c->redirected, c->redirection,
		                  c->redirected_to);
	else
		record_add(record, "redirected", "-");
	ledger_case_work_write(c, record);
	ledger_case_post_write(c, record);
	record_add_uint(record, "followups", c->followups);
	record_add_uint(record, "last", c->last);
	record_add_uint(record, "news", c->news);
	record_add_uint(record, "seen", c->seen);
	record_add_uint(record, "day", (guint64)c->day);
	record_add_uint(record, "today", c->today);
	for (guint i = 0; record_line(c->facts, i, &key, &value); i++)
		record_add(record, key, value);
	char *text = record_write(record, &size);
	GBytes *blob = ledger_seal(ledger, CUSTODY_OPENING, "state", c->seq, text, size);
	explicit_bzero(text, size);
	g_free(text);
	return blob;
}

static gboolean read_fields(LedgerCase *c, const Record *record, GError **error)
{
	guint64 received, acked, retries, copies;
	if (!record_get_hex(record, "case", c->case_id, sizeof c->case_id, error) ||
	    !record_get_uint(record, "received", G_MAXINT64, &received, error) ||
	    !record_get_uint(record, "acked", G_MAXINT64, &acked, error) ||
	    !record_get_uint(record, "size", G_MAXUINT64, &c->size, error) ||
	    !record_get_uint(record, "card-size", G_MAXUINT64, &c->card_size, error) ||
	    !record_get_uint(record, "retries", G_MAXUINT, &retries, error) ||
	    !record_get_uint(record, "accepted", G_MAXINT64, &c->accepted, error) ||
	    !record_get_uint(record, "copies", G_MAXUINT, &copies, error))
		return FALSE;
	c->received = (gint64)received;
	c->acked = (gint64)acked;
	c->retries = (guint)retries;
	c->copies = (guint)copies;
	return ledger_number_parse(record_get(record, "number"), &c->year, &c->aside, &c->number) ||
	       ledger_fail(error, LEDGER_ERROR_DATABASE, "a case's number is of another form");
}

static gboolean read_followups(LedgerCase *c, const Record *record, GError **error)
{
	guint64 followups, day, today;
	if (!record_get_uint(record, "followups", G_MAXUINT, &followups, error) ||
	    !record_get_uint(record, "last", G_MAXINT64, &c->last, error) ||
	    !record_get_uint(record, "news", G_MAXINT64, &c->news, error) ||
	    !record_get_uint(record, "seen", G_MAXINT64, &c->seen, error) ||
	    !record_get_uint(record, "day", G_MAXINT64, &day, error) ||
	    !record_get_uint(record, "today", G_MAXUINT, &today, error))
		return FALSE;
	c->followups = (guint)followups;
	c->day = (gint64)day;
	c->today = (guint)today;
	return TRUE;
}

/* "WORD SEQ NAME", or "-". */
static gboolean read_redirection(LedgerCase *c, const char *text, GError **error)
{
	if (strcmp(text, "-") == 0)
		return TRUE;
	g_auto(GStrv) parts = g_strsplit(text, " ", 3);
	if (g_strv_length(parts) != 3 || !g_ascii_string_to_unsigned(parts[1], 10, 0, G_MAXINT64, &c->redirection, NULL))
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "a case's redirection is of another form");
	c->redirected = g_strdup(parts[0]);
	c->redirected_to = g_strdup(parts[2]);
	return TRUE;
}

/* A row of the cache, opened. Pure: any thread. */
static LedgerCase *parse_case(guint64 seq, GBytes *plain, GError **error)
{
	const char *key, *value;
	gsize size;
	const void *data = g_bytes_get_data(plain, &size);
	g_autoptr(Record) record = record_read(data, size, 0, NULL, error);
	if (record == NULL)
		return NULL;
	for (guint i = 0; i < G_N_ELEMENTS(state_head); i++)
		if (!record_line(record, i, &key, &value) || strcmp(key, state_head[i].key) != 0) {
			ledger_fail(error, LEDGER_ERROR_DATABASE, "the state of case %" G_GUINT64_FORMAT " is of another form",
			            seq);
			return NULL;
		}
	g_autoptr(LedgerCase) c = g_new0(LedgerCase, 1);
	c->seq = seq;
	if (!read_fields(c, record, error) || !read_followups(c, record, error) ||
	    !read_redirection(c, record_get(record, "redirected"), error) || !ledger_case_work_read(c, record, error) ||
	    !ledger_case_post_read(c, record, error))
		return NULL;
	c->state = g_strdup(record_get(record, "state"));
	c->ack_state = g_strdup(record_get(record, "ack-state"));
	if (strcmp(record_get(record, "told"), "-") != 0)
		c->told = g_strdup(record_get(record, "told"));
	if (strcmp(record_get(record, "ack-reason"), "-") != 0)
		c->ack_reason = g_strdup(record_get(record, "ack-reason"));
	if (strcmp(record_get(record, "assigned"), "-") != 0)
		c->assigned = g_strdup(record_get(record, "assigned"));
	c->withheld = read_names(record, "withheld");
	c->granted = read_names(record, "granted");
	c->facts = record_new();
	for (guint i = G_N_ELEMENTS(state_head); record_line(record, i, &key, &value); i++)
		record_add(c->facts, key, value);
	return g_steal_pointer(&c);
}

LedgerCase *ledger_case_load(Ledger *ledger, guint64 seq, GError **error)
{
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT blob FROM state WHERE seq=?", "i", (gint64)seq);
	if (row == NULL || database_next(ledger->custody, row, error) != 1)
		return NULL;
	g_autoptr(GBytes) plain = ledger_unseal(ledger, CUSTODY_OPENING, "state", seq, row, 0, error);
	database_done(row);
	return plain != NULL ? parse_case(seq, plain, error) : NULL;
}

gboolean ledger_case_insert(LedgerGroup *group, const LedgerCase *c, GError **error)
{
	g_autoptr(GBytes) blob = seal_case(group->ledger, c);
	gsize size;
	const void *data = g_bytes_get_data(blob, &size);
	return database_run(group->ledger->custody, error, "INSERT INTO state(seq, open, blob, upto) VALUES(?, ?, ?, ?)",
	                    "iibi", (gint64)c->seq, (gint64)shelf(c), data, size, (gint64)c->seq);
}

/* The row as it was before this group stays beside it until the next change: if the group never reaches the register,
 * the start puts it back. */
gboolean ledger_case_update(LedgerGroup *group, const LedgerCase *c, guint64 by, GError **error)
{
	g_autoptr(GBytes) blob = seal_case(group->ledger, c);
	gsize size;
	const void *data = g_bytes_get_data(blob, &size);
	return database_run(group->ledger->custody, error,
	                    "UPDATE state SET old_open = CASE WHEN upto < ?1 THEN open ELSE old_open END,"
	                    " old_blob = CASE WHEN upto < ?1 THEN blob ELSE old_blob END,"
	                    " open = ?2, blob = ?3, upto = ?4 WHERE seq = ?5",
	                    "iibii", (gint64)group->before, (gint64)shelf(c), data, size, (gint64)by, (gint64)c->seq);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct {
	guint64 seq;
	GBytes *blob;
} Row;

typedef struct {
	LedgerJob job;
	LedgerCases which;
	gint64 after;
	guint most;
	GArray *rows; /* Row */
	gboolean more; /* the slice ended before the rows did */
	/* for one case: */
	guint year, number;
	gboolean aside;
	const guint8 *case_id;
	gint64 seq;
} CasesJob;

static void row_clear(gpointer data)
{
	g_bytes_unref(((Row *)data)->blob);
}

static sqlite3_stmt *query_cases(Ledger *ledger, const CasesJob *job, GError **error)
{
	/* `open > 0` stands there so that the partial index serves. */
	static const char *const sql[] = {
		[LEDGER_CASES_OPEN] =
			"SELECT seq, blob FROM state WHERE open > 0 AND open = 1 AND seq > ? ORDER BY seq LIMIT ?",
		[LEDGER_CASES_REVIEW] = "SELECT seq, blob FROM state WHERE open > 0 AND seq > ? ORDER BY seq LIMIT ?",
		[LEDGER_CASES_ALL] = "SELECT seq, blob FROM state WHERE seq > ? ORDER BY seq LIMIT ?",
	};
	return database_query(ledger->custody, error, sql[job->which], "ii", job->after,
	                      (gint64)MIN(job->most, LEDGER_SLICE_ROWS));
}

/* Copies sealed rows; they are opened in the caller's thread. */
static gboolean step_cases(Ledger *ledger, LedgerJob *base)
{
	CasesJob *job = (CasesJob *)base;
	gint64 stop = g_get_monotonic_time() + LEDGER_SLICE_TIME;
	sqlite3_stmt *row = query_cases(ledger, job, &base->error);
	while (row != NULL && database_next(ledger->custody, row, &base->error) == 1) {
		Row copy = {(guint64)sqlite3_column_int64(row, 0), database_column(row, 1)};
		g_array_append_val(job->rows, copy);
		job->more = job->rows->len == MIN(job->most, LEDGER_SLICE_ROWS) || g_get_monotonic_time() > stop;
		if (job->more) {
			database_done(row);
			break;
		}
	}
	return TRUE;
}

gboolean ledger_case_is_kept(const LedgerCase *c)
{
	return record_get(c->facts, "named") != NULL || (c->withheld != NULL && c->withheld[0] != NULL) || c->assigned != NULL;
}

static gboolean is_wanted(LedgerCases which, const LedgerCase *c)
{
	return which != LEDGER_CASES_REVIEW || g_strcmp0(record_get(c->facts, "verdict"), "clean") != 0 || ledger_case_is_kept(c);
}

static LedgerCase *open_row(const Ledger *ledger, const Row *row, GError **error)
{
	g_autofree char *about = g_strdup_printf("state\n%s\n%" G_GUINT64_FORMAT, ledger->origin, row->seq);
	gsize size;
	const void *blob = g_bytes_get_data(row->blob, &size);
	g_autoptr(GBytes) plain = custody_open(ledger->custody_key, ledger->store_id, CUSTODY_OPENING, about, strlen(about),
	                                       blob, size, error);
	return plain != NULL ? parse_case(row->seq, plain, error) : NULL;
}

GPtrArray *ledger_cases(Ledger *ledger, LedgerCases which, guint64 after, guint most, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)ledger_case_free);
	gint64 last = after == LEDGER_NOTHING ? -1 : (gint64)after;
	gboolean more = TRUE;
	GError *inner = NULL;
	while (more && cases->len < most && inner == NULL) {
		CasesJob job = {.job = {.step = step_cases}, .which = which, .after = last, .most = most - cases->len};
		job.rows = g_array_new(FALSE, FALSE, sizeof(Row));
		g_array_set_clear_func(job.rows, row_clear);
		more = ledger_run(ledger, &job.job, &inner) && job.more;
		for (guint i = 0; i < job.rows->len && inner == NULL; i++) {
			g_autoptr(LedgerCase) c = open_row(ledger, &g_array_index(job.rows, Row, i), &inner);
			if (c == NULL)
				break;
			last = (gint64)c->seq;
			if (is_wanted(which, c))
				g_ptr_array_add(cases, g_steal_pointer(&c));
		}
		g_array_unref(job.rows);
	}
	if (inner == NULL)
		return g_steal_pointer(&cases);
	ledger_translate(&inner);
	g_propagate_error(error, inner);
	return NULL;
}

/* One case: by its number, its id, or its sequence. */
static gboolean step_case(Ledger *ledger, LedgerJob *base)
{
	CasesJob *job = (CasesJob *)base;
	gboolean read = TRUE;
	if (job->case_id != NULL)
		read = database_number(ledger->books, &base->error, &job->seq, -1, "SELECT seq FROM \"case\" WHERE id=?", "b",
		                       job->case_id, (gsize)SEAL_CASE);
	else if (job->number != 0)
		read = database_number(ledger->custody, &base->error, &job->seq, -1,
		                       "SELECT seq FROM number WHERE year=? AND aside=? AND number=?", "iii", (gint64)job->year,
		                       (gint64)job->aside, (gint64)job->number);
	if (!read || job->seq < 0)
		return TRUE;
	sqlite3_stmt *row =
		database_query(ledger->custody, &base->error, "SELECT blob FROM state WHERE seq=?", "i", job->seq);
	if (row != NULL && database_next(ledger->custody, row, &base->error) == 1) {
		Row copy = {(guint64)job->seq, database_column(row, 0)};
		g_array_append_val(job->rows, copy);
		database_done(row);
	}
	return TRUE;
}

static LedgerCase *find_case(Ledger *ledger, CasesJob *job, GError **error)
{
	LedgerCase *c = NULL;
	GError *inner = NULL;
	job->job.step = step_case;
	job->rows = g_array_new(FALSE, FALSE, sizeof(Row));
	g_array_set_clear_func(job->rows, row_clear);
	if (ledger_run(ledger, &job->job, &inner)) {
		if (job->rows->len > 0)
			c = open_row(ledger, &g_array_index(job->rows, Row, 0), &inner);
		else
			ledger_fail(&inner, LEDGER_ERROR_NOT_FOUND, "there is no such case");
	}
	g_array_unref(job->rows);
	if (inner != NULL) {
		ledger_translate(&inner);
		g_propagate_error(error, inner);
	}
	return c;
}

LedgerCase *ledger_case_by_seq(Ledger *ledger, guint64 seq, GError **error)
{
	CasesJob job = {.seq = (gint64)MIN(seq, (guint64)G_MAXINT64)};
	return find_case(ledger, &job, error);
}

LedgerCase *ledger_case_by_number(Ledger *ledger, guint year, gboolean aside, guint number, GError **error)
{
	CasesJob job = {.year = year, .aside = aside, .number = number, .seq = -1};
	return find_case(ledger, &job, error);
}

LedgerCase *ledger_case_by_id(Ledger *ledger, const guint8 case_id[SEAL_CASE], GError **error)
{
	CasesJob job = {.case_id = case_id, .seq = -1};
	return find_case(ledger, &job, error);
}

/* --- the cache once more ------------------------------------------------------------------------------------------ */

LedgerCase *ledger_case_from_record(guint64 seq, const Record *record, GError **error)
{
	g_autoptr(LedgerCase) c = g_new0(LedgerCase, 1);
	guint64 received;
	c->seq = seq;
	if (!record_get_hex(record, "case", c->case_id, sizeof c->case_id, error) ||
	    !record_get_uint(record, "received", G_MAXINT64, &received, error) ||
	    !record_get_uint(record, "size", G_MAXUINT64, &c->size, error) ||
	    !record_get_uint(record, "card-size", G_MAXUINT64, &c->card_size, error))
		return NULL;
	if (!ledger_number_parse(record_get(record, "number"), &c->year, &c->aside, &c->number)) {
		ledger_fail(error, LEDGER_ERROR_DATABASE, "the number of case %" G_GUINT64_FORMAT " is of another form", seq);
		return NULL;
	}
	c->received = (gint64)received;
	c->facts = record_new();
	const char *key, *value;
	for (guint i = 0; record_line(record, i, &key, &value); i++)
		for (const RecordField *fact = finding_facts_schema; fact->key != NULL; fact++)
			if (strcmp(fact->key, key) == 0)
				record_add(c->facts, key, value);
	const char *letter = record_get(record, "letter");
	c->state = g_strdup("new");
	c->ack_state = g_strdup(strcmp(letter, "owed") == 0 ? "queued" : letter);
	c->ack_reason = strcmp(letter, "withheld") == 0 ? g_strdup(record_get(record, "letter-reason")) : NULL;
	return g_steal_pointer(&c);
}

static void set_text(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

/* --- whose a case is ---------------------------------------------------------------------------------------------- */

/* The names without this one, and with it at the end where `with`. */
static void change_names(char ***names, const char *name, gboolean with)
{
	g_autoptr(GStrvBuilder) changed = g_strv_builder_new();
	for (char **other = *names; other != NULL && *other != NULL; other++)
		if (strcmp(*other, name) != 0)
			g_strv_builder_add(changed, *other);
	if (with)
		g_strv_builder_add(changed, name);
	g_strfreev(*names);
	*names = g_strv_builder_end(changed);
}

void ledger_case_withhold(LedgerCase *c, const char *name)
{
	change_names(&c->withheld, name, TRUE);
	change_names(&c->granted, name, FALSE);
}

/* The last word holds: what was granted may be withheld again, and the reverse. */
void ledger_case_access(LedgerCase *c, EntryKind kind, const Record *record)
{
	const char *name = record_get(record, kind == ENTRY_WITHHELD_FROM ? "from" : "to");
	if ((kind != ENTRY_WITHHELD_FROM && kind != ENTRY_GRANTED && kind != ENTRY_ASSIGNED) || name == NULL)
		return;
	if (kind == ENTRY_ASSIGNED) {
		set_text(&c->assigned, strcmp(name, "-") != 0 ? name : NULL);
		return;
	}
	if (kind == ENTRY_WITHHELD_FROM) {
		ledger_case_withhold(c, name);
		return;
	}
	change_names(&c->withheld, name, FALSE);
	change_names(&c->granted, name, TRUE);
}

gboolean ledger_is_unread(const Record *record)
{
	return g_strcmp0(record_get(record, "act"), "reseal") == 0;
}

void ledger_case_seen(LedgerCase *c, const Record *record)
{
	guint64 message;
	if (!ledger_is_unread(record) && g_strcmp0(record_get(record, "part"), "body") == 0 && record_count(record, "message") == 1 &&
	    record_get_uint(record, "message", G_MAXINT64, &message, NULL))
		c->seen = MAX(c->seen, message);
}

void ledger_case_acknowledged(LedgerCase *c, const Record *record)
{
	guint64 time;
	if (record_get_uint(record, "time", G_MAXINT64, &time, NULL))
		c->acked = (gint64)time;
	set_text(&c->told, record_get(record, "official-date"));
}

/* `made`, `queued` and `automatic` begin a redirection; every other word says what became of it. */
void ledger_case_redirect(LedgerCase *c, guint64 seq, const Record *record)
{
	const char *act = record_get(record, "act"), *to = record_get(record, "to");
	if (act == NULL)
		return;
	if (to != NULL && (strcmp(act, "made") == 0 || strcmp(act, "queued") == 0 || strcmp(act, "automatic") == 0)) {
		set_text(&c->redirected_to, to);
		c->redirection = seq;
	}
	if (c->redirected_to != NULL)
		set_text(&c->redirected, act);
}

/* What an entry does to its case: the same as the calls did when it was written. */
static void follow(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record)
{
	const char *number = record_get(record, "number");
	guint64 time;
	switch (kind) {
	case ENTRY_RETRY:
		c->retries++;
		break;
	case ENTRY_ACKNOWLEDGED:
		set_text(&c->ack_state, "sent");
		set_text(&c->ack_reason, NULL);
		ledger_case_acknowledged(c, record);
		break;
	case ENTRY_WITHHELD:
		set_text(&c->ack_state, "withheld");
		set_text(&c->ack_reason, record_get(record, "reason"));
		break;
	case ENTRY_RELEASED:
		set_text(&c->ack_state, "queued");
		set_text(&c->ack_reason, NULL);
		break;
	case ENTRY_OPENED:
		if (strcmp(c->state, "new") == 0 && g_strcmp0(record_get(record, "part"), "body") == 0 &&
		    record_get(record, "message") == NULL && !ledger_is_unread(record))
			set_text(&c->state, "open");
		ledger_case_seen(c, record);
		break;
	case ENTRY_FOLLOWUP:
		if (record_get_uint(record, "time", G_MAXINT64, &time, NULL))
			ledger_case_followed(c, seq, (gint64)time, record);
		break;
	case ENTRY_ACCEPTED:
		if (number != NULL && ledger_number_parse(number, &c->year, &c->aside, &c->number))
			c->accepted = seq;
		break;
	case ENTRY_REDIRECTED:
		ledger_case_redirect(c, seq, record);
		break;
	case ENTRY_NOTICE:
		ledger_case_post_ended(c, record);
		break;
	case ENTRY_SET_ASIDE:
		set_text(&c->state, "set-aside");
		break;
	case ENTRY_CLOSED:
		set_text(&c->state, "closed");
		break;
	case ENTRY_REOPENED:
		set_text(&c->state, "open");
		break;
	default:
		break;
	}
}

static gboolean store_again(Ledger *ledger, const LedgerCase *c, guint64 upto, GError **error)
{
	g_autoptr(GBytes) blob = seal_case(ledger, c);
	gsize size;
	const void *data = g_bytes_get_data(blob, &size);
	return database_run(ledger->custody, error,
	                    "INSERT OR REPLACE INTO state(seq, open, blob, upto) VALUES(?, ?, ?, ?)", "iibi",
	                    (gint64)c->seq, (gint64)shelf(c), data, size, (gint64)upto);
}

static gboolean replay_highest(Ledger *ledger, guint64 seq, const Record *record, GError **error)
{
	const char *number;
	for (guint i = 0; (number = record_get_nth(record, "highest", i)) != NULL; i++) {
		LedgerCase floor = {.seq = 0};
		if (!ledger_number_parse(number, &floor.year, &floor.aside, &floor.number))
			return ledger_fail(error, LEDGER_ERROR_DATABASE, "the numbers of a restore are of another form");
		if (!ledger_number_insert(ledger, &floor, seq, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean replay_change(Ledger *ledger, guint64 seq, EntryKind kind, const Record *record, GError **error)
{
	guint64 case_seq;
	const char *key = kind == ENTRY_FOLLOWUP ? "of" : "case"; /* its own `case` is the id under which it is sealed */
	/* A record that names several cases (LISTED) changes none of them. */
	if (record_count(record, key) != 1 || kind == ENTRY_LISTED ||
	    !record_get_uint(record, key, G_MAXINT64, &case_seq, NULL))
		return TRUE;
	g_autoptr(GError) inner = NULL;
	g_autoptr(LedgerCase) c = ledger_case_load(ledger, case_seq, &inner);
	if (c == NULL) {
		if (inner == NULL)
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	follow(c, seq, kind, record);
	ledger_case_access(c, kind, record);
	ledger_case_work(c, seq, kind, record);
	ledger_case_post(c, seq, kind, record);
	return store_again(ledger, c, seq, error) &&
	       (kind != ENTRY_ACCEPTED || ledger_number_insert(ledger, c, seq, error));
}

/* The record of an entry; of a message that was erased what is left of it. NULL without *error: of an entry of another kind that
 * has none any more. */
static Record *replay_record(Ledger *ledger, const Entry *entry, GError **error)
{
	guint8 salt[ENTRY_SALT];
	guint64 by;
	GError *cause = NULL;
	g_autoptr(GBytes) octets = NULL;
	if (entry_is_message(entry->kind))
		return ledger_message_record(ledger, entry->seq, &by, error);
	g_autoptr(GBytes) opening = ledger_opening(ledger, entry->seq, &cause);
	if (opening == NULL && entry->kind == ENTRY_RESEALED && g_error_matches(cause, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND)) {
		g_error_free(cause);
		return NULL;
	}
	if (opening == NULL || !ledger_opening_split(opening, salt, &octets, &cause)) {
		g_propagate_error(error, cause);
		return NULL;
	}
	gsize size;
	const void *text = g_bytes_get_data(octets, &size);
	return record_read(text, size, 0, NULL, error);
}

static gboolean replay(Ledger *ledger, guint64 seq, GError **error)
{
	guint8 data[ENTRY_SIZE];
	Entry entry;
	GError *cause = NULL;
	if (!ledger_entry_data(ledger, seq, data, error) || !entry_decode(data, &entry, error))
		return FALSE;
	g_autoptr(Record) record = replay_record(ledger, &entry, &cause);
	if (record == NULL) {
		if (cause != NULL)
			g_propagate_error(error, cause);
		return cause == NULL;
	}
	if (entry.kind == ENTRY_RESTORED)
		return replay_highest(ledger, seq, record, error);
	if (entry.kind != ENTRY_RECEIVED)
		return replay_change(ledger, seq, (EntryKind)entry.kind, record, error);
	g_autoptr(LedgerCase) c = ledger_case_from_record(seq, record, error);
	return c != NULL && store_again(ledger, c, seq, error) && ledger_number_insert(ledger, c, seq, error);
}

gboolean ledger_cases_rebuild(Ledger *ledger, GError **error)
{
	if (!database_begin(ledger->custody, error))
		return FALSE;
	gboolean done = database_run(ledger->custody, error, "DELETE FROM state", "") &&
	                database_run(ledger->custody, error, "DELETE FROM number", "");
	for (guint64 seq = 0; done && seq < ledger->tree.size; seq++)
		done = replay(ledger, seq, error);
	done = done &&
	       database_run(ledger->custody, error, "UPDATE head SET cache=?", "i", (gint64)LEDGER_CACHE_FORM) &&
	       database_commit(ledger->custody, error);
	if (!done)
		database_rollback(ledger->custody);
	return done;
}
