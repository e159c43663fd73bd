/* SPDX-License-Identifier: ISC */
#include "policy/name-called.h"

#include <string.h>

#include "policy/name-form.h"
#include "policy/name-lists.h"
#include "policy/name-text.h"

#define STEM_MIN 2 /* letters that an ending leaves */

typedef struct {
	const char *bent, *called;
} Ending;

/* Of whom, and from whom. */
static const Ending russian_from[] = {
	{"овой", "ова"}, {"евой", "ева"}, {"ёвой", "ёва"}, {"иной", "ина"}, {"ской", "ская"}, {"цкой", "цкая"},
	{"овны", "овна"}, {"евны", "евна"}, {"ичны", "ична"}, {"овича", "ович"}, {"евича", "евич"}, {"ского", "ский"}, {"цкого", "цкий"},
	{"ова", "ов"}, {"ева", "ев"}, {"ёва", "ёв"}, {"ина", "ин"}, {"ука", "ук"}, {"юка", "юк"}, {NULL, NULL}};
/* The other cases. */
static const Ending russian_other[] = {
	{"овне", "овна"}, {"овну", "овна"}, {"овной", "овна"}, {"евне", "евна"}, {"евну", "евна"}, {"евной", "евна"}, {"ичне", "ична"},
	{"ичну", "ична"}, {"ичной", "ична"}, {"овичу", "ович"}, {"овичем", "ович"}, {"евичу", "евич"}, {"евичем", "евич"},
	{"ову", "ова"}, {"ову", "ов"}, {"еву", "ева"}, {"еву", "ев"}, {"ину", "ина"}, {"ину", "ин"}, {"овым", "ов"}, {"евым", "ев"},
	{"иным", "ин"}, {"скую", "ская"}, {"скому", "ский"}, {"ским", "ский"}, {NULL, NULL}};
static const Ending kazakh_am[] = {
	{"мын", ""}, {"мін", ""}, {"бын", ""}, {"бін", ""}, {"пын", ""}, {"пін", ""}, {NULL, NULL}};
static const Ending kazakh_from[] = {
	{"нан", ""}, {"нен", ""}, {"дан", ""}, {"ден", ""}, {"тан", ""}, {"тен", ""}, {NULL, NULL}};
static const Ending kazakh_other[] = {
	{"ның", ""}, {"нің", ""}, {"дың", ""}, {"дің", ""}, {"тың", ""}, {"тің", ""}, {"ды", ""}, {"ді", ""}, {"ты", ""}, {"ті", ""},
	{"ны", ""}, {"ні", ""}, {"ға", ""}, {"ге", ""}, {"қа", ""}, {"ке", ""}, {"на", ""}, {"не", ""}, {"мен", ""}, {"пен", ""},
	{"бен", ""}, {NULL, NULL}};
/* Of first names: Гульнары, Сергея, Айгули; kept where the list has the outcome. */
static const Ending given[] = {
	{"ы", "а"}, {"и", "а"}, {"и", "я"}, {"и", "ь"}, {"и", ""}, {"у", "а"}, {"ю", "я"}, {"е", "а"}, {"ой", "а"}, {"ей", "а"}, {"ей", "я"},
	{"а", ""}, {"я", "й"}, {"я", "ь"}, {"у", ""}, {"ю", "й"}, {"ом", ""}, {"ем", "й"}, {"ем", "ь"}, {"ью", "ь"}, {NULL, NULL}};
static const Ending russian_unknown[] = {
	{"ой", "ая"}, {"ой", "а"}, {"а", ""}, {"я", "й"}, {"у", ""}, {"ю", "й"}, {"ом", ""}, {"ы", "а"}, {NULL, NULL}};

static gboolean is_given(const char *word)
{
	g_autofree char *fold = name_text_fold_word(word);
	return name_lists_has(NAME_LIST_GIVEN, fold);
}

/* Ends as surnames and patronymics do, or is in the list: what a Kazakh ending was taken from. */
static gboolean looks_called(const char *word)
{
	static const char *const ends[] = {"ов", "ова", "ев", "ева", "ёв", "ёва", "ин", "ина", "ұлы", "улы",
	                                    "қызы", "кызы", "вич", "вна", "ский", "ская"};
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		if (g_str_has_suffix(word, ends[i]))
			return TRUE;
	return is_given(word);
}

static void add(GPtrArray *forms, const char *word)
{
	for (guint i = 0; i < forms->len; i++)
		if (strcmp(forms->pdata[i], word) == 0)
			return;
	g_ptr_array_add(forms, g_strdup(word));
}

typedef gboolean (*Is)(const char *word);

static void add_of(GPtrArray *forms, const char *small, const Ending *endings, Is is)
{
	for (; endings->bent != NULL; endings++) {
		if (!g_str_has_suffix(small, endings->bent))
			continue;
		const gsize stem = strlen(small) - strlen(endings->bent);
		g_autofree char *cut = g_strndup(small, stem), *called = g_strconcat(cut, endings->called, NULL);
		if (g_utf8_strlen(cut, -1) >= STEM_MIN && (is == NULL || is(called)))
			add(forms, called);
	}
}

/* «ИВАНОВОЙ» is ИВАНОВА, «Ивановой» Иванова. */
static char *as_high(const char *small, const char *word)
{
	const char *second = g_utf8_next_char(word);
	const gboolean all = *second != '\0' && g_unichar_isupper(g_utf8_get_char(second));
	g_autofree char *capital = g_utf8_strup(small, all ? -1 : (gssize)(g_utf8_next_char(small) - small));
	return g_strconcat(capital, all ? "" : g_utf8_next_char(small), NULL);
}

GPtrArray *name_called(const char *word, NameAs as)
{
	g_autoptr(GPtrArray) forms = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *called = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *small = g_utf8_strdown(word, -1);
	const gboolean capital = g_unichar_isupper(g_utf8_get_char(word));
	if (as == NAME_AS_CALLED)
		add_of(forms, small, kazakh_am, looks_called);
	if (as != NAME_AS_CALLED && is_given(small)) /* Айнұр; Александра is she, and of him */
		add(forms, small);
	if (as != NAME_AS_CALLED) {
		add_of(forms, small, russian_from, NULL);
		add_of(forms, small, kazakh_from, looks_called);
	}
	if (as == NAME_AS_ANY) {
		add_of(forms, small, russian_other, NULL);
		add_of(forms, small, kazakh_other, looks_called);
	}
	if (as != NAME_AS_CALLED)
		add_of(forms, small, given, is_given);
	if (as != NAME_AS_CALLED && forms->len == 0) { /* Жанайымнан, Кима: of a name that no list has */
		add_of(forms, small, kazakh_from, NULL);
		add_of(forms, small, russian_unknown, NULL);
	}
	add(forms, small);
	for (guint i = 0; i < forms->len; i++)
		g_ptr_array_add(called, *small != '\0' && capital ? as_high(forms->pdata[i], word) : g_strdup(forms->pdata[i]));
	return called;
}
