/* SPDX-License-Identifier: ISC */
/* Sealed objects: what goes in comes back, at every edge of a chunk; what is cut, changed or another's opens nothing. */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/custody.h"
#include "store/keyfile.h"
#include "store/payload.h"
#include "store/seal.h"
#include "store/slab.h"

static const guint8 case_id[SEAL_CASE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const guint8 other_case[SEAL_CASE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17};
static const char *const to[] = {"senim@kmo.kz", "\"a,b\"@kmo.kz", NULL};
static const SealFields fields = {
	.mailbox = "senim@kmo.kz", .begun = G_GINT64_CONSTANT(1795000000000000),
	.envelope_from = "қ%\r\n@x.kz", .envelope_to = to,
};

static AgeIdentity *aigul, *chair;

/* One sealed object with all that is needed to open it. */
typedef struct {
	GByteArray *stored; /* the payload, wherever it went */
	guint calls;        /* of the sink */
	int fd;
	char *header;
	SealResult result;
	SealExpect expect;
} Sealed;

static gboolean sink(const guint8 *data, gsize size, gpointer user, GError **error)
{
	Sealed *sealed = user;
	sealed->calls++;
	g_byte_array_append(sealed->stored, data, (guint)size);
	if (sealed->fd >= 0 && write(sealed->fd, data, size) != (gssize)size) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "no disk");
		return FALSE;
	}
	return TRUE;
}

static void sealed_clear(Sealed *sealed)
{
	g_byte_array_unref(sealed->stored);
	g_free(sealed->header);
	seal_result_clear(&sealed->result);
	if (sealed->fd >= 0)
		close(sealed->fd);
}

static SealFields with_case(void)
{
	SealFields all = fields;
	memcpy(all.case_id, case_id, SEAL_CASE);
	return all;
}

static void expect_result(Sealed *sealed, SealPart part)
{
	sealed->expect.part = part;
	memcpy(sealed->expect.case_id, case_id, SEAL_CASE);
	sealed->expect.size = sealed->result.size;
	memcpy(sealed->expect.digest, sealed->result.digest, SEAL_DIGEST);
	memcpy(sealed->expect.key_check, sealed->result.key_check, 32);
	if (sealed->result.payload != NULL) {
		gsize size;
		const guint8 *data = g_bytes_get_data(sealed->result.payload, &size);
		g_assert_cmpuint(sealed->stored->len, ==, 0);
		g_byte_array_append(sealed->stored, data, (guint)size);
	}
	g_assert_cmpuint(sealed->stored->len, ==, sealed->result.size);
}

static GByteArray *some_message(gsize size)
{
	static const guint8 seed[randombytes_SEEDBYTES] = {7};
	GByteArray *message = g_byte_array_new();
	g_byte_array_set_size(message, (guint)size + 1); /* never NULL */
	g_byte_array_set_size(message, (guint)size);
	randombytes_buf_deterministic(message->data, size, seed);
	return message;
}

static void check_replay(const SealBody *body, int fd, const GByteArray *message)
{
	g_autoptr(SealReplay) replay = seal_replay_new(body, fd);
	g_autoptr(GByteArray) again = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	const guint8 *data;
	gsize size;
	int more;
	while ((more = seal_replay_next(replay, &data, &size, &error)) > 0)
		g_byte_array_append(again, data, (guint)size);
	g_assert_no_error(error);
	g_assert_cmpint(more, ==, 0);
	g_assert_cmpmem(again->data, again->len, message->data, message->len);
}

/* Seals the message in pieces of `step`, replays it, and leaves a header for aigul. */
static void seal(Sealed *sealed, const GByteArray *message, gsize step)
{
	g_autoptr(GError) error = NULL;
	SealFields all = with_case();
	memset(sealed, 0, sizeof *sealed);
	sealed->stored = g_byte_array_new();
	sealed->fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	g_assert_cmpint(sealed->fd, >=, 0);
	g_autoptr(SealBody) body = seal_body_new(&all, sink, sealed, &error);
	g_assert_no_error(error);
	for (gsize at = 0; at < message->len; at += step)
		g_assert_true(seal_body_write(body, message->data + at, MIN(step, message->len - at), &error));
	g_assert_cmpuint(seal_body_message_size(body), ==, message->len);
	g_assert_true(seal_body_finish(body, &sealed->result, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(sealed->result.message_size, ==, message->len);
	g_assert_true((sealed->calls == 0) == (sealed->result.payload != NULL));
	expect_result(sealed, SEAL_PART_BODY);
	check_replay(body, sealed->fd, message);
	check_replay(body, sealed->fd, message);
	sealed->header = seal_body_header(body, age_identity_recipient(aigul), &error);
	g_assert_no_error(error);
	/* Two headers never share a pair. */
	g_autofree char *second = seal_body_header(body, age_identity_recipient(aigul), &error);
	g_assert_cmpstr(second, !=, sealed->header);
}

/* Opens it in pieces of `step`; NULL and *error where it does not open, with what had been given out in *given. */
static GByteArray *open_with(const Sealed *sealed, const SealExpect *expect, const AgeIdentity *who, gsize step,
                             gsize *given, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(SealOpener) opener =
	    seal_opener_new(sealed->header, strlen(sealed->header), age_identity_text(who), expect, error);
	gboolean good = opener != NULL;
	for (gsize at = 0; good && at < sealed->stored->len; at += step)
		good = seal_opener_write(opener, sealed->stored->data + at, MIN(step, sealed->stored->len - at), out, error);
	good = good && seal_opener_finish(opener, out, error);
	if (given != NULL)
		*given = out->len;
	if (good && expect->part == SEAL_PART_BODY) {
		gsize offset, size;
		g_assert_true(seal_parse_body(out->data, out->len, case_id, NULL, &offset, &size, error));
		g_assert_true(seal_opener_body_check(opener, out->data + offset, size, sealed->result.body_check, error));
		guint8 wrong[32] = {0};
		g_assert_false(seal_opener_body_check(opener, out->data + offset, size, wrong, NULL));
	}
	return good ? g_steal_pointer(&out) : NULL;
}

static void check_size(gsize message_size, gsize step)
{
	g_autoptr(GByteArray) message = some_message(message_size);
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) read = NULL;
	gsize offset, size;
	Sealed sealed;
	seal(&sealed, message, step);
	g_autoptr(GByteArray) plain = open_with(&sealed, &sealed.expect, aigul, step, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(seal_parse_body(plain->data, plain->len, case_id, &read, &offset, &size, &error));
	g_assert_no_error(error);
	g_assert_cmpmem(plain->data + offset, size, message->data, message->len);
	g_assert_cmpuint(plain->len, ==, seal_padded_size(SEAL_PART_BODY, offset + size + 27));
	g_assert_cmpuint(sealed.result.size, ==, payload_size(plain->len));
	g_assert_cmpstr(record_get(read, "mailbox"), ==, "senim@kmo.kz");
	g_assert_cmpstr(record_get(read, "begun"), ==, "2026-11-18T11:06:40Z");
	g_assert_cmpstr(record_get(read, "envelope-from"), ==, fields.envelope_from);
	g_assert_cmpuint(record_count(read, "envelope-to"), ==, 2);
	g_assert_cmpstr(record_get_nth(read, "envelope-to", 1), ==, to[1]);
	g_assert_cmpstr(record_get(read, "client"), ==, "-");
	sealed_clear(&sealed);
}

static void a_message_of_any_size_comes_back_as_it_was(void)
{
	static const gsize sizes[] = {0,      1,      27,     3000,   4096,   60000, 64900, 65100,  65200, 65300,
	                              65400,  65509,  65510,  65535,  65536,  65537, 66560, 131072, 131073,
	                              196608, 262144, 300001, 1048576};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
		check_size(sizes[i], 65535);
}

/* Every padded size between 61440 and 73728 is met, so that the last chunk is full, empty but one, and all between. */
static void the_edge_of_the_first_chunk_holds(void)
{
	for (gsize size = 65000; size < 65600; size += 7)
		check_size(size, 8192);
	for (gsize size = 65536 - 400; size < 65536 - 250; size++)
		check_size(size, 65536);
}

static void pieces_of_any_size_make_the_same_object(void)
{
	static const gsize steps[] = {1, 2, 1000, 65535, 65536, 65537, 1000000};
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
		check_size(70001, steps[i]);
}

static void padding_hides_all_but_the_magnitude(void)
{
	g_assert_cmpuint(seal_padded_size(SEAL_PART_BODY, 1), ==, 4096);
	g_assert_cmpuint(seal_padded_size(SEAL_PART_BODY, 4096), ==, 4096);
	g_assert_cmpuint(seal_padded_size(SEAL_PART_BODY, 4097), ==, 4352);
	g_assert_cmpuint(seal_padded_size(SEAL_PART_BODY, 65536), ==, 65536);
	g_assert_cmpuint(seal_padded_size(SEAL_PART_BODY, 65537), ==, 67584);
	g_assert_cmpuint(seal_padded_size(SEAL_PART_BODY, 20000001), ==, 20447232);
	g_assert_cmpuint(seal_padded_size(SEAL_PART_CARD, 5), ==, 2048);
	for (guint64 size = 1; size < 100000000; size += size / 3 + 1) {
		guint64 padded = seal_padded_size(SEAL_PART_BODY, size);
		g_assert_cmpuint(padded, >=, size);
		g_assert_true(size < 4096 || padded <= size + size / 8);
		g_assert_cmpuint(seal_padded_size(SEAL_PART_BODY, padded), ==, padded);
	}
}

static void expect_refused(const Sealed *sealed, const SealExpect *expect, const AgeIdentity *who, gint code)
{
	g_autoptr(GError) error = NULL;
	gsize given;
	g_assert_null(open_with(sealed, expect, who, 65536, &given, &error));
	g_assert_error(error, SEAL_ERROR, code);
	g_assert_cmpuint((given + (expect->anew && given > 0 ? SEAL_ANEW_LINE : 0)) % PAYLOAD_CHUNK, ==, 0);
}

static void what_is_anothers_opens_nothing(void)
{
	g_autoptr(GByteArray) message = some_message(70000);
	Sealed sealed;
	seal(&sealed, message, 65536);
	expect_refused(&sealed, &sealed.expect, chair, SEAL_ERROR_KEY);
	SealExpect expect = sealed.expect;
	memcpy(expect.case_id, other_case, SEAL_CASE);
	expect_refused(&sealed, &expect, aigul, SEAL_ERROR_KEY);
	expect = sealed.expect;
	expect.part = SEAL_PART_CARD;
	expect_refused(&sealed, &expect, aigul, SEAL_ERROR_KEY);
	expect = sealed.expect;
	expect.key_check[31] ^= 1;
	expect_refused(&sealed, &expect, aigul, SEAL_ERROR_KEY);
	expect = sealed.expect;
	expect.digest[0] ^= 1;
	expect_refused(&sealed, &expect, aigul, SEAL_ERROR_DIGEST);
	expect = sealed.expect;
	expect.size--;
	expect_refused(&sealed, &expect, aigul, SEAL_ERROR_DIGEST);
	expect.size += 2;
	expect_refused(&sealed, &expect, aigul, SEAL_ERROR_DIGEST);
	sealed_clear(&sealed);
}

static void one_changed_bit_opens_nothing(void)
{
	g_autoptr(GByteArray) message = some_message(140000);
	Sealed sealed;
	seal(&sealed, message, 65536);
	for (guint at = 0; at < sealed.stored->len; at += 997) {
		sealed.stored->data[at] ^= (guint8)(1u << at % 8);
		g_autoptr(GError) error = NULL;
		gsize given;
		g_assert_null(open_with(&sealed, &sealed.expect, aigul, 65536, &given, &error));
		g_assert_true(g_error_matches(error, SEAL_ERROR, SEAL_ERROR_FORM) ||
		              g_error_matches(error, SEAL_ERROR, SEAL_ERROR_DIGEST));
		/* Nothing of the altered chunk, and nothing after it. */
		g_assert_cmpuint(given, <=, at / PAYLOAD_SEALED_CHUNK * PAYLOAD_CHUNK);
		sealed.stored->data[at] ^= (guint8)(1u << at % 8);
	}
	for (gsize at = 0; at < strlen(sealed.header); at++) {
		g_autofree char *good = g_strdup(sealed.header);
		sealed.header[at] ^= 1;
		g_autoptr(GError) error = NULL;
		g_assert_null(open_with(&sealed, &sealed.expect, aigul, 65536, NULL, &error));
		g_assert_nonnull(error);
		sealed.header[at] ^= 1;
		g_assert_cmpstr(good, ==, sealed.header);
	}
	sealed_clear(&sealed);
}

static void what_is_cut_opens_nothing(void)
{
	g_autoptr(GByteArray) message = some_message(140000);
	Sealed sealed;
	seal(&sealed, message, 65536);
	static const guint lost[] = {1, 15, 16, 17, 1000, 65536, 65552, 65553, 131104, 140000};
	for (gsize i = 0; i < G_N_ELEMENTS(lost); i++) {
		/* Even where the register's size and Digest were those of the cut object, its last tag does not check. */
		Sealed cut = sealed;
		cut.stored = g_byte_array_new();
		g_byte_array_append(cut.stored, sealed.stored->data, sealed.stored->len - lost[i]);
		expect_refused(&cut, &cut.expect, aigul, SEAL_ERROR_DIGEST);
		cut.expect.size = cut.stored->len;
		crypto_generichash(cut.expect.digest, SEAL_DIGEST, cut.stored->data, cut.stored->len, NULL, 0);
		expect_refused(&cut, &cut.expect, aigul, SEAL_ERROR_FORM);
		g_byte_array_unref(cut.stored);
	}
	sealed_clear(&sealed);
}

static void a_header_of_more_than_one_reader_is_refused(void)
{
	g_autoptr(GError) error = NULL;
	guint8 file_key[AGE_FILE_KEY] = {0};
	const char *const two[] = {age_identity_recipient(aigul), age_identity_recipient(chair), NULL};
	g_autofree char *header = age_header_write(file_key, two, NULL, &error);
	g_assert_no_error(error);
	SealExpect expect = {0};
	g_assert_null(seal_opener_new(header, strlen(header), age_identity_text(aigul), &expect, &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_FORM);
	g_clear_error(&error);
	const char *const one[] = {age_identity_recipient(aigul), NULL};
	g_autofree char *good = age_header_write(file_key, one, NULL, &error);
	g_autofree char *more = g_strconcat(good, "x", NULL);
	g_assert_null(seal_opener_new(more, strlen(more), age_identity_text(aigul), &expect, &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_FORM);
	g_clear_error(&error);
	g_autofree char *word = age_header_write_passphrase(file_key, "x", 1, 2, NULL, &error);
	g_assert_null(seal_opener_new(word, strlen(word), age_identity_text(aigul), &expect, &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_FORM);
}

static void a_recipient_of_another_kind_gets_no_header(void)
{
	static const char *const others[] = {
		"", "age1", "ssh-ed25519 AAAA", "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
		/* the neutral point: low order */
		"age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsdxzt2",
	};
	SealFields all = with_case();
	g_autoptr(GError) error = NULL;
	Sealed sealed = {.fd = -1};
	g_autoptr(SealBody) body = seal_body_new(&all, sink, &sealed, &error);
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		g_assert_null(seal_body_header(body, others[i], &error));
		g_assert_error(error, SEAL_ERROR, SEAL_ERROR_KEY);
		g_clear_error(&error);
	}
	g_autofree char *upper = g_ascii_strup(age_identity_recipient(aigul), -1);
	g_assert_null(seal_body_header(body, upper, &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_KEY);
}

static gboolean sink_without_disk(const guint8 *data, gsize size, gpointer user, GError **error)
{
	guint *left = user;
	(void)data;
	(void)size;
	if (*left > 0) {
		--*left;
		return TRUE;
	}
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no room");
	return FALSE;
}

static void a_sink_that_fails_ends_the_object(void)
{
	SealFields all = with_case();
	for (guint writes = 0; writes < 3; writes++) {
		g_autoptr(GByteArray) message = some_message(2 * 65536);
		g_autoptr(GError) error = NULL;
		guint left = writes;
		SealResult result = {0};
		g_autoptr(SealBody) body = seal_body_new(&all, sink_without_disk, &left, &error);
		gboolean good = seal_body_write(body, message->data, message->len, &error);
		good = good && seal_body_finish(body, &result, &error);
		g_assert_false(good);
		g_assert_error(error, SEAL_ERROR, SEAL_ERROR_SINK);
		g_clear_error(&error);
		g_assert_false(seal_body_write(body, "x", 1, &error));
		g_clear_error(&error);
		g_assert_false(seal_body_finish(body, &result, &error));
		g_autoptr(SealReplay) replay = seal_replay_new(body, -1);
		const guint8 *data;
		gsize size;
		g_assert_cmpint(seal_replay_next(replay, &data, &size, NULL), ==, -1);
	}
}

static void a_replay_of_an_altered_file_fails(void)
{
	g_autoptr(GByteArray) message = some_message(200000);
	SealFields all = with_case();
	g_autoptr(GError) error = NULL;
	Sealed sealed = {.stored = g_byte_array_new(), .fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR, 0600)};
	g_autoptr(SealBody) body = seal_body_new(&all, sink, &sealed, &error);
	g_assert_true(seal_body_write(body, message->data, message->len, &error));
	g_assert_true(seal_body_finish(body, &sealed.result, &error));
	guint8 octet;
	g_assert_cmpint(pread(sealed.fd, &octet, 1, 70000), ==, 1);
	octet ^= 1; /* any fixed octet would be the right one now and then */
	g_assert_cmpint(pwrite(sealed.fd, &octet, 1, 70000), ==, 1);
	g_autoptr(SealReplay) replay = seal_replay_new(body, sealed.fd);
	const guint8 *data;
	gsize size;
	g_assert_cmpint(seal_replay_next(replay, &data, &size, &error), ==, 1);
	g_assert_cmpint(seal_replay_next(replay, &data, &size, &error), ==, -1);
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_FORM);
	g_clear_error(&error);
	g_assert_cmpint(ftruncate(sealed.fd, 100000), ==, 0);
	g_autoptr(SealReplay) cut = seal_replay_new(body, sealed.fd);
	while (seal_replay_next(cut, &data, &size, &error) > 0)
		;
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_SINK);
	sealed_clear(&sealed);
}

static Record *some_card(gsize subject_size)
{
	Record *card = record_new();
	g_autofree char *subject = g_strnfill(subject_size, 's');
	record_add(card, "from-name", "Айгүл");
	record_add(card, "subject", subject);
	return card;
}

static void a_card_comes_back_as_its_record(void)
{
	static const gsize sizes[] = {0, 100, 1900, 3000, 50000, 59900};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(Record) card = some_card(sizes[i]);
		g_autoptr(GError) error = NULL;
		Sealed sealed = {.stored = g_byte_array_new(), .fd = -1};
		g_autoptr(SealCard) object = seal_card_new(case_id, card, &sealed.result, &error);
		g_assert_no_error(error);
		expect_result(&sealed, SEAL_PART_CARD);
		g_assert_true(sizes[i] > 1800 || sealed.result.size == payload_size(SEAL_CARD_MINIMUM));
		sealed.header = seal_card_header(object, age_identity_recipient(aigul), &error);
		g_autoptr(GByteArray) plain = open_with(&sealed, &sealed.expect, aigul, 65536, NULL, &error);
		g_assert_no_error(error);
		g_autoptr(Record) read = seal_parse_card(plain->data, plain->len, case_id, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(record_get(read, "subject"), ==, record_get(card, "subject"));
		g_assert_null(seal_parse_card(plain->data, plain->len, other_case, &error));
		g_assert_error(error, SEAL_ERROR, SEAL_ERROR_CASE);
		g_clear_error(&error);
		gsize offset, size;
		g_assert_false(seal_parse_body(plain->data, plain->len, case_id, NULL, &offset, &size, &error));
		g_assert_error(error, SEAL_ERROR, SEAL_ERROR_FORM);
		sealed_clear(&sealed);
	}
	g_autoptr(Record) long_card = some_card(60000);
	g_autoptr(GError) error = NULL;
	SealResult result;
	g_assert_null(seal_card_new(case_id, long_card, &result, &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_FORM);
}

/* The plaintext of a body, to be spoilt. */
static GByteArray *plain_body(gsize message_size)
{
	g_autoptr(GByteArray) message = some_message(message_size);
	Sealed sealed;
	seal(&sealed, message, 65536);
	GByteArray *plain = open_with(&sealed, &sealed.expect, aigul, 65536, NULL, NULL);
	sealed_clear(&sealed);
	return plain;
}

static void a_body_in_any_other_form_is_refused(void)
{
	g_autoptr(GByteArray) plain = plain_body(100);
	gsize offset, size;
	g_autoptr(GError) error = NULL;
	g_assert_true(seal_parse_body(plain->data, plain->len, case_id, NULL, &offset, &size, &error));
	g_assert_false(seal_parse_body(plain->data, plain->len, other_case, NULL, &offset, &size, &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_CASE);
	for (gsize cut = 0; cut < plain->len; cut++)
		g_assert_false(seal_parse_body(plain->data, cut, case_id, NULL, &offset, &size, NULL));
	gsize first = offset, end = offset + size;
	g_assert_cmpuint(end, <, plain->len - 27);
	/* Every octet that is not the message's, its length's or a field's value has one value it may take. */
	for (gsize at = end; at < plain->len; at++) {
		if (at >= plain->len - 18 && at < plain->len - 2)
			continue;
		plain->data[at] ^= 1;
		g_assert_false(seal_parse_body(plain->data, plain->len, case_id, NULL, &offset, &size, NULL));
		plain->data[at] ^= 1;
	}
	for (gsize at = 0; at < first; at++)
		if (plain->data[at] == '\r' || plain->data[at] == '\n' || plain->data[at] == ':' || plain->data[at] == '%') {
			plain->data[at] ^= 0x80;
			g_assert_false(seal_parse_body(plain->data, plain->len, case_id, NULL, &offset, &size, NULL));
			plain->data[at] ^= 0x80;
		}
	g_assert_true(seal_parse_body(plain->data, plain->len, case_id, NULL, &offset, &size, NULL));
}

static void digest_of(const char *received, const char *subject, const char *body, guint8 out[SEAL_DIGEST])
{
	g_autoptr(SealMessageDigest) digest = seal_message_digest_new();
	seal_message_digest_field(digest, "receiveD", received, strlen(received));
	seal_message_digest_field(digest, "Subject", subject, strlen(subject));
	if (body != NULL)
		seal_message_digest_body(digest, body, strlen(body));
	seal_message_digest_finish(digest, out);
}

static void a_retry_has_the_same_digest_and_nothing_else_has(void)
{
	guint8 one[SEAL_DIGEST], again[SEAL_DIGEST], other[SEAL_DIGEST], expected[SEAL_DIGEST];
	static const char whole[] = "Subject: x\r\n\r\nbody\r\n";
	digest_of("Received: a\r\n", "Subject: x\r\n", "body\r\n", one);
	digest_of("Received: b\r\n", "Subject: x\r\n", "body\r\n", again);
	crypto_generichash(expected, sizeof expected, (const guint8 *)whole, strlen(whole), NULL, 0);
	g_assert_cmpmem(one, sizeof one, again, sizeof again);
	g_assert_cmpmem(one, sizeof one, expected, sizeof expected);
	digest_of("Received: a\r\n", "Subject: y\r\n", "body\r\n", other);
	g_assert_true(memcmp(one, other, sizeof one) != 0);
	digest_of("Received: a\r\n", "Subject: x\r\n", "body", other);
	g_assert_true(memcmp(one, other, sizeof one) != 0);
	digest_of("Received: a\r\n", "Subject: x\r\n", NULL, one);
	digest_of("Received: a\r\n", "Subject: x\r\n", "", other);
	g_assert_cmpmem(one, sizeof one, other, sizeof other);
}

static void no_key_stays_in_the_slab(void)
{
	guint before = slab_taken();
	check_size(70000, 65536);
	a_card_comes_back_as_its_record();
	a_sink_that_fails_ends_the_object();
	g_assert_cmpuint(slab_taken(), ==, before);
}

/* Everything that needs a slot, with only `spare` of them left: each either works or says why not. TRUE where all did. */
static gboolean all_works(guint8 **slots, guint *taken, guint spare)
{
	SealFields all = with_case();
	SealResult result = {0};
	g_autoptr(GError) error = NULL, keys_error = NULL, custody_error = NULL, card_error = NULL;
	for (guint i = 0; i < spare; i++)
		slab_give(slots[--*taken]);
	g_autoptr(SealBody) body = seal_body_new(&all, sink, NULL, &error);
	g_assert_true(body != NULL || g_error_matches(error, SEAL_ERROR, SEAL_ERROR_MEMORY));
	g_autoptr(Record) record = some_card(10);
	g_autoptr(SealCard) card = seal_card_new(case_id, record, &result, &card_error);
	g_assert_true(card != NULL || g_error_matches(card_error, SEAL_ERROR, SEAL_ERROR_MEMORY));
	seal_result_clear(&result);
	g_autoptr(Keyfile) keys = keyfile_generate(&keys_error);
	g_assert_true(keys != NULL || g_error_matches(keys_error, KEYFILE_ERROR, KEYFILE_ERROR_MEMORY));
	g_autoptr(CustodyKey) custody = custody_key_generate(&custody_error);
	g_assert_true(custody != NULL || g_error_matches(custody_error, CUSTODY_ERROR, CUSTODY_ERROR_MEMORY));
	return body != NULL && card != NULL && keys != NULL && custody != NULL;
}

static int without_locked_memory(void)
{
	static guint8 *slots[100000];
	const struct rlimit none = {0, 0};
	guint taken = 0;
	/* Root may lock what it likes. */
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0))
		return 2;
	while (taken < G_N_ELEMENTS(slots) && (slots[taken] = slab_take()) != NULL)
		taken++;
	if (taken == G_N_ELEMENTS(slots))
		return 3;
	gboolean first = all_works(slots, &taken, 0), last = FALSE;
	for (guint spare = 1; spare < 10; spare++) {
		last = all_works(slots, &taken, spare);
		while ((slots[taken] = slab_take()) != NULL)
			taken++;
	}
	return !first && last ? 0 : 4;
}

static void where_no_memory_can_be_locked_nothing_is_sealed(void)
{
#ifdef SENIM_SANITIZED
	g_test_skip("the address sanitizer makes mlock() succeed always");
	return;
#endif
	pid_t child = fork();
	g_assert_cmpint(child, >=, 0);
	if (child == 0)
		_exit(without_locked_memory());
	int status;
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* --- sealed anew -------------------------------------------------------------------------------------------------- */

static const guint8 anew_ids[2][SEAL_CASE] = {{0xa1, 2, 3}, {0xa2, 2, 3}};

/* Opens `from` and seals it anew to chair, under the i-th id; what is expected of that keeps what arrived. */
static void seal_anew(const Sealed *from, guint i, const AgeIdentity *who, const AgeIdentity *reader, Sealed *into)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(SealOpener) opener =
		seal_opener_new(from->header, strlen(from->header), age_identity_text(who), &from->expect, &error);
	g_assert_no_error(error);
	g_assert_true(seal_opener_write(opener, from->stored->data, from->stored->len, plain, &error));
	g_assert_true(seal_opener_finish(opener, plain, &error));
	g_assert_no_error(error);
	*into = (Sealed){.stored = g_byte_array_new(), .fd = -1};
	g_autoptr(SealAnew) anew = seal_anew_new(opener, anew_ids[i], sink, into, &error);
	g_assert_no_error(error);
	for (guint at = 0; at < plain->len; at += 5000)
		g_assert_true(seal_anew_write(anew, plain->data + at, MIN(5000, plain->len - at), &error));
	g_assert_true(seal_anew_finish(anew, &into->result, &error));
	into->header = seal_anew_header(anew, age_identity_recipient(reader), &error);
	g_assert_no_error(error);
	expect_result(into, from->expect.part);
	into->expect.anew = TRUE;
	memcpy(into->expect.anew_id, anew_ids[i], SEAL_CASE);
	into->expect.arrival = from->expect.anew ? from->expect.arrival
	                                         : (SealState){.size = from->expect.size};
	if (!from->expect.anew) {
		memcpy(into->expect.arrival.digest, from->expect.digest, SEAL_DIGEST);
		memcpy(into->expect.arrival.key_check, from->expect.key_check, 32);
	}
	memcpy(into->result.body_check, from->result.body_check, 32); /* of the arrival, for open_with() */
}

/* Every edge of a chunk: of the arrival, and of what has a line more. */
static void what_is_sealed_anew_proves_what_arrived(void)
{
	static const gsize sizes[] = {0, 3000, 60000, 64900, 65100, 65250, 65400, 65509, 65536, 131072, 300001};
	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(GByteArray) message = some_message(sizes[i]);
		g_autoptr(GError) error = NULL;
		Sealed sealed, once, twice;
		seal(&sealed, message, 60000);
		g_autoptr(GByteArray) arrived = open_with(&sealed, &sealed.expect, aigul, 60000, NULL, &error);
		seal_anew(&sealed, 0, aigul, chair, &once);
		seal_anew(&once, 1, chair, aigul, &twice);
		g_assert_cmpuint(twice.expect.size, ==, payload_size(arrived->len + SEAL_ANEW_LINE));
		g_autoptr(GByteArray) plain = open_with(&once, &once.expect, chair, 1000, NULL, &error);
		g_assert_no_error(error);
		g_assert_cmpmem(plain->data, plain->len, arrived->data, arrived->len);
		g_autoptr(GByteArray) again = open_with(&twice, &twice.expect, aigul, 65536, NULL, &error);
		g_assert_no_error(error);
		g_assert_cmpmem(again->data, again->len, arrived->data, arrived->len);
		/* The headers of before open neither. */
		expect_refused(&once, &once.expect, aigul, SEAL_ERROR_KEY);
		sealed_clear(&sealed);
		sealed_clear(&once);
		sealed_clear(&twice);
	}
}

/* A registrar, or a reader who seals anew, that puts another thing in the place of what arrived. */
static void another_arrival_is_found(void)
{
	g_autoptr(GByteArray) message = some_message(70000);
	Sealed sealed, anew;
	seal(&sealed, message, 60000);
	seal_anew(&sealed, 0, aigul, chair, &anew);
	SealExpect expect = anew.expect;
	expect.arrival.digest[5] ^= 1;
	expect_refused(&anew, &expect, chair, SEAL_ERROR_DIGEST);
	expect = anew.expect;
	expect.arrival.size++;
	expect_refused(&anew, &expect, chair, SEAL_ERROR_DIGEST);
	expect = anew.expect;
	expect.arrival.key_check[0] ^= 1;
	expect_refused(&anew, &expect, chair, SEAL_ERROR_KEY);
	expect = anew.expect;
	expect.anew_id[0] ^= 1;
	expect_refused(&anew, &expect, chair, SEAL_ERROR_KEY);
	/* An arrival has no such line, and what was sealed anew is no arrival. */
	expect = sealed.expect;
	expect.anew = TRUE;
	memcpy(expect.anew_id, expect.case_id, SEAL_CASE);
	memcpy(expect.arrival.key_check, expect.key_check, 32);
	expect_refused(&sealed, &expect, aigul, SEAL_ERROR_FORM);
	sealed_clear(&sealed);
	sealed_clear(&anew);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	aigul = age_identity_generate(NULL);
	chair = age_identity_generate(NULL);
	g_test_add_func("/seal/what is sealed anew proves what arrived", what_is_sealed_anew_proves_what_arrived);
	g_test_add_func("/seal/another arrival is found", another_arrival_is_found);
	g_test_add_func("/seal/a message of any size comes back as it was", a_message_of_any_size_comes_back_as_it_was);
	g_test_add_func("/seal/the edge of the first chunk holds", the_edge_of_the_first_chunk_holds);
	g_test_add_func("/seal/pieces of any size make the same object", pieces_of_any_size_make_the_same_object);
	g_test_add_func("/seal/padding hides all but the magnitude", padding_hides_all_but_the_magnitude);
	g_test_add_func("/seal/what is another's opens nothing", what_is_anothers_opens_nothing);
	g_test_add_func("/seal/one changed bit opens nothing", one_changed_bit_opens_nothing);
	g_test_add_func("/seal/what is cut opens nothing", what_is_cut_opens_nothing);
	g_test_add_func("/seal/a header of more than one reader is refused", a_header_of_more_than_one_reader_is_refused);
	g_test_add_func("/seal/a recipient of another kind gets no header", a_recipient_of_another_kind_gets_no_header);
	g_test_add_func("/seal/a sink that fails ends the object", a_sink_that_fails_ends_the_object);
	g_test_add_func("/seal/a replay of an altered file fails", a_replay_of_an_altered_file_fails);
	g_test_add_func("/seal/a card comes back as its record", a_card_comes_back_as_its_record);
	g_test_add_func("/seal/a body in any other form is refused", a_body_in_any_other_form_is_refused);
	g_test_add_func("/seal/a retry has the same digest and nothing else has",
	                a_retry_has_the_same_digest_and_nothing_else_has);
	g_test_add_func("/seal/no key stays in the slab", no_key_stays_in_the_slab);
	g_test_add_func("/seal/where no memory can be locked nothing is sealed",
	                where_no_memory_can_be_locked_nothing_is_sealed);
	int code = g_test_run();
	age_identity_free(aigul);
	age_identity_free(chair);
	return code;
}
