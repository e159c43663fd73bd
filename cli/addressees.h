/* SPDX-License-Identifier: ISC */
/* cli/addressees.h - to whom else a letter went: what an officer must know first of all.
 *
 * Where the reporter himself, also by carelessness, disclosed the letter, the organisation owes no answer (R40). Others are
 * the addresses of To and Cc that are not this mailbox, in a spelling by which the letter came.
 * Ownership: results (transfer full); they wipe what they held. Text is untrusted: escape it. Threads: any. */
#ifndef SENIM_CLI_ADDRESSEES_H
#define SENIM_CLI_ADDRESSEES_H

#include "base/bundle.h"
#include "cli/wipe.h"

/* fields: of the opened letter, with `envelope-to` (elements WipeText). */
GPtrArray *addressees_others(const Bundle *view, const Record *fields, const char *mailbox);
/* One sentence, translated, without a line feed. */
WipeText *addressees_sentence(const GPtrArray *others);

#endif
