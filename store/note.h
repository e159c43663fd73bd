/* SPDX-License-Identifier: ISC */
/* store/note.h - signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), Ed25519 keys of type 0x01; cosignatures of
 * witnesses (C2SP tlog-cosignature, cosignature/v1), Ed25519 keys of type 0x04.
 *
 *   note      text LF, an empty line, then lines "— NAME BASE64(key id[4] || signature[64])"
 *   text      of a checkpoint: origin LF, size in decimal LF, base64 of the root LF
 *   key id    SHA-256(NAME || 0x0A || 0x01 || public key)[:4]
 *   verifier  "NAME+KEYID+BASE64(0x01 || public key)", one line of log.pub
 *   signer    "PRIVATE+KEY+NAME+KEYID+BASE64(0x01 || seed)", the one line of a signing key's file
 * Those are the forms of Go's sumdb/note; openssl verifies the same signatures. A witness's keys are the same with 0x04
 * instead of 0x01, so that no key of the one sort is taken for the other, and its
 *   line      "— NAME BASE64(key id[4] || time[8] || signature[64])", the signature over
 *             "cosignature/v1" LF "time " time in decimal LF text
 *
 * Ownership: a NoteSigner keeps its key in locked memory; its free wipes it. Texts are (transfer full).
 * Threads:   a NoteSigner or NoteVerifier may be used from any thread at the same time.
 * Fails:     NULL or FALSE and *error (NOTE_ERROR, or G_FILE_ERROR for a file). */
#ifndef SENIM_STORE_NOTE_H
#define SENIM_STORE_NOTE_H

#include <glib.h>

#define NOTE_ROOT 32
#define NOTE_SEED 32         /* Ed25519 (RFC 8032) */
#define NOTE_MAX 65536       /* octets of a note that a reader takes */
#define NOTE_CODE_LENGTH 26  /* of note_code() */

typedef enum {
	NOTE_ERROR_FORM,      /* not a note, checkpoint or key of this form */
	NOTE_ERROR_SIGNATURE, /* no signature by this key, or one that is not its own */
	NOTE_ERROR_ORIGIN,    /* a checkpoint of another log */
	NOTE_ERROR_MEMORY,    /* no locked memory for a key */
} NoteError;
#define NOTE_ERROR (note_error_quark())
GQuark note_error_quark(void);

/* TRUE where a key may bear this name: not empty, no blanks, no plus sign, valid UTF-8. */
gboolean note_name_is_valid(const char *name);

typedef struct NoteSigner NoteSigner;
NoteSigner *note_signer_generate(const char *name, GError **error);
/* A log's first key, whose name is the log's origin: MAILBOX/first 16 hex digits of SHA-256(public key) (FORMATS
 * "Checkpoints"). mailbox: spelled as config_mailbox_spelling() does. */
NoteSigner *note_signer_generate_log(const char *mailbox, GError **error);
/* That of an escrow or sheet: the name is the log's origin. */
NoteSigner *note_signer_from_seed(const char *name, const guint8 seed[NOTE_SEED], GError **error);
/* As note_signer_save() wrote it. A file that others may read is refused. */
NoteSigner *note_signer_load(const char *path, GError **error);
/* A new file, 0400, durable with its name when it returns TRUE. */
gboolean note_signer_save(const NoteSigner *signer, const char *path, GError **error);
void note_signer_free(NoteSigner *signer); /* NULL is harmless */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NoteSigner, note_signer_free)
const char *note_signer_name(const NoteSigner *signer);
/* NOTE_SEED octets, borrowed, a secret: for the escrow. */
const guint8 *note_signer_seed(const NoteSigner *signer);
/* The public half, a line of log.pub without its line feed. */
char *note_signer_verifier(const NoteSigner *signer);

typedef struct NoteVerifier NoteVerifier;
NoteVerifier *note_verifier_new(const char *text, GError **error);
void note_verifier_free(NoteVerifier *verifier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NoteVerifier, note_verifier_free)
const char *note_verifier_name(const NoteVerifier *verifier);
#define NOTE_ID 4
void note_verifier_id(const NoteVerifier *verifier, guint8 id[NOTE_ID]);

/* A witness's key, which cosigns and signs nothing else; saved, freed and asked for its verifier as a log's is. */
NoteSigner *note_witness_generate(const char *name, GError **error);
NoteSigner *note_witness_load(const char *path, GError **error);
NoteVerifier *note_witness_new(const char *text, GError **error);
/* The line with its line feed, for under a checkpoint of this text: the largest that this witness has seen of its log at
 * that time, POSIX seconds. */
char *note_cosign(const char *text, const NoteSigner *signer, gint64 time, GError **error);
/* A line of this witness stands under the note and is right; *time: of the newest one. The log's own signature is not looked
 * at. */
gboolean note_verify_cosignature(const char *note, const NoteVerifier *witness, gint64 *time, GError **error);
/* What may be cosignatures among the words of a text, whatever a mail program made of it: words of base64 of the right size,
 * each with a line feed (transfer full). */
char *note_cosignature_words(const char *text);
/* The signature line of such a word where it bears this witness's key id, else NULL (transfer full). */
char *note_cosignature_line(const char *word, const NoteVerifier *witness);

/* text ends with a line feed. */
char *note_sign(const char *text, const NoteSigner *signer, GError **error);
/* The text, where a signature of this key stands under it and is right. Lines of other keys are passed over. */
char *note_verify(const char *note, const NoteVerifier *verifier, GError **error);

char *note_checkpoint(const char *origin, guint64 size, const guint8 root[NOTE_ROOT]);
/* origin NULL: any. Lines after the third (extensions) are passed over. */
gboolean note_checkpoint_parse(const char *text, const char *origin, guint64 *size, guint8 root[NOTE_ROOT],
                               GError **error);
/* Both: the signature, and that the checkpoint's origin is the key's name. */
gboolean note_verify_checkpoint(const char *note, const NoteVerifier *verifier, guint64 *size, guint8 root[NOTE_ROOT],
                                GError **error);

/* The code of a letter: the first 26 characters of base32(root) (RFC 4648 section 6), and a NUL. */
void note_code(const guint8 root[NOTE_ROOT], char code[NOTE_CODE_LENGTH + 1]);

#endif
