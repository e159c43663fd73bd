#!/bin/sh
# SPDX-License-Identifier: ISC
# Searching what was opened: the words in the index, the entry before the hits, and what is hers no longer.
. "${srcdir:-.}/tests/cli-room.sh"

year=$(TZ=Asia/Almaty date +%Y)
state=$XDG_STATE_HOME/senim
room_make "$work/store" senim@kmo.kz
registrar_start "$work/store"
milter_start "$work/store"
officer_conf "$work/store"

letter Мектеп 'Директор мектебіміздің жөндеуінен пара алды.
Телефоным: 8 701 123 45 67' | feed "$work/store" senim@kmo.kz askar@example.kz
letter Закупка 'Главный бухгалтер требовал взятку за договор.' | feed "$work/store" senim@kmo.kz dana@example.kz
letter Unopened 'Nobody has opened this marker: qwertzmarker.' | feed "$work/store" senim@kmo.kz third@example.kz

# nothing is found before anything was opened, and that too is an entry
given 'мектеп' search - --ground control --json
good 'a search of nothing'
json 'o["found"] == [] and o["hits"] == 0'

for n in 1 2; do
	run show "$n" --ground control
	good "show $n"
done
given 'мектептерді пара' search - --ground control --json
good 'a search in Kazakh'
json 'len(o["found"]) == 1 and o["found"][0]["case"] == "'"$year"'/1" and "мектебіміздің" in o["found"][0]["lines"][0]'
given 'vzyatka glavnym' search - --ground control --json
json '[f["case"] for f in o["found"]] == ["'"$year"'/2"]'
given '+7 701 1234567' search - --ground control --json
json '[f["case"] for f in o["found"]] == ["'"$year"'/1"]'
given 'мектеп взятка' search - --ground control --json
json 'o["found"] == []'
given 'qwertzmarker' search - --ground control
good 'a search for what was not opened'
case $out in *qwertz*) fail "a case that was never opened is found: $out" ;; esac
given 'мектеп' search - --ground control
says "$year/1"
says 'мектебіміздің'

# what cannot be searched for, and how
given 'ал' search - --ground control
[ "$status" = 2 ] || fail "two letters are searched for: $status"
given 'мектеп' search -
[ "$status" = 3 ] || fail "without a ground it ends in $status"
expect 2 'never a word' search мектеп --ground control
expect 2 'stands alone' search - --forget

# the entry: her words are sealed, who was found stands in it, and her own log says so
run log --json
json 'sum(e["kind"] == "searched" for e in o["log"]) == 7'
json 'any(e["kind"] == "searched" and e["cases"] == ["'"$year"'/2"] and "vzyatka glavnym" in e["ground_text"] for e in o["log"])'
json 'all(e["signed"] for e in o["log"] if e["kind"] == "searched")'
grep -rqa 'vzyatka\|мектептерді' "$work/store/state" && fail 'a word of a search stands in the store'

# the index says nothing of it, and is hers alone
ls "$state"/search-*.recent >/dev/null || fail 'there is no index'
grep -qa 'мектеп\|mektep\|1234567\|kmo.kz' "$state"/search-* && fail 'a word of a report stands in the index'
for file in "$state"/search-*; do
	[ "$(stat -c %a "$file")" = 600 ] || fail "others may read $file"
done

# a note of hers is found at once
given '{"note": "Аудитке тапсырылды"}' note 2 - --ground control
good 'a note'
given 'аудит' search - --ground control --json
json '[f["case"] for f in o["found"]] == ["'"$year"'/2"]'

# cards of cases that she has not opened
run search --all-cards --ground control
good 'filling the index with cards'
given 'unopened' search - --ground control --json
json '[f["case"] for f in o["found"]] == ["'"$year"'/3"]'

# two at once
for n in 1 2 3; do
	printf 'мектеп' | "$senim" search - --ground control --json >"$work/at-$n" 2>"$work/err-$n" &
	at="${at:-} $!"
	"$senim" show "$n" --ground control >/dev/null 2>"$work/err" </dev/null || fail "show beside a search: $(cat "$work/err")"
done
for pid in $at; do
	wait "$pid" || fail 'a search beside another fails'
done
given 'qwertzmarker' search - --ground control --json
json 'len(o["found"]) == 1'

# what is withheld from her disappears, from the result and from the index
run assign 1 --to deputy --ground control
good 'giving it to another'
given 'мектеп' search - --ground control --json
json 'o["found"] == [] and o["hits"] == 1'
given 'мектеп' search - --ground control --json
json 'o["found"] == [] and o["hits"] == 0'

# a kill while it is written leaves an index that opens
for n in 1 2 3 4 5 6; do
	"$senim" show 2 --ground control >/dev/null 2>&1 </dev/null &
	victim=$!
	sleep "0.0$n"
	kill -9 "$victim" 2>/dev/null || true
	wait "$victim" 2>/dev/null || true
done
given 'бухгалтер' search - --ground control --json
good 'a search after kills'
json 'len(o["found"]) == 1'

# altered, it is not used, and says what to do
for file in "$state"/search-*.index "$state"/search-*.recent; do
	[ -f "$file" ] && printf X | dd of="$file" bs=1 seek=300 conv=notrunc 2>/dev/null
done
given 'бухгалтер' search - --ground control
[ "$status" = 1 ] || fail "an altered index is searched: $status"
case $err in *--forget*) ;; *) fail "it does not say what to do: $err" ;; esac
run show 2 --ground control
good 'reading beside an altered index'
run search --forget
good 'forgetting'
ls "$state" | grep -q 'search-.*\(index\|recent\)' && fail 'the index is still there'
given 'бухгалтер' search - --ground control --json
json 'o["hits"] == 0'

# or none at all
run search --forget
printf 'search-index = no\n' >>"$XDG_CONFIG_HOME/senim/officer.conf"
run show 2 --ground control
good 'reading without an index'
ls "$state" | grep -q 'search-.*\(index\|recent\)' && fail 'there is an index against her will'
expect 3 'search-index = no' search - --ground control
