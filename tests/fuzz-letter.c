/* SPDX-License-Identifier: ISC */
/* A stranger's address and msg-id, and a template: lines 1 and 2 and the rest of the input. Whatever comes of them, the
 * header has our fields alone, each once and in their order, in lines that a mail system takes; and whoever is owed a
 * letter can be written to. */
#include <glib.h>
#include <string.h>

#include "base/finding.h"
#include "policy/letter.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static const char *const fields[] = {"Date: ",           "From: ",       "To:",          "Subject: ",
                                     "Message-ID: ",     "In-Reply-To:", "References:",  "Auto-Submitted: auto-replied",
                                     "Content-Language: kk, ru", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
                                     "Content-Transfer-Encoding: base64"};

static const char *given_template(const char *language, gpointer user)
{
	(void)language;
	return user;
}

static void check_header(const char *letter)
{
	g_auto(GStrv) lines = g_strsplit(letter, "\r\n", -1);
	guint field = 0, i = 0;
	for (; lines[i][0] != '\0'; i++) {
		g_assert_cmpuint(strlen(lines[i]), <=, 998); /* RFC 5322 2.1.1 */
		for (const char *p = lines[i]; *p != '\0'; p++)
			g_assert_true(*p >= 0x20 && *p < 0x7f);
		if (lines[i][0] == ' ')
			continue;
		while (field < G_N_ELEMENTS(fields) && !g_str_has_prefix(lines[i], fields[field]))
			field++;
		g_assert_cmpuint(field, <, G_N_ELEMENTS(fields));
		field++;
	}
	g_assert_cmpuint(field, ==, G_N_ELEMENTS(fields));
	for (i++; lines[i] != NULL; i++)
		g_assert_cmpuint(strlen(lines[i]), <=, 76);
}

static void check_decision(const LetterFacts *facts, gboolean composed)
{
	static char *none[] = {NULL};
	static ConfigMailbox mailbox = {.address = (char *)"senim@kmo.kz", .also = none, .telephone_system = (char *)""};
	static Config config = {.mailboxes = &mailbox, .n_mailboxes = 1, .own_domains = none, .recipient_delimiter = (char *)"+"};
	g_autoptr(Record) record = finding_unexamined_facts();
	LetterQuestion question = {.facts = record, .envelope_from = facts->to};
	const char *reason;
	g_assert_cmpint(letter_decide(&question, &config, &mailbox, &reason), ==, LETTER_WITHHELD);
	if (strcmp(reason, "unexamined") == 0) /* nothing was wrong with the address */
		g_assert_true(letter_address_is_valid(facts->to) || facts->to[0] == '<');
	if (composed)
		g_assert_true(letter_address_is_valid(facts->to));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static GTimeZone *zone;
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) parts = g_strsplit(text, "\n", 3);
	if (g_strv_length(parts) < 3)
		return 0;
	if (zone == NULL)
		zone = g_time_zone_new_utc();
	LetterFacts facts = {
		.organisation = "x", .mailbox = "senim@kmo.kz", .post = "", .to = parts[0], .in_reply_to = parts[1],
		.message_id = "<1@kmo.kz>", .number = "2026/17", .language = "-", .term_working_days = 15, .code = "A", .zone = zone,
	};
	gsize letter_size = 0;
	g_autofree char *letter = letter_compose(&facts, given_template, parts[2], &letter_size, NULL);
	if (letter != NULL) {
		g_assert_cmpuint(strlen(letter), ==, letter_size);
		g_assert_true(letter_check_template(parts[2], NULL));
		check_header(letter);
	}
	check_decision(&facts, letter != NULL);
	return 0;
}
