#!/bin/sh
# SPDX-License-Identifier: ISC
# What breaks while somebody works: the registrar dies between an act's entry and its answer; the disk runs full.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
marker=marker-77b1
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
letter one "$marker" | feed "$office" senim@kmo.kz askar@example.kz

entries() { # KIND, four hex digits (store/entry.h)
	rm -rf "$work/look"
	cp -r "$office/state/senim@kmo.kz" "$work/look" # with its WAL: what looks into a register would change it
	sqlite3 "$work/look/register.db" "select count(*) from entry where hex(substr(data, 25, 2)) = '$1'"
}

falls_at() { # TARGET: the registrar dies when it begins to answer that
	rm -f "$work/relay.sock"
	echo "$registrar" >"$work/registrar.pid"
	"$source/tests/kill-at-answer" "$work/relay.sock" "$office/run/desk.sock" "$1" "$work/registrar.pid" &
	pids="$pids $!"
	wait_for "$work/relay.sock"
	officer_conf "$office" "$work/relay.sock"
}

rises() {
	wait "$registrar" 2>/dev/null || true
	rm -f "$office/run/desk.sock" # the next one is the new registrar's
	registrar_start "$office"
	officer_conf "$office"
}

# --- a look: its entry stands, nothing was seen; asked again it is another look, and another entry

falls_at /v1/open
expect 1 'broke off' show 1 --ground journal
case $out in *"$marker"*) fail 'something was shown without an answer' ;; esac
wait "$registrar" 2>/dev/null || true
[ "$(entries 0008)" = 1 ] || fail 'the look that was not answered has no entry'
rises
expect 0 '' show 1 --ground journal
says "$marker"

# --- an act that changes something: it stands, and asked again it is refused, not done twice

falls_at /v1/note
given '{"surname": "Ахметов"}' note 1 - --ground journal
[ "$status" = 1 ] || fail "a note without an answer ended in $status: $err"
rises
given '{"surname": "Ахметов"}' note 1 - --ground journal
[ "$status" = 1 ] || fail "the same note is written twice: $status $err"
case $err in *'strike '*) ;; *) fail "it is not said that the note stands: $err" ;; esac
expect 0 '' show 1 --row --ground journal --json
json 'o["row"]["surname"]["value"] == "Ахметов"'
falls_at /v1/withhold
expect 1 'broke off' withhold 1 --from deputy --ground journal
rises
expect 3 'kept from that officer already' withhold 1 --from deputy --ground journal
expect 3 'another officer' show 1 --ground journal --officer deputy --identity "$work/deputy"
expect 0 '' verify
stop "$registrar"
[ "$(entries 000A)" = 1 ] || fail "a note has $(entries 000A) entries"

# --- the register grows between an act's questions: mail comes in, and nobody is told of tampering

rm -f "$work/relay.sock" "$office/run/desk.sock"
registrar_start "$office"
letter meanwhile "$marker" >"$work/meanwhile"
"$source/tests/run-at-question" "$work/relay.sock" "$office/run/desk.sock" /v1/readers \
	"sed 's/\r*\$/\r/' '$work/meanwhile' | sed \"s/^Subject.*/Subject: \$\$\r/\" | '$build/milter/senim-ingest' --socket '$office/run/ingest.sock' --mailbox senim@kmo.kz --sender askar@example.kz" &
pids="$pids $!"
wait_for "$work/relay.sock"
officer_conf "$office" "$work/relay.sock"
given '{"given": "Асқар"}' note 1 - --ground journal
[ "$status" = 0 ] || fail "a note while mail came in ended in $status: $err"
officer_conf "$office"
run list --all --json
json 'len(o["cases"]) > 1'

# --- the disk: of its last part reports alone take, then they are put off, and nothing is lost

if [ "$(id -u)" = 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=64m senim-test "$work/small" 2>/dev/null; then
	small_end() {
		small_ended=$?
		for pid in $pids; do
			kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
		done
		umount "$work/small" || true
		room_end "$small_ended"
	}
	trap small_end EXIT
	room_make "$work/small/office" senim@kmo.kz
	printf '#!/bin/sh\necho "$*" >>%s\n' "$work/paged" >"$work/page"
	printf '#!/bin/sh\ncat >>%s\n' "$work/mailed" >"$work/sendmail"
	chmod 755 "$work/page" "$work/sendmail"
	sed -i "s|^disk-reserve=.*|disk-reserve=8 MiB|; s|^submit=.*|submit=$work/sendmail\nalarm=mail:root@kmo.kz; command:$work/page|" \
		"$work/small/office/senim.conf"
	room_left() { # MIB: fills the disk but for that
		fallocate -l "$(($(df --output=avail -B1M "$work/small" | tail -n 1) - $1))m" "$work/small/ballast$1"
	}
	registrar_start "$work/small/office"
	milter_start "$work/small/office"
	officer_conf "$work/small/office"
	[ "$(stat -c %s "$work/small/office/state/reserve")" = 8388608 ] || fail 'no reserve was made'
	letter one "$marker" | feed "$work/small/office" senim@kmo.kz askar@example.kz
	expect 0 '' show 1 --ground journal
	room_left 6
	expect 1 'disk is almost full' show 1 --ground journal
	[ -z "$out" ] || fail "something is shown on a full disk: $out"
	expect 1 'disk is almost full' list --cards --ground journal
	expect 1 'disk is almost full' log --officer chair --identity "$work/chair"
	expect 0 '' log
	letter two "$marker" | feed "$work/small/office" senim@kmo.kz askar@example.kz || fail 'reports are not taken while there is room'
	expect 0 '' list --json
	json 'len(o["cases"]) == 2'
	while head -c 100000 /dev/zero >>"$work/small/more" 2>/dev/null; do :; done
	while head -c 1000 /dev/zero >>"$work/small/more" 2>/dev/null; do :; done
	for n in 3 4 5 6 7 8; do
		status=0
		letter "last$n" "$marker $(head -c 30000 /dev/zero | tr '\0' x | fold -w 70)" |
			feed "$work/small/office" senim@kmo.kz askar@example.kz 2>/dev/null || status=$?
	done
	[ "$status" = 75 ] || fail "a report for which there is no room is answered $status, not 75"
	# The reserve is given up for the register's own entries, and the keeper of the host is told.
	for n in $(seq 100); do
		grep -q '^full begins$' "$work/paged" 2>/dev/null && grep -q 'full begins' "$work/mailed" 2>/dev/null && break
		sleep 0.1
	done
	[ "$(stat -c %s "$work/small/office/state/reserve")" = 0 ] || fail 'the reserve is kept on a full disk'
	grep -q '^full begins$' "$work/paged" || fail 'no command was run for a full disk'
	grep -q '^Subject: senim: full begins' "$work/mailed" || fail 'no letter tells of a full disk'
	! grep -q intake "$work/paged" || fail 'the registrar ran the command that is the milter'"'"'s'
	! grep -q "$marker" "$work/mailed" || fail 'a letter says something of a report'
	[ "$(sort -u "$work/paged" | grep -v '^disk begins$')" = 'full begins' ] || fail 'an alarm says something of a report'
	expect 0 '' withhold 1 --from deputy --ground journal
	expect 1 'disk is almost full' show 1 --ground journal
	status=0
	letter nine "$marker" | feed "$work/small/office" senim@kmo.kz askar@example.kz 2>/dev/null || status=$?
	[ "$status" = 75 ] || fail "a report took the room of the reserve: $status"
	rm "$work"/small/ballast* "$work/small/more"
	taken=0
	for n in $(seq 100); do
		letter after "$marker" | feed "$work/small/office" senim@kmo.kz askar@example.kz 2>/dev/null && taken=1 && break
		sleep 0.1
	done
	[ "$taken" = 1 ] || fail 'reports are not taken again when there is room'
	[ "$(stat -c %s "$work/small/office/state/reserve")" = 8388608 ] || fail 'the reserve was not made again'
	expect 0 '' show 2 --ground journal
	says "$marker"
	expect 0 '' verify
fi

exit $failed
