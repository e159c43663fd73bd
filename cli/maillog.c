/* SPDX-License-Identifier: ISC */
#include "cli/maillog.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_SIZE 65536
#define PIECE 65536

void maillog_line_clear(MaillogLine *line)
{
	g_strfreev(line->addresses);
	memset(line, 0, sizeof *line);
}

/* --- the time -------------------------------------------------------------------------------------------------------- */

static gint64 moment_of(GDateTime *moment)
{
	return moment != NULL ? g_date_time_to_unix(moment) * G_USEC_PER_SEC : 0;
}

/* "Nov 22 10:00:01 ": the last such day that is not a day ahead. */
static const char *read_old_time(const char *text, gint64 now, GTimeZone *zone, gint64 *time)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4];
	int day, hour, minute, second, used = 0;
	if (sscanf(text, "%3s %2d %2d:%2d:%2d %n", month, &day, &hour, &minute, &second, &used) != 5 || used == 0)
		return NULL;
	const char *found = strlen(month) == 3 ? strstr(months, month) : NULL;
	if (found == NULL || (found - months) % 3 != 0)
		return NULL;
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	for (gint year = g_date_time_get_year(utc) + 1; year > g_date_time_get_year(utc) - 2; year--) {
		g_autoptr(GDateTime) moment = g_date_time_new(zone, year, (gint)(found - months) / 3 + 1, day, hour, minute, second);
		*time = moment_of(moment);
		if (*time != 0 && *time <= now + G_TIME_SPAN_DAY)
			return text + used;
	}
	return NULL;
}

static const char *read_time(const char *text, gint64 now, GTimeZone *zone, gint64 *time)
{
	const char *blank = strchr(text, ' ');
	if (blank == NULL || !g_ascii_isdigit(*text))
		return read_old_time(text, now, zone, time);
	g_autofree char *word = g_strndup(text, (gsize)(blank - text));
	g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(word, zone);
	*time = moment_of(moment);
	return *time != 0 ? blank + 1 : NULL;
}

/* --- the rest -------------------------------------------------------------------------------------------------------- */

/* "HOST PROGRAM[PID]: ": the program's first word, and what follows. */
static const char *read_program(const char *text, char *program, gsize size)
{
	const char *blank = strchr(text, ' '), *end = blank != NULL ? strstr(blank, ": ") : NULL;
	if (end == NULL)
		return NULL;
	gsize length = strcspn(blank + 1, "[: ");
	if (length == 0 || length >= size)
		return NULL;
	memcpy(program, blank + 1, length);
	program[length] = '\0';
	return end + 2;
}

static const char *read_queue_id(const char *text, char queue_id[QUEUE_ID_MAX + 1])
{
	gsize length = strcspn(text, ": ");
	if (length == 0 || length > QUEUE_ID_MAX || strncmp(text + length, ": ", 2) != 0)
		return NULL;
	memcpy(queue_id, text, length);
	queue_id[length] = '\0';
	return queue_id_is_one(queue_id) ? text + length + 2 : NULL;
}

/* Every "KEY=<address>" of the text up to `end`: one too many costs a question, one too few a report. */
static void add_addresses(GStrvBuilder *found, const char *text, const char *end)
{
	for (const char *at = strstr(text, "to=<"); at != NULL && at < end; at = strstr(at + 1, "to=<")) {
		const char *close = strchr(at, '>');
		g_autofree char *address = close != NULL ? g_strndup(at + 4, (gsize)(close - at - 4)) : NULL;
		if (address != NULL)
			g_strv_builder_add(found, address);
	}
}

/* Sendmail's list: "to=<a>,<b>, delay=" or "to=a, delay=". */
static void add_list(GStrvBuilder *found, const char *text)
{
	const char *end = strstr(text, ", ");
	g_autofree char *all = g_strndup(text, end != NULL ? (gsize)(end - text) : strlen(text));
	g_auto(GStrv) words = g_strsplit(all, ",", -1);
	for (char **word = words; *word != NULL; word++)
		g_strv_builder_add(found, g_strstrip(g_strdelimit(*word, "<>", ' ')));
}

static gboolean has_prefix_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (g_str_has_prefix(text, *words))
			return TRUE;
	return FALSE;
}

static gboolean read_postfix(const char *text, MaillogLine *line)
{
	static const char discard[] = "milter-discard: END-OF-MESSAGE ";
	g_autoptr(GStrvBuilder) found = g_strv_builder_new();
	const char *status = strstr(text, " status="), *end = strstr(text, " proto=");
	gboolean discarded = g_str_has_prefix(text, discard);
	if (!discarded && (!g_str_has_prefix(text, "to=<") || status == NULL))
		return FALSE;
	if (discarded)
		add_addresses(found, text, end != NULL ? end : text + strlen(text));
	else
		add_addresses(found, text, status);
	line->addresses = g_strv_builder_end(found);
	line->how = discarded                                       ? MAILLOG_DISCARDED
	            : g_str_has_prefix(status + 8, "sent")           ? MAILLOG_DELIVERED
	                                                             : MAILLOG_RETURNED;
	static const char *const over[] = {"sent", "bounced", "expired", NULL};
	return discarded || has_prefix_of(status + 8, over);
}

static gboolean read_sendmail(const char *text, MaillogLine *line)
{
	static const char deleted[] = "Milter delete: rcpt ";
	g_autoptr(GStrvBuilder) found = g_strv_builder_new();
	const char *stat = strstr(text, " stat=");
	if (strcmp(text, "discarded") == 0 || strcmp(text, "Milter: data, discard") == 0) {
		line->how = MAILLOG_UNNAMED;
		return TRUE;
	}
	if (g_str_has_prefix(text, deleted)) {
		add_list(found, text + strlen(deleted));
		line->how = MAILLOG_TAKEN;
	} else if (g_str_has_prefix(text, "to=") && stat != NULL &&
	           (g_str_has_prefix(stat + 6, "discarded") || g_str_has_prefix(stat + 6, "Sent"))) {
		add_list(found, text + 3);
		line->how = stat[6] == 'd' ? MAILLOG_DISCARDED : MAILLOG_DELIVERED;
	} else {
		return FALSE;
	}
	line->addresses = g_strv_builder_end(found);
	return TRUE;
}

/* Its own name may stand in the line twice: the journal's, and that which it writes itself. */
static gboolean read_milter(const char *text, MaillogLine *line)
{
	line->how = MAILLOG_TAKEN;
	return strcmp(text, "taken") == 0 || g_str_has_prefix(text, "taken: ");
}

gboolean maillog_line_read(const char *text, gint64 now, GTimeZone *zone, MaillogLine *line, gint64 *time)
{
	static const char own[] = "senim-milter";
	char program[64];
	const char *rest = read_time(text, now, zone, time);
	memset(line, 0, sizeof *line);
	if (rest == NULL)
		*time = 0;
	rest = rest != NULL ? read_program(rest, program, sizeof program) : NULL;
	if (rest == NULL)
		return FALSE;
	gboolean milter = strcmp(program, own) == 0;
	if (milter && g_str_has_prefix(rest, "senim-milter: "))
		rest += sizeof own + 1;
	rest = read_queue_id(rest, line->queue_id);
	if (rest == NULL)
		return FALSE;
	line->time = *time;
	if (milter)
		return read_milter(rest, line);
	return strchr(program, '/') != NULL ? read_postfix(rest, line) : read_sendmail(rest, line);
}

/* --- files ----------------------------------------------------------------------------------------------------------- */

typedef struct {
	GString *line;
	gboolean too_long;
	MaillogTake take;
	gpointer user;
} Lines;

static gboolean end_line(Lines *lines, GError **error)
{
	gboolean good = lines->too_long || lines->line->len == 0 || lines->take(lines->line->str, lines->user, error);
	g_string_truncate(lines->line, 0);
	lines->too_long = FALSE;
	return good;
}

static gboolean take_piece(Lines *lines, const char *data, gsize size, GError **error)
{
	while (size > 0) {
		const char *feed = memchr(data, '\n', size);
		gsize length = feed != NULL ? (gsize)(feed - data) : size;
		lines->too_long = lines->too_long || lines->line->len + length > LINE_MAX_SIZE;
		if (!lines->too_long)
			g_string_append_len(lines->line, data, (gssize)length);
		if (feed != NULL && !end_line(lines, error))
			return FALSE;
		data += length + (feed != NULL);
		size -= length + (feed != NULL);
	}
	return TRUE;
}

/* Plain, or behind a decompressor where the first two octets are gzip's (RFC 1952, 2.3.1). */
static GInputStream *open_stream(const char *path, GError **error)
{
	gsize size = 0;
	guint8 magic[2] = {0};
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autoptr(GFileInputStream) plain = g_file_read(file, NULL, error);
	if (plain == NULL || !g_input_stream_read_all(G_INPUT_STREAM(plain), magic, sizeof magic, &size, NULL, error) ||
	    !g_seekable_seek(G_SEEKABLE(plain), 0, G_SEEK_SET, NULL, error))
		return NULL;
	if (size < 2 || magic[0] != 0x1f || magic[1] != 0x8b)
		return G_INPUT_STREAM(g_steal_pointer(&plain));
	g_autoptr(GZlibDecompressor) gzip = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
	return g_converter_input_stream_new(G_INPUT_STREAM(plain), G_CONVERTER(gzip));
}

gboolean maillog_file_read(const char *path, MaillogTake take, gpointer user, GError **error)
{
	g_autoptr(GInputStream) stream = open_stream(path, error);
	g_autofree char *piece = g_malloc(PIECE);
	g_autoptr(GString) line = g_string_new(NULL);
	Lines lines = {.line = line, .take = take, .user = user};
	gssize n = 0;
	if (stream == NULL)
		return FALSE;
	while ((n = g_input_stream_read(stream, piece, PIECE, NULL, error)) > 0)
		if (!take_piece(&lines, piece, (gsize)n, error))
			return FALSE;
	if (n < 0) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	return end_line(&lines, error);
}
