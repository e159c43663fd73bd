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
import glob
import os
import shutil
import subprocess
import tempfile
import time
import traceback

import postfix
import senim
import sink

SCENARIOS = []


class Skip(Exception):
    """This machine cannot show it; the sentence says what is missing."""


def scenario(sentence, heavy=False):
    """heavy: kills and loads, which say nothing more under sanitizers and take their time."""
    def keep(function):
        SCENARIOS.append((sentence, function, heavy))
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

    def close(self, looked_at=True):
        faults = []
        for org in self.organisations:
            for process, end in ((org.milter, org.end_milter), (org.registrar, lambda: org.end(org.registrar))):
                try:
                    status = end()
                    if status not in (None, 0):
                        faults.append(f"{os.path.basename(process.args[0])} ended with {status}: {org.log_tail(process)}")
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
        if looked_at and faults:
            raise AssertionError("; ".join(faults))


def run(prefix, wanted, heavy=True, keep=False):
    """Runs the scenarios whose sentence holds each of the wanted words; returns (passed, failed, skipped)."""
    passed = failed = skipped = 0
    for sentence, function, is_heavy in SCENARIOS:
        if (is_heavy and not heavy) or not all(word.lower() in sentence.lower() for word in wanted):
            continue
        directory = tempfile.mkdtemp(prefix="senim-e2e-", dir="/var/tmp")
        os.chmod(directory, 0o755)
        world, began, fault = World(prefix, directory), time.monotonic(), None
        try:
            try:
                function(world)
            finally:
                world.close(looked_at=True)
        except Skip as why:
            skipped += 1
            print(f"skipped  {sentence}: {why}", flush=True)
            continue
        except Exception as problem:  # whatever it was: this scenario failed, the next one runs
            fault = problem
        spent = time.monotonic() - began
        if fault is None:
            passed += 1
            print(f"ok       {sentence} ({spent:.1f} s)", flush=True)
        else:
            failed += 1
            print(f"FAILED   {sentence} ({spent:.1f} s)\n         {fault}\n         left in {directory}", flush=True)
            if not isinstance(fault, AssertionError):
                traceback.print_exception(fault)
        if fault is None and not keep:
            shutil.rmtree(directory, ignore_errors=True)
    return passed, failed, skipped
