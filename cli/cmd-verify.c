/* SPDX-License-Identifier: ISC */
/* senim verify: every register recomputed here from all its entries, against its signed checkpoint, the pinned key and the
 * checkpoint kept on this machine; then what the registrar's own check finds in openings and sealed octets. */
#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/verify-look.h"
#include "store/entry.h"
#include "store/merkle.h"

#define ENTRIES_MOST 5000 /* doc/architecture.md */

typedef struct {
	char *mailbox, *origin;
	guint64 size;     /* entries that the checkpoint covers */
	guint64 payloads; /* sealed objects that the registrar has read again */
	GPtrArray *faults;
} Result;

static void result_free(gpointer data)
{
	Result *result = data;
	g_free(result->mailbox);
	g_free(result->origin);
	g_ptr_array_unref(result->faults);
	g_free(result);
}

static void add_fault(Result *result, char *fault)
{
	g_ptr_array_add(result->faults, fault);
}

/* FALSE where the rest makes no sense any more; what is wrong stands in faults. */
static gboolean take_entry(Result *result, MerkleTree *tree, const guint8 *data, gint64 *time)
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

static gboolean recompute(Session *session, Result *result, const guint8 root[NOTE_ROOT], GError **error)
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
		for (gsize i = 0; i < size; i += ENTRY_SIZE)
			if (!take_entry(result, &tree, data + i, &time))
				return TRUE;
	}
	merkle_root(&tree, computed);
	if (memcmp(computed, root, sizeof computed) != 0)
		add_fault(result, g_strdup(_("its entries do not give what its control mark says: something was changed, taken out or put in")));
	return TRUE;
}

/* Asks target with what is kept of the register, and takes the checkpoint that comes with the answer. A checkpoint that
 * does not hold is a fault like any other: *answer stays NULL, and the other registers are checked all the same. */
static gboolean ask(Session *session, Result *result, const char *target, json_t **answer, guint8 root[NOTE_ROOT],
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
	else
		add_fault(result, g_strdup(fault->message));
	return TRUE;
}

/* What only the registrar can read: openings and sealed octets. */
static gboolean take_own_check(Result *result, json_t *answer, GError **error)
{
	json_t *faults = desk_get_array(answer, "faults", error), *fault;
	gsize i;
	if (faults == NULL || !desk_get_uint(answer, "payloads", &result->payloads, error))
		return FALSE;
	json_array_foreach(faults, i, fault) {
		if (!json_is_string(fault))
			return desk_form_error(error, "faults");
		add_fault(result, g_strdup(json_string_value(fault)));
	}
	return TRUE;
}

static gboolean check_mailbox(Session *session, Result *result, GError **error)
{
	guint8 root[NOTE_ROOT];
	g_autoptr(json_t) checkpoint = NULL;
	g_autoptr(json_t) check = NULL;
	if (!ask(session, result, "/v1/checkpoint", &checkpoint, root, error))
		return FALSE;
	if (checkpoint == NULL)
		return TRUE;
	if (!recompute(session, result, root, error) || !ask(session, result, "/v1/verify", &check, root, error))
		return FALSE;
	return check == NULL || take_own_check(result, check, error);
}

/* --- what it says --------------------------------------------------------------------------------------------------- */

static gboolean print_json(const GPtrArray *results, gboolean sound, GError **error)
{
	json_t *list = json_array();
	for (guint i = 0; i < results->len; i++) {
		const Result *result = results->pdata[i];
		json_t *faults = json_array();
		for (guint n = 0; n < result->faults->len; n++)
			json_array_append_new(faults, output_value(result->faults->pdata[n]));
		json_array_append_new(list, json_pack("{s:o, s:o, s:I, s:I, s:o}", "mailbox", output_value(result->mailbox),
		                                      "origin", output_value(result->origin), "entries", (json_int_t)result->size,
		                                      "payloads", (json_int_t)result->payloads, "faults", faults));
	}
	return output_json(json_pack("{s:b, s:o}", "sound", sound, "registers", list), error);
}

static gboolean print_text(const GPtrArray *results, GError **error)
{
	g_autoptr(WipeBuffer) out = wipe_buffer_new(1024);
	for (guint i = 0; i < results->len; i++) {
		const Result *result = results->pdata[i];
		g_autofree char *mailbox = escape_text(result->mailbox, -1, ESCAPE_LINE);
		g_autofree char *line =
			result->faults->len == 0
				? g_strdup_printf(_("%s: the register is whole: %llu entries, %llu sealed objects.\n"), mailbox,
				                  (unsigned long long)result->size, (unsigned long long)result->payloads)
				: g_strdup_printf(_("%s: THE REGISTER IS NOT WHOLE:\n"), mailbox);
		wipe_buffer_add_text(out, line);
		for (guint n = 0; n < result->faults->len; n++) {
			g_autofree char *fault = escape_text(result->faults->pdata[n], -1, ESCAPE_LINE);
			wipe_buffer_add_text(out, "  ");
			wipe_buffer_add_text(out, fault);
			wipe_buffer_add_text(out, "\n");
		}
	}
	return output_text(out, error);
}

static gboolean verify_desk(Cli *cli, GPtrArray *results, GError **error)
{
	g_autoptr(Session) session = session_open(cli, error);
	const char *mailbox, *origin;
	if (session == NULL)
		return FALSE;
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++) {
		Result *result = g_new0(Result, 1);
		result->mailbox = g_strdup(mailbox);
		result->origin = g_strdup(origin);
		result->faults = g_ptr_array_new_with_free_func(g_free);
		g_ptr_array_add(results, result);
		if (!check_mailbox(session, result, error))
			return FALSE;
	}
	return TRUE;
}

gboolean cmd_verify(Cli *cli, GError **error)
{
	g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(result_free);
	if (!verify_desk(cli, results, error))
		return FALSE;
	guint faults = 0;
	for (guint i = 0; i < results->len; i++)
		faults += ((const Result *)results->pdata[i])->faults->len;
	gboolean printed = options_flag(cli->options, "json") ? print_json(results, faults == 0, error)
	                                                      : print_text(results, error);
	if (printed && faults > 0)
		return cli_fail(error, CLI_ERROR_FAILED, _("something is wrong with the registers: tell the supervisor and the other officers, and open no case until it is clear"));
	return printed;
}
