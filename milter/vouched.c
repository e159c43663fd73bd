/* SPDX-License-Identifier: ISC */
#include "milter/vouched.h"

#include <string.h>

#define VALUE_MAX 65536

/* Comments and folds become blanks, quoted strings their text; NULL where something does not end, or a quoted string
 * holds what would be syntax outside of it. */
static char *flatten(const char *value, gsize size)
{
	g_autoptr(GString) out = g_string_sized_new(size);
	guint comment = 0;
	gboolean quoted = FALSE;
	for (gsize i = 0; i < size; i++) {
		char c = value[i];
		gboolean escaped = c == '\\' && (quoted || comment > 0);
		if (escaped && ++i >= size)
			return NULL;
		c = value[i];
		if (!escaped && c == '"' && comment == 0)
			quoted = !quoted;
		else if (!escaped && c == '(' && !quoted)
			comment++;
		else if (!escaped && c == ')' && comment > 0)
			g_string_append_c(out, --comment == 0 ? ' ' : '\0');
		else if (comment > 0)
			continue;
		else if (quoted && (strchr("; =", c) != NULL || c == '\0'))
			return NULL;
		else
			g_string_append_c(out, g_ascii_isspace(c) || c == '\0' ? ' ' : c);
	}
	if (comment > 0 || quoted)
		return NULL;
	for (gsize i = 0; i < out->len; i++) /* the places of inner comments */
		if (out->str[i] == '\0')
			out->str[i] = ' ';
	return g_strdup(out->str);
}

/* "a = b" and "a= b" are "a=b" (RFC 8601 2.2 admits CFWS there): words, blanks between them. */
static char **words_of(const char *statement)
{
	g_autoptr(GString) tight = g_string_new(statement);
	for (gsize i = 0; i < tight->len; i++) {
		if (tight->str[i] != '=')
			continue;
		while (i + 1 < tight->len && tight->str[i + 1] == ' ')
			g_string_erase(tight, (gssize)i + 1, 1);
		while (i > 0 && tight->str[i - 1] == ' ')
			g_string_erase(tight, (gssize)--i, 1);
	}
	char **words = g_strsplit(tight->str, " ", 0);
	guint n = 0;
	for (guint i = 0; words[i] != NULL; i++) {
		if (words[i][0] != '\0')
			words[n++] = words[i];
		else
			g_free(words[i]);
	}
	words[n] = NULL;
	return words;
}

/* The value of the property in a statement, or NULL; one that stands twice is none. */
static const char *property(char **words, const char *name)
{
	const char *found = NULL;
	gsize size = strlen(name);
	for (; *words != NULL; words++)
		if (g_ascii_strncasecmp(*words, name, size) == 0 && (*words)[size] == '=') {
			if (found != NULL)
				return NULL;
			found = *words + size + 1;
		}
	return found;
}

/* The domain itself or one below it. */
static gboolean is_in(const char *domain, const char *above)
{
	gsize size = strlen(domain), tail = strlen(above);
	return tail > 0 && strchr(above, '.') != NULL && size >= tail && g_ascii_strcasecmp(domain + size - tail, above) == 0 &&
	       (size == tail || domain[size - tail - 1] == '.');
}

static gboolean vouches(const char *statement, const char *domain)
{
	g_auto(GStrv) words = words_of(statement);
	if (words[0] == NULL)
		return FALSE;
	if (g_ascii_strcasecmp(words[0], "spf=pass") == 0) {
		const char *from = property(words + 1, "smtp.mailfrom");
		const char *at = from != NULL ? strrchr(from, '@') : NULL;
		return from != NULL && g_ascii_strcasecmp(at != NULL ? at + 1 : from, domain) == 0;
	}
	if (g_ascii_strcasecmp(words[0], "dkim=pass") == 0) {
		const char *signer = property(words + 1, "header.d");
		return signer != NULL && is_in(domain, signer);
	}
	return FALSE;
}

/* authserv-id [ 1*DIGIT ]: another version is another syntax. */
static gboolean is_trusted(const char *head, const char *authserv_id)
{
	g_auto(GStrv) words = words_of(head);
	return words[0] != NULL && g_ascii_strcasecmp(words[0], authserv_id) == 0 &&
	       (words[1] == NULL || (strcmp(words[1], "1") == 0 && words[2] == NULL));
}

gboolean vouched_by(const char *value, gsize size, const char *authserv_id, const char *envelope_from)
{
	const char *at = strrchr(envelope_from, '@');
	if (authserv_id[0] == '\0' || at == NULL || at[1] == '\0' || size > VALUE_MAX)
		return FALSE;
	g_autofree char *flat = flatten(value, size);
	if (flat == NULL)
		return FALSE;
	g_auto(GStrv) statements = g_strsplit(flat, ";", 0);
	if (!is_trusted(statements[0] != NULL ? statements[0] : "", authserv_id))
		return FALSE;
	for (char **statement = statements + 1; *statement != NULL; statement++)
		if (vouches(*statement, at + 1))
			return TRUE;
	return FALSE;
}
