#!/bin/sh
# SPDX-License-Identifier: ISC
# Kazakh and Russian are complete: every text that the sources mark is in senim.pot and, translated and not fuzzy, in both
# catalogues; and no officer reads a word of the court, the army or the cipher room.
set -eu
export LC_ALL=C
source=${srcdir:-.}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

fail() {
	echo "$1" >&2
	exit 1
}

cd "$source"
ls cli/*.c | cmp -s - po/POTFILES || fail "po/POTFILES is not the list of cli/*.c: list them, then make update-po"
xgettext --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --flag=cli_fail:3:c-format --files-from=po/POTFILES \
	--output="$work/fresh.pot"
for catalogue in senim.pot kk.po ru.po; do
	msgcmp --use-untranslated "po/$catalogue" "$work/fresh.pot" 2>"$work/why" ||
		fail "po/$catalogue lacks texts of the sources: make update-po, then translate. $(cat "$work/why")"
done
for language in kk ru; do
	msgfmt --check --output-file=/dev/null "po/$language.po" || fail "po/$language.po is not sound"
	for kind in untranslated only-fuzzy; do
		found=$(msgattrib --$kind --no-obsolete "po/$language.po" | grep -c '^msgid' || true)
		[ "$found" -le 1 ] || fail "po/$language.po has texts that are $kind: translate them"
	done
	msgattrib --no-obsolete --no-wrap "po/$language.po" | sed -n '/^msgstr/,/^$/p' >"$work/said"
	# Whole words: «іс» must not stand, «іске қосу» may.
	if LC_ALL=C.UTF-8 grep -n -i -w -E 'іс|істі|істің|үкім|куә|офицер|офицеры|дело|payload|header|root|leaf|recipient|nonce|digest' \
		"$work/said"; then
		fail "po/$language.po says a word that DESIGN keeps from officers"
	fi
done

# Whatever the desk refuses, an officer reads a sentence of hers: each word that store/ sends has its row.
words=$(cat store/desk*.c | tr '\n' ' ' | grep -o -E \
	'(desk_place_refuse|refuse_caller|desk_acts_(error|refuse|deny))\(reply, *([0-9]+, *)?[^;]*;|\{LEDGER_ERROR_[^}]*\}|#define DESK_PLACE_(ELSEWHERE|OFFICERS) "[a-z-]*"' |
	grep -o -E '"[a-z-]+"' | tr -d '"' | sort -u)
[ "$(echo "$words" | wc -l)" -gt 80 ] || fail "the words of the desk's refusals are not found in store/desk*.c any more"
for word in $words; do
	grep -q "{\"$word\", CLI_ERROR_" cli/refusals.c || fail "cli/refusals.c has no sentence for the desk's word '$word'"
done
