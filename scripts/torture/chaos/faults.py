"""The faults of the API, by kind. Each sends a faulty answer in a different way."""

import contextlib
import socket
import ssl
import struct
import time
import zlib
from email.utils import formatdate

# Longer than the exporter waits for anything.
LONG = 20

STATUSES = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests",
            500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}  # fmt: skip

# The simulator's complete answer, in an unusual form.
VARIANTS = "plain chunked gzip interim until-close".split()
# The answer of the simulator, damaged, late or lost.
DAMAGED = ("delay reset-before-head reset-in-head reset-in-body closed-before-head closed-in-head truncated short-length long-length "
           "bad-length two-lengths bad-chunk drip corrupt-gzip").split()  # fmt: skip
# Ends with RST instead of FIN.
RESETS = "reset-at-once reset-before-head reset-in-head reset-in-body".split()
# Ends with FIN where more must come. Those at once come before the API gets the request, the others while it answers.
CLOSES = "closed-at-once closed-before-head closed-in-head truncated".split()
# The answer fails quickly.
FAILURES = [*RESETS, *CLOSES, "not-http", "status-with-secret", "redirect-loop", "empty", "page", "no-success"]
# What happens to a connection before its first request.
HANDSHAKES = ["reset-in-handshake", "closed-in-handshake"]
# All, in an order on which the meaning of a seed depends.
ALL = [*RESETS, *CLOSES,
       *"delay hang short-length long-length bad-length two-lengths bad-chunk drip endless-head endless-body bomb corrupt-gzip not-http "
        "many-interim status-with-secret throttled redirect redirect-loop empty page no-success".split()]  # fmt: skip


def gzip(pieces):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(piece) for piece in pieces] + [packer.flush()])


def bombs():
    """Small compressed answers that decompress to large ones: one that is not JSON, and one that is."""
    blank = b" " * (1 << 20)
    return [
        gzip([b"["] + [blank] * 256),
        gzip([b'{"success":true,"buckets":['] + [b"{}," * (1 << 18)] * 200 + [b"{}]}"]),
    ]


def secret_part(token):
    """The part of a token to look for, since a part of it is a leak, too; None for a token that is too short.

    It is the beginning of a token of 32 random bytes, and of the signature of a web token, whose beginning is no secret.
    """
    return token[-43:-27] if len(token) >= 43 else None


def padding_to_cut(secret):
    """How much text before a secret makes the exporter cut the text within the secret, but behind the part that is looked for.

    It cuts after 200 characters. Where it cut before it looked for the secret, it would tell that part.
    """
    return max(0, 213 - len(secret))


def end_handshake(connection, fault):
    """Ends a connection during its handshake, after the client has begun to speak."""
    connection.recv(65536)
    if fault == "reset-in-handshake":
        close_with_reset(connection)


def close_with_reset(connection):
    """Makes close() send RST. Not for a connection that has been shut down, which has sent FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Answer:
    """An answer to one request, and the data that its faults need."""

    def __init__(self, connection, status, body, secret, chance, large):
        """secret: a token of the request. chance: from 0 to 1, chooses among the forms of a fault. large: what bombs() made."""
        self.connection, self.status, self.body = connection, status, body
        self.secret, self.chance, self.bombs = secret, chance, large

    def refuses_token(self, fault):
        """Whether the answer's status is 401."""
        return (fault == "status-with-secret" and self._told_status == 401) or (fault in VARIANTS + DAMAGED and self.status == 401)

    def send(self, fault):
        """Sends the answer with a fault. Returns whether the connection can be used again."""
        for kind in (self._whole, self._broken_off, self._misframed, self._endless, self._other):
            is_reusable = kind(fault)
            if is_reusable is not None:
                return is_reusable
        raise ValueError(fault)

    def _whole(self, fault):
        body = self.body
        match fault:
            case "plain":
                return self._message(self.status, body)
            case "chunked":
                self._write(self._head(self.status, "Transfer-Encoding: chunked"))
                for start in range(0, len(body), 1000):
                    piece = body[start : start + 1000]
                    self._write(f"{len(piece):x}\r\n".encode(), piece, b"\r\n")
                self._write(b"0\r\n\r\n")
                return True
            case "gzip":
                return self._message(self.status, gzip([body]), "Content-Encoding: gzip")
            case "interim":
                self._write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", self._head(self.status, length=len(body)), body)
                return True
            case "until-close":
                self._write(self._head(self.status, "Connection: close"), body)
                if isinstance(self.connection, ssl.SSLSocket):
                    self.connection.unwrap()
                else:
                    self.connection.shutdown(socket.SHUT_WR)
                return False
        return None

    def _broken_off(self, fault):
        """Silence, resets and premature ends."""
        half = self.body[: len(self.body) // 2]
        head = self._head(self.status, length=len(self.body))
        match fault:
            case "hang":
                self._wait_for_close()
            case "reset-at-once" | "reset-before-head" | "closed-at-once" | "closed-before-head":
                pass
            case "reset-in-head" | "closed-in-head":
                self._write(head[:25])
            case "reset-in-body":
                self._write(head, half)
            case "truncated":
                self._write(head, half)
                self.connection.shutdown(socket.SHUT_WR)
                self._wait_for_close()
            case "drip":
                self._write(head)
                for byte in self.body:
                    self._write(bytes([byte]))
                    time.sleep(0.1)
            case _:
                return None
        if fault in RESETS:
            close_with_reset(self.connection)
        return False

    def _misframed(self, fault):
        """Lengths, chunks and compression that do not match the body."""
        body, status = self.body, self.status
        half = body[: len(body) // 2]
        match fault:
            case "short-length":
                self._write(self._head(status, length=len(half)), body)
                self._wait_for_close()
            case "long-length":
                self._write(self._head(status, length=len(body) + 1 + int(self.chance * 1e15)), body)
                self._wait_for_close()
            case "bad-length":
                self._write(self._head(status, f"Content-Length: {self._one_of('-5', '12abc', '99999999999999999999999', '')}"), body)
            case "two-lengths":
                self._write(self._head(status, f"Content-Length: {len(body)}", f"Content-Length: {len(half)}"), body)
            case "bad-chunk":
                size = self._one_of(b"zz\r\n", b"fffffffffffffffffff\r\n", b"-1\r\n")
                self._write(self._head(status, "Transfer-Encoding: chunked"), size, body)
            case "corrupt-gzip":
                packed = bytearray(gzip([body]))
                packed[len(packed) // 2] ^= 0x55
                return self._message(status, bytes(packed), "Content-Encoding: gzip")
            case _:
                return None
        return False

    def _endless(self, fault):
        """Answers that are larger than the exporter may read."""
        match fault:
            case "endless-head":
                self._write(b"HTTP/1.1 200 OK\r\n")
                self._write_until_closed(b"X-Long: " + b"x" * 4000 + b"\r\n")
            case "endless-body":
                self._write(self._head(200, "Transfer-Encoding: chunked"), b"2\r\n[ \r\n")
                self._write_until_closed(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
            case "many-interim":
                self._write(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000)
                self._wait_for_close()
            case "bomb":
                return self._message(200, self._one_of(*self.bombs), "Content-Encoding: gzip")
            case _:
                return None
        return False

    def _other(self, fault):
        """Well-formed answers that do not match the request; some of them contain the token."""
        secret = self.secret
        match fault:
            case "not-http":
                self._write(b"SSH-2.0-OpenSSH_9.2 " + secret.encode() + b"\r\n")
                return False
            case "status-with-secret":
                # In some cases so long that not all of the body is read.
                text = "y" * [0, 150, padding_to_cut(secret), 16_300][int(self.chance * 1000) % 4] + secret
                return self._message(self._told_status, self._said(text))
            case "throttled":
                after = [[], ["Retry-After: 1"], [f"Retry-After: {formatdate(time.time() + 2, usegmt=True)}"], ["Retry-After: soon"]]
                return self._message(self._one_of(429, 503), b"", *after[int(self.chance * 1000) % 4])
            case "redirect":
                # A label of a host name has at most 63 characters.
                where = self._one_of(
                    "http://127.0.0.1:1/", f"https://other.invalid/{secret}?{secret}", f"https://{secret[-43:]}.invalid/",
                    "file:///etc/passwd", "///")
                return self._message(302, b"", f"Location: {where}")
            case "redirect-loop":
                return self._message(302, b"", "Location: ?again")
            case "empty":
                return self._message(200, b"")
            case "page":
                return self._message(200, f"<html><body>Sign in, {secret}</body></html>".encode())
            case "no-success":
                return self._message(200, self._said(secret))
        return None

    # Their parts.

    @property
    def _told_status(self):
        return self._one_of(400, 401, 403, 404, 500, 502, 503, 504)

    def _one_of(self, *forms):
        return forms[int(self.chance * len(forms))]

    @staticmethod
    def _said(text):
        return f'{{"success":false,"message":"{text}"}}'.encode()

    @staticmethod
    def _head(status, *fields, length=None):
        lines = [f"HTTP/1.1 {status} {STATUSES.get(status, 'Other')}", "Content-Type: application/json", *fields]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def _message(self, status, body, *fields):
        self._write(self._head(status, *fields, length=len(body)), body)
        return True

    def _write(self, *pieces):
        self.connection.sendall(b"".join(pieces))

    def _write_until_closed(self, piece):
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            self.connection.sendall(piece)

    def _wait_for_close(self):
        self.connection.settimeout(LONG)
        with contextlib.suppress(OSError):
            while self.connection.recv(65536):
                pass
