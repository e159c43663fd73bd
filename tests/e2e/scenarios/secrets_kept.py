# SPDX-License-Identifier: ISC
"""A canary in everything a reporter writes: where on the disk does it sing afterwards?"""
import base64
import os
import quopri
import signal
import time

import smtp
from harness import expect, same, scenario

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
             and f"{place}/{name}" != world.directory]
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
