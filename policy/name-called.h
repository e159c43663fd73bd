/* SPDX-License-Identifier: ISC */
/* policy/name-called.h - a part of a name as its bearer is called, out of another case: Ивановой is Иванова, Айнұрдан is Айнұр.
 *
 * By endings alone: which of two it is (Иванова: she, or of him) is not known, so there may be several, the likeliest first.
 * Threads: pure, after name_lists_load(). */
#ifndef SENIM_POLICY_NAME_CALLED_H
#define SENIM_POLICY_NAME_CALLED_H

#include <glib.h>

typedef enum {
	NAME_AS_CALLED, /* Мен, Серікова …; what it is may say I am: Маратұлымын */
	NAME_AS_FROM,   /* from whom: Ивановой, Болатқызынан */
	NAME_AS_ANY,    /* меня, мне, мной; мені, маған */
} NameAs;

/* Elements char *, at least one: the word itself where no ending is known, and last where one is; its letters' height stays
 * (transfer full). */
GPtrArray *name_called(const char *word, NameAs as);

#endif
