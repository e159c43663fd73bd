/* SPDX-License-Identifier: ISC */
/* policy/letter-text.h - a template and its values into text; the grammar stands in policy/letter.h.
 *
 * The other half of policy/letter-compose.c; letters that an officer writes (cli/outgoing.h) are broken into lines by it too.
 * Ownership: everything borrowed, results (transfer full).
 * Threads:   any.
 * Fails:     FALSE and *error (LETTER_ERROR) with the template's line. */
#ifndef SENIM_POLICY_LETTER_TEXT_H
#define SENIM_POLICY_LETTER_TEXT_H

#include <glib.h>

typedef enum {
	LETTER_TEXT_ORGANISATION,
	LETTER_TEXT_MAILBOX,
	LETTER_TEXT_POST,
	LETTER_TEXT_ESCALATION,
	LETTER_TEXT_NUMBER,
	LETTER_TEXT_WORD,
	LETTER_TEXT_DATE,
	LETTER_TEXT_TIME,
	LETTER_TEXT_OFFICIAL,
	LETTER_TEXT_TERM,
	LETTER_TEXT_CODE,
	LETTER_TEXT_NAMES
} LetterTextName;

/* values[name]: what {name} stands for, NULL where there is none (the placeholder then leaves nothing).
 * *subject: the Subject line's text, or NULL where the template has none. body may be NULL: only checked. */
gboolean letter_text_expand(const char *text, const char *const values[LETTER_TEXT_NAMES], char **subject, GString *body,
                            GError **error);
/* Breaks lines longer than columns characters at blanks; LF becomes CRLF; blank lines at both ends go. */
char *letter_text_wrap(const char *text, guint columns);

#endif
