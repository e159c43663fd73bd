/* SPDX-License-Identifier: ISC */
/* cli/transcribe.h - hear and write: a recording played beside a text that she types.
 *
 * On the officer's screen function keys drive the recording while everything else is typed into the text; line by line, for
 * a screen reader, a line of one sign does. *text is what the text begins with (NULL: nothing), and what it was in the end,
 * also where she left without saving: it is nowhere but there.
 * The recording waits until she starts it. Threads: one. */
#ifndef SENIM_CLI_TRANSCRIBE_H
#define SENIM_CLI_TRANSCRIBE_H

#include "cli/player.h"
#include "cli/wipe.h"

#define TRANSCRIBE_MOST 32768 /* octets, SEALED_TEXT_MAX */

/* TRUE: she saves it. The screen has to be up. kept: what she leaves is found again until senim ends. */
gboolean transcribe_screen(Player *player, const char *title, gboolean kept, WipeText **text);
gboolean transcribe_lines(Player *player, const char *title, WipeText **text, GError **error);

#endif
