/* SPDX-License-Identifier: ISC */
#include "cli/format.h"

#include <string.h>

#include "base/escape.h"
#include "cli/language.h"

#define CELL_MAX 60

static char *format_moment(gint64 time, GTimeZone *zone, const char *format)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
	return local != NULL ? g_date_time_format(local, format) : g_strdup("-");
}

char *format_time(gint64 time, GTimeZone *zone)
{
	return format_moment(time, zone, "%Y-%m-%d %H:%M");
}

char *format_time_iso(gint64 time, GTimeZone *zone)
{
	return format_moment(time, zone, "%Y-%m-%dT%H:%M:%S%:z");
}

char *format_size(guint64 size)
{
	static const char *const units[] = {"KiB", "MiB", "GiB"};
	if (size < 1024)
		return g_strdup_printf("%" G_GUINT64_FORMAT " B", size);
	double value = (double)size / 1024;
	gsize unit = 0;
	while (value >= 1024 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1024;
		unit++;
	}
	return g_strdup_printf("%.1f %s", value, units[unit]);
}

static const struct {
	const char *word, *shown;
} words[] = {
	/* verdict */
	{"clean", N_("no mark")},
	{"review", N_("to be looked through")},
	{"redirect", N_("redirect")},
	{"unexamined", N_("unexamined")},
	/* what the screening found (policy/rules/), and what it weighed against it */
	{"abuse", N_("abuse")},
	{"likeness", N_("reads like a threat or abuse")},
	{"obscenity", N_("obscenity")},
	{"reporter-at-risk", N_("the reporter may be in danger")},
	{"self-harm", N_("self-harm")},
	{"threat.family", N_("threat to the family")},
	{"threat.health", N_("threat to health")},
	{"threat.life", N_("threat to life")},
	{"threat.property", N_("threat to property")},
	{"threat.veiled", N_("veiled threat")},
	{"ultimatum", N_("ultimatum")},
	{"unread", N_("not all of it could be screened")},
	{"violence-call", N_("call to violence")},
	{"quoted", N_("quoted")},
	{"mailquote", N_("from a quoted letter")},
	{"reported", N_("somebody else's words")},
	{"negated", N_("negated")},
	{"negatedfar", N_("negated")},
	{"lawful", N_("a lawful demand")},
	{"story", N_("told, not threatened")},
	{"told", N_("told, not threatened")},
	{"notme", N_("negated")},
	{"wish", N_("a wish")},
	/* refusals that stand in the log */
	{"not-supervisor", N_("that is the supervisor's to read")},
	{"not-reader", N_("no reader there")},
	{"not-inspection", N_("no inspection of hers was begun")},
	/* grounds of acts that need none of the list */
	{"added", N_("adding a report")},
	{"agreement", N_("the agreement on use")},
	{"gone", N_("the copy was not there any more")},
	{"inspection", N_("an inspection")},
	{"order", N_("an order")},
	{"purge", N_("destroying copies")},
	{"reviewed", N_("the yearly review of the policy")},
	{"rotation", N_("a change of keys")},
	{"supervision", N_("supervision")},
	/* channel */
	{"mail", N_("mail")},
	{"telephone", N_("telephone")},
	{"paper", N_("paper")},
	{"person", N_("in person")},
	/* what a reporter says of himself, and where */
	{"surname", N_("surname")},
	{"given", N_("first name")},
	{"patronymic", N_("patronymic")},
	{"phone", N_("telephone number")},
	{"identity", N_("identity number")},
	{"account", N_("account number")},
	{"card", N_("card number")},
	{"contact", N_("electronic address")},
	{"name", N_("name")},
	{"word", N_("marked word")},
	{"email", N_("e-mail")},
	{"address", N_("postal address")},
	{"legal-form", N_("legal form")},
	{"legal-name", N_("name of the legal entity")},
	{"organisation", N_("organisation")},
	{"caller", N_("caller")},
	{"called", N_("time of the call")},
	{"text", N_("from the text")},
	{"signature", N_("from the signature")},
	{"subject", N_("from the subject")},
	{"header", N_("from the telephone system")},
	{"letter-head", N_("from the letter's head")},
	{"clock", N_("today")},
	{"before", N_("as the last time")},
	{"anonymous", N_("wishes to stay anonymous")},
	{"no-answer", N_("wishes no answer")},
	/* state */
	{"new", N_("new")},
	{"open", N_("open")},
	{"closed", N_("closed")},
	{"set-aside", N_("set aside")},
	{"erased", N_("erased by order")},
	{"ordered", N_("ordered")},
	{"confirmed", N_("confirmed")},
	{"stopped", N_("stopped")},
	{"--status", N_("how far it went, and what still has to go")}, /* of the officer's screen */
	{"--confirm", N_("confirm it, as the second person")},
	{"--stop", N_("stop it: everything stays as it is")},
	{"--no-names", N_("without names")},
	{"--names", N_("with who reported, and the words of grounds")},
	/* how a case ended, and why one was set aside (store/casework.h) */
	{"measures", N_("measures were taken")},
	{"unconfirmed", N_("not confirmed by the facts")},
	{"no-competence", N_("out of competence")},
	{"redirected", N_("was redirected")},
	{"forwarded", N_("was forwarded")},
	{"explained", N_("was explained")},
	{"duplicate", N_("repeats another")},
	{"not-a-report", N_("no report")},
	{"test", N_("a test")},
	{"other", N_("other")},
	/* why no answer is due, and to which bodies reporters are told to turn (policy/bodies.h) */
	{"rude", N_("rude or insulting words")},
	{"slander", N_("slander")},
	{"threat", N_("a threat")},
	{"disclosed", N_("the reporter told others himself")},
	{"repeated", N_("repeats what was answered")},
	{"no-address", N_("no address for an answer")},
	/* automatic */
	{"bounce", N_("bounce")},
	{"reply", N_("automatic reply")},
	{"receipt", N_("read receipt")},
	{"list", N_("mailing list")},
	{"bulk", N_("bulk mail")},
	{"spam", N_("spam")},
	{"generated", N_("made by a program")},
	/* acknowledgement: state */
	{"queued", N_("waiting")},
	{"sent", N_("sent")},
	{"withheld", N_("held back")},
	{"bounced", N_("came back")},
	{"none", N_("none")},
	/* acknowledgement: why it was held back */
	{"null-sender", N_("no sender's address")},
	{"automatic", N_("automatic letter")},
	{"own-domain", N_("address of the organisation itself")},
	{"role-address", N_("address of an office, not of a person")},
	{"own-mailbox", N_("the trust mailbox itself")},
	{"never", N_("switched off")},
	{"bad-address", N_("unusable address")},
	{"smtputf8", N_("address in letters that the mail system cannot send to")},
	{"follow-up", N_("addition to an earlier report")},
	{"suppressed", N_("the sender asked for no automatic answer")},
	{"unauthenticated", N_("the sender's address is not confirmed")},
	{"cap", N_("too many letters")},
	{"refused", N_("the mail system refused it")},
	{"not-taken", N_("the mail system did not take it")},
	/* for what an officer's program acts without a ground of hers */
	{"incident", N_("incident")},
	/* languages, by their codes */
	{"kk", N_("Kazakh")},
	{"ru", N_("Russian")},
	{"en", N_("English")},
};

static const struct {
	const char *word, *shown;
} notes[] = {
	{"replaced-characters", N_("some characters could not be read and stand replaced")},
	{"guessed-charset", N_("the letter does not say, or says wrongly, in which characters it is written: they were guessed")},
	{"hidden-text", N_("the letter has text that mail programs hide from the reader: it is not shown here")},
	{"encrypted", N_("a part is encrypted for somebody else")},
	{"signed", N_("a part bears an electronic signature")},
	{"tnef", N_("an attachment has the form of Outlook (winmail.dat)")},
	{"fragment", N_("this is a piece of a longer letter")},
	{"external", N_("a part lies elsewhere on the Internet: it was not fetched")},
	{"several-from", N_("the letter names several senders")},
	{"several-subjects", N_("the letter has several subjects")},
	{"alternatives-differ", N_("the plain text and the formatted one say different things")},
	{"ambiguous-structure", N_("the letter can be read in more than one way: compare --raw")},
	{"depth", N_("the letter is nested too deeply: the innermost was not read")},
	{"parts", N_("the letter has too many parts: the rest was not read")},
	{"decoded", N_("the letter is too large unpacked: the rest was not read")},
	{"text", N_("the text is too long: the rest was not read")},
	{"addresses", N_("the letter has too many addresses: the rest is not shown")},
	{"header", N_("the technical fields are too long: the rest was not read")},
	{"field", N_("a technical field is too long: the rest was not read")},
	{"nul", N_("the letter has octets that no text has")},
	{"no-header", N_("the letter has neither sender nor subject")},
	{"opaque", N_("no program can read this letter: see its attachments")},
	{"partial", N_("not all of the letter was looked at: --raw gives all of it")},
};

char *format_note(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(notes); i++)
		if (strcmp(notes[i].word, word) == 0)
			return g_strdup(_(notes[i].shown));
	return escape_text(word, -1, ESCAPE_LINE);
}

char *format_word(const char *word)
{
	if (word == NULL || strcmp(word, "-") == 0)
		return g_strdup("-");
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return g_strdup(_(words[i].shown));
	return escape_text(word, -1, ESCAPE_LINE);
}

static guint width_of(gunichar c)
{
	return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

guint format_width(const char *text)
{
	guint width = 0;
	for (; *text != '\0'; text = g_utf8_next_char(text))
		width += width_of(g_utf8_get_char(text));
	return width;
}

/* Of text that passed the escape: ESC begins nothing but our own bold, which ends with "m". */
static guint width_of_word(const char *word, gsize size)
{
	guint width = 0;
	gboolean bold = FALSE;
	for (const char *p = word; p < word + size; p = g_utf8_next_char(p)) {
		bold = bold || *p == '\033';
		if (!bold)
			width += *p == '\t' ? 8 : width_of(g_utf8_get_char(p));
		bold = bold && *p != 'm';
	}
	return width;
}

static void add_blanks(WipeBuffer *out, gsize n)
{
	while (n-- > 0)
		wipe_buffer_add_text(out, " ");
}

void format_fold(const char *text, guint width, guint hang, WipeBuffer *out)
{
	guint column = hang;
	while (*text != '\0') {
		if (*text == '\n') {
			wipe_buffer_add_text(out, "\n");
			gsize blanks = strspn(++text, " ");
			hang = blanks <= width / 2 ? (guint)blanks : 0;
			column = 0;
			continue;
		}
		gsize blanks = strspn(text, " ");
		const char *word = text + blanks;
		gsize size = strcspn(word, " \n");
		guint wide = width_of_word(word, size);
		if (width > 0 && wide > 0 && column > hang && column + blanks + wide > width) {
			wipe_buffer_add_text(out, "\n");
			add_blanks(out, hang);
			column = hang;
		} else {
			add_blanks(out, blanks);
			column += (guint)blanks;
		}
		wipe_buffer_add(out, word, size);
		column += wide;
		if (width > 0 && column > width)
			column %= width;
		text = word + size;
	}
}

struct FormatTable {
	guint columns;
	GPtrArray *cells;
	guint *widths;
	guint fold; /* the terminal's columns, or 0 */
};

FormatTable *format_table_new(guint columns)
{
	FormatTable *table = g_new0(FormatTable, 1);
	table->columns = columns;
	table->cells = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	table->widths = g_new0(guint, columns);
	return table;
}

void format_table_free(FormatTable *table)
{
	if (table == NULL)
		return;
	g_ptr_array_unref(table->cells);
	g_free(table->widths);
	g_free(table);
}

/* Cuts in place, at a character, and marks the cut. Takes and gives ownership. */
static char *cut(char *text, guint most)
{
	guint width = 0;
	if (format_width(text) <= most)
		return text;
	const char *end = text;
	while (*end != '\0' && width + width_of(g_utf8_get_char(end)) < most) {
		width += width_of(g_utf8_get_char(end));
		end = g_utf8_next_char(end);
	}
	char *shorter = g_strdup_printf("%.*s…", (int)(end - text), text);
	wipe_text_free(text);
	return shorter;
}

void format_table_cell(FormatTable *table, const char *text)
{
	guint column = table->cells->len % table->columns;
	char *cell = escape_text(text != NULL ? text : "", -1, ESCAPE_LINE);
	if (column + 1 < table->columns)
		cell = cut(cell, CELL_MAX);
	table->widths[column] = MAX(table->widths[column], format_width(cell));
	g_ptr_array_add(table->cells, cell);
}

void format_table_fold(FormatTable *table, guint width)
{
	table->fold = width;
}

/* The column that the line which begins with column `first` no longer holds. */
static guint end_of_line(const FormatTable *table, guint first, guint indent)
{
	guint column = first + 1, width = indent + table->widths[first];
	while (column < table->columns && (table->fold == 0 || width + 2 + table->widths[column] <= table->fold))
		width += 2 + table->widths[column++];
	if (column + 1 == table->columns && width + 2 <= table->fold * 2 / 3)
		column++;
	return column;
}

/* Without blanks at the end; nothing for a line that has none but empty cells. */
static void write_line(const FormatTable *table, char *const *cells, guint first, guint end, guint indent, WipeBuffer *out)
{
	while (end > first && cells[end - 1][0] == '\0')
		end--;
	if (end == first && first > 0)
		return;
	add_blanks(out, indent);
	for (guint column = first; column + 1 < end; column++) {
		wipe_buffer_add_text(out, cells[column]);
		add_blanks(out, table->widths[column] + 2 - format_width(cells[column]));
		indent += table->widths[column] + 2;
	}
	if (end > first)
		format_fold(cells[end - 1], table->fold, indent, out);
	wipe_buffer_add_text(out, "\n");
}

void format_table_write(const FormatTable *table, gboolean bold, WipeBuffer *out)
{
	for (guint i = 0; i < table->cells->len; i += table->columns) {
		char *const *cells = (char *const *)table->cells->pdata + i;
		guint indent = 0, lines = 0;
		if (i == 0 && bold)
			wipe_buffer_add_text(out, "\033[1m");
		for (guint first = 0, end; first < table->columns; first = end, lines++) {
			end = end_of_line(table, first, indent);
			write_line(table, cells, first, end, indent, out);
			indent = table->widths[0] + 2;
		}
		if (i == 0 && bold)
			wipe_buffer_add_text(out, "\033[0m");
		if (lines > 2 && i + table->columns < table->cells->len)
			wipe_buffer_add_text(out, "\n");
	}
}
