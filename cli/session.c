/* SPDX-License-Identifier: ISC */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/config.h"
#include "base/escape.h"
#include "cli/exports.h"
#include "cli/agreement.h"
#include "cli/face.h"
#include "cli/ground.h"
#include "cli/index-feed.h"
#include "cli/keys.h"
#include "cli/memory-room.h"
#include "cli/restored.h"
#include "cli/staff.h"
#include "installed.h"

static Session *kept; /* the shell's */

void session_free(Session *session)
{
	if (session != NULL)
		index_feed_flush(session);
	if (session == NULL || session == kept)
		return;
	pins_free(session->pins);
	desk_client_free(session->desk);
	tunnel_free(session->tunnel);
	keyfile_free(session->keys);
	g_free(session->examiner);
	g_free(session->found);
	g_free(session);
}

typedef struct {
	char *desk, *log_pub, *examiner;
} Places;

static void places_clear(Places *places)
{
	g_free(places->desk);
	g_free(places->log_pub);
	g_free(places->examiner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Places, places_clear)

/* On the mail host: where the configuration says. */
static gboolean find_by_config(Places *places, const Settings *settings, GError **error)
{
	g_autoptr(Config) config = cli_load_config(settings->config, error);
	if (config == NULL)
		return FALSE;
	g_autofree char *directory = g_path_get_dirname(config->file);
	places->desk = config_run_path(config, "desk.sock");
	places->log_pub =
		settings->log_pub != NULL ? g_strdup(settings->log_pub) : g_build_filename(directory, "log.pub", NULL);
	places->examiner = g_strdup(settings->examiner != NULL ? settings->examiner : config->examiner);
	return TRUE;
}

static gboolean find_places(Places *places, const Settings *settings, GError **error)
{
	if (settings->config != NULL)
		return find_by_config(places, settings, error);
	if (settings->desk == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("no store is named: --config FILE or --desk SOCKET, or desk = SOCKET in %s"),
		                settings->file);
	if (settings->log_pub == NULL)
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("no public keys of the registers are named: --log-pub FILE, or log-pub = FILE in %s; the administrator has log.pub"),
		                settings->file);
	places->desk = g_strdup(settings->desk);
	places->log_pub = g_strdup(settings->log_pub);
	places->examiner = settings->examiner != NULL ? g_strdup(settings->examiner)
	                                              : g_build_filename(PKGLIBEXECDIR, "senim-examine", NULL);
	return TRUE;
}

static gboolean reach_desk(Session *session, const Places *places, GError **error)
{
	const Settings *settings = session->cli->settings;
	if (tunnel_is_place(places->desk)) {
		session->tunnel = tunnel_open(places->desk, settings->ssh_config, error);
		if (session->tunnel == NULL)
			return FALSE;
	}
	session->desk = desk_client_new(places->desk, session->tunnel, settings->officer, session->keys, error);
	return session->desk != NULL;
}

void session_keep(Session *session)
{
	Session *before = kept;
	kept = session;
	session_free(before);
	if (session != NULL)
		exports_say();
}

gboolean session_is_kept(void)
{
	return kept != NULL;
}

static gboolean fail_store(const DeskClient *desk, const char *mailbox, const char *before, GError **error)
{
	g_autofree char *shown = escape_text(mailbox, -1, ESCAPE_LINE), *known = escape_text(before, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the desk says that it is another store (%s) than the one that this machine knows for %s (%s), so nothing was asked of it: compare both with the administrator by telephone, and tell the supervisor"),
	                desk_client_store(desk), shown, known);
}

static gboolean is_same_store(const Pins *pins, const DeskClient *desk, const char *mailbox, const char *origin, GError **error)
{
	GError *cause = NULL;
	g_autofree char *before = pins_word(pins, origin, "store", &cause);
	if (cause != NULL) {
		g_propagate_error(error, cause);
		return FALSE;
	}
	if (before == NULL)
		return pins_keep_word(pins, origin, "store", desk_client_store(desk), error);
	return strcmp(before, desk_client_store(desk)) == 0 || fail_store(desk, mailbox, before, error);
}

gboolean session_check_store(const Pins *pins, const DeskClient *desk, GError **error)
{
	const char *mailbox, *origin;
	guint pinned = 0;
	for (guint i = 0; desk_client_mailbox(desk, i, &mailbox, &origin); i++) {
		if (pins_verifier(pins, origin) == NULL)
			continue;
		if (!is_same_store(pins, desk, mailbox, origin, error))
			return FALSE;
		pinned++;
	}
	return pinned > 0 || !desk_client_mailbox(desk, 0, &mailbox, &origin) || pins_check_origin(pins, mailbox, origin, error);
}

gboolean session_again(Session *session, GError **error)
{
	if (session->tunnel != NULL && tunnel_has_ended_now(session->tunnel) && !tunnel_renew(session->tunnel, error))
		return FALSE;
	if (!desk_client_is_over(session->desk))
		return TRUE;
	session->watched = FALSE; /* a sign-in like the first */
	return desk_client_hello(session->desk, error) && session_check_store(session->pins, session->desk, error);
}

static Session *open_kept(const Cli *cli, GError **error)
{
	kept->cli = cli;
	return session_again(kept, error) ? kept : NULL;
}

Session *session_begin(const Cli *cli, GError **error)
{
	if (kept != NULL)
		return open_kept(cli, error);
	const Settings *settings = cli->settings;
	g_autoptr(Session) session = g_new0(Session, 1);
	g_auto(Places) places = {0};
	session->cli = cli;
	if (settings->officer == NULL) {
		cli_fail(error, CLI_ERROR_USAGE, _("no officer is named: --officer NAME, or officer = NAME in %s"), settings->file);
		return NULL;
	}
	if (!find_places(&places, settings, error) || (session->pins = pins_load(places.log_pub, NULL, error)) == NULL ||
	    (session->keys = keys_open(cli, error)) == NULL ||
	    !reach_desk(session, &places, error) || !session_check_store(session->pins, session->desk, error))
		return NULL;
	session->examiner = g_steal_pointer(&places.examiner);
	restored_watch(session);
	memory_room_sweep(); /* what a crash left */
	return g_steal_pointer(&session);
}

Session *session_open(const Cli *cli, GError **error)
{
	g_autoptr(Session) session = session_begin(cli, error);
	if (session == NULL || !agreement_settle(session, error))
		return NULL;
	if (!session->watched)
		staff_watch(session);
	session->watched = TRUE;
	return g_steal_pointer(&session);
}

static Case *find(Session *session, const char *typed, gboolean to_grant, GError **error)
{
	json_t *body = json_pack("{s:s}", "case", typed);
	if (to_grant)
		json_object_set_new(body, "to_grant", json_true());
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/find", body, NULL, error);
	g_autoptr(Case) found = answer != NULL ? case_read(json_object_get(answer, "case"), error) : NULL;
	if (found == NULL)
		return NULL;
	if (desk_client_origin(session->desk, found->mailbox) == NULL ||
	    !case_is_named(found, typed, desk_client_zone(session->desk), g_get_real_time()) ||
	    (found->elsewhere && !to_grant)) {
		g_autofree char *shown = escape_text(typed, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_FAILED,
		         _("the registrar answered with another case than %s, so nothing was opened: tell the supervisor"), shown);
		return NULL;
	}
	g_free(session->found);
	session->found = g_strdup_printf("%s %" G_GUINT64_FORMAT, found->mailbox, found->seq);
	session->fresh = g_strcmp0(found->state, "new") == 0;
	return g_steal_pointer(&found);
}

Case *session_find(Session *session, const char *typed, GError **error)
{
	return case_check_name(typed, error) ? find(session, typed, FALSE, error) : NULL;
}

Case *session_find_to_grant(Session *session, const char *typed, GError **error)
{
	return case_check_name(typed, error) ? find(session, typed, TRUE, error) : NULL;
}

void session_warn_host(const Session *session)
{
	const Options *options = session->cli->options;
	gboolean for_program = options_flag(options, "json") || options_flag(options, "raw");
	if (session->cli->settings->config == NULL || (for_program && !isatty(STDERR_FILENO)))
		return;
	face_warn(_("warning: this is the mail host itself: its administrator can see what is opened here"));
}

const char *session_origin(Session *session, const char *mailbox, guint64 *known, GError **error)
{
	const char *origin = desk_client_origin(session->desk, mailbox);
	if (origin == NULL) {
		desk_form_error(error, "mailbox");
		return NULL;
	}
	return pins_check_origin(session->pins, mailbox, origin, error) && pins_known(session->pins, origin, known, error)
	               ? origin
	               : NULL;
}

const char *session_mailbox(const Session *session, GError **error)
{
	const char *mailbox, *origin, *asked = options_value(session->cli->options, "mailbox"), *found = NULL;
	guint n = 0;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		if (asked != NULL && strcmp(asked, mailbox) != 0)
			continue;
		found = mailbox;
		n++;
	}
	if (n == 1)
		return found;
	cli_fail(error, CLI_ERROR_USAGE, n == 0 ? _("there is no such mailbox: check --mailbox")
	                                        : _("each mailbox has a register of its own: name one with --mailbox"));
	return NULL;
}

char *session_request(void)
{
	guint8 octets[16];
	GString *hex = g_string_sized_new(2 * sizeof octets);
	if (getrandom(octets, sizeof octets, 0) != sizeof octets)
		g_error("getrandom: %s", g_strerror(errno));
	for (gsize i = 0; i < sizeof octets; i++)
		g_string_append_printf(hex, "%02x", octets[i]);
	return g_string_free(hex, FALSE);
}

/* --- the ground ----------------------------------------------------------------------------------------------------- */

WipeText *session_ground_anew(const Session *session, GError **error)
{
	return ground_take(session, NULL, FALSE, error);
}

WipeText *session_ground(const Session *session, GError **error)
{
	return ground_take(session, session->found, session->fresh, error);
}
