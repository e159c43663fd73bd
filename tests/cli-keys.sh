#!/bin/sh
# SPDX-License-Identifier: ISC
# The life of keys, from the command line: another passphrase, another custody key with its escrow and sheet.
. "${srcdir:-.}/tests/cli-room.sh"

# --- another passphrase

printf 'correct horse\n' >"$work/old"
printf 'correct horse\nbattery staple\n' >"$work/both"
printf 'battery staple\n' >"$work/new"
"$senim" keygen -o "$work/key" --passphrase-fd 3 3<"$work/old" >/dev/null
cp "$work/key" "$work/before"
change() { # LINES: exit status in $status
	status=0
	"$senim" passphrase "$work/key" --passphrase-fd 3 3<"$1" >"$work/out" 2>"$work/err" || status=$?
	err=$(cat "$work/err")
}
printf 'wrong horse\nbattery staple\n' >"$work/lines"
change "$work/lines"
[ "$status" = 3 ] || fail "a wrong passphrase ends in $status: $err"
for new in '' 'short'; do
	printf 'correct horse\n%s\n' "$new" >"$work/lines"
	change "$work/lines"
	[ "$status" = 2 ] || fail "the new passphrase “$new” ends in $status: $err"
done
printf 'correct horse\n' >"$work/lines"
change "$work/lines"
[ "$status" = 2 ] || fail "no new passphrase ends in $status: $err"
cmp -s "$work/key" "$work/before" || fail 'a refused change touched the key file'
change "$work/both"
[ "$status" = 0 ] || fail "senim passphrase: $err"
[ "$(stat -c %a "$work/key")" = 600 ] || fail 'the key file is open to others'
change "$work/both"
[ "$status" = 3 ] || fail "the old passphrase still opens the key file: $status $err"
[ "$(find "$work" -name 'key*' | wc -l)" = 2 ] || fail 'a half-made file was left beside the key'
echo 'ok - a key file gets another passphrase, or stays as it was'

# --- a key on paper: the page's code and its text give the same key back, and a slip is refused

"$senim" keygen -o "$work/paper" --no-passphrase >/dev/null
run passphrase "$work/paper" --paper "$work/paper.pdf"
[ "$status" = 0 ] || fail "passphrase --paper: $err"
expect 1 'exists already' passphrase "$work/paper" --paper "$work/paper.pdf"
pdftotext -raw "$work/paper.pdf" - | sed -n '/^AGE-SECRET-KEY-1/,$p' | grep -E '^[A-Z0-9 -]+$' >"$work/typed"
back() { # FILE
	rm -f "$work/back" "$work/back.pub"
	status=0
	"$senim" recover --from-paper --output "$work/back" --no-passphrase <"$1" >"$work/out" 2>"$work/err" || status=$?
}
back "$work/typed"
[ "$status" = 0 ] && cmp -s "$work/back" "$work/paper" || fail "the typed page gives no key back: $(cat "$work/err" "$work/typed")"
tr A-Z a-z <"$work/typed" | tr -d ' -' >"$work/lower"
back "$work/lower"
[ "$status" = 0 ] && cmp -s "$work/back" "$work/paper" || fail "typed in small letters it gives no key back: $(cat "$work/err")"
sed '1s/.$/Q/;1s/..$/PP/' "$work/typed" | sed '1s/ \([A-Z0-9]\)\([A-Z0-9]\)/ \2\1/3' >"$work/slip"
back "$work/slip"
[ "$status" != 0 ] && [ ! -e "$work/back" ] || fail 'a slip was taken for a key'
pdftoppm -r 200 -png "$work/paper.pdf" "$work/page"
zbarimg -q --raw "$work"/page-*.png >"$work/code" 2>/dev/null
back "$work/code"
[ "$status" = 0 ] && cmp -s "$work/back" "$work/paper" || fail "the code gives no key back: $(cat "$work/err")"
echo 'ok - a key comes back from paper'

# --- another custody key

"$senim" keygen -o "$work/safe" --no-passphrase >/dev/null
store=$work/store
for name in aigul chair; do
	"$senim" keygen -o "$work/$name" --no-passphrase >/dev/null
done
"$senim" init "$store" --mailbox senim@kmo.kz --officer aigul="$work/aigul.pub" --escalation chair="$work/chair.pub" \
	--recovery "$work/safe.pub" --prove "$work/safe" --sheet "$work/sheet" --set examiner="$build/parser/senim-examine" \
	--set templates="$source/policy/letters" --set grounds="$source/policy/grounds.conf" \
	--set categories="$source/policy/categories.conf" --set rules="$source/policy/rules" --set submit=/bin/true --set 'acknowledge-delay=0 min' \
	--set timezone=Asia/Almaty >/dev/null 2>"$work/err" || { cat "$work/err"; exit 1; }
registrar_start "$store"
milter_start "$store"
letter first 'салем' | feed "$store" senim@kmo.kz a@example.kz
letter second 'салем' | feed "$store" senim@kmo.kz b@example.kz
expect 1 'is in use' custody check --config "$store/senim.conf"
stop "$registrar"
cp "$store/keys/custody.key" "$work/old-key"
cp -r "$store/state/senim@kmo.kz" "$work/backup"

run custody check --config "$store/senim.conf" --prove "$work/safe" --json
[ "$status" = 0 ] || fail "custody check: $err"
json 'o["faults"] == [] and o["headers"] == 10'
expect 1 'does not open with this recovery key' custody rotate --config "$store/senim.conf" --prove "$work/aigul" \
	--sheet "$work/sheet2"
expect 1 'no terminal' custody rotate --config "$store/senim.conf"
cmp -s "$store/keys/custody.key" "$work/old-key" || fail 'a rotation that ended early took the old key away'
run custody rotate --config "$store/senim.conf" --prove "$work/safe" --sheet "$work/sheet2"
[ "$status" = 0 ] || fail "custody rotate: $err"
! cmp -s "$store/keys/custody.key" "$work/old-key" || fail 'the custody key is the old one'
[ ! -e "$store/keys/custody.next" ] && [ ! -e "$store/recovery/keys-next.age" ] || fail 'something of the rotation was left'
run custody check --config "$store/senim.conf" --prove "$work/safe"
[ "$status" = 0 ] || fail "custody check behind the rotation: $out $err"

# What the sheet says is what the store has: by hand, with the page's own lines.
if command -v age >/dev/null; then
	sed -n '/^```python$/,/^```$/p' "$source/doc/opening-by-hand.md" | sed '/^```/d' >"$work/by-hand.py"
	id=$(tr -d '\n' <"$store/state/store-id")
	body=$(sed -n 's/^body: //p' "$work/safe.pub")
	by_hand() { # DIR SHEET SEQ
		custody=$(sed -n '/SENIM-CUSTODY/,/^$/p' "$2" | tr -d ' \n')
		cp -r "$1" "$work/copy"
		/usr/bin/python3 "$work/by-hand.py" "$work/copy" "$id" "$custody" "$body" "$3" body 2>/dev/null |
			age -d -i "$work/safe" 2>/dev/null | grep -aq 'Subject: first'
		set -- "$?"
		rm -rf "$work/copy"
		return "$1"
	}
	by_hand "$work/backup" "$work/sheet" 1 || fail 'the old sheet does not open the old backup'
	by_hand "$store/state/senim@kmo.kz" "$work/sheet2" 1 || fail 'the new sheet does not open the store'
	! by_hand "$store/state/senim@kmo.kz" "$work/sheet" 1 || fail 'the old sheet opens the store still'
	echo 'ok - each sheet opens what was kept with it, and no more'
fi
registrar_start "$store"
officer_conf "$store"
run show 1 --ground 'first look'
[ "$status" = 0 ] || fail "show behind the rotation: $err"
says 'салем'
run verify
[ "$status" = 0 ] || fail "verify behind the rotation: $err"
run rekey --reseal 2 --ground other:compromise # the board opens it as it lies there then
[ "$status" = 0 ] || fail "rekey --reseal behind the rotation: $err"
echo 'ok - the store goes on under another custody key'

# --- the recovery key among three of the board

stop "$registrar"
for name in ana bek cho; do
	"$senim" keygen -o "$work/$name" --no-passphrase >/dev/null
done
conf=$store/senim.conf
expect 2 'at least' recover --config "$conf" --split --identity "$work/safe" --holder ana="$work/ana.pub"
[ ! -e "$store/recovery/shares" ] || fail 'a set of shares for one was made'
run recover --config "$conf" --split --identity "$work/safe" --holder ana="$work/ana.pub" \
	--holder bek="$work/bek.pub" --holder cho="$work/cho.pub"
[ "$status" = 0 ] || fail "recover --split: $err"
[ "$(ls "$store/recovery/shares" | tr '\n' ' ')" = 'ana+bek.age ana+cho.age bek+cho.age ' ] || fail 'the shares are not those of each pair'
if command -v age >/dev/null; then
	age -d -i "$work/cho" "$store/recovery/shares/ana+cho.age" | age -d -i "$work/ana" >"$work/by-age"
	cmp -s "$work/by-age" "$work/safe" || fail 'stock age does not put the recovery key together'
fi
mv "$work/safe" "$work/safe-gone"
expect 3 'another holder' recover --config "$conf" --drill --share bek="$work/bek"
run recover --config "$conf" --drill --share bek="$work/bek" --share ana="$work/ana"
[ "$status" = 0 ] || fail "recover --drill: $err"
echo 'ok - the board holds the recovery key together, and has practised'

# --- both officers' keys are lost: the board opens, a new officer goes on, and the recovery key is another

rm "$work/aigul" "$work/chair"
for name in dana safe2; do
	"$senim" keygen -o "$work/$name" --no-passphrase >/dev/null
done
expect 3 'another holder' recover --config "$conf" --share cho="$work/cho" --officer dana="$work/dana.pub" \
	--recovery safe-two="$work/safe2.pub" --sheet "$work/sheet3"
expect 2 'is replaced' recover --config "$conf" --share cho="$work/cho" --share ana="$work/ana" \
	--officer dana="$work/dana.pub" --sheet "$work/sheet3"
expect 2 'no terminal' recover --config "$conf" --share cho="$work/cho" --share ana="$work/ana" \
	--officer dana="$work/dana.pub" --recovery safe-two="$work/safe2.pub"
expect 2 'nobody is named' recover --config "$conf" --share cho="$work/cho" --share ana="$work/ana"
recover() {
	run recover --config "$conf" --share cho="$work/cho" --share ana="$work/ana" --officer dana="$work/dana.pub" \
		--recovery safe-two="$work/safe2.pub" --sheet "$work/sheet3"
	[ "$status" = 0 ] || fail "recover: $err"
}
rm "$store/keys/custody.key" "$store"/keys/*.sign # the host was lost too: all that is left is a backup and the escrow
recover
says '4 headers were made'
says 'lie under the new custody key'
grep -q SENIM-CUSTODY "$work/sheet3" || fail 'a recovery does not end in another custody key and its sheet'
recover
says '0 headers were made'
run custody check --config "$conf" --prove "$work/safe2"
[ "$status" = 0 ] || fail "custody check behind a recovery: $err"
! age -d -i "$work/safe-gone" "$store/recovery/keys.age" >/dev/null 2>&1 || fail 'the old recovery key opens the new escrow'
registrar_start "$store"
dana() {
	run "$@" --officer dana --identity "$work/dana"
}
for n in 1 2; do
	dana show $n --ground 'recovery'
	[ "$status" = 0 ] || fail "the new officer does not open an old case: $err"
	says 'салем'
done
dana rekey --reseal --all --ground other:compromise --json
[ "$status" = 0 ] || fail "rekey --reseal behind a recovery: $err"
json 'o["resealed"] == o["without_card"] == 2 and o["left"] == 0'
letter third 'жаңа' | feed "$store" senim@kmo.kz c@example.kz
dana show 3 --ground 'first look'
[ "$status" = 0 ] || fail "the new officer does not open a new case: $err"
dana verify
[ "$status" = 0 ] || fail "verify behind a recovery: $err"
echo 'ok - the board opens what nobody could, and a new officer goes on'
exit $failed
