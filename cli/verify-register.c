/* SPDX-License-Identifier: ISC */
#include "cli/verify-register.h"

#include <string.h>

#include "base/config.h"
#include "base/escape.h"
#include "cli/verify-look.h"
#include "store/archive.h"
#include "store/ledger-offline.h"
#include "store/merkle.h"

#define ENTRIES_MOST 5000 /* doc/architecture.md */

static void register_free(gpointer data)
{
	VerifyRegister *result = data;
	g_free(result->mailbox);
	g_free(result->origin);
	g_ptr_array_unref(result->faults);
	json_decref(result->trustees);
	g_free(result);
}

static VerifyRegister *add_register(GPtrArray *list, const char *mailbox, const char *origin)
{
	VerifyRegister *result = g_new0(VerifyRegister, 1);
	result->mailbox = g_strdup(mailbox);
	result->origin = g_strdup(origin);
	result->faults = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(list, result);
	return result;
}

static void add_fault(VerifyRegister *result, char *fault)
{
	g_ptr_array_add(result->faults, fault);
}

/* --- over the desk ---------------------------------------------------------------------------------------------------- */

/* FALSE where the rest makes no sense any more; what is wrong stands in faults. */
static gboolean take_entry(VerifyRegister *result, MerkleTree *tree, const guint8 *data, gint64 *time)
{
	Entry entry;
	guint8 leaf[ENTRY_HASH];
	if (!entry_decode(data, &entry, NULL) || entry.seq != tree->size) {
		add_fault(result, g_strdup_printf(_("entry %llu has another form"), (unsigned long long)tree->size));
		return FALSE;
	}
	if (entry.time < *time)
		add_fault(result, g_strdup_printf(_("entry %llu is dated before the one in front of it"),
		                                  (unsigned long long)tree->size));
	if (entry.seq == 0 && entry.kind != ENTRY_BEGUN && entry.kind != ENTRY_RESTORED)
		add_fault(result, g_strdup(_("the register has no beginning")));
	*time = MAX(*time, entry.time);
	entry_leaf(data, leaf);
	return merkle_append(tree, leaf, NULL, NULL, NULL);
}

/* Is this the tree whose root a letter's code was made of? */
static void look_for_code(VerifyRegister *result, const MerkleTree *tree, const char *wanted)
{
	guint8 root[MERKLE_HASH];
	char code[NOTE_CODE_LENGTH + 1];
	if (wanted == NULL || result->code_size != 0)
		return;
	merkle_root(tree, root);
	note_code(root, code);
	if (strcmp(code, wanted) == 0)
		result->code_size = tree->size;
}

static gboolean recompute(Session *session, VerifyRegister *result, const guint8 root[NOTE_ROOT], const char *code, GError **error)
{
	MerkleTree tree = {.size = 0};
	guint8 computed[MERKLE_HASH];
	gint64 time = 0;
	while (tree.size < result->size) {
		guint64 most = MIN(result->size - tree.size, ENTRIES_MOST);
		json_t *body = json_pack("{s:s, s:I, s:I}", "mailbox", result->mailbox, "from", (json_int_t)tree.size, "most",
		                         (json_int_t)most);
		g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/entries", body, NULL, error);
		g_autoptr(GBytes) entries = answer != NULL ? desk_get_octets(answer, "entries", 0, error) : NULL;
		if (entries == NULL)
			return FALSE;
		gsize size;
		const guint8 *data = g_bytes_get_data(entries, &size);
		if (size == 0 || size % ENTRY_SIZE != 0 || size / ENTRY_SIZE > most)
			return desk_form_error(error, "entries");
		for (gsize i = 0; i < size; i += ENTRY_SIZE) {
			if (!take_entry(result, &tree, data + i, &time))
				return TRUE;
			look_for_code(result, &tree, code);
		}
	}
	merkle_root(&tree, computed);
	if (memcmp(computed, root, sizeof computed) != 0)
		add_fault(result, g_strdup(_("its entries do not give what its control mark says: something was changed, taken out or put in")));
	return TRUE;
}

/* Asks target with what is kept of the register, and takes the checkpoint that comes with the answer. A checkpoint that
 * does not hold is a fault like any other: *answer stays NULL, and the other registers are checked all the same. */
static gboolean ask(Session *session, VerifyRegister *result, const char *target, json_t **answer, guint8 root[NOTE_ROOT],
                    GError **error)
{
	guint64 known;
	g_autoptr(GError) fault = NULL;
	const char *origin = session_origin(session, result->mailbox, &known, &fault);
	g_autoptr(json_t) got = NULL;
	if (origin != NULL) {
		json_t *body = json_pack("{s:s, s:I}", "mailbox", result->mailbox, "known", (json_int_t)known);
		got = desk_client_post(session->desk, target, body, NULL, error);
		if (got == NULL)
			return FALSE;
	}
	if (origin != NULL && verify_look_checkpoint(session->pins, origin, got, &result->size, root, &fault))
		*answer = g_steal_pointer(&got);
	else if (g_error_matches(fault, CLI_ERROR, CLI_ERROR_REFUSED)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	} else
		add_fault(result, g_strdup(fault->message));
	return TRUE;
}

/* Which reader cannot open which case, since what rests for her does not open in the store itself. */
static gboolean take_unreadable(VerifyRegister *result, json_t *answer, GError **error)
{
	json_t *list = desk_get_array(answer, "unreadable", error), *one;
	gsize i;
	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, one) {
		const char *name = desk_get_text(one, "case", error), *part = name != NULL ? desk_get_text(one, "part", error) : NULL;
		const char *reader = part != NULL ? desk_get_text(one, "reader", error) : NULL;
		if (reader == NULL)
			return FALSE;
		add_fault(result,
		          strcmp(part, "card") == 0
		                  ? g_strdup_printf(_("%s: the card does not open for %s: she types senim grant %s --anew, then another reader senim grant %s --to %s"),
		                                    name, reader, name, name, reader)
		                  : g_strdup_printf(_("%s: the letter does not open for %s: she types senim grant %s --anew, then another reader senim grant %s --to %s"),
		                                    name, reader, name, name, reader));
	}
	return TRUE;
}

/* What only the registrar can read: openings and sealed octets. */
static gboolean take_own_check(VerifyRegister *result, json_t *answer, GError **error)
{
	json_t *faults = desk_get_array(answer, "faults", error), *fault;
	gsize i;
	if (faults == NULL || !desk_get_uint(answer, "payloads", &result->payloads, error))
		return FALSE;
	result->trustees = json_incref(json_object_get(answer, "trustees"));
	json_array_foreach(faults, i, fault) {
		if (!json_is_string(fault))
			return desk_form_error(error, "faults");
		add_fault(result, g_strdup(json_string_value(fault)));
	}
	return take_unreadable(result, answer, error);
}

static gboolean check_mailbox(Session *session, VerifyRegister *result, const char *code, GError **error)
{
	guint8 root[NOTE_ROOT];
	g_autoptr(json_t) checkpoint = NULL;
	g_autoptr(json_t) check = NULL;
	if (!ask(session, result, "/v1/checkpoint", &checkpoint, root, error))
		return FALSE;
	if (checkpoint == NULL)
		return TRUE;
	if (!recompute(session, result, root, code, error) || !ask(session, result, "/v1/verify", &check, root, error))
		return FALSE;
	return check == NULL || take_own_check(result, check, error);
}

GPtrArray *verify_register_desk(Session *session, const char *code, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(register_free);
	const char *mailbox, *origin;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++)
		if (!check_mailbox(session, add_register(list, mailbox, origin), code, error))
			return NULL;
	return g_steal_pointer(&list);
}

/* --- a stopped store ---------------------------------------------------------------------------------------------------- */

/* What a check of files found. FALSE and *error where it could not be made. */
static gboolean take_check(VerifyRegister *result, gboolean read, LedgerCheck *check, const GError *cause, GError **error)
{
	if (!read) {
		g_autofree char *why = escape_text(cause->message, -1, ESCAPE_LINE);
		cli_fail(error, CLI_ERROR_FAILED, _("the store cannot be checked: %s"), why);
	}
	for (guint i = 0; read && i < check->faults->len; i++)
		add_fault(result, g_strdup(check->faults->pdata[i]));
	result->size = check->entries;
	result->payloads = check->payloads;
	ledger_check_clear(check);
	return read;
}

/* The files of one register, in that directory. */
typedef gboolean (*CheckFiles)(const Pins *pins, const char *directory, VerifyRegister *result, GError **error);

/* Each register of which a key is pinned; its directory is called like its mailbox, spelled as in the origin. */
static GPtrArray *check_each(const char *log_pub, const char *place, CheckFiles files, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(register_free);
	g_autoptr(Pins) pins = pins_load(log_pub, NULL, error);
	const char *origin;
	for (guint i = 0; pins != NULL && (origin = pins_origin(pins, i)) != NULL; i++) {
		g_autofree char *mailbox = g_strndup(origin, strcspn(origin, "/"));
		g_autofree char *directory = g_build_filename(place, mailbox, NULL);
		VerifyRegister *result = add_register(list, mailbox, origin);
		if (!g_file_test(directory, G_FILE_TEST_IS_DIR))
			add_fault(result, g_strdup_printf(_("%s is missing: its register is gone"), directory));
		else if (!files(pins, directory, result, error))
			return NULL;
	}
	return pins != NULL ? g_steal_pointer(&list) : NULL;
}

static gboolean check_books(const Pins *pins, const char *directory, VerifyRegister *result, GError **error)
{
	LedgerCheck check = {0};
	g_autoptr(GError) cause = NULL;
	LedgerOffline question = {.directory = directory, .verifier = pins_verifier(pins, result->origin)};
	if (!pins_kept(pins, result->origin, &question.known_size, question.known_root, error))
		return FALSE;
	gboolean read = ledger_offline_check(&question, &check, &cause);
	return take_check(result, read, &check, cause, error);
}

/* DIR is what init made: its configuration says where the state is, and log.pub lies beside. Else DIR is the
 * state-directory itself, and log.pub is named. */
static gboolean find_state(const char *directory, char **state, char **log_pub, GError **error)
{
	g_autofree char *file = g_build_filename(directory, "senim.conf", NULL);
	if (g_file_test(file, G_FILE_TEST_EXISTS)) {
		g_autoptr(Config) config = cli_load_config(file, error);
		if (config == NULL)
			return FALSE;
		*state = g_strdup(config->state_directory);
		if (*log_pub == NULL)
			*log_pub = g_build_filename(directory, "log.pub", NULL);
		return TRUE;
	}
	*state = g_strdup(directory);
	return *log_pub != NULL ||
	       cli_fail(error, CLI_ERROR_USAGE, _("%s has no senim.conf: name the registers' public keys with --log-pub as well"),
	                directory);
}

GPtrArray *verify_register_store(const char *directory, const char *log_pub, GError **error)
{
	g_autofree char *state = NULL, *keys = g_strdup(log_pub);
	return find_state(directory, &state, &keys, error) ? check_each(keys, state, check_books, error) : NULL;
}

/* --- an archive --------------------------------------------------------------------------------------------------------- */

static gboolean check_archive(const Pins *pins, const char *directory, VerifyRegister *result, GError **error)
{
	LedgerCheck check = {0};
	g_autoptr(GError) cause = NULL;
	ArchiveQuestion question = {.directory = directory, .verifier = pins_verifier(pins, result->origin)};
	if (!pins_kept(pins, result->origin, &question.known_size, question.known_root, error))
		return FALSE;
	gboolean read = archive_check(&question, &check, NULL, &cause);
	if (!read && g_error_matches(cause, ARCHIVE_ERROR, ARCHIVE_ERROR_FORM)) {
		add_fault(result, g_strdup(cause->message));
		return TRUE;
	}
	return take_check(result, read, &check, cause, error);
}

GPtrArray *verify_register_archive(const char *directory, const char *log_pub, GError **error)
{
	g_autofree char *own = g_build_filename(directory, ARCHIVE_STORE, "log.pub", NULL);
	return check_each(log_pub != NULL ? log_pub : own, directory, check_archive, error);
}
