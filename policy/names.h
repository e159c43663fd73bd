/* SPDX-License-Identifier: ISC */
/* policy/names.h - whom a letter is about: the people of the configuration, found by name and post.
 *
 * A person is added with her names («Айгүл Серікова; Серикова А.») and her post. A name is found in any order of its
 * parts, with initials, in the cases of Kazakh and Russian, in Kazakh without its letters and in transliteration
 * (policy/name-form.h); a surname alone counts as well, unless a word beside it says that it is somebody else's, or it is a
 * word of every day. A post counts by the words that are its own («комплаенс» and a word for a person beside it), in three
 * languages; a post that anybody may have («директор») counts only word for word, those at the top («басқарма төрағасы»,
 * «председатель правления») also in another language.
 *
 * Not every mention makes a letter one about her. It does not count where she is
 *   - greeted or addressed: salutation, address block, a vocative between commas, behind «Сізге», «Вам», «to you»;
 *   - thanked or praised, asked to look into it, or asked to be handed it;
 *   - quoted: in quoted mail, in a signature, in words between quotation marks that hold nothing against anybody, in a
 *     sentence of our own letters; or quoted with what she told everybody («о подарках надо сообщать») and demands nothing.
 * Everything else counts: who is in doubt does not read it (another officer can give it back).
 * Promise:   linear in the text for a bounded number of people; clean text never gives a name.
 * Ownership: Names owns its strings; results are (transfer full). Threads: pure; name_lists_load() once before. */
#ifndef SENIM_POLICY_NAMES_H
#define SENIM_POLICY_NAMES_H

#include <glib.h>

#define NAMES_PEOPLE_MAX 64

typedef struct Names Names;

Names *names_new(void);
void names_free(Names *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Names, names_free)

/* Both ignore what they cannot use: a name without letters, a person past NAMES_PEOPLE_MAX. */
void names_add_name(Names *names, const char *id, const char *name);
void names_add_post(Names *names, const char *id, const char *post);

/* The ids of those whom it is about, in the order in which they were added; never NULL. subject may be NULL. */
GPtrArray *names_find(const Names *names, const char *subject, const char *text, gsize size);

/* What cannot do its work: "ID NAME" for a name that is a common word or a first name alone, and a post that has nothing
 * of its own. Those are found only together with something else, or never. */
GPtrArray *names_too_common(const Names *names);

#endif
