/* SPDX-License-Identifier: ISC */
/* senim assign, set-aside, hold, close, reopen, link: the course of a case. */
#include <string.h>

#include "base/escape.h"
#include "cli/casework.h"
#include "cli/category.h"
#include "cli/output.h"
#include "store/casework.h"

/* One act: its own word stands in request and record by the same key. */
typedef struct {
	guint kind;
	const char *target, *key; /* key NULL: it has no word */
	gboolean takes_text;
	const char *done;         /* N_(), with {case} and {word} */
} Step;

static gboolean say_done(Session *session, const Case *c, const Step *step, const char *word, const char *shown, GError **error)
{
	g_autofree char *name = case_shown(c, session->desk);
	if (options_flag(session->cli->options, "json")) {
		json_t *object = json_pack("{s:o, s:I}", "case", output_value(name), "entry", (json_int_t)c->last);
		if (step->key != NULL)
			json_object_set_new(object, step->key, output_value(word));
		return output_json(object, error);
	}
	g_autoptr(GString) line = g_string_new(_(step->done));
	g_string_replace(line, "{case}", name, 0);
	g_string_replace(line, "{word}", shown != NULL ? shown : "-", 0);
	g_autofree char *safe = escape_text(line->str, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

static gboolean enter(Session *session, Case *c, const Step *step, const char *word, const char *text, const char *ground,
                      GError **error)
{
	g_autoptr(Record) own = record_new();
	json_t *body = json_object();
	if (step->key != NULL) {
		record_add(own, step->key, word);
		json_object_set_new(body, step->key, json_string(word));
	}
	const CaseworkAct act = {.kind = step->kind, .target = step->target, .own = own, .body = body,
	                         .takes_text = step->takes_text, .text = text};
	return casework_act(session, c, &act, ground, error);
}

/* What the reporter wrote later is part of the case. */
static gboolean has_read_all(const Cli *cli, const Case *c, GError **error)
{
	if (!c->unread || options_flag(cli->options, "even-so"))
		return TRUE;
	return cli_fail(error, CLI_ERROR_REFUSED,
	                _("%s has a message that nobody has opened: read it first, or close the case all the same with --even-so"),
	                c->name);
}

/* The case, the ground, the act, the sentence. */
static gboolean run(Cli *cli, const Step *step, const char *word, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(WipeText) text = step->takes_text ? casework_stdin(cli->options, 2, &cause) : NULL;
	if (cause != NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	if (c == NULL || (step->kind == ENTRY_CLOSED && !has_read_all(cli, c, error)))
		return FALSE;
	g_autoptr(WipeText) ground = session_ground(session, error);
	return ground != NULL && enter(session, c, step, word, text, ground, error) &&
	       say_done(session, c, step, word, word, error);
}

/* --- assign ---------------------------------------------------------------------------------------------------------- */

static gboolean assign_category(Cli *cli, const char *typed, GError **error)
{
	static const Step step = {ENTRY_ASSIGNED, "/v1/category", "category", FALSE, N_("{case} is counted under: {word}.\n")};
	g_autofree char *label = NULL;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autofree char *word = c != NULL ? category_choose(session, typed, &label, error) : NULL;
	g_autoptr(WipeText) ground = word != NULL ? session_ground(session, error) : NULL;
	return ground != NULL && enter(session, c, &step, word, NULL, ground, error) &&
	       say_done(session, c, &step, word, label, error);
}

gboolean cmd_assign(Cli *cli, GError **error)
{
	static const Step assign = {ENTRY_ASSIGNED, "/v1/assign", "to", FALSE, N_("{case} is the work of {word} from now on.\n")};
	static const Step nobody = {ENTRY_ASSIGNED, "/v1/assign", "to", FALSE, N_("{case} is everybody's work again.\n")};
	const char *to = options_value(cli->options, "to"), *category = options_value(cli->options, "category");
	if (to != NULL && category != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), "to", "category");
	if (to == NULL)
		return assign_category(cli, category, error);
	return run(cli, strcmp(to, "-") == 0 ? &nobody : &assign, to, error);
}

/* --- words of a list -------------------------------------------------------------------------------------------------- */

static gboolean check_word(const char *option, const char *word, const char *words, GError **error)
{
	g_autofree char *one = word != NULL ? g_strdup_printf(" %s ", word) : NULL;
	if (one != NULL && strchr(word, ' ') == NULL && strstr(words, one) != NULL)
		return TRUE;
	return cli_fail(error, CLI_ERROR_USAGE, _("--%s takes one of:%s"), option, words);
}

gboolean cmd_set_aside(Cli *cli, GError **error)
{
	static const Step step = {ENTRY_SET_ASIDE, "/v1/set-aside", "reason", TRUE, N_("{case} is set aside; it keeps its number.\n")};
	const char *reason = options_value(cli->options, "reason");
	return check_word("reason", reason, CASEWORK_REASONS, error) && run(cli, &step, reason, error);
}

gboolean cmd_close(Cli *cli, GError **error)
{
	static const Step step = {ENTRY_CLOSED, "/v1/close", "result", TRUE, N_("{case} is closed.\n")};
	const char *result = options_value(cli->options, "result");
	return check_word("result", result, CASEWORK_RESULTS, error) && run(cli, &step, result, error);
}

gboolean cmd_reopen(Cli *cli, GError **error)
{
	static const Step step = {ENTRY_REOPENED, "/v1/reopen", NULL, TRUE, N_("{case} is open again.\n")};
	return run(cli, &step, NULL, error);
}

gboolean cmd_hold(Cli *cli, GError **error)
{
	static const Step on = {ENTRY_HELD, "/v1/hold", "hold", TRUE,
	                        N_("{case} is on hold: it is neither closed, set aside nor erased. Its term runs on.\n")};
	static const Step off = {ENTRY_HELD, "/v1/hold", "hold", TRUE, N_("{case} is no longer on hold.\n")};
	gboolean release = options_flag(cli->options, "release");
	return run(cli, release ? &off : &on, release ? "off" : "on", error);
}

/* --- link ------------------------------------------------------------------------------------------------------------ */

/* Both know of it: each has an entry of its own. What was broken off between the two is finished by the same command. */
gboolean cmd_link(Cli *cli, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) one = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(Case) other = one != NULL ? session_find(session, options_word(cli->options, 2), error) : NULL;
	if (other == NULL)
		return FALSE;
	if (strcmp(one->mailbox, other->mailbox) != 0)
		return cli_fail(error, CLI_ERROR_USAGE, _("the two cases are of different mailboxes: each register stands for itself"));
	g_autoptr(WipeText) ground = session_ground(session, error);
	if (ground == NULL || !casework_link(session, one, other, ground, error) || !casework_link(session, other, one, ground, error))
		return FALSE;
	g_autofree char *first = case_shown(one, session->desk), *second = case_shown(other, session->desk);
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:o}", "case", output_value(first), "linked", output_value(second)), error);
	g_autofree char *line = g_strdup_printf(_("%s and %s are linked.\n"), first, second);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}
