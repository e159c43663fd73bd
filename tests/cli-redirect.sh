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
json 'o["redirection"] == "made" and o["to"] == "police" and o["file"].endswith("kit.pdf") and o["original"].endswith("kit.eml")'
[ "$(stat -c %a "$work/kit.pdf")" = 600 ] || fail 'others may read the kit'
pdftotext -raw "$work/kit.pdf" "$work/kit.txt"
year=$(TZ=Asia/Almaty date +%Y)
for word in "№ $year/1" 'Ілеспе хат' 'Сопроводительное письмо' 'Полиция департаменті' 'Департамент полиции' marker-55c1 \
	'Мен сізді өлтіремін' 'Мәтінде: өмірге' 'В тексте: угроза жизни' 'Исх. №' 'askar@example.kz' 'BLAKE2b-256' \
	'Код контрольной отметки' 'aigul, ' "$(TZ=Asia/Almaty date +%d.%m.%Y)"; do
	tr '\n' ' ' <"$work/kit.txt" | grep -q -F "$word" || fail "the kit lacks “$word”: $(cat "$work/kit.txt")"
done
! grep -q -w -e 'ереже model' -e 'ереже [kr][ku]' -e 'правило [kr][ku]' "$work/kit.txt" || fail 'the kit names rules, which its reader does not know'
"$senim" show 1 --raw --ground 'the digest' 2>/dev/null | sha256sum | cut -c1-64 >"$work/sum"
tr -d ' \n' <"$work/kit.txt" | grep -q "$(cat "$work/sum")" || fail 'the kit does not name the digest of the letter'
[ "$(sha256sum <"$work/kit.eml" | cut -c1-64)" = "$(cat "$work/sum")" ] || fail 'the file beside the kit is not the original'
[ "$(stat -c %a "$work/kit.eml")" = 600 ] || fail 'others may read the original'
: >"$work/taken.eml"
expect 1 'taken.eml' redirect 1 --ground 'КМО 6' --output "$work/taken.pdf"
[ ! -e "$work/taken.pdf" ] || fail 'a kit was written beside a file that is none of its'
run redirect 1 --ground 'КМО 6' --output "$work/again.pdf"
[ "$status" = 0 ] || fail "a second kit is refused: $err"
run list --all --json
json 'o["cases"][0]["redirection"] == {"state": "made", "to": "police"}'
counted() { # WORD NUMBER: what the month's report counts of redirections, on a month's last evening too
	run report --json
	json "sum(month['$1'] for month in o['months']) == $2"
}
counted redirected 0
counted redirections_prepared 1

# --- what the chancellery gives; what was wrong

for day in 22.11.2026 2020-01-01 2999-01-01; do
	expect 2 'neither before the report came nor after today' redirect 1 --number 7 --date $day --ground g
done
run redirect 1 --number '03-7/112' --date "$(today)" --ground g
[ "$status" = 0 ] || fail "the outgoing number is refused: $err"
says '03-7/112'
run list --json
json 'o["cases"][0]["redirection"]["state"] == "numbered"'
counted redirected 1
counted redirections_prepared 0
run redirect 1 --wrong --ground g
[ "$status" = 0 ] || fail "--wrong fails: $err"
expect 3 '' redirect 1 --wrong --ground g
run list --json
json 'o["cases"][0]["redirection"]["state"] == "wrong"'

# --- by mail: sealed to the addressee alone, facts in clear

age-keygen -o "$work/police" 2>/dev/null
stop "$registrar"
mkdir "$work/sent"
cat >"$work/sendmail" <<END
#!/bin/sh
# What goes to law enforcement; acknowledgements go nowhere.
cat >"$work/sent/part.\$\$" || exit 75
if grep -q '^To: <.*@police.kz>' "$work/sent/part.\$\$"; then
	mv "$work/sent/part.\$\$" "$work/sent/message"
else
	rm "$work/sent/part.\$\$"
fi
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
# The key is his own, not the mail host's word: typed from her paper on a terminal, or named whole; and then known.
duty=$(age-keygen -y "$work/police")
entries=$("$senim" verify --json | grep -o '"entries": [0-9]*')
status=0
setsid "$senim" redirect 1 --to duty --ground 'КМО 6' </dev/null >/dev/null 2>"$work/err" || status=$?
[ "$status" = 3 ] && grep -q 'was not compared' "$work/err" || fail "a key that nobody compared is sealed to: $status $(cat "$work/err")"
expect 3 'another key of duty' redirect 1 --to duty --key "$(age-keygen -y "$work/aigul")" --ground 'КМО 6'
expect 2 'exclude each other' redirect 1 --to duty --key "$duty" --output "$work/x.pdf" --ground g
on_terminal() { # ANSWER ARGUMENT...: $said, $status
	status=0
	SAID=$work/said "$source/tests/with-passphrase.py" "$1" "$senim" redirect 1 --to duty --ground 'КМО 6' 2>/dev/null || status=$?
}
on_terminal "$(printf '%s' "$duty" | tail -c 9 | head -c 8)"
[ "$status" = 3 ] || fail "the wrong end of a key is taken: $status"
grep -q "${duty%????????}\.\.\.\.\.\.\.\." "$work/said" || fail "the key is not shown: $(cat "$work/said")"
! grep -q "^[^,]*$duty *$" "$work/said" || fail 'the end of the key can be copied from the screen'
[ "$("$senim" verify --json | grep -o '"entries": [0-9]*')" = "$entries" ] || fail 'the case was opened before the key was compared'
on_terminal "$(printf '%s' "$duty" | tail -c 8 | tr a-z A-Z)"
[ "$status" = 0 ] || fail "the end of the key is not taken: $(cat "$work/said")"
for _ in $(seq 100); do
	[ -e "$work/sent/message" ] && break
	sleep 0.05
done
rm "$work/sent/message"
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
assert 'ережеге сәйкес' in said and 'положению о ящике доверия' in said and 'пункту' not in said and '/1' in said
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

# --- by mail to OpenPGP keys: the one that was pinned, in force; and in clear only where she was asked once more

gpg_of_police() {
	gpg --homedir "$work/gpg" --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@" 2>>"$work/gpg.log"
}
new_key() { # NAME EXPIRY [OPTION...]: NAME.pgp, and its fingerprint in NAME.fpr
	name=$1 expiry=$2
	shift 2
	gpg_of_police "$@" --quick-generate-key "$name@police.kz" future-default default "$expiry"
	gpg_of_police --armor --export "$name@police.kz" >"$work/$name.pgp"
	gpg_of_police --with-colons --list-keys "$name@police.kz" | awk -F: '$1 == "fpr" { print $10; exit }' >"$work/$name.fpr"
}
addressee() { # NAME LINE...
	printf '[addressee %s]\nname-kk = Полиция\nname-ru = Полиция\naddress = Алматы\nby = mail\nmail = %s@police.kz\n' "$1" "$1"
	shift
	printf '%s\n' "$@"
}
sent() { # waits for the letter
	for _ in $(seq 100); do
		[ -e "$work/sent/message" ] && return 0
		sleep 0.05
	done
	fail "no letter came: $err"
}
mkdir -m 700 "$work/gpg"
new_key guard never
new_key soon 9d
new_key old 1y --faked-system-time 20200101T000000
stop "$registrar"
{
	addressee guard "openpgp = $work/guard.pgp" "fingerprint = $(cat "$work/guard.fpr")"
	addressee soon "openpgp = $work/soon.pgp" "fingerprint = $(cat "$work/soon.fpr")"
	addressee old "openpgp = $work/old.pgp" "fingerprint = $(cat "$work/old.fpr")"
	addressee swapped "openpgp = $work/soon.pgp" "fingerprint = $(cat "$work/guard.fpr")"
	addressee lost "openpgp = $work/lost.pgp" "fingerprint = $(cat "$work/guard.fpr")"
	addressee nokey "allow-cleartext = yes"
} >>"$office/senim.conf"
registrar_start "$office"
for word in '[addressee old] .*expired' '[addressee swapped] .*fingerprint' '[addressee soon] .*ends in [89] days' '[addressee lost] .*read'; do
	grep -q "$(printf '%s' "$word" | sed 's/^\[/\\[/; s/\]/\\]/')" "$work/registrar.log" || fail "the registrar does not warn of $word"
done
rm -f "$work/sent/message"
expect 1 'has expired' redirect 1 --to old --ground 'КМО 6'
expect 1 'configured fingerprint' redirect 1 --to swapped --ground 'КМО 6'
expect 1 'cannot read' redirect 1 --to lost --ground 'КМО 6'
run redirect 1 --to soon --key "$(cat "$work/soon.fpr")" --ground 'КМО 6' --json
[ "$status" = 0 ] || fail "redirect to an OpenPGP key that still holds fails: $err"
case $err in *'ends on'*) ;; *) fail "she is not told that the key ends: $err" ;; esac
sent
rm -f "$work/sent/message"
XDG_RUNTIME_DIR=/dev/shm
export XDG_RUNTIME_DIR
run redirect 1 --to guard --key "$(sed 's/..../& /g' "$work/guard.fpr")" --ground 'КМО 6' --json
[ "$status" = 0 ] || fail "redirect to an OpenPGP key fails: $err"
sent
python3 - "$work/sent/message" "$work" <<'END' || fail 'the letter is not PGP/MIME'
import email, email.policy, re, sys
octets = open(sys.argv[1], 'rb').read()
letter = email.message_from_bytes(octets, policy=email.policy.default)
assert letter['To'] == 'guard@police.kz' and letter['Subject'] == 'Ресми хат / Официальное письмо'
assert letter.get_content_type() == 'multipart/encrypted' and letter.get_param('protocol') == 'application/pgp-encrypted'
version, sealed = letter.get_payload()
assert version.get_content_type() == 'application/pgp-encrypted' and version.get_payload().strip() == 'Version: 1'
assert sealed.get_content_type() == 'application/octet-stream'
assert b'marker' not in octets and b'askar' not in octets and b'\n' not in octets.replace(b'\r\n', b'')
open(sys.argv[2] + '/sealed.asc', 'w').write(sealed.get_payload())
open(sys.argv[2] + '/id', 'w').write(letter['Message-ID'])
END
gpg_of_police --decrypt "$work/sealed.asc" >"$work/inner.eml" || fail 'the addressee cannot open what was sealed with OpenPGP'
python3 - "$work/inner.eml" "$work/original.eml" <<'END' || fail 'what was sealed with OpenPGP is of another form'
import email, email.policy, sys
facts, kit, original = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default).iter_parts()
said = facts.get_content()
assert 'ережеге сәйкес' in said and 'положению о ящике доверия' in said and 'пункту' not in said and '/1' in said and 'kit.pdf' in said
assert kit.get_content().startswith(b'%PDF-') and kit.get_filename() == 'kit.pdf'
assert original.get_content() == open(sys.argv[2], 'rb').read() and original.get_filename() == 'letter.eml'
END
for left in /dev/shm/senim-view-*/home/openpgp-*; do
	[ ! -e "$left" ] || fail "a home of gpg is left: $left"
done
gpgconf --homedir "$work/gpg" --kill gpg-agent

# --- root of the host exchanges key and fingerprint together

stop "$registrar"
sed "s|$(cat "$work/guard.fpr")|$(cat "$work/soon.fpr")|; s|guard.pgp|soon.pgp|" "$office/senim.conf" >"$work/other.conf"
cp "$office/senim.conf" "$work/good.conf"
cp "$work/other.conf" "$office/senim.conf"
registrar_start "$office"
status=0
setsid "$senim" redirect 1 --to guard --ground 'КМО 6' </dev/null >/dev/null 2>"$work/err" || status=$?
[ "$status" = 3 ] && grep -q 'was not compared' "$work/err" || fail "another key is sealed to: $status $(cat "$work/err")"
status=0
SAID=$work/said "$source/tests/with-passphrase.py" no "$senim" redirect 1 --to guard --ground 'КМО 6' 2>/dev/null || status=$?
[ "$status" = 3 ] && grep -q "another key of guard: $(cat "$work/guard.fpr")" "$work/said" ||
	fail "it is not said which key it was: $(cat "$work/said")"
stop "$registrar"
cp "$work/good.conf" "$office/senim.conf"
registrar_start "$office"

# --- in clear: the second question names him and what is seen by whom

rm -f "$work/sent/message"
status=0
setsid "$senim" redirect 1 --to nokey --ground 'КМО 6' </dev/null >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 3 ] || fail "without a terminal it goes in clear: $status $(cat "$work/err")"
status=0
SAID=$work/said "$source/tests/with-passphrase.py" yes "$senim" redirect 1 --to nokey --ground 'КМО 6' 2>/dev/null || status=$?
[ "$status" = 3 ] || fail "any answer sends it in clear: $status"
for word in nokey nokey@police.kz 'mail server' administers queues; do
	grep -q -F "$word" "$work/said" || fail "the second question does not name “$word”: $(cat "$work/said")"
done
[ ! -e "$work/sent/message" ] || fail 'it went in clear though she did not say so'
status=0
"$source/tests/with-passphrase.py" nokey "$senim" redirect 1 --to nokey --ground 'КМО 6' >/dev/null 2>&1 || status=$?
[ "$status" = 0 ] || fail "it does not go in clear though she said so: $status"
sent
python3 - "$work/sent/message" "$work/original.eml" <<'END' || fail 'the letter in clear is of another form'
import email, email.policy, sys
letter = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
facts, kit, original = letter.iter_parts()
assert 'kit.pdf' in facts.get_content() and kit.get_content().startswith(b'%PDF-')
assert original.get_content() == open(sys.argv[2], 'rb').read()
END

# --- what the addressee's server sends back is the case's, and she sees it first

letter ask 'Қабылдау уақыты қандай?' | feed "$office" senim@kmo.kz dana@example.kz
id=$(sed -n 's/^Message-ID: *\(<.*>\)\r*$/\1/p' "$work/sent/message")
{
	printf 'From: MAILER-DAEMON@police.kz\nTo: senim@kmo.kz\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n'
	printf 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nno such user\n'
	printf -- '--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; police.kz\n\nFinal-Recipient: rfc822; nokey@police.kz\nAction: failed\nStatus: 5.1.1\n\n'
	printf -- '--b\nContent-Type: text/rfc822-headers\n\nFrom: <senim@kmo.kz>\nMessage-ID: %s\n\n--b--\n' "$id"
} | feed "$office" senim@kmo.kz ''
run list --json
json 'o["cases"][0]["redirection"] == {"state": "returned", "to": "nokey"}'
json 'len(o["cases"]) == 2'

# --- an answer that threatens goes by its own number, and not the report

printf 'From: Askar <askar@example.kz>\nTo: senim@kmo.kz\nSubject: again\nMessage-ID: <again@example.kz>\nIn-Reply-To: %s\nContent-Type: text/plain; charset=utf-8\n\n%s\n' \
	"$id" 'Мен сені бәрібір өлтіремін. marker-f0110' | feed "$office" senim@kmo.kz askar@example.kz
expect 2 'exclude each other' redirect 1 --message 3 --wrong --ground g
run redirect 1 --to police --message 3 --ground 'КМО 6' --output "$work/answer.pdf"
[ "$status" = 0 ] || fail "an answer cannot be redirected: $err"
pdftotext -raw "$work/answer.pdf" - | tr '\n' ' ' >"$work/kit.txt"
grep -q marker-f0110 "$work/kit.txt" || fail 'the kit of an answer lacks it'
! grep -q marker-55c1 "$work/kit.txt" || fail 'the kit of an answer has the report'

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
assert 'ережеге сәйкес' in said and 'положению о ящике доверия' in said and 'пункту' not in said and '/4' in said, said
assert letter['Subject'] == 'Ресми хат / Официальное письмо' and letter['To'] == 'duty@police.kz'
assert letter['Auto-Submitted'] == 'auto-generated' and sealed.get_filename() == 'report.age'
assert b'marker' not in open(sys.argv[1], 'rb').read() and 'askar' not in said
open(sys.argv[2], 'wb').write(sealed.get_content())
END
age -d -i "$work/police" "$work/report.age" >"$work/inner.eml" || fail 'the addressee cannot open what went by itself'
grep -q 'X-Senim-Case' "$work/inner.eml" || fail 'what went by itself is not the stored body'
"$senim" show 4 --raw --ground 'the original' >"$work/original.eml" 2>/dev/null
python3 - "$work" <<'END' || fail 'the report that went by itself did not arrive whole'
import sys
assert open(sys.argv[1] + '/original.eml', 'rb').read() in open(sys.argv[1] + '/inner.eml', 'rb').read()
END
for _ in $(seq 100); do
	run list --json
	case $out in *'"sent"'*) break ;; esac
	sleep 0.05
done
json '[c["redirection"] for c in o["cases"] if c["case"].endswith("/4")] == [{"state": "sent", "to": "duty"}]'
json '[c["redirection"] for c in o["cases"] if c["case"].endswith("/3")] == [None]'
counted wrongly_redirected 1
run redirect 4 --wrong --ground g
[ "$status" = 0 ] || fail "what went by itself cannot be called wrong: $err"
counted wrongly_redirected 2

run log --report --json
json '[(o["redirected"], o["redirected_wrong"], "redirected_wrong" in o["stands_out"]) for o in o["officers"] if o["officer"] == "aigul"] == [(8, 2, True)]'

# --- the register has all of it, also after the cache of cases was made again, and the files are exports

run verify --json
json 'o["sound"]'
[ -z "${SENIM_PAGES-}" ] || cp "$work/kit.pdf" "$SENIM_PAGES/redirect-kit.pdf" # for a person to look at
run purge --json
json 'len(o["purged"]) == 6 and all(one["was_there"] for one in o["purged"]) and o["standing"] == []'
[ ! -e "$work/kit.pdf" ] && [ ! -e "$work/kit.eml" ] || fail 'purge left the kit'
exit $failed
