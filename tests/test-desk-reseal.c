/* SPDX-License-Identifier: ISC */
/* A report sealed anew, through the real socket: what the registrar takes for it, and what it does not. */
#include <sodium.h>

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

typedef struct {
	Scene scene;
	Client aigul, chair;
	guint64 seq;
} Office;

static void office_begin(Office *o)
{
	scene_begin(&o->scene);
	o->seq = register_small(&o->scene);
	client_begin(&o->aigul, &o->scene, o->scene.f.aigul, "aigul");
	client_begin(&o->chair, &o->scene, o->scene.f.chair, "chair");
	/* Else it is with the officers, whatever was sealed to her. */
	g_assert_cmpint(post(&o->aigul, "/v1/grant", act(json_pack("{s:I, s:s}", "seq", (json_int_t)o->seq, "to", "chair")), NULL), ==, 200);
}

static void office_clear(Office *o)
{
	client_clear(&o->aigul);
	client_clear(&o->chair);
	scene_clear(&o->scene);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Office, office_clear)

/* What an honest program hands in, and how a test bends it. */
typedef struct {
	const char *said;
	guint cut;                /* octets of the body that it leaves out */
	const char *without;      /* a header that it leaves out */
	const char *more;         /* one that it makes for somebody else, to aigul's key */
	const char *key, *value;  /* a line of its record */
	gboolean spoilt;          /* an octet of the payload */
	gboolean no_card;
	long status;
	const char *word;
} Bend;

static void hex_line(Record *record, const char *key, const void *data, gsize size, const Bend *bend)
{
	if (g_strcmp0(bend->key, key) == 0)
		record_add(record, key, bend->value);
	else
		record_add_hex(record, key, data, size);
}

static void uint_line(Record *record, const char *key, guint64 value, const Bend *bend)
{
	if (g_strcmp0(bend->key, key) == 0)
		record_add(record, key, bend->value);
	else
		record_add_uint(record, key, value);
}

static void take_expect(const json_t *answer, SealPart part, SealExpect *expect, guint64 *state)
{
	Entry entry;
	gboolean body = part == SEAL_PART_BODY;
	g_autoptr(Record) arrival = record_of(answer, 1, &entry);
	*expect = (SealExpect){.part = part};
	*state = entry.seq;
	g_assert_true(record_get_hex(arrival, "case", expect->case_id, SEAL_CASE, NULL));
	g_assert_true(record_get_uint(arrival, body ? "size" : "card-size", G_MAXINT64, &expect->size, NULL));
	g_assert_true(record_get_hex(arrival, body ? "digest" : "card-digest", expect->digest, SEAL_DIGEST, NULL));
	g_assert_true(record_get_hex(arrival, body ? "key-check-body" : "key-check-card", expect->key_check, 32, NULL));
	if (json_array_size(json_object_get(answer, "entries")) == 2)
		return;
	g_autoptr(Record) anew = record_of(answer, 2, &entry);
	g_assert_cmpint(entry.kind, ==, ENTRY_RESEALED);
	*state = entry.seq;
	expect->anew = TRUE;
	expect->arrival.size = expect->size;
	memcpy(expect->arrival.digest, expect->digest, SEAL_DIGEST);
	memcpy(expect->arrival.key_check, expect->key_check, 32);
	g_assert_true(record_get_hex(anew, "object", expect->anew_id, SEAL_CASE, NULL));
	g_assert_true(record_get_uint(anew, body ? "size" : "card-size", G_MAXINT64, &expect->size, NULL));
	g_assert_true(record_get_hex(anew, body ? "digest" : "card-digest", expect->digest, SEAL_DIGEST, NULL));
	g_assert_true(record_get_hex(anew, body ? "key-check-body" : "key-check-card", expect->key_check, 32, NULL));
}

/* Opens it as the desk hands it out: the plaintext, and the opener that gave it. */
static SealOpener *open_part(const Office *o, Client *client, SealPart part, GByteArray *plain, guint64 *state)
{
	json_t *answer;
	SealExpect expect;
	g_autoptr(GError) error = NULL;
	gboolean body = part == SEAL_PART_BODY;
	json_t *question = open_body(o->seq, body ? "body" : "card");
	json_object_set_new(question, "act", json_string("reseal"));
	g_assert_cmpint(post(client, "/v1/open", question, &answer), ==, 200);
	take_expect(answer, part, &expect, state);
	g_autoptr(GBytes) header = octets_of(answer, "header"), payload = octets_of(answer, "payload");
	json_decref(answer);
	SealOpener *opener = seal_opener_new(g_bytes_get_data(header, NULL), g_bytes_get_size(header),
	                                     body ? keyfile_body_identity(client->keys) : keyfile_card_identity(client->keys),
	                                     &expect, &error);
	g_assert_no_error(error);
	g_assert_true(seal_opener_write(opener, g_bytes_get_data(payload, NULL), g_bytes_get_size(payload), plain, &error));
	g_assert_true(seal_opener_finish(opener, plain, &error));
	g_assert_no_error(error);
	return opener;
}

static void add_header(Bundle *bundle, const SealAnew *anew, const char *part, const char *name, const char *recipient,
                       const Bend *bend)
{
	g_autofree char *text = seal_anew_header(anew, recipient, NULL), *called = g_strconcat("header/", part, "/", name, NULL);
	if (g_strcmp0(bend->without, called) != 0)
		bundle_add_copy(bundle, called, text, strlen(text));
}

static void add_part(const Office *o, Client *client, SealPart part, const guint8 id[SEAL_CASE], const Bend *bend, Bundle *bundle)
{
	static const char *const keys[2][4] = {{"replaces", "size", "digest", "key-check-body"},
	                                       {"card-replaces", "card-size", "card-digest", "key-check-card"}};
	SealResult result;
	guint64 state;
	gboolean body = part == SEAL_PART_BODY;
	Record *record = bundle_record(bundle);
	g_autoptr(KeyfilePublic) aigul = keyfile_public(o->scene.f.aigul, 0), chair = keyfile_public(o->scene.f.chair, 0);
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(SealOpener) opener = open_part(o, client, part, plain, &state);
	g_autoptr(SealAnew) anew = seal_anew_new(opener, id, NULL, NULL, NULL);
	g_assert_true(seal_anew_write(anew, plain->data, plain->len - (body ? bend->cut : 0), NULL));
	g_assert_true(seal_anew_finish(anew, &result, NULL));
	uint_line(record, keys[part][0], state, bend);
	uint_line(record, keys[part][1], result.size, bend);
	hex_line(record, keys[part][2], result.digest, SEAL_DIGEST, bend);
	hex_line(record, keys[part][3], result.key_check, 32, bend);
	gsize size;
	const guint8 *data = g_bytes_get_data(result.payload, &size);
	g_autofree guint8 *octets = g_memdup2(data, size);
	octets[size / 2] ^= body && bend->spoilt;
	bundle_add_copy(bundle, body ? "payload" : "card", octets, size);
	add_header(bundle, anew, body ? "body" : "card", "aigul", body ? aigul->body : aigul->card, bend);
	add_header(bundle, anew, body ? "body" : "card", "chair", body ? chair->body : chair->card, bend);
	if (bend->more != NULL && body) {
		g_autofree char *text = seal_anew_header(anew, aigul->body, NULL);
		bundle_add_copy(bundle, bend->more, text, strlen(text));
	}
	seal_result_clear(&result);
}

/* Hands it in; the status, and in *word that of a refusal. */
static long reseal(const Office *o, Client *client, const Bend *bend, char **word)
{
	guint8 id[SEAL_CASE], digest[SEAL_DIGEST];
	char hex[2 * SEAL_DIGEST + 1];
	gsize size;
	json_t *answer;
	g_autoptr(Bundle) bundle = bundle_new();
	randombytes_buf(id, sizeof id);
	hex_line(bundle_record(bundle), "object", id, sizeof id, bend);
	record_add(bundle_record(bundle), "payload", g_strcmp0(bend->key, "payload") == 0 ? bend->value : "inline");
	add_part(o, client, SEAL_PART_BODY, id, bend, bundle);
	if (!bend->no_card)
		add_part(o, client, SEAL_PART_CARD, id, bend, bundle);
	g_autoptr(GBytes) octets = bundle_write(bundle);
	const void *data = g_bytes_get_data(octets, &size);
	g_autofree char *base64 = g_base64_encode(data, size);
	crypto_generichash(digest, sizeof digest, data, size, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	json_t *body = act(json_pack("{s:I, s:s}", "seq", (json_int_t)o->seq, "commit", hex)), *attached = json_pack("{s:s}", hex, base64);
	long status = post_act(client, "/v1/reseal", body, attached, &answer);
	json_decref(body);
	json_decref(attached);
	const char *why = json_string_value(json_object_get(answer, "why"));
	g_free(*word);
	*word = g_strdup(why != NULL ? why : json_string_value(json_object_get(answer, "error")));
	json_decref(answer);
	return status;
}

static guint entries(const Office *o)
{
	return fixture_count_entries(&o->scene.f, MAILBOX, ENTRY_RESEALED);
}

static void what_is_handed_in_lies_there_for_everybody_who_read_it(void)
{
	static const Bend honest = {.said = "honest"}, body_alone = {.said = "the body alone", .no_card = TRUE};
	g_auto(Office) o = {0};
	g_autofree char *word = NULL;
	office_begin(&o);
	g_autoptr(GByteArray) before = g_byte_array_new();
	guint64 state;
	g_autoptr(SealOpener) first = open_part(&o, &o.chair, SEAL_PART_BODY, before, &state);
	g_assert_cmpint(reseal(&o, &o.aigul, &honest, &word), ==, 200);
	g_assert_cmpint(reseal(&o, &o.chair, &honest, &word), ==, 200);
	g_assert_cmpint(reseal(&o, &o.aigul, &body_alone, &word), ==, 200);
	g_assert_cmpuint(entries(&o), ==, 3);
	Client *const readers[] = {&o.aigul, &o.chair};
	for (gsize i = 0; i < G_N_ELEMENTS(readers); i++) {
		g_autoptr(GByteArray) plain = g_byte_array_new(), card = g_byte_array_new();
		g_autoptr(SealOpener) opener = open_part(&o, readers[i], SEAL_PART_BODY, plain, &state);
		g_assert_cmpmem(plain->data, plain->len, before->data, before->len);
		g_autoptr(SealOpener) other = open_part(&o, readers[i], SEAL_PART_CARD, card, &state);
	}
	/* Nobody has read it. */
	g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger_of(&o.scene), o.seq, NULL);
	g_assert_cmpstr(c->state, ==, "new");
}

static void what_is_not_the_same_report_to_the_same_readers_is_refused(void)
{
	static const Bend bends[] = {
		{.said = "shorter than the arrival", .cut = 1, .status = 400, .word = "form"},
		{.said = "a payload of another Digest", .spoilt = TRUE, .status = 400, .word = "form"},
		{.said = "another size", .key = "size", .value = "9999", .status = 400, .word = "form"},
		{.said = "not where it says", .key = "payload", .value = "file", .status = 400, .word = "form"},
		{.said = "an id of another form", .key = "object", .value = "aa", .status = 400, .word = "form"},
		{.said = "in the place of something else", .key = "replaces", .value = "0", .status = 409, .word = "meanwhile"},
		{.said = "in the place of what is not there", .key = "card-replaces", .value = "77", .status = 409, .word = "meanwhile"},
		{.said = "a reader left out", .without = "header/body/chair", .status = 409, .word = "meanwhile"},
		{.said = "a reader of the card left out", .without = "header/card/chair", .status = 409, .word = "meanwhile"},
		{.said = "herself left out", .without = "header/body/aigul", .status = 409, .word = "meanwhile"},
		{.said = "somebody more", .more = "header/body/dana", .status = 409, .word = "meanwhile"},
		{.said = "a part that it does not have", .more = "facts", .status = 400, .word = "form"},
	};
	g_auto(Office) o = {0};
	g_autofree char *word = NULL;
	office_begin(&o);
	for (gsize i = 0; i < G_N_ELEMENTS(bends); i++) {
		g_test_message("%s", bends[i].said);
		g_assert_cmpint(reseal(&o, &o.aigul, &bends[i], &word), ==, bends[i].status);
		g_assert_cmpstr(word, ==, bends[i].word);
	}
	g_assert_cmpuint(entries(&o), ==, 0);
	guint64 state;
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(SealOpener) opener = open_part(&o, &o.chair, SEAL_PART_BODY, plain, &state);
	g_assert_cmpuint(state, ==, o.seq);
}

/* From whom it was withheld meanwhile she gets none; who does not read it asks in vain. */
static void only_who_reads_it_now_gets_it(void)
{
	static const Bend honest = {.said = "honest"}, without = {.said = "without her", .without = "header/body/chair"};
	g_auto(Office) o = {0};
	g_auto(Client) stranger = {0};
	g_autofree char *word = NULL;
	json_t *answer;
	office_begin(&o);
	g_assert_cmpint(post(&o.aigul, "/v1/withhold", act(json_pack("{s:I, s:s}", "seq", (json_int_t)o.seq, "from", "chair")), NULL), ==, 200);
	g_assert_cmpint(reseal(&o, &o.aigul, &honest, &word), ==, 409);
	g_assert_cmpint(reseal(&o, &o.aigul, &without, &word), ==, 409);
	Bend both = without;
	both.no_card = TRUE;
	g_assert_cmpint(reseal(&o, &o.aigul, &both, &word), ==, 200);
	g_assert_cmpint(post(&o.aigul, "/v1/reseal/state", json_pack("{s:s, s:I}", "mailbox", MAILBOX, "seq", (json_int_t)o.seq), &answer),
	                ==, 200);
	json_t *body = json_object_get(answer, "body"), *readers = json_object_get(body, "readers");
	g_assert_cmpuint(json_array_size(readers), ==, 1);
	g_assert_cmpstr(json_string_value(json_array_get(readers, 0)), ==, "aigul");
	g_assert_cmpint(json_integer_value(json_object_get(body, "state")), >, (json_int_t)o.seq);
	json_decref(answer);
	g_assert_cmpint(post(&o.chair, "/v1/reseal/state", json_pack("{s:s, s:I}", "mailbox", MAILBOX, "seq", (json_int_t)o.seq), NULL),
	                ==, 403);
	client_begin(&stranger, &o.scene, o.scene.f.stranger, "dana");
	g_assert_cmpint(post(&stranger, "/v1/reseal/missing",
	                     json_pack("{s:s, s:i, s:n}", "mailbox", MAILBOX, "before", 9, "after"), NULL), >=, 401);
	g_assert_cmpuint(entries(&o), ==, 1);
}

/* What she was handed the header of is not what is fetched behind it. */
static void a_download_does_not_go_on_in_another_state(void)
{
	static const Bend honest = {.said = "honest"};
	g_auto(Office) o = {0};
	g_autofree char *word = NULL;
	json_t *answer;
	Entry opened;
	g_autoptr(GByteArray) octets = NULL;
	office_begin(&o);
	g_assert_cmpint(post(&o.chair, "/v1/open", open_body(o.seq, "body"), &answer), ==, 200);
	g_autoptr(Record) act_record = record_of(answer, 0, &opened);
	json_decref(answer);
	g_autofree char *text = g_strdup_printf("{\"entry\":%" G_GUINT64_FORMAT ",\"mailbox\":\"" MAILBOX "\"}", opened.seq);
	g_assert_cmpint(post_octets(&o.chair, "/v1/payload", text, strlen(text), ++o.chair.counter, &octets), ==, 200);
	g_assert_cmpint(reseal(&o, &o.aigul, &honest, &word), ==, 200);
	g_assert_cmpint(post(&o.chair, "/v1/payload", json_pack("{s:s, s:I}", "mailbox", MAILBOX, "entry", (json_int_t)opened.seq), &answer),
	                ==, 409);
	g_assert_cmpstr(json_string_value(json_object_get(answer, "error")), ==, "state");
	json_decref(answer);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_add_func("/desk-reseal/what is handed in lies there for everybody who read it",
	                what_is_handed_in_lies_there_for_everybody_who_read_it);
	g_test_add_func("/desk-reseal/what is not the same report to the same readers is refused",
	                what_is_not_the_same_report_to_the_same_readers_is_refused);
	g_test_add_func("/desk-reseal/a download does not go on in another state", a_download_does_not_go_on_in_another_state);
	g_test_add_func("/desk-reseal/only who reads it now gets it", only_who_reads_it_now_gets_it);
	return g_test_run();
}
