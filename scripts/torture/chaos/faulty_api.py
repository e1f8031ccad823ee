"""A server between the exporter and the simulator that breaks what it carries, and knows what it has carried whole."""

import contextlib
import http.client
import random
import re
import socket
import struct
import threading
import time

import faults

HEAD_END = b"\r\n\r\n"


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


class FaultyAPI:
    """Serves the simulator's answers with faults. Faults are chosen by episodes, which the run changes at any time.

    An episode is a dictionary: kind and bucket (None for all), share of requests from 0 to 1, faults to choose from.
    """

    def __init__(self, simulator, seed):
        self.simulator = simulator
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.bombs = faults.bombs()
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
        except (OSError, ValueError, http.client.HTTPException):
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
            return self.random.choice(faults.VARIANTS), self.random.random()

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
            if fault in faults.VARIANTS or fault in faults.DAMAGED:
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
            whole = fault in faults.VARIANTS
            return faults.Answer(connection, status or 200, content, secret, chance, self.bombs).send(fault)
        except OSError:
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
