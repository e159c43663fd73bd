#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""make-messages.py DIRECTORY [SEED] - writes the messages that the scenarios send: NNN-name.eml, and index.json beside.

Ordinary mail in three languages and many charsets, automatic mail, and mail that was made to hurt. The same seed gives
the same octets. index.json has for each: file, sender (envelope), kind (report, or what sort of automatic mail), and
parameters of MAIL FROM. Imported, messages(seed) yields the same as Message objects.
"""
import base64
import dataclasses
import json
import os
import quopri
import random
import sys

TO = "senim@kmo.kz"

KK = ("Құрметті әріптестер! Біздің бөлімде мемлекеттік сатып алу кезінде тәртіп бұзылды: бір ғана жеткізуші үш жыл "
      "қатарынан жеңіп шықты, ал комиссия мүшелері одан сыйлық алған. Өтініш, тексеріп көріңіздер.")
RU = ("Уважаемые коллеги! В нашем отделе при закупках нарушен порядок: один поставщик побеждает третий год подряд, "
      "а члены комиссии принимают от него подарки. Прошу проверить.")
EN = ("Dear colleagues, one supplier has won the tender of our department for three years running, and members of "
      "the board accept his presents. Please look into it.")
TEXTS = {"kk": KK, "ru": RU, "en": EN}


@dataclasses.dataclass
class Message:
    name: str
    octets: bytes
    sender: str
    kind: str = "report"   # what facts.automatic is to say, or "report"; "any" where both are right
    parameters: str = ""   # of MAIL FROM


def word(text, charset="utf-8"):
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def b64(octets, ends="\r\n"):
    return base64.encodebytes(octets).decode().replace("\n", ends)


def join(lines):
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.made = []

    # --- the frame of an ordinary message

    def head(self, subject="a report", *more, sender=None):
        """Header fields of an ordinary message; the number makes each message another one."""
        self.count += 1
        sender = f"d.akhmetov{self.count}@example.org" if sender is None else sender
        return [f"From: {word('Дәурен Ахметов')} <{sender or 'someone@example.org'}>", f"To: <{TO}>",
                f"Subject: {subject} {self.count}", f"Date: Mon, 23 Nov 2026 {self.count % 24:02}:00:00 +0500",
                f"Message-ID: <{self.count}.{self.random.getrandbits(64):x}@example.org>", "MIME-Version: 1.0", *more]

    def keep(self, name, octets, sender=None, kind="report", parameters=""):
        if isinstance(octets, list):
            octets = join(octets)
        sender = f"d.akhmetov{self.count}@example.org" if sender is None else sender
        self.made.append(Message(name, octets, sender, kind, parameters))

    def plain(self, name, body, *fields, subject="a report", sender=None, kind="report", parameters=""):
        """A message of plain text; body is octets or text."""
        body = body.encode() if isinstance(body, str) else body
        fields = fields or ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
        self.keep(name, join(self.head(subject, *fields, sender=sender)) + b"\r\n\r\n" + body, sender, kind, parameters)

    def multipart(self, name, kind, parts, boundary="=_part", sender=None, automatic="report", head=(), type_more=""):
        lines = self.head("several parts", *head, f'Content-Type: multipart/{kind}; boundary="{boundary}"{type_more}',
                          sender=sender) + ["", "This is a multi-part message in MIME format."]
        for part in parts:
            lines += [f"--{boundary}", *part]
        self.keep(name, lines + [f"--{boundary}--", ""], sender, automatic)

    # --- what people write

    def ordinary(self):
        charsets = {"kk": ("utf-8", "kz1048", "ptcp154", "utf-16"),
                    "ru": ("utf-8", "cp1251", "koi8-r", "iso8859-5", "cp866", "mac_cyrillic"),
                    "en": ("us-ascii", "iso8859-1", "utf-8")}
        labels = {"kz1048": "kz-1048", "cp1251": "windows-1251", "iso8859-5": "iso-8859-5", "cp866": "ibm866",
                  "iso8859-1": "iso-8859-1", "mac_cyrillic": "x-mac-cyrillic"}
        for language, names in charsets.items():
            for charset in names:
                octets = TEXTS[language].encode(charset, "replace")
                label = labels.get(charset, charset)
                for encoding in ("8bit", "base64", "quoted-printable"):
                    if charset == "utf-16" and encoding == "8bit":
                        continue
                    body = {"8bit": octets + b"\r\n", "base64": b64(octets).encode(),
                            "quoted-printable": quopri.encodestring(octets).replace(b"\n", b"\r\n") + b"\r\n"}[encoding]
                    self.plain(f"{language}-{label}-{encoding}", body, f"Content-Type: text/plain; charset={label}",
                               f"Content-Transfer-Encoding: {encoding}")
        for language, text in TEXTS.items():
            html = f"<html><body><p>{text}</p><img src='http://tracker.example/x.gif'></body></html>"
            self.plain(f"{language}-html", html, "Content-Type: text/html; charset=utf-8")
            self.multipart(f"{language}-alternative", "alternative", [
                ["Content-Type: text/plain; charset=utf-8", "", text],
                ["Content-Type: text/html; charset=utf-8", "", html]])
            self.multipart(f"{language}-attachments", "mixed", [
                ["Content-Type: text/plain; charset=utf-8", "", text],
                [f'Content-Type: application/pdf; name="{word("келісімшарт.pdf")}"',
                 "Content-Transfer-Encoding: base64",
                 "Content-Disposition: attachment", "", b64(self.random.randbytes(3000))],
                ["Content-Type: image/jpeg", "Content-Transfer-Encoding: base64",
                 "Content-Disposition: attachment; filename*=utf-8''%D1%81%D1%83%D1%80%D0%B5%D1%82.jpg", "",
                 b64(self.random.randbytes(900))]])
            self.plain(f"{language}-mixed-languages", f"{text}\r\n{KK}\r\n{RU}\r\n{EN}\r\n")
            self.plain(f"{language}-short", text[:20] + "\r\n")
        self.plain("charset-missing-1251", RU.encode("cp1251"), "Content-Type: text/plain")
        self.plain("charset-wrong-label", KK.encode("kz1048"), "Content-Type: text/plain; charset=windows-1251")
        for label in ("iso-2022-kz", "x-unknown", "utf-7", "unicode-1-1-utf-7", "hz-gb-2312", "", '"', "utf-8\x1b[2J"):
            self.plain(f"charset-{label or 'empty'!r}", KK, f"Content-Type: text/plain; charset={label}")
        self.plain("utf-8-broken", b"\xd2\x9b \xff\xfe \xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80 end\r\n")
        self.plain("anonymous", "Мен атымды айтқым келмейді. " + KK + "\r\n")

    def forms(self):
        self.keep("empty-body", join(self.head()) + b"\r\n\r\n")
        self.keep("no-empty-line", join(self.head()) + b"\r\n")
        self.keep("nothing", b"")
        self.keep("body-without-header", b"just text, no field at all\r\nand more\r\n")
        self.keep("leading-empty-line", b"\r\n" + join(self.head() + ["", "body"]) + b"\r\n")
        self.keep("mbox-from-line", b"From someone Mon Nov 23 10:00:00 2026\r\n" + join(self.head() + ["", "body", ""]))
        self.keep("leading-fold", b" folded from nowhere\r\n" + join(self.head() + ["", "body", ""]))
        self.keep("space-before-colon", join(self.head() + ["X-Old : obsolete form", "", "body", ""]))
        self.keep("header-in-body", join(self.head() + ["this line is no field", "X-Late: yes", "", "body", ""]))
        self.keep("no-last-line-end", join(self.head() + ["", "body without an end of line"]))
        self.keep("bare-lf", join(self.head()).replace(b"\r\n", b"\n") + b"\n\nline\nline\r\nline\n")
        self.keep("bare-cr", join(self.head()) + b"\r\n\r\nbefore\rafter\r\nend\r\r\n")
        self.keep("trailing-blanks", join(self.head() + ["X-Blank: value   ", "", "line   ", "tab\t", " ", "", "", ""]))
        self.keep("dots", join(self.head() + ["", ".", "..", "...", ".a", "a.", "."]) + b"\r\n")
        self.keep("long-lines", join(self.head() + ["", "x" * 990, "y" * 998, "z" * 1000, "w" * 2049, "v" * 70000, ""]))
        self.keep("line-of-ten-megabytes", join(self.head()) + b"\r\n\r\n" + b"a" * 10_000_000 + b"\r\n")
        self.keep("nul-in-body", join(self.head()) + b"\r\n\r\nbefore\0after\r\n\0\0\r\nend\r\n")
        self.keep("nul-in-header", join(self.head()) + b"\r\nX-Nul: before\0after\r\n\r\nbody\r\n")
        self.keep("eight-bit-header", join(self.head() + [f"X-Raw: {KK}", "", "body", ""]))
        self.keep("eight-bit-header-1251", join(self.head()) + b"\r\nSubject: " + RU.encode("cp1251")
                  + b"\r\n\r\nbody\r\n")
        self.keep("folded-header", join(self.head() + ["X-Folded: one", " two", "\tthree", "    four", "", "body", ""]))
        self.keep("folded-empty-lines", join(self.head() + ["X-Folded: one", " ", " two", "", "body", ""]))
        self.keep("no-blank-after-colon", join([line.replace(": ", ":", 1) for line in self.head()] + ["", "body", ""]))
        self.keep("tab-after-colon", join([line.replace(": ", ":\t", 1) for line in self.head()] + ["", "body", ""]))
        self.keep("many-blanks-after-colon",
                  join([line.replace(": ", ":   ", 1) for line in self.head()] + ["", "b", ""]))
        self.keep("empty-fields", join(self.head() + ["X-Empty:", "X-Blank: ", "X-:", "", "body", ""]))
        self.keep("long-field", join(self.head() + ["X-Long: " + "l" * 50_000, "", "body", ""]))
        self.keep("field-past-60000", join(self.head() + ["X-Long: " + "l" * 80_000, "", "body", ""]))
        self.keep("field-past-102400", join(self.head() + ["X-Long: " + " l" * 60_000, "", "body", ""]))
        self.keep("own-fields", join(self.head()
                                     + ["X-Senim-Case: 00", "X-Senim-Message: follows", "X-Senim-Format: 1", "",
                                                    "X-Senim-Message: follows", ".senim 0000000000000010", ""]))
        self.keep("own-trailer", join(self.head() + ["", "body"]) + b"\r\n.senim 0000000000000001\r\n")
        self.keep("bcc-and-return-path", join(["Return-Path: <x@example.org>", "Bcc: y@example.org",
                                               "Content-Length: 12"] + self.head() + ["", "body", ""]))
        self.keep("received-already", join(["Received: from a by b; Mon, 23 Nov 2026 10:00:00 +0500"] + self.head()
                                           + ["", "body", ""]))

    def sizes(self):
        """Across the edges of what is sealed: the smallest object, the 64 KiB chunk, two of them, file or row."""
        for size in (3, 27, 3000, 3500, 3600, 3700, 3800, 3900, 4000, 4095, 4096, 4097, 8192, 32768):
            self.of_size(size)
        for chunks in (1, 2, 3):
            for below in (0, 1, 2, 26, 27, 28, 300, 350, 400, 450, 500, 600, 2048, 4096):
                self.of_size(chunks * 65536 - below)
            self.of_size(chunks * 65536 + 1)
        self.of_size(1_000_000)
        body = self.random.randbytes(18_700_000)
        self.multipart("twenty-five-megabytes", "mixed", [
            ["Content-Type: text/plain; charset=utf-8", "", KK],
            ['Content-Type: audio/wav; name="call.wav"', "Content-Transfer-Encoding: base64", "", b64(body)]])

    def of_size(self, size):
        head = join(self.head("of a size")) + b"\r\n\r\n"
        if size < len(head) + 2:  # a header is then too much
            self.keep(f"size-{size}", b"\r\n" + b"x" * (size - 2))
            return
        line = b"x" * 76 + b"\r\n"
        body = line * (size // 78 + 1)
        self.keep(f"size-{size}", head + body[:size - len(head) - 2] + b"\r\n")

    # --- machines

    def automatic(self):
        dsn = [["Content-Type: text/plain; charset=utf-8", "", "The mail system could not deliver your message."],
               ["Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.org", "",
                "Final-Recipient: rfc822; nobody@example.org", "Action: failed", "Status: 5.1.1", ""],
               ["Content-Type: message/rfc822", "", *self.head(), "", "the old one"]]
        self.multipart("dsn", "report", dsn, sender="", automatic="bounce", type_more="; report-type=delivery-status")
        self.multipart("dsn-with-a-sender", "report", dsn, sender="mailer-daemon@example.org", automatic="bounce",
                       type_more="; report-type=delivery-status")
        mdn = [["Content-Type: text/plain", "", "Your message was read."],
               ["Content-Type: message/disposition-notification", "", "Final-Recipient: rfc822; x@example.org",
                "Disposition: manual-action/MDN-sent-manually; displayed", ""]]
        self.multipart("mdn", "report", mdn, automatic="receipt", type_more="; report-type=disposition-notification")
        self.multipart("feedback-report", "report", [["Content-Type: text/plain", "", "abuse"], [
            "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "Version: 1", ""]], automatic="any",
            type_more="; report-type=feedback-report")
        marks = {
            "vacation": ("reply", "Auto-Submitted: auto-replied"),
            "vacation-upper": ("reply", "AUTO-SUBMITTED: AUTO-REPLIED; x=1"),
            "generated": ("generated", "Auto-Submitted: auto-generated (failure)"),
            "notified": ("any", "Auto-Submitted: auto-notified"),
            "submitted-no": ("report", "Auto-Submitted: no"),
            "submitted-no-comment": ("report", "Auto-Submitted: no (a person wrote this)"),
            "list-id": ("list", "List-Id: <staff.example.org>"),
            "list-unsubscribe": ("list", "List-Unsubscribe: <mailto:leave@example.org>"),
            "precedence-bulk": ("bulk", "Precedence: bulk"), "precedence-list": ("any", "Precedence: list"),
            "precedence-junk": ("any", "Precedence: junk"), "spam": ("spam", "X-Spam-Flag: YES"),
            "suppress": ("any", "X-Auto-Response-Suppress: All"), "autoreply": ("any", "X-Autoreply: yes"),
        }
        for name, (kind, field) in marks.items():
            self.plain(f"automatic-{name}", EN + "\r\n", field, "Content-Type: text/plain", kind=kind)
        self.plain("null-sender-human", KK + "\r\n", sender="", kind="any")
        self.multipart("voicemail", "mixed", [
            ["Content-Type: text/plain", "", "You have a new voicemail"],
            ['Content-Type: audio/x-wav; name="msg0000.WAV"', "Content-Transfer-Encoding: base64", "",
             b64(self.random.randbytes(5000))]], head=("X-Asterisk-CallerID: 77010000000",), automatic="any")

    # --- mail that was made to hurt

    def hostile_headers(self):
        esc = "\x1b]0;owned\x07\x1b[2J\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e\u2066"
        self.keep("escape-in-subject", join(self.head(f"raw {esc}") + ["", f"body {esc}", ""]))
        self.keep("escape-in-words", join(self.head(word(esc)) + [f"From: {word(esc)} <x@example.org>", "", "b", ""]))
        self.keep("line-ends-in-words", join(self.head(word("a\r\nBcc: victim@example.org\r\n\r\nbody"))
                                             + ["", "b", ""]))
        self.keep("formula-in-subject", join(self.head("=cmd|' /C calc'!A0") + ["", "=1+1", ""]))
        self.keep("words-many", join(self.head(*["\r\n ".join([word("сөз")] * 2000)]) + ["", "b", ""]))
        self.keep("words-truncated", join(self.head("=?utf-8?B?0KHQ") + ["", "b", ""]))
        self.keep("words-nested", join(self.head(word(word(word("ішінде")))) + ["", "b", ""]))
        self.keep("words-unknown-charset", join(self.head("=?iso-2022-kz?B?AAAA?= =?utf-8?Q?=00=1B?=") + ["", "b", ""]))
        self.keep("from-missing", join(self.head()[1:] + ["", "b", ""]))
        self.keep("from-empty", join(["From:"] + self.head()[1:] + ["", "b", ""]))
        self.keep("from-group", join(["From: undisclosed:;"] + self.head()[1:] + ["", "b", ""]))
        self.keep("from-encoded-alone", join([f"From: {word('адам')}"] + self.head()[1:] + ["", "b", ""]))
        self.keep("from-several", join(["From: a@example.org, b@example.org"] + self.head() + ["", "b", ""]))
        self.keep("from-open-comment", join(["From: (((((((((a@b", *self.head()[1:], "", "b", ""]))
        self.keep("groups-nested", join(self.head() + ["Cc: " + "g:" * 28_000, "", "b", ""]))
        self.keep("addresses-thousands", join(self.head() + ["Cc: " + ",\r\n ".join(
            f"a{i}@example.org" for i in range(1500))] + ["", "b", ""]))
        self.keep("fields-hundred-thousand",
                  join(self.head() + [f"X-{i}: {i}" for i in range(100_000)] + ["", "b", ""]))
        self.keep("parameters-many", join(self.head() + ["Content-Type: text/plain" + "".join(
            f";\r\n p{i}=v" for i in range(4000)), "", "b", ""]))
        self.keep("fields-twice", join(self.head() + self.head() + ["", "b", ""]))
        self.keep("content-type-twice", join(self.head() + ["Content-Type: text/plain", "Content-Type: text/html", "",
                                                            "<b>b</b>", ""]))
        for name, date in (("far", "Fri, 31 Dec 99999 23:59:59 +9999"), ("zero", "Mon, 00 Jan 0000 00:00:00 +0000"),
                           ("text", "yesterday"), ("long", "M" * 20_000)):
            self.keep(f"date-{name}", join(self.head() + [f"Date: {date}", "", "b", ""]))
        for name, ident in (("missing", None), ("empty", ""), ("long", "<" + "m" * 5000 + "@x>"),
                            ("two", "<a@b> <c@d>"),
                            ("injection", "<a@b>\r\n (x) Bcc: victim@example.org")):
            lines = [line for line in self.head() if not line.startswith("Message-ID")]
            self.keep(f"message-id-{name}",
                      join(lines + ([] if ident is None else [f"Message-ID: {ident}"]) + ["", "b", ""]))

    def hostile_structures(self):
        def nested(depth, kind):
            inner = ["Content-Type: text/plain", "", "the core"]
            for level in range(depth):
                inner = ([f'Content-Type: multipart/mixed; boundary="b{level}"', "", f"--b{level}", *inner,
                          f"--b{level}--"]
                         if kind == "multipart" else ["Content-Type: message/rfc822", "", *inner])
            return self.head() + inner + [""]

        for depth in (10, 51, 1100):
            self.keep(f"multiparts-nested-{depth}", nested(depth, "multipart"))
            self.keep(f"messages-nested-{depth}", nested(depth, "rfc822"))
        self.keep("groups-in-a-message",
                  join(self.head() + ["Content-Type: message/rfc822", "", "To: " + "g:" * 29_000, "",
                                                             "b", ""]))
        self.keep("parts-empty", join(self.head() + ["Content-Type: multipart/mixed; boundary=a", ""])
                  + b"--a\r\n\r\n" * 300_000 + b"--a--\r\n")
        self.keep("boundary-none", join(self.head()
                                        + ["Content-Type: multipart/mixed", "", "--x", "", KK, "--x--", ""]))
        self.keep("boundary-none-165", join(self.head()
                                            + [f'Content-Type: multipart/mixed; {"n" * 72}="ә"', "", "b", ""]))
        self.keep("boundary-empty", join(self.head()
                                         + ['Content-Type: multipart/mixed; boundary=""', "", "--", "", "b", ""]))
        self.keep("boundary-long", join(self.head()
                                        + [f'Content-Type: multipart/mixed; boundary="{"b" * 40_000}"', "", "b",
                                                       ""]))
        self.keep("boundary-never", join(self.head() + ["Content-Type: multipart/mixed; boundary=never", "", KK, ""]))
        self.keep("boundary-twice", join(self.head()
                                         + ["Content-Type: multipart/mixed; boundary=a; boundary=b", "", "--a",
                                                        "", "in a", "--b", "", "in b", "--b--", "--a--", ""]))
        self.multipart("boundary-prefix", "mixed",
                       [["Content-Type: multipart/mixed; boundary==_part2", "", "--=_part2", "",
                                                     "inner", "--=_part2--"]])
        self.multipart("boundary-open", "mixed", [["", "one"], ["", "two"]])
        self.made[-1].octets = self.made[-1].octets.replace(b"--=_part--\r\n", b"")
        self.multipart("boundary-lines", "mixed", [["", "--line" + "\r\n--line" * 20_000]])
        self.keep("base64-garbage", join(self.head()
                                         + ["Content-Transfer-Encoding: base64", "", "!!!not base64 ===", "=A", ""]))
        self.keep("base64-after-padding",
                  join(self.head() + ["Content-Type: text/plain", "Content-Transfer-Encoding: base64",
                                                              "", "SGVsbG8=", "IHdvcmxk", ""]))
        self.keep("quoted-printable-odd", join(self.head() + ["Content-Type: text/plain; charset=utf-8",
                                                              "Content-Transfer-Encoding: quoted-printable", "",
                                                              "=ZZ=00=0=", "=D0=9", "=1B[2J", ""]))
        self.keep("encoding-unknown", join(self.head() + ["Content-Transfer-Encoding: x-none", "", KK, ""]))
        self.keep("multipart-in-base64", join(self.head() + ["Content-Type: multipart/mixed; boundary=q",
                                                             "Content-Transfer-Encoding: base64", "",
                                                             b64(b"--q\r\n\r\nhidden\r\n--q--\r\n")]))
        self.keep("uuencode", join(self.head() + ["", "begin 644 ../../etc/passwd", "#0V%T", "`", "end", ""]))
        self.keep("yenc", join(self.head())
                  + b"\r\n\r\n=ybegin line=128 size=3 name=../x\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n")
        for name in ("../../etc/passwd", "CON", "x" * 4000, "a\u202efdp.exe", "nul%00.txt", "a\x1b[2Jb", "-rf",
                     "'; rm -rf /"):
            self.multipart(f"file-name-{name[:12]!r}".replace("/", "|").replace("\x1b", "ESC"), "mixed", [
                ["Content-Type: text/plain", "", "see"],
                [f"Content-Type: application/octet-stream; name=\"{word(name)}\"", "Content-Transfer-Encoding: base64",
                 "",
                 b64(b"x" * 10)]])
        self.multipart("file-name-pieces", "mixed", [["Content-Disposition: attachment" + "".join(
            f";\r\n filename*{i}*=%41" for i in range(2500)), "", "x"]])
        self.multipart("file-name-huge-index", "mixed", [["Content-Disposition: attachment; filename*4294967296*=a; "
                                                          "filename*0*=koi8-r''b; filename*1*=utf-8''c", "", "x"]])

    def hostile_parts(self):
        self.multipart("html-active", "alternative", [["Content-Type: text/html; charset=utf-8", "",
                       "<form action=http://evil.example><script>alert(1)</script><img src='http://evil.example/?x'>"
                       "<a href='javascript:x'>click</a><iframe src=data:text/html,x></iframe>" + "<div>" * 5000]])
        self.plain("html-entities", "<p>&#1178;&#x4d9;&amp;&lt;b&gt;&#0;&#27;[2J&#x202e;</p>",
                   "Content-Type: text/html")
        for name, kind, octets in (
                ("zip", "application/zip", b"PK\x03\x04" + b"\0" * 26), ("rar", "application/x-rar", b"Rar!\x1a\x07\0"),
                ("tnef", "application/ms-tnef", b"\x78\x9f\x3e\x22" + b"\0" * 40),
                ("tnef-empty", "application/ms-tnef", b""),
                ("macro-document", "application/vnd.ms-word.document.macroEnabled.12", b"PK\x03\x04" + bytes(100))):
            self.multipart(f"part-{name}", "mixed", [["Content-Type: text/plain; charset=utf-8", "", RU],
                           [f'Content-Type: {kind}; name="winmail.dat"', "Content-Transfer-Encoding: base64", "",
                            b64(octets)]])
        self.plain("smime", b64(self.random.randbytes(600)),
                   "Content-Type: application/pkcs7-mime; smime-type=enveloped-data",
                   "Content-Transfer-Encoding: base64")
        self.multipart("pgp-mime", "encrypted", [["Content-Type: application/pgp-encrypted", "", "Version: 1"],
                       ["Content-Type: application/octet-stream", "", "-----BEGIN PGP MESSAGE-----", "", "x",
                        "-----END PGP MESSAGE-----"]], type_more='; protocol="application/pgp-encrypted"')
        self.plain("pgp-inline", "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n")
        for number in (1, 2, 3):
            self.plain(f"partial-{number}", "a piece\r\n",
                       f'Content-Type: message/partial; id="p@x"; number={number}; total=3')
        self.plain("external-body", "Content-Type: text/plain\r\n\r\n",
                   'Content-Type: message/external-body; access-type=url; url="http://evil.example/x"')
        self.multipart("forwarded", "mixed", [["Content-Type: message/rfc822", "", *self.head("inner"), "", KK]])
        # One body and one Message-ID, and yet each another message.
        for number in range(1, 7):
            head = [line for line in self.head() if not line.startswith("Message-ID")]
            self.keep(f"one-body-one-id-{number}", join(head + ["Message-ID: <the-same@example.org>", "", KK, ""]))

    def envelopes(self):
        for name, sender in (("plus", "a+b=c@example.org"), ("quoted", '"a b"@example.org'),
                             ("literal", "a@[192.0.2.1]"),
                             ("long", "l" * 64 + "@example.org"), ("srs", "SRS0=hash=tt=example.com=x@example.org"),
                             ("verp", "list-bounces+x=kmo.kz@example.org"), ("role", "noreply@example.org"),
                             ("own-domain", "staff@kmo.kz"), ("itself", TO), ("percent", "a%b@example.org")):
            self.count += 1
            self.plain(f"sender-{name}", KK + "\r\n", sender=sender, kind="any")
        self.plain("sender-smtputf8", KK + "\r\n", sender="дәурен@мысал.қаз", parameters=" SMTPUTF8")
        self.keep("smtputf8-header", join([f"From: Дәурен <дәурен@мысал.қаз>", f"To: <{TO}>", "Subject: Өтініш", "",
                                           KK, ""]),
                  parameters=" BODY=8BITMIME SMTPUTF8")


def messages(seed=1):
    maker = Maker(seed)
    for step in (maker.ordinary, maker.forms, maker.sizes, maker.automatic, maker.hostile_headers,
                 maker.hostile_structures,
                 maker.hostile_parts, maker.envelopes):
        step()
    return maker.made


def main():
    directory, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    os.makedirs(directory, exist_ok=True)
    index = []
    for number, message in enumerate(messages(seed), 1):
        name = f"{number:03}-" + "".join(c if c.isalnum() or c in "-._" else "_" for c in message.name) + ".eml"
        with open(os.path.join(directory, name), "wb") as file:
            file.write(message.octets)
        index.append({"file": name, "sender": message.sender, "kind": message.kind, "parameters": message.parameters})
    with open(os.path.join(directory, "index.json"), "w", encoding="utf-8") as file:
        json.dump(index, file, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
