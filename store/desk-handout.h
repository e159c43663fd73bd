/* SPDX-License-Identifier: ISC */
/* store/desk-handout.h - a report is handed to somebody else: what the acts of redirection and of forwarding share.
 *
 * Both begin with `made` (a document on paper) or `queued` (a letter went into the outbox), of which the register has the
 * digest, and go on with `numbered` (the chancellery's outgoing number and date) and words of their own. To whom, and in what
 * form, is the configuration's word alone.
 * Functions that take a reply fill it before they return FALSE. Threads: a request's own. */
#ifndef SENIM_STORE_DESK_HANDOUT_H
#define SENIM_STORE_DESK_HANDOUT_H

#include "store/desk-act.h"

typedef struct {
	const char *act, *to, *by, *kit, *number, *date, *letter; /* as asked, borrowed */
	json_int_t of;                                             /* the entry that it goes on from; 0: it begins */
	const ConfigAddressee *addressee;                          /* where it begins */
	GBytes *entity;                                            /* where it is queued */
	Record *outbox;                                            /* the letter, for the outbox */
} DeskHandout;
void desk_handout_clear(DeskHandout *handout);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskHandout, desk_handout_clear)

/* Their places in the format of desk_act_read(), and where they go. */
#define DESK_HANDOUT_FORMAT "s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s"
#define DESK_HANDOUT_FIELDS(handout)                                                                                        \
	"act", &(handout)->act, "to", &(handout)->to, "by", &(handout)->by, "kit", &(handout)->kit, "number", &(handout)->number,  \
		"date", &(handout)->date, "of", &(handout)->of, "letter", &(handout)->letter

gboolean desk_handout_begins(const DeskHandout *handout);
/* The addressee of that name, of law enforcement or not, where the configuration has it today; NULL with the reply filled. */
const ConfigAddressee *desk_handout_addressee(const DeskCall *call, const char *name, gboolean law, DeskReply *reply);
/* What each act has and what it must leave empty; where it begins, to whom and how. ends: its own words besides made, queued
 * and numbered, each between blanks. */
gboolean desk_handout_check(const DeskCall *call, DeskHandout *handout, gboolean law, const char *ends, DeskReply *reply);
/* Is it the last one of the case that it goes on from? state, entry, to: as the case has it. */
gboolean desk_handout_follows(const DeskHandout *handout, const char *state, guint64 entry, const char *to, DeskReply *reply);
/* act, to, by, kit, number, date, of. */
void desk_handout_record(const DeskHandout *handout, Record *record);
/* Into the act, which borrows it. purpose: of the letter in the outbox (base/finding.h). Without a letter: nothing. */
void desk_handout_queue(const DeskCall *call, DeskHandout *handout, const char *purpose, LedgerAct *act);

#endif
