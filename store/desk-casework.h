/* SPDX-License-Identifier: ISC */
/* store/desk-casework.h - an act that adds to a case's work: each names the one before it, and its text goes to whoever reads it.
 *
 *   g_auto(DeskCasework) work = {0};
 *   if (!desk_act_read(call, DESK_ACT_OF_CASE | DESK_ACT_WITH_TEXT, &work.fields, reply, "{s:I, …}", "after", &work.after, …) ||
 *       !desk_casework_enter(call, &work, DESK_CASEWORK_TEXT_MUST, reply))
 *           return;
 *   record_add(work.record, …);                      // the act's own lines
 *   LedgerAct act = {.kind = ENTRY_NOTED};
 *   desk_casework_finish(call, &work, &act, reply);
 *
 * Functions that take a reply fill it before they return FALSE. Threads: a request's own. */
#ifndef SENIM_STORE_DESK_CASEWORK_H
#define SENIM_STORE_DESK_CASEWORK_H

#include "store/desk-act.h"

typedef struct {
	DeskActFields fields;
	DeskPlace place;
	LedgerCase *c;
	json_int_t after;
	Record *record;
} DeskCasework;
void desk_casework_clear(DeskCasework *work);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskCasework, desk_casework_clear)

typedef enum { DESK_CASEWORK_TEXT_NONE, DESK_CASEWORK_TEXT_MAY, DESK_CASEWORK_TEXT_MUST } DeskCaseworkText;

/* The case, may she, for whom her text is sealed, and the lines that every record begins with. */
gboolean desk_casework_enter(const DeskCall *call, DeskCasework *work, DeskCaseworkText rule, DeskReply *reply);
void desk_casework_finish(const DeskCall *call, DeskCasework *work, LedgerAct *act, DeskReply *reply);
#define DESK_CASEWORK_NO_NUMBER "That is not the last answer of this case, or it has its number already."
/* Is it one of these words, each between blanks (store/casework.h)? */
gboolean desk_casework_is_one_of(const char *word, const char *words);

#endif
