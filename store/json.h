/* SPDX-License-Identifier: ISC */
/* store/json.h - jansson, with g_autoptr(json_t). */
#ifndef SENIM_STORE_JSON_H
#define SENIM_STORE_JSON_H

#include <glib.h>
#include <jansson.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

#endif
