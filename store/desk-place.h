/* SPDX-License-Identifier: ISC */
/* store/desk-place.h - one mailbox as one officer has it: may she, what does she hear if not, and what proves an entry.
 *
 * What the topics of desk-acts.h share. Functions that take a reply fill it before they return FALSE or NULL.
 * Threads: a DeskPlace belongs to one request. Ownership: a DeskPlace owns its people and `me`, borrows the rest. */
#ifndef SENIM_STORE_DESK_PLACE_H
#define SENIM_STORE_DESK_PLACE_H

#include "store/desk-acts.h"

typedef struct {
	guint index;
	const char *mailbox;
	Registry *registry;   /* borrowed from the call, as are configuration and hooks */
	const Config *config;
	const DeskHooks *hooks;
	Ledger *ledger;
	People *people;
	GPtrArray *readers; /* PeoplePerson: those of them who get headers now */
	PeoplePerson *me;    /* as she is with the keys that signed: her present ones, or older ones */
	gboolean older_key;  /* these are older ones */
	gint64 now;          /* when she came in, microseconds UTC */
	gboolean officer;    /* or deputy */
	gboolean supervisor; /* log and statistics, never a header of a case */
} DeskPlace;
void desk_place_clear(DeskPlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskPlace, desk_place_clear)

/* FALSE: she is nobody there, or not in force now. */
gboolean desk_place_enter(const DeskCall *call, guint index, DeskPlace *place);
gboolean desk_place_enter_named(const DeskCall *call, const char *mailbox, DeskPlace *place, DeskReply *reply);
/* The mailbox, the case in it, and may she: NULL with the reply filled where one of them fails (transfer full). */
LedgerCase *desk_place_enter_case(const DeskCall *call, const char *mailbox, json_int_t seq, DeskPlace *place,
                                  DeskReply *reply);
/* A case of which nobody could say whom it names is kept from every officer for that long, unless it is granted to her. */
#define DESK_PLACE_HELD (24 * (gint64)3600 * G_USEC_PER_SEC)
/* NULL: she may have this case's headers. Else the word of the refusal, for desk_place_refuse_case(): for her role one word
 * whatever the reason (it is about her, it was withheld from her, it is another's work), so that she learns none of them.
 * An officer hears ELSEWHERE; to who is none, it is with the officers, whether it was ever hers or not. */
#define DESK_PLACE_ELSEWHERE "elsewhere"
#define DESK_PLACE_OFFICERS "with-officers"
const char *desk_place_word(const DeskPlace *place);
const char *desk_place_why_not(const DeskPlace *place, const LedgerCase *c);
/* Is the case kept from an officer of that name, unless it was granted to her? */
gboolean desk_place_is_barred(const LedgerCase *c, const char *name);
/* The same but for assignment: what is another's work today may be hers tomorrow, what is kept from her is not. */
gboolean desk_place_is_kept(const LedgerCase *c, const char *name);
/* Is the case about her, by its facts? Whatever was granted to her since. */
gboolean desk_place_is_named(const LedgerCase *c, const char *name);
/* FALSE, and the reply says so, where the message of that entry was erased by order. */
gboolean desk_place_is_there(const DeskPlace *place, guint64 message, DeskReply *reply);
/* Is it kept from an officer for no other reason than that nobody could say whom it names? Then she may give it to another. */
gboolean desk_place_waits(const DeskPlace *place, const LedgerCase *c);
/* The case whose RECEIVED entry is seq (transfer full). */
LedgerCase *desk_place_case(const DeskPlace *place, json_int_t seq, DeskReply *reply);
/* The header of a case's part that she has under one key (borrowed: body or card recipient), or under any of hers: FALSE
 * where there is none. What cannot be read now is one all the same. */
gboolean desk_place_holds(const DeskPlace *place, guint64 seq, SealPart part, const char *recipient);
gboolean desk_place_holds_any(const DeskPlace *place, guint64 seq, SealPart part, const PeoplePerson *person);
/* body, card, text, ground. NULL, or FALSE: no such part. */
const char *desk_place_part_word(SealPart part);
gboolean desk_place_read_part(const char *word, SealPart *part);
/* The card recipient of one who reads here; NULL: nobody of that name does. */
const char *desk_place_recipient(const DeskPlace *place, const char *name);
/* Adds PROOF for these entries (guint64) to an answer. */
gboolean desk_place_add_proof(const DeskPlace *place, const GArray *seqs, json_int_t known, json_t *answer, GError **error);

/* `witnessed`: the proof of the entry seq under the largest checkpoint that a trustee has confirmed, where one holds it, and from
 * that to the answer's `checkpoint`; else null: without it a receipt is as good as it was. */
void desk_place_add_witnessed(const DeskPlace *place, guint64 seq, json_t *answer);

/* The entry `seq`, its record (transfer full) and what it is: NULL unless she herself signed it within the last `lasts`
 * microseconds. */
Record *desk_place_own_entry(const DeskPlace *place, guint64 seq, gint64 lasts, Entry *entry);

/* RANGE REQUEST: {mailbox, from, most, known, entry}, of at most so many entries. */
typedef struct {
	json_int_t from, most, known;
	json_int_t entry; /* of her reading; -1: null */
} DeskRange;
/* Reads it and enters the mailbox. */
gboolean desk_place_enter_range(const DeskCall *call, guint most, DeskPlace *place, DeskRange *range, DeskReply *reply);
/* Goes over n entries, the first being `from`, whose octets are data, and adds to the answer what it says of them; *taken:
 * of how many, fewer where that is much. */
typedef gboolean (*DeskPlaceTake)(gpointer user, guint64 from, const guint8 *data, guint n, guint *taken, json_t *answer,
                                  GError **error);
/* Answers with what take() says, and the RANGE PROOF for just those: `from`, `entries`, `left`, `right`, `checkpoint`,
 * `consistency`. */
void desk_place_answer_range(const DeskPlace *place, const DeskRange *range, DeskPlaceTake take, gpointer user,
                             DeskReply *reply);

/* Adds `text_header` and `ground_text_header` to an entry's object where its record holds sealed texts: the asking
 * reader's, or null. */
gboolean desk_place_add_text_headers(const DeskPlace *place, const LedgerEntry *entry, json_t *item, GError **error);

#define DESK_PLACE_FIELDS "The request lacks a field, has one of another type, or one that is not known."

/* Each returns FALSE. */
gboolean desk_place_fail_form(DeskReply *reply, const char *message);
gboolean desk_place_fail_ledger(DeskReply *reply, const GError *error);
gboolean desk_place_refuse(DeskReply *reply, const char *why, const char *message);
gboolean desk_place_refuse_case(DeskReply *reply, const char *why);
/* Takes the answer. */
void desk_place_done(DeskReply *reply, json_t *answer);

#endif
