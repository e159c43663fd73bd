/* SPDX-License-Identifier: ISC */
/* cli/publish.h - what is made public of a mailbox (KMO 16): a page for the site, a poster for the wall.
 *
 * A text of the organisation's or the release's (policy/public; its remarks explain the marks) and the configuration in,
 * HTML or a PDF out. It says nothing of any report, and needs neither a key nor the registrar.
 * Promise: the HTML is one file, without script, nothing fetched. The same texts and configuration give the same octets.
 * Ownership: a Publication owns everything; what went in is only read.
 * Threads: one. Fails: CLI_ERROR_USAGE, with the text's file and line; publication_pdf() as page_render(). */
#ifndef SENIM_CLI_PUBLISH_H
#define SENIM_CLI_PUBLISH_H

#include "base/config.h"
#include "cli/page.h"
#include "cli/wipe.h"

typedef enum { PUBLISH_PAGE, PUBLISH_POSTER } PublishKind;

typedef struct Publication Publication;

Publication *publication_new(PublishKind kind);
void publication_free(Publication *publication);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Publication, publication_free)

/* One more language, "kk", "ru" or "en": text is that of the file, which *error names. */
gboolean publication_add(Publication *publication, const Config *config, const ConfigMailbox *mailbox, const char *language,
                         const char *text, const char *file, GError **error);

/* All languages, one behind the other (transfer full). */
WipeBuffer *publication_html(const Publication *publication);
GBytes *publication_pdf(const Publication *publication, GError **error);

#endif
