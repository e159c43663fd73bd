#!/bin/sh
# SPDX-License-Identifier: ISC
# A registrar that lies (tests/lying-registrar): for each lie the CLI opens nothing, writes nothing, ends in 1 and says why.
# Forked and shortened registers are real ones: a second registrar on a copy of the store, signing with the same key.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz ethics@kmo.kz
registrar_start "$office"
milter_start "$office"
letter one 'the first report' | feed "$office" senim@kmo.kz askar@example.kz
letter two 'the second report' | feed "$office" senim@kmo.kz askar@example.kz
letter three 'the third report' | feed "$office" ethics@kmo.kz askar@example.kz
{
	letter large 'a large report'
	head -c 300000 /dev/zero | tr '\000' 'x' | fold -w 70
} | feed "$office" senim@kmo.kz askar@example.kz
letter four 'from within: its acknowledgement is held back' | feed "$office" senim@kmo.kz askar@kmo.kz

liar_start() { # LIE: the CLI then speaks to it, as if for the first time
	/usr/bin/python3 "$source/tests/lying-registrar" "$work/liar.sock" "$office/run/desk.sock" "$1" >"$work/liar.log" 2>&1 &
	liar=$!
	pids="$pids $liar"
	wait_for "$work/liar.sock"
	rm -rf "$XDG_STATE_HOME"
	officer_conf "$office" "$work/liar.sock"
}

liar_stop() {
	stop "$liar"
	rm -f "$work/liar.sock"
}

opens_nothing() { # WHAT WORD ARGUMENT...
	what=$1
	word=$2
	shift 2
	run "$@"
	[ "$status" = 1 ] || fail "$what: ended in $status, not 1: $err"
	[ -z "$out" ] || fail "$what: something was printed: $out"
	case $err in *"$word"*) ;; *) fail "$what: it does not say “$word”: $err" ;; esac
	case $err in *'second report'*) fail "$what: the letter stands in the error: $err" ;; esac
}

# --- honest answers pass through the liar: the tests below fail for the lie alone

liar_start honest
expect 0 '' show senim:1 --ground g
says 'the first report'
expect 0 '' show senim:3 --ground g
says 'a large report'
expect 0 '' list --cards --ground g
says 'Askar'
liar_stop

# --- the second look is lied about; the first one was honest

while read -r lie word; do
	[ -n "$lie" ] || continue
	liar_start "$lie"
	expect 0 '' show senim:1 --ground g
	opens_nothing "$lie" "$word" show senim:2 --ground g
	opens_nothing "$lie --raw" '' show senim:2 --raw --ground g
	opens_nothing "$lie --sealed" '' show senim:2 --sealed "$work/sealed" --ground g
	[ ! -e "$work/sealed" ] || fail "$lie: a sealed file was written"
	liar_stop
done <<'LIES'
replayed-answer not this request
replayed-entry not this request
other-header that of another case
other-payload was not opened
other-object that of another case
other-case own entry is missing
bent-payload was not opened
cut-payload was not opened
bent-header was not opened
no-payload was not opened
foreign-signature not signed with the key
no-signature not signed with the key
wrong-inclusion does not stand in the register
wrong-consistency something in it was changed
no-consistency something in it was changed
bent-record text was exchanged
no-case-entry own entry is missing
no-entries entries
old-checkpoint does not stand in the register
another-form schema
LIES

liar_start card-for-body
expect 0 '' acknowledge senim:4 --ground g # opens the card: its answer is the material
opens_nothing card-for-body 'was not opened' show senim:4 --ground g
liar_stop

liar_start other-found
expect 0 '' show senim:1 --ground g
opens_nothing other-found 'another case' show senim:2 --ground g
liar_stop

liar_start bent-large-payload
opens_nothing bent-large-payload 'was not opened' show senim:3 --ground g
liar_stop

for lie in exchanged-cards card-not-listed; do
	liar_start $lie
	opens_nothing $lie '' list --cards --ground g
	liar_stop
done

for lie in other-origin exchanged-origins; do
	liar_start $lie
	opens_nothing $lie 'vouches for' show senim:1 --ground g
	run verify
	[ "$status" = 1 ] || fail "$lie: verify ended in $status"
	liar_stop
done

# A store's id is good for one store alone: what is signed names it.
liar_start honest
expect 0 '' list
liar_stop
cp -a "$XDG_STATE_HOME" "$work/known"
liar_start other-store
cp -a "$work/known" "$XDG_STATE_HOME"
opens_nothing other-store 'another store' show senim:1 --ground g
opens_nothing other-store 'another store' list
expect 1 'another store' enroll --log-pub "$office/log.pub"
liar_stop

# --- another history of the same register, under the same key

rm -rf "$XDG_STATE_HOME"
officer_conf "$office"
stop "$registrar"
cp -a "$office" "$work/older"
sed -i "s|$office|$work/older|g" "$work/older/senim.conf"
rm -rf "$work"/older/run/*
registrar_start "$office"
expect 0 '' show senim:1 --ground g
expect 0 '' show senim:2 --ground g
expect 0 '' verify
registrar_start "$work/older"
officer_conf "$work/older"
opens_nothing 'a smaller register' 'shorter' show senim:1 --ground g
opens_nothing 'a forked register' 'give them' show senim:1 --ground another
for _ in 1 2 3; do
	run show senim:1 --ground g # the fork grows past what was kept
	[ "$status" = 1 ] || fail "a fork that grew: ended in $status"
done
expect 1 'something is wrong' verify
says 'THE REGISTER IS NOT WHOLE'
evidence=$(ls "$XDG_STATE_HOME"/senim/*.evidence-* | wc -l)
[ "$evidence" -ge 5 ] || fail "only $evidence files of evidence"
for file in "$XDG_STATE_HOME"/senim/*.evidence-*; do
	[ "$(grep -c '^— senim@kmo.kz/' "$file")" = 2 ] || fail "$file does not hold both signed marks"
	[ "$(stat -c %a "$file")" = 600 ] || fail "$file may be read by others"
done
officer_conf "$office"
expect 0 '' show senim:1 --ground g # what was kept is still the honest one

[ "$failed" = 0 ] && echo 'ok: every lie was found'
exit $failed
