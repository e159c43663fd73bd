/* SPDX-License-Identifier: ISC */
/* The outbox with a real ledger and pretended MTAs: what is sent is what was composed, a repeat is the same octets. */
#include <glib.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/cases.h"
#include "store/custody.h"
#include "store/ledger-private.h"
#include "store/letter-token.h"
#include "store/outbox.h"
#include "store/submit.h"
#include "tests/store-fixture.h"

/* A text that a line discipline or a shell would change: it has to arrive octet for octet. */
#define TAIL "\r\n.\r\nFrom me\r\n$(id) `id` \"\\\r\n"

static char *compose(const OutboxLetter *letter, gpointer user, gsize *size, GError **error G_GNUC_UNUSED)
{
	g_autofree char *number = cases_name(letter->about);
	g_autofree char *entity = letter->entity != NULL ? g_strndup(g_bytes_get_data(letter->entity, NULL),
	                                                             g_bytes_get_size(letter->entity)) : NULL;
	g_atomic_int_inc((gint *)user);
	char *text = g_strdup_printf("Message-ID: %s\r\nTo: <%s>\r\nDate: %" G_GINT64_FORMAT "\r\n%s\r\n%s %s" TAIL,
	                             letter->message_id, record_get(letter->letter, "to"), letter->date,
	                             entity != NULL ? entity : "", number, letter->code);
	*size = strlen(text);
	return text;
}

typedef struct {
	Fixture f;
	Outbox *outbox;
	char *log;  /* the pretended MTA writes its arguments and input here, one file a call */
	gint composed;
} Scene;

/* A sendmail that keeps what it was given, each message there whole or not at all; while the file `refuse` is there it
 * exits with 75 all the same. */
static void write_sendmail(const char *path, const char *log)
{
	g_autofree char *text = g_strdup_printf("#!/bin/sh\n"
	                                        "n=$(ls %s | wc -l)\n"
	                                        "printf '%%s\\n' \"$@\" > %s/$n.args\n"
	                                        "cat > %s.part && mv %s.part %s/$n.message\n"
	                                        "echo \"$* on stderr\" >&2\n"
	                                        "test ! -e %s.refuse || exit 75\n",
	                                        log, log, log, log, log, log);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(chmod(path, 0700), ==, 0);
}

static void scene_begin(Scene *scene, const char *const *more)
{
	g_autofree char *directory = g_dir_make_tmp("senim-mta-XXXXXX", NULL);
	g_autofree char *sendmail = g_build_filename(directory, "sendmail", NULL);
	g_autofree char *submit = g_strdup_printf("submit=%s -G -i", sendmail);
	g_autoptr(GStrvBuilder) settings = g_strv_builder_new();
	g_strv_builder_add(settings, submit);
	for (gsize i = 0; more != NULL && more[i] != NULL; i++)
		g_strv_builder_add(settings, more[i]);
	g_auto(GStrv) list = g_strv_builder_end(settings);
	scene->log = g_build_filename(directory, "log", NULL);
	g_assert_cmpint(g_mkdir(scene->log, 0700), ==, 0);
	write_sendmail(sendmail, scene->log);
	fixture_make(&scene->f, (const char *const *)list);
	fixture_now = g_get_real_time();
}

static gint reached, unreached;

static void heard_mta(gboolean is_reached, gpointer user G_GNUC_UNUSED)
{
	g_atomic_int_inc(is_reached ? &reached : &unreached);
}

static void start(Scene *scene)
{
	OutboxHooks hooks = {.compose = compose, .user = &scene->composed, .mta = heard_mta};
	scene->outbox = outbox_start(scene->f.registry, &hooks);
}

static void scene_clear(Scene *scene)
{
	g_autofree char *directory = g_path_get_dirname(scene->log);
	g_clear_pointer(&scene->outbox, outbox_stop);
	fixture_clear(&scene->f);
	g_autofree char *command = g_strdup_printf("rm -r %s", directory);
	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
	g_free(scene->log);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

static void set_refusing(const Scene *scene, gboolean refusing)
{
	g_autofree char *path = g_strconcat(scene->log, ".refuse", NULL);
	if (refusing)
		g_assert_true(g_file_set_contents(path, "", 0, NULL));
	else
		g_assert_cmpint(g_unlink(path), ==, 0);
}

/* What the n-th call (from 0) was given; NULL where there was none. */
static char *given(const Scene *scene, guint n, const char *what)
{
	g_autofree char *path = g_strdup_printf("%s/%u.%s", scene->log, 2 * n, what);
	char *text = NULL;
	g_file_get_contents(path, &text, NULL, NULL);
	return text;
}

static guint64 owe(const Scene *scene, const char *to)
{
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .letter_to = to, .fd = -1};
	return fixture_register(&scene->f, &report);
}

static char *state_of(const Scene *scene, guint64 seq, char **reason)
{
	g_autoptr(LedgerCase) c = ledger_case_by_seq(registry_ledger(scene->f.registry, 0), seq, NULL);
	g_assert_nonnull(c);
	if (reason != NULL)
		*reason = g_strdup(c->ack_reason);
	return g_strdup(c->ack_state);
}

static void wait_for_state(const Scene *scene, guint64 seq, const char *wanted)
{
	for (guint i = 0; i < 2000; i++) {
		g_autofree char *state = state_of(scene, seq, NULL);
		if (strcmp(state, wanted) == 0)
			return;
		g_usleep(5000);
	}
	g_autofree char *state = state_of(scene, seq, NULL);
	g_assert_cmpstr(state, ==, wanted);
}

static void wait_for_attempts(const Scene *scene, guint wanted)
{
	gint64 next;
	for (guint i = 0; i < 2000; i++) {
		g_autoptr(GPtrArray) rows =
			ledger_letters_due(registry_ledger(scene->f.registry, 0), G_MAXINT64 / 2, 1, &next, NULL);
		if (rows->len == 1 && ((LedgerLetterRow *)g_ptr_array_index(rows, 0))->attempts >= wanted)
			return;
		g_usleep(5000);
	}
	g_assert_not_reached();
}

/* --- tests ------------------------------------------------------------------------- */

static void the_mta_gets_exactly_what_was_composed(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	start(&scene);
	guint64 seq = owe(&scene, "aliya+x@b.kz");
	outbox_wake(scene.outbox);
	wait_for_state(&scene, seq, "sent");
	g_autofree char *args = given(&scene, 0, "args"), *message = given(&scene, 0, "message");
	g_assert_cmpstr(args, ==, "-G\n-i\n-t\n-f\n\n"); /* no address: everybody may list processes */
	g_assert_nonnull(strstr(message, "To: <aliya+x@b.kz>"));
	g_assert_true(g_str_has_suffix(message, TAIL));
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), ==, 1);
	g_assert_cmpint(scene.composed, ==, 1);
	/* the Message-ID names the case to us, and to nobody else */
	guint8 key[CUSTODY_KEY], case_id[16];
	guint32 letter;
	custody_derive(registry_custody(scene.f.registry), registry_store_id(scene.f.registry), CUSTODY_MESSAGE_ID, key);
	g_autofree char *token = g_strndup(message + strlen("Message-ID: <"), LETTER_TOKEN_TEXT);
	g_assert_true(letter_token_read(key, token, case_id, &letter));
	g_autoptr(LedgerCase) c = ledger_case_by_seq(registry_ledger(scene.f.registry, 0), seq, NULL);
	g_assert_cmpmem(case_id, 16, c->case_id, 16);
}

static void a_repeat_after_a_crash_is_the_same_octets(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	set_refusing(&scene, TRUE); /* it takes the letter, and dies before it says so */
	start(&scene);
	guint64 seq = owe(&scene, "a@b.kz");
	outbox_wake(scene.outbox);
	wait_for_attempts(&scene, 1);
	g_autofree char *first = given(&scene, 0, "message");
	g_clear_pointer(&scene.outbox, outbox_stop);
	fixture_reopen(&scene.f);
	set_refusing(&scene, FALSE);
	fixture_now += 2 * G_TIME_SPAN_MINUTE;
	start(&scene);
	wait_for_state(&scene, seq, "sent");
	g_autofree char *second = given(&scene, 1, "message");
	g_assert_cmpstr(second, ==, first);
	g_assert_cmpint(scene.composed, ==, 1);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), ==, 1);
}

static void what_is_not_taken_is_tried_again_later(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	set_refusing(&scene, TRUE);
	start(&scene);
	guint64 seq = owe(&scene, "a@b.kz");
	outbox_wake(scene.outbox);
	wait_for_attempts(&scene, 1);
	g_autofree char *first = given(&scene, 0, "message");
	outbox_wake(scene.outbox); /* the minute is not over */
	g_usleep(200000);
	g_autofree char *early = given(&scene, 1, "message");
	g_assert_null(early);
	fixture_now += 61 * G_TIME_SPAN_SECOND;
	outbox_wake(scene.outbox);
	wait_for_attempts(&scene, 2);
	g_autofree char *second = given(&scene, 1, "message");
	g_assert_cmpstr(second, ==, first);
	g_autofree char *state = state_of(&scene, seq, NULL);
	g_assert_cmpstr(state, ==, "queued");
}

static void an_address_past_its_cap_gets_no_letter_and_the_reason_is_entered(void)
{
	static const char *const settings[] = {"acknowledge-per-address=2/day; 10/week", NULL};
	g_auto(Scene) scene = {0};
	scene_begin(&scene, settings);
	start(&scene);
	for (guint i = 0; i < 2; i++) {
		guint64 seq = owe(&scene, "a@b.kz");
		outbox_wake(scene.outbox);
		wait_for_state(&scene, seq, "sent");
	}
	guint64 third = owe(&scene, "A+detail@b.kz"), other = owe(&scene, "c@b.kz");
	g_autofree char *reason = NULL;
	outbox_wake(scene.outbox);
	wait_for_state(&scene, third, "withheld");
	wait_for_state(&scene, other, "sent");
	g_autofree char *state = state_of(&scene, third, &reason);
	g_assert_cmpstr(reason, ==, "cap");
}

/* What the desk does for `senim acknowledge`. */
static void release(const Scene *scene, guint64 seq, const char *to)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new();
	g_autoptr(Record) letter = record_new();
	LedgerEntry entry = {0};
	record_add_uint(record, "case", seq);
	record_add(letter, "to", to);
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "kk");
	LedgerAct act = {.kind = ENTRY_RELEASED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq,
	                 .ack_state = "queued", .letter = letter, .letter_due = fixture_now};
	g_assert_true(ledger_append(registry_ledger(scene->f.registry, 0), &act, &entry, &error));
	g_assert_no_error(error);
	ledger_entry_clear(&entry);
}

static void a_letter_that_an_officer_released_goes_past_the_cap(void)
{
	static const char *const settings[] = {"acknowledge-per-address=1/day; 1/week", NULL};
	g_auto(Scene) scene = {0};
	scene_begin(&scene, settings);
	start(&scene);
	guint64 first = owe(&scene, "a@b.kz");
	outbox_wake(scene.outbox);
	wait_for_state(&scene, first, "sent");
	guint64 second = owe(&scene, "a@b.kz");
	outbox_wake(scene.outbox);
	wait_for_state(&scene, second, "withheld");
	release(&scene, second, "a@b.kz");
	outbox_wake(scene.outbox);
	wait_for_state(&scene, second, "sent");
}

static guint count_calls(const Scene *scene)
{
	guint n = 0;
	for (g_autofree char *args = given(scene, 0, "args"); args != NULL; n++) {
		g_free(args);
		args = given(scene, n + 1, "args");
	}
	return n;
}

static void what_was_sent_is_not_sent_again_while_the_books_cannot_be_written(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	guint64 seq = owe(&scene, "a@b.kz");
	fixture_now += 2 * G_TIME_SPAN_HOUR;
	owe(&scene, "other@b.kz");
	gint64 right = fixture_now;
	fixture_now -= G_TIME_SPAN_HOUR; /* now nothing can be entered, and the first letter is due */
	start(&scene);
	for (guint i = 0; i < 8; i++) {
		outbox_wake(scene.outbox);
		g_usleep(100000);
	}
	g_assert_cmpuint(count_calls(&scene), ==, 1);
	fixture_now = right;
	outbox_wake(scene.outbox);
	wait_for_state(&scene, seq, "sent");
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), >=, 1);
	g_autofree char *next = given(&scene, 1, "message");
	g_assert_true(next == NULL || strstr(next, "To: <other@b.kz>") != NULL);
}

/* --- to law enforcement ------------------------------------------------------------------- */

#define ENTITY "Content-Type: text/plain\r\n\r\nkit"

/* What the desk does for `senim redirect`; the entry's sequence. */
static guint64 redirect(const Scene *scene, guint64 seq)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new(), letter = record_new();
	g_autoptr(GBytes) entity = g_bytes_new_static(ENTITY, strlen(ENTITY));
	LedgerEntry entry = {0};
	Entry fields;
	record_add_uint(record, "case", seq);
	record_add(record, "act", "queued");
	record_add(record, "to", "police");
	record_add(letter, "to", "duty@police.kz");
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "-");
	record_add(letter, "purpose", "redirect");
	LedgerAct act = {.kind = ENTRY_REDIRECTED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq,
	                 .letter = letter, .letter_due = fixture_now, .composed = entity};
	g_assert_true(ledger_append(registry_ledger(scene->f.registry, 0), &act, &entry, &error));
	g_assert_no_error(error);
	g_assert_true(entry_decode(entry.entry, &fields, NULL));
	ledger_entry_clear(&entry);
	return fields.seq;
}

static void wait_for_redirection(const Scene *scene, guint64 seq, const char *wanted)
{
	for (guint i = 0; i < 2000; i++) {
		g_autoptr(LedgerCase) c = ledger_case_by_seq(registry_ledger(scene->f.registry, 0), seq, NULL);
		if (g_strcmp0(c->redirected, wanted) == 0)
			return;
		g_usleep(5000);
	}
	g_error("the redirection never became %s", wanted);
}

static void a_letter_to_law_enforcement_can_come_back(void)
{
	g_auto(Scene) scene = {0};
	guint8 key[CUSTODY_KEY], case_id[16];
	guint32 number;
	scene_begin(&scene, NULL);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report), letter = redirect(&scene, seq);
	start(&scene);
	wait_for_redirection(&scene, seq, "sent");
	g_autofree char *args = given(&scene, 0, "args"), *message = given(&scene, 0, "message");
	g_assert_cmpstr(args, ==, "-G\n-i\n-t\n-f\nsenim@kmo.kz\n"); /* a bounce goes there, and belongs to the case */
	g_assert_nonnull(strstr(message, "To: <duty@police.kz>\r\n"));
	g_assert_nonnull(strstr(message, ENTITY));
	custody_derive(registry_custody(scene.f.registry), registry_store_id(scene.f.registry), CUSTODY_MESSAGE_ID, key);
	g_autofree char *token = g_strndup(message + strlen("Message-ID: <"), LETTER_TOKEN_TEXT);
	g_assert_true(letter_token_read(key, token, case_id, &number));
	g_assert_cmpstr(letter_token_kind(number), ==, "redirect");
	g_assert_cmpuint(letter_token_entry(number), ==, letter);
}

/* What the desk does for `senim prolong --notify`. */
static void prolong(const Scene *scene, guint64 seq, const char *to)
{
	g_autoptr(Record) record = record_new(), letter = record_new();
	LedgerEntry entry = {0};
	record_add_uint(record, "case", seq);
	record_add_uint(record, "after", 0);
	record_add(record, "until", "2026-12-20");
	record_add(record, "notice", "mail");
	record_add(record, "letter", "queued");
	record_add(letter, "to", to);
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "kk");
	record_add(letter, "purpose", "prolonged");
	record_add(letter, "until", "2026-12-20");
	LedgerAct act = {.kind = ENTRY_PROLONGED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq, .letter = letter,
	                 .letter_due = fixture_now};
	g_assert_true(ledger_append(registry_ledger(scene->f.registry, 0), &act, &entry, NULL));
	ledger_entry_clear(&entry);
}

static void wait_for_notice(const Scene *scene, guint64 seq, const char *wanted)
{
	for (guint i = 0; i < 2000; i++) {
		g_autoptr(LedgerCase) c = ledger_case_by_seq(registry_ledger(scene->f.registry, 0), seq, NULL);
		if (g_strcmp0(ledger_case_posted(c, c->notification), wanted) == 0)
			return;
		g_usleep(5000);
	}
	g_error("the letter of a prolonged term never became %s", wanted);
}

/* What an act does that puts an officer's letter into the outbox (store/desk-letters.h). */
static guint64 write_letter(const Scene *scene, guint64 seq, EntryKind kind, const char *to)
{
	g_autoptr(Record) record = record_new(), letter = record_new();
	g_autoptr(GBytes) entity = g_bytes_new_static(ENTITY, strlen(ENTITY));
	LedgerEntry entry = {0};
	record_add_uint(record, "case", seq);
	record_add(record, "letter", "queued");
	record_add(letter, "to", to);
	record_add(letter, "message-id", "<report@example.kz>");
	record_add(letter, "language", "kk");
	record_add(letter, "purpose", "letter");
	record_add(letter, "subject", "answer");
	LedgerAct act = {.kind = kind, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq, .letter = letter,
	                 .composed = entity, .letter_due = fixture_now};
	g_assert_true(ledger_append(registry_ledger(scene->f.registry, 0), &act, &entry, NULL));
	guint64 by = entry.seq;
	ledger_entry_clear(&entry);
	return by;
}

static void wait_for_letter(const Scene *scene, guint64 seq, guint64 by, const char *wanted)
{
	for (guint i = 0; i < 2000; i++) {
		g_autoptr(LedgerCase) c = ledger_case_by_seq(registry_ledger(scene->f.registry, 0), seq, NULL);
		if (g_strcmp0(ledger_case_posted(c, by), wanted) == 0)
			return;
		g_usleep(5000);
	}
	g_error("an officer's letter never became %s", wanted);
}

/* Two of one case, by entries of two kinds: each has its own end, and no cap of the acknowledgements holds them up. */
static void an_officers_letter_goes_as_it_was_written_and_its_end_is_its_own(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, (const char *const[]){"mailbox senim@kmo.kz/acknowledge-per-address=1/day; 1/week", NULL});
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	guint64 first = write_letter(&scene, seq, ENTRY_REPLIED, "a@b.kz");
	guint64 second = write_letter(&scene, seq, ENTRY_FORWARDED, "a@b.kz");
	guint64 third = write_letter(&scene, seq, ENTRY_REPLIED, "a@-b.kz"); /* no address */
	start(&scene);
	wait_for_letter(&scene, seq, first, "sent");
	wait_for_letter(&scene, seq, second, "sent");
	wait_for_letter(&scene, seq, third, "unsent");
	g_autofree char *args = given(&scene, 0, "args"), *message = given(&scene, 0, "message");
	g_assert_cmpstr(args, ==, "-G\n-i\n-t\n-f\nsenim@kmo.kz\n"); /* a bounce goes there */
	g_assert_nonnull(strstr(message, ENTITY));
	guint8 key[CUSTODY_KEY], case_id[16];
	guint32 number;
	g_autofree char *token = g_strndup(message + strlen("Message-ID: <"), LETTER_TOKEN_TEXT);
	custody_derive(registry_custody(scene.f.registry), registry_store_id(scene.f.registry), CUSTODY_MESSAGE_ID, key);
	g_assert_true(letter_token_read(key, token, case_id, &number));
	g_assert_cmpstr(letter_token_kind(number), ==, "letter");
	g_assert_cmpuint(letter_token_entry(number), ==, first);
	g_clear_pointer(&scene.outbox, outbox_stop);
	g_assert_true(ledger_cases_rebuild(registry_ledger(scene.f.registry, 0), NULL));
	wait_for_letter(&scene, seq, first, "sent");
	wait_for_letter(&scene, seq, second, "sent");
	wait_for_letter(&scene, seq, third, "unsent");
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTICE), ==, 3);
}

/* The caps are of acknowledgements: a letter that an officer sends to the same address neither waits for them nor uses them up. */
static void a_letter_of_a_prolonged_term_can_come_back_and_leaves_the_caps_alone(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, (const char *const[]){"mailbox senim@kmo.kz/acknowledge-per-address=1/day; 1/week", NULL});
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	guint64 first = fixture_register(&scene.f, &report);
	prolong(&scene, first, "a@b.kz");
	start(&scene);
	wait_for_notice(&scene, first, "sent");
	g_autofree char *args = given(&scene, 0, "args"), *message = given(&scene, 0, "message");
	g_assert_cmpstr(args, ==, "-G\n-i\n-t\n-f\nsenim@kmo.kz\n");
	g_autofree char *token = g_strndup(message + strlen("Message-ID: <"), LETTER_TOKEN_TEXT);
	guint8 key[CUSTODY_KEY], case_id[16];
	guint32 number;
	custody_derive(registry_custody(scene.f.registry), registry_store_id(scene.f.registry), CUSTODY_MESSAGE_ID, key);
	g_assert_true(letter_token_read(key, token, case_id, &number));
	g_assert_cmpstr(letter_token_kind(number), ==, "letter");
	FixtureReport again = {.mailbox = "senim@kmo.kz", .size = 701, .fd = -1};
	guint64 second = fixture_register(&scene.f, &again);
	prolong(&scene, second, "A+x@b.kz"); /* the same address */
	outbox_wake(scene.outbox);
	wait_for_notice(&scene, second, "sent");
	guint64 third = owe(&scene, "a@b.kz"); /* its one acknowledgement of that day is still due */
	outbox_wake(scene.outbox);
	wait_for_state(&scene, third, "sent");
	FixtureReport late = {.mailbox = "senim@kmo.kz", .size = 702, .fd = -1};
	guint64 fourth = fixture_register(&scene.f, &late);
	prolong(&scene, fourth, "a@b.kz"); /* its day is over for acknowledgements alone */
	outbox_wake(scene.outbox);
	wait_for_notice(&scene, fourth, "sent");
	g_clear_pointer(&scene.outbox, outbox_stop);
	g_assert_true(ledger_cases_rebuild(registry_ledger(scene.f.registry, 0), NULL));
	wait_for_notice(&scene, first, "sent");
	wait_for_notice(&scene, second, "sent");
	wait_for_notice(&scene, fourth, "sent");
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), ==, 1);
}

static void what_was_composed_once_goes_again_as_the_same_octets(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	redirect(&scene, seq);
	set_refusing(&scene, TRUE);
	start(&scene);
	wait_for_attempts(&scene, 1);
	g_clear_pointer(&scene.outbox, outbox_stop); /* the power goes between the entry and the MTA's yes */
	fixture_reopen(&scene.f);
	set_refusing(&scene, FALSE);
	fixture_now += 2 * G_TIME_SPAN_MINUTE;
	start(&scene);
	wait_for_redirection(&scene, seq, "sent");
	g_autofree char *first = given(&scene, 0, "message"), *second = given(&scene, 1, "message");
	g_assert_cmpstr(second, ==, first);
	g_assert_nonnull(strstr(first, ENTITY));
	g_assert_cmpint(scene.composed, ==, 1);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REDIRECTED), ==, 2);
}

/* A sendmail that says for good that it does not want it: EX_DATAERR. */
static void what_law_enforcements_mta_refuses_for_good_is_unsent_at_once(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	g_autofree char *directory = g_path_get_dirname(scene.log), *sendmail = g_build_filename(directory, "sendmail", NULL);
	g_assert_true(g_file_set_contents(sendmail, "#!/bin/sh\nexit 65\n", -1, NULL));
	g_assert_cmpint(chmod(sendmail, 0700), ==, 0);
	guint64 seq = owe(&scene, "a@b.kz");
	redirect(&scene, seq);
	start(&scene);
	wait_for_redirection(&scene, seq, "unsent");
	wait_for_attempts(&scene, 1); /* an acknowledgement is tried again */
	g_autofree char *state = state_of(&scene, seq, NULL);
	g_assert_cmpstr(state, ==, "queued");
}

static guint count_attempts(const Scene *scene)
{
	gint64 next;
	guint n = 0;
	g_autoptr(GPtrArray) rows = ledger_letters_due(registry_ledger(scene->f.registry, 0), G_MAXINT64 / 2, 9, &next, NULL);
	for (guint i = 0; i < rows->len; i++)
		n += ((LedgerLetterRow *)rows->pdata[i])->attempts;
	return n;
}

/* Nothing listens where the MTA was: the letters behind the first are not put off for that. */
static void while_the_mta_is_away_one_letter_a_minute_is_tried(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	g_autofree char *directory = g_path_get_dirname(scene.log), *sendmail = g_build_filename(directory, "sendmail", NULL);
	g_autofree char *away = g_strconcat(sendmail, ".away", NULL);
	g_assert_cmpint(g_rename(sendmail, away), ==, 0);
	guint64 seqs[] = {owe(&scene, "a@b.kz"), owe(&scene, "c@d.kz"), owe(&scene, "e@f.kz")};
	start(&scene);
	for (guint i = 0; i < 200 && count_attempts(&scene) == 0; i++)
		g_usleep(5000);
	g_usleep(100000);
	g_assert_cmpuint(count_attempts(&scene), ==, 1);
	g_assert_cmpint(g_atomic_int_get(&unreached), ==, 1);
	gint before = g_atomic_int_get(&reached);
	g_assert_cmpint(g_rename(away, sendmail), ==, 0);
	fixture_now += 61 * G_TIME_SPAN_SECOND;
	outbox_wake(scene.outbox);
	for (gsize i = 0; i < G_N_ELEMENTS(seqs); i++)
		wait_for_state(&scene, seqs[i], "sent");
	g_assert_cmpint(g_atomic_int_get(&reached), ==, before + 3); /* by which the watch knows that it is back */
}

/* --- erased meanwhile ---------------------------------------------------------------- */

static guint64 doomed; /* 0: nothing is erased while a letter is composed */

static char *compose_and_erase(const OutboxLetter *letter, gpointer user, gsize *size, GError **error)
{
	g_autoptr(GError) held = NULL;
	/* This one is on its way, so its own case waits; the row of the other one has been read already. */
	g_assert_false(ledger_erase(letter->ledger, letter->about->seq, &held));
	g_assert_error(held, LEDGER_ERROR, LEDGER_ERROR_STATE);
	if (doomed != 0)
		g_assert_true(ledger_erase(letter->ledger, doomed, NULL));
	doomed = 0;
	return compose(letter, user, size, error);
}

static void order_erasure(const Scene *scene, guint64 seq)
{
	static const char *const acts[] = {"ordered", "confirmed"};
	for (gsize i = 0; i < G_N_ELEMENTS(acts); i++) {
		LedgerEntry entry = {0};
		g_autoptr(LedgerCase) c = ledger_case_by_seq(registry_ledger(scene->f.registry, 0), seq, NULL);
		g_autoptr(Record) record = record_new();
		record_add_uint(record, "time", (guint64)fixture_now);
		record_add(record, "officer", "aigul");
		record_add_uint(record, "case", seq);
		record_add_uint(record, "after", ledger_case_last(c));
		record_add(record, "act", acts[i]);
		record_add(record, "order", "12-К");
		record_add(record, "dated", "2026-11-01");
		record_add(record, "digest", "00ff");
		const LedgerAct act = {.kind = ENTRY_ERASURE, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq, .chained = TRUE,
		                       .after = ledger_case_last(c)};
		g_assert_true(ledger_append(registry_ledger(scene->f.registry, 0), &act, &entry, NULL));
		ledger_entry_clear(&entry);
	}
}

static void a_letter_whose_case_was_erased_meanwhile_does_not_go(void)
{
	g_auto(Scene) scene = {0};
	scene_begin(&scene, NULL);
	guint64 first = owe(&scene, "first@b.kz");
	doomed = owe(&scene, "second@b.kz");
	guint64 erased = doomed;
	order_erasure(&scene, first);
	order_erasure(&scene, erased);
	fixture_now += LEDGER_ERASURE_WAIT;
	OutboxHooks hooks = {.compose = compose_and_erase, .user = &scene.composed};
	scene.outbox = outbox_start(scene.f.registry, &hooks);
	wait_for_state(&scene, first, "sent");
	outbox_wake(scene.outbox);
	g_clear_pointer(&scene.outbox, outbox_stop);
	wait_for_state(&scene, erased, "none");
	g_autofree char *one = given(&scene, 0, "message"), *other = given(&scene, 1, "message");
	g_assert_nonnull(strstr(one, "first@b.kz"));
	g_assert_null(other);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_ACKNOWLEDGED), ==, 1);
	g_assert_true(ledger_erase(registry_ledger(scene.f.registry, 0), first, NULL)); /* its end is entered */
}

static void past_the_hourly_rate_letters_wait(void)
{
	static const char *const settings[] = {"acknowledge-per-hour=2", NULL};
	g_auto(Scene) scene = {0};
	scene_begin(&scene, settings);
	start(&scene);
	guint64 seqs[3];
	const char *to[] = {"a@b.kz", "b@b.kz", "c@b.kz"};
	for (gsize i = 0; i < G_N_ELEMENTS(seqs); i++)
		seqs[i] = owe(&scene, to[i]);
	outbox_wake(scene.outbox);
	wait_for_state(&scene, seqs[0], "sent");
	wait_for_state(&scene, seqs[1], "sent");
	g_usleep(200000);
	g_autofree char *state = state_of(&scene, seqs[2], NULL);
	g_assert_cmpstr(state, ==, "queued");
	fixture_now += 61 * G_TIME_SPAN_MINUTE;
	outbox_wake(scene.outbox);
	wait_for_state(&scene, seqs[2], "sent");
}

/* --- SMTP ---------------------------------------------------------------------------- */

/* Speaks just enough SMTP to take one message, and keeps the dialogue. */
typedef struct {
	int listener;
	guint16 port;
	GString *heard;
	const char *verdict; /* after the dot */
} Mta;

static void say(int fd, const char *line)
{
	g_assert_cmpint(send(fd, line, strlen(line), MSG_NOSIGNAL), ==, strlen(line));
}

static gpointer serve_one(gpointer data)
{
	Mta *mta = data;
	int fd = accept(mta->listener, NULL, NULL);
	FILE *in = fdopen(dup(fd), "r");
	char line[2048];
	gboolean in_data = FALSE;
	say(fd, "220 mta\r\n");
	while (fgets(line, sizeof line, in) != NULL) {
		g_string_append(mta->heard, line);
		if (in_data && strcmp(line, ".\r\n") == 0) {
			in_data = FALSE;
			say(fd, mta->verdict);
		} else if (g_str_has_prefix(line, "DATA")) {
			in_data = TRUE;
			say(fd, "354 go\r\n");
		} else if (g_str_has_prefix(line, "QUIT")) {
			say(fd, "221 bye\r\n");
			break;
		} else if (!in_data) {
			say(fd, "250 good\r\n");
		}
	}
	fclose(in);
	close(fd);
	return NULL;
}

static void mta_begin(Mta *mta, const char *verdict)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof address;
	mta->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(mta->listener, (struct sockaddr *)&address, size), ==, 0);
	g_assert_cmpint(listen(mta->listener, 4), ==, 0);
	g_assert_cmpint(getsockname(mta->listener, (struct sockaddr *)&address, &size), ==, 0);
	mta->port = ntohs(address.sin_port);
	mta->heard = g_string_new(NULL);
	mta->verdict = verdict;
}

static gboolean speak(const char *verdict, char **heard, GError **error)
{
	static const char text[] = "Subject: x\r\n\r\nbody\r\n.dot\r\n";
	Mta mta;
	g_autoptr(GBytes) message = g_bytes_new_static(text, sizeof text - 1);
	mta_begin(&mta, verdict);
	g_autofree char *submit = g_strdup_printf("smtp://127.0.0.1:%u", mta.port);
	GThread *thread = g_thread_new("mta", serve_one, &mta);
	gboolean taken = submit_message(submit, "kmo.kz", "", "aliya@b.kz", message, error);
	g_thread_join(thread);
	close(mta.listener);
	*heard = g_string_free(mta.heard, FALSE);
	return taken;
}

static void smtp_has_the_null_sender_and_one_recipient(void)
{
	g_autofree char *heard = NULL;
	g_autoptr(GError) error = NULL;
	g_assert_true(speak("250 taken\r\n", &heard, &error));
	g_assert_no_error(error);
	g_assert_nonnull(strstr(heard, "EHLO kmo.kz\r\n"));
	g_assert_nonnull(strstr(heard, "MAIL FROM:<>"));
	g_assert_nonnull(strstr(heard, "RCPT TO:<aliya@b.kz>\r\n"));
	g_assert_nonnull(strstr(heard, "\r\nbody\r\n..dot\r\n.\r\n"));
}

static void a_refusal_over_smtp_is_no_success_and_names_nobody(void)
{
	g_autofree char *heard = NULL;
	g_autoptr(GError) error = NULL;
	g_assert_false(speak("554 5.7.1 aliya@b.kz is not wanted\r\n", &heard, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED); /* for good: RFC 5321, 4.2.1 */
	g_assert_null(strstr(error->message, "aliya"));
	g_clear_error(&error);
	g_free(g_steal_pointer(&heard));
	g_assert_false(speak("451 4.3.0 later\r\n", &heard, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void a_command_that_is_not_there_is_no_success(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) message = g_bytes_new_static("x", 1);
	g_assert_false(submit_message("/nowhere/sendmail -i", "kmo.kz", "", "a@b.kz", message, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
}

/* --- tokens and addresses --------------------------------------------------------------- */

static void a_token_is_read_by_its_maker_alone(void)
{
	guint8 key[32] = {1}, other[32] = {2}, id[16] = {3, 4, 5}, read[16];
	guint32 letter;
	g_autofree char *token = letter_token_make(key, id, 0xfffefdfc);
	g_assert_cmpuint(strlen(token), ==, LETTER_TOKEN_TEXT);
	g_assert_true(letter_token_read(key, token, read, &letter));
	g_assert_cmpmem(read, 16, id, 16);
	g_assert_cmpuint(letter, ==, 0xfffefdfc);
	g_autofree char *upper = g_ascii_strup(token, -1);
	g_assert_true(letter_token_read(key, upper, read, &letter));
	g_assert_false(letter_token_read(other, token, read, &letter));
	for (gsize i = 0; i < LETTER_TOKEN_TEXT; i++) {
		g_autofree char *changed = g_strdup(token);
		changed[i] = changed[i] == 'a' ? 'b' : 'a';
		g_assert_false(letter_token_read(key, changed, read, &letter));
	}
}

/* RFC 4648 section 10 */
static void base32_is_that_of_the_rfc(void)
{
	static const char *const rows[][2] = {{"", ""},           {"f", "MY"},         {"fo", "MZXQ"}, {"foo", "MZXW6"},
	                                      {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = letter_token_base32((const guint8 *)rows[i][0], strlen(rows[i][0]));
		g_assert_cmpstr(text, ==, rows[i][1]);
	}
}

static void only_a_plain_address_reaches_a_command_line(void)
{
	static const char *const good[] = {"a@b.kz", "o'neil+x@sub.b.kz", "a.b_c=d@xn--80ak6aa92e.kz", "a@b", "1@2.kz"};
	static const char *const bad[] = {"", "a", "@b.kz", "a@", "-f@b.kz", "-@b.kz", "a b@b.kz", "a@b@c.kz", "a@b..kz", "a@.b",
	                                  "a@b.", ".a@b.kz", "a.@b.kz", "a..b@b.kz", "a@-b.kz", "a@b-.kz", "a\n@b.kz", "a@b\r.kz",
	                                  "\"a\"@b.kz", "a%c@b.kz", "c!a@b.kz", "|id@b.kz", "`id`@b.kz", "a@[127.0.0.1]",
	                                  "<a@b.kz>", "қ@b.kz", "a@қ.kz", "a,c@b.kz"};
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_test_message("%s", good[i]);
		g_assert_true(outbox_address_is_safe(good[i]));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_test_message("%s", bad[i]);
		g_assert_false(outbox_address_is_safe(bad[i]));
	}
	g_autofree char *local = g_strnfill(65, 'a');
	g_autofree char *long_local = g_strconcat(local, "@b.kz", NULL), *long_domain = g_strconcat("a@", local, ".kz", NULL);
	g_assert_false(outbox_address_is_safe(long_local));
	g_assert_false(outbox_address_is_safe(long_domain));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/outbox/the MTA gets exactly what was composed", the_mta_gets_exactly_what_was_composed);
	g_test_add_func("/outbox/a repeat after a crash is the same octets", a_repeat_after_a_crash_is_the_same_octets);
	g_test_add_func("/outbox/what is not taken is tried again later", what_is_not_taken_is_tried_again_later);
	g_test_add_func("/outbox/an address past its cap gets no letter and the reason is entered",
	                an_address_past_its_cap_gets_no_letter_and_the_reason_is_entered);
	g_test_add_func("/outbox/a letter that an officer released goes past the cap",
	                a_letter_that_an_officer_released_goes_past_the_cap);
	g_test_add_func("/outbox/what was sent is not sent again while the books cannot be written",
	                what_was_sent_is_not_sent_again_while_the_books_cannot_be_written);
	g_test_add_func("/outbox/a letter to law enforcement can come back", a_letter_to_law_enforcement_can_come_back);
	g_test_add_func("/outbox/an officer's letter goes as it was written, and its end is its own",
	                an_officers_letter_goes_as_it_was_written_and_its_end_is_its_own);
	g_test_add_func("/outbox/a letter of a prolonged term can come back, and leaves the caps alone",
	                a_letter_of_a_prolonged_term_can_come_back_and_leaves_the_caps_alone);
	g_test_add_func("/outbox/what was composed once goes again as the same octets",
	                what_was_composed_once_goes_again_as_the_same_octets);
	g_test_add_func("/outbox/what law enforcement's MTA refuses for good is unsent at once",
	                what_law_enforcements_mta_refuses_for_good_is_unsent_at_once);
	g_test_add_func("/outbox/while the MTA is away one letter a minute is tried",
	                while_the_mta_is_away_one_letter_a_minute_is_tried);
	g_test_add_func("/outbox/a letter whose case was erased meanwhile does not go", a_letter_whose_case_was_erased_meanwhile_does_not_go);
	g_test_add_func("/outbox/past the hourly rate letters wait", past_the_hourly_rate_letters_wait);
	g_test_add_func("/outbox/SMTP has the null sender and one recipient", smtp_has_the_null_sender_and_one_recipient);
	g_test_add_func("/outbox/a refusal over SMTP is no success and names nobody",
	                a_refusal_over_smtp_is_no_success_and_names_nobody);
	g_test_add_func("/outbox/a command that is not there is no success", a_command_that_is_not_there_is_no_success);
	g_test_add_func("/outbox/a token is read by its maker alone", a_token_is_read_by_its_maker_alone);
	g_test_add_func("/outbox/base32 is that of the RFC", base32_is_that_of_the_rfc);
	g_test_add_func("/outbox/only a plain address reaches a command line", only_a_plain_address_reaches_a_command_line);
	return g_test_run();
}
