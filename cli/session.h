/* SPDX-License-Identifier: ISC */
/* cli/session.h - everything a command needs that speaks to the desk: her keys, the client, the pins.
 *
 * Ownership: a Session owns them; session_free() wipes the keys. The Cli is borrowed and outlives it.
 * Threads:   one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_SESSION_H
#define SENIM_CLI_SESSION_H

#include "cli/case.h"
#include "cli/cli.h"
#include "cli/pins.h"
#include "cli/tunnel.h"
#include "cli/wipe.h"

typedef struct {
	const Cli *cli;
	Keyfile *keys;
	Tunnel *tunnel; /* NULL: the desk is on this host */
	DeskClient *desk;
	Pins *pins;
	char *examiner; /* path of senim-examine */
	char *found;    /* the case that session_find() found last: what a ground is for */
	guint64 incidents; /* of the emergency journal that wait to be completed, as the last list of cases said */
	gboolean watched; /* whether the readers have changed was looked at (cli/staff.h) */
	gboolean fresh; /* and nobody has opened it yet */
	GPtrArray *opened; /* texts that wait for the search index (cli/index-feed.h); NULL: none */
} Session;

/* Signs in; where the organisation has an agreement that she has not accepted yet, shows it and asks. */
Session *session_open(const Cli *cli, GError **error);
/* The same without asking: the desk then serves the agreement alone. */
Session *session_begin(const Cli *cli, GError **error);
void session_free(Session *session);
/* Is the desk of the store that this machine knows for its registers? What is signed names the store, and is good for that one
 * alone: a desk that gave itself out for another could take it there. Kept when it is first heard; it stands in the six words
 * of an enrolment too, and in the register's first entry (cli/readers.h). A desk without a register that is pinned is refused. */
gboolean session_check_store(const Pins *pins, const DeskClient *desk, GError **error);
/* The shell's: from here on session_open() gives out this one, signed in anew where the registrar has ended it or the way
 * to it broke, and session_free() leaves it. NULL ends that and frees it. */
void session_keep(Session *session);
/* Signs this one in anew where the registrar has ended it, or the way to it broke. */
gboolean session_again(Session *session, GError **error);
/* Is there such a one? */
gboolean session_is_kept(void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

/* The case of that name as typed (transfer full). */
Case *session_find(Session *session, const char *typed, GError **error);
/* The same to give it to another: one of which nobody could say whom it names is then found too, as its name and seq. */
Case *session_find_to_grant(Session *session, const char *typed, GError **error);
/* Says on stderr, before content is opened on the mail host itself, who else could see it. */
void session_warn_host(const Session *session);
/* The mailbox's origin, checked against the pins, and what is kept of it: for a request's `known`. Borrowed. */
const char *session_origin(Session *session, const char *mailbox, guint64 *known, GError **error);
/* The mailbox that --mailbox names, or the only one there is. Borrowed. */
const char *session_mailbox(const Session *session, GError **error);
/* 32 random hex digits: the request's own name (transfer full). */
char *session_request(void);
/* The ground, in the form of cli/ground.h, for the case that was found last. CLI_ERROR_REFUSED without any. */
WipeText *session_ground(const Session *session, GError **error);
/* The same, for what the ground of a usual look does not cover: neither taken from an earlier one nor kept for a later. */
WipeText *session_ground_anew(const Session *session, GError **error);

#endif
