/* SPDX-License-Identifier: ISC */
/* cli/face.h - how the program talks with the person before it.
 *
 * Usually a text goes to standard output or the pager, a remark to standard error, and a question to the terminal, line by
 * line. While the officer's screen is up (cli/tui.h) the same goes into its panes and dialogues: a command says and asks
 * through here and works in both, and knows of neither.
 *
 * Texts that come in are wiped by their owners; what they say passed escape_text(). Threads: one. */
#ifndef SENIM_CLI_FACE_H
#define SENIM_CLI_FACE_H

#include "cli/row.h"

typedef struct {
	guint (*width)(void); /* columns for a text */
	gboolean (*show)(const char *text, gsize size, GError **error);
	void (*warn)(const char *sentence);
	void (*progress)(const char *line); /* seen now, and gone with what comes next */
	/* One of n labels; preset is marked (n or more: none). -1: she wants none of them. */
	int (*choose)(const char *title, const char *const *labels, guint n, guint preset);
	/* As form_line_from(), form_text() and form_ask(), cli/form.h. */
	WipeText *(*line)(const char *question, const char *preset, GError **error);
	WipeText *(*text)(const char *question, GError **error);
	/* What was typed for that question, and not used after all: it stands there when it is asked again. */
	void (*keep)(const char *question, const char *text);
	json_t *(*form)(const Row *row, const Record *card, gboolean resolution, GError **error);
	/* A program or a secret's question takes the terminal (TRUE), and gives it back (FALSE). */
	void (*aside)(gboolean away);
} Face;

/* NULL, the usual way, or what face_use() was given last (borrowed). */
const Face *face(void);
void face_use(const Face *other);

/* A remark beside what a command prints: "senim: SENTENCE" on standard error. */
void face_warn(const char *sentence);
/* The same always there, folded for its terminal: how a command that failed ends. */
void face_say_error(const char *sentence);
/* Around whatever uses the terminal itself. */
void face_aside(gboolean away);

#endif
