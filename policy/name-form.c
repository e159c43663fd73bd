/* SPDX-License-Identifier: ISC */
#include "policy/name-form.h"

#include <string.h>

#include "policy/name-lists.h"

#define TAIL_DEPTH 4 /* Kazakh adds plural, possessive and case, one behind the other */

/* --- endings, folded ---------------------------------------------------------------- */

static const char *const kazakh_endings[] = {
	"lar", "ler", "dar", "der", "tar", "ter", "nin", "din", "tin", "ga", "ge", "ka", "ke", "na", "ne", "a", "e",
	"ni", "di", "ti", "n", "da", "de", "ta", "te", "nda", "nde", "dan", "den", "tan", "ten", "nan", "nen", "men",
	"ben", "pen", "m", "im", "si", "i", "in", "min", "jan", "diki", "niki", "tiki", "xa", "xe", NULL,
};

static const struct {
	const char *end;       /* of the nominative; the longer before the shorter */
	const char *cut;       /* what the other cases take off it */
	const char *endings[14];
} russian_classes[] = {
	{"aia", "aia", {"oi", "uiu", "oiu"}},
	{"ia", "a", {"i", "e", "u", "ei", "eiu", ""}}, /* Мария: Марии, Марию, Марией */
	{"a", "a", {"i", "u", "oi", "oiu", "e", "ei", "ih", "imi"}}, /* Сериковым is a man */
	{"ski", "i", {"ogo", "omu", "im", "om", "ih", "imi"}},
	{"i", "i", {"ia", "iu", "em", "iom", "e", "ei"}}, /* Абай, Айгүль as айгул has none of it */
	{"", "", {"a", "u", "om", "em", "im", "e", "i", "iu", "ia", "ih", "imi", "oi"}},
};

static gboolean is_vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

static gboolean is_kazakh_tail(const char *rest, guint depth)
{
	if (*rest == '\0' || strcmp(rest, "s") == 0) /* 's */
		return TRUE;
	for (guint i = 0; depth > 0 && kazakh_endings[i] != NULL; i++)
		if (g_str_has_prefix(rest, kazakh_endings[i]) &&
		    is_kazakh_tail(rest + strlen(kazakh_endings[i]), depth - 1))
			return TRUE;
	return FALSE;
}

gboolean name_form_has_kazakh_ending(const char *fold, const char *stem)
{
	gsize n = strlen(stem);
	if (n == 0 || strncmp(fold, stem, n) != 0)
		return FALSE;
	if (is_kazakh_tail(fold + n, TAIL_DEPTH))
		return TRUE;
	/* The fold makes one letter of two: Айжан + нан is `aijanan`. */
	char again[NAME_TEXT_FOLD + 2] = {stem[n - 1], '\0'};
	g_strlcpy(again + 1, fold + n, sizeof again - 1);
	return is_kazakh_tail(again, TAIL_DEPTH);
}

static gboolean has_russian_ending(const char *fold, const char *nominative)
{
	gsize n = strlen(nominative);
	for (gsize i = 0; i < G_N_ELEMENTS(russian_classes); i++) {
		if (!g_str_has_suffix(nominative, russian_classes[i].end))
			continue;
		gsize stem = n - strlen(russian_classes[i].cut);
		if (russian_classes[i].end[0] == '\0' && is_vowel(nominative[n - 1]))
			return FALSE; /* Шевченко */
		if (stem == 0 || strncmp(fold, nominative, stem) != 0)
			return FALSE;
		for (guint k = 0; k < G_N_ELEMENTS(russian_classes[i].endings) && russian_classes[i].endings[k] != NULL; k++)
			if (strcmp(fold + stem, russian_classes[i].endings[k]) == 0)
				return TRUE;
		return FALSE;
	}
	return FALSE;
}

NameCase name_form_case(const char *fold, const char *nominative)
{
	if (strcmp(fold, nominative) == 0)
		return NAME_CASE_NOMINATIVE;
	return name_form_has_kazakh_ending(fold, nominative) || has_russian_ending(fold, nominative) ? NAME_CASE_OBLIQUE
	                                                                                              : NAME_CASE_NONE;
}

/* --- a name, taken apart -------------------------------------------------------------- */

static const char *const patronymic_ends[] = {"ovic", "evic", "ovna", "evna", "icna", "inicna", "uli", "kizi", "ovica", NULL};
static const char *const surname_ends[] = {"ov",  "ova", "ev",  "eva", "in",   "ina",  "ski", "skaia", "enko", "iuk",
                                           "ih",  "baev", "uk", "ko",  "tegi", "iani", "ian", NULL};

static gboolean ends_as(const char *fold, const char *const *ends)
{
	gsize size = strlen(fold);
	for (guint i = 0; ends[i] != NULL; i++)
		if (size > strlen(ends[i]) + 1 && g_str_has_suffix(fold, ends[i]))
			return TRUE;
	return FALSE;
}

gboolean name_form_looks_patronymic(const char *fold)
{
	if (ends_as(fold, patronymic_ends))
		return TRUE;
	/* with a case ending: Маратовны, Маратовичем, Маратқызының */
	static const char *const inside[] = {"ovn", "evn", "ovic", "evic", "kizi", NULL};
	for (guint i = 0; inside[i] != NULL; i++) {
		const char *at = g_strrstr(fold, inside[i]);
		if (at != NULL && at > fold + 1 && strlen(at + strlen(inside[i])) <= 3)
			return TRUE;
	}
	return FALSE;
}

gboolean name_form_is_common(const char *fold)
{
	return name_lists_has(NAME_LIST_GIVEN, fold) || name_lists_has(NAME_LIST_WORDS, fold);
}

static gboolean looks_surname(const char *fold)
{
	return ends_as(fold, surname_ends) && !name_lists_has(NAME_LIST_GIVEN, fold);
}

/* Which of the whole words is the surname: the one that ends like one, else the one that is no first name, else the
 * second of two. */
static gssize find_surname(const NameText *text, const GArray *whole)
{
	if (whole->len == 1)
		return g_array_index(whole, guint, 0);
	for (guint i = 0; i < whole->len; i++)
		if (looks_surname(name_text_fold(text, g_array_index(whole, guint, i))))
			return g_array_index(whole, guint, i);
	for (guint i = 0; i < whole->len; i++)
		if (!name_lists_has(NAME_LIST_GIVEN, name_text_fold(text, g_array_index(whole, guint, i))))
			return g_array_index(whole, guint, i);
	return whole->len > 1 ? (gssize)g_array_index(whole, guint, 1) : -1;
}

static void take_part(NameForm *form, const char *fold, gboolean initial)
{
	if (!initial && form->patronymic == NULL && name_form_looks_patronymic(fold)) {
		form->patronymic = g_strdup(fold);
	} else if (form->given == NULL) {
		form->given = g_strdup(fold);
		form->given_is_initial = initial;
	} else if (form->patronymic == NULL) {
		form->patronymic = g_strdup(fold);
		form->patronymic_is_initial = initial;
	}
}

NameForm *name_form_new(const char *name)
{
	g_autoptr(NameText) text = name_text_new(name, strlen(name));
	g_autoptr(GArray) whole = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(NameForm) form = g_new0(NameForm, 1);
	for (guint i = 0; i < text->words->len; i++) {
		const NameWord *word = name_text_word(text, i);
		if (word->size > 0 && (word->flags & NAME_WORD_INITIAL) == 0 &&
		    !name_form_looks_patronymic(name_text_fold(text, i)))
			g_array_append_val(whole, i);
	}
	gssize surname = find_surname(text, whole);
	for (guint i = 0; i < text->words->len; i++) {
		const NameWord *word = name_text_word(text, i);
		if (word->size > 0 && (gssize)i != surname)
			take_part(form, name_text_fold(text, i), (word->flags & NAME_WORD_INITIAL) != 0);
	}
	gboolean first_name_alone = whole->len == 1 && form->patronymic != NULL && !form->patronymic_is_initial &&
	                            form->given == NULL;
	if (surname >= 0 && first_name_alone) { /* Айгүл Маратқызы */
		form->given = g_strdup(name_text_fold(text, surname));
	} else if (surname >= 0) {
		form->surname = g_strdup(name_text_fold(text, surname));
		form->surname_is_word = name_form_is_common(form->surname);
	}
	return form->surname != NULL || first_name_alone ? g_steal_pointer(&form) : NULL;
}

void name_form_free(NameForm *form)
{
	if (form == NULL)
		return;
	g_free(form->surname);
	g_free(form->given);
	g_free(form->patronymic);
	g_free(form);
}

/* --- words of a text ----------------------------------------------------------------------- */

NameCase name_form_surname(const NameForm *form, const char *fold)
{
	return form->surname != NULL ? name_form_case(fold, form->surname) : NAME_CASE_NONE;
}

gboolean name_form_is_given(const NameForm *form, const char *fold)
{
	return form->given != NULL && !form->given_is_initial && name_form_case(fold, form->given) != NAME_CASE_NONE;
}

/* The letters of the father's name: болат of Болатұлы, Болатовичтің, Болатовна; 0 where it is no patronymic. */
static gsize father_of(const char *fold)
{
	static const char *const ends[] = {"ovic", "evic", "ovn", "evn", "uli", "kizi"};
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
		const char *at = g_strrstr(fold, ends[i]);
		const char *rest = at != NULL ? at + strlen(ends[i]) : "";
		if (at != NULL && at > fold + 1 && (strlen(rest) <= 3 || is_kazakh_tail(rest, TAIL_DEPTH)))
			return (gsize)(at - fold);
	}
	return 0;
}

/* Болатович is Болатұлы in Russian. */
gboolean name_form_is_patronymic(const NameForm *form, const char *fold)
{
	if (form->patronymic == NULL || form->patronymic_is_initial)
		return FALSE;
	const gsize hers = father_of(form->patronymic), other = father_of(fold);
	return (hers > 0 && hers == other && memcmp(form->patronymic, fold, hers) == 0) ||
	       name_form_case(fold, form->patronymic) != NAME_CASE_NONE;
}

static gboolean begins(const char *part, const char *initial)
{
	return part != NULL && g_str_has_prefix(part, initial);
}

gboolean name_form_is_given_name(const char *fold)
{
	if (name_lists_has(NAME_LIST_GIVEN, fold))
		return TRUE;
	g_autofree char *stem = g_strdup(fold);
	for (gsize n = strlen(stem); n > 4; n--) {
		stem[n - 1] = '\0';
		if (name_lists_has(NAME_LIST_GIVEN, stem) && name_form_case(fold, stem) != NAME_CASE_NONE)
			return TRUE;
		g_autofree char *feminine = g_strconcat(stem, "a", NULL);
		if (name_lists_has(NAME_LIST_GIVEN, feminine) && name_form_case(fold, feminine) != NAME_CASE_NONE)
			return TRUE;
	}
	return FALSE;
}

NamePart name_form_part(const NameForm *form, const NameWord *word, const char *fold)
{
	if (word == NULL || word->size == 0)
		return NAME_PART_UNKNOWN;
	if ((word->flags & NAME_WORD_INITIAL) != 0) {
		if (begins(form->given, fold) || begins(form->patronymic, fold))
			return NAME_PART_HERS;
		/* Of a man without a patronymic the second initial says nothing. */
		return form->given != NULL ? NAME_PART_OTHERS : NAME_PART_UNKNOWN;
	}
	if (form->given_is_initial && begins(fold, form->given) && name_form_is_given_name(fold))
		return NAME_PART_HERS;
	if (name_form_is_given(form, fold) || name_form_is_patronymic(form, fold))
		return NAME_PART_HERS;
	if ((word->flags & NAME_WORD_CAPITAL) == 0 || form->given == NULL)
		return NAME_PART_UNKNOWN;
	if (name_form_is_given_name(fold))
		return NAME_PART_OTHERS;
	return form->patronymic != NULL && !form->patronymic_is_initial && name_form_looks_patronymic(fold) ? NAME_PART_OTHERS
	                                                                                                   : NAME_PART_UNKNOWN;
}
