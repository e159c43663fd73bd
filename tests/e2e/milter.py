# SPDX-License-Identifier: ISC
"""The MTA's side of the milter protocol (version 6), with the patience of whichever MTA is asked for.

A packet is u32 length, one command octet, data. What the milter negotiated away is not awaited.
"""
import socket
import struct
import time

# Protocol steps that a milter may ask not to be sent (SMFIP_NO*) or not to answer (SMFIP_NR_*), sendmail's mfdef.h.
NOCONNECT, NOHELO, NOMAIL, NORCPT, NOBODY, NOHDRS, NOEOH = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40
NR_HDR, NOUNKNOWN, NODATA, SKIP, RCPT_REJ, NR_CONN, NR_HELO, NR_MAIL, NR_RCPT, NR_DATA, NR_UNKN, NR_EOH, NR_BODY, \
    HDR_LEADSPC = (1 << bit for bit in range(7, 21))
ACTIONS = 0x1FF
CHUNK = 65535


class Hangup(Exception):
    """The milter closed the connection, or said nothing for as long as the MTA waits."""


class Milter:
    """patience: seconds of silence after which the MTA gives up (Sendmail's R: 10)."""

    def __init__(self, path, patience=300.0):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(path)
        self.packets, self.longest_silence = [], 0.0
        self.send(b"O", struct.pack(">III", 6, ACTIONS, 0x1FFFFF))
        _, data = self.receive()
        self.version, self.actions, self.steps = struct.unpack(">III", data[:12])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, command, data=b""):
        self.socket.sendall(struct.pack(">I", len(data) + 1) + command + data)

    def _exactly(self, size):
        octets = b""
        while len(octets) < size:
            try:
                more = self.socket.recv(size - len(octets))
            except TimeoutError:
                raise Hangup("no word within the MTA's patience") from None
            if not more:
                raise Hangup("the milter closed the connection")
            octets += more
        return octets

    def receive(self):
        began = time.monotonic()
        size, = struct.unpack(">I", self._exactly(4))
        packet = self._exactly(size)
        self.longest_silence = max(self.longest_silence, time.monotonic() - began)
        self.packets.append(packet)
        return packet[:1], packet[1:]

    def step(self, command, data=b"", skipped=0, unanswered=0):
        """Sends one step unless the milter wants none of it; returns the reply's command, or b"c" where none comes."""
        if self.steps & skipped:
            return b"c"
        self.send(command, data)
        return b"c" if self.steps & unanswered else self.receive()[0]

    def macros(self, command, **values):
        data = command + b"".join(f"{name}\0{value}\0".encode() for name, value in values.items())
        self.send(b"D", data)

    def begin(self, sender, recipients, queue_id="QID1"):
        """Connection, MAIL and each RCPT, DATA; returns the reply to DATA."""
        self.step(b"C", b"client.example.org\x004" + struct.pack(">H", 25) + b"192.0.2.1\0", NOCONNECT, NR_CONN)
        self.step(b"H", b"client.example.org\0", NOHELO, NR_HELO)
        self.macros(b"M", i=queue_id)
        self.step(b"M", f"<{sender}>\0".encode(), NOMAIL, NR_MAIL)
        for recipient in recipients:
            self.macros(b"R", **{"{rcpt_addr}": recipient, "{rcpt_mailer}": "local"})
            self.step(b"R", f"<{recipient}>\0".encode(), NORCPT, NR_RCPT)
        self.macros(b"T", i=queue_id)
        return self.step(b"T", b"", NODATA, NR_DATA)

    def content(self, message):
        """Header fields, end of header, body; all of it CRLF."""
        head, _, body = message.partition(b"\r\n\r\n")
        for field in head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n"):
            name, _, value = field.partition(b":")
            if not self.steps & HDR_LEADSPC:
                value = value.removeprefix(b" ")
            self.step(b"L", name + b"\0" + value + b"\0", NOHDRS, NR_HDR)
        self.step(b"N", b"", NOEOH, NR_EOH)
        for at in range(0, len(body), CHUNK):
            self.step(b"B", body[at:at + CHUNK], NOBODY, NR_BODY)

    def end(self):
        """End of message; returns the final reply (command, data), reading over progress and modifications."""
        self.send(b"E")
        while True:
            command, data = self.receive()
            if command in b"acdrty":
                return command, data

    def message(self, sender, recipients, message, queue_id="QID1"):
        verdict = self.begin(sender, recipients, queue_id)
        if verdict != b"c":
            return verdict, b""
        self.content(message)
        return self.end()

    def abort(self):
        self.send(b"A")

    def quit(self):
        self.send(b"Q")
        self.socket.close()
