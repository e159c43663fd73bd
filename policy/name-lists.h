/* SPDX-License-Identifier: ISC */
/* policy/name-lists.h - first names, and words of every day that are surnames besides; the words around a name.
 *
 * Each list is kept as people write it and folded once, at the first question or by name_lists_load() before a cage.
 * Threads:   name_lists_load() before the second thread; the rest from any. */
#ifndef SENIM_POLICY_NAME_LISTS_H
#define SENIM_POLICY_NAME_LISTS_H

#include <glib.h>

typedef enum {
	NAME_LIST_GIVEN,  /* first names of Kazakhstan */
	NAME_LIST_CAPITALS, /* what has a capital beside a name and is no part of it: legal forms, headings, closings */
	NAME_LIST_WORDS,  /* words of kk, ru and en that also stand as surnames */
	/* stems: a word belongs to the list when it begins with one */
	NAME_LIST_GREETING,
	NAME_LIST_THANKS,
	NAME_LIST_PRAISE,
	NAME_LIST_ACCUSATION,
	NAME_LIST_YOU,      /* whole words: you, in any case, but not yours */
	NAME_LIST_TITLE,    /* whole words beside a name in an address: ханым, госпоже, Ms, кімге … */
	NAME_LIST_ABOUT,    /* whole words: about, against */
	NAME_LIST_REQUEST,  /* I ask … */
	NAME_LIST_TASK,     /* … to look into it, to pass on */
	NAME_LIST_ADVICE,   /* training, meeting; report it: what an officer tells everybody */
	NAME_LIST_DEMAND,   /* give, pay: what she tells one */
	NAME_LIST_SAYING,   /* said, told */
	NAME_LIST_OUR_TEXT, /* of our own letters alone */
	NAME_LIST_DEED_YOU, /* what an accused does, in the second person, after her name or `you` */
	NAME_LISTS
} NameList;

void name_lists_load(void);
gboolean name_lists_has(NameList list, const char *fold);

#endif
