/* SPDX-License-Identifier: ISC */
#include "cli/player.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/memory-room.h"
#include "cli/viewer.h"
#include "store/json.h"

#define IPC_FD 3
#define SOUND_FD 4
#define START_SECONDS 5
#define LINE_MAX_OCTETS (64 * 1024) /* of one answer */

/* The forms that are played, by the name that libavformat has for each: none that could name another file. */
static const struct {
	const char *type, *format;
} forms[] = {
	{"audio/wav", "wav"}, {"audio/mpeg", "mp3"}, {"audio/ogg", "ogg"}, {"audio/amr", "amr"},   {"audio/mp4", "mov"},
	{"video/mp4", "mov"}, {"audio/flac", "flac"}, {"audio/basic", "au"}, {"video/webm", "matroska"},
};

/* No file, no script, no picture, no key and no letter on the terminal: the recording and the socket are all it has. */
static const char *const told[] = {
	"--no-config", "--no-terminal", "--load-scripts=no", "--ytdl=no", "--input-default-bindings=no", "--vid=no", "--sid=no",
	"--audio-display=no", "--pause", "--keep-open=yes", "--demuxer=lavf", "--input-ipc-client=fd://3",
};

struct Player {
	pid_t pid;
	int ipc;
	guint8 *sound; /* mapped */
	gsize size;
	gboolean locked, cut_off, ended;
	GString *line; /* an answer that has not come whole */
	PlayerState state;
};

/* What is asked, and what its answer is for: the request's number is its place. */
enum { ASK_POSITION = 1, ASK_LENGTH, ASK_PAUSED, ASK_END };
static const char *const asked[] = {
	[ASK_POSITION] = "time-pos", [ASK_LENGTH] = "duration", [ASK_PAUSED] = "pause", [ASK_END] = "eof-reached"};

static const char *format_of(const char *type)
{
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
		if (strcmp(forms[i].type, type) == 0)
			return forms[i].format;
	return NULL;
}

gboolean player_knows(const char *type)
{
	return format_of(type) != NULL;
}

gboolean player_swappable(const Player *player)
{
	return !player->locked && memory_room_machine_swaps();
}

gboolean player_is_cut_off(const Player *player)
{
	return player->cut_off;
}

/* --- the recording ---------------------------------------------------------------------------------------------------- */

/* A descriptor of it for the program; its pages stay mapped here, to be wiped. */
static int hold(Player *player, const void *octets, gsize size)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);
	if (fd < 0 || size == 0 || ftruncate(fd, (off_t)size) != 0)
		return fd;
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return fd;
	player->sound = map;
	player->size = size;
	player->locked = mlock(map, size) == 0;
	memcpy(map, octets, size);
	return fd;
}

/* --- the program ------------------------------------------------------------------------------------------------------ */

static GPtrArray *arguments(const char *command, const char *format, gboolean cut_off)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) words = NULL;
	if (!g_shell_parse_argv(command, NULL, &words, NULL))
		return NULL;
	if (cut_off)
		viewer_add_cut_off(argv);
	for (char **word = words; *word != NULL; word++)
		g_ptr_array_add(argv, g_strdup(*word));
	for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
		g_ptr_array_add(argv, g_strdup(told[i]));
	g_ptr_array_add(argv, g_strdup_printf("--demuxer-lavf-format=%s", format));
	g_ptr_array_add(argv, g_strdup("fd://4"));
	g_ptr_array_add(argv, NULL);
	return g_steal_pointer(&argv);
}

/* What a sound server is found by, and nothing of hers. */
static GStrv surroundings(void)
{
	static const char *const kept[] = {"PATH", "XDG_RUNTIME_DIR", "PULSE_SERVER", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"};
	GStrv environment = g_environ_setenv(NULL, "HOME", "/nonexistent", TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_getenv(kept[i]) != NULL)
			environment = g_environ_setenv(environment, kept[i], g_getenv(kept[i]), TRUE);
	return environment;
}

/* In the child: never returns. Nothing here but what may be called behind a fork. */
static void become(char **argv, char **environment, pid_t senim, int ipc, int sound, int nothing)
{
	sigset_t none;
	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(nothing, fd);
	/* both lie above the two places by now */
	if (getppid() != senim || dup2(ipc, IPC_FD) < 0 || dup2(sound, SOUND_FD) < 0)
		_exit(127);
	close_range(SOUND_FD + 1, ~0u, 0);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_IGN); /* ^C is hers who types */
	execvpe(argv[0], argv, environment);
	_exit(127);
}

/* A copy of the descriptor above those that the program gets; -1 where there is none. */
static int above(int fd)
{
	int copy = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, SOUND_FD + 1) : -1;
	if (fd >= 0)
		close(fd);
	return copy;
}

static gboolean run(Player *player, char **argv, int sound)
{
	int pair[2] = {-1, -1};
	g_auto(GStrv) environment = surroundings();
	pid_t senim = getpid();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return FALSE;
	player->ipc = pair[0];
	int theirs = above(pair[1]), nothing = above(open("/dev/null", O_RDWR | O_CLOEXEC));
	player->pid = theirs >= 0 && sound >= 0 && nothing >= 0 ? fork() : -1;
	if (player->pid == 0)
		become(argv, environment, senim, theirs, sound, nothing);
	if (theirs >= 0)
		close(theirs);
	if (nothing >= 0)
		close(nothing);
	return player->pid > 0;
}

void player_free(Player *player)
{
	if (player == NULL)
		return;
	if (player->ipc >= 0)
		close(player->ipc);
	if (player->pid > 0) {
		kill(player->pid, SIGKILL); /* there is nothing that it has to put away */
		while (waitpid(player->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (player->sound != NULL) {
		explicit_bzero(player->sound, player->size);
		munmap(player->sound, player->size);
	}
	g_string_free(player->line, TRUE);
	g_free(player);
}

/* --- its socket: a JSON object a line, each way ------------------------------------------------------------------------ */

/* What cannot be said is lost: the program has ended, or does not listen. */
static void say(Player *player, json_t *command, int number)
{
	g_autoptr(json_t) object = json_pack("{s:o, s:i}", "command", command, "request_id", number);
	char *text = json_dumps(object, JSON_COMPACT);
	g_autofree char *line = g_strconcat(text, "\n", NULL);
	free(text);
	if (!player->ended && send(player->ipc, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT) != (gssize)strlen(line))
		player->ended = errno == EPIPE || errno == ECONNRESET;
}

static void ask(Player *player, guint first)
{
	for (guint i = first; i < G_N_ELEMENTS(asked); i++)
		say(player, json_pack("[s, s]", "get_property", asked[i]), (int)i);
}

static void set_paused(Player *player, gboolean paused)
{
	say(player, json_pack("[s, s, b]", "set_property", "pause", paused), 0);
	player->state.paused = paused;
}

/* A number of seconds that may be shown, or -1. */
static double seconds_of(const json_t *value)
{
	double seconds = json_is_number(value) ? json_number_value(value) : -1;
	return isfinite(seconds) && seconds >= 0 && seconds < 1e6 ? seconds : -1;
}

static void take_line(Player *player, const char *line)
{
	g_autoptr(json_t) object = json_loads(line, 0, NULL);
	const json_t *data = json_object_get(object, "data");
	if (data == NULL || json_object_get(object, "event") != NULL)
		return;
	switch (json_integer_value(json_object_get(object, "request_id"))) {
	case ASK_POSITION: player->state.position = seconds_of(data); break;
	case ASK_LENGTH: player->state.length = seconds_of(data); break;
	case ASK_PAUSED: player->state.paused = json_is_true(data); break;
	case ASK_END: player->state.paused = player->state.paused || json_is_true(data); break;
	default: break;
	}
}

/* Everything that has come. */
static void hear(Player *player)
{
	char octets[4096];
	gssize n;
	while ((n = recv(player->ipc, octets, sizeof octets, MSG_DONTWAIT)) > 0) {
		for (gssize i = 0; i < n; i++) {
			if (octets[i] != '\n') {
				g_string_append_c(player->line, octets[i]);
				continue;
			}
			take_line(player, player->line->str);
			g_string_truncate(player->line, 0);
		}
		if (player->line->len > LINE_MAX_OCTETS)
			n = 0;
		if (n == 0)
			break;
	}
	player->ended = player->ended || n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

PlayerState player_look(Player *player)
{
	hear(player);
	if (!player->ended)
		ask(player, ASK_POSITION);
	player->state.over = player->ended;
	return player->state;
}

void player_skip(Player *player, double seconds)
{
	say(player, json_pack("[s, f, s]", "seek", seconds, "relative+exact"), 0);
}

void player_toggle(Player *player)
{
	const PlayerState *state = &player->state;
	if (state->paused && state->length >= 0 && state->position >= state->length - 0.1)
		say(player, json_pack("[s, f, s]", "seek", 0.0, "absolute"), 0);
	set_paused(player, !state->paused);
}

/* Until it knows how long the recording is: then it can play it. */
static gboolean wait_for_it(Player *player)
{
	gint64 end = g_get_monotonic_time() + START_SECONDS * G_USEC_PER_SEC;
	while (!player->ended && player->state.length < 0 && g_get_monotonic_time() < end) {
		struct pollfd ready = {player->ipc, POLLIN, 0};
		ask(player, ASK_LENGTH);
		poll(&ready, 1, 50);
		hear(player);
		if (player->state.length < 0)
			g_usleep(20000);
	}
	return player->state.length >= 0;
}

Player *player_start(const char *command, const char *type, const void *octets, gsize size, GError **error)
{
	g_autoptr(Player) player = g_new0(Player, 1);
	gboolean cut_off = viewer_may_cut_off();
	const char *format = format_of(type);
	player->ipc = -1;
	player->line = g_string_new(NULL);
	player->state = (PlayerState){-1, -1, TRUE, FALSE};
	player->cut_off = cut_off;
	if (format == NULL) {
		cli_fail(error, CLI_ERROR_FAILED, _("%s is no recording that can be played here: export it with attachment CASE PART --output FILE"), type);
		return NULL;
	}
	g_autoptr(GPtrArray) argv = arguments(command, format, cut_off);
	int sound = argv != NULL ? above(hold(player, octets, size)) : -1;
	gboolean runs = argv != NULL && player->sound != NULL && run(player, (char **)argv->pdata, sound);
	if (sound >= 0)
		close(sound);
	if (runs && wait_for_it(player))
		return g_steal_pointer(&player);
	cli_fail(error, CLI_ERROR_FAILED,
	         _("the player “%s” does not play this recording: install mpv, or name another program that speaks its JSON IPC as player = PROGRAM in officer.conf"),
	         command);
	return NULL;
}
