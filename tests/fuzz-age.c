/* SPDX-License-Identifier: ISC */
/* Everything of store/ that reads octets of a sealed object or a key: header, armor, payload, body, card, key file.
 *
 * The first octet chooses what the rest is given to. Whatever is accepted must have one spelling, or come back. */
#include <glib.h>
#include <sodium.h>
#include <string.h>

#include "store/age.h"
#include "store/armor.h"
#include "store/custody.h"
#include "store/escrow.h"
#include "store/keyfile.h"
#include "store/payload.h"
#include "store/seal.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static const char identity_text[] = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0";
static const guint8 case_id[SEAL_CASE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void try_file(const guint8 *data, gsize size)
{
	g_autoptr(AgeIdentity) identity = age_identity_parse(identity_text, NULL);
	gsize used;
	g_autoptr(AgeHeader) header = age_header_read(data, size, &used, NULL);
	if (header != NULL) {
		guint8 file_key[AGE_FILE_KEY];
		g_assert_cmpuint(used, <=, size);
		age_header_unwrap(header, identity, file_key, NULL);
		/* Work 4: the fuzzer is to read stanzas, not to measure scrypt. */
		age_header_unwrap_passphrase(header, "password", 8, 4, file_key, NULL);
	}
	g_autoptr(GBytes) opened = age_file_open(data, size, identity, NULL);
	g_autoptr(Escrow) escrow = escrow_open(data, size, identity_text, NULL);
	g_assert_true(escrow == NULL || opened != NULL);
}

static void try_armor(const guint8 *data, gsize size)
{
	g_autoptr(GBytes) binary = armor_read(data, size, NULL);
	if (binary != NULL)
		g_assert_cmpuint(g_bytes_get_size(binary), <, size);
}

/* A payload under a known key, in two ways of cutting it: both say the same. */
static void try_payload(const guint8 *data, gsize size)
{
	static const guint8 file_key[AGE_FILE_KEY] = "YELLOW SUBMARINE";
	static const gsize steps[] = {G_MAXSIZE / 2, 7};
	gboolean good[2];
	g_autoptr(GByteArray) whole = g_byte_array_new();
	g_autoptr(GByteArray) pieces = g_byte_array_new();
	GByteArray *outs[] = {whole, pieces};
	for (guint i = 0; i < 2; i++) {
		g_autoptr(PayloadReader) reader = payload_reader_new(file_key);
		good[i] = TRUE;
		for (gsize at = 0; good[i] && at < size; at += steps[i])
			good[i] = payload_reader_write(reader, data + at, MIN(steps[i], size - at), outs[i], NULL);
		good[i] = good[i] && payload_reader_finish(reader, outs[i], NULL);
	}
	g_assert_true(good[0] == good[1]);
	g_assert_cmpmem(whole->data, whole->len, pieces->data, pieces->len);
}

static void try_plain(const guint8 *data, gsize size)
{
	gsize offset, message;
	g_autoptr(Record) fields = NULL;
	if (seal_parse_body(data, size, case_id, &fields, &offset, &message, NULL)) {
		g_assert_cmpuint(offset, <=, size);
		g_assert_cmpuint(message, <=, size - offset);
		g_assert_nonnull(record_get(fields, "client"));
	}
	g_autoptr(Record) card = seal_parse_card(data, size, case_id, NULL);
	g_assert_true(card == NULL || fields == NULL);
}

static void try_keys(const guint8 *data, gsize size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autoptr(Keyfile) keys = keyfile_parse(data, size, NULL);
	if (keys != NULL)
		g_assert_true(g_str_has_prefix(keyfile_body_identity(keys), "AGE-SECRET-KEY-1"));
	g_autoptr(KeyfilePublic) half = keyfile_public_parse(data, size, NULL);
	g_autoptr(CustodyKey) custody = custody_key_parse(text, NULL);
	if (custody != NULL) {
		g_autofree char *spelling = custody_key_text(custody);
		g_autoptr(CustodyKey) again = custody_key_parse(spelling, NULL);
		g_assert_nonnull(again);
	}
	if (half != NULL) {
		gsize again;
		g_autoptr(Record) record = keyfile_public_record(half);
		g_autofree char *out = record_write(record, &again);
		g_assert_cmpmem(out, again, data, size);
	}
}

static void try_custody(const guint8 *data, gsize size)
{
	static const guint8 id[16] = {1};
	const CustodyPlace place = {id, id, 0, "age1x", 1};
	guint8 octets[CUSTODY_KEY] = {7};
	g_autoptr(CustodyKey) key = custody_key_new(octets, NULL);
	g_autoptr(GBytes) header = custody_header_unwrap(key, &place, data, size, NULL);
	g_autoptr(GBytes) row = custody_open(key, id, CUSTODY_OUTBOX, NULL, 0, data, size, NULL);
	g_assert_true(header == NULL || row == NULL);
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static void (*const targets[])(const guint8 *, gsize) = {try_file,  try_armor, try_payload,
	                                                         try_plain, try_keys,  try_custody};
	if (size == 0)
		return 0;
	targets[data[0] % G_N_ELEMENTS(targets)](data + 1, size - 1);
	return 0;
}
