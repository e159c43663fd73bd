#!/bin/sh
# SPDX-License-Identifier: ISC
# What the prose says against what is there: README's tree and files, a manual page for every program, every option of a
# page in --help and back, and the limits that STYLE.md sets. Run by make check in the build directory.
set -u
source=${srcdir:-.}
failed=0

fail() {
	echo "not ok: $*"
	failed=1
}

# --- README: the tree, the files it points to, the commands it names

rows=$(sed -n 's/^| `\([a-z]*\)\/` |.*/\1/p' "$source/README.md")
for row in $rows; do
	[ -d "$source/$row" ] || fail "README.md has $row/ in its tree, and there is no such directory"
done
for directory in "$source"/*/; do
	name=$(basename "$directory")
	case $name in build | build-aux | autom4te.cache | m4) continue ;; esac
	[ -f "$directory/Makefile.inc" ] || continue
	echo "$rows" | grep -qx "$name" || fail "README.md's tree lacks $name/"
done
for text in README.md STYLE.md NEWS doc/*.md; do
	for file in "$source"/$text; do
		for link in $(grep -o '](\([^)#]*\))' "$file" | sed 's/^](//; s/)$//' | grep -v '^https*:'); do
			[ -e "$(dirname "$file")/$link" ] || fail "$(basename "$file") points to $link, which is not there"
		done
	done
done
for command in $(grep -o '\<contrib/[a-z]*\>' "$source/README.md" | sort -u); do
	[ -e "$source/$command" ] || fail "README.md names $command, which is not there"
done

# --- doc/threat-model.md and doc/protocol.md: each test that they name is there

# a sentence that stands on two lines of source is one
tests=$(cat "$source"/tests/*.c "$source"/tests/e2e/scenarios/*.py | tr '\n\t' '  ' | sed 's/" *"//g')
for page in threat-model protocol; do
	tr '\n' ' ' <"$source/doc/$page.md" | tr -s ' ' | sed 's/\*\*[^*]*\*\*//g' | grep -o '\*[^*]*\*' | tr -d '*' |
		grep -vx 'italics\|Trusted here' >named-tests
	while read -r name; do
		case $tests in *"$name"*) ;; *) fail "doc/$page.md names a test that is not there: $name" ;; esac
	done <named-tests
	[ "$(wc -l <named-tests)" -ge 10 ] || fail "doc/$page.md names hardly a test"
	rm -f named-tests
done

# --- doc/install.md: Postfix knows every word of its main.cf and master.cf

if command -v postconf >/dev/null; then
	etc=$(mktemp -d)
	for file in main.cf master.cf; do
		awk -v block="\`\`\`$file" '$0 == block { on = 1; next } /^```/ { on = 0 } on' "$source/doc/install.md" >"$etc/$file"
		[ -s "$etc/$file" ] || fail "doc/install.md has no $file"
	done
	remarks=$(postconf -c "$etc" -n 2>&1 >/dev/null; postconf -c "$etc" -M 2>&1 >/dev/null; postconf -c "$etc" -P 2>&1 >/dev/null)
	[ -z "$remarks" ] || fail "doc/install.md: $remarks"
	rm -rf "$etc"
fi

# --- a manual page for every program, and --help and the page of one mind

pages=0
[ -n "${SENIM_PROGRAMS-}" ] || fail 'SENIM_PROGRAMS is empty: run this by make check'
for path in ${SENIM_PROGRAMS-}; do
	name=$(basename "$path")
	page=$(find "$source/doc" -name "$name.[18]")
	if [ -z "$page" ]; then
		fail "$name has no manual page in doc/"
		continue
	fi
	pages=$((pages + 1))
	help=$("./$path" --help 2>/dev/null) || fail "$name --help does not end in 0"
	options=$(sed -n 's/\\-/-/g; s/^\.It Fl \(Fl \|-\)\([a-z-]*\).*/\2/p' "$page" | sort -u)
	for option in $options; do
		echo "$help" | grep -q -- "--$option\>" || fail "$name --help lacks --$option, which $(basename "$page") has"
	done
	for option in $(echo "$help" | grep -o -- '--[a-z][a-z-]*' | sort -u); do
		echo "$options" | grep -qx -- "${option#--}" || fail "$(basename "$page") lacks $option, which $name --help has"
	done
done
if command -v mandoc >/dev/null; then
	for page in "$source"/doc/*.[1-8]; do
		mandoc -Tlint -Wwarning "$page" >/dev/null || fail "mandoc has remarks on $(basename "$page"): mandoc -Tlint $page"
	done
fi

# --- STYLE.md, rule 1: nothing longer than can be seen

rooms=$(for row in $rows; do echo "$source/$row"; done)
# shellcheck disable=SC2086 # a list of directories
sources=$(find $rooms -name '*.[ch]' | sort)
# shellcheck disable=SC2086 # a list of files
limits=$(awk '
	FNR == 1 { if (file != "" && lines > 900) print file ": " lines " lines"; file = FILENAME }
	{ lines = FNR }
	/^\{/ { from = FNR }
	/^\}/ { if (from && FNR - from > 100) print FILENAME ":" from ": a function of " FNR - from " lines"; from = 0 }
	END { if (lines > 900) print file ": " lines " lines" }' $sources)
[ -z "$limits" ] || fail "longer than STYLE.md allows: $limits"
# shellcheck disable=SC2086 # a list of files
unmarked=$(grep -L '^/\* SPDX-License-Identifier: ISC \*/' $sources)
[ -z "$unmarked" ] || fail "without a licence line: $unmarked"
[ "$failed" = 0 ] && echo "ok: $pages programs with their pages"
exit $failed
