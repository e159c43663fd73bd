/* SPDX-License-Identifier: ISC */
/* cli/player.h - a recording in memory, played by a program that the officer chose, while she types what she hears.
 *
 * A stranger's sound is decoded in a process of its own: mpv(1), or what speaks its JSON IPC. It inherits two descriptors
 * and nothing else: one end of a socket pair, over which it is driven, and the recording in a nameless file in memory
 * (memfd_create(2)), so that neither has a name in any file system. It gets no home, no configuration, no terminal, and,
 * where the kernel lets it, no network (a sound server of this machine is a Unix socket). The form of the recording is the
 * one that cli/content.h saw: a play list or a document that calls itself a sound is not opened by it.
 * It ends with the Player, also when senim is killed.
 *
 * The file's pages are locked where the limit of locked memory lets it, and wiped when it goes.
 * Waiting:   5 s at most for an answer of the program, when it is started. Threads: one.
 * Fails:     NULL and *error in CLI_ERROR: what it is cannot be played, no such program, or it could not play it. */
#ifndef SENIM_CLI_PLAYER_H
#define SENIM_CLI_PLAYER_H

#include <glib.h>

#define PLAYER_DEFAULT "mpv"

typedef struct {
	double position, length; /* seconds; negative: not known */
	gboolean paused;         /* also at the end */
	gboolean over;           /* the program has ended: nothing is played any more */
} PlayerState;

typedef struct Player Player;

/* Can a recording of that media type (cli/content.h) be played? */
gboolean player_knows(const char *type);
/* Stands at the beginning, and waits. command: the program and its own arguments. */
Player *player_start(const char *command, const char *type, const void *octets, gsize size, GError **error);
void player_free(Player *player);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Player, player_free)
/* The recording may reach a disk through swap. */
gboolean player_swappable(const Player *player);
/* Is it cut off from the network? */
gboolean player_is_cut_off(const Player *player);

/* Goes on, or waits; at the end it begins again. */
void player_toggle(Player *player);
/* So many seconds on, or back. */
void player_skip(Player *player, double seconds);
/* Where it is, as it said last, and asks it anew; waits for nothing. */
PlayerState player_look(Player *player);

#endif
