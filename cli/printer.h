/* SPDX-License-Identifier: ISC */
/* cli/printer.h - pages from memory to a printer of this machine, over IPP (RFC 8011).
 *
 * A place is the name of a queue of this machine's CUPS, or ipp://localhost:PORT/PATH of a printer that speaks IPP itself,
 * as ipp-usb(8) gives one for a USB printer. That one gets the pages straight from memory. A queue's scheduler writes them
 * to its disk first and may keep them (PreserveJobFiles), so it is refused unless the caller says otherwise; when the
 * pages are printed, printer_send() then asks the scheduler to forget the job and its file.
 * Local is a loopback host, and for a queue a device at usb, parallel, serial, file or a loopback host.
 * The job's name says nothing; the user's name is that of the machine.
 * Waiting:   60 s for the end of a queue's job. Threads: one.
 * Fails:     CLI_ERROR_REFUSED for a place that is not local or keeps jobs; CLI_ERROR_USAGE for one that is none;
 *            CLI_ERROR_FAILED. */
#ifndef SENIM_CLI_PRINTER_H
#define SENIM_CLI_PRINTER_H

#include <glib.h>

typedef struct Printer Printer;

/* Connects, and looks at it before anything is opened. */
Printer *printer_open(const char *place, gboolean even_so, GError **error);
void printer_free(Printer *printer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Printer, printer_free)
/* A PDF, one-sided, one copy. *forgotten: FALSE where a queue may still hold the pages. */
gboolean printer_send(Printer *printer, GBytes *pdf, gboolean *forgotten, GError **error);

/* Is this device, or host, of this machine? */
gboolean printer_is_local(const char *uri);

#endif
