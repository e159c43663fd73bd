/* SPDX-License-Identifier: ISC */
/* senim officer: who may what, the entries that change it, and the papers of coming and going. */
#include <string.h>

#include "base/config.h"
#include "base/escape.h"
#include "cli/format.h"
#include "cli/officer-papers.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/pager.h"
#include "cli/passphrase.h"
#include "cli/spoken.h"
#include "cli/staff.h"
#include "store/enrolment.h"

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
	g_autoptr(json_t) staff = staff_fetch(session, mailbox, error);
	return staff != NULL && json_array_extend(user, staff) == 0;
}

static void add_row(FormatTable *table, const Session *session, const json_t *person)
{
	g_autofree char *expires = staff_key_day(person);
	g_autofree char *used = staff_day(session, staff_moment(person, "used"), G_USEC_PER_SEC);
	g_autofree char *print = g_strndup(staff_text(person, "fingerprint"), 16);
	g_autofree char *note = staff_note(session, person);
	const char *cells[] = {staff_text(person, "name"), staff_role(person), staff_state(person), print, expires, used,
	                       staff_text(person, "order"), staff_text(person, "mailbox"), note != NULL ? note : ""};
	for (gsize i = 0; i < G_N_ELEMENTS(cells); i++) {
		g_autofree char *shown = escape_text(cells[i], -1, ESCAPE_LINE);
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
	const char *heads[] = {_("Name"), _("Role"), _("State"), _("Key"), _("Expires"), _("Last sign-in"), _("Order"),
	                       _("Mailbox"), _("Note")};
	g_autoptr(FormatTable) table = format_table_new(G_N_ELEMENTS(heads));
	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
		format_table_cell(table, heads[i]);
	json_t *person;
	gsize i;
	json_array_foreach(all, i, person)
		add_row(table, session, person);
	format_table_fold(table, output_width());
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	format_table_write(table, pager_on_terminal(), out);
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
static gboolean read_moment(GTimeZone *zone, const char *text, gint64 *moment, GError **error)
{
	g_autofree char *whole = strlen(text) == 10 ? g_strconcat(text, "T00:00:00", NULL)
	                         : strlen(text) == 16 ? g_strconcat(text, ":00", NULL) : g_strdup(text);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, zone);
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

static gboolean plan_block(Session *session, json_t *body, Record *own, GError **error)
{
	gint64 moment;
	const char *order = needed(session->cli, "order", error);
	const char *when = order != NULL ? needed(session->cli, "signed", error) : NULL;
	if (when == NULL || !read_moment(desk_client_zone(session->desk), when, &moment, error))
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
	if (deputy == NULL || !read_moment(desk_client_zone(session->desk), from, &first, error) || !read_moment(desk_client_zone(session->desk), to, &last, error))
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
	{"block", "/v1/people/block", NULL, ENTRY_BLOCKED, plan_block, N_("blocked from this moment")},
	{"unblock", "/v1/people/unblock", "unblock", ENTRY_KEY, plan_unblock, N_("no longer blocked")},
	{"cover", "/v1/people/cover", "cover", ENTRY_KEY, plan_cover, N_("the leave is entered")},
};

static gboolean said(const Cli *cli, const char *name, const char *word, const char *done, GError **error)
{
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:s}", "name", output_value(name), "done", word), error);
	g_autofree char *line = g_strdup_printf("%s: %s\n", name, done);
	g_autofree char *shown = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(shown, error);
}

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
	return said(session->cli, name, changes[which].word, _(changes[which].done), error);
}

/* --- confirm ---------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name, *typed;
	guint done;
} Confirm;

static gboolean confirm_one(Session *session, const char *mailbox, gpointer user, GError **error)
{
	Confirm *confirm = user;
	guint8 hash[ENROLMENT_HASH];
	g_autoptr(json_t) staff = staff_fetch(session, mailbox, error);
	const json_t *person = staff != NULL ? staff_find(staff, mailbox, confirm->name) : NULL;
	if (staff == NULL)
		return FALSE;
	const json_t *keys = person != NULL ? staff_waiting(person) : NULL;
	if (keys == NULL)
		return TRUE;
	if (!staff_hash(session, keys, hash, error))
		return FALSE;
	if (!spoken_is(hash, confirm->typed))
		return cli_fail(error, CLI_ERROR_REFUSED,
		                _("these are not the six words of the key that the register has under that name: let her read them once more, and where they still differ let nobody confirm her, and tell the supervisor"));
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "confirm");
	record_add(own, "name", confirm->name);
	record_add_hex(own, "words", hash, sizeof hash);
	json_t *body = json_pack("{s:s, s:s}", "name", confirm->name, "words", record_get(own, "words"));
	confirm->done++;
	return opening_act_of(session, mailbox, ENTRY_KEY, "/v1/people/confirm", body, own, GROUND_ORDER, error);
}

static gboolean confirm(Session *session, GError **error)
{
	Confirm one = {.name = options_word(session->cli->options, 2), .typed = options_value(session->cli->options, "words")};
	if (one.name == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("name the person: senim officer %s NAME"), "confirm");
	g_autoptr(Passphrase) aloud = one.typed == NULL ? passphrase_ask_aloud(_("The six words that she reads to you: "), error) : NULL;
	if (aloud != NULL)
		one.typed = passphrase_text(aloud);
	if (one.typed == NULL || !each_mailbox(session, confirm_one, &one, error))
		return FALSE;
	if (one.done == 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("nobody of that name waits to be confirmed: senim officer list shows who does"));
	return said(session->cli, one.name, "confirm", _("confirmed, and reads from now on"), error);
}

/* --- block without a key: root of the host ---------------------------------------------------------------------- */

/* Where she is, and not blocked yet: the registrar says where she is not. */
static gboolean block_there(DeskClient *desk, const Cli *cli, const char *name, const char *order, gint64 moment, GError **error)
{
	const char *mailbox, *origin;
	guint done = 0;
	g_autoptr(GError) last = NULL;
	for (guint i = 0; desk_client_mailbox(desk, i, &mailbox, &origin); i++) {
		if (!is_asked(cli, mailbox))
			continue;
		g_clear_error(&last);
		json_t *body = json_pack("{s:s, s:s, s:s, s:I}", "mailbox", mailbox, "name", name, "order", order, "signed",
		                         (json_int_t)moment);
		json_t *answer = desk_client_ask_as_host(desk, "/v1/host/block", body, &last);
		done += answer != NULL;
		json_decref(answer);
	}
	if (done > 0)
		return TRUE;
	if (last == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no such mailbox: check --mailbox"));
	g_propagate_error(error, g_steal_pointer(&last));
	return FALSE;
}

static gboolean block_as_host(const Cli *cli, GError **error)
{
	gint64 moment;
	const char *name = options_word(cli->options, 2), *order = needed(cli, "order", error);
	const char *when = order != NULL ? needed(cli, "signed", error) : NULL;
	if (when == NULL)
		return FALSE;
	if (name == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("name the person: senim officer %s NAME"), "block");
	g_autoptr(Config) config = cli_load_config(cli->settings->config, error);
	if (config == NULL)
		return FALSE;
	g_autofree char *socket = config_run_path(config, "desk.sock");
	g_autoptr(DeskClient) desk = desk_client_new(socket, NULL, "root", NULL, error);
	return desk != NULL && read_moment(config->timezone, when, &moment, error) &&
	       block_there(desk, cli, name, order, moment, error) && said(cli, name, "block", _("blocked from this moment"), error);
}

/* --- papers ----------------------------------------------------------------------------------------------------- */

typedef gboolean (*Paper)(Session *session, const char *mailbox, const char *name, GError **error);

/* One mailbox, one file: with several of them --mailbox says which. */
static gboolean paper(Session *session, Paper make, GError **error)
{
	const char *name = options_word(session->cli->options, 2), *mailbox, *origin, *found = NULL;
	if (name == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("name the person: senim officer %s NAME"), options_word(session->cli->options, 1));
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		if (!is_asked(session->cli, mailbox))
			continue;
		if (found != NULL)
			return cli_fail(error, CLI_ERROR_USAGE, _("there are several mailboxes: name one with --mailbox"));
		found = mailbox;
	}
	if (found == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no such mailbox: check --mailbox"));
	return make(session, found, name, error);
}

/* --- the command ------------------------------------------------------------------------------------------------ */

/* Until the end of the day, for one case: another's look past the day's limit. */
static gboolean allow(Session *session, GError **error)
{
	const char *name = options_word(session->cli->options, 2), *typed = options_word(session->cli->options, 3);
	if (typed == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("name the person and the case: senim officer allow NAME CASE"));
	g_autoptr(Case) c = session_find(session, typed, error);
	if (c == NULL)
		return FALSE;
	g_autoptr(Record) own = record_new();
	record_add(own, "name", name);
	if (!opening_act(session, c, ENTRY_ALLOWED, "/v1/allow", json_pack("{s:s}", "name", name), own, GROUND_ORDER, NULL, error))
		return FALSE;
	g_autofree char *shown = case_shown(c, session->desk);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:s, s:o}", "name", output_value(name), "done", "allow", "case", output_value(shown)),
		                   error);
	g_autofree char *line = g_strdup_printf(_("%s may look at %s until the end of the day.\n"), name, shown);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

static gboolean serve(Session *session, const char *word, GError **error)
{
	if (strcmp(word, "list") == 0)
		return list(session, error);
	if (strcmp(word, "confirm") == 0)
		return confirm(session, error);
	if (strcmp(word, "allow") == 0)
		return allow(session, error);
	if (strcmp(word, "act") == 0)
		return paper(session, officer_papers_act, error);
	if (strcmp(word, "handover") == 0)
		return paper(session, officer_papers_handover, error);
	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++)
		if (strcmp(changes[i].word, word) == 0)
			return change(session, i, error);
	return FALSE;
}

gboolean cmd_officer(Cli *cli, GError **error)
{
	static const char *const words[] = {"list", "add", "confirm", "block", "unblock", "cover", "act", "handover", "allow",
	                                    NULL};
	const char *word = options_word(cli->options, 1);
	if (!g_strv_contains(words, word))
		return cli_fail(error, CLI_ERROR_USAGE,
		                _("senim officer takes list, add, confirm, block, unblock, cover, act, handover or allow"));
	if (strcmp(word, "block") == 0 && cli->settings->config != NULL && cli->settings->identity == NULL)
		return block_as_host(cli, error);
	g_autoptr(Session) session = session_open(cli, error);
	return session != NULL && serve(session, word, error);
}
