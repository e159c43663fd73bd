/* SPDX-License-Identifier: ISC */
#include "parser/examine.h"

#include <string.h>

#include "base/finding.h"
#include "parser/language.h"
#include "parser/sheet.h"

#define NOTES_MAX 32
#define CARD_MAX (FINDING_MAX - 8192) /* what facts and the bundle's own lines need stays free */

static gboolean record_has(const Record *job, const char *key, const char *value)
{
	const char *one;
	for (guint i = 0; (one = record_get_nth(job, key, i)) != NULL; i++)
		if (g_ascii_strcasecmp(one, value) == 0)
			return TRUE;
	return FALSE;
}

/* --- what the job's words say of the message ------------------------------------------ */

gboolean examine_is_telephone(const Record *job, const Message *message)
{
	const char *system = record_get(job, "telephone-system");
	if (system == NULL || *system == '\0' || strcmp(system, "-") == 0 || !message->sound)
		return FALSE;
	if (g_ascii_strcasecmp(system, record_get(job, "envelope-from")) == 0)
		return TRUE;
	return message->from->len == 1 &&
	       g_ascii_strcasecmp(system, g_array_index(message->from, MessageAddress, 0).address) == 0;
}

/* --- the card ------------------------------------------------------------------------------ */

static void add_sender(Sheet *card, const Message *message)
{
	guint n = 0;
	const MessageAddress *first = message->from->len > 0 ? &g_array_index(message->from, MessageAddress, 0) : NULL;
	sheet_add_or_dash(card, "from-name", first != NULL ? first->name : NULL);
	sheet_add_or_dash(card, "from-address", first != NULL ? first->address : NULL);
	for (guint i = 1; i < message->from->len && sheet_may_add(card, &n, FINDING_LIST_MAX); i++) {
		const MessageAddress *row = &g_array_index(message->from, MessageAddress, i);
		sheet_add(card, "from", *row->address != '\0' ? row->address : row->name);
	}
}

/* Each address once; those of this mailbox are no others. */
static void add_addresses(Sheet *card, const char *key, const GArray *rows, const Record *job, guint *n, GHashTable *seen)
{
	for (guint i = 0; i < rows->len; i++) {
		const char *address = g_array_index(rows, MessageAddress, i).address;
		if (*address == '\0' || (job != NULL && (record_has(job, "mailbox", address) || record_has(job, "also", address))))
			continue;
		if (!g_hash_table_add(seen, g_ascii_strdown(address, -1)))
			continue;
		if (!sheet_may_add(card, n, FINDING_LIST_MAX))
			return;
		sheet_add(card, key, address);
	}
}

static void add_all_addresses(Sheet *card, const Record *job, const Message *message)
{
	guint n = 0;
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	add_addresses(card, "reply-to", message->reply_to, NULL, &n, seen);
	g_hash_table_remove_all(seen);
	n = 0;
	add_addresses(card, "recipient", message->to, job, &n, seen);
	add_addresses(card, "recipient", message->cc, job, &n, seen);
}

static void add_attachments(Sheet *card, const Message *message)
{
	guint n = 0;
	for (guint i = 0; i < message->attachments->len && sheet_may_add(card, &n, FINDING_LIST_MAX); i++) {
		const MessageAttachment *row = &g_array_index(message->attachments, MessageAttachment, i);
		g_autofree char *line = g_strdup_printf("%s %" G_GUINT64_FORMAT " %s", row->type, row->size, row->name);
		sheet_add(card, "attachment", line);
	}
}

/* The value of a line "WHAT SOURCE VALUE" that is of this kind, or NULL. */
static const char *value_of(const char *line, const char *what, const char **source)
{
	gsize n = strlen(what);
	if (strncmp(line, what, n) != 0 || line[n] != ' ')
		return NULL;
	*source = line + n + 1;
	const char *blank = strchr(*source, ' ');
	return blank != NULL ? blank + 1 : NULL;
}

static void add_suggestions(Sheet *card, const GPtrArray *lines)
{
	guint n = 0;
	const char *organisation = NULL, *source;
	for (guint i = 0; lines != NULL && i < lines->len; i++) {
		const char *line = g_ptr_array_index(lines, i), *phone = value_of(line, "phone", &source);
		if (phone == NULL)
			phone = value_of(line, "caller", &source);
		if (phone == NULL || !sheet_may_add(card, &n, FINDING_LIST_MAX))
			continue;
		g_autofree char *both = g_strdup_printf("%s %.*s", phone, (int)strcspn(source, " "), source);
		sheet_add(card, "phone", both);
	}
	if (lines != NULL)
		sheet_add_strings(card, "suggested", lines, FINDING_LIST_MAX);
	for (guint i = 0; lines != NULL && organisation == NULL && i < lines->len; i++)
		organisation = value_of(g_ptr_array_index(lines, i), "organisation", &source);
	sheet_add_or_dash(card, "organisation", organisation);
}

static Sheet card_of(const Record *job, const Message *message, const ExamineWords *words, gsize most)
{
	Sheet card = {record_new(), most, FALSE};
	sheet_add(&card, "envelope-from", record_get(job, "envelope-from"));
	add_sender(&card, message);
	add_all_addresses(&card, job, message);
	add_suggestions(&card, words->suggested);
	sheet_add_or_dash(&card, "subject", message->subject);
	sheet_add_or_dash(&card, "date", message->date);
	sheet_add_or_dash(&card, "message-id", message->message_id);
	add_attachments(&card, message);
	sheet_add_strings(&card, "charset", message->charsets, FINDING_LIST_MAX);
	sheet_add_strings(&card, "note", message->notes, NOTES_MAX - 1);
	if (words->answer_unwanted)
		sheet_add(&card, "note", "no-answer");
	sheet_add_list(&card, "reason", words->reasons, FINDING_LIST_MAX);
	return card;
}

/* Hostile values can need three octets for each of theirs: shorter ones until all fit. */
static Record *fitting_card(const Record *job, const Message *message, const ExamineWords *words, gboolean *cut)
{
	for (gsize most = SHEET_VALUE_MAX;; most /= 2) {
		Sheet card = card_of(job, message, words, most);
		*cut = card.cut;
		if (most <= SHEET_VALUE_LEAST || sheet_fits(&card, CARD_MAX))
			return card.record;
		sheet_clear(&card);
	}
}

static Record *build_facts(const Record *job, const Message *message, const ExamineWords *words, gboolean cut)
{
	Sheet facts = {record_new(), 64, cut || message->partial};
	sheet_add(&facts, "channel", examine_is_telephone(job, message) || words->telephone ? "telephone" : "mail");
	sheet_add(&facts, "language", language_of(message->text->str, message->text->len));
	sheet_add(&facts, "automatic", words->automatic);
	sheet_add(&facts, "verdict", words->verdict);
	sheet_add_list(&facts, "class", words->classes, 16);
	record_add_bool(facts.record, "opaque", message->opaque);
	record_add_bool(facts.record, "examined", TRUE);
	record_add_bool(facts.record, "partial", facts.cut || words->cut);
	record_add_uint(facts.record, "attachments", message->attachments->len);
	for (guint i = 0; words->named != NULL && i < MIN(words->named->len, FINDING_LIST_MAX); i++)
		record_add(facts.record, "named", g_ptr_array_index(words->named, i));
	for (guint i = 0; words->references != NULL && i < MIN(words->references->len, FINDING_LIST_MAX); i++)
		record_add(facts.record, "reference", g_ptr_array_index(words->references, i));
	for (guint i = 0; words->wishes != NULL && words->wishes[i] != NULL; i++)
		record_add(facts.record, "wish", words->wishes[i]);
	if (words->called > 0)
		record_add_uint(facts.record, "called", (guint64)words->called);
	return facts.record;
}

Bundle *examine_finding(const Record *job, const Message *message, const ExamineWords *words)
{
	gboolean cut = FALSE;
	g_autoptr(Record) card = fitting_card(job, message, words, &cut);
	g_autoptr(Record) facts = build_facts(job, message, words, cut);
	Bundle *finding = bundle_new();
	bundle_add_record(finding, "facts", facts);
	bundle_add_record(finding, "card", card);
	return finding;
}
