/* SPDX-License-Identifier: ISC */
/* store/submit.h - hands one message to the MTA: `submit` of the configuration, a sendmail command or smtp://.
 *
 * The envelope sender is null (RFC 3834, 4: nothing answers an answer) but where a failed delivery must come back: then it
 * is the mailbox. The message reaches a command as an unnamed file in memory on its standard input, so that no pipe can
 * fill and no disk sees it; what the command says is thrown away, since it may repeat the address.
 * Promise:   TRUE: the MTA has taken it (exit 0; 250 after the dot). FALSE: it may or may not have.
 * Threads:   any. Waits at most SUBMIT_SECONDS.
 * Fails:     FALSE and *error (G_IO_ERROR); the message names the program or host and its code, never the address.
 *              PERMISSION_DENIED  refused for good: a reply 5xx (RFC 5321, 4.2.1), or an exit code of sysexits.h that says as much
 *              HOST_UNREACHABLE   nobody answers there, or not in time: another letter would fare no better
 *              FAILED             any other */
#ifndef SENIM_STORE_SUBMIT_H
#define SENIM_STORE_SUBMIT_H

#include <gio/gio.h>

#define SUBMIT_SECONDS 60 /* the MTA is on this host, and takes into a queue */

/* from: "" or the mailbox. to: an address that passed outbox_address_is_safe(), the only one in the message's To field: a
 * command takes it from there (sendmail -t). ehlo: our name for smtp://. */
gboolean submit_message(const char *submit, const char *ehlo, const char *from, const char *to, GBytes *message,
                        GError **error);

/* Would the MTA behind smtp:// take mail for that address? MAIL FROM:<>, RCPT TO, and nothing is sent. FALSE and *error
 * (G_IO_ERROR) with its reply where it would not, and where it cannot be asked. */
gboolean submit_accepts(const char *submit, const char *ehlo, const char *to, GError **error);

#endif
