# SPDX-License-Identifier: ISC
"""Every kind of letter that the office sends, as a mail server outside gets it, held against one table (letter_table.py)."""
import datetime
import email
import email.policy
import os
import re
import subprocess

import letter_table
import smtp
from harness import eventually, expect, same, scenario

MAILBOX = "senim@kmo.kz"
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
SENDER = "mark-envelope@example.org"
# What stands in each part of a report, and must not leave again.
MARKS = {
    "name": "Mark-Name Қуанышев", "author": "mark-author@example.net", "envelope": SENDER, "copied": "mark-copied@example.org",
    "subject": "mark-subject", "body": "mark-body", "file": "mark-file", "inside": "mark-inside", "host": "mark-host",
    "relay": "mark-relay", "program": "mark-program", "origin": "198.51.100.77", "telephone": "7017654321",
}
TEXTS = {
    "kk": "Құрметті әріптестер! Бөлімде мемлекеттік сатып алу кезінде тәртіп бұзылды, mark-body. Тексеріңіздерші.",
    "ru": "Уважаемые коллеги! В отделе при закупках нарушен порядок, mark-body. Прошу проверить и сообщить мне.",
    "en": "Dear colleagues, the rules of procurement were broken in our department, mark-body. Please look into it.",
    "threat": "Если ты не уволишься, я тебя убью.\r\n\r\nЖду ответа, mark-body.",
}
OF_THE_REPORT = {"kk": "өтініш", "ru": "обращение", "en": "report"}  # a word of each receipt
ADDRESSEES = {"police": "law-enforcement", "audit": "department", "open": "organisation", "fund": "organisation"}


def report(name):
    """One letter with every mark in it."""
    return "\r\n".join([
        "Received: from mark-relay.example.org (mark-relay [198.51.100.77]) by mx.example.org; Sun, 1 Nov 2026 10:00:00 +0500",
        "X-Originating-IP: [198.51.100.77]", "User-Agent: mark-program/1.0", "X-Mailer: mark-program",
        "From: =?utf-8?Q?Mark-Name_=D2=9A=D1=83=D0=B0=D0=BD=D1=8B=D1=88=D0=B5=D0=B2?= <mark-author@example.net>",
        "To: senim@kmo.kz", "Cc: mark-copied@example.org", "Subject: mark-subject", f"Message-ID: <mark-id-{name}@example.org>",
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "", "--b",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", TEXTS[name], "", "8 701 765 43 21",
        "" if name == "threat" else "Mark-Name Қуанышев", "--b", 'Content-Type: text/plain; charset=utf-8; name="mark-file.txt"',
        'Content-Disposition: attachment; filename="mark-file.txt"', "", "mark-inside", "--b--", ""]).encode()


class Fund:
    """An addressee with an OpenPGP key."""

    def __init__(self, world):
        self.home, self.public = f"{world.directory}/gpg", f"{world.directory}/fund.asc"
        os.mkdir(self.home, 0o700)
        self._gpg("--quick-generate-key", "fund@office.example", "future-default", "default", "1y")
        self._gpg("--armor", "--output", self.public, "--export", "fund@office.example")
        listed = self._gpg("--with-colons", "--list-keys", "fund@office.example").decode()
        self.fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))

    def _gpg(self, *words, octets=None):
        gpg = ["gpg", "--homedir", self.home, "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""]
        return subprocess.run([*gpg, *words], input=octets, check=True, capture_output=True).stdout

    def opened(self, letter):
        """What is in a letter of RFC 3156; the agent goes with it."""
        inner = self._gpg("--decrypt", octets=list(letter.iter_parts())[1].get_payload(decode=True))
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "gpg-agent"], check=False)
        return inner


class Office:
    """The organisation, with what a letter is held against. Each letter is asked for once, in the order of their coming."""

    def __init__(self, world):
        self.police, self.audit = f"{world.directory}/police", f"{world.directory}/audit"
        keys = []
        for path in (self.police, self.audit):
            subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True)
            keys.append(subprocess.run(["age-keygen", "-y", path], check=True, capture_output=True).stdout.decode().strip())
        self.keys, self.seen = dict(zip(("police", "audit"), keys)), set()
        self.fund = Fund(world)
        self.org = world.organisation(
            "officer aigul/mail=aigul@desk.example", "officer deputy/mail=deputy@desk.example", "alarm=mail:root@host.example",
            f"mailbox {MAILBOX}/calendar={self._calendar(world)}", f"mailbox {MAILBOX}/checkpoint-hour=0",
            "acknowledge-per-address=20/day; 40/week", start=False)
        with open(self.org.config, encoding="utf-8") as config:
            text = config.read()
        with open(self.org.config, "w", encoding="utf-8") as config:
            config.write(text.replace(f"[mailbox {MAILBOX}]\n", f"[mailbox {MAILBOX}]\ntrustees = union\nredirect = automatic\n") +
                         "\n[trustee union]\nmail = union@trustee.example\n" + "".join(map(self._addressee, ADDRESSEES)))
        self.org.start_milter()
        self.org.postfix.start()
        self.org.start_registrar()  # last: it has letters to send at once

    @staticmethod
    def _calendar(world):
        """The shipped one, ending so soon that whoever keeps the host is told."""
        soon = datetime.date.today() + datetime.timedelta(days=20)
        with open(f"{SOURCE}/contrib/calendar/kz.ics", encoding="utf-8", newline="") as file:
            text = re.sub(r"(X-SENIM-COVERS:[0-9-]+/)[0-9-]+", rf"\g<1>{soon}", file.read())
        with open(f"{world.directory}/kz.ics", "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return f"{world.directory}/kz.ics"

    def _addressee(self, name):
        key = f"recipient = {self.keys[name]}" if name in self.keys else "allow-cleartext = yes"
        if name == "fund":
            key = f"openpgp = {self.fund.public}\nfingerprint = {self.fund.fingerprint}"
        return (f"\n[addressee {name}]\nkind = {ADDRESSEES[name]}\nname-kk = Қабылдаушы\nname-ru = Получатель\naddress = Алматы\n"
                f"by = mail\nmail = {name}@office.example\n{key}\n")

    def typed(self, answers, *words):
        """A command on a terminal, each question answered with a line of answers."""
        done = subprocess.run([f"{SOURCE}/tests/with-passphrase.py", answers, *self.org.command(*words)], capture_output=True,
                              env=self.org.environment, cwd=self.org.directory, timeout=60, check=False)
        same(done.returncode, 0, f"{' '.join(words)}: {done.stderr.decode()[-600:]}")

    def letter(self, kind, to, language=None, answers=None):
        """The next letter to that address that was not yet asked for, which must be what the table says."""
        got = self.org.sink.wait(lambda one: to in one.recipients and id(one) not in self.seen)
        expect(got, f"{kind} came to {to}")
        self.seen.add(id(got))
        marks = {**MARKS, "Message-ID": f"<{answers}@example.org>" if answers else "mark-id", "officer": "aigul@desk.example", "directory": self.org.directory}
        try:
            return letter_table.check(kind, got.message, MAILBOX, to, (got.sender, got.recipients), language,
                                      answers and f"<{answers}@example.org>", marks)
        except letter_table.Wrong as wrong:
            raise AssertionError(f"{kind} to {to}: {wrong}") from None


def come(org, name):
    with smtp.Client(org.postfix.port, helo="mark-host.example.org") as client:
        client.mail(SENDER, [MAILBOX], report(name))
        client.quit()


def to_reporter(office, name):
    """Each kind that goes to a reporter, in the language of the report."""
    org, answers = office.org, f"mark-id-{name}"
    come(org, name)
    case = org.cases()[-1]["case"]
    office.letter("acknowledgement", SENDER, name, answers)
    office.typed("Тексерілді.\nyes\n\nsend", "reply", case, "-", "--to", SENDER, "--ground", "answer")
    office.letter("reply", SENDER, name, answers)
    office.typed("Тегін.\nyes\n\nsend", "advise", case, "-", "--to", "labour", "--address", SENDER, "--ground", "answer")
    office.letter("advice", SENDER, name, answers)
    office.typed("send", "receipt", case, "--send", "--ground", "first-look")
    receipt = office.letter("receipt", SENDER, name, answers)
    expect(OF_THE_REPORT[name] in receipt.get_body().get_content(), "the receipt is in the report's language", name)
    return case


@scenario("each kind of letter, as it leaves: to one alone, with the fields of its kind, and no word, name or trace of the report")
def each_kind(world):
    office = Office(world)
    org = office.org
    office.letter("checkpoint", "union@trustee.example")
    office.letter("alarm", "root@host.example")
    for name in ("kk", "ru", "en"):
        case = to_reporter(office, name)
    later = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
    org.officer("prolong", case, "-", "--until", later, "--notify", "--ground", "resolution", input="Сараптама".encode())
    office.letter("prolonged", SENDER, "en", "mark-id-en")
    pages = f"{world.directory}/signed.pdf"
    org.officer("reply", case, "-", "--by", "paper", "--to", "Алматы", "--output", pages, "--ground", "answer",
                input="Қол қойылды.".encode())
    office.typed("Файлда.\nyes\n\nsend", "reply", case, "-", "--to", SENDER, "--attach", pages, "--ground", "answer")
    office.letter("reply-attached", SENDER, "en", "mark-id-en")
    to_others(office, case)
    eventually(lambda: len(org.sink.letters) == len(office.seen), "nothing else left")
    org.verify()


def opened(identity, letter):
    """The last part, opened with stock age."""
    sealed = list(letter.iter_parts())[-1].get_payload(decode=True)
    return subprocess.run(["age", "-d", "-i", identity], input=sealed, check=True, capture_output=True).stdout


def to_others(office, case):
    """What goes to a department, another organisation and law enforcement: the document alone, or sealed."""
    org = office.org
    office.typed("open", "forward", case, "--to", "open", "--ground", "КМО 21")
    clear = office.letter("forward-clear", "open@office.example")
    expect("mark-body" in letter_table.readable(clear, b""), "the document has the report's text")
    office.typed("audit", "forward", case, "--to", "audit", "--key", office.keys["audit"], "--ground", "КМО 21")
    inner = opened(office.audit, office.letter("forward-sealed", "audit@office.example"))
    text = letter_table.readable(email.message_from_bytes(inner, policy=email.policy.default), inner)
    same([name for name, mark in MARKS.items() if mark.casefold() in text], ["body"], "what its addressee opens")
    office.typed("fund", "forward", case, "--to", "fund", "--key", office.fund.fingerprint, "--ground", "КМО 21")
    inner = office.fund.opened(office.letter("forward-openpgp", "fund@office.example"))
    text = letter_table.readable(email.message_from_bytes(inner, policy=email.policy.default), inner)
    same([name for name, mark in MARKS.items() if mark.casefold() in text], ["body"], "what it opens with OpenPGP")
    come(org, "threat")
    same(org.cases()[-1]["verdict"], "redirect", "the threat's verdict")
    office.letter("acknowledgement", SENDER, "ru", "mark-id-threat")
    for name in ("aigul", "deputy"):
        office.letter("notice", f"{name}@desk.example")
    stored = opened(office.police, office.letter("redirect-automatic", "police@office.example"))
    expect(report("threat") in stored, "law enforcement gets the letter as it is stored")
    org.officer("redirect", org.cases()[-1]["case"], "--to", "police", "--key", office.keys["police"], "--ground", "КМО 6")
    kit = opened(office.police, office.letter("redirect-sealed", "police@office.example"))
    original = list(email.message_from_bytes(kit, policy=email.policy.default).iter_parts())[1]
    same(original.get_payload(decode=True), org.raw(org.cases()[-1]["case"]), "the original goes with the kit")
