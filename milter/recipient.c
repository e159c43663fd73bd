/* SPDX-License-Identifier: ISC */
#include "milter/recipient.h"

#include <string.h>

#define REWRITES_MAX 4 /* a%b%c@d: as often as an MTA would still follow */

/* An address taken apart and folded: what is compared. */
typedef struct {
	char *local;
	char *domain; /* NULL: a bare local part */
} Address;

typedef struct {
	Address address;
	int mailbox;
} Entry;

struct RecipientMatcher {
	GArray *entries;
	GHashTable *own; /* domains at which the percent hack and its kin lead back to us */
	char *delimiters;
};

static void address_clear(Address *address)
{
	g_clear_pointer(&address->local, g_free);
	g_clear_pointer(&address->domain, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Address, address_clear)

/* --- an address as typed: its octets without the spelling ------------------------- */

/* The octets without quotes, backslashes, comments and blanks, and beside each whether it was quoted. */
typedef struct {
	GString *text;
	GString *quoted;
} Plain;

static void plain_clear(Plain *plain)
{
	g_string_free(plain->text, TRUE);
	g_string_free(plain->quoted, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plain, plain_clear)

static void plain_add(Plain *plain, char octet, gboolean quoted)
{
	g_string_append_c(plain->text, octet);
	g_string_append_c(plain->quoted, quoted ? 1 : 0);
}

static Plain plain_read(const char *spelling)
{
	Plain plain = {g_string_new(NULL), g_string_new(NULL)};
	gboolean in_quotes = FALSE;
	guint comment = 0;
	for (const char *p = spelling; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
			if (comment == 0)
				plain_add(&plain, *p, TRUE);
		} else if (comment > 0) {
			comment += *p == '(' ? 1 : 0;
			comment -= *p == ')' ? 1 : 0;
		} else if (*p == '"') {
			in_quotes = !in_quotes;
		} else if (in_quotes) {
			plain_add(&plain, *p, TRUE);
		} else if (*p == '(') {
			comment = 1;
		} else if (!g_ascii_isspace(*p)) {
			plain_add(&plain, *p, FALSE);
		}
	}
	return plain;
}

/* The first (or last) place of an unquoted octet from `from` on, or -1. */
static gssize plain_find(const Plain *plain, gsize from, char octet, gboolean last)
{
	gssize found = -1;
	for (gsize i = from; i < plain->text->len; i++)
		if (plain->text->str[i] == octet && !plain->quoted->str[i]) {
			found = (gssize)i;
			if (!last)
				break;
		}
	return found;
}

static void plain_cut(Plain *plain, gsize from, gsize to)
{
	g_string_truncate(plain->text, to);
	g_string_truncate(plain->quoted, to);
	g_string_erase(plain->text, 0, (gssize)from);
	g_string_erase(plain->quoted, 0, (gssize)from);
}

/* What stands within angle brackets, and behind a source route ("@a,@b:user@host", RFC 5321 appendix C). */
static void plain_unwrap(Plain *plain)
{
	gssize open = plain_find(plain, 0, '<', FALSE);
	if (open >= 0) {
		gssize close = plain_find(plain, (gsize)open + 1, '>', FALSE);
		plain_cut(plain, (gsize)open + 1, close >= 0 ? (gsize)close : plain->text->len);
	}
	gssize colon = plain->text->len > 0 && plain->text->str[0] == '@' && !plain->quoted->str[0]
	                   ? plain_find(plain, 0, ':', FALSE)
	                   : -1;
	if (colon >= 0)
		plain_cut(plain, (gsize)colon + 1, plain->text->len);
}

/* --- folding ------------------------------------------------------------------------ */

static char *fold_local(const char *local, gsize size)
{
	g_autofree char *text = g_strndup(local, size);
	g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
	return composed != NULL ? g_utf8_casefold(composed, -1) : g_ascii_strdown(text, -1);
}

static char *fold_domain(const char *domain, gsize size)
{
	g_autofree char *text = g_strndup(domain, size > 0 && domain[size - 1] == '.' ? size - 1 : size);
	/* GLib steps through the text by its lead octets: what is no UTF-8 would lead it past the end. */
	gboolean name = text[0] != '[' && g_utf8_validate(text, -1, NULL);
	g_autofree char *ascii = name ? g_hostname_to_ascii(text) : NULL;
	return g_ascii_strdown(ascii != NULL ? ascii : text, -1);
}

static Address address_read(const char *spelling)
{
	g_auto(Plain) plain = plain_read(spelling);
	plain_unwrap(&plain);
	gssize at = plain_find(&plain, 0, '@', TRUE);
	const char *text = plain.text->str;
	gsize size = plain.text->len;
	Address address = {NULL, NULL};
	address.local = fold_local(text, at >= 0 ? (gsize)at : size);
	if (at >= 0)
		address.domain = fold_domain(text + at + 1, size - (gsize)at - 1);
	return address;
}

/* user%host, "user@host" and host!user name the next address once the domain is this MTA's own. */
static gboolean address_rewrite(const Address *address, Address *next)
{
	const char *local = address->local;
	const char *percent = strrchr(local, '%'), *at = strrchr(local, '@'), *bang = strchr(local, '!');
	const char *mark = at != NULL ? at : percent;
	if (mark != NULL) {
		next->local = g_strndup(local, (gsize)(mark - local));
		next->domain = fold_domain(mark + 1, strlen(mark + 1));
	} else if (bang != NULL) {
		next->local = g_strdup(bang + 1);
		next->domain = fold_domain(local, (gsize)(bang - local));
	}
	return next->local != NULL;
}

/* --- the matcher -------------------------------------------------------------------- */

static void entry_clear(gpointer data)
{
	address_clear(&((Entry *)data)->address);
}

static void add_entry(RecipientMatcher *matcher, Address address, int mailbox)
{
	Entry entry = {address, mailbox};
	if (address.domain != NULL)
		g_hash_table_add(matcher->own, g_strdup(address.domain));
	g_array_append_val(matcher->entries, entry);
}

static void add_mailbox(RecipientMatcher *matcher, const ConfigMailbox *mailbox, int index)
{
	Address own = address_read(mailbox->address);
	g_autofree char *local = g_strdup(own.local);
	add_entry(matcher, own, index);
	for (char **also = mailbox->also; also != NULL && *also != NULL; also++) {
		Address address = address_read(*also);
		if (address.local[0] == '\0') {
			g_free(address.local);
			address.local = g_strdup(local);
		}
		add_entry(matcher, address, index);
	}
}

RecipientMatcher *recipient_matcher_new(const Config *config)
{
	RecipientMatcher *matcher = g_new0(RecipientMatcher, 1);
	matcher->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	g_array_set_clear_func(matcher->entries, entry_clear);
	matcher->own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	matcher->delimiters = g_strdup(config->recipient_delimiter != NULL ? config->recipient_delimiter : "");
	for (guint i = 0; i < config->n_mailboxes; i++)
		add_mailbox(matcher, &config->mailboxes[i], (int)i);
	for (char **domain = config->own_domains; domain != NULL && *domain != NULL; domain++)
		g_hash_table_add(matcher->own, fold_domain(*domain, strlen(*domain)));
	return matcher;
}

void recipient_matcher_free(RecipientMatcher *matcher)
{
	if (matcher == NULL)
		return;
	g_array_unref(matcher->entries);
	g_hash_table_unref(matcher->own);
	g_free(matcher->delimiters);
	g_free(matcher);
}

/* Equal, or equal up to a delimiter: "senim+case". */
static gboolean same_local(const RecipientMatcher *matcher, const char *ours, const char *local)
{
	gsize size = strlen(ours);
	if (strncmp(ours, local, size) != 0)
		return FALSE;
	return local[size] == '\0' || strchr(matcher->delimiters, local[size]) != NULL;
}

typedef enum { WITH_DOMAIN, ANY_DOMAIN } Compare;

static int find(const RecipientMatcher *matcher, const Address *address, Compare compare)
{
	for (guint i = 0; i < matcher->entries->len; i++) {
		const Entry *entry = &g_array_index(matcher->entries, Entry, i);
		if (!same_local(matcher, entry->address.local, address->local))
			continue;
		if (compare == ANY_DOMAIN || g_strcmp0(entry->address.domain, address->domain) == 0)
			return entry->mailbox;
	}
	return RECIPIENT_FOREIGN;
}

/* Is the mail to leave this host? Postfix names the transport, Sendmail the mailer. */
static gboolean goes_out(const char *mailer)
{
	static const char *const out[] = {"smtp", "smtps", "relay", "esmtp", "smtp8", "dsmtp", "uucp"};
	for (gsize i = 0; mailer != NULL && i < G_N_ELEMENTS(out); i++)
		if (g_ascii_strcasecmp(mailer, out[i]) == 0)
			return TRUE;
	return FALSE;
}

/* Through the percent hack, quoted addresses and bang paths, as long as each step's domain is an own one or missing. */
static int find_rewritten(const RecipientMatcher *matcher, const Address *address, gboolean any_domain)
{
	g_auto(Address) current = {g_strdup(address->local), g_strdup(address->domain)};
	for (guint i = 0; i < REWRITES_MAX; i++) {
		Address next = {NULL, NULL};
		gboolean ours = any_domain || current.domain == NULL || g_hash_table_contains(matcher->own, current.domain);
		if (!ours || !address_rewrite(&current, &next))
			break;
		address_clear(&current);
		current = next;
		any_domain = FALSE;
		int mailbox = find(matcher, &current, WITH_DOMAIN);
		if (mailbox >= 0)
			return mailbox;
	}
	return RECIPIENT_FOREIGN;
}

/* A bare local part, or one at an address literal, belongs to the mailbox of that name where the mail stays here. */
static int find_local(const RecipientMatcher *matcher, const Address *address, const char *mailer)
{
	gboolean here = address->domain == NULL || address->domain[0] == '[';
	return here && !goes_out(mailer) ? find(matcher, address, ANY_DOMAIN) : RECIPIENT_FOREIGN;
}

int recipient_match(const RecipientMatcher *matcher, const char *argument, const char *rcpt_addr,
                    const char *rcpt_mailer)
{
	if (rcpt_mailer != NULL && strcmp(rcpt_mailer, "error") == 0)
		return RECIPIENT_REJECTED;
	gboolean told = rcpt_addr != NULL && rcpt_addr[0] != '\0' && strlen(rcpt_addr) <= RECIPIENT_MAX;
	const char *given = argument != NULL && strlen(argument) <= RECIPIENT_MAX ? argument : "";
	g_auto(Address) typed = address_read(given);
	g_auto(Address) resolved = address_read(told ? rcpt_addr : given);
	int mailbox = find(matcher, &resolved, WITH_DOMAIN);
	if (mailbox < 0)
		mailbox = find(matcher, &typed, WITH_DOMAIN);
	if (mailbox < 0)
		mailbox = find_rewritten(matcher, &resolved, !told);
	if (mailbox < 0)
		mailbox = find_rewritten(matcher, &typed, !told);
	if (mailbox < 0)
		mailbox = find_local(matcher, &resolved, rcpt_mailer);
	return mailbox;
}

/* --- spellings ------------------------------------------------------------------------ */

/* The place of an octet outside quotes and backslashes in what was typed, or NULL. */
static const char *find_unquoted(const char *text, char octet)
{
	gboolean in_quotes = FALSE;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			in_quotes = !in_quotes;
		else if (*p == octet && !in_quotes)
			return p;
	}
	return NULL;
}

static char *unbracket(const char *argument)
{
	const char *open = find_unquoted(argument, '<');
	if (open == NULL)
		return g_strstrip(g_strdup(argument));
	const char *close = find_unquoted(open + 1, '>');
	return g_strstrip(close != NULL ? g_strndup(open + 1, (gsize)(close - open - 1)) : g_strdup(open + 1));
}

char *recipient_strip(const char *argument)
{
	g_autofree char *address = unbracket(argument != NULL ? argument : "");
	const char *colon = address[0] == '@' ? find_unquoted(address, ':') : NULL;
	return g_strdup(colon != NULL ? colon + 1 : address);
}

static void add_spelling(GPtrArray *spellings, const char *address)
{
	g_autofree char *spelling = g_strconcat("<", address, ">", NULL);
	for (guint i = 0; i < spellings->len; i++)
		if (strcmp(g_ptr_array_index(spellings, i), spelling) == 0)
			return;
	g_ptr_array_add(spellings, g_steal_pointer(&spelling));
}

char **recipient_spellings(const char *argument, const char *rcpt_addr)
{
	GPtrArray *spellings = g_ptr_array_new();
	g_autofree char *given = unbracket(argument != NULL ? argument : "");
	g_autofree char *typed = recipient_strip(argument);
	add_spelling(spellings, given);
	if (rcpt_addr != NULL && rcpt_addr[0] != '\0') {
		g_autofree char *resolved = unbracket(rcpt_addr);
		add_spelling(spellings, resolved);
	}
	add_spelling(spellings, typed);
	g_ptr_array_add(spellings, NULL);
	return (char **)g_ptr_array_free(spellings, FALSE);
}
