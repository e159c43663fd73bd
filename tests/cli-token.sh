#!/bin/sh
# SPDX-License-Identifier: ISC
# Keys in a token: the CLI against a plug-in that pretends one, and stock age through the same plug-in.
. "${srcdir:-.}/tests/cli-room.sh"

bin=$work/bin
mkdir "$bin" "$XDG_CONFIG_HOME" "$XDG_CONFIG_HOME/senim"
cp "$source/tests/age-plugin-mock" "$bin/"
chmod 755 "$bin/age-plugin-mock"
conf=$XDG_CONFIG_HOME/senim/officer.conf
touches() { # N: since the last time
	n=0
	[ ! -e "$bin/touched" ] || n=$(wc -l <"$bin/touched")
	rm -f "$bin/touched"
	[ "$n" = "$1" ] || fail "$n touches where $1 are due: senim $2"
}
behave() {
	echo "$*" >"$bin/behaviour"
}
by_age() { # ARGUMENT...
	PATH=$bin:$PATH age "$@"
}
"$bin/age-plugin-mock" --generate-x25519 >"$work/token"
"$bin/age-plugin-mock" --generate >"$work/own"
"$bin/age-plugin-mock" --generate >"$work/foreign"

# --- only what officer.conf names is started

printf '[senim]\nofficer = aigul\n' >"$conf"
expect 3 'no plug-in mock is allowed' keygen -o "$work/aigul" --token "$work/token"
printf '[senim]\nplugin = yubikey; mock\n' >"$conf"
expect 1 'is not there' keygen -o "$work/aigul" --token "$work/token"
touches 0 keygen
for bad in 'a b' '../mock' '/bin/sh' 'mock;;x' 'MOCK'; do
	printf '[senim]\nplugin = %s\n' "$bad" >"$conf"
	expect 2 'plugin' list
done
printf '[senim]\nplugin = %s/age-plugin-mock\n' "$bin" >"$conf"
chmod 777 "$bin/age-plugin-mock"
expect 1 'others could have written it' keygen -o "$work/aigul" --token "$work/token"
chmod 755 "$bin/age-plugin-mock"
[ ! -e "$work/aigul" ] || fail 'a key file without its token was left'

# --- a key file that is sealed to the token; stock age opens it, and what age seals to the token

expect 2 'exclude each other' keygen -o "$work/aigul" --token "$work/token" --no-passphrase
expect 2 'does not name one token' keygen -o "$work/aigul" --token "$conf"
expect 0 '' keygen -o "$work/aigul" --token "$work/token"
touches 1 keygen
expect 0 '' keygen -o "$work/deputy" --token "$work/own"
touches 1 keygen
grep -q '^AGE-SECRET-KEY\|senim-sign' "$work/aigul" "$work/deputy" && fail 'a key file lies in clear'
if command -v age >/dev/null; then
	by_age -d -i "$work/token" "$work/aigul" >"$work/plain" || fail 'age does not open a key file of the token'
	grep -q '^AGE-PLUGIN-MOCK-1' "$work/plain" || fail 'the body identity did not stay in the token'
	[ "$(grep -c '^AGE-SECRET-KEY-1' "$work/plain")" = 1 ] || fail 'the card identity is not in the key file'
	by_age -d -i "$work/own" "$work/deputy" >"$work/plain" || fail 'age does not open a key file of another kind of token'
	[ "$(grep -c '^AGE-SECRET-KEY-1' "$work/plain")" = 2 ] || fail 'both identities are not in the key file'
	(umask 077; by_age -e -i "$work/own" -o "$work/by-age" "$work/plain") || fail 'age does not seal to the token'
	rm -f "$bin/touched"
fi

# --- the daily round: one touch to sign in, one more for a letter whose key is in the token

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
letter one 'the text' | feed "$office" senim@kmo.kz askar@example.kz
officer_conf "$office"
printf 'plugin = %s/age-plugin-mock\ntoken = %s\n' "$bin" "$work/token" >>"$conf"
expect 0 '' list --json
touches 1 list
expect 0 '' list --cards --ground g --json
json 'o["cases"][0]["subject"] == "one"'
touches 1 'list --cards'
expect 0 '' show 1 --ground g
says 'the text'
touches 2 show
expect 0 '' show 1 --sealed "$work/one.age" --ground g
rm -f "$bin/touched"
if command -v age >/dev/null; then
	by_age -d -i "$work/token" "$work/one.age" | grep -a -q 'the text' || fail 'age does not open a letter with the token'
	rm -f "$bin/touched"
fi
for file in deputy by-age; do
	[ -e "$work/$file" ] || continue
	expect 0 '' show 1 --officer deputy --identity "$work/$file" --token "$work/own" --ground g
	touches 1 "show with $file"
done
rm -f "$bin/touched"

# --- what a plug-in may ask, and what it may not do

printf '1234\n' >"$work/pin"
printf '4321\n' >"$work/wrong-pin"
with_pin() { # STATUS FILE WORD
	status=0
	"$senim" list --passphrase-fd 3 3<"$2" >"$work/out" 2>"$work/err" </dev/null || status=$?
	[ "$status" = "$1" ] && grep -q "$3" "$work/out" "$work/err" || fail "a PIN ($2): $status $(cat "$work/err")"
}
behave pin grease msg
with_pin 0 "$work/pin" 'one\|1'
with_pin 1 "$work/wrong-pin" 'PIN.* is another'
LC_ALL=C grep -q "$(printf '\033')" "$work/err" && fail 'a plug-in drives the terminal'
expect 1 'could not do it' list # no terminal, no PIN
for misdeed in garbage dies twice; do
	behave $misdeed
	expect 1 'broke off or said' list
done
for misdeed in hangs drips prattles; do # hours pass as seconds
	behave $misdeed
	LD_PRELOAD=$build/tests/short-wait.so expect 1 'was not done in time' list
done
pgrep -f "$bin/age-plugin-mock" >/dev/null && fail 'a plug-in that hangs is left behind'
behave wrong
expect 3 '' list
behave ''
expect 3 'not sealed to the token' list --officer deputy --identity "$work/deputy" --token "$work/foreign"
expect 2 'has no passphrase' passphrase "$work/deputy"
sed -i /^token/d "$conf"
expect 2 'sealed to a token' list --officer deputy --identity "$work/deputy"
printf 'token = %s\n' "$work/token" >>"$conf"

# --- on a terminal: told, asked, and without an echo

on_terminal() { # ANSWER: $out, $status
	status=0
	SAID=$work/said "$source/tests/with-passphrase.py" "$1" "$senim" list 2>/dev/null || status=$?
	out=$(cat "$work/said")
}
behave msg pin
on_terminal 1234
[ "$status" = 0 ] || fail "a PIN on a terminal: $status $out"
says 'touch me'
case $out in *1234*) fail 'the terminal echoes the PIN' ;; *"$(printf '\033')]0"*) fail 'a plug-in sets the title' ;; esac
case $out in *'waiting for the token'*) fail 'a hint though the plug-in speaks' ;; esac
behave slow
on_terminal none
[ "$status" = 0 ] || fail "a slow touch on a terminal: $status $out"
says 'mock: waiting for the token'
behave confirm
on_terminal 1
[ "$status" = 0 ] || fail "a question on a terminal: $status $out"
says '[1: go on, 2: stop]'
on_terminal 2
[ "$status" = 1 ] || fail "a no on a terminal: $status $out"
says 'not confirmed'
behave ''
pgrep -f "$bin/age-plugin-mock" >/dev/null && fail 'a plug-in is left behind'

# --- a key file that others may read

cp "$work/aigul" "$work/open"
for mode in 640 604; do
	chmod $mode "$work/open"
	expect 2 'others may read' list --identity "$work/open"
done

exit $failed
