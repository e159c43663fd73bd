/* SPDX-License-Identifier: ISC */
/* store/desk-act.h - one act of an officer: read its request, write its record, enter it, answer with its proof.
 *
 * Every act's request has `request`, `mailbox`, `ground`, `known`, and `seq` where it is about a case; desk_act_read()
 * takes those, and what the act has of its own by a format of json_unpack. A record is desk_act_record(), the act's own
 * lines, desk_act_sign_off(), in that order: whoever has it can check that the act was hers (doc/architecture.md).
 *
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

/* What every act's request has; borrowed from its body. */
typedef struct {
	const char *request, *mailbox, *ground;
	json_int_t seq; /* of the case */
	json_int_t known;
} DeskActFields;

typedef enum { DESK_ACT_OF_CASE, DESK_ACT_OF_MAILBOX } DeskActAbout;

/* Reads and checks the common fields; format and what follows are as for json_unpack, "{s:s}", and name the act's own
 * fields, all of them: one more in the request is an error. "{}" where it has none. */
gboolean desk_act_read(const DeskCall *call, DeskActAbout about, DeskActFields *fields, DeskReply *reply,
                       const char *format, ...);

/* `time` and `officer`. */
Record *desk_act_record(const DeskCall *call);
/* The ground, and what she signed. */
void desk_act_sign_off(Record *record, const DeskCall *call, const DeskActFields *fields);

/* Appends and commits; from here on the act stands in the register, whatever happens to the answer. In the act, 0 in
 * `concerns` and `case_seq` stands for LEDGER_NOTHING: entry 0 is BEGUN, which no act is about. */
gboolean desk_act_append(const DeskPlace *place, LedgerAct *act, guint64 *seq, DeskReply *reply);
/* The same, and the reply is the entry's proof: reply->json may be given more fields where its status is 200. */
void desk_act_finish(const DeskCall *call, const DeskPlace *place, LedgerAct *act, const DeskActFields *fields,
                     DeskReply *reply);
/* A field of the record that was committed, where the writer added it (ACCEPTED's number); NULL: it has none. */
char *desk_act_committed(const DeskReply *reply, const char *field);

/* 1 to max octets of UTF-8 without control characters; of a-z, 0-9 and '-'. */
gboolean desk_act_is_text(const char *text, gsize max);
gboolean desk_act_is_word(const char *word, gsize max);

#endif
