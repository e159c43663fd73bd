/* SPDX-License-Identifier: ISC */
#include "store/desk.h"

#include <microhttpd.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/listen.h"
#include "base/log.h"
#include "base/process.h"
#include "store/base64.h"
#include "store/desk-acts.h"
#include "store/desk-agreement.h"
#include "store/desk-json.h"
#include "store/desk-host.h"
#include "store/desk-incident.h"
#include "store/desk-people.h"
#include "store/desk-reconcile.h"
#include "store/desk-stream.h"
#include "store/desk-upload.h"
#include "store/keyfile.h"

#define BODY_MAX (1024u * 1024u)
#define HEADERS_MAX (64u * 1024u)
#define CONNECTIONS_MAX 128u
#define CONNECTIONS_OF_USER 32u /* so that no local user keeps the others out */
/* A session's own ten minutes end sooner; `verify` of a large register may take this long to answer. */
#define CONNECTION_SECONDS 3600u
#define DRAIN_MAX (30 * G_TIME_SPAN_SECOND)
#define LONG_WORK 500 /* microseconds of a processor's time, for one answer */
#define PAUSE_FACTOR 3
#define PAUSE_MAX (250 * G_TIME_SPAN_MILLISECOND)
#define REFUSED_EVERY (60 * G_TIME_SPAN_SECOND)
#define REFUSED_KEPT 1024 /* rows of the table that counts them */

struct Desk {
	Registry *registry;
	DeskHooks hooks;
	DeskSessions *sessions;
	char *store; /* hex */
	struct MHD_Daemon *daemon;
	gint active; /* requests being served or answered; atomic */
	gint stopping; /* atomic */
	GMutex lock;
	GHashTable *connections; /* under the lock: of each user, uid to number */
	GHashTable *refused; /* under the lock: "uid officer why" to the monotonic moment of its last entry (gint64 *) */
};

/* One HTTP request while it arrives. */
typedef struct {
	GByteArray *body;
	gboolean too_large;
	gboolean counted; /* in desk->active */
} Request;

/* --- refusals are entries ---------------------------------------------------------- */

static gboolean is_old(gpointer key G_GNUC_UNUSED, gpointer value, gpointer now)
{
	return *(gint64 *)now - *(gint64 *)value >= REFUSED_EVERY;
}

/* TRUE once a minute for the same three, so that nobody can fill the register by knocking. */
static gboolean is_due(Desk *desk, guint uid, const char *officer, const char *why)
{
	gint64 now = g_get_monotonic_time();
	g_autofree char *key = g_strdup_printf("%u %s %s", uid, officer, why);
	g_mutex_lock(&desk->lock);
	if (g_hash_table_size(desk->refused) >= REFUSED_KEPT)
		g_hash_table_foreach_remove(desk->refused, is_old, &now);
	const gint64 *last = g_hash_table_lookup(desk->refused, key);
	gboolean due = (last == NULL || now - *last >= REFUSED_EVERY) &&
	               (last != NULL || g_hash_table_size(desk->refused) < REFUSED_KEPT);
	if (due)
		g_hash_table_replace(desk->refused, g_steal_pointer(&key), g_memdup2(&now, sizeof now));
	g_mutex_unlock(&desk->lock);
	return due;
}

/* officer: a reader's name, or "-". mailbox -1: none was named, the first register takes it. */
static void enter_refused(Desk *desk, guint uid, int mailbox, const char *officer, const char *why, const char *target)
{
	g_autoptr(GError) error = NULL;
	LedgerEntry entry = {0};
	if (!is_due(desk, uid, officer, why))
		return;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)registry_now(desk->registry));
	record_add(record, "officer", officer);
	record_add(record, "why", why);
	record_add(record, "target", target);
	LedgerAct act = {.kind = ENTRY_REFUSED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	if (!ledger_append(registry_ledger(desk->registry, (guint)MAX(mailbox, 0)), &act, &entry, &error))
		log_warning("desk: a refusal could not be entered: %s", error->message);
	else
		ledger_entry_clear(&entry);
}

/* --- who signed ------------------------------------------------------------------------ */

/* One signed request while it is checked. */
typedef struct {
	Desk *desk;
	guint uid;
	const char *session, *officer, *counter, *signature; /* header fields; NULL where missing */
	char nonce[2 * DESK_SESSION_NONCE + 1];
	DeskRequest request;
	guint8 sign[32];
	gboolean known; /* the officer is somebody somewhere */
	const char *barred; /* the signature is hers, and this is why she is not let in; NULL: no reason */
	gboolean again; /* she says that she has asked this before */
} Caller;

static gboolean refuse_caller(DeskReply *reply, const char *why, const char *message)
{
	desk_acts_refuse(reply, 401, why, message);
	return FALSE;
}

/* Looks for the officer in one mailbox: TRUE where her key there made the signature and she is in force. */
static gboolean signed_by(Caller *caller, Ledger *ledger, const char *text, const guint8 *signature)
{
	g_autoptr(People) people = ledger_people(ledger);
	const PeoplePerson *person = people_find(people, caller->officer);
	if (person == NULL || strcmp(person->role, "recovery") == 0)
		return FALSE;
	caller->known = TRUE;
	const guint8 *sign = keyfile_public_verify(person->sign, text, strlen(text), signature) ? person->sign : NULL;
	gint64 expires = person->expires;
	for (guint i = 0; sign == NULL && i < person->older->len; i++) {
		const PeopleKey *key = person->older->pdata[i];
		sign = keyfile_public_verify(key->sign, text, strlen(text), signature) ? key->sign : NULL;
		expires = key->expires;
	}
	if (sign == NULL)
		return FALSE;
	memcpy(caller->sign, sign, sizeof caller->sign);
	if (person->state != PEOPLE_ACTIVE)
		caller->barred = people_state_word(person->state);
	else if (expires != 0 && expires <= registry_now(caller->desk->registry) / G_USEC_PER_SEC)
		caller->barred = "expired";
	else
		return TRUE;
	return FALSE;
}

static gboolean read_signature(const char *text, guint8 signature[KEYFILE_SIGNATURE])
{
	return base64_read_exactly(text, strlen(text), TRUE, signature, KEYFILE_SIGNATURE);
}

/* Her signature is good, and she is not let in. */
static gboolean refuse_barred(const char *why, DeskReply *reply)
{
	const char *message = "Your key has expired: make a new one with senim keygen, and let another officer enter it.";
	if (strcmp(why, "blocked") == 0)
		message = "Your access is blocked: ask the supervisor.";
	else if (strcmp(why, "unconfirmed") == 0)
		message = "Your key is not confirmed: read the six words of senim enroll to an officer.";
	desk_acts_refuse(reply, 403, why, message);
	return FALSE;
}

static gboolean check_signature(Caller *caller, DeskReply *reply)
{
	guint8 signature[KEYFILE_SIGNATURE] = {0};
	gboolean form = read_signature(caller->signature, signature), good = FALSE;
	g_autofree char *text = desk_request_text(&caller->request);
	for (guint i = 0; form && text != NULL && !good && i < registry_count(caller->desk->registry); i++)
		good = signed_by(caller, registry_ledger(caller->desk->registry, i), text, signature);
	if (good)
		return TRUE;
	if (caller->barred != NULL)
		return refuse_barred(caller->barred, reply);
	if (!caller->known)
		return refuse_caller(reply, "officer", "No reader of that name is in force here.");
	return refuse_caller(reply, "signature", "The request was not signed by that officer's key.");
}

/* The fields of the header, and the session that they name. */
static gboolean check_session(Caller *caller, DeskReply *reply)
{
	g_autofree char *owner = NULL;
	if (caller->session == NULL || caller->officer == NULL || caller->counter == NULL || caller->signature == NULL)
		return refuse_caller(reply, "unsigned", "The request is not signed: ask /v1/hello for a session first.");
	if (!g_ascii_string_to_unsigned(caller->counter, 10, 1, G_MAXINT64, &caller->request.counter, NULL))
		return refuse_caller(reply, "counter", "Senim-Counter is not a number from 1.");
	if (!desk_session_find(caller->desk->sessions, caller->session, caller->uid, g_get_monotonic_time(), caller->nonce, &owner))
		return refuse_caller(reply, "session", "There is no such session, or it has ended: begin a new one.");
	caller->request.nonce = caller->nonce;
	return TRUE;
}

static gboolean take_turn(Caller *caller, DeskReply *reply)
{
	switch (desk_session_take(caller->desk->sessions, caller->session, caller->officer, caller->request.counter,
	                          g_get_monotonic_time())) {
	case DESK_SESSION_TAKEN:
		return TRUE;
	case DESK_SESSION_OTHER:
		return refuse_caller(reply, "other-officer", "The session is another officer's: begin a new one.");
	case DESK_SESSION_REPLAY:
		return refuse_caller(reply, "counter", "Senim-Counter did not grow: a request is taken once.");
	case DESK_SESSION_GONE:
		break;
	}
	return refuse_caller(reply, "session", "There is no such session, or it has ended: begin a new one.");
}

/* Her connection broke before the answer came, and she says so. The act stands already: it gets the answer that it got. */
static gboolean answer_again(Caller *caller, DeskReply *reply)
{
	json_t *answer = NULL;
	if (!caller->again || !desk_session_again(caller->desk->sessions, caller->session, caller->request.counter,
	                                          caller->signature, &answer))
		return FALSE;
	reply->status = 200;
	reply->json = answer;
	if (answer == NULL)
		desk_acts_error(reply, 503, "again", "That request came already, and its answer is not to be had a second time.");
	return TRUE;
}

/* --- signing in is an entry ------------------------------------------------------------------ */

static void enter_used(Ledger *ledger, const char *officer, gint64 now)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new();
	LedgerEntry entry = {0};
	record_add_uint(record, "time", (guint64)now);
	record_add(record, "officer", "-");
	record_add(record, "act", "used");
	record_add(record, "name", officer);
	LedgerAct act = {.kind = ENTRY_KEY, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	if (!ledger_append(ledger, &act, &entry, &error))
		log_warning("desk: a sign-in could not be entered: %s", error->message);
	else
		ledger_entry_clear(&entry);
}

/* Once a day for each mailbox that is hers: by this her days of inactivity are counted. */
static void note_use(const Caller *caller)
{
	static GMutex one_at_a_time;
	const Registry *registry = caller->desk->registry;
	gint64 now = registry_now(registry), today = now / G_TIME_SPAN_DAY;
	for (guint i = 0; i < registry_count(registry); i++) {
		Ledger *ledger = registry_ledger(registry, i);
		g_mutex_lock(&one_at_a_time);
		g_autoptr(People) people = ledger_people(ledger);
		const PeoplePerson *person = people_find(people, caller->officer);
		if (person != NULL && people_signs_in(person, now) && person->used / G_TIME_SPAN_DAY < today)
			enter_used(ledger, caller->officer, now);
		g_mutex_unlock(&one_at_a_time);
	}
}

/* --- one request ---------------------------------------------------------------------------- */

/* What an officer signs of an act: its body up to the line feed behind which headers of sealed texts stand. */
static gsize first_line(const GByteArray *body)
{
	const guint8 *end = body->len > 0 ? memchr(body->data, '\n', body->len) : NULL;
	return end != NULL ? (gsize)(end - body->data) : body->len;
}

/* A large payload goes out block by block, as long as she is let in. */
static void stream(const Caller *caller, DeskReply *reply)
{
	reply->stream = desk_stream_new(caller->desk->registry, (guint)MAX(reply->mailbox, 0), caller->officer, caller->sign,
	                                reply->fd, reply->from, reply->size);
	reply->fd = -1;
}

static void serve_signed(Caller *caller, const DeskAct *act, const Request *request, DeskReply *reply)
{
	const char *why;
	Desk *desk = caller->desk;
	const char *data = (const char *)request->body->data;
	gsize size = act->act ? first_line(request->body) : request->body->len;
	desk_request_digest(data, size, caller->request.digest);
	if (!check_session(caller, reply) || !check_signature(caller, reply) || answer_again(caller, reply) ||
	    !take_turn(caller, reply))
		return;
	g_autoptr(json_t) body = desk_json_read(data, size, act->act, &why), attached = NULL;
	if (body != NULL && size < request->body->len)
		attached = desk_json_read(data + size + 1, request->body->len - size - 1, TRUE, &why);
	if (body == NULL || (attached == NULL && size < request->body->len)) {
		desk_acts_error(reply, 400, "form", why);
		return;
	}
	note_use(caller);
	g_autoptr(Config) config = registry_config(desk->registry);
	DeskCall call = {
		.registry = desk->registry,
		.config = config,
		.sessions = desk->sessions,
		.hooks = &desk->hooks,
		.session = caller->session,
		.request = &caller->request,
		.signature = caller->signature,
		.body = body,
		.attached = attached,
		.stopping = &desk->stopping,
	};
	memcpy(call.sign, caller->sign, sizeof call.sign);
	if (desk_agreement_lets(&call, act, reply))
		act->serve(&call, reply);
	if (act->act && reply->status == 200 && reply->json != NULL)
		desk_session_keep(desk->sessions, caller->session, caller->request.counter, caller->signature, reply->json);
	if (reply->fd >= 0)
		stream(caller, reply);
}

static void serve_hello(Desk *desk, guint uid, DeskReply *reply)
{
	char session[2 * DESK_SESSION_ID + 1], nonce[2 * DESK_SESSION_NONCE + 1];
	g_autoptr(Config) config = registry_config(desk->registry);
	json_t *mailboxes = json_array();
	gboolean agreement = config->agreement[0] != '\0';
	desk_session_begin(desk->sessions, uid, g_get_monotonic_time(), session, nonce);
	for (guint i = 0; i < registry_count(desk->registry); i++) {
		g_autofree char *key = registry_log_key(desk->registry, i);
		json_array_append_new(mailboxes, json_pack("{s:s, s:s, s:s}", "mailbox", registry_mailbox(desk->registry, i), "origin",
		                                           registry_origin(desk->registry, i), "key", key));
	}
	reply->status = 200;
	reply->json = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "schema", DESK_JSON_SCHEMA, "store", desk->store,
	                        "session", session, "nonce", nonce, "organisation", config->organisation, "timezone",
	                        config->timezone_name, "mailboxes", mailboxes, "agreement", agreement);
}

/* What is asked without a key, by whoever keeps the host. */
static const struct {
	const char *target;
	void (*serve)(Registry *registry, const DeskHooks *hooks, guint uid, json_t *body, DeskReply *reply);
} host_targets[] = {
	{DESK_PEOPLE_AS_HOST, desk_people_block_as_host},
	{DESK_HOST_STATE, desk_host_state},
	{DESK_HOST_ARCHIVE, desk_host_archive},
	{DESK_HOST_TRIED, desk_host_tried},
	{DESK_HOST_COSIGNED, desk_host_cosigned},
	{DESK_HOST_INCIDENT, desk_incident_as_host},
	{DESK_HOST_QUEUE, desk_queue_as_host},
	{DESK_HOST_RECONCILED, desk_reconciled_as_host},
	{DESK_HOST_INCIDENTS, desk_incidents_as_host},
};

/* FALSE: no such target. */
static gboolean serve_host(Desk *desk, guint uid, const char *url, const Request *request, DeskReply *reply)
{
	const char *why;
	gsize i = 0;
	while (i < G_N_ELEMENTS(host_targets) && strcmp(host_targets[i].target, url) != 0)
		i++;
	if (i == G_N_ELEMENTS(host_targets))
		return FALSE;
	g_autoptr(json_t) body = desk_json_read((const char *)request->body->data, request->body->len, FALSE, &why);
	if (body == NULL)
		desk_acts_error(reply, 400, "form", why);
	else
		host_targets[i].serve(desk->registry, &desk->hooks, uid, body, reply);
	if (reply->why != NULL)
		enter_refused(desk, uid, reply->mailbox, "-", reply->why, url);
	return TRUE;
}

static const char *header_field(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void serve(Desk *desk, struct MHD_Connection *connection, const char *method, const char *url, const Request *request,
                  DeskReply *reply)
{
	guint uid;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const DeskAct *act = desk_acts_find(url);
	if (info == NULL || !listen_peer(info->connect_fd, &uid, NULL)) {
		desk_acts_error(reply, 401, "session", "The desk does not know which user asks.");
	} else if (request->too_large) {
		desk_acts_error(reply, 400, "form", "The request is larger than 1 MiB.");
	} else if (strcmp(method, "GET") == 0 && strcmp(url, "/v1/hello") == 0) {
		serve_hello(desk, uid, reply);
	} else if (strcmp(method, "POST") == 0 && serve_host(desk, uid, url, request, reply)) {
		/* it was asked without a key */
	} else if (act == NULL || strcmp(method, "POST") != 0) {
		desk_acts_error(reply, 404, "not-found", "The desk has no such target.");
	} else {
		Caller caller = {.desk = desk, .uid = uid};
		caller.session = header_field(connection, "Senim-Session");
		caller.officer = header_field(connection, "Senim-Officer");
		caller.counter = header_field(connection, "Senim-Counter");
		caller.signature = header_field(connection, "Senim-Signature");
		caller.again = header_field(connection, "Senim-Again") != NULL;
		caller.request = (DeskRequest){.store = desk->store, .officer = caller.officer, .method = "POST", .target = act->target};
		serve_signed(&caller, act, request, reply);
		if (reply->why != NULL)
			enter_refused(desk, uid, reply->mailbox, caller.known ? caller.officer : "-", reply->why, act->target);
	}
}

/* --- HTTP ---------------------------------------------------------------------------------------- */

static void unref_octets(void *octets)
{
	g_bytes_unref(octets);
}

static struct MHD_Response *make_response(DeskReply *reply)
{
	struct MHD_Response *response;
	if (reply->json != NULL) {
		char *text = json_dumps(reply->json, JSON_COMPACT);
		response = text != NULL ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;
	} else if (reply->octets != NULL) {
		gsize size;
		const void *data = g_bytes_get_data(reply->octets, &size);
		response = MHD_create_response_from_buffer_with_free_callback_cls(size, (void *)data, unref_octets,
		                                                                  g_bytes_ref(reply->octets));
	} else {
		response = g_steal_pointer(&reply->stream);
	}
	if (response == NULL)
		return NULL;
	MHD_add_response_header(response, "Content-Type", reply->json != NULL ? "application/json" : "application/octet-stream");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	return response;
}

static enum MHD_Result answer(struct MHD_Connection *connection, DeskReply *reply)
{
	struct MHD_Response *response = make_response(reply);
	if (response == NULL)
		return MHD_NO; /* closes the connection */
	enum MHD_Result queued = MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return queued;
}

/* A long list must not hold up the report that comes in meanwhile: once for the life of the connection's thread. */
static void give_way(void)
{
	static __thread gboolean done;
	if (!done)
		process_set_pace(PROCESS_LAST);
	done = TRUE;
}

static gint64 computed(void)
{
	struct timespec used;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

static gboolean reports_come_in(const Desk *desk)
{
	for (guint i = 0; i < registry_count(desk->registry); i++)
		if (ledger_takes_reports(registry_ledger(desk->registry, i)))
			return TRUE;
	return FALSE;
}

/* Being last in the line is not enough where the kernel lets a computing thread run to its clock's next tick: beside the
 * intake, who asks for page after page leaves the processors alone for most of the time. */
static void pause_behind(const Desk *desk, gint64 spent)
{
	if (spent > LONG_WORK && reports_come_in(desk))
		g_usleep((gulong)MIN(spent * PAUSE_FACTOR, PAUSE_MAX));
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version G_GNUC_UNUSED, const char *data, size_t *size, void **state)
{
	Desk *desk = user;
	Request *request = *state;
	if (request == NULL) {
		request = g_new0(Request, 1);
		request->body = g_byte_array_new();
		*state = request;
		return MHD_YES;
	}
	if (*size > 0) {
		request->too_large = request->too_large || request->body->len + *size > BODY_MAX;
		if (!request->too_large)
			g_byte_array_append(request->body, (const guint8 *)data, (guint)*size);
		*size = 0;
		return MHD_YES;
	}
	give_way();
	g_atomic_int_inc(&desk->active);
	request->counted = TRUE;
	g_auto(DeskReply) reply = DESK_REPLY_INIT;
	gint64 began = computed();
	serve(desk, connection, method, url, request, &reply);
	enum MHD_Result queued = answer(connection, &reply);
	pause_behind(desk, computed() - began);
	return queued;
}

static void completed(void *user, struct MHD_Connection *connection G_GNUC_UNUSED, void **state,
                      enum MHD_RequestTerminationCode code G_GNUC_UNUSED)
{
	Desk *desk = user;
	Request *request = *state;
	if (request == NULL)
		return;
	if (request->counted)
		g_atomic_int_add(&desk->active, -1);
	g_byte_array_unref(request->body);
	g_free(request);
	*state = NULL;
}

/* --- so many connections of one user --------------------------------------------------------------- */

static void count_connection(Desk *desk, gpointer uid, gboolean begins, int fd)
{
	g_mutex_lock(&desk->lock);
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(desk->connections, uid));
	n = begins ? n + 1 : MAX(n, 1) - 1;
	if (n > 0)
		g_hash_table_insert(desk->connections, uid, GUINT_TO_POINTER(n));
	else
		g_hash_table_remove(desk->connections, uid);
	g_mutex_unlock(&desk->lock);
	if (begins && n > CONNECTIONS_OF_USER)
		shutdown(fd, SHUT_RDWR); /* libmicrohttpd sees its end, and closes it */
}

static void connection_changed(void *user, struct MHD_Connection *connection, void **state,
                               enum MHD_ConnectionNotificationCode code)
{
	guint uid;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (code == MHD_CONNECTION_NOTIFY_STARTED && info != NULL && listen_peer(info->connect_fd, &uid, NULL)) {
		*state = GUINT_TO_POINTER(uid + 1); /* NULL: not counted */
		count_connection(user, *state, TRUE, info->connect_fd);
	} else if (code == MHD_CONNECTION_NOTIFY_CLOSED && *state != NULL) {
		count_connection(user, *state, FALSE, -1);
	}
}

/* --- start and stop ---------------------------------------------------------------------------------- */

static void desk_free(Desk *desk)
{
	desk_session_table_free(desk->sessions);
	g_hash_table_unref(desk->connections);
	g_hash_table_unref(desk->refused);
	g_mutex_clear(&desk->lock);
	g_free(desk->store);
	g_free(desk);
}

Desk *desk_start(Registry *registry, int listener, const DeskHooks *hooks, GError **error)
{
	Desk *desk = g_new0(Desk, 1);
	desk->registry = registry;
	desk->hooks = *hooks;
	desk->sessions = desk_session_table_new();
	desk->connections = g_hash_table_new(NULL, NULL);
	desk->refused = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_mutex_init(&desk->lock);
	desk->store = g_malloc(2 * 16 + 1);
	sodium_bin2hex(desk->store, 2 * 16 + 1, registry_store_id(registry), 16);
	desk->daemon = MHD_start_daemon(
		MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL, handle,
		desk, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listener, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(HEADERS_MAX + 32768), MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_SECONDS,
		MHD_OPTION_NOTIFY_COMPLETED, completed, desk, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, desk,
		MHD_OPTION_END);
	if (desk->daemon != NULL)
		return desk;
	g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_CLOSED, "the desk cannot be served: libmicrohttpd did not start");
	close(listener);
	desk_free(desk);
	return NULL;
}

void desk_stop(Desk *desk)
{
	if (desk == NULL)
		return;
	gint64 deadline = g_get_monotonic_time() + DRAIN_MAX;
	g_atomic_int_set(&desk->stopping, 1);
	MHD_socket listener = MHD_quiesce_daemon(desk->daemon);
	while (g_atomic_int_get(&desk->active) > 0 && g_get_monotonic_time() < deadline)
		g_usleep(10000);
	MHD_stop_daemon(desk->daemon);
	if (listener != MHD_INVALID_SOCKET)
		close(listener);
	desk_upload_forget_all();
	desk_free(desk);
}
