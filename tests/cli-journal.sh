#!/bin/sh
# SPDX-License-Identifier: ISC
# The journal that is kept with a pen: what is to be copied, what was, and what must be struck on paper because it changed since.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
registrar_start "$office"
milter_start "$office"
letter first 'Қоймада жанар-жағармай жоғалды.' | feed "$office" senim@kmo.kz askar@example.kz
letter second 'Сатып алу кезінде пара сұралды.' | feed "$office" senim@kmo.kz askar@example.kz
given() { # TEXT COMMAND...: must succeed
	text=$1
	shift
	printf '%s' "$text" | "$senim" "$@" >"$work/out" 2>"$work/err" || fail "$*: $(cat "$work/err")"
}
given '{"surname": "Ахметов", "given": "Асқар", "brief": "Қоймада жанар-жағармай жетіспейді"}' note 1 - --ground journal

run journal --ground journal
says 'not copied yet'
says '3. Surname, name, patronymic'
says 'Ахметов Асқар'
run journal --ground journal --json
json '[(r["case"].split("/")[1], r["due"], r["sheet"]) for r in o["rows"]] == [("1", True, None), ("2", True, None)] and o["journal"] == "pen"'
json '[c["now"] for c in o["rows"][0]["columns"]][4] == "Қоймада жанар-жағармай жетіспейді" and len(o["rows"][0]["columns"]) == 8'
expect 0 '' journal 1 --sheet 3 --line 4 --ground journal
says 'sheet 3, line 4'
run journal --ground journal --json
json '[r["case"].split("/")[1] for r in o["rows"]] == ["2"]'

# What changed since: the old text is struck on paper too, and what is new is written.
run show 1 --row --ground journal --json
entry=$(printf '%s' "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin)["row"]["surname"]["entry"])')
given '{"why": "қате", "instead": "Ахметова"}' strike 1 "$entry/surname" - --ground journal
given '{"measures": "Ескерту жарияланды"}' resolve 1 - --ground resolution
run journal --ground journal
says 'sheet 3, line 4: changed since'
says 'strike through: Ахметов Асқар'
says 'write: Ахметова Асқар'
says 'write: Ескерту жарияланды'
case $out in *'strike through: Қоймада'*) fail 'a column that did not change is to be struck' ;; esac
expect 0 '' journal 1 --sheet 5 --line 1 --ground journal
expect 0 '' journal 2 --sheet 3 --line 5 --ground journal
run journal --ground journal
says 'Everything stands in the paper journal'
run journal --all --ground journal --json
json '[(r["sheet"], r["line"], r["due"]) for r in o["rows"]] == [(5, 1, False), (3, 5, False)]'
expect 2 'together' journal 1 --sheet 3 --ground journal
expect 2 'numbers' journal 1 --sheet x --line 1 --ground journal
expect 2 'together' journal --sheet 1 --line 1 --ground journal
expect 3 '' journal 1 --sheet 1 --line 1
run log --json
json 'sum(e["kind"] == "copied" for e in o["log"]) == 3'
expect 0 '' verify

exit $failed
