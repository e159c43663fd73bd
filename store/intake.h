/* SPDX-License-Identifier: ISC */
/* store/intake.h - the server side of intake.sock: what senim-milter hands in (doc/architecture.md).
 *
 * One thread for each connection while it lives, one report at a time on it: waits are plain, and a report that hangs
 * holds up no other. HELLO takes one of INTAKE_REPORTS places, the end of the connection gives it back; without one the answer is
 * BUSY. A frame cut anywhere, EOF or silence abandons the report: its descriptor is dropped and nothing is left.
 * No verb reads: nothing here can be asked for what was registered.
 * Limits:    a connection may be idle for 30 minutes (FILE comes in the middle of a message); a frame that has begun,
 *            and an answer, have 60 s.
 * Ownership: an Intake borrows the registry and owns the listening socket.
 * Threads:   start and stop from one thread. The hooks are called from any of its threads.
 * Fails:     nothing after the start; a request that cannot be served is answered FAILED{step}. */
#ifndef SENIM_STORE_INTAKE_H
#define SENIM_STORE_INTAKE_H

#include "store/registry.h"

#define INTAKE_REPORTS 256
/* What the registrar may have open: for every report a connection and up to a file for each mailbox, and what the databases,
 * the desk and letters need. */
#define INTAKE_DESCRIPTORS (INTAKE_REPORTS * (1 + CONFIG_MAILBOXES_MAX) + 512)

typedef struct Intake Intake;

/* Each may be NULL. */
typedef struct {
	void (*wake)(gpointer user); /* after a commit that put a letter into the outbox, or of which somebody is to be told */
	void (*milter)(gboolean nursery, guint64 put_off, gpointer user); /* ALIVE came */
	void (*report)(gboolean taken, gpointer user); /* a COMMIT was answered; not taken: for a reason of ours */
	gpointer user;
} IntakeHooks;
Intake *intake_start(Registry *registry, int listener, const IntakeHooks *hooks);
/* Takes no more connections, ends those that wait, lets every COMMIT that has arrived finish and be answered. */
void intake_stop(Intake *intake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Intake, intake_stop)

#endif
