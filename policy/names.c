/* SPDX-License-Identifier: ISC */
#include "policy/names.h"

#include <string.h>

#include "policy/name-context.h"
#include "policy/name-form.h"
#include "policy/name-lists.h"
#include "policy/name-post.h"
#include "policy/name-text.h"
#include "policy/zones.h"

#define MENTIONS_MAX 4096 /* that are weighed; more of them than that are no letter */

typedef struct {
	char *id;
	GPtrArray *forms;  /* NameForm */
	GPtrArray *posts;  /* NamePost */
	GPtrArray *common; /* names and posts as configured that cannot do their work */
} Person;

struct Names {
	GPtrArray *people; /* Person, in the order in which they were added */
};

typedef struct {
	guint person, first, last;
	gboolean oblique;
} Mention;

typedef struct {
	const Names *names;
	NameText *text;
	GArray *mentions; /* Mention */
} Search;

/* --- people -------------------------------------------------------------------------- */

static void person_free(gpointer data)
{
	Person *person = data;
	g_free(person->id);
	g_ptr_array_unref(person->forms);
	g_ptr_array_unref(person->posts);
	g_ptr_array_unref(person->common);
	g_free(person);
}

Names *names_new(void)
{
	Names *names = g_new0(Names, 1);
	names->people = g_ptr_array_new_with_free_func(person_free);
	return names;
}

void names_free(Names *names)
{
	if (names == NULL)
		return;
	g_ptr_array_unref(names->people);
	g_free(names);
}

static Person *person_of(Names *names, const char *id)
{
	for (guint i = 0; i < names->people->len; i++) {
		Person *person = g_ptr_array_index(names->people, i);
		if (strcmp(person->id, id) == 0)
			return person;
	}
	if (names->people->len == NAMES_PEOPLE_MAX)
		return NULL;
	Person *person = g_new0(Person, 1);
	person->id = g_strdup(id);
	person->forms = g_ptr_array_new_with_free_func((GDestroyNotify)name_form_free);
	person->posts = g_ptr_array_new_with_free_func((GDestroyNotify)name_post_free);
	person->common = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(names->people, person);
	return person;
}

/* Серикова А. beside Айгүл Серікова: the whole name says more than its initials. */
static gboolean says_less(const NameForm *less, const NameForm *more)
{
	return g_strcmp0(less->surname, more->surname) == 0 && less->given_is_initial && more->given != NULL &&
	       !more->given_is_initial && g_str_has_prefix(more->given, less->given);
}

/* «Төлегенов» is Толегенов in one passport and Тулегенов in another. */
static NameForm *other_form(const char *name)
{
	g_auto(GStrv) small = g_strsplit(name, "ө", -1);
	g_autofree char *once = g_strjoinv("ү", small);
	g_auto(GStrv) capital = g_strsplit(once, "Ө", -1);
	g_autofree char *twice = g_strjoinv("Ү", capital);
	return strcmp(twice, name) != 0 ? name_form_new(twice) : NULL;
}

void names_add_name(Names *names, const char *id, const char *name)
{
	Person *person = person_of(names, id);
	NameForm *form = person != NULL ? name_form_new(name) : NULL;
	NameForm *other = form != NULL ? other_form(name) : NULL;
	if (other != NULL)
		g_ptr_array_add(person->forms, other);
	if (person != NULL && (form == NULL || form->surname_is_word || (form->surname != NULL && strlen(form->surname) < 4)))
		g_ptr_array_add(person->common, g_strdup(name));
	if (form != NULL)
		g_ptr_array_add(person->forms, form);
	for (guint i = 0; form != NULL && i < person->forms->len; i++) {
		const NameForm *less = g_ptr_array_index(person->forms, i);
		gboolean covered = FALSE;
		for (guint k = 0; k < person->forms->len; k++)
			covered |= k != i && says_less(less, g_ptr_array_index(person->forms, k));
		if (covered)
			g_ptr_array_remove_index(person->forms, i--);
	}
}

void names_add_post(Names *names, const char *id, const char *post)
{
	Person *person = person_of(names, id);
	if (person == NULL || *post == '\0')
		return;
	NamePost *parsed = name_post_new(post);
	if (name_post_is_common(parsed))
		g_ptr_array_add(person->common, g_strdup(post));
	g_ptr_array_add(person->posts, parsed);
}

GPtrArray *names_too_common(const Names *names)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < names->people->len; i++) {
		const Person *person = g_ptr_array_index(names->people, i);
		for (guint k = 0; k < person->common->len; k++)
			g_ptr_array_add(list, g_strconcat(person->id, " ", (const char *)g_ptr_array_index(person->common, k), NULL));
	}
	return list;
}

/* --- a name in the text ------------------------------------------------------------------- */

static gboolean joined(const NameText *text, guint later)
{
	const NameWord *word = name_text_word(text, later);
	return word != NULL && (word->flags & (NAME_WORD_COMMA | NAME_WORD_SENTENCE)) == 0;
}

/* Bekzat T. Tolegenov: of a patronymic that nobody has told us, behind the first name that is hers. */
static gboolean is_middle_initial(const Search *search, const NameForm *form, gssize next, gssize far)
{
	const NameText *text = search->text;
	return far < next && form->patronymic == NULL && (name_text_word(text, next)->flags & NAME_WORD_INITIAL) != 0 &&
	       name_text_word(text, far) != NULL && joined(text, (guint)next) && name_form_is_given(form, name_text_fold(text, far));
}

/* What the words on one side of a surname say of whose it is. Of several initials the first speaks for the given name. */
static NamePart ask_side(const Search *search, const NameForm *form, guint i, int side, guint *end)
{
	const NameText *text = search->text;
	gssize next = (gssize)i + side;
	if (name_lists_has(NAME_LIST_TITLE, name_text_fold(text, next)) && joined(text, (guint)MAX(next, (gssize)i)) &&
	    (name_text_word(text, next)->flags & NAME_WORD_INITIAL) == 0)
		next += side; /* Айгүл ханым Серікова */
	if (name_text_word(text, next) == NULL || !joined(text, (guint)MAX(next, (gssize)i)))
		return NAME_PART_UNKNOWN;
	gssize far = next + side;
	gboolean two = (name_text_word(text, next)->flags & NAME_WORD_INITIAL) != 0 && name_text_word(text, far) != NULL &&
	               (name_text_word(text, far)->flags & NAME_WORD_INITIAL) != 0 &&
	               joined(text, (guint)MAX(far, next));
	gssize given = (two && side < 0) || is_middle_initial(search, form, next, far) ? far : next;
	NamePart part = name_form_part(form, name_text_word(text, given), name_text_fold(text, given));
	if (part == NAME_PART_HERS) {
		*end = (guint)(two || given == far ? far : next);
		gssize more = (gssize)*end + side;
		const NameWord *word = name_text_word(text, more);
		if (!two && word != NULL && joined(text, (guint)MAX(more, (gssize)*end)) &&
		    name_form_part(form, word, name_text_fold(text, more)) == NAME_PART_HERS)
			*end = (guint)more;
	}
	return part;
}

static gboolean is_name_at(const Search *search, const NameForm *form, guint i, Mention *mention)
{
	const char *fold = name_text_fold(search->text, i);
	mention->first = mention->last = i;
	if (form->surname == NULL) { /* first name and patronymic, side by side */
		mention->oblique = strcmp(fold, form->given) != 0;
		if (!name_form_is_given(form, fold) || !joined(search->text, i + 1) ||
		    !name_form_is_patronymic(form, name_text_fold(search->text, i + 1)))
			return FALSE;
		mention->last = i + 1;
		return TRUE;
	}
	NameCase how = name_form_surname(form, fold);
	if (how == NAME_CASE_NONE)
		return FALSE;
	mention->oblique = how == NAME_CASE_OBLIQUE;
	NamePart before = ask_side(search, form, i, -1, &mention->first);
	NamePart after = ask_side(search, form, i, 1, &mention->last);
	/* Ольге Кравченко: of the surnames that do not bend the first name tells. */
	for (guint k = mention->first; k <= mention->last; k++)
		mention->oblique |= k != i && name_form_is_given(form, name_text_fold(search->text, k)) &&
		                    strcmp(name_text_fold(search->text, k), form->given) != 0;
	if (before == NAME_PART_HERS || after == NAME_PART_HERS)
		return TRUE;
	return before != NAME_PART_OTHERS && after != NAME_PART_OTHERS && !form->surname_is_word && strlen(form->surname) > 3;
}

/* Айгуль Маратовна, of whom the configuration has the surname besides. */
static gboolean is_called_at(const Search *search, const NameForm *form, guint i, Mention *mention)
{
	if (form->surname == NULL || !name_form_is_given(form, name_text_fold(search->text, i)) || !joined(search->text, i + 1) ||
	    !name_form_is_patronymic(form, name_text_fold(search->text, i + 1)))
		return FALSE;
	mention->first = i;
	mention->last = i + 1;
	mention->oblique = strcmp(name_text_fold(search->text, i), form->given) != 0;
	return TRUE;
}

static void search_person(Search *search, guint n, guint i)
{
	const Person *person = g_ptr_array_index(search->names->people, n);
	Mention mention = {.person = n};
	for (guint k = 0; k < person->forms->len; k++) {
		const NameForm *form = g_ptr_array_index(person->forms, k);
		if (is_name_at(search, form, i, &mention) || is_called_at(search, form, i, &mention)) {
			g_array_append_val(search->mentions, mention);
			return;
		}
	}
	for (guint k = 0; k < person->posts->len; k++)
		if (name_post_at(g_ptr_array_index(person->posts, k), search->text, i, &mention.first, &mention.last,
		                 &mention.oblique)) {
			g_array_append_val(search->mentions, mention);
			return;
		}
}

/* --- what it is about ---------------------------------------------------------------------------- */

static void weigh(const Search *search, const GArray *zones, guint head, guint64 *found)
{
	guint8 *part = g_malloc0(search->text->words->len + 1);
	for (guint i = 0; i < search->mentions->len; i++) {
		const Mention *m = &g_array_index(search->mentions, Mention, i);
		memset(part + m->first, 1, m->last - m->first + 1);
	}
	const NameContext context = {search->text, zones, part, head};
	for (guint i = 0; i < search->mentions->len; i++) {
		const Mention *m = &g_array_index(search->mentions, Mention, i);
		if ((*found & (guint64)1 << m->person) == 0 && name_context_counts(&context, m->first, m->last, m->oblique))
			*found |= (guint64)1 << m->person;
	}
	g_free(part);
}

/* subject: a line that addresses by its nature, and has no zones. */
static void look(const Names *names, const char *octets, gsize size, gboolean subject, guint64 *found)
{
	g_autoptr(NameText) text = name_text_new(octets, size);
	g_autoptr(GArray) mentions = g_array_new(FALSE, FALSE, sizeof(Mention));
	Search search = {names, text, mentions};
	for (guint i = 0; i < text->words->len && mentions->len < MENTIONS_MAX; i++)
		for (guint n = 0; n < names->people->len; n++)
			search_person(&search, n, i);
	if (mentions->len == 0)
		return;
	g_autoptr(GArray) zones = subject ? NULL : zones_find(octets, size);
	weigh(&search, zones, subject ? text->words->len : name_context_head(text), found);
}

GPtrArray *names_find(const Names *names, const char *subject, const char *text, gsize size)
{
	guint64 found = 0;
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	G_STATIC_ASSERT(NAMES_PEOPLE_MAX <= 64);
	name_lists_load();
	if (subject != NULL)
		look(names, subject, strlen(subject), TRUE, &found);
	look(names, text, size, FALSE, &found);
	for (guint n = 0; n < names->people->len; n++)
		if ((found & (guint64)1 << n) != 0)
			g_ptr_array_add(ids, g_strdup(((const Person *)g_ptr_array_index(names->people, n))->id));
	return ids;
}
