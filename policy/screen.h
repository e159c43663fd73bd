/* SPDX-License-Identifier: ISC */
/* policy/screen.h - what the text of a report makes it, and why: never who gets it, never whether it is taken.
 *
 * Verdicts: clean · review (a person looks; nothing leaves the organisation) · redirect (proposed for law enforcement).
 * Opinions are asked one after the other (the table in screen.c); the rules alone may say redirect, any other may raise
 * clean to review and no further. A hit whose guard holds (quoted, reported, negated ...) counts as clean and is told
 * all the same, and where it threatens whoever hands it on the class reporter-at-risk joins, whatever the verdict;
 * `doubtful` makes a redirection a review: what the whole letter says of who speaks (policy/rules/speaker.txt).
 * A letter that reports something (SCREEN_CONTENT_LEAST kinds of words that reports are known by) and
 * threatens as well is for review, never away.
 * A text that takes more work than a person's could (rows tried without end, disguises without end) is for review, class
 * unread: what was looked at counts as it is, the rest was not looked at.
 * Promise:   the same text and rules, the same verdict; text joined to a threat never makes it clean; linear time, at most
 *            SCREEN_STEPS_MAX steps and SCREEN_STEPS_OCTET more for each octet.
 * Ownership: (transfer full); a Verdict borrows names from the Rules. Threads: pure. Fails: never. */
#ifndef SENIM_POLICY_SCREEN_H
#define SENIM_POLICY_SCREEN_H

#include "policy/rules.h"

#define SCREEN_HITS_MAX 48
#define SCREEN_CONTENT_LEAST 2
#define SCREEN_STEPS_MAX 6000000
#define SCREEN_STEPS_OCTET 12

typedef struct {
	const char *text; /* UTF-8; may hold NUL */
	gsize size;
	const char *subject; /* or NULL */
	guint attachments;
} ScreenQuestion;

typedef struct {
	const Rule *rule;
	RulesVerdict verdict; /* after its guards */
	gboolean in_subject;
	gsize from, to;       /* octets of the text, or of the subject */
	guint64 guards;       /* those that hold */
} ScreenHit;

typedef struct {
	RulesVerdict verdict;
	gboolean mixed;      /* a report as well: that is why it is not redirect */
	guint content;       /* kinds of words that reports are known by */
	GPtrArray *classes;  /* const char *, each once */
	GArray *hits;        /* ScreenHit */
	guint64 steps;       /* what it took: a measure of time that no busy machine changes */
} Verdict;

Verdict *screen_text(const Rules *rules, const ScreenQuestion *question);
/* The sentences of which the model is asked (policy/model.h), as codes: GBytes, not wiped. What its trainer reads. */
GPtrArray *screen_asked(const Rules *rules, const ScreenQuestion *question);
void verdict_free(Verdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)

/* One line for the card and the officer: "RULE CLASS OUTCOME FROM-TO WHERE GUARDS", WHERE being text or subject, GUARDS
 * words joined by commas or `-`; FROM-TO octets. (transfer full) */
char *verdict_reason(const Verdict *verdict, const Rules *rules, guint hit);
/* One JSON object in one line, without its newline: verdict, class, mixed, hits with rule, words, from, to, guards. */
char *verdict_json(const Verdict *verdict, const Rules *rules, const ScreenQuestion *question);

#endif
