/* SPDX-License-Identifier: ISC */
/* store/agreement-text.h - the text of the agreement on use, as the configuration names it.
 *
 * Threads: any. Fails: NULL and *error, the message ready to print. */
#ifndef SENIM_STORE_AGREEMENT_TEXT_H
#define SENIM_STORE_AGREEMENT_TEXT_H

#include "base/config.h"

#define AGREEMENT_TEXT_MAX 65536 /* octets of the text */

/* The text in force: UTF-8 without control characters but LF and TAB (transfer full), and the BLAKE2b-256 of it in hex.
 * NULL with *error where it cannot be read; NULL without: none is named. */
char *agreement_text_read(const Config *config, char digest[65], GError **error);

#endif
