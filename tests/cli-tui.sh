#!/bin/sh
# SPDX-License-Identifier: ISC
# senim alone, on a real terminal (tmux, 80 columns): from the list to a filled row, by keys alone, as an officer does it.
command -v tmux >/dev/null || { echo 'needs tmux'; exit 77; }
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
letter one 'The warehouse sells off stock. My telephone is 8 701 123 45 67.' | feed "$office" senim@kmo.kz askar@example.kz
letter two 'I will kill you and burn down your house.' | feed "$office" senim@kmo.kz dana@example.kz
letter three 'The accountant signs for goods that never came.' | feed "$office" senim@kmo.kz ivan@example.kz
officer_conf "$office"
printf 'language = en\n' >>"$XDG_CONFIG_HOME/senim/officer.conf"

servers=0
t() { tmux -S "$work/tmux$servers" -f /dev/null "$@"; }
tui_end() {
	t kill-server 2>/dev/null || true
	room_end
}
trap tui_end EXIT
keys() { t send-keys "$@"; }

tui_start() { # a terminal with a shell's line before and after senim
	rm -f "$work/ended"
	t kill-server 2>/dev/null || true
	servers=$((servers + 1)) # a socket of its own: the server before may still be going
	t new-session -d -x 80 -y 24 "echo before; '$senim' 2>'$work/err'; echo \$? >'$work/ended'; exec sleep 100"
}

sees() { # WORD: on the terminal, within ten seconds
	for _ in $(seq 100); do
		t capture-pane -p >"$work/seen"
		grep -q -F -- "$1" "$work/seen" && return 0
		sleep 0.1
	done
	fail "the screen does not show “$1”: $(cat "$work/seen")"
}

ended() { # STATUS
	for _ in $(seq 100); do
		[ -s "$work/ended" ] && break
		sleep 0.1
	done
	[ "$(cat "$work/ended" 2>/dev/null)" = "$1" ] || fail "the screen ended with $(cat "$work/ended" 2>/dev/null), not $1"
}

export TERM=screen-256color
year=$(date +%Y)
tui_start
sees 'NEEDS A DECISION (1)'
sees 'NEW (2)'
sees "$year/2"
sees 'Enter open'
grep -q 'URGENT' "$work/seen" || fail 'danger is not said in the list'
[ "$(sed -n 4p "$work/seen" | grep -c "$year/2")" = 1 ] || fail 'what needs a decision does not stand first'
grep -q 'warehouse' "$work/seen" && fail 'the list shows content'

# --- a case from arrival to a filled row

keys Down
keys Enter
sees 'Ground (why you look)'
keys 1
sees 'The warehouse sells off stock'
keys F3
sees 'Surname'
keys 'Akhmetov'
keys Down 'Askar' Down Down Down
sees 'F4 +77011234567'
keys F4 F2
sees 'Entered into the row'
expect 0 '' show 1 --row --ground g
says 'Akhmetov'
says '+77011234567'
says 'Askar'

# --- what was typed is not lost where the registrar is away, and a bad date is said beside its field

keys F2
sees 'Form: resolution'
keys 2
sees 'Date of the resolution'
keys 'Checked' Down '31.13.2026' F2
sees 'YYYY-MM-DD'
keys C-u
keys "20.11.$year"
stop "$registrar"
keys F2
sees 'does not answer'
registrar_start "$office"
keys F2
sees 'Form: resolution'
keys 2
sees 'Checked'
keys F2
sees 'Entered into the row'
expect 0 '' show 1 --row --ground g
says 'Checked'
says "$year-11-20"

# --- the rest of the office, by the menu and by digits

keys 7
sees 'What is due, and when'
keys 2
sees LATER
keys Escape
sees 'Enter open'
keys F2
sees 'Put on hold'
keys "$(sed -n 's/^  \(.\)  Put on hold.*/\1/p' "$work/seen")"
sees 'In your own words'
keys 'an inspection' Enter
sees 'is on hold'
keys 1
sees 'THE LIST'
keys Escape
keys F10
ended 0
t capture-pane -p -S - >"$work/seen"
grep -q "$year/1\|warehouse\|Akhmetov" "$work/seen" && fail "something of a case stays on the terminal: $(cat "$work/seen")"
grep -q before "$work/seen" || fail 'the terminal is not as it was'

# --- however it ends

tui_start
sees 'Enter open'
pid=$(pgrep -f "^$senim$" | head -n 1)
kill -TERM "$pid"
ended 0
t capture-pane -p >"$work/seen"
grep -q "$year/" "$work/seen" && fail 'SIGTERM leaves the list on the terminal'

# --- for a screen reader: lines and numbers

printf 'screen = plain\n' >>"$XDG_CONFIG_HOME/senim/officer.conf"
tui_start
sees 'The number of a case'
sees "1. $year/2"
keys 3 Enter
sees 'Read it'
keys 1 Enter
sees 'Ground (why you look)'
keys 1
sees 'The warehouse sells off stock'
keys 3 Enter
sees '0 leave'
keys 0 Enter
ended 0

# --- without a terminal there is no screen

expect 2 'no command was named'

exit $failed
