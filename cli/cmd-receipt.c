/* SPDX-License-Identifier: ISC */
/* senim receipt CASE: for somebody who reported and asks whether it stands in the register: a proof that anybody checks
 * without us (store/receipt.h), below lines that say what the file gives away. Nothing sends it but her own word: --send makes
 * it a letter, which is shown whole before it goes, and is entered once it does. */
#include <string.h>

#include "base/escape.h"
#include "cli/answer.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/letter-to.h"
#include "cli/outgoing.h"
#include "cli/output.h"
#include "cli/verify-receipt.h"
#include "cli/write-file.h"
#include "store/merkle.h"
#include "store/receipt.h"

typedef struct {
	Session *session;
	Case *c;
	gboolean bare, text;
	const char *ground, *language; /* of the words in front of the proof */
	char text_key[2 * SEAL_TEXT_KEY + 1]; /* hex; "": the text is not named */
	GPtrArray *despite; /* what she was warned of before it is sent: words of store/casework.h */
} Wish;

/* --- the proof -------------------------------------------------------------------------------------------------------- */

/* The case's own entry, the second of an answer that verify_look_take() has checked, and the checkpoint. */
static gboolean take_entry(json_t *answer, gboolean bare, Receipt *receipt, GError **error)
{
	const char *note = desk_get_text(answer, "checkpoint", error);
	json_t *item = json_array_get(json_object_get(answer, "entries"), 1);
	g_autoptr(GBytes) entry = note != NULL ? desk_get_octets(item, "entry", ENTRY_SIZE, error) : NULL;
	g_autoptr(GBytes) salt = entry != NULL ? desk_get_octets(item, "salt", ENTRY_SALT, error) : NULL;
	g_autoptr(GBytes) record = salt != NULL ? desk_get_octets(item, "record", 0, error) : NULL;
	if (record == NULL)
		return FALSE;
	memcpy(receipt->entry, g_bytes_get_data(entry, NULL), ENTRY_SIZE);
	memcpy(receipt->salt, g_bytes_get_data(salt, NULL), ENTRY_SALT);
	receipt->record = bare ? NULL : g_bytes_ref(record);
	receipt->inclusion = verify_look_hashes(json_object_get(item, "inclusion"));
	receipt->note = g_strdup(note);
	return receipt->inclusion != NULL || desk_form_error(error, "inclusion");
}

/* A checkpoint that trustees have confirmed says more than the newest, and is taken in its place: where it is the log's own, the
 * newest begins with it, and the entry stands in it. */
static gboolean take_witnessed(const Act *act, json_t *answer, Receipt *receipt, GError **error)
{
	json_t *witnessed = json_object_get(answer, "witnessed");
	guint64 size;
	guint8 root[NOTE_ROOT], leaf[ENTRY_HASH];
	Entry entry;
	if (json_is_null(witnessed))
		return TRUE;
	const char *note = desk_get_text(witnessed, "checkpoint", error);
	g_autoptr(GBytes) inclusion = note != NULL ? verify_look_hashes(json_object_get(witnessed, "inclusion")) : NULL;
	g_autoptr(GBytes) consistency = inclusion != NULL ? verify_look_hashes(json_object_get(witnessed, "consistency")) : NULL;
	const NoteVerifier *key = pins_verifier(act->session->pins, act->origin);
	if (consistency == NULL || key == NULL || !entry_decode(receipt->entry, &entry, NULL))
		return note != NULL ? desk_form_error(error, "witnessed") : FALSE;
	entry_leaf(receipt->entry, leaf);
	if (!note_verify_checkpoint(note, key, &size, root, NULL) ||
	    !merkle_verify_consistency(size, root, verify_look_size(act->look), verify_look_root(act->look),
	                               g_bytes_get_data(consistency, NULL), g_bytes_get_size(consistency) / MERKLE_HASH) ||
	    !merkle_verify_inclusion(entry.seq, size, leaf, g_bytes_get_data(inclusion, NULL), g_bytes_get_size(inclusion) / MERKLE_HASH,
	                             root))
		return cli_fail(error, CLI_ERROR_FAILED, _("the control mark that the registrar gave for this receipt is not one of this register: nothing was made; tell the supervisor and the other officers"));
	g_free(receipt->note);
	g_bytes_unref(receipt->inclusion);
	receipt->note = g_strdup(note);
	receipt->inclusion = g_steal_pointer(&inclusion);
	return TRUE;
}

/* Out of the answer to an act of which everything was checked (transfer full). */
static char *prove(const Wish *wish, const Act *act, json_t *answer, GError **error)
{
	g_auto(Receipt) receipt = {.record = NULL};
	return take_entry(answer, wish->bare, &receipt, error) && take_witnessed(act, answer, &receipt, error) ? receipt_write(&receipt) : NULL;
}

/* Enters that it was made, or with a letter (taken, NULL: none) that it was sent; the proof (transfer full). */
static char *make(const Wish *wish, json_t *letter, GError **error)
{
	const Case *c = wish->c;
	g_autoptr(Record) own = record_new();
	record_add(own, "bare", wish->bare ? "yes" : "no");
	record_add(own, "names-text", wish->text ? "yes" : "no");
	g_autoptr(json_t) body = json_pack("{s:I, s:s, s:s, s:o, s:o}", "seq", (json_int_t)c->seq, "bare", wish->bare ? "yes" : "no", "text",
	                                   wish->text ? "yes" : "no", "despite", answer_despite(wish->despite, own), "letter",
	                                   letter != NULL ? letter : json_null());
	record_add(own, "letter", letter != NULL ? "queued" : "-");
	g_autoptr(Act) act = act_begin(wish->session, c->mailbox, wish->ground, error);
	if (act == NULL)
		return NULL;
	g_autoptr(json_t) answer = act_post(act, "/v1/receipt", g_steal_pointer(&body), error);
	const LookAct expected = {.kind = ENTRY_RECEIPT, .cases = &c->seq, .n_cases = 1, .own = own};
	SealExpect expect;
	if (answer == NULL || !act_check(act, &expected, NULL, error) ||
	    verify_look_case(act->look, c, SEAL_PART_BODY, &expect, error) == NULL)
		return NULL;
	return prove(wish, act, answer, error);
}

/* --- what it says ----------------------------------------------------------------------------------------------------- */

static gboolean is_language(const char *language)
{
	static const char *const known[] = {"kk", "ru", "en", NULL};
	return g_strv_contains(known, language);
}

/* As asked for; else the reporter's, who is to understand what it gives away, but for a bare one, which says nothing of the report;
 * else hers. */
static const char *language_of(const Wish *wish, const char *wanted)
{
	const char *fact = case_fact(wish->c, "language");
	return wanted != NULL ? wanted : !wish->bare && is_language(fact) ? fact : language_shown();
}

/* What is read first: what it proves, and what it gives away. */
static char *words_of(const Wish *wish)
{
	g_autofree char *number = case_shown(wish->c, wish->session->desk), *first = NULL;
	if (wish->bare)
		first = g_strdup_printf(_("This file proves that the register of %s has an entry. To whoever reads it, it reveals its day, and that "
		                          "you asked for the file. It has no number, no name and no text."), wish->c->mailbox);
	else
		first = g_strdup_printf(_("This file proves that report %s stands in the register of %s. To whoever reads it, it reveals that somebody "
		                          "wrote there, the moment, number and language of the report, its size, what the screening noted of it, and "
		                          "who may open it. It has no name of the reporter and no text."), number, wish->c->mailbox);
	const char *second = wish->text
		? _("It also has the check key of the text: whoever has that and a letter can show that the letter is the one that was "
		    "registered, word for word, and so who wrote it; or that it is not. The text itself is not in it.")
		: NULL;
	return g_strdup_printf("%s\n%s%s%s\n%s\n", first, second != NULL ? second : "", second != NULL ? "\n" : "",
	                       _("Keep it where nobody finds it with you."),
	                       _("Anybody checks it with: senim verify --receipt FILE --log-pub log.pub (the organisation gives log.pub)."));
}

/* As a letter, to who asked for it. */
static char *letter_of(const Wish *wish, const char *words)
{
	return g_strdup_printf(_("Dear Sir or Madam,\n\nAt your request we send you the receipt of your report: the attached file receipt.txt.\n\n%s\nYours faithfully,\n%s\n"),
	                       words, desk_client_organisation(wish->session->desk));
}

static char *with_proof(const Wish *wish, const char *words, const char *proof)
{
	if (!wish->text)
		return g_strdup_printf("%s\n%s", words, proof);
	return g_strdup_printf("%s" VERIFY_RECEIPT_TEXT_KEY "%s\n\n%s", words, wish->text_key, proof);
}

static gboolean leave(const Options *options, const Case *c, const char *text, GError **error)
{
	const char *file = options_value(options, "output");
	if (options_flag(options, "json"))
		return output_json(json_pack("{s:o, s:b, s:o}", "case", output_value(c->name), "bare", options_flag(options, "bare"), "receipt",
		                             output_string(text, strlen(text))), error);
	return output_octets(file, text, strlen(text), error);
}

/* --- the check key of the text ------------------------------------------------------------------------------------------ */

static gboolean ask_text(const Wish *wish, GError **error)
{
	const char *word = _("release");
	g_autofree char *question = g_strdup_printf(
		_("With the check key of the text, whoever finds this receipt and the letter of %s with somebody knows that he wrote it. It cannot be taken back. To release it, type “%s”: "),
		wish->c->name, word);
	g_autoptr(WipeText) typed = form_line(question, NULL);
	return (typed != NULL && strcmp(g_strstrip(typed), word) == 0) ||
	       cli_fail(error, CLI_ERROR_REFUSED, _("the check key was not released: that takes the word, typed on a terminal"));
}

/* It comes of the letter's own key, so the letter is opened, with an entry that says for what. */
static gboolean release_text(Wish *wish, GError **error)
{
	guint8 key[SEAL_TEXT_KEY];
	g_autoptr(Opening) opening = opening_open(wish->session, wish->c, SEAL_PART_BODY, "receipt", wish->ground, NULL, error);
	if (opening == NULL)
		return FALSE;
	opening_index(wish->session, wish->c, opening);
	seal_opener_text_key(opening->opener, key);
	for (gsize i = 0; i < sizeof key; i++)
		g_snprintf(wish->text_key + 2 * i, 3, "%02x", key[i]);
	explicit_bzero(key, sizeof key);
	return TRUE;
}

/* --- what leaves ---------------------------------------------------------------------------------------------------------- */

/* The file's text; *letter, where it is not NULL: the words of the letter that it goes along with. In the language of both. */
static WipeText *compose(Wish *wish, const char *proof, char **letter)
{
	const char *hers = language_shown();
	language_use(wish->language);
	g_autofree char *words = words_of(wish);
	if (letter != NULL)
		*letter = letter_of(wish, words);
	language_use(hers);
	WipeText *text = with_proof(wish, words, proof);
	explicit_bzero(wish->text_key, sizeof wish->text_key);
	return text;
}

static gboolean write_receipt(Wish *wish, const Options *options, GError **error)
{
	if (wish->text && !release_text(wish, error))
		return FALSE;
	g_autofree char *proof = make(wish, NULL, error);
	g_autoptr(WipeText) text = proof != NULL ? compose(wish, proof, NULL) : NULL;
	return text != NULL && leave(options, wish->c, text, error);
}

static gboolean say_sent(const Wish *wish, const Options *options, GError **error)
{
	g_autofree char *name = case_shown(wish->c, wish->session->desk);
	if (options_flag(options, "json"))
		return output_json(json_pack("{s:o, s:s}", "case", output_value(name), "letter", "queued"), error);
	g_autofree char *line = g_strdup_printf(_("The receipt of %s waits to be sent.\n"), name);
	return output_said(line, error);
}

/* To whom: with a second question where the address lies in an own domain. */
static json_t *choose_address(const Wish *wish, Cli *cli, const Opening *card, gboolean *own, GError **error)
{
	g_autoptr(json_t) to = letter_to(cli, card, error);
	json_t *body = to != NULL ? json_pack("{s:s}", "mailbox", wish->c->mailbox) : NULL;
	g_autoptr(json_t) lists = body != NULL ? desk_client_post(wish->session->desk, "/v1/letters", body, NULL, error) : NULL;
	if (lists == NULL || !answer_ask_own(lists, json_string_value(json_object_get(to, "to")), own, error))
		return NULL;
	if (*own)
		g_ptr_array_add(wish->despite, (gpointer)"own-domain");
	return g_steal_pointer(&to);
}

/* The card has the address, and its answer the proof. The words are the letter, and the whole is a file that goes along, whose
 * lines nobody folds. */
static gboolean send_receipt(Wish *wish, Cli *cli, GError **error)
{
	gboolean own;
	g_autofree char *said = NULL;
	g_autoptr(Opening) card = opening_open(wish->session, wish->c, SEAL_PART_CARD, "receipt", wish->ground, NULL, error);
	g_autoptr(json_t) to = card != NULL ? choose_address(wish, cli, card, &own, error) : NULL;
	g_autofree char *proof = to != NULL && (!wish->text || release_text(wish, error)) ? prove(wish, card->act, card->answer, error) : NULL;
	g_autoptr(WipeText) text = proof != NULL ? compose(wish, proof, &said) : NULL;
	if (text == NULL)
		return FALSE;
	g_auto(Outgoing) letter = {.to = json_string_value(json_object_get(to, "to")),
	                         .message_id = json_string_value(json_object_get(to, "message_id")),
	                         .language = wish->language,
	                         .subject = "answer",
	                         .text = said,
	                         .own_domain = own,
	                         .n_files = 1};
	letter.files[0] = (OutgoingFile){g_strdup("receipt.txt"), "text/plain; charset=utf-8", g_byte_array_new()};
	g_byte_array_append(letter.files[0].data, (const guint8 *)text, (guint)strlen(text));
	json_t *asked = outgoing_confirm(&letter, wish->c->mailbox, error) ? outgoing_json(&letter, error) : NULL;
	g_autofree char *made = asked != NULL ? make(wish, asked, error) : NULL;
	return made != NULL && say_sent(wish, cli->options, error);
}

/* --- the command ---------------------------------------------------------------------------------------------------------- */

/* What stands against a letter to the reporter at all, before anything is opened. */
static gboolean may_be_sent(const Wish *wish, GError **error)
{
	if (!case_is_unsafe(wish->c))
		return TRUE;
	g_ptr_array_add(wish->despite, (gpointer)"unsafe");
	return answer_ask(answer_unsafe(wish->c), error);
}

static gboolean check_options(const Options *options, GError **error)
{
	const char *file = options_value(options, "output");
	const char *language = options_value(options, "language");
	gboolean send = options_flag(options, "send");
	if (language != NULL && !is_language(language))
		return cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
	if (options_flag(options, "bare") && options_flag(options, "text"))
		return cli_fail(error, CLI_ERROR_USAGE, _("--bare and --text do not go together: a bare receipt names no text"));
	if (send ? file != NULL : options_value(options, "to") != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--to goes with --send, and --output without it"));
	return file == NULL || write_file_check(file, error);
}

gboolean cmd_receipt(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	const gboolean send = options_flag(options, "send");
	g_autoptr(GPtrArray) despite = g_ptr_array_new();
	Wish wish = {.bare = options_flag(options, "bare"), .text = options_flag(options, "text"), .despite = despite};
	if (!check_options(options, error))
		return FALSE;
	g_autoptr(Session) session = wish.session = session_open(cli, error);
	g_autoptr(Case) c = wish.c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	if (c == NULL)
		return FALSE;
	wish.language = language_of(&wish, options_value(options, "language"));
	if ((wish.text && !ask_text(&wish, error)) || (send && !may_be_sent(&wish, error)))
		return FALSE;
	g_autoptr(WipeText) ground = session_ground(session, error);
	wish.ground = ground;
	if (ground == NULL)
		return FALSE;
	const gboolean done = send ? send_receipt(&wish, cli, error) : write_receipt(&wish, options, error);
	explicit_bzero(wish.text_key, sizeof wish.text_key);
	return done;
}
