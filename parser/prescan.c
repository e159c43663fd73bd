/* SPDX-License-Identifier: ISC */
#include "parser/prescan.h"

#include <string.h>

/* The octet after the line that begins here: past its LF, or the end. */
static guint8 *line_end(guint8 *at, guint8 *end)
{
	guint8 *lf = memchr(at, '\n', (gsize)(end - at));
	return lf != NULL ? lf + 1 : end;
}

static gboolean is_empty_line(const guint8 *at, const guint8 *end)
{
	return at < end && (*at == '\n' || (*at == '\r' && at + 1 < end && at[1] == '\n'));
}

static gboolean is_blank(guint8 c)
{
	return c == ' ' || c == '\t';
}

/* The end of the field that begins here: past its last folded line. */
static guint8 *field_end(guint8 *at, guint8 *end)
{
	do
		at = line_end(at, end);
	while (at < end && is_blank(*at));
	return at;
}

/* RFC 5322 3.6.8: a name of printable ASCII without the colon; before the colon GMime takes blanks. The length of the name,
 * or 0 where the line begins with none. */
static gsize field_name(const guint8 *at, const guint8 *end)
{
	const guint8 *c = at;
	while (c < end && *c > 32 && *c < 127 && *c != ':')
		c++;
	gsize size = (gsize)(c - at);
	while (c < end && is_blank(*c))
		c++;
	return c < end && *c == ':' ? size : 0;
}

/* Blanks what is past a limit. The field's last line end stays, so that it stays one field. */
static gboolean tame_field(guint8 *at, guint8 *end)
{
	guint colons = 0, semicolons = 0, commas = 0;
	guint8 *stop = (gsize)(end - at) > PRESCAN_FIELD_MAX ? at + PRESCAN_FIELD_MAX : end;
	guint8 *cut = NULL;
	for (guint8 *c = at; c < stop && cut == NULL; c++)
		if ((*c == ':' && ++colons > PRESCAN_COLONS_MAX) || (*c == ';' && ++semicolons > PRESCAN_SEMICOLONS_MAX) ||
		    (*c == ',' && ++commas > PRESCAN_COMMAS_MAX))
			cut = c;
	if (cut == NULL && stop == end)
		return FALSE;
	guint8 *last = end;
	if (last > at && last[-1] == '\n')
		last--;
	if (last > at && last[-1] == '\r')
		last--;
	cut = cut != NULL ? cut : stop;
	if (cut < last)
		memset(cut, ' ', (gsize)(last - cut));
	return TRUE;
}

static gboolean blank_nuls(guint8 *at, guint8 *end)
{
	guint8 *first = memchr(at, '\0', (gsize)(end - at));
	for (guint8 *c = first; c != NULL; c = memchr(c, '\0', (gsize)(end - c)))
		*c = ' ';
	return first != NULL;
}

/* Walks the header block; returns its end. *keep is where it has to be cut, or its end. */
static guint8 *tame_header(guint8 *at, guint8 *end, guint8 **keep, Prescan *result)
{
	gsize used = 0;
	*keep = NULL;
	while (at < end && !is_empty_line(at, end)) {
		guint8 *next = field_end(at, end);
		used += MIN((gsize)(next - at), PRESCAN_FIELD_MAX); /* past that it becomes blanks */
		if (*keep == NULL && (result->fields >= PRESCAN_FIELDS_MAX || used > PRESCAN_HEADER_MAX))
			*keep = at;
		if (*keep == NULL) {
			if (blank_nuls(at, next))
				result->flags |= PRESCAN_NUL;
			if (tame_field(at, next))
				result->flags |= PRESCAN_FIELD_CUT;
		}
		result->fields++;
		at = next;
	}
	if (*keep == NULL)
		*keep = at;
	return at;
}

/* --- the body: whatever GMime may read as a header there ---------------------------- */

static const char *const structured[] = {
	"bcc", "cc", "content-disposition", "content-type", "disposition-notification-to", "from", "mail-followup-to",
	"mail-reply-to", "reply-to", "resent-bcc", "resent-cc", "resent-from", "resent-reply-to", "resent-sender",
	"resent-to", "return-receipt-to", "sender", "to",
};

static gboolean may_begin_structured(guint8 c)
{
	return strchr("bcdfmrst", g_ascii_tolower((gchar)c)) != NULL && c != '\0';
}

static gboolean is_structured_field(const guint8 *at, const guint8 *end)
{
	if (!may_begin_structured(*at))
		return FALSE;
	gsize size = field_name(at, (gsize)(end - at) > 64 ? at + 64 : end);
	for (gsize i = 0; size > 0 && i < G_N_ELEMENTS(structured); i++)
		if (strlen(structured[i]) == size && g_ascii_strncasecmp((const char *)at, structured[i], size) == 0)
			return TRUE;
	return FALSE;
}

/* Returns the end of what is left of the body. */
static guint8 *tame_body(guint8 *at, guint8 *end, Prescan *result)
{
	guint dashes = 0;
	while (at < end) {
		guint8 *next = line_end(at, end);
		if (*at == '-' && at + 1 < end && at[1] == '-' && ++dashes > PRESCAN_DASH_LINES_MAX) {
			result->flags |= PRESCAN_BODY_CUT;
			return at;
		}
		if (is_structured_field(at, next)) {
			next = field_end(at, end);
			if (tame_field(at, next))
				result->flags |= PRESCAN_FIELD_CUT;
		}
		at = next;
	}
	return end;
}

void prescan_tame(guint8 *data, gsize size, Prescan *result)
{
	*result = (Prescan){.message = data};
	if (size == 0)
		return;
	guint8 *end = data + size;
	if (size > 5 && memcmp(data, "From ", 5) == 0)
		data = line_end(data, end); /* the separator line of an mbox, by hand */
	guint8 *keep = data, *body = data;
	*result = (Prescan){.message = data};
	if (data < end && field_name(data, end) > 0)
		body = tame_header(data, end, &keep, result);
	else
		result->flags |= PRESCAN_NO_HEADER;
	end = tame_body(body, end, result);
	if (keep < body) {
		/* What is kept of the header moves up to the body, the shorter way round. */
		gsize kept = (gsize)(keep - data);
		result->message = body - kept;
		memmove(result->message, data, kept);
		result->flags |= PRESCAN_HEADER_CUT;
	}
	result->header = (gsize)(keep - data);
	result->size = (gsize)(end - result->message);
}
