#!/bin/sh
# SPDX-License-Identifier: ISC
# senim-examine --check-rules: the shipped rules are clean, examples and words; a stem that cuts into other words is named with
# file and line, and `meant` settles it; and --lines answers the same however its input arrives.
set -u
source=${srcdir:-.}
examine=$PWD/parser/senim-examine
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "not ok: $*"
	failed=1
}

"$examine" --check-rules --rules "$source/policy/rules" >"$work/shipped" 2>&1 || { fail 'the shipped rules'; head "$work/shipped"; }
grep -q ' 0 wrong; 0 entries' "$work/shipped" || fail 'the shipped rules are counted otherwise'

cp -r "$source/policy/rules" "$work/rules"
chmod -R u+w "$work/rules"
own() { # MEANT: an organisation's file with a stem that is too short
	printf '%s\n' 'lex own.dig қазы-' "$1" 'rule own.dig review own' '  match @own.dig' '  + қазымын' '  + қазып' '  - шұңқыр' \
		'  - жер' >"$work/rules/own.txt"
}
if [ -e /usr/share/hunspell/kk_KZ.dic ]; then
	own '# nothing is meant'
	"$examine" --check-rules --rules "$work/rules" >"$work/own" 2>&1 && fail 'a stem that hits other words is taken'
	grep -q "own.txt:1: own.dig: қазы- hits .*(rules own.dig)" "$work/own" || { fail 'it is not named'; tail -5 "$work/own"; }
	own 'meant *'
	"$examine" --check-rules --rules "$work/rules" >"$work/own" 2>&1 || { fail 'what is meant is held against it'; tail -5 "$work/own"; }
else
	grep -q 'no dictionary kk_KZ' "$work/shipped" || fail 'that there is no dictionary is not said'
fi
own 'meant *'
echo '  + жер' >>"$work/rules/own.txt"
"$examine" --check-rules --rules "$work/rules" >"$work/own" 2>&1 && fail 'an example that is wrong is taken'
grep -q "own.txt:9: own.dig does not match: жер" "$work/own" || fail 'the example is not named'

cut -f 4 "$source/tests/screening/hard.tsv" >"$work/lines"
"$examine" --lines --rules "$source/policy/rules" <"$work/lines" >"$work/whole" || fail '--lines'
for size in 1 7 4093; do
	dd if="$work/lines" bs="$size" 2>/dev/null | "$examine" --lines --rules "$source/policy/rules" | cmp -s - "$work/whole" ||
		fail "--lines answers otherwise in pieces of $size"
done
[ "$(wc -l <"$work/whole")" = "$(wc -l <"$work/lines")" ] || fail '--lines has lost a line'
printf 'one\r\n\n\377\376\n\320\nb\000c\nлast' | "$examine" --lines --rules "$source/policy/rules" >"$work/odd" || fail '--lines over no UTF-8'
[ "$(grep -c '^{"schema":1,"verdict":"clean",.*}$' "$work/odd")" = 6 ] || fail 'an empty line, a return, NUL or no UTF-8 is no line'
exit $failed
