/* SPDX-License-Identifier: ISC */
#include "cli/answer.h"

#include <string.h>

#include "base/day.h"
#include "base/escape.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/write-file.h"
#include "policy/answer.h"
#include "policy/bodies.h"
#include "policy/letter.h"
#include "store/note.h"
#include "store/sealed-text.h"

void answer_clear(Answer *answer)
{
	wipe_text_free(answer->ground);
	opening_free(answer->card);
	json_decref(answer->lists);
	wipe_text_free(answer->own_body);
	if (answer->despite != NULL)
		g_ptr_array_unref(answer->despite);
	wipe_text_free(answer->text);
	wipe_text_free(answer->whole);
	wipe_text_free(answer->to);
	wipe_text_free(answer->asked_number);
	wipe_text_free(answer->asked_date);
	outgoing_clear(&answer->letter);
}

/* --- before it begins ------------------------------------------------------------------------------------------------------- */

gboolean answer_may_be(const Case *c, GError **error)
{
	if (c->redirected != NULL && strcmp(c->redirected, "wrong") != 0)
		return cli_fail(error, CLI_ERROR_REFUSED,
		                _("%s was redirected to law enforcement, so it gets no answer on its substance (paragraph 6): enter that with senim reply %s --no-answer WORD, or that the redirection was wrong"),
		                c->name, c->name);
	if (strstr(c->name, "/X-") != NULL)
		return cli_fail(error, CLI_ERROR_REFUSED, _("%s is no report yet, so nobody is answered: senim accept gives it its number"), c->name);
	return strcmp(c->state, "set-aside") != 0 ||
	       cli_fail(error, CLI_ERROR_REFUSED, _("%s was set aside, so nobody is answered: senim reopen takes it back into the work"), c->name);
}

/* That of the report where it is one of ours; else hers. */
static const char *language_of(const Case *c, const char *wanted)
{
	static const char *const languages[] = {"kk", "ru", "en", NULL};
	const char *fact = case_fact(c, "language");
	if (wanted != NULL)
		return g_strv_contains(languages, wanted) ? wanted : NULL;
	return g_strv_contains(languages, fact) ? fact : language_shown();
}

gboolean answer_begin(Answer *answer, const Options *options, GError **error)
{
	Session *session = answer->session;
	answer->despite = g_ptr_array_new();
	answer->language = language_of(answer->c, options_value(options, "language"));
	if (answer->language == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), "language", " kk ru en");
	answer->ground = session_ground(session, error);
	if (answer->ground == NULL)
		return FALSE;
	session_warn_host(session);
	json_t *body = json_pack("{s:s}", "mailbox", answer->c->mailbox);
	answer->lists = desk_client_post(session->desk, "/v1/letters", body, NULL, error);
	answer->card = answer->lists != NULL ? opening_open(session, answer->message, SEAL_PART_CARD, answer->advice ? "advise" : "reply",
	                                                    answer->ground, NULL, error)
	                                     : NULL;
	return answer->card != NULL;
}

/* --- what she has to know first ---------------------------------------------------------------------------------------------- */

gboolean answer_ask(const char *warning, GError **error)
{
	const char *yes = _("yes");
	g_autofree char *question = g_strdup_printf(_("%s\nTo go on all the same, type “%s”: "), warning, yes);
	g_autofree char *shown = escape_text(question, -1, ESCAPE_TEXT);
	g_autoptr(WipeText) typed = form_line(shown, NULL);
	return (typed != NULL && strcmp(g_strstrip(typed), yes) == 0) ||
	       cli_fail(error, CLI_ERROR_REFUSED, _("nothing was sent or entered: that takes the word, typed on a terminal"));
}

gboolean answer_ask_used(Session *session, const Case *c, const char *number, const char *date, GError **error)
{
	json_t *body = json_pack("{s:s, s:o, s:s}", "mailbox", c->mailbox, "number", output_string(number, strlen(number)), "date", date);
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/number", body, NULL, error);
	if (answer == NULL || !json_is_true(json_object_get(answer, "used")))
		return answer != NULL;
	g_autofree char *warning = g_strdup_printf(
		_("The register has an outgoing letter of that year under number %s already: see whether the chancellery gave it twice, or it was mistyped."), number);
	return answer_ask(warning, error);
}

json_t *answer_despite(const GPtrArray *despite, Record *own)
{
	json_t *words = json_array();
	for (guint i = 0; despite != NULL && i < despite->len; i++) {
		record_add(own, "despite", despite->pdata[i]);
		json_array_append_new(words, json_string(despite->pdata[i]));
	}
	return words;
}

/* And the word that the entry has of it. */
static gboolean ask_despite(Answer *answer, const char *word, const char *warning, GError **error)
{
	if (!answer_ask(warning, error))
		return FALSE;
	g_ptr_array_add(answer->despite, (gpointer)word);
	return TRUE;
}

static gboolean warn_of_mark(Answer *answer, GError **error)
{
	const Case *c = answer->c;
	if (c->redirected != NULL || strcmp(case_fact(c, "verdict"), "redirect") != 0)
		return TRUE;
	g_autofree char *warning = g_strdup_printf(
		_("%s is marked for law enforcement: threats or abuse get no answer on their substance (paragraph 6), and senim redirect sends it there. The mark is the program's; if you have read the letter and it is wrong, it can be answered."),
		c->name);
	return ask_despite(answer, "mark", warning, error);
}

/* What an officer entered holds until an answer is given in spite of it. */
static gboolean warn_of_none(Answer *answer, GError **error)
{
	if (g_strcmp0(answer->c->reply.by, "none") != 0)
		return TRUE;
	g_autofree char *warning = g_strdup_printf(
		_("It was entered of %s that no answer on its substance is due (senim show %s --row says by whom and why). An answer takes that back."),
		answer->c->name, answer->c->name);
	return ask_despite(answer, "no-answer", warning, error);
}

/* KMO 24, second part: the organisation does not answer for who was told by the reporter himself. */
static gboolean warn_of_recipients(Answer *answer, GError **error)
{
	g_autoptr(GString) others = g_string_new(NULL);
	const char *one;
	for (guint i = 0; (one = record_get_nth(answer->card->card, "recipient", i)) != NULL; i++)
		g_string_append_printf(others, "%s%s", others->len > 0 ? ", " : "", one);
	if (others->len == 0 || strcmp(answer->by, "mail") != 0)
		return TRUE;
	g_autofree char *warning = g_strdup_printf(
		_("The letter went to others too: %s. They know that he wrote here, for which the organisation is not answerable (paragraph 24); your answer goes to the reporter alone."),
		others->str);
	gboolean good = ask_despite(answer, "disclosed", warning, error);
	explicit_bzero(others->str, others->len);
	return good;
}

const char *answer_unsafe(const Case *c)
{
	return c->unsafe ? _("An officer has marked the reporter's address: no letter is to go there. Others may read it before the reporter does.")
	                 : _("The reporter asks not to be answered. A letter may give him away to who reads his mail.");
}

static gboolean warn_of_address(Answer *answer, GError **error)
{
	if (!case_is_unsafe(answer->c) || strcmp(answer->by, "person") == 0)
		return TRUE;
	return ask_despite(answer, "unsafe", answer_unsafe(answer->c), error);
}

gboolean answer_warn(Answer *answer, GError **error)
{
	return warn_of_mark(answer, error) && warn_of_none(answer, error) && warn_of_recipients(answer, error) && warn_of_address(answer, error);
}

/* --- which body --------------------------------------------------------------------------------------------------------------- */

static const char *label_of(const Answer *answer, const json_t *item, const char *language)
{
	const char *label = json_string_value(json_object_get(item, language));
	return label != NULL ? label : answer->body;
}

/* In her own words, one line. */
static gboolean ask_body(Answer *answer, GError **error)
{
	g_autoptr(GError) cause = NULL;
	answer->own_body = form_line(_("Which body, as it stands in the letter: "), &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	answer->body_label = answer->own_body;
	return answer->own_body != NULL || cli_fail(error, CLI_ERROR_USAGE, _("no body was named, and nothing was sent or entered"));
}

/* Those that are offered, `other` the last. */
static gboolean offer_bodies(Answer *answer, GError **error)
{
	json_t *list = json_object_get(answer->lists, "bodies"), *item;
	g_autoptr(GPtrArray) labels = g_ptr_array_new(), ids = g_ptr_array_new();
	gsize i;
	json_array_foreach(list, i, item) {
		const char *id = json_string_value(json_object_get(item, "id"));
		if (id == NULL || json_is_true(json_object_get(item, "off")))
			continue;
		g_ptr_array_add(ids, (gpointer)id);
		g_ptr_array_add(labels, (gpointer)label_of(answer, item, language_shown()));
	}
	g_ptr_array_add(ids, (gpointer)BODIES_OTHER);
	g_ptr_array_add(labels, (gpointer)_("another, in your own words"));
	int chosen = form_choose(_("Which body is he told to turn to?"), (const char *const *)labels->pdata, labels->len, labels->len);
	if (chosen < 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("no body was named, and nothing was sent or entered"));
	answer->body = ids->pdata[chosen];
	return TRUE;
}

gboolean answer_choose_body(Answer *answer, const char *wanted, GError **error)
{
	json_t *list = json_object_get(answer->lists, "bodies"), *item;
	g_autoptr(GString) names = g_string_new(BODIES_OTHER);
	gsize i;
	answer->body = wanted;
	if (wanted == NULL && !offer_bodies(answer, error))
		return FALSE;
	if (strcmp(answer->body, BODIES_OTHER) == 0)
		return ask_body(answer, error);
	json_array_foreach(list, i, item) {
		const char *id = json_string_value(json_object_get(item, "id"));
		if (id != NULL && !json_is_true(json_object_get(item, "off")))
			g_string_append_printf(names, ", %s", id);
		if (g_strcmp0(id, answer->body) == 0)
			answer->body_label = label_of(answer, item, answer->language);
	}
	g_autofree char *shown = escape_text(names->str, -1, ESCAPE_LINE);
	return answer->body_label != NULL || cli_fail(error, CLI_ERROR_USAGE, _("which body is he told to turn to? --to takes one of: %s"), shown);
}

/* --- to which address ----------------------------------------------------------------------------------------------------------- */

static void add_address(GPtrArray *found, const char *address)
{
	if (address == NULL || !letter_address_is_valid(address))
		return;
	for (guint i = 0; i < found->len; i++)
		if (g_ascii_strcasecmp(found->pdata[i], address) == 0)
			return;
	g_ptr_array_add(found, (gpointer)address);
}

/* Those that the card gives, each once: the sender's, those for answers, those in the text. Borrowed. */
static GPtrArray *addresses_of(const Record *card)
{
	GPtrArray *found = g_ptr_array_new();
	const char *one;
	for (guint i = 0; (one = record_get_nth(card, "reply-to", i)) != NULL; i++)
		add_address(found, one);
	add_address(found, record_get(card, "envelope-from"));
	add_address(found, record_get(card, "from-address"));
	for (guint i = 0; (one = record_get_nth(card, "suggested", i)) != NULL; i++)
		if (g_str_has_prefix(one, "email ") && strchr(one + strlen("email "), ' ') != NULL)
			add_address(found, form_suggested_value(one));
	return found;
}

static const char *offer_addresses(const GPtrArray *found, GError **error)
{
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
	if (found->len == 0) {
		cli_fail(error, CLI_ERROR_FAILED, _("the letter names no address for an answer: name one if the report gives one, or answer --by paper or --by person"));
		return NULL;
	}
	if (found->len == 1)
		return found->pdata[0];
	for (guint i = 0; i < found->len; i++)
		g_ptr_array_add(labels, escape_text(found->pdata[i], -1, ESCAPE_LINE));
	int chosen = form_choose(_("To which address of the reporter?"), (const char *const *)labels->pdata, labels->len, labels->len);
	if (chosen >= 0)
		return found->pdata[chosen];
	cli_fail(error, CLI_ERROR_USAGE, _("no address was chosen, and nothing was sent"));
	return NULL;
}

static gboolean is_own_domain(const json_t *lists, const char *address)
{
	json_t *list = json_object_get(lists, "own_domains"), *item;
	const char *at = strrchr(address, '@');
	g_autofree char *domain = g_ascii_strdown(at != NULL ? at + 1 : "", -1);
	gsize i;
	json_array_foreach(list, i, item) {
		g_autofree char *own = g_ascii_strdown(json_is_string(item) ? json_string_value(item) : "", -1);
		g_autofree char *below = g_strconcat(".", own, NULL);
		if (strcmp(domain, own) == 0 || g_str_has_suffix(domain, below))
			return TRUE;
	}
	return FALSE;
}

gboolean answer_ask_own(const json_t *lists, const char *to, gboolean *own, GError **error)
{
	*own = is_own_domain(lists, to);
	if (!*own)
		return TRUE;
	g_autofree char *warning = g_strdup_printf(_("%s lies in the organisation's own domains: the employer and the administrators can read that mailbox."), to);
	return answer_ask(warning, error);
}

gboolean answer_choose_address(Answer *answer, const char *wanted, GError **error)
{
	g_autoptr(GPtrArray) found = addresses_of(answer->card->card);
	const char *to = wanted != NULL ? wanted : offer_addresses(found, error);
	if (to == NULL)
		return FALSE;
	if (!letter_address_is_valid(to))
		return cli_fail(error, CLI_ERROR_USAGE, _("a letter cannot be sent to that address: it takes one like name@example.kz"));
	answer->to = g_strdup(to);
	if (!answer_ask_own(answer->lists, to, &answer->letter.own_domain, error))
		return FALSE;
	if (answer->letter.own_domain)
		g_ptr_array_add(answer->despite, (gpointer)"own-domain");
	return TRUE;
}

/* --- under which number ------------------------------------------------------------------------------------------------------------ */

/* NULL without *error: an empty line, or nobody to ask. */
static WipeText *ask_line(const char *question, GError **error)
{
	g_autoptr(GError) cause = NULL;
	WipeText *line = form_line(question, &cause);
	if (cause != NULL && !g_error_matches(cause, CLI_ERROR, CLI_ERROR_USAGE))
		g_propagate_error(error, g_steal_pointer(&cause));
	return line;
}

gboolean answer_ask_number(Answer *answer, GError **error)
{
	g_autoptr(GError) cause = NULL;
	GTimeZone *zone = desk_client_zone(answer->session->desk);
	if (answer->number != NULL || strcmp(answer->by, "person") == 0)
		return TRUE;
	answer->asked_number = ask_line(_("Outgoing number (Enter: none yet): "), &cause);
	g_autoptr(WipeText) day = answer->asked_number != NULL ? ask_line(_("Its date, DD.MM.YYYY (Enter: today): "), &cause) : NULL;
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	if (answer->asked_number == NULL)
		return TRUE;
	answer->asked_date = day != NULL ? moment_typed(day) : moment_today(zone, NULL);
	answer->number = answer->asked_number;
	answer->date = answer->asked_date;
	return moment_check_issued(answer->date, case_moment(answer->c), zone, error) &&
	       answer_ask_used(answer->session, answer->c, answer->number, answer->date, error);
}

/* --- what it says ----------------------------------------------------------------------------------------------------------------- */

static char *question_of(const Answer *answer)
{
	g_autofree char *name = case_shown(answer->c, answer->session->desk);
	return answer->advice ? g_strdup_printf(_("What the letter on %s says besides the body (nothing: it is enough)."), name)
	                      : g_strdup_printf(_("Your answer to %s; greeting and closing are added."), name);
}

static gboolean take_text(Answer *answer, WipeText *given, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autofree char *question = question_of(answer);
	answer->text = given != NULL ? given : form_text(question, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	if (answer->text != NULL)
		g_strstrip(answer->text);
	gboolean empty = answer->text == NULL || *answer->text == '\0';
	return !empty || answer->advice || cli_fail(error, CLI_ERROR_USAGE, _("nothing was written, and nothing was sent or entered"));
}

gboolean answer_write(Answer *answer, WipeText *given, GError **error)
{
	g_autoptr(GError) cause = NULL;
	if (!take_text(answer, given, error))
		return FALSE;
	g_autofree char *name = g_strdup_printf("%s.%s", answer->advice ? "advice" : "answer", answer->language);
	const char *template = json_string_value(json_object_get(json_object_get(answer->lists, "templates"), name));
	if (template == NULL)
		return desk_form_error(error, name);
	char code[NOTE_CODE_LENGTH + 1];
	note_code(verify_look_root(answer->card->act->look), code);
	AnswerFacts facts = {.code = code, .paper = strcmp(answer->by, "mail") != 0,
	                     .organisation = desk_client_organisation(answer->session->desk), .mailbox = answer->c->mailbox,
	                     .post = json_string_value(json_object_get(answer->lists, "post")), .number = answer->c->name,
	                     .outgoing = answer->number, .body = answer->body_label, .text = answer->text};
	day_at(answer->c->received, desk_client_zone(answer->session->desk), &facts.date);
	g_date_clear(&facts.issued, 1);
	if (answer->date != NULL)
		day_read(answer->date, &facts.issued);
	answer->whole = answer_compose(template, &facts, &cause);
	return answer->whole != NULL || cli_fail(error, CLI_ERROR_FAILED, _("the letter cannot be made: %s"), cause->message);
}

gboolean answer_confirm(Answer *answer, GError **error)
{
	const char *message_id = record_get(answer->card->card, "message-id");
	answer->letter.to = answer->to;
	answer->letter.message_id = message_id != NULL ? message_id : "-";
	answer->letter.language = answer->language;
	answer->letter.subject = answer->advice ? "advice" : "answer";
	answer->letter.text = answer->whole;
	if (outgoing_confirm(&answer->letter, answer->c->mailbox, error))
		return TRUE;
	if (face() != NULL && answer->text != NULL) {
		g_autofree char *question = question_of(answer);
		face()->keep(question, answer->text);
	}
	return FALSE;
}

gboolean answer_print(const Answer *answer, const char *output, GError **error)
{
	const OutgoingPaper paper = {.organisation = desk_client_organisation(answer->session->desk), .mailbox = answer->c->mailbox,
	                             .name = answer->c->name, .to = answer->to, .text = answer->whole, .language = answer->language,
	                             .numbered = answer->number != NULL};
	return outgoing_print(&paper, output, error);
}

WipeText *answer_record(const Answer *answer, GError **error)
{
	json_t *files = json_array();
	for (guint i = 0; i < answer->letter.n_files; i++)
		json_array_append_new(files, json_string(answer->letter.files[i].name));
	g_autoptr(json_t) object = json_pack("{s:o, s:s, s:o}", "to", answer->to != NULL ? json_string(answer->to) : json_null(), "text",
	                                     answer->whole, "files", files);
	char *dumped = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	WipeText *text = g_strdup(dumped);
	explicit_bzero(dumped, strlen(dumped));
	free(dumped);
	if (strlen(text) <= SEALED_TEXT_MAX)
		return text;
	wipe_text_free(text);
	cli_fail(error, CLI_ERROR_USAGE, _("the answer is too long for one entry: write the main thing, and attach the rest as a file"));
	return NULL;
}
