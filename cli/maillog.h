/* SPDX-License-Identifier: ISC */
/* cli/maillog.h - which lines of an MTA's log prove that it took a message for somebody, and by which queue id.
 *
 *   how        Postfix                                        Sendmail                          senim-milter
 *   discarded  cleanup: QID: milter-discard: … to=<A> proto=  QID: to=<A>, … stat=discarded
 *   unnamed                                                   QID: discarded; QID: Milter: data, discard
 *   taken                                                     QID: Milter delete: rcpt <A>      QID: taken…
 *   delivered  any agent: QID: to=<A>, [orig_to=<B>,] status=sent   QID: to=<A>, … stat=Sent
 *   returned   … status=bounced or expired                    … stat=User unknown and the like: not told
 * A message that had other recipients too leaves no line for ours in Postfix's log; senim-milter's own line has it. The time is
 * syslog's (without a year: the last such day) or RFC 3339.
 * Files are read as they come, plain or gzip, a line of at most 64 KiB at a time; a longer one is passed over.
 * Threads: pure. Fails: FALSE and *error in G_IO_ERROR, the message names the file. */
#ifndef SENIM_CLI_MAILLOG_H
#define SENIM_CLI_MAILLOG_H

#include <glib.h>

#include "base/queue-id.h"

typedef enum { MAILLOG_DISCARDED, MAILLOG_UNNAMED, MAILLOG_TAKEN, MAILLOG_DELIVERED, MAILLOG_RETURNED } MaillogHow;

typedef struct {
	char queue_id[QUEUE_ID_MAX + 1];
	gint64 time;     /* microseconds UTC */
	MaillogHow how;
	char **addresses; /* of whom the line speaks, NULL-terminated; NULL: of nobody */
} MaillogLine;
void maillog_line_clear(MaillogLine *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MaillogLine, maillog_line_clear)

/* now, zone: for a time without year and zone. FALSE: the line proves nothing of that kind. *time is set where it has one. */
gboolean maillog_line_read(const char *text, gint64 now, GTimeZone *zone, MaillogLine *line, gint64 *time);

/* Each line of a file, its end cut off. */
typedef gboolean (*MaillogTake)(const char *text, gpointer user, GError **error);
gboolean maillog_file_read(const char *path, MaillogTake take, gpointer user, GError **error);

#endif
