/* SPDX-License-Identifier: ISC */
/* policy/answer.h - the text of an officer's letter to a reporter, from a template: what she wrote, between greeting and closing.
 *
 * Template:  policy/template.h, one paragraph a line. The names: organisation, mailbox, post, number (of the report), date (when it
 *            came), outgoing and issued (its number and day, as the chancellery gave them), body (the state body he is told to turn to), text
 *            (what the officer wrote), code (of the register, which shows later that nothing in it was changed), paper (the mailbox
 *            where the letter does not go by mail, so that it cannot be replied to). {text} has to be in an answer, {body} in an advice.
 * Promise:   nothing of the report but number and date is in it, unless she wrote it.
 * Ownership: results (transfer full). Threads: any; pure.
 * Fails:     NULL or FALSE and *error (TEMPLATE_ERROR). */
#ifndef SENIM_POLICY_ANSWER_H
#define SENIM_POLICY_ANSWER_H

#include <glib.h>

typedef struct {
	const char *organisation, *mailbox, *post; /* post "": none */
	const char *number;
	GDate date;
	const char *outgoing;  /* or NULL */
	GDate issued;          /* its day; invalid: none */
	const char *body;      /* or NULL */
	const char *text;      /* or NULL */
	const char *code;      /* or NULL */
	gboolean paper;        /* it does not go by mail */
} AnswerFacts;

char *answer_compose(const char *template, const AnswerFacts *facts, GError **error);
/* kind: "answer" or "advice". What --check-config runs. */
gboolean answer_check_template(const char *kind, const char *template, GError **error);

#endif
