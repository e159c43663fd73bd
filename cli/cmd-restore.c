/* SPDX-License-Identifier: ISC */
/* senim restore: a lost mail host out of its archive (store/restore.h), the same for practice (--drill), and the entry behind files
 * that were put back from a backup (without --archive). */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/desk-client.h"
#include "cli/output.h"
#include "cli/sheet.h"
#include "cli/wipe.h"
#include "store/age.h"
#include "store/desk-host.h"
#include "store/restore.h"

#define SHEET_MOST 65536
#define CHECKPOINT_MOST 65536
#define ASK_SECONDS 30
#define MEMORY "/dev/shm"

/* What she can do something about, in her language. */
static const struct {
	gint code;
	const char *sentence;
} reasons[] = {
	{RESTORE_ERROR_KEYS, N_("the keys that were given have none of some mailbox: name the right sheet, or the right mailboxes")},
	{RESTORE_ERROR_OTHER_KEY, N_("the archive was made under another key than this one: take the sheet of that time, or the recovery key with --prove")},
	{RESTORE_ERROR_THERE, N_("a register is there already: a restore is for a bare host; move the old one away if it is lost")},
	{RESTORE_ERROR_STORES, N_("the archive and the keys are of two stores: name the right sheet")},
	{RESTORE_ERROR_NUMBER, N_("a number given with --highest is of no mailbox here: write it like 2026/17, with several mailboxes like ADDRESS:2026/17")},
	{RESTORE_ERROR_CHECKPOINT, N_("the checkpoint from outside is of none of these registers, or is not signed: name another")},
};

static gboolean fail_of(GError **error, const GError *cause)
{
	for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (g_error_matches(cause, RESTORE_ERROR, reasons[i].code))
			return cli_fail(error, CLI_ERROR_USAGE, "%s", _(reasons[i].sentence));
	if (g_error_matches(cause, AGE_ERROR, AGE_ERROR_NO_MATCH))
		return cli_fail(error, CLI_ERROR_FAILED, "%s", _("this key does not open it: it is sealed to somebody else"));
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, "%s", why);
}

/* --- what opens the archive ------------------------------------------------------------------------------------------- */

typedef struct {
	Escrow *escrow;
	AgeIdentity *identity; /* NULL: the sheet */
} Opener;

static void opener_clear(Opener *opener)
{
	escrow_free(opener->escrow);
	age_identity_free(opener->identity);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Opener, opener_clear)

static gboolean read_sheet(const char *path, WipeBuffer *text, GError **error)
{
	gboolean typed = path == NULL || strcmp(path, "-") == 0;
	if (path == NULL && !isatty(STDIN_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("name what opens the archive: --safe FILE, the sheet from the safe, or --prove FILE, the recovery key"));
	if (path == NULL)
		fputs(_("Type the sheet from the safe as it stands there, then Ctrl-D on a line of its own:\n"), stderr);
	FILE *file = typed ? stdin : fopen(path, "re");
	gboolean done = file != NULL && wipe_buffer_read(text, fileno(file), SHEET_MOST);
	int why = errno;
	if (file != NULL && !typed)
		fclose(file);
	return done || cli_fail(error, CLI_ERROR_FAILED, _("the sheet cannot be read: %s"), g_strerror(why));
}

static gboolean open_with_sheet(const char *path, Opener *opener, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeBuffer) text = wipe_buffer_new(SHEET_MOST);
	if (!read_sheet(path, text, error))
		return FALSE;
	opener->escrow = escrow_read_sheet(wipe_buffer_data(text), &cause);
	if (opener->escrow != NULL)
		return TRUE;
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_USAGE, "%s", why);
}

static gboolean open_with_key(Cli *cli, const char *archive, Opener *opener, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeText) identity = sheet_ask_identity(cli, error);
	if (identity == NULL)
		return FALSE;
	opener->identity = age_identity_parse(identity, &cause);
	opener->escrow = opener->identity != NULL ? restore_escrow(archive, identity, &cause) : NULL;
	return opener->escrow != NULL || fail_of(error, cause);
}

static gboolean open_archive(Cli *cli, const char *archive, Opener *opener, GError **error)
{
	return options_value(cli->options, "prove") != NULL ? open_with_key(cli, archive, opener, error)
	                                                    : open_with_sheet(options_value(cli->options, "safe"), opener, error);
}

/* --- what is known outside ---------------------------------------------------------------------------------------------- */

typedef struct {
	GPtrArray *highest, *checkpoints; /* char *, NULL-terminated */
} Known;

static void known_clear(Known *known)
{
	g_clear_pointer(&known->highest, g_ptr_array_unref);
	g_clear_pointer(&known->checkpoints, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Known, known_clear)

static gboolean add_checkpoint(Known *known, const char *path, GError **error)
{
	gsize size;
	g_autoptr(GError) cause = NULL;
	char *note;
	if (!g_file_get_contents(path, &note, &size, &cause)) {
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, "%s", why);
	}
	g_ptr_array_add(known->checkpoints, note);
	return size <= CHECKPOINT_MOST || cli_fail(error, CLI_ERROR_USAGE, _("%s is no control mark of a register"), path);
}

/* One answer; NULL at an empty line or the end. */
static char *ask_line(const char *question)
{
	char line[4096];
	fputs(question, stderr);
	return fgets(line, sizeof line, stdin) != NULL && *g_strstrip(line) != '\0' ? g_strdup(line) : NULL;
}

static gboolean ask_highest(Known *known, GError **error)
{
	char *line;
	if (!isatty(STDIN_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("what was lost must not be numbered anew: name the highest number that anybody knows of with --highest, or --highest - where nobody does"));
	while ((line = ask_line(_("The highest number that a letter, a printed sheet or an officer's screen shows, such as 2026/17 (empty: no more): "))) != NULL)
		g_ptr_array_add(known->highest, line);
	return TRUE;
}

static gboolean ask_checkpoint(Known *known, GError **error)
{
	if (!isatty(STDIN_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("how much was lost is told by the newest control mark that an officer's program has kept: name its file with --checkpoint, or --checkpoint - where nobody has one"));
	g_autofree char *path = ask_line(_("A file with the newest control mark that an officer's program has kept (empty: none): "));
	return path == NULL || add_checkpoint(known, path, error);
}

/* Each of the two is asked for where it was not said; `-` says that there is none. */
static gboolean read_known(Cli *cli, Known *known, GError **error)
{
	const char *value;
	known->highest = g_ptr_array_new_with_free_func(g_free);
	known->checkpoints = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; (value = options_nth(cli->options, "highest", i)) != NULL; i++)
		if (strcmp(value, "-") != 0)
			g_ptr_array_add(known->highest, g_strdup(value));
	for (guint i = 0; (value = options_nth(cli->options, "checkpoint", i)) != NULL; i++)
		if (strcmp(value, "-") != 0 && !add_checkpoint(known, value, error))
			return FALSE;
	if ((options_nth(cli->options, "highest", 0) == NULL && !ask_highest(known, error)) ||
	    (options_nth(cli->options, "checkpoint", 0) == NULL && !ask_checkpoint(known, error)))
		return FALSE;
	g_ptr_array_add(known->highest, NULL);
	g_ptr_array_add(known->checkpoints, NULL);
	return TRUE;
}

static gboolean resume(const Config *config, const Known *known, GError **error)
{
	g_autoptr(GError) cause = NULL;
	const RestoreOutside outside = {(const char *const *)known->highest->pdata, (const char *const *)known->checkpoints->pdata};
	return restore_resume(config, &outside, &cause) || fail_of(error, cause);
}

/* --- the restore ---------------------------------------------------------------------------------------------------------- */

static void progress(const char *mailbox, gpointer user G_GNUC_UNUSED)
{
	fprintf(stderr, _("senim: %s …\n"), mailbox);
}

static RestoreRequest request_of(Cli *cli, const Config *config, const char *archive, const Opener *opener)
{
	return (RestoreRequest){.config = config,
	                        .archive = archive,
	                        .escrow = opener->escrow,
	                        .identity = opener->identity,
	                        .even_so = options_flag(cli->options, "even-so"),
	                        .progress = options_flag(cli->options, "json") ? NULL : progress};
}

static gboolean said(Cli *cli, const RestoreResult *result, const char *sentence, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	json_t *faults = json_array();
	for (guint i = 0; i < result->faults->len; i++) {
		g_autofree char *shown = escape_text(result->faults->pdata[i], -1, ESCAPE_LINE);
		json_array_append_new(faults, output_value(result->faults->pdata[i]));
		g_string_append_printf(text, "%s\n", shown);
	}
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:I, s:I, s:o}", "entries", (json_int_t)result->entries, "payloads",
		                             (json_int_t)result->payloads, "faults", faults), error);
	json_decref(faults);
	g_string_append_printf(text, _("%u entries and %u sealed objects are there again.\n"), (guint)result->entries,
	                       (guint)result->payloads);
	g_string_append(text, sentence);
	return output_said(text->str, error);
}

static gboolean restore(Cli *cli, const Config *config, const char *archive, GError **error)
{
	g_auto(Known) known = {0};
	g_auto(Opener) opener = {0};
	g_auto(RestoreResult) result = {0};
	g_autoptr(GError) cause = NULL;
	if (!open_archive(cli, archive, &opener, error) || !read_known(cli, &known, error))
		return FALSE;
	const RestoreRequest request = request_of(cli, config, archive, &opener);
	if (!restore_books(&request, &result, &cause) || !restore_keys(config, opener.escrow, &cause))
		return fail_of(error, cause);
	return resume(config, &known, error) &&
	       said(cli, &result, _("The registers say that they were restored. Start senim-registrar, then senim-milter, and run senim doctor.\n"), error);
}

/* Files from a backup lie where they belong already. */
static gboolean go_on(Cli *cli, const Config *config, GError **error)
{
	g_auto(Known) known = {0};
	return read_known(cli, &known, error) && resume(config, &known, error) &&
	       output_said(_("The registers say that they were restored. Start senim-registrar, then senim-milter, and run senim doctor.\n"), error);
}

/* --- the drill ------------------------------------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *st G_GNUC_UNUSED, int type G_GNUC_UNUSED, struct FTW *walk G_GNUC_UNUSED)
{
	return remove(path);
}

/* Every register that was restored is read whole; what is wrong with one ends the drill. */
static gboolean try_all(const RestoreRequest *request, GError **error)
{
	for (guint i = 0; i < request->config->n_mailboxes; i++) {
		LedgerCheck check = {0};
		g_autoptr(GError) cause = NULL;
		if (!restore_try(request, i, &check, &cause))
			return fail_of(error, cause);
		g_autofree char *fault = check.faults->len > 0 ? escape_text(check.faults->pdata[0], -1, ESCAPE_LINE) : NULL;
		ledger_check_clear(&check);
		if (fault != NULL)
			return cli_fail(error, CLI_ERROR_FAILED, _("what was restored is not whole: %s"), fault);
	}
	return TRUE;
}

/* The registrar that runs enters that it was tried. */
static gboolean enter(const Config *config, const RestoreRequest *request, const RestoreResult *result, GError **error)
{
	g_autofree char *socket = config_run_path(config, "desk.sock");
	for (guint i = 0; i < config->n_mailboxes; i++) {
		json_t *body = json_pack("{s:s, s:s, s:s, s:I, s:I}", "mailbox", config->mailboxes[i].address, "source", "archive", "opened_by",
		                         request->identity != NULL ? "recovery" : "sheet", "upto", (json_int_t)result->entries, "payloads",
		                         (json_int_t)result->payloads);
		g_autoptr(json_t) answer = desk_client_ask_host(socket, DESK_HOST_TRIED, body, ASK_SECONDS, error);
		if (answer == NULL)
			return FALSE;
	}
	return TRUE;
}

static gboolean drill_in(Cli *cli, const Config *config, const char *archive, const char *scratch, GError **error)
{
	g_auto(Opener) opener = {0};
	g_auto(RestoreResult) result = {0};
	g_autoptr(GError) cause = NULL;
	if (!open_archive(cli, archive, &opener, error))
		return FALSE;
	RestoreRequest request = request_of(cli, config, archive, &opener);
	request.state = scratch;
	if (!restore_books(&request, &result, &cause))
		return fail_of(error, cause);
	return try_all(&request, error) && enter(config, &request, &result, error) &&
	       said(cli, &result, _("The restore was practised and went well; the registers say so. What was made for it is gone again.\n"), error);
}

static gboolean drill(Cli *cli, const Config *config, const char *archive, GError **error)
{
	const char *place = options_value(cli->options, "scratch");
	g_autofree char *scratch = g_build_filename(place != NULL ? place : MEMORY, "senim-drill-XXXXXX", NULL);
	if (g_mkdtemp(scratch) == NULL) {
		g_autofree char *shown = escape_text(place != NULL ? place : MEMORY, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be written (%s): name another place with --scratch"), shown,
		                g_strerror(errno));
	}
	gboolean done = drill_in(cli, config, archive, scratch, error);
	nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return done;
}

gboolean cmd_restore(Cli *cli, GError **error)
{
	const char *archive = options_value(cli->options, "archive");
	gboolean practice = options_flag(cli->options, "drill");
	g_autoptr(Config) config = cli_config(cli, error);
	if (config == NULL)
		return FALSE;
	if (practice && archive == NULL && *config->archive_directory == '\0')
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no archive to practise with: name it with --archive DIR"));
	if (practice)
		return drill(cli, config, archive != NULL ? archive : config->archive_directory, error);
	return archive != NULL ? restore(cli, config, archive, error) : go_on(cli, config, error);
}
