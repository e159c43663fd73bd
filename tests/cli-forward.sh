#!/bin/sh
# SPDX-License-Identifier: ISC
# A report is forwarded: what leaves is shown and has nothing of its writer; with him only by consent or law; not to whom it
# speaks of, but by a second officer's word; on paper, and by mail to a real SMTP server.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
cat >>"$office/senim.conf" <<END
[addressee police]
name-kk = Полиция департаменті
name-ru = Департамент полиции
address = Алматы
[addressee audit]
kind = department
names = Мұрат Оспанов
name-kk = Ішкі аудит қызметі
name-ru = Служба внутреннего аудита
address = Алматы, 3-қабат
[addressee fund]
kind = organisation
name-kk = Мұнай қоры
name-ru = Нефтяной фонд
address = Астана
END
registrar_start "$office"
milter_start "$office"

typed() { # ANSWER ARGUMENT...: what she is asked on a terminal; $said, $status
	status=0
	answer=$1
	shift
	SAID=$work/said "$source/tests/with-passphrase.py" "$answer" "$senim" "$@" 2>/dev/null || status=$?
}
flat() { # FILE.pdf: its words in one line
	pdftotext -raw "$1" - | tr '\n' ' '
}

# A letter that names its writer in every way there is.
feed "$office" senim@kmo.kz ainura.omarova@mail.example <<'END'
From: =?UTF-8?B?0JDQudC90YPRgNCwINCe0LzQsNGA0L7QstCw?= <ainura.omarova@mail.example>
To: senim@kmo.kz
Subject: subject-marker
Message-ID: <id-marker@mail.example>
X-Trace: trace-marker
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Здравствуйте! Меня зовут Айнура Омарова, ИИН 900615350018. На складе воруют бензин marker-77.
Звоните 8 701 123-45-67, живу на ул. Абая 12, кв. 5. Омаровой грозят увольнением.
Платили на KZ86125KZT5004100100 и на карту 4400 4301 2345 6789. Секрет-слово.

С уважением,
Омарова Айнура
--b
Content-Type: text/plain; name=attachment-marker.txt
Content-Disposition: attachment; filename=attachment-marker.txt

attached-words
--b--
END
letter about 'Аудит қызметінде Мұрат Оспанов пара алды. marker-88' | feed "$office" senim@kmo.kz askar@example.kz

# --- words that are wrong

expect 2 'takes one of: audit, fund' forward 1 --ground g --output "$work/x.pdf"
expect 2 'takes one of: audit, fund' forward 1 --to police --ground g --output "$work/x.pdf"
expect 2 'takes one of: police' redirect 1 --to audit --ground g --output "$work/x.pdf"
expect 2 'new one with --output' forward 1 --to audit --ground g
expect 2 'belong together' forward 1 --number 7 --ground g
expect 2 'exclude each other' forward 1 --number 7 --date 2026-11-22 --to audit --ground g
expect 2 'exclude each other' forward 1 --to audit --allow --output "$work/x.pdf" --ground g
expect 2 'exclude each other' forward 1 --to audit --with-identity --law --consent 1 --output "$work/x.pdf" --ground g
expect 2 'belong to --with-identity' forward 1 --to audit --law --output "$work/x.pdf" --ground g
expect 1 'never forwarded' forward 1 --number 7 --date 2026-11-22 --ground g
expect 3 'without a ground' forward 1 --to audit --output "$work/x.pdf"

# --- without her yes nothing leaves, and any other word is hidden too

typed '' forward 1 --to audit --ground 'КМО 21' --output "$work/x.pdf"
[ "$status" = 3 ] && [ ! -e "$work/x.pdf" ] || fail "without a yes: $status $(cat "$work/said")"
for word in 'EXACTLY THIS LEAVES' 'Hidden in the text' 'identity number: 900615350018' '[ИИН/БИН]' 'marker-77' 'Сопроводительное письмо' 'Ілеспе хат'; do
	grep -q -F "$word" "$work/said" || fail "the preview lacks “$word”: $(cat "$work/said")"
done
run list --all --json
json 'all(c["forwarding"] is None for c in o["cases"])'

# --- on paper

typed audit forward 1 --to audit --ground 'КМО 21' --output "$work/one.pdf"
[ "$status" = 0 ] || fail "forward fails: $status $(cat "$work/said")"
[ "$(stat -c %a "$work/one.pdf")" = 600 ] || fail 'others may read the document'
year=$(TZ=Asia/Almaty date +%Y)
flat "$work/one.pdf" >"$work/one.txt"
for word in "№ $year/1" 'Ілеспе хат' 'Сопроводительное письмо' 'Ішкі аудит қызметі' 'Служба внутреннего аудита' 'Шығыс №' 'Исх. №' \
	marker-77 'Секрет-слово' '[имя]' '[телефон]' '[адрес]' '[ИИН/БИН]' '[номер счёта]' '[номер карты]' 'ережеге сәйкес' 'положению о ящике доверия'; do
	grep -q -F "$word" "$work/one.txt" || fail "the document lacks “$word”: $(cat "$work/one.txt")"
done
writer='айнура омаров mail.example 900615350018 701 123-45-67 абая kz86125 6789 subject-marker id-marker trace-marker attachment attached-words'
for word in $writer; do
	! grep -q -i -F -e "$word" "$work/one.txt" || fail "the document has “$word” of the writer: $(cat "$work/one.txt")"
done
# What was shown is what is printed, word for word.
sed -n '/EXACTLY THIS LEAVES/,/This is all that leaves/p' "$work/said" | sed '1d;$d' | tr -d '|/\r\n -' >"$work/shown"
printf '%s' 'На складе воруют бензин marker-77' | tr -d ' -' >"$work/part"
grep -q -F -f "$work/part" "$work/shown" || fail 'the preview is another text'
run list --all --json
json '[c["forwarding"] for c in o["cases"] if c["case"].endswith("/1")] == [{"state": "made", "to": "audit"}]'
run due --json
json 'not any(t["term"] == "forward" for c in o["cases"] if c["case"].endswith("/1") for t in c["terms"])'
json 'any(t["term"] == "forward" for c in o["cases"] if c["case"].endswith("/2") for t in c["terms"])'

# --- the register has to whom, what and why; the chancellery its number

for day in 2020-01-01 2999-01-01; do
	expect 2 'neither before the report came nor after today' forward 1 --number 7 --date $day --ground g
done
run forward 1 --number '03-7/9' --date "$(today)" --ground 'КМО 17'
good 'the outgoing number'
says '03-7/9'
run show 1 --row --ground 'the row' --json
good 'the row'
json '[e["what"] for e in o["course"] if e["kind"] == "forwarded"] == ["audit", "audit"]'
run log --json
run report --json
json 'o["months"][-1]["forwarded"] == 1'

# --- with its writer: by her consent in a message, by a law, never without

expect 2 'terminal' forward 1 --to fund --with-identity --output "$work/y.pdf" --ground 'КМО 23'
typed '' forward 1 --to fund --with-identity --output "$work/y.pdf" --ground 'КМО 23'
[ "$status" = 3 ] && grep -q 'without the reporter' "$work/said" || fail "without a consent: $status $(cat "$work/said")"
expect 1 'has no message 7' forward 1 --to fund --with-identity --consent 7 --output "$work/y.pdf" --ground 'КМО 23'
typed fund forward 1 --to fund --with-identity --consent 1 --output "$work/two.pdf" --ground 'КМО 23'
[ "$status" = 0 ] || fail "with consent: $status $(cat "$work/said")"
flat "$work/two.pdf" >"$work/two.txt"
for word in 'Айнура Омарова' '900615350018' 'Письменное согласие' 'ainura.omarova@mail.example' 'Заявитель'; do
	grep -q -F "$word" "$work/two.txt" || fail "the document with its writer lacks “$word”: $(cat "$work/two.txt")"
done
for word in trace-marker id-marker attached-words; do
	! grep -q -F "$word" "$work/two.txt" || fail "the document with its writer has “$word”"
done
typed fund forward 1 --to fund --with-identity --law --output "$work/three.pdf" --ground 'КМО 23'
[ "$status" = 0 ] || fail "by a law: $status $(cat "$work/said")" # the law typed is «fund» here
grep -q 'By which law' "$work/said" || fail 'she is not asked for the law'
! grep -q -F 'установить его личность' "$work/two.txt" || fail 'with his name goes the wish not to find it out'
grep -q -F 'не допускать давления' "$work/two.txt" || fail 'with his name goes no word on what it may be used for'
run log
good 'the log'
says 'forwarded the case (audit; without the writer; on paper'
says 'forwarded the case (fund; with the writer: by his letter'
says 'forwarded the case (fund; with the writer: a law; on paper'
run log --json
json '[e["form"] for e in o["log"] if e["kind"] == "forwarded" and e["act"] == "made"] == ["redacted", "identity", "identity"]'

# --- of whom it speaks does not get it, but by another officer's word

typed audit forward 2 --to audit --output "$work/z.pdf" --ground 'КМО 21'
[ "$status" = 3 ] && [ ! -e "$work/z.pdf" ] && grep -q 'Мұрат Оспанов' "$work/said" || fail "to whom it names: $status $(cat "$work/said")"
run forward 2 --to audit --allow --ground 'own word'
good 'allowing'
typed audit forward 2 --to audit --output "$work/z.pdf" --ground 'КМО 21'
[ "$status" = 3 ] && [ ! -e "$work/z.pdf" ] || fail "she allowed it herself: $status"
"$senim" forward 2 - --to audit --allow --officer deputy --identity "$work/deputy" --ground 'second word' <<END >/dev/null || fail 'the deputy cannot allow it'
Басқа аудитор қарайды.
END
typed audit forward 2 --to audit --output "$work/z.pdf" --ground 'КМО 21'
[ "$status" = 3 ] && [ ! -e "$work/z.pdf" ] && grep -q 'Names that stay in the text: .*Оспанов' "$work/said" || fail "a name stays: $status $(cat "$work/said")"
expect 3 'names stay' forward 2 --to fund --output "$work/z.pdf" --ground 'КМО 21'
typed "yes
audit" forward 2 --to audit --output "$work/z.pdf" --ground 'КМО 21'
[ "$status" = 0 ] && grep -q 'deputy allowed' "$work/said" || fail "allowed by the deputy: $status $(cat "$work/said")"
typed audit forward 2 --to audit --output "$work/again.pdf" --ground 'КМО 21'
[ "$status" = 3 ] || fail 'one word is good for two documents'
run verify
good 'verify'

# --- by mail, through a real SMTP server: sealed to the department's key, and nothing of the writer beside it

age-keygen -o "$work/fund.key" 2>/dev/null
/usr/bin/python3 - "$work" <<'END' &
import socket, sys
sink = socket.create_server(("127.0.0.1", 0))
open(sys.argv[1] + "/port.part", "w").write(str(sink.getsockname()[1]))
import os
os.rename(sys.argv[1] + "/port.part", sys.argv[1] + "/port")
count = 0
while True:
    peer, _ = sink.accept()
    file = peer.makefile("rwb")
    def say(line):
        file.write(line + b"\r\n")
        file.flush()
    say(b"220 sink")
    data, envelope = None, b""
    for line in file:
        if data is not None:
            if line == b".\r\n":
                count += 1
                name = f"{sys.argv[1]}/mail.{count}"
                open(name + ".part", "wb").write(envelope + b"\n" + data)
                os.rename(name + ".part", name)
                data = None
                say(b"250 taken")
            else:
                data += line
        elif line.upper().startswith(b"DATA"):
            data = b""
            say(b"354 go")
        elif line.upper().startswith(b"QUIT"):
            say(b"221 bye")
            break
        else:
            envelope += line
            say(b"250 ok")
    peer.close()
END
sink=$!
pids="$pids $sink"
for _ in $(seq 100); do
	[ -e "$work/port" ] && break
	sleep 0.05
done
stop "$registrar"
sed -i "s|^submit *=.*|submit = smtp://127.0.0.1:$(cat "$work/port")|" "$office/senim.conf"
cat >>"$office/senim.conf" <<END
[addressee oil]
kind = organisation
name-kk = Мұнай қоры
name-ru = Нефтяной фонд
address = Астана
by = mail
mail = duty@fund.example
recipient = $(age-keygen -y "$work/fund.key")
[addressee open]
kind = organisation
name-kk = Ашық қор
name-ru = Открытый фонд
address = Астана
by = mail
mail = open@fund.example
allow-cleartext = yes
END
registrar_start "$office"
came() { # ADDRESS: the letter to it, in $mail; acknowledgements wait in the outbox and may come too
	for _ in $(seq 200); do
		for mail in "$work"/mail.[0-9]*; do
			case $mail in *.part) continue ;; esac
			[ -e "$mail" ] && grep -q -i "^RCPT TO:<$1>" "$mail" && return 0
		done
		sleep 0.05
	done
	fail "no letter came to $1"
}
typed oil forward 1 --to oil --key "$(age-keygen -y "$work/fund.key")" --ground 'КМО 21'
[ "$status" = 0 ] || fail "by mail: $status $(cat "$work/said")"
came duty@fund.example
python3 - "$mail" "$work/kit.age" <<'END' || fail 'the sealed letter is of another form'
import email, email.policy, sys
envelope, _, octets = open(sys.argv[1], 'rb').read().partition(b'\n')
octets = octets[octets.index(b'From:'):] if b'From:' in octets else octets
letter = email.message_from_bytes(octets, policy=email.policy.default)
facts, sealed = letter.iter_parts()
said = facts.get_content()
assert '/1' in said and 'Направляется'.lower() in said.lower() and '-тармағына' not in said, said
assert letter['Subject'] == 'Ресми хат / Официальное письмо', letter['Subject']
assert sealed.get_filename() == 'kit.age'
open(sys.argv[2], 'wb').write(sealed.get_content())
END
age -d -i "$work/fund.key" "$work/kit.age" >"$work/inner.eml" || fail 'the addressee cannot open it'
typed open forward 1 --to open --ground 'КМО 21'
[ "$status" = 0 ] || fail "in clear: $status $(cat "$work/said")"
[ "$(grep -c 'type open:' "$work/said")" -ge 1 ] && grep -q 'in their queues' "$work/said" || fail 'the second question is missing'
came open@fund.example
python3 - "$work/inner.eml" "$mail" "$work" <<'END' || fail 'what is sent is of another form'
import email, email.policy, subprocess, sys
inner = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
octets = open(sys.argv[2], 'rb').read()
letter = email.message_from_bytes(octets[octets.index(b'From:'):], policy=email.policy.default)
facts, clear = letter.iter_parts()
kit, = inner.iter_parts()
texts = [octets.decode(errors='replace').lower(), facts.get_content().lower()]
for number, part in enumerate((kit, clear)):
    path = f'{sys.argv[3]}/part{number}.pdf'
    open(path, 'wb').write(part.get_content())
    text = subprocess.run(['pdftotext', '-raw', path, '-'], capture_output=True, check=True).stdout.decode().lower()
    assert 'marker-77' in text and '[имя]' in text, text
    texts.append(text)
for text in texts:
    for word in ('айнура', 'омаров', 'omarova', 'mail.example', '900615350018', '123-45-67', 'абая', 'kz86125', 'subject-marker',
                 'id-marker', 'trace-marker', 'attachment-marker', 'attached-words'):
        assert word not in text, (word, text)
END
for _ in $(seq 100); do
	run list --all --json
	case $out in *'"sent"'*'"open"'* | *'"open"'*'"sent"'*) break ;; esac
	sleep 0.05
done
json '[c["forwarding"] for c in o["cases"] if c["case"].endswith("/1")] == [{"state": "sent", "to": "open"}]'
run verify
good 'verify'
[ "$failed" = 0 ] && echo 'ok: what is forwarded has nothing of its writer'
exit $failed
