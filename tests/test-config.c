/* SPDX-License-Identifier: ISC */
/* The configuration: every key good and bad, what keys make of each other, and that the table is whole. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"

#define MINIMAL                                                                                                              \
	"[mailbox senim@kmo.kz]\nofficers = aigul\n[officer aigul]\npublic = /etc/senim/officers/aigul.pub\n"

static Config *load(const char *text, GError **error)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("test-config-XXXXXX", &path, NULL);
	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	Config *config = config_load(path, error);
	g_unlink(path);
	return config;
}

/* What the file says is refused, and the message says each of the words (ended by NULL). */
static void assert_refused(const char *text, ...)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = load(text, &error);
	if (config != NULL)
		g_error("this was taken: %s", text);
	g_assert_error(error, CONFIG_ERROR, 0);
	g_assert_nonnull(strstr(error->message, "test-config-"));
	g_assert_null(strchr(error->message, '\n'));
	va_list words;
	va_start(words, text);
	for (const char *word; (word = va_arg(words, const char *)) != NULL;)
		if (strstr(error->message, word) == NULL)
			g_error("\"%s\" does not say \"%s\"", error->message, word);
	va_end(words);
}

static void the_example_of_the_design_is_read_whole(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = load("[senim]\n"
	                                "organisation = «Қазмедиа орталығы» басқарушы компаниясы» ЖШС\n"
	                                "timezone = Asia/Almaty\nown-domains = kmo.kz\nstate-directory = /var/lib/senim\n"
	                                "run-directory = /run/senim\nmilter-socket = unix:/run/senim/milter.sock\n"
	                                "recipient-delimiter = +\nsubmit = /usr/sbin/sendmail -G -i\n"
	                                "custody-key = credential:senim-custody\nmax-message-size = 50 MiB\ncage = required\n"
	                                "recovery = safe\n\n"
	                                "[mailbox senim@KMO.kz]\nalso = ethics@kmo.kz; @mx.kmo.kz\nofficers = aigul; deputy\n"
	                                "escalation = chair\nregister-form = kmo\njournal = pen\nworking-hours = 09:00-18:00\n"
	                                "calendar = /etc/senim/calendar/kz.ics\nterm-working-days = 15\nlanguages = kk; ru; en\n"
	                                "telephone-system = voicemail@pbx.kmo.kz\nkeep-client = no\nacknowledge = always\n"
	                                "acknowledge-own-domains = never\nacknowledge-delay = 2-15 min\n"
	                                "acknowledge-per-address = 3/day; 10/week\nacknowledge-per-hour = 60\n"
	                                "redirect = confirm\nerasure = never\nidle-block-days = 60\n\n"
	                                "[officer aigul]\npublic = /etc/senim/officers/aigul.pub\n"
	                                "names = Айгүл Серікова; Серикова А.\n"
	                                "post = комплаенс жөніндегі жауапты қызметкер\n"
	                                "[officer deputy]\npublic = /a\n[officer chair]\npublic = /b\n[recovery safe]\npublic = /c\n",
	                                &error);
	g_assert_no_error(error);
	g_assert_cmpstr(config->organisation, ==, "«Қазмедиа орталығы» басқарушы компаниясы» ЖШС");
	g_assert_cmpuint(config->max_message_size, ==, 50u << 20);
	g_assert_true(config->cage_required);
	g_assert_cmpstr(config->own_domains[0], ==, "kmo.kz");
	g_assert_null(config->own_domains[1]);
	g_assert_cmpuint(config->n_mailboxes, ==, 1);
	const ConfigMailbox *mailbox = config_mailbox(config, "SENIM@kmo.kz");
	g_assert_nonnull(mailbox);
	g_assert_cmpstr(mailbox->address, ==, "senim@kmo.kz");
	g_assert_cmpstr(mailbox->also[1], ==, "@mx.kmo.kz");
	g_assert_cmpstr(mailbox->officers[1], ==, "deputy");
	g_assert_cmpuint(mailbox->opens, ==, 540);
	g_assert_cmpuint(mailbox->closes, ==, 1080);
	g_assert_cmpuint(mailbox->delay_min, ==, 120);
	g_assert_cmpuint(mailbox->delay_max, ==, 900);
	g_assert_cmpuint(mailbox->per_address_day, ==, 3);
	g_assert_cmpuint(mailbox->per_address_week, ==, 10);
	g_assert_false(mailbox->keep_client);
	g_assert_cmpstr(config_officer(config, "aigul")->names[1], ==, "Серикова А.");
	g_assert_null(config_officer(config, "safe"));
	g_assert_cmpstr(config->recoveries[0].public, ==, "/c");
}

static void a_mailbox_and_an_officer_are_enough(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = load(MINIMAL "[mailbox ombudsman@ales.kz]\nofficers = aigul\nregister-form = ales\n", &error);
	g_assert_no_error(error);
	g_assert_cmpstr(config->organisation, ==, "kmo.kz, ales.kz");
	g_assert_cmpstr(config->own_domains[1], ==, "ales.kz");
	g_assert_cmpstr(config->milter_socket, ==, "unix:/run/senim/milter.sock");
	g_assert_cmpstr(config->timezone_name, ==, "Asia/Almaty");
	g_assert_cmpint(g_time_zone_get_offset(config->timezone, 0), !=, 0);
	g_assert_cmpuint(config->workers, ==, 4);
	g_assert_cmpuint(config->max_connections, ==, 500);
	g_assert_true(g_str_has_suffix(config->examiner, "/senim/senim-examine"));
	g_assert_true(g_str_has_suffix(config->templates, "/senim/letters"));
	g_assert_cmpuint(g_strv_length(config->mailboxes[0].languages), ==, 3);
	g_assert_cmpuint(g_strv_length(config->mailboxes[0].escalation), ==, 0);
	g_assert_false(config->mailboxes[0].journal_printed);
	g_assert_true(config->mailboxes[1].journal_printed);
	g_assert_cmpstr(config->trusted_authserv_id, ==, "");
}

/* For every key of the table: values it takes, and values it refuses. */
#define RECIPIENT "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"
#define WITNESS_END "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define WITNESS "B" WITNESS_END
#define FINGERPRINT "0123456789ABCDEF0123456789ABCDEF01234567"

static const struct {
	const char *section, *key;
	const char *good[6], *bad[14];
} rows[] = {
	{"senim", "organisation", {"x", "«a» \"b\" ; c"}, {"", "x # remark", "a\nb"}},
	{"senim", "timezone", {"UTC", "Asia/Qyzylorda"}, {"", "Almaty", "+05", "/etc/localtime", ":UTC", "Asia/Almaty # x"}},
	{"senim", "own-domains", {"kmo.kz", "kmo.kz; b.kz;", "қмо.қаз"}, {"", ";", "a;;b", "@kmo.kz", "a b", "-a.kz", "a..kz", "kmo.kz; KMO.kz"}},
	{"senim", "state-directory", {"/s"}, {"", "/", "s", "./s", "/ # x"}},
	{"senim", "run-directory", {"/r"}, {"", "r", "/012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345"}},
	{"senim", "milter-socket", {"unix:/m", "inet:8890@127.0.0.1", "inet6:8890@::1", "inet:1@localhost", "fd:3"},
	 {"", "/m", "unix:m", "inet:8890", "inet:8890@0.0.0.0", "inet:0@127.0.0.1", "inet:65536@127.0.0.1", "inet:08@127.0.0.1", "fd:2", "fd:",
	  "unix:/01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"}},
	{"senim", "recipient-delimiter", {"", "+", "+-"}, {"@", "a", "\"", "+ ", "<"}},
	{"senim", "reply-detail", {""}, {"@", "a", "+-+-+-+-+"}},
	{"senim", "submit", {"/usr/sbin/sendmail -G -i", "smtp://127.0.0.1:10026", "smtp://[::1]:25", "smtp://localhost:587"},
	 {"", "sendmail -i", "/x 'y", "smtp:127.0.0.1:25", "smtp://127.0.0.1", "smtp://:25", "smtp://127.0.0.1:0", "smtp://127.0.0.1:x", "smtp://127.0.0.1:65536", "smtp://::1:25", "smtp://mail.kmo.kz:25", "smtps://127.0.0.1:25"}},
	{"senim", "custody-key", {"ask", "credential:senim-custody", "file:/k"}, {"", "credential:", "credential:a/b", "file:k", "Ask", "/k"}},
	{"senim", "archive-directory", {"", "/mnt/archive"}, {"mnt/archive", "../archive"}},
	{"senim", "alarm", {"", "mail:root@kmo.kz", "mail:root@kmo.kz; command:/usr/local/sbin/page"}, {"root@kmo.kz", "mail:root", "command:page", "mail:", "command:", "/usr/bin/page", "mail:a@b.kz; mail:a@b.kz"}},
	{"senim", "max-message-size", {"64 KiB", "50 MiB", "50MiB", "2 GiB"}, {"", "50", "50 MB", "-1 MiB", "63 KiB", "3 GiB", "1.5 MiB", "050 MiB", "50 MiB # x"}},
	{"senim", "disk-reserve", {"1 KiB", "32 MiB", "1024 GiB"}, {"", "0", "0 KiB", "32", "32 MB", "1025 GiB"}},
	{"senim", "cage", {"required", "off"}, {"", "on", "no", "Required", "required # x"}},
	{"senim", "workers", {"1", "64"}, {"", "0", "65", "-1", "01", "4 ", "4x", "99999999999999999999"}},
	{"senim", "max-connections", {"1", "10000"}, {"0", "10001", ""}},
	{"senim", "trusted-authserv-id", {"", "mx.kmo.kz"}, {"a b", "a;b", "mx.kmo.kz # x"}},
	{"senim", "examiner", {"/e"}, {"", "e"}},
	{"senim", "rules", {"/r"}, {"", "r"}},
	{"senim", "templates", {"/t"}, {"", "t"}},
	{"senim", "categories", {"/c"}, {"", "c"}},
	{"senim", "grounds", {"/g"}, {"", "g"}},
	{"senim", "agreement", {"", "/a.txt"}, {"a.txt", "no"}},
	{"senim", "recovery", {"", "a; b", "a.b_c-1"}, {"A", "a/b", "..", ";", "a; a", "012345678901234567890123456789012"}},
	{"mailbox", "also", {"", "a@b.kz; @c.kz"}, {"a", "@", "a@", "@@b", "a b@c.kz", "\"a\"@b.kz", "a..b@c.kz", ".a@b.kz", "a@b.kz # x"}},
	{"mailbox", "officers", {"a", "a; b;"}, {"", "A", "a b", "a;;b", ";"}},
	{"mailbox", "deputies", {"", "a; b"}, {"A", "a,b"}},
	{"mailbox", "escalation", {"", "c"}, {"C", "a,b"}},
	{"mailbox", "supervisors", {"", "c"}, {"C", ";"}},
	{"mailbox", "register-form", {"kmo", "ales"}, {"", "KMO", "kmo # x"}},
	{"mailbox", "journal", {"pen", "printed"}, {"", "print"}},
	{"mailbox", "working-hours", {"09:00-18:00", "00:00-24:00"}, {"", "9:00-18:00", "09:00 - 18:00", "18:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-18:00", "09:00-18:00x", "09:00-"}},
	{"mailbox", "calendar", {"", "/c.ics"}, {"c.ics"}},
	{"mailbox", "term-working-days", {"1", "366"}, {"", "0", "367", "15 days"}},
	{"mailbox", "term-begins", {"next-day", "same-day"}, {"", "yes"}},
	{"mailbox", "forward-working-days", {"0", "3", "366"}, {"", "-1", "367"}},
	{"mailbox", "directive-terms", {"no", "yes"}, {"", "both"}},
	{"mailbox", "languages", {"kk", "ru; kk", "kk; ru; en;"}, {"", "de", "kk, ru", "kk; kk", "KK"}},
	{"mailbox", "telephone-system", {"", "v@pbx.kmo.kz"}, {"v", "v@", "v@pbx kz", "<v@pbx.kz>"}},
	{"mailbox", "telephone", {"", "8 (7172) 75-77-76"}, {"a\nb", "x # remark"}},
	{"mailbox", "keep-client", {"yes", "no"}, {"", "true", "1", "no # x"}},
	{"mailbox", "acknowledge", {"always", "authenticated", "never"}, {"", "no"}},
	{"mailbox", "acknowledge-own-domains", {"never", "minimal"}, {"", "always"}},
	{"mailbox", "acknowledge-delay", {"2-15 min", "0 min", "90 s", "1-2 h", "5min"}, {"", "15", "15-2 min", "2 - 15 min", "-1 min", "25 h", "2-15 minutes", "1.5 h", "99999999999 s"}},
	{"mailbox", "acknowledge-per-address", {"3/day; 10/week", "10/week;3/day", "0/day; 0/week"}, {"", "3/day", "3/day; 10/month", "3/day; 3/day", "3 / day; 1/week", "x/day; 1/week", "3/day, 10/week", "3/day; 10/week;"}},
	{"mailbox", "acknowledge-per-hour", {"0", "60", "100000"}, {"", "60/hour", "100001"}},
	{"mailbox", "redirect", {"confirm", "automatic"}, {"", "auto"}},
	{"mailbox", "urgent-notice", {"yes", "no"}, {"", "on"}},
	{"mailbox", "notice-hours", {"", "09:00", "09:00; 16:00;", "00:00; 23:59"}, {"9:00", "09:00-16:00", "24:00", "09:60", "09:00; 09:00", "09:00, 16:00", ";"}},
	{"mailbox", "notice", {"always", "when-needed"}, {"", "never"}},
	{"mailbox", "notice-counts", {"yes", "no"}, {"", "1"}},
	{"mailbox", "erasure", {"never", "two-persons"}, {"", "two persons"}},
	{"mailbox", "idle-block-days", {"1", "60"}, {"", "0", "3661"}},
	{"mailbox", "looks-per-day", {"0", "40", "100000"}, {"", "none", "-1", "100001", "40/day"}},
	{"mailbox", "looks-limit", {"tell", "hard"}, {"", "soft", "yes"}},
	{"mailbox", "trustees", {"", "board; union"}, {"A", "a,b", "a; a"}},
	{"mailbox", "checkpoint-hour", {"0", "7", "23"}, {"", "24", "07", "7:00"}},
	{"mailbox", "checkpoint-answers", {"", "marks@kmo.kz"}, {"marks", "a@b@c"}},
	{"officer", "public", {"/a.pub"}, {"", "a.pub"}},
	{"officer", "names", {"", "Айгүл Серікова; Серикова А."}, {"a;;b", "a; a", "a # remark"}},
	{"officer", "post", {"", "комплаенс"}, {"x # remark", "a\tb"}},
	{"officer", "mail", {"", "aigul@kmo.kz"}, {"aigul", "a@b@c"}},
	{"recovery", "public", {"/r.pub"}, {"", "r.pub"}},
	{"addressee", "kind", {"law-enforcement", "organisation", "department"}, {"", "police"}},
	{"addressee", "names", {"", "Мұрат Оспанов; Служба аудита"}, {"a\nb"}},
	{"addressee", "name-kk", {"Полиция департаменті"}, {"", "a\nb"}},
	{"addressee", "name-ru", {"Департамент полиции"}, {""}},
	{"addressee", "address", {"050000, Алматы"}, {""}},
	{"addressee", "by", {"paper", "mail"}, {"", "fax"}},
	{"addressee", "mail", {"", "a@b.kz"}, {"a", "a@b@c"}},
	{"addressee", "recipient", {"", RECIPIENT}, {"age1", RECIPIENT "q", "AGE" "1" RECIPIENT}},
	{"addressee", "openpgp", {"", "/k.asc"}, {"k.asc"}},
	{"addressee", "fingerprint", {"", FINGERPRINT, "0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567"},
	 {"01234567", FINGERPRINT "0", "g123456789ABCDEF0123456789ABCDEF01234567"}},
	{"addressee", "allow-cleartext", {"no", "yes"}, {"", "maybe"}},
	{"addressee", "valid-from", {"", "2025-07-14"}, {"2025-7-14", "2025-02-30", "14.07.2025", "2025-07-14x"}},
	{"person", "names", {"", "Ерлан Тоқтаров; Токтаров Е."}, {"a\nb"}},
	{"person", "post", {"", "жүйелік әкімші"}, {"a\nb"}},
	{"person", "withhold-from", {"", "aigul; deputy"}, {"a/b", "a; a"}},
	{"trustee", "mail", {"a@b.kz"}, {"", "a", "a@b@c"}},
	{"trustee", "witness", {"", "union.example/board+0123abcd+" WITNESS},
	 {"union.example", "union.example+0123ABCD+" WITNESS, "union.example+0123abcd+" WITNESS "A", "a b+0123abcd+" WITNESS,
	  "union.example+0123abcd+A" WITNESS_END, "+0123abcd+" WITNESS}},
};

static void check_value(const char *kind, const char *key, const char *value, gboolean good)
{
	g_autofree char *section = strcmp(kind, "senim") == 0     ? g_strdup(kind)
	                           : strcmp(kind, "mailbox") == 0 ? g_strdup("mailbox senim@kmo.kz")
	                                                          : g_strconcat(kind, " aigul", NULL);
	g_autoptr(GError) error = NULL;
	if (config_check_setting(section, key, value, &error) != good)
		g_error("%s = %s: %s", key, value, error != NULL ? error->message : "was taken");
	if (good)
		return;
	g_assert_error(error, CONFIG_ERROR, 0);
	g_assert_nonnull(strstr(error->message, section));
	g_assert_nonnull(strstr(error->message, key));
	g_assert_nonnull(strstr(error->message, "it takes "));
	g_assert_cmpint(strstr(value, " #") != NULL, ==, strstr(error->message, "a comment needs a line of its own") != NULL);
}

static void each_key_takes_what_it_says_and_refuses_the_rest(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		for (gsize j = 0; rows[i].good[j] != NULL; j++)
			check_value(rows[i].section, rows[i].key, rows[i].good[j], TRUE);
		for (gsize j = 0; rows[i].bad[j] != NULL; j++)
			check_value(rows[i].section, rows[i].key, rows[i].bad[j], FALSE);
	}
}

static void the_table_is_whole_and_each_of_its_keys_is_tested(void)
{
	guint n;
	const ConfigKey *keys = config_keys(&n);
	g_assert_cmpuint(n, ==, G_N_ELEMENTS(rows));
	for (guint i = 0; i < n; i++) {
		const char *section = config_section_name(keys[i].section);
		g_assert_cmpstr(keys[i].key, ==, rows[i].key);
		g_assert_cmpstr(section, ==, rows[i].section);
		g_assert_nonnull(rows[i].good[0]);
		g_assert_nonnull(rows[i].bad[0]);
		g_assert_nonnull(keys[i].meaning);
		g_autofree char *takes = config_key_takes(&keys[i]);
		g_assert_nonnull(takes);
		g_assert_false(keys[i].preset != NULL && keys[i].preset_words != NULL);
		if (keys[i].preset != NULL)
			check_value(section, keys[i].key, keys[i].preset, TRUE);
		g_assert_cmpint(config_is_mailbox_key(keys[i].key), ==, keys[i].section == CONFIG_MAILBOX);
		for (guint j = 0; j < i; j++)
			g_assert_false(keys[i].section == keys[j].section && strcmp(keys[i].key, keys[j].key) == 0);
	}
}

static void an_unknown_key_or_section_is_named_with_what_there_is(void)
{
	assert_refused(MINIMAL "[senim]\nworker = 4\n", "[senim]", "worker", "workers", "max-message-size", NULL);
	assert_refused(MINIMAL "[senim]\norganisation[de] = x\n", "organisation[de]", NULL);
	assert_refused(MINIMAL "[officer x]\npublic = /x\nofficers = y\n", "[officer x]", "officers", "names", NULL);
	assert_refused(MINIMAL "[sender]\n", "[sender]", "[mailbox ADDRESS]", NULL);
	assert_refused(MINIMAL "[mailbox]\n", "[mailbox]", NULL);
	assert_refused(MINIMAL "[mailbox kmo.kz]\nofficers = aigul\n", "[mailbox kmo.kz]", "an address", NULL);
	assert_refused(MINIMAL "[officer Айгүл]\npublic = /x\n", "[officer Айгүл]", "a-z", NULL);
	assert_refused(MINIMAL "[officer ..]\npublic = /x\n", "[officer ..]", NULL);
	assert_refused(MINIMAL "[senim]\ncage = required # as ordered\n", "cage", "off or required",
	               "a comment needs a line of its own", NULL);
	assert_refused(MINIMAL "[senim]\norganisation = x # y\n", "organisation", "a comment needs a line of its own", NULL);
	assert_refused(MINIMAL "[senim]\nsubmit = /x\\q\n", "submit", "/x\\q", NULL);
	assert_refused(MINIMAL "[senim]\norganisation = a\\nb\n", "organisation", NULL);
	assert_refused("workers = 4\n" MINIMAL, NULL);
	assert_refused("\xff" MINIMAL, "UTF-8", NULL);
	assert_refused("[senim]\n", "[mailbox ADDRESS]", NULL);
	assert_refused("[mailbox senim@kmo.kz]\n", "needs officers", NULL);
	assert_refused("[mailbox senim@kmo.kz]\nofficers = aigul\n[officer aigul]\n", "[officer aigul]", "needs public", NULL);
}

static void what_stands_twice_is_refused(void)
{
	assert_refused(MINIMAL "[senim]\nworkers = 4\nworkers=5\n", "workers", "twice", "line 7", NULL);
	assert_refused(MINIMAL "[officer aigul]\npost = x\n", "[officer aigul]", "twice", NULL);
	assert_refused(MINIMAL "[mailbox SENIM@kmo.kz]\nofficers = aigul\n", "senim@kmo.kz", "[mailbox SENIM@kmo.kz]", NULL);
	assert_refused(MINIMAL "[mailbox  senim@KMO.kz]\nofficers = aigul\n", "senim@kmo.kz", NULL);
}

static void an_address_leads_to_one_mailbox(void)
{
	assert_refused(MINIMAL "[mailbox b@kmo.kz]\nofficers = aigul\nalso = Senim@KMO.kz\n", "senim@kmo.kz", "[mailbox b@kmo.kz]",
	               NULL);
	assert_refused(MINIMAL "[mailbox senim@b.kz]\nofficers = aigul\nalso = @kmo.kz\n", "senim@kmo.kz", NULL);
	assert_refused("[mailbox a@kmo.kz]\nofficers = aigul\nalso = x@kmo.kz\n[mailbox b@kmo.kz]\nofficers = aigul\n"
	               "also = X@kmo.kz\n[officer aigul]\npublic = /a\n",
	               "x@kmo.kz", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = load(MINIMAL "[mailbox b@kmo.kz]\nofficers = aigul\nalso = @mx.kmo.kz; c@kmo.kz\n", &error);
	g_assert_no_error(error);
}

static void nine_mailboxes_are_one_too_many(void)
{
	g_autoptr(GString) text = g_string_new("[officer aigul]\npublic = /a\n");
	for (int i = 1; i <= CONFIG_MAILBOXES_MAX; i++)
		g_string_append_printf(text, "[mailbox m%d@kmo.kz]\nofficers = aigul\n", i);
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = load(text->str, &error);
	g_assert_no_error(error);
	g_string_append(text, "[mailbox m9@kmo.kz]\nofficers = aigul\n");
	assert_refused(text->str, "m9@kmo.kz", "8", NULL);
}

static void people_who_are_named_must_be_there(void)
{
	assert_refused("[mailbox senim@kmo.kz]\nofficers = aigul\n", "officers names aigul", "[officer aigul]", NULL);
	assert_refused("[mailbox senim@kmo.kz]\nofficers = aigul\nescalation = chair\n[officer aigul]\npublic = /a\n",
	               "escalation names chair", NULL);
	assert_refused("[mailbox senim@kmo.kz]\nofficers = aigul\nescalation = aigul\n[officer aigul]\npublic = /a\n",
	               "has one role", NULL);
	assert_refused(MINIMAL "[senim]\nrecovery = aigul\n", "recovery names aigul", "[recovery aigul]", NULL);
}

#define POLICE "[addressee police]\nname-kk = Полиция\nname-ru = Полиция\naddress = Алматы\n"

static void what_goes_by_mail_goes_sealed_unless_it_was_said_otherwise(void)
{
	static const char *const good[] = {"", "by = mail\nmail = a@b.kz\nrecipient = " RECIPIENT "\n",
		"by = mail\nmail = a@b.kz\nopenpgp = /k.asc\nfingerprint = " FINGERPRINT "\n",
		"by = mail\nmail = a@b.kz\nallow-cleartext = yes\n"};
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat(MINIMAL POLICE, good[i], NULL);
		g_autoptr(Config) config = load(text, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(config_addressee(config, "police")->name_ru, ==, "Полиция");
		g_assert_null(config_addressee(config, "polic"));
	}
	assert_refused(MINIMAL POLICE "by = mail\n", "[addressee police]", "needs mail", NULL);
	assert_refused(MINIMAL POLICE "by = mail\nmail = a@b.kz\n", "key to seal to", NULL);
	assert_refused(MINIMAL POLICE "openpgp = /k.asc\n", "fingerprint", NULL);
	assert_refused(MINIMAL POLICE "recipient = " RECIPIENT "\nopenpgp = /k\nfingerprint = " FINGERPRINT "\n",
	               "recipient and openpgp", NULL);
	assert_refused(MINIMAL "[addressee police]\nname-ru = x\naddress = y\n", "needs name-kk", NULL);
}

static void an_automatic_redirect_needs_somebody_to_seal_to(void)
{
	static const char automatic[] = "[mailbox senim@kmo.kz]\nofficers = aigul\nredirect = automatic\n"
		"[officer aigul]\npublic = /a\n" POLICE;
	g_autoptr(GError) error = NULL;
	g_autofree char *sealed = g_strconcat(automatic, "by = mail\nmail = a@b.kz\nrecipient = " RECIPIENT "\n", NULL);
	g_autofree char *clear = g_strconcat(automatic, "by = mail\nmail = a@b.kz\nallow-cleartext = yes\n", NULL);
	g_autoptr(Config) config = load(sealed, &error);
	g_assert_no_error(error);
	assert_refused(automatic, "redirect = automatic", "recipient", NULL);
	assert_refused(clear, "redirect = automatic", NULL);
}

static void a_file_that_is_not_there_is_named(void)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(config_load("/nonexistent/senim.conf", &error));
	g_assert_error(error, CONFIG_ERROR, 0);
	g_assert_nonnull(strstr(error->message, "/nonexistent/senim.conf"));
}

static void a_mailbox_has_one_spelling_and_its_own_directory(void)
{
	static const struct {
		const char *address, *spelling;
	} spellings[] = {
		{"Senim@KMO.kz", "senim@kmo.kz"},
		{"a/b@kmo.kz", "a%2fb@kmo.kz"},
		{"a%2fb@kmo.kz", "a%252fb@kmo.kz"},
		{"a+b@kmo.kz", "a%2bb@kmo.kz"},
		{"\xd2\x9b@kmo.kz", "%d2%9b@kmo.kz"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
		g_autofree char *spelling = config_mailbox_spelling(spellings[i].address);
		g_assert_cmpstr(spelling, ==, spellings[i].spelling);
	}
	g_autoptr(Config) config = load(MINIMAL "[senim]\nstate-directory = /s\nrun-directory = /r\n", NULL);
	g_autofree char *directory = config_mailbox_directory(config, "a/b@kmo.kz");
	g_autofree char *socket = config_run_path(config, "intake.sock");
	g_assert_cmpstr(directory, ==, "/s/a%2fb@kmo.kz");
	g_assert_cmpstr(socket, ==, "/r/intake.sock");
	g_assert_cmpstr(config->milter_socket, ==, "unix:/r/milter.sock");
	g_assert_null(config_mailbox(config, "other@kmo.kz"));
}

static void the_description_names_every_setting_in_force(void)
{
	g_autoptr(Config) config = load(MINIMAL "[senim]\norganisation = \"a\\\\b\"\nworkers = 7\n", NULL);
	g_assert_nonnull(config);
	g_autofree char *text = config_describe(config);
	g_assert_nonnull(strstr(text, "{\"section\": \"senim\", \"key\": \"workers\", \"value\": \"7\", \"default\": \"4\""));
	g_assert_nonnull(strstr(text, "\"value\": \"\\\"a\\\\b\\\"\""));
	g_assert_nonnull(strstr(text, "\"section\": \"mailbox senim@kmo.kz\", \"key\": \"journal\", \"value\": \"pen\""));
	guint n, found = 0, wanted = 0;
	const ConfigKey *keys = config_keys(&n);
	for (guint i = 0; i < n; i++) {
		g_autofree char *key = g_strdup_printf("\"key\": \"%s\"", keys[i].key);
		gboolean there = keys[i].section < CONFIG_RECOVERY; /* of the others MINIMAL has no section */
		wanted += there;
		found += there && strstr(text, key) != NULL;
	}
	g_assert_cmpuint(found, ==, wanted);
}

static void a_reload_says_what_waits_for_a_restart(void)
{
	g_autoptr(Config) old = load(MINIMAL "[senim]\nworkers = 4\nmax-message-size = 1 MiB\n", NULL);
	g_autoptr(Config) same = load("[senim]\nmax-message-size = 2 MiB\n" MINIMAL, NULL);
	g_autoptr(Config) other = load(MINIMAL "[mailbox b@kmo.kz]\nofficers = aigul\n[senim]\nworkers = 5\n", NULL);
	g_assert_null(config_needs_restart(old, same));
	g_autofree char *keys = config_needs_restart(old, other);
	g_assert_cmpstr(keys, ==, "[senim] workers, [mailbox b@kmo.kz]");
	g_autofree char *back = config_needs_restart(other, old);
	g_assert_cmpstr(back, ==, "[mailbox b@kmo.kz], [senim] workers");
}

static void a_snapshot_lives_until_its_last_reference(void)
{
	Config *config = load(MINIMAL, NULL);
	Config *mine = config_ref(config);
	config_unref(config);
	g_assert_cmpstr(mine->mailboxes[0].address, ==, "senim@kmo.kz");
	config_unref(mine);
	config_unref(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config/the example of the design is read whole", the_example_of_the_design_is_read_whole);
	g_test_add_func("/config/a mailbox and an officer are enough", a_mailbox_and_an_officer_are_enough);
	g_test_add_func("/config/each key takes what it says and refuses the rest", each_key_takes_what_it_says_and_refuses_the_rest);
	g_test_add_func("/config/the table is whole and each of its keys is tested", the_table_is_whole_and_each_of_its_keys_is_tested);
	g_test_add_func("/config/what goes by mail goes sealed unless it was said otherwise",
	                what_goes_by_mail_goes_sealed_unless_it_was_said_otherwise);
	g_test_add_func("/config/an automatic redirect needs somebody to seal to",
	                an_automatic_redirect_needs_somebody_to_seal_to);
	g_test_add_func("/config/an unknown key or section is named with what there is",
	                an_unknown_key_or_section_is_named_with_what_there_is);
	g_test_add_func("/config/what stands twice is refused", what_stands_twice_is_refused);
	g_test_add_func("/config/an address leads to one mailbox", an_address_leads_to_one_mailbox);
	g_test_add_func("/config/nine mailboxes are one too many", nine_mailboxes_are_one_too_many);
	g_test_add_func("/config/people who are named must be there", people_who_are_named_must_be_there);
	g_test_add_func("/config/a file that is not there is named", a_file_that_is_not_there_is_named);
	g_test_add_func("/config/a mailbox has one spelling and its own directory", a_mailbox_has_one_spelling_and_its_own_directory);
	g_test_add_func("/config/the description names every setting in force", the_description_names_every_setting_in_force);
	g_test_add_func("/config/a reload says what waits for a restart", a_reload_says_what_waits_for_a_restart);
	g_test_add_func("/config/a snapshot lives until its last reference", a_snapshot_lives_until_its_last_reference);
	return g_test_run();
}
