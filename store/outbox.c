/* SPDX-License-Identifier: ISC */
#include "store/outbox.h"

#include <sodium.h>
#include <string.h>

#include "base/bundle.h"
#include "base/log.h"
#include "store/checkpoints.h"
#include "store/custody.h"
#include "store/exclusions.h"
#include "store/letter-token.h"
#include "store/note.h"
#include "store/notices.h"
#include "store/submit.h"

#define AT_ONCE 16            /* rows of one mailbox in one round */
#define SLEEP_MAX (10 * G_TIME_SPAN_MINUTE) /* a clock that was set is noticed after this */
#define HELD_BACK (1 * G_TIME_SPAN_MINUTE)
#define BACKOFF_FIRST (1 * G_TIME_SPAN_MINUTE)
#define BACKOFF_MAX (1 * G_TIME_SPAN_HOUR)
/* 1, 2, 4 … 32 minutes, then one an hour until five days are over (RFC 5321, 4.5.4.1). */
#define ATTEMPTS_MAX (6 + 119)

struct Outbox {
	Registry *registry;
	OutboxHooks hooks;
	guint8 token_key[CUSTODY_KEY];
	gint64 rounds[CONFIG_MAILBOXES_MAX]; /* the thread's own: notices_serve() */
	gint64 hours[CONFIG_MAILBOXES_MAX];  /* the thread's own: reminders_serve() */
	CheckpointsRound checkpoints[CONFIG_MAILBOXES_MAX]; /* the same: checkpoints_serve() */
	GHashTable *gone; /* the thread's own: letters that the MTA has taken and the register could not be told of */
	GThread *thread;
	GMutex lock;
	GCond changed;
	/* under the lock */
	gboolean woken, stopping;
};

/* What follows from one letter for those behind it. LATER: it could not be finished, the others may go on. HOLD: nothing
 * of this mailbox goes now. */
typedef enum { GO_ON, LATER, HOLD } Way;

/* One letter on its way: what every step needs. */
typedef struct {
	Outbox *outbox;
	Ledger *ledger;
	const Config *config;
	const ConfigMailbox *mailbox;
	const LedgerLetterRow *row;
	GBytes *octets; /* what is sent; owned */
} Errand;

static void errand_clear(Errand *errand)
{
	g_clear_pointer(&errand->octets, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Errand, errand_clear)

/* --- composing ------------------------------------------------------------------- */

/* Of the checkpoint that holds the case. */
static char *code_of_case(Ledger *ledger, guint64 seq, GError **error)
{
	LedgerProof proof = {0};
	if (!ledger_prove(ledger, &seq, 1, 0, &proof, error))
		return NULL;
	guint64 size;
	guint8 root[NOTE_ROOT];
	char code[NOTE_CODE_LENGTH + 1];
	gboolean good = note_checkpoint_parse(proof.note, NULL, &size, root, error);
	ledger_proof_clear(&proof);
	if (!good)
		return NULL;
	note_code(root, code);
	return g_strdup(code);
}

static LetterTokenKind kind_of(const Record *letter)
{
	const char *purpose = record_get(letter, "purpose");
	return purpose == NULL ? LETTER_TOKEN_ACKNOWLEDGEMENT
	       : strcmp(purpose, "notice") == 0 || strcmp(purpose, "alarm") == 0 || strcmp(purpose, "checkpoint") == 0
	             ? LETTER_TOKEN_NOTICE
	       : strcmp(purpose, "redirect") == 0 ? LETTER_TOKEN_REDIRECT
	                                          : LETTER_TOKEN_OFFICER;
}

static gboolean compose_letter(Errand *errand, OutboxLetter *letter, const guint8 case_id[SEAL_CASE], GError **error)
{
	gsize size;
	GDate told;
	g_date_clear(&told, 1);
	guint32 number = letter_token_number(kind_of(errand->row->letter), errand->row->id);
	g_autofree char *token = letter_token_make(errand->outbox->token_key, case_id, number);
	g_autofree char *message_id = g_strdup_printf("<%s%s>", token, strrchr(errand->mailbox->address, '@'));
	letter->config = errand->config;
	letter->mailbox = errand->mailbox;
	letter->ledger = errand->ledger;
	letter->letter = errand->row->letter;
	letter->entity = errand->row->composed;
	letter->message_id = message_id;
	letter->date = errand->row->due;
	letter->told = &told;
	char *text = errand->outbox->hooks.compose(letter, errand->outbox->hooks.user, &size, error);
	if (text == NULL)
		return FALSE;
	errand->octets = bundle_secret_bytes(text, size); /* it names the reporter */
	explicit_bzero(text, size);
	g_free(text);
	if (g_date_valid(&told))
		record_add_printf(errand->row->letter, "told", "%04d-%02d-%02d", (int)g_date_get_year(&told),
		                  (int)g_date_get_month(&told), (int)g_date_get_day(&told));
	return ledger_letter_composed(errand->ledger, errand->row->id, errand->octets, errand->row->letter, error);
}

static gboolean compose(Errand *errand, GError **error)
{
	const LedgerLetterRow *row = errand->row;
	if (row->case_seq == LEDGER_NOTHING) { /* an answer to it finds no case: its token is of one that there is not */
		guint8 none[SEAL_CASE];
		OutboxLetter letter = {.word = "", .reply = "", .code = ""};
		randombytes_buf(none, sizeof none);
		return compose_letter(errand, &letter, none, error);
	}
	g_autoptr(LedgerCase) about = ledger_case_by_seq(errand->ledger, row->case_seq, error);
	g_autofree char *code = about != NULL ? code_of_case(errand->ledger, row->case_seq, error) : NULL;
	if (code == NULL)
		return FALSE;
	g_autofree char *word = letter_token_word(errand->outbox->token_key, about->case_id);
	g_autofree char *reply = letter_token_reply(errand->outbox->token_key, about->case_id);
	OutboxLetter letter = {.about = about, .word = word, .reply = reply, .code = code};
	return compose_letter(errand, &letter, about->case_id, error);
}

/* --- one letter -------------------------------------------------------------------- */

/* Its case was erased after the row was read: there is nothing to do any more. */
static gboolean is_gone(const GError *error)
{
	return g_error_matches(error, LEDGER_ERROR, LEDGER_ERROR_NOT_FOUND);
}

static void note_failure(const char *what, const GError *error)
{
	log_warning("outbox: %s: %s", what, error != NULL ? error->message : "unknown");
}

static Way withhold(const Errand *errand, const char *reason)
{
	g_autoptr(GError) error = NULL;
	if (ledger_letter_withhold(errand->ledger, errand->row->id, reason, &error) || is_gone(error))
		return GO_ON;
	note_failure("a letter could not be withheld", error);
	return LATER;
}

static Way put_off(const Errand *errand)
{
	g_autoptr(GError) error = NULL;
	const LedgerLetterRow *row = errand->row;
	log_step(NULL, LOG_STEP_LETTER_PUT_OFF);
	if (row->attempts >= ATTEMPTS_MAX)
		return withhold(errand, "not-taken");
	gint64 wait = MIN(BACKOFF_FIRST << MIN(row->attempts, 6), BACKOFF_MAX);
	if (ledger_letter_put_off(errand->ledger, row->id, registry_now(errand->outbox->registry) + wait, &error))
		return GO_ON;
	note_failure("a letter could not be put off", error);
	return LATER;
}

static char *name_of(const Errand *errand)
{
	return g_strdup_printf("%s %" G_GUINT64_FORMAT, errand->mailbox->address, errand->row->id);
}

/* The MTA has it. Where the books cannot be written now (a full disk, a wrong clock) only this is tried again: a person
 * who gets the same letter every few minutes is not answered but pursued. */
static gboolean enter_sent(const Errand *errand)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Record) record = record_new();
	g_autofree char *name = name_of(errand);
	record_add_uint(record, "time", (guint64)registry_now(errand->outbox->registry));
	record_add_uint(record, "case", errand->row->case_seq);
	const char *told = record_get(errand->row->letter, "told");
	if (told != NULL)
		record_add(record, "official-date", told);
	if (ledger_letter_sent(errand->ledger, errand->row->id, record, &error)) {
		g_hash_table_remove(errand->outbox->gone, name);
		return TRUE;
	}
	note_failure("a letter that was sent could not be entered, and is entered later", error);
	g_hash_table_add(errand->outbox->gone, g_steal_pointer(&name));
	return FALSE;
}

static gboolean has_gone(const Errand *errand)
{
	g_autofree char *name = name_of(errand);
	return g_hash_table_contains(errand->outbox->gone, name);
}

static gboolean is_for(const LedgerLetterRow *row, const char *purpose)
{
	return g_strcmp0(record_get(row->letter, "purpose"), purpose) == 0;
}

/* By an officer's act, or to a trustee: a failed delivery comes back to the mailbox. */
static gboolean comes_back(const LedgerLetterRow *row)
{
	return record_get(row->letter, "purpose") != NULL && !is_for(row, "notice") && !is_for(row, "alarm");
}

/* GO_ON: the letter may go now. */
static Way within_caps(const Errand *errand, gboolean *withheld)
{
	guint day, week, hour;
	g_autoptr(GError) error = NULL;
	const ConfigMailbox *mailbox = errand->mailbox;
	*withheld = FALSE;
	/* Caps stop loops of what is sent by itself. What an officer sends, a prolonged term's letter too, is one letter for one
	 * act of a person: it waits for no cap, and takes nothing of what an acknowledgement may need the same day. */
	if (record_get(errand->row->letter, "purpose") != NULL)
		return GO_ON;
	if (!ledger_letter_counts(errand->ledger, record_get(errand->row->letter, "to"), &day, &week, &hour, &error)) {
		note_failure("letters could not be counted", error);
		return HOLD;
	}
	if (hour >= mailbox->per_hour)
		return HOLD;
	/* The row's id is the entry that queued it: the case's own, or an officer's RELEASED, which is her decision. */
	gboolean ours = errand->row->id == errand->row->case_seq && errand->row->composed == NULL;
	*withheld = ours && (day >= mailbox->per_address_day || week >= mailbox->per_address_week);
	return *withheld ? withhold(errand, "cap") : GO_ON;
}

/* What an officer composed begins with its Content-Type; what was composed here, with a header of ours. */
static gboolean is_whole(GBytes *octets)
{
	static const char entity[] = "Content-Type:";
	gsize size;
	const void *data = octets != NULL ? g_bytes_get_data(octets, &size) : NULL;
	return octets != NULL && (size < sizeof entity - 1 || memcmp(data, entity, sizeof entity - 1) != 0);
}

static Way submit(Errand *errand)
{
	const LedgerLetterRow *row = errand->row;
	g_autoptr(GError) error = NULL;
	if (!ledger_letter_begin(errand->ledger, row->id, &error)) {
		if (is_gone(error))
			return GO_ON;
		note_failure("the outbox could not be read", error);
		return HOLD;
	}
	if (is_whole(row->composed)) {
		errand->octets = g_bytes_ref(row->composed);
	} else if (!compose(errand, &error)) {
		note_failure("a letter could not be composed", error);
		return put_off(errand);
	}
	const char *mailbox = errand->mailbox->address, *domain = strrchr(mailbox, '@') + 1;
	const char *from = comes_back(row) ? mailbox : "", *to = record_get(row->letter, "to");
	gboolean sent = submit_message(errand->config->submit, domain, from, to, errand->octets, &error);
	if (errand->outbox->hooks.mta != NULL)
		errand->outbox->hooks.mta(sent || !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE), errand->outbox->hooks.user);
	if (!sent) {
		note_failure("the MTA did not take a letter", error);
		if (comes_back(row) && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
			return withhold(errand, "refused");
		Way way = put_off(errand);
		return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ? HOLD : way;
	}
	log_step(NULL, LOG_STEP_LETTER_SENT);
	return enter_sent(errand) ? GO_ON : HOLD;
}

static Way send_row(Errand *errand)
{
	gboolean withheld;
	if (has_gone(errand))
		return enter_sent(errand) ? GO_ON : LATER;
	if (!outbox_address_is_safe(record_get(errand->row->letter, "to")))
		return withhold(errand, "bad-address");
	Way way = within_caps(errand, &withheld);
	return way == GO_ON && !withheld ? submit(errand) : way;
}

/* --- rounds -------------------------------------------------------------------------- */

static gboolean is_stopping(Outbox *outbox)
{
	g_mutex_lock(&outbox->lock);
	gboolean stopping = outbox->stopping;
	g_mutex_unlock(&outbox->lock);
	return stopping;
}

/* Sends what one mailbox has due; returns when to come back. */
static gint64 serve_mailbox(Outbox *outbox, const Config *config, guint i)
{
	const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(outbox->registry, i));
	Ledger *ledger = registry_ledger(outbox->registry, i);
	gint64 next = G_MAXINT64;
	g_autoptr(GError) error = NULL;
	if (mailbox == NULL) /* taken out of the configuration: its letters wait for it */
		return next;
	gboolean later = FALSE;
	gint64 notices = notices_serve(outbox->registry, config, mailbox, ledger, &outbox->rounds[i]);
	gint64 alarms = exclusions_serve(outbox->registry, config, mailbox, ledger);
	gint64 hour = reminders_serve(outbox->registry, &outbox->hooks.reminders, config, mailbox, ledger, &outbox->hours[i]);
	notices = MIN(MIN(notices, alarms), hour);
	gint64 checkpoints = checkpoints_serve(outbox->registry, config, mailbox, ledger, &outbox->checkpoints[i]);
	notices = MIN(notices, checkpoints);
	gint64 now = registry_now(outbox->registry);
	g_autoptr(GPtrArray) rows = ledger_letters_due(ledger, now, AT_ONCE, &next, &error);
	if (rows == NULL) {
		note_failure("the outbox could not be read", error);
		return now + HELD_BACK;
	}
	for (guint k = 0; k < rows->len && !is_stopping(outbox); k++) {
		g_auto(Errand) errand = {outbox, ledger, config, mailbox, g_ptr_array_index(rows, k), NULL};
		Way way = send_row(&errand);
		if (way == HOLD)
			return MIN(notices, now + HELD_BACK);
		later = later || way == LATER;
	}
	next = MIN(next, notices);
	return later ? MIN(next, now + HELD_BACK) : next;
}

static gint64 serve_all(Outbox *outbox)
{
	g_autoptr(Config) config = registry_config(outbox->registry);
	gint64 next = G_MAXINT64;
	for (guint i = 0; i < registry_count(outbox->registry) && !is_stopping(outbox); i++) {
		gint64 back = serve_mailbox(outbox, config, i); /* MIN() would serve it twice */
		next = MIN(next, back);
	}
	return next;
}

/* Until `next` by the registry's clock, a wake, or SLEEP_MAX. FALSE: stop. */
static gboolean sleep_until(Outbox *outbox, gint64 next)
{
	gint64 now = registry_now(outbox->registry);
	gint64 wait = next <= now ? 0 : MIN(next - now, SLEEP_MAX);
	gint64 deadline = g_get_monotonic_time() + wait;
	g_mutex_lock(&outbox->lock);
	while (!outbox->woken && !outbox->stopping)
		if (!g_cond_wait_until(&outbox->changed, &outbox->lock, deadline))
			break;
	outbox->woken = FALSE;
	gboolean goes_on = !outbox->stopping;
	g_mutex_unlock(&outbox->lock);
	return goes_on;
}

static gpointer run(gpointer data)
{
	Outbox *outbox = data;
	gint64 next = 0;
	while (sleep_until(outbox, next))
		next = serve_all(outbox);
	return NULL;
}

Outbox *outbox_start(Registry *registry, const OutboxHooks *hooks)
{
	Outbox *outbox = g_new0(Outbox, 1);
	outbox->registry = registry;
	outbox->hooks = *hooks;
	custody_derive(registry_custody(registry), registry_store_id(registry), CUSTODY_MESSAGE_ID, outbox->token_key);
	outbox->gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_mutex_init(&outbox->lock);
	g_cond_init(&outbox->changed);
	outbox->thread = g_thread_new("outbox", run, outbox);
	return outbox;
}

void outbox_wake(Outbox *outbox)
{
	g_mutex_lock(&outbox->lock);
	outbox->woken = TRUE;
	g_cond_signal(&outbox->changed);
	g_mutex_unlock(&outbox->lock);
}

void outbox_stop(Outbox *outbox)
{
	if (outbox == NULL)
		return;
	g_mutex_lock(&outbox->lock);
	outbox->stopping = TRUE;
	g_cond_signal(&outbox->changed);
	g_mutex_unlock(&outbox->lock);
	g_thread_join(outbox->thread);
	g_hash_table_unref(outbox->gone);
	g_mutex_clear(&outbox->lock);
	g_cond_clear(&outbox->changed);
	sodium_memzero(outbox->token_key, sizeof outbox->token_key);
	g_free(outbox);
}
