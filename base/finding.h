/* SPDX-License-Identifier: ISC */
/* base/finding.h - what an examination finds: the shapes of facts, card and letter.
 *
 * senim-examine writes a finding, senim-milter checks its form again and adds what it knows itself, senim-registrar
 * keeps the facts and never sees the card, the CLI opens the card. All four read these schemas.
 *
 * A finding is a bundle with the parts `facts` and `card`, at most FINDING_MAX octets together. Lists are cut by the
 * examiner, and `partial: yes` says so. A value `-` is null.
 * Threads: pure. */
#ifndef SENIM_BASE_FINDING_H
#define SENIM_BASE_FINDING_H

#include "base/record.h"

#define FINDING_MAX 65536
/* Octets of one value of the facts: words, names, tokens. All of them stand in the register's entry: one that does not fit
 * would be put off for ever. */
#define FINDING_FACT_MAX 128
#define FINDING_PEOPLE_MAX 192 /* names, and posts, of whom a child looks for */
#define FINDING_CALLED_MAX 253402300799 /* the end of the year 9999 */
#define FINDING_LIST_MAX 64 /* attachments, recipients, references, named officers, each */

/* facts: the registrar may read them; they say nothing of a person.
 *   channel      mail | telephone | paper | person
 *   language     kk | ru | en | -
 *   automatic    - | bounce | reply | receipt | list | bulk | spam | generated
 *   verdict      clean | review | redirect | unexamined
 *   class        of the verdict, a list
 *   opaque       yes: encrypted to somebody else, or nothing in it can be read
 *   examined     no: the examination failed; everything else here is then a default
 *   partial      yes: past a limit of the examination; the rest was not looked at
 *   attachments  their number
 *   named        ids of officers and listed persons ([officer NAME], [person NAME]) whom the report is about, a list
 *   reference    follow-up references found (our letters' tokens), a list
 *   wish         anonymous: not to be named; no-answer: not to be answered; a list
 *   called       of a recording from the mailbox's telephone system: when the call came, POSIX seconds (finding_moment())
 *   held         yes: whom it names could not be looked for either: officers wait for it (store/desk-place.h) */
extern const RecordField finding_facts_schema[];

/* card: sealed before anyone but the milter sees it.
 *   case is not in it: the sealed card begins with X-Senim-Card and X-Senim-Case (store/seal.h).
 *   envelope-from, envelope-to*   as the MTA gave them; written by the milter, whatever the child said
 *   from-name, from-address       the first From; `-` where there is none
 *   from*                         every further From address
 *   reply-to*, recipient*         addresses of Reply-To; of To and Cc other than this mailbox
 *   phone*                        telephone numbers, each with its source (text, signature, header) after a blank
 *   suggested*                    "WHAT SOURCE VALUE", what the reporter says of himself, for empty fields (policy/person.h):
 *                                 surname, given, patronymic, phone, email, address, legal-form (in full), legal-name,
 *                                 organisation (both as written); of a call caller and called
 *   organisation                  of the suggestions, or `-`
 *   subject, date, message-id   decoded header fields, `-` where missing
 *   attachment*                   "TYPE SIZE NAME": media type, decoded octets (0 unknown), decoded file name (may be empty)
 *   charset*                      a charset that was guessed or replaced: "PART LABELLED USED"
 *   note*                         words of the list in senim-examine(8): encrypted, several-from, guessed-charset …;
 *                                 `no-answer`: the sender asks for no automatic answer (X-Auto-Response-Suppress)
 *   reason*                       the verdict's reasons: "RULE CLASS OUTCOME FROM-TO WHERE GUARDS" (policy/screen.h) */
extern const RecordField finding_card_schema[];

/* letter: to whom it goes; lies under the custody key and is destroyed with the letter.
 *   to, message-id (or `-`), language (kk | ru | en | -);
 *   purpose: missing in an acknowledgement; `redirect`: a report sealed to law enforcement; `notice`: an officer is told of
 *   an urgent arrival, or at one of notice-hours; `alarm`: who keeps the host; `prolonged`: the reporter is told of a longer term;
 *   `letter`: what an officer wrote;
 *   subject: of such a letter: official, answer, advice (policy/letter.h);
 *   counts: "UNOPENED DUE", where a notice says them; alarm, state: the two words of an alarm (store/alarms.h);
 *   told: the official date that it says, YYYY-MM-DD, from when it is composed;
 *   old, other, size: of a `checkpoint`, which goes to a trustee: from which sizes on, and which
 *   header: of the stored body for the addressee, base64, where a redirect goes by itself: the letter is composed with it */
extern const RecordField finding_letter_schema[];

/* TRUE where value is one of the words that the comment above gives for that key of the facts. */
gboolean finding_fact_is_valid(const char *key, const char *value);
/* Schema and words together. */
gboolean finding_check_facts(const Record *facts, GError **error);
/* Arrivals that are none by their form alone (DESIGN 4): numbered in the X series. `bulk` alone is a report, and so
 * is everything that came by telephone. */
gboolean finding_is_aside(const Record *facts);
/* By which moment it counts (microseconds UTC): that of the call, where it is one of the day before the message was received,
 * else when it was received. */
gint64 finding_moment(const Record *facts, gint64 received);
/* Somebody is told at once (store/notices.h): the verdict is redirect, or a class self-harm or reporter-at-risk. */
gboolean finding_is_urgent(const Record *facts);
/* The facts of a message that could not be examined. */
Record *finding_unexamined_facts(void);

#endif
