#!/bin/sh
# SPDX-License-Identifier: ISC
# The officer's work on a case: its row filled, corrected by striking, its category, its course; two officers at one case.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
registrar_start "$office"
milter_start "$office"
letter first 'Қоймада жанар-жағармай ұрланып жатыр.' | feed "$office" senim@kmo.kz askar@example.kz
letter second 'Тағы да сол қойма туралы.' | feed "$office" senim@kmo.kz askar@example.kz

# --- the row

given '{"surname": "Ахметов", "given": "Асқар", "phone": "+7 701 123 45 67"}' note 1 - --ground journal --json
good note
json 'o["entry"] > 0 and sorted(o["columns"]) == ["given", "phone", "surname"] and o["warnings"] == []'
entry=$(printf '%s' "$out" | sed -n 's/.*"entry": \([0-9]*\).*/\1/p')
given '{"brief": "Ахметовтың айтуынша, Абай көш. қоймада жанар-жағармай жоғалады"}' note 1 - --ground journal --json
good 'a note with warnings'
json '[(w["column"], w["warning"]) for w in o["warnings"]] == [("brief", "abbreviation"), ("brief", "name")]'
given '{"resolution": "Тексерілсін", "resolution_date": "2026-11-23", "resolution_by": "Бас директор"}' resolve 1 - --ground resolution
good resolve
says "$(date +%Y)/1"
given '{"surname": "x"}' note 1 - --ground journal
[ "$status" = 1 ] || fail 'a filled column was written over'
case $err in *"strike $(TZ=Asia/Almaty date +%Y)/1 $entry/surname"*) ;; *) fail "the refusal does not say how to strike: $err" ;; esac
for bad in '{}' '[]' 'x' '{"surname": 5}' '{"surname": ""}' '{"colour": "red"}' '{"measures": "m"}' '{"surname": "a", "surname": "b"}'; do
	given "$bad" note 1 - --ground journal
	[ "$status" = 2 ] || fail "note takes $bad: $status $err"
done
given '{"resolution_date": "23.11.2026"}' resolve 1 - --ground journal
[ "$status" = 2 ] || fail 'a day of another form is taken'
expect 2 'no terminal' note 1 --ground journal
expect 2 'never a word of the command' note 1 Ахметов --ground journal

run show 1 --row --ground journal --json
good 'show --row'
json 'o["row"]["surname"]["value"] == "Ахметов" and o["row"]["surname"]["officer"] == "aigul" and o["row"]["measures"] is None'
json 'o["row"]["resolution"]["value"] == "Тексерілсін"'

# --- striking

given '{"why": "қате жазылған", "instead": "Ахметова"}' strike 1 "$entry/surname" - --ground journal --json
good strike
given '{"why": "нөмір басқа адамдікі"}' strike 1 "$entry/phone" - --ground journal
good 'strike without another'
run show 1 --row --ground journal --json
json 'o["row"]["surname"]["value"] == "Ахметова" and o["row"]["phone"] is None'
json '[h["struck"]["why"] for h in o["history"] if h["value"] == "Ахметов"] == ["қате жазылған"]'
run show 1 --row --ground journal
says '~~Ахметов~~'
says '~~+7 701 123 45 67~~'
says 'қате жазылған'
expect 2 'names no entry' strike 1 x --ground journal
expect 2 'brief, note, resolution, ' strike 1 "$entry/colour" --ground journal
given '{"why": "w", "instead": "x"}' strike 1 "$entry" - --ground journal
[ "$status" = 2 ] || fail 'something stands instead of a whole entry'
given '{"why": "w"}' strike 2 "$entry/surname" - --ground journal
[ "$status" = 1 ] || fail "another case's entry was struck: $err"

# --- category and course

run assign 1 --category fuel --ground resolution
good 'assign --category'
expect 2 'no category' assign 1 --category curiosity --ground resolution
expect 2 'no category' assign 1 --category patrol --ground resolution
run list --json
json 'o["cases"][0]["category"] == "fuel" and o["cases"][0]["held"] is False and o["cases"][0]["assigned"] is None'
run link 1 2 --ground resolution
good link
run link 2 1 --ground resolution
good 'link once more, which is what finishes one that was broken off'
run hold 1 --ground resolution
good hold
expect 3 'on hold' close 1 --result measures --ground resolution
expect 2 'takes one of' close 1 --ground resolution
given 'Сот шешіміне дейін' hold 1 - --release --ground resolution
good 'hold --release'
run close 1 --result measures --ground resolution
good close
run list --json
json 'len(o["cases"]) == 1'
run reopen 1 --ground resolution
good reopen
given 'Бірінші өтінішпен бірдей' set-aside 2 - --reason duplicate --ground resolution
good set-aside
run show 2 --row --ground journal --json
json '[e["kind"] for e in o["course"]] == ["linked", "set-aside"] and o["course"][1]["text"] == "Бірінші өтінішпен бірдей"'
run show 1 --row --ground journal
says 'Сот шешіміне дейін'

# --- another officer: hers until it is assigned; what she writes is read by both

deputy() {
	status=0
	"$senim" --officer deputy --identity "$work/deputy" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}
deputy show 1 --row --ground journal --json
good "the deputy's show"
json 'o["row"]["surname"]["value"] == "Ахметова"'
run assign 1 --to deputy --ground resolution
good 'assign --to'
expect 3 'another officer' show 1 --row --ground journal
deputy assign 1 --to - --ground resolution
good 'assign --to -'
run show 1 --row --ground journal --json
good 'show after it was given back'
run verify --json
json 'o["sound"]'

# --- nothing of it rests in clear

for word in Ахметов 'қате жазылған' 'Сот шешіміне' Тексерілсін; do
	grep -r -q -F "$word" "$office/state" && fail "“$word” lies in clear in the store"
done
exit $failed
