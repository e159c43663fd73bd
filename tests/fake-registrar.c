/* SPDX-License-Identifier: ISC */
#include "tests/fake-registrar.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/listen.h"
#include "store/age.h"

#define PATIENCE (60 * G_TIME_SPAN_SECOND)
#define QUESTIONS 6 /* HELLO 1 to ALIVE 5 */
#define MAILBOXES 8

typedef struct {
	FakeMode mode;
	guint times; /* G_MAXUINT: for ever */
	guint number;
	const char *word;
	guint asked;
	gsize answer_size;
} Script;

struct FakeRegistrar {
	int listener;
	char **mailboxes;
	AgeIdentity *body, *card, *safe;
	GThread *acceptor;
	GMutex lock;
	/* under the lock */
	Script scripts[QUESTIONS];
	GPtrArray *commits;
	GHashTable *sockets;
	gboolean stopping;
	GCond gone;
};

typedef struct {
	FakeRegistrar *registrar;
	int socket;
	int files[MAILBOXES];
} Line;

static void commit_free(gpointer data)
{
	FakeCommit *commit = data;
	bundle_free(commit->bundle);
	g_bytes_unref(commit->payload);
	g_free(commit);
}

/* --- right answers --------------------------------------------------------------------------- */

static int mailbox_index(const FakeRegistrar *registrar, const Bundle *question)
{
	const char *mailbox = record_get(bundle_record(question), "mailbox");
	for (int i = 0; mailbox != NULL && registrar->mailboxes[i] != NULL; i++)
		if (strcmp(registrar->mailboxes[i], mailbox) == 0)
			return i;
	g_error("a question for a mailbox that is none: %s", mailbox);
}

static Bundle *hello_ok(const FakeRegistrar *registrar)
{
	Bundle *bundle = bundle_new();
	record_add(bundle_record(bundle), "senim", "1");
	record_add(bundle_record(bundle), "store", "000102030405060708090a0b0c0d0e0f");
	for (char **mailbox = registrar->mailboxes; *mailbox != NULL; mailbox++)
		record_add(bundle_record(bundle), "mailbox", *mailbox);
	return bundle;
}

static Bundle *readers_ok(const FakeRegistrar *registrar)
{
	Bundle *bundle = bundle_new();
	g_autofree char *set = g_strnfill(64, 'a');
	record_add(bundle_record(bundle), "set", set);
	record_add_printf(bundle_record(bundle), "reader", "aigul officer %s %s", age_identity_recipient(registrar->body),
	                  age_identity_recipient(registrar->card));
	record_add_printf(bundle_record(bundle), "reader", "safe recovery %s -", age_identity_recipient(registrar->safe));
	return bundle;
}

static GBytes *read_file(int fd)
{
	struct stat st;
	g_assert_cmpint(fstat(fd, &st), ==, 0);
	g_autofree char *data = g_malloc((gsize)st.st_size + 1);
	g_assert_cmpint(pread(fd, data, (gsize)st.st_size, 0), ==, st.st_size);
	return g_bytes_new(data, (gsize)st.st_size);
}

static void keep(Line *line, Bundle *question)
{
	FakeCommit *commit = g_new0(FakeCommit, 1);
	GBytes *payload = bundle_part(question, "payload");
	int i = mailbox_index(line->registrar, question);
	commit->payload = payload != NULL ? g_bytes_ref(payload) : read_file(line->files[i]);
	commit->bundle = question;
	g_mutex_lock(&line->registrar->lock);
	g_ptr_array_add(line->registrar->commits, commit);
	g_mutex_unlock(&line->registrar->lock);
}

/* The right answer to a question; takes it. */
static guint16 right_answer(Line *line, guint16 type, Bundle *question, FakeMode mode, Bundle **answer, int *rider)
{
	g_autoptr(Bundle) owned = question;
	switch (type) {
	case FRAME_HELLO:
		*answer = hello_ok(line->registrar);
		return FRAME_HELLO_OK;
	case FRAME_FILE: {
		int fd = memfd_create("payload", MFD_CLOEXEC);
		line->files[mailbox_index(line->registrar, question)] = fd;
		*rider = fd;
		return FRAME_FILE_OK;
	}
	case FRAME_READERS:
		*answer = readers_ok(line->registrar);
		return FRAME_READERS_OK;
	case FRAME_ALIVE:
		return FRAME_ALIVE_OK;
	default:
		if (mode == FAKE_RETRY)
			return FRAME_RETRY;
		keep(line, g_steal_pointer(&owned));
		return mode == FAKE_FOLLOWUP ? FRAME_FOLLOWUP : FRAME_REGISTERED;
	}
}

/* --- answering --------------------------------------------------------------------------------- */

static Script take_script(FakeRegistrar *registrar, guint16 type)
{
	g_mutex_lock(&registrar->lock);
	Script *script = &registrar->scripts[type], now = *script;
	script->asked++;
	if (script->times > 0 && script->times != G_MAXUINT && --script->times == 0)
		script->mode = FAKE_GOOD;
	g_mutex_unlock(&registrar->lock);
	return now;
}

static void wait_until_the_other_side_ends(int socket)
{
	char octet;
	while (recv(socket, &octet, 1, 0) > 0)
		;
}

static void send_bundle(Line *line, guint16 type, const Bundle *bundle, int rider)
{
	g_autoptr(Bundle) empty = bundle_new();
	frame_send_bundle(line->socket, type, bundle != NULL ? bundle : empty, rider, g_get_monotonic_time() + PATIENCE, NULL);
}

static void send_word(Line *line, guint16 type, const char *key, const char *word)
{
	g_autoptr(Bundle) bundle = bundle_new();
	record_add(bundle_record(bundle), key, word);
	send_bundle(line, type, bundle, -1);
}

static void send_readers(Line *line, const char *reader)
{
	g_autoptr(Bundle) bundle = bundle_new();
	g_autofree char *set = g_strnfill(64, 'b');
	record_add(bundle_record(bundle), "set", set);
	record_add(bundle_record(bundle), "reader", reader);
	send_bundle(line, FRAME_READERS_OK, bundle, -1);
}

/* The frame's first octets alone. */
static void send_cut(Line *line, guint16 type, const Bundle *bundle, gsize cut)
{
	g_autoptr(Bundle) empty = bundle_new();
	g_autoptr(GBytes) body = bundle_write(bundle != NULL ? bundle : empty);
	gsize size;
	const guint8 *data = g_bytes_get_data(body, &size);
	guint8 head[FRAME_HEAD] = {(guint8)(size >> 24), (guint8)(size >> 16), (guint8)(size >> 8), (guint8)size,
	                           (guint8)(type >> 8), (guint8)type};
	GByteArray *frame = g_byte_array_new();
	g_byte_array_append(frame, head, sizeof head);
	g_byte_array_append(frame, data, (guint)size);
	gssize n = send(line->socket, frame->data, MIN(cut, frame->len), MSG_NOSIGNAL);
	(void)n;
	g_byte_array_unref(frame);
}

static void note_size(Line *line, guint16 question, const Bundle *answer)
{
	g_autoptr(Bundle) empty = bundle_new();
	g_autoptr(GBytes) body = bundle_write(answer != NULL ? answer : empty);
	g_mutex_lock(&line->registrar->lock);
	line->registrar->scripts[question].answer_size = FRAME_HEAD + g_bytes_get_size(body);
	g_mutex_unlock(&line->registrar->lock);
}

/* TRUE where the connection goes on. */
static gboolean answer_rightly(Line *line, guint16 type, Bundle *question, const Script *script)
{
	g_autoptr(Bundle) answer = NULL;
	int rider = -1;
	if (script->mode == FAKE_SLOW)
		g_usleep((gulong)script->number * 1000);
	if (script->mode == FAKE_CUT && type == FRAME_COMMIT) {
		send_cut(line, FRAME_REGISTERED, NULL, script->number);
		bundle_free(question);
		return FALSE;
	}
	guint16 kind = right_answer(line, type, question, script->mode, &answer, &rider);
	note_size(line, type, answer);
	if (script->mode == FAKE_CUT) {
		send_cut(line, kind, answer, script->number);
		return FALSE;
	}
	if (script->mode == FAKE_DESCRIPTOR)
		rider = rider >= 0 ? -1 : line->socket;
	send_bundle(line, kind, answer, rider);
	return TRUE;
}

static gboolean answer_as_told(Line *line, guint16 type, Bundle *question)
{
	Script script = take_script(line->registrar, type);
	g_autoptr(GBytes) garbage = g_bytes_new_static("garbage", 7);
	switch (script.mode) {
	case FAKE_GOOD:
	case FAKE_RETRY:
	case FAKE_FOLLOWUP:
	case FAKE_CUT:
	case FAKE_SLOW:
	case FAKE_DESCRIPTOR:
		return answer_rightly(line, type, question, &script);
	case FAKE_SILENT:
		wait_until_the_other_side_ends(line->socket);
		break;
	case FAKE_BUSY:
		send_bundle(line, FRAME_BUSY, NULL, -1);
		break;
	case FAKE_FAILED:
		send_word(line, FRAME_FAILED, "step", script.word);
		break;
	case FAKE_STALE:
		send_bundle(line, FRAME_STALE, NULL, -1);
		break;
	case FAKE_WRONG_TYPE:
		send_word(line, FRAME_VERDICT, "verdict", "taken");
		break;
	case FAKE_GARBAGE:
		frame_send(line->socket, 128 + type, garbage, -1, g_get_monotonic_time() + PATIENCE, NULL);
		break;
	case FAKE_READERS:
		send_readers(line, script.word);
		break;
	case FAKE_EOF:
	default:
		break;
	}
	bundle_free(question);
	return script.mode == FAKE_STALE || script.mode == FAKE_READERS || script.mode == FAKE_FAILED;
}

static gboolean serve(Line *line)
{
	g_auto(Frame) frame = FRAME_INIT;
	if (!frame_receive(line->socket, &frame, G_MAXINT64, NULL))
		return FALSE;
	g_assert_true(frame.type >= FRAME_HELLO && frame.type <= FRAME_ALIVE);
	gsize size;
	const void *data = g_bytes_get_data(frame.body, &size);
	g_autoptr(GError) error = NULL;
	Bundle *question = bundle_read(data, size, NULL, &error);
	g_assert_no_error(error);
	return answer_as_told(line, frame.type, question);
}

static gpointer serve_line(gpointer data)
{
	Line *line = data;
	FakeRegistrar *registrar = line->registrar;
	while (serve(line))
		;
	for (int i = 0; i < MAILBOXES; i++)
		if (line->files[i] >= 0)
			close(line->files[i]);
	g_mutex_lock(&registrar->lock);
	g_hash_table_remove(registrar->sockets, GINT_TO_POINTER(line->socket));
	close(line->socket);
	g_cond_broadcast(&registrar->gone);
	g_mutex_unlock(&registrar->lock);
	g_free(line);
	return NULL;
}

/* --- the server ----------------------------------------------------------------------------------- */

static gboolean take_line(FakeRegistrar *registrar, int socket)
{
	g_mutex_lock(&registrar->lock);
	gboolean stopping = registrar->stopping;
	if (!stopping)
		g_hash_table_add(registrar->sockets, GINT_TO_POINTER(socket));
	g_mutex_unlock(&registrar->lock);
	if (stopping) {
		close(socket);
		return FALSE;
	}
	Line *line = g_new0(Line, 1);
	line->registrar = registrar;
	line->socket = socket;
	for (int i = 0; i < MAILBOXES; i++)
		line->files[i] = -1;
	g_thread_unref(g_thread_new("line", serve_line, line));
	return TRUE;
}

static gpointer accept_all(gpointer data)
{
	FakeRegistrar *registrar = data;
	for (;;) {
		struct pollfd p = {registrar->listener, POLLIN, 0};
		poll(&p, 1, 20);
		int socket = accept4(registrar->listener, NULL, NULL, SOCK_CLOEXEC);
		g_mutex_lock(&registrar->lock);
		gboolean stopping = registrar->stopping;
		g_mutex_unlock(&registrar->lock);
		if (socket >= 0 && !take_line(registrar, socket))
			return NULL;
		if (stopping)
			return NULL;
	}
}

FakeRegistrar *fake_registrar_start(const char *path, const char *const *mailboxes)
{
	g_autoptr(GError) error = NULL;
	FakeRegistrar *registrar = g_new0(FakeRegistrar, 1);
	registrar->mailboxes = g_strdupv((char **)mailboxes);
	registrar->body = age_identity_generate(&error);
	registrar->card = age_identity_generate(&error);
	registrar->safe = age_identity_generate(&error);
	registrar->commits = g_ptr_array_new_with_free_func(commit_free);
	registrar->sockets = g_hash_table_new(NULL, NULL);
	g_mutex_init(&registrar->lock);
	g_cond_init(&registrar->gone);
	registrar->listener = listen_unix(path, 0600, NULL, &error);
	g_assert_no_error(error);
	registrar->acceptor = g_thread_new("accept", accept_all, registrar);
	return registrar;
}

void fake_registrar_stop(FakeRegistrar *registrar)
{
	if (registrar == NULL)
		return;
	GHashTableIter iter;
	gpointer socket;
	g_mutex_lock(&registrar->lock);
	registrar->stopping = TRUE;
	g_mutex_unlock(&registrar->lock);
	g_thread_join(registrar->acceptor);
	close(registrar->listener);
	g_mutex_lock(&registrar->lock);
	g_hash_table_iter_init(&iter, registrar->sockets);
	while (g_hash_table_iter_next(&iter, &socket, NULL))
		shutdown(GPOINTER_TO_INT(socket), SHUT_RDWR);
	while (g_hash_table_size(registrar->sockets) > 0)
		g_cond_wait(&registrar->gone, &registrar->lock);
	g_mutex_unlock(&registrar->lock);
	g_hash_table_unref(registrar->sockets);
	g_ptr_array_unref(registrar->commits);
	g_strfreev(registrar->mailboxes);
	age_identity_free(registrar->body);
	age_identity_free(registrar->card);
	age_identity_free(registrar->safe);
	g_mutex_clear(&registrar->lock);
	g_cond_clear(&registrar->gone);
	g_free(registrar);
}

void fake_registrar_script(FakeRegistrar *registrar, FrameType question, FakeMode mode, guint times, guint number,
                           const char *word)
{
	g_mutex_lock(&registrar->lock);
	Script *script = &registrar->scripts[question];
	script->mode = mode;
	script->times = times > 0 ? times : G_MAXUINT;
	script->number = number;
	script->word = word;
	g_mutex_unlock(&registrar->lock);
}

void fake_registrar_reset(FakeRegistrar *registrar)
{
	g_mutex_lock(&registrar->lock);
	memset(registrar->scripts, 0, sizeof registrar->scripts);
	g_ptr_array_set_size(registrar->commits, 0);
	g_mutex_unlock(&registrar->lock);
}

guint fake_registrar_count(FakeRegistrar *registrar)
{
	g_mutex_lock(&registrar->lock);
	guint count = registrar->commits->len;
	g_mutex_unlock(&registrar->lock);
	return count;
}

guint fake_registrar_asked(FakeRegistrar *registrar, FrameType question)
{
	g_mutex_lock(&registrar->lock);
	guint asked = registrar->scripts[question].asked;
	g_mutex_unlock(&registrar->lock);
	return asked;
}

gsize fake_registrar_answer_size(FakeRegistrar *registrar, FrameType question)
{
	g_mutex_lock(&registrar->lock);
	gsize size = registrar->scripts[question].answer_size;
	g_mutex_unlock(&registrar->lock);
	return size;
}

const FakeCommit *fake_registrar_commit(FakeRegistrar *registrar, guint i)
{
	g_mutex_lock(&registrar->lock);
	const FakeCommit *commit = i < registrar->commits->len ? g_ptr_array_index(registrar->commits, i) : NULL;
	g_mutex_unlock(&registrar->lock);
	return commit;
}

/* --- opening ----------------------------------------------------------------------------------------- */

static GByteArray *open_object(const FakeCommit *commit, const char *header_name, GBytes *payload, SealPart part,
                               const AgeIdentity *identity, guint8 case_id[SEAL_CASE])
{
	const Record *record = bundle_record(commit->bundle);
	g_autoptr(GError) error = NULL;
	SealExpect expect = {.part = part, .size = g_bytes_get_size(payload)};
	gboolean body = part == SEAL_PART_BODY;
	record_get_hex(record, "case", case_id, SEAL_CASE, &error);
	memcpy(expect.case_id, case_id, SEAL_CASE);
	record_get_hex(record, body ? "digest" : "card-digest", expect.digest, sizeof expect.digest, &error);
	record_get_hex(record, body ? "key-check-body" : "key-check-card", expect.key_check, sizeof expect.key_check, &error);
	g_assert_no_error(error);
	GBytes *header = bundle_part(commit->bundle, header_name);
	g_assert_nonnull(header);
	gsize header_size, size;
	const char *text = g_bytes_get_data(header, &header_size);
	const void *data = g_bytes_get_data(payload, &size);
	g_autoptr(SealOpener) opener = seal_opener_new(text, header_size, age_identity_text(identity), &expect, &error);
	g_assert_no_error(error);
	GByteArray *plain = g_byte_array_new();
	g_assert_true(seal_opener_write(opener, data, size, plain, &error));
	g_assert_true(seal_opener_finish(opener, plain, &error));
	g_assert_no_error(error);
	return plain;
}

GByteArray *fake_registrar_open_body(FakeRegistrar *registrar, const FakeCommit *commit, const char *reader,
                                     Record **fields)
{
	g_autofree char *name = g_strconcat("header/body/", reader, NULL);
	g_autoptr(GError) error = NULL;
	guint8 case_id[SEAL_CASE];
	gsize offset, size;
	const AgeIdentity *identity = strcmp(reader, "safe") == 0 ? registrar->safe : registrar->body;
	GByteArray *plain = open_object(commit, name, commit->payload, SEAL_PART_BODY, identity, case_id);
	g_autoptr(Record) seven = NULL;
	g_assert_true(seal_parse_body(plain->data, plain->len, case_id, &seven, &offset, &size, &error));
	g_assert_no_error(error);
	if (fields != NULL)
		*fields = g_steal_pointer(&seven);
	GByteArray *message = g_byte_array_new();
	g_byte_array_append(message, plain->data + offset, (guint)size);
	g_byte_array_unref(plain);
	return message;
}

Record *fake_registrar_open_card(FakeRegistrar *registrar, const FakeCommit *commit)
{
	g_autoptr(GError) error = NULL;
	guint8 case_id[SEAL_CASE];
	GByteArray *plain = open_object(commit, "header/card/aigul", bundle_part(commit->bundle, "card"), SEAL_PART_CARD,
	                                registrar->card, case_id);
	Record *card = seal_parse_card(plain->data, plain->len, case_id, &error);
	g_assert_no_error(error);
	g_byte_array_unref(plain);
	return card;
}
