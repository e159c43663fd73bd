# SPDX-License-Identifier: ISC
"""A canary in everything a reporter writes: where on the disk does it sing afterwards?"""
import base64
import contextlib
import os
import quopri
import signal
import time

import postfix
import smtp
from harness import Skip, eventually, expect, same, scenario
from scenarios.answers import ADDRESSEE

CANARY = "канарейка-Ќұпия-4711"
NEEDLE = "canary-4711-sings"


def spellings():
    """What to look for: the words raw, in other charsets, in base64 at its three offsets, quoted-printable, percent."""
    found = {NEEDLE.encode(), NEEDLE.upper().encode(), "канарейка".encode(), "канарейка".encode("cp1251"),
             "канарейка".encode("koi8-r"), "канарейка".encode("utf-16-le"), NEEDLE.encode("utf-16-le")}
    for text in (NEEDLE.encode(), "канарейка-".encode()):
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + text)
            # Without the characters that depend on the neighbours.
            found.add(encoded[(0, 2, 3)[offset]:-4])
    found.add(quopri.encodestring("канарейка".encode()).strip()[:30])
    found.add("".join(f"%{octet:02x}" for octet in "канарейка".encode()).encode())
    found.add("".join(f"%{octet:02X}" for octet in "канарейка".encode()).encode())
    found.add(NEEDLE.encode().hex().encode())
    return found


def report(number):
    def word(text):
        return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="
    return "\r\n".join([
        f"From: {word(CANARY)} <{NEEDLE}@example.org>", f"To: senim@kmo.kz, {NEEDLE}-to@example.org",
        f"Subject: {word(CANARY)} {NEEDLE}", f"Message-ID: <{NEEDLE}-{number}@example.org>", f"X-Own: {NEEDLE}",
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "", "--b",
        "Content-Type: text/plain; charset=utf-8", "", f"{CANARY} {NEEDLE}", "--b",
        f'Content-Type: application/pdf; name="{word(CANARY)} {NEEDLE}.pdf"', "Content-Transfer-Encoding: base64", "",
        base64.encodebytes((NEEDLE + " ").encode() * 20_000).decode().replace("\n", "\r\n"), "--b--", ""]).encode()


def singing(directories, needles):
    """Paths below that hold one of the needles, in name or content."""
    found = set()
    for directory in directories:
        for root, _, files in os.walk(directory):
            for name in files:
                path = os.path.join(root, name)
                if any(needle in os.fsencode(path) for needle in needles):
                    found.add(path)
                try:
                    with open(path, "rb") as file:
                        octets = file.read()
                except OSError:
                    continue
                for needle in needles:
                    if needle in octets:
                        found.add(f"{path} ({needle[:30]!r})")
    return found


@scenario("a canary in envelope, header, body and file name sings nowhere on the disk afterwards")
def canary(world):
    before = set(os.listdir("/tmp")) | set(os.listdir("/var/tmp"))
    org = world.organisation("acknowledge-delay=2-15 min")
    for number in range(3):
        expect(smtp.send(org.postfix.port, f"{NEEDLE}@example.org", ["senim@kmo.kz"],
                         report(number)).startswith("250"), "250")
    small = report(9)[:2000]
    smtp.send(org.postfix.port, f"{NEEDLE}@example.org", ["senim@kmo.kz"], small)
    # One that is put off, one broken off, and children that die over it.
    org.end(org.registrar, signal.SIGKILL)
    nursery, waiting = org.nursery()
    client = smtp.Client(org.postfix.port)
    client.command(f"MAIL FROM:<{NEEDLE}@example.org>", 250)
    client.command("RCPT TO:<senim@kmo.kz>", 250)
    client.command("DATA", 354)
    client.send(report(10)[:40_000])
    client.close()
    org.start_registrar()
    for pid in waiting:
        with contextlib.suppress(ProcessLookupError):  # the broken message's own child ends with it, now or later
            os.kill(pid, signal.SIGABRT)
    smtp.send(org.postfix.port, f"{NEEDLE}@example.org", ["senim@kmo.kz"], report(11))
    # Death in the middle: no core, no file.
    org.milter.send_signal(signal.SIGABRT)
    org.milter.wait(10)
    org.milter = None
    same(len(org.cases()), 5, "the reports are there")
    case = org.cases()[0]["case"]
    org.show(case)
    org.cards()
    time.sleep(0.5)
    needles = spellings()
    same(singing([org.org, org.home, org.sockets], needles), set(), "state, databases, the officer's own files")
    same({path for path in singing([org.postfix.queue], needles)}, set(), "the mail server's queue")
    logs = [f"{org.directory}/{name}" for name in os.listdir(org.directory) if name.endswith(".log")]
    for path in logs:
        with open(path, "rb") as file:
            octets = file.read()
        expect(not any(needle in octets for needle in needles), "our logs", path)
    new = [name for place in ("/tmp", "/var/tmp") for name in os.listdir(place) if name not in before]
    fresh = [f"{place}/{name}" for place in ("/tmp", "/var/tmp") for name in new if os.path.exists(f"{place}/{name}")
             and not name.startswith("senim-e2e-")]  # other scenarios' worlds, whose canary is the same bird
    same(singing(fresh, needles), set(), "temporary files")
    cores = [name for root, _, names in os.walk(world.directory) for name in names if name.startswith("core")]
    same(cores, [], "no core dumps")


@scenario("the logs name queue ids and steps, and nothing else of a message")
def logs(world):
    org = world.organisation()
    smtp.send(org.postfix.port, "log-canary@example.org", ["senim@kmo.kz"], report(1))
    expect(org.sink.to("log-canary@example.org"), "the letter")
    case = org.cases()[0]
    text = ""
    for name in ("senim-milter", "senim-registrar"):
        with open(f"{org.directory}/{name}.log", encoding="utf-8") as file:
            text += file.read()
    for secret in ("log-canary", "example.org", NEEDLE, case["case"], case["case"].split("/")[-1] + "\n", "clean",
                   "kmo.kz>"):
        expect(secret not in text, "not in our logs", secret, text)
    # The mail server's line about the discarded message names no sender.
    discarded = [line for line in org.postfix.lines() if "milter-discard" in line]
    expect(discarded and all("from=<>" in line for line in discarded), "from=<>", discarded)


def outgoing_instance(world):
    """An organisation whose letters leave by the instance of contrib/outgoing, and a police whose server refuses."""
    if not os.path.isdir("/dev/shm"):
        raise Skip("there is no directory in memory")
    org = world.organisation(start=False, postfix_options={"local_milter": ""})
    out = postfix.Outgoing(org.directory, "senim@kmo.kz", org.postfix.port, org.sink.port)
    world.postfixes.append(out)
    with open(org.config, encoding="utf-8") as config:
        text = config.read()
    with open(org.config, "w", encoding="utf-8") as config:
        config.write(text.replace(f"127.0.0.1:{org.postfix.port}", f"127.0.0.1:{out.port}") +
                     "\n[addressee police]\nname-kk = Полиция\nname-ru = Полиция\naddress = Алматы\nby = mail\n"
                     f"mail = duty-{NEEDLE}@police.example\nrecipient = {ADDRESSEE}\n")
    org.sink.answer = lambda line: f"550 5.1.1 no user duty-{NEEDLE} here" if "police.example" in line else None
    out.start()
    org.start()
    org.postfix.start()
    return org, out


@scenario("letters leave by an instance of its own: whom they went to stands in no log, spool or database, and a failed one "
          "comes back")
def own_instance(world):
    org, out = outgoing_instance(world)
    reporter = f"{NEEDLE}@example.org"
    for number, text in enumerate((f"{NEEDLE} темір сатып жатыр.", "Я тебя найду и убью, сволочь.")):
        octets = (f"From: <{reporter}>\r\nMessage-ID: <{number}@example.org>\r\nMIME-Version: 1.0\r\n"
                  f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n").encode()
        expect(smtp.send(org.postfix.port, reporter, ["senim@kmo.kz"], octets).startswith("250"), "250")
    expect(org.sink.to(reporter), "the letter came by the instance")
    threat = next(case for case in org.cases() if case["verdict"] == "redirect")["case"]
    org.officer("redirect", threat, "--key", ADDRESSEE, "--ground", "test")
    eventually(lambda: next(case for case in org.cases() if case["case"] == threat)["redirection"]["state"] == "returned",
               "what the other server refused comes back to the case")
    needles = spellings()
    eventually(lambda: not singing([out.queue], needles), "nothing waits in the instance")
    same(singing([f"{org.org}/state", f"{org.org}/run", out.queue, org.postfix.queue], needles), set(),
         "databases, spools")
    logs = [f"{org.directory}/{name}" for name in os.listdir(org.directory) if name.endswith((".log", ".out"))]
    with open(out.log, encoding="utf-8") as file:
        said = file.read()
    expect("sent 2." in said and "bounced 5." in said, "the instance says what became of letters", said)
    expect("example" not in said and "@" not in said and "127.0.0.1" not in said, "and of nobody", said)
    for path in logs + [org.postfix.log]:
        with open(path, "rb") as file:
            octets = file.read()
        expect(not any(needle in octets for needle in needles) and b"police" not in octets, "no log names them", path)
    org.verify()


@scenario("keys, state and sockets are readable by nobody else")
def modes(world):
    org = world.organisation()
    for path, mode in ((f"{org.org}/keys", 0o700), (f"{org.org}/state", 0o700), (f"{org.org}/run/intake.sock", 0o660),
                       (f"{org.org}/run/desk.sock", 0o660), (f"{org.org}/run/ingest.sock", 0o660),
                       (org.milter_socket, 0o660)):
        same(os.stat(path).st_mode & 0o7777, mode, path)
    for root, _, files in os.walk(f"{org.org}/keys"):
        for name in files:
            same(os.stat(os.path.join(root, name)).st_mode & 0o7377, 0o400 & 0o377, name)
    for root, _, files in os.walk(f"{org.org}/state"):
        for name in files:
            same(os.stat(os.path.join(root, name)).st_mode & 0o77, 0, name)
    for pid in (org.milter.pid, org.registrar.pid, *org.nursery()[1]):
        with open(f"/proc/{pid}/limits", encoding="ascii") as file:
            core = next(line for line in file if line.startswith("Max core file size"))
        same(core.split()[4:6], ["0", "0"], "no core dumps")
