/* SPDX-License-Identifier: ISC */
/* store/ledger.h - the books of one mailbox: register.db, custody.db, vault/, and the one thread that writes them.
 *
 * Everything that reaches the databases goes through the writer thread; callers hand it jobs and wait. Reports that
 * wait together share one commit (at most 64, or 4 MiB); commits go before reading jobs; a reading job is cut into
 * slices of at most 500 rows or half a millisecond. FORMATS has tables, the order of a commit and of a start.
 *
 * Promise:   LEDGER_REGISTERED and a TRUE of ledger_append() mean: durable. A failure of the last COMMIT has an unknown
 *            outcome: nothing is removed, the caller hears FAILED, the ledger reopens itself and looks.
 * Ownership: a Ledger owns its thread and connections; what is passed in is borrowed for the call.
 * Threads:   every function but ledger_open/close may be called from any thread; each blocks until its job is done.
 * Fails:     *error in LEDGER_ERROR. */
#ifndef SENIM_STORE_LEDGER_H
#define SENIM_STORE_LEDGER_H

#include <glib.h>

#include "base/record.h"
#include "store/entry.h"
#include "store/incident.h"
#include "store/people.h"
#include "store/seal.h"

typedef enum {
	LEDGER_ERROR_MISMATCH, /* register and custody (or WAL, or files) are of different ages: both sizes named */
	LEDGER_ERROR_DATABASE,
	LEDGER_ERROR_VAULT,
	LEDGER_ERROR_CLOCK,    /* the clock is behind the last entry, or leapt ahead unexplained */
	LEDGER_ERROR_NOT_FOUND,
	LEDGER_ERROR_AMBIGUOUS,
	LEDGER_ERROR_STATE,    /* the case is not in a state that allows it; for what an officer can be told: */
	LEDGER_ERROR_STALE,    /* somebody entered something meanwhile */
	LEDGER_ERROR_NUMBERED, /* an X that has its number already */
	LEDGER_ERROR_LETTER,   /* a letter of it is on its way */
	LEDGER_ERROR_ERASING,  /* its erasure was ordered */
	LEDGER_ERROR_FULL,     /* as many entries as a case can have */
	LEDGER_ERROR_LAST_HEADER,
	LEDGER_ERROR_NO_READER,
	LEDGER_ERROR_TAMPERED, /* the background check found a mismatch: reading and closing stop, intake goes on */
	LEDGER_ERROR_CLOSED,
	LEDGER_ERROR_FORM,     /* what was handed in is not of the form that it must have */
	LEDGER_ERROR_PEOPLE,   /* and above: a PeopleErrorCode more than it, where that is not FORM */
} LedgerError;
#define LEDGER_ERROR (ledger_error_quark())
GQuark ledger_error_quark(void);

#define LEDGER_NOTHING ENTRY_NOTHING /* "concerns no entry" */

typedef struct Ledger Ledger;
typedef struct CustodyKey CustodyKey; /* store/custody.h */
typedef struct NoteSigner NoteSigner; /* store/note.h */
typedef struct NoteVerifier NoteVerifier;

typedef struct {
	const char *directory; /* <state-directory>/<mailbox> */
	const char *mailbox;   /* the address */
	const char *origin;    /* FORMATS "Checkpoints" */
	const guint8 *store_id; /* 16 octets */
	const CustodyKey *custody;
	const NoteSigner *signer;
	GTimeZone *zone;
	gboolean continue_after_mismatch;
	gint64 (*now)(void);   /* microseconds UTC; NULL: the system's clock. Tests move it. */
	gint64 (*uptime)(void); /* microseconds that never leap; NULL: CLOCK_BOOTTIME, or `now` where that is given */
} LedgerOptions;

/* init: makes the directory's databases and writes the first entry (BEGUN with the given record). */
gboolean ledger_create(const LedgerOptions *options, const Record *begun, GError **error);
/* The start of FORMATS: reads only the end. */
Ledger *ledger_open(const LedgerOptions *options, GError **error);
/* Finishes what waits, stops the thread, checkpoints the WALs, closes. */
void ledger_close(Ledger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ledger, ledger_close)

/* --- reports ------------------------------------------------------------------------------------------------------ */

/* Everybody whom the register's own entries name (BEGUN, KEY, BLOCKED), as they are now (transfer full). */
People *ledger_people(Ledger *ledger);
/* Those who get headers now (transfer full, elements PeoplePerson), and a digest of the set that COMMIT names again. */
GPtrArray *ledger_readers(Ledger *ledger, guint8 set[32], GError **error);
/* Those to whom a message with these facts (or any record with `named`* and `reference`*) is sealed, of everybody in force,
 * whose digest goes to set: of an answer to a letter of ours the readers of its case less those from whom the case is kept,
 * of any other message people_unnamed() (transfer full). */
GPtrArray *ledger_readers_for(Ledger *ledger, const Record *facts, guint8 set[32], GError **error);

typedef struct {
	const char *reader; /* name */
	SealPart part;
	const char *text; /* the age header */
	gsize size;
} LedgerHeader;

typedef enum { LEDGER_LETTER_NONE, LEDGER_LETTER_OWED, LEDGER_LETTER_WITHHELD } LedgerLetter;

typedef struct {
	guint8 case_id[SEAL_CASE];
	gint64 received;         /* microseconds UTC: the final dot */
	guint8 reader_set[32];
	GBytes *payload;         /* NULL: fd */
	int fd;                  /* an O_TMPFILE of ledger_payload_file(), written and not yet synced */
	guint64 size;
	guint8 digest[SEAL_DIGEST];
	GBytes *card;
	guint8 card_digest[SEAL_DIGEST];
	guint8 key_check_body[32], key_check_card[32], body_check[32];
	guint8 message_digest[SEAL_DIGEST];
	const Record *facts;
	const char *queue_id;    /* the MTA's name for it, kept keyed alone; NULL: it came another way */
	const LedgerHeader *headers;
	guint n_headers;
	LedgerLetter letter_state;
	const char *letter_reason; /* one word where withheld, else NULL */
	const Record *letter;      /* finding_letter_schema, where owed */
	gint64 letter_due;         /* microseconds UTC */
	const char *redirect_to;   /* an addressee's name: it goes to law enforcement by itself, by the letter; NULL: it does not */
	const Record *redirect_letter;
	const Record *added;       /* of one that an officer added: the end of its record, from `officer` to `signature`; its
	                            * moment may lie years back. Else NULL */
	guint64 split_case, split_message; /* it was a later message of that case: an entry SPLIT says so; 0: it was none */
} LedgerReport;

typedef enum {
	LEDGER_REGISTERED,
	LEDGER_RETRIED, /* the same message once more: an entry of the first case */
	LEDGER_FOLLOWED, /* an answer to a letter of ours: an entry of that letter's case; or a trustee's mail that came back */
	LEDGER_STALE,   /* the set of readers changed: ask again */
	LEDGER_FAILED,  /* *error says the step */
} LedgerOutcome;

LedgerOutcome ledger_register(Ledger *ledger, const LedgerReport *report, GError **error);
/* An unnamed file (O_TMPFILE, 0600) in the vault's file system; -1 and *error. */
int ledger_payload_file(Ledger *ledger, GError **error);

/* --- cases as a list shows them: facts only ----------------------------------------------------------------------- */

/* A letter that an officer's entry put into the outbox (its record says `letter: queued`), whatever its kind. */
typedef struct {
	guint64 entry;
	guint kind;
	const char *state; /* queued | sent | unsent | returned (it bounced); static */
} LedgerPosted;

/* An order to destroy a case's sealed objects, or one message's (doc/formats.md, "Erasure"), and what became of it. */
typedef struct {
	char *word;      /* ordered | confirmed | erased */
	guint64 order;   /* its ERASURE entry */
	guint64 message; /* the message that it is about; 0: the whole case */
	gint64 since;    /* when it came to that, microseconds UTC */
	char *officer;   /* who ordered it */
	char *dated, *number; /* of the document: YYYY-MM-DD, and its number as it stands there */
} LedgerErasure;
/* From the confirmation to the carrying out. */
#define LEDGER_ERASURE_WAIT (10 * (gint64)86400 * G_USEC_PER_SEC)

typedef struct {
	guint64 entry;     /* the REPLIED or ADVISED entry that gave it, or says that none is due; 0: there was none yet */
	guint kind;
	gint64 time;       /* microseconds UTC */
	const char *by;    /* mail | paper | person | none; static */
	guint64 numbered;  /* the entry in which its outgoing number stands (REPLIED, ADVISED, RESOLVED, STRUCK); 0: it has none */
} LedgerReply;

typedef struct {
	guint64 seq;             /* of the RECEIVED entry */
	guint8 case_id[SEAL_CASE];
	guint year, number;
	gboolean aside;          /* of the X series: 2026/X-5 */
	guint64 accepted;        /* seq of the ACCEPTED entry that gave an X its number; 0: none */
	gint64 received;         /* microseconds UTC */
	Record *facts;
	char *state;             /* new | open | closed | set-aside */
	char *ack_state;         /* queued | sent | withheld | bounced | none */
	char *ack_reason;        /* one word, or NULL */
	gint64 acked;            /* when an acknowledgement went out, microseconds UTC; 0: none did */
	char *assigned;          /* officer, or NULL: whose work it is */
	char **withheld;         /* names: from whom it was taken … */
	char **granted;          /* … and to whom it was given, whatever else keeps it from her */
	guint64 size, card_size; /* of the payloads as stored */
	guint retries, copies; /* of the message; printed ones */
	guint followups;         /* answers to our letters and bounces of them: FOLLOWUP entries … */
	guint64 last;            /* … the last of them, 0: none */
	guint64 news;            /* the last that is no bounce, 0: none */
	guint64 seen;            /* the last that was opened, 0: none: news > seen means that something new was written */
	gint64 day;              /* days since 1970 of the last one, and how many came on it */
	guint today;
	char *redirected;        /* NULL: never; automatic | made | numbered | queued | sent | unsent |
	                          * returned (the letter bounced) | wrong (store/desk-redirect.c) */
	char *redirected_to;     /* the addressee's name */
	guint64 redirection;     /* the REDIRECTED entry that made the kit */
	char *forwarded;         /* NULL: never; made | queued | numbered: what its last FORWARDED entry of the kind says */
	char *forwarded_to;      /* the addressee's name */
	guint64 forwarding;      /* the entry that it began with */
	char *forward_allowed;   /* an addressee to whom it may go although it is named, by the officer … */
	char *forward_allowed_by; /* … who said so; NULL: nobody did, or it went since */
	char *category;          /* a word of the organisation's list, or NULL */
	char *result;            /* of a closed case: the word of it; NULL: never closed */
	char *told;              /* the official date that the last acknowledgement said, YYYY-MM-DD; NULL: none did */
	char *until;             /* the day to which its term was prolonged, YYYY-MM-DD; NULL: it was not */
	guint64 notification;    /* the PROLONGED entry, where a letter said so to the reporter; 0: none did */
	GArray *posted;          /* LedgerPosted: the letters of its officers, as they were put into the outbox; NULL: none */
	LedgerReply reply;       /* the last answer to the reporter */
	gboolean unsafe;         /* no letter is to go to the reporter's address */
	gboolean held;           /* it is neither closed, set aside nor erased */
	gboolean resolved;       /* its row has a resolution, measures or an outgoing number */
	guint64 transcript;      /* the NOTED entry that wrote down a call last and was not struck; 0: none */
	LedgerErasure *erasure;  /* the last order that was not stopped, or NULL */
	guint64 erased;          /* the ERASED entry behind which nothing is left of what came before it; 0: none */
	GArray *work;            /* guint64: the entries of its casework, as they came (entry_is_casework()) */
} LedgerCase;
void ledger_case_free(LedgerCase *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LedgerCase, ledger_case_free)

typedef enum {
	LEDGER_CASES_OPEN,   /* new and open ones of the reports' series, and what has an answer that was not read */
	LEDGER_CASES_REVIEW, /* new and open ones of both series whose verdict is not clean, or that are kept from somebody:
	                      * whoever is not to learn the verdict would else read it off the list */
	LEDGER_CASES_ALL,    /* both series */
} LedgerCases;
/* Is the case kept from somebody: does it name an officer, was it withheld from one, or is it one officer's work? */
gboolean ledger_case_is_kept(const LedgerCase *c);
/* Ordered by seq, at most `most` cases with seq > after (after = LEDGER_NOTHING: from the start). Transfer full. */
GPtrArray *ledger_cases(Ledger *ledger, LedgerCases which, guint64 after, guint most, GError **error);
/* NOT_FOUND where there is none. An X that was accepted is found under both of its numbers. */
LedgerCase *ledger_case_by_seq(Ledger *ledger, guint64 seq, GError **error);
LedgerCase *ledger_case_by_number(Ledger *ledger, guint year, gboolean aside, guint number, GError **error);
LedgerCase *ledger_case_by_id(Ledger *ledger, const guint8 case_id[SEAL_CASE], GError **error);

/* The last entry of the case's work; 0: none yet. */
guint64 ledger_case_last(const LedgerCase *c);
/* What became of the letter that this entry put into the outbox; NULL: it put none there. */
const char *ledger_case_posted(const LedgerCase *c, guint64 entry);
/* Did one of its officers' letters not reach whom it was for (unsent, returned), and nothing took its place since? */
gboolean ledger_case_is_lost(const LedgerCase *c);
/* Its last answer went out by mail or on paper, and has no outgoing number, or none in force any more. */
gboolean ledger_case_lacks_number(const LedgerCase *c);
/* May an act say that it gives the answer `of` its number? That is the case's last one, and lacks it. */
gboolean ledger_case_takes_number(const LedgerCase *c, guint64 of);

/* A message of a case after the first: a FOLLOWUP entry, with a body and a card of its own. */
typedef struct {
	guint64 seq;
	guint64 of, previous;    /* the case; the message before it, 0: the case's first */
	guint8 case_id[SEAL_CASE]; /* its own id, under which it is sealed */
	gint64 received;         /* microseconds UTC */
	Record *facts;
	guint64 size, card_size; /* of the payloads as stored */
	char *answers;           /* to which letter of ours (store/letter-token.h), or "-" */
	gboolean flood;          /* more than LEDGER_FLOOD came for its case that day */
	guint64 erased;          /* the ERASED entry by which it went: id, moment and what it answers are all there is; 0: none */
} LedgerMessage;
#define LEDGER_FLOOD 20
void ledger_message_free(LedgerMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LedgerMessage, ledger_message_free)
/* The message that entry holds; NOT_FOUND where it is none. */
LedgerMessage *ledger_message(Ledger *ledger, guint64 seq, GError **error);
/* The last `most` of a case's further messages, in their order (transfer full, elements LedgerMessage). */
GPtrArray *ledger_messages(Ledger *ledger, const LedgerCase *c, guint most, GError **error);

/* --- erasure ------------------------------------------------------------------------------------------------------ */

/* An order that was neither stopped nor carried out. */
gboolean ledger_erasure_pending(const LedgerCase *c);
/* While one of the whole case is pending its row stays as it is: what it keeps was written down with the order. */
gboolean ledger_case_is_frozen(const LedgerCase *c);
/* The ERASED entry by which the message of entry seq went; *by 0: it is there. */
gboolean ledger_erased(Ledger *ledger, guint64 seq, guint64 *by, GError **error);
/* Cases (guint64, seq) with an order that is pending, as they were ordered (transfer full). */
GArray *ledger_erasures(Ledger *ledger, GError **error);
/* Carries out the order of a case: ERASED entries, one for each message, then what they are about goes: at once, or, where a disk
 * refuses that, at the next idle moment or start. STATE: nothing is confirmed, it is on hold, or it is too early. */
gboolean ledger_erase(Ledger *ledger, guint64 case_seq, GError **error);
/* How far it went. removed: nothing of what was erased lies in the store any more. custody: the CUSTODY entry behind `erased`, by which
 * the key went under which its headers lay; 0: it is in use still. */
typedef struct {
	gboolean removed;
	guint64 custody;
} LedgerErasedState;
gboolean ledger_erased_state(Ledger *ledger, guint64 erased, LedgerErasedState *state, GError **error);
/* What was left undone, at `now`. */
typedef struct {
	guint ordered;     /* orders that nobody has confirmed or stopped */
	guint overdue;     /* confirmed, their ten days past, and not carried out */
	guint undestroyed; /* messages that were erased behind the last change of the custody key */
} LedgerErasureCounts;
gboolean ledger_erasure_counts(Ledger *ledger, gint64 now, LedgerErasureCounts *counts, GError **error);
/* Entries (guint64) whose sealed texts were erased, as the ERASED records name them (transfer full). */
GArray *ledger_erased_all_texts(Ledger *ledger, GError **error);
/* Entries (guint64) whose payloads were erased: messages, and those that sealed them anew; in their order (transfer full). */
GArray *ledger_erased_payloads(Ledger *ledger, GError **error);

/* --- acts --------------------------------------------------------------------------------------------------------- */

/* An entry with its opening. */
typedef struct {
	guint64 seq;
	guint8 entry[ENTRY_SIZE];
	guint8 salt[32];
	GBytes *record;
} LedgerEntry;
void ledger_entry_clear(LedgerEntry *entry);

/* Proof material for the CLI: one checkpoint that holds `entries`, an inclusion proof for each, and a consistency proof
 * from `known_size` (0: none) to the checkpoint. Hashes of 32 octets, in RFC 6962 order. */
typedef struct {
	char *note;          /* the signed checkpoint */
	guint64 size;
	GBytes **inclusion;  /* one per entry asked for, n hashes each */
	guint n_inclusion;
	GBytes *consistency; /* NULL where known_size is 0 */
} LedgerProof;
void ledger_proof_clear(LedgerProof *proof);

/* One reader's header of a text that the act's record holds sealed; kept beside it in the same commit. */
typedef struct {
	SealPart part; /* SEAL_PART_TEXT or SEAL_PART_GROUND */
	const guint8 *object_id; /* 16: the text's id */
	const char *recipient;   /* "age1…" */
	const char *text; /* the age header */
	gsize size;
} LedgerTextHeader;

/* A header for one more reader of what is sealed already, or a newer one of hers; its version is one more than the newest. */
typedef struct {
	guint64 seq; /* of the message, or of the entry whose text it is */
	SealPart part;
	guint64 state; /* ledger_state() of what it opens: STATE where it was sealed anew meanwhile */
	const char *recipient; /* "age1…" */
	const char *text;      /* the age header */
	gsize size;
} LedgerWrap;

/* A part of a message under a fresh file key (doc/formats.md "Sealed anew"). */
typedef struct {
	SealPart part;    /* body or card */
	guint64 replaces; /* ledger_state() that its author has opened: another by now is STATE */
	guint64 size;
	guint8 digest[SEAL_DIGEST];
	GBytes *payload;  /* NULL: fd, of a body alone */
	int fd;           /* as a report's */
} LedgerAnewPart;

/* What ENTRY_RESEALED, which concerns the message, puts in the place of its rows in the same commit. Behind it those go. */
typedef struct {
	guint8 id[SEAL_CASE]; /* fresh */
	const LedgerAnewPart *parts;
	guint n_parts;
	/* Of everybody in force from whom the message is not kept and who has a header of the state that is replaced, to her
	 * newest keys, and of nobody else: else STATE. */
	const LedgerHeader *headers;
	guint n_headers;
} LedgerAnew;

typedef struct {
	EntryKind kind;
	guint16 flags;         /* ENTRY_FLAG_…: SEALED where there are text_headers */
	guint64 concerns;      /* only for the kinds that FORMATS names; else LEDGER_NOTHING */
	const Record *record;
	/* What the case's cached state becomes with this entry; case_seq LEDGER_NOTHING: no case. NULL: unchanged. */
	guint64 case_seq;
	const char *state, *ack_state, *ack_reason;
	gboolean chained;      /* of casework: STATE where `after` is not the case's last entry of that kind any more, so that
	                          nobody writes over what she has not seen; of INCIDENT the same of the emergency journal */
	guint64 after;
	gboolean accept;       /* ENTRY_ACCEPTED: the writer gives the next number of the reports' series and puts
	                          `number` into the record as its last line */
	gboolean copy;         /* ENTRY_PRINTED: the writer counts it and puts `copy` into the record as its last line */
	/* A letter that goes into the outbox in the same commit (ENTRY_RELEASED). */
	const Record *letter;
	gint64 letter_due;
	/* Headers of its sealed texts (store/sealed-text.h). */
	const LedgerTextHeader *text_headers;
	guint n_text_headers;
	gboolean hands_out;    /* behind it headers leave: not from books with a mismatch, whatever its kind */
	/* Headers for other readers of what is sealed already, in the same commit. One of no octets stands in the place of one
	 * that did not open (store/desk-spoiled.c): its reader then has none, until another is made, which takes the place of both. */
	const LedgerWrap *wraps;
	guint n_wraps;
	const LedgerAnew *anew; /* of ENTRY_RESEALED */
	GBytes *composed;      /* its octets where they are composed already, else NULL */
} LedgerAct;
/* Appends one entry and commits; on success *entry is filled. */
gboolean ledger_append(Ledger *ledger, const LedgerAct *act, LedgerEntry *entry, GError **error);
/* Headers of one recipient go, whatever their version: only behind an entry that says so, and only where another reader's
 * header of that object stays: else STATE, and none of them goes. Where there is none any more: TRUE. */
typedef struct {
	guint64 seq;
	SealPart part;
	const char *recipient; /* "age1…" */
} LedgerDrop;
gboolean ledger_headers_drop(Ledger *ledger, const LedgerDrop *drops, guint n, GError **error);
/* The headers of these recipients (char *) go, of every object of which one of `readers` has a header; what none of those
 * opens keeps them. Behind an entry that says so; a crash in its midst is made good by the same call. */
typedef struct {
	guint64 gone, kept; /* objects */
} LedgerStripped;
gboolean ledger_headers_strip(Ledger *ledger, const GPtrArray *recipients, const GPtrArray *readers, LedgerStripped *result,
                              GError **error);
/* Entries (guint64) with seq > after (LEDGER_NOTHING: from the start), at most `most`, of whose ground's text the card
 * recipient `has` has a header, and `other` has one beside, or has none (transfer full). */
GArray *ledger_grounds(Ledger *ledger, const char *has, const char *other, gboolean beside, guint64 after, guint most,
                       GError **error);
gboolean ledger_entry(Ledger *ledger, guint64 seq, LedgerEntry *entry, GError **error);
gboolean ledger_prove(Ledger *ledger, const guint64 *seqs, guint n, guint64 known_size, LedgerProof *proof,
                      GError **error);
/* The same for all entries from..to-1 together: one proof, by which nobody can leave one of them out. */
typedef struct {
	char *note;
	guint64 size, from, to; /* to at most size */
	GBytes *left, *right;   /* merkle_cover() of what lies before and behind */
	GBytes *consistency;    /* NULL where known_size is 0 */
} LedgerRange;
void ledger_range_clear(LedgerRange *range);
gboolean ledger_prove_range(Ledger *ledger, guint64 from, guint64 to, guint64 known_size, LedgerRange *range,
                            GError **error);
/* Entries from..from+most-1, 104 octets each, one after another; fewer at the end (transfer full). */
GBytes *ledger_entries(Ledger *ledger, guint64 from, guint most, GError **error);
guint64 ledger_size(Ledger *ledger);
/* Reports are coming in: whoever reads at length gives way. */
gboolean ledger_takes_reports(Ledger *ledger);
/* The first checkpoint that was signed over that many entries or more, as it was signed then (transfer full). */
char *ledger_checkpoint_over(Ledger *ledger, guint64 size, GError **error);

/* n entries at once, with as few jobs as they allow: headers[i] is the header of this recipient for the text of entry i, NULL
 * where it has none or none for her (transfer full). An opening that was destroyed leaves the entry's record NULL. After FALSE
 * nothing is left to clear. */
gboolean ledger_openings(Ledger *ledger, const guint64 *seqs, guint n, const char *recipient, LedgerEntry *entries,
                         GBytes **headers, GError **error);
/* The entry whose state of that part of a message is in force: its own, or the last RESEALED that concerns it and has the
 * part. Headers and payloads below are always of that state. NOT_FOUND where seq is no message. */
gboolean ledger_state(Ledger *ledger, guint64 seq, SealPart part, guint64 *state, GError **error);
/* Of these people (PeoplePerson, all in force) those who have a header of that part of a message, under whichever of their
 * keys, and from whom it is not kept: to whom it is sealed anew (transfer full). */
GPtrArray *ledger_anew_readers(Ledger *ledger, guint64 seq, SealPart part, const GPtrArray *in_force, GError **error);
/* The header of one reader and part (transfer full, age header text); NOT_FOUND where there is none. seq: the case's, or
 * for TEXT and GROUND the entry's whose record holds the text. */
GBytes *ledger_header(Ledger *ledger, guint64 seq, SealPart part, const char *recipient, GError **error);
/* A small payload or a card (*bytes), or a descriptor of the vault's file (*fd, else -1). */
gboolean ledger_payload(Ledger *ledger, guint64 seq, SealPart part, GBytes **bytes, int *fd, GError **error);

/* --- the outbox's rows (store/outbox.h is their only user) -------------------------------------------------------- */

typedef struct {
	guint64 id;        /* the entry that queued it: the case, or a RELEASED */
	guint64 case_seq;  /* LEDGER_NOTHING: it is about no case */
	gint64 due;        /* microseconds UTC */
	guint attempts;
	Record *letter;    /* finding_letter_schema */
	GBytes *composed;  /* NULL until the first attempt: from then on the same octets */
} LedgerLetterRow;
void ledger_letter_free(LedgerLetterRow *row);
/* The next rows due at or before `now`, at most `most` of those that no cap holds up, and then as many acknowledgements
 * (transfer full). *next: when the one after is due, or G_MAXINT64. */
GPtrArray *ledger_letters_due(Ledger *ledger, gint64 now, guint most, gint64 *next, GError **error);
/* From here on it may be with the MTA: its case is not erased before it was sent, put off or withheld, as the register would not
 * know what became of it. NOT_FOUND: it is not to go any more. */
gboolean ledger_letter_begin(Ledger *ledger, guint64 id, GError **error);
/* letter: its record from now on. */
gboolean ledger_letter_composed(Ledger *ledger, guint64 id, GBytes *composed, const Record *letter, GError **error);
gboolean ledger_letter_put_off(Ledger *ledger, guint64 id, gint64 due, GError **error);
/* The MTA took it: the entry (ACKNOWLEDGED) first, then the row goes. */
gboolean ledger_letter_sent(Ledger *ledger, guint64 id, const Record *record, GError **error);
/* Given up before sending (caps, blocked address): a WITHHELD entry with the reason, then the row goes. */
gboolean ledger_letter_withhold(Ledger *ledger, guint64 id, const char *reason, GError **error);
/* How many letters went to this address in the last day and week, by HMAC under the day keys; all together in the
 * last hour. Counted when sent. */
gboolean ledger_letter_counts(Ledger *ledger, const char *address, guint *day, guint *week, guint *hour,
                              GError **error);

/* --- urgent arrivals (store/notices.h is their only user) --------------------------------------------------------- */

typedef struct {
	guint64 seq;      /* of the arrival: a report's entry, or a follow-up's */
	guint64 case_seq;
	guint step;  /* 1: nobody was told yet; 2: those who were told have not looked in LEDGER_NOTICE_WAIT */
} LedgerNotice;
#define LEDGER_NOTICE_WAIT (2 * (gint64)3600 * G_USEC_PER_SEC)
/* What is due at or before `now`, at most `most` (transfer full). *next: when the one after is due, or G_MAXINT64. */
GArray *ledger_notices_due(Ledger *ledger, gint64 now, guint most, gint64 *next, GError **error);

typedef struct {
	const char *name, *role, *mail;
	guint64 of; /* a NOTICE entry whose letter speaks for this one too, or 0: this one has its own */
	guint64 seq; /* set: of this one's entry */
} LedgerNoticePerson;
/* Enters that these people are told, and puts their letters into the outbox, all in one commit: after a crash either all of
 * it stands or nothing. STATE where that step was entered or somebody has looked. n 0: step 1 makes step 2 due at once,
 * step 2 ends the watch, without an entry. */
gboolean ledger_notice(Ledger *ledger, const LedgerNotice *notice, LedgerNoticePerson *people, guint n, GError **error);

/* --- exclusions (store/exclusions.h tells of them) ------------------------------------------------------------------ */

#define LEDGER_EXCLUSIONS 5 /* of one officer in 24 hours; the next is an alarm, and the one after that none for a day */
#define LEDGER_WHO 32
typedef struct {
	guint64 seq, case_seq; /* the message that was one too many, and its case */
	gint64 time;           /* microseconds UTC */
	guint8 who[LEDGER_WHO];
	const char *name;      /* borrowed from the people who were asked for */
} LedgerAlarm;
/* Alarms of the last ten days about any of these people, in their order; untold: only those of which nobody was told yet
 * (transfer full). */
GArray *ledger_alarms(Ledger *ledger, const People *people, gboolean untold, GError **error);
/* Enters that these people are told, with their letters, as ledger_notice() does. n 0: nobody can be told; no entry. */
gboolean ledger_alarm_told(Ledger *ledger, const LedgerAlarm *alarm, LedgerNoticePerson *people, guint n, GError **error);

/* --- trustees (store/checkpoints.h) -------------------------------------------------------------------------------- */

#define LEDGER_BLOCK 64 /* a published checkpoint holds a multiple of so many entries */
#define LEDGER_WITNESS_KEY 4 /* key id (store/note.h) */
typedef struct {
	const char *name, *mail;
	guint64 old;   /* from which size it is proven that the register has only grown: what went to him last; 0: from none */
	guint64 other; /* from which one too: what he has confirmed; 0, or the same: from no other */
} LedgerTrustee;
/* Enters that the register's checkpoint goes to these, with their letters, and fills the log to the next multiple of
 * LEDGER_BLOCK with entries that say nothing: all in one commit, whose checkpoint it is. */
gboolean ledger_publish(Ledger *ledger, const LedgerTrustee *trustees, guint n, GError **error);

typedef struct {
	const char *trustee;
	guint64 size;
	gint64 time; /* POSIX seconds, as the witness has it */
	guint8 key[LEDGER_WITNESS_KEY];
	const char *line;
} LedgerCosignature;
/* Keeps what note_verify_cosignature() has verified, with an entry that holds it too. STATE where the same key's over that
 * size is there. */
gboolean ledger_cosign(Ledger *ledger, const LedgerCosignature *cosignature, GError **error);
/* Over which published checkpoint this line of the witness is; NOT_FOUND: over none of the last year. */
gboolean ledger_match_cosignature(Ledger *ledger, const char *line, const NoteVerifier *witness, guint64 *size, gint64 *time,
                                  GError **error);

/* What the register showed, or shows, under a checkpoint of the past. */
typedef struct {
	char *note;         /* with the cosignatures that came for it; NULL: there is no such checkpoint */
	guint64 size;
	GBytes *consistency;
	guint64 seq;        /* an entry and its proof; inclusion NULL: none */
	guint8 entry[ENTRY_SIZE];
	GBytes *inclusion;
} LedgerPast;
void ledger_past_clear(LedgerPast *past);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LedgerPast, ledger_past_clear)
/* For a trustee: consistency from `old`; the entry is the last RESTORED from there on. */
gboolean ledger_published(Ledger *ledger, guint64 old, guint64 size, LedgerPast *past, GError **error);
/* Entry 0 and each RESTORED behind it, oldest first, guint64 (transfer full). */
GArray *ledger_restored(Ledger *ledger, GError **error);
/* For a receipt of entry seq: the largest checkpoint of at most upto entries that holds it and that a witness has cosigned;
 * consistency from it to upto. */
gboolean ledger_witnessed(Ledger *ledger, guint64 seq, guint64 upto, LedgerPast *past, GError **error);

typedef struct {
	guint64 sent;      /* size that went to him last, 0: none did … */
	gint64 asked;      /* … and when, microseconds UTC */
	gint64 first;      /* when one went that is looked back to, microseconds UTC */
	guint64 confirmed; /* largest size that he has cosigned, 0: none … */
	gint64 at;         /* … and when, POSIX seconds by his clock */
	gint64 returned;   /* when one of the last two that went came back and he has confirmed none since, microseconds UTC; else 0 */
} LedgerTrusteeState;
/* key: LEDGER_WITNESS_KEY octets, or NULL: he has none. */
gboolean ledger_trustee_state(Ledger *ledger, const char *name, const guint8 *key, LedgerTrusteeState *state, GError **error);
/* --- queue ids of the MTA ------------------------------------------------------------------------------------------ */

/* For `reconcile`: an HMAC of each under the key of its day, sealed under the custody key, in no order and beside nothing else,
 * so that neither says which message it was; key and rows go after so many days. */
#define LEDGER_QUEUE_DAYS 400
typedef struct {
	const char *id;
	gint64 time;    /* when the MTA says it took it, microseconds UTC; a day's difference (a zone) does no harm */
	gboolean known; /* set */
	gboolean early; /* set: ids were not kept yet then, or are not any more */
} LedgerQueued;
gboolean ledger_queue_look(Ledger *ledger, LedgerQueued *ids, guint n, GError **error);

/* --- the emergency journal ----------------------------------------------------------------------------------------- */

/* An entry of the registrar's own (store/incident.h). */
typedef struct {
	const char *what;  /* a word */
	guint64 of;        /* 0: it opens; else it ends this one */
	gint64 from, to;   /* microseconds UTC; from is not looked at where it ends; to 0: it lasts */
	const char *how;   /* a word, or NULL */
	guint64 refused;   /* messages put off meanwhile */
	const char *const *details; /* sentences */
	guint n_details;
} LedgerIncident;
gboolean ledger_incident(Ledger *ledger, const LedgerIncident *incident, GError **error);
/* All of it, from the entries (transfer full). */
IncidentBook *ledger_incidents(Ledger *ledger, GError **error);

/* --- checking ----------------------------------------------------------------------------------------------------- */

typedef struct {
	guint64 entries, payloads;
	GPtrArray *faults; /* sentences, each names the entry concerned (char *) */
} LedgerCheck;
void ledger_check_clear(LedgerCheck *check);
/* One more fault; the first thousand are enough. */
void ledger_check_fault(LedgerCheck *check, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The whole tree, every opening's commitment, every payload's Digest; in slices between commits. progress may be NULL;
 * where it returns FALSE the check ends there, with LEDGER_ERROR_CLOSED and without a verdict. */
gboolean ledger_check(Ledger *ledger, LedgerCheck *check, gboolean (*progress)(guint64 done, guint64 all, gpointer),
                      gpointer user, GError **error);

#endif
