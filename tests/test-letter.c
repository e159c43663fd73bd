/* SPDX-License-Identifier: ISC */
/* Acknowledgements: who gets one, what it says, and that nothing of a stranger's reaches its header. */
#include <glib.h>
#include <string.h>

#include "base/finding.h"
#include "policy/letter-text.h"
#include "base/alarm.h"
#include "policy/letter.h"

/* --- a configuration by hand: policy reads no file ------------------------------- */

static char *languages[] = {(char *)"kk", (char *)"ru", (char *)"en", NULL};
static char *only_russian[] = {(char *)"ru", NULL};
static char *also[] = {(char *)"ethics@kmo.kz", (char *)"@mx.kmo.kz", NULL};
static char *own_domains[] = {(char *)"kmo.kz", NULL};

static ConfigMailbox a_mailbox(void)
{
	return (ConfigMailbox){.address = (char *)"senim@kmo.kz", .also = also, .languages = languages,
	                       .telephone_system = (char *)"voicemail@pbx.kmo.kz", .closes = 1080,
	                       .delay_min = 120, .delay_max = 900};
}

static Config a_config(ConfigMailbox *mailbox)
{
	return (Config){.own_domains = own_domains, .recipient_delimiter = (char *)"+", .mailboxes = mailbox, .n_mailboxes = 1};
}

static Record *facts_of(const char *channel, const char *automatic, const char *examined, const char *reference)
{
	Record *facts = record_new();
	record_add(facts, "channel", channel);
	record_add(facts, "language", "kk");
	record_add(facts, "automatic", automatic);
	record_add(facts, "verdict", "clean");
	record_add(facts, "opaque", "no");
	record_add(facts, "examined", examined);
	record_add(facts, "partial", "no");
	record_add(facts, "attachments", "0");
	if (reference != NULL)
		record_add(facts, "reference", reference);
	g_assert_true(finding_check_facts(facts, NULL));
	return facts;
}

/* --- decisions --------------------------------------------------------------------- */

static const struct {
	const char *from, *reason; /* NULL: owed */
} senders[] = {
	{"reporter@example.org", NULL},
	{"<reporter@example.org>", NULL},
	{"o'neil+tag@example.org", NULL},
	{"bouncer@example.org", NULL},
	{"ownership@example.org", NULL},
	{"request@example.org", NULL},
	{"noreplyson@example.org", NULL},
	{"a@notkmo.kz", NULL},
	{"a@xn--80ak6aa92e.kz", NULL},
	{"", "null-sender"},
	{"<>", "null-sender"},
	{"voicemail@pbx.kmo.kz", "telephone"},
	{"Voicemail@PBX.kmo.kz", "telephone"},
	{"қыз@example.kz", "smtputf8"},
	{"a@қаз.қаз", "smtputf8"},
	{"nobody", "bad-address"},
	{"@example.org", "bad-address"},
	{"a@", "bad-address"},
	{"a..b@example.org", "bad-address"},
	{"a@b@example.org", "bad-address"},
	{"a b@example.org", "bad-address"},
	{"\"a b\"@example.org", "bad-address"},
	{"a@[192.0.2.1]", "bad-address"},
	{"a@example..org", "bad-address"},
	{"a\r\nBcc: b@example.org", "bad-address"},
	{"a@example.org\r\nBcc: b", "bad-address"},
	{"a@example.org,b@example.org", "bad-address"},
	{"<a@example.org", "bad-address"},
	{"a@\x01", "bad-address"},
	{"Senim@KMO.kz", "own-mailbox"},
	{"senim+2026@kmo.kz", "own-mailbox"},
	{"ethics@kmo.kz", "own-mailbox"},
	{"senim@mx.kmo.kz", "own-mailbox"},
	{"MAILER-DAEMON@example.org", "role-address"},
	{"postmaster@example.org", "role-address"},
	{"owner-list@example.org", "role-address"},
	{"list-request@example.org", "role-address"},
	{"list-request+x@example.org", "role-address"},
	{"bounce-17-a=b.kz@example.org", "role-address"},
	{"bounces+17@example.org", "role-address"},
	{"news-bounces@example.org", "role-address"},
	{"noreply@example.org", "role-address"},
	{"No-Reply@example.org", "role-address"},
	{"no_reply+x@example.org", "role-address"},
	{"donotreply@example.org", "role-address"},
	{"aigul@kmo.kz", "own-domain"},
	{"aigul@pc.KMO.kz", "own-domain"},
};

static void the_sender_decides_first(void)
{
	ConfigMailbox mailbox = a_mailbox();
	Config config = a_config(&mailbox);
	g_autoptr(Record) facts = facts_of("mail", "-", "yes", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(senders); i++) {
		LetterQuestion question = {.facts = facts, .envelope_from = senders[i].from};
		const char *reason = "unset";
		LetterDecision decision = letter_decide(&question, &config, &mailbox, &reason);
		if (g_strcmp0(reason, senders[i].reason) != 0)
			g_error("%s: %s", senders[i].from, reason != NULL ? reason : "owed");
		g_assert_cmpint(decision, ==, reason == NULL ? LETTER_OWED : LETTER_WITHHELD);
	}
}

static void a_machine_gets_no_letter(void)
{
	static const char *const kinds[] = {"bounce", "reply", "receipt", "list", "bulk", "spam", "generated"};
	ConfigMailbox mailbox = a_mailbox();
	Config config = a_config(&mailbox);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(Record) facts = facts_of("mail", kinds[i], "yes", NULL);
		LetterQuestion question = {.facts = facts, .envelope_from = "a@example.org"};
		const char *reason;
		g_assert_cmpint(letter_decide(&question, &config, &mailbox, &reason), ==, LETTER_WITHHELD);
		g_assert_cmpstr(reason, ==, "automatic");
	}
}

static const char *reason_for(const char *channel, const char *examined, const char *reference, const char *suppress)
{
	ConfigMailbox mailbox = a_mailbox();
	Config config = a_config(&mailbox);
	g_autoptr(Record) facts = facts_of(channel, "-", examined, reference);
	const char *values[] = {"OOF", suppress, NULL};
	LetterQuestion question = {.facts = facts, .envelope_from = "a@example.org", .suppress = values};
	const char *reason;
	LetterDecision decision = letter_decide(&question, &config, &mailbox, &reason);
	return decision == LETTER_NONE ? "none" : decision == LETTER_OWED ? "owed" : reason;
}

static void what_is_no_first_letter_of_a_person_is_withheld(void)
{
	g_assert_cmpstr(reason_for("telephone", "yes", NULL, NULL), ==, "telephone");
	g_assert_cmpstr(reason_for("paper", "yes", NULL, NULL), ==, "none");
	g_assert_cmpstr(reason_for("person", "yes", NULL, NULL), ==, "none");
	g_assert_cmpstr(reason_for("mail", "no", NULL, NULL), ==, "unexamined");
	g_assert_cmpstr(reason_for("mail", "yes", "token", NULL), ==, "follow-up");
	g_assert_cmpstr(reason_for("mail", "yes", NULL, NULL), ==, "owed");
	g_assert_cmpstr(reason_for("mail", "yes", NULL, "DR, RN, AutoReply"), ==, "suppressed");
	g_assert_cmpstr(reason_for("mail", "yes", NULL, "all"), ==, "suppressed");
	g_assert_cmpstr(reason_for("mail", "yes", NULL, "NDR; DR"), ==, "owed");
	g_assert_cmpstr(reason_for("mail", "yes", NULL, "allowed"), ==, "owed");
}

static void the_verdict_changes_nothing(void)
{
	static const char *const verdicts[] = {"clean", "review", "redirect"};
	ConfigMailbox mailbox = a_mailbox();
	Config config = a_config(&mailbox);
	for (gsize i = 0; i < G_N_ELEMENTS(verdicts); i++) {
		g_autofree char *text = g_strdup_printf("channel: mail\nlanguage: ru\nautomatic: -\nverdict: %s\nclass: threat\n"
		                                        "opaque: yes\nexamined: yes\npartial: yes\nattachments: 9\n",
		                                        verdicts[i]);
		g_autoptr(Record) facts = record_read(text, strlen(text), 0, finding_facts_schema, NULL);
		g_assert_true(finding_check_facts(facts, NULL));
		LetterQuestion question = {.facts = facts, .envelope_from = "a@example.org"};
		const char *reason;
		g_assert_cmpint(letter_decide(&question, &config, &mailbox, &reason), ==, LETTER_OWED);
	}
}

static void the_settings_decide_last(void)
{
	static const struct {
		ConfigAcknowledge acknowledge;
		ConfigOwnDomains own;
		gboolean authenticated;
		const char *from, *reason;
	} rows[] = {
		{CONFIG_ACK_NEVER, CONFIG_OWN_MINIMAL, TRUE, "a@example.org", "never"},
		{CONFIG_ACK_NEVER, CONFIG_OWN_MINIMAL, TRUE, "", "null-sender"},
		{CONFIG_ACK_AUTHENTICATED, CONFIG_OWN_NEVER, FALSE, "a@example.org", "unauthenticated"},
		{CONFIG_ACK_AUTHENTICATED, CONFIG_OWN_NEVER, TRUE, "a@example.org", NULL},
		{CONFIG_ACK_AUTHENTICATED, CONFIG_OWN_NEVER, TRUE, "a@kmo.kz", "own-domain"},
		{CONFIG_ACK_ALWAYS, CONFIG_OWN_MINIMAL, FALSE, "a@kmo.kz", NULL},
		{CONFIG_ACK_ALWAYS, CONFIG_OWN_MINIMAL, FALSE, "senim@kmo.kz", "own-mailbox"},
	};
	g_autoptr(Record) facts = facts_of("mail", "-", "yes", NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		ConfigMailbox mailbox = a_mailbox();
		Config config = a_config(&mailbox);
		mailbox.acknowledge = rows[i].acknowledge;
		mailbox.acknowledge_own_domains = rows[i].own;
		LetterQuestion question = {facts, rows[i].from, NULL, rows[i].authenticated};
		const char *reason;
		letter_decide(&question, &config, &mailbox, &reason);
		g_assert_cmpstr(reason, ==, rows[i].reason);
	}
	ConfigMailbox mailbox = a_mailbox();
	Config config = a_config(&mailbox);
	g_assert_true(letter_is_own_domain(&config, "a@x.kmo.kz"));
	g_assert_false(letter_is_own_domain(&config, "a@xkmo.kz"));
}

static void the_letter_is_in_a_language_that_is_offered(void)
{
	ConfigMailbox all = a_mailbox(), russian = a_mailbox();
	russian.languages = only_russian;
	g_assert_cmpstr(letter_language(&all, "en"), ==, "en");
	g_assert_cmpstr(letter_language(&all, "-"), ==, "-");
	g_assert_cmpstr(letter_language(&russian, "kk"), ==, "ru");
	g_assert_cmpstr(letter_language(&russian, "-"), ==, "ru");
}

static void a_report_about_an_officer_goes_to_a_mailbox_that_she_does_not_read(void)
{
	char *aigul[] = {(char *)"aigul", NULL}, *chair[] = {(char *)"chair", NULL}, *nobody[] = {NULL};
	char *both[] = {(char *)"chair", (char *)"aigul", NULL};
	ConfigOfficer officers[] = {{.name = (char *)"aigul", .post = (char *)"жауапты қызметкер"}, {.name = (char *)"chair", .post = (char *)""}};
	ConfigMailbox mailboxes[] = {a_mailbox(), a_mailbox(), a_mailbox()};
	mailboxes[0].officers = aigul;
	mailboxes[0].escalation = chair;
	mailboxes[1].address = (char *)"all@kmo.kz";
	mailboxes[1].officers = both;
	mailboxes[1].escalation = nobody;
	mailboxes[2].address = (char *)"chair@kmo.kz";
	mailboxes[2].officers = chair;
	mailboxes[2].escalation = nobody;
	Config config = {.mailboxes = mailboxes, .n_mailboxes = 3, .officers = officers, .n_officers = 2};
	g_assert_cmpstr(letter_escalation(&config, &mailboxes[0]), ==, "chair@kmo.kz");
	g_assert_null(letter_escalation(&config, &mailboxes[2]));
	g_assert_cmpstr(letter_post(&config, &mailboxes[0]), ==, "жауапты қызметкер");
	g_assert_cmpstr(letter_post(&config, &mailboxes[2]), ==, "");
}

static void the_delay_covers_its_range_and_nothing_else(void)
{
	ConfigMailbox mailbox = a_mailbox();
	g_assert_cmpuint(letter_delay(&mailbox, 0), ==, 120);
	g_assert_cmpuint(letter_delay(&mailbox, G_MAXUINT32), ==, 900);
	g_assert_cmpuint(letter_delay(&mailbox, 0x80000000u), ==, 510);
	mailbox.delay_min = mailbox.delay_max = 0;
	g_assert_cmpuint(letter_delay(&mailbox, G_MAXUINT32), ==, 0);
}

/* --- composition -------------------------------------------------------------------- */

static const char *no_template(const char *language, gpointer user)
{
	(void)language;
	(void)user;
	return NULL;
}

static const char *given_template(const char *language, gpointer user)
{
	(void)language;
	return user;
}

/* The shipped ones. */
static const char *shipped_template(const char *language, gpointer user)
{
	static char *texts[3];
	const char *const codes[] = {"kk", "ru", "en"};
	(void)user;
	for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
		if (strcmp(codes[i], language) != 0)
			continue;
		g_autofree char *name = g_strconcat(language, ".txt", NULL);
		g_autofree char *path = g_build_filename(LETTERS, name, NULL);
		if (texts[i] == NULL)
			g_assert_true(g_file_get_contents(path, &texts[i], NULL, NULL));
		return texts[i];
	}
	return NULL;
}

static GTimeZone *almaty(void)
{
	static GTimeZone *zone;
	if (zone == NULL)
		zone = g_time_zone_new_identifier("Asia/Almaty");
	return zone;
}

static LetterFacts some_facts(void)
{
	LetterFacts facts = {
		.organisation = "«Қазмедиа орталығы» басқарушы компаниясы» ЖШС",
		.mailbox = "senim@kmo.kz",
		.post = "комплаенс жөніндегі жауапты қызметкер",
		.escalation_address = "chair@kmo.kz",
		.to = "reporter@example.org",
		.in_reply_to = "<report.1@example.org>",
		.message_id = "<0123456789abcdef@senim.kmo.kz>",
		.number = "2026/17",
		.language = "kk",
		.received = G_GINT64_CONSTANT(1795268520) * G_USEC_PER_SEC, /* 2026-11-21 18:42 in Almaty */
		.official_differs = TRUE,
		.term_working_days = 15,
		.code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		.date = G_GINT64_CONSTANT(1795269120) * G_USEC_PER_SEC,
		.zone = almaty(),
	};
	g_date_set_dmy(&facts.official, 23, G_DATE_NOVEMBER, 2026);
	return facts;
}

/* Header and decoded body of a composed letter; every line checked against RFC 5322 2.1.1 and RFC 2045 6.8. */
static char *take_apart(const char *letter, gsize size, char **body)
{
	g_assert_cmpuint(strlen(letter), ==, size);
	const char *end = strstr(letter, "\r\n\r\n");
	g_assert_nonnull(end);
	g_auto(GStrv) lines = g_strsplit(letter, "\r\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_assert_cmpuint(strlen(lines[i]), <=, 78);
		for (const char *p = lines[i]; *p != '\0'; p++)
			g_assert_true(*p >= 0x20 && *p < 0x7f);
	}
	gsize length;
	g_autofree guchar *text = g_base64_decode(end + 4, &length);
	*body = g_strndup((const char *)text, length);
	g_assert_cmpuint(strlen(*body), ==, length);
	g_assert_true(g_utf8_validate(*body, -1, NULL));
	g_assert_true(g_str_has_suffix(*body, "\r\n"));
	return g_strndup(letter, (gsize)(end + 2 - letter));
}

static char *compose(const LetterFacts *facts, char **body)
{
	g_autoptr(GError) error = NULL;
	gsize size;
	g_autofree char *letter = letter_compose(facts, shipped_template, NULL, &size, &error);
	g_assert_no_error(error);
	return take_apart(letter, size, body);
}

/* The text with its line breaks taken back, as the template's paragraphs have it. */
static char *unwrapped(const char *body)
{
	g_auto(GStrv) paragraphs = g_strsplit(body, "\r\n\r\n", -1);
	for (guint i = 0; paragraphs[i] != NULL; i++) {
		g_auto(GStrv) lines = g_strsplit(paragraphs[i], "\r\n", -1);
		g_free(paragraphs[i]);
		paragraphs[i] = g_strjoinv(" ", lines);
	}
	return g_strjoinv("\n", paragraphs);
}

static void the_header_is_that_of_an_automatic_answer(void)
{
	LetterFacts facts = some_facts();
	facts.language = "en";
	g_autofree char *body = NULL;
	g_autofree char *header = compose(&facts, &body);
	g_assert_cmpstr(header, ==,
	                "Date: Sat, 21 Nov 2026 18:52:00 +0500\r\n"
	                "From: <senim@kmo.kz>\r\n"
	                "To: <reporter@example.org>\r\n"
	                "Subject: Automatic reply: your letter has arrived\r\n"
	                "Message-ID: <0123456789abcdef@senim.kmo.kz>\r\n"
	                "In-Reply-To: <report.1@example.org>\r\n"
	                "References: <report.1@example.org>\r\n"
	                "Auto-Submitted: auto-replied\r\n"
	                "Content-Language: en\r\n"
	                "MIME-Version: 1.0\r\n"
	                "Content-Type: text/plain; charset=utf-8\r\n"
	                "Content-Transfer-Encoding: base64\r\n");
}

static void a_notice_is_the_same_whatever_the_case(void)
{
	LetterFacts one = some_facts(), other = some_facts();
	gsize size, other_size;
	g_autoptr(GError) error = NULL;
	other.number = "2026/X-99999";
	other.organisation = "another";
	other.language = "-";
	other.code = NULL;
	other.in_reply_to = NULL;
	g_autofree char *first = letter_compose_notice(&one, &size, &error), *second = letter_compose_notice(&other, &other_size, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(first, size, second, other_size);
	g_assert_nonnull(strstr(first, "Auto-Submitted: auto-generated\r\n"));
	g_assert_null(strstr(first, "In-Reply-To"));
	other.counts = "0 0";
	one.counts = "999 17";
	g_autofree char *none = letter_compose_notice(&other, &other_size, &error), *many = letter_compose_notice(&one, &size, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(size, ==, other_size);
	g_assert_cmpstr(none, !=, many);
	g_autofree char *sentence = g_base64_encode((const guchar *)"Сенім экранын ашыңыз", strlen("Сенім экранын ашыңыз") / 3 * 3);
	g_assert_nonnull(strstr(strstr(first, "\r\n\r\n"), sentence));
}

static void an_alarm_says_two_words_and_what_they_mean(void)
{
	LetterFacts facts = some_facts();
	gsize size;
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < ALARMS; i++)
		for (guint k = 0; k < ALARM_STATES; k++) {
			g_autofree char *letter = letter_compose_alarm(&facts, alarm_word((Alarm)i), alarm_state_word((AlarmState)k), &size, &error);
			g_assert_no_error(error);
			g_autofree char *subject = g_strdup_printf("Subject: senim: %s %s\r\n", alarm_word((Alarm)i), alarm_state_word((AlarmState)k));
			g_assert_nonnull(strstr(letter, subject));
			g_assert_nonnull(strstr(letter, "Auto-Submitted: auto-generated\r\n"));
			g_assert_null(strstr(letter, facts.number));
		}
	g_assert_null(letter_compose_alarm(&facts, "2026/17", "begins", &size, &error));
	g_assert_nonnull(error);
}

static void a_prolonged_term_is_told_in_the_reporters_language(void)
{
	static const struct {
		const char *language, *word, *codes;
	} rows[] = {{"kk", "ұзартылғанын", "Content-Language: kk\r\n"}, {"ru", "продлён", "Content-Language: ru\r\n"},
	            {"en", "last day", "Content-Language: en\r\n"}, {"-", "продлён", "Content-Language: kk, ru\r\n"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		LetterFacts facts = some_facts();
		gsize size;
		g_autoptr(GError) error = NULL;
		facts.language = rows[i].language;
		g_date_clear(&facts.until, 1);
		g_assert_null(letter_prolonged_text(&facts, NULL));
		g_date_set_dmy(&facts.until, 5, G_DATE_JANUARY, 2027);
		g_autofree char *text = letter_prolonged_text(&facts, &error);
		g_assert_no_error(error);
		g_assert_nonnull(strstr(text, "05.01.2027"));
		g_assert_nonnull(strstr(text, facts.number));
		g_assert_nonnull(strstr(text, rows[i].word));
		g_assert_null(strchr(text, '{'));
		g_autofree char *letter = letter_compose_prolonged(&facts, &size, &error);
		g_assert_no_error(error);
		g_assert_nonnull(strstr(letter, rows[i].codes));
		g_assert_nonnull(strstr(letter, "Auto-Submitted: auto-generated\r\n"));
	}
}

/* Words of two and four characters behind one of one to eight: lines of every length around the limit. */
static void no_line_is_longer_than_it_may_be(void)
{
	for (guint words = 8; words < 480; words++) {
		g_autoptr(GString) text = g_string_new(NULL);
		for (guint i = 0; i <= words % 8; i++)
			g_string_append(text, "ә");
		for (guint i = 1; i < words / 8; i++)
			g_string_append(text, i % 2 == 0 ? " өтік" : " ab");
		g_autofree char *wrapped = letter_text_wrap(text->str, 76);
		g_auto(GStrv) lines = g_strsplit(wrapped, "\r\n", -1);
		for (guint i = 0; lines[i] != NULL; i++)
			g_assert_cmpint(g_utf8_strlen(lines[i], -1), <=, 76);
		g_autofree char *joined = g_strjoinv(" ", lines);
		g_assert_cmpstr(g_strchomp(joined), ==, text->str);
	}
}

static void a_number_stays_with_its_sign(void)
{
	g_autofree char *russian = letter_text_wrap("письмо под № 2026/17", 12), *english = letter_text_wrap("registered as No. 2026/17", 18);
	g_assert_cmpstr(russian, ==, "письмо под\r\n№ 2026/17\r\n");
	g_assert_cmpstr(english, ==, "registered as\r\nNo. 2026/17\r\n");
}

static void an_officers_entity_stands_behind_our_header(void)
{
	static const char entity[] = "Content-Type: text/plain\r\n\r\nkit\r\n";
	LetterFacts facts = some_facts();
	gsize size;
	g_autoptr(GError) error = NULL;
	facts.subject = "official";
	facts.in_reply_to = NULL;
	g_autofree char *letter = letter_compose_entity(&facts, entity, strlen(entity), &size, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(strlen(letter), ==, size);
	g_assert_true(g_str_has_suffix(letter, entity));
	g_assert_nonnull(strstr(letter, "\r\nTo: <reporter@example.org>\r\n"));
	g_assert_nonnull(strstr(letter, "\r\nMessage-ID: <0123456789abcdef@senim.kmo.kz>\r\n"));
	g_assert_null(strstr(letter, "Auto-Submitted")); /* a person sends it */
	g_assert_null(strstr(letter, "In-Reply-To"));
	g_assert_null(strstr(letter, "2026/17"));
	facts.to = "a@b.kz>\r\nBcc: <x@y.kz";
	g_assert_null(letter_compose_entity(&facts, entity, strlen(entity), &size, &error));
	g_assert_error(error, LETTER_ERROR, 0);
}

static void an_officers_answer_stands_in_the_thread_and_in_the_reporters_language(void)
{
	static const char entity[] = "Content-Type: text/plain\r\n\r\nanswer\r\n";
	static const struct {
		const char *language, *codes, *subject;
	} rows[] = {{"kk", "kk", "Хатыңызға жауап"}, {"ru", "ru", "Ответ на Ваше письмо"}, {"en", "en", "Answer to your letter"},
	            {"-", "kk, ru", "Хатыңызға жауап"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		LetterFacts facts = some_facts();
		gsize size;
		facts.language = rows[i].language;
		facts.subject = "answer";
		g_autofree char *letter = letter_compose_entity(&facts, entity, strlen(entity), &size, NULL);
		g_autofree char *language = g_strdup_printf("\r\nContent-Language: %s\r\n", rows[i].codes);
		g_autofree char *word = g_base64_encode((const guchar *)rows[i].subject, strlen(rows[i].subject));
		g_autofree char *subject = g_str_is_ascii(rows[i].subject) ? g_strdup_printf("\r\nSubject: %s\r\n", rows[i].subject)
		                                                           : g_strdup_printf("\r\nSubject: =?utf-8?B?%s?=\r\n", word);
		g_assert_nonnull(strstr(letter, "\r\nIn-Reply-To: <report.1@example.org>\r\nReferences: <report.1@example.org>\r\n"));
		g_assert_nonnull(strstr(letter, language));
		g_assert_nonnull(strstr(letter, subject));
		g_assert_null(strstr(letter, "Auto-Submitted"));
	}
	LetterFacts other = some_facts();
	gsize size;
	g_autoptr(GError) error = NULL;
	other.subject = "anything";
	g_assert_null(letter_compose_entity(&other, entity, strlen(entity), &size, &error));
	g_assert_error(error, LETTER_ERROR, 0);
}

static void the_kazakh_letter_is_the_one_that_was_asked_for(void)
{
	LetterFacts facts = some_facts();
	g_autofree char *body = NULL;
	g_autofree char *header = compose(&facts, &body);
	g_autofree char *text = unwrapped(body);
	static const char *const sentences[] = {
		"Сәлеметсіз бе! Бұл – автоматты хабарлама. «Қазмедиа орталығы» басқарушы компаниясы» ЖШС сенім жәшігіне жолдаған "
		"хатыңыз 2026 жылғы 21 қарашада сағат 18:42 келіп түсті, № 2026/17 болып тіркелді, жұмыс уақытынан тыс "
		"түскендіктен 2026 жылғы 23 қарашада келіп түсті деп есептеледі.",
		"Оны комплаенс жөніндегі жауапты қызметкер қарайды; қарау мерзімі – 15 жұмыс күні. Жауап өзіңіз хатта көрсеткен "
		"мекенжайға жіберіледі, онымен өзіңіз келіп те таныса аласыз. Атыңызды атамауға құқығыңыз бар. Дөрекі сөз, жала немесе "
		"қатер қамтылған хатқа мәні бойынша жауап берілмейді.",
		"Жауапты қызметкердің өзіне қатысты хабарды жоғары тұрған басшылықтың chair@kmo.kz мекенжайына жіберіңіз. "
		"Толықтыру үшін осы хатқа жауап беріңіз.",
		"Құпиялылыққа кепілдік беріледі; хат жазғаныңызды ешкімге айтпауыңызды және жұмыс компьютерін пайдаланбауыңызды "
		"сұраймыз.",
		"Хатыңыздың мәтіні қауіпсіздік үшін қайталанбайды.",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"Хабарласқаныңызға рахмет!",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++)
		if (strstr(text, sentences[i]) == NULL)
			g_error("the letter lacks: %s\n%s", sentences[i], text);
	g_assert_nonnull(strstr(header, "Subject: =?utf-8?B?"));
}

static void each_language_says_the_same(void)
{
	static const char *const codes[] = {"kk", "ru", "en"};
	static const char *const with[] = {"Қазмедиа", "2026/17", "18:42", "23", "15", "chair@kmo.kz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	                                   "комплаенс"};
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
		LetterFacts facts = some_facts();
		facts.language = codes[i];
		g_autofree char *body = NULL, *bare = NULL;
		g_autofree char *header = compose(&facts, &body);
		for (gsize j = 0; j < G_N_ELEMENTS(with); j++)
			g_assert_nonnull(strstr(body, with[j]));
		g_auto(GStrv) paragraphs = g_strsplit(body, "\r\n\r\n", -1);
		g_assert_cmpuint(g_strv_length(paragraphs), ==, 6);
		facts.official_differs = FALSE;
		facts.escalation_address = facts.code = facts.in_reply_to = NULL;
		facts.post = "";
		g_autofree char *bare_header = compose(&facts, &bare);
		g_assert_null(strstr(bare, "23"));
		g_assert_null(strstr(bare, "chair"));
		g_assert_null(strchr(bare, '{'));
		g_assert_null(strchr(bare, '}'));
		g_assert_null(strstr(bare_header, "In-Reply-To"));
		g_assert_null(strstr(bare_header, "References"));
		g_auto(GStrv) fewer = g_strsplit(bare, "\r\n\r\n", -1);
		g_assert_cmpuint(g_strv_length(fewer), ==, 5);
	}
}

static void where_the_language_is_unclear_kazakh_comes_first_and_russian_after_it(void)
{
	LetterFacts facts = some_facts();
	facts.language = "-";
	g_autofree char *body = NULL;
	g_autofree char *header = compose(&facts, &body);
	const char *kazakh = strstr(body, "Сәлеметсіз бе!"), *russian = strstr(body, "Здравствуйте!");
	g_assert_true(kazakh == body && russian > kazakh);
	g_assert_null(strstr(body, "Hello!"));
	g_assert_nonnull(strstr(header, "Content-Language: kk, ru\r\n"));
}

static void a_month_stands_in_its_case(void)
{
	static const struct {
		const char *language, *date;
	} rows[] = {{"kk", "2026 жылғы 5 шілдеде сағат 00:07"}, {"ru", "5 июля 2026 года в 00:07"}, {"en", "5 July 2026 at 00:07"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		LetterFacts facts = some_facts();
		g_autoptr(GDateTime) when = g_date_time_new(almaty(), 2026, 7, 5, 0, 7, 59);
		facts.received = g_date_time_to_unix(when) * G_USEC_PER_SEC;
		facts.language = rows[i].language;
		g_autofree char *body = NULL;
		g_autofree char *header = compose(&facts, &body);
		g_autofree char *text = unwrapped(body);
		g_assert_nonnull(strstr(text, rows[i].date));
	}
}

static void an_own_domain_gets_the_number_and_nothing_else(void)
{
	LetterFacts facts = some_facts();
	facts.minimal = TRUE;
	gsize size;
	g_autoptr(GError) error = NULL;
	g_autofree char *letter = letter_compose(&facts, no_template, NULL, &size, &error);
	g_assert_no_error(error);
	g_autofree char *body = NULL;
	g_autofree char *header = take_apart(letter, size, &body);
	g_assert_cmpstr(body, ==, "Хат тіркелді, № 2026/17.\r\n");
}

/* What a lock screen shows is read over a shoulder. */
static void no_subject_says_what_the_mailbox_is_for(void)
{
	static const char *const codes[] = {"kk", "ru", "en"};
	static const char *const words[] = {"жемқорлық", "шағым", "сенім", "коррупц", "жалоб", "довери", "corrupt", "complain",
	                                    "whistle", "trust", "report"};
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
		const char *template = shipped_template(codes[i], NULL);
		const char *line = strstr(template, "\nSubject:");
		g_assert_nonnull(line);
		g_autofree char *subject = g_strndup(line + 1, strcspn(line + 1, "\n"));
		g_autofree char *lower = g_utf8_strdown(subject, -1);
		for (gsize j = 0; j < G_N_ELEMENTS(words); j++)
			g_assert_null(strstr(lower, words[j]));
	}
}

static void a_long_subject_is_encoded_without_cutting_a_character(void)
{
	LetterFacts facts = some_facts();
	g_autofree char *template =
		g_strdup("Subject: Қысқа емес, өте ұзын тақырып: әрбір сөзі кириллицамен жазылған, ал жолы бір емес\n\n{number}");
	gsize size;
	g_autoptr(GError) error = NULL;
	g_autofree char *letter = letter_compose(&facts, given_template, template, &size, &error);
	g_assert_no_error(error);
	g_autofree char *body = NULL;
	g_autofree char *header = take_apart(letter, size, &body);
	g_autoptr(GString) decoded = g_string_new(NULL);
	guint words = 0;
	for (const char *p = header; (p = strstr(p, "=?utf-8?B?")) != NULL; words++) {
		p += 10;
		g_autofree char *word = g_strndup(p, (gsize)(strstr(p, "?=") - p));
		gsize length;
		g_autofree guchar *octets = g_base64_decode(word, &length);
		g_assert_true(g_utf8_validate((const char *)octets, (gssize)length, NULL));
		g_string_append_len(decoded, (const char *)octets, (gssize)length);
	}
	g_assert_cmpuint(words, >, 1);
	g_autofree char *line = g_strndup(template, strcspn(template, "\n"));
	g_assert_cmpstr(decoded->str, ==, line + strlen("Subject: "));
}

static void a_stranger_cannot_write_into_the_header(void)
{
	g_autofree char *endless = g_strnfill(2000, 'a');
	g_autofree char *long_id = g_strdup_printf("<%s@example.org>", endless);
	const char *ids[] = {"-", "", "<>", "<@>", "<a@>", "<@b>", "a@b.c", "<a@b.c", "<a@b.c> <d@e.f>", "<a@b>\r\nBcc: x@y.z",
	                     "<a@b\r\nBcc: x@y.z>", "<a@b\nX: y>", "<a b@c>", "<a\tb@c>", "<\x01@c>", "<a@b\x7f>", "<қ@b.c>", "<<a@b>>",
	                     long_id};
	for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
		LetterFacts facts = some_facts();
		facts.in_reply_to = ids[i];
		g_autofree char *body = NULL;
		g_autofree char *header = compose(&facts, &body);
		g_assert_null(strstr(header, "In-Reply-To"));
		g_assert_null(strstr(header, "Bcc"));
	}
	const char *addresses[] = {"", "a", "a@b\r\nBcc: x@y.z", "a@b.c, d@e.f", "\"a\"@b.c", "a@b.c>", "қ@b.c", "a@b.c\n", endless};
	for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
		LetterFacts facts = some_facts();
		facts.to = addresses[i];
		gsize size;
		g_autoptr(GError) error = NULL;
		g_assert_null(letter_compose(&facts, shipped_template, NULL, &size, &error));
		g_assert_error(error, LETTER_ERROR, 0);
	}
}

static void a_message_id_stands_on_its_fields_first_line(void)
{
	LetterFacts facts = some_facts();
	facts.in_reply_to = "<CAPnrWwtR0uXBkTIrHrE0sdkfjhsdkfjh3847hskdjfhQxMLIwEvkLzoQ1wtyuiop@mail.example.org>";
	facts.to = "0123456789012345678901234567890123456789012345678901234567890@example.org";
	gsize size;
	g_autofree char *letter = letter_compose(&facts, shipped_template, NULL, &size, NULL);
	g_assert_nonnull(strstr(letter, "In-Reply-To: <CAPnr"));
	g_assert_nonnull(strstr(letter, "\r\nTo: <0123"));
}

static void bad_facts_of_our_own_make_no_letter(void)
{
	for (int i = 0; i < 7; i++) {
		LetterFacts facts = some_facts();
		switch (i) {
		case 0: facts.message_id = "no brackets"; break;
		case 1: facts.organisation = "a\r\nb"; break;
		case 2: facts.number = ""; break;
		case 3: facts.language = "de"; break;
		case 4: facts.mailbox = "senim"; break;
		case 5: facts.date = G_MAXINT64; break;
		default: facts.received = G_MAXINT64; break;
		}
		gsize size;
		g_autoptr(GError) error = NULL;
		g_assert_null(letter_compose(&facts, shipped_template, NULL, &size, &error));
		g_assert_error(error, LETTER_ERROR, 0);
	}
	LetterFacts facts = some_facts();
	gsize size;
	g_assert_null(letter_compose(&facts, no_template, NULL, &size, NULL));
}

static void the_same_facts_make_the_same_octets(void)
{
	LetterFacts facts = some_facts();
	gsize size, again_size;
	g_autofree char *letter = letter_compose(&facts, shipped_template, NULL, &size, NULL);
	g_autofree char *again = letter_compose(&facts, shipped_template, NULL, &again_size, NULL);
	g_assert_cmpmem(letter, size, again, again_size);
}

/* --- templates ------------------------------------------------------------------------ */

static void the_shipped_templates_are_good(void)
{
	const char *codes[] = {"kk", "ru", "en"};
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
		g_autoptr(GError) error = NULL;
		letter_check_template(shipped_template(codes[i], NULL), &error);
		g_assert_no_error(error);
	}
}

static void a_bad_template_is_named_by_its_line(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"{number}\n{nummer}", "line 2: there is no placeholder {nummer}: it takes organisation, "},
		{"# {x}\n\n{number} {", "line 3: there is no placeholder {}"},
		{"{number} {Date}", "line 1: there is no placeholder {}"},
		{"{number", "line 1: {number is not followed by }"},
		{"{number}{?code}", "line 1: {code is not followed by :"},
		{"{number}\n{?code:x", "line 2: a { is never closed"},
		{"{number}\n\n}", "line 3: a } closes nothing"},
		{"no number", "line 1: the letter never says {number}"},
		{"{?code:{number}}", "line 1: the letter never says {number}"},
		{"{number}\x01", "line 1: there is a control character"},
		{"{number}\xff", "line 1: the text is not UTF-8"},
		{"# x\nSubject: {number}\n{number}", "line 2: the subject takes plain text"},
		{"Subject: a\tb\n{number}", "line 1: the subject takes plain text"},
		{"Subject:\n{number}", "line 1: the subject takes 1 to"},
		{"{number}{?code:{?code:{?code:{?code:{?code:{?code:{?code:{?code:{?code:x}}}}}}}}}", "line 1: groups lie more than"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(letter_check_template(rows[i].text, &error));
		g_assert_error(error, LETTER_ERROR, 0);
		if (strstr(error->message, rows[i].message) == NULL)
			g_error("\"%s\" is not \"%s\"", error->message, rows[i].message);
	}
}

static void groups_stand_where_there_is_a_value_or_where_there_is_none(void)
{
	static const struct {
		const char *template, *body;
	} rows[] = {
		{"\xef\xbb\xbf# remark\r\nSubject: x\r\n\r\n{number}\r\n", "2026/17\r\n"},
		{"{number}{?code: {code}}{!code: none}", "2026/17 ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n"},
		{"{number}{?post:p{?code:c{!official:n}}}{!post:x{code}}", "2026/17pc\r\n"},
		{"\n\n a \n# out\n{number}\n\n", "a\r\n2026/17\r\n"},
		{"{number}\nSubject: not the first line", "2026/17\r\nSubject: not the first line\r\n"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		LetterFacts facts = some_facts();
		gsize size;
		g_autoptr(GError) error = NULL;
		g_autofree char *letter = letter_compose(&facts, given_template, (gpointer)rows[i].template, &size, &error);
		g_assert_no_error(error);
		g_autofree char *body = NULL;
		g_autofree char *header = take_apart(letter, size, &body);
		g_assert_cmpstr(body, ==, rows[i].body);
	}
}

static void a_value_is_no_template(void)
{
	LetterFacts facts = some_facts();
	facts.organisation = "{number} # {?code:x";
	gsize size;
	g_autofree char *letter = letter_compose(&facts, given_template, (gpointer) "{number}\n{organisation}", &size, NULL);
	g_autofree char *body = NULL;
	g_autofree char *header = take_apart(letter, size, &body);
	g_assert_cmpstr(body, ==, "2026/17\r\n{number} # {?code:x\r\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/letter/the sender decides first", the_sender_decides_first);
	g_test_add_func("/letter/a machine gets no letter", a_machine_gets_no_letter);
	g_test_add_func("/letter/what is no first letter of a person is withheld", what_is_no_first_letter_of_a_person_is_withheld);
	g_test_add_func("/letter/a prolonged term is told in the reporter's language", a_prolonged_term_is_told_in_the_reporters_language);
	g_test_add_func("/letter/the verdict changes nothing", the_verdict_changes_nothing);
	g_test_add_func("/letter/the settings decide last", the_settings_decide_last);
	g_test_add_func("/letter/the letter is in a language that is offered", the_letter_is_in_a_language_that_is_offered);
	g_test_add_func("/letter/a report about an officer goes to a mailbox that she does not read",
	                a_report_about_an_officer_goes_to_a_mailbox_that_she_does_not_read);
	g_test_add_func("/letter/the delay covers its range and nothing else", the_delay_covers_its_range_and_nothing_else);
	g_test_add_func("/letter/the header is that of an automatic answer", the_header_is_that_of_an_automatic_answer);
	g_test_add_func("/letter/a notice is the same whatever the case", a_notice_is_the_same_whatever_the_case);
	g_test_add_func("/letter/an alarm says two words and what they mean", an_alarm_says_two_words_and_what_they_mean);
	g_test_add_func("/letter/no line is longer than it may be", no_line_is_longer_than_it_may_be);
	g_test_add_func("/letter/a number stays with its sign", a_number_stays_with_its_sign);
	g_test_add_func("/letter/an officer's entity stands behind our header", an_officers_entity_stands_behind_our_header);
	g_test_add_func("/letter/an officer's answer stands in the thread and in the reporter's language",
	                an_officers_answer_stands_in_the_thread_and_in_the_reporters_language);
	g_test_add_func("/letter/the Kazakh letter is the one that was asked for", the_kazakh_letter_is_the_one_that_was_asked_for);
	g_test_add_func("/letter/each language says the same", each_language_says_the_same);
	g_test_add_func("/letter/where the language is unclear Kazakh comes first and Russian after it",
	                where_the_language_is_unclear_kazakh_comes_first_and_russian_after_it);
	g_test_add_func("/letter/a month stands in its case", a_month_stands_in_its_case);
	g_test_add_func("/letter/an own domain gets the number and nothing else", an_own_domain_gets_the_number_and_nothing_else);
	g_test_add_func("/letter/no subject says what the mailbox is for", no_subject_says_what_the_mailbox_is_for);
	g_test_add_func("/letter/a long subject is encoded without cutting a character",
	                a_long_subject_is_encoded_without_cutting_a_character);
	g_test_add_func("/letter/a stranger cannot write into the header", a_stranger_cannot_write_into_the_header);
	g_test_add_func("/letter/a Message-ID stands on its field's first line", a_message_id_stands_on_its_fields_first_line);
	g_test_add_func("/letter/bad facts of our own make no letter", bad_facts_of_our_own_make_no_letter);
	g_test_add_func("/letter/the same facts make the same octets", the_same_facts_make_the_same_octets);
	g_test_add_func("/template/the shipped templates are good", the_shipped_templates_are_good);
	g_test_add_func("/template/a bad template is named by its line", a_bad_template_is_named_by_its_line);
	g_test_add_func("/template/groups stand where there is a value or where there is none",
	                groups_stand_where_there_is_a_value_or_where_there_is_none);
	g_test_add_func("/template/a value is no template", a_value_is_no_template);
	return g_test_run();
}
