/* SPDX-License-Identifier: ISC */
/* senim grant CASE --to NAME, senim withhold CASE --from NAME: who reads a case. senim grant CASE --anew: what of it is sealed
 * to her and does not open, so that another can give it to her once more. */
#include <string.h>

#include "base/escape.h"
#include "cli/output.h"
#include "cli/rewrap.h"

/* One act: `option` names the officer, and stands in request and record by the same name. */
typedef struct {
	const char *option, *target;
	guint kind;
} Change;

/* The entry stands; where the other never had a header of it, she gets one in the same breath. */
static gboolean seal_to(Session *session, Case *c, const char *name, const char *ground, GError **error)
{
	g_autoptr(GError) cause = NULL;
	RewrapDone done;
	const RewrapBatch batch = {.mailbox = c->mailbox, .cases = &c, .n_cases = 1};
	if (rewrap_seal(session, &batch, name, ground, &done, &cause))
		return TRUE;
	return cli_fail(error, CLI_ERROR_FAILED, _("%s is given to %s, but is not sealed to her yet (%s): let another of its readers give it to her"),
	                c->name, name, cause->message);
}

/* Is there anything of the case that she reads and `name` has no header of? */
static gboolean lacks(Session *session, const Case *c, const char *name, gboolean *lacking, GError **error)
{
	g_autoptr(GPtrArray) cases = rewrap_missing_cases(session, c->mailbox, name, error);
	*lacking = FALSE;
	for (guint i = 0; cases != NULL && i < cases->len; i++)
		*lacking = *lacking || ((const Case *)cases->pdata[i])->seq == c->seq;
	return cases != NULL;
}

/* What stands in the register is made true: everything of the case that she lacks is sealed to her. */
static gboolean complete(Session *session, Case *c, const char *name, const char *ground, const json_t *answer, GError **error)
{
	gboolean lacking = json_is_false(json_object_get(answer, "sealed"));
	return (lacking || lacks(session, c, name, &lacking, error)) && (!lacking || seal_to(session, c, name, ground, error));
}

static gboolean enter(Session *session, Case *c, const Change *what, const char *name, const char *ground, GError **error)
{
	GError *cause = NULL;
	gboolean lacking = FALSE, grants = what->kind == ENTRY_GRANTED;
	g_autoptr(Record) own = record_new();
	record_add(own, what->option, name);
	g_autoptr(Act) act = act_begin(session, c->mailbox, ground, error);
	if (act == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:I}", what->option, name, "seq", (json_int_t)c->seq);
	g_autoptr(json_t) answer = act_post(act, what->target, body, &cause);
	const LookAct expected = {.kind = what->kind, .cases = &c->seq, .n_cases = 1, .own = own};
	if (answer != NULL)
		return act_check(act, &expected, NULL, error) && (!grants || complete(session, c, name, ground, answer, error));
	/* Given to her already; but not all of it opens, or some of it came later. */
	if (grants && desk_client_heard(session->desk, "state") && lacks(session, c, name, &lacking, NULL) && lacking) {
		g_error_free(cause);
		return seal_to(session, c, name, ground, error);
	}
	g_propagate_error(error, cause);
	return FALSE;
}

/* The case as it is called (transfer full); NULL where the act failed. */
static char *change(Cli *cli, const Change *what, const char *name, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	Case *(*find)(Session *, const char *, GError **) = what->kind == ENTRY_GRANTED ? session_find_to_grant : session_find;
	g_autoptr(Case) c = session != NULL ? find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return NULL;
	return enter(session, c, what, name, ground, error) ? case_shown(c, session->desk) : NULL;
}

static gboolean run(Cli *cli, const Change *what, GError **error)
{
	const char *name = options_value(cli->options, what->option);
	if (name == NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("no officer is named: write --%s NAME"), what->option);
	g_autofree char *shown = change(cli, what, name, error);
	if (shown == NULL)
		return FALSE;
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:o}", "case", output_value(shown), what->option, output_value(name)), error);
	g_autofree char *line = what->kind == ENTRY_GRANTED ? g_strdup_printf(_("%s is given to %s.\n"), shown, name)
	                                                    : g_strdup_printf(_("%s is kept from %s from now on.\n"), shown, name);
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

static gboolean say_aside(const Cli *cli, const Case *c, const DeskClient *desk, guint aside, GError **error)
{
	g_autofree char *shown = case_shown(c, desk);
	if (options_flag(cli->options, "json"))
		return output_json(json_pack("{s:o, s:i}", "case", output_value(shown), "put_aside", (int)aside), error);
	g_autofree char *line =
		aside == 0 ? g_strdup_printf(_("Everything of %s that is sealed to you opens.\n"), shown)
		           : g_strdup_printf(_("What of %s is sealed to you and did not open is put aside: %u. Another of its readers seals it to you anew: senim grant %s --to %s. Tell the supervisor: somebody may have done it on purpose.\n"),
		                             shown, aside, shown, desk_client_officer(desk));
	g_autofree char *safe = escape_text(line, -1, ESCAPE_TEXT);
	return output_said(safe, error);
}

static gboolean anew(const Cli *cli, GError **error)
{
	guint aside;
	g_autoptr(Session) session = session_open(cli, error);
	g_autoptr(Case) c = session != NULL ? session_find(session, options_word(cli->options, 1), error) : NULL;
	g_autoptr(WipeText) ground = c != NULL ? session_ground(session, error) : NULL;
	if (ground == NULL)
		return FALSE;
	const RewrapBatch batch = {.mailbox = c->mailbox, .cases = &c, .n_cases = 1};
	return rewrap_try(session, &batch, ground, &aside, error) && say_aside(cli, c, session->desk, aside, error);
}

gboolean cmd_grant(Cli *cli, GError **error)
{
	static const Change grant = {"to", "/v1/grant", ENTRY_GRANTED};
	if (!options_flag(cli->options, "anew"))
		return run(cli, &grant, error);
	if (options_value(cli->options, "to") != NULL)
		return cli_fail(error, CLI_ERROR_USAGE, _("--%s and --%s exclude each other: name one of them"), "anew", "to");
	return anew(cli, error);
}

gboolean cmd_withhold(Cli *cli, GError **error)
{
	static const Change withhold = {"from", "/v1/withhold", ENTRY_WITHHELD_FROM};
	return run(cli, &withhold, error);
}
