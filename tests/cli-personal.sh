#!/bin/sh
# SPDX-License-Identifier: ISC
# Personal data: what is held on one person, whom a breach concerns, and the yearly review of the policy.
. "${srcdir:-.}/tests/cli-room.sh"

year=$(TZ=Asia/Almaty date +%Y)
today=$(TZ=Asia/Almaty date +%Y-%m-%d)
room_make "$work/store" senim@kmo.kz
registrar_start "$work/store"
milter_start "$work/store"
officer_conf "$work/store"

post() { # NAME ADDRESS SUBJECT TEXT
	printf 'From: %s <%s>\nTo: senim@kmo.kz\nSubject: %s\nContent-Type: text/plain; charset=utf-8\n\n%s\n' "$1" "$2" "$3" "$4" |
		feed "$work/store" senim@kmo.kz "$2"
}
post 'Askar Akhmetov' askar@example.kz 'Жөндеу' 'Мектепте жөндеу болмады. Телефоным: 8 701 123 45 67.'
post 'Dana' dana@example.kz 'Закупка' 'Ахметов Аскар получил взятку за договор.'
post 'Askar Akhmetov' askar@example.kz 'Тағы' 'Тағы да жөндеу жоқ.'
for how in 'show 1' 'show 2 --raw' 'attachment 3'; do # whatever opens a letter brings it into her index
	# shellcheck disable=SC2086
	run $how --ground control
	good "$how"
done
run receipt 1 --ground control --output "$work/receipt"
good 'a receipt'

# what is held on a reporter: his own cases, and none in which somebody accuses him
for whom in 'Ахметов Аскар' 'askar@example.kz'; do
	given "$whom" extract - --ground control --json
	good "an extract on $whom"
	json '[c["case"] for c in o["cases"]] == ["'"$year"'/1", "'"$year"'/3"] and o["as"] == "reporter" and o["unread"] == 0'
done
given '+7 701 123-45-67' extract - --ground control --json
json '[c["case"] for c in o["cases"]] == ["'"$year"'/1"]'
json 'any("askar@example.kz" == f["value"] for f in o["cases"][0]["facts"])'
json 'len(o["cases"][0]["disclosed"]) == 1'
case $out in *dana*) fail 'the extract names another reporter' ;; esac
given 'Ахметов' extract - --ground control
good 'an extract as text'
says "$year/1"
says 'askar@example.kz'
case $out in *"$year/2"*) fail 'the extract shows a case that accuses him' ;; esac

# that he is mentioned is for the officer alone, and nothing of it but the number
given 'Ахметов' extract - --as mentioned --ground control
good 'where he is mentioned'
says "$year/2"
says 'OFFICE ALONE'
case $out in *взятк* | *dana* | *Dana*) fail "it shows what the reporter wrote: $out" ;; esac
given 'Nobody Nowhere' extract - --ground control --json
json 'o["cases"] == []'
given 'ал' extract - --ground control
[ "$status" = 2 ] || fail "two letters are looked for: $status"
given 'Ахметов' extract -
[ "$status" = 3 ] || fail "without a ground it ends in $status"
expect 2 'mentioned' extract - --as accused --ground control

# as a PDF, which purge knows of
given 'askar@example.kz' extract - --ground control --format pdf --language kk --output "$work/extract.pdf"
good 'an extract as a PDF'
head -c 5 "$work/extract.pdf" | grep -q '%PDF-' || fail 'it is no PDF'
run purge
good 'purge'
[ ! -e "$work/extract.pdf" ] || fail 'the file is still there'

# each is an entry, with the person sealed in it
run log --json
json 'sum(e["kind"] == "extracted" for e in o["log"]) == 7'
json 'any(e["kind"] == "extracted" and "Ахметов Аскар" in e["ground_text"] and len(e["cases"]) == 2 for e in o["log"])'
json 'all(e["signed"] for e in o["log"] if e["kind"] == "extracted")'

# whom a breach concerns, and until when
run breach --from "$today" --to "$today" --ground control --json
good 'the list of a breach'
json '[p["case"] for p in o["persons"]] == ["'"$year"'/1", "'"$year"'/2", "'"$year"'/3"]'
json 'o["persons"][1]["address"] == "dana@example.kz" and o["due"] > "'"$today"'"'
run breach --to 2020-01-01 --ground control --json
json 'o["persons"] == []'
run withhold 2 --from deputy --ground control
good 'withholding'
run breach --about deputy --ground control --json
json '[p["case"] for p in o["persons"]] == ["'"$year"'/1", "'"$year"'/3"]'
run breach --about deputy --ground control --format csv
good 'as CSV'
says '"askar@example.kz"'
run breach --from "$today" --ground control
good 'as text'
says 'dana@example.kz'
expect 2 '--about' breach --ground control
expect 2 'exchange' breach --from 2026-02-01 --to 2026-01-01 --ground control

# the policy is reviewed once a year, and its text stays where it is
run review
good 'the state of the review'
says 'no review yet'
echo 'Саясат' >"$work/policy"
run review --policy "$work/policy"
good 'a review'
says "$(b2sum -l 256 "$work/policy" | cut -d' ' -f1)"
run log --json
json 'any(e["kind"] == "reviewed" for e in o["log"]) and all(e["signed"] for e in o["log"] if e["kind"] == "reviewed")'
run log --report --json
json 'o["officers"][0]["extracts"] == 12 and "extracts" in o["officers"][0]["stands_out"]'
run review --json
json 'o["reviews"][0]["due"] is False and o["reviews"][0]["reviewed"] is not None'
expect 2 'cannot be read' review --policy "$work/none"
grep -rqa 'Саясат' "$work/store/state" && fail 'the text of the policy stands in the store'
true
