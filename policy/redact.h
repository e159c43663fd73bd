/* SPDX-License-Identifier: ISC */
/* policy/redact.h - a report's text without what says who wrote it: a new text, never an overlay.
 *
 * Replaced are
 *   identity   IIN and BIN by their check digit (two rows of weights), or behind their name
 *   phone      numbers of Kazakhstan in every form, of other countries behind a plus, short ones behind a word for a telephone
 *   account    IBAN by its remainder of 97, in Latin letters or their Cyrillic likenesses; behind «счёт» also with a slip in it
 *   card       numbers of payment cards by Luhn's check digit
 *   contact    mail addresses («собака», (at) and (dot) too), names behind an @, links to messengers and networks
 *   address    street with house, what goes with it on both sides, and what stands behind «адрес:», «мекенжайым:»
 *   name       the given names' parts, each in every case of Kazakh and Russian, in every spelling of policy/name-text.h and
 *              policy/text.h (transliterated, spelled out, stretched, starred, of two scripts), initials beside them; whom the
 *              text itself names as its writer (policy/writer.h), wherever it names him; the names in a signature and in the header of quoted mail
 *   word       what an officer marks, in the same spellings, with endings
 * Each by the mark of its kind, of one width whatever it hides; what stands side by side is hidden by one mark. A given name
 * that is a word of every day (әділ, бақыт) is hidden in small letters only where the writer uses no capitals or a part of
 * the name stands beside it: where one is left, `left` says so.
 * Every other name of a person stays, and `named` lists it: surname with first name, patronymic or initials, and what looks like
 * one of them alone. Whether one of them is the writer's is for the officer to say before the text goes anywhere.
 * It does not know who is known by what he tells: a person reads the new text before it goes anywhere.
 * Promise:   what is kept is kept octet for octet; linear in the text for a bounded question.
 * Ownership: a Redaction owns its text and rows, wiped when they go. Threads: pure; name_lists_load() and wishes_load() once
 *            before. Fails: never; octets that are no UTF-8 are nobody's name. */
#ifndef SENIM_POLICY_REDACT_H
#define SENIM_POLICY_REDACT_H

#include <glib.h>

#define REDACT_WORDS_MAX 64  /* names, values and words of a question, each */
#define REDACT_NAMED_MAX 250 /* names that stayed; one more, "…", says that there are others */

typedef enum {
	REDACT_IDENTITY,
	REDACT_PHONE,
	REDACT_ACCOUNT,
	REDACT_CARD,
	REDACT_CONTACT,
	REDACT_ADDRESS,
	REDACT_NAME,
	REDACT_WORD,
	REDACT_KINDS,
} RedactKind;

typedef struct {
	const char *const *names;  /* «Айгүл Серікова», as a card or a mail program has them; NULL-terminated, or NULL */
	const char *const *values; /* telephones, addresses of mail and of streets, as the card has them; likewise */
	const char *const *words;  /* what an officer marks; likewise */
	const char *language;      /* of the marks: kk, ru, en */
} RedactQuestion;

typedef struct {
	RedactKind kind;
	char *text; /* what stood there */
} RedactRow;

typedef struct {
	GString *text;
	GArray *rows;    /* RedactRow, in the text's order */
	GPtrArray *left; /* words that may be a part of a name and were left, each once */
	GPtrArray *named; /* names of people in the new text, each spelling once: of the accused, or of a writer who was not recognised */
} Redaction;

Redaction *redact_text(const RedactQuestion *question, const char *text, gsize size);
void redaction_free(Redaction *redaction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Redaction, redaction_free)

/* "identity", "phone" … (static). */
const char *redact_kind_word(RedactKind kind);
/* «[аты-жөні]», "[имя]" (static). */
const char *redact_mark(RedactKind kind, const char *language);

/* Does the text speak of a body or a person of that name: its words side by side, with any ending; one word alone in its
 * cases. */
gboolean redact_mentions(const char *name, const char *text, gsize size);

/* Is it a person's: does it have a first name, a patronymic, an initial? Of a body none of it is looked for (policy/names.h). */
gboolean redact_is_person(const char *name);

#endif
