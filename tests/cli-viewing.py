# SPDX-License-Identifier: ISC
"""tests/cli-viewing.py letter: a letter with attachments. terminal SENIM WORK: for tests/cli-viewing.sh."""
import array, base64, glob, os, pty, select, shutil, signal, socket, sys, threading, time

CANARY = b"canary-4712-sings"
PARTS = [  # as the letter calls it, and what it is
    ("text/plain", b"a note \x1b[2J " + CANARY + b"\n"),
    ("application/pdf", b"%PDF-1.4\n" + CANARY * 9000),
    ("image/png", b"\x7fELF\2\1\1" + bytes(9) + CANARY),
    ("application/msword", b"PK\3\4....word/document.xml....word/vbaProject.bin" + CANARY),
]
failed = 0


def letter():
    print("From: askar@example.kz\nTo: senim@kmo.kz\nSubject: s\nMIME-Version: 1.0\n"
          'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nhello')
    for i, (kind, octets) in enumerate(PARTS):
        print(f'--b\nContent-Type: {kind}\nContent-Disposition: attachment; filename="secret-{i}"\n'
              f"Content-Transfer-Encoding: base64\n\n{base64.encodebytes(octets).decode()}", end="")
    print("--b--")


def check(good, what):
    global failed
    if not good:
        failed += 1
        print("not ok:", what)


def rooms():
    return [path for path in glob.glob("/dev/shm/senim-view-*") if os.stat(path).st_uid == os.getuid()]


class Terminal:
    def __init__(self, senim, *arguments):
        self.said = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "PAGER": ""})
            os.execv(senim, ["senim", *arguments, "--ground", "g"])

    def end(self):
        while select.select([self.fd], [], [], 20)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            self.said += data
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status, self.said.decode(errors="replace").replace("\r\n", "\n")


class Clamd:
    """clamd(8), FILDES alone; answers what it is told to."""

    def __init__(self, path):
        self.answer, self.seen = b"OK", None
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.socket.accept()
            with peer:
                command = b""
                while not command.endswith(b"\0"):
                    command += peer.recv(1)
                fds = array.array("i")
                _, control, _, _ = peer.recvmsg(1, socket.CMSG_LEN(4))
                fds.frombytes(control[0][2])
                with os.fdopen(fds[0], "rb") as file:
                    self.seen = (command, file.read())
                peer.sendall(b"fd[7]: " + self.answer + b"\0")


def until(what, seconds=10):
    end = time.time() + seconds
    while not what() and time.time() < end:
        time.sleep(0.05)
    return what()


def alive(pid):
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def seen(work):
    with open(work + "/seen", encoding="utf-8") as file:
        return file.read().splitlines()


def view(senim, work):
    status, said = Terminal(senim, "attachment", "1", "1").end()
    check(status == 0 and "not scanned" in said, f"a scanner that is not there is not missed: {status} {said}")
    check("a note \\u{001B}[2J" in said and "\x1b[2J" not in said, f"text is not shown through the escape: {said!r}")
    clamd = Clamd(work + "/clamd")
    status, said = Terminal(senim, "attachment", "1", "2").end()
    check(status == 0 and "scanned" not in said, f"a viewer: {status} {said}")
    check(clamd.seen == (b"zFILDES\0", PARTS[1][1]), f"what the scanner got: {clamd.seen}")
    file, kind, home, bus, _ = seen(work)
    mode, size, path = file.split()
    check(mode == "400" and int(size) == len(PARTS[1][1]) and kind == "tmpfs", f"the viewer's file: {file} {kind}")
    check(path.startswith("/dev/shm/senim-view-") and path.endswith("/attachment.pdf"), f"its name: {path}")
    check(home == "home " + os.path.dirname(path) + "/home" and bus == "bus disabled:", f"its home: {home} {bus}")
    check(not rooms(), f"a room is left: {rooms()}")
    for part, what in (("3", "it is a program"), ("4", "macros")):
        os.unlink(work + "/seen") if os.path.exists(work + "/seen") else None
        status, said = Terminal(senim, "attachment", "1", part).end()
        check(status == 3 and what in said and not os.path.exists(work + "/seen"), f"part {part}: {status} {said}")
    status, said = Terminal(senim, "attachment", "1", "3", "--even-so").end()
    check(status == 0 and "calls it image/png" in said and os.path.exists(work + "/seen"), f"--even-so: {status} {said}")
    status, said = Terminal(senim, "attachment", "1", "4", "--even-so").end()
    check(status == 2 and "no viewer for application/vnd.openxml" in said, f"no viewer: {status} {said}")
    clamd.answer = b"Eicar-Test FOUND"
    status, said = Terminal(senim, "attachment", "1", "2").end()
    check(status == 3 and "Eicar-Test" in said, f"an infected attachment: {status} {said}")
    status, said = Terminal(senim, "attachment", "1", "2", "--output", work + "/out").end()
    check(status == 3 and not os.path.exists(work + "/out"), f"its export: {status} {said}")
    clamd.answer = b"lstat() failed. ERROR"
    status, said = Terminal(senim, "attachment", "1", "2").end()
    check(status == 0 and "does not answer" in said, f"a scanner that fails: {status} {said}")


def kill(senim, work):
    """kill -9 over an open viewer: it ends, and the room goes without another start."""
    open(work + "/wait", "w", encoding="ascii").close()
    os.unlink(work + "/seen")
    t = Terminal(senim, "attachment", "1", "2")
    check(until(lambda: os.path.exists(work + "/seen")), "the viewer never starts")
    viewer = int(seen(work)[4].split()[1])
    check(len(rooms()) == 1 and alive(viewer), f"in mid-view: {rooms()}")
    os.kill(t.pid, signal.SIGKILL)
    t.end()
    check(until(lambda: not rooms()), f"a killed senim leaves {rooms()}")
    check(until(lambda: not alive(viewer)), "a killed senim leaves its viewer")


def sweep(senim):
    """What a crash of the whole machine's session left: the next start takes it away, and nothing of the living."""
    left = "/dev/shm/senim-view-4194305-17-abcdef"
    with open("/proc/self/stat", encoding="ascii") as file:
        start = file.read().rpartition(")")[2].split()[19]
    mine = f"/dev/shm/senim-view-{os.getpid()}-{start}-abcdef"
    for path in (left, mine):
        os.makedirs(path + "/home/deep")
        with open(path + "/attachment.pdf", "wb") as file:
            file.write(CANARY)
        os.chmod(path + "/attachment.pdf", 0o400)
    os.symlink("/etc", left + "/home/etc")
    Terminal(senim, "list", "--cards").end()
    check(not os.path.exists(left) and os.path.exists("/etc/passwd"), "the next start leaves what a crash left")
    check(os.path.exists(mine + "/attachment.pdf"), "a start takes away what another senim shows")
    shutil.rmtree(mine)


if sys.argv[1] == "letter":
    letter()
else:
    view(*sys.argv[2:])
    kill(*sys.argv[2:])
    sweep(sys.argv[2])
    sys.exit(failed != 0)
