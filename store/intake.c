/* SPDX-License-Identifier: ISC */
#include "store/intake.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/finding.h"
#include "base/frame.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/process.h"
#include "store/addressee.h"
#include "store/intake-commit.h"

#define IDLE_MAX (30 * 60 * G_TIME_SPAN_SECOND)
#define FRAME_TIME (60 * G_TIME_SPAN_SECOND)
/* Connections that have not said HELLO yet, or are about to hear BUSY. */
#define CONNECTIONS_MAX (INTAKE_REPORTS + 32)
/* How far the milter's moment of the final dot may lie from our clock: it ran on this host, within its time budget. */
#define RECEIVED_EARLIER (10 * G_TIME_SPAN_MINUTE)
#define RECEIVED_LATER (5 * G_TIME_SPAN_SECOND)

struct Intake {
	Registry *registry;
	int listener, stop; /* stop: an eventfd */
	IntakeHooks hooks;
	GThread *acceptor;
	GThreadPool *pool;
	GMutex lock;
	/* under the lock */
	GHashTable *connections; /* of Connection */
	guint reports;
	gboolean stopping;
};

typedef struct {
	Intake *intake;
	int socket;
	gboolean greeted;    /* holds one of the places */
	gboolean committing; /* under the intake's lock: a COMMIT has arrived and is not answered yet */
	int files[CONFIG_MAILBOXES_MAX]; /* our own descriptors of the files that were handed out; -1 none */
} Connection;

/* --- answers ------------------------------------------------------------------ */

static gboolean answer(Connection *c, FrameType type, const Bundle *bundle, int fd)
{
	g_autoptr(Bundle) empty = bundle == NULL ? bundle_new() : NULL;
	return frame_send_bundle(c->socket, type, bundle != NULL ? bundle : empty, fd, g_get_monotonic_time() + FRAME_TIME, NULL);
}

static gboolean answer_failed(Connection *c, const char *step)
{
	if (strcmp(step, "form") != 0) /* which is the asker's own fault */
		registry_note_intake(c->intake->registry, FALSE);
	g_autoptr(Bundle) bundle = bundle_new();
	record_add(bundle_record(bundle), "step", step);
	return answer(c, FRAME_FAILED, bundle, -1);
}

/* What the administrator needs to know of a failure; no error of the store names anything that came with a report. */
static void log_failure(const char *what, const GError *error)
{
	log_warning("intake: %s: %s", what, error != NULL ? error->message : "unknown");
}

static const char *step_of(const GError *error)
{
	if (g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_CLOCK))
		return "clock";
	if (g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_VAULT))
		return "file";
	if (g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_FORM) || error->domain == RECORD_ERROR)
		return "form";
	return "commit";
}

/* --- requests: each returns whether the connection goes on ---------------------- */

static gboolean take_place(Connection *c)
{
	Intake *intake = c->intake;
	g_mutex_lock(&intake->lock);
	if (!c->greeted && intake->reports < INTAKE_REPORTS && !intake->stopping) {
		intake->reports++;
		c->greeted = TRUE;
	}
	g_mutex_unlock(&intake->lock);
	return c->greeted;
}

static gboolean serve_hello(Connection *c, const Frame *frame)
{
	static const RecordField schema[] = {{"senim", 1, 1}, {NULL, 0, 0}};
	gsize size;
	const void *data = g_bytes_get_data(frame->body, &size);
	g_autoptr(Bundle) hello = bundle_read(data, size, schema, NULL);
	if (hello == NULL || c->greeted || strcmp(record_get(bundle_record(hello), "senim"), "1") != 0) {
		answer_failed(c, "form");
		return FALSE;
	}
	if (!take_place(c)) {
		answer(c, FRAME_BUSY, NULL, -1);
		return FALSE;
	}
	g_autoptr(Bundle) ok = bundle_new();
	Record *r = bundle_record(ok);
	record_add(r, "senim", "1");
	record_add_hex(r, "store", registry_store_id(c->intake->registry), 16);
	for (guint i = 0; i < registry_count(c->intake->registry); i++)
		record_add(r, "mailbox", registry_mailbox(c->intake->registry, i));
	return answer(c, FRAME_HELLO_OK, ok, -1);
}

/* One file for each mailbox and connection: a milter out of its mind cannot fill the table of descriptors. */
static gboolean serve_file(Connection *c, const Frame *frame)
{
	static const RecordField schema[] = {{"mailbox", 1, 1}, {NULL, 0, 0}};
	gsize size;
	const void *data = g_bytes_get_data(frame->body, &size);
	g_autoptr(Bundle) request = bundle_read(data, size, schema, NULL);
	if (request == NULL) {
		answer_failed(c, "form");
		return FALSE;
	}
	int i = registry_find(c->intake->registry, record_get(bundle_record(request), "mailbox"));
	if (i < 0)
		return answer_failed(c, "config");
	if (c->files[i] >= 0)
		return answer_failed(c, "form");
	if (registry_is_full(c->intake->registry))
		return answer_failed(c, "file");
	g_autoptr(GError) error = NULL;
	int fd = ledger_payload_file(registry_ledger(c->intake->registry, (guint)i), &error);
	if (fd < 0) {
		log_failure("no file in the vault", error);
		return answer_failed(c, "file");
	}
	c->files[i] = fd;
	return answer(c, FRAME_FILE_OK, NULL, fd);
}

/* The start has said in the log what differs (store/people-keeper.h). */
static gboolean is_put_off(const Connection *c, guint mailbox)
{
	g_autofree char *difference = registry_difference(c->intake->registry, mailbox);
	return difference != NULL;
}

static void add_reader(Record *record, const PeoplePerson *reader)
{
	record_add_printf(record, "reader", "%s %s %s %s", reader->name, reader->role, reader->body,
	                  reader->card != NULL ? reader->card : "-");
}

/* Who else gets a header of a report that is redirected by itself: our configuration says, whatever the finding holds. */
static void add_addressee(const Connection *c, const Record *request, Record *answer)
{
	g_autoptr(Config) config = registry_config(c->intake->registry);
	const ConfigMailbox *mailbox = config_mailbox(config, record_get(request, "mailbox"));
	if (mailbox == NULL || g_strcmp0(record_get(request, "verdict"), "redirect") != 0)
		return;
	const ConfigAddressee *to = addressee_standing_by(config, mailbox, registry_now(c->intake->registry));
	g_autofree char *line = to != NULL ? addressee_line(to) : NULL;
	if (line != NULL)
		record_add(answer, "addressee", line);
}

static gboolean serve_readers(Connection *c, const Frame *frame)
{
	static const RecordField schema[] = {
		{"mailbox", 1, 1}, {"reference", 0, 64}, {"named", 0, 64}, {"examined", 1, 1}, {"verdict", 0, 1}, {NULL, 0, 0}};
	gsize size;
	const void *data = g_bytes_get_data(frame->body, &size);
	g_autoptr(Bundle) request = bundle_read(data, size, schema, NULL);
	gboolean examined;
	if (request == NULL || !record_get_bool(bundle_record(request), "examined", &examined, NULL)) {
		answer_failed(c, "form");
		return FALSE;
	}
	int i = registry_find(c->intake->registry, record_get(bundle_record(request), "mailbox"));
	if (i < 0)
		return answer_failed(c, "config");
	if (is_put_off(c, (guint)i))
		return answer_failed(c, "config");
	guint8 set[32];
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) readers =
		ledger_readers_for(registry_ledger(c->intake->registry, (guint)i), bundle_record(request), set, &error);
	if (readers == NULL) {
		log_failure("no readers", error);
		return answer_failed(c, "readers");
	}
	g_autoptr(Bundle) ok = bundle_new();
	record_add_hex(bundle_record(ok), "set", set, sizeof set);
	for (guint k = 0; k < readers->len; k++)
		add_reader(bundle_record(ok), g_ptr_array_index(readers, k));
	add_addressee(c, bundle_record(request), bundle_record(ok));
	return answer(c, FRAME_READERS_OK, ok, -1);
}

/* --- COMMIT --------------------------------------------------------------------- */

/* The file is ours from the first octet: the descriptor that was handed out, not one that comes back. */
static gboolean file_fits(int fd, guint64 size)
{
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (guint64)st.st_size == size;
}

static gboolean moment_is_plausible(const Connection *c, gint64 received)
{
	gint64 now = registry_now(c->intake->registry);
	return received >= now - RECEIVED_EARLIER && received <= now + RECEIVED_LATER;
}

/* A letter waits, somebody is to be told (an urgent report may have both), or it may be an exclusion too many. */
static void wake_outbox(const Connection *c, const LedgerReport *report)
{
	gboolean owed = report->letter_state == LEDGER_LETTER_OWED;
	if (c->intake->hooks.wake != NULL &&
	    (owed || finding_is_urgent(report->facts) || record_get(report->facts, "named") != NULL))
		c->intake->hooks.wake(c->intake->hooks.user);
}

static void tell_outcome(const Connection *c, gboolean taken)
{
	if (c->intake->hooks.report != NULL)
		c->intake->hooks.report(taken, c->intake->hooks.user);
}

static gboolean answer_outcome(Connection *c, LedgerOutcome outcome, const LedgerReport *report, const GError *error)
{
	if (outcome == LEDGER_REGISTERED || outcome == LEDGER_RETRIED || outcome == LEDGER_FOLLOWED)
		registry_note_intake(c->intake->registry, TRUE);
	if (outcome != LEDGER_STALE)
		tell_outcome(c, outcome != LEDGER_FAILED);
	switch (outcome) {
	case LEDGER_REGISTERED:
		wake_outbox(c, report);
		return answer(c, FRAME_REGISTERED, NULL, -1);
	case LEDGER_RETRIED:
		return answer(c, FRAME_RETRY, NULL, -1);
	case LEDGER_FOLLOWED:
		wake_outbox(c, report);
		return answer(c, FRAME_FOLLOWUP, NULL, -1);
	case LEDGER_STALE:
		return answer(c, FRAME_STALE, NULL, -1);
	case LEDGER_FAILED:
		break;
	}
	log_failure("a commit failed", error);
	return answer_failed(c, step_of(error));
}

/* Only to whom the configuration in force names for a report like this, under the key that it names; else it waits for an
 * officer. */
static void set_redirect(const Connection *c, IntakeCommit *commit)
{
	g_autoptr(Config) config = registry_config(c->intake->registry);
	const ConfigMailbox *mailbox = config_mailbox(config, commit->mailbox);
	const ConfigAddressee *to = NULL;
	if (commit->addressee != NULL && mailbox != NULL && commit->report.size <= ADDRESSEE_PAYLOAD_MAX)
		to = addressee_of_facts(config, mailbox, commit->facts, registry_now(c->intake->registry));
	g_autofree char *line = to != NULL ? addressee_line(to) : NULL;
	if (line != NULL && strcmp(line, commit->addressee) == 0)
		intake_commit_redirect(commit, to->name, to->mail);
}

static gboolean commit_report(Connection *c, IntakeCommit *commit, guint mailbox)
{
	g_autoptr(GError) error = NULL;
	Ledger *ledger = registry_ledger(c->intake->registry, mailbox);
	LedgerReport *report = &commit->report;
	guint8 set[32];
	if (is_put_off(c, mailbox)) {
		tell_outcome(c, FALSE);
		return answer_failed(c, "config");
	}
	if (registry_is_full(c->intake->registry)) { /* what the reserve kept is for the register's own entries */
		tell_outcome(c, FALSE);
		return answer_failed(c, "commit");
	}
	g_autoptr(GPtrArray) readers = ledger_readers_for(ledger, report->facts, set, &error);
	if (readers == NULL) {
		tell_outcome(c, FALSE);
		log_failure("no readers", error);
		return answer_failed(c, "readers");
	}
	if (memcmp(set, report->reader_set, sizeof set) != 0)
		return answer(c, FRAME_STALE, NULL, -1);
	if (!intake_commit_check_readers(commit, readers, &error)) {
		log_failure("refused", error);
		return answer_failed(c, "form");
	}
	if (commit->in_file && !file_fits(c->files[mailbox], report->size)) {
		log_warning("intake: refused: a COMMIT whose file is not there or is of another size");
		return answer_failed(c, "file");
	}
	report->fd = commit->in_file ? c->files[mailbox] : -1;
	set_redirect(c, commit);
	LedgerOutcome outcome = ledger_register(ledger, report, &error);
	if (outcome != LEDGER_STALE && c->files[mailbox] >= 0) {
		close(c->files[mailbox]); /* linked into the vault by now, or gone with this descriptor */
		c->files[mailbox] = -1;
	}
	return answer_outcome(c, outcome, report, error);
}

static gboolean serve_commit(Connection *c, const Frame *frame)
{
	gsize size;
	const void *data = g_bytes_get_data(frame->body, &size);
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeCommit) commit = intake_commit_read(data, size, &error);
	if (commit == NULL) {
		log_failure("refused", error);
		answer_failed(c, "form");
		return FALSE;
	}
	int i = registry_find(c->intake->registry, commit->mailbox);
	if (i < 0)
		return answer_failed(c, "config");
	if (!moment_is_plausible(c, commit->report.received)) {
		log_warning("intake: refused: senim-milter's clock and ours are apart");
		return answer_failed(c, "clock");
	}
	return commit_report(c, commit, (guint)i);
}

/* --- ALIVE ---------------------------------------------------------------------- */

static gboolean serve_alive(Connection *c, const Frame *frame)
{
	static const RecordField schema[] = {{"nursery", 1, 1}, {"put-off", 1, 1}, {NULL, 0, 0}};
	gsize size;
	gboolean nursery;
	guint64 put_off;
	const void *data = g_bytes_get_data(frame->body, &size);
	g_autoptr(Bundle) alive = bundle_read(data, size, schema, NULL);
	if (alive == NULL || !record_get_bool(bundle_record(alive), "nursery", &nursery, NULL) ||
	    !record_get_uint(bundle_record(alive), "put-off", G_MAXUINT32, &put_off, NULL)) {
		answer_failed(c, "form");
		return FALSE;
	}
	if (c->intake->hooks.milter != NULL)
		c->intake->hooks.milter(nursery, put_off, c->intake->hooks.user);
	return answer(c, FRAME_ALIVE_OK, NULL, -1);
}

static const struct {
	FrameType type;
	gboolean greeted; /* only after HELLO */
	gboolean (*serve)(Connection *c, const Frame *frame);
} requests[] = {
	{FRAME_HELLO, FALSE, serve_hello},
	{FRAME_FILE, TRUE, serve_file},
	{FRAME_READERS, TRUE, serve_readers},
	{FRAME_COMMIT, TRUE, serve_commit},
	{FRAME_ALIVE, TRUE, serve_alive},
};

/* --- one connection ----------------------------------------------------------------- */

/* Waits until a frame begins. FALSE after silence, EOF, or when the intake stops. */
static gboolean wait_for_frame(Connection *c)
{
	gint64 deadline = g_get_monotonic_time() + IDLE_MAX;
	for (;;) {
		gint64 left = deadline - g_get_monotonic_time();
		struct pollfd p = {c->socket, POLLIN, 0};
		int n = left > 0 ? poll(&p, 1, (int)(left / 1000 + 1)) : 0;
		if (n > 0)
			return TRUE;
		if (n == 0 || errno != EINTR)
			return FALSE;
	}
}

/* FALSE where the intake stops: a COMMIT that arrives then is not begun. */
static gboolean set_committing(Connection *c, gboolean committing)
{
	g_mutex_lock(&c->intake->lock);
	gboolean goes_on = !c->intake->stopping;
	c->committing = committing && goes_on;
	g_mutex_unlock(&c->intake->lock);
	return goes_on;
}

static gboolean serve_frame(Connection *c, const Frame *frame)
{
	for (gsize i = 0; i < G_N_ELEMENTS(requests); i++) {
		if (requests[i].type != frame->type)
			continue;
		if (frame->fd >= 0 || (requests[i].greeted && !c->greeted))
			break;
		return set_committing(c, TRUE) && requests[i].serve(c, frame) && set_committing(c, FALSE);
	}
	answer_failed(c, "form");
	return FALSE;
}

static gboolean serve_next(Connection *c)
{
	g_auto(Frame) frame = FRAME_INIT;
	return wait_for_frame(c) && frame_receive(c->socket, &frame, g_get_monotonic_time() + FRAME_TIME, NULL) &&
	       serve_frame(c, &frame);
}

static Connection *connection_new(Intake *intake, int socket)
{
	Connection *c = g_new0(Connection, 1);
	c->intake = intake;
	c->socket = socket;
	for (gsize i = 0; i < G_N_ELEMENTS(c->files); i++)
		c->files[i] = -1;
	return c;
}

static void connection_free(Connection *c)
{
	for (gsize i = 0; i < G_N_ELEMENTS(c->files); i++)
		if (c->files[i] >= 0)
			close(c->files[i]);
	close(c->socket);
	g_free(c);
}

static void serve_connection(gpointer data, gpointer user G_GNUC_UNUSED)
{
	Connection *c = data;
	Intake *intake = c->intake;
	guint uid;
	process_set_pace(PROCESS_QUICK);
	if (listen_peer(c->socket, &uid, NULL))
		while (serve_next(c))
			continue;
	g_mutex_lock(&intake->lock);
	g_hash_table_remove(intake->connections, c);
	if (c->greeted)
		intake->reports--;
	g_mutex_unlock(&intake->lock);
	connection_free(c);
}

/* --- the door ------------------------------------------------------------------------- */

static gboolean admit(Intake *intake, Connection *c)
{
	g_mutex_lock(&intake->lock);
	gboolean room = g_hash_table_size(intake->connections) < CONNECTIONS_MAX;
	if (room)
		g_hash_table_add(intake->connections, c);
	g_mutex_unlock(&intake->lock);
	return room;
}

static void accept_one(Intake *intake)
{
	int socket = accept4(intake->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (socket < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			g_usleep(100000); /* no descriptor: the milter waits in the backlog, we do not spin */
		return;
	}
	Connection *c = connection_new(intake, socket);
	if (admit(intake, c)) {
		g_thread_pool_push(intake->pool, c, NULL);
		return;
	}
	answer(c, FRAME_BUSY, NULL, -1); /* fits into any empty socket: nobody waits here */
	connection_free(c);
}

static gpointer accept_all(gpointer data)
{
	Intake *intake = data;
	for (;;) {
		struct pollfd p[2] = {{intake->listener, POLLIN, 0}, {intake->stop, POLLIN, 0}};
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			g_usleep(100000);
		if (p[1].revents != 0)
			return NULL;
		if (p[0].revents != 0)
			accept_one(intake);
	}
}

Intake *intake_start(Registry *registry, int listener, const IntakeHooks *hooks)
{
	Intake *intake = g_new0(Intake, 1);
	intake->registry = registry;
	intake->listener = listener;
	intake->stop = eventfd(0, EFD_CLOEXEC);
	intake->hooks = *hooks;
	g_mutex_init(&intake->lock);
	intake->connections = g_hash_table_new(NULL, NULL);
	intake->pool = g_thread_pool_new(serve_connection, NULL, CONNECTIONS_MAX, FALSE, NULL);
	intake->acceptor = g_thread_new("intake", accept_all, intake);
	return intake;
}

static void end_waiting(Intake *intake)
{
	GHashTableIter iter;
	gpointer key;
	g_mutex_lock(&intake->lock);
	intake->stopping = TRUE;
	g_hash_table_iter_init(&iter, intake->connections);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!((Connection *)key)->committing)
			shutdown(((Connection *)key)->socket, SHUT_RD);
	g_mutex_unlock(&intake->lock);
}

void intake_stop(Intake *intake)
{
	if (intake == NULL)
		return;
	guint64 one = 1;
	gssize written = write(intake->stop, &one, sizeof one);
	g_assert(written == sizeof one); /* an eventfd at 0 takes 1 */
	g_thread_join(intake->acceptor);
	close(intake->listener);
	end_waiting(intake);
	g_thread_pool_free(intake->pool, FALSE, TRUE);
	g_hash_table_unref(intake->connections);
	g_mutex_clear(&intake->lock);
	close(intake->stop);
	g_free(intake);
}
