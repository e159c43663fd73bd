/* SPDX-License-Identifier: ISC */
#include "cli/output.h"

#include <malloc.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/pager.h"
#include "cli/write-file.h"

static void wiping_free(void *memory)
{
	if (memory != NULL)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void output_init(void)
{
	json_set_alloc_funcs(malloc, wiping_free);
}

json_t *output_string(const char *text, gsize size)
{
	if (g_utf8_validate(text, (gssize)size, NULL))
		return json_stringn(text, size);
	g_autoptr(WipeText) valid = g_utf8_make_valid(text, (gssize)size);
	return json_string(valid);
}

json_t *output_value(const char *text)
{
	return text == NULL || strcmp(text, "-") == 0 ? json_null() : output_string(text, strlen(text));
}

json_t *output_suggestion(const char *line)
{
	gsize what = strcspn(line, " "), source = line[what] != '\0' ? what + 1 : what;
	gsize value = source + strcspn(line + source, " ");
	const char *text = line[value] != '\0' ? line + value + 1 : "";
	return json_pack("{s:o, s:o, s:o}", "what", output_string(line, what), "source", output_string(line + source, value - source),
	                 "value", output_string(text, strlen(text)));
}

static int collect(const char *data, size_t size, void *user)
{
	WipeBuffer *out = user;
	for (gsize i = 0; i < size; i++)
		if (data[i] == 0x7f) /* the one control character that jansson lets through; it can stand in strings only */
			wipe_buffer_add_text(out, "\\u007f");
		else
			wipe_buffer_add(out, data + i, 1);
	return 0;
}

gboolean output_json(json_t *object, GError **error)
{
	json_t *whole = json_object();
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	json_object_set_new(whole, "schema", json_integer(1));
	json_object_update(whole, object);
	json_decref(object);
	json_dump_callback(whole, collect, out, JSON_ENSURE_ASCII | JSON_INDENT(2));
	json_decref(whole);
	wipe_buffer_add_text(out, "\n");
	return pager_write(wipe_buffer_data(out), wipe_buffer_size(out), error);
}

/* Lines that the text takes on a terminal of that width. */
static guint height_of(const char *text, guint width)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint height = 0;
	for (char **line = lines; *line != NULL; line++) {
		height += 1 + format_width(*line) / MAX(width, 1);
		explicit_bzero(*line, strlen(*line));
	}
	return height;
}

guint output_width(void)
{
	struct winsize window = {0};
	if (face() != NULL)
		return face()->width();
	return pager_on_terminal() && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 ? window.ws_col : 0;
}

gboolean output_said(const char *text, GError **error)
{
	g_autoptr(WipeBuffer) folded = wipe_buffer_new(strlen(text));
	format_fold(text, output_width(), 0, folded);
	return pager_write(wipe_buffer_data(folded), wipe_buffer_size(folded), error);
}

gboolean output_text(const WipeBuffer *text, GError **error)
{
	struct winsize window = {0};
	g_autoptr(WipeBuffer) folded = wipe_buffer_new(wipe_buffer_size(text) + 4096);
	format_fold(wipe_buffer_data(text), output_width(), 0, folded);
	const char *data = wipe_buffer_data(folded);
	if (pager_on_terminal() && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row > 0 &&
	    height_of(data, window.ws_col) <= window.ws_row)
		return pager_write(data, wipe_buffer_size(folded), error);
	return pager_show(data, wipe_buffer_size(folded), error);
}

gboolean output_octets(const char *file, const void *data, gsize size, GError **error)
{
	return file != NULL ? write_file_new(file, data, size, error) : pager_write(data, size, error);
}
