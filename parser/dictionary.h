/* SPDX-License-Identifier: ISC */
/* parser/dictionary.h - the words of a spelling dictionary as hunspell keeps them: NAME.dic and NAME.aff, in UTF-8.
 *
 * Belongs to senim-examine, for --check-rules. Each line of the .dic is a word and its flags; the .aff says which ending a
 * flag gives it (SFX lines: strip, add, condition). One ending is put on, none on top of it, and no prefix; names (capital
 * letters) are left out. That is enough to ask what a stem would hit, and needs no library.
 * Threads: any. Fails: FALSE where a file is not there or is none (*error); what cannot be read in it is passed over. */
#ifndef SENIM_PARSER_DICTIONARY_H
#define SENIM_PARSER_DICTIONARY_H

#include <glib.h>

/* FALSE ends it. */
typedef gboolean (*DictionaryWord)(const char *word, gsize size, const char *base, gpointer user);

gboolean dictionary_words(const char *directory, const char *name, DictionaryWord each, gpointer user, GError **error);

#endif
