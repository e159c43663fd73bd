/* SPDX-License-Identifier: ISC */
/* A case's row and its course through the real desk: what is entered, what is refused, and what the cache has of it. */
#include "tests/desk-room.h"

#include "store/ledger-private.h"

static long note(Client *client, guint64 seq, guint64 after, const char *words)
{
	return post_work(client, "/v1/note", seq, after, json_object(), words, room_everybody, TRUE, NULL);
}

static long word_act(Client *client, const char *target, guint64 seq, guint64 after, const char *key, const char *word,
                     gboolean with_text)
{
	json_t *own = key != NULL ? json_pack("{s:s}", key, word) : json_object();
	return post_work(client, target, seq, after, own, NULL, NULL, with_text, NULL);
}

/* --- the row ------------------------------------------------------------------------------------ */

static void a_row_s_text_lies_sealed_and_is_handed_out_behind_an_entry(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	Entry opened, noted;
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(note(&client, seq, 0, "{\"surname\":\"Ахметов\"}"), ==, 200);
	g_assert_cmpint(post(&client, "/v1/work", json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "request", "r-1", "mailbox",
	                     "senim@kmo.kz", "seq", (json_int_t)seq, "act", "row", "ground", "resolution", "known",
	                     (json_int_t)0), &answer), ==, 200);
	g_autoptr(Record) act = record_of(answer, 0, &opened), record = record_of(answer, 2, &noted);
	g_assert_cmpint(opened.kind, ==, ENTRY_OPENED);
	g_assert_cmpstr(record_get(act, "part"), ==, "work");
	g_assert_cmpint(noted.kind, ==, ENTRY_NOTED);
	g_assert_cmpint(noted.flags, ==, ENTRY_FLAG_PERSONAL | ENTRY_FLAG_SEALED);
	gsize size;
	g_autofree char *clear = record_write(record, &size);
	g_assert_null(strstr(clear, "Ахметов"));
	g_autoptr(GBytes) header = octets_of(json_array_get(json_object_get(answer, "entries"), 2), "text_header");
	g_autoptr(SealedText) text = sealed_text_from_record(SEAL_PART_TEXT, record, NULL);
	g_autoptr(GBytes) words = sealed_text_open(text, g_bytes_get_data(header, NULL), g_bytes_get_size(header),
	                                           keyfile_card_identity(scene.f.aigul), NULL);
	g_assert_nonnull(words);
	g_assert_nonnull(strstr(g_bytes_get_data(words, NULL), "Ахметов"));
}

static void nobody_writes_over_what_she_has_not_seen(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(note(&client, seq, 0, "{\"surname\":\"a\"}"), ==, 200);
	guint64 first = last_work_of(&scene, seq);
	g_assert_cmpint(note(&client, seq, 0, "{\"surname\":\"b\"}"), ==, 409);
	g_assert_cmpint(note(&client, seq, first, "{\"surname\":\"b\"}"), ==, 200);
	g_assert_cmpuint(last_work_of(&scene, seq), >, first);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTED), ==, 2);
}

static void a_text_goes_to_everybody_who_reads_the_case_and_to_nobody_else(void)
{
	static const char *const one[] = {"aigul", NULL};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, chair = {0};
	scene_begin(&scene);
	FixtureReport about = {.mailbox = "senim@kmo.kz", .size = 700, .fd = -1, .named = "aigul"};
	guint64 seq = register_small(&scene), hers = fixture_register(&scene.f, &about);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(post_work(&client, "/v1/note", seq, 0, json_object(), "{}", one, TRUE, NULL), ==, 409);
	g_assert_cmpint(post_work(&client, "/v1/note", seq, 0, json_object(), NULL, NULL, TRUE, NULL), ==, 400);
	g_assert_cmpint(note(&client, hers, 0, "{}"), ==, 403);
	g_assert_cmpint(note(&chair, hers, 0, "{}"), ==, 409); /* sealed to aigul too, whom it is about */
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_NOTED), ==, 0);
}

static long strike(Client *client, guint64 seq, guint64 of, const char *field, json_t **answer)
{
	return post_work(client, "/v1/strike", seq, last_work_of(client->scene, seq),
	              json_pack("{s:I, s:s, s:b}", "of", (json_int_t)of, "field", field, "instead", FALSE), "{\"why\":\"a slip of the pen\"}", room_everybody,
	              TRUE, answer);
}

static void a_strike_names_what_it_strikes_and_changes_nothing(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	LedgerEntry before = {0}, after = {0};
	Entry struck;
	scene_begin(&scene);
	guint64 seq = register_small(&scene), other = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(note(&client, seq, 0, "{\"surname\":\"a\"}"), ==, 200);
	guint64 of = last_work_of(&scene, seq);
	g_assert_true(ledger_entry(ledger_of(&scene), of, &before, NULL));
	g_assert_cmpint(strike(&client, seq, of, "surname", &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &struck);
	g_assert_cmpint(struck.kind, ==, ENTRY_STRUCK);
	g_assert_cmpuint(struck.concerns, ==, of);
	g_assert_cmpstr(record_get(record, "field"), ==, "surname");
	g_assert_true(ledger_entry(ledger_of(&scene), of, &after, NULL));
	g_assert_true(g_bytes_equal(before.record, after.record));
	ledger_entry_clear(&before);
	ledger_entry_clear(&after);
	g_assert_cmpint(strike(&client, seq, seq, "-", NULL), ==, 404);                 /* what came is never struck */
	g_assert_cmpint(strike(&client, other, of, "-", NULL), ==, 404);                /* nor another case's */
	g_assert_cmpint(strike(&client, seq, last_work_of(&scene, seq), "-", NULL), ==, 409); /* nor a strike */
	g_assert_cmpint(strike(&client, seq, of, "Sur name", NULL), ==, 400);
}

/* --- its course --------------------------------------------------------------------------------- */

static void a_case_closes_with_a_result_and_opens_again(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(word_act(&client, "/v1/reopen", seq, 0, NULL, NULL, TRUE), ==, 409);
	g_assert_cmpint(word_act(&client, "/v1/close", seq, 0, "result", "forgotten", TRUE), ==, 400);
	g_assert_cmpint(word_act(&client, "/v1/hold", seq, 0, "hold", "on", TRUE), ==, 200);
	g_assert_cmpint(word_act(&client, "/v1/hold", seq, last_work_of(&scene, seq), "hold", "on", TRUE), ==, 409);
	g_assert_cmpint(word_act(&client, "/v1/close", seq, last_work_of(&scene, seq), "result", "measures", TRUE), ==, 409);
	g_assert_cmpint(word_act(&client, "/v1/set-aside", seq, last_work_of(&scene, seq), "reason", "spam", TRUE), ==, 409);
	g_assert_cmpint(word_act(&client, "/v1/hold", seq, last_work_of(&scene, seq), "hold", "off", TRUE), ==, 200);
	g_assert_cmpint(word_act(&client, "/v1/close", seq, last_work_of(&scene, seq), "result", "measures", TRUE), ==, 200);
	g_autoptr(LedgerCase) closed = room_case_of(&scene, seq);
	g_assert_cmpstr(closed->state, ==, "closed");
	g_assert_cmpstr(closed->result, ==, "measures");
	g_assert_cmpint(word_act(&client, "/v1/set-aside", seq, last_work_of(&scene, seq), "reason", "spam", TRUE), ==, 409);
	g_assert_cmpint(word_act(&client, "/v1/reopen", seq, last_work_of(&scene, seq), NULL, NULL, TRUE), ==, 200);
	g_assert_cmpint(word_act(&client, "/v1/set-aside", seq, last_work_of(&scene, seq), "reason", "spam", TRUE), ==, 200);
	g_autoptr(LedgerCase) aside = room_case_of(&scene, seq);
	g_assert_cmpstr(aside->state, ==, "set-aside");
	g_assert_null(aside->result);
	g_assert_false(aside->aside); /* it keeps its number */
}

static void cases_are_linked_by_number_and_name(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene), other = register_small(&scene);
	g_autoptr(LedgerCase) c = room_case_of(&scene, other);
	g_autofree char *name = g_strdup_printf("%u/%u", c->year, c->number);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post_work(&client, "/v1/link", seq, 0, json_pack("{s:I, s:s}", "to", (json_int_t)other, "name", "2026/99"),
	                       NULL, NULL, FALSE, NULL), ==, 400);
	g_assert_cmpint(post_work(&client, "/v1/link", seq, 0, json_pack("{s:I, s:s}", "to", (json_int_t)seq, "name", name), NULL,
	                       NULL, FALSE, NULL), ==, 400);
	g_assert_cmpint(post_work(&client, "/v1/link", seq, 0, json_pack("{s:I, s:s}", "to", (json_int_t)other, "name", name), NULL,
	                       NULL, FALSE, NULL), ==, 200);
	/* once; and again when that was struck */
	g_assert_cmpint(post_work(&client, "/v1/link", seq, last_work_of(&scene, seq), json_pack("{s:I, s:s}", "to", (json_int_t)other, "name", name),
	                       NULL, NULL, FALSE, NULL), ==, 409);
	guint64 link = last_work_of(&scene, seq);
	g_assert_cmpint(post_work(&client, "/v1/strike", seq, link, json_pack("{s:I, s:s, s:b}", "of", (json_int_t)link, "field", "-", "instead", FALSE),
	                       "{\"why\":\"w\"}", room_everybody, TRUE, NULL), ==, 200);
	g_assert_cmpint(post_work(&client, "/v1/link", seq, last_work_of(&scene, seq), json_pack("{s:I, s:s}", "to", (json_int_t)other, "name", name),
	                       NULL, NULL, FALSE, NULL), ==, 200);
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_LINKED), ==, 2);
}

static void an_assigned_case_is_elsewhere_for_the_others(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0}, chair = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	client_begin(&chair, &scene, scene.f.chair, "chair");
	g_assert_cmpint(word_act(&client, "/v1/assign", seq, 0, "to", "nobody", FALSE), ==, 404);
	g_assert_cmpint(word_act(&client, "/v1/assign", seq, 0, "to", "-", FALSE), ==, 409);
	g_assert_cmpint(word_act(&client, "/v1/assign", seq, 0, "to", "chair", FALSE), ==, 200);
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "card"), NULL), ==, 403);
	g_assert_cmpint(post(&chair, "/v1/open", open_body(seq, "card"), NULL), ==, 200);
	g_assert_cmpint(word_act(&chair, "/v1/assign", seq, last_work_of(&scene, seq), "to", "-", FALSE), ==, 200);
	g_assert_cmpint(post(&client, "/v1/open", open_body(seq, "card"), NULL), ==, 200);
}

static json_t *some_categories(const Config *config G_GNUC_UNUSED, GError **error G_GNUC_UNUSED, gpointer user G_GNUC_UNUSED)
{
	return json_pack("[{s:s, s:s, s:s, s:s}]", "id", "gifts", "kk", "а", "ru", "б", "en", "c");
}

static void a_category_is_one_of_the_list_and_survives_the_cache(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	DeskHooks hooks = {.dates = dates, .letter_queued = letter_queued, .categories = some_categories};
	fixture_make(&scene.f, NULL);
	scene.desk = desk_start(scene.f.registry, fixture_listen(&scene.f, "desk.sock"), &hooks, NULL);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(word_act(&client, "/v1/category", seq, 0, "category", "kinship", FALSE), ==, 404);
	g_assert_cmpint(word_act(&client, "/v1/category", seq, 0, "category", "gifts", FALSE), ==, 200);
	g_assert_cmpint(word_act(&client, "/v1/close", seq, last_work_of(&scene, seq), "result", "measures", TRUE), ==, 200);
	g_autoptr(LedgerCase) before = room_case_of(&scene, seq);
	g_assert_cmpstr(before->category, ==, "gifts");
	g_clear_pointer(&scene.desk, desk_stop);
	Ledger *ledger = ledger_of(&scene);
	g_assert_true(ledger_cases_rebuild(ledger, NULL));
	g_autoptr(LedgerCase) after = room_case_of(&scene, seq);
	g_assert_cmpstr(after->category, ==, "gifts");
	g_assert_cmpstr(after->result, ==, "measures");
	g_assert_cmpuint(ledger_case_last(after), ==, ledger_case_last(before));
	g_assert_cmpuint(after->work->len, ==, 2);
}

static long prolong(Client *client, guint64 seq, const char *until, const char *notice, const char *reason)
{
	guint64 after = last_work_of(client->scene, seq);
	return post_work(client, "/v1/prolong", seq, after, json_pack("{s:s, s:s, s:n}", "until", until, "notice", notice, "letter"), reason, room_everybody,
	              TRUE, NULL);
}

/* The fixture's term ends on 2026-12-14. */
static void a_term_is_prolonged_with_reason_and_notice_and_keeps_its_new_end(void)
{
	static const struct {
		const char *until, *notice, *reason;
		long status;
	} rows[] = {
		{"2026-12-14", "mail", "r", 409},  {"2026-12-13", "mail", "r", 409},  {"2027-12-16", "mail", "r", 400},
		{"2026-12-32", "mail", "r", 400},  {"2026-1-15", "mail", "r", 400},   {"2026-12-15", "smoke", "r", 400},
		{"2026-12-15", "mail", NULL, 400}, {"2026-12-15", "mail", "r", 200},  {"2026-12-15", "mail", "r", 409},
		{"2027-02-01", "impossible", "r", 200},
	};
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s", rows[i].until);
		g_assert_cmpint(prolong(&client, seq, rows[i].until, rows[i].notice, rows[i].reason), ==, rows[i].status);
	}
	g_assert_true(ledger_cases_rebuild(ledger_of(&scene), NULL));
	g_autoptr(LedgerCase) c = room_case_of(&scene, seq);
	g_assert_cmpstr(c->until, ==, "2027-02-01");
	g_assert_cmpint(word_act(&client, "/v1/close", seq, last_work_of(&scene, seq), "result", "measures", TRUE), ==, 200);
	g_assert_cmpint(prolong(&client, seq, "2027-03-01", "mail", "r"), ==, 409);
}

static void the_readers_are_proved_by_the_register_s_own_entries(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	g_autoptr(json_t) answer = NULL;
	g_autoptr(People) people = people_new();
	Entry begun;
	scene_begin(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(post(&client, "/v1/readers", json_pack("{s:s, s:I}", "mailbox", "senim@kmo.kz", "known", (json_int_t)0),
	                     &answer), ==, 200);
	g_autoptr(Record) record = record_of(answer, 0, &begun);
	g_assert_true(people_fold(people, begun.kind, begun.seq, record, NULL));
	g_assert_nonnull(people_find(people, "chair"));
	g_assert_nonnull(json_string_value(json_object_get(answer, "set")));
}

static long prolong_by_letter(Client *client, guint64 seq, const char *until, const char *notice, json_t *letter)
{
	return post_work(client, "/v1/prolong", seq, last_work_of(client->scene, seq),
	              json_pack("{s:s, s:s, s:o}", "until", until, "notice", notice, "letter", letter), "r", room_everybody, TRUE, NULL);
}

static json_t *letter_for(const char *to, const char *message_id, const char *language)
{
	return json_pack("{s:s, s:s, s:s}", "to", to, "message_id", message_id, "language", language);
}

static void withhold_acknowledgement(const Scene *scene, guint64 seq, const char *state)
{
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "case", seq);
	LedgerAct act = {.kind = ENTRY_RELEASED, .concerns = LEDGER_NOTHING, .record = record, .case_seq = seq, .ack_state = state};
	LedgerEntry entry = {0};
	g_assert_true(ledger_append(ledger_of(scene), &act, &entry, NULL));
	ledger_entry_clear(&entry);
}

static void a_letter_tells_of_the_new_end_unless_something_stands_against_it(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-20", "paper", letter_for("a@b.kz", "-", "kk")), ==, 400);
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-20", "mail", letter_for("-oQ@b.kz", "-", "kk")), ==, 400);
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-20", "mail", letter_for("a@b.kz", "<a\r\nBcc: x>", "kk")), ==, 400);
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-20", "mail", letter_for("a@b.kz", "-", "de")), ==, 400);
	withhold_acknowledgement(&scene, seq, "withheld");
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-20", "mail", letter_for("a@b.kz", "-", "kk")), ==, 409);
	withhold_acknowledgement(&scene, seq, "bounced");
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-20", "mail", letter_for("a@b.kz", "-", "kk")), ==, 409);
	withhold_acknowledgement(&scene, seq, "sent");
	g_assert_cmpuint(fixture_count_entries(&scene.f, "senim@kmo.kz", ENTRY_PROLONGED), ==, 0);
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-20", "mail", letter_for("a@b.kz", "-", "kk")), ==, 200);
	g_autoptr(LedgerCase) c = room_case_of(&scene, seq);
	g_assert_cmpstr(ledger_case_posted(c, c->notification), ==, "queued");
	g_assert_cmpuint(c->notification, ==, last_work_of(&scene, seq));
	g_assert_cmpint(prolong_by_letter(&client, seq, "2026-12-21", "telephone", json_null()), ==, 200);
	g_autoptr(LedgerCase) later = room_case_of(&scene, seq);
	g_assert_null(ledger_case_posted(later, later->notification));
}

static long transcript(Client *client, guint64 seq, guint64 message, json_int_t part, const char *words)
{
	return post_work(client, "/v1/transcript", seq, last_work_of(client->scene, seq),
	              json_pack("{s:I, s:I}", "message", (json_int_t)message, "part", part), words, room_everybody, TRUE, NULL);
}

static guint64 transcript_of(const Scene *scene, guint64 seq)
{
	g_autoptr(LedgerCase) c = room_case_of(scene, seq);
	return c->transcript;
}

static void a_call_is_written_down_of_a_message_of_its_case_and_is_missing_again_once_struck(void)
{
	g_auto(Scene) scene = {0};
	g_auto(Client) client = {0};
	scene_begin(&scene);
	guint64 seq = register_small(&scene), other = register_small(&scene);
	client_begin(&client, &scene, scene.f.aigul, "aigul");
	g_assert_cmpint(transcript(&client, seq, other, 0, "words"), ==, 404);
	g_assert_cmpint(transcript(&client, seq, seq, 65536, "words"), ==, 400);
	g_assert_cmpint(transcript(&client, seq, seq, 0, NULL), ==, 400);
	g_assert_cmpuint(transcript_of(&scene, seq), ==, 0);
	g_assert_cmpint(transcript(&client, seq, seq, 0, "first"), ==, 200);
	guint64 first = transcript_of(&scene, seq);
	g_assert_cmpuint(first, ==, last_work_of(&scene, seq));
	g_assert_cmpint(transcript(&client, seq, seq, 0, "second"), ==, 200);
	guint64 second = transcript_of(&scene, seq);
	g_assert_cmpuint(second, >, first);
	g_assert_cmpint(strike(&client, seq, first, "-", NULL), ==, 200);
	g_assert_cmpuint(transcript_of(&scene, seq), ==, second);
	g_assert_cmpint(strike(&client, seq, second, "-", NULL), ==, 200);
	g_assert_cmpuint(transcript_of(&scene, seq), ==, 0);
	g_assert_cmpuint(transcript_of(&scene, other), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-casework/a row's text lies sealed and is handed out behind an entry",
	                a_row_s_text_lies_sealed_and_is_handed_out_behind_an_entry);
	g_test_add_func("/desk-casework/nobody writes over what she has not seen", nobody_writes_over_what_she_has_not_seen);
	g_test_add_func("/desk-casework/a text goes to everybody who reads the case and to nobody else",
	                a_text_goes_to_everybody_who_reads_the_case_and_to_nobody_else);
	g_test_add_func("/desk-casework/a strike names what it strikes and changes nothing",
	                a_strike_names_what_it_strikes_and_changes_nothing);
	g_test_add_func("/desk-casework/a case closes with a result and opens again", a_case_closes_with_a_result_and_opens_again);
	g_test_add_func("/desk-casework/cases are linked by number and name", cases_are_linked_by_number_and_name);
	g_test_add_func("/desk-casework/an assigned case is elsewhere for the others", an_assigned_case_is_elsewhere_for_the_others);
	g_test_add_func("/desk-casework/a category is one of the list and survives the cache",
	                a_category_is_one_of_the_list_and_survives_the_cache);
	g_test_add_func("/desk-casework/a letter tells of the new end, unless something stands against it",
	                a_letter_tells_of_the_new_end_unless_something_stands_against_it);
	g_test_add_func("/desk-casework/a call is written down of a message of its case, and is missing again once struck",
	                a_call_is_written_down_of_a_message_of_its_case_and_is_missing_again_once_struck);
	g_test_add_func("/desk-casework/a term is prolonged with reason and notice, and keeps its new end",
	                a_term_is_prolonged_with_reason_and_notice_and_keeps_its_new_end);
	g_test_add_func("/desk-casework/the readers are proved by the register's own entries",
	                the_readers_are_proved_by_the_register_s_own_entries);
	return g_test_run();
}
