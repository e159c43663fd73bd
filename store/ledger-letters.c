/* SPDX-License-Identifier: ISC */
/* The letters that went with an officer's entry of a case, and what became of each. */
#include <string.h>

#include "store/ledger-private.h"
#include "store/letter-token.h"

/* Static, or NULL. */
static const char *state_word(const char *text)
{
	static const char *const words[] = {"queued", "sent", "unsent", "returned"};
	for (gsize i = 0; text != NULL && i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i], text) == 0)
			return words[i];
	return NULL;
}

static LedgerPosted *find(const LedgerCase *c, guint64 entry)
{
	for (guint i = 0; c->posted != NULL && i < c->posted->len; i++) {
		LedgerPosted *letter = &g_array_index(c->posted, LedgerPosted, i);
		if (letter->entry == entry)
			return letter;
	}
	return NULL;
}

const char *ledger_case_posted(const LedgerCase *c, guint64 entry)
{
	const LedgerPosted *letter = entry != 0 ? find(c, entry) : NULL;
	return letter != NULL ? letter->state : NULL;
}

/* An answer or a prolonged term that was told in another way since stands in the letter's place. */
static gboolean is_outdated(const LedgerCase *c, const LedgerPosted *letter)
{
	gboolean answer = letter->kind == ENTRY_REPLIED || letter->kind == ENTRY_ADVISED;
	return (answer && c->reply.entry > letter->entry) || (letter->kind == ENTRY_PROLONGED && c->notification != letter->entry);
}

gboolean ledger_case_is_lost(const LedgerCase *c)
{
	for (guint i = 0; c->posted != NULL && i < c->posted->len; i++) {
		const LedgerPosted *letter = &g_array_index(c->posted, LedgerPosted, i);
		gboolean lost = strcmp(letter->state, "unsent") == 0 || strcmp(letter->state, "returned") == 0;
		for (guint k = i + 1; lost && k < c->posted->len; k++)
			lost = g_array_index(c->posted, LedgerPosted, k).kind != letter->kind;
		if (lost && !is_outdated(c, letter))
			return TRUE;
	}
	return FALSE;
}

static void add(LedgerCase *c, guint64 entry, guint kind, const char *state)
{
	const LedgerPosted letter = {entry, kind, state};
	if (c->posted == NULL)
		c->posted = g_array_new(FALSE, FALSE, sizeof letter);
	g_array_append_val(c->posted, letter);
}

void ledger_case_post(LedgerCase *c, guint64 seq, EntryKind kind, const Record *record)
{
	if (g_strcmp0(record_get(record, "letter"), "queued") == 0)
		add(c, seq, kind, state_word("queued"));
}

gboolean ledger_case_post_ended(LedgerCase *c, const Record *record)
{
	guint64 of;
	const char *state = state_word(record_get(record, "act"));
	LedgerPosted *letter = state != NULL && record_get_uint(record, "of", G_MAXINT64, &of, NULL) ? find(c, of) : NULL;
	if (letter == NULL)
		return FALSE;
	letter->state = state;
	return TRUE;
}

void ledger_case_post_returned(LedgerCase *c, const Record *record)
{
	guint64 number;
	if (!record_get_uint(record, "returned", G_MAXUINT32, &number, NULL))
		return;
	for (guint i = 0; c->posted != NULL && i < c->posted->len; i++) {
		LedgerPosted *letter = &g_array_index(c->posted, LedgerPosted, i);
		if (letter_token_entry(letter->entry) == number)
			letter->state = state_word("returned");
	}
}

/* "ENTRY KIND STATE", one behind the other; "-" for none. */
void ledger_case_post_write(const LedgerCase *c, Record *record)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; c->posted != NULL && i < c->posted->len; i++) {
		const LedgerPosted *letter = &g_array_index(c->posted, LedgerPosted, i);
		g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %u %s", i > 0 ? " " : "", letter->entry, letter->kind,
		                       letter->state);
	}
	record_add(record, "posted", text->len > 0 ? text->str : "-");
}

gboolean ledger_case_post_read(LedgerCase *c, const Record *record, GError **error)
{
	const char *text = record_get(record, "posted");
	guint64 entry, kind;
	g_auto(GStrv) words = g_strsplit(strcmp(text, "-") == 0 ? "" : text, " ", -1);
	guint n = g_strv_length(words);
	gboolean good = n % 3 == 0;
	for (guint i = 0; good && i < n; i += 3) {
		const char *state = state_word(words[i + 2]);
		good = state != NULL && g_ascii_string_to_unsigned(words[i], 10, 1, G_MAXINT64, &entry, NULL) &&
		       g_ascii_string_to_unsigned(words[i + 1], 10, 0, G_MAXUINT16, &kind, NULL);
		if (good)
			add(c, entry, (guint)kind, state);
	}
	return good || ledger_fail(error, LEDGER_ERROR_DATABASE, "a case's list of letters is of another form");
}
