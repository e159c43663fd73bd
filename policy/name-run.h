/* SPDX-License-Identifier: ISC */
/* policy/name-run.h - words side by side that may be one person's name, in whatever case: surname, first name, patronymic, initials.
 *
 * A run is at most NAME_RUN_MAX words with a capital that nothing stands between but blanks, hyphens, the dots of initials and one
 * line end; behind a line end it goes on only with what looks like a part of a name. Its signs say what its words look like; a run
 * without one is two capitals side by side.
 * Threads: pure, after name_lists_load(). Fails: never. */
#ifndef SENIM_POLICY_NAME_RUN_H
#define SENIM_POLICY_NAME_RUN_H

#include "policy/name-text.h"

#define NAME_RUN_MAX 4

typedef enum {
	NAME_SIGN_GIVEN = 1 << 0,      /* a first name, in whatever case */
	NAME_SIGN_PATRONYMIC = 1 << 1, /* likewise */
	NAME_SIGN_SURNAME = 1 << 2,    /* ends as surnames do, in whatever case */
	NAME_SIGN_INITIAL = 1 << 3,
	NAME_SIGN_CALLED = 1 << 4,     /* one of these as somebody is called, in no other case */
	NAME_SIGN_BENT = 1 << 5,       /* one of these in another case for sure */
} NameSign;

typedef struct {
	const NameText *text;
	const char *octets; /* of which it was made */
	gsize size;
} NamePlace;

typedef struct {
	guint from, n; /* words */
	guint signs;   /* of all of them */
	guint known;   /* how many have a sign */
	guint whole;   /* how many are no initials */
} NameRun;

/* What the word looks like: NameSign, or 0. */
guint name_run_signs(const NameText *text, guint i);
/* A run that begins at this word; small: letters without a capital count where they look like a part of a name. */
gboolean name_run_read(const NamePlace *place, guint from, gboolean small, NameRun *run);
/* The name of a person: two words of which one has a sign, or a patronymic. */
gboolean name_run_is_person(const NameRun *run);

#endif
