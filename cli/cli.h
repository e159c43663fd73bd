/* SPDX-License-Identifier: ISC */
/* cli/cli.h - what a command of `senim` is, and what it gets.
 *
 * A command is a row of the table in senim.c: its name, its words, the options that it takes, one function. It returns
 * TRUE, or FALSE and *error. The error's code is the exit code (base/exits.h) and its message is ready to print after
 * `senim: `: what happened, a colon, what to do; translated, and free of untrusted text that was not escaped.
 * Errors of other domains end the program with EXIT_FAILED.
 * Threads: the CLI has one. */
#ifndef SENIM_CLI_CLI_H
#define SENIM_CLI_CLI_H

#include <glib.h>

#include "base/exits.h"
#include "cli/language.h"
#include "base/config.h"
#include "cli/options.h"
#include "cli/settings.h"

typedef enum {
	CLI_ERROR_FAILED = EXIT_FAILED,
	CLI_ERROR_USAGE = EXIT_USAGE,
	CLI_ERROR_REFUSED = EXIT_REFUSED,
} CliError;
#define CLI_ERROR (cli_error_quark())
GQuark cli_error_quark(void);
/* Sets *error and returns FALSE. */
gboolean cli_fail(GError **error, CliError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

typedef struct {
	const Options *options;
	const Settings *settings;
	/* For the shell, which is a command that runs others. */
	gboolean (*run)(const Options *options, const Settings *settings, GError **error);
	const char *(*command)(guint i); /* names of commands; NULL past the end */
} Cli;

/* The configuration in that file (transfer full); its fault is one of usage, and escaped. */
Config *cli_load_config(const char *file, GError **error);
/* That of --config, of a command that works on the store itself. */
Config *cli_config(const Cli *cli, GError **error);

typedef gboolean (*CliRun)(Cli *cli, GError **error);

typedef struct {
	const char *name;
	const char *words;   /* as help shows them: "CASE [PART]" */
	guint least, most;   /* how many words it takes */
	const char *options; /* names of its own options, each between blanks */
	const char *help;    /* one line, N_() */
	CliRun run;
} CliCommand;

/* Each in a file of its own, cmd-NAME.c. */
gboolean cmd_accept(Cli *cli, GError **error);
gboolean cmd_acknowledge(Cli *cli, GError **error);
gboolean cmd_add(Cli *cli, GError **error);
gboolean cmd_agreement(Cli *cli, GError **error);
gboolean cmd_archive(Cli *cli, GError **error);
gboolean cmd_assign(Cli *cli, GError **error);
gboolean cmd_attachment(Cli *cli, GError **error);
gboolean cmd_close(Cli *cli, GError **error);
gboolean cmd_custody(Cli *cli, GError **error);
/* What a recovery ends in. *finished: FALSE where the keeper must put the key in its place yet. */
gboolean cmd_custody_rotate(Cli *cli, const Config *config, gboolean *finished, GError **error);
gboolean cmd_doctor(Cli *cli, GError **error);
gboolean cmd_due(Cli *cli, GError **error);
gboolean cmd_erase(Cli *cli, GError **error);
gboolean cmd_enroll(Cli *cli, GError **error);
gboolean cmd_grant(Cli *cli, GError **error);
gboolean cmd_hold(Cli *cli, GError **error);
gboolean cmd_incident(Cli *cli, GError **error);
gboolean cmd_init(Cli *cli, GError **error);
gboolean cmd_journal(Cli *cli, GError **error);
gboolean cmd_keygen(Cli *cli, GError **error);
gboolean cmd_link(Cli *cli, GError **error);
gboolean cmd_inspection(Cli *cli, GError **error);
gboolean cmd_log(Cli *cli, GError **error);
gboolean cmd_list(Cli *cli, GError **error);
gboolean cmd_note(Cli *cli, GError **error);
gboolean cmd_passphrase(Cli *cli, GError **error);
gboolean cmd_print(Cli *cli, GError **error);
gboolean cmd_officer(Cli *cli, GError **error);
gboolean cmd_transcript(Cli *cli, GError **error);
gboolean cmd_advise(Cli *cli, GError **error);
gboolean cmd_prolong(Cli *cli, GError **error);
gboolean cmd_reply(Cli *cli, GError **error);
gboolean cmd_publish(Cli *cli, GError **error);
gboolean cmd_purge(Cli *cli, GError **error);
gboolean cmd_shell(Cli *cli, GError **error);
gboolean cmd_receipt(Cli *cli, GError **error);
gboolean cmd_recover(Cli *cli, GError **error);
gboolean cmd_forward(Cli *cli, GError **error);
gboolean cmd_split(Cli *cli, GError **error);
gboolean cmd_reconcile(Cli *cli, GError **error);
gboolean cmd_redirect(Cli *cli, GError **error);
gboolean cmd_rekey(Cli *cli, GError **error);
gboolean cmd_restore(Cli *cli, GError **error);
gboolean cmd_screen(Cli *cli, GError **error);
gboolean cmd_breach(Cli *cli, GError **error);
gboolean cmd_extract(Cli *cli, GError **error);
gboolean cmd_review(Cli *cli, GError **error);
gboolean cmd_search(Cli *cli, GError **error);
gboolean cmd_register(Cli *cli, GError **error);
gboolean cmd_reopen(Cli *cli, GError **error);
gboolean cmd_report(Cli *cli, GError **error);
gboolean cmd_resolve(Cli *cli, GError **error);
gboolean cmd_set_aside(Cli *cli, GError **error);
gboolean cmd_show(Cli *cli, GError **error);
gboolean cmd_strike(Cli *cli, GError **error);
gboolean cmd_verify(Cli *cli, GError **error);
gboolean cmd_why(Cli *cli, GError **error);
gboolean cmd_witness(Cli *cli, GError **error);
gboolean cmd_withhold(Cli *cli, GError **error);

#endif
