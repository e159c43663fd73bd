/* SPDX-License-Identifier: ISC */
#include "cli/marks.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/format.h"
#include "cli/pager.h"

#define CONTEXT 60 /* octets of the text on each side of a hit */
#define PLAIN "\033[0m"
#define URGENT "\033[1;7;31m"

static const char *colour(const char *code)
{
	return pager_on_terminal() && g_getenv("NO_COLOR") == NULL ? code : "";
}

static const char *colour_of(const char *verdict)
{
	return colour(strcmp(verdict, "redirect") == 0 ? "\033[1;31m" : strcmp(verdict, "review") == 0 ? "\033[1;33m"
	              : strcmp(verdict, "clean") == 0  ? "\033[32m"
	                                               : "\033[1m");
}

/* As one line: where lines ended in the letter says nothing here. */
static void add_escaped(WipeBuffer *out, const char *text)
{
	g_autoptr(WipeText) line = g_strdelimit(g_strdup(text), "\r\n\t", ' ');
	g_autoptr(WipeText) safe = escape_text(line, -1, ESCAPE_LINE);
	wipe_buffer_add_text(out, safe);
}

static void add_coloured(WipeBuffer *out, const char *code, const char *text)
{
	wipe_buffer_add_text(out, code);
	add_escaped(out, text);
	wipe_buffer_add_text(out, *code != '\0' ? PLAIN : "");
}

static void add_words(WipeBuffer *out, char **words)
{
	for (guint i = 0; words[i] != NULL; i++) {
		g_autofree char *word = format_word(words[i]);
		wipe_buffer_add_text(out, i > 0 ? ", " : "");
		wipe_buffer_add_text(out, word);
	}
}

void marks_add_verdict(WipeBuffer *out, const char *verdict, char **classes, gboolean mixed)
{
	const char *const *all = (const char *const *)classes;
	g_autofree char *word = format_word(verdict);
	if (g_strv_contains(all, "reporter-at-risk")) {
		add_coloured(out, colour(URGENT), _("URGENT"));
		wipe_buffer_add_text(out, " ");
		wipe_buffer_add_text(out, _("Whoever wrote this may be in danger: see to it at once.\n"));
	}
	add_coloured(out, colour_of(verdict), word);
	wipe_buffer_add_text(out, *classes != NULL ? ": " : "");
	add_words(out, classes);
	wipe_buffer_add_text(out, "\n");
	if (mixed)
		wipe_buffer_add_text(out, _("It also reports something: such a letter never leaves by itself.\n"));
	if (g_strv_contains(all, "self-harm"))
		wipe_buffer_add_text(out, _("Whoever wrote this may need help: see to it at once.\n"));
	if (g_strv_contains(all, "unread"))
		wipe_buffer_add_text(out, _("It is written so that not all of it could be screened: read it to its end.\n"));
}

void marks_add(WipeBuffer *out, const Mark *mark)
{
	g_autofree char *class_name = format_word(mark->class_name), *verdict = format_word(mark->verdict);
	wipe_buffer_add_text(out, "\n");
	if (mark->words != NULL) {
		wipe_buffer_add_text(out, *mark->before != '\0' ? "  …" : "  ");
		add_escaped(out, mark->before);
		add_coloured(out, colour_of(mark->verdict), mark->words);
		add_escaped(out, mark->after);
		wipe_buffer_add_text(out, *mark->after != '\0' ? "…\n" : "\n");
	}
	wipe_buffer_add_text(out, "    ");
	wipe_buffer_add_text(out, class_name);
	wipe_buffer_add_text(out, " · ");
	wipe_buffer_add_text(out, verdict);
	if (mark->guards[0] != NULL) {
		wipe_buffer_add_text(out, " · ");
		wipe_buffer_add_text(out, _("weighed against it: "));
		add_words(out, mark->guards);
	}
	wipe_buffer_add_text(out, " · ");
	add_escaped(out, mark->rule);
	wipe_buffer_add_text(out, "\n");
}

/* --- from the card ------------------------------------------------------------------------------ */

static char **classes_of(const Record *registered)
{
	GPtrArray *classes = g_ptr_array_new();
	const char *word;
	for (guint i = 0; (word = record_get_nth(registered, "class", i)) != NULL; i++)
		g_ptr_array_add(classes, g_strdup(word));
	g_ptr_array_add(classes, NULL);
	return (char **)g_ptr_array_free(classes, FALSE);
}

gboolean marks_has(const Record *registered)
{
	return g_strcmp0(record_get(registered, "verdict"), "clean") != 0 || record_get(registered, "class") != NULL;
}

/* Octets from..to, where they are text; whole characters, since the places of a hit are between two. */
static WipeText *cut(const char *text, gsize from, gsize to, gboolean trim_front)
{
	while (trim_front && from < to && ((guint8)text[from] & 0xc0) == 0x80)
		from++;
	const char *end;
	g_utf8_validate(text + from, (gssize)(to - from), &end);
	return g_strndup(text + from, (gsize)(end - text) - from);
}

/* RULE CLASS OUTCOME FROM-TO WHERE GUARDS */
static void add_reason(WipeBuffer *out, const char *reason, const char *text, gsize size, const char *subject)
{
	g_auto(GStrv) parts = g_strsplit(reason, " ", 6);
	gsize from, to;
	char end;
	if (g_strv_length(parts) != 6 || sscanf(parts[3], "%zu-%zu%c", &from, &to, &end) != 2)
		return;
	gboolean in_subject = strcmp(parts[4], "subject") == 0, none = strcmp(parts[5], "-") == 0;
	const char *whole = in_subject ? subject : text;
	gsize length = in_subject ? (subject != NULL ? strlen(subject) : 0) : size;
	gboolean found = whole != NULL && from < to && to <= length;
	g_autoptr(WipeText) before = found ? cut(whole, from > CONTEXT ? from - CONTEXT : 0, from, TRUE) : NULL;
	g_autoptr(WipeText) words = found ? cut(whole, from, to, FALSE) : NULL;
	g_autoptr(WipeText) after = found ? cut(whole, to, MIN(length, to + CONTEXT), FALSE) : NULL;
	g_auto(GStrv) guards = g_strsplit(none ? "" : parts[5], ",", -1);
	Mark mark = {parts[0], parts[1], parts[2], before, words, after, guards};
	marks_add(out, &mark);
}

/* A letter that would have been for law enforcement, had it not reported something as well. */
static gboolean is_mixed(const Record *registered, const Record *card)
{
	const char *reason;
	for (guint i = 0; (reason = record_get_nth(card, "reason", i)) != NULL; i++)
		if (strstr(reason, " redirect ") != NULL)
			return g_strcmp0(record_get(registered, "verdict"), "review") == 0;
	return FALSE;
}

void marks_add_card(WipeBuffer *out, const Record *registered, const Record *card, const char *text, gsize size,
                    const char *subject)
{
	g_auto(GStrv) classes = classes_of(registered);
	const char *verdict = record_get(registered, "verdict"), *reason;
	marks_add_verdict(out, verdict != NULL ? verdict : "-", classes, is_mixed(registered, card));
	for (guint i = 0; (reason = record_get_nth(card, "reason", i)) != NULL; i++)
		add_reason(out, reason, text, size, subject);
	wipe_buffer_add_text(out, "\n");
}
