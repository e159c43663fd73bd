/* SPDX-License-Identifier: ISC */
#include "cli/restored.h"

#include <string.h>

#include "base/escape.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/verify-look.h"
#include "store/merkle.h"
#include "store/receipt.h"

#define TRIES 3 /* it may grow between two questions */

void restored_clear(Restored *restored)
{
	g_clear_pointer(&restored->numbers, g_ptr_array_unref);
	memset(restored, 0, sizeof *restored);
}

/* --- what is proven --------------------------------------------------------------------------------------------------- */

static gboolean is_consistent(const PinsSeen *from, const Look *look, json_t *answer)
{
	g_autoptr(GBytes) proof = verify_look_hashes(json_object_get(answer, "consistency"));
	guint64 size = verify_look_size(look);
	gsize n;
	if (from->size > size || proof == NULL)
		return from->size == 0;
	const guint8 *hashes = g_bytes_get_data(proof, &n);
	return from->size == 0 ||
	       merkle_verify_consistency(from->size, from->root, size, verify_look_root(look), hashes, n / MERKLE_HASH);
}

/* The entries RESTORED of the register that begins with what was offered. */
static Look *look_on(const PinsBreak *broken, RestoredFetch fetch, gpointer user, json_t **answer)
{
	*answer = fetch(broken->offered.size, user);
	g_autoptr(Look) look = *answer != NULL ? verify_look_under(broken->verifier, *answer, NULL) : NULL;
	return look != NULL && is_consistent(&broken->offered, look, *answer) ? g_steal_pointer(&look) : NULL;
}

/* The newest mark of hers before both parted. Size 0: she has none. */
static PinsSeen last_common(const PinsBreak *broken, guint64 seq)
{
	PinsSeen common = {0};
	for (guint i = 0; i < broken->seen->len; i++) {
		const PinsSeen *seen = &g_array_index(broken->seen, PinsSeen, i);
		if (seen->size <= seq)
			common = *seen;
	}
	return common;
}

/* Is it in the register that `look` proves from? -1: that one has grown meanwhile. */
static int holds_common(const PinsBreak *broken, const PinsSeen *common, const Look *look, RestoredFetch fetch, gpointer user)
{
	if (common->size == 0)
		return 1;
	g_autoptr(json_t) answer = fetch(common->size, user);
	g_autoptr(Look) other = answer != NULL ? verify_look_under(broken->verifier, answer, NULL) : NULL;
	if (other == NULL || !is_consistent(common, other, answer))
		return 0;
	return verify_look_size(other) == verify_look_size(look) &&
	               memcmp(verify_look_root(other), verify_look_root(look), NOTE_ROOT) == 0 ? 1 : -1;
}

static gboolean contradicts(const PinsSeen *a, guint64 size, const guint8 root[NOTE_ROOT])
{
	return a->size == size && memcmp(a->root, root, NOTE_ROOT) != 0;
}

/* The last mark of the lost register, as the record has it: the log's own, and none that contradicts hers. */
static gboolean read_mark(const PinsBreak *broken, const Record *record, guint64 *size)
{
	guint8 root[NOTE_ROOT];
	const char *note = record_get(record, "old-checkpoint");
	*size = 0;
	if (strcmp(note, "-") == 0)
		return TRUE;
	gboolean good = note_verify_checkpoint(note, broken->verifier, size, root, NULL) && !contradicts(&broken->kept, *size, root);
	for (guint i = 0; good && i < broken->seen->len; i++)
		good = !contradicts(&g_array_index(broken->seen, PinsSeen, i), *size, root);
	return good;
}

static char *leaf_of(json_t *item)
{
	guint8 leaf[ENTRY_HASH];
	g_autoptr(GBytes) entry = desk_get_octets(item, "entry", ENTRY_SIZE, NULL);
	GString *hex = g_string_new(NULL);
	if (entry != NULL)
		entry_leaf(g_bytes_get_data(entry, NULL), leaf);
	for (guint i = 0; entry != NULL && i < ENTRY_HASH; i++)
		g_string_append_printf(hex, "%02x", leaf[i]);
	return g_string_free(hex, FALSE);
}

/* Does it explain this break? What was made before she last looked, or explained another, does not. */
static gboolean explains(const PinsBreak *broken, const char *store, const Entry *entry, const Record *record, json_t *item,
                         Restored *restored)
{
	guint64 time, old, mark;
	g_autofree char *leaf = leaf_of(item);
	if (entry->kind != ENTRY_RESTORED || !record_check(record, entry_schema(ENTRY_RESTORED), NULL) ||
	    entry->seq >= broken->kept.size || entry->seq >= broken->offered.size || strstr(broken->used, leaf) != NULL ||
	    g_strcmp0(record_get(record, "origin"), broken->origin) != 0 || g_strcmp0(record_get(record, "store"), store) != 0 ||
	    !record_get_uint(record, "time", G_MAXINT64, &time, NULL) || (gint64)time <= broken->since ||
	    !read_mark(broken, record, &mark))
		return FALSE;
	/* Behind what was put back it goes on where that ended; as the first entry it follows what could not be read on. */
	if (entry->seq > 0 && (!record_get_uint(record, "old-register", G_MAXINT64, &old, NULL) || old != entry->seq))
		return FALSE;
	restored->seq = entry->seq;
	restored->time = (gint64)time;
	restored->lost = broken->kept.size - entry->seq;
	restored->unknown = mark < broken->kept.size ? broken->kept.size - MAX(mark, entry->seq) : 0;
	restored->numbers = g_ptr_array_new_with_free_func(g_free);
	const char *number;
	for (guint i = 0; (number = record_get_nth(record, "highest", i)) != NULL; i++)
		g_ptr_array_add(restored->numbers, escape_text(number, -1, ESCAPE_LINE));
	return TRUE;
}

/* --- what is kept of it ----------------------------------------------------------------------------------------------- */

/* What anybody can check without this program. */
static char *write_receipt(json_t *answer, json_t *item)
{
	g_auto(Receipt) receipt = {.record = desk_get_octets(item, "record", 0, NULL)};
	g_autoptr(GBytes) entry = desk_get_octets(item, "entry", ENTRY_SIZE, NULL);
	g_autoptr(GBytes) salt = desk_get_octets(item, "salt", ENTRY_SALT, NULL);
	const char *note = desk_get_text(answer, "checkpoint", NULL);
	receipt.inclusion = verify_look_hashes(json_object_get(item, "inclusion"));
	if (receipt.record == NULL || entry == NULL || salt == NULL || note == NULL || receipt.inclusion == NULL)
		return NULL;
	memcpy(receipt.entry, g_bytes_get_data(entry, NULL), ENTRY_SIZE);
	memcpy(receipt.salt, g_bytes_get_data(salt, NULL), ENTRY_SALT);
	receipt.note = g_strdup(note);
	return receipt_write(&receipt);
}

/* All that stand in it are used up with the one: each of them was there when she said yes. */
static char *use_up(const PinsBreak *broken, const Look *look, json_t *entries)
{
	Entry entry;
	GString *used = g_string_new(broken->used);
	for (guint i = 0; verify_look_nth(look, i, &entry) != NULL; i++) {
		g_autofree char *leaf = leaf_of(json_array_get(entries, i));
		if (entry.kind == ENTRY_RESTORED && strstr(used->str, leaf) == NULL)
			g_string_append_printf(used, "%s%s", used->len > 0 ? "\n" : "", leaf);
	}
	return g_string_free(used, FALSE);
}

/* Once. -1: ask again. */
static int try_find(const PinsBreak *broken, const char *store, RestoredFetch fetch, gpointer user, Restored *restored,
                    PinsTaken *taken)
{
	Entry entry;
	const Record *record;
	json_t *got = NULL;
	g_autoptr(Look) look = look_on(broken, fetch, user, &got);
	g_autoptr(json_t) answer = got;
	json_t *entries = json_object_get(answer, "entries");
	guint i = 0;
	/* The oldest: from there on all that she saw is another. */
	while (look != NULL && (record = verify_look_nth(look, i, &entry)) != NULL &&
	       !explains(broken, store, &entry, record, json_array_get(entries, i), restored))
		i++;
	if (restored->numbers == NULL)
		return 0;
	const PinsSeen common = last_common(broken, restored->seq);
	int holds = holds_common(broken, &common, look, fetch, user);
	if (holds != 1)
		return holds;
	restored->proven = taken->common = common.size;
	taken->used = use_up(broken, look, entries);
	taken->evidence = write_receipt(answer, json_array_get(entries, i));
	return taken->evidence != NULL;
}

gboolean restored_find(const PinsBreak *broken, const char *store, RestoredFetch fetch, gpointer user, Restored *restored,
                       PinsTaken *taken)
{
	for (guint i = 0; i < TRIES; i++) {
		int found = try_find(broken, store, fetch, user, restored, taken);
		if (found == 1)
			return TRUE;
		restored_clear(restored);
		g_clear_pointer(&taken->used, g_free);
		if (found == 0)
			return FALSE;
	}
	return FALSE;
}

/* --- her decision ------------------------------------------------------------------------------------------------------- */

static char *what_is_lost(const Restored *restored, const char *mailbox, GTimeZone *zone)
{
	GString *out = g_string_new(NULL);
	g_autofree char *shown = escape_text(mailbox, -1, ESCAPE_LINE), *time = format_time(restored->time, zone);
	g_string_append_printf(out, _("The register of %s says that it was restored from a copy on %s; the registrar entered that itself, at the word of whoever runs the mail host."),
	                       shown, time);
	g_string_append_printf(out, _("\nOf the entries that you saw %llu are lost: all from entry %llu on."),
	                       (unsigned long long)restored->lost, (unsigned long long)restored->seq);
	if (restored->unknown > 0)
		g_string_append_printf(out, _("\nOf these it does not even know %llu: nobody gave it your control mark."),
		                       (unsigned long long)restored->unknown);
	g_ptr_array_add(restored->numbers, NULL);
	g_autofree char *numbers = g_strjoinv(", ", (char **)restored->numbers->pdata);
	g_ptr_array_remove_index(restored->numbers, restored->numbers->len - 1);
	if (*numbers != '\0')
		g_string_append_printf(out, _("\nNumbers were given up to %s; those that are missing below are lost and are given to nobody again."),
		                       numbers);
	else
		g_string_append(out, _("\nIt names no number as lost."));
	if (restored->proven > 0)
		g_string_append_printf(out, _("\nProven: its first %llu entries are those that you saw."),
		                       (unsigned long long)restored->proven);
	else
		g_string_append(out, _("\nThat it begins with what you saw is not proven."));
	g_string_append(out, _("\nWhoever holds the mail host can make such an entry to hide others. Ask the supervisor by telephone, not by mail, whether this restore is known, and tell her these figures. What you had seen stays on this machine as evidence."));
	return g_string_free(out, FALSE);
}

static gboolean decline(GError **error)
{
	return cli_fail(error, CLI_ERROR_REFUSED,
	                _("the register was restored from a copy and lacks entries that you saw, so nothing was opened: ask the supervisor whether that is known, then look again on a terminal, without --json, and type the word"));
}

static gboolean ask_her(const char *text, GError **error)
{
	const char *yes = _("restored");
	g_autofree char *whole = g_strdup_printf(_("%s\nTo go on without what is lost, type “%s”: "), text, yes);
	g_autoptr(WipeText) typed = form_line(whole, NULL);
	return (typed != NULL && strcmp(g_strstrip(typed), yes) == 0) || decline(error);
}

typedef struct {
	Session *session;
	const char *mailbox;
} Desk;

static json_t *fetch_from_desk(guint64 known, gpointer user)
{
	const Desk *desk = user;
	json_t *body = json_pack("{s:s, s:I}", "mailbox", desk->mailbox, "known", (json_int_t)known);
	return desk_client_post(desk->session->desk, "/v1/restored", body, NULL, NULL);
}

static gboolean ask(const PinsBreak *broken, PinsTaken *taken, gpointer user, GError **error)
{
	Session *session = user;
	Desk desk = {.session = session};
	const char *mailbox, *origin;
	g_auto(Restored) restored = {0};
	for (guint i = 0; desk_client_mailbox(session->desk, i, &mailbox, &origin); i++)
		if (strcmp(origin, broken->origin) == 0)
			desk.mailbox = mailbox;
	if (desk.mailbox == NULL ||
	    !restored_find(broken, desk_client_store(session->desk), fetch_from_desk, &desk, &restored, taken))
		return FALSE;
	if (options_flag(session->cli->options, "json"))
		return decline(error);
	g_autofree char *text = what_is_lost(&restored, desk.mailbox, desk_client_zone(session->desk));
	return ask_her(text, error);
}

void restored_watch(Session *session)
{
	pins_ask(session->pins, ask, session);
}
