/* SPDX-License-Identifier: ISC */
/* tests/shipped-rules.h - the rules and model of a directory, for programs that are linked with policy and base alone. */
#ifndef SENIM_TESTS_SHIPPED_RULES_H
#define SENIM_TESTS_SHIPPED_RULES_H

#include "policy/rules.h"

/* (transfer full); NULL and *error where they are not readable. */
Rules *shipped_rules(const char *directory, GError **error);

#endif
