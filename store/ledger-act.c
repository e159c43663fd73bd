/* SPDX-License-Identifier: ISC */
/* An act of an officer or of the registrar: one entry, and what it does to a case. */
#include <string.h>

#include "store/ledger-private.h"

typedef struct {
	LedgerJob job;
	const LedgerAct *act;
	LedgerEntry *entry;
} ActJob;

void ledger_entry_clear(LedgerEntry *entry)
{
	g_clear_pointer(&entry->record, g_bytes_unref);
	memset(entry, 0, sizeof *entry);
}

/* What a register that may have been altered must not be used for any longer. */
static gboolean needs_sound_books(EntryKind kind)
{
	switch (kind) {
	case ENTRY_LISTED:
	case ENTRY_OPENED:
	case ENTRY_PRINTED:
	case ENTRY_EXPORTED:
	case ENTRY_ERASED:
	case ENTRY_CLOSED:
	case ENTRY_REGISTER_READ:
	case ENTRY_SHEET:
	case ENTRY_RESEALED:
	case ENTRY_SEARCHED:
	case ENTRY_EXTRACTED:
		return TRUE;
	default:
		return FALSE;
	}
}

static gboolean check_act(Ledger *ledger, const LedgerAct *act, GError **error)
{
	static const EntryKind own[] = {ENTRY_PAD, ENTRY_BEGUN, ENTRY_RECEIVED, ENTRY_FOLLOWUP, ENTRY_RETRY, ENTRY_RESTORED, ENTRY_ERASED};
	for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
		if (act->kind == own[i])
			return ledger_fail(error, LEDGER_ERROR_FORM, "an entry of the kind %s is no act",
			                   entry_kind_name(act->kind));
	if (entry_kind_name(act->kind) == NULL || entry_kind_concerns(act->kind) != (act->concerns != LEDGER_NOTHING))
		return ledger_fail(error, LEDGER_ERROR_FORM, "an act of a kind that does not go with what it concerns");
	if (act->concerns != LEDGER_NOTHING && act->concerns >= ledger_size(ledger))
		return ledger_fail(error, LEDGER_ERROR_NOT_FOUND,
		                   "an act that concerns entry %" G_GUINT64_FORMAT ", which there is not", act->concerns);
	if ((act->n_text_headers > 0) != ((act->flags & ENTRY_FLAG_SEALED) != 0))
		return ledger_fail(error, LEDGER_ERROR_FORM, "an act whose sealed texts and flags do not go together");
	if ((act->hands_out || needs_sound_books(act->kind)) && ledger_is_tampered(ledger))
		return ledger_fail(
			error, LEDGER_ERROR_TAMPERED,
			"the check of %s found a mismatch: nothing is opened or closed until it is cleared up (`senim verify`)",
			ledger->mailbox);
	return TRUE;
}

/* Takes the next number of the reports' series, and the record with it as its last line. */
static gboolean accept(LedgerGroup *group, ActJob *job, LedgerCase *c, Record **record, GError **error)
{
	if (!c->aside)
		return ledger_refuse(&job->job, LEDGER_ERROR_NUMBERED, "the case has a number of the reports' series already");
	c->aside = FALSE;
	c->accepted = group->tree.size;
	if (!ledger_number_next(group->ledger, c->year, FALSE, &c->number, error))
		return FALSE;
	g_autofree char *number = ledger_number_text(c->year, FALSE, c->number);
	*record = ledger_record_copy(job->act->record);
	record_add(*record, "number", number);
	return TRUE;
}

/* Counts one more copy of the case, and the record with its number as the last line. */
static void count_copy(ActJob *job, LedgerCase *c, Record **record)
{
	*record = ledger_record_copy(job->act->record);
	record_add_uint(*record, "copy", ++c->copies);
}

static void change_state(LedgerCase *c, const LedgerAct *act)
{
	if (act->state != NULL) {
		g_free(c->state);
		c->state = g_strdup(act->state);
	}
	if (act->ack_state != NULL) {
		g_free(c->ack_state);
		g_free(c->ack_reason);
		c->ack_state = g_strdup(act->ack_state);
		c->ack_reason = g_strdup(act->ack_reason);
	}
}

static gboolean insert_text_headers(LedgerGroup *group, const LedgerAct *act, guint64 seq, GError **error)
{
	const Ledger *ledger = group->ledger;
	for (guint i = 0; i < act->n_text_headers; i++) {
		const LedgerTextHeader *header = &act->text_headers[i];
		const CustodyPlace place = {ledger->store_id, header->object_id, (guint8)header->part, header->recipient, 1};
		g_autoptr(GBytes) row = custody_header_wrap(ledger->custody_key, &place, header->text, header->size);
		guint8 recipient[CUSTODY_ID];
		gsize size;
		const void *blob = g_bytes_get_data(row, &size);
		custody_recipient_id(header->recipient, recipient);
		if (!database_run(ledger->custody, error,
		                  "INSERT INTO header(seq, part, recipient, version, blob) VALUES(?, ?, ?, 1, ?)", "iibb",
		                  (gint64)seq, (gint64)header->part, recipient, sizeof recipient, blob, size))
			return FALSE;
	}
	return TRUE;
}

/* FALSE: what it says of people does not go with what is, and the job is refused. */
static gboolean fold_people(LedgerGroup *group, ActJob *job, const Record *record, guint64 seq)
{
	if (group->people == NULL)
		group->people = people_copy(group->ledger->people);
	return ledger_people_fold(group->people, job->act->kind, seq, record, &job->job.error);
}

static gboolean add_act(LedgerGroup *group, ActJob *job, const LedgerCase *c, const Record *record, GError **error)
{
	const LedgerAct *act = job->act;
	Entry entry = {.kind = (guint16)act->kind, .flags = act->flags, .concerns = act->concerns};
	if (act->anew != NULL)
		memcpy(entry.object, act->anew->parts[0].digest, sizeof entry.object);
	guint64 seq = group->tree.size;
	if (!ledger_wraps_check(group, &job->job, act, error))
		return FALSE;
	g_autoptr(GBytes) octets = job->job.error == NULL ? ledger_record_octets(act->kind, record, &job->job.error) : NULL;
	if (octets == NULL)
		return TRUE;
	if (people_is_about(act->kind) && !fold_people(group, job, record, seq))
		return TRUE;
	return ledger_group_add(group, &entry, octets, job->entry, error) && insert_text_headers(group, act, seq, error) &&
	       (c == NULL || ledger_case_update(group, c, seq, error)) &&
	       (!act->accept || ledger_number_insert(group->ledger, c, seq, error)) &&
	       (act->letter == NULL ||
	        ledger_letter_insert(group, seq, act->case_seq, act->letter, act->composed, act->letter_due, error)) &&
	       ledger_wraps_insert(group, act, error) && (act->anew == NULL || ledger_anew_insert(group, act, seq, error)) &&
	       ledger_notice_answer(group, act->kind, record, seq, error);
}

/* Nobody writes into the emergency journal past what she has seen of it. */
static gboolean check_journal(LedgerGroup *group, ActJob *job, GError **error)
{
	guint64 last;
	if (!ledger_incident_last(group, &last, error))
		return FALSE;
	return !job->act->chained || last == job->act->after ||
	       ledger_refuse(&job->job, LEDGER_ERROR_STALE, "something was entered in the emergency journal meanwhile: look at it again");
}

static gboolean apply_act(LedgerGroup *group, LedgerJob *base, GError **error)
{
	ActJob *job = (ActJob *)base;
	const LedgerAct *act = job->act;
	g_autoptr(LedgerCase) c = NULL;
	g_autoptr(Record) completed = NULL;
	if (act->kind == ENTRY_INCIDENT && !check_journal(group, job, error))
		return FALSE;
	if (base->error != NULL)
		return TRUE;
	if (act->case_seq == LEDGER_NOTHING)
		return add_act(group, job, NULL, act->record, error);
	g_autoptr(GError) inner = NULL;
	c = ledger_case_load(group->ledger, act->case_seq, &inner);
	if (inner != NULL) {
		g_propagate_error(error, g_steal_pointer(&inner));
		return FALSE;
	}
	if (c == NULL)
		return ledger_refuse(base, LEDGER_ERROR_NOT_FOUND, "entry %" G_GUINT64_FORMAT " is no case", act->case_seq);
	if (act->kind == ENTRY_RELEASED && strcmp(c->ack_state, "queued") == 0)
		return ledger_refuse(base, LEDGER_ERROR_LETTER, "a letter of this case is on its way already");
	if (act->chained && ledger_case_last(c) != act->after)
		return ledger_refuse(base, LEDGER_ERROR_STALE, "somebody worked on this case meanwhile: look at it again");
	if (entry_is_casework(act->kind) && act->kind != ENTRY_HELD && act->kind != ENTRY_ERASURE && ledger_case_is_frozen(c))
		return ledger_refuse(base, LEDGER_ERROR_ERASING, "its erasure was ordered: stop that first, or wait until it was carried out");
	if (act->chained && c->work != NULL && c->work->len >= LEDGER_WORK_MAX)
		return ledger_refuse(base, LEDGER_ERROR_FULL, "this case has as many entries of its work as a case can have");
	if ((act->accept && !accept(group, job, c, &completed, error)) ||
	    (act->anew != NULL && !ledger_anew_check(group, base, act, c, error)))
		return FALSE;
	if (base->error != NULL)
		return TRUE;
	if (act->copy)
		count_copy(job, c, &completed);
	change_state(c, act);
	ledger_case_access(c, act->kind, act->record);
	ledger_case_work(c, group->tree.size, act->kind, act->record);
	ledger_case_post(c, group->tree.size, act->kind, act->record);
	if (act->kind == ENTRY_OPENED)
		ledger_case_seen(c, act->record);
	if (act->kind == ENTRY_REDIRECTED)
		ledger_case_redirect(c, group->tree.size, act->record);
	return add_act(group, job, c, completed != NULL ? completed : act->record, error);
}

gboolean ledger_append(Ledger *ledger, const LedgerAct *act, LedgerEntry *entry, GError **error)
{
	ActJob job = {.job = {.apply = apply_act, .appends = TRUE, .weight = 16384}, .act = act, .entry = entry};
	memset(entry, 0, sizeof *entry);
	if (!check_act(ledger, act, error) || (act->anew != NULL && !ledger_anew_prepare(ledger, act, error)))
		return FALSE;
	if (ledger_run(ledger, &job.job, error))
		return TRUE;
	ledger_entry_clear(entry);
	return FALSE;
}
