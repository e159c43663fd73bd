/* SPDX-License-Identifier: ISC */
/* base/record.h - the one text format of senim: lines of `key: value`.
 *
 * Register records, cards, facts, letters, key files' public halves, intake frames and views are all
 * records, so that one strict reader, fuzzed once, stands between every two programs.
 *
 * Bytes:     UTF-8, LF. A line is key, ": ", value. A key is [a-z0-9-]+. In a value `%`, 0x00-0x1f, 0x7f, and
 *            each byte that is not part of valid UTF-8, stand as %xx (lower-case hex); %00 is refused.
 *            The form is canonical: what record_read() takes, record_write() gives back byte for byte.
 * Order:     a schema names the keys in their order and how often each may stand; a list repeats its key.
 * Limits:    RECORD_MAX octets unless the caller names less.
 * Ownership: a Record owns its text; getters return borrowed C strings, valid until record_free().
 * Threads:   a Record belongs to one thread at a time.
 * Fails:     NULL and *error set in RECORD_ERROR; the message names the line, never the value. */
#ifndef SENIM_BASE_RECORD_H
#define SENIM_BASE_RECORD_H

#include <glib.h>

#define RECORD_MAX 60000 /* FORMATS: a register record; findings and cards stay below it too */

typedef enum {
	RECORD_ERROR_FORM,   /* not a record, or not in canonical form */
	RECORD_ERROR_SCHEMA, /* a key that the schema does not know, misses or has elsewhere */
	RECORD_ERROR_VALUE,  /* a value that is not of the asked form */
	RECORD_ERROR_SIZE,
} RecordError;
#define RECORD_ERROR (record_error_quark())
GQuark record_error_quark(void);

/* One key of a schema. A schema is an array of these, ended by a row with key NULL. */
typedef struct {
	const char *key;
	guint min, max; /* how often it may stand: 1,1 once; 0,1 optional; 0,N a list */
} RecordField;

typedef struct Record Record;

Record *record_new(void);
void record_free(Record *record); /* wipes the text; NULL is harmless */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

/* Appends one line. The value is any C string, also invalid UTF-8. */
void record_add(Record *record, const char *key, const char *value);
void record_add_uint(Record *record, const char *key, guint64 value);
void record_add_bool(Record *record, const char *key, gboolean value);               /* yes, no */
void record_add_hex(Record *record, const char *key, const void *data, gsize size);  /* lower case */
void record_add_printf(Record *record, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The n-th value of the key, or NULL. record_get() is the first. */
const char *record_get(const Record *record, const char *key);
const char *record_get_nth(const Record *record, const char *key, guint n);
guint record_count(const Record *record, const char *key);
/* Every line in order: TRUE while there is an i-th. */
gboolean record_line(const Record *record, guint i, const char **key, const char **value);

/* Typed getters: FALSE and *error when the key is missing or its value is of another form. */
gboolean record_get_uint(const Record *record, const char *key, guint64 max, guint64 *value, GError **error);
gboolean record_get_bool(const Record *record, const char *key, gboolean *value, GError **error);
gboolean record_get_hex(const Record *record, const char *key, void *data, gsize size, GError **error);

/* The record's octets (transfer full), NUL after them, not counted. */
char *record_write(const Record *record, gsize *size);
/* schema NULL: any keys in any order. max 0: RECORD_MAX. */
Record *record_read(const void *data, gsize size, gsize max, const RecordField *schema, GError **error);
/* The same check for a record that was built here. */
gboolean record_check(const Record *record, const RecordField *schema, GError **error);

#endif
