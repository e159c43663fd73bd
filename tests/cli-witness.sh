#!/bin/sh
# SPDX-License-Identifier: ISC
# The registers' checkpoints on their way to trustees and back: one mail a day of one size, also when nothing happened; a
# witness elsewhere holds each against what it saw; its cosignature comes back and stands under receipts; a forked and a
# shortened register are refused. What is signed is read by Go's sumdb and openssl too.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
year=$(TZ=Asia/Almaty date +%Y)
room_make "$office" senim@kmo.kz
officer_conf "$office"
mkdir "$work/mails"
# One file for each letter, by the address in its To field.
cat >"$work/sendmail" <<END
#!/bin/sh
new=\$(mktemp "$work/mails/.new-XXXXXX")
cat >"\$new"
to=\$(sed -n 's/^To: <\(.*\)@.*/\1/p' "\$new" | head -n 1)
n=0
while ! ln "\$new" "$work/mails/\$to-\$n" 2>/dev/null; do n=\$((n + 1)); done
rm "\$new"
END
chmod 755 "$work/sendmail"
sed -i "s|^submit=.*|submit=$work/sendmail|" "$office/senim.conf"

run witness keygen union.example/board -o "$work/union.key" --json
good keygen
union=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["verifier"])')
expect 1 'exists already' witness keygen union.example/board -o "$work/union.key"
expect 2 'no blanks' witness keygen 'a b' -o "$work/other.key"
cat >>"$office/senim.conf" <<END
[trustee union]
mail = union@example.kz
witness = $union

[trustee town]
mail = town@example.kz
END
sed -i '/^\[mailbox/a trustees = union; town\ncheckpoint-hour = 0\ncheckpoint-answers = marks@kmo.kz' "$office/senim.conf"

came() { # NAME N: the N-th mail of that trustee, from 0
	for _ in $(seq 200); do
		[ -f "$work/mails/$1-$2" ] && return 0
		sleep 0.05
	done
	fail "no mail $2 to $1"
	cat "$work/registrar.log"
	exit 1
}
day=0
tomorrow() { # the registrar's clock goes on by a day
	stop "$registrar" 2>/dev/null || true
	rm -f "$office/run/desk.sock"
	day=$((day + 1))
	LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK=$((day * 86400)) "$build/store/senim-registrar" --config "$office/senim.conf" \
		>>"$work/registrar.log" 2>&1 &
	registrar=$!
	pids="$pids $registrar"
	wait_for "$office/run/desk.sock"
}
witness() { # STATE FILE...: as the trade union
	state=$1
	shift
	run witness --log-pub "$office/log.pub" --state "$work/$state" --identity "$work/union.key" "$@"
}

# --- a mail a day, of one size, whatever happened

registrar_start "$office"
milter_start "$office"
came union 0
came town 0
letter one 'Бірінші.' | feed "$office" senim@kmo.kz askar@example.kz
letter two 'Екінші.' | feed "$office" senim@kmo.kz askar@example.kz

# an address that is dead: no case, no number, and doctor says whose
for _ in 1 2; do
	{
		printf 'From: MAILER-DAEMON@example.kz\nTo: senim@kmo.kz\nSubject: Undelivered Mail Returned to Sender\n'
		printf 'Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNo such user. %s\n' "$_"
		printf -- '--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.kz\n\n'
		printf 'Final-Recipient: rfc822; town@example.kz\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n'
		tr -d '\r' <"$work/mails/town-0" | sed '/^$/q'
		printf -- '--b--\n'
	} | feed "$office" senim@kmo.kz '' || fail "the bounce is not taken: $(cat "$work"/*.log)"
done
run list --all --json
json 'len(o["cases"]) == 2'
run doctor --config "$office/senim.conf"
says 'the daily mail to the trustee town comes back'
[ "$(grep -c 'trustee town comes back' "$work/out")" = 1 ] || fail 'it is said more than once'
case $out in *'trustee union comes back'*) fail 'the wrong trustee is named' ;; esac

tomorrow
came union 1
tomorrow
came union 2
came town 2
sizes=$(cat "$work/mails/union-0" "$work/mails/union-1" | wc -c)
[ "$(wc -c <"$work/mails/union-0")" = "$(wc -c <"$work/mails/union-2")" ] && [ "$sizes" = $((2 * $(wc -c <"$work/mails/union-2"))) ] ||
	fail "the mails differ in size: $(wc -c "$work"/mails/*)"
[ "$(wc -c <"$work/mails/union-1")" = "$(wc -c <"$work/mails/town-2")" ] || fail 'the mails of two trustees differ in size'
awk '{ sub(/\r$/, ""); if (length($0) > 300) exit 1 }' "$work/mails/union-2" || fail 'a line is too long'
grep -q '^Reply-To: <marks@kmo.kz>' "$work/mails/union-1" || fail 'answers go nowhere'
for mail in "$work"/mails/union-*; do
	tail -c +1 "$mail" | tr -d '\r' | sed '1,/^$/d' >"$mail.body"
	size=$(sed -n '/^$/,$p' "$mail.body" | sed -n 3p)
	[ $((size % 64)) = 0 ] || fail "a published checkpoint has $size entries"
done
grep -qaiE 'Бірінші|askar|2026/' "$work"/mails/union-* && fail 'a mail says something'

# --- what a witness makes of them

witness seen --json "$work/mails/union-0"
good 'the first mail'
json 'o["verdict"] == "first" and o["entries"] == 64'
witness seen "$work/mails/union-0"
good 'the same mail again'
witness seen "$work/mails/union-1.body"
good 'the body alone'
printf '%s\n' "$out" >"$work/answer"
status=0
"$senim" witness --log-pub "$office/log.pub" --state "$work/seen" --identity "$work/union.key" <"$work/mails/union-2" >"$work/answer2" || status=$?
[ "$status" = 0 ] || fail 'a mail on standard input'
grep -q '^— union.example/board ' "$work/answer2" || fail "no cosignature: $(cat "$work/answer2")"
witness seen "$work/mails/union-0"
says 'older one'
for name in 0 1 2; do # without a key of his own: kept and compared, nothing signed
	run witness --log-pub "$office/log.pub" --state "$work/town" "$work/mails/town-$name"
	good "mail $name to who has no key"
	case $out in *'— '*) fail 'a cosignature without a key' ;; esac
done

# --- by Go's sumdb and openssl, without a line of ours

if command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]; then
	HOME=$work GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$work/cache" GOFLAGS=-p=1 \
		go run "$source/tests/cosignature-sumdb.go" "$work/answer2" "$office/log.pub" "$union" "$work/mails/union-2.body" "$work/answer" \
		>"$work/go" 2>&1 || fail "sumdb refuses: $(cat "$work/go")"
	grep -q '^cosigned 192$' "$work/go" && grep -q '^grown 192$' "$work/go" || fail "sumdb reads something else: $(cat "$work/go")"
fi
if command -v openssl >/dev/null; then
	printf '%s' "$union" | sed 's/^[^+]*+[^+]*+//' | base64 -d | tail -c +2 >"$work/raw"
	{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat "$work/raw"; } >"$work/key.der"
	word=$(sed -n 's/^— union.example[^ ]* //p' "$work/answer2")
	time=$(printf '%s' "$word" | base64 -d | od -An -tx1 -j4 -N8 | tr -d ' \n')
	printf '%s' "$word" | base64 -d | tail -c +13 >"$work/signature"
	{ printf 'cosignature/v1\ntime %d\n' "0x$time"; sed -n '/^senim@[^ ]*$/,/^$/p' "$work/answer2" | sed '/^$/d'; } >"$work/signed"
	openssl pkeyutl -verify -pubin -inkey "$work/key.der" -keyform DER -rawin -in "$work/signed" -sigfile "$work/signature" >/dev/null ||
		fail 'openssl refuses the cosignature'
fi

# --- another encoding of the same mail

/usr/bin/python3 - "$work/mails/union-2" >"$work/encoded" <<'END'
import email, email.policy, sys
mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.SMTP)
text = mail.get_content()
for cte in ('quoted-printable',):
    mail.set_content(text, cte=cte)
sys.stdout.buffer.write(mail.as_bytes())
END
witness seen "$work/encoded"
good 'a mail in quoted-printable'
says 'the same that were seen'

# --- the cosignature comes back, mangled as mails are

printf '%s\n' "$union" >"$work/keys"
cat "$office/log.pub" >>"$work/keys"
run receipt 1 --bare --ground first-look --output "$work/early"
run verify --receipt "$work/early" --log-pub "$work/keys" --json
good 'a receipt that nobody has confirmed yet'
json 'o["entries"] > 192 and o["witnesses"] == []'
run witness accept "$work/answer" --config "$office/senim.conf"
good accept
says '128'
sed 's/^/> /; s/—/-/' "$work/answer2" >"$work/quoted"
run witness accept "$work/quoted" --config "$office/senim.conf" --json
good 'a quoted answer'
json 'o["witnessed"][0]["trustee"] == "union" and o["witnessed"][0]["size"] == 192 and o["witnessed"][0]["new"]'
run witness accept "$work/quoted" --config "$office/senim.conf" --json
json 'not o["witnessed"][0]["new"]'
printf 'x' >"$work/nothing"
expect 1 'no cosignature' witness accept "$work/nothing" --config "$office/senim.conf"
tomorrow
came union 3
tr -d '\r' <"$work/mails/union-3" | grep -q '^old 192$' || fail 'the proof does not begin where he stands'
witness seen "$work/mails/union-3"
good 'the next mail'

# --- receipts carry it, and the check of the register says it

run receipt 1 --ground first-look --output "$work/receipt"
good receipt
run verify --receipt "$work/receipt" --log-pub "$work/keys" --json
good 'verify --receipt'
json 'o["entries"] == 192 and o["witnesses"][0]["name"] == "union.example/board" and not o["text"]'
run verify --receipt "$work/receipt" --log-pub "$office/log.pub" --json
json 'o["witnesses"] == []'
run verify --json
good verify
json 'o["sound"] and [(t["name"], t["witness"], t["confirmed"]) for t in o["registers"][0]["trustees"]] == [("union", True, 192), ("town", False, 0)]'
run verify
says 'union has confirmed it up to 192 entries'

# --- mails that never came, answers that never came: the next one proves from what was confirmed

tomorrow
came union 4
tomorrow
came union 5
witness seen "$work/mails/union-5"
[ "$status" = 1 ] || fail "a mail behind a lost one ended in $status: $err"
witness behind "$work/mails/union-0" "$work/mails/union-1" "$work/mails/union-2"
witness behind "$work/mails/union-5"
good 'two mails were lost, and the answer to the third had arrived'
says 'nothing of them was altered'

# --- the whole register stands after it, and so it says itself

run verify
good verify

# --- an older copy of it is put back: refused, until it says so itself and a person says yes

stop "$registrar"
cp -a "$office/state" "$work/earlier"
tomorrow
came union 6
witness seen "$work/mails/union-3" "$work/mails/union-4" "$work/mails/union-5" "$work/mails/union-6"
good 'the mails in their order'
cp -a "$work/seen" "$work/without"
stop "$registrar"
rm -rf "$office/state"
mv "$work/earlier" "$office/state"
tomorrow
came union 7
witness without "$work/mails/union-7"
[ "$status" = 3 ] || fail "a register that an older copy took the place of: $status $err"
ls "$work/without/evidence" | grep -qE 'forked|unproven|shortened' || fail 'no evidence was kept'
stop "$registrar"
rm -f "$office/run/desk.sock"
day=$((day + 1))
export LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK=$((day * 86400))
expect 0 '' restore --config "$office/senim.conf" --highest "$year/2" --checkpoint -
unset LD_PRELOAD MOVED_CLOCK
tomorrow
came union 8
witness seen "$work/mails/union-8"
[ "$status" = 3 ] || fail "a restored register is taken by itself: $status"
case $err in *'says that it was restored'*) ;; *) fail "it does not say that it was restored: $err" ;; esac
witness seen --restored "$work/mails/union-8"
good 'a restored register, with a yes'
tomorrow
came union 9
witness seen "$work/mails/union-9"
good 'the day after that'
says 'nothing of them was altered'

exit $failed
