/* SPDX-License-Identifier: ISC */
/* store/desk-acts.h - what each target of the desk does: one row a target, one table and file a topic.
 *
 * A new topic is a file desk-TOPIC.c with its table, declared at the end here and named in desk-acts.c.
 * A handler is called with a request whose session, signature and counter are good. It fills the reply; what is refused
 * names its word, and desk.c enters it.
 * Threads: any number of handlers at once. Ownership: a DeskCall borrows; a DeskReply owns. */
#ifndef SENIM_STORE_DESK_ACTS_H
#define SENIM_STORE_DESK_ACTS_H

#include "store/desk-request.h"
#include "store/desk-session.h"
#include "store/desk.h"
#include "store/json.h"

typedef struct {
	Registry *registry;
	const Config *config;
	DeskSessions *sessions;
	const DeskHooks *hooks;
	const char *session;
	const DeskRequest *request;
	guint8 sign[32];       /* the key whose signature was good */
	const char *signature; /* base64 */
	json_t *body;
	json_t *attached; /* of an act: what its second line holds, an object (store/sealed-text.h) */
	const gint *stopping; /* atomic: the desk is being closed; what takes long ends */
} DeskCall;

typedef struct {
	guint status;    /* of HTTP */
	json_t *json;    /* NULL where octets or fd are set */
	GBytes *octets;
	int fd;          /* -1: none */
	struct MHD_Response *stream; /* made of fd by desk.c */
	guint64 from;    /* where in fd the answer begins */
	guint64 size;    /* of what fd holds from there */
	const char *why; /* a word: enter REFUSED */
	int mailbox;     /* in this register; -1: none was named */
} DeskReply;
#define DESK_REPLY_INIT {.fd = -1, .mailbox = -1}
void desk_acts_reply_clear(DeskReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskReply, desk_acts_reply_clear)

/* {"schema":1,"error":word,"message":sentence}; replaces what the reply held. */
void desk_acts_error(DeskReply *reply, guint status, const char *word, const char *message);
/* 401 or 403, with the word of the REFUSED entry. */
void desk_acts_refuse(DeskReply *reply, guint status, const char *why, const char *message);

/* 400 form, 404 not-found or 409 state, and in `why` what exactly: it does not go with what is, and is no entry. Each such word
 * has its sentence in cli/refusals.c. FALSE. */
gboolean desk_acts_deny(DeskReply *reply, guint status, const char *why, const char *message);

typedef struct {
	const char *target;
	gboolean act; /* its body's first line must be canonical: the signature in the record covers it */
	void (*serve)(const DeskCall *call, DeskReply *reply);
} DeskAct;
/* NULL: there is no such target. */
const DeskAct *desk_acts_find(const char *target);

/* The topics' tables, each with a row without a target at its end. */
extern const DeskAct desk_agreement_acts[]; /* the agreement on use */
extern const DeskAct desk_grants_acts[];   /* who reads a case: grant, withhold */
extern const DeskAct desk_dates_acts[];    /* from which day a case counts, and why */
extern const DeskAct desk_erase_acts[];    /* destruction by order */
extern const DeskAct desk_handover_acts[]; /* what a leaver has in her hands */
extern const DeskAct desk_incident_acts[]; /* the emergency journal */
extern const DeskAct desk_grounds_acts[];  /* the list of grounds */
extern const DeskAct desk_inspection_acts[]; /* the inspector's file */
extern const DeskAct desk_letters_acts[];  /* a letter goes out: acknowledge */
extern const DeskAct desk_look_acts[];     /* what cases there are, cards, bodies */
extern const DeskAct desk_messages_acts[]; /* what came to a case after its report */
extern const DeskAct desk_limit_acts[];    /* past the limit of looks in a day */
extern const DeskAct desk_log_acts[];      /* who looked, and when */
extern const DeskAct desk_forward_acts[];  /* to a competent organisation or a department */
extern const DeskAct desk_redirect_acts[]; /* to law enforcement: addressees, redirect */
extern const DeskAct desk_people_acts[];   /* who may what */
extern const DeskAct desk_reseal_acts[];   /* messages under fresh file keys */
extern const DeskAct desk_rewrap_acts[];   /* headers for other readers, and newer keys */
extern const DeskAct desk_search_acts[];   /* that she searched her index, and what of it is hers no longer */
extern const DeskAct desk_personal_acts[]; /* what is held on a person; the yearly review */
extern const DeskAct desk_spoiled_acts[];  /* headers that do not open */
extern const DeskAct desk_reply_acts[];    /* a reporter is answered: reply, advise */
extern const DeskAct desk_report_acts[];   /* how many of what, by month */
extern const DeskAct desk_rows_acts[];     /* the register as rows: read, sheets, the paper journal */
extern const DeskAct desk_register_acts[]; /* the register's own octets */
extern const DeskAct desk_add_acts[];      /* a report that did not come by mail */
extern const DeskAct desk_casework_acts[]; /* the row of the register and the course of a case */
extern const DeskAct desk_copies_acts[];   /* copies outside: printed, purged */
extern const DeskAct desk_work_acts[];     /* a case's work: accept */

#endif
