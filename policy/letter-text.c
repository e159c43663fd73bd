/* SPDX-License-Identifier: ISC */
#include "policy/letter-text.h"

#include <stdarg.h>
#include <string.h>

#include "policy/letter.h"

#define DEPTH_MAX 8
#define SUBJECT_MAX 200 /* octets: what a lock screen or a list of messages shows */

static const char *const name_words[LETTER_TEXT_NAMES + 1] = {
	[LETTER_TEXT_ORGANISATION] = "organisation", [LETTER_TEXT_MAILBOX] = "mailbox", [LETTER_TEXT_POST] = "post",
	[LETTER_TEXT_ESCALATION] = "escalation",     [LETTER_TEXT_NUMBER] = "number",   [LETTER_TEXT_WORD] = "word",   [LETTER_TEXT_DATE] = "date",
	[LETTER_TEXT_TIME] = "time",                 [LETTER_TEXT_OFFICIAL] = "official", [LETTER_TEXT_TERM] = "term",
	[LETTER_TEXT_CODE] = "code",
};

typedef struct {
	const char *text, *at; /* the whole template, and how far it was read */
	const char *const *values;
	GString *out;          /* NULL while a group is passed over */
	gboolean number_seen;
} Expander;

static gboolean G_GNUC_PRINTF(3, 4) fail(const Expander *expander, GError **error, const char *format, ...)
{
	guint line = 1;
	for (const char *p = expander->text; p < expander->at; p++)
		line += *p == '\n';
	va_list ap;
	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_set_error(error, LETTER_ERROR, 0, "line %u: %s", line, what);
	return FALSE;
}

/* LETTER_TEXT_NAMES and *error where it is none of them. */
static LetterTextName read_name(Expander *expander, GError **error)
{
	gsize size = strspn(expander->at, "abcdefghijklmnopqrstuvwxyz");
	for (guint i = 0; i < LETTER_TEXT_NAMES; i++)
		if (strlen(name_words[i]) == size && strncmp(name_words[i], expander->at, size) == 0) {
			expander->at += size;
			return (LetterTextName)i;
		}
	g_autofree char *all = g_strjoinv(", ", (char **)name_words);
	fail(expander, error, "there is no placeholder {%.*s}: it takes %s", (int)MIN(size, 32), expander->at, all);
	return LETTER_TEXT_NAMES;
}

static gboolean expand(Expander *expander, guint depth, GError **error);

/* From behind the opening brace to behind its closing one. */
static gboolean expand_brace(Expander *expander, guint depth, GError **error)
{
	char kind = *expander->at;
	gboolean group = kind == '?' || kind == '!';
	expander->at += group;
	LetterTextName name = read_name(expander, error);
	if (name == LETTER_TEXT_NAMES)
		return FALSE;
	expander->number_seen |= name == LETTER_TEXT_NUMBER && depth == 0 && !group;
	if (*expander->at != (group ? ':' : '}'))
		return fail(expander, error, "{%s is not followed by %c", name_words[name], group ? ':' : '}');
	expander->at++;
	const char *value = expander->values[name];
	if (!group) {
		if (expander->out != NULL && value != NULL)
			g_string_append(expander->out, value);
		return TRUE;
	}
	if (depth == DEPTH_MAX)
		return fail(expander, error, "groups lie more than %d deep", DEPTH_MAX);
	GString *out = expander->out;
	if ((value != NULL) != (kind == '?'))
		expander->out = NULL;
	gboolean good = expand(expander, depth + 1, error);
	expander->out = out;
	return good;
}

/* To the end of the text, or, in a group, behind its closing brace. */
static gboolean expand(Expander *expander, guint depth, GError **error)
{
	while (*expander->at != '\0') {
		gboolean line_begins = expander->at == expander->text || expander->at[-1] == '\n';
		if (line_begins && *expander->at == '#') {
			expander->at += strcspn(expander->at, "\n");
			expander->at += *expander->at == '\n';
			continue;
		}
		char c = *expander->at++;
		if (c == '{') {
			if (!expand_brace(expander, depth, error))
				return FALSE;
		} else if (c == '}') {
			return depth > 0 || fail(expander, error, "a } closes nothing");
		} else if (c == '\r' && *expander->at == '\n') {
			continue; /* the file was saved elsewhere */
		} else if (g_ascii_iscntrl(c) && c != '\n') {
			return fail(expander, error, "there is a control character");
		} else if (expander->out != NULL) {
			g_string_append_c(expander->out, c);
		}
	}
	return depth == 0 || fail(expander, error, "a { is never closed");
}

/* The Subject line, where it is the first that is no remark; *at then stands behind it. */
static gboolean take_subject(Expander *expander, char **subject, GError **error)
{
	const char *line = expander->at;
	while (*line == '#' || *line == '\n') {
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	*subject = NULL;
	if (!g_str_has_prefix(line, "Subject:"))
		return TRUE;
	gsize size = strcspn(line, "\n");
	g_autofree char *value = g_strndup(line + strlen("Subject:"), size - strlen("Subject:"));
	expander->at = line;
	g_strstrip(value);
	for (const char *p = value; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p) || *p == '{' || *p == '}')
			return fail(expander, error, "the subject takes plain text, no placeholder");
	if (*value == '\0' || strlen(value) > SUBJECT_MAX)
		return fail(expander, error, "the subject takes 1 to %d octets", SUBJECT_MAX);
	*subject = g_steal_pointer(&value);
	expander->at = line + size;
	return TRUE;
}

gboolean letter_text_expand(const char *text, const char *const values[LETTER_TEXT_NAMES], char **subject, GString *body,
                            GError **error)
{
	if (g_str_has_prefix(text, "\xef\xbb\xbf")) /* a byte order mark */
		text += 3;
	Expander expander = {.text = text, .at = text, .values = values, .out = body};
	g_autofree char *found = NULL;
	if (!g_utf8_validate(text, -1, NULL))
		return fail(&expander, error, "the text is not UTF-8");
	if (!take_subject(&expander, &found, error) || !expand(&expander, 0, error))
		return FALSE;
	if (!expander.number_seen)
		return fail(&expander, error, "the letter never says {number}");
	if (subject != NULL)
		*subject = g_steal_pointer(&found);
	return TRUE;
}

/* Appends one line, broken at blanks; a word longer than a line stays whole. */
static void wrap_line(GString *out, const char *line, gsize size, guint columns)
{
	const char *end = line + size;
	while (line < end) {
		const char *cut = NULL, *p = line;
		guint n = 0;
		for (; p < end && (n <= columns || cut == NULL); p = g_utf8_next_char(p), n++)
			if (*p == ' ' && p > line)
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
