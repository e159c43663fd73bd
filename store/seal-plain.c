/* SPDX-License-Identifier: ISC */
#include "store/seal-plain.h"

#include <string.h>

#define BEGINS_MESSAGE "X-Senim-Message: follows\r\n"
#define BEGINS_CARD "X-Senim-Card: 1\r\n"
#define CASE_HEX (2 * SEAL_CASE)

/* The fields in their order: the name in the plaintext and the key in the record. */
static const struct {
	const char *name, *key;
} fields_order[] = {
	{"X-Senim-Format", "format"},
	{"X-Senim-Case", "case"},
	{"X-Senim-Mailbox", "mailbox"},
	{"X-Senim-Begun", "begun"},
	{"X-Senim-Envelope-From", "envelope-from"},
	{"X-Senim-Envelope-To", "envelope-to"},
	{"X-Senim-Client", "client"},
};

/* Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019): at most 12 % more, and the size
 * tells O(log log n) bits. */
static guint64 padme(guint64 size)
{
	guint exponent = g_bit_storage(size) - 1;
	guint kept = g_bit_storage(exponent);
	guint64 low = (G_GUINT64_CONSTANT(1) << (exponent - kept)) - 1;
	return (size + low) & ~low;
}

guint64 seal_padded_size(SealPart part, guint64 size)
{
	guint64 least = part == SEAL_PART_CARD ? SEAL_CARD_MINIMUM : SEAL_MINIMUM;
	return size <= least ? least : padme(size);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void append_hex(GString *out, const guint8 *data, gsize size)
{
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(out, "%02x", data[i]);
}

/* `also` is one more character that may not stand in the value: the comma of a list. */
static gboolean stands_as_it_is(guint8 c, char also)
{
	return c >= 0x20 && c < 0x7f && c != '%' && (also == '\0' || c != (guint8)also);
}

static void append_escaped(GString *out, const char *value, char also)
{
	for (; *value != '\0'; value++)
		if (stands_as_it_is((guint8)*value, also))
			g_string_append_c(out, *value);
		else
			g_string_append_printf(out, "%%%02x", (guint8)*value);
}

static void append_field(GString *out, guint which, const char *value)
{
	g_string_append_printf(out, "%s: ", fields_order[which].name);
	append_escaped(out, value, '\0');
	g_string_append(out, "\r\n");
}

GString *seal_plain_fields(const SealFields *fields)
{
	GString *out = g_string_sized_new(512);
	g_autoptr(GDateTime) begun = g_date_time_new_from_unix_utc(fields->begun / G_USEC_PER_SEC);
	g_autofree char *moment = begun != NULL ? g_date_time_format(begun, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("-");
	append_field(out, 0, "1");
	g_string_append_printf(out, "%s: ", fields_order[1].name);
	append_hex(out, fields->case_id, SEAL_CASE);
	g_string_append(out, "\r\n");
	append_field(out, 2, fields->mailbox);
	append_field(out, 3, moment);
	append_field(out, 4, fields->envelope_from);
	g_string_append_printf(out, "%s: ", fields_order[5].name);
	for (gsize i = 0; fields->envelope_to != NULL && fields->envelope_to[i] != NULL; i++) {
		if (i > 0)
			g_string_append_c(out, ',');
		append_escaped(out, fields->envelope_to[i], ',');
	}
	g_string_append(out, "\r\n");
	append_field(out, 6, fields->client != NULL ? fields->client : "-");
	return g_string_append(out, BEGINS_MESSAGE);
}

void seal_plain_trailer(guint64 message_size, char out[SEAL_TRAILER])
{
	char text[SEAL_TRAILER + 1];
	g_snprintf(text, sizeof text, "\r\n.senim %016" G_GINT64_MODIFIER "x\r\n", message_size);
	memcpy(out, text, SEAL_TRAILER);
}

char *seal_plain_card(const guint8 case_id[SEAL_CASE], const Record *card, gsize *size)
{
	g_autoptr(GString) head = g_string_new(BEGINS_CARD "X-Senim-Case: ");
	append_hex(head, case_id, SEAL_CASE);
	g_string_append(head, "\r\n");
	gsize record_size;
	char *record = record_write(card, &record_size);
	gsize whole = (gsize)seal_padded_size(SEAL_PART_CARD, head->len + record_size);
	char *plain = NULL;
	if (record_size <= RECORD_MAX && whole <= SEAL_CHUNK) {
		plain = g_malloc0(whole);
		memcpy(plain, head->str, head->len);
		memcpy(plain + head->len, record, record_size);
		*size = whole;
	}
	explicit_bzero(record, record_size);
	g_free(record);
	return plain;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static gboolean fail(SealErrorCode code, const char *what, GError **error)
{
	g_set_error(error, SEAL_ERROR, (gint)code, "%s", what);
	return FALSE;
}

typedef struct {
	const char *at;
	gsize left;
} Input;

/* Takes `text` from the front. */
static gboolean take(Input *input, const char *text)
{
	gsize size = strlen(text);
	if (input->left < size || memcmp(input->at, text, size) != 0)
		return FALSE;
	input->at += size;
	input->left -= size;
	return TRUE;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What append_escaped() wrote, and nothing else; NULL otherwise. */
static char *decode(const char *text, gsize size, char also)
{
	g_autoptr(GString) out = g_string_sized_new(size);
	for (gsize i = 0; i < size; i++) {
		guint8 c = (guint8)text[i];
		if (c == '%') {
			int high = i + 2 < size ? hex_digit(text[i + 1]) : -1, low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
			c = high < 0 || low < 0 ? 0 : (guint8)(high << 4 | low);
			if (c == 0 || stands_as_it_is(c, also))
				return NULL;
			i += 2;
		} else if (!stands_as_it_is(c, also)) {
			return NULL;
		}
		g_string_append_c(out, (char)c);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* A line's octets up to CR LF; NULL where there is none. */
static const char *take_line(Input *input, gsize *size)
{
	const char *line = input->at, *end = memmem(line, input->left, "\r\n", 2);
	if (end == NULL)
		return NULL;
	*size = (gsize)(end - line);
	input->left -= *size + 2;
	input->at = end + 2;
	return line;
}

static gboolean add_value(Record *fields, const char *key, const char *text, gsize size, char also)
{
	g_autofree char *value = decode(text, size, also);
	if (value != NULL)
		record_add(fields, key, value);
	return value != NULL;
}

static gboolean add_list(Record *fields, const char *key, const char *text, gsize size)
{
	while (size > 0) {
		const char *comma = memchr(text, ',', size);
		gsize item = comma != NULL ? (gsize)(comma - text) : size;
		if (!add_value(fields, key, text, item, ','))
			return FALSE;
		if (comma == NULL)
			return TRUE;
		text += item + 1;
		size -= item + 1;
		if (size == 0)
			return FALSE;
	}
	return TRUE;
}

static gboolean read_fields(Input *input, Record *fields)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fields_order); i++) {
		gsize size;
		if (!take(input, fields_order[i].name) || !take(input, ": "))
			return FALSE;
		const char *line = take_line(input, &size);
		if (line == NULL)
			return FALSE;
		gboolean good = strcmp(fields_order[i].key, "envelope-to") == 0
		                    ? add_list(fields, fields_order[i].key, line, size)
		                    : add_value(fields, fields_order[i].key, line, size, '\0');
		if (!good)
			return FALSE;
	}
	return take(input, BEGINS_MESSAGE);
}

static gboolean is_case(const char *hex, const guint8 case_id[SEAL_CASE])
{
	guint8 octets[SEAL_CASE];
	for (gsize i = 0; i < SEAL_CASE; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return FALSE;
		octets[i] = (guint8)(high << 4 | low);
	}
	return memcmp(octets, case_id, SEAL_CASE) == 0;
}

static gboolean is_zero(const char *data, gsize size)
{
	return size == 0 || (data[0] == '\0' && memcmp(data, data + 1, size - 1) == 0);
}

/* The trailer's 16 digits; FALSE where the last octets are no trailer. */
static gboolean read_trailer(const char *trailer, guint64 *message_size)
{
	guint64 size = 0;
	if (memcmp(trailer, "\r\n.senim ", 9) != 0 || memcmp(trailer + 25, "\r\n", 2) != 0)
		return FALSE;
	for (guint i = 0; i < 16; i++) {
		int digit = hex_digit(trailer[9 + i]);
		if (digit < 0)
			return FALSE;
		size = size << 4 | (guint64)digit;
	}
	*message_size = size;
	return TRUE;
}

gboolean seal_parse_body(const void *plain, gsize size, const guint8 case_id[SEAL_CASE], Record **fields,
                         gsize *message_offset, gsize *message_size, GError **error)
{
	Input input = {plain, size};
	guint64 message;
	if (size >= strlen(BEGINS_CARD) && memcmp(plain, BEGINS_CARD, strlen(BEGINS_CARD)) == 0)
		return fail(SEAL_ERROR_FORM, "a card where a report was asked for", error);
	g_autoptr(Record) read = record_new();
	if (!read_fields(&input, read) || strcmp(record_get(read, "format"), "1") != 0)
		return fail(SEAL_ERROR_FORM, "the fields in front of the report are of another form", error);
	if (strlen(record_get(read, "case")) != CASE_HEX || !is_case(record_get(read, "case"), case_id))
		return fail(SEAL_ERROR_CASE, "this is the report of another case", error);
	if (input.left < SEAL_TRAILER || !read_trailer(input.at + input.left - SEAL_TRAILER, &message) ||
	    message > input.left - SEAL_TRAILER)
		return fail(SEAL_ERROR_FORM, "the report has no end", error);
	gsize unpadded = size - input.left + (gsize)message + SEAL_TRAILER;
	if (seal_padded_size(SEAL_PART_BODY, unpadded) != size || !is_zero(input.at + message, size - unpadded))
		return fail(SEAL_ERROR_FORM, "the report is padded in another way", error);
	*message_offset = (gsize)(input.at - (const char *)plain);
	*message_size = (gsize)message;
	if (fields != NULL)
		*fields = g_steal_pointer(&read);
	return TRUE;
}

Record *seal_parse_card(const void *plain, gsize size, const guint8 case_id[SEAL_CASE], GError **error)
{
	Input input = {plain, size};
	gsize line_size;
	const char *line = NULL;
	if (take(&input, BEGINS_CARD) && take(&input, "X-Senim-Case: "))
		line = take_line(&input, &line_size);
	if (line == NULL) {
		fail(SEAL_ERROR_FORM, "this is not a card", error);
		return NULL;
	}
	if (line_size != CASE_HEX || !is_case(line, case_id)) {
		fail(SEAL_ERROR_CASE, "this is the card of another case", error);
		return NULL;
	}
	while (input.left > 0 && input.at[input.left - 1] == '\0')
		input.left--;
	gsize unpadded = (gsize)(input.at - (const char *)plain) + input.left;
	if (seal_padded_size(SEAL_PART_CARD, unpadded) != size) {
		fail(SEAL_ERROR_FORM, "the card is padded in another way", error);
		return NULL;
	}
	g_autoptr(GError) inner = NULL;
	Record *card = record_read(input.at, input.left, 0, NULL, &inner);
	if (card == NULL)
		g_set_error(error, SEAL_ERROR, SEAL_ERROR_FORM, "the card is no record: %s", inner->message);
	return card;
}
