/* SPDX-License-Identifier: ISC */
/* store/vault.h - the files of payloads that outgrew a row: vault/xx/<32 hex digits of the case id>.pay, or, of one that was
 * sealed anew, of the id that it has since.
 *
 * A payload is written into an unnamed file (O_TMPFILE); what is never registered vanishes with its descriptor. A name
 * is given by linkat() through /proc/self/fd, and is durable after vault_sync(). A payload that had a
 * name is set aside into lost+found/ and goes from there after its time; only what an entry of the register has put out of
 * use is removed at once. vault_open() fails on a file system that
 * has no such files.
 * Threads:   vault_file(), vault_sync_file() and vault_read() from any; the rest from the writer alone.
 * Fails:     FALSE or -1 and *error (VAULT_ERROR), the message names the step. */
#ifndef SENIM_STORE_VAULT_H
#define SENIM_STORE_VAULT_H

#include <glib.h>

#define VAULT_CASE 16

typedef enum {
	VAULT_ERROR_FAILED,
	VAULT_ERROR_MISSING, /* no such payload */
} VaultError;
#define VAULT_ERROR (vault_error_quark())
GQuark vault_error_quark(void);

typedef struct Vault Vault;

/* directory: the mailbox's; vault/ and lost+found/ are made in it where they are missing. */
Vault *vault_open(const char *directory, GError **error);
void vault_close(Vault *vault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Vault, vault_close)

/* An unnamed file, 0600, read and write. */
int vault_file(const Vault *vault, GError **error);
/* fsync, and that the file is one of this vault, unnamed, of that size. After FALSE the descriptor must be dropped. */
gboolean vault_sync_file(const Vault *vault, int fd, guint64 size, GError **error);
/* Gives the name; not durable before vault_sync(). A case that has a payload already is an error. */
gboolean vault_link(Vault *vault, int fd, const guint8 case_id[VAULT_CASE], GError **error);
/* Makes every name given since the last call durable. */
gboolean vault_sync(Vault *vault, GError **error);
/* Open for reading. */
int vault_read(const Vault *vault, const guint8 case_id[VAULT_CASE], GError **error);

/* Removes a payload for ever, durable; none there: TRUE. Only behind the entry that put it out of use. */
gboolean vault_remove(Vault *vault, const guint8 case_id[VAULT_CASE], GError **error);
/* Moves a payload into lost+found/, durable; *found FALSE where there is none. now: POSIX seconds, from which
 * vault_sweep() counts. */
gboolean vault_set_aside(Vault *vault, const guint8 case_id[VAULT_CASE], gint64 now, gboolean *found, GError **error);
/* Removes what was set aside before that moment (POSIX seconds). */
gboolean vault_sweep(Vault *vault, gint64 before, GError **error);

#endif
