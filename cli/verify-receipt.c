/* SPDX-License-Identifier: ISC */
#include "cli/verify-receipt.h"

#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/format.h"
#include "cli/output.h"
#include "store/receipt.h"

static char *read_file(const char *path, gsize most, gsize *size, GError **error)
{
	g_autoptr(GError) cause = NULL;
	char *text = NULL;
	if (g_file_get_contents(path, &text, size, &cause) && *size <= most)
		return text;
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE);
	g_free(text);
	cli_fail(error, CLI_ERROR_USAGE, _("%s cannot be read: %s"), shown, cause != NULL ? cause->message : _("it is too large"));
	return NULL;
}

/* By the key that the receipt's own checkpoint is signed with, where it is among the lines. */
static gboolean read_receipt(const char *text, gsize size, const char *keys, Receipt *receipt, char **origin, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_auto(GStrv) lines = g_strsplit(keys, "\n", 0);
	for (char **line = lines; *line != NULL && *origin == NULL; line++) {
		g_autoptr(NoteVerifier) verifier = **line != '\0' ? note_verifier_new(*line, NULL) : NULL;
		if (verifier == NULL)
			continue;
		g_clear_error(&cause);
		if (receipt_read(text, size, verifier, receipt, &cause))
			*origin = g_strdup(note_verifier_name(verifier));
		else if (!g_error_matches(cause, NOTE_ERROR, NOTE_ERROR_SIGNATURE) && !g_error_matches(cause, NOTE_ERROR, NOTE_ERROR_ORIGIN))
			break;
	}
	if (*origin != NULL)
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED, _("this receipt proves nothing by the keys in that file (%s): ask the organisation for its log.pub again, and keep the receipt"),
	                cause != NULL ? cause->message : _("there is no key in it"));
}

static json_t *value_of(const Record *record, const char *key)
{
	return record != NULL ? output_value(record_get(record, key)) : json_null();
}

static char *received_of(const Record *record)
{
	guint64 time;
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	return record != NULL && record_get_uint(record, "received", G_MAXINT64, &time, NULL) ? format_time_iso((gint64)time, utc) : NULL;
}

static gboolean print_json(const Receipt *receipt, const char *origin, const Entry *entry, const char *day, const Record *record,
                           GError **error)
{
	g_autofree char *received = received_of(record);
	return output_json(json_pack("{s:b, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "sound", TRUE, "origin", output_value(origin), "entry",
	                             (json_int_t)entry->seq, "entries", (json_int_t)receipt->size, "kind",
	                             output_value(entry_kind_name(entry->kind)), "day", output_value(day), "number",
	                             value_of(record, "number"), "received", output_value(received)), error);
}

static gboolean print_text(const Receipt *receipt, const char *origin, const Entry *entry, const char *day, const Record *record,
                           GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	g_autofree char *received = received_of(record), *said = NULL;
	if (record != NULL)
		said = g_strdup_printf(_("The receipt is true: report %s, received %s, stands as entry %llu among the %llu entries of the register %s.\n"),
		                       record_get(record, "number"), received != NULL ? received : "-", (unsigned long long)entry->seq,
		                       (unsigned long long)receipt->size, origin);
	else
		said = g_strdup_printf(_("The receipt is true: an arrival of %s stands as entry %llu among the %llu entries of the register %s.\n"), day, (unsigned long long)entry->seq, (unsigned long long)receipt->size,
		                       origin);
	g_autofree char *safe = escape_text(said, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, safe);
	return output_text(out, error);
}

gboolean verify_receipt(const char *file, const char *log_pub, gboolean json, GError **error)
{
	gsize size, record_size = 0;
	Entry entry;
	g_auto(Receipt) receipt = {.record = NULL};
	g_autofree char *origin = NULL, *keys = NULL;
	g_autofree char *text = read_file(file, RECEIPT_MAX, &size, error);
	if (text == NULL || (keys = read_file(log_pub, NOTE_MAX, &record_size, error)) == NULL ||
	    !read_receipt(text, size, keys, &receipt, &origin, error))
		return FALSE;
	const char *data = receipt.record != NULL ? g_bytes_get_data(receipt.record, &record_size) : NULL;
	g_autoptr(Record) record = data != NULL ? record_read(data, record_size, 0, NULL, NULL) : NULL;
	if (!entry_decode(receipt.entry, &entry, NULL) || entry.kind != ENTRY_RECEIVED ||
	    (record != NULL && record_get(record, "number") == NULL))
		return cli_fail(error, CLI_ERROR_FAILED, _("this receipt is of no report: it proves an entry of another kind"));
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(entry.time);
	g_autofree char *day = g_date_time_format(when, "%Y-%m-%d");
	return (json ? print_json : print_text)(&receipt, origin, &entry, day, record, error);
}
