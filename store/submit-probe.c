/* SPDX-License-Identifier: ISC */
/* One conversation that ends before DATA: libcurl has no word for it. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "store/submit.h"

#define PROBE_SECONDS 10
#define LINE_MAX_OCTETS 1000 /* RFC 5321 4.5.3.1.5 has 512 */
#define LINES_MAX 100

typedef struct {
	GDataInputStream *in;
	GOutputStream *out;
} Talk;

static gboolean fail_reply(GError **error, const char *submit, const char *reply)
{
	g_autofree char *shown = escape_text(reply, -1, ESCAPE_LINE);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s answered \"%s\"", submit, shown);
	return FALSE;
}

/* The last line of a reply (RFC 5321 4.2.1), or NULL. */
static char *read_reply(const Talk *talk, GError **error)
{
	for (guint i = 0; i < LINES_MAX; i++) {
		gsize size;
		g_autofree char *line = g_data_input_stream_read_line(talk->in, &size, NULL, error);
		if (line == NULL || size > LINE_MAX_OCTETS)
			break;
		if (size < 4 || line[3] != '-')
			return g_steal_pointer(&line);
	}
	if (error != NULL && *error == NULL)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the connection ended before a reply");
	return NULL;
}

/* command NULL: the greeting is waited for. */
static gboolean say(const Talk *talk, const char *submit, const char *command, GError **error)
{
	if (command != NULL && !g_output_stream_write_all(talk->out, command, strlen(command), NULL, NULL, error))
		return FALSE;
	g_autofree char *reply = read_reply(talk, error);
	return reply != NULL && (reply[0] == '2' || fail_reply(error, submit, reply));
}

static gboolean converse(const Talk *talk, const char *submit, const char *ehlo, const char *to, GError **error)
{
	g_autofree char *hello = g_strdup_printf("EHLO %s\r\n", ehlo), *rcpt = g_strdup_printf("RCPT TO:<%s>\r\n", to);
	gboolean taken = say(talk, submit, NULL, error) && say(talk, submit, hello, error) &&
	                 say(talk, submit, "MAIL FROM:<>\r\n", error) && say(talk, submit, rcpt, error);
	(void)g_output_stream_write_all(talk->out, "QUIT\r\n", 6, NULL, NULL, NULL);
	return taken;
}

gboolean submit_accepts(const char *submit, const char *ehlo, const char *to, GError **error)
{
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_socket_client_set_enable_proxy(client, FALSE);
	g_socket_client_set_timeout(client, PROBE_SECONDS);
	g_autoptr(GSocketConnection) connection =
		g_socket_client_connect_to_host(client, submit + strlen("smtp://"), 25, NULL, error);
	if (connection == NULL)
		return FALSE;
	g_autoptr(GDataInputStream) in = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
	g_data_input_stream_set_newline_type(in, G_DATA_STREAM_NEWLINE_TYPE_ANY);
	const Talk talk = {in, g_io_stream_get_output_stream(G_IO_STREAM(connection))};
	return converse(&talk, submit, ehlo, to, error);
}
