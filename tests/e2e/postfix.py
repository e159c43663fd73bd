# SPDX-License-Identifier: ISC
"""A private Postfix: own configuration, own queue (in memory where there is /dev/shm), a loopback port, no DNS.

The machine's own mail system is not touched. The milter is the first and only one; what it refuses is put off, never
let through (milter_default_action). Everybody's mail but ours goes to the sink.
"""
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

MAIN = """\
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
daemon_directory = {daemons}
maillog_file = {log}
maillog_file_prefixes = {directory}
myhostname = mx.kmo.test
mydomain = kmo.test
mydestination = kmo.kz, mx.kmo.test, {destinations}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtp_host_lookup = native
alias_database = texthash:{etc}/aliases
alias_maps = texthash:{etc}/aliases
virtual_alias_maps = texthash:{etc}/virtual
transport_maps = texthash:{etc}/transport
local_recipient_maps =
recipient_delimiter = +
default_transport = {transport}
local_transport = {transport}
relay_transport = {transport}
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, reject
# A client on this host is to be treated as a stranger's server is: nothing is added to its message.
local_header_rewrite_clients =
default_process_limit = 250
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_event_limit_exceptions = 127.0.0.0/8
smtpd_hard_error_limit = 1000
smtpd_soft_error_limit = 1000
smtpd_recipient_limit = 1000
smtp_line_length_limit = 0
in_flow_delay = 0
message_size_limit = 60000000
mailbox_size_limit = 0
queue_minfree = 0
queue_run_delay = 5s
minimal_backoff_time = 5s
smtpd_tls_security_level = none
smtp_tls_security_level = none
smtputf8_enable = yes
smtpd_milters = {milter}
non_smtpd_milters = {local_milter}
milter_default_action = tempfail
milter_protocol = 6
{more}
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 5 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 5 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
local     unix  - n n - - local
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
{services}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postfix:
    """directory must be reachable by the user postfix. milter: as in smtpd_milters. Without sink_port mail is thrown
    away."""

    def __init__(self, directory, milter="", sink_port=None, local_milter="", aliases="", virtual="", transport="",
                 destinations="", more="", services=""):
        self.directory = directory
        self.port = free_port()
        self.master = None
        self.etc, self.log = f"{directory}/etc", f"{directory}/maillog"
        os.makedirs(self.etc)
        os.chmod(directory, 0o755)
        self.queue = tempfile.mkdtemp(prefix="senim-queue-", dir="/dev/shm" if os.path.isdir("/dev/shm") else directory)
        self._make_queue()
        settings = {
            "directory": directory, "etc": self.etc, "queue": self.queue, "data": f"{directory}/data", "log": self.log,
            "daemons": subprocess.check_output(["postconf", "-d", "-h", "daemon_directory"], text=True).strip(),
            "transport": f"smtp:[127.0.0.1]:{sink_port}" if sink_port else "discard:", "milter": milter,
            "local_milter": local_milter, "destinations": destinations, "port": self.port, "more": more,
            "services": services,
        }
        for name, text in (("main.cf", MAIN.format(**settings)), ("master.cf", MASTER.format(**settings)),
                           ("aliases", aliases), ("virtual", virtual), ("transport", transport)):
            with open(f"{self.etc}/{name}", "w", encoding="utf-8") as file:
                file.write(text)

    def _make_queue(self):
        user = pwd.getpwnam("postfix")
        drop = grp.getgrnam("postdrop").gr_gid
        os.chmod(self.queue, 0o755)
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
                     "saved", "trace"):
            os.mkdir(f"{self.queue}/{name}", 0o700)
            os.chown(f"{self.queue}/{name}", user.pw_uid, 0)
        os.mkdir(f"{self.queue}/pid", 0o755)
        for name, mode in (("maildrop", 0o1730), ("public", 0o2710)):
            os.mkdir(f"{self.queue}/{name}")
            os.chown(f"{self.queue}/{name}", user.pw_uid, drop)
            os.chmod(f"{self.queue}/{name}", mode)
        os.mkdir(f"{self.directory}/data", 0o700)
        os.chown(f"{self.directory}/data", user.pw_uid, user.pw_gid)

    def start(self):
        daemons = subprocess.check_output(["postconf", "-c", self.etc, "-h", "daemon_directory"], text=True).strip()
        with open(f"{self.directory}/master.out", "wb") as out:
            self.master = subprocess.Popen([f"{daemons}/master", "-c", self.etc, "-d"], stdin=subprocess.DEVNULL,
                                           stdout=out, stderr=out, start_new_session=True)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if self.master.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"postfix did not start: see {self.log} and {self.directory}/master.out")

    def sendmail(self, sender, recipients, message):
        """Hands a message in as a local program does: sendmail(1), pickup, cleanup; smtpd never sees it."""
        subprocess.run(["/usr/sbin/sendmail", "-C", self.etc, "-f", sender, "-i", "--", *recipients],
                       input=message, check=True, timeout=30)

    def queued(self):
        """Names of the messages that wait in the queue."""
        found = []
        for name in ("maildrop", "incoming", "active", "deferred", "hold"):
            for _, _, files in os.walk(f"{self.queue}/{name}"):
                found += files
        return found

    def lines(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def stop(self):
        """Ends it, and removes the queue with everything in it; log and configuration stay."""
        if self.master and self.master.poll() is None:
            self.master.send_signal(signal.SIGTERM)
            try:
                self.master.wait(10)
            except subprocess.TimeoutExpired:
                self.master.kill()
                self.master.wait()
        self.master = None
        shutil.rmtree(self.queue, ignore_errors=True)


class Outgoing:
    """The instance of contrib/outgoing for our letters, set up by its own script; mail to others goes to the sink."""

    SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib/outgoing/senim-outgoing")

    def __init__(self, directory, mailbox, mta_port, sink_port):
        self.etc, self.log, self.port, self.run = f"{directory}/outgoing", f"{directory}/outgoing.out", free_port(), None
        self.queue = tempfile.mkdtemp(prefix="senim-outgoing-", dir="/dev/shm")
        os.chmod(self.queue, 0o755)
        self._words("setup", "--port", self.port, "--mta", mta_port, "--hostname", "out.kmo.test", "--queue", self.queue,
                    mailbox)
        subprocess.run(["postconf", "-c", self.etc, "-e", f"default_transport=smtp:[127.0.0.1]:{sink_port}",
                        "smtp_dns_support_level=disabled", "smtp_host_lookup=native"], check=True)

    def _words(self, *words):
        subprocess.run([self.SCRIPT, *map(str, words), "--dir", self.etc], check=True, stdout=subprocess.DEVNULL)

    def start(self):
        with open(self.log, "wb") as log:
            self.run = subprocess.Popen([self.SCRIPT, "run", "--dir", self.etc], stdin=subprocess.DEVNULL, stdout=log,
                                        stderr=log, start_new_session=True)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the outgoing instance did not start: see {self.log}")

    def stop(self):
        if self.run and self.run.poll() is None:
            os.killpg(self.run.pid, signal.SIGTERM)  # as systemd does: Postfix and the filter
            self.run.wait(20)
        self.run = None
        shutil.rmtree(self.queue, ignore_errors=True)
