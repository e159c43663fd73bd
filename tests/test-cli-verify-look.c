/* SPDX-License-Identifier: ISC */
/* Before anything is decrypted: an honest answer passes, and each lie that a registrar could tell is found and named. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verify-look.h"
#include "tests/cli-registrar.h"

#define ORIGIN "senim@kmo.kz/0123456789abcdef"
#define GROUND "order 12"
#define REQUEST "00112233445566778899aabbccddeeff"

typedef struct {
	char *directory;
	NoteSigner *signer;
	TestRegister *r;
	Pins *pins;
	DeskSigned what;
	Case a, b;          /* two reports */
	guint64 opened;     /* the entry of OPENED for a */
} Fixture;

static Record *received(const Case *c, guint8 fill)
{
	guint8 hash[32];
	Record *record = record_new();
	memset(hash, fill, sizeof hash);
	record_add(record, "number", c->name);
	record_add_hex(record, "case", c->case_id, sizeof c->case_id);
	record_add_uint(record, "time", 1795288140000000);
	record_add_uint(record, "received", 1795288140000000);
	const char *facts[][2] = {{"channel", "mail"}, {"language", "kk"}, {"automatic", "-"}, {"verdict", "clean"},
	                          {"opaque", "no"},    {"examined", "yes"}, {"partial", "no"}, {"attachments", "0"}};
	for (gsize i = 0; i < G_N_ELEMENTS(facts); i++)
		record_add(record, facts[i][0], facts[i][1]);
	record_add_uint(record, "size", 4152);
	record_add_hex(record, "digest", hash, sizeof hash);
	record_add_uint(record, "card-size", 400);
	record_add_hex(record, "card-digest", hash, sizeof hash);
	record_add_hex(record, "key-check-body", hash, sizeof hash);
	record_add_hex(record, "key-check-card", hash, sizeof hash);
	record_add_hex(record, "body-check", hash, sizeof hash);
	record_add(record, "reader", "aigul");
	record_add(record, "letter", "none");
	record_add(record, "letter-reason", "-");
	return record;
}

static guint64 add_report(TestRegister *r, Case *c, const char *name, guint8 fill)
{
	guint8 digest[32];
	memset(digest, fill, sizeof digest);
	memset(c->case_id, fill, sizeof c->case_id);
	c->mailbox = (char *)"senim@kmo.kz";
	c->name = (char *)name;
	c->received = G_GINT64_CONSTANT(1795288140000000);
	return c->seq = test_register_add(r, ENTRY_RECEIVED, received(c, fill), digest);
}

/* The record as an honest registrar writes it; `key` replaced by value where one is given. */
static Record *opened(const Fixture *f, const Case *c, const char *key, const char *value)
{
	g_autofree char *seq = g_strdup_printf("%" G_GUINT64_FORMAT, c->seq);
	const char *lines[][2] = {{"time", "1795288150000000"}, {"officer", "aigul"}, {"case", seq}, {"part", "body"},
	                          {"act", "show"},  {"ground", GROUND}, {"known", "0"}, {"request", REQUEST},
	                          {"nonce", f->what.nonce}, {"counter", "3"}, {"method", "POST"}, {"target", "/v1/open"},
	                          {"body", f->what.digest}, {"signature", f->what.signature}};
	Record *record = record_new();
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
		record_add(record, lines[i][0], g_strcmp0(lines[i][0], key) == 0 ? value : lines[i][1]);
	return record;
}

static void set_up(Fixture *f, gconstpointer user)
{
	(void)user;
	f->directory = g_dir_make_tmp("senim-look-XXXXXX", NULL);
	f->signer = note_signer_generate(ORIGIN, NULL);
	g_autofree char *log_pub = g_build_filename(f->directory, "log.pub", NULL);
	g_autofree char *verifier = note_signer_verifier(f->signer);
	g_assert_true(g_file_set_contents(log_pub, verifier, -1, NULL));
	f->pins = pins_load(log_pub, f->directory, NULL);
	f->what = (DeskSigned){g_strdup("aa"), g_strdup("/v1/open"), g_strdup("c2ln"), g_strdup("bb"), 3};
	f->r = test_register_new(f->signer, ORIGIN);
	Record *begun = record_new();
	record_add(begun, "time", "1");
	test_register_add(f->r, ENTRY_BEGUN, begun, NULL);
	add_report(f->r, &f->a, "2026/1", 0xaa);
	add_report(f->r, &f->b, "2026/2", 0xbb);
	f->opened = test_register_add(f->r, ENTRY_OPENED, opened(f, &f->a, NULL, NULL), NULL);
}

static void tear_down(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GDir) directory = g_dir_open(f->directory, 0, NULL);
	const char *name;
	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *path = g_build_filename(f->directory, name, NULL);
		g_unlink(path);
	}
	g_rmdir(f->directory);
	g_free(f->directory);
	pins_free(f->pins);
	desk_signed_clear(&f->what);
	test_register_free(f->r);
	note_signer_free(f->signer);
}

/* All four steps, as `senim show` takes them for case a. Takes the answer. */
static gboolean look_at(Fixture *f, json_t *proof, SealExpect *expect, GError **error)
{
	g_autoptr(json_t) answer = proof;
	LookAct act = {.kind = ENTRY_OPENED, .officer = "aigul", .cases = &f->a.seq, .n_cases = 1, .part = "body",
	               .act = "show", .ground = GROUND, .request = REQUEST, .what = &f->what};
	g_autoptr(Look) look = verify_look_take(f->pins, ORIGIN, answer, error);
	return look != NULL && verify_look_act(look, &act, NULL, error) &&
	       verify_look_case(look, &f->a, SEAL_PART_BODY, expect, error) != NULL;
}

static guint64 known(const Fixture *f)
{
	guint64 size;
	g_assert_true(pins_known(f->pins, ORIGIN, &size, NULL));
	return size;
}

static json_t *proof_of(const Fixture *f, guint64 act, guint64 report)
{
	guint64 seqs[] = {act, report};
	return test_register_proof(f->r, known(f), seqs, G_N_ELEMENTS(seqs));
}

static void must_fail(Fixture *f, json_t *proof, const char *said)
{
	g_autoptr(GError) error = NULL;
	SealExpect expect = {0};
	g_assert_false(look_at(f, proof, &expect, &error));
	g_assert_error(error, CLI_ERROR, CLI_ERROR_FAILED);
	if (strstr(error->message, said) == NULL)
		g_error("“%s” does not say “%s”", error->message, said);
	g_assert_cmpuint(expect.size, ==, 0);
}

static void an_honest_answer_passes(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	SealExpect expect = {0};
	gboolean good = look_at(f, proof_of(f, f->opened, f->a.seq), &expect, &error);
	g_assert_no_error(error);
	g_assert_true(good);
	g_assert_cmpuint(expect.size, ==, 4152);
	g_assert_cmpmem(expect.case_id, SEAL_CASE, f->a.case_id, SEAL_CASE);
	g_assert_cmpuint(expect.digest[0], ==, 0xaa);
}

static void an_entry_replayed_or_bent_is_not_the_request(Fixture *f, gconstpointer user)
{
	(void)user;
	static const char *const bent[][2] = {
		{"officer", "deputy"},   {"case", "2"},         {"part", "card"},   {"act", "print"},
		{"ground", "none"},      {"known", "1"},        {"request", "ff"},  {"nonce", "ab"},
		{"counter", "2"},        {"target", "/v1/x"},   {"body", "bc"},     {"signature", "YW5vdGhlcg=="},
		{"method", "GET"},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(bent); i++) {
		guint64 seq = test_register_add(f->r, ENTRY_OPENED, opened(f, &f->a, bent[i][0], bent[i][1]), NULL);
		must_fail(f, proof_of(f, seq, f->a.seq), "not this request");
	}
	guint64 more = test_register_add(f->r, ENTRY_LISTED, opened(f, &f->a, NULL, NULL), NULL);
	must_fail(f, proof_of(f, more, f->a.seq), "not the one that was asked for");
}

static void another_cases_entry_is_refused(Fixture *f, gconstpointer user)
{
	(void)user;
	must_fail(f, proof_of(f, f->opened, f->b.seq), "own entry is missing");
	Case as_b = f->a;
	as_b.seq = f->b.seq; /* the desk claims that b's entry is a's */
	f->a.seq = f->b.seq;
	guint64 seq = test_register_add(f->r, ENTRY_OPENED, opened(f, &as_b, NULL, NULL), NULL);
	must_fail(f, proof_of(f, seq, f->b.seq), "another case");
}

/* As the registrar enters it; `key` replaced by value, left out where that is NULL. */
static guint64 sealed_anew(Fixture *f, const Case *c, guint8 fill, const char *key, const char *value)
{
	guint8 digest[32];
	char hex[65];
	memset(digest, fill, sizeof digest);
	for (gsize i = 0; i < sizeof digest; i++)
		g_snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	g_autofree char *seq = g_strdup_printf("%" G_GUINT64_FORMAT, c->seq), *id = g_strndup(hex, 32);
	const char *lines[][2] = {{"time", "1795288160000000"}, {"officer", "aigul"}, {"case", seq},    {"object", id},
	                          {"replaces", seq},            {"size", "4235"},     {"digest", hex}, {"key-check-body", hex}};
	Record *record = record_new();
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		gboolean bent = g_strcmp0(lines[i][0], key) == 0;
		if (!bent || value != NULL)
			record_add(record, lines[i][0], bent ? value : lines[i][1]);
	}
	if (g_strcmp0(key, "message") == 0)
		record_add(record, key, value);
	return test_register_add_about(f->r, ENTRY_RESEALED, record, digest, c->seq);
}

static json_t *proof_with(const Fixture *f, const guint64 *anew, gsize n)
{
	guint64 seqs[4] = {f->opened, f->a.seq};
	for (gsize i = 0; i < n; i++)
		seqs[2 + i] = anew[i];
	return test_register_proof(f->r, known(f), seqs, (guint)n + 2);
}

static void what_was_sealed_anew_is_expected_as_it_lies_there_last(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autoptr(GError) error = NULL;
	SealExpect expect = {0};
	const guint64 anew[] = {sealed_anew(f, &f->a, 0xa1, NULL, NULL), sealed_anew(f, &f->a, 0xa2, NULL, NULL)};
	g_assert_true(look_at(f, proof_with(f, anew, 2), &expect, &error));
	g_assert_no_error(error);
	g_assert_true(expect.anew);
	g_assert_cmpuint(expect.digest[0], ==, 0xa2);
	g_assert_cmpuint(expect.anew_id[0], ==, 0xa2);
	g_assert_cmpuint(expect.size, ==, 4235);
	g_assert_cmpuint(expect.arrival.size, ==, 4152);
	g_assert_cmpuint(expect.arrival.digest[0], ==, 0xaa);
	g_assert_cmpuint(expect.arrival.key_check[0], ==, 0xaa);
	g_assert_cmpmem(expect.case_id, SEAL_CASE, f->a.case_id, SEAL_CASE);
	/* That of another case is not this one's. */
	const guint64 other = sealed_anew(f, &f->b, 0xb1, NULL, NULL);
	g_assert_true(look_at(f, proof_with(f, &other, 1), &expect, &error));
	g_assert_false(expect.anew);
	g_assert_cmpuint(expect.size, ==, 4152);
}

static void what_was_sealed_anew_by_another_entry_is_refused(Fixture *f, gconstpointer user)
{
	(void)user;
	static const char *const bent[][2] = {
		{"case", "2"}, {"message", "7"}, {"object", NULL}, {"object", "aa"}, {"size", "x"}, {"key-check-body", NULL},
		{"digest", "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a2"}};
	for (gsize i = 0; i < G_N_ELEMENTS(bent); i++) {
		const guint64 anew = sealed_anew(f, &f->a, 0xa1, bent[i][0], bent[i][1]);
		must_fail(f, proof_with(f, &anew, 1), "contradicts itself");
	}
}

static void another_number_is_refused(Fixture *f, gconstpointer user)
{
	(void)user;
	f->a.name = (char *)"2026/7";
	must_fail(f, proof_of(f, f->opened, f->a.seq), "another number");
}

static void another_moment_is_refused(Fixture *f, gconstpointer user)
{
	(void)user;
	f->a.received++;
	must_fail(f, proof_of(f, f->opened, f->a.seq), "another moment");
}

static void an_accepted_arrival_has_the_number_that_it_was_given(Fixture *f, gconstpointer user)
{
	(void)user;
	g_autofree char *seq = g_strdup_printf("%" G_GUINT64_FORMAT, f->a.seq);
	const char *number = "2026/7", *first = f->a.name;
	const char *asked[] = {NULL, NULL, first, "2026/X-1000"}; /* the name it was asked for by */
	f->a.name = (char *)number;
	for (guint i = 0; i < G_N_ELEMENTS(asked); i++) {
		gboolean lie = i == 1;
		f->a.asked = (char *)asked[i];
		Record *record = record_new();
		record_add(record, "case", lie ? "2" : seq);
		record_add(record, "number", number);
		guint64 accepted = test_register_add(f->r, ENTRY_ACCEPTED, record, NULL);
		guint64 seqs[] = {f->opened, f->a.seq, accepted};
		json_t *proof = test_register_proof(f->r, known(f), seqs, G_N_ELEMENTS(seqs));
		SealExpect expect = {0};
		if (lie || i == 3)
			must_fail(f, proof, "another number");
		else
			g_assert_true(look_at(f, proof, &expect, NULL));
	}
}

static void an_entry_that_is_no_report_is_refused(Fixture *f, gconstpointer user)
{
	(void)user;
	guint8 digest[32];
	memset(digest, 0xaa, sizeof digest);
	Case wrong = f->a;
	wrong.seq = test_register_add(f->r, ENTRY_NOTED, received(&f->a, 0xaa), digest);
	f->a = wrong;
	guint64 act = test_register_add(f->r, ENTRY_OPENED, opened(f, &f->a, NULL, NULL), NULL);
	must_fail(f, proof_of(f, act, f->a.seq), "not one of a report");
	digest[0] ^= 1;
	f->a.seq = test_register_add(f->r, ENTRY_RECEIVED, received(&f->a, 0xaa), digest);
	act = test_register_add(f->r, ENTRY_OPENED, opened(f, &f->a, NULL, NULL), NULL);
	must_fail(f, proof_of(f, act, f->a.seq), "contradicts itself");
}

/* Changes one octet of a base64 value within the i-th entry of a proof. */
static void bend(json_t *proof, guint i, const char *key, gsize octet)
{
	json_t *entry = json_array_get(json_object_get(proof, "entries"), i), *value = json_object_get(entry, key);
	gboolean list = json_is_array(value);
	gsize size;
	g_autofree guchar *octets = g_base64_decode(json_string_value(list ? json_array_get(value, 0) : value), &size);
	octets[octet % size] ^= 1;
	g_autofree char *text = g_base64_encode(octets, size);
	if (list)
		json_array_set_new(value, 0, json_string(text));
	else
		json_object_set_new(entry, key, json_string(text));
}

static void a_bent_octet_anywhere_is_found(Fixture *f, gconstpointer user)
{
	(void)user;
	static const char *const keys[] = {"entry", "salt", "record", "inclusion"};
	for (guint i = 0; i < 2; i++)
		for (gsize k = 0; k < G_N_ELEMENTS(keys); k++)
			for (gsize octet = 0; octet < 104; octet += 7) {
				json_t *proof = proof_of(f, f->opened, f->a.seq);
				bend(proof, i, keys[k], octet);
				must_fail(f, proof, "");
			}
}

static void an_entry_under_another_place_is_found(Fixture *f, gconstpointer user)
{
	(void)user;
	json_t *proof = proof_of(f, f->opened, f->a.seq), *entries = json_object_get(proof, "entries");
	json_object_set(json_array_get(entries, 1), "inclusion", json_object_get(json_array_get(entries, 0), "inclusion"));
	must_fail(f, proof, "does not stand in the register");
	proof = proof_of(f, f->opened, f->a.seq);
	json_object_set_new(json_array_get(json_object_get(proof, "entries"), 1), "seq", json_integer(2));
	must_fail(f, proof, "another form");
}

static void a_fork_made_for_the_officer_is_found(Fixture *f, gconstpointer user)
{
	(void)user;
	SealExpect expect = {0};
	g_assert_true(look_at(f, proof_of(f, f->opened, f->a.seq), &expect, NULL));
	g_autoptr(TestRegister) fork = test_register_fork(f->r, 3);
	guint64 seq = test_register_add(fork, ENTRY_OPENED, opened(f, &f->a, "known", "4"), NULL);
	guint64 seqs[] = {seq, f->a.seq};
	must_fail(f, test_register_proof(fork, 4, seqs, 2), "something in it was changed");
	g_autoptr(TestRegister) shorter = test_register_fork(f->r, 3);
	guint64 two[] = {1, 2};
	must_fail(f, test_register_proof(shorter, 4, two, 2), "shorter");
}

static void an_answer_of_another_form_is_said(Fixture *f, gconstpointer user)
{
	(void)user;
	static const char *const keys[] = {"checkpoint", "consistency", "entries"};
	for (gsize k = 0; k < G_N_ELEMENTS(keys); k++) {
		json_t *proof = proof_of(f, f->opened, f->a.seq);
		json_object_set_new(proof, keys[k], json_integer(1));
		must_fail(f, proof, keys[k]);
	}
	json_t *proof = proof_of(f, f->opened, f->a.seq);
	json_array_clear(json_object_get(proof, "entries"));
	must_fail(f, proof, "entries");
}

static void a_list_names_no_case_that_was_not_asked_for(Fixture *f, gconstpointer user)
{
	(void)user;
	static const struct {
		const char *cases[3];
		gboolean good;
	} rows[] = {{{"1", "2"}, TRUE}, {{"2"}, TRUE}, {{"2", "1"}, FALSE}, {{"1", "3"}, FALSE}, {{"1", "1"}, FALSE}};
	const guint64 asked[] = {1, 2};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Record) whole = opened(f, &f->a, NULL, NULL);
		Record *record = record_new();
		const char *key, *value;
		for (guint n = 0; record_line(whole, n, &key, &value); n++) {
			if (strcmp(key, "case") == 0)
				for (gsize c = 0; rows[i].cases[c] != NULL; c++)
					record_add(record, "case", rows[i].cases[c]);
			else if (strcmp(key, "part") != 0 && strcmp(key, "act") != 0)
				record_add(record, key, value);
		}
		guint64 seq = test_register_add(f->r, ENTRY_LISTED, record, NULL);
		g_autoptr(json_t) proof = test_register_proof(f->r, known(f), &seq, 1);
		g_autoptr(Look) look = verify_look_take(f->pins, ORIGIN, proof, NULL);
		LookAct act = {.kind = ENTRY_LISTED, .officer = "aigul", .cases = asked, .n_cases = 2, .ground = GROUND,
		               .request = REQUEST, .what = &f->what};
		g_assert_nonnull(look);
		g_assert_cmpint(verify_look_act(look, &act, NULL, NULL), ==, rows[i].good);
		g_assert_false(verify_look_names(look, 7));
	}
}

#define ADD(test, name) g_test_add("/cli/verify-look/" name, Fixture, NULL, set_up, test, tear_down)

static const char usual_case[] =
	"{\"mailbox\":\"senim@kmo.kz\",\"seq\":1,\"case_id\":\"00112233445566778899aabbccddeeff\",\"name\":\"%s\","
	"\"received\":1795288140000000,\"terms\":{},\"facts\":{},\"state\":\"new\",\"acknowledgement\":{\"state\":\"none\"},"
	"\"followups\":0,\"work\":{\"last\":0},\"size\":4152,\"card_size\":400,\"withheld\":[%s]}";

static void a_case_is_called_by_year_and_number_and_drives_no_terminal(void)
{
	static const struct {
		const char *name;
		gboolean good;
	} rows[] = {{"2026/17", TRUE}, {"2026/X-5", TRUE}, {"17", FALSE}, {"senim:2026/17", FALSE},
	            {"2026/1\\u001b]0;x", FALSE}, {"2026/", FALSE}, {"", FALSE}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strdup_printf(usual_case, rows[i].name, "");
		g_autoptr(json_t) object = json_loads(text, 0, NULL);
		g_autoptr(GError) error = NULL;
		g_assert_nonnull(object);
		g_autoptr(Case) c = case_read(object, &error);
		g_assert_cmpint(c != NULL, ==, rows[i].good);
	}
}

static void what_another_reads_is_a_number_and_nothing_else(void)
{
	static const char row[] = "{\"mailbox\":\"senim@kmo.kz\",\"name\":\"2026/17\",\"elsewhere\":true,\"seq\":null,"
	                          "\"facts\":null,\"received\":null}";
	g_autoptr(json_t) object = json_loads(row, 0, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Case) c = case_read(object, &error);
	g_assert_no_error(error);
	g_assert_true(c->elsewhere);
	g_assert_cmpstr(c->name, ==, "2026/17");
	g_assert_cmpstr(case_fact(c, "verdict"), ==, "-");
}

static void the_names_from_whom_a_case_is_kept_drive_no_terminal(void)
{
	static const struct {
		const char *list;
		gboolean good;
	} rows[] = {{"", TRUE}, {"\"dana\",\"a.b_c-1\"", TRUE}, {"\"Dana\"", FALSE}, {"\"a\\u001b]0;x\"", FALSE}, {"1", FALSE}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strdup_printf(usual_case, "2026/17", rows[i].list);
		g_autoptr(json_t) object = json_loads(text, 0, NULL);
		g_assert_nonnull(object);
		g_autoptr(Case) c = case_read(object, NULL);
		g_assert_cmpint(c != NULL, ==, rows[i].good);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(an_honest_answer_passes, "an-honest-answer-passes");
	ADD(an_entry_replayed_or_bent_is_not_the_request, "an-entry-replayed-or-bent-is-not-the-request");
	ADD(another_cases_entry_is_refused, "another-cases-entry-is-refused");
	ADD(what_was_sealed_anew_is_expected_as_it_lies_there_last, "what-was-sealed-anew-is-expected-as-it-lies-there-last");
	ADD(what_was_sealed_anew_by_another_entry_is_refused, "what-was-sealed-anew-by-another-entry-is-refused");
	ADD(another_number_is_refused, "another-number-is-refused");
	ADD(another_moment_is_refused, "another-moment-is-refused");
	ADD(an_accepted_arrival_has_the_number_that_it_was_given, "an-accepted-arrival-has-the-number-that-it-was-given");
	ADD(an_entry_that_is_no_report_is_refused, "an-entry-that-is-no-report-is-refused");
	ADD(a_bent_octet_anywhere_is_found, "a-bent-octet-anywhere-is-found");
	ADD(an_entry_under_another_place_is_found, "an-entry-under-another-place-is-found");
	ADD(a_fork_made_for_the_officer_is_found, "a-fork-made-for-the-officer-is-found");
	ADD(an_answer_of_another_form_is_said, "an-answer-of-another-form-is-said");
	ADD(a_list_names_no_case_that_was_not_asked_for, "a-list-names-no-case-that-was-not-asked-for");
	g_test_add_func("/cli/a-case-is-called-by-year-and-number-and-drives-no-terminal",
	                a_case_is_called_by_year_and_number_and_drives_no_terminal);
	g_test_add_func("/cli/what-another-reads-is-a-number-and-nothing-else", what_another_reads_is_a_number_and_nothing_else);
	g_test_add_func("/cli/the-names-from-whom-a-case-is-kept-drive-no-terminal",
	                the_names_from_whom_a_case_is_kept_drive_no_terminal);
	return g_test_run();
}
