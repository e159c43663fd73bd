#!/bin/sh
# SPDX-License-Identifier: ISC
# The emergency journal through the real sockets: a registrar that is killed and comes back hours later, a clock that is set,
# planned work, what is entered by officers and by whoever keeps the host, and how it is printed.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
officer_conf "$office"

journal() { # JSON of the journal as aigul has it, to $out
	expect 0 '' incident list --json
}
host() { # WORD...: as whoever keeps the host
	XDG_CONFIG_HOME=/nonexistent "$senim" --config "$office/senim.conf" incident "$@" >"$work/out" 2>"$work/err" </dev/null
}
alive() { # waits until the registrar has said that it lives
	for _ in $(seq 100); do
		[ -s "$office/state/alive" ] && return 0
		sleep 0.05
	done
	fail 'the registrar does not say that it lives'
}
return_after() { # SECONDS: killed now, it comes back so much later
	alive
	kill -9 "$registrar"
	wait "$registrar" 2>/dev/null || true
	rm -f "$office/run/desk.sock" "$office/run/intake.sock"
	export LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK="$1" MOVED_BOOT=yes
	registrar_start "$office"
}
settled() { # N: so many incidents stand in the journal
	for _ in $(seq 100); do
		"$senim" incident list --json >"$work/out" 2>"$work/err" && [ "$(grep -c '"waits"' "$work/out")" = "$1" ] && break
		sleep 0.05
	done
	journal
	json "len(o['incidents']) == $1"
}

# --- nothing yet; what is entered in the file stays small

expect 0 '' incident list
says 'is empty'
alive
[ "$(stat -c %a "$office/state/alive")" = 600 ] || fail 'others can read when the registrar lived'
[ "$(stat -c %s "$office/state/alive")" -lt 512 ] || fail 'the file that says that it lives is large'

# --- half an hour is no incident, three hours are one, also after a death

return_after 1800
settled 0
return_after 12600
settled 1
json "o['incidents'][0]['what'] == 'registrar' and o['incidents'][0]['how'] == 'died' and o['incidents'][0]['waits']"
json "o['incidents'][0]['to'] > o['incidents'][0]['from']"
expect 0 '' incident list
says 'TO BE COMPLETED'
return_after 12700 # and it is entered once
settled 1

# --- completed by the officer, corrected by whoever keeps the host; both stay legible

expect 2 'name the incident' incident complete
expect 1 'no incident 7' incident complete 7
given '{"part": "power", "cause": "no power in the street", "measures": "UPS batteries replaced", "responsible": "Bek S."}' \
	incident complete 1 -
good 'completing'
says 'is completed'
journal
json "not o['incidents'][0]['waits'] and o['incidents'][0]['part'] == 'power' and o['incidents'][0]['completed_by'] == 'aigul'"
given '{"part": "power", "cause": "x"}' incident complete 1 -
[ "$status" = 2 ] || fail "half of a completion is taken: $out"
given '{"part": "cellar", "cause": "x", "measures": "y", "responsible": "z"}' incident complete 1 -
[ "$status" = 2 ] || fail "a part that there is not is taken: $out"

host list || fail "the host does not see its journal: $(cat "$work/err")"
grep -q 'completed' "$work/out" || fail "the host's list does not say what is completed: $(cat "$work/out")"
printf '{"part": "equipment", "cause": "a power supply burnt", "measures": "replaced", "needed": "2 h", "responsible": "Bek S."}' |
	XDG_CONFIG_HOME=/nonexistent "$senim" --config "$office/senim.conf" incident complete 1 - >"$work/out" 2>&1 ||
	fail "the host cannot complete an incident: $(cat "$work/out")"
expect 0 '' incident show 1
says 'no power in the street'
says 'a power supply burnt'
says 'corrected later'
says 'by root'

# --- by hand, and its end

expect 2 'say when' incident open --part flood
given '{"cause": "a pipe burst"}' incident open - --from 2026-11-01T10:00 --part flood
good 'opening'
given '{"part": "flood", "cause": "a pipe burst", "measures": "pumped out", "responsible": "Bek S."}' incident complete 2 -
[ "$status" = 3 ] || fail "what lasts is completed without its end: $out"
given '{"part": "flood", "cause": "a pipe burst", "measures": "pumped out", "responsible": "Bek S."}' \
	incident complete 2 - --to 2026-11-01T09:00
[ "$status" = 2 ] || fail "an incident ends before it begins: $out"
given '{"part": "flood", "cause": "a pipe burst", "measures": "pumped out", "responsible": "Bek S."}' \
	incident complete 2 - --to 2026-11-01T13:30
good 'completing what was opened by hand'
journal
json "o['incidents'][1]['to'][:16] == '2026-11-01T13:30' and o['incidents'][1]['by'] == 'aigul'"

# --- work that is announced beforehand; an outage within it is planned, one that outlasts it is not

at() { # SECONDS from the moved now, as it is typed
	TZ=Asia/Almaty /usr/bin/python3 -c "import time; print(time.strftime('%Y-%m-%dT%H:%M', time.localtime(time.time() + $1)))"
}
expect 3 'before it begins' incident plan --from 2026-11-01T10:00 --to 2026-11-01T12:00 --what 'a new disk'
expect 0 '' incident plan --from "$(at 120)" --to "$(at 18000)" --what 'a new disk'
expect 0 '' incident plan --from "$(at 90000)" --to "$(at 99000)" --what 'a new cable'
expect 0 '' incident cancel 2
expect 3 'cancelled already' incident cancel 2
expect 0 '' incident list
says 'a new disk'
return_after 13000
return_after 16900 # within it: an hour and five minutes
settled 3
json "o['incidents'][2]['what'] == 'registrar' and o['incidents'][2]['planned'] and not o['incidents'][2]['waits']"
return_after 46600 # and longer than was announced
settled 4
json "not o['incidents'][3]['planned'] and o['incidents'][3]['waits']"

# --- a clock that is set is no outage

alive
kill -9 "$registrar"
wait "$registrar" 2>/dev/null || true
rm -f "$office/run/desk.sock" "$office/run/intake.sock"
unset MOVED_BOOT # from here on the clock that never leaps is the host's: it is behind what it was
rm "$office/state/alive"
registrar_start "$office"
alive
MOVED_CLOCK=60000
kill -9 "$registrar"
wait "$registrar" 2>/dev/null || true
rm -f "$office/run/desk.sock" "$office/run/intake.sock"
registrar_start "$office"
settled 5
json "o['incidents'][4]['what'] == 'clock' and o['incidents'][4]['how'] == 'ahead'"

# --- the form of annex 7: six parts and a seventh, in three languages, as text, page and PDF

for language in kk ru en; do
	expect 0 '' incident print --language "$language" --format html --output "$work/journal.$language.html"
	[ "$(grep -c '<h2>' "$work/journal.$language.html")" = 7 ] || fail "the form in $language has not seven parts"
	expect 0 '' incident print --language "$language" --format pdf --output "$work/journal.$language.pdf"
	[ "$(head -c 5 "$work/journal.$language.pdf")" = %PDF- ] || fail "there is no PDF in $language"
done
expect 0 '' incident print
says '5. Actions where the electric power fails'
says 'Planned work, announced beforehand: a new disk'
expect 0 '' incident print --year 2019
case $out in *'a pipe burst'*) fail 'another year has what happened in this one' ;; esac

expect 0 '' verify
exit $failed
