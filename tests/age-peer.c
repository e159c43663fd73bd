/* SPDX-License-Identifier: ISC */
/* What tests/age-interop.sh lets meet the stock age tool. Standard input to standard output:
 *
 *   age-peer seal RECIPIENT...        a file for them
 *   age-peer open IDENTITY-FILE       a file opened with the file's last line
 *   age-peer body RECIPIENT           a message as a sealed body, header and payload in one
 *   age-peer card RECIPIENT           a card whose subject is the input
 *   age-peer keygen FILE [PASSPHRASE] FILE and FILE.pub
 *   age-peer keys FILE [PASSPHRASE]   its two recipients
 *   age-peer custody SOURCE [FILE]    the custody key from there, saved in FILE */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/age.h"
#include "store/custody.h"
#include "store/keyfile.h"
#include "store/seal.h"

static const guint8 case_id[SEAL_CASE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void die(const GError *error)
{
	fprintf(stderr, "age-peer: %s\n", error != NULL ? error->message : "usage");
	exit(1);
}

static GByteArray *read_input(void)
{
	GByteArray *in = g_byte_array_new();
	guint8 piece[65537];
	size_t got;
	while ((got = fread(piece, 1, sizeof piece, stdin)) > 0)
		g_byte_array_append(in, piece, (guint)got);
	return in;
}

static void put(const void *data, gsize size)
{
	if (fwrite(data, 1, size, stdout) != size || fflush(stdout) != 0)
		die(NULL);
}

static void put_bytes(GBytes *bytes)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	put(data, size);
}

static void seal_file(char **recipients)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) in = read_input();
	g_autoptr(GBytes) file = age_file_seal(in->data, in->len, (const char *const *)recipients, &error);
	if (file == NULL)
		die(error);
	put_bytes(file);
}

static void open_file(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, &error))
		die(error);
	g_strchomp(text);
	const char *last = strrchr(text, '\n');
	g_autoptr(AgeIdentity) identity = age_identity_parse(last != NULL ? last + 1 : text, &error);
	g_autoptr(GByteArray) in = read_input();
	g_autoptr(GBytes) plain = identity != NULL ? age_file_open(in->data, in->len, identity, &error) : NULL;
	if (plain == NULL)
		die(error);
	put_bytes(plain);
}

static gboolean to_array(const guint8 *data, gsize size, gpointer user, GError **error)
{
	(void)error;
	g_byte_array_append(user, data, (guint)size);
	return TRUE;
}

static void seal_body(const char *recipient)
{
	static const char *const to[] = {"senim@kmo.kz", NULL};
	SealFields fields = {.mailbox = "senim@kmo.kz", .envelope_from = "a@b.kz", .envelope_to = to};
	SealResult result = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) in = read_input();
	g_autoptr(GByteArray) payload = g_byte_array_new();
	memcpy(fields.case_id, case_id, SEAL_CASE);
	g_autoptr(SealBody) body = seal_body_new(&fields, to_array, payload, &error);
	if (body == NULL || !seal_body_write(body, in->data, in->len, &error) || !seal_body_finish(body, &result, &error))
		die(error);
	g_autofree char *header = seal_body_header(body, recipient, &error);
	if (header == NULL)
		die(error);
	put(header, strlen(header));
	if (result.payload != NULL)
		put_bytes(result.payload);
	else
		put(payload->data, payload->len);
	seal_result_clear(&result);
}

static void seal_card(const char *recipient)
{
	SealResult result;
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) in = read_input();
	g_byte_array_append(in, (const guint8 *)"", 1);
	g_autoptr(Record) record = record_new();
	record_add(record, "subject", (const char *)in->data);
	g_autoptr(SealCard) card = seal_card_new(case_id, record, &result, &error);
	g_autofree char *header = card != NULL ? seal_card_header(card, recipient, &error) : NULL;
	if (header == NULL)
		die(error);
	put(header, strlen(header));
	put_bytes(result.payload);
	seal_result_clear(&result);
}

static void make_keys(const char *path, const char *passphrase)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_generate(&error);
	g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
	if (keys == NULL || !keyfile_write(keys, path, passphrase, passphrase != NULL ? strlen(passphrase) : 0, &error))
		die(error);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	if (!keyfile_public_write(half, public_path, &error))
		die(error);
}

static void show_keys(const char *path, const char *passphrase)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Keyfile) keys = keyfile_read(path, passphrase, passphrase != NULL ? strlen(passphrase) : 0, &error);
	if (keys == NULL)
		die(error);
	g_autoptr(KeyfilePublic) half = keyfile_public(keys, 0);
	printf("%s\n%s\n", half->body, half->card);
}

static void load_custody(const char *source, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(CustodyKey) key = custody_key_load(source, &error);
	if (key == NULL || (path != NULL && !custody_key_save(key, path, &error)))
		die(error);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";
	if (strcmp(verb, "seal") == 0)
		seal_file(argv + 2);
	else if (strcmp(verb, "open") == 0)
		open_file(argv[2]);
	else if (strcmp(verb, "body") == 0)
		seal_body(argv[2]);
	else if (strcmp(verb, "card") == 0)
		seal_card(argv[2]);
	else if (strcmp(verb, "keygen") == 0)
		make_keys(argv[2], argc > 3 ? argv[3] : NULL);
	else if (strcmp(verb, "keys") == 0)
		show_keys(argv[2], argc > 3 ? argv[3] : NULL);
	else if (strcmp(verb, "custody") == 0)
		load_custody(argv[2], argc > 3 ? argv[3] : NULL);
	else
		die(NULL);
	return 0;
}
