# SPDX-License-Identifier: ISC
# tests/cli-screen.sh - a real terminal of 80 columns (tmux) for the officer's screen, to be sourced after cli-room.sh.
command -v tmux >/dev/null || { echo 'needs tmux'; exit 77; }
export TERM=screen-256color
servers=0
trace= # what stands before senim in that terminal, as strace
t() { tmux -S "$work/tmux$servers" -f /dev/null "$@"; }
tui_end() {
	tui_ended=$?
	t kill-server 2>/dev/null || true
	room_end "$tui_ended"
}
trap tui_end EXIT
keys() { t send-keys "$@"; }

tui_start() { # [ARGUMENT...]: a terminal with a shell's line before and after senim
	rm -f "$work/ended"
	t kill-server 2>/dev/null || true
	servers=$((servers + 1)) # a socket of its own: the server before may still be going
	t new-session -d -x 80 -y 24 "echo before; $trace '$senim' $* 2>'$work/err'; echo \$? >'$work/ended'; exec sleep 100"
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
