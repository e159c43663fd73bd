/* SPDX-License-Identifier: ISC */
/* senim extract: what is held on one person, for the answer to somebody who asks. Looked through are the cards of all cases that
 * are hers and her index. A person is the reporter of a case where card or row name him as that; in every other one he is
 * mentioned, and of those nothing is shown but that they are there, and only when asked for: the words of a reporter are not
 * for whom they are about. */
#include <string.h>

#include "base/escape.h"
#include "cli/casework.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/index-feed.h"
#include "cli/output.h"
#include "cli/personal.h"
#include "cli/search.h"

typedef struct {
	Personal *personal;
	WipeText *whom;     /* what is known of him, lines */
	GPtrArray *queries; /* StemQuery, one a line: any of them */
	GPtrArray *chosen;  /* Case, borrowed */
	GHashTable *rows;   /* seq to Row, of cases that were looked at */
	guint unread;       /* cases whose letter is not in the index */
	gboolean mentioned;
} Extract;

static void extract_clear(Extract *extract)
{
	personal_free(extract->personal);
	wipe_text_free(extract->whom);
	g_clear_pointer(&extract->queries, g_ptr_array_unref);
	g_clear_pointer(&extract->chosen, g_ptr_array_unref);
	g_clear_pointer(&extract->rows, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Extract, extract_clear)

/* --- who is meant --------------------------------------------------------------------------------------------------- */

static gboolean read_whom(Extract *extract, const Cli *cli, GError **error)
{
	extract->whom = options_word(cli->options, 1) != NULL ? casework_stdin(cli->options, 1, error)
	                                                      : form_line(_("Name, telephone or address of the person: "), error);
	if (extract->whom == NULL)
		return error != NULL && *error != NULL ? FALSE : cli_fail(error, CLI_ERROR_USAGE, _("nobody was named: say who is meant"));
	g_auto(GStrv) lines = g_strsplit_set(extract->whom, "\r\n;", 0);
	for (char **line = lines; *line != NULL; line++) {
		StemFault fault;
		StemQuery *query = stem_query_new(*line, &fault);
		if (query != NULL)
			g_ptr_array_add(extract->queries, query);
		else if (fault != STEM_NOTHING)
			return cli_fail(error, CLI_ERROR_USAGE, _("a name, telephone or address has words of at least three letters or digits, sixteen at most"));
		explicit_bzero(*line, strlen(*line));
	}
	g_strdelimit(extract->whom, "\r\n\t", ' ');
	return extract->queries->len > 0 || cli_fail(error, CLI_ERROR_USAGE, _("nobody was named: say who is meant"));
}

/* All that one of the lines says stands in this text. */
static gboolean is_named(const Extract *extract, const WipeBuffer *text)
{
	GString *folded = stem_fold(wipe_buffer_data(text), wipe_buffer_size(text));
	gboolean found = FALSE;
	for (guint i = 0; !found && i < extract->queries->len; i++) {
		const StemQuery *query = extract->queries->pdata[i];
		found = stem_query_find(query, folded->str, folded->len, NULL) == stem_query_all(query);
	}
	stem_wipe(folded);
	return found;
}

static void add_line(WipeBuffer *text, const char *line)
{
	wipe_buffer_add_text(text, line);
	wipe_buffer_add_text(text, "\n");
}

/* --- where he stands ------------------------------------------------------------------------------------------------ */

/* What a card says of the sender: what his program wrote, and what he says of himself. */
static const struct {
	const char *key;
	guint value;  /* the value is that word of the line and what follows; the line ends with a source where `source` */
	gboolean source;
	const char *label;
} card_lines[] = {
	{"from-name", 0, FALSE, N_("Sender's name")}, {"from-address", 0, FALSE, N_("Sender's address")},
	{"reply-to", 0, FALSE, N_("Reply to")},       {"phone", 0, TRUE, N_("Telephone")},
	{"organisation", 0, FALSE, N_("Organisation")},
};

/* "NUMBER SOURCE": the number. */
static char *value_of(const char *line, gboolean source)
{
	const char *last = source ? strrchr(line, ' ') : NULL;
	return last != NULL ? g_strndup(line, (gsize)(last - line)) : g_strdup(line);
}

static gboolean is_reporter_by_card(const Extract *extract, const Record *card)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(1024);
	const char *line;
	for (gsize i = 0; card != NULL && i < G_N_ELEMENTS(card_lines); i++)
		for (guint n = 0; (line = record_get_nth(card, card_lines[i].key, n)) != NULL; n++)
			add_line(text, line);
	for (guint n = 0; card != NULL && (line = record_get_nth(card, "suggested", n)) != NULL; n++)
		add_line(text, line);
	return is_named(extract, text);
}

/* Columns that say who reported: what cards may suggest, but for the days and who decided. */
static gboolean is_of_reporter(const RowColumn *column)
{
	return !column->resolution && column->suggested[0] != '\0';
}

static gboolean is_reporter_by_row(const Extract *extract, const Row *row)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(1024);
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const RowValue *value = is_of_reporter(column) ? row_value(row, column) : NULL;
		if (value != NULL)
			add_line(text, value->value);
	}
	return is_named(extract, text);
}

/* The case's row, read once. NULL and *error. */
static const Row *row_of(Extract *extract, Case *c, GError **error)
{
	Row *row = g_hash_table_lookup(extract->rows, &c->seq);
	if (row == NULL && (row = casework_row(extract->personal->session, c, extract->personal->ground, error)) != NULL)
		g_hash_table_insert(extract->rows, g_memdup2(&c->seq, sizeof c->seq), row);
	return row;
}

typedef struct {
	gboolean found, in_row, read; /* read: its letter is in the index */
} Standing;

static Standing standing_of(const Extract *extract, const Index *index, const Case *c)
{
	Standing standing = {FALSE, FALSE, FALSE};
	const GArray *docs = index_docs(index);
	g_autofree guint32 *terms = g_new0(guint32, extract->queries->len);
	for (guint i = 0; i < docs->len; i++) {
		const IndexDoc *doc = &g_array_index(docs, IndexDoc, i);
		if (!index_doc_is_of(doc, c->mailbox, c->seq))
			continue;
		standing.read = standing.read || (doc->part == INDEX_BODY && doc->entry == c->seq);
		for (guint q = 0; q < extract->queries->len; q++) {
			guint32 found = stem_query_find(extract->queries->pdata[q], doc->folded, doc->folded_size, NULL);
			standing.in_row = standing.in_row || (found != 0 && doc->part == INDEX_ROW);
			terms[q] |= found;
		}
	}
	for (guint q = 0; q < extract->queries->len; q++)
		standing.found = standing.found || terms[q] == stem_query_all(extract->queries->pdata[q]);
	return standing;
}

/* Into the chosen ones, where he is in it as was asked for. */
static gboolean take_case(Extract *extract, const Index *index, Case *c, const Record *card, GError **error)
{
	Standing standing = standing_of(extract, index, c);
	gboolean reporter = is_reporter_by_card(extract, card);
	extract->unread += !standing.read;
	if (!reporter && standing.in_row) {
		const Row *row = row_of(extract, c, error);
		if (row == NULL)
			return FALSE;
		reporter = is_reporter_by_row(extract, row);
	}
	if (extract->mentioned ? standing.found && !reporter : reporter)
		g_ptr_array_add(extract->chosen, c);
	return TRUE;
}

static gboolean gather(Extract *extract, GError **error)
{
	Personal *personal = extract->personal;
	const IndexPlace place = index_feed_place(personal->session);
	g_autoptr(Index) index = index_read(&place, error);
	if (index == NULL)
		return FALSE;
	for (guint i = 0; i < personal->cases->len; i++)
		if (!take_case(extract, index, personal->cases->pdata[i], personal->cards[i], error))
			return FALSE;
	return personal_enter(personal, extract->chosen, extract->mentioned ? "mentioned" : "reporter", extract->whom, error);
}

/* --- what is held --------------------------------------------------------------------------------------------------- */

static const Record *card_of(const Personal *personal, const Case *c)
{
	for (guint i = 0; i < personal->cases->len; i++)
		if (personal->cases->pdata[i] == c)
			return personal->cards[i];
	return NULL;
}

typedef void (*Take)(const char *label, const char *value, gpointer user);

/* "почтовый адрес" begins with a capital where it stands as a label. */
static char *label_of(const char *word)
{
	g_autofree char *label = format_word(word);
	gunichar first = g_utf8_get_char(label);
	char capital[7] = "";
	g_unichar_to_utf8(g_unichar_toupper(first), capital);
	return g_strconcat(capital, g_utf8_next_char(label), NULL);
}

/* Was that found under another name already: the number that a program found and the one that it suggests. */
static gboolean is_on_card(const Record *card, const char *value)
{
	const char *line;
	for (gsize i = 0; i < G_N_ELEMENTS(card_lines); i++)
		for (guint n = 0; (line = record_get_nth(card, card_lines[i].key, n)) != NULL; n++) {
			g_autoptr(WipeText) known = value_of(line, card_lines[i].source);
			if (strcmp(known, value) == 0)
				return TRUE;
		}
	return FALSE;
}

/* Each fact that is held of the reporter: with its label. */
static gboolean each_fact(Extract *extract, Case *c, Take take, gpointer user, GError **error)
{
	const Record *card = card_of(extract->personal, c);
	const Row *row = row_of(extract, c, error);
	const char *line;
	if (row == NULL)
		return FALSE;
	for (gsize i = 0; card != NULL && i < G_N_ELEMENTS(card_lines); i++)
		for (guint n = 0; (line = record_get_nth(card, card_lines[i].key, n)) != NULL; n++) {
			g_autoptr(WipeText) value = value_of(line, card_lines[i].source);
			take(_(card_lines[i].label), value, user);
		}
	for (guint n = 0; card != NULL && (line = record_get_nth(card, "suggested", n)) != NULL; n++) {
		g_auto(GStrv) words = g_strsplit(line, " ", 3);
		g_autofree char *label = g_strv_length(words) == 3 && !is_on_card(card, words[2]) ? label_of(words[0]) : NULL;
		if (label != NULL)
			take(label, words[2], user);
	}
	if (card != NULL)
		take(_("Subject"), record_get(card, "subject"), user);
	for (const RowColumn *column = row_columns; column->key != NULL; column++) {
		const RowValue *value = is_of_reporter(column) ? row_value(row, column) : NULL;
		if (value != NULL)
			take(_(column->label), value->value, user);
	}
	return TRUE;
}

static void take_pair(const char *label, const char *value, gpointer user)
{
	paper_pair(user, label, value);
}

static void add_messages(const Extract *extract, const Case *c, Paper *paper)
{
	GTimeZone *zone = desk_client_zone(extract->personal->session->desk);
	g_autofree char *received = format_time(c->received, zone), *state = format_word(c->state);
	g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, c->followups + 1);
	paper_pair(paper, _("Held since"), received);
	paper_pair(paper, _("State"), state);
	paper_pair(paper, _("Letters"), number);
}

static void add_disclosures(const Extract *extract, const Case *c, Paper *paper)
{
	const Personal *personal = extract->personal;
	guint n = 0;
	for (guint i = 0; i < personal->disclosed->len; i++) {
		const PersonalDisclosure *one = personal->disclosed->pdata[i];
		if (one->seq != c->seq)
			continue;
		g_autofree char *time = format_time(one->time, desk_client_zone(personal->session->desk));
		g_autofree char *line = g_strdup_printf("%s: %s", time, one->what);
		paper_pair(paper, _("Left the office"), line);
		n++;
	}
	if (n == 0)
		paper_pair(paper, _("Left the office"), _("nothing"));
}

static char *summary(const Extract *extract)
{
	if (extract->chosen->len == 0)
		return g_strdup(extract->mentioned ? _("No case mentions this person.") : _("Nothing is held on this person as a reporter."));
	return g_strdup_printf(extract->mentioned ? _("Cases that mention this person: %u.") : _("Cases that this person reported: %u."),
	                       extract->chosen->len);
}

static void add_limits(const Extract *extract, Paper *paper)
{
	if (extract->mentioned)
		paper_text(paper, _("FOR THE OFFICE ALONE. Not to be handed out: who is told that he is mentioned learns that somebody reported. The law protects who reports."));
	if (extract->unread > 0) {
		g_autofree char *line = g_strdup_printf(_("Letters of cases that were not opened on this machine, and not looked through but for their cards: %u."), extract->unread);
		paper_text(paper, line);
	}
	if (extract->personal->more)
		paper_text(paper, _("More left the office than stands here: senim log has all of it."));
}

static Paper *make_paper(Extract *extract, GError **error)
{
	const Personal *personal = extract->personal;
	GTimeZone *zone = desk_client_zone(personal->session->desk);
	g_autoptr(Paper) paper = paper_new(_("Personal data held on one person"), desk_client_organisation(personal->session->desk));
	g_autofree char *now = format_time(g_get_real_time(), zone), *count = summary(extract);
	paper_pair(paper, _("Mailbox"), personal->mailbox);
	paper_pair(paper, _("Person"), extract->whom);
	paper_pair(paper, _("Made on"), now);
	paper_text(paper, count);
	add_limits(extract, paper);
	for (guint i = 0; i < extract->chosen->len; i++) {
		Case *c = extract->chosen->pdata[i];
		paper_heading(paper, c->name);
		add_messages(extract, c, paper);
		if (extract->mentioned)
			continue;
		if (!each_fact(extract, c, take_pair, paper, error))
			return NULL;
		add_disclosures(extract, c, paper);
	}
	return g_steal_pointer(&paper);
}

static void take_json(const char *label, const char *value, gpointer user)
{
	if (value != NULL && strcmp(value, "-") != 0)
		json_array_append_new(user, json_pack("{s:o, s:o}", "label", output_value(label), "value", output_value(value)));
}

static gboolean print_json(Extract *extract, GError **error)
{
	GTimeZone *zone = desk_client_zone(extract->personal->session->desk);
	g_autoptr(json_t) list = json_array();
	for (guint i = 0; i < extract->chosen->len; i++) {
		Case *c = extract->chosen->pdata[i];
		g_autofree char *received = format_time_iso(c->received, zone);
		json_t *facts = json_array(), *disclosed = json_array();
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "case", output_value(c->name), "received",
		                                      output_value(received), "facts", facts, "disclosed", disclosed));
		if (!extract->mentioned && !each_fact(extract, c, take_json, facts, error))
			return FALSE;
		for (guint k = 0; !extract->mentioned && k < extract->personal->disclosed->len; k++) {
			const PersonalDisclosure *one = extract->personal->disclosed->pdata[k];
			g_autofree char *time = format_time_iso(one->time, zone);
			if (one->seq == c->seq)
				json_array_append_new(disclosed, json_pack("{s:o, s:o}", "time", output_value(time), "what", output_value(one->what)));
		}
	}
	return output_json(json_pack("{s:s, s:O, s:i}", "as", extract->mentioned ? "mentioned" : "reporter", "cases", list,
	                             "unread", (int)extract->unread), error);
}

gboolean cmd_extract(Cli *cli, GError **error)
{
	const char *as = options_value(cli->options, "as");
	if (as != NULL && strcmp(as, "reporter") != 0 && strcmp(as, "mentioned") != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("--as takes reporter or mentioned"));
	if (!personal_check_options(cli->options, FALSE, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_auto(Extract) extract = {.mentioned = g_strcmp0(as, "mentioned") == 0};
	extract.queries = g_ptr_array_new_with_free_func((GDestroyNotify)stem_query_free);
	extract.chosen = g_ptr_array_new();
	extract.rows = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)row_free);
	if (session == NULL || !read_whom(&extract, cli, error))
		return FALSE;
	session_warn_host(session);
	extract.personal = personal_new(session, error);
	if (extract.personal == NULL || !gather(&extract, error))
		return FALSE;
	if (options_flag(cli->options, "json"))
		return print_json(&extract, error);
	g_autoptr(Paper) paper = make_paper(&extract, error);
	return paper != NULL && personal_leave(extract.personal, paper, NULL, error);
}
