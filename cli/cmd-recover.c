/* SPDX-License-Identifier: ISC */
/* senim recover: the recovery key among several holders (--split), practised (--drill), and used when nobody is left who
 * opens: on the mail host or a restored copy, while senim-registrar is stopped (store/shares.h, store/recovery.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/passphrase.h"
#include "cli/wipe.h"
#include "store/paper-key.h"
#include "store/private-file.h"
#include "store/recovery.h"
#include "store/restore.h"
#include "store/rotation.h"
#include "store/shares.h"

#define SHARES "shares"
#define DRILL "drill"
#define DRILL_TEST "drill.age"
#define DRILL_TEXT "senim: the drill identity opens this\n"
#define NEED_USUAL 2
#define FILE_MAX 65536

static gboolean fail_of(GError **error, const GError *cause)
{
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	gboolean words = g_error_matches(cause, SHARES_ERROR, SHARES_ERROR_WORDS);
	gboolean missing = g_error_matches(cause, SHARES_ERROR, SHARES_ERROR_MISSING);
	return cli_fail(error, words ? CLI_ERROR_USAGE : missing ? CLI_ERROR_REFUSED : CLI_ERROR_FAILED, "%s", why);
}

/* --- people on the command line: NAME=FILE ------------------------------------------------------------------------ */

typedef struct {
	char *name;
	char *path;
	KeyfilePublic *half;
	Keyfile *keys;
} Named;

static void named_clear(gpointer data)
{
	Named *named = data;
	g_free(named->name);
	g_free(named->path);
	keyfile_public_free(named->half);
	keyfile_free(named->keys);
}

/* Every --option NAME=FILE. */
static GArray *read_named(const Cli *cli, const char *option, GError **error)
{
	const char *value;
	g_autoptr(GArray) list = g_array_new(FALSE, TRUE, sizeof(Named));
	g_array_set_clear_func(list, named_clear);
	for (guint i = 0; (value = options_nth(cli->options, option, i)) != NULL; i++) {
		const char *equals = strchr(value, '=');
		if (equals == NULL || equals == value || equals[1] == '\0') {
			cli_fail(error, CLI_ERROR_USAGE, _("--%s takes NAME=FILE"), option);
			return NULL;
		}
		Named named = {.name = g_strndup(value, (gsize)(equals - value)), .path = g_strdup(equals + 1)};
		g_array_append_val(list, named);
	}
	return g_steal_pointer(&list);
}

static gboolean load_halves(GArray *list, GError **error)
{
	for (guint i = 0; i < list->len; i++) {
		Named *named = &g_array_index(list, Named, i);
		g_autoptr(GError) cause = NULL;
		named->half = keyfile_public_read(named->path, &cause);
		if (named->half == NULL)
			return keys_fail(error, named->path, cause);
	}
	return TRUE;
}

static gboolean load_keys(const Cli *cli, GArray *list, GError **error)
{
	for (guint i = 0; i < list->len; i++) {
		Named *named = &g_array_index(list, Named, i);
		named->keys = keys_open_file(cli, named->path, error);
		if (named->keys == NULL)
			return FALSE;
	}
	return TRUE;
}

static const char **names_of(const GArray *list, const char *alone)
{
	GPtrArray *names = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++)
		g_ptr_array_add(names, g_array_index(list, Named, i).name);
	if (list->len == 0)
		g_ptr_array_add(names, (gpointer)alone);
	g_ptr_array_add(names, NULL);
	return (const char **)g_ptr_array_free(names, FALSE);
}

/* --- the shares --------------------------------------------------------------------------------------------------- */

static Keyfile *put_together(const char *directory, const GArray *shares, GError **error)
{
	const Keyfile *keys[SHARES_HOLDERS_MAX];
	g_autoptr(GError) cause = NULL;
	guint n = MIN(shares->len, SHARES_HOLDERS_MAX);
	for (guint i = 0; i < n; i++)
		keys[i] = g_array_index(shares, Named, i).keys;
	Keyfile *secret = shares_open(directory, keys, n, &cause);
	if (secret == NULL)
		fail_of(error, cause);
	return secret;
}

/* The identity that drills put together, and what it opens: neither has anything to do with a case. */
static gboolean write_drill(const Config *config, const SharesHolder *holders, guint n, guint need, GError **error)
{
	g_autoptr(Keyfile) practice = keyfile_generate(error);
	if (practice == NULL)
		return FALSE;
	g_autofree char *directory = stopped_recovery_path(config, DRILL), *path = stopped_recovery_path(config, DRILL_TEST);
	g_autoptr(KeyfilePublic) half = keyfile_public(practice, 0);
	const char *const recipients[] = {half->body, NULL};
	gsize size;
	g_autoptr(GBytes) test = age_file_seal(DRILL_TEXT, strlen(DRILL_TEXT), recipients, error);
	const void *data = test != NULL ? g_bytes_get_data(test, &size) : NULL;
	return data != NULL && shares_write(practice, holders, n, need, directory, error) &&
	       private_file_replace(path, data, size, 0644, error);
}

static gboolean read_need(const Options *options, guint *need, GError **error)
{
	guint64 value = NEED_USUAL;
	const char *text = options_value(options, "need");
	if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 2, SHARES_HOLDERS_MAX, &value, NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--need takes a number from 2 to %d"), SHARES_HOLDERS_MAX);
	*need = (guint)value;
	return TRUE;
}

static gboolean split(Cli *cli, const Config *config, GError **error)
{
	guint need = NEED_USUAL;
	g_autoptr(GError) cause = NULL;
	SharesHolder holders[SHARES_HOLDERS_MAX];
	g_autoptr(GArray) list = read_named(cli, "holder", error);
	if (list == NULL || !read_need(cli->options, &need, error) || !load_halves(list, error))
		return FALSE;
	guint n = MIN(list->len, SHARES_HOLDERS_MAX);
	for (guint i = 0; i < n; i++) {
		const Named *named = &g_array_index(list, Named, i);
		holders[i] = (SharesHolder){named->name, named->half->body};
	}
	if (list->len > n)
		return cli_fail(error, CLI_ERROR_USAGE, _("--holder may stand %d times at most"), SHARES_HOLDERS_MAX);
	g_autoptr(Keyfile) secret = keys_open(cli, error);
	if (secret == NULL)
		return FALSE;
	g_autofree char *directory = stopped_recovery_path(config, SHARES);
	if (!shares_write(secret, holders, n, need, directory, &cause) ||
	    !write_drill(config, holders, n, need, &cause))
		return fail_of(error, cause);
	g_autofree char *shown = escape_text(directory, -1, ESCAPE_LINE);
	g_autofree char *said = g_strdup_printf(_("%s holds the shares: %u of the %u holders open the recovery key together.\n"
	                                          "Practise with --drill, then destroy the key file itself and every copy of it.\n"),
	                                        shown, need, n);
	return output_said(said, error);
}

/* --- the drill ---------------------------------------------------------------------------------------------------- */

static gboolean opens_test(const Config *config, const Keyfile *practice, GError **error)
{
	gsize size, plain_size;
	g_autofree char *path = stopped_recovery_path(config, DRILL_TEST);
	g_autoptr(AgeIdentity) who = age_identity_parse(keyfile_body_identity(practice), error);
	g_autoptr(GBytes) file = who != NULL ? private_file_read(path, FILE_MAX, FALSE, error) : NULL;
	const void *data = file != NULL ? g_bytes_get_data(file, &size) : NULL;
	g_autoptr(GBytes) plain = data != NULL ? age_file_open(data, size, who, error) : NULL;
	if (plain == NULL)
		return FALSE;
	const void *text = g_bytes_get_data(plain, &plain_size);
	return (plain_size == strlen(DRILL_TEXT) && memcmp(text, DRILL_TEXT, plain_size) == 0) ||
	       cli_fail(error, CLI_ERROR_FAILED, _("the drill opened something else than was sealed for it: split the key anew"));
}

static gboolean drill(Cli *cli, const Config *config, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *directory = stopped_recovery_path(config, DRILL);
	g_autoptr(GArray) shares = read_named(cli, "share", error);
	if (shares == NULL || !load_keys(cli, shares, error))
		return FALSE;
	g_autoptr(Keyfile) practice = put_together(directory, shares, error);
	if (practice == NULL)
		return FALSE;
	g_autofree const char **holders = names_of(shares, NULL);
	g_autoptr(KeyfilePublic) half = keyfile_public(practice, 0);
	g_autoptr(Stopped) stopped = opens_test(config, practice, &cause) ? stopped_new(config, NULL, &cause) : NULL;
	if (stopped == NULL)
		return fail_of(error, cause);
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (!recovery_drilled(stopped, i, holders, half->body, &cause))
			return fail_of(error, cause);
	return output_said(_("The holders open together what was sealed for practice, and the registers say so.\n"), error);
}

/* --- the recovery ------------------------------------------------------------------------------------------------- */

/* *escrowed: the escrow opens with this key; when the rotation is over it does no longer, and the host's own key serves. */
static Stopped *open_store(const Config *config, const Keyfile *identity, gboolean *escrowed, GError **error)
{
	gsize size;
	g_autoptr(GError) cause = NULL;
	g_autofree char *path = stopped_recovery_path(config, "keys.age");
	g_autoptr(GBytes) file = private_file_read(path, FILE_MAX, FALSE, &cause);
	const void *data = file != NULL ? g_bytes_get_data(file, &size) : NULL;
	g_autoptr(Escrow) escrow = data != NULL ? escrow_open(data, size, keyfile_body_identity(identity), &cause) : NULL;
	*escrowed = escrow != NULL;
	if (escrow == NULL) {
		Stopped *stopped = stopped_new(config, NULL, NULL);
		if (stopped == NULL)
			g_propagate_error(error, g_steal_pointer(&cause));
		return stopped;
	}
	/* On a host that was lost they come from the escrow alone. */
	if (!restore_keys(config, escrow, error))
		return NULL;
	char *text = custody_key_text(escrow_custody(escrow));
	CustodyKey *custody = custody_key_parse(text, error);
	explicit_bzero(text, strlen(text));
	g_free(text);
	return custody != NULL ? stopped_new(config, custody, error) : NULL;
}

static GArray *read_persons(GArray *officers, GArray *recovery, GError **error)
{
	g_autoptr(GArray) persons = g_array_new(FALSE, TRUE, sizeof(RecoveryPerson));
	GArray *const lists[] = {officers, recovery};
	static const char *const roles[] = {"officer", "recovery"};
	for (gsize k = 0; k < G_N_ELEMENTS(lists); k++) {
		if (!load_halves(lists[k], error))
			return NULL;
		for (guint i = 0; i < lists[k]->len; i++) {
			const Named *named = &g_array_index(lists[k], Named, i);
			const RecoveryPerson person = {named->name, roles[k], named->half};
			g_array_append_val(persons, person);
		}
	}
	if (officers->len == 0) {
		cli_fail(error, CLI_ERROR_USAGE, _("nobody is named who reads from here on: --officer NAME=FILE.pub"));
		return NULL;
	}
	if (recovery->len == 0) {
		cli_fail(error, CLI_ERROR_USAGE,
		         _("a recovery key that was put together is replaced: name the next one with --recovery NAME=FILE.pub"));
		return NULL;
	}
	return g_steal_pointer(&persons);
}

static void progress(guint64 done, gpointer user G_GNUC_UNUSED)
{
	fprintf(stderr, "senim: %" G_GUINT64_FORMAT "\n", done);
}

static gboolean said_recovered(const RecoveryResult *result, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, _("%u headers were made. The new officer opens these cases with her own key; their cards stay closed to her.\n"),
	                       (guint)result->wrapped);
	if (result->without > 0)
		g_string_append_printf(text, _("%u cases were never sealed to this recovery key.\n"), (guint)result->without);
	g_string_append(text, _("The old recovery key is out of force. Split the new one among its holders with --split.\n"));
	return output_said(text->str, error);
}

static Keyfile *recovery_key(Cli *cli, const Config *config, GArray *shares, GError **error)
{
	const char *whole = options_value(cli->options, "prove");
	if (whole != NULL)
		return keys_open_file(cli, whole, error);
	g_autofree char *directory = stopped_recovery_path(config, SHARES);
	return load_keys(cli, shares, error) ? put_together(directory, shares, error) : NULL;
}

/* New readers, case by case; then nothing more is sealed to the key that was put together. */
static gboolean enter_persons(const Config *config, const Keyfile *identity, GArray *shares, GArray *persons,
                              gboolean *escrowed, RecoveryResult *result, GError **error)
{
	g_autoptr(Stopped) stopped = open_store(config, identity, escrowed, error);
	g_autofree const char **holders = names_of(shares, "recovery");
	const RecoveryRequest request = {.identity = identity,
	                                 .holders = holders,
	                                 .persons = (const RecoveryPerson *)(const void *)persons->data,
	                                 .n_persons = persons->len,
	                                 .retire = TRUE,
	                                 .progress = progress};
	for (guint i = 0; stopped != NULL && i < config->n_mailboxes; i++)
		if (!recovery_mailbox(stopped, i, &request, result, error))
			return FALSE;
	return stopped != NULL;
}

/* The escrow holds the custody key for the recovery key that is out of force: both go. A rotation that was begun, by this
 * command or another, is ended before the books are opened: in its midst they lie under two keys. */
static gboolean recover_and_rotate(Cli *cli, const Config *config, const Keyfile *identity, GArray *shares, GArray *persons,
                                   GError **error)
{
	g_autoptr(GError) cause = NULL;
	RecoveryResult result = {0};
	gboolean escrowed, finished = TRUE;
	if (rotation_is_begun(config) && !cmd_custody_rotate(cli, config, &finished, error))
		return FALSE;
	if (!finished)
		return TRUE;
	if (!enter_persons(config, identity, shares, persons, &escrowed, &result, &cause))
		return fail_of(error, cause);
	return said_recovered(&result, error) && (!escrowed || cmd_custody_rotate(cli, config, &finished, error));
}

static gboolean recover(Cli *cli, const Config *config, GError **error)
{
	g_autoptr(GArray) shares = read_named(cli, "share", error);
	g_autoptr(GArray) officers = shares != NULL ? read_named(cli, "officer", error) : NULL;
	g_autoptr(GArray) recovery = officers != NULL ? read_named(cli, "recovery", error) : NULL;
	g_autoptr(GArray) persons = recovery != NULL ? read_persons(officers, recovery, error) : NULL;
	if (persons != NULL && options_value(cli->options, "sheet") == NULL && !pager_on_terminal())
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no terminal for the sheet for the safe: --sheet FILE writes it"));
	g_autoptr(Keyfile) identity = persons != NULL ? recovery_key(cli, config, shares, error) : NULL;
	return identity != NULL && recover_and_rotate(cli, config, identity, shares, persons, error);
}

/* --- from paper --------------------------------------------------------------------------------------------------- */

static gboolean write_typed(Cli *cli, const Keyfile *keys, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	gboolean clear = options_flag(cli->options, "no-passphrase");
	g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
	g_autoptr(Passphrase) passphrase = clear ? NULL : passphrase_ask_new(cli->options, path, error);
	if (!clear && passphrase == NULL)
		return FALSE;
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	if (!keyfile_write(keys, path, clear ? NULL : passphrase_text(passphrase), clear ? 0 : passphrase_size(passphrase),
	                   &cause))
		return keys_fail(error, path, cause);
	return g_file_test(public_path, G_FILE_TEST_EXISTS) || keyfile_public_write(half, public_path, &cause) ||
	       keys_fail(error, public_path, cause);
}

/* The three keys of the page on standard input, or what a reader of its code wrote. */
static gboolean from_paper(Cli *cli, GError **error)
{
	const char *path = options_value(cli->options, "output");
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeBuffer) typed = wipe_buffer_new(FILE_MAX);
	if (path == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("no file is named for the key: --output FILE"));
	if (isatty(STDIN_FILENO))
		fputs(_("Type the three keys as they stand on the page, then Ctrl-D on a line of its own:\n"), stderr);
	if (!wipe_buffer_read(typed, STDIN_FILENO, FILE_MAX))
		return cli_fail(error, CLI_ERROR_FAILED, _("what was typed cannot be read: %s"), g_strerror(errno));
	g_autoptr(Keyfile) keys = paper_key_read(wipe_buffer_data(typed), wipe_buffer_size(typed), &cause);
	if (keys == NULL)
		return fail_of(error, cause);
	if (!write_typed(cli, keys, path, error))
		return FALSE;
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_autofree char *said = g_strdup_printf(_("%s is the key file of that page.\n"), shown);
	return output_said(said, error);
}

gboolean cmd_recover(Cli *cli, GError **error)
{
	if (options_flag(cli->options, "from-paper"))
		return from_paper(cli, error);
	g_autoptr(Config) config = cli_config(cli, error);
	if (config == NULL)
		return FALSE;
	if (options_flag(cli->options, "split"))
		return split(cli, config, error);
	return options_flag(cli->options, "drill") ? drill(cli, config, error) : recover(cli, config, error);
}
