/* SPDX-License-Identifier: ISC */
/* cli/personal.h - what extract and breach share: the cases of one mailbox with their cards, the entry that she gathers them
 * (EXTRACTED, doc/architecture.md), and the paper that comes of it.
 *
 * Ownership: a Personal owns cases, cards and disclosures. Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_PERSONAL_H
#define SENIM_CLI_PERSONAL_H

#include "cli/paper.h"
#include "cli/session.h"

/* An entry by which something of a case left the office. */
typedef struct {
	guint64 seq; /* of the case */
	gint64 time; /* microseconds UTC */
	char *what;  /* as the log says it */
} PersonalDisclosure;

typedef struct {
	Session *session;
	const char *mailbox;
	WipeText *ground;      /* as she gave it */
	GPtrArray *cases;      /* Case that are hers, as they came */
	Record **cards;        /* of each, NULL where she gets none */
	guint64 entry;         /* the first EXTRACTED; 0 before */
	GPtrArray *disclosed;  /* PersonalDisclosure, in their order */
	gboolean more;         /* there are more than one answer takes */
} Personal;

/* Asks for the ground, fetches all cases that are hers and their cards, and puts those into her index. */
Personal *personal_new(Session *session, GError **error);
void personal_free(Personal *personal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Personal, personal_free)

/* Enters that these cases are gathered; as: reporter, mentioned, breach; whom: who it is about, sealed with the ground, or
 * NULL. What is hers no longer by now goes from the array (of Case, borrowed). */
gboolean personal_enter(Personal *personal, GPtrArray *chosen, const char *as, const char *whom, GError **error);

/* --format, --output, --language and --even-so, before anything is asked. csv: that is a format too. */
gboolean personal_check_options(const Options *options, gboolean csv, GError **error);
/* Shows the paper, or writes it to --output (a PDF unless --format says text), which stands among her exports until purge. csv:
 * goes out instead of it; or NULL. */
gboolean personal_leave(const Personal *personal, const Paper *paper, const WipeBuffer *csv, GError **error);

#endif
