/* SPDX-License-Identifier: ISC */
/* store/outbox.h - the one module for all outgoing mail: takes letters from the ledgers' outboxes to the MTA.
 *
 * A letter is composed at its first attempt, and its octets stand in its row before the MTA is spoken to: a repeat
 * after a crash is the same octets with the same Message-ID. What an officer composed is an entity (RFC 2045, 2.4): the
 * header with sender, recipient and Message-ID is ours. The Message-ID's letter is the entry that queued it, so that a
 * bounce tells which one came back.
 * The MTA took it: ACKNOWLEDGED is entered, then the row goes. Where it cannot be entered (a full disk, a wrong clock) the
 * letter is not sent again for that, unless the process ends in between: only the entry is tried again. What was not taken
 * is tried again after 1 minute, doubling to 1 hour, for five days; then it is withheld as `not-taken`. While the MTA is away
 * one letter a minute is tried, and the others wait as they are: once it is back they go at once.
 * What goes by its own rule (a purpose: to law enforcement, an officer's letter, an urgent notice, but not of a prolonged
 * term) goes first, and no cap holds it up. What goes to law enforcement or by an officer's act (store/desk-letters.h) has the
 * mailbox as its envelope sender, so that a failed delivery comes back to the case; where the MTA refuses it for good it is
 * unsent at once, as `refused`, and an officer sees it. A trustee's mail has it too: that he gets none is to be seen.
 * Acknowledgements, notices and alarms have the null sender.
 * A case is not erased while a letter of it is with the MTA: its end is entered first. What waits goes with its case.
 * Caps: an address past its day or week is withheld as `cap`; past the hourly rate letters wait.
 * Composition is the caller's (policy/), so that this room need not know it.
 * Ownership: an Outbox borrows the registry and the hooks' user.
 * Threads:   one thread of its own; start, wake and stop from any.
 * Fails:     never past the start: a failure is a line in the log and a later attempt. */
#ifndef SENIM_STORE_OUTBOX_H
#define SENIM_STORE_OUTBOX_H

#include "store/registry.h"
#include "store/reminders.h"

typedef struct {
	const Config *config;
	const ConfigMailbox *mailbox;
	Ledger *ledger;
	const LedgerCase *about; /* NULL: a notice that is about none; then word, reply and code are empty */
	const Record *letter;   /* finding_letter_schema */
	GBytes *entity;         /* what an officer composed, from its Content-Type field on; NULL: nobody did */
	const char *message_id; /* ours, with angle brackets */
	const char *word;       /* behind the case's number (store/letter-token.h) */
	const char *reply;      /* the detail of a reply address that joins an answer to the case */
	const char *code;       /* 26 characters of the register's root */
	gint64 date;            /* of the Date field, microseconds UTC */
	GDate *told;            /* set by who composes it: the official date that it says; else left as it is, invalid */
} OutboxLetter;

typedef struct {
	/* RFC 5322 octets (transfer full); NULL and *error where they cannot be made. The error names no person. */
	char *(*compose)(const OutboxLetter *letter, gpointer user, gsize *size, GError **error);
	gpointer user;
	ReminderHooks reminders; /* all zero: nobody is asked at fixed hours */
	/* May be NULL: the MTA took a letter, or refused one; or nobody was there to take it. */
	void (*mta)(gboolean reached, gpointer user);
} OutboxHooks;

typedef struct Outbox Outbox;

Outbox *outbox_start(Registry *registry, const OutboxHooks *hooks);
/* A row was added. */
void outbox_wake(Outbox *outbox);
/* Ends after the letter that is under way; what waits stays in its rows. */
void outbox_stop(Outbox *outbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outbox, outbox_stop)

/* TRUE where an address may stand alone in a To field and in an SMTP command: at most 254 octets, ASCII that is seen,
 * one @ between two parts, dots and letters after it, no '-' at the front, nothing that a pipe, a route (! %) or a quoted
 * string needs. */
gboolean outbox_address_is_safe(const char *address);

#endif
