/* SPDX-License-Identifier: ISC */
/* store/people-keeper.h - what a registrar does about its people by itself: at its start, and once a day.
 *
 *   configuration   compared with the register (store/people-config.h). At a start a mailbox that differs takes no mail,
 *                   and the log says so; what began to differ later is only said. Once they agree again, mail is taken.
 *   inactivity      who has not signed in for too long is blocked (store/people-idle.h), but for the last who reads
 *   expiry          keys that end within thirty days, or have ended, are named, addressees' OpenPGP keys too
 *   note            <state-directory>/people is written, for --check-config
 *   erasure         what is due by order goes (store/eraser.h), looked at once a minute
 *
 * Threads:   people_keeper_look() from one at a time; the keeper has a thread of its own.
 * Fails:     never: the log says what could not be done, and the next day tries again. */
#ifndef SENIM_STORE_PEOPLE_KEEPER_H
#define SENIM_STORE_PEOPLE_KEEPER_H

#include "store/registry.h"

typedef struct PeopleKeeper PeopleKeeper;

/* The first look is done when it returns: open the doors behind it. */
PeopleKeeper *people_keeper_start(Registry *registry);
void people_keeper_stop(PeopleKeeper *keeper);
/* Another configuration is in force, or an entry says something of people: look now whether mail is taken again. */
void people_keeper_wake(PeopleKeeper *keeper);

/* One look. starting: what differs puts mail off. */
void people_keeper_look(Registry *registry, gboolean starting);
/* Would this configuration agree with every register? FALSE: a reload with it is refused. Says in the log whom it lacks. */
gboolean people_keeper_accepts(Registry *registry, const Config *config, GError **error);

#endif
