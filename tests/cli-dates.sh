#!/bin/sh
# SPDX-License-Identifier: ISC
# From which day a case counts and when it is due, as the officer asks it: against a second computation, in Python.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz ethics@kmo.kz
sed -i 's/^\[mailbox ethics@kmo.kz\]$/&\nworking-hours = 09:00-17:00\nterm-working-days = 3/' "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
letter one text | feed "$office" senim@kmo.kz askar@example.kz

# --- words that are wrong

expect 2 'a case or a moment' why
expect 2 'a case or a moment' why 1 --at 2026-03-06T18:42
expect 2 'is no moment' why --at yesterday --mailbox senim@kmo.kz
expect 2 'several mailboxes' why --at 2026-03-06T18:42
expect 2 'no mailbox' why --at 2026-03-06T18:42 --mailbox nobody@kmo.kz

# --- each day by its name

expect 0 '' why --at 2026-03-06T18:42 --mailbox senim@kmo.kz --json
json 'o["schema"] == 1 and o["official_date"] == "2026-03-10" and o["due"] == "2026-04-03"'
json '[d["counts"] for d in o["days"][:6]] == [False, False, False, False, True, True]'
json '[d["why"] for d in o["days"][:5]] == ["after-hours", "weekend", "holiday", "day-off", "official"]'
json 'set(o["days"][0]) == {"date", "counts", "reason", "why"} and "әйелдер" in o["days"][2]["reason"]'
expect 0 '' why --at 2026-03-06T17:30 --mailbox ethics@kmo.kz --json
json 'o["official_date"] == "2026-03-10" and o["due"] == "2026-03-13"'
expect 0 '' why --at 2026-03-06T17:30 --mailbox senim@kmo.kz --json
json 'o["official_date"] == "2026-03-06"'
expect 0 '' why --at 2028-01-03T10:00 --mailbox senim@kmo.kz --json
json 'o["official_date"] is None and o["due"] is None and o["known_until"] == "2027-12-31"'
expect 0 '' why --at 2026-03-06T18:42 --mailbox senim@kmo.kz
says 'due on 2026-04-03'

# --- both computations over four years, some hundred moments

cat >"$work/second.py" <<'E2'
import datetime, json, re, subprocess, sys
calendar, senim = sys.argv[1:]
text = open(calendar, newline="").read().replace("\r\n ", "")
free, work = set(), set()
for event in re.findall("BEGIN:VEVENT(.*?)END:VEVENT", text, re.S):
    day = datetime.datetime.strptime(re.search(r"DTSTART;VALUE=DATE:(\d+)", event)[1], "%Y%m%d").date()
    (work if "CATEGORIES:WORKING-DAY" in event else free).add(day)
one = datetime.timedelta(1)
def works(day): return day in work or (day.weekday() < 5 and day not in free)
bad, n = 0, 0
moment = datetime.datetime(2024, 1, 1, 17, 59, 59)
def expected(moment, closes, term):
    day = moment.date() + one if works(moment.date()) and moment.time() > datetime.time(closes) else moment.date()
    while not works(day): day += one
    due, left = day, term
    while left: due += one; left -= works(due)
    return str(day), str(due) if due.year < 2028 else None
while moment < datetime.datetime(2027, 12, 30):
    mailbox, closes, term = ("ethics@kmo.kz", 17, 3) if n % 3 == 0 else ("senim@kmo.kz", 18, 15)
    said = json.loads(subprocess.run([senim, "why", "--at", moment.isoformat(), "--mailbox", mailbox, "--json"],
                                     capture_output=True, check=True).stdout)
    n += 1
    if (said["official_date"], said["due"]) != expected(moment, closes, term):
        bad += 1
        print(moment, mailbox, said["official_date"], said["due"], expected(moment, closes, term))
    moment += datetime.timedelta(days=11, seconds=1 if n % 2 else 3600)

# The calendar itself, from the law: holidays by their dates; one on a Saturday or Sunday gives the next working day off;
# Christmas and Kurban Ait do not; and what decrees moved.
moved = {(2024, 5, 8): (2024, 5, 4), (2025, 1, 3): (2025, 1, 5)}
kurban = {2024: (6, 16), 2025: (6, 6), 2026: (5, 27), 2027: (5, 16)}
for year in range(2024, 2028):
    dates = [(1, 1), (1, 2), (3, 8), (3, 21), (3, 22), (3, 23), (5, 1), (5, 7), (5, 9), (7, 6), (10, 25), (12, 16)]
    dates += [(8, 30)] if year < 2026 else [(3, 15)] if year > 2026 else []
    holidays = {datetime.date(year, *d) for d in dates}
    off = {datetime.date(year, 1, 7), datetime.date(year, *kurban[year])}
    for day in sorted(holidays):
        if day.weekday() >= 5:
            while day.weekday() >= 5 or day in holidays | off: day += one
            off.add(day)
    off |= {datetime.date(*d) for d in moved if d[0] == year}
    working = {datetime.date(*d) for d in moved.values() if d[0] == year}
    if {d for d in free if d.year == year} != holidays | off or {d for d in work if d.year == year} != working:
        bad += 1
        print(year, sorted(map(str, {d for d in free if d.year == year} ^ (holidays | off))))
sys.exit(bad or n < 120)
E2
python3 "$work/second.py" "$source/contrib/calendar/kz.ics" "$senim" || fail 'the second computation differs'

# --- the other terms, and one that begins on the official date itself

expect 0 '' why --at 2026-03-06T17:30 --mailbox senim@kmo.kz --json
json 'o["forward"] == "2026-03-12" and o["acknowledge"] is None and o["answer"] is None'
sed -i 's/^\[mailbox ethics@kmo.kz\]$/&\nterm-begins = same-day\ndirective-terms = yes\nforward-working-days = 0/' "$office/senim.conf"
kill -USR1 "$registrar"
for _ in $(seq 100); do
	run why --at 2026-03-06T10:00 --mailbox ethics@kmo.kz --json
	case $out in *'"acknowledge": null'*) sleep 0.05 ;; *) break ;; esac
done
json 'o["official_date"] == "2026-03-06" and o["due"] == "2026-03-11" and o["forward"] is None'
json 'o["acknowledge"] == "2026-03-13" and o["answer"] == "2026-06-13"'
expect 0 '' why --at 2026-03-06T10:00 --mailbox ethics@kmo.kz
says 'Directive'

# --- the hour that came twice, by the offset and without one

expect 0 '' why --at 2024-02-29T23:30:00+06:00 --mailbox senim@kmo.kz --json
json 'o["official_date"] == "2024-03-01" and o["received"] == "2024-02-29T23:30:00+06:00"'
expect 0 '' why --at 2024-02-29T23:30:00+05:00 --mailbox senim@kmo.kz --json
json 'o["official_date"] == "2024-03-01" and o["received"] == "2024-02-29T23:30:00+05:00"'

# --- a case's own dates

expect 0 '' why senim:1 --json
json 'o["official_date"] is not None and o["days"][-1]["date"] == o["due"]'
expect 0 '' due --json
json 'o["schema"] == 1 and len(o["cases"]) == 1 and o["cases"][0]["when"] == "later" and o["cases"][0]["due"] > o["today"]'
json '[t["term"] for t in o["cases"][0]["terms"]] == ["forward", "consider"] and o["cases"][0]["prolonged"] is None'
expect 0 '' due
says LATER
says consider

# --- a term that is prolonged: with its reason, which is sealed, and how the reporter was told

prolong() { # REASON OPTION...
	reason=$1
	shift
	status=0
	printf '%s' "$reason" | "$senim" prolong senim:1 - --ground resolution "$@" >"$work/out" 2>"$work/err" || status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}
expect 0 '' why senim:1 --json
was=$(printf '%s' "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["due"])')
to=$(date -d "$was + 20 days" +%F)
prolong '' --until "$to" --notice mail
[ "$status" = 2 ] || fail "a term is prolonged without a reason: $status"
prolong 'Сараптама күтілуде' --until tomorrow --notice mail
[ "$status" = 2 ] || fail "a term is prolonged to no day: $status"
prolong 'Сараптама күтілуде' --until "$to"
[ "$status" = 2 ] || fail "a term is prolonged without a notice: $status"
prolong 'Сараптама күтілуде' --until "$was" --notice mail
[ "$status" = 3 ] || fail "a term is prolonged to where it ends: $status"
prolong 'Сараптама күтілуде' --until "$(date -d "$was + 400 days" +%F)" --notice mail
[ "$status" = 3 ] || fail "a term is prolonged by more than a year: $status"
prolong 'Сараптама күтілуде' --until "$to" --notice mail --json
[ "$status" = 0 ] || fail "prolong fails: $err"
json "o['due'] == '$to' and o['was'] == '$was'"
expect 0 '' why senim:1 --json
json "o['due'] == '$to' and o['days'][-1]['date'] == '$to' and any(d['date'] == '$was' for d in o['days'])"
expect 0 '' due --json
json "o['cases'][0]['due'] == '$to' and o['cases'][0]['prolonged'] == '$to'"
expect 0 '' due
says prolonged
expect 0 '' show senim:1 --row --ground journal --json
json "[(e['kind'], e['what'], e['text']) for e in o['course']] == [('prolonged', '$to', 'Сараптама күтілуде')]"
grep -r -q -F 'Сараптама' "$office/state" && fail 'the reason lies in clear in the store'

# --- a calendar that changes: each day that moves is said, and each case whose reporter was told another date

expect 0 '' list --json
for _ in $(seq 100); do
	case $out in *'"state": "sent"'*) break ;; esac
	sleep 0.05
	run list --json
done
expect 0 '' why senim:1 --json
counts=$(printf '%s' "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["official_date"])')
json "o['told'] == '$counts'"
expect 0 '' due
case $out in *told*) fail 'a date that did not move is shown as one that did' ;; esac
sed "s|^END:VCALENDAR|BEGIN:VEVENT\r\nUID:moved@test\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:$(echo "$counts" | tr -d -)\r\nSUMMARY:жаңа\r\nCATEGORIES:DAY-OFF\r\nEND:VEVENT\r\n&|" \
	"$source/contrib/calendar/kz.ics" >"$work/newer.ics"
sed -i "s|^calendar=.*|calendar=$work/newer.ics|" "$office/senim.conf"
"$build/store/senim-registrar" --config "$office/senim.conf" --check-config 2>&1 >/dev/null |
	grep -q "calendar of senim@kmo.kz changed: $counts is no working day, and was a working day" || fail '--check-config does not say what a newer calendar changes'
kill -USR1 "$registrar"
for _ in $(seq 100); do
	run why senim:1 --json
	case $out in *"\"official_date\": \"$counts\""*) sleep 0.05 ;; *) break ;; esac
done
json "o['told'] == '$counts' and o['official_date'] > '$counts'"
grep -q "calendar of senim@kmo.kz changed: $counts is no working day" "$work/registrar.log" || fail 'the log does not say which day moved'
expect 0 '' why senim:1
says "was told that it counts from $counts"
expect 0 '' due
says "was told $counts"

# --- a calendar that is gone: said, never guessed, and no report is refused for it

stop "$registrar"
mkdir "$work/mta"
printf '#!/bin/sh\nf=$(mktemp %s/mta/part.XXXXXX)\ncat >"$f"\nmv "$f" "%s/mta/letter.${f##*.}"\n' "$work" "$work" >"$work/sendmail"
chmod 755 "$work/sendmail"
sed -i "s|^calendar=.*|calendar=/nonexistent/kz.ics|; s|^submit=.*|submit=$work/sendmail|" "$office/senim.conf"
"$build/store/senim-registrar" --config "$office/senim.conf" --check-config >/dev/null 2>&1 && fail 'a missing calendar passes --check-config'
rm -f "$office/run/desk.sock"
registrar_start "$office"
grep -q 'nonexistent.*have no dates' "$work/registrar.log" || fail 'the log does not say that the calendar is missing'
letter two text | feed "$office" senim@kmo.kz askar@example.kz
expect 0 '' list --json
json '[c["official_date"] for c in o["cases"]] == [None, None]'
expect 0 '' due
says 'WITHOUT A DATE'
for _ in $(seq 100); do
	ls "$work"/mta/letter.* >/dev/null 2>&1 && break
	sleep 0.05
done
python3 - "$work"/mta/letter.* <<'LETTER' || fail 'the letter of a day that no calendar covers does not give the moment alone'
import email, email.policy, re, sys
text = email.message_from_file(open(sys.argv[1]), policy=email.policy.default).get_body(("plain",)).get_content()
sys.exit(not re.search(r"\d\d:\d\d келіп түсті, № ", text) or "деп есептеледі" in text)
LETTER
run why senim:2 --json
json 'o["told"] is None and o["official_date"] is None and o["due"] is None'

# --- a recording of the trust telephone counts from the call, whenever it arrives; anybody else's Date counts nothing

sed -i 's/^\[mailbox ethics@kmo.kz\]$/&\ntelephone-system = pbx@kmo.kz/' "$office/senim.conf"
stop "$milter"
rm -f "$office/run/ingest.sock"
milter_start "$office"
at=$(date -d '-3 hours' +%s)
recording() { # FROM
	printf 'From: %s\nTo: ethics@kmo.kz\nSubject: x\nDate: %s\nMIME-Version: 1.0\nContent-Type: audio/wav\nContent-Transfer-Encoding: base64\n\nUklGRg==\n' \
		"$1" "$(TZ=UTC date -d "@$at" +'%a, %d %b %Y %H:%M:%S +0000')" | feed "$office" ethics@kmo.kz "$1"
}
recording pbx@kmo.kz
recording other@example.kz
expect 0 '' why ethics:1 --json
json "o['received'] == '$(TZ=Asia/Almaty date -d "@$at" +%FT%H:%M:%S+05:00)'"
expect 0 '' why ethics:2 --json
json "o['received'] > '$(TZ=Asia/Almaty date -d "@$((at + 3600))" +%FT%H:%M:%S+05:00)'"
expect 0 '' list --all --json
json '[c["channel"] for c in o["cases"] if c["mailbox"] == "ethics@kmo.kz"] == ["telephone", "mail"]'

exit "$failed"
