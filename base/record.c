/* SPDX-License-Identifier: ISC */
#include "base/record.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

typedef struct {
	char *key;
	char *value; /* decoded */
} Line;

struct Record {
	GArray *lines;
};

#define WINDOW 256

G_DEFINE_QUARK(senim-record-error, record_error)

/* A record may hold what a reporter wrote: its text does not stay behind in freed memory. */
static void wipe_and_free(char *text)
{
	if (text == NULL)
		return;
	explicit_bzero(text, strlen(text));
	g_free(text);
}

static void line_clear(gpointer data)
{
	Line *line = data;
	g_free(line->key);
	wipe_and_free(line->value);
}

Record *record_new(void)
{
	Record *record = g_new0(Record, 1);
	record->lines = g_array_new(FALSE, FALSE, sizeof(Line));
	g_array_set_clear_func(record->lines, line_clear);
	return record;
}

void record_free(Record *record)
{
	if (record == NULL)
		return;
	g_array_unref(record->lines);
	g_free(record);
}

void record_add(Record *record, const char *key, const char *value)
{
	Line line = {g_strdup(key), g_strdup(value != NULL ? value : "")};
	g_array_append_val(record->lines, line);
}

void record_add_uint(Record *record, const char *key, guint64 value)
{
	char text[24];
	g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, value);
	record_add(record, key, text);
}

void record_add_bool(Record *record, const char *key, gboolean value)
{
	record_add(record, key, value ? "yes" : "no");
}

void record_add_hex(Record *record, const char *key, const void *data, gsize size)
{
	static const char digits[] = "0123456789abcdef";
	const guint8 *octets = data;
	Line line = {g_strdup(key), g_malloc(2 * size + 1)};
	for (gsize i = 0; i < size; i++) {
		line.value[2 * i] = digits[octets[i] >> 4];
		line.value[2 * i + 1] = digits[octets[i] & 15];
	}
	line.value[2 * size] = '\0';
	g_array_append_val(record->lines, line);
}

void record_add_printf(Record *record, const char *key, const char *format, ...)
{
	va_list ap;
	Line line = {g_strdup(key), NULL};
	va_start(ap, format);
	line.value = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_array_append_val(record->lines, line);
}

gboolean record_line(const Record *record, guint i, const char **key, const char **value)
{
	if (i >= record->lines->len)
		return FALSE;
	const Line *line = &g_array_index(record->lines, Line, i);
	if (key != NULL)
		*key = line->key;
	if (value != NULL)
		*value = line->value;
	return TRUE;
}

const char *record_get_nth(const Record *record, const char *key, guint n)
{
	for (guint i = 0; i < record->lines->len; i++) {
		const Line *line = &g_array_index(record->lines, Line, i);
		if (strcmp(line->key, key) == 0 && n-- == 0)
			return line->value;
	}
	return NULL;
}

const char *record_get(const Record *record, const char *key)
{
	return record_get_nth(record, key, 0);
}

guint record_count(const Record *record, const char *key)
{
	guint n = 0;
	for (guint i = 0; i < record->lines->len; i++)
		n += strcmp(g_array_index(record->lines, Line, i).key, key) == 0;
	return n;
}

static const char *get_or_fail(const Record *record, const char *key, GError **error)
{
	const char *value = record_get(record, key);
	if (value == NULL)
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_SCHEMA, "a record without %s", key);
	return value;
}

static gboolean fail_value(const char *key, GError **error)
{
	g_set_error(error, RECORD_ERROR, RECORD_ERROR_VALUE, "a record whose %s is of another form", key);
	return FALSE;
}

gboolean record_get_uint(const Record *record, const char *key, guint64 max, guint64 *value, GError **error)
{
	const char *text = get_or_fail(record, key, error);
	if (text == NULL)
		return FALSE;
	gsize size = strlen(text);
	if (size == 0 || size > 20 || strspn(text, "0123456789") != size || (size > 1 && text[0] == '0'))
		return fail_value(key, error);
	errno = 0;
	guint64 number = g_ascii_strtoull(text, NULL, 10);
	if (errno != 0 || number > max)
		return fail_value(key, error);
	*value = number;
	return TRUE;
}

gboolean record_get_bool(const Record *record, const char *key, gboolean *value, GError **error)
{
	const char *text = get_or_fail(record, key, error);
	if (text == NULL)
		return FALSE;
	*value = strcmp(text, "yes") == 0;
	return *value || strcmp(text, "no") == 0 || fail_value(key, error);
}

/* Lower-case hex only: one spelling for one value. */
static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

gboolean record_get_hex(const Record *record, const char *key, void *data, gsize size, GError **error)
{
	const char *text = get_or_fail(record, key, error);
	if (text == NULL)
		return FALSE;
	if (strlen(text) != 2 * size)
		return fail_value(key, error);
	guint8 *octets = data;
	for (gsize i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return fail_value(key, error);
		octets[i] = (guint8)(high << 4 | low);
	}
	return TRUE;
}

static gboolean stands_as_it_is(guint8 c)
{
	return c >= 0x20 && c != 0x7f && c != '%';
}

/* How many octets from here on stand in a record as they are: nearly always all of them. */
static gsize plain_run(const char *value, gsize left)
{
	gsize n = 0;
	while (n < left && stands_as_it_is((guint8)value[n]) && (guint8)value[n] < 0x80)
		n++;
	if (n == left)
		return n;
	/* In windows: octets that are no UTF-8 one after another must not have all that follows looked at for each of them. */
	for (gsize done = 0;;) {
		const char *end, *at = value + done;
		gsize room = MIN(left - done, WINDOW);
		for (n = 0; n < room && stands_as_it_is((guint8)at[n]); n++)
			;
		g_utf8_validate(at, (gssize)n, &end);
		done += (gsize)(end - at);
		/* The next window begins with the character that this one cut. */
		if (n < WINDOW || end == at || at + n - end >= 4)
			return done;
	}
}

static void append_encoded(GString *out, const char *value)
{
	for (gsize left = strlen(value); left > 0;) {
		gsize run = plain_run(value, left);
		g_string_append_len(out, value, (gssize)run);
		value += run;
		left -= run;
		if (left > 0) {
			g_string_append_printf(out, "%%%02x", (guint8)*value++);
			left--;
		}
	}
}

/* What the record takes where nothing in it is escaped. */
static gsize usual_size(const Record *record)
{
	gsize size = 0;
	for (guint i = 0; i < record->lines->len; i++) {
		const Line *line = &g_array_index(record->lines, Line, i);
		size += strlen(line->key) + strlen(": ") + strlen(line->value) + strlen("\n");
	}
	return size;
}

char *record_write(const Record *record, gsize *size)
{
	GString *out = g_string_sized_new(usual_size(record)); /* a string that grows leaves copies behind */
	for (guint i = 0; i < record->lines->len; i++) {
		const Line *line = &g_array_index(record->lines, Line, i);
		g_string_append(out, line->key);
		g_string_append(out, ": ");
		append_encoded(out, line->value);
		g_string_append_c(out, '\n');
	}
	if (size != NULL)
		*size = out->len;
	return g_string_free(out, FALSE);
}

static gboolean valid_key(const char *key, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!g_ascii_islower(key[i]) && !g_ascii_isdigit(key[i]) && key[i] != '-')
			return FALSE;
	return size > 0;
}

/* One escape: 1 to 255, or -1. */
static int decode_escape(const char *text, gsize left)
{
	int high = left >= 3 ? hex_digit(text[1]) : -1, low = left >= 3 ? hex_digit(text[2]) : -1;
	return high < 0 || low < 0 || (high == 0 && low == 0) ? -1 : high << 4 | low;
}

/* Decodes a value; NULL where it is not what append_encoded() writes. */
static char *decode_value(const char *text, gsize size)
{
	gsize run = plain_run(text, size);
	if (run == size)
		return g_strndup(text, size);
	g_autoptr(GString) out = g_string_sized_new(size);
	for (gsize i = 0; i < size; run = plain_run(text + i, size - i)) {
		g_string_append_len(out, text + i, (gssize)run);
		i += run;
		if (i == size)
			break;
		int octet = text[i] == '%' ? decode_escape(text + i, size - i) : -1;
		if (octet < 0)
			return NULL;
		g_string_append_c(out, (char)octet);
		i += 3;
	}
	/* Canonical: an escape where none is needed, or escaped octets that are valid UTF-8 together, is another spelling. */
	g_autoptr(GString) again = g_string_sized_new(size);
	append_encoded(again, out->str);
	gboolean same = again->len == size && memcmp(again->str, text, size) == 0;
	explicit_bzero(again->str, again->len);
	return same ? g_strdup(out->str) : NULL;
}

static gboolean read_line(Record *record, const char *text, gsize size, guint number, GError **error)
{
	const char *colon = memchr(text, ':', size);
	if (colon == NULL || !valid_key(text, (gsize)(colon - text)) || colon + 1 >= text + size || colon[1] != ' ') {
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_FORM, "line %u of a record is not `key: value`", number);
		return FALSE;
	}
	Line line = {NULL, decode_value(colon + 2, size - (gsize)(colon + 2 - text))};
	if (line.value == NULL) {
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_FORM, "line %u of a record is not in canonical form", number);
		return FALSE;
	}
	line.key = g_strndup(text, (gsize)(colon - text));
	g_array_append_val(record->lines, line);
	return TRUE;
}

gboolean record_check(const Record *record, const RecordField *schema, GError **error)
{
	guint i = 0;
	for (const RecordField *field = schema; field->key != NULL; field++) {
		guint n = 0;
		while (i < record->lines->len && strcmp(g_array_index(record->lines, Line, i).key, field->key) == 0)
			i++, n++;
		if (n < field->min || n > field->max) {
			g_set_error(error, RECORD_ERROR, RECORD_ERROR_SCHEMA, "a record with %u lines of %s at that place", n,
			            field->key);
			return FALSE;
		}
	}
	if (i < record->lines->len) {
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_SCHEMA, "line %u of a record has no place in its kind", i + 1);
		return FALSE;
	}
	return TRUE;
}

Record *record_read(const void *data, gsize size, gsize max, const RecordField *schema, GError **error)
{
	const char *text = data;
	if (size > (max != 0 ? max : RECORD_MAX)) {
		g_set_error(error, RECORD_ERROR, RECORD_ERROR_SIZE, "a record of more than %" G_GSIZE_FORMAT " octets",
		            max != 0 ? max : (gsize)RECORD_MAX);
		return NULL;
	}
	g_autoptr(Record) record = record_new();
	for (guint number = 1; size > 0; number++) {
		const char *end = memchr(text, '\n', size);
		if (end == NULL) {
			g_set_error(error, RECORD_ERROR, RECORD_ERROR_FORM, "a record that ends without a line feed");
			return NULL;
		}
		if (!read_line(record, text, (gsize)(end - text), number, error))
			return NULL;
		size -= (gsize)(end + 1 - text);
		text = end + 1;
	}
	if (schema != NULL && !record_check(record, schema, error))
		return NULL;
	return g_steal_pointer(&record);
}
