/* SPDX-License-Identifier: ISC */
/* base/exits.h - exit codes of every program (DESIGN 6); senim-ingest uses those of sysexits(3) that pipe(8) reads. */
#ifndef SENIM_BASE_EXITS_H
#define SENIM_BASE_EXITS_H

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,  /* it was tried and did not work */
	EXIT_USAGE = 2,   /* wrong words or configuration: nothing was tried */
	EXIT_REFUSED = 3, /* not allowed, blocked, no ground */
};

#endif
