/* SPDX-License-Identifier: ISC */
/* tests/store-fixture.h - a real store in a temporary directory, and sealed reports to hand in.
 *
 * Two mailboxes, senim@kmo.kz and ethics@kmo.kz; the officer aigul, the escalation chair. The clock stands at
 * fixture_now unless a test moves it. */
#ifndef SENIM_TESTS_STORE_FIXTURE_H
#define SENIM_TESTS_STORE_FIXTURE_H

#include "base/bundle.h"
#include "base/frame.h"
#include "store/keyfile.h"
#include "store/registry.h"

typedef struct {
	char *directory; /* holds keys and the store */
	char *store;     /* the store's own */
	Config *config;
	Registry *registry;
	Keyfile *aigul, *chair, *stranger;
} Fixture;

extern gint64 fixture_now; /* microseconds UTC */

/* settings: as --set takes them, NULL-terminated, or NULL. */
void fixture_make(Fixture *f, const char *const *settings);
/* The same, and dana is the deputy. */
void fixture_make_with_deputy(Fixture *f, const char *const *settings);
void fixture_reopen(Fixture *f);
void fixture_clear(Fixture *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

char *fixture_path(const Fixture *f, const char *name);
int fixture_listen(const Fixture *f, const char *name);
int fixture_connect(const Fixture *f, const char *name);

/* A sealed report as COMMIT hands it in, its payload inline or (size at least 64 KiB) written to fd, which the caller
 * brings. letter_to NULL: none is owed. */
typedef struct {
	const char *mailbox;
	gsize size; /* of the message */
	const char *letter_to;
	gboolean aside; /* a bounce */
	gboolean held;     /* nobody could say whom it is about */
	const char *named; /* the officer whom it is about, or NULL */
	const char *reference; /* the letter of ours that it answers, or NULL */
	const char *verdict, *class; /* NULL: clean, none */
	const char *wish; /* or NULL */
	int fd;         /* -1: inline */
	guint8 case_id[SEAL_CASE];
} FixtureReport;
Bundle *fixture_report(const Fixture *f, FixtureReport *report);
/* The message of every report of that size begins with this. */
#define FIXTURE_MARK "Subject: canary\r\n"

/* Hands it straight to the ledger. */
LedgerOutcome fixture_hand_in(const Fixture *f, FixtureReport *report);
/* Hands a report in, which must become a case; returns its seq. */
guint64 fixture_register(const Fixture *f, FixtureReport *report);
guint fixture_count_cases(const Fixture *f);
guint fixture_count_entries(const Fixture *f, const char *mailbox, EntryKind kind);

#endif
