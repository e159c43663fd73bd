/* SPDX-License-Identifier: ISC */
#include "cli/handout.h"

#include <string.h>

#include "base/escape.h"
#include "cli/addressee-key.h"
#include "cli/form.h"

/* --- to whom ------------------------------------------------------------------------------------------------------- */

static gboolean takes_text(json_t *object, GError **error)
{
	static const char *const keys[] = {"name", "kind", "name_kk", "name_ru", "address", "by", "mail", "recipient", "openpgp", "fingerprint"};
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		if (desk_get_text(object, keys[i], error) == NULL)
			return FALSE;
	return TRUE;
}

static gboolean is_law(json_t *one)
{
	return strcmp(json_string_value(json_object_get(one, "kind")), "law-enforcement") == 0;
}

/* An object of the answer, borrowed. */
static json_t *choose(json_t *answer, gboolean law, const char *wanted, GError **error)
{
	json_t *list = desk_get_array(answer, "addressees", error), *one, *found = NULL;
	g_autoptr(GString) names = g_string_new(NULL);
	guint n = 0;
	gsize i;
	json_array_foreach(list, i, one)
		n += takes_text(one, NULL) && is_law(one) == law;
	if (list == NULL)
		return NULL;
	json_array_foreach(list, i, one) {
		if (!takes_text(one, error))
			return NULL;
		if (is_law(one) != law)
			continue;
		const char *name = json_string_value(json_object_get(one, "name"));
		g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", name);
		if (wanted != NULL ? strcmp(wanted, name) == 0 : n == 1)
			found = one;
	}
	g_autofree char *shown = escape_text(names->str, -1, ESCAPE_LINE);
	if (n == 0)
		cli_fail(error, CLI_ERROR_FAILED,
		         law ? _("the configuration names nobody to redirect to: the administrator adds a section [addressee NAME]")
		             : _("the configuration names nobody to forward to: the administrator adds a section [addressee NAME] with kind = organisation or department"));
	else if (found == NULL)
		cli_fail(error, CLI_ERROR_USAGE, law ? _("to whom is it redirected? --to takes one of: %s") : _("to whom is it forwarded? --to takes one of: %s"), shown);
	return found;
}

json_t *handout_choose(Session *session, gboolean law, GError **error)
{
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/addressees", json_object(), NULL, error);
	return answer != NULL ? json_incref(choose(answer, law, options_value(session->cli->options, "to"), error)) : NULL;
}

/* --- in what form --------------------------------------------------------------------------------------------------- */

/* The key as it is now, else the configuration's word that there is none. */
gboolean handout_form(json_t *to, RedirectMail *mail, GError **error)
{
	gsize size;
	mail->recipient = json_string_value(json_object_get(to, "recipient"));
	mail->fingerprint = json_string_value(json_object_get(to, "fingerprint"));
	const char *file = json_string_value(json_object_get(to, "openpgp"));
	if (*mail->recipient != '\0') {
		mail->form = REDIRECT_MAIL_AGE;
	} else if (*mail->fingerprint != '\0') {
		mail->form = REDIRECT_MAIL_OPENPGP;
		if (*file == '\0')
			return cli_fail(error, CLI_ERROR_FAILED,
			                _("the registrar cannot read the OpenPGP key file of %s: tell the administrator, and meanwhile hand the kit over on paper, with --output FILE"),
			                mail->name);
		guchar *octets = g_base64_decode(file, &size);
		mail->key = g_bytes_new_take(octets, size);
	} else if (json_is_true(json_object_get(to, "cleartext"))) {
		mail->form = REDIRECT_MAIL_CLEAR;
	} else {
		return cli_fail(error, CLI_ERROR_FAILED,
		                _("the addressee has no key to seal to: hand the kit over on paper, with --output FILE"));
	}
	return TRUE;
}

/* The second question: she types the name, for a key pressed by chance sends nothing. */
gboolean handout_ask_clear(const Case *c, const RedirectMail *mail, const char *to, GError **error)
{
	g_autofree char *question = g_strdup_printf(
		mail->forwarded
			? _("%s has no key: what is forwarded of %s would go in clear to %s. It is then seen by this organisation's mail server, by the addressee's, by those between them, by everybody who administers one of them, and by the registrar here; and it stays in their queues and mailboxes.\nTo send it in clear all the same, type %s: ")
			: _("%s has no key: %s would go in clear to %s. The letter, its sender's name and address are then seen by this organisation's mail server, by the addressee's, by those between them, by everybody who administers one of them, and by the registrar here; and they stay in their queues and mailboxes.\nTo send it in clear all the same, type %s: "),
		mail->name, c->name, to, mail->name);
	g_autofree char *shown = escape_text(question, -1, ESCAPE_TEXT);
	g_autoptr(WipeText) typed = form_line(shown, NULL);
	return (typed != NULL && strcmp(g_strstrip(typed), mail->name) == 0) ||
	       cli_fail(error, CLI_ERROR_REFUSED,
	                _("nothing was sent in clear: that takes the name of the addressee, typed on a terminal; --output FILE makes the kit on paper"));
}

/* That it is the addressee's own is not the mail host's to say. */
gboolean handout_check_key(Session *session, const Case *c, const RedirectMail *mail, GError **error)
{
	if (mail->form == REDIRECT_MAIL_CLEAR)
		return TRUE;
	return addressee_key_check(session, c->mailbox, mail->name,
	                           mail->form == REDIRECT_MAIL_AGE ? mail->recipient : mail->fingerprint, error);
}
