/* SPDX-License-Identifier: ISC */
/* store/enrolment.h - what a new officer and the one who confirms her must have in common: the hash behind the six words.
 *
 * BLAKE2b-256 of "senim-enrolment/1 LF STORE LF", each log's verifier (a line of log.pub) and LF in the order of their
 * octets, LF, "BODY LF CARD LF SIGN LF": the registers as the new officer's machine pins them, and her public keys as they
 * are on it. Who confirms makes it from the keys that she pinned herself and from the person's entry in the register: six
 * words that agree say that nobody stands between the two, with other registers for the one or another key for the other.
 * Threads: pure. */
#ifndef SENIM_STORE_ENROLMENT_H
#define SENIM_STORE_ENROLMENT_H

#include <glib.h>

#define ENROLMENT_HASH 32

/* store: 32 hex digits. logs: verifiers (char *), NULL-terminated. sign: Ed25519, 32 octets. */
void enrolment_hash(const char *store, const char *const *logs, const char *body, const char *card, const guint8 sign[32],
                    guint8 hash[ENROLMENT_HASH]);

#endif
