/* SPDX-License-Identifier: ISC */
#include "parser/sheet.h"

#include <string.h>

void sheet_add(Sheet *sheet, const char *key, const char *value)
{
	gsize size = strlen(value);
	if (size <= sheet->most) {
		record_add(sheet->record, key, value);
		return;
	}
	size = sheet->most;
	while (size > 0 && ((guint8)value[size] & 0xc0) == 0x80)
		size--;
	g_autofree char *kept = g_strndup(value, size);
	record_add(sheet->record, key, kept);
	sheet->cut = TRUE;
}

void sheet_add_or_dash(Sheet *sheet, const char *key, const char *value)
{
	sheet_add(sheet, key, value != NULL && *value != '\0' ? value : "-");
}

gboolean sheet_may_add(Sheet *sheet, guint *n, guint most)
{
	if ((*n)++ < most)
		return TRUE;
	sheet->cut = TRUE;
	return FALSE;
}

void sheet_add_list(Sheet *sheet, const char *key, const char *const *list, guint most)
{
	guint n = 0;
	for (gsize i = 0; list != NULL && list[i] != NULL && sheet_may_add(sheet, &n, most); i++)
		sheet_add(sheet, key, list[i]);
}

void sheet_add_strings(Sheet *sheet, const char *key, const GPtrArray *list, guint most)
{
	guint n = 0;
	for (guint i = 0; i < list->len && sheet_may_add(sheet, &n, most); i++)
		sheet_add(sheet, key, g_ptr_array_index(list, i));
}

gboolean sheet_fits(const Sheet *sheet, gsize most)
{
	gsize size;
	char *text = record_write(sheet->record, &size);
	explicit_bzero(text, size);
	g_free(text);
	return size <= most;
}

void sheet_clear(Sheet *sheet)
{
	g_clear_pointer(&sheet->record, record_free);
}
