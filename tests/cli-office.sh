#!/bin/sh
# SPDX-License-Identifier: ISC
# What an officer types, from keygen to verify, against real daemons: what comes out, what is refused, with which exit code.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
marker=marker-7d1f
room_make "$office" senim@kmo.kz ethics@kmo.kz
registrar_start "$office"
milter_start "$office"

# --- words that are wrong: 2, and nothing is tried

expect 2 'unknown command' frobnicate
expect 2 'no command'
expect 2 'unknown command' answer 1 # of a later release
expect 2 'show needs CASE' show
expect 2 'no place for' show 1 2
expect 2 'unknown option' list --frobnicate
expect 2 'takes no --cards' verify --cards
expect 2 'no officer is named' list
expect 2 'log.pub' list --officer aigul --identity "$work/aigul" --desk ssh://senim@host
expect 2 'no store is named' list --officer aigul --identity "$work/aigul"
expect 2 'log.pub' list --officer aigul --identity "$work/aigul" --desk "$office/run/desk.sock"
expect 2 'exclude each other' list --config a --desk b --officer c
expect 2 'none.conf' list --config "$work/none.conf" --officer aigul --identity "$work/aigul"
run --version
[ "$out" = 'senim 0.1.0' ] || fail "--version: $out"
run show --help
[ "$status" = 0 ] || fail 'show --help fails'
says --ground
case $out in *--store*) fail 'show --help lists an option of verify' ;; esac

# --- key files

run keygen -o "$work/aigul" --no-passphrase
[ "$status" = 1 ] || fail 'keygen writes over a key file'
printf 'correct horse\n' | "$senim" keygen --output "$work/sealed" --passphrase-fd 0 --expires 2030-01-01 >/dev/null
grep -qx 'expires: 2030-01-01' "$work/sealed.pub" || fail 'keygen --expires is not in FILE.pub'
expect 2 'YYYY-MM-DD' keygen -o "$work/x" --expires tomorrow --no-passphrase
expect 2 'is over' keygen -o "$work/x" --expires 2001-01-01 --no-passphrase
[ ! -e "$work/x" ] || fail 'keygen wrote a file though it failed'
officer_conf "$office"
printf 'wrong\n' >"$work/wrong"
status=0
"$senim" list --identity "$work/sealed" --passphrase-fd 3 3<"$work/wrong" 2>"$work/err" || status=$?
[ "$status" = 3 ] || fail "a wrong passphrase ends in $status: $(cat "$work/err")"
expect 3 'no terminal' list --identity "$work/sealed"
printf 'correct horse\n' >"$work/right"
status=0
"$senim" list --identity "$work/sealed" --passphrase-fd 3 3<"$work/right" 2>"$work/err" || status=$?
[ "$status" = 3 ] || fail "a key that the registrar does not know ends in $status: $(cat "$work/err")"

# --- the escrow: opened once with the recovery key, printed as a sheet, and never by itself into a script's output

escrowed() { # DIR WORDS...
	dir=$1
	shift
	"$senim" init "$dir" --mailbox senim@kmo.kz --officer aigul="$work/aigul.pub" --recovery "$work/sealed.pub" "$@"
}
status=0
escrowed "$work/e1" </dev/null >"$work/out" 2>"$work/err" || status=$?
[ "$status" != 0 ] && [ ! -e "$work/e1" ] || fail 'init ends without having opened the escrow'
grep -q -e --prove "$work/err" || fail "init does not ask for --prove: $(cat "$work/err")"
escrowed "$work/e2" --prove "$work/sealed" --passphrase-fd 3 3<"$work/right" >"$work/out" 2>"$work/err" ||
	fail "init with a sealed recovery key: $(cat "$work/err")"
! grep -q SENIM-CUSTODY "$work/out" || fail 'the sheet went into a script by itself'
grep -q -e --sheet "$work/err" || fail 'nobody was told that the sheet was not printed'
escrowed "$work/e3" --prove "$work/sealed" --passphrase-fd 3 --sheet "$work/sheet" 3<"$work/right" >/dev/null 2>&1 ||
	fail 'init with --sheet'
grep -q SENIM-CUSTODY-1 "$work/sheet" || fail 'the sheet lacks the custody key'
[ "$(stat -c %a "$work/sheet")" = 600 ] || fail 'others can read the sheet'

# --- letters come in

traces='desk-7 10.1.2.3 10.9.8.7 Mailer-55 Outlook-55 id-55 auth-55 dkim-55 strange-55'
silent() { # WHO: must not say where and with what the letter was written
	for trace in $traces boundary; do
		case $out in *"$trace"*) fail "$1 prints “$trace”" ;; esac
	done
}

printf 'From: =?utf-8?B?0JDRgdKb0LDRgA==?= <askar@example.kz>\nReceived: from desk-7 ([10.1.2.3]) by mx\nX-Originating-IP: 10.9.8.7\nUser-Agent: Mailer-55\nX-Mailer: Outlook-55\nMessage-ID: <id-55@desk-7.kz>\nAuthentication-Results: auth-55\nDKIM-Signature: dkim-55\nX-Strange: strange-55\nTo: senim@kmo.kz, Boss <boss@kmo.kz>\nCc: Senim@KMO.kz\nSubject: \033[31m %s\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nСәлем, %s \033]0;owned\007 \342\200\256reversed\n--b\nContent-Type: text/plain; name="\033[2Ja.txt"\nContent-Disposition: attachment; filename="\033[2Ja.txt"\nContent-Transfer-Encoding: base64\n\nYWJj\n--b--\n' \
	"$marker" "$marker" >"$work/letter"
feed "$office" senim@kmo.kz askar@example.kz <"$work/letter"
letter two "$marker" | feed "$office" ethics@kmo.kz askar@example.kz
printf 'From: robot@example.kz\nTo: senim@kmo.kz\nAuto-Submitted: auto-replied\nSubject: away\n\n%s\n' "$marker" |
	feed "$office" senim@kmo.kz robot@example.kz

# --- list

expect 0 '' list --json
json 'o["schema"] == 1 and [c["case"] for c in o["cases"]] == ["ethics:" + o["cases"][0]["received"][:4] + "/1", "senim:" + o["cases"][1]["received"][:4] + "/1"]'
year=$(printf '%s' "$out" | sed -n 's|.*"case": "senim:\([0-9]*\)/1".*|\1|p')
json 'all(c["sender"] is None and c["subject"] is None and c["attachments"] is None for c in o["cases"])'
json 'list(o["cases"][0]) == ["case", "mailbox", "elsewhere", "withheld", "received", "official_date", "due", "prolonged", "notified", "answer", "unsafe", "lost", "channel", "language", "verdict", "class", "urgent", "state", "category", "assigned", "result", "held", "unheard", "messages", "unread", "automatic", "forwarding", "redirection", "acknowledgement", "sender", "suggested", "subject", "attachments"]'
json 'o["cases"][1]["mailbox"] == "senim@kmo.kz" and o["cases"][1]["received"].endswith("+05:00") and o["cases"][1]["state"] == "new"'
case $out in *"$marker"*) fail 'list shows what is sealed' ;; esac
expect 0 '' list --all --json
json '[c["case"].split("/")[1] for c in o["cases"]] == ["1", "1", "X-1"] and o["cases"][2]["automatic"] == "reply"'
expect 0 '' list
says "senim:$year/1"
expect 2 'exclude each other' list --open --all
expect 2 'belongs to --cards' list --ground g
expect 3 'without a ground' list --cards
expect 3 'without a ground' list --cards --ground '  '
expect 0 '' list --cards --ground 'order 5'
silent 'list --cards'
expect 0 '' list --cards --json --ground 'order 5'
silent 'list --cards --json'
json "o['cases'][1]['sender']['name'] == 'Асқар' and '$marker' in o['cases'][1]['subject']"
json 'o["cases"][1]["attachments"][0]["type"] == "text/plain" and o["cases"][1]["attachments"][0]["size"] == 3'
LC_ALL=C tr -d '\n\040-\176' <"$work/out" | grep -q . && fail 'list --json is not pure ASCII'

# --- show

expect 2 'several cases' show 1 --ground g
case $err in *"ethics:$year/1"*"senim:$year/1"* | *"senim:$year/1"*"ethics:$year/1"*) ;; *) fail "the candidates are not named: $err" ;; esac
expect 3 'without a ground' show senim:1
expect 2 'names no case' show senim:x --ground g
expect 1 'no such case' show senim:77 --ground g
expect 0 '' show senim:1 --ground 'order 5'
says "$marker"
[ "$(head -n 1 "$work/out")" = 'The letter also went to: Boss <boss@kmo.kz>.' ] ||
	fail 'show does not begin with the other addressees'
sed -n 1,4p "$work/out" | grep -qi 'senim@kmo' && fail 'show names the mailbox itself as another addressee'
LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$work/out" && fail 'show lets a control character through'
LC_ALL=C grep -q "$(printf '\342\200\256')" "$work/out" && fail 'show lets a bidi control through'
silent 'show without --headers' # what betrays the desk at which an anonymous letter was written
expect 0 '' show "senim@kmo.kz:$year/1" --headers --ground g
says 'multipart/mixed'
for trace in $traces; do
	says "$trace"
done
expect 0 '' show senim:1 --ground g --json
silent 'show --json'
json "o['schema'] == 1 and '$marker' in o['text'] and o['other_recipients'] == ['Boss <boss@kmo.kz>'] and o['headers'] is None"
LC_ALL=C tr -d '\n\040-\176' <"$work/out" | grep -q . && fail 'show --json is not pure ASCII'
sed 's/\r*$/\r/' "$work/letter" >"$work/crlf"
"$senim" show senim:1 --raw --ground g >"$work/raw" 2>/dev/null || fail 'show --raw fails'
cmp "$work/raw" "$work/crlf" || fail 'show --raw is not what came'
printf 'why, typed\n' | "$senim" show senim:1 --ground - >/dev/null 2>&1 || fail '--ground - does not read standard input'
expect 2 'exclude each other' show senim:1 --raw --headers --ground g
expect 2 'belongs to --sealed' show senim:1 --card --ground g

# --- still sealed: stock age opens it

expect 0 '' show senim:1 --sealed "$work/one.age" --ground g
[ -z "$out" ] || fail "show --sealed prints: $out"
[ "$(stat -c %a "$work/one.age")" = 600 ] || fail 'show --sealed: others may read the file'
expect 1 'exists already' show senim:1 --sealed "$work/one.age" --ground g
expect 0 '' show senim:1 --sealed "$work/card.age" --card --ground g
grep -q "$marker" "$work/one.age" && fail 'show --sealed wrote plaintext'
if command -v age >/dev/null; then
	age -d -i "$work/aigul" "$work/one.age" | grep -a -q "$marker" || fail 'age does not open the letter'
	age -d -i "$work/aigul" "$work/card.age" | grep -q '^from-address: askar@example.kz' || fail 'age does not open the card'
fi

# --- attachments

expect 0 '' attachment senim:1 --ground g
says 'text/plain'
LC_ALL=C grep -q "$(printf '\033')" "$work/out" && fail 'a file name drives the terminal'
expect 0 '' attachment senim:1 --json --ground g
json 'o["attachments"][0]["part"] == 1 and o["attachments"][0]["size"] == 3'
expect 0 '' attachment senim:1 1 --ground g
[ "$out" = abc ] || fail "attachment: $out"
expect 0 'is an export' attachment senim:1 1 --output "$work/part" --ground g
[ "$(cat "$work/part")" = abc ] && [ "$(stat -c %a "$work/part")" = 600 ] || fail 'attachment --output'
expect 1 'exists already' attachment senim:1 1 --output "$work/part" --ground g
expect 1 'has no part 9' attachment senim:1 9 --ground g
expect 2 'is no part' attachment senim:1 first --ground g

# --- exports: said after each and when a sitting begins, and in no other command's way, until they are purged

run list
good list
! grep -q 'still there' <<-END || fail "a list speaks of exports: $err"
	$err
END
grep -q "senim@kmo.kz [0-9]* $work/part" "$XDG_STATE_HOME/senim/exports" || fail 'the export is not listed'
grep -q "$year/1" "$XDG_STATE_HOME/senim/exports" && fail 'the list of exports names a case'
[ "$(stat -c %a "$XDG_STATE_HOME/senim/exports")" = 600 ] || fail 'others can read the list of exports'
expect 0 'still there: 2;' attachment senim:1 1 --output "$work/lost" --ground g
rm "$work/lost"
expect 0 '' purge
says "$work/part is destroyed"
says "$work/lost was not there any more"
[ ! -e "$work/part" ] || fail 'purge leaves the file'
# What went into a pipe, and what was exported on another machine, the register still calls for.
XDG_STATE_HOME=$work/laptop expect 0 'is an export' attachment senim:1 1 --output "$work/there" --ground g
expect 0 '' purge --json
json 'o["purged"] == [] and {e["case"] for e in o["standing"]} == {"'"$year"'/1"} and len(o["standing"]) == 3'
expect 0 '' purge
says "still calls for a copy of $year/1 (senim@kmo.kz)"
XDG_STATE_HOME=$work/laptop expect 0 '' purge
says "$work/there is destroyed"
expect 0 '' purge --json
json 'len(o["standing"]) == 2'
expect 1 'no export of ethics:1' purge --gone ethics:1
expect 0 '' purge --gone senim:1 --json
json 'o == {"schema": 1, "purged": [], "standing": []}'
expect 1 'no export of senim:1' purge --gone senim:1
expect 0 '' purge
says 'No exported file is left'
run list
[ -z "$err" ] || fail "what is purged is still called for: $err"

# --- grounds: by word, number, label of any language; what asks for more is refused without it

expect 0 '' show senim:1 --ground journal
expect 0 '' show senim:1 --ground 2
expect 0 '' show senim:1 --ground 'ведение журнала'
expect 0 '' show senim:1 --ground 'request: № 12, 2026-11-20'
expect 3 'behind a colon' show senim:1 --ground request

# --- who reads a case

expect 0 '' list --officer chair --identity "$work/chair"
says 'with the officers'
printf '%s\n' "$out" | grep "senim:$year/1 " >"$work/never-routed" || fail "the next level's row of a case that it never read: $out"
expect 3 'with the officers' show senim:1 --ground g --officer chair --identity "$work/chair"
expect 2 'no officer is named' withhold senim:1 --ground g
expect 1 'no reader' withhold senim:1 --from dana --ground g
expect 1 'no reader' grant senim:1 --to dana --ground g
expect 3 'grants a case to herself' grant senim:1 --to aigul --ground g
expect 0 '' grant senim:1 --to chair --ground g
says 'is given to chair'
expect 0 '' show senim:1 --officer chair --identity "$work/chair" --ground g
says "$marker"
expect 0 '' withhold senim:1 --from aigul --ground g
says 'is kept from aigul'
expect 3 'another officer' show senim:1 --ground g
expect 3 'another officer' attachment senim:1 --ground g
expect 0 '' list --json
json 'o["cases"][-1] == dict.fromkeys(o["cases"][-1]) | {"case": o["cases"][-1]["case"], "mailbox": "senim@kmo.kz", "elsewhere": True}'
expect 0 '' list
says 'given to another officer'
expect 0 '' list --officer chair --identity "$work/chair"
says 'not for aigul'
expect 3 'another officer' grant senim:1 --to aigul --ground g
expect 0 '' grant senim:1 --to aigul --ground g --officer chair --identity "$work/chair"
expect 0 '' show senim:1 --ground g
expect 0 '' withhold senim:1 --from chair --ground g
run list --officer chair --identity "$work/chair"
printf '%s\n' "$out" | grep "senim:$year/1 " | cmp -s - "$work/never-routed" || fail "a row tells that a case was taken away: $out"

# --- accept, acknowledge

expect 1 'nothing to accept' accept senim:1 --ground g
expect 3 'without a ground' accept senim:X-1
expect 0 '' accept senim:X-1 --ground 'a report after all' --json
json "o == {'schema': 1, 'accepted': 'senim:$year/X-1', 'case': 'senim:$year/2'}"
expect 0 '' show senim:2 --ground g
says "$marker"
expect 0 '' show senim:X-1 --ground 'by its first name'
says "$marker"
expect 1 'nothing to accept' accept senim:X-1 --ground g
expect 0 '' acknowledge senim:2 --ground g
expect 1 'nothing is left to send' acknowledge senim:2 --ground g

# --- another officer, nobody, and the chair

expect 0 '' show senim:1 --officer deputy --identity "$work/deputy" --ground g
says "$marker"
expect 3 'does not accept your key' show senim:1 --officer deputy --ground g
expect 3 'does not know you' show senim:1 --officer nobody --ground g
expect 2 'no officer' show senim:1 --officer 'Ай гүл' --ground g
expect 3 'with the officers' show senim:1 --officer chair --identity "$work/chair" --ground g

# --- on the mail host itself

rm "$XDG_CONFIG_HOME/senim/officer.conf"
expect 0 'administrator can see' show senim:1 --config "$office/senim.conf" --officer aigul --identity "$work/aigul" --ground g
run list --config "$office/senim.conf" --officer aigul --identity "$work/aigul"
[ -z "$err" ] || fail "list warns though it opens nothing: $err"
run show senim:1 --json --config "$office/senim.conf" --officer aigul --identity "$work/aigul" --ground g
[ -z "$err" ] || fail "a program is warned: $err"
officer_conf "$office"

# --- verify

expect 0 '' verify
says 'senim@kmo.kz: the register is whole'
expect 0 '' verify --json
json 'o["sound"] is True and [r["faults"] for r in o["registers"]] == [[], []]'
stop "$registrar"
expect 1 'does not answer' list
LC_ALL=C grep -r -a -l "$marker" "$office" "$XDG_STATE_HOME" "$work"/*.log && fail 'what was sealed stands on the disk'

[ "$failed" = 0 ] && echo 'ok: an office at work'
exit $failed
