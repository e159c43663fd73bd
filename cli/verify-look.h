/* SPDX-License-Identifier: ISC */
/* cli/verify-look.h - what must hold before anything is decrypted (doc/architecture.md, last section, in its order).
 *
 *   verify_look_take   1 signature and origin of the checkpoint, 2 consistency with the kept one (both cli/pins.h); then
 *                      each entry: its form, that salt and record are what it commits to, that it stands in the tree
 *   verify_look_act    3 the act's entry is this very request and nothing else
 *   verify_look_case   4 the registered record is this case's, and names what is to be opened
 * store/seal.h does 5 and 6 with the SealExpect that 4 fills.
 *
 * Ownership: a Look owns entries and records. Threads: pure but for the pins.
 * Fails:     CLI_ERROR_FAILED; the message says that nothing was opened, why, and whom to tell. */
#ifndef SENIM_CLI_VERIFY_LOOK_H
#define SENIM_CLI_VERIFY_LOOK_H

#include "cli/case.h"
#include "cli/pins.h"
#include "store/entry.h"
#include "store/sealed-text.h"

typedef struct Look Look;

/* Checks 1 and 2 alone. answer: `checkpoint` and `consistency`. */
gboolean verify_look_checkpoint(Pins *pins, const char *origin, json_t *answer, guint64 *size, guint8 root[NOTE_ROOT],
                                GError **error);
/* An array of hashes in base64, one after another (transfer full); NULL where it is none. */
GBytes *verify_look_hashes(json_t *array);
/* Do these n entries (ENTRY_SIZE octets each), from entry `from` on, stand in the tree of that size and root, with none left
 * out between them? answer: its `left` and `right` of a RANGE PROOF. */
gboolean verify_look_range(guint64 from, const guint8 *data, gsize n, guint64 size, const guint8 *root, json_t *answer);
/* answer: a PROOF. At least one entry. */
Look *verify_look_take(Pins *pins, const char *origin, json_t *answer, GError **error);
/* The same without the pins: under a checkpoint with that signature, whatever was kept. Its root may contradict it. */
Look *verify_look_under(const NoteVerifier *verifier, json_t *answer, GError **error);
void verify_look_free(Look *look);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Look, verify_look_free)
guint64 verify_look_size(const Look *look); /* of the checkpoint */
const guint8 *verify_look_root(const Look *look);

/* What was asked for; strings borrowed. */
typedef struct {
	guint kind;            /* ENTRY_LISTED, OPENED, RELEASED, ACCEPTED, PRINTED, PURGED */
	const char *officer;
	const guint64 *cases; /* of LISTED, SEARCHED and EXTRACTED those asked for: the registrar may name fewer, in that order */
	guint n_cases;
	const char *part, *act; /* OPENED only */
	guint64 message;        /* of OPENED: the entry of a case's further message; 0: the report */
	const Record *own;      /* the act's own lines, which stand before the ground; NULL: none */
	const SealedText *text, *ground_text; /* or NULL */
	const char *ground, *request;
	guint64 known;
	const DeskSigned *what;
} LookAct;
/* The first entry is that act. number: what the writer gave, of an ACCEPTED entry the number, of a PRINTED one that of the
 * copy (transfer full), else NULL. */
gboolean verify_look_act(const Look *look, const LookAct *act, char **number, GError **error);
guint64 verify_look_act_seq(const Look *look);
/* The i-th entry that was proved: its record (borrowed), NULL past the end. */
const Record *verify_look_nth(const Look *look, guint i, Entry *entry);
/* Does the act's record name this case? */
gboolean verify_look_names(const Look *look, guint64 seq);
/* Or, as the entry whose ground's text it is about, that one? */
gboolean verify_look_is_of(const Look *look, guint64 seq);

/* Any other entry that was proved: its record (borrowed), NULL where it is not among them. */
const Record *verify_look_record(const Look *look, guint64 seq);
/* The entry of this case among those proved: its record (borrowed), and what its part must be, by the entry that sealed it
 * anew where one was proved too. */
const Record *verify_look_case(const Look *look, const Case *c, SealPart part, SealExpect *expect, GError **error);
/* The same for its row alone: where the case was erased the ERASED entry of its report stands instead, with what it was. */
gboolean verify_look_row(const Look *look, const Case *c, GError **error);
/* By which of the entries that were proved that part of the message of entry seq lies there: the last that sealed it anew, or
 * its own. */
guint64 verify_look_state(const Look *look, guint64 seq, SealPart part);
/* The same of a further message of that case, by the entry that it has. */
gboolean verify_look_message(const Look *look, const Case *c, guint64 seq, SealPart part, SealExpect *expect, GError **error);

#endif
