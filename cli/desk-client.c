/* SPDX-License-Identifier: ISC */
#include "cli/desk-client.h"

#include <curl/curl.h>
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/refusals.h"
#include "store/desk-request.h"

#define TRIES 4
#define ANSWER_MAX (128u * 1024 * 1024) /* 200 cards of 64 KiB in base64, with room */

typedef struct {
	char *mailbox, *origin, *key;
} Mailbox;

struct DeskClient {
	CURL *curl;
	char *socket, *officer;
	Tunnel *tunnel; /* borrowed, or NULL */
	const Keyfile *keys;
	char *store, *session, *nonce, *organisation;
	GTimeZone *zone;
	gboolean agreement;
	GArray *mailboxes;
	guint64 counter;
	char *word;    /* of the last error that it answered with, or NULL */
	long seconds; /* that an exchange may take in all; 0: as long as it goes on */
	gboolean over; /* the registrar knows this session no more, or is gone */
};

static void mailbox_clear(gpointer data)
{
	Mailbox *mailbox = data;
	g_free(mailbox->mailbox);
	g_free(mailbox->origin);
	g_free(mailbox->key);
}

void desk_client_free(DeskClient *client)
{
	if (client == NULL)
		return;
	if (client->curl != NULL)
		curl_easy_cleanup(client->curl);
	g_free(client->socket);
	g_free(client->officer);
	g_free(client->store);
	g_free(client->session);
	g_free(client->nonce);
	g_free(client->organisation);
	g_free(client->word);
	if (client->zone != NULL)
		g_time_zone_unref(client->zone);
	g_array_unref(client->mailboxes);
	g_free(client);
}

void desk_signed_clear(DeskSigned *what)
{
	g_clear_pointer(&what->nonce, g_free);
	g_clear_pointer(&what->target, g_free);
	g_clear_pointer(&what->signature, g_free);
	g_clear_pointer(&what->digest, g_free);
}

/* --- reading answers ------------------------------------------------------------------------------------------------ */

gboolean desk_form_error(GError **error, const char *key)
{
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the registrar's answer has no %s of the right form: install the same release of both programs"), key);
}

const char *desk_get_text(json_t *object, const char *key, GError **error)
{
	json_t *value = json_object_get(object, key);
	if (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value))
		return json_string_value(value);
	desk_form_error(error, key);
	return NULL;
}

gboolean desk_get_uint(json_t *object, const char *key, guint64 *value, GError **error)
{
	json_t *number = json_object_get(object, key);
	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return desk_form_error(error, key);
	*value = (guint64)json_integer_value(number);
	return TRUE;
}

json_t *desk_get_array(json_t *object, const char *key, GError **error)
{
	json_t *array = json_object_get(object, key);
	if (json_is_array(array))
		return array;
	desk_form_error(error, key);
	return NULL;
}

/* GLib's decoder passes over what is no base64; what does not come back the same was something else. */
GBytes *desk_get_octets(json_t *object, const char *key, gsize size, GError **error)
{
	const char *text = desk_get_text(object, key, error);
	if (text == NULL)
		return NULL;
	gsize got;
	guchar *octets = g_base64_decode(text, &got);
	g_autoptr(GBytes) bytes = g_bytes_new_take(octets, got);
	g_autofree char *again = g_base64_encode(octets, got);
	if (strcmp(again, text) != 0 || (size != 0 && got != size)) {
		desk_form_error(error, key);
		return NULL;
	}
	return g_steal_pointer(&bytes);
}

/* --- one exchange --------------------------------------------------------------------------------------------------- */

typedef struct {
	DeskClient *client;
	GByteArray *answer; /* what is no payload */
	DeskTake take;      /* a payload's reader, or NULL */
	gpointer user;
	guint64 taken;      /* octets that take() had */
	GError *error;      /* of take */
	gboolean too_long;
	gboolean act;       /* it is done once, however often it is sent */
	gboolean broken;    /* the way broke; with a tunnel there is another one */
} Exchange;

static gsize receive(char *data, gsize one, gsize n, void *user)
{
	Exchange *exchange = user;
	gsize size = one * n;
	long status = 0;
	curl_easy_getinfo(exchange->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (exchange->take != NULL && status == 200) {
		exchange->taken += size;
		return exchange->take(data, size, exchange->user, &exchange->error) ? size : 0;
	}
	exchange->too_long = exchange->answer->len + size > ANSWER_MAX;
	if (exchange->too_long)
		return 0;
	g_byte_array_append(exchange->answer, (const guint8 *)data, (guint)size);
	return size;
}

static void prepare(DeskClient *client, const char *target, struct curl_slist *headers, Exchange *exchange)
{
	CURL *curl = client->curl;
	g_autofree char *url = g_strconcat("http://desk", target, NULL);
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH,
	                 client->tunnel != NULL ? tunnel_socket(client->tunnel) : client->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, client->seconds);
	/* On a connection that was used before, libcurl sends a request once more where the first breaks off: an act would
	 * be asked for twice. */
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	/* Payloads may be long: not their time is bounded but a silence within it. Only the registrar's own check is silent
	 * for as long as it reads every sealed object. */
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, strcmp(target, "/v1/verify") == 0 ? 86400L : 120L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
}

static gboolean fail_transport(const DeskClient *client, CURLcode code, const Exchange *exchange, GError **error)
{
	g_autofree char *socket = escape_text(client->socket, -1, ESCAPE_LINE);
	if (exchange->error != NULL) {
		g_propagate_error(error, g_error_copy(exchange->error));
		return FALSE;
	}
	if (exchange->too_long)
		return cli_fail(error, CLI_ERROR_FAILED, _("the registrar's answer is too long: ask for less"));
	if (client->tunnel != NULL)
		return tunnel_fail(client->tunnel, error);
	if (code == CURLE_COULDNT_CONNECT)
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the registrar does not answer on %s: is it running, and are you in the group of its socket?"),
		                socket);
	return cli_fail(error, CLI_ERROR_FAILED, _("the talk with the registrar broke off (%s): try again"),
	                curl_easy_strerror(code));
}

static char *candidates_of(json_t *answer)
{
	json_t *list = json_object_get(answer, "candidates"), *item;
	gsize i;
	g_autoptr(GString) text = g_string_new(NULL);
	json_array_foreach(list, i, item) {
		const char *name = json_string_value(json_is_object(item) ? json_object_get(item, "name") : item);
		if (name != NULL)
			g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", name);
	}
	return text->len > 0 ? escape_text(text->str, -1, ESCAPE_LINE) : NULL;
}

static gboolean fail_status(long status, json_t *answer, GError **error)
{
	CliError code = status == 401 || status == 403 ? CLI_ERROR_REFUSED : CLI_ERROR_FAILED;
	const Refusal *refusal = refusals_find(json_string_value(json_object_get(answer, "why")));
	const char *message = json_string_value(json_object_get(answer, "message"));
	g_autofree char *candidates = candidates_of(answer);
	if (status == 409 && candidates != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("several cases are meant: name one of %s"), candidates);
	if (refusal == NULL)
		refusal = refusals_find(json_string_value(json_object_get(answer, "error")));
	if (refusal != NULL)
		return cli_fail(error, refusal->code, "%s", _(refusal->sentence));
	g_autofree char *shown = escape_text(message != NULL ? message : "", -1, ESCAPE_LINE);
	return cli_fail(error, code, _("the registrar refused (%ld): %s"), status, shown);
}

/* The answer's object, of whatever status; NULL where it is none. */
static json_t *read_answer(const Exchange *exchange)
{
	g_autoptr(json_t) answer =
		json_loadb((const char *)exchange->answer->data, exchange->answer->len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(answer) || json_integer_value(json_object_get(answer, "schema")) != 1)
		return NULL;
	return g_steal_pointer(&answer);
}

/* The way broke, not what goes over it: with a tunnel there is another try. */
static gboolean may_try_again(const Exchange *exchange, CURLcode code)
{
	return code != CURLE_OK && exchange->error == NULL && !exchange->too_long && exchange->client->tunnel != NULL &&
	       tunnel_has_ended(exchange->client->tunnel);
}

/* Runs what prepare() set up. *answer is set for everything but a payload. */
static gboolean perform(Exchange *exchange, CURLcode code, json_t **answer, GError **error)
{
	if (code != CURLE_OK) {
		exchange->broken = may_try_again(exchange, code);
		exchange->client->over = TRUE;
		fail_transport(exchange->client, code, exchange, error);
		g_clear_error(&exchange->error);
		return FALSE;
	}
	long status = 0;
	curl_easy_getinfo(exchange->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (exchange->take != NULL && status == 200)
		return TRUE;
	g_autoptr(json_t) object = read_answer(exchange);
	g_free(exchange->client->word);
	exchange->client->word = g_strdup(json_string_value(json_object_get(object, "error")));
	if (status == 401)
		exchange->client->over = TRUE;
	if (status != 200)
		return fail_status(status, object, error);
	if (object == NULL)
		return desk_form_error(error, "schema");
	*answer = g_steal_pointer(&object);
	return TRUE;
}

static char *hex_of(const guint8 *data, gsize size)
{
	GString *hex = g_string_sized_new(2 * size);
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(hex, "%02x", data[i]);
	return g_string_free(hex, FALSE);
}

static gboolean sign(DeskClient *client, const char *target, const char *body, DeskSigned *what, GError **error)
{
	DeskRequest request = {.store = client->store,
	                       .officer = client->officer,
	                       .nonce = client->nonce,
	                       .counter = ++client->counter,
	                       .method = "POST",
	                       .target = target};
	guint8 signature[KEYFILE_SIGNATURE];
	desk_request_digest(body, strlen(body), request.digest);
	g_autofree char *text = desk_request_text(&request);
	if (text == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("the officer's name has a line break in it: check --officer"));
	keyfile_sign(client->keys, text, strlen(text), signature);
	what->nonce = g_strdup(client->nonce);
	what->target = g_strdup(target);
	what->counter = request.counter;
	what->digest = hex_of(request.digest, sizeof request.digest);
	what->signature = g_base64_encode(signature, sizeof signature);
	return TRUE;
}

static struct curl_slist *headers_of(const DeskClient *client, const DeskSigned *what)
{
	g_autofree char *session = g_strdup_printf("Senim-Session: %s", client->session);
	g_autofree char *officer = g_strdup_printf("Senim-Officer: %s", client->officer);
	g_autofree char *counter = g_strdup_printf("Senim-Counter: %" G_GUINT64_FORMAT, what->counter);
	g_autofree char *signature = g_strdup_printf("Senim-Signature: %s", what->signature);
	const char *lines[] = {session, officer, counter, signature, "Content-Type: application/json", "Expect:"};
	struct curl_slist *list = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
		list = curl_slist_append(list, lines[i]);
	return list;
}

static void free_text(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text)); /* it may name a person */
	free(text);
}

/* Signed is the first line alone; what it names by digest follows in the second. */
static char *make_body(DeskClient *client, const char *target, json_t *object, json_t *attached, DeskSigned *what,
                       GError **error)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS), *whole = NULL;
	if (text == NULL) {
		cli_fail(error, CLI_ERROR_USAGE, _("the request holds text that is no UTF-8: write it again"));
	} else if (sign(client, target, text, what, error)) {
		char *more = json_object_size(attached) > 0 ? json_dumps(attached, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
		whole = more != NULL ? g_strconcat(text, "\n", more, NULL) : g_strdup(text);
		free(more);
	}
	free_text(text);
	return whole;
}

/* One try. again: the same request once more, of which nobody knows whether it came. */
static CURLcode send_it(Exchange *exchange, const char *target, const char *text, const DeskSigned *what, gboolean again)
{
	DeskClient *client = exchange->client;
	struct curl_slist *headers = headers_of(client, what);
	if (again)
		headers = curl_slist_append(headers, "Senim-Again: yes");
	g_byte_array_set_size(exchange->answer, 0);
	prepare(client, target, headers, exchange);
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(text));
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, text);
	CURLcode code = curl_easy_perform(client->curl);
	curl_slist_free_all(headers);
	return code;
}

/* After a try that broke: an act goes out octet for octet as before, with the same counter, so that the registrar knows it
 * and does it once; a question is asked anew. */
static gboolean send_again(Exchange *exchange, const char *target, json_t *object, char **text, DeskSigned *what,
                           CURLcode *code, GError **error)
{
	DeskClient *client = exchange->client;
	if (!tunnel_renew(client->tunnel, error))
		return FALSE;
	if (!exchange->act) {
		free_text(*text);
		desk_signed_clear(what);
		*text = make_body(client, target, object, NULL, what, error);
	}
	if (*text != NULL)
		*code = send_it(exchange, target, *text, what, exchange->act);
	return *text != NULL;
}

static gboolean post(DeskClient *client, const char *target, json_t *body, json_t *attached, DeskSigned *what,
                     Exchange *exchange, json_t **answer, GError **error)
{
	g_autoptr(json_t) object = body;
	char *text = make_body(client, target, object, attached, what, error);
	if (text == NULL)
		return FALSE;
	exchange->client = client;
	exchange->answer = g_byte_array_new();
	gboolean way = TRUE;
	CURLcode code = send_it(exchange, target, text, what, FALSE);
	for (guint i = 1; i < TRIES && way && exchange->take == NULL && may_try_again(exchange, code); i++)
		way = send_again(exchange, target, object, &text, what, &code, error);
	gboolean done = way && perform(exchange, code, answer, error);
	g_byte_array_unref(exchange->answer);
	free_text(text);
	return done;
}

json_t *desk_client_post(DeskClient *client, const char *target, json_t *body, DeskSigned *what, GError **error)
{
	g_auto(DeskSigned) own = {0};
	Exchange exchange = {.act = what != NULL};
	json_t *answer = NULL;
	return post(client, target, body, NULL, what != NULL ? what : &own, &exchange, &answer, error) ? answer : NULL;
}

json_t *desk_client_act(DeskClient *client, const char *target, json_t *body, json_t *attached, DeskSigned *what,
                        GError **error)
{
	Exchange exchange = {.act = TRUE};
	json_t *answer = NULL;
	return post(client, target, body, attached, what, &exchange, &answer, error) ? answer : NULL;
}

gboolean desk_client_fetch(DeskClient *client, const char *target, json_t *body, DeskTake take, gpointer user,
                           GError **error)
{
	Exchange exchange = {.take = take, .user = user};
	g_autoptr(json_t) object = body;
	for (guint i = 0;; i++) {
		g_auto(DeskSigned) what = {0};
		g_autoptr(GError) cause = NULL;
		g_autoptr(json_t) answer = NULL;
		guint64 before = exchange.taken;
		exchange.broken = FALSE;
		json_object_set_new(object, "from", json_integer((json_int_t)exchange.taken));
		if (post(client, target, json_incref(object), NULL, &what, &exchange, &answer, &cause))
			return TRUE;
		if (exchange.taken > before)
			i = 0; /* as long as it goes on, it goes on */
		if (!exchange.broken || i + 1 >= TRIES || !tunnel_renew(client->tunnel, NULL)) {
			g_propagate_error(error, g_steal_pointer(&cause));
			return FALSE;
		}
	}
}

json_t *desk_client_ask_as_host(DeskClient *client, const char *target, json_t *body, GError **error)
{
	g_autoptr(json_t) object = body;
	json_t *answer = NULL;
	Exchange exchange = {.client = client, .answer = g_byte_array_new()};
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	prepare(client, target, headers, &exchange);
	curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, text);
	gboolean done = perform(&exchange, curl_easy_perform(client->curl), &answer, error);
	curl_slist_free_all(headers);
	g_byte_array_unref(exchange.answer);
	free_text(text);
	return done ? answer : NULL;
}

/* --- hello ---------------------------------------------------------------------------------------------------------- */

static gboolean keep_text(json_t *answer, const char *key, char **field, GError **error)
{
	const char *text = desk_get_text(answer, key, error);
	*field = g_strdup(text);
	return text != NULL;
}

/* These go into header lines and into what is signed: hex, nothing else. */
static gboolean keep_hex(json_t *answer, const char *key, gsize size, char **field, GError **error)
{
	if (!keep_text(answer, key, field, error))
		return FALSE;
	return (strlen(*field) == 2 * size && strspn(*field, "0123456789abcdef") == 2 * size) || desk_form_error(error, key);
}

static gboolean keep_mailboxes(DeskClient *client, json_t *answer, GError **error)
{
	json_t *list = desk_get_array(answer, "mailboxes", error), *item;
	gsize i;
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, item) {
		const char *mailbox = desk_get_text(item, "mailbox", error);
		const char *origin = mailbox != NULL ? desk_get_text(item, "origin", error) : NULL;
		const char *key = origin != NULL ? desk_get_text(item, "key", error) : NULL;
		if (key == NULL)
			return FALSE;
		Mailbox one = {g_strdup(mailbox), g_strdup(origin), g_strdup(key)};
		g_array_append_val(client->mailboxes, one);
	}
	return TRUE;
}

static gboolean hello(DeskClient *client, GError **error)
{
	Exchange exchange = {.client = client, .answer = g_byte_array_new()};
	g_autoptr(json_t) answer = NULL;
	prepare(client, "/v1/hello", NULL, &exchange);
	gboolean heard = perform(&exchange, curl_easy_perform(client->curl), &answer, error);
	g_byte_array_unref(exchange.answer);
	const char *zone;
	if (!heard || !keep_hex(answer, "store", 16, &client->store, error) ||
	    !keep_hex(answer, "session", 16, &client->session, error) || !keep_hex(answer, "nonce", 32, &client->nonce, error) ||
	    !keep_text(answer, "organisation", &client->organisation, error) || !keep_mailboxes(client, answer, error) ||
	    (zone = desk_get_text(answer, "timezone", error)) == NULL)
		return FALSE;
	/* A name of the time zone database and nothing that leads out of it: GLib opens a file of that name. */
	if (strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") != strlen(zone) || zone[0] == '/')
		return desk_form_error(error, "timezone");
	client->zone = g_time_zone_new_identifier(zone);
	client->agreement = json_is_true(json_object_get(answer, "agreement"));
	return client->zone != NULL || desk_form_error(error, "timezone");
}

gboolean desk_client_is_over(const DeskClient *client)
{
	return client->over;
}

gboolean desk_client_hello(DeskClient *client, GError **error)
{
	g_clear_pointer(&client->store, g_free);
	g_clear_pointer(&client->session, g_free);
	g_clear_pointer(&client->nonce, g_free);
	g_clear_pointer(&client->organisation, g_free);
	g_clear_pointer(&client->zone, g_time_zone_unref);
	g_array_set_size(client->mailboxes, 0);
	client->counter = 0;
	client->over = !hello(client, error);
	return !client->over;
}

static gboolean check_officer(const char *officer, GError **error)
{
	gsize size = strlen(officer);
	if (size >= 1 && size <= 32 && strspn(officer, "abcdefghijklmnopqrstuvwxyz0123456789._-") == size)
		return TRUE;
	g_autofree char *shown = escape_text(officer, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_USAGE,
	                _("“%s” is no officer's name: it is the NAME of the configuration's [officer NAME]"), shown);
}

static DeskClient *client_new(const char *socket, Tunnel *tunnel, const char *officer, const Keyfile *keys, GError **error)
{
	curl_global_init(CURL_GLOBAL_NOTHING);
	g_autoptr(DeskClient) client = g_new0(DeskClient, 1);
	client->mailboxes = g_array_new(FALSE, FALSE, sizeof(Mailbox));
	g_array_set_clear_func(client->mailboxes, mailbox_clear);
	client->socket = g_strdup(socket);
	client->tunnel = tunnel;
	client->officer = g_strdup(officer);
	client->keys = keys;
	client->curl = curl_easy_init();
	if (client->curl != NULL)
		return g_steal_pointer(&client);
	cli_fail(error, CLI_ERROR_FAILED, _("libcurl cannot be set up: is there memory left?"));
	return NULL;
}

DeskClient *desk_client_new(const char *socket, Tunnel *tunnel, const char *officer, const Keyfile *keys, GError **error)
{
	if (!check_officer(officer, error))
		return NULL;
	g_autoptr(DeskClient) client = client_new(socket, tunnel, officer, keys, error);
	return client != NULL && hello(client, error) ? g_steal_pointer(&client) : NULL;
}

json_t *desk_client_ask_host(const char *socket, const char *target, json_t *body, guint seconds, GError **error)
{
	g_autoptr(DeskClient) client = client_new(socket, NULL, "-", NULL, error);
	if (client == NULL) {
		json_decref(body);
		return NULL;
	}
	client->seconds = (long)seconds;
	return desk_client_ask_as_host(client, target, body, error);
}

gboolean desk_client_heard(const DeskClient *client, const char *word)
{
	return g_strcmp0(client->word, word) == 0;
}

const char *desk_client_officer(const DeskClient *client)
{
	return client->officer;
}

const char *desk_client_store(const DeskClient *client)
{
	return client->store;
}

const char *desk_client_organisation(const DeskClient *client)
{
	return client->organisation;
}

gboolean desk_client_has_agreement(const DeskClient *client)
{
	return client->agreement;
}

GTimeZone *desk_client_zone(const DeskClient *client)
{
	return client->zone;
}

gboolean desk_client_mailbox(const DeskClient *client, guint i, const char **mailbox, const char **origin)
{
	if (i >= client->mailboxes->len)
		return FALSE;
	const Mailbox *one = &g_array_index(client->mailboxes, Mailbox, i);
	*mailbox = one->mailbox;
	*origin = one->origin;
	return TRUE;
}

const char *desk_client_log_key(const DeskClient *client, guint i)
{
	return g_array_index(client->mailboxes, Mailbox, i).key;
}

const char *desk_client_origin(const DeskClient *client, const char *mailbox)
{
	const char *name, *origin;
	for (guint i = 0; desk_client_mailbox(client, i, &name, &origin); i++)
		if (strcmp(name, mailbox) == 0)
			return origin;
	return NULL;
}
