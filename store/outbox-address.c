/* SPDX-License-Identifier: ISC */
#include "store/outbox.h"

#include <string.h>

static gboolean domain_is_safe(const char *domain)
{
	gsize label = 0;
	for (const char *p = domain; *p != '\0'; p++) {
		gboolean edge = label == 0 || p[1] == '.' || p[1] == '\0';
		if (*p == '.' ? label == 0 || p[1] == '\0' : !g_ascii_isalnum(*p) && (*p != '-' || edge))
			return FALSE;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63)
			return FALSE;
	}
	return domain[0] != '\0';
}

gboolean outbox_address_is_safe(const char *address)
{
	const char *at = strchr(address, '@');
	if (at == NULL || at == address || strlen(address) > 254 || address[0] == '-' || at - address > 64)
		return FALSE;
	for (const char *p = address; p < at; p++) { /* dot-atom-text, RFC 5322, 3.2.3, less ! $ % ` | */
		gboolean dot = *p == '.' && p != address && p + 1 != at && p[1] != '.';
		if (!g_ascii_isalnum(*p) && !dot && (*p == '.' || strchr("#&'*+-/=?^_{}~", *p) == NULL))
			return FALSE;
	}
	return domain_is_safe(at + 1);
}
