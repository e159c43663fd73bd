# SPDX-License-Identifier: ISC
# tests/cli-room.sh - a small office for the tests of the CLI, to be sourced in the build directory: a store with two
# officers and a chair, both daemons, letters through senim-ingest. No MTA; letters go to /bin/true. Everything lies in
# $work and ends with the shell.
set -eu
build=$PWD
source=$(cd "${srcdir:-.}" && pwd)
senim=$build/cli/senim
work=$(mktemp -d "${TMPDIR:-/tmp}/senim-room-XXXXXX")
failed=0
pids=
export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" LC_ALL=C LANGUAGE= TERM=dumb
# A build with sanitizers: leaks are looked for in unit tests, not here; what moves a clock is loaded before their library.
export ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

# Whatever ended the script: one `not ok` is enough, also where it forgets to say so itself.
room_end() { # [STATUS]: of the script, where something else came in between
	ended=${1:-$?}
	for pid in $pids; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
	done
	rm -rf "$work"
	[ "$failed" = 0 ] || ended=1
	exit "$ended"
}
trap room_end EXIT
trap 'exit 1' INT TERM

today() { # where the organisation is: never before what the room has taken in
	TZ=Asia/Almaty date +%F
}

# Whether the catalogues lie where this build installs them: before `make install` the program speaks English.
speaks_kazakh() {
	LC_ALL=C.UTF-8 LANGUAGE=kk "$senim" no-such-command 2>&1 | grep -q 'і'
}

fail() {
	echo "not ok: $*"
	failed=1
}

wait_for() { # FILE: a socket that a daemon makes
	for _ in $(seq 200); do
		[ -S "$1" ] && return 0
		sleep 0.05
	done
	echo "$1 never came"
	cat "$work"/*.log
	exit 1
}

room_make() { # DIR MAILBOX...
	dir=$1
	shift
	mailboxes=
	for mailbox in "$@"; do
		mailboxes="$mailboxes --mailbox $mailbox"
	done
	for name in aigul deputy chair; do
		[ -f "$work/$name" ] || "$senim" keygen -o "$work/$name" --no-passphrase >/dev/null
	done
	# shellcheck disable=SC2086 # a list of options
	"$senim" init "$dir" $mailboxes --officer aigul="$work/aigul.pub" --officer deputy="$work/deputy.pub" \
		--escalation chair="$work/chair.pub" --no-recovery --set examiner="$build/parser/senim-examine" \
		--set templates="$source/policy/letters" --set grounds="$source/policy/grounds.conf" \
		--set categories="$source/policy/categories.conf" \
		--set rules="$source/policy/rules" --set 'disk-reserve=1 MiB' \
		--set submit=/bin/true --set 'acknowledge-delay=0 min' --set calendar="$source/contrib/calendar/kz.ics" \
		--set timezone=Asia/Almaty >"$work/init.log" 2>&1 || { cat "$work/init.log"; exit 1; }
}

room_make_archived() { # DIR ARCHIVE: one mailbox, with a recovery key ($work/safe), its sheet ($work/sheet) and an archive
	for name in aigul deputy chair safe; do
		[ -f "$work/$name" ] || "$senim" keygen -o "$work/$name" --no-passphrase >/dev/null
	done
	"$senim" init "$1" --mailbox senim@kmo.kz --officer aigul="$work/aigul.pub" --officer deputy="$work/deputy.pub" \
		--escalation chair="$work/chair.pub" --recovery "$work/safe.pub" --prove "$work/safe" --sheet "$work/sheet" \
		--set examiner="$build/parser/senim-examine" --set templates="$source/policy/letters" \
		--set grounds="$source/policy/grounds.conf" --set categories="$source/policy/categories.conf" \
		--set rules="$source/policy/rules" --set 'disk-reserve=1 MiB' --set submit=/bin/true --set 'acknowledge-delay=0 min' \
		--set calendar="$source/contrib/calendar/kz.ics" --set archive-directory="$2" \
		--set timezone=Asia/Almaty >"$work/init.log" 2>&1 || { cat "$work/init.log"; exit 1; }
}

registrar_start() { # DIR
	"$build/store/senim-registrar" --config "$1/senim.conf" >>"$work/registrar.log" 2>&1 &
	registrar=$!
	pids="$pids $registrar"
	wait_for "$1/run/desk.sock"
}

milter_start() { # DIR
	"$build/milter/senim-milter" --config "$1/senim.conf" >>"$work/milter.log" 2>&1 &
	milter=$!
	pids="$pids $milter"
	wait_for "$1/run/ingest.sock"
}

stop() { # PID
	kill "$1"
	wait "$1" 2>/dev/null || true
}

feed() { # DIR MAILBOX SENDER: a letter from standard input
	sed 's/\r*$/\r/' | "$build/milter/senim-ingest" --socket "$1/run/ingest.sock" --mailbox "$2" --sender "$3"
}

letter() { # SUBJECT TEXT
	printf 'From: Askar <askar@example.kz>\nTo: senim@kmo.kz\nSubject: %s\nMessage-ID: <%s@example.kz>\nContent-Type: text/plain; charset=utf-8\n\n%s\n' \
		"$1" "$1" "$2"
}

officer_conf() { # DIR [SOCKET]: aigul's, for the options of every command
	mkdir -p "$XDG_CONFIG_HOME/senim"
	printf '[senim]\ndesk = %s\nofficer = aigul\nidentity = %s\nlog-pub = %s\nexaminer = %s\n' "${2:-$1/run/desk.sock}" \
		"$work/aigul" "$1/log.pub" "$build/parser/senim-examine" >"$XDG_CONFIG_HOME/senim/officer.conf"
}

run() { # what the CLI says: $out, $err, $status
	status=0
	"$senim" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	out=$(tr -d '\000' <"$work/out")
	err=$(cat "$work/err")
}

given() { # TEXT COMMAND...: the same with that text on standard input
	text=$1
	shift
	status=0
	printf '%s' "$text" | "$senim" "$@" >"$work/out" 2>"$work/err" || status=$?
	out=$(cat "$work/out")
	err=$(cat "$work/err")
}

good() { # WHAT
	[ "$status" = 0 ] || fail "$1 fails: $err"
}

expect() { # STATUS WORD-OF-STDERR ARGUMENT...
	wanted=$1 word=$2
	shift 2
	run "$@"
	[ "$status" = "$wanted" ] || fail "senim $* ended in $status, not $wanted: $err"
	case $err in *"$word"*) ;; *) fail "senim $* does not say “$word”: $err" ;; esac
}

says() { # WORD: in $out
	case $out in *"$1"*) ;; *) fail "the answer lacks “$1”: $out" ;; esac
}

json() { # EXPRESSION over the object o: must be true
	printf '%s' "$out" | /usr/bin/python3 -c "import json,sys; o = json.load(sys.stdin); sys.exit(0 if ($1) else 1)" ||
		fail "the JSON does not hold $1: $out"
}
