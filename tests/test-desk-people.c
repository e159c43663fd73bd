/* SPDX-License-Identifier: ISC */
/* Who may what, through the real desk: added, confirmed, blocked in an open session, unblocked, covered, expired. */
#include <curl/curl.h>
#include <glib.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/custody.h"
#include "store/desk-json.h"
#include "store/desk-request.h"
#include "store/desk.h"
#include "store/enrolment.h"
#include "store/note.h"
#include "tests/store-fixture.h"

typedef struct {
	Fixture f;
	Desk *desk;
} Scene;

static void scene_begin(Scene *scene)
{
	const DeskHooks hooks = {0};
	fixture_make(&scene->f, NULL);
	fixture_now = g_get_real_time();
	scene->desk = desk_start(scene->f.registry, fixture_listen(&scene->f, "desk.sock"), &hooks, NULL);
	g_assert_nonnull(scene->desk);
}

static void scene_clear(Scene *scene)
{
	g_clear_pointer(&scene->desk, desk_stop);
	fixture_clear(&scene->f);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

typedef struct {
	const Scene *scene;
	const Keyfile *keys;
	const char *officer;
	json_t *hello;
	guint64 counter;
} Client;

static void client_clear(Client *client)
{
	json_decref(client->hello);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Client, client_clear)

static gsize collect(char *data, gsize size, gsize n, void *user)
{
	g_byte_array_append(user, (const guint8 *)data, (guint)(size * n));
	return size * n;
}

static long exchange(const Scene *scene, const char *target, struct curl_slist *fields, const char *body, json_t **answer)
{
	g_autofree char *path = fixture_path(&scene->f, "desk.sock"), *url = g_strconcat("http://desk", target, NULL);
	g_autoptr(GByteArray) octets = g_byte_array_new();
	long status = 0;
	CURL *curl = curl_easy_init();
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, octets);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	if (body != NULL)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	g_assert_cmpint(curl_easy_perform(curl), ==, CURLE_OK);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	*answer = json_loadb((const char *)octets->data, octets->len, 0, NULL);
	return status;
}

static void client_begin(Client *client, const Scene *scene, const Keyfile *keys, const char *officer)
{
	client->scene = scene;
	client->keys = keys;
	client->officer = officer;
	g_assert_cmpint(exchange(scene, "/v1/hello", NULL, NULL, &client->hello), ==, 200);
}

static const char *hello(const Client *client, const char *key)
{
	return json_string_value(json_object_get(client->hello, key));
}

static struct curl_slist *field(struct curl_slist *list, const char *name, const char *value)
{
	g_autofree char *line = g_strdup_printf("%s: %s", name, value);
	return curl_slist_append(list, line);
}

/* Takes body. The status, and in *why (may be NULL) the word of a refusal. */
static long post(Client *client, const char *target, json_t *body, char **why, json_t **whole)
{
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	DeskRequest request = {hello(client, "store"), client->officer, hello(client, "nonce"), ++client->counter, "POST",
	                       target, {0}};
	guint8 signature[KEYFILE_SIGNATURE];
	desk_request_digest(text, strlen(text), request.digest);
	g_autofree char *signed_text = desk_request_text(&request);
	keyfile_sign(client->keys, signed_text, strlen(signed_text), signature);
	g_autofree char *base64 = g_base64_encode(signature, sizeof signature);
	g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, client->counter);
	struct curl_slist *fields = field(NULL, "Senim-Session", hello(client, "session"));
	field(fields, "Senim-Officer", client->officer);
	field(fields, "Senim-Counter", number);
	field(fields, "Senim-Signature", base64);
	g_autoptr(json_t) answer = NULL;
	long status = exchange(client->scene, target, fields, text, &answer);
	curl_slist_free_all(fields);
	free(text);
	json_decref(body);
	const char *word = json_string_value(json_object_get(answer, "why"));
	if (why != NULL)
		*why = g_strdup(word != NULL ? word : json_string_value(json_object_get(answer, "error")));
	if (whole != NULL)
		*whole = json_incref(answer);
	return status;
}

static json_t *act(json_t *own)
{
	json_object_set_new(own, "request", json_string("r"));
	json_object_set_new(own, "mailbox", json_string("senim@kmo.kz"));
	json_object_set_new(own, "ground", json_string("order"));
	json_object_set_new(own, "known", json_integer(0));
	return own;
}

static json_t *cases(void)
{
	return json_pack("{s:s}", "filter", "all");
}

static json_t *add_body(const Keyfile *keys, const char *name, const char *role)
{
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	g_autofree char *sign = g_base64_encode(half->sign, sizeof half->sign);
	return act(json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "name", name, "role", role, "body_key", half->body,
	                     "card_key", half->card, "sign_key", sign, "expires", 0, "order", "№ 45-ө"));
}

/* The words' hash for that key, as her own machine makes it. */
static json_t *confirm_body(const Scene *scene, const Keyfile *keys, const char *name)
{
	guint8 hash[ENROLMENT_HASH];
	char store[33], hex[2 * ENROLMENT_HASH + 1];
	g_autofree char *one = registry_log_key(scene->f.registry, 0), *two = registry_log_key(scene->f.registry, 1);
	const char *logs[] = {two, one, NULL}; /* in whatever order the desk names them */
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	sodium_bin2hex(store, sizeof store, registry_store_id(scene->f.registry), 16);
	enrolment_hash(store, logs, half->body, half->card, half->sign, hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	return act(json_pack("{s:s, s:s}", "name", name, "words", hex));
}

static json_t *block_body(const char *name)
{
	return act(json_pack("{s:s, s:s, s:I}", "name", name, "order", "№ 46-ө", "signed",
	                     (json_int_t)(fixture_now - G_TIME_SPAN_HOUR)));
}

static gboolean reads(const Scene *scene, const char *name)
{
	guint8 set[32];
	g_autoptr(GPtrArray) readers = ledger_readers(registry_ledger(scene->f.registry, 0), set, NULL);
	for (guint i = 0; readers != NULL && i < readers->len; i++)
		if (strcmp(((const PeoplePerson *)readers->pdata[i])->name, name) == 0)
			return TRUE;
	return FALSE;
}

static void who_is_added_reads_only_when_another_has_confirmed_her(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, dana = {0}, chair = {0};
	g_autofree char *why = NULL, *again = NULL;
	scene_begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&dana, &scene, scene.f.stranger, "dana");
	g_assert_cmpint(post(&aigul, "/v1/people/add", add_body(scene.f.stranger, "dana", "deputy"), NULL, NULL), ==, 200);
	g_assert_false(reads(&scene, "dana"));
	g_assert_cmpint(post(&dana, "/v1/cases", cases(), &why, NULL), ==, 403);
	g_assert_cmpstr(why, ==, "unconfirmed");
	g_autofree char *own = NULL, *wrong = NULL;
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&aigul, "/v1/people/confirm", confirm_body(&scene, scene.f.stranger, "dana"), &own, NULL), ==, 403);
	g_assert_cmpstr(own, ==, "four-eyes");
	g_assert_cmpint(post(&chair, "/v1/people/confirm", confirm_body(&scene, scene.f.chair, "dana"), &wrong, NULL), ==, 403);
	g_assert_cmpstr(wrong, ==, "words");
	g_assert_cmpint(post(&chair, "/v1/people/confirm", confirm_body(&scene, scene.f.stranger, "dana"), NULL, NULL), ==, 200);
	g_assert_true(reads(&scene, "dana"));
	g_assert_cmpint(post(&dana, "/v1/cases", cases(), NULL, NULL), ==, 200);
	g_assert_cmpint(post(&aigul, "/v1/people/add", add_body(scene.f.stranger, "other", "officer"), &again, NULL), ==, 409);
	g_clear_pointer(&scene.desk, desk_stop);
	fixture_reopen(&scene.f); /* all of it stands in the entries */
	g_assert_true(reads(&scene, "dana"));
}

static void a_block_ends_an_open_session_at_once_and_another_lifts_it(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	g_autofree char *why = NULL;
	g_autoptr(json_t) people = NULL;
	scene_begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&aigul, "/v1/cases", cases(), NULL, NULL), ==, 200);
	g_assert_cmpint(post(&chair, "/v1/people/block", block_body("aigul"), NULL, NULL), ==, 200);
	g_assert_cmpint(post(&aigul, "/v1/cases", json_pack("{s:s, s:s}", "filter", "all", "mailbox", "senim@kmo.kz"), &why,
	                     NULL),
	                ==, 403); /* the other mailbox is hers still, this one is not */
	g_assert_false(reads(&scene, "aigul"));
	g_assert_cmpint(post(&chair, "/v1/people", json_pack("{s:s}", "mailbox", "senim@kmo.kz"), NULL, &people), ==, 200);
	const json_t *first = json_array_get(json_object_get(people, "people"), 0);
	g_assert_cmpstr(json_string_value(json_object_get(first, "name")), ==, "aigul");
	g_assert_cmpstr(json_string_value(json_object_get(first, "state")), ==, "blocked");
	g_assert_cmpint(post(&chair, "/v1/people/unblock", act(json_pack("{s:s, s:s}", "name", "aigul", "order", "№ 47")), NULL,
	                     NULL),
	                ==, 200);
	g_assert_true(reads(&scene, "aigul"));
	g_assert_cmpint(post(&aigul, "/v1/cases", cases(), NULL, NULL), ==, 200);
}

static void an_expired_key_opens_nothing_and_gets_nothing(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0}, dana = {0};
	g_autofree char *why = NULL;
	scene_begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	client_begin(&dana, &scene, scene.f.stranger, "dana");
	json_t *add = add_body(scene.f.stranger, "dana", "officer");
	json_object_set_new(add, "expires", json_integer((json_int_t)(fixture_now / G_USEC_PER_SEC + 3600)));
	g_assert_cmpint(post(&aigul, "/v1/people/add", add, NULL, NULL), ==, 200);
	g_assert_cmpint(post(&chair, "/v1/people/confirm", confirm_body(&scene, scene.f.stranger, "dana"), NULL, NULL), ==, 200);
	g_assert_cmpint(post(&dana, "/v1/cases", cases(), NULL, NULL), ==, 200);
	g_assert_true(reads(&scene, "dana"));
	fixture_now += 2 * G_TIME_SPAN_HOUR;
	g_assert_false(reads(&scene, "dana")); /* new cases are sealed to the others, and to nothing weaker */
	g_assert_cmpint(post(&dana, "/v1/cases", cases(), &why, NULL), ==, 403); /* in the session that was open */
	g_assert_cmpstr(why, ==, "expired");
}

static void a_supervisor_reads_no_case_and_blocks(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0}, watch = {0};
	g_autofree char *why = NULL;
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&watch, &scene, scene.f.stranger, "watch");
	post(&aigul, "/v1/people/add", add_body(scene.f.stranger, "watch", "supervisor"), NULL, NULL);
	client_begin(&chair, &scene, scene.f.chair, "chair");
	post(&chair, "/v1/people/confirm", confirm_body(&scene, scene.f.stranger, "watch"), NULL, NULL);
	g_assert_false(reads(&scene, "watch"));
	json_t *open = act(json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)seq, "part", "body", "act", "show"));
	g_assert_cmpint(post(&watch, "/v1/open", open, &why, NULL), ==, 403);
	g_assert_cmpint(post(&watch, "/v1/people/block", block_body("aigul"), NULL, NULL), ==, 200);
}

static void nobody_unblocks_herself_and_no_order_is_signed_tomorrow(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0};
	scene_begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	json_t *tomorrow = block_body("chair");
	json_object_set_new(tomorrow, "signed", json_integer((json_int_t)(fixture_now + G_TIME_SPAN_DAY)));
	g_assert_cmpint(post(&aigul, "/v1/people/block", tomorrow, NULL, NULL), ==, 400);
	g_assert_cmpint(post(&aigul, "/v1/people/unblock", act(json_pack("{s:s, s:s}", "name", "aigul", "order", "x")), NULL,
	                     NULL),
	                ==, 409);
	g_assert_cmpint(post(&aigul, "/v1/people/block", block_body("nobody"), NULL, NULL), ==, 409);
}

/* What root of the host asks for: no session, no signature. */
static long as_host(const Scene *scene, const char *name, json_t **answer)
{
	json_t *body = json_pack("{s:s, s:s, s:s, s:I}", "mailbox", "senim@kmo.kz", "name", name, "order", "№ 48", "signed",
	                         (json_int_t)(fixture_now - 30 * G_TIME_SPAN_HOUR));
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	long status = exchange(scene, "/v1/host/block", NULL, text, answer);
	free(text);
	json_decref(body);
	return status;
}

static void the_hosts_root_blocks_without_a_key_and_the_entry_says_so(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) chair = {0};
	LedgerEntry entry = {0};
	g_autoptr(json_t) answer = NULL, again = NULL, people = NULL;
	scene_begin(&scene);
	g_assert_cmpint(as_host(&scene, "aigul", &answer), ==, 200);
	g_assert_false(reads(&scene, "aigul"));
	g_assert_cmpint(as_host(&scene, "aigul", &again), ==, 409);
	guint64 seq = (guint64)json_integer_value(json_object_get(answer, "seq"));
	g_assert_true(ledger_entry(registry_ledger(scene.f.registry, 0), seq, &entry, NULL));
	gsize size;
	const void *data = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(data, size, 0, NULL, NULL);
	g_assert_cmpstr(record_get(record, "officer"), ==, "-");
	g_assert_cmpstr(record_get(record, "host"), ==, geteuid() == 0 ? "root" : "registrar");
	ledger_entry_clear(&entry);
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&chair, "/v1/people", json_pack("{s:n}", "mailbox"), NULL, &people), ==, 200);
	const json_t *first = json_array_get(json_object_get(people, "people"), 0);
	gint64 late = (gint64)json_integer_value(json_object_get(first, "blocked")) -
	              (gint64)json_integer_value(json_object_get(first, "ordered"));
	g_assert_cmpint(late / G_TIME_SPAN_HOUR, ==, 30); /* the day of R29 was overrun, and that can be seen */
}

/* A child that has become another user asks: the socket's own rights aside, the registrar looks at who it is. */
static void another_users_word_blocks_nobody(void)
{
	g_auto(Scene) scene = {0};
	g_autoptr(json_t) answer = NULL;
	scene_begin(&scene);
	if (geteuid() != 0) {
		g_test_skip("needs root, to become another user");
		return;
	}
	g_autofree char *path = fixture_path(&scene.f, "desk.sock");
	g_assert_cmpint(chmod(scene.f.directory, 0755), ==, 0);
	g_assert_cmpint(chmod(path, 0666), ==, 0);
	pid_t child = fork();
	if (child == 0)
		_exit(setresuid(65534, 65534, 65534) == 0 && as_host(&scene, "aigul", &answer) == 403 ? 0 : 1);
	int status;
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
	g_assert_true(reads(&scene, "aigul"));
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REFUSED), ==, 1);
}

static long state_as_host(const Scene *scene, const char *text, json_t **answer)
{
	return exchange(scene, "/v1/host/state", NULL, text, answer);
}

static void the_host_is_told_how_the_registers_stand_and_nothing_of_a_case(void)
{
	g_auto(Scene) scene = {0};
	g_autoptr(json_t) answer = NULL, more = NULL, forbidden = NULL;
	guint64 size;
	guint8 root[NOTE_ROOT];
	scene_begin(&scene);
	guint64 before = ledger_size(registry_ledger(scene.f.registry, 0));
	g_assert_cmpint(state_as_host(&scene, "{}", &answer), ==, 200);
	g_assert_cmpuint(ledger_size(registry_ledger(scene.f.registry, 0)), ==, before); /* it is no entry */
	json_t *mailbox = json_array_get(json_object_get(answer, "mailboxes"), 0);
	g_autofree char *key = registry_log_key(scene.f.registry, 0);
	g_autoptr(NoteVerifier) verifier = note_verifier_new(key, NULL);
	g_assert_true(note_verify_checkpoint(json_string_value(json_object_get(mailbox, "checkpoint")), verifier, &size, root, NULL));
	g_assert_true(json_is_null(json_object_get(mailbox, "fault")));
	json_t *first = json_array_get(json_object_get(mailbox, "people"), 0);
	g_assert_cmpstr(json_string_value(json_object_get(first, "name")), ==, "aigul");
	g_assert_true(json_is_true(json_object_get(first, "in_force")));
	g_assert_cmpuint(strlen(json_string_value(json_object_get(answer, "custody"))), ==, 2 * CUSTODY_ID);
	g_assert_cmpint(state_as_host(&scene, "{\"mailbox\":1}", &more), ==, 400);
	if (geteuid() != 0)
		return;
	g_autofree char *path = fixture_path(&scene.f, "desk.sock");
	g_assert_cmpint(chmod(scene.f.directory, 0755) | chmod(path, 0666), ==, 0);
	pid_t child = fork();
	if (child == 0)
		_exit(setresuid(65534, 65534, 65534) == 0 && state_as_host(&scene, "{}", &forbidden) == 403 ? 0 : 1);
	int status;
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_REFUSED), ==, 1);
}

static void a_leave_is_entered_and_its_deputy_is_one_who_reads(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	g_autoptr(json_t) people = NULL;
	scene_begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	post(&aigul, "/v1/people/add", add_body(scene.f.stranger, "dana", "deputy"), NULL, NULL);
	json_t *cover = act(json_pack("{s:s, s:I, s:I, s:s}", "name", "aigul", "from", (json_int_t)fixture_now, "to",
	                              (json_int_t)(fixture_now + 70 * G_TIME_SPAN_DAY), "deputy", "dana"));
	g_assert_cmpint(post(&aigul, "/v1/people/cover", json_deep_copy(cover), NULL, NULL), ==, 409); /* dana is not confirmed */
	post(&chair, "/v1/people/confirm", confirm_body(&scene, scene.f.stranger, "dana"), NULL, NULL);
	g_assert_cmpint(post(&aigul, "/v1/people/cover", cover, NULL, NULL), ==, 200);
	g_assert_cmpint(post(&aigul, "/v1/people", json_pack("{s:s}", "mailbox", "senim@kmo.kz"), NULL, &people), ==, 200);
	const json_t *first = json_array_get(json_object_get(people, "people"), 0);
	g_assert_cmpstr(json_string_value(json_object_get(json_object_get(first, "cover"), "deputy")), ==, "dana");
	g_assert_true(json_is_null(json_object_get(first, "idle_end")));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_NOTHING);
	g_test_add_func("/desk-people/who is added reads only when another has confirmed her",
	                who_is_added_reads_only_when_another_has_confirmed_her);
	g_test_add_func("/desk-people/a block ends an open session within a second, and another lifts it",
	                a_block_ends_an_open_session_at_once_and_another_lifts_it);
	g_test_add_func("/desk-people/an expired key opens nothing and gets nothing", an_expired_key_opens_nothing_and_gets_nothing);
	g_test_add_func("/desk-people/a supervisor reads no case, and blocks", a_supervisor_reads_no_case_and_blocks);
	g_test_add_func("/desk-people/nobody unblocks herself, and no order is signed tomorrow",
	                nobody_unblocks_herself_and_no_order_is_signed_tomorrow);
	g_test_add_func("/desk-people/the host's root blocks without a key, and the entry says so",
	                the_hosts_root_blocks_without_a_key_and_the_entry_says_so);
	g_test_add_func("/desk-people/another user's word blocks nobody", another_users_word_blocks_nobody);
	g_test_add_func("/desk-people/the host is told how the registers stand, and nothing of a case",
	                the_host_is_told_how_the_registers_stand_and_nothing_of_a_case);
	g_test_add_func("/desk-people/a leave is entered, and its deputy is one who reads",
	                a_leave_is_entered_and_its_deputy_is_one_who_reads);
	return g_test_run();
}
