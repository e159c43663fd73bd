/* SPDX-License-Identifier: ISC */
#include "policy/grounds.h"

#include <string.h>

static const char *const needs[] = {"number", "date", "text"};

const char *grounds_need(guint i)
{
	return i < G_N_ELEMENTS(needs) ? needs[i] : NULL;
}

static gboolean read_needs(const char *value, guint *marks)
{
	g_auto(GStrv) words = g_strsplit(value, ";", -1);
	for (char **word = words; *word != NULL; word++) {
		guint i = 0;
		if (*g_strstrip(*word) == '\0')
			continue;
		while (i < G_N_ELEMENTS(needs) && strcmp(*word, needs[i]) != 0)
			i++;
		if (i == G_N_ELEMENTS(needs))
			return FALSE;
		*marks |= 1u << i;
	}
	return TRUE;
}

Labels *grounds_read(const char *text, gsize size, GError **error)
{
	static const LabelsKind kind = {"ground", "grounds", "needs", "number, date and text, separated by ;", GROUNDS_MAX, read_needs};
	g_autoptr(Labels) grounds = labels_read(&kind, text, size, error);
	const LabelsItem *other = grounds != NULL ? labels_find(grounds, GROUNDS_OTHER) : NULL;
	if (grounds == NULL || (other != NULL && (other->marks & GROUNDS_TEXT) != 0))
		return g_steal_pointer(&grounds);
	g_set_error(error, LABELS_ERROR, 0,
	            "[" GROUNDS_OTHER "] with needs = text is missing: what is written in one's own words goes there");
	return NULL;
}
