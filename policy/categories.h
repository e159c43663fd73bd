/* SPDX-License-Identifier: ISC */
/* policy/categories.h - what a report is about: the list of kinds of violation that an organisation counts by.
 *
 * A list as in policy/labels.h, with the key `off`: yes keeps an item out of what is offered, while cases that have it keep
 * it. */
#ifndef SENIM_POLICY_CATEGORIES_H
#define SENIM_POLICY_CATEGORIES_H

#include "policy/labels.h"

#define CATEGORIES_MAX 64
#define CATEGORIES_OFF 1 /* the mark of an item */

Labels *categories_read(const char *text, gsize size, GError **error);

#endif
