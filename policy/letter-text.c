/* SPDX-License-Identifier: ISC */
#include "policy/letter-text.h"

#include <string.h>

#include "policy/letter.h"
#include "policy/template.h"

#define SUBJECT_MAX 200 /* octets: what a lock screen or a list of messages shows */

static const char *const name_words[LETTER_TEXT_NAMES + 1] = {
	[LETTER_TEXT_ORGANISATION] = "organisation", [LETTER_TEXT_MAILBOX] = "mailbox", [LETTER_TEXT_POST] = "post",
	[LETTER_TEXT_ESCALATION] = "escalation",     [LETTER_TEXT_NUMBER] = "number",   [LETTER_TEXT_WORD] = "word",   [LETTER_TEXT_DATE] = "date",
	[LETTER_TEXT_TIME] = "time",                 [LETTER_TEXT_OFFICIAL] = "official", [LETTER_TEXT_TERM] = "term",
	[LETTER_TEXT_CODE] = "code",
};

static gboolean fail(GError **error, const char *text, const char *at, const char *what)
{
	g_autofree char *place = template_place(text, at);
	g_set_error(error, LETTER_ERROR, 0, "%s%s", place, what);
	return FALSE;
}

/* The Subject line, where it is the first that is no remark: *from and *end are then its octets. */
static gboolean take_subject(const char *text, char **subject, const char **from, const char **end, GError **error)
{
	const char *line = text;
	while (*line == '#' || *line == '\n') {
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	*subject = NULL;
	*from = *end = text;
	if (!g_str_has_prefix(line, "Subject:"))
		return TRUE;
	gsize size = strcspn(line, "\n");
	g_autofree char *value = g_strndup(line + strlen("Subject:"), size - strlen("Subject:"));
	g_strstrip(value);
	for (const char *p = value; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p) || *p == '{' || *p == '}')
			return fail(error, text, line, "the subject takes plain text, no placeholder");
	if (*value == '\0' || strlen(value) > SUBJECT_MAX)
		return fail(error, text, line, "the subject takes 1 to " G_STRINGIFY(SUBJECT_MAX) " octets");
	*subject = g_steal_pointer(&value);
	*from = line;
	*end = line + size;
	return TRUE;
}

/* The template without its subject, whose line stays as an empty one so that messages name the right line. */
static char *without_subject(const char *text, const char *from, const char *end)
{
	GString *rest = g_string_new_len(text, from - text);
	return g_string_free(g_string_append(rest, end), FALSE);
}

gboolean letter_text_expand(const char *text, const char *const values[LETTER_TEXT_NAMES], char **subject, GString *body,
                            GError **error)
{
	g_autofree char *found = NULL;
	g_autoptr(GError) cause = NULL;
	const char *from, *end;
	guint64 seen;
	if (g_str_has_prefix(text, "\xef\xbb\xbf"))
		text += 3;
	if (!g_utf8_validate(text, -1, NULL))
		return fail(error, text, text, "the text is not UTF-8");
	if (!take_subject(text, &found, &from, &end, error))
		return FALSE;
	g_autofree char *rest = without_subject(text, from, end);
	if (!template_expand(rest, name_words, values, body, &seen, &cause)) {
		g_set_error_literal(error, LETTER_ERROR, 0, cause->message);
		return FALSE;
	}
	if ((seen & 1 << LETTER_TEXT_NUMBER) == 0)
		return fail(error, text, text + strlen(text), "the letter never says {number}");
	if (subject != NULL)
		*subject = g_steal_pointer(&found);
	return TRUE;
}

/* Appends one line, broken at blanks; a word longer than a line stays whole. */
/* A number stays on the line of its sign. */
static gboolean is_behind_number_sign(const char *line, const char *blank)
{
	static const char *const signs[] = {"№", "No."};
	for (gsize i = 0; i < G_N_ELEMENTS(signs); i++) {
		gsize size = strlen(signs[i]), before = (gsize)(blank - line);
		if (before >= size && memcmp(blank - size, signs[i], size) == 0 && (before == size || blank[-1 - (gssize)size] == ' '))
			return TRUE;
	}
	return FALSE;
}

static void wrap_line(GString *out, const char *line, gsize size, guint columns)
{
	const char *end = line + size;
	while (line < end) {
		const char *cut = NULL, *p = line;
		guint n = 0;
		for (; p < end && (n <= columns || cut == NULL); p = g_utf8_next_char(p), n++)
			if (*p == ' ' && p > line && !is_behind_number_sign(line, p))
				cut = p;
		if ((p >= end && n <= columns) || cut == NULL)
			cut = end;
		g_string_append_len(out, line, cut - line);
		g_string_append(out, "\r\n");
		line = cut;
		while (line < end && *line == ' ')
			line++;
	}
	if (size == 0)
		g_string_append(out, "\r\n");
}

char *letter_text_wrap(const char *text, guint columns)
{
	GString *out = g_string_new(NULL);
	g_autofree char *trimmed = g_strdup(text);
	g_strchomp(trimmed);
	const char *line = trimmed + strspn(trimmed, "\n");
	for (gboolean more = TRUE; more;) {
		gsize size = strcspn(line, "\n");
		more = line[size] == '\n';
		gsize solid = size;
		while (solid > 0 && line[solid - 1] == ' ')
			solid--;
		wrap_line(out, line, solid, columns);
		line += size + more;
	}
	return g_string_free(out, FALSE);
}
