/* SPDX-License-Identifier: ISC */
/* cli/index-feed.h - how what an officer opens gets into her index (cli/index.h), and what is hers no longer gets out of it.
 *
 * Commands that open something hand its text over; it is written when the session ends (of the shell and the screen: when the
 * command does), behind everything that she waited for. A failure there never stops a look: she is told once.
 * Once a day, behind that and at a search, the registrar is asked which cases of the index are hers no longer (no entry: it
 * names no content), and those go.
 * Threads: one. */
#ifndef SENIM_CLI_INDEX_FEED_H
#define SENIM_CLI_INDEX_FEED_H

#include "base/bundle.h"
#include "cli/index.h"
#include "cli/row.h"
#include "cli/session.h"

/* FALSE: officer.conf says that this machine keeps none. */
gboolean index_feed_wanted(const Session *session);
IndexPlace index_feed_place(const Session *session);

/* c: the case, or one of its further messages. */
void index_feed_card(Session *session, const Case *c, const Record *card);
void index_feed_view(Session *session, const Case *c, const Bundle *view);
void index_feed_row(Session *session, const Case *c, const Row *row);
/* What she has just entered as that entry of its work: a text, or a JSON object of columns. */
void index_feed_words(Session *session, const Case *c, guint64 entry, const char *words);
/* Writes what waits; called by session_free(). */
void index_feed_flush(Session *session);

/* Asks the registrar, where that was not done within a day (or in any case: now), and drops what is hers no longer. */
gboolean index_feed_tidy(Session *session, gboolean now, GError **error);

#endif
