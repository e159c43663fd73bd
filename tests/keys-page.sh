#!/bin/sh
# SPDX-License-Identifier: ISC
# doc/keys.md does what it says: its commands, as they stand there and in their order, on a store of its own; the Kazakh and
# the Russian page have the very same ones.
. "${srcdir:-.}/tests/cli-room.sh"

commands() { sed -n 's/^    \(senim .*\)/\1/p' "$source/doc/$1"; }
commands keys.md >"$work/commands"
[ "$(wc -l <"$work/commands")" -ge 12 ] || fail 'the page has lost its commands'
for page in keys.kk.md keys.ru.md; do
	commands "$page" | cmp -s - "$work/commands" || fail "$page has other commands than keys.md"
done

cd "$work"
for name in safe safe2 ana bek cho dana deputy; do
	"$senim" keygen -o "$name.key" --no-passphrase >/dev/null
done
printf 'correct horse\n' >first
"$senim" keygen -o aigul.key --passphrase-fd 3 3<first >/dev/null
"$senim" init "$work/store" --mailbox senim@kmo.kz --officer aigul=aigul.key.pub \
	--officer deputy=deputy.key.pub --recovery safe.key.pub --prove safe.key \
	--sheet first-sheet.txt --set examiner="$build/parser/senim-examine" --set templates="$source/policy/letters" \
	--set grounds="$source/policy/grounds.conf" --set rules="$source/policy/rules" \
	--set submit=/bin/true --set 'acknowledge-delay=0 min' >/dev/null 2>&1 || fail 'init'
mkdir bin
ln -s "$senim" bin/senim
PATH=$work/bin:$PATH
printf 'correct horse\nbattery staple\n' >lines
sed "s|/etc/senim/senim.conf|$work/store/senim.conf|g" commands >script
printf 'battery staple\n' >hers
registrar_start "$work/store"
milter_start "$work/store"
letter first 'The bids were opened before the day.' | feed "$work/store" senim@kmo.kz askar@example.kz || fail 'feed'
officer_conf "$work/store"
sed -i "s|^identity = .*|identity = $work/aigul.key|" "$XDG_CONFIG_HOME/senim/officer.conf"
words=
while read -r line; do
	case $line in
	*' --config '*)
		[ -z "$registrar" ] || stop "$registrar"
		registrar=
		;;
	*' passphrase '*) line="$line --passphrase-fd 0 <lines" ;;
	*' keygen '*) line="$line --no-passphrase" ;;
	*' rekey --to '* | *' rekey --reseal '*) line="$line --identity aigul2.key --ground other:rotation" ;;
	*' rekey '*) line="$line --ground other:rotation --json --passphrase-fd 0 <hers" ;;
	*' officer confirm '*) line="$line --words '$words' --officer deputy --identity deputy.key" ;;
	esac
	sh -c "$line" >out 2>&1 </dev/null || fail "“$line” ended in $?: $(cat out)"
	case $line in *' --reseal '*) grep -q 'encrypted anew: 1' out || fail "“$line” says $(cat out)" ;; esac
	case $line in *' --json '*) words=$(/usr/bin/python3 -c 'import json; print(json.load(open("out"))["words_ru"])') ;; esac
done <script
[ "$failed" = 0 ] && echo 'ok - the commands of the page run as they stand there, in three languages'
exit $failed
