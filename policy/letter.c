/* SPDX-License-Identifier: ISC */
/* Whether a letter goes out, when, in which language. What it says: letter-compose.c. */
#include "policy/letter.h"

#include <string.h>

G_DEFINE_QUARK(senim-letter-error, letter_error)

#define ADDRESS_MAX 254   /* RFC 5321 4.5.3.1.3: a path of 256 octets with its angle brackets */
#define LOCAL_PART_MAX 64 /* RFC 5321 4.5.3.1.1 */

/* --- addresses ------------------------------------------------------------------ */

static char *without_brackets(const char *path)
{
	gsize size = strlen(path);
	return size >= 2 && path[0] == '<' && path[size - 1] == '>' ? g_strndup(path + 1, size - 2) : g_strdup(path);
}

static gboolean is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((guint8)*text >= 0x80)
			return FALSE;
	return TRUE;
}

/* RFC 5322 3.2.3 dot-atom-text, of at most size octets. */
static gboolean is_dot_atom(const char *text, gsize size, const char *specials)
{
	if (size == 0 || text[0] == '.' || text[size - 1] == '.')
		return FALSE;
	for (gsize i = 0; i < size; i++) {
		if (!g_ascii_isalnum(text[i]) && (text[i] == '\0' || strchr(specials, text[i]) == NULL))
			return FALSE;
		if (text[i] == '.' && text[i - 1] == '.')
			return FALSE;
	}
	return TRUE;
}

gboolean letter_address_is_valid(const char *address)
{
	const char *at = strrchr(address, '@');
	if (at == NULL || strlen(address) > ADDRESS_MAX || at - address > LOCAL_PART_MAX)
		return FALSE;
	return is_dot_atom(address, (gsize)(at - address), "!#$%&'*+-/=?^_`{|}~.") &&
	       is_dot_atom(at + 1, strlen(at + 1), "-.") && at[1] != '-';
}

static gboolean is_domain_or_below(const char *domain, const char *above)
{
	gsize size = strlen(domain), tail = strlen(above);
	if (size < tail || g_ascii_strcasecmp(domain + size - tail, above) != 0)
		return FALSE;
	return size == tail || domain[size - tail - 1] == '.';
}

gboolean letter_is_own_domain(const Config *config, const char *address)
{
	const char *at = strrchr(address, '@');
	if (at == NULL)
		return TRUE; /* an address without a domain is the host's own */
	for (guint i = 0; config->own_domains[i] != NULL; i++)
		if (is_domain_or_below(at + 1, config->own_domains[i]))
			return TRUE;
	return FALSE;
}

/* Where the address goes on after its first octets as an extension or a VERP tag would: "noreply+x", "bounce-17". */
static gboolean begins_with_word(const char *local, const char *word)
{
	gsize size = strlen(word);
	return g_str_has_prefix(local, word) && (local[size] == '\0' || strchr("+-=_.", local[size]) != NULL);
}

/* RFC 3834 2, RFC 2142, RFC 5321 4.5.1: addresses behind which a program reads, or nobody. */
static gboolean is_role_address(const char *address)
{
	static const char *const words[] = {"mailer-daemon", "postmaster", "noreply",  "no-reply",  "no_reply",
	                                    "donotreply",    "do-not-reply", "do_not_reply", "bounce", "bounces",
	                                    "owner",         "listserv",   "majordomo", "listmaster", "mailman"};
	static const char *const endings[] = {"-request", "-owner", "-bounce", "-bounces", "-noreply", "-no-reply"};
	g_autofree char *local = g_ascii_strdown(address, strrchr(address, '@') - address);
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (begins_with_word(local, words[i]))
			return TRUE;
	local[strcspn(local, "+")] = '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(local, endings[i]))
			return TRUE;
	return FALSE;
}

/* An extension of a mailbox is the mailbox; so is `also`, "@domain" meaning the same local part there. */
static gboolean is_mailbox(const ConfigMailbox *mailbox, const char *delimiters, const char *address)
{
	const char *at = strrchr(address, '@');
	gsize local = (gsize)(at - address);
	gsize plain = strcspn(address, delimiters[0] != '\0' ? delimiters : "@");
	const char *own_at = strrchr(mailbox->address, '@');
	gboolean same_local = (local == (gsize)(own_at - mailbox->address) || plain == (gsize)(own_at - mailbox->address)) &&
	                      g_ascii_strncasecmp(address, mailbox->address, (gsize)(own_at - mailbox->address)) == 0;
	if (same_local && g_ascii_strcasecmp(at, own_at) == 0)
		return TRUE;
	for (guint i = 0; mailbox->also[i] != NULL; i++)
		if (g_ascii_strcasecmp(mailbox->also[i], address) == 0 ||
		    (mailbox->also[i][0] == '@' && same_local && g_ascii_strcasecmp(mailbox->also[i], at) == 0))
			return TRUE;
	return FALSE;
}

static gboolean is_own_mailbox(const Config *config, const char *address)
{
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (is_mailbox(&config->mailboxes[i], config->recipient_delimiter, address))
			return TRUE;
	return FALSE;
}

/* --- the decision --------------------------------------------------------------- */

static gboolean is_suppressed(const char *const *suppress)
{
	for (guint i = 0; suppress != NULL && suppress[i] != NULL; i++) {
		g_auto(GStrv) words = g_strsplit_set(suppress[i], ", \t\r\n;", -1);
		for (guint j = 0; words[j] != NULL; j++)
			if (g_ascii_strcasecmp(words[j], "all") == 0 || g_ascii_strcasecmp(words[j], "autoreply") == 0)
				return TRUE;
	}
	return FALSE;
}

/* What the address alone says against a letter, or NULL. */
static const char *address_reason(const Config *config, const ConfigMailbox *mailbox, const char *address)
{
	if (address[0] == '\0')
		return "null-sender";
	if (mailbox->telephone_system[0] != '\0' && g_ascii_strcasecmp(address, mailbox->telephone_system) == 0)
		return "telephone";
	if (!is_ascii(address))
		return "smtputf8";
	if (!letter_address_is_valid(address))
		return "bad-address";
	if (is_own_mailbox(config, address))
		return "own-mailbox";
	return is_role_address(address) ? "role-address" : NULL;
}

const char *letter_address_reason(const Config *config, const ConfigMailbox *mailbox, const char *address)
{
	const char *reason = address_reason(config, mailbox, address);
	return reason != NULL ? reason : letter_is_own_domain(config, address) ? "own-domain" : NULL;
}

/* What the message's form says against one, or NULL. */
static const char *form_reason(const LetterQuestion *question)
{
	const Record *facts = question->facts;
	if (g_strcmp0(record_get(facts, "automatic"), "-") != 0)
		return "automatic";
	if (is_suppressed(question->suppress))
		return "suppressed";
	if (record_count(facts, "reference") > 0)
		return "follow-up";
	return g_strcmp0(record_get(facts, "examined"), "yes") != 0 ? "unexamined" : NULL;
}

static const char *setting_reason(const LetterQuestion *question, const Config *config, const ConfigMailbox *mailbox,
                                  const char *address)
{
	if (mailbox->acknowledge == CONFIG_ACK_NEVER)
		return "never";
	if (mailbox->acknowledge == CONFIG_ACK_AUTHENTICATED && !question->authenticated)
		return "unauthenticated";
	if (mailbox->acknowledge_own_domains == CONFIG_OWN_NEVER && letter_is_own_domain(config, address))
		return "own-domain";
	return NULL;
}

LetterDecision letter_decide(const LetterQuestion *question, const Config *config, const ConfigMailbox *mailbox,
                             const char **reason)
{
	const char *channel = record_get(question->facts, "channel");
	g_autofree char *address = without_brackets(question->envelope_from);
	*reason = NULL;
	if (g_strcmp0(channel, "paper") == 0 || g_strcmp0(channel, "person") == 0)
		return LETTER_NONE;
	if (g_strcmp0(channel, "telephone") == 0)
		*reason = "telephone";
	if (*reason == NULL)
		*reason = address_reason(config, mailbox, address);
	if (*reason == NULL)
		*reason = form_reason(question);
	if (*reason == NULL)
		*reason = setting_reason(question, config, mailbox, address);
	return *reason == NULL ? LETTER_OWED : LETTER_WITHHELD;
}

const char *letter_language(const ConfigMailbox *mailbox, const char *language)
{
	const char *const *offered = (const char *const *)mailbox->languages;
	if (g_strv_contains(offered, language))
		return language;
	if (strcmp(language, "-") == 0 && g_strv_contains(offered, "kk") && g_strv_contains(offered, "ru"))
		return "-";
	return mailbox->languages[0];
}

const char *letter_post(const Config *config, const ConfigMailbox *mailbox)
{
	const ConfigOfficer *officer = mailbox->officers[0] != NULL ? config_officer(config, mailbox->officers[0]) : NULL;
	return officer != NULL ? officer->post : "";
}

static gboolean share_a_name(char **one, char **other)
{
	for (guint i = 0; one[i] != NULL; i++)
		if (g_strv_contains((const char *const *)other, one[i]))
			return TRUE;
	return FALSE;
}

const char *letter_escalation(const Config *config, const ConfigMailbox *mailbox)
{
	for (guint i = 0; i < config->n_mailboxes; i++) {
		const ConfigMailbox *other = &config->mailboxes[i];
		if (other != mailbox && share_a_name(other->officers, mailbox->escalation) &&
		    !share_a_name(other->officers, mailbox->officers))
			return other->address;
	}
	return NULL;
}

gboolean letter_lacks_escalation(const Config *config, const ConfigMailbox *mailbox)
{
	gboolean lacks = letter_escalation(config, mailbox) == NULL;
	for (guint i = 0; lacks && i < config->n_mailboxes; i++)
		lacks = letter_escalation(config, &config->mailboxes[i]) != mailbox->address;
	return lacks;
}

guint letter_delay(const ConfigMailbox *mailbox, guint32 random)
{
	guint64 span = (guint64)mailbox->delay_max - mailbox->delay_min + 1;
	return mailbox->delay_min + (guint)(span * random >> 32);
}
