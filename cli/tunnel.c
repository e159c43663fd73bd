/* SPDX-License-Identifier: ISC */
#include "cli/tunnel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"

#define SCHEME "ssh://"
#define SSH "/usr/bin/ssh"
#define DESK_THERE "/run/senim/desk.sock"
#define SIGN_IN_SECONDS 300 /* a passphrase, a PIN, a touch */
#define LOG_MOST 16384

struct Tunnel {
	char *user, *host, *port, *there; /* user and port NULL: ssh's own */
	char *configuration;
	GPid ssh;   /* 0: none */
	int socket; /* O_PATH, of the forwarded socket; -1 */
	int log;    /* what ssh says; -1 */
	char *path; /* /proc/self/fd/N of socket */
};

/* --- the place ------------------------------------------------------------------------------------------------------ */

gboolean tunnel_is_place(const char *text)
{
	return strstr(text, "://") != NULL;
}

/* Nothing that ssh could take for an option, a list, or a word of its configuration's %-escapes. */
static gboolean is_name(const char *text, const char *more)
{
	if (text[0] == '\0' || text[0] == '-')
		return FALSE;
	for (const char *c = text; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && strchr(more, *c) == NULL)
			return FALSE;
	return TRUE;
}

/* HOST[:PORT] or [ADDRESS][:PORT], cut apart in place. */
static gboolean split_host(Tunnel *tunnel, char *host)
{
	char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
	gboolean bracket = host[0] == '[';
	if (bracket && end == NULL)
		return FALSE;
	char *rest = end != NULL ? end + (bracket ? 1 : 0) : host + strlen(host);
	guint64 port;
	if (rest[0] == ':') {
		if (!g_ascii_string_to_unsigned(rest + 1, 10, 1, 65535, &port, NULL))
			return FALSE;
		tunnel->port = g_strdup_printf("%u", (guint)port);
	} else if (rest[0] != '\0') {
		return FALSE;
	}
	tunnel->host = bracket ? g_strndup(host + 1, (gsize)(end - host - 1)) : g_strndup(host, (gsize)(rest - host));
	return is_name(tunnel->host, bracket ? ".:-" : ".-_");
}

static gboolean read_place(Tunnel *tunnel, const char *where)
{
	if (!g_str_has_prefix(where, SCHEME))
		return FALSE;
	g_autofree char *place = g_strdup(where + strlen(SCHEME));
	char *slash = strchr(place, '/');
	tunnel->there = g_strdup(slash != NULL && slash[1] != '\0' ? slash : DESK_THERE);
	if (slash != NULL)
		*slash = '\0';
	char *at = strrchr(place, '@');
	if (at != NULL) {
		*at = '\0';
		tunnel->user = g_strdup(place);
	}
	return (at == NULL || is_name(tunnel->user, "._-")) && split_host(tunnel, at != NULL ? at + 1 : place) &&
	       is_name(tunnel->there, "/._-");
}

/* --- what ssh says -------------------------------------------------------------------------------------------------- */

#define N_NO_KEY N_("its key is not among those that you know: take it from the administrator into ~/.ssh/known_hosts")
#define N_SILENT N_("the host does not answer: check desk in officer.conf, its port, and the connection")
#define N_KEPT_OUT N_("it did not let you in: check your name there, and the key or token with which ssh signs in")

/* The words of ssh(1) that an officer meets, in the order in which they are looked for. */
static const struct {
	const char *words, *sentence;
} complaints[] = {
	{"IDENTIFICATION HAS CHANGED",
     N_("the host shows another key than the one that you know, so nothing was sent: ask the administrator before you go on")},
	{"Host key verification failed", N_NO_KEY},
	{"host key is known for", N_NO_KEY},
	{"Permission denied", N_KEPT_OUT},
	{"Too many authentication failures", N_KEPT_OUT},
	{"Could not resolve", N_("the network does not know this name: check desk in officer.conf, and the connection")},
	{"Connection refused", N_SILENT},
	{"timed out", N_SILENT},
	{"not responding", N_SILENT},
	{"No route to host", N_SILENT},
	{"Network is unreachable", N_SILENT},
	{"prohibited", N_("it let you in, but forwards no socket for you: the administrator finds how in contrib/sshd of senim")},
	{"open failed", N_("it let you in, but the registrar does not answer there: is it running, and are you in its group?")},
	{"Connection closed", N_("it closed the connection: try again, or check your name there with the administrator")},
	{"closed by remote host", N_("it closed the connection: try again, or check your name there with the administrator")},
};

static char *read_log(const Tunnel *tunnel)
{
	char *text = g_malloc0(LOG_MOST + 1);
	if (tunnel->log >= 0 && pread(tunnel->log, text, LOG_MOST, 0) < 0)
		text[0] = '\0';
	return text;
}

/* The last line that is not empty. */
static char *last_line(char *text)
{
	g_strchomp(text);
	char *line = strrchr(text, '\n');
	return escape_text(line != NULL ? line + 1 : text, -1, ESCAPE_LINE);
}

gboolean tunnel_fail(const Tunnel *tunnel, GError **error)
{
	g_autofree char *said = read_log(tunnel);
	for (gsize i = 0; i < G_N_ELEMENTS(complaints); i++)
		if (strstr(said, complaints[i].words) != NULL)
			return cli_fail(error, CLI_ERROR_FAILED, "%s: %s", tunnel->host, _(complaints[i].sentence));
	g_autofree char *line = last_line(said);
	if (line[0] != '\0')
		return cli_fail(error, CLI_ERROR_FAILED, _("ssh reaches no desk on %s (%s): try it with ssh -N"), tunnel->host, line);
	return cli_fail(error, CLI_ERROR_FAILED, _("ssh reaches no desk on %s: try again"), tunnel->host);
}

/* --- ssh ------------------------------------------------------------------------------------------------------------ */

/* Each of these would be taken from her own configuration otherwise. */
static const char *const always[] = {
	"-N", "-T", "-a", "-x", "-n",
	"-o", "ExitOnForwardFailure=yes", "-o", "StrictHostKeyChecking=yes", "-o", "UpdateHostKeys=no",
	"-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "ForkAfterAuthentication=no",
	"-o", "PermitLocalCommand=no", "-o", "Tunnel=no", "-o", "GatewayPorts=no",
	"-o", "StreamLocalBindMask=0177", "-o", "StreamLocalBindUnlink=no",
	"-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3",
	"-o", "LogLevel=INFO",
};

static void add(GPtrArray *argv, const char *word)
{
	g_ptr_array_add(argv, g_strdup(word));
}

static GPtrArray *command_of(const Tunnel *tunnel, const char *directory)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
	add(argv, SSH);
	if (tunnel->configuration != NULL) {
		add(argv, "-F");
		add(argv, tunnel->configuration);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(always); i++)
		add(argv, always[i]);
	add(argv, "-E");
	g_ptr_array_add(argv, g_build_filename(directory, "log", NULL));
	if (tunnel->port != NULL) {
		add(argv, "-p");
		add(argv, tunnel->port);
	}
	if (tunnel->user != NULL) {
		add(argv, "-l");
		add(argv, tunnel->user);
	}
	add(argv, "-L");
	g_ptr_array_add(argv, g_strdup_printf("%s/desk:%s", directory, tunnel->there));
	add(argv, "--");
	add(argv, tunnel->host);
	g_ptr_array_add(argv, NULL);
	return argv;
}

/* Between fork and exec: nothing but system calls. The parent may be gone before the kernel was told to watch it. */
static void die_with_parent(gpointer parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != *(const pid_t *)parent)
		_exit(1);
}

static gboolean start(Tunnel *tunnel, const char *directory, GError **error)
{
	pid_t self = getpid();
	g_autoptr(GPtrArray) argv = command_of(tunnel, directory);
	g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "LC_ALL", "C", TRUE); /* whose words complaints[] has */
	if (g_spawn_async(NULL, (char **)argv->pdata, environment, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
	                  die_with_parent, &self, &tunnel->ssh, NULL))
		return TRUE;
	tunnel->ssh = 0;
	return cli_fail(error, CLI_ERROR_FAILED, _("cannot start %s, which leads to the desk: install openssh-client"), SSH);
}

/* TRUE where ssh has ended, and is then reaped. */
static gboolean has_ended(Tunnel *tunnel)
{
	if (tunnel->ssh == 0)
		return TRUE;
	if (waitpid(tunnel->ssh, NULL, WNOHANG) == 0)
		return FALSE;
	tunnel->ssh = 0;
	return TRUE;
}

gboolean tunnel_has_ended_now(Tunnel *tunnel)
{
	return has_ended(tunnel);
}

gboolean tunnel_has_ended(Tunnel *tunnel)
{
	for (int i = 0; i < 25 && !has_ended(tunnel); i++)
		g_usleep(20000);
	return has_ended(tunnel);
}

static void stop(Tunnel *tunnel)
{
	for (int i = 0; !has_ended(tunnel); i++) {
		if (i == 0 || i == 100) /* two seconds to take leave */
			kill(tunnel->ssh, i == 0 ? SIGTERM : SIGKILL);
		g_usleep(i == 0 ? 1000 : 20000);
	}
	if (tunnel->socket >= 0)
		close(tunnel->socket);
	if (tunnel->log >= 0)
		close(tunnel->log);
	tunnel->socket = tunnel->log = -1;
	g_clear_pointer(&tunnel->path, g_free);
}

/* --- opening -------------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

/* ssh has bound its socket when it has signed in; it listens a moment later. */
static gboolean listens(int socket_file)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", socket_file);
	gboolean there = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
	if (fd >= 0)
		close(fd);
	return there;
}

static gboolean wait_for(Tunnel *tunnel, const char *directory, GError **error)
{
	g_autofree char *socket = g_build_filename(directory, "desk", NULL);
	g_autofree char *log = g_build_filename(directory, "log", NULL);
	gint64 deadline = g_get_monotonic_time() + SIGN_IN_SECONDS * G_USEC_PER_SEC;
	for (;;) {
		gboolean ended = has_ended(tunnel); /* looked at first: what it says is then whole */
		if (tunnel->log < 0)
			tunnel->log = open(log, O_RDONLY | O_CLOEXEC);
		if (tunnel->socket < 0)
			tunnel->socket = open(socket, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (!ended && tunnel->socket >= 0 && listens(tunnel->socket))
			return TRUE;
		if (interrupted)
			return cli_fail(error, CLI_ERROR_FAILED, _("interrupted while ssh signed in: start the command again"));
		if (ended || g_get_monotonic_time() > deadline)
			return tunnel_fail(tunnel, error);
		g_usleep(20000);
	}
}

static void remove_directory(const char *directory)
{
	static const char *const names[] = {"desk", "log"};
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(directory, names[i], NULL);
		unlink(path);
	}
	rmdir(directory);
}

/* In the memory-backed directory of her session where there is one; a socket's name has 107 octets at most. */
static char *make_directory(GError **error)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	const char *base = runtime != NULL && strlen(runtime) < 60 && access(runtime, W_OK) == 0 ? runtime : "/tmp";
	g_autofree char *directory = g_build_filename(base, "senim-XXXXXX", NULL);
	if (g_mkdtemp_full(directory, 0700) == NULL) {
		cli_fail(error, CLI_ERROR_FAILED, _("cannot make a directory in %s: %s"), base, g_strerror(errno));
		return NULL;
	}
	return g_steal_pointer(&directory);
}

static gboolean connect_it(Tunnel *tunnel, GError **error)
{
	struct sigaction catch = {.sa_handler = interrupt}, before[G_N_ELEMENTS(caught)];
	interrupted = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(caught); i++)
		sigaction(caught[i], &catch, &before[i]);
	g_autofree char *directory = make_directory(error);
	gboolean done = directory != NULL && start(tunnel, directory, error) && wait_for(tunnel, directory, error);
	if (directory != NULL)
		remove_directory(directory);
	if (done)
		tunnel->path = g_strdup_printf("/proc/self/fd/%d", tunnel->socket);
	else
		stop(tunnel);
	for (gsize i = 0; i < G_N_ELEMENTS(caught); i++)
		sigaction(caught[i], &before[i], NULL);
	return done;
}

Tunnel *tunnel_open(const char *where, const char *configuration, GError **error)
{
	g_autoptr(Tunnel) tunnel = g_new0(Tunnel, 1);
	tunnel->socket = tunnel->log = -1;
	tunnel->configuration = g_strdup(configuration);
	if (!read_place(tunnel, where)) {
		g_autofree char *shown = escape_text(where, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_USAGE,
		         _("“%s” is no place of a desk: write desk = ssh://name@host, with :port or /path/to/desk.sock where they differ"),
		         shown);
		return NULL;
	}
	return connect_it(tunnel, error) ? g_steal_pointer(&tunnel) : NULL;
}

void tunnel_free(Tunnel *tunnel)
{
	if (tunnel == NULL)
		return;
	stop(tunnel);
	g_free(tunnel->user);
	g_free(tunnel->host);
	g_free(tunnel->port);
	g_free(tunnel->there);
	g_free(tunnel->configuration);
	g_free(tunnel);
}

const char *tunnel_socket(const Tunnel *tunnel)
{
	return tunnel->path;
}

gboolean tunnel_renew(Tunnel *tunnel, GError **error)
{
	stop(tunnel);
	return connect_it(tunnel, error);
}
