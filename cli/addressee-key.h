/* SPDX-License-Identifier: ISC */
/* cli/addressee-key.h - whose key a letter to law enforcement is sealed to: the addressee's own, not merely what the desk says.
 *
 * The registrar names an addressee's key as its configuration has it, and whoever keeps the host can write another one there.
 * So each machine keeps the key that was compared once with what the addressee gave by another way than the mail host, and
 * seals to no other one: the first time, and when the desk names another, she types the end of the key from her own paper on
 * the terminal, or names the whole with --key.
 *
 * Threads: one. Fails: FALSE and *error: CLI_ERROR_REFUSED where it is not compared or is another. */
#ifndef SENIM_CLI_ADDRESSEE_KEY_H
#define SENIM_CLI_ADDRESSEE_KEY_H

#include "cli/session.h"

/* name, key: as the desk has them; an age recipient or an OpenPGP fingerprint. */
gboolean addressee_key_check(Session *session, const char *mailbox, const char *name, const char *key, GError **error);

#endif
