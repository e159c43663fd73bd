/* SPDX-License-Identifier: ISC */
/* Outages as the registrar sees them, with real ledgers, both clocks moved and the process's end played. */
#include <glib/gstdio.h>
#include <string.h>

#include "store/private-file.h"
#include "store/outages.h"
#include "tests/store-fixture.h"

#define MINUTE G_TIME_SPAN_MINUTE
#define HOUR G_TIME_SPAN_HOUR

static gint64 up;

static gint64 uptime(void)
{
	return up;
}

typedef struct {
	Fixture f;
	Outages *outages;
} Scene;

static void begin_outages(Scene *scene, const char *boot)
{
	const OutagesOptions options = {uptime, boot};
	scene->outages = outages_new(scene->f.registry, &options);
	outages_look(scene->outages);
}

/* kill -9: nothing says that it ended. */
static void die(Scene *scene)
{
	g_clear_pointer(&scene->outages, outages_stop);
}

static void pass(gint64 span)
{
	fixture_now += span;
	up += span;
}

/* So many minutes, each looked at. */
static void live(Scene *scene, guint minutes)
{
	for (guint i = 0; i < minutes; i++) {
		pass(MINUTE);
		outages_look(scene->outages);
	}
}

static void scene_begin(Scene *scene)
{
	fixture_make(&scene->f, NULL);
	fixture_now = g_get_real_time();
	up = 5000 * (gint64)G_USEC_PER_SEC;
	begin_outages(scene, "one");
}

static void scene_clear(Scene *scene)
{
	die(scene);
	fixture_clear(&scene->f);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

static IncidentBook *book_of(const Scene *scene, guint mailbox)
{
	g_autoptr(GError) error = NULL;
	IncidentBook *book = ledger_incidents(registry_ledger(scene->f.registry, mailbox), &error);
	g_assert_no_error(error);
	return book;
}

/* In both registers, which say the same. */
static IncidentBook *expect(const Scene *scene, guint n)
{
	g_autoptr(IncidentBook) other = book_of(scene, 1);
	IncidentBook *book = book_of(scene, 0);
	g_assert_cmpuint(book->incidents->len, ==, n);
	g_assert_cmpuint(other->incidents->len, ==, n);
	return book;
}

static void expect_one(const Scene *scene, const char *what, const char *how, gint64 from, gint64 to)
{
	g_autoptr(IncidentBook) book = expect(scene, 1);
	const Incident *incident = incident_book_nth(book, 1);
	g_assert_cmpstr(incident->what, ==, what);
	g_assert_cmpstr(incident->how, ==, how);
	g_assert_cmpint(incident->from, ==, from);
	g_assert_cmpint(incident->to, ==, to);
}

static void an_outage_of_more_than_an_hour_is_entered_at_the_start_and_once(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	live(&scene, 3);
	gint64 last = fixture_now;
	die(&scene);
	pass(2 * HOUR);
	begin_outages(&scene, "one");
	expect_one(&scene, "registrar", "died", last, fixture_now);
	gint64 to = fixture_now;
	die(&scene);
	begin_outages(&scene, "one");
	live(&scene, 2);
	expect_one(&scene, "registrar", "died", last, to);
}

static void a_shorter_one_is_not(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	die(&scene);
	pass(HOUR - MINUTE);
	begin_outages(&scene, "one");
	g_autoptr(IncidentBook) book = expect(&scene, 0);
}

static void after_a_new_start_of_the_host_the_wall_clock_counts(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	gint64 last = fixture_now;
	die(&scene);
	fixture_now += 5 * HOUR;
	up = 30 * (gint64)G_USEC_PER_SEC;
	begin_outages(&scene, "two");
	expect_one(&scene, "registrar", "host", last, fixture_now);
}

static void a_clock_that_was_set_is_no_outage(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	die(&scene);
	pass(MINUTE);
	fixture_now += 5 * HOUR; /* the same start of the host: it was away for a minute */
	begin_outages(&scene, "one");
	expect_one(&scene, "clock", "ahead", fixture_now, fixture_now);
	g_autoptr(IncidentBook) book = book_of(&scene, 0);
	g_assert_cmpstr(incident_book_nth(book, 1)->details->pdata[0], ==, "the clock was set by +18000 seconds");
	live(&scene, 3);
	g_autoptr(IncidentBook) again = expect(&scene, 1);
}

static void a_leap_while_it_lives_is_entered(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	live(&scene, 2);
	fixture_now += 3 * HOUR;
	live(&scene, 1);
	expect_one(&scene, "clock", "ahead", fixture_now, fixture_now);
}

static void what_cannot_be_entered_is_tried_again_through_restarts(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	gint64 last = fixture_now;
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	fixture_now += 10 * HOUR; /* its entry is of then: the books put off all that is before */
	fixture_register(&scene.f, &report);
	fixture_now -= 10 * HOUR;
	die(&scene);
	pass(2 * HOUR);
	begin_outages(&scene, "one");
	gint64 to = fixture_now;
	g_autoptr(IncidentBook) none = book_of(&scene, 0);
	g_assert_cmpuint(none->incidents->len, ==, 0);
	die(&scene);
	begin_outages(&scene, "one");
	pass(9 * HOUR);
	outages_look(scene.outages);
	g_autoptr(IncidentBook) book = book_of(&scene, 0), other = book_of(&scene, 1);
	const Incident *clock = incident_book_nth(book, 1), *outage = incident_book_nth(book, 2);
	g_assert_cmpstr(clock->what, ==, "clock"); /* the ledger's own word for it */
	g_assert_cmpstr(outage->what, ==, "registrar");
	g_assert_cmpint(outage->from, ==, last);
	g_assert_cmpint(outage->to, ==, to);
	g_assert_cmpuint(other->incidents->len, ==, 1); /* where it could be entered at once it stands once */
}

static void an_mta_that_is_away_for_an_hour_opens_an_incident_that_ends(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	gint64 from = fixture_now;
	outages_mta(scene.outages, FALSE);
	for (guint i = 0; i < 59; i++) {
		live(&scene, 1);
		outages_mta(scene.outages, FALSE);
	}
	g_autoptr(IncidentBook) none = expect(&scene, 0);
	live(&scene, 2);
	expect_one(&scene, "mta", NULL, from, 0);
	die(&scene); /* the end of what began before a restart is known all the same */
	pass(MINUTE);
	begin_outages(&scene, "one");
	live(&scene, 30);
	outages_mta(scene.outages, TRUE);
	gint64 to = fixture_now;
	live(&scene, 2);
	expect_one(&scene, "mta", NULL, from, to);
	outages_mta(scene.outages, FALSE);
	live(&scene, 10);
	outages_mta(scene.outages, TRUE);
	live(&scene, 100);
	g_autoptr(IncidentBook) book = expect(&scene, 1);
	g_assert_null(incident_book_lasting(book, "mta"));
}

static void what_ended_before_anybody_looked_is_one_entry(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	gint64 from = fixture_now;
	outages_report(scene.outages, FALSE);
	outages_milter(scene.outages, TRUE, 4);
	pass(HOUR + MINUTE);
	outages_milter(scene.outages, TRUE, 3);
	outages_report(scene.outages, TRUE);
	outages_look(scene.outages);
	expect_one(&scene, "refused", NULL, from, fixture_now);
	g_autoptr(IncidentBook) book = book_of(&scene, 0);
	g_assert_cmpuint(incident_book_nth(book, 1)->refused, ==, 7);
	g_assert_cmpuint(book->entries->len, ==, 1);
}

static void a_milter_is_missed_once_it_was_there(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	live(&scene, 120);
	g_autoptr(IncidentBook) none = expect(&scene, 0);
	outages_milter(scene.outages, TRUE, 0);
	gint64 seen = fixture_now;
	live(&scene, 62);
	expect_one(&scene, "milter", NULL, seen, 0);
	outages_milter(scene.outages, TRUE, 0);
	gint64 back = fixture_now;
	live(&scene, 1);
	expect_one(&scene, "milter", NULL, seen, back);
}

static void a_nursery_that_is_not_there_is_an_outage_though_the_milter_lives(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	outages_milter(scene.outages, FALSE, 0);
	gint64 from = fixture_now;
	for (guint i = 0; i < 62; i++) {
		live(&scene, 1);
		outages_milter(scene.outages, FALSE, 0);
	}
	expect_one(&scene, "nursery", NULL, from, 0);
}

static void an_outage_of_the_registrar_is_none_of_the_milter(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	outages_milter(scene.outages, TRUE, 0);
	live(&scene, 1);
	gint64 last = fixture_now;
	die(&scene);
	pass(3 * HOUR);
	begin_outages(&scene, "one");
	live(&scene, 1);
	outages_milter(scene.outages, TRUE, 0);
	live(&scene, 1);
	g_autoptr(IncidentBook) book = expect(&scene, 1);
	g_assert_cmpint(incident_book_nth(book, 1)->from, ==, last);
}

/* What cannot be read is no outage, and no reason not to start. */
static void a_file_of_another_form_says_nothing(void)
{
	static const char *const files[] = {"", "senim-alive: 2\n", "senim-alive: 1\ntime: x\nuptime: 1\nboot: b\nended: no\nmilter: 0\n",
	                                    "senim-alive: 1\ntime: 9\nuptime: 1\nboot: b\nended: no\nmilter: 0\ntrouble: mta x\n"};
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_auto(Scene) scene = {0};
		scene_begin(&scene);
		die(&scene);
		g_autofree char *path = g_build_filename(scene.f.config->state_directory, OUTAGES_MARK, NULL);
		g_assert_true(private_file_replace(path, files[i], strlen(files[i]), 0600, NULL));
		begin_outages(&scene, "one");
		g_autoptr(IncidentBook) book = expect(&scene, i < 3 ? 0 : 1); /* since 1970: the last of them has a moment */
	}
}

static void the_file_does_not_grow(void)
{
	g_auto(Scene) scene = {0};
	GStatBuf before, after;
	scene_begin(&scene);
	g_autofree char *path = g_build_filename(scene.f.config->state_directory, OUTAGES_MARK, NULL);
	guint64 size = ledger_size(registry_ledger(scene.f.registry, 0));
	g_assert_cmpint(g_stat(path, &before), ==, 0);
	g_assert_cmpint(before.st_mode & 0777, ==, 0600);
	live(&scene, 300);
	g_assert_cmpint(g_stat(path, &after), ==, 0);
	g_assert_cmpint(after.st_size, <=, before.st_size + 2);
	g_assert_cmpuint(ledger_size(registry_ledger(scene.f.registry, 0)), ==, size); /* and no entry a minute */
}

static void one_that_is_stopped_in_order_says_so(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	outages_start(scene.outages);
	g_clear_pointer(&scene.outages, outages_stop);
	gint64 last = fixture_now;
	pass(2 * HOUR);
	begin_outages(&scene, "one");
	expect_one(&scene, "registrar", "stopped", last, fixture_now);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/outages/an outage of more than an hour is entered at the start, and once",
	                an_outage_of_more_than_an_hour_is_entered_at_the_start_and_once);
	g_test_add_func("/outages/a shorter one is not", a_shorter_one_is_not);
	g_test_add_func("/outages/after a new start of the host the wall clock counts",
	                after_a_new_start_of_the_host_the_wall_clock_counts);
	g_test_add_func("/outages/a clock that was set is no outage", a_clock_that_was_set_is_no_outage);
	g_test_add_func("/outages/a leap while it lives is entered", a_leap_while_it_lives_is_entered);
	g_test_add_func("/outages/what cannot be entered is tried again, through restarts",
	                what_cannot_be_entered_is_tried_again_through_restarts);
	g_test_add_func("/outages/an MTA that is away for an hour opens an incident that ends",
	                an_mta_that_is_away_for_an_hour_opens_an_incident_that_ends);
	g_test_add_func("/outages/what ended before anybody looked is one entry", what_ended_before_anybody_looked_is_one_entry);
	g_test_add_func("/outages/a milter is missed once it was there", a_milter_is_missed_once_it_was_there);
	g_test_add_func("/outages/a nursery that is not there is an outage though the milter lives",
	                a_nursery_that_is_not_there_is_an_outage_though_the_milter_lives);
	g_test_add_func("/outages/an outage of the registrar is none of the milter", an_outage_of_the_registrar_is_none_of_the_milter);
	g_test_add_func("/outages/a file of another form says nothing", a_file_of_another_form_says_nothing);
	g_test_add_func("/outages/the file does not grow", the_file_does_not_grow);
	g_test_add_func("/outages/one that is stopped in order says so", one_that_is_stopped_in_order_says_so);
	return g_test_run();
}
