/* SPDX-License-Identifier: ISC */
#include "store/notices.h"

#include <string.h>

#include "base/log.h"
#include "store/desk-place.h"
#include "store/outbox.h"

#define AT_ONCE 64    /* cases of one round */
#define PEOPLE_MAX 32 /* told of one case */
#define ENTRIES_AT_ONCE 5000
#define AFTER_FAILURE (60 * (gint64)G_USEC_PER_SEC)

typedef struct {
	const Config *config;
	const ConfigMailbox *mailbox;
	Ledger *ledger;
	GPtrArray *readers;  /* PeoplePerson: those in force */
	GHashTable *letters; /* name -> guint64: the NOTICE whose letter she gets in this round */
	gboolean queued;
} Round;

static void round_clear(Round *round)
{
	g_clear_pointer(&round->readers, g_ptr_array_unref);
	g_clear_pointer(&round->letters, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Round, round_clear)

/* Where she is told, or NULL: not at all. */
static const char *mail_of(const Round *round, const PeoplePerson *person, const LedgerNotice *notice, const LedgerCase *c)
{
	gboolean officer = strcmp(person->role, "officer") == 0 || strcmp(person->role, "deputy") == 0;
	gboolean wanted = notice->step == 1 ? officer : strcmp(person->role, "escalation") == 0;
	const ConfigOfficer *officer_section = wanted ? config_officer(round->config, person->name) : NULL;
	if (officer_section == NULL || !outbox_address_is_safe(officer_section->mail) || desk_place_is_barred(c, person->name))
		return NULL;
	return officer_section->mail;
}

static guint choose(const Round *round, const LedgerNotice *notice, const LedgerCase *c, LedgerNoticePerson people[PEOPLE_MAX])
{
	guint n = 0;
	if (!round->mailbox->urgent_notice)
		return 0;
	for (guint i = 0; i < round->readers->len && n < PEOPLE_MAX; i++) {
		const PeoplePerson *person = g_ptr_array_index(round->readers, i);
		const char *mail = mail_of(round, person, notice, c);
		if (mail == NULL)
			continue;
		const guint64 *of = g_hash_table_lookup(round->letters, person->name);
		people[n++] = (LedgerNoticePerson){person->name, person->role, mail, of != NULL ? *of : 0, 0};
	}
	return n;
}

static void remember(Round *round, const LedgerNoticePerson *people, guint n)
{
	for (guint i = 0; i < n; i++)
		if (people[i].of == 0) {
			g_hash_table_insert(round->letters, g_strdup(people[i].name), g_memdup2(&people[i].seq, sizeof people[i].seq));
			round->queued = TRUE;
		}
}

/* One step of one case; where nobody can be told the next step follows at once. */
static gboolean serve_case(Round *round, LedgerNotice notice, GError **error)
{
	g_autoptr(LedgerCase) c = ledger_case_by_seq(round->ledger, notice.case_seq, error);
	if (c == NULL)
		return FALSE;
	for (; notice.step <= 2; notice.step++) {
		LedgerNoticePerson people[PEOPLE_MAX];
		guint n = choose(round, &notice, c, people);
		g_autoptr(GError) inner = NULL;
		if (!ledger_notice(round->ledger, &notice, people, n, &inner)) {
			if (g_error_matches(inner, LEDGER_ERROR, LEDGER_ERROR_STATE)) /* somebody has just looked */
				return TRUE;
			g_propagate_error(error, g_steal_pointer(&inner));
			return FALSE;
		}
		remember(round, people, n);
		if (n > 0)
			return TRUE;
	}
	return TRUE;
}

static gint64 fail(gint64 now, const GError *error)
{
	log_warning("outbox: an urgent notice could not be entered: %s", error != NULL ? error->message : "unknown");
	return now + AFTER_FAILURE;
}

gint64 notices_serve(Registry *registry, const Config *config, const ConfigMailbox *mailbox, Ledger *ledger, gint64 *round)
{
	gint64 now = registry_now(registry), next = G_MAXINT64;
	guint8 set[32];
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) due = ledger_notices_due(ledger, now, AT_ONCE, &next, &error);
	if (due == NULL)
		return fail(now, error);
	if (due->len == 0)
		return next;
	if (*round != 0 && now >= *round && now < *round + NOTICES_PAUSE)
		return *round + NOTICES_PAUSE;
	g_auto(Round) mine = {.config = config, .mailbox = mailbox, .ledger = ledger};
	mine.letters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	mine.readers = ledger_readers(ledger, set, &error);
	if (mine.readers == NULL)
		return fail(now, error);
	for (guint i = 0; i < due->len && error == NULL; i++)
		serve_case(&mine, g_array_index(due, LedgerNotice, i), &error);
	if (mine.queued)
		*round = now;
	return error != NULL ? fail(now, error) : MIN(next, now + LEDGER_NOTICE_WAIT);
}

/* --- of persons ------------------------------------------------------------------------------------------------------- */

static void add_if(Record *record, const char *key, const char *value)
{
	if (value != NULL)
		record_add(record, key, value);
}

gboolean notices_tell(Ledger *ledger, const NoticesLetter *told, GError **error)
{
	LedgerEntry entry = {0};
	g_autoptr(Record) record = record_new(), letter = record_new();
	record_add_uint(record, "time", (guint64)told->now);
	record_add(record, "act", "told");
	add_if(record, "hour", told->hour);
	add_if(record, "alarm", told->alarm);
	add_if(record, "state", told->state);
	record_add(record, "role", told->role);
	record_add(record, "to", told->to);
	record_add_uint(record, "of", told->of);
	record_add(letter, "to", told->mail);
	record_add(letter, "message-id", "-");
	record_add(letter, "language", "-");
	record_add(letter, "purpose", told->alarm != NULL ? "alarm" : "notice");
	add_if(letter, "counts", told->counts);
	add_if(letter, "alarm", told->alarm);
	add_if(letter, "state", told->state);
	LedgerAct act = {.kind = ENTRY_NOTICE, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING,
	                 .letter = letter, .letter_due = told->now};
	gboolean done = ledger_append(ledger, &act, &entry, error);
	ledger_entry_clear(&entry);
	return done;
}

static gboolean tell(Ledger *ledger, const ConfigOfficer *officer, const PeoplePerson *person, guint64 of, gint64 now,
                     GError **error)
{
	const NoticesLetter letter = {.role = person->role, .to = person->name, .mail = officer->mail, .of = of, .now = now};
	return notices_tell(ledger, &letter, error);
}

/* NULL: she cannot be told by mail. */
static const ConfigOfficer *address_of(const Config *config, const PeoplePerson *person)
{
	const ConfigOfficer *officer = config_officer(config, person->name);
	return officer != NULL && outbox_address_is_safe(officer->mail) ? officer : NULL;
}

gboolean notices_tell_supervisors(const Config *config, Ledger *ledger, const char *about, guint64 of, gint64 now, GError **error)
{
	g_autoptr(People) people = ledger_people(ledger);
	for (guint i = 0; i < people->persons->len; i++) {
		const PeoplePerson *person = people->persons->pdata[i];
		const ConfigOfficer *officer = people_reads_log(people, person, now) ? address_of(config, person) : NULL;
		if (officer != NULL && strcmp(person->name, about) != 0 && !tell(ledger, officer, person, of, now, error))
			return FALSE;
	}
	return TRUE;
}

/* What a NOTICE says (transfer full). */
static Record *read_record(Ledger *ledger, guint64 seq, GError **error)
{
	LedgerEntry entry = {0};
	gsize size;
	if (!ledger_entry(ledger, seq, &entry, error))
		return NULL;
	const void *text = g_bytes_get_data(entry.record, &size);
	Record *record = record_read(text, size, 0, NULL, error);
	ledger_entry_clear(&entry);
	return record;
}

/* Is the entry one by which that person was told of herself? */
static gboolean is_told(Ledger *ledger, guint64 seq, const char *name, gboolean *told, GError **error)
{
	g_autoptr(Record) record = read_record(ledger, seq, error);
	*told = record != NULL && record_get(record, "case") == NULL && record_get(record, "hour") == NULL &&
	        g_strcmp0(record_get(record, "to"), name) == 0 && g_strcmp0(record_get(record, "of"), "0") == 0;
	return record != NULL;
}

static gboolean was_told(Ledger *ledger, const char *name, guint64 since, gboolean *told, GError **error)
{
	guint64 end = ledger_size(ledger);
	*told = FALSE;
	while (since < end && !*told) {
		gsize size;
		g_autoptr(GBytes) entries = ledger_entries(ledger, since, ENTRIES_AT_ONCE, error);
		if (entries == NULL)
			return FALSE;
		const guint8 *data = g_bytes_get_data(entries, &size);
		for (gsize at = 0; at + ENTRY_SIZE <= size && !*told; at += ENTRY_SIZE, since++) {
			Entry read;
			if (!entry_decode(data + at, &read, error) ||
			    (read.kind == ENTRY_NOTICE && !is_told(ledger, read.seq, name, told, error)))
				return FALSE;
		}
	}
	return TRUE;
}

gboolean notices_tell_once(const Config *config, Ledger *ledger, const PeoplePerson *person, guint64 since, gint64 now,
                           GError **error)
{
	gboolean told;
	const ConfigOfficer *officer = address_of(config, person);
	return officer == NULL || (was_told(ledger, person->name, since, &told, error) &&
	                           (told || tell(ledger, officer, person, 0, now, error)));
}

/* --- of days ---------------------------------------------------------------------------------------------------------- */

/* A page of entries, the last first. *more: take() wants those before it, and there may be some of these days. */
static gboolean take_page(Ledger *ledger, GBytes *entries, gint64 first_day, NoticesTake take, gpointer user, gboolean *more,
                          GError **error)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(entries, &size);
	for (gsize at = size; at >= ENTRY_SIZE && *more; at -= ENTRY_SIZE) {
		Entry read;
		if (!entry_decode(data + at - ENTRY_SIZE, &read, error))
			return FALSE;
		*more = read.time >= first_day;
		if (!*more || read.kind != ENTRY_NOTICE)
			continue;
		g_autoptr(Record) record = read_record(ledger, read.seq, error);
		if (record == NULL)
			return FALSE;
		*more = take(record, user);
	}
	return TRUE;
}

gboolean notices_since(Ledger *ledger, gint64 moment, NoticesTake take, gpointer user, GError **error)
{
	gint64 first_day = moment / G_TIME_SPAN_DAY * ENTRY_DAY;
	guint64 end = ledger_size(ledger);
	gboolean more = TRUE;
	while (end > 0 && more) {
		guint64 from = end > ENTRIES_AT_ONCE ? end - ENTRIES_AT_ONCE : 0;
		g_autoptr(GBytes) entries = ledger_entries(ledger, from, (guint)(end - from), error);
		if (entries == NULL || !take_page(ledger, entries, first_day, take, user, &more, error))
			return FALSE;
		end = from;
	}
	return TRUE;
}
