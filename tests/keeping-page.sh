#!/bin/sh
# SPDX-License-Identifier: ISC
# doc/keeping.md does what it says: its commands and blocks as they stand there, on a store of its own that is lost in between; the
# Kazakh and the Russian page have the very same ones.
. "${srcdir:-.}/tests/cli-room.sh"

commands() { sed -n 's/^ *\(senim [a-z].*--config .*\|senim verify .*\)/\1/p' "$source/doc/$1"; }
blocks() { sed -n '/^```sh$/,/^```$/p' "$source/doc/$1" | grep -v '^```'; }
commands keeping.md >"$work/commands"
blocks keeping.md >"$work/blocks"
[ "$(wc -l <"$work/commands")" = 4 ] || fail 'the page has lost its commands'
for page in keeping.kk.md keeping.ru.md; do
	commands "$page" | cmp -s - "$work/commands" || fail "$page has other commands than keeping.md"
	blocks "$page" | cmp -s - "$work/blocks" || fail "$page has other blocks than keeping.md"
done

cd "$work"
for name in aigul deputy safe ana bek cho; do
	"$senim" keygen -o "$name.key" --no-passphrase >/dev/null
done
mkdir bin
ln -s "$senim" bin/senim
PATH=$work/bin:$PATH
etc=$work/etc
"$senim" init "$etc" --mailbox senim@kmo.kz --officer aigul=aigul.key.pub --officer deputy=deputy.key.pub \
	--recovery safe.key.pub --prove safe.key --sheet sheet.txt --set examiner="$build/parser/senim-examine" \
	--set templates="$source/policy/letters" --set grounds="$source/policy/grounds.conf" \
	--set categories="$source/policy/categories.conf" --set rules="$source/policy/rules" --set submit=/bin/true \
	--set 'acknowledge-delay=0 min' --set archive-directory="$work/archive" >/dev/null 2>&1 || fail 'init'
"$senim" recover --split --config "$etc/senim.conf" --identity safe.key --holder ana=ana.key.pub --holder bek=bek.key.pub \
	--holder cho=cho.key.pub >/dev/null || fail 'split'
here() { sed "s|/etc/senim|$etc|g; s|/mnt/archive|$work/archive|g; s|/dev/shm/sheet.txt|$work/sheet.txt|; s|/dev/shm|$work|g; s|2026/17|2030/17|"; }
here <commands >script
registrar_start "$etc"
milter_start "$etc"
letter first 'What the page opens' | feed "$etc" senim@kmo.kz r1@example.kz || fail 'feed'
grep -v 'restore' script >before
grep 'restore --drill' script >>before
grep 'restore --config' script >after
while read -r line; do
	sh -c "$line" >out 2>&1 </dev/null || fail "“$line” ended in $?: $(cat out)"
done <before

# The letter of the first report, by stock tools and what the holders have.
if command -v age >/dev/null; then
	rm safe.key
	seq=$(age -d -i bek.key archive/store/recovery/shares/ana+bek.age | age -d -i ana.key >safe.key &&
		age -d -i safe.key archive/senim@kmo.kz/custody-*.age | while read -r word seq text; do
			[ "$word" = opening ] || continue
			echo "$text" | base64 -d | tail -c +33 | grep -q '^number: ' && echo "$seq"
		done | head -n 1)
	here <blocks | sed "s|header 2 0|header $seq 0|; s|/2.body|/$seq.body|; s|-i ana.key|-i $work/ana.key|; s|-i bek.key|-i $work/bek.key|" >by-hand
	(cd archive && RECIPIENT=$(sed -n 's/^body: //p' "$work/safe.key.pub") sh -e "$work/by-hand") >out 2>&1 || fail "by hand: $(cat out)"
	grep -q "entry $seq: .*/1" out || fail "no number: $(cat out)"
	grep -aq 'What the page opens' letter || fail 'the letter did not open'
fi

# The host is lost.
XDG_STATE_HOME=$work/marks
officer_conf "$etc"
"$senim" verify --identity "$work/aigul.key" >out 2>&1 || fail "verify: $(cat out)"
cp marks/senim/*.checkpoint kept
stop "$milter"
stop "$registrar"
mv "$etc" lost
mkdir -p "$etc/run"
cp -r archive/store/senim.conf archive/store/officers archive/store/recovery "$etc/"
sh -c "$(cat after)" >out 2>&1 </dev/null || fail "restore: $(cat out)"
registrar_start "$etc"
"$senim" list --json --identity "$work/aigul.key" >out 2>&1 || fail "behind the restore: $(cat out)"
[ "$failed" = 0 ] && echo 'ok - the commands of the page run as they stand there, in three languages'
exit $failed
