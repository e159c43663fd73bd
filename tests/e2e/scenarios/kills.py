# SPDX-License-Identifier: ISC
"""kill -9 under load: nothing answered 250 is missing, nothing is half in, nothing is there twice."""
import os
import random
import re
import signal
import threading
import time

import smtp
from harness import expect, same, scenario

SEED = int(os.environ.get("SENIM_SEED", "20261123"))
KILLS = int(os.environ.get("SENIM_KILLS", "300"))
STOPS = int(os.environ.get("SENIM_STOPS", "100"))


class Load:
    """Connections that send one report after another, each until it was answered 250, and keep what they sent."""

    def __init__(self, port, connections=8, pause=0.15, seed=SEED):
        self.port, self.pause, self.going = port, pause, True
        self.sent, self.tries, self.faults = {}, 0, []  # sent: subject -> octets, of everything answered 250
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(number, random.Random(seed + number)), daemon=True)
                         for number in range(connections)]
        for thread in self._threads:
            thread.start()

    def _run(self, number, chance):
        count, client = 0, None
        while self.going:
            count += 1
            subject = f"load {number}-{count}"
            body = (b"x" * 76 + b"\r\n") * chance.choice((0, 1, 10, 100, 800, 900, 3000))
            message = (f"From: <l{number}@example.org>\r\nSubject: {subject}\r\n"
                       f"Message-ID: <load-{number}@example.org>\r\n\r\nThe same words.\r\n").encode() + body
            client = self._until_taken(client, number, subject, message)
            time.sleep(self.pause * chance.random())
        if client:
            client.close()

    def _until_taken(self, client, number, subject, message):
        while True:
            with self._lock:
                self.tries += 1
            try:
                client = client or smtp.Client(self.port)
                client.mail(f"l{number}@example.org", ["senim@kmo.kz"], message)
                with self._lock:
                    self.sent[subject] = message
                return client
            except smtp.Refused as refused:
                if not 400 <= refused.code < 500:
                    self.faults.append(str(refused))
            except (OSError, ValueError):
                pass
            if client:
                client.close()
            client = None
            time.sleep(0.03)

    def stop(self, seconds=150):
        self.going = False
        for thread in self._threads:
            thread.join(seconds)
            expect(not thread.is_alive(), "every report is answered 250 in the end")


def subject_of(org, case):
    """From the card; a report whose child was killed is unexamined, and says its subject in its text alone."""
    if case["verdict"] != "unexamined":
        return case["subject"]
    return re.search(rb"(?m)^Subject: (.*)\r$", org.raw(case["case"]))[1].decode()


def settled(org, load, kills):
    """What the promise says, after the storm."""
    same(load.faults, [], "no answer but 250 and 4xx")
    for case in org.cases():
        if case["elsewhere"]:  # both children died over it: it is the next level's to say that it is not about her
            org.officer("grant", case["case"], "--to", "aigul", "--ground", "test", officer="chair")
    cases = org.cards(timeout=600)
    subjects = [subject_of(org, case) for case in cases]
    missing, double = set(load.sent) - set(subjects), [one for one in set(subjects) if subjects.count(one) > 1]
    same(missing, set(), f"nothing answered 250 is missing after {kills} kills")
    same(double, [], "a retry makes no second case")
    same(set(subjects) - set(load.sent), set(), "nothing is half in")
    chance = random.Random(SEED)
    for case, subject in chance.sample(list(zip(cases, subjects)), min(100, len(cases))):
        same(org.raw(case["case"]), load.sent[subject], "its octets")
    numbers = sorted(int(case["case"].split("/")[1]) for case in cases)
    same(numbers, list(range(1, len(numbers) + 1)), "numbers without a gap")
    org.verify(timeout=600)
    print(f"         {len(load.sent)} reports, {load.tries} tries, {kills} kills (seed {SEED})")


def revive(org, which):
    if which == "registrar":
        org.start_registrar()
    elif which == "milter":
        org.start_milter()


@scenario("kill -9 of registrar, milter, nursery and children 300 times under 8 connections: nothing is lost, half in "
          "or twice", heavy=True)
def kills(world):
    org = world.organisation("acknowledge=never")
    chance = random.Random(SEED)
    load = Load(org.postfix.port)
    done = 0
    try:
        while done < KILLS:
            time.sleep(0.05 + 0.6 * chance.random())
            which = chance.choice(("registrar", "registrar", "milter", "nursery", "child"))
            if which in ("registrar", "milter"):
                process = getattr(org, which)
                process.kill()
                process.wait()
                time.sleep(0.1 * chance.random())
                revive(org, which)
            else:
                nursery, waiting = org.nursery()
                pid = nursery if which == "nursery" else (chance.choice(waiting) if waiting else None)
                if not pid:
                    continue
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            done += 1
    finally:
        load.stop()
    settled(org, load, done)


@scenario("the registrar stops and starts 100 times under load while the milter stays up", heavy=True)
def stops(world):
    org = world.organisation("acknowledge=never")
    load = Load(org.postfix.port)
    milter = org.milter.pid
    try:
        for _ in range(STOPS):
            time.sleep(0.3)
            same(org.end(org.registrar), 0, "it ends well")
            org.start_registrar()
    finally:
        load.stop()
    same(org.milter.pid, milter, "the milter stayed")
    expect(org.milter.poll() is None, "and is alive")
    settled(org, load, STOPS)
