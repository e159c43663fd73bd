/* SPDX-License-Identifier: ISC */
#include "base/bundle.h"

#include <string.h>

typedef struct {
	char *name;
	GBytes *octets;
} Part;

struct Bundle {
	Record *record;
	GArray *parts;
};

static void part_clear(gpointer data)
{
	Part *part = data;
	g_free(part->name);
	g_bytes_unref(part->octets);
}

Bundle *bundle_new(void)
{
	Bundle *bundle = g_new0(Bundle, 1);
	bundle->record = record_new();
	bundle->parts = g_array_new(FALSE, FALSE, sizeof(Part));
	g_array_set_clear_func(bundle->parts, part_clear);
	return bundle;
}

void bundle_free(Bundle *bundle)
{
	if (bundle == NULL)
		return;
	record_free(bundle->record);
	g_array_unref(bundle->parts);
	g_free(bundle);
}

typedef struct {
	gsize size;
	guint8 octets[];
} Secret;

static void secret_free(gpointer data)
{
	Secret *secret = data;
	explicit_bzero(secret->octets, secret->size);
	g_free(secret);
}

static Secret *secret_new(gsize size)
{
	Secret *secret = g_malloc(sizeof(Secret) + size);
	secret->size = size;
	return secret;
}

GBytes *bundle_secret_bytes(const void *data, gsize size)
{
	Secret *secret = secret_new(size);
	if (size > 0)
		memcpy(secret->octets, data, size);
	return g_bytes_new_with_free_func(secret->octets, size, secret_free, secret);
}

Record *bundle_record(const Bundle *bundle)
{
	return bundle->record;
}

void bundle_add(Bundle *bundle, const char *name, GBytes *octets)
{
	Part part = {g_strdup(name), g_bytes_ref(octets)};
	g_array_append_val(bundle->parts, part);
}

void bundle_add_copy(Bundle *bundle, const char *name, const void *data, gsize size)
{
	g_autoptr(GBytes) copy = bundle_secret_bytes(data, size);
	bundle_add(bundle, name, copy);
}

void bundle_add_record(Bundle *bundle, const char *name, const Record *record)
{
	gsize size;
	g_autofree char *text = record_write(record, &size);
	bundle_add_copy(bundle, name, text, size);
	explicit_bzero(text, size);
}

gboolean bundle_nth(const Bundle *bundle, guint i, const char **name, GBytes **octets)
{
	if (i >= bundle->parts->len)
		return FALSE;
	const Part *part = &g_array_index(bundle->parts, Part, i);
	if (name != NULL)
		*name = part->name;
	if (octets != NULL)
		*octets = part->octets;
	return TRUE;
}

GBytes *bundle_part(const Bundle *bundle, const char *wanted)
{
	const char *name;
	GBytes *octets;
	for (guint i = 0; bundle_nth(bundle, i, &name, &octets); i++)
		if (strcmp(name, wanted) == 0)
			return octets;
	return NULL;
}

Record *bundle_part_record(const Bundle *bundle, const char *name, const RecordField *schema, GError **error)
{
	GBytes *octets = bundle_part(bundle, name);
	if (octets == NULL) {
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_SCHEMA, "the part %s is missing", name);
		return NULL;
	}
	gsize size;
	const void *data = g_bytes_get_data(octets, &size);
	return record_read(data, size, 0, schema, error);
}

static char *part_lines(const Bundle *bundle, gsize *octets)
{
	const char *name;
	GBytes *part;
	GString *lines = g_string_new(NULL);
	*octets = 0;
	for (guint i = 0; bundle_nth(bundle, i, &name, &part); i++) {
		g_string_append_printf(lines, "part: %s %" G_GSIZE_FORMAT "\n", name, g_bytes_get_size(part));
		*octets += g_bytes_get_size(part);
	}
	g_string_append_c(lines, '\n');
	return g_string_free(lines, FALSE);
}

/* At once to its full size: an array that grows leaves copies of a letter's address behind. */
GBytes *bundle_write(const Bundle *bundle)
{
	gsize head_size, octets;
	g_autofree char *head = record_write(bundle->record, &head_size);
	g_autofree char *lines = part_lines(bundle, &octets);
	gsize lines_size = strlen(lines);
	Secret *secret = secret_new(head_size + lines_size + octets);
	guint8 *at = secret->octets;
	GBytes *part;
	at = mempcpy(at, head, head_size);
	at = mempcpy(at, lines, lines_size);
	explicit_bzero(head, head_size);
	for (guint i = 0; bundle_nth(bundle, i, NULL, &part); i++) {
		gsize size;
		const void *data = g_bytes_get_data(part, &size);
		if (size > 0)
			at = mempcpy(at, data, size);
	}
	return g_bytes_new_with_free_func(secret->octets, secret->size, secret_free, secret);
}

static gboolean fail_form(GError **error, const char *what)
{
	g_set_error(error, RECORD_ERROR, RECORD_ERROR_FORM, "%s", what);
	return FALSE;
}

static gboolean valid_name(const char *name, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!g_ascii_islower(name[i]) && !g_ascii_isdigit(name[i]) && strchr("/._-", name[i]) == NULL)
			return FALSE;
	return size > 0 && size <= 128;
}

/* Takes the part that `NAME LENGTH` announces from the front of what is left. */
static gboolean take_part(Bundle *bundle, const char *line, const guint8 **data, gsize *left, GError **error)
{
	const char *space = strchr(line, ' ');
	if (space == NULL || !valid_name(line, (gsize)(space - line)))
		return fail_form(error, "a part without a name");
	gsize digits = strlen(space + 1);
	if (digits == 0 || digits > 10 || strspn(space + 1, "0123456789") != digits || (digits > 1 && space[1] == '0'))
		return fail_form(error, "a part without a length");
	guint64 size = g_ascii_strtoull(space + 1, NULL, 10);
	if (size > *left)
		return fail_form(error, "a part longer than what came");
	g_autofree char *name = g_strndup(line, (gsize)(space - line));
	if (bundle_part(bundle, name) != NULL)
		return fail_form(error, "a part that came twice");
	if (bundle->parts->len >= BUNDLE_PARTS_MAX)
		return fail_form(error, "too many parts");
	bundle_add_copy(bundle, name, *data, (gsize)size);
	*data += size;
	*left -= (gsize)size;
	return TRUE;
}

/* The record's octets end at the first empty line: a record itself never holds one. */
static gssize head_size(const char *text, gsize size)
{
	if (size == 0)
		return -1;
	if (text[0] == '\n')
		return 0;
	const char *end = memmem(text, size, "\n\n", 2);
	return end != NULL ? end + 1 - text : -1;
}

Bundle *bundle_read(const void *data, gsize size, const RecordField *schema, GError **error)
{
	gssize head = head_size(data, size);
	if (head < 0) {
		fail_form(error, "a bundle without an empty line after its record");
		return NULL;
	}
	g_autoptr(Record) all = record_read(data, (gsize)head, 0, NULL, error);
	if (all == NULL)
		return NULL;
	g_autoptr(Bundle) bundle = bundle_new();
	const guint8 *rest = (const guint8 *)data + head + 1;
	gsize left = size - (gsize)head - 1;
	const char *key, *value;
	for (guint i = 0; record_line(all, i, &key, &value); i++) {
		if (strcmp(key, "part") == 0) {
			if (!take_part(bundle, value, &rest, &left, error))
				return NULL;
		} else if (bundle->parts->len > 0) {
			fail_form(error, "a record that goes on after its parts");
			return NULL;
		} else {
			record_add(bundle->record, key, value);
		}
	}
	if (left > 0) {
		fail_form(error, "octets after the last part");
		return NULL;
	}
	if (schema != NULL && !record_check(bundle->record, schema, error))
		return NULL;
	return g_steal_pointer(&bundle);
}
