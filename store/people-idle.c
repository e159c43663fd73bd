/* SPDX-License-Identifier: ISC */
#include "store/people-idle.h"

#include <string.h>

#define PAGE 500

/* Is there a case up to her last sign-in that nobody has opened? */
static gboolean waits(Ledger *ledger, guint64 used_seq)
{
	guint64 after = LEDGER_NOTHING;
	for (;;) {
		g_autoptr(GPtrArray) cases = ledger_cases(ledger, LEDGER_CASES_OPEN, after, PAGE, NULL);
		for (guint i = 0; cases != NULL && i < cases->len; i++) {
			const LedgerCase *c = cases->pdata[i];
			if (c->seq > used_seq)
				return FALSE;
			if (strcmp(c->state, "new") == 0)
				return TRUE;
			after = c->seq;
		}
		if (cases == NULL || cases->len < PAGE)
			return FALSE;
	}
}

/* From when on there was something to read that came later; 0: nothing did. */
static gint64 came(Ledger *ledger, guint64 used_seq)
{
	g_autoptr(GPtrArray) cases = ledger_cases(ledger, LEDGER_CASES_ALL, used_seq, 1, NULL);
	return cases != NULL && cases->len > 0 ? ((const LedgerCase *)cases->pdata[0])->received : 0;
}

gint64 people_idle_end(Ledger *ledger, const PeoplePerson *person, guint days, gint64 now)
{
	if (person->state != PEOPLE_ACTIVE || !people_is_officer(person) ||
	    (person->cover_from <= now && now < person->cover_to))
		return 0;
	gint64 from = MAX(person->used, person->since);
	if (!waits(ledger, person->used_seq)) {
		gint64 first = came(ledger, person->used_seq);
		if (first == 0)
			return 0;
		from = MAX(from, first);
	}
	if (person->cover_to <= now)
		from = MAX(from, person->cover_to);
	return from + days * G_TIME_SPAN_DAY;
}
