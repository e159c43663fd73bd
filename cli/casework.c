/* SPDX-License-Identifier: ISC */
#include "cli/casework.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/form.h"
#include "cli/index-feed.h"
#include "cli/readers.h"

#define STDIN_MAX (64 * 1024)

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean refuse(const Case *c, GError **error)
{
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the entries of the work on %s do not follow each other, so nothing is shown: tell the supervisor and the other officers"),
	                c->name);
}

/* One entry behind the last: it says so itself, and of this case. */
static gboolean take(const Session *session, Case *c, Row *row, const Entry *entry, const Record *record, json_t *item,
                     GError **error)
{
	guint64 of, after;
	g_autoptr(GError) cause = NULL;
	if (!record_get_uint(record, "case", G_MAXINT64, &of, NULL) || of != c->seq ||
	    !record_get_uint(record, "after", G_MAXINT64, &after, NULL) || after != c->last || entry->seq <= c->last)
		return refuse(c, error);
	g_autoptr(WipeText) words = act_open_text(session, record, item, &cause);
	if (cause != NULL)
		return refuse(c, error);
	c->last = entry->seq;
	return row_fold(row, entry->kind, entry->seq, record, words) || refuse(c, error);
}

Row *casework_row(Session *session, Case *c, const char *ground, GError **error)
{
	Entry entry;
	const Record *record;
	g_autoptr(Act) act = act_begin(session, c->mailbox, ground, error);
	if (act == NULL)
		return NULL;
	const LookAct expected = {.kind = ENTRY_OPENED, .cases = &c->seq, .n_cases = 1, .part = "work", .act = "row"};
	json_t *body = json_pack("{s:I, s:s}", "seq", (json_int_t)c->seq, "act", "row");
	g_autoptr(json_t) answer = act_post(act, "/v1/work", body, error);
	if (answer == NULL || !act_check(act, &expected, NULL, error) ||
	    !verify_look_row(act->look, c, error))
		return NULL;
	g_autoptr(Row) row = row_new();
	json_t *items = json_object_get(answer, "entries");
	guint64 claimed = c->last;
	c->last = 0;
	for (guint i = 1; (record = verify_look_nth(act->look, i, &entry)) != NULL; i++)
		if (entry_is_casework(entry.kind) && !take(session, c, row, &entry, record, json_array_get(items, i), error))
			return NULL;
	if (c->last < claimed) { /* the list spoke of one more */
		refuse(c, error);
		return NULL;
	}
	index_feed_row(session, c, row);
	return g_steal_pointer(&row);
}

/* --- acts ------------------------------------------------------------------------------------------------------------ */

gboolean casework_act(Session *session, Case *c, const CaseworkAct *what, const char *ground, GError **error)
{
	const char *key, *value;
	g_autoptr(json_t) body = what->body;
	g_autoptr(Record) own = record_new();
	g_autoptr(Act) act = act_begin(session, c->mailbox, ground, error);
	if (act == NULL)
		return FALSE;
	act->with_text = what->takes_text;
	if (what->text != NULL && (act->text = readers_seal(session, c, what->text, error)) == NULL)
		return FALSE;
	record_add_uint(own, "after", c->last);
	for (guint i = 0; what->own != NULL && record_line(what->own, i, &key, &value); i++)
		record_add(own, key, value);
	json_object_set_new(body, "seq", json_integer((json_int_t)c->seq));
	json_object_set_new(body, "after", json_integer((json_int_t)c->last));
	const LookAct expected = {.kind = what->kind, .cases = &c->seq, .n_cases = 1, .own = own};
	g_autoptr(json_t) answer = act_post(act, what->target, g_steal_pointer(&body), error);
	if (answer == NULL || !act_check(act, &expected, NULL, error))
		return FALSE;
	c->last = verify_look_act_seq(act->look);
	if (what->text != NULL)
		index_feed_words(session, c, c->last, what->text);
	return TRUE;
}

gboolean casework_link(Session *session, Case *c, const Case *other, const char *ground, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add_uint(own, "other", other->seq);
	record_add(own, "name", other->name);
	const CaseworkAct act = {.kind = ENTRY_LINKED, .target = "/v1/link", .own = own,
	                         .body = json_pack("{s:I, s:s}", "to", (json_int_t)other->seq, "name", other->name)};
	g_autoptr(GError) cause = NULL;
	if (casework_act(session, c, &act, ground, &cause) || desk_client_heard(session->desk, "linked"))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&cause));
	return FALSE;
}

/* --- standard input -------------------------------------------------------------------------------------------------- */

WipeText *casework_text(GError **error)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(4096);
	if (!wipe_buffer_read(text, STDIN_FILENO, STDIN_MAX)) {
		cli_fail(error, CLI_ERROR_FAILED, _("standard input cannot be read: %s"), g_strerror(errno));
		return NULL;
	}
	gsize size = wipe_buffer_size(text);
	const char *data = wipe_buffer_data(text);
	while (size > 0 && g_ascii_isspace(data[size - 1]))
		size--;
	if (size > 0 && strlen(data) >= size && g_utf8_validate(data, (gssize)size, NULL))
		return g_strndup(data, size);
	cli_fail(error, CLI_ERROR_USAGE, _("standard input holds no text: it takes one in UTF-8"));
	return NULL;
}

WipeText *casework_stdin(const Options *options, guint n, GError **error)
{
	const char *word = options_word(options, n);
	if (word == NULL)
		return NULL;
	if (strcmp(word, "-") == 0)
		return isatty(STDIN_FILENO) ? form_line(_("In your own words: "), error) : casework_text(error);
	cli_fail(error, CLI_ERROR_USAGE, _("what you write about a case is never a word of the command: a - reads it from standard input"));
	return NULL;
}

json_t *casework_json(GError **error)
{
	g_autoptr(WipeText) text = casework_text(error);
	if (text == NULL)
		return NULL;
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(object))
		return object;
	json_decref(object);
	cli_fail(error, CLI_ERROR_USAGE, _("standard input holds no JSON object"));
	return NULL;
}
