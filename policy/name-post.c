/* SPDX-License-Identifier: ISC */
#include "policy/name-post.h"

#include <string.h>

#include "policy/name-form.h"
#include "policy/name-lists.h"

#define WORDS_MAX 16
#define REACH 4 /* how far the words of a post may lie apart */

/* Stems that mean the same, folded at the first use. A row that is `any` is of any post; `person` names who holds it. */
static struct {
	gboolean any, person;
	const char *words;
	GPtrArray *stems;
} meanings[] = {
	{FALSE, FALSE, "комплаенс compliance", NULL},
	{FALSE, TRUE, "омбудсмен омбудсман ombudsm", NULL},
	{FALSE, FALSE, "қауіпсізд безопасн security", NULL},
	{FALSE, FALSE, "кадр персонал hr human", NULL},
	{FALSE, FALSE, "аудит audit", NULL},
	{FALSE, FALSE, "антикор жемқор коррупц антикоррупц anticorrupt corrupt", NULL},
	{FALSE, FALSE, "заң юрис юрид юрисконсульт legal lawyer", NULL},
	{FALSE, FALSE, "жүйел системн system", NULL},
	{TRUE, TRUE, "қызметкер сотрудни работни officer employee official офицер", NULL},
	{TRUE, TRUE, "жауапты ответствен responsible", NULL},
	{TRUE, TRUE, "маман специалист specialist", NULL},
	{TRUE, TRUE, "менеджер manager", NULL},
	{TRUE, TRUE, "басшы бастық бастығы начальник руководител глава head chief", NULL},
	{TRUE, TRUE, "директор director", NULL},
	{TRUE, TRUE, "төраға председател chair", NULL},
	{TRUE, TRUE, "орынбасар заместител зам deputy", NULL},
	{TRUE, TRUE, "әкімші администратор administrator admin", NULL},
	{TRUE, TRUE, "бақылаушы контролир контролёр supervisor controller", NULL},
	{TRUE, FALSE, "бөлім отдел department басқарма управлен департамент служб қызмет сектор unit office", NULL},
	{TRUE, FALSE, "бас главн аға старш ведущ senior lead жөніндегі бойынша по за in charge of for the", NULL},
};

/* Words of which the posts at the top are made, in three languages: басқарма төрағасы is председатель правления. */
static struct {
	const char *words;
	GPtrArray *stems;
} tops[] = {
	{"басқарма правлен board", NULL},      {"төраға председател chair", NULL},   {"бас генеральн general", NULL},
	{"директор director", NULL},           {"орынбасар заместител зам deputy vice", NULL}, {"президент president", NULL},
	{"кеңес совет совета council", NULL},  {"комитет committee", NULL},          {"бірінші перв first", NULL},
	{"атқарушы исполнительн executive", NULL}, {"вице vice", NULL},              {"хатшы секретар secretary", NULL},
};

typedef struct {
	int meaning; /* row of meanings, or -1 */
	int top;     /* row of tops, or -1 */
	char *fold;
} PostWord;

struct NamePost {
	PostWord words[WORDS_MAX];
	guint n;
	gboolean common, person;
};

static GPtrArray *fold_stems(const char *source)
{
	g_auto(GStrv) words = g_strsplit(source, " ", -1);
	GPtrArray *stems = g_ptr_array_new_with_free_func(g_free);
	for (gsize k = 0; words[k] != NULL; k++)
		g_ptr_array_add(stems, name_text_fold_word(words[k]));
	return stems;
}

static void load(void)
{
	static gsize loaded;
	if (!g_once_init_enter(&loaded))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++)
		meanings[i].stems = fold_stems(meanings[i].words);
	for (gsize i = 0; i < G_N_ELEMENTS(tops); i++)
		tops[i].stems = fold_stems(tops[i].words);
	g_once_init_leave(&loaded, 1);
}

/* A short word is itself, a longer one may go on. */
static gboolean is_of(const GPtrArray *stems, const char *fold)
{
	for (guint i = 0; *fold != '\0' && i < stems->len; i++) {
		const char *stem = g_ptr_array_index(stems, i);
		if (strlen(stem) <= 3 ? strcmp(stem, fold) == 0 : g_str_has_prefix(fold, stem))
			return TRUE;
	}
	return FALSE;
}

static int meaning_of(const char *fold)
{
	for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++)
		if (is_of(meanings[i].stems, fold))
			return (int)i;
	return -1;
}

static int top_of(const char *fold)
{
	for (gsize i = 0; i < G_N_ELEMENTS(tops); i++)
		if (is_of(tops[i].stems, fold))
			return (int)i;
	return -1;
}

/* A word of the post's own language that no row knows counts as its own where it is long enough to say something. */
static gboolean is_own(const PostWord *word)
{
	return word->meaning >= 0 ? !meanings[word->meaning].any : strlen(word->fold) >= 6;
}

NamePost *name_post_new(const char *post)
{
	load();
	g_autoptr(NameText) text = name_text_new(post, strlen(post));
	NamePost *p = g_new0(NamePost, 1);
	gboolean own = FALSE;
	for (guint i = 0; i < text->words->len && p->n < WORDS_MAX; i++) {
		const char *fold = name_text_fold(text, i);
		if (*fold == '\0')
			continue;
		PostWord *word = &p->words[p->n++];
		word->fold = g_strdup(fold);
		word->meaning = meaning_of(fold);
		word->top = top_of(fold);
		own |= is_own(word);
	}
	p->common = !own;
	return p;
}

void name_post_free(NamePost *post)
{
	if (post == NULL)
		return;
	for (guint i = 0; i < post->n; i++)
		g_free(post->words[i].fold);
	g_free(post);
}

gboolean name_post_is_common(const NamePost *post)
{
	return post->common;
}

static gboolean word_is(const PostWord *word, const char *fold)
{
	if (word->meaning >= 0)
		return is_of(meanings[word->meaning].stems, fold);
	if (strcmp(word->fold, fold) == 0 || name_form_has_kazakh_ending(fold, word->fold))
		return TRUE;
	/* Russian endings: all but the last three letters stay. */
	gsize stem = strlen(word->fold);
	stem = stem > 8 ? stem - 3 : stem;
	return stem >= 5 && strncmp(word->fold, fold, stem) == 0 && strlen(fold) <= strlen(word->fold) + 3;
}

/* Word for word, in its order. */
static gboolean stands_whole(const NamePost *post, const NameText *text, guint i, guint *last)
{
	if (post->n < 2 || i + post->n > text->words->len)
		return FALSE;
	for (guint k = 0; k < post->n; k++) {
		const char *fold = name_text_fold(text, i + k);
		/* the whole word, however it ends */
		gsize stem = strlen(post->words[k].fold);
		stem = stem > 5 ? stem - 2 : stem;
		if (strncmp(fold, post->words[k].fold, stem) != 0 || (k > 0 && name_text_word(text, i + k)->flags & NAME_WORD_SENTENCE))
			return FALSE;
	}
	*last = i + post->n - 1;
	return TRUE;
}

/* The same post in another language: each of its words once, in any order, with nothing but «of the» between them. */
static gboolean stands_translated(const NamePost *post, const NameText *text, guint i, guint *last)
{
	guint seen = 0, at = i;
	if (post->n < 2)
		return FALSE;
	for (guint found = 0; found < post->n; at++) {
		const NameWord *word = name_text_word(text, at);
		const char *fold = name_text_fold(text, at);
		if (word == NULL || (at > i && (word->flags & (NAME_WORD_SENTENCE | NAME_WORD_COMMA)) != 0))
			return FALSE;
		if (at > i && (strcmp(fold, "of") == 0 || strcmp(fold, "te") == 0)) /* the */
			continue;
		guint k = 0;
		while (k < post->n && ((seen >> k & 1) != 0 || post->words[k].top < 0 || !is_of(tops[post->words[k].top].stems, fold)))
			k++;
		if (k == post->n)
			return FALSE;
		seen |= 1u << k;
		found++;
	}
	*last = at - 1;
	return TRUE;
}

static gssize find_near(const PostWord *word, const NameText *text, guint i)
{
	for (guint k = i > REACH ? i - REACH : 0; k <= i + REACH && k < text->words->len; k++)
		if (word_is(word, name_text_fold(text, k)))
			return k;
	return -1;
}

/* A word for a person close to the post's own: комплаенс-офицер, ответственный за комплаенс. */
static gssize find_person(const NameText *text, guint i)
{
	for (gssize distance = 0; distance <= 3; distance++)
		for (int side = 1; side >= -1; side -= 2) {
			gssize k = (gssize)i + side * distance;
			const NameWord *word = name_text_word(text, k);
			const NameWord *later = name_text_word(text, MAX(k, (gssize)i));
			if (word == NULL || (distance > 0 && (later->flags & (NAME_WORD_SENTENCE | NAME_WORD_COMMA)) != 0))
				continue;
			int meaning = meaning_of(name_text_fold(text, k));
			if (meaning >= 0 && meanings[meaning].person)
				return k;
		}
	return -1;
}

static gboolean is_oblique(const char *fold)
{
	static const char *const ends[] = {"ge", "ke", "ga", "ka", "nin", "din", "tin", "ni", "di", "ti", "den", "dan", "ten", "ogo",
	                                   "omu", "u", "om", "em", "a", "oi", NULL};
	for (guint i = 0; ends[i] != NULL; i++)
		if (g_str_has_suffix(fold, ends[i]))
			return TRUE;
	return FALSE;
}

gboolean name_post_at(const NamePost *post, const NameText *text, guint i, guint *first, guint *last, gboolean *oblique)
{
	*first = i;
	if (post->n == 0)
		return FALSE;
	*last = i;
	if (post->common) {
		if (!stands_whole(post, text, i, last) && !stands_translated(post, text, i, last))
			return FALSE;
	} else {
		guint own = 0;
		while (!is_own(&post->words[own]))
			own++;
		if (!word_is(&post->words[own], name_text_fold(text, i)))
			return FALSE;
		for (guint k = own + 1; k < post->n; k++) {
			gssize at = is_own(&post->words[k]) ? find_near(&post->words[k], text, i) : (gssize)i;
			if (at < 0)
				return FALSE;
			*first = MIN(*first, (guint)at);
			*last = MAX(*last, (guint)at);
		}
		gssize person = find_person(text, i);
		if (person < 0)
			return FALSE;
		*first = MIN(*first, (guint)person);
		*last = MAX(*last, (guint)person);
	}
	*oblique = is_oblique(name_text_fold(text, *last));
	return TRUE;
}
