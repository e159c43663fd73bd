/* SPDX-License-Identifier: ISC */
#include "store/add-checkpoint.h"

#include <string.h>

#include "store/base64.h"
#include "store/merkle.h"

#define OLD "old "
#define SIGNATURE_START "\xe2\x80\x94 "

void add_checkpoint_clear(AddCheckpoint *request)
{
	g_clear_pointer(&request->proof, g_bytes_unref);
	g_free(request->note);
	g_free(request->origin);
	memset(request, 0, sizeof *request);
}

char *add_checkpoint_write(guint64 old, GBytes *proof, const char *note)
{
	gsize size = 0;
	const guint8 *data = proof != NULL ? g_bytes_get_data(proof, &size) : NULL;
	GString *out = g_string_new(NULL);
	g_string_append_printf(out, OLD "%" G_GUINT64_FORMAT "\n", old);
	for (gsize i = 0; i < size; i += MERKLE_HASH) {
		g_autofree char *hash = g_base64_encode(data + i, MERKLE_HASH);
		g_string_append_printf(out, "%s\n", hash);
	}
	g_string_append_c(out, '\n');
	g_string_append(out, note);
	return g_string_free(out, FALSE);
}

static gboolean fail(GError **error, const char *what)
{
	g_set_error(error, NOTE_ERROR, NOTE_ERROR_FORM, "no request of a log to a witness (add-checkpoint): %s", what);
	return FALSE;
}

static gboolean read_old(const char *line, guint64 *old)
{
	const char *digits = line + strlen(OLD);
	return g_str_has_prefix(line, OLD) && g_ascii_isdigit(*digits) && (*digits != '0' || digits[1] == '\0') &&
	       strspn(digits, "0123456789") == strlen(digits) && g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64, old, NULL);
}

/* A line as it was sent: without the CR of a mail, and without one mark of a quotation. */
static void restore_line(char *line)
{
	g_strchomp(line);
	if (g_str_has_prefix(line, "> "))
		memmove(line, line + 2, strlen(line + 2) + 1);
	else if (strcmp(line, ">") == 0)
		*line = '\0';
}

static char **read_proof(char **line, GByteArray *proof)
{
	for (guint i = 0; *line != NULL && **line != '\0'; line++, i++) {
		guint8 hash[MERKLE_HASH];
		if (i >= ADD_CHECKPOINT_HASHES || !base64_read_exactly(*line, strlen(*line), TRUE, hash, sizeof hash))
			return NULL;
		g_byte_array_append(proof, hash, sizeof hash);
	}
	return *line != NULL ? line + 1 : NULL;
}

/* Text, empty line, and the signature lines that follow at once. */
static char *read_note(char **line)
{
	GString *note = g_string_new(NULL);
	for (; *line != NULL && **line != '\0'; line++)
		g_string_append_printf(note, "%s\n", *line);
	g_string_append_c(note, '\n');
	for (line += *line != NULL; *line != NULL && g_str_has_prefix(*line, SIGNATURE_START); line++)
		g_string_append_printf(note, "%s\n", *line);
	return g_string_free(note, FALSE);
}

gboolean add_checkpoint_read(const char *text, gsize size, AddCheckpoint *request, GError **error)
{
	if (size > ADD_CHECKPOINT_MAX || strnlen(text, size) != size || !g_utf8_validate(text, (gssize)size, NULL))
		return fail(error, "it is too large, or no text");
	g_autofree char *copy = g_strndup(text, size);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
	g_autoptr(GByteArray) proof = g_byte_array_new();
	g_auto(AddCheckpoint) read = {0};
	char **line = lines;
	for (char **at = lines; *at != NULL; at++)
		restore_line(*at);
	while (*line != NULL && !read_old(*line, &read.old))
		line++;
	if (*line == NULL)
		return fail(error, "it has no line \"old SIZE\"");
	line = read_proof(line + 1, proof);
	if (line == NULL)
		return fail(error, "behind the line \"old SIZE\" stand no hashes of 32 octets and an empty line");
	read.note = read_note(line);
	if (!note_checkpoint_parse(read.note, NULL, &read.size, read.root, error))
		return FALSE;
	read.origin = g_strndup(read.note, (gsize)(strchr(read.note, '\n') - read.note));
	read.proof = g_bytes_new(proof->data, proof->len);
	*request = read;
	memset(&read, 0, sizeof read);
	return TRUE;
}
