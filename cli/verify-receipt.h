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

gboolean verify_receipt(const char *file, const char *log_pub, gboolean json, GError **error);

#endif
