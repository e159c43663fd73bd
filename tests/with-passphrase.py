#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""with-passphrase.py PASSPHRASE COMMAND... - runs a command on a terminal of its own and answers each question that
ends in a colon with the passphrase: age asks on the terminal alone. Of several lines each answers one question, the last all
that follow. Ends with the command's exit status; what the terminal showed goes to the file that SAID names."""
import os
import pty
import sys

answers, command = sys.argv[1].encode().split(b"\n"), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
said = everything = b""
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # the other side closed
        break
    if not piece:
        break
    said += piece
    everything += piece
    if said.rstrip().endswith(b":"):
        os.write(terminal, answers[0] + b"\n")
        answers = answers[1:] or answers
        said = b""
if "SAID" in os.environ:
    with open(os.environ["SAID"], "wb") as file:
        file.write(everything)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
if status != 0:
    sys.stderr.write(said.decode(errors="replace"))
sys.exit(status if status >= 0 else 1)
