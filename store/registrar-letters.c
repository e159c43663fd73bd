/* SPDX-License-Identifier: ISC */
#include "store/registrar-letters.h"

#include <string.h>

#include "policy/letter.h"
#include "policy/term.h"
#include "store/cases.h"
#include "store/registrar-dates.h"

#define TEMPLATE_MAX 65536

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

static char *read_template(const Config *config, const char *language, GError **error)
{
	g_autofree char *base = g_strconcat(language, ".txt", NULL);
	g_autofree char *path = g_build_filename(config->templates, base, NULL);
	gsize size;
	char *text;
	if (!g_file_get_contents(path, &text, &size, error))
		return NULL;
	if (size <= TEMPLATE_MAX && strlen(text) == size)
		return text;
	g_free(text);
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is larger than 64 KiB or no text: put back the one of the release",
	            path);
	return NULL;
}

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

static char *compose_notice(const OutboxLetter *letter, gsize *size, GError **error)
{
	const LetterFacts facts = {
		.mailbox = letter->mailbox->address,
		.to = record_get(letter->letter, "to"),
		.message_id = letter->message_id,
		.date = letter->date,
		.zone = letter->config->timezone,
	};
	return letter_compose_notice(&facts, size, error);
}

static char *compose_acknowledgement(const OutboxLetter *letter, gsize *size, GError **error)
{
	const Config *config = letter->config;
	const ConfigMailbox *mailbox = letter->mailbox;
	g_auto(Templates) templates = {0};
	g_autofree char *number = cases_name(letter->about);
	LetterFacts facts = {
		.organisation = config->organisation,
		.mailbox = mailbox->address,
		.post = letter_post(config, mailbox),
		.escalation_address = letter_escalation(config, mailbox),
		.to = record_get(letter->letter, "to"),
		.in_reply_to = record_get(letter->letter, "message-id"),
		.message_id = letter->message_id,
		.number = number,
		.language = letter_language(mailbox, record_get(letter->letter, "language")),
		.received = letter->about->received,
		.term_working_days = mailbox->term_working_days,
		.code = letter->code,
		.date = letter->date,
		.zone = config->timezone,
	};
	facts.minimal = letter_is_own_domain(config, facts.to);
	GDate due;
	registrar_dates_of(config, mailbox, facts.received, &facts.official, &due, NULL);
	facts.official_differs = is_another_day(facts.received, facts.zone, &facts.official);
	/* A template that is missing is the composer's to miss: it asks for the one or two that it needs. */
	for (gsize i = 0; i < G_N_ELEMENTS(languages); i++)
		templates.text[i] = read_template(config, languages[i], NULL);
	return letter_compose(&facts, find_template, &templates, size, error);
}

char *registrar_letters_compose(const OutboxLetter *letter, gpointer user G_GNUC_UNUSED, gsize *size, GError **error)
{
	gboolean notice = g_strcmp0(record_get(letter->letter, "purpose"), "notice") == 0;
	return (notice ? compose_notice : compose_acknowledgement)(letter, size, error);
}

gboolean registrar_letters_check(const Config *config, GError **error)
{
	for (guint m = 0; m < config->n_mailboxes; m++)
		for (char **language = config->mailboxes[m].languages; *language != NULL; language++) {
			g_autofree char *text = read_template(config, *language, error);
			if (text == NULL)
				return FALSE;
			if (!letter_check_template(text, error)) {
				g_prefix_error(error, "%s/%s.txt: ", config->templates, *language);
				return FALSE;
			}
		}
	return TRUE;
}
