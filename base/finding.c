/* SPDX-License-Identifier: ISC */
#include "base/finding.h"

#include <string.h>

const RecordField finding_facts_schema[] = {
	{"channel", 1, 1},     {"language", 1, 1},  {"automatic", 1, 1},
	{"verdict", 1, 1},     {"class", 0, 16},    {"opaque", 1, 1},
	{"examined", 1, 1},    {"partial", 1, 1},   {"attachments", 1, 1},
	{"named", 0, FINDING_LIST_MAX},             {"reference", 0, FINDING_LIST_MAX},
	{"wish", 0, 2},
	{"called", 0, 1},
	{"held", 0, 1},
	{NULL, 0, 0},
};

const RecordField finding_card_schema[] = {
	{"envelope-from", 1, 1},
	{"envelope-to", 0, FINDING_LIST_MAX},
	{"from-name", 1, 1},
	{"from-address", 1, 1},
	{"from", 0, FINDING_LIST_MAX},
	{"reply-to", 0, FINDING_LIST_MAX},
	{"recipient", 0, FINDING_LIST_MAX},
	{"phone", 0, FINDING_LIST_MAX},
	{"suggested", 0, FINDING_LIST_MAX},
	{"organisation", 1, 1},
	{"subject", 1, 1},
	{"date", 1, 1},
	{"message-id", 1, 1},
	{"attachment", 0, FINDING_LIST_MAX},
	{"charset", 0, FINDING_LIST_MAX},
	{"note", 0, 32},
	{"reason", 0, FINDING_LIST_MAX},
	{NULL, 0, 0},
};

const RecordField finding_letter_schema[] = {
	{"to", 1, 1},
	{"message-id", 1, 1},
	{"language", 1, 1},
	{"purpose", 0, 1},
	{"told", 0, 1},
	{"header", 0, 1},
	{"until", 0, 1},
	{"subject", 0, 1},
	{"counts", 0, 1},
	{"alarm", 0, 1},
	{"state", 0, 1},
	{"old", 0, 1},
	{"other", 0, 1},
	{"size", 0, 1},
	{NULL, 0, 0},
};

static const struct {
	const char *key;
	const char *words; /* each between blanks */
} fact_words[] = {
	{"channel", " mail telephone paper person "},
	{"language", " kk ru en - "},
	{"automatic", " - bounce reply receipt list bulk spam generated "},
	{"verdict", " clean review redirect unexamined "},
	{"opaque", " yes no "},
	{"examined", " yes no "},
	{"partial", " yes no "},
	{"wish", " anonymous no-answer "},
	{"held", " yes "},
};

gboolean finding_fact_is_valid(const char *key, const char *value)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fact_words); i++) {
		if (strcmp(fact_words[i].key, key) != 0)
			continue;
		g_autofree char *word = g_strconcat(" ", value, " ", NULL);
		return strchr(value, ' ') == NULL && strstr(fact_words[i].words, word) != NULL;
	}
	return TRUE;
}

gboolean finding_check_facts(const Record *facts, GError **error)
{
	const char *key, *value;
	guint64 attachments, called;
	if (!record_check(facts, finding_facts_schema, error))
		return FALSE;
	for (guint i = 0; record_line(facts, i, &key, &value); i++)
		if (strlen(value) > FINDING_FACT_MAX || !finding_fact_is_valid(key, value)) {
			g_set_error(error, RECORD_ERROR, RECORD_ERROR_VALUE, "facts with another %s than there is", key);
			return FALSE;
		}
	return record_get_uint(facts, "attachments", G_MAXUINT32, &attachments, error) &&
	       (record_get(facts, "called") == NULL || record_get_uint(facts, "called", FINDING_CALLED_MAX, &called, error));
}

gboolean finding_is_aside(const Record *facts)
{
	const char *automatic = record_get(facts, "automatic");
	return g_strcmp0(record_get(facts, "channel"), "mail") == 0 && g_strcmp0(automatic, "-") != 0 &&
	       g_strcmp0(automatic, "bulk") != 0;
}

gint64 finding_moment(const Record *facts, gint64 received)
{
	guint64 called;
	if (!record_get_uint(facts, "called", FINDING_CALLED_MAX, &called, NULL))
		return received;
	gint64 moment = (gint64)called * G_USEC_PER_SEC;
	return moment <= received && moment >= received - 24 * 3600 * (gint64)G_USEC_PER_SEC ? moment : received;
}

gboolean finding_is_urgent(const Record *facts)
{
	static const char *const classes[] = {"self-harm", "reporter-at-risk"};
	const char *class;
	if (g_strcmp0(record_get(facts, "verdict"), "redirect") == 0)
		return TRUE;
	for (guint i = 0; (class = record_get_nth(facts, "class", i)) != NULL; i++)
		for (gsize k = 0; k < G_N_ELEMENTS(classes); k++)
			if (strcmp(class, classes[k]) == 0)
				return TRUE;
	return FALSE;
}

Record *finding_unexamined_facts(void)
{
	Record *facts = record_new();
	record_add(facts, "channel", "mail");
	record_add(facts, "language", "-");
	record_add(facts, "automatic", "-");
	record_add(facts, "verdict", "unexamined");
	record_add_bool(facts, "opaque", FALSE);
	record_add_bool(facts, "examined", FALSE);
	record_add_bool(facts, "partial", FALSE);
	record_add_uint(facts, "attachments", 0);
	return facts;
}
