# SPDX-License-Identifier: ISC
"""tests/cli-terminal.py SENIM WORK: holds a terminal for tests/cli-terminal.sh."""
import fcntl, os, pty, re, select, signal, struct, sys, termios, time

SENIM, WORK = sys.argv[1:3]
failed = 0


def check(good, what):
    global failed
    if not good:
        failed += 1
        print("not ok:", what)


class Terminal:
    def __init__(self, *arguments, **environment):
        self.said = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "PAGER": "", **environment})
            os.execv(SENIM, ["senim", *arguments])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.said += data
        return bool(data)

    def until(self, text):
        end = time.time() + 20
        while text.encode() not in self.said and time.time() < end and self.read(0.5) is not None:
            pass
        check(text.encode() in self.said, f"the terminal never says “{text}”: {self.said!r}")
        time.sleep(0.1)  # the question stands before the echo is off only if that is a bug: then this finds it

    def type(self, text):
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self):
        while self.read(10):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status, self.said.decode(errors="replace").replace("\r\n", "\n")


# --- keygen

t = Terminal("keygen", "-o", WORK + "/asked")
t.until("New passphrase")
check(not t.echoes(), "the terminal echoes the passphrase")
t.type("correct horse\n")
t.until("once more")
t.type("correct horse\n")
status, said = t.end()
check(status == 0 and "horse" not in said, f"keygen on a terminal: {status} {said}")

t = Terminal("keygen", "-o", WORK + "/differ")
t.until("New passphrase")
t.type("correct horse\n")
t.until("once more")
t.type("another\n")
status, said = t.end()
check(status == 2 and "differ" in said and not os.path.exists(WORK + "/differ"), f"two passphrases: {status} {said}")

t = Terminal("keygen", "-o", WORK + "/interrupted")
t.until("New passphrase")
t.type("\x03")
status, said = t.end()
check(status != 0 and not os.path.exists(WORK + "/interrupted"), f"^C at the question: {status} {said}")

# --- the ground

t = Terminal("show", "1")
t.until("One key takes one")
t.type("0")
status, said = t.end()
check(status == 3 and "the first line" not in said, f"a key that stands for no ground: {status} {said}")

t = Terminal("show", "1")
t.until("Enter takes the first: ")
check(not t.echoes(), "the terminal echoes the key")
t.type("\n")
status, said = t.end()
check(status == 0 and "the first line" in said, f"the first ground at the first look: {status} {said[:400]}")

t = Terminal("show", "1")
t.until("One key takes one: ")
t.type("\n")
status, said = t.end()
check(status == 3 and "the first line" not in said, f"no ground that nobody chose at the second look: {status} {said}")

t = Terminal("show", "1")
t.until("One key takes one: ")
t.type("7")
t.until("In your own words: ")
t.type("order 5\n")
status, said = t.end()
check(status == 0 and "the first line" in said and "\n200\n" in said, f"a ground on the terminal: {status} {said[:400]}")

# --- the pager

t = Terminal("show", "1", "--ground", "g", PAGER="sed 's/^/| /'; env")
status, said = t.end()
check(status == 0 and "| the first line" in said, f"no pager: {said[:400]}")
check("LESSSECURE=1" in said and "LESSHISTFILE=-" in said, "the pager is not tamed")
t = Terminal("list", PAGER="sed 's/^/| /'")
status, said = t.end()
check(status == 0 and "| " not in said and "\x1b[1m" in said, f"a short list needs no pager: {said!r}")
t = Terminal("list", TERM="dumb")
status, said = t.end()
check(status == 0 and "\x1b" not in said, f"colour on a dumb terminal: {said!r}")
t = Terminal("show", "1", "--ground", "g", PAGER="false")
status, said = t.end()
check(status == 0, f"a pager that was left early: {status}")
t = Terminal("show", "1", "--ground", "g", PAGER="/nonexistent/pager 2>/dev/null")
status, said = t.end()
check(status == 0 and "the first line" in said, f"a pager that is not there: {status} {said[:400]}")

# --- nothing raw

t = Terminal("show", "1", "--raw", "--ground", "g")
status, said = t.end()
check(status == 2 and "terminal" in said and "first line" not in said, f"show --raw: {status} {said}")

# --- the officer is warned on a terminal, also where a program reads the answer

t = Terminal("show", "1", "--json", "--ground", "g", "--config", WORK + "/office/senim.conf")
status, said = t.end()
check(status == 0 and "administrator can see" in said, f"no warning on the mail host: {said[:400]}")

print("ok: on a terminal") if not failed else None
sys.exit(failed != 0)
