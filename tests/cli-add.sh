#!/bin/sh
# SPDX-License-Identifier: ISC
# Reports that an officer adds: numbered, dated, sealed and told of as letters are; a registrar killed amidst it.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
mkdir "$work/mta"
printf '#!/bin/sh\nf=$(mktemp %s/mta/part.XXXXXX)\ncat >"$f"\nmv "$f" "%s/mta/letter.${f##*.}"\n' "$work" "$work" >"$work/sendmail"
chmod 755 "$work/sendmail"
sed -i "s|^submit=.*|submit=$work/sendmail|; s|^\[officer deputy\]\$|&\nmail=deputy@kmo.kz|" "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
rules="--rules $source/policy/rules"
year=$(TZ=Asia/Almaty date +%Y)

# --- a call: its own moment drives receipt and term, the number follows the letters'

letter first 'Қоймада жанар-жағармай ұрланып жатыр.' | feed "$office" senim@kmo.kz askar@example.kz
given 'Менің атым Болат Оспанов. Гаражда бензин ұрланады. Телефоным: +7 701 222 33 44' \
	add - --channel telephone --at 2026-03-06T17:50 $rules --json
good 'add telephone'
json "o['case'] == '$year/2' and o['received'] == '2026-03-06T17:50:00+05:00' and o['channel'] == 'telephone'"
run list --json
json 'o["cases"][1]["channel"] == "telephone" and o["cases"][1]["official_date"] == "2026-03-06" and o["cases"][1]["verdict"] == "clean"'
json 'o["cases"][1]["language"] == "kk" and o["cases"][1]["acknowledgement"]["state"] == "none"'
run show 2 --ground first-look --json
good 'show of an added report'
json '"бензин" in o["text"] and o["from"] == [] and o["attachments"] == []'
json '[s["value"] for s in o["suggested"] if s["what"] == "surname"] == ["Оспанов"]'
given 'Кеште айтылды.' add - --channel telephone --at 2026-03-06T18:00:01 $rules
good 'add after hours'
says "$year/3"
run why 3 --json
json 'o["official_date"] == "2026-03-10"'
run due --json
json '[c["when"] for c in o["cases"]].count("overdue") == 2'

# --- paper, with what was scanned: it comes out as it went in, small or large, and is kept from whom it is about

printf '%%PDF-1.4\nкіші\n' >"$work/кіші 100%.pdf"
head -c 3000000 /dev/urandom >"$work/large.bin"
given 'Хат түрінде келді.' add - --channel paper --attach "$work/кіші 100%.pdf" --attach "$work/large.bin" --about deputy $rules --json
good 'add paper'
run attachment 4 --ground first-look --json
json '[(a["name"], a["type"], a["size"]) for a in o["attachments"]] == [("кіші 100%.pdf", "application/pdf", 18), ("large.bin", "application/octet-stream", 3000000)]'
run attachment 4 2 --ground first-look --output "$work/back.bin" --even-so
cmp -s "$work/large.bin" "$work/back.bin" || fail 'an attached file came back as another'
status=0
"$senim" --officer deputy --identity "$work/deputy" show 4 --ground first-look >"$work/out" 2>&1 </dev/null || status=$?
[ "$status" = 3 ] || fail "whom it is about reads it: $status"

# --- in person: urgent, so that those who read are told, although nobody sent a letter

given 'Мен сізді өлтіремін.' add - --channel person $rules --json
good 'add person'
run list --all --json
json '[c["verdict"] for c in o["cases"] if c["channel"] == "person"] == ["redirect"]'
for _ in $(seq 100); do
	grep -q -s '^To: <*deputy@kmo.kz' "$work"/mta/letter.* && break
	sleep 0.05
done
grep -q -s '^To: <*deputy@kmo.kz' "$work"/mta/letter.* || fail 'nobody is told of an urgent report that was added'

# --- a machine without the screening's rules: unexamined, and not lost

given 'Ереже жоқ.' add - --channel person --rules /nonexistent
good 'add without rules'
case $err in *'could not be screened'*) ;; *) fail "an unscreened report is not said to be one: $err" ;; esac
run show 6 --ground first-look
says 'Ереже жоқ.'
run list --review --json
json '[c["verdict"] for c in o["cases"] if c["case"].endswith("/6")] == ["unexamined"]'

# --- what is not taken

expect 2 'takes one of' add
expect 2 'takes one of' add --channel mail
expect 2 'no terminal' add --channel paper
expect 2 'never a word of the command' add Болат --channel paper
given 'x' add - --channel paper --attach /nonexistent/scan.pdf
[ "$status" = 2 ] || fail "a scan that is not there: $status $err"
given 'x' add - --channel paper --about nobody $rules
[ "$status" = 2 ] || fail "it is about nobody who reads: $status $err"
given 'x' add - --channel paper --at 2999-01-01T10:00
[ "$status" = 2 ] || fail "a moment to come: $status $err"
given 'x' add - --channel paper --at 1999-01-01T10:00 $rules
[ "$status" = 1 ] || fail "a moment long ago: $status $err"
given '' add - --channel paper
[ "$status" = 2 ] || fail "nothing was reported: $status $err"
run list --all --json
json 'len(o["cases"]) == 6'

# --- a prolonged term is told: by mail to who wrote, on paper to who came another way

later=$(date -d '+90 days' +%F)
given 'Сараптама күтілуде' prolong 1 - --until "$later" --notify --ground resolution --json
good 'prolong --notify'
json 'o["letter"] is True and o["notice"] == "mail"'
for _ in $(seq 100); do
	run list --all --json
	case $out in *'"notified": "sent"'*) break ;; esac
	sleep 0.1
done
json '[c["notified"] for c in o["cases"]].count("sent") == 1'
python3 - "$work/mta" "$later" "$year/1" <<'PY' || fail 'the letter of the prolonged term is another one'
import datetime, email, glob, sys
letters = [email.message_from_file(open(path)) for path in glob.glob(sys.argv[1] + "/letter.*")]
letters = [one for one in letters if one["To"] == "<askar@example.kz>" and one["Auto-Submitted"] == "auto-generated"]
text = letters[0].get_payload(decode=True).decode()
day = datetime.date.fromisoformat(sys.argv[2]).strftime("%d.%m.%Y")
sys.exit(0 if len(letters) == 1 and day in text and sys.argv[3] in text and "жанар-жағармай" not in text and "Сараптама" not in text else 1)
PY
given 'Сараптама' prolong 2 - --until "$later" --notify --ground resolution
[ "$status" = 1 ] || fail "a letter is sent to nobody: $status $err"
given 'Сараптама' prolong 2 - --until "$later" --output "$work/told.pdf" --ground resolution
good 'prolong --output'
pdftotext -layout "$work/told.pdf" - | grep -q "№ $year/2" || fail 'the letter on paper lacks its number'
given 'Сараптама' prolong 3 - --until "$later" --notify --notice paper --ground resolution
[ "$status" = 2 ] || fail 'mail and paper at once'

# --- killed at any moment: it is there whole, or not at all

head -c 12000000 /dev/urandom >"$work/scan.bin"
said=6
for delay in 0.05 0.2 0.35 0.5; do
	{ sleep "$delay" && kill -9 "$registrar"; } &
	killer=$!
	given 'Өшірілген сәтте.' add - --channel paper --attach "$work/scan.bin" $rules --json
	[ "$status" != 0 ] || said=$((said + 1))
	wait "$killer" "$registrar" 2>/dev/null || true
	rm -f "$office/run/desk.sock"
	registrar_start "$office"
done
run list --all --json
json "$said <= len(o['cases']) <= $said + 4"
there=$(printf '%s' "$out" | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["cases"]))')
large=$(find "$office"/state -name '*.pay' | wc -l)
[ "$large" = $((there - 5)) ] || fail "$there cases have $large large payloads, and the vault lies"
run verify --json
json 'o["sound"]'
given 'Кейін.' add - --channel person $rules --json
good 'add after the kills'
json "o['case'] == '$year/$((there + 1))'"

# --- who wishes no answer gets no letter; the term is prolonged all the same

letter wish 'Қоймада ұрлық. Маған жауап керек емес.' | feed "$office" senim@kmo.kz dana@example.kz
given 'Сараптама' prolong $((there + 2)) - --until "$later" --notify --ground resolution
[ "$status" = 3 ] || fail "a letter to who wishes none: $status $err"
given 'Сараптама' prolong $((there + 2)) - --until "$later" --notice impossible --ground resolution
good 'prolong without a letter'

# --- nothing of it rests in clear

for word in Оспанов 'Гаражда бензин' 'Хат түрінде' 'кіші 100'; do
	grep -r -q -F "$word" "$office/state" "$work"/*.log && fail "“$word” lies in clear"
done
exit $failed
