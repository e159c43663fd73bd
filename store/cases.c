/* SPDX-License-Identifier: ISC */
#include "store/cases.h"

#include <string.h>

char *cases_name(const LedgerCase *c)
{
	return g_strdup_printf(c->aside ? "%u/X-%u" : "%u/%u", c->year, c->number);
}

void cases_name_clear(CasesName *name)
{
	g_clear_pointer(&name->mailbox, g_free);
}

/* Digits without a leading zero, at most nine. */
static gboolean take_number(const char *text, gsize size, guint *number)
{
	if (size == 0 || size > 9 || text[0] == '0')
		return FALSE;
	*number = 0;
	for (gsize i = 0; i < size; i++) {
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
		*number = *number * 10 + (guint)(text[i] - '0');
	}
	return TRUE;
}

gboolean cases_parse(const char *text, CasesName *name)
{
	const char *colon = strrchr(text, ':');
	const char *rest = colon != NULL ? colon + 1 : text;
	const char *slash = strchr(rest, '/');
	CasesName found = {0};
	if (colon == text)
		return FALSE;
	if (slash != NULL && (slash - rest != 4 || !take_number(rest, 4, &found.year)))
		return FALSE;
	const char *series = slash != NULL ? slash + 1 : rest;
	found.aside = g_ascii_strncasecmp(series, "X-", 2) == 0;
	const char *digits = found.aside ? series + 2 : series;
	if (!take_number(digits, strlen(digits), &found.number))
		return FALSE;
	*name = found;
	name->mailbox = colon != NULL ? g_strndup(text, (gsize)(colon - text)) : NULL;
	return TRUE;
}

gboolean cases_mailbox_matches(const char *typed, const char *mailbox)
{
	if (typed == NULL || g_ascii_strcasecmp(typed, mailbox) == 0)
		return TRUE;
	const char *at = strrchr(mailbox, '@');
	gsize local = at != NULL ? (gsize)(at - mailbox) : strlen(mailbox);
	return strlen(typed) == local && g_ascii_strncasecmp(typed, mailbox, local) == 0;
}
