/* SPDX-License-Identifier: ISC */
/* store/registrar-lists.h - where the registrar's desk meets policy/: the organisation's lists of grounds and of categories.
 *
 * Each is read anew whenever it is asked for: a mended one serves the next request.
 * Part of the program, not of the library: the store itself does not know policy/. Threads: any. */
#ifndef SENIM_STORE_REGISTRAR_LISTS_H
#define SENIM_STORE_REGISTRAR_LISTS_H

#include <jansson.h>

#include "base/config.h"

/* DeskHooks.grounds, DeskHooks.categories. */
json_t *registrar_lists_grounds(const Config *config, GError **error, gpointer user);
json_t *registrar_lists_categories(const Config *config, GError **error, gpointer user);
/* At a start, at each reload, and by --check-config: both lists, and the agreement on use. */
gboolean registrar_lists_check(const Config *config, GError **error);

#endif
