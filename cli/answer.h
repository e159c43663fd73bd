/* SPDX-License-Identifier: ISC */
/* cli/answer.h - a letter to a reporter in the making: what she is warned of, to which address, what it says.
 *
 * Nothing is written to a file, and nothing leaves: the caller does that with what stands here. A draft that she does not send
 * stands in the officer's screen until she leaves it (cli/drafts.h).
 *
 * Ownership: an Answer owns what it points to but session, case and options. Threads: one. Fails: FALSE or NULL and *error in
 * CLI_ERROR; CLI_ERROR_REFUSED where she does not say yes. */
#ifndef SENIM_CLI_ANSWER_H
#define SENIM_CLI_ANSWER_H

#include "cli/opening.h"
#include "cli/outgoing.h"

typedef struct {
	Session *session;
	const Case *c, *message; /* message: the one of the case that is answered; c where it is the report */
	gboolean advice;
	const char *by;          /* mail, paper, person */
	const char *number, *date; /* the chancellery's, or NULL */
	WipeText *asked_number, *asked_date; /* the same, as she typed them */
	WipeText *ground;
	Opening *card;           /* of the message */
	json_t *lists;           /* templates, bodies, own_domains, post (/v1/letters) */
	const char *body, *body_label; /* of an advice: its id or `other`, and what stands in the letter; borrowed */
	WipeText *own_body;      /* in her own words */
	const char *language;    /* kk, ru or en */
	GPtrArray *despite;      /* words of store/casework.h */
	WipeText *text, *whole;  /* what she wrote; what leaves */
	WipeText *to;            /* an address, or NULL */
	Outgoing letter;
} Answer;
void answer_clear(Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* A warning, and the word that says yes, typed in her language: CLI_ERROR_REFUSED without it. */
gboolean answer_ask(const char *warning, GError **error);
/* Asks where the address lies in an own domain (own_domains of /v1/letters, lists): *own says whether it does. */
gboolean answer_ask_own(const json_t *lists, const char *to, gboolean *own, GError **error);
/* Asks where the register has another outgoing letter of that year under the number. */
gboolean answer_ask_used(Session *session, const Case *c, const char *number, const char *date, GError **error);
/* The words of `despite` as the request has them (transfer full); into the record a line each. despite: NULL where there are none. */
json_t *answer_despite(const GPtrArray *despite, Record *own);
/* What stands against a letter to the reporter's address (case_is_unsafe()), in her language. */
const char *answer_unsafe(const Case *c);

/* Before anything is opened: is there a law that gives no answer, and is it a report at all? */
gboolean answer_may_be(const Case *c, GError **error);
/* The ground, the card, the lists, and the language. */
gboolean answer_begin(Answer *answer, const Options *options, GError **error);
/* What she has to know first, each with a question of its own: the program's mark for law enforcement, an entry that no
 * answer is due, a reporter who told others of his letter (KMO 24), an address that is not safe. */
gboolean answer_warn(Answer *answer, GError **error);
/* Of an advice: which body, by the list or in her own words. */
gboolean answer_choose_body(Answer *answer, const char *wanted, GError **error);
/* By mail: of the addresses that the report gives the one that she names or chooses; in an own domain a question more. */
gboolean answer_choose_address(Answer *answer, const char *wanted, GError **error);
/* The chancellery's number and its day, where they were not given and there is a terminal: an empty line leaves them for later. Of
 * what was read in person there is none. */
gboolean answer_ask_number(Answer *answer, GError **error);
/* Her words: those given, or what she types; then the whole letter from the template. */
gboolean answer_write(Answer *answer, WipeText *given, GError **error);
/* By mail: shown whole, and sent by one more yes. */
gboolean answer_confirm(Answer *answer, GError **error);
/* The whole letter as a page to be signed, to this new file. */
gboolean answer_print(const Answer *answer, const char *output, GError **error);
/* What the register keeps of it, sealed: {"to", "text", "files"} (transfer full). */
WipeText *answer_record(const Answer *answer, GError **error);

#endif
