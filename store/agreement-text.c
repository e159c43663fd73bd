/* SPDX-License-Identifier: ISC */
#include "store/agreement-text.h"

#include <sodium.h>

static gboolean is_plain(const char *text, gsize size)
{
	if (size == 0 || size > AGREEMENT_TEXT_MAX || !g_utf8_validate(text, (gssize)size, NULL))
		return FALSE;
	for (gsize i = 0; i < size; i++)
		if (g_ascii_iscntrl(text[i]) && text[i] != '\n' && text[i] != '\t')
			return FALSE;
	return TRUE;
}

char *agreement_text_read(const Config *config, char digest[65], GError **error)
{
	g_autofree char *text = NULL;
	gsize size;
	guint8 hash[32];
	if (config->agreement[0] == '\0' || !g_file_get_contents(config->agreement, &text, &size, error))
		return NULL;
	if (!is_plain(text, size)) {
		g_set_error(error, CONFIG_ERROR, 0, "%s is empty, larger than 64 KiB or no plain UTF-8 text: name another with agreement =",
		            config->agreement);
		return NULL;
	}
	crypto_generichash(hash, sizeof hash, (const guint8 *)text, size, NULL, 0);
	sodium_bin2hex(digest, 65, hash, sizeof hash);
	return g_steal_pointer(&text);
}
