/* SPDX-License-Identifier: ISC */
/* senim - the officer's program. main() is the table of its commands; each has a file of its own. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/process.h"
#include "cli/cli.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/plugin.h"
#include "cli/tui.h"
#include "installed.h"

/* With every command: an alias that names them must serve keygen too. */
#define COMMON " help version config desk officer identity token passphrase-fd log-pub "

static const CliCommand commands[] = {
	{"keygen", "", 0, 0, " output no-passphrase expires ", N_("make a key file and its public half"), cmd_keygen},
	{"passphrase", "[FILE]", 0, 1, " paper ", N_("give a key file another passphrase"), cmd_passphrase},
	{"init", "DIR", 1, 1, " mailbox officer deputy escalation supervisor recovery prove sheet no-recovery set ", N_("make a store"), cmd_init},
	{"list", "", 0, 0, " open due review calls all cards ground json ", N_("list the cases"), cmd_list},
	{"shell", "", 0, 0, "", N_("a prompt: sign in once, then one command after another"), cmd_shell},
	{"show", "CASE", 1, 1, " ground message headers raw row sealed card json ", N_("show a case"), cmd_show},
	{"attachment", "CASE [PART]", 1, 2, " ground message output even-so json ", N_("list a case's attachments, show or export one"),
	 cmd_attachment},
	{"print", "CASE", 1, 1, " row transcript ground even-so json ", N_("print a case on a local printer"), cmd_print},
	{"publish", "page|poster", 1, 1, " mailbox language format texts output ", N_("make the page for the site, or the poster, that tell of the mailbox"),
	 cmd_publish},
	{"purge", "", 0, 0, " gone json ", N_("destroy the files that you exported"), cmd_purge},
	{"acknowledge", "CASE", 1, 1, " ground to json ", N_("send the acknowledgement that was held back"), cmd_acknowledge},
	{"note", "CASE [-]", 1, 2, " ground json ", N_("fill in who reported and what, in the row of the register"), cmd_note},
	{"resolve", "CASE [-]", 1, 2, " ground json ", N_("fill in resolution, measures and answer in the row of the register"), cmd_resolve},
	{"transcript", "CASE [PART] [-]", 1, 3, " message ground json ", N_("hear a call and write down what is said in it"), cmd_transcript},
	{"strike", "CASE [ENTRY[/FIELD]] [-]", 1, 3, " ground json ", N_("strike a wrong entry of the row, which stays legible"), cmd_strike},
	{"assign", "CASE", 1, 1, " category to ground json ", N_("give a case its category, or to an officer"), cmd_assign},
	{"set-aside", "CASE [-]", 1, 2, " reason ground json ", N_("take out of the work what is no report, or none of its own"), cmd_set_aside},
	{"hold", "CASE [-]", 1, 2, " release ground json ", N_("keep a case from being closed, set aside or erased"), cmd_hold},
	{"link", "CASE CASE", 2, 2, " ground json ", N_("link two cases that belong together"), cmd_link},
	{"close", "CASE [-]", 1, 2, " result ground even-so json ", N_("close a case with its result"), cmd_close},
	{"reopen", "CASE [-]", 1, 2, " ground json ", N_("open a case again that was closed or set aside"), cmd_reopen},
	{"prolong", "CASE [-]", 1, 2, " until notice notify to output ground json ", N_("prolong a case's term, with its reason"), cmd_prolong},
	{"reply", "CASE [-]", 1, 2, " by to attach number date no-answer unsafe message language output ground json ",
	 N_("answer the reporter, by mail, on paper or in person, and enter the outgoing number"), cmd_reply},
	{"advise", "CASE [-]", 1, 2, " to by address number date message language output ground json ",
	 N_("tell the reporter which state body to turn to"), cmd_advise},
	{"add", "[-]", 0, 1, " channel at attach about mailbox rules json ", N_("add a report that came by telephone, on paper or in person"), cmd_add},
	{"accept", "CASE", 1, 1, " ground json ", N_("give an arrival of the X series its number as a report"), cmd_accept},
	{"enroll", "", 0, 0, " json ", N_("learn the registers' keys on a new officer's machine, and show the six words"), cmd_enroll},
	{"custody", "rotate|check", 1, 1, " prove sheet json ", N_("give the store another custody key, or see that all opens under it"),
	 cmd_custody},
	{"agreement", "", 0, 0, " accept json ", N_("show the agreement on use, or accept it"), cmd_agreement},
	{"grant", "CASE", 1, 1, " to anew ground json ", N_("give a case to an officer who does not read it, or whose copy does not open"),
	 cmd_grant},
	{"withhold", "CASE", 1, 1, " from ground json ", N_("keep a case from an officer"), cmd_withhold},
	{"doctor", "", 0, 0, " postfix all json ", N_("look whether mail host, or officer's machine, is as it must be, and say what to do"),
	 cmd_doctor},
	{"due", "", 0, 0, " json ", N_("list what is due, and when"), cmd_due},
	{"why", "[CASE]", 0, 1, " at mailbox json ", N_("explain from which day a case counts, and when it is due"), cmd_why},
	{"erase", "[CASE]", 0, 1, " order date digest message confirm stop status ground json ",
	 N_("destroy a case by order, confirmed by a second person; alone: what is ordered"), cmd_erase},
	{"receipt", "CASE", 1, 1, " bare text send to language ground output json ",
	 N_("prove to somebody who reported that it stands in the register"), cmd_receipt},
	{"recover", "", 0, 0, " split holder need drill share prove recovery sheet from-paper output no-passphrase ",
	 N_("share, practise and use the recovery key"), cmd_recover},
	{"incident", "list|show|open|complete|plan|cancel|print [N] [-]", 1, 3,
	 " from to part what year format language mailbox output json ", N_("the emergency journal: outages, what was done, planned work"),
	 cmd_incident},
	{"split", "CASE", 1, 1, " message ground json ", N_("make a later message of a case a report of its own"), cmd_split},
	{"forward", "CASE [-]", 1, 2, " to message output with-identity consent law allow key number date ground json ",
	 N_("forward a report, without its writer, to a competent organisation or a department"), cmd_forward},
	{"reconcile", "MAILLOG...", 1, 1000, " json ", N_("compare the mail server's log with the register, on the mail host"), cmd_reconcile},
	{"redirect", "CASE", 1, 1, " ground message to key output number date wrong json ",
	 N_("redirect a report with threats or abuse to law enforcement"), cmd_redirect},
	{"rekey", "[FILE|CASE...]", 0, 100, " to from reseal all mailbox ground json ",
	 N_("go over to a newer key, seal old cases to another reader, or encrypt them anew"),
	 cmd_rekey},
	{"restore", "", 0, 0, " archive safe prove highest checkpoint drill scratch even-so json ",
	 N_("restore a lost mail host from its archive, or practise that"), cmd_restore},
	{"screen", "[FILE]", 0, 1, " json lines rules check-rules ", N_("try the screening on a letter, or on lines of text"),
	 cmd_screen},
	{"search", "[-]", 0, 1, " mailbox all-cards forget ground json ", N_("search in what you have opened, in an index that is sealed to you"),
	 cmd_search},
	{"extract", "[-]", 0, 1, " as mailbox ground format language output even-so json ", N_("gather what is held on one person, for the answer to him"),
	 cmd_extract},
	{"breach", "", 0, 0, " from to about at mailbox ground format language output even-so json ",
	 N_("list the persons whose data a breach concerns, for the notice"), cmd_breach},
	{"review", "", 0, 0, " policy mailbox json ", N_("enter the yearly review of the policy on personal data, or show when it was"), cmd_review},
	{"log", "[OFFICER]", 0, 1, " case month mailbox report output json ",
	 N_("show who looked at what, and on what ground"), cmd_log},
	{"inspection", "", 0, 0, " from to order digest names no-names ground language mailbox output even-so json ",
	 N_("make the file for an inspector: rows of the register, who looked at what, and how anyone checks it"), cmd_inspection},
	{"officer", "list|add|confirm|block|unblock|cover|act|handover|allow [NAME [FILE.pub|CASE]]", 1, 3,
	 " mailbox role order words signed from to deputy output json ", N_("say who reads, and change it"), cmd_officer},
	{"register", "[CODE]", 0, 1,
	 " form format channel year from to mailbox language final close-year print verify-page ground output even-so json ",
	 N_("print the register in its statutory form, or check a printed sheet"), cmd_register},
	{"journal", "[CASE]", 0, 1, " form all sheet line mailbox ground json ",
	 N_("show what the paper journal lacks, and enter where it was written"), cmd_journal},
	{"report", "[-]", 0, 1, " month format language mailbox output json ", N_("the month's report to the management"), cmd_report},
	{"archive", "", 0, 0, " json ", N_("save the months now, on the mail host, and not only on the first working day"), cmd_archive},
	{"verify", "", 0, 0, " store receipt letter archive code json ", N_("check the registers, an archive, a receipt, or the code of a letter"), cmd_verify},
	{"witness", "[keygen NAME|accept FILE|FILE...]", 0, 1000, " state restored output json ",
	 N_("hold the registers' daily mails to trustees against each other, and confirm them"), cmd_witness},
};

static const CliCommand *command_find(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static gboolean takes(const char *names, const char *name)
{
	g_autofree char *word = g_strdup_printf(" %s ", name);
	return strstr(names, word) != NULL;
}

/* The lines of the options in `names`, from the one table. */
static void help_options(const char *names, WipeBuffer *out)
{
	g_autoptr(FormatTable) table = format_table_new(2);
	for (const OptionRow *row = options_table; row->name != NULL; row++) {
		if (!takes(names, row->name))
			continue;
		const char letter[] = {'-', row->letter, ',', ' ', '\0'};
		g_autofree char *left = g_strdup_printf("  %s--%s%s%s", row->letter != 0 ? letter : "", row->name,
		                                        row->value != NULL ? " " : "", row->value != NULL ? row->value : "");
		format_table_cell(table, left);
		format_table_cell(table, _(row->help));
	}
	format_table_fold(table, output_width());
	format_table_write(table, FALSE, out);
}

/* A command's own options in one line: "[--json] [--ground TEXT]". */
static void help_line(const CliCommand *command, WipeBuffer *out)
{
	wipe_buffer_add_text(out, "     ");
	for (const OptionRow *row = options_table; row->name != NULL; row++) {
		if (!takes(command->options, row->name))
			continue;
		g_autofree char *one = g_strdup_printf(row->value != NULL ? " [--%s %s]" : " [--%s]%.0s", row->name,
		                                       row->value != NULL ? row->value : "");
		wipe_buffer_add_text(out, one);
	}
	wipe_buffer_add_text(out, "\n");
}

static void help_all(WipeBuffer *out)
{
	wipe_buffer_add_text(out, _("Usage: senim [OPTION…] COMMAND [WORD…]\n"
	                            "Reads the cases of a trust mailbox.\n\nCommands:\n"));
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autofree char *name = g_strdup_printf("  %s %s", commands[i].name, commands[i].words);
		g_autofree char *line = g_strdup_printf("%s – %s\n", g_strchomp(name), _(commands[i].help));
		wipe_buffer_add_text(out, line);
		help_line(&commands[i], out);
	}
	wipe_buffer_add_text(out, _("\nOptions of every command:\n"));
	help_options(COMMON, out);
	wipe_buffer_add_text(out, _("\nsenim COMMAND --help shows a command's own options. They may stand before or after the\n"
	                            "words. ~/.config/senim/officer.conf spares you the options above. The manual: man senim\n"));
}

static gboolean help(const CliCommand *command, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	if (command == NULL) {
		help_all(out);
	} else {
		g_autofree char *usage = g_strdup_printf("senim %s [OPTION…] %s", command->name, command->words);
		wipe_buffer_add_text(out, _("Usage: "));
		wipe_buffer_add_text(out, g_strchomp(usage));
		wipe_buffer_add_text(out, "\n");
		wipe_buffer_add_text(out, _(command->help));
		wipe_buffer_add_text(out, "\n\n");
		g_autofree char *names = g_strconcat(command->options, COMMON, NULL);
		help_options(names, out);
	}
	return output_said(wipe_buffer_data(out), error);
}

static gboolean check_words(const CliCommand *command, const Options *options, GError **error)
{
	guint words = options_words(options) - 1;
	if (words < command->least)
		return cli_fail(error, CLI_ERROR_USAGE, _("%s needs %s: senim %s --help shows how it is used"), command->name,
		                command->words, command->name);
	if (words > command->most) {
		g_autofree char *shown = escape_text(options_word(options, command->most + 1), -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("%s has no place for “%s”: senim %s --help shows how it is used"),
		                command->name, shown, command->name);
	}
	const char *name;
	for (guint i = 0; (name = options_given(options, i)) != NULL; i++)
		if (!takes(COMMON, name) && !takes(command->options, name))
			return cli_fail(error, CLI_ERROR_USAGE, _("%s takes no --%s: senim %s --help shows what it takes"),
			                command->name, name, command->name);
	return TRUE;
}

static const char *command_name(guint i)
{
	return i < G_N_ELEMENTS(commands) ? commands[i].name : NULL;
}

static gboolean run(const Options *options, const Settings *settings, GError **error);

/* No command at all: the officer's screen (DESIGN), where there is a terminal for it. */
static gboolean run_screen(const Options *options, const Settings *settings, GError **error)
{
	Cli cli = {options, settings, run, command_name};
	if (face() != NULL || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("no command was named: senim --help lists the commands"));
	const Cli *outer = plugin_use(&cli);
	gboolean done = tui_run(&cli, error);
	plugin_use(outer);
	return done;
}

/* A line whose settings are what they are. The shell's lines come here too: a plug-in asks in the name of the innermost. */
static gboolean run(const Options *options, const Settings *settings, GError **error)
{
	const char *name = options_word(options, 0);
	const CliCommand *command = name != NULL ? command_find(name) : NULL;
	if (name != NULL && command == NULL) {
		g_autofree char *shown = escape_text(name, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("unknown command “%s”: senim --help lists the commands"), shown);
	}
	if (options_flag(options, "help"))
		return help(command, error);
	if (command == NULL)
		return run_screen(options, settings, error);
	if (!check_words(command, options, error))
		return FALSE;
	Cli cli = {options, settings, run, command_name};
	const Cli *outer = plugin_use(&cli);
	gboolean done = command->run(&cli, error);
	plugin_use(outer);
	return done;
}

static gboolean dispatch(int argc, char **argv, Settings *settings, GError **error)
{
	g_autoptr(Options) options = options_parse(options_table, argc, argv, error);
	if (options == NULL)
		return FALSE;
	if (options_flag(options, "version")) {
		static const char version[] = PACKAGE_NAME " " PACKAGE_VERSION "\n";
		return pager_write(version, sizeof version - 1, error);
	}
	return settings_overrule(settings, options, error) && run(options, settings, error);
}

int main(int argc, char **argv)
{
	process_harden();
	process_set_pace(PROCESS_LAST); /* on the mail host, the mail goes first */
	output_init();
	g_autoptr(GError) error = NULL;
	g_autoptr(Settings) settings = settings_load(NULL, &error);
	language_init(LOCALEDIR, settings != NULL ? settings->language : NULL);
	if (settings != NULL && dispatch(argc, argv, settings, &error))
		return EXIT_DONE;
	face_say_error(error->message);
	return error->domain == CLI_ERROR ? error->code : EXIT_FAILED;
}
