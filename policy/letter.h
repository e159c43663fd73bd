/* SPDX-License-Identifier: ISC */
/* policy/letter.h - is an acknowledgement owed, and what does it say.
 *
 * Decisions (RFC 3834 and stricter): the same letter, the same delay, whatever the verdict. Composition: RFC 5322 octets
 * from a template and facts; never a word of the report. No I/O, no clock: the template's text and every moment are
 * arguments.
 * Template:  UTF-8, LF lines, one paragraph a line (longer lines are broken at blanks). A line that begins with `#` is a
 *            remark. The first other line may be `Subject: TEXT`, without placeholders. {NAME} stands for a value,
 *            {?NAME:TEXT} for TEXT where there is that value, {!NAME:TEXT} where there is none; groups may hold others.
 *            NAME is one of organisation, mailbox, post, escalation, number, word, date, time, official (only where the letter
 *            counts from another day), term, code. {number} has to be in it.
 * Threads:   any; nothing is shared.
 * Fails:     NULL or FALSE and *error (LETTER_ERROR); the message names the template's line, or the fact.
 * Bugs:      an address with a quoted local part (RFC 5321 4.1.2 Quoted-string) or in UTF-8 gets no letter by itself.
 *            Addresses and msg-ids longer than 76 octets make a header line longer than 78 (RFC 5322 2.1.1: should). */
#ifndef SENIM_POLICY_LETTER_H
#define SENIM_POLICY_LETTER_H

#include <glib.h>

#include "base/config.h"
#include "base/record.h"

#define LETTER_ERROR (letter_error_quark())
GQuark letter_error_quark(void);

typedef enum {
	LETTER_NONE,     /* the channel has no address to write to: paper, person */
	LETTER_OWED,
	LETTER_WITHHELD, /* an officer may release it */
} LetterDecision;

typedef struct {
	const Record *facts;         /* finding_facts_schema */
	const char *envelope_from;   /* as MAIL had it, with or without angle brackets; "" or "<>" null sender */
	const char *const *suppress; /* values of X-Auto-Response-Suppress, as they came, NULL-terminated; NULL: none */
	gboolean authenticated;      /* a trusted Authentication-Results vouches for the envelope's domain */
} LetterQuestion;

/* *reason: one static word where WITHHELD, the first of these that holds:
 *   telephone        by telephone, or from telephone-system
 *   null-sender      RFC 3834 2, RFC 5321 6.1
 *   smtputf8         an address outside ASCII
 *   bad-address      no dot-atom@domain; nothing but that ever reaches a header of ours
 *   own-mailbox      one of our mailboxes writes to another, or to itself
 *   role-address     mailer-daemon, postmaster, owner-*, *-request, bounce*, noreply and their like
 *   automatic        facts: a machine's, of whatever kind
 *   suppressed       X-Auto-Response-Suppress with All or AutoReply
 *   follow-up        it answers a letter of ours
 *   unexamined       nobody looked whether it is a machine's
 *   never            acknowledge = never
 *   unauthenticated  acknowledge = authenticated, and it is not
 *   own-domain       acknowledge-own-domains = never
 * The registrar has one more, cap, which takes counting. NULL in the other cases. */
LetterDecision letter_decide(const LetterQuestion *question, const Config *config, const ConfigMailbox *mailbox,
                             const char **reason);

/* The same word where the address alone says it, for a letter that an officer wants to send: null-sender, telephone, smtputf8,
 * bad-address, own-mailbox, role-address; and own-domain, whatever the setting. NULL: nothing stands against it. */
const char *letter_address_reason(const Config *config, const ConfigMailbox *mailbox, const char *address);

/* TRUE where the address is in one of own-domains or below: the letter is the minimal one. */
gboolean letter_is_own_domain(const Config *config, const char *address);
/* TRUE where a letter can be addressed to it: dot-atom@domain in ASCII, at most 254 octets, without angle brackets. */
gboolean letter_address_is_valid(const char *address);
/* The letter's language ("kk", "ru", "en", or "-" for Kazakh first and then Russian) from the facts' and the mailbox's
 * `languages`. Borrowed from either, or static. */
const char *letter_language(const ConfigMailbox *mailbox, const char *language);

/* The post of the mailbox's first officer as her section names it, "" where it does not (borrowed). */
const char *letter_post(const Config *config, const ConfigMailbox *mailbox);
/* Where to write about an officer: the first other mailbox that one of the mailbox's escalation reads as its officer and
 * none of the mailbox's own officers does (borrowed); NULL where there is none. */
const char *letter_escalation(const Config *config, const ConfigMailbox *mailbox);
/* TRUE where there is none, unless this mailbox is itself where to write about the officers of another. */
gboolean letter_lacks_escalation(const Config *config, const ConfigMailbox *mailbox);

/* One draw of the delay, seconds, from 32 random bits that the caller brings. */
guint letter_delay(const ConfigMailbox *mailbox, guint32 random);

typedef struct {
	const char *organisation, *mailbox, *post, *escalation_address; /* post "" and escalation_address NULL: none */
	const char *to, *in_reply_to;     /* in_reply_to: a stranger's, left out unless it is a msg-id; "-" or NULL: none */
	const char *message_id;           /* ours, with angle brackets */
	const char *number;               /* "2026/17" */
	const char *word;                 /* by which the number is known for ours where somebody repeats it; NULL: none */
	const char *reply_to;             /* NULL: answers go to the mailbox */
	const char *language;             /* kk, ru, en or "-" (Kazakh first, then Russian) */
	gint64 received;                  /* microseconds UTC */
	GDate official;                   /* invalid: none known */
	GDate until;                      /* of letter_compose_prolonged(): the new last day */
	gboolean official_differs;        /* say why it counts from another day */
	guint term_working_days;
	const char *code;                 /* 26 characters of the register's root; NULL: none */
	gint64 date;                      /* of the Date field, microseconds UTC */
	GTimeZone *zone;
	gboolean minimal;                 /* acknowledge-own-domains = minimal: number alone, no template */
	gboolean generated;               /* no answer to a letter: Auto-Submitted says so */
	const char *counts;               /* of a notice: "UNOPENED DUE", or NULL */
	gboolean personal;                /* an officer's own: no Auto-Submitted */
	const char *subject;              /* of letter_compose_entity(): official, answer, advice */
} LetterFacts;

/* templates: the text for one language by its code ("kk", "ru", "en"), borrowed, or NULL.
 * The result is CRLF, 7-bit headers, text/plain utf-8 in base64 (transfer full, NUL after it, not counted). */
typedef const char *(*LetterTemplate)(const char *language, gpointer user);
char *letter_compose(const LetterFacts *facts, LetterTemplate templates, gpointer user, gsize *size, GError **error);
/* A notice: one fixed sentence in Kazakh and Russian as subject and text, for whoever glances at a screen beside
 * hers. Of the facts mailbox, to, message_id, date, zone and counts are used; but for these the octets are always the same, and
 * with counts, which stand in the text in columns of three, as many. */
char *letter_compose_notice(const LetterFacts *facts, gsize *size, GError **error);
typedef struct {
	const char *request;         /* of C2SP tlog-witness: the whole body */
	const char *other, *restored; /* X-Senim-Request, the same from another size, and X-Senim-Restored: base64; NULL: none */
	gsize octets;                /* of the letter: X-Senim-Padding makes all of it so large */
} LetterCheckpoint;
/* To a trustee. The subject is fixed. Used are mailbox, to, message_id, reply_to, date and zone. */
char *letter_compose_checkpoint(const LetterFacts *facts, const LetterCheckpoint *checkpoint, gsize *size, GError **error);
/* To whoever keeps the host: alarm and state are words of base/alarm.h, which stand in the subject, behind `senim`, and what
 * they mean and what to do is the text, in Kazakh, Russian and English. Used are mailbox, to, message_id, date and zone. */
char *letter_compose_alarm(const LetterFacts *facts, const char *alarm, const char *state, gsize *size, GError **error);
/* To the reporter: that the term was prolonged. Number, new last day and the law that allows it, in his language, and not a
 * word of the report. Used are organisation, mailbox, to, in_reply_to, message_id, number, word, reply_to, language, until,
 * date and zone. The text alone is for a letter on paper (transfer full). */
char *letter_compose_prolonged(const LetterFacts *facts, gsize *size, GError **error);
char *letter_prolonged_text(const LetterFacts *facts, GError **error);
/* To law enforcement, where the configuration lets a report go by itself: a letter of facts in Kazakh and Russian (that it
 * came, its number, the ground), and `report.age`, the stored body behind its header for the addressee: octets that only
 * he opens. The subject is fixed. Used are organisation, mailbox, to, message_id, number, received, date and zone. */
char *letter_compose_redirect(const LetterFacts *facts, const void *sealed, gsize sealed_size, gsize *size, GError **error);
/* What an officer composed, behind our header: entity is octets from a Content-Type field on (RFC 2045, 2.4). subject is one of
 * a few fixed ones, so that it tells the relays nothing of the case: `official` (that of letter_compose_redirect(), in Kazakh
 * and Russian), `answer`, `advice` (in the letter's language). Used are mailbox, to, in_reply_to, message_id, reply_to,
 * subject, language, date and zone. */
char *letter_compose_entity(const LetterFacts *facts, const void *entity, gsize entity_size, gsize *size, GError **error);
/* Checks one template: what --check-config runs. */
gboolean letter_check_template(const char *text, GError **error);

#endif
