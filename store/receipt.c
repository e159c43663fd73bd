/* SPDX-License-Identifier: ISC */
#include "store/receipt.h"

#include <sodium.h>
#include <string.h>

#include "base/bundle.h"
#include "store/base64.h"
#include "store/merkle.h"

G_DEFINE_QUARK(senim-receipt-error, receipt_error)

#define FIRST_LINE "c2sp.org/tlog-proof@v1"
#define PATH_MAX_HASHES MERKLE_LEVELS

void receipt_clear(Receipt *receipt)
{
	g_clear_pointer(&receipt->record, g_bytes_unref);
	g_clear_pointer(&receipt->inclusion, g_bytes_unref);
	g_free(receipt->note);
	sodium_memzero(receipt, sizeof *receipt);
}

static void append_base64(GString *out, const void *data, gsize size)
{
	g_autofree char *text = g_base64_encode(data, size);
	g_string_append(out, text);
	g_string_append_c(out, '\n');
	sodium_memzero(text, strlen(text));
}

char *receipt_write(const Receipt *receipt)
{
	gsize size;
	Entry entry;
	GString *out = g_string_new(FIRST_LINE "\nextra ");
	g_autoptr(GByteArray) extra = g_byte_array_new();
	g_return_val_if_fail(entry_decode(receipt->entry, &entry, NULL), NULL);
	g_byte_array_append(extra, receipt->entry, ENTRY_SIZE);
	const guint8 *data = receipt->record != NULL ? g_bytes_get_data(receipt->record, &size) : NULL;
	if (data != NULL) {
		g_byte_array_append(extra, receipt->salt, ENTRY_SALT);
		g_byte_array_append(extra, data, (guint)size);
	}
	append_base64(out, extra->data, extra->len);
	g_string_append_printf(out, "index %" G_GUINT64_FORMAT "\n", entry.seq);
	data = g_bytes_get_data(receipt->inclusion, &size);
	for (gsize i = 0; i < size; i += MERKLE_HASH)
		append_base64(out, data + i, MERKLE_HASH);
	g_string_append_c(out, '\n');
	g_string_append(out, receipt->note);
	return g_string_free(out, FALSE);
}

static gboolean fail(GError **error, ReceiptError code, const char *what)
{
	g_set_error_literal(error, RECEIPT_ERROR, code, what);
	return FALSE;
}

/* Strict base64; NULL where it is not. */
static GBytes *from_base64(const char *text)
{
	gsize length = strlen(text), most = length / 4 * 3 + 1;
	gsize size;
	g_autofree guint8 *data = g_malloc(most);
	if (!base64_read(text, length, TRUE, data, most, &size))
		return NULL;
	GBytes *bytes = bundle_secret_bytes(data, size);
	sodium_memzero(data, most);
	return bytes;
}

static gboolean read_extra(const char *line, Receipt *receipt)
{
	gsize size;
	g_autoptr(GBytes) extra = g_str_has_prefix(line, "extra ") ? from_base64(line + strlen("extra ")) : NULL;
	const guint8 *data = extra != NULL ? g_bytes_get_data(extra, &size) : NULL;
	if (data == NULL || (size != ENTRY_SIZE && size < ENTRY_SIZE + ENTRY_SALT))
		return FALSE;
	memcpy(receipt->entry, data, ENTRY_SIZE);
	if (size == ENTRY_SIZE)
		return TRUE;
	memcpy(receipt->salt, data + ENTRY_SIZE, ENTRY_SALT);
	receipt->record = bundle_secret_bytes(data + ENTRY_SIZE + ENTRY_SALT, size - ENTRY_SIZE - ENTRY_SALT);
	return TRUE;
}

static gboolean read_index(const char *line, guint64 *index)
{
	const char *digits = g_str_has_prefix(line, "index ") ? line + strlen("index ") : "";
	return (*digits != '0' || digits[1] == '\0') && strspn(digits, "0123456789") == strlen(digits) &&
	       g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64, index, NULL);
}

static gboolean read_path(char **lines, Receipt *receipt)
{
	g_autoptr(GByteArray) path = g_byte_array_new();
	for (guint i = 0; lines[i] != NULL; i++) {
		g_autoptr(GBytes) hash = i < PATH_MAX_HASHES ? from_base64(lines[i]) : NULL;
		if (hash == NULL || g_bytes_get_size(hash) != MERKLE_HASH)
			return FALSE;
		g_byte_array_append(path, g_bytes_get_data(hash, NULL), MERKLE_HASH);
	}
	receipt->inclusion = g_bytes_new(path->data, path->len);
	return TRUE;
}

static gboolean read_form(const char *text, Receipt *receipt, guint64 *index)
{
	const char *blank = strstr(text, "\n\n");
	if (blank == NULL)
		return FALSE;
	g_autofree char *head = g_strndup(text, (gsize)(blank - text));
	g_auto(GStrv) lines = g_strsplit(head, "\n", 0);
	receipt->note = g_strdup(blank + 2);
	return g_strv_length(lines) >= 3 && strcmp(lines[0], FIRST_LINE) == 0 && read_extra(lines[1], receipt) &&
	       read_index(lines[2], index) && read_path(lines + 3, receipt);
}

static gboolean verify(const Receipt *receipt, guint64 index, guint64 size, const guint8 root[MERKLE_HASH],
                       GError **error)
{
	Entry entry;
	guint8 leaf[ENTRY_HASH];
	gsize record_size = 0, path_size;
	const void *record = receipt->record != NULL ? g_bytes_get_data(receipt->record, &record_size) : NULL;
	const guint8 *path = g_bytes_get_data(receipt->inclusion, &path_size);
	if ((record != NULL && !entry_verify_commitment(receipt->entry, receipt->salt, record, record_size, error)) ||
	    !entry_decode(receipt->entry, &entry, error))
		return FALSE;
	entry_leaf(receipt->entry, leaf);
	if (entry.seq != index || !merkle_verify_inclusion(index, size, leaf, path, path_size / MERKLE_HASH, root))
		return fail(error, RECEIPT_ERROR_PROOF, "the entry of this receipt does not stand in the log that was signed");
	return TRUE;
}

gboolean receipt_read(const char *text, gsize size, const NoteVerifier *verifier, Receipt *receipt, GError **error)
{
	guint64 index, tree_size;
	guint8 root[NOTE_ROOT];
	g_autofree char *copy = g_strndup(text, MIN(size, (gsize)RECEIPT_MAX + 1));
	g_auto(Receipt) read = {.record = NULL};
	const char *proof = copy;
	if (!g_str_has_prefix(copy, FIRST_LINE "\n")) { /* behind what is written to whoever reads it */
		const char *line = strstr(copy, "\n" FIRST_LINE "\n");
		proof = line != NULL ? line + 1 : copy;
	}
	if (size > RECEIPT_MAX || strlen(copy) != size || !read_form(proof, &read, &index))
		return fail(error, RECEIPT_ERROR_FORM, "not a receipt (c2sp.org/tlog-proof@v1)");
	if (!note_verify_checkpoint(read.note, verifier, &tree_size, root, error) ||
	    !verify(&read, index, tree_size, root, error))
		return FALSE;
	read.size = tree_size;
	*receipt = read;
	memset(&read, 0, sizeof read);
	return TRUE;
}
