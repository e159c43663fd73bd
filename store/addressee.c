/* SPDX-License-Identifier: ISC */
#include "store/addressee.h"

#include <string.h>

#include "base/finding.h"
#include "base/log.h"
#include "store/openpgp.h"
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
		if (to->kind == CONFIG_LAW_ENFORCEMENT && to->by == CONFIG_BY_MAIL && *to->recipient != '\0' && outbox_address_is_safe(to->mail) &&
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

/* --- OpenPGP keys ------------------------------------------------------------------------------------------------------ */

GBytes *addressee_key(const ConfigAddressee *to, GError **error)
{
	g_autofree char *octets = NULL;
	gsize size;
	g_autoptr(GError) cause = NULL;
	if (g_file_get_contents(to->openpgp, &octets, &size, &cause) && size <= OPENPGP_FILE_MAX)
		return g_bytes_new_take(g_steal_pointer(&octets), size);
	g_set_error(error, CONFIG_ERROR, 0, "[addressee %s] openpgp cannot be read (%s): nothing can be sealed to it", to->name,
	            cause != NULL ? cause->message : "it is too large: leave others' signatures out (gpg --export-options export-minimal)");
	return NULL;
}

gboolean addressee_check_key(const ConfigAddressee *to, const char *place, gint64 now, char **warning, GError **error)
{
	gint64 expires = 0, left;
	g_autoptr(GError) cause = NULL;
	g_autoptr(GBytes) file = addressee_key(to, error);
	*warning = NULL;
	if (file == NULL)
		return FALSE;
	const OpenpgpKey key = {file, to->fingerprint, place};
	if (!openpgp_check(&key, &expires, &cause)) {
		g_set_error(error, CONFIG_ERROR, 0, "[addressee %s] openpgp = %s: %s: nothing can be sealed to it until it is replaced",
		            to->name, to->openpgp, cause->message);
		return FALSE;
	}
	left = expires - now / G_USEC_PER_SEC;
	if (expires != 0 && left <= OPENPGP_WARN_DAYS * 86400)
		*warning = g_strdup_printf("[addressee %s] openpgp = %s ends in %d days: ask for a new key in time", to->name, to->openpgp,
		                           (int)(left / 86400));
	return TRUE;
}

void addressee_tell_keys(const Config *config, gint64 now)
{
	for (guint i = 0; i < config->n_addressees; i++) {
		const ConfigAddressee *to = &config->addressees[i];
		g_autofree char *warning = NULL;
		g_autoptr(GError) error = NULL;
		if (*to->openpgp == '\0')
			continue;
		if (!addressee_check_key(to, g_get_tmp_dir(), now, &warning, &error))
			log_warning("%s", error->message);
		else if (warning != NULL)
			log_warning("%s", warning);
	}
}

char *addressee_line(const ConfigAddressee *to)
{
	return g_strdup_printf("%s %s", to->name, to->recipient);
}
