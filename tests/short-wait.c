/* SPDX-License-Identifier: ISC */
/* tests/short-wait.so - preloaded into a program, it makes minutes of poll(2) and nanosleep(2) pass as tenths of a second, and the
 * monotonic clock with them (unless move-clock.so is preloaded before it): how the tests see what comes after ten idle minutes, or after two without a word, in the program as it is. Waits
 * below a minute stay. */
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TIMES 600
#define SECOND 1000000000LL

static _Atomic int64_t skipped; /* nanoseconds that did not pass */

static int64_t now(void)
{
	struct timespec t;
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (timeout < 60000) {
		struct timespec wait = {timeout / 1000, timeout % 1000 * 1000000L};
		return ppoll(fds, n, timeout < 0 ? NULL : &wait, NULL);
	}
	struct timespec wait = {timeout / TIMES / 1000, timeout / TIMES % 1000 * 1000000L};
	int64_t begun = now();
	int ready = ppoll(fds, n, &wait, NULL);
	skipped += (now() - begun) * (TIMES - 1);
	return ready;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	int64_t span = wanted->tv_sec * SECOND + wanted->tv_nsec, taken = span < 60 * SECOND ? span : span / TIMES;
	struct timespec wait = {taken / SECOND, taken % SECOND};
	long slept = syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &wait, left);
	if (slept == 0)
		skipped += span - taken;
	return (int)slept;
}

/* The same where poll() was compiled with _FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, __SIZE_TYPE__ size);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, __SIZE_TYPE__ size)
{
	(void)size;
	return poll(fds, n, timeout);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int failed = (int)syscall(SYS_clock_gettime, clock, t);
	if (failed == 0 && clock == CLOCK_MONOTONIC) {
		int64_t moved = t->tv_sec * SECOND + t->tv_nsec + skipped;
		t->tv_sec = moved / SECOND;
		t->tv_nsec = moved % SECOND;
	}
	return failed;
}
