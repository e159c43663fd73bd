/* SPDX-License-Identifier: ISC */
/* cli/paper.h - a short paper of headings, facts and rows, as text for a terminal or as a PDF (cli/page.h): one description.
 *
 * Ownership: texts are copied, and wiped. Threads: one. Fails: FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_PAPER_H
#define SENIM_CLI_PAPER_H

#include <glib.h>

typedef struct Paper Paper;

/* footer: of the PDF. */
Paper *paper_new(const char *title, const char *footer);
void paper_free(Paper *paper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Paper, paper_free)

void paper_heading(Paper *paper, const char *text);
void paper_text(Paper *paper, const char *text);
/* Left out where there is no value, or "-". */
void paper_pair(Paper *paper, const char *key, const char *value);
/* A table's row; the first after anything else is its head, and says how many columns it has (8 at most). */
void paper_row(Paper *paper, const char *const *cells, guint n);

/* To standard output, folded for a terminal. */
gboolean paper_show(const Paper *paper, GError **error);
/* The PDF with a line to sign, or the text (transfer full). */
GBytes *paper_octets(const Paper *paper, gboolean pdf, const char *signs, GError **error);

#endif
