/* SPDX-License-Identifier: ISC */
/* policy/grounds.h - why a case may be looked at: the list of grounds that an organisation keeps.
 *
 * GLib key-file syntax, one section a ground, in the order in which they are offered; the first is what the first opening
 * of a new report is offered. The section's name is the ground's id, [a-z0-9-]{1,32}: it stands in the register and is
 * never given another meaning. Keys: kk, ru and en, the label in each language (1 to 200 octets, one line), and `needs`, a
 * list of number, date and text: what must be written with it. The ground `other` must be there and needs a text: it is
 * what a ground in the officer's own words becomes.
 *
 *   [request]
 *   kk = Органның сұрау салуы
 *   ru = Запрос органа
 *   en = A body's request
 *   needs = number; date
 *
 * Ownership: Grounds owns its strings. Threads: immutable once read; any.
 * Fails:     NULL and *error (GROUNDS_ERROR), which names section and key and what it takes. */
#ifndef SENIM_POLICY_GROUNDS_H
#define SENIM_POLICY_GROUNDS_H

#include <glib.h>

#define GROUNDS_ERROR (grounds_error_quark())
GQuark grounds_error_quark(void);

#define GROUNDS_OTHER "other"
#define GROUNDS_MAX 35 /* as many as there are digits and letters: one key takes one */

typedef enum { GROUNDS_KK, GROUNDS_RU, GROUNDS_EN, GROUNDS_LANGUAGES } GroundsLanguage;

typedef enum {
	GROUNDS_NUMBER = 1, /* of the paper that asks for it */
	GROUNDS_DATE = 2,   /* of that paper */
	GROUNDS_TEXT = 4,
} GroundsNeed;

typedef struct {
	char *id;
	char *label[GROUNDS_LANGUAGES];
	guint needs; /* of GroundsNeed */
} GroundsItem;

typedef struct Grounds Grounds;

Grounds *grounds_read(const char *text, gsize size, GError **error);
void grounds_free(Grounds *grounds);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grounds, grounds_free)

guint grounds_count(const Grounds *grounds);
/* The i-th; NULL past the end. */
const GroundsItem *grounds_nth(const Grounds *grounds, guint i);
/* NULL: there is none of that id. */
const GroundsItem *grounds_find(const Grounds *grounds, const char *id);

/* "kk", "ru", "en". */
const char *grounds_language(GroundsLanguage language);
/* The words of `needs`: "number", "date", "text" for 0, 1, 2; NULL past them. */
const char *grounds_need(guint i);

#endif
