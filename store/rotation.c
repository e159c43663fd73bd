/* SPDX-License-Identifier: ISC */
#include "store/rotation.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/private-file.h"
#include "store/stopped.h"

#define NEXT "custody.next"
#define ESCROW "keys.age"
#define ESCROW_NEXT "keys-next.age"
#define ESCROW_MAX 65536

G_DEFINE_QUARK(senim-rotation-error, rotation_error)

void (*rotation_test_step)(const char *step);

static void step(const char *name)
{
	if (rotation_test_step != NULL)
		rotation_test_step(name);
}

void rotation_result_clear(RotationResult *result)
{
	ledger_custody_clear(&result->count);
	g_clear_pointer(&result->left, g_free);
}

static gboolean fail(GError **error, gint code, const char *what)
{
	g_set_error_literal(error, ROTATION_ERROR, code, what);
	return FALSE;
}

/* Gives an error of another module our domain. */
static gboolean wrap(GError **error, GError *cause)
{
	gint code = cause->domain == ROTATION_ERROR ? cause->code : ROTATION_ERROR_FAILED;
	g_set_error_literal(error, ROTATION_ERROR, code, cause->message);
	g_error_free(cause);
	return FALSE;
}

static void wipe_text(char *text)
{
	sodium_memzero(text, strlen(text));
	g_free(text);
}

static gboolean same_key(const CustodyKey *a, const CustodyKey *b)
{
	guint8 one[CUSTODY_ID], other[CUSTODY_ID];
	custody_key_id(a, one);
	custody_key_id(b, other);
	return memcmp(one, other, sizeof one) == 0;
}

/* --- step 1: the new key ------------------------------------------------------------------------------------------ */

static CustodyKey *take_next(const char *path, GError **error)
{
	if (g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_autofree char *source = g_strconcat("file:", path, NULL);
		return custody_key_load(source, error);
	}
	g_autoptr(CustodyKey) key = custody_key_generate(error);
	return key != NULL && custody_key_save(key, path, error) ? g_steal_pointer(&key) : NULL;
}

/* --- the escrow --------------------------------------------------------------------------------------------------- */

/* Whom the register names: recovery and escalation of every mailbox, each once. */
static gboolean add_recipients(const Stopped *stopped, guint i, const CustodyKey *custody, GPtrArray *recipients,
                               gboolean *recovery, GError **error)
{
	guint8 set[32];
	const LedgerOptions options = stopped_options(stopped, i, custody);
	g_autoptr(Ledger) ledger = ledger_open(&options, error);
	g_autoptr(GPtrArray) readers = ledger != NULL ? ledger_readers(ledger, set, error) : NULL;
	for (guint k = 0; readers != NULL && k < readers->len; k++) {
		const PeoplePerson *reader = readers->pdata[k];
		if (strcmp(reader->role, "recovery") != 0 && strcmp(reader->role, "escalation") != 0)
			continue;
		*recovery = *recovery || strcmp(reader->role, "recovery") == 0;
		if (!g_ptr_array_find_with_equal_func(recipients, reader->body, g_str_equal, NULL))
			g_ptr_array_add(recipients, g_strdup(reader->body));
	}
	return readers != NULL;
}

/* In the midst of a rotation a mailbox lies under either key. Without a recovery recipient nothing is escrowed, as `init
 * --no-recovery` said: an empty list. */
static GPtrArray *find_recipients(const Stopped *stopped, const CustodyKey *next, GError **error)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new_with_free_func(g_free);
	gboolean recovery = FALSE;
	for (guint i = 0; i < stopped->config->n_mailboxes; i++)
		if (!add_recipients(stopped, i, next, recipients, &recovery, NULL) &&
		    !add_recipients(stopped, i, stopped->custody, recipients, &recovery, error))
			return NULL;
	if (!recovery)
		g_ptr_array_set_size(recipients, 0);
	return g_steal_pointer(&recipients);
}

static Escrow *open_escrow(const char *path, const RotationRequest *request, GError **error)
{
	gsize size;
	g_autoptr(GBytes) file = private_file_read(path, ESCROW_MAX, FALSE, error);
	char *identity = file != NULL ? request->ask_identity(request->user, error) : NULL;
	if (identity == NULL)
		return NULL;
	const void *data = g_bytes_get_data(file, &size);
	Escrow *escrow = escrow_open(data, size, identity, error);
	wipe_text(identity);
	if (escrow == NULL)
		g_prefix_error(error, "%s does not open with this recovery key: ", path);
	return escrow;
}

/* Opens what lies on the disk: that is what somebody will have on the day. */
static gboolean prove(const RotationRequest *request, const Escrow *escrow, const char *path, GError **error)
{
	if (request->ask_identity == NULL)
		return TRUE;
	g_autoptr(Escrow) opened = open_escrow(path, request, error);
	return opened != NULL && (escrow_equal(escrow, opened) ||
	                          fail(error, ROTATION_ERROR_PROOF, "the escrow does not give back what was sealed: try another disk"));
}

/* Step 2. */
static gboolean stage_escrow(const RotationRequest *request, const Escrow *escrow, GPtrArray *recipients, GError **error)
{
	g_autofree char *path = stopped_recovery_path(request->config, ESCROW_NEXT);
	g_ptr_array_add(recipients, NULL);
	g_autoptr(GBytes) file = escrow_seal(escrow, (const char *const *)recipients->pdata, error);
	gsize size;
	const void *data = file != NULL ? g_bytes_get_data(file, &size) : NULL;
	return data != NULL && private_file_replace(path, data, size, 0600, error) && prove(request, escrow, path, error);
}

/* Step 5. The sheet first: who is killed behind it prints it again. */
static gboolean publish_escrow(const RotationRequest *request, const Escrow *escrow, GError **error)
{
	g_autofree char *next = stopped_recovery_path(request->config, ESCROW_NEXT),
					*path = stopped_recovery_path(request->config, ESCROW);
	gsize size;
	char *sheet = escrow_sheet(escrow);
	gboolean printed = request->sheet == NULL || request->sheet(sheet, request->user, error);
	wipe_text(sheet);
	if (!printed)
		return FALSE;
	g_autoptr(GBytes) file = private_file_read(next, ESCROW_MAX, FALSE, error);
	const void *data = file != NULL ? g_bytes_get_data(file, &size) : NULL;
	return data != NULL && private_file_replace(path, data, size, 0600, error) && private_file_remove(next, error);
}

/* --- steps 3 and 4: the mailboxes --------------------------------------------------------------------------------- */

/* The id that the last CUSTODY entry names as the new key's; FALSE in *any where there is none. */
static gboolean last_custody(Ledger *ledger, guint8 id[CUSTODY_ID], gboolean *any, GError **error)
{
	guint64 size = ledger_size(ledger);
	*any = FALSE;
	for (guint64 seq = size; seq-- > 0 && !*any;) {
		Entry entry;
		g_autoptr(GBytes) data = ledger_entries(ledger, seq, 1, error);
		if (data == NULL || !entry_decode(g_bytes_get_data(data, NULL), &entry, error))
			return FALSE;
		if (entry.kind != ENTRY_CUSTODY)
			continue;
		LedgerEntry found;
		gsize text_size;
		if (!ledger_entry(ledger, seq, &found, error))
			return FALSE;
		const void *text = g_bytes_get_data(found.record, &text_size);
		g_autoptr(Record) record = record_read(text, text_size, 0, entry_schema(ENTRY_CUSTODY), error);
		*any = record != NULL && record_get_hex(record, "new", id, CUSTODY_ID, error);
		ledger_entry_clear(&found);
		if (!*any)
			return FALSE;
	}
	return TRUE;
}

static gboolean enter(const Stopped *stopped, guint i, const CustodyKey *next, GError **error)
{
	guint8 old_id[CUSTODY_ID], next_id[CUSTODY_ID], last_id[CUSTODY_ID];
	gboolean any;
	const LedgerOptions options = stopped_options(stopped, i, next);
	g_autoptr(Ledger) ledger = ledger_open(&options, error);
	if (ledger == NULL || !last_custody(ledger, last_id, &any, error))
		return FALSE;
	custody_key_id(stopped->custody, old_id);
	custody_key_id(next, next_id);
	if (any && memcmp(last_id, next_id, sizeof next_id) == 0)
		return TRUE;
	LedgerEntry entry;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)g_get_real_time());
	record_add_hex(record, "old", old_id, sizeof old_id);
	record_add_hex(record, "new", next_id, sizeof next_id);
	const LedgerAct act = {
		.kind = ENTRY_CUSTODY, .concerns = LEDGER_NOTHING, .record = record, .case_seq = LEDGER_NOTHING};
	if (!ledger_append(ledger, &act, &entry, error))
		return FALSE;
	ledger_entry_clear(&entry);
	return TRUE;
}

static gboolean turn_mailboxes(const RotationRequest *request, const Stopped *stopped, const CustodyKey *next,
                               RotationResult *result, GError **error)
{
	for (guint i = 0; i < stopped->config->n_mailboxes; i++) {
		LedgerCustody count;
		const LedgerOptions options = stopped_options(stopped, i, NULL);
		if (request->progress != NULL)
			request->progress(options.mailbox, request->user);
		if (!ledger_rotate(&options, next, &count, error))
			return FALSE;
		result->count.openings += count.openings;
		result->count.headers += count.headers;
		result->count.letters += count.letters;
		step("a mailbox is turned");
		if (!enter(stopped, i, next, error))
			return FALSE;
		step("a mailbox's entry stands");
	}
	return TRUE;
}

/* --- step 6: the old key goes ------------------------------------------------------------------------------------- */

static void scrub(int fd)
{
	static const guint8 nothing[256];
	off_t size = lseek(fd, 0, SEEK_END);
	if (size > 0 && pwrite(fd, nothing, (gsize)MIN(size, (off_t)sizeof nothing), 0) > 0)
		fsync(fd);
	close(fd);
}

static gboolean replace_key(const char *path, const CustodyKey *next, GError **error)
{
	/* Opened before it loses its name: its octets are overwritten where they lie. */
	int old = chmod(path, 0600) == 0 ? open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	char *text = custody_key_text(next);
	gsize size = strlen(text);
	text[size] = '\n'; /* for the moment it is a line, not a string */
	gboolean done = private_file_replace(path, text, size + 1, 0400, error);
	sodium_memzero(text, size + 1);
	g_free(text);
	if (old >= 0 && done)
		scrub(old);
	else if (old >= 0)
		close(old);
	return done;
}

static gboolean finish(const RotationRequest *request, const Stopped *stopped, const CustodyKey *next, const char *path,
                       RotationResult *result, GError **error)
{
	const char *source = request->config->custody_key;
	result->finished = same_key(stopped->custody, next);
	if (!result->finished && g_str_has_prefix(source, "file:")) {
		if (!replace_key(source + strlen("file:"), next, error))
			return FALSE;
		step("the key is replaced");
		result->finished = TRUE;
	}
	if (result->finished)
		return private_file_remove(path, error);
	result->left = g_strdup(path);
	return TRUE;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static gboolean run(const RotationRequest *request, const Stopped *stopped, RotationResult *result, GError **error)
{
	g_autofree char *path = stopped_key_path(request->config, NEXT);
	g_autoptr(CustodyKey) next = take_next(path, error);
	if (next == NULL)
		return FALSE;
	step("the new key is saved");
	if (same_key(stopped->custody, next)) /* the keeper has put it in its place, or a kill came between */
		return finish(request, stopped, next, path, result, error);
	g_autoptr(GPtrArray) recipients = find_recipients(stopped, next, error);
	g_autoptr(Escrow) escrow =
		recipients != NULL ? stopped_escrow(stopped, next, g_get_real_time() / G_USEC_PER_SEC, error) : NULL;
	if (escrow == NULL)
		return FALSE;
	result->escrowed = recipients->len > 0;
	if (result->escrowed && !stage_escrow(request, escrow, recipients, error))
		return FALSE;
	step("the escrow is staged");
	if (!turn_mailboxes(request, stopped, next, result, error) ||
	    (result->escrowed && !publish_escrow(request, escrow, error)))
		return FALSE;
	step("the escrow is published");
	return finish(request, stopped, next, path, result, error);
}

gboolean rotation_is_begun(const Config *config)
{
	g_autofree char *path = stopped_key_path(config, NEXT);
	return g_file_test(path, G_FILE_TEST_EXISTS);
}

gboolean rotation_run(const RotationRequest *request, RotationResult *result, GError **error)
{
	GError *cause = NULL;
	memset(result, 0, sizeof *result);
	g_autoptr(Stopped) stopped = stopped_new(request->config, NULL, &cause);
	return (stopped != NULL && run(request, stopped, result, &cause)) || wrap(error, cause);
}

/* --- the check ---------------------------------------------------------------------------------------------------- */

static gboolean check_escrow(const RotationRequest *request, const Stopped *stopped, RotationResult *result,
                             GError **error)
{
	g_autofree char *path = stopped_recovery_path(request->config, ESCROW);
	result->escrowed = g_file_test(path, G_FILE_TEST_EXISTS);
	if (!result->escrowed || request->ask_identity == NULL)
		return TRUE;
	g_autoptr(Escrow) wanted = stopped_escrow(stopped, stopped->custody, 0, error);
	g_autoptr(GError) cause = NULL;
	g_autoptr(Escrow) opened = wanted != NULL ? open_escrow(path, request, &cause) : NULL;
	if (wanted == NULL)
		return FALSE;
	if (opened == NULL)
		g_ptr_array_add(result->count.faults, g_strdup(cause->message));
	else if (!escrow_equal(wanted, opened))
		g_ptr_array_add(result->count.faults,
		                g_strdup_printf("%s holds other keys than this store has: make it anew with senim custody rotate", path));
	return TRUE;
}

static gboolean check(const RotationRequest *request, const Stopped *stopped, RotationResult *result, GError **error)
{
	result->count.faults = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < stopped->config->n_mailboxes; i++) {
		LedgerCustody one;
		const LedgerOptions options = stopped_options(stopped, i, NULL);
		if (request->progress != NULL)
			request->progress(options.mailbox, request->user);
		if (!ledger_custody_check(&options, &one, error)) {
			ledger_custody_clear(&one);
			return FALSE;
		}
		result->count.openings += one.openings;
		result->count.headers += one.headers;
		result->count.letters += one.letters;
		for (guint k = 0; k < one.faults->len; k++)
			g_ptr_array_add(result->count.faults, g_strdup_printf("%s: %s", options.mailbox, (char *)one.faults->pdata[k]));
		ledger_custody_clear(&one);
	}
	return check_escrow(request, stopped, result, error);
}

gboolean rotation_check(const RotationRequest *request, RotationResult *result, GError **error)
{
	GError *cause = NULL;
	memset(result, 0, sizeof *result);
	g_autoptr(Stopped) stopped = stopped_new(request->config, NULL, &cause);
	result->finished = stopped != NULL && check(request, stopped, result, &cause);
	return result->finished || wrap(error, cause);
}
