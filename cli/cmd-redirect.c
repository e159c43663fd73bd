/* SPDX-License-Identifier: ISC */
/* senim redirect CASE: to law enforcement, with covering letter, report and where it comes from; then the chancellery's
 * number and date, or that it was wrong. The register knows it, with the kit's digest, before the kit leaves this memory. */
#include <string.h>

#include "base/escape.h"
#include "cli/answer.h"
#include "cli/exports.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/handout.h"
#include "cli/messages.h"
#include "cli/moment.h"
#include "cli/opening.h"
#include "cli/output.h"
#include "cli/redirect-kit.h"
#include "cli/write-file.h"
#include "store/note.h"

/* What is entered: the act's own lines, and the same in the request. */
typedef struct {
	const char *act, *to, *by;
	char *kit;
	const char *number, *date;
	guint64 of;
	GBytes *letter; /* by mail: what goes into the outbox */
} Entered;

static gboolean enter(Session *session, const Case *c, const Entered *what, const char *ground, GError **error)
{
	g_autoptr(Record) own = record_new();
	const char *kit = what->kit != NULL ? what->kit : "-";
	const char *number = what->number != NULL ? what->number : "-", *date = what->date != NULL ? what->date : "-";
	record_add(own, "act", what->act);
	record_add(own, "to", what->to);
	record_add(own, "by", what->by);
	record_add(own, "kit", kit);
	record_add(own, "number", number);
	record_add(own, "date", date);
	record_add_uint(own, "of", what->of);
	gsize size = 0;
	const void *octets = what->letter != NULL ? g_bytes_get_data(what->letter, &size) : NULL;
	g_autoptr(WipeText) letter = g_base64_encode(octets, size);
	json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:s}", "act", what->act, "to", what->to, "by",
	                         what->by, "kit", kit, "number",
	                         output_string(number, strlen(number)), "date", date, "of", (json_int_t)what->of, "letter", letter);
	return opening_act(session, c, ENTRY_REDIRECTED, "/v1/redirect", body, own, ground, NULL, error);
}

static gboolean say_done(Session *session, const Case *c, const char *state, const char *to, const char *file,
                         const char *original, const char *line, GError **error)
{
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(session->cli->options, "json"))
		return output_json(json_pack("{s:o, s:s, s:o, s:o, s:o}", "case", output_value(name), "redirection", state, "to",
		                             output_value(to), "file", output_value(file), "original", output_value(original)), error);
	g_autofree char *shown = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(shown, error);
}

/* --- the kit ------------------------------------------------------------------------------------------------------- */

static GBytes *make_pdf(Session *session, const Case *c, json_t *to, const Record *card, const Opening *opening,
                        GError **error)
{
	g_autoptr(Bundle) view = opening_view(session, c, opening, error);
	if (view == NULL)
		return NULL;
	g_autofree char *digest =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)opening->message, opening->message_size);
	GTimeZone *zone = desk_client_zone(session->desk);
	g_autofree char *received = format_time_iso(c->received, zone), *now = format_time_iso(g_get_real_time(), zone);
	g_strdelimit(received, "T", ' ');
	g_strdelimit(now, "T", ' ');
	char checkpoint[NOTE_CODE_LENGTH + 1];
	note_code(verify_look_root(opening->act->look), checkpoint);
	g_autofree char *code = session_request();
	const RedirectKit kit = {
		.organisation = desk_client_organisation(session->desk),
		.mailbox = c->mailbox,
		.number = c->name,
		.name_kk = json_string_value(json_object_get(to, "name_kk")),
		.name_ru = json_string_value(json_object_get(to, "name_ru")),
		.address = json_string_value(json_object_get(to, "address")),
		.received = received,
		.official = c->official_date,
		.registered = opening->registered,
		.card = card,
		.view = view,
		.message_digest = digest,
		.code = code,
		.entry = c->seq,
		.size = verify_look_size(opening->act->look),
		.checkpoint = checkpoint,
		.officer = desk_client_officer(session->desk),
		.made = now,
	};
	return redirect_kit_pdf(&kit, error);
}

/* Where the original goes: beside the kit, "kit.pdf" and "kit.eml" (transfer full). */
static char *original_path(const char *output)
{
	gsize length = strlen(output) - (g_str_has_suffix(output, ".pdf") ? strlen(".pdf") : 0);
	return g_strdup_printf("%.*s.eml", (int)length, output);
}

/* The list of exports first: a file that is listed and was not written harms nobody, the reverse is forgotten. */
static gboolean write_files(const Case *c, const Opening *opening, const char *output, const char *original, GBytes *kit,
                            GError **error)
{
	gsize size;
	gboolean seen;
	const void *data = g_bytes_get_data(kit, &size);
	guint64 entry = verify_look_act_seq(opening->act->look);
	return exports_check_place(output, TRUE, &seen, error) && exports_add(c->mailbox, entry, output, error) &&
	       exports_add(c->mailbox, entry, original, error) &&
	       write_file_new(original, opening->message, opening->message_size, error) &&
	       write_file_new(output, data, size, error);
}

static gboolean write_kit(Session *session, const Case *c, const Opening *opening, const char *to, GBytes *kit,
                          GError **error)
{
	const char *output = options_value(session->cli->options, "output");
	g_autofree char *original = original_path(output);
	if (!write_files(c, opening, output, original, kit, error))
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	g_autofree char *line = face() != NULL
		? g_strdup_printf(_("The kit of %s for %s is written: print %s, hand the original %s over with it as a file, destroy both (F7), and enter the number that the chancellery gives (F2).\n"),
		                  name, to, output, original)
		: g_strdup_printf(
			_("The kit of %s for %s is written: print %s, hand the original %s over with it as a file, destroy both with senim purge, and enter what the chancellery gives: senim redirect %s --number NUMBER --date DATE\n"),
			name, to, output, original, name);
	return say_done(session, c, "made", to, output, original, line, error);
}

/* The case opened, and what is handed over made of it. */
typedef struct {
	Opening *card, *body;
	GBytes *pdf;
} Kit;

static void kit_clear(Kit *kit)
{
	g_clear_pointer(&kit->card, opening_free);
	g_clear_pointer(&kit->body, opening_free);
	g_clear_pointer(&kit->pdf, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Kit, kit_clear)

/* c: the case, or the message of it that --message chooses. act: what the register says of what is opened: export, where a
 * file of it stays with her. */
static gboolean open_kit(Session *session, const Case *c, json_t *to, const char *act, const char *ground, Kit *kit,
                         GError **error)
{
	session_warn_host(session);
	kit->card = opening_open(session, c, SEAL_PART_CARD, "redirect", ground, NULL, error);
	kit->body = kit->card != NULL ? opening_open(session, c, SEAL_PART_BODY, act, ground, NULL, error) : NULL;
	kit->pdf = kit->body != NULL ? make_pdf(session, c, to, kit->card->card, kit->body, error) : NULL;
	return kit->pdf != NULL;
}

static gboolean redirect_on_paper(Session *session, const Case *c, const Case *message, json_t *to, const char *ground,
                                  GError **error)
{
	const char *name = json_string_value(json_object_get(to, "name"));
	g_auto(Kit) kit = {0};
	if (!open_kit(session, message, to, "export", ground, &kit, error))
		return FALSE;
	g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, kit.pdf);
	const Entered made = {.act = "made", .to = name, .by = "paper", .kit = digest};
	return enter(session, c, &made, ground, error) && write_kit(session, c, kit.body, name, kit.pdf, error);
}

/* --- by mail ------------------------------------------------------------------------------------------------------- */

static gboolean say_queued(Session *session, const Case *c, const RedirectMail *mail, const char *to, GError **error)
{
	g_autofree char *shown = case_shown(c, session->desk);
	const char *key = mail->form == REDIRECT_MAIL_AGE ? mail->recipient : mail->fingerprint;
	g_autofree char *line =
		mail->form == REDIRECT_MAIL_CLEAR
			? g_strdup_printf(_("The kit of %s, in clear, waits to be sent to %s.\n"), shown, to)
			: g_strdup_printf(_("The kit of %s, sealed to %s, waits to be sent to %s.\n"), shown, key, to);
	return say_done(session, c, "queued", mail->name, NULL, NULL, line, error);
}

/* The register has the digest of the entity, which holds a fresh key or the code of this kit; the outbox puts the header
 * before it and hands it to the MTA. */
static gboolean redirect_by_mail(Session *session, const Case *c, const Case *message, json_t *to, RedirectMail *mail,
                                 const char *ground, GError **error)
{
	g_auto(Kit) kit = {0};
	if (!open_kit(session, message, to, "redirect", ground, &kit, error))
		return FALSE;
	mail->kit = kit.pdf;
	mail->message = kit.body->message;
	mail->message_size = kit.body->message_size;
	g_autoptr(GBytes) letter = redirect_mail_compose(mail, error);
	if (letter == NULL)
		return FALSE;
	g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, letter);
	const Entered queued = {.act = "queued", .to = mail->name, .by = redirect_mail_word(mail->form), .kit = digest,
	                        .letter = letter};
	return enter(session, c, &queued, ground, error) &&
	       say_queued(session, c, mail, json_string_value(json_object_get(to, "mail")), error);
}

/* What can be refused or declined is, before the case is opened. */
static gboolean mail_kit(Session *session, const Case *c, const Case *message, json_t *to, const char *ground, GError **error)
{
	RedirectMail mail = {
		.organisation = desk_client_organisation(session->desk),
		.mailbox = c->mailbox,
		.number = c->name,
		.name = json_string_value(json_object_get(to, "name")),
		.zone = desk_client_zone(session->desk),
	};
	gboolean done = handout_form(to, &mail, error) && redirect_mail_check(&mail, error) && handout_check_key(session, c, &mail, error) &&
	                (mail.form != REDIRECT_MAIL_CLEAR || handout_ask_clear(c, &mail, json_string_value(json_object_get(to, "mail")), error)) &&
	                redirect_by_mail(session, c, message, to, &mail, ground, error);
	g_clear_pointer(&mail.key, g_bytes_unref);
	return done;
}

static gboolean make(Session *session, const Case *c, json_t *to, GError **error)
{
	gboolean paper = options_value(session->cli->options, "output") != NULL;
	if (!paper && strcmp(json_string_value(json_object_get(to, "by")), "mail") != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("the kit needs a file to be printed from: name a new one with --output FILE"));
	g_autoptr(Messages) messages = messages_fetch(session, c, error);
	g_autoptr(WipeText) ground = messages != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	const Case *message = messages->message != NULL ? messages->message : c;
	return (paper ? redirect_on_paper : mail_kit)(session, c, message, to, ground, error);
}

/* --- afterwards ---------------------------------------------------------------------------------------------------- */

static gboolean has_redirection(const Case *c, GError **error)
{
	return c->redirected != NULL ||
	       cli_fail(error, CLI_ERROR_FAILED, _("%s was never redirected: senim redirect %s makes the kit"), c->name, c->name);
}

static gboolean enter_number(Session *session, const Case *c, const char *ground, GError **error)
{
	const Options *options = session->cli->options;
	const Entered numbered = {.act = "numbered", .to = c->redirected_to, .by = "-", .of = c->redirection,
	                          .number = options_value(options, "number"), .date = options_value(options, "date")};
	if (!enter(session, c, &numbered, ground, error))
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	g_autofree char *line =
		g_strdup_printf(_("%s went out under number %s of %s.\n"), name, numbered.number, numbered.date);
	return say_done(session, c, "numbered", c->redirected_to, NULL, NULL, line, error);
}

static gboolean enter_wrong(Session *session, const Case *c, const char *ground, GError **error)
{
	const Entered wrong = {.act = "wrong", .to = c->redirected_to, .by = "-", .of = c->redirection};
	if (!enter(session, c, &wrong, ground, error))
		return FALSE;
	g_autofree char *name = case_shown(c, session->desk);
	g_autofree char *line = g_strdup_printf(
		_("The redirection of %s is entered as wrong. Ask %s to return the report, and work on it as usual.\n"), name,
		c->redirected_to);
	return say_done(session, c, "wrong", c->redirected_to, NULL, NULL, line, error);
}

/* Both names are free. */
static gboolean check_output(const char *output, GError **error)
{
	g_autofree char *original = original_path(output);
	return write_file_check(output, error) && write_file_check(original, error);
}

/* --- the command --------------------------------------------------------------------------------------------------- */

static gboolean check_options(const Options *options, GError **error)
{
	const char *number = options_value(options, "number"), *date = options_value(options, "date");
	const char *output = options_value(options, "output"), *to = options_value(options, "to");
	gboolean wrong = options_flag(options, "wrong");
	if ((number == NULL) != (date == NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--number and --date belong together: name both, as the chancellery gave them"));
	if (wrong && number != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), "wrong", "number");
	if ((wrong || number != NULL || output != NULL) && options_value(options, "key") != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"),
		                wrong ? "wrong" : number != NULL ? "number" : "output", "key");
	if ((wrong || number != NULL) && (output != NULL || to != NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"),
		                wrong ? "wrong" : "number", output != NULL ? "output" : "to");
	if ((wrong || number != NULL) && options_value(options, "message") != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"),
		                wrong ? "wrong" : "number", "message");
	return messages_check_options(options, error) && (output == NULL || check_output(output, error));
}

gboolean cmd_redirect(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	if (!case_check_name(options_word(options, 1), error) || !check_options(options, error))
		return FALSE;
	gboolean wrong = options_flag(options, "wrong"), numbered = options_value(options, "number") != NULL;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	if (c == NULL || ((wrong || numbered) && !has_redirection(c, error)))
		return FALSE;
	if (!wrong && !numbered) {
		g_autoptr(json_t) to = handout_choose(session, TRUE, error);
		return to != NULL && make(session, c, to, error);
	}
	const char *number = options_value(options, "number"), *date = options_value(options, "date");
	if (numbered && (!moment_check_issued(date, case_moment(c), desk_client_zone(session->desk), error) ||
	                 !answer_ask_used(session, c, number, date, error)))
		return FALSE;
	g_autoptr(WipeText) ground = session_ground(session, error);
	if (ground == NULL)
		return FALSE;
	return wrong ? enter_wrong(session, c, ground, error) : enter_number(session, c, ground, error);
}
