/* SPDX-License-Identifier: ISC */
#include "parser/thin.h"

#include <string.h>

#define LINE_LEAST 40 /* characters of a full line; encoders write 60 to 76 */
#define LINE_MOST 1000

typedef struct {
	gsize at; /* in the kept octets: the dropped ones stood here */
	ThinDropped what;
} Drop;

struct Thin {
	guint8 *data;
	gsize room, size; /* size: written; what is before `line` was looked at */
	gsize line;       /* where the line at hand begins */
	gsize run;        /* octets of the run of base64 lines that ends there */
	gboolean enabled, dropping;
	GArray *drops;
};

Thin *thin_new(gsize length, gboolean enabled)
{
	Thin *thin = g_new0(Thin, 1);
	thin->enabled = enabled;
	thin->drops = g_array_new(FALSE, FALSE, sizeof(Drop));
	thin->room = enabled ? MIN(length, THIN_BUDGET) + 1 : length + 1;
	thin->data = g_malloc(thin->room);
	return thin;
}

void thin_free(Thin *thin)
{
	if (thin == NULL)
		return;
	g_array_unref(thin->drops);
	g_free(thin->data);
	g_free(thin);
}

guint8 *thin_room(Thin *thin, gsize room)
{
	if (thin->room - thin->size < room) {
		thin->room = MAX(thin->room + thin->room / 2, thin->size + room);
		thin->data = g_realloc(thin->data, thin->room);
	}
	return thin->data + thin->size;
}

/* A line without its end that base64 could go on after: no padding, whole groups of four. */
static gboolean is_full_line(const guint8 *line, gsize size)
{
	if (size < LINE_LEAST || size > LINE_MOST || size % 4 != 0)
		return FALSE;
	for (gsize i = 0; i < size; i++)
		if (!g_ascii_isalnum(line[i]) && line[i] != '+' && line[i] != '/')
			return FALSE;
	return TRUE;
}

static void note_drop(Thin *thin, gsize at, gsize characters, gsize octets)
{
	if (!thin->dropping) {
		Drop drop = {at, {0, 0}};
		g_array_append_val(thin->drops, drop);
	}
	thin->dropping = TRUE;
	Drop *last = &g_array_index(thin->drops, Drop, thin->drops->len - 1);
	last->what.characters += characters;
	last->what.octets += octets;
}

void thin_wrote(Thin *thin, gsize size)
{
	thin->size += size;
	if (!thin->enabled)
		return;
	guint8 *keep = thin->data + thin->line, *end = thin->data + thin->size, *at = keep;
	for (guint8 *lf; (lf = memchr(at, '\n', (gsize)(end - at))) != NULL; at = lf + 1) {
		gsize whole = (gsize)(lf + 1 - at), bare = whole - 1 - (lf > at && lf[-1] == '\r');
		gsize most = (gsize)(keep - thin->data) > THIN_BUDGET ? THIN_RUN_LATER : THIN_RUN;
		gboolean full = is_full_line(at, bare);
		thin->run = full ? thin->run + whole : 0;
		if (full && thin->run > most) {
			note_drop(thin, (gsize)(keep - thin->data), bare, whole);
			continue;
		}
		thin->dropping = FALSE;
		if (keep != at)
			memmove(keep, at, whole);
		keep += whole;
	}
	thin->line = (gsize)(keep - thin->data);
	if (keep != at)
		memmove(keep, at, (gsize)(end - at));
	thin->size = thin->line + (gsize)(end - at);
}

guint8 *thin_octets(Thin *thin, gsize *size)
{
	*size = thin->size;
	return thin->data;
}

ThinDropped thin_dropped(const Thin *thin, const void *begin, const void *end)
{
	ThinDropped sum = {0, 0};
	for (guint i = 0; thin != NULL && i < thin->drops->len; i++) {
		const Drop *drop = &g_array_index(thin->drops, Drop, i);
		const guint8 *at = thin->data + drop->at;
		/* Where a run ends with its last line, the boundary follows; the line end before that is the boundary's. */
		if (at > (const guint8 *)begin && at <= (const guint8 *)end + 2) {
			sum.characters += drop->what.characters;
			sum.octets += drop->what.octets;
		}
	}
	return sum;
}
