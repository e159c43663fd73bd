/* SPDX-License-Identifier: ISC */
/* What a registrar does about its people by itself: the configuration against the register. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "store/people-config.h"
#include "store/people-keeper.h"
#include "tests/store-fixture.h"

#define DAY G_TIME_SPAN_DAY
#define MAILBOX "senim@kmo.kz"

typedef struct {
	Fixture f;
} Room;

static void room_begin(Room *room)
{
	fixture_make(&room->f, NULL);
	fixture_now = g_get_real_time();
}

static void room_clear(Room *room)
{
	fixture_clear(&room->f);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Room, room_clear)

static Ledger *ledger_of(const Room *room)
{
	return registry_ledger(room->f.registry, 0);
}

/* The configuration with one key of the first mailbox set, and sections behind it. */
static Config *configure(const Room *room, const char *key, const char *value, const char *section, const char *public)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GKeyFile) keys = g_key_file_new();
	g_autofree char *other = g_strconcat(room->f.config->file, ".other", NULL);
	g_assert_true(g_key_file_load_from_file(keys, room->f.config->file, G_KEY_FILE_NONE, NULL));
	if (key != NULL && value != NULL)
		g_key_file_set_value(keys, "mailbox " MAILBOX, key, value);
	else if (key != NULL)
		g_key_file_remove_key(keys, "mailbox " MAILBOX, key, NULL);
	if (section != NULL) {
		g_autofree char *path = g_build_filename(room->f.directory, public, NULL);
		g_key_file_set_value(keys, section, "public", path);
	}
	g_assert_true(g_key_file_save_to_file(keys, other, NULL));
	Config *config = config_load(other, &error);
	g_assert_no_error(error);
	return config;
}

static gboolean is_off(const Room *room, const char *word)
{
	g_autofree char *difference = registry_difference(room->f.registry, 0);
	if (difference != NULL)
		g_assert_nonnull(strstr(difference, word));
	return difference != NULL;
}

static gboolean accepts(const Room *room, Config *config, const char *word)
{
	g_autoptr(GError) error = NULL;
	gboolean good = people_keeper_accepts(room->f.registry, config, &error);
	if (!good)
		g_assert_nonnull(strstr(error->message, word));
	return good;
}

/* An entry about people, as the desk would make it. */
static gboolean enter(const Room *room, EntryKind kind, const char *const *lines)
{
	LedgerEntry entry = {0};
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)fixture_now);
	for (; *lines != NULL; lines += 2)
		record_add(record, lines[0], lines[1]);
	LedgerAct act = {.kind = kind, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	gboolean done = ledger_append(ledger_of(room), &act, &entry, NULL);
	ledger_entry_clear(&entry);
	return done;
}

static void add_and_confirm(const Room *room, const char *name, const char *role)
{
	g_autoptr(KeyfilePublic) half = keyfile_public(room->f.stranger, 0);
	g_autofree char *sign = g_base64_encode(half->sign, sizeof half->sign);
	const char *add[] = {"officer", "aigul", "act",      "add",      "name",     name, "role",    role, "body-key", half->body,
	                     "card-key", half->card, "sign-key", sign, "expires", "0",  "order",    "45", NULL};
	const char *confirm[] = {"officer", "aigul", "act", "confirm", "name", name, "words", "w", NULL};
	g_assert_true(enter(room, ENTRY_KEY, add));
	g_assert_true(enter(room, ENTRY_KEY, confirm));
}

static void whom_the_register_does_not_know_puts_mail_off_at_a_start_and_nothing_before(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	g_autoptr(Config) more = configure(&room, "deputies", "dana", "officer dana", "stranger.pub");
	people_keeper_look(room.f.registry, TRUE);
	g_assert_false(is_off(&room, ""));
	g_assert_false(accepts(&room, more, "senim officer add dana"));
	registry_reload(room.f.registry, more);
	people_keeper_look(room.f.registry, FALSE);
	g_assert_false(is_off(&room, ""));
	people_keeper_look(room.f.registry, TRUE);
	g_assert_true(is_off(&room, "deputies names dana"));
	add_and_confirm(&room, "dana", "deputy");
	people_keeper_look(room.f.registry, FALSE);
	g_assert_false(is_off(&room, ""));
}

static void another_key_or_role_under_a_known_name_differs_at_once(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	g_autoptr(Config) key = configure(&room, NULL, NULL, "officer aigul", "stranger.pub");
	g_autoptr(Config) none = configure(&room, NULL, NULL, "officer aigul", "nowhere.pub");
	g_autoptr(Config) role = configure(&room, "escalation", "aigul2", "officer aigul2", "aigul.pub");
	g_autoptr(Config) same = configure(&room, NULL, NULL, NULL, NULL);
	g_assert_false(accepts(&room, key, "another key"));
	g_assert_false(accepts(&room, none, "cannot be read"));
	g_assert_false(accepts(&room, role, "does not know"));
	g_assert_true(accepts(&room, same, ""));
}

static void who_is_missing_is_only_named_for_three_days(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	add_and_confirm(&room, "dana", "supervisor");
	people_keeper_look(room.f.registry, TRUE);
	g_assert_false(is_off(&room, ""));
	g_autoptr(GPtrArray) lacks = g_ptr_array_new_with_free_func(g_free);
	g_assert_true(people_config_agrees_with_note(room.f.config, fixture_now, lacks, NULL));
	g_assert_cmpuint(lacks->len, ==, 1);
	g_assert_nonnull(strstr(lacks->pdata[0], "name her under supervisors"));
	fixture_now += 3 * DAY + G_TIME_SPAN_HOUR;
	people_keeper_look(room.f.registry, FALSE);
	g_assert_false(is_off(&room, ""));
	people_keeper_look(room.f.registry, TRUE);
	g_assert_true(is_off(&room, "dana is supervisor"));
	g_assert_false(people_config_agrees_with_note(room.f.config, fixture_now, lacks, NULL));
}

static void who_is_not_confirmed_or_blocked_makes_no_difference(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	const char *block[] = {"officer", "aigul", "name", "chair", "why", "order", "order", "46", "signed", "1", NULL};
	g_autoptr(Config) without = configure(&room, "escalation", NULL, NULL, NULL);
	g_assert_true(enter(&room, ENTRY_BLOCKED, block));
	fixture_now += 30 * DAY;
	g_assert_true(accepts(&room, room.f.config, ""));
	int other = registry_find(room.f.registry, "ethics@kmo.kz");
	registry_reload(room.f.registry, without);
	people_keeper_look(room.f.registry, TRUE);
	g_assert_false(is_off(&room, ""));
	g_autofree char *difference = registry_difference(room.f.registry, (guint)other);
	g_assert_null(difference); /* that mailbox's own list is as it was */
}

static gboolean is_active(const Room *room, const char *name)
{
	g_autoptr(People) people = ledger_people(ledger_of(room));
	return people_find(people, name)->state == PEOPLE_ACTIVE;
}

static void pass(const Room *room, gint64 days)
{
	fixture_now += days * DAY;
	people_keeper_look(room->f.registry, FALSE);
}

/* The ledger takes no leap past 36 hours without a mark of its own clock: a report a day keeps it company. */
static void report(Room *room)
{
	FixtureReport one = {.mailbox = MAILBOX, .size = 700, .fd = -1};
	fixture_register(&room->f, &one);
}

static void sixty_days_with_something_to_read_block_and_days_without_do_not(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	add_and_confirm(&room, "dana", "deputy");
	const char *used[] = {"officer", "-", "act", "used", "name", "aigul", NULL};
	pass(&room, 100); /* nothing came: nothing to read */
	g_assert_true(is_active(&room, "aigul") && is_active(&room, "dana"));
	report(&room);
	pass(&room, 59);
	g_assert_true(is_active(&room, "dana"));
	g_assert_true(enter(&room, ENTRY_KEY, used));
	pass(&room, 2);
	g_assert_true(is_active(&room, "aigul"));
	g_assert_false(is_active(&room, "dana"));
	g_autoptr(People) people = ledger_people(ledger_of(&room));
	g_assert_cmpstr(people_find(people, "dana")->why, ==, "idle");
	g_assert_true(is_active(&room, "chair")); /* the next level of leadership is called in rarely */
}

static guint notices(const Room *room)
{
	return fixture_count_entries(&room->f, MAILBOX, ENTRY_NOTICE);
}

static void ten_days_before_she_is_told_and_once(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	add_and_confirm(&room, "dana", "deputy");
	ConfigOfficer *aigul = (ConfigOfficer *)config_officer(room.f.config, "aigul"); /* before anybody else reads it */
	g_free(aigul->mail);
	aigul->mail = g_strdup("aigul@kmo.kz");
	report(&room);
	pass(&room, 49);
	g_assert_cmpuint(notices(&room), ==, 0);
	pass(&room, 2);
	g_assert_cmpuint(notices(&room), ==, 1); /* dana has no address */
	pass(&room, 1);
	g_assert_cmpuint(notices(&room), ==, 1);
	g_assert_true(is_active(&room, "aigul"));
}

static void the_last_who_opens_new_cases_is_never_blocked_by_itself(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	report(&room);
	pass(&room, 200);
	g_assert_true(is_active(&room, "aigul"));
	add_and_confirm(&room, "dana", "deputy");
	pass(&room, 1);
	g_assert_false(is_active(&room, "aigul")); /* now there is another */
	g_assert_true(is_active(&room, "dana"));
}

static void a_leave_does_not_count_and_she_comes_back_without_a_new_key(void)
{
	g_auto(Room) room = {0};
	room_begin(&room);
	add_and_confirm(&room, "dana", "deputy");
	g_autofree char *from = g_strdup_printf("%" G_GINT64_FORMAT, fixture_now);
	g_autofree char *to = g_strdup_printf("%" G_GINT64_FORMAT, fixture_now + 90 * DAY);
	const char *cover[] = {"officer", "aigul", "act", "cover", "name", "aigul", "from", from, "to", to, "deputy", "dana", NULL};
	const char *used[] = {"officer", "-", "act", "used", "name", "dana", NULL};
	g_assert_true(enter(&room, ENTRY_KEY, cover));
	report(&room);
	pass(&room, 89);
	g_assert_true(is_active(&room, "aigul"));
	pass(&room, 60);
	g_assert_true(is_active(&room, "aigul")); /* 59 days after her leave */
	g_assert_true(enter(&room, ENTRY_KEY, used) || !is_active(&room, "dana"));
	pass(&room, 2);
	g_assert_true(is_active(&room, "aigul")); /* dana was blocked long ago: aigul is the last */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/people-keeper/whom the register does not know puts mail off at a start, and nothing before",
	                whom_the_register_does_not_know_puts_mail_off_at_a_start_and_nothing_before);
	g_test_add_func("/people-keeper/another key or role under a known name differs at once",
	                another_key_or_role_under_a_known_name_differs_at_once);
	g_test_add_func("/people-keeper/who is missing is only named for three days", who_is_missing_is_only_named_for_three_days);
	g_test_add_func("/people-keeper/who is not confirmed, or blocked, makes no difference",
	                who_is_not_confirmed_or_blocked_makes_no_difference);
	g_test_add_func("/people-keeper/sixty days with something to read block, and days without do not",
	                sixty_days_with_something_to_read_block_and_days_without_do_not);
	g_test_add_func("/people-keeper/ten days before she is told and once", ten_days_before_she_is_told_and_once);
	g_test_add_func("/people-keeper/the last who opens new cases is never blocked by itself",
	                the_last_who_opens_new_cases_is_never_blocked_by_itself);
	g_test_add_func("/people-keeper/a leave does not count, and she comes back without a new key",
	                a_leave_does_not_count_and_she_comes_back_without_a_new_key);
	return g_test_run();
}
