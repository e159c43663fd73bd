/* SPDX-License-Identifier: ISC */
#include "cli/search.h"

#include <string.h>

#define BEFORE 60 /* octets of a line that are shown before the word, and behind it */
#define BEHIND 160

/* --- cases --------------------------------------------------------------------------------------------------------- */

static void hit_free(gpointer data)
{
	SearchHit *hit = data;
	g_free(hit->mailbox);
	g_ptr_array_unref(hit->docs);
	g_free(hit);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const SearchHit *one = *(SearchHit *const *)a, *other = *(SearchHit *const *)b;
	return one->received != other->received ? (one->received < other->received ? 1 : -1)
	                                        : (one->seq < other->seq) - (one->seq > other->seq);
}

static SearchHit *hit_of(GHashTable *hits, const IndexDoc *doc)
{
	g_autofree char *key = g_strdup_printf("%.*s %" G_GUINT64_FORMAT, (int)doc->mailbox_size, doc->mailbox, doc->seq);
	SearchHit *hit = g_hash_table_lookup(hits, key);
	if (hit != NULL)
		return hit;
	hit = g_new0(SearchHit, 1);
	hit->mailbox = g_strndup(doc->mailbox, doc->mailbox_size);
	hit->seq = doc->seq;
	hit->received = doc->received;
	hit->docs = g_ptr_array_new();
	g_hash_table_insert(hits, g_steal_pointer(&key), hit);
	return hit;
}

GPtrArray *search_find(const Index *index, const StemQuery *query, const char *mailbox)
{
	const GArray *docs = index_docs(index);
	GPtrArray *found = g_ptr_array_new_with_free_func(hit_free);
	g_autoptr(GHashTable) hits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < docs->len; i++) {
		const IndexDoc *doc = &g_array_index(docs, IndexDoc, i);
		if (mailbox != NULL && !index_doc_is_of(doc, mailbox, doc->seq))
			continue;
		SearchHit *hit = hit_of(hits, doc);
		hit->terms |= stem_query_find(query, doc->folded, doc->folded_size, NULL);
		hit->received = MIN(hit->received, doc->received);
		g_ptr_array_add(hit->docs, (gpointer)doc);
	}
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, hits);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		SearchHit *hit = value;
		if (hit->terms == stem_query_all(query))
			g_ptr_array_add(found, hit);
		else
			hit_free(hit);
	}
	g_ptr_array_sort(found, by_time);
	return found;
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

typedef struct {
	const IndexDoc *doc;
	StemLine line;
	guint terms, order; /* how many terms stand in it; the place among all */
} Candidate;

static gint by_terms(gconstpointer a, gconstpointer b)
{
	const Candidate *one = a, *other = b;
	return one->terms != other->terms ? (gint)other->terms - (gint)one->terms : (gint)one->order - (gint)other->order;
}

/* The n-th line of a text. */
static const char *line_of(const IndexDoc *doc, guint32 n, gsize *size)
{
	const char *line = doc->text, *end = doc->text + doc->text_size, *stop;
	for (; (stop = memchr(line, '\n', (gsize)(end - line))) != NULL && n > 0; n--)
		line = stop + 1;
	*size = (gsize)((stop != NULL ? stop : end) - line);
	return n == 0 ? line : NULL;
}

static gboolean is_inside(const char *p)
{
	return ((guchar)*p & 0xc0) == 0x80;
}

/* The line, or of a long one what stands around the word. */
static WipeText *excerpt(const char *line, gsize size, const StemQuery *query)
{
	gsize place = size > BEHIND ? stem_query_place(query, line, size) : 0;
	gsize from = place > BEFORE ? place - BEFORE : 0, to = MIN(size, place + BEHIND);
	while (from > 0 && is_inside(line + from))
		from--;
	while (to < size && is_inside(line + to))
		to++;
	g_autoptr(WipeText) cut = g_strndup(line + from, to - from);
	g_strdelimit(cut, "\r\t", ' ');
	g_strstrip(cut);
	return g_strdup_printf("%s%s%s", from > 0 ? "…" : "", cut, to < size ? "…" : "");
}

static guint count_bits(guint32 bits)
{
	return (guint)__builtin_popcount(bits);
}

static gboolean has_text(const GPtrArray *lines, const char *text)
{
	for (guint i = 0; i < lines->len; i++)
		if (strcmp(lines->pdata[i], text) == 0)
			return TRUE;
	return FALSE;
}

GPtrArray *search_lines(const SearchHit *hit, const StemQuery *query)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Candidate));
	for (guint i = 0; i < hit->docs->len; i++) {
		const IndexDoc *doc = hit->docs->pdata[i];
		g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(StemLine));
		stem_query_find(query, doc->folded, doc->folded_size, found);
		for (guint n = 0; n < found->len; n++) {
			const StemLine line = g_array_index(found, StemLine, n);
			const Candidate one = {doc, line, count_bits(line.terms), all->len};
			g_array_append_val(all, one);
		}
	}
	g_array_sort(all, by_terms);
	for (guint i = 0; i < all->len && lines->len < SEARCH_LINES; i++) {
		const Candidate *one = &g_array_index(all, Candidate, i);
		gsize size = 0;
		const char *line = line_of(one->doc, one->line.line, &size);
		g_autoptr(WipeText) text = line != NULL ? excerpt(line, size, query) : NULL;
		if (text != NULL && !has_text(lines, text)) /* the subject stands in the card and in the letter */
			g_ptr_array_add(lines, g_steal_pointer(&text));
	}
	return lines;
}
