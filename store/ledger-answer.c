/* SPDX-License-Identifier: ISC */
/* What REPLIED and ADVISED make of a case: how the reporter was answered last, and whether letters may reach him there. */
#include <string.h>

#include "store/ledger-private.h"

/* Static, or NULL. */
static const char *way_word(const char *text)
{
	static const char *const words[] = {"mail", "paper", "person", "none"};
	for (gsize i = 0; text != NULL && i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i], text) == 0)
			return words[i];
	return NULL;
}

void ledger_case_answer(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record)
{
	const char *act = record_get(record, "act");
	guint64 time = 0, of;
	if ((kind != ENTRY_REPLIED && kind != ENTRY_ADVISED) || act == NULL)
		return;
	gboolean given = strcmp(act, "given") == 0;
	if (strcmp(act, "unsafe") == 0 || strcmp(act, "safe") == 0) {
		c->unsafe = strcmp(act, "unsafe") == 0;
	} else if (strcmp(act, "numbered") == 0) {
		c->reply.numbered |= record_get_uint(record, "of", G_MAXINT64, &of, NULL) && of == c->reply.entry;
	} else if (given || strcmp(act, "none") == 0) {
		record_get_uint(record, "time", G_MAXINT64, &time, NULL);
		c->reply = (LedgerReply){seq, kind, (gint64)time, way_word(given ? record_get(record, "by") : "none"),
		                         given && g_strcmp0(record_get(record, "number"), "-") != 0};
	}
}

gboolean ledger_case_lacks_number(const LedgerCase *c)
{
	return c->reply.entry != 0 && !c->reply.numbered &&
	       (strcmp(c->reply.by, "mail") == 0 || strcmp(c->reply.by, "paper") == 0);
}

/* "ENTRY KIND TIME BY yes|no", or "-". */
void ledger_case_answer_write(const LedgerCase *c, Record *record)
{
	if (c->reply.entry != 0)
		record_add_printf(record, "reply", "%" G_GUINT64_FORMAT " %u %" G_GINT64_FORMAT " %s %s", c->reply.entry, c->reply.kind,
		                  c->reply.time, c->reply.by, c->reply.numbered ? "yes" : "no");
	else
		record_add(record, "reply", "-");
	record_add_bool(record, "unsafe", c->unsafe);
}

gboolean ledger_case_answer_read(LedgerCase *c, const Record *record, GError **error)
{
	const char *text = record_get(record, "reply");
	guint64 kind, time;
	if (!record_get_bool(record, "unsafe", &c->unsafe, error))
		return FALSE;
	if (strcmp(text, "-") == 0)
		return TRUE;
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	if (g_strv_length(words) != 5 || !g_ascii_string_to_unsigned(words[0], 10, 1, G_MAXINT64, &c->reply.entry, NULL) ||
	    !g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT16, &kind, NULL) ||
	    !g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXINT64, &time, NULL) || (c->reply.by = way_word(words[3])) == NULL)
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "a case's answer is of another form");
	c->reply.kind = (guint)kind;
	c->reply.time = (gint64)time;
	c->reply.numbered = strcmp(words[4], "yes") == 0;
	return TRUE;
}
