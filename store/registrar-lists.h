/* SPDX-License-Identifier: ISC */
/* store/registrar-lists.h - where the registrar's desk meets policy/: the organisation's lists of grounds, of categories and of
 * state bodies, and what officers make letters of.
 *
 * Each is read anew whenever it is asked for: a mended one serves the next request.
 * Part of the program, not of the library: the store itself does not know policy/. Threads: any. */
#ifndef SENIM_STORE_REGISTRAR_LISTS_H
#define SENIM_STORE_REGISTRAR_LISTS_H

#include "base/config.h"
#include "store/json.h"


/* DeskHooks.grounds, DeskHooks.categories. */
json_t *registrar_lists_grounds(const Config *config, GError **error, gpointer user);
json_t *registrar_lists_categories(const Config *config, GError **error, gpointer user);
/* DeskHooks.letters. */
json_t *registrar_lists_letters(const Config *config, const ConfigMailbox *mailbox, GError **error, gpointer user);
/* At a start, at each reload, and by --check-config: all lists, and the agreement on use. */
gboolean registrar_lists_check(const Config *config, GError **error);

#endif
