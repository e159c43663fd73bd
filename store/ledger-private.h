/* SPDX-License-Identifier: ISC */
/* store/ledger-private.h - what the files of the ledger share; nobody else includes it but their tests.
 *
 *   ledger.c           the calls, the queue of jobs, the one thread
 *   ledger-start.c     create, open, look, set orphans aside
 *   ledger-continue.c  go on after a mismatch
 *   ledger-commit.c    a group: custody.db, vault, register.db, in that order
 *   ledger-report.c    a report, a retry
 *   ledger-act.c       an act
 *   ledger-cases.c     the cached state of cases, numbers
 *   ledger-casework.c  what casework makes of it
 *   ledger-followup.c  answers to our letters
 *   ledger-letters.c   officers' letters of a case, and what became of them
 *   ledger-outbox.c    letters, and what is remembered of messages and addresses for some days
 *   ledger-exclusion.c who is kept from messages about her, and whether too often
 *   ledger-notice.c    whom to tell of an urgent arrival, and whether anybody has looked
 *   ledger-people.c    who reads
 *   ledger-read.c      entries, openings, proofs, headers, payloads
 *   ledger-answer.c    how the reporter was answered
 *   ledger-anew.c      messages under fresh file keys, and what that puts out of use
 *   ledger-witness.c   checkpoints that trustees get, and what they say to them
 *   ledger-erase.c     what goes by order, and what of it outlives
 *   ledger-check.c     the whole tree and every payload
 *   ledger-wrap.c      headers for other readers, and those that go
 *   ledger-rotate.c    what rests in custody.db under another custody key
 *
 * One thread, the writer, touches the databases. A job is a call that waits for it. */
#ifndef SENIM_STORE_LEDGER_PRIVATE_H
#define SENIM_STORE_LEDGER_PRIVATE_H

#include "base/bundle.h"
#include "store/custody.h"
#include "store/database.h"
#include "store/ledger.h"
#include "store/merkle.h"
#include "store/note.h"
#include "store/vault.h"

#define LEDGER_GROUP_JOBS 64
#define LEDGER_GROUP_OCTETS (4 * 1024 * 1024)
#define LEDGER_SLICE_ROWS 500
#define LEDGER_SLICE_TIME 500 /* microseconds */
#define LEDGER_WAL_PAGES (64 * 1024 * 1024 / 4096)
#define LEDGER_IDLE (2 * G_USEC_PER_SEC)
/* So long after a report the next may be on its way. */
#define LEDGER_LULL (G_USEC_PER_SEC / 10)
#define LEDGER_DAY_US ((gint64)ENTRY_DAY * G_USEC_PER_SEC)
#define LEDGER_RETRY_DAYS 10   /* a day's key is deleted on the eleventh */
#define LEDGER_ORPHAN_DAYS 30
#define LEDGER_BOOKS_ID 0x534e5231   /* register.db: "SNR1" */
#define LEDGER_CUSTODY_ID 0x534e4331 /* custody.db: "SNC1" */
#define LEDGER_IN_USE "in-use" /* a file that stands while both databases have a WAL (ledger-start.c) */
#define LEDGER_WORK_MAX 2000  /* entries of one case's work: its cached state is one record */
#define LEDGER_CACHE_FORM 7    /* of the state's rows; another number in head.cache: they are made again */

typedef struct {
	gint64 day; /* days since 1970 */
	guint8 key[32];
} LedgerDayKey;

/* Which files lay there before anything was opened. */
typedef struct {
	gboolean in_use, books_wal, custody_wal;
} LedgerFound;

struct Ledger {
	/* as opened */
	char *directory, *mailbox, *origin;
	guint8 store_id[16];
	const CustodyKey *custody_key;
	const NoteSigner *signer;
	NoteVerifier *verifier;
	GTimeZone *zone;
	gint64 (*now)(void);
	gint64 (*uptime)(void);
	int directory_fd; /* holds the flock */
	LedgerFound found;
	Vault *vault;

	/* the writer's own (before its thread runs: whoever opens) */
	Database *books;   /* register.db */
	Database *custody; /* custody.db */
	MerkleTree tree;
	char *note;        /* the checkpoint of that tree */
	gint64 last_time;  /* exact moment of the last entry */
	gint64 seen_now, seen_uptime; /* both clocks at the last entry of this process; 0: none yet */
	gint64 clock_refused; /* jobs refused since the clock went wrong … */
	gint64 clock_since;   /* … which was then, by the clock that never leaps */
	char *clock_fault; /* what was wrong with it, for the incident; NULL: nothing */
	GArray *day_keys;  /* LedgerDayKey; NULL: to be read */
	gboolean lost;     /* a commit failed: the databases must be opened again before anything else */
	gboolean settled;  /* nothing to settle since the last time */
	gboolean outlived; /* there may be rows and files that are out of use */
	GArray *handing;   /* guint64, letters that may be with the MTA by now; NULL: none was handed over yet */
	gint64 swept;      /* day of the last sweep */
	gint64 read_at;    /* monotonic time of the last slice of a reading job */
	gboolean yields;   /* the writer's thread takes a processor from nobody */

	/* shared, under mutex */
	GMutex mutex;
	GCond wake;
	GQueue writing, reading;
	gboolean closing;
	People *people;     /* all of the register's; replaced, never changed */
	guint64 size;       /* committed entries */
	gint64 report_at;   /* monotonic time at which the last report came */
	gboolean tampered;
	GThread *thread;
};

typedef struct LedgerJob LedgerJob;
typedef struct LedgerGroup LedgerGroup;

struct LedgerJob {
	/* A reading job: works for one slice; TRUE when it is done, with job->error where it failed. */
	gboolean (*step)(Ledger *ledger, LedgerJob *job);
	/* A writing job: writes into custody.db within the group's transaction. FALSE and *error: the group cannot go on.
	 * TRUE with job->error: this job alone is refused and has written nothing. */
	gboolean (*apply)(LedgerGroup *group, LedgerJob *job, GError **error);
	gboolean appends; /* an entry: the clock must be right */
	gsize weight;     /* octets that it adds to the group */
	GError *error;
	gboolean done;
	GCond finished;
};

/* An entry that a group adds. */
typedef struct {
	guint8 data[ENTRY_SIZE];
	guint8 leaf[ENTRY_HASH];
	gboolean is_case;
	guint8 case_id[SEAL_CASE];
} LedgerNew;

typedef struct {
	guint level;
	guint64 index;
	guint8 hash[MERKLE_HASH];
} LedgerNode;

typedef struct {
	int fd;
	guint8 case_id[SEAL_CASE];
} LedgerLink;

/* Which entry's rows hold a part of a message, or a text, and the id to which they are bound. */
typedef struct {
	guint64 seq;
	guint8 id[SEAL_CASE];
} LedgerObject;

/* A part of a message that a group seals anew. */
typedef struct {
	guint64 of;
	SealPart part;
	LedgerObject object;
} LedgerFresh;

struct LedgerGroup {
	Ledger *ledger;
	GPtrArray *jobs;   /* LedgerJob, borrowed */
	gint64 now;        /* the moment of its entries, microseconds UTC */
	guint64 before;    /* size of the register before it */
	guint8 before_root[MERKLE_HASH];
	MerkleTree tree;   /* with its entries */
	GArray *entries;   /* LedgerNew */
	GArray *nodes;     /* LedgerNode */
	GArray *links;     /* LedgerLink */
	GArray *fresh;     /* LedgerFresh */
	GArray *cosignatures; /* LedgerCosignature */
	gboolean erases;   /* its entries put something out of use by order */
	People *people;    /* with its entries; NULL: they say nothing of people */
};

/* --- ledger.c */
gboolean ledger_fail(GError **error, LedgerError code, const char *format, ...) G_GNUC_PRINTF(3, 4); /* FALSE */
/* Refuses one job: TRUE, as apply() returns it. */
gboolean ledger_refuse(LedgerJob *job, LedgerError code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Errors of databases and vault become LEDGER_ERROR's. NULL is harmless. */
void ledger_translate(GError **error);
/* Hands the job to the writer and waits. FALSE and *error where it was refused or failed. */
gboolean ledger_run(Ledger *ledger, LedgerJob *job, GError **error);
Ledger *ledger_new(const LedgerOptions *options, GError **error);
void ledger_free(Ledger *ledger); /* without a thread */
gboolean ledger_is_tampered(Ledger *ledger);
Record *ledger_record_copy(const Record *record);
/* Additional data of a sealed row of custody.db: "WHAT LF ORIGIN LF NUMBER" (doc/formats.md). */
GBytes *ledger_seal(const Ledger *ledger, CustodyPurpose purpose, const char *what, guint64 number, const void *data,
                    gsize size);
GBytes *ledger_unseal(const Ledger *ledger, CustodyPurpose purpose, const char *what, guint64 number, sqlite3_stmt *row,
                      int column, GError **error);

/* --- ledger-start.c */
gboolean ledger_start(Ledger *ledger, GError **error);
/* After a commit that failed: closes both, opens them again and looks. */
gboolean ledger_look_again(Ledger *ledger, GError **error);
/* Nothing is unfinished: says so in custody.db, and empties the WALs. */
gboolean ledger_settle(Ledger *ledger, GError **error);
/* Once a day: what had its time goes. */
gboolean ledger_sweep(Ledger *ledger, GError **error);
void ledger_stop(Ledger *ledger);
/* The databases as they lie there, unlooked at: sizes of both, and the register's last checkpoint or NULL. */
gboolean ledger_open_as_found(Ledger *ledger, guint64 *size, guint64 *known, char **note, GError **error);
/* Closes the databases; what was made by opening them goes. */
void ledger_leave_as_found(Ledger *ledger);
/* Directory, vault and databases of a log without an entry; and all that was written into them made durable, and closed. */
gboolean ledger_make_empty(Ledger *ledger, GError **error);
gboolean ledger_end_making(Ledger *ledger, GError **error);
/* Directory, databases and first entry of a new log. */
gboolean ledger_make(Ledger *ledger, EntryKind kind, const Record *record, GError **error);

/* --- ledger-continue.c: keeps what was found and makes a new log that says so, in its place. */
gboolean ledger_continue(const LedgerOptions *options, GError **error);

/* --- ledger-commit.c */
/* Runs these writing jobs as one commit; every job is done afterwards. */
void ledger_commit(Ledger *ledger, GPtrArray *jobs);
/* The record's octets, checked against its kind's schema and the limit. */
GBytes *ledger_record_octets(EntryKind kind, const Record *record, GError **error);
/* Adds an entry with its opening; object and result may be NULL. */
gboolean ledger_group_add(LedgerGroup *group, const Entry *template, GBytes *record, LedgerEntry *result,
                          GError **error);
/* A group of one entry that nobody waits for: a log's first. */
gboolean ledger_commit_first(Ledger *ledger, EntryKind kind, const Record *record, GError **error);

/* --- ledger-anew.c */
/* The newest state of a part of the message of entry seq, or a text's own; group (may be NULL): with what that adds. 1: *object;
 * 0: there is no such thing; -1: *error. */
int ledger_object(Ledger *ledger, const LedgerGroup *group, guint64 seq, SealPart part, LedgerObject *object, GError **error);
/* In the caller's thread: what a disk can refuse, and that the octets are those that were signed. */
gboolean ledger_anew_prepare(Ledger *ledger, const LedgerAct *act, GError **error);
/* Does it go with what is? FALSE and *error: the group cannot go on; TRUE with job->error: it does not. */
gboolean ledger_anew_check(LedgerGroup *group, LedgerJob *job, const LedgerAct *act, const LedgerCase *c, GError **error);
gboolean ledger_anew_insert(LedgerGroup *group, const LedgerAct *act, guint64 seq, GError **error);
/* What the committed entries put out of use goes: rows, the WAL that holds them, files; then the rows that say so. Begun
 * again at any point it comes to the same end. */
gboolean ledger_outlived_destroy(Ledger *ledger, GError **error);
gboolean ledger_payload_insert(Database *custody, guint64 seq, SealPart part, GBytes *payload, GError **error);
void ledger_step(const char *name); /* ledger-commit.c */

/* What `outlived` names beside the parts of a message (store/seal.h) and of an act's texts. */
enum {
	LEDGER_OUTLIVED_OPENING = 4,
	LEDGER_OUTLIVED_CASE = 5, /* what the other tables say of a case */
};

/* --- ledger-erase.c */
/* Within the writer: the ERASED entry by which the message of entry seq went, 0 none. */
gboolean ledger_find_erased(Ledger *ledger, guint64 seq, guint64 *by, GError **error);
/* The record of a RECEIVED or FOLLOWUP entry, or what of it outlives an erasure, in the same form; *by as above. */
Record *ledger_message_record(Ledger *ledger, guint64 seq, guint64 *by, GError **error);
/* Of an ERASED record the lines of the message that it is about. */
Record *ledger_erased_message(const Record *erased);
/* What ERASURE and ERASED make of a case; other kinds nothing. */
void ledger_case_erasure(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record);
void ledger_erasure_free(LedgerErasure *erasure);
/* Its lines in the cached state, and back. */
void ledger_erasure_write(const LedgerCase *c, Record *record);
gboolean ledger_erasure_read(LedgerCase *c, const Record *record, GError **error);
/* Names in `outlived` what an ERASED entry is about: a message, with every state that it ever had … */
/* TRUE in *held where a letter of the case is being handed to the MTA; with `all`, where one waits to go. The writer's thread. */
gboolean ledger_letters_hold(Ledger *ledger, guint64 case_seq, gboolean all, gboolean *held, GError **error);
gboolean ledger_outlive_message(Ledger *ledger, guint64 message, guint64 by, GError **error);
/* … the sealed texts of its case that the record names, and the case itself. */
gboolean ledger_outlive_rest(Ledger *ledger, const Record *erased, guint64 by, GError **error);
/* The entries that an ERASED record's lines `texts` name (guint64; transfer full). */
GArray *ledger_erased_texts(const Record *erased);
/* In books that came out of an archive: what their ERASED entries are about is named once more. */
gboolean ledger_erase_again(Ledger *ledger, GError **error);

/* --- ledger-wrap.c */
/* Are they of what lies there now? FALSE and *error: the group cannot go on; TRUE with job->error: they are not. */
gboolean ledger_wraps_check(LedgerGroup *group, LedgerJob *job, const LedgerAct *act, GError **error);
gboolean ledger_wraps_insert(LedgerGroup *group, const LedgerAct *act, GError **error);

/* --- ledger-cases.c */
/* Which rows of the cache a filter asks for. */
enum { LEDGER_CASE_SHUT = 0, LEDGER_CASE_OPEN = 1, LEDGER_CASE_OPEN_ASIDE = 2 };
/* NULL without *error: no such case. */
LedgerCase *ledger_case_load(Ledger *ledger, guint64 seq, GError **error);
gboolean ledger_case_insert(LedgerGroup *group, const LedgerCase *c, GError **error);
/* by: the sequence of the entry that changed it. */
/* What a REDIRECTED entry does to its case. */
/* What ACKNOWLEDGED says: when, and which date the reporter was told. */
void ledger_case_acknowledged(LedgerCase *c, const Record *record);
void ledger_case_redirect(LedgerCase *c, guint64 seq, const Record *record);
gboolean ledger_case_update(LedgerGroup *group, const LedgerCase *c, guint64 by, GError **error);
gboolean ledger_number_next(Ledger *ledger, guint year, gboolean aside, guint *number, GError **error);
gboolean ledger_number_insert(Ledger *ledger, const LedgerCase *c, guint64 by, GError **error);
guint ledger_year(const Ledger *ledger, gint64 moment);
char *ledger_number_text(guint year, gboolean aside, guint number);
gboolean ledger_number_parse(const char *text, guint *year, gboolean *aside, guint *number);
/* A RECEIVED record as the case it begins. */
LedgerCase *ledger_case_from_record(guint64 seq, const Record *record, GError **error);
/* What GRANTED, WITHHELD_FROM and ASSIGNED make of it; other kinds nothing. */
void ledger_case_access(LedgerCase *c, EntryKind kind, const Record *record);
/* ledger-casework.c: what an entry of casework makes of it; other kinds nothing. */
void ledger_case_work(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record);
/* Its lines in the cached state, and back. */
void ledger_case_work_write(const LedgerCase *c, Record *record);
gboolean ledger_case_work_read(LedgerCase *c, const Record *record, GError **error);
/* An OPENED record of a machine's look alone: it was opened to be sealed anew, and nobody has read it. */
gboolean ledger_is_unread(const Record *record);
/* What an OPENED entry does to it: its `message`, an answer, was read. */
void ledger_case_seen(LedgerCase *c, const Record *record);
/* The last word of an entry that keeps it from one. */
void ledger_case_withhold(LedgerCase *c, const char *name);
/* The cache and the numbers once more, from the openings. */
gboolean ledger_cases_rebuild(Ledger *ledger, GError **error);

/* --- ledger-answer.c */
/* What REPLIED and ADVISED make of it; other kinds nothing. */
void ledger_case_answer(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record);
/* Its lines in the cached state, and back. */
void ledger_case_answer_write(const LedgerCase *c, Record *record);
gboolean ledger_case_answer_read(LedgerCase *c, const Record *record, GError **error);

/* --- ledger-letters.c */
/* What an entry that puts a letter into the outbox (`letter: queued`) does to its case; others nothing. */
void ledger_case_post(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record);
/* A NOTICE of a letter's end (sent, unsent); FALSE: it is of none of these. */
gboolean ledger_case_post_ended(LedgerCase *c, const Record *record);
/* A FOLLOWUP that is the bounce of one (`returned`). */
void ledger_case_post_returned(LedgerCase *c, const Record *record);
/* Their line in the cached state, and back. */
void ledger_case_post_write(const LedgerCase *c, Record *record);
gboolean ledger_case_post_read(LedgerCase *c, const Record *record, GError **error);

/* --- ledger-followup.c */
/* To which of our letters a message answers: kind is letter_token_kind(), "-" where it names none (static); entry is
 * letter_token_entry() of that letter. */
typedef struct {
	const char *kind;
	guint32 entry;
} LedgerAnswers;
/* The case that one of the references names, or NULL; answers may be NULL. FALSE and *error where it cannot be told. Within
 * the writer. */
gboolean ledger_referred_case(Ledger *ledger, const Record *facts, LedgerCase **found, LedgerAnswers *answers, GError **error);
/* Is it a bounce of a day's mail to a trustee, whose token names no case? *asked: the WITNESSED entry of that mail, 0: it is none;
 * *trustee (transfer full). Within the writer. */
gboolean ledger_referred_checkpoint(Ledger *ledger, const Record *facts, guint64 *asked, char **trustee, GError **error);
/* The last lines of a follow-up's record. */
void ledger_add_answers(Record *record, const LedgerAnswers *answers, const Record *facts, gboolean flood);
/* Of these those to whom a message of the case with these facts is sealed; c NULL: a report (transfer full). */
GPtrArray *ledger_readers_less(const GPtrArray *readers, const LedgerCase *c, const Record *facts);
/* Does a RECEIVED or FOLLOWUP record name her among those to whom it is sealed? */
gboolean ledger_record_has_reader(const Record *record, const char *name);
/* Have more come today than a case has? */
gboolean ledger_case_flooded(const LedgerCase *c, gint64 now);
/* What a FOLLOWUP entry does to its case; now: microseconds UTC of the entry. */
void ledger_case_followed(LedgerCase *c, guint64 seq, gint64 now, const Record *record);

/* --- ledger-outbox.c */
gboolean ledger_letter_insert(LedgerGroup *group, guint64 seq, guint64 case_seq, const Record *letter,
                              GBytes *composed, gint64 due, GError **error);
/* The case of the same message within the last days, or LEDGER_NOTHING. */
gboolean ledger_retry_find(LedgerGroup *group, const guint8 digest[SEAL_DIGEST], guint64 *seq, GError **error);
gboolean ledger_retry_remember(LedgerGroup *group, const guint8 digest[SEAL_DIGEST], guint64 seq, GError **error);
/* Deletes keys and rows of the days that are over. Within a transaction. */
gboolean ledger_days_forget(Ledger *ledger, gint64 now, GError **error);
void ledger_day_keys_drop(Ledger *ledger);
/* A person's name under the key of a day (days since 1970); known FALSE: there is no such key. */
gboolean ledger_day_person(Ledger *ledger, gint64 day, const char *name, guint8 who[LEDGER_WHO], gboolean *known,
                           GError **error);
/* The same under the key of the group's day, which is made where it is missing. */
gboolean ledger_day_person_now(LedgerGroup *group, const char *name, guint8 who[LEDGER_WHO], GError **error);

/* --- ledger-notice.c */
/* An urgent report or follow-up is watched until somebody has looked at its case, or the last step is entered. */
gboolean ledger_notice_watch(LedgerGroup *group, const Record *facts, guint64 seq, guint64 case_seq, GError **error);
/* LISTED and OPENED end the watch over the cases that their record names. */
gboolean ledger_notice_answer(LedgerGroup *group, EntryKind kind, const Record *record, guint64 by, GError **error);

/* Its letter: the row of the NOTICE entry person->seq, which is in this group. */
gboolean ledger_notice_letter(LedgerGroup *group, const LedgerNoticePerson *person, guint64 case_seq, GError **error);

/* --- ledger-exclusion.c */
/* Counts whom of those in force this RECEIVED or FOLLOWUP record keeps out; seq: its entry. */
gboolean ledger_exclusion_note(LedgerGroup *group, const Record *record, const GPtrArray *in_force, guint64 seq,
                               guint64 case_seq, GError **error);

/* --- ledger-witness.c */
gboolean ledger_cosignature_insert(Ledger *ledger, guint64 size, const guint8 key[LEDGER_WITNESS_KEY], const char *line, GError **error);
/* What a WITNESSED record holds of one; others hold none. */
gboolean ledger_cosignature_rebuild(Ledger *ledger, const Record *record, GError **error);
/* For the check: every row of the table, "SIZE KEY" -> its line (transfer full); and the line of one row, NULL: there is none
 * now (transfer full; *error). Rows and the entries that hold them come in one commit. */
GHashTable *ledger_cosignatures(Ledger *ledger, GError **error);
char *ledger_cosignature_name(guint64 size, const guint8 key[LEDGER_WITNESS_KEY]);
char *ledger_cosignature_line(Ledger *ledger, guint64 size, const guint8 key[LEDGER_WITNESS_KEY], GError **error);
/* --- ledger-incident.c */
/* The last entry of the emergency journal, the group's own among them; 0: none. */
gboolean ledger_incident_last(LedgerGroup *group, guint64 *last, GError **error);
gboolean ledger_incident_add(LedgerGroup *group, const LedgerIncident *incident, LedgerEntry *result, GError **error);
/* The registrar's committed incident of that kind that was not ended; 0: none. */
gboolean ledger_incident_lasting(LedgerGroup *group, const char *what, guint64 *seq, GError **error);

/* --- ledger-queue.c */
/* Under the group's day; NULL is nothing. */
gboolean ledger_queue_remember(LedgerGroup *group, const char *queue_id, GError **error);
gboolean ledger_queue_forget(Ledger *ledger, gint64 now, GError **error);

/* --- ledger-read.c */
/* Salt and record of an entry; NULL and NOT_FOUND where it has none. Within the writer. */
GBytes *ledger_opening(Ledger *ledger, guint64 seq, GError **error);
gboolean ledger_opening_split(GBytes *opening, guint8 salt[ENTRY_SALT], GBytes **record, GError **error);
/* The record of it, read (transfer full): NULL and NOT_FOUND where its opening is gone. */
Record *ledger_opened_record(Ledger *ledger, guint64 seq, GError **error);
gboolean ledger_fetch_node(guint level, guint64 index, guint8 hash[MERKLE_HASH], gpointer ledger, GError **error);
/* What an entry says, checked against what it commits to (transfer full). Within the writer. */
Record *ledger_entry_record(Ledger *ledger, guint64 seq, Entry *entry, GError **error);
gboolean ledger_entry_data(Ledger *ledger, guint64 seq, guint8 data[ENTRY_SIZE], GError **error);

/* --- ledger-archive.c */
/* The next object, from line *at of its entry's record on, to which a header of this part may be bound: a case's id, or for a
 * sealed text that text's, of which an act may have several. */
gboolean ledger_header_object(const Record *record, guint part, guint *at, guint8 object[16]);

/* --- ledger-people.c */
/* All of it from the entries, within the writer (transfer full). */
People *ledger_people_read(Ledger *ledger, GError **error);
/* people_fold() with the ledger's errors: STATE where the record does not go with what is. */
gboolean ledger_people_fold(People *people, guint kind, guint64 seq, const Record *record, GError **error);
/* They are in force from here on (transfer full). */
void ledger_people_adopt(Ledger *ledger, People *people);
/* Is that still the set of those who get headers? */
gboolean ledger_readers_are(Ledger *ledger, const guint8 set[32]);

/* --- a seam for tests: called with the name of each step of a commit, on the writer's thread; NULL: nothing. A test
 * kills the process there, or makes the next system call fail. */
extern void (*ledger_test_step)(const char *step);

#endif
