/* SPDX-License-Identifier: ISC */
#include "cli/verify-receipt.h"

#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/format.h"
#include "cli/output.h"
#include "store/json.h"
#include "store/receipt.h"
#include "store/seal.h"

#define MESSAGE_MOST ((gsize)2 << 30)

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

/* --- witnesses ------------------------------------------------------------------------------------------------------- */

/* [{name, time}] of those whose keys stand among the lines and who have signed the checkpoint. */
static json_t *witnesses_of(const Receipt *receipt, const char *keys)
{
	json_t *list = json_array();
	g_auto(GStrv) lines = g_strsplit(keys, "\n", 0);
	for (char **line = lines; *line != NULL; line++) {
		gint64 time;
		g_autoptr(NoteVerifier) witness = note_witness_new(g_strchomp(*line), NULL);
		if (witness != NULL && note_verify_cosignature(receipt->note, witness, &time, NULL))
			json_array_append_new(list, json_pack("{s:o, s:I}", "name", output_value(note_verifier_name(witness)), "time", (json_int_t)time));
	}
	return list;
}

static void add_witnesses(const json_t *witnesses, WipeBuffer *out)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	for (gsize i = 0; i < json_array_size(witnesses); i++) {
		const json_t *witness = json_array_get(witnesses, i);
		g_autofree char *name = escape_text(json_string_value(json_object_get(witness, "name")), -1, ESCAPE_LINE);
		g_autofree char *when =
			format_time_iso((gint64)json_integer_value(json_object_get(witness, "time")) * G_USEC_PER_SEC, utc);
		g_autofree char *line = g_strdup_printf(_("%s confirmed the register with this entry in it on %s.\n"), name, when);
		wipe_buffer_add_text(out, line);
	}
}

/* --- the text -------------------------------------------------------------------------------------------------------- */

/* The check key that an officer released, in a line above the proof. */
static gboolean read_text_key(const char *text, guint8 key[SEAL_TEXT_KEY], GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL; line++)
		if (g_str_has_prefix(*line, VERIFY_RECEIPT_TEXT_KEY)) {
			g_autoptr(Record) record = record_new();
			record_add(record, "key", g_strchomp(*line + strlen(VERIFY_RECEIPT_TEXT_KEY)));
			return record_get_hex(record, "key", key, SEAL_TEXT_KEY, NULL) ||
			       cli_fail(error, CLI_ERROR_FAILED, _("the check key of the text in this receipt is damaged"));
		}
	return cli_fail(error, CLI_ERROR_FAILED, _("this receipt has no check key of the text: it names no text, and proves none; an officer releases one with senim receipt CASE --text"));
}

/* Lines end in CRLF in the letter as it came; a file that lost that has LF. */
static gboolean is_message(const guint8 key[SEAL_TEXT_KEY], const char *message, gsize size, const guint8 expected[32])
{
	if (seal_text_check(key, message, size, expected))
		return TRUE;
	g_autoptr(WipeBuffer) lines = wipe_buffer_new(size + size / 16 + 16);
	for (gsize i = 0; i < size; i++) {
		if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r'))
			wipe_buffer_add(lines, "\r", 1);
		wipe_buffer_add(lines, message + i, 1);
	}
	return seal_text_check(key, wipe_buffer_data(lines), wipe_buffer_size(lines), expected);
}

static gboolean check_text(const char *text, const Record *record, const char *file, GError **error)
{
	guint8 key[SEAL_TEXT_KEY], expected[32];
	gsize size;
	if (record == NULL || !record_get_hex(record, "body-check", expected, sizeof expected, NULL))
		return cli_fail(error, CLI_ERROR_FAILED, _("a bare receipt names no text, and proves none"));
	g_autoptr(WipeText) message = read_text_key(text, key, error) ? read_file(file, MESSAGE_MOST, &size, error) : NULL;
	return message != NULL &&
	       (is_message(key, message, size, expected) ||
	        cli_fail(error, CLI_ERROR_FAILED, _("this is not the letter that was registered, octet for octet. A copy that the sender kept is not it either: mail servers on the way add lines at its head; the original is what the organisation gives out with senim show CASE --raw")));
}

/* --- what is said ------------------------------------------------------------------------------------------------------ */

typedef struct {
	const Receipt *receipt;
	const char *origin, *day;
	const Entry *entry;
	const Record *record;
	json_t *witnesses;
	gboolean text; /* it is of that letter */
} Finding;

static gboolean print_json(const Finding *finding, GError **error)
{
	const Receipt *receipt = finding->receipt;
	const Entry *entry = finding->entry;
	const Record *record = finding->record;
	const char *origin = finding->origin, *day = finding->day;
	g_autofree char *received = received_of(record);
	return output_json(json_pack("{s:b, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:O, s:b}", "sound", TRUE, "origin", output_value(origin), "entry",
	                             (json_int_t)entry->seq, "entries", (json_int_t)receipt->size, "kind",
	                             output_value(entry_kind_name(entry->kind)), "day", output_value(day), "number",
	                             value_of(record, "number"), "received", output_value(received), "witnesses",
	                             finding->witnesses, "text", finding->text), error);
}

static gboolean print_text(const Finding *finding, GError **error)
{
	const Receipt *receipt = finding->receipt;
	const Entry *entry = finding->entry;
	const Record *record = finding->record;
	const char *origin = finding->origin, *day = finding->day;
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
	add_witnesses(finding->witnesses, out);
	if (finding->text)
		wipe_buffer_add_text(out, _("The letter in that file is the one that was registered, octet for octet.\n"));
	return output_text(out, error);
}

gboolean verify_receipt(const char *file, const char *log_pub, const char *message, gboolean json, GError **error)
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
	if (message != NULL && !check_text(text, record, message, error))
		return FALSE;
	g_autoptr(json_t) witnesses = witnesses_of(&receipt, keys);
	const Finding finding = {&receipt, origin, day, &entry, record, witnesses, message != NULL};
	return (json ? print_json : print_text)(&finding, error);
}
