/* SPDX-License-Identifier: ISC */
/* Answers through the real desk: what is entered, what is refused, and what the case remembers of it. */
#include "tests/desk-room.h"

#include "store/ledger-private.h"

#define ENTITY "Q29udGVudC1UeXBlOiB0ZXh0L3BsYWluDQoNCmtpdA0K" /* Content-Type: text/plain, and a line */
#define TEXT "{\"files\":[],\"text\":\"Шара қолданылды\",\"to\":\"a@b.kz\"}"

static const char *judge(const Config *config G_GNUC_UNUSED, const ConfigMailbox *mailbox G_GNUC_UNUSED, const char *address,
                         gpointer user G_GNUC_UNUSED)
{
	return g_str_has_suffix(address, "@kmo.kz") ? "own-domain" : g_str_has_prefix(address, "noreply") ? "role-address" : NULL;
}

static json_t *lists(const Config *config G_GNUC_UNUSED, const ConfigMailbox *mailbox, GError **error G_GNUC_UNUSED,
                     gpointer user G_GNUC_UNUSED)
{
	return json_pack("{s:[{s:s, s:b}, {s:s, s:b}], s:s}", "bodies", "id", "police", "off", 0, "id", "court", "off", 1, "post",
	                 mailbox->address);
}

static json_t *letter_to_with(const char *to, const char *subject, const char *entity, gboolean own)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "to", to, "message_id", "<report@example.kz>", "language", "kk", "subject",
	                 subject, "entity", entity, "own_domain", own);
}

static json_t *letter_for(const char *to)
{
	return letter_to_with(to, "answer", ENTITY, FALSE);
}

/* A request's own fields, each as an answer by nobody has it; despite and letter stolen. */
typedef struct {
	const char *act, *by, *own, *number, *date;
	guint64 of;
	json_t *despite, *letter;
} Fields;

static long post_fields(Client *client, const char *target, guint64 seq, const Fields *fields, const char *words, json_t **answer)
{
	gboolean numbered = fields->number != NULL;
	json_t *own = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o}", "act", fields->act, "by", fields->by != NULL ? fields->by : "-",
	                        strcmp(target, "/v1/advise") == 0 ? "to" : "reason", fields->own != NULL ? fields->own : "-", "number",
	                        numbered ? fields->number : "-", "date",
	                        fields->date != NULL ? fields->date : numbered ? room_today() : "-", "of", (json_int_t)fields->of, "despite",
	                        fields->despite != NULL ? fields->despite : json_array(), "letter",
	                        fields->letter != NULL ? fields->letter : json_null());
	return post_work(client, target, seq, last_work_of(client->scene, seq), own, words, room_everybody, TRUE, answer);
}

static long reply(Client *client, guint64 seq, const Fields *fields, const char *words)
{
	return post_fields(client, "/v1/reply", seq, fields, words, NULL);
}

#define ADDRESSEE "[addressee police]\nname-kk = Полиция\nname-ru = Полиция\naddress = Алматы\n"

static void begin(Scene *scene, Client *client)
{
	room_address = judge;
	room_letters = lists;
	scene_begin_with(scene, ADDRESSEE);
	client_begin(client, scene, scene->f.aigul, "aigul");
}

static guint64 register_with(const Scene *scene, const char *verdict, const char *wish)
{
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1, .verdict = verdict, .wish = wish};
	return fixture_register((Fixture *)&scene->f, &report);
}

static void an_answer_by_mail_is_an_entry_and_a_letter_in_one(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	Entry entry;
	begin(&scene, &client);
	guint64 seq = register_small(&scene);
	const Fields fields = {.act = "given", .by = "mail", .letter = letter_for("a@b.kz")};
	g_assert_cmpint(post_fields(&client, "/v1/reply", seq, &fields, TEXT, &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &entry);
	json_decref(answer);
	g_assert_cmpint(entry.kind, ==, ENTRY_REPLIED);
	g_assert_cmpstr(record_get(record, "letter"), ==, "queued");
	gsize size;
	g_autofree char *clear = record_write(record, &size);
	g_assert_null(strstr(clear, "a@b.kz"));
	g_assert_null(strstr(clear, "Шара"));
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 1);
	g_autoptr(LedgerCase) c = room_case_of(&scene, seq);
	g_assert_cmpuint(c->reply.entry, ==, entry.seq);
	g_assert_cmpstr(c->reply.by, ==, "mail");
	g_assert_cmpstr(ledger_case_posted(c, entry.seq), ==, "queued");
	g_assert_true(ledger_case_lacks_number(c));
	g_assert_false(ledger_case_is_lost(c));
	gint64 next;
	g_autoptr(GPtrArray) rows = ledger_letters_due(ledger_of(&scene), registry_now(scene.f.registry), 9, &next, NULL);
	g_assert_cmpuint(rows->len, ==, 1);
	const LedgerLetterRow *row = rows->pdata[0];
	g_assert_cmpstr(record_get(row->letter, "to"), ==, "a@b.kz");
	g_assert_cmpstr(record_get(row->letter, "message-id"), ==, "<report@example.kz>");
	g_assert_cmpstr(record_get(row->letter, "subject"), ==, "answer");
	g_assert_true(g_str_has_prefix(g_bytes_get_data(row->composed, NULL), "Content-Type: text/plain\r\n"));
}

static void an_answer_gets_its_number_once(void)
{
	static const char *const impossible[] = {"2020-01-01", "2999-01-01"}; /* before the report, after today */
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene, &client);
	guint64 seq = register_small(&scene);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "7", .of = seq}, NULL), ==, 409);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper"}, TEXT), ==, 200);
	guint64 given = last_work_of(&scene, seq);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .of = given}, NULL), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "7", .date = "22.11.2026", .of = given}, NULL), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "7", .of = given}, TEXT), ==, 400);
	for (gsize i = 0; i < G_N_ELEMENTS(impossible); i++) {
		g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "7", .date = impossible[i], .of = given}, NULL), ==, 409);
		g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper", .number = "7", .date = impossible[i]}, TEXT), ==, 409);
	}
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "7", .of = given - 1}, NULL), ==, 409);
	g_assert_cmpint(post_fields(&client, "/v1/advise", seq, &(Fields){.act = "numbered", .number = "7", .of = given}, NULL, NULL), ==, 409);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "7", .of = given}, NULL), ==, 200);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "8", .of = given}, NULL), ==, 409);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "person"}, TEXT), ==, 200);
	g_assert_true(ledger_cases_rebuild(ledger_of(&scene), NULL));
	g_autoptr(LedgerCase) c = room_case_of(&scene, seq);
	g_assert_cmpstr(c->reply.by, ==, "person");
	g_assert_false(ledger_case_lacks_number(c)); /* nothing went out */
}

static long resolve(Client *client, guint64 seq, guint64 of)
{
	return post_work(client, "/v1/resolve", seq, last_work_of(client->scene, seq), json_pack("{s:I}", "of", (json_int_t)of),
	                 "{\"outgoing_number\":\"7\"}", room_everybody, TRUE, NULL);
}

static long strike(Client *client, guint64 seq, guint64 of, const char *field, gboolean instead)
{
	return post_work(client, "/v1/strike", seq, last_work_of(client->scene, seq),
	                 json_pack("{s:I, s:s, s:b}", "of", (json_int_t)of, "field", field, "instead", instead), TEXT, room_everybody, TRUE, NULL);
}

static gboolean lacks_number(const Scene *scene, guint64 seq)
{
	g_autoptr(LedgerCase) c = room_case_of(scene, seq);
	return ledger_case_lacks_number(c);
}

/* By reply --number, by resolve or by a strike that puts another there: one mark, and it comes back with the last of them. */
static void a_number_counts_wherever_it_was_entered_and_no_longer_than_it_stands(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene, &client);
	guint64 seq = register_small(&scene);
	g_assert_cmpint(resolve(&client, seq, seq), ==, 409); /* nobody was answered */
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper"}, TEXT), ==, 200);
	guint64 given = last_work_of(&scene, seq);
	g_assert_cmpint(resolve(&client, seq, 0), ==, 200);
	g_assert_true(lacks_number(&scene, seq));
	g_assert_cmpint(resolve(&client, seq, given), ==, 200);
	guint64 resolved = last_work_of(&scene, seq);
	g_assert_false(lacks_number(&scene, seq));
	g_assert_cmpint(resolve(&client, seq, given), ==, 409);
	g_assert_cmpint(strike(&client, seq, resolved, "measures", FALSE), ==, 200);
	g_assert_false(lacks_number(&scene, seq));
	g_assert_cmpint(strike(&client, seq, resolved, "outgoing-number", TRUE), ==, 200);
	g_assert_false(lacks_number(&scene, seq));
	g_assert_true(ledger_cases_rebuild(ledger_of(&scene), NULL));
	g_assert_cmpint(strike(&client, seq, last_work_of(&scene, seq), "outgoing-number", FALSE), ==, 200);
	g_assert_true(lacks_number(&scene, seq));
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "numbered", .number = "7", .of = given}, NULL), ==, 200);
	g_assert_true(ledger_cases_rebuild(ledger_of(&scene), NULL));
	g_assert_false(lacks_number(&scene, seq));
}

static void what_an_answer_must_have_and_must_not(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene, &client);
	guint64 seq = register_small(&scene);
	json_t *words = json_pack("[s]", "forgotten"), *number = json_pack("[i]", 7);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper"}, NULL), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "pigeon"}, TEXT), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given"}, TEXT), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "mail"}, TEXT), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper", .letter = letter_for("a@b.kz")}, TEXT), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper", .own = "rude"}, TEXT), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper", .despite = words}, TEXT), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "paper", .despite = number}, TEXT), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "none", .own = "lazy"}, NULL), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "none"}, NULL), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "unsafe", .number = "7"}, NULL), ==, 400);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "answered", .by = "paper"}, TEXT), ==, 400);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REPLIED), ==, 0);
}

static void a_letter_goes_where_a_person_reads_and_names_nothing_of_its_own(void)
{
	static const struct {
		const char *to, *subject, *entity;
		gboolean own;
		int status;
	} rows[] = {
		{"noreply@example.kz", "answer", ENTITY, FALSE, 400},
		{"a@b.kz\r\nBcc: x@y.kz", "answer", ENTITY, FALSE, 400},
		{"a@b.kz", "Re: your secret", ENTITY, FALSE, 400},
		{"a@b.kz", "answer", "", FALSE, 400},
		{"a@b.kz", "answer", "U3ViamVjdDogeA0KDQo=", FALSE, 400}, /* Subject: x */
		{"saule@kmo.kz", "answer", ENTITY, FALSE, 409},
		{"saule@kmo.kz", "answer", ENTITY, TRUE, 200},
	};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene, &client);
	guint64 seq = register_small(&scene);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		json_t *letter = letter_to_with(rows[i].to, rows[i].subject, rows[i].entity, rows[i].own);
		g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "mail", .letter = letter}, TEXT), ==, rows[i].status);
	}
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 1);
}

static void what_the_law_answers_with_nothing_is_refused(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene, &client);
	guint64 marked = register_with(&scene, "redirect", NULL), silent = register_with(&scene, NULL, "no-answer");
	const Fields given = {.act = "given", .by = "paper"};
	static const char *const ways[] = {"paper", "person"};
	g_assert_cmpint(reply(&client, marked, &given, TEXT), ==, 409);
	g_assert_cmpint(reply(&client, marked, &(Fields){.act = "none", .own = "threat"}, NULL), ==, 200);
	for (gsize i = 0; i < G_N_ELEMENTS(ways); i++)
		g_assert_cmpint(reply(&client, marked, &(Fields){.act = "given", .by = ways[i], .despite = json_pack("[s]", "mark")}, TEXT), ==, 409);
	g_assert_cmpint(post_fields(&client, "/v1/advise", marked, &(Fields){.act = "given", .by = "paper", .own = "police",
	                .despite = json_pack("[s]", "mark")}, TEXT, NULL), ==, 409);
	g_assert_cmpint(reply(&client, marked, &(Fields){.act = "none", .own = "other"}, NULL), ==, 200);
	json_t *both = json_pack("[ss]", "mark", "no-answer");
	g_assert_cmpint(reply(&client, marked, &(Fields){.act = "given", .by = "paper", .despite = both}, TEXT), ==, 200);
	g_assert_cmpint(reply(&client, silent, &given, TEXT), ==, 409);
	g_assert_cmpint(reply(&client, silent, &(Fields){.act = "given", .by = "person"}, TEXT), ==, 200);
	g_assert_cmpint(reply(&client, silent, &(Fields){.act = "given", .by = "paper", .despite = json_pack("[s]", "unsafe")}, TEXT), ==, 200);
	guint64 redirected = register_small(&scene);
	json_t *made = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:I}", "request", "r-1", "mailbox", "senim@kmo.kz",
	                         "seq", (json_int_t)redirected, "act", "made", "to", "police", "by", "paper", "kit",
	                         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "number", "-", "date", "-", "of",
	                         (json_int_t)0, "letter", "", "ground", "resolution", "known", (json_int_t)0);
	g_assert_cmpint(post(&client, "/v1/redirect", made, NULL), ==, 200);
	g_assert_cmpint(reply(&client, redirected, &given, TEXT), ==, 409);
	g_assert_cmpint(reply(&client, redirected, &(Fields){.act = "none", .own = "rude"}, NULL), ==, 200);
}

static void a_marked_address_is_written_to_only_in_spite_of_it(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene, &client);
	guint64 seq = register_small(&scene);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "safe"}, NULL), ==, 409);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "unsafe"}, "Ерінің поштасы"), ==, 200);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "unsafe"}, NULL), ==, 409);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "mail", .letter = letter_for("a@b.kz")}, TEXT), ==, 409);
	json_t *despite = json_pack("[s]", "unsafe");
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "given", .by = "mail", .despite = despite, .letter = letter_for("a@b.kz")}, TEXT), ==, 200);
	g_assert_true(ledger_cases_rebuild(ledger_of(&scene), NULL));
	g_autoptr(LedgerCase) c = room_case_of(&scene, seq);
	g_assert_true(c->unsafe);
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "safe"}, NULL), ==, 200);
}

static long send_receipt(Client *client, guint64 seq, const char *despite, gboolean letter)
{
	json_t *words = despite != NULL ? json_pack("[s]", despite) : json_array();
	json_t *body = json_pack("{s:s, s:s, s:I, s:s, s:s, s:o, s:o, s:s, s:I}", "request", "r-1", "mailbox", "senim@kmo.kz", "seq",
	                         (json_int_t)seq, "bare", "no", "text", "no", "despite", words, "letter",
	                         letter ? letter_for("a@b.kz") : json_null(), "ground", "answer", "known", (json_int_t)0);
	return post(client, "/v1/receipt", body, NULL);
}

static void a_receipt_is_sent_to_a_marked_address_only_in_spite_of_it(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene, &client);
	guint64 seq = register_small(&scene), silent = register_with(&scene, NULL, "no-answer");
	g_assert_cmpint(reply(&client, seq, &(Fields){.act = "unsafe"}, NULL), ==, 200);
	g_assert_cmpint(send_receipt(&client, seq, NULL, TRUE), ==, 409);
	g_assert_cmpint(send_receipt(&client, silent, NULL, TRUE), ==, 409);
	g_assert_cmpint(send_receipt(&client, seq, "forgotten", TRUE), ==, 400);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_RECEIPT), ==, 0);
	g_assert_cmpint(send_receipt(&client, seq, NULL, FALSE), ==, 200); /* a file that she hands over */
	g_assert_cmpint(send_receipt(&client, seq, "unsafe", TRUE), ==, 200);
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 1);
}

static void an_advice_names_a_body_that_is_offered(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	begin(&scene, &client);
	guint64 seq = register_small(&scene);
	static const struct {
		const char *to;
		int status;
	} rows[] = {{"mayor", 404}, {"court", 404}, {"-", 404}, {"police", 200}, {"other", 200}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(post_fields(&client, "/v1/advise", seq, &(Fields){.act = "given", .by = "paper", .own = rows[i].to}, TEXT, NULL),
		                ==, rows[i].status);
	g_assert_cmpint(post_fields(&client, "/v1/advise", seq, &(Fields){.act = "none", .own = "police"}, NULL, NULL), ==, 400);
	g_autoptr(LedgerCase) c = room_case_of(&scene, seq);
	g_assert_cmpint(c->reply.kind, ==, ENTRY_ADVISED);
	g_assert_cmpint(post(&client, "/v1/letters", json_pack("{s:s}", "mailbox", "senim@kmo.kz"), &answer), ==, 200);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "bodies")), ==, 2);
	json_decref(answer);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-reply/an answer by mail is an entry and a letter in one", an_answer_by_mail_is_an_entry_and_a_letter_in_one);
	g_test_add_func("/desk-reply/an answer gets its number once", an_answer_gets_its_number_once);
	g_test_add_func("/desk-reply/a number counts wherever it was entered, and no longer than it stands",
	                a_number_counts_wherever_it_was_entered_and_no_longer_than_it_stands);
	g_test_add_func("/desk-reply/what an answer must have, and must not", what_an_answer_must_have_and_must_not);
	g_test_add_func("/desk-reply/a letter goes where a person reads, and names nothing of its own",
	                a_letter_goes_where_a_person_reads_and_names_nothing_of_its_own);
	g_test_add_func("/desk-reply/what the law answers with nothing is refused", what_the_law_answers_with_nothing_is_refused);
	g_test_add_func("/desk-reply/a marked address is written to only in spite of it",
	                a_marked_address_is_written_to_only_in_spite_of_it);
	g_test_add_func("/desk-reply/a receipt is sent to a marked address only in spite of it",
	                a_receipt_is_sent_to_a_marked_address_only_in_spite_of_it);
	g_test_add_func("/desk-reply/an advice names a body that is offered", an_advice_names_a_body_that_is_offered);
	return g_test_run();
}
