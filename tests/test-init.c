/* SPDX-License-Identifier: ISC */
/* A store is made whole, with an escrow that opens, or not at all. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/escrow.h"
#include "store/init.h"
#include "store/keyfile.h"
#include "store/note.h"
#include "store/registry.h"

/* A directory with the keys of two readers and of the recovery. */
typedef struct {
	char *directory, *store;
	char *aigul, *chair, *recovery, *prove; /* NAME=FILE.pub twice, FILE.pub, FILE */
	guint warnings;
	char *sheet;
} Room;

static char *path_in(const Room *room, const char *name)
{
	return g_build_filename(room->directory, name, NULL);
}

static void make_keys(const Room *room, const char *name, gint64 expires)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *file = path_in(room, name);
	g_autofree char *public = g_strconcat(file, ".pub", NULL);
	g_autoptr(Keyfile) keys = keyfile_generate(&error);
	g_assert_no_error(error);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, expires);
	g_assert_true(keyfile_write(keys, file, NULL, 0, &error));
	g_assert_true(keyfile_public_write(half, public, &error));
}

static void room_make(Room *room)
{
	room->directory = g_dir_make_tmp("senim-init-XXXXXX", NULL);
	room->store = path_in(room, "store");
	make_keys(room, "aigul", 0);
	make_keys(room, "chair", 0);
	make_keys(room, "recovery", 0);
	make_keys(room, "late", 86400);
	room->aigul = g_strdup_printf("aigul=%s/aigul.pub", room->directory);
	room->chair = g_strdup_printf("chair=%s/chair.pub", room->directory);
	room->recovery = path_in(room, "recovery.pub");
	room->prove = path_in(room, "recovery");
}

static void room_clear(Room *room)
{
	g_autofree char *command = g_strdup_printf("rm -r %s", room->directory);
	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
	g_free(room->directory);
	g_free(room->store);
	g_free(room->aigul);
	g_free(room->chair);
	g_free(room->recovery);
	g_free(room->prove);
	g_free(room->sheet);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Room, room_clear)

static void warn(const char *sentence, gpointer user)
{
	g_assert_cmpuint(strlen(sentence), >, 0);
	((Room *)user)->warnings++;
}

static void keep_sheet(const char *text, gpointer user)
{
	((Room *)user)->sheet = g_strdup(text);
}

static gboolean has_mode(const Room *room, const char *name, guint mode)
{
	struct stat st;
	g_autofree char *path = g_build_filename(room->store, name, NULL);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_test_message("%s %o", name, st.st_mode & 07777);
	return (st.st_mode & 07777) == mode;
}

static const char *const two_mailboxes[] = {"senim@kmo.kz", "Ethics+1@KMO.kz", NULL};
static const char *const one_mailbox[] = {"senim@kmo.kz", NULL};

static void a_store_is_made_whole_and_opens(void)
{
	g_auto(Room) room = {0};
	g_autoptr(GError) error = NULL;
	room_make(&room);
	const char *officers[] = {room.aigul, NULL}, *escalation[] = {room.chair, NULL}, *recovery[] = {room.recovery, NULL};
	const char *settings[] = {"acknowledge-delay=0 min", "mailbox senim@kmo.kz/term-working-days=10",
	                          "organisation=«Қазмедиа орталығы» ЖШС", NULL};
	InitRequest request = {.directory = room.store, .mailboxes = two_mailboxes, .officers = officers,
	                       .escalation = escalation, .recovery = recovery, .settings = settings, .prove = room.prove,
	                       .warn = warn, .sheet = keep_sheet, .user = &room};
	g_assert_true(init_store(&request, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(room.warnings, ==, 0);
	g_assert_nonnull(room.sheet);
	g_assert_true(has_mode(&room, ".", 0755) && has_mode(&room, "keys", 0700) && has_mode(&room, "state", 0700));
	g_assert_true(has_mode(&room, "run", 0755) && has_mode(&room, "officers", 0755) && has_mode(&room, "log.pub", 0644));
	g_assert_true(has_mode(&room, "keys/custody.key", 0400) && has_mode(&room, "keys/senim@kmo.kz.sign", 0400));
	g_assert_true(has_mode(&room, "senim.conf", 0644) && has_mode(&room, "officers/aigul.pub", 0644));
	g_autofree char *conf = g_build_filename(room.store, "senim.conf", NULL);
	g_autoptr(Config) config = config_load(conf, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(config->organisation, ==, "«Қазмедиа орталығы» ЖШС");
	g_assert_cmpuint(config->mailboxes[0].term_working_days, ==, 10);
	g_assert_cmpuint(config->mailboxes[1].delay_max, ==, 0);
	RegistryOptions options = {0};
	g_autoptr(Registry) registry = registry_open(config, &options, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(registry_count(registry), ==, 2);
	guint8 set[32];
	g_autoptr(GPtrArray) readers = ledger_readers(registry_ledger(registry, 1), set, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(readers->len, ==, 3);
	/* log.pub names the origins of the registers */
	g_autofree char *path = g_build_filename(room.store, "log.pub", NULL), *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(lines[1], &error);
	g_assert_no_error(error);
	g_assert_cmpstr(note_verifier_name(verifier), ==, registry_origin(registry, 1));
}

static void the_escrow_gives_back_the_keys(void)
{
	g_auto(Room) room = {0};
	g_autoptr(GError) error = NULL;
	room_make(&room);
	const char *officers[] = {room.aigul, room.chair, NULL}, *recovery[] = {room.recovery, NULL};
	InitRequest request = {.directory = room.store, .mailboxes = one_mailbox, .officers = officers, .recovery = recovery,
	                       .prove = room.prove};
	g_assert_true(init_store(&request, &error));
	g_autofree char *path = g_build_filename(room.store, "recovery", "keys.age", NULL), *file = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(path, &file, &size, NULL));
	g_autoptr(Keyfile) keys = keyfile_read(room.prove, NULL, 0, &error);
	g_autoptr(Escrow) escrow = escrow_open(file, size, keyfile_body_identity(keys), &error);
	g_assert_no_error(error);
	g_autofree char *custody_path = g_build_filename(room.store, "keys", "custody.key", NULL);
	g_autofree char *source = g_strconcat("file:", custody_path, NULL);
	g_autoptr(CustodyKey) custody = custody_key_load(source, &error);
	g_assert_no_error(error);
	guint8 one[CUSTODY_ID], other[CUSTODY_ID];
	custody_key_id(custody, one);
	custody_key_id(escrow_custody(escrow), other);
	g_assert_cmpmem(one, sizeof one, other, sizeof other);
	const char *origin;
	const guint8 *seed;
	g_assert_true(escrow_log(escrow, 0, &origin, &seed));
	g_assert_true(g_str_has_prefix(origin, "senim@kmo.kz/"));
}

static void one_reader_and_no_escrow_are_warned_of(void)
{
	g_auto(Room) room = {0};
	room_make(&room);
	const char *officers[] = {room.aigul, NULL};
	InitRequest request = {.directory = room.store, .mailboxes = one_mailbox, .officers = officers, .no_recovery = TRUE,
	                       .warn = warn, .user = &room};
	g_assert_true(init_store(&request, NULL));
	g_assert_cmpuint(room.warnings, ==, 2);
}

/* Nothing is left of what was begun. */
static void assert_nothing(const Room *room)
{
	g_assert_false(g_file_test(room->store, G_FILE_TEST_EXISTS));
}

static void what_cannot_be_made_leaves_nothing(void)
{
	g_auto(Room) room = {0};
	room_make(&room);
	g_autofree char *late = g_strdup_printf("late=%s/late.pub", room.directory);
	g_autofree char *twin = g_strdup_printf("twin=%s/aigul.pub", room.directory);
	g_autofree char *wrong = path_in(&room, "chair"), *nothing = path_in(&room, "nothing");
	const char *aigul[] = {room.aigul, NULL}, *nobody[] = {NULL}, *expired[] = {late, NULL}, *twins[] = {room.aigul, twin, NULL};
	const char *unnamed[] = {room.recovery, NULL}, *misnamed[] = {"Айгүл=x.pub", NULL}, *recovery[] = {room.recovery, NULL};
	const char *unknown[] = {"no-such-key=1", NULL}, *ours[] = {"state-directory=/tmp", NULL},
	           *bad[] = {"acknowledge-delay=soon", NULL}, *elsewhere[] = {"mailbox x@y.kz/journal=pen", NULL};
	const char *bad_mailbox[] = {"senim", NULL};
	const struct {
		const char *testname;
		const char *const *mailboxes, *const *officers, *const *recovery, *const *settings;
		const char *prove;
		gboolean no_recovery;
		InitErrorCode code;
	} rows[] = {
		{"no mailbox", nobody, aigul, NULL, NULL, NULL, TRUE, INIT_ERROR_USAGE},
		{"no address", bad_mailbox, aigul, NULL, NULL, NULL, TRUE, INIT_ERROR_USAGE},
		{"no officer", one_mailbox, nobody, NULL, NULL, NULL, TRUE, INIT_ERROR_USAGE},
		{"a key that has expired", one_mailbox, expired, NULL, NULL, NULL, TRUE, INIT_ERROR_USAGE},
		{"one key twice", one_mailbox, twins, NULL, NULL, NULL, TRUE, INIT_ERROR_USAGE},
		{"an officer without a name", one_mailbox, unnamed, NULL, NULL, NULL, TRUE, INIT_ERROR_USAGE},
		{"a name that is none", one_mailbox, misnamed, NULL, NULL, NULL, TRUE, INIT_ERROR_USAGE},
		{"an unknown key", one_mailbox, aigul, NULL, unknown, NULL, TRUE, INIT_ERROR_USAGE},
		{"a key that init lays down", one_mailbox, aigul, NULL, ours, NULL, TRUE, INIT_ERROR_USAGE},
		{"a bad value", one_mailbox, aigul, NULL, bad, NULL, TRUE, INIT_ERROR_USAGE},
		{"another mailbox's key", one_mailbox, aigul, NULL, elsewhere, NULL, TRUE, INIT_ERROR_USAGE},
		{"neither recovery nor none", one_mailbox, aigul, NULL, NULL, NULL, FALSE, INIT_ERROR_USAGE},
		{"both", one_mailbox, aigul, recovery, NULL, room.prove, TRUE, INIT_ERROR_USAGE},
		{"an escrow that nobody opens", one_mailbox, aigul, recovery, NULL, NULL, FALSE, INIT_ERROR_USAGE},
		{"an identity that does not open it", one_mailbox, aigul, recovery, NULL, wrong, FALSE, INIT_ERROR_FAILED},
		{"an identity that is not there", one_mailbox, aigul, recovery, NULL, nothing, FALSE, INIT_ERROR_FAILED},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		InitRequest request = {.directory = room.store, .mailboxes = rows[i].mailboxes, .officers = rows[i].officers,
		                       .recovery = rows[i].recovery, .settings = rows[i].settings, .prove = rows[i].prove,
		                       .no_recovery = rows[i].no_recovery};
		g_test_message("%s", rows[i].testname);
		g_assert_false(init_store(&request, &error));
		g_test_message("%s", error->message);
		g_assert_error(error, INIT_ERROR, (int)rows[i].code);
		assert_nothing(&room);
	}
}

static void a_directory_with_something_in_it_is_left_alone(void)
{
	g_auto(Room) room = {0};
	g_autoptr(GError) error = NULL;
	room_make(&room);
	const char *officers[] = {room.aigul, NULL};
	g_autofree char *file = g_build_filename(room.store, "theirs", NULL);
	InitRequest request = {.directory = room.store, .mailboxes = one_mailbox, .officers = officers, .no_recovery = TRUE};
	g_assert_cmpint(g_mkdir(room.store, 0700), ==, 0);
	g_assert_true(g_file_set_contents(file, "x", 1, NULL));
	g_assert_false(init_store(&request, &error));
	g_assert_error(error, INIT_ERROR, INIT_ERROR_USAGE);
	g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
	g_assert_cmpint(g_unlink(file), ==, 0);
	g_clear_error(&error);
	g_assert_true(init_store(&request, &error)); /* empty: taken */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/init/a store is made whole and opens", a_store_is_made_whole_and_opens);
	g_test_add_func("/init/the escrow gives back the keys", the_escrow_gives_back_the_keys);
	g_test_add_func("/init/one reader and no escrow are warned of", one_reader_and_no_escrow_are_warned_of);
	g_test_add_func("/init/what cannot be made leaves nothing", what_cannot_be_made_leaves_nothing);
	g_test_add_func("/init/a directory with something in it is left alone", a_directory_with_something_in_it_is_left_alone);
	return g_test_run();
}
