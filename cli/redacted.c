/* SPDX-License-Identifier: ISC */
#include "cli/redacted.h"

#include <string.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/format.h"
#include "cli/view.h"

#define WORDS_MAX 64 /* as REDACT_WORDS_MAX of policy/redact.h: what the child takes of each */

void redacted_free(Redacted *redacted)
{
	if (redacted == NULL)
		return;
	wipe_text_free(redacted->text);
	g_clear_pointer(&redacted->rows, g_ptr_array_unref);
	g_clear_pointer(&redacted->left, g_ptr_array_unref);
	g_clear_pointer(&redacted->named, g_ptr_array_unref);
	g_clear_pointer(&redacted->about, g_ptr_array_unref);
	g_free(redacted);
}

/* --- who wrote it ------------------------------------------------------------------------------------------------------ */

typedef void (*Take)(gpointer user, const char *what, const char *value);

/* Which words say a name, which another way to find somebody: of the card's suggestions and of the row's columns alike. */
static gboolean is_name(const char *what)
{
	return strcmp(what, "surname") == 0 || strcmp(what, "given") == 0 || strcmp(what, "patronymic") == 0 || strcmp(what, "name") == 0;
}

static gboolean is_place(const char *what)
{
	return strcmp(what, "phone") == 0 || strcmp(what, "email") == 0 || strcmp(what, "address") == 0 || strcmp(what, "caller") == 0;
}

static void take(Take into, gpointer user, const char *what, const char *value)
{
	if (value != NULL && *value != '\0' && strcmp(value, "-") != 0 && (is_name(what) || is_place(what)))
		into(user, what, value);
}

/* "WHAT SOURCE VALUE" */
static void take_suggested(const Record *record, Take into, gpointer user)
{
	const char *line;
	for (guint i = 0; (line = record_get_nth(record, "suggested", i)) != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(line, " ", 3);
		if (g_strv_length(words) == 3)
			take(into, user, words[0], words[2]);
	}
}

static void take_all(const Record *record, const char *key, const char *what, Take into, gpointer user)
{
	const char *value;
	for (guint i = 0; (value = record_get_nth(record, key, i)) != NULL; i++)
		take(into, user, what, value);
}

/* "Айгүл Серікова <a@b.kz>": the one and the other. */
static void take_senders(const Record *view, const char *key, Take into, gpointer user)
{
	const char *line;
	for (guint i = 0; (line = record_get_nth(view, key, i)) != NULL; i++) {
		const char *open = strrchr(line, '<');
		g_autofree char *name = g_strstrip(g_strndup(line, open != NULL ? (gsize)(open - line) : strchr(line, '@') != NULL ? 0 : strlen(line)));
		g_autofree char *address = g_strndup(open != NULL ? open + 1 : line, strcspn(open != NULL ? open + 1 : line, ">"));
		take(into, user, "name", name);
		if (strchr(address, '@') != NULL)
			take(into, user, "email", address);
	}
}

static void take_row(const Row *row, Take into, gpointer user)
{
	for (const RowColumn *column = row_columns; row != NULL && column->key != NULL; column++) {
		const GPtrArray *values = row_values(row, column);
		for (guint i = 0; i < values->len; i++) /* what was struck names him as well */
			take(into, user, column->key, ((const RowValue *)values->pdata[i])->value);
	}
}

/* What he says of himself, and what the officer wrote into the row. */
static void take_said(const RedactedLetter *letter, Take into, gpointer user)
{
	take_row(letter->row, into, user);
	take_suggested(letter->card, into, user);
	take_suggested(bundle_record(letter->view), into, user);
}

/* What stands in the header fields. */
static void take_header(const RedactedLetter *letter, Take into, gpointer user)
{
	const Record *view = bundle_record(letter->view);
	take_senders(view, "from", into, user);
	take_senders(view, "reply-to", into, user);
	take_all(letter->card, "from-name", "name", into, user);
	take_all(letter->card, "from-address", "email", into, user);
	take_all(letter->card, "from", "email", into, user);
	take_all(letter->card, "reply-to", "email", into, user);
	take_all(letter->card, "envelope-from", "email", into, user);
}

static void take_writer(const RedactedLetter *letter, Take into, gpointer user)
{
	take_header(letter, into, user);
	take_said(letter, into, user);
}

/* The document is the addressee's, in both languages; so is this. Anybody writes what he likes there, and it is no word of his. */
#define BY_PROGRAM " (пошта бағдарламасындағы ат / имя из почтовой программы)"

/* The value alone: a word for it would be in the officer's language. */
static void add_line(gpointer user, const char *what G_GNUC_UNUSED, const char *value)
{
	GPtrArray *lines = user;
	for (guint i = 0; i < lines->len; i++)
		if (g_ascii_strcasecmp(lines->pdata[i], value) == 0)
			return;
	g_ptr_array_add(lines, g_strdup(value));
}

/* What the header alone has: a name in it says so, unless he gives himself just that one. */
static void add_sender(gpointer user, const char *what, const char *value)
{
	GPtrArray *lines = user;
	gboolean known = FALSE;
	for (guint i = 0; i < lines->len; i++)
		known = known || g_ascii_strcasecmp(lines->pdata[i], value) == 0;
	g_autoptr(WipeText) marked = !known && is_name(what) ? g_strconcat(value, BY_PROGRAM, NULL) : NULL;
	add_line(user, what, marked != NULL ? marked : value);
}

GPtrArray *redacted_writer(const RedactedLetter *letter)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	take_said(letter, add_line, lines);
	take_header(letter, add_sender, lines);
	g_ptr_array_add(lines, NULL);
	return lines;
}

/* --- the question ------------------------------------------------------------------------------------------------------- */

/* In the order of the child's schema: names, then values. */
typedef struct {
	Record *record;
	gboolean names;
	guint n;
} Question;

static void add_to_question(gpointer user, const char *what, const char *value)
{
	Question *question = user;
	if (is_name(what) == question->names && question->n < WORDS_MAX) {
		record_add(question->record, question->names ? "name" : "value", value);
		question->n++;
	}
}

static void add_marked(Record *record, const char *words)
{
	g_auto(GStrv) marked = g_strsplit_set(words != NULL ? words : "", ";\n", WORDS_MAX + 1);
	for (guint i = 0; marked[i] != NULL; i++) {
		const char *word = g_strstrip(marked[i]);
		if (*word != '\0' && i < WORDS_MAX)
			record_add(record, "word", word);
		explicit_bzero(marked[i], strlen(marked[i]));
	}
}

static Bundle *make_question(const RedactedLetter *letter)
{
	const char *subject = record_get(bundle_record(letter->view), "subject");
	Bundle *question = bundle_new();
	Question writer = {.record = bundle_record(question), .names = TRUE};
	record_add(writer.record, "language", letter->language);
	take_writer(letter, add_to_question, &writer);
	writer.names = FALSE;
	writer.n = 0;
	take_writer(letter, add_to_question, &writer);
	add_marked(writer.record, letter->words);
	for (guint i = 0; letter->about[i] != NULL; i++)
		record_add(writer.record, "about", letter->about[i]);
	if (subject != NULL)
		record_add(writer.record, "subject", subject);
	bundle_add(question, "text", bundle_part(letter->view, "text"));
	return question;
}

/* --- the answer ----------------------------------------------------------------------------------------------------------- */

static GPtrArray *read_lines(const Record *record, const char *key)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	const char *line;
	for (guint i = 0; (line = record_get_nth(record, key, i)) != NULL; i++)
		g_ptr_array_add(lines, g_strdup(line));
	return lines;
}

Redacted *redacted_new(const char *examiner, const RedactedLetter *letter, GError **error)
{
	gsize size;
	g_autoptr(Bundle) question = make_question(letter);
	g_autoptr(Bundle) answer = view_redact(examiner, question, error);
	if (answer == NULL)
		return NULL;
	const char *text = g_bytes_get_data(bundle_part(answer, "text"), &size);
	Redacted *redacted = g_new0(Redacted, 1);
	redacted->text = g_strndup(text != NULL ? text : "", size);
	redacted->rows = read_lines(bundle_record(answer), "replaced");
	redacted->left = read_lines(bundle_record(answer), "left");
	redacted->named = read_lines(bundle_record(answer), "named");
	redacted->about = read_lines(bundle_record(answer), "about");
	return redacted;
}

WipeText *redacted_words(const char *examiner, const Row *row, const char *text, const char *language, GError **error)
{
	gsize size;
	g_autoptr(Bundle) question = bundle_new();
	Question writer = {.record = bundle_record(question), .names = TRUE};
	record_add(writer.record, "language", language);
	take_row(row, add_to_question, &writer);
	writer.names = FALSE;
	writer.n = 0;
	take_row(row, add_to_question, &writer);
	const GPtrArray *bodies = row != NULL ? row_values(row, row_column("legal_name")) : NULL;
	for (guint i = 0; bodies != NULL && i < MIN(bodies->len, WORDS_MAX); i++)
		record_add(writer.record, "word", ((const RowValue *)bodies->pdata[i])->value);
	bundle_add_copy(question, "text", text, strlen(text));
	g_autoptr(Bundle) answer = view_redact(examiner, question, error);
	const char *without = answer != NULL ? g_bytes_get_data(bundle_part(answer, "text"), &size) : NULL;
	return answer == NULL ? NULL : without != NULL ? g_strndup(without, size) : g_strdup("");
}

static void add_shown(WipeBuffer *out, const char *before, const char *text)
{
	g_autoptr(WipeText) safe = escape_text(text, -1, ESCAPE_LINE);
	wipe_buffer_add_text(out, before);
	wipe_buffer_add_text(out, safe);
	wipe_buffer_add_text(out, "\n");
}

WipeText *redacted_list(const Redacted *redacted)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(4096);
	wipe_buffer_add_text(out, redacted->rows->len > 0 ? _("Hidden in the text:") : _("Nothing was hidden in the text."));
	wipe_buffer_add_text(out, "\n");
	for (guint i = 0; i < redacted->rows->len; i++) {
		const char *row = redacted->rows->pdata[i], *blank = strchr(row, ' ');
		g_autofree char *kind = g_strndup(row, blank != NULL ? (gsize)(blank - row) : 0);
		g_autofree char *label = format_word(kind), *before = g_strdup_printf("  %s: ", label);
		add_shown(out, before, blank != NULL ? blank + 1 : row);
	}
	if (redacted->left->len > 0) {
		wipe_buffer_add_text(out, _("Stayed, as words of every day that may be a part of the name:"));
		wipe_buffer_add_text(out, "\n");
	}
	for (guint i = 0; i < redacted->left->len; i++)
		add_shown(out, "  ", redacted->left->pdata[i]);
	return g_strdup(wipe_buffer_data(out));
}

WipeText *redacted_named(const Redacted *redacted)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	for (guint i = 0; i < redacted->named->len; i++) {
		g_autoptr(WipeText) safe = escape_text(redacted->named->pdata[i], -1, ESCAPE_LINE);
		wipe_buffer_add_text(out, i > 0 ? "; " : "");
		wipe_buffer_add_text(out, safe);
	}
	return redacted->named->len > 0 ? g_strdup(wipe_buffer_data(out)) : NULL;
}
