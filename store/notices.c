/* SPDX-License-Identifier: ISC */
#include "store/notices.h"

#include <string.h>

#include "base/log.h"
#include "store/desk-place.h"
#include "store/outbox.h"

#define AT_ONCE 64    /* cases of one round */
#define PEOPLE_MAX 32 /* told of one case */
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
