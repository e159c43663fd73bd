/* SPDX-License-Identifier: ISC */
#include "cli/tui-list.h"

#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/language.h"

#define SOON_DAYS 7

static const char *const heads[TUI_GROUPS] = {
	[TUI_DECIDE] = N_("NEEDS A DECISION"),
	[TUI_NEW] = N_("NEW"),
	[TUI_DUE] = N_("DUE SOON"),
	[TUI_REST] = N_("THE REST"),
};

static gboolean is(const char *word, const char *other)
{
	return g_strcmp0(word, other) == 0;
}

/* Opening decides nothing: a category, a resolution, an answer or an addressee does. */
static gboolean is_decided(const Case *c)
{
	return case_is_over(c) || (c->category != NULL && !is(c->category, "-")) || c->resolved || c->reply.entry != 0 ||
	       case_is_passed_on(c);
}

/* A mark that only a person can weigh, until one has. */
static gboolean asks_for_look(const Case *c)
{
	const char *verdict = case_fact(c, "verdict");
	return !is_decided(c) && (is(verdict, "review") || is(verdict, "redirect") || is(verdict, "unexamined"));
}

/* A letter that is owed and did not go: a machine is owed none, and who wants no answer has none to wait for. */
static gboolean is_letter_due(const Case *c)
{
	if (case_is_unsafe(c))
		return FALSE;
	return is(c->ack_state, "withheld") && is(case_fact(c, "automatic"), "-");
}

static gboolean is_soon(const Case *c, const char *today)
{
	g_autofree char *noon = g_strconcat(today, "T12:00:00Z", NULL);
	g_autoptr(GDateTime) now = g_date_time_new_from_iso8601(noon, NULL);
	g_autoptr(GDateTime) end = now != NULL ? g_date_time_add_days(now, SOON_DAYS) : NULL;
	g_autofree char *last = end != NULL ? g_date_time_format(end, "%Y-%m-%d") : NULL;
	return c->due == NULL || last == NULL || strcmp(c->due, last) <= 0;
}

TuiGroup tui_list_group(const Case *c, const char *today)
{
	if (c->elsewhere)
		return TUI_REST;
	if (case_is_pressing(c) || asks_for_look(c) || c->unread)
		return TUI_DECIDE;
	if (c->reply.unnumbered)
		return TUI_DECIDE;
	if (case_is_over(c))
		return TUI_REST;
	if (is_letter_due(c))
		return TUI_DECIDE;
	if (is(c->state, "new"))
		return TUI_NEW;
	return is_soon(c, today) ? TUI_DUE : TUI_REST;
}

/* --- a line ---------------------------------------------------------------------------------------------------------- */

#define NAME_COLUMNS 9
#define DAY_COLUMNS 10

static void pad(GString *line, const char *text, guint columns)
{
	guint width = format_width(text);
	g_string_append(line, text);
	for (guint i = width; i < columns; i++)
		g_string_append_c(line, ' ');
	g_string_append_c(line, ' ');
}

static void add_text(GString *words, const char *text)
{
	g_string_append_printf(words, "%s%s", words->len > 0 ? ", " : "", text);
}

static void add_word(GString *words, const char *word)
{
	if (word == NULL || strcmp(word, "-") == 0)
		return;
	g_autofree char *shown = format_word(word);
	add_text(words, shown);
}

/* What can be known of a letter that nobody has opened. */
static void add_letter(GString *words, const Case *c)
{
	json_int_t number = json_integer_value(json_object_get(c->facts, "attachments"));
	add_word(words, case_fact(c, "language"));
	if (number > 0) {
		g_autofree char *attachments = g_strdup_printf(_("attachments: %u"), (guint)MIN(number, G_MAXINT));
		add_text(words, attachments);
	}
}

/* A sentence with a name of the desk's in it, or none. */
static void add_sentence(GString *words, const char *sentence)
{
	if (sentence == NULL)
		return;
	g_autofree char *safe = escape_text(sentence, -1, ESCAPE_LINE);
	add_text(words, safe);
}

/* The mark, or what became of it: whoever acted on it is past it. */
static void add_verdict(GString *words, const Case *c)
{
	const char *verdict = case_fact(c, "verdict"), *automatic = case_fact(c, "automatic");
	g_autofree char *redirection = case_redirection(c), *forwarding = case_forwarding(c);
	add_sentence(words, redirection);
	if (redirection == NULL)
		add_word(words, !is(automatic, "-") ? automatic : is(verdict, "clean") ? NULL : verdict);
	add_sentence(words, forwarding);
}

static void add_class(GString *words, const Case *c)
{
	gboolean danger;
	guint others;
	g_auto(GStrv) classes = case_classes(c);
	add_word(words, case_main_class(classes, &danger, &others));
	if (others > 0)
		add_text(words, "…");
}

/* What she has to know before she opens it, the foremost first, for the line is cut at the edge: that it is urgent, what is to
 * be done, why it was marked; then how it came, and its state. */
static char *words_of(const Case *c, TuiGroup group, TuiCategory category)
{
	GString *words = g_string_new(case_is_urgent(c) ? _("URGENT") : "");
	g_autofree char *answer = case_answer(c);
	add_verdict(words, c);
	if (c->unread)
		add_text(words, _("new answer"));
	if (answer != NULL)
		add_text(words, answer);
	if (group == TUI_DECIDE && is_letter_due(c))
		add_text(words, _("acknowledgement held back"));
	add_class(words, c);
	if (c->held)
		add_text(words, _("on hold"));
	if (!is(case_fact(c, "channel"), "mail"))
		add_word(words, case_fact(c, "channel"));
	if (is(c->state, "new"))
		add_letter(words, c);
	else
		add_word(words, c->state);
	if (c->category != NULL && strcmp(c->category, "-") != 0) {
		g_autofree char *label = category != NULL ? category(c->category) : format_word(c->category);
		add_text(words, label);
	}
	return g_string_free(words, FALSE);
}

static TuiLine *line_new(const Case *c, char *text, gboolean strong)
{
	TuiLine *line = g_new0(TuiLine, 1);
	*line = (TuiLine){c, text, strong};
	return line;
}

static void line_free(gpointer data)
{
	TuiLine *line = data;
	g_free(line->text);
	g_free(line);
}

/* "2026/17, received 2026-11-20, answer by 2026-12-11: Russian" */
static char *spoken(const Case *c, const char *shown, const char *received, const char *words)
{
	g_autofree char *came = g_strdup_printf(_("%s, received %s"), shown, received);
	g_autofree char *due = c->due != NULL ? g_strdup_printf(_(", answer by %s"), c->due) : g_strdup("");
	return g_strconcat(came, due, *words != '\0' ? ": " : "", words, NULL);
}

static TuiLine *line_of(const Case *c, TuiGroup group, const char *shown, const TuiListed *listed)
{
	g_autoptr(GString) text = g_string_new("  ");
	pad(text, shown, NAME_COLUMNS);
	if (c->elsewhere) {
		g_string_append(text, _("given to another officer"));
		return line_new(c, g_strdup(text->str), FALSE);
	}
	g_autofree char *received = format_time(c->received, listed->zone);
	g_autofree char *words = words_of(c, group, listed->category);
	gboolean over = c->due != NULL && !case_is_over(c) && strcmp(c->due, listed->today) < 0;
	received[strcspn(received, " ")] = '\0'; /* the day; the case itself says the hour */
	g_autofree char *all = g_strconcat(over ? _("OVERDUE ") : "", words, NULL);
	if (listed->spoken)
		return line_new(c, spoken(c, shown, received, all), FALSE);
	pad(text, received, DAY_COLUMNS);
	pad(text, c->due != NULL ? c->due : "-", DAY_COLUMNS);
	g_string_append(text, all);
	return line_new(c, g_strdup(text->str), over || case_is_urgent(c));
}

char *tui_list_head(void)
{
	g_autoptr(GString) text = g_string_new("  ");
	pad(text, _("Number"), NAME_COLUMNS);
	pad(text, _("received"), DAY_COLUMNS);
	pad(text, _("answer by"), DAY_COLUMNS);
	g_string_append(text, _("what is known of it"));
	return g_strdup(text->str);
}

/* --- the list -------------------------------------------------------------------------------------------------------- */

typedef struct {
	const Case *c;
	guint place; /* in the desk's own order, which a stable sort keeps */
} Placed;

static gint by_due(gconstpointer a, gconstpointer b)
{
	const Placed *one = a, *two = b;
	int order = g_strcmp0(one->c->due, two->c->due); /* what has none comes first */
	return order != 0 ? order : one->place < two->place ? -1 : 1;
}

GPtrArray *tui_list_lines(const GPtrArray *cases, const char *const *shown, const TuiListed *listed)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);
	for (guint group = 0; group < TUI_GROUPS; group++) {
		g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(Placed));
		for (guint i = 0; i < cases->len; i++) {
			Placed placed = {cases->pdata[i], i};
			if (tui_list_group(placed.c, listed->today) == (TuiGroup)group)
				g_array_append_val(own, placed);
		}
		if (group == TUI_DUE)
			g_array_sort(own, by_due);
		guint incidents = group == TUI_DECIDE ? (guint)MIN(listed->incidents, G_MAXINT) : 0;
		if (own->len + incidents > 0)
			g_ptr_array_add(lines, line_new(NULL, g_strdup_printf("%s (%u)", _(heads[group]), own->len + incidents), FALSE));
		if (incidents > 0)
			g_ptr_array_add(lines, line_new(NULL, g_strdup_printf(_("  Emergency journal: %u to be completed (F7, keeping)"), incidents), FALSE));
		for (guint i = 0; i < own->len; i++) {
			const Placed *placed = &g_array_index(own, Placed, i);
			g_ptr_array_add(lines, line_of(placed->c, (TuiGroup)group, shown[placed->place], listed));
		}
	}
	return lines;
}
