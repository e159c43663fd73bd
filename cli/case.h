/* SPDX-License-Identifier: ISC */
/* cli/case.h - a case as the desk lists it, and its name as people type it.
 *
 * What the desk lists is its claim; what is shown of an opened case comes from the registered record instead.
 * A name is [MAILBOX:]YEAR/N or [MAILBOX:]YEAR/X-N, MAILBOX the local part or the whole address; without YEAR/ it means
 * this year, in the organisation's zone.
 * Ownership: a Case owns its text. Threads: pure.
 * Fails:     CLI_ERROR_USAGE for a name, CLI_ERROR_FAILED for an answer. */
#ifndef SENIM_CLI_CASE_H
#define SENIM_CLI_CASE_H

#include "cli/desk-client.h"
#include "store/seal.h"

typedef struct {
	char *mailbox;
	gboolean elsewhere; /* another reads it: mailbox and name are all there is, the rest is empty */
	gboolean with_officers; /* elsewhere, and she is no officer: it is with them, whether it was ever hers or not */
	guint64 seq;
	guint8 case_id[SEAL_CASE];
	char *name;          /* "2026/17", "2026/X-5" */
	char *asked;         /* "2026/X-5" where it was asked for by that name and has a number by now; else NULL */
	gint64 received;     /* microseconds UTC */
	char *official_date; /* or NULL */
	char *due;           /* the last day of the term, prolonged or not, or NULL */
	char *prolonged;     /* the day to which it was, or NULL */
	char *told;          /* the official date that the reporter was told, or NULL */
	char *forward;       /* until when it is forwarded where it is for somebody else, or NULL */
	char *acknowledge, *answer; /* of Directive (EU) 2019/1937, where the mailbox keeps its terms; else NULL */
	json_t *facts;
	char *state, *ack_state, *ack_reason; /* the last may be NULL */
	guint64 size, card_size;
	char **withheld; /* names of the officers from whom it is kept */
	char *redirected, *redirected_to; /* NULL: never; made, numbered, queued, sent, unsent, wrong */
	guint64 redirection;              /* the entry that began it */
	char *forwarded, *forwarded_to;   /* NULL: never; made, numbered, queued, sent, unsent, returned */
	guint64 forwarding;               /* the entry that began it */
	char *forward_allowed, *forward_allowed_by; /* an addressee of whom it speaks, and which officer allowed that it goes there */
	guint64 last;                     /* the last entry of its work; 0 none */
	char *category, *assigned, *result; /* words; or NULL */
	gboolean held, resolved;
	struct {
		guint64 entry;     /* 0: not answered yet */
		char *kind, *by;   /* replied or advised; mail, paper, person or none (no answer is due) */
		char *state;       /* of its letter: queued, sent, unsent, returned; NULL: there is none */
		gint64 time;       /* microseconds UTC */
		gboolean unnumbered; /* it went out, and has no outgoing number yet */
	} reply;                  /* the last answer to the reporter */
	gboolean unsafe;                  /* no letter is to go to the reporter's address */
	gboolean lost;                    /* a letter of its officers did not reach whom it was for */
	char *notified;                   /* the letter of its prolonged term: queued, sent, unsent, returned; NULL: none */
	gboolean transcript;              /* a call of it was written down */
	guint64 erased;                   /* the entry by which all that came before it was erased by order; 0: none was */
	char *erasure;                    /* of an order: ordered, confirmed, erased; NULL: there is none */
	char *erasure_order, *erasure_dated; /* the document's number and day */
	gint64 erasure_since;
	char **kept;                      /* every reader from whom it is kept, whoever works on it: her own texts leave them out */
	guint64 followups; /* messages after the first */
	gboolean unread;   /* one of them, no bounce, was opened by nobody */
	char *answers;     /* of a message: to which letter of ours, or "-"; NULL: not known */
	gboolean flood;    /* of a message: more came for its case that day than are likely */
	guint64 of;        /* of a message after the first: the case's entry, and seq, id, moment, facts and sizes are the
	                    * message's; else 0 */
} Case;

Case *case_read(json_t *object, GError **error);
/* A message of c after the first, as /v1/messages lists it: what opens it, and nothing of the case's state (transfer full). */
Case *case_read_message(const Case *c, json_t *object, GError **error);
/* The i-th name that was read since the program began, for a shell to complete; NULL past the end. */
const char *case_seen(guint i);
void case_free(Case *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Case, case_free)
/* A fact that is one word, "-" where it is missing (borrowed). */
const char *case_fact(const Case *c, const char *key);
/* By which moment it counts, microseconds UTC: finding_moment(). */
gint64 case_moment(const Case *c);
/* The classes of its verdict, NULL-terminated (transfer full). */
char **case_classes(const Case *c);
/* The one of them that a line has room for: danger before all, and what only reads like something behind all; NULL: there is
 * none (borrowed). others: how many more say something. */
const char *case_main_class(char **classes, gboolean *danger, guint *others);
/* To be seen at once: redirect, or a class self-harm or reporter-at-risk, and not closed or set aside yet. */
gboolean case_is_urgent(const Case *c);
/* "redirected to police: came back", in her language, NULL where it never was (transfer full). */
char *case_redirection(const Case *c);
/* "answered by mail: the letter came back, no outgoing number yet", in her language, NULL where nobody answered (transfer full). */
char *case_answer(const Case *c);
/* Does the finding, or an officer's mark, say that no letter is to go to the reporter's address? */
gboolean case_is_unsafe(const Case *c);
/* "forwarded to audit: went out", the same way. */
char *case_forwarding(const Case *c);
/* Somebody else has it: redirected, or forwarded. */
gboolean case_is_passed_on(const Case *c);
/* "2026/17 was erased by order № 12 of 2026-11-01", or NULL where it was not (transfer full). */
char *case_erased(const Case *c);
/* Closed, set aside or erased: nothing is awaited any more. */
gboolean case_is_over(const Case *c);
/* It came by telephone with a recording, nobody has written down what is said in it, and it is not over (KMO 14). */
gboolean case_is_unheard(const Case *c);
/* It stands first: an answer came to what was closed, somebody may be in danger, a redirection waits for her, or an order to erase it
 * waits for a second person. */
gboolean case_is_pressing(const Case *c);
/* The screening would have it redirected, and nobody has yet, nor ended it: it stands before all that presses. */
gboolean case_asks_redirection(const Case *c);
/* The name as show takes it: with the mailbox before it where the desk serves several (transfer full). */
char *case_shown(const Case *c, const DeskClient *desk);

/* Is `typed` a name at all? */
gboolean case_check_name(const char *typed, GError **error);
/* Is c what was typed? A registrar must not answer with another case. An arrival that was given a number keeps its old
 * name in the register: c->asked is then set, and is held against the registered record before anything is opened.
 * now: microseconds UTC. */
gboolean case_is_named(Case *c, const char *typed, GTimeZone *zone, gint64 now);

#endif
