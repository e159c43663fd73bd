/* SPDX-License-Identifier: ISC */
/* Fuzz target: the recipient matcher. The input is argument, {rcpt_addr} and {rcpt_mailer}, NUL between them. */
#include <glib.h>
#include <string.h>

#include "milter/recipient.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static char *also[] = {(char *)"ethics@kmo.kz", (char *)"@mx.kmo.kz", NULL};
static ConfigMailbox mailboxes[] = {{.address = (char *)"senim@kmo.kz", .also = also},
                                    {.address = (char *)"ұран@қазмедиа.қаз"}};
static Config config = {
	.recipient_delimiter = (char *)"+",
	.mailboxes = mailboxes,
	.n_mailboxes = G_N_ELEMENTS(mailboxes),
};

static void check_spellings(const char *argument, const char *rcpt_addr)
{
	g_auto(GStrv) spellings = recipient_spellings(argument, rcpt_addr);
	g_assert_cmpuint(g_strv_length(spellings), >=, 1);
	g_assert_cmpuint(g_strv_length(spellings), <=, 3);
	for (char **spelling = spellings; *spelling != NULL; spelling++)
		g_assert_true((*spelling)[0] == '<' && g_str_has_suffix(*spelling, ">"));
	g_autofree char *address = recipient_strip(argument);
	g_assert_cmpuint(strlen(address), <=, strlen(argument));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static RecipientMatcher *matcher;
	if (matcher == NULL)
		matcher = recipient_matcher_new(&config);
	g_autofree char *text = g_malloc0(size + 3);
	memcpy(text, data, size);
	const char *argument = text, *rcpt_addr = argument + strlen(argument) + 1;
	rcpt_addr = rcpt_addr < text + size + 2 ? rcpt_addr : text + size + 2;
	const char *mailer = rcpt_addr + strlen(rcpt_addr) + 1;
	mailer = mailer < text + size + 2 ? mailer : text + size + 2;
	int mailbox = recipient_match(matcher, argument, rcpt_addr, mailer);
	g_assert_cmpint(mailbox, >=, RECIPIENT_REJECTED);
	g_assert_cmpint(mailbox, <, (int)G_N_ELEMENTS(mailboxes));
	check_spellings(argument, rcpt_addr);
	/* Whatever stands beside it, either of the two suffices. */
	if (mailbox != RECIPIENT_REJECTED) {
		g_assert_cmpint(recipient_match(matcher, argument, "senim@kmo.kz", mailer), ==, 0);
		g_assert_cmpint(recipient_match(matcher, "<senim@kmo.kz>", rcpt_addr, mailer), >=, 0);
	}
	return 0;
}
