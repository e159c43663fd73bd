/* SPDX-License-Identifier: ISC */
/* store/recovery.h - a recovery: new readers come by the recovery key alone, when nobody is left who opens.
 *
 * On a stopped store. For each person named: the entries KEY add and KEY confirm, whose officer is `-` and which name who
 * held the shares; then, case by case, a header of the body for her, made from the recovery's, with the entry KEY wrapped.
 * No card: the recovery key opens letters alone. The recovery's own headers never leave this process.
 *
 * Promise:   a kill at any point, and the same call goes on: who is in the register already is not added again, a case
 *            that has her header is passed over.
 * Threads:   one. Fails: FALSE and *error. */
#ifndef SENIM_STORE_RECOVERY_H
#define SENIM_STORE_RECOVERY_H

#include "store/keyfile.h"
#include "store/stopped.h"

typedef struct {
	const char *name, *role; /* officer, or recovery */
	const KeyfilePublic *half;
} RecoveryPerson;

typedef struct {
	const Keyfile *identity; /* the recovery key */
	const char *const *holders; /* who put it together, NULL-terminated; or whose key file it is */
	const RecoveryPerson *persons;
	guint n_persons;
	gboolean retire; /* the recovery key that was put together is blocked at the end: another is among the persons */
	void (*progress)(guint64 done, gpointer user); /* or NULL */
	gpointer user;
} RecoveryRequest;

typedef struct {
	guint64 wrapped, without; /* headers made; cases that were never sealed to this recovery key */
} RecoveryResult;

/* The i-th mailbox; counts are added to *result. */
gboolean recovery_mailbox(const Stopped *stopped, guint i, const RecoveryRequest *request, RecoveryResult *result,
                          GError **error);
/* The entry DRILL: the practice identity was put together and opened what was sealed to it. */
gboolean recovery_drilled(const Stopped *stopped, guint i, const char *const *holders, const char *recipient,
                          GError **error);

#endif
