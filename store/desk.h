/* SPDX-License-Identifier: ISC */
/* store/desk.h - the officers' door: HTTP/1.1 and JSON over desk.sock (doc/architecture.md "The desk").
 *
 * desk.c carries requests, finds the session and checks the signature; desk-session.c keeps nonces and counters;
 * desk-acts.c is the table of targets and does what they ask; desk-json.c turns the ledger's things into JSON.
 *
 * Promise:   no header, card or payload leaves before the entry that says so is committed. Whatever is refused for want
 *            of a session, signature or right is an entry too, one a minute for the same user, officer and reason.
 *            Whoever is blocked is refused with her next request, in whatever session; a payload under way breaks off.
 * Limits:    headers 64 KiB, body 1 MiB, JSON depth 16, 128 connections, 32 of one Unix user.
 * Ownership: a Desk borrows the registry and owns the listening socket.
 * Threads:   one for each connection; start and stop from one thread. Hooks are called from any of its threads.
 * Fails:     NULL and *error where the server cannot start; after that every failure is an answer. */
#ifndef SENIM_STORE_DESK_H
#define SENIM_STORE_DESK_H

#include <jansson.h>

#include "store/archiver.h"
#include "store/registry.h"

/* The other terms of a case; each invalid where it is not known, or not configured. */
typedef struct {
	GDate forward;             /* until when it is forwarded where it is for somebody else */
	GDate acknowledge, answer; /* of Directive (EU) 2019/1937 */
} DeskTerms;

typedef struct {
	/* The day from which a case counts, and the last one of its term (policy/); each invalid where it is not known. */
	void (*dates)(const Config *config, const ConfigMailbox *mailbox, gint64 received, GDate *official, GDate *due,
	              gpointer user);
	/* acknowledged: when a letter said so to the reporter, 0 never. */
	void (*terms)(const Config *config, const ConfigMailbox *mailbox, gint64 received, gint64 acknowledged, DeskTerms *terms,
	              gpointer user);
	/* The same day by day, for /v1/why, to `until` where that is valid (transfer full). */
	json_t *(*explain)(const Config *config, const ConfigMailbox *mailbox, gint64 received, const GDate *until, gpointer user);
	/* A letter was put into the outbox, or somebody is to be told of an urgent report. */
	void (*letter_queued)(gpointer user);
	/* Why no letter goes there by itself (policy/letter.h: own-domain, role-address, own-mailbox, telephone …); static, NULL: no
	 * reason. A NULL hook: none. */
	const char *(*address)(const Config *config, const ConfigMailbox *mailbox, const char *address, gpointer user);
	/* What an officer makes letters of: {"templates": {NAME: text}, "bodies": [{"id","kk","ru","en","off":bool}], "own_domains":
	 * [domain], "post": text} (transfer full); NULL and *error where one cannot be read. A NULL hook: nothing. */
	json_t *(*letters)(const Config *config, const ConfigMailbox *mailbox, GError **error, gpointer user);
	/* The list of grounds (policy/), each {"id","kk","ru","en","needs":[word]}, in the order offered (transfer full); NULL and
	 * *error where it cannot be read. A NULL hook: any word is a ground. */
	json_t *(*grounds)(const Config *config, GError **error, gpointer user);
	/* The same for the categories of reports, each {"id","kk","ru","en","off":bool}. */
	json_t *(*categories)(const Config *config, GError **error, gpointer user);
	/* The archive (store/archiver.h): begin a run, and its number comes back; or what became of the last one. NULL: there is none. */
	guint64 (*archive)(gpointer user);
	void (*archive_state)(ArchiverState *state, gpointer user);
	gpointer user;
} DeskHooks;

typedef struct Desk Desk;

Desk *desk_start(Registry *registry, int listener, const DeskHooks *hooks, GError **error);
/* Takes no more connections, lets requests that are being served end, forgets every session. */
void desk_stop(Desk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desk, desk_stop)

#endif
