/* SPDX-License-Identifier: ISC */
#include "cli/index-feed.h"

#include <string.h>

#include "cli/face.h"

#define SEQS_MOST 1000 /* doc/architecture.md */
#define TIDY_EVERY (24 * G_TIME_SPAN_HOUR)

gboolean index_feed_wanted(const Session *session)
{
	return g_strcmp0(session->cli->settings->search_index, "no") != 0;
}

IndexPlace index_feed_place(const Session *session)
{
	return (IndexPlace){NULL, desk_client_store(session->desk), desk_client_officer(session->desk), session->keys};
}

/* --- what comes in ------------------------------------------------------------------------------------------------- */

/* entry 0: the message's own, or of a row the case's. */
static void feed(Session *session, const Case *c, IndexPart part, guint64 entry, const WipeBuffer *text)
{
	if (!index_feed_wanted(session) || wipe_buffer_size(text) == 0)
		return;
	if (session->opened == NULL)
		session->opened = g_ptr_array_new_with_free_func((GDestroyNotify)index_text_free);
	guint64 seq = c->of != 0 ? c->of : c->seq;
	g_ptr_array_add(session->opened, index_text_new(c->mailbox, seq, entry != 0 ? entry : c->seq, c->received, part,
	                                                wipe_buffer_data(text), wipe_buffer_size(text)));
}

static void add_line(WipeBuffer *text, const char *line)
{
	if (line == NULL || *line == '\0' || strcmp(line, "-") == 0)
		return;
	wipe_buffer_add_text(text, line);
	wipe_buffer_add_text(text, "\n");
}

/* The value's words behind the first n of a card's line. */
static const char *behind(const char *line, guint n)
{
	for (; n > 0 && *line != '\0'; n--) {
		line += strcspn(line, " ");
		line += *line != '\0';
	}
	return line;
}

void index_feed_card(Session *session, const Case *c, const Record *card)
{
	static const struct {
		const char *key;
		guint skip; /* words of the program's own before the value (base/finding.h) */
	} lines[] = {{"subject", 0},      {"from-name", 0},  {"from-address", 0}, {"reply-to", 0}, {"phone", 0},
	             {"organisation", 0}, {"attachment", 2}, {"suggested", 2}};
	g_autoptr(WipeBuffer) text = wipe_buffer_new(4096);
	const char *line;
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++)
		for (guint n = 0; (line = record_get_nth(card, lines[i].key, n)) != NULL; n++)
			add_line(text, behind(line, lines[i].skip));
	feed(session, c, INDEX_CARD, 0, text);
}

void index_feed_view(Session *session, const Case *c, const Bundle *view)
{
	static const char *const keys[] = {"subject", "from", "reply-to"};
	const Record *record = bundle_record(view);
	gsize size;
	const char *line, *letter = g_bytes_get_data(bundle_part(view, "text"), &size);
	g_autoptr(WipeBuffer) text = wipe_buffer_new(size + 4096);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		for (guint n = 0; (line = record_get_nth(record, keys[i], n)) != NULL; n++)
			add_line(text, line);
	for (guint n = 0; (line = record_get_nth(record, "attachment", n)) != NULL; n++)
		add_line(text, behind(line, 3));
	if (letter != NULL)
		wipe_buffer_add(text, letter, size);
	feed(session, c, INDEX_BODY, 0, text);
}

void index_feed_row(Session *session, const Case *c, const Row *row)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(4096);
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const GPtrArray *values = row_values(row, column);
		for (guint i = 0; i < values->len; i++) {
			const RowValue *value = values->pdata[i];
			if (value->struck == 0)
				add_line(text, value->value);
		}
	}
	for (guint i = 0; i < row_calls(row)->len; i++)
		add_line(text, ((const RowCall *)row_calls(row)->pdata[i])->said.value);
	for (guint i = 0; i < row_events(row)->len; i++)
		add_line(text, ((const RowEvent *)row_events(row)->pdata[i])->text);
	feed(session, c, INDEX_ROW, 0, text);
}

void index_feed_words(Session *session, const Case *c, guint64 entry, const char *words)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(1024);
	g_autoptr(json_t) object = json_loads(words, 0, NULL);
	const char *key;
	json_t *value;
	if (object == NULL)
		add_line(text, words);
	json_object_foreach(object, key, value)
		add_line(text, json_string_value(value));
	feed(session, c, INDEX_ROW, entry, text);
}

/* --- what is hers no longer ----------------------------------------------------------------------------------------- */

typedef struct {
	GHashTable *gone; /* "MAILBOX SEQ" */
} Gone;

static char *name_of(const char *mailbox, gsize size, guint64 seq)
{
	return g_strdup_printf("%.*s %" G_GUINT64_FORMAT, (int)size, mailbox, seq);
}

static gboolean is_gone(const IndexDoc *doc, gpointer user)
{
	g_autofree char *name = name_of(doc->mailbox, doc->mailbox_size, doc->seq);
	return g_hash_table_contains(((Gone *)user)->gone, name);
}

/* Some cases of one mailbox. A mailbox that is hers no longer takes all of its cases with it. */
static gboolean ask(Session *session, const char *mailbox, json_t *seqs, GHashTable *gone, GError **error)
{
	json_t *seq, *list;
	gsize i;
	g_autoptr(json_t) asked = seqs;
	gboolean hers = desk_client_origin(session->desk, mailbox) != NULL;
	g_autoptr(json_t) answer =
		hers ? desk_client_post(session->desk, "/v1/search/gone", json_pack("{s:s, s:O}", "mailbox", mailbox, "seqs", asked), NULL, error)
		     : NULL;
	list = hers ? (answer != NULL ? desk_get_array(answer, "gone", error) : NULL) : asked;
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, seq)
		g_hash_table_add(gone, name_of(mailbox, strlen(mailbox), (guint64)json_integer_value(seq)));
	return TRUE;
}

static gint by_mailbox(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The cases of the index, mailbox by mailbox. */
static gboolean ask_all(Session *session, const Index *index, GHashTable *gone, GError **error)
{
	const GArray *docs = index_docs(index);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < docs->len; i++) {
		const IndexDoc *doc = &g_array_index(docs, IndexDoc, i);
		g_autofree char *name = name_of(doc->mailbox, doc->mailbox_size, doc->seq);
		if (g_hash_table_contains(seen, name)) /* g_hash_table_add() would free the one that stands in names */
			continue;
		g_ptr_array_add(names, name);
		g_hash_table_add(seen, g_steal_pointer(&name));
	}
	g_ptr_array_sort(names, by_mailbox);
	for (guint i = 0; i < names->len;) {
		const char *first = names->pdata[i];
		g_autofree char *mailbox = g_strndup(first, strcspn(first, " "));
		json_t *seqs = json_array();
		for (; i < names->len && json_array_size(seqs) < SEQS_MOST; i++) {
			const char *name = names->pdata[i];
			if (strncmp(name, mailbox, strlen(mailbox)) != 0 || name[strlen(mailbox)] != ' ')
				break;
			json_array_append_new(seqs, json_integer(g_ascii_strtoll(name + strlen(mailbox), NULL, 10)));
		}
		if (!ask(session, mailbox, seqs, gone, error))
			return FALSE;
	}
	return TRUE;
}

gboolean index_feed_tidy(Session *session, gboolean now, GError **error)
{
	const IndexPlace place = index_feed_place(session);
	if (!now && index_checked_within(&place, TIDY_EVERY))
		return TRUE;
	g_autoptr(Index) index = index_read(&place, error);
	if (index == NULL)
		return FALSE;
	gint64 time = g_get_real_time(), since = time - index_checked(index);
	if (!now && since >= 0 && since < TIDY_EVERY)
		return TRUE;
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Gone gone = {names};
	if (!ask_all(session, index, names, error))
		return FALSE;
	return index_rewrite(&place, is_gone, &gone, time, error);
}

/* --- at the end ----------------------------------------------------------------------------------------------------- */

void index_feed_flush(Session *session)
{
	static gboolean told;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) opened = g_steal_pointer(&session->opened);
	if (opened == NULL)
		return;
	const IndexPlace place = index_feed_place(session);
	if ((index_add(&place, opened, &error) && index_feed_tidy(session, FALSE, &error)) || told)
		return;
	told = TRUE;
	face_warn(error->message);
}
