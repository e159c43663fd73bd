/* SPDX-License-Identifier: ISC */
#include "cli/incident.h"

#include <string.h>

#include "base/escape.h"
#include "cli/opening.h"
#include "cli/verify-look.h"
#include "store/desk-incident.h"

#define ASK_SECONDS 60
#define GROUND_JOURNAL "incident" /* it looks at no case */

/* --- reading ------------------------------------------------------------------------------------------------------------ */

static gboolean fold(Journal *journal, guint64 seq, const Record *record, GError **error)
{
	g_autoptr(GError) cause = NULL;
	if (incident_book_fold(journal->book, seq, record, &cause))
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the emergency journal that came does not hold (entry %llu): tell the supervisor and the other officers"),
	                (unsigned long long)seq);
}

/* One page of PROOF behind `after`. */
static gboolean read_page(Journal *journal, gboolean *more, GError **error)
{
	guint64 known;
	Entry entry;
	const Record *record;
	Session *session = journal->session;
	const char *origin = session_origin(session, journal->mailbox, &known, error);
	if (origin == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:I, s:I}", "mailbox", journal->mailbox, "after", (json_int_t)journal->book->last, "known",
	                         (json_int_t)known);
	g_autoptr(json_t) answer = desk_client_post(session->desk, DESK_INCIDENTS, body, NULL, error);
	g_autoptr(Look) look = answer != NULL ? verify_look_take(session->pins, origin, answer, error) : NULL;
	if (look == NULL)
		return FALSE;
	guint64 before = journal->book->last;
	for (guint i = 1; (record = verify_look_nth(look, i, &entry)) != NULL; i++) {
		if (entry.kind != ENTRY_INCIDENT)
			return desk_form_error(error, "entries");
		if (!fold(journal, entry.seq, record, error))
			return FALSE;
	}
	*more = json_is_true(json_object_get(answer, "more")) && journal->book->last > before;
	return TRUE;
}

static gboolean read_host_entry(Journal *journal, json_t *item, GError **error)
{
	guint64 seq;
	gsize size;
	g_autoptr(GBytes) octets = desk_get_octets(item, "record", 0, error);
	if (octets == NULL || !desk_get_uint(item, "seq", &seq, error))
		return FALSE;
	const void *text = g_bytes_get_data(octets, &size);
	g_autoptr(Record) record = record_read(text, size, 0, NULL, NULL);
	return record != NULL ? fold(journal, seq, record, error) : desk_form_error(error, "record");
}

static gboolean read_host_page(Journal *journal, gboolean *more, GError **error)
{
	gsize i;
	json_t *item;
	guint64 before = journal->book->last;
	json_t *body = json_pack("{s:s, s:I}", "mailbox", journal->mailbox, "after", (json_int_t)before);
	g_autoptr(json_t) answer = desk_client_ask_host(journal->socket, DESK_HOST_INCIDENTS, body, ASK_SECONDS, error);
	json_t *entries = answer != NULL ? desk_get_array(answer, "entries", error) : NULL;
	if (entries == NULL)
		return FALSE;
	json_array_foreach(entries, i, item)
		if (!read_host_entry(journal, item, error))
			return FALSE;
	*more = json_is_true(json_object_get(answer, "more")) && journal->book->last > before;
	return TRUE;
}

static gboolean read_all(Journal *journal, GError **error)
{
	gboolean more = TRUE;
	g_clear_pointer(&journal->book, incident_book_free);
	journal->book = incident_book_new();
	journal->now = g_get_real_time();
	while (more)
		if (!(journal->session != NULL ? read_page(journal, &more, error) : read_host_page(journal, &more, error)))
			return FALSE;
	return TRUE;
}

/* --- which one ---------------------------------------------------------------------------------------------------------- */

gboolean incident_as_host(const Cli *cli)
{
	return cli->settings->config != NULL && cli->settings->identity == NULL;
}

static gboolean open_as_host(Cli *cli, Journal *journal, GError **error)
{
	const char *named = options_value(cli->options, "mailbox");
	journal->config = cli_config(cli, error);
	if (journal->config == NULL)
		return FALSE;
	const Config *config = journal->config;
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (named == NULL ? config->n_mailboxes == 1 : strcmp(config->mailboxes[i].address, named) == 0)
			journal->mailbox = config->mailboxes[i].address;
	if (journal->mailbox == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, named == NULL ? _("there are several mailboxes: name one with --mailbox")
		                                                      : _("there is no such mailbox: check --mailbox"));
	journal->socket = config_run_path(config, "desk.sock");
	journal->organisation = config->organisation;
	journal->zone = config->timezone;
	return TRUE;
}

/* With session and mailbox. */
static gboolean read_desk(Journal *journal, GError **error)
{
	journal->organisation = desk_client_organisation(journal->session->desk);
	journal->zone = desk_client_zone(journal->session->desk);
	return read_all(journal, error);
}

Journal *incident_open(Cli *cli, GError **error)
{
	g_autoptr(Journal) journal = g_new0(Journal, 1);
	if (incident_as_host(cli))
		return open_as_host(cli, journal, error) && read_all(journal, error) ? g_steal_pointer(&journal) : NULL;
	journal->session = session_open(cli, error);
	journal->mailbox = journal->session != NULL ? session_mailbox(journal->session, error) : NULL;
	return journal->mailbox != NULL && read_desk(journal, error) ? g_steal_pointer(&journal) : NULL;
}

Journal *incident_open_in(Session *session, const char *mailbox, GError **error)
{
	g_autoptr(Journal) journal = g_new0(Journal, 1);
	journal->session = session;
	journal->borrowed = TRUE;
	journal->mailbox = mailbox;
	return read_desk(journal, error) ? g_steal_pointer(&journal) : NULL;
}

void incident_close(Journal *journal)
{
	if (journal == NULL)
		return;
	incident_book_free(journal->book);
	if (!journal->borrowed)
		g_clear_pointer(&journal->session, session_free);
	g_clear_pointer(&journal->config, config_unref);
	g_free(journal->socket);
	g_free(journal);
}

/* --- writing ------------------------------------------------------------------------------------------------------------ */

static const char *or_none(const char *text)
{
	return text != NULL && *text != '\0' ? text : "-";
}

static json_t *body_of(const Journal *journal, const JournalEntry *entry)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "act", entry->act, "of", (json_int_t)entry->of, "after",
	                 (json_int_t)journal->book->last, "from", (json_int_t)entry->from, "to", (json_int_t)entry->to, "part",
	                 or_none(entry->part), "cause", or_none(entry->cause), "measures", or_none(entry->measures), "needed",
	                 or_none(entry->needed), "responsible", or_none(entry->responsible));
}

static Record *record_of(const Journal *journal, const JournalEntry *entry)
{
	Record *own = record_new();
	record_add_uint(own, "after", journal->book->last);
	record_add(own, "act", entry->act);
	record_add_uint(own, "of", entry->of);
	record_add_uint(own, "from", (guint64)entry->from);
	record_add_uint(own, "to", (guint64)entry->to);
	record_add(own, "part", or_none(entry->part));
	record_add(own, "cause", or_none(entry->cause));
	record_add(own, "measures", or_none(entry->measures));
	record_add(own, "needed", or_none(entry->needed));
	record_add(own, "responsible", or_none(entry->responsible));
	return own;
}

gboolean incident_enter(Journal *journal, const JournalEntry *entry, GError **error)
{
	json_t *body = body_of(journal, entry);
	if (body == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("the request holds text that is no UTF-8: write it again"));
	if (journal->session == NULL) {
		json_object_set_new(body, "mailbox", json_string(journal->mailbox));
		g_autoptr(json_t) answer = desk_client_ask_host(journal->socket, DESK_HOST_INCIDENT, body, ASK_SECONDS, error);
		return answer != NULL && read_all(journal, error);
	}
	g_autoptr(Record) own = record_of(journal, entry);
	return opening_act_of(journal->session, journal->mailbox, ENTRY_INCIDENT, DESK_INCIDENT, body, own, GROUND_JOURNAL, error) &&
	       read_all(journal, error);
}

/* --- words -------------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *word, *label;
} Label;

static const char *label_of(const Label *labels, gsize n, const char *word)
{
	for (gsize i = 0; word != NULL && i < n; i++)
		if (strcmp(labels[i].word, word) == 0)
			return _(labels[i].label);
	return NULL;
}

char *incident_what(const Incident *incident)
{
	static const Label whats[] = {
		{"registrar", N_("the registrar did not run, and all mail was put off")},
		{"milter", N_("senim-milter was not heard")},
		{"nursery", N_("letters could not be examined")},
		{"mta", N_("nobody took our letters: the mail server was away")},
		{"refused", N_("reports were put off")},
		{"clock", N_("the clock was wrong")},
		{"mismatch", N_("the check of the register found a fault")},
		{"hand", N_("entered by hand")},
	};
	static const Label hows[] = {
		{"stopped", N_("it was stopped")},     {"died", N_("it broke off")},
		{"host", N_("the host was started anew")}, {"ahead", N_("it was set ahead")},
		{"behind", N_("it was set back")},
	};
	const char *what = label_of(whats, G_N_ELEMENTS(whats), incident->what), *how = label_of(hows, G_N_ELEMENTS(hows), incident->how);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *word = what == NULL ? escape_text(incident->what, -1, ESCAPE_LINE) : NULL;
	g_autofree char *cause = incident->cause != NULL ? escape_text(incident->cause, -1, ESCAPE_LINE) : NULL;
	g_string_append(text, cause != NULL ? cause : what != NULL ? what : word);
	if (how != NULL)
		g_string_append_printf(text, " (%s)", how);
	if (incident->refused > 0)
		g_string_append_printf(text, _("; messages put off: %llu"), (unsigned long long)incident->refused);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

const char *incident_part_heading(const char *part)
{
	static const Label headings[] = {
		{"equipment", N_("Actions where equipment in the server room is badly damaged")},
		{"premises", N_("Actions where the premises are partly damaged")},
		{"fire", N_("Actions on a fire alarm")},
		{"air-conditioning", N_("Actions where the air conditioning fails")},
		{"power", N_("Actions where the electric power fails")},
		{"flood", N_("Actions on flooding")},
		{"mail", N_("Actions where mail or software fails")},
	};
	return label_of(headings, G_N_ELEMENTS(headings), part);
}

const char *incident_part_label(const char *part)
{
	static const Label labels[] = {
		{"equipment", N_("equipment")},
		{"premises", N_("premises")},
		{"fire", N_("fire")},
		{"air-conditioning", N_("air conditioning")},
		{"power", N_("electric power")},
		{"flood", N_("flooding")},
		{"mail", N_("mail and software")},
	};
	return label_of(labels, G_N_ELEMENTS(labels), part);
}
