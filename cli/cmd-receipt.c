/* SPDX-License-Identifier: ISC */
/* senim receipt CASE: for somebody who reported and asks whether it stands in the register: a proof that anybody checks
 * without us (store/receipt.h), below lines that say what the file gives away. Nothing sends it. */
#include <string.h>

#include "cli/opening.h"
#include "cli/output.h"
#include "cli/write-file.h"
#include "store/receipt.h"

/* The second entry of the answer, which verify_look_take() has checked, and the checkpoint. */
static gboolean take_receipt(json_t *answer, gboolean bare, Receipt *receipt, GError **error)
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

/* Enters that it was made, then the proof (transfer full). */
static char *make(Session *session, const Case *c, gboolean bare, const char *ground, GError **error)
{
	g_autoptr(Record) own = record_new();
	record_add(own, "bare", bare ? "yes" : "no");
	g_autoptr(Act) act = act_begin(session, c->mailbox, ground, error);
	if (act == NULL)
		return NULL;
	json_t *body = json_pack("{s:I, s:s}", "seq", (json_int_t)c->seq, "bare", bare ? "yes" : "no");
	g_autoptr(json_t) answer = act_post(act, "/v1/receipt", body, error);
	const LookAct expected = {.kind = ENTRY_RECEIPT, .cases = &c->seq, .n_cases = 1, .own = own};
	g_auto(Receipt) receipt = {.record = NULL};
	SealExpect expect;
	if (answer == NULL || !act_check(act, &expected, NULL, error) ||
	    verify_look_case(act->look, c, SEAL_PART_BODY, &expect, error) == NULL || !take_receipt(answer, bare, &receipt, error))
		return NULL;
	return receipt_write(&receipt);
}

/* What is read first: what it proves, and what it gives away. */
static char *with_words(const Session *session, const Case *c, gboolean bare, const char *proof)
{
	g_autofree char *number = case_shown(c, session->desk), *first = NULL;
	if (bare)
		first = g_strdup_printf(_("This file proves that the register of %s has an entry. To whoever reads it, it reveals its day, and that "
		                          "you asked for the file. It has no number, no name and no text."), c->mailbox);
	else
		first = g_strdup_printf(_("This file proves that report %s stands in the register of %s. To whoever reads it, it reveals that somebody "
		                          "wrote there, the moment, number and language of the report, its size, what the screening noted of it, and "
		                          "who may open it. It has no name of the reporter and no text."), number, c->mailbox);
	return g_strdup_printf("%s\n%s\n%s\n\n%s", first, _("Keep it where nobody finds it with you."),
	                       _("Anybody checks it with: senim verify --receipt FILE --log-pub log.pub (the organisation gives log.pub)."), proof);
}

static gboolean leave(const Options *options, const Case *c, const char *text, GError **error)
{
	const char *file = options_value(options, "output");
	if (options_flag(options, "json"))
		return output_json(json_pack("{s:o, s:b, s:o}", "case", output_value(c->name), "bare", options_flag(options, "bare"), "receipt",
		                             output_string(text, strlen(text))), error);
	return output_octets(file, text, strlen(text), error);
}

gboolean cmd_receipt(Cli *cli, GError **error)
{
	const Options *options = cli->options;
	const char *file = options_value(options, "output"), *language = options_value(options, "language");
	gboolean bare = options_flag(options, "bare");
	if (file != NULL && !write_file_check(file, error))
		return FALSE;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	g_autofree char *proof = ground != NULL ? make(session, c, bare, ground, error) : NULL;
	if (proof == NULL)
		return FALSE;
	if (language != NULL && !language_use(language))
		return cli_fail(error, CLI_ERROR_USAGE, _("--language takes kk, ru or en"));
	g_autoptr(WipeText) text = with_words(session, c, bare, proof);
	return leave(options, c, text, error);
}
