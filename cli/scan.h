/* SPDX-License-Identifier: ISC */
/* cli/scan.h - an attachment shown to the virus scanner of the officer's own machine, clamd(8), over its Unix socket.
 *
 * FILDES, not INSTREAM: clamd copies a stream into its temporary directory, which is a disk; a descriptor of a memory
 * file it reads where it is. What it unpacks still goes there (doc/threat-model.md).
 * Waiting:   120 s at most. Threads: any.
 * Fails:     never: a scanner that does not answer is SCAN_SILENT. */
#ifndef SENIM_CLI_SCAN_H
#define SENIM_CLI_SCAN_H

#include <glib.h>

typedef enum { SCAN_CLEAN, SCAN_FOUND, SCAN_SILENT } ScanResult;

#define SCAN_SOCKET "/run/clamav/clamd.ctl" /* Debian's */

/* *found: what clamd calls it, untrusted (transfer full); NULL otherwise. */
ScanResult scan_octets(const char *socket, const void *data, gsize size, char **found);

#endif
