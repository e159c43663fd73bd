#!/bin/sh
# SPDX-License-Identifier: ISC
# notice-hours with the registrar's real calendar and its clock moved: officers are written to at their hours on working days, the
# deputy when a report lies unopened for a working day, and when a term ends within three. The MTA is a script that keeps letters.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
"$senim" keygen -o "$work/dana" --no-passphrase >/dev/null
room_make "$office" "senim@kmo.kz --deputy dana=$work/dana.pub"
printf '#!/bin/sh\nf=$(mktemp %s/part.XXXXXX) && cat >"$f" && mv "$f" %s/letter"${f##*part}"\n' "$work" "$work" >"$work/sendmail"
chmod 755 "$work/sendmail"
sed -i "s|^submit=.*|submit=$work/sendmail|; s|^\[mailbox .*|&\nacknowledge=never|; s|^\[officer \(.*\)\]\$|&\nmail=\1@kmo.kz|" \
	"$office/senim.conf"
registrar_start "$office"
milter_start "$office" # its own clock is not moved: reports come before the registrar's is
officer_conf "$office"
letter one 'A word' | feed "$office" senim@kmo.kz a@example.kz
expect 0 '' list --json
due=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["cases"][0]["due"])')

clock() { # DAY HH:MM:SS in Almaty: the registrar is started anew then
	stop "$registrar" 2>/dev/null || true
	rm -f "$office/run/desk.sock" "$work"/letter.*
	export LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK=$(($(env -u LD_PRELOAD date -d "TZ=\"Asia/Almaty\" $1 $2" +%s) - $(env -u LD_PRELOAD date +%s)))
	registrar_start "$office"
}
got() { # NAME COUNT: so many letters came to her since, and no more come
	for n in $(seq 400); do
		[ "$(grep -l "^To: <$1@kmo.kz>" "$work"/letter.* 2>/dev/null | wc -l)" -ge "$2" ] && break
		sleep 0.05
	done
	[ "$2" != 0 ] || sleep 0.3
	find "$work" -maxdepth 1 -name 'letter.*' -exec /usr/bin/python3 -B "$source/tests/e2e/letter_table.py" notice {} + ||
		fail "$when: a notice is none of its kind"
	[ "$(grep -l "^To: <$1@kmo.kz>" "$work"/letter.* 2>/dev/null | wc -l)" = "$2" ] || fail "$when: $1 did not get $2 letters"
}
# The calendar's own days: `senim why` says which count.
expect 0 '' why 1 --json
working=$(printf '%s' "$out" | /usr/bin/python3 -c '
import json, sys
days = json.load(sys.stdin)["days"]
official = next(d["date"] for d in days if d["why"] == "official")
counted = [d["date"] for d in days if d["counts"] and d["date"] > official]
free = [d["date"] for d in days if not d["counts"] and d["date"] > counted[1]]
print(official, counted[0], counted[1], free[0], counted[-5], counted[-4])')
read -r _ first second free before near <<EOF
$working
EOF

when="$first 08:59"
clock "$first" 08:59:00
got aigul 0
when="$first, at the hour that was missed"
clock "$first" 16:00:30
got aigul 1
got dana 0
got chair 0
when="$second 09:00"
clock "$second" 16:30:00 # the registrar was away at nine: one letter, and the deputy's day has not begun with this one
got aigul 1
! grep -q 'A word\|a@example\|2[0-9]*/1' "$work"/letter.* || fail 'a notice says something of the report'
when="the day off $free"
clock "$free" 16:30:00
got aigul 0
got dana 0
third=$(/usr/bin/python3 -c 'import sys; print(sorted(sys.argv[1:])[-1])' "$second" "$free")
next=$(/usr/bin/python3 -c '
import datetime, sys
day = datetime.date.fromisoformat(sys.argv[1]) + datetime.timedelta(days=1)
while day.weekday() > 4:
    day += datetime.timedelta(days=1)
print(day)' "$third")
when="$next, a report lies there for more than a working day"
clock "$next" 09:00:30
got dana 1
got aigul 1
expect 0 '' show 1 --ground journal
when="$before, four working days before the term ends ($due)"
clock "$before" 09:00:30
got aigul 1
got dana 0
when="$near, three before"
clock "$near" 09:00:30
got dana 1
expect 0 '' verify
