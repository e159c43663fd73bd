#!/bin/sh
# SPDX-License-Identifier: ISC
# Sealing everything anew, with the officer's program killed in its midst, and the registrar: the same command goes on where it
# was, and each report is there, once, as it came.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
letters=16
for n in $(seq $letters); do
	if [ $((n % 8)) = 0 ]; then
		{ letter "n$n" "page $n"; head -c 90000 /dev/urandom | base64; } | feed "$office" senim@kmo.kz "r$n@example.kz" || fail 'feed'
	else
		letter "n$n" "page $n" | feed "$office" senim@kmo.kz "r$n@example.kz" || fail 'feed'
	fi
done
stop "$milter"
G='--ground answer'
files() { find "$office/state/senim@kmo.kz/vault" -name '*.pay' | sort; }
files >"$work/old"
begin_reseal() {
	# shellcheck disable=SC2086 # two words
	"$senim" rekey --reseal --all $G --json >"$work/out" 2>"$work/err" &
	pid=$!
}
kills=0
done=0
began=$(date +%s%N)
begin_reseal
wait $pid || fail "rekey --reseal: $(cat "$work/err")"
took=$(($(date +%s%N) - began))
pause() { # TENTHS of the time that all of it takes
	sleep "$(/usr/bin/python3 -c "print($took * $1 / 10 / 1e9)")"
}
count() {
	done=$((done + $(/usr/bin/python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["resealed"])' "$work/out")))
}
count
[ "$done" = $letters ] || fail "$done of $letters are sealed anew"

for tenth in 2 3 4; do
	begin_reseal
	pause $tenth
	kill -9 $pid 2>/dev/null && kills=$((kills + 1))
	wait $pid 2>/dev/null || true
done
for tenth in 3 5; do
	begin_reseal
	pause $tenth
	kill -9 "$registrar" && kills=$((kills + 1))
	wait "$registrar" 2>/dev/null || true
	wait $pid 2>/dev/null || true
	rm -f "$office/run/desk.sock"
	registrar_start "$office"
done
begin_reseal
wait $pid || fail "rekey --reseal behind the kills: $(cat "$work/err")"
out=$(cat "$work/out")
json "o['left'] == 0"
[ "$kills" -ge 3 ] || fail "it was hit $kills times"
for n in $(seq $letters); do
	expect 0 '' show $n $G
	says "page $n"
	[ $((n % 4)) != 0 ] || { expect 0 '' show $n $G --officer deputy --identity "$work/deputy"; says "page $n"; }
done
expect 0 '' verify
files >"$work/new"
[ "$(wc -l <"$work/new")" = "$(wc -l <"$work/old")" ] || fail "the vault has $(wc -l <"$work/new") files"
[ -z "$(comm -12 "$work/old" "$work/new")" ] || fail 'an old file lies there still'
stop "$registrar"
expect 0 '' verify --store "$office"
[ "$failed" = 0 ] && echo "ok - killed $kills times, each report is there as it came"
exit $failed
