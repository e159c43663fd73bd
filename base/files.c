/* SPDX-License-Identifier: ISC */
#include "base/files.h"

#include <string.h>

static void file_free(gpointer data)
{
	FilesFile *file = data;
	g_free(file->path);
	g_free(file->data);
	g_free(file);
}

static int by_path(gconstpointer a, gconstpointer b)
{
	const FilesFile *const *left = a, *const *right = b;
	return strcmp((*left)->path, (*right)->path);
}

GPtrArray *files_read(const char *directory, const char *suffix, gsize most, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_free);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, error);
	const char *name;
	gsize octets = 0;
	if (dir == NULL)
		return NULL;
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (*name == '.' || !g_str_has_suffix(name, suffix))
			continue;
		FilesFile *file = g_new0(FilesFile, 1);
		g_ptr_array_add(files, file);
		file->path = g_build_filename(directory, name, NULL);
		if (!g_file_get_contents(file->path, &file->data, &file->size, error))
			return NULL;
		octets += file->size;
		if (octets > most) {
			g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: its files are larger than %zu octets together", directory,
			            most);
			return NULL;
		}
	}
	if (files->len == 0) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: no file there ends in %s", directory, suffix);
		return NULL;
	}
	g_ptr_array_sort(files, by_path);
	return g_steal_pointer(&files);
}
