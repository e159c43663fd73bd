/* SPDX-License-Identifier: ISC */
#include "cli/addressee-key.h"

#include <string.h>

#include "base/escape.h"
#include "cli/form.h"

#define TYPED 8u /* characters at the end of a key, which she types */
#define KEY_MOST 200

/* Both come from the desk; the name becomes one of a file. */
static gboolean check_form(const char *name, const char *key, GError **error)
{
	gsize size = strlen(name), length = strlen(key);
	if (size < 1 || size > 32 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") != size)
		return desk_form_error(error, "name");
	for (const char *c = key; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c))
			return desk_form_error(error, "recipient");
	return (length > 2 * TYPED && length <= KEY_MOST) || desk_form_error(error, "recipient");
}

/* As people write keys down: in groups, in either case. */
static char *plain(const char *typed)
{
	GString *text = g_string_new(NULL);
	for (const char *c = typed; *c != '\0'; c++)
		if (!g_ascii_isspace(*c))
			g_string_append_c(text, g_ascii_tolower(*c));
	return g_string_free(text, FALSE);
}

static gboolean is_end(const char *key, const char *typed)
{
	g_autofree char *whole = plain(key), *end = plain(typed);
	return strlen(end) == TYPED && g_str_has_suffix(whole, end);
}

/* The end is not shown, so that it cannot be copied from the screen. */
static gboolean ask(const char *name, const char *key, const char *before, GError **error)
{
	int shown = (int)(strlen(key) - TYPED);
	g_autofree char *changed =
		before != NULL ? g_strdup_printf(_("Until now this machine sealed to another key of %s: %s\n"), name, before) : g_strdup("");
	g_autofree char *question = g_strdup_printf(
		_("%sThe mail host says that the key of %s is\n\n  %.*s........\n\nCompare it with the one that the addressee gave you by another way: on paper, or by telephone. Type the last eight characters of that one: "),
		changed, name, shown, key);
	g_autofree char *safe = escape_text(question, -1, ESCAPE_TEXT);
	g_autoptr(WipeText) typed = form_line(safe, NULL);
	return (typed != NULL && is_end(key, typed)) ||
	       cli_fail(error, CLI_ERROR_REFUSED,
	                _("the key of %s was not compared, so nothing was opened or sealed: on a terminal type the end of the addressee's own key, or name it whole with --key; where it is another than %s, tell the administrator and the supervisor"),
	                name, key);
}

/* *same: it is the one that she names. */
static gboolean is_named(const Options *options, const char *name, const char *key, gboolean *same, GError **error)
{
	const char *option = options_value(options, "key");
	g_autofree char *named = option != NULL ? plain(option) : NULL, *offered = plain(key);
	*same = named != NULL && strcmp(named, offered) == 0;
	return named == NULL || *same ||
	       cli_fail(error, CLI_ERROR_REFUSED,
	                _("the mail host has another key of %s than you do (%s), so nothing was opened or sealed: tell the administrator and the supervisor"),
	                name, key);
}

/* FALSE, with *error where it cannot be read: not compared yet. *before: another one that was (transfer full). */
static gboolean is_known(const Session *session, const char *origin, const char *what, const char *key, char **before,
                         GError **error)
{
	g_autofree char *kept = pins_word(session->pins, origin, what, error);
	if (kept != NULL && strcmp(kept, key) == 0)
		return TRUE;
	*before = g_steal_pointer(&kept);
	return FALSE;
}

gboolean addressee_key_check(Session *session, const char *mailbox, const char *name, const char *key, GError **error)
{
	gboolean same;
	GError *cause = NULL;
	g_autofree char *what = g_strconcat("addressee-", name, NULL), *before = NULL;
	const char *origin = desk_client_origin(session->desk, mailbox);
	if (!check_form(name, key, error) || !pins_check_origin(session->pins, mailbox, origin, error) ||
	    !is_named(session->cli->options, name, key, &same, error))
		return FALSE;
	if (is_known(session, origin, what, key, &before, &cause))
		return TRUE;
	if (cause != NULL) {
		g_propagate_error(error, cause);
		return FALSE;
	}
	return (same || ask(name, key, before, error)) && pins_keep_word(session->pins, origin, what, key, error);
}
