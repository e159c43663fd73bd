/* SPDX-License-Identifier: ISC */
/* policy/bodies.h - the state bodies that a reporter is told to turn to where his question is not this mailbox's (KMO 14).
 *
 * A list as in policy/labels.h: the label is what stands in the letter, name and, where it helps, how to reach it. The key
 * `off`: yes keeps a body out of what is offered. An id stands in the register for good: an organisation adds its own bodies,
 * and gives no id another meaning. `other` is the program's word for a body in the officer's own words, and no id. */
#ifndef SENIM_POLICY_BODIES_H
#define SENIM_POLICY_BODIES_H

#include "policy/labels.h"

#define BODIES_OTHER "other"
#define BODIES_MAX 64
#define BODIES_OFF 1 /* the mark of an item */

Labels *bodies_read(const char *text, gsize size, GError **error);

#endif
