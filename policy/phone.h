/* SPDX-License-Identifier: ISC */
/* policy/phone.h - whether a row of digits is a telephone number.
 *
 * Of Kazakhstan in every way of writing it; of other countries with their code behind a plus. Behind a word for a telephone a
 * number may lack its country, and one of the town its area.
 * Ownership: results (transfer full). Threads: pure. */
#ifndef SENIM_POLICY_PHONE_H
#define SENIM_POLICY_PHONE_H

#include <glib.h>

/* +7XXXXXXXXXX, or the digits behind their plus; NULL: no number. plus: one stands before them. */
char *phone_number(const char *digits, gboolean plus);
/* The same behind a word for a telephone, where phone_number() says no. at, size: as it stands there. */
char *phone_behind_label(const char *digits, const char *at, gsize size);
/* Does such a word stand before the octet `at`? lower: in lower case. */
gboolean phone_is_labelled(const char *lower, gsize at);

#endif
