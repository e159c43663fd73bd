#!/bin/sh
# SPDX-License-Identifier: ISC
# The archive: months by themselves, a run on demand, each kind of damage named, a kill, a full disk.
. "${srcdir:-.}/tests/cli-room.sh"

store=$work/store
conf=$store/senim.conf
archive=$work/archive
home=$archive/senim@kmo.kz
room_make_archived "$store" "$archive"
registrar_start "$store"
milter_start "$store"
officer_conf "$store"
letter first 'MARKER-OF-THE-TEXT one' | feed "$store" senim@kmo.kz askar@example.kz || fail 'feed'
{ letter large 'MARKER-OF-THE-TEXT two'; head -c 200000 /dev/zero | tr '\0' 'x' | fold -w 70; } |
	feed "$store" senim@kmo.kz askar@example.kz || fail 'feed'

# On demand: this month as far as it goes.
expect 0 '' archive --config "$conf" --json
json 'o["months"] == 1 and o["payloads"] == 4 and o["damage"] == 0'
expect 0 '' verify --archive "$archive" --json
json 'o["sound"] and o["registers"][0]["payloads"] == 4'
expect 0 '' verify --archive "$archive" --log-pub "$store/log.pub"
says 'the register is whole'
(cd "$home"/2*-part-*/ && b2sum -l 256 --quiet -c digests) || fail 'b2sum'

# Once more: the running month is replaced, and nothing else is left.
letter third 'MARKER-OF-THE-TEXT three' | feed "$store" senim@kmo.kz askar@example.kz || fail 'feed'
expect 0 '' archive --config "$conf" --json
[ "$(find "$home" -mindepth 1 -maxdepth 1 | wc -l)" = 3 ] || fail "left: $(ls "$home")"
expect 0 '' verify --archive "$archive" --json
json 'o["registers"][0]["payloads"] == 6'

# No plaintext, and nothing that an officer's key opens.
grep -rqa -e MARKER-OF-THE-TEXT -e askar@example.kz "$archive" && fail 'plaintext lies in the archive'
if command -v age >/dev/null; then
	age -d -i "$work/aigul" "$home"/custody-*.age >/dev/null 2>&1 && fail "an officer's key opens the archive"
	age -d -i "$work/chair" "$home"/custody-*.age >"$work/lines" || fail "the escalation's key does not open the archive"
	age -d -i "$work/safe" "$home"/custody-*.age >"$work/lines" || fail 'the recovery key does not open the archive'
	tail -n 1 "$work/lines" | grep -qx end || fail 'the lines do not end'
fi

# Every kind of damage has its sentence.
month=$(cd "$home" && echo 2*)
damage() { # WORD COMMAND...: in a copy
	word=$1
	shift
	rm -rf "$work/copy"
	cp -a "$archive" "$work/copy"
	(cd "$work/copy/senim@kmo.kz" && "$@") || fail "damage: $*"
	run verify --archive "$work/copy"
	[ "$status" = 1 ] || fail "$*: verify ended in $status"
	case $out in *"$word"*) ;; *) fail "$*: verify does not say “$word”: $out $err" ;; esac
}
flip() { # FILE: another octet in its midst
	/usr/bin/python3 - "$1" <<-'END'
		import os, sys
		path = sys.argv[1]
		data = bytearray(open(path, "rb").read())
		data[len(data) // 2] ^= 1
		open(path, "wb").write(data)
	END
}
body=$(cd "$home" && ls "$month"/payloads/*.body | head -1)
damage 'is missing or cannot be read' rm "$body"
damage 'was altered' flip "$body"
damage 'its entries are cut' truncate -s -104 "$month/entries"
damage 'is cut out, altered or in the wrong place' sh -c "printf X | dd of='$month/entries' conv=notrunc status=none"
damage 'are not those that its checkpoint was signed over' sh -c "printf X | dd of='$month/entries' bs=1 seek=150 conv=notrunc status=none"
damage 'its checkpoint is another' flip "$month/checkpoint"
damage 'it was swapped or altered' flip "$month/manifest"
damage 'list of digests was altered' flip "$month/digests"
damage 'the month is missing' mv "$month" ../aside
damage 'does not belong to it' touch "$month/payloads/more"
damage 'manifest was altered' flip manifest
damage 'custody-' sh -c 'rm custody-*.age'
damage 'is missing: its register is gone' sh -c 'mv ../senim@kmo.kz ../x'

# A damaged month is written again, and the register says what it was.
flip "$home/$body"
expect 0 '' archive --config "$conf" --json
json 'o["damage"] >= 1'
expect 0 '' verify --archive "$archive"

# Killed anywhere, the last archive stays whole, and the next run makes it good.
kills=0
for n in 1 2 3 4 5 6; do
	letter "k$n" "page $n" | feed "$store" senim@kmo.kz "k$n@example.kz" || fail 'feed'
	"$senim" archive --config "$conf" >/dev/null 2>&1 &
	asking=$!
	sleep "0.0$((n * 15 % 9 + 1))"
	kill -9 "$registrar" && kills=$((kills + 1))
	wait "$registrar" 2>/dev/null || true
	wait "$asking" 2>/dev/null || true
	expect 0 '' verify --archive "$archive" --log-pub "$store/log.pub"
	rm -f "$store/run/desk.sock" "$store/run/intake.sock"
	registrar_start "$store"
done
expect 0 '' archive --config "$conf"
expect 0 '' verify --archive "$archive"
[ "$(find "$home" -mindepth 1 -maxdepth 1 | wc -l)" = 3 ] || fail "left behind the kills: $(ls "$home")"

# A place that cannot be written is named.
stop "$registrar"
sed -i 's|^archive-directory=.*|archive-directory=/dev/full/archive|' "$conf"
registrar_start "$store"
expect 1 '/dev/full/archive' archive --config "$conf"


# Months that are over are directories of their own, which change no more; what is sealed anew afterwards lies in the month of its
# entry, and is what a restore brings back.
stop "$registrar"
stop "$milter"
sed -i "s|^archive-directory=.*|archive-directory=$archive|" "$conf"
rm -f "$store/run/desk.sock" "$store/run/ingest.sock"
this=$(TZ=Asia/Almaty date +%Y-%m)
export LD_PRELOAD="$build/tests/move-clock.so" MOVED_CLOCK=3456000 # forty days
registrar_start "$store"
milter_start "$store"
letter later 'page of another month' | feed "$store" senim@kmo.kz later@example.kz || fail 'feed'
expect 0 '' archive --config "$conf"
[ -d "$home/$this" ] || fail "the month that is over is not there: $(ls "$home")"
ls -d "$home"/*-part-* >/dev/null || fail "the month that runs is not there: $(ls "$home")"
grep -q '^20[0-9][0-9]-[01][0-9]$' "$store/state/archived" || [ "$(wc -c <"$store/state/archived")" = 7 ] || fail 'no mark'
expect 0 '' verify --archive "$archive"
before=$(cat "$home/$this/manifest")
expect 0 '' rekey --reseal "${this%-*}/1" --ground audit
expect 0 '' rekey --reseal "${this%-*}/2" --ground audit
expect 0 '' rekey --reseal "${this%-*}/2" --ground audit
expect 0 '' archive --config "$conf" --json
json 'o["damage"] == 0'
[ "$(cat "$home/$this/manifest")" = "$before" ] || fail 'a month that is over was changed'
expect 0 '' verify --archive "$archive"
expect 0 '' restore --drill --config "$conf" --safe "$work/sheet" --scratch "$work" --json
json 'o["faults"] == []'
mv "$home/$this" "$work/month"
expect 1 '' verify --archive "$archive"
says "$this: the month is missing"
mv "$work/month" "$home/$this"
unset LD_PRELOAD MOVED_CLOCK

# A disk that is full is named, and the last archive stands.
mkdir "$work/small"
if mount -t tmpfs -o size=256k none "$work/small" 2>/dev/null; then
	stop "$registrar"
	sed -i "s|^archive-directory=.*|archive-directory=$work/small/archive|" "$conf"
	registrar_start "$store"
	expect 1 'No space left on device' archive --config "$conf"
	umount "$work/small" || fail 'umount'
fi

[ "$failed" = 0 ] && echo "ok - the archive stands through $kills kills, and names what is damaged"
exit $failed
