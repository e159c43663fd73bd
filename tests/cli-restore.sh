#!/bin/sh
# SPDX-License-Identifier: ISC
# The host is lost: restored from archive and safe sheet, numbers go on and what was proven before holds; the same from a backup
# that is older than what officers have seen. And the drill.
. "${srcdir:-.}/tests/cli-room.sh"

store=$work/store
conf=$store/senim.conf
archive=$work/archive
room_make_archived "$store" "$archive"
registrar_start "$store"
milter_start "$store"
officer_conf "$store"
G='--ground audit'
letter first 'page one' | feed "$store" senim@kmo.kz r1@example.kz || fail 'feed'
{ letter large 'page two'; head -c 200000 /dev/zero | tr '\0' 'x' | fold -w 70; } |
	feed "$store" senim@kmo.kz r2@example.kz || fail 'feed'
expect 0 '' show 1 $G
year=$(date +%Y)
printf '%s' '{"brief": "What it says"}' >"$work/note"
"$senim" note 1 - $G <"$work/note" >/dev/null 2>&1 || fail 'note'
deputy() { # what the deputy's own program says, with its own kept marks
	XDG_STATE_HOME="$work/deputy-state" run "$@" --officer deputy --identity "$work/deputy"
}
deputy verify
[ "$status" = 0 ] || fail "deputy verify: $err"
expect 0 '' receipt 1 $G --output "$work/receipt"
expect 0 '' verify --receipt "$work/receipt" --log-pub "$store/log.pub"
expect 0 '' archive --config "$conf"

# The drill, by the sheet and by the recovery key; nothing is left of it, and the register has it.
mkdir "$work/scratch"
expect 0 'kmo.kz' restore --drill --config "$conf" --safe "$work/sheet" --scratch "$work/scratch"
says 'went well'
expect 0 '' restore --drill --config "$conf" --prove "$work/safe" --scratch "$work/scratch" --json
json 'o["payloads"] == 4 and o["faults"] == []'
[ -z "$(ls "$work/scratch")" ] || fail 'the drill left something'
[ -f "$store/state/tried" ] || fail 'the drill left no mark'
expect 1 'sealed to somebody else' restore --drill --config "$conf" --prove "$work/aigul" --scratch "$work/scratch"
sed 's/\(SENIM-CUSTODY-1\)/\1\n        QQQQ/' "$work/sheet" >"$work/wrong"
expect 2 'a letter of the custody key is wrong' restore --drill --config "$conf" --safe "$work/wrong" --scratch "$work/scratch"

# One snapshot of the running store, as a file system takes it, is a consistent set; two of different moments are none.
snapshot() { # DIR
	kill -STOP "$registrar"
	cp -a "$store/state" "$1"
	kill -CONT "$registrar"
}
snapshot "$work/earlier"
letter between 'page between' | feed "$store" senim@kmo.kz r9@example.kz || fail 'feed'
expect 0 '' show 3 $G # more than one commit lies between them: a single one would be what a crash leaves
expect 0 '' show 3 $G
snapshot "$work/later"
XDG_STATE_HOME="$work/no-state" run verify --store "$work/later" --log-pub "$store/log.pub"
[ "$status" = 0 ] || fail "the snapshot: $err $out"

# One more report, which only the officer's program and a letter know of. Then the host is gone.
letter third 'page three' | feed "$store" senim@kmo.kz r3@example.kz || fail 'feed'
expect 0 '' show 4 $G
stop "$milter"
stop "$registrar"
cp -a "$store" "$work/backup" # as a backup that is put back later
mv "$store" "$work/lost"

mkdir -p "$store/run" "$store/keys"
chmod 700 "$store/keys"
cp "$archive/store/senim.conf" "$store/"
cp -r "$archive/store/officers" "$archive/store/recovery" "$store/"
kept=$(ls "$XDG_STATE_HOME"/senim/*.checkpoint)
expect 2 'highest number' restore --config "$conf" --archive "$archive" --safe "$work/sheet"
expect 2 'newest control mark' restore --config "$conf" --archive "$archive" --safe "$work/sheet" --highest "$year/4"
[ ! -e "$store/state" ] || fail 'something was put back before everything was asked'
expect 0 '' restore --config "$conf" --archive "$archive" --safe "$work/sheet" --highest "$year/4" --checkpoint "$kept"
says 'entries and 4 sealed objects'
cmp -s "$store/log.pub" "$work/lost/log.pub" || fail 'log.pub differs'
XDG_STATE_HOME="$work/no-state" run verify --store "$store"
[ "$status" = 0 ] || fail "the restored store: $err $out"
registrar_start "$store"
milter_start "$store"
deputy verify
[ "$status" = 0 ] || fail "what was kept before the loss does not hold: $err $out"
deputy show 1 $G
says 'page one'
deputy show 2 --raw $G
says 'page two'
deputy show 1 --row $G
says 'What it says'
expect 0 '' verify --receipt "$work/receipt" --log-pub "$store/log.pub"
letter fourth 'page four' | feed "$store" senim@kmo.kz r4@example.kz || fail 'feed'
deputy list --json
json "sorted(c['case'] for c in o['cases']) == ['$year/1', '$year/2', '$year/5']"
deputy show 5 $G
says 'page four'
# Whose program has seen what was lost is told so, is asked, and keeps both.
unasked() { # STATUS WORD ARGUMENT...: without a terminal
	wanted=$1 word=$2
	shift 2
	status=0
	setsid -w "$senim" "$@" </dev/null >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = "$wanted" ] || fail "senim $* ended in $status, not $wanted: $(cat "$work/err")"
	grep -q "$word" "$work/err" || fail "senim $* does not say “$word”: $(cat "$work/err")"
}
answered() { # STATUS WORD ARGUMENT...: what she types on a terminal
	wanted=$1 word=$2
	shift 2
	status=0
	SAID=$work/said PAGER=cat "$source/tests/with-passphrase.py" "$word" "$senim" "$@" 2>/dev/null || status=$?
	out=$(cat "$work/said")
	[ "$status" = "$wanted" ] || fail "senim $* with $word ended in $status, not $wanted: $out"
}
evidence() {
	find "$XDG_STATE_HOME/senim" -name '*.evidence-*' | wc -l
}
cp -p "$kept" "$work/seen-before"
unasked 3 'restored from a copy' show 1 $G
unasked 3 'restored from a copy' verify --json
[ "$(evidence)" = 0 ] || fail 'a question without an answer changed what is kept'
cmp -s "$kept" "$work/seen-before" || fail 'a refusal changed the kept mark'
answered 3 no show 1 $G
cmp -s "$kept" "$work/seen-before" || fail 'no is taken for a yes'
find "$XDG_STATE_HOME/senim" -name '*.checkpoint' -exec touch {} + # as a copy without times: when she looked stands in a file
answered 0 restored show 1 $G
says 'page one'
says 'are lost'
says 'Proven: its first'
[ "$(evidence)" = 1 ] || fail 'what she had seen is not kept'
proof=$(find "$XDG_STATE_HOME/senim" -name '*.evidence-*')
sed -n '/^kept:/,/^offered:/p' "$proof" | grep -qxF "$(sed -n 3p "$work/seen-before")" || fail 'the evidence lacks what she had seen'
sed -n '/^taken on the word of:/,$p' "$proof" | sed 1d >"$work/word"
expect 1 'an entry of another kind' verify --receipt "$work/word" --log-pub "$store/log.pub" # proven, and of no report
expect 0 '' show 1 $G

# The same entry is no excuse for a second one: the register as it was a while ago, with RESTORED in it.
stop "$registrar"
cp -a "$store/state" "$work/shorter"
registrar_start "$store"
expect 0 '' show 1 $G
expect 0 '' show 2 $G
stop "$registrar"
mv "$store/state" "$work/longer"
cp -a "$work/shorter" "$store/state"
registrar_start "$store"
unasked 1 'shorter than when you last looked' show 1 $G
answered 1 restored show 1 $G
stop "$registrar"
rm -rf "$store/state"
mv "$work/longer" "$store/state"
registrar_start "$store"
expect 0 '' show 1 $G
expect 0 '' archive --config "$conf"
expect 0 '' verify --archive "$archive" --log-pub "$store/log.pub"
stop "$milter"
stop "$registrar"

# A backup that is older than what was seen: the files are put back, the register says so and goes on.
mv "$store" "$work/lost2"
mv "$work/backup" "$store"
expect 2 'highest number' restore --config "$conf"
expect 0 '' restore --config "$conf" --highest "$year/5" --highest "$year/X-2" --checkpoint -
registrar_start "$store"
milter_start "$store"
XDG_STATE_HOME="$work/other-state" run verify --officer deputy --identity "$work/deputy"
[ "$status" = 0 ] || fail "behind the backup: $err $out"
letter fifth 'page five' | feed "$store" senim@kmo.kz r5@example.kz || fail 'feed'
XDG_STATE_HOME="$work/other-state" run show 6 $G --officer deputy --identity "$work/deputy"
says 'page five'

stop "$milter"
stop "$registrar"

# register.db of one moment, custody.db of another: refused by name, and left as they are.
mixed() { # WORD REGISTER CUSTODY
	rm -rf "$store/state"
	cp -a "$work/$3" "$store/state"
	for file in "$store/state/senim@kmo.kz"/register.db*; do rm "$file"; done
	cp -a "$work/$2/senim@kmo.kz"/register.db* "$store/state/senim@kmo.kz/"
	timeout 20 "$build/store/senim-registrar" --config "$conf" >"$work/mixed" 2>&1 && fail "started on $2 and $3"
	grep -q "$1" "$work/mixed" || fail "$2 and $3: $(cat "$work/mixed")"
}
mixed 'register.db is older than custody.db' earlier later
mixed 'custody.db is older than register.db' later earlier

[ "$failed" = 0 ] && echo 'ok - a lost host comes back, and numbers and proofs go on'
exit $failed
