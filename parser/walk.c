/* SPDX-License-Identifier: ISC */
#include "parser/walk.h"

#include <string.h>

#include "parser/autocleanups.h"
#include "parser/body.h"
#include "parser/charset.h"
#include "parser/header.h"
#include "parser/html.h"
#include "parser/prescan.h"

/* One pass over a message and what is embedded in it. */
typedef struct {
	Message *message;
	guint depth;
	guint leaf;       /* number of the leaf at hand, from 1 */
	guint wanted;     /* the attachment whose octets are asked for, 0: none */
	GBytes *found;
	gsize decoded;    /* octets decoded to be looked into */
	GPtrArray *alive; /* GByteArray: what was parsed a second time */
} Walk;

/* What a walk reads from: the buffer, and the boundary that ends an embedded message in it. */
typedef struct {
	const guint8 *data;
	gsize size;
	const char *boundary;
} Source;

static void walk_object(Walk *walk, GMimeObject *object, Source source);

/* --- text --------------------------------------------------------------------------- */

static void add_text(Walk *walk, const char *text, gsize size)
{
	GString *out = walk->message->text;
	gsize room = MESSAGE_TEXT_MAX - MIN(out->len + 2, MESSAGE_TEXT_MAX);
	if (size > room) {
		message_note_limit(walk->message, "text");
		size = room;
		while (size > 0 && ((guint8)text[size] & 0xc0) == 0x80)
			size--;
	}
	if (size == 0)
		return;
	if (out->len > 0)
		g_string_append(out, out->str[out->len - 1] == '\n' ? "\n" : "\n\n");
	g_string_append_len(out, text, (gssize)size);
}

static void note_charset(Walk *walk, const char *label, const CharsetResult *result)
{
	if (result->replaced)
		message_note(walk->message, "replaced-characters");
	if (!result->guessed && !result->replaced)
		return;
	if (result->guessed)
		message_note(walk->message, "guessed-charset");
	g_ptr_array_add(walk->message->charsets, g_strdup_printf("%u %s %s", walk->leaf, label != NULL ? label : "-",
	                                                         result->used));
}

/* The label may be anything: one word of it, without blanks, is enough to show. */
static char *charset_label(GMimeObject *object)
{
	const char *label = g_mime_object_get_content_type_parameter(object, "charset");
	if (label == NULL || *label == '\0')
		return NULL;
	return g_strndup(label, MIN(strcspn(label, " \t\r\n;"), 64));
}

static GString *text_of(Walk *walk, GMimePart *part)
{
	gboolean cut;
	CharsetResult charset;
	g_autofree char *label = charset_label(GMIME_OBJECT(part));
	GByteArray *octets = body_decode(part, HTML_OCTETS_MAX, &cut);
	GString *text = charset_to_utf8((const char *)octets->data, octets->len, label, HTML_OCTETS_MAX, &charset);
	g_byte_array_unref(octets);
	if (cut)
		message_note_limit(walk->message, "text");
	note_charset(walk, label, &charset);
	return text;
}

static GString *html_of(Walk *walk, GMimePart *part)
{
	HtmlResult result;
	g_autoptr(GString) source = text_of(walk, part);
	GString *text = html_to_text(source->str, source->len, MESSAGE_TEXT_MAX, &result);
	if (result.hidden)
		message_note(walk->message, "hidden-text");
	if (result.partial)
		message_note_limit(walk->message, "text");
	return text;
}

static gboolean is_blank(const char *text, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (!g_ascii_isspace(text[i]) && text[i] != '\0')
			return FALSE;
	return TRUE;
}

static void look_for_pgp(Walk *walk, const GString *text)
{
	static const char mark[] = "-----BEGIN PGP MESSAGE-----";
	const char *at = memmem(text->str, text->len, mark, sizeof mark - 1);
	if (at != NULL && (at == text->str || at[-1] == '\n')) {
		walk->message->opaque = TRUE;
		message_note(walk->message, "encrypted");
	}
}

/* --- attachments ---------------------------------------------------------------------- */

static gboolean is_sound(const char *type, const char *name)
{
	static const char *const endings[] = {".wav", ".mp3", ".ogg", ".opus", ".amr", ".gsm", ".m4a"};
	if (g_str_has_prefix(type, "audio/"))
		return TRUE;
	g_autofree char *lower = g_ascii_strdown(name, -1);
	for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(lower, endings[i]))
			return TRUE;
	return FALSE;
}

static void look_at_type(Walk *walk, GMimeObject *object, const char *type, const char *name)
{
	Message *message = walk->message;
	const char *kind = g_mime_object_get_content_type_parameter(object, "smime-type");
	if (strcmp(type, "application/pkcs7-mime") == 0 || strcmp(type, "application/x-pkcs7-mime") == 0) {
		message->opaque = TRUE;
		message_note(message, kind != NULL && g_ascii_strcasecmp(kind, "signed-data") == 0 ? "signed" : "encrypted");
	} else if (strcmp(type, "application/ms-tnef") == 0 || g_ascii_strcasecmp(name, "winmail.dat") == 0) {
		message_note(message, "tnef");
	} else if (strcmp(type, "message/partial") == 0) {
		message_note(message, "fragment");
	} else if (strcmp(type, "message/external-body") == 0) {
		message_note(message, "external");
	}
}

/* TRUE where this attachment's octets are asked for. */
static gboolean add_attachment(Walk *walk, GMimeObject *object, const char *type, guint64 size)
{
	Message *message = walk->message;
	MessageAttachment row = {g_strdup(type), header_file_name(object), size};
	message->sound |= is_sound(row.type, row.name);
	look_at_type(walk, object, row.type, row.name);
	g_array_append_val(message->attachments, row);
	return message->attachments->len == walk->wanted;
}

static void add_leaf_attachment(Walk *walk, GMimePart *part, const char *type)
{
	gboolean cut;
	if (add_attachment(walk, GMIME_OBJECT(part), type, body_size(part)))
		walk->found = g_byte_array_free_to_bytes(body_decode(part, G_MAXUINT32 / 8, &cut));
}

/* --- leaves --------------------------------------------------------------------------- */

static gboolean is_shown_type(const char *type)
{
	static const char *const types[] = {"text/plain", "text/html", "text/enriched", "text/richtext",
	                                    "text/rfc822-headers", "message/delivery-status",
	                                    "message/disposition-notification", "message/feedback-report"};
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (strcmp(types[i], type) == 0)
			return TRUE;
	return FALSE;
}

static gboolean is_put_aside(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);
	return disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0;
}

static void show_part(Walk *walk, GMimePart *part, const char *type)
{
	if (walk->message->text->len + 2 >= MESSAGE_TEXT_MAX) {
		message_note_limit(walk->message, "text");
		return;
	}
	g_autoptr(GString) text = strcmp(type, "text/html") == 0 ? html_of(walk, part) : text_of(walk, part);
	look_for_pgp(walk, text);
	if (!is_blank(text->str, text->len))
		add_text(walk, text->str, text->len);
}

static gboolean walk_encoded_message(Walk *walk, GMimePart *part, const char *type);

static void walk_leaf(Walk *walk, GMimePart *part)
{
	g_autofree char *type = header_type(GMIME_OBJECT(part));
	if (strcmp(type, "message/rfc822") == 0 && walk_encoded_message(walk, part, type))
		return;
	gboolean shown = is_shown_type(type) && !is_put_aside(GMIME_OBJECT(part));
	if (shown)
		show_part(walk, part, type);
	g_autofree char *name = header_file_name(GMIME_OBJECT(part));
	if (!shown || *name != '\0')
		add_leaf_attachment(walk, part, type);
}

/* --- embedded messages ------------------------------------------------------------------ */

static void show_inner_header(Walk *walk, GMimeObject *inner)
{
	static const char *const names[] = {"From", "To", "Date", "Subject"};
	g_autoptr(GString) lines = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *value = header_text(inner, names[i], NULL);
		if (value != NULL && *value != '\0')
			g_string_append_printf(lines, "%s: %s\n", names[i], value);
	}
	add_text(walk, lines->str, lines->len);
}

static void walk_message(Walk *walk, GMimeMessage *inner, Source source)
{
	GMimeObject *content = inner != NULL ? g_mime_message_get_mime_part(inner) : NULL;
	if (inner == NULL)
		return;
	show_inner_header(walk, GMIME_OBJECT(inner));
	header_message_ids(GMIME_OBJECT(inner), "Message-Id", walk->message->references, MESSAGE_REFERENCES_MAX);
	if (content != NULL)
		walk_object(walk, content, source);
}

/* Where the field that comes first in the buffer begins, or -1; GMime keeps Content-... with the part, not the message. */
static gint64 first_field(GMimeMessage *inner)
{
	GMimeObject *objects[] = {GMIME_OBJECT(inner), g_mime_message_get_mime_part(inner)};
	gint64 first = -1;
	for (gsize i = 0; i < G_N_ELEMENTS(objects); i++) {
		GMimeHeaderList *list = objects[i] != NULL ? g_mime_object_get_header_list(objects[i]) : NULL;
		if (list == NULL || g_mime_header_list_get_count(list) == 0)
			continue;
		gint64 offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(list, 0));
		first = first < 0 || (offset >= 0 && offset < first) ? offset : first;
	}
	return first;
}

/* The line end before the boundary's line (RFC 2046 5.1.1), which belongs to the boundary, or `end`. */
static const char *before_boundary(const char *at, const char *end, const char *boundary)
{
	g_autofree char *mark = g_strconcat("\n--", boundary, NULL);
	gsize size = strlen(mark);
	while ((at = memmem(at, (gsize)(end - at), mark, size)) != NULL) {
		const char *rest = at + size;
		if (end - rest >= 2 && memcmp(rest, "--", 2) == 0)
			rest += 2;
		while (rest < end && (*rest == ' ' || *rest == '\t' || *rest == '\r'))
			rest++;
		if (rest == end || *rest == '\n')
			return at;
		at++;
	}
	return end;
}

/* Where an embedded message stands in the buffer: from its first field to the line of the boundary around it. GMime
 * keeps no octets of it, and is never asked to write it again. */
static gboolean embedded_range(GMimeMessage *inner, Source source, gsize *begin, gsize *size)
{
	gint64 offset = first_field(inner);
	if (offset < 0 || (gsize)offset >= source.size)
		return FALSE;
	const char *from = (const char *)source.data + offset, *end = (const char *)source.data + source.size;
	if (source.boundary != NULL && *source.boundary != '\0') {
		const char *stop = before_boundary(from, end, source.boundary);
		end = stop < end && stop > from && stop[-1] == '\r' ? stop - 1 : stop;
	}
	*begin = (gsize)offset;
	*size = (gsize)(end - from);
	return TRUE;
}

static void walk_embedded(Walk *walk, GMimeMessagePart *part, Source source)
{
	GMimeMessage *inner = g_mime_message_part_get_message(part);
	gsize begin = 0, size = 0;
	g_autofree char *type = header_type(GMIME_OBJECT(part));
	gboolean known = inner != NULL && embedded_range(inner, source, &begin, &size);
	if (add_attachment(walk, GMIME_OBJECT(part), type, size))
		walk->found = g_bytes_new(source.data + begin, known ? size : 0);
	walk_message(walk, inner, source);
}

GMimeMessage *walk_parse(GByteArray *octets)
{
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_byte_array(octets);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
	return g_mime_parser_construct_message(parser, header_options());
}

/* Parses once more what was decoded, takes it over, and walks it. type: message/rfc822, or a multipart of that boundary. */
static void walk_decoded(Walk *walk, GByteArray *octets, const char *type, const char *boundary)
{
	Prescan scan;
	gboolean message = strcmp(type, "message/rfc822") == 0;
	if (!message) {
		g_autofree char *head = g_strdup_printf("Content-Type: %s; boundary=\"%s\"\r\n\r\n", type,
		                                        boundary != NULL ? boundary : "");
		g_byte_array_prepend(octets, (const guint8 *)head, (guint)strlen(head));
	}
	g_ptr_array_add(walk->alive, octets);
	prescan_tame(octets->data, octets->len, &scan);
	walk->message->partial |= (scan.flags & PRESCAN_PARTIAL) != 0;
	g_byte_array_remove_range(octets, 0, (guint)(scan.message - octets->data));
	g_byte_array_set_size(octets, (guint)scan.size);
	if (octets->len == 0)
		return;
	g_autoptr(GMimeMessage) inner = walk_parse(octets);
	Source source = {octets->data, octets->len, NULL};
	walk->depth++;
	if (message)
		walk_message(walk, inner, source);
	else if (inner != NULL && g_mime_message_get_mime_part(inner) != NULL)
		walk_object(walk, g_mime_message_get_mime_part(inner), source);
	walk->depth--;
}

/* TRUE while there is room to decode and look into one more. */
static gboolean may_decode(Walk *walk)
{
	if (walk->depth < MESSAGE_DEPTH_MAX && walk->decoded < MESSAGE_OCTETS_MAX)
		return TRUE;
	message_note_limit(walk->message, walk->depth >= MESSAGE_DEPTH_MAX ? "depth" : "decoded");
	return FALSE;
}

/* An embedded message that was encoded as a whole, against RFC 2045 6.4: decoded and walked like any other. */
static gboolean walk_encoded_message(Walk *walk, GMimePart *part, const char *type)
{
	gboolean cut;
	if (!may_decode(walk))
		return FALSE;
	GByteArray *octets = body_decode(part, MESSAGE_PART_OCTETS_MAX, &cut);
	walk->decoded += octets->len;
	if (cut)
		message_note_limit(walk->message, "decoded");
	if (add_attachment(walk, GMIME_OBJECT(part), type, octets->len))
		walk->found = g_bytes_new(octets->data, octets->len);
	walk_decoded(walk, octets, type, NULL);
	return TRUE;
}

/* The same for a multipart: for GMime it has no parts, and all of it is prologue. */
static gboolean walk_encoded_multipart(Walk *walk, GMimeMultipart *multipart, const char *type)
{
	const char *prologue = g_mime_multipart_get_prologue(multipart);
	const char *encoding = g_mime_object_get_header(GMIME_OBJECT(multipart), "Content-Transfer-Encoding");
	GMimeContentEncoding code = encoding != NULL ? g_mime_content_encoding_from_string(encoding) : 0;
	if (prologue == NULL ||
	    (code != GMIME_CONTENT_ENCODING_BASE64 && code != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) || !may_decode(walk))
		return FALSE;
	GByteArray *octets = body_decode_as(code, prologue, strlen(prologue));
	walk->decoded += octets->len;
	walk_decoded(walk, octets, type, g_mime_object_get_content_type_parameter(GMIME_OBJECT(multipart), "boundary"));
	return TRUE;
}

/* --- multiparts --------------------------------------------------------------------------- */

/* The words of a text as hashes; targets of links (`<...>`) do not count. */
static GHashTable *words_of(const GString *text, guint *n)
{
	GHashTable *words = g_hash_table_new(NULL, NULL);
	guint hash = 5381;
	gboolean in_word = FALSE, in_link = FALSE;
	*n = 0;
	for (gsize i = 0; i <= text->len; i++) {
		guint8 c = i < text->len ? (guint8)text->str[i] : ' ';
		in_link = c == '<' || (in_link && c != '>' && c != '\n');
		if (!in_link && (g_ascii_isalnum(c) || c >= 0x80)) {
			hash = hash * 33 + (guint8)g_ascii_tolower((gchar)c);
			in_word = TRUE;
		} else if (in_word) {
			g_hash_table_add(words, GUINT_TO_POINTER(hash));
			hash = 5381;
			in_word = FALSE;
		}
	}
	*n = g_hash_table_size(words);
	return words;
}

/* TRUE where at least nine in ten words of the one stand in the other. */
static gboolean says_nothing_new(const GString *html, const GString *plain)
{
	guint n, ignored, known = 0;
	gpointer word;
	GHashTableIter iter;
	g_autoptr(GHashTable) new = words_of(html, &n);
	g_autoptr(GHashTable) old = words_of(plain, &ignored);
	g_hash_table_iter_init(&iter, new);
	while (g_hash_table_iter_next(&iter, &word, NULL))
		known += g_hash_table_contains(old, word);
	return known * 10 >= n * 9;
}

static gboolean is_part_of_type(GMimeObject *object, const char *type)
{
	if (!GMIME_IS_PART(object))
		return FALSE;
	g_autofree char *own = header_type(object);
	return strcmp(own, type) == 0 && !is_put_aside(object);
}

/* multipart/alternative (RFC 2046 5.1.4): the plain text if there is any, the others where they say more. */
static void walk_alternative(Walk *walk, GMimeMultipart *multipart, Source source)
{
	g_autoptr(GString) plain = NULL;
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++) {
		GMimeObject *child = g_mime_multipart_get_part(multipart, i);
		gsize before = walk->message->text->len;
		walk_object(walk, child, source);
		if (plain == NULL) {
			if (is_part_of_type(child, "text/plain") && walk->message->text->len > before)
				plain = g_string_new_len(walk->message->text->str + before, (gssize)(walk->message->text->len - before));
			continue;
		}
		if (walk->message->text->len == before)
			continue;
		g_autoptr(GString) other = g_string_new_len(walk->message->text->str + before,
		                                            (gssize)(walk->message->text->len - before));
		if (says_nothing_new(other, plain))
			g_string_truncate(walk->message->text, before);
		else
			message_note(walk->message, "alternatives-differ");
	}
}

/* All text of a multipart whose boundary never comes is prologue. */
static void show_prologue(Walk *walk, GMimeMultipart *multipart, Source source)
{
	const char *texts[] = {g_mime_multipart_get_prologue(multipart), g_mime_multipart_get_epilogue(multipart)};
	message_note(walk->message, "ambiguous-structure");
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		CharsetResult charset;
		if (texts[i] == NULL)
			continue;
		/* GMime's copy ends at the first NUL; where the octets are found again in the buffer, all of them are shown. */
		gsize size = strlen(texts[i]);
		const char *raw = size > 0 ? memmem(source.data, source.size, texts[i], size) : NULL;
		if (walk->depth == 1 && raw != NULL)
			size = (gsize)((const char *)source.data + source.size - raw);
		g_autoptr(GString) text = charset_to_utf8(raw != NULL ? raw : texts[i], size, NULL, MESSAGE_TEXT_MAX, &charset);
		note_charset(walk, NULL, &charset);
		look_for_pgp(walk, text);
		if (!is_blank(text->str, text->len))
			add_text(walk, text->str, text->len);
	}
}

static void walk_multipart(Walk *walk, GMimeMultipart *multipart, Source source)
{
	g_autofree char *type = header_type(GMIME_OBJECT(multipart));
	const char *boundary = g_mime_object_get_content_type_parameter(GMIME_OBJECT(multipart), "boundary");
	Source inner = {source.data, source.size, boundary};
	if (strcmp(type, "multipart/encrypted") == 0) {
		walk->message->opaque = TRUE;
		message_note(walk->message, "encrypted");
	}
	if (g_mime_multipart_get_count(multipart) == 0) {
		if (!walk_encoded_multipart(walk, multipart, type))
			show_prologue(walk, multipart, source);
	} else if (strcmp(type, "multipart/alternative") == 0) {
		walk_alternative(walk, multipart, inner);
	} else {
		for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
			walk_object(walk, g_mime_multipart_get_part(multipart, i), inner);
	}
}

static void walk_object(Walk *walk, GMimeObject *object, Source source)
{
	Message *message = walk->message;
	if (walk->depth >= MESSAGE_DEPTH_MAX) {
		message_note_limit(message, "depth");
		return;
	}
	if (++message->parts > MESSAGE_PARTS_MAX) {
		message_note_limit(message, "parts");
		return;
	}
	walk->depth++;
	if (GMIME_IS_MULTIPART(object)) {
		walk_multipart(walk, GMIME_MULTIPART(object), source);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		walk->leaf++;
		walk_embedded(walk, GMIME_MESSAGE_PART(object), source);
	} else if (GMIME_IS_PART(object)) {
		walk->leaf++;
		walk_leaf(walk, GMIME_PART(object));
	}
	walk->depth--;
}

/* --- all of it ------------------------------------------------------------------------------ */

/* What GMime does not take for a message at all. */
static void show_octets(Walk *walk, const GByteArray *octets)
{
	CharsetResult charset;
	g_autoptr(GString) text = charset_to_utf8((const char *)octets->data, octets->len, NULL, MESSAGE_TEXT_MAX, &charset);
	note_charset(walk, NULL, &charset);
	walk->message->partial |= octets->len > MESSAGE_TEXT_MAX;
	look_for_pgp(walk, text);
	add_text(walk, text->str, text->len);
}

GBytes *walk_parts(Message *message, GMimeMessage *parsed, GByteArray *octets, guint wanted)
{
	Walk walk = {.message = message, .wanted = wanted};
	GMimeObject *content = parsed != NULL ? g_mime_message_get_mime_part(parsed) : NULL;
	walk.alive = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
	if (content != NULL)
		walk_object(&walk, content, (Source){octets->data, octets->len, NULL});
	else if (parsed == NULL && octets->len > 0)
		show_octets(&walk, octets);
	g_ptr_array_unref(walk.alive);
	if (is_blank(message->text->str, message->text->len) && message->attachments->len > 0 && !message->sound)
		message->opaque = TRUE;
	return walk.found;
}
