/* SPDX-License-Identifier: ISC */
/* cli/inspection.h - the inspector's file: what an authority that checks the lawfulness of looks is given of one mailbox and
 * one period (SIO 51, 52).
 *
 *   inspection_begin()   cli/inspection.c        the entry INSPECTED (begun), then everything that the file says
 *   inspection_pdf()     cli/inspection-pages.c  its pages, in one language or in Kazakh and Russian
 *   inspection_enter()   cli/inspection.c        the entry INSPECTED (made) with the digest of the pages, before they are written
 *
 * It is the supervisor's to make, or of who reads the log of others in her place (store/desk-log.h). Nothing is decrypted
 * but, where names were asked for, what was written of grounds. Entries and signatures of the log are checked as
 * cli/log-book.h does it, the register as `senim verify` does; the rows of reports, their days and states, are the
 * registrar's word.
 *
 * Promise:   the same entries give the same octets.
 * Ownership: an Inspection owns its parts; the Session is borrowed. Threads: one. Fails: NULL or FALSE, *error in CLI_ERROR. */
#ifndef SENIM_CLI_INSPECTION_H
#define SENIM_CLI_INSPECTION_H

#include "cli/incident.h"
#include "cli/log-book.h"
#include "cli/verify-register.h"

typedef struct {
	char *name, *official, *due, *channel; /* official and due may be NULL */
	char *state, *result, *category;       /* NULL: none, or not hers to know */
	gint64 received;
} InspectionRow;

typedef struct {
	Session *session;
	char *mailbox, *order;
	char *order_digest; /* hex SHA-256 of the order's file, or "-" */
	char *first, *last; /* days, both included */
	gint64 from, to;    /* seconds: from the first moment to before the last */
	gboolean names;
	guint64 entry;      /* by which it was begun */
	LogBook *book;
	GPtrArray *rows;    /* InspectionRow */
	GPtrArray *checks;  /* VerifyRegister */
	Journal *journal;   /* of outages */
	json_t *grounds;    /* the list, for its labels */
	char *checkpoint;   /* signed note */
	const char *key;    /* the log's, as a note verifier (borrowed) */
} Inspection;

/* first, last: "2026-11-01", in the organisation's zone. */
Inspection *inspection_begin(Session *session, const char *mailbox, const char *first, const char *last, const char *order,
                             const char *order_digest, gboolean names, GError **error);
void inspection_free(Inspection *inspection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inspection, inspection_free)

/* languages: "kk", "ru", "en", one after the other, NULL-terminated; the language in use is as before afterwards. */
GBytes *inspection_pdf(const Inspection *inspection, const char *const *languages, GError **error);
/* digest: hex SHA-256 of these pages. */
gboolean inspection_enter(Inspection *inspection, const char *digest, GError **error);

#endif
