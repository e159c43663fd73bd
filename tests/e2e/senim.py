# SPDX-License-Identifier: ISC
"""An organisation with a trust mailbox: keys, an init'ed directory, both daemons, and the officers' commands."""
import grp
import json
import os
import signal
import socket
import subprocess
import time

MAILBOX = "senim@kmo.kz"
# Scrypt is what makes a passphrase strong and a test slow: identities here are in clear unless a scenario is about it.
OFFICERS = ("aigul", "deputy")


class CommandFailed(Exception):
    def __init__(self, words, result):
        error = result.stderr.decode("utf-8", "replace").strip()
        super().__init__(f"{' '.join(words)}: exit {result.returncode}: {error}")
        self.returncode, self.stdout, self.stderr = result.returncode, result.stdout, error


class Programs:
    """The five programs as `make install` put them below one prefix."""

    def __init__(self, prefix):
        self.senim, self.milter = f"{prefix}/bin/senim", f"{prefix}/sbin/senim-milter"
        self.registrar = f"{prefix}/sbin/senim-registrar"
        self.examine, self.ingest = f"{prefix}/libexec/senim/senim-examine", f"{prefix}/libexec/senim/senim-ingest"


class Senim:
    """directory/ gets keys/ (the officers' own, elsewhere in life), org/ (what `senim init` makes) and the logs."""

    def __init__(self, programs, directory, home=None):
        self.programs, self.directory = programs, directory
        self.keys, self.org = f"{directory}/keys", f"{directory}/org"
        self.config = f"{self.org}/senim.conf"
        self.sockets = f"{directory}/mta"
        self.milter_socket = f"{self.sockets}/milter.sock"
        self.registrar = self.milter = None
        self.home = home or f"{directory}/home"
        os.makedirs(self.home, mode=0o700, exist_ok=True)
        # A run of the tests speaks English, finds no configuration of its user, and never waits for a terminal.
        self.environment = {**os.environ, "HOME": self.home, "LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
            self.environment.pop(name, None)

    # --- before anything runs

    def keygen(self, *names):
        os.makedirs(self.keys, mode=0o700, exist_ok=True)
        for name in names:
            self.run("keygen", "-o", f"{self.keys}/{name}", "--no-passphrase")

    def init(self, *more, mailboxes=(MAILBOX,), officers=OFFICERS, escalation="chair", recovery="safe"):
        """`senim init`, with the milter's socket where the MTA's group may reach it, and letters that go at once."""
        self.keygen(*officers, *(name for name in (escalation, recovery) if name))
        os.makedirs(self.sockets, exist_ok=True)
        os.chown(self.sockets, -1, grp.getgrnam("postfix").gr_gid)
        os.chmod(self.sockets, 0o2750)  # set-group-ID: the socket made here belongs to the MTA's group
        words = ["init", self.org]
        for mailbox in mailboxes:
            words += ["--mailbox", mailbox]
        for name in officers:
            words += ["--officer", f"{name}={self.keys}/{name}.pub"]
        if escalation:
            words += ["--escalation", f"{escalation}={self.keys}/{escalation}.pub"]
        words += ["--recovery", f"{self.keys}/{recovery}.pub", "--prove", f"{self.keys}/{recovery}"] if recovery else \
            ["--no-recovery"]
        words += ["--set", f"milter-socket=unix:{self.milter_socket}", "--set", "acknowledge-delay=0 min",
                  "--set", "disk-reserve=1 MiB"]
        return self.run(*words, *more)

    # --- the daemons

    def _spawn(self, program, *words):
        log = open(f"{self.directory}/{os.path.basename(program)}.log", "ab")
        with log:
            return subprocess.Popen([program, "--config", self.config, *words], stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log, env=self.environment, cwd="/", start_new_session=True)

    def _await(self, process, path, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(path)
                    return
                except OSError:
                    time.sleep(0.01)
        raise RuntimeError(f"{os.path.basename(process.args[0])} does not listen on {path}: {self.log_tail(process)}")

    def log_tail(self, process):
        with open(f"{self.directory}/{os.path.basename(process.args[0])}.log", encoding="utf-8",
                  errors="replace") as log:
            return " | ".join(log.read().splitlines()[-3:])

    def start_registrar(self, *words, wait=True):
        self.registrar = self._spawn(self.programs.registrar, *words)
        if wait:
            self._await(self.registrar, f"{self.org}/run/intake.sock")
            self._await(self.registrar, f"{self.org}/run/desk.sock")

    def start_milter(self, wait=True):
        self.milter = self._spawn(self.programs.milter)
        if wait:
            self._await(self.milter, self.milter_socket)
            self._await(self.milter, f"{self.org}/run/ingest.sock")

    def start(self):
        self.start_registrar()
        self.start_milter()
        return self

    @staticmethod
    def end(process, how=signal.SIGTERM, seconds=30):
        """Ends one process that was started here; returns its exit status."""
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(how)
        if process.poll() is None:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise RuntimeError(f"{process.args[0]} did not end within {seconds} s of {how.name}") from None
        return process.returncode

    def end_milter(self, seconds=30):
        """SIGTERM; libmilter looks at it when its listener wakes, every five seconds or when somebody knocks."""
        if self.milter and self.milter.poll() is None:
            self.milter.send_signal(signal.SIGTERM)
            for _ in range(3):
                time.sleep(0.05)
                with socket.socket(socket.AF_UNIX) as knock:
                    try:
                        knock.connect(self.milter_socket)
                    except OSError:
                        break
        return self.end(self.milter, seconds=seconds)

    def stop(self):
        """Ends both; returns their exit statuses (None: was not running)."""
        statuses = self.end_milter(), self.end(self.registrar)
        self.milter = self.registrar = None
        return statuses

    def nursery(self):
        """(pid of the nursery, pids of its waiting children)."""
        for pid in children(self.milter.pid):
            return pid, children(pid)
        return None, []

    # --- the officers

    def command(self, *words, officer="aigul", identity=None):
        return [self.programs.senim, "--config", self.config, "--officer", officer, "--identity",
                identity or f"{self.keys}/{officer}", *words]

    def run(self, *words, input=b"", check=True, timeout=120):
        """`senim WORDS`; the result's stdout and stderr are octets."""
        result = subprocess.run([self.programs.senim, *words], input=input, capture_output=True, env=self.environment,
                                timeout=timeout, cwd=self.directory, check=False)
        if check and result.returncode:
            raise CommandFailed(["senim", *words], result)
        return result

    def officer(self, *words, officer="aigul", identity=None, input=b"", check=True, timeout=120):
        return self.run(*self.command(*words, officer=officer, identity=identity)[1:], input=input, check=check,
                        timeout=timeout)

    def json(self, *words, **more):
        return json.loads(self.officer(*words, "--json", **more).stdout)

    def cases(self, *words, **more):
        """The list, both series, in the order in which they were received; what another reads says no time. `senim list`
        itself has what presses first, and so has this within one second."""
        cases = self.json("list", "--all", *words, **more)["cases"]
        return sorted(cases, key=lambda case: case["received"] or "")

    def cards(self, **more):
        return self.cases("--cards", "--ground", "test", **more)

    def raw(self, case, **more):
        return self.officer("show", case, "--ground", "test", "--raw", **more).stdout

    def show(self, case, *words, **more):
        return self.officer("show", case, "--ground", "test", *words, **more).stdout.decode()

    def verify(self, **more):
        return self.officer("verify", **more)


def children(pid):
    """Pids of a process's children, whichever of its threads made them."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found.append(int(name))
    return sorted(found)
