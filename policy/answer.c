/* SPDX-License-Identifier: ISC */
#include "policy/answer.h"

#include <string.h>

#include "policy/template.h"

enum { ORGANISATION, MAILBOX, POST, NUMBER, DATE, OUTGOING, ISSUED, BODY, TEXT, CODE, PAPER, NAMES };

static const char *const names[NAMES + 1] = {"organisation", "mailbox", "post", "number", "date",
                                             "outgoing",     "issued",  "body", "text",   "code", "paper", NULL};

static const char *or_null(const char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

/* "22.11.2026", or NULL. */
static char *day_text(const GDate *day)
{
	if (!g_date_valid(day))
		return NULL;
	return g_strdup_printf("%02d.%02d.%04d", (int)g_date_get_day(day), (int)g_date_get_month(day), (int)g_date_get_year(day));
}

char *answer_compose(const char *template, const AnswerFacts *facts, GError **error)
{
	g_autofree char *date = day_text(&facts->date), *issued = day_text(&facts->issued);
	const char *const values[NAMES] = {
		facts->organisation,      facts->mailbox, or_null(facts->post), facts->number,        date,
		or_null(facts->outgoing), issued,         or_null(facts->body), or_null(facts->text),
		facts->code,              facts->paper ? facts->mailbox : NULL,
	};
	g_autoptr(GString) out = g_string_new(NULL);
	if (!template_expand(template, names, values, out, NULL, error))
		return NULL;
	g_strstrip(out->str);
	return g_strconcat(out->str, "\n", NULL);
}

gboolean answer_check_template(const char *kind, const char *template, GError **error)
{
	static const char *const none[NAMES];
	guint64 seen = 0;
	guint needed = strcmp(kind, "advice") == 0 ? BODY : TEXT;
	if (!template_expand(template, names, none, NULL, &seen, error))
		return FALSE;
	if ((seen & (G_GUINT64_CONSTANT(1) << needed)) != 0)
		return TRUE;
	g_set_error(error, TEMPLATE_ERROR, 0, "{%s} is missing, or stands in a group: the letter would say nothing", names[needed]);
	return FALSE;
}
