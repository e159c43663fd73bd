#!/bin/sh
# SPDX-License-Identifier: ISC
# Receipts and the code of a letter: made on a ground and entered, true without store, key or network, also by Go's sumdb, and
# no longer true with another octet, another log's key, or another register.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
printf '#!/bin/sh\ncat >"%s/ack.$$"\nmv "%s/ack.$$" "%s/ack.eml"\n' "$work" "$work" "$work" >"$work/sendmail"
chmod 755 "$work/sendmail"
sed -i "s|^submit=.*|submit=$work/sendmail|" "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
year=$(TZ=Asia/Almaty date +%Y)

letter one 'Бірінші.' | feed "$office" senim@kmo.kz askar@example.kz
letter two 'Қоймада жанармай ұрланады, Мырзахметов біледі.' | feed "$office" senim@kmo.kz askar@example.kz

# --- made, entered, and what it says first

run receipt 2 --ground first-look --output "$work/receipt"
[ "$status" = 0 ] || fail "receipt: $err"
head -n 1 "$work/receipt" | grep -q "$year/2" || fail "it does not say first what it reveals: $(head -n 3 "$work/receipt")"
! speaks_kazakh || head -n 1 "$work/receipt" | grep -q 'өтініш' || fail 'it is in another language than the report'
expect 2 'kk, ru or en' receipt 2 --ground first-look --language de
grep -q '^c2sp.org/tlog-proof@v1$' "$work/receipt" || fail 'it is no tlog-proof'
base64 -d -i "$work/receipt" 2>/dev/null | grep -qaE 'askar|Мырзахметов' && fail 'a name or text stands in it'
run log --json
json 'any(e["kind"] == "receipt" and e["cases"] == ["'"$year"'/2"] for e in o["log"])'
run receipt 2 --ground first-look --output "$work/receipt"
[ "$status" != 0 ] || fail 'a file was written over'
run receipt 2 --ground first-look --bare --output "$work/bare"
[ "$status" = 0 ] || fail "bare: $err"
grep -q "$year/2" "$work/bare" && fail 'a bare receipt says the number'
run receipt 99 --ground first-look
[ "$status" != 0 ] || fail 'a receipt of a case that there is not'

# --- the check key of the text: after a second question, and only of that letter

expect 3 'not released' receipt 2 --text --ground first-look --output "$work/text"
[ -e "$work/text" ] && fail 'a receipt without the word'
expect 2 'even-so' receipt 2 --text --even-so --ground first-look --output "$work/text"
SAID="$work/sent" "$source/tests/with-passphrase.py" release "$senim" receipt 2 --text --ground first-look --language en \
	--output "$work/text" >/dev/null || fail "receipt --text: $(cat "$work/sent")"
head -n 2 "$work/text" | grep -q 'who wrote it' || fail 'it does not say what the check key reveals'
run show 2 --ground first-look --raw
cp "$work/out" "$work/original.eml"
letter two 'Қоймада жанармай ұрланады, Мырзахметов біледі!' | sed 's/$/\r/' >"$work/other.eml"
run log --json
json 'any(e["kind"] == "opened" and "receipt" in str(e) and e["cases"] == ["'"$year"'/2"] for e in o["log"])'
expect 2 'do not go together' receipt 2 --text --bare --ground first-look

# --- by mail: shown whole, sent by her own word alone

for _ in $(seq 200); do
	[ -f "$work/ack.eml" ] && break
	sleep 0.05
done
for _ in $(seq 200); do
	run list --all --json
	printf "%s" "$out" | grep -q queued || break
	sleep 0.05
done
mv "$work/ack.eml" "$work/kept.eml"
expect 3 'typed on a terminal' receipt 2 --send --ground first-look
SAID="$work/sent" "$source/tests/with-passphrase.py" send "$senim" receipt 2 --send --ground first-look ||
	fail "receipt --send: $(cat "$work/sent")"
grep -q 'receipt.txt' "$work/sent" || fail "it does not show what goes along: $(cat "$work/sent")"
for _ in $(seq 200); do
	grep -qs multipart "$work/ack.eml" && break
	sleep 0.05
done
/usr/bin/python3 - "$work/ack.eml" >"$work/mailed" <<'END' || fail 'no letter with a receipt came'
import email, email.policy, sys
mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
assert 'askar@example.kz' in mail['To'], mail['To']
[part] = [part for part in mail.iter_attachments()]
sys.stdout.buffer.write(part.get_payload(decode=True))
END
run verify --receipt "$work/mailed" --log-pub "$office/log.pub" --json
good 'the receipt that was sent'
json 'o["number"] == "'"$year"'/2"'
# What is typed answers one question after another; $said is what the terminal showed.
typed() { # ANSWERS COMMAND...
	answers=$1
	shift
	status=0
	SAID=$work/sent "$source/tests/with-passphrase.py" "$answers" "$senim" "$@" 2>/dev/null || status=$?
}
receipts() { # what the log says of each
	run log
	printf '%s\n' "$out" | grep 'made a receipt' >"$work/receipts" || true
}
receipts
[ "$(grep -c . "$work/receipts")" = 4 ] || fail "a letter that was refused is an entry, or one that went is two: $(cat "$work/receipts")"
for what in 'shows no number' 'check key' 'sent it by letter'; do
	[ "$(grep -c "$what" "$work/receipts")" = 1 ] || fail "the log does not say $what once: $(cat "$work/receipts")"
done

# --- to an own domain, or to an address that is marked: one more question, and nothing is entered without its word

run reply 2 --unsafe yes --ground answer
good 'reply --unsafe'
typed no receipt 2 --send --to askar@example.kz --ground first-look
[ "$status" = 3 ] && grep -q 'no letter is to go there' "$work/sent" || fail "a receipt goes to a marked address: $(cat "$work/sent")"
run reply 2 --unsafe no --ground answer
good 'reply --unsafe no'
typed no receipt 2 --send --to boss@kmo.kz --ground first-look
[ "$status" = 3 ] && grep -q 'own domains' "$work/sent" || fail "no second question for an own domain: $(cat "$work/sent")"
grep -q 'receipt.txt' "$work/sent" && fail 'the letter is composed before the question'
receipts
[ "$(grep -c . "$work/receipts")" = 4 ] || fail "what was refused is an entry: $(cat "$work/receipts")"
typed "$(printf 'yes\nsend')" receipt 2 --send --to boss@kmo.kz --ground first-look
[ "$status" = 0 ] || fail "receipt into an own domain: $(cat "$work/sent")"
for _ in $(seq 200); do
	grep -qs 'To: .*boss@kmo.kz' "$work/ack.eml" && break
	sleep 0.05
done
grep -q 'To: .*boss@kmo.kz' "$work/ack.eml" || fail 'the receipt did not go where she said'
mv "$work/kept.eml" "$work/ack.eml"

# --- true, for anybody: no configuration, no key, the registrar gone

letter three 'Үшінші.' | feed "$office" senim@kmo.kz askar@example.kz
stop "$registrar"
kept=$XDG_CONFIG_HOME
XDG_CONFIG_HOME=$work/nobody
check() { # FILE
	run verify --receipt "$1" --log-pub "$office/log.pub" --json
}
check "$work/receipt"
[ "$status" = 0 ] || fail "verify --receipt: $err"
json 'o["sound"] and o["number"] == "'"$year"'/2" and o["kind"] == "received" and o["origin"].startswith("senim@kmo.kz/")'
check "$work/bare"
[ "$status" = 0 ] || fail "verify of a bare one: $err"
json 'o["sound"] and o["number"] is None and o["received"] is None and o["day"] is not None'
run verify --receipt "$work/receipt" --log-pub "$office/log.pub"
says "$year/2"
run verify --receipt "$work/receipt"
[ "$status" = 2 ] || fail 'without a key it must be asked for'
run verify --receipt "$work/text" --letter "$work/original.eml" --log-pub "$office/log.pub" --json
good 'the letter by its check key'
json 'o["text"]'
tr -d '\r' <"$work/original.eml" >"$work/lines.eml"
run verify --receipt "$work/text" --letter "$work/lines.eml" --log-pub "$office/log.pub"
says 'octet for octet'
run verify --receipt "$work/text" --letter "$work/other.eml" --log-pub "$office/log.pub"
[ "$status" = 1 ] || fail 'another letter is taken for it'
run verify --receipt "$work/receipt" --letter "$work/original.eml" --log-pub "$office/log.pub"
[ "$status" = 1 ] || fail 'a letter is proven without its check key'
sed 's/^\(senim-text-key: ..\)./\1x/' "$work/text" >"$work/bent"
run verify --receipt "$work/bent" --letter "$work/original.eml" --log-pub "$office/log.pub"
[ "$status" = 1 ] || fail 'a bent check key is taken'

# The note at its end is what openssl verifies, by the key of log.pub (tests/register-openssl.sh explains the octets).
if command -v openssl >/dev/null; then
	signed() { # FILE: the note of this receipt
		sed -n '/^senim@kmo\.kz\//,$p' "$1" >"$work/note"
		sed '/^$/,$d' "$work/note" >"$work/note.text"
		sed -n 's/^— .* //p' "$work/note" | base64 -d | tail -c +5 >"$work/note.signature"
		openssl pkeyutl -verify -pubin -inkey "$work/log.der" -keyform DER -rawin -in "$work/note.text" \
			-sigfile "$work/note.signature" >/dev/null 2>&1
	}
	{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; sed 's/^[^+]*+[^+]*+//' "$office/log.pub" | base64 -d | tail -c +2; } \
		>"$work/log.der"
	for file in receipt bare text mailed; do
		signed "$work/$file" || fail "openssl does not verify the note of the receipt “$file”: $(cat "$work/note")"
		[ "$(wc -l <"$work/note.text")" = 3 ] || fail "the note of “$file” has other lines: $(cat "$work/note.text")"
	done
	sed '/^senim@kmo\.kz\//{n;s/$/1/;}' "$work/receipt" >"$work/changed"
	! signed "$work/changed" || fail 'openssl takes a note of another size'
fi

# --- not true: each line that carries something, changed; another log's key

sed -n '/^c2sp/,$p' "$work/receipt" >"$work/proof"
lines=$(wc -l <"$work/proof")
n=2
while [ "$n" -le "$lines" ]; do
	sed "${n}s/[A-Za-z0-9]\([^A-Za-z0-9]*\)\$/~\1/; ${n}s/~/$(if sed -n "${n}p" "$work/proof" | grep -qE 'A[^A-Za-z0-9]*$'; then echo B; else echo A; fi)/" \
		"$work/proof" >"$work/changed"
	if ! cmp -s "$work/proof" "$work/changed"; then
		check "$work/changed"
		[ "$status" = 1 ] || fail "line $n changed is taken: $(sed -n "${n}p" "$work/changed")"
	fi
	n=$((n + 1))
done
room_make "$work/other" senim@kmo.kz
run verify --receipt "$work/receipt" --log-pub "$work/other/log.pub"
[ "$status" = 1 ] || fail "another log's key takes it"
run verify --receipt "$work/none" --log-pub "$office/log.pub"
[ "$status" = 2 ] || fail 'a file that is not there'

# --- by Go's sumdb, without a line of ours

if command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]; then
	for file in receipt bare; do
		HOME=$work GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$work/cache" GOFLAGS=-p=1 \
			go run "$source/tests/receipt-sumdb.go" "$work/$file" "$office/log.pub" >"$work/go" 2>&1 || fail "sumdb refuses $file: $(cat "$work/go")"
	done
	HOME=$work GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$work/cache" GOFLAGS=-p=1 \
		go run "$source/tests/receipt-sumdb.go" "$work/receipt" "$office/log.pub" | grep -q "^number: $year/2" || fail 'sumdb reads no number'
fi

# --- the code of a letter

XDG_CONFIG_HOME=$kept
registrar_start "$office"
for _ in $(seq 200); do
	[ -f "$work/ack.eml" ] && break
	sleep 0.05
done
code=$(sed '1,/^\r*$/d' "$work/ack.eml" | tr -d '\r' | base64 -d | grep -oE '[A-Z2-7]{26}')
[ -n "$code" ] || fail 'the letter has no code'
run verify --code "$code" --json
[ "$status" = 0 ] || fail "verify --code: $err"
json 'o["sound"] and o["mailbox"] == "senim@kmo.kz" and 0 < o["code_entries"] < o["entries"]'
run verify --code "$(echo "$code" | tr 'A-Z' 'a-z' | sed 's/...../&-/g')"
[ "$status" = 0 ] || fail "as somebody types it: $err"
run verify --code AAAAAAAAAAAAAAAAAAAAAAAAAA
[ "$status" = 1 ] || fail 'a code that never was'
run verify --code AAAA
[ "$status" = 2 ] || fail 'half a code'

exit $failed
