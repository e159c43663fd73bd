/* SPDX-License-Identifier: ISC */
/* store/private-file.h - small files that hold a key, or go with one: written once and whole, read only where nobody
 * else could.
 *
 * Promise:   private_file_write() leaves the whole file, synced, under its name with exactly this mode, or nothing; it
 *            never replaces a file; private_file_replace() does, in one step: at any moment the old file or the new one
 *            stands there, whole. private_file_read() takes a regular file that belongs to us or root and that
 *            neither group nor others may touch.
 * Threads:   any.
 * Fails:     FALSE or NULL and *error (G_FILE_ERROR), the message names the file and says what to do. */
#ifndef SENIM_STORE_PRIVATE_FILE_H
#define SENIM_STORE_PRIVATE_FILE_H

#include <glib.h>

/* FALSE and *error where the file lies on a disk of another host: whoever runs that, or listens on the way, has it. What
 * cannot be told is let through. */
gboolean private_file_check_local(const char *path, GError **error);
/* TRUE for a file system of another host: statfs(2)'s f_type, and mountinfo's type of that device or NULL (all that FUSE
 * carries has one f_type). */
gboolean private_file_is_remote(guint64 type, const char *mount_type);

gboolean private_file_write(const char *path, const void *data, gsize size, guint mode, GError **error);
gboolean private_file_replace(const char *path, const void *data, gsize size, guint mode, GError **error);
/* Writes zeroes over the file before its name goes; a disk or file system that writes elsewhere keeps the old octets all
 * the same. */
gboolean private_file_remove(const char *path, GError **error);
/* The octets wipe themselves; more than max is an error. checked FALSE: owner and mode are somebody else's promise. */
GBytes *private_file_read(const char *path, gsize max, gboolean checked, GError **error);

#endif
