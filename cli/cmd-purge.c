/* SPDX-License-Identifier: ISC */
/* senim purge: destroys the files that were exported here, and enters that they are gone. */
#include <string.h>

#include "base/escape.h"
#include "cli/exports.h"
#include "cli/opening.h"
#include "cli/output.h"

#define GROUND "purge" /* destroying a copy opens nothing and needs no other */

/* What became of one, for a person and a program. */
static void report(const Export *one, gboolean gone, json_t *list, WipeBuffer *out)
{
	g_autofree char *path = escape_text(one->path, -1, ESCAPE_LINE);
	g_autofree char *line = g_strdup_printf(gone ? _("%s was not there any more.\n") : _("%s is destroyed.\n"), path);
	wipe_buffer_add_text(out, line);
	json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:b}", "file", output_string(one->path, strlen(one->path)),
	                                      "mailbox", output_value(one->mailbox), "entry", (json_int_t)one->entry,
	                                      "was_there", !gone));
}

/* The files of one mailbox, then their entry, then the list: whatever fails is there to be purged again. */
static gboolean purge_mailbox(Session *session, GPtrArray *exports, json_t *list, WipeBuffer *out, GError **error)
{
	const Export *first = exports->pdata[0];
	json_t *entries = json_array();
	g_autoptr(Record) own = record_new();
	gboolean done = TRUE;
	for (guint i = 0; done && i < exports->len; i++) {
		gboolean gone;
		const Export *one = exports->pdata[i];
		done = exports_destroy(one, &gone, error);
		if (!done)
			break;
		report(one, gone, list, out);
		json_array_append_new(entries, json_integer((json_int_t)one->entry));
		record_add_uint(own, "export", one->entry);
	}
	json_t *body = json_pack("{s:o}", "exports", entries);
	if (done)
		return opening_act_of(session, first->mailbox, ENTRY_PURGED, "/v1/purged", body, own, GROUND, error) &&
		       exports_forget(exports, error);
	json_decref(body);
	return FALSE;
}

gboolean cmd_purge(Cli *cli, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	GPtrArray *all = session != NULL ? exports_load(error) : NULL;
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	json_t *list = json_array();
	gboolean done = all != NULL;
	while (done && all->len > 0) {
		g_autoptr(GPtrArray) some = g_ptr_array_new();
		const char *mailbox = ((const Export *)all->pdata[0])->mailbox;
		for (guint i = 0; i < all->len; i++)
			if (strcmp(((const Export *)all->pdata[i])->mailbox, mailbox) == 0)
				g_ptr_array_add(some, all->pdata[i]);
		done = purge_mailbox(session, some, list, out, error);
		for (guint i = 0; done && i < some->len; i++)
			g_ptr_array_remove(all, some->pdata[i]);
	}
	exports_free(all);
	if (done && options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o}", "purged", list), error);
	if (done && json_array_size(list) == 0)
		wipe_buffer_add_text(out, _("No exported file is left.\n"));
	json_decref(list);
	return output_said(wipe_buffer_data(out), done ? error : NULL) && done;
}
