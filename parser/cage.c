/* SPDX-License-Identifier: ISC */
#include "parser/cage.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK(senim-cage-error, cage_error)

static struct sock_fprog program; /* len 0: no filter */

static gboolean fail(GError **error, CageError code, const char *what, int number)
{
	g_set_error(error, CAGE_ERROR, code, "the cage cannot be had: %s: %s", what, g_strerror(number));
	return FALSE;
}

/* What reading, parsing and answering need, and nothing that names a file, an address or a process. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(restart_syscall), SCMP_SYS(futex), SCMP_SYS(sched_yield),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit), SCMP_SYS(exit_group),
#ifdef SENIM_SANITIZED
	SCMP_SYS(sigaltstack), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(prctl), SCMP_SYS(rt_sigaction),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(tgkill), SCMP_SYS(getrlimit), SCMP_SYS(prlimit64),
#endif
};

/* Refused, not fatal: the C library tries them for a charset, a time zone or a message catalogue, and does without. */
static const int refused[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
};

/* Negative numbers are calls that this architecture does not have: -1 and libseccomp's own pseudo numbers. */
static int add_rules(scmp_filter_ctx filter)
{
	int rc = 0;
	for (gsize i = 0; rc == 0 && i < G_N_ELEMENTS(allowed); i++)
		if (allowed[i] >= 0)
			rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (gsize i = 0; rc == 0 && i < G_N_ELEMENTS(refused); i++)
		if (refused[i] >= 0)
			rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return rc;
}

/* libseccomp writes the program to a descriptor; children then install it with one prctl() and no libseccomp at all. */
static gboolean take_program(scmp_filter_ctx filter, GError **error)
{
	struct stat status;
	int fd = memfd_create("cage", MFD_CLOEXEC);
	if (fd < 0)
		return fail(error, CAGE_ERROR_FILTER, "memfd_create", errno);
	int rc = seccomp_export_bpf(filter, fd);
	if (rc != 0 || fstat(fd, &status) != 0) {
		close(fd);
		return fail(error, CAGE_ERROR_FILTER, "exporting the filter", rc != 0 ? -rc : errno);
	}
	gsize size = (gsize)status.st_size;
	struct sock_filter *code = g_malloc(size);
	gssize n = pread(fd, code, size, 0);
	close(fd);
	if (n != (gssize)size || size % sizeof *code != 0) {
		g_free(code);
		return fail(error, CAGE_ERROR_FILTER, "reading the filter", EIO);
	}
	g_free(program.filter);
	program.filter = code;
	program.len = (unsigned short)(size / sizeof *code);
	return TRUE;
}

static gboolean build_filter(GError **error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return fail(error, CAGE_ERROR_FILTER, "seccomp_init", ENOMEM);
	/* As a tree: the kernel runs the program for every call there is when a child installs it. */
	int rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (rc == 0)
		rc = add_rules(filter);
	gboolean done = rc == 0 ? take_program(filter, error) : fail(error, CAGE_ERROR_FILTER, "adding a rule", -rc);
	seccomp_release(filter);
	return done;
}

/* Lowers a limit to `value`, or to what is left of it where somebody has lowered it further. */
static gboolean limit(int resource, rlim_t value, const char *name, GError **error)
{
	struct rlimit now;
	if (getrlimit((__rlimit_resource_t)resource, &now) != 0)
		return fail(error, CAGE_ERROR_LIMIT, name, errno);
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
		value = now.rlim_max;
	struct rlimit lower = {value, value};
	return setrlimit((__rlimit_resource_t)resource, &lower) == 0 || fail(error, CAGE_ERROR_LIMIT, name, errno);
}

gboolean cage_prepare(CageOptions options, GError **error)
{
	if ((options & CAGE_UNFILTERED) == 0 && !build_filter(error))
		return FALSE;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(error, CAGE_ERROR_LIMIT, "no_new_privs", errno);
	if (!limit(RLIMIT_CORE, 0, "RLIMIT_CORE", error) || !limit(RLIMIT_STACK, CAGE_STACK, "RLIMIT_STACK", error))
		return FALSE;
	if ((options & CAGE_WRITES) == 0 && !limit(RLIMIT_FSIZE, 0, "RLIMIT_FSIZE", error))
		return FALSE;
#ifdef SENIM_SANITIZED
	return TRUE; /* ASan reserves terabytes of address space */
#else
	return limit(RLIMIT_AS, CAGE_MEMORY, "RLIMIT_AS", error);
#endif
}

gboolean cage_enter(GError **error)
{
	/* poll(2) asks for a limit of at least as many descriptors as it is given: one. */
	if (!limit(RLIMIT_CPU, CAGE_CPU_SECONDS, "RLIMIT_CPU", error) || !limit(RLIMIT_NOFILE, 1, "RLIMIT_NOFILE", error))
		return FALSE;
	if (program.len > 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
		return fail(error, CAGE_ERROR_FILTER, "installing the filter", errno);
	return TRUE;
}
