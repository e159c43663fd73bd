/* SPDX-License-Identifier: ISC */
/* cli/redirect-kit.h - what law enforcement is handed with a redirected report (KMO 6): covering letter and annexes.
 *
 * One PDF: the covering letter in Kazakh, the same in Russian, each with a place for the chancellery's outgoing number and
 * date; annex 1, the report as it can be read; annex 2, where it comes from: when it was received and sealed, the
 * register's entry with the checkpoint that proves it, the digests, the preliminary mark with its reasons, and who made
 * the kit when. The third annex is the original itself, octet for octet, in a file beside the PDF: the digest of annex 2 is
 * of what the addressee holds. The letters' language is the addressee's, never the officer's.
 * Promise:   annex 2 carries a code of 128 random bits, drawn for this copy: without it whoever knows a letter could make
 *            its kit, and find by the digest in the register which case it is. With it the digest names this one paper.
 * Ownership: facts are borrowed. Threads: one. Fails: as page_render(). */
#ifndef SENIM_CLI_REDIRECT_KIT_H
#define SENIM_CLI_REDIRECT_KIT_H

#include "base/bundle.h"

typedef struct {
	const char *organisation, *mailbox, *number;
	const char *name_kk, *name_ru, *address; /* the addressee's */
	const char *received, *official;         /* moments as shown; official may be NULL */
	const Record *registered, *card;         /* proved, opened */
	const Bundle *view;                      /* of the message */
	const char *message_digest;              /* SHA-256 of the original, hex */
	const char *code;                        /* of this copy, 32 random hex digits */
	guint64 entry, size;                     /* its entry; the checkpoint's size */
	const char *checkpoint;                  /* 26 characters of that checkpoint's root, as acknowledgements carry them */
	const char *officer, *made;              /* who makes the kit, and when */
} RedirectKit;

GBytes *redirect_kit_pdf(const RedirectKit *kit, GError **error);

#endif
