# SPDX-License-Identifier: ISC
"""The acknowledgement: who gets one, who does not and why, and what happens to it on the way."""
import email
import email.policy
import re
import time

import smtp
from harness import eventually, expect, same, scenario

KAZAKH = ("Құрметті әріптестер! Біздің бөлімде мемлекеттік сатып алу кезінде тәртіп бұзылды. Бұл туралы бұрын да "
          "айтқанбыз, бірақ ешкім ештеңе істеген жоқ. Өтініш, тексеріңіздерші.")
RUSSIAN = ("Уважаемые коллеги! В нашем отделе при закупках нарушен порядок. Мы уже говорили об этом, но никто "
           "ничего не сделал. Прошу проверить и сообщить о результатах.")
ENGLISH = ("Dear colleagues, the rules of procurement have been broken in our department. We have spoken about this "
           "before, but nobody has done anything. Please look into it and tell me what you find.")


def message(text, *fields, subject="secret-subject", number="1"):
    return "\r\n".join(["From: Reporter <r@example.org>", f"Subject: {subject}",
                        f"Message-ID: <letter-{number}@example.org>",
                        "MIME-Version: 1.0", *(fields or ("Content-Type: text/plain; charset=utf-8",)), "", text,
                        ""]).encode()


def send(org, sender, octets, recipients=("senim@kmo.kz",), **more):
    return smtp.send(org.postfix.port, sender, list(recipients), octets, **more)


def case_of(org, subject):
    return next(case for case in org.cards() if case["subject"] == subject)


@scenario("the acknowledgement goes to the envelope sender alone, in the report's language, and says no word of it")
def acknowledgement(world):
    org = world.organisation()
    for language, text in (("kk", KAZAKH), ("ru", RUSSIAN), ("en", ENGLISH)):
        send(org, f"{language}@example.org", message(text, number=language))
        case = org.cases()[-1]
        same(case["language"], language, "the language")
        letter = org.sink.to(f"{language}@example.org")
        expect(letter, "a letter came", language)
        same((letter.sender, letter.recipients), ("", [f"{language}@example.org"]), "its envelope")
        parsed = email.message_from_bytes(letter.message, policy=email.policy.default)
        body = parsed.get_content()
        same(parsed["Auto-Submitted"], "auto-replied", "Auto-Submitted")
        same(parsed["In-Reply-To"], f"<letter-{language}@example.org>", "In-Reply-To")
        same(parsed.get_content_type(), "text/plain", "plain text")
        expect("senim@kmo.kz" in parsed["From"], "From", parsed["From"])
        same(len(parsed.get_all("To")), 1, "one To")
        expect(case["case"] in body, "the number", body)
        for secret in ("secret-subject", "Reporter", "procurement", "сатып", "закупк", "r@example.org"):
            expect(secret not in letter.message.decode("utf-8", "replace") and secret not in body, "no word of it",
                   secret)
        expect(not re.search(r"corrupt|сыбайлас|коррупц", parsed["Subject"], re.IGNORECASE), "a neutral subject")
        expect(not any(line.startswith(("X-Mailer", "Received: from ["))
                       for line in letter.message.decode().splitlines()),
               "no trace of the host's software")
        same(parsed["Content-Language"], language, "in that language")
        eventually(lambda: org.cases()[-1]["acknowledgement"]["state"] == "sent", "the case says so")
    org.verify()


# Who gets no letter, and the word that stands in the register for it.
WITHHELD = (
    ("null-sender", "", (), "null-sender"),
    ("vacation", "v@example.org", ("Auto-Submitted: auto-replied",), "automatic"),
    ("vacation-comment", "v2@example.org", ("Auto-Submitted: auto-generated (failure)",), "automatic"),
    ("list", "l@example.org", ("List-Id: <l.example.org>",), "automatic"),
    ("unsubscribe", "l2@example.org", ("List-Unsubscribe: <mailto:x@example.org>",), "automatic"),
    ("bulk", "b@example.org", ("Precedence: bulk",), "automatic"),
    ("suppress", "s@example.org", ("X-Auto-Response-Suppress: All",), "suppressed"),
    ("role-daemon", "mailer-daemon@example.org", (), "role-address"),
    ("role-owner", "owner-list@example.org", (), "role-address"),
    ("role-request", "list-request@example.org", (), "role-address"),
    ("role-bounces", "list-bounces+x=kmo.kz@example.org", (), "role-address"),
    ("role-noreply", "no-reply@example.org", (), "role-address"),
    ("own-domain", "staff@kmo.kz", (), "own-domain"),
    ("own-subdomain", "staff@branch.kmo.kz", (), "own-domain"),
    ("itself", "senim@kmo.kz", (), None),
    ("telephone", "voicemail@pbx.example.org", (), "telephone"),
)


@scenario("machines, lists, role addresses and the organisation itself get no letter, and the case says why")
def withheld(world):
    org = world.organisation("telephone-system=voicemail@pbx.example.org")
    for name, sender, fields, _ in WITHHELD:
        send(org, sender, message(ENGLISH, *fields, subject=name, number=name))
    cards = {case["subject"]: case["acknowledgement"] for case in org.cards()}
    for name, _, _, reason in WITHHELD:
        same(cards[name]["state"], "withheld", f"withheld from {name}")
        if reason:
            same(cards[name]["reason"], reason, f"the reason for {name}")
    # Who writes the same by hand gets one.
    send(org, "person@example.org", message(ENGLISH, "Auto-Submitted: no", subject="person", number="person"))
    expect(org.sink.to("person@example.org"), "a person gets one")
    same({address for letter in org.sink.letters for address in letter.recipients}, {"person@example.org"},
         "nobody else")


@scenario("one address gets three letters a day, and the fourth report is registered all the same")
def cap(world):
    org = world.organisation("acknowledge-per-address=3/day; 10/week")
    for number in range(4):
        send(org, "often@example.org", message(ENGLISH, subject=f"cap {number}", number=str(number)))
        if number < 3:
            eventually(lambda: len(org.sink.letters) == number + 1, "a letter")
    ends = [case["acknowledgement"] for case in eventually(
        lambda: [case for case in org.cases() if case["acknowledgement"]["state"] != "queued"][3:] and org.cases(),
        "decided")]
    same([end["state"] for end in ends], ["sent", "sent", "sent", "withheld"], "three letters")
    same(ends[3]["reason"], "cap", "why")


@scenario("a letter that the mail server does not take is offered again, octet for octet", patient=True)
def offered_again(world):
    org = world.organisation(mta=False, start=False)
    offers = []

    def answer(line):
        if line.upper().startswith("RCPT TO") and len(offers) < 1:
            offers.append(line)
            return "451 4.3.0 later"
        return None

    outside = world.sink(answer)
    world.postfix(org)
    org.postfix = world.postfixes[-1]
    with open(org.config, encoding="utf-8") as file:
        config = file.read()
    with open(org.config, "w", encoding="utf-8") as file:
        file.write(re.sub(r"(?m)^submit *=.*\n", "", config).replace("[senim]\n", "[senim]\nsubmit = smtp://127.0.0.1:"
                                                                     f"{outside.port}\n", 1))
    org.start()
    org.postfix.start()
    send(org, "again@example.org", message(ENGLISH))
    eventually(lambda: offers, "offered once")
    same(org.cases()[0]["acknowledgement"]["state"], "queued", "it waits")
    # A crash between two offers: what was composed is on disk.
    org.end(org.registrar, 9)
    org.start_registrar()
    expect(outside.to("again@example.org", 120), "offered again, and taken")
    time.sleep(1)
    same(len(outside.letters), 1, "once")
    eventually(lambda: org.cases()[0]["acknowledgement"]["state"] == "sent", "the case says so")


@scenario("an officer releases a letter that was withheld, to the address she names")
def released(world):
    org = world.organisation()
    send(org, "staff@kmo.kz", message(KAZAKH, subject="inside"))
    case = org.cases()[0]
    same(case["acknowledgement"], {"state": "withheld", "reason": "own-domain"}, "withheld")
    org.officer("acknowledge", case["case"], "--ground", "asked by telephone", "--to", "home@example.org")
    letter = org.sink.to("home@example.org")
    expect(letter, "a letter")
    eventually(lambda: org.cases()[0]["acknowledgement"]["state"] == "sent", "the case says so")
    org.verify()


@scenario("a letter waits for its delay, and lives through the registrar's restart", patient=True)
def delayed(world):
    org = world.organisation("acknowledge-delay=1 min")
    # The configuration says a minute; the case says queued until then.
    send(org, "later@example.org", message(RUSSIAN))
    time.sleep(1)
    same(org.cases()[0]["acknowledgement"]["state"], "queued", "it waits")
    org.end(org.registrar)
    org.start_registrar()
    expect(org.sink.to("later@example.org", 80), "it came after its minute")
    eventually(lambda: org.cases()[0]["acknowledgement"]["state"] == "sent", "the case says so")


@scenario("an answer to our own letter, and our own letter come back, start no loop")
def loops(world):
    org = world.organisation()
    send(org, "auto@example.org", message(ENGLISH))
    letter = org.sink.to("auto@example.org")
    ours = email.message_from_bytes(letter.message, policy=email.policy.default)["Message-ID"]
    # An absence notice without any of the signs, but that it answers us.
    send(org, "auto@example.org", message("I am away.", f"In-Reply-To: {ours}", "Content-Type: text/plain",
                                          number="away"))
    # And the letter itself, sent back by a broken server under another envelope.
    send(org, "broken@example.org", letter.message)
    time.sleep(2)
    same(len(org.sink.letters), 1, "no further letter")
    # Both belong to the case that the letter was about, and make none of their own.
    same(len(org.cases()), 1, "no further case")
    expect(org.cases()[0]["messages"] > 1, "what came is in the case", org.cases()[0])
