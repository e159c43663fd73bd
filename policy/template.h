/* SPDX-License-Identifier: ISC */
/* policy/template.h - text with placeholders: what an organisation may put into its own words.
 *
 * Grammar:   UTF-8, LF or CRLF. A line that begins with `#` is a remark. {NAME} stands for a value, {?NAME:TEXT} for TEXT
 *            where there is that value, {!NAME:TEXT} where there is none; TEXT may hold others, eight deep. A brace has no
 *            other meaning and no way to stand for itself; a control character is an error.
 * Ownership: everything is borrowed. Threads: any.
 * Fails:     FALSE and *error (TEMPLATE_ERROR), the message beginning with "line N: ". */
#ifndef SENIM_POLICY_TEMPLATE_H
#define SENIM_POLICY_TEMPLATE_H

#include <glib.h>

#define TEMPLATE_ERROR (template_error_quark())
GQuark template_error_quark(void);

#define TEMPLATE_NAMES_MAX 64

/* names: the placeholders there are, NULL behind the last; values[i]: what names[i] stands for, NULL where there is none.
 * out: gets the text, appended; NULL where it is only checked. *seen: bit i is set where {names[i]} stands outside of every
 * group, so that it is never missing; may be NULL. */
gboolean template_expand(const char *text, const char *const *names, const char *const *values, GString *out, guint64 *seen,
                         GError **error);
/* "line N: ", N the line of text in which `at` lies (transfer full). */
char *template_place(const char *text, const char *at);

#endif
