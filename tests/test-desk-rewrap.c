/* SPDX-License-Identifier: ISC */
/* Headers for other readers and newer keys, through the real socket: who may ask, for whom, of what, and what of it goes. */
#include <sodium.h>

#include "store/enrolment.h"
#include "tests/desk-room.h"

#define MAILBOX "senim@kmo.kz"

static json_t *act(json_t *own)
{
	json_object_set_new(own, "request", json_string("r"));
	json_object_set_new(own, "mailbox", json_string(MAILBOX));
	json_object_set_new(own, "ground", json_string("resolution"));
	json_object_set_new(own, "known", json_integer(0));
	return own;
}

static json_t *key_body(const Keyfile *keys)
{
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	g_autofree char *sign = g_base64_encode(half->sign, sizeof half->sign);
	return act(json_pack("{s:s, s:s, s:s, s:i}", "body_key", half->body, "card_key", half->card, "sign_key", sign, "expires", 0));
}

static json_t *confirm_body(const Scene *scene, const Keyfile *keys, const char *name)
{
	guint8 hash[ENROLMENT_HASH];
	char store[33], hex[2 * ENROLMENT_HASH + 1];
	g_autofree char *one = registry_log_key(scene->f.registry, 0), *two = registry_log_key(scene->f.registry, 1);
	const char *logs[] = {one, two, NULL};
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	sodium_bin2hex(store, sizeof store, registry_store_id(scene->f.registry), 16);
	enrolment_hash(store, logs, half->body, half->card, half->sign, hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	return act(json_pack("{s:s, s:s}", "name", name, "words", hex));
}

/* An officer dana, who came after the cases that are there; the fixture's stranger is her. */
static void add_dana(Client *aigul, Client *chair)
{
	json_t *body = key_body(aigul->scene->f.stranger);
	json_object_set_new(body, "name", json_string("dana"));
	json_object_set_new(body, "role", json_string("officer"));
	json_object_set_new(body, "order", json_string("45"));
	g_assert_cmpint(post(aigul, "/v1/people/add", body, NULL), ==, 200);
	if (chair != NULL)
		g_assert_cmpint(post(chair, "/v1/people/confirm", confirm_body(aigul->scene, aigul->scene->f.stranger, "dana"), NULL),
		                ==, 200);
}

typedef struct {
	Scene scene;
	Client aigul, chair, dana;
	guint64 seq;
} Office;

static void office_begin(Office *o, gboolean confirmed)
{
	scene_begin(&o->scene);
	o->seq = register_small(&o->scene);
	client_begin(&o->aigul, &o->scene, o->scene.f.aigul, "aigul");
	client_begin(&o->chair, &o->scene, o->scene.f.chair, "chair");
	client_begin(&o->dana, &o->scene, o->scene.f.stranger, "dana");
	add_dana(&o->aigul, confirmed ? &o->chair : NULL);
}

static void office_clear(Office *o)
{
	client_clear(&o->aigul);
	client_clear(&o->chair);
	client_clear(&o->dana);
	scene_clear(&o->scene);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Office, office_clear)

/* The header of a case's part, opened with `from` and made for `to`; it is good. */
static char *make(const Office *o, guint64 seq, SealPart part, const Keyfile *from, const Keyfile *to)
{
	guint8 check[32];
	gsize size;
	LedgerEntry entry = {0};
	g_autoptr(GError) error = NULL;
	gboolean body = part == SEAL_PART_BODY;
	g_autoptr(KeyfilePublic) half = keyfile_public(from, 0), other = keyfile_public(to, 0);
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&o->scene), seq, NULL);
	g_autoptr(GBytes) header = ledger_header(ledger_of(&o->scene), seq, part, body ? half->body : half->card, &error);
	g_assert_no_error(error);
	g_assert_true(ledger_entry(ledger_of(&o->scene), seq, &entry, NULL));
	const void *text = g_bytes_get_data(entry.record, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	g_assert_true(record_get_hex(record, body ? "key-check-body" : "key-check-card", check, 32, NULL));
	ledger_entry_clear(&entry);
	text = g_bytes_get_data(header, &size);
	char *made = seal_rewrap(part, c->case_id, check, text, size, body ? keyfile_body_identity(from) : keyfile_card_identity(from),
	                         body ? other->body : other->card, &error);
	g_assert_no_error(error);
	return made;
}

/* Posts one header. The status, and in *why the word of a refusal (may be NULL). */
static long rewrap(Client *client, const char *to, guint64 seq, const char *part, const char *header, char **why)
{
	guint8 digest[SEAL_DIGEST];
	char hex[2 * sizeof digest + 1];
	g_autoptr(json_t) answer = NULL;
	crypto_generichash(digest, sizeof digest, (const guint8 *)header, strlen(header), NULL, 0);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	json_t *body = act(json_pack("{s:s, s:[{s:I, s:s, s:I, s:s}]}", "to", to, "wraps", "seq", (json_int_t)seq, "part", part,
	                             "state", (json_int_t)seq, "header", hex));
	json_t *attached = json_pack("{s:s}", hex, header);
	long status = post_act(client, "/v1/rewrap", body, attached, &answer);
	json_decref(body);
	json_decref(attached);
	const char *word = json_string_value(json_object_get(answer, "why"));
	if (why != NULL) {
		g_free(*why);
		*why = g_strdup(word != NULL ? word : json_string_value(json_object_get(answer, "error")));
	}
	return status;
}

static json_t *headers_body(const char *to, guint64 seq)
{
	return act(json_pack("{s:s, s:[I], s:[]}", "to", to, "seqs", (json_int_t)seq, "grounds"));
}

static guint keys_entered(const Office *o)
{
	return fixture_count_entries(&o->scene.f, MAILBOX, ENTRY_KEY);
}

static void a_header_is_taken_once_and_its_reader_opens_the_case(void)
{
	g_auto(Office) o = {0};
	g_autofree char *why = NULL;
	office_begin(&o, TRUE);
	g_autofree char *header = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.stranger);
	g_assert_cmpint(post(&o.dana, "/v1/open", open_body(o.seq, "body"), NULL), ==, 403);
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", header, &why), ==, 200);
	g_assert_cmpint(post(&o.dana, "/v1/open", open_body(o.seq, "body"), NULL), ==, 200);
	guint before = keys_entered(&o);
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", header, &why), ==, 409);
	g_assert_cmpstr(why, ==, "header-already");
	g_assert_cmpint(rewrap(&o.aigul, "aigul", o.seq, "body", header, &why), ==, 409);
	g_assert_cmpuint(keys_entered(&o), ==, before);
}

static void a_wrong_signature_hands_out_and_takes_nothing(void)
{
	g_auto(Office) o = {0};
	office_begin(&o, TRUE);
	g_autofree char *header = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.stranger);
	guint before = keys_entered(&o);
	o.aigul.keys = o.scene.f.chair;
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", header, NULL), ==, 401);
	g_assert_cmpint(post(&o.aigul, "/v1/headers", headers_body("dana", o.seq), NULL), ==, 401);
	g_assert_cmpuint(keys_entered(&o), ==, before);
	g_assert_cmpint(post(&o.dana, "/v1/open", open_body(o.seq, "body"), NULL), ==, 403);
}

static void nothing_is_handed_to_whom_is_not_in_force(void)
{
	g_auto(Office) o = {0};
	g_autofree char *why = NULL;
	office_begin(&o, FALSE);
	g_autofree char *header = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.stranger);
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", header, &why), ==, 404);
	g_assert_cmpstr(why, ==, "no-reader");
	g_assert_cmpint(post(&o.aigul, "/v1/headers", headers_body("dana", o.seq), NULL), ==, 404);
	g_assert_cmpint(post(&o.aigul, "/v1/headers", headers_body("nobody", o.seq), NULL), ==, 404);
}

static void what_is_kept_from_somebody_goes_by_no_such_way(void)
{
	g_auto(Office) o = {0};
	g_autofree char *why = NULL;
	office_begin(&o, TRUE);
	FixtureReport about_dana = {.mailbox = MAILBOX, .size = 700, .fd = -1, .named = "dana"};
	FixtureReport about_aigul = {.mailbox = MAILBOX, .size = 700, .fd = -1, .named = "aigul"};
	guint64 dana = fixture_register(&o.scene.f, &about_dana), aigul = fixture_register(&o.scene.f, &about_aigul);
	g_autofree char *header = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.stranger);
	g_assert_cmpint(post(&o.aigul, "/v1/headers", headers_body("dana", dana), NULL), ==, 403);
	g_assert_cmpint(rewrap(&o.aigul, "dana", dana, "body", header, &why), ==, 403);
	g_assert_cmpstr(why, ==, "elsewhere");
	g_assert_cmpint(post(&o.aigul, "/v1/headers", headers_body("dana", aigul), NULL), ==, 403);
	g_assert_cmpint(rewrap(&o.aigul, "dana", aigul, "body", header, &why), ==, 403);
	g_assert_cmpstr(why, ==, "elsewhere");
	/* Who has none of her own cannot know what she hands on. */
	g_assert_cmpint(rewrap(&o.dana, "dana", o.seq, "card", header, &why), ==, 403);
	g_assert_cmpstr(why, ==, "no-header");
	g_assert_cmpint(rewrap(&o.aigul, "dana", 0x7fffffff, "body", header, &why), ==, 404);
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "ground", header, &why), ==, 403);
}

static void a_header_of_another_form_is_not_taken(void)
{
	g_auto(Office) o = {0};
	g_autofree char *why = NULL;
	office_begin(&o, TRUE);
	g_autofree char *good = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.stranger);
	g_autofree char *more = g_strconcat(good, "x", NULL), *less = g_strndup(good, strlen(good) - 2);
	g_autofree char *twice = g_strconcat(good, good, NULL);
	const char *const bad[] = {more, less, twice, "", "age-encryption.org/v1\n-> scrypt AAAA 18\n"};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", bad[i], &why), ==, 400);
		g_assert_cmpstr(why, ==, "form");
	}
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "letter", good, &why), ==, 400);
}

/* aigul's newer key, which the chair has confirmed: a client that signs with it. */
static void take_newer(Office *o, const Keyfile *newer, Client *client)
{
	g_assert_cmpint(post(&o->aigul, "/v1/people/rotate", key_body(newer), NULL), ==, 200);
	g_assert_cmpint(post(&o->chair, "/v1/people/confirm", confirm_body(&o->scene, newer, "aigul"), NULL), ==, 200);
	client_begin(client, &o->scene, newer, "aigul");
}

static gboolean has_header(const Office *o, const Keyfile *keys, SealPart part)
{
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	g_autoptr(GBytes) header = ledger_header(ledger_of(&o->scene), o->seq, part,
	                                         part == SEAL_PART_BODY ? half->body : half->card, NULL);
	return header != NULL;
}

static json_t *entry_body(guint64 entry)
{
	return act(json_pack("{s:I}", "entry", (json_int_t)entry));
}

static guint64 entry_of(const json_t *answer)
{
	return (guint64)json_integer_value(json_object_get(json_array_get(json_object_get(answer, "entries"), 0), "seq"));
}

static void the_older_key_loses_only_what_the_newer_one_was_handed(void)
{
	g_auto(Office) o = {0};
	g_auto(Client) newer = {0};
	g_autoptr(Keyfile) keys = keyfile_generate(NULL);
	json_t *answer;
	office_begin(&o, TRUE);
	take_newer(&o, keys, &newer);
	/* With nothing made for it yet, nothing is handed out, and it cannot put the older one aside. */
	g_assert_cmpint(post(&newer, "/v1/headers", headers_body("aigul", o.seq), NULL), ==, 403);
	g_assert_cmpint(post(&newer, "/v1/people/retire", act(json_object()), NULL), ==, 409);
	g_autofree char *body = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, keys);
	g_assert_cmpint(post(&o.aigul, "/v1/headers", headers_body("aigul", o.seq), &answer), ==, 200);
	guint64 by_older = entry_of(answer);
	json_decref(answer);
	g_assert_cmpint(rewrap(&o.aigul, "aigul", o.seq, "body", body, NULL), ==, 200);
	g_assert_cmpint(post(&newer, "/v1/outlived", entry_body(by_older), NULL), ==, 403); /* the older one asked for that */
	g_assert_cmpint(post(&newer, "/v1/headers", headers_body("aigul", o.seq), &answer), ==, 200);
	guint64 by_newer = entry_of(answer);
	g_assert_cmpint(json_array_size(json_object_get(answer, "headers")), ==, 1); /* the body's alone */
	json_decref(answer);
	g_assert_cmpint(post(&o.aigul, "/v1/outlived", entry_body(by_newer), NULL), ==, 403); /* and here the older one would */
	g_assert_cmpint(post(&o.chair, "/v1/outlived", entry_body(by_newer), NULL), ==, 403);
	g_assert_cmpint(post(&newer, "/v1/outlived", entry_body(0x7fffffff), NULL), ==, 404);
	g_assert_true(has_header(&o, o.scene.f.aigul, SEAL_PART_BODY));
	g_assert_cmpint(post(&newer, "/v1/outlived", entry_body(by_newer), NULL), ==, 200);
	g_assert_false(has_header(&o, o.scene.f.aigul, SEAL_PART_BODY));
	g_assert_true(has_header(&o, o.scene.f.aigul, SEAL_PART_CARD));
	g_assert_true(has_header(&o, keys, SEAL_PART_BODY));
	g_assert_cmpint(post(&newer, "/v1/people/retire", act(json_object()), NULL), ==, 409);
}

static json_t *discard_body(guint64 seq, const char *part)
{
	return act(json_pack("{s:I, s:s}", "header", (json_int_t)seq, "part", part));
}

static void a_header_that_does_not_open_goes_and_the_older_one_stays(void)
{
	g_auto(Office) o = {0};
	g_auto(Client) newer = {0};
	g_autoptr(Keyfile) keys = keyfile_generate(NULL);
	office_begin(&o, TRUE);
	take_newer(&o, keys, &newer);
	/* A colleague, or a thief with the older key, puts one there that is for somebody else. */
	g_autofree char *useless = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.stranger);
	g_assert_cmpint(rewrap(&o.aigul, "aigul", o.seq, "body", useless, NULL), ==, 200);
	g_assert_true(has_header(&o, keys, SEAL_PART_BODY));
	g_assert_cmpint(post(&o.aigul, "/v1/discard", discard_body(o.seq, "body"), NULL), ==, 403);
	g_assert_cmpint(post(&o.chair, "/v1/discard", discard_body(o.seq, "body"), NULL), ==, 409);
	g_assert_cmpint(post(&newer, "/v1/discard", discard_body(o.seq, "body"), NULL), ==, 200);
	g_assert_false(has_header(&o, keys, SEAL_PART_BODY));
	g_assert_true(has_header(&o, o.scene.f.aigul, SEAL_PART_BODY));
	g_autofree char *good = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, keys);
	g_assert_cmpint(rewrap(&o.aigul, "aigul", o.seq, "body", good, NULL), ==, 200);
	g_assert_cmpint(post(&newer, "/v1/open", open_body(o.seq, "body"), NULL), ==, 200);
}

static void what_does_not_open_is_put_aside_by_its_reader_alone_and_made_anew(void)
{
	g_auto(Office) o = {0};
	LedgerCheck check;
	json_t *answer;
	office_begin(&o, TRUE);
	/* A colleague seals to dana what dana cannot open. */
	g_autofree char *useless = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.aigul);
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", useless, NULL), ==, 200);
	g_autofree char *good = make(&o, o.seq, SEAL_PART_BODY, o.scene.f.aigul, o.scene.f.stranger);
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", good, NULL), ==, 409);
	g_assert_cmpint(post(&o.dana, "/v1/spoiled", discard_body(o.seq, "card"), NULL), ==, 403); /* she has none */
	g_assert_cmpint(post(&o.dana, "/v1/spoiled", discard_body(o.seq, "ground"), NULL), ==, 400);
	g_assert_cmpint(post(&o.dana, "/v1/spoiled", discard_body(o.seq, "body"), NULL), ==, 200);
	g_assert_false(has_header(&o, o.scene.f.stranger, SEAL_PART_BODY));
	g_assert_cmpint(post(&o.dana, "/v1/spoiled", discard_body(o.seq, "body"), NULL), ==, 403);
	g_assert_cmpint(post(&o.dana, "/v1/open", open_body(o.seq, "body"), NULL), ==, 403);
	g_assert_true(has_header(&o, o.scene.f.aigul, SEAL_PART_BODY));
	g_assert_cmpint(rewrap(&o.aigul, "dana", o.seq, "body", good, NULL), ==, 200);
	g_assert_cmpint(post(&o.dana, "/v1/open", open_body(o.seq, "body"), NULL), ==, 200);
	/* Hers, to be tried: the body alone, she has no card. */
	g_assert_cmpint(post(&o.dana, "/v1/headers", headers_body("dana", o.seq), &answer), ==, 200);
	g_assert_cmpint(json_array_size(json_object_get(answer, "headers")), ==, 1);
	json_decref(answer);
	g_assert_true(ledger_check(ledger_of(&o.scene), &check, NULL, NULL, NULL));
	g_assert_cmpuint(check.faults->len, ==, 0);
	ledger_check_clear(&check);
}

static void the_last_header_that_may_open_is_not_put_aside(void)
{
	g_auto(Office) o = {0};
	FixtureReport about_chair = {.mailbox = MAILBOX, .size = 700, .fd = -1, .named = "chair"};
	office_begin(&o, FALSE);
	guint64 hers = fixture_register(&o.scene.f, &about_chair);
	g_assert_cmpint(post(&o.aigul, "/v1/spoiled", discard_body(hers, "body"), NULL), ==, 409);
	g_assert_cmpint(post(&o.aigul, "/v1/open", open_body(hers, "body"), NULL), ==, 200);
	/* An empty header is nobody's: what only a blocked one opens is not taken from her. */
	g_assert_cmpint(post(&o.chair, "/v1/spoiled", discard_body(o.seq, "body"), NULL), ==, 200);
	g_assert_cmpint(post(&o.aigul, "/v1/spoiled", discard_body(o.seq, "body"), NULL), ==, 409);
	g_assert_cmpint(post(&o.chair, "/v1/people/block",
	                     act(json_pack("{s:s, s:s, s:I}", "name", "aigul", "order", "46", "signed",
	                                   (json_int_t)(g_get_real_time() - G_TIME_SPAN_HOUR))),
	                     NULL),
	                ==, 200);
	g_assert_cmpint(post(&o.chair, "/v1/people/strip", act(json_pack("{s:s}", "name", "aigul")), NULL), ==, 200);
	g_assert_true(has_header(&o, o.scene.f.aigul, SEAL_PART_BODY));
}

static json_t *strip_body(const char *name)
{
	return act(json_pack("{s:s}", "name", name));
}

static void what_nobody_else_opens_stays_with_whom_is_blocked(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) aigul = {0}, chair = {0};
	json_t *answer;
	FixtureReport about_chair = {.mailbox = MAILBOX, .size = 700, .fd = -1, .named = "chair"};
	scene_begin(&scene);
	client_begin(&aigul, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	guint64 hers = fixture_register(&scene.f, &about_chair), both = register_small(&scene);
	g_assert_cmpint(post(&chair, "/v1/people/strip", strip_body("aigul"), NULL), ==, 409);
	g_assert_cmpint(post(&chair, "/v1/people/strip", strip_body("nobody"), NULL), ==, 409);
	g_assert_cmpint(post(&chair, "/v1/people/block",
	                     act(json_pack("{s:s, s:s, s:I}", "name", "aigul", "order", "46", "signed",
	                                   (json_int_t)(g_get_real_time() - G_TIME_SPAN_HOUR))),
	                     NULL),
	                ==, 200);
	g_assert_cmpint(post(&aigul, "/v1/people/strip", strip_body("aigul"), NULL), ==, 403);
	g_assert_cmpint(post(&chair, "/v1/people/strip", strip_body("aigul"), &answer), ==, 200);
	g_assert_cmpint(json_integer_value(json_object_get(answer, "gone")), ==, 2);
	g_assert_cmpint(json_integer_value(json_object_get(answer, "kept")), ==, 2);
	json_decref(answer);
	g_autoptr(KeyfilePublic) half = keyfile_public(scene.f.aigul, 0);
	g_autoptr(GBytes) stays = ledger_header(ledger_of(&scene), hers, SEAL_PART_BODY, half->body, NULL);
	g_autoptr(GBytes) went = ledger_header(ledger_of(&scene), both, SEAL_PART_BODY, half->body, NULL);
	g_assert_nonnull(stays);
	g_assert_null(went);
	LedgerCheck check;
	g_assert_true(ledger_check(ledger_of(&scene), &check, NULL, NULL, NULL));
	g_assert_cmpuint(check.faults->len, ==, 0);
	ledger_check_clear(&check);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rewrap/a header is taken once and its reader opens the case",
	                a_header_is_taken_once_and_its_reader_opens_the_case);
	g_test_add_func("/rewrap/a wrong signature hands out and takes nothing", a_wrong_signature_hands_out_and_takes_nothing);
	g_test_add_func("/rewrap/nothing is handed to whom is not in force", nothing_is_handed_to_whom_is_not_in_force);
	g_test_add_func("/rewrap/what is kept from somebody goes by no such way", what_is_kept_from_somebody_goes_by_no_such_way);
	g_test_add_func("/rewrap/a header of another form is not taken", a_header_of_another_form_is_not_taken);
	g_test_add_func("/rewrap/the older key loses only what the newer one was handed",
	                the_older_key_loses_only_what_the_newer_one_was_handed);
	g_test_add_func("/rewrap/a header that does not open goes and the older one stays",
	                a_header_that_does_not_open_goes_and_the_older_one_stays);
	g_test_add_func("/rewrap/what does not open is put aside by its reader alone and made anew",
	                what_does_not_open_is_put_aside_by_its_reader_alone_and_made_anew);
	g_test_add_func("/rewrap/the last header that may open is not put aside", the_last_header_that_may_open_is_not_put_aside);
	g_test_add_func("/rewrap/what nobody else opens stays with whom is blocked",
	                what_nobody_else_opens_stays_with_whom_is_blocked);
	return g_test_run();
}
