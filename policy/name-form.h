/* SPDX-License-Identifier: ISC */
/* policy/name-form.h - a person's name, as it may be written: parts, initials, endings.
 *
 * A configured name is taken apart once: surname, first name, patronymic, initials, in either order. A word of a text is
 * then a part of it in any case of Kazakh (Серікованың, Сериковаға) and Russian (Сериковой, Сериковых), with an English
 * possessive, in every spelling that policy/name-text.h folds together. A woman's surname is not a man's: Серикова is
 * also his genitive, and taken for it; Сериков is never her.
 * Ownership: a NameForm owns its strings. Threads: pure. */
#ifndef SENIM_POLICY_NAME_FORM_H
#define SENIM_POLICY_NAME_FORM_H

#include "policy/name-text.h"

typedef struct {
	char *surname;    /* folded; NULL: the name has none */
	char *given;      /* folded first name, or the first letters of an initial; NULL */
	char *patronymic; /* likewise */
	gboolean given_is_initial, patronymic_is_initial;
	gboolean surname_is_word; /* a common word or a first name besides: it never counts alone */
} NameForm;

/* NULL where no name can be made of it: no letters, or initials alone. */
NameForm *name_form_new(const char *name);
void name_form_free(NameForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NameForm, name_form_free)

typedef enum {
	NAME_CASE_NONE,       /* it is another word */
	NAME_CASE_NOMINATIVE, /* as it is called */
	NAME_CASE_OBLIQUE,    /* with an ending */
} NameCase;

NameCase name_form_surname(const NameForm *form, const char *fold);
/* The same of any word, both folded. */
NameCase name_form_case(const char *fold, const char *nominative);

typedef enum {
	NAME_PART_UNKNOWN, /* no part of any name */
	NAME_PART_HERS,
	NAME_PART_OTHERS,  /* a first name, initial or patronymic that is not hers */
} NamePart;

/* What a word beside the surname says of whose surname it is. */
NamePart name_form_part(const NameForm *form, const NameWord *word, const char *fold);
gboolean name_form_is_given(const NameForm *form, const char *fold);
gboolean name_form_is_patronymic(const NameForm *form, const char *fold);

/* A first name, or a word of every day: alone it says of nobody that it is them. */
gboolean name_form_is_common(const char *fold);
/* A first name of anybody, in whatever case. */
gboolean name_form_is_given_name(const char *fold);
/* Ends like a patronymic: -ович, -овна, -ұлы, -қызы. */
gboolean name_form_looks_patronymic(const char *fold);
/* stem with a case, plural or possessive ending of Kazakh, or none. */
gboolean name_form_has_kazakh_ending(const char *fold, const char *stem);

#endif
