/* SPDX-License-Identifier: ISC */
/* policy/grounds.h - why a case may be looked at: the list of grounds that an organisation keeps.
 *
 * A list as in policy/labels.h, with the key `needs`: some of number, date and text, separated by `;`: what must be written
 * with the ground. The first is what the first opening of a new report is offered. The ground `other` must be there and
 * needs a text: it is what a ground in the officer's own words becomes. */
#ifndef SENIM_POLICY_GROUNDS_H
#define SENIM_POLICY_GROUNDS_H

#include "policy/labels.h"

#define GROUNDS_OTHER "other"
#define GROUNDS_MAX 35 /* as many as there are digits and letters: one key takes one */

/* Marks of an item. */
typedef enum {
	GROUNDS_NUMBER = 1, /* of the paper that asks for it */
	GROUNDS_DATE = 2,   /* of that paper */
	GROUNDS_TEXT = 4,
} GroundsNeed;

Labels *grounds_read(const char *text, gsize size, GError **error);

/* The words of `needs`: "number", "date", "text" for the bits 0, 1, 2; NULL past them. */
const char *grounds_need(guint i);

#endif
