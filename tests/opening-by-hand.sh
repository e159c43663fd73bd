#!/bin/sh
# SPDX-License-Identifier: ISC
# doc/opening-by-hand.md does what it says: its block, run on a store's files, gives stock age the reports back, a small
# one and one of the vault, what came to one of them later, and their cards; with a wrong key or a spoilt payload it says so. Says 77 without age.
set -eu
command -v age >/dev/null || { echo "no age tool: skipped"; exit 77; }
page=$(cd "$(dirname "$0")/.." && pwd)/doc/opening-by-hand.md
hand=$(pwd)/tests/hand-store
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sed -n '/^```python$/,/^```$/p' "$page" | sed '/^```/d' >"$dir/by-hand.py"
test "$(wc -l <"$dir/by-hand.py")" -gt 30

printf 'Subject: small\r\n\r\nөтініш\r\n' >"$dir/small"
head -c 300000 /dev/urandom >"$dir/large"
printf 'Subject: answer\r\n\r\nжауап\r\n' >"$dir/answer"
{ read -r store && read -r custody; } <<WORDS
$("$hand" "$dir" "$dir/small" "$dir/large" "$dir/answer")
WORDS
body=$(sed -n 's/^body: //p' "$dir/aigul.pub")
card=$(sed -n 's/^card: //p' "$dir/aigul.pub")
by_hand() { /usr/bin/python3 "$dir/by-hand.py" "$dir/log" "$store" "$custody" "$@"; }

# As the sheet prints it: groups, and any case.
custody=$(printf '%s' "$custody" | tr A-Z a-z | sed 's/..../& /g')
by_hand >"$dir/list"
test "$(cut -f 2 "$dir/list" | sed 's|^[0-9]*/||' | tr '\n' ' ')" = "1 2 answer to entry $(head -1 "$dir/list" | cut -f 1) "
line=0
for name in small large answer; do
	line=$((line + 1))
	seq=$(sed -n "${line}p" "$dir/list" | cut -f 1)
	by_hand "$body" "$seq" body | age -d -i "$dir/aigul" >"$dir/opened"
	/usr/bin/python3 -c '
import sys
message, opened = (open(path, "rb").read() for path in sys.argv[1:])
rest = opened.split(b"X-Senim-Message: follows\r\n", 1)[1]
assert rest[:int(opened[-18:-2], 16)] == message
' "$dir/$name" "$dir/opened"
	by_hand "$card" "$seq" card | age -d -i "$dir/aigul" | tr -d '\0' | grep -qx "subject: $name"
	echo "ok - the $name report and its card open by hand"
done

right=$custody
custody=senim-custody-1$(head -c 58 /dev/zero | tr '\0' q)
if by_hand >/dev/null 2>&1; then
	echo "another custody key opened it"
	exit 1
fi
custody=$right
seq=$(sed -n 2p "$dir/list" | cut -f 1)
file=$(find "$dir/log/vault" -name '*.pay')
printf 'x' | dd of="$file" bs=1 seek=1000 conv=notrunc status=none
if by_hand "$body" "$seq" body >/dev/null 2>&1; then
	echo "a spoilt payload was given out"
	exit 1
fi
echo "ok - another custody key and a spoilt payload are refused"
