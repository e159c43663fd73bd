#!/bin/sh
# SPDX-License-Identifier: ISC
# On a terminal: passphrases are not echoed, a ground is asked for, long text goes through a tamed pager, and nothing raw is
# written to it (tests/cli-terminal.py holds the terminal).
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
rm "$work/deputy" "$work/deputy.pub"
registrar_start "$office"
milter_start "$office"
{
	letter long 'the first line'
	seq 200
} | feed "$office" senim@kmo.kz askar@example.kz
officer_conf "$office"
unset TERM
/usr/bin/python3 "$source/tests/cli-terminal.py" "$senim" "$work"
