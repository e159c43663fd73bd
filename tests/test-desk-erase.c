/* SPDX-License-Identifier: ISC */
/* Destruction by order through the real desk: who may order, confirm and stop it, and in which state of a case. */
#include "store/cases.h"
#include "tests/desk-room.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Where erasure = two-persons. */
static void begin(Scene *scene)
{
	static const char *const settings[] = {"erasure=two-persons", NULL};
	const DeskHooks hooks = {.dates = dates, .letter_queued = letter_queued};
	fixture_make(&scene->f, settings);
	scene->desk = desk_start(scene->f.registry, fixture_listen(&scene->f, "desk.sock"), &hooks, NULL);
	g_assert_nonnull(scene->desk);
}

static LedgerCase *case_of(const Scene *scene, guint64 seq)
{
	LedgerCase *c = ledger_case_by_seq(ledger_of(scene), seq, NULL);
	g_assert_nonnull(c);
	return c;
}

static json_t *act_body(const Client *client, guint64 seq)
{
	g_autoptr(LedgerCase) c = case_of(client->scene, seq);
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:I}", "request", "r-1", "mailbox", "senim@kmo.kz", "seq", (json_int_t)seq, "after",
	                 (json_int_t)ledger_case_last(c), "ground", "resolution", "known", (json_int_t)0);
}

/* why: the word that the refusal must have; NULL: any, or none. */
static long say(Client *client, const char *target, json_t *body, const char *why)
{
	json_t *answer = NULL;
	g_autoptr(json_t) stolen = body, attached = json_object();
	long status = post_act(client, target, stolen, attached, &answer);
	const char *word = json_string_value(json_object_get(answer, status == 403 ? "why" : "error"));
	if (why != NULL)
		g_assert_cmpstr(word, ==, why);
	json_decref(answer);
	return status;
}

static long order(Client *client, guint64 seq, guint64 message, const char *why)
{
	json_t *body = act_body(client, seq);
	json_object_set_new(body, "order", json_string("12-К"));
	json_object_set_new(body, "dated", json_string("2026-11-01"));
	json_object_set_new(body, "digest", json_string(DIGEST));
	json_object_set_new(body, "message", json_integer((json_int_t)message));
	json_object_set_new(body, "text", json_null());
	return say(client, "/v1/erase", body, why);
}

static long decide(Client *client, const char *target, guint64 seq, const char *why)
{
	g_autoptr(LedgerCase) c = case_of(client->scene, seq);
	json_t *body = act_body(client, seq);
	json_object_set_new(body, "of", json_integer(c->erasure != NULL ? (json_int_t)c->erasure->order : 1));
	return say(client, target, body, why);
}

static const char *state_of(const Scene *scene, guint64 seq)
{
	g_autoptr(LedgerCase) c = case_of(scene, seq);
	return c->erasure != NULL ? g_intern_string(c->erasure->word) : NULL;
}

static gsize waiting(Client *client)
{
	g_autoptr(json_t) answer = NULL;
	g_assert_cmpint(post(client, "/v1/erasures", json_pack("{s:s, s:I}", "mailbox", "senim@kmo.kz", "known", (json_int_t)0), &answer), ==, 200);
	return json_array_size(json_object_get(answer, "erasures"));
}

static void a_mailbox_erases_nothing_unless_it_is_told_to(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(order(&client, seq, 0, "erasure-never"), ==, 403);
	g_assert_null(state_of(&scene, seq));
}

static void one_orders_another_confirms_and_either_stops(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, chair = {0};
	begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(decide(&chair, "/v1/erase/confirm", seq, "state"), ==, 409);
	/* It is with the officers: the next level of leadership orders nothing there, and may confirm. */
	g_assert_cmpint(order(&chair, seq, 0, NULL), ==, 403);
	g_assert_cmpint(order(&client, seq, 0, NULL), ==, 200);
	g_assert_cmpint(order(&client, seq, 0, "state"), ==, 409);
	g_assert_cmpint(decide(&client, "/v1/erase/confirm", seq, "four-eyes-erasure"), ==, 403);
	g_assert_cmpuint(waiting(&client), ==, 1);
	g_assert_cmpuint(waiting(&chair), ==, 1);
	g_assert_cmpint(decide(&chair, "/v1/erase/confirm", seq, NULL), ==, 200);
	g_assert_cmpstr(state_of(&scene, seq), ==, "confirmed");
	g_assert_cmpint(decide(&chair, "/v1/erase/confirm", seq, "state"), ==, 409);
	g_assert_cmpint(decide(&client, "/v1/erase/stop", seq, NULL), ==, 200);
	g_assert_null(state_of(&scene, seq));
	g_assert_cmpuint(waiting(&chair), ==, 0);
	g_assert_cmpint(decide(&chair, "/v1/erase/stop", seq, "state"), ==, 409);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ERASURE), ==, 3);
}

static json_t *grant_body(guint64 seq)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "request", "r-2", "mailbox", "senim@kmo.kz", "seq", (json_int_t)seq, "to", "aigul",
	                 "ground", "resolution", "known", (json_int_t)0);
}

static void nobody_decides_about_himself_and_nobody_alone(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, chair = {0};
	begin(&scene);
	FixtureReport about = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1, .named = "aigul"};
	guint64 hers = fixture_register(&scene.f, &about);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(order(&client, hers, 0, NULL), ==, 403);
	g_assert_cmpint(order(&chair, hers, 0, NULL), ==, 200);
	g_assert_cmpint(decide(&client, "/v1/erase/confirm", hers, NULL), ==, 403);
	g_assert_cmpint(decide(&client, "/v1/erase/stop", hers, NULL), ==, 403);
	g_assert_cmpuint(waiting(&client), ==, 0); /* nor does she hear of it */
	g_assert_cmpint(decide(&chair, "/v1/erase/confirm", hers, "four-eyes-erasure"), ==, 403);
	/* What is given to her she reads from then on, and decides as little as before. */
	say(&chair, "/v1/grant", grant_body(hers), NULL);
	g_assert_cmpint(decide(&client, "/v1/erase/confirm", hers, NULL), ==, 403);
	g_assert_cmpint(decide(&client, "/v1/erase/stop", hers, NULL), ==, 403);
	g_assert_cmpstr(state_of(&scene, hers), ==, "ordered");
}

static void a_hold_forbids_it_and_an_order_freezes_the_row(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, chair = {0};
	begin(&scene);
	guint64 seq = register_small(&scene), other = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	for (guint i = 0; i < 2; i++) {
		json_t *hold = act_body(&client, seq);
		json_object_set_new(hold, "hold", json_string(i == 0 ? "on" : "off"));
		json_object_set_new(hold, "text", json_null());
		g_assert_cmpint(say(&client, "/v1/hold", hold, NULL), ==, 200);
		g_assert_cmpint(order(&client, seq, 0, i == 0 ? "state" : NULL), ==, i == 0 ? 409 : 200);
	}
	json_t *assign = act_body(&client, seq);
	json_object_set_new(assign, "to", json_string("aigul"));
	g_assert_cmpint(say(&client, "/v1/assign", assign, "state"), ==, 409);
	/* Of one message alone the row goes on. */
	g_assert_cmpint(order(&client, other, other, NULL), ==, 200);
	json_t *work = act_body(&client, other);
	json_object_set_new(work, "to", json_string("aigul"));
	g_assert_cmpint(say(&client, "/v1/assign", work, NULL), ==, 200);
	/* It is aigul's work now, and the chair may confirm all the same. */
	g_assert_cmpint(decide(&chair, "/v1/erase/confirm", other, NULL), ==, 200);
	g_assert_cmpint(order(&client, other, 4711, "state"), ==, 409);
}

/* --- what is somewhere else ------------------------------------------------------------------------------------------ */

/* The registrar's own word of something that left: KEY VALUE pairs behind time and officer. */
static void left(const Scene *scene, guint64 seq, EntryKind kind, const char *const *lines)
{
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(LedgerCase) c = case_of(scene, seq);
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)fixture_now);
	record_add(record, "officer", "aigul");
	record_add_uint(record, "case", seq);
	if (entry_is_casework(kind))
		record_add_uint(record, "after", ledger_case_last(c));
	for (guint i = 0; lines[i] != NULL; i += 2)
		record_add(record, lines[i], lines[i + 1]);
	const LedgerAct act = {.kind = kind, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq, .chained = entry_is_casework(kind),
	                       .after = ledger_case_last(c)};
	g_assert_true(ledger_append(ledger_of(scene), &act, &entry, &error));
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
}

/* "kind what by" of each, a line each (transfer full). */
static char *traces_of(Client *client, guint64 seq)
{
	json_t *trace;
	gsize i;
	g_autoptr(json_t) answer = NULL;
	g_autoptr(GString) all = g_string_new(NULL);
	g_assert_cmpint(post(client, "/v1/erasure", json_pack("{s:s, s:I}", "mailbox", "senim@kmo.kz", "seq", (json_int_t)seq), &answer), ==, 200);
	json_array_foreach(json_object_get(answer, "traces"), i, trace) {
		const char *what = json_string_value(json_object_get(trace, "what")), *by = json_string_value(json_object_get(trace, "by"));
		g_string_append_printf(all, "%s %s %s\n", json_string_value(json_object_get(trace, "kind")), what != NULL ? what : "-",
		                       by != NULL ? by : "-");
	}
	return g_string_free(g_steal_pointer(&all), FALSE);
}

static void everything_that_left_is_named(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene);
	guint64 seq = register_small(&scene), other = register_small(&scene);
	FixtureReport about = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1, .named = "aigul"};
	guint64 hers = fixture_register(&scene.f, &about);
	g_autofree char *to = g_strdup_printf("%" G_GUINT64_FORMAT, other), *secret = g_strdup_printf("%" G_GUINT64_FORMAT, hers);
	g_autoptr(LedgerCase) c = case_of(&scene, seq), second = case_of(&scene, other);
	g_autofree char *name = cases_name(c), *second_name = cases_name(second);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	const struct {
		EntryKind kind;
		const char *lines[16];
	} acts[] = {
		{ENTRY_REPLIED, {"act", "given", "by", "paper", "reason", "-"}},
		{ENTRY_REPLIED, {"act", "none", "by", "-", "reason", "repeated"}},
		{ENTRY_ADVISED, {"act", "given", "by", "mail", "to", "prosecutor"}},
		{ENTRY_FORWARDED, {"act", "allowed", "to", "audit"}},
		{ENTRY_FORWARDED, {"act", "made", "to", "audit", "by", "paper"}},
		{ENTRY_SPLIT, {"message", "1", "to", to}},
		{ENTRY_SPLIT, {"message", "1", "to", secret}},
		{ENTRY_EXTRACTED, {"as", "breach"}},
		{ENTRY_REGISTER_READ, {"act", "view", "period", "-"}},
		{ENTRY_REGISTER_READ, {"act", "print", "period", "1999"}},
		{ENTRY_REGISTER_READ, {"act", "print", "period", "-"}},
		{ENTRY_SHEET, {"act", "final", "sheet", "7", "first", name, "last", second_name}},
		{ENTRY_SHEET, {"act", "final", "sheet", "8", "first", second_name, "last", second_name}},
		{ENTRY_COPIED, {"sheet", "2", "line", "31"}},
		{ENTRY_INSPECTED, {"act", "made", "order", "5", "to", "4102444800", "names", "no"}},
		{ENTRY_INSPECTED, {"act", "made", "order", "6", "to", "4102444800", "names", "yes"}},
		{ENTRY_INSPECTED, {"act", "made", "order", "7", "to", "4102444800", "names", "no", "rows", "yes"}},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(acts); i++)
		left(&scene, seq, acts[i].kind, acts[i].lines);
	g_autofree char *all = traces_of(&client, seq), *others = traces_of(&client, other);
	g_autofree char *wanted = g_strdup_printf("replied - paper\nadvised prosecutor mail\nforwarded audit paper\nsplit %s -\nsplit - -\n"
	                                          "extracted breach -\nregister-read - -\nsheet 7 -\ncopied 31 -\ninspected 6 -\ninspected 7 -\n", second_name);
	g_autofree char *from = g_strdup_printf("split %s -\nregister-read - -\nsheet 7 -\nsheet 8 -\ninspected 6 -\n", name);
	g_assert_cmpstr(all, ==, wanted);
	g_assert_cmpstr(others, ==, from); /* the same words lie in both */
}

static void an_order_has_its_document(void)
{
	static const struct {
		const char *key, *value;
	} bad[] = {{"order", ""}, {"order", "a\nb"}, {"dated", "1.11.2026"}, {"dated", "2026-13-01"}, {"digest", "00"}, {"digest", ""}};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		json_t *body = act_body(&client, seq);
		json_object_set_new(body, "order", json_string("12"));
		json_object_set_new(body, "dated", json_string("2026-11-01"));
		json_object_set_new(body, "digest", json_string(DIGEST));
		json_object_set_new(body, "message", json_integer(0));
		json_object_set_new(body, "text", json_null());
		json_object_set_new(body, bad[i].key, json_string(bad[i].value));
		g_assert_cmpint(say(&client, "/v1/erase", body, "form"), ==, 400);
	}
	g_assert_cmpint(order(&client, seq, 4711, "not-found"), ==, 404);
	g_assert_null(state_of(&scene, seq));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-erase/a mailbox erases nothing unless it is told to", a_mailbox_erases_nothing_unless_it_is_told_to);
	g_test_add_func("/desk-erase/one orders, another confirms, and either stops", one_orders_another_confirms_and_either_stops);
	g_test_add_func("/desk-erase/nobody decides about himself, and nobody alone", nobody_decides_about_himself_and_nobody_alone);
	g_test_add_func("/desk-erase/a hold forbids it, and an order freezes the row", a_hold_forbids_it_and_an_order_freezes_the_row);
	g_test_add_func("/desk-erase/everything that left is named", everything_that_left_is_named);
	g_test_add_func("/desk-erase/an order has its document", an_order_has_its_document);
	return g_test_run();
}
