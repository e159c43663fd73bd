/* SPDX-License-Identifier: ISC */
#include "store/registrar-letters.h"

#include <string.h>
#include <unistd.h>

#include "base/day.h"
#include "base/finding.h"
#include "base/log.h"
#include "base/octets.h"
#include "policy/letter.h"
#include "policy/term.h"
#include "store/addressee.h"
#include "store/cases.h"
#include "store/checkpoints.h"
#include "store/registrar-dates.h"
#include "store/registrar-replies.h"
#include "store/registrar-templates.h"

static const char *const languages[] = {"kk", "ru", "en"};

/* The templates of one letter: read when it is composed, so that a mended one serves the next attempt. */
typedef struct {
	char *text[G_N_ELEMENTS(languages)];
} Templates;

static void templates_clear(Templates *templates)
{
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
		g_free(templates->text[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Templates, templates_clear)

static const char *find_template(const char *language, gpointer user)
{
	Templates *templates = user;
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
		if (strcmp(languages[i], language) == 0)
			return templates->text[i];
	return NULL;
}

static gboolean is_another_day(gint64 received, GTimeZone *zone, const GDate *official)
{
	GDate day;
	term_local_day(received, zone, &day);
	return g_date_valid(official) && g_date_compare(&day, official) != 0;
}

/* --- the address for answers ------------------------------------------------------------------ */

/* Only the outbox's thread composes: what it has found out needs no lock. */
static char *reply_address(const Config *config, const ConfigMailbox *mailbox, const char *token)
{
	static GHashTable *taken; /* "SUBMIT DETAIL MAILBOX" that the MTA has said yes to */
	g_autoptr(GError) error = NULL;
	g_autofree char *key = g_strdup_printf("%s %s %s", config->submit, config->reply_detail, mailbox->address);
	if (*config->reply_detail == '\0')
		return NULL;
	if (taken == NULL)
		taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!g_hash_table_contains(taken, key) && !registrar_replies_try(config, mailbox, &error)) {
		log_warning("%s; answers go to the mailbox", error->message);
		return NULL;
	}
	g_hash_table_add(taken, g_steal_pointer(&key));
	return registrar_replies_address(config, mailbox, token);
}

static char *compose_notice(const OutboxLetter *letter, gsize *size, GError **error)
{
	const LetterFacts facts = {
		.mailbox = letter->mailbox->address,
		.to = record_get(letter->letter, "to"),
		.message_id = letter->message_id,
		.counts = record_get(letter->letter, "counts"),
		.date = letter->date,
		.zone = letter->config->timezone,
	};
	return letter_compose_notice(&facts, size, error);
}

static char *compose_alarm(const OutboxLetter *letter, gsize *size, GError **error)
{
	const LetterFacts facts = {
		.mailbox = letter->mailbox->address,
		.to = record_get(letter->letter, "to"),
		.message_id = letter->message_id,
		.date = letter->date,
		.zone = letter->config->timezone,
	};
	return letter_compose_alarm(&facts, record_get(letter->letter, "alarm"), record_get(letter->letter, "state"), size, error);
}

/* The body as it is stored, at most `most` octets (transfer full). */
static GByteArray *stored_body(const OutboxLetter *letter, gsize most, GError **error)
{
	int fd;
	g_autoptr(GBytes) payload = NULL;
	if (!ledger_payload(letter->ledger, letter->about->seq, SEAL_PART_BODY, &payload, &fd, error))
		return NULL;
	g_autoptr(GByteArray) body = g_byte_array_new();
	gsize size = payload != NULL ? g_bytes_get_size(payload) : (gsize)MIN(letter->about->size, most);
	gboolean whole = letter->about->size <= most;
	g_byte_array_set_size(body, (guint)size);
	if (payload != NULL)
		memcpy(body->data, g_bytes_get_data(payload, NULL), size);
	else
		whole = whole && octets_read(fd, body->data, size);
	if (fd >= 0)
		close(fd);
	if (whole)
		return g_steal_pointer(&body);
	g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_VAULT, "the stored body for an addressee cannot be read whole");
	return NULL;
}

/* What an officer wrote: a kit to law enforcement, sealed on her machine or in clear where the configuration lets her; an
 * answer, in the thread of the letter that it answers. */
static char *compose_entity(const OutboxLetter *letter, gsize *size, GError **error)
{
	gsize entity_size;
	const Record *record = letter->letter;
	const char *subject = record_get(record, "subject");
	gboolean official = subject == NULL || strcmp(subject, "official") == 0;
	if (letter->entity == NULL) {
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_FORM, "an officer's letter without a text");
		return NULL;
	}
	const void *entity = g_bytes_get_data(letter->entity, &entity_size);
	g_autofree char *reply_to = official ? NULL : reply_address(letter->config, letter->mailbox, letter->reply);
	const LetterFacts facts = {
		.mailbox = letter->mailbox->address,
		.to = record_get(record, "to"),
		.in_reply_to = record_get(record, "message-id"),
		.message_id = letter->message_id,
		.reply_to = reply_to,
		.subject = official ? "official" : subject,
		.language = letter_language(letter->mailbox, record_get(record, "language")),
		.date = letter->date,
		.zone = letter->config->timezone,
	};
	return letter_compose_entity(&facts, entity, entity_size, size, error);
}

/* Header and body as they lie there, one behind the other: an age file. Nothing is decrypted. */
static char *compose_redirect(const OutboxLetter *letter, gsize *size, GError **error)
{
	if (letter->entity != NULL)
		return compose_entity(letter, size, error);
	gsize header_size;
	const char *encoded = record_get(letter->letter, "header");
	g_autofree guchar *header = g_base64_decode(encoded != NULL ? encoded : "", &header_size);
	g_autoptr(GByteArray) sealed = stored_body(letter, ADDRESSEE_PAYLOAD_MAX, error);
	if (sealed == NULL)
		return NULL;
	g_byte_array_prepend(sealed, header, (guint)header_size);
	g_autofree char *number = cases_name(letter->about);
	const LetterFacts facts = {
		.organisation = letter->config->organisation,
		.mailbox = letter->mailbox->address,
		.to = record_get(letter->letter, "to"),
		.message_id = letter->message_id,
		.number = number,
		.received = letter->about->received,
		.date = letter->date,
		.zone = letter->config->timezone,
	};
	return letter_compose_redirect(&facts, sealed->data, sealed->len, size, error);
}

/* What a trustee gets each day. */
static char *compose_checkpoint(const OutboxLetter *letter, gsize *size, GError **error)
{
	g_autofree char *other = NULL, *restored = NULL;
	g_autofree char *request = checkpoints_request(letter->ledger, letter->letter, &other, &restored, error);
	const char *answers = letter->mailbox->checkpoint_answers;
	const LetterCheckpoint checkpoint = {request, other, restored, CHECKPOINTS_OCTETS};
	const LetterFacts facts = {
		.mailbox = letter->mailbox->address,
		.to = record_get(letter->letter, "to"),
		.message_id = letter->message_id,
		.reply_to = *answers != '\0' ? answers : NULL,
		.date = letter->date,
		.zone = letter->config->timezone,
	};
	return request != NULL ? letter_compose_checkpoint(&facts, &checkpoint, size, error) : NULL;
}

/* On an officer's word: that the term ends later. */
static char *compose_prolonged(const OutboxLetter *letter, gsize *size, GError **error)
{
	const char *until = record_get(letter->letter, "until");
	g_autofree char *number = cases_name(letter->about);
	g_autofree char *reply_to = reply_address(letter->config, letter->mailbox, letter->reply);
	LetterFacts facts = {
		.organisation = letter->config->organisation,
		.mailbox = letter->mailbox->address,
		.to = record_get(letter->letter, "to"),
		.in_reply_to = record_get(letter->letter, "message-id"),
		.message_id = letter->message_id,
		.number = number,
		.word = letter->word,
		.reply_to = reply_to,
		.language = letter_language(letter->mailbox, record_get(letter->letter, "language")),
		.date = letter->date,
		.zone = letter->config->timezone,
	};
	g_date_clear(&facts.until, 1);
	if (until != NULL)
		day_read(until, &facts.until);
	return letter_compose_prolonged(&facts, size, error);
}

static char *compose_acknowledgement(const OutboxLetter *letter, gsize *size, GError **error)
{
	const Config *config = letter->config;
	const ConfigMailbox *mailbox = letter->mailbox;
	g_auto(Templates) templates = {0};
	g_autofree char *number = cases_name(letter->about);
	g_autofree char *reply_to = reply_address(config, mailbox, letter->reply);
	LetterFacts facts = {
		.organisation = config->organisation,
		.mailbox = mailbox->address,
		.post = letter_post(config, mailbox),
		.escalation_address = letter_escalation(config, mailbox),
		.to = record_get(letter->letter, "to"),
		.in_reply_to = record_get(letter->letter, "message-id"),
		.message_id = letter->message_id,
		.number = number,
		.word = letter->word,
		.reply_to = reply_to,
		.language = letter_language(mailbox, record_get(letter->letter, "language")),
		.received = letter->about->received,
		.term_working_days = mailbox->term_working_days,
		.code = letter->code,
		.date = letter->date,
		.zone = config->timezone,
	};
	facts.minimal = letter_is_own_domain(config, facts.to);
	GDate due;
	registrar_dates_of(config, mailbox, finding_moment(letter->about->facts, facts.received), &facts.official, &due, NULL);
	*letter->told = facts.official;
	facts.official_differs = is_another_day(facts.received, facts.zone, &facts.official);
	/* A template that is missing is the composer's to miss: it asks for the one or two that it needs. */
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
		templates.text[i] = registrar_templates_read(config, languages[i], NULL);
	return letter_compose(&facts, find_template, &templates, size, error);
}

char *registrar_letters_compose(const OutboxLetter *letter, gpointer user G_GNUC_UNUSED, gsize *size, GError **error)
{
	static const struct {
		const char *purpose;
		char *(*compose)(const OutboxLetter *letter, gsize *size, GError **error);
	} rows[] = {{NULL, compose_acknowledgement}, {"notice", compose_notice}, {"alarm", compose_alarm}, {"redirect", compose_redirect},
	          {"prolonged", compose_prolonged}, {"letter", compose_entity}, {"checkpoint", compose_checkpoint}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_strcmp0(rows[i].purpose, record_get(letter->letter, "purpose")) == 0)
			return rows[i].compose(letter, size, error);
	g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_FORM, "a letter of a purpose that there is not");
	return NULL;
}
