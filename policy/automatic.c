/* SPDX-License-Identifier: ISC */
#include "policy/automatic.h"

#include <string.h>

/* --- fields ------------------------------------------------------------------------ */

/* The n-th value of that name, or NULL. */
static const char *field(const PolicyMessage *message, const char *name, guint n)
{
	for (guint i = 0; i < message->n_fields; i++)
		if (g_ascii_strcasecmp(message->fields[i].name, name) == 0 && n-- == 0)
			return message->fields[i].value;
	return NULL;
}

static gboolean has_field(const PolicyMessage *message, const char *name)
{
	return field(message, name, 0) != NULL;
}

/* Skips blanks and comments, which nest (RFC 5322 3.2.2). */
static const char *skip_cfws(const char *at)
{
	guint depth = 0;
	for (; *at != '\0'; at++) {
		if (*at == '\\' && depth > 0 && at[1] != '\0')
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !g_ascii_isspace(*at))
			break;
	}
	return at;
}

/* The first token of a structured value in lower case, comments left out; parameters do not belong to it. */
static char *first_token(const char *value)
{
	const char *at = skip_cfws(value);
	return g_ascii_strdown(at, (gssize)strcspn(at, " \t\r\n;,("));
}

/* TRUE where a field of that name, any of them, begins with one of the words (each between blanks). */
static gboolean field_says(const PolicyMessage *message, const char *name, const char *words)
{
	const char *value;
	for (guint i = 0; (value = field(message, name, i)) != NULL; i++) {
		g_autofree char *token = first_token(value);
		g_autofree char *word = g_strconcat(" ", token, " ", NULL);
		if (*token != '\0' && strstr(words, word) != NULL)
			return TRUE;
	}
	return FALSE;
}

/* --- addresses ----------------------------------------------------------------------- */

/* The local part of what stands in front of the last "@", in lower case, without angle bracket and display name. */
static char *local_part(const char *address)
{
	const char *at = strrchr(address, '@');
	gsize end = at != NULL ? (gsize)(at - address) : strcspn(address, "> \t");
	gsize begin = end;
	while (begin > 0 && strchr("<\" \t:,;", address[begin - 1]) == NULL)
		begin--;
	return g_ascii_strdown(address + begin, (gssize)(end - begin));
}

static gboolean is_daemon(const char *address)
{
	static const char *const names[] = {"mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "mailer_daemon"};
	if (address == NULL)
		return FALSE;
	g_autofree char *local = local_part(address);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(local, names[i]) == 0)
			return TRUE;
	return g_str_has_prefix(local, "mailer-daemon+") || g_str_has_prefix(local, "mailer-daemon=");
}

/* --- the kinds --------------------------------------------------------------------------- */

/* A path on which no answer is wanted: the null sender, or a daemon's where "<>" was rewritten on the way. */
static gboolean comes_from_nobody(const PolicyMessage *message)
{
	return message->envelope_from[0] == '\0' || is_daemon(message->envelope_from);
}

static gboolean is_report(const PolicyMessage *message, const char *type)
{
	return g_strcmp0(message->content_type, "multipart/report") == 0 && g_strcmp0(message->report_type, type) == 0;
}

/* RFC 3464, and what mailers sent before it and beside it. One sign alone is a person's right: the null sender is how
 * anonymous mail comes, and anybody may be called postmaster. Two of them are a bounce. */
static gboolean is_bounce(const PolicyMessage *message)
{
	if (is_report(message, "delivery-status") || g_strcmp0(message->content_type, "message/delivery-status") == 0)
		return TRUE;
	guint signs = comes_from_nobody(message);
	signs += is_daemon(field(message, "From", 0)) || is_daemon(field(message, "Sender", 0));
	signs += has_field(message, "X-Failed-Recipients");
	signs += message->own_message_id && message->envelope_from[0] == '\0';
	signs += g_strcmp0(message->content_type, "multipart/report") == 0 && message->report_type == NULL;
	return signs >= 2;
}

/* RFC 8098; Exchange and Notes write their own receipts. */
static gboolean is_receipt(const PolicyMessage *message)
{
	return is_report(message, "disposition-notification") ||
	       g_strcmp0(message->content_type, "message/disposition-notification") == 0;
}

/* RFC 3834 5. A field that says anything but "no" is automatic; two fields: any of them. */
static const char *auto_submitted(const PolicyMessage *message)
{
	const char *value;
	const char *kind = NULL;
	for (guint i = 0; (value = field(message, "Auto-Submitted", i)) != NULL; i++) {
		g_autofree char *token = first_token(value);
		if (strcmp(token, "no") == 0 || *token == '\0')
			continue;
		if (strcmp(token, "auto-replied") == 0)
			return "reply";
		kind = "generated";
	}
	return kind;
}

/* What answering machines write that know nothing of RFC 3834. */
static gboolean is_old_reply(const PolicyMessage *message)
{
	return has_field(message, "X-Autoreply") || has_field(message, "X-Autorespond") ||
	       has_field(message, "X-Autoresponder") || has_field(message, "X-Mail-Autoreply") ||
	       field_says(message, "X-Autogenerated", " reply ") || field_says(message, "Precedence", " auto_reply ") ||
	       field_says(message, "X-Precedence", " auto_reply ");
}

/* RFC 2369, RFC 2919, RFC 8058. List-Unsubscribe alone counts: nobody's own mail program writes it. */
static gboolean is_list(const PolicyMessage *message)
{
	static const char *const marks[] = {"List-Id", "List-Post", "List-Unsubscribe", "List-Unsubscribe-Post",
	                                    "List-Subscribe", "List-Help", "List-Archive", "List-Owner", "X-Mailing-List",
	                                    "X-BeenThere"};
	for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
		if (has_field(message, marks[i]))
			return TRUE;
	return FALSE;
}

/* The marks of filters in front of us. A stranger can write them too, and only puts his own letter aside with them. */
static gboolean is_marked_spam(const PolicyMessage *message)
{
	return field_says(message, "X-Spam-Flag", " yes ") || field_says(message, "X-Spam-Status", " yes ") ||
	       field_says(message, "X-Spam", " yes ");
}

const char *policy_automatic(const PolicyMessage *message)
{
	if (is_bounce(message))
		return "bounce";
	if (is_receipt(message))
		return "receipt";
	const char *submitted = auto_submitted(message);
	if (submitted != NULL)
		return submitted;
	if (is_old_reply(message))
		return "reply";
	if (g_strcmp0(message->content_type, "multipart/report") == 0)
		return "generated"; /* feedback, DMARC and TLS reports (RFC 5965, RFC 7489, RFC 8460) */
	if (is_list(message))
		return "list";
	if (is_marked_spam(message))
		return "spam";
	if (field_says(message, "Precedence", " bulk junk list ") || field_says(message, "X-Precedence", " bulk junk list "))
		return "bulk";
	return "-";
}

gboolean policy_answer_unwanted(const PolicyMessage *message)
{
	const char *value;
	for (guint i = 0; (value = field(message, "X-Auto-Response-Suppress", i)) != NULL; i++) {
		g_auto(GStrv) words = g_strsplit_set(value, ", \t\r\n;", -1);
		for (guint k = 0; words[k] != NULL; k++)
			if (g_ascii_strcasecmp(words[k], "all") == 0 || g_ascii_strcasecmp(words[k], "autoreply") == 0)
				return TRUE;
	}
	return FALSE;
}
