/* SPDX-License-Identifier: ISC */
/* senim officer list|add|confirm|block|unblock|cover: who may what, and the entries that change it. */
#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/opening.h"
#include "cli/output.h"

#define GROUND_ORDER "order" /* the order of appointment or of leave, which the act names, is its ground */

/* --- which mailboxes ------------------------------------------------------------------------------------------- */

static gboolean is_asked(const Cli *cli, const char *mailbox)
{
	const char *named;
	for (guint i = 0; (named = options_nth(cli->options, "mailbox", i)) != NULL; i++)
		if (strcmp(named, mailbox) == 0)
			return TRUE;
	return options_nth(cli->options, "mailbox", 0) == NULL;
}

typedef gboolean (*EachMailbox)(Session *session, const char *mailbox, gpointer user, GError **error);

/* Those of --mailbox, or every one of the desk. */
static gboolean each_mailbox(Session *session, EachMailbox act, gpointer user, GError **error)
{
	const char *mailbox, *origin;
	guint done = 0;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		if (!is_asked(session->cli, mailbox))
			continue;
		if (!act(session, mailbox, user, error))
			return FALSE;
		done++;
	}
	return done > 0 || cli_fail(error, CLI_ERROR_USAGE, _("there is no such mailbox: check --mailbox"));
}

/* --- list ------------------------------------------------------------------------------------------------------ */

static gboolean fetch(Session *session, const char *mailbox, gpointer user, GError **error)
{
	json_t *all = user, *person;
	gsize i;
	g_autoptr(json_t) answer =
		desk_client_post(session->desk, "/v1/people", json_pack("{s:s}", "mailbox", mailbox), NULL, error);
	json_t *people = answer != NULL ? desk_get_array(answer, "people", error) : NULL;
	if (people == NULL)
		return FALSE;
	json_array_foreach(people, i, person) {
		json_object_set_new(person, "mailbox", json_string(mailbox));
		json_array_append(all, person);
	}
	return TRUE;
}

static const char *role_label(const char *role)
{
	static const struct {
		const char *role, *label;
	} labels[] = {{"officer", N_("officer")}, {"deputy", N_("deputy")}, {"escalation", N_("higher leadership")},
	              {"supervisor", N_("supervisor")}, {"recovery", N_("recovery key")}};
	for (gsize i = 0; role != NULL && i < G_N_ELEMENTS(labels); i++)
		if (strcmp(labels[i].role, role) == 0)
			return _(labels[i].label);
	return "?";
}

static const char *state_label(json_t *person)
{
	const char *state = json_string_value(json_object_get(person, "state"));
	if (g_strcmp0(state, "unconfirmed") == 0)
		return _("not confirmed");
	if (g_strcmp0(state, "blocked") == 0)
		return _("blocked");
	return json_is_true(json_object_get(person, "in_force")) ? _("in force") : _("key expired");
}

/* A day in the organisation's zone, or a dash. */
static char *day_of(const Session *session, json_t *seconds, gint64 unit)
{
	if (!json_is_integer(seconds))
		return g_strdup("-");
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(json_integer_value(seconds) / unit);
	g_autoptr(GDateTime) here = utc != NULL ? g_date_time_to_timezone(utc, desk_client_zone(session->desk)) : NULL;
	return here != NULL ? g_date_time_format(here, "%Y-%m-%d") : g_strdup("-");
}

static void add_row(FormatTable *table, const Session *session, json_t *person)
{
	const char *fingerprint = json_string_value(json_object_get(person, "fingerprint"));
	g_autofree char *expires = day_of(session, json_object_get(person, "expires"), 1);
	g_autofree char *used = day_of(session, json_object_get(person, "used"), G_USEC_PER_SEC);
	g_autofree char *print = g_strndup(fingerprint != NULL ? fingerprint : "", 16);
	const char *cells[] = {json_string_value(json_object_get(person, "name")),
	                       role_label(json_string_value(json_object_get(person, "role"))), state_label(person), print, expires,
	                       used, json_string_value(json_object_get(person, "mailbox"))};
	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++) {
		g_autofree char *shown = escape_text(cells[i] != NULL ? cells[i] : "", -1, ESCAPE_LINE);
		format_table_cell(table, shown);
	}
}

static gboolean list(Session *session, GError **error)
{
	g_autoptr(json_t) all = json_array();
	if (!each_mailbox(session, fetch, all, error))
		return FALSE;
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:O}", "people", all), error);
	g_autoptr(FormatTable) table = format_table_new(7);
	const char *heads[] = {_("Name"), _("Role"), _("State"), _("Key"), _("Expires"), _("Last sign-in"), _("Mailbox")};
	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
		format_table_cell(table, heads[i]);
	json_t *person;
	gsize i;
	json_array_foreach(all, i, person)
		add_row(table, session, person);
	format_table_fold(table, output_width());
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	format_table_write(table, TRUE, out);
	return output_said(wipe_buffer_data(out), error);
}

/* --- acts ------------------------------------------------------------------------------------------------------ */

/* What is asked of each mailbox: lines of the record that stand behind `officer`, and the request's fields. */
typedef struct {
	guint kind;
	const char *target;
	const Record *own;
	json_t *body; /* copied for each */
} Change;

static gboolean change_one(Session *session, const char *mailbox, gpointer user, GError **error)
{
	const Change *change = user;
	return opening_act_of(session, mailbox, change->kind, change->target, json_deep_copy(change->body), change->own,
	                      GROUND_ORDER, error);
}

static const char *needed(const Cli *cli, const char *option, GError **error)
{
	const char *value = options_value(cli->options, option);
	if (value == NULL || value[0] == '\0')
		cli_fail(error, CLI_ERROR_USAGE, _("--%s is missing: this cannot be entered without it"), option);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* "2026-11-23" or "2026-11-23T09:00", in the organisation's zone. */
static gboolean read_moment(const Session *session, const char *text, gint64 *moment, GError **error)
{
	g_autofree char *whole = strlen(text) == 10 ? g_strconcat(text, "T00:00:00", NULL)
	                         : strlen(text) == 16 ? g_strconcat(text, ":00", NULL) : g_strdup(text);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, desk_client_zone(session->desk));
	if (time == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("a moment is written 2026-11-23 or 2026-11-23T09:00"));
	*moment = g_date_time_to_unix(time) * G_USEC_PER_SEC;
	return TRUE;
}

static void put(json_t *body, Record *own, const char *field, const char *key, const char *value)
{
	json_object_set_new(body, field, json_string(value));
	record_add(own, key, value);
}

static void put_moment(json_t *body, Record *own, const char *field, gint64 moment)
{
	json_object_set_new(body, field, json_integer((json_int_t)moment));
	record_add_uint(own, field, (guint64)moment);
}

static gboolean plan_add(Session *session, json_t *body, Record *own, GError **error)
{
	const Cli *cli = session->cli;
	const char *file = options_word(cli->options, 3), *role = needed(cli, "role", error);
	const char *order = role != NULL ? needed(cli, "order", error) : NULL;
	g_autoptr(GError) cause = NULL;
	if (order == NULL)
		return FALSE;
	if (file == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("name the new officer's public half: senim officer add NAME FILE.pub"));
	g_autoptr(KeyfilePublic) half = keyfile_public_read(file, &cause);
	if (half == NULL || half->card == NULL) {
		g_autofree char *why = escape_text(cause != NULL ? cause->message : file, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_USAGE, _("%s: this is no public half of an officer's key"), why);
	}
	g_autofree char *sign = g_base64_encode(half->sign, sizeof half->sign);
	put(body, own, "role", "role", role);
	put(body, own, "body_key", "body-key", half->body);
	put(body, own, "card_key", "card-key", half->card);
	put(body, own, "sign_key", "sign-key", sign);
	put_moment(body, own, "expires", half->expires);
	put(body, own, "order", "order", order);
	return TRUE;
}

static gboolean plan_confirm(Session *session, json_t *body, Record *own, GError **error)
{
	const char *words = needed(session->cli, "words", error);
	if (words != NULL)
		put(body, own, "words", "words", words);
	return words != NULL;
}

static gboolean plan_block(Session *session, json_t *body, Record *own, GError **error)
{
	gint64 moment;
	const char *order = needed(session->cli, "order", error);
	const char *when = order != NULL ? needed(session->cli, "signed", error) : NULL;
	if (when == NULL || !read_moment(session, when, &moment, error))
		return FALSE;
	record_add(own, "why", "order");
	put(body, own, "order", "order", order);
	put_moment(body, own, "signed", moment);
	return TRUE;
}

static gboolean plan_unblock(Session *session, json_t *body, Record *own, GError **error)
{
	const char *order = needed(session->cli, "order", error);
	if (order != NULL)
		put(body, own, "order", "order", order);
	return order != NULL;
}

static gboolean plan_cover(Session *session, json_t *body, Record *own, GError **error)
{
	gint64 first, last;
	const char *from = needed(session->cli, "from", error), *to = from != NULL ? needed(session->cli, "to", error) : NULL;
	const char *deputy = to != NULL ? needed(session->cli, "deputy", error) : NULL;
	if (deputy == NULL || !read_moment(session, from, &first, error) || !read_moment(session, to, &last, error))
		return FALSE;
	put_moment(body, own, "from", first);
	put_moment(body, own, "to", last + G_TIME_SPAN_DAY); /* the last day is one of it */
	put(body, own, "deputy", "deputy", deputy);
	return TRUE;
}

static const struct {
	const char *word, *target, *act; /* act: of a KEY entry */
	guint kind;
	gboolean (*plan)(Session *session, json_t *body, Record *own, GError **error);
	const char *done; /* N_() */
} changes[] = {
	{"add", "/v1/people/add", "add", ENTRY_KEY, plan_add,
	 N_("entered; reads when another has confirmed her with senim officer confirm")},
	{"confirm", "/v1/people/confirm", "confirm", ENTRY_KEY, plan_confirm, N_("confirmed, and reads from now on")},
	{"block", "/v1/people/block", NULL, ENTRY_BLOCKED, plan_block, N_("blocked from this moment")},
	{"unblock", "/v1/people/unblock", "unblock", ENTRY_KEY, plan_unblock, N_("no longer blocked")},
	{"cover", "/v1/people/cover", "cover", ENTRY_KEY, plan_cover, N_("the leave is entered")},
};

static gboolean change(Session *session, gsize which, GError **error)
{
	const char *name = options_word(session->cli->options, 2);
	if (name == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("name the person: senim officer %s NAME"), changes[which].word);
	g_autoptr(json_t) body = json_pack("{s:s}", "name", name);
	g_autoptr(Record) own = record_new();
	if (body == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("the request holds text that is no UTF-8: write it again"));
	if (changes[which].act != NULL)
		record_add(own, "act", changes[which].act);
	record_add(own, "name", name);
	Change one = {changes[which].kind, changes[which].target, own, body};
	if (!changes[which].plan(session, body, own, error) || !each_mailbox(session, change_one, &one, error))
		return FALSE;
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:s}", "name", output_value(name), "done", changes[which].word), error);
	g_autofree char *line = g_strdup_printf("%s: %s\n", name, _(changes[which].done));
	g_autofree char *shown = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(shown, error);
}

gboolean cmd_officer(Cli *cli, GError **error)
{
	const char *word = options_word(cli->options, 1);
	gsize which = 0;
	while (which < G_N_ELEMENTS(changes) && strcmp(changes[which].word, word) != 0)
		which++;
	gboolean lists = strcmp(word, "list") == 0;
	if (which == G_N_ELEMENTS(changes) && !lists)
		return cli_fail(error, CLI_ERROR_USAGE, _("senim officer takes list, add, confirm, block, unblock or cover"));
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	return lists ? list(session, error) : change(session, which, error);
}
