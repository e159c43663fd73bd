/* SPDX-License-Identifier: ISC */
/* Redirection to law enforcement through the real desk: whom and how the configuration says, what the register has. */
#include "tests/desk-room.h"

#define ADDRESSEES                                                                                                          \
	"[addressee police]\nname-kk = Полиция\nname-ru = Полиция\naddress = Алматы\nby = mail\nmail = duty@police.kz\n"            \
	"recipient = age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq\n"                                           \
	"[addressee later]\nname-kk = а\nname-ru = а\naddress = а\nvalid-from = 2999-01-01\n"
#define ENTITY "Q29udGVudC1UeXBlOiB0ZXh0L3BsYWluDQoNCmtpdA0K" /* Content-Type: text/plain, and a line */
#define KIT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static json_t *redirect_body(guint64 seq, const char *act, const char *to, const char *by, const char *number,
                             guint64 of, const char *letter)
{
	gboolean begins = of == 0;
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:I}", "request", "r-7", "mailbox",
	                 "senim@kmo.kz", "seq", (json_int_t)seq, "act", act, "to", to, "by", by, "kit", begins ? KIT : "-",
	                 "number", number, "date", strcmp(number, "-") != 0 ? room_today() : "-", "of", (json_int_t)of,
	                 "letter", letter, "ground", "resolution", "known", (json_int_t)0);
}

static char *redirection_of(const Scene *scene, guint64 seq, guint64 *entry)
{
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(scene), seq, NULL);
	*entry = c->redirection;
	return g_strdup(c->redirected);
}

static void a_redirection_is_entered_numbered_and_taken_for_wrong(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	Entry made;
	guint64 entry;
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "numbered", "police", "-", "7", 5, ""), NULL), ==, 409);
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "made", "police", "paper", "-", 0, ""), &answer), ==,
	                200);
	g_autoptr(Record) record = record_of(answer, 0, &made);
	g_assert_cmpint(made.kind, ==, ENTRY_REDIRECTED);
	g_assert_cmpstr(record_get(record, "to"), ==, "police");
	g_assert_cmpstr(record_get(record, "kit"), ==, KIT);
	json_decref(answer);
	g_autofree char *first = redirection_of(&scene, seq, &entry);
	g_assert_cmpstr(first, ==, "made");
	g_assert_cmpuint(entry, ==, made.seq);
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "numbered", "later", "-", "7", entry, ""), NULL), ==,
	                409);
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "numbered", "police", "-", "7", entry, ""), NULL), ==,
	                200);
	g_autofree char *second = redirection_of(&scene, seq, &entry);
	g_assert_cmpstr(second, ==, "numbered");
	g_assert_cmpuint(entry, ==, made.seq);
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "wrong", "police", "-", "-", entry, ""), NULL), ==, 200);
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "wrong", "police", "-", "-", entry, ""), NULL), ==, 409);
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 0);
}

static void only_the_configuration_says_to_whom_and_how(void)
{
	static const struct {
		const char *act, *to, *by, *number, *letter;
		int status;
	} rows[] = {
		{"made", "mayor", "paper", "-", "", 404},
		{"made", "later", "paper", "-", "", 404},
		{"made", "police", "age", "-", "", 400},
		{"made", "police", "paper", "7", "", 400},
		{"made", "police", "paper", "-", ENTITY, 400},
		{"sent", "police", "age", "-", "", 400},
		{"queued", "police", "age", "-", "", 400},
		{"queued", "police", "clear", "-", ENTITY, 400},
		{"queued", "police", "openpgp", "-", ENTITY, 400},
		{"wrong", "police", "-", "-", "", 400},
	};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, stranger = {0};
	json_t *answer;
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, rows[i].act, rows[i].to, rows[i].by,
		                     rows[i].number, 0, rows[i].letter), NULL), ==, rows[i].status);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REDIRECTED), ==, 0);
	g_assert_cmpint(post(&client, "/v1/addressees", json_object(), &answer), ==, 200);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "addressees")), ==, 1);
	json_decref(answer);
	client_begin(&stranger, &scene, scene.f.stranger, "aigul");
	g_assert_cmpint(post(&stranger, "/v1/redirect", redirect_body(seq, "made", "police", "paper", "-", 0, ""), NULL), ==,
	                401);
}

/* The MTA reads the recipient from the header: an officer's entity must bring no field of it along. */
static void a_letter_names_no_recipient_of_its_own(void)
{
	static const char *const entities[] = {
		"letter\r\n",
		"To: <mayor@almaty.kz>\r\nContent-Type: text/plain\r\n\r\nkit\r\n",
		"Content-Type: text/plain\r\nBcc: <mayor@almaty.kz>\r\n\r\nkit\r\n",
		"Content-Type: text/plain\r\nMessage-ID: <x@y>\r\n\r\nkit\r\n",
		"Content-Type: text/plain\nBcc: <mayor@almaty.kz>\r\n\r\nkit\r\n",
		"Content-Type: text/plain\rBcc: <mayor@almaty.kz>\r\n\r\nkit\r\n",
		"Content-Type: text/plain\r\n",
		"Content-Type: text/plain\r\n\r\nkit",
		"Content-Type: text/plain\r\n\r\n\xd2\x9b\r\n",
	};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(entities); i++) {
		g_autofree char *encoded = g_base64_encode((const guchar *)entities[i], strlen(entities[i]));
		g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "queued", "police", "age", "-", 0, encoded), NULL), ==,
		                400);
	}
	g_autofree char *line = g_strnfill(999, 'x'), *longer = g_strdup_printf("Content-Type: text/plain\r\n\r\n%s\r\n", line);
	g_autofree char *encoded = g_base64_encode((const guchar *)longer, strlen(longer));
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "queued", "police", "age", "-", 0, encoded), NULL), ==, 400);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REDIRECTED), ==, 0);
}

static void a_sealed_letter_waits_in_the_outbox_as_it_was_composed(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	gint64 next;
	guint64 entry;
	scene_begin_with(&scene, ADDRESSEES);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/redirect", redirect_body(seq, "queued", "police", "age", "-", 0, ENTITY), NULL),
	                ==, 200);
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 1);
	g_autoptr(GPtrArray) rows = ledger_letters_due(ledger_of(&scene), G_MAXINT64 / 2, 9, &next, NULL);
	g_assert_cmpuint(rows->len, ==, 1);
	const LedgerLetterRow *row = rows->pdata[0];
	g_assert_cmpmem(g_bytes_get_data(row->composed, NULL), g_bytes_get_size(row->composed), "Content-Type: text/plain\r\n\r\nkit\r\n", 33);
	g_assert_cmpstr(record_get(row->letter, "to"), ==, "duty@police.kz"); /* the configuration's, not the request's */
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)next);
	record_add_uint(record, "case", seq);
	g_assert_true(ledger_letter_sent(ledger_of(&scene), row->id, record, NULL));
	g_autofree char *state = redirection_of(&scene, seq, &entry);
	g_assert_cmpstr(state, ==, "sent");
	g_assert_cmpuint(entry, ==, row->id);
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&scene), seq, NULL);
	g_assert_cmpstr(c->ack_state, !=, "sent"); /* the reporter got nothing */
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REDIRECTED), ==, 2);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-redirect/a redirection is entered, numbered, and taken for wrong",
	                a_redirection_is_entered_numbered_and_taken_for_wrong);
	g_test_add_func("/desk-redirect/only the configuration says to whom and how", only_the_configuration_says_to_whom_and_how);
	g_test_add_func("/desk-redirect/a letter names no recipient of its own", a_letter_names_no_recipient_of_its_own);
	g_test_add_func("/desk-redirect/a sealed letter waits in the outbox as it was composed",
	                a_sealed_letter_waits_in_the_outbox_as_it_was_composed);
	return g_test_run();
}
