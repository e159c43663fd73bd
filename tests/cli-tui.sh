#!/bin/sh
# SPDX-License-Identifier: ISC
# senim alone, on a real terminal (tmux, 80 columns): from the list to a filled row, by keys alone, as an officer does it.
. "${srcdir:-.}/tests/cli-room.sh"
. "${srcdir:-.}/tests/cli-screen.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
letter one 'The warehouse sells off stock. My telephone is 8 701 123 45 67.' | feed "$office" senim@kmo.kz askar@example.kz
letter two 'I will kill you and burn down your house.' | feed "$office" senim@kmo.kz dana@example.kz
letter three 'The accountant signs for goods that never came.' | feed "$office" senim@kmo.kz ivan@example.kz
letter four 'My name is Aigerim Omarova. The gate is open at night. Write to aigerim@home.kz.' | feed "$office" senim@kmo.kz omarova@example.kz
letter five 'Medical papers are sold.' | feed "$office" senim@kmo.kz timur@example.kz
letter six 'Two men who never come are paid.' | feed "$office" senim@kmo.kz olga@example.kz
{ printf 'Auto-Submitted: auto-replied\n'; letter seven 'I am on leave.'; } | feed "$office" senim@kmo.kz away@example.kz
officer_conf "$office"
printf 'language = en\n' >>"$XDG_CONFIG_HOME/senim/officer.conf"

# What a session makes or opens for writing is written down: no file of a report, and no history.
if command -v strace >/dev/null; then
	trace="strace -f -qq -A -o '$work/trace' -e trace=open,openat,openat2,creat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat"
fi

year=$(date +%Y)
tui_start
sees 'NEEDS A DECISION (1)'
sees 'NEW (5)'
sees "$year/2"
sees 'Enter open'
grep -q 'URGENT' "$work/seen" || fail 'danger is not said in the list'
[ "$(sed -n 4p "$work/seen" | grep -c "$year/2")" = 1 ] || fail 'what needs a decision does not stand first'
grep -q 'warehouse' "$work/seen" && fail 'the list shows content'

# --- what the screening would have redirected, its menu begins with

if grep -q "$year/2 .*URGENT, redirect" "$work/seen"; then
	keys F2
	sees 'Redirect to law enforcement: make the papers'
	keys Escape
	sees 'Enter open'
else
	fail "a case to be redirected does not say so first: $(cat "$work/seen")"
fi

# --- a case from arrival to a filled row

keys Down
keys Enter
sees 'Ground (why you look)'
keys 1
sees 'The warehouse sells off stock'
keys F3
sees 'Surname'
keys 'Akhmetov'
keys Down 'Askar' Down Down Down
sees 'F4 +77011234567'
keys F4 F2
sees 'Entered into the row'
expect 0 '' show 1 --row --ground g
says 'Akhmetov'
says '+77011234567'
says 'Askar'

# --- what was typed is not lost where the registrar is away, and a bad date is said beside its field

keys F2
sees 'Form: resolution'
keys 2
sees 'Date of the resolution'
keys 'Checked' Down '31.13.2026' F2
sees 'A day is written 31.12.2026'
keys C-u
keys "20.11.$year"
stop "$registrar"
keys F2
sees 'does not answer'
registrar_start "$office"
keys F2
sees 'Form: resolution'
keys 2
sees 'Checked'
keys F2
sees 'Entered into the row'
expect 0 '' show 1 --row --ground g
says 'Checked'
says "$year-11-20"

# --- the rest of the office, by the menu and by digits

keys 7
sees 'What is due, and when'
keys 2
sees LATER
keys Escape
sees 'Enter open'
keys F2
sees 'Put on hold'
keys "$(sed -n 's/^  \(.\)  Put on hold.*/\1/p' "$work/seen")"
sees 'In your own words'
keys 'an inspection' Enter
sees 'is on hold'
keys F2
sees 'Prolong the term'
keys "$(sed -n 's/^  \(.\)  Prolong the term$/\1/p' "$work/seen")"
sees 'New last day'
keys "31.13.$year" Enter
sees 'A day is written 31.12.2026'
sees "31.13.$year"
keys Escape
sees 'Enter open'

# --- what is answered stands below what she types, and what leaves above what she says to it

answers() { # NUMBER [GROUND'S KEY]
	keys F2
	sees 'Letters: '
	keys "$(sed -n 's/^  \(.\)  Letters: .*/\1/p' "$work/seen")"
	sees 'Answer by mail'
	keys "$(sed -n 's/^  \(.\)  Answer by mail$/\1/p' "$work/seen")"
	if [ $# = 2 ]; then
		sees 'Ground (why you look)'
		keys "$2"
		sees 'To which address'
		keys 1
	fi
	sees 'Outgoing number'
	keys Enter
	sees "Your answer to $year/$1"
}
keys /
sees 'Number of the case'
keys "$year/1" Enter
answers 1
sees '— The letter: PgUp, PgDn —'
sees 'The warehouse sells off stock'
keys 'The stock is counted on Monday.'
sees 'counted on Monday'
keys F2
sees 'Subject:'
keys Escape
sees 'This is all that leaves'
sees '— What was shown: PgUp, PgDn —'
grep -q '^To: askar@example.kz' "$work/seen" || fail "the letter does not stand above the question: $(cat "$work/seen")"
keys NPage
sees 'is counted on Monday'
keys Escape
sees 'Enter open'
keys /
sees 'Number of the case'
keys "$year/3" Enter
answers 3 2
sees 'Once you have opened the letter'
keys Escape
sees 'Enter open'
keys /
sees 'Number of the case'
keys X-1 Enter
sees "$year/X-1"
keys F2
sees "Case $year/X-1"
keys Escape
sees 'Enter open'
keys 1
sees 'THE LIST'
keys Escape
keys F10
sees 'in memory alone'
keys F10
ended 0
t capture-pane -p -S - >"$work/seen"
grep -q "$year/1\|warehouse\|Akhmetov" "$work/seen" && fail "something of a case stays on the terminal: $(cat "$work/seen")"
grep -q before "$work/seen" || fail 'the terminal is not as it was'

# --- however it ends

tui_start
sees 'Enter open'
pid=$(pgrep -f "^$senim$" | head -n 1) # not its strace, whose line begins otherwise
kill -TERM "$pid"
ended 0
t capture-pane -p >"$work/seen"
grep -q "$year/" "$work/seen" && fail 'SIGTERM leaves the list on the terminal'

# --- for a screen reader: five cases by lines and numbers, from arrival to a filled and closed row

printf 'screen = plain\n' >>"$XDG_CONFIG_HOME/senim/officer.conf"
tui_start
sees 'Number of the case, as 12'
sees "$year/2, received $year-"
sees ', answer by '
for case in 2 3 4 5 6; do
	keys $case Enter # its own number, wherever in the list it stands
	sees "Case $year/$case"
	keys 1 Enter
	sees 'Ground (why you look)'
	keys 1
	sees 'Something else with it'
	keys 2 Enter
	sees 'Surname:'
	keys "Surname$case" Enter
	for field in 'First name' Patronymic 'Address for the answer' Telephone 'Legal form' 'Name of the legal entity'; do
		sees "$field:"
		keys Enter
		[ "$case $field" != '4 Address for the answer' ] || asked=$(cat "$work/seen")
	done
	sees 'Brief content:'
	keys "ул. $case" Enter
	sees 'is an abbreviation'
	keys Enter
	sees 'Note:'
	keys Enter
	sees "Entered into the row of $year/$case"
	keys 3 Enter
	sees 'Close'
	keys "$(sed -n 's/^ *\([0-9]*\)  Close$/\1/p' "$work/seen")" Enter
	sees 'How did it end?'
	keys 1 Enter
	sees 'In your own words'
	keys 'measures were taken' Enter
	sees "$year/$case is closed" # and with it gone from the list
	sees '0 leave'
done
keys 0 Enter
ended 0
case $asked in
*'omarova@example.kz (from the letter'*) fail "where the text has an address that of the head is offered too: $asked" ;;
*'aigerim@home.kz (from the text)'*) ;;
*) fail "the address of the text is not offered: $asked" ;;
esac
for case in 2 3 4 5 6; do
	expect 0 '' show "$case" --row --ground g
	says "ул. $case"
	says 'measures were taken'
done

# --- no file, no history: what was made or opened for writing is the terminal, and what she knows of the registers

if [ -n "$trace" ]; then
	grep -E 'O_WRONLY|O_RDWR|O_CREAT|^[0-9]+ (creat|mknod|rename|link|symlink|mkdir)' "$work/trace" |
		grep -v -E "= -1 |\"/dev/(tty|null)\"|\"$XDG_STATE_HOME(/senim(/[^\"]*)?)?\"" >"$work/made" || true
	[ ! -s "$work/made" ] || fail "a session leaves: $(cat "$work/made")"
	grep -q O_WRONLY "$work/trace" || grep -q O_RDWR "$work/trace" || fail 'the trace has nothing in it'
fi

# --- without a terminal there is no screen

expect 2 'no command was named'

exit $failed
