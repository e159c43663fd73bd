/* SPDX-License-Identifier: ISC */
/* policy/wish.h - what a writer wishes: not to be named, or not to be answered; in three languages.
 *
 * A wish is a row of words in one sentence of the writer's own («не называйте … имя», «жауап … керек емес», "no … reply needed").
 * It is none where a row says the opposite («анонимным быть не хочу»), where somebody else is said to wish it («начальник сказал:
 * не отвечайте»), where it is a condition, a question or a quotation, or speaks of another letter («пришло анонимное письмо»).
 * Promise: linear in the text; a sentence of more than WISH_WORDS words is parted. Threads: wishes_load() before the second, the
 * rest from any. Fails: never. */
#ifndef SENIM_POLICY_WISH_H
#define SENIM_POLICY_WISH_H

#include <glib.h>

#define WISH_WORDS 80

typedef struct {
	gboolean anonymous, no_answer;
} Wishes;

void wishes_load(void);

/* zones: of policy/zones.h, for the same text. */
Wishes wishes_find(const char *text, gsize size, const GArray *zones);

#endif
