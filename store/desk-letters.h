/* SPDX-License-Identifier: ISC */
/* store/desk-letters.h - letters that go out by an officer's act.
 *
 * The one way out for what an officer wrote (an answer, advice, a forwarded text), whatever the kind of her entry. Her program
 * makes the letter (cli/outgoing.h) and puts it into the act's request as `letter`; the act's handler does:
 *
 *   g_auto(DeskLetter) letter = {0};
 *   json_t *asked;                                     // "letter", {s:o}
 *   if (!desk_letters_take(call, mailbox, asked, &letter, reply)) return;   // JSON null: no letter, letter.record NULL
 *   record_add(record, "letter", letter.record != NULL ? "queued" : "-");   // the ledger counts it by this line
 *   LedgerAct act = {.kind = ENTRY_FORWARDED, …};
 *   desk_letters_queue(call, &letter, &act);
 *   desk_act_finish(…);
 *
 * `letter` is {"to", "message_id" (of the letter that it answers, or '-'), "language" (kk, ru, en, '-'), "subject" (official,
 * answer, advice: policy/letter.h), "entity" (base64 of a MIME entity from its Content-Type on), "own_domain" (she was told that
 * the address lies in the organisation's own domains)}.
 *
 * Promise:   entry and letter are one commit. Text and address rest under the outbox key alone, and go when the MTA has taken
 *            them; no record, log or answer repeats them. From, To, Message-ID (a token of kind `letter`) and everything else
 *            of the header is the registrar's; no client, no agent, no second recipient stands in it. Its end is a NOTICE entry
 *            (sent, unsent with a reason) and a bounce a FOLLOWUP of the case: ledger_case_posted() says which by the entry.
 * Threads: a request's own. */
#ifndef SENIM_STORE_DESK_LETTERS_H
#define SENIM_STORE_DESK_LETTERS_H

#include "store/desk-place.h"

typedef struct {
	Record *record; /* for the outbox; NULL: there is no letter */
	GBytes *entity;
} DeskLetter;
void desk_letter_clear(DeskLetter *letter);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskLetter, desk_letter_clear)

/* FALSE with the reply filled: another form, an address behind which nobody reads (400), one in an own domain of which she was
 * not told (409 `own-domain`). */
gboolean desk_letters_take(const DeskCall *call, const char *mailbox, json_t *asked, DeskLetter *letter, DeskReply *reply);
/* Into the act, which borrows it. Without a letter: nothing. */
void desk_letters_queue(const DeskCall *call, const DeskLetter *letter, LedgerAct *act);

/* What she was warned of and does all the same: an array of words of store/casework.h. FALSE with the reply filled: another form. */
gboolean desk_letters_check_despite(const json_t *despite, DeskReply *reply);
gboolean desk_letters_is_despite(const json_t *despite, const char *word);
/* `despite`, a line each. */
void desk_letters_add_despite(const json_t *despite, Record *record);
/* 409 `unsafe` where he asked not to be answered, or the address is marked, and she was not warned of it. */
gboolean desk_letters_check_safe(const LedgerCase *c, const json_t *despite, DeskReply *reply);

/* Of an outgoing letter about the case: FALSE, 409 `date`, where it is dated before the report came or after today. date '-': it
 * has none. */
gboolean desk_letters_check_issued(const DeskCall *call, const LedgerCase *c, const char *date, DeskReply *reply);

/* A MIME entity out of its base64 (a secret, transfer full): from its Content-Type field on, with no field but Content-…, so that
 * it names neither a recipient nor a sender. NULL with the reply filled. */
GBytes *desk_letters_entity(const char *base64, DeskReply *reply);

/* FALSE with the reply filled: an address that no letter goes to, a Message-ID or a language of another form. */
gboolean desk_letters_check(const char *to, const char *message_id, const char *language, DeskReply *reply);
/* What the outbox is given of it (transfer full). */
Record *desk_letters_record(const char *to, const char *message_id, const char *language);

#endif
