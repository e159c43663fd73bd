/* SPDX-License-Identifier: ISC */
/* senim-ingest - hands a message that reached a trust mailbox past the milter to senim-milter; for pipe(8).
 * Exit: 0 registered; 77 (EX_NOPERM) not taken here, ever: no mailbox of ours, too large; 75 (EX_TEMPFAIL) everything
 * else, wrong words and a broken configuration as well: an MTA keeps such a message, any other code would bounce it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/config.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/process.h"
#include "base/queue-id.h"
#include "installed.h"

#define PIECE 65536
#define SEND_TIME (5 * G_TIME_SPAN_MINUTE)
#define VERDICT_TIME (3 * G_TIME_SPAN_MINUTE) /* more than the 120 s that a report may take */

typedef struct {
	char *mailbox, *sender, *queue_id, *config, *socket;
	gboolean version;
} Words;

static gboolean read_words(Words *words, int *argc, char ***argv, GError **error)
{
	GOptionEntry entries[] = {
		/* file names are octets: an address need not be in the locale's character set */
		{"mailbox", 0, 0, G_OPTION_ARG_FILENAME, &words->mailbox, "the trust mailbox that the message reached", "ADDR"},
		{"sender", 0, 0, G_OPTION_ARG_FILENAME, &words->sender, "its envelope sender, empty: the null sender", "ADDR"},
		{"queue-id", 0, 0, G_OPTION_ARG_FILENAME, &words->queue_id, "what the MTA calls it, for senim reconcile", "ID"},
		{"config", 0, 0, G_OPTION_ARG_FILENAME, &words->config, "the configuration of senim-milter", "FILE"},
		{"socket", 0, 0, G_OPTION_ARG_FILENAME, &words->socket, "its ingest.sock, instead of --config", "PATH"},
		{"version", 0, 0, G_OPTION_ARG_NONE, &words->version, "print the version", NULL},
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new("< MESSAGE - hand a message to senim-milter");
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, error))
		return FALSE;
	if (words->version || (*argc == 1 && words->mailbox != NULL && words->sender != NULL))
		return TRUE;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
	            "give --mailbox ADDR and --sender ADDR, and nothing else");
	return FALSE;
}

static char *socket_path(const Words *words, GError **error)
{
	if (words->socket != NULL)
		return g_strdup(words->socket);
	const char *file = words->config != NULL ? words->config : SYSCONFDIR "/senim/senim.conf";
	g_autoptr(Config) config = config_load(file, error);
	return config != NULL ? config_run_path(config, "ingest.sock") : NULL;
}

static int dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && strlen(path) < sizeof address.sun_path) {
		memcpy(address.sun_path, path, strlen(path) + 1);
		if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
			return fd;
	} else {
		errno = fd < 0 ? errno : ENAMETOOLONG;
	}
	log_error("cannot reach senim-milter at %s: %s", path, g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* FALSE where the other side took no more: it may have said why. */
static gboolean send_message(int fd, gboolean *readable)
{
	g_autofree guint8 *piece = g_malloc(PIECE);
	gboolean sent = TRUE;
	gssize n = 0;
	while (sent && ((n = read(STDIN_FILENO, piece, PIECE)) > 0 || (n < 0 && errno == EINTR))) {
		g_autoptr(GBytes) body = bundle_secret_bytes(piece, (gsize)MAX(n, 0));
		sent = n < 0 || frame_send(fd, FRAME_DATA, body, -1, g_get_monotonic_time() + SEND_TIME, NULL);
	}
	*readable = n >= 0;
	explicit_bzero(piece, PIECE);
	return sent && n == 0 && frame_send(fd, FRAME_END, NULL, -1, g_get_monotonic_time() + SEND_TIME, NULL);
}

static int read_verdict(int fd)
{
	static const RecordField schema[] = {{"verdict", 1, 1}, {NULL, 0, 0}};
	g_auto(Frame) frame = FRAME_INIT;
	if (!frame_receive(fd, &frame, g_get_monotonic_time() + VERDICT_TIME, NULL) || frame.type != FRAME_VERDICT)
		return EX_TEMPFAIL;
	gsize size;
	const void *data = g_bytes_get_data(frame.body, &size);
	g_autoptr(Bundle) verdict = bundle_read(data, size, schema, NULL);
	const char *word = verdict != NULL ? record_get(bundle_record(verdict), "verdict") : "";
	if (strcmp(word, "taken") == 0)
		return EX_OK;
	return strcmp(word, "refused") == 0 ? EX_NOPERM : EX_TEMPFAIL;
}

static int ingest(int fd, const Words *words)
{
	g_autoptr(Bundle) bundle = bundle_new();
	gboolean readable = TRUE;
	record_add(bundle_record(bundle), "mailbox", words->mailbox);
	record_add(bundle_record(bundle), "sender", words->sender);
	if (words->queue_id != NULL && queue_id_is_one(words->queue_id))
		record_add(bundle_record(bundle), "queue-id", words->queue_id);
	if (frame_send_bundle(fd, FRAME_INGEST, bundle, -1, g_get_monotonic_time() + SEND_TIME, NULL))
		send_message(fd, &readable);
	return readable ? read_verdict(fd) : EX_TEMPFAIL; /* half a message is none: hanging up says so */
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	static Words words; /* lives to the end of the process */
	process_harden();
	log_open("senim-ingest");
	if (!read_words(&words, &argc, &argv, &error)) {
		log_error("%s", error->message);
		return EX_TEMPFAIL;
	}
	if (words.version) {
		puts("senim-ingest " PACKAGE_VERSION);
		return EX_OK;
	}
	g_autofree char *path = socket_path(&words, &error);
	if (path == NULL) {
		log_error("%s", error->message);
		return EX_TEMPFAIL;
	}
	int fd = dial(path);
	if (fd < 0)
		return EX_TEMPFAIL;
	int status = ingest(fd, &words);
	if (status != EX_OK)
		log_error("senim-milter %s", status == EX_NOPERM ? "does not take this message" : "cannot take it now");
	close(fd);
	return status;
}
