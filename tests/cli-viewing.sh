#!/bin/sh
# SPDX-License-Identifier: ISC
# Attachments on a terminal: shown from memory by a viewer, scanned, judged by what they are, and gone afterwards, also when
# senim is killed over it (tests/cli-viewing.py holds the terminal and plays clamd).
. "${srcdir:-.}/tests/cli-room.sh"

[ "$(stat -f -c %T /dev/shm)" = tmpfs ] || { echo 'skipped: /dev/shm is no tmpfs'; exit 77; }
unset XDG_RUNTIME_DIR
office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
/usr/bin/python3 "$source/tests/cli-viewing.py" letter | feed "$office" senim@kmo.kz askar@example.kz
officer_conf "$office"
cat >"$work/viewer" <<EOF
#!/bin/sh
# What a viewer sees; of the content its size alone, so that nothing of it lies on the disk.
{ stat -c '%a %s %n' "\$1"; stat -f -c %T "\$1"; echo "home \$HOME"; echo "bus \$DBUS_SESSION_BUS_ADDRESS"; echo "pid \$\$"; } >"$work/seen.new"
touch "\$HOME/recently-used"
mv "$work/seen.new" "$work/seen"
[ ! -e "$work/wait" ] || exec sleep 60
EOF
chmod 700 "$work/viewer"
printf 'viewer = application/pdf: %s %%f; application/x-executable: %s\nclamd = %s\n' "$work/viewer" "$work/viewer" \
	"$work/clamd" >>"$XDG_CONFIG_HOME/senim/officer.conf"
unset TERM
/usr/bin/python3 "$source/tests/cli-viewing.py" terminal "$senim" "$work" || failed=1
LC_ALL=C grep -r -a -l 'canary-4712-sings' "$work" && fail 'what was viewed stands on the disk'
LC_ALL=C grep -r -a -l 'canary-4712-sings' /dev/shm 2>/dev/null && fail 'what was viewed stays in memory'
[ "$failed" = 0 ] && echo 'ok: attachments are viewed'
exit $failed
