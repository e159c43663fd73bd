#!/bin/sh
# SPDX-License-Identifier: ISC
# The store is gone: a backup of its state, the sheet from the safe, an officer's key file and stock tools give the reports back,
# and so does the escrow, which stock age opens with the recovery key. Says 77 without age.
command -v age >/dev/null || { echo 'no age tool: skipped'; exit 77; }
. "${srcdir:-.}/tests/cli-room.sh"

for name in aigul deputy safe; do
	"$senim" keygen -o "$work/$name" --no-passphrase >/dev/null
done
store=$work/store
"$senim" init "$store" --mailbox senim@kmo.kz --officer aigul="$work/aigul.pub" --officer deputy="$work/deputy.pub" \
	--recovery "$work/safe.pub" --prove "$work/safe" --sheet "$work/sheet" --set examiner="$build/parser/senim-examine" \
	--set templates="$source/policy/letters" --set grounds="$source/policy/grounds.conf" \
	--set categories="$source/policy/categories.conf" --set rules="$source/policy/rules" --set submit=/bin/true \
	>/dev/null 2>"$work/err" || { cat "$work/err"; exit 1; }
registrar_start "$store"
milter_start "$store"
letter one 'Конкурс алдын ала шешілген.' | feed "$store" senim@kmo.kz a@example.kz || fail 'feed'
{
	letter two 'A long one.'
	seq 30000 # past a chunk: a file of the vault
} | feed "$store" senim@kmo.kz a@example.kz || fail 'feed'
stop "$milter"
stop "$registrar"
mkdir "$work/backup"
cp -a "$store/state/senim@kmo.kz" "$work/backup/"
cp "$store/recovery/keys.age" "$work/backup/"
rm -r "$store"

sed -n '/^```python$/,/^```$/p' "$source/doc/opening-by-hand.md" | sed '/^```/d' >"$work/by-hand.py"
custody_of() { # FILE: the words as they stand there
	tr -s ' \n' '\n\n' <"$1" | tr -d '\n' | grep -o 'SENIM-CUSTODY-1[A-Z0-9]\{58\}' | head -n 1
}
store_of() { # FILE
	grep -o '\b[0-9a-f]\{32\}\b' "$1" | head -n 1
}
age -d -i "$work/safe" "$work/backup/keys.age" >"$work/escrow" || fail 'stock age does not open the escrow'
for paper in sheet escrow; do
	custody=$(custody_of "$work/$paper") id=$(store_of "$work/$paper")
	[ -n "$custody" ] && [ -n "$id" ] || fail "the $paper lacks the custody key or the store: $(cat "$work/$paper")"
	for name in aigul safe; do
		body=$(sed -n 's/^body: //p' "$work/$name.pub")
		/usr/bin/python3 "$work/by-hand.py" "$work/backup/senim@kmo.kz" "$id" "$custody" >"$work/list" || fail "the list by the $paper"
		seq=$(cut -f 1 "$work/list")
		for n in $seq; do
			/usr/bin/python3 "$work/by-hand.py" "$work/backup/senim@kmo.kz" "$id" "$custody" "$body" "$n" body |
				age -d -i "$work/$name" >>"$work/$paper.$name" || fail "case $n with the $paper and the key of $name"
		done
		grep -q 'Конкурс алдын ала шешілген.' "$work/$paper.$name" || fail "the first report with $paper and $name"
		grep -q '^30000' "$work/$paper.$name" || fail "the long report with $paper and $name"
	done
done
[ "$failed" = 0 ] && echo 'ok - the reports come back from a backup, the sheet and stock tools'
exit $failed
