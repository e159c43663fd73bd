/* SPDX-License-Identifier: ISC */
#include "store/checkpoints.h"

#include <string.h>

#include "base/log.h"
#include "store/add-checkpoint.h"
#include "store/outbox.h"
#include "store/receipt.h"

#define AFTER_FAILURE (10 * 60 * (gint64)G_USEC_PER_SEC)
#define TRUSTEES_MAX 32

/* --- when ------------------------------------------------------------------------------------------------------------ */

/* The hour of the day that `now` is in, or of the one behind it: microseconds UTC. */
static gint64 hour_of(const Config *config, const ConfigMailbox *mailbox, gint64 now, int days)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, config->timezone) : NULL;
	g_autoptr(GDateTime) day = local != NULL ? g_date_time_add_days(local, days) : NULL;
	g_autoptr(GDateTime) hour = day != NULL ? g_date_time_new(config->timezone, g_date_time_get_year(day), g_date_time_get_month(day),
	                                                          g_date_time_get_day_of_month(day), (int)mailbox->checkpoint_hour, 0, 0)
	                                        : NULL;
	return hour != NULL ? g_date_time_to_unix(hour) * G_USEC_PER_SEC : now + G_TIME_SPAN_DAY;
}

NoteVerifier *checkpoints_witness(const ConfigTrustee *trustee, guint8 key[LEDGER_WITNESS_KEY], GError **error)
{
	NoteVerifier *witness = *trustee->witness != '\0' ? note_witness_new(trustee->witness, error) : NULL;
	if (witness != NULL)
		note_verifier_id(witness, key);
	return witness;
}

/* Those who did not get this hour's yet. FALSE and *error where the books cannot be read. */
static gboolean choose(const Config *config, const ConfigMailbox *mailbox, Ledger *ledger, gint64 hour, LedgerTrustee *trustees,
                       guint *n, GError **error)
{
	*n = 0;
	for (char **name = mailbox->trustees; *name != NULL && *n < TRUSTEES_MAX; name++) {
		const ConfigTrustee *trustee = config_trustee(config, *name);
		guint8 key[LEDGER_WITNESS_KEY];
		LedgerTrusteeState state;
		g_autoptr(NoteVerifier) witness = trustee != NULL ? checkpoints_witness(trustee, key, NULL) : NULL;
		if (trustee == NULL || !outbox_address_is_safe(trustee->mail))
			continue;
		if (!ledger_trustee_state(ledger, *name, witness != NULL ? key : NULL, &state, error))
			return FALSE;
		if (state.asked < hour)
			trustees[(*n)++] = (LedgerTrustee){*name, trustee->mail, state.sent, state.confirmed};
	}
	return TRUE;
}

static guint form_of(const ConfigMailbox *mailbox)
{
	g_autofree char *names = g_strjoinv(";", mailbox->trustees);
	return g_str_hash(names) * 24 + mailbox->checkpoint_hour;
}

gint64 checkpoints_serve(Registry *registry, const Config *config, const ConfigMailbox *mailbox, Ledger *ledger, CheckpointsRound *round)
{
	gint64 now = registry_now(registry);
	if (*mailbox->trustees == NULL)
		return G_MAXINT64;
	guint form = form_of(mailbox);
	if (round->form == form && now < round->next)
		return round->next;
	gint64 hour = hour_of(config, mailbox, now, 0);
	if (hour > now)
		hour = hour_of(config, mailbox, now, -1);
	LedgerTrustee trustees[TRUSTEES_MAX];
	guint n;
	g_autoptr(GError) error = NULL;
	if (!choose(config, mailbox, ledger, hour, trustees, &n, &error) || (n > 0 && !ledger_publish(ledger, trustees, n, &error))) {
		log_warning("outbox: the day's checkpoint for the trustees could not be entered: %s", error->message);
		return now + AFTER_FAILURE;
	}
	gint64 today = hour_of(config, mailbox, now, 0);
	round->form = form;
	round->next = today > now ? today : hour_of(config, mailbox, now, 1);
	return round->next;
}

/* --- what goes ------------------------------------------------------------------------------------------------------- */

static char *request_from(Ledger *ledger, guint64 old, guint64 size, char **restored, GError **error)
{
	g_auto(LedgerPast) past = {0};
	if (!ledger_published(ledger, old, size, &past, error))
		return NULL;
	if (past.inclusion != NULL && *restored == NULL) {
		Receipt receipt = {.inclusion = past.inclusion, .note = past.note};
		memcpy(receipt.entry, past.entry, ENTRY_SIZE);
		*restored = receipt_write(&receipt);
	}
	return add_checkpoint_write(MIN(old, size), past.consistency, past.note);
}

char *checkpoints_request(Ledger *ledger, const Record *letter, char **other, char **restored, GError **error)
{
	guint64 old, confirmed, size;
	*other = *restored = NULL;
	if (!record_get_uint(letter, "old", G_MAXINT64, &old, error) || !record_get_uint(letter, "other", G_MAXINT64, &confirmed, error) ||
	    !record_get_uint(letter, "size", G_MAXINT64, &size, error))
		return NULL;
	if (confirmed != 0 && confirmed != old && (*other = request_from(ledger, confirmed, size, restored, error)) == NULL)
		return NULL;
	return request_from(ledger, old, size, restored, error);
}

/* --- what comes back ------------------------------------------------------------------------------------------------- */

static CheckpointsOutcome enter(Ledger *ledger, const char *line, const guint8 key[LEDGER_WITNESS_KEY], CheckpointsAnswer *answer,
                                GError **error)
{
	g_autoptr(GError) cause = NULL;
	LedgerCosignature cosignature = {.trustee = answer->trustee, .size = answer->size, .time = answer->time, .line = line};
	memcpy(cosignature.key, key, LEDGER_WITNESS_KEY);
	answer->added = ledger_cosign(ledger, &cosignature, &cause);
	if (answer->added || g_error_matches(cause, LEDGER_ERROR, LEDGER_ERROR_STATE))
		return CHECKPOINTS_TAKEN;
	g_propagate_error(error, g_steal_pointer(&cause));
	return CHECKPOINTS_FAILED;
}

static CheckpointsOutcome try_trustee(Ledger *ledger, const ConfigTrustee *trustee, const char *word, CheckpointsAnswer *answer,
                                      GError **error)
{
	guint8 key[LEDGER_WITNESS_KEY];
	g_autoptr(GError) cause = NULL;
	g_autoptr(NoteVerifier) witness = trustee != NULL ? checkpoints_witness(trustee, key, NULL) : NULL;
	g_autofree char *line = witness != NULL ? note_cosignature_line(word, witness) : NULL;
	if (line == NULL)
		return CHECKPOINTS_NOBODYS;
	if (ledger_match_cosignature(ledger, line, witness, &answer->size, &answer->time, &cause)) {
		answer->trustee = trustee->name;
		return enter(ledger, line, key, answer, error);
	}
	if (g_error_matches(cause, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND))
		return CHECKPOINTS_NOBODYS;
	g_propagate_error(error, g_steal_pointer(&cause));
	return CHECKPOINTS_FAILED;
}

CheckpointsOutcome checkpoints_accept(Registry *registry, const Config *config, const char *word, CheckpointsAnswer *answer,
                                      GError **error)
{
	CheckpointsOutcome outcome = CHECKPOINTS_NOBODYS;
	for (guint i = 0; i < registry_count(registry); i++) {
		const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(registry, i));
		for (char **name = mailbox != NULL ? mailbox->trustees : NULL; name != NULL && *name != NULL; name++) {
			answer->mailbox = mailbox->address;
			outcome = try_trustee(registry_ledger(registry, i), config_trustee(config, *name), word, answer, error);
			if (outcome != CHECKPOINTS_NOBODYS)
				return outcome;
		}
	}
	return outcome;
}
