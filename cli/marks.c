/* SPDX-License-Identifier: ISC */
#include "cli/marks.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/format.h"
#include "cli/pager.h"

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
	g_autoptr(GPtrArray) shown = g_ptr_array_new();
	for (guint i = 0; classes[i] != NULL; i++) /* what only reads like something says nothing beside what is something */
		if (classes[1] == NULL || strcmp(classes[i], "likeness") != 0)
			g_ptr_array_add(shown, classes[i]);
	g_ptr_array_add(shown, NULL);
	if (g_strv_contains(all, "reporter-at-risk")) {
		add_coloured(out, colour(URGENT), _("URGENT"));
		wipe_buffer_add_text(out, ": ");
		wipe_buffer_add_text(out, _("Whoever wrote this may be in danger: see to it at once.\n"));
	}
	add_coloured(out, colour_of(verdict), word);
	wipe_buffer_add_text(out, *classes != NULL ? ": " : "");
	add_words(out, (char **)shown->pdata);
	wipe_buffer_add_text(out, "\n");
	if (mixed)
		wipe_buffer_add_text(out, _("It also reports something: such a letter never leaves by itself.\n"));
	if (g_strv_contains(all, "self-harm"))
		wipe_buffer_add_text(out, _("Whoever wrote this may need help: see to it at once.\n"));
	if (g_strv_contains(all, "unread"))
		wipe_buffer_add_text(out, _("It is written so that not all of it could be screened: read it to its end.\n"));
}

/* --- the places --------------------------------------------------------------------------------- */

/* Blanks and line ends are one blank; what was cut within a word loses that word (transfer full). */
static WipeText *tidy(const char *text, gboolean cut_front, gboolean cut_end)
{
	GString *out = g_string_sized_new(strlen(text) + 1);
	for (const char *at = text; *at != '\0'; at++) {
		gboolean blank = strchr(" \t\r\n", *at) != NULL;
		if (!blank || out->len == 0 || out->str[out->len - 1] != ' ')
			g_string_append_c(out, blank ? ' ' : *at);
	}
	const char *first = cut_front ? strchr(out->str, ' ') : NULL, *last = cut_end ? strrchr(out->str, ' ') : NULL;
	if (last != NULL)
		g_string_truncate(out, (gsize)(last - out->str));
	if (first != NULL && (gsize)(first - out->str) < out->len)
		g_string_erase(out, 0, first - out->str);
	return g_string_free(out, FALSE);
}

/* The words among theirs: coloured, or in brackets where there is no colour. */
static void add_place(WipeBuffer *out, const Mark *mark, const char *verdict)
{
	gboolean more_before = strlen(mark->before) < mark->from, more_behind = strlen(mark->after) >= MARKS_CONTEXT - 4;
	g_autoptr(WipeText) before = tidy(mark->before, more_before, FALSE), after = tidy(mark->after, FALSE, more_behind);
	const char *code = colour_of(verdict);
	wipe_buffer_add_text(out, more_before ? "  …" : "  ");
	add_escaped(out, more_before ? before : g_strchug(before));
	wipe_buffer_add_text(out, *code != '\0' ? "" : "[");
	add_coloured(out, code, mark->words);
	wipe_buffer_add_text(out, *code != '\0' ? "" : "]");
	add_escaped(out, more_behind ? after : g_strchomp(after));
	wipe_buffer_add_text(out, more_behind ? " …\n" : "\n");
}

static int weight_of(const Mark *mark)
{
	return strcmp(mark->verdict, "redirect") == 0 ? 2 : strcmp(mark->verdict, "review") == 0 ? 1 : 0;
}

static gboolean overlap(const Mark *a, const Mark *b)
{
	return a->in_subject == b->in_subject && a->from < b->to && b->from < a->to;
}

/* What only reads like something says nothing more where a rule names it. */
static gboolean is_named_better(const GArray *marks, const Mark *mark)
{
	if (strcmp(mark->class_name, "likeness") != 0)
		return FALSE;
	for (guint i = 0; i < marks->len; i++) {
		const Mark *other = &g_array_index(marks, Mark, i);
		if (strcmp(other->class_name, "likeness") != 0 && weight_of(other) > 0 && overlap(other, mark))
			return TRUE;
	}
	return FALSE;
}

/* Subject first, then as they stand; of those that begin together the longest. */
static gint by_place(gconstpointer a, gconstpointer b)
{
	const Mark *one = a, *two = b;
	if (one->in_subject != two->in_subject)
		return one->in_subject ? -1 : 1;
	if (one->from != two->from)
		return one->from < two->from ? -1 : 1;
	return one->to > two->to ? -1 : one->to < two->to;
}

/* "threat to life · redirect · weighed against it: quoted · ru.threat.life" */
static void add_line(WipeBuffer *out, const Mark *mark, const char *rules)
{
	g_autofree char *class_name = format_word(mark->class_name), *verdict = format_word(mark->verdict);
	wipe_buffer_add_text(out, "    ");
	wipe_buffer_add_text(out, class_name);
	if (weight_of(mark) > 0 || mark->guards[0] != NULL) {
		wipe_buffer_add_text(out, " · ");
		wipe_buffer_add_text(out, verdict);
	}
	if (mark->guards[0] != NULL) {
		wipe_buffer_add_text(out, " · ");
		wipe_buffer_add_text(out, _("weighed against it: "));
		add_words(out, mark->guards);
	}
	wipe_buffer_add_text(out, " · ");
	add_escaped(out, rules);
	wipe_buffer_add_text(out, "\n");
}

static gboolean say_the_same(const Mark *a, const Mark *b)
{
	return strcmp(a->class_name, b->class_name) == 0 && (a->guards[0] != NULL) == (b->guards[0] != NULL);
}

/* Marks first..end-1 are of one place: a line for each class, with the strongest that it came to. */
static void add_group(WipeBuffer *out, const GArray *marks, guint first, guint end)
{
	const Mark *widest = &g_array_index(marks, Mark, first), *strongest = widest;
	for (guint i = first; i < end; i++) {
		const Mark *mark = &g_array_index(marks, Mark, i);
		widest = mark->to - mark->from > widest->to - widest->from ? mark : widest;
		strongest = weight_of(mark) > weight_of(strongest) ? mark : strongest;
	}
	wipe_buffer_add_text(out, "\n");
	if (widest->words != NULL)
		add_place(out, widest, strongest->verdict);
	for (guint i = first; i < end; i++) {
		const Mark *mark = &g_array_index(marks, Mark, i), *said = mark;
		g_autoptr(GString) rules = g_string_new(mark->rule);
		gboolean before = FALSE;
		for (guint k = first; k < end; k++) {
			const Mark *other = &g_array_index(marks, Mark, k);
			if (k == i || !say_the_same(mark, other))
				continue;
			before |= k < i;
			said = weight_of(other) > weight_of(said) ? other : said;
			if (strstr(rules->str, other->rule) == NULL)
				g_string_append_printf(rules, ", %s", other->rule);
		}
		if (!before)
			add_line(out, said, rules->str);
	}
}

void marks_add_all(WipeBuffer *out, const GArray *all)
{
	g_autoptr(GArray) marks = g_array_new(FALSE, FALSE, sizeof(Mark));
	for (guint i = 0; i < all->len; i++)
		if (!is_named_better(all, &g_array_index(all, Mark, i)))
			g_array_append_val(marks, g_array_index(all, Mark, i));
	g_array_sort(marks, by_place);
	for (guint first = 0, end; first < marks->len; first = end) {
		gsize to = g_array_index(marks, Mark, first).to;
		for (end = first + 1; end < marks->len; end++) {
			const Mark *mark = &g_array_index(marks, Mark, end);
			if (mark->in_subject != g_array_index(marks, Mark, first).in_subject || mark->from >= to)
				break;
			to = MAX(to, mark->to);
		}
		add_group(out, marks, first, end);
	}
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

static void mark_clear(gpointer data)
{
	Mark *mark = data;
	wipe_text_free((char *)mark->before);
	wipe_text_free((char *)mark->words);
	wipe_text_free((char *)mark->after);
	g_strfreev(mark->guards);
}

/* RULE CLASS OUTCOME FROM-TO WHERE GUARDS; parts: of which the mark borrows. */
static gboolean read_reason(char **parts, const char *text, gsize size, const char *subject, Mark *mark)
{
	char end;
	if (g_strv_length(parts) != 6 || sscanf(parts[3], "%zu-%zu%c", &mark->from, &mark->to, &end) != 2)
		return FALSE;
	mark->rule = parts[0];
	mark->class_name = parts[1];
	mark->verdict = parts[2];
	mark->in_subject = strcmp(parts[4], "subject") == 0;
	mark->guards = g_strsplit(strcmp(parts[5], "-") == 0 ? "" : parts[5], ",", -1);
	const char *whole = mark->in_subject ? subject : text;
	gsize length = !mark->in_subject ? size : subject != NULL ? strlen(subject) : 0;
	if (whole == NULL || mark->from >= mark->to || mark->to > length)
		return TRUE;
	mark->before = cut(whole, mark->from > MARKS_CONTEXT ? mark->from - MARKS_CONTEXT : 0, mark->from, TRUE);
	mark->words = cut(whole, mark->from, mark->to, FALSE);
	mark->after = cut(whole, mark->to, MIN(length, mark->to + MARKS_CONTEXT), FALSE);
	return TRUE;
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
	g_autoptr(GArray) marks = g_array_new(FALSE, TRUE, sizeof(Mark));
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	g_array_set_clear_func(marks, mark_clear);
	marks_add_verdict(out, verdict != NULL ? verdict : "-", classes, is_mixed(registered, card));
	for (guint i = 0; (reason = record_get_nth(card, "reason", i)) != NULL; i++) {
		char **parts = g_strsplit(reason, " ", 6);
		Mark mark = {0};
		g_ptr_array_add(lines, parts);
		if (read_reason(parts, text, size, subject, &mark))
			g_array_append_val(marks, mark);
	}
	marks_add_all(out, marks);
	wipe_buffer_add_text(out, "\n");
}
