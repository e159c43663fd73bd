/* SPDX-License-Identifier: ISC */
#include "cli/form.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/lint.h"
#include "cli/moment.h"

#define LINE_MAX_SIZE 4096 /* what the terminal keeps of one line */
#define IDLE_SECONDS 600   /* as long as the registrar keeps a session: then the keys go too */

/* --- a line ---------------------------------------------------------------------------------------------------------- */

typedef enum { LINE_DONE, LINE_TAKEN, LINE_END, LINE_BROKEN, LINE_IDLE } Line;

static volatile sig_atomic_t interrupted;

static void interrupt(int number G_GNUC_UNUSED)
{
	interrupted = 1;
}

static void put(int terminal, const char *text)
{
	gssize n = write(terminal, text, strlen(text));
	(void)n; /* a terminal that shows no question gives no answer either */
}

/* No word is cut at the terminal's edge. */
static void put_folded(int terminal, const char *text)
{
	struct winsize window = {0};
	g_autoptr(WipeBuffer) folded = wipe_buffer_new(strlen(text) + 16);
	if (ioctl(terminal, TIOCGWINSZ, &window) != 0)
		window.ws_col = 0;
	format_fold(text, window.ws_col, 0, folded);
	put(terminal, wipe_buffer_data(folded));
}

/* Tab ends a line as Enter does: one key takes a suggestion, while the terminal goes on editing the line. */
static Line read_line(int terminal, char line[LINE_MAX_SIZE + 1])
{
	struct termios was, form;
	struct sigaction catch = {.sa_handler = interrupt}, before;
	if (tcgetattr(terminal, &was) != 0)
		return LINE_BROKEN;
	form = was;
	form.c_lflag |= ICANON | ISIG | ECHO;
	form.c_cc[VEOL] = '\t';
	interrupted = 0;
	sigaction(SIGINT, &catch, &before);
	tcsetattr(terminal, TCSADRAIN, &form);
	struct pollfd input = {terminal, POLLIN, 0};
	gboolean idle = poll(&input, 1, IDLE_SECONDS * 1000) == 0;
	gssize n = idle ? 0 : read(terminal, line, LINE_MAX_SIZE);
	tcsetattr(terminal, TCSADRAIN, &was);
	sigaction(SIGINT, &before, NULL);
	if (idle || interrupted || n < 0)
		return idle ? LINE_IDLE : LINE_BROKEN;
	line[n] = '\0';
	if (n == 0)
		return LINE_END;
	char last = line[n - 1];
	if (last == '\n' || last == '\t')
		line[n - 1] = '\0';
	if (last == '\t')
		put(terminal, "\n");
	return last == '\t' ? LINE_TAKEN : LINE_DONE;
}

static int open_terminal(GError **error)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0)
		cli_fail(error, CLI_ERROR_USAGE, _("there is no terminal to ask on: a - as the last word reads standard input"));
	return terminal;
}

static gboolean fail_broken(Line how, GError **error)
{
	if (how == LINE_IDLE)
		return cli_fail(error, CLI_ERROR_REFUSED, _("ten minutes without a key: nothing was entered"));
	return cli_fail(error, CLI_ERROR_FAILED, _("you broke it off: nothing was entered"));
}

WipeText *form_line(const char *question, GError **error)
{
	return form_line_from(question, NULL, error);
}

WipeText *form_line_from(const char *question, const char *preset, GError **error)
{
	char line[LINE_MAX_SIZE + 1];
	if (face() != NULL)
		return face()->line(question, preset, error);
	int terminal = open_terminal(error);
	if (terminal < 0)
		return NULL;
	put_folded(terminal, question);
	if (preset != NULL) {
		g_autoptr(WipeText) safe = escape_text(preset, -1, ESCAPE_LINE);
		g_autoptr(WipeText) shown = g_strdup_printf(_("(Enter: %s) "), safe);
		put(terminal, shown);
	}
	Line how = read_line(terminal, line);
	close(terminal);
	WipeText *text = how == LINE_DONE || how == LINE_TAKEN ? g_strdup(g_strstrip(line)) : NULL;
	explicit_bzero(line, sizeof line);
	if (how == LINE_BROKEN || how == LINE_IDLE)
		fail_broken(how, error);
	if (text != NULL && *text == '\0') {
		g_clear_pointer(&text, wipe_text_free);
		text = g_strdup(preset);
	}
	return text;
}

WipeText *form_text(const char *question, GError **error)
{
	if (face() != NULL)
		return face()->text(question, error);
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeBuffer) whole = wipe_buffer_new(64 * 1024);
	g_autofree char *asked = g_strconcat(question, _(" Line by line; Enter alone ends it:\n"), NULL);
	WipeText *line = form_line(asked, &cause);
	for (; line != NULL; line = form_line("", &cause)) {
		wipe_buffer_add_text(whole, line);
		wipe_buffer_add_text(whole, "\n");
		wipe_text_free(line);
	}
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	else if (wipe_buffer_size(whole) > 0)
		return g_strdup(wipe_buffer_data(whole));
	return NULL;
}

int form_choose(const char *title, const char *const *labels, guint n, guint preset)
{
	guint64 number;
	if (face() != NULL)
		return face()->choose(title, labels, n, preset);
	g_autoptr(GString) text = g_string_new(title);
	g_string_append_c(text, '\n');
	for (guint i = 0; i < n; i++)
		g_string_append_printf(text, "%4u  %s\n", i + 1, labels[i]);
	g_string_append(text, _("Its number: "));
	g_autoptr(WipeText) line = form_line(text->str, NULL);
	if (line == NULL)
		return preset < n ? (int)preset : -1;
	return g_ascii_string_to_unsigned(line, 10, 1, n, &number, NULL) ? (int)number - 1 : -1;
}

/* --- suggestions ----------------------------------------------------------------------------------------------------- */

/* Those of the card for this column: "WHAT SOURCE VALUE" lines, borrowed. */
GPtrArray *form_suggestions(const Record *card, const RowColumn *column)
{
	GPtrArray *found = g_ptr_array_new();
	const char *line;
	for (guint i = 0; card != NULL && (line = record_get_nth(card, "suggested", i)) != NULL; i++) {
		g_autofree char *what = g_strndup(line, strcspn(line, " "));
		g_autofree char *word = g_strdup_printf(" %s ", what);
		if (strstr(column->suggested, word) != NULL && g_str_has_prefix(line + strlen(what), " "))
			g_ptr_array_add(found, (gpointer)line);
	}
	return found;
}

const char *form_suggested_value(const char *line)
{
	const char *source = strchr(line, ' ') + 1, *value = strchr(source, ' ');
	return value != NULL ? value + 1 : "";
}

static void put_suggestions(int terminal, const GPtrArray *found)
{
	for (guint i = 0; i < found->len; i++) {
		const char *line = found->pdata[i], *source = strchr(line, ' ') + 1;
		g_autofree char *word = g_strndup(source, strcspn(source, " "));
		g_autofree char *where = format_word(word);
		g_autoptr(WipeText) value = escape_text(form_suggested_value(line), -1, ESCAPE_LINE);
		g_autoptr(WipeText) shown = g_strdup_printf("    %u  %s (%s)\n", i + 1, value, where);
		put(terminal, shown);
	}
}

/* --- the form -------------------------------------------------------------------------------------------------------- */

static const char *judge(const RowColumn *column, const char *text)
{
	const char *key, *why;
	g_autoptr(json_t) one = json_object();
	if (!g_utf8_validate(text, -1, NULL))
		return N_("it takes a text in UTF-8");
	json_object_set_new(one, column->key, json_string(text));
	why = row_judge(one, column->resolution, &key);
	return why;
}

/* What was typed, or the suggestion that was taken, into *text (borrowed). FALSE: she is asked again. */
static gboolean settle(const GPtrArray *found, Line how, char *line, const char **text)
{
	guint64 number = 1;
	*text = g_strstrip(line);
	if (how != LINE_TAKEN)
		return TRUE;
	if (**text != '\0' && !g_ascii_string_to_unsigned(*text, 10, 1, MAX(found->len, 1), &number, NULL))
		return TRUE; /* Tab behind a text: the text */
	if (number > found->len)
		return FALSE;
	*text = form_suggested_value(found->pdata[number - 1]);
	return TRUE;
}

typedef struct {
	int terminal;
	const Row *row;
	const Record *card;
	json_t *filled;
} Asked;

/* What was typed, unless there is something to be warned of that she has not kept yet. *kept (transfer full): the text that
 * an empty line takes from then on. */
static gboolean is_kept(const Asked *asked, const RowColumn *column, const char *text, WipeText **kept)
{
	g_autoptr(json_t) with = json_copy(asked->filled), warnings = NULL;
	const json_t *warning;
	gboolean warned = FALSE;
	gsize i;
	if (g_strcmp0(text, *kept) == 0)
		return TRUE;
	json_object_set_new(with, column->key, json_string(text));
	warnings = lint_row(asked->row, asked->card, with);
	json_array_foreach(warnings, i, warning) {
		if (strcmp(json_string_value(json_object_get(warning, "column")), column->key) != 0)
			continue;
		g_autoptr(WipeText) sentence = lint_sentence(warning);
		put_folded(asked->terminal, sentence);
		put(asked->terminal, "\n");
		warned = TRUE;
	}
	wipe_text_free(*kept);
	*kept = warned ? g_strdup(text) : NULL;
	if (*kept != NULL)
		put(asked->terminal, _("Enter keeps it as it is; or type it anew.\n"));
	return *kept == NULL;
}

/* One line of a column into *text (transfer full; NULL: she is asked again). */
static Line ask_once(const Asked *asked, const RowColumn *column, const GPtrArray *found, WipeText **kept, WipeText **text)
{
	char line[LINE_MAX_SIZE + 1];
	const char *typed = NULL, *why = NULL;
	Line how = read_line(asked->terminal, line);
	if (how != LINE_DONE && how != LINE_TAKEN) {
		explicit_bzero(line, sizeof line);
		return how;
	}
	gboolean settled = settle(found, how, line, &typed);
	g_autoptr(WipeText) value = settled && column->date ? moment_typed(typed) : g_strdup(typed);
	if (settled && *value == '\0' && *kept != NULL) {
		wipe_text_free(value);
		value = g_strdup(*kept);
	}
	if (!settled || (*value != '\0' && (why = judge(column, value)) != NULL)) {
		put(asked->terminal, why != NULL ? _(why) : _("there is no suggestion"));
		put(asked->terminal, "\n");
	} else if (*value == '\0' || is_kept(asked, column, value, kept)) {
		*text = g_steal_pointer(&value);
	}
	explicit_bzero(line, sizeof line);
	return how;
}

static Line ask_column(const Asked *asked, const RowColumn *column)
{
	g_autoptr(GPtrArray) found = form_suggestions(asked->card, column);
	g_autoptr(WipeText) text = NULL, kept = NULL;
	g_autofree char *question = g_strdup_printf("%s: ", _(column->label));
	Line how;
	put_suggestions(asked->terminal, found);
	do {
		put(asked->terminal, question);
		how = ask_once(asked, column, found, &kept, &text);
	} while (text == NULL && (how == LINE_DONE || how == LINE_TAKEN));
	if (text != NULL && *text != '\0')
		json_object_set_new(asked->filled, column->key, json_string(text));
	return how;
}

json_t *form_ask(const Row *row, const Record *card, gboolean resolution, GError **error)
{
	if (face() != NULL)
		return face()->form(row, card, resolution, error);
	g_autoptr(json_t) filled = json_object();
	const Asked asked = {open_terminal(error), row, card, filled};
	Line how = LINE_DONE;
	if (asked.terminal < 0)
		return NULL;
	put_folded(asked.terminal, _("Enter leaves a field empty, Tab takes the first suggestion, 2 and Tab the second, Ctrl-D leaves the rest.\n"));
	for (const RowColumn *column = row_columns; column->key != NULL && (how == LINE_DONE || how == LINE_TAKEN); column++)
		if (column->resolution == resolution && (column->many || row_value(row, column) == NULL))
			how = ask_column(&asked, column);
	close(asked.terminal);
	if (how != LINE_BROKEN && how != LINE_IDLE)
		return g_steal_pointer(&filled);
	fail_broken(how, error);
	return NULL;
}
