#!/bin/sh
# SPDX-License-Identifier: ISC
# The log: her own acts for an officer, all of them for the supervisor, whose reading is an entry itself; the month's report.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
for n in 1 2; do
	letter "hello$n" 'Сынақ.' | feed "$office" senim@kmo.kz askar@example.kz
done
as() { # NAME STATUS WORD ARGUMENT...
	who=$1 wanted=$2 word=$3
	shift 3
	expect "$wanted" "$word" "$@" --officer "$who" --identity "$work/$who"
}
expect 0 '' show 1 --ground 'first look at Askar'
for _ in 1 2 3 4; do
	expect 0 '' show 1 --ground preparing-answer
done
as deputy 0 '' show 2 --ground preparing-answer
as deputy 0 '' list --cards --ground preparing-answer

# Without a supervisor the higher leadership reads it; an officer her own acts alone.
expect 0 '' log --json
json 'all(e["officer"] in ("aigul", None) for e in o["log"])'
json 'sum(e["kind"] == "opened" for e in o["log"]) == 5'
json '[e["ground_text"] for e in o["log"] if e["kind"] == "opened"][0] == "first look at Askar"'
json 'all(e["signed"] for e in o["log"] if e["kind"] == "opened")'
expect 3 'supervisor' log deputy

as chair 0 '' log --json
json '"first look at Askar" in [e["ground_text"] for e in o["log"]]'
json '{"aigul", "deputy", "chair"} <= {e["officer"] for e in o["log"]}'

# A supervisor: everything, never a case; and that she read it is seen by nobody but who reads the log.
"$senim" keygen --no-passphrase -o "$work/saule" >/dev/null || fail 'keygen'
expect 0 '' officer add saule "$work/saule.pub" --role supervisor --order 12
expect 0 '' enroll --officer saule --identity "$work/saule" --log-pub "$work/saule.log.pub" --json
words=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["words_kk"])')
as deputy 0 '' officer confirm saule --words "$words"
as saule 3 '' show 1 --ground preparing-answer
as chair 0 '' log --json
json 'all(e["officer"] == "chair" or e["name"] == "chair" for e in o["log"])'
expect 0 '' show 2 --ground 'the second look at Askar'
as saule 0 '' log --json
json '[e["ground_text"] for e in o["log"] if e["ground_text"]] == ["the second look at Askar"]'
json 'sum(e["kind"] == "opened" for e in o["log"]) == 7'
json 'any(e["kind"] == "log-read" and e["officer"] == "chair" for e in o["log"])'
json 'any(e["kind"] == "refused" and e["officer"] == "saule" for e in o["log"])'
json 'all(e["signed"] for e in o["log"] if e["kind"] in ("opened", "listed", "key", "log-read") and e["officer"])'
json 'not any(e["state"] == "kept-back" for e in o["log"])'
as saule 0 '' log deputy --json
json '{e["officer"] for e in o["log"] if e["state"] == "shown"} == {"deputy", None}'
as saule 0 '' log --case 1 --json
expect 0 '' log --officer aigul
says 'read the case'
as saule 2 'a month is written' log --month 2026
as saule 0 '' log --month 2001-01 --json
json 'o["log"] == []'

# The report.
as saule 0 '' log --report --json
json '[p["looks"] for p in o["officers"] if p["officer"] == "aigul"] == [6]'
json '[p["repeated"] for p in o["officers"] if p["officer"] == "aigul"] == [1]'
json '"refused" in [p for p in o["officers"] if p["officer"] == "saule"][0]["stands_out"]'
json '[p["cards"] for p in o["officers"] if p["officer"] == "deputy"] == [2]'
as saule 0 '' log --report --output "$work/report.pdf"
[ "$(head -c 5 "$work/report.pdf")" = '%PDF-' ] || fail 'the report is no PDF'
as saule 0 '' log --report
says '!'
expect 2 '--report' log --output "$work/no.pdf"

# Past the day's limit the supervisor is told; where it is hard, another reader lets her go on with that case, for the day.
sed -i 's/^\[mailbox .*/&\nlooks-per-day = 7\nlooks-limit = hard/' "$office/senim.conf"
kill -USR1 "$registrar"
sleep 0.3
expect 0 '' show 1 --ground preparing-answer
expect 3 'another reader' show 1 --ground preparing-answer
expect 3 'another reader' list --cards --ground preparing-answer
expect 3 'herself' officer allow aigul 1
as deputy 0 '' officer allow aigul 1
expect 0 '' show 1 --ground preparing-answer
expect 3 'another reader' show 2 --ground preparing-answer
as saule 0 'aigul (senim@kmo.kz) looked more often on ' list
as deputy 0 '' list
case $err in *'more often'*) fail "an officer is told of another's looks: $err" ;; esac
as saule 0 '' log --json
json 'sum(e["kind"] == "exceeded" for e in o["log"]) == 1'
json '[e["signed"] for e in o["log"] if e["kind"] == "allowed"] == [True]'
as saule 0 '' log
case $out in *"more often"*"read the case"*) ;; *) fail "what went over the limit does not stand first: $out" ;; esac
as saule 0 '' list
case $err in *'more often'*) fail "she is told of what she has read: $err" ;; esac

# A look at the row's own texts is signed like every other.
as deputy 0 '' show 2 --row --ground preparing-answer
as deputy 0 '' log --json
json '[e["signed"] for e in o["log"] if e["part"] == "work"] == [True]'
expect 0 '' verify
exit $failed
