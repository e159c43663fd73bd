#!/bin/sh
# SPDX-License-Identifier: ISC
# Printing: from memory to a printer of this machine (tests/ipp-printer.py), entered with sheets and copy before a page
# leaves; what keeps pages, or is elsewhere, is refused.
. "${srcdir:-.}/tests/cli-room.sh"

printer_start() { # NAME DEVICE: a printer on a loopback port, $port
	/usr/bin/python3 "$source/tests/ipp-printer.py" "$work/$1" "$work" "$2" &
	pids="$pids $!"
	for _ in $(seq 100); do
		[ -f "$work/$1" ] && break
		sleep 0.05
	done
	port=$(cat "$work/$1")
}

use() { # PLACE
	sed -i '/^printer/d' "$XDG_CONFIG_HOME/senim/officer.conf"
	echo "printer = $1" >>"$XDG_CONFIG_HOME/senim/officer.conf"
}

office=$work/office
marker=canary-4713-sings
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
{
	printf 'From: Askar <askar@example.kz>\nTo: senim@kmo.kz, boss@kmo.kz\nSubject: %s\nX-Mailer: Outlook-55\nMessage-ID: <id-55@desk-7.kz>\nContent-Type: text/plain; charset=utf-8\n\n' $marker
	printf 'Құрметті! \033]0;owned\007 %s\n' $marker
	seq 300
} | feed "$office" senim@kmo.kz askar@example.kz
officer_conf "$office"

expect 2 'no printer is named' print 1 --ground g
use 'ipp://printer.example.kz/ipp/print'
expect 3 'not one of this machine' print 1 --ground g
use 'ipp://localhost:1/ipp/print'
expect 1 'does not answer' print 1 --ground g
printer_start direct -
use "ipp://localhost:$port/ipp/print"
expect 3 'without a ground' print 1
expect 0 '' print 1 --ground g --json
json 'o["copy"] == 1 and o["sheets"] >= 5'
[ "$(cat "$work/job")" = 'document one-sided %PDF- True' ] || fail "the job: $(cat "$work/job")"
LC_ALL=C grep -r -a -l $marker "$work" && fail 'a printed letter stands on the disk'
touch "$work/keep"
expect 0 '' print 1 --ground g
says 'copy 2'
if command -v pdftotext >/dev/null; then
	pdftotext -layout "$work/pages.pdf" "$work/pages.txt"
	for word in 'The letter also went to: boss@kmo.kz.' 'Құрметті!' '\\u{001B}' 'copy 2' $marker askar@example.kz; do
		grep -q "$word" "$work/pages.txt" || fail "the pages lack “$word”"
	done
	grep -q 'Outlook-55\|desk-7' "$work/pages.txt" && fail 'the pages betray the desk the letter was written at'
fi

printf '{"surname": "Ахметов", "measures": ""}' | "$senim" note 1 - --ground journal >"$work/out" 2>&1 && fail 'an empty text is taken'
printf '{"surname": "Ахметов"}' | "$senim" note 1 - --ground journal >"$work/out" || fail note
expect 0 '' print 1 --row --ground g --json
sheets=$(printf '%s' "$out" | sed -n 's/.*"sheets": \([0-9]*\).*/\1/p')
if command -v pdftotext >/dev/null; then
	pdftotext -layout "$work/pages.pdf" "$work/pages.txt"
	for word in "Sheets *$sheets\$" 'Copy *3$' 'Row in the register' Ахметов "$sheets */ *$sheets"; do
		grep -q "$word" "$work/pages.txt" || fail "the pages with the row lack “$word”"
	done
fi

# --- a scheduler's queue: it spools, so only by --even-so; then it forgets

rm "$work/job"
printer_start queue usb://Brand/Printer
export CUPS_SERVER=127.0.0.1:$port
use office
expect 3 'writes pages to its disk' print 1 --ground g
expect 0 '' print 1 --ground g --even-so
[ "$(tail -n 1 "$work/job")" = 'purged 7 True' ] || fail "the queue keeps the job: $(cat "$work/job")"
printer_start far socket://10.1.1.1
export CUPS_SERVER=127.0.0.1:$port
expect 3 'not one of this machine' print 1 --ground g
export CUPS_SERVER=printers.example.kz
expect 3 'not one of this machine' print 1 --ground g --even-so

[ "$failed" = 0 ] && echo 'ok: pages are printed'
exit $failed
