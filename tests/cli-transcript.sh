#!/bin/sh
# SPDX-License-Identifier: ISC
# A call is heard and written down: on a real terminal (tmux), with a player that is none and with mpv itself, by text on
# standard input, and line by line; struck, shown, listed, printed; the sound on no disk.
. "${srcdir:-.}/tests/cli-room.sh"
. "${srcdir:-.}/tests/cli-screen.sh"

office=$work/office
marker=canary-4714-sings
room_make "$office" senim@kmo.kz
sed -i 's/^\[mailbox senim@kmo.kz\]$/&\ntelephone-system = pbx@kmo.kz/' "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
settings=$XDG_CONFIG_HOME/senim/officer.conf
printf 'language = en\n' >>"$settings"
cp "$settings" "$work/settings"

call() { # SECONDS: a voice mail; its sound is a tone, with a word of its own behind it
	/usr/bin/python3 - "$1" $marker <<'PY'
import base64, math, struct, sys
n = 8000 * int(sys.argv[1])
sound = b"".join(struct.pack("<h", int(9000 * math.sin(i / 3))) for i in range(n))
wave = (b"RIFF" + struct.pack("<I", 36 + len(sound)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) +
        b"data" + struct.pack("<I", len(sound)) + sound + sys.argv[2].encode())
print('From: pbx@kmo.kz\nTo: senim@kmo.kz\nSubject: voicemail\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
      '--b\nContent-Type: text/plain\n\na call\n--b\nContent-Type: audio/x-wav\n'
      'Content-Disposition: attachment; filename="msg0001.wav"\nContent-Transfer-Encoding: base64\n\n'
      + base64.encodebytes(wave).decode() + "--b--")
PY
}

plays() { # COMMAND: is the player from here on
	cp "$work/settings" "$settings"
	printf 'player = %s\n' "$1" >>"$settings"
}

call 2 | feed "$office" senim@kmo.kz pbx@kmo.kz
call 2 | sed 's/a call/another/' | feed "$office" senim@kmo.kz pbx@kmo.kz
letter plain 'No call at all.' | feed "$office" senim@kmo.kz askar@example.kz
run list --calls --json
json '[c["channel"] for c in o["cases"]] == ["telephone", "telephone"] and o["cases"][0]["unheard"] is True'

# --- on the screen, with a player that says what it was given

plays "$source/tests/fake-player $work/seen-player"
tui_start transcript 1 --ground first-look
sees '0:00 of 1:05   waits'
sees 'F4 play or wait'
grep -q '^sound /memfd' "$work/seen-player" || fail "the recording is no nameless file: $(cat "$work/seen-player")"
grep -q '^descriptors 3 4$' "$work/seen-player" || fail "the player got more than two descriptors: $(cat "$work/seen-player")"
grep -q '^home /nonexistent$' "$work/seen-player" || fail 'the player has a home'
grep -q 'demuxer-lavf-format=wav' "$work/seen-player" || fail 'the form of the recording is left to the player'
keys F4
sees 'plays'
sees '0:01 of 1:05'
keys F6
sees '0:07 of 1:05'
keys F5 F4
sees 'waits'
keys 'At night they load' Enter 'two lorries.' Up Home 'Caller: ' End ' fuel'
sees 'Caller: At night they load fuel'
keys Escape
sees 'Nothing is saved'
keys Left
keys F2
ended 0
sees 'written down as entry'
player=$(sed -n 's/^pid //p' "$work/seen-player")
kill -0 "$player" 2>/dev/null && fail 'the player goes on without senim'
run show 1 --ground first-look
says 'Caller: At night they load fuel'
says 'two lorries.'
says 'What is said in the call'
run list --calls --json
json 'len(o["cases"]) == 1'

# --- a later one stands instead of it, and it stays legible; so does one that is struck

given 'Қоймадан түнде екі жүк көлігімен жанармай шығарады.' transcript 1 - --ground first-look --json
good 'transcript from standard input'
json 'o["struck"] > 0 and o["entry"] > o["struck"]'
run show 1 --ground first-look --json
json '[(c["value"][:6], c["struck"] is None) for c in o["calls"]] == [("Caller", False), ("Қоймад", True)]'
run show 1 --row --ground first-look
says '~~Caller: At night they load fuel'
given 'other' transcript 2 - --ground first-look --json
entry=$(printf '%s' "$out" | sed -n 's/.*"entry": \([0-9]*\).*/\1/p')
given '{"why": "wrong case"}' strike 2 "$entry" - --ground first-look
good 'strike of a transcript'
run list --calls --json
json 'len(o["cases"]) == 1'
run show 2 --row --ground first-look --json
json 'o["calls"][0]["struck"]["why"] == "wrong case"'
given '' transcript 1 - --ground first-look
[ "$status" = 2 ] || fail 'an empty text is taken'
expect 2 'number of an attachment' transcript 1 x --ground first-look
given 'x' transcript 1 - --message 7 --ground first-look
[ "$status" = 1 ] || fail 'a message that there is not is written down'

# --- printed for the paper file

/usr/bin/python3 "$source/tests/ipp-printer.py" "$work/port" "$work" - &
pids="$pids $!"
for _ in $(seq 100); do
	[ -f "$work/port" ] && break
	sleep 0.05
done
printf 'printer = ipp://localhost:%s/ipp/print\n' "$(cat "$work/port")" >>"$settings"
expect 1 'no call of' print 3 --transcript --ground g
touch "$work/keep"
expect 0 '' print 1 --transcript --ground g --json
json 'o["copy"] == 1 and o["sheets"] == 1'
pdftotext -layout "$work/pages.pdf" "$work/pages.txt"
for word in 'What is said in the call' 'Қоймадан түнде' 'Caller: At night' '(struck: aigul' 'copy 1'; do
	grep -q "$word" "$work/pages.txt" || fail "the pages lack “$word”"
done
rm -f "$work/pages.pdf" "$work/pages.txt"

# --- nothing to play, no player, one that does not answer, one that ends

plays /nonexistent/player
expect 2 'holds no text' transcript 1 --ground first-look
tui_start transcript 2 --ground first-look
ended 1
grep -q 'does not play this recording: install mpv' "$work/err" || fail "no player: $(cat "$work/err")"
tui_start transcript 3 --ground first-look
ended 1
grep -q 'no recording hangs on' "$work/err" || fail "no recording: $(cat "$work/err")"
plays "$source/tests/fake-player $work/seen-player gone"
tui_start transcript 2 --ground first-look
ended 1

# --- killed: the player ends with it

rm -f "$work/seen-player"
plays "$source/tests/fake-player $work/seen-player"
tui_start transcript 2 --ground first-look
sees '0:00 of 1:05'
player=$(sed -n 's/^pid //p' "$work/seen-player")
senim_pid=$(ps -o ppid= -p "$player" | tr -d ' ')
kill -9 "$senim_pid"
for _ in $(seq 100); do
	kill -0 "$player" 2>/dev/null || break
	sleep 0.05
done
kill -0 "$player" 2>/dev/null && fail 'a killed senim leaves its player'

# --- what was typed and not saved is there again, while senim runs

tui_start
sees "$(date +%Y)/2"
keys F2
sees 'Hear the call and write it down'
menu=$(sed -n 's/^  \(.\)  Hear the call.*/\1/p' "$work/seen")
keys "$menu"
sees 'Ground (why you look)'
keys 1
sees '0:00 of 1:05'
keys 'half a sentence' Escape
sees 'what you typed stands here'
keys Escape
sees 'nothing was entered'
keys F2
sees 'Hear the call and write it down'
keys "$menu"
sees 'half a sentence'
keys F2
sees 'written down as entry'
keys F10
ended 0
run show 1 --ground first-look
says 'half a sentence'

# --- line by line

cp "$settings" "$work/full"
printf 'screen = plain\n' >>"$settings"
tui_start transcript 2 --ground first-look
sees '0:00 of 1:05   waits >'
keys Enter
sees 'plays >'
keys '+' Enter 'line by line' Enter '.' Enter
sees 'is written down'
run show 2 --ground first-look
says 'line by line'

# --- mpv itself, to no sound card

if command -v mpv >/dev/null; then
	plays 'mpv --ao=null'
	tui_start transcript 2 --ground first-look
	sees '0:00 of 0:02   waits'
	keys F4
	sees '0:02 of 0:02   waits'
	keys F5
	sees '0:00 of 0:02'
	keys ' End.' F2
	sees 'written down as entry'
	run show 2 --ground first-look
	says 'line by line End.'
fi
run verify --json
json 'o["sound"]'
LC_ALL=C grep -r -a -l -e $marker -e 'half a sentence' -e 'жүк көлігімен' "$work" && fail 'a call, or what is said in it, stands on the disk'
[ "$failed" = 0 ] && echo 'ok: calls are written down'
exit $failed
