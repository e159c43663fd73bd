/* SPDX-License-Identifier: ISC */
/* Which case stands where in the officer's list, and what its line says: cli/tui-list.h. */
#include <string.h>

#include "cli/tui-list.h"

#define TODAY "2026-11-22"

static Case *case_of(const char *state, const char *verdict, const char *due)
{
	Case *c = g_new0(Case, 1);
	c->mailbox = g_strdup("senim@kmo.kz");
	c->name = g_strdup("2026/1");
	c->state = g_strdup(state);
	c->ack_state = g_strdup("sent");
	c->due = g_strdup(due);
	c->facts = json_pack("{s:s, s:s}", "verdict", verdict, "automatic", "-");
	return c;
}

static void group_is(Case *c, TuiGroup wanted)
{
	g_assert_cmpint(tui_list_group(c, TODAY), ==, wanted);
	case_free(c);
}

static void test_groups(void)
{
	group_is(case_of("new", "clean", "2026-12-14"), TUI_NEW);
	group_is(case_of("new", "review", "2026-12-14"), TUI_DECIDE);
	group_is(case_of("new", "unexamined", "2026-12-14"), TUI_DECIDE);
	group_is(case_of("open", "review", "2026-12-14"), TUI_DECIDE); /* to look decides nothing */
	group_is(case_of("open", "redirect", "2026-12-14"), TUI_DECIDE);
	group_is(case_of("open", "clean", "2026-11-29"), TUI_DUE);
	group_is(case_of("open", "clean", "2026-11-30"), TUI_REST);
	group_is(case_of("open", "clean", "2026-11-01"), TUI_DUE);
	group_is(case_of("open", "clean", NULL), TUI_DUE); /* no calendar for it: it must not be forgotten */
	group_is(case_of("closed", "clean", "2026-11-23"), TUI_REST);
	group_is(case_of("closed", "redirect", "2026-11-23"), TUI_REST);
}

static void a_mark_asks_until_something_is_decided(void)
{
	Case *filed = case_of("open", "review", "2026-12-14"), *resolved = case_of("open", "unexamined", "2026-12-14");
	Case *answered = case_of("open", "review", "2026-12-14"), *forwarded = case_of("open", "review", "2026-12-14");
	Case *returned = case_of("open", "review", "2026-12-14"), *closed = case_of("closed", "review", "2026-12-14");
	filed->category = g_strdup("-");
	g_assert_cmpint(tui_list_group(filed, TODAY), ==, TUI_DECIDE);
	g_free(filed->category);
	filed->category = g_strdup("gifts");
	resolved->resolved = TRUE;
	answered->reply.entry = 9;
	forwarded->forwarded = g_strdup("sent");
	forwarded->forwarded_to = g_strdup("audit");
	returned->forwarded = g_strdup("returned");
	returned->forwarded_to = g_strdup("audit");
	group_is(filed, TUI_REST);
	group_is(resolved, TUI_REST);
	group_is(answered, TUI_REST);
	group_is(forwarded, TUI_REST);
	group_is(returned, TUI_DECIDE);
	group_is(closed, TUI_REST);
}

static void test_what_waits(void)
{
	Case *held = case_of("open", "clean", "2026-12-14"), *answer = case_of("closed", "clean", "2026-12-14");
	g_free(held->ack_state);
	held->ack_state = g_strdup("withheld");
	answer->unread = TRUE;
	g_assert_cmpint(tui_list_group(held, TODAY), ==, TUI_DECIDE);
	json_object_set_new(held->facts, "wish", json_pack("[s]", "no-answer"));
	group_is(held, TUI_REST); /* nobody waits for it */
	group_is(answer, TUI_DECIDE);
}

static void test_elsewhere(void)
{
	Case *c = case_of("", "redirect", NULL);
	c->elsewhere = TRUE;
	group_is(c, TUI_REST);
}

static char *label(const char *id)
{
	return g_strconcat("label of ", id, NULL);
}

/* A letter that nobody opened says what is known of it, one in work says how far it is. */
static void test_words(void)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	const char *const shown[] = {"2026/1", "2026/2"};
	Case *call = case_of("new", "clean", "2026-12-14"), *work = case_of("open", "clean", "2026-12-14");
	json_object_update_new(call->facts, json_pack("{s:s, s:s, s:i}", "channel", "telephone", "language", "ru", "attachments", 2));
	g_free(call->ack_state);
	call->ack_state = g_strdup("withheld");
	json_object_update_new(work->facts, json_pack("{s:s, s:s, s:i}", "channel", "mail", "language", "ru", "attachments", 2));
	work->category = g_strdup("gifts");
	g_ptr_array_add(cases, call);
	g_ptr_array_add(cases, work);
	g_autoptr(GPtrArray) lines = tui_list_lines(cases, shown, &(TuiListed){zone, TODAY, label, 0, FALSE});
	g_assert_cmpuint(lines->len, ==, 4);
	const TuiLine *const *line = (const TuiLine *const *)lines->pdata;
	g_assert_nonnull(strstr(line[1]->text, "acknowledgement held back, telephone, Russian, attachments: 2"));
	g_assert_true(g_str_has_suffix(line[3]->text, " open, label of gifts"));
	g_autoptr(GPtrArray) heard = tui_list_lines(cases, shown, &(TuiListed){zone, TODAY, label, 0, TRUE});
	g_assert_cmpstr(((const TuiLine *)heard->pdata[3])->text, ==,
	                "2026/2, received 1970-01-01, answer by 2026-12-14: open, label of gifts");
}

/* On 80 columns 46 are left for words: what is to be done stands within them, and of the classes the gravest alone. */
static void what_is_to_be_done_stands_before_why(void)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	const char *const shown[] = {"2026/1", "2026/2"};
	Case *risk = case_of("new", "review", "2026-12-14"), *sent = case_of("open", "redirect", "2026-12-14");
	json_object_set_new(risk->facts, "class", json_pack("[s, s, s, s]", "likeness", "threat.health", "threat.life", "reporter-at-risk"));
	json_object_set_new(sent->facts, "class", json_pack("[s, s]", "likeness", "threat.life"));
	sent->redirected = g_strdup("made");
	sent->redirected_to = g_strdup("police");
	g_ptr_array_add(cases, risk);
	g_ptr_array_add(cases, sent);
	g_assert_false(case_asks_redirection(sent)); /* it was */
	g_autoptr(GPtrArray) lines = tui_list_lines(cases, shown, &(TuiListed){zone, TODAY, label, 0, FALSE});
	const TuiLine *const *line = (const TuiLine *const *)lines->pdata;
	g_assert_nonnull(strstr(line[1]->text, " URGENT, to be looked through, the reporter may be in danger, …"));
	g_assert_nonnull(strstr(line[2]->text, " URGENT, redirected to police: its outgoing number is to be entered, threat to life, open"));
}

static void test_lines(void)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	const char *const shown[] = {"2026/1", "2026/2", "2026/3", "2026/4"};
	g_ptr_array_add(cases, case_of("open", "clean", "2026-11-25"));
	g_ptr_array_add(cases, case_of("open", "clean", "2026-11-20"));
	g_ptr_array_add(cases, case_of("new", "clean", "2026-12-14"));
	Case *other = case_of("", "clean", NULL);
	other->elsewhere = TRUE;
	g_ptr_array_add(cases, other);
	g_autoptr(GPtrArray) lines = tui_list_lines(cases, shown, &(TuiListed){zone, TODAY, label, 0, FALSE});
	g_assert_cmpuint(lines->len, ==, 7); /* three heads, no head of an empty group */
	const TuiLine *const *line = (const TuiLine *const *)lines->pdata;
	g_assert_null(line[0]->c);
	g_assert_true(g_str_has_suffix(line[0]->text, "(1)"));
	g_assert_nonnull(strstr(line[1]->text, "2026/3"));
	g_assert_nonnull(strstr(line[3]->text, "2026/2")); /* overdue, before what is due later */
	g_assert_nonnull(strstr(line[3]->text, "OVERDUE"));
	g_assert_true(line[3]->strong);
	g_assert_nonnull(strstr(line[4]->text, "2026/1"));
	g_assert_nonnull(strstr(line[6]->text, "given to another officer"));
}

/* A name of the desk's or of a finding comes from outside: none drives the terminal. */
static void test_escapes(void)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	const char *const shown[] = {"2026/1"};
	Case *wild = case_of("open\033[2J", "clean", "2026-12-14");
	wild->redirected = g_strdup("sent");
	wild->redirected_to = g_strdup("\033[2J");
	g_ptr_array_add(cases, wild);
	g_autoptr(GPtrArray) lines = tui_list_lines(cases, shown, &(TuiListed){zone, TODAY, label, 0, FALSE});
	for (guint i = 0; i < lines->len; i++)
		g_assert_null(strchr(((const TuiLine *)lines->pdata[i])->text, '\033'));
}

static void an_incident_that_waits_stands_above_what_needs_a_decision(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GPtrArray) lines = tui_list_lines(none, NULL, &(TuiListed){zone, TODAY, label, 2, FALSE});
	g_assert_cmpuint(lines->len, ==, 2);
	g_assert_cmpstr(((const TuiLine *)lines->pdata[0])->text, ==, "NEEDS A DECISION (2)");
	g_assert_nonnull(strstr(((const TuiLine *)lines->pdata[1])->text, "2 to be completed"));
	g_assert_null(((const TuiLine *)lines->pdata[1])->c);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tui-list/a case stands in the first group that is its own", test_groups);
	g_test_add_func("/tui-list/a mark asks until something is decided", a_mark_asks_until_something_is_decided);
	g_test_add_func("/tui-list/a letter held back and an unread answer wait for a decision", test_what_waits);
	g_test_add_func("/tui-list/what another officer reads never asks for a decision", test_elsewhere);
	g_test_add_func("/tui-list/each group has a head, and what is due stands by its day", test_lines);
	g_test_add_func("/tui-list/a line says what is known before it is opened", test_words);
	g_test_add_func("/tui-list/what is to be done stands before why", what_is_to_be_done_stands_before_why);
	g_test_add_func("/tui-list/no word of a line drives the terminal", test_escapes);
	g_test_add_func("/tui-list/an incident that waits stands above what needs a decision",
	                an_incident_that_waits_stands_above_what_needs_a_decision);
	return g_test_run();
}
