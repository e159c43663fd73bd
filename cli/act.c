/* SPDX-License-Identifier: ISC */
#include "cli/act.h"

#include <string.h>

#include "base/escape.h"
#include "cli/ground.h"
#include "cli/readers.h"

void act_free(Act *act)
{
	if (act == NULL)
		return;
	g_free(act->request);
	g_free(act->ground);
	sealed_text_free(act->ground_text);
	sealed_text_free(act->text);
	json_decref(act->attached);
	desk_signed_clear(&act->what);
	verify_look_free(act->look);
	g_free(act);
}

/* Her own words, sealed to herself and to whoever reads the log of others (store/desk-log.h), as the register names them. */
static SealedText *seal_ground(Session *session, const char *mailbox, const char *words, GError **error)
{
	g_autoptr(GError) cause = NULL;
	const char *me = desk_client_officer(session->desk);
	g_autoptr(People) people = readers_fetch(session, mailbox, NULL, error);
	if (people == NULL)
		return NULL;
	g_autoptr(KeyfilePublic) mine = keyfile_public(session->keys, 0);
	g_autoptr(SealedText) text = sealed_text_new(SEAL_PART_GROUND, words, &cause);
	/* The header rests under the key that is in force; it may be a newer one than signs here. */
	const PeoplePerson *self = people_find(people, me);
	if (text != NULL)
		sealed_text_add_reader(text, me, self != NULL && self->card != NULL ? self->card : mine->card, &cause);
	for (guint i = 0; text != NULL && cause == NULL && i < people->persons->len; i++) {
		const PeoplePerson *person = people->persons->pdata[i];
		if (people_reads_log(people, person, g_get_real_time()) && strcmp(person->name, me) != 0)
			sealed_text_add_reader(text, person->name, person->card, &cause);
	}
	if (cause == NULL)
		return g_steal_pointer(&text);
	g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
	cli_fail(error, CLI_ERROR_FAILED, _("the text cannot be sealed: %s"), why);
	return NULL;
}

Act *act_begin(Session *session, const char *mailbox, const char *ground, GError **error)
{
	g_autoptr(Act) act = g_new0(Act, 1);
	act->session = session;
	act->mailbox = mailbox;
	act->request = session_request();
	act->ground = ground_word(ground);
	if (ground_text(ground) != NULL && (act->ground_text = seal_ground(session, mailbox, ground_text(ground), error)) == NULL)
		return NULL;
	act->origin = session_origin(session, mailbox, &act->known, error);
	return act->origin != NULL ? g_steal_pointer(&act) : NULL;
}

json_t *act_post(Act *act, const char *target, json_t *body, GError **error)
{
	g_autoptr(json_t) object = body, attached = act->attached != NULL ? json_incref(act->attached) : json_object();
	/* Not before now: who reads was asked since, and where the register grew meanwhile that moved the kept checkpoint on. */
	if (session_origin(act->session, act->mailbox, &act->known, error) == NULL)
		return NULL;
	json_object_set_new(object, "request", json_string(act->request));
	json_object_set_new(object, "mailbox", json_string(act->mailbox));
	json_object_set_new(object, "ground", json_string(act->ground));
	json_object_set_new(object, "known", json_integer((json_int_t)act->known));
	sealed_text_put(act->ground_text, SEAL_PART_GROUND, object, attached);
	if (act->with_text)
		sealed_text_put(act->text, SEAL_PART_TEXT, object, attached);
	if (act->octets_name != NULL)
		json_object_set_new(attached, act->octets_name, json_string(act->octets));
	g_autoptr(json_t) answer =
		desk_client_act(act->session->desk, target, g_steal_pointer(&object), attached, &act->what, error);
	act->look = answer != NULL ? verify_look_take(act->session->pins, act->origin, answer, error) : NULL;
	return act->look != NULL ? g_steal_pointer(&answer) : NULL;
}

gboolean act_check(const Act *act, const LookAct *own, char **number, GError **error)
{
	LookAct expected = *own;
	expected.officer = desk_client_officer(act->session->desk);
	expected.ground = act->ground;
	expected.ground_text = act->ground_text;
	expected.text = act->text;
	expected.request = act->request;
	expected.known = act->known;
	expected.what = &act->what;
	return verify_look_act(act->look, &expected, number, error);
}

WipeText *act_open_text(const Session *session, const Record *record, json_t *item, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(SealedText) text = sealed_text_from_record(SEAL_PART_TEXT, record, &cause);
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	if (text == NULL || json_is_null(json_object_get(item, "text_header")))
		return NULL;
	gsize size;
	g_autoptr(GBytes) header = desk_get_octets(item, "text_header", 0, error);
	const char *data = header != NULL ? g_bytes_get_data(header, &size) : NULL;
	g_autoptr(GBytes) words =
		data != NULL ? sealed_text_open(text, data, size, keyfile_card_identity(session->keys), error) : NULL;
	data = words != NULL ? g_bytes_get_data(words, &size) : NULL;
	return data != NULL ? g_strndup(data, size) : NULL;
}
