/* SPDX-License-Identifier: ISC */
/* milter/report.h - one report in the making: a message as one of its mailboxes gets it.
 *
 * A message to k mailboxes is k reports: case id, file keys, payload and readers of each are its own. A report is begun
 * at DATA, sealed while the octets arrive, finished at the final dot, and turned into the questions that the registrar
 * answers.
 * Ownership: a Report owns everything in it but the mailbox's configuration; freeing it wipes, closes, and never waits.
 * Threads:   one at a time. */
#ifndef SENIM_MILTER_REPORT_H
#define SENIM_MILTER_REPORT_H

#include "base/bundle.h"
#include "base/config.h"
#include "base/log.h"
#include "milter/opinion.h"
#include "store/seal.h"

typedef struct Report Report;

/* Brings the descriptor of an unnamed file in the vault for this report once it outgrows its first chunk, or -1. */
typedef int (*ReportFile)(Report *report, gpointer user);

struct Report {
	const ConfigMailbox *mailbox;
	GPtrArray *recipients; /* envelope addresses of this mailbox, NULL-terminated once begun */
	guint8 case_id[SEAL_CASE];
	guint delay; /* of the acknowledgement, drawn before anything is known of the message */
	SealBody *body;
	SealResult sealed; /* once finished */
	int fd;            /* of the payload, or -1: it fits one chunk */
	SealCard *card;    /* once examined */
	SealResult sealed_card;
	ReportFile file;
	gpointer user;
	LogStep put_off; /* why a FALSE was answered */
};

Report *report_new(const ConfigMailbox *mailbox);
void report_free(Report *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)

void report_add_recipient(Report *report, const char *address);

/* Each FALSE: the step is in put_off. client NULL: not kept. */
gboolean report_begin(Report *report, gint64 begun, const char *envelope_from, const char *client, ReportFile file,
                      gpointer user);
gboolean report_write(Report *report, const void *data, gsize size);
gboolean report_finish(Report *report);

/* READERS' bundle (transfer full). */
Bundle *report_readers(const Report *report, const Opinion *opinion);

typedef struct {
	const char *envelope_from;
	gint64 received; /* the final dot, microseconds UTC */
	const guint8 *message_digest;
	const Config *config;
	gboolean authenticated; /* LetterQuestion */
	const char *queue_id;   /* the MTA's, or NULL */
} ReportMessage;

/* COMMIT's bundle from READERS_OK's (transfer full); NULL where the answer is of another form or sealing failed. */
Bundle *report_commit(Report *report, const Opinion *opinion, const ReportMessage *message, const Bundle *readers);

#endif
