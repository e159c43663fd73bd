/* SPDX-License-Identifier: ISC */
/* store/registrar-templates.h - the letters' templates, as the organisation keeps them: NAME.txt in `templates`, NAME being kk, ru
 * or en (the acknowledgement), answer.kk …, advice.kk … (policy/answer.h).
 *
 * Part of the programs that read a configuration with the registrar's eyes, not of the library: the store does not know
 * policy/. Each is read anew whenever it is asked for. Threads: any. Fails: NULL or FALSE and *error, ready to print. */
#ifndef SENIM_STORE_REGISTRAR_TEMPLATES_H
#define SENIM_STORE_REGISTRAR_TEMPLATES_H

#include "base/config.h"

/* Where a file of that directory lies: "answer.kk.txt", "bodies.conf" (policy/bodies.h); of these the shipped one stands in for
 * one that is missing (transfer full). */
char *registrar_templates_path(const Config *config, const char *file);
/* One of them, at most 64 KiB (transfer full). */
char *registrar_templates_read(const Config *config, const char *name, GError **error);
/* Every template that a mailbox's languages ask for is there and good; what --check-config runs. */
gboolean registrar_templates_check(const Config *config, GError **error);

#endif
