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
expect 0 '' officer confirm dana --words 'а ә б в г ғ' --mailbox senim@kmo.kz
says 'confirmed'
expect 0 '' list --officer dana --identity "$work/dana"
expect 2 'a moment is written' officer block dana --order 46 --signed yesterday --mailbox senim@kmo.kz
expect 0 '' officer block dana --order 46 --signed 2026-01-01T09:00 --mailbox senim@kmo.kz
says 'blocked'
expect 3 'blocked' list --officer dana --identity "$work/dana"
expect 1 'blocked already' officer block dana --order 46 --signed 2026-01-01 --mailbox senim@kmo.kz
expect 0 '' officer unblock dana --order 47 --mailbox senim@kmo.kz
says 'no longer'
expect 0 '' list --officer dana --identity "$work/dana"
expect 0 '' officer list --json
json '[p["state"] for p in o["people"] if p["name"] == "dana"] == ["active"]'
expect 0 '' verify
exit $failed
