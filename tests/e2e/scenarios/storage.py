# SPDX-License-Identifier: ISC
"""Disks that fill, backups that come back, hands in the files."""
import glob
import os
import shutil
import sqlite3
import time

import smtp
from harness import eventually, expect, same, scenario

STATE = "state/senim@kmo.kz"


def report(number, size=0):
    head = f"From: <a@example.org>\r\nSubject: stored {number}\r\nMessage-ID: <s{number}@example.org>\r\n\r\n"
    return head.encode() + b"text\r\n" + (b"x" * 76 + b"\r\n") * (size // 78)


def send(org, number, size=0, **more):
    return smtp.send(org.postfix.port, "a@example.org", ["senim@kmo.kz"], report(number, size), **more)


def vault(org):
    return sorted(glob.glob(f"{org.org}/{STATE}/vault/**/*.pay", recursive=True))


def begun(world, **more):
    """An organisation with two small reports and a large one, its daemons ended, and a copy of its state beside."""
    org = world.organisation("acknowledge=never", **more)
    for number in range(2):
        send(org, number)
    send(org, 2, 300_000)
    org.stop()
    shutil.copytree(f"{org.org}/{STATE}", f"{org.directory}/older")
    return org


def refused(org, *names):
    """The registrar does not start, names what it found, and no payload is gone."""
    before = vault(org)
    org.start_registrar(wait=False)
    status = org.registrar.wait(20)
    expect(status != 0, "it does not start")
    said = org.log_tail(org.registrar)
    expect(all(name in said for name in names), "it names the files", said)
    same(vault(org), before, "no payload is gone")
    org.registrar = None


def put_back(org, name):
    for suffix in ("", "-wal", "-shm"):
        path = f"{org.org}/{STATE}/{name}{suffix}"
        if os.path.exists(path):
            os.unlink(path)
        if os.path.exists(f"{org.directory}/older/{name}{suffix}"):
            shutil.copy2(f"{org.directory}/older/{name}{suffix}", path)


def later(org):
    """Three more reports, and the daemons ended again."""
    org.start()
    for number in (3, 4):
        send(org, number)
    send(org, 5, 200_000)
    same(len(org.cases()), 6, "six cases")
    org.stop()


@scenario("a register older than its custody stops the start by name, and no payload is gone")
def older_register(world):
    org = begun(world)
    later(org)
    put_back(org, "register.db")
    refused(org, "register.db", "custody.db")
    # The younger register is lost for good: a new log begins beside the old files, and mail is taken again.
    old = [os.path.basename(path) for path in vault(org)]
    org.start_registrar("--continue-after-mismatch")
    org.start_milter()
    expect(send(org, 6).startswith("250"), "250")
    same([case["subject"] for case in org.cards()][-1], "stored 6", "the new case")
    kept = glob.glob(f"{org.org}/state/*/vault/**/*.pay", recursive=True)
    expect(set(old) <= {os.path.basename(path) for path in kept}, "the old payloads are kept", old, kept)


@scenario("a custody older than its register stops the start by name, and no payload is gone")
def older_custody(world):
    org = begun(world)
    later(org)
    put_back(org, "custody.db")
    refused(org, "register.db", "custody.db")


@scenario("a lost WAL stops the start by name, and no payload is gone")
def lost_wal(world):
    for name in ("register.db", "custody.db"):
        directory = f"{world.directory}/{name}"
        os.mkdir(directory)
        org = world.organisation("acknowledge=never", "term-working-days=15")
        for number in range(3):
            send(org, number)
        send(org, 3, 200_000)
        org.end_milter()
        org.registrar.kill()
        org.registrar.wait()
        org.registrar = None
        log = f"{org.org}/{STATE}/{name}-wal"
        expect(os.path.getsize(log) > 0, "there is a WAL to lose")
        os.unlink(log)
        refused(org, "register.db", "custody.db")


@scenario("after a kill the registrar starts where it was, and nothing is missing")
def after_kill(world):
    org = world.organisation("acknowledge=never")
    for number in range(5):
        send(org, number, 100_000 if number == 3 else 0)
        org.registrar.kill()
        org.registrar.wait()
        org.start_registrar()
    same([case["subject"] for case in org.cards()], [f"stored {number}" for number in range(5)], "five cases")
    org.verify()


@scenario("a changed byte in payload, register or custody is found by verify and named")
def tampering(world):
    org = begun(world)
    path, = vault(org)

    def verify():
        org.start_registrar()
        result = org.officer("verify", check=False)
        org.end(org.registrar)
        return result

    same(verify().returncode, 0, "clean before")

    def flip(at):
        with open(path, "r+b") as file:
            file.seek(at)
            octet = file.read(1)
            file.seek(at)
            file.write(bytes([octet[0] ^ 1]))

    flip(100_000)
    result = verify()
    same(result.returncode, 1, "found")
    expect(b"the body of the case of entry 3 was altered" in result.stdout, "named", result.stdout)
    flip(100_000)
    same(verify().returncode, 0, "clean again")
    os.rename(path, path + ".away")
    same(verify().returncode, 1, "a missing payload is found")
    os.rename(path + ".away", path)

    # SQLite's own defences bind our programs, not a hand with the file.
    was = change_opening(org, lambda blob: blob[:-1] + bytes([blob[-1] ^ 1]))
    same(verify().returncode, 1, "a changed opening is found")
    change_opening(org, lambda _: was)
    same(verify().returncode, 0, "clean again")


def change_opening(org, change):
    """Changes the opening of the first entry after the log's beginning in the file; returns what it was."""
    database = sqlite3.connect(f"{org.org}/{STATE}/custody.db")
    with database:
        seq, blob = database.execute("SELECT seq, blob FROM opening WHERE seq > 0 ORDER BY seq LIMIT 1").fetchone()
        database.execute("UPDATE opening SET blob = ? WHERE seq = ?", (change(blob), seq))
    database.close()
    return blob


@scenario("a full disk puts reports off with 451, loses none, and is over when there is room")
def full_disk(world):
    org = world.organisation("acknowledge=never", start=False)
    kept = f"{org.directory}/kept"
    shutil.move(f"{org.org}/state", kept)
    os.mkdir(f"{org.org}/state", 0o700)
    world.mount(f"{org.org}/state", "4m")
    shutil.copytree(kept, f"{org.org}/state", dirs_exist_ok=True)
    os.chmod(f"{org.org}/state", 0o700)
    org.start()
    org.postfix.start()
    taken, put_off = [], 0
    for number in range(60):
        reply = send(org, number, 150_000 if number % 2 else 2_000, codes=())
        if reply.startswith("250"):
            taken.append(f"stored {number}")
        else:
            expect(reply.startswith("451"), "451", reply)
            put_off += 1
    expect(put_off > 10 and len(taken) > 5, "some were taken, then it was full", len(taken), put_off)
    os.system(f"mount -o remount,size=64m {org.org}/state")

    def accepted():
        reply = send(org, "after", 100_000, codes=())
        return reply.startswith("250")
    eventually(accepted, "taken again when there is room", 30)
    same([case["subject"] for case in org.cards()], taken + ["stored after"], "what was answered 250, and nothing else")
    org.verify()
    # And a start finds the same.
    org.stop()
    org.start()
    org.verify()


@scenario("no second registrar or milter runs on one state, and the first goes on")
def single(world):
    org = world.organisation("acknowledge=never")
    for process, start in ((org.registrar, org.start_registrar), (org.milter, org.start_milter)):
        start(wait=False)
        second = org.registrar if start == org.start_registrar else org.milter
        expect(second.wait(20) not in (0, None), "the second one ends")
        if start == org.start_registrar:
            org.registrar = process
        else:
            org.milter = process
    time.sleep(0.2)
    expect(send(org, 1).startswith("250"), "the first go on")
