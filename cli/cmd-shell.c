/* SPDX-License-Identifier: ISC */
/* senim shell: a prompt for the commands of the command line, with one sign-in and the keys in locked memory between them.
 * It ends at the end of input, on `exit`, on SIGHUP and SIGTERM, and after ten minutes without a key; what was typed is
 * kept in memory alone. */
#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/face.h"
#include "cli/session.h"

#define IDLE_SECONDS 600 /* as long as the registrar keeps a session */
#define HISTORY_MOST 100
#define PROMPT "senim> "

typedef enum { LINE_TYPED, LINE_END, LINE_IDLE, LINE_HANGUP } LineEnd;

typedef struct {
	Cli *cli;
	EditLine *edit;
	History *history;
	LineEnd end;
} Shell;

static volatile sig_atomic_t hung_up;

static void hang_up(int signal_number)
{
	(void)signal_number;
	hung_up = 1;
}

static void nothing(int signal_number)
{
	(void)signal_number; /* ^C throws the line away, not the shell */
}

static char *prompt(EditLine *edit G_GNUC_UNUSED)
{
	static char text[] = PROMPT;
	return text;
}

/* One octet of UTF-8 after another makes a character of libedit's. 0: the end, for whatever reason. */
static int next_character(EditLine *edit, wchar_t *c)
{
	Shell *shell;
	char octets[6];
	el_get(edit, EL_CLIENTDATA, &shell);
	for (gsize n = 0; n < sizeof octets;) {
		struct pollfd input = {STDIN_FILENO, POLLIN, 0};
		int ready = hung_up ? -1 : poll(&input, 1, IDLE_SECONDS * 1000);
		if (hung_up || ready == 0) {
			shell->end = hung_up ? LINE_HANGUP : LINE_IDLE;
			return 0;
		}
		if (ready < 0)
			continue;
		gssize got = read(STDIN_FILENO, octets + n, 1);
		if (got <= 0) {
			shell->end = LINE_END;
			return 0;
		}
		gunichar whole = g_utf8_get_char_validated(octets, (gssize)++n);
		if (whole != (gunichar)-1 && whole != (gunichar)-2) {
			*c = (wchar_t)whole;
			return 1;
		}
		if (whole == (gunichar)-1)
			n = 0; /* no text: let it go by */
	}
	*c = L'?';
	return 1;
}

/* --- words completed ------------------------------------------------------------------------------------------------ */

/* What all of the candidates begin with, and a blank where there is one alone; NULL: there is none. */
static char *complete(const Shell *shell, const char *typed, gboolean command)
{
	char *common = NULL;
	const char *candidate;
	guint found = 0;
	for (guint i = 0; (candidate = command ? shell->cli->command(i) : case_seen(i)) != NULL; i++) {
		if (!g_str_has_prefix(candidate, typed))
			continue;
		gsize same = 0;
		found++;
		while (common != NULL && common[same] != '\0' && common[same] == candidate[same])
			same++;
		if (common != NULL)
			common[same] = '\0';
		else
			common = g_strdup(candidate);
	}
	if (found != 1)
		return common;
	char *whole = g_strconcat(common, " ", NULL);
	g_free(common);
	return whole;
}

static unsigned char complete_word(EditLine *edit, int key G_GNUC_UNUSED)
{
	Shell *shell;
	const LineInfo *line = el_line(edit);
	el_get(edit, EL_CLIENTDATA, &shell);
	const char *begin = line->cursor;
	while (begin > line->buffer && begin[-1] != ' ')
		begin--;
	g_autofree char *typed = g_strndup(begin, (gsize)(line->cursor - begin));
	g_autofree char *word = complete(shell, typed, begin == line->buffer);
	if (word == NULL || strlen(word) <= strlen(typed))
		return CC_REFRESH_BEEP;
	return el_insertstr(edit, word + strlen(typed)) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
}

/* --- one command ---------------------------------------------------------------------------------------------------- */

/* What belongs to the sign-in stays as it is until the shell ends. */
static gboolean check_line(const Options *options, GError **error)
{
	static const char *const fixed[] = {"config", "desk", "officer", "identity", "token", "passphrase-fd", "log-pub"};
	const char *name = options_word(options, 0);
	if (name != NULL && strcmp(name, "shell") == 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("this is the shell already: type a command"));
	for (gsize i = 0; name != NULL && strcmp(name, "init") != 0 && i < G_N_ELEMENTS(fixed); i++)
		if (options_flag(options, fixed[i]))
			return cli_fail(error, CLI_ERROR_USAGE, _("--%s is settled as long as the shell runs: leave the shell for another"),
			                fixed[i]);
	return TRUE;
}

static gboolean run_line(Shell *shell, const char *line, GError **error)
{
	g_auto(GStrv) words = NULL;
	g_autofree char *command = g_strconcat("senim ", line, NULL);
	int n;
	gboolean parsed = g_shell_parse_argv(command, &n, &words, NULL);
	explicit_bzero(command, strlen(command));
	if (!parsed)
		return cli_fail(error, CLI_ERROR_USAGE, _("a quotation mark is open in this line: close it"));
	g_autoptr(Options) options = options_parse(options_table, n, words, error);
	gboolean done = options != NULL && check_line(options, error) && shell->cli->run(options, shell->cli->settings, error);
	for (int i = 0; i < n; i++)
		explicit_bzero(words[i], strlen(words[i])); /* a ground may name a person */
	return done;
}

static gboolean is_exit(const char *line)
{
	return strcmp(line, "exit") == 0 || strcmp(line, "quit") == 0;
}

/* FALSE: that was the last one. */
static gboolean take_line(Shell *shell)
{
	int size;
	HistEvent event;
	shell->end = LINE_END;
	const char *raw = el_gets(shell->edit, &size);
	if (raw == NULL || size <= 0)
		return FALSE;
	g_autoptr(WipeText) line = g_strndup(raw, (gsize)size);
	g_strstrip(line);
	if (line[0] == '\0')
		return TRUE;
	if (is_exit(line))
		return FALSE;
	if (strstr(line, "--ground") == NULL && strstr(line, "--to") == NULL) /* what may name a person is not kept */
		history(shell->history, &event, H_ENTER, line);
	g_autoptr(GError) error = NULL;
	if (!run_line(shell, line, &error))
		face_say_error(error->message);
	return !hung_up;
}

/* --- the shell ------------------------------------------------------------------------------------------------------ */

static void begin(Shell *shell)
{
	HistEvent event;
	shell->edit = el_init("senim", stdin, stdout, stderr);
	shell->history = history_init();
	history(shell->history, &event, H_SETSIZE, HISTORY_MOST);
	el_set(shell->edit, EL_CLIENTDATA, shell);
	el_set(shell->edit, EL_PROMPT, prompt);
	el_set(shell->edit, EL_EDITOR, "emacs");
	el_set(shell->edit, EL_HIST, history, shell->history);
	el_set(shell->edit, EL_GETCFN, next_character);
	el_set(shell->edit, EL_ADDFN, "senim-complete", "complete a word", complete_word);
	el_set(shell->edit, EL_BIND, "^I", "senim-complete", NULL);
}

static gboolean talk(Shell *shell, GError **error)
{
	static const int ends[] = {SIGHUP, SIGTERM};
	struct sigaction ending = {.sa_handler = hang_up}, ignoring = {.sa_handler = nothing}, before[G_N_ELEMENTS(ends)], was;
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		sigaction(ends[i], &ending, &before[i]);
	sigaction(SIGINT, &ignoring, &was);
	begin(shell);
	while (take_line(shell))
		;
	el_end(shell->edit); /* the terminal as it was */
	history_end(shell->history);
	sigaction(SIGINT, &was, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		sigaction(ends[i], &before[i], NULL);
	if (shell->end == LINE_IDLE)
		return cli_fail(error, CLI_ERROR_REFUSED, _("ten minutes without a key: signed out, start senim shell again"));
	return TRUE;
}

gboolean cmd_shell(Cli *cli, GError **error)
{
	Shell shell = {.cli = cli};
	if (!isatty(STDIN_FILENO))
		return cli_fail(error, CLI_ERROR_USAGE, _("the shell is for a terminal: in a script each command stands for itself"));
	Session *session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	session_keep(session);
	gboolean done = talk(&shell, error);
	session_keep(NULL);
	return done;
}
