# SPDX-License-Identifier: ISC
"""tests/ipp-printer.py PORT-FILE WORK QUEUE-DEVICE: a printer that speaks IPP on a loopback port (RFC 8010, 8011). It keeps
of each job its attributes in WORK/job, and its pages in WORK/pages.pdf only where WORK/keep exists. With QUEUE-DEVICE it
plays a scheduler's queue, whose device that is."""
import http.server, os, struct, sys

PORT_FILE, WORK, DEVICE = sys.argv[1:4]


def attribute(tag, name, value):
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value


def read(body):
    """The operation, the attributes as {name: value}, and what follows them."""
    operation, values, at = struct.unpack(">H", body[2:4])[0], {}, 8
    while body[at] != 3:
        if body[at] < 16:
            at += 1
            continue
        size = struct.unpack(">H", body[at + 1:at + 3])[0]
        name = body[at + 3:at + 3 + size].decode()
        at += 3 + size
        size = struct.unpack(">H", body[at:at + 2])[0]
        values.setdefault(name, body[at + 2:at + 2 + size])
        at += 2 + size
    return operation, values, body[at + 1:]


class Printer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        operation, values, rest = read(body)
        extra = b""
        if operation == 0x000B:
            extra = b"\x04" + attribute(0x49, b"document-format-supported", b"application/pdf")
            if DEVICE != "-":
                extra += attribute(0x45, b"device-uri", DEVICE.encode())
        if operation == 0x0002:
            with open(WORK + "/job", "a", encoding="utf-8") as file:
                print(values["job-name"].decode(), values["sides"].decode(), rest[:5].decode(), len(rest) > 1000, file=file)
            if os.path.exists(WORK + "/keep"):
                with open(WORK + "/pages.pdf", "wb") as file:
                    file.write(rest)
            extra = b"\x02" + attribute(0x21, b"job-id", struct.pack(">I", 7)) + attribute(0x23, b"job-state", struct.pack(">I", 3))
        if operation == 0x0009:
            extra = b"\x02" + attribute(0x23, b"job-state", struct.pack(">I", 9))
        if operation == 0x0008:
            with open(WORK + "/job", "a", encoding="utf-8") as file:
                print("purged", struct.unpack(">I", values["job-id"])[0], values["purge-job"] == b"\1", file=file)
        answer = body[:2] + b"\0\0" + body[4:8] + b"\x01" + attribute(0x47, b"attributes-charset", b"utf-8") \
            + attribute(0x48, b"attributes-natural-language", b"en") + extra + b"\x03"
        self.send_response(200)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Printer)
with open(PORT_FILE + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_address[1]))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
