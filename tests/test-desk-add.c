/* SPDX-License-Identifier: ISC */
/* Reports that an officer adds, through the real desk: what is registered, what is refused, and that nothing is half in. */
#include "tests/desk-room.h"

#include <sodium.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAILBOX "senim@kmo.kz"

/* --- a report ------------------------------------------------------------------------------------------------------- */

/* Value in the record of part NAME, or of the bundle itself. */
typedef struct {
	const char *part, *key, *value; /* part NULL: the bundle's record */
} Change;

static void copy_record(Record *to, const Record *from, const Change *changes, const char *part)
{
	const char *key, *value;
	for (guint i = 0; record_line(from, i, &key, &value); i++) {
		for (const Change *change = changes; change->key != NULL; change++)
			if (g_strcmp0(change->part, part) == 0 && strcmp(change->key, key) == 0)
				value = change->value;
		record_add(to, key, value);
	}
}

/* As the officer's program hands it in: a COMMIT whose facts say that a person came, with these changes. */
static GBytes *commit_of(const Scene *scene, FixtureReport *report, const Change *changes)
{
	static const Change person[] = {{"facts", "channel", "person"}, {NULL, "letter", "none"}, {NULL, "letter-reason", "-"},
	                                {NULL, NULL, NULL}};
	const char *name;
	GBytes *octets;
	report->mailbox = MAILBOX;
	g_autoptr(Bundle) made = fixture_report(&scene->f, report), given = bundle_new();
	g_autoptr(Record) facts = bundle_part_record(made, "facts", NULL, NULL), said = record_new(), changed = record_new();
	g_autoptr(Record) head = record_new();
	copy_record(head, bundle_record(made), report->letter_to != NULL ? changes : person, NULL);
	copy_record(bundle_record(given), head, changes, NULL);
	copy_record(said, facts, person, "facts");
	copy_record(changed, said, changes, "facts");
	for (guint i = 0; bundle_nth(made, i, &name, &octets); i++)
		if (strcmp(name, "facts") == 0)
			bundle_add_record(given, name, changed);
		else
			bundle_add(given, name, octets);
	return bundle_write(given);
}

static char *digest_of(GBytes *octets)
{
	guint8 digest[SEAL_DIGEST];
	char *hex = g_malloc(2 * sizeof digest + 1);
	gsize size;
	const void *data = g_bytes_get_data(octets, &size);
	crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
	return sodium_bin2hex(hex, 2 * sizeof digest + 1, digest, sizeof digest);
}

/* Posts it under the name that is said; NULL: its own. */
static long add_as(Client *client, GBytes *commit, const char *named, json_t **answer)
{
	gsize size;
	const void *data = g_bytes_get_data(commit, &size);
	g_autofree char *digest = digest_of(commit), *base64 = g_base64_encode(data, size);
	g_autoptr(json_t) attached = json_pack("{s:s}", named != NULL ? named : digest, base64);
	g_autoptr(json_t) body = json_pack("{s:s, s:s, s:s, s:I, s:s}", "request", "r-1", "mailbox", MAILBOX, "ground", "added",
	                                   "known", (json_int_t)0, "commit", named != NULL ? named : digest);
	json_t *json;
	long status = post_act(client, "/v1/add", body, attached, &json);
	if (answer != NULL)
		*answer = json;
	else
		json_decref(json);
	return status;
}

static long add_changed(Client *client, const Change *changes, json_t **answer)
{
	FixtureReport report = {.size = 700, .fd = -1};
	g_autoptr(GBytes) commit = commit_of(client->scene, &report, changes);
	return add_as(client, commit, NULL, answer);
}

static const Change none[] = {{NULL, NULL, NULL}};

/* --- what is registered ---------------------------------------------------------------------------------------------- */

static void what_she_adds_is_a_case_like_any_other_and_says_who_added_it(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	Entry entry;
	scene_begin(&scene);
	register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(add_changed(&client, none, &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &entry);
	g_assert_cmpuint(entry.kind, ==, ENTRY_RECEIVED);
	g_assert_cmpstr(record_get(record, "officer"), ==, "aigul");
	g_assert_cmpstr(record_get(record, "target"), ==, "/v1/add");
	g_assert_nonnull(record_get(record, "signature"));
	g_assert_true(g_str_has_suffix(record_get(record, "number"), "/2"));
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&scene), entry.seq, NULL);
	g_assert_cmpstr(record_get(c->facts, "channel"), ==, "person");
	g_assert_cmpstr(c->ack_state, ==, "none");
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 0);
}

static void its_moment_may_lie_back_and_its_number_is_of_the_year_in_which_it_is_entered(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	Entry entry;
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(fixture_now / G_USEC_PER_SEC);
	g_autofree char *earlier = g_strdup_printf("%" G_GINT64_FORMAT, fixture_now - 400 * 24 * 3600 * (gint64)G_USEC_PER_SEC);
	const Change changes[] = {{NULL, "received", earlier}, {NULL, NULL, NULL}};
	g_assert_cmpint(add_changed(&client, changes, &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &entry);
	g_autofree char *number = g_strdup_printf("%d/1", g_date_time_get_year(now));
	g_assert_cmpstr(record_get(record, "number"), ==, number);
	g_assert_cmpstr(record_get(record, "received"), ==, earlier);
	g_assert_cmpint(g_ascii_strtoll(record_get(record, "time"), NULL, 10), ==, fixture_now);
}

static void an_urgent_one_wakes_whoever_tells_of_it(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	const Change changes[] = {{"facts", "verdict", "redirect"}, {NULL, NULL, NULL}};
	gint64 next;
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(add_changed(&client, changes, NULL), ==, 200);
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 1);
	g_autoptr(GArray) due = ledger_notices_due(ledger_of(&scene), fixture_now, 9, &next, NULL);
	g_assert_cmpuint(due->len, ==, 1);
}

/* --- what is refused ------------------------------------------------------------------------------------------------- */

static void what_comes_by_mail_is_no_officer_s_to_add(void)
{
	static const Change rows[][2] = {
		{{"facts", "channel", "mail"}, {NULL, NULL, NULL}},      {{"facts", "automatic", "bounce"}, {NULL, NULL, NULL}},
		{{NULL, "mailbox", "ethics@kmo.kz"}, {NULL, NULL, NULL}}, {{NULL, "received", "0"}, {NULL, NULL, NULL}},
		{{NULL, "size", "4096"}, {NULL, NULL, NULL}},            {{NULL, "payload", "file"}, {NULL, NULL, NULL}},
		{{NULL, "letter", "owed"}, {NULL, NULL, NULL}},
	};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(add_changed(&client, rows[i], NULL), ==, 400);
	FixtureReport owed = {.size = 700, .fd = -1, .letter_to = "a@b.kz"}, answer = {.size = 700, .fd = -1, .reference = "aaaa"};
	g_autoptr(GBytes) letter = commit_of(&scene, &owed, none), reference = commit_of(&scene, &answer, none);
	g_assert_cmpint(add_as(&client, letter, NULL, NULL), ==, 400);
	g_assert_cmpint(add_as(&client, reference, NULL, NULL), ==, 400);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
}

static void what_was_not_signed_is_not_taken(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	FixtureReport report = {.size = 700, .fd = -1};
	g_autoptr(GBytes) commit = commit_of(&scene, &report, none), other = g_bytes_new_static("x", 1);
	g_autofree char *of_other = digest_of(other);
	g_assert_cmpint(add_as(&client, commit, of_other, NULL), ==, 400);
	g_autoptr(json_t) empty = json_object(), answer = NULL;
	g_autoptr(json_t) body = json_pack("{s:s, s:s, s:s, s:I, s:s}", "request", "r-1", "mailbox", MAILBOX, "ground", "added",
	                                   "known", (json_int_t)0, "commit", of_other);
	g_assert_cmpint(post_act(&client, "/v1/add", body, empty, &answer), ==, 400);
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
}

static void readers_that_changed_meanwhile_are_said_so_that_it_is_sealed_anew(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	const Change changes[] = {{NULL, "set", "0000000000000000000000000000000000000000000000000000000000000000"}, {NULL, NULL, NULL}};
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(add_changed(&client, changes, &answer), ==, 409);
	g_assert_cmpstr(json_string_value(json_object_get(answer, "error")), ==, "readers");
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 0);
}

/* --- large ones ------------------------------------------------------------------------------------------------------ */

static long upload(Client *client, guint64 offset, const void *data, gsize size)
{
	g_autofree char *base64 = g_base64_encode(data, size);
	return post(client, "/v1/upload", json_pack("{s:s, s:I, s:s}", "mailbox", MAILBOX, "offset", (json_int_t)offset, "data", base64),
	            NULL);
}

static guint files_in(const Scene *scene)
{
	g_autofree char *vault = g_build_filename(scene->f.config->state_directory, MAILBOX, "vault", NULL);
	g_autofree char *command = g_strdup_printf("sh -c 'find %s -type f | wc -l'", vault), *out = NULL;
	g_assert_true(g_spawn_command_line_sync(command, &out, NULL, NULL, NULL));
	return (guint)g_ascii_strtoull(out, NULL, 10);
}

static void a_large_one_comes_piece_by_piece_and_is_in_whole_or_not_at_all(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	FixtureReport report = {.size = 300000, .fd = memfd_create("report", MFD_CLOEXEC)};
	g_autoptr(GBytes) commit = commit_of(&scene, &report, none);
	gsize size = (gsize)lseek(report.fd, 0, SEEK_END), half = size / 2;
	g_autofree guint8 *octets = g_malloc(size);
	g_assert_cmpint(pread(report.fd, octets, size, 0), ==, (gssize)size);
	close(report.fd);
	/* nothing uploaded; the second half first; one half alone */
	g_assert_cmpint(add_as(&client, commit, NULL, NULL), ==, 409);
	g_assert_cmpint(upload(&client, half, octets + half, size - half), ==, 409);
	g_assert_cmpint(upload(&client, 0, octets, half), ==, 200);
	g_assert_cmpint(add_as(&client, commit, NULL, NULL), ==, 409);
	g_assert_cmpuint(files_in(&scene), ==, 0);
	/* begun anew, and whole */
	g_assert_cmpint(upload(&client, 0, octets, half), ==, 200);
	g_assert_cmpint(upload(&client, half, octets + half, size - half), ==, 200);
	g_assert_cmpint(add_as(&client, commit, NULL, NULL), ==, 200);
	g_assert_cmpuint(files_in(&scene), ==, 1);
	g_assert_cmpint(add_as(&client, commit, NULL, NULL), ==, 409); /* the octets are taken once */
	g_assert_cmpuint(fixture_count_cases(&scene.f), ==, 1);
}

static void another_s_octets_and_octets_without_end_are_refused(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, other = {0};
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&other, &scene, scene.f.chair, "chair");
	g_autofree guint8 *piece = g_malloc0(512 * 1024 + 1);
	g_assert_cmpint(upload(&client, 0, piece, 512 * 1024), ==, 200);
	g_assert_cmpint(upload(&other, 512 * 1024, piece, 512 * 1024), ==, 409);
	g_assert_cmpint(upload(&client, 512 * 1024, piece, 512 * 1024 + 1), ==, 400);
	((Config *)scene.f.config)->max_message_size = 1024 * 1024;
	g_assert_cmpint(upload(&client, 512 * 1024, piece, 512 * 1024), ==, 200);
	g_assert_cmpint(upload(&client, 1024 * 1024, piece, 512 * 1024), ==, 400);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-add/what she adds is a case like any other, and says who added it",
	                what_she_adds_is_a_case_like_any_other_and_says_who_added_it);
	g_test_add_func("/desk-add/its moment may lie back, and its number is of the year in which it is entered",
	                its_moment_may_lie_back_and_its_number_is_of_the_year_in_which_it_is_entered);
	g_test_add_func("/desk-add/an urgent one wakes whoever tells of it", an_urgent_one_wakes_whoever_tells_of_it);
	g_test_add_func("/desk-add/what comes by mail is no officer's to add", what_comes_by_mail_is_no_officer_s_to_add);
	g_test_add_func("/desk-add/what was not signed is not taken", what_was_not_signed_is_not_taken);
	g_test_add_func("/desk-add/readers that changed meanwhile are said, so that it is sealed anew",
	                readers_that_changed_meanwhile_are_said_so_that_it_is_sealed_anew);
	g_test_add_func("/desk-add/a large one comes piece by piece and is in whole or not at all",
	                a_large_one_comes_piece_by_piece_and_is_in_whole_or_not_at_all);
	g_test_add_func("/desk-add/another's octets and octets without end are refused",
	                another_s_octets_and_octets_without_end_are_refused);
	return g_test_run();
}
