/* SPDX-License-Identifier: ISC */
#include "store/addressee.h"

#include <string.h>

#include "base/finding.h"
#include "store/outbox.h"

gboolean addressee_is_valid(const ConfigAddressee *to, const Config *config, gint64 now)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) here = g_date_time_to_timezone(utc, config->timezone);
	g_autofree char *today = g_date_time_format(here, "%Y-%m-%d");
	return strcmp(to->valid_from, today) <= 0;
}

const ConfigAddressee *addressee_standing_by(const Config *config, const ConfigMailbox *mailbox, gint64 now)
{
	for (guint i = 0; mailbox->redirect == CONFIG_REDIRECT_AUTOMATIC && i < config->n_addressees; i++) {
		const ConfigAddressee *to = &config->addressees[i];
		if (to->by == CONFIG_BY_MAIL && *to->recipient != '\0' && outbox_address_is_safe(to->mail) &&
		    addressee_is_valid(to, config, now))
			return to;
	}
	return NULL;
}

const ConfigAddressee *addressee_of_facts(const Config *config, const ConfigMailbox *mailbox, const Record *facts, gint64 now)
{
	gboolean redirect = g_strcmp0(record_get(facts, "verdict"), "redirect") == 0;
	return redirect && !finding_is_aside(facts) ? addressee_standing_by(config, mailbox, now) : NULL;
}

char *addressee_line(const ConfigAddressee *to)
{
	return g_strdup_printf("%s %s", to->name, to->recipient);
}
