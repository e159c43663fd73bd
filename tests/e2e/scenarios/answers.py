# SPDX-License-Identifier: ISC
"""What comes to a case after its report: answers to our letter, bounces of it, and what only says that it is one."""
import email
import email.policy
import os
import pwd
import re
import shutil
import subprocess

import smtp
from harness import eventually, expect, same, scenario

REPORT = "Қоймашы темір сатып жатыр. Өтініш, тексеріңіздерші."


def message(text, *fields, sender="r@example.org", number="1"):
    return "\r\n".join([f"From: <{sender}>", f"Message-ID: <{number}@example.org>", "MIME-Version: 1.0",
                        *(fields or ()), *(() if any(field.startswith("Content-Type:") for field in fields)
                                           else ("Content-Type: text/plain; charset=utf-8",)), "",
                        text.replace("\n", "\r\n"), ""]).encode()


def report(org, sender="r@example.org", text=REPORT, number="first"):
    """Sends one; returns our letter to it, its Message-ID, and "2026/1-WORD"."""
    smtp.send(org.postfix.port, sender, ["senim@kmo.kz"], message(text, sender=sender, number=number))
    letter = org.sink.to(sender)
    expect(letter, "our letter", sender)
    parsed = email.message_from_bytes(letter.message, policy=email.policy.default)
    return letter.message.decode(), parsed["Message-ID"], re.search(r"\d{4}/\d+-[A-Z]{8}", parsed.get_content())[0]


def head_of(letter):
    return letter.split("\r\n\r\n")[0] if "\r\n\r\n" in letter else letter.split("\n\n")[0]


# How servers give a letter back: name, fields, text. {letter} is ours, {head} its fields, {id} its Message-ID.
BOUNCES = (
    ("rfc3464-headers", ('From: MAILER-DAEMON@mx.example.org (Mail Delivery System)', 'Auto-Submitted: auto-replied',
                         'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'),
     "--b\n\nI could not deliver it.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
     "Final-Recipient: rfc822; r@example.org\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers\n\n"
     "{head}\n\n--b--\n"),
    ("rfc3464-whole", ('From: MAILER-DAEMON@mx.example.org',
                       'Content-Type: multipart/report; report-type="delivery-status"; boundary="b"'),
     "--b\n\nundeliverable\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
     "Final-Recipient: rfc822; r@example.org\nAction: failed\nStatus: 5.2.2\n--b\nContent-Type: message/rfc822\n\n"
     "{letter}\n--b--\n"),
    ("qmail", ("From: MAILER-DAEMON@mx.example.org", "Subject: failure notice"),
     "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message to the "
     "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<r@example.org>:\n"
     "Sorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{letter}\n"),
    ("exim", ("From: Mail Delivery System <Mailer-Daemon@mx.example.org>", "X-Failed-Recipients: r@example.org",
              "Auto-Submitted: auto-replied", "Subject: Mail delivery failed: returning message to sender"),
     "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered"
     " to one or more of its recipients.\n\n  r@example.org\n    mailbox is full\n\n------ This is a copy of your message, "
     "including all the headers. ------\n\n{letter}\n"),
    ("exchange", ("From: System Administrator <postmaster@example.org>", "Subject: Undeliverable",
                  'Content-Type: multipart/mixed; boundary="x"'),
     "--x\nContent-Type: text/plain\n\nYour message did not reach some or all of the intended recipients.\n\n"
     "r@example.org on 22.11.2026 10:00\n    The e-mail account does not exist at the organization this message was sent "
     "to.\n    <mx.example.org #5.1.1>\n--x\nContent-Type: message/rfc822\n\n{letter}\n--x--\n"),
    ("quoted", ("From: postmaster@example.org", "Subject: Delivery failure", "In-Reply-To: {id}"),
     "550 5.7.1 rejected by the rules of the domain\n"),
)


@scenario("answers and bounces of six forms belong to the case, and none of them makes one or gets a letter")
def belongs(world):
    org = world.organisation()
    letter, message_id, word = report(org)
    answers = (("by its reply", f"In-Reply-To: {message_id}", "Тағы бірі бар."),
               ("further on in a thread", f"References: <a@example.org> {message_id} <b@example.org>", "Ещё одно."),
               ("by number and word", "Subject: addition", f"Дополняю обращение {word}: их двое."),
               ("in Cyrillic letters", "Subject: addition", "К " + word.translate(str.maketrans("BCHKMPTXAEOY",
                                                                                               "ВСНКМРТХАЕОУ"))))
    for number, (_, field, text) in enumerate(answers):
        smtp.send(org.postfix.port, "other@example.net", ["senim@kmo.kz"],
                  message(text, field, sender="other@example.net", number=f"answer{number}"))
    same([(case["case"], case["messages"]) for case in org.cases()], [("2026/1", 1 + len(answers))], "its messages")
    same(org.cases()[0]["unread"], True, "and there is something to read")
    closed = org.officer("close", "2026/1", "--result", "explained", "--ground", "test", check=False)
    same(closed.returncode, 3, "and nobody closes it unread")
    for number, (name, fields, text) in enumerate(BOUNCES):
        values = {"letter": letter.replace("\r\n", "\n"), "head": head_of(letter).replace("\r\n", "\n"), "id": message_id}
        smtp.send(org.postfix.port, "", ["senim@kmo.kz"],
                  message(text.format(**values), *(field.format(**values) for field in fields[1:]),
                          number=f"bounce{number}").replace(b"From: <r@example.org>", fields[0].encode(), 1))
        shown = org.json("show", "2026/1", "--ground", "test", "--message", str(2 + len(answers) + number))
        same((shown["automatic"], shown["messages"][-1]["answers"]), ("bounce", "acknowledgement"), name)
    same([case["case"] for case in org.cases()], ["2026/1"], "no case of its own")
    same(org.cases()[0]["acknowledgement"]["state"], "bounced", "the case says that our letter came back")
    same(len(org.sink.letters), 1, "no letter to any of them")
    org.verify()


@scenario("a forged or guessed reference makes a case of its own with a hint, gets no letter, and never joins another's")
def guesses(world):
    org = world.organisation()
    _, message_id, word = report(org)
    changed = message_id[:5] + ("a" if message_id[5] != "a" else "b") + message_id[6:]
    wrong = word[:-1] + ("B" if word[-1] != "B" else "C")
    guessed = (("a token with another letter", f"In-Reply-To: {changed}", "Дополнение."),
               ("somebody else's token", f"In-Reply-To: <{'a' * 58}@kmo.kz>", "Дополнение."),
               ("a number with a guessed word", "Subject: addition", f"Дополняю обращение {wrong}."))
    for number, (_, field, text) in enumerate(guessed):
        smtp.send(org.postfix.port, "thief@example.net", ["senim@kmo.kz"],
                  message(text, field, sender="thief@example.net", number=f"guess{number}"))
    cases = org.cases()
    same([case["messages"] for case in cases], [1, 1, 1, 1], "a case each")
    for case in cases[1:]:
        same(case["acknowledgement"], {"state": "withheld", "reason": "follow-up"}, "no letter by itself")
        expect("none that is known here" in org.show(case["case"]), "the hint", org.show(case["case"]))
    same(len(org.sink.letters), 1, "the guesser hears nothing")


@scenario("an answer is screened anew: its threat is seen, whom it accuses loses the case, and the twenty-second is a flood")
def anew(world):
    org = world.organisation("officer aigul/names=Айгүл Серікова; Серикова А.")
    _, message_id, _ = report(org)
    field = f"In-Reply-To: {message_id}"
    smtp.send(org.postfix.port, "r@example.org", ["senim@kmo.kz"],
              message("Если ты не уволишься, я тебя убью.", field, number="threat"))
    listed = org.json("show", "2026/1", "--ground", "test", officer="deputy")["messages"]
    same([row["verdict"] for row in listed], ["clean", "redirect"], "its own verdict")
    shown = org.show("2026/1", "--message", "2", officer="deputy")
    expect(shown.count("убью") > 1 and "threat to life · redirect" in shown, "and why", shown)
    for number in range(20):
        smtp.send(org.postfix.port, "r@example.org", ["senim@kmo.kz"],
                  message(f"Дополнение {number}.", field, number=f"more{number}"))
    listed = org.json("show", "2026/1", "--ground", "test", officer="deputy")["messages"]
    same([row["flood"] for row in listed], 21 * [False] + [True], "more than twenty a day")
    same(org.officer("show", "2026/1", "--ground", "test").returncode, 0, "hers so far")
    smtp.send(org.postfix.port, "r@example.org", ["senim@kmo.kz"],
              message("Деньги берёт комплаенс-офицер Серикова А.", field, number="accuses"))
    same(org.officer("show", "2026/1", "--ground", "test", check=False).returncode, 3, "hers no more")
    same(len(org.json("show", "2026/1", "--ground", "test", officer="deputy")["messages"]), 23, "the other's still")
    org.verify(officer="deputy")


@scenario("with reply-detail each letter has an address of its own, whose answers join the case and whose guesses do not")
def detail(world):
    org = world.organisation("reply-detail=+", postfix_options={"more": "recipient_delimiter = +"})
    letter, _, _ = report(org)
    address = email.message_from_string(letter, policy=email.policy.default)["Reply-To"].addresses[0].addr_spec
    expect(re.fullmatch(r"senim\+[a-z2-7]{26}@kmo\.kz", address), "sixteen octets", address)
    smtp.send(org.postfix.port, "else@example.net", [address], message("Тағы бірі бар.", number="second"))
    same([case["messages"] for case in org.cases()], [2], "joined")
    smtp.send(org.postfix.port, "else@example.net", [f"senim+{'b' * 26}@kmo.kz"], message("Басқа.", number="third"))
    same([case["messages"] for case in org.cases()], [2, 1], "a guess joins nothing")


@scenario("more than five reports a day about one officer alarm the next level of leadership, and change nothing")
def shut_out(world):
    org = world.organisation("officer aigul/names=Айгүл Серікова; Серикова А.", "officer chair/mail=chair@example.org",
                             "acknowledge=never")
    for number in range(6):
        smtp.send(org.postfix.port, "d@example.org", ["senim@kmo.kz"],
                  message("Деньги берёт комплаенс-офицер Серикова А.", number=f"about{number}"))
        same(len(org.sink.letters), 0, "no letter before the sixth")
    notice = org.sink.to("chair@example.org")
    expect(notice and "aigul" not in notice.message.decode() and "2026/" not in notice.message.decode(), "says nothing")
    listed = org.json("list", officer="chair")
    same([alarm["officer"] for alarm in listed["alarms"]], ["aigul"], "her list says whom")
    expect("were kept from aigul" in org.officer("list", officer="chair").stdout.decode(), "as a sentence")
    for name in ("aigul", "deputy"):
        same(org.json("list", officer=name)["alarms"], [], f"not {name}'s list")
    same([case["elsewhere"] for case in org.cases()], 6 * [True], "kept from her as before")
    smtp.send(org.postfix.port, "d@example.org", ["senim@kmo.kz"], message(REPORT, number="other"))
    expect("темір" in org.show("2026/7"), "what is not about her is hers")
    # The notice to a wrong address comes back: that says nothing of the reporter's letter.
    before = org.cases(officer="deputy")[5]["acknowledgement"]
    smtp.send(org.postfix.port, "", ["senim@kmo.kz"],
              message(notice.message.decode(), "Subject: failure notice", sender="mailer-daemon@example.org", number="back"))
    row = eventually(lambda: [case for case in org.cases(officer="deputy") if case["messages"] == 2], "it is the case's")[0]
    same(row["acknowledgement"], before, "its acknowledgement stands as it was")
    shown = org.json("show", row["case"], "--ground", "test", officer="deputy")
    same(shown["messages"][1]["answers"], "notice", "to which letter it came")


ADDRESSEE = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"


@scenario("a letter to law enforcement that its server refuses comes back to the case, and the officer sees it first")
def redirection_returned(world):
    ingest = f"{world.directory}/senim-ingest"
    shutil.copy(world.programs.ingest, ingest)
    service = (f"senim unix - n n - - pipe user=nobody null_sender= argv={ingest} "
               f"--config {world.directory}/0/org/senim.conf --mailbox senim@kmo.kz --sender ${{sender}}")
    # As doc/install.md has it: what this Postfix writes itself passes no milter, and reaches the sink of step 6.
    org = world.organisation(start=False, postfix_options={"local_milter": "", "services": service,
                                                           "transport": "senim@kmo.kz senim:\n"})
    with open(org.config, "a", encoding="utf-8") as config:
        config.write("\n[addressee police]\nname-kk = Полиция\nname-ru = Полиция\naddress = Алматы\nby = mail\n"
                     f"mail = duty@police.example\nrecipient = {ADDRESSEE}\n")
    org.sink.answer = lambda line: "550 5.1.1 no such user" if "duty@police.example" in line else None
    org.start()
    os.chown(f"{org.org}/run/ingest.sock", -1, pwd.getpwnam("nobody").pw_gid)
    org.postfix.start()
    report(org, text="Я тебя найду и убью, сволочь.", number="threat")
    report(org, number="plain")
    threat = next(case for case in org.cases() if case["verdict"] == "redirect")
    same(org.json("redirect", threat["case"], "--key", ADDRESSEE, "--ground", "test")["redirection"], "queued", "it waits")

    def redirection():
        return next(case for case in org.cases() if case["case"] == threat["case"])["redirection"]

    eventually(lambda: redirection() == {"state": "returned", "to": "police"}, "it came back")
    cases = org.json("list")["cases"]
    same(([case["case"] for case in cases][0], len(cases)), (threat["case"], 2), "first, and no case of its own")
    same(cases[0]["acknowledgement"]["state"], "sent", "the reporter's letter did not come back")
    expect("the letter came back" in org.show(threat["case"]), "and in words")
    org.verify()


def typed(org, answers, *words):
    """An officer's command on a terminal, each question answered by the next of these; what the terminal showed."""
    tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "with-passphrase.py")
    said = f"{org.directory}/said"
    done = subprocess.run([tool, "\n".join(answers), *org.command(*words)], env={**org.environment, "SAID": said},
                          capture_output=True, timeout=120, check=False)
    with open(said, encoding="utf-8", errors="replace") as file:
        shown = file.read()
    same(done.returncode, 0, f"senim {' '.join(words)}: {shown}")
    return shown


@scenario("an officer's answer leaves without her trace, its answer joins the case, and what the MTA could not deliver marks it")
def officers_answer(world):
    org = world.organisation(postfix_options={"more": "internal_mail_filter_classes = bounce"})
    report(org)
    shown = typed(org, ["Тексеру жүргізілді: қоймашы жұмыстан шеттетілді.", "", "send"], "reply", "2026/1", "-", "--ground", "answer")
    expect("<" not in shown.split("Subject:")[0] and "r@example.org" in shown, "she sees to whom", shown)
    answer = org.sink.wait(lambda letter: b"auto-replied" not in letter.message and letter.recipients == ["r@example.org"])
    expect(answer, "the answer came")
    same((answer.sender, answer.recipients), ("senim@kmo.kz", ["r@example.org"]), "its envelope")
    parsed = email.message_from_bytes(answer.message, policy=email.policy.default)
    fields = [name for name in parsed.keys() if name != "Received"]
    same(fields, ["Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Content-Language", "MIME-Version",
                  "Content-Type", "Content-Transfer-Encoding"], "its fields, and no trace among them")
    same((parsed["From"], parsed["To"], parsed["In-Reply-To"]), ("senim@kmo.kz", "r@example.org", "<first@example.org>"), "its fields")
    text = parsed.get_content()
    expect("қоймашы жұмыстан шеттетілді" in text and "2026/1" in text and "темір" not in text, "her words alone", text)
    expect("aigul" not in answer.message.decode() and os.uname().nodename not in answer.message.decode(), "nothing of her", answer.message)
    eventually(lambda: org.cases()[0]["answer"]["state"] == "sent", "the case says so")
    smtp.send(org.postfix.port, "r@example.org", ["senim@kmo.kz"],
              message("Рақмет.", f"In-Reply-To: {parsed['Message-ID']}", number="thanks"))
    same([(case["messages"], case["unread"], case["lost"]) for case in org.cases()], [(2, True, False)], "his answer is the case's")
    org.sink.answer = lambda line: "550 5.1.1 no such user" if line.upper().startswith("RCPT TO:<R@") else None
    typed(org, ["Қосымша жауап.", "yes", "", "send"], "reply", "2026/1", "-", "--ground", "answer")
    eventually(lambda: org.cases()[0]["answer"]["state"] == "returned", "the bounce came back to the case")
    same([(case["case"], case["messages"], case["lost"]) for case in org.cases()], [("2026/1", 3, True)], "and no other")
    expect(not any("senim@kmo.kz" in letter.recipients for letter in org.sink.letters), "no mailbox got the bounce in clear")
    org.verify()
