/* SPDX-License-Identifier: ISC */
/* tests/move-clock.so - preloaded, it moves the wall clock of a program as it is by MOVED_CLOCK seconds: how the tests see
 * nights, free days, keys that expire and accesses that end. Clocks that measure spans stay. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long moved(void)
{
	const char *by = getenv("MOVED_CLOCK");
	return by != NULL ? atol(by) : 0;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int done = (int)syscall(SYS_clock_gettime, id, now);
	if (done == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		now->tv_sec += moved();
	return done;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec exact;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &exact);
	now->tv_sec = exact.tv_sec;
	now->tv_usec = exact.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *out)
{
	struct timespec exact;
	clock_gettime(CLOCK_REALTIME, &exact);
	if (out != NULL)
		*out = exact.tv_sec;
	return exact.tv_sec;
}
