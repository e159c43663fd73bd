/* SPDX-License-Identifier: ISC */
/* milter/opinion.h - what a child said of a message, checked, and what the milter knows itself.
 *
 * A child may have been taken over by the message that it read. Its finding is read against the schemas, its words
 * against their lists, its names against the configuration; it cannot widen the readers, name an addressee, choose a
 * channel that mail does not have, or say whose letter it was: the envelope is the milter's own.
 * Ownership: an Opinion owns its records.
 * Threads:   one at a time. */
#ifndef SENIM_MILTER_OPINION_H
#define SENIM_MILTER_OPINION_H

#include "base/config.h"
#include "base/record.h"

typedef struct {
	Record *facts;
	Record *card; /* as the child gave it; NULL where it was not examined */
} Opinion;

/* finding: FINDING's body, or NULL. A finding that does not pass is none; the result is then `unexamined`. */
Opinion *opinion_new(GBytes *finding, const Config *config);
void opinion_free(Opinion *opinion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Opinion, opinion_free)

gboolean opinion_is_examined(const Opinion *opinion);
/* The second look's finding: whom it names is added to the facts of an opinion that was not examined. FALSE where there is
 * none, or one that does not pass. */
gboolean opinion_add_names(Opinion *opinion, GBytes *finding, const Config *config);
/* The sender asks for no automatic answer. */
gboolean opinion_wants_no_answer(const Opinion *opinion);
/* The card for one mailbox: the envelope as the MTA gave it, the rest as the child found it (transfer full). */
Record *opinion_card(const Opinion *opinion, const char *envelope_from, const char *const *envelope_to);

#endif
