/* SPDX-License-Identifier: ISC */
/* Machines' mail is told from people's by its form; people's mail is never flagged for what it says. */
#include <glib.h>

#include "policy/automatic.h"

#define DSN "multipart/report", "delivery-status"

typedef struct {
	const char *testname, *kind, *envelope_from, *content_type, *report_type;
	gboolean own;
	const char *fields[9]; /* name, value, ... */
} Row;

static const Row rows[] = {
	/* people */
	{"a letter", "-", "a@b.kz", "text/plain", NULL, FALSE, {"From", "A <a@b.kz>", "Subject", "Vacation fraud"}},
	{"a subject that speaks of failed delivery", "-", "a@b.kz", "text/plain", NULL, FALSE,
	 {"From", "a@b.kz", "Subject", "Undelivered Mail Returned to Sender; автоответ; out of office"}},
	{"the null sender alone is how anonymous mail comes", "-", "", "text/plain", NULL, FALSE, {"From", "x@anon.kz"}},
	{"nobody at all", "-", "", NULL, NULL, FALSE, {NULL}},
	{"Auto-Submitted: no", "-", "a@b", "text/plain", NULL, FALSE, {"Auto-Submitted", "no"}},
	{"no with a comment and blanks", "-", "a@b", "text/plain", NULL, FALSE, {"Auto-Submitted", " (hm) NO (really; auto-replied)"}},
	{"an empty Auto-Submitted", "-", "a@b", "text/plain", NULL, FALSE, {"Auto-Submitted", ""}},
	{"a postmaster who writes himself", "-", "postmaster@b.kz", "text/plain", NULL, FALSE, {"From", "ivan@b.kz"}},
	{"somebody called daemon", "-", "daemon.li@b.kz", "text/plain", NULL, FALSE, {"From", "Daemon Li <daemon.li@b.kz>"}},
	{"X-Auto-Response-Suppress is a request", "-", "a@b", "text/plain", NULL, FALSE, {"X-Auto-Response-Suppress", "All"}},
	{"Precedence: first-class", "-", "a@b", "text/plain", NULL, FALSE, {"Precedence", "first-class"}},
	{"an answer to our letter", "-", "a@b", "text/plain", NULL, TRUE, {"Subject", "Re: 2026/17"}},
	{"not spam", "-", "a@b", "text/plain", NULL, FALSE, {"X-Spam-Flag", "NO", "X-Spam-Status", "No, score=1.2"}},
	/* bounces */
	{"a delivery status notification", "bounce", "", DSN, FALSE, {"From", "MAILER-DAEMON@mx"}},
	{"one whose path was rewritten", "bounce", "noreply@mx", DSN, FALSE, {NULL}},
	{"Exim's", "bounce", "", "text/plain", NULL, FALSE,
	 {"X-Failed-Recipients", "x@y", "Auto-Submitted", "auto-replied", "From", "Mail Delivery System <Mailer-Daemon@mx>"}},
	{"qmail's: null sender and a daemon", "bounce", "", "text/plain", NULL, FALSE, {"From", "MAILER-DAEMON@mx.example"}},
	{"a daemon's path for the null sender", "bounce", "MAILER-DAEMON@mx", "text/plain", NULL, FALSE,
	 {"From", "\"Mail\" <Postmaster@mx>"}},
	{"our letter comes back without any other mark", "bounce", "", "text/plain", NULL, TRUE, {"From", "system@mx"}},
	/* receipts, replies, reports */
	{"a read receipt", "receipt", "a@b", "multipart/report", "disposition-notification", FALSE, {NULL}},
	{"a vacation", "reply", "", "text/plain", NULL, FALSE, {"Auto-Submitted", "auto-replied (vacation)"}},
	{"a vacation in capitals with a parameter", "reply", "a@b", "text/plain", NULL, FALSE, {"Auto-Submitted", "AUTO-REPLIED; x=1"}},
	{"two fields, the second says it", "reply", "a@b", "text/plain", NULL, FALSE,
	 {"Auto-Submitted", "no", "Auto-Submitted", "auto-replied"}},
	{"a comment that nests", "generated", "a@b", "text/plain", NULL, FALSE, {"Auto-Submitted", "(a(b)\\)) auto-generated (failure)"}},
	{"a value not yet known", "generated", "a@b", "text/plain", NULL, FALSE, {"Auto-Submitted", "auto-notified; owner=x"}},
	{"an answering machine of old", "reply", "a@b", "text/plain", NULL, FALSE, {"X-Autoreply", "yes"}},
	{"another one", "reply", "a@b", "text/plain", NULL, FALSE, {"Precedence", "auto_reply"}},
	{"a feedback report", "generated", "a@b", "multipart/report", "feedback-report", FALSE, {NULL}},
	/* lists, spam, bulk */
	{"a list", "list", "x-bounces@l", "text/plain", NULL, FALSE, {"List-Id", "<x.l>", "Precedence", "list"}},
	{"a newsletter", "list", "n@b", "text/html", NULL, FALSE, {"List-Unsubscribe", "<https://x>"}},
	{"marked by the filter in front", "spam", "a@b", "text/plain", NULL, FALSE, {"X-Spam-Flag", "YES"}},
	{"SpamAssassin's status", "spam", "a@b", "text/plain", NULL, FALSE, {"X-Spam-Status", "Yes, score=9.1 required=5"}},
	{"bulk alone", "bulk", "a@b", "text/plain", NULL, FALSE, {"Precedence", "bulk"}},
	{"junk", "bulk", "a@b", "text/plain", NULL, FALSE, {"precedence", "Junk"}},
};

static guint take_fields(const Row *row, PolicyField *fields)
{
	guint n = 0;
	for (; n < 4 && row->fields[2 * n] != NULL; n++)
		fields[n] = (PolicyField){row->fields[2 * n], row->fields[2 * n + 1]};
	return n;
}

static void each_message_is_of_its_kind(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		PolicyField fields[4];
		PolicyMessage message = {.envelope_from = rows[i].envelope_from, .fields = fields,
		                         .content_type = rows[i].content_type, .report_type = rows[i].report_type,
		                         .own_message_id = rows[i].own};
		message.n_fields = take_fields(&rows[i], fields);
		g_test_message("%s", rows[i].testname);
		g_assert_cmpstr(policy_automatic(&message), ==, rows[i].kind);
	}
}

static void a_wish_for_no_answer_is_heard(void)
{
	static const struct {
		const char *value;
		gboolean unwanted;
	} wishes[] = {{"All", TRUE}, {"DR, RN, AutoReply", TRUE}, {"autoreply;oof", TRUE}, {"DR, OOF, NRN", FALSE}, {"", FALSE},
	              {"Allow", FALSE}};
	for (gsize i = 0; i < G_N_ELEMENTS(wishes); i++) {
		PolicyField field = {"x-auto-response-suppress", wishes[i].value};
		PolicyMessage message = {.envelope_from = "a@b", .fields = &field, .n_fields = 1};
		g_assert_cmpint(policy_answer_unwanted(&message), ==, wishes[i].unwanted);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/automatic/each message is of its kind", each_message_is_of_its_kind);
	g_test_add_func("/automatic/a wish for no answer is heard", a_wish_for_no_answer_is_heard);
	return g_test_run();
}
