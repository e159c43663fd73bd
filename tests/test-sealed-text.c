/* SPDX-License-Identifier: ISC */
/* What a person types, sealed: through a request into a record, and out again by its readers alone. */
#include <glib.h>
#include <string.h>

#include "store/keyfile.h"
#include "store/sealed-text.h"

#define WORDS "Өтініште аты аталған: Асқар Серікұлы\n№ 5 бұйрық"

typedef struct {
	AgeIdentity *aigul, *supervisor, *stranger;
} Keys;

static void keys_make(Keys *keys)
{
	keys->aigul = age_identity_generate(NULL);
	keys->supervisor = age_identity_generate(NULL);
	keys->stranger = age_identity_generate(NULL);
}

static void keys_clear(Keys *keys)
{
	age_identity_free(keys->aigul);
	age_identity_free(keys->supervisor);
	age_identity_free(keys->stranger);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Keys, keys_clear)

static SealedText *seal(const Keys *keys, SealPart part, const char *words)
{
	SealedText *text = sealed_text_new(part, words, NULL);
	g_assert_nonnull(text);
	g_assert_true(sealed_text_add_reader(text, "supervisor", age_identity_recipient(keys->supervisor), NULL));
	g_assert_true(sealed_text_add_reader(text, "aigul", age_identity_recipient(keys->aigul), NULL));
	return text;
}

static const char *header_of(const SealedText *text, const char *reader)
{
	for (guint i = 0; i < text->headers->len; i++) {
		const SealedTextHeader *header = text->headers->pdata[i];
		if (strcmp(header->reader, reader) == 0)
			return header->header;
	}
	return NULL;
}

static void each_reader_opens_what_the_record_keeps_and_nobody_else_does(void)
{
	g_auto(Keys) keys = {0};
	keys_make(&keys);
	g_autoptr(SealedText) new = seal(&keys, SEAL_PART_TEXT, WORDS), taken = NULL;
	g_autoptr(json_t) body = json_object(), attached = json_object();
	sealed_text_put(new, SEAL_PART_TEXT, body, attached);
	g_assert_true(sealed_text_take(SEAL_PART_TEXT, body, attached, &taken));
	g_autoptr(Record) record = record_new();
	sealed_text_record(taken, record);
	gsize size;
	g_autofree char *written = record_write(record, &size);
	g_assert_null(strstr(written, "Асқар"));
	g_assert_cmpuint(record_count(record, "text-header"), ==, 2);
	g_autoptr(SealedText) kept = sealed_text_from_record(SEAL_PART_TEXT, record, NULL);
	g_assert_nonnull(kept);
	const struct {
		const char *name;
		const AgeIdentity *identity;
	} readers[] = {{"aigul", keys.aigul}, {"supervisor", keys.supervisor}};
	for (gsize i = 0; i < G_N_ELEMENTS(readers); i++) {
		const char *header = header_of(taken, readers[i].name);
		g_autoptr(GBytes) clear = sealed_text_open(kept, header, strlen(header), age_identity_text(readers[i].identity), NULL);
		g_assert_nonnull(clear);
		g_assert_cmpmem(g_bytes_get_data(clear, NULL), g_bytes_get_size(clear), WORDS, strlen(WORDS));
		g_autoptr(GError) error = NULL;
		g_assert_null(sealed_text_open(kept, header, strlen(header), age_identity_text(keys.stranger), &error));
		g_assert_error(error, SEAL_ERROR, SEAL_ERROR_KEY);
	}
}

static void a_text_s_size_says_little(void)
{
	g_auto(Keys) keys = {0};
	keys_make(&keys);
	g_autofree char *longest = g_strnfill(SEALED_TEXT_MAX, 'x'), *longer = g_strnfill(SEALED_TEXT_MAX + 1, 'x');
	g_autoptr(SealedText) one = seal(&keys, SEAL_PART_GROUND, "x"), more = seal(&keys, SEAL_PART_GROUND, WORDS),
	                      most = seal(&keys, SEAL_PART_GROUND, longest);
	g_assert_cmpuint(g_bytes_get_size(one->payload), ==, g_bytes_get_size(more->payload));
	g_autoptr(Record) record = record_new();
	sealed_text_record(most, record);
	gsize size;
	g_autofree char *written = record_write(record, &size);
	g_assert_cmpuint(size, <, 48000); /* leaves a ground's text its room within a record of 60,000 */
	g_assert_null(sealed_text_new(SEAL_PART_TEXT, longer, NULL));
	g_assert_null(sealed_text_new(SEAL_PART_TEXT, "", NULL));
	g_assert_null(sealed_text_new(SEAL_PART_TEXT, "a\x1b[2J", NULL));
	g_assert_null(sealed_text_new(SEAL_PART_TEXT, "a\xff", NULL));
}

static void a_header_of_another_text_or_part_opens_nothing(void)
{
	g_auto(Keys) keys = {0};
	keys_make(&keys);
	g_autoptr(SealedText) text = seal(&keys, SEAL_PART_TEXT, WORDS), other = seal(&keys, SEAL_PART_TEXT, WORDS);
	const char *header = header_of(other, "aigul"), *own = header_of(text, "aigul");
	g_autoptr(GError) error = NULL;
	g_assert_null(sealed_text_open(text, header, strlen(header), age_identity_text(keys.aigul), &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_KEY);
	g_clear_error(&error);
	text->part = SEAL_PART_GROUND; /* a note shown as somebody's ground */
	g_assert_null(sealed_text_open(text, own, strlen(own), age_identity_text(keys.aigul), &error));
	g_assert_error(error, SEAL_ERROR, SEAL_ERROR_KEY);
}

static json_t *text_in(json_t *body)
{
	return json_object_get(body, "text");
}

static void a_request_of_another_form_is_not_taken(void)
{
	static const char *const hands[] = {"id", "check", "payload", "no header", "another header", "unknown", "no readers",
	                                    "a reader with a blank"};
	for (gsize i = 0; i < G_N_ELEMENTS(hands); i++) {
		g_auto(Keys) keys = {0};
		keys_make(&keys);
		g_autoptr(SealedText) text = seal(&keys, SEAL_PART_TEXT, WORDS), taken = NULL;
		g_autoptr(json_t) body = json_object(), attached = json_object();
		sealed_text_put(text, SEAL_PART_TEXT, body, attached);
		json_t *headers = json_object_get(text_in(body), "headers");
		const char *digest = json_string_value(json_object_get(headers, "aigul"));
		g_test_message("%s", hands[i]);
		if (i <= 2)
			json_object_set_new(text_in(body), hands[i], json_string("00"));
		else if (i == 3)
			json_object_del(attached, digest);
		else if (i == 4)
			json_object_set_new(attached, digest, json_string(header_of(text, "supervisor")));
		else if (i == 5)
			json_object_set_new(text_in(body), "more", json_null());
		else if (i == 6)
			json_object_clear(headers);
		else
			json_object_set(headers, "ai gul", json_object_get(headers, "aigul"));
		g_assert_false(sealed_text_take(SEAL_PART_TEXT, body, attached, &taken));
		g_assert_null(taken);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sealed-text/each reader opens what the record keeps, and nobody else does",
	                each_reader_opens_what_the_record_keeps_and_nobody_else_does);
	g_test_add_func("/sealed-text/a text's size says little", a_text_s_size_says_little);
	g_test_add_func("/sealed-text/a header of another text or part opens nothing",
	                a_header_of_another_text_or_part_opens_nothing);
	g_test_add_func("/sealed-text/a request of another form is not taken", a_request_of_another_form_is_not_taken);
	return g_test_run();
}
