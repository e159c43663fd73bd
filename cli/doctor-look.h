/* SPDX-License-Identifier: ISC */
/* cli/doctor-look.h - how doctor looks without touching, and never for longer than it says: files below doctor->root,
 * programs, sockets, and sockets with another user's eyes.
 *
 * Programs:  started without a shell, with a plain environment, from the system's own directories; killed with all that
 *            they started when their time is over. What they say beyond 1 MiB is dropped.
 * Eyes:      root may do everything, so what root can reach says nothing of what Postfix can. doctor_look_as() asks in a
 *            child that has become that user: with exactly these groups, in that root directory.
 * Ownership: results (transfer full). Threads: one. Fails: FALSE or NULL, and why in the result. */
#ifndef SENIM_CLI_DOCTOR_LOOK_H
#define SENIM_CLI_DOCTOR_LOOK_H

#include "cli/doctor.h"

#define DOCTOR_LOOK_SECONDS 5

/* path below doctor->root (transfer full). */
char *doctor_look_path(const Doctor *doctor, const char *path);
/* A small file, or NULL. */
char *doctor_look_text(const Doctor *doctor, const char *path);
/* A field of a file of lines "NAME: VALUE" or "NAME VALUE", such as /proc/PID/status (transfer full), or NULL. */
char *doctor_look_field(const char *text, const char *name);

/* --- programs ------------------------------------------------------------------------------------------------------- */

typedef struct {
	gboolean ended; /* FALSE: it could not be started, or its time was over */
	int status;     /* its exit status; -1 where it was killed */
	char *out, *err;
} DoctorRun;
void doctor_look_run_clear(DoctorRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DoctorRun, doctor_look_run_clear)
/* TRUE: it ended with status 0. */
gboolean doctor_look_run(const char *const *argv, guint seconds, DoctorRun *run);
/* TRUE where a program of that name lies in the system's own directories. */
gboolean doctor_look_has(const char *program);
/* Nobody but root and us could have written this file, nor put another in its place. */
gboolean doctor_look_is_trusted(const char *path);

/* --- sockets -------------------------------------------------------------------------------------------------------- */

/* Who listens on a Unix socket. */
gboolean doctor_look_peer(const char *path, DoctorPeer *peer);

typedef struct {
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	guint n_groups;
	const char *chroot; /* or NULL */
} DoctorEyes;
/* Those of a process: its user and groups, from /proc/PID/status. */
gboolean doctor_look_eyes_of(const Doctor *doctor, pid_t pid, DoctorEyes *eyes);
/* TRUE where an errno says no more than that this user may not look; root may. */
gboolean doctor_look_is_hidden(int why);
/* Connects to the Unix socket, by the path that these eyes see; with milter, it also has to answer as a milter does. eyes
 * NULL, or where we are not root: our own. 0: it works; else errno. */
int doctor_look_as(const DoctorEyes *eyes, const char *path, gboolean milter);

/* --- file systems ----------------------------------------------------------------------------------------------------- */

typedef struct {
	char *point, *type, *options; /* options: of the mount and of the file system, between commas */
} DoctorMount;
void doctor_look_mount_clear(DoctorMount *mount);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DoctorMount, doctor_look_mount_clear)
/* The file system on which a path lies, by mountinfo. */
gboolean doctor_look_mount(const Doctor *doctor, const char *path, DoctorMount *mount);
/* In memory alone: tmpfs or ramfs. */
gboolean doctor_look_is_memory(const DoctorMount *mount);

#endif
