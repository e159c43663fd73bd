/* SPDX-License-Identifier: ISC */
/* cli/language.h - in which language the officer is spoken to: gettext, glibc's own.
 *
 * glibc translates nothing in the locale C, and a kk_KZ locale is rarely installed: where the environment's locale is
 * missing or plain, C.UTF-8 is set and LANGUAGE named; that needs no locale package. First of: $LANGUAGE, `language` of
 * officer.conf, $LC_ALL, $LC_MESSAGES, $LANG. English where none of them names a language that there is.
 * Numbers keep the form of the locale C, so that no JSON gets a decimal comma.
 * Threads: before the first thread. */
#ifndef SENIM_CLI_LANGUAGE_H
#define SENIM_CLI_LANGUAGE_H

#include <glib.h>
#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

/* "kk", "ru" or "en": in which language she is spoken to. Static. */
const char *language_shown(void);

/* catalogues: LOCALEDIR, or the build's own in tests. chosen: `language` of officer.conf, or NULL. */
void language_init(const char *catalogues, const char *chosen);

/* From here on in that language, "kk", "ru" or "en". FALSE: there is no such one. */
gboolean language_use(const char *language);
/* From Kazakh to Russian, and from any other to Kazakh. */
void language_next(void);

#endif
