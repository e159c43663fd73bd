/* SPDX-License-Identifier: ISC */
/* policy/person.h - what a reporter says of himself: suggestions beside the register's empty fields, never facts.
 *
 * Name, telephone, addresses and organisation are looked for in the writer's own words and in the signature, never in quoted
 * mail and never in the header: a display name set by a mail program was not given by the reporter. The name is the first that
 * the text itself gives its writer (policy/writer.h), as he is called: of «от Ивановой» Иванова. Where anonymity is asked for,
 * nothing is suggested at all.
 *   surname, given, patronymic    each once
 *   phone                         +7XXXXXXXXXX for every way of writing a number of Kazakhstan; others with their country code;
 *                                 one of the town, as it stands, behind a word for a telephone alone
 *   email                         as written
 *   address                       postal: what stands behind «мекенжайым:», «адрес:», «проживаю:», «address:»
 *   organisation                  form and name: «Ромашка» ЖШС, Ромашка ЖШС, ТОО «Ромашка», TOO Romashka, Romashka LLP
 *   legal-form, legal-name        the same apart, for the register: its form spelt out, and what is left as its name
 * A wish is a word: `anonymous` (not to be named), `no-answer` (not to be answered); policy/wish.h.
 * Whoever hides what a reporter says of himself (policy/redact.h) finds it with person_find(), whatever the wish.
 * Promise:   linear in the text; at most PERSON_MAX suggestions; nothing that does not stand there, a form's full
 *            words and a name's endings aside.
 * Ownership: a Person owns its rows. Threads: pure. */
#ifndef SENIM_POLICY_PERSON_H
#define SENIM_POLICY_PERSON_H

#include <glib.h>

#define PERSON_MAX 24

typedef struct {
	const char *what;   /* static: one of the words above */
	const char *source; /* static: text | signature */
	char *value;
} PersonRow;

typedef struct {
	GArray *rows; /* PersonRow */
	gboolean anonymous, no_answer;
} Person;

Person *person_new(const char *text, gsize size);
Person *person_find(const char *text, gsize size);
void person_free(Person *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Person, person_free)

#endif
