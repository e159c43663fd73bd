/* SPDX-License-Identifier: ISC */
#include "cli/row.h"

#include <string.h>

#include "base/day.h"
#include "cli/language.h"

#define VALUE_MAX 8192 /* octets */

const RowColumn row_columns[] = {
	{"surname", N_("Surname"), FALSE, FALSE, FALSE, " surname "},
	{"given", N_("First name"), FALSE, FALSE, FALSE, " given "},
	{"patronymic", N_("Patronymic"), FALSE, FALSE, FALSE, " patronymic "},
	{"address", N_("Address for the answer"), FALSE, FALSE, FALSE, " address email "},
	{"phone", N_("Telephone"), FALSE, FALSE, FALSE, " phone caller "},
	{"legal_form", N_("Legal form"), FALSE, FALSE, FALSE, " legal-form "},
	{"legal_name", N_("Name of the legal entity"), FALSE, FALSE, FALSE, " legal-name organisation "},
	{"brief", N_("Brief content"), FALSE, FALSE, FALSE, ""},
	{"note", N_("Note"), FALSE, FALSE, TRUE, ""},
	{"resolution", N_("Resolution"), TRUE, FALSE, FALSE, ""},
	{"resolution_date", N_("Date of the resolution"), TRUE, TRUE, FALSE, " today "},
	{"resolution_by", N_("Resolution by"), TRUE, FALSE, FALSE, " by "},
	{"measures", N_("Measures taken"), TRUE, FALSE, FALSE, ""},
	{"outgoing_number", N_("Outgoing number"), TRUE, FALSE, FALSE, ""},
	{"outgoing_date", N_("Date of the answer"), TRUE, TRUE, FALSE, " today "},
	{NULL, NULL, FALSE, FALSE, FALSE, NULL},
};

const RowColumn *row_column(const char *key)
{
	g_autofree char *plain = g_strdelimit(g_strdup(key), "-", '_');
	for (const RowColumn *column = row_columns; column->key != NULL; column++)
		if (strcmp(column->key, plain) == 0)
			return column;
	return NULL;
}

struct Row {
	GPtrArray *values[G_N_ELEMENTS(row_columns) - 1];
	GPtrArray *events, *calls;
	WipeText *lasting; /* of the last order */
	RowErased *erased;
	gboolean report_erased;
};

/* Of a RowCall too, which begins with one. */
static void value_free(gpointer data)
{
	RowValue *value = data;
	g_free(value->officer);
	wipe_text_free(value->value);
	g_free(value->struck_officer);
	wipe_text_free(value->why);
	g_free(value);
}

static void event_free(gpointer data)
{
	RowEvent *event = data;
	g_free(event->officer);
	g_free(event->act);
	g_free(event->what);
	wipe_text_free(event->text);
	wipe_text_free(event->to);
	wipe_text_free(event->files);
	g_free(event);
}

static void erased_free(RowErased *erased)
{
	if (erased == NULL)
		return;
	g_free(erased->order);
	g_free(erased->dated);
	g_free(erased);
}

Row *row_new(void)
{
	Row *row = g_new0(Row, 1);
	for (gsize i = 0; i < G_N_ELEMENTS(row->values); i++)
		row->values[i] = g_ptr_array_new_with_free_func(value_free);
	row->events = g_ptr_array_new_with_free_func(event_free);
	row->calls = g_ptr_array_new_with_free_func(value_free);
	return row;
}

void row_free(Row *row)
{
	if (row == NULL)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(row->values); i++)
		g_ptr_array_unref(row->values[i]);
	g_ptr_array_unref(row->events);
	g_ptr_array_unref(row->calls);
	wipe_text_free(row->lasting);
	erased_free(row->erased);
	g_free(row);
}

const GPtrArray *row_values(const Row *row, const RowColumn *column)
{
	return row->values[column - row_columns];
}

const GPtrArray *row_events(const Row *row)
{
	return row->events;
}

const GPtrArray *row_calls(const Row *row)
{
	return row->calls;
}

const RowCall *row_call(const Row *row, guint64 message, guint part)
{
	for (guint i = row->calls->len; i > 0; i--) {
		const RowCall *call = row->calls->pdata[i - 1];
		if (call->message == message && call->part == part && call->said.struck == 0)
			return call;
	}
	return NULL;
}

const RowErased *row_erased(const Row *row)
{
	return row->erased;
}

gboolean row_report_is_erased(const Row *row)
{
	return row->report_erased;
}

json_t *row_lasting(const Row *row)
{
	json_t *object = json_object();
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const RowValue *value = column->resolution ? row_value(row, column) : NULL;
		if (value != NULL)
			json_object_set_new(object, column->key,
			                    json_pack("{s:s, s:I, s:I, s:s}", "value", value->value, "entry", (json_int_t)value->entry, "time",
			                              (json_int_t)value->time, "officer", value->officer));
	}
	return object;
}

const RowValue *row_value(const Row *row, const RowColumn *column)
{
	const GPtrArray *values = row_values(row, column);
	for (guint i = values->len; i > 0; i--) {
		const RowValue *value = values->pdata[i - 1];
		if (value->struck == 0)
			return value;
	}
	return NULL;
}

gboolean row_has(const Row *row, guint64 entry, const RowColumn *only)
{
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const GPtrArray *values = row_values(row, column);
		for (guint i = 0; (only == NULL || only == column) && i < values->len; i++)
			if (((const RowValue *)values->pdata[i])->entry == entry)
				return TRUE;
	}
	for (guint i = 0; only == NULL && i < row->events->len; i++) {
		const RowEvent *event = row->events->pdata[i];
		if (event->entry == entry && event->kind == ENTRY_LINKED)
			return TRUE;
	}
	for (guint i = 0; only == NULL && i < row->calls->len; i++)
		if (((const RowCall *)row->calls->pdata[i])->said.entry == entry)
			return TRUE;
	return FALSE;
}

/* --- folding -------------------------------------------------------------------------------------------------------- */

/* Who wrote an entry, and when. */
typedef struct {
	guint64 seq, time;
	const char *officer;
} Author;

static void strike_value(RowValue *value, const Author *by, const char *why)
{
	if (value->struck != 0)
		return;
	value->struck = by->seq;
	value->struck_time = (gint64)by->time;
	value->struck_officer = g_strdup(by->officer);
	value->why = g_strdup(why);
}

static void set_value(RowValue *value, const char *text, const Author *by)
{
	value->entry = by->seq;
	value->time = (gint64)by->time;
	value->officer = g_strdup(by->officer);
	value->value = g_strdup(text);
}

static void add_value(Row *row, const RowColumn *column, const char *text, const Author *by)
{
	GPtrArray *values = row->values[column - row_columns];
	for (guint i = 0; !column->many && i < values->len; i++)
		strike_value(values->pdata[i], by, NULL);
	RowValue *value = g_new0(RowValue, 1);
	set_value(value, text, by);
	g_ptr_array_add(values, value);
}

/* A later text of the same recording stands instead of the earlier one, which stays. */
static gboolean fold_call(Row *row, const Author *by, const Record *record, const char *text)
{
	guint64 message, part;
	if (!record_get_uint(record, "message", G_MAXINT64, &message, NULL) ||
	    !record_get_uint(record, "part", G_MAXUINT16, &part, NULL))
		return FALSE;
	for (guint i = 0; i < row->calls->len; i++) {
		RowCall *call = row->calls->pdata[i];
		if (call->message == message && call->part == part)
			strike_value(&call->said, by, NULL);
	}
	RowCall *call = g_new0(RowCall, 1);
	set_value(&call->said, text, by);
	call->message = message;
	call->part = (guint)part;
	g_ptr_array_add(row->calls, call);
	return TRUE;
}

static gboolean fold_values(Row *row, const Author *by, const json_t *object)
{
	/* In the order of the columns, and none but them. */
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const char *text = json_string_value(json_object_get(object, column->key));
		if (text != NULL)
			add_value(row, column, text, by);
	}
	return TRUE;
}

static void strike_column(Row *row, const RowColumn *column, guint64 of, const Author *by, const json_t *object)
{
	GPtrArray *values = row->values[column - row_columns];
	const char *why = json_string_value(json_object_get(object, "why"));
	for (guint i = 0; i < values->len; i++) {
		RowValue *value = values->pdata[i];
		if (value->entry == of)
			strike_value(value, by, why);
	}
}

static gboolean fold_strike(Row *row, const Author *by, const Record *record, const json_t *object)
{
	guint64 of;
	const char *field = record_get(record, "field"), *instead = json_string_value(json_object_get(object, "instead"));
	const RowColumn *column = field != NULL ? row_column(field) : NULL;
	if (field == NULL || !record_get_uint(record, "of", G_MAXINT64, &of, NULL))
		return FALSE;
	for (const RowColumn *one = row_columns; one->key != NULL; one++)
		if (strcmp(field, "-") == 0 || one == column)
			strike_column(row, one, of, by, object);
	for (guint i = 0; i < row->calls->len; i++) {
		RowCall *call = row->calls->pdata[i];
		if (call->said.entry == of)
			strike_value(&call->said, by, json_string_value(json_object_get(object, "why")));
	}
	for (guint i = 0; i < row->events->len; i++) {
		RowEvent *event = row->events->pdata[i];
		if (event->entry == of && event->struck == 0 && strcmp(field, "-") == 0)
			event->struck = by->seq;
	}
	if (column != NULL && instead != NULL)
		add_value(row, column, instead, by);
	return TRUE;
}

/* "a.pdf, b.pdf"; NULL where there is none. */
static WipeText *names_of(const json_t *files)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const json_t *one;
	gsize i;
	json_array_foreach(files, i, one)
		if (json_is_string(one))
			g_ptr_array_add(names, (gpointer)json_string_value(one));
	guint n = names->len;
	g_ptr_array_add(names, NULL);
	return n > 0 ? g_strjoinv(", ", (char **)names->pdata) : NULL;
}

/* --- erased ---------------------------------------------------------------------------------------------------------- */

static gboolean keep_value(Row *row, const RowColumn *column, json_t *kept)
{
	const char *value, *officer;
	json_int_t entry, time;
	if (kept == NULL)
		return TRUE;
	if (!column->resolution || json_unpack(kept, "{s:s, s:I, s:I, s:s}", "value", &value, "entry", &entry, "time", &time, "officer",
	                                       &officer) != 0)
		return FALSE;
	const Author by = {(guint64)entry, (guint64)time, officer};
	add_value(row, column, value, &by);
	return TRUE;
}

/* What was written into the row is gone, and so is what is left of it in the course: words without a text. */
static void empty(Row *row)
{
	for (gsize i = 0; i < G_N_ELEMENTS(row->values); i++)
		g_ptr_array_set_size(row->values[i], 0);
	g_ptr_array_set_size(row->calls, 0);
	for (guint i = row->events->len; i > 0; i--) {
		RowEvent *event = row->events->pdata[i - 1];
		if (event->kind == ENTRY_NOTED || event->kind == ENTRY_RESOLVED || event->kind == ENTRY_STRUCK) {
			g_ptr_array_remove_index(row->events, i - 1);
			continue;
		}
		g_clear_pointer(&event->text, wipe_text_free);
		g_clear_pointer(&event->to, wipe_text_free);
		g_clear_pointer(&event->files, wipe_text_free);
	}
}

/* More than one entry where more than one message went: the row is emptied once. */
static gboolean fold_erased(Row *row, const Author *by, const Record *record)
{
	const char *order = record_get(record, "order"), *dated = record_get(record, "dated");
	row->report_erased = row->report_erased || record_get(record, "number") != NULL; /* a later message has none */
	if (g_strcmp0(record_get(record, "scope"), "case") != 0)
		return TRUE;
	if (order == NULL || dated == NULL)
		return FALSE;
	g_autoptr(json_t) lasting = row->lasting != NULL ? json_loads(row->lasting, JSON_REJECT_DUPLICATES, NULL) : json_object();
	gboolean good = json_is_object(lasting);
	empty(row);
	for (const RowColumn *column = row_columns; good && column->key != NULL; column++)
		good = keep_value(row, column, json_object_get(lasting, column->key));
	erased_free(row->erased);
	row->erased = g_new0(RowErased, 1);
	row->erased->entry = by->seq;
	row->erased->time = (gint64)by->time;
	row->erased->order = g_strdup(order);
	row->erased->dated = g_strdup(dated);
	return good;
}

static gboolean fold_order(Row *row, const Record *record, const char *text)
{
	if (g_strcmp0(record_get(record, "act"), "ordered") == 0) {
		wipe_text_free(row->lasting);
		row->lasting = g_strdup(text);
	}
	return TRUE;
}

static RowEvent *add_event(Row *row, guint kind, const Author *by, const Record *record, const char *text)
{
	static const char *const keys[] = {"to", "category", "reason", "result", "hold", "name", "until", "act", "order"};
	RowEvent *event = g_new0(RowEvent, 1);
	event->entry = by->seq;
	event->time = (gint64)by->time;
	event->kind = kind;
	event->officer = g_strdup(by->officer);
	for (gsize i = 0; event->what == NULL && i < G_N_ELEMENTS(keys); i++)
		event->what = g_strdup(record_get(record, keys[i]));
	event->text = g_strdup(text);
	g_ptr_array_add(row->events, event);
	return event;
}

/* Of an answer: its number and date into their columns, and what was said into the course. */
static gboolean fold_answer(Row *row, guint kind, const Author *by, const Record *record, const char *text)
{
	const char *act = record_get(record, "act"), *number = record_get(record, "number"), *date = record_get(record, "date");
	g_autoptr(json_t) object = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (act == NULL || number == NULL || date == NULL)
		return FALSE;
	gboolean given = strcmp(act, "given") == 0;
	if (given && text != NULL && !json_is_object(object))
		return FALSE;
	RowEvent *event = add_event(row, kind, by, record, given ? json_string_value(json_object_get(object, "text")) : text);
	const char *own = record_get(record, !given ? "reason" : kind == ENTRY_ADVISED ? "to" : "by");
	g_free(event->what);
	event->what = g_strcmp0(own, "-") != 0 ? g_strdup(own) : NULL;
	event->act = g_strdup(act);
	event->to = g_strdup(json_string_value(json_object_get(object, "to")));
	event->files = names_of(json_object_get(object, "files"));
	if (strcmp(number, "-") != 0) {
		add_value(row, row_column("outgoing_number"), number, by);
		add_value(row, row_column("outgoing_date"), date, by);
	}
	return TRUE;
}

gboolean row_fold(Row *row, guint kind, guint64 seq, const Record *record, const char *text)
{
	Author by = {.seq = seq, .officer = record_get(record, "officer")};
	gboolean filled = kind == ENTRY_NOTED || kind == ENTRY_RESOLVED, struck = kind == ENTRY_STRUCK;
	if (by.officer == NULL || !record_get_uint(record, "time", G_MAXINT64, &by.time, NULL))
		return FALSE;
	if (kind == ENTRY_REPLIED || kind == ENTRY_ADVISED)
		return fold_answer(row, kind, &by, record, text);
	if (kind == ENTRY_ERASURE || kind == ENTRY_ERASED) {
		add_event(row, kind, &by, record, NULL);
		return kind == ENTRY_ERASED ? fold_erased(row, &by, record) : fold_order(row, record, text);
	}
	if ((!filled && !struck) || (filled && text == NULL)) {
		add_event(row, kind, &by, record, text);
		return TRUE;
	}
	if (kind == ENTRY_NOTED && g_strcmp0(record_get(record, "act"), "transcript") == 0)
		return fold_call(row, &by, record, text);
	g_autoptr(json_t) object = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : json_object(); /* a strike holds unread too */
	if (!json_is_object(object))
		return FALSE;
	return filled ? fold_values(row, &by, object) : fold_strike(row, &by, record, object);
}

/* --- what may be written -------------------------------------------------------------------------------------------- */

static const char *judge_value(const RowColumn *column, const json_t *value)
{
	const char *text = json_string_value(value);
	GDate day;
	if (text == NULL || *text == '\0' || json_string_length(value) > VALUE_MAX || strlen(text) != json_string_length(value))
		return N_("it takes a text of at most 8 KiB");
	for (const char *p = text; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p) && *p != '\n')
			return N_("it takes no control characters");
	return column->date && !day_read(text, &day) ? N_("it takes a day, YYYY-MM-DD") : NULL;
}

const char *row_judge(json_t *object, gboolean resolution, const char **key)
{
	json_t *value;
	*key = "";
	if (!json_is_object(object) || json_object_size(object) == 0)
		return N_("it takes one JSON object of columns");
	json_object_foreach(object, *key, value) {
		const RowColumn *column = row_column(*key);
		if (column == NULL || strcmp(column->key, *key) != 0)
			return N_("there is no such column");
		if (column->resolution != resolution)
			return resolution ? N_("it belongs to senim note") : N_("it belongs to senim resolve");
		const char *why = judge_value(column, value);
		if (why != NULL)
			return why;
	}
	return NULL;
}
