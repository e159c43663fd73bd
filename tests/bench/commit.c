/* SPDX-License-Identifier: ISC */
/* tests/bench/commit.c - hands sealed reports to a running registrar, at a steady pace, and measures its COMMIT.
 *
 * commit INTAKE-SOCKET MAILBOX CONNECTIONS SECONDS PAUSE     PAUSE: milliseconds after each answer, on each connection
 * The reports are sealed before the clock starts, so that nothing but the registrar is measured.
 * Result, one line: commits, seconds, p50 and p99 in ms (from COMMIT to REGISTERED). Exits 1 where any other answer came. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/frame.h"
#include "base/process.h"
#include "store/seal.h"

#define PATIENCE (60 * G_TIME_SPAN_SECOND)

static const char *socket_path, *mailbox;
static double seconds;
static guint pause_ms;

typedef struct {
	int socket;
	GPtrArray *commits; /* Bundle */
	GArray *spent;      /* gint64, microseconds */
	guint refused;
} Connection;

static void must(gboolean good, GError *const *error)
{
	if (!good)
		g_error("%s", *error != NULL ? (*error)->message : g_strerror(errno));
}

static guint16 ask(int socket, FrameType type, const Bundle *bundle, Bundle **answer)
{
	g_auto(Frame) frame = FRAME_INIT;
	g_autoptr(GError) error = NULL;
	gint64 until = g_get_monotonic_time() + PATIENCE;
	must(frame_send_bundle(socket, (guint16)type, bundle, -1, until, &error) && frame_receive(socket, &frame, until, &error),
	     &error);
	if (answer != NULL) {
		*answer = bundle_read(g_bytes_get_data(frame.body, NULL), g_bytes_get_size(frame.body), NULL, &error);
		must(*answer != NULL, &error);
	}
	return frame.type;
}

static int greet(void)
{
	g_autoptr(GError) error = NULL;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	g_autoptr(Bundle) hello = bundle_new();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_strlcpy(address.sun_path, socket_path, sizeof address.sun_path);
	must(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0, &error);
	record_add(bundle_record(hello), "senim", "1");
	must(ask(fd, FRAME_HELLO, hello, NULL) == FRAME_HELLO_OK, &error);
	return fd;
}

/* Who reads, and the set that they are. */
static Bundle *fetch_readers(int socket)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Bundle) question = bundle_new();
	Bundle *readers = NULL;
	record_add(bundle_record(question), "mailbox", mailbox);
	record_add_bool(bundle_record(question), "examined", TRUE);
	must(ask(socket, FRAME_READERS, question, &readers) == FRAME_READERS_OK, &error);
	return readers;
}

static void add_headers(Bundle *bundle, const Bundle *readers, const SealBody *body, const SealCard *card)
{
	const char *line;
	g_autoptr(GError) error = NULL;
	for (guint i = 0; (line = record_get_nth(bundle_record(readers), "reader", i)) != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(line, " ", 4); /* NAME ROLE BODY CARD */
		g_autofree char *body_name = g_strconcat("header/body/", words[0], NULL);
		g_autofree char *card_name = g_strconcat("header/card/", words[0], NULL);
		g_autofree char *body_header = seal_body_header(body, words[2], &error);
		g_autofree char *card_header = seal_card_header(card, words[3], &error);
		must(body_header != NULL && card_header != NULL, &error);
		bundle_add_copy(bundle, body_name, body_header, strlen(body_header));
		bundle_add_copy(bundle, card_name, card_header, strlen(card_header));
	}
}

static void add_record(Record *r, const Bundle *readers, const SealFields *fields, const SealResult *body, const SealResult *card)
{
	guint8 digest[SEAL_DIGEST];
	randombytes_buf(digest, sizeof digest);
	record_add(r, "mailbox", mailbox);
	record_add_hex(r, "case", fields->case_id, sizeof fields->case_id);
	record_add_uint(r, "received", (guint64)fields->begun);
	record_add(r, "set", record_get(bundle_record(readers), "set"));
	record_add(r, "payload", "inline");
	record_add_uint(r, "size", body->size);
	record_add_hex(r, "digest", body->digest, sizeof body->digest);
	record_add_hex(r, "card-digest", card->digest, sizeof card->digest);
	record_add_hex(r, "message-digest", digest, sizeof digest);
	record_add_hex(r, "key-check-body", body->key_check, sizeof body->key_check);
	record_add_hex(r, "key-check-card", card->key_check, sizeof card->key_check);
	record_add_hex(r, "body-check", body->body_check, sizeof body->body_check);
	record_add(r, "letter", "withheld");
	record_add(r, "letter-reason", "never");
	record_add_uint(r, "delay", 0);
}

static Record *make_facts(void)
{
	Record *facts = record_new();
	record_add(facts, "channel", "mail");
	record_add(facts, "language", "kk");
	record_add(facts, "automatic", "-");
	record_add(facts, "verdict", "clean");
	record_add_bool(facts, "opaque", FALSE);
	record_add_bool(facts, "examined", TRUE);
	record_add_bool(facts, "partial", FALSE);
	record_add_uint(facts, "attachments", 0);
	return facts;
}

static SealCard *seal_its_card(const SealFields *fields, SealResult *result)
{
	static const char *const keys[] = {"envelope-from", "from-name", "from-address", "organisation", "subject", "date",
	                                   "message-id"};
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) card = record_new();
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		record_add(card, keys[i], "bench");
	SealCard *sealed = seal_card_new(fields->case_id, card, result, &error);
	must(sealed != NULL, &error);
	return sealed;
}

static Bundle *make_commit(const Bundle *readers)
{
	static const char message[] = "Subject: bench\r\n\r\nbench\r\n";
	g_autoptr(GError) error = NULL;
	SealResult sealed = {0}, card_sealed = {0};
	const char *to[] = {mailbox, NULL};
	SealFields fields = {.mailbox = mailbox, .begun = g_get_real_time(), .envelope_from = "r@example.org", .envelope_to = to};
	randombytes_buf(fields.case_id, sizeof fields.case_id);
	g_autoptr(SealBody) body = seal_body_new(&fields, NULL, NULL, &error);
	must(body != NULL && seal_body_write(body, message, strlen(message), &error) && seal_body_finish(body, &sealed, &error),
	     &error);
	g_autoptr(SealCard) card = seal_its_card(&fields, &card_sealed);
	g_autoptr(Record) facts = make_facts();
	Bundle *bundle = bundle_new();
	add_record(bundle_record(bundle), readers, &fields, &sealed, &card_sealed);
	bundle_add(bundle, "payload", sealed.payload);
	bundle_add(bundle, "card", card_sealed.payload);
	bundle_add_record(bundle, "facts", facts);
	add_headers(bundle, readers, body, card);
	seal_result_clear(&sealed);
	seal_result_clear(&card_sealed);
	return bundle;
}

static gpointer run(gpointer data)
{
	Connection *c = data;
	process_set_pace(PROCESS_QUICK); /* else it measures how long this program waits, beside whoever computes */
	gint64 stop = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
	for (guint i = 0; i < c->commits->len && g_get_monotonic_time() < stop; i++) {
		gint64 began = g_get_monotonic_time();
		c->refused += ask(c->socket, FRAME_COMMIT, c->commits->pdata[i], NULL) != FRAME_REGISTERED;
		gint64 spent = g_get_monotonic_time() - began;
		g_array_append_val(c->spent, spent);
		g_usleep(pause_ms * 1000);
	}
	return NULL;
}

static gint by_value(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;
	return one < other ? -1 : one > other;
}

static int report(Connection *all, guint n, gint64 began)
{
	g_autoptr(GArray) spent = g_array_new(FALSE, FALSE, sizeof(gint64));
	guint refused = 0;
	double took = (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC;
	for (guint i = 0; i < n; i++) {
		g_array_append_vals(spent, all[i].spent->data, all[i].spent->len);
		refused += all[i].refused;
	}
	g_array_sort(spent, by_value);
	if (spent->len == 0)
		return 1;
	g_print("{\"commits\": %u, \"seconds\": %.3f, \"p50\": %.3f, \"p99\": %.3f, \"refused\": %u}\n", spent->len, took,
	        (double)g_array_index(spent, gint64, spent->len / 2) / 1e3,
	        (double)g_array_index(spent, gint64, spent->len - 1 - spent->len / 100) / 1e3, refused);
	return refused > 0;
}

int main(int argc, char **argv)
{
	guint n = argc == 6 ? (guint)atoi(argv[3]) : 0;
	if (n == 0 || sodium_init() < 0)
		g_error("usage: commit INTAKE-SOCKET MAILBOX CONNECTIONS SECONDS PAUSE");
	socket_path = argv[1];
	mailbox = argv[2];
	seconds = atof(argv[4]);
	pause_ms = (guint)atoi(argv[5]);
	g_autofree Connection *all = g_new0(Connection, n);
	g_autofree GThread **threads = g_new0(GThread *, n);
	guint most = (guint)(seconds * 1000 / (pause_ms + 1)) + 1; /* no commit takes less than a millisecond */
	for (guint i = 0; i < n; i++) {
		all[i] = (Connection){greet(), g_ptr_array_new(), g_array_new(FALSE, FALSE, sizeof(gint64)), 0};
		g_autoptr(Bundle) readers = fetch_readers(all[i].socket);
		for (guint k = 0; k < most; k++)
			g_ptr_array_add(all[i].commits, make_commit(readers));
	}
	g_print("ready\n");
	fflush(stdout);
	gint64 began = g_get_monotonic_time();
	for (guint i = 0; i < n; i++)
		threads[i] = g_thread_new("commit", run, &all[i]);
	for (guint i = 0; i < n; i++)
		g_thread_join(threads[i]);
	return report(all, n, began);
}
