/* SPDX-License-Identifier: ISC */
/* The inspector's files through the real desk: who makes which, on what ground, and what each hears for it. */
#include <sodium.h>

#include "store/enrolment.h"
#include "tests/desk-room.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static json_t *one_ground(const Config *config G_GNUC_UNUSED, GError **error G_GNUC_UNUSED, gpointer user G_GNUC_UNUSED)
{
	return json_pack("[{s:s, s:[]}]", "id", "body-request", "needs");
}

static void begin(Scene *scene)
{
	room_grounds = one_ground;
	scene_begin(scene);
	room_grounds = NULL;
	fixture_now = g_get_real_time(); /* from here on it stands */
}

/* What is asked for; a field NULL or 0 is the usual. */
typedef struct {
	const char *order, *names, *rows, *log, *ground;
	guint64 of;  /* made: of that one */
	guint64 seq; /* made: with the row of that case */
	gint64 days; /* later */
} Ask;

static const char *or_else(const char *text, const char *usual)
{
	return text != NULL ? text : usual;
}

static json_t *body_of(const Ask *ask)
{
	json_t *seqs = json_array();
	if (ask->seq > 0)
		json_array_append_new(seqs, json_integer((json_int_t)ask->seq));
	const gint64 day = fixture_now / G_USEC_PER_SEC + ask->days * ENTRY_DAY;
	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:s, s:o}", "request", "r-1", "mailbox",
	                 "senim@kmo.kz", "ground", or_else(ask->ground, "inspection"), "known", (json_int_t)0, "act",
	                 ask->of > 0 ? "made" : "begun", "order", or_else(ask->order, "17/3"), "order_digest", "-", "from",
	                 (json_int_t)(day - ENTRY_DAY), "to", (json_int_t)(day + ENTRY_DAY), "names", or_else(ask->names, "no"), "rows",
	                 or_else(ask->rows, "no"), "log", or_else(ask->log, "own"), "of", (json_int_t)ask->of, "digest",
	                 ask->of > 0 ? DIGEST : "-", "seqs", seqs);
}

/* *seq (may be NULL): the entry; *why (may be NULL): the refusal's word, static. */
static long inspect(Client *client, const Ask *ask, guint64 *seq, const char **why)
{
	Entry entry;
	g_autoptr(json_t) answer = NULL;
	long status = post(client, "/v1/inspection", body_of(ask), &answer);
	if (status == 200) {
		g_autoptr(Record) record = record_of(answer, 0, &entry);
		g_assert_cmpuint(entry.kind, ==, ENTRY_INSPECTED);
		g_assert_cmpstr(record_get(record, "rows"), ==, or_else(ask->rows, "no"));
		if (seq != NULL)
			*seq = entry.seq;
	}
	if (why != NULL)
		*why = g_intern_string(json_string_value(json_object_get(answer, "why")));
	return status;
}

/* The supervisor watch, with the stranger's keys: entered by aigul, confirmed by the chair. */
static void add_supervisor(const Scene *scene)
{
	g_auto(Client) aigul = {0}, chair = {0};
	guint8 hash[ENROLMENT_HASH];
	char store[33], hex[2 * ENROLMENT_HASH + 1];
	g_autofree char *one = registry_log_key(scene->f.registry, 0), *two = registry_log_key(scene->f.registry, 1);
	const char *logs[] = {two, one, NULL};
	g_autoptr(KeyfilePublic) half = keyfile_public(scene->f.stranger, 0);
	g_autofree char *sign = g_base64_encode(half->sign, sizeof half->sign);
	sodium_bin2hex(store, sizeof store, registry_store_id(scene->f.registry), 16);
	enrolment_hash(store, logs, half->body, half->card, half->sign, hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	client_begin(&aigul, scene, scene->f.aigul, "aigul");
	client_begin(&chair, scene, scene->f.chair, "chair");
	json_t *add = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "request", "r-1", "mailbox", "senim@kmo.kz", "ground",
	                        "order", "known", (json_int_t)0, "name", "watch", "role", "supervisor", "body_key", half->body, "card_key",
	                        half->card, "sign_key", sign, "expires", 0, "order", "12-К");
	g_assert_cmpint(post(&aigul, "/v1/people/add", add, NULL), ==, 200);
	json_t *confirm = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "request", "r-1", "mailbox", "senim@kmo.kz", "ground", "order", "known",
	                            (json_int_t)0, "name", "watch", "words", hex);
	g_assert_cmpint(post(&chair, "/v1/people/confirm", confirm, NULL), ==, 200);
}

static void each_makes_the_file_of_what_she_may_read(void)
{
	static const struct {
		const char *who, *rows, *log;
		long status;
		const char *why;
	} rows[] = {
		{"aigul", "yes", "own", 200, NULL}, {"aigul", "yes", "all", 403, "not-supervisor"}, {"chair", "yes", "own", 200, NULL},
		{"chair", "no", "all", 403, "not-supervisor"}, /* there is a supervisor */
		{"watch", "no", "all", 200, NULL},  {"watch", "no", "own", 200, NULL}, {"watch", "yes", "all", 403, "not-reader"},
		{"watch", "maybe", "all", 400, NULL}, {"watch", "no", "some", 400, NULL},
	};
	g_auto(Scene) scene = {0};
	begin(&scene);
	add_supervisor(&scene);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(Client) client = {0};
		const char *why;
		const Keyfile *keys = strcmp(rows[i].who, "aigul") == 0   ? scene.f.aigul
		                      : strcmp(rows[i].who, "chair") == 0 ? scene.f.chair
		                                                          : scene.f.stranger;
		client_begin(&client, &scene, keys, rows[i].who);
		const Ask ask = {.rows = rows[i].rows, .log = rows[i].log, .ground = strcmp(rows[i].rows, "yes") == 0 ? "body-request" : NULL};
		g_assert_cmpint(inspect(&client, &ask, NULL, &why), ==, rows[i].status);
		if (rows[i].why != NULL)
			g_assert_cmpstr(why, ==, rows[i].why);
	}
}

static void where_nobody_supervises_the_leadership_has_the_acts_of_all(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) chair = {0};
	begin(&scene);
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(inspect(&chair, &(Ask){.log = "all"}, NULL, NULL), ==, 200);
}

static void rows_and_names_need_a_ground_of_the_list(void)
{
	static const struct {
		const char *rows, *names, *ground;
		long status;
	} rows[] = {
		{"no", "no", "inspection", 200},   {"no", "no", "body-request", 400}, {"yes", "no", "inspection", 403},
		{"yes", "no", "body-request", 200}, {"no", "yes", "inspection", 403}, {"yes", "yes", "body-request", 200},
	};
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0};
	begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(inspect(&aigul, &(Ask){.rows = rows[i].rows, .names = rows[i].names, .ground = rows[i].ground}, NULL, NULL), ==,
		                rows[i].status);
}

static void what_is_made_is_what_was_begun(void)
{
	guint64 begun;
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(inspect(&aigul, &(Ask){.rows = "yes", .ground = "body-request"}, &begun, NULL), ==, 200);
	const Ask others[] = {{.of = begun}, /* without the rows */
	                      {.of = begun, .rows = "yes", .ground = "body-request", .order = "18"},
	                      {.of = begun, .rows = "yes", .ground = "body-request", .names = "yes"},
	                      {.of = begun, .rows = "yes", .ground = "body-request", .days = 1},
	                      {.of = begun - 1, .rows = "yes", .ground = "body-request"}};
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		g_assert_cmpint(inspect(&aigul, &others[i], NULL, NULL), ==, 404);
	const Ask same = {.of = begun, .rows = "yes", .ground = "body-request"};
	g_assert_cmpint(inspect(&chair, &same, NULL, NULL), ==, 404); /* another's */
	g_assert_cmpint(inspect(&aigul, &same, NULL, NULL), ==, 200);
	fixture_now += 9 * G_TIME_SPAN_HOUR;
	g_assert_cmpint(inspect(&aigul, &same, NULL, NULL), !=, 200); /* too late */
}

static void an_entry_names_the_cases_whose_rows_left_and_they_are_hers(void)
{
	guint64 begun;
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0};
	begin(&scene);
	FixtureReport about = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1, .named = "aigul"};
	guint64 hers = register_small(&scene), other = fixture_register(&scene.f, &about);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	const Ask named = {.rows = "yes", .names = "yes", .ground = "body-request"};
	g_assert_cmpint(inspect(&aigul, &(Ask){.rows = "yes", .names = "yes", .ground = "body-request", .seq = hers}, NULL, NULL), ==, 400);
	g_assert_cmpint(inspect(&aigul, &named, &begun, NULL), ==, 200);
	Ask made = named;
	made.of = begun;
	made.seq = other; /* it is about her */
	g_assert_cmpint(inspect(&aigul, &made, NULL, NULL), ==, 403);
	made.seq = 4711;
	g_assert_cmpint(inspect(&aigul, &made, NULL, NULL), ==, 404);
	made.seq = hers;
	g_assert_cmpint(inspect(&aigul, &made, NULL, NULL), ==, 200);
}

static long rows_of(Client *client, guint64 entry, json_t **answer)
{
	return post(client, "/v1/inspection/rows", json_pack("{s:s, s:I, s:n}", "mailbox", "senim@kmo.kz", "entry", (json_int_t)entry, "after"),
	            answer);
}

static void of_what_another_reads_there_is_the_number_alone(void)
{
	guint64 begun, read;
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	g_autoptr(json_t) hers = NULL, all = NULL;
	begin(&scene);
	FixtureReport about = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1, .named = "aigul"};
	register_small(&scene);
	fixture_register(&scene.f, &about);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(inspect(&aigul, &(Ask){0}, &begun, NULL), ==, 200);
	g_assert_cmpint(inspect(&chair, &(Ask){.log = "all"}, &read, NULL), ==, 200);
	g_assert_cmpint(rows_of(&chair, begun, NULL), ==, 403); /* it is another's */
	g_assert_cmpint(rows_of(&aigul, 0, NULL), ==, 403);     /* and this no inspection */
	g_assert_cmpint(rows_of(&aigul, begun, &hers), ==, 200);
	g_assert_cmpint(rows_of(&chair, read, &all), ==, 200);
	const json_t *mine = json_array_get(json_object_get(hers, "rows"), 0), *other = json_array_get(json_object_get(hers, "rows"), 1);
	g_assert_cmpint(json_integer_value(json_object_get(mine, "received")), >, 0);
	g_assert_false(json_is_true(json_object_get(mine, "elsewhere")));
	g_assert_cmpuint(json_object_size(other), ==, 2);
	g_assert_nonnull(json_string_value(json_object_get(other, "name")));
	g_assert_true(json_is_true(json_object_get(other, "elsewhere")));
	/* Who reads the log in the supervisor's place has the days of all, and the state of what is hers. */
	mine = json_array_get(json_object_get(all, "rows"), 0);
	g_assert_cmpint(json_integer_value(json_object_get(mine, "received")), >, 0);
	g_assert_true(json_is_null(json_object_get(mine, "state")));
}

/* How many files of her order and days she is told of. */
static gsize files_of(Client *client, guint64 entry)
{
	g_autoptr(json_t) answer = NULL;
	g_assert_cmpint(post(client, "/v1/inspection/files",
	                     json_pack("{s:s, s:I, s:I}", "mailbox", "senim@kmo.kz", "entry", (json_int_t)entry, "known", (json_int_t)0), &answer),
	                ==, 200);
	for (guint i = 0; i < json_array_size(json_object_get(answer, "entries")); i++) {
		Entry read;
		g_autoptr(Record) record = record_of(answer, i, &read);
		g_assert_cmpstr(record_get(record, "act"), ==, i == 0 ? "begun" : "made");
		g_assert_cmpstr(record_get(record, "order"), ==, "17/3");
	}
	return json_array_size(json_object_get(answer, "entries")) - 1;
}

static void the_files_of_an_order_know_one_another(void)
{
	guint64 first, second, third;
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(inspect(&aigul, &(Ask){0}, &first, NULL), ==, 200);
	g_assert_cmpuint(files_of(&aigul, first), ==, 0);
	g_assert_cmpint(inspect(&aigul, &(Ask){.of = first}, NULL, NULL), ==, 200);
	/* Of another order, and of other days: not in this pack. */
	g_assert_cmpint(inspect(&aigul, &(Ask){.order = "18"}, &second, NULL), ==, 200);
	g_assert_cmpint(inspect(&aigul, &(Ask){.order = "18", .of = second}, NULL, NULL), ==, 200);
	g_assert_cmpint(inspect(&aigul, &(Ask){.days = 1}, &second, NULL), ==, 200);
	g_assert_cmpint(inspect(&aigul, &(Ask){.days = 1, .of = second}, NULL, NULL), ==, 200);
	g_assert_cmpint(inspect(&chair, &(Ask){.log = "all"}, &third, NULL), ==, 200);
	g_assert_cmpuint(files_of(&chair, third), ==, 1);
	g_assert_cmpint(inspect(&chair, &(Ask){.log = "all", .of = third}, NULL, NULL), ==, 200);
	g_assert_cmpint(inspect(&aigul, &(Ask){0}, &first, NULL), ==, 200);
	g_assert_cmpuint(files_of(&aigul, first), ==, 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-inspection/each makes the file of what she may read", each_makes_the_file_of_what_she_may_read);
	g_test_add_func("/desk-inspection/where nobody supervises, the leadership has the acts of all",
	                where_nobody_supervises_the_leadership_has_the_acts_of_all);
	g_test_add_func("/desk-inspection/rows and names need a ground of the list", rows_and_names_need_a_ground_of_the_list);
	g_test_add_func("/desk-inspection/what is made is what was begun", what_is_made_is_what_was_begun);
	g_test_add_func("/desk-inspection/an entry names the cases whose rows left, and they are hers",
	                an_entry_names_the_cases_whose_rows_left_and_they_are_hers);
	g_test_add_func("/desk-inspection/of what another reads there is the number alone", of_what_another_reads_there_is_the_number_alone);
	g_test_add_func("/desk-inspection/the files of an order know one another", the_files_of_an_order_know_one_another);
	return g_test_run();
}
