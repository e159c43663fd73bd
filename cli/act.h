/* SPDX-License-Identifier: ISC */
/* cli/act.h - one act asked of the desk: its request with ground and texts sealed, its entry checked before anything else.
 *
 *   g_autoptr(Act) act = act_begin(session, mailbox, ground, error);
 *   g_autoptr(json_t) answer = act_post(act, "/v1/open", body, error);
 *   if (answer == NULL || !act_check(act, &(LookAct){.kind = ENTRY_OPENED, ...}, NULL, error)) ...
 *
 * Ownership: an Act owns the request, the sealed texts and the proof that came; session and mailbox are borrowed and
 *            outlive it.
 * Threads:   one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_ACT_H
#define SENIM_CLI_ACT_H

#include "cli/session.h"
#include "cli/verify-look.h"
#include "store/sealed-text.h"

typedef struct {
	Session *session;
	const char *mailbox, *origin;
	guint64 known;
	char *request, *ground;
	SealedText *ground_text, *text; /* NULL: none */
	json_t *attached;               /* headers that its own fields name by digest, or NULL; owned */
	gboolean with_text;             /* the act takes one: `text` stands in its request, null or not */
	const char *octets_name, *octets; /* of an act that hands in something of its own, by its digest; else NULL (borrowed) */
	DeskSigned what;
	Look *look; /* of act_post() */
} Act;

Act *act_begin(Session *session, const char *mailbox, const char *ground, GError **error);
void act_free(Act *act);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Act, act_free)
/* Posts body (its own keys, stolen) and takes the PROOF of the answer (transfer full). Once. */
json_t *act_post(Act *act, const char *target, json_t *body, GError **error);
/* The first entry that came is this act: own says what is particular to it, the rest is filled here. */
gboolean act_check(const Act *act, const LookAct *own, char **number, GError **error);

/* The text that an entry's record holds sealed, by the header that came with it in item (transfer full). NULL without
 * *error: it has none, or she no header of it. */
WipeText *act_open_text(const Session *session, const Record *record, json_t *item, GError **error);

#endif
