/* SPDX-License-Identifier: ISC */
/* What an entry of casework makes of a case's cached state. */
#include <string.h>

#include "store/ledger-private.h"

guint64 ledger_case_last(const LedgerCase *c)
{
	return c->work != NULL && c->work->len > 0 ? g_array_index(c->work, guint64, c->work->len - 1) : 0;
}

static void add_work(LedgerCase *c, guint64 seq)
{
	if (c->work == NULL)
		c->work = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_array_append_val(c->work, seq);
}

static void set_word(char **word, const char *value)
{
	g_free(*word);
	*word = g_strdup(g_strcmp0(value, "-") != 0 ? value : NULL);
}

/* `allowed` is another officer's word, good for one document to that addressee; `made` and `queued` begin. */
static void forward(LedgerCase *c, guint64 seq, const Record *record)
{
	const char *act = record_get(record, "act"), *to = record_get(record, "to");
	if (g_strcmp0(act, "allowed") == 0) {
		set_word(&c->forward_allowed, to);
		set_word(&c->forward_allowed_by, record_get(record, "officer"));
		return;
	}
	set_word(&c->forwarded, act);
	if (g_strcmp0(act, "made") != 0 && g_strcmp0(act, "queued") != 0)
		return;
	set_word(&c->forwarded_to, to);
	c->forwarding = seq;
	if (g_strcmp0(c->forward_allowed, to) == 0) {
		set_word(&c->forward_allowed, NULL);
		set_word(&c->forward_allowed_by, NULL);
	}
}

void ledger_case_work(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record)
{
	if (!entry_is_casework(kind))
		return;
	add_work(c, seq);
	ledger_case_answer(c, seq, kind, record);
	if (kind == ENTRY_ASSIGNED && record_get(record, "category") != NULL)
		set_word(&c->category, record_get(record, "category"));
	if (kind == ENTRY_CLOSED)
		set_word(&c->result, record_get(record, "result"));
	if (kind == ENTRY_REOPENED)
		set_word(&c->result, NULL);
	if (kind == ENTRY_HELD)
		c->held = g_strcmp0(record_get(record, "hold"), "on") == 0;
	if (kind == ENTRY_PROLONGED) {
		set_word(&c->until, record_get(record, "until"));
		c->notification = g_strcmp0(record_get(record, "letter"), "queued") == 0 ? seq : 0;
	}
	if (kind == ENTRY_RESOLVED)
		c->resolved = TRUE;
	if (kind == ENTRY_FORWARDED)
		forward(c, seq, record);
	ledger_case_erasure(c, seq, kind, record);
	guint64 of;
	if (kind == ENTRY_NOTED && g_strcmp0(record_get(record, "act"), "transcript") == 0)
		c->transcript = seq;
	else if (kind == ENTRY_STRUCK && record_get_uint(record, "of", G_MAXINT64, &of, NULL) && of == c->transcript)
		c->transcript = 0;
}

static void add_word(Record *record, const char *key, const char *word)
{
	record_add(record, key, word != NULL ? word : "-");
}

void ledger_case_work_write(const LedgerCase *c, Record *record)
{
	g_autoptr(GString) seqs = g_string_new(NULL);
	for (guint i = 0; c->work != NULL && i < c->work->len; i++)
		g_string_append_printf(seqs, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "", g_array_index(c->work, guint64, i));
	add_word(record, "category", c->category);
	add_word(record, "result", c->result);
	add_word(record, "until", c->until);
	add_word(record, "forwarded", c->forwarded);
	add_word(record, "forwarded-to", c->forwarded_to);
	record_add_uint(record, "forwarding", c->forwarding);
	add_word(record, "forward-allowed", c->forward_allowed);
	add_word(record, "forward-allowed-by", c->forward_allowed_by);
	record_add_uint(record, "notification", c->notification);
	ledger_case_answer_write(c, record);
	record_add_bool(record, "on-hold", c->held);
	record_add_bool(record, "resolved", c->resolved);
	record_add_uint(record, "transcript", c->transcript);
	ledger_erasure_write(c, record);
	record_add(record, "work", seqs->len > 0 ? seqs->str : "-");
}

gboolean ledger_case_work_read(LedgerCase *c, const Record *record, GError **error)
{
	const char *seqs = record_get(record, "work");
	set_word(&c->category, record_get(record, "category"));
	set_word(&c->result, record_get(record, "result"));
	set_word(&c->until, record_get(record, "until"));
	set_word(&c->forwarded, record_get(record, "forwarded"));
	set_word(&c->forwarded_to, record_get(record, "forwarded-to"));
	set_word(&c->forward_allowed, record_get(record, "forward-allowed"));
	set_word(&c->forward_allowed_by, record_get(record, "forward-allowed-by"));
	if (!ledger_case_answer_read(c, record, error) || !record_get_uint(record, "forwarding", G_MAXINT64, &c->forwarding, error) ||
	    !record_get_uint(record, "notification", G_MAXINT64, &c->notification, error) ||
	    !record_get_bool(record, "on-hold", &c->held, error) || !record_get_bool(record, "resolved", &c->resolved, error) ||
	    !record_get_uint(record, "transcript", G_MAXINT64, &c->transcript, error) || !ledger_erasure_read(c, record, error))
		return FALSE;
	g_auto(GStrv) words = g_strsplit(strcmp(seqs, "-") == 0 ? "" : seqs, " ", -1);
	for (char **word = words; *word != NULL; word++) {
		guint64 seq;
		if (!g_ascii_string_to_unsigned(*word, 10, 1, G_MAXINT64, &seq, NULL))
			return ledger_fail(error, LEDGER_ERROR_DATABASE, "a case's list of entries is of another form");
		add_work(c, seq);
	}
	return TRUE;
}
