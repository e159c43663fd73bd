#!/bin/sh
# SPDX-License-Identifier: ISC
# senim doctor against a real room and a real Postfix configuration: each thing that is made wrong turns red, or yellow, and
# is green again when it was mended as the sentence says.
. "${srcdir:-.}/tests/cli-room.sh"

dir=$work/store
room_make "$dir" senim@kmo.kz
conf=$dir/senim.conf
cp "$source/policy/agreement/kk.txt" "$work/agreement"
sed -i "s|^\[senim\]|[senim]\norganisation = «Қазмедиа орталығы» ЖШС\nagreement = $work/agreement|" "$conf"

doctor() { # ARGUMENT... : $out is its JSON, $status its end
	run doctor --config "$conf" --json "$@"
	[ "$status" = 0 ] || [ "$status" = 1 ] || fail "doctor ended in $status: $err"
}

level() { # CHECK LEVEL [WORDS]: the worst that the check says, and that one of its sentences holds these words
	printf '%s' "$out" | /usr/bin/python3 -c '
import json, sys
rank = ["skipped", "green", "yellow", "red"]
mine = [row for row in json.load(sys.stdin)["checks"] if row["check"] == sys.argv[1]]
worst = max((row["level"] for row in mine), key=rank.index, default="missing")
said = [row["says"] for row in mine if row["level"] == worst]
if worst != sys.argv[2] or not any(sys.argv[3] in one for one in said):
    sys.exit(f"{sys.argv[1]} is {worst}: {said}")' "$1" "$2" "${3-}" 2>"$work/why" || fail "$(cat "$work/why"), wanted $2 ${3-}"
}

turns() { # CHECK LEVEL WORDS: what was made wrong is said
	doctor
	level "$1" "$2" "$3"
}

# --- a room as init leaves it, and its daemons

doctor
level registrar red 'systemctl start senim-registrar'
level milter red 'systemctl start senim-milter'
level head skipped
level readers skipped
registrar_start "$dir"
milter_start "$dir"
doctor
for check in config organisation agreement letters grounds categories rules calendar cage people readers escalation keys officers \
	registrar head place space modes milter intake sockets submit; do
	level "$check" green
done
level addresses yellow 'a mailbox of its own'
level recovery red 'senim init --recovery'
level escrow red
level custody yellow systemd-creds
[ "$status" = 1 ] || fail 'red does not end in 1'
json 'o["schema"] == 1 and o["red"] == sum(row["level"] == "red" for row in o["checks"])'
# Whoever may not look is told so, and not that something is wrong.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$work"
	cp "$senim" "$work/senim-copy"
	out=$(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent \
		"$work/senim-copy" doctor --config "$conf" --json 2>/dev/null) || true
	for check in registrar milter head modes custody readers; do
		level "$check" skipped
	done
	chmod 700 "$work"
fi
echo 'ok - a room as init leaves it is green but for what init warned of'

# --- what an administrator can get wrong, and mend

wrong() { # SED-EXPRESSION CHECK LEVEL WORDS: in senim.conf
	cp "$conf" "$work/kept"
	sed -i "$1" "$conf"
	! cmp -s "$conf" "$work/kept" || fail "$1 changes nothing"
	turns "$2" "$3" "$4"
	cp "$work/kept" "$conf"
}
wrong 's/^organisation *=.*//' organisation red 'organisation ='
wrong 's/^agreement *=.*//' agreement red 'agreement = FILE'
wrong 's|^grounds *=.*|grounds = /nowhere|' grounds red /nowhere
wrong 's|^templates *=.*|templates = /nowhere|' letters red /nowhere
wrong 's|^calendar *=.*|calendar = /nowhere|' calendar red /nowhere
wrong 's|^submit *=.*|submit = /nowhere/sendmail -i|' submit red /nowhere/sendmail
wrong 's|^submit *=.*|submit = smtp://127.0.0.1:1|' submit red 'smtp://127.0.0.1:1'
wrong 's|^rules *=.*|rules = /nowhere|' rules red /nowhere
wrong '$a [person head]\nnames = Алтын' names yellow '[person head] names: item 1'
wrong 's/^\[senim\]/[senim]\ncage = off/' cage red 'cage = off'
wrong 's/^\[senim\]/[senim]\nno-such-key = 1/' config red no-such-key
doctor
for check in config organisation agreement grounds letters calendar submit rules cage; do
	level "$check" green
done
mode() { # PATH MODE CHECK: opened to others, and mended by the command that the sentence names
	was=$(stat -c %a "$1")
	chmod "$2" "$1"
	turns "$3" red "$1"
	chmod "$was" "$1"
	doctor
	level "$3" green
}
mode "$dir/keys" 755 modes
mode "$dir/state" 750 modes
mode "$conf" 666 modes
mode "$dir/run/desk.sock" 666 sockets
mode "$dir/run" 777 sockets
mv "$dir/keys/custody.key" "$work/custody.key"
turns custody red 'the sheet in the safe'
/usr/bin/python3 -c 'import os, sys; sys.stdout.buffer.write(os.urandom(32))' >"$dir/keys/custody.key"
turns custody red 'another custody key'
mv -f "$work/custody.key" "$dir/keys/custody.key"
mv "$dir/log.pub" "$work/log.pub"
turns head red log.pub
sed 's|+.*+|+00000000+|' "$work/log.pub" >"$dir/log.pub"
turns head red log.pub
mv -f "$work/log.pub" "$dir/log.pub"
doctor
level head green
level custody yellow
"$senim" keygen -o "$work/dana" --no-passphrase --expires 2099-01-01 >/dev/null
officer_conf "$dir"
expect 0 '' agreement --accept
expect 0 '' officer add dana "$work/dana.pub" --mailbox senim@kmo.kz --role officer --order 5
turns officers yellow 'senim officer confirm dana'
echo 'ok - each thing that an administrator can get wrong is said with what mends it'

# --- Postfix

if ! command -v postconf >/dev/null || [ "$(id -u)" != 0 ]; then
	echo 'ok - Postfix # SKIP needs root and Postfix'
	exit $failed
fi
etc=$work/postfix
queue=$(mktemp -d "${TMPDIR:-/tmp}/senim-doctor-XXXXXX")
trap 'room_end; rm -rf "$queue"' EXIT
chmod 755 "$queue"
mkdir -p "$etc" "$queue/senim"
chgrp postfix "$queue/senim"
chmod 2750 "$queue/senim"
main_cf() { # what stands in main.cf
	cat <<-END
		compatibility_level = 3.6
		queue_directory = $queue
		mydestination = kmo.kz
		smtpd_milters = { unix:senim/milter.sock, default_action=tempfail, connect_timeout=30s, content_timeout=300s }
		non_smtpd_milters = { unix:senim/milter.sock, default_action=tempfail }
		milter_default_action = tempfail
		milter_protocol = 6
		smtpd_forbid_bare_newline = normalize
		in_flow_delay = 0
		message_size_limit = 60000000
		recipient_delimiter = +
		notify_classes =
		internal_mail_filter_classes = bounce
		transport_maps = texthash:$etc/transport
		$1
	END
}
master_cf() {
	cat <<-END
		smtp inet n - y - - smtpd
		cleanup unix n - y - 0 cleanup
		senim unix - n n - - pipe
		  user=senim-ingest null_sender= argv=/usr/libexec/senim/senim-ingest --mailbox=\${recipient}
		retry unix - - y - - error
		$1
	END
}
postfix() { # MAIN MASTER TRANSPORT
	main_cf "${1-}" >"$etc/main.cf"
	master_cf "${2-}" >"$etc/master.cf"
	printf '%s\n' "${3-senim@kmo.kz senim:}" >"$etc/transport"
	touch -d "-1 minute" "$etc"/* # Postfix waits until a file is two seconds old
	doctor --postfix "$etc"
}
postfix
level postfix-milters red 'chroot' # the socket lies where no smtpd in a chroot can see it
stop "${pids##* }"
sed -i "s|^\[senim\]|[senim]\nmilter-socket = unix:$queue/senim/milter.sock|" "$conf"
milter_start "$dir"
wait_for "$queue/senim/milter.sock"
postfix
for check in postfix-milters postfix-local postfix-reach postfix-action postfix-protocol postfix-times postfix-ways postfix-sink \
	postfix-listener postfix-delimiter postfix-domains postfix-size postfix-debug postfix-transcripts postfix-bounces postfix-flow \
	postfix-smuggling; do
	level "$check" green
done
bad() { # CHECK LEVEL WORDS MAIN [MASTER [TRANSPORT]]
	check=$1 wanted=$2 words=$3
	shift 3
	postfix "$@"
	level "$check" "$wanted" "$words"
}
bad postfix-milters red 'smtp/inet' 'smtpd_milters ='
bad postfix-milters red 'before senim' 'smtpd_milters = inet:127.0.0.1:11332, unix:senim/milter.sock'
bad postfix-milters red 'submission/inet' '' 'submission inet n - y - - smtpd -o smtpd_milters='
bad postfix-milters yellow '127.0.0.1:10025' '' '127.0.0.1:10025 inet n - y - - smtpd -o smtpd_milters='
bad postfix-local red non_smtpd_milters 'non_smtpd_milters ='
bad postfix-action red 'accept' 'smtpd_milters = { unix:senim/milter.sock, default_action=accept }'
bad postfix-ways red always_bcc 'always_bcc = archive@kmo.kz'
bad postfix-ways red no_milters '' 'smtps inet n - y - - smtpd -o receive_override_options=no_milters'
bad postfix-sink red 'senim@kmo.kz senim:' '' '' 'other@kmo.kz senim:'
bad postfix-sink green '' '' '' 'senim@kmo.kz retry:4.3.0 later'
bad postfix-delimiter red "recipient-delimiter = +-" 'recipient_delimiter = +-'
bad postfix-domains red 'takes no mail' 'mydestination = example.kz'
bad postfix-domains yellow 'senim@mx.kmo.kz' 'mydestination = kmo.kz, mx.kmo.kz'
bad postfix-debug red '-v' '' 'submission inet n - y - - smtpd -v'
chmod 700 "$queue/senim"
postfix
level postfix-reach red 'Permission denied'
chmod 2750 "$queue/senim"
stop "${pids##* }"
postfix
level postfix-reach red 'cannot reach'
level milter red 'systemctl start senim-milter'
milter_start "$dir"
wait_for "$queue/senim/milter.sock"
postfix
level postfix-reach green
level milter green
echo 'ok - Postfix: each way past the milter is found, and what Postfix cannot reach'

# --- what a person reads, and the ends

run doctor --config "$conf" --postfix "$etc"
[ "$status" = 1 ] || fail "doctor ends in $status"
says 'recovery: senim@kmo.kz'
case $out in *'the configuration is good'*) fail 'what is green is shown without --all' ;; esac
run doctor --config "$conf" --postfix "$etc" --all
says 'the configuration is good'
XDG_CONFIG_HOME=$work/none expect 2 'nothing to look at' doctor --desk "$dir/run/desk.sock"
case $err in *Traceback* | *CRITICAL*) fail "$err" ;; esac
echo 'ok - a person reads what must be done first, and the end tells a program'

# --- an officer's own machine

her() {
	run doctor --json
}
her
level key-file green
level key-seal red 'senim passphrase'
level log-pub green
level registrar skipped # nothing of the host is looked at here
chmod 644 "$work/aigul"
her
level key-file red "chmod 600"
chmod 600 "$work/aigul"
printf 'correct horse\n' >"$work/line"
"$senim" keygen -o "$work/sealed" --passphrase-fd 3 --expires "$(date -d '+10 days' +%Y-%m-%d)" 3<"$work/line" >/dev/null
sed -i "s|^identity = .*|identity = $work/sealed|; s|^log-pub = .*|log-pub = $work/agreement|" "$XDG_CONFIG_HOME/senim/officer.conf"
her
level key-seal yellow 'two factors'
level key-end yellow 'expires in'
level log-pub red 'is no list'
if command -v ssh-keygen >/dev/null; then
	sed -i 's|^desk = .*|desk = ssh://aigul@[::1]:2222|' "$XDG_CONFIG_HOME/senim/officer.conf"
	mkdir -p "$work/home/.ssh"
	HOME=$work/home her
	level ssh red '[::1]:2222'
	ssh-keygen -q -t ed25519 -N '' -f "$work/host"
	printf '[::1]:2222 %s\n' "$(cat "$work/host.pub")" >"$work/home/.ssh/known_hosts"
	HOME=$work/home her
	level ssh green
fi
echo 'ok - an officer is told of her own machine'
exit $failed
