#!/bin/sh
# SPDX-License-Identifier: ISC
# A later message becomes a report of its own: its own number, the moment at which it came, readers of its own; both cases say so.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
officer_conf "$office"
cat >"$work/sendmail" <<END
#!/bin/sh
cat >"$work/sent.part" && mv "$work/sent.part" "$work/sent"
END
chmod 700 "$work/sendmail"
sed -i "s|^submit *=.*|submit = $work/sendmail|" "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
letter first 'Қоймада ұрлық. marker-1' | feed "$office" senim@kmo.kz askar@example.kz
for _ in $(seq 200); do
	[ -e "$work/sent" ] && break
	sleep 0.05
done
id=$(sed -n 's/^Message-ID: *\(<.*>\)\r*$/\1/p' "$work/sent")
printf 'From: Askar <askar@example.kz>\nTo: senim@kmo.kz\nSubject: other\nMessage-ID: <other@example.kz>\nIn-Reply-To: %s\nContent-Type: text/plain; charset=utf-8\n\n%s\n' \
	"$id" 'Тағы бір іс: гаражда бензин сатады. marker-2' | feed "$office" senim@kmo.kz askar@example.kz
run list --all --json
json 'len(o["cases"]) == 1'

expect 2 'from 2 on' split 1 --ground g
expect 1 'has no message 3' split 1 --message 3 --ground g
expect 3 'without a ground' split 1 --message 2
run split 1 --message 2 --ground 'басқа іс' --json
good split
year=$(TZ=Asia/Almaty date +%Y)
json "o['split'] == '$year/2' and o['message'] == 2"
run list --all --json
json 'len(o["cases"]) == 2'
run show 1 --message 2 --ground g --json
good 'the message where it was'
moment=$(printf '%s' "$out" | python3 -c 'import json,sys; o = json.load(sys.stdin); print([m["received"] for m in o["messages"] if m["number"] == 2][0])')
run show 2 --ground g --json
good 'the new report'
says marker-2
json "o['received'] == '$moment'"
run show 2 --ground g
says askar@example.kz
run show 1 --row --ground g --json
json '[e["kind"] for e in o["course"]] == ["linked"]'
run show 2 --row --ground g --json
json '[e["kind"] for e in o["course"]] == ["linked"]'
"$senim" show 2 --ground g --officer deputy --identity "$work/deputy" 2>/dev/null | grep -q marker-2 || fail 'the deputy does not read the new report'
run verify
good verify
run log --officer deputy --json
stop "$registrar"
registrar_start "$office"
run list --all --json
json 'len(o["cases"]) == 2'
run verify
good 'verify after a restart'
[ "$failed" = 0 ] && echo 'ok: a later message is a report of its own'
exit $failed
