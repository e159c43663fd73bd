/* SPDX-License-Identifier: ISC */
#include "cli/outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"
#include "cli/entity.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/language.h"
#include "cli/output.h"
#include "cli/page.h"
#include "cli/session.h"
#include "cli/write-file.h"
#include "policy/letter-text.h"

#define COLUMNS 76
#define TEXT_TYPE "text/plain; charset=utf-8"

void outgoing_clear(Outgoing *letter)
{
	for (guint i = 0; i < letter->n_files; i++) {
		g_free(letter->files[i].name);
		wipe_bytes_free(letter->files[i].data);
	}
	letter->n_files = 0;
}

/* --- files ---------------------------------------------------------------------------------------------------------------- */

/* Static; what is not known is octets. */
static const char *type_of(const char *name)
{
	static const char *const types[][2] = {
		{".pdf", "application/pdf"},
		{".txt", TEXT_TYPE},
		{".png", "image/png"},
		{".jpg", "image/jpeg"},
		{".jpeg", "image/jpeg"},
		{".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	};
	g_autofree char *lower = g_ascii_strdown(name, -1);
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_has_suffix(lower, types[i][0]))
			return types[i][1];
	return "application/octet-stream";
}

gboolean outgoing_attach(Outgoing *letter, const char *path, GError **error)
{
	g_autofree char *shown = escape_text(path, -1, ESCAPE_LINE), *name = g_path_get_basename(path);
	g_autoptr(WipeBuffer) octets = wipe_buffer_new(65536);
	if (letter->n_files == OUTGOING_FILES)
		return cli_fail(error, CLI_ERROR_USAGE, _("a letter takes at most %d files"), OUTGOING_FILES);
	if (!g_utf8_validate(name, -1, NULL))
		return cli_fail(error, CLI_ERROR_USAGE, _("the name of an attached file is not in UTF-8: give it another"));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	gboolean read = fd >= 0 && wipe_buffer_read(octets, fd, OUTGOING_MAX);
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (!read)
		return why == EFBIG ? cli_fail(error, CLI_ERROR_USAGE, _("%s is too large for a letter: with its files it takes half a megabyte; scan it in black and white at 150 dpi, or hand it over on paper"), shown)
		                    : cli_fail(error, CLI_ERROR_USAGE, _("%s cannot be read: %s"), shown, g_strerror(why));
	OutgoingFile *file = &letter->files[letter->n_files++];
	file->type = type_of(name);
	file->name = g_steal_pointer(&name);
	file->data = g_byte_array_sized_new((guint)wipe_buffer_size(octets));
	g_byte_array_append(file->data, (const guint8 *)wipe_buffer_data(octets), (guint)wipe_buffer_size(octets));
	return TRUE;
}

/* --- before it leaves ------------------------------------------------------------------------------------------------------ */

static const char *subject_shown(const Outgoing *letter)
{
	return strcmp(letter->subject, "answer") == 0   ? _("answer to the letter")
	       : strcmp(letter->subject, "advice") == 0 ? _("advice on the letter")
	                                                : _("official letter");
}

WipeText *outgoing_shown(const Outgoing *letter, const char *mailbox)
{
	g_autoptr(WipeText) lines = letter_text_wrap(letter->text, COLUMNS); /* as it leaves: a screen cuts what is longer */
	g_autoptr(WipeText) text = escape_text(lines, -1, ESCAPE_TEXT);
	g_autofree char *to = escape_text(letter->to, -1, ESCAPE_LINE);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(strlen(text) + 4096);
	g_autofree char *head = g_strdup_printf(_("From: %s\nTo: %s\nSubject: %s\n"), mailbox, to, subject_shown(letter));
	wipe_buffer_add_text(out, head);
	for (guint i = 0; i < letter->n_files; i++) {
		g_autofree char *name = escape_text(letter->files[i].name, -1, ESCAPE_LINE);
		g_autofree char *line = g_strdup_printf(_("File: %s, %u octets\n"), name, letter->files[i].data->len);
		wipe_buffer_add_text(out, line);
	}
	wipe_buffer_add_text(out, "\n");
	wipe_buffer_add_text(out, text);
	if (!g_str_has_suffix(text, "\n"))
		wipe_buffer_add_text(out, "\n");
	return g_strdup(wipe_buffer_data(out));
}

gboolean outgoing_confirm(const Outgoing *letter, const char *mailbox, GError **error)
{
	const char *word = _("send");
	g_autoptr(WipeText) shown = outgoing_shown(letter, mailbox);
	g_autofree char *question = g_strdup_printf(_("This is all that leaves. To send it, type “%s”: "), word);
	if (face() != NULL && !face()->show(shown, strlen(shown), error))
		return FALSE;
	g_autoptr(WipeText) asked = face() != NULL ? g_strdup(question) : g_strconcat(shown, "\n", question, NULL);
	g_autoptr(WipeText) typed = form_line(asked, NULL);
	return (typed != NULL && strcmp(g_strstrip(typed), word) == 0) ||
	       cli_fail(error, CLI_ERROR_REFUSED, _("nothing was sent: that takes the word, typed on a terminal"));
}

/* --- on paper ------------------------------------------------------------------------------------------------------------- */

gboolean outgoing_print(const OutgoingPaper *paper, const char *output, GError **error)
{
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, paper->name);
	const char *hers = language_shown(); /* all of a letter is in the reporter's language */
	language_use(paper->language);
	page_text(page, PAGE_CENTRE | PAGE_BOLD, paper->organisation);
	page_text(page, PAGE_CENTRE | PAGE_SMALL, paper->mailbox);
	page_space(page, 8);
	if (paper->to != NULL) {
		page_text(page, PAGE_RIGHT, paper->to);
		page_space(page, 8);
	}
	if (!paper->numbered) {
		page_text(page, 0, _("Our No. ______________ of ______________ 20___"));
		page_space(page, 8);
	}
	page_text(page, 0, paper->text);
	page_signature(page, "", "", _("post, signature, surname, date"));
	language_use(hers);
	g_autoptr(GBytes) pdf = page_render(page, error);
	return pdf != NULL && write_file_new(output, g_bytes_get_data(pdf, NULL), g_bytes_get_size(pdf), error);
}

/* --- what leaves ------------------------------------------------------------------------------------------------------------ */

json_t *outgoing_json(const Outgoing *letter, GError **error)
{
	g_autoptr(WipeText) text = letter_text_wrap(letter->text, COLUMNS);
	g_autoptr(WipeBuffer) out = wipe_buffer_new(2 * strlen(text) + 8192);
	g_autofree char *boundary = session_request();
	if (letter->n_files == 0) {
		entity_alone(out, TEXT_TYPE, text, strlen(text));
	} else {
		entity_multipart(out, "mixed", boundary);
		entity_part(out, boundary, TEXT_TYPE, NULL, text, strlen(text));
	}
	for (guint i = 0; i < letter->n_files; i++)
		entity_part(out, boundary, letter->files[i].type, letter->files[i].name, letter->files[i].data->data,
		            letter->files[i].data->len);
	if (letter->n_files > 0)
		entity_end(out, boundary);
	if (wipe_buffer_size(out) > OUTGOING_MAX) {
		cli_fail(error, CLI_ERROR_FAILED, _("the letter is too large: with its files it takes half a megabyte; scan them in black and white at 150 dpi, or hand it over on paper"));
		return NULL;
	}
	g_autoptr(WipeText) entity = g_base64_encode((const guchar *)wipe_buffer_data(out), wipe_buffer_size(out));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "to", letter->to, "message_id", letter->message_id, "language",
	                 letter->language, "subject", letter->subject, "entity", entity, "own_domain", letter->own_domain);
}
