# SPDX-License-Identifier: ISC
"""An SMTP client that says exactly the octets it is told to, and keeps the dialogue.

smtplib repairs what it sends; here a message goes out as it is: bare LF, NUL, eight bits, lines of any length. Only the
dots are stuffed, since without that it would be another message.
"""
import re
import socket


class Refused(Exception):
    """The server answered other than expected; code and text are its own."""

    def __init__(self, step, reply):
        super().__init__(f"{step}: {reply}")
        self.step, self.reply, self.code = step, reply, int(reply[:3]) if reply[:3].isdigit() else 0


class Client:
    """One connection. Every line of the dialogue but the message is in .dialogue as ("C" or "S", text)."""

    def __init__(self, port, host="127.0.0.1", timeout=150.0, helo="client.example.org"):
        self.dialogue = []
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self._expect("greeting", 220)
        self.command(f"EHLO {helo}", 250)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def reply(self):
        """The next reply, all its lines."""
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("the server hung up")
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            lines.append(text)
            self.dialogue.append(("S", text))
            if text[3:4] != "-":
                return "\n".join(lines)

    def _expect(self, step, *codes):
        reply = self.reply()
        if codes and int(reply[:3] or 0) not in codes:
            raise Refused(step, reply)
        return reply

    def send(self, octets):
        self.socket.sendall(octets)

    def command(self, line, *codes):
        """Sends one line (str or bytes, without CRLF); returns the reply, or raises Refused where codes are given."""
        octets = line.encode() if isinstance(line, str) else line
        self.dialogue.append(("C", octets.decode("utf-8", "replace")))
        self.send(octets + b"\r\n")
        return self._expect(line, *codes)

    def mail(self, sender, recipients, message, parameters="", codes=(250,)):
        """One whole transaction; returns the reply to the final dot. Each recipient is as in RCPT TO, without <>."""
        self.command(f"MAIL FROM:<{sender}>{parameters}", 250)
        for recipient in recipients:
            self.command(f"RCPT TO:<{recipient}>", 250, 251)
        return self.data(message, codes)

    def data(self, message, codes=(250,)):
        self.command("DATA", 354)
        self.send(stuff(message))
        return self._expect("final dot", *codes)

    def quit(self):
        try:
            self.command("QUIT")
        except OSError:
            pass
        self.close()


def stuff(message):
    """The message as DATA carries it: dots doubled, the end of the data behind it."""
    stuffed = re.sub(rb"(^|\n)\.", rb"\1..", message)
    if not stuffed.endswith(b"\r\n"):
        stuffed += b"\r\n"
    return stuffed + b".\r\n"


def send(port, sender, recipients, message, **more):
    """One message over its own connection; returns the reply to the final dot."""
    with Client(port) as client:
        reply = client.mail(sender, recipients, message, **more)
        client.quit()
        return reply
