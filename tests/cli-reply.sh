#!/bin/sh
# SPDX-License-Identifier: ISC
# Answers to reporters: by mail in the thread of the report, on paper, in person; what comes back; what gets none.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
mkdir "$work/mta"
cat >"$work/sendmail" <<END
#!/bin/sh
f=\$(mktemp "$work/mta/part.XXXXXX")
{ printf 'X-Args: %s\n' "\$*"; cat; } >"\$f"
mv "\$f" "$work/mta/letter.\${f##*.}"
END
chmod 755 "$work/sendmail"
sed -i "s|^submit=.*|submit=$work/sendmail|; s|^\[mailbox senim@kmo.kz\]|&\nacknowledge = never|" "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
year=$(TZ=Asia/Almaty date +%Y)

# What is typed answers one question after another; $said is what the terminal showed.
typed() { # ANSWERS COMMAND...
	answers=$1
	shift
	status=0
	LC_ALL=C.UTF-8 SAID=$work/said "$source/tests/with-passphrase.py" "$answers" "$senim" "$@" 2>/dev/null || status=$?
	err=$(tr -d '\000' <"$work/said")
	out=$err
}

from() { # NAME TEXT: a letter from NAME@example.kz
	letter "$1" "$2" | sed "s|^From: .*|From: $1 <$1@example.kz>|" | feed "$office" senim@kmo.kz "$1@example.kz"
}

letters() { # how many the MTA got
	find "$work/mta" -name 'letter.*' | wc -l
}

state_is() { # CASE-INDEX STATE: what became of its last answer's letter
	for _ in $(seq 30); do
		run list --all --json
		printf '%s' "$out" | python3 -c "import json,sys; c = json.load(sys.stdin)['cases']; sys.exit(0 if any(x['case'] == '$year/$1' and x['answer'] and x['answer']['state'] == '$2' for x in c) else 1)" && return 0
		sleep 0.05
	done
	fail "the answer of $1 never became $2"
}

# --- an answer by mail: nothing leaves without a word typed at what leaves

from askar 'Қоймада жанар-жағармай ұрланып жатыр. marker-1f00'
expect 2 'takes one of' reply 1 --by pigeon --ground g
expect 2 'belong together' reply 1 --number 7 --ground g
expect 2 'stand alone' reply 1 --no-answer rude --by mail --ground g
expect 2 'takes one of' reply 1 --no-answer lazy --ground g
expect 2 'takes one of' reply 1 --unsafe maybe --ground g
expect 2 'goes with --by paper' reply 1 --output "$work/x.pdf" --ground g
expect 2 'never a word of the command' reply 1 Жауап --ground g
expect 1 'was not answered yet' reply 1 --number 7 --date "$(today)" --ground g
expect 3 'without a ground' reply 1
given 'Тексеру жүргізілді. marker-2a11' reply 1 - --ground answer
[ "$status" = 3 ] && [ "$(letters)" = 0 ] || fail "an answer leaves without a terminal: $status $err"
typed "$(printf 'Тексеру жүргізілді.\n\nno')" reply 1 - --ground answer
[ "$status" = 3 ] && [ "$(letters)" = 0 ] || fail "an answer leaves though she said no: $status $err"
grep -q 'askar@example.kz' "$work/said" || fail 'she is not shown to whom it goes'
grep -q 'Тексеру жүргізілді' "$work/said" && grep -q "№ $year/1" "$work/said" || fail 'she is not shown the whole letter'
typed "$(printf 'Тексеру жүргізілді, шара қолданылды. marker-2a11\n\nsend')" reply 1 - --ground answer
good 'reply'
state_is 1 sent
[ "$(letters)" = 1 ] || fail 'the answer was not sent once'
python3 - "$work"/mta/letter.* "$year/1" "$work/id" <<'PY' || fail 'the answer has another form'
import email, email.policy, re, sys
letter = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
assert [name for name in letter.keys()] == ["X-Args", "Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References",
    "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"], letter.keys()
assert letter["X-Args"] == "-t -f senim@kmo.kz", letter["X-Args"]
assert letter["From"] == "senim@kmo.kz" and letter["To"] == "askar@example.kz"
assert letter["Subject"] == "Хатыңызға жауап" and letter["Content-Language"] == "kk"
assert letter["In-Reply-To"] == letter["References"] == "<askar@example.kz>"
text = letter.get_content()
assert "marker-2a11" in text and sys.argv[2] in text and text.startswith("Сәлеметсіз бе!") and "Құрметпен" in text
assert re.search("[A-Z2-7]{26}", text) and "осы хатқа жауап беріңіз" in text
assert "marker-1f00" not in text and "жанар-жағармай" not in text and "{" not in text
open(sys.argv[3], "w").write(letter["Message-ID"])
PY
run list --json
json 'o["cases"][0]["answer"]["by"] == "mail" and o["cases"][0]["answer"]["unnumbered"] and not o["cases"][0]["lost"]'
run due --json
json "o['unnumbered'] == ['$year/1']"
run due
says 'WITHOUT OUTGOING NUMBER'

# --- the chancellery's number comes later, and fills the register's column

sent=$(today)
for day in 2020-01-01 2999-01-01; do
	expect 2 'neither before the report came nor after today' reply 1 --number 7 --date $day --ground g
done
run reply 1 --number '07-03/179' --date "$(today)" --ground answer --json
good 'reply --number'
json 'o["answer"] == "numbered"'
expect 1 'no answer without outgoing number' reply 1 --number 8 --date "$(today)" --ground g
run show 1 --row --json --ground journal
json 'o["row"]["outgoing_number"]["value"] == "07-03/179" and o["row"]["outgoing_date"]["value"] in ("'"$sent"'", "'"$(today)"'")'
json '[(e["kind"], e["act"]) for e in o["course"]] == [("replied", "given"), ("replied", "numbered")]'
json 'o["course"][0]["to"] == "askar@example.kz" and "marker-2a11" in o["course"][0]["text"] and o["course"][0]["what"] == "mail"'
entry=$(printf '%s' "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["course"][1]["entry"])')
given '{"why": "қате терілді", "instead": "07-03/180"}' strike 1 "$entry/outgoing_number" - --ground journal
good 'strike of the number'
run show 1 --row --json --ground journal
json 'o["row"]["outgoing_number"]["value"] == "07-03/180" and o["course"][1]["struck"] is None'
given '{"why": "x"}' strike 1 "$entry" - --ground journal
[ "$status" = 3 ] || fail "an answer is struck: $status $err"
run show 1 --row --ground journal
says 'answered'
run register --form kmo --ground journal
says '07-03/180'
run due --json
json "o['unnumbered'] == []"

# --- what the reporter answers is the case's; what his server sends back marks the answer

printf 'From: Askar <askar@example.kz>\nTo: senim@kmo.kz\nSubject: Re\nMessage-ID: <second@example.kz>\nIn-Reply-To: %s\nContent-Type: text/plain; charset=utf-8\n\n%s\n' \
	"$(cat "$work/id")" 'Рақмет. Тағы бір дерек бар.' | feed "$office" senim@kmo.kz askar@example.kz
run list --json
json 'len(o["cases"]) == 1 and o["cases"][0]["messages"] == 2 and o["cases"][0]["unread"] and not o["cases"][0]["lost"]'
{
	printf 'From: MAILER-DAEMON@example.kz\nTo: senim@kmo.kz\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n'
	printf 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nno such user\n'
	printf -- '--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; example.kz\n\nFinal-Recipient: rfc822; askar@example.kz\nAction: failed\nStatus: 5.1.1\n\n'
	printf -- '--b\nContent-Type: text/rfc822-headers\n\nFrom: <senim@kmo.kz>\nMessage-ID: %s\n\n--b--\n' "$(cat "$work/id")"
} | feed "$office" senim@kmo.kz ''
run list --json
json 'len(o["cases"]) == 1 and o["cases"][0]["answer"]["state"] == "returned" and o["cases"][0]["lost"]'
run list
says 'answered by mail: the letter came back'
run show 1 --message 2 --ground answer
run show 1 --message 3 --ground answer
given '' close 1 --result measures --ground resolution
good 'close'
run list --json
json 'len(o["cases"]) == 1 and o["cases"][0]["lost"]' # it stands there although it is closed and read
given 'Жауап қолына берілді.' reply 1 - --by person --ground answer --json
good 'reply --by person'
run list --all --json
json 'o["cases"][0]["answer"]["by"] == "person" and not o["cases"][0]["lost"] and not o["cases"][0]["answer"]["unnumbered"]'
run list --json
json 'o["cases"] == []'

# --- on paper: the page, and its number at once

from dana 'Жөндеу ақшасы қайда кетті?'
issued=$(today)
given 'Ақша жөндеуге жұмсалды. marker-77aa' reply 2 - --by paper --number 12 --date "$issued" --to 'Алматы, Абай 1' \
	--output "$work/answer.pdf" --ground answer --json
good 'reply --by paper'
pdftotext -layout "$work/answer.pdf" - | grep -q marker-77aa || fail 'the page lacks the answer'
for word in 'Алматы, Абай 1' '^ *senim@kmo.kz' 'senim@kmo.kz мекенжайына'; do
	pdftotext -layout "$work/answer.pdf" - | grep -q -e "$word" || fail "the page lacks “$word”: $(pdftotext -layout "$work/answer.pdf" -)"
done
code=$(pdftotext -layout "$work/answer.pdf" - | grep -o -E '[A-Z2-7]{26}') || fail 'the page lacks the code of the register'
run verify --code "$code" --json
json 'o["sound"]'
pdftotext -layout "$work/answer.pdf" - | grep -q "№ 12, $(date -d "$issued" +%d.%m.%Y)" || fail 'the page lacks its number'
[ "$(letters)" = 1 ] || fail 'an answer on paper was mailed'

# --- whom nobody must answer, and who must not be written to

from rude 'Мен сізді өлтіремін.'
typed "$(printf 'Сәлем\nno')" reply 3 - --ground answer
[ "$status" = 3 ] && grep -q 'marked for law enforcement' "$work/said" || fail "a threat is answered without a question: $status $err"
run reply 3 --no-answer threat --ground answer --json
good 'reply --no-answer'
run list --json
json '[c["answer"]["by"] for c in o["cases"] if c["answer"]] == ["paper", "none"] or [c["answer"]["by"] for c in o["cases"] if c["answer"]] == ["none", "paper"]'
given 'Сәлем' reply 3 - --by person --ground answer
[ "$status" = 3 ] || fail "what gets no answer is answered without a terminal: $status $err"
typed "$(printf 'Сәлем\nyes\nno')" reply 3 - --by person --ground answer
[ "$status" = 3 ] && grep -q 'no answer on its substance is due' "$work/said" || fail "what gets no answer is answered: $status $err"
run reply 2 --unsafe yes --ground answer
good 'reply --unsafe'
expect 1 'marked so already' reply 2 --unsafe yes --ground g
given 'Сараптама' prolong 2 - --until "$(date -d '+90 days' +%F)" --notify --ground resolution
[ "$status" != 0 ] || fail 'a letter of a prolonged term goes to an unsafe address'
typed "$(printf 'Қосымша\nno')" reply 2 - --ground answer
[ "$status" = 3 ] && grep -q 'no letter is to go there' "$work/said" || fail "an unsafe address is written to without a question: $status $err"
typed "$(printf 'Қосымша\nyes\n\nsend')" reply 2 - --ground answer
good 'reply to an unsafe address, after a question'
state_is 2 sent
typed no acknowledge 2 --ground answer
[ "$status" = 3 ] && grep -q 'no letter is to go there' "$work/said" || fail "an acknowledgement goes to an unsafe address: $status $err"
run reply 2 --unsafe no --ground answer
good 'reply --unsafe no'

# --- others who know of it, the employer's own mailboxes, and an address in the text

printf 'From: Saule <saule@kmo.kz>\nTo: senim@kmo.kz\nCc: boss@kmo.kz\nSubject: x\nMessage-ID: <own@kmo.kz>\nContent-Type: text/plain; charset=utf-8\n\nПрошу проверить закупку бумаги: её купили вдвое дороже, чем она стоит на рынке. Мой личный адрес: saule@example.org\n' |
	feed "$office" senim@kmo.kz saule@kmo.kz
typed "$(printf 'Проверили.\nyes\n1\nno')" reply 4 - --ground answer
[ "$status" = 3 ] && grep -q 'boss@kmo.kz' "$work/said" && grep -q 'own domains' "$work/said" ||
	fail "others and own domains are not shown: $status $err"
typed "$(printf 'Проверили.\nyes\n\nsend')" reply 4 - --to saule@example.org --ground answer
good 'reply to the address in the text'
state_is 4 sent
typed "$(printf 'Проверили.\nyes\n\nsend')" reply 4 - --to postmaster@example.org --ground answer
[ "$status" = 3 ] || fail "a letter goes where nobody reads: $status $err"
[ "$(grep -l -r 'saule@example.org' "$work/mta" | wc -l)" = 1 ] || fail 'the answer went elsewhere'
grep -h '^Content-Language' "$work"/mta/letter.* | sort | tr -d '\r' | uniq -c | grep -q '1 Content-Language: ru' || fail 'a Russian letter is answered in another language'

# --- whose question it is: a state body by the list, or in her own words

from nurlan 'Жалақы үш ай берілмейді.'
typed "$(printf 'x\nsend')" advise 5 - --to nobody --ground answer
[ "$status" = 2 ] && grep -q 'takes one of: other, anticorruption' "$work/said" || fail "an unknown body is taken: $status $err"
typed "$(printf 'Өтініш тегін қаралады. marker-90c1\n\nsend')" advise 5 - --to labour --ground answer
good 'advise'
state_is 5 sent
python3 - "$work"/mta <<'PY' || fail 'the advice has another form'
import email, email.policy, glob, sys
letters = [email.message_from_binary_file(open(path, "rb"), policy=email.policy.default) for path in glob.glob(sys.argv[1] + "/letter.*")]
advice, = [one for one in letters if one["Subject"] == "Хатыңыз бойынша түсіндірме"]
text = advice.get_content()
assert "Еңбек инспекциясы" in text and "marker-90c1" in text and "Жалақы" not in text and advice["To"] == "nurlan@example.kz"
PY
run reply 5 --number 12 --date "$(today)" --ground answer
[ "$status" = 3 ] || fail "a number is given twice without a question: $status $err"
typed no reply 5 --number 12 --date "$(today)" --ground answer
[ "$status" = 3 ] && grep -q 'under number 12 already' "$work/said" || fail "a number is given twice: $status $err"
run reply 5 --number 13 --date "$(today)" --ground answer
good 'the number of an advice'
run show 5 --row --json --ground journal
json 'o["course"][0]["kind"] == "advised" and o["course"][0]["what"] == "labour" and o["row"]["outgoing_number"]["value"] == "13"'

entry=$(printf '%s' "$out" | python3 -c 'import json,sys; print(json.load(sys.stdin)["course"][-1]["entry"])')
given '{"why": "қате терілді"}' strike 5 "$entry/outgoing_number" - --ground journal
good 'strike of the number of an advice'
run due
says 'WITHOUT OUTGOING NUMBER'
given '{"outgoing_number": "14"}' resolve 5 - --ground journal
good 'resolve with the number of an advice'
run due --json
json "'$year/5' not in o['unnumbered']"

# --- a signed answer, scanned

from aliya 'Түнде жүк шықты.'
printf '%%PDF-1.4 marker-scan' >"$work/жауап 1.pdf"
typed "$(printf 'Жауап файлда.\n8\n01.01.2020')" reply 6 - --attach "$work/жауап 1.pdf" --ground answer
[ "$status" = 2 ] && grep -q 'neither before the report came nor after today' "$work/said" || fail "an impossible date is typed: $status $err"
typed "$(printf 'Жауап файлда.\n07-03/182\n\nsend')" reply 6 - --attach "$work/жауап 1.pdf" --ground answer
good 'reply --attach'
grep -q '07-03/182' "$work/said" || fail 'the letter lacks the number that was typed'
run due --json
json "'$year/6' not in o['unnumbered']"
state_is 6 sent
python3 - "$work"/mta <<'PY' || fail 'the attached answer has another form'
import email, email.policy, glob, sys
letters = [email.message_from_binary_file(open(path, "rb"), policy=email.policy.default) for path in glob.glob(sys.argv[1] + "/letter.*")]
one, = [letter for letter in letters if letter["To"] == "aliya@example.kz"]
text, file = one.iter_parts()
assert "Жауап файлда." in text.get_content() and file.get_filename() == "жауап 1.pdf"
assert file.get_content_type() == "application/pdf" and file.get_content() == b"%PDF-1.4 marker-scan"
PY

# --- the books start again with all of it, and hold nothing in clear

stop "$registrar"
registrar_start "$office"
run list --all --json
json '[c["answer"]["by"] for c in o["cases"]].count("mail") == 4'
run verify --json
json 'o["sound"]'
run log --json
says 'replied'
run why 1 --json
month=$(printf '%s' "$out" | python3 -c 'import json, sys; print(json.load(sys.stdin)["official_date"][:7])')
run report --month "$month" --json
json 'o["months"][-1]["replied"] == 5 and o["months"][-1]["advised"] == 1 and o["months"][-1]["no_answer"] == 1'
json 'o["months"][-1]["to_reply"]["longest"] >= 0'
for word in marker-2a11 marker-77aa marker-90c1 'askar@example.kz' 'saule@example.org' 'Тексеру жүргізілді' marker-scan 07-03; do
	grep -r -q -F "$word" "$office/state" "$work"/*.log && fail "“$word” lies in clear"
done
exit $failed
