#!/bin/sh
# SPDX-License-Identifier: ISC
# The desk from a workstation: the CLI's own ssh, contrib/sshd's configuration and a real sshd on loopback.
[ "$(id -u)" = 0 ] && [ -x /usr/sbin/sshd ] || { echo 'needs root and openssh-server'; exit 77; }
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
mkdir -p "$work/ssh" "$work/runtime" /run/sshd
chmod 711 "$work" "$work/ssh" # whoever comes through ssh is nobody
export XDG_RUNTIME_DIR="$work/runtime"
unset SSH_AUTH_SOCK || true
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
chgrp nogroup "$office/run/desk.sock"
letter one 'the text' | feed "$office" senim@kmo.kz askar@example.kz

# --- sshd with the configuration that contrib/sshd gives: the group's name and the keys' place are the test's

for key in host other aigul stranger; do
	ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$work/ssh/$key"
done
mkdir "$work/ssh/keys"
cp "$work/ssh/aigul.pub" "$work/ssh/keys/nobody"
chmod 755 "$work/ssh/keys"
chmod 644 "$work/ssh/keys/nobody"
sed "s/Match Group senim-desk/Match User nobody/; s|/etc/ssh/senim-desk|$work/ssh/keys|
	s|/run/senim/desk.sock|$office/run/desk.sock|" \
	"$source/contrib/sshd/senim-desk.conf" >"$work/ssh/match"
grep -q 'Match User nobody' "$work/ssh/match" || fail 'contrib/sshd/senim-desk.conf is for another group'

sshd_start() { # HOSTKEY: $port, $sshd
	for try in 1 2 3 4 5; do
		port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
		printf 'Port %s\nListenAddress 127.0.0.1\nHostKey %s\nPidFile none\nUsePAM no\nStrictModes no\n' "$port" "$1" |
			cat - "$work/ssh/match" >"$work/ssh/sshd_config"
		/usr/sbin/sshd -D -E "$work/sshd.log" -f "$work/ssh/sshd_config" &
		sshd=$!
		for _ in $(seq 100); do
			if grep -q "listening on 127.0.0.1 port $port" "$work/sshd.log" 2>/dev/null; then
				pids="$pids $sshd"
				return
			fi
			kill -0 "$sshd" 2>/dev/null || break
			sleep 0.05
		done
		kill "$sshd" 2>/dev/null || true
	done
	cat "$work/sshd.log"
	exit 1
}

sshd_start "$work/ssh/host"
/usr/sbin/sshd -t -f "$work/ssh/sshd_config" || fail 'sshd does not take contrib/sshd/senim-desk.conf'

ssh_config() { # IDENTITY [LINE]: the client's
	printf 'UserKnownHostsFile %s\nGlobalKnownHostsFile /dev/null\nIdentityFile %s\nIdentitiesOnly yes\n%s\n' \
		"$work/ssh/known" "$work/ssh/$1" "${2-}" >"$work/ssh/config"
}

known() { # HOSTKEY
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$work/ssh/$1.pub")" >"$work/ssh/known"
}

ssh_config aigul
known host
officer_conf "$office" "ssh://nobody@127.0.0.1:$port$office/run/desk.sock"
printf 'ssh-config = %s\n' "$work/ssh/config" >>"$XDG_CONFIG_HOME/senim/officer.conf"

gone() { # WHAT: no ssh of ours is left, and no directory
	for _ in $(seq 100); do
		if ! pgrep -f -- "-F $work/ssh/config" >/dev/null; then
			[ -z "$(ls "$XDG_RUNTIME_DIR")" ] || fail "$1 leaves $(ls "$XDG_RUNTIME_DIR") behind"
			return 0
		fi
		sleep 0.05
	done
	fail "$1 leaves its ssh behind"
}

# --- it works, and nothing stays

expect 0 '' list --json
json 'len(o["cases"]) == 1'
expect 0 '' show 1 --ground g
says 'the text'
gone 'a command that is done'
expect 0 '' verify
gone verify

# --- what goes wrong is one sentence

expect 2 'no place of a desk' list --desk ssh://-oProxyCommand=x
expect 2 'no place of a desk' list --desk http://127.0.0.1/
expect 2 'no place of a desk' list --desk 'ssh://a b@127.0.0.1'
expect 2 'no place of a desk' list --desk ssh://127.0.0.1:70000
expect 1 'does not answer' list --desk ssh://nobody@127.0.0.1:1
chgrp nogroup "$office/run/intake.sock"
expect 1 'registrar does not answer there' list --desk "ssh://nobody@127.0.0.1:$port$office/run/intake.sock"
grep -q 'intake.sock, but the request was denied' "$work/sshd.log" || fail 'sshd forwards to other sockets'
mv "$office/run/desk.sock" "$office/run/away.sock"
expect 1 'registrar does not answer there' list
mv "$office/run/away.sock" "$office/run/desk.sock"
ssh_config stranger
expect 1 'did not let you in' list
ssh_config aigul
known other
expect 1 'shows another key' list
: >"$work/ssh/known"
expect 1 'not among those that you know' list
[ ! -s "$work/ssh/known" ] || fail 'an unknown host was taken on'
known host
gone 'a command that failed'
[ "$(printf '%s\n' "$err" | wc -l)" = 1 ] || fail "more than a sentence: $err"

# --- who may not look may not from here either

expect 3 'without a ground' show 1
expect 3 'does not accept your key' list --identity "$work/deputy"
expect 3 'does not accept your key' show 1 --ground g --officer chair
expect 0 '' withhold 1 --from deputy --ground g
expect 3 'another officer' show 1 --ground g --officer deputy --identity "$work/deputy"
/usr/bin/python3 - "$senim" "$work" <<'END' || fail 'a block does not end an open session'
import os, pty, select, subprocess, sys, time
senim, work = sys.argv[1:]
shell, terminal = pty.fork()
if shell == 0:
    os.environ["TERM"] = "xterm"
    os.execv(senim, ["senim", "shell", "--officer", "deputy", "--identity", work + "/deputy"])
def until(*words):
    said, end = b"", time.time() + 30
    while not any(word in said for word in words) and time.time() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            said += os.read(terminal, 65536)
    return said
until(b"senim> ")
os.write(terminal, b"list --json\n")
assert b'"cases"' in until(b'"cases"')
until(b"senim> ")
subprocess.run([senim, "officer", "block", "deputy", "--order", "9", "--signed", "2026-01-01"], check=True, stdout=subprocess.DEVNULL)
blocked = time.time()
os.write(terminal, b"list --json\n")
said = until(b"blocked", b'"cases"')
took = time.time() - blocked
print(f"{took:.3f} s", said) if b"blocked" not in said or took > 5 else None
os.write(terminal, b"exit\n")
os.close(terminal)
os.waitpid(shell, 0)
sys.exit(b"blocked" not in said or took > 5)  # on a busy machine; tests/test-desk-people.c measures the second
END
expect 3 'blocked' list --officer deputy --identity "$work/deputy"
gone 'a session that was blocked'

# --- however senim ends

for signal in TERM HUP KILL; do
	mkfifo "$work/ground"
	env --default-signal=HUP "$senim" show 1 --ground - <"$work/ground" >/dev/null 2>&1 & # nohup's heirs ignore it
	pid=$!
	exec 9>"$work/ground"
	for _ in $(seq 200); do
		pgrep -f -- "-F $work/ssh/config" >/dev/null && [ -z "$(ls "$XDG_RUNTIME_DIR")" ] && break
		sleep 0.05
	done
	pgrep -f -- "-F $work/ssh/config" >/dev/null || fail 'no ssh is at work while senim waits'
	kill -"$signal" $pid
	wait $pid 2>/dev/null || true
	gone "senim that got SIG$signal"
	exec 9>&-
	rm "$work/ground"
done

# --- a way that breaks: the download goes on from the octet, an act is done once

{
	letter long ''
	/usr/bin/python3 -c 'import random; random.seed(1); [print("%075x" % random.getrandbits(300)) for _ in range(50000)]'
} | sed 's/\r*$/\r/' >"$work/long"
feed "$office" senim@kmo.kz askar@example.kz <"$work/long"
entries() { # OPENED, kind 8 in store/entry.h
	rm -rf "$work/look"
	cp -r "$office/state/senim@kmo.kz" "$work/look" # with its WAL: the registrar has the file for itself
	sqlite3 "$work/look/register.db" "select count(*) from entry where hex(substr(data, 25, 2)) = '0008'"
}
ssh_config aigul "ProxyCommand $source/tests/cut-connection $port $work/ssh/cuts 1500000"
echo 2 >"$work/ssh/cuts"
before=$(entries)
"$senim" show 2 --raw --ground g >"$work/raw" 2>"$work/err" || fail "a download that breaks twice: $(cat "$work/err")"
cmp -s "$work/raw" "$work/long" || fail 'a download that breaks twice is not what came'
[ "$(cat "$work/ssh/cuts")" = 0 ] || fail 'the download was not broken off twice'
[ "$(entries)" = $((before + 1)) ] || fail 'a download that breaks is opened again'
gone 'a way that broke'

# Somewhere between hello and the answer to the act, wherever that is: never more than one entry for what was done.
for octets in 4200 5000 5800 6600 7400 8200 9000; do
	ssh_config aigul "ProxyCommand $source/tests/cut-connection $port $work/ssh/cuts $octets"
	echo 1 >"$work/ssh/cuts"
	before=$(entries)
	run show 1 --ground g
	after=$(entries)
	[ "$status" = 0 ] || fail "an act whose connection breaks after $octets octets: $err"
	[ "$after" = $((before + 1)) ] || fail "$((after - before)) entries of an act that broke after $octets octets"
done
ssh_config aigul

# --- a large attachment: through the tunnel, whole, and never twice in memory

/usr/bin/python3 - "$work/large.bin" >"$work/large" <<'END'
import base64, random, sys
random.seed(2)
octets = random.randbytes(24_000_000)
open(sys.argv[1], "wb").write(octets)
print("From: a@example.kz\r\nTo: senim@kmo.kz\r\nSubject: large\r\nMessage-ID: <large@example.kz>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: application/octet-stream; name=large.bin\r\nContent-Disposition: attachment; filename=large.bin\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets).decode().replace("\n", "\r\n"), end="")
END
feed "$office" senim@kmo.kz askar@example.kz <"$work/large"
/usr/bin/python3 - "$senim" attachment 3 1 --ground g --output "$work/large.out" <<'END' || fail 'a large attachment'
import os, pty, re, subprocess, sys, time
near, far = pty.openpty()
senim = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=far,
                         env={**os.environ, "TERM": "xterm"})  # a dumb one is shown no progress
os.close(far)
os.set_blocking(near, False)
most, said, limit = 0, b"", os.path.getsize(os.path.dirname(sys.argv[-1]) + "/large") // 1024 + 40 * 1024
while senim.poll() is None:
    try:
        if b"libasan" in open(f"/proc/{senim.pid}/maps", "rb").read():
            limit = sys.maxsize  # what was freed stays for a while there
        most = max(most, int(re.search(r"VmHWM:\s*(\d+)", open(f"/proc/{senim.pid}/status").read())[1]))
        said += os.read(near, 65536)
    except (OSError, TypeError):
        pass
    time.sleep(0.002)
print(f"{most} KiB of memory, where {limit} are enough") if most > limit else None
sys.exit(senim.returncode or most > limit or b"%" not in said)
END
cmp -s "$work/large.bin" "$work/large.out" || fail 'a large attachment does not arrive whole'

# --- contrib/sshd gives a socket and nothing else of the host

by_hand() {
	timeout 20 ssh -F "$work/ssh/config" -o StrictHostKeyChecking=yes -o BatchMode=yes -p "$port" "$@" </dev/null
}
by_hand nobody@127.0.0.1 id >"$work/out" 2>&1 && fail "a command runs: $(cat "$work/out")"
by_hand -tt nobody@127.0.0.1 >"$work/out" 2>&1 && fail "a terminal is given: $(cat "$work/out")"
by_hand -s nobody@127.0.0.1 sftp >"$work/out" 2>&1 && fail 'sftp is served'
by_hand -W "127.0.0.1:$port" nobody@127.0.0.1 >"$work/out" 2>&1 && fail 'a TCP port is reached'
by_hand -W "localhost:$port" nobody@127.0.0.1 >"$work/out" 2>&1 && fail 'a TCP port is reached by name'
by_hand -N -o ExitOnForwardFailure=yes -R 127.0.0.1:0:127.0.0.1:1 nobody@127.0.0.1 >"$work/out" 2>&1 &&
	fail 'a TCP port is opened on the host'
by_hand -N -o ExitOnForwardFailure=yes -R "$work/runtime/back:$work/none" nobody@127.0.0.1 >"$work/out" 2>&1 &&
	fail 'a socket is opened on the host'
grep -q -i 'forwarding failed\|prohibited' "$work/out" || fail "another reason: $(cat "$work/out")"

exit $failed
