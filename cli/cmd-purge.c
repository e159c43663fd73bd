/* SPDX-License-Identifier: ISC */
/* senim purge: destroys the files that were exported here, enters that they are gone, and says what of hers the register
 * still calls for: what was exported on another machine, or --gone in another way. */
#include <string.h>

#include "base/escape.h"
#include "cli/exports.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/staff.h"

#define GROUND_PURGE "purge" /* destroying a copy opens nothing and needs no other ground */
#define GROUND_GONE "gone"   /* her word alone: there was no file here to destroy */

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

static gboolean enter(Session *session, const char *mailbox, const GArray *entries, const char *ground, GError **error)
{
	json_t *list = json_array();
	g_autoptr(Record) own = record_new();
	for (guint i = 0; i < entries->len; i++) {
		json_array_append_new(list, json_integer((json_int_t)g_array_index(entries, guint64, i)));
		record_add_uint(own, "export", g_array_index(entries, guint64, i));
	}
	return opening_act_of(session, mailbox, ENTRY_PURGED, "/v1/purged", json_pack("{s:o}", "exports", list), own, ground, error);
}

/* --- files of this machine ---------------------------------------------------------------------------------------------- */

/* A kit and the original beside it are one export. */
static gboolean has_entry(const GArray *entries, guint64 entry)
{
	for (guint i = 0; i < entries->len; i++)
		if (g_array_index(entries, guint64, i) == entry)
			return TRUE;
	return FALSE;
}

/* The files of one mailbox, then their entry, then the list: whatever fails is there to be purged again. */
static gboolean purge_mailbox(Session *session, GPtrArray *exports, json_t *list, WipeBuffer *out, GError **error)
{
	const Export *first = exports->pdata[0];
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = 0; i < exports->len; i++) {
		gboolean gone;
		const Export *one = exports->pdata[i];
		if (!exports_destroy(one, &gone, error))
			return FALSE;
		report(one, gone, list, out);
		if (!has_entry(entries, one->entry))
			g_array_append_val(entries, one->entry);
	}
	return enter(session, first->mailbox, entries, GROUND_PURGE, error) && exports_forget(exports, error);
}

static gboolean purge_files(Session *session, json_t *list, WipeBuffer *out, GError **error)
{
	GPtrArray *all = exports_load(error);
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
	return done;
}

/* --- what the register calls for ------------------------------------------------------------------------------------------ */

/* Hers of one mailbox, of which no entry says that they are gone (transfer full). */
static json_t *fetch(Session *session, const char *mailbox, GError **error)
{
	g_autoptr(json_t) answer =
		desk_client_post(session->desk, "/v1/exports", json_pack("{s:s}", "mailbox", mailbox), NULL, error);
	return json_incref(answer != NULL ? desk_get_array(answer, "exports", error) : NULL);
}

/* Takes those of one mailbox that are of the case that was typed; *name is the case's, where there is one. */
static gboolean find_gone(Session *session, const char *mailbox, const char *typed, GArray *entries, char **name, GError **error)
{
	guint64 entry;
	gsize i;
	json_t *item;
	g_autoptr(json_t) list = fetch(session, mailbox, error);
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, item) {
		g_autoptr(Case) c = g_new0(Case, 1);
		const char *text = desk_get_text(item, "name", error);
		if (text == NULL || !desk_get_uint(item, "entry", &entry, error))
			return FALSE;
		c->mailbox = g_strdup(mailbox);
		c->name = g_strdup(text);
		if (!case_is_named(c, typed, desk_client_zone(session->desk), g_get_real_time()))
			continue;
		g_array_append_val(entries, entry);
		g_free(*name);
		*name = g_strdup_printf("%s:%s", mailbox, text);
	}
	return TRUE;
}

/* She says herself that every copy of that case is destroyed which is not one of this machine. The case may be another's
 * by now: nothing of it is asked for. */
static gboolean declare_gone(Session *session, const char *typed, GError **error)
{
	const char *mailbox, *origin, *where = NULL;
	g_autofree char *name = NULL;
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		g_autofree char *before = g_strdup(name);
		g_autoptr(GError) inner = NULL;
		guint n = found->len;
		if (!find_gone(session, mailbox, typed, found, &name, &inner) && inner->code != CLI_ERROR_REFUSED) {
			g_propagate_error(error, g_steal_pointer(&inner));
			return FALSE;
		}
		if (found->len > n && where != NULL)
			return cli_fail(error, CLI_ERROR_USAGE, _("several cases are meant: name one of %s, %s"), before, name);
		where = found->len > n ? mailbox : where;
	}
	if (where != NULL)
		return enter(session, where, found, GROUND_GONE, error);
	g_autofree char *shown = escape_text(typed, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("the register calls for no export of %s that is yours: senim purge shows them"),
	                shown);
}

static gboolean add_standing(Session *session, const char *mailbox, json_t *standing, WipeBuffer *out, GError **error)
{
	json_t *item;
	gsize i;
	g_autoptr(json_t) list = fetch(session, mailbox, error);
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, item) {
		guint64 time, entry;
		const char *name = desk_get_text(item, "name", error);
		if (name == NULL || !desk_get_uint(item, "time", &time, error) || !desk_get_uint(item, "entry", &entry, error))
			return FALSE;
		g_autofree char *day = staff_day(session, (gint64)time, G_USEC_PER_SEC), *shown = escape_text(name, -1, ESCAPE_LINE);
		g_autofree char *line = g_strdup_printf(_("The register still calls for a copy of %s (%s) of %s.\n"), shown, mailbox, day);
		wipe_buffer_add_text(out, line);
		json_array_append_new(standing, json_pack("{s:o, s:o, s:I, s:I}", "case", output_value(name), "mailbox",
		                                          output_value(mailbox), "entry", (json_int_t)entry, "time", (json_int_t)time));
	}
	return TRUE;
}

/* Of each mailbox; where she is nobody there is nothing. */
static json_t *what_stands(Session *session, WipeBuffer *out, GError **error)
{
	const char *mailbox, *origin;
	g_autoptr(json_t) standing = json_array();
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		g_autoptr(GError) inner = NULL;
		if (add_standing(session, mailbox, standing, out, &inner) || inner->code == CLI_ERROR_REFUSED)
			continue;
		g_propagate_error(error, g_steal_pointer(&inner));
		return NULL;
	}
	return g_steal_pointer(&standing);
}

gboolean cmd_purge(Cli *cli, GError **error)
{
	const char *gone = options_value(cli->options, "gone");
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	g_autoptr(json_t) purged = json_array();
	if (gone != NULL && !case_check_name(gone, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	gboolean done = purge_files(session, purged, out, error) && (gone == NULL || declare_gone(session, gone, error));
	g_autoptr(json_t) standing = done ? what_stands(session, out, error) : NULL;
	if (standing == NULL) {
		output_said(wipe_buffer_data(out), NULL); /* what is destroyed is destroyed */
		return FALSE;
	}
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:O, s:O}", "purged", purged, "standing", standing), error);
	if (json_array_size(standing) > 0)
		wipe_buffer_add_text(out, _("Purge them on the machine where they are; what is gone in another way: --gone CASE.\n"));
	else if (json_array_size(purged) == 0)
		wipe_buffer_add_text(out, _("No exported file is left.\n"));
	return output_said(wipe_buffer_data(out), error);
}
