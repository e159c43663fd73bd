/* SPDX-License-Identifier: ISC */
/* Fuzz target: what a child answers. Whatever it is, the facts hold and the card's envelope is ours. */
#include <glib.h>
#include <string.h>

#include "base/bundle.h"
#include "base/finding.h"
#include "milter/opinion.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static ConfigMailbox mailboxes[] = {{.address = (char *)"senim@kmo.kz", .telephone_system = (char *)"pbx@kmo.kz"}};
static ConfigOfficer officers[] = {{.name = (char *)"aigul"}};
static Config config = {.mailboxes = mailboxes, .n_mailboxes = 1, .officers = officers, .n_officers = 1};

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static const char *const to[] = {"senim@kmo.kz", NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) finding = g_bytes_new(data, size);
	g_autoptr(Opinion) opinion = opinion_new(finding, &config);
	g_assert_true(finding_check_facts(opinion->facts, &error));
	const char *name;
	for (guint i = 0; (name = record_get_nth(opinion->facts, "named", i)) != NULL; i++)
		g_assert_cmpstr(name, ==, "aigul");
	gboolean examined = strcmp(record_get(opinion->facts, "examined"), "yes") == 0;
	g_assert_cmpint(examined, ==, opinion_is_examined(opinion));
	g_assert_cmpint(examined, !=, strcmp(record_get(opinion->facts, "verdict"), "unexamined") == 0);
	g_autoptr(Record) card = opinion_card(opinion, "reporter@example.org", to);
	g_assert_true(record_check(card, finding_card_schema, &error));
	g_assert_cmpstr(record_get(card, "envelope-from"), ==, "reporter@example.org");
	g_assert_cmpuint(record_count(card, "envelope-to"), ==, 1);
	return 0;
}
