#!/bin/sh
# SPDX-License-Identifier: ISC
# Who may look, and what stands of it afterwards: the agreement before anything else.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
marker=marker-3c9e
room_make "$office" senim@kmo.kz
cp "$source/policy/agreement/ru.txt" "$work/terms.txt"
sed -i "s|^\[senim\]|&\nagreement = $work/terms.txt|" "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
letter one "$marker" | feed "$office" senim@kmo.kz askar@example.kz

# --- the agreement: nothing else is served before it, and again when its text changes

expect 3 'has not been accepted' list
expect 3 'has not been accepted' show 1 --ground g
expect 0 '' agreement
says 'СОГЛАШЕНИЕ'
says 'have not accepted'
expect 3 'has not been accepted' list
expect 0 '' agreement --accept --json
json 'o["accepted"] and o["text"].startswith("СОГЛАШЕНИЕ") and len(o["check"]) == 64'
expect 0 '' list
expect 0 '' show 1 --ground g
says "$marker"
expect 3 'has not been accepted' list --officer deputy --identity "$work/deputy"
echo 'Один абзац добавлен.' >>"$work/terms.txt"
expect 3 'has not been accepted' list
expect 0 '' agreement --accept
says 'You have accepted it'
expect 0 '' list
# On her terminal she reads it at the first sign-in, and types a word; whatever else she types opens nothing.
on_terminal() { # ANSWER: $out, $status
	status=0
	SAID=$work/said PAGER=cat "$source/tests/with-passphrase.py" "$1" "$senim" list --officer deputy \
		--identity "$work/deputy" 2>/dev/null || status=$?
	out=$(cat "$work/said")
}
on_terminal yes
[ "$status" = 3 ] || fail "a word that does not accept ends in $status"
says 'СОГЛАШЕНИЕ'
says 'was not accepted, so nothing is opened'
on_terminal accept
[ "$status" = 0 ] || fail "accepting on the screen ends in $status: $out"
says "$(date +%Y)/1"
expect 0 '' list --officer deputy --identity "$work/deputy"
stop "$registrar"
registrar_start "$office"
expect 0 '' list

[ "$failed" = 0 ] && echo "ok: who may look"
exit $failed
