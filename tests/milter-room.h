/* SPDX-License-Identifier: ISC */
/* tests/milter-room.h - what the tests of the milter's room stand in: a directory, a configuration, a registrar. */
#ifndef SENIM_TESTS_MILTER_ROOM_H
#define SENIM_TESTS_MILTER_ROOM_H

#include "base/config.h"
#include "tests/fake-registrar.h"

typedef struct {
	char *directory;
	char *config_path;
	char *intake;
	FakeRegistrar *registrar;
} MilterRoom;

/* Two mailboxes, senim@kmo.kz (also ethics@kmo.kz) and board@kmo.kz. */
MilterRoom *milter_room_new(void);
void milter_room_free(MilterRoom *room);
/* Writes the configuration anew, with more lines, or "", for [senim] and [mailbox senim@kmo.kz]. */
void milter_room_configure(MilterRoom *room, const char *more, const char *of_mailbox);
Config *milter_room_config(const MilterRoom *room);

#endif
