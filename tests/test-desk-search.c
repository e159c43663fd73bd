/* SPDX-License-Identifier: ISC */
/* A search, an extract and a review through the real desk: what is entered, and whose a case is no longer. */
#include "tests/desk-room.h"

static const guint64 unknown = 4711;

/* The words as the text of the ground, sealed to the officer herself. NULL: none. */
static long act_to(Client *client, const char *target, json_t *own, const char *words, json_t **answer)
{
	g_autoptr(SealedText) text = words != NULL ? sealed_text_new(SEAL_PART_GROUND, words, NULL) : NULL;
	g_autoptr(KeyfilePublic) half = keyfile_public(client->keys, 0);
	g_autoptr(json_t) attached = json_object();
	g_autoptr(json_t) body = json_pack("{s:s, s:s, s:s, s:I}", "request", "r-9", "mailbox", "senim@kmo.kz", "ground", "resolution",
	                                   "known", (json_int_t)0);
	json_object_update(body, own);
	json_decref(own);
	if (text != NULL)
		g_assert_true(sealed_text_add_reader(text, client->officer, half->card, NULL));
	sealed_text_put(text, SEAL_PART_GROUND, body, attached);
	json_t *json;
	long status = post_act(client, target, body, attached, &json);
	if (answer != NULL)
		*answer = json;
	else
		json_decref(json);
	return status;
}

static json_t *hits(guint64 one, guint64 other, guint n)
{
	return json_pack("{s:[I, I], s:i}", "seqs", (json_int_t)one, (json_int_t)other, "hits", (int)n);
}

static guint64 register_about_aigul(const Scene *scene)
{
	FixtureReport report = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1, .named = "aigul"};
	return fixture_register(&scene->f, &report);
}

static void a_search_is_entered_and_names_only_what_is_hers(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	Entry entry;
	scene_begin(&scene);
	guint64 hers = register_small(&scene), anothers = register_about_aigul(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(act_to(&client, "/v1/search", hits(hers, anothers, 2), "«мектеп»", &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &entry);
	g_autofree char *seq = g_strdup_printf("%" G_GUINT64_FORMAT, hers);
	g_assert_cmpint(entry.kind, ==, ENTRY_SEARCHED);
	g_assert_cmpuint(entry.flags, ==, ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED);
	g_assert_cmpuint(record_count(record, "case"), ==, 1);
	g_assert_cmpstr(record_get(record, "case"), ==, seq);
	g_assert_cmpstr(record_get(record, "hits"), ==, "2");
	g_assert_null(record_get(record, "text"));
	g_assert_nonnull(record_get(record, "ground-text"));
	json_t *cases = json_object_get(answer, "cases");
	g_assert_cmpuint(json_array_size(cases), ==, 1);
	g_assert_cmpint(json_integer_value(json_object_get(json_array_get(cases, 0), "seq")), ==, (json_int_t)hers);
	/* nothing found is an entry too */
	g_assert_cmpint(act_to(&client, "/v1/search", json_pack("{s:[], s:i}", "seqs", "hits", 0), "«жоқ»", NULL), ==, 200);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_SEARCHED), ==, 2);
}

static void a_search_without_its_words_or_with_too_many_cases_is_none(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(act_to(&client, "/v1/search", hits(seq, seq, 2), NULL, NULL), ==, 400);
	g_assert_cmpint(act_to(&client, "/v1/search", hits(seq, seq, 1), "words", NULL), ==, 400);
	g_assert_cmpint(act_to(&client, "/v1/search", json_pack("{s:[I], s:i}", "seqs", (json_int_t)-1, "hits", 1), "words", NULL), ==, 400);
	json_t *many = json_array();
	for (guint i = 0; i < 201; i++)
		json_array_append_new(many, json_integer((json_int_t)seq));
	g_assert_cmpint(act_to(&client, "/v1/search", json_pack("{s:o, s:i}", "seqs", many, "hits", 201), "words", NULL), ==, 400);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_SEARCHED), ==, 0);
}

static void what_is_hers_no_longer_is_said_without_an_entry(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	scene_begin(&scene);
	guint64 hers = register_small(&scene), anothers = register_about_aigul(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/cases", cases_body(), NULL), ==, 200); /* that she signed in today is an entry */
	guint64 before = ledger_size(ledger_of(&scene));
	json_t *body = json_pack("{s:s, s:[I, I, I]}", "mailbox", "senim@kmo.kz", "seqs", (json_int_t)hers, (json_int_t)anothers,
	                         (json_int_t)unknown);
	g_assert_cmpint(post(&client, "/v1/search/gone", body, &answer), ==, 200);
	json_t *gone = json_object_get(answer, "gone");
	g_assert_cmpuint(json_array_size(gone), ==, 2);
	g_assert_cmpint(json_integer_value(json_array_get(gone, 0)), ==, (json_int_t)anothers);
	g_assert_cmpint(json_integer_value(json_array_get(gone, 1)), ==, (json_int_t)unknown);
	g_assert_cmpuint(ledger_size(ledger_of(&scene)), ==, before);
}

static json_t *extract_of(guint64 seq, const char *as)
{
	return json_pack("{s:[I], s:s}", "seqs", (json_int_t)seq, "as", as);
}

static void an_extract_says_what_left_the_office(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL, breach = NULL;
	Entry entry, printed;
	scene_begin(&scene);
	guint64 seq = register_small(&scene), other = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(act_to(&client, "/v1/printed", json_pack("{s:I, s:i}", "seq", (json_int_t)seq, "sheets", 2), NULL, NULL), ==, 200);
	g_assert_cmpint(act_to(&client, "/v1/printed", json_pack("{s:I, s:i}", "seq", (json_int_t)other, "sheets", 2), NULL, NULL), ==, 200);
	g_assert_cmpint(act_to(&client, "/v1/extract", extract_of(seq, "reporter"), NULL, NULL), ==, 400); /* of whom? */
	g_assert_cmpint(act_to(&client, "/v1/extract", extract_of(seq, "accused"), "«А.»", NULL), ==, 400);
	g_assert_cmpint(act_to(&client, "/v1/extract", extract_of(seq, "reporter"), "«А.»", &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &entry), print = record_of(answer, 1, &printed);
	g_assert_cmpint(entry.kind, ==, ENTRY_EXTRACTED);
	g_assert_cmpstr(record_get(record, "as"), ==, "reporter");
	g_assert_cmpint(printed.kind, ==, ENTRY_PRINTED);
	g_assert_cmpuint(json_array_size(json_object_get(answer, "entries")), ==, 2); /* the other case's print is none of it */
	g_assert_true(json_is_false(json_object_get(answer, "more")));
	g_assert_cmpint(act_to(&client, "/v1/extract", extract_of(seq, "breach"), NULL, &breach), ==, 200);
	g_assert_cmpuint(json_array_size(json_object_get(breach, "entries")), ==, 1);
}

static json_t *state_of(const Scene *scene)
{
	g_auto(Client) client = {0};
	json_t *answer;
	client_begin(&client, scene, scene->f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/review/state", json_pack("{s:s}", "mailbox", "senim@kmo.kz"), &answer), ==, 200);
	return answer;
}

static long review(const Scene *scene, const char *digest)
{
	g_auto(Client) client = {0};
	client_begin(&client, scene, scene->f.aigul, "aigul");
	return act_to(&client, "/v1/review", json_pack("{s:s}", "digest", digest), NULL, NULL);
}

static void the_last_review_is_known_for_a_year_and_more(void)
{
	static const char digest[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	g_auto(Scene) scene = {0};
	const gint64 before = fixture_now;
	scene_begin(&scene);
	g_autoptr(json_t) none = state_of(&scene);
	g_assert_true(json_is_null(json_object_get(none, "reviewed")));
	g_assert_cmpint(json_integer_value(json_object_get(none, "begun")), >, 0);
	g_assert_cmpint(review(&scene, "0011"), ==, 400);
	g_assert_cmpint(review(&scene, digest), ==, 200);
	g_autoptr(json_t) now = state_of(&scene);
	g_assert_cmpstr(json_string_value(json_object_get(now, "digest")), ==, digest);
	json_int_t first = json_integer_value(json_object_get(now, "reviewed"));
	fixture_now = first + 380 * G_TIME_SPAN_DAY;
	g_autoptr(json_t) later = state_of(&scene);
	g_assert_cmpint(json_integer_value(json_object_get(later, "reviewed")), ==, first);
	g_assert_cmpint(json_integer_value(json_object_get(later, "now")) - first, >, 365 * G_TIME_SPAN_DAY);
	fixture_now = before;
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-search/a search is entered, and names only what is hers", a_search_is_entered_and_names_only_what_is_hers);
	g_test_add_func("/desk-search/a search without its words, or with too many cases, is none",
	                a_search_without_its_words_or_with_too_many_cases_is_none);
	g_test_add_func("/desk-search/what is hers no longer is said without an entry", what_is_hers_no_longer_is_said_without_an_entry);
	g_test_add_func("/desk-search/an extract says what left the office", an_extract_says_what_left_the_office);
	g_test_add_func("/desk-search/the last review is known for a year and more", the_last_review_is_known_for_a_year_and_more);
	return g_test_run();
}
