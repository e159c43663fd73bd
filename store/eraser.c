/* SPDX-License-Identifier: ISC */
#include "store/eraser.h"

#include <string.h>

#include "base/log.h"

static gboolean is_due(const LedgerCase *c, gint64 now)
{
	return ledger_erasure_pending(c) && strcmp(c->erasure->word, "confirmed") == 0 && !c->held &&
	       now >= c->erasure->since + LEDGER_ERASURE_WAIT;
}

static void look_at(Registry *registry, guint i)
{
	g_autoptr(GError) error = NULL;
	Ledger *ledger = registry_ledger(registry, i);
	g_autoptr(GArray) cases = ledger_erasures(ledger, &error);
	for (guint k = 0; cases != NULL && error == NULL && k < cases->len; k++) {
		g_autoptr(LedgerCase) c = ledger_case_by_seq(ledger, g_array_index(cases, guint64, k), &error);
		if (c == NULL || !is_due(c, registry_now(registry)))
			continue;
		if (ledger_erase(ledger, c->seq, &error))
			log_notice("%s: an erasure that was ordered and confirmed ten days ago was carried out", registry_mailbox(registry, i));
	}
	if (error != NULL)
		log_warning("%s: an erasure could not be carried out and is tried again: %s", registry_mailbox(registry, i), error->message);
}

void eraser_look(Registry *registry)
{
	g_autoptr(Config) config = registry_config(registry);
	for (guint i = 0; i < registry_count(registry); i++) {
		const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(registry, i));
		if (mailbox != NULL && mailbox->erasure_two_persons)
			look_at(registry, i);
	}
}
