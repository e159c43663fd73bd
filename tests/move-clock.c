/* SPDX-License-Identifier: ISC */
/* tests/move-clock.so - preloaded, it moves the wall clock of a program as it is by MOVED_CLOCK seconds, or by as many as
 * the decimal number in the file MOVED_CLOCK_FILE says at that moment (32 octets, written over in place): how the tests see
 * nights, free days, keys that expire and accesses that end, and how pictures of the screen show one day. Clocks that
 * measure spans stay, but for that of the host's running time where MOVED_BOOT is set: so much time has passed then, and
 * nobody has set a clock. The file is mapped once: the caged child may open none. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define FILE_SIZE 32

static const char *moving; /* MOVED_CLOCK_FILE, or NULL */

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("MOVED_CLOCK_FILE");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = fd >= 0 ? mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (fd >= 0)
		close(fd);
	moving = map != MAP_FAILED ? map : NULL;
}

static long moved(void)
{
	const char *by = moving != NULL ? moving : getenv("MOVED_CLOCK");
	return by != NULL ? atol(by) : 0;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int done = (int)syscall(SYS_clock_gettime, id, now);
	if (done == 0 &&
	    (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || (id == CLOCK_BOOTTIME && getenv("MOVED_BOOT") != NULL)))
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
