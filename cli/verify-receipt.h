/* SPDX-License-Identifier: ISC */
/* cli/verify-receipt.h - senim verify --receipt FILE: is a receipt (store/receipt.h) true, by the log's public key alone.
 *
 * No store, no key of hers, no network; nothing is written. log_pub: the file that the organisation gave, never one that came
 * with the receipt.
 * Threads: one. Fails: CLI_ERROR_FAILED where it is not true, or of a log whose key is not there; CLI_ERROR_USAGE where a file
 * cannot be read. */
#ifndef SENIM_CLI_VERIFY_RECEIPT_H
#define SENIM_CLI_VERIFY_RECEIPT_H

#include <glib.h>

#define VERIFY_RECEIPT_TEXT_KEY "senim-text-key: " /* and 64 hex digits: a line above the proof */

/* message NULL, or the file of the letter whose check key stands in the receipt: is it that letter, octet for octet? Among the
 * lines of log_pub may stand keys of witnesses: what they confirmed is said. */
gboolean verify_receipt(const char *file, const char *log_pub, const char *message, gboolean json, GError **error);

#endif
