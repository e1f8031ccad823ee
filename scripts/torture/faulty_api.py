"""A server between the exporter and the simulator that breaks what it carries, and knows what it has carried whole."""

import contextlib
import http.client
import random
import re
import socket
import ssl
import struct
import threading
import time
import zlib
from email.utils import formatdate

HEAD_END = b"\r\n\r\n"
# Longer than the exporter waits for anything.
LONG = 20

STATUSES = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests",
            500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}  # fmt: skip


def gzip(data_pieces):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(piece) for piece in data_pieces] + [packer.flush()])


def bombs():
    """Small compressed answers that are large: one that is no JSON, and one that is."""
    blank = b" " * (1 << 20)
    return [
        gzip([b"["] + [blank] * 256),
        gzip([b'{"success":true,"buckets":['] + [b"{}," * (1 << 18)] * 200 + [b"{}]}"]),
    ]


def question(method, target):
    """What a request asks for: a kind, and the bucket that it is about."""
    parts = target.split("?")[0].strip("/").split("/")
    if parts == ["bucket"]:
        return "list", None
    if parts == ["bucket", "stats"]:
        return "totals", None
    if parts == ["bucket", "available"]:
        return "available", None
    if parts == ["user", "refresh"]:
        return "refresh", None
    if len(parts) == 3 and parts[2] == "status":
        return "status", parts[1]
    if len(parts) == 3 and parts[2] == "stats":
        return "daily", parts[1]
    return "other", None


class Closed(Exception):
    """The exporter has closed the connection."""


class FaultyAPI:
    """Serves the simulator's answers with faults. Faults are chosen by episodes, which the harness changes at any time.

    An episode is a dictionary: kind and bucket (None for all), share of requests from 0 to 1, faults to choose from.
    """

    FAULTS = ("delay hang reset-at-once reset-in-head reset-in-body truncated short-length long-length bad-length two-lengths bad-chunk drip "
              "endless-head endless-body bomb corrupt-gzip not-http many-interim status-with-secret throttled redirect redirect-loop "
              "empty page no-success lost").split()  # fmt: skip
    # Unusual, but whole.
    VARIANTS = "plain chunked gzip interim until-close".split()

    def __init__(self, simulator, seed):
        self.simulator = simulator
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.bombs = bombs()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.context = None
        self.connections = set()
        self.episodes = []
        self.counts = {}
        self.requests = 0
        # What the exporter surely knows, and what it may know, because an answer came late or is one that may be read: the times of
        # asking and answering by question; the buckets in the lists; and every secret that was sent.
        self.good = {}
        self.perhaps = {}
        self.list_ids = []
        self.list_failed_at = 0.0
        self.lists_under_way = 0
        self.secrets = set()
        self.lost_grant = False
        threading.Thread(target=self._accept, daemon=True).start()

    def drop_connections(self):
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            self._reset(connection)

    @staticmethod
    def _reset(connection):
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            connection.close()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        upstream = http.client.HTTPConnection(self.simulator, timeout=60)
        try:
            connection.settimeout(60)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with self.lock:
                self.connections.add(connection)
            rest = b""
            while True:
                while HEAD_END not in rest:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    rest += piece
                head, rest = rest.split(HEAD_END, 1)
                lines = head.decode("latin-1").split("\r\n")
                method, target, _ = lines[0].split(" ")
                fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
                length = int(fields.get("content-length", 0))
                while len(rest) < length:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    rest += piece
                body, rest = rest[:length], rest[length:]
                if not self._answer(connection, upstream, method, target, fields, body):
                    return
        except (OSError, Closed, ValueError, http.client.HTTPException):
            pass
        finally:
            with self.lock:
                self.connections.discard(connection)
            upstream.close()
            self._reset(connection)

    # One request.

    def _fault(self, kind, bucket):
        with self.lock:
            self.requests += 1
            for episode in self.episodes:
                if episode["kind"] not in (None, kind) or episode["bucket"] not in (None, bucket):
                    continue
                if self.random.random() < episode["share"]:
                    fault = self.random.choice(episode["faults"])
                    self.counts[fault] = self.counts.get(fault, 0) + 1
                    return fault, self.random.random()
            return self.random.choice(self.VARIANTS), self.random.random()

    def _answer(self, connection, upstream, method, target, fields, body):
        """Answers a request. Returns whether the connection can be used again."""
        asked = time.monotonic()
        kind, bucket = question(method, target)
        secrets = re.findall(rb'"(?:refreshToken|refresh_token)":"([^"]+)"', body)
        bearer = fields.get("authorization", "").removeprefix("Bearer ")
        with self.lock:
            self.secrets.update(secret.decode() for secret in secrets)
            if bearer:
                self.secrets.add(bearer)
            self.lists_under_way += kind == "list"
        secret = secrets[0].decode() if secrets else bearer
        fault, chance = self._fault(kind, bucket)
        whole, status, content, forwarded = False, 0, b"", False
        try:
            if fault in self.VARIANTS or fault in (
                "delay reset-in-head reset-in-body truncated short-length long-length bad-length two-lengths bad-chunk drip corrupt-gzip lost"
            ).split():
                headers = {name: fields[name] for name in ("authorization", "content-type", "accept") if name in fields}
                upstream.request(method, target, body or None, headers)
                response = upstream.getresponse()
                status, content, forwarded = response.status, response.read(), True
                with self.lock:
                    found = re.findall(rb'"(?:refreshToken|refresh_token|accessToken)":"([^"]+)"', content)
                    self.secrets.update(token.decode() for token in found)
            if fault == "delay":
                time.sleep(chance * 3)
                fault = "plain"
            whole = fault in self.VARIANTS
            reusable = self._send(connection, fault, chance, status or 200, content, secret)
            return reusable
        except (OSError, Closed):
            whole = False
            raise
        finally:
            whole = whole and status == 200
            prompt = whole and time.monotonic() - asked < 1
            self._record(kind, bucket, prompt, whole or fault in ("bad-length", "two-lengths"), forwarded and not whole, asked, content)

    def _record(self, kind, bucket, is_good, is_perhaps, is_lost, asked, content):
        now = time.monotonic()
        with self.lock:
            if kind == "list":
                self.lists_under_way -= 1
                if is_good:
                    ids = set(re.findall(r'"id":"([^"]+)"', content.decode()))
                    self.list_ids = self.list_ids[-20:] + [(asked, now, ids)]
                else:
                    self.list_failed_at = now
            if kind == "refresh" and is_lost:
                self.lost_grant = True
            if is_good:
                self.good[kind, bucket] = (asked, now)
            if is_perhaps:
                self.perhaps[kind, bucket] = (asked, now)

    def _send(self, connection, fault, chance, status, body, secret):
        """Sends an answer as a fault has it. Returns whether the connection can be used again."""

        def head(status, *fields, length=None):
            lines = [f"HTTP/1.1 {status} {STATUSES.get(status, 'Other')}", "Content-Type: application/json", *fields]
            if length is not None:
                lines.append(f"Content-Length: {length}")
            return "\r\n".join(lines).encode() + HEAD_END

        def send(*pieces):
            connection.sendall(b"".join(pieces))

        def said(text):
            return f'{{"success":false,"message":"{text}"}}'.encode()

        half = body[: len(body) // 2]
        match fault:
            case "plain":
                send(head(status, length=len(body)), body)
                return True
            case "chunked":
                send(head(status, "Transfer-Encoding: chunked"))
                for start in range(0, len(body), 1000):
                    piece = body[start : start + 1000]
                    send(f"{len(piece):x}\r\n".encode(), piece, b"\r\n")
                send(b"0\r\n\r\n")
                return True
            case "gzip":
                packed = gzip([body])
                send(head(status, "Content-Encoding: gzip", length=len(packed)), packed)
                return True
            case "interim":
                send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", head(status, length=len(body)), body)
                return True
            case "until-close":
                send(head(status, "Connection: close"), body)
                if isinstance(connection, ssl.SSLSocket):
                    connection.unwrap()
                else:
                    connection.shutdown(socket.SHUT_WR)
            case "hang":
                self._wait_for_close(connection)
            case "reset-at-once" | "lost":
                pass
            case "reset-in-head":
                send(head(status, length=len(body))[:25])
            case "reset-in-body":
                send(head(status, length=len(body)), half)
            case "truncated":
                send(head(status, length=len(body)), half)
                connection.shutdown(socket.SHUT_WR)
                self._wait_for_close(connection)
            case "short-length":
                send(head(status, length=len(half)), body)
                self._wait_for_close(connection)
            case "long-length":
                send(head(status, length=len(body) + 1 + int(chance * 1e15)), body)
                self._wait_for_close(connection)
            case "bad-length":
                send(head(status, f"Content-Length: {['-5', '12abc', '99999999999999999999999', ''][int(chance * 4)]}"), body)
            case "two-lengths":
                send(head(status, f"Content-Length: {len(body)}", f"Content-Length: {len(half)}"), body)
            case "bad-chunk":
                send(head(status, "Transfer-Encoding: chunked"), [b"zz\r\n", b"fffffffffffffffffff\r\n", b"-1\r\n"][int(chance * 3)], body)
            case "drip":
                send(head(status, length=len(body)))
                for byte in body:
                    send(bytes([byte]))
                    time.sleep(0.1)
            case "endless-head":
                send(b"HTTP/1.1 200 OK\r\n")
                self._send_until_closed(connection, b"X-Long: " + b"x" * 4000 + b"\r\n")
            case "endless-body":
                send(head(200, "Transfer-Encoding: chunked"), b"2\r\n[ \r\n")
                self._send_until_closed(connection, b"4000\r\n" + b" " * 0x4000 + b"\r\n")
            case "bomb":
                bomb = self.bombs[int(chance * len(self.bombs))]
                send(head(200, "Content-Encoding: gzip", length=len(bomb)), bomb)
                return True
            case "corrupt-gzip":
                packed = bytearray(gzip([body]))
                packed[len(packed) // 2] ^= 0x55
                send(head(status, "Content-Encoding: gzip", length=len(packed)), bytes(packed))
                return True
            case "not-http":
                send(b"SSH-2.0-OpenSSH_9.2 " + secret.encode() + b"\r\n")
            case "many-interim":
                send(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000)
                self._wait_for_close(connection)
            case "status-with-secret":
                status = [400, 401, 403, 404, 500, 502, 503, 504][int(chance * 8)]
                # Long enough in some cases that a text is cut within the secret, or that not all of the body is read.
                text = "y" * [0, 150, 190, 16_300][int(chance * 1000) % 4] + secret
                send(head(status, length=len(said(text))), said(text))
                return True
            case "throttled":
                after = [[], ["Retry-After: 1"], [f"Retry-After: {formatdate(time.time() + 2, usegmt=True)}"], ["Retry-After: soon"]]
                send(head([429, 503][int(chance * 2)], *after[int(chance * 1000) % 4], length=0))
                return True
            case "redirect":
                where = ["http://127.0.0.1:1/", f"https://other.invalid/{secret}?{secret}", "file:///etc/passwd", "///"][int(chance * 4)]
                send(head(302, f"Location: {where}", length=0))
                return True
            case "redirect-loop":
                send(head(302, "Location: ?again", length=0))
                return True
            case "empty":
                send(head(200, length=0))
                return True
            case "page":
                page = f"<html><body>Sign in, {secret}</body></html>".encode()
                send(head(200, length=len(page)), page)
                return True
            case "no-success":
                send(head(200, length=len(said(secret))), said(secret))
                return True
            case _:
                raise ValueError(fault)
        return False

    @staticmethod
    def _wait_for_close(connection):
        connection.settimeout(LONG)
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass

    @staticmethod
    def _send_until_closed(connection, piece):
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            connection.sendall(piece)
