/* SPDX-License-Identifier: ISC */
/* Names of people that a text still has when all is hidden: of the accused, mostly; of its writer, where he named himself in a
 * way that nobody foresaw. Looked for in the new text itself, so that nothing which leaves is overlooked by who hid it. */
#include <string.h>

#include "policy/name-form.h"
#include "policy/name-lists.h"
#include "policy/name-run.h"
#include "policy/redact-private.h"

#define ALONE_MIN 6 /* octets of a folded surname that is one without a name beside it */

typedef struct {
	const NamePlace *place;
	GHashTable *seen; /* folded, of the list */
	GPtrArray *named;
} Left;

static gboolean has_family(const char *fold)
{
	return strstr(fold, "ov") != NULL || strstr(fold, "ev") != NULL;
}

/* A name alone: Омаров, Айнұр; no word of every day. */
static gboolean is_alone(const Left *left, const NameRun *run)
{
	const NameWord *word = name_text_word(left->place->text, run->from);
	const char *fold = name_text_fold(left->place->text, run->from);
	if (run->whole != 1 || name_lists_has(NAME_LIST_WORDS, fold) || (word->flags & NAME_WORD_CAPITAL) == 0)
		return FALSE;
	if ((run->signs & NAME_SIGN_GIVEN) != 0)
		return TRUE;
	return (run->signs & NAME_SIGN_SURNAME) != 0 && strlen(fold) > ALONE_MIN && has_family(fold);
}

/* Two capitals that no list knows, and nothing else in their clause: Тұрсынхан Жанайым. */
static gboolean is_unknown(const Left *left, const NameRun *run)
{
	const NameWord *first = name_text_word(left->place->text, run->from), *next = name_text_word(left->place->text, (gssize)run->from + run->n);
	const guint apart = NAME_WORD_SENTENCE | NAME_WORD_LINE | NAME_WORD_COMMA;
	return run->n > 1 && run->n < NAME_RUN_MAX && (first->flags & apart) != 0 && (next == NULL || (next->flags & apart) != 0);
}

static void name_it(const Left *left, const NameRun *run)
{
	g_autoptr(GString) fold = g_string_new(NULL);
	const guint last = run->from + run->n - 1;
	for (guint i = run->from; i <= last; i++)
		g_string_append_printf(fold, "%s ", name_text_fold(left->place->text, i));
	if (!g_hash_table_add(left->seen, g_strdup(fold->str)))
		return;
	const gsize from = name_text_word(left->place->text, run->from)->at;
	gsize to = name_text_word_end(left->place->octets, left->place->size, name_text_word(left->place->text, last)->at);
	to += (name_text_word(left->place->text, last)->flags & NAME_WORD_INITIAL) != 0 && to < left->place->size && left->place->octets[to] == '.';
	g_autofree char *name = g_utf8_make_valid(left->place->octets + from, (gssize)(to - from));
	g_ptr_array_add(left->named, g_strdelimit(g_steal_pointer(&name), "\r\n\t", ' '));
}

/* Does a run begin here: with a capital; small letters only where the word itself looks like one's first name or patronymic. */
static gboolean may_begin(const Left *left, guint i)
{
	const NameWord *word = name_text_word(left->place->text, i);
	if ((word->flags & NAME_WORD_CAPITAL) != 0)
		return TRUE;
	return word->size > 3 && !name_lists_has(NAME_LIST_WORDS, name_text_fold(left->place->text, i)) &&
	       name_run_signs(left->place->text, i) != 0;
}

/* In small letters a first name beside a patronymic or a surname in -ов, -ев: адам емеспін is nobody. */
static gboolean is_small_person(const Left *left, const NameRun *run)
{
	gboolean family = (run->signs & NAME_SIGN_PATRONYMIC) != 0;
	for (guint i = run->from; i < run->from + run->n; i++)
		family = family || has_family(name_text_fold(left->place->text, i));
	return run->known > 1 && (run->signs & (NAME_SIGN_GIVEN | NAME_SIGN_PATRONYMIC)) != 0 && family;
}

void redact_left_find(const char *text, gsize size, GPtrArray *named)
{
	g_autoptr(NameText) words = name_text_new(text, size);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const NamePlace place = {words, text, size};
	const Left left = {&place, seen, named};
	for (guint i = 0; i < words->words->len; i++) {
		NameRun run;
		const gboolean capital = (name_text_word(words, i)->flags & NAME_WORD_CAPITAL) != 0;
		if (!may_begin(&left, i) || !name_run_read(&place, i, !capital, &run))
			continue;
		if (capital ? !name_run_is_person(&run) && !is_alone(&left, &run) && !is_unknown(&left, &run) : !is_small_person(&left, &run))
			continue;
		if (named->len == REDACT_NAMED_MAX) { /* said, and never passed over in silence */
			g_ptr_array_add(named, g_strdup("…"));
			return;
		}
		name_it(&left, &run);
		i += run.n - 1;
	}
}
