/* SPDX-License-Identifier: ISC */
/* tests/milter-driver.h - the MTA's side of the milter protocol, version 6, for tests and load: raw enough to misbehave.
 *
 * Every call that expects an answer waits at most the driver's patience for one sign of life, as Sendmail does. Where
 * the filter has negotiated an answer away none is waited for.
 * Fails: MILTER_DRIVER_BROKEN as the answer, once the connection is of no use; nothing here aborts the test. */
#ifndef SENIM_TESTS_MILTER_DRIVER_H
#define SENIM_TESTS_MILTER_DRIVER_H

#include <glib.h>

#define MILTER_DRIVER_BROKEN 'X' /* no answer of the protocol has this letter: the connection ended, or silence */
#define MILTER_DRIVER_QUIET '-'  /* no answer was to be waited for */

/* What an MTA of today offers (mfdef.h): all actions; all steps but the larger packets. */
#define MILTER_DRIVER_ACTIONS 0x1ffu
#define MILTER_DRIVER_STEPS 0x1fffffu

typedef struct {
	int fd;
	guint patience_ms;
	guint32 actions, steps;    /* as negotiated */
	GPtrArray *removed;        /* addresses of delrcpt, of the last end of message */
	char *sender;              /* of chgfrom, or NULL */
	char *reply;               /* "451 4.3.0 …" of the last answer, or NULL */
	guint progress;            /* signs of life of the last end of message */
	gint64 longest_silence_us; /* of the last end of message */
	GString *macros_wanted;    /* stage and names, as the filter asked for them */
} MilterDriver;

/* socket: a path. Offers these bits and negotiates; NULL where nobody listens or the filter refuses. */
MilterDriver *milter_driver_new(const char *socket, guint32 actions, guint32 steps);
MilterDriver *milter_driver_usual(const char *socket);
void milter_driver_free(MilterDriver *driver); /* hangs up without a word */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MilterDriver, milter_driver_free)

/* One packet. FALSE: the connection is broken. */
gboolean milter_driver_send(MilterDriver *driver, char command, const void *data, gsize size);
/* One answer, or MILTER_DRIVER_BROKEN. */
char milter_driver_answer(MilterDriver *driver);

/* name and value in turn, NULL-terminated, for the stage of that command letter. */
void milter_driver_macros(MilterDriver *driver, char stage, ...) G_GNUC_NULL_TERMINATED;
char milter_driver_mail(MilterDriver *driver, const char *argument);
/* rcpt_addr and mailer: the macros, NULL not sent. */
char milter_driver_rcpt(MilterDriver *driver, const char *argument, const char *rcpt_addr, const char *mailer);
char milter_driver_data(MilterDriver *driver);
/* value as behind the colon, with its blank. */
char milter_driver_header(MilterDriver *driver, const char *name, const char *value);
char milter_driver_eoh(MilterDriver *driver);
/* In chunks of at most 65,535 octets. */
char milter_driver_body(MilterDriver *driver, const void *data, gsize size);
char milter_driver_eom(MilterDriver *driver);
void milter_driver_abort(MilterDriver *driver);
void milter_driver_quit(MilterDriver *driver);

/* MAIL to end of message, one recipient; the last answer. */
char milter_driver_message(MilterDriver *driver, const char *from, const char *to, const char *subject,
                           const void *body, gsize size);

#endif
