/* SPDX-License-Identifier: ISC */
/* senim add: a report that came by telephone, on paper or in person: the same numbering, terms and sealing as by mail. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/act.h"
#include "cli/added.h"
#include "cli/casework.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/readers.h"

#define FILES_MAX (35u * 1024 * 1024) /* in base64 they fit max-message-size as it is by default */
#define CHANNELS " telephone paper person "
#define TRIES 3 /* readers come and go while she types; what she typed is not lost to that */
#define GROUND "added"

typedef struct {
	Session *session;
	const char *mailbox;
	WipeText *text;
	GPtrArray *files; /* AddedFile */
	GPtrArray *about; /* const char *, NULL-terminated */
	gint64 received;
} Add;

static void add_clear(Add *add)
{
	wipe_text_free(add->text);
	g_ptr_array_unref(add->files);
	g_ptr_array_unref(add->about);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Add, add_clear)

/* --- what she gives -------------------------------------------------------------------------------------------------- */

static gboolean check_channel(const char *channel, GError **error)
{
	g_autofree char *word = channel != NULL ? g_strdup_printf(" %s ", channel) : NULL;
	if (word != NULL && strchr(channel, ' ') == NULL && strstr(CHANNELS, word) != NULL)
		return TRUE;
	return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), "channel", CHANNELS);
}

static gboolean choose_mailbox(Add *add, const Options *options, GError **error)
{
	const char *named = options_value(options, "mailbox"), *first, *other, *origin;
	if (named != NULL && desk_client_origin(add->session->desk, named) == NULL) {
		g_autofree char *shown = escape_text(named, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no mailbox %s here: senim list shows them"), shown);
	}
	if (!desk_client_mailbox(add->session->desk, 0, &first, &origin))
		return cli_fail(error, CLI_ERROR_FAILED, _("the desk serves no mailbox: ask the administrator"));
	if (named == NULL && desk_client_mailbox(add->session->desk, 1, &other, &origin))
		return cli_fail(error, CLI_ERROR_USAGE, _("there are several mailboxes: name the one that it belongs to with --mailbox"));
	add->mailbox = named != NULL ? named : first;
	return TRUE;
}

/* It is never on a disk. */
static WipeText *ask_text(GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeText) text = form_text(_("What was reported."), &cause);
	if (cause == NULL && (text == NULL || *g_strstrip(text) == '\0'))
		cli_fail(&cause, CLI_ERROR_USAGE, _("nothing was reported, and nothing was added"));
	if (cause == NULL)
		return g_strconcat(text, "\n", NULL);
	g_propagate_error(error, g_steal_pointer(&cause));
	return NULL;
}

/* It lies in a file already, which stays hers to destroy. */
static GBytes *read_file(const char *path, gsize most, GError **error)
{
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_autoptr(WipeBuffer) octets = wipe_buffer_new(65536);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	gboolean read = fd >= 0 && wipe_buffer_read(octets, fd, most);
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (!read && why == EFBIG)
		cli_fail(error, CLI_ERROR_USAGE, _("%s is too large: all files of a report together take at most 35 MiB"), shown);
	else if (!read)
		cli_fail(error, CLI_ERROR_USAGE, _("%s cannot be read: %s"), shown, g_strerror(why));
	else if (wipe_buffer_size(octets) == 0)
		cli_fail(error, CLI_ERROR_USAGE, _("%s is empty"), shown);
	else
		return bundle_secret_bytes(wipe_buffer_data(octets), wipe_buffer_size(octets));
	return NULL;
}

static gboolean read_files(Add *add, const Options *options, GError **error)
{
	const char *path;
	gsize left = FILES_MAX;
	for (guint i = 0; (path = options_nth(options, "attach", i)) != NULL; i++) {
		g_autofree char *name = g_path_get_basename(path);
		if (!g_utf8_validate(name, -1, NULL))
			return cli_fail(error, CLI_ERROR_USAGE, _("the name of an attached file is not in UTF-8: give it another"));
		GBytes *octets = read_file(path, left, error);
		if (octets == NULL)
			return FALSE;
		left -= g_bytes_get_size(octets);
		AddedFile *file = g_new0(AddedFile, 1);
		*file = (AddedFile){g_steal_pointer(&name), octets};
		g_ptr_array_add(add->files, file);
	}
	return TRUE;
}

static gboolean read_about(Add *add, const Options *options, const People *people, GError **error)
{
	const char *name;
	g_ptr_array_set_size(add->about, 0);
	for (guint i = 0; (name = options_nth(options, "about", i)) != NULL; i++) {
		if (people_find(people, name) == NULL) {
			g_autofree char *shown = escape_text(name, -1, ESCAPE_LINE);
			return cli_fail(error, CLI_ERROR_USAGE, _("%s is no officer of this mailbox: senim officer list shows them"), shown);
		}
		g_ptr_array_add(add->about, (gpointer)name);
	}
	g_ptr_array_add(add->about, NULL);
	return TRUE;
}

static gboolean read_moment(Add *add, const Options *options, GError **error)
{
	const char *at = options_value(options, "at");
	add->received = g_get_real_time();
	if (at == NULL)
		return TRUE;
	if (!moment_read(at, desk_client_zone(add->session->desk), &add->received, error))
		return FALSE;
	return add->received <= g_get_real_time() || cli_fail(error, CLI_ERROR_USAGE, _("the moment has not come yet: check --at"));
}

/* --- the act --------------------------------------------------------------------------------------------------------- */

static gboolean has_value(const Record *record, const char *key, const char *value)
{
	const char *one;
	for (guint i = 0; (one = record_get_nth(record, key, i)) != NULL; i++)
		if (strcmp(one, value) == 0)
			return TRUE;
	return FALSE;
}

static gboolean is_value(const Record *record, const char *key, const char *value)
{
	return g_strcmp0(record_get(record, key), value) == 0;
}

/* The entry is this report, with these facts, and says that she added it. */
static gboolean check_entry(const Add *add, const Added *added, const Act *act, char **number, GError **error)
{
	Entry entry;
	guint8 id[SEAL_CASE];
	guint64 received;
	const char *key, *value;
	const Record *record = verify_look_nth(act->look, 0, &entry);
	gboolean good = record != NULL && entry.kind == ENTRY_RECEIVED && record_get_hex(record, "case", id, sizeof id, NULL) &&
	                memcmp(id, added->case_id, sizeof id) == 0 &&
	                record_get_uint(record, "received", G_MAXINT64, &received, NULL) && (gint64)received == add->received &&
	                is_value(record, "key-check-body", added->key_check) && is_value(record, "commit", added->digest) &&
	                is_value(record, "officer", desk_client_officer(add->session->desk)) &&
	                is_value(record, "signature", act->what.signature);
	for (guint i = 0; good && record_line(added->facts, i, &key, &value); i++)
		good = has_value(record, key, value);
	*number = good ? g_strdup(record_get(record, "number")) : NULL;
	return *number != NULL ||
	       cli_fail(error, CLI_ERROR_FAILED,
	                _("the registrar entered something else than the report that you added: tell the supervisor and the other officers"));
}

static gboolean post(const Add *add, const Added *added, char **number, GError **error)
{
	g_autoptr(Act) act = added_upload(add->session, add->mailbox, added, error) ? act_begin(add->session, add->mailbox, GROUND, error) : NULL;
	if (act == NULL)
		return FALSE;
	act->octets_name = added->digest;
	act->octets = added->commit;
	g_autoptr(json_t) answer = act_post(act, "/v1/add", json_pack("{s:s}", "commit", added->digest), error);
	return answer != NULL && check_entry(add, added, act, number, error);
}

static gboolean say_done(const Add *add, const char *number, GError **error)
{
	const Options *options = add->session->cli->options;
	g_autofree char *received = format_time_iso(add->received, desk_client_zone(add->session->desk));
	if (options_flag(options, "json"))
		return output_json(json_pack("{s:s, s:o, s:s, s:o}", "case", number, "mailbox", output_value(add->mailbox), "channel",
		                             options_value(options, "channel"), "received", output_value(received)), error);
	g_autofree char *line = face() != NULL ? g_strdup_printf(_("Registered as %s. F3 fills in its row.\n"), number)
	                                       : g_strdup_printf(_("Registered as %s. Its row waits: senim note %s\n"), number, number);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

/* Sealed to those who read now. */
static gboolean try_once(Add *add, char **number, GError **error)
{
	const Options *options = add->session->cli->options;
	g_autofree char *set = NULL;
	g_autoptr(People) people = readers_fetch(add->session, add->mailbox, &set, error);
	if (people == NULL || !read_about(add, options, people, error))
		return FALSE;
	const AddedReport report = {
		.mailbox = add->mailbox,
		.channel = options_value(options, "channel"),
		.received = add->received,
		.text = add->text,
		.files = add->files,
		.about = (const char *const *)add->about->pdata,
		.rules = options_value(options, "rules"),
	};
	g_autoptr(Added) added = added_seal(add->session, &report, people, set, error);
	return added != NULL && post(add, added, number, error);
}

static gboolean add_report(Add *add, GError **error)
{
	g_autofree char *number = NULL;
	g_autoptr(GError) cause = NULL;
	for (guint i = 0; i < TRIES; i++) {
		g_clear_error(&cause);
		if (try_once(add, &number, &cause))
			return say_done(add, number, error);
		if (!desk_client_heard(add->session->desk, "readers"))
			break;
	}
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

gboolean cmd_add(Cli *cli, GError **error)
{
	g_auto(Add) add = {.files = g_ptr_array_new_with_free_func((GDestroyNotify)added_file_free), .about = g_ptr_array_new()};
	g_autoptr(GError) cause = NULL;
	const Options *options = cli->options;
	if (!check_channel(options_value(options, "channel"), error) || !read_files(&add, options, error))
		return FALSE;
	add.text = casework_stdin(options, 1, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	g_autoptr(Session) session = session_open(cli, error);
	add.session = session;
	if (session == NULL || !choose_mailbox(&add, options, error) || !read_moment(&add, options, error))
		return FALSE;
	session_warn_host(session);
	if (add.text == NULL && (add.text = ask_text(error)) == NULL)
		return FALSE;
	return add_report(&add, error);
}
