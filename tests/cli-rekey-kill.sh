#!/bin/sh
# SPDX-License-Identifier: ISC
# Going over to a newer key, with the officer's program killed in its midst, and the registrar: the same command goes on,
# and all ends as where nobody was killed.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
letters=60
for n in $(seq $letters); do
	letter "n$n" "page $n" | feed "$office" senim@kmo.kz "r$n@example.kz" || fail 'feed'
done
G='--ground answer'
for n in 1 2 3; do
	"$senim" show $n --ground "looking for number $n" >/dev/null 2>&1 || fail 'show'
done
"$senim" keygen --no-passphrase -o "$work/newer" >/dev/null || fail 'keygen'
expect 0 '' rekey "$work/newer" $G --json
words=$(printf '%s' "$out" | /usr/bin/python3 -c "import json,sys; print(json.load(sys.stdin)['words_ru'])")
expect 0 '' officer confirm aigul --words "$words" --officer deputy --identity "$work/deputy"
stop "$registrar"
cp -a "$office" "$work/aside"
cp -a "$work/state" "$work/known"

restore() {
	rm -rf "$office/state" "$work/state"
	cp -a "$work/aside/state" "$office/state"
	cp -a "$work/known" "$work/state"
}
headers() { # of a store that is stopped
	"$senim" custody check --config "$office/senim.conf" --json >"$work/check" 2>"$work/err" || fail "custody check: $(cat "$work/err")"
	/usr/bin/python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["headers"])' "$work/check"
}
begin_rekey() {
	# shellcheck disable=SC2086 # two words
	"$senim" rekey "$work/newer" $G --json >"$work/out" 2>"$work/err" &
	pid=$!
}
ended() { # the state that it must come to
	for n in 1 30 $letters; do
		expect 0 '' show $n $G --identity "$work/newer"
		says "page $n"
	done
	expect 0 '' log --json --identity "$work/newer"
	json '{"looking for number 1", "looking for number 3"} <= {e["ground_text"] for e in o["log"]}'
	expect 3 'does not accept your key' list
	expect 0 '' verify --identity "$work/newer"
}

registrar_start "$office"
begun=$(date +%s%N)
begin_rekey
wait $pid || fail "rekey: $(cat "$work/err")"
took=$(($(date +%s%N) - begun))
out=$(cat "$work/out")
json "o['sealed'] == $letters and o['freed'] == $letters and o['grounds'] == o['grounds_freed'] == 3 and o['done']"
ended
stop "$registrar"
whole=$(headers)

pause() { # TENTHS of the time that all of it takes
	sleep "$(/usr/bin/python3 -c "print($took * $1 / 10 / 1e9)")"
}
kills=0
for round in '1 2 3' '1 5 4' '2 8 3' '1 9'; do
	restore
	registrar_start "$office"
	for tenth in $round; do
		begin_rekey
		pause $tenth
		kill -9 $pid 2>/dev/null && kills=$((kills + 1))
		wait $pid 2>/dev/null || true
	done
	begin_rekey
	wait $pid || grep -q 'does not accept your key' "$work/err" || fail "rekey behind the kills: $(cat "$work/err")"
	ended
	stop "$registrar"
	[ "$(headers)" = "$whole" ] || fail "the officer's program killed, there are $(headers) headers, and $whole else"
done
# On a busy machine the first run is the slowest, and a later one may be over before its blow.
[ "$kills" -ge 2 ] || fail "the officer's program was hit $kills times"
[ "$failed" = 0 ] && echo "ok - killed $kills times on the officer's machine, it goes on and ends the same"

kills=0
for tenth in 2 4 6 8; do
	restore
	registrar_start "$office"
	begin_rekey
	pause $tenth
	kill -9 "$registrar" && kills=$((kills + 1))
	wait "$registrar" 2>/dev/null || true
	wait $pid 2>/dev/null || true
	rm -f "$office/run/desk.sock" # for the one that waits until it is there again
	registrar_start "$office"
	begin_rekey
	wait $pid || grep -q 'does not accept your key' "$work/err" || fail "rekey behind a dead registrar: $(cat "$work/err")"
	ended
	stop "$registrar"
	[ "$(headers)" = "$whole" ] || fail "the registrar killed, there are $(headers) headers, and $whole else"
done
[ "$failed" = 0 ] && echo "ok - with the registrar killed $kills times under it, it goes on and ends the same"
exit $failed
