/* SPDX-License-Identifier: ISC */
/* Whatever a milter sends as COMMIT: it is read whole into a report whose every pointer holds, or refused. */
#include <glib.h>
#include <string.h>

#include "base/finding.h"
#include "store/intake-commit.h"
#include "store/outbox.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IntakeCommit) commit = intake_commit_read(data, size, &error);
	g_assert_true((commit == NULL) == (error != NULL));
	if (commit == NULL)
		return 0;
	const LedgerReport *report = &commit->report;
	g_assert_nonnull(report->card);
	g_assert_true(finding_check_facts(report->facts, NULL));
	g_assert_true((report->payload != NULL) != commit->in_file);
	g_assert_true((report->letter != NULL) == (report->letter_state == LEDGER_LETTER_OWED));
	if (report->letter != NULL)
		g_assert_true(outbox_address_is_safe(record_get(report->letter, "to")));
	for (guint i = 0; i < report->n_headers; i++)
		g_assert_cmpmem(report->headers[i].text, 22, "age-encryption.org/v1\n", 22);
	g_autoptr(GPtrArray) nobody = g_ptr_array_new();
	g_assert_cmpint(intake_commit_check_readers(commit, nobody, NULL), ==, report->n_headers == 0);
	return 0;
}
