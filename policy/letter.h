/* SPDX-License-Identifier: ISC */
/* policy/letter.h - is an acknowledgement owed, and what does it say.
 *
 * Decisions (RFC 3834 and stricter, FEATURES "Rules proposed for senim"): the same letter, the same delay, whatever the
 * verdict. Composition: RFC 5322 octets from a template and facts; never a word of the report. No I/O, no clock: the
 * template's text and every moment are arguments.
 * Threads: any. */
#ifndef SENIM_POLICY_LETTER_H
#define SENIM_POLICY_LETTER_H

#include <glib.h>

#include "base/config.h"
#include "base/record.h"

typedef enum { LETTER_NONE, LETTER_OWED, LETTER_WITHHELD } LetterDecision;

typedef struct {
	const Record *facts;         /* finding_facts_schema */
	const char *envelope_from;   /* "" null sender */
	const char *const *suppress; /* values of X-Auto-Response-Suppress etc. are the examiner's; here: NULL or words */
} LetterQuestion;

/* *reason: one static word where WITHHELD: null-sender, automatic, own-domain, telephone, role-address, unexamined,
 * own-mailbox, never, bad-address, smtputf8, follow-up, cap. */
LetterDecision letter_decide(const LetterQuestion *question, const Config *config, const ConfigMailbox *mailbox,
                             const char **reason);

/* One draw of the delay, seconds, from 32 random bits that the caller brings. */
guint letter_delay(const ConfigMailbox *mailbox, guint32 random);

typedef struct {
	const char *organisation, *mailbox, *post, *escalation_address; /* escalation_address may be NULL */
	const char *to, *in_reply_to;     /* in_reply_to "-" or NULL: none */
	const char *message_id;           /* ours, with angle brackets */
	const char *number;               /* "2026/17" */
	const char *language;             /* kk, ru, en or "-" (Kazakh first, then Russian) */
	gint64 received;                  /* microseconds UTC */
	GDate official;                   /* invalid: none known */
	gboolean official_differs;        /* say why it counts from another day */
	guint term_working_days;
	const char *code;                 /* 26 characters of the register's root */
	gint64 date;                      /* of the Date field */
	GTimeZone *zone;
	gboolean minimal;                 /* acknowledge-own-domains = minimal */
} LetterFacts;

/* templates: the text for one language by its code ("kk", "ru", "en"), or NULL. {placeholders} of doc/letters.
 * The result is CRLF, 7-bit headers, text/plain utf-8 (transfer full); NULL and *error where a template is bad. */
typedef const char *(*LetterTemplate)(const char *language, gpointer user);
char *letter_compose(const LetterFacts *facts, LetterTemplate templates, gpointer user, gsize *size, GError **error);
/* Checks one template's placeholders: what --check-config runs. */
gboolean letter_check_template(const char *text, GError **error);

/* The plain next-working-day rule until the calendar's issue: after closing time, at a weekend: the next weekday.
 * Exactly at closing time still counts as that day; anything before opening is that day. */
void letter_official_date(gint64 received, GTimeZone *zone, guint closes_minute, GDate *official);

#endif
