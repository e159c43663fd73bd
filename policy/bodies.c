/* SPDX-License-Identifier: ISC */
#include "policy/bodies.h"

#include <string.h>

static gboolean read_off(const char *value, guint *marks)
{
	*marks = strcmp(value, "yes") == 0 ? BODIES_OFF : 0;
	return *marks != 0 || *value == '\0' || strcmp(value, "no") == 0;
}

Labels *bodies_read(const char *text, gsize size, GError **error)
{
	static const LabelsKind kind = {"body", "bodies", "off", "yes and no", BODIES_MAX, read_off};
	g_autoptr(Labels) bodies = labels_read(&kind, text, size, error);
	if (bodies == NULL || labels_find(bodies, BODIES_OTHER) == NULL)
		return g_steal_pointer(&bodies);
	g_set_error(error, LABELS_ERROR, 0, "[" BODIES_OTHER "] is the word for a body in the officer's own words: give it another id");
	return NULL;
}
