# SPDX-License-Identifier: ISC
"""Scenarios: each a function whose name is said in its decorator as a sentence, each with a world of its own.

    @scenario("a report answered 250 is there for each officer")
    def each_officer(world):
        org = world.organisation()
        ...
        expect(len(org.cases()) == 1, "one case")

A world makes what the scenario asks for below one directory and ends it afterwards, whatever happened; then it looks
whether a daemon ended otherwise than asked, or a sanitizer spoke. A directory stays where its scenario failed.
"""
import collections
import glob
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import postfix
import senim
import sink

Scenario = collections.namedtuple("Scenario", "sentence function heavy patient")
SCENARIOS = []


class Skip(Exception):
    """This machine cannot show it; the sentence says what is missing."""


def scenario(sentence, heavy=False, patient=False):
    """heavy: kills and loads, which say nothing more under sanitizers and take their time. patient: sleeps for a minute
    or two, or does one small thing after another, so it starts first and takes no other's place."""
    def keep(function):
        SCENARIOS.append(Scenario(sentence, function, heavy, patient))
        return function
    return keep


def expect(truth, sentence, *found):
    if not truth:
        raise AssertionError(sentence + (": " + ", ".join(repr(one) for one in found) if found else ""))


def same(found, wanted, sentence):
    expect(found == wanted, sentence, found, wanted)


def eventually(truth, sentence, seconds=20.0):
    """Waits until truth() holds; returns what it returned."""
    end = time.monotonic() + seconds
    while True:
        held = truth()
        if held:
            return held
        if time.monotonic() >= end:
            raise AssertionError(f"{sentence}: not within {seconds:g} s")
        time.sleep(0.05)


class World:
    def __init__(self, prefix, directory):
        self.programs = senim.Programs(prefix)
        self.directory = directory
        self.sinks, self.postfixes, self.organisations, self.mounts = [], [], [], []

    def sink(self, answer=None):
        self.sinks.append(sink.Sink(answer))
        return self.sinks[-1]

    def organisation(self, *settings, mta=True, start=True, postfix_options=None, **init):
        """An organisation with its officers and both daemons, behind a Postfix (.postfix) whose world is .sink.
        settings: as for --set."""
        directory = f"{self.directory}/{len(self.organisations)}"
        os.mkdir(directory, 0o755)
        org = senim.Senim(self.programs, directory)
        self.organisations.append(org)
        org.sink = self.sink()
        words = []
        if mta:
            org.postfix = self.postfix(org, **(postfix_options or {}))
            words = ["--set", f"submit=smtp://127.0.0.1:{org.postfix.port}"]
        for setting in settings:
            words += ["--set", setting]
        org.init(*words, **init)
        if start:
            org.start()
            if mta:
                org.postfix.start()
        return org

    def postfix(self, org, **options):
        options = {"milter": f"unix:{org.milter_socket}", "local_milter": f"unix:{org.milter_socket}",
                   "sink_port": org.sink.port, **options}
        self.postfixes.append(postfix.Postfix(f"{org.directory}/postfix", **options))
        return self.postfixes[-1]

    def mount(self, directory, size):
        """A small file system of memory on that (empty) directory."""
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "senim-test", directory],
                              capture_output=True, check=False)
        if done.returncode:
            raise Skip("no file system can be mounted here")
        self.mounts.append(directory)

    def close(self):
        faults = []
        for org in self.organisations:
            for process, end in ((org.milter, org.end_milter), (org.registrar, lambda: org.end(org.registrar))):
                try:
                    status = end()
                    if status not in (None, 0):
                        name = os.path.basename(process.args[0])
                        faults.append(f"{name} ended with {status}: {org.log_tail(process)}")
                except RuntimeError as failure:
                    faults.append(str(failure))
        for one in self.postfixes + self.sinks:
            one.stop()
        for directory in self.mounts:
            subprocess.run(["umount", "-l", directory], check=False)
        for path in glob.glob(f"{self.directory}/**/*.log", recursive=True):
            with open(path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    if "Sanitizer" in line or "runtime error" in line or "CRITICAL" in line or "assertion" in line:
                        faults.append(f"{os.path.basename(path)}: {line.strip()}")
                        break
        if faults:
            raise AssertionError("; ".join(faults))


def run_one(prefix, sentence, function, keep):
    """Runs one scenario in a world of its own; returns "passed", "failed" or "skipped", having said so."""
    directory = tempfile.mkdtemp(prefix="senim-e2e-", dir="/var/tmp")
    os.chmod(directory, 0o755)
    world, began, fault = World(prefix, directory), time.monotonic(), None
    try:
        try:
            function(world)
        finally:
            world.close()
    except Skip as why:
        print(f"skipped  {sentence}: {why}")
        shutil.rmtree(directory, ignore_errors=True)
        return "skipped"
    except Exception as problem:  # whatever it was: this scenario failed, the next one runs
        fault = problem
    spent = time.monotonic() - began
    if fault is None:
        print(f"ok       {sentence} ({spent:.1f} s)")
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
        return "passed"
    print(f"FAILED   {sentence} ({spent:.1f} s)\n         {fault}\n         left in {directory}")
    if not isinstance(fault, AssertionError):
        traceback.print_exception(fault, file=sys.stdout)
    return "failed"


class Job:
    """One scenario in a process of its own, so that what it starts, mounts or breaks is its own as well."""

    ENDS = ("passed", "failed", "skipped")

    def __init__(self, *words):
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            sys.stdout.reconfigure(line_buffering=False)  # all of it when it is done
            os.dup2(writer, 1)
            end = "failed"
            try:
                end = run_one(*words)
            finally:
                sys.stdout.flush()
                os._exit(self.ENDS.index(end))
        os.close(writer)
        self.reader = open(reader, encoding="utf-8")

    def result(self):
        """Waits for its end; prints what it said."""
        print(self.reader.read(), end="", flush=True)
        self.reader.close()
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.ENDS[status] if 0 <= status < len(self.ENDS) else "failed"


class Crew:
    """Scenarios that run at once, and how they ended."""

    def __init__(self, prefix, keep):
        self.prefix, self.keep = prefix, keep
        self.running, self.ends = [], collections.Counter()

    def start(self, one):
        self.running.append((Job(self.prefix, one.sentence, one.function, self.keep), one))

    def busy(self):
        return sum(not one.patient for _, one in self.running)

    def await_one(self):
        """Waits until one or more have ended."""
        ready, _, _ = select.select([job.reader for job, _ in self.running], [], [])
        for ended in [entry for entry in self.running if entry[0].reader in ready]:
            self.running.remove(ended)
            self.ends[ended[0].result()] += 1


def run(prefix, wanted, heavy=True, keep=False, at_once=3 * (os.cpu_count() or 1)):
    """Runs the scenarios whose sentence holds each of the wanted words, the heavy ones alone after the others; returns
    how many passed, failed and were skipped. Most of a scenario is waiting, so several run at once."""
    chosen = [one for one in SCENARIOS if (heavy or not one.heavy)
              and all(word.lower() in one.sentence.lower() for word in wanted)]
    crew = Crew(prefix, keep)
    for one in [one for one in chosen if one.patient]:
        crew.start(one)
    for one in [one for one in chosen if not one.patient and not one.heavy]:
        while crew.busy() >= at_once:
            crew.await_one()
        crew.start(one)
    for one in [one for one in chosen if one.heavy]:
        while crew.running:
            crew.await_one()
        crew.start(one)
    while crew.running:
        crew.await_one()
    return crew.ends["passed"], crew.ends["failed"], crew.ends["skipped"]
