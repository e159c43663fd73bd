/* SPDX-License-Identifier: ISC */
/* senim split CASE --message N: a later message becomes a report of its own: opened here, sealed anew for the new case as one
 * that is added, registered with the moment at which it came, and linked with the old case. Both keep their entries; the
 * message stays where it is. */
#include <string.h>

#include "base/escape.h"
#include "cli/added.h"
#include "cli/casework.h"
#include "cli/face.h"
#include "cli/format.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/readers.h"

#define TRIES 3 /* readers come and go */
#define GROUND "split"

/* Whom the message is about, and from whom the old case is kept: the new one is kept from them too (elements borrowed). */
static GPtrArray *kept_from(const Case *c, const Case *message)
{
	GPtrArray *names = g_ptr_array_new();
	json_t *named = json_object_get(message->facts, "named"), *name;
	gsize i;
	json_array_foreach(named, i, name)
		if (json_is_string(name))
			g_ptr_array_add(names, (gpointer)json_string_value(name));
	for (guint k = 0; c->kept != NULL && c->kept[k] != NULL; k++)
		if (!g_ptr_array_find_with_equal_func(names, c->kept[k], g_str_equal, NULL))
			g_ptr_array_add(names, c->kept[k]);
	g_ptr_array_add(names, NULL);
	return names;
}

/* The entry is this report, and says that she made it one. */
static char *number_of(const Session *session, const Act *act, const Added *added, GError **error)
{
	Entry entry;
	guint8 id[SEAL_CASE];
	const Record *record = verify_look_nth(act->look, 0, &entry);
	if (record != NULL && entry.kind == ENTRY_RECEIVED && record_get_hex(record, "case", id, sizeof id, NULL) &&
	    memcmp(id, added->case_id, sizeof id) == 0 && g_strcmp0(record_get(record, "key-check-body"), added->key_check) == 0 &&
	    g_strcmp0(record_get(record, "commit"), added->digest) == 0 &&
	    g_strcmp0(record_get(record, "officer"), desk_client_officer(session->desk)) == 0 &&
	    g_strcmp0(record_get(record, "signature"), act->what.signature) == 0)
		return g_strdup(record_get(record, "number"));
	cli_fail(error, CLI_ERROR_FAILED,
	         _("the registrar entered something else than the report that you added: tell the supervisor and the other officers"));
	return NULL;
}

/* Sealed to those who read now: its number (transfer full). */
static char *try_once(Session *session, const Case *c, const Case *message, const Opening *body, GError **error)
{
	g_autofree char *set = NULL;
	g_autoptr(People) people = readers_fetch(session, c->mailbox, &set, error);
	if (people == NULL)
		return NULL;
	g_autoptr(GPtrArray) about = kept_from(c, message), files = g_ptr_array_new();
	const char *from = record_get(body->fields, "envelope-from");
	const AddedReport report = {
		.mailbox = c->mailbox,
		.channel = case_fact(message, "channel"),
		.received = message->received,
		.text = "",
		.files = files,
		.message = body->message,
		.message_size = body->message_size,
		.envelope_from = from != NULL ? from : "",
		.about = (const char *const *)about->pdata,
	};
	g_autoptr(Added) added = added_seal(session, &report, people, set, error);
	g_autoptr(Act) act = added != NULL && added_upload(session, c->mailbox, added, error) ? act_begin(session, c->mailbox, GROUND, error) : NULL;
	if (act == NULL)
		return NULL;
	act->octets_name = added->digest;
	act->octets = added->commit;
	json_t *asked = json_pack("{s:I, s:I, s:s}", "seq", (json_int_t)c->seq, "message", (json_int_t)message->seq, "commit", added->digest);
	g_autoptr(json_t) answer = act_post(act, "/v1/split", asked, error);
	return answer != NULL ? number_of(session, act, added, error) : NULL;
}

static char *split(Session *session, const Case *c, const Case *message, const Opening *body, GError **error)
{
	g_autoptr(GError) cause = NULL;
	for (guint i = 0; i < TRIES; i++) {
		g_clear_error(&cause);
		char *number = try_once(session, c, message, body, &cause);
		if (number != NULL)
			return number;
		if (!desk_client_heard(session->desk, "readers"))
			break;
	}
	g_propagate_error(error, g_steal_pointer(&cause));
	return NULL;
}

/* From here on the report stands: that it cannot be linked is said, and undoes nothing. */
static void link_both(Session *session, Case *c, const char *number, const char *ground)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *name = g_strdup_printf("%s:%s", c->mailbox, number);
	g_autoptr(Case) other = session_find(session, name, &cause);
	if (other != NULL && casework_link(session, c, other, ground, &cause) && casework_link(session, other, c, ground, &cause))
		return;
	g_autofree char *sentence = g_strdup_printf(_("the two cases could not be linked (%s): senim link %s %s"), cause->message, c->name, number);
	face_warn(sentence);
}

gboolean cmd_split(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	if (!case_check_name(options_word(options, 1), error) || !messages_check_options(options, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	g_autoptr(Messages) messages = c != NULL ? messages_fetch(session, c, error) : NULL;
	if (messages == NULL)
		return FALSE;
	const Case *message = messages->message;
	if (message == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--message names a later message of the case, from 2 on: the report itself has its number"));
	if (strcmp(case_fact(message, "automatic"), "-") != 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("that message was made by a program: it is no report of its own"));
	g_autoptr(WipeText) ground = session_ground(session, error);
	if (ground == NULL)
		return FALSE;
	session_warn_host(session);
	g_autoptr(Opening) body = opening_open(session, message, SEAL_PART_BODY, "split", ground, NULL, error);
	g_autofree char *number = body != NULL ? split(session, c, message, body, error) : NULL;
	if (number == NULL)
		return FALSE;
	link_both(session, c, number, ground);
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(options, "json"))
		return output_json(json_pack("{s:o, s:i, s:s}", "case", output_value(name), "message", (int)messages->chosen, "split", number), error);
	g_autofree char *line = g_strdup_printf(_("Message %u of %s is report %s now.\n"), messages->chosen, name, number);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}
