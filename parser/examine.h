/* SPDX-License-Identifier: ISC */
/* parser/examine.h - a message and the decisions about it as a finding (base/finding.h).
 *
 * Rooms do not know each other: what policy/ decides comes in as words, and the caller puts the two together.
 * Promise:   facts and card pass their schemas and are at most FINDING_MAX octets together. Values are cut, lists end at
 *            FINDING_LIST_MAX; where something had to go, `partial` is yes.
 * Ownership: everything borrowed but the result. Threads: pure. */
#ifndef SENIM_PARSER_EXAMINE_H
#define SENIM_PARSER_EXAMINE_H

#include "base/bundle.h"
#include "parser/message.h"

typedef struct {
	const char *automatic;      /* a word of the facts */
	const char *verdict;
	const char *const *classes; /* NULL-terminated, or NULL */
	const char *const *reasons; /* for the card; NULL-terminated, or NULL */
	gboolean answer_unwanted;   /* the note `no-answer` */
	gboolean telephone;         /* by its form it is a call or a fax */
	gint64 called;              /* when a call of the configured telephone system came, POSIX seconds; 0: it is none */
	const char *const *wishes;  /* words of the facts; NULL-terminated, or NULL */
	const GPtrArray *suggested; /* "WHAT SOURCE VALUE" (char *), or NULL */
	const GPtrArray *references; /* follow-up references of the facts (char *), or NULL */
	gboolean cut;               /* there were more of them */
	const GPtrArray *named;     /* ids of whom it is about (char *), or NULL */
} ExamineWords;

/* job: EXAMINE's record (parser/nursery.h). */
Bundle *examine_finding(const Record *job, const Message *message, const ExamineWords *words);

/* TRUE where the message comes from the telephone system of the job and carries sound: channel `telephone`, as where its form
 * says so and it carries anything. */
gboolean examine_is_telephone(const Record *job, const Message *message);

#endif
