#!/bin/sh
# SPDX-License-Identifier: ISC
# Who reads, as the officer's program says and changes it: added, confirmed, blocked in force, let in again.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
officer_conf "$office"
"$senim" keygen --no-passphrase -o "$work/dana" >/dev/null || fail 'keygen'
expect 0 '' officer list
says 'in force'
expect 2 '--role' officer add dana "$work/dana.pub"
expect 2 'public half' officer add dana --role deputy --order '45-ө'
expect 0 '' officer add dana "$work/dana.pub" --role deputy --order '45-ө' --mailbox senim@kmo.kz
says 'entered'
expect 3 'six words' list --officer dana --identity "$work/dana"
expect 0 '' officer list
says 'not confirmed'

expect 3 'not confirmed yet' officer act dana --output "$work/early.pdf"
# --- her own machine shows six words; another officer than the one who entered her types them
expect 0 '' enroll --officer dana --identity "$work/dana" --log-pub "$work/dana.log.pub" --json
words=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["words_kk"])')
russian=$(printf '%s' "$out" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["words_ru"].upper())')
cmp -s "$work/dana.log.pub" "$office/log.pub" || fail 'enroll pinned other keys'
grep -q . "$XDG_STATE_HOME"/senim/senim@kmo.kz+*.store || fail 'enroll keeps no store'
echo x >"$work/other.pub"
expect 3 'other keys' enroll --officer dana --identity "$work/dana" --log-pub "$work/other.pub"
expect 3 'not the six words' officer confirm dana --words "${words% *}" --mailbox senim@kmo.kz
expect 3 'you entered her yourself' officer confirm dana --words "$words" --mailbox senim@kmo.kz
expect 0 '' officer confirm dana --words "$russian" --officer deputy --identity "$work/deputy"
says 'confirmed'
expect 0 'new readers of senim@kmo.kz: dana' list
expect 0 '' list
[ -z "$err" ] || fail "it is said twice: $err"
expect 1 'nobody of that name' officer confirm dana --words "$words" --officer deputy --identity "$work/deputy"
expect 0 '' officer act dana --output "$work/act.pdf"
pdftotext "$work/act.pdf" - | grep -q 'Акт ввода в действие' || fail 'the act is not in Russian'
pdftotext "$work/act.pdf" - | grep -q 'қолданысқа енгізу актісі' || fail 'the act is not in Kazakh'
expect 0 '' list --officer dana --identity "$work/dana"
expect 2 'a moment is written' officer block dana --order 46 --signed yesterday --mailbox senim@kmo.kz
expect 0 '' officer block dana --order 46 --signed 2026-01-01T09:00 --mailbox senim@kmo.kz
says 'blocked'
expect 0 'no longer read senim@kmo.kz, or have another key: dana' officer list
says 'more than 24'
expect 0 '' officer handover dana
says 'Printed copies'
expect 3 'blocked' list --officer dana --identity "$work/dana"
expect 3 'blocked already' officer block dana --order 46 --signed 2026-01-01 --mailbox senim@kmo.kz
expect 0 '' officer unblock dana --order 47 --mailbox senim@kmo.kz
says 'no longer'
expect 0 '' list --officer dana --identity "$work/dana"
# --- without any key: root of the host, or the registrar's own user
mv "$XDG_CONFIG_HOME/senim/officer.conf" "$work/conf"
expect 0 '' officer block dana --order 48 --signed 2026-01-02T10:00 --config "$office/senim.conf"
mv "$work/conf" "$XDG_CONFIG_HOME/senim/officer.conf"
expect 3 'blocked' list --officer dana --identity "$work/dana"
expect 0 '' officer unblock dana --order 49
expect 0 '' officer list --json
json '[p["state"] for p in o["people"] if p["name"] == "dana"] == ["active"]'
expect 0 '' verify

# --- the configuration names whom the register does not know: mail waits, and the log says for what
milter_start "$office"
letter one 'A word' | feed "$office" senim@kmo.kz a@example.kz || fail 'the report was not taken'
cp "$office/senim.conf" "$work/good.conf"
sed -i 's/^officers=.*/&; erlan/' "$office/senim.conf"
printf '[officer erlan]\npublic = %s\n' "$work/dana.pub" >>"$office/senim.conf"
kill -USR1 "$registrar"
sleep 0.3
grep -q 'senim officer add erlan .*the configuration in force stays' "$work/registrar.log" || fail 'the reload was taken'
letter two 'A word' | feed "$office" senim@kmo.kz a@example.kz || fail 'a refused reload puts mail off'
"$build/store/senim-registrar" --check-config --config "$office/senim.conf" 2>"$work/check" && fail '--check-config says good'
grep -q 'officers names erlan' "$work/check" || fail '--check-config does not say what differs'
stop "$registrar"
registrar_start "$office"
status=0
letter three 'A word' | feed "$office" senim@kmo.kz a@example.kz || status=$?
[ "$status" = 75 ] || fail "a start that differs answers $status, not 75"
grep -q 'put off: the register and the configuration' "$work/milter.log" || fail 'the milter does not name the step'
cp "$work/good.conf" "$office/senim.conf"
kill -USR1 "$registrar"
sleep 0.3
letter three 'A word' | feed "$office" senim@kmo.kz a@example.kz || fail 'mail is not taken again'
exit $failed
