/* SPDX-License-Identifier: ISC */
/* senim screen FILE|- - what the screening makes of a letter, or of each line of a text; needs no desk and no key.
 *
 * The letter is read by a caged child like any other. Lines and --check-rules are the child's own work: it gets our
 * standard output, and what it writes there is ASCII. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/marks.h"
#include "cli/output.h"
#include "cli/view.h"
#include "installed.h"

#define MESSAGE_MAX (200u * 1024 * 1024)

static gboolean open_input(const char *name, int *fd, GError **error)
{
	*fd = strcmp(name, "-") == 0 ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC);
	if (*fd >= 0)
		return TRUE;
	g_autofree char *shown = escape_text(name, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("%s cannot be opened: %s: name a letter's file, or - for standard input"), shown,
	                g_strerror(errno));
}

static WipeBuffer *read_message(const char *name, GError **error)
{
	int fd;
	char piece[16384];
	gssize n;
	if (!open_input(name, &fd, error))
		return NULL;
	g_autoptr(WipeBuffer) message = wipe_buffer_new(65536);
	while (((n = read(fd, piece, sizeof piece)) > 0 && wipe_buffer_size(message) <= MESSAGE_MAX) || (n < 0 && errno == EINTR))
		if (n > 0)
			wipe_buffer_add(message, piece, (gsize)n);
	explicit_bzero(piece, sizeof piece);
	close(fd);
	if (n == 0)
		return g_steal_pointer(&message);
	cli_fail(error, CLI_ERROR_FAILED, _("the letter cannot be read to its end, or is larger than %u MiB"), MESSAGE_MAX >> 20);
	return NULL;
}

/* --- the child's own work ------------------------------------------------------------------------ */

/* The child's standard input, between fork and exec. */
static void take_input(gpointer data)
{
	dup2(GPOINTER_TO_INT(data), STDIN_FILENO);
}

static gboolean run_through(const char *examiner, const char *what, const char *rules, const char *input, GError **error)
{
	g_autofree char *option = rules != NULL ? g_strdup_printf("--rules=%s", rules) : NULL;
	char *argv[] = {(char *)examiner, (char *)what, option, NULL};
	int fd, status = -1;
	GPid pid;
	if (!open_input(input, &fd, error))
		return FALSE;
	gboolean started = g_spawn_async(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, take_input, GINT_TO_POINTER(fd), &pid, NULL);
	close(fd);
	if (!started)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("cannot start %s, which reads letters in a cage: install it, or name it as examiner"), examiner);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	g_spawn_close_pid(pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return TRUE;
	return cli_fail(error, WIFEXITED(status) && WEXITSTATUS(status) == EXIT_USAGE ? CLI_ERROR_USAGE : CLI_ERROR_FAILED,
	                _("the screening did not end well: what is wrong stands above"));
}

/* --- one letter for a person ----------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static char **words_of(const json_t *list)
{
	char **words = g_new0(char *, json_array_size(list) + 1);
	for (gsize i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));
		words[i] = g_strdup(word != NULL ? word : "");
	}
	return words;
}

/* Its words stay the object's. */
static Mark mark_of(const json_t *hit)
{
	const char *words = text_of(hit, "words");
	return (Mark){
		.rule = text_of(hit, "rule"),
		.class_name = text_of(hit, "class"),
		.verdict = text_of(hit, "verdict"),
		.in_subject = strcmp(text_of(hit, "in"), "subject") == 0,
		.from = (gsize)json_integer_value(json_object_get(hit, "from")),
		.to = (gsize)json_integer_value(json_object_get(hit, "to")),
		.before = text_of(hit, "before"),
		.words = *words != '\0' ? words : NULL,
		.after = text_of(hit, "after"),
		.guards = words_of(json_object_get(hit, "guards")),
	};
}

static void mark_clear(gpointer data)
{
	g_strfreev(((Mark *)data)->guards);
}

static gboolean print_verdict(const json_t *object, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	const json_t *hits = json_object_get(object, "hits");
	g_auto(GStrv) classes = words_of(json_object_get(object, "class"));
	marks_add_verdict(out, text_of(object, "verdict"), classes, json_is_true(json_object_get(object, "mixed")));
	g_autoptr(GArray) marks = g_array_new(FALSE, FALSE, sizeof(Mark));
	g_array_set_clear_func(marks, mark_clear);
	for (gsize i = 0; i < json_array_size(hits); i++) {
		Mark mark = mark_of(json_array_get(hits, i));
		g_array_append_val(marks, mark);
	}
	marks_add_all(out, marks);
	return output_text(out, error);
}

static gboolean screen_message(const char *examiner, const Options *options, const char *name, GError **error)
{
	g_autoptr(WipeBuffer) message = read_message(name, error);
	if (message == NULL)
		return FALSE;
	g_autoptr(WipeBuffer) answer = view_verdict(examiner, options_value(options, "rules"), wipe_buffer_data(message),
	                                            wipe_buffer_size(message), error);
	if (answer == NULL)
		return FALSE;
	json_t *object = json_loadb(wipe_buffer_data(answer), wipe_buffer_size(answer), JSON_ALLOW_NUL, NULL);
	if (object == NULL || json_string_value(json_object_get(object, "verdict")) == NULL) {
		json_decref(object);
		return cli_fail(error, CLI_ERROR_FAILED, _("%s answered in another form: install the same release of both"), examiner);
	}
	if (options_flag(options, "json")) {
		json_object_del(object, "schema"); /* output_json() says it */
		return output_json(object, error);
	}
	gboolean done = print_verdict(object, error);
	json_decref(object);
	return done;
}

gboolean cmd_screen(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	gboolean lines = options_flag(options, "lines"), check = options_flag(options, "check-rules");
	const char *name = options_word(options, 1), *rules = options_value(options, "rules");
	const char *examiner = cli->settings->examiner != NULL ? cli->settings->examiner : PKGLIBEXECDIR "/senim-examine";
	if (lines && check)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), "lines",
		                "check-rules");
	if (name == NULL && !lines && !check)
		return cli_fail(error, CLI_ERROR_USAGE, _("screen needs a letter's file, or - for standard input"));
	if (lines || check)
		return run_through(examiner, lines ? "--lines" : "--check-rules", rules, name != NULL ? name : check ? "/dev/null" : "-",
		                   error);
	return screen_message(examiner, options, name, error);
}
