/* SPDX-License-Identifier: ISC */
/* cli/opening.h - a letter or a card opened: the entry first, every check of cli/verify-look.h, then the octets.
 *
 * Ownership: an Opening owns its plaintext and wipes it. It stands in memory once.
 * Limits:    OPENING_MAX octets as stored: what is larger is written --sealed and opened by age.
 * Threads:   one. Fails: NULL and *error in CLI_ERROR; nothing of the plaintext is given out then. */
#ifndef SENIM_CLI_OPENING_H
#define SENIM_CLI_OPENING_H

#include "base/bundle.h"
#include "cli/act.h"
#include "cli/write-file.h"

#define OPENING_MAX (1024u * 1024 * 1024)

typedef struct {
	Act *act;
	const Record *registered; /* the RECEIVED record, proved */
	SealExpect expect;        /* what the register says of it */
	SealOpener *opener;       /* it holds the file key */
	WipeBytes *plain;
	Record *fields;      /* of a letter: the seven fields */
	const char *message; /* of a letter: its octets, within plain */
	gsize message_size;
	Record *card;    /* of a card */
	GBytes *header;  /* as handed out */
	json_t *answer;  /* the registrar's, with the proof of what was opened */
} Opening;

/* act: one of the words of doc/architecture.md. sealed (or NULL): gets header and payload as they come, one age file; it is
 * the caller's to end, once all was checked. */
Opening *opening_open(Session *session, const Case *c, SealPart part, const char *act, const char *ground, WriteFile *sealed,
                      GError **error);
/* The letter made readable (cli/view.h), which goes into her index as well; c: as of opening_open() (transfer full). */
Bundle *opening_view(Session *session, const Case *c, const Opening *opening, GError **error);
/* For what is opened and made readable by nobody: her index alone gets it. Whether it can does not matter. */
void opening_index(Session *session, const Case *c, const Opening *opening);
/* Lets go of the plaintext before the rest. */
void opening_forget(Opening *opening);
void opening_free(Opening *opening);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Opening, opening_free)

/* Cards of many cases of one mailbox, under one LISTED entry: cards[i] is that of cases[i], NULL where the registrar hands
 * out none to this officer (transfer full). */
gboolean opening_cards(Session *session, Case *const *cases, guint n, const char *ground, Record **cards, GError **error);

/* Posts an act that opens nothing (/v1/acknowledge, /v1/accept …) and checks its entry. body: its own keys (stolen); own:
 * the record's own lines behind the case, or NULL; number: what the register's writer gave it, may be NULL. */
gboolean opening_act(Session *session, const Case *c, guint kind, const char *target, json_t *body, const Record *own,
                     const char *ground, char **number, GError **error);
/* The same of a mailbox, about no case. */
gboolean opening_act_of(Session *session, const char *mailbox, guint kind, const char *target, json_t *body,
                        const Record *own, const char *ground, GError **error);

#endif
