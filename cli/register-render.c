/* SPDX-License-Identifier: ISC */
#include "cli/register-render.h"

#include <string.h>

#include "base/escape.h"
#include "cli/format.h"

static const struct {
	const char *name;
	gboolean (*render)(const RegisterPrint *print, GError **error);
} formats[] = {
	{"text", register_text}, {"html", register_html}, {"pdf", register_pdf}, {"csv", register_csv}, {"json", register_json},
};

gboolean register_format_check(const char *format, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			return TRUE;
	return cli_fail(error, CLI_ERROR_USAGE, _("--format takes one of text, html, pdf, csv, json"));
}

gboolean register_render(const RegisterPrint *print, const char *format, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			return formats[i].render(print, error);
	return register_format_check(format, error);
}

gboolean register_is_wanted(const RegisterPrint *print, const RegisterPage *page)
{
	return page->number >= print->first && (print->last == 0 || page->number <= print->last) && (!print->sheets_only || page->kind != REGISTER_PAGE_DRAFT);
}

/* --- words -------------------------------------------------------------------------------------------------------------- */

const char *register_title(RegisterForm form)
{
	return form == REGISTER_ALES ? _("Journal of the reports of persons who turned to the trust telephone")
	                             : _("Journal of recording and registering reports");
}

char *register_subtitle(const RegisterPrint *print)
{
	const RegisterScope *scope = print->scope;
	GString *line = g_string_new(print->book->mailbox);
	g_autofree char *channel = scope->channel != NULL ? format_word(scope->channel) : NULL;
	if (scope->year != 0)
		g_string_append_printf(line, " · %u", scope->year);
	if (scope->from != NULL || scope->to != NULL)
		g_string_append_printf(line, " · %s – %s", scope->from != NULL ? scope->from : "", scope->to != NULL ? scope->to : "");
	if (channel != NULL)
		g_string_append_printf(line, " · %s", channel);
	return g_string_free(line, FALSE);
}

char *register_page_line(const RegisterPage *page)
{
	static const char *const kinds[] = {N_("not final"), N_("final"), N_("changes")};
	g_autofree char *line = g_strdup_printf(_("Sheet %u (%s), as of entry %llu"), page->number, _(kinds[page->kind]),
	                                        (unsigned long long)(page->upto - 1));
	if (page->holds)
		return g_steal_pointer(&line);
	return g_strdup_printf("%s. %s", line,
	                       _("What you may read of it is not all that stood on it when it was made final."));
}

char *register_digest_line(const RegisterPage *page)
{
	g_autofree char *code = register_code(page);
	return g_strdup_printf(_("Code of this sheet: %s"), code);
}

char *register_before_line(const RegisterPage *page)
{
	static const guint8 none[32];
	GString *hex = g_string_new(NULL);
	for (guint i = 0; i < 16; i++)
		g_string_append_printf(hex, "%s%02x", i % 2 == 0 && i > 0 ? "-" : "", page->before[i]);
	g_autofree char *code = g_string_free(hex, FALSE);
	return memcmp(page->before, none, sizeof none) != 0 ? g_strdup_printf(_("Of the sheet before: %s"), code) : NULL;
}

WipeText *register_run_words(const RegisterRun *run)
{
	g_autofree char *word = run->kind == REGISTER_ASIDE ? format_word(run->text) : NULL;
	switch (run->kind) {
	case REGISTER_ASIDE:
		return g_strdup_printf(_("set aside: %s"), word);
	case REGISTER_ELSEWHERE:
		return g_strdup(_("read by another officer"));
	case REGISTER_ERASED:
		return strlen(run->text) > 11 ? g_strdup_printf(_("erased by order № %s of %.10s"), run->text + 11, run->text) : g_strdup("");
	default:
		return g_strdup(run->text);
	}
}

char *register_run_note(const RegisterBook *book, const RegisterRun *run)
{
	if (run->struck == 0 || !run->tail)
		return NULL;
	g_autofree char *moment = format_time(run->time, book->zone);
	return g_strdup_printf(_("(struck: %s, %s, entry %llu)"), run->officer, moment, (unsigned long long)run->struck);
}

/* --- the last page ------------------------------------------------------------------------------------------------------- */

void register_count(RegisterCount *count, const RegisterPage *page)
{
	count->sheets++;
	count->last = MAX(count->last, page->number);
	for (guint i = 0; i < page->lines->len; i++) {
		const RegisterLine *line = page->lines->pdata[i];
		const char *aside;
		if (line->continued)
			continue;
		count->rows += line->last - line->first + 1;
		if (page->kind == REGISTER_PAGE_CHANGE || line->row->elsewhere || register_is_done(line->row, page->upto, &aside))
			continue;
		if (count->open == NULL)
			count->open = g_string_new(NULL);
		g_string_append_printf(count->open, "%s%s", count->open->len > 0 ? ", " : "", line->name);
	}
}

void register_count_clear(RegisterCount *count)
{
	if (count->open != NULL)
		g_string_free(count->open, TRUE);
	count->open = NULL;
}

char *register_closing_line(const RegisterPrint *print, const RegisterCount *count, guint i)
{
	const char *open = count->open != NULL ? count->open->str : "–";
	switch (i) {
	case 0:
		return print->closing
		               ? g_strdup_printf(_("In this journal are numbered, laced and sealed %u (______________________________) sheets."),
		                                 count->last)
		               : g_strdup_printf(_("Sheets: %u. Rows: %u."), count->sheets, count->rows);
	case 1:
		return print->closing ? g_strdup_printf(_("Open cases carried over to the next year: %s."), open)
		                      : g_strdup_printf(_("Without a result yet: %s."), open);
	case 2:
		return print->book->kept_back == 0
		               ? g_strdup(_("Every entry of the register was read; none is missing between the first and the last."))
		               : g_strdup_printf(_("Entries whose text was destroyed or is not handed out: %u."), print->book->kept_back);
	case 3:
		return g_strdup_printf(_("Checkpoint of the register, signed over the entries up to %llu and all before them:"),
		                       (unsigned long long)(print->scope->upto - 1));
	default:
		return NULL;
	}
}
