/* SPDX-License-Identifier: ISC */
#include "cli/addressees.h"

#include <string.h>

#include "cli/language.h"

/* "Name <address>" or "address": the address (borrowed span). */
static const char *address_of(const char *text, gsize *size)
{
	const char *open = strrchr(text, '<'), *end = open != NULL ? strchr(open, '>') : NULL;
	const char *start = end != NULL ? open + 1 : text;
	*size = end != NULL ? (gsize)(end - start) : strlen(text);
	return start;
}

/* Is it this trust mailbox, in a spelling that brought the letter here? */
static gboolean is_ours(const Record *fields, const char *mailbox, const char *address, gsize size)
{
	const char *to;
	if (strlen(mailbox) == size && g_ascii_strncasecmp(mailbox, address, size) == 0)
		return TRUE;
	for (guint i = 0; (to = record_get_nth(fields, "envelope-to", i)) != NULL; i++)
		if (strlen(to) == size && g_ascii_strncasecmp(to, address, size) == 0)
			return TRUE;
	return FALSE;
}

GPtrArray *addressees_others(const Bundle *view, const Record *fields, const char *mailbox)
{
	static const char *const keys[] = {"to", "cc"};
	GPtrArray *others = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	for (gsize k = 0; k < G_N_ELEMENTS(keys); k++) {
		const char *line;
		for (guint i = 0; (line = record_get_nth(bundle_record(view), keys[k], i)) != NULL; i++) {
			gsize size;
			const char *address = address_of(line, &size);
			if (size > 0 && !is_ours(fields, mailbox, address, size))
				g_ptr_array_add(others, g_strdup(line));
		}
	}
	return others;
}

WipeText *addressees_sentence(const GPtrArray *others)
{
	g_autoptr(WipeBuffer) sentence = wipe_buffer_new(1024);
	if (others->len == 0)
		return g_strdup(_("The letter names nobody else as its addressee."));
	wipe_buffer_add_text(sentence, _("The letter also went to: "));
	for (guint i = 0; i < others->len; i++) {
		wipe_buffer_add_text(sentence, i > 0 ? ", " : "");
		wipe_buffer_add_text(sentence, others->pdata[i]);
	}
	wipe_buffer_add_text(sentence, ".");
	return g_strdup(wipe_buffer_data(sentence));
}
