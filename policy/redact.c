/* SPDX-License-Identifier: ISC */
#include "policy/redact.h"

#include <string.h>

#include "policy/name-form.h"
#include "policy/name-lists.h"
#include "policy/redact-private.h"
#include "policy/utf8.h"
#include "policy/zones.h"

static const struct {
	const char *word, *kk, *ru, *en;
} kinds[REDACT_KINDS] = {
	[REDACT_IDENTITY] = {"identity", "[ЖСН/БСН]", "[ИИН/БИН]", "[identity number]"},
	[REDACT_PHONE] = {"phone", "[телефон]", "[телефон]", "[telephone]"},
	[REDACT_ACCOUNT] = {"account", "[шот нөмірі]", "[номер счёта]", "[account]"},
	[REDACT_CARD] = {"card", "[карта нөмірі]", "[номер карты]", "[card number]"},
	[REDACT_CONTACT] = {"contact", "[электрондық мекенжай]", "[электронный адрес]", "[electronic address]"},
	[REDACT_ADDRESS] = {"address", "[мекенжай]", "[адрес]", "[address]"},
	[REDACT_NAME] = {"name", "[аты-жөні]", "[имя]", "[name]"},
	[REDACT_WORD] = {"word", "[жасырылды]", "[скрыто]", "[hidden]"},
};

const char *redact_kind_word(RedactKind kind)
{
	return kinds[kind].word;
}

const char *redact_mark(RedactKind kind, const char *language)
{
	return g_strcmp0(language, "kk") == 0 ? kinds[kind].kk : g_strcmp0(language, "en") == 0 ? kinds[kind].en : kinds[kind].ru;
}

/* --- what was found ------------------------------------------------------------------------------------------------- */

void redact_look_add(const RedactLook *look, RedactKind kind, gsize from, gsize to)
{
	const RedactSpan span = {from, to, kind};
	if (from < to && to <= look->size)
		g_array_append_val(look->spans, span);
}

char *redact_look_before(const RedactLook *look, gsize at, gsize most)
{
	gsize from = at > most ? at - most : 0;
	for (gsize i = from; i < at; i++)
		if (look->text[i] == '\n')
			from = i + 1;
	while (from < at && ((guchar)look->text[from] & 0xc0) == 0x80)
		from++;
	g_autofree char *valid = g_utf8_make_valid(look->text + from, (gssize)(at - from));
	return g_utf8_strdown(valid, -1);
}

static gint compare_spans(gconstpointer a, gconstpointer b)
{
	const RedactSpan *one = a, *other = b;
	if (one->from != other->from)
		return one->from < other->from ? -1 : 1;
	return one->to == other->to ? (gint)one->kind - (gint)other->kind : one->to > other->to ? -1 : 1;
}

/* Nothing but blanks, and the dots and commas of a row of names or numbers. */
static gboolean is_between(const RedactLook *look, gsize from, gsize to)
{
	for (const char *at = look->text + from, *end = look->text + to; at < end;) {
		const gunichar c = utf8_next(at, end, &at);
		if (c == UTF8_BAD || c == '\n' || (!g_unichar_isspace(c) && strchr(".,;-", c < 0x80 ? (int)c : 'x') == NULL))
			return FALSE;
	}
	return TRUE;
}

/* Sorted, none over another; what stands side by side and is of one kind is one, so that nobody counts its words. */
static GArray *merge(const RedactLook *look)
{
	GArray *merged = g_array_new(FALSE, FALSE, sizeof(RedactSpan));
	g_array_sort(look->spans, compare_spans);
	for (guint i = 0; i < look->spans->len; i++) {
		const RedactSpan *span = &g_array_index(look->spans, RedactSpan, i);
		RedactSpan *last = merged->len > 0 ? &g_array_index(merged, RedactSpan, merged->len - 1) : NULL;
		if (last != NULL && (span->from < last->to || (span->kind == last->kind && is_between(look, last->to, span->from))))
			last->to = MAX(last->to, span->to);
		else
			g_array_append_val(merged, *span);
	}
	return merged;
}

/* --- the new text ----------------------------------------------------------------------------------------------------- */

static void row_clear(gpointer data)
{
	char *text = ((RedactRow *)data)->text;
	explicit_bzero(text, strlen(text));
	g_free(text);
}

static void left_free(gpointer data)
{
	explicit_bzero(data, strlen(data));
	g_free(data);
}

/* A mark may be longer than what it hides; a text that grows leaves copies behind that nobody wipes. */
static gsize room_for(const RedactLook *look, const GArray *spans)
{
	gsize room = look->size + 1;
	for (guint i = 0; i < spans->len; i++)
		room += strlen(redact_mark(g_array_index(spans, RedactSpan, i).kind, look->question->language));
	return room;
}

static void write_out(const RedactLook *look, const GArray *spans, Redaction *redaction)
{
	gsize at = 0;
	for (guint i = 0; i < spans->len; i++) {
		const RedactSpan *span = &g_array_index(spans, RedactSpan, i);
		const RedactRow row = {span->kind, g_utf8_make_valid(look->text + span->from, (gssize)(span->to - span->from))};
		g_array_append_val(redaction->rows, row);
		g_string_append_len(redaction->text, look->text + at, (gssize)(span->from - at));
		g_string_append(redaction->text, redact_mark(span->kind, look->question->language));
		at = span->to;
	}
	g_string_append_len(redaction->text, look->text + at, (gssize)(look->size - at));
}

Redaction *redact_text(const RedactQuestion *question, const char *text, gsize size)
{
	Redaction *redaction = g_new0(Redaction, 1);
	redaction->rows = g_array_new(FALSE, FALSE, sizeof(RedactRow));
	g_array_set_clear_func(redaction->rows, row_clear);
	redaction->left = g_ptr_array_new_with_free_func(left_free);
	redaction->named = g_ptr_array_new_with_free_func(left_free);
	g_autoptr(GArray) zones = zones_find(text, size);
	g_autoptr(GArray) spans = g_array_new(FALSE, FALSE, sizeof(RedactSpan));
	const RedactLook look = {question, text, size, zones, spans, redaction->left};
	redact_number_find(&look);
	redact_place_find(&look);
	redact_name_find(&look);
	g_autoptr(GArray) merged = merge(&look);
	redaction->text = g_string_sized_new(room_for(&look, merged));
	write_out(&look, merged, redaction);
	redact_left_find(redaction->text->str, redaction->text->len, redaction->named);
	return redaction;
}

void redaction_free(Redaction *redaction)
{
	if (redaction == NULL)
		return;
	explicit_bzero(redaction->text->str, redaction->text->allocated_len);
	g_string_free(redaction->text, TRUE);
	g_array_unref(redaction->rows);
	g_ptr_array_unref(redaction->left);
	g_ptr_array_unref(redaction->named);
	g_free(redaction);
}

/* --- is somebody spoken of ------------------------------------------------------------------------------------------------ */

/* A word of a body's name, with whatever ending: its first letters, all but the last three. */
static gboolean begins_alike(const char *fold, const char *part)
{
	const gsize size = strlen(part), stem = size > 6 ? size - 3 : size > 4 ? size - 1 : size;
	return strncmp(fold, part, stem) == 0 && strlen(fold) <= size + 8;
}

static gboolean is_row_at(const NameText *text, guint at, const NameText *name)
{
	for (guint i = 0; i < name->words->len; i++) {
		const char *fold = name_text_fold(text, (gssize)at + i), *part = name_text_fold(name, i);
		if (*fold == '\0' || (name->words->len > 1 ? !begins_alike(fold, part) : name_form_case(fold, part) == NAME_CASE_NONE))
			return FALSE;
	}
	return name->words->len > 0;
}

gboolean redact_mentions(const char *name, const char *text, gsize size)
{
	g_autoptr(NameText) words = name_text_new(text, size), wanted = name_text_new(name, strlen(name));
	for (guint i = 0; i < words->words->len; i++)
		if (is_row_at(words, i, wanted))
			return TRUE;
	return FALSE;
}

gboolean redact_is_person(const char *name)
{
	g_autoptr(NameText) words = name_text_new(name, strlen(name));
	for (guint i = 0; i < words->words->len; i++)
		if ((name_text_word(words, i)->flags & NAME_WORD_INITIAL) != 0 || name_lists_has(NAME_LIST_GIVEN, name_text_fold(words, i)) ||
		    name_form_looks_patronymic(name_text_fold(words, i)))
			return TRUE;
	return FALSE;
}
