#!/bin/sh
# SPDX-License-Identifier: ISC
# senim shell on a terminal: one sign-in, commands after another, a registrar that is started anew, and how it ends.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
printf 'correct horse\n' >"$work/words"
"$senim" keygen -o "$work/aigul" --passphrase-fd 3 3<"$work/words" >/dev/null
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
letter one 'the text' | feed "$office" senim@kmo.kz askar@example.kz
officer_conf "$office"
expect 2 'for a terminal' shell --passphrase-fd 3 3<"$work/words"

# The python script holds the terminal; this one starts the registrar anew when it asks for it.
mkfifo "$work/ask" "$work/done"
/usr/bin/python3 "$source/tests/cli-shell.py" "$senim" "$work" "$build/tests/short-wait.so" &
python=$!
read -r word <"$work/ask"
[ "$word" = restart ] || fail "the shell's terminal: $word"
stop "$registrar"
registrar_start "$office"
echo done >"$work/done"
wait $python || failed=1

exit $failed
