/* SPDX-License-Identifier: ISC */
/* store/people.h - who may what in one mailbox, folded from its register's own entries and from nothing else.
 *
 * BEGUN and RESTORED name the first people, who are in force at once; KEY adds, confirms, unblocks, lets somebody be
 * covered and says that she signed in; BLOCKED blocks; AGREED says which agreement she accepted, EXCEEDED that she looked
 * more often than a day allows, LOG_READ that she read the log of everybody. The registrar and the officer's program fold
 * the same records with the same code.
 *
 *   role        gets headers     signs in   may
 *   officer     body and card    yes        read, work, add, confirm, block another
 *   deputy      body and card    yes        the same: stands in
 *   escalation  body and card    yes        read what is routed or granted; add, confirm, block
 *   supervisor  none of a case   yes        log and statistics; add, confirm, block, unblock
 *   recovery    body             no         be put together offline
 *
 * State:     unconfirmed until another has typed her six words (KEY confirm), then active; blocked until another
 *            unblocks her. Only who is active and whose key has not expired gets headers or signs in.
 * Keys:      a person may take newer keys (KEY rotate, signed by herself; in force once another has confirmed them, or she
 *            herself where nobody else signs in). The older ones stay beside them, to sign in with and to read what was
 *            sealed to them, until she says that nothing is left under them (KEY retire); nothing new is sealed to them.
 * Promise:   a name and a key stand for one person for good; what would make them ambiguous is not folded.
 * Ownership: a People owns its persons; people_copy() is deep. Threads: pure; a People of which others have a reference
 *            is not changed.
 * Fails:     FALSE and *error (PEOPLE_ERROR), the People unchanged; the message is one sentence. */
#ifndef SENIM_STORE_PEOPLE_H
#define SENIM_STORE_PEOPLE_H

#include <glib.h>

#include "base/record.h"
#include "store/entry.h"

typedef enum {
	PEOPLE_ERROR_FORM,  /* a record of another form */
	/* It does not go with what is: */
	PEOPLE_ERROR_KEY_TAKEN,
	PEOPLE_ERROR_NAME_TAKEN,
	PEOPLE_ERROR_ANNOUNCE,    /* a newer key, by somebody else than its owner in force */
	PEOPLE_ERROR_OWN_KEY,     /* nobody confirms her own */
	PEOPLE_ERROR_NO_OLDER,
	PEOPLE_ERROR_NOT_BLOCKED,
	PEOPLE_ERROR_CONFIRMED,   /* already */
	PEOPLE_ERROR_OWN_UNBLOCK,
	PEOPLE_ERROR_COVER,       /* who stands in is no other active officer or deputy */
	PEOPLE_ERROR_NOBODY,      /* of that name */
	PEOPLE_ERROR_BLOCKED,     /* already */
} PeopleErrorCode;
#define PEOPLE_ERROR (people_error_quark())
GQuark people_error_quark(void);

typedef enum { PEOPLE_UNCONFIRMED, PEOPLE_ACTIVE, PEOPLE_BLOCKED } PeopleState;

/* One set of keys of a person. */
typedef struct {
	char *body;      /* age recipient */
	char *card;      /* age recipient; NULL for recovery */
	guint8 sign[32]; /* Ed25519 public key; zero for recovery */
	gint64 expires;  /* POSIX seconds; 0 never */
	guint64 seq;     /* the entry that names them */
} PeopleKey;

typedef struct {
	char *name;      /* [a-z0-9._-]{1,32} */
	char *role;      /* officer | deputy | escalation | supervisor | recovery */
	PeopleState state;
	char *body;      /* age recipient */
	char *card;      /* age recipient; NULL for recovery */
	guint8 sign[32]; /* Ed25519 public key; zero for recovery */
	gint64 expires;  /* POSIX seconds; 0 never */
	guint64 key_seq, confirm_seq; /* the entries that named these keys, and confirmed them; the same with init's */
	PeopleKey *next; /* announced, and not confirmed yet; NULL: none */
	GPtrArray *older; /* PeopleKey: still to sign in and to read with */
	GPtrArray *retired; /* PeopleKey: nobody's any more, and never given again */
	guint64 stripped;   /* she was blocked, and of what came before this entry her keys open nothing in the store; 0 none */
	char *by;        /* who entered her; NULL: init */
	char *order;     /* of her appointment; NULL: she came with init */
	gint64 added;    /* microseconds: when she was entered */
	gint64 since;    /* microseconds: when she was put into force (again), or added */
	guint64 since_seq;
	gint64 used;     /* microseconds: last sign-in that was entered, 0 none */
	guint64 used_seq; /* its entry; where there is none, since_seq */
	char *why;       /* blocked: "order" or "idle"; else NULL */
	gint64 ordered, blocked; /* blocked: microseconds, when the order was signed (0: by none), and when it was done */
	gint64 cover_from, cover_to; /* microseconds, the end not included; 0 none */
	char *cover_by;  /* the deputy's name, or NULL */
	gint64 exceeded; /* microseconds: when she last went past a day's looks; 0 never */
	gint64 log_read; /* microseconds: up to when she has read everybody's log; 0 never */
	char *agreed;    /* hex digest of the agreement's text that she accepted last, or NULL */
} PeoplePerson;

typedef struct {
	GPtrArray *persons; /* PeoplePerson, in the order in which they came */
	guint64 upto;       /* the last entry that was folded */
	GArray *changes;    /* guint64: the entries that put somebody in or out of force, of which keys and states come */
	gatomicrefcount references;
} People;

People *people_new(void);
People *people_copy(const People *people);
People *people_ref(People *people);
void people_unref(People *people);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(People, people_unref)
PeoplePerson *people_person_copy(const PeoplePerson *person);
void people_person_free(PeoplePerson *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PeoplePerson, people_person_free)

void people_key_free(PeopleKey *key);
/* The same person as she is with an older set of keys (transfer full). */
PeoplePerson *people_person_with(const PeoplePerson *person, const PeopleKey *older);
/* Whose keys these are, by the signing one: *older NULL for her present ones. FALSE: not hers. */
gboolean people_signed_with(const PeoplePerson *person, const guint8 sign[32], const PeopleKey **older);

/* TRUE for the kinds that say something of people. */
gboolean people_is_about(guint kind);
/* Folds one entry's record. Of a kind or KEY act that says nothing of people: TRUE, and nothing. */
gboolean people_fold(People *people, guint kind, guint64 seq, const Record *record, GError **error);

const PeoplePerson *people_find(const People *people, const char *name);
const char *people_state_word(PeopleState state);
gboolean people_role_is(const char *role); /* one of the five */
/* An officer or her deputy: reads and works. */
gboolean people_is_officer(const PeoplePerson *person);
/* Active, and her key has not expired at that moment (microseconds). */
gboolean people_in_force(const PeoplePerson *person, gint64 now);
/* In force, and of a role that signs in. */
gboolean people_signs_in(const PeoplePerson *person, gint64 now);
/* Reads the log of others: a supervisor in force, or where there is none the escalation. */
gboolean people_reads_log(const People *people, const PeoplePerson *person, gint64 now);
/* Gets headers of new cases at that moment. */
gboolean people_reads(const PeoplePerson *person, gint64 now);
/* Somebody whose absence would leave nobody to open new cases: no other officer or deputy reads at that moment. */
gboolean people_is_last(const People *people, const PeoplePerson *person, gint64 now);
/* Those of readers (PeoplePerson) to whom a message with these facts (or any record with `named`*) is sealed: nobody whom it
 * is about. Where that leaves nobody who could read it, the next level of leadership stays; where there is none, all stay,
 * and the desk withholds it (transfer full). */
GPtrArray *people_unnamed(const GPtrArray *readers, const Record *facts);
/* "NAME ROLE BODY CARD SIGN EXPIRES", as in BEGUN (transfer full). */
char *people_line(const PeoplePerson *person);
/* The reverse (transfer full). */
PeoplePerson *people_person_read(const char *line, GError **error);
/* SHA-256 of "body LF card LF sign", hex: what is read out and printed (transfer full). */
char *people_fingerprint(const PeoplePerson *person);

#endif
