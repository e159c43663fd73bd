/* SPDX-License-Identifier: ISC */
/* base/config-value.h - from the text of one setting to its field, by the type that the table gives it.
 *
 * The other half of base/config.c; nobody else includes it. A value is whole or refused: no unit is guessed, no item of
 * a list is left out, no blank inside a name is forgiven.
 * Ownership: what a field points to belongs to the field; config_value_clear() frees it.
 * Threads:   pure functions.
 * Fails:     FALSE; the caller knows what the key takes and says so. */
#ifndef SENIM_BASE_CONFIG_VALUE_H
#define SENIM_BASE_CONFIG_VALUE_H

#include "base/config.h"

/* Reads text into the key's field of base (Config, ConfigMailbox or ConfigOfficer); base is untouched on failure. */
gboolean config_value_read(const ConfigKey *key, const char *text, gpointer base);
void config_value_clear(const ConfigKey *key, gpointer base);
/* An address with its domain in lower-case ASCII (transfer full), or NULL where it is none. */
char *config_value_address(const char *text);
/* TRUE for [a-z0-9._-]{1,32}, but for names of dots alone. */
gboolean config_value_is_name(const char *text);

#endif
