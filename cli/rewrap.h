/* SPDX-License-Identifier: ISC */
/* cli/rewrap.h - old cases for another reader: her own header opened, its key checked against the register, and sealed to
 * the other's key, and so the texts of its entries. What is sealed is not looked at.
 *
 * Handing out headers is an entry (KEY handed), taking the new ones another (KEY wrapped); whose key it is that they are
 * sealed to is made out from the register (cli/readers.h). At most REWRAP_BATCH cases go at once; a batch is taken whole or not at
 * all, so whoever begins again goes on where it broke off.
 *
 *   rewrap_missing   the cases that `to` lacks and that are hers to hand on; where `to` is herself and she signs with her
 *                    newer key: those of which an older key still has a header beside
 *   rewrap_cases     makes the headers
 *   rewrap_prove     opens, with her newer key, what was made for it, and then lets the older key's headers go
 *
 * Threads: one. Fails: NULL or FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_REWRAP_H
#define SENIM_CLI_REWRAP_H

#include "cli/act.h"

#define REWRAP_BATCH 20

/* Elements Case (transfer full). */
GPtrArray *rewrap_missing(Session *session, const char *mailbox, const char *to, GError **error);
/* Of these cases, at most REWRAP_BATCH, all of one mailbox. *done: of how many a header was made. */
gboolean rewrap_cases(Session *session, Case *const *cases, guint n, const char *to, const char *ground, guint *done,
                      GError **error);
gboolean rewrap_prove(Session *session, Case *const *cases, guint n, const char *ground, guint *done, GError **error);

#endif
