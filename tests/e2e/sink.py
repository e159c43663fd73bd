# SPDX-License-Identifier: ISC
"""A mail server that keeps what it is given: the world outside, where letters and other people's copies arrive."""
import dataclasses
import socketserver
import threading
import time


@dataclasses.dataclass
class Letter:
    sender: str        # of MAIL FROM, without <>
    recipients: list   # of RCPT TO, without <>
    message: bytes     # unstuffed, CRLF
    arrived: float


class Sink:
    """Listens on a free loopback port; letters are in .letters, oldest first. answer(line) may return another reply to
    a command than 250: the text after the code, or None."""

    def __init__(self, answer=None):
        self.letters, self.answer = [], answer
        self._changed = threading.Condition()
        sink = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    _session(sink, self.rfile, self.wfile)
                except OSError:
                    pass  # the client left

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads, request_queue_size = True, True, 128

        self._server = Server(("127.0.0.1", 0), Session)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def keep(self, letter):
        with self._changed:
            self.letters.append(letter)
            self._changed.notify_all()

    def wait(self, match, seconds=20.0):
        """The first letter for which match(letter) is true, or None after that time."""
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                for letter in self.letters:
                    if match(letter):
                        return letter
                if not self._changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    return None

    def to(self, address, seconds=20.0):
        """The first letter to that address, or None."""
        return self.wait(lambda letter: address in letter.recipients, seconds)

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def _path(line):
    return line[line.index("<") + 1:line.rindex(">")] if "<" in line else line.partition(":")[2].strip()


def _session(sink, reader, writer):
    def say(text):
        writer.write(text.encode() + b"\r\n")
        writer.flush()

    sender, recipients = "", []
    say("220 sink.example.org ESMTP")
    for raw in iter(reader.readline, b""):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        verb = line.upper()
        other = sink.answer(line) if sink.answer else None
        if other:
            say(other)
        elif verb.startswith("EHLO"):
            say("250-sink.example.org\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING")
        elif verb.startswith("MAIL FROM:"):
            sender, recipients = _path(line), []
            say("250 2.1.0 sender noted")
        elif verb.startswith("RCPT TO:"):
            recipients.append(_path(line))
            say("250 2.1.5 recipient noted")
        elif verb == "DATA":
            say("354 end with a dot")
            lines = []
            for body in iter(reader.readline, b""):
                if body == b".\r\n":
                    break
                lines.append(body[1:] if body.startswith(b".") else body)
            sink.keep(Letter(sender, recipients, b"".join(lines), time.time()))
            say("250 2.0.0 kept")
        elif verb == "QUIT":
            say("221 2.0.0 bye")
            return
        else:
            say("250 2.0.0 well")
