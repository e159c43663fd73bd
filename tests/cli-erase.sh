#!/bin/sh
# SPDX-License-Identifier: ISC
# Destruction by order, as the office does it: ordered with number, day and digest of a document, confirmed by a second person, carried out
# by the registrar ten days later; what stays of the row, what the registers, receipts and archives say of it then, and what is refused.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
archive=$work/archive
mkdir "$archive"
room_make_archived "$office" "$archive"
officer_conf "$office"
registrar_start "$office"
milter_start "$office" # its own clock is not moved
letter first 'Қоймада жанар-жағармай ұрланып жатыр. Асқар Ахметов, +7 701 123 45 67.' | feed "$office" senim@kmo.kz askar@example.kz
letter second 'Тағы да сол қойма туралы.' | feed "$office" senim@kmo.kz askar@example.kz
letter third 'Үшінші хат.' | feed "$office" senim@kmo.kz askar@example.kz
printf 'order 12-K\n' >"$work/order.pdf"
printf 'another order\n' >"$work/other.pdf"

as() { # NAME STATUS WORD ARGUMENT...
	who=$1 wanted=$2 word=$3
	shift 3
	expect "$wanted" "$word" "$@" --officer "$who" --identity "$work/$who"
}
clock() { # DAYS from now
	stop "$registrar" 2>/dev/null || true
	rm -f "$office/run/desk.sock"
	export LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK="$(($1 * 86400))"
	registrar_start "$office"
}
order() { # CASE: the words of an order
	echo "erase $1 --order 12-К --date 2026-11-01 --digest $work/order.pdf --ground journal"
}

# --- who may, and when not

# shellcheck disable=SC2046 # words
expect 3 'erasure = never' $(order 1)
sed -i 's/^\[mailbox .*/&\nerasure = two-persons/' "$office/senim.conf"
kill -USR1 "$registrar"
sleep 0.3
expect 2 'has its order' erase 1 --ground journal
expect 2 'takes a day' erase 1 --order 12 --date 1.13.26 --digest "$work/order.pdf" --ground journal
expect 1 'no-such-file' erase 1 --order 12 --date 2026-11-01 --digest "$work/no-such-file" --ground journal
expect 2 'exclude each other' erase 1 --confirm --stop --ground journal
run erase --json
good 'erase alone'
json 'o["erasures"] == []'
run hold 1 --ground resolution
# shellcheck disable=SC2046
expect 3 'on hold' $(order 1)
run hold 1 --release --ground resolution

# --- a row, a print, a receipt, an archive: what is to go, and what is to stay

given '{"surname": "Ахметов", "given": "Асқар", "phone": "+7 701 123 45 67", "brief": "қойма"}' note 1 - --ground journal --json
good note
given '{"resolution": "Тексерілсін", "resolution_date": "2026-11-23", "resolution_by": "Бас директор", "measures": "Қоймашы ауыстырылды"}' \
	resolve 1 - --ground resolution
good resolve
run show 1 --raw --ground journal
good 'show before'
run receipt 1 --output "$work/receipt" --ground journal
good receipt
run register --output "$work/register.csv" --format csv --ground journal
good 'register --output'
as chair 0 '' archive --config "$office/senim.conf"

# --- ordered, stopped, ordered, confirmed

# shellcheck disable=SC2046
run $(order 1) --json
good order
json 'o["state"] == "ordered" and o["order"] == "12-К" and len(o["digest"]) == 64 and o["stays"]["measures"]["value"] == "Қоймашы ауыстырылды"'
json 'set(t["kind"] for t in o["left"]) >= {"receipt", "register-read"}'
json 'sorted(o["stays"]) == ["measures", "resolution", "resolution_by", "resolution_date"]'
# shellcheck disable=SC2046
expect 3 'ordered already' $(order 1)
expect 3 'a second person' erase 1 --confirm --ground journal
given '{"note": "x"}' note 1 - --ground journal
[ "$status" = 3 ] || fail 'the row of a case that is to be erased was written on'
run due
says 'NEEDS A DECISION'
says '12-К'
run list --json
json '[c["state"] for c in o["cases"] if c["case"].endswith("/1")] == ["open"]'
as deputy 0 '' erase 1 --stop --ground journal
run erase --json
json 'o["erasures"] == []'
# shellcheck disable=SC2046
run $(order 1)
good 'order once more'
# The chair reads nothing of the case, and may decide all the same.
as chair 3 'with the officers' show 1 --raw --ground journal
as chair 0 '' due
says 'Тексерілсін'
as chair 3 'not the document' erase 1 --confirm --digest "$work/other.pdf" --ground journal
as chair 0 '' erase 1 --confirm --digest "$work/order.pdf" --ground journal --json
json 'o["state"] == "confirmed" and len(o["carried_out_on"]) == 10'
as deputy 3 'confirmed already' erase 1 --confirm --ground journal
run erase --json
json '[(e["state"], e["ordered_by"], e["order"]) for e in o["erasures"]] == [("confirmed", "aigul", "12-К")]'
run erase 1 --status --json
json 'o["state"] == "confirmed" and o["erased"] is None'
run erase 1 --status
says 'waits for its day'
says 'a receipt that whoever reported has'
says 'the register, printed or saved outside'
says 'search indices'
says 'lost+found'
run erase 2 --status
says 'nothing of this case was erased'

# --- one message alone: the row stays as it is

acknowledged() { # a letter that waits holds up an erasure behind which the case stays
	run list --all --json
	printf '%s' "$out" | python3 -c 'import json, sys
cases = json.load(sys.stdin)["cases"]
sys.exit(not any(c["case"].endswith("/3") and c["acknowledgement"]["state"] == "sent" for c in cases))'
}
for _ in $(seq 100); do
	acknowledged && break
	sleep 0.1
done
run erase 3 --order 13 --date 2026-11-02 --digest "$work/other.pdf" --message 9 --ground journal
[ "$status" != 0 ] || fail 'a message that there is not was ordered to be erased'
run erase 3 --order 13 --date 2026-11-02 --digest "$work/other.pdf" --message 1 --ground journal --json
good 'erase --message'
json 'o["state"] == "ordered" and o["stays"] == {}'
run due
says 'One message of the case goes'
"$senim" doctor --config "$office/senim.conf" >"$work/doctor" 2>&1 || true
grep -q 'senim@kmo.kz: 1 ordered erasures wait' "$work/doctor" || fail "doctor says nothing of an order: $(cat "$work/doctor")"
as chair 0 '' erase 3 --confirm --ground journal

month=$(TZ=Asia/Almaty date +%Y-%m) # of the confirmation

# --- ten days later

clock 9
run show 1 --raw --ground journal
good 'show on the ninth day'
clock 10
for _ in $(seq 100); do
	run list --all --json
	printf '%s' "$out" | grep -q '"erased"' && break
	sleep 0.1
done
json '[c["state"] for c in o["cases"] if c["case"].endswith("/1")] == ["erased"]'
run list --all --json
json '[c["state"] for c in o["cases"] if c["case"].endswith("/3")] == ["new"]'
for _ in $(seq 50); do
	run erase 3 --status --json
	printf '%s' "$out" | grep -q '"removed"' && break
	sleep 0.1
done
json 'o["state"] == "removed"'
expect 1 'erased by order' show 3 --raw --ground journal
given '{"brief": "қойма"}' note 3 - --ground journal
good 'note behind the erasure of a message'
"$senim" doctor --config "$office/senim.conf" >"$work/doctor" 2>&1 || true
grep -q 'senim@kmo.kz: 2 messages were erased and open in older copies' "$work/doctor" || fail "doctor says nothing of what is not destroyed: $(cat "$work/doctor")"
run report --month "$month" --json
json 'o["months"][-1]["erasures_ordered"] == 3 and o["months"][-1]["erasures_stopped"] == 1'
for what in '--raw' '--headers' '--sealed '"$work/sealed"; do
	# shellcheck disable=SC2086
	expect 1 'erased by order № 12-К of 2026-11-01' show 1 $what --ground journal
done
expect 1 'erased' receipt 1 --output "$work/receipt2" --ground journal
run show 1 --row --ground journal --json
good 'show --row'
json 'o["row"]["surname"] is None and o["row"]["phone"] is None and o["row"]["brief"] is None'
json 'o["row"]["measures"]["value"] == "Қоймашы ауыстырылды" and o["row"]["measures"]["officer"] == "aigul"'
json 'o["erased"]["order"] == "12-К" and o["erased"]["dated"] == "2026-11-01"'
run show 1 --row --ground journal
says 'Erased by order № 12-К of 2026-11-01'
run show 2 --raw --ground journal
good 'the other case'

# --- the register, the proofs

run register --ground journal
good register
says 'erased by order № 12-К of 2026-11-01'
says 'Тексерілсін'
case $out in *Ахметов*) fail 'the register has the name still' ;; esac
run register --json --ground journal
good 'register --json'
run verify
good verify
run verify --receipt "$work/receipt" --log-pub "$office/log.pub"
good 'verify --receipt'
as chair 0 "" log --month "$month"

says 'confirmed the erasure of the case'

# --- removed and destroyed

run erase 1 --status
good 'erase --status'
says 'removed: nothing of it lies in the store any more'
says 'custody rotate'
says 'the archive: its next run'
says 'a receipt'
as chair 0 '' archive --config "$office/senim.conf"
run erase 1 --status --json
json 'o["state"] == "removed" and o["archive"]["renewed"] is True'
find "$archive" -name '*.body' -path '*payloads*' >"$work/bodies"
[ "$(wc -l <"$work/bodies")" = 1 ] || fail "the archive has other bodies than the second case's: $(cat "$work/bodies")"
run verify --archive "$archive" --log-pub "$office/log.pub"
good 'verify --archive'
stop "$registrar"
stop "$milter"
"$senim" custody rotate --config "$office/senim.conf" --prove "$work/safe" --sheet "$work/sheet2" >"$work/rotate.log" 2>&1 || fail "custody rotate: $(cat "$work/rotate.log")"
registrar_start "$office"
run erase 1 --status --json
json 'o["state"] == "destroyed" and o["custody"] > 0'
run verify
good 'verify behind the rotation'
stop "$registrar"
"$senim" verify --store "$office/state" --log-pub "$office/log.pub" >"$work/out" 2>&1 || fail "verify --store: $(cat "$work/out")"
exit "$failed"
