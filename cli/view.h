/* SPDX-License-Identifier: ISC */
/* cli/view.h - a message made readable: by a caged child, so that the officer's keys never share memory with a parser.
 *
 * Starts `senim-examine` with `--view`, `--part INDEX`, `--screen`, `--finding` or `--redact`, writes the message into its standard input and reads its answer, both
 * through pipes; no file is made, the child gets no descriptor and no environment of ours. What comes back is as
 * untrusted as the message: the form of the bundle is checked here, every text passes escape_text() before it is shown.
 * Waiting:   60 s at most, then the child is killed.
 * Fails:     CLI_ERROR_FAILED: no such program, no answer, another form. */
#ifndef SENIM_CLI_VIEW_H
#define SENIM_CLI_VIEW_H

#include "base/bundle.h"
#include "cli/wipe.h"

#define VIEW_PART_MAX (256u * 1024 * 1024) /* decoded octets of one attachment */

typedef struct {
	guint index;
	char *type, *name; /* as the message gives them: untrusted */
	guint64 size;
} ViewPart;

/* doc/architecture.md, "senim-examine --view" (transfer full). */
Bundle *view_message(const char *examiner, const void *message, gsize size, GError **error);
/* The parts of attachment lines (transfer full, elements ViewPart). */
GPtrArray *view_parts(const Bundle *view, GError **error);
/* The decoded octets of one attachment (transfer full). taken (or NULL) is called when the child has the whole message, from
 * where on it is not read any more: its owner can let go of it before the attachment takes its place. */
WipeBuffer *view_part(const char *examiner, const void *message, gsize size, const ViewPart *part, GDestroyNotify taken,
                      gpointer user, GError **error);

/* The message's verdict, by the rules in this directory or, where it is NULL, the installed ones: JSON (policy/screen.h),
 * untrusted as well (transfer full). */
WipeBuffer *view_verdict(const char *examiner, const char *rules, const void *message, gsize size, GError **error);
/* What is found in a message, as the milter gets it: FALSE where there is no finding of the right form. rules: their
 * directory, NULL for the installed ones; facts and card (transfer full). */
gboolean view_finding(const char *examiner, const char *rules, const void *message, gsize size, Record **facts, Record **card,
                      GError **error);

/* A text without what says who wrote it; question and answer as doc/architecture.md, "senim-examine --redact", has them
 * (transfer full). */
Bundle *view_redact(const char *examiner, const Bundle *question, GError **error);

#endif
