/* SPDX-License-Identifier: ISC */
/* store/registrar-categories.h - the organisation's list of categories, for the desk.
 *
 * Threads: any. Ownership: results are (transfer full). Fails: *error names the file and what it takes. */
#ifndef SENIM_STORE_REGISTRAR_CATEGORIES_H
#define SENIM_STORE_REGISTRAR_CATEGORIES_H

#include "base/config.h"
#include "store/json.h"

/* DeskHooks.categories: read each time, so that a list that was mended serves the next act. */
json_t *registrar_categories_list(const Config *config, GError **error, gpointer user);
/* At a start and at a reload: is there a list? */
gboolean registrar_categories_check(const Config *config, GError **error);

#endif
