/* SPDX-License-Identifier: ISC */
/* policy/writer.h - whom a text itself names as its writer, wherever it says so.
 *
 *   I        «Я, ФИО», «Я ФИО», «Мен, ФИО», "I, Name", also behind a calling («Я, кассир ФИО, …»), and in other cases
 *            («меня, ФИО,», «мне, ФИО,»); «… ФИО-мын»; «Мы, ФИО и ФИО, …»
 *   am named «меня зовут», «моя фамилия … зовут», «Менің атым», «атым … тегім», «Аты-жөнім», "my name is", …
 *   a label  «Заявитель: …», «Өтініш беруші: …», «ФИО: …», «Подпись: …», "Applicant: …"
 *   heading  «от ФИО» at the beginning of a line, behind its addressee or behind «Заявление»; «ФИО-нан» that ends a line of the
 *            letter's head
 *   signed   behind a closing phrase, in a signature, in the last lines or the last sentence, before telephone, post or date
 * Quoted mail is not his. It takes too much rather than too little: of a heading both people of whom one bears the name.
 * Promise:   linear in the text; at most WRITER_NAMES_MAX names.
 * Ownership: a Writer owns its names. Threads: pure, after name_lists_load(). Fails: never. */
#ifndef SENIM_POLICY_WRITER_H
#define SENIM_POLICY_WRITER_H

#include "policy/name-run.h"

#define WRITER_NAMES_MAX 32

typedef struct {
	GPtrArray *words; /* char *: as he is called, in the text's order; an initial with its dot */
	GPtrArray *forms; /* char *: these, and what they may be the cases of */
	gboolean signature; /* where he signs; else in the text */
	guint at;         /* the word of the text behind it */
} WriterName;

/* zones of the same text. Elements WriterName, in the order in which they were found (transfer full). */
GPtrArray *writer_find(const NamePlace *place, const GArray *zones);

#endif
