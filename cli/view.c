/* SPDX-License-Identifier: ISC */
#include "cli/view.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

#include "base/finding.h"
#include "cli/cli.h"

#define VIEW_MAX (8u * 1024 * 1024)
#define VIEW_SECONDS 60
#define DRAINED 16384 /* octets of one read */

static const RecordField view_schema[] = {
	{"from", 0, 64},    {"to", 0, G_MAXUINT},         {"cc", 0, G_MAXUINT}, {"reply-to", 0, G_MAXUINT}, {"date", 0, 1},
	{"subject", 0, 1},  {"attachment", 0, G_MAXUINT}, {"note", 0, G_MAXUINT},
	{"suggested", 0, 64}, {"wish", 0, 2}, {NULL, 0, 0},
};

/* What is asked of a child. */
typedef struct {
	const char *what, *index;
	const char *message;
	gsize size;
	gsize most, reserve;  /* octets of the answer; reserve: as many as are expected */
	GDestroyNotify taken; /* or NULL */
	gpointer user;
} Question;

typedef struct {
	GPid pid;
	int in, out; /* our ends; -1 closed */
} Child;

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static gboolean start(Child *child, const char *examiner, const char *what, const char *index, GError **error)
{
	char *argv[] = {(char *)examiner, (char *)what, (char *)index, NULL};
	char *environment[] = {(char *)"PATH=/usr/bin:/bin", NULL};
	g_autoptr(GError) cause = NULL;
	if (!g_spawn_async_with_pipes(NULL, argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child->pid, &child->in,
	                              &child->out, NULL, &cause))
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("cannot start %s, which reads letters in a cage: install it, or name it as examiner"), examiner);
	g_unix_set_fd_nonblocking(child->in, TRUE, NULL);
	g_unix_set_fd_nonblocking(child->out, TRUE, NULL);
	return TRUE;
}

/* Gives the child what it takes. A child that stops reading is none of our failures: its answer decides. */
static void feed(Child *child, const char **data, gsize *left)
{
	gssize n = write(child->in, *data, *left);
	if (n > 0) {
		*data += n;
		*left -= (gsize)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		*left = 0;
	}
	if (*left == 0)
		close_end(&child->in);
}

/* FALSE at the end, or past most octets. */
static gboolean drain(Child *child, WipeBuffer *answer, gsize most)
{
	char buffer[DRAINED];
	gssize n = read(child->out, buffer, sizeof buffer);
	if (n > 0)
		wipe_buffer_add(answer, buffer, (gsize)n);
	explicit_bzero(buffer, sizeof buffer);
	return (n > 0 && wipe_buffer_size(answer) <= most) || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* The child has it all. What it answers comes after that: before, room would be taken twice. */
static void make_way(const Question *question, WipeBuffer *answer)
{
	if (question->taken != NULL)
		question->taken(question->user);
	wipe_buffer_reserve(answer, MIN(question->reserve, question->most) + DRAINED);
}

static gboolean converse(Child *child, const Question *question, WipeBuffer *answer)
{
	const char *data = question->message;
	gsize left = question->size, most = question->most;
	gint64 deadline = g_get_monotonic_time() + VIEW_SECONDS * G_USEC_PER_SEC;
	if (left == 0)
		close_end(&child->in);
	for (;;) {
		gint64 wait = (deadline - g_get_monotonic_time()) / 1000;
		struct pollfd fds[] = {{child->out, POLLIN, 0}, {child->in, POLLOUT, 0}};
		if (wait <= 0)
			return FALSE;
		if (poll(fds, 2, (int)wait) < 0 && errno != EINTR)
			return FALSE;
		if (child->in >= 0 && fds[1].revents != 0) {
			feed(child, &data, &left);
			if (left == 0)
				make_way(question, answer);
		}
		if (fds[0].revents != 0 && !drain(child, answer, most))
			return wipe_buffer_size(answer) <= most;
	}
}

static WipeBuffer *run(const char *examiner, const Question *question, GError **error)
{
	Child child = {0, -1, -1};
	if (!start(&child, examiner, question->what, question->index, error))
		return NULL;
	g_autoptr(WipeBuffer) answer = wipe_buffer_new(DRAINED);
	gboolean whole = converse(&child, question, answer);
	close_end(&child.in);
	close_end(&child.out);
	if (!whole)
		kill(child.pid, SIGKILL);
	int status = -1;
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	g_spawn_close_pid(child.pid);
	if (!whole || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		cli_fail(error, CLI_ERROR_FAILED,
		         _("the letter could not be taken apart (%s ended badly): --raw gives it as it came"), examiner);
		return NULL;
	}
	return g_steal_pointer(&answer);
}

Bundle *view_message(const char *examiner, const void *message, gsize size, GError **error)
{
	const Question question = {"--view", NULL, message, size, VIEW_MAX, size, NULL, NULL};
	g_autoptr(WipeBuffer) answer = run(examiner, &question, error);
	if (answer == NULL)
		return NULL;
	g_autoptr(Bundle) view = bundle_read(wipe_buffer_data(answer), wipe_buffer_size(answer), view_schema, NULL);
	if (view == NULL || bundle_part(view, "text") == NULL || bundle_part(view, "headers") == NULL) {
		cli_fail(error, CLI_ERROR_FAILED, _("%s answered in another form: install the same release of both"), examiner);
		return NULL;
	}
	return g_steal_pointer(&view);
}

static void part_free(gpointer data)
{
	ViewPart *part = data;
	wipe_text_free(part->type);
	wipe_text_free(part->name);
	g_free(part);
}

/* "INDEX TYPE SIZE NAME" */
static ViewPart *read_part(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 4);
	guint64 index, size;
	if (g_strv_length(words) < 3 || !g_ascii_string_to_unsigned(words[0], 10, 0, G_MAXUINT16, &index, NULL) ||
	    !g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXUINT64, &size, NULL))
		return NULL;
	ViewPart *part = g_new0(ViewPart, 1);
	part->index = (guint)index;
	part->type = g_strdup(words[1]);
	part->size = size;
	part->name = g_strdup(words[3] != NULL ? words[3] : "");
	return part;
}

GPtrArray *view_parts(const Bundle *view, GError **error)
{
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(part_free);
	const char *line;
	for (guint i = 0; (line = record_get_nth(bundle_record(view), "attachment", i)) != NULL; i++) {
		ViewPart *part = read_part(line);
		if (part == NULL) {
			cli_fail(error, CLI_ERROR_FAILED,
			         _("the list of attachments has another form: install the same release of senim and senim-examine"));
			return NULL;
		}
		g_ptr_array_add(parts, part);
	}
	return g_steal_pointer(&parts);
}

WipeBuffer *view_part(const char *examiner, const void *message, gsize size, const ViewPart *part, GDestroyNotify taken,
                      gpointer user, GError **error)
{
	g_autofree char *number = g_strdup_printf("%u", part->index);
	const Question question = {"--part", number, message, size, VIEW_PART_MAX, MIN(part->size, size), taken, user};
	return run(examiner, &question, error);
}

WipeBuffer *view_verdict(const char *examiner, const char *rules, const void *message, gsize size, GError **error)
{
	g_autofree char *option = rules != NULL ? g_strdup_printf("--rules=%s", rules) : NULL;
	const Question question = {"--screen", option, message, size, VIEW_MAX, size, NULL, NULL};
	return run(examiner, &question, error);
}

gboolean view_finding(const char *examiner, const char *rules, const void *message, gsize size, Record **facts, Record **card,
                      GError **error)
{
	static const RecordField nothing[] = {{NULL, 0, 0}};
	g_autofree char *option = rules != NULL ? g_strdup_printf("--rules=%s", rules) : NULL;
	const Question question = {"--finding", option, message, size, FINDING_MAX, size, NULL, NULL};
	g_autoptr(WipeBuffer) answer = run(examiner, &question, error);
	if (answer == NULL)
		return FALSE;
	g_autoptr(Bundle) finding = bundle_read(wipe_buffer_data(answer), wipe_buffer_size(answer), nothing, NULL);
	*facts = finding != NULL ? bundle_part_record(finding, "facts", finding_facts_schema, NULL) : NULL;
	*card = *facts != NULL ? bundle_part_record(finding, "card", finding_card_schema, NULL) : NULL;
	if (*card != NULL && finding_check_facts(*facts, NULL))
		return TRUE;
	g_clear_pointer(facts, record_free);
	g_clear_pointer(card, record_free);
	return cli_fail(error, CLI_ERROR_FAILED, _("%s answered in another form: install the same release of both"), examiner);
}

static const RecordField redact_schema[] = {
	{"replaced", 0, G_MAXUINT}, {"left", 0, G_MAXUINT}, {"named", 0, G_MAXUINT}, {"about", 0, G_MAXUINT}, {NULL, 0, 0},
};

Bundle *view_redact(const char *examiner, const Bundle *question, GError **error)
{
	gsize size;
	g_autoptr(GBytes) asked = bundle_write(question);
	const char *data = g_bytes_get_data(asked, &size);
	const Question of = {"--redact", NULL, data, size, VIEW_MAX, 2 * size, NULL, NULL};
	g_autoptr(WipeBuffer) answer = run(examiner, &of, error);
	if (answer == NULL)
		return NULL;
	g_autoptr(Bundle) redacted = bundle_read(wipe_buffer_data(answer), wipe_buffer_size(answer), redact_schema, NULL);
	if (redacted != NULL && bundle_part(redacted, "text") != NULL)
		return g_steal_pointer(&redacted);
	cli_fail(error, CLI_ERROR_FAILED, _("%s answered in another form: install the same release of both"), examiner);
	return NULL;
}
