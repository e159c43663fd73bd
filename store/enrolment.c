/* SPDX-License-Identifier: ISC */
#include "store/enrolment.h"

#include <sodium.h>
#include <string.h>

static gint by_octets(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void enrolment_hash(const char *store, const char *const *logs, const char *body, const char *card, const guint8 sign[32],
                    guint8 hash[ENROLMENT_HASH])
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	for (; *logs != NULL; logs++)
		g_ptr_array_add(sorted, (gpointer)*logs);
	g_ptr_array_sort(sorted, by_octets);
	g_autoptr(GString) text = g_string_new("senim-enrolment/1\n");
	g_string_append_printf(text, "%s\n", store);
	for (guint i = 0; i < sorted->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)sorted->pdata[i]);
	g_autofree char *key = g_base64_encode(sign, 32);
	g_string_append_printf(text, "\n%s\n%s\n%s\n", body, card, key);
	crypto_generichash(hash, ENROLMENT_HASH, (const guint8 *)text->str, text->len, NULL, 0);
}
