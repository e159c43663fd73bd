/* SPDX-License-Identifier: ISC */
/* parser/cage.h - what a process gives up before it reads a stranger's first octet (DESIGN 1).
 *
 * Two steps, since a nursery prepares once and cages many children:
 *   cage_prepare()  no_new_privs, the limits that children inherit, and the seccomp filter as a BPF program, built once;
 *   cage_enter()    in the process that will read: its CPU time, its descriptors, then the filter. From here on only
 *                   the calls on the list in cage.c are left. The family of open(2) is answered with EACCES, because
 *                   iconv_open() of a charset that was not opened before the fork tries it, and an odd charset label is
 *                   no reason to lose an examination; every other call kills the process.
 *
 * Limits:    CPU 10 s, address space 512 MiB (not in a sanitizer's build), stack 64 MiB, files of 0 octets, no core,
 *            no new descriptor. The stack's limit needs no execve(2): the kernel keeps at least 128 MiB free below the
 *            stack whatever the limit was at the start (mm/util.c, MIN_GAP), and looks at the limit when it grows.
 * Threads:   before the first thread. Ownership: the filter lives as long as the process.
 * Fails:     FALSE and *error (CAGE_ERROR): a promised cage that cannot be had stops the program. */
#ifndef SENIM_PARSER_CAGE_H
#define SENIM_PARSER_CAGE_H

#include <glib.h>

#define CAGE_CPU_SECONDS 10
#define CAGE_MEMORY (512ul << 20)
#define CAGE_STACK (64ul << 20)

typedef enum { CAGE_ERROR_FILTER, CAGE_ERROR_LIMIT } CageError;
#define CAGE_ERROR (cage_error_quark())
GQuark cage_error_quark(void);

typedef enum {
	CAGE_UNFILTERED = 1 << 0, /* `cage = off`: the limits stand, the seccomp filter is left out */
	CAGE_WRITES = 1 << 1,     /* standard output may be a file: its size is not limited */
} CageOptions;

gboolean cage_prepare(CageOptions options, GError **error);
gboolean cage_enter(GError **error);

#endif
