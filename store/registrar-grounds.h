/* SPDX-License-Identifier: ISC */
/* store/registrar-grounds.h - where the registrar's desk meets policy/: the organisation's list of grounds.
 *
 * Part of the program, not of the library: the store itself does not know policy/.
 * Threads: any. */
#ifndef SENIM_STORE_REGISTRAR_GROUNDS_H
#define SENIM_STORE_REGISTRAR_GROUNDS_H

#include <jansson.h>

#include "base/config.h"

/* DeskHooks.grounds: read each time, so that a list that was mended serves the next look. */
json_t *registrar_grounds_list(const Config *config, GError **error, gpointer user);
/* The list, and the agreement where one is named, can be read and are good; what --check-config runs. */
gboolean registrar_grounds_check(const Config *config, GError **error);

#endif
