/* SPDX-License-Identifier: ISC */
/* store/entry.h - one entry of the register: 104 octets that say nothing of people, and the record behind them.
 *
 * Bytes (FORMATS "Register entry"), integers big-endian:
 *    0   8  "SENIMRG1"
 *    8   8  sequence = leaf index, from 0
 *   16   8  time, POSIX seconds, rounded down to the day
 *   24   2  kind
 *   26   2  flags
 *   28   4  zero
 *   32  32  commitment = SHA-256("senim/commit/1\n" || salt[32] || record)
 *   64  32  object = Digest(payload as stored), or zero
 *   96   8  the sequence that it concerns, for the kinds of entry_kind_concerns(); all ones for every other
 * leaf = SHA-256(0x00 || entry), RFC 6962 section 2.1.
 *
 * Everything here is pure: the registrar writes with it, the CLI checks with it what a registrar says.
 * Threads: any. Fails: FALSE and *error (ENTRY_ERROR). */
#ifndef SENIM_STORE_ENTRY_H
#define SENIM_STORE_ENTRY_H

#include <glib.h>

#include "base/record.h"

#define ENTRY_SIZE 104
#define ENTRY_SALT 32
#define ENTRY_HASH 32
#define ENTRY_NOTHING G_MAXUINT64 /* "concerns no entry" */
#define ENTRY_DAY 86400

/* Kinds of entries. Numbers are never reused (FORMATS). */
typedef enum {
	ENTRY_PAD = 0,
	ENTRY_BEGUN = 1,
	ENTRY_RECEIVED = 2,
	ENTRY_FOLLOWUP = 3,
	ENTRY_RETRY = 4,
	ENTRY_ACKNOWLEDGED = 5,
	ENTRY_WITHHELD = 6, /* of an acknowledgement: why */
	ENTRY_LISTED = 7,
	ENTRY_OPENED = 8,
	ENTRY_REFUSED = 9,
	ENTRY_NOTED = 10,
	ENTRY_STRUCK = 11,
	ENTRY_ASSIGNED = 12,
	ENTRY_RESOLVED = 13,
	ENTRY_REPLIED = 14,
	ENTRY_FORWARDED = 15,
	ENTRY_REDIRECTED = 16,
	ENTRY_PRINTED = 17,
	ENTRY_EXPORTED = 18,
	ENTRY_ERASED = 19,
	ENTRY_KEY = 20,
	ENTRY_GRANTED = 21,
	ENTRY_WITHHELD_FROM = 22,
	ENTRY_BLOCKED = 23,
	ENTRY_INCIDENT = 24,
	ENTRY_RESTORED = 25,
	ENTRY_ACCEPTED = 26, /* an X got its number */
	ENTRY_RELEASED = 27, /* an officer released a letter */
	ENTRY_SET_ASIDE = 28,
	ENTRY_CLOSED = 29,
	ENTRY_REOPENED = 30,
	ENTRY_AGREED = 31,   /* an officer accepted the text of the agreement */
	ENTRY_CUSTODY = 32,  /* what rests here lies under another custody key */
	ENTRY_DRILL = 33,    /* the board's shares were put together for practice */
	ENTRY_PURGED = 34,   /* an exported file was removed */
	ENTRY_NOTICE = 35,   /* somebody was told of an urgent arrival */
	ENTRY_PROLONGED = 36, /* the term of a case ends later */
	ENTRY_HELD = 37,     /* a case stays as it is: neither closed, set aside nor erased; or does so no longer */
	ENTRY_LINKED = 38,   /* two cases belong together */
	ENTRY_LOG_READ = 39, /* a supervisor read the log */
	ENTRY_ALLOWED = 40,  /* a second officer lets one look further than the day's limit */
	ENTRY_EXCEEDED = 41, /* an officer looked more often in a day than is usual */
	ENTRY_REGISTER_READ = 42, /* an officer read the rows of the register */
	ENTRY_SHEET = 43,    /* a sheet of the printed register that changes no more */
	ENTRY_COPIED = 44,   /* a row was copied into the paper journal */
	ENTRY_ARCHIVED = 45, /* a month was saved in the archive */
	ENTRY_TRIED = 46,    /* a restore was tried, in a scratch directory */
	ENTRY_RESEALED = 47, /* a message lies under fresh file keys: `concerns` is its own entry */
	ENTRY_RECEIPT = 48,  /* a receipt of a case was made for whoever reported */
	ENTRY_SPLIT = 50,    /* a later message of a case became a report of its own */
	ENTRY_ADVISED = 49,  /* the reporter was told which state body to turn to */
	ENTRY_RECONCILED = 51, /* the MTA's log was compared with the register */
	ENTRY_ERASURE = 52,  /* an order to destroy a case was entered, confirmed or stopped; ERASED carries it out */
	ENTRY_SEARCHED = 53, /* an officer searched her index */
	ENTRY_EXTRACTED = 54, /* what is held on a person was gathered, or whom a breach concerns */
	ENTRY_REVIEWED = 55, /* the policy on personal data was reviewed */
	ENTRY_WITNESSED = 56, /* the register's checkpoint went to a trustee, or he has confirmed one */
	ENTRY_INSPECTED = 57, /* the inspector's file was begun, or made */
} EntryKind;

enum {
	ENTRY_FLAG_PERSONAL = 1, /* the record may hold personal data */
	ENTRY_FLAG_SEALED = 2,   /* the opening is sealed to readers */
};

typedef enum {
	ENTRY_ERROR_FORM,       /* not an entry, or not in canonical form */
	ENTRY_ERROR_COMMITMENT, /* salt and record are not those of the entry */
} EntryError;
#define ENTRY_ERROR (entry_error_quark())
GQuark entry_error_quark(void);

typedef struct {
	guint64 seq;
	gint64 time; /* POSIX seconds, a multiple of ENTRY_DAY */
	guint16 kind, flags;
	guint8 commitment[ENTRY_HASH];
	guint8 object[ENTRY_HASH];
	guint64 concerns;
} Entry;

void entry_encode(const Entry *entry, guint8 out[ENTRY_SIZE]);
/* Strict: what it takes, entry_encode() gives back octet for octet. A kind that this release does not know passes (a
 * newer register must stay verifiable); entry_kind_name() tells. */
gboolean entry_decode(const guint8 data[ENTRY_SIZE], Entry *entry, GError **error);

void entry_leaf(const guint8 data[ENTRY_SIZE], guint8 leaf[ENTRY_HASH]);
void entry_commit(const guint8 salt[ENTRY_SALT], const void *record, gsize size, guint8 commitment[ENTRY_HASH]);
/* Salt and record are those that the entry commits to. */
gboolean entry_verify_commitment(const guint8 data[ENTRY_SIZE], const guint8 salt[ENTRY_SALT], const void *record,
                                 gsize size, GError **error);

/* "received", "opened" …, static; NULL for a kind that there is not. */
const char *entry_kind_name(guint kind);
/* A kind whose entries make up a case's row and its course: each names the one before it of the same case. */
gboolean entry_is_casework(guint kind);
/* TRUE for the kinds whose entry names the sequence that it concerns. */
gboolean entry_kind_concerns(guint kind);
/* TRUE for RECEIVED and FOLLOWUP: entries with a sealed body and card of their own. */
gboolean entry_is_message(guint kind);
/* FALSE and *error (RECORD_ERROR) unless the record is one of those two. */
gboolean entry_check_message(const Record *record, GError **error);
/* The schema of a kind's record where the registrar writes it: BEGUN, RESTORED, RECEIVED, FOLLOWUP, RETRY, ACKNOWLEDGED,
 * WITHHELD, INCIDENT, CUSTODY, DRILL, NOTICE, ARCHIVED, TRIED, RECONCILED, ERASED, PAD (doc/formats.md); of RECEIVED and INCIDENT with
 * the lines that an officer's has. NULL for other acts of officers, whose records the desk makes and checks. */
const RecordField *entry_schema(guint kind);

#endif
