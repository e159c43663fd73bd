/* SPDX-License-Identifier: ISC */
#include "milter/opinion.h"

#include <string.h>

#include "base/bundle.h"
#include "base/finding.h"

#define ENVELOPE_TO_MAX 16384 /* octets of all recipients in a card; the sealed body has every one */

/* --- what a child may say ---------------------------------------------------------------- */

static gboolean all_named_are_known(const Record *facts, const Config *config)
{
	const char *name;
	for (guint i = 0; (name = record_get_nth(facts, "named", i)) != NULL; i++)
		if (config_officer(config, name) == NULL && config_person(config, name) == NULL)
			return FALSE;
	return TRUE;
}

/* Paper and visits are an officer's to enter. */
static gboolean channel_is_possible(const char *channel)
{
	return strcmp(channel, "mail") == 0 || strcmp(channel, "telephone") == 0;
}

static gboolean facts_pass(const Record *facts, const Config *config)
{
	gboolean examined;
	return finding_check_facts(facts, NULL) && record_get_bool(facts, "examined", &examined, NULL) && examined &&
	       strcmp(record_get(facts, "verdict"), "unexamined") != 0 &&
	       channel_is_possible(record_get(facts, "channel")) && all_named_are_known(facts, config);
}

static gboolean read_finding(Opinion *opinion, GBytes *finding, const Config *config)
{
	static const RecordField nothing[] = {{NULL, 0, 0}};
	gsize size;
	const void *data = g_bytes_get_data(finding, &size);
	if (size > FINDING_MAX)
		return FALSE;
	g_autoptr(Bundle) bundle = bundle_read(data, size, nothing, NULL);
	if (bundle == NULL)
		return FALSE;
	g_autoptr(Record) facts = bundle_part_record(bundle, "facts", finding_facts_schema, NULL);
	g_autoptr(Record) card = bundle_part_record(bundle, "card", finding_card_schema, NULL);
	if (facts == NULL || card == NULL || bundle_nth(bundle, 2, NULL, NULL) || !facts_pass(facts, config))
		return FALSE;
	opinion->facts = g_steal_pointer(&facts);
	opinion->card = g_steal_pointer(&card);
	return TRUE;
}

Opinion *opinion_new(GBytes *finding, const Config *config)
{
	Opinion *opinion = g_new0(Opinion, 1);
	if (finding == NULL || !read_finding(opinion, finding, config))
		opinion->facts = finding_unexamined_facts();
	return opinion;
}

gboolean opinion_add_names(Opinion *opinion, GBytes *finding, const Config *config)
{
	static const RecordField nothing[] = {{NULL, 0, 0}};
	const char *name;
	gsize size = 0;
	const void *data = finding != NULL ? g_bytes_get_data(finding, &size) : NULL;
	g_autoptr(Bundle) bundle = data != NULL && size <= FINDING_MAX ? bundle_read(data, size, nothing, NULL) : NULL;
	g_autoptr(Record) facts = bundle != NULL ? bundle_part_record(bundle, "facts", finding_facts_schema, NULL) : NULL;
	if (facts == NULL || bundle_nth(bundle, 1, NULL, NULL) || !finding_check_facts(facts, NULL) ||
	    !all_named_are_known(facts, config))
		return FALSE;
	for (guint i = 0; (name = record_get_nth(facts, "named", i)) != NULL; i++)
		record_add(opinion->facts, "named", name);
	return TRUE;
}

void opinion_free(Opinion *opinion)
{
	if (opinion == NULL)
		return;
	record_free(opinion->facts);
	record_free(opinion->card);
	g_free(opinion);
}

gboolean opinion_is_examined(const Opinion *opinion)
{
	return opinion->card != NULL;
}

gboolean opinion_wants_no_answer(const Opinion *opinion)
{
	const char *note;
	for (guint i = 0; opinion->card != NULL && (note = record_get_nth(opinion->card, "note", i)) != NULL; i++)
		if (strcmp(note, "no-answer") == 0)
			return TRUE;
	return FALSE;
}

/* --- the card ------------------------------------------------------------------------------ */

static void add_envelope(Record *card, const char *from, const char *const *to)
{
	gsize size = 0;
	record_add(card, "envelope-from", from);
	for (guint i = 0; to[i] != NULL && i < FINDING_LIST_MAX; i++) {
		size += strlen(to[i]);
		if (size > ENVELOPE_TO_MAX)
			break;
		record_add(card, "envelope-to", to[i]);
	}
}

static gboolean is_envelope(const char *key)
{
	return strcmp(key, "envelope-from") == 0 || strcmp(key, "envelope-to") == 0;
}

static Record *card_from_envelope(const char *from, const char *const *to)
{
	Record *card = record_new();
	add_envelope(card, from, to);
	for (const RecordField *field = finding_card_schema; field->key != NULL; field++)
		if (field->min == 1 && !is_envelope(field->key))
			record_add(card, field->key, "-");
	return card;
}

static gboolean is_small_enough(const Record *card)
{
	gsize size;
	char *text = record_write(card, &size);
	explicit_bzero(text, size);
	g_free(text);
	return size <= RECORD_MAX;
}

Record *opinion_card(const Opinion *opinion, const char *envelope_from, const char *const *envelope_to)
{
	if (opinion->card == NULL)
		return card_from_envelope(envelope_from, envelope_to);
	g_autoptr(Record) card = record_new();
	const char *key, *value;
	add_envelope(card, envelope_from, envelope_to);
	for (guint i = 0; record_line(opinion->card, i, &key, &value); i++)
		if (!is_envelope(key))
			record_add(card, key, value);
	/* A child at the limit and a long envelope: what is lost here stands in the body. */
	return is_small_enough(card) ? g_steal_pointer(&card) : card_from_envelope(envelope_from, envelope_to);
}
