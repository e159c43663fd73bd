/* SPDX-License-Identifier: ISC */
/* store/desk-act.h - one act of an officer: read its request, write its record, enter it, answer with its proof.
 *
 * Every act's request has `request`, `mailbox`, `ground` (a word), `known`, `ground_text` where the ground has one,
 * `seq` where it is about a case, `text` where it takes one; desk_act_read() takes those, and what the act has of its own
 * by a format of json_unpack. A record is desk_act_record(), the act's own lines, desk_act_sign_off(), in that order:
 * whoever has it can check that the act was hers (doc/architecture.md).
 *
 *   g_auto(DeskActFields) fields = {0};
 *   if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &fields, reply, "{}"))
 *           return;
 *   g_autoptr(LedgerCase) c = desk_place_enter_case(call, fields.mailbox, fields.seq, &place, reply);
 *   g_autoptr(Record) record = desk_act_record(call);
 *   record_add_uint(record, "case", c->seq);
 *   desk_act_sign_off(record, call, &fields);
 *   LedgerAct act = {.kind = ENTRY_NOTED, .record = record, .case_seq = c->seq};
 *   desk_act_finish(call, &place, &act, &fields, reply);
 *
 * Functions that take a reply fill it before they return FALSE. Threads: a request's own. */
#ifndef SENIM_STORE_DESK_ACT_H
#define SENIM_STORE_DESK_ACT_H

#include "store/desk-place.h"
#include "store/sealed-text.h"

/* What every act's request has; its words are borrowed from the body. */
typedef struct {
	const char *request, *mailbox, *ground;
	json_int_t seq; /* of the case */
	json_int_t known;
	SealedText *ground_text, *text; /* NULL: none */
	const json_t *wraps; /* an array, each with a header of its own; its form is the act's to check */
} DeskActFields;
void desk_act_clear(DeskActFields *fields);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskActFields, desk_act_clear)

typedef enum {
	DESK_ACT_OF_MAILBOX = 0,
	DESK_ACT_OF_CASE = 1,   /* it has `seq` */
	DESK_ACT_WITH_TEXT = 2, /* it may have `text` */
	DESK_ACT_WITH_WRAPS = 8, /* it has `wraps`, headers for another reader, whose octets stand in the second line */
	DESK_ACT_OWN_GROUND = 4, /* it looks at nothing: its ground is a word of the program, not of the organisation's list */
	DESK_ACT_WITH_OCTETS = 16, /* its second line holds one string more, which the act itself names by digest */
} DeskActForm;

/* Reads and checks the common fields; format and what follows are as for json_unpack, "{s:s}", and name the act's own
 * fields, all of them: one more in the request is an error. "{}" where it has none. */
gboolean desk_act_read(const DeskCall *call, DeskActForm form, DeskActFields *fields, DeskReply *reply,
                       const char *format, ...);

/* The octets of the second line, of WITH_OCTETS, as the act names them: hex BLAKE2b-256 of what stands there in base64 (transfer
 * full, *size of them). missing, other: what the reply says where there are none, or others. */
guchar *desk_act_octets(const DeskCall *call, const char *digest, gsize *size, const char *missing, const char *other,
                        DeskReply *reply);

/* `time` and `officer`. */
Record *desk_act_record(const DeskCall *call);
/* The text, the ground with its own, and what she signed. */
void desk_act_sign_off(Record *record, const DeskCall *call, const DeskActFields *fields);

/* Appends and commits, with the headers of its sealed texts; from here on the act stands in the register, whatever
 * happens to the answer. In the act, 0 in `concerns` and `case_seq` stands for LEDGER_NOTHING: entry 0 is BEGUN, which no
 * act is about. */
gboolean desk_act_append(const DeskPlace *place, LedgerAct *act, const DeskActFields *fields, guint64 *seq,
                         DeskReply *reply);
/* The same, and the reply is the entry's proof: reply->json may be given more fields where its status is 200. */
void desk_act_finish(const DeskCall *call, const DeskPlace *place, LedgerAct *act, const DeskActFields *fields,
                     DeskReply *reply);
/* And behind it that of the entry `also`. */
void desk_act_finish_with(const DeskCall *call, const DeskPlace *place, LedgerAct *act, const DeskActFields *fields,
                          guint64 also, DeskReply *reply);
/* A field of the record that was committed, where the writer added it (ACCEPTED's number); NULL: it has none. */
char *desk_act_committed(const DeskReply *reply, const char *field);

/* 1 to max octets of UTF-8 without control characters; of a-z, 0-9 and '-'. */
gboolean desk_act_is_text(const char *text, gsize max);
gboolean desk_act_is_word(const char *word, gsize max);

#endif
