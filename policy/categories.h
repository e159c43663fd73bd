/* SPDX-License-Identifier: ISC */
/* policy/categories.h - what a report is about: the list of kinds of violation that an organisation counts by.
 *
 * GLib key-file syntax, one section a category, in the order in which they are offered. The section's name is its id,
 * [a-z0-9-]{1,32}: it stands in the register and is never given another meaning. Keys: kk, ru and en, the label in each
 * language (1 to 200 octets, one line), and `off`: yes keeps it out of what is offered, while cases that have it keep it.
 *
 *   [gifts]
 *   kk = Сыйлықтар мен артықшылықтар алу
 *   ru = Получение подарков и благ
 *   en = Gifts and benefits
 *
 * Ownership: Categories owns its strings. Threads: immutable once read; any.
 * Fails:     NULL and *error (CATEGORIES_ERROR), which names section and key and what it takes. */
#ifndef SENIM_POLICY_CATEGORIES_H
#define SENIM_POLICY_CATEGORIES_H

#include <glib.h>

#define CATEGORIES_ERROR (categories_error_quark())
GQuark categories_error_quark(void);

#define CATEGORIES_MAX 64

typedef enum { CATEGORIES_KK, CATEGORIES_RU, CATEGORIES_EN, CATEGORIES_LANGUAGES } CategoriesLanguage;

typedef struct {
	char *id;
	char *label[CATEGORIES_LANGUAGES];
	gboolean off;
} CategoriesItem;

typedef struct Categories Categories;

Categories *categories_read(const char *text, gsize size, GError **error);
void categories_free(Categories *categories);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Categories, categories_free)

guint categories_count(const Categories *categories);
/* The i-th; NULL past the end. */
const CategoriesItem *categories_nth(const Categories *categories, guint i);
/* "kk", "ru", "en". */
const char *categories_language(CategoriesLanguage language);

#endif
