/* SPDX-License-Identifier: ISC */
/* cli/verify-register.h - every register checked whole: over the desk, or in a stopped store.
 *
 * desk:  all entries are fetched and the tree is computed here, against the signed checkpoint, the pinned key and the kept
 *        checkpoint; then the registrar reads every opening and sealed octet again (/v1/verify).
 * store: store/ledger-offline.h on the files themselves, against log.pub and the kept checkpoint; no key, no registrar.
 *
 * archive: store/archive.h on its files, against log.pub and the kept checkpoint; no key either.
 *
 * Ownership: the list owns its VerifyRegisters. Threads: one.
 * Fails:     NULL and *error where a check could not be made; what it found is in faults. */
#ifndef SENIM_CLI_VERIFY_REGISTER_H
#define SENIM_CLI_VERIFY_REGISTER_H

#include "cli/session.h"

typedef struct {
	char *mailbox, *origin;
	guint64 size;      /* entries that the checkpoint covers */
	guint64 payloads;  /* sealed objects that were read again */
	guint64 code_size; /* how many entries it had when it gave the code that was asked for; 0: never */
	GPtrArray *faults; /* sentences (char *), not yet escaped */
	json_t *trustees;  /* of the registrar: what it says of them (store/desk-host.h); or NULL */
} VerifyRegister;

/* code: of a letter (note_code()), looked for on the way; or NULL (transfer full, elements VerifyRegister). */
GPtrArray *verify_register_desk(Session *session, const char *code, GError **error);
/* directory: what init made, or a state-directory. log_pub NULL: beside senim.conf. */
GPtrArray *verify_register_store(const char *directory, const char *log_pub, GError **error);
/* directory: that of archive-directory, or a copy of it. log_pub NULL: the keys that lie in it. */
GPtrArray *verify_register_archive(const char *directory, const char *log_pub, GError **error);

#endif
