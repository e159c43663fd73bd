/* SPDX-License-Identifier: ISC */
#include "cli/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

#include "base/escape.h"
#include "cli/face.h"
#include "cli/passphrase.h"
#include "cli/wipe.h"
#include "store/age.h"
#include "store/base64.h"

#define IDENTITY_PREFIX "AGE-PLUGIN-"
#define PROGRAM_PREFIX "age-plugin-"
#define NAME_MOST 32
#define TOKEN_FILE_MOST 65536
#define IDENTITY_MOST 1000
#define LINE_MOST 4096
#define BODY_MOST 16384
#define COLUMNS 64
#define MESSAGE_SECONDS 120 /* for one message from its first octet to its last, or to take what is said to it */
#define RUN_SECONDS 600     /* for all of them, a person's time to answer aside */
#define HINT_SECONDS 3      /* a plug-in that says nothing waits for a hand */
#define FULL_LINE 48 /* octets of a line of 64 columns */

/* --- which program -------------------------------------------------------------------------------------------------- */

static gboolean is_name(const char *text)
{
	gsize size = strlen(text);
	return size > 0 && size <= NAME_MOST && g_ascii_isalnum(text[0]) &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._+-") == size;
}

/* The name in `plugin`, of a whole path too. */
static const char *name_of(const char *item)
{
	const char *slash = strrchr(item, '/');
	if (slash == NULL)
		return item;
	return item[0] == '/' && g_str_has_prefix(slash + 1, PROGRAM_PREFIX) ? slash + 1 + strlen(PROGRAM_PREFIX) : "";
}

gboolean plugin_check_list(const char *value)
{
	g_auto(GStrv) items = g_strsplit(value, ";", -1);
	for (char **item = items; *item != NULL; item++)
		if (!is_name(name_of(g_strstrip(*item))))
			return FALSE;
	return TRUE;
}

/* "AGE-PLUGIN-NAME-1…" and "age1name1…", NAME in lower case; NULL where it is neither. */
static char *name_in(const char *whom)
{
	gboolean identity = g_str_has_prefix(whom, IDENTITY_PREFIX);
	const char *begin = whom + (identity ? strlen(IDENTITY_PREFIX) : strlen("age1"));
	const char *end = identity ? g_strrstr(whom, "-1") : strrchr(whom, '1');
	if ((!identity && !g_str_has_prefix(whom, "age1")) || end == NULL || end <= begin)
		return NULL;
	g_autofree char *raw = g_strndup(begin, (gsize)(end - begin));
	g_autofree char *name = g_ascii_strdown(raw, -1);
	return is_name(name) ? g_steal_pointer(&name) : NULL;
}

/* Written by root or by her, by nobody else. */
static gboolean is_trusted(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 022) == 0 &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) && access(path, X_OK) == 0;
}

static char *find_program(const char *name, const char *item)
{
	static const char *const places[] = {"/usr/local/libexec", "/usr/local/bin", "/usr/bin"};
	if (item[0] == '/')
		return is_trusted(item) ? g_strdup(item) : NULL;
	g_autofree char *program = g_strconcat(PROGRAM_PREFIX, name, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *path = g_build_filename(places[i], program, NULL);
		if (is_trusted(path))
			return g_steal_pointer(&path);
	}
	return NULL;
}

static char *program_of(const Cli *cli, const char *whom, GError **error)
{
	g_autofree char *name = name_in(whom);
	g_auto(GStrv) items = g_strsplit(cli->settings->plugin != NULL ? cli->settings->plugin : "", ";", -1);
	if (name == NULL) {
		cli_fail(error, CLI_ERROR_USAGE, _("the token's file names no plug-in: make it again with the token's own program"));
		return NULL;
	}
	for (char **item = items; *item != NULL; item++) {
		if (strcmp(name_of(g_strstrip(*item)), name) != 0)
			continue;
		char *path = find_program(name, *item);
		if (path == NULL)
			cli_fail(error, CLI_ERROR_FAILED,
			         _("the plug-in age-plugin-%s is not there, or others could have written it: install it for the whole machine"),
			         name);
		return path;
	}
	cli_fail(error, CLI_ERROR_REFUSED, _("no plug-in %s is allowed: write plugin = %s into %s if this is your token's"), name,
	         name, cli->settings->file);
	return NULL;
}

/* --- stanzas both ways ---------------------------------------------------------------------------------------------- */

typedef struct {
	const Cli *cli;
	char *name; /* for messages */
	GPid pid;
	int in, out;
	gsize at, have;
	char buffer[LINE_MOST];
	char *complaint; /* of its `error`, escaped */
	guint8 *file_key;  /* where it goes; NULL with recipient-v1 */
	gboolean got;
	gint64 message_end, run_end; /* monotonic: until when this message, and all of it, may take */
	gboolean hinted;   /* she was told what is waited for, or there is no terminal to tell her */
	gboolean late;     /* one of them went by */
	gboolean aside;    /* the officer's screen gave the terminal away */
	struct sigaction before; /* of SIGINT */
	WipeText *stanza;  /* of recipient-v1 */
} Plugin;

typedef struct {
	char line[LINE_MOST + 1];
	char **words;
	WipeBytes *body;
} Message;

static void message_clear(Message *message)
{
	g_clear_pointer(&message->words, g_strfreev);
	g_clear_pointer(&message->body, wipe_bytes_free);
	explicit_bzero(message->line, sizeof message->line);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Message, message_clear)

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static gboolean fail_talk(const Plugin *plugin, GError **error)
{
	if (interrupted)
		return cli_fail(error, CLI_ERROR_REFUSED, _("the token was not waited for any longer: nothing was done"));
	if (plugin->late)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the plug-in %s was not done in time (two minutes for each step, ten for all) and was ended: put the token in, start again and touch it when it asks"),
		                plugin->name);
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the plug-in %s broke off or said what no plug-in says: is the token there, and was it touched?"),
	                plugin->name);
}

static void begin_step(Plugin *plugin)
{
	plugin->message_end = g_get_monotonic_time() + MESSAGE_SECONDS * G_USEC_PER_SEC;
}

/* Whoever waits before a terminal is told for what; a hand on the token, or Ctrl-C, ends it. The officer's screen takes Ctrl-C
 * for a key, so it stands aside meanwhile. */
static void hint(Plugin *plugin)
{
	plugin->hinted = plugin->aside = TRUE;
	face_aside(TRUE);
	g_autofree char *line =
		g_strdup_printf(_("%s: waiting for the token: put it in, and touch it where it blinks (Ctrl-C ends this)\n"), plugin->name);
	fputs(line, stderr);
}

static void come_back(Plugin *plugin)
{
	if (plugin->aside)
		face_aside(FALSE);
	plugin->aside = FALSE;
}

/* A plug-in that writes an octet now and then is late like one that writes none. */
static gboolean wait_on(Plugin *plugin, int fd, short events)
{
	struct pollfd one = {fd, events, 0};
	for (;;) {
		gint64 left = MIN(plugin->message_end, plugin->run_end) - g_get_monotonic_time();
		gint64 until_hint = plugin->message_end - (MESSAGE_SECONDS - HINT_SECONDS) * G_USEC_PER_SEC - g_get_monotonic_time();
		gboolean hinting = !plugin->hinted && until_hint < left;
		if (interrupted)
			return FALSE;
		if (left <= 0)
			break;
		int n = poll(&one, 1, (int)(MAX(hinting ? until_hint : left, 0) / 1000 + 1));
		if (n > 0)
			return TRUE;
		if (n < 0 && errno != EINTR)
			return FALSE;
		if (n == 0 && hinting)
			hint(plugin);
	}
	plugin->late = TRUE;
	return FALSE;
}

static gboolean put(Plugin *plugin, const char *text, gsize left)
{
	begin_step(plugin);
	while (left > 0) {
		gssize n = write(plugin->in, text, left);
		if (n < 0 && errno == EAGAIN && wait_on(plugin, plugin->in, POLLOUT))
			continue;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return FALSE;
		text += n;
		left -= (gsize)n;
	}
	return TRUE;
}

/* "-> COMMAND" and a body as a header has it: lines of 64 columns, the last one shorter. */
static gboolean put_command(Plugin *plugin, const char *command, const void *body, gsize size)
{
	const guchar *at = body;
	gsize step;
	g_autoptr(WipeBuffer) text = wipe_buffer_new(strlen(command) + 2 * size + 16);
	wipe_buffer_add_text(text, "-> ");
	wipe_buffer_add_text(text, command);
	do {
		step = MIN(size, FULL_LINE);
		g_autoptr(WipeText) line = g_base64_encode(step > 0 ? at : (const guchar *)"", step);
		line[strcspn(line, "=")] = '\0';
		wipe_buffer_add_text(text, "\n");
		wipe_buffer_add_text(text, line);
		at += step;
		size -= step;
	} while (step == FULL_LINE);
	wipe_buffer_add_text(text, "\n");
	return put(plugin, wipe_buffer_data(text), wipe_buffer_size(text));
}

/* One line without its LF. */
static gboolean get_line(Plugin *plugin, char line[LINE_MOST + 1])
{
	gsize size = 0;
	for (;;) {
		if (plugin->at == plugin->have) {
			if (!wait_on(plugin, plugin->out, POLLIN))
				return FALSE;
			gssize n = read(plugin->out, plugin->buffer, sizeof plugin->buffer);
			if (n < 0 && (errno == EAGAIN || errno == EINTR))
				continue;
			if (n <= 0)
				return FALSE;
			plugin->at = 0;
			plugin->have = (gsize)n;
		}
		char c = plugin->buffer[plugin->at++];
		if (c == '\n') {
			line[size] = '\0';
			return TRUE;
		}
		if (size == LINE_MOST || c == '\0')
			return FALSE;
		line[size++] = c;
	}
}

static gboolean get_body(Plugin *plugin, Message *message)
{
	gsize size;
	do {
		guint8 octets[FULL_LINE];
		gsize got;
		if (!get_line(plugin, message->line))
			return FALSE;
		size = strlen(message->line);
		if (size > COLUMNS || !base64_read(message->line, size, FALSE, octets, sizeof octets, &got) ||
		    message->body->len + got > BODY_MOST)
			return FALSE;
		g_byte_array_append(message->body, octets, (guint)got);
		explicit_bzero(octets, sizeof octets);
	} while (size == COLUMNS);
	return TRUE;
}

static gboolean get_message(Plugin *plugin, Message *message)
{
	message_clear(message);
	begin_step(plugin);
	if (!get_line(plugin, message->line) || !g_str_has_prefix(message->line, "-> ") || message->line[3] == '\0')
		return FALSE;
	message->words = g_strsplit(message->line + 3, " ", -1);
	message->body = g_byte_array_sized_new(BODY_MOST + FULL_LINE); /* an array that grows leaves copies behind */
	gboolean whole = get_body(plugin, message);
	come_back(plugin);
	return whole;
}

/* --- what a plug-in asks -------------------------------------------------------------------------------------------- */

static char *text_of(const Message *message)
{
	return escape_text((const char *)message->body->data, message->body->len, ESCAPE_LINE);
}

static gboolean serve_msg(Plugin *plugin, Message *message)
{
	g_autofree char *text = text_of(message);
	g_autofree char *line = g_strdup_printf("%s: %s\n", plugin->name, text);
	return put_command(plugin, passphrase_tell(line) ? "ok" : "fail", NULL, 0);
}

static gboolean answer_with(Plugin *plugin, const char *question, gboolean silent)
{
	g_autoptr(Passphrase) said = silent ? passphrase_ask_secret(plugin->cli->options, question, NULL)
	                                    : passphrase_ask_aloud(question, NULL);
	if (said == NULL)
		return put_command(plugin, "fail", NULL, 0);
	return put_command(plugin, "ok", passphrase_text(said), passphrase_size(said));
}

static gboolean serve_secret(Plugin *plugin, Message *message)
{
	g_autofree char *text = text_of(message);
	g_autofree char *question = g_strdup_printf("%s: %s: ", plugin->name, text);
	return answer_with(plugin, question, TRUE);
}

static gboolean serve_public(Plugin *plugin, Message *message)
{
	g_autofree char *text = text_of(message);
	g_autofree char *question = g_strdup_printf("%s: %s: ", plugin->name, text);
	return answer_with(plugin, question, FALSE);
}

/* The text of a button; NULL where there is none. */
static char *button(const Message *message, guint i)
{
	guint8 octets[256];
	gsize size;
	if (i >= g_strv_length(message->words) ||
	    !base64_read(message->words[i], strlen(message->words[i]), FALSE, octets, sizeof octets, &size))
		return NULL;
	return escape_text((const char *)octets, (gssize)size, ESCAPE_LINE);
}

static gboolean serve_confirm(Plugin *plugin, Message *message)
{
	g_autofree char *text = text_of(message), *yes = button(message, 1), *no = button(message, 2);
	if (yes == NULL)
		return put_command(plugin, "fail", NULL, 0);
	g_autofree char *question = no != NULL ? g_strdup_printf("%s: %s [1: %s, 2: %s]: ", plugin->name, text, yes, no)
	                                       : g_strdup_printf("%s: %s [1: %s]: ", plugin->name, text, yes);
	g_autoptr(Passphrase) said = passphrase_ask_aloud(question, NULL);
	const char *word = said != NULL ? passphrase_text(said) : "";
	if (strcmp(word, "1") == 0)
		return put_command(plugin, "ok yes", NULL, 0);
	return put_command(plugin, no != NULL && strcmp(word, "2") == 0 ? "ok no" : "fail", NULL, 0);
}

/* Of the one file that was given, once. */
static gboolean serve_file_key(Plugin *plugin, Message *message)
{
	if (plugin->file_key == NULL || plugin->got || g_strv_length(message->words) != 2 ||
	    strcmp(message->words[1], "0") != 0 || message->body->len != AGE_FILE_KEY)
		return FALSE;
	memcpy(plugin->file_key, message->body->data, AGE_FILE_KEY);
	plugin->got = TRUE;
	return put_command(plugin, "ok", NULL, 0);
}

/* One stanza; it goes into a header as it stands, so it must be one. */
static gboolean serve_stanza(Plugin *plugin, Message *message)
{
	guint words = g_strv_length(message->words);
	if (plugin->file_key != NULL || plugin->got || words < 3 || strcmp(message->words[1], "0") != 0)
		return FALSE;
	GString *text = g_string_new("->");
	for (guint i = 2; i < words; i++) {
		for (const char *c = message->words[i]; *c != '\0'; c++)
			if (!g_ascii_isgraph(*c))
				return g_string_free(text, TRUE), FALSE;
		if (message->words[i][0] == '\0')
			return g_string_free(text, TRUE), FALSE;
		g_string_append_printf(text, " %s", message->words[i]);
	}
	gsize at = 0, step;
	do {
		step = MIN(message->body->len - at, FULL_LINE);
		g_autofree char *line = g_base64_encode(message->body->data + at, step);
		line[strcspn(line, "=")] = '\0';
		g_string_append_printf(text, "\n%s", line);
		at += step;
	} while (step == FULL_LINE);
	plugin->stanza = g_string_free(g_string_append_c(text, '\n'), FALSE);
	plugin->got = TRUE;
	return put_command(plugin, "ok", NULL, 0);
}

static gboolean serve_error(Plugin *plugin, Message *message)
{
	if (plugin->complaint == NULL)
		plugin->complaint = text_of(message);
	return put_command(plugin, "ok", NULL, 0);
}

static const struct {
	const char *command;
	gboolean (*serve)(Plugin *plugin, Message *message);
} asked[] = {
	{"msg", serve_msg},           {"confirm", serve_confirm},     {"request-secret", serve_secret},
	{"error", serve_error},       {"file-key", serve_file_key},   {"request-public", serve_public},
	{"recipient-stanza", serve_stanza},
};

static gboolean serve(Plugin *plugin, Message *message)
{
	for (gsize i = 0; i < G_N_ELEMENTS(asked); i++) {
		if (strcmp(asked[i].command, message->words[0]) != 0)
			continue;
		gint64 before = g_get_monotonic_time();
		gboolean done = asked[i].serve(plugin, message);
		plugin->run_end += g_get_monotonic_time() - before;
		return done;
	}
	return put_command(plugin, "unsupported", NULL, 0);
}

/* --- one run -------------------------------------------------------------------------------------------------------- */

static void die_with_parent(gpointer parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != *(const pid_t *)parent)
		_exit(1);
}

static gboolean start(Plugin *plugin, const char *whom, const char *machine, GError **error)
{
	static const char *const kept[] = {"HOME", "LANG", "LC_ALL", "XDG_RUNTIME_DIR"};
	pid_t self = getpid();
	g_autofree char *program = program_of(plugin->cli, whom, error);
	if (program == NULL)
		return FALSE;
	g_autofree char *flag = g_strconcat("--age-plugin=", machine, NULL);
	char *argv[] = {program, flag, NULL};
	g_auto(GStrv) environment = g_environ_setenv(NULL, "PATH", "/usr/local/bin:/usr/bin:/bin", TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_getenv(kept[i]) != NULL)
			environment = g_environ_setenv(environment, kept[i], g_getenv(kept[i]), TRUE);
	plugin->name = name_in(whom);
	plugin->hinted = !isatty(STDERR_FILENO);
	struct sigaction catch = {.sa_handler = interrupt};
	interrupted = 0;
	sigaction(SIGINT, &catch, &plugin->before);
	plugin->run_end = g_get_monotonic_time() + RUN_SECONDS * G_USEC_PER_SEC;
	if (!g_spawn_async_with_pipes("/", argv, environment, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
	                              die_with_parent, &self, &plugin->pid, &plugin->in, &plugin->out, NULL, NULL))
		return cli_fail(error, CLI_ERROR_FAILED, _("cannot start %s: is it a program for this machine?"), program);
	g_unix_set_fd_nonblocking(plugin->in, TRUE, NULL);
	g_unix_set_fd_nonblocking(plugin->out, TRUE, NULL);
	return TRUE;
}

/* Half a second to end by itself. */
static void end(Plugin *plugin)
{
	come_back(plugin);
	if (plugin->run_end != 0)
		sigaction(SIGINT, &plugin->before, NULL);
	if (plugin->in >= 0)
		close(plugin->in);
	if (plugin->out >= 0)
		close(plugin->out);
	for (int i = 0; plugin->pid != 0 && waitpid(plugin->pid, NULL, WNOHANG) == 0; i++) {
		if (i == 50)
			kill(plugin->pid, SIGKILL);
		g_usleep(10000);
	}
	g_free(plugin->name);
	g_free(plugin->complaint);
	wipe_text_free(plugin->stanza);
	explicit_bzero(plugin, sizeof *plugin);
}

/* The second phase: it asks until it is done. */
static gboolean converse(Plugin *plugin, GError **error)
{
	g_auto(Message) message = {0};
	for (;;) {
		if (!get_message(plugin, &message))
			return fail_talk(plugin, error);
		if (strcmp(message.words[0], "done") == 0)
			break;
		if (!serve(plugin, &message))
			return fail_talk(plugin, error);
	}
	if (plugin->complaint != NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("the plug-in %s could not do it (%s): try again"), plugin->name,
		                plugin->complaint);
	if (!plugin->got)
		return cli_fail(error, CLI_ERROR_REFUSED, _("this is not sealed to the token of %s: is it the right one?"),
		                plugin->name);
	return TRUE;
}

static gboolean add_identity(Plugin *plugin, const char *whom)
{
	gboolean identity = g_str_has_prefix(whom, IDENTITY_PREFIX);
	g_autofree char *command = g_strconcat(identity ? "add-identity " : "add-recipient ", whom, NULL);
	return put_command(plugin, command, NULL, 0);
}

/* stanzas come as "-> TYPE …\nBODY\n", and go as "-> recipient-stanza 0 TYPE …\nBODY\n". */
static gboolean unwrap(const char *identity, const char *const *stanzas, guint8 file_key[AGE_FILE_KEY], gpointer user,
                       GError **error)
{
	Plugin plugin = {.cli = user, .in = -1, .out = -1, .file_key = file_key};
	gboolean done = start(&plugin, identity, "identity-v1", error);
	gboolean given = done && add_identity(&plugin, identity);
	for (gsize i = 0; given && stanzas[i] != NULL; i++) {
		g_autofree char *text = g_strconcat("-> recipient-stanza 0", stanzas[i] + strlen("->"), NULL);
		given = put(&plugin, text, strlen(text));
	}
	if (done)
		done = (given && put_command(&plugin, "done", NULL, 0)) ? converse(&plugin, error) : fail_talk(&plugin, error);
	if (!done)
		explicit_bzero(file_key, AGE_FILE_KEY);
	end(&plugin);
	return done;
}

static char *wrap(const char *whom, const guint8 file_key[AGE_FILE_KEY], gpointer user, GError **error)
{
	Plugin plugin = {.cli = user, .in = -1, .out = -1};
	gboolean done = start(&plugin, whom, "recipient-v1", error);
	gboolean given = done && add_identity(&plugin, whom) &&
	                 put_command(&plugin, "wrap-file-key", file_key, AGE_FILE_KEY) &&
	                 put_command(&plugin, "done", NULL, 0);
	if (done)
		done = given ? converse(&plugin, error) : fail_talk(&plugin, error);
	char *stanza = done ? g_steal_pointer(&plugin.stanza) : NULL;
	end(&plugin);
	return stanza;
}

const Cli *plugin_use(const Cli *cli)
{
	static const AgeToken token = {unwrap, wrap};
	static const Cli *used;
	const Cli *before = used;
	used = cli;
	age_token_use(cli != NULL ? &token : NULL, (gpointer)cli);
	return before;
}

/* --- the token's file ----------------------------------------------------------------------------------------------- */

void plugin_token_free(PluginToken *token)
{
	if (token == NULL)
		return;
	g_free(token->identity);
	g_free(token->recipient);
	g_free(token);
}

/* The last word of a comment that is a recipient: "# public key: age1…", "#    Recipient: age1…". */
static void take_line(PluginToken *token, const char *line, guint *identities)
{
	const char *word = strrchr(line, ' ');
	if (g_str_has_prefix(line, IDENTITY_PREFIX)) {
		(*identities)++;
		g_free(token->identity);
		token->identity = g_strdup(line);
	} else if (line[0] == '#' && word != NULL && g_str_has_prefix(word + 1, "age1") && token->recipient == NULL) {
		token->recipient = g_strdup(word + 1);
	} else if (line[0] != '#' && line[0] != '\0') {
		*identities = 2; /* another key in clear: not what a token's program writes */
	}
}

PluginToken *plugin_token_read(const char *path, GError **error)
{
	g_autofree char *text = NULL, *shown = escape_text(path, -1, ESCAPE_LINE);
	gsize size;
	guint identities = 0;
	guint8 point[AGE_X25519];
	if (!g_file_get_contents(path, &text, &size, NULL)) {
		cli_fail(error, CLI_ERROR_USAGE, _("cannot read %s: name the file that the token's own program made"), shown);
		return NULL;
	}
	g_autoptr(PluginToken) token = g_new0(PluginToken, 1);
	g_auto(GStrv) lines = g_strsplit(size <= TOKEN_FILE_MOST ? text : "x", "\n", -1);
	for (char **line = lines; *line != NULL; line++)
		take_line(token, g_strchomp(*line), &identities);
	if (identities != 1 || strlen(token->identity) > IDENTITY_MOST) {
		cli_fail(error, CLI_ERROR_USAGE,
		         _("%s does not name one token (one line AGE-PLUGIN-…): name the file that the token's own program made"),
		         shown);
		return NULL;
	}
	token->x25519 = token->recipient != NULL && age_recipient_parse(token->recipient, point, NULL);
	return g_steal_pointer(&token);
}
