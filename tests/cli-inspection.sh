#!/bin/sh
# SPDX-License-Identifier: ISC
# The inspector's file: one order, one pack, each part from who may read it; an entry before anything is seen and one with the
# file's digest; two languages; nobody named unless that was asked for, on a ground.
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
# Days around today, whatever midnight does meanwhile.
first=$(TZ=Asia/Almaty date -d '-2 days' +%Y-%m-%d)
last=$(TZ=Asia/Almaty date -d '+2 days' +%Y-%m-%d)
printf 'order of the prosecutor, scanned' >"$work/order.pdf"
inspect() { # NAME STATUS WORD OUTPUT ARGUMENT...
	inspector=$1 ends=$2 says=$3 made=$4
	shift 4
	as "$inspector" "$ends" "$says" inspection --from "$first" --to "$last" --order '17/3' --output "$made" "$@"
}
holds() { # WORD...: each stands in the text of the page
	for wanted in "$@"; do
		tr -s ' \n' '  ' <"$work/text" | grep -qF -- "$wanted" || fail "the file does not say: $wanted"
	done
}
lacks() {
	tr -s ' \n' '  ' <"$work/text" | grep -qF -- "$1" && fail "the file says: $1"
	return 0
}
expect 0 '' show 1 --ground 'first look at Askar'
as deputy 0 '' show 2 --ground preparing-answer
"$senim" keygen --no-passphrase -o "$work/saule" >/dev/null || fail 'keygen'
expect 0 '' officer add saule "$work/saule.pub" --role supervisor --order 12-К
expect 0 '' enroll --officer saule --identity "$work/saule" --log-pub "$work/saule.log.pub" --json
words=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["words_kk"])')
as deputy 0 '' officer confirm saule --words "$words"
"$senim" keygen --no-passphrase -o "$work/gone" >/dev/null || fail 'keygen'
expect 0 '' officer add gone "$work/gone.pub" --role deputy --order 13-К
expect 0 '' officer block gone --order 5-К --signed 2026-01-01T10:00
expect 0 '' show 2 --ground 'a second look at Askar'

# A row with who reported, one without, one that is kept from aigul.
for n in 3 4; do
	letter "hello$n" 'Сынақ.' | feed "$office" senim@kmo.kz askar@example.kz
done
given '{"surname": "Ахметов", "given": "Асқар", "phone": "+7 701 123 45 67", "brief": "Ахметов Асқардың айтуынша, жанармай жетпейді: 8 701 123 45 67"}' \
	note 1 - --ground journal
good 'a row'
given '{"resolution": "Түгендеу жүргізілсін", "measures": "Ахметовқа хабарланды"}' resolve 1 - --ground resolution
good 'a resolution'
expect 0 '' withhold 4 --from aigul --ground 'other: it is about her'
given '{"cause": "a pipe burst"}' incident open - --from "${first}T10:00" --part flood
good 'an incident by hand'

# What must be said.
inspect aigul 3 'ground' "$work/hers.pdf"
inspect saule 3 'ground' "$work/hers.pdf" --names
[ ! -e "$work/hers.pdf" ] || fail 'a file was made without a ground'
as saule 2 '--order' inspection --from "$first" --to "$last" --output "$work/x.pdf"
as saule 2 'last day' inspection --from "$last" --to "$first" --order 1 --output "$work/x.pdf"
as saule 2 'kk, ru or en' inspection --from "$first" --to "$last" --order 1 --output "$work/x.pdf" --language de
inspect saule 2 'go together' "$work/x.pdf" --names --no-names
inspect saule 2 'cannot be read' "$work/x.pdf" --digest "$work/nothing"
[ ! -e "$work/x.pdf" ] || fail 'a file was left by what failed'

# Without names.
inspect saule 0 '' "$work/plain.pdf" --digest "$work/order.pdf" --language en --json
digest=$(sha256sum <"$work/plain.pdf" | cut -d' ' -f1)
json "o['sha256'] == '$digest' and not o['names']"
begun=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["entry"])')
[ "$(stat -c %a "$work/plain.pdf")" = 600 ] || fail 'others may read the file'
inspect saule 1 'exists already' "$work/plain.pdf"
pdftotext -raw "$work/plain.pdf" "$work/text"
holds "$(sha256sum <"$work/order.pdf" | cut -c1-20)" '17/3' 'senim@kmo.kz' "$first – $last" aigul deputy saule 'order 12-К' 'order 5-К, signed 2026-01-01 10:00, hours from order to block: ' ', more than 24' "$(TZ=Asia/Almaty date +%Y)/2" \
	'register is whole' 'Who looked at what, when and on what ground' 'read the case' 'Control mark of the register' 'How anyone' \
	'Outages and incidents' 'Beginning, date and time' "$first 10:00" 'Not completed yet'
lacks 'second look'
lacks askar
lacks hello
as saule 0 '' log --json
json "[e['kind'] for e in o['log'] if e['entry'] >= $begun][:2] == ['inspected', 'log-read']"
json "sum(e['kind'] == 'inspected' for e in o['log']) == 2 and o['log'][-1]['officer'] == 'saule'"
json "all(e['signed'] for e in o['log'] if e['kind'] == 'inspected')"

# The officer's, without names: rows of the register, and no word of who reported.
request='request: 17/3; 20.11.2026'
inspect aigul 0 '' "$work/rows.pdf" --language en --ground "$request" --json
json "o['rows'] and not o['all_acts'] and not o['names']"
officers=$(sha256sum <"$work/rows.pdf" | cut -d' ' -f1)
# The register's pages lie as the register does, the others stand.
sizes=$(pdfinfo -f 1 -l 99 "$work/rows.pdf" | sed -n 's/^Page .*size: *\([0-9]*\)\.[0-9]* x \([0-9]*\).*/\1x\2/p' | uniq | tr '\n' ' ')
[ "$sizes" = '595x841 841x595 595x841 ' ] || fail "its pages are $sizes"
pdftotext -raw "$work/rows.pdf" "$work/text"
holds 'Pages of the register' 'Brief content of the report' 'Түгендеу жүргізілсін' 'not disclosed' 'read by another' 'without what says who reported' \
	'the acts of aigul alone' 'the file of the supervisor (saule)' 'order 12-К' 'entered a person (saule)' "$first 10:00" "$(printf '%.20s' "$digest")" \
	'Control mark of the register'
for word in Ахметов Асқар 701 askar hello 'second look' 'Preparing the answer' 'Code of this sheet'; do
	lacks "$word"
done
as saule 0 '' log --json
json "[e['act'] for e in o['log'] if e['officer'] == 'aigul' and e['kind'] in ('inspected', 'register-read')] == ['begun', 'inspect', 'made']"
json "all(e['signed'] for e in o['log'] if e['officer'] == 'aigul')"
json "all(e['ground'] == 'request' for e in o['log'] if e['officer'] == 'aigul' and e['kind'] in ('inspected', 'register-read'))"

# With names: who reported, on that ground.
inspect aigul 0 '' "$work/rows-named.pdf" --names --language en --ground "$request"
pdftotext -raw "$work/rows-named.pdf" "$work/text"
holds 'Ахметов' '8 701 123 45 67' 'second look at Askar' 'keeps it as a report is kept' "$(printf '%.20s' "$officers")" 'read by another'
lacks 'not disclosed'
lacks 'Columns 3, 4'

# Who asks what is held on him hears of it.
given '+7 701 123 45 67' extract - --ground "$request" --json
json "[d['what'] for d in o['cases'][0]['disclosed']] == ['made the file for an inspection (17/3)']"

# What holds rows or names is an export, until it is destroyed where it was made.
run purge --json
json "sorted(e['file'].rsplit('/', 1)[1] for e in o['purged'] if e['was_there']) == ['rows-named.pdf', 'rows.pdf']"
[ ! -e "$work/rows-named.pdf" ] && [ -e "$work/plain.pdf" ] || fail 'purge destroys what holds rows, and nothing else'

# The leadership above has its own rows alone: those of the officers stand by number.
inspect chair 0 '' "$work/above.pdf" --language en --ground "$request"
pdftotext -raw "$work/above.pdf" "$work/text"
year=$(TZ=Asia/Almaty date +%Y)
holds 'read by another' "$year/1 – $year/4" 'the acts of chair alone'
lacks 'Түгендеу'

# With names: what was written of a ground.
inspect saule 0 '' "$work/named.pdf" --names --language en --ground "$request"
says 'is made'
pdftotext -raw "$work/named.pdf" "$work/text"
holds 'second look at Askar' 'began the file' 'made the file for an inspection (17/3), with names' "A body's request (number and date): 17/3; 20.11.2026"
lacks hello
one=$(pdfinfo "$work/named.pdf" | sed -n 's/^Pages: *//p')

# In Kazakh and Russian unless one language was asked for: twice the pages, in whatever language this build knows.
inspect saule 0 '' "$work/both.pdf" --names --ground "$request"
[ "$(pdfinfo "$work/both.pdf" | sed -n 's/^Pages: *//p')" -ge $((2 * one)) ] || fail 'it is not there in two languages'

# A period in which nothing was done.
as saule 0 '' inspection --from "$first" --to "$first" --order 1 --output "$work/empty.pdf" --language en
pdftotext -raw "$work/empty.pdf" "$work/text"
holds 'None.'
lacks 'read the case'
as saule 0 '' verify
says 'whole'
