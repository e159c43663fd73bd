/* SPDX-License-Identifier: ISC */
/* cli/rewrap.h - what is sealed already, for another reader: her own header opened, its key checked against the register,
 * and sealed to the other's key: letters and cards of a case, those that came after it, the texts of its work, and what
 * she typed as a ground. What is sealed is not looked at.
 *
 * Handing out headers is an entry (KEY handed), taking the new ones another (KEY wrapped); whose key it is that they are
 * sealed to is made out from the register (cli/readers.h). A batch is taken whole or not at all, so whoever begins again
 * goes on where it broke off.
 *
 *   rewrap_missing_*  what `to` lacks and is hers to hand on; where `to` is herself and she signs with her newer key: what
 *                     an older key still has a header of beside
 *   rewrap_seal       makes the headers
 *   rewrap_prove      opens, with her newer key, what was made for it, and then lets the older key's headers go
 *
 * Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_REWRAP_H
#define SENIM_CLI_REWRAP_H

#include "cli/act.h"

#define REWRAP_CASES 20   /* at once */
#define REWRAP_GROUNDS 50

typedef struct {
	const char *mailbox;
	Case *const *cases; /* at most REWRAP_CASES, all of that mailbox */
	guint n_cases;
	const guint64 *grounds; /* entries of whose ground's text it is, at most REWRAP_GROUNDS */
	guint n_grounds;
} RewrapBatch;

/* Elements Case, or guint64 (transfer full). */
GPtrArray *rewrap_missing_cases(Session *session, const char *mailbox, const char *to, GError **error);
GArray *rewrap_missing_grounds(Session *session, const char *mailbox, const char *to, GError **error);
/* Of how many: what is no longer lacking is left out. */
typedef struct {
	guint cases, grounds;
} RewrapDone;
gboolean rewrap_seal(Session *session, const RewrapBatch *batch, const char *to, const char *ground, RewrapDone *done,
                     GError **error);
gboolean rewrap_prove(Session *session, const RewrapBatch *batch, const char *to, const char *ground, RewrapDone *done,
                      GError **error);
/* Her own headers of cases, tried with her key: what does not open is put aside, so that another reader can make it anew;
 * *aside: how many. Where an older key of hers is in force, its headers are what is made anew from (rewrap_prove). */
gboolean rewrap_try(Session *session, const RewrapBatch *batch, const char *ground, guint *aside, GError **error);

#endif
