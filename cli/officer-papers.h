/* SPDX-License-Identifier: ISC */
/* cli/officer-papers.h - the two papers of an officer's coming and going.
 *
 * act       the act of putting into service, in Kazakh and Russian, two pages, for signature: her name in the register, the
 *           order, her keys' fingerprint, who entered and who confirmed her
 * handover  what a leaver has in her hands: open cases, printed copies, exports that are not purged
 * Both as a PDF with --output FILE, else the handover as text; no report's text is in either.
 * Threads: one. Fails: FALSE and *error in CLI_ERROR. */
#ifndef SENIM_CLI_OFFICER_PAPERS_H
#define SENIM_CLI_OFFICER_PAPERS_H

#include "cli/session.h"

gboolean officer_papers_act(Session *session, const char *mailbox, const char *name, GError **error);
gboolean officer_papers_handover(Session *session, const char *mailbox, const char *name, GError **error);

#endif
