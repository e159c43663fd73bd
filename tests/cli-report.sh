#!/bin/sh
# SPDX-License-Identifier: ISC
# The report to the management: counts that are right, small ones that name nothing, nothing decrypted, nothing of a person.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
registrar_start "$office"
milter_start "$office"
for n in 1 2 3 4 5 6 7; do
	letter "r$n" "Қоймада жанар-жағармай жоғалды, $n." | feed "$office" senim@kmo.kz "askar$n@example.kz"
done
printf '{"surname": "Ахметов", "brief": "Қойма"}' | "$senim" note 1 - --ground journal >"$work/out" || fail 'note'
expect 0 '' assign 1 --category fuel --ground resolution
for n in 5 6 7; do
	expect 0 '' assign "$n" --category procurement --ground resolution
done
expect 0 '' close 1 --result measures --ground resolution
expect 0 '' set-aside 2 --reason spam --ground resolution
month=$(python3 - "$work" <<'PY'
import datetime
# The month of the day from which they count is that of today but on its last evening or weekend: read from the desk below.
print(datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=5))).strftime("%Y-%m"))
PY
)
run why 1 --json
counts=$(printf '%s' "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin)["official_date"][:7])')
size() { "$senim" verify --json | python3 -c 'import json, sys; print(json.load(sys.stdin))' | cksum; }
entries=$(size)
run report --month "$counts" --json
[ "$status" = 0 ] || fail "report fails: $err"
json 'len(o["months"]) == 6 and o["months"][-1]["total"] == 7 and o["months"][0]["total"] == 0'
json 'o["months"][-1]["channels"] == {"mail": 7} and o["months"][-1]["languages"] == {"kk": 7}'
json 'o["months"][-1]["categories"] == {"procurement": 3, "-": 3, "merged": 1}'
json 'o["months"][-1]["outcomes"] == {"measures": 1, "set-aside": 1, "open": 5}'
json 'o["months"][-1]["answered"] == 1 and o["months"][-1]["in_term"] == 1 and o["months"][-1]["overdue"] == 0'
json 'o["months"][-1]["to_answer"]["longest"] >= 0 and o["year_categories"]["procurement"] == 3'
[ "$entries" = "$(size)" ] || fail 'a report is an entry'
expect 0 '' assign 1 --category - --ground resolution
expect 0 '' assign 1 --category procurement --ground resolution
run report --month "$counts" --json
json 'o["months"][-1]["categories"] == {"procurement": 4, "-": 3}'

# What is another's counts, and says no more than that it came.
expect 0 '' assign 7 --to deputy --ground resolution
run report --month "$counts" --json
json 'o["months"][-1]["total"] == 7 and o["months"][-1]["categories"] == {"procurement": 3, "-": 3, "elsewhere": 1}'
json 'o["months"][-1]["verdicts"].get("elsewhere") == 1 and not o["whole"]'

# Each format says the same; the officer's words are a page of it.
for format in text html pdf; do
	printf 'Себеп: <бақылау> әлсіз' | "$senim" report - --month "$counts" --format "$format" >"$work/report.$format" ||
		fail "report --format $format"
done
pdftotext -layout "$work/report.pdf" "$work/report.pdf.text"
for file in report.text report.html report.pdf.text; do
	grep -q "бақылау" "$work/$file" || fail "$file lacks the officer's words"
	grep -q 'Procurement' "$work/$file" || fail "$file lacks a category"
	grep -q 'Ахметов\|askar' "$work/$file" && fail "$file names somebody"
done
grep -q 'Reports by month' "$work/report.pdf.text" || fail 'the PDF lacks its charts'
grep -q '&lt;бақылау&gt;' "$work/report.html" || fail 'the words are no text in HTML'
[ "$(grep -c '<svg' "$work/report.html")" = 3 ] || fail 'there are no three charts'
grep -q '<script\|http:\|https:' "$work/report.html" && fail 'the page fetches something'
expect 2 'a month is written' report --month 2026-13
expect 2 'one of text' report --format csv
expect 0 '' report --format pdf --output "$work/out.pdf" --month "$month"

exit $failed
