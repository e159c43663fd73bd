/* SPDX-License-Identifier: ISC */
/* policy/name-post.h - a post («комплаенс жөніндегі жауапты қызметкер») in a text, in the three languages.
 *
 * The words of a post are of two kinds: its own (комплаенс, омбудсмен, қауіпсіздік), and those of any post (офицер,
 * қызметкер, начальник, отдел). Where it has words of its own, a text has the post when they stand close together with a word
 * for a person beside them; words that mean the same in Kazakh, Russian and English are one. A post without a word of its
 * own is found word for word, from two words on.
 * Ownership: a NamePost owns its strings. Threads: pure. */
#ifndef SENIM_POLICY_NAME_POST_H
#define SENIM_POLICY_NAME_POST_H

#include "policy/name-text.h"

typedef struct NamePost NamePost;

NamePost *name_post_new(const char *post);
void name_post_free(NamePost *post);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NamePost, name_post_free)

/* It is one that anybody may have. */
gboolean name_post_is_common(const NamePost *post);
/* TRUE where the post begins at word i or stands around it: the words *first..*last. *oblique: in a case in which nobody
 * is called. */
gboolean name_post_at(const NamePost *post, const NameText *text, guint i, guint *first, guint *last, gboolean *oblique);

#endif
