/* SPDX-License-Identifier: ISC */
#include "policy/name-context.h"

#include <string.h>

#include "policy/name-lists.h"
#include "policy/zones.h"

#define HEAD_LINES 14      /* how far down an address block may reach */
#define HEAD_LINE_WORDS 14 /* a longer line is a sentence */
#define STRANGERS 3        /* words of an address line that are neither name nor title */
#define NEAR 6             /* words between a name and what is said to it */
#define LETTER 400         /* how far a letter is followed that was begun with her name */
#define FAR 60             /* how far a sentence is followed */

/* --- the words around ------------------------------------------------------------------ */

static gboolean has(const NameContext *c, gssize i, NameList list)
{
	const NameWord *word = name_text_word(c->text, i);
	return word != NULL && word->size > 0 && name_lists_has(list, name_text_fold(c->text, i));
}

static gboolean flag(const NameContext *c, gssize i, NameWordFlags flags)
{
	const NameWord *word = name_text_word(c->text, i);
	return word != NULL && (word->flags & flags) != 0;
}

static gboolean is_one_of(const NameContext *c, gssize i, const char *const *words)
{
	const char *fold = name_text_fold(c->text, i);
	for (gsize k = 0; words[k] != NULL; k++)
		if (strcmp(fold, words[k]) == 0)
			return TRUE;
	return FALSE;
}

/* The sentence around a word: [*from, *to). */
static void sentence_of(const NameContext *c, guint first, guint last, guint *from, guint *to)
{
	*from = first;
	*to = last + 1;
	while (*from > 0 && first - *from < FAR && !flag(c, *from, NAME_WORD_SENTENCE))
		(*from)--;
	while (*to < c->text->words->len && *to - last < FAR && !flag(c, *to, NAME_WORD_SENTENCE))
		(*to)++;
}

/* How many words of [from, to) are of the list, the mention's own left out. */
static guint count(const NameContext *c, gssize from, gssize to, NameList list)
{
	guint n = 0;
	for (gssize i = MAX(from, 0); i < to; i++)
		n += name_text_word(c->text, i) != NULL && !c->part[i] && has(c, i, list);
	return n;
}

/* --- address block and salutation -------------------------------------------------------- */

/* Words up to the end of the line of `first`. */
static guint line_end(const NameText *text, guint first)
{
	guint to = first + 1;
	while (to < text->words->len && !(name_text_word(text, to)->flags & NAME_WORD_LINE))
		to++;
	return to;
}

/* The lines before the first that is a sentence: long, or short with another behind its stop. */
guint name_context_head(const NameText *text)
{
	guint at = 0;
	for (guint line = 0; line < HEAD_LINES && at < text->words->len; line++) {
		guint to = line_end(text, at);
		if (to - at > HEAD_LINE_WORDS)
			break;
		for (guint i = at + 1; i < to; i++)
			if (name_text_word(text, i)->flags & NAME_WORD_SENTENCE)
				return at;
		at = to;
	}
	return at;
}

/* Ольге Кравченко лично в руки. Айгүл Серіковаға хат. */
static gboolean is_envelope(const NameContext *c, guint from, guint to)
{
	static const char *const words[] = {"v", "ruki", "hat", "otinix", "pismo", "obraxenie", "zaiavlenie", "leter", NULL};
	for (guint i = from; i < to; i++)
		if (!c->part[i] && !has(c, i, NAME_LIST_TITLE) && !is_one_of(c, i, words))
			return FALSE;
	return TRUE;
}

/* In the head a line is an address that says nothing of her: no full stop, hardly a word but name, post and titles. */
static gboolean is_address(const NameContext *c, guint first, guint last, gboolean oblique)
{
	guint from = first, to = line_end(c->text, last), strangers = 0;
	if (last >= c->head)
		return FALSE;
	while (from > 0 && !flag(c, from, NAME_WORD_LINE))
		from--;
	for (guint i = from; i < to; i++) {
		if (flag(c, i, NAME_WORD_STOP) && !(oblique && i + 1 == to && is_envelope(c, from, to)))
			return FALSE;
		/* «от Иванова Ивана» is no stranger behind «Сериковой», but a shout is one behind СЕРИКОВА. */
		strangers += !c->part[i] && (!oblique || !flag(c, i, NAME_WORD_CAPITAL)) && !has(c, i, NAME_LIST_TITLE) &&
		             !has(c, i, NAME_LIST_GREETING);
	}
	return strangers <= STRANGERS && count(c, from, to, NAME_LIST_ACCUSATION) == 0 &&
	       count(c, from, first, NAME_LIST_ABOUT) == 0 && count(c, last + 1, to, NAME_LIST_ABOUT) == 0;
}

/* «Комплаенс бөліміне, Айгүл Серіковаға.» before anything else was said: an address that ends with its line or goes on. */
static gboolean is_opening(const NameContext *c, guint from, guint to, gboolean oblique)
{
	static const char *const units[] = {"kompl", "bolim", "kizmet", "otdel", "sluzb", "ofis", "department", "ofice", NULL};
	if (!oblique || from > 0 || to - from > HEAD_LINE_WORDS)
		return FALSE;
	for (guint i = from; i < to; i++) {
		gboolean unit = FALSE;
		for (gsize k = 0; units[k] != NULL; k++)
			unit = unit || g_str_has_prefix(name_text_fold(c->text, i), units[k]);
		if (!c->part[i] && !unit && !has(c, i, NAME_LIST_TITLE) && !has(c, i, NAME_LIST_GREETING))
			return FALSE;
	}
	return TRUE;
}

static gboolean is_greeted(const NameContext *c, guint first, guint from)
{
	for (gssize i = (gssize)first - 1; i >= (gssize)from && (gssize)first - i <= NEAR; i--)
		if (has(c, i, NAME_LIST_GREETING))
			return count(c, i + 1, first, NAME_LIST_ACCUSATION) == 0;
	return FALSE;
}

/* --- spoken to --------------------------------------------------------------------------------- */

static gboolean is_you(const NameContext *c, guint i)
{
	static const char *const words[] = {"siz", "sen", "sizder", "oziniz", "vi", "ti", "sami", "iou"};
	for (gsize k = 0; k < G_N_ELEMENTS(words); k++)
		if (strcmp(name_text_fold(c->text, i), words[k]) == 0)
			return TRUE;
	return FALSE;
}

/* What the word at i says is done is a thing of which people are accused. */
static gboolean is_deed(const NameContext *c, guint i)
{
	return has(c, i, NAME_LIST_DEED_YOU) && count(c, i > 3 ? (gssize)i - 3 : 0, (gssize)i + 4, NAME_LIST_ACCUSATION) > 0;
}

/* `You` and then the deed, before anybody else is spoken of. */
static gboolean you_do_it(const NameContext *c, guint i, guint to)
{
	for (guint k = i + 1, seen = 0; k < to && seen <= 4; k++) {
		if (c->part[k])
			continue; /* Вы, Айгуль Маратовна, берёте … */
		if (flag(c, k, NAME_WORD_CAPITAL) || (flag(c, k, NAME_WORD_COMMA) && !c->part[k - 1]))
			return FALSE;
		if (is_deed(c, k))
			return TRUE;
		seen++;
	}
	return FALSE;
}

/* Айгүл Серікова, сіз пара аласыз: the letter is to her, and about her. */
static gboolean is_accused_as_you(const NameContext *c, guint first, guint last)
{
	static const char *const endings[] = {"siz", "niz", "ete", "ite"};
	guint from, to;
	sentence_of(c, first, last, &from, &to);
	for (guint i = from; i < MIN(c->text->words->len, last + LETTER); i++)
		if (is_you(c, i) && you_do_it(c, i, MIN(c->text->words->len, i + NEAR + 4)))
			return TRUE;
	/* Айгүл Серікова, неге пара аласыз? */
	for (guint k = last + 1; k < to; k++)
		for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
			if (g_str_has_suffix(name_text_fold(c->text, k), endings[i]) && is_deed(c, k))
				return TRUE;
	return FALSE;
}

/* Ахметов, Серикова и Иванов: a list of people is nobody's call. */
static gboolean is_in_list(const NameContext *c, guint first, guint last)
{
	static const char *const and[] = {"i", "jane", "men", "ben", "pen", "and", "a"};
	const NameWord *next = name_text_word(c->text, last + 1), *after = name_text_word(c->text, last + 2);
	if (first > 0 && flag(c, first, NAME_WORD_COMMA) && flag(c, first - 1, NAME_WORD_CAPITAL) &&
	    !flag(c, first - 1, NAME_WORD_SENTENCE) && !c->part[first - 1])
		return TRUE;
	if (next == NULL || (next->flags & NAME_WORD_CAPITAL) == 0 || after == NULL)
		return FALSE;
	for (gssize i = last + 2; i <= (gssize)last + 3; i++)
		for (gsize k = 0; k < G_N_ELEMENTS(and); k++)
			if (strcmp(name_text_fold(c->text, i), and[k]) == 0 && flag(c, i + 1, NAME_WORD_CAPITAL))
				return TRUE;
	return (after->flags & NAME_WORD_CAPITAL) != 0 && (after->flags & NAME_WORD_COMMA) != 0 &&
	       (after->flags & NAME_WORD_SENTENCE) == 0;
}

/* Серикова, которая берёт; the officer, Serikova, is married: what follows the comma speaks of her, not to her. */
static gboolean is_spoken_of(const NameContext *c, guint next)
{
	static const char *const words[] = {"vho", "ona", "she", "he", "is", "vas", "has", "head", NULL};
	static const char *const posts[] = {"kotor", "sotrudni", "ofitser", "ofiser", "naxa", "nacalni", "spetsialist", "menejer",
	                                    "iurist", "rabotni", "kizmetker", "oficer", "manager", "employee"};
	for (gsize i = 0; i < G_N_ELEMENTS(posts); i++)
		if (g_str_has_prefix(name_text_fold(c->text, next), posts[i]))
			return TRUE;
	return is_one_of(c, next, words);
}

/* A title between name and comma belongs to the call: Айгүл ханым, … */
static gboolean is_called(const NameContext *c, guint first, guint last)
{
	/* «The compliance officer, Aigul Serikova, took it»: behind her own post a comma calls nobody. */
	while (first > 0 && !flag(c, first, NAME_WORD_SENTENCE) &&
	       (c->part[first - 1] || (!flag(c, first, NAME_WORD_COMMA) && has(c, first - 1, NAME_LIST_TITLE) &&
	                               strcmp(name_text_fold(c->text, first - 1), "te") != 0))) /* the */
		first--;
	while (last + 1 < c->text->words->len && !flag(c, last + 1, NAME_WORD_COMMA | NAME_WORD_SENTENCE) &&
	       (c->part[last + 1] || has(c, last + 1, NAME_LIST_TITLE)))
		last++;
	if (!flag(c, first, NAME_WORD_SENTENCE | NAME_WORD_COMMA))
		return FALSE;
	if (flag(c, last, NAME_WORD_CALL))
		return TRUE;
	if (is_spoken_of(c, last + 1))
		return FALSE;
	if (flag(c, last, NAME_WORD_COLON) || flag(c, last + 1, NAME_WORD_DASH)) /* Серикова — участница схемы */
		return FALSE;
	gboolean closed = flag(c, last + 1, NAME_WORD_COMMA) ||
	                  (flag(c, first, NAME_WORD_COMMA) &&
	                   (last + 1 >= c->text->words->len || flag(c, last + 1, NAME_WORD_SENTENCE)));
	return closed && !is_in_list(c, first, last);
}

/* Сізге, Айгүл Серікова; Вам, комплаенс-офицеру Сериковой; to you, Ms Serikova. */
static gboolean stands_beside_you(const NameContext *c, guint first, guint last)
{
	static const char *const against[] = {"ustinen", "turali", "jaili", "jaiinda", "joninde", "katisti",
	                                      "karsi", "jaginan", "tarapinan", NULL};
	gssize i = (gssize)first - 1;
	while (i >= 0 && (c->part[i] || has(c, i, NAME_LIST_TITLE)))
		i--;
	/* Сізге Серікованың үстінен шағымданамын */
	return has(c, i, NAME_LIST_YOU) && !flag(c, i + 1, NAME_WORD_SENTENCE) && !is_one_of(c, last + 1, against);
}

/* Серікова А. назарына; Серікова ханымға сәлем; for the attention of Ms Serikova; is this Ms Serikova's mailbox? */
static gboolean is_written_to(const NameContext *c, guint first, guint last)
{
	static const char *const before[] = {"atention", "atn", "vnimaniu", NULL};
	static const char *const behind[] = {"nazarina", "salem", "mailboks", "inboks", NULL};
	guint next = last + 1;
	while (has(c, next, NAME_LIST_TITLE) && !flag(c, next, NAME_WORD_COMMA | NAME_WORD_SENTENCE) && !is_one_of(c, next, behind))
		next++;
	if (is_one_of(c, next, behind) && !flag(c, next, NAME_WORD_COMMA | NAME_WORD_SENTENCE))
		return TRUE;
	for (guint i = first, n = 0; i > 0 && n < 3 && !flag(c, i, NAME_WORD_COMMA | NAME_WORD_SENTENCE); i--, n++)
		if (is_one_of(c, (gssize)i - 1, before))
			return TRUE;
	return FALSE;
}

/* --- thanked, praised, asked -------------------------------------------------------------------- */

static gboolean is_thanked(const NameContext *c, guint first, guint last, guint from, guint to)
{
	for (gssize i = (gssize)first - 1; i >= (gssize)from && (gssize)first - i <= NEAR; i--)
		if (has(c, i, NAME_LIST_THANKS))
			return count(c, i + 1, first, NAME_LIST_ACCUSATION) == 0;
	for (guint i = last + 1; i < to && i - last <= NEAR + 2; i++)
		if (has(c, i, NAME_LIST_THANKS))
			return count(c, last + 1, i, NAME_LIST_ACCUSATION) == 0;
	return FALSE;
}

/* A word of praise that nobody denies: «не верю Сериковой» is none. */
static gboolean is_praised(const NameContext *c, guint from, guint to)
{
	static const char *const denials[] = {"ne", "ni", "net", "bez", "not", "no", "never", "dont", "nobodi", NULL};
	for (guint i = from; i < to; i++)
		if (!c->part[i] && has(c, i, NAME_LIST_PRAISE) && (i == from || !is_one_of(c, (gssize)i - 1, denials)))
			return TRUE;
	return FALSE;
}

/* I would like Ms Serikova to look into this; хочу, чтобы Серикова рассмотрела. */
static gboolean is_wished(const NameContext *c, guint first)
{
	static const char *const words[] = {"like", "vant", "ctobi", NULL};
	gssize i = (gssize)first - 1;
	while (i >= 0 && (c->part[i] || has(c, i, NAME_LIST_TITLE)))
		i--;
	return is_one_of(c, i, words);
}

static guint clause_begin(const NameContext *c, guint first, guint lowest)
{
	while (first > lowest && !flag(c, first, NAME_WORD_COMMA | NAME_WORD_SENTENCE))
		first--;
	return first;
}

/* Where a comma, or an `and`, begins with what is told: передать Сериковой, что …; встретиться с ней и рассказать о … */
static guint clause_end(const NameContext *c, guint from, guint highest)
{
	static const char *const and[] = {"i", "jane", "and", NULL};
	for (guint i = from; i < highest; i++)
		if (flag(c, i, NAME_WORD_COMMA) || is_one_of(c, i, and))
			return i;
	return highest;
}

/* Прошу Айгуль Серикову рассмотреть; Серікованың қарауын сұраймын; передать Сериковой. */
static gboolean is_asked(const NameContext *c, guint first, guint last, guint from, guint to)
{
	guint lower = first > from + NEAR ? first - NEAR : from, upper = MIN(to, last + 1 + NEAR);
	if (count(c, lower, first, NAME_LIST_ACCUSATION) > 0 || count(c, lower, first, NAME_LIST_ABOUT) > 0)
		return FALSE;
	gboolean before = (count(c, lower, first, NAME_LIST_REQUEST) > 0 || is_wished(c, first)) && count(c, last + 1, upper, NAME_LIST_TASK) > 0;
	guint begin = clause_begin(c, first, MAX(first, 4 + from) - 4), end = clause_end(c, last + 1, upper);
	gboolean handed = count(c, begin, first, NAME_LIST_TASK) > 0;
	gboolean behind = count(c, last + 1, end, NAME_LIST_TASK) > 0 && count(c, last + 1, end, NAME_LIST_REQUEST) > 0;
	return before || ((handed || behind) && count(c, last + 1, end, NAME_LIST_ABOUT) == 0 &&
	                  count(c, last + 1, end, NAME_LIST_ACCUSATION) == 0);
}

/* --- quoted --------------------------------------------------------------------------------------- */

static gboolean is_quoted(const NameContext *c, guint first, guint last)
{
	gsize at = name_text_word(c->text, first)->at;
	switch (zones_at(c->zones, at)) {
	case ZONE_MAIL_QUOTE:
	case ZONE_SIGNATURE:
		return TRUE;
	case ZONE_QUOTATION: {
		guint from = first, to = last + 1;
		while (from > 0 && zones_at(c->zones, name_text_word(c->text, from - 1)->at) == ZONE_QUOTATION && first - from < FAR)
			from--;
		while (to < c->text->words->len && to - last < FAR &&
		       zones_at(c->zones, name_text_word(c->text, to)->at) == ZONE_QUOTATION)
			to++;
		return to - from > last - first + 1 && count(c, from, to, NAME_LIST_ACCUSATION) == 0;
	}
	default:
		return FALSE;
	}
}

static gboolean in_quotation(const NameContext *c, guint i)
{
	return c->zones != NULL && zones_at(c->zones, name_text_word(c->text, i)->at) == ZONE_QUOTATION;
}

/* На обучении Серикова говорила: «О подарке надо сообщать». What she told everybody is held against nobody; a demand is. */
static gboolean is_advice(const NameContext *c, guint first, guint last, guint from, guint to)
{
	gboolean said = FALSE, advised = FALSE, quoted = FALSE;
	for (guint i = from; i < to; i++) {
		if (c->part[i])
			continue;
		const gboolean inside = in_quotation(c, i);
		if (inside ? has(c, i, NAME_LIST_DEMAND) : has(c, i, NAME_LIST_ACCUSATION))
			return FALSE;
		quoted = quoted || inside;
		advised = advised || has(c, i, NAME_LIST_ADVICE);
		said = said || (!inside && has(c, i, NAME_LIST_SAYING));
	}
	return said && advised && quoted && !in_quotation(c, first) && !in_quotation(c, last);
}

gboolean name_context_counts(const NameContext *c, guint first, guint last, gboolean oblique)
{
	guint from, to;
	sentence_of(c, first, last, &from, &to);
	if (c->zones != NULL && is_quoted(c, first, last))
		return FALSE;
	gboolean addressed = is_address(c, first, last, oblique) || (c->zones != NULL && is_opening(c, from, to, oblique)) ||
	                     is_greeted(c, first, from) || stands_beside_you(c, first, last) ||
	                     is_written_to(c, first, last) ||
	                     (!oblique && is_called(c, first, last));
	if (addressed)
		return is_accused_as_you(c, first, last);
	if (is_thanked(c, first, last, from, to) || is_asked(c, first, last, from, to) || is_advice(c, first, last, from, to))
		return FALSE;
	guint against = count(c, from, to, NAME_LIST_ACCUSATION);
	return against > 0 || (!is_praised(c, from, to) && count(c, from, to, NAME_LIST_OUR_TEXT) == 0);
}
