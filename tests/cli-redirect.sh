#!/bin/sh
# SPDX-License-Identifier: ISC
# A report goes to law enforcement: the kit an officer prints, its entry, the chancellery's number, and that it was wrong.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
run keygen -o "$work/other" --no-passphrase
officer_conf "$office"

# --- who can be addressed

registrar_start "$office"
milter_start "$office"
letter threat 'Мен сізді өлтіремін. marker-55c1' | feed "$office" senim@kmo.kz askar@example.kz
expect 1 'addressee NAME' redirect 1 --ground 'КМО 6' --output "$work/kit.pdf"
stop "$registrar"
cat >>"$office/senim.conf" <<END
[addressee police]
name-kk = Алматы қаласының Полиция департаменті
name-ru = Департамент полиции города Алматы
address = 050000, Алматы, Масанчи көшесі, 57а
valid-from = 2020-01-01
[addressee later]
name-kk = Кейінгі
name-ru = Будущий
address = Алматы
valid-from = 2999-01-01
END
registrar_start "$office"

# --- words that are wrong

expect 2 'new one with --output' redirect 1 --ground g
expect 2 'belong together' redirect 1 --number 7 --ground g
expect 2 'exclude each other' redirect 1 --number 7 --date 2026-11-22 --wrong --ground g
expect 2 'exclude each other' redirect 1 --wrong --to police --ground g
expect 2 'takes one of: police' redirect 1 --to later --output "$work/kit.pdf" --ground g
expect 1 'never redirected' redirect 1 --number 7 --date 2026-11-22 --ground g
expect 3 'without a ground' redirect 1 --output "$work/kit.pdf"
expect 1 '' redirect 1 --output "$work/aigul" --ground g
[ ! -e "$work/kit.pdf" ] || fail 'a kit was written though it was refused'

# --- the kit

run redirect 1 --ground 'КМО 6' --output "$work/kit.pdf" --json
[ "$status" = 0 ] || fail "redirect fails: $err"
json 'o["redirection"] == "made" and o["to"] == "police" and o["file"].endswith("kit.pdf")'
[ "$(stat -c %a "$work/kit.pdf")" = 600 ] || fail 'others may read the kit'
pdftotext -raw "$work/kit.pdf" "$work/kit.txt"
year=$(TZ=Asia/Almaty date +%Y)
for word in "№ $year/1" 'Ілеспе хат' 'Сопроводительное письмо' 'Полиция департаменті' 'Департамент полиции' marker-55c1 \
	'Мен сізді өлтіремін' 'Мәтінде: өмірге' 'В тексте: угроза жизни' 'Исх. №' 'askar@example.kz' 'BLAKE2b-256'; do
	tr '\n' ' ' <"$work/kit.txt" | grep -q -F "$word" || fail "the kit lacks “$word”: $(cat "$work/kit.txt")"
done
"$senim" show 1 --raw --ground 'the digest' 2>/dev/null | sha256sum | cut -c1-64 >"$work/sum"
tr -d ' \n' <"$work/kit.txt" | grep -q "$(cat "$work/sum")" || fail 'the kit does not name the digest of the letter'
run redirect 1 --ground 'КМО 6' --output "$work/again.pdf"
[ "$status" = 0 ] || fail "a second kit is refused: $err"
run list --all --json
json 'o["cases"][0]["redirection"] == {"state": "made", "to": "police"}'

# --- what the chancellery gives; what was wrong

expect 1 '' redirect 1 --number 7 --date 22.11.2026 --ground g
run redirect 1 --number '03-7/112' --date 2026-11-22 --ground g
[ "$status" = 0 ] || fail "the outgoing number is refused: $err"
says '03-7/112'
run list --json
json 'o["cases"][0]["redirection"]["state"] == "numbered"'
run redirect 1 --wrong --ground g
[ "$status" = 0 ] || fail "--wrong fails: $err"
expect 1 '' redirect 1 --wrong --ground g
run list --json
json 'o["cases"][0]["redirection"]["state"] == "wrong"'

# --- by mail: sealed to the addressee alone, facts in clear

age-keygen -o "$work/police" 2>/dev/null
stop "$registrar"
mkdir "$work/sent"
cat >"$work/sendmail" <<END
#!/bin/sh
cat >"$work/sent/part" && mv "$work/sent/part" "$work/sent/message"
END
chmod 700 "$work/sendmail"
sed -i "s|^submit *=.*|submit = $work/sendmail|" "$office/senim.conf"
cat >>"$office/senim.conf" <<END
[addressee duty]
name-kk = Кезекші бөлім
name-ru = Дежурная часть
address = Алматы
by = mail
mail = duty@police.kz
recipient = $(age-keygen -y "$work/police")
END
registrar_start "$office"
run redirect 1 --to duty --ground 'КМО 6' --json
[ "$status" = 0 ] || fail "redirect by mail fails: $err"
json 'o["redirection"] == "queued" and o["file"] is None'
for _ in $(seq 100); do
	[ -e "$work/sent/message" ] && break
	sleep 0.05
done
grep -q '^To: <duty@police.kz>' "$work/sent/message" || fail 'the sealed letter was not sent'
python3 - "$work/sent/message" "$work/kit.age" <<'END' || fail 'the letter to law enforcement is of another form'
import email, email.policy, sys
letter = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
facts, sealed = letter.iter_parts()
said = facts.get_content()
assert '6-тармағына' in said and 'пункту 6' in said and '/1' in said
assert letter['Subject'] == 'Ресми хат / Официальное письмо'
for word in ('askar', 'marker-55c1', 'threat', 'өлтір'):
    assert word not in said and word not in str(letter['Subject'])
open(sys.argv[2], 'wb').write(sealed.get_content())
END
age -d -i "$work/police" "$work/kit.age" >"$work/inner.eml" || fail 'the addressee cannot open the kit'
python3 - "$work/inner.eml" "$work" <<'END' || fail 'the sealed kit is of another form'
import email, email.policy, sys
kit, original = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default).iter_parts()
assert kit.get_content().startswith(b'%PDF-')
open(sys.argv[2] + '/original.eml', 'wb').write(original.get_content())
END
"$senim" show 1 --raw --ground 'the original' 2>/dev/null | cmp -s - "$work/original.eml" || fail 'the original did not arrive whole'
for _ in $(seq 100); do
	run list --json
	case $out in *'"sent"'*) break ;; esac
	sleep 0.05
done
json 'o["cases"][0]["redirection"] == {"state": "sent", "to": "duty"}'

# --- by itself: sealed as it is stored, and no officer needed; what is no redirect stays

stop "$registrar"
sed -i 's|^\[mailbox senim@kmo.kz\]|&\nredirect = automatic|' "$office/senim.conf"
registrar_start "$office"
rm -f "$work/sent/message"
letter ask 'Скажите, пожалуйста, когда приём?' | feed "$office" senim@kmo.kz dana@example.kz
letter threat 'Я тебя найду и убью, сволочь. marker-a7f0' | feed "$office" senim@kmo.kz askar@example.kz
for _ in $(seq 100); do
	[ -e "$work/sent/message" ] && break
	sleep 0.05
done
python3 - "$work/sent/message" "$work/report.age" <<'END' || fail 'the letter that goes by itself is of another form'
import email, email.policy, sys
letter = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
facts, sealed = letter.iter_parts()
said = ' '.join(facts.get_content().split())
assert '6-тармағына' in said and 'пункту 6' in said and '/3' in said, said
assert letter['Subject'] == 'Ресми хат / Официальное письмо' and letter['To'] == '<duty@police.kz>'
assert letter['Auto-Submitted'] == 'auto-generated' and sealed.get_filename() == 'report.age'
assert b'marker' not in open(sys.argv[1], 'rb').read() and 'askar' not in said
open(sys.argv[2], 'wb').write(sealed.get_content())
END
age -d -i "$work/police" "$work/report.age" >"$work/inner.eml" || fail 'the addressee cannot open what went by itself'
grep -q 'X-Senim-Case' "$work/inner.eml" || fail 'what went by itself is not the stored body'
"$senim" show 3 --raw --ground 'the original' >"$work/original.eml" 2>/dev/null
python3 - "$work" <<'END' || fail 'the report that went by itself did not arrive whole'
import sys
assert open(sys.argv[1] + '/original.eml', 'rb').read() in open(sys.argv[1] + '/inner.eml', 'rb').read()
END
for _ in $(seq 100); do
	run list --json
	case $out in *'"sent"'*) break ;; esac
	sleep 0.05
done
json '[c["redirection"] for c in o["cases"] if c["case"].endswith("/3")] == [{"state": "sent", "to": "duty"}]'
json '[c["redirection"] for c in o["cases"] if c["case"].endswith("/2")] == [None]'
run redirect 3 --wrong --ground g
[ "$status" = 0 ] || fail "what went by itself cannot be called wrong: $err"

# --- the register has all of it, also after the cache of cases was made again, and the files are exports

run verify --json
json 'o["sound"]'
[ -z "${SENIM_PAGES-}" ] || cp "$work/kit.pdf" "$SENIM_PAGES/redirect-kit.pdf" # for a person to look at
run purge --json
json 'len(o["purged"]) == 2'
[ ! -e "$work/kit.pdf" ] || fail 'purge left the kit'
