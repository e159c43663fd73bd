/* SPDX-License-Identifier: ISC */
/* Which lines of an MTA's log prove that a message was taken: rows, as Postfix 3.7, Sendmail 8.17 and senim-milter write them. */
#include <glib/gstdio.h>
#include <string.h>

#include "cli/maillog.h"

#define POSTFIX "Nov 22 10:00:01 mx postfix/cleanup[815]: "
#define SENDMAIL "Nov 22 10:00:01 mx sm-mta[900]: "
#define DISCARD "milter-discard: END-OF-MESSAGE from a.kz[203.0.113.5]: milter triggers DISCARD action; from=<> to=<senim@kmo.kz> proto=ESMTP helo=<a>"

/* 2026-11-23 00:00 UTC */
#define NOW ((gint64)1795392000 * G_USEC_PER_SEC)

static void lines_that_prove_something(void)
{
	static const struct {
		const char *text, *queue_id;
		MaillogHow how;
		const char *addresses; /* with blanks between them, or NULL */
	} rows[] = {
		{POSTFIX "4Zq1nT5kXWzB: " DISCARD, "4Zq1nT5kXWzB", MAILLOG_DISCARDED, "senim@kmo.kz"},
		{"2026-11-22T10:00:01.5+05:00 mx postfix-in/cleanup[1]: 9F3D21C0A5: " DISCARD, "9F3D21C0A5", MAILLOG_DISCARDED, "senim@kmo.kz"},
		{"Nov 22 10:00:01 mx postfix/pipe[1]: AB12: to=<senim@kmo.kz>, orig_to=<ethics@kmo.kz>, relay=senim, status=sent (ok)", "AB12",
		 MAILLOG_DELIVERED, "senim@kmo.kz ethics@kmo.kz"},
		{"Nov 22 10:00:01 mx postfix/lmtp[1]: AB12: to=<senim@kmo.kz>, relay=x, dsn=5.1.1, status=bounced (no)", "AB12", MAILLOG_RETURNED,
		 "senim@kmo.kz"},
		{SENDMAIL "5AMA1x: to=<senim@kmo.kz>,<b@kmo.kz>, delay=00:00:00, mailer=local, stat=discarded", "5AMA1x", MAILLOG_DISCARDED,
		 "senim@kmo.kz b@kmo.kz"},
		{SENDMAIL "5AMA1x: to=senim, delay=00:00:00, mailer=local, stat=Sent", "5AMA1x", MAILLOG_DELIVERED, "senim"},
		{SENDMAIL "5AMA1x: Milter delete: rcpt <senim@kmo.kz>", "5AMA1x", MAILLOG_TAKEN, "senim@kmo.kz"},
		{SENDMAIL "5AMA1x: discarded", "5AMA1x", MAILLOG_UNNAMED, NULL},
		{"Nov 22 10:00:01 mx senim-milter[700]: senim-milter: AB12: taken", "AB12", MAILLOG_TAKEN, NULL},
		{"Nov 22 10:00:01 mx senim-milter[700]: AB12: taken: a repeat, joined to the first", "AB12", MAILLOG_TAKEN, NULL},
	};
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(MaillogLine) line = {0};
		gint64 time;
		g_test_message("%s", rows[i].text);
		g_assert_true(maillog_line_read(rows[i].text, NOW, utc, &line, &time));
		g_assert_cmpstr(line.queue_id, ==, rows[i].queue_id);
		g_assert_cmpint(line.how, ==, rows[i].how);
		g_autofree char *all = line.addresses != NULL ? g_strjoinv(" ", line.addresses) : NULL;
		g_assert_cmpstr(all, ==, rows[i].addresses);
	}
}

static void lines_that_prove_nothing(void)
{
	static const char *const rows[] = {
		"", "x", "Nov 22 10:00:01", "Nov 22 10:00:01 mx", "Foo 22 10:00:01 mx postfix/cleanup[1]: AB: " DISCARD,
		POSTFIX "4Zq1n: message-id=<1@a>", POSTFIX "milter-discard: END-OF-MESSAGE",
		"Nov 22 10:00:01 mx postfix/smtp[1]: AB12: to=<senim@kmo.kz>, relay=none, status=deferred (later)",
		"Nov 22 10:00:01 mx postfix/smtpd[1]: AB12: client=to=<senim@kmo.kz>", SENDMAIL "5AMA1x: from=<to=<senim@kmo.kz>>, size=1",
		SENDMAIL "5AMA1x: to=<senim@kmo.kz>, delay=1, stat=Deferred", "Nov 22 10:00:01 mx senim-milter[700]: AB12: put off: no registrar",
		POSTFIX "../../etc/passwd\x1b[2J: " DISCARD,
	};
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(MaillogLine) line = {0};
		gint64 time;
		g_test_message("%s", rows[i]);
		g_assert_false(maillog_line_read(rows[i], NOW, utc, &line, &time));
	}
}

/* A stranger chooses HELO and sender: he makes nobody a recipient behind proto=, and hides none in front of it. */
static void a_stranger_s_words_hide_no_recipient(void)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_auto(MaillogLine) line = {0};
	gint64 time;
	g_assert_true(maillog_line_read(POSTFIX "AB12: milter-discard: END-OF-MESSAGE from a[1]: x; from=<\"> to=<a@b> proto\"@c> to=<senim@kmo.kz>"
	                                        " proto=ESMTP helo=<> to=<other@kmo.kz>>",
	                                NOW, utc, &line, &time));
	g_assert_cmpuint(g_strv_length(line.addresses), ==, 2);
	g_assert_cmpstr(line.addresses[1], ==, "senim@kmo.kz");
}

static void a_time_without_a_year_is_the_last_such_day(void)
{
	static const struct {
		const char *text;
		gint64 seconds;
	} rows[] = {
		{"Nov 22 10:00:01 mx a: ", 1795341601}, {"Nov 23 10:00:01 mx a: ", 1795428001}, /* a day's difference of zones */
		{"Dec  1 00:00:00 mx a: ", 1764547200}, /* of the year before */
		{"2026-11-22T10:00:01+05:00 mx a: ", 1795323601}, {"2026-11-22T10:00:01Z mx a: ", 1795341601}, {"Feb 30 10:00:00 mx a: ", 0},
	};
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(MaillogLine) line = {0};
		gint64 time = -1;
		maillog_line_read(rows[i].text, NOW, utc, &line, &time);
		g_assert_cmpint(time, ==, rows[i].seconds * G_USEC_PER_SEC);
	}
}

typedef struct {
	guint lines;
	gsize longest;
} Seen;

static gboolean see(const char *text, gpointer user, GError **error G_GNUC_UNUSED)
{
	Seen *seen = user;
	seen->lines++;
	seen->longest = MAX(seen->longest, strlen(text));
	return TRUE;
}

static void a_line_without_end_takes_no_memory(void)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	Seen seen = {0};
	int fd = g_file_open_tmp("senim-maillog-XXXXXX", &path, NULL);
	g_autoptr(GString) text = g_string_new("one\n");
	for (guint i = 0; i < 1 << 20; i++)
		g_string_append_c(text, 'x');
	g_string_append(text, "\ntwo\nthree");
	g_assert_true(g_close(fd, NULL));
	g_assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
	g_assert_true(maillog_file_read(path, see, &seen, &error));
	g_assert_cmpuint(seen.lines, ==, 3);
	g_assert_cmpuint(seen.longest, ==, 5);
	g_assert_true(g_file_set_contents(path, "\x1f\x8b\x08 no gzip at all", -1, NULL));
	g_assert_false(maillog_file_read(path, see, &seen, &error));
	g_assert_nonnull(strstr(error->message, path));
	g_unlink(path);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/maillog/lines that prove something", lines_that_prove_something);
	g_test_add_func("/maillog/lines that prove nothing", lines_that_prove_nothing);
	g_test_add_func("/maillog/a stranger's words hide no recipient", a_stranger_s_words_hide_no_recipient);
	g_test_add_func("/maillog/a time without a year is the last such day", a_time_without_a_year_is_the_last_such_day);
	g_test_add_func("/maillog/a line without end takes no memory", a_line_without_end_takes_no_memory);
	return g_test_run();
}
