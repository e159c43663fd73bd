/* SPDX-License-Identifier: ISC */
/* senim forward CASE: to a competent organisation or a department, without its writer unless he agreed or a law asks for it.
 *
 * What leaves is shown whole, from the same page that becomes the document; she says that no name which stays is the writer's,
 * types the addressee's name to it, or more words to hide. Of whom the report speaks does not get it, but by a second officer's word (--allow). */
#include <string.h>

#include "base/escape.h"
#include "cli/answer.h"
#include "cli/casework.h"
#include "cli/exports.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/forward-kit.h"
#include "cli/handout.h"
#include "cli/messages.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/redacted.h"
#include "cli/write-file.h"

#define ROUNDS 20 /* of marking words */

typedef struct {
	Session *session;
	Case *c;
	json_t *to;          /* the addressee */
	const char *name;    /* its NAME */
	const char *output;  /* on paper; NULL: by mail */
	gboolean identity, law;
	guint64 consent;     /* the entry of the message that consents; 0: the text says */
	WipeText *words;     /* the consent's, or the law's; NULL */
	WipeText *ground;
	RedirectMail mail;
	/* of the opened letter */
	Opening *card, *body;
	Bundle *view;
	Row *row;
	WipeText *hidden;    /* what she marked */
	gboolean named;
} Forward;

static void forward_clear(Forward *f)
{
	g_clear_pointer(&f->card, opening_free);
	g_clear_pointer(&f->body, opening_free);
	g_clear_pointer(&f->view, bundle_free);
	g_clear_pointer(&f->row, row_free);
	g_clear_pointer(&f->mail.key, g_bytes_unref);
	wipe_text_free(f->words);
	wipe_text_free(f->ground);
	wipe_text_free(f->hidden);
	json_decref(f->to);
	case_free(f->c);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Forward, forward_clear)

static const char *of_addressee(const Forward *f, const char *key)
{
	return json_string_value(json_object_get(f->to, key));
}

static gboolean say_done(const Forward *f, const char *state, const char *file, const char *line, GError **error)
{
	g_autofree char *name = case_shown(f->c, f->session->desk);
	if (options_flag(f->session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:s, s:o, s:o, s:s}", "case", output_value(name), "forwarding", state, "to",
		                             output_value(f->name), "file", output_value(file), "form", f->identity ? "identity" : "redacted"), error);
	g_autofree char *shown = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(shown, error);
}

/* --- the entry ------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *act, *by, *kit, *number, *date;
	GBytes *letter; /* by mail: what goes into the outbox */
} Entered;

static gboolean enter(Forward *f, const Entered *what, GError **error)
{
	const gboolean begins = what->kit != NULL;
	const char *kit = begins ? what->kit : "-", *number = what->number != NULL ? what->number : "-";
	const char *date = what->date != NULL ? what->date : "-", *form = !begins ? "-" : f->identity ? "identity" : "redacted";
	const char *consent = !begins || !f->identity ? "-" : f->law ? "law" : "reporter";
	const guint64 of = begins ? 0 : f->c->forwarding;
	gsize size = 0;
	const void *octets = what->letter != NULL ? g_bytes_get_data(what->letter, &size) : NULL;
	g_autoptr(WipeText) letter = g_base64_encode(octets, size);
	g_autoptr(Record) own = record_new();
	record_add(own, "act", what->act);
	record_add(own, "to", f->name);
	record_add(own, "by", what->by);
	record_add(own, "kit", kit);
	record_add(own, "number", number);
	record_add(own, "date", date);
	record_add_uint(own, "of", of);
	record_add(own, "form", form);
	record_add(own, "consent", consent);
	record_add_uint(own, "message", f->consent);
	record_add_bool(own, "named", f->named);
	record_add(own, "letter", what->letter != NULL ? "queued" : "-");
	json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:s, s:s, s:s, s:I, s:b}", "act", what->act, "to", f->name, "by",
	                         what->by, "kit", kit, "number", output_string(number, strlen(number)), "date", date, "of", (json_int_t)of,
	                         "letter", letter, "form", form, "consent", consent, "message", (json_int_t)f->consent, "named", f->named);
	const CaseworkAct act = {.kind = ENTRY_FORWARDED, .target = "/v1/forward", .own = own, .takes_text = TRUE,
	                         .text = begins ? f->words : NULL, .body = body};
	return casework_act(f->session, f->c, &act, f->ground, error);
}

/* --- what leaves ----------------------------------------------------------------------------------------------------- */

/* The names by which a report may speak of the addressee (elements borrowed, NULL-terminated). */
static GPtrArray *names_of(const Forward *f)
{
	json_t *list = json_object_get(f->to, "names"), *name;
	GPtrArray *names = g_ptr_array_new();
	gsize i;
	g_ptr_array_add(names, (gpointer)of_addressee(f, "name_kk"));
	g_ptr_array_add(names, (gpointer)of_addressee(f, "name_ru"));
	json_array_foreach(list, i, name)
		if (json_is_string(name) && names->len < 60)
			g_ptr_array_add(names, (gpointer)json_string_value(name));
	g_ptr_array_add(names, NULL);
	return names;
}

static Redacted *redact(const Forward *f, GError **error)
{
	g_autoptr(GPtrArray) names = names_of(f);
	const RedactedLetter letter = {f->view, f->card->card, f->body->fields, f->row, f->hidden, (const char *const *)names->pdata,
	                               case_fact(f->c, "language")};
	return redacted_new(f->session->examiner, &letter, error);
}

/* Who it is, in a document that says so; NULL-terminated, NULL where it does not. */
static GPtrArray *writer_of(const Forward *f)
{
	const char *const none[] = {NULL};
	const RedactedLetter letter = {f->view, f->card->card, f->body->fields, f->row, NULL, none, "ru"};
	return f->identity ? redacted_writer(&letter) : NULL;
}

static char *consent_shown(const Forward *f)
{
	if (f->consent != 0)
		return g_strdup("Өтініш берушінің жазбаша келісімі / Письменное согласие заявителя");
	return g_strdup(f->words);
}

/* text: without its writer, or as it came. */
static Page *make_page(const Forward *f, const char *text, const char *code)
{
	g_autoptr(GPtrArray) writer = writer_of(f);
	g_autoptr(WipeText) consent = consent_shown(f);
	g_autofree char *received = format_time_iso(f->c->received, desk_client_zone(f->session->desk));
	const ForwardKit kit = {
		.organisation = desk_client_organisation(f->session->desk),
		.mailbox = f->c->mailbox,
		.number = f->c->name,
		.name_kk = of_addressee(f, "name_kk"),
		.name_ru = of_addressee(f, "name_ru"),
		.address = of_addressee(f, "address"),
		.received = received,
		.text = text,
		.writer = writer != NULL ? (const char *const *)writer->pdata : NULL,
		.consent = consent,
		.code = code,
	};
	return forward_kit_page(&kit);
}

/* Sealed to its key or in clear: the letter beside the document. */
static WipeText *shown(const Forward *f, const Redacted *redacted, const Page *page)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(16384);
	g_autoptr(WipeText) plain = page_plain(page), list = f->identity ? NULL : redacted_list(redacted);
	g_autofree char *facts = f->output == NULL ? redirect_mail_facts(&f->mail) : NULL;
	if (list != NULL) {
		wipe_buffer_add_text(out, list);
		wipe_buffer_add_text(out, "\n");
	}
	wipe_buffer_add_text(out, _("EXACTLY THIS LEAVES:"));
	wipe_buffer_add_text(out, "\n\n");
	if (facts != NULL) {
		g_autofree char *head = g_strdup_printf(_("To: %s\nText of the letter:\n"), of_addressee(f, "mail"));
		g_autofree char *both = g_strconcat(head, facts, "\n", _("Attached document (kit.pdf):"), "\n\n", NULL);
		g_autofree char *safe = escape_text(both, -1, ESCAPE_TEXT);
		wipe_buffer_add_text(out, safe);
	}
	wipe_buffer_add_text(out, plain); /* page.c escaped it */
	return g_strdup(wipe_buffer_data(out));
}

static void mark(Forward *f, const char *words)
{
	WipeText *all = f->hidden != NULL ? g_strconcat(f->hidden, ";", words, NULL) : g_strdup(words);
	wipe_text_free(f->hidden);
	f->hidden = all;
}

/* What is looked at stands above the first question of a terminal; on a screen it was shown. NULL: she typed nothing. */
static WipeText *ask(const WipeText **text, const char *question)
{
	g_autoptr(WipeText) safe = escape_text(question, -1, ESCAPE_TEXT);
	g_autoptr(WipeText) asked = *text != NULL ? g_strconcat(*text, "\n", safe, NULL) : g_strdup(safe);
	*text = NULL;
	WipeText *typed = form_line(asked, NULL);
	if (typed != NULL && *g_strstrip(typed) == '\0')
		g_clear_pointer(&typed, wipe_text_free);
	return typed;
}

/* The names that stay may be those of the accused; whether one is the writer's, no program knows: she says that none is, or
 * types what is to be hidden too (*again). */
static gboolean confirm_names(Forward *f, const Redacted *redacted, const WipeText **text, gboolean *again, GError **error)
{
	const char *yes = _("yes");
	g_autoptr(WipeText) names = f->identity ? NULL : redacted_named(redacted);
	if (names == NULL)
		return TRUE;
	g_autoptr(WipeText) question = g_strdup_printf(
		_("Names that stay in the text: %s\nOne of them may be the writer's. If none is, type “%s”; to hide more words, type them, with ; between them: "),
		names, yes);
	g_autoptr(WipeText) typed = ask(text, question);
	*again = typed != NULL && strcmp(typed, yes) != 0;
	if (*again)
		mark(f, typed);
	return typed != NULL || cli_fail(error, CLI_ERROR_REFUSED,
	                                 _("nothing was forwarded: names stay in the text, and that none is the writer's is said by “%s”, typed on a terminal"), yes);
}

/* The second yes: the addressee's name, typed; other words are hidden, and it is shown again (*again). */
static gboolean confirm(Forward *f, const Redacted *redacted, const WipeText *text, gboolean *again, GError **error)
{
	if (face() != NULL && !face()->show(text, strlen(text), error))
		return FALSE;
	const WipeText *above = face() != NULL ? NULL : text;
	if (!confirm_names(f, redacted, &above, again, error) || *again)
		return *again;
	g_autofree char *question = g_strdup_printf(
		f->identity ? _("This is all that leaves. To forward it with the writer's name to %s, type %s: ")
		            : _("This is all that leaves. To forward it to %s, type %s; to hide more words, type them, with ; between them: "),
		f->name, f->name);
	g_autoptr(WipeText) typed = ask(&above, question);
	*again = typed != NULL && strcmp(typed, f->name) != 0 && !f->identity;
	if (*again)
		mark(f, typed);
	return *again || (typed != NULL && strcmp(typed, f->name) == 0) ||
	       cli_fail(error, CLI_ERROR_REFUSED, _("nothing was forwarded: that takes the name of the addressee, typed on a terminal"));
}

/* Of whom it speaks does not get it by one officer's word. */
static gboolean check_named(Forward *f, const Redacted *redacted, GError **error)
{
	f->named = redacted->about->len > 0;
	if (!f->named)
		return TRUE;
	g_autofree char *who = escape_text(redacted->about->pdata[0], -1, ESCAPE_LINE), *name = case_shown(f->c, f->session->desk);
	if (g_strcmp0(f->c->forward_allowed, f->name) == 0 &&
	    g_strcmp0(f->c->forward_allowed_by, desk_client_officer(f->session->desk)) != 0) {
		g_autofree char *sentence = g_strdup_printf(_("the report speaks of %s; %s allowed that it goes there"), who, f->c->forward_allowed_by);
		face_warn(sentence);
		return TRUE;
	}
	return cli_fail(error, CLI_ERROR_REFUSED,
	                _("%s speaks of %s, and is not forwarded there: choose another addressee, or let a second officer read it and allow it with senim forward %s --to %s --allow"),
	                name, who, name, f->name);
}

/* Looked at until she says yes: the page of which the document is made (transfer full). */
static Page *look_at_it(Forward *f, GError **error)
{
	gsize size;
	g_autofree char *code = session_request();
	const char *whole = g_bytes_get_data(bundle_part(f->view, "text"), &size);
	g_autoptr(WipeText) original = g_strndup(whole != NULL ? whole : "", size);
	for (guint i = 0; i < ROUNDS; i++) {
		gboolean again = FALSE;
		g_autoptr(Redacted) redacted = redact(f, error);
		if (redacted == NULL || !check_named(f, redacted, error))
			return NULL;
		g_autoptr(Page) page = make_page(f, f->identity ? original : redacted->text, code);
		g_autoptr(WipeText) text = shown(f, redacted, page);
		if (!confirm(f, redacted, text, &again, error))
			return NULL;
		if (!again)
			return g_steal_pointer(&page);
	}
	cli_fail(error, CLI_ERROR_REFUSED, _("nothing was forwarded: too many words were marked one after another"));
	return NULL;
}

/* --- opened, and made --------------------------------------------------------------------------------------------------- */

static gboolean open_letter(Forward *f, const Case *message, GError **error)
{
	const char *act = f->output != NULL ? "export" : "forward";
	session_warn_host(f->session);
	if ((f->row = casework_row(f->session, f->c, f->ground, error)) == NULL ||
	    (f->card = opening_open(f->session, message, SEAL_PART_CARD, "forward", f->ground, NULL, error)) == NULL ||
	    (f->body = opening_open(f->session, message, SEAL_PART_BODY, act, f->ground, NULL, error)) == NULL)
		return FALSE;
	f->view = opening_view(f->session, message, f->body, error);
	return f->view != NULL;
}

/* The list of exports first: a file that is listed and was not written harms nobody, the reverse is forgotten. */
static gboolean write_document(Forward *f, GBytes *pdf, GError **error)
{
	gsize size;
	gboolean seen;
	const void *data = g_bytes_get_data(pdf, &size);
	if (!exports_check_place(f->output, TRUE, &seen, error) ||
	    !exports_add(f->c->mailbox, verify_look_act_seq(f->body->act->look), f->output, error) || !write_file_new(f->output, data, size, error))
		return FALSE;
	g_autofree char *name = case_shown(f->c, f->session->desk);
	g_autofree char *line = face() != NULL
		? g_strdup_printf(_("What is forwarded of %s to %s is written: print %s, destroy it (F7), and enter the number that the chancellery gives (F2).\n"),
		                  name, f->name, f->output)
		: g_strdup_printf(
			_("What is forwarded of %s to %s is written: print %s, destroy it with senim purge, and enter what the chancellery gives: senim forward %s --number NUMBER --date DATE\n"),
			name, f->name, f->output, name);
	return say_done(f, "made", f->output, line, error);
}

static gboolean send_it(Forward *f, GBytes *pdf, GError **error)
{
	f->mail.kit = pdf;
	g_autoptr(GBytes) letter = redirect_mail_compose(&f->mail, error);
	if (letter == NULL)
		return FALSE;
	g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, letter);
	const Entered queued = {.act = "queued", .by = redirect_mail_word(f->mail.form), .kit = digest, .letter = letter};
	g_autofree char *name = case_shown(f->c, f->session->desk);
	g_autofree char *line = g_strdup_printf(f->mail.form == REDIRECT_MAIL_CLEAR ? _("What is forwarded of %s, in clear, waits to be sent to %s.\n")
	                                                                            : _("What is forwarded of %s, sealed to its key, waits to be sent to %s.\n"),
	                                        name, of_addressee(f, "mail"));
	return enter(f, &queued, error) && say_done(f, "queued", NULL, line, error);
}

static gboolean make(Forward *f, const Case *message, GError **error)
{
	g_autoptr(Page) page = open_letter(f, message, error) ? look_at_it(f, error) : NULL;
	g_autoptr(GBytes) pdf = page != NULL ? page_render(page, error) : NULL;
	if (pdf == NULL || (f->output == NULL && f->mail.form == REDIRECT_MAIL_CLEAR && !handout_ask_clear(f->c, &f->mail, of_addressee(f, "mail"), error)))
		return FALSE;
	if (f->output == NULL)
		return send_it(f, pdf, error);
	g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, pdf);
	const Entered made = {.act = "made", .by = "paper", .kit = digest};
	return enter(f, &made, error) && write_document(f, pdf, error);
}

/* --- before anything is opened -------------------------------------------------------------------------------------------- */

/* By mail what can be refused or declined is now: the key, and that it is the addressee's own. */
static gboolean choose_way(Forward *f, GError **error)
{
	f->mail = (RedirectMail){
		.organisation = desk_client_organisation(f->session->desk),
		.mailbox = f->c->mailbox,
		.number = f->c->name,
		.name = f->name,
		.forwarded = TRUE,
		.zone = desk_client_zone(f->session->desk),
	};
	if (f->output != NULL)
		return TRUE;
	if (strcmp(of_addressee(f, "by"), "mail") != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("the document needs a file to be printed from: name a new one with --output FILE"));
	return handout_form(f->to, &f->mail, error) && redirect_mail_check(&f->mail, error) && handout_check_key(f->session, f->c, &f->mail, error);
}

/* Which message of the case says so; by its number, as show lists them. */
static gboolean find_consent(Forward *f, const Messages *messages, const char *typed, GError **error)
{
	guint64 number = 0;
	if (typed == NULL)
		return TRUE;
	if (!g_ascii_string_to_unsigned(typed, 10, 1, 999999999, &number, NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--consent takes the number of the message in which the reporter agrees: show CASE lists them"));
	const guint64 i = number - messages->first;
	if (number == 1)
		f->consent = f->c->seq;
	else if (number >= messages->first && i < messages->rows->len && !((const Case *)messages->rows->pdata[i])->elsewhere)
		f->consent = ((const Case *)messages->rows->pdata[i])->seq;
	else
		return cli_fail(error, CLI_ERROR_FAILED, _("%s has no message %s: show CASE lists them"), f->c->name, typed);
	return TRUE;
}

/* The words of a consent that was not written to the mailbox, or the law and its article. */
static gboolean ask_words(Forward *f, GError **error)
{
	g_autoptr(GError) cause = NULL;
	if (!f->identity || f->consent != 0)
		return TRUE;
	f->words = casework_stdin(f->session->cli->options, 2, &cause);
	if (f->words == NULL && cause == NULL)
		f->words = form_line(f->law ? _("By which law, article and request the writer is named: ")
		                            : _("When, how and in what words the reporter agreed to be named: "), &cause);
	if (f->words == NULL && cause == NULL)
		cli_fail(&cause, CLI_ERROR_REFUSED, _("without the reporter's consent or a law nobody is named: leave --with-identity out"));
	if (cause != NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	return f->words != NULL;
}

static gboolean begin(Forward *f, GError **error)
{
	const Options *options = f->session->cli->options;
	f->output = options_value(options, "output");
	f->identity = options_flag(options, "with-identity");
	f->law = options_flag(options, "law");
	if (!choose_way(f, error))
		return FALSE;
	g_autoptr(Messages) messages = messages_fetch(f->session, f->c, error);
	if (messages == NULL || !find_consent(f, messages, options_value(options, "consent"), error) || !ask_words(f, error) ||
	    (f->ground = session_ground(f->session, error)) == NULL)
		return FALSE;
	return make(f, messages->message != NULL ? messages->message : f->c, error);
}

/* --- afterwards, and beside ----------------------------------------------------------------------------------------------- */

static gboolean enter_number(Forward *f, GError **error)
{
	const Options *options = f->session->cli->options;
	const Entered numbered = {.act = "numbered", .by = "-", .number = options_value(options, "number"), .date = options_value(options, "date")};
	if (f->c->forwarded_to == NULL)
		return cli_fail(error, CLI_ERROR_FAILED, _("%s was never forwarded: senim forward %s makes the document"), f->c->name, f->c->name);
	f->name = f->c->forwarded_to;
	if (!moment_check_issued(numbered.date, case_moment(f->c), desk_client_zone(f->session->desk), error) ||
	    !answer_ask_used(f->session, f->c, numbered.number, numbered.date, error))
		return FALSE;
	if ((f->ground = session_ground(f->session, error)) == NULL || !enter(f, &numbered, error))
		return FALSE;
	g_autofree char *name = case_shown(f->c, f->session->desk);
	g_autofree char *line = g_strdup_printf(_("%s went out under number %s of %s.\n"), name, numbered.number, numbered.date);
	return say_done(f, "numbered", NULL, line, error);
}

/* A second officer's word, with why where she gives it. */
static gboolean allow(Forward *f, GError **error)
{
	g_autoptr(GError) cause = NULL;
	f->words = casework_stdin(f->session->cli->options, 2, &cause);
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	if ((f->ground = session_ground(f->session, error)) == NULL)
		return FALSE;
	g_autoptr(Record) own = record_new();
	record_add(own, "act", "allowed");
	record_add(own, "to", f->name);
	const CaseworkAct act = {.kind = ENTRY_FORWARDED, .target = "/v1/forward/allow", .own = own, .takes_text = TRUE, .text = f->words,
	                         .body = json_pack("{s:s}", "to", f->name)};
	g_autofree char *name = case_shown(f->c, f->session->desk);
	g_autofree char *line = g_strdup_printf(_("Another officer may forward %s to %s now, although the report speaks of it.\n"), name, f->name);
	return casework_act(f->session, f->c, &act, f->ground, error) && say_done(f, "allowed", NULL, line, error);
}

/* --- the command ---------------------------------------------------------------------------------------------------------- */

static gboolean exclude(const Options *options, const char *one, const char *const *others, GError **error)
{
	for (; *others != NULL; others++)
		if ((options_value(options, *others) != NULL || options_flag(options, *others)))
			return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), one, *others);
	return TRUE;
}

static gboolean check_options(const Options *options, GError **error)
{
	static const char *const beside_number[] = {"to", "output", "key", "message", "with-identity", "consent", "law", "allow", NULL};
	static const char *const beside_allow[] = {"output", "key", "message", "with-identity", "consent", "law", NULL};
	static const char *const beside_law[] = {"consent", NULL}, *const beside_output[] = {"key", NULL};
	const char *number = options_value(options, "number"), *output = options_value(options, "output");
	gboolean identity = options_flag(options, "with-identity");
	if ((number == NULL) != (options_value(options, "date") == NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--number and --date belong together: name both, as the chancellery gave them"));
	if ((number != NULL && !exclude(options, "number", beside_number, error)) ||
	    (options_flag(options, "allow") && !exclude(options, "allow", beside_allow, error)) ||
	    (options_flag(options, "law") && !exclude(options, "law", beside_law, error)) ||
	    (output != NULL && !exclude(options, "output", beside_output, error)))
		return FALSE;
	if (!identity && (options_flag(options, "law") || options_value(options, "consent") != NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--law and --consent say why the writer is named: they belong to --with-identity"));
	return messages_check_options(options, error) && (output == NULL || write_file_check(output, error));
}

gboolean cmd_forward(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	g_auto(Forward) f = {0};
	if (!case_check_name(options_word(options, 1), error) || !check_options(options, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	f.session = session;
	f.c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	if (f.c == NULL)
		return FALSE;
	if (options_value(options, "number") != NULL)
		return enter_number(&f, error);
	f.to = handout_choose(session, FALSE, error);
	if (f.to == NULL)
		return FALSE;
	f.name = of_addressee(&f, "name");
	return options_flag(options, "allow") ? allow(&f, error) : begin(&f, error);
}
