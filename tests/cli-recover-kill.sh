#!/bin/sh
# SPDX-License-Identifier: ISC
# A recovery that is killed: at any moment, again and again, the same command goes on and ends in the same state.
. "${srcdir:-.}/tests/cli-room.sh"

for name in aigul deputy chair safe safe2 ana bek dana; do
	"$senim" keygen -o "$work/$name" --no-passphrase >/dev/null
done
store=$work/store
conf=$store/senim.conf
"$senim" init "$store" --mailbox senim@kmo.kz --officer aigul="$work/aigul.pub" --officer deputy="$work/deputy.pub" \
	--recovery "$work/safe.pub" --prove "$work/safe" --sheet "$work/sheet" --set examiner="$build/parser/senim-examine" \
	--set templates="$source/policy/letters" --set grounds="$source/policy/grounds.conf" \
	--set categories="$source/policy/categories.conf" --set rules="$source/policy/rules" --set submit=/bin/true \
	--set timezone=Asia/Almaty >/dev/null 2>"$work/err" || { cat "$work/err"; exit 1; }
registrar_start "$store"
milter_start "$store"
officer_conf "$store"
letters=30
for n in $(seq $letters); do
	letter "n$n" "page $n" | feed "$store" senim@kmo.kz "r$n@example.kz" || fail 'feed'
done
stop "$registrar"
"$senim" recover --split --config "$conf" --identity "$work/safe" --holder ana="$work/ana.pub" --holder bek="$work/bek.pub" \
	>/dev/null || fail 'split'
rm "$work/aigul" "$work/deputy"
tries=0
begin_recover() { # the command as it is typed, $pid; a sheet of its own each time
	tries=$((tries + 1))
	"$senim" recover --config "$conf" --share ana="$work/ana" --share bek="$work/bek" --officer dana="$work/dana.pub" \
		--recovery next="$work/safe2.pub" --sheet "$work/sheet-$tries" >"$work/out" 2>"$work/err" &
	pid=$!
}
recover() {
	begin_recover
	wait $pid
}
headers() {
	"$senim" custody check --config "$conf" --prove "$work/safe2" --json >"$work/check" 2>"$work/err" ||
		fail "custody check: $(cat "$work/err" "$work/check")"
	/usr/bin/python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["headers"])' "$work/check"
}

# What it comes to when nobody kills it, and how long that takes.
cp -a "$store" "$work/aside"
begun=$(date +%s%N)
recover || fail "recover: $(cat "$work/err")"
took=$(($(date +%s%N) - begun))
whole=$(headers)

kills=0
for round in '1 2 3 4' '1 6 2 5' '8 9 1' '2 8 6' '1 4 3'; do
	rm -rf "$store"
	cp -a "$work/aside" "$store"
	for tenth in $round; do
		begin_recover
		sleep "$(/usr/bin/python3 -c "print($took * $tenth / 10 / 1e9)")"
		kill -9 $pid 2>/dev/null && kills=$((kills + 1))
		wait $pid 2>/dev/null || true
	done
	recover || fail "recover behind the kills: $(cat "$work/err")"
	[ "$(headers)" = "$whole" ] || fail "killed, it ends with $(headers) headers, and with $whole when it is let be"
	[ ! -e "$store/keys/custody.next" ] && [ ! -e "$store/recovery/keys-next.age" ] || fail 'something of the rotation was left'
done
[ "$kills" -ge 3 ] || fail "the recovery was hit $kills times"

registrar_start "$store"
dana() {
	run "$@" --officer dana --identity "$work/dana"
	[ "$status" = 0 ] || fail "dana: senim $* ended in $status: $err"
}
dana verify
dana show 1 --ground recovery
says 'page 1'
dana show $letters --ground recovery
says "page $letters"
dana officer list --json
json '[p["state"] for p in o["people"] if p["name"] == "recovery"] == ["blocked"]'
json '[p["state"] for p in o["people"] if p["name"] in ("dana", "next")] == ["active"] * 2'
[ "$failed" = 0 ] && echo "ok - a recovery that was killed $kills times ends as one that was not"
exit $failed
