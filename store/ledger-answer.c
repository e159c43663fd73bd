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

/* The number of the last answer comes with it, or from an entry that says of which answer it is: REPLIED and ADVISED `numbered`,
 * or a resolution of the row. It goes where that entry is struck, unless another stands instead. */
static void number_answer(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record)
{
	guint64 of;
	if (!record_get_uint(record, "of", G_MAXINT64, &of, NULL) || of == 0)
		return;
	if (kind != ENTRY_STRUCK) {
		c->reply.numbered = ledger_case_takes_number(c, of) ? seq : c->reply.numbered;
		return;
	}
	const char *field = record_get(record, "field");
	if (of == c->reply.numbered && (g_strcmp0(field, "outgoing-number") == 0 || g_strcmp0(field, "-") == 0))
		c->reply.numbered = g_strcmp0(record_get(record, "instead"), "yes") == 0 ? seq : 0;
}

void ledger_case_answer(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record)
{
	const char *act = record_get(record, "act");
	guint64 time = 0;
	gboolean answers = kind == ENTRY_REPLIED || kind == ENTRY_ADVISED;
	if (kind == ENTRY_RESOLVED || kind == ENTRY_STRUCK || (answers && g_strcmp0(act, "numbered") == 0))
		number_answer(c, seq, kind, record);
	if (!answers || act == NULL)
		return;
	gboolean given = strcmp(act, "given") == 0;
	if (strcmp(act, "unsafe") == 0 || strcmp(act, "safe") == 0) {
		c->unsafe = strcmp(act, "unsafe") == 0;
	} else if (given || strcmp(act, "none") == 0) {
		record_get_uint(record, "time", G_MAXINT64, &time, NULL);
		c->reply = (LedgerReply){seq, kind, (gint64)time, way_word(given ? record_get(record, "by") : "none"),
		                         given && g_strcmp0(record_get(record, "number"), "-") != 0 ? seq : 0};
	}
}

gboolean ledger_case_lacks_number(const LedgerCase *c)
{
	return c->reply.entry != 0 && c->reply.numbered == 0 &&
	       (strcmp(c->reply.by, "mail") == 0 || strcmp(c->reply.by, "paper") == 0);
}

gboolean ledger_case_takes_number(const LedgerCase *c, guint64 of)
{
	return c->reply.entry == of && ledger_case_lacks_number(c);
}

/* "ENTRY KIND TIME BY NUMBERED", or "-". */
void ledger_case_answer_write(const LedgerCase *c, Record *record)
{
	if (c->reply.entry != 0)
		record_add_printf(record, "reply", "%" G_GUINT64_FORMAT " %u %" G_GINT64_FORMAT " %s %" G_GUINT64_FORMAT, c->reply.entry,
		                  c->reply.kind, c->reply.time, c->reply.by, c->reply.numbered);
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
	    !g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXINT64, &time, NULL) || (c->reply.by = way_word(words[3])) == NULL ||
	    !g_ascii_string_to_unsigned(words[4], 10, 0, G_MAXINT64, &c->reply.numbered, NULL))
		return ledger_fail(error, LEDGER_ERROR_DATABASE, "a case's answer is of another form");
	c->reply.kind = (guint)kind;
	c->reply.time = (gint64)time;
	return TRUE;
}
