/* SPDX-License-Identifier: ISC */
#include "policy/template.h"

#include <stdarg.h>
#include <string.h>

#define DEPTH_MAX 8

G_DEFINE_QUARK(senim-template-error-quark, template_error)

typedef struct {
	const char *text, *at; /* the whole template, and how far it was read */
	const char *const *names, *const *values;
	GString *out; /* NULL while a group is passed over */
	guint64 seen;
} Expander;

char *template_place(const char *text, const char *at)
{
	guint line = 1;
	for (const char *p = text; p < at; p++)
		line += *p == '\n';
	return g_strdup_printf("line %u: ", line);
}

static gboolean G_GNUC_PRINTF(3, 4) fail(const Expander *expander, GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_autofree char *place = template_place(expander->text, expander->at);
	g_set_error(error, TEMPLATE_ERROR, 0, "%s%s", place, what);
	return FALSE;
}

/* Its place among the names. */
static gboolean read_name(Expander *expander, guint *name, GError **error)
{
	gsize size = strspn(expander->at, "abcdefghijklmnopqrstuvwxyz");
	for (guint i = 0; expander->names[i] != NULL; i++)
		if (strlen(expander->names[i]) == size && strncmp(expander->names[i], expander->at, size) == 0) {
			expander->at += size;
			*name = i;
			return TRUE;
		}
	g_autofree char *all = g_strjoinv(", ", (char **)expander->names);
	return fail(expander, error, "there is no placeholder {%.*s}: it takes %s", (int)MIN(size, 32), expander->at, all);
}

static gboolean expand(Expander *expander, guint depth, GError **error);

/* From behind the opening brace to behind its closing one. */
static gboolean expand_brace(Expander *expander, guint depth, GError **error)
{
	char kind = *expander->at;
	gboolean group = kind == '?' || kind == '!';
	guint name = 0;
	expander->at += group;
	if (!read_name(expander, &name, error))
		return FALSE;
	if (depth == 0 && !group)
		expander->seen |= G_GUINT64_CONSTANT(1) << name;
	if (*expander->at != (group ? ':' : '}'))
		return fail(expander, error, "{%s is not followed by %c", expander->names[name], group ? ':' : '}');
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

gboolean template_expand(const char *text, const char *const *names, const char *const *values, GString *out, guint64 *seen,
                         GError **error)
{
	if (g_str_has_prefix(text, "\xef\xbb\xbf")) /* a byte order mark */
		text += 3;
	Expander expander = {.text = text, .at = text, .names = names, .values = values, .out = out};
	g_assert(g_strv_length((char **)names) <= TEMPLATE_NAMES_MAX);
	if (!g_utf8_validate(text, -1, NULL))
		return fail(&expander, error, "the text is not UTF-8");
	gboolean good = expand(&expander, 0, error);
	if (seen != NULL)
		*seen = expander.seen;
	return good;
}
