/* SPDX-License-Identifier: ISC */
#include "policy/categories.h"

#include <string.h>

static gboolean read_off(const char *value, guint *marks)
{
	*marks = strcmp(value, "yes") == 0 ? CATEGORIES_OFF : 0;
	return *marks != 0 || *value == '\0' || strcmp(value, "no") == 0;
}

Labels *categories_read(const char *text, gsize size, GError **error)
{
	static const LabelsKind kind = {"category", "categories", "off", "yes and no", CATEGORIES_MAX, read_off};
	return labels_read(&kind, text, size, error);
}
