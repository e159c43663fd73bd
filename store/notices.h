/* SPDX-License-Identifier: ISC */
/* store/notices.h - who is told by mail, and when: of an urgent arrival (`urgent-notice` of senim.conf(5)), of looks past a
 * day's limit, of an access that ends.
 *
 * Urgent is what finding_is_urgent() says. At once, by day and by night, the mailbox's officers and deputies are told who
 * have `mail` in the configuration; where within two hours nobody has listed or opened the case, or none of them can be
 * told, the escalation is. Nobody is told of a case that is kept from her. Each is an entry NOTICE with its letter in the
 * same commit, so that no crash tells anybody twice or not at all. The letter is one fixed sentence (policy/letter.h) that
 * the outbox sends: nothing of the report, not its number, always of the same size.
 * Flood:     whoever sends a hundred threats fills no officer's mailbox: after a round of letters the next comes
 *            NOTICES_PAUSE later, and one letter to a person speaks for every case of its round.
 * Of a person: who reads the log is told when somebody goes past `looks-per-day`, and who has not signed in for long that
 * her access ends soon. It is the same letter: whoever sees it learns that she shall open her screen.
 * Ownership: everything borrowed. Threads: notices_serve() the outbox's, the others any. */
#ifndef SENIM_STORE_NOTICES_H
#define SENIM_STORE_NOTICES_H

#include "store/registry.h"

#define NOTICES_PAUSE (10 * 60 * (gint64)G_USEC_PER_SEC)

/* Enters what is due for one mailbox. *round: when its last letters were queued, 0 never; the caller keeps it. Returns when
 * to come back; after a failure, which the log has, soon. */
gint64 notices_serve(Registry *registry, const Config *config, const ConfigMailbox *mailbox, Ledger *ledger, gint64 *round);

/* One person is told: the entry, and its letter in the same commit. */
typedef struct {
	const char *role, *to; /* of the register; "administrator" and "-" for who keeps the host */
	const char *mail;
	const char *hour;      /* "2026-11-23T09:00": one of notice-hours, or NULL */
	const char *counts;    /* "UNOPENED DUE" where the letter says them, or NULL */
	const char *alarm, *state; /* of the host (store/alarms.h), or NULL */
	guint64 of;
	gint64 now;
} NoticesLetter;
gboolean notices_tell(Ledger *ledger, const NoticesLetter *letter, GError **error);
/* Hands each NOTICE entry of the days from that moment on to take(), the newest first, until it returns FALSE. */
typedef gboolean (*NoticesTake)(const Record *record, gpointer user);
gboolean notices_since(Ledger *ledger, gint64 moment, NoticesTake take, gpointer user, GError **error);

/* Tells each reader of the log who has an address, but the one whom it is about; of: the EXCEEDED entry. */
gboolean notices_tell_supervisors(const Config *config, Ledger *ledger, const char *about, guint64 of, gint64 now, GError **error);
/* Tells one person, unless she was told since that entry; TRUE also where she has no address. */
gboolean notices_tell_once(const Config *config, Ledger *ledger, const PeoplePerson *person, guint64 since, gint64 now,
                           GError **error);

#endif
