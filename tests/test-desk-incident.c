/* SPDX-License-Identifier: ISC */
/* The emergency journal at the desk, through the real socket: who enters what, and what is refused. */
#include "store/desk-incident.h"
#include "tests/desk-room.h"

#define HOUR G_TIME_SPAN_HOUR

/* NULL and 0 are none. */
typedef struct {
	const char *act;
	guint64 of;
	gint64 from, to;
	const char *part, *cause, *measures, *responsible;
} Entered;

static const char *or_none(const char *text)
{
	return text != NULL ? text : "-";
}

static json_t *body_of(const Entered *e, guint64 after)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "mailbox", "senim@kmo.kz", "act", e->act, "of",
	                 (json_int_t)e->of, "after", (json_int_t)after, "from", (json_int_t)e->from, "to", (json_int_t)e->to, "part",
	                 or_none(e->part), "cause", or_none(e->cause), "measures", or_none(e->measures), "needed", "-", "responsible",
	                 or_none(e->responsible));
}

static guint64 last_of(const Scene *scene)
{
	g_autoptr(IncidentBook) book = ledger_incidents(ledger_of(scene), NULL);
	g_assert_nonnull(book);
	return book->last;
}

static long enter_after(Client *client, const Entered *e, guint64 after, json_t **answer)
{
	json_t *body = body_of(e, after);
	json_object_set_new(body, "request", json_string("r-1"));
	json_object_set_new(body, "ground", json_string("incident"));
	json_object_set_new(body, "known", json_integer(0));
	return post(client, DESK_INCIDENT, body, answer);
}

static long enter(Client *client, const Entered *e)
{
	return enter_after(client, e, last_of(client->scene), NULL);
}

static long as_host(const Scene *scene, const char *target, json_t *body, json_t **answer)
{
	g_autoptr(GByteArray) octets = NULL;
	char *text = json_dumps(body, JSON_COMPACT);
	long status = exchange(scene, target, NULL, text, strlen(text), &octets);
	free(text);
	json_decref(body);
	*answer = json_loadb((const char *)octets->data, octets->len, 0, NULL);
	return status;
}

static void an_officer_s_act_is_hers_and_follows_what_she_saw(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	Entry entry;
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	const Entered opened = {"opened", 0, fixture_now - 2 * HOUR, fixture_now - HOUR, "flood", "a pipe burst", NULL, NULL};
	g_assert_cmpint(enter_after(&client, &opened, 0, &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &entry);
	g_assert_cmpint(entry.kind, ==, ENTRY_INCIDENT);
	g_assert_cmpint(entry.flags & ENTRY_FLAG_PERSONAL, !=, 0);
	g_assert_cmpstr(record_get(record, "officer"), ==, "aigul");
	g_assert_cmpstr(record_get(record, "part"), ==, "flood");
	g_assert_nonnull(record_get(record, "signature"));
	json_decref(answer);
	g_assert_cmpint(enter_after(&client, &opened, 0, NULL), ==, 409); /* she has not seen what was entered since */
	g_assert_cmpint(enter(&client, &opened), ==, 200);
}

static void what_makes_no_sense_is_refused(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	gint64 now = fixture_now;
	g_assert_cmpint(enter(&client, &(Entered){"opened", 0, now - 2 * HOUR, 0, "flood", "x", NULL, NULL}), ==, 200);
	guint64 of = last_of(&scene);
	g_assert_cmpint(enter(&client, &(Entered){"planned", 0, now + HOUR, now + 2 * HOUR, NULL, "x", NULL, NULL}), ==, 200);
	guint64 plan = last_of(&scene);
	g_autofree char *large = g_strnfill(INCIDENT_TEXT + 1, 'x');
	const struct {
		Entered e;
		long status;
	} rows[] = {
		{{"opened", 0, now + HOUR, 0, "flood", "x", NULL, NULL}, 400},           /* in the future */
		{{"opened", 0, now - HOUR, now - 2 * HOUR, "flood", "x", NULL, NULL}, 400},
		{{"opened", 0, now - HOUR, 0, "cellar", "x", NULL, NULL}, 400},
		{{"opened", 0, now - HOUR, 0, "flood", NULL, NULL, NULL}, 400},
		{{"opened", 0, now - HOUR, 0, "flood", "x\ny", NULL, NULL}, 400},
		{{"opened", 0, now - HOUR, 0, "flood", large, NULL, NULL}, 400},
		{{"opened", 0, now - HOUR, 0, "flood", "x", "measures", NULL}, 400},     /* what does not belong to the act */
		{{"opened", of, now - HOUR, 0, "flood", "x", NULL, NULL}, 400},
		{{"completed", of, 0, 0, "flood", "x", "y", "z"}, 409},                 /* it lasts */
		{{"completed", of, 0, now - 3 * HOUR, "flood", "x", "y", "z"}, 400},     /* before its beginning */
		{{"completed", of, 0, now + HOUR, "flood", "x", "y", "z"}, 400},
		{{"completed", of, 0, now, "flood", "x", "y", NULL}, 400},
		{{"completed", 9999, 0, now, "flood", "x", "y", "z"}, 404},
		{{"planned", 0, now - 1, now + HOUR, NULL, "x", NULL, NULL}, 409},        /* not beforehand */
		{{"planned", 0, now + HOUR, now + HOUR, NULL, "x", NULL, NULL}, 400},
		{{"planned", 0, now + HOUR, now + HOUR + 15 * G_TIME_SPAN_DAY, NULL, "x", NULL, NULL}, 400},
		{{"cancelled", of, 0, 0, NULL, NULL, NULL, NULL}, 404},
		{{"ended", of, 0, now, NULL, NULL, NULL, NULL}, 400},                   /* the registrar's own */
		{{"forgotten", 0, 0, 0, NULL, NULL, NULL, NULL}, 400},
	};
	guint64 size = last_of(&scene);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("row %u: %s", (guint)i, rows[i].e.act);
		g_assert_cmpint(enter(&client, &rows[i].e), ==, rows[i].status);
	}
	g_assert_cmpuint(last_of(&scene), ==, size);
	g_assert_cmpint(enter(&client, &(Entered){"completed", of, 0, now, "flood", "x", "y", "z"}), ==, 200);
	g_assert_cmpint(enter(&client, &(Entered){"completed", of, 0, now, "flood", "x", "y", "z"}), ==, 409); /* a second end */
	g_assert_cmpint(enter(&client, &(Entered){"completed", of, 0, 0, "power", "x", "y", "z"}), ==, 200); /* a correction */
	fixture_now = now + HOUR; /* it has begun */
	g_assert_cmpint(enter(&client, &(Entered){"cancelled", plan, 0, 0, NULL, NULL, NULL, NULL}), ==, 409);
	fixture_now = now;
	g_assert_cmpint(enter(&client, &(Entered){"cancelled", plan, 0, 0, NULL, NULL, NULL, NULL}), ==, 200);
}

static void the_end_of_what_the_registrar_saw_is_its_own_to_say(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	LedgerIncident incident = {.what = "mta", .from = fixture_now - 2 * HOUR};
	g_assert_true(ledger_incident(ledger_of(&scene), &incident, NULL));
	guint64 of = last_of(&scene);
	g_assert_cmpint(enter(&client, &(Entered){"completed", of, 0, fixture_now, "mail", "x", "y", "z"}), ==, 409);
	incident.of = of;
	incident.to = fixture_now;
	g_assert_true(ledger_incident(ledger_of(&scene), &incident, NULL));
	g_assert_cmpint(enter(&client, &(Entered){"completed", of, 0, 0, "mail", "x", "y", "z"}), ==, 200);
}

static void whoever_keeps_the_host_enters_without_a_key(void)
{
	g_auto(Scene) scene = {0};
	json_t *answer;
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	const Entered opened = {"opened", 0, fixture_now - HOUR, fixture_now, "power", "dark", NULL, NULL};
	g_assert_cmpint(as_host(&scene, DESK_HOST_INCIDENT, body_of(&opened, 0), &answer), ==, 200);
	json_decref(answer);
	g_assert_cmpint(as_host(&scene, DESK_HOST_INCIDENT, body_of(&opened, 0), &answer), ==, 409);
	json_decref(answer);
	g_assert_cmpint(as_host(&scene, DESK_HOST_INCIDENTS, json_pack("{s:s, s:i}", "mailbox", "senim@kmo.kz", "after", 0), &answer), ==, 200);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "entries")), ==, 1);
	json_decref(answer);
	g_assert_cmpint(as_host(&scene, DESK_HOST_INCIDENTS, json_pack("{s:s, s:i}", "mailbox", "nobody@kmo.kz", "after", 0), &answer), ==, 404);
	json_decref(answer);
	g_assert_cmpint(as_host(&scene, DESK_HOST_INCIDENTS, json_pack("{s:s}", "mailbox", "senim@kmo.kz"), &answer), ==, 400);
	json_decref(answer);
	g_autoptr(IncidentBook) book = ledger_incidents(ledger_of(&scene), NULL);
	g_assert_cmpstr(incident_book_nth(book, 1)->by, ==, geteuid() == 0 ? "root" : "registrar");
}

/* More than one page: each entry once, in order, and the chain holds. */
static void a_long_journal_comes_in_pages(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (guint i = 0; i < 130; i++) {
		const LedgerIncident incident = {.what = "mta", .from = fixture_now - HOUR, .to = fixture_now};
		g_assert_true(ledger_incident(ledger_of(&scene), &incident, NULL));
	}
	g_autoptr(IncidentBook) book = incident_book_new();
	for (gboolean more = TRUE; more;) {
		json_t *answer;
		Entry entry;
		json_t *body = json_pack("{s:s, s:I, s:i}", "mailbox", "senim@kmo.kz", "after", (json_int_t)book->last, "known", 0);
		g_assert_cmpint(post(&client, DESK_INCIDENTS, body, &answer), ==, 200);
		for (guint i = 1; i < json_array_size(json_object_get(answer, "entries")); i++) {
			g_autoptr(Record) record = record_of(answer, i, &entry);
			g_assert_true(incident_book_fold(book, entry.seq, record, NULL));
		}
		more = json_is_true(json_object_get(answer, "more"));
		json_decref(answer);
	}
	g_assert_cmpuint(book->incidents->len, ==, 130);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_NOTHING);
	g_test_add_func("/desk-incident/an officer's act is hers, and follows what she saw",
	                an_officer_s_act_is_hers_and_follows_what_she_saw);
	g_test_add_func("/desk-incident/what makes no sense is refused", what_makes_no_sense_is_refused);
	g_test_add_func("/desk-incident/the end of what the registrar saw is its own to say",
	                the_end_of_what_the_registrar_saw_is_its_own_to_say);
	g_test_add_func("/desk-incident/whoever keeps the host enters without a key", whoever_keeps_the_host_enters_without_a_key);
	g_test_add_func("/desk-incident/a long journal comes in pages", a_long_journal_comes_in_pages);
	return g_test_run();
}
