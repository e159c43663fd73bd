/* SPDX-License-Identifier: ISC */
#include "store/seal-anew.h"

#include <string.h>

#include "store/seal-writer.h"
#include "store/slab.h"

#define NAME "X-Senim-Arrived: "
#define HEX_KEY (2 * (AGE_FILE_KEY + PAYLOAD_NONCE))
G_STATIC_ASSERT(SEAL_ANEW_LINE == sizeof NAME - 1 + HEX_KEY + 2);

struct SealAnew {
	SealWriter writer; /* first: aligned to 64 */
	SealKey *key;
};

static gboolean fail(SealErrorCode code, const char *what, GError **error)
{
	g_set_error(error, SEAL_ERROR, (gint)code, "%s", what);
	return FALSE;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

SealKey *seal_anew_read_line(SealPart part, const guint8 case_id[SEAL_CASE], const guint8 *plain, gsize size,
                             guint8 nonce[PAYLOAD_NONCE], GError **error)
{
	const char *text = (const char *)plain, *hex = text + sizeof NAME - 1;
	gsize got = 0;
	SealKey *key = NULL;
	/* One spelling: lower case. */
	gboolean good = size >= SEAL_ANEW_LINE && memcmp(text, NAME, sizeof NAME - 1) == 0 &&
	                memcmp(text + SEAL_ANEW_LINE - 2, "\r\n", 2) == 0;
	for (gsize i = 0; good && i < HEX_KEY; i++)
		good = g_ascii_isdigit(hex[i]) || (hex[i] >= 'a' && hex[i] <= 'f');
	if (!good) {
		fail(SEAL_ERROR_FORM, "what was sealed anew does not say how it arrived", error);
		return NULL;
	}
	guint8 *octets = slab_take();
	if (octets == NULL) {
		fail(SEAL_ERROR_MEMORY, SLAB_ADVICE, error);
		return NULL;
	}
	if (sodium_hex2bin(octets, AGE_FILE_KEY + PAYLOAD_NONCE, hex, HEX_KEY, NULL, &got, NULL) == 0) {
		memcpy(nonce, octets + AGE_FILE_KEY, PAYLOAD_NONCE);
		key = seal_key_of(part, case_id, octets, error);
	}
	slab_give(octets);
	return key;
}

static gboolean write_line(SealAnew *anew, const SealKey *arrival, const guint8 nonce[PAYLOAD_NONCE], GError **error)
{
	char *line = slab_take(); /* of 128 octets */
	G_STATIC_ASSERT(SEAL_ANEW_LINE < SLAB_SLOT);
	if (line == NULL)
		return fail(SEAL_ERROR_MEMORY, SLAB_ADVICE, error);
	char *at = line + sizeof NAME - 1;
	memcpy(line, NAME, sizeof NAME - 1);
	sodium_bin2hex(at, 2 * AGE_FILE_KEY + 1, seal_key_octets(arrival), AGE_FILE_KEY);
	sodium_bin2hex(at + 2 * AGE_FILE_KEY, 2 * PAYLOAD_NONCE + 1, nonce, PAYLOAD_NONCE);
	memcpy(line + SEAL_ANEW_LINE - 2, "\r\n", 2);
	gboolean done = seal_writer_add(&anew->writer, line, SEAL_ANEW_LINE, error);
	slab_give(line);
	return done;
}

/* --- the object --------------------------------------------------------------------------------------------------- */

SealAnew *seal_anew_new(const SealOpener *opener, const guint8 id[SEAL_CASE], SealSink sink, gpointer user, GError **error)
{
	guint8 nonce[PAYLOAD_NONCE];
	const SealKey *arrival = seal_opener_origin(opener, nonce);
	SealAnew *anew = g_aligned_alloc0(1, sizeof *anew, 64);
	anew->key = seal_key_new(seal_key_part(arrival), id, error);
	if (anew->key == NULL || !seal_writer_init(&anew->writer, anew->key, NULL, sink, user, error) ||
	    !write_line(anew, arrival, nonce, error))
		g_clear_pointer(&anew, seal_anew_free);
	return anew;
}

void seal_anew_free(SealAnew *anew)
{
	if (anew == NULL)
		return;
	seal_writer_clear(&anew->writer);
	seal_key_free(anew->key);
	g_aligned_free(anew);
}

gboolean seal_anew_write(SealAnew *anew, const void *data, gsize size, GError **error)
{
	return seal_writer_add(&anew->writer, data, size, error);
}

gboolean seal_anew_finish(SealAnew *anew, SealResult *result, GError **error)
{
	if (!seal_writer_end(&anew->writer, result, error))
		return FALSE;
	seal_key_check(anew->key, result->key_check);
	return TRUE;
}

char *seal_anew_header(const SealAnew *anew, const char *recipient, GError **error)
{
	return seal_key_header(anew->key, recipient, error);
}
