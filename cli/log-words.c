/* SPDX-License-Identifier: ISC */
/* The acts of the log in words. */
#include <string.h>

#include "base/escape.h"
#include "cli/format.h"
#include "cli/log-book.h"

static const struct {
	guint kind;
	const char *act; /* the record's `act`; NULL: any */
	const char *what;
} sentences[] = {
	{ENTRY_OPENED, "show", N_("read the case")},
	{ENTRY_OPENED, "headers", N_("read the technical fields of the letter")},
	{ENTRY_OPENED, "raw", N_("put the letter out as it came")},
	{ENTRY_OPENED, "sealed", N_("took the case out, still sealed")},
	{ENTRY_OPENED, "attachment", N_("looked at an attachment")},
	{ENTRY_OPENED, "export", N_("exported to a file")},
	{ENTRY_OPENED, "print", N_("opened the case to print it")},
	{ENTRY_OPENED, "search", N_("searched in the case")},
	{ENTRY_OPENED, "acknowledge", N_("opened the card for the acknowledgement")},
	{ENTRY_OPENED, "redirect", N_("opened the case to redirect it")},
	{ENTRY_OPENED, "split", N_("opened a message to make it a report of its own")},
	{ENTRY_OPENED, "forward", N_("opened the case to forward it")},
	{ENTRY_OPENED, "receipt", N_("opened the case to make a receipt")},
	{ENTRY_OPENED, "transcript", N_("heard a call of the case")},
	{ENTRY_OPENED, "prolong", N_("opened the card for the letter of a prolonged term")},
	{ENTRY_OPENED, "reply", N_("opened the card for an answer")},
	{ENTRY_OPENED, "advise", N_("opened the card for an advice")},
	{ENTRY_OPENED, NULL, N_("opened the case")},
	{ENTRY_LISTED, NULL, N_("listed cards with names and subjects")},
	{ENTRY_PRINTED, NULL, N_("printed the case")},
	{ENTRY_EXPORTED, NULL, N_("exported the case")},
	{ENTRY_PURGED, NULL, N_("destroyed exported files")},
	{ENTRY_REFUSED, NULL, N_("was refused")},
	{ENTRY_NOTED, "transcript", N_("wrote down a call")},
	{ENTRY_NOTED, NULL, N_("added to the case's row")},
	{ENTRY_STRUCK, NULL, N_("struck something out")},
	{ENTRY_ASSIGNED, NULL, N_("assigned the case")},
	{ENTRY_RESOLVED, NULL, N_("entered the resolution")},
	{ENTRY_REPLIED, NULL, N_("replied")},
	{ENTRY_FORWARDED, "numbered", N_("entered the outgoing number of what was forwarded")},
	{ENTRY_FORWARDED, "allowed", N_("allowed that the case is forwarded to whom it names")},
	{ENTRY_FORWARDED, NULL, N_("forwarded the case")},
	{ENTRY_REDIRECTED, "numbered", N_("entered the outgoing number of what was redirected")},
	{ENTRY_REDIRECTED, "wrong", N_("marked the redirection as wrong")},
	{ENTRY_REDIRECTED, NULL, N_("redirected the case to law enforcement")},
	{ENTRY_ERASED, NULL, N_("the case's data were destroyed by order")},
	{ENTRY_ERASURE, "ordered", N_("ordered the erasure of the case")},
	{ENTRY_ERASURE, "confirmed", N_("confirmed the erasure of the case")},
	{ENTRY_ERASURE, "stopped", N_("stopped the erasure of the case")},
	{ENTRY_KEY, "add", N_("entered a person")},
	{ENTRY_KEY, "confirm", N_("confirmed a person's key")},
	{ENTRY_KEY, "unblock", N_("let a person in again")},
	{ENTRY_KEY, "cover", N_("entered a person's leave")},
	{ENTRY_KEY, "used", N_("signed in, first time that day:")},
	{ENTRY_KEY, "spoiled", N_("put aside what was sealed to her and did not open")},
	{ENTRY_KEY, NULL, N_("changed keys")},
	{ENTRY_GRANTED, NULL, N_("gave the case to another")},
	{ENTRY_WITHHELD_FROM, NULL, N_("kept the case from another")},
	{ENTRY_BLOCKED, NULL, N_("blocked a person")},
	{ENTRY_INCIDENT, "opened", N_("opened an incident of the emergency journal")},
	{ENTRY_INCIDENT, "ended", N_("an incident ended")},
	{ENTRY_INCIDENT, "completed", N_("completed an incident with cause and measures")},
	{ENTRY_INCIDENT, "planned", N_("announced planned work")},
	{ENTRY_INCIDENT, "cancelled", N_("cancelled planned work")},
	{ENTRY_INCIDENT, NULL, N_("incident")},
	{ENTRY_RECONCILED, NULL, N_("the mail server's log was compared with the register")},
	{ENTRY_ACCEPTED, NULL, N_("gave the arrival a number")},
	{ENTRY_RELEASED, NULL, N_("released the letter to the reporter")},
	{ENTRY_SET_ASIDE, NULL, N_("set the case aside")},
	{ENTRY_CLOSED, NULL, N_("closed the case")},
	{ENTRY_REOPENED, NULL, N_("reopened the case")},
	{ENTRY_AGREED, NULL, N_("accepted the agreement on use")},
	{ENTRY_CUSTODY, NULL, N_("the custody key was changed")},
	{ENTRY_DRILL, NULL, N_("the recovery was practised")},
	{ENTRY_REPLIED, "given", N_("answered the reporter")},
	{ENTRY_REPLIED, "numbered", N_("entered the answer's outgoing number")},
	{ENTRY_REPLIED, "none", N_("entered that no answer is due")},
	{ENTRY_REPLIED, "unsafe", N_("marked the reporter's address as not safe")},
	{ENTRY_REPLIED, "safe", N_("marked the reporter's address as safe again")},
	{ENTRY_ADVISED, "numbered", N_("entered the outgoing number of the advice")},
	{ENTRY_ADVISED, NULL, N_("told the reporter which body to turn to")},
	{ENTRY_PROLONGED, NULL, N_("prolonged the term of the case")},
	{ENTRY_HELD, NULL, N_("put the case on hold, or took it off")},
	{ENTRY_LINKED, NULL, N_("linked two cases")},
	{ENTRY_LOG_READ, NULL, N_("read this log")},
	{ENTRY_ALLOWED, NULL, N_("let another look past the day's limit")},
	{ENTRY_REGISTER_READ, "print", N_("printed rows of the register")},
	{ENTRY_REGISTER_READ, "export", N_("exported rows of the register to a file")},
	{ENTRY_REGISTER_READ, "inspect", N_("read the rows of the register for an inspection")},
	{ENTRY_REGISTER_READ, NULL, N_("read the rows of the register")},
	{ENTRY_SHEET, NULL, N_("made a final sheet of the register")},
	{ENTRY_COPIED, NULL, N_("copied a row into the paper journal")},
	{ENTRY_ARCHIVED, NULL, N_("the month was saved in the archive")},
	{ENTRY_TRIED, NULL, N_("a restore was tried for practice")},
	{ENTRY_RESEALED, NULL, N_("sealed a report anew")},
	{ENTRY_SPLIT, NULL, N_("made a later message a report of its own")},
	{ENTRY_SEARCHED, NULL, N_("searched")},
	{ENTRY_EXTRACTED, NULL, N_("gathered what is held on a person")},
	{ENTRY_REVIEWED, NULL, N_("reviewed the policy on personal data")},
	{ENTRY_INSPECTED, "begun", N_("began the file for an inspection")},
	{ENTRY_INSPECTED, "made", N_("made the file for an inspection")},
	{ENTRY_EXCEEDED, NULL, N_("looked more often than the day's limit")},
};

/* Whom or what it was about, as the record has it: shown behind the words. */
static const char *object_of(const LogEntry *entry)
{
	static const char *const keys[] = {"name", "to", "from", "why", "what", "about", "order"};
	if (entry->kind == ENTRY_BLOCKED)
		return record_get(entry->record, "name");
	if (entry->kind == ENTRY_INCIDENT || entry->kind == ENTRY_RECONCILED) /* from and to are moments there, and below */
		return record_get(entry->record, "what");
	if (entry->kind == ENTRY_INSPECTED)
		return record_get(entry->record, "order");
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *value = record_get(entry->record, keys[i]);
		if (value != NULL && strcmp(value, "-") != 0)
			return value;
	}
	return NULL;
}

/* What a receipt gave away, and whether it left as a letter (transfer full). */
static char *what_of_receipt(const Record *record)
{
	const char *made = g_strcmp0(record_get(record, "bare"), "yes") == 0 ? _("made a receipt that shows no number, for whoever reported")
	                   : g_strcmp0(record_get(record, "names-text"), "yes") == 0
	                       ? _("made a receipt with the check key of the text, which proves who wrote it, for whoever reported")
	                       : _("made a receipt for whoever reported");
	const gboolean sent = g_strcmp0(record_get(record, "letter"), "queued") == 0;
	return g_strconcat(made, sent ? _(", and sent it by letter") : "", NULL);
}

static gboolean has(const Record *record, const char *key, const char *value)
{
	return g_strcmp0(record_get(record, key), value) == 0;
}

/* What the addressee learnt of whoever reported, and by whose word. */
static const char *disclosed(const Record *record)
{
	if (!has(record, "form", "identity"))
		return _("without the writer");
	if (has(record, "consent", "law"))
		return _("with the writer: a law");
	return has(record, "message", "0") ? _("with the writer: consent noted") :
	                                     _("with the writer: by his letter");
}

/* Whom it was handed over to, with what, how, and the document's digest, which an inspector may compare (transfer full). */
static char *what_of_handover(const LogEntry *entry)
{
	const Record *record = entry->record;
	const char *kit = record_get(record, "kit"), *by = record_get(record, "by"), *to = record_get(record, "to");
	g_autofree char *safe = escape_text(to != NULL ? to : "-", -1, ESCAPE_LINE);
	GString *text = g_string_new(entry->kind == ENTRY_FORWARDED ? _("forwarded the case") : _("redirected the case to law enforcement"));
	g_string_append_printf(text, " (%s", safe);
	if (entry->kind == ENTRY_FORWARDED)
		g_string_append_printf(text, "; %s", disclosed(record));
	if (by != NULL && strcmp(by, "-") != 0)
		g_string_append_printf(text, "; %s", strcmp(by, "paper") == 0 ? _("on paper") : _("by mail"));
	if (kit != NULL && strcmp(kit, "-") != 0)
		g_string_append_printf(text, "; SHA-256 %.16s…", kit);
	g_string_append_c(text, ')');
	return g_string_free(text, FALSE);
}

static gboolean is_handover(const LogEntry *entry)
{
	const char *act = record_get(entry->record, "act");
	return (entry->kind == ENTRY_FORWARDED || entry->kind == ENTRY_REDIRECTED) &&
	       (g_strcmp0(act, "made") == 0 || g_strcmp0(act, "queued") == 0);
}

char *log_book_what(const LogEntry *entry)
{
	if (entry->state == LOG_ELSEWHERE)
		return g_strdup(_("given to another officer"));
	if (entry->state == LOG_KEPT_BACK)
		return g_strdup(_("the registrar does not hand out what this entry says"));
	if (entry->kind == ENTRY_RECEIPT)
		return what_of_receipt(entry->record);
	if (is_handover(entry))
		return what_of_handover(entry);
	const char *act = record_get(entry->record, "act"), *object = object_of(entry), *what = entry_kind_name(entry->kind);
	for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++)
		if (sentences[i].kind == entry->kind && (sentences[i].act == NULL || g_strcmp0(sentences[i].act, act) == 0)) {
			what = _(sentences[i].what);
			break;
		}
	/* A case's number is a column of its own; a moment is no object. */
	if (object == NULL || entry->kind == ENTRY_LOG_READ)
		return g_strdup(what != NULL ? what : "?");
	g_autofree char *shown = escape_text(object, -1, ESCAPE_LINE);
	const gboolean is_word = entry->kind == ENTRY_REFUSED || entry->kind == ENTRY_ADVISED; /* a reason's, a body's */
	g_autofree char *word = is_word ? format_word(shown) : g_strdup(shown);
	return g_strdup_printf("%s (%s)", what != NULL ? what : "?", word);
}

const char *log_book_who(const LogEntry *entry)
{
	const char *who = entry->record != NULL ? record_get(entry->record, "officer") : NULL;
	return who != NULL ? who : "-";
}

char *log_book_cases(const LogBook *book, const LogEntry *entry)
{
	GString *names = g_string_new(NULL);
	const char *seq;
	for (guint i = 0; entry->record != NULL && (seq = record_get_nth(entry->record, "case", i)) != NULL; i++) {
		const char *name = g_hash_table_lookup(book->cases, seq);
		g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", name != NULL ? name : "?");
	}
	return g_string_free(names, FALSE);
}

gboolean log_book_is_look(const LogEntry *entry)
{
	return entry->kind == ENTRY_OPENED || entry->kind == ENTRY_LISTED || entry->kind == ENTRY_REGISTER_READ ||
	       entry->kind == ENTRY_SEARCHED || entry->kind == ENTRY_EXTRACTED;
}
