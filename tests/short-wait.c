/* SPDX-License-Identifier: ISC */
/* tests/short-wait.so - preloaded into senim, it makes minutes of poll(2) pass as tenths of a second: how the tests see what
 * comes after ten idle minutes, or after two without a word, in the program as it is. Waits below a minute stay. */
#include <poll.h>
#include <signal.h>
#include <time.h>

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	int shown = timeout >= 60000 ? timeout / 600 : timeout;
	struct timespec wait = {shown / 1000, shown % 1000 * 1000000L};
	return ppoll(fds, n, timeout < 0 ? NULL : &wait, NULL);
}

/* The same where poll() was compiled with _FORTIFY_SOURCE. */
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, __SIZE_TYPE__ size);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, __SIZE_TYPE__ size)
{
	(void)size;
	return poll(fds, n, timeout);
}
