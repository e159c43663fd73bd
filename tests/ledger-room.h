/* SPDX-License-Identifier: ISC */
/* tests/ledger-room.h - a log in a directory of its own, a clock that a test moves, and reports to put into it. */
#ifndef SENIM_TESTS_LEDGER_ROOM_H
#define SENIM_TESTS_LEDGER_ROOM_H

#include "store/custody.h"
#include "store/ledger.h"
#include "store/note.h"

typedef struct {
	char *top;       /* a temporary directory; the log lies in top/log */
	char *directory;
	CustodyKey *custody;
	NoteSigner *signer;
	guint8 store_id[16];
	LedgerOptions options;
	Ledger *ledger;  /* open, or NULL */
	gboolean attached;
} Room;

/* Both clocks of every room; 2026-11-21 12:00 UTC at first, Almaty's evening. */
extern gint64 room_time, room_uptime;

Room *room_new(void);
/* base NULL: the directory for temporary files. */
Room *room_new_in(const char *base);
/* The room of another process, in its directory. */
Room *room_attach(const char *top);
void room_free(Room *room); /* and its directory, unless it was attached */
void room_open(Room *room);
void room_close(Room *room);
/* The start must fail with that code; its message (transfer full). */
char *room_refuses(Room *room, LedgerError code);
/* room_time and room_uptime go on together. */
void room_wait(gint64 seconds);

typedef struct {
	LedgerReport report;
	LedgerHeader headers[8];
	Record *facts, *letter;
} RoomReport;

/* seed tells reports apart: case id, payload and message digest come from it. size 0: a small payload; else a file. */
RoomReport *room_report(Room *room, guint seed, gsize size);
void room_report_free(RoomReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RoomReport, room_report_free)
/* Another automatic kind than `-` makes it an arrival of the X series. */
void room_report_fact(RoomReport *report, const char *key, const char *value);
/* Not sealed to the officer. */
void room_report_without_aigul(RoomReport *report);
LedgerOutcome room_register(Room *room, RoomReport *report);
/* What another report's octets make of the message of entry seq, under fresh file keys. replaces: the state that is thought to
 * lie there; card FALSE: the body alone. */
gboolean room_seal_anew(Room *room, RoomReport *with, guint64 seq, guint64 replaces, gboolean card, GError **error);
/* ledger_state(), which must succeed. */
guint64 room_state(Room *room, guint64 seq, SealPart part);
/* Makes one and registers it; must succeed. Returns its seq. */
guint64 room_take(Room *room, guint seed);

/* The check finds nothing. */
void room_is_sound(Room *room);
/* The sentences that the check finds (transfer full). */
GPtrArray *room_faults(Room *room);
/* Runs SQL on a database of the closed log, as a hand would. */
void room_sql(Room *room, const char *file, const char *sql);
/* Copies a file of the log under another name within it. */
void room_copy(Room *room, const char *from, const char *to);
char *room_path(const Room *room, const char *name);
gboolean room_has(const Room *room, const char *name);

#endif
