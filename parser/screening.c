/* SPDX-License-Identifier: ISC */
#include "parser/screening.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/files.h"
#include "base/octets.h"
#include "policy/model.h"

#define LINE_MAX_OCTETS (1u << 20) /* as much as of a message: MESSAGE_TEXT_MAX */
#define PIECE 65536
#define RULES PKGDATADIR "/rules"
#define MODEL "model.weights"

/* The release's model beside the rules; an organisation's own directory may have one of its own. */
static gboolean load_model(Rules *rules, const char *directory, GError **error)
{
	gsize size;
	g_autofree char *text = NULL, *own = g_build_filename(directory != NULL ? directory : RULES, MODEL, NULL);
	const char *path = g_file_test(own, G_FILE_TEST_EXISTS) ? own : RULES "/" MODEL;
	if (!g_file_get_contents(path, &text, &size, error))
		return FALSE;
	Model *model = model_read(text, size, error);
	if (model == NULL) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	rules_take_model(rules, model);
	return TRUE;
}

Rules *screening_load(const char *directory, GError **error)
{
	g_autoptr(GPtrArray) read = files_read(directory != NULL ? directory : RULES, ".txt", RULES_OCTETS_MAX, error);
	if (read == NULL)
		return NULL;
	g_autofree RulesFile *files = g_new0(RulesFile, read->len);
	for (guint i = 0; i < read->len; i++) {
		const FilesFile *file = read->pdata[i];
		files[i] = (RulesFile){file->path, file->data, file->size};
	}
	g_autoptr(Rules) rules = rules_read(files, read->len, error);
	return rules != NULL && load_model(rules, directory, error) ? g_steal_pointer(&rules) : NULL;
}

ScreenQuestion screening_question(const Message *message)
{
	return (ScreenQuestion){message->text->str, message->text->len, message->subject, message->attachments->len};
}

/* --- lines ------------------------------------------------------------------------------------ */

static void answer_line(const Rules *rules, const char *text, gsize size, GString *out)
{
	if (size > 0 && text[size - 1] == '\r')
		size--;
	ScreenQuestion question = {.text = text, .size = MIN(size, LINE_MAX_OCTETS)};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	g_autofree char *json = verdict_json(verdict, rules, &question);
	g_string_append_printf(out, "%s\n", json);
}

gboolean screening_lines(const Rules *rules)
{
	g_autoptr(GString) in = g_string_new(NULL), out = g_string_new(NULL);
	g_autofree char *piece = g_malloc(PIECE);
	for (gboolean ended = FALSE; !ended;) {
		gssize n = read(STDIN_FILENO, piece, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return FALSE;
		ended = n == 0;
		g_string_append_len(in, piece, n);
		gsize from = 0;
		for (const char *lf; (lf = memchr(in->str + from, '\n', in->len - from)) != NULL; from = (gsize)(lf - in->str) + 1)
			answer_line(rules, in->str + from, (gsize)(lf - in->str) - from, out);
		g_string_erase(in, 0, (gssize)from);
		if (ended && in->len > 0)
			answer_line(rules, in->str, in->len, out);
		if (!octets_write(STDOUT_FILENO, out->str, out->len))
			return FALSE;
		g_string_truncate(out, 0);
	}
	return TRUE;
}

gboolean screening_message(const Rules *rules, guint8 *octets, gsize size)
{
	g_autoptr(Message) message = message_read(octets, size, MESSAGE_FOR_FINDING);
	ScreenQuestion question = screening_question(message);
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	g_autofree char *json = verdict_json(verdict, rules, &question);
	return octets_write(STDOUT_FILENO, json, strlen(json)) && octets_write(STDOUT_FILENO, "\n", 1);
}

/* --- the rules' own examples ------------------------------------------------------------------ */

static gboolean matches(const Rules *rules, const Rule *rule, const char *text)
{
	ScreenQuestion question = {.text = text, .size = strlen(text)};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	for (guint i = 0; i < verdict->hits->len; i++) {
		const ScreenHit *hit = &g_array_index(verdict->hits, ScreenHit, i);
		if (hit->rule == rule && hit->guards == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean screening_check(const Rules *rules)
{
	guint wrong = 0, n = 0;
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < rules->rules->len; i++) {
		const Rule *rule = &g_array_index(rules->rules, Rule, i);
		for (guint k = 0; k < rule->examples->len; k++, n++) {
			const RulesExample *example = &g_array_index(rule->examples, RulesExample, k);
			if (matches(rules, rule, example->text) == example->must)
				continue;
			g_autofree char *safe = escape_text(example->text, -1, ESCAPE_LINE);
			g_string_append_printf(out, "%s:%u: %s %s: %s\n", example->file, example->line, rule->id,
			                       example->must ? "does not match" : "matches", safe);
			wrong++;
		}
	}
	g_string_append_printf(out, "%u rules, %u examples, %u wrong\n", rules->rules->len, n, wrong);
	return octets_write(STDOUT_FILENO, out->str, out->len) && wrong == 0;
}
