/* SPDX-License-Identifier: ISC */
/* cli/outgoing.h - a letter that an officer sends: what leaves, shown whole before it does, and the request's `letter`.
 *
 *   Outgoing letter = {.to = …, .message_id = …, .language = "kk", .subject = "answer", .text = …};
 *   if (!outgoing_confirm(&letter, mailbox, error))
 *           return FALSE;                              // she saw every word of it, and said yes to it
 *   json_t *asked = outgoing_json(&letter, error);    // "letter" of the act's request: store/desk-letters.h
 *
 * The header is the registrar's. What stands in `text` and `files` is all that leaves besides. A draft lies in locked or wiped
 * memory alone and is gone with the program: there is no file of it.
 * Ownership: an Outgoing borrows. Threads: one. Fails: FALSE or NULL and *error in CLI_ERROR. */
#ifndef SENIM_CLI_OUTGOING_H
#define SENIM_CLI_OUTGOING_H

#include "cli/wipe.h"
#include "store/json.h"

#define OUTGOING_MAX (700 * 1024) /* octets of the entity: what the registrar takes */
#define OUTGOING_FILES 8

typedef struct {
	char *name;
	const char *type; /* static */
	WipeBytes *data;
} OutgoingFile;

typedef struct {
	const char *to, *message_id; /* message_id: of the letter that it answers, or "-" */
	const char *language;        /* kk, ru, en or "-" */
	const char *subject;         /* official, answer, advice: its words are the registrar's */
	const char *text;            /* UTF-8, LF */
	OutgoingFile files[OUTGOING_FILES];
	guint n_files;
	gboolean own_domain;         /* she was asked whether it may go into an own domain, and it may */
} Outgoing;
/* Its files alone: the rest is borrowed. */
void outgoing_clear(Outgoing *letter);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outgoing, outgoing_clear)

/* Reads a file that goes along. Its type is that of its name's ending. */
gboolean outgoing_attach(Outgoing *letter, const char *path, GError **error);
/* Exactly what leaves, in words: from whom, to whom, subject, files with their sizes, the whole text (transfer full). */
WipeText *outgoing_shown(const Outgoing *letter, const char *mailbox);
/* Shows that, and asks once more: CLI_ERROR_REFUSED unless she types a yes. */
gboolean outgoing_confirm(const Outgoing *letter, const char *mailbox, GError **error);
/* NULL and CLI_ERROR_FAILED where it is too large. */
json_t *outgoing_json(const Outgoing *letter, GError **error);

/* The same letter on paper, a PDF: the organisation and where it is written to, to whom (NULL: it is not known), a place for the
 * outgoing number unless the text has it, the text, a line to sign; in `language`, the reporter's. name: of the case, at the foot. */
typedef struct {
	const char *organisation, *mailbox, *to, *name, *text, *language;
	gboolean numbered;
} OutgoingPaper;
gboolean outgoing_print(const OutgoingPaper *paper, const char *output, GError **error);

#endif
