/* SPDX-License-Identifier: ISC */
/* policy/screen.h - what the text of a report makes it, for the officer's eyes: never who gets it, never whether it is
 * taken.
 *
 * Pure: text and facts in, words out; no I/O, no clock, no locale. Until the screening's own rules come, every report is
 * `clean`, which is also what any doubt is.
 * Ownership: everything borrowed; the result points to static text. Threads: any. */
#ifndef SENIM_POLICY_SCREEN_H
#define SENIM_POLICY_SCREEN_H

#include <glib.h>

#define POLICY_CLASSES_MAX 16
#define POLICY_REASONS_MAX 64

typedef struct {
	const char *text; /* UTF-8; may hold NUL */
	gsize size;
	const char *subject; /* or NULL */
	gboolean opaque, partial, automatic;
} PolicyScreenQuestion;

typedef struct {
	const char *verdict;                          /* clean | review | redirect */
	const char *classes[POLICY_CLASSES_MAX + 1];  /* NULL-terminated */
	const char *reasons[POLICY_REASONS_MAX + 1];  /* with offsets; NULL-terminated */
} PolicyScreenAnswer;

void policy_screen(const PolicyScreenQuestion *question, PolicyScreenAnswer *answer);

#endif
