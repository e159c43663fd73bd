/* SPDX-License-Identifier: ISC */
/* Forwarding through the real desk: to whom and how the configuration says, with whom a consent or a law, and not to whom the
 * report speaks of by one officer's word. */
#include "tests/desk-room.h"

#define ADDRESSEES                                                                                                          \
	"[addressee police]\nname-kk = Полиция\nname-ru = Полиция\naddress = Алматы\n"                                            \
	"[addressee audit]\nkind = department\nnames = Мұрат Оспанов\nname-kk = Аудит\nname-ru = Аудит\naddress = Алматы\n"        \
	"[addressee fund]\nkind = organisation\nname-kk = Қор\nname-ru = Фонд\naddress = Астана\nby = mail\nmail = duty@fund.kz\n"     \
	"recipient = age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq\n"
#define ENTITY "Q29udGVudC1UeXBlOiB0ZXh0L3BsYWluDQoNCmtpdA0K" /* Content-Type: text/plain, and a line */
#define KIT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef struct {
	const char *act, *to, *by, *form, *consent;
	gint64 message; /* -1: the case's own */
	gboolean named;
	int status;
} Row;

static json_t *forward_body(const Scene *scene, guint64 seq, const Row *row, guint64 of, const char *number, const char *letter)
{
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(scene), seq, NULL);
	const guint64 after = c->work != NULL ? g_array_index(c->work, guint64, c->work->len - 1) : 0;
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:I, s:b, s:n, s:s, s:I}", "request", "r-9",
	                 "mailbox", "senim@kmo.kz", "seq", (json_int_t)seq, "after", (json_int_t)after, "act", row->act, "to", row->to, "by",
	                 row->by, "kit", of == 0 ? KIT : "-", "number", number, "date", strcmp(number, "-") != 0 ? room_today() : "-", "of",
	                 (json_int_t)of, "letter", letter, "form", row->form, "consent", row->consent, "message",
	                 row->message < 0 ? (json_int_t)seq : (json_int_t)row->message, "named", row->named, "text", "ground", "resolution",
	                 "known", (json_int_t)0);
}

static json_t *allow_body(const Scene *scene, guint64 seq, const char *to)
{
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(scene), seq, NULL);
	const guint64 after = c->work != NULL ? g_array_index(c->work, guint64, c->work->len - 1) : 0;
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:n, s:s, s:I}", "request", "r-9", "mailbox", "senim@kmo.kz", "seq", (json_int_t)seq,
	                 "after", (json_int_t)after, "to", to, "text", "ground", "resolution", "known", (json_int_t)0);
}

static void what_is_forwarded_is_entered_and_numbered(void)
{
	static const Row made = {"made", "audit", "paper", "redacted", "-", 0, FALSE, 200};
	static const Row numbered = {"numbered", "audit", "-", "-", "-", 0, FALSE, 200}, other = {"numbered", "fund", "-", "-", "-", 0, FALSE, 409};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	Entry entry;
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/forward", forward_body(&scene, seq, &numbered, 5, "7", ""), NULL), ==, 409);
	g_assert_cmpint(post(&client, "/v1/forward", forward_body(&scene, seq, &made, 0, "-", ""), &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &entry);
	g_assert_cmpint(entry.kind, ==, ENTRY_FORWARDED);
	g_assert_cmpstr(record_get(record, "to"), ==, "audit");
	g_assert_cmpstr(record_get(record, "form"), ==, "redacted");
	g_assert_cmpstr(record_get(record, "kit"), ==, KIT);
	json_decref(answer);
	g_assert_cmpint(post(&client, "/v1/forward", forward_body(&scene, seq, &other, entry.seq, "7", ""), NULL), ==, 409);
	g_assert_cmpint(post(&client, "/v1/forward", forward_body(&scene, seq, &numbered, entry.seq, "7", ""), NULL), ==, 200);
	fixture_reopen(&scene.f);
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&scene), seq, NULL);
	g_assert_cmpstr(c->forwarded, ==, "numbered");
	g_assert_cmpstr(c->forwarded_to, ==, "audit");
	g_assert_cmpuint(c->forwarding, ==, entry.seq);
}

static void nobody_is_named_without_a_consent_or_a_law(void)
{
	static const Row rows[] = {
		{"made", "police", "paper", "redacted", "-", 0, FALSE, 404}, /* that is a redirection */
		{"made", "mayor", "paper", "redacted", "-", 0, FALSE, 404},
		{"made", "audit", "clear", "redacted", "-", 0, FALSE, 400},
		{"queued", "audit", "paper", "redacted", "-", 0, FALSE, 400},
		{"made", "audit", "paper", "whole", "-", 0, FALSE, 400},
		{"made", "audit", "paper", "identity", "-", 0, FALSE, 400},
		{"made", "audit", "paper", "identity", "maybe", 0, FALSE, 400},
		{"made", "audit", "paper", "identity", "law", 0, FALSE, 400},      /* without naming it */
		{"made", "audit", "paper", "identity", "reporter", 0, FALSE, 400}, /* without saying where */
		{"made", "audit", "paper", "identity", "law", -1, FALSE, 400},     /* a law is no message */
		{"made", "audit", "paper", "identity", "reporter", 77, FALSE, 404},
		{"made", "audit", "paper", "redacted", "reporter", -1, FALSE, 400},
		{"made", "audit", "paper", "identity", "reporter", -1, FALSE, 200},
	};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(post(&client, "/v1/forward", forward_body(&scene, seq, &rows[i], 0, "-", ""), NULL), ==, rows[i].status);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_FORWARDED), ==, 1);
}

static void of_whom_the_report_speaks_gets_it_by_a_second_word_alone(void)
{
	static const Row named = {"made", "audit", "paper", "redacted", "-", 0, TRUE, 200};
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&aigul, "/v1/forward", forward_body(&scene, seq, &named, 0, "-", ""), NULL), ==, 403);
	g_assert_cmpint(post(&aigul, "/v1/forward/allow", allow_body(&scene, seq, "police"), NULL), ==, 404);
	g_assert_cmpint(post(&aigul, "/v1/forward/allow", allow_body(&scene, seq, "audit"), NULL), ==, 200); /* her own word */
	g_assert_cmpint(post(&aigul, "/v1/forward", forward_body(&scene, seq, &named, 0, "-", ""), NULL), ==, 403);
	g_assert_cmpint(post(&chair, "/v1/forward/allow", allow_body(&scene, seq, "audit"), NULL), ==, 403); /* it is not hers */
	g_assert_cmpint(post(&aigul, "/v1/grant", json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "request", "r-9", "mailbox", "senim@kmo.kz", "seq",
	                     (json_int_t)seq, "to", "chair", "ground", "resolution", "known", (json_int_t)0), NULL), ==, 200);
	g_assert_cmpint(post(&chair, "/v1/forward/allow", allow_body(&scene, seq, "fund"), NULL), ==, 200); /* of another */
	g_assert_cmpint(post(&aigul, "/v1/forward", forward_body(&scene, seq, &named, 0, "-", ""), NULL), ==, 403);
	g_assert_cmpint(post(&chair, "/v1/forward/allow", allow_body(&scene, seq, "audit"), NULL), ==, 200);
	g_assert_cmpint(post(&aigul, "/v1/forward", forward_body(&scene, seq, &named, 0, "-", ""), NULL), ==, 200);
	g_assert_cmpint(post(&aigul, "/v1/forward", forward_body(&scene, seq, &named, 0, "-", ""), NULL), ==, 403); /* once */
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REFUSED), >, 0);
}

static void a_letter_goes_where_the_configuration_says(void)
{
	static const Row queued_row = {"queued", "fund", "age", "redacted", "-", 0, FALSE, 200};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	gint64 next;
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/forward", forward_body(&scene, seq, &queued_row, 0, "-", ENTITY), NULL), ==, 200);
	g_autoptr(GPtrArray) rows = ledger_letters_due(ledger_of(&scene), G_MAXINT64 / 2, 9, &next, NULL);
	g_assert_cmpuint(rows->len, ==, 1);
	const LedgerLetterRow *row = rows->pdata[0];
	g_assert_cmpstr(record_get(row->letter, "to"), ==, "duty@fund.kz");
	g_assert_cmpstr(record_get(row->letter, "subject"), ==, "official");
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)next);
	record_add_uint(record, "case", seq);
	g_assert_true(ledger_letter_sent(ledger_of(&scene), row->id, record, NULL));
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&scene), seq, NULL);
	g_assert_cmpstr(c->forwarded, ==, "queued");
	g_assert_cmpstr(ledger_case_posted(c, c->forwarding), ==, "sent");
	g_assert_cmpstr(c->ack_state, !=, "sent"); /* the reporter got nothing */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-forward/what is forwarded is entered and numbered", what_is_forwarded_is_entered_and_numbered);
	g_test_add_func("/desk-forward/nobody is named without a consent or a law", nobody_is_named_without_a_consent_or_a_law);
	g_test_add_func("/desk-forward/of whom the report speaks gets it by a second officer's word alone",
	                of_whom_the_report_speaks_gets_it_by_a_second_word_alone);
	g_test_add_func("/desk-forward/a letter goes where the configuration says", a_letter_goes_where_the_configuration_says);
	return g_test_run();
}
