#!/bin/sh
# SPDX-License-Identifier: ISC
# A mailbox of the higher leadership's own (doc/install.md): the officers are blocked there before it is published, and what comes
# is hers, sealed to nobody else.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz chair@kmo.kz
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
chair() { # STATUS WORD ARGUMENT...
	wanted=$1 word=$2
	shift 2
	expect "$wanted" "$word" "$@" --officer chair --identity "$work/chair"
}
for name in aigul deputy; do
	chair 0 '' officer block $name --order 1 --signed 2026-01-01 --mailbox chair@kmo.kz
done
letter one 'to the chair' | feed "$office" chair@kmo.kz a@example.kz || fail 'feed'
letter two 'to the office' | feed "$office" senim@kmo.kz a@example.kz || fail 'feed'
chair 0 '' show chair:1 --ground journal
says 'to the chair'
chair 3 'with the officers' show senim:1 --ground journal
expect 0 '' list --all --json
json '[c["mailbox"] for c in o["cases"]] == ["senim@kmo.kz"]'
expect 1 'no such case' show chair:1 --ground journal
expect 0 '' show senim:1 --ground journal
says 'to the office'
"$senim" doctor --config "$office/senim.conf" --json >"$work/doctor" 2>/dev/null || true
/usr/bin/python3 - "$work/doctor" <<'END' || fail "doctor on a mailbox of her own: $(grep -o '[^"]*chair@kmo.kz[^"]*' "$work/doctor")"
import json, sys
said = json.dumps(json.load(open(sys.argv[1])))
sys.exit("chair@kmo.kz: the higher leadership alone reads" not in said or "chair@kmo.kz: no officer is in force" in said)
END
chair 0 '' verify
exit $failed
