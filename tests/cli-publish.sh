#!/bin/sh
# SPDX-License-Identifier: ISC
# Page and poster that tell reporters of the mailbox: each placeholder from the configuration, each language, nothing fetched.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
conf="--config $office/senim.conf"
texts="--texts $source/policy/public"
sed -i 's|^organisation=.*|organisation=Ұйым & <Co>|; s|^\[mailbox senim@kmo.kz\]$|&\ntelephone=8 (7172) 75-77-76\nterm-working-days=14|' "$office/senim.conf"
grep -q '^organisation=Ұйым' "$office/senim.conf" || sed -i 's|^\[senim\]$|&\norganisation=Ұйым \& <Co>|' "$office/senim.conf"

# shellcheck disable=SC2086
publish() { # WORD OPTION...
	run publish "$@" $conf $texts
	[ "$status" = 0 ] || fail "publish $*: $err"
}

has() { # TEXT
	case $out in *"$1"*) ;; *) fail "there is no “$1” in $out" ;; esac
}

lacks() { # TEXT
	case $out in *"$1"*) fail "there is “$1” in $out" ;; esac
}

# --- the page

publish page
has '<article id="kk" lang="kk">'
has '<article id="ru" lang="ru">'
has '<article id="en" lang="en">'
has '<a href="mailto:senim@kmo.kz">senim@kmo.kz</a>'
has 'Ұйым &amp; &lt;Co&gt;'
has '14 жұмыс күні'
has 'Телефон доверия: 8 (7172) 75-77-76'
has 'An automatic letter brings you the number'
has 'own addresses: somebody else'
has 'keeps service and time in its log'
case $err in *'no address for a report about the officer'*) ;; *) fail "publish does not say that one address is missing: $err" ;; esac
lacks '{?'
lacks '{!'
lacks 'http'
lacks '<script'
for word in kk ru en; do
	publish page --language $word
	has "<html lang=\"$word\">"
	lacks '<nav>'
done
publish page --language en
first=$out
publish page --language en
[ "$first" = "$out" ] || fail 'the same configuration gives another page'

# What does not hold is not promised.
sed -i 's|^\[mailbox senim@kmo.kz\]$|&\nacknowledge=never\nlanguages=ru|; s|^telephone=.*|telephone=|' "$office/senim.conf"
publish page
has '<html lang="ru">'
lacks 'автоматическое письмо'
lacks 'Телефон доверия'
has 'Отвечаем на языках: русский.'

# --- the poster

publish poster --language kk --output "$work/poster.pdf"
pdftotext -layout "$work/poster.pdf" "$work/poster.txt"
[ "$(pdfinfo "$work/poster.pdf" | sed -n 's/^Pages: *//p')" = 1 ] || fail 'the poster is not one page'
for text in senim@kmo.kz 'Атыңызды атамауға құқығыңыз бар' '14 жұмыс күні'; do
	grep -qF "$text" "$work/poster.txt" || fail "the poster lacks “$text”: $(cat "$work/poster.txt")"
done
run publish poster $conf $texts --output "$work/poster.pdf"
[ "$status" = 2 ] || [ "$status" = 1 ] || fail 'a file was written over'

# --- the organisation's own words, and a mistake in them

mkdir "$work/own"
printf '= Жәшік\n@ {mailbox}\n{?telephone:тел. {telephone}}\n' >"$work/own/page.ru.txt"
run publish page $conf --texts "$work/own"
[ "$status" = 0 ] || fail "own words: $err"
has '<h1>Жәшік</h1>'
lacks 'тел.'
printf '= Жәшік\n{number}\n' >"$work/own/page.ru.txt"
run publish page $conf --texts "$work/own"
[ "$status" = 2 ] || fail "a placeholder that there is not ends with $status"
case $err in *page.ru.txt*'line 2'*'{number}'*) ;; *) fail "file and line are not named: $err" ;; esac
run publish page $conf --texts "$work/none"
[ "$status" = 2 ] || fail "texts that are missing end with $status"
run publish leaflet $conf
[ "$status" = 2 ] || fail "a leaflet ends with $status"
run publish page
[ "$status" = 2 ] || fail "no configuration ends with $status"

exit $failed
