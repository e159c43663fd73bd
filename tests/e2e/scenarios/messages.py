# SPDX-License-Identifier: ISC
"""More than two hundred different messages, through the real Postfix and back."""
import importlib.machinery
import importlib.util
import os
import re
import sys

import smtp
from harness import expect, same, scenario

# Postfix drops these (message_drop_headers).
DROPPED = rb"(?:Bcc|Content-Length|Resent-Bcc|Return-Path)[ \t]*:"
FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")


def made(seed=1):
    path = os.path.join(os.path.dirname(__file__), "..", "..", "make-messages.py")
    loader = importlib.machinery.SourceFileLoader("make_messages", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_messages", loader))
    sys.modules["make_messages"] = module
    loader.exec_module(module)
    return module.messages(seed)


def lines_of(octets):
    """What SMTP makes of line ends: LF ends a line, CR before it belongs to the end, the last line ends too."""
    if not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    return [line.replace(b"\r", b" ") for line in re.split(rb"\r*\n", octets)[:-1]]


def as_handed_over(octets):
    """The message as Postfix hands it to a milter. Everything that it changes stands here; the rest is the sender's.

    1. Line ends become CRLF, a CR elsewhere becomes a blank.
    2. A first line "From …" of an mbox becomes X-Mailbox-Line.
    3. Where the header ends in a line that is no field, an empty line comes between; so it does where none is.
    4. Blanks before a field's colon go; the four fields of message_drop_headers go.
    5. A field ends at its first NUL (it is a C string), and at 60,000 octets as soon as there is a milter; so do the
       fields of parts (none here is that long).
    """
    lines = lines_of(octets)
    if lines and re.match(rb">*From ", lines[0]):
        lines[0] = b"X-Mailbox-Line: " + lines[0]
    fields, at = [], 0
    while at < len(lines) and (FIELD.match(lines[at]) or (fields and lines[at][:1] in b" \t" and lines[at])):
        if FIELD.match(lines[at]):
            fields.append([lines[at]])
        else:
            fields[-1].append(lines[at])
        at += 1
    body = lines[at + 1:] if at < len(lines) and not lines[at] else lines[at:]
    header = b""
    for field in fields:
        if re.match(DROPPED, field[0], re.IGNORECASE):
            continue
        name, value = b"\n".join(field).split(b":", 1)
        value = value.split(b"\0", 1)[0]
        header += name.rstrip() + b":" + cut(name.rstrip(), value).replace(b"\n", b"\r\n") + b"\r\n"
    return header + b"\r\n" + b"".join(line + b"\r\n" for line in body)


def cut(name, value):
    return value[:60_000 - len(name) - 1] if len(name) + 1 + len(value) > 60_000 else value


def difference(found, wanted):
    """Where two octet strings part, with a few octets around."""
    at = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
    return f"at {at} of {len(wanted)} ({len(found)} came): {found[max(0, at - 30):at + 40]!r} for " \
           f"{wanted[max(0, at - 30):at + 40]!r}"


CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def look(org, message, case):
    """What is wrong with the officer's view of one message, or None."""
    view = org.officer("show", case["case"], "--ground", "test", check=False)
    if view.returncode:
        return f"show exits {view.returncode}: {view.stderr.decode()}"
    found = CONTROLS.search(view.stdout.decode())
    return f"show lets {found[0]!r} through" if found else None


@scenario("what the officer takes out is what the sender sent, for more than 200 kinds of message, and each can be "
          "looked at", patient=True)
def octets_come_back(world):
    org = world.organisation("acknowledge=never", "max-message-size=60 MiB")
    messages = made()
    expect(len(messages) > 200, "more than 200 messages", len(messages))
    taken = []
    with smtp.Client(org.postfix.port) as client:
        for message in messages:
            reply = client.mail(message.sender, ["senim@kmo.kz"], message.octets, parameters=message.parameters)
            expect(reply.startswith("250"), "taken", message.name, reply)
            taken.append(message)
    cases = org.cases()
    same(len(cases), len(taken), "each message is a case, none is two")
    same(org.postfix.queued(), [], "nothing stays in the mail server's queue")
    faults = []
    for message, case in zip(taken, cases):
        wanted = as_handed_over(message.octets)
        found = org.raw(case["case"])
        if found != wanted:
            faults.append(f"{message.name} ({case['case']}): {difference(found, wanted)}")
        wrong = look(org, message, case)
        if wrong:
            faults.append(f"{message.name} ({case['case']}): {wrong}")
        kind = case["automatic"] or "report"
        if message.kind not in ("any", kind) and case["verdict"] != "unexamined":
            faults.append(f"{message.name} ({case['case']}): automatic is {kind}, not {message.kind}")
    unexamined = [message.name for message, case in zip(taken, cases) if case["verdict"] == "unexamined"]
    # Only what would eat the machine may stay unexamined.
    expect(len(unexamined) <= 8, "few messages stay unexamined", unexamined)
    expect(not faults, f"{len(faults)} of {len(taken)} came back otherwise:\n         "
           + "\n         ".join(faults[:20]))
    org.verify()
