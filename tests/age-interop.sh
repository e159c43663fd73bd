#!/bin/sh
# SPDX-License-Identifier: ISC
# What we seal the stock `age` tool opens, and the reverse: files at the sizes where chunks begin and end, bodies, cards,
# armored files, key files under a passphrase. Says 77 where there is no age.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
command -v age >/dev/null && command -v age-keygen >/dev/null || { echo "no age tool: skipped"; exit 77; }
peer=$(pwd)/tests/age-peer
pty="$(cd "$(dirname "$0")" && pwd)/with-passphrase.py"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
umask 077
n=0
ok() { n=$((n + 1)); echo "ok $n - $1"; }

age-keygen -o "$dir/key" 2>/dev/null
recipient=$(age-keygen -y "$dir/key")
age-keygen -o "$dir/second" 2>/dev/null
second=$(age-keygen -y "$dir/second")

for size in 0 1 65535 65536 65537 131072 131073; do
	head -c "$size" /dev/urandom >"$dir/plain"
	"$peer" seal "$second" "$recipient" <"$dir/plain" >"$dir/ours"
	age -d -i "$dir/key" "$dir/ours" | cmp - "$dir/plain"
	age -r "$recipient" -r "$second" "$dir/plain" | "$peer" open "$dir/second" | cmp - "$dir/plain"
	age -a -r "$recipient" "$dir/plain" | "$peer" open "$dir/key" | cmp - "$dir/plain"
	ok "a file of $size octets goes both ways"
done

for size in 0 1 3500 65000 65600 131072 300000; do
	head -c "$size" /dev/urandom >"$dir/plain"
	"$peer" body "$recipient" <"$dir/plain" | age -d -i "$dir/key" >"$dir/body"
	/usr/bin/python3 - "$dir/plain" "$dir/body" <<'PYTHON'
import sys
plain, body = (open(path, "rb").read() for path in sys.argv[1:])
head, mark, rest = body.partition(b"X-Senim-Message: follows\r\n")
assert mark and head.startswith(b"X-Senim-Format: 1\r\nX-Senim-Case: 0102030405060708090a0b0c0d0e0f10\r\n")
assert rest[-27:-18] == b"\r\n.senim " and rest[-2:] == b"\r\n"
length = int(rest[-18:-2], 16)
assert rest[:length] == plain and not rest[length:-27].strip(b"\0")
PYTHON
	ok "a sealed body of $size octets opens with age alone, and its trailer gives the length"
done

printf 'тақырып' | "$peer" card "$recipient" | age -d -i "$dir/key" | tr -d '\0' >"$dir/card"
grep -q '^subject: тақырып$' "$dir/card"
ok "a sealed card opens with age alone"

"$peer" keygen "$dir/clear"
body=$("$peer" keys "$dir/clear" | head -n 1)
card=$("$peer" keys "$dir/clear" | tail -n 1)
test "$(age-keygen -y "$dir/clear" 2>/dev/null)" = "$body
$card"
echo text | age -r "$card" | age -d -i "$dir/clear" | grep -qx text
ok "a key file in clear is an identity file to age"

"$peer" keygen "$dir/sealed" 'құпия сөз'
"$pty" 'құпия сөз' age -d -o "$dir/opened" "$dir/sealed"
grep -c '^AGE-SECRET-KEY-1' "$dir/opened" | grep -qx 2
grep -q '^# senim-sign: ' "$dir/opened"
test "$("$peer" keys "$dir/opened")" = "$("$peer" keys "$dir/sealed" 'құпия сөз')"
ok "a sealed key file opens with age and its passphrase"

echo text | age -r "$("$peer" keys "$dir/opened" | head -n 1)" >"$dir/for-officer"
"$pty" 'құпия сөз' age -d -i "$dir/sealed" -o "$dir/text" "$dir/for-officer"
grep -qx text "$dir/text"
ok "age opens a body with the sealed key file itself"

"$pty" 'другая фраза' age -p -o "$dir/by-age" "$dir/opened"
test "$("$peer" keys "$dir/by-age" 'другая фраза')" = "$("$peer" keys "$dir/opened")"
"$pty" 'другая фраза' age -p -a -o "$dir/by-age.armored" "$dir/opened"
test "$("$peer" keys "$dir/by-age.armored" 'другая фраза')" = "$("$peer" keys "$dir/opened")"
if "$peer" keys "$dir/by-age" 'другая' 2>/dev/null; then
	echo "another passphrase opened it"
	exit 1
fi
ok "a key file sealed by age opens for us, binary and armored"
# No stock tool here, but the same terminal: the custody key is asked for there and nowhere else.
spelling=SENIM-CUSTODY-1$(head -c 58 /dev/zero | tr '\0' q)
head -c 32 /dev/urandom >"$dir/raw"
"$peer" custody "file:$dir/raw" "$dir/custody"
"$pty" "$(tr A-Z a-z <"$dir/custody" | sed 's/..../& /g')" "$peer" custody ask "$dir/typed"
cmp "$dir/custody" "$dir/typed"
if "$pty" "$spelling" "$peer" custody ask "$dir/wrong" 2>/dev/null || setsid "$peer" custody ask "$dir/wrong" 2>/dev/null
then
	echo "a wrong custody key was taken, or one without a terminal"
	exit 1
fi
ok "the custody key is typed at the terminal, and a slip is refused"
echo "1..$n"
