/* SPDX-License-Identifier: ISC */
#include "cli/doctor-look.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>


#define SAID_MOST (1u << 20)
#define PROGRAMS "/usr/sbin:/usr/bin:/sbin:/bin"

/* --- files ---------------------------------------------------------------------------------------------------------- */

char *doctor_look_path(const Doctor *doctor, const char *path)
{
	return g_strconcat(doctor->root, path, NULL);
}

char *doctor_look_text(const Doctor *doctor, const char *path)
{
	g_autofree char *whole = doctor_look_path(doctor, path);
	char *text = NULL;
	return g_file_get_contents(whole, &text, NULL, NULL) ? text : NULL;
}

char *doctor_look_field(const char *text, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
	gsize size = strlen(name);
	for (char **line = lines; *line != NULL; line++)
		if (g_str_has_prefix(*line, name) && strchr(": \t", (*line)[size]) != NULL && (*line)[size] != '\0')
			return g_strstrip(g_strdup(*line + size + strspn(*line + size, ": \t")));
	return NULL;
}

/* --- programs ------------------------------------------------------------------------------------------------------- */

void doctor_look_run_clear(DoctorRun *run)
{
	g_clear_pointer(&run->out, g_free);
	g_clear_pointer(&run->err, g_free);
}

/* Between fork and exec: a group of its own, so that it can be ended with all that it started; and its end is ours. */
static void begin(gpointer user G_GNUC_UNUSED)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Reads what there is. FALSE at its end. */
static gboolean drain(int fd, GString *said)
{
	char piece[4096];
	gssize n = read(fd, piece, sizeof piece);
	if (n > 0 && said->len < SAID_MOST)
		g_string_append_len(said, piece, n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* FALSE: the time was over. */
static gboolean listen_to(int out, int err, gint64 end, GString *said[2])
{
	struct pollfd ends[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
	while (ends[0].fd >= 0 || ends[1].fd >= 0) {
		gint64 left = (end - g_get_monotonic_time()) / 1000;
		if (left <= 0)
			return FALSE;
		if (poll(ends, 2, (int)left) < 0 && errno != EINTR)
			return FALSE;
		for (guint i = 0; i < 2; i++)
			if (ends[i].fd >= 0 && ends[i].revents != 0 && !drain(ends[i].fd, said[i]))
				ends[i].fd = -1;
	}
	return TRUE;
}

/* Its output is at its end; it itself may still be there. */
static gboolean reap(pid_t pid, gint64 end, int *status)
{
	while (waitpid(pid, status, WNOHANG) == 0) {
		if (g_get_monotonic_time() > end)
			return FALSE;
		g_usleep(2000);
	}
	return TRUE;
}

gboolean doctor_look_run(const char *const *argv, guint seconds, DoctorRun *run)
{
	static char *const environment[] = {(char *)"PATH=" PROGRAMS, (char *)"LC_ALL=C", (char *)"HOME=/", NULL};
	GPid pid;
	int out, err, status = 0;
	GString *said[2] = {g_string_new(NULL), g_string_new(NULL)};
	gint64 end = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
	*run = (DoctorRun){.status = -1};
	if (g_spawn_async_with_pipes("/", (char **)argv, (char **)environment, G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_DO_NOT_REAP_CHILD, begin,
	                             NULL, &pid, NULL, &out, &err, NULL)) {
		run->ended = listen_to(out, err, end, said) && reap(pid, end, &status);
		if (!run->ended) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
		}
		close(out);
		close(err);
	}
	if (run->ended && WIFEXITED(status))
		run->status = WEXITSTATUS(status);
	run->out = g_string_free(said[0], FALSE);
	run->err = g_string_free(said[1], FALSE);
	return run->status == 0;
}

gboolean doctor_look_has(const char *program)
{
	g_auto(GStrv) places = g_strsplit(PROGRAMS, ":", -1);
	for (char **place = places; *place != NULL; place++) {
		g_autofree char *path = g_build_filename(*place, program, NULL);
		if (access(path, X_OK) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean doctor_look_is_trusted(const char *path)
{
	g_autofree char *place = realpath(path, NULL);
	while (place != NULL) {
		struct stat st;
		if (stat(place, &st) != 0 || (st.st_uid != 0 && st.st_uid != geteuid()) ||
		    ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0))
			return FALSE;
		if (strcmp(place, "/") == 0)
			return TRUE;
		char *above = g_path_get_dirname(place);
		g_free(place);
		place = above;
	}
	return FALSE;
}

/* --- sockets -------------------------------------------------------------------------------------------------------- */

/* A connected socket, or -1 and errno. A Unix socket whose queue is full makes nobody wait: EAGAIN. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = DOCTOR_LOOK_SECONDS};
	if (strlen(path) >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

gboolean doctor_look_is_hidden(int why)
{
	return why == EACCES && geteuid() != 0;
}

gboolean doctor_look_peer(const char *path, DoctorPeer *peer)
{
	struct ucred who;
	socklen_t size = sizeof who;
	int fd = connect_to(path);
	peer->answers = fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
	if (peer->answers) {
		peer->pid = who.pid;
		peer->uid = who.uid;
	} else {
		peer->hidden = doctor_look_is_hidden(errno);
		peer->why = g_strdup(g_strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return peer->answers;
}

gboolean doctor_look_eyes_of(const Doctor *doctor, pid_t pid, DoctorEyes *eyes)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid), *text = doctor_look_text(doctor, path);
	g_autofree char *uid = doctor_look_field(text, "Uid"), *gid = doctor_look_field(text, "Gid");
	g_autofree char *groups = doctor_look_field(text, "Groups");
	*eyes = (DoctorEyes){0};
	if (uid == NULL || gid == NULL || groups == NULL)
		return FALSE;
	eyes->uid = (uid_t)g_ascii_strtoull(uid, NULL, 10);
	eyes->gid = (gid_t)g_ascii_strtoull(gid, NULL, 10);
	g_auto(GStrv) words = g_strsplit_set(groups, " \t", -1);
	for (char **word = words; *word != NULL && eyes->n_groups < G_N_ELEMENTS(eyes->groups); word++)
		if (**word != '\0')
			eyes->groups[eyes->n_groups++] = (gid_t)g_ascii_strtoull(*word, NULL, 10);
	return TRUE;
}

/* SMFIC_OPTNEG, and the same word back (libmilter, mfdef.h): u32 length, 'O', version, actions, steps. 0 or errno. */
static int greet_milter(int fd)
{
	static const guint8 hello[] = {0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 1, 0xff, 0, 0x1f, 0xff, 0xff};
	static const guint8 quit[] = {0, 0, 0, 1, 'Q'};
	guint8 answer[5];
	errno = 0;
	if (send(fd, hello, sizeof hello, MSG_NOSIGNAL) != sizeof hello ||
	    recv(fd, answer, sizeof answer, MSG_WAITALL) != sizeof answer)
		return errno != 0 && errno != EAGAIN ? errno : ETIMEDOUT;
	(void)send(fd, quit, sizeof quit, MSG_NOSIGNAL);
	return answer[4] == 'O' ? 0 : EPROTO;
}

static int look(const char *path, gboolean milter)
{
	int fd = connect_to(path);
	if (fd < 0)
		return errno;
	int result = milter ? greet_milter(fd) : 0;
	close(fd);
	return result;
}

/* In the child: becomes that user for good. */
static gboolean become(const DoctorEyes *eyes)
{
	return (eyes->chroot == NULL || (chroot(eyes->chroot) == 0 && chdir("/") == 0)) &&
	       setgroups(eyes->n_groups, eyes->groups) == 0 && setresgid(eyes->gid, eyes->gid, eyes->gid) == 0 &&
	       setresuid(eyes->uid, eyes->uid, eyes->uid) == 0;
}

/* The child's answer is its exit status: errno's numbers fit. */
static int look_in_child(const DoctorEyes *eyes, const char *path, gboolean milter)
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		alarm(3 * DOCTOR_LOOK_SECONDS);
		_exit(become(eyes) ? look(path, milter) : EPERM);
	}
	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ETIMEDOUT;
}

int doctor_look_as(const DoctorEyes *eyes, const char *path, gboolean milter)
{
	if (eyes != NULL && geteuid() == 0)
		return look_in_child(eyes, path, milter);
	g_autofree char *whole = g_strconcat(eyes != NULL && eyes->chroot != NULL ? eyes->chroot : "", path, NULL);
	return look(whole, milter);
}

/* --- file systems ----------------------------------------------------------------------------------------------------- */

void doctor_look_mount_clear(DoctorMount *mount)
{
	g_clear_pointer(&mount->point, g_free);
	g_clear_pointer(&mount->type, g_free);
	g_clear_pointer(&mount->options, g_free);
}

static gboolean lies_below(const char *path, const char *point)
{
	gsize size = strlen(point);
	return strcmp(point, "/") == 0 || (g_str_has_prefix(path, point) && (path[size] == '/' || path[size] == '\0'));
}

/* proc_pid_mountinfo(5): "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE OPTIONS". A later line lies over an
 * earlier one. */
gboolean doctor_look_mount(const Doctor *doctor, const char *path, DoctorMount *mount)
{
	g_autofree char *text = doctor_look_text(doctor, "/proc/self/mountinfo"), *real = realpath(path, NULL);
	g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
	*mount = (DoctorMount){0};
	for (char **line = lines; *line != NULL; line++) {
		g_auto(GStrv) words = g_strsplit(*line, " ", 7);
		const char *rest = strstr(*line, " - ");
		if (g_strv_length(words) < 6 || rest == NULL)
			continue;
		g_auto(GStrv) system = g_strsplit(rest + 3, " ", 3);
		g_autofree char *point = g_strcompress(words[4]); /* a blank is \040 */
		if (g_strv_length(system) < 3 || !lies_below(real != NULL ? real : path, point) ||
		    (mount->point != NULL && strlen(point) < strlen(mount->point)))
			continue;
		doctor_look_mount_clear(mount);
		mount->point = g_steal_pointer(&point);
		mount->type = g_strdup(system[0]);
		mount->options = g_strconcat(",", words[5], ",", system[2], ",", NULL);
	}
	return mount->point != NULL;
}

gboolean doctor_look_is_memory(const DoctorMount *mount)
{
	return g_strcmp0(mount->type, "tmpfs") == 0 || g_strcmp0(mount->type, "ramfs") == 0;
}
