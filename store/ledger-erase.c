/* SPDX-License-Identifier: ISC */
/* Destruction by order: what ERASURE and ERASED make of a case, and how it goes.
 *
 * It goes the way that what was sealed anew goes (ledger-anew.c): ERASED entries are registered first, and `outlived` names in their own
 * commit what they are about; behind it rows, WAL and files go. What outlives a message stands in its ERASED record: its number, its
 * moments, from whom it is kept. Of the acts about it the records stay; the headers of what is sealed in them go. */
#include <sodium.h>
#include <string.h>

#include "store/ledger-private.h"

#define TEXTS_A_LINE 100
#define OVERDUE (3600 * (gint64)G_USEC_PER_SEC) /* the registrar looks once a minute */

/* Entries of the kinds ERASED, CUSTODY and ERASURE; register.db has an index of just these (ledger-start.c). */
#define ABOUT_ERASURE \
	"SELECT seq FROM entry WHERE substr(data, 25, 2) IN (x'0013', x'0020', x'0034') AND seq >= ? ORDER BY seq"
G_STATIC_ASSERT(ENTRY_ERASED == 0x13 && ENTRY_CUSTODY == 0x20 && ENTRY_ERASURE == 0x34);

/* --- records -------------------------------------------------------------------------------------------------------- */

static gboolean read_entry(Ledger *ledger, guint64 seq, Entry *entry, GError **error)
{
	guint8 data[ENTRY_SIZE];
	return ledger_entry_data(ledger, seq, data, error) && entry_decode(data, entry, error);
}

/* Entries that say something of erasures, from one on (guint64). */
static GArray *about_erasure(Ledger *ledger, guint64 from, GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	sqlite3_stmt *row = database_query(ledger->books, error, ABOUT_ERASURE, "i", (gint64)from);
	int more = row != NULL ? database_next(ledger->books, row, error) : -1;
	for (; more == 1; more = database_next(ledger->books, row, error)) {
		guint64 seq = (guint64)sqlite3_column_int64(row, 0);
		g_array_append_val(seqs, seq);
	}
	return more == 0 ? g_steal_pointer(&seqs) : NULL;
}

gboolean ledger_find_erased(Ledger *ledger, guint64 seq, guint64 *by, GError **error)
{
	guint8 concerns[8];
	gint64 found;
	for (gsize i = 0; i < sizeof concerns; i++)
		concerns[i] = (guint8)(seq >> (56 - 8 * i));
	if (!database_number(ledger->books, error, &found, 0,
	                     "SELECT max(seq) FROM entry WHERE substr(data, 97, 8)=? AND substr(data, 25, 2) = x'0013'", "b", concerns,
	                     sizeof concerns))
		return FALSE;
	*by = (guint64)found;
	return TRUE;
}

/* What is copied of a message's record as it stands, and back. */
static const char *const lasting[] = {"received", "number", "previous", "channel", "called", "automatic", "answers",
                                      "flood", "returned", "letter", "letter-reason", "named", NULL};

/* Whom a further message accuses it is kept from, but for one who read it all the same (ledger-followup.c). */
static void copy_lines(const Record *from, Record *to)
{
	const char *value;
	gboolean followup = record_get(from, "number") == NULL;
	for (gsize i = 0; lasting[i] != NULL; i++)
		for (guint n = 0; (value = record_get_nth(from, lasting[i], n)) != NULL; n++)
			if (!followup || strcmp(lasting[i], "named") != 0 || !ledger_record_has_reader(from, value))
				record_add(to, lasting[i], value);
}

Record *ledger_erased_message(const Record *erased)
{
	Record *record = record_new();
	record_add(record, "case", record_get(erased, "case-id"));
	record_add(record, "time", record_get(erased, "entered"));
	if (record_get(erased, "number") == NULL)
		record_add(record, "of", record_get(erased, "case"));
	copy_lines(erased, record);
	record_add_uint(record, "size", 0);
	record_add_uint(record, "card-size", 0);
	return record;
}

Record *ledger_message_record(Ledger *ledger, guint64 seq, guint64 *by, GError **error)
{
	GError *cause = NULL;
	*by = 0;
	Record *record = ledger_opened_record(ledger, seq, &cause);
	if (record != NULL)
		return record;
	if (!g_error_matches(cause, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND) || !ledger_find_erased(ledger, seq, by, NULL) || *by == 0) {
		g_propagate_error(error, cause);
		return NULL;
	}
	g_error_free(cause);
	g_autoptr(Record) erased = ledger_opened_record(ledger, *by, error);
	return erased != NULL ? ledger_erased_message(erased) : NULL;
}

GArray *ledger_erased_texts(const Record *erased)
{
	const char *line;
	GArray *seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = 0; (line = record_get_nth(erased, "texts", i)) != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(line, " ", -1);
		for (char **word = words; *word != NULL; word++) {
			guint64 seq;
			if (g_ascii_string_to_unsigned(*word, 10, 1, G_MAXINT64, &seq, NULL))
				g_array_append_val(seqs, seq);
		}
	}
	return seqs;
}

static void add_texts(Record *record, const GArray *texts)
{
	g_autoptr(GString) line = g_string_new(NULL);
	for (guint i = 0; i < texts->len; i++) {
		g_string_append_printf(line, "%s%" G_GUINT64_FORMAT, line->len > 0 ? " " : "", g_array_index(texts, guint64, i));
		if ((i + 1) % TEXTS_A_LINE != 0 && i + 1 < texts->len)
			continue;
		record_add(record, "texts", line->str);
		g_string_truncate(line, 0);
	}
}

/* --- what they make of a case --------------------------------------------------------------------------------------- */

void ledger_erasure_free(LedgerErasure *erasure)
{
	if (erasure == NULL)
		return;
	g_free(erasure->word);
	g_free(erasure->officer);
	g_free(erasure->dated);
	g_free(erasure->number);
	g_free(erasure);
}

gboolean ledger_erasure_pending(const LedgerCase *c)
{
	return c->erasure != NULL && strcmp(c->erasure->word, "erased") != 0;
}

gboolean ledger_case_is_frozen(const LedgerCase *c)
{
	return ledger_erasure_pending(c) && c->erasure->message == 0;
}

static void order(LedgerCase *c, guint64 seq, const Record *record)
{
	guint64 time = 0;
	LedgerErasure *erasure = g_new0(LedgerErasure, 1);
	ledger_erasure_free(c->erasure);
	c->erasure = erasure;
	record_get_uint(record, "time", G_MAXINT64, &time, NULL);
	record_get_uint(record, "message", G_MAXINT64, &erasure->message, NULL);
	erasure->word = g_strdup("ordered");
	erasure->order = seq;
	erasure->since = (gint64)time;
	erasure->officer = g_strdup(record_get(record, "officer"));
	erasure->dated = g_strdup(record_get(record, "dated"));
	erasure->number = g_strdup(record_get(record, "order"));
}

static void go_on(LedgerErasure *erasure, const char *word, const Record *record)
{
	guint64 time = 0;
	record_get_uint(record, "time", G_MAXINT64, &time, NULL);
	g_free(erasure->word);
	erasure->word = g_strdup(word);
	erasure->since = (gint64)time;
}

/* What a list needs, and from whom it is kept: else whom it was about would read its row now. */
static void strip_facts(LedgerCase *c)
{
	static const char *const kept[] = {"channel", "called", "named", NULL};
	const char *key, *value;
	Record *facts = record_new();
	for (guint i = 0; record_line(c->facts, i, &key, &value); i++)
		if (g_strv_contains(kept, key))
			record_add(facts, key, value);
	record_free(c->facts);
	c->facts = facts;
	c->size = c->card_size = 0;
}

static void erase(LedgerCase *c, guint64 seq, const Record *record)
{
	if (c->erasure != NULL)
		go_on(c->erasure, "erased", record);
	if (record_get(record, "number") != NULL)
		strip_facts(c);
	if (g_strcmp0(record_get(record, "scope"), "case") != 0)
		return;
	c->erased = seq;
	c->transcript = 0;
	c->seen = MAX(c->seen, c->news);
	/* Its letters went with it. */
	if (strcmp(c->ack_state, "queued") == 0) {
		g_free(c->ack_state);
		c->ack_state = g_strdup("none");
	}
	if (c->posted != NULL)
		g_array_set_size(c->posted, 0);
}

void ledger_case_erasure(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record)
{
	const char *act = record_get(record, "act");
	if (kind == ENTRY_ERASED) {
		erase(c, seq, record);
	} else if (kind == ENTRY_ERASURE && g_strcmp0(act, "ordered") == 0) {
		order(c, seq, record);
	} else if (kind == ENTRY_ERASURE && g_strcmp0(act, "confirmed") == 0 && c->erasure != NULL) {
		go_on(c->erasure, act, record);
	} else if (kind == ENTRY_ERASURE && g_strcmp0(act, "stopped") == 0) {
		ledger_erasure_free(c->erasure);
		c->erasure = NULL;
	}
}

void ledger_erasure_write(const LedgerCase *c, Record *record)
{
	const LedgerErasure *e = c->erasure;
	record_add_uint(record, "erased", c->erased);
	if (e == NULL)
		record_add(record, "erasure", "-");
	else
		record_add_printf(record, "erasure", "%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %s %s %s", e->word,
		                  e->order, e->message, e->since, e->officer, e->dated, e->number);
}

gboolean ledger_erasure_read(LedgerCase *c, const Record *record, GError **error)
{
	const char *text = record_get(record, "erasure");
	guint64 since;
	if (!record_get_uint(record, "erased", G_MAXINT64, &c->erased, error))
		return FALSE;
	if (strcmp(text, "-") == 0)
		return TRUE;
	g_auto(GStrv) words = g_strsplit(text, " ", 7); /* the number may have blanks */
	LedgerErasure *e = c->erasure = g_new0(LedgerErasure, 1);
	gboolean good = g_strv_length(words) == 7 && g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT64, &e->order, NULL) &&
	                g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXINT64, &e->message, NULL) &&
	                g_ascii_string_to_unsigned(words[3], 10, 0, G_MAXINT64, &since, NULL);
	if (!good)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "a case's erasure is of another form");
	e->word = g_strdup(words[0]);
	e->since = (gint64)since;
	e->officer = g_strdup(words[4]);
	e->dated = g_strdup(words[5]);
	e->number = g_strdup(words[6]);
	return TRUE;
}

/* --- whose sealed texts go ------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	guint64 case_seq;
	/* of the first job, gone on with in the second: */
	guint64 next, end;
	GArray *texts;   /* guint64 */
} EraseJob;

/* Which message an act is about, by its record. */
static guint64 message_of(const Record *record, guint64 case_seq)
{
	guint64 message = case_seq;
	record_get_uint(record, "message", G_MAXINT64, &message, NULL);
	return message;
}

/* Of the whole case every act's; of one message what is said in its call, and why it was opened. The order's own text is what stays. */
static gboolean take_text(Ledger *ledger, EraseJob *job, const LedgerErasure *erasure, guint64 seq, GError **error)
{
	Entry entry;
	guint64 of;
	g_autoptr(Record) record = ledger_opened_record(ledger, seq, error);
	if (record == NULL || !read_entry(ledger, seq, &entry, error))
		return FALSE;
	if (entry.kind == ENTRY_ERASURE || record_count(record, "case") != 1 || !record_get_uint(record, "case", G_MAXINT64, &of, NULL) ||
	    of != job->case_seq)
		return TRUE;
	gboolean about = entry.kind == ENTRY_OPENED ||
	                 (entry.kind == ENTRY_NOTED && g_strcmp0(record_get(record, "act"), "transcript") == 0);
	if (erasure->message == 0 || (about && message_of(record, of) == erasure->message))
		g_array_append_val(job->texts, seq);
	return TRUE;
}

/* At most `most` openings from job->next on, below the end. */
static gboolean take_texts(Ledger *ledger, EraseJob *job, const LedgerErasure *erasure, guint most, GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	guint64 stop = MIN(job->end, job->next + most);
	sqlite3_stmt *row = database_query(ledger->custody, error, "SELECT seq FROM opening WHERE sealed=1 AND seq >= ? AND seq < ? ORDER BY seq",
	                                   "ii", (gint64)job->next, (gint64)stop);
	int more = row != NULL ? database_next(ledger->custody, row, error) : -1;
	for (; more == 1; more = database_next(ledger->custody, row, error)) {
		guint64 seq = (guint64)sqlite3_column_int64(row, 0);
		g_array_append_val(seqs, seq);
	}
	for (guint i = 0; more == 0 && i < seqs->len; i++)
		if (!take_text(ledger, job, erasure, g_array_index(seqs, guint64, i), error))
			return FALSE;
	job->next = stop;
	return more == 0;
}

/* What is long is done before the commit, slice by slice; what came since then, within it. */
static gboolean step_texts(Ledger *ledger, LedgerJob *base)
{
	EraseJob *job = (EraseJob *)base;
	g_autoptr(LedgerCase) c = ledger_case_load(ledger, job->case_seq, &base->error);
	if (c == NULL || c->erasure == NULL || !take_texts(ledger, job, c->erasure, LEDGER_SLICE_ROWS, &base->error))
		return TRUE;
	return job->next >= job->end;
}

/* --- the entries ------------------------------------------------------------------------------------------------------ */

/* The case's messages, the report first and then backwards, or the one; what went before is not named again, but for the report's. */
static GArray *messages_of(Ledger *ledger, const LedgerCase *c, GError **error)
{
	g_autoptr(GArray) seqs = g_array_new(FALSE, FALSE, sizeof(guint64));
	guint64 by, seq = c->erasure->message != 0 ? c->erasure->message : c->seq;
	g_array_append_val(seqs, seq);
	for (seq = c->erasure->message == 0 ? c->last : 0; seq != 0;) {
		guint64 previous = 0;
		g_autoptr(Record) record = ledger_message_record(ledger, seq, &by, error);
		if (record == NULL)
			return NULL;
		if (by == 0)
			g_array_append_val(seqs, seq);
		record_get_uint(record, "previous", G_MAXINT64, &previous, NULL); /* `-`: the first */
		seq = previous < seq ? previous : 0;
	}
	return g_steal_pointer(&seqs);
}

static Record *erased_record(LedgerGroup *group, const LedgerCase *c, guint64 message, const GArray *texts, GError **error)
{
	guint64 by;
	g_autoptr(Record) before = ledger_message_record(group->ledger, message, &by, error);
	g_autoptr(Record) ordered = before != NULL ? ledger_opened_record(group->ledger, c->erasure->order, error) : NULL;
	if (ordered == NULL)
		return NULL;
	Record *record = record_new();
	record_add_uint(record, "time", (guint64)group->now);
	record_add(record, "officer", "-");
	record_add_uint(record, "case", c->seq);
	record_add_uint(record, "after", ledger_case_last(c));
	record_add_uint(record, "of", c->erasure->order);
	record_add(record, "scope", c->erasure->message != 0 ? "message" : "case");
	record_add(record, "order", c->erasure->number);
	record_add(record, "dated", c->erasure->dated);
	record_add(record, "digest", record_get(ordered, "digest"));
	record_add(record, "case-id", record_get(before, "case"));
	record_add(record, "entered", record_get(before, "time"));
	copy_lines(before, record);
	if (texts != NULL)
		add_texts(record, texts);
	return record;
}

static gboolean add_erased(LedgerGroup *group, EraseJob *job, LedgerCase *c, guint64 message, const GArray *texts, GError **error)
{
	group->erases = TRUE;
	const Entry entry = {.kind = ENTRY_ERASED, .flags = ENTRY_FLAG_PERSONAL, .concerns = message};
	guint64 seq = group->tree.size;
	g_autoptr(Record) record = erased_record(group, c, message, texts, error);
	g_autoptr(GBytes) octets = record != NULL ? ledger_record_octets(ENTRY_ERASED, record, &job->job.error) : NULL;
	if (octets == NULL)
		return record != NULL;
	ledger_case_work(c, seq, ENTRY_ERASED, record);
	return ledger_group_add(group, &entry, octets, NULL, error) && ledger_outlive_message(group->ledger, message, seq, error) &&
	       ledger_outlive_rest(group->ledger, record, seq, error);
}

/* What the MTA may have by now is entered first; and where the case stays, so do its letters: they go, or are withheld within days. */
static gboolean check_letters(const LedgerGroup *group, EraseJob *job, const LedgerCase *c, GError **error)
{
	gboolean held, message = c->erasure->message != 0;
	if (!ledger_letters_hold(group->ledger, c->seq, message, &held, error))
		return FALSE;
	if (held)
		ledger_refuse(&job->job, LEDGER_ERROR_STATE, message ? "letters of this case wait to be sent" : "a letter of this case is being sent");
	return TRUE;
}

static gboolean check_erasure(const LedgerGroup *group, EraseJob *job, const LedgerCase *c)
{
	if (!ledger_erasure_pending(c) || strcmp(c->erasure->word, "confirmed") != 0)
		return ledger_refuse(&job->job, LEDGER_ERROR_STATE, "no erasure of this case was confirmed");
	if (c->held)
		return ledger_refuse(&job->job, LEDGER_ERROR_STATE, "this case is on hold");
	if (group->now < c->erasure->since + LEDGER_ERASURE_WAIT)
		return ledger_refuse(&job->job, LEDGER_ERROR_STATE, "the ten days in which an erasure can be stopped are not over");
	return TRUE;
}

static gboolean apply_erase(LedgerGroup *group, LedgerJob *base, GError **error)
{
	EraseJob *job = (EraseJob *)base;
	Ledger *ledger = group->ledger;
	g_autoptr(GError) inner = NULL;
	g_autoptr(LedgerCase) c = ledger_case_load(ledger, job->case_seq, &inner);
	if (inner != NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	if (c == NULL)
		return ledger_refuse(base, LEDGER_ERROR_NOT_FOUND, "entry %" G_GUINT64_FORMAT " is no case", job->case_seq);
	check_erasure(group, job, c);
	if (base->error == NULL && !check_letters(group, job, c, error))
		return FALSE;
	if (base->error != NULL)
		return TRUE;
	job->end = group->before; /* by its weight the job is alone in its group: nothing else is being entered */
	while (job->next < job->end)
		if (!take_texts(ledger, job, c->erasure, G_MAXUINT, error))
			return FALSE;
	g_autoptr(GArray) messages = messages_of(ledger, c, error);
	if (messages == NULL)
		return FALSE;
	for (guint i = 0; i < messages->len && base->error == NULL; i++)
		if (!add_erased(group, job, c, g_array_index(messages, guint64, i), i == 0 ? job->texts : NULL, error))
			return FALSE;
	return base->error != NULL || ledger_case_update(group, c, group->tree.size - 1, error);
}

gboolean ledger_erase(Ledger *ledger, guint64 case_seq, GError **error)
{
	EraseJob job = {.job = {.step = step_texts}, .case_seq = case_seq, .next = case_seq, .end = ledger_size(ledger)};
	if (ledger_is_tampered(ledger))
		return ledger_fail(error, LEDGER_ERROR_TAMPERED, "the check of %s found a mismatch: nothing is erased until it is cleared up",
		                   ledger->mailbox);
	job.texts = g_array_new(FALSE, FALSE, sizeof(guint64));
	gboolean done = ledger_run(ledger, &job.job, error);
	if (done) {
		job.job = (LedgerJob){.apply = apply_erase, .appends = TRUE, .weight = LEDGER_GROUP_OCTETS};
		done = ledger_run(ledger, &job.job, error);
	}
	g_array_unref(job.texts);
	return done;
}

/* --- what goes ---------------------------------------------------------------------------------------------------------- */

static const guint8 no_id[SEAL_CASE];

static gboolean outlive(Ledger *ledger, guint64 seq, int part, const guint8 id[SEAL_CASE], guint64 by, GError **error)
{
	return database_run(ledger->custody, error, "INSERT OR IGNORE INTO outlived(seq, part, id, by) VALUES(?, ?, ?, ?)", "iibi",
	                    (gint64)seq, (gint64)part, id, (gsize)SEAL_CASE, (gint64)by);
}

/* Body, card and record of the message, and of every state that it ever had. */
gboolean ledger_outlive_message(Ledger *ledger, guint64 message, guint64 by, GError **error)
{
	g_autoptr(GArray) states = g_array_new(FALSE, FALSE, sizeof(LedgerObject));
	sqlite3_stmt *row = database_query(ledger->books, error,
	                                   "SELECT seq, id FROM \"case\" WHERE seq=?1 UNION SELECT seq, id FROM resealed WHERE of=?1", "i",
	                                   (gint64)message);
	int more = row != NULL ? database_next(ledger->books, row, error) : -1;
	for (; more == 1; more = database_next(ledger->books, row, error)) {
		LedgerObject object = {.seq = (guint64)sqlite3_column_int64(row, 0)};
		if (sqlite3_column_bytes(row, 1) == SEAL_CASE)
			memcpy(object.id, sqlite3_column_blob(row, 1), SEAL_CASE);
		g_array_append_val(states, object);
	}
	gboolean done = more == 0;
	for (guint i = 0; done && i < states->len; i++) {
		const LedgerObject *state = &g_array_index(states, LedgerObject, i);
		done = outlive(ledger, state->seq, SEAL_PART_BODY, state->id, by, error) &&
		       outlive(ledger, state->seq, SEAL_PART_CARD, state->id, by, error) &&
		       outlive(ledger, state->seq, LEDGER_OUTLIVED_OPENING, no_id, by, error);
	}
	return done;
}

gboolean ledger_outlive_rest(Ledger *ledger, const Record *erased, guint64 by, GError **error)
{
	guint64 of;
	g_autoptr(GArray) texts = ledger_erased_texts(erased);
	gboolean done = TRUE;
	for (guint i = 0; done && i < texts->len; i++)
		done = outlive(ledger, g_array_index(texts, guint64, i), SEAL_PART_TEXT, no_id, by, error) &&
		       outlive(ledger, g_array_index(texts, guint64, i), SEAL_PART_GROUND, no_id, by, error);
	return done && record_get_uint(erased, "case", G_MAXINT64, &of, error) &&
	       outlive(ledger, of, LEDGER_OUTLIVED_CASE, no_id, by, error);
}

gboolean ledger_erase_again(Ledger *ledger, GError **error)
{
	g_autoptr(GArray) seqs = about_erasure(ledger, 0, error);
	gboolean done = seqs != NULL;
	for (guint i = 0; done && i < seqs->len; i++) {
		Entry entry;
		guint64 seq = g_array_index(seqs, guint64, i);
		done = read_entry(ledger, seq, &entry, error);
		if (!done || entry.kind != ENTRY_ERASED)
			continue;
		g_autoptr(Record) record = ledger_opened_record(ledger, seq, error);
		done = record != NULL && ledger_outlive_message(ledger, entry.concerns, seq, error) &&
		       ledger_outlive_rest(ledger, record, seq, error);
	}
	return done;
}

/* --- asked from outside ---------------------------------------------------------------------------------------------- */

typedef struct {
	LedgerJob job;
	guint64 seq;
	guint64 by;
	LedgerErasedState *state;
	LedgerErasureCounts *counts;
	gint64 now;
	GArray *seqs;
} AskJob;

static gboolean step_erased(Ledger *ledger, LedgerJob *base)
{
	AskJob *job = (AskJob *)base;
	(void)ledger_find_erased(ledger, job->seq, &job->by, &base->error);
	return TRUE;
}

gboolean ledger_erased(Ledger *ledger, guint64 seq, guint64 *by, GError **error)
{
	AskJob job = {.job = {.step = step_erased}, .seq = seq};
	gboolean done = ledger_run(ledger, &job.job, error);
	*by = job.by;
	return done;
}

/* The case whose order this entry is, where that waits still; NULL without *error: it is none (transfer full). */
static LedgerCase *pending_case(Ledger *ledger, const Entry *entry, GError **error)
{
	guint64 of;
	if (entry->kind != ENTRY_ERASURE)
		return NULL;
	g_autoptr(Record) record = ledger_opened_record(ledger, entry->seq, error);
	if (record == NULL || !record_get_uint(record, "case", G_MAXINT64, &of, error))
		return NULL;
	g_autoptr(LedgerCase) c = ledger_case_load(ledger, of, error);
	return c != NULL && ledger_erasure_pending(c) && c->erasure->order == entry->seq ? g_steal_pointer(&c) : NULL;
}

/* Few: the orders that there ever were. */
static gboolean step_erasures(Ledger *ledger, LedgerJob *base)
{
	AskJob *job = (AskJob *)base;
	g_autoptr(GArray) seqs = about_erasure(ledger, 0, &base->error);
	for (guint i = 0; seqs != NULL && i < seqs->len && base->error == NULL; i++) {
		Entry entry;
		if (!read_entry(ledger, g_array_index(seqs, guint64, i), &entry, &base->error))
			break;
		g_autoptr(LedgerCase) c = pending_case(ledger, &entry, &base->error);
		if (c != NULL)
			g_array_append_val(job->seqs, c->seq);
	}
	return TRUE;
}

static gboolean step_counts(Ledger *ledger, LedgerJob *base)
{
	AskJob *job = (AskJob *)base;
	LedgerErasureCounts *counts = job->counts;
	g_autoptr(GArray) seqs = about_erasure(ledger, 0, &base->error);
	for (guint i = 0; seqs != NULL && i < seqs->len && base->error == NULL; i++) {
		Entry entry;
		if (!read_entry(ledger, g_array_index(seqs, guint64, i), &entry, &base->error))
			break;
		counts->undestroyed = entry.kind == ENTRY_CUSTODY ? 0 : counts->undestroyed + (entry.kind == ENTRY_ERASED);
		g_autoptr(LedgerCase) c = pending_case(ledger, &entry, &base->error);
		if (c == NULL)
			continue;
		gboolean confirmed = strcmp(c->erasure->word, "confirmed") == 0;
		counts->ordered += !confirmed;
		counts->overdue += confirmed && job->now >= c->erasure->since + LEDGER_ERASURE_WAIT + OVERDUE;
	}
	return TRUE;
}

gboolean ledger_erasure_counts(Ledger *ledger, gint64 now, LedgerErasureCounts *counts, GError **error)
{
	AskJob job = {.job = {.step = step_counts}, .now = now, .counts = counts};
	*counts = (LedgerErasureCounts){0};
	return ledger_run(ledger, &job.job, error);
}

static GArray *ask_seqs(Ledger *ledger, gboolean (*step)(Ledger *, LedgerJob *), GError **error)
{
	AskJob job = {.job = {.step = step}, .seqs = g_array_new(FALSE, FALSE, sizeof(guint64))};
	if (ledger_run(ledger, &job.job, error))
		return job.seqs;
	g_array_unref(job.seqs);
	return NULL;
}

GArray *ledger_erasures(Ledger *ledger, GError **error)
{
	return ask_seqs(ledger, step_erasures, error);
}

static gint by_seq(gconstpointer a, gconstpointer b)
{
	guint64 one = *(const guint64 *)a, other = *(const guint64 *)b;
	return one < other ? -1 : one > other;
}

static gboolean add_states(Ledger *ledger, guint64 message, GArray *seqs, GError **error)
{
	g_array_append_val(seqs, message);
	sqlite3_stmt *row = database_query(ledger->books, error, "SELECT DISTINCT seq FROM resealed WHERE of=?", "i", (gint64)message);
	int more = row != NULL ? database_next(ledger->books, row, error) : -1;
	for (; more == 1; more = database_next(ledger->books, row, error)) {
		guint64 seq = (guint64)sqlite3_column_int64(row, 0);
		g_array_append_val(seqs, seq);
	}
	return more == 0;
}

static gboolean step_payloads(Ledger *ledger, LedgerJob *base)
{
	AskJob *job = (AskJob *)base;
	g_autoptr(GArray) seqs = about_erasure(ledger, 0, &base->error);
	for (guint i = 0; seqs != NULL && i < seqs->len && base->error == NULL; i++) {
		Entry entry;
		if (read_entry(ledger, g_array_index(seqs, guint64, i), &entry, &base->error) && entry.kind == ENTRY_ERASED)
			add_states(ledger, entry.concerns, job->seqs, &base->error);
	}
	return TRUE;
}

GArray *ledger_erased_payloads(Ledger *ledger, GError **error)
{
	GArray *seqs = ask_seqs(ledger, step_payloads, error);
	if (seqs != NULL)
		g_array_sort(seqs, by_seq);
	return seqs;
}

static gboolean step_all_texts(Ledger *ledger, LedgerJob *base)
{
	AskJob *job = (AskJob *)base;
	g_autoptr(GArray) seqs = about_erasure(ledger, 0, &base->error);
	for (guint i = 0; seqs != NULL && i < seqs->len && base->error == NULL; i++) {
		Entry entry;
		guint64 seq = g_array_index(seqs, guint64, i);
		if (!read_entry(ledger, seq, &entry, &base->error) || entry.kind != ENTRY_ERASED)
			continue;
		g_autoptr(Record) record = ledger_opened_record(ledger, seq, &base->error);
		g_autoptr(GArray) texts = record != NULL ? ledger_erased_texts(record) : NULL;
		if (texts != NULL && texts->len > 0)
			g_array_append_vals(job->seqs, texts->data, texts->len);
	}
	return TRUE;
}

GArray *ledger_erased_all_texts(Ledger *ledger, GError **error)
{
	return ask_seqs(ledger, step_all_texts, error);
}

static gboolean step_state(Ledger *ledger, LedgerJob *base)
{
	AskJob *job = (AskJob *)base;
	gint64 waiting = 0;
	if (!database_number(ledger->custody, &base->error, &waiting, 0, "SELECT count(*) FROM outlived", ""))
		return TRUE;
	job->state->removed = waiting == 0;
	g_autoptr(GArray) seqs = about_erasure(ledger, job->seq + 1, &base->error);
	for (guint i = 0; seqs != NULL && i < seqs->len && job->state->custody == 0 && base->error == NULL; i++) {
		Entry entry;
		guint64 seq = g_array_index(seqs, guint64, i);
		if (read_entry(ledger, seq, &entry, &base->error) && entry.kind == ENTRY_CUSTODY)
			job->state->custody = seq;
	}
	return TRUE;
}

gboolean ledger_erased_state(Ledger *ledger, guint64 erased, LedgerErasedState *state, GError **error)
{
	AskJob job = {.job = {.step = step_state}, .seq = erased, .state = state};
	*state = (LedgerErasedState){FALSE, 0};
	return ledger_run(ledger, &job.job, error);
}
