# SPDX-License-Identifier: ISC
"""At the milter's socket: other MTAs' patience, children that die, connections that hang."""
import base64
import os
import signal
import subprocess
import threading
import time

import milter
import senim
from harness import Skip, eventually, expect, same, scenario

MESSAGE = b"From: a@example.org\r\nSubject: wire %s\r\nMessage-ID: <w%s@example.org>\r\n\r\ntext\r\n"


def message(name):
    return MESSAGE.replace(b"%s", str(name).encode())


def one(org, name="1", patience=300.0):
    with milter.Milter(org.milter_socket, patience) as mta:
        verdict, _ = mta.message("a@example.org", ["senim@kmo.kz"], message(name))
        return verdict, mta


@scenario("with Sendmail's patience of ten seconds, an examination held for 14 s still ends in 250")
def patience(world):
    org = world.organisation("acknowledge=never", mta=False)
    _, waiting = org.nursery()
    for pid in waiting:
        os.kill(pid, signal.SIGSTOP)

    def wake():
        for pid in waiting:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
    timer = threading.Timer(14.0, wake)
    timer.start()
    began = time.monotonic()
    verdict, mta = one(org, patience=10.0)
    timer.join()
    same(verdict, b"d", "taken")
    expect(time.monotonic() - began > 13, "it was held")
    expect(mta.longest_silence < 10, "never silent for ten seconds", mta.longest_silence)
    same(org.cases()[0]["verdict"], "clean", "and examined")


@scenario("an examination that never ends is given up after its time, and the report is taken unexamined", patient=True)
def never_ends(world):
    org = world.organisation("officer aigul/names=Айгүл Серікова", "workers=1", mta=False, officers=("aigul", "deputy"))
    _, (waiting,) = org.nursery()
    os.kill(waiting, signal.SIGSTOP)
    text = base64.encodebytes("Комплаенс офицер Серікова жеткізушіден ақша алды.".encode()).replace(b"\n", b"\r\n")
    with milter.Milter(org.milter_socket, 10.0) as mta:
        same(mta.message("a@example.org", ["senim@kmo.kz"], b"From: a@example.org\r\nMessage-ID: <1@example.org>\r\n"
                         b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + text)[0],
             b"d", "taken")
    case, = org.cases(officer="deputy")
    same((case["verdict"], case["acknowledgement"]), ("unexamined", {"state": "withheld", "reason": "unexamined"}),
         "unexamined, and its letter waits for an officer")
    same(org.officer("show", case["case"], "--ground", "test", check=False).returncode, 3,
         "a second child looked for names: withheld from whom it accuses")
    expect("ақша алды" in org.show(case["case"], officer="deputy"), "the other officer reads it")
    eventually(lambda: one(org, f"x{time.monotonic()}") and org.cases(officer="deputy")[-1]["verdict"] == "clean", "examined again", 40)


@scenario("a report of which nobody could say whom it names waits, until the next level or another officer gives it to one")
def held(world):
    org = world.organisation("officer aigul/names=Айгүл Серікова", "workers=1", "acknowledge=never", mta=False)
    nursery, (child,) = org.nursery()
    os.kill(child, signal.SIGSTOP)
    sender = threading.Thread(target=one, args=(org, "held"))
    sender.start()
    time.sleep(1)  # the child has the message
    os.kill(nursery, signal.SIGSTOP)
    for pid in reversed(senim.children(nursery)):
        os.kill(pid, signal.SIGKILL)  # the one for the second look first, then the one that dies over it
        time.sleep(0.1)
    sender.join(40)
    os.kill(nursery, signal.SIGCONT)
    case, = (case["case"] for case in org.cases())

    def reads(name):
        return org.officer("show", case, "--ground", "test", officer=name, check=False).returncode == 0

    def gives(name, other):
        return org.officer("grant", case, "--to", other, "--ground", "test", officer=name, check=False).returncode

    same([reads(name) for name in ("aigul", "deputy", "chair")], [False, False, True], "the next level alone reads it")
    same(gives("aigul", "aigul"), 3, "nobody gives it to herself")
    same(gives("aigul", "deputy"), 0, "one officer gives it to another")
    same([reads(name) for name in ("aigul", "deputy")], [False, True], "who reads it, and does not get it herself by that")
    same(gives("deputy", "aigul"), 0, "and back")
    same(reads("aigul"), True, "both read it")
    eventually(lambda: one(org, f"z{time.monotonic()}") and org.cases()[-1]["verdict"] == "clean", "examined again", 40)
    about = "Комплаенс офицер Айгүл Серікова жеткізушіден ақша алды."
    with milter.Milter(org.milter_socket) as mta:
        mta.message("a@example.org", ["senim@kmo.kz"], b"From: a@example.org\r\nMessage-ID: <about@example.org>\r\n"
                    b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + about.encode())
    case = org.cases(officer="deputy")[-1]["case"]
    same(gives("aigul", "deputy"), 3, "of what is kept from her for another reason she gives nothing")


@scenario("a child that dies over a message costs nothing but its examination, and a dead nursery comes back")
def deaths(world):
    org = world.organisation("acknowledge=never", mta=False)
    nursery, waiting = org.nursery()
    for pid in waiting:
        os.kill(pid, signal.SIGSEGV)
    for number in range(len(waiting) + 2):
        same(one(org, number)[0], b"d", "taken")
    eventually(lambda: one(org, f"y{time.monotonic()}") and org.cases()[-1]["verdict"] == "clean", "examined again", 40)
    os.kill(org.nursery()[0], signal.SIGKILL)
    same(one(org, "orphan")[0], b"d", "taken")
    eventually(lambda: one(org, f"z{time.monotonic()}") and org.cases()[-1]["verdict"] == "clean", "examined again", 40)
    org.verify()


RULES = """lex own.word жылқышы
rule own.herdsman review own
  match @own.word
  + мен жылқышы
  + жылқышы келді
  - мен қойшы
  - жылқы
"""


@scenario("an organisation's own rules come with a reload, and a bad file changes nothing, not even when a nursery dies")
def own_rules(world):
    org = world.organisation("acknowledge=never", mta=False)
    rules, log = f"{org.directory}/rules", f"{org.directory}/senim-milter.log"
    os.mkdir(rules)

    def put(text):
        with open(f"{rules}/own.txt", "w", encoding="utf-8") as file:
            file.write(text)
        os.kill(org.milter.pid, signal.SIGUSR1)

    def verdict(text):
        with milter.Milter(org.milter_socket) as mta:
            same(mta.message("a@example.org", ["senim@kmo.kz"], b"From: a@example.org\r\nContent-Type: text/plain; charset=utf-8"
                             b"\r\nMessage-ID: <%f@example.org>\r\n\r\n" % time.monotonic() + text.encode())[0], b"d", "taken")
        return max(org.cases(), key=lambda row: int(row["case"].split("/")[1]))["verdict"]

    def logged(words):
        with open(log, encoding="utf-8") as file:
            return words in file.read()
    same(verdict("мен жылқышы"), "clean", "the shipped rules know no herdsmen")
    with open(org.config, encoding="utf-8") as file:
        config = file.read()
    with open(org.config, "w", encoding="utf-8") as file:
        file.write(config.replace("[senim]\n", f"[senim]\nrules = {rules}\n", 1))
    put(RULES)
    eventually(lambda: verdict("мен жылқышы") == "review", "the organisation's do", 20)
    same(verdict("Я тебя убью, сука."), "redirect", "and the shipped ones hold beside them")
    put(RULES + "nonsense\n")
    eventually(lambda: logged(f"{rules}/own.txt:8: "), "the line is named", 20)
    eventually(lambda: logged("the rules in force stay"), "and that nothing changed", 20)
    same(verdict("мен жылқышы"), "review", "nothing changed")
    for pid in senim.children(org.milter.pid):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: verdict("мен жылқышы") == "review", "not even after a death", 40)
    put(RULES.replace("  + мен жылқышы", "  + мен қойшы"))
    eventually(lambda: logged(f"{rules}/own.txt:4: own.herdsman does not match"), "examples are held against the rules", 20)
    org.end_milter()
    org.start_milter()
    same(verdict("мен жылқышы"), "clean", "a start with bad rules takes the shipped ones")
    expect(logged("the shipped rules alone are in force"), "and says so")


@scenario("show tells why a letter was marked, with its words and what was weighed, the list has danger first, no log has any of it")
def marks(world):
    org = world.organisation("acknowledge=never", mta=False)
    texts = ("Завхоз украл солярку.", "Вы продажные твари.\n\nНачальник сказал: «Я тебя убью».",
             "Подрядчик угрожал мне и моим детям, прошу защиты.", "Я больше не могу, покончу с собой.")
    for number, text in enumerate(texts):
        with milter.Milter(org.milter_socket) as mta:
            same(mta.message("a@example.org", ["senim@kmo.kz"], b"From: a@example.org\r\nContent-Type: text/plain; charset=utf-8"
                             b"\r\nMessage-ID: <m%d@example.org>\r\n\r\n" % number + text.encode())[0], b"d", "taken")
    cases = org.json("list", "--all")["cases"]
    same([case["urgent"] for case in cases], [True, True, False, False], "what is urgent first")
    shown = {case["case"][-1]: org.show(case["case"]) for case in cases}
    expect("…" not in shown["1"] and "weighed" not in shown["1"], "a clean letter has no marks", shown["1"])
    for words in ("abuse", "Вы продажные твари", "weighed against it: quoted", "убью"):
        expect(words in shown["2"], words, shown["2"])
    expect(shown["3"].find("URGENT: Whoever wrote this may be in danger") >= 0, "danger", shown["3"])
    expect("Whoever wrote this may need help" in shown["4"] and "покончу с собой" in shown["4"], "help", shown["4"])
    table = org.officer("list").stdout.decode()
    same(table.count("URGENT"), 2, "the list says so")
    for name in ("senim-milter", "senim-registrar"):
        with open(f"{org.directory}/{name}.log", encoding="utf-8") as file:
            log = file.read()
        expect(not any(word in log for word in ("redirect", "review", "abuse", "danger", "harm", "твари")), "nothing in the log", log)


@scenario("what is not for us is let go at DATA, and the milter asks for no reply before")
def negotiation(world):
    org = world.organisation("acknowledge=never", mta=False)
    with milter.Milter(org.milter_socket) as mta:
        wanted = milter.NR_CONN | milter.NR_HELO | milter.NR_MAIL | milter.NR_RCPT | milter.NR_HDR | milter.NR_EOH | \
            milter.NR_BODY
        same(mta.steps & wanted, wanted & ~(milter.NR_CONN if mta.steps & milter.NOCONNECT else 0)
             & ~(milter.NR_HELO if mta.steps & milter.NOHELO else 0), "replies for DATA and end of message only")
        expect(mta.steps & milter.HDR_LEADSPC, "header fields to the octet")
        same(mta.begin("a@example.org", ["x@kmo.kz"]), b"a", "let go")
        same(mta.message("a@example.org", ["senim@kmo.kz"], message(1))[0], b"d", "the next one is ours")
        kinds = [packet[:1] for packet in mta.packets]
        expect(b"e" in kinds, "the sender's name goes before it is discarded", kinds)


@scenario("thousands of connections that break off at any octet leave the milter as it was")
def broken_wires(world):
    org = world.organisation("acknowledge=never", mta=False)
    with milter.Milter(org.milter_socket) as mta:
        sent = []
        original = mta.socket.sendall
        mta.socket = Recorder(mta.socket, sent)
        mta.message("a@example.org", ["senim@kmo.kz"], message("whole"))
    octets = b"".join(sent)
    descriptors = len(os.listdir(f"/proc/{org.milter.pid}/fd"))
    for at in range(0, len(octets), 3):
        wire = milter.Milter(org.milter_socket)
        wire.socket.sendall(octets[:at])
        wire.socket.close()
    expect(org.milter.poll() is None, "it lives")
    eventually(lambda: len(os.listdir(f"/proc/{org.milter.pid}/fd")) <= descriptors + 8, "descriptors come back", 30)
    cases = len(org.cases())
    same(cases, 1, "only the whole message is a case")
    same(one(org, "last")[0], b"d", "the next is taken")


class Recorder:
    def __init__(self, socket, sent):
        self.socket, self.sent = socket, sent

    def sendall(self, octets):
        self.sent.append(octets)
        self.socket.sendall(octets)

    def __getattr__(self, name):
        return getattr(self.socket, name)


@scenario("miltertest, another's implementation, sees the same")
def second_opinion(world):
    org = world.organisation("acknowledge=never", mta=False)
    script = f"{org.directory}/wire.lua"
    # Connection and HELO were negotiated away; miltertest ends where a script sends them all the same.
    with open(script, "w", encoding="utf-8") as file:
        file.write(f'''
conn = mt.connect("unix:{org.milter_socket}", 40, 0.25)
if conn == nil then error("connect") end
mt.macro(conn, SMFIC_MAIL, "i", "QID1")
mt.mailfrom(conn, "<a@example.org>")
mt.macro(conn, SMFIC_RCPT, "{{rcpt_addr}}", "senim@kmo.kz")
mt.rcptto(conn, "<SENIM@kmo.kz>")
mt.data(conn)
mt.header(conn, "Subject", "miltertest")
mt.eoh(conn)
mt.bodystring(conn, "hello\\r\\n")
mt.eom(conn)
if mt.getreply(conn) ~= SMFIR_DISCARD then error("want DISCARD") end
mt.mailfrom(conn, "<b@example.org>")
mt.rcptto(conn, "<senim@kmo.kz>")
mt.abort(conn)
mt.mailfrom(conn, "<c@example.org>")
mt.rcptto(conn, "<x@example.org>")
mt.rcptto(conn, "<senim@kmo.kz>")
mt.data(conn)
mt.header(conn, "Subject", "two of them")
mt.eoh(conn)
mt.eom(conn)
if not mt.eom_check(conn, MT_RCPTDELETE, "<senim@kmo.kz>") then error("want the recipient removed") end
mt.disconnect(conn)
''')
    done = subprocess.run(["miltertest", "-s", script], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode == 127:
        raise Skip("no miltertest")
    same(done.returncode, 0, done.stdout + done.stderr)
    same([case["subject"] for case in org.cards()], ["miltertest", "two of them"], "two cases")
