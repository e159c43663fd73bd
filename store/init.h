/* SPDX-License-Identifier: ISC */
/* store/init.h - makes a store: what `senim init DIR` does (DESIGN 6).
 *
 * Makes DIR (0755): senim.conf (runs as it stands: absolute paths), log.pub (one note verifier a line), officers/NAME.pub,
 * keys/ (0700: custody.key and MAILBOX.sign, 0400), recovery/ (keys.age, recovery recipients' NAME.pub), state/ (0700:
 * store-id and each mailbox's books with their first entry, BEGUN), run/ (0755: the sockets).
 * Asks nothing. An existing DIR must be an empty directory; a half-made one is taken away again on failure.
 *
 * Escrow: with a recovery recipient the custody key and the signing keys are sealed to it and to the escalation
 * (recovery/keys.age), and opened once with `prove` before the end; with `no_recovery` nothing is escrowed.
 * Ownership: a request borrows every string.
 * Threads:   one; it changes the umask for its time.
 * Fails:     FALSE and *error (INIT_ERROR); the message ends in what to do. USAGE: the words of the request are wrong. */
#ifndef SENIM_STORE_INIT_H
#define SENIM_STORE_INIT_H

#include <glib.h>

typedef enum {
	INIT_ERROR_USAGE,  /* exit 2 */
	INIT_ERROR_FAILED, /* exit 1 */
} InitErrorCode;
#define INIT_ERROR (init_error_quark())
GQuark init_error_quark(void);

typedef struct {
	const char *directory;
	/* Each a NULL-terminated list, or NULL. */
	const char *const *mailboxes;  /* --mailbox ADDR, at least one */
	const char *const *officers;   /* --officer NAME=FILE.pub, at least one */
	const char *const *deputies;    /* --deputy NAME=FILE.pub */
	const char *const *escalation; /* --escalation NAME=FILE.pub */
	const char *const *supervisors; /* --supervisor NAME=FILE.pub */
	const char *const *recovery;   /* --recovery FILE.pub or NAME=FILE.pub */
	const char *const *settings;   /* --set KEY=VALUE or "mailbox ADDR/KEY=VALUE" */
	const char *prove;             /* --prove FILE: the recovery identity in a file without a passphrase, or NULL */
	gboolean no_recovery;          /* --no-recovery */
	/* Where `prove` is NULL and there is a recovery recipient: asks for its identity, "AGE-SECRET-KEY-1…" (transfer
	 * full; wiped here). NULL: --prove is needed. */
	char *(*ask_identity)(gpointer user, GError **error);
	/* The escrow sheet for the safe: a secret, to be shown or printed and never kept. May be NULL. */
	void (*sheet)(const char *text, gpointer user);
	/* Called with a sentence for each thing that works but should not stay: fewer than two readers, no recovery. */
	void (*warn)(const char *sentence, gpointer user);
	gpointer user;
} InitRequest;

gboolean init_store(const InitRequest *request, GError **error);

/* Where a configuration's keys and store id lie; used by init and by the registry (transfer full):
 * keys/custody.key, keys/MAILBOX.sign beside the configuration file; <state-directory>/store-id. */
char *init_signer_path(const char *config_file, const char *mailbox);
char *init_store_id_path(const char *state_directory);
/* The store id (16 octets) of the store that was made there. LEDGER_ERROR, or G_FILE_ERROR where there is none. */
gboolean init_read_store_id(const char *state_directory, guint8 store_id[16], GError **error);

#endif
