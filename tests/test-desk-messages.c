/* SPDX-License-Identifier: ISC */
/* A case's further messages through the real desk: listed, opened under an entry of their own, kept from whom they name. */
#include "store/custody.h"
#include "store/letter-token.h"
#include "tests/desk-room.h"

static char *reference_to(const Scene *scene, guint64 seq)
{
	guint8 key[CUSTODY_KEY];
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(scene), seq, NULL);
	custody_derive(registry_custody(scene->f.registry), registry_store_id(scene->f.registry), CUSTODY_MESSAGE_ID, key);
	return letter_token_make(key, c->case_id, 1);
}

/* An answer that came for it; returns its entry. */
static guint64 answer(const Scene *scene, guint64 seq, const char *named, gboolean held)
{
	g_autofree char *reference = reference_to(scene, seq);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 500, .reference = reference, .named = named, .held = held};
	g_assert_cmpint(fixture_hand_in(&scene->f, &report), ==, LEDGER_FOLLOWED);
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(scene), seq, NULL);
	return c->last;
}

static json_t *messages_body(guint64 seq)
{
	return json_pack("{s:s, s:I}", "mailbox", "senim@kmo.kz", "seq", (json_int_t)seq);
}

static json_t *open_message_body(guint64 seq, guint64 message, const char *part)
{
	json_t *body = open_body(seq, part);
	json_object_set_new(body, "message", json_integer((json_int_t)message));
	return body;
}

static json_t *message_at(const json_t *reply, gsize i)
{
	return json_array_get(json_object_get(reply, "messages"), i);
}

static void an_answer_is_listed_and_opened_under_its_own_entry(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *reply;
	Entry entry;
	scene_begin(&scene);
	guint64 seq = register_small(&scene), message = answer(&scene, seq, NULL, FALSE);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/messages", messages_body(seq), &reply), ==, 200);
	g_assert_cmpint(json_array_size(json_object_get(reply, "messages")), ==, 1);
	g_assert_cmpint(json_integer_value(json_object_get(message_at(reply, 0), "seq")), ==, (gint64)message);
	g_assert_cmpint(json_integer_value(json_object_get(message_at(reply, 0), "number")), ==, 2);
	g_assert_true(json_is_true(json_object_get(message_at(reply, 0), "unread")));
	json_decref(reply);
	g_assert_cmpint(post(&client, "/v1/open", open_message_body(seq, message, "body"), &reply), ==, 200);
	g_autoptr(Record) record = record_of(reply, 0, &entry);
	g_assert_cmpint(entry.kind, ==, ENTRY_OPENED);
	g_autofree char *named = g_strdup_printf("%" G_GUINT64_FORMAT, message);
	g_assert_cmpstr(record_get(record, "message"), ==, named);
	g_autoptr(Record) registered = record_of(reply, 1, &entry);
	g_assert_cmpint(entry.kind, ==, ENTRY_FOLLOWUP);
	g_assert_cmpuint(entry.seq, ==, message);
	json_decref(reply);
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&scene), seq, NULL);
	g_assert_cmpuint(c->seen, ==, message);
	g_assert_cmpstr(c->state, ==, "new"); /* the report itself was opened by nobody */
}

static void a_message_of_another_case_is_none_of_this(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 one = register_small(&scene), two = register_small(&scene), message = answer(&scene, two, NULL, FALSE);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	const guint64 wrong[] = {message, one, two, 0x7fffffff, 1};
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
		g_assert_cmpint(post(&client, "/v1/open", open_message_body(one, wrong[i], "body"), NULL), ==, 404);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, 0);
	g_assert_cmpint(post(&client, "/v1/open", open_message_body(two, message, "card"), NULL), ==, 200);
}

static void whom_an_answer_accuses_loses_the_case(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	json_t *reply;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&aigul, "/v1/open", open_body(seq, "body"), NULL), ==, 200);
	guint64 message = answer(&scene, seq, "aigul", FALSE);
	g_assert_cmpint(post(&aigul, "/v1/open", open_body(seq, "body"), NULL), ==, 403);
	g_assert_cmpint(post(&aigul, "/v1/messages", messages_body(seq), NULL), ==, 403);
	g_assert_cmpint(post(&aigul, "/v1/open", open_message_body(seq, message, "body"), NULL), ==, 403);
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&chair, "/v1/messages", messages_body(seq), &reply), ==, 200);
	json_decref(reply);
	g_assert_cmpint(post(&chair, "/v1/open", open_message_body(seq, message, "body"), NULL), ==, 200);
}

static void a_message_that_is_held_waits_a_day(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *reply;
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	guint64 seq = register_small(&scene), message = answer(&scene, seq, NULL, TRUE);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/messages", messages_body(seq), &reply), ==, 200);
	g_assert_true(json_is_true(json_object_get(message_at(reply, 0), "elsewhere")));
	g_assert_null(json_object_get(message_at(reply, 0), "seq"));
	json_decref(reply);
	g_assert_cmpint(post(&client, "/v1/open", open_message_body(seq, message, "body"), NULL), ==, 403);
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "body"), NULL), ==, 200); /* the report is hers all along */
	fixture_now += 24 * 3600 * (gint64)G_USEC_PER_SEC;
	client_clear(&client);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/open", open_message_body(seq, message, "body"), NULL), ==, 200);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_NOTHING);
#define ADD(name) g_test_add_func("/desk-messages/" #name, name)
	ADD(an_answer_is_listed_and_opened_under_its_own_entry);
	ADD(a_message_of_another_case_is_none_of_this);
	ADD(whom_an_answer_accuses_loses_the_case);
	ADD(a_message_that_is_held_waits_a_day);
	return g_test_run();
}
