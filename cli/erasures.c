/* SPDX-License-Identifier: ISC */
#include "cli/erasures.h"

#include <string.h>

#include "base/escape.h"
#include "cli/act.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/row.h"

void erasures_free(Erasure *erasure)
{
	if (erasure == NULL)
		return;
	case_free(erasure->c);
	g_free(erasure->state);
	g_free(erasure->order);
	g_free(erasure->dated);
	g_free(erasure->officer);
	g_free(erasure->digest);
	json_decref(erasure->lasting);
	g_free(erasure);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static gboolean take_text(json_t *object, const char *key, char **text, GError **error)
{
	*text = g_strdup(desk_get_text(object, key, error));
	return *text != NULL;
}

/* Of a case of which she may know no more than its name. */
static Case *read_case(json_t *item, GError **error)
{
	guint64 last;
	g_autoptr(json_t) bare = json_copy(item);
	json_object_set_new(bare, "elsewhere", json_true());
	Case *c = case_read(bare, error);
	if (c != NULL && desk_get_uint(item, "last", &last, error)) {
		c->last = last;
		return c;
	}
	case_free(c);
	return NULL;
}

static Erasure *read_item(json_t *item, GError **error)
{
	guint64 since = 0, due = 0;
	g_autoptr(Erasure) erasure = g_new0(Erasure, 1);
	erasure->c = read_case(item, error);
	if (erasure->c == NULL || !desk_get_uint(item, "entry", &erasure->entry, error) || !take_text(item, "state", &erasure->state, error) ||
	    !take_text(item, "officer", &erasure->officer, error) || !desk_get_uint(item, "since", &since, error) ||
	    !desk_get_uint(item, "due", &due, error))
		return NULL;
	erasure->since = (gint64)since;
	erasure->due = (gint64)due;
	erasure->held = json_is_true(json_object_get(item, "held"));
	return g_steal_pointer(&erasure);
}

/* What the order's own entry says; its text is read where it is sealed to her. */
static gboolean take_order(Session *session, Erasure *erasure, const Look *look, guint i, json_t *item, GError **error)
{
	Entry entry;
	guint64 of;
	g_autoptr(GError) cause = NULL;
	const Record *record = verify_look_nth(look, i, &entry);
	if (record == NULL || entry.kind != ENTRY_ERASURE || entry.seq != erasure->entry || record_get(record, "order") == NULL ||
	    record_get(record, "dated") == NULL || record_get(record, "digest") == NULL ||
	    !record_get_uint(record, "case", G_MAXINT64, &of, NULL) || of != erasure->c->seq)
		return desk_form_error(error, "erasures");
	erasure->order = g_strdup(record_get(record, "order"));
	erasure->dated = g_strdup(record_get(record, "dated"));
	erasure->digest = g_strdup(record_get(record, "digest"));
	erasure->message = record_get(record, "message") != NULL;
	g_autoptr(WipeText) text = act_open_text(session, record, item, &cause);
	erasure->lasting = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : json_object();
	if (cause == NULL && json_is_object(erasure->lasting))
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED, _("what the order on %s keeps cannot be read: tell the supervisor and the other officers"),
	                erasure->c->name);
}

static gboolean fetch_mailbox(Session *session, const char *mailbox, GPtrArray *list, GError **error)
{
	guint64 known;
	const char *origin = session_origin(session, mailbox, &known, error);
	if (origin == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:I}", "mailbox", mailbox, "known", (json_int_t)known);
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/erasures", body, NULL, error);
	json_t *items = answer != NULL ? desk_get_array(answer, "erasures", error) : NULL;
	if (items == NULL || json_array_size(items) == 0)
		return items != NULL;
	g_autoptr(Look) look = verify_look_take(session->pins, origin, answer, error);
	json_t *entries = json_object_get(answer, "entries");
	for (guint i = 0; look != NULL && i < json_array_size(items); i++) {
		Erasure *erasure = read_item(json_array_get(items, i), error);
		if (erasure == NULL)
			return FALSE;
		g_ptr_array_add(list, erasure);
		if (!take_order(session, erasure, look, i, json_array_get(entries, i), error))
			return FALSE;
	}
	return look != NULL;
}

GPtrArray *erasures_fetch(Session *session, GError **error)
{
	const char *mailbox, *origin;
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)erasures_free);
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++)
		if (!fetch_mailbox(session, mailbox, list, error))
			return NULL;
	return g_steal_pointer(&list);
}

Erasure *erasures_find(Session *session, const char *typed, GError **error)
{
	g_autoptr(GPtrArray) list = case_check_name(typed, error) ? erasures_fetch(session, error) : NULL;
	for (guint i = 0; list != NULL && i < list->len; i++) {
		Erasure *erasure = list->pdata[i];
		if (!case_is_named(erasure->c, typed, desk_client_zone(session->desk), g_get_real_time()))
			continue;
		g_free(session->found); /* what the ground is asked for */
		session->found = g_strdup(erasure->c->name);
		return g_ptr_array_steal_index(list, i);
	}
	if (list != NULL)
		cli_fail(error, CLI_ERROR_FAILED, _("no erasure is ordered in a case of that name in which you may decide: senim erase shows those that are"));
	return NULL;
}

/* --- showing --------------------------------------------------------------------------------------------------------- */

char *erasures_day(Session *session, gint64 moment)
{
	g_autofree char *text = format_time(moment, desk_client_zone(session->desk));
	return g_strndup(text, 10);
}

void erasures_add_lasting(json_t *lasting, WipeBuffer *out)
{
	wipe_buffer_add_text(out, _("  What stays legible: number and dates"));
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const char *value = json_string_value(json_object_get(json_object_get(lasting, column->key), "value"));
		if (value == NULL)
			continue;
		g_autoptr(WipeText) safe = escape_text(value, -1, ESCAPE_LINE);
		wipe_buffer_add_text(out, "\n    ");
		wipe_buffer_add_text(out, _(column->label));
		wipe_buffer_add_text(out, ": ");
		wipe_buffer_add_text(out, safe);
	}
	wipe_buffer_add_text(out, "\n");
	if (json_object_size(lasting) > 0)
		wipe_buffer_add_text(out, _("  Where one of these texts names the person, stop the order, strike it and write it anew first.\n"));
}

void erasures_add(Session *session, const Erasure *erasure, WipeBuffer *out)
{
	g_autofree char *name = case_shown(erasure->c, session->desk), *order = escape_text(erasure->order, -1, ESCAPE_LINE);
	g_autofree char *officer = escape_text(erasure->officer, -1, ESCAPE_LINE), *since = erasures_day(session, erasure->since);
	g_autofree char *due = erasure->due != 0 ? erasures_day(session, erasure->due) : NULL;
	g_autofree char *line = g_strdup_printf(_("%s: erasure by order № %s of %s, ordered by %s"), name, order, erasure->dated, officer);
	g_autofree char *state = due != NULL ? g_strdup_printf(_("confirmed on %s, carried out on %s unless it is stopped"), since, due)
	                                     : g_strdup_printf(_("ordered on %s: waits for a second person to confirm or stop it"), since);
	wipe_buffer_add_text(out, line);
	wipe_buffer_add_text(out, "\n  ");
	wipe_buffer_add_text(out, state);
	wipe_buffer_add_text(out, erasure->held ? _("; the case is on hold, so it waits") : "");
	wipe_buffer_add_text(out, "\n");
	if (erasure->message)
		wipe_buffer_add_text(out, _("  One message of the case goes; its row stays as it is.\n"));
	else
		erasures_add_lasting(erasure->lasting, out);
}

json_t *erasures_json(Session *session, const GPtrArray *list)
{
	json_t *all = json_array();
	for (guint i = 0; i < list->len; i++) {
		const Erasure *e = list->pdata[i];
		g_autofree char *name = case_shown(e->c, session->desk), *due = e->due != 0 ? erasures_day(session, e->due) : NULL;
		g_autofree char *since = format_time_iso(e->since, desk_client_zone(session->desk));
		json_array_append_new(all, json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:O}", "case", output_value(name), "entry",
		                                     (json_int_t)e->entry, "state", output_value(e->state), "order", output_value(e->order), "dated",
		                                     output_value(e->dated), "digest", output_value(e->digest), "ordered_by", output_value(e->officer),
		                                     "since", output_value(since), "carried_out_on", output_value(due), "held", e->held, "message",
		                                     e->message, "stays", e->lasting));
	}
	return all;
}

/* --- what is still somewhere --------------------------------------------------------------------------------------------- */

/* By the kind of the entry by which something left, and its word: what that is, and what to do about it. */
static const struct {
	const char *kind, *what;
} traces[] = {
	{"printed", N_("a printed copy, number %s: find it and shred it")},
	{"opened", N_("a file that was saved outside (%s): its officer destroys it, with senim purge where it was an export")},
	{"receipt", N_("a receipt that whoever reported has: it says the number and the dates")},
	{"redirected", N_("what went to law enforcement (%s): it lies with them")},
	{"acknowledged", N_("the acknowledgement, in the reporter's own mailbox")},
	{"replied", N_("an answer to the reporter, who has it")},
	{"advised", N_("a letter to the reporter on which body to turn to (%s), who has it")},
	{"forwarded", N_("what was forwarded (%s): ask the addressee to destroy it")},
	{"linked", N_("case %s is linked to it: what its row says of this one stays")},
	{"split", N_("case %s has a letter of this one, word for word: it is erased by an order of its own")},
	{"extracted", N_("what was gathered on a person (entry %s), where it was saved: its officer destroys it")},
	{"breach", N_("what was gathered for a breach of personal data (entry %s), where it was saved: its officer destroys it")},
	{"inspected", N_("the file for an inspection by order № %s: ask the inspector to destroy it")},
	{"register-read", N_("the register, printed or saved outside (period %s): where its row stands there, shred it and print it anew")},
	{"sheet", N_("sheet %s of the printed register has its row: black the row out")},
	{"copied", N_("line %s of the paper journal has its row: black the line out")},
	{"archived", N_("the archive of the month %s, in every copy that was made before the erasure")},
};

static void add_line(WipeBuffer *out, const char *line)
{
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, "  - ");
	wipe_buffer_add_text(out, safe);
	wipe_buffer_add_text(out, "\n");
}

/* How a letter went: an age or OpenPGP file goes by mail too. */
static const char *way_of(const char *by)
{
	return strcmp(by, "paper") == 0 ? _("on paper") : strcmp(by, "person") == 0 ? _("in person") : _("by mail");
}

static void add_trace(Session *session, const json_t *trace, WipeBuffer *out)
{
	const char *by = json_string_value(json_object_get(trace, "by"));
	const char *kind = json_string_value(json_object_get(trace, "kind")), *what = json_string_value(json_object_get(trace, "what"));
	g_autofree char *entry = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)json_integer_value(json_object_get(trace, "entry")));
	if (g_strcmp0(kind, "extracted") == 0) { /* two of one day are told apart by nothing else */
		kind = g_strcmp0(what, "breach") == 0 ? "breach" : kind;
		what = entry;
	}
	for (gsize i = 0; kind != NULL && i < G_N_ELEMENTS(traces); i++) {
		if (strcmp(traces[i].kind, kind) != 0)
			continue;
		g_autoptr(GString) line = g_string_new(_(traces[i].what));
		g_string_replace(line, "%s", what != NULL ? what : "-", 1);
		g_autofree char *day = erasures_day(session, json_integer_value(json_object_get(trace, "time")));
		const char *officer = json_string_value(json_object_get(trace, "officer"));
		g_string_append_printf(line, " (%s%s%s%s%s)", day, officer != NULL && strcmp(officer, "-") != 0 ? ", " : "",
		                       officer != NULL && strcmp(officer, "-") != 0 ? officer : "", by != NULL ? ", " : "",
		                       by != NULL ? way_of(by) : "");
		add_line(out, line->str);
	}
}

/* What the next rotation and the next archive do. */
static void add_own(const json_t *answer, WipeBuffer *out)
{
	const json_t *archive = json_object_get(answer, "archive");
	if (!json_is_true(json_object_get(answer, "removed")))
		add_line(out, _("what is left of it in the store: the registrar is at it, and tries again where the disk refuses"));
	if (json_is_null(json_object_get(answer, "custody")))
		add_line(out, _("the custody key under which it lay: the administrator gives the store another one, senim custody rotate, and destroys the old sheet in the safe"));
	if (json_is_object(archive) && !json_is_true(json_object_get(archive, "renewed")))
		add_line(out, _("the archive: its next run, or senim archive, writes the months anew without it"));
}

/* What nobody but people can see to, or time alone. */
static void add_left(Session *session, const json_t *answer, WipeBuffer *out)
{
	const json_t *list = json_object_get(answer, "traces");
	for (gsize i = 0; i < json_array_size(list); i++)
		add_trace(session, json_array_get(list, i), out);
	add_line(out, _("officers' search indices: each drops it when she signs in next; whoever signs in no more has senim search --forget run on her machine"));
	add_line(out, _("tries of the same letter that broke off while they came in: they lie in lost+found, without a key, for thirty days at most"));
	add_line(out, _("every backup and snapshot of the mail host from before, and directories that end in .mismatch-TIME: nobody but the administrator knows them"));
	add_line(out, _("what an officer has on her own machine or in her own notes"));
}

/* "removed": it lies in the store no more. "destroyed": what older copies of the store there are do not open under its key either. */
static const char *state_word(const json_t *answer, const Case *c)
{
	const json_t *archive = json_object_get(answer, "archive");
	if (g_strcmp0(c->erasure, "ordered") == 0 || g_strcmp0(c->erasure, "confirmed") == 0)
		return c->erasure;
	if (json_is_null(json_object_get(answer, "erased")))
		return "none";
	if (!json_is_true(json_object_get(answer, "removed")))
		return "removing";
	gboolean all = !json_is_null(json_object_get(answer, "custody")) && (json_is_null(archive) || json_is_true(json_object_get(archive, "renewed")));
	return all ? "destroyed" : "removed";
}

static const char *state_sentence(const char *word)
{
	static const struct {
		const char *word, *sentence;
	} rows[] = {
		{"none", N_("nothing of this case was erased")},
		{"ordered", N_("an erasure is ordered and waits for a second person: nothing has gone by it yet")},
		{"confirmed", N_("an erasure is confirmed and waits for its day: nothing has gone by it yet")},
		{"removing", N_("being removed: the order is carried out, and parts of it lie in the store still")},
		{"removed", N_("removed: nothing of it lies in the store any more; older copies of the store still open")},
		{"destroyed", N_("destroyed: nothing of it lies in the store or its archive, and the key of that time is gone")},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (strcmp(rows[i].word, word) == 0)
			return _(rows[i].sentence);
	return word;
}

static gboolean print_state_json(const json_t *answer, const char *name, const char *word, const Case *c, GError **error)
{
	json_t *erasure = c->erasure != NULL ? json_pack("{s:o, s:o, s:o}", "state", output_value(c->erasure), "order",
	                                                 output_value(c->erasure_order), "dated", output_value(c->erasure_dated))
	                                     : json_null();
	return output_json(json_pack("{s:o, s:s, s:o, s:O, s:O, s:O, s:O}", "case", output_value(name), "state", word, "erasure", erasure,
	                             "erased", json_object_get(answer, "erased"), "custody", json_object_get(answer, "custody"), "archive",
	                             json_object_get(answer, "archive"), "left", json_object_get(answer, "traces")), error);
}

json_t *erasures_fetch_state(Session *session, const Case *c, GError **error)
{
	json_t *body = json_pack("{s:s, s:I}", "mailbox", c->mailbox, "seq", (json_int_t)c->seq);
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/erasure", body, NULL, error);
	return answer != NULL && desk_get_array(answer, "traces", error) != NULL ? g_steal_pointer(&answer) : NULL;
}

void erasures_add_left(Session *session, const json_t *answer, WipeBuffer *out)
{
	wipe_buffer_add_text(out, _("What no erasure reaches by itself, so that it can be gathered in now:\n"));
	add_left(session, answer, out);
}

gboolean erasures_print_state(Session *session, const Case *c, GError **error)
{
	g_autoptr(json_t) answer = erasures_fetch_state(session, c, error);
	if (answer == NULL)
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	const char *word = state_word(answer, c);
	if (options_flag(session->cli->options, "json"))
		return print_state_json(answer, name, word, c, error);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	g_autofree char *order = c->erasure_order != NULL ? escape_text(c->erasure_order, -1, ESCAPE_LINE) : NULL;
	g_autofree char *by = order != NULL ? g_strdup_printf(_(" (order № %s of %s)"), order, c->erasure_dated) : g_strdup("");
	g_autofree char *head = g_strdup_printf("%s: %s%s\n", name, state_sentence(word), by);
	wipe_buffer_add_text(out, head);
	if (strcmp(word, "none") == 0)
		return output_text(out, error);
	if (word == c->erasure) {
		erasures_add_left(session, answer, out);
		return output_text(out, error);
	}
	wipe_buffer_add_text(out, _("What still has to go, or is beyond reach:\n"));
	add_own(answer, out);
	add_left(session, answer, out);
	return output_text(out, error);
}
