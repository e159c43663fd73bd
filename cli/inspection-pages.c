/* SPDX-License-Identifier: ISC */
/* The pages of the inspector's file. */
#include "cli/inspection.h"

#include <string.h>

#include "cli/format.h"
#include "cli/ground.h"
#include "cli/staff.h"

typedef struct {
	const Inspection *inspection;
	Page *page;
	guint section;
} Paper;

static void heading(Paper *paper, const char *text)
{
	g_autofree char *line = g_strdup_printf("%u. %s", ++paper->section, text);
	page_heading(paper->page, line);
}

/* --- what was asked, and whether the register holds --------------------------------------------------------------------- */

static void add_head(const Paper *paper)
{
	const Inspection *one = paper->inspection;
	const char *organisation = desk_client_organisation(one->session->desk);
	g_autofree char *period = g_strdup_printf("%s – %s", one->first, one->last);
	g_autofree char *entry = g_strdup_printf("%" G_GUINT64_FORMAT, one->entry);
	page_title(paper->page, _("File for an inspection of the looks at reports"));
	page_pair(paper->page, _("Organisation"), organisation);
	page_pair(paper->page, _("Mailbox"), one->mailbox);
	page_pair(paper->page, _("Period"), period);
	page_pair(paper->page, _("Order of the inspector"), one->order);
	page_pair(paper->page, _("Digest of the order (SHA-256)"), strcmp(one->order_digest, "-") != 0 ? one->order_digest : "–");
	page_pair(paper->page, _("Names"), one->names ? _("are in it: whoever holds it keeps it as a report is kept") : _("are not in it"));
	page_pair(paper->page, _("Entry of the register"), entry);
	page_pair(paper->page, _("Made by"), desk_client_officer(one->session->desk));
}

static void add_checks(Paper *paper)
{
	const GPtrArray *checks = paper->inspection->checks;
	heading(paper, _("Result of the check of the register"));
	for (guint i = 0; i < checks->len; i++) {
		const VerifyRegister *check = checks->pdata[i];
		if (strcmp(check->mailbox, paper->inspection->mailbox) != 0)
			continue;
		g_autofree char *line = g_strdup_printf(check->faults->len == 0
		                                                ? _("The register is whole: %llu entries, %llu sealed objects; each was read again.")
		                                                : _("THE REGISTER IS NOT WHOLE (%llu entries, %llu sealed objects):"),
		                                        (unsigned long long)check->size, (unsigned long long)check->payloads);
		page_text(paper->page, check->faults->len == 0 ? 0 : PAGE_BOLD, line);
		for (guint n = 0; n < check->faults->len; n++)
			page_text(paper->page, 0, check->faults->pdata[n]);
	}
}

/* --- reports ------------------------------------------------------------------------------------------------------------ */

static void add_cells(const Paper *paper, guint style, const char *const *cells, guint n)
{
	for (guint i = 0; i < n; i++)
		page_cell(paper->page, style, cells[i] != NULL ? cells[i] : "–");
}

static void add_row(const Paper *paper, const InspectionRow *row)
{
	GTimeZone *zone = desk_client_zone(paper->inspection->session->desk);
	g_autofree char *received = format_time(row->received, zone), *channel = format_word(row->channel);
	g_autofree char *state = format_word(row->state), *result = row->result != NULL ? format_word(row->result) : NULL;
	g_autofree char *both = result != NULL ? g_strdup_printf("%s: %s", state, result) : g_strdup(state);
	const char *standing = row->state != NULL ? both : row->elsewhere ? _("read by another") : NULL;
	const char *cells[] = {row->name, row->received > 0 ? received : NULL, row->official, row->channel != NULL ? channel : NULL, row->due,
	                       standing};
	add_cells(paper, 0, cells, G_N_ELEMENTS(cells));
}

static void add_rows(Paper *paper)
{
	static const guint weights[] = {3, 6, 4, 4, 4, 6};
	const GPtrArray *rows = paper->inspection->rows;
	const char *const head[] = {_("№"), _("Received"), _("Counts from"), _("Channel"), _("Due"), _("State")};
	heading(paper, _("Reports of the period, without what names anybody"));
	if (rows->len == 0) {
		page_text(paper->page, 0, _("None."));
		return;
	}
	page_table(paper->page, weights, G_N_ELEMENTS(weights), 1, TRUE);
	add_cells(paper, PAGE_BOLD, head, G_N_ELEMENTS(head));
	for (guint i = 0; i < rows->len; i++)
		add_row(paper, rows->pdata[i]);
}

/* On sheets that lie as the register's own. */
static gboolean add_register(Paper *paper, GError **error)
{
	if (paper->inspection->registered == NULL)
		return TRUE;
	page_turn(paper->page, PAGE_LANDSCAPE);
	heading(paper, _("Pages of the register"));
	gboolean added = inspection_add_rows(paper->inspection, paper->page, error);
	page_turn(paper->page, PAGE_PORTRAIT);
	return added;
}

/* --- entries ------------------------------------------------------------------------------------------------------------ */

typedef enum { LOOKS, ACCOUNTS, OUTAGES, DISCLOSURES, COPIES, ERASURES, OTHERS } Section;

static gboolean is_export(const LogEntry *entry)
{
	return entry->record != NULL && log_book_is_look(entry) && g_strcmp0(record_get(entry->record, "act"), "export") == 0;
}

static gboolean is_printing(const LogEntry *entry)
{
	return entry->record != NULL && log_book_is_look(entry) && g_strcmp0(record_get(entry->record, "act"), "print") == 0;
}

/* Where an entry stands; of one whose record is not to be had only its kind says it. */
static Section section_of(const LogEntry *entry)
{
	switch (entry->kind) {
	case ENTRY_OPENED:
	case ENTRY_LISTED:
	case ENTRY_REGISTER_READ:
		return is_export(entry) || is_printing(entry) ? COPIES : LOOKS;
	case ENTRY_SEARCHED:
	case ENTRY_EXTRACTED:
	case ENTRY_REFUSED:
	case ENTRY_LOG_READ:
	case ENTRY_EXCEEDED:
	case ENTRY_ALLOWED:
		return LOOKS;
	case ENTRY_KEY:
	case ENTRY_BLOCKED:
	case ENTRY_GRANTED:
	case ENTRY_WITHHELD_FROM:
	case ENTRY_AGREED:
		return ACCOUNTS;
	case ENTRY_INCIDENT:
	case ENTRY_RECONCILED:
		return OUTAGES;
	case ENTRY_REDIRECTED:
	case ENTRY_FORWARDED:
	case ENTRY_REPLIED:
	case ENTRY_ADVISED:
	case ENTRY_RELEASED:
	case ENTRY_RECEIPT:
	case ENTRY_INSPECTED:
		return DISCLOSURES;
	case ENTRY_PRINTED:
	case ENTRY_EXPORTED:
	case ENTRY_PURGED:
	case ENTRY_SHEET:
	case ENTRY_COPIED:
		return COPIES;
	case ENTRY_ERASURE:
	case ENTRY_ERASED:
		return ERASURES;
	default:
		return OTHERS;
	}
}

/* When the order to block was signed, and how long it took: a day is what it allows. */
static void add_signed(const Paper *paper, const LogEntry *entry, GString *ground)
{
	guint64 ordered;
	if (entry->record == NULL || !record_get_uint(entry->record, "signed", G_MAXINT64, &ordered, NULL) || ordered == 0)
		return;
	g_autofree char *moment = format_time((gint64)ordered, desk_client_zone(paper->inspection->session->desk));
	g_autofree char *hours = staff_hours((gint64)ordered, entry->time);
	g_string_append_printf(ground, _(", signed %s"), moment);
	if (hours != NULL)
		g_string_append_printf(ground, ", %s", hours);
}

/* The ground's label, her own words where they were opened; of a person's account the order. That of an inspection stands beside
 * what was done. */
static char *ground_of(const Paper *paper, const LogEntry *entry)
{
	GString *ground = g_string_new(NULL);
	const char *word = entry->record != NULL ? record_get(entry->record, "ground") : NULL;
	const char *order = entry->record != NULL && entry->kind != ENTRY_INSPECTED ? record_get(entry->record, "order") : NULL;
	if (word != NULL && (order == NULL || strcmp(order, "-") == 0)) {
		g_autofree char *label = ground_label(paper->inspection->grounds, word);
		g_string_append(ground, label);
	}
	if (entry->text != NULL)
		g_string_append_printf(ground, ": %s", entry->text);
	if (order != NULL && strcmp(order, "-") != 0)
		g_string_append_printf(ground, "%s%s %s", ground->len > 0 ? ", " : "", _("order"), order);
	if (entry->kind == ENTRY_BLOCKED)
		add_signed(paper, entry, ground);
	if (entry->sign == LOG_SIGN_WRONG)
		g_string_append_printf(ground, "\n%s", _("SIGNATURE DOES NOT HOLD"));
	return g_string_free(ground, FALSE);
}

/* And with which cases; of an inspection, which has all of its period, whether people are named. */
static char *done_of(const LogBook *book, const LogEntry *entry)
{
	g_autofree char *what = log_book_what(entry), *cases = log_book_cases(book, entry);
	if (entry->kind != ENTRY_INSPECTED)
		return *cases != '\0' ? g_strdup_printf("%s: %s", what, cases) : g_steal_pointer(&what);
	return entry->record != NULL && g_strcmp0(record_get(entry->record, "names"), "yes") == 0
	               ? g_strconcat(what, _(", with names"), NULL)
	               : g_steal_pointer(&what);
}

static void add_entry(const Paper *paper, const LogEntry *entry)
{
	const LogBook *book = paper->inspection->book;
	g_autofree char *time = format_time(entry->time, desk_client_zone(paper->inspection->session->desk));
	g_autofree char *day = g_strndup(time, 10);
	g_autofree char *done = done_of(book, entry);
	g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, entry->seq);
	g_autoptr(WipeText) ground = ground_of(paper, entry);
	const char *who = strcmp(log_book_who(entry), "-") == 0 ? _("the registrar") : log_book_who(entry);
	const char *cells[] = {number, entry->state == LOG_SHOWN ? time : day, entry->state == LOG_SHOWN ? who : "–", done, ground};
	add_cells(paper, 0, cells, G_N_ELEMENTS(cells));
}

/* What the emergency journal says of the period, in front of its entries. FALSE: nothing. */
static gboolean add_incidents(const Paper *paper)
{
	static const guint weights[] = {5, 5, 11, 6};
	const Inspection *one = paper->inspection;
	const char *const head[] = {_("Beginning, date and time"), _("End, date and time"), _("Actions"), _("Responsible person")};
	g_autoptr(GPtrArray) rows = incident_rows_of_period(one->journal, one->from * G_USEC_PER_SEC, one->to * G_USEC_PER_SEC);
	if (rows->len == 0)
		return FALSE;
	page_table(paper->page, weights, G_N_ELEMENTS(weights), 1, TRUE);
	add_cells(paper, PAGE_BOLD, head, G_N_ELEMENTS(head));
	for (guint i = 0; i < rows->len; i++) {
		const JournalRow *row = rows->pdata[i];
		const char *cells[] = {row->from, row->to, row->actions, row->responsible};
		add_cells(paper, 0, cells, G_N_ELEMENTS(cells));
	}
	page_space(paper->page, 3);
	return TRUE;
}

static void add_whose(const Paper *paper)
{
	const Inspection *one = paper->inspection;
	g_autofree char *line = g_strdup_printf(_("Of these acts those of %s alone: the rest stands where the first page says."),
	                                        desk_client_officer(one->session->desk));
	if (!one->has_all)
		page_text(paper->page, PAGE_SMALL, line);
}

static void add_entries(Paper *paper, Section section, const char *title)
{
	static const guint weights[] = {6, 12, 9, 16, 13};
	const GPtrArray *entries = paper->inspection->book->entries;
	const char *const head[] = {_("Entry"), _("When"), _("Who"), _("What"), _("Ground")};
	guint n = 0;
	heading(paper, title);
	const gboolean happened = section == OUTAGES && add_incidents(paper);
	if (section != OUTAGES && section != ACCOUNTS) /* these are whole for everybody */
		add_whose(paper);
	for (guint i = 0; i < entries->len; i++) {
		if (section_of(entries->pdata[i]) != section)
			continue;
		if (n++ == 0) {
			page_table(paper->page, weights, G_N_ELEMENTS(weights), 1, TRUE);
			add_cells(paper, PAGE_BOLD, head, G_N_ELEMENTS(head));
		}
		add_entry(paper, entries->pdata[i]);
	}
	if (n == 0 && !happened)
		page_text(paper->page, 0, _("None."));
}

/* --- how anyone checks it --------------------------------------------------------------------------------------------------- */

static void add_how(Paper *paper)
{
	const Inspection *one = paper->inspection;
	const char *missing =
		one->has_all ? _("3. Numbers that are missing from the tables are those of arrivals, letters and empty entries, which are "
		               "nobody's acts; senim log shows the supervisor the same entries.")
		             : _("3. Numbers that are missing from the tables are those of arrivals, letters and empty entries, and of the acts of "
		               "others, which stand in the file with the acts of all.");
	page_break(paper->page);
	heading(paper, _("How anyone checks this file"));
	page_text(paper->page, 0, _("Each act with a report is an entry of the register, signed by whoever acted. Entries are only added: "
	                            "one that is altered or taken out changes the control mark of all that follow, and everybody who keeps an "
	                            "older mark sees it. Reporters have such a mark in the letter that confirmed their report."));
	page_text(paper->page, 0, _("1. The digest of this file (SHA-256) stands in a later entry of the register than the one named on the first "
	                            "page, of the same order and by the same person. Compute it on any computer (sha256sum FILE) and have "
	                            "that entry shown: they are the same, or the file was changed."));
	page_text(paper->page, 0, _("2. Ask for the register's control mark on another day, or from a reporter's letter, and have senim verify "
	                            "run before your eyes: it reads the register again from its first entry and compares it with the mark below."));
	page_text(paper->page, 0, missing);
	page_text(paper->page, 0, _("4. The mark below is signed with the key of the register; any program for signed notes (C2SP) checks it."));
	page_text(paper->page, 0, _("5. The first page says which parts this file has and who makes the others. The file of the order that was made "
	                            "last lists all that were made before it with their digests: none of them can be exchanged, or left out "
	                            "unseen."));
	page_space(paper->page, 2);
	page_text(paper->page, PAGE_BOLD, _("Control mark of the register when this file was made"));
	page_text(paper->page, PAGE_MONO | PAGE_SMALL, one->checkpoint);
	page_text(paper->page, PAGE_BOLD, _("Key of the register"));
	page_text(paper->page, PAGE_MONO | PAGE_SMALL, one->key != NULL ? one->key : "–");
	if (strlen(one->checkpoint) <= PAGE_QR_MAX)
		page_qr(paper->page, one->checkpoint, strlen(one->checkpoint), 45);
	page_space(paper->page, 10);
	page_signature(paper->page, _("Handed over by"), desk_client_officer(one->session->desk), _("(signature, date)"));
	page_signature(paper->page, _("Received by the inspector"), "", _("(name, signature, date)"));
}

/* In the language in use. */
static gboolean add_all(const Inspection *inspection, Page *page, GError **error)
{
	static const struct {
		Section section;
		const char *title;
	} sections[] = {{LOOKS, N_("Who looked at what, when and on what ground")},
	                {ACCOUNTS, N_("People: added, confirmed, blocked, let in; to whom cases were given")},
	                {OUTAGES, N_("Outages and incidents")},
	                {DISCLOSURES, N_("What was handed to others")},
	                {COPIES, N_("Copies: printed, exported, destroyed")},
	                {ERASURES, N_("Erasure by order: ordered, confirmed, stopped, carried out")},
	                {OTHERS, N_("All other acts")}};
	Paper paper = {inspection, page, 0};
	add_head(&paper);
	inspection_add_parts(inspection, page);
	add_checks(&paper);
	add_rows(&paper);
	if (!add_register(&paper, error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
		add_entries(&paper, sections[i].section, _(sections[i].title));
	add_how(&paper);
	return TRUE;
}

GBytes *inspection_pdf(const Inspection *inspection, const char *const *languages, GError **error)
{
	const char *before = language_shown();
	g_autofree char *footer = g_strdup_printf("%s, %s – %s, № %s", inspection->mailbox, inspection->first, inspection->last,
	                                          inspection->order);
	g_autoptr(Page) page = page_new(PAGE_PORTRAIT, footer);
	gboolean added = TRUE;
	for (guint i = 0; added && languages[i] != NULL; i++) {
		if (i > 0)
			page_break(page);
		language_use(languages[i]);
		added = add_all(inspection, page, error);
	}
	language_use(before);
	return added ? page_render(page, error) : NULL;
}
