/* SPDX-License-Identifier: ISC */
/* store/desk-personal.h - when the policy on personal data was last reviewed, out of a register's entries REVIEWED.
 *
 * Threads: any. Fails: FALSE and *error (LEDGER_ERROR, ENTRY_ERROR). */
#ifndef SENIM_STORE_DESK_PERSONAL_H
#define SENIM_STORE_DESK_PERSONAL_H

#include "store/ledger.h"

typedef struct {
	guint64 reviewed; /* microseconds UTC; 0: not within the 400 days before now */
	guint64 begun;    /* the day of the register's first entry: from then on a first review is awaited */
	char *digest;     /* of the policy's text; NULL without a review */
} DeskPersonalReview;
void desk_personal_review_clear(DeskPersonalReview *review);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskPersonalReview, desk_personal_review_clear)

gboolean desk_personal_review(Ledger *ledger, gint64 now, DeskPersonalReview *review, GError **error);

#endif
