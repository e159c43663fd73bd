/* SPDX-License-Identifier: ISC */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#define NICE 10
#define SLICE_SHORTEST (G_GUINT64_CONSTANT(100) * 1000) /* ns: what the kernel takes */
#define SLICE_LONGEST (G_GUINT64_CONSTANT(100) * 1000 * 1000)

void process_harden(void)
{
	struct rlimit none = {0, 0};
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
}

void process_warn_root(const char *program)
{
	if (geteuid() == 0)
		log_warning("%s runs as root; in service its unit gives it a user of its own", program);
}

guint64 process_raise_descriptors(guint64 wanted)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024;
	struct rlimit more = {limit.rlim_max, limit.rlim_max};
	if (geteuid() == 0 && limit.rlim_max < wanted)
		more.rlim_cur = more.rlim_max = wanted;
	if (setrlimit(RLIMIT_NOFILE, &more) == 0)
		limit = more;
	return limit.rlim_cur;
}

gboolean process_lock(const char *path, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
		            "%s cannot be opened: %s: its directory must be there, and whoever starts this must be able to write to it",
		            path, g_strerror(errno));
		return FALSE;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
		            "another process holds %s: stop it first, or use another directory", path);
		close(fd);
		return FALSE;
	}
	return TRUE; /* the descriptor, and with it the lock, lives as long as the process */
}

/* sched_setattr(2), which the C library does not have. Linux 6.12 and later give a thread that wakes its turn at once where
 * the running one has asked for longer slices; without that the running one may keep the processor to the clock's next
 * tick (4 ms). Before, `runtime` says nothing of an ordinary thread. */
void process_set_pace(ProcessPace pace)
{
	struct {
		guint32 size, policy;
		guint64 flags;
		gint32 nice;
		guint32 priority;
		guint64 runtime, deadline, period; /* ns */
	} attributes = {.size = sizeof attributes};
	static const struct {
		guint32 policy;
		guint64 slice;
	} paces[] = {
		[PROCESS_QUICK] = {SCHED_OTHER, SLICE_SHORTEST},
		[PROCESS_BATCH] = {SCHED_BATCH, 0}, /* 0: the kernel's own */
		[PROCESS_LAST] = {SCHED_OTHER, SLICE_LONGEST},
	};
	if (pace == PROCESS_LAST)
		setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	attributes.nice = getpriority(PRIO_PROCESS, (id_t)gettid());
	attributes.policy = paces[pace].policy;
	attributes.runtime = paces[pace].slice;
	syscall(SYS_sched_setattr, 0, &attributes, 0);
}
