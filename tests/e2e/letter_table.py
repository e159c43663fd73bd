# SPDX-License-Identifier: ISC
"""What a letter of each kind may be, as octets that reached somebody's mail server: one table, and the check of a letter by it.

    letter_table.py KIND FILE...    checks what a sendmail command was given: no envelope, no Received field

Whose words a letter must not hold is the caller's to say (Marks); everything else stands in the table.
"""
import collections
import email
import email.policy
import email.utils
import re
import socket
import subprocess
import sys

# sender: the envelope's, "" the null sender or "mailbox". auto: Auto-Submitted (RFC 3834, 5), None where an officer writes.
# thread: it answers the reporter's message, and names it. languages: of Content-Language, None: the report's. parts: the types
# of its leaves. more: further header fields. says: the marks of the report that it may hold, as far as one reads it in clear.
Kind = collections.namedtuple("Kind", "sender auto thread languages parts more says", defaults=((), ()))

TEXT = ("text/plain",)
KINDS = {
    "acknowledgement": Kind("", "auto-replied", True, None, TEXT),
    "reply": Kind("mailbox", None, True, None, TEXT),
    "reply-attached": Kind("mailbox", None, True, None, TEXT + ("application/pdf",)),
    "advice": Kind("mailbox", None, True, None, TEXT),
    "receipt": Kind("mailbox", None, True, None, TEXT + ("text/plain",)),
    "prolonged": Kind("mailbox", "auto-generated", True, None, TEXT),
    "forward-clear": Kind("mailbox", None, False, "kk, ru", TEXT + ("application/pdf",), (), ("body",)),
    "forward-sealed": Kind("mailbox", None, False, "kk, ru", TEXT + ("application/octet-stream",)),
    "forward-openpgp": Kind("mailbox", None, False, "kk, ru", ("application/pgp-encrypted", "application/octet-stream")),
    "redirect-sealed": Kind("mailbox", None, False, "kk, ru", TEXT + ("application/octet-stream",)),
    "redirect-automatic": Kind("mailbox", "auto-generated", False, "kk, ru", TEXT + ("application/octet-stream",)),
    "notice": Kind("", "auto-generated", False, "kk, ru", TEXT),
    "alarm": Kind("", "auto-generated", False, "kk, ru, en", TEXT),
    "checkpoint": Kind("mailbox", "auto-generated", False, "kk, ru", TEXT, ("X-Senim-Request", "X-Senim-Restored", "X-Senim-Padding")),
}

FIELDS = {"Date", "From", "To", "Subject", "Message-ID", "Content-Language", "MIME-Version", "Content-Type"}
THREAD = {"In-Reply-To", "References"}
LINE_MAX = 998  # RFC 5322, 2.1.1
OURS = r"<[a-z2-7]{58}@kmo\.kz>"


class Wrong(AssertionError):
    """The letter is none of its kind; the sentence says why."""


def _same(found, wanted, what):
    if found != wanted:
        raise Wrong(f"{what}: {found!r}, not {wanted!r}")


def page_text(octets):
    """The words of a PDF."""
    return subprocess.run(["pdftotext", "-raw", "-", "-"], input=octets, capture_output=True, check=True).stdout.decode()


def leaves(message):
    return [part for part in message.walk() if not part.is_multipart()]


def readable(message, octets):
    """All that somebody on the way can read: the octets, each field and each part as they are decoded."""
    texts = [octets.decode("utf-8", "replace")]
    for part in message.walk():
        texts += [f"{name}: {value}" for name, value in part.items()]
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        texts.append(page_text(content) if part.get_content_type() == "application/pdf" else content.decode("utf-8", "replace"))
    return "\n".join(texts).casefold()


def _lines(octets):
    if b"\n" in octets.replace(b"\r\n", b"") or b"\r" in octets.replace(b"\r\n", b""):
        raise Wrong("a line that does not end in CRLF")
    longest = max(len(line) for line in octets.split(b"\r\n"))
    if longest > LINE_MAX:
        raise Wrong(f"a line of {longest} octets")
    if not octets.partition(b"\r\n\r\n")[0].isascii() or b"\0" in octets:
        raise Wrong("a header outside of ASCII, or a NUL")


def _mime(kind, message):
    for part in message.walk():
        if part.defects:
            raise Wrong(f"a defect of {part.get_content_type()}: {part.defects}")
        for name, value in part.items():
            if getattr(value, "defects", None):
                raise Wrong(f"a defect of {name}: {value.defects}")
        if part.get_content_maintype() == "text":
            _same((part.get_content_charset() or "").lower(), "utf-8", "the charset")
            if "�" in part.get_content() or re.search(r"\{[a-z?!]", part.get_content()):
                raise Wrong("a text with a letter missing, or a placeholder")
    _same(tuple(part.get_content_type() for part in leaves(message)), kind.parts, "the parts")


def _header(kind, message, mailbox, recipient, language, answers, relayed):
    names = message.keys()
    if len(set(names)) != len(names):
        raise Wrong(f"a field twice: {names}")
    if relayed:  # Postfix's own, and nothing before it
        _same(names[0], "Received", "the first field")
        trace = message["Received"]
        if "[127.0.0.1]" not in trace or socket.gethostname() in trace.partition(" by ")[0] or "Authenticated" in trace:
            raise Wrong(f"a trace: {trace}")
        names = names[1:]
    wanted = set(FIELDS)
    if kind.auto:
        wanted.add("Auto-Submitted")
    if kind.thread and answers:
        wanted |= THREAD
    missing = wanted - set(names)
    excess = set(names) - wanted - {"Content-Transfer-Encoding", "Reply-To", *kind.more}
    if missing or excess:
        raise Wrong(f"the fields: missing {sorted(missing)}, unexpected {sorted(excess)}")
    _same(message["Auto-Submitted"], kind.auto, "Auto-Submitted")
    _same([one.addr_spec for one in message["From"].addresses], [mailbox], "From")
    _same([one.addr_spec for one in message["To"].addresses], [recipient], "To")
    _same([one.display_name for one in message["From"].addresses + message["To"].addresses], ["", ""], "names beside addresses")
    for name in THREAD if kind.thread and answers else ():
        _same(message[name], answers, name)
    if not re.fullmatch(OURS, message["Message-ID"]):
        raise Wrong(f"a Message-ID: {message['Message-ID']}")
    if email.utils.parsedate_to_datetime(message["Date"]).tzinfo is None or not message["Subject"].strip():
        raise Wrong("no date, or no subject")
    _same(message["Content-Language"], kind.languages or language, "Content-Language")


def check(kind, octets, mailbox, recipient, envelope=None, language=None, answers=None, marks=()):
    """Raises Wrong where the letter is not what its kind may be; returns it parsed.
    envelope: (sender, recipients), None where it passed no SMTP. answers: the reporter's Message-ID. marks: {name: text} of
    what a letter must not hold; the recipient's own address may stand in it, as may what the kind `says`."""
    kind = KINDS[kind]
    message = email.message_from_bytes(octets, policy=email.policy.default)
    _lines(octets)
    if envelope:
        _same(envelope, (mailbox if kind.sender == "mailbox" else "", [recipient]), "the envelope")
    _header(kind, message, mailbox, recipient, language, answers, envelope is not None)
    _mime(kind, message)
    text = readable(message, octets)
    for name, mark in dict(marks).items():
        if name in kind.says or mark == recipient or (kind.thread and mark == answers):
            continue
        if mark.casefold() in text:
            raise Wrong(f"the report's {name} stands in it: {mark}")
    return message


def main():
    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            octets = file.read()
        to = email.message_from_bytes(octets, policy=email.policy.default)["To"]
        try:
            check(sys.argv[1], octets, "senim@kmo.kz", to.addresses[0].addr_spec)
        except (Wrong, KeyError) as wrong:
            print(f"{path}: {wrong}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
