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
while moment.year < 2027:
    day = moment.date() + one if works(moment.date()) and moment.time() > datetime.time(18) else moment.date()
    while not works(day): day += one
    due, left = day, 15
    while left: due += one; left -= works(due)
    said = json.loads(subprocess.run([senim, "why", "--at", moment.isoformat(), "--mailbox", "senim@kmo.kz", "--json"],
                                     capture_output=True, check=True).stdout)
    n += 1
    if (said["official_date"], said["due"]) != (str(day), str(due)):
        bad += 1
        print(moment, said["official_date"], day, said["due"], due)
    moment += datetime.timedelta(days=11, seconds=1 if n % 2 else 3600)
sys.exit(bad or n < 90)
E2
python3 "$work/second.py" "$source/contrib/calendar/kz.ics" "$senim" || fail 'the second computation differs'

# --- a case's own dates

expect 0 '' why senim:1 --json
json 'o["official_date"] is not None and o["days"][-1]["date"] == o["due"]'
expect 0 '' due --json
json 'o["schema"] == 1 and len(o["cases"]) == 1 and o["cases"][0]["when"] == "later" and o["cases"][0]["due"] > o["today"]'
expect 0 '' due
says LATER

# --- a calendar that is gone: said, never guessed, and no report is refused for it

stop "$registrar"
sed -i 's|^calendar=.*|calendar=/nonexistent/kz.ics|' "$office/senim.conf"
"$build/store/senim-registrar" --config "$office/senim.conf" --check-config >/dev/null 2>&1 && fail 'a missing calendar passes --check-config'
rm -f "$office/run/desk.sock"
registrar_start "$office"
grep -q 'nonexistent.*have no dates' "$work/registrar.log" || fail 'the log does not say that the calendar is missing'
letter two text | feed "$office" senim@kmo.kz askar@example.kz
expect 0 '' list --json
json '[c["official_date"] for c in o["cases"]] == [None, None]'
expect 0 '' due
says 'WITHOUT A DATE'

exit "$failed"
