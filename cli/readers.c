/* SPDX-License-Identifier: ISC */
#include "cli/readers.h"

#include <string.h>

#include "base/escape.h"
#include "cli/verify-look.h"

People *readers_fetch(Session *session, const char *mailbox, char **set, GError **error)
{
	guint64 known;
	Entry entry;
	const Record *record;
	const char *origin = session_origin(session, mailbox, &known, error);
	json_t *body = json_pack("{s:s, s:I}", "mailbox", mailbox, "known", (json_int_t)known);
	g_autoptr(json_t) question = body, answer = NULL;
	if (origin == NULL)
		return NULL;
	answer = desk_client_post(session->desk, "/v1/readers", g_steal_pointer(&question), NULL, error);
	const char *digest = answer != NULL ? desk_get_text(answer, "set", error) : NULL;
	g_autoptr(Look) look = digest != NULL ? verify_look_take(session->pins, origin, answer, error) : NULL;
	if (look == NULL)
		return NULL;
	g_autoptr(People) people = people_new();
	for (guint i = 0; (record = verify_look_nth(look, i, &entry)) != NULL; i++) {
		const char *store = entry.kind == ENTRY_BEGUN || entry.kind == ENTRY_RESTORED ? record_get(record, "store") : NULL;
		if (store != NULL && strcmp(store, desk_client_store(session->desk)) != 0) {
			cli_fail(error, CLI_ERROR_FAILED,
			         _("the register of %s was begun in another store than the desk says that it is, so nothing was sealed: tell the supervisor"),
			         mailbox);
			return NULL;
		}
		if (!people_fold(people, entry.kind, entry.seq, record, NULL)) {
			desk_form_error(error, "entries");
			return NULL;
		}
	}
	if (set != NULL)
		*set = g_strdup(digest);
	return g_steal_pointer(&people);
}

static gboolean is_kept(const Case *c, const char *name)
{
	return c->kept != NULL && g_strv_contains((const char *const *)c->kept, name);
}

SealedText *readers_seal(Session *session, const Case *c, const char *words, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(People) people = readers_fetch(session, c->mailbox, NULL, error);
	if (people == NULL)
		return NULL;
	g_autoptr(SealedText) text = sealed_text_new(SEAL_PART_TEXT, words, &cause);
	for (guint i = 0; text != NULL && cause == NULL && i < people->persons->len; i++) {
		const PeoplePerson *reader = people->persons->pdata[i];
		if (reader->card != NULL && people_reads(reader, g_get_real_time()) && !is_kept(c, reader->name))
			sealed_text_add_reader(text, reader->name, reader->card, &cause);
	}
	if (cause == NULL)
		return g_steal_pointer(&text);
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	cli_fail(error, CLI_ERROR_FAILED, _("the text cannot be sealed: %s"), why);
	return NULL;
}
