/* SPDX-License-Identifier: ISC */
/* policy/labels.h - a list that an organisation keeps, each item with a label in Kazakh, Russian and English.
 *
 * GLib key-file syntax, one section an item, in the order in which they are offered. The section's name is the item's id,
 * [a-z0-9-]{1,32}, not beginning with a hyphen: it stands in the register and is never given another meaning. Keys: kk, ru
 * and en, the label in each language (1 to 200 octets, one line), and one more that the kind of list has.
 *
 *   [request]
 *   kk = Органның сұрау салуы
 *   ru = Запрос органа
 *   en = A body's request
 *   needs = number; date
 *
 * Which lists there are: policy/grounds.h, policy/categories.h.
 * Ownership: Labels owns its strings. Threads: immutable once read; any.
 * Fails:     NULL and *error (LABELS_ERROR), which names section and key and what it takes. */
#ifndef SENIM_POLICY_LABELS_H
#define SENIM_POLICY_LABELS_H

#include <glib.h>

#define LABELS_ERROR (labels_error_quark())
GQuark labels_error_quark(void);

typedef enum { LABELS_KK, LABELS_RU, LABELS_EN, LABELS_LANGUAGES } LabelsLanguage;

typedef struct {
	char *id;
	char *label[LABELS_LANGUAGES];
	guint marks; /* of the list's own key: bits that the kind of list gives a meaning */
} LabelsItem;

/* What is particular to a kind of list. */
typedef struct {
	const char *item, *items; /* "ground", "grounds" */
	const char *key;          /* its own */
	const char *takes;        /* what the values of that key are, for a message */
	guint most;
	/* The value of its own key, "" where it is missing, as bits; FALSE: it takes none of that. */
	gboolean (*read)(const char *value, guint *marks);
} LabelsKind;

typedef struct Labels Labels;

Labels *labels_read(const LabelsKind *kind, const char *text, gsize size, GError **error);
void labels_free(Labels *labels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Labels, labels_free)

guint labels_count(const Labels *labels);
/* The i-th; NULL past the end. */
const LabelsItem *labels_nth(const Labels *labels, guint i);
/* NULL: there is none of that id. */
const LabelsItem *labels_find(const Labels *labels, const char *id);
/* "kk", "ru", "en". */
const char *labels_language(LabelsLanguage language);

#endif
