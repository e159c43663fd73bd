# SPDX-License-Identifier: ISC
"""The officer's side: lists, cases, attachments, keys, and a terminal that nobody else drives."""
import base64
import os
import pty
import re
import select
import shlex
import subprocess
import time

import smtp
from harness import Skip, eventually, expect, same, scenario

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 300
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x1b]52;c;ZXZpbA==\x07\x9b5m\u202e\u2066end"


def word(text):
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def with_attachment(subject="with attachment", name="шарт.pdf", text="Құрметті әріптестер, құжатты тіркеп отырмын."):
    return "\r\n".join([
        f"From: {word('Дәурен Ахметов')} <d@example.org>", f"Subject: {word(subject)}", "Message-ID: <att@example.org>",
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "", "--b",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "",
        base64.encodebytes(text.encode()).decode().replace("\n", "\r\n") + "--b",
        f'Content-Type: application/pdf; name="{word(name)}"', "Content-Disposition: attachment",
        "Content-Transfer-Encoding: base64", "", base64.encodebytes(PDF).decode().replace("\n", "\r\n") + "--b--",
        ""]).encode()


def one_case(world, message=None, **more):
    org = world.organisation(**more)
    smtp.send(org.postfix.port, "d@example.org", ["senim@kmo.kz"], message or with_attachment())
    return org, org.cases()[0]["case"]


@scenario("list --json says of each case what the manual promises, and names a person only where a ground was given")
def list_json(world):
    org, name = one_case(world)
    answer = org.json("list", "--all")
    same(answer["schema"], 1, "schema")
    case, = answer["cases"]
    wanted = {"case", "mailbox", "received", "official_date", "channel", "language", "verdict", "state", "automatic",
              "acknowledgement", "sender", "subject", "attachments"}
    expect(wanted <= set(case), "every key", wanted - set(case))
    same((case["mailbox"], case["channel"], case["language"], case["verdict"], case["automatic"]),
         ("senim@kmo.kz", "mail", "kk", "clean", None), "facts")
    same((case["sender"], case["subject"], case["attachments"]), (None, None, None), "no person without a ground")
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+05:?00", case["received"]), "zone", case["received"])
    expect(re.fullmatch(r"\d{4}-\d\d-\d\d", case["official_date"]), "a date", case["official_date"])
    card, = org.cards()
    same(card["sender"]["name"], "Дәурен Ахметов", "the sender's name")
    same(card["sender"]["address"], "d@example.org", "the address")
    same(card["subject"], "with attachment", "the subject")
    same(card["attachments"], [{"name": "шарт.pdf", "type": "application/pdf", "size": len(PDF)}], "the attachment")
    same(org.officer("list", "--cards", check=False).returncode, 3, "no ground, no cards")
    same(org.officer("show", name, check=False).returncode, 3, "no ground, no text")


@scenario("an attachment comes out as it was, to a file or a pipe and never to a terminal")
def attachment(world):
    org, name = one_case(world)
    listed = org.officer("attachment", name, "--ground", "test").stdout.decode()
    expect("шарт.pdf" in listed and "application/pdf" in listed, "the list of parts", listed)
    part = re.search(r"(?m)^\s*(\d+).*шарт\.pdf", listed)
    expect(part, "its number", listed)
    path = f"{org.directory}/out.pdf"
    org.officer("attachment", name, part[1], "--ground", "test", "--output", path)
    with open(path, "rb") as file:
        same(file.read(), PDF, "its octets in the file")
    same(os.stat(path).st_mode & 0o77, 0, "readable by her alone")
    same(org.officer("attachment", name, part[1], "--ground", "test").stdout, PDF, "its octets in the pipe")
    output, status = on_terminal(org.command("attachment", name, part[1], "--ground", "test"), org)
    expect(status != 0 and PDF[:9] not in output, "refused on a terminal", output)


@scenario("stock age opens body and card of a case with the officer's key, without us")
def stock_age(world):
    org, name = one_case(world)
    for words, part in (((), "body"), (("--card",), "card")):
        path = f"{org.directory}/{part}.age"
        org.officer("show", name, "--ground", "test", "--sealed", path, *words)
        plain = subprocess.run(["age", "-d", "-i", f"{org.keys}/aigul", path], capture_output=True, check=False)
        same(plain.returncode, 0, f"age opens the {part}")
        expect(plain.stdout.startswith(b"X-Senim-Format: 1\r\n" if part == "body" else b"X-Senim-Card: 1"), "its form",
               plain.stdout[:60])
        if part == "body":
            expect(with_attachment() in plain.stdout, "the message")
    other = subprocess.run(["age", "-d", "-i", f"{org.keys}/chair", f"{org.directory}/body.age"], capture_output=True,
                           check=False)
    expect(other.returncode != 0, "no other key opens it")


@scenario("a key file under a passphrase opens with senim and with stock age, and with no other passphrase")
def passphrase(world):
    org = world.organisation(start=False, mta=False)
    read, write = os.pipe()
    os.write(write, b"correct horse battery staple\n")
    os.close(write)
    made = subprocess.run([world.programs.senim, "keygen", "-o", f"{org.keys}/locked", "--passphrase-fd", str(read)],
                          pass_fds=(read,), env=org.environment, capture_output=True, check=False)
    same(made.returncode, 0, made.stderr.decode())
    with open(f"{org.keys}/locked", "rb") as file:
        expect(b"AGE-SECRET-KEY" not in file.read(), "nothing in clear")
    output, status = on_terminal(["age", "-d", f"{org.keys}/locked"], org, b"correct horse battery staple\n")
    same(status, 0, "age opens it")
    same(output.count(b"AGE-SECRET-KEY-1"), 2, "two identities")
    output, status = on_terminal(["age", "-d", f"{org.keys}/locked"], org, b"wrong\n")
    expect(status != 0, "a wrong one does not")


@scenario("the next level of leadership opens nothing that was not routed or granted to it")
def escalation(world):
    org, name = one_case(world)
    result = org.officer("show", name, "--ground", "curious", officer="chair", check=False)
    same(result.returncode, 3, "refused")
    expect("құжатты".encode() not in result.stdout + result.stderr, "nothing of it")
    stranger = f"{org.keys}/stranger"
    org.keygen("stranger")
    result = org.officer("show", name, "--ground", "x", identity=stranger, check=False)
    same(result.returncode, 3, "another's key under her name is refused")


@scenario("each look is an entry in the register before there is anything to see")
def looks(world):
    org, name = one_case(world)
    def entries():
        answer = org.json("verify")
        expect(answer["sound"], "sound", answer)
        return answer["registers"][0]["entries"]

    org.officer("list", officer="chair")  # the day's first use of a key is an entry too
    before = entries()
    for number, look in enumerate((lambda: org.show(name), lambda: org.raw(name), org.cards), 1):
        look()
        same(entries(), before + number, "one entry more")
    same(org.officer("show", name, "--ground", "x", officer="chair", check=False).returncode, 3, "refused")
    same(entries(), before + 4, "and so is a refusal")


@scenario("an arrival of the X series gets its number from the officer, and the register explains both")
def accept(world):
    org = world.organisation()
    bounce = (b"From: MAILER-DAEMON@example.org\r\nSubject: bounce\r\nContent-Type: multipart/report; "
              b"report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\nContent-Type: "
              b"message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n--b--\r\n")
    smtp.send(org.postfix.port, "", ["senim@kmo.kz"], bounce)
    smtp.send(org.postfix.port, "a@example.org", ["senim@kmo.kz"], with_attachment())
    names = [case["case"] for case in org.cases()]
    expect(re.fullmatch(r"\d{4}/X-1", names[0]) and re.fullmatch(r"\d{4}/1", names[1]), "two series", names)
    org.officer("accept", names[0], "--ground", "it is a report after all")
    expect(names[1].replace("/1", "/2") in [case["case"] for case in org.cases()], "the next number", org.cases())
    expect(org.officer("accept", names[1], "--ground", "x", check=False).returncode != 0, "a report has its number")
    org.verify()


@scenario("what a stranger wrote drives no terminal, escapes no pipe and no JSON")
def escapes(world):
    hostile = with_attachment(subject=HOSTILE, name=HOSTILE + ".pdf", text=HOSTILE + "\n" + HOSTILE)
    org, name = one_case(world, hostile)
    bad = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
    for words in (("show", name), ("show", name, "--headers"), ("show", name, "--json"), ("list", "--cards"),
                  ("list", "--cards", "--json"), ("attachment", name)):
        text = org.officer(*words, "--ground", "test").stdout.decode()
        found = bad.search(text)
        expect(not found, "no control character: " + " ".join(words), found
               and text[max(0, found.start() - 40):found.end()])
    if subprocess.run(["tmux", "-V"], capture_output=True, check=False).returncode:
        raise Skip("no tmux")
    server = ["tmux", "-S", f"{org.directory}/tmux", "-f", "/dev/null"]
    command = " ".join(shlex.quote(one) for one in org.command("show", name, "--ground", "test"))
    subprocess.run([*server, "new-session", "-d", "-x", "100", "-y", "40", "-s", "officer", "cat"], env=org.environment,
                   check=True)
    try:
        subprocess.run([*server, "set", "-g", "remain-on-exit", "on"], check=True)
        subprocess.run([*server, "pipe-pane", "-t", "officer", f"cat >{org.directory}/pane"], check=True)
        subprocess.run([*server, "respawn-pane", "-k", "-t", "officer", command], check=True, env=org.environment)
        eventually(lambda: b"end" in subprocess.check_output([*server, "capture-pane", "-p", "-t", "officer"]),
                   "it is shown")
        title = subprocess.check_output([*server, "display-message", "-p", "-t", "officer", "#{pane_title}"], text=True)
        expect("owned" not in title, "the title is the terminal's own", title)
        buffers = subprocess.run([*server, "list-buffers"], capture_output=True, check=False).stdout
        same(buffers, b"", "nothing in the clipboard")
        time.sleep(0.3)
        with open(f"{org.directory}/pane", "rb") as file:
            raw = file.read()
        expect(b"\x1b]0;owned" not in raw and b"\x1b]52" not in raw and b"\x1b[2J\x1b[31m" not in raw,
               "none of its sequences")
        expect("\u202e".encode() not in raw, "no turned line")
    finally:
        subprocess.run([*server, "kill-server"], check=False)


def on_terminal(words, org, typed=b"", seconds=30):
    """Runs words on a terminal of their own, types, and returns (all that appeared, exit status)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(org.directory)
        os.execvpe(words[0], words, {**org.environment, "TERM": "dumb"})
    output, end = b"", time.monotonic() + seconds
    waiting = typed
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if ready:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            output += piece
            if waiting and b":" in output:  # it asks
                os.write(terminal, waiting)
                waiting = b""
    else:
        os.kill(pid, 9)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return output, os.waitstatus_to_exitcode(status)


def accusing(text, subject="letter"):
    return "\r\n".join(["From: d@example.org", f"Subject: {word(subject)}", f"Message-ID: <{abs(hash(text))}@example.org>",
                        "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "",
                        base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")]).encode()


@scenario("a report about an officer is sealed to the others and not to her, and one that greets her is hers")
def about_an_officer(world):
    org = world.organisation("officer aigul/names=Айгүл Серікова; Серикова А.", officers=("aigul", "deputy"))
    smtp.send(org.postfix.port, "d@example.org", ["senim@kmo.kz"],
              accusing("Сәлеметсіз бе!\nКомплаенс офицер Серікова А. жеткізушіден ақша алды.\n"))
    smtp.send(org.postfix.port, "d@example.org", ["senim@kmo.kz"],
              accusing("Құрметті Айгүл Серікова!\n\nҚоймашы темір сатып жатыр.\n"))
    first, second = [case["case"] for case in org.cases(officer="deputy")]
    same(org.officer("show", first, "--ground", "test", check=False).returncode, 3, "withheld from her")
    expect("ақша алды" in org.show(first, officer="deputy"), "the other officer reads it")
    expect("темір" in org.show(second), "what greets her is hers")
    expect(org.verify(officer="deputy").returncode == 0, "the store is whole without her header")
    org.officer("grant", first, "--to", "aigul", "--ground", "test", officer="deputy")
    expect("ақша алды" in org.show(first), "another reader gives it to her, though nothing was sealed to her")
    same(org.officer("grant", first, "--to", "deputy", "--ground", "test", check=False, officer="deputy").returncode, 3,
         "nobody to herself")
