/* SPDX-License-Identifier: ISC */
/* desk.sock with a real ledger behind it: who is let in, what is refused and entered, and that the entry comes first. */
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/cases.h"
#include "store/desk-json.h"
#include "store/desk-session.h"
#include "tests/desk-room.h"

/* --- letting in ----------------------------------------------------------------------------- */

static void facts_are_listed_for_who_signs(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), &answer), ==, 200);
	json_t *c = json_array_get(json_object_get(answer, "cases"), 0);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "cases")), ==, 1);
	g_assert_cmpint(json_integer_value(json_object_get(c, "seq")), ==, seq);
	g_assert_cmpstr(json_string_value(json_object_get(c, "mailbox")), ==, "senim@kmo.kz");
	g_assert_cmpstr(json_string_value(json_object_get(c, "official_date")), ==, "2026-11-23");
	g_assert_cmpstr(json_string_value(json_object_get(c, "due")), ==, "2026-12-14");
	g_assert_cmpstr(json_string_value(json_object_get(json_object_get(c, "facts"), "language")), ==, "kk");
	g_assert_null(json_object_get(json_object_get(c, "facts"), "automatic")); /* what is null is left out */
	g_assert_cmpstr(json_string_value(json_object_get(json_object_get(c, "acknowledgement"), "state")), ==, "withheld");
	g_assert_true(json_is_false(json_object_get(answer, "more")));
	json_decref(answer);
}

static void a_counter_is_taken_once(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(GByteArray) first = NULL, second = NULL, third = NULL;
	static const char body[] = "{\"filter\":\"all\"}";
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post_octets(&client, "/v1/cases", body, strlen(body), 5, &first), ==, 200);
	g_assert_cmpint(post_octets(&client, "/v1/cases", body, strlen(body), 5, &second), ==, 401);
	g_assert_cmpint(post_octets(&client, "/v1/cases", body, strlen(body), 4, &third), ==, 401);
	g_assert_cmpuint(refused(&scene), ==, 1); /* one a minute for the same user, officer and reason */
}

static void another_key_s_signature_is_refused_and_entered(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.stranger, "aigul");
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), &answer), ==, 401);
	g_assert_cmpstr(json_string_value(json_object_get(answer, "why")), ==, "signature");
	json_decref(answer);
	g_assert_cmpuint(refused(&scene), ==, 1);
}

static void an_unknown_officer_is_refused_and_entered_without_the_name(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	LedgerEntry entry = {0};
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.stranger, "mallory");
	guint64 seq = ledger_size(ledger_of(&scene));
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), NULL), ==, 401);
	g_assert_true(ledger_entry(ledger_of(&scene), seq, &entry, NULL));
	g_autoptr(Record) record = record_read(g_bytes_get_data(entry.record, NULL), g_bytes_get_size(entry.record), 0, NULL, NULL);
	g_assert_cmpstr(record_get(record, "officer"), ==, "-");
	g_assert_cmpstr(record_get(record, "why"), ==, "officer");
	g_assert_cmpstr(record_get(record, "target"), ==, "/v1/cases");
	ledger_entry_clear(&entry);
}

static void a_session_stays_with_its_first_officer(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), NULL), ==, 200);
	client.keys = scene.f.chair;
	client.officer = "chair";
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), &answer), ==, 401);
	g_assert_cmpstr(json_string_value(json_object_get(answer, "why")), ==, "other-officer");
	json_decref(answer);
	g_assert_cmpuint(refused(&scene), ==, 1);
}

static void a_session_that_is_not_there_is_refused(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(GByteArray) octets = NULL;
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	memset(client.session, '0', 32);
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), NULL), ==, 401);
	g_assert_cmpint(exchange(&scene, "/v1/cases", NULL, "{}", 2, &octets), ==, 401);
	g_assert_cmpuint(refused(&scene), ==, 2);
}

static void what_is_no_request_is_an_error_of_form(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	static const struct {
		const char *testname, *target, *body;
		long status;
	} rows[] = {
		{"no JSON", "/v1/cases", "filter=all", 400},
		{"a list", "/v1/cases", "[]", 400},
		{"a key twice", "/v1/cases", "{\"filter\":\"all\",\"filter\":\"all\"}", 400},
		{"an unknown key", "/v1/cases", "{\"filter\":\"all\",\"more\":1}", 400},
		{"another type", "/v1/cases", "{\"filter\":1}", 400},
		{"too deep", "/v1/cases", "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", 400},
		{"invalid UTF-8", "/v1/find", "{\"case\":\"\xff\"}", 400},
		{"U+0000", "/v1/find", "{\"case\":\"\\u0000\"}", 400},
		{"no name of a case", "/v1/find", "{\"case\":\"2026/\"}", 400},
		{"a case that is not there", "/v1/find", "{\"case\":\"1999/1\"}", 404},
		{"an act in another form", "/v1/accept",
		 "{\"seq\":1, \"request\":\"r\",\"mailbox\":\"senim@kmo.kz\",\"ground\":\"g\",\"known\":0}", 400},
		{"no ground", "/v1/accept", "{\"ground\":\"\",\"known\":0,\"mailbox\":\"senim@kmo.kz\",\"request\":\"r\",\"seq\":1}",
		 400},
		{"a ground that is no word", "/v1/accept",
		 "{\"ground\":\"Askar's letter\",\"known\":0,\"mailbox\":\"senim@kmo.kz\",\"request\":\"r\",\"seq\":1}", 400},
		{"a target that is not there", "/v1/delete", "{}", 404},
		{"another mailbox", "/v1/entries", "{\"mailbox\":\"x@kmo.kz\",\"from\":0,\"most\":1}", 404},
	};
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GByteArray) octets = NULL;
		g_test_message("%s", rows[i].testname);
		g_assert_cmpint(post_octets(&client, rows[i].target, rows[i].body, strlen(rows[i].body), ++client.counter, &octets),
		                ==, rows[i].status);
	}
	g_autoptr(GByteArray) octets = NULL;
	g_autofree char *large = g_strnfill(1024 * 1024 + 1, ' ');
	g_assert_cmpint(post_octets(&client, "/v1/cases", large, 1024 * 1024 + 1, ++client.counter, &octets), ==, 400);
}

/* --- opening ------------------------------------------------------------------------------------ */

static void the_entry_is_committed_before_a_header_leaves(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	Entry opened, received;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "body"), &answer), ==, 200);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, 1);
	g_autoptr(Record) act = record_of(answer, 0, &opened), of_case = record_of(answer, 1, &received);
	g_assert_cmpint(opened.kind, ==, ENTRY_OPENED);
	g_assert_cmpint(received.kind, ==, ENTRY_RECEIVED);
	g_assert_cmpuint(received.seq, ==, seq);
	g_assert_cmpstr(record_get(act, "officer"), ==, "aigul");
	g_assert_cmpstr(record_get(act, "ground"), ==, "resolution");
	/* and it opens what came with it */
	SealExpect expect = {.part = SEAL_PART_BODY};
	g_autoptr(GBytes) header = octets_of(answer, "header"), payload = octets_of(answer, "payload");
	expect.size = g_bytes_get_size(payload);
	record_get_hex(of_case, "digest", expect.digest, sizeof expect.digest, NULL);
	record_get_hex(of_case, "key-check-body", expect.key_check, sizeof expect.key_check, NULL);
	record_get_hex(of_case, "case", expect.case_id, sizeof expect.case_id, NULL);
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(SealOpener) opener = seal_opener_new(g_bytes_get_data(header, NULL), g_bytes_get_size(header),
	                                               keyfile_body_identity(scene.f.aigul), &expect, NULL);
	g_assert_true(seal_opener_write(opener, g_bytes_get_data(payload, NULL), g_bytes_get_size(payload), plain, NULL));
	g_assert_true(seal_opener_finish(opener, plain, NULL));
	g_assert_nonnull(memmem(plain->data, plain->len, FIXTURE_MARK, strlen(FIXTURE_MARK)));
	json_decref(answer);
}

/* What the record holds is enough to build the request again and to check that the officer signed it. */
static void an_act_can_be_shown_to_be_hers_from_its_record_alone(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	Entry opened;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "card"), &answer), ==, 200);
	g_autoptr(Record) r = record_of(answer, 0, &opened);
	json_decref(answer);
	json_t *body = json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:o}", "request", record_get(r, "request"), "mailbox",
	                         "senim@kmo.kz", "seq", json_integer(g_ascii_strtoll(record_get(r, "case"), NULL, 10)), "part",
	                         record_get(r, "part"), "act", record_get(r, "act"), "ground", record_get(r, "ground"), "known",
	                         json_integer(g_ascii_strtoll(record_get(r, "known"), NULL, 10)));
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	DeskRequest request = {client.store, record_get(r, "officer"), record_get(r, "nonce"), 0, record_get(r, "method"),
	                       record_get(r, "target"), {0}};
	g_assert_true(record_get_uint(r, "counter", G_MAXUINT64, &request.counter, NULL));
	desk_request_digest(text, strlen(text), request.digest);
	guint8 digest[DESK_REQUEST_DIGEST];
	g_assert_true(record_get_hex(r, "body", digest, sizeof digest, NULL));
	g_assert_cmpmem(digest, sizeof digest, request.digest, sizeof request.digest);
	gsize size;
	g_autofree char *signed_text = desk_request_text(&request);
	g_autofree guchar *signature = g_base64_decode(record_get(r, "signature"), &size);
	g_autoptr(KeyfilePublic) half = keyfile_public(scene.f.aigul, 0);
	g_assert_cmpuint(size, ==, KEYFILE_SIGNATURE);
	g_assert_true(keyfile_public_verify(half->sign, signed_text, strlen(signed_text), signature));
	free(text);
	json_decref(body);
}

static SealedText *seal_ground(const Keyfile *reader, const char *name)
{
	g_autoptr(KeyfilePublic) half = keyfile_public(reader, 0);
	SealedText *ground = sealed_text_new(SEAL_PART_GROUND, "Асқар туралы", NULL);
	g_assert_true(sealed_text_add_reader(ground, name, half->card, NULL));
	return ground;
}

static void a_ground_in_her_own_words_lies_sealed_and_comes_back_to_her_alone(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, chair = {0};
	g_autoptr(json_t) answer = NULL, again = NULL;
	Entry opened;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_autoptr(SealedText) ground = seal_ground(scene.f.aigul, "aigul");
	g_autoptr(json_t) body = open_body(seq, "card"), attached = json_object();
	sealed_text_put(ground, SEAL_PART_GROUND, body, attached);
	g_assert_cmpint(post_act(&client, "/v1/open", body, attached, &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &opened);
	g_assert_cmpint(opened.flags, ==, ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED);
	gsize size;
	g_autofree char *text = record_write(record, &size);
	g_assert_null(strstr(text, "Асқар"));
	json_t *entry = json_array_get(json_object_get(answer, "entries"), 0);
	g_assert_true(json_is_null(json_object_get(entry, "text_header")));
	g_autoptr(GBytes) header = octets_of(entry, "ground_text_header");
	g_autoptr(SealedText) kept = sealed_text_from_record(SEAL_PART_GROUND, record, NULL);
	g_autoptr(GBytes) clear = sealed_text_open(kept, g_bytes_get_data(header, NULL), g_bytes_get_size(header),
	                                           keyfile_card_identity(scene.f.aigul), NULL);
	g_assert_cmpmem(g_bytes_get_data(clear, NULL), g_bytes_get_size(clear), "Асқар туралы", strlen("Асқар туралы"));
	g_autoptr(KeyfilePublic) other = keyfile_public(scene.f.chair, 0);
	g_autoptr(GError) error = NULL;
	g_assert_null(ledger_header(ledger_of(&scene), opened.seq, SEAL_PART_GROUND, other->card, &error));
	g_assert_error(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
	LedgerCheck check = {0};
	g_assert_true(ledger_check(ledger_of(&scene), &check, NULL, NULL, NULL));
	g_assert_cmpuint(check.faults->len, ==, 0);
	ledger_check_clear(&check);
}

static void a_text_for_somebody_who_reads_nothing_here_is_refused(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_autoptr(SealedText) ground = seal_ground(scene.f.stranger, "mallory");
	g_autoptr(json_t) body = open_body(seq, "card"), attached = json_object();
	sealed_text_put(ground, SEAL_PART_GROUND, body, attached);
	g_assert_cmpint(post_act(&client, "/v1/open", body, attached, &answer), ==, 409);
	g_clear_pointer(&answer, json_decref);
	json_object_set_new(attached, "00", json_string("a header that nothing names"));
	g_assert_cmpint(post_act(&client, "/v1/open", body, attached, &answer), ==, 400);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, 0);
}

static void a_payload_is_fetched_only_under_an_entry_of_its_session(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, other = {0};
	json_t *answer;
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 300000, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&other, &scene, scene.f.aigul, "aigul");
	json_t *early = json_pack("{s:s, s:I}", "mailbox", "senim@kmo.kz", "entry", (json_int_t)ledger_size(ledger_of(&scene)));
	g_assert_cmpint(post(&client, "/v1/payload", early, NULL), ==, 403);
	g_assert_cmpuint(refused(&scene), ==, 1);
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "body"), &answer), ==, 200);
	g_assert_true(json_is_null(json_object_get(answer, "payload")));
	json_int_t entry = json_integer_value(json_object_get(json_array_get(json_object_get(answer, "entries"), 0), "seq"));
	json_decref(answer);
	g_autofree char *body = g_strdup_printf("{\"entry\":%d,\"mailbox\":\"senim@kmo.kz\"}", (int)entry);
	g_autoptr(GByteArray) octets = NULL, none = NULL;
	g_assert_cmpint(post_octets(&other, "/v1/payload", body, strlen(body), ++other.counter, &none), ==, 403);
	g_assert_cmpint(post_octets(&client, "/v1/payload", body, strlen(body), ++client.counter, &octets), ==, 200);
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&scene), seq, NULL);
	g_assert_cmpuint(octets->len, ==, c->size);
	g_assert_cmpstr(c->state, ==, "open");
}

static void a_download_goes_on_from_an_octet(void)
{
	static const struct {
		guint cut; /* from the end */
		long status;
	} rows[] = {{0, 200}, {1, 200}, {70000, 200}};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 300000, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "body"), &answer), ==, 200);
	int entry = (int)json_integer_value(json_object_get(json_array_get(json_object_get(answer, "entries"), 0), "seq"));
	json_decref(answer);
	g_autofree char *body = g_strdup_printf("{\"entry\":%d,\"from\":0,\"mailbox\":\"senim@kmo.kz\"}", entry);
	g_autoptr(GByteArray) whole = NULL;
	g_assert_cmpint(post_octets(&client, "/v1/payload", body, strlen(body), ++client.counter, &whole), ==, 200);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GByteArray) rest = NULL;
		guint from = whole->len - rows[i].cut;
		g_autofree char *later = g_strdup_printf("{\"entry\":%d,\"from\":%u,\"mailbox\":\"senim@kmo.kz\"}", entry, from);
		g_assert_cmpint(post_octets(&client, "/v1/payload", later, strlen(later), ++client.counter, &rest), ==, rows[i].status);
		g_assert_cmpmem(rest->data, rest->len, whole->data + from, rows[i].cut);
	}
	g_autoptr(GByteArray) none = NULL, less = NULL;
	g_autofree char *past = g_strdup_printf("{\"entry\":%d,\"from\":%u,\"mailbox\":\"senim@kmo.kz\"}", entry, whole->len + 1);
	g_assert_cmpint(post_octets(&client, "/v1/payload", past, strlen(past), ++client.counter, &none), ==, 400);
	g_autofree char *before = g_strdup_printf("{\"entry\":%d,\"from\":-1,\"mailbox\":\"senim@kmo.kz\"}", entry);
	g_assert_cmpint(post_octets(&client, "/v1/payload", before, strlen(before), ++client.counter, &less), ==, 400);
}

/* --- what stops a look ------------------------------------------------------------------------ */

static Ledger *blocked_in;

static void block_once(void)
{
	LedgerEntry entry = {0};
	if (blocked_in == NULL)
		return;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)fixture_now);
	record_add(record, "officer", "-");
	record_add(record, "name", "aigul");
	record_add(record, "why", "idle");
	LedgerAct act = {.kind = ENTRY_BLOCKED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	g_assert_true(ledger_append(blocked_in, &act, &entry, NULL));
	ledger_entry_clear(&entry);
	blocked_in = NULL;
}

static void a_block_breaks_off_a_payload_under_way(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(GByteArray) part = NULL;
	json_t *answer;
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 8 * 1024 * 1024, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "body"), &answer), ==, 200);
	int entry = (int)json_integer_value(json_object_get(json_array_get(json_object_get(answer, "entries"), 0), "seq"));
	json_decref(answer);
	g_autofree char *body = g_strdup_printf("{\"entry\":%d,\"from\":0,\"mailbox\":\"senim@kmo.kz\"}", entry);
	blocked_in = ledger_of(&scene);
	room_received = block_once;
	long status = post_octets(&client, "/v1/payload", body, strlen(body), ++client.counter, &part);
	room_received = NULL;
	g_assert_cmpint(status, ==, 0);
	g_assert_cmpuint(part->len, <, 4 * 1024 * 1024); /* what was on its way already */
}

static json_t *two_grounds(const Config *config G_GNUC_UNUSED, GError **error G_GNUC_UNUSED, gpointer user G_GNUC_UNUSED)
{
	return json_pack("[{s:s, s:[]}, {s:s, s:[s]}]", "id", "resolution", "needs", "id", "body-request", "needs", "text");
}

static void without_a_ground_of_the_list_nothing_is_opened(void)
{
	static const struct {
		const char *ground; /* NULL: none at all */
		long status;
	} rows[] = {{NULL, 400}, {"", 400}, {"Curious", 400}, {"curious", 403}, {"body-request", 403}, {"resolution", 200}};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	room_grounds = two_grounds;
	scene_begin(&scene);
	room_grounds = NULL;
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		json_t *answer, *body = open_body(seq, "body");
		g_test_message("%s", rows[i].ground);
		if (rows[i].ground != NULL)
			json_object_set_new(body, "ground", json_string(rows[i].ground));
		else
			json_object_del(body, "ground");
		g_assert_cmpint(post(&client, "/v1/open", body, &answer), ==, rows[i].status);
		g_assert_cmpint(json_object_get(answer, "header") != NULL, ==, rows[i].status == 200);
		json_decref(answer);
		g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, rows[i].status == 200 ? 1 : 0);
	}
	g_assert_cmpuint(refused(&scene), ==, 1);
}

static void a_session_is_its_unix_user_s_alone(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	int status;
	scene_begin(&scene);
	if (geteuid() != 0) {
		g_test_skip("needs root, to become another user");
		return;
	}
	g_autofree char *path = fixture_path(&scene.f, "desk.sock");
	g_assert_cmpint(chmod(scene.f.directory, 0755), ==, 0);
	g_assert_cmpint(chmod(path, 0666), ==, 0);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	pid_t child = fork(); /* with her key and her session, and as somebody else */
	if (child == 0)
		_exit(setresuid(65534, 65534, 65534) == 0 && post(&client, "/v1/cases", cases_body(), NULL) == 401 ? 0 : 1);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
	g_assert_cmpuint(refused(&scene), ==, 1);
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), NULL), ==, 200); /* and hers goes on */
}

static void an_act_that_is_sent_twice_is_done_once(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, other = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&other, &scene, scene.f.aigul, "aigul");
	json_t *body = open_body(seq, "card"), *another = open_body(seq, "body");
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS), *changed = json_dumps(another, JSON_COMPACT | JSON_SORT_KEYS);
	g_autoptr(GByteArray) first = NULL, again = NULL, plain = NULL, altered = NULL, older = NULL, cases = NULL, elsewhere = NULL;
	client.again = TRUE; /* where the first one never came, this is the first */
	g_assert_cmpint(post_octets(&client, "/v1/open", text, strlen(text), 5, &first), ==, 200);
	g_assert_cmpint(post_octets(&client, "/v1/open", text, strlen(text), 5, &again), ==, 200);
	g_assert_cmpmem(first->data, first->len, again->data, again->len);
	g_assert_cmpint(post_octets(&client, "/v1/open", changed, strlen(changed), 5, &altered), ==, 503);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, 1);
	client.again = FALSE;
	g_assert_cmpint(post_octets(&client, "/v1/open", text, strlen(text), 5, &plain), ==, 401);
	client.again = TRUE;
	other.again = TRUE; /* another session has no such act: it is done there, by its own signature */
	g_assert_cmpint(post_octets(&other, "/v1/open", text, strlen(text), 5, &elsewhere), ==, 200);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, 2);
	g_assert_cmpint(post_octets(&client, "/v1/cases", "{\"filter\":\"all\"}", 16, 6, &cases), ==, 200);
	g_assert_cmpint(post_octets(&client, "/v1/open", text, strlen(text), 5, &older), ==, 401);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, 2);
	free(text);
	free(changed);
	json_decref(body);
	json_decref(another);
}

/* What one registrar, or whoever sits between, got from her is of no use with another session, store or officer. */
static void a_request_that_was_signed_for_elsewhere_is_refused(void)
{
	static const char body[] = "{\"filter\":\"all\"}";
	g_auto(Scene) scene = {0};
	scene_begin(&scene);
	for (guint i = 0; i < 4; i++) {
		g_auto(Client) client = {0}, other = {0};
		g_autoptr(GByteArray) answer = NULL;
		guint8 signature[KEYFILE_SIGNATURE];
		client_begin(&client, &scene, scene.f.aigul, "aigul");
		client_begin(&other, &scene, scene.f.aigul, "aigul");
		DeskRequest request = {client.store, client.officer, client.nonce, 1, "POST", "/v1/cases", {0}};
		desk_request_digest(body, strlen(body), request.digest);
		if (i == 1)
			request.nonce = other.nonce;
		if (i == 2)
			request.store = "00112233445566778899aabbccddeeff";
		if (i == 3)
			request.officer = "deputy";
		g_autofree char *text = desk_request_text(&request);
		keyfile_sign(client.keys, text, strlen(text), signature);
		g_assert_cmpint(send_signed(&client, "/v1/cases", body, strlen(body), 1, signature, &answer), ==, i == 0 ? 200 : 401);
	}
	g_assert_cmpuint(refused(&scene), ==, 1);
}

static void the_escalation_lists_and_does_not_open_what_an_officer_has(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), &answer), ==, 200);
	json_t *row = json_array_get(json_object_get(answer, "cases"), 0);
	g_assert_true(json_is_true(json_object_get(row, "elsewhere")));
	g_assert_cmpstr(json_string_value(json_object_get(row, "with")), ==, "officers");
	g_assert_null(json_object_get(row, "facts"));
	json_decref(answer);
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "card"), &answer), ==, 403);
	g_assert_cmpstr(json_string_value(json_object_get(answer, "why")), ==, "with-officers");
	json_decref(answer);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_OPENED), ==, 0);
	g_assert_cmpuint(refused(&scene), ==, 1);
}

static void a_case_about_an_officer_is_the_escalation_s_and_not_hers(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) her = {0}, chair = {0};
	json_t *answer;
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .named = "aigul", .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report), other = register_small(&scene);
	Ledger *ledger = registry_ledger(scene.f.registry, 0);
	guint8 set[32];
	g_autoptr(GPtrArray) readers = ledger_readers(ledger, set, NULL);
	for (guint i = 0; i < readers->len; i++) { /* nothing was ever sealed to her */
		const PeoplePerson *reader = g_ptr_array_index(readers, i);
		g_autoptr(GBytes) header = ledger_header(ledger, seq, SEAL_PART_BODY, reader->body, NULL);
		g_assert_cmpint(header != NULL, ==, strcmp(reader->name, "aigul") != 0);
	}
	client_begin(&her, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&her, "/v1/open", open_body(seq, "body"), &answer), ==, 403);
	g_assert_cmpstr(json_string_value(json_object_get(answer, "why")), ==, "elsewhere");
	json_decref(answer);
	json_t *body = json_pack("{s:s, s:s, s:[I,I], s:s, s:I}", "request", "r-5", "mailbox", "senim@kmo.kz", "seqs",
	                         (json_int_t)seq, (json_int_t)other, "ground", "g", "known", (json_int_t)0);
	g_assert_cmpint(post(&her, "/v1/cards", body, &answer), ==, 200);
	json_t *cards = json_object_get(answer, "cards");
	g_assert_cmpuint(json_array_size(cards), ==, 1); /* the other case's alone */
	g_assert_cmpint(json_integer_value(json_object_get(json_array_get(cards, 0), "seq")), ==, other);
	json_decref(answer);
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&chair, "/v1/open", open_body(seq, "body"), NULL), ==, 200);
	g_assert_cmpint(post(&chair, "/v1/open", open_body(other, "body"), NULL), ==, 403);
}

static void a_case_of_which_nobody_knows_whom_it_is_about_waits_for_the_escalation(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) her = {0}, chair = {0};
	scene_begin(&scene);
	fixture_now = g_get_real_time();
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .held = TRUE, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	client_begin(&her, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&her, "/v1/open", open_body(seq, "body"), NULL), ==, 403);
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post(&chair, "/v1/open", open_body(seq, "body"), NULL), ==, 200);
	fixture_now += 24 * 3600 * (gint64)G_USEC_PER_SEC - 1;
	client_clear(&her);
	client_begin(&her, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&her, "/v1/open", open_body(seq, "body"), NULL), ==, 403);
	fixture_now++;
	client_clear(&her);
	client_begin(&her, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&her, "/v1/open", open_body(seq, "body"), NULL), ==, 200);
}

static void cards_come_with_one_entry_for_all(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	Entry listed;
	scene_begin(&scene);
	guint64 first = register_small(&scene), second = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	json_t *body = json_pack("{s:s, s:s, s:[I,I], s:s, s:I}", "request", "r-2", "mailbox", "senim@kmo.kz", "seqs",
	                         (json_int_t)first, (json_int_t)second, "ground", "g", "known", (json_int_t)0);
	g_assert_cmpint(post(&client, "/v1/cards", body, &answer), ==, 200);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "cards")), ==, 2);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "entries")), ==, 3);
	g_autoptr(Record) record = record_of(answer, 0, &listed);
	g_assert_cmpint(listed.kind, ==, ENTRY_LISTED);
	g_assert_cmpuint(record_count(record, "case"), ==, 2);
	json_decref(answer);
}

/* --- acts ------------------------------------------------------------------------------------------ */

static json_t *release_body(guint64 seq, const char *to)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:I}", "request", "r-3", "mailbox", "senim@kmo.kz", "seq",
	                 (json_int_t)seq, "to", to, "message_id", "<1@b.kz>", "language", "kk", "ground", "g", "known",
	                 (json_int_t)0);
}

static void a_withheld_letter_is_released_once(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	Entry released;
	json_t *answer;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/acknowledge", release_body(seq, "-f@b.kz"), NULL), ==, 400);
	g_assert_cmpint(post(&client, "/v1/acknowledge", release_body(seq, "a@b.kz"), &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &released);
	gsize size;
	g_autofree char *text = record_write(record, &size);
	g_assert_cmpint(released.kind, ==, ENTRY_RELEASED);
	g_assert_null(strstr(text, "a@b.kz")); /* no record keeps the address */
	json_decref(answer);
	g_assert_cmpint(g_atomic_int_get(&queued), ==, 1);
	g_assert_cmpint(post(&client, "/v1/acknowledge", release_body(seq, "a@b.kz"), NULL), ==, 409);
}

static void an_arrival_set_aside_by_form_gets_a_number_when_accepted(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .aside = TRUE, .fd = -1};
	guint64 seq = fixture_register(&scene.f, &report);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	json_t *body = json_pack("{s:s, s:s, s:I, s:s, s:I}", "request", "r-4", "mailbox", "senim@kmo.kz", "seq",
	                         (json_int_t)seq, "ground", "g", "known", (json_int_t)0);
	g_assert_cmpint(post(&client, "/v1/accept", json_deep_copy(body), &answer), ==, 200);
	const char *number = json_string_value(json_object_get(answer, "number"));
	g_assert_nonnull(number);
	g_assert_true(g_str_has_suffix(number, "/1"));
	json_t *find = json_pack("{s:s}", "case", number);
	json_decref(answer);
	g_assert_cmpint(post(&client, "/v1/find", find, &answer), ==, 200);
	g_assert_cmpint(json_integer_value(json_object_get(json_object_get(answer, "case"), "seq")), ==, seq);
	json_decref(answer);
	g_assert_cmpint(post(&client, "/v1/accept", body, NULL), ==, 409);
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "card"), &answer), ==, 200);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "entries")), ==, 3); /* OPENED, RECEIVED, ACCEPTED */
	json_decref(answer);
}

static void a_number_of_two_mailboxes_is_ambiguous(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	FixtureReport other = {.mailbox = "ethics@kmo.kz", .size = 700, .fd = -1};
	register_small(&scene);
	fixture_register(&scene.f, &other);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/find", json_pack("{s:s}", "case", "1"), &answer), ==, 409);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "candidates")), ==, 2);
	const char *name = json_string_value(json_array_get(json_object_get(answer, "candidates"), 1));
	json_t *find = json_pack("{s:s}", "case", name);
	json_decref(answer);
	g_assert_cmpint(post(&client, "/v1/find", find, &answer), ==, 200);
	g_assert_cmpstr(json_string_value(json_object_get(json_object_get(answer, "case"), "mailbox")), ==, "ethics@kmo.kz");
	json_decref(answer);
}

static void the_register_s_own_octets_can_be_had_and_are_whole(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	json_t *answer;
	scene_begin(&scene);
	register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	json_t *entries = json_pack("{s:s, s:i, s:i}", "mailbox", "senim@kmo.kz", "from", 0, "most", 5000);
	g_assert_cmpint(post(&client, "/v1/entries", entries, &answer), ==, 200);
	g_autoptr(GBytes) octets = octets_of(answer, "entries");
	g_assert_cmpuint(g_bytes_get_size(octets), ==,
	                 ENTRY_SIZE * (gsize)json_integer_value(json_object_get(answer, "size")));
	json_decref(answer);
	g_assert_cmpint(post(&client, "/v1/verify", json_pack("{s:s, s:i}", "mailbox", "senim@kmo.kz", "known", 1), &answer), ==,
	                200);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "faults")), ==, 0);
	g_assert_cmpint(json_integer_value(json_object_get(answer, "payloads")), >=, 1);
	g_assert_true(json_is_array(json_object_get(answer, "consistency")));
	json_decref(answer);
}

/* --- names -------------------------------------------------------------------------------------------- */

static void a_case_is_called_as_it_is_typed(void)
{
	static const struct {
		const char *text, *mailbox;
		gboolean good;
		guint year, number;
		gboolean aside;
	} rows[] = {
		{"17", NULL, TRUE, 0, 17, FALSE},
		{"X-5", NULL, TRUE, 0, 5, TRUE},
		{"x-5", NULL, TRUE, 0, 5, TRUE},
		{"2026/17", NULL, TRUE, 2026, 17, FALSE},
		{"2026/X-5", NULL, TRUE, 2026, 5, TRUE},
		{"senim:2026/17", "senim", TRUE, 2026, 17, FALSE},
		{"senim@kmo.kz:2026/17", "senim@kmo.kz", TRUE, 2026, 17, FALSE},
		{"senim:17", "senim", TRUE, 0, 17, FALSE},
		{"", NULL, FALSE, 0, 0, FALSE},
		{"0", NULL, FALSE, 0, 0, FALSE},
		{"017", NULL, FALSE, 0, 0, FALSE},
		{"26/17", NULL, FALSE, 0, 0, FALSE},
		{"2026/", NULL, FALSE, 0, 0, FALSE},
		{"2026/17 ", NULL, FALSE, 0, 0, FALSE},
		{"2026/-1", NULL, FALSE, 0, 0, FALSE},
		{"2026/17/1", NULL, FALSE, 0, 0, FALSE},
		{":2026/17", NULL, FALSE, 0, 0, FALSE},
		{"99999999999", NULL, FALSE, 0, 0, FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(CasesName) name = {0};
		g_test_message("%s", rows[i].text);
		g_assert_cmpint(cases_parse(rows[i].text, &name), ==, rows[i].good);
		if (!rows[i].good)
			continue;
		g_assert_cmpstr(name.mailbox, ==, rows[i].mailbox);
		g_assert_cmpuint(name.year, ==, rows[i].year);
		g_assert_cmpuint(name.number, ==, rows[i].number);
		g_assert_cmpint(name.aside, ==, rows[i].aside);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_NOTHING);
	g_test_add_func("/desk/a case of which nobody knows whom it is about waits for the escalation",
	                a_case_of_which_nobody_knows_whom_it_is_about_waits_for_the_escalation);
	g_test_add_func("/desk/facts are listed for who signs", facts_are_listed_for_who_signs);
	g_test_add_func("/desk/a counter is taken once", a_counter_is_taken_once);
	g_test_add_func("/desk/a download goes on from an octet", a_download_goes_on_from_an_octet);
	g_test_add_func("/desk/a block breaks off a payload under way", a_block_breaks_off_a_payload_under_way);
	g_test_add_func("/desk/without a ground of the list nothing is opened", without_a_ground_of_the_list_nothing_is_opened);
	g_test_add_func("/desk/a session is its Unix user's alone", a_session_is_its_unix_user_s_alone);
	g_test_add_func("/desk/an act that is sent twice is done once", an_act_that_is_sent_twice_is_done_once);
	g_test_add_func("/desk/a request that was signed for elsewhere is refused",
	                a_request_that_was_signed_for_elsewhere_is_refused);
	g_test_add_func("/desk/another key's signature is refused and entered", another_key_s_signature_is_refused_and_entered);
	g_test_add_func("/desk/an unknown officer is refused and entered without the name",
	                an_unknown_officer_is_refused_and_entered_without_the_name);
	g_test_add_func("/desk/a session stays with its first officer", a_session_stays_with_its_first_officer);
	g_test_add_func("/desk/a session that is not there is refused", a_session_that_is_not_there_is_refused);
	g_test_add_func("/desk/what is no request is an error of form", what_is_no_request_is_an_error_of_form);
	g_test_add_func("/desk/the entry is committed before a header leaves", the_entry_is_committed_before_a_header_leaves);
	g_test_add_func("/desk/an act can be shown to be hers from its record alone",
	                an_act_can_be_shown_to_be_hers_from_its_record_alone);
	g_test_add_func("/desk/a ground in her own words lies sealed and comes back to her alone",
	                a_ground_in_her_own_words_lies_sealed_and_comes_back_to_her_alone);
	g_test_add_func("/desk/a text for somebody who reads nothing here is refused",
	                a_text_for_somebody_who_reads_nothing_here_is_refused);
	g_test_add_func("/desk/a payload is fetched only under an entry of its session",
	                a_payload_is_fetched_only_under_an_entry_of_its_session);
	g_test_add_func("/desk/the escalation lists and does not open what an officer has",
	                the_escalation_lists_and_does_not_open_what_an_officer_has);
	g_test_add_func("/desk/a case about an officer is the escalation's and not hers",
	                a_case_about_an_officer_is_the_escalation_s_and_not_hers);
	g_test_add_func("/desk/cards come with one entry for all", cards_come_with_one_entry_for_all);
	g_test_add_func("/desk/a withheld letter is released once", a_withheld_letter_is_released_once);
	g_test_add_func("/desk/an arrival set aside by form gets a number when accepted",
	                an_arrival_set_aside_by_form_gets_a_number_when_accepted);
	g_test_add_func("/desk/a number of two mailboxes is ambiguous", a_number_of_two_mailboxes_is_ambiguous);
	g_test_add_func("/desk/the register's own octets can be had and are whole",
	                the_register_s_own_octets_can_be_had_and_are_whole);
	g_test_add_func("/desk/a case is called as it is typed", a_case_is_called_as_it_is_typed);
	return g_test_run();
}
