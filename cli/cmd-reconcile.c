/* SPDX-License-Identifier: ISC */
/* senim reconcile MAILLOG...: every message that the MTA took for a mailbox, against the register. */
#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/desk-client.h"
#include "cli/format.h"
#include "cli/maillog.h"
#include "cli/output.h"
#include "milter/recipient.h"
#include "store/desk-reconcile.h"

#define ASK_SECONDS 60
#define MESSAGES_MOST 500000 /* of ours in one run: some 60 MiB */

/* A message of ours, by its id and day. */
typedef struct {
	char *id;
	gint64 time;
	MaillogHow how;
	int mailbox; /* -1: the line does not say */
	char state;  /* y known, n not, e early; 0: not asked */
} Message;

typedef struct {
	guint64 taken, known, missing, past, early;
} Counts;

typedef struct {
	Config *config;
	RecipientMatcher *matcher;
	GTimeZone *zone;
	gint64 now, from, to;
	GHashTable *messages; /* "ID DAY" to Message */
	char *socket;
	Counts *counts; /* of each mailbox */
} Reconcile;

static void message_free(gpointer data)
{
	g_free(((Message *)data)->id);
	g_free(data);
}

static void reconcile_clear(Reconcile *r)
{
	g_clear_pointer(&r->messages, g_hash_table_unref);
	g_clear_pointer(&r->matcher, recipient_matcher_free);
	g_clear_pointer(&r->config, config_unref);
	g_clear_pointer(&r->zone, g_time_zone_unref);
	g_free(r->socket);
	g_free(r->counts);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reconcile, reconcile_clear)

/* --- reading ------------------------------------------------------------------------------------------------------------ */

/* The mailbox of the first address that is one of ours; RECIPIENT_FOREIGN: none is. */
static int mailbox_of(const Reconcile *r, char **addresses)
{
	for (; addresses != NULL && *addresses != NULL; addresses++) {
		int mailbox = recipient_match(r->matcher, *addresses, *addresses, NULL);
		if (mailbox >= 0)
			return mailbox;
	}
	return RECIPIENT_FOREIGN;
}

/* A delivery past the milter says more than that it was taken; who it was for more than nobody. */
static gboolean keep(Reconcile *r, const MaillogLine *line, int mailbox, GError **error)
{
	char *key = g_strdup_printf("%s %" G_GINT64_FORMAT, line->queue_id, line->time / G_TIME_SPAN_DAY);
	Message *message = g_hash_table_lookup(r->messages, key);
	if (message != NULL) {
		message->how = MAX(message->how, line->how);
		message->mailbox = MAX(message->mailbox, mailbox);
		g_free(key);
		return TRUE;
	}
	if (g_hash_table_size(r->messages) >= MESSAGES_MOST) {
		g_free(key);
		return cli_fail(error, CLI_ERROR_USAGE, _("these logs have more than %d messages for the mailboxes: give fewer of them at a time"), MESSAGES_MOST);
	}
	message = g_new0(Message, 1);
	*message = (Message){g_strdup(line->queue_id), line->time, line->how, mailbox, 0};
	g_hash_table_insert(r->messages, key, message);
	return TRUE;
}

static gboolean take_line(const char *text, gpointer user, GError **error)
{
	Reconcile *r = user;
	g_auto(MaillogLine) line = {0};
	gint64 time;
	gboolean proves = maillog_line_read(text, r->now, r->zone, &line, &time);
	if (time != 0) {
		r->from = r->from == 0 ? time : MIN(r->from, time);
		r->to = MAX(r->to, time);
	}
	int mailbox = proves && line.addresses != NULL ? mailbox_of(r, line.addresses) : -1;
	return !proves || (line.addresses != NULL && mailbox < 0) || keep(r, &line, mailbox, error);
}

static gboolean read_files(Cli *cli, Reconcile *r, GError **error)
{
	const char *path;
	for (guint i = 1; (path = options_word(cli->options, i)) != NULL; i++) {
		g_autoptr(GError) cause = NULL;
		if (maillog_file_read(path, take_line, r, &cause))
			continue;
		if (cause->domain == CLI_ERROR)
			return g_propagate_error(error, g_steal_pointer(&cause)), FALSE;
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		return cli_fail(error, CLI_ERROR_FAILED, _("the log cannot be read: %s"), why);
	}
	if (r->from == 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("no line of these files is one of a mail server's log: name its log, such as /var/log/mail.log"));
	return TRUE;
}

/* --- asking ------------------------------------------------------------------------------------------------------------- */

static gboolean ask(const Reconcile *r, guint mailbox, GPtrArray *batch, GError **error)
{
	json_t *ids = json_array();
	for (guint i = 0; i < batch->len; i++) {
		const Message *message = batch->pdata[i];
		json_array_append_new(ids, json_pack("{s:s, s:I}", "id", message->id, "time", (json_int_t)message->time));
	}
	json_t *body = json_pack("{s:s, s:o}", "mailbox", r->config->mailboxes[mailbox].address, "ids", ids);
	g_autoptr(json_t) answer = desk_client_ask_host(r->socket, DESK_HOST_QUEUE, body, ASK_SECONDS, error);
	json_t *known = answer != NULL ? desk_get_array(answer, "known", error) : NULL;
	if (known == NULL)
		return FALSE;
	if (json_array_size(known) != batch->len)
		return desk_form_error(error, "known");
	for (guint i = 0; i < batch->len; i++) {
		Message *message = batch->pdata[i];
		const char *word = json_string_value(json_array_get(known, i));
		message->state = word != NULL ? word[0] : 'n';
		if (message->state == 'y')
			message->mailbox = (int)mailbox;
	}
	g_ptr_array_set_size(batch, 0);
	return TRUE;
}

/* What a line does not name a mailbox for is asked of each, until one knows it. */
static gboolean ask_all(const Reconcile *r, GError **error)
{
	g_autoptr(GPtrArray) batch = g_ptr_array_new();
	for (guint i = 0; i < r->config->n_mailboxes; i++) {
		GHashTableIter iter;
		gpointer value;
		g_hash_table_iter_init(&iter, r->messages);
		while (g_hash_table_iter_next(&iter, NULL, &value)) {
			Message *message = value;
			if (message->state != 'y' && (message->mailbox == (int)i || message->mailbox < 0))
				g_ptr_array_add(batch, message);
			if (batch->len == DESK_QUEUE_MOST && !ask(r, i, batch, error))
				return FALSE;
		}
		if (batch->len > 0 && !ask(r, i, batch, error))
			return FALSE;
	}
	return TRUE;
}

/* --- counting ----------------------------------------------------------------------------------------------------------- */

static gboolean is_past(const Message *message)
{
	return message->how == MAILLOG_DELIVERED || message->how == MAILLOG_RETURNED;
}

/* A discard of which nobody says whose it was is ours only where a register knows it. */
static gboolean counts(const Message *message)
{
	return message->how != MAILLOG_UNNAMED || message->state == 'y';
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const Message *one = *(const Message *const *)a, *other = *(const Message *const *)b;
	return one->time != other->time ? (one->time < other->time ? -1 : 1) : strcmp(one->id, other->id);
}

/* Those that are not in the register, the oldest first (borrowed). unnamed: discards of which nothing is known. */
static GPtrArray *count(Reconcile *r, guint *unnamed)
{
	GHashTableIter iter;
	gpointer value;
	GPtrArray *missing = g_ptr_array_new();
	r->counts = g_new0(Counts, r->config->n_mailboxes);
	*unnamed = 0;
	g_hash_table_iter_init(&iter, r->messages);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Message *message = value;
		Counts *own = &r->counts[MAX(message->mailbox, 0)];
		*unnamed += !counts(message);
		if (!counts(message))
			continue;
		own->taken++;
		own->known += message->state == 'y';
		own->early += message->state == 'e';
		own->past += message->state == 'n' && is_past(message);
		own->missing += message->state == 'n' && !is_past(message);
		if (message->state == 'n')
			g_ptr_array_add(missing, message);
	}
	g_ptr_array_sort(missing, by_time);
	return missing;
}

static gboolean enter(const Reconcile *r, GError **error)
{
	for (guint i = 0; i < r->config->n_mailboxes; i++) {
		const Counts *own = &r->counts[i];
		json_t *body = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "mailbox", r->config->mailboxes[i].address, "from",
		                         (json_int_t)r->from, "to", (json_int_t)r->to, "taken", (json_int_t)own->taken, "known",
		                         (json_int_t)own->known, "missing", (json_int_t)own->missing, "past", (json_int_t)own->past, "early",
		                         (json_int_t)own->early);
		g_autoptr(json_t) answer = desk_client_ask_host(r->socket, DESK_HOST_RECONCILED, body, ASK_SECONDS, error);
		if (answer == NULL)
			return FALSE;
	}
	return TRUE;
}

/* --- saying ------------------------------------------------------------------------------------------------------------- */

static const char *how_word(const Message *message)
{
	return message->how == MAILLOG_DELIVERED ? "delivered" : message->how == MAILLOG_RETURNED ? "returned" : "discarded";
}

static const char *how_said(const Message *message)
{
	return message->how == MAILLOG_DELIVERED  ? _("delivered past senim")
	       : message->how == MAILLOG_RETURNED ? _("returned to the sender")
	                                          : _("taken, and not in the register");
}

static gboolean say_json(const Reconcile *r, const GPtrArray *missing, GError **error)
{
	json_t *mailboxes = json_array(), *list = json_array();
	g_autofree char *from = format_time_iso(r->from, r->config->timezone), *to = format_time_iso(r->to, r->config->timezone);
	for (guint i = 0; i < r->config->n_mailboxes; i++) {
		const Counts *own = &r->counts[i];
		json_array_append_new(mailboxes, json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "mailbox", output_value(r->config->mailboxes[i].address),
		                                           "taken", (json_int_t)own->taken, "known", (json_int_t)own->known, "missing",
		                                           (json_int_t)own->missing, "past", (json_int_t)own->past, "early",
		                                           (json_int_t)own->early));
	}
	for (guint i = 0; i < missing->len; i++) {
		const Message *message = missing->pdata[i];
		g_autofree char *time = format_time_iso(message->time, r->config->timezone);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "queue_id", message->id, "time", time, "how", how_word(message)));
	}
	return output_json(json_pack("{s:s, s:s, s:o, s:o}", "from", from, "to", to, "mailboxes", mailboxes, "missing", list), error);
}

static gboolean say(const Reconcile *r, const GPtrArray *missing, guint unnamed, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	g_autofree char *from = format_time(r->from, r->config->timezone), *to = format_time(r->to, r->config->timezone);
	g_autofree char *head = g_strdup_printf(_("The mail server's log from %s to %s:\n"), from, to);
	wipe_buffer_add_text(out, head);
	for (guint i = 0; i < r->config->n_mailboxes; i++) {
		const Counts *own = &r->counts[i];
		g_autofree char *line = g_strdup_printf(
			_("  %s: taken %llu, in the register %llu, missing %llu, past senim %llu, from before queue ids were kept %llu\n"),
			r->config->mailboxes[i].address, (unsigned long long)own->taken, (unsigned long long)own->known,
			(unsigned long long)own->missing, (unsigned long long)own->past, (unsigned long long)own->early);
		g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
		format_fold(safe, output_width(), 4, out);
	}
	for (guint i = 0; i < missing->len; i++) {
		const Message *message = missing->pdata[i];
		g_autofree char *time = format_time(message->time, r->config->timezone);
		g_autofree char *line = g_strdup_printf("  %s  %s  %s\n", time, message->id, how_said(message));
		wipe_buffer_add_text(out, line);
	}
	if (unnamed > 0) {
		g_autofree char *line = g_strdup_printf(_("Discarded without a recipient in the log, and in no register: %u. Sendmail names them from LogLevel 10 on.\n"), unnamed);
		format_fold(line, output_width(), 0, out);
	}
	return output_text(out, error);
}

gboolean cmd_reconcile(Cli *cli, GError **error)
{
	guint unnamed;
	g_auto(Reconcile) r = {.config = cli_config(cli, error)};
	if (r.config == NULL)
		return FALSE;
	r.matcher = recipient_matcher_new(r.config);
	r.zone = g_time_zone_new_local();
	r.now = g_get_real_time();
	r.messages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, message_free);
	r.socket = config_run_path(r.config, "desk.sock");
	if (!read_files(cli, &r, error) || !ask_all(&r, error))
		return FALSE;
	g_autoptr(GPtrArray) missing = count(&r, &unnamed);
	if (!enter(&r, error) || !(options_flag(cli->options, "json") ? say_json(&r, missing, error) : say(&r, missing, unnamed, error)))
		return FALSE;
	return missing->len == 0 || cli_fail(error, CLI_ERROR_FAILED, _("not all that the mail server took is in the register: look up these queue ids in its log, and tell the officers"));
}
