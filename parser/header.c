/* SPDX-License-Identifier: ISC */
#include "parser/header.h"

#include <string.h>

#include "parser/autocleanups.h"
#include "parser/charset.h"

GMimeParserOptions *header_options(void)
{
	static GMimeParserOptions *options;
	if (options == NULL) {
		static const char *fallback[] = {"utf-8", "windows-1251", NULL};
		options = g_mime_parser_options_new();
		g_mime_parser_options_set_fallback_charsets(options, fallback);
		g_mime_parser_options_set_allow_addresses_without_domain(options, TRUE);
	}
	return options;
}

/* Raw octets that are no UTF-8 are read by the guess for a text without a label; takes `raw` over. */
static char *valid(char *raw)
{
	CharsetResult result;
	gsize size = strlen(raw);
	if (g_utf8_validate_len(raw, size, NULL))
		return raw;
	GString *text = charset_to_utf8(raw, size, NULL, 4 * size + 16, &result);
	g_free(raw);
	return g_string_free(text, FALSE);
}

#if !GMIME_CHECK_VERSION(3, 2, 14)
/* GMime's issue 150: of a run of base64 words it loses what comes after the first padding. So each becomes a quoted one.
 * `at` is behind the charset; returns what is left to copy. */
static const char *quote_word(const char *at, GString *out)
{
	const char *end = g_ascii_strncasecmp(at, "?b?", 3) == 0 ? strstr(at + 3, "?=") : NULL;
	if (end == NULL)
		return at;
	gsize size;
	g_autofree char *base64 = g_strndup(at + 3, (gsize)(end - at) - 3);
	g_autofree guchar *octets = g_base64_decode(base64, &size);
	g_string_append(out, "?q?");
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(out, "=%02X", octets[i]);
	return end;
}
#else
static const char *quote_word(const char *at, GString *out)
{
	(void)out;
	return at;
}
#endif

/* From behind `=?` or `*=`: the label by the name under which iconv(3) has it open. Returns what is left to copy. */
static const char *name_charset(const char *at, gboolean word, GString *out)
{
	gsize size = strcspn(at, "?*'= \t\r\n");
	g_autofree char *label = g_strndup(at, size);
	const char *name = charset_find(label);
	g_string_append(out, name != NULL ? name : label);
	at += size;
	if (!word)
		return at;
	if (*at == '*')
		at += strcspn(at, "? \t\r\n"); /* a language */
	return quote_word(at, out);
}

/* GMime decodes, by iconv(3): what it is to decode has to bear names that iconv(3) knows. They stand in `=?LABEL?` and
 * `=?LABEL*language?` (RFC 2047 2, RFC 2231 5), and in `*=LABEL'` (RFC 2231 4). */
static char *name_charsets(const char *raw)
{
	g_autofree char *text = valid(g_strdup(raw));
	if (strstr(text, "=?") == NULL && strstr(text, "*=") == NULL)
		return g_steal_pointer(&text);
	GString *out = g_string_sized_new(2 * strlen(text));
	for (const char *at = text; *at != '\0';) {
		gboolean word = strncmp(at, "=?", 2) == 0, parameter = strncmp(at, "*=", 2) == 0;
		g_string_append_len(out, at, word || parameter ? 2 : 1);
		at += word || parameter ? 2 : 1;
		if (word || parameter)
			at = name_charset(at, word, out);
	}
	return g_string_free(out, FALSE);
}

/* Line ends go, the blank that follows them stays (RFC 5322 2.2.3). */
static char *unfold(const char *raw)
{
	GString *out = g_string_sized_new(strlen(raw) + 1);
	for (; *raw != '\0'; raw++)
		if (*raw != '\r' && *raw != '\n')
			g_string_append_c(out, *raw);
	return g_strstrip(g_string_free(out, FALSE));
}

char *header_decode(const char *raw)
{
	g_autofree char *unfolded = unfold(raw);
	g_autofree char *named = name_charsets(unfolded);
	return valid(g_mime_utils_header_decode_text(header_options(), named));
}

/* The i-th field where it has that name: its raw value, else NULL. */
static const char *raw_value(GMimeHeaderList *list, int i, const char *name)
{
	GMimeHeader *field = g_mime_header_list_get_header_at(list, i);
	if (g_ascii_strcasecmp(g_mime_header_get_name(field), name) != 0)
		return NULL;
	const char *raw = g_mime_header_get_raw_value(field);
	return raw != NULL ? raw : "";
}

static const char *first_raw(GMimeObject *object, const char *name, guint *n)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	const char *first = NULL;
	guint count = 0;
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		const char *raw = raw_value(list, i, name);
		first = first == NULL ? raw : first;
		count += raw != NULL;
	}
	if (n != NULL)
		*n = count;
	return first;
}

char *header_text(GMimeObject *object, const char *name, guint *n)
{
	const char *raw = first_raw(object, name, n);
	return raw != NULL ? header_decode(raw) : NULL;
}

/* `=?utf-8?b?...?=` alone comes as an address without "@": it is the name that somebody meant. */
static void add_mailbox(InternetAddress *address, GArray *rows)
{
	const char *name = internet_address_get_name(address);
	const char *mailbox = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));
	gboolean bare = mailbox == NULL || strchr(mailbox, '@') == NULL;
	MessageAddress row = {NULL, g_strdup(bare ? "" : mailbox)};
	if (name != NULL && *name != '\0')
		row.name = valid(g_strdup(name));
	else
		row.name = bare && mailbox != NULL ? header_decode(mailbox) : g_strdup("");
	g_array_append_val(rows, row);
}

static gboolean add_list(InternetAddressList *list, GArray *rows)
{
	for (int i = 0; i < internet_address_list_length(list); i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);
		if (rows->len >= MESSAGE_ADDRESSES_MAX)
			return FALSE;
		if (INTERNET_ADDRESS_IS_MAILBOX(address))
			add_mailbox(address, rows);
		else if (!add_list(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), rows))
			return FALSE;
	}
	return TRUE;
}

gboolean header_addresses(GMimeObject *object, const char *name, GArray *rows)
{
	GMimeHeaderList *fields = g_mime_object_get_header_list(object);
	gboolean all = TRUE;
	for (int i = 0; i < g_mime_header_list_get_count(fields); i++) {
		const char *raw = raw_value(fields, i, name);
		if (raw == NULL)
			continue;
		g_autofree char *unfolded = unfold(raw);
		g_autofree char *named = name_charsets(unfolded);
		g_autoptr(InternetAddressList) list = internet_address_list_parse(header_options(), named);
		if (list != NULL)
			all &= add_list(list, rows);
	}
	return all;
}

char *header_file_name(GMimeObject *object)
{
	const char *raw = first_raw(object, "Content-Disposition", NULL);
	const char *found = NULL;
	g_autoptr(GMimeContentDisposition) disposition = NULL;
	g_autoptr(GMimeContentType) type = NULL;
	if (raw != NULL) {
		g_autofree char *named = name_charsets(raw);
		disposition = g_mime_content_disposition_parse(header_options(), named);
		found = g_mime_content_disposition_get_parameter(disposition, "filename");
	}
	raw = found == NULL ? first_raw(object, "Content-Type", NULL) : NULL;
	if (raw != NULL) {
		g_autofree char *named = name_charsets(raw);
		type = g_mime_content_type_parse(header_options(), named);
		found = g_mime_content_type_get_parameter(type, "name");
	}
	return valid(g_strdup(found != NULL ? found : ""));
}

char *header_type(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	g_autofree char *text = type != NULL ? g_mime_content_type_get_mime_type(type) : g_strdup("text/plain");
	return g_ascii_strdown(text, -1);
}

void header_fields(GMimeObject *object, GArray *rows)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *field = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(field);
		MessageField row = {g_strdup(g_mime_header_get_name(field)), unfold(raw != NULL ? raw : "")};
		g_array_append_val(rows, row);
	}
}

gboolean header_lines(GMimeObject *object, GString *lines, gsize most)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *field = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(field);
		g_autofree char *value = header_decode(raw != NULL ? raw : "");
		const char *name = g_mime_header_get_name(field);
		if (lines->len + strlen(name) + strlen(value) + 3 > most)
			return FALSE;
		g_string_append_printf(lines, "%s: ", name);
		for (const char *c = value; *c != '\0'; c++)
			g_string_append_c(lines, *c == '\n' || *c == '\r' ? ' ' : *c); /* an encoded line end makes no second field */
		g_string_append_c(lines, '\n');
	}
	return TRUE;
}

void header_message_ids(GMimeObject *object, const char *name, GPtrArray *ids, guint most)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		const char *at = raw_value(list, i, name);
		while (at != NULL && (at = strchr(at, '<')) != NULL && ids->len < most) {
			gsize size = strcspn(++at, "<> \t\r\n");
			if (at[size] == '>' && size > 0)
				g_ptr_array_add(ids, g_strndup(at, size));
			at += size;
		}
	}
}
