/* SPDX-License-Identifier: ISC */
/* senim enroll: a new officer's machine learns the registers' public keys from the desk, and shows the six words by which
 * another officer knows that she learnt the right ones, and that the register has her key (store/enrolment.h). */
#include <string.h>

#include <glib/gstdio.h>

#include "base/escape.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/spoken.h"
#include "cli/write-file.h"
#include "store/enrolment.h"

/* Each key as the desk shows it; one that is none, or is not named like its register, is no desk of ours. */
static GStrv logs_of(const DeskClient *desk, GError **error)
{
	g_autoptr(GStrvBuilder) logs = g_strv_builder_new();
	const char *mailbox, *origin, *key;
	for (guint i = 0; desk_client_mailbox(desk, i, &mailbox, &origin); i++) {
		key = desk_client_log_key(desk, i);
		g_autoptr(NoteVerifier) verifier = note_verifier_new(key, NULL);
		if (verifier == NULL || strcmp(note_verifier_name(verifier), origin) != 0) {
			desk_form_error(error, "key");
			return NULL;
		}
		g_strv_builder_add(logs, key);
	}
	return g_strv_builder_end(logs);
}

/* A list that is there already is never replaced: another one would be another registrar's, or an attack. */
static gboolean pin(const char *path, GStrv logs, GError **error)
{
	g_autofree char *lines = g_strjoinv("\n", logs), *text = g_strconcat(lines, "\n", NULL), *kept = NULL;
	g_autofree char *directory = g_path_get_dirname(path), *shown = escape_text(path, -1, ESCAPE_LINE);
	if (!g_file_get_contents(path, &kept, NULL, NULL)) {
		g_mkdir_with_parents(directory, 0700); /* where it cannot be made the file cannot either, and that is said */
		return write_file_new(path, text, strlen(text), error);
	}
	return strcmp(kept, text) == 0 ||
	       cli_fail(error, CLI_ERROR_REFUSED,
	                _("%s holds other keys than the desk shows now, so nothing was changed: ask another officer, and where nobody knows why, the supervisor"),
	                shown);
}

static gboolean say(const char *path, const guint8 hash[ENROLMENT_HASH], gboolean json, GError **error)
{
	g_autofree char *kk = spoken_say(spoken_kk, hash), *ru = spoken_say(spoken_ru, hash);
	if (json)
		return output_json(json_pack("{s:o, s:s, s:s}", "log_pub", output_value(path), "words_kk", kk, "words_ru", ru), error);
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_autofree char *text = g_strdup_printf(_("The registers' public keys stand in %s.\n\n"
	                                          "Call an officer who works already, by a number that you know, and read her these six words, "
	                                          "in one language:\n\n"
	                                          "  қазақша:    %s\n"
	                                          "  по-русски:  %s\n\n"
	                                          "She types them into senim officer confirm; from then on you read.\n"),
	                                        shown, kk, ru);
	return output_said(text, error);
}

static char *path_of(const Settings *settings)
{
	return settings->log_pub != NULL ? g_strdup(settings->log_pub)
	                                 : g_build_filename(g_get_user_config_dir(), "senim", "log.pub", NULL);
}

gboolean cmd_enroll(Cli *cli, GError **error)
{
	guint8 hash[ENROLMENT_HASH];
	g_autoptr(Tunnel) tunnel = NULL;
	const Settings *settings = cli->settings;
	if (settings->officer == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("no officer is named: --officer NAME, or officer = NAME in %s"), settings->file);
	if (settings->desk == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("no desk is named: --desk ssh://NAME@HOST, or desk = … in %s"), settings->file);
	g_autoptr(Keyfile) keys = keys_open(cli, error);
	if (keys == NULL || (tunnel_is_place(settings->desk) &&
	                     (tunnel = tunnel_open(settings->desk, settings->ssh_config, error)) == NULL))
		return FALSE;
	g_autoptr(DeskClient) desk = desk_client_new(settings->desk, tunnel, settings->officer, keys, error);
	g_auto(GStrv) logs = desk != NULL ? logs_of(desk, error) : NULL;
	g_autofree char *path = path_of(settings);
	if (logs == NULL || !pin(path, logs, error))
		return FALSE;
	g_autoptr(Pins) pins = pins_load(path, NULL, error);
	if (pins == NULL || !session_check_store(pins, desk, error))
		return FALSE;
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	enrolment_hash(desk_client_store(desk), (const char *const *)logs, half->body, half->card, half->sign, hash);
	return say(path, hash, options_flag(cli->options, "json"), error);
}
