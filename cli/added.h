/* SPDX-License-Identifier: ISC */
/* cli/added.h - a report that an officer adds: made into a message, examined in the cage, sealed here as the milter seals.
 *
 * The message is one text part and the files that belong to it (scanned paper, a recording); it has no sender, for nobody
 * sent it. The examiner of her own machine screens it, by the rules that it has there; where it cannot, the report is
 * `unexamined` like a letter over which the examination failed, and lost it is not. Whom it is about she says herself: her
 * program does not know the names of officers.
 * Ownership: an Added owns its octets. Threads: one. Fails: NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_ADDED_H
#define SENIM_CLI_ADDED_H

#include "base/bundle.h"
#include "cli/session.h"
#include "store/people.h"

typedef struct {
	char *name; /* UTF-8 */
	GBytes *octets;
} AddedFile;
void added_file_free(AddedFile *file);

typedef struct {
	const char *mailbox, *channel; /* telephone | paper | person */
	gint64 received;               /* when it was said or handed over: microseconds UTC */
	const char *text;
	const GPtrArray *files;   /* AddedFile */
	const char *message;      /* of a message that came by mail: its octets, instead of text and files; it keeps its sender; else NULL */
	gsize message_size;
	const char *envelope_from;
	const char *const *about; /* names of the readers whom it is about, NULL-terminated */
	const char *rules;        /* directory of the screening's rules, or NULL for the installed ones */
} AddedReport;

typedef struct {
	guint8 case_id[SEAL_CASE];
	char *commit;        /* the COMMIT bundle, base64 */
	GByteArray *payload; /* sealed; of more than one chunk, to be uploaded before; else NULL */
	char *digest;        /* hex: BLAKE2b-256 of the commit */
	char *key_check;     /* hex: the body's */
	Record *facts;
} Added;

/* people and set: readers_fetch(). */
Added *added_seal(Session *session, const AddedReport *report, const People *people, const char *set, GError **error);
/* Its payload, where it has one, piece by piece: before the act that registers it. */
gboolean added_upload(Session *session, const char *mailbox, const Added *added, GError **error);
void added_free(Added *added);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Added, added_free)

#endif
