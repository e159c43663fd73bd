# SPDX-License-Identifier: ISC
"""tour.py PREFIX DIRECTORY [--keep] - the second half of contrib/try: what each person sees of one report."""
import base64
import os
import shlex
import signal
import sys
import time

import postfix
import senim
import sink
import smtp

SENDER = "d.akhmetov@example.org"
# The reporter's own words are not ours to translate: this is how a report looks that comes to such a mailbox.
TEXT = """\
Құрметті комплаенс қызметі!

Біздің бөлімде компьютер сатып алу конкурсын былтыр да, биыл да бір ғана компания жеңіп алды.
Бөлім басшысының туысы сол компанияның директоры болып істейді. Шарттың көшірмесін тіркеп отырмын.

Ахметов Дәурен
тел. +7 701 000 00 00
"""


def report():
    """A report in Kazakh with an attachment, as a mail program makes it."""
    def word(text):
        return "=?utf-8?B?" + base64.b64encode(text.encode()).decode() + "?="

    def block(octets):
        return base64.encodebytes(octets).decode().replace("\n", "\r\n")

    return "\r\n".join([
        f"From: {word('Дәурен Ахметов')} <{SENDER}>", f"To: <{senim.MAILBOX}>",
        f"Subject: {word('Сатып алу туралы')}", f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime())}",
        "Message-ID: <try-1@example.org>", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="part"', "",
        "--part", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "",
        block(TEXT.encode()) + "--part", f'Content-Type: application/pdf; name="{word("шарт.pdf")}"',
        f'Content-Disposition: attachment; filename="{word("шарт.pdf")}"', "Content-Transfer-Encoding: base64", "",
        block(b"%PDF-1.4\n% a contract\n" + bytes(range(256)) * 40) + "--part--", ""]).encode()


class Tour:
    def __init__(self, prefix, directory):
        self.directory = directory
        self.outside = sink.Sink()
        self.senim = senim.Senim(senim.Programs(prefix), directory)
        self.postfix = postfix.Postfix(f"{directory}/postfix", milter=f"unix:{self.senim.milter_socket}",
                                       sink_port=self.outside.port)

    def step(self, title, remark=""):
        print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}", flush=True)
        if remark:
            print(f"  {remark}")

    def lines(self, text, mark="  │ "):
        for line in text.splitlines():
            print(f"{mark}{line}")

    def run(self):
        self.step("1. The organisation: keys, one mailbox, two daemons, a mail server",
                  "The officers make their keys themselves; the mail host only ever gets the public halves.")
        made = self.senim.init("--set", f"submit=smtp://127.0.0.1:{self.postfix.port}",
                               "--set", "organisation=«Қазмедиа орталығы» ЖШС")
        self.lines(made.stdout.decode())
        self.senim.start()
        self.postfix.start()
        time.sleep(0.3)
        before = len(self.postfix.lines())

        self.step("2. The sender: a report in Kazakh with an attachment", "What her mail server hears:")
        with smtp.Client(self.postfix.port) as client:
            client.mail(SENDER, [senim.MAILBOX], report())
            client.quit()
            for who, line in client.dialogue:
                print(f"  {'→' if who == 'C' else '←'} {line}")
        print("  The 250 after the dot was said when the report was sealed and registered on disk, not before.")

        self.step("3. The sender again: the acknowledgement in her mailbox")
        letter = self.outside.to(SENDER, 30)
        if not letter:
            raise RuntimeError("no acknowledgement came within 30 s")
        head, _, body = letter.message.partition(b"\r\n\r\n")
        print(f"  envelope sender: <{letter.sender}>")
        self.lines(head.decode("utf-8", "replace"))
        self.lines("")
        self.lines(base64.b64decode(body).decode() if b"base64" in head.lower() else body.decode("utf-8", "replace"))

        self.step("4. The mail administrator: everything that he can see")
        time.sleep(0.5)
        self.lines("\n".join(self.postfix.lines()[before:]))
        for name in ("senim-registrar", "senim-milter"):
            with open(f"{self.directory}/{name}.log", encoding="utf-8") as log:
                self.lines(log.read())
        print("  Addresses stand in the mail server's own lines; senim's know a queue id and a step, no more.")

        self.step("5. The officer: the list", "senim list, facts only; names and subjects need a ground (--cards).")
        self.lines(self.senim.officer("list").stdout.decode())
        self.lines(self.senim.officer("list", "--cards", "--ground", "contrib/try").stdout.decode())

        self.step("6. The officer: the case",
                  "An entry in the register comes first, then the text is opened on her side.")
        case = self.senim.cases()[0]["case"]
        self.lines(self.senim.show(case))
        self.lines(self.senim.officer("attachment", case, "--ground", "contrib/try").stdout.decode())

        self.step("7. The register, checked from end to end")
        self.lines(self.senim.verify().stdout.decode())

    def commands(self):
        command = " ".join(shlex.quote(word) for word in self.senim.command())
        print(f"""
All of it keeps running. To go on:
  S="{command}"
  $S list                                   the open cases
  $S show {self.senim.cases()[0]["case"]} --ground 'why I look'      one case
  $S verify
What the mail administrator looks at: is the host as it must be? (This one is for trying, and not all is green.)
  {self.senim.programs.senim} doctor --config {self.senim.config} --postfix {self.postfix.etc}
A message of your own:
  swaks --server 127.0.0.1:{self.postfix.port} --from you@example.org --to {senim.MAILBOX} --body hello
What comes back is in {self.directory}/letters. The end of it all: kill {os.getpid()}""", flush=True)

    def stop(self):
        self.senim.stop()
        self.postfix.stop()
        self.outside.stop()


def stay(tour):
    """Keeps everything running until a signal; letters that come meanwhile are left as files."""
    os.makedirs(f"{tour.directory}/letters", exist_ok=True)
    kept = 0
    while True:
        time.sleep(1)
        while kept < len(tour.outside.letters):
            with open(f"{tour.directory}/letters/{kept + 1}.eml", "wb") as file:
                file.write(tour.outside.letters[kept].message)
            kept += 1


def main():
    prefix, directory, keep = sys.argv[1], sys.argv[2], "--keep" in sys.argv[3:]
    told, tell = os.pipe()
    if keep and os.fork():  # the tour goes on in the background; the shell gets its prompt back when it was told all
        os.close(tell)
        return 0 if os.read(told, 1) else 1
    os.setsid() if keep else None
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    tour = Tour(prefix, directory)
    try:
        tour.run()
        if keep:
            tour.commands()
            os.write(tell, b".")
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in range(3):
                os.dup2(null, descriptor)
            stay(tour)
        print(f"\nDone. Everything is stopped; keys, register, vault and logs are in {directory}.")
        return 0
    except (RuntimeError, OSError, smtp.Refused, senim.CommandFailed) as failure:
        print(f"\ncontrib/try: {failure}\nLogs are in {directory}.", file=sys.stderr)
        return 1
    finally:
        tour.stop()


if __name__ == "__main__":
    sys.exit(main())
