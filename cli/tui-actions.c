/* SPDX-License-Identifier: ISC */
#include "cli/tui-actions.h"

#include <string.h>

#include "base/day.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/moment.h"
#include "cli/tui-terminal.h"
#include "installed.h"
#include "store/casework.h"

const TuiAction tui_action_open = {N_("Open"), "show {case}", {{0}}, NULL};
const TuiAction tui_action_form = {N_("Form: who reported, and what"), "note {case}", {{0}}, NULL};
const TuiAction tui_action_print = {N_("Print on the local printer"), "print {case}", {{0}}, NULL};

/* --- when ------------------------------------------------------------------------------------------------------------ */

static gboolean is_open(const Case *c)
{
	return !case_is_over(c);
}

static gboolean is_open_letter(const Case *c)
{
	return !case_is_over(c) && strcmp(case_fact(c, "channel"), "mail") == 0;
}

static gboolean is_letter(const Case *c)
{
	return strcmp(case_fact(c, "channel"), "mail") == 0;
}

static gboolean is_held(const Case *c)
{
	return c->held;
}

static gboolean is_free(const Case *c)
{
	return !c->held;
}

static gboolean may_end(const Case *c)
{
	return !case_is_over(c) && !c->held;
}

static gboolean may_end_unread(const Case *c)
{
	return may_end(c) && c->unread;
}

static gboolean is_arrival(const Case *c)
{
	return strstr(c->name, "/X-") != NULL;
}

static gboolean is_call(const Case *c)
{
	return strcmp(case_fact(c, "channel"), "telephone") == 0;
}

static gboolean has_transcript(const Case *c)
{
	return c->transcript;
}

static gboolean has_more(const Case *c)
{
	return c->followups > 0;
}

static gboolean is_letter_held(const Case *c)
{
	return g_strcmp0(c->ack_state, "withheld") == 0;
}

static gboolean is_redirected(const Case *c)
{
	return c->redirected != NULL && strcmp(c->redirected, "wrong") != 0;
}

static gboolean may_be_answered(const Case *c)
{
	return !c->elsewhere && !is_arrival(c) && g_strcmp0(c->state, "set-aside") != 0;
}

static gboolean lacks_answer_number(const Case *c)
{
	return c->reply.unnumbered;
}

static gboolean is_safe(const Case *c)
{
	return !c->elsewhere && !c->unsafe;
}

static gboolean is_marked_unsafe(const Case *c)
{
	return c->unsafe;
}

static gboolean waits_for_number(const Case *c)
{
	return g_strcmp0(c->redirected, "made") == 0;
}

static gboolean forwarding_waits(const Case *c)
{
	return g_strcmp0(c->forwarded, "made") == 0;
}

static gboolean may_be_erased(const Case *c)
{
	return c->erasure == NULL && !c->held;
}

static gboolean has_erasure(const Case *c)
{
	return c->erasure != NULL;
}

/* --- the tables ------------------------------------------------------------------------------------------------------ */

#define ASK_ADDRESSEE {N_("To whom, by the name in the settings: "), NULL, FALSE, NULL}
#define ASK_OFFICER {N_("Her name in the register: "), NULL, FALSE, NULL}
#define ASK_MONTH {N_("Month: "), NULL, FALSE, "month"}

#define REDIRECT_PAPERS N_("Redirect to law enforcement: make the papers"), "redirect {case} --output {1}", \
	{{N_("File to make, a PDF: "), NULL, FALSE, "senim-{case}.pdf"}}
#define REDIRECT_MAIL N_("Redirect by mail"), "redirect {case} --to {1}", {ASK_ADDRESSEE}

const TuiAction tui_case_actions[] = {
	{N_("Form: who reported, and what"), "note {case}", {{0}}, NULL},
	{N_("Form: resolution, measures and answer"), "resolve {case}", {{0}}, NULL},
	{N_("Category"), "assign {case}", {{0}}, NULL},
	{N_("The row of the register"), "show {case} --row", {{0}}, NULL},
	{N_("Strike an entry of the row"), "strike {case}", {{0}}, NULL},
	{N_("View an attachment"), "attachment {case} {1}", {{N_("Number of the attachment (Enter: the list): "), NULL, TRUE, NULL}}, NULL},
	{N_("Hear the call and write it down"), "transcript {case}", {{0}}, is_call},
	{N_("Print on the local printer"), "print {case}", {{0}}, NULL},
	{N_("Print the call as it was written down"), "print {case} --transcript", {{0}}, has_transcript},
	{N_("Page for the pen journal"), "journal {case}", {{0}}, NULL},
	{N_("Close"), "close {case} - --result {1}", {{N_("How did it end?"), CASEWORK_RESULTS, FALSE, NULL}}, may_end},
	{N_("Close, though a message of it is unread"), "close {case} - --even-so --result {1}",
	 {{N_("How did it end?"), CASEWORK_RESULTS, FALSE, NULL}}, may_end_unread},
	{N_("Open again"), "reopen {case} -", {{0}}, case_is_over},
	{N_("Set aside: no report"), "set-aside {case} - --reason {1}", {{N_("Why is it set aside?"), CASEWORK_REASONS, FALSE, NULL}}, may_end},
	{N_("Accept as a report"), "accept {case}", {{0}}, is_arrival},
	{N_("Prolong the term, and tell the reporter by a letter"), "prolong {case} --until {1} --notify",
	 {{N_("New last day, DD.MM.YYYY: "), NULL, FALSE, "day"}}, is_open_letter},
	{N_("Prolong the term"), "prolong {case} --until {1} --notice {2}",
	 {{N_("New last day, DD.MM.YYYY: "), NULL, FALSE, "day"}, {N_("How is the reporter told?"), CASEWORK_NOTICES, FALSE, NULL}}, is_open},
	{N_("Put on hold"), "hold {case} -", {{0}}, is_free},
	{N_("Take off hold"), "hold {case} - --release", {{0}}, is_held},
	{N_("Link with another case"), "link {case} {1}", {{N_("With which case: "), NULL, FALSE, NULL}}, NULL},
	{N_("Letters: acknowledge, answer, send on, redirect …"), "letters", {{0}}, NULL},
	{N_("A later message of this case"), "show {case} --message {1}", {{N_("Number of the message: "), NULL, FALSE, "message"}}, has_more},
	{N_("A later message as a report of its own"), "split {case} --message {1}", {{N_("Number of the message: "), NULL, FALSE, "message"}}, has_more},
	{N_("Why these dates"), "why {case}", {{0}}, NULL},
	{N_("Whose case it is, and who may read it …"), "access", {{0}}, NULL},
	{N_("Save an attachment outside"), "attachment {case} {1} --output {2}",
	 {{N_("Number of the attachment: "), NULL, FALSE, NULL}, {N_("File to make: "), NULL, FALSE, NULL}}, NULL},
	{N_("Show with trace fields"), "show {case} --headers", {{0}}, NULL},
	{REDIRECT_PAPERS, case_asks_redirection},
	{REDIRECT_MAIL, case_asks_redirection},
	{0},
};

const TuiAction tui_letter_actions[] = {
	{N_("Answer by mail"), "reply {case}", {{0}}, may_be_answered},
	{N_("Answer by mail with a file: the signed answer, scanned"), "reply {case} --attach {1}",
	 {{N_("File: "), NULL, FALSE, NULL}}, may_be_answered},
	{N_("Answer on paper: make the page"), "reply {case} --by paper --output {1}",
	 {{N_("File to make, a PDF: "), NULL, FALSE, "senim-answer-{case}.pdf"}}, may_be_answered},
	{N_("The reporter read the answer in person"), "reply {case} --by person", {{0}}, may_be_answered},
	{N_("Tell which state body to turn to, by mail"), "advise {case}", {{0}}, may_be_answered},
	{N_("Enter the answer's outgoing number"), "reply {case} --number {1} --date {2}",
	 {{N_("Outgoing number: "), NULL, FALSE, NULL}, {N_("Its date, DD.MM.YYYY: "), NULL, FALSE, "today"}}, lacks_answer_number},
	{N_("No answer on the substance is due"), "reply {case} --no-answer {1}", {{N_("Why is no answer due?"), CASEWORK_NO_ANSWERS, FALSE, NULL}},
	 may_be_answered},
	{N_("Mark the address: no letter may go there"), "reply {case} --unsafe yes", {{0}}, is_safe},
	{N_("Letters may go to the address again"), "reply {case} --unsafe no", {{0}}, is_marked_unsafe},
	{N_("Send the acknowledgement that was held back"), "acknowledge {case} --to {1}",
	 {{N_("To which address (Enter: the sender's own): "), NULL, TRUE, NULL}}, is_letter_held},
	{REDIRECT_PAPERS, is_open},
	{REDIRECT_MAIL, is_open},
	{N_("Enter the redirection's outgoing number"), "redirect {case} --number {1} --date {2}",
	 {{N_("Outgoing number: "), NULL, FALSE, NULL}, {N_("Its date, DD.MM.YYYY: "), NULL, FALSE, "today"}}, waits_for_number},
	{N_("This redirection was wrong"), "redirect {case} --wrong", {{0}}, is_redirected},
	{N_("Forward to a department or another body, without the writer: make the papers"), "forward {case} --to {1} --output {2}",
	 {ASK_ADDRESSEE, {N_("File to make, a PDF: "), NULL, FALSE, "senim-{case}.pdf"}}, is_open},
	{N_("Forward by mail, without the writer"), "forward {case} --to {1}", {ASK_ADDRESSEE}, is_open},
	{N_("Forward with the writer's name, with consent or by a law: make the papers"),
	 "forward {case} --to {1} --with-identity --consent {2} --output {3}",
	 {ASK_ADDRESSEE, {N_("Number of the message in which the reporter agrees (Enter: you write it down): "), NULL, TRUE, NULL},
	  {N_("File to make, a PDF: "), NULL, FALSE, "senim-{case}.pdf"}}, is_open},
	{N_("Enter the outgoing number of what was forwarded"), "forward {case} --number {1} --date {2}",
	 {{N_("Outgoing number: "), NULL, FALSE, NULL}, {N_("Its date, DD.MM.YYYY: "), NULL, FALSE, "today"}}, forwarding_waits},
	{N_("Let another officer forward it to whom it names"), "forward {case} - --to {1} --allow", {ASK_ADDRESSEE}, is_open},
	{N_("Receipt for the reporter, as a file"), "receipt {case} --output {1}",
	 {{N_("File to make: "), NULL, FALSE, "senim-receipt-{case}.txt"}}, NULL},
	{N_("Receipt for the reporter, by a letter"), "receipt {case} --send --to {1}",
	 {{N_("To which address (Enter: the sender's own): "), NULL, TRUE, NULL}}, is_letter},
	{N_("Receipt without number and marks, as a file"), "receipt {case} --bare --output {1}",
	 {{N_("File to make: "), NULL, FALSE, "senim-receipt-{case}.txt"}}, NULL},
	{N_("Receipt that proves the text too, as a file"), "receipt {case} --text --output {1}",
	 {{N_("File to make: "), NULL, FALSE, "senim-receipt-{case}.txt"}}, NULL},
	{0},
};

const TuiAction tui_access_actions[] = {
	{N_("Give the work to an officer"), "assign {case} --to {1}", {{N_("Officer (- for everybody): "), NULL, FALSE, NULL}}, is_open},
	{N_("Let another officer read it"), "grant {case} --to {1}", {{N_("Officer: "), NULL, FALSE, NULL}}, NULL},
	{N_("Keep it from an officer"), "withhold {case} --from {1}", {{N_("Officer: "), NULL, FALSE, NULL}}, NULL},
	{N_("Erase by order"), "erase {case} --order {1} --date {2} --digest {3}",
	 {{N_("Number of the order: "), NULL, FALSE, NULL}, {N_("Its date, DD.MM.YYYY: "), NULL, FALSE, "day"},
	  {N_("File with the order's document: "), NULL, FALSE, NULL}}, may_be_erased},
	{N_("The erasure that is ordered"), "erase {case} {1}", {{N_("What about it?"), " --status --confirm --stop ", FALSE, NULL}}, has_erasure},
	{0},
};

const TuiAction tui_office_actions[] = {
	{N_("Add a report: by telephone, on paper, in person"), "add --channel {1} --at {2} --attach {3}",
	 {{N_("How did it come?"), " telephone paper person ", FALSE, NULL}, {N_("When: "), NULL, FALSE, "now"},
	  {N_("A file with the recording or the scan (Enter: none): "), NULL, TRUE, NULL}}, NULL},
	{N_("What is due, and when"), "due", {{0}}, NULL},
	{N_("The list with senders and subjects"), "list --cards", {{0}}, NULL},
	{N_("The register"), "register", {{0}}, NULL},
	{N_("The register for printing"), "register --format pdf --output {1}",
	 {{N_("File to make, a PDF: "), NULL, FALSE, "senim-journal.pdf"}}, NULL},
	{N_("Pages for the pen journal"), "journal", {{0}}, NULL},
	{N_("Report of a month"), "report --month {1}", {ASK_MONTH}, NULL},
	{N_("Report of a month for printing, with your own words"), "report - --month {1} --format pdf --output {2}",
	 {ASK_MONTH, {N_("File to make, a PDF: "), NULL, FALSE, "senim-report.pdf"}}, NULL},
	{N_("Explain the dates of a moment"), "why --at {1}", {{N_("Moment, DD.MM.YYYY HH:MM: "), NULL, FALSE, "now"}}, NULL},
	{N_("Destroy exported files"), "purge", {{0}}, NULL},
	{N_("Who reads, keys, and what was looked at …"), "people", {{0}}, NULL},
	{N_("Keeping: checks, archive, incidents, inspection …"), "keeping", {{0}}, NULL},
	{N_("Search in what you have opened"), "search", {{0}}, NULL},
	{0},
};

const TuiAction tui_keeping_actions[] = {
	{N_("Check a printed sheet of the register"), "register {1} --verify-page {2}",
	 {{N_("The code at the foot of the sheet: "), NULL, FALSE, NULL}, {N_("The number of the sheet: "), NULL, FALSE, NULL}}, NULL},
	{N_("Check the register"), "verify", {{0}}, NULL},
	{N_("Check a receipt"), "verify --receipt {1}", {{N_("The receipt's file: "), NULL, FALSE, NULL}}, NULL},
	{N_("Check a receipt and the letter that it is of"), "verify --receipt {1} --letter {2}",
	 {{N_("The receipt's file: "), NULL, FALSE, NULL}, {N_("The letter's file: "), NULL, FALSE, NULL}}, NULL},
	{N_("Check the code of a letter"), "verify --code {1}", {{N_("The code, as it stands in the letter: "), NULL, FALSE, NULL}}, NULL},
	{N_("What is held on one person"), "extract --format pdf --output {1}", {{N_("File to make, a PDF: "), NULL, FALSE, "senim-extract.pdf"}}, NULL},
	{N_("Which cases mention a person"), "extract --as mentioned", {{0}}, NULL},
	{N_("Whom a breach concerns, by a time"), "breach --from {1} --to {2} --format pdf --output {3}",
	 {{N_("First day, DD.MM.YYYY: "), NULL, FALSE, "day"}, {N_("Last day, DD.MM.YYYY: "), NULL, FALSE, "today"},
	  {N_("File to make, a PDF: "), NULL, FALSE, "senim-breach.pdf"}}, NULL},
	{N_("Whom a breach concerns, by an officer's keys"), "breach --about {1} --format pdf --output {2}",
	 {ASK_OFFICER, {N_("File to make, a PDF: "), NULL, FALSE, "senim-breach.pdf"}}, NULL},
	{N_("Enter the yearly review of the policy"), "review --policy {1}", {{N_("File with the policy: "), NULL, FALSE, NULL}}, NULL},
	{N_("Put all cards into the search index"), "search --all-cards", {{0}}, NULL},
	{N_("Destroy the search index of this machine"), "search --forget", {{0}}, NULL},
	{N_("Emergency journal: what happened"), "incident list", {{0}}, NULL},
	{N_("Complete an incident: cause and measures"), "incident complete {1}", {{N_("Number of the incident: "), NULL, FALSE, NULL}}, NULL},
	{N_("Enter an incident by hand"), "incident open --from {1} --to {2}",
	 {{N_("When it began, DD.MM.YYYY HH:MM: "), NULL, FALSE, "now"}, {N_("When it ended (Enter: it lasts): "), NULL, TRUE, NULL}}, NULL},
	{N_("Announce planned work"), "incident plan --from {1} --to {2}",
	 {{N_("From, DD.MM.YYYY HH:MM: "), NULL, FALSE, "now"}, {N_("To, DD.MM.YYYY HH:MM: "), NULL, FALSE, "now"}}, NULL},
	{N_("Emergency journal for printing"), "incident print --format pdf --output {1}",
	 {{N_("File to make, a PDF: "), NULL, FALSE, "senim-emergency.pdf"}}, NULL},
	{N_("The file for an inspector"), "inspection --from {1} --to {2} --order {3} --digest {4} {5} --output {6}",
	 {{N_("First day, DD.MM.YYYY: "), NULL, FALSE, "day"}, {N_("Last day, DD.MM.YYYY: "), NULL, FALSE, "day"},
	  {N_("Number of the order: "), NULL, FALSE, NULL}, {N_("File with the order, such as a scan (Enter: none): "), NULL, TRUE, NULL},
	  {N_("With names?"), " --no-names --names ", FALSE, NULL}, {N_("File to make, a PDF: "), NULL, FALSE, "senim-inspection.pdf"}}, NULL},
	{N_("Erasures that are ordered"), "erase", {{0}}, NULL},
	{N_("Confirm or stop an erasure by the number of its case"), "erase {1} {2}",
	 {{N_("Number of the case: "), NULL, FALSE, NULL}, {N_("What about it?"), " --confirm --stop ", FALSE, NULL}}, NULL},
	{0},
};

const TuiAction tui_people_actions[] = {
	{N_("Who reads"), "officer list", {{0}}, NULL},
	{N_("Who looked at what"), "log", {{0}}, NULL},
	{N_("Access report of a month"), "log --report --month {1}", {ASK_MONTH}, NULL},
	{N_("Add a person who is to read"), "officer add {1} {2} --role {3} --order {4}",
	 {{N_("A name for the register, in Latin letters: "), NULL, FALSE, NULL}, {N_("File with the public half of her key, NAME.pub: "), NULL, FALSE, NULL},
	  {N_("As what?"), " officer deputy escalation supervisor ", FALSE, NULL}, {N_("Number of the order: "), NULL, FALSE, NULL}}, NULL},
	{N_("Confirm a new officer by six words"), "officer confirm {1}", {ASK_OFFICER}, NULL},
	{N_("Block an officer at once"), "officer block {1} --order {2}",
	 {ASK_OFFICER, {N_("Number of the order (Enter: none yet): "), NULL, TRUE, NULL}}, NULL},
	{N_("Lift a block"), "officer unblock {1} --order {2}",
	 {ASK_OFFICER, {N_("Number of the order (Enter: none yet): "), NULL, TRUE, NULL}}, NULL},
	{N_("Enter a leave"), "officer cover {1} --from {2} --to {3} --deputy {4}",
	 {ASK_OFFICER, {N_("First day, DD.MM.YYYY: "), NULL, FALSE, "day"}, {N_("Last day, DD.MM.YYYY: "), NULL, FALSE, "day"},
	  {N_("Who stands in: "), NULL, FALSE, NULL}}, NULL},
	{N_("Act of putting into service, for signature"), "officer act {1} --output {2}",
	 {ASK_OFFICER, {N_("File to make, a PDF: "), NULL, FALSE, "senim-act.pdf"}}, NULL},
	{N_("Hand-over: what a leaver has in her hands"), "officer handover {1}", {ASK_OFFICER}, NULL},
	{N_("Let a reader look past the day's limit"), "officer allow {1} {2}",
	 {ASK_OFFICER, {N_("Which case: "), NULL, FALSE, NULL}}, NULL},
	{N_("Seal the old cases to another reader"), "rekey --to {1}", {ASK_OFFICER}, NULL},
	{N_("Go over to a newer key"), "rekey {1}", {{N_("The newer key file: "), NULL, FALSE, NULL}}, NULL},
	{N_("Another passphrase for the key file"), "passphrase", {{0}}, NULL},
	{N_("The agreement on use"), "agreement", {{0}}, NULL},
	{N_("Is this computer as it must be?"), "doctor", {{0}}, NULL},
	{0},
};

const TuiAction *tui_actions_menu(const TuiAction *action)
{
	static const struct {
		const char *words;
		const TuiAction *table;
	} menus[] = {{"letters", tui_letter_actions}, {"access", tui_access_actions}, {"people", tui_people_actions},
	             {"keeping", tui_keeping_actions}};
	for (gsize i = 0; i < G_N_ELEMENTS(menus); i++)
		if (strcmp(action->words, menus[i].words) == 0)
			return menus[i].table;
	return NULL;
}

char *tui_help(void)
{
	g_autofree char *page = tui_help_page();
	return g_strdup_printf(
		_("THE LIST\n"
		  "\n"
		  "Your cases stand in four groups: what needs a decision, what is new, what is due\n"
		  "within a week, and the rest. Each line says the number, when it came, until when\n"
		  "it is to be answered, and what is known of it without opening it.\n"
		  "\n"
		  "  ↑ ↓          from case to case          Enter   open it\n"
		  "  F2           everything that can be done with a case\n"
		  "  F3           the form of the register: who reported, and what\n"
		  "  F4           look for new cases         F5      print the case\n"
		  "  F6           open the next case         F7      everything else\n"
		  "  F8           closed cases too           F9      Kazakh or Russian\n"
		  "  F10          leave                      Esc     back\n"
		  "  / or №       to a case by its number\n"
		  "\n"
		  "Where a function key does something else on your computer, the digit does the\n"
		  "same in the list: 1 for F1, 2 for F2, 0 for F10. Digits and letters of a menu\n"
		  "work whichever language the keyboard writes.\n"
		  "\n"
		  "Before a case is opened you are asked for the ground, once for each case. Each\n"
		  "look stands in the register.\n"
		  "\n"
		  "IN A FORM\n"
		  "\n"
		  "Type; ↑ ↓ go from field to field, PgUp and PgDn through the letter below it.\n"
		  "F4 takes the suggestion below the field, F2 saves. A day is written 31.12.2026.\n"
		  "What was saved is changed by striking it (F2, 5), and stays legible.\n"
		  "\n"
		  "After ten minutes without a key senim ends and forgets the keys.\n"
		  "\n"
		  "The page to print and lay beside the computer:\n"
		  "%s\n"),
		page);
}

char *tui_help_page(void)
{
	const char *language = strcmp(language_shown(), "ru") == 0 ? "ru" : "kk";
	return g_strdup_printf("%s/officer-page.%s.html", DOCDIR, language);
}

char *tui_help_plain(void)
{
	g_autofree char *page = tui_help_page();
	return g_strdup_printf(
		_("Your cases stand in four groups: what needs a decision, what is new, what is due within a week, and the rest. "
		  "Type the number of a case, as 12 or 2026/12, and Enter; then the number of what you want to do. A star lists everything else, a "
		  "plus shows closed cases too, a slash changes between Kazakh and Russian, 0 leaves. Before a case is opened you "
		  "are asked for the ground; each look stands in the register. The page to print: %s\n"),
		page);
}

/* --- which of them --------------------------------------------------------------------------------------------------- */

static gboolean has_command(const Cli *cli, const char *words)
{
	g_autofree char *name = g_strndup(words, strcspn(words, " "));
	const char *one;
	for (guint i = 0; (one = cli->command(i)) != NULL; i++)
		if (strcmp(one, name) == 0)
			return TRUE;
	return FALSE;
}

/* Of a menu: is there anything in it? */
static gboolean is_offered(const TuiAction *action, const Cli *cli, const Case *c)
{
	const TuiAction *menu = tui_actions_menu(action);
	if (menu == NULL)
		return has_command(cli, action->words) && (c == NULL || action->fits == NULL || action->fits(c));
	while (menu->label != NULL && !is_offered(menu, cli, c))
		menu++;
	return menu->label != NULL;
}

GPtrArray *tui_actions_offered(const TuiAction *table, const Cli *cli, const Case *c)
{
	GPtrArray *offered = g_ptr_array_new();
	gint first = 0;
	for (const TuiAction *action = table; action->label != NULL; action++)
		if (is_offered(action, cli, c))
			g_ptr_array_insert(offered, action->fits == case_asks_redirection ? first++ : -1, (gpointer)action);
	return offered;
}

char *tui_actions_keys(const TuiAction *table, const GPtrArray *offered)
{
	char *keys = g_strndup(TUI_CHOICE_KEYS, offered->len);
	for (guint i = 0; i < offered->len; i++) {
		gsize place = (gsize)((const TuiAction *)offered->pdata[i] - table);
		keys[i] = place < strlen(TUI_CHOICE_KEYS) ? TUI_CHOICE_KEYS[place] : ' ';
	}
	return keys;
}

/* --- its words ------------------------------------------------------------------------------------------------------- */

/* One of the words, shown in her language. */
static char *choose_word(const TuiAsk *ask)
{
	g_autofree char *all = g_strstrip(g_strdup(ask->words));
	g_auto(GStrv) words = g_strsplit(all, " ", -1);
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
	for (char **word = words; *word != NULL; word++)
		g_ptr_array_add(labels, format_word(*word));
	int chosen = form_choose(_(ask->question), (const char *const *)labels->pdata, labels->len, labels->len);
	return chosen >= 0 ? g_strdup(words[chosen]) : NULL;
}

/* What stands in the line already, as she writes it; shown: the case's name, or NULL. */
static char *preset_of(const char *preset, const Case *c, const char *shown, GTimeZone *zone)
{
	static const struct {
		const char *preset, *format;
	} moments[] = {{"month", "%m.%Y"}, {"today", "%d.%m.%Y"}, {"now", "%d.%m.%Y %H:%M"}};
	if (preset == NULL || strcmp(preset, "day") == 0)
		return NULL;
	if (strcmp(preset, "message") == 0) /* the newest */
		return c != NULL ? g_strdup_printf("%" G_GUINT64_FORMAT, c->followups + 1) : NULL;
	g_autoptr(GDateTime) now = g_date_time_new_now(zone);
	for (gsize i = 0; i < G_N_ELEMENTS(moments); i++)
		if (strcmp(preset, moments[i].preset) == 0)
			return g_date_time_format(now, moments[i].format);
	g_auto(GStrv) around = g_strsplit(preset, "{case}", 2);
	g_autofree char *name = g_strjoinv(shown != NULL ? shown : "", around);
	return g_build_filename(g_get_home_dir(), g_strdelimit(name, "/:", '-'), NULL);
}

/* A day is asked for, and this is none. */
static gboolean is_no_day(const TuiAsk *ask, const char *typed)
{
	GDate day;
	return (g_strcmp0(ask->preset, "day") == 0 || g_strcmp0(ask->preset, "today") == 0) && !day_read(typed, &day);
}

/* "" where it was left empty and may be. What is no day is asked for again, as she typed it. */
static char *answer(const TuiAsk *ask, const Case *c, const char *shown, GTimeZone *zone)
{
	if (ask->words != NULL)
		return choose_word(ask);
	g_autoptr(GError) left = NULL;
	g_autofree char *preset = preset_of(ask->preset, c, shown, zone), *again = NULL;
	g_autoptr(WipeText) line = form_line_from(_(ask->question), preset, &left), typed = NULL;
	while (line != NULL && is_no_day(ask, typed = moment_typed(line))) {
		g_clear_pointer(&typed, wipe_text_free);
		g_autoptr(WipeText) before = g_steal_pointer(&line);
		g_free(again);
		again = g_strdup_printf("%s %s", _("A day is written 31.12.2026."), _(ask->question));
		line = form_line_from(again, before, &left);
	}
	if (line == NULL)
		return left == NULL && ask->may_be_empty ? g_strdup("") : NULL;
	return g_steal_pointer(&typed);
}

static gboolean ask_all(const TuiAction *action, const Case *c, const char *shown, GTimeZone *zone, char *answers[G_N_ELEMENTS(action->ask)])
{
	for (gsize i = 0; i < G_N_ELEMENTS(action->ask); i++)
		if (action->ask[i].question != NULL && (answers[i] = answer(&action->ask[i], c, shown, zone)) == NULL)
			return FALSE;
	return TRUE;
}

char **tui_actions_words(const TuiAction *action, const Case *c, const char *shown, GTimeZone *zone)
{
	char *answers[G_N_ELEMENTS(action->ask)] = {0};
	g_auto(GStrv) parts = g_strsplit(action->words, " ", -1);
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func((GDestroyNotify)wipe_text_free);
	gboolean whole = ask_all(action, c, shown, zone, answers);
	g_ptr_array_add(words, g_strdup("senim"));
	for (char **part = parts; whole && *part != NULL; part++) {
		guint64 n = (*part)[0] == '{' ? g_ascii_strtoull(*part + 1, NULL, 10) : 0;
		const char *word = n > 0 ? answers[n - 1] : strcmp(*part, "{case}") == 0 ? shown : *part;
		if (*word != '\0')
			g_ptr_array_add(words, g_strdup(word));
		else if (g_str_has_prefix(g_ptr_array_index(words, words->len - 1), "--"))
			g_ptr_array_set_size(words, (int)words->len - 1); /* the option that it belonged to goes too */
	}
	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
		wipe_text_free(answers[i]);
	if (!whole)
		return NULL;
	g_ptr_array_set_free_func(words, NULL);
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

gboolean tui_actions_run(char **words, const Cli *cli, GError **error)
{
	g_autoptr(Options) options = options_parse(options_table, (int)g_strv_length(words), words, error);
	gboolean done = options != NULL && cli->run(options, cli->settings, error);
	for (char **word = words; *word != NULL; word++)
		explicit_bzero(*word, strlen(*word)); /* an answer may name a person */
	g_strfreev(words);
	return done;
}
