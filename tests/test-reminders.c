/* SPDX-License-Identifier: ISC */
/* The letters of notice-hours with a real ledger and a moved clock: who is asked, at which hour, once. The calendar is a pretended
 * one: Monday to Friday, and a whole working day is 24 hours. */
#include <string.h>

#include "store/reminders.h"
#include "tests/store-fixture.h"

#define HOUR G_TIME_SPAN_HOUR
#define DAY G_TIME_SPAN_DAY

typedef struct {
	Fixture f;
	gint64 monday; /* 00:00 in Almaty, of a week that has not come */
	gint64 last;
	gint64 due; /* a term that ends: at that moment or before it is_due() */
} Scene;

static Scene *current;

/* --- a pretended calendar ------------------------------------------------------------------------------------------------ */

static gboolean is_working_day(const Config *config G_GNUC_UNUSED, const ConfigMailbox *mailbox G_GNUC_UNUSED, gint64 moment,
                               gpointer user G_GNUC_UNUSED)
{
	return (moment - current->monday) / DAY % 7 < 5;
}

static gint64 day_after(const Config *config G_GNUC_UNUSED, const ConfigMailbox *mailbox G_GNUC_UNUSED, gint64 received,
                        gpointer user G_GNUC_UNUSED)
{
	return received + DAY;
}

static gboolean is_due(const Config *config G_GNUC_UNUSED, const ConfigMailbox *mailbox G_GNUC_UNUSED,
                       const LedgerCase *c G_GNUC_UNUSED, gint64 moment, guint days, gpointer user G_GNUC_UNUSED)
{
	g_assert_cmpuint(days, ==, REMINDERS_DUE);
	return current->due != 0 && moment >= current->due;
}

static const ReminderHooks hooks = {is_working_day, day_after, is_due, NULL};

/* --- a scene --------------------------------------------------------------------------------------------------------------- */

static void set_mail(const Scene *scene, const char *name, const char *mail)
{
	ConfigOfficer *officer = (ConfigOfficer *)config_officer(scene->f.config, name); /* before anybody else reads it */
	g_assert_nonnull(officer);
	g_free(officer->mail);
	officer->mail = g_strdup(mail);
}

static void scene_begin(Scene *scene, const char *setting)
{
	const char *settings[] = {setting, NULL};
	fixture_make_with_deputy(&scene->f, settings);
	set_mail(scene, "aigul", "aigul@kmo.kz");
	set_mail(scene, "dana", "dana@kmo.kz");
	g_autoptr(GDateTime) now = g_date_time_new_now(scene->f.config->timezone);
	g_autoptr(GDateTime) then = g_date_time_add_days(now, 8 - g_date_time_get_day_of_week(now));
	g_autoptr(GDateTime) monday =
		g_date_time_new(scene->f.config->timezone, g_date_time_get_year(then), g_date_time_get_month(then),
	                    g_date_time_get_day_of_month(then), 0, 0, 0);
	scene->monday = g_date_time_to_unix(monday) * G_USEC_PER_SEC;
	current = scene;
}

static void scene_clear(Scene *scene)
{
	fixture_clear(&scene->f);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

/* The registry is opened anew, since a clock that leaps days ahead is a fault. */
static void at(Scene *scene, gint64 day, gint64 minutes)
{
	fixture_now = scene->monday + day * DAY + minutes * G_TIME_SPAN_MINUTE;
	fixture_reopen(&scene->f);
}

static gint64 serve(Scene *scene)
{
	Registry *registry = scene->f.registry;
	return reminders_serve(registry, &hooks, scene->f.config, config_mailbox(scene->f.config, "senim@kmo.kz"),
	                       registry_ledger(registry, 0), &scene->last);
}

/* Letters that wait for that address; counts: where it is not NULL, what the last one says. */
static guint letters(const Scene *scene, const char *to, char **counts)
{
	gint64 next;
	guint n = 0;
	g_autoptr(GPtrArray) rows = ledger_letters_due(registry_ledger(scene->f.registry, 0), fixture_now, 100, &next, NULL);
	for (guint i = 0; i < rows->len; i++) {
		const LedgerLetterRow *row = g_ptr_array_index(rows, i);
		if (strcmp(record_get(row->letter, "to"), to) != 0)
			continue;
		g_assert_cmpstr(record_get(row->letter, "purpose"), ==, "notice");
		g_assert_cmpuint(row->case_seq, ==, LEDGER_NOTHING);
		n++;
		if (counts != NULL) {
			g_free(*counts);
			*counts = g_strdup(record_get(row->letter, "counts"));
		}
	}
	return n;
}

static guint64 arrives(Scene *scene, const char *named)
{
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .named = named, .fd = -1};
	return fixture_register(&scene->f, &report);
}

/* Any entry by which the case comes to that state, or is kept from her. */
static void becomes(const Scene *scene, guint64 seq, const char *state, const char *kept_from)
{
	g_autoptr(Record) record = record_new();
	LedgerEntry entry = {0};
	record_add_uint(record, "case", seq);
	if (kept_from != NULL)
		record_add(record, "from", kept_from);
	const LedgerAct act = {.kind = kept_from != NULL ? ENTRY_WITHHELD_FROM : ENTRY_LISTED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq, .state = state};
	g_assert_true(ledger_append(registry_ledger(scene->f.registry, 0), &act, &entry, NULL));
	ledger_entry_clear(&entry);
}

/* --- when ---------------------------------------------------------------------------------------------------------------------- */

static void the_officer_is_asked_at_each_hour_whether_or_not_anything_came(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	at(&scene, 0, 8 * 60 + 59);
	g_assert_cmpint(serve(&scene), ==, scene.monday + 9 * HOUR);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 0);
	at(&scene, 0, 9 * 60);
	g_assert_cmpint(serve(&scene), ==, scene.monday + 16 * HOUR);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 1);
	arrives(&scene, NULL);
	at(&scene, 0, 15 * 60 + 59);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 1);
	at(&scene, 0, 16 * 60 + 1);
	g_assert_cmpint(serve(&scene), ==, scene.monday + DAY + 9 * HOUR);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 2);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 0);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 2);
}

static void on_a_day_off_nobody_is_asked(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	at(&scene, 5, 17 * 60);
	arrives(&scene, NULL);
	g_assert_cmpint(serve(&scene), ==, scene.monday + 6 * DAY + 9 * HOUR);
	at(&scene, 6, 17 * 60);
	serve(&scene);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 0);
}

static void a_restart_asks_nobody_twice_and_makes_a_missed_hour_good_once(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	at(&scene, 1, 9 * 60 + 1);
	serve(&scene);
	scene.last = 0; /* another process */
	at(&scene, 1, 9 * 60 + 2);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 1);
	scene.last = 0;
	at(&scene, 2, 23 * 60); /* both hours of that day were missed: one letter for them */
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 2);
	scene.last = 0;
	at(&scene, 3, 1);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 2);
}

static void no_hours_and_nobody_with_an_address_are_no_letters(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, "notice-hours=");
	at(&scene, 0, 17 * 60);
	g_assert_cmpint(serve(&scene), ==, G_MAXINT64);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 0);
}

static void an_hour_before_she_came_is_not_made_good(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, "notice-hours=00:00"); /* the store began later today, or in this minute */
	fixture_now = g_get_real_time();
	serve(&scene);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 0);
}

/* --- when-needed ------------------------------------------------------------------------------------------------------------------ */

static void when_needed_only_what_came_by_the_hour_counts(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, "notice=when-needed");
	at(&scene, 0, 9 * 60 + 1);
	serve(&scene);
	arrives(&scene, NULL);
	scene.last = 0; /* a restart a minute later tells of nothing */
	at(&scene, 0, 9 * 60 + 2);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 0);
	at(&scene, 0, 16 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 1);
}

static void when_needed_what_is_kept_from_her_waits_for_her_no_more_than_what_was_opened(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, "notice=when-needed");
	at(&scene, 0, 8 * 60);
	arrives(&scene, "aigul");
	guint64 opened = arrives(&scene, NULL), withheld = arrives(&scene, NULL);
	becomes(&scene, opened, "open", NULL);
	becomes(&scene, withheld, NULL, "aigul");
	at(&scene, 0, 9 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 0);
	scene.due = 1;
	at(&scene, 0, 16 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", NULL), ==, 1); /* the term of the one she may read */
}

/* --- the deputy --------------------------------------------------------------------------------------------------------------------- */

static void the_deputy_is_asked_once_a_day_when_nobody_opened_for_a_working_day(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	at(&scene, 0, 8 * 60);
	arrives(&scene, NULL);
	at(&scene, 0, 16 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 0);
	at(&scene, 1, 9 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 1);
	at(&scene, 1, 16 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 1);
	at(&scene, 2, 9 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 2);
}

static void the_deputy_is_asked_when_a_term_is_near_and_not_of_what_names_her(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	at(&scene, 0, 8 * 60);
	arrives(&scene, "dana");
	scene.due = 1;
	at(&scene, 1, 9 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 0);
	guint64 seq = arrives(&scene, NULL);
	becomes(&scene, seq, "open", NULL);
	at(&scene, 2, 9 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 1);
	becomes(&scene, seq, "closed", NULL);
	at(&scene, 3, 9 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", NULL), ==, 1);
}

/* --- figures ------------------------------------------------------------------------------------------------------------------------- */

static void counts_stand_in_the_letter_where_they_are_wanted_and_are_each_persons_own(void)
{
	g_auto(Scene) scene = {0};
	g_autofree char *hers = NULL, *deputys = NULL;
	scene_begin(&scene, "notice-counts=yes");
	at(&scene, 0, 8 * 60);
	arrives(&scene, "aigul");
	arrives(&scene, NULL);
	guint64 seq = arrives(&scene, NULL);
	becomes(&scene, seq, "open", NULL);
	scene.due = 1;
	at(&scene, 1, 9 * 60);
	serve(&scene);
	g_assert_cmpuint(letters(&scene, "aigul@kmo.kz", &hers), ==, 1);
	g_assert_cmpuint(letters(&scene, "dana@kmo.kz", &deputys), ==, 1);
	g_assert_cmpstr(hers, ==, "1 2");
	g_assert_cmpstr(deputys, ==, "2 3");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/reminders/the officer is asked at each hour whether or not anything came",
	                the_officer_is_asked_at_each_hour_whether_or_not_anything_came);
	g_test_add_func("/reminders/on a day off nobody is asked", on_a_day_off_nobody_is_asked);
	g_test_add_func("/reminders/a restart asks nobody twice and makes a missed hour good once",
	                a_restart_asks_nobody_twice_and_makes_a_missed_hour_good_once);
	g_test_add_func("/reminders/no hours and nobody with an address are no letters", no_hours_and_nobody_with_an_address_are_no_letters);
	g_test_add_func("/reminders/an hour before she came is not made good", an_hour_before_she_came_is_not_made_good);
	g_test_add_func("/reminders/when needed only what came by the hour counts", when_needed_only_what_came_by_the_hour_counts);
	g_test_add_func("/reminders/when needed what is kept from her waits for her no more than what was opened",
	                when_needed_what_is_kept_from_her_waits_for_her_no_more_than_what_was_opened);
	g_test_add_func("/reminders/the deputy is asked once a day when nobody opened for a working day",
	                the_deputy_is_asked_once_a_day_when_nobody_opened_for_a_working_day);
	g_test_add_func("/reminders/the deputy is asked when a term is near and not of what names her",
	                the_deputy_is_asked_when_a_term_is_near_and_not_of_what_names_her);
	g_test_add_func("/reminders/counts stand in the letter where they are wanted and are each person's own",
	                counts_stand_in_the_letter_where_they_are_wanted_and_are_each_persons_own);
	return g_test_run();
}
