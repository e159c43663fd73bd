#!/bin/sh
# SPDX-License-Identifier: ISC
# What time does to an access, with both programs' clocks moved: nights and free days in the monthly report, a key that
# expires, an officer who stays away; and intake that is put off.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
day=86400
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office" # the milter's own clock is not moved: the registrar would notice
officer_conf "$office"
for n in $(seq 22); do # the last one is opened by nobody
	letter "$n" 'A word' | feed "$office" senim@kmo.kz a@example.kz
done

# A Sunday at three in the morning, whose Monday and Tuesday are in the same month: seconds from now.
sunday=$(/usr/bin/python3 -c '
import datetime as d, zoneinfo
now = d.datetime.now(zoneinfo.ZoneInfo("Asia/Almaty"))
night = now.replace(hour=3, minute=0, second=0) + d.timedelta(days=1)
while night.weekday() != 6 or (night + d.timedelta(days=2)).month != night.month:
    night += d.timedelta(days=1)
print(int((night - now).total_seconds()), night.strftime("%Y-%m"))')
month=${sunday#* }
sunday=${sunday% *}
monday=$((sunday + day + 9 * 3600))

clock() { # SECONDS from now: the registrar is started anew, and this is what the officers' machines say too
	stop "$registrar" 2>/dev/null || true
	rm -f "$office/run/desk.sock"
	export LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK="$1"
	registrar_start "$office"
}

as() { # NAME STATUS WORD ARGUMENT...
	who=$1 wanted=$2 word=$3
	shift 3
	expect "$wanted" "$word" "$@" --officer "$who" --identity "$work/$who"
}
hears() { # WORD: on standard error of the last command
	case $err in *"$1"*) ;; *) fail "it is not said that $1: $err" ;; esac
}
silent() { # WORD
	case $err in *"$1"*) fail "it is said too early that $1: $err" ;; esac
}

# --- nights and free days

clock "$sunday"
expect 0 '' show 1 --ground journal
clock "$monday"
as deputy 0 '' show 1 --ground journal
as chair 0 '' log --report --month "$month" --json
json '{p["officer"]: (p["night"], p["free_days"]) for p in o["officers"]}["aigul"] == (1, 1)'
json '{p["officer"]: p["night"] for p in o["officers"]}["deputy"] == 0'
json '"night" in {p["officer"]: p["stands_out"] for p in o["officers"]}["aigul"]'

# --- more than twenty cases on one day stand out, not in two, and not the same one again

aigul_report() { # KEY: what the month's report counts of her
	as chair 0 '' log --report --month "$month" --json
	printf '%s' "$out" | /usr/bin/python3 -c "import json,sys; print(*[p['$1'] for p in json.load(sys.stdin)['officers'] if p['officer'] == 'aigul'])"
}
looks() { # CASE...
	for n in "$@"; do
		"$senim" show "$n" --raw --ground journal >/dev/null 2>"$work/err" || fail "show $n: $(cat "$work/err")"
	done
}
looks $(seq 2 21) 2 # twenty; the first was looked at on Sunday
[ "$(aigul_report many)" = 0 ] || fail 'twenty cases a day are many already'
looks 1
[ "$(aigul_report many)" = 1 ] || fail 'twenty-one cases on one day do not stand out'
case $(aigul_report stands_out) in *many*) ;; *) fail 'a bulk of looks does not stand out' ;; esac

# --- the day of looks-per-day begins at midnight where the organisation is, and so ends another's permission

limit() { # LOOKS: of the day on which they stand
	sed -i '/^looks-/d; s/^\[mailbox .*/&\nlooks-per-day = '"$1"'\nlooks-limit = hard/' "$office/senim.conf"
}
limit 23 # on Monday she had twenty-two
clock $((monday + 11 * 3600))
looks 3
expect 3 'another reader' show 3 --ground journal
as deputy 0 '' officer allow aigul 3
looks 3 3
expect 3 'another reader' show 4 --ground journal
limit 2
clock $((monday + 12 * 3600 + 600))
looks 4 3
expect 3 'another reader' show 3 --ground journal
[ "$(aigul_report exceeded)" = 2 ] || fail 'who went past the limit on two days stands in the report once'
sed -i '/^looks-/d' "$office/senim.conf"

# --- a key with forty days

expires=$(/usr/bin/python3 -c "import time; print(time.strftime('%Y-%m-%d', time.gmtime(time.time() + 40 * $day)))")
expect 0 '' keygen --no-passphrase -o "$work/dana" --expires "$expires"
expect 0 '' officer add dana "$work/dana.pub" --role deputy --order 1
expect 0 '' enroll --officer dana --identity "$work/dana" --log-pub "$work/dana.log.pub" --json
words=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["words_kk"])')
as deputy 0 '' officer confirm dana --words "$words"
as dana 0 '' list
silent 'expires on'
clock $((monday + 15 * day))
as dana 0 '' list
hears "dana (senim@kmo.kz): the key expires on $expires"
clock $((monday + 42 * day))
as dana 3 'expired' list
expect 0 '' officer list
says 'key expired'

# --- an officer who stays away while there is something to read: told ten days before, blocked after sixty

clock $((monday + 49 * day))
expect 0 '' list
silent 'has not signed in'
clock $((monday + 52 * day))
expect 0 '' list
hears 'deputy (senim@kmo.kz): has not signed in for long, and is blocked on'
clock $((monday + 62 * day))
expect 0 '' officer list
says 'blocked by itself'
as deputy 3 'blocked' list
expect 0 '' officer unblock deputy --order 2
as deputy 0 '' list
expect 0 '' verify
unset LD_PRELOAD MOVED_CLOCK

# --- intake that is put off for ten minutes: the milter, as it runs, tells whoever keeps the host, and that it is over

busy=$work/busy # a register of its own: its clock goes ahead
room_make "$busy" senim@kmo.kz
printf '#!/bin/sh\necho "$*" >>%s\n' "$work/paged" >"$work/page"
chmod 755 "$work/page"
sed -i "s|^\[senim\]|&\nalarm=command:$work/page|" "$busy/senim.conf"
cp "$busy/senim.conf" "$work/good.conf"
sed -i 's|^officers=.*|officers=aigul\ndeputies=deputy|' "$busy/senim.conf" # not what the register has of him: nothing is taken
cmp -s "$busy/senim.conf" "$work/good.conf" && fail 'the configuration is still a good one'
registrar_start "$busy"
printf '%32s' 0 >"$work/moved"
pages() { # LINES within ten seconds
	for _ in $(seq 100); do
		[ "$(cat "$work/paged" 2>/dev/null)" = "$1" ] && return 0
		sleep 0.1
	done
	fail "whoever keeps the host was told “$(cat "$work/paged" 2>/dev/null)”, not “$1”: $(tail -n 3 "$work/milter.log")"
}
export LD_PRELOAD="$build/tests/move-clock.so $build/tests/short-wait.so" MOVED_CLOCK_FILE="$work/moved"
milter_start "$busy"
unset LD_PRELOAD MOVED_CLOCK_FILE
for moment in 0 590 610; do
	printf '%32s' "$moment" | dd of="$work/moved" conv=notrunc 2>/dev/null
	status=0
	letter early 'A word' | feed "$busy" senim@kmo.kz a@example.kz 2>/dev/null || status=$?
	[ "$status" = 75 ] || fail "a report that nobody takes is answered $status, not 75"
	[ "$moment" = 610 ] || sleep 0.5
	[ "$moment" = 610 ] || [ ! -e "$work/paged" ] || fail "the alarm comes before its time, after $moment seconds"
done
pages 'intake begins'
stop "$registrar"
rm -f "$busy/run/desk.sock"
cp "$work/good.conf" "$busy/senim.conf"
export LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK=610
registrar_start "$busy"
unset LD_PRELOAD MOVED_CLOCK
letter late 'A word' | feed "$busy" senim@kmo.kz a@example.kz || fail 'a report is not taken again'
sleep 0.5
[ "$(cat "$work/paged")" = 'intake begins' ] || fail 'it is said to be over before it is quiet'
printf '%32s' 8000 | dd of="$work/moved" conv=notrunc 2>/dev/null
pages "$(printf 'intake begins\nintake over')"
stop "$milter"
stop "$registrar"

exit $failed
