/* SPDX-License-Identifier: ISC */
/* policy/name-text.h - a text as words in which a name can be found, however it is written.
 *
 * Every word is folded to one Latin spelling that Kazakh, Kazakh without its own letters, Russian and their usual
 * transliterations share: Серікова, Серикова, Serikova, Serıkova and Sеrіkova (with look-alikes of the other script)
 * are all `serikova`; Айгүл, Айгуль, Aigul and Aygül are `aigul`. The fold loses much, on purpose: it is for comparing names
 * with names, never for reading.
 * Promise:   linear in the text; at most NAME_TEXT_WORDS words, what lies behind them is not looked at.
 * Ownership: a NameText borrows nothing. Threads: pure. */
#ifndef SENIM_POLICY_NAME_TEXT_H
#define SENIM_POLICY_NAME_TEXT_H

#include <glib.h>

#define NAME_TEXT_WORDS 262144
#define NAME_TEXT_FOLD 48 /* octets of a folded word; a longer one is cut */

typedef enum {
	NAME_WORD_CAPITAL = 1 << 0,  /* begins with a capital letter */
	NAME_WORD_INITIAL = 1 << 1,  /* one capital letter (Latin: also Zh, Yu …), as А. in А. Серікова */
	NAME_WORD_COMMA = 1 << 2,    /* a comma, dash, colon or bracket stands before it */
	NAME_WORD_SENTENCE = 1 << 3, /* the first of a sentence */
	NAME_WORD_LINE = 1 << 4,     /* the first of a line */
	NAME_WORD_CALL = 1 << 5,     /* an exclamation mark behind it */
	NAME_WORD_COLON = 1 << 6,    /* a colon behind it */
	NAME_WORD_STOP = 1 << 7,     /* a full stop or question mark behind it that is no initial's */
	NAME_WORD_DASH = 1 << 8,     /* the comma before it is a dash */
} NameWordFlags;

typedef struct {
	guint32 fold; /* offset of its folded spelling in `folds` */
	guint16 size; /* octets of that */
	guint16 flags;
	guint32 line;
	guint32 at; /* octet of the text at which it begins */
} NameWord;

typedef struct {
	GString *folds; /* NUL-terminated, one behind the other */
	GArray *words;  /* NameWord */
} NameText;

NameText *name_text_new(const char *text, gsize size);
void name_text_free(NameText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NameText, name_text_free)

/* Borrowed; NULL and no word past either end. */
const NameWord *name_text_word(const NameText *text, gssize i);
const char *name_text_fold(const NameText *text, gssize i); /* "" where there is no word */

/* Most sentences begin small: then a small letter says nothing of a word. */
gboolean name_text_is_small(const NameText *text);

/* The octet behind the word that begins at this one, with what is read over within a word. */
gsize name_text_word_end(const char *octets, gsize size, gsize at);

/* One word's fold (transfer full). */
char *name_text_fold_word(const char *word);

#endif
