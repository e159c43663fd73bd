/* SPDX-License-Identifier: ISC */
#include "policy/name-run.h"

#include <string.h>

#include "policy/name-form.h"
#include "policy/name-lists.h"

#define GAP_MAX 40     /* octets between two words of a name */
#define SURNAME_MIN 4  /* octets of a folded surname that is known by its ending */

/* Folded, the longer before the shorter. */
static const char *const surname_ends[] = {"ov", "ova", "ev", "eva", "in", "ina", "ski", "skaia", "enko", "cuk", "uk", "tegi", "ian", NULL};
static const char *const surname_bent[] = {
	"ova", "ovu", "ovim", "ove", "ovoi", "ovoiu", "ovih", "ovimi", "ovi", "eva", "evu", "evim", "eve", "evoi", "evoiu", "evih",
	"evimi", "inim", "inoi", "inoiu", "inu", "skogo", "skomu", "skim", "skom", "skoi", "skuiu", NULL};
static const char *const patronymic_called[] = {"ovic", "evic", "ovna", "evna", "icna", "uli", "kizi", NULL};

static gboolean ends_as(const char *fold, const char *const *ends)
{
	const gsize size = strlen(fold);
	for (guint i = 0; ends[i] != NULL; i++)
		if (size > strlen(ends[i]) + 1 && g_str_has_suffix(fold, ends[i]))
			return TRUE;
	return FALSE;
}

/* Серіковадан, Сериковтың: the surname and behind it what Kazakh adds. */
static gboolean is_bent_in_kazakh(const char *fold)
{
	static const char *const cores[] = {"ova", "eva", "ov", "ev", "ina", "in"};
	for (gsize i = 0; i < G_N_ELEMENTS(cores); i++) {
		const char *at = g_strrstr(fold, cores[i]);
		const gsize stem = at != NULL ? (gsize)(at - fold) + strlen(cores[i]) : 0;
		if (stem < SURNAME_MIN + 1 || fold[stem] == '\0' || strlen(fold + stem) > 4)
			continue;
		g_autofree char *called = g_strndup(fold, stem);
		if (name_form_has_kazakh_ending(fold, called))
			return TRUE;
	}
	return FALSE;
}

static guint surname_signs(const char *fold)
{
	if (strlen(fold) < SURNAME_MIN)
		return 0;
	if (ends_as(fold, surname_ends))
		return NAME_SIGN_SURNAME | NAME_SIGN_CALLED;
	return ends_as(fold, surname_bent) || is_bent_in_kazakh(fold) ? NAME_SIGN_SURNAME | NAME_SIGN_BENT : 0;
}

guint name_run_signs(const NameText *text, guint i)
{
	const NameWord *word = name_text_word(text, i);
	const char *fold = name_text_fold(text, i);
	if (word == NULL || word->size == 0)
		return 0;
	if ((word->flags & NAME_WORD_INITIAL) != 0)
		return NAME_SIGN_INITIAL;
	if (word->size < 3 || name_lists_has(NAME_LIST_CAPITALS, fold))
		return 0;
	if (name_form_looks_patronymic(fold))
		return NAME_SIGN_PATRONYMIC | (ends_as(fold, patronymic_called) ? NAME_SIGN_CALLED : NAME_SIGN_BENT);
	if (name_lists_has(NAME_LIST_GIVEN, fold))
		return NAME_SIGN_GIVEN | NAME_SIGN_CALLED;
	const guint surname = surname_signs(fold);
	if ((surname & NAME_SIGN_CALLED) != 0) /* Ерланов, Маратова: of a first name, and none */
		return surname;
	if (!name_form_is_given_name(fold))
		return surname;
	/* Жанайым: mine, or another name that no list has; a case ends otherwise */
	return g_str_has_suffix(fold, "im") ? NAME_SIGN_GIVEN : NAME_SIGN_GIVEN | NAME_SIGN_BENT;
}

/* Nothing between two words of a name but what may stand there; *feeds: line ends. */
static gboolean is_plain_gap(const NamePlace *place, guint before, guint *feeds)
{
	const NameWord *one = name_text_word(place->text, before), *other = name_text_word(place->text, (gssize)before + 1);
	const gsize from = name_text_word_end(place->octets, place->size, one->at), to = other->at;
	gboolean dots = (one->flags & NAME_WORD_INITIAL) != 0;
	*feeds = 0;
	if (to < from || to - from > GAP_MAX)
		return FALSE;
	for (gsize at = from; at < to; at++) {
		const char c = place->octets[at];
		const gboolean hard = c == '\xc2' && at + 1 < to && place->octets[at + 1] == '\xa0';
		*feeds += c == '\n';
		at += hard;
		if (!hard && strchr(" \t\r\n-", c) == NULL && !(dots && c == '.'))
			return FALSE;
	}
	return *feeds <= 1;
}

/* "If I": no initial without its dot. */
static gboolean is_english_i(const NamePlace *place, const NameWord *word)
{
	return place->octets[word->at] == 'I' && (word->at + 1 == place->size || place->octets[word->at + 1] != '.');
}

static gboolean takes(const NamePlace *place, guint i, gboolean small, guint signs)
{
	const NameWord *word = name_text_word(place->text, i);
	const char *fold = name_text_fold(place->text, i);
	if (word->size == 0 || ((word->flags & NAME_WORD_CAPITAL) == 0 && (!small || signs == 0)))
		return FALSE;
	if ((word->flags & NAME_WORD_INITIAL) != 0)
		return !is_english_i(place, word);
	return !name_lists_has(NAME_LIST_CAPITALS, fold) && !name_lists_has(NAME_LIST_YOU, fold);
}

/* Over a line end: what can be no name of its own. */
static gboolean goes_on(const NameRun *run, guint signs)
{
	return (signs & (NAME_SIGN_PATRONYMIC | NAME_SIGN_INITIAL)) != 0 ||
	       ((signs & NAME_SIGN_GIVEN) != 0 && run->whole == 1 && (run->signs & NAME_SIGN_SURNAME) != 0);
}

gboolean name_run_read(const NamePlace *place, guint from, gboolean small, NameRun *run)
{
	*run = (NameRun){.from = from};
	for (guint i = from; i < place->text->words->len && run->n < NAME_RUN_MAX; i++) {
		const guint signs = name_run_signs(place->text, i);
		guint feeds = 0;
		if (!takes(place, i, small, signs) || (i > from && !is_plain_gap(place, i - 1, &feeds)))
			break;
		if (feeds > 0 && !goes_on(run, signs))
			break;
		run->n++;
		run->signs |= signs;
		run->known += signs != 0;
		run->whole += (signs & NAME_SIGN_INITIAL) == 0;
	}
	return run->n > 0;
}

gboolean name_run_is_person(const NameRun *run)
{
	const guint sure = NAME_SIGN_GIVEN | NAME_SIGN_PATRONYMIC | NAME_SIGN_INITIAL;
	if (run->whole == 0)
		return FALSE;
	return (run->signs & NAME_SIGN_PATRONYMIC) != 0 || (run->n > 1 && ((run->signs & sure) != 0 || run->known > 1));
}
