/* SPDX-License-Identifier: ISC */
#include "cli/row-show.h"

#include <string.h>

#include "base/escape.h"
#include "cli/category.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/pager.h"

/* --- for a person ---------------------------------------------------------------------------------------------------- */

/* "entry 12, aigul, 2026-11-21 14:05" */
static char *author(const Session *session, guint64 entry, const char *officer, gint64 time)
{
	g_autofree char *moment = format_time(time, desk_client_zone(session->desk));
	g_autofree char *name = escape_text(officer, -1, ESCAPE_LINE);
	return g_strdup_printf(_("entry %llu, %s, %s"), (unsigned long long)entry, name, moment);
}

static void add_struck(WipeBuffer *out, const char *text, gboolean struck)
{
	gboolean terminal = struck && pager_on_terminal();
	g_autoptr(WipeText) safe = escape_text(text, -1, ESCAPE_TEXT);
	wipe_buffer_add_text(out, terminal ? "\033[9m" : "");
	wipe_buffer_add_text(out, struck ? "~~" : "");
	wipe_buffer_add_text(out, safe);
	wipe_buffer_add_text(out, struck ? "~~" : "");
	wipe_buffer_add_text(out, terminal ? "\033[29m" : "");
}

static void add_value(const Session *session, const RowValue *value, WipeBuffer *out)
{
	g_autofree char *by = author(session, value->entry, value->officer, value->time);
	add_struck(out, value->value, value->struck != 0);
	wipe_buffer_add_text(out, " (");
	wipe_buffer_add_text(out, by);
	wipe_buffer_add_text(out, ")\n");
	if (value->struck == 0)
		return;
	g_autofree char *striker = author(session, value->struck, value->struck_officer, value->struck_time);
	g_autoptr(WipeText) why = value->why != NULL ? escape_text(value->why, -1, ESCAPE_LINE) : NULL;
	wipe_buffer_add_text(out, "    ");
	wipe_buffer_add_text(out, _("struck: "));
	wipe_buffer_add_text(out, striker);
	wipe_buffer_add_text(out, why != NULL ? ": " : "");
	wipe_buffer_add_text(out, why != NULL ? why : "");
	wipe_buffer_add_text(out, "\n");
}

void row_show_call(const Session *session, const RowCall *call, WipeBuffer *out)
{
	g_autofree char *head = call->part != 0 ? g_strdup_printf(_("What is said in the call, attachment %u"), call->part)
	                                        : g_strdup(_("What is said in the call"));
	wipe_buffer_add_text(out, head);
	wipe_buffer_add_text(out, ":\n");
	add_value(session, &call->said, out);
}

static const char *answer_label(const RowEvent *event)
{
	static const struct {
		const char *act, *label;
	} labels[] = {{"numbered", N_("outgoing number of the answer entered")}, {"none", N_("no answer on the substance is due")},
	              {"unsafe", N_("no letter to the reporter's address")}, {"safe", N_("letters to the reporter's address again")}};
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		if (g_strcmp0(event->act, labels[i].act) == 0)
			return _(labels[i].label);
	return event->kind == ENTRY_ADVISED ? _("told which body to turn to") : _("answered");
}

static const char *event_label(const RowEvent *event)
{
	gboolean on = g_strcmp0(event->what, "on") == 0;
	switch (event->kind) {
	case ENTRY_NOTED:
	case ENTRY_RESOLVED:
		return _("an entry of the row that is not sealed to you");
	case ENTRY_ASSIGNED:
		return _("assigned");
	case ENTRY_SET_ASIDE:
		return _("set aside");
	case ENTRY_CLOSED:
		return _("closed");
	case ENTRY_REOPENED:
		return _("opened again");
	case ENTRY_HELD:
		return on ? _("put on hold") : _("released from hold");
	case ENTRY_LINKED:
		return _("linked");
	case ENTRY_FORWARDED:
		return _("forwarded");
	case ENTRY_PROLONGED:
		return _("term prolonged");
	case ENTRY_REPLIED:
	case ENTRY_ADVISED:
		return answer_label(event);
	case ENTRY_ERASURE:
		return _("erasure by order");
	case ENTRY_ERASED:
		return _("erased by order");
	default:
		return "?";
	}
}

static void add_event(const Session *session, const RowEvent *event, WipeBuffer *out)
{
	g_autofree char *by = author(session, event->entry, event->officer, event->time);
	gboolean own = event->kind == ENTRY_ASSIGNED; /* a category's id, or an officer's name */
	g_autofree char *what = event->what == NULL || event->kind == ENTRY_HELD ? NULL : own ? category_label(event->what)
	                                                                                    : format_word(event->what);
	g_autofree char *line = g_strdup_printf(what != NULL ? "%s: %s" : "%s%s", event_label(event), what != NULL ? what : "");
	wipe_buffer_add_text(out, "  ");
	add_struck(out, line, event->struck != 0);
	wipe_buffer_add_text(out, " (");
	wipe_buffer_add_text(out, by);
	wipe_buffer_add_text(out, ")\n");
	const char *const texts[] = {event->to, event->files, event->text};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		if (texts[i] == NULL)
			continue;
		wipe_buffer_add_text(out, "    ");
		add_struck(out, texts[i], FALSE);
		wipe_buffer_add_text(out, "\n");
	}
}

static gboolean print_person(Session *session, const Case *c, const Row *row, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(8192);
	g_autofree char *name = case_shown(c, session->desk);
	g_autofree char *head = g_strdup_printf(_("Row of %s in the register"), name);
	wipe_buffer_add_text(out, head);
	wipe_buffer_add_text(out, "\n\n");
	const RowErased *erased = row_erased(row);
	if (erased != NULL) {
		g_autofree char *day = format_time(erased->time, desk_client_zone(session->desk)), *order = escape_text(erased->order, -1, ESCAPE_LINE);
		g_autofree char *line = g_strdup_printf(_("Erased by order № %s of %s, on %s (entry %llu): these are the number, the dates, the resolution and the measures, and nothing else is there any more.\n\n"),
		                                        order, erased->dated, day, (unsigned long long)erased->entry);
		wipe_buffer_add_text(out, line);
	}
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const GPtrArray *values = row_values(row, column);
		wipe_buffer_add_text(out, _(column->label));
		wipe_buffer_add_text(out, values->len == 0 ? ": -\n" : values->len == 1 ? ": " : ":\n");
		for (guint i = 0; i < values->len; i++) {
			wipe_buffer_add_text(out, values->len > 1 ? "  " : "");
			add_value(session, values->pdata[i], out);
		}
	}
	const GPtrArray *calls = row_calls(row);
	for (guint i = 0; i < calls->len; i++)
		row_show_call(session, calls->pdata[i], out);
	const GPtrArray *events = row_events(row);
	category_learn(session);
	for (guint i = 0; i < events->len; i++) {
		if (i == 0) {
			wipe_buffer_add_text(out, "\n");
			wipe_buffer_add_text(out, _("Course"));
			wipe_buffer_add_text(out, ":\n");
		}
		add_event(session, events->pdata[i], out);
	}
	return output_text(out, error);
}

/* --- for a program --------------------------------------------------------------------------------------------------- */

static json_t *json_author(const Session *session, guint64 entry, const char *officer, gint64 time)
{
	g_autofree char *moment = format_time_iso(time, desk_client_zone(session->desk));
	return json_pack("{s:I, s:o, s:o}", "entry", (json_int_t)entry, "officer", output_value(officer), "time",
	                 output_value(moment));
}

static json_t *json_said(const Session *session, const RowValue *value)
{
	json_t *object = json_author(session, value->entry, value->officer, value->time), *struck = json_null();
	if (value->struck != 0) {
		struck = json_author(session, value->struck, value->struck_officer, value->struck_time);
		json_object_set_new(struck, "why", value->why != NULL ? output_string(value->why, strlen(value->why)) : json_null());
	}
	json_object_set_new(object, "value", output_string(value->value, strlen(value->value)));
	json_object_set_new(object, "struck", struck);
	return object;
}

static json_t *json_value_of(const Session *session, const RowColumn *column, const RowValue *value)
{
	json_t *object = json_said(session, value);
	json_object_set_new(object, "column", json_string(column->key));
	return object;
}

json_t *row_show_calls_json(const Session *session, const Row *row)
{
	const GPtrArray *calls = row_calls(row);
	json_t *list = json_array();
	for (guint i = 0; i < calls->len; i++) {
		const RowCall *call = calls->pdata[i];
		json_t *object = json_said(session, &call->said);
		json_object_set_new(object, "message", json_integer((json_int_t)call->message));
		json_object_set_new(object, "part", json_integer(call->part));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *json_event(const Session *session, const RowEvent *event)
{
	json_t *object = json_author(session, event->entry, event->officer, event->time);
	json_object_set_new(object, "kind", json_string(entry_kind_name(event->kind)));
	json_object_set_new(object, "what", output_value(event->what));
	if (event->act != NULL) {
		json_object_set_new(object, "act", json_string(event->act));
		json_object_set_new(object, "to", event->to != NULL ? output_string(event->to, strlen(event->to)) : json_null());
		json_object_set_new(object, "files", event->files != NULL ? output_string(event->files, strlen(event->files)) : json_null());
	}
	json_object_set_new(object, "text", event->text != NULL ? output_string(event->text, strlen(event->text)) : json_null());
	json_object_set_new(object, "struck", event->struck != 0 ? json_integer((json_int_t)event->struck) : json_null());
	return object;
}

static json_t *json_erased(const Session *session, const Row *row)
{
	const RowErased *erased = row_erased(row);
	if (erased == NULL)
		return json_null();
	g_autofree char *moment = format_time_iso(erased->time, desk_client_zone(session->desk));
	return json_pack("{s:I, s:o, s:o, s:o}", "entry", (json_int_t)erased->entry, "time", output_value(moment), "order",
	                 output_value(erased->order), "dated", output_value(erased->dated));
}

static gboolean print_json(Session *session, const Case *c, const Row *row, GError **error)
{
	g_autofree char *name = case_shown(c, session->desk);
	json_t *now = json_object(), *history = json_array(), *course = json_array();
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const GPtrArray *values = row_values(row, column);
		const RowValue *value = row_value(row, column);
		json_t *shown = value != NULL ? json_value_of(session, column, value) : json_null();
		json_object_del(shown, "column");
		json_object_del(shown, "struck");
		json_object_set_new(now, column->key, shown);
		for (guint i = 0; i < values->len; i++)
			json_array_append_new(history, json_value_of(session, column, values->pdata[i]));
	}
	const GPtrArray *events = row_events(row);
	for (guint i = 0; i < events->len; i++)
		json_array_append_new(course, json_event(session, events->pdata[i]));
	return output_json(json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "case", output_value(name), "state",
	                             output_value(c->state), "category", output_value(c->category), "assigned",
	                             output_value(c->assigned), "erased", json_erased(session, row), "row", now, "history", history, "held", c->held, "course", course, "calls",
	                             row_show_calls_json(session, row)),
	                   error);
}

gboolean row_show(Session *session, const Case *c, const Row *row, GError **error)
{
	return options_flag(session->cli->options, "json") ? print_json(session, c, row, error)
	                                                   : print_person(session, c, row, error);
}
