/* SPDX-License-Identifier: ISC */
/* The recipient matcher: every spelling that reaches a mailbox is found, and no other mail is. */
#include <glib.h>
#include <string.h>

#include "milter/recipient.h"

static char *ethics[] = {(char *)"ethics@kmo.kz", (char *)"@mx.kmo.kz", NULL};
static char *idn[] = {(char *)"@xn--80aaa0cvac.kz", (char *)"\"two words\"@kmo.kz", NULL};
static char *own[] = {(char *)"kmo.kz", NULL};
static ConfigMailbox mailboxes[] = {
	{.address = (char *)"senim@kmo.kz", .also = ethics},
	{.address = (char *)"Ұран@қазмедиа.қаз", .also = idn},
	{.address = (char *)"senim@second.kz"},
};
static Config config = {
	.own_domains = own,
	.recipient_delimiter = (char *)"+-",
	.mailboxes = mailboxes,
	.n_mailboxes = G_N_ELEMENTS(mailboxes),
};

typedef struct {
	const char *argument, *rcpt_addr, *rcpt_mailer;
	int mailbox;
} Row;

static void check(const Row *rows, gsize n)
{
	g_autoptr(RecipientMatcher) matcher = recipient_matcher_new(&config);
	for (gsize i = 0; i < n; i++) {
		int mailbox = recipient_match(matcher, rows[i].argument, rows[i].rcpt_addr, rows[i].rcpt_mailer);
		if (mailbox != rows[i].mailbox)
			g_error("row %zu, %s (%s): mailbox %d instead of %d", i, rows[i].argument, rows[i].rcpt_addr, mailbox,
			        rows[i].mailbox);
	}
}

/* The table of what Postfix takes and delivers, with its own {rcpt_addr}. */
static void every_spelling_that_postfix_delivers_is_ours(void)
{
	static const Row rows[] = {
		{"<senim@kmo.kz>", "senim@kmo.kz", "local", 0},
		{"senim@kmo.kz", "senim@kmo.kz", "local", 0},
		{"<Senim@KMO.KZ>", "senim@kmo.kz", "local", 0},
		{"<\"senim\"@kmo.kz>", "senim@kmo.kz", "local", 0},
		{"<se\\nim@kmo.kz>", "senim@kmo.kz", "local", 0},
		{"<senim>", "senim@kmo.kz", "local", 0},
		{"<senim@kmo.kz.>", "senim@kmo.kz", "local", 0},
		{"<senim%kmo.kz@mx.kmo.test>", "senim@kmo.kz", "local", 0},
		{"<@a.b:senim@kmo.kz>", "senim@kmo.kz", "local", 0},
		{"<senim+case@kmo.kz>", "senim+case@kmo.kz", "local", 0},
		{"<senim@[127.0.0.1]>", "senim@[127.0.0.1]", "local", 0},
		{"<senim@mx.kmo.kz>", "senim@mx.kmo.kz", "local", 0},
		{"<ethics@kmo.kz>", "ethics@kmo.kz", "local", 0},
	};
	check(rows, G_N_ELEMENTS(rows));
}

/* The same where the MTA gives no {rcpt_addr}, and what no table shows. */
static void the_argument_alone_is_enough(void)
{
	static const Row rows[] = {
		{"<senim@kmo.kz>", NULL, NULL, 0},
		{" < SENIM @ kmo.kz. > ", NULL, NULL, 0},
		{"<\"s\\enim\"@KMO.kz>", NULL, NULL, 0},
		{"<senim>", NULL, NULL, 0},
		{"<senim%kmo.kz@mx.kmo.test>", NULL, NULL, 0},
		{"<senim%kmo.kz%mx.kmo.kz@kmo.kz>", NULL, NULL, 0},
		{"<kmo.kz!senim>", NULL, NULL, 0},
		{"<kmo.kz!senim@mx.kmo.test>", NULL, NULL, 0},
		{"<\"senim@kmo.kz\"@mx.kmo.kz>", NULL, NULL, 0},
		{"<\"senim@kmo.kz\">", NULL, NULL, 0},
		{"<@a.b,@c.d:senim+x+y@kmo.kz>", NULL, NULL, 0},
		{"Compliance <senim@kmo.kz>", NULL, NULL, 0},
		{"<senim(a (nested) comment)@kmo.kz>", NULL, NULL, 0},
		{"<senim-2026@kmo.kz>", NULL, NULL, 0},
		{"<senim@[IPv6:::1]>", NULL, NULL, 0},
		{"<ETHICS+a@kmo.kz>", NULL, NULL, 0},
		{"<senim@second.kz>", NULL, NULL, 2},
		{"<\"two words\"@KMO.kz>", NULL, NULL, 1},
		{"<two\\ words@kmo.kz>", NULL, NULL, 1},
	};
	check(rows, G_N_ELEMENTS(rows));
}

static void the_mta_may_have_resolved_an_alias(void)
{
	static const Row rows[] = {
		{"<hotline@other.kz>", "senim@kmo.kz", "local", 0},
		{"<hotline@other.kz>", "senim", "local", 0},
		{"<senim@second.kz>", "senim", "local", 2},
		{"<senim@kmo.kz>", "trust", "local", 0},
		{"<senim@kmo.kz>", "someone@elsewhere.kz", "esmtp", 0},
		{"<senim@kmo.kz>", "", "", 0},
	};
	check(rows, G_N_ELEMENTS(rows));
}

static void international_names_are_compared_as_they_are_meant(void)
{
	static const Row rows[] = {
		{"<ұран@қазмедиа.қаз>", NULL, NULL, 1},
		{"<ҰРАН@ҚАЗМЕДИА.ҚАЗ>", NULL, NULL, 1},
		{"<Ұран@xn--80aaa0cvac.kz>", NULL, NULL, 1},
		{"<\xd2@қазмедиа.қаз>", NULL, NULL, RECIPIENT_FOREIGN},
	};
	check(rows, G_N_ELEMENTS(rows));
	g_autofree char *ascii = g_hostname_to_ascii("қазмедиа.қаз");
	g_autofree char *argument = g_strdup_printf("<ұран+1@%s>", ascii);
	const Row punycode[] = {{argument, argument, "local", 1}};
	check(punycode, 1);
}

static void other_mail_is_not_ours(void)
{
	static const Row rows[] = {
		{"<senima@kmo.kz>", "senima@kmo.kz", "local", RECIPIENT_FOREIGN},
		{"<seni@kmo.kz>", "seni@kmo.kz", "local", RECIPIENT_FOREIGN},
		{"<senim@kmo.kz.evil.example>", "senim@kmo.kz.evil.example", "smtp", RECIPIENT_FOREIGN},
		{"<senim@sub.kmo.kz>", "senim@sub.kmo.kz", "smtp", RECIPIENT_FOREIGN},
		{"<ethics@mx.kmo.kz>", "ethics@mx.kmo.kz", "local", RECIPIENT_FOREIGN},
		{"<senim>", "senim@other.kz", "local", RECIPIENT_FOREIGN},
		{"<senim@[192.0.2.1]>", "senim@[192.0.2.1]", "smtp", RECIPIENT_FOREIGN},
		{"<senim%kmo.kz@relay.example>", "senim%kmo.kz@relay.example", "smtp", RECIPIENT_FOREIGN},
		{"<postmaster>", NULL, NULL, RECIPIENT_FOREIGN},
		{"<>", NULL, NULL, RECIPIENT_FOREIGN},
		{"", NULL, NULL, RECIPIENT_FOREIGN},
		{NULL, NULL, NULL, RECIPIENT_FOREIGN},
		{"<@kmo.kz>", NULL, NULL, RECIPIENT_FOREIGN},
		{"<\"", NULL, NULL, RECIPIENT_FOREIGN},
		{"<\\", NULL, NULL, RECIPIENT_FOREIGN},
		{"(", NULL, NULL, RECIPIENT_FOREIGN},
	};
	check(rows, G_N_ELEMENTS(rows));
	g_autofree char *endless = g_strnfill(RECIPIENT_MAX + 1, 'a');
	const Row longer[] = {{endless, NULL, NULL, RECIPIENT_FOREIGN}, {"<a@b.kz>", endless, NULL, RECIPIENT_FOREIGN}};
	check(longer, G_N_ELEMENTS(longer));
}

/* A source route may be as long as the MTA likes: what it resolved to still counts. */
static void one_overlong_spelling_does_not_hide_the_other(void)
{
	g_autofree char *endless = g_strnfill(RECIPIENT_MAX + 1, 'a');
	const Row rows[] = {{endless, "senim@kmo.kz", "local", 0}, {"<senim@kmo.kz>", endless, NULL, 0}};
	check(rows, G_N_ELEMENTS(rows));
}

/* With its error text in {rcpt_addr}, as Postfix gives it where rejected recipients are asked for. */
static void a_recipient_that_the_mta_refused_is_none(void)
{
	static const Row rows[] = {
		{"<senim@kmo.kz>", "5.1.1 <senim@kmo.kz>: Recipient address rejected", "error", RECIPIENT_REJECTED},
	};
	check(rows, G_N_ELEMENTS(rows));
}

static void assert_spellings(const char *argument, const char *rcpt_addr, const char *joined)
{
	g_auto(GStrv) spellings = recipient_spellings(argument, rcpt_addr);
	g_autofree char *all = g_strjoinv(" ", spellings);
	g_assert_cmpstr(all, ==, joined);
}

static void a_recipient_is_removed_by_every_spelling_the_mta_may_know(void)
{
	assert_spellings("<senim@kmo.kz>", "senim@kmo.kz", "<senim@kmo.kz>");
	assert_spellings("<Senim@KMO.KZ>", "senim@kmo.kz", "<Senim@KMO.KZ> <senim@kmo.kz>");
	assert_spellings("senim", "senim@kmo.kz", "<senim> <senim@kmo.kz>");
	assert_spellings("<@a.b:Senim@kmo.kz>", "senim@kmo.kz", "<@a.b:Senim@kmo.kz> <senim@kmo.kz> <Senim@kmo.kz>");
	assert_spellings("<\"a>b\"@kmo.kz>", NULL, "<\"a>b\"@kmo.kz>");
}

static void an_envelope_address_is_stripped_of_its_brackets(void)
{
	static const char *const rows[][2] = {{"<>", ""}, {"<a@b.kz>", "a@b.kz"}, {"a@b.kz", "a@b.kz"},
	                                      {"<@r.kz:a@b.kz>", "a@b.kz"}, {"", ""}, {"< a@b.kz >", "a@b.kz"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *address = recipient_strip(rows[i][0]);
		g_assert_cmpstr(address, ==, rows[i][1]);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/recipient/every spelling that Postfix delivers is ours",
	                every_spelling_that_postfix_delivers_is_ours);
	g_test_add_func("/recipient/the argument alone is enough", the_argument_alone_is_enough);
	g_test_add_func("/recipient/the MTA may have resolved an alias", the_mta_may_have_resolved_an_alias);
	g_test_add_func("/recipient/international names are compared as they are meant",
	                international_names_are_compared_as_they_are_meant);
	g_test_add_func("/recipient/other mail is not ours", other_mail_is_not_ours);
	g_test_add_func("/recipient/one overlong spelling does not hide the other",
	                one_overlong_spelling_does_not_hide_the_other);
	g_test_add_func("/recipient/a recipient that the MTA refused is none", a_recipient_that_the_mta_refused_is_none);
	g_test_add_func("/recipient/a recipient is removed by every spelling the MTA may know",
	                a_recipient_is_removed_by_every_spelling_the_mta_may_know);
	g_test_add_func("/recipient/an envelope address is stripped of its brackets",
	                an_envelope_address_is_stripped_of_its_brackets);
	return g_test_run();
}
