/* SPDX-License-Identifier: ISC */
/* What the inspector's file holds, what it does not hold, and who makes that. */
#include <string.h>

#include "cli/format.h"
#include "cli/inspection.h"

#define OFFICERS " officer deputy "

/* The names of those in force with one of these roles, each between blanks; "–" for nobody. */
static char *people_of(const Inspection *inspection, const char *roles)
{
	GString *names = g_string_new(NULL);
	const GPtrArray *persons = inspection->book->people->persons;
	for (guint i = 0; i < persons->len; i++) {
		const PeoplePerson *person = persons->pdata[i];
		g_autofree char *role = g_strdup_printf(" %s ", person->role);
		if (strstr(roles, role) != NULL && people_in_force(person, g_get_real_time()))
			g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", person->name);
	}
	return g_string_free(names->len > 0 ? names : g_string_append(names, "–"), FALSE);
}

static void add_part(Page *page, const char *part, const char *here, const char *elsewhere)
{
	page_cell(page, 0, part);
	page_cell(page, 0, here);
	page_cell(page, 0, elsewhere != NULL ? elsewhere : "–");
}

/* The supervisor, or who stands in her place. */
static char *log_reader(const Inspection *one)
{
	g_autofree char *supervisors = people_of(one, " supervisor "), *above = people_of(one, " escalation ");
	return strcmp(supervisors, "–") != 0 ? g_strdup_printf(_("the file of the supervisor (%s)"), supervisors)
	                                     : g_strdup_printf(_("the file of the higher leadership (%s)"), above);
}

/* Who has rows of the cases. */
static char *row_reader(const Inspection *one)
{
	g_autofree char *officers = people_of(one, OFFICERS);
	return g_strdup_printf(_("the file of the responsible officer (%s)"), officers);
}

char *inspection_rest(const Inspection *inspection)
{
	g_autofree char *rows = inspection->has_rows ? NULL : row_reader(inspection);
	g_autofree char *acts = inspection->has_all ? NULL : log_reader(inspection);
	GPtrArray *parts = g_ptr_array_new();
	if (rows != NULL)
		g_ptr_array_add(parts, rows);
	if (acts != NULL)
		g_ptr_array_add(parts, acts);
	if (g_hash_table_size(inspection->others) > 0 && inspection->has_rows)
		g_ptr_array_add(parts, _("rows that stand here by number alone: the file of whoever reads them"));
	g_ptr_array_add(parts, NULL);
	char *rest = parts->len > 1 ? g_strjoinv("; ", (char **)parts->pdata) : NULL;
	g_ptr_array_unref(parts);
	return rest;
}

static void add_register(const Inspection *one, Page *page)
{
	g_autofree char *with = row_reader(one);
	const char *others = g_hash_table_size(one->others) > 0 ? _("rows that stand here by number alone: the file of whoever reads them") : NULL;
	const char *here = !one->has_rows ? _("no: the rows are not for who makes this file")
	                   : one->names   ? _("yes, with the columns that say who reported")
	                                  : _("yes, without what says who reported");
	add_part(page, _("Pages of the register in its statutory form"), here, one->has_rows ? others : with);
}

static void add_log(const Inspection *one, Page *page)
{
	g_autofree char *reader = log_reader(one);
	g_autofree char *own = g_strdup_printf(_("the acts of %s alone"), desk_client_officer(one->session->desk));
	const char *here = one->has_all ? _("the acts of all") : own, *others = one->has_all ? NULL : reader;
	add_part(page, _("Who looked at what, when and on what ground; what was handed to others, printed, exported, erased"), here, others);
	add_part(page, _("Words of grounds"), one->names ? _("as far as they are sealed to who makes this file") : _("no: none was decrypted"),
	         NULL);
}

static void add_table(const Inspection *one, Page *page)
{
	static const guint weights[] = {8, 6, 7};
	const char *const head[] = {_("Part"), _("In this file"), _("Where the rest is")};
	page_table(page, weights, G_N_ELEMENTS(weights), 1, TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(head); i++)
		page_cell(page, PAGE_BOLD, head[i]);
	add_part(page, _("Check of the register, its control mark, and how anyone checks them"), _("yes"), NULL);
	add_part(page, _("Reports of the period: numbers, dates, terms, states"), _("yes"), NULL);
	add_register(one, page);
	add_log(one, page);
	add_part(page, _("People added, confirmed, blocked, let in, with their orders"), _("yes"), NULL);
	add_part(page, _("Outages and incidents"), _("yes"), NULL);
}

static void add_file(const Inspection *one, Page *page, const InspectionFile *file)
{
	g_autofree char *entry = g_strdup_printf("%" G_GUINT64_FORMAT, file->entry);
	g_autofree char *time = format_time(file->time, desk_client_zone(one->session->desk));
	g_autofree char *holds = g_strdup_printf("%s%s%s%s", file->rows ? _("rows of the register") : "", file->rows ? ", " : "",
	                                         file->all ? _("acts of all") : _("own acts"), file->names ? _(", with names") : "");
	page_cell(page, 0, entry);
	page_cell(page, 0, time);
	page_cell(page, 0, file->officer);
	page_cell(page, 0, holds);
	page_cell(page, PAGE_MONO | PAGE_SMALL, file->digest);
}

static void add_files(const Inspection *one, Page *page)
{
	static const guint weights[] = {6, 12, 8, 12, 18};
	const char *const head[] = {_("Entry"), _("When"), _("Who"), _("Holds"), _("Digest (SHA-256)")};
	if (one->files->len == 0) {
		page_text(page, 0, _("No file was made of this order and these days before this one."));
		return;
	}
	page_text(page, 0, _("Files that were made of this order and these days before this one; their digests stand in the register:"));
	page_table(page, weights, G_N_ELEMENTS(weights), 1, TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS(head); i++)
		page_cell(page, PAGE_BOLD, head[i]);
	for (guint i = 0; i < one->files->len; i++)
		add_file(one, page, one->files->pdata[i]);
}

void inspection_add_parts(const Inspection *inspection, Page *page)
{
	page_heading(page, _("What this file holds"));
	page_text(page, 0, _("Nobody reads everything of this mailbox, so an inspection is given a pack of files: one order, one period. Each is "
	                     "made with senim inspection by who may read what it holds."));
	add_table(inspection, page);
	page_space(page, 2);
	add_files(inspection, page);
}
