/* SPDX-License-Identifier: ISC */
#include "cli/personal.h"

#include <string.h>
#include <unistd.h>

#include "cli/case-list.h"
#include "cli/exports.h"
#include "cli/ground.h"
#include "cli/index-feed.h"
#include "cli/log-book.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/write-file.h"

#define ENTRY_CASES 200 /* of one entry: doc/architecture.md */

static void disclosure_free(gpointer data)
{
	g_free(((PersonalDisclosure *)data)->what);
	g_free(data);
}

void personal_free(Personal *personal)
{
	if (personal == NULL)
		return;
	for (guint i = 0; personal->cards != NULL && i < personal->cases->len; i++)
		record_free(personal->cards[i]);
	g_free(personal->cards);
	if (personal->cases != NULL)
		g_ptr_array_unref(personal->cases);
	g_ptr_array_unref(personal->disclosed);
	wipe_text_free(personal->ground);
	g_free(personal);
}

/* --- what there is ------------------------------------------------------------------------------------------------- */

/* Those of the mailbox that she may read. */
static GPtrArray *fetch_cases(Session *session, const char *mailbox, GError **error)
{
	GPtrArray *cases = case_list_fetch(session, "all", NULL, error);
	for (guint i = cases != NULL ? cases->len : 0; i > 0; i--) {
		const Case *c = cases->pdata[i - 1];
		if (c->elsewhere || strcmp(c->mailbox, mailbox) != 0)
			g_ptr_array_remove_index(cases, i - 1);
	}
	return cases;
}

Personal *personal_new(Session *session, GError **error)
{
	g_autoptr(Personal) personal = g_new0(Personal, 1);
	personal->session = session;
	personal->disclosed = g_ptr_array_new_with_free_func(disclosure_free);
	personal->mailbox = session_mailbox(session, error);
	personal->ground = personal->mailbox != NULL ? session_ground_anew(session, error) : NULL;
	personal->cases = personal->ground != NULL ? fetch_cases(session, personal->mailbox, error) : NULL;
	if (personal->cases == NULL)
		return NULL;
	personal->cards = g_new0(Record *, personal->cases->len + 1);
	if (!case_list_cards(session, personal->cases, personal->ground, personal->cards, error))
		return NULL;
	index_feed_flush(session);
	return g_steal_pointer(&personal);
}

/* --- the entry ----------------------------------------------------------------------------------------------------- */

/* What was done, with the body of an advice by the name that the organisation's list has for it: its id says nothing to whoever the
 * paper is for. */
static char *what_of(const Personal *personal, LogEntry *said)
{
	json_t *item;
	gsize i;
	GString *what = g_string_new(NULL);
	g_autofree char *plain = log_book_what(said);
	const char *to = said->kind == ENTRY_ADVISED ? record_get(said->record, "to") : NULL;
	g_string_append(what, plain);
	if (to == NULL || strcmp(to, "-") == 0)
		return g_string_free(what, FALSE);
	g_autofree char *id = g_strdup_printf("(%s)", to);
	g_autoptr(json_t) lists = desk_client_post(personal->session->desk, "/v1/letters", json_pack("{s:s}", "mailbox", personal->mailbox),
	                                           NULL, NULL);
	json_array_foreach(json_object_get(lists, "bodies"), i, item) {
		const char *label = json_string_value(json_object_get(item, language_shown()));
		g_autofree char *name = g_strcmp0(json_string_value(json_object_get(item, "id")), to) == 0 && label != NULL
		                                ? g_strdup_printf("(%s)", label)
		                                : NULL;
		if (name != NULL)
			g_string_replace(what, id, name, 1);
	}
	return g_string_free(what, FALSE);
}

/* One for each of its cases that was asked about. */
static void take_disclosure(Personal *personal, const Look *look, LogEntry *said, gint64 time)
{
	const char *text;
	guint64 seq;
	for (guint i = 0; (text = record_get_nth(said->record, "case", i)) != NULL; i++) {
		if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &seq, NULL) || !verify_look_names(look, seq))
			continue;
		PersonalDisclosure *one = g_new0(PersonalDisclosure, 1);
		one->seq = seq;
		one->time = time;
		one->what = what_of(personal, said);
		g_ptr_array_add(personal->disclosed, one);
	}
}

/* The entries behind the act's own: each a disclosure of one of the cases that it names. */
static gboolean take_disclosures(Personal *personal, const Look *look, GError **error)
{
	Entry entry;
	const Record *record;
	for (guint i = 1; (record = verify_look_nth(look, i, &entry)) != NULL; i++) {
		guint64 time;
		LogEntry said = {.seq = entry.seq, .kind = entry.kind, .state = LOG_SHOWN, .record = (Record *)record};
		guint before = personal->disclosed->len;
		if (!record_get_uint(record, "time", G_MAXINT64, &time, NULL))
			return desk_form_error(error, "entries");
		take_disclosure(personal, look, &said, (gint64)time);
		if (personal->disclosed->len == before)
			return desk_form_error(error, "entries");
	}
	return TRUE;
}

static gboolean enter_some(Personal *personal, const guint64 *seqs, guint n, const char *as, const char *ground, GHashTable *named,
                           GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "as", as);
	g_autoptr(Act) act = act_begin(personal->session, personal->mailbox, ground, error);
	if (act == NULL)
		return FALSE;
	json_t *list = json_array();
	for (guint i = 0; i < n; i++)
		json_array_append_new(list, json_integer((json_int_t)seqs[i]));
	const LookAct expected = {.kind = ENTRY_EXTRACTED, .cases = seqs, .n_cases = n, .own = own};
	g_autoptr(json_t) answer = act_post(act, "/v1/extract", json_pack("{s:o, s:s}", "seqs", list, "as", as), error);
	if (answer == NULL || !act_check(act, &expected, NULL, error) || !take_disclosures(personal, act->look, error))
		return FALSE;
	personal->more = personal->more || json_is_true(json_object_get(answer, "more"));
	personal->entry = personal->entry != 0 ? personal->entry : verify_look_act_seq(act->look);
	for (guint i = 0; i < n; i++)
		if (verify_look_names(act->look, seqs[i]))
			g_hash_table_add(named, g_memdup2(&seqs[i], sizeof seqs[i]));
	return TRUE;
}

gboolean personal_enter(Personal *personal, GPtrArray *chosen, const char *as, const char *whom, GError **error)
{
	guint64 seqs[ENTRY_CASES];
	guint n = 0, done = 0;
	g_autofree char *word = ground_word(personal->ground);
	const char *own = ground_text(personal->ground);
	g_autoptr(WipeText) ground =
		whom != NULL ? g_strdup_printf("%s\n%s%s«%s»", word, own != NULL ? own : "", own != NULL ? " — " : "", whom)
		             : g_strdup(personal->ground);
	g_autoptr(GHashTable) named = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	do {
		for (n = 0; n < ENTRY_CASES && done < chosen->len; n++)
			seqs[n] = ((const Case *)chosen->pdata[done++])->seq;
		if (!enter_some(personal, seqs, n, as, ground, named, error))
			return FALSE;
	} while (done < chosen->len);
	for (guint i = chosen->len; i > 0; i--)
		if (!g_hash_table_contains(named, &((const Case *)chosen->pdata[i - 1])->seq))
			g_ptr_array_remove_index(chosen, i - 1);
	return TRUE;
}

/* --- the paper ----------------------------------------------------------------------------------------------------- */

gboolean personal_check_options(const Options *options, gboolean csv, GError **error)
{
	const char *format = options_value(options, "format"), *output = options_value(options, "output"), *language;
	gboolean pdf = g_strcmp0(format, "pdf") == 0, seen;
	if (format != NULL && !pdf && strcmp(format, "text") != 0 && (!csv || strcmp(format, "csv") != 0))
		return cli_fail(error, CLI_ERROR_USAGE, csv ? _("--format takes text, pdf or csv") : _("--format takes text or pdf"));
	if (pdf && output == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("a PDF needs a file: say --output FILE"));
	if (options_flag(options, "json") && (format != NULL || output != NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), "json",
		                format != NULL ? "format" : "output");
	language = options_value(options, "language");
	if (language != NULL && !language_use(language))
		return cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
	return output == NULL ||
	       (write_file_check(output, error) && exports_check_place(output, options_flag(options, "even-so"), &seen, error));
}

gboolean personal_leave(const Personal *personal, const Paper *paper, const WipeBuffer *csv, GError **error)
{
	const Options *options = personal->session->cli->options;
	const char *output = options_value(options, "output");
	if (output == NULL)
		return csv != NULL ? output_octets(NULL, wipe_buffer_data(csv), wipe_buffer_size(csv), error) : paper_show(paper, error);
	gboolean pdf = g_strcmp0(options_value(options, "format"), "text") != 0;
	g_autoptr(GBytes) octets = csv == NULL ? paper_octets(paper, pdf, desk_client_officer(personal->session->desk), error) : NULL;
	gsize size = csv != NULL ? wipe_buffer_size(csv) : 0;
	const void *data = csv != NULL ? wipe_buffer_data(csv) : octets != NULL ? g_bytes_get_data(octets, &size) : NULL;
	return data != NULL && exports_add(personal->mailbox, personal->entry, output, error) &&
	       output_octets(output, data, size, error);
}
