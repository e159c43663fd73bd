/* SPDX-License-Identifier: ISC */
/* tests/desk-room.h - a desk with a real ledger behind it, and an officer's program that signs what it posts.
 *
 * What the tests of the desk share; static, for each of them is a program with a scene of its own at a time.
 *   scene_begin, client_begin, post     a store, a session, a request: the status, and the answer's JSON
 *   record_of                           a record out of a PROOF, its commitment checked
 *   post_work, room_case_of, last_work_of            an act of casework with its sealed text, and what the case is then */
#ifndef SENIM_TESTS_DESK_ROOM_H
#define SENIM_TESTS_DESK_ROOM_H

#include <curl/curl.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "base/day.h"
#include "store/desk-request.h"
#include "store/desk.h"
#include "store/entry.h"
#include "store/sealed-text.h"
#include "tests/store-fixture.h"

static gint queued;
/* Set by a test before its scene begins. */
G_GNUC_UNUSED static json_t *(*room_grounds)(const Config *config, GError **error, gpointer user);
/* The same. */
G_GNUC_UNUSED static const char *(*room_address)(const Config *config, const ConfigMailbox *mailbox, const char *address, gpointer user);
G_GNUC_UNUSED static json_t *(*room_letters)(const Config *config, const ConfigMailbox *mailbox, GError **error, gpointer user);
/* What a test does when the first octets of an answer are there; exchange() may then break off, and returns 0. */
G_GNUC_UNUSED static void (*room_received)(void);

G_GNUC_UNUSED static void letter_queued(gpointer user G_GNUC_UNUSED)
{
	g_atomic_int_inc(&queued);
}

G_GNUC_UNUSED static void dates(const Config *config G_GNUC_UNUSED, const ConfigMailbox *mailbox G_GNUC_UNUSED,
                  gint64 received G_GNUC_UNUSED, GDate *official, GDate *due, gpointer user G_GNUC_UNUSED)
{
	g_date_set_dmy(official, 23, G_DATE_NOVEMBER, 2026);
	g_date_set_dmy(due, 14, G_DATE_DECEMBER, 2026);
}

typedef struct {
	Fixture f;
	Desk *desk;
} Scene;

/* The configuration with more sections at its end. */
/* Today where the organisation is: never before what the room has registered. */
G_GNUC_UNUSED static const char *room_today(void)
{
	static char text[16];
	GDate day;
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Almaty");
	day_at(fixture_now != 0 ? fixture_now : g_get_real_time(), zone, &day);
	g_date_strftime(text, sizeof text, "%Y-%m-%d", &day);
	return text;
}

G_GNUC_UNUSED static void scene_extend(Scene *scene, const char *sections)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *file = g_strdup(scene->f.config->file), *text = NULL;
	g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
	g_autofree char *more = g_strconcat(text, sections, NULL);
	g_assert_true(g_file_set_contents(file, more, -1, NULL));
	config_unref(scene->f.config);
	scene->f.config = config_load(file, &error);
	g_assert_no_error(error);
	fixture_reopen(&scene->f);
}

G_GNUC_UNUSED static void scene_begin_with(Scene *scene, const char *sections)
{
	DeskHooks hooks = {.dates = dates, .letter_queued = letter_queued, .grounds = room_grounds,
	                   .address = room_address, .letters = room_letters};
	fixture_make(&scene->f, NULL);
	if (sections != NULL)
		scene_extend(scene, sections);
	scene->desk = desk_start(scene->f.registry, fixture_listen(&scene->f, "desk.sock"), &hooks, NULL);
	g_assert_nonnull(scene->desk);
	g_atomic_int_set(&queued, 0);
}

G_GNUC_UNUSED static void scene_begin(Scene *scene)
{
	scene_begin_with(scene, NULL);
}

G_GNUC_UNUSED static void scene_clear(Scene *scene)
{
	g_clear_pointer(&scene->desk, desk_stop);
	fixture_clear(&scene->f);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

G_GNUC_UNUSED static Ledger *ledger_of(const Scene *scene)
{
	return registry_ledger(scene->f.registry, 0);
}

/* --- an officer's program ---------------------------------------------------------------- */

typedef struct {
	const Scene *scene;
	const Keyfile *keys;
	const char *officer;
	char *store, *session, *nonce;
	guint64 counter;
	gboolean again; /* says that it has asked this before */
} Client;

G_GNUC_UNUSED static void client_clear(Client *client)
{
	g_free(client->store);
	g_free(client->session);
	g_free(client->nonce);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Client, client_clear)

G_GNUC_UNUSED static gsize collect(char *data, gsize size, gsize n, void *user)
{
	g_byte_array_append(user, (const guint8 *)data, (guint)(size * n));
	if (room_received != NULL)
		room_received();
	return size * n;
}

/* One exchange; the answer's octets go into *answer (to be freed). Returns the status. */
G_GNUC_UNUSED static long exchange(const Scene *scene, const char *target, struct curl_slist *fields, const char *body, gsize size,
                     GByteArray **answer)
{
	g_autofree char *path = fixture_path(&scene->f, "desk.sock");
	g_autofree char *url = g_strconcat("http://desk", target, NULL);
	long status = 0;
	CURL *curl = curl_easy_init();
	*answer = g_byte_array_new();
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, *answer);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	if (body != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)size);
	}
	gboolean whole = curl_easy_perform(curl) == CURLE_OK;
	g_assert_true(whole || room_received != NULL);
	if (whole)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	g_byte_array_append(*answer, (const guint8 *)"", 1); /* a NUL, not counted */
	g_byte_array_set_size(*answer, (*answer)->len - 1);
	return status;
}

G_GNUC_UNUSED static void client_begin(Client *client, const Scene *scene, const Keyfile *keys, const char *officer)
{
	g_autoptr(GByteArray) answer = NULL;
	g_assert_cmpint(exchange(scene, "/v1/hello", NULL, NULL, 0, &answer), ==, 200);
	json_t *hello = json_loadb((const char *)answer->data, answer->len, 0, NULL);
	client->scene = scene;
	client->keys = keys;
	client->officer = officer;
	client->store = g_strdup(json_string_value(json_object_get(hello, "store")));
	client->session = g_strdup(json_string_value(json_object_get(hello, "session")));
	client->nonce = g_strdup(json_string_value(json_object_get(hello, "nonce")));
	g_assert_cmpuint(strlen(client->store), ==, 32);
	g_assert_cmpuint(strlen(client->session), ==, 32);
	g_assert_cmpuint(strlen(client->nonce), ==, 64);
	g_assert_cmpuint(json_array_size(json_object_get(hello, "mailboxes")), ==, 2);
	json_decref(hello);
}

G_GNUC_UNUSED static struct curl_slist *field(struct curl_slist *list, const char *name, const char *value)
{
	g_autofree char *line = g_strdup_printf("%s: %s", name, value);
	return curl_slist_append(list, line);
}

G_GNUC_UNUSED static long send_signed(Client *client, const char *target, const char *body, gsize size, guint64 counter,
                        const guint8 signature[KEYFILE_SIGNATURE], GByteArray **answer)
{
	g_autofree char *base64 = g_base64_encode(signature, KEYFILE_SIGNATURE);
	g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, counter);
	struct curl_slist *fields = field(NULL, "Senim-Session", client->session);
	field(fields, "Senim-Officer", client->officer);
	field(fields, "Senim-Counter", number);
	field(fields, "Senim-Signature", base64);
	field(fields, "Expect", "");
	if (client->again)
		field(fields, "Senim-Again", "yes");
	long status = exchange(client->scene, target, fields, body, size, answer);
	curl_slist_free_all(fields);
	return status;
}

/* Signs octets as they are and sends them with that counter. */
G_GNUC_UNUSED static long post_octets(Client *client, const char *target, const char *body, gsize size, guint64 counter, GByteArray **answer)
{
	DeskRequest request = {client->store, client->officer, client->nonce, counter, "POST", target, {0}};
	guint8 signature[KEYFILE_SIGNATURE];
	desk_request_digest(body, size, request.digest);
	g_autofree char *text = desk_request_text(&request);
	keyfile_sign(client->keys, text, strlen(text), signature);
	return send_signed(client, target, body, size, counter, signature, answer);
}

/* Takes body; *answer (may be NULL) gets a new reference. */
G_GNUC_UNUSED static long post(Client *client, const char *target, json_t *body, json_t **answer)
{
	g_autoptr(GByteArray) octets = NULL;
	g_assert_nonnull(body);
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	long status = post_octets(client, target, text, strlen(text), ++client->counter, &octets);
	free(text);
	json_decref(body);
	json_t *json = json_loadb((const char *)octets->data, octets->len, 0, NULL);
	g_assert_cmpint(json_integer_value(json_object_get(json, "schema")), ==, 1);
	if (answer != NULL)
		*answer = json;
	else
		json_decref(json);
	return status;
}

/* One line or two, as they lie there. */
G_GNUC_UNUSED static long post_act(Client *client, const char *target, json_t *body, json_t *attached, json_t **answer)
{
	DeskRequest request = {client->store, client->officer, client->nonce, ++client->counter, "POST", target, {0}};
	g_autoptr(GByteArray) octets = NULL;
	guint8 signature[KEYFILE_SIGNATURE];
	char *first = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS), *second = json_dumps(attached, JSON_COMPACT | JSON_SORT_KEYS);
	g_autofree char *whole = g_strconcat(first, "\n", second, NULL);
	desk_request_digest(first, strlen(first), request.digest);
	g_autofree char *text = desk_request_text(&request);
	keyfile_sign(client->keys, text, strlen(text), signature);
	long status = send_signed(client, target, whole, strlen(whole), request.counter, signature, &octets);
	free(first);
	free(second);
	*answer = json_loadb((const char *)octets->data, octets->len, 0, NULL);
	return status;
}

G_GNUC_UNUSED static json_t *open_body(guint64 seq, const char *part)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:I}", "request", "r-1", "mailbox", "senim@kmo.kz", "seq",
	                 (json_int_t)seq, "part", part, "act", "show", "ground", "resolution", "known", (json_int_t)0);
}

G_GNUC_UNUSED static json_t *cases_body(void)
{
	return json_pack("{s:s, s:n, s:n}", "filter", "all", "mailbox", "after");
}

G_GNUC_UNUSED static guint refused(const Scene *scene)
{
	return fixture_count_entries(&scene->f, "senim@kmo.kz", ENTRY_REFUSED);
}

G_GNUC_UNUSED static guint64 register_small(const Scene *scene)
{
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	return fixture_register(&scene->f, &report);
}

G_GNUC_UNUSED static GBytes *octets_of(const json_t *object, const char *key)
{
	gsize size;
	const char *text = json_string_value(json_object_get(object, key));
	g_assert_nonnull(text);
	guchar *data = g_base64_decode(text, &size);
	return g_bytes_new_take(data, size);
}

/* The record of the i-th entry of a PROOF, its commitment checked. */
G_GNUC_UNUSED static Record *record_of(const json_t *answer, guint i, Entry *entry)
{
	json_t *item = json_array_get(json_object_get(answer, "entries"), i);
	g_autoptr(GBytes) data = octets_of(item, "entry"), salt = octets_of(item, "salt"), text = octets_of(item, "record");
	g_assert_cmpuint(g_bytes_get_size(data), ==, ENTRY_SIZE);
	g_assert_true(entry_decode(g_bytes_get_data(data, NULL), entry, NULL));
	g_assert_true(entry_verify_commitment(g_bytes_get_data(data, NULL), g_bytes_get_data(salt, NULL),
	                                      g_bytes_get_data(text, NULL), g_bytes_get_size(text), NULL));
	return record_read(g_bytes_get_data(text, NULL), g_bytes_get_size(text), 0, NULL, NULL);
}

/* --- acts of casework -------------------------------------------------------------------- */

G_GNUC_UNUSED static const char *const room_everybody[] = {"aigul", "chair", NULL};

/* A text of the row, sealed to those names. */
G_GNUC_UNUSED static SealedText *seal_words(const Scene *scene, const char *words, const char *const *readers)
{
	SealedText *text = sealed_text_new(SEAL_PART_TEXT, words, NULL);
	for (; *readers != NULL; readers++) {
		const Keyfile *keys = strcmp(*readers, "aigul") == 0 ? scene->f.aigul : scene->f.chair;
		g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
		g_assert_true(sealed_text_add_reader(text, *readers, half->card, NULL));
	}
	return text;
}

/* Posts an act: own (stolen) are its own fields; words NULL: no text. */
G_GNUC_UNUSED static long post_work(Client *client, const char *target, guint64 seq, guint64 after, json_t *own, const char *words,
                   const char *const *readers, gboolean with_text, json_t **answer)
{
	g_autoptr(SealedText) text = words != NULL ? seal_words(client->scene, words, readers) : NULL;
	g_autoptr(json_t) attached = json_object();
	g_autoptr(json_t) body = json_pack("{s:s, s:s, s:I, s:I, s:s, s:I}", "request", "r-9", "mailbox", "senim@kmo.kz", "seq",
	                                   (json_int_t)seq, "after", (json_int_t)after, "ground", "resolution", "known",
	                                   (json_int_t)0);
	json_object_update(body, own);
	json_decref(own);
	if (with_text)
		sealed_text_put(text, SEAL_PART_TEXT, body, attached);
	json_t *json;
	long status = post_act(client, target, body, attached, &json);
	if (answer != NULL)
		*answer = json;
	else
		json_decref(json);
	return status;
}

G_GNUC_UNUSED static LedgerCase *room_case_of(const Scene *scene, guint64 seq)
{
	LedgerCase *c = ledger_case_by_seq(ledger_of(scene), seq, NULL);
	g_assert_nonnull(c);
	return c;
}

G_GNUC_UNUSED static guint64 last_work_of(const Scene *scene, guint64 seq)
{
	g_autoptr(LedgerCase) c = room_case_of(scene, seq);
	return ledger_case_last(c);
}

#endif
