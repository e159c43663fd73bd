#!/bin/sh
# SPDX-License-Identifier: ISC
# The register as it is printed: five formats that say the same, final sheets, and sheets of paper that are true or not.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
registrar_start "$office"
milter_start "$office"
for n in 1 2 3 4 5 6; do
	letter "r$n" "Қоймада жанар-жағармай жоғалды, $n." | feed "$office" senim@kmo.kz "askar$n@example.kz"
done
given() { # TEXT COMMAND...: must succeed
	text=$1
	shift
	printf '%s' "$text" | "$senim" "$@" >"$work/out" 2>"$work/err" || fail "$*: $(cat "$work/err")"
}
book() { # FILE ARGUMENT...: the register into a file of $work
	file=$work/$1
	shift
	"$senim" register "$@" --ground journal >"$file" 2>"$work/err" || fail "register $*: $(cat "$work/err")"
}
year=$(TZ=Asia/Almaty date +%Y)
long=$(python3 -c "print('Құжаттар мен айғақтар ғимараттың үшінші қабатында сақтаулы. ' * 60)")

given '{"surname": "Ахметов", "given": "Асқар", "phone": "+7 701 123 45 67", "address": "Астана", "brief": "Жанар-жағармай жетіспейді"}' \
	note 1 - --ground journal
run show 1 --row --ground journal --json
entry=$(printf '%s' "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin)["row"]["surname"]["entry"])')
given '{"why": "қате жазылған", "instead": "Ахметова"}' strike 1 "$entry/surname" - --ground journal
given '{"resolution": "Тексерілсін", "resolution_date": "2026-11-23", "measures": "Ескерту", "outgoing_number": "07-03/181"}' \
	resolve 1 - --ground resolution
given 'Сараптама' prolong 1 - --until "$((year + 1))-01-20" --notice mail --ground resolution
expect 0 '' close 1 --result measures --ground resolution
for n in 2 3 4; do
	expect 0 '' set-aside "$n" --reason spam --ground resolution
done
given "{\"surname\": \"=cmd|' /C calc'!A0\", \"given\": \"<script>\", \"brief\": \"$long\"}" note 5 - --ground journal
given '{"surname": "Ә", "legal_form": "ЖШС", "legal_name": "Үміт", "address": "Алматы", "phone": "@SUM(1)"}' note 6 - --ground journal

# --- one model: every format has each row and each code, and is made again octet for octet

for format in text html pdf csv json; do
	book "r.$format" --format "$format"
	book again --format "$format"
	cmp -s "$work/r.$format" "$work/again" || fail "$format is not made again octet for octet"
done
# on another day, by a clock of another zone and another locale
for format in html pdf csv; do
	(
		export TZ=Pacific/Auckland LC_ALL=C.UTF-8 LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK=3456000
		book moved --year "$year" --format "$format"
		exit "$failed"
	) || failed=1
	cmp -s "$work/r.$format" "$work/moved" || fail "$format is another one on another day, in another zone and locale"
done
python3 - "$work" "$year" <<'PY' || fail 'the formats do not say the same'
import csv, json, re, subprocess, sys
work, year = sys.argv[1:]
book = json.load(open(work + "/r.json"))
pages = book["pages"]
assert [p["sheet"] for p in pages] == list(range(1, len(pages) + 1)), pages
assert len(pages) > 3 and all(p["holds"] for p in pages)
assert pages[0]["before"] == "0" * 64
for one, two in zip(pages, pages[1:]):
    assert two["before"] == one["digest"]
names = [r["case"] for p in pages for r in p["rows"] if not r["continued"]]
assert names == [year + "/1", f"{year}/2 – {year}/4", year + "/5", year + "/6"], names
first = pages[0]["rows"][0]["cells"]
assert first[2][0]["struck"]["officer"] == "aigul" and first[2][0]["text"] == "Ахметов", first
assert first[2][1]["text"] == "Ахметова Асқар" and first[7][0]["text"] == "07-03/181"
assert [run["text"] for run in pages[-1]["rows"][-1]["cells"][2]] == ["Ә", "ЖШС Үміт"], pages[-1]["rows"][-1]
assert pages[0]["rows"][1]["cells"][6][0] == {"kind": "set-aside", "text": "spam", "struck": None}
text, html = open(work + "/r.text").read(), open(work + "/r.html").read()
pdf = subprocess.run(["pdftotext", "-layout", work + "/r.pdf", "-"], capture_output=True, text=True, check=True).stdout
for page in pages:
    for shown in (text, html, pdf):
        assert page["code"] in shown, page["code"]
assert html.count('<section class="sheet">') == len(pages)
assert "<s>Ахметов</s>" in html and "<script" not in html and "&lt;script&gt;" in html
assert "http" not in html.replace("http-equiv", ""), "the page fetches something"
assert "Асқар" in pdf and "Құжаттар" in pdf and "жанар" in pdf.lower()
rows = list(csv.reader(open(work + "/r.csv", encoding="utf-8-sig", newline="")))
assert len(rows) == 5 and all(len(r) == 8 for r in rows), rows
assert rows[3][2].startswith("'=cmd"), rows[3]
assert rows[1][3].startswith("Астана\n+7 701"), rows[1]
assert all(not cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row)
assert " ".join(rows[3][4].split()) == " ".join(("Құжаттар мен айғақтар ғимараттың үшінші қабатында сақтаулы. " * 60).split())
PY
"$source/tests/register-pictures.py" "$work" || fail 'what is printed does not look as it must'
book ales.json --form ales --format json
python3 - "$work/ales.json" <<'PY' || fail 'form ales has other columns'
import json, sys
pages = json.load(open(sys.argv[1]))["pages"]
rows = {r["case"].split("/")[1]: [[x["text"] for x in c] for c in r["cells"]] for p in pages for r in p["rows"]}
assert len(rows["1"]) == 7 and rows["1"][3] == ["Астана", "+7 701 123 45 67"] and rows["1"][6] == []
assert len(rows["1"][1][0]) == len("23.11.2026 14:05")
assert rows["6"][3] == ["@SUM(1)"] and rows["6"][5] == ["ЖШС", "Үміт"] and rows["6"][6] == ["Алматы"]
PY
book none.json --channel telephone --format json
python3 -c 'import json, sys; sys.exit(len(json.load(open(sys.argv[1]))["pages"]))' "$work/none.json" || fail 'a letter is no call'

# --- a sheet of paper

code=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["pages"][0]["code"])' "$work/r.json")
run register --verify-page 1 "$code" --ground journal
[ "$status" = 0 ] || fail "a true sheet is not: $err"
says Ахметова
expect 1 'not what the register made' register --verify-page 2 "$code" --ground journal
expect 1 'not what the register made' register --verify-page 1 "${code%????}0000" --ground journal
expect 1 'had no sheet 99' register --verify-page 99 "$code" --ground journal
expect 2 'the code at its foot' register --verify-page 1 4711-zz --ground journal

# --- final sheets: they stay what they were, and what is written later stands on a sheet of changes

expect 0 '' register --final --ground journal
expect 1 'nothing was made final' register --final --ground journal
book final.json --format json
final=$(python3 -c 'import json, sys; p = json.load(open(sys.argv[1]))["pages"]; print(p[0]["kind"], p[1]["kind"], p[0]["code"])' "$work/final.json")
case $final in 'final draft '*) ;; *) fail "the first sheet is not final: $final" ;; esac
run show 1 --row --ground journal --json
entry=$(printf '%s' "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin)["row"]["measures"]["entry"])')
given '{"why": "толықтырылды", "instead": "Ескерту мен сөгіс"}' strike 1 "$entry/measures" - --ground journal
run register --verify-page 1 "${final#final draft }" --ground journal
[ "$status" = 0 ] || fail "a final sheet changed: $err"
case $out in *сөгіс*) fail 'a final sheet shows what was written later' ;; esac
book closed.html --close-year --format html
python3 - "$work" <<'PY' || fail 'the closed year is not whole'
import re, sys
html = open(sys.argv[1] + "/closed.html").read()
kinds = re.findall(r"Sheet (\d+) \((\w+)\)", html)
assert kinds[0] == ("1", "final") and kinds[1] == ("2", "changes"), kinds
assert [int(n) for n, _ in kinds] == list(range(1, len(kinds) + 1)), kinds
assert 'class="sheet cover"' in html and "numbered, laced and sealed %d " % len(kinds) in html
assert "carried over" in html and "/5, " in html and "сөгіс" in html
PY
expect 0 '' verify

# --- a reading is an entry, a file is an export, and who reads no case reads no row

run log --json --month "$(TZ=Asia/Almaty date +%Y-%m)"
json 'sum(e["kind"] == "register-read" for e in o["log"]) > 10 and sum(e["kind"] == "sheet" for e in o["log"]) > 3'
expect 0 '' register --format csv --output "$work/out.csv" --ground journal
[ "$(stat -c %a "$work/out.csv")" = 600 ] || fail 'others read the file'
expect 0 '' purge
[ ! -e "$work/out.csv" ] || fail 'purge leaves the file'
expect 3 '' register
expect 2 'one of text' register --format doc --ground journal
expect 2 'a year is written' register --year 26 --ground journal
expect 0 '' assign 6 --to deputy --ground resolution
book elsewhere.json --format json
python3 - "$work/elsewhere.json" <<'PY' || fail "another's case is shown"
import json, sys
rows = [r for p in json.load(open(sys.argv[1]))["pages"] for r in p["rows"] if r["case"].endswith("/6")]
assert rows and rows[0]["elsewhere"] and rows[0]["received"] is None and "Алматы" not in json.dumps(rows, ensure_ascii=False), rows
PY

exit $failed
