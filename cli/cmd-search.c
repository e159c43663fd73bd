/* SPDX-License-Identifier: ISC */
/* senim search: the words of what she has opened, in an index that is sealed to her (cli/index.h). That she searched, and for
 * what, is entered before a hit is shown, and the registrar says which of them are still hers. */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "cli/case-list.h"
#include "cli/casework.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/ground.h"
#include "cli/index-feed.h"
#include "cli/output.h"
#include "cli/search.h"

#define SHOWN_MOST 200 /* of one register at a time: doc/architecture.md */

/* A hit that is still hers. */
typedef struct {
	Case *c;
	GPtrArray *lines; /* WipeText, escaped */
} Found;

typedef struct {
	Session *session;
	StemQuery *query;
	WipeText *words, *ground; /* the ground with the words behind it */
	Index *index;
	GPtrArray *found;   /* Found */
	GHashTable *gone;   /* "MAILBOX SEQ" of hits that are hers no longer */
	guint hits;         /* in the index */
} Search;

static void found_free(gpointer data)
{
	Found *found = data;
	case_free(found->c);
	g_ptr_array_unref(found->lines);
	g_free(found);
}

static void search_clear(Search *search)
{
	stem_query_free(search->query);
	wipe_text_free(search->words);
	wipe_text_free(search->ground);
	index_free(search->index);
	g_clear_pointer(&search->found, g_ptr_array_unref);
	g_clear_pointer(&search->gone, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

/* --- what is asked -------------------------------------------------------------------------------------------------- */

static gboolean fail_words(StemFault fault, GError **error)
{
	switch (fault) {
	case STEM_SHORT:
		return cli_fail(error, CLI_ERROR_USAGE, _("each word that is searched for has at least three letters or digits"));
	case STEM_MANY:
		return cli_fail(error, CLI_ERROR_USAGE, _("that is too much at once: search for sixteen words at most"));
	default:
		return cli_fail(error, CLI_ERROR_USAGE, _("there is no word to search for"));
	}
}

static gboolean read_words(Search *search, GError **error)
{
	const Options *options = search->session->cli->options;
	StemFault fault;
	search->words = options_word(options, 1) != NULL ? casework_stdin(options, 1, error)
	                                                 : form_line(_("Words to search for: "), error);
	if (search->words == NULL)
		return (error != NULL && *error != NULL) ? FALSE : fail_words(STEM_NOTHING, error);
	g_strdelimit(search->words, "\r\n\t", ' ');
	search->query = stem_query_new(search->words, &fault);
	return search->query != NULL || fail_words(fault, error);
}

/* The words go with the ground, sealed to whom its text is: to herself, and to who reads the log of others. */
static gboolean read_ground(Search *search, GError **error)
{
	g_autoptr(WipeText) given = session_ground_anew(search->session, error);
	if (given == NULL)
		return FALSE;
	g_autofree char *word = ground_word(given);
	const char *own = ground_text(given);
	search->ground = g_strdup_printf("%s\n%s%s«%s»", word, own != NULL ? own : "", own != NULL ? " — " : "", search->words);
	return TRUE;
}

/* --- one register ---------------------------------------------------------------------------------------------------- */

static const SearchHit *hit_of(const GPtrArray *hits, guint64 seq)
{
	for (guint i = 0; i < hits->len; i++)
		if (((const SearchHit *)hits->pdata[i])->seq == seq)
			return hits->pdata[i];
	return NULL;
}

static GPtrArray *escaped_lines(const SearchHit *hit, const StemQuery *query)
{
	g_autoptr(GPtrArray) raw = search_lines(hit, query);
	GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	for (guint i = 0; i < raw->len; i++)
		g_ptr_array_add(lines, escape_text(raw->pdata[i], -1, ESCAPE_LINE));
	return lines;
}

/* Each case that came back must be one that was asked for, and one that the act's entry names. */
static gboolean take_cases(Search *search, const char *mailbox, const Act *act, json_t *answer, const GPtrArray *hits, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	if (!case_list_take_own(answer, mailbox, cases, error))
		return FALSE;
	for (guint i = 0; i < cases->len; i++) {
		Case *c = cases->pdata[i];
		const SearchHit *hit = hit_of(hits, c->seq);
		if (hit == NULL || !verify_look_names(act->look, c->seq))
			return desk_form_error(error, "cases");
		Found *found = g_new0(Found, 1);
		found->lines = escaped_lines(hit, search->query);
		found->c = g_steal_pointer(&cases->pdata[i]);
		g_ptr_array_add(search->found, found);
	}
	g_ptr_array_set_free_func(cases, NULL); /* all were taken */
	return TRUE;
}

static void note_gone(Search *search, const char *mailbox, const Act *act, const GPtrArray *hits, guint n)
{
	for (guint i = 0; i < n; i++) {
		const SearchHit *hit = hits->pdata[i];
		if (!verify_look_names(act->look, hit->seq))
			g_hash_table_add(search->gone, g_strdup_printf("%s %" G_GUINT64_FORMAT, mailbox, hit->seq));
	}
}

static gboolean search_in(Search *search, const char *mailbox, GError **error)
{
	guint64 seqs[SHOWN_MOST];
	g_autoptr(GPtrArray) hits = search_find(search->index, search->query, mailbox);
	guint n = MIN(hits->len, SHOWN_MOST);
	json_t *list = json_array();
	for (guint i = 0; i < n; i++) {
		seqs[i] = ((const SearchHit *)hits->pdata[i])->seq;
		json_array_append_new(list, json_integer((json_int_t)seqs[i]));
	}
	search->hits += hits->len;
	g_autoptr(Record) own = record_new();
	record_add_uint(own, "hits", hits->len);
	const LookAct expected = {.kind = ENTRY_SEARCHED, .cases = seqs, .n_cases = n, .own = own};
	json_t *body = json_pack("{s:o, s:I}", "seqs", list, "hits", (json_int_t)hits->len);
	g_autoptr(Act) act = act_begin(search->session, mailbox, search->ground, error);
	if (act == NULL) {
		json_decref(body);
		return FALSE;
	}
	g_autoptr(json_t) answer = act_post(act, "/v1/search", body, error);
	if (answer == NULL || !act_check(act, &expected, NULL, error) ||
	    !take_cases(search, mailbox, act, answer, hits, error))
		return FALSE;
	note_gone(search, mailbox, act, hits, n);
	return TRUE;
}

static gboolean is_gone(const IndexDoc *doc, gpointer user)
{
	g_autofree char *name = g_strdup_printf("%.*s %" G_GUINT64_FORMAT, (int)doc->mailbox_size, doc->mailbox, doc->seq);
	return g_hash_table_contains(((const Search *)user)->gone, name);
}

/* What is hers no longer goes before anything is shown. */
static gboolean search_all(Search *search, GError **error)
{
	const char *mailbox, *origin, *only = options_value(search->session->cli->options, "mailbox");
	const IndexPlace place = index_feed_place(search->session);
	if (only != NULL && session_mailbox(search->session, error) == NULL)
		return FALSE;
	search->index = index_read(&place, error);
	if (search->index == NULL)
		return FALSE;
	for (guint i = 0; desk_client_mailbox(search->session->desk, i, &mailbox, &origin); i++)
		if ((only == NULL || strcmp(only, mailbox) == 0) && !search_in(search, mailbox, error))
			return FALSE;
	return g_hash_table_size(search->gone) == 0 || index_rewrite(&place, is_gone, search, 0, error);
}

/* --- what was found -------------------------------------------------------------------------------------------------- */

static gboolean print_json(const Search *search, GError **error)
{
	GTimeZone *zone = desk_client_zone(search->session->desk);
	json_t *list = json_array();
	for (guint i = 0; i < search->found->len; i++) {
		const Found *found = search->found->pdata[i];
		g_autofree char *name = case_shown(found->c, search->session->desk);
		g_autofree char *received = format_time_iso(found->c->received, zone);
		json_t *lines = json_array();
		for (guint k = 0; k < found->lines->len; k++)
			json_array_append_new(lines, output_string(found->lines->pdata[k], strlen(found->lines->pdata[k])));
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o}", "case", output_value(name), "mailbox",
		                                      output_value(found->c->mailbox), "received", output_value(received), "state",
		                                      output_value(found->c->state), "lines", lines));
	}
	return output_json(json_pack("{s:o, s:I}", "found", list, "hits", (json_int_t)search->hits), error);
}

static char *say_count(const Search *search)
{
	if (search->hits == 0)
		return g_strdup(_("Nothing was found in what you have opened on this machine.\n"));
	if (search->found->len < search->hits && search->found->len >= SHOWN_MOST)
		return g_strdup_printf(_("Cases found: %u. The newest %u are shown: one more word finds fewer.\n"), search->hits,
		                       search->found->len);
	if (search->found->len < search->hits)
		return g_strdup_printf(_("Cases found: %u. What is yours no longer was taken out of the index: %u.\n"), search->found->len,
		                       search->hits - search->found->len);
	return g_strdup_printf(_("Cases found: %u.\n"), search->found->len);
}

static gboolean print_table(const Search *search, GError **error)
{
	g_autoptr(FormatTable) table = format_table_new(4);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
	const char *const heads[] = {_("CASE"), _("RECEIVED"), _("STATE"), _("WHERE IT STANDS")};
	for (gsize i = 0; search->found->len > 0 && i < G_N_ELEMENTS(heads); i++)
		format_table_cell(table, heads[i]);
	for (guint i = 0; i < search->found->len; i++) {
		const Found *found = search->found->pdata[i];
		g_autofree char *name = case_shown(found->c, search->session->desk), *state = format_word(found->c->state);
		g_autofree char *received = format_time(found->c->received, desk_client_zone(search->session->desk));
		for (guint k = 0; k < MAX(found->lines->len, 1); k++) {
			format_table_cell(table, k == 0 ? name : "");
			format_table_cell(table, k == 0 ? received : "");
			format_table_cell(table, k == 0 ? state : "");
			format_table_cell(table, k < found->lines->len ? found->lines->pdata[k] : "");
		}
	}
	g_autofree char *count = say_count(search);
	format_table_fold(table, output_width());
	format_table_write(table, TRUE, out);
	wipe_buffer_add_text(out, count);
	return output_text(out, error);
}

static gboolean open_case(Search *search, const Found *found, GError **error)
{
	const Cli *cli = search->session->cli;
	g_autofree char *name = case_shown(found->c, search->session->desk);
	char *words[] = {(char *)"senim", (char *)"show", name, NULL};
	g_autoptr(Options) options = options_parse(options_table, 3, words, error);
	gboolean done = options != NULL && cli->run(options, cli->settings, error);
	search->session->cli = cli; /* the command had one of its own */
	return done;
}

/* In the officer's screen what was found is a list from which she opens one after another. */
static gboolean choose_from(Search *search, GError **error)
{
	g_autofree char *count = say_count(search);
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	for (guint i = 0; i < search->found->len; i++) {
		const Found *found = search->found->pdata[i];
		g_autofree char *name = case_shown(found->c, search->session->desk), *state = format_word(found->c->state);
		g_autofree char *received = format_time(found->c->received, desk_client_zone(search->session->desk));
		g_ptr_array_add(labels, g_strdup_printf("%s  %.10s  %s  %s", name, received, state,
		                                        found->lines->len > 0 ? (const char *)found->lines->pdata[0] : ""));
	}
	g_strchomp(count);
	for (int chosen = 0; chosen >= 0;) {
		chosen = form_choose(count, (const char *const *)labels->pdata, labels->len, (guint)chosen);
		if (chosen >= 0 && !open_case(search, search->found->pdata[chosen], error))
			return FALSE;
	}
	return TRUE;
}

static gboolean show(Search *search, GError **error)
{
	if (options_flag(search->session->cli->options, "json"))
		return print_json(search, error);
	return face() != NULL && search->found->len > 0 ? choose_from(search, error) : print_table(search, error);
}

/* --- the index itself ------------------------------------------------------------------------------------------------ */

static gboolean forget(GError **error)
{
	guint n;
	if (!index_destroy(NULL, &n, error))
		return FALSE;
	return output_said(n > 0 ? _("The search index of this machine is destroyed.\n") : _("There is no search index on this machine.\n"), error);
}

/* Cards of cases that she never opened, under the entries of any list of cards. */
static gboolean fill(Session *session, GError **error)
{
	g_autoptr(GPtrArray) cases = case_list_fetch(session, "all", NULL, error);
	g_autoptr(WipeText) ground = cases != NULL ? session_ground_anew(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	guint n = 0;
	g_autofree Record **cards = g_new0(Record *, cases->len + 1);
	gboolean done = case_list_cards(session, cases, ground, cards, error);
	for (guint i = 0; i < cases->len; i++) {
		n += cards[i] != NULL;
		record_free(cards[i]);
	}
	g_autofree char *line = g_strdup_printf(_("Cards put into the search index: %u.\n"), n);
	return done && index_feed_tidy(session, TRUE, error) && output_said(line, error);
}

gboolean cmd_search(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	gboolean all = options_flag(options, "all-cards"), gone = options_flag(options, "forget");
	if ((all && gone) || ((all || gone) && options_word(options, 1) != NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s stands alone: it searches nothing"), gone ? "forget" : "all-cards");
	if (gone)
		return forget(error);
	g_autoptr(Session) session = session_open(cli, error);
	if (session == NULL)
		return FALSE;
	if (!index_feed_wanted(session))
		return cli_fail(error, CLI_ERROR_REFUSED, _("this machine keeps no search index: search-index = no stands in %s"),
		                session->cli->settings->file);
	if (all)
		return fill(session, error);
	g_auto(Search) search = {.session = session};
	search.found = g_ptr_array_new_with_free_func(found_free);
	search.gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!read_words(&search, error) || !read_ground(&search, error))
		return FALSE;
	session_warn_host(session);
	return index_feed_tidy(session, FALSE, error) && search_all(&search, error) && show(&search, error);
}
