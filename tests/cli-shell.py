# SPDX-License-Identifier: ISC
"""tests/cli-shell.py SENIM WORK PRELOAD: holds the shell's terminal for tests/cli-shell.sh."""
import contextlib, os, pty, select, signal, sys, time

SENIM, WORK, PRELOAD = sys.argv[1:4]
failed = 0


def check(good, what):
    global failed
    if not good:
        failed = 1
        print("not ok:", what, flush=True)


class Shell:
    def __init__(self, **environment):
        self.said = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "PAGER": ""} | environment)
            os.execv(SENIM, ["senim", "shell"])
        self.until("Passphrase of")
        self.type("correct horse\n")
        self.until("senim> ")

    def read(self):
        if not select.select([self.fd], [], [], 0.5)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.said += data
        return bool(data)

    def until(self, text, seconds=20):
        end = time.time() + seconds
        while text.encode() not in self.said and time.time() < end and self.read():
            pass
        end = self.said.find(text.encode()) + len(text.encode()) if text.encode() in self.said else len(self.said)
        said, self.said = self.said[:end].decode(errors="replace"), self.said[end:]
        check(text in said, f"the shell never says “{text}”: {said!r}")
        return said

    def type(self, text):
        os.write(self.fd, text.encode())

    def does(self, line, *words):
        """What a line says, up to the next prompt."""
        self.type(line + "\n")
        self.until("\n")
        said = self.until("senim> ")
        for word in words:
            check(word in said, f"{line}: no “{word}”: {said!r}")
        return said

    def end(self, again=""):
        """The status. What was typed before the terminal was the line editor's may be lost: it is typed again."""
        over = time.time() + 60
        while time.time() < over and self.read():
            with contextlib.suppress(OSError):  # it ended between the two
                self.type(again)
        if time.time() >= over:
            os.kill(self.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status


shell = Shell()
status = open(f"/proc/{shell.pid}/status").read()
sanitized = "libasan" in open(f"/proc/{shell.pid}/maps").read()  # which locks nothing, whatever it is asked
check(sanitized or int(status.split("VmLck:")[1].split()[0]) > 0, "the keys do not lie in locked memory")
core = [line.split() for line in open(f"/proc/{shell.pid}/limits") if line.startswith("Max core file size")][0]
check(core[4:6] == ["0", "0"], f"a crash would leave a core: {core}")
said = shell.does("list", "/1")
check("Passphrase" not in said, "the shell asks for the passphrase twice")
said = shell.does("show 1 --ground 'order 5'", "the text")
check("Passphrase" not in said, "the shell asks for the passphrase twice")
shell.does("frobnicate", "unknown command")
shell.does("shell", "this is the shell already")
shell.does("list --officer deputy", "settled as long as the shell runs")
shell.does("show 'x", "quotation mark")
shell.does("", "")
year = time.strftime("%Y")
shell.does(f"sho\t{year[:2]}\t --ground g", "the text")  # both words completed
shell.type("\x1b[A")  # the line with a ground is not among those kept: the last before it is
said = shell.until("show 'x")
shell.type("\x15")
with open(WORK + "/ask", "w") as ask:
    ask.write("restart\n")
open(WORK + "/done").read()
said = shell.does("list", "the session has ended")
check(said.count("senim: ") == 1, f"more than one sentence: {said!r}")
said = shell.does("list", "/1")
check("Passphrase" not in said, "the shell forgot the keys")
shell.type("exit\n")
check(shell.end() == 0, "exit")

shell = Shell()
check(shell.end("\x04") == 0, "the end of input")
shell = Shell(LD_PRELOAD=PRELOAD)  # ten minutes without a key
said = shell.until("signed out")
check("ten minutes" in said, f"it is not said why the shell ends: {said!r}")
check(shell.end() == 3, "ten idle minutes")
for number in (signal.SIGHUP, signal.SIGTERM):
    shell = Shell()
    os.kill(shell.pid, number)
    check(shell.end() == 0, f"signal {number}")
sys.exit(failed)
