# SPDX-License-Identifier: ISC
"""The way in: what is taken, what is left alone, and what the sender hears."""
import json
import os
import pwd
import shutil
import signal
import subprocess
import threading
import time

import smtp
from harness import eventually, expect, same, scenario

REPORT = ("From: Ахметов <d.akhmetov@example.org>\r\nTo: senim@kmo.kz\r\nSubject: report {0}\r\n"
          "Message-ID: <{0}@example.org>\r\n\r\nмәтін {0}\r\n")


def report(number="1"):
    return REPORT.format(number).encode()


def send(org, recipients=("senim@kmo.kz",), number="1", sender="d.akhmetov@example.org", **more):
    return smtp.send(org.postfix.port, sender, list(recipients), report(number), **more)


@scenario("a report answered 250 is there for each of its officers")
def each_officer(world):
    org = world.organisation()
    expect(send(org).startswith("250"), "250")
    for officer in ("aigul", "deputy"):
        case, = org.cards(officer=officer)
        same((case["mailbox"], case["channel"]), ("senim@kmo.kz", "mail"), "the case as it is listed")
        same(case["subject"], "report 1", "its subject")
        same(org.raw(case["case"], officer=officer), report(), "its octets")
        expect("мәтін 1" in org.show(case["case"], officer=officer), "its text")
    org.verify()


@scenario("mail to others passes untouched, and we see neither its content nor that it was")
def others(world):
    org = world.organisation()
    expect(send(org, ["staff@kmo.kz"]).startswith("250"), "250")
    letter = org.sink.to("staff@kmo.kz")
    expect(letter and letter.message.endswith(report()), "as it was sent", letter)
    same(org.cases(), [], "no case")
    with open(f"{org.directory}/senim-milter.log", encoding="utf-8") as log:
        expect("taken" not in log.read(), "no line about it")


SPELLINGS = ("senim@kmo.kz", "SENIM@kmo.kz", "Senim@KMO.KZ", '"senim"@kmo.kz', "se\\nim@kmo.kz", "senim@kmo.kz.",
             "senim",
             "@a.b:senim@kmo.kz", "@a.b,@c.d:senim@kmo.kz", "senim+case@kmo.kz", "SENIM+@kmo.kz", "ethics@kmo.kz",
             "Ethics+x@KMO.kz", "senim@mx.kmo.test", '"se\\nim"@kmo.kz', "senim%kmo.kz@mx.kmo.test")
NEIGHBOURS = ("senimx@kmo.kz", "xsenim@kmo.kz", "senim-x@kmo.kz", "senim@kmo.kz.example.org", "senim@sub.kmo.kz",
              '"senim "@kmo.kz', "staff+senim@kmo.kz", "senim@example.org", "senim%kmo.kz@example.org")


@scenario("every spelling of the mailbox reaches it, and no copy goes another way")
def spellings(world):
    org = world.organisation("also=ethics@kmo.kz; @mx.kmo.test", postfix_options={"more": "myorigin = kmo.kz"})
    for number, recipient in enumerate(SPELLINGS):
        expect(send(org, [recipient], f"spelling-{number}").startswith("250"), "taken", recipient)
    subjects = [case["subject"] for case in org.cards()]
    same(subjects, [f"report spelling-{number}" for number in range(len(SPELLINGS))], "each spelling is a case")
    time.sleep(0.5)
    same([letter for letter in org.sink.letters if b"report spelling" in letter.message], [], "no copy went anywhere")


@scenario("no spelling of another mailbox reaches ours")
def neighbours(world):
    org = world.organisation("also=ethics@kmo.kz; @mx.kmo.test", postfix_options={"more": "myorigin = kmo.kz"})
    for number, recipient in enumerate(NEIGHBOURS):
        send(org, [recipient], f"neighbour-{number}")
    eventually(lambda: len(org.sink.letters) == len(NEIGHBOURS), "each went its own way")
    same(org.cases(), [], "none is a case")


@scenario("of several recipients ours is taken in every spelling, and the others get the message as it was")
def mixed(world):
    org = world.organisation("also=ethics@kmo.kz; @mx.kmo.test", postfix_options={"more": "myorigin = kmo.kz"})
    for number, recipient in enumerate(SPELLINGS):
        others = [f"first{number}@kmo.kz", recipient, f"last{number}@example.org"]
        expect(send(org, others, f"mixed-{number}").startswith("250"), "taken", recipient)
    expect(send(org, list(SPELLINGS) + ["end@kmo.kz"], "all-of-them").startswith("250"), "taken")
    same(len(org.cases()), len(SPELLINGS) + 1, "a case each")
    for number in range(len(SPELLINGS)):
        for other in (f"first{number}@kmo.kz", f"last{number}@example.org"):
            letter = org.sink.to(other)
            expect(letter and letter.message.endswith(report(f"mixed-{number}")), "the others' copy", other, letter)
    expect(org.sink.to("end@kmo.kz"), "the other's copy")
    addresses = {recipient.lower() for letter in org.sink.letters if b"report " in letter.message
                 for recipient in letter.recipients}
    same({one for one in addresses if "senim" in one or "ethics" in one}, set(), "no copy to us in clear")


@scenario("a message to several of our mailboxes is a case in each of them, and an ambiguous name is refused")
def several_mailboxes(world):
    org = world.organisation(mailboxes=("senim@kmo.kz", "ethics@kmo.kz"))
    expect(send(org, ["senim@kmo.kz", "ethics@kmo.kz", "x@kmo.kz"]).startswith("250"), "250")
    cases = org.cases()
    same(sorted(case["mailbox"] for case in cases), ["ethics@kmo.kz", "senim@kmo.kz"], "one in each")
    for case in cases:
        expect(case["case"].startswith(case["mailbox"].split("@")[0] + ":"), "the name has its mailbox", case["case"])
        same(org.raw(case["case"]), report(), "its octets")
    bare = cases[0]["case"].split(":")[1]
    result = org.officer("show", bare, "--ground", "test", check=False)
    expect(result.returncode != 0 and all(case["case"].encode() in result.stderr for case in cases),
           "both candidates are named", result.stderr)
    expect(org.sink.to("x@kmo.kz"), "the other has his copy")


@scenario("a message past the size limit is answered 552, and nothing of it stays")
def too_large(world):
    org = world.organisation("max-message-size=1 MiB")
    body = b"Subject: large\r\n\r\n" + b"x" * 76 + b"\r\n"
    reply = smtp.send(org.postfix.port, "a@example.org", ["senim@kmo.kz"], body + (b"y" * 76 + b"\r\n") * 20_000,
                      codes=())
    expect(reply.startswith("552"), "552", reply)
    reply = smtp.send(org.postfix.port, "a@example.org", ["senim@kmo.kz"], body + (b"y" * 76 + b"\r\n") * 12_000)
    expect(reply.startswith("250"), "250", reply)
    same(len(org.cases()), 1, "one case")


@scenario("the same message once more is the same case, and gets no second letter")
def retry(world):
    org = world.organisation()
    for _ in range(3):
        expect(send(org).startswith("250"), "250")
    # A server on the way adds its own line; the message is the same.
    later = b"Received: from x by y; Mon, 23 Nov 2026 10:00:00 +0500\r\n" + report()
    smtp.send(org.postfix.port, "d.akhmetov@example.org", ["senim@kmo.kz"], later)
    same(len(org.cases()), 1, "one case")
    expect(org.sink.to("d.akhmetov@example.org"), "a letter")
    time.sleep(1.5)
    same(len(org.sink.letters), 1, "one letter")
    org.verify()


@scenario("six different messages with one body and one Message-ID are six cases")
def six(world):
    org = world.organisation()
    for number in range(6):
        message = b"Subject: %d\r\nMessage-ID: <same@example.org>\r\n\r\nthe same body\r\n" % number
        expect(smtp.send(org.postfix.port, "a@example.org", ["senim@kmo.kz"], message).startswith("250"), "250")
    same([case["subject"] for case in org.cards()], list("012345"), "six cases in their order")


@scenario("what the sender breaks off leaves nothing, and the next message in the connection is whole")
def broken_off(world):
    org = world.organisation()
    for octets in (b"", b"Subject: x\r\n", b"Subject: x\r\n\r\nhalf a body", b"Subject: x\r\n\r\n" + b"x\r\n" * 50_000):
        client = smtp.Client(org.postfix.port)
        client.command("MAIL FROM:<a@example.org>", 250)
        client.command("RCPT TO:<senim@kmo.kz>", 250)
        client.command("DATA", 354)
        client.send(octets)
        client.close()
    with smtp.Client(org.postfix.port) as client:
        client.command("MAIL FROM:<a@example.org>", 250)
        client.command("RCPT TO:<senim@kmo.kz>", 250)
        client.command("RSET", 250)
        client.mail("b@example.org", ["senim@kmo.kz"], report("first"))
        client.mail("c@example.org", ["x@kmo.kz"], report("other"))
        client.mail("d@example.org", ["senim@kmo.kz"], report("second"))
        client.quit()
    same([case["subject"] for case in org.cards()], ["report first", "report second"], "two cases")
    same(org.raw(org.cases()[1]["case"]), report("second"), "each with its own text")
    org.verify()


@scenario("without a registrar the sender waits and hears 250 if it comes back in time")
def registrar_comes_back(world):
    org = world.organisation(start=False)
    org.start_milter()
    org.postfix.start()
    timer = threading.Timer(4.0, org.start_registrar)
    timer.start()
    expect(send(org).startswith("250"), "250")
    timer.join()
    same(len(org.cases()), 1, "one case")


@scenario("without a registrar the sender hears 451 within two minutes, and nothing stays", patient=True)
def no_registrar(world):
    org = world.organisation(start=False)
    org.start_milter()
    org.postfix.start()
    began = time.monotonic()
    reply = send(org, codes=())
    expect(reply.startswith("451 4.3.0"), "451", reply)
    expect(time.monotonic() - began < 130, "within the budget")
    org.start_registrar()
    same(org.cases(), [], "no case")
    same(org.postfix.queued(), [], "nothing in the mail server's queue")
    expect(send(org).startswith("250"), "250")


@scenario("without senim-milter the sender hears 451, and nothing passes in clear")
def no_milter(world):
    org = world.organisation(start=False)
    org.postfix.start()
    with smtp.Client(org.postfix.port) as client:
        try:
            client.mail("a@example.org", ["senim@kmo.kz"], report())
            raise AssertionError("it was taken")
        except smtp.Refused as refused:
            expect(400 <= refused.code < 500, "put off", refused)
    same(org.sink.letters, [], "nothing passed")


@scenario("what a local program hands to sendmail(1) is taken as well")
def local(world):
    org = world.organisation()
    org.postfix.sendmail("clerk@example.org", ["senim@kmo.kz"], report("local").replace(b"\r\n", b"\n"))
    eventually(lambda: len(org.cases()) == 1, "a case")
    same(org.cards()[0]["subject"], "report local", "it")
    same([letter for letter in org.sink.letters if b"report local" in letter.message], [], "no copy in clear")


@scenario("what reaches the mailbox past the milter is sealed by senim-ingest")
def past_the_milter(world):
    org = world.organisation(mta=False, start=False)
    # pipe(8) runs it as another user, who may not be able to reach the build.
    ingest = shutil.copy(world.programs.ingest, f"{org.directory}/senim-ingest")
    service = (f"senim unix - n n - - pipe user=nobody argv={ingest} --config {org.config} --mailbox senim@kmo.kz "
               "--sender ${sender}")
    world.postfix(org, milter="", local_milter="", aliases="", transport="senim@kmo.kz senim:\n", services=service,
                  virtual="alias@kmo.kz senim@kmo.kz\n")
    org.postfix = world.postfixes[-1]
    org.start()
    os.chown(f"{org.org}/run/ingest.sock", -1, pwd.getpwnam("nobody").pw_gid)
    org.postfix.start()
    expect(send(org, ["alias@kmo.kz"], "ingest").startswith("250"), "250")
    eventually(lambda: len(org.cases()) == 1, "a case")
    case, = org.cards()
    same(case["subject"], "report ingest", "it")
    expect(org.raw(case["case"]).endswith(report("ingest")), "its octets")
    eventually(lambda: not org.postfix.queued(), "the queue is empty")
    # And by hand: what is no mailbox of ours is refused, and without daemons it is put off.
    words = [ingest, "--config", org.config, "--sender", "a@example.org", "--mailbox"]
    same(subprocess.run([*words, "other@kmo.kz"], input=report(), capture_output=True, check=False).returncode, 77,
         "EX_NOPERM")
    org.end_milter()
    same(subprocess.run([*words, "senim@kmo.kz"], input=report(), capture_output=True, check=False).returncode, 75,
         "EX_TEMPFAIL")


@scenario("SIGUSR1 takes a new configuration, and a bad one changes nothing and is named")
def reload(world):
    org = world.organisation()
    with open(org.config, encoding="utf-8") as file:
        config = file.read()
    expect("also" not in config, "no alias yet")

    def write(text):
        with open(org.config, "w", encoding="utf-8") as file:
            file.write(text)
        for process in (org.registrar, org.milter):
            process.send_signal(signal.SIGUSR1)

    def taken(name):
        """One more report to the alias: who has not yet read the new configuration lets it pass."""
        before = len(org.cases())
        send(org, ["ethics@kmo.kz"], f"{name} {time.monotonic()}")
        return len(org.cases()) == before + 1

    section = "[mailbox senim@kmo.kz]\n"
    expect(section in config, "the mailbox's section")
    write(config.replace(section, section + "also = ethics@kmo.kz\n"))
    eventually(lambda: taken("alias"), "the alias is ours now")
    before = len(org.cases())
    write(config.replace(section, section + "languages = tlh\n"))
    for process in (org.registrar, org.milter):
        eventually(lambda: "languages" in org.log_tail(process), "the log names the key")
    send(org, ["ethics@kmo.kz"], "alias again")
    write(config)
    same(len(org.cases()), before + 1, "until then the old configuration stayed")
    eventually(lambda: not taken("no alias any more"), "a good one is taken again")


@scenario("SIGTERM lets the message in hand come to its end")
def draining(world):
    org = world.organisation()
    with smtp.Client(org.postfix.port) as client:
        client.command("MAIL FROM:<a@example.org>", 250)
        client.command("RCPT TO:<senim@kmo.kz>", 250)
        client.command("DATA", 354)
        client.send(b"Subject: drained\r\n\r\n" + b"x\r\n" * 60_000)
        _, waiting = org.nursery()
        for pid in waiting:
            os.kill(pid, signal.SIGSTOP)
        client.send(b".\r\n")
        time.sleep(1)
        org.milter.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        expect(org.milter.poll() is None, "it stays until the message has its answer")
        for pid in waiting:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
        reply = client.reply()
    expect(reply.startswith("250"), "250", reply)
    same(org.milter.wait(20), 0, "it ended well")
    same([case["subject"] for case in org.cards()], ["drained"], "the case")


@scenario("the mail server's log and the register agree, and what has no entry is named by its queue id")
def reconciled(world):
    org = world.organisation()
    expect(send(org, number="1").startswith("250"), "250")
    expect(send(org, ["SENIM@kmo.kz"], number="2").startswith("250"), "250")
    expect(send(org, ["staff@kmo.kz"], number="3").startswith("250"), "250")
    taken = [line for line in org.postfix.lines() if "milter-discard: END-OF-MESSAGE" in line]
    same(len(taken), 2, "lines of what was taken")
    same(reconcile(org, org.postfix.log), ({"taken": 2, "known": 2, "missing": 0}, []), "all of it")
    queue_id = taken[0].split("]: ")[1].split(":")[0]
    made_up = queue_id[:-1] + ("A" if queue_id[-1] != "A" else "B")
    with open(f"{org.directory}/one-more", "w", encoding="utf-8") as log:
        log.write(taken[0].replace(queue_id, made_up) + "\n")
    same(reconcile(org, org.postfix.log, f"{org.directory}/one-more", wanted=1),
         ({"taken": 3, "known": 2, "missing": 1}, [made_up]), "one that has no entry")
    org.verify()


def reconcile(org, *logs, wanted=0):
    done = subprocess.run([org.programs.senim, "--config", org.config, "reconcile", "--json", *logs],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
                          env=dict(os.environ, XDG_CONFIG_HOME="/nonexistent"))
    same(done.returncode, wanted, done.stderr.decode())
    answer = json.loads(done.stdout)
    return ({key: answer["mailboxes"][0][key] for key in ("taken", "known", "missing")},
            [missing["queue_id"] for missing in answer["missing"]])
