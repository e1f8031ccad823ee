"""A server between the exporter and the simulator that damages answers, and records which ones it passed on intact."""

import ctypes
import errno
import http.client
import math
import os
import random
import re
import socket
import threading
import time

import faults

HEAD_END = b"\r\n\r\n"
# An answer sent less than so many seconds before a reset may not have been read by then.
UNREAD = 1
# How long after a 401 the exporter may try the token, in seconds: twice, with four requests that wait for 2 s and last 2 s. It takes no
# data from the answers.
TRIALS = 32
LIBC = ctypes.CDLL(None, use_errno=True)


def reset(connection):
    """Resets a connection at once, whatever a thread is doing with it. That thread then gets an error.

    Neither shutdown() nor close() does this: the former sends FIN, and the latter has no effect before the thread's call returns.
    Connecting to an address of the family AF_UNSPEC dissolves the connection and sends RST. The socket could then be connected anew, so
    that OpenSSL waits for that until its time-out: the thread's later calls are given something else, which is not a socket.
    """
    if LIBC.connect(connection.fileno(), bytes(16), 16) != 0:
        if ctypes.get_errno() == errno.ENOTSOCK:
            # Its thread has not noticed an earlier reset yet.
            return
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), connection.fileno(), inheritable=False)


def question(method, target):
    """The question in a request: its kind, and the bucket that it is about."""
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
    """Serves the simulator's answers with faults. Faults are chosen by episodes, which the run may change at any time.

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
        # asking and answering by question, of the latest answers and of the latest one; the buckets in the lists; and every secret
        # that was sent.
        self.good = {}
        self.perhaps = {}
        self.list_ids = []
        self.list_failed_at = 0.0
        # Since when no list has succeeded; None if the latest one has.
        self.lists_fail_since = None
        self.lists_under_way = 0
        self.secrets = set()
        self.lost_grant = False
        self.granted_at = self.dropped_at = 0.0
        self.refused_at = -math.inf
        threading.Thread(target=self._accept, daemon=True).start()

    def drop_connections(self):
        """Resets all connections, in handshakes, requests, answers and between them."""
        # The threads take the lock before they close their connections: until then, the sockets are theirs.
        with self.lock:
            for connection in self.connections:
                # Without a number, the socket is being handed over to TLS.
                if connection.fileno() >= 0:
                    reset(connection)
            self.dropped_at = time.monotonic()
            self._forget_unread(self.dropped_at - UNREAD)

    def _forget_unread(self, since):
        """Notes that the answers sent since a time may have been lost."""
        self.lost_grant = self.lost_grant or self.granted_at > since
        self.good = {question: [times for times in answers if times[1] <= since] for question, answers in self.good.items()}
        self.list_ids = [entry for entry in self.list_ids if entry[1] <= since]

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        upstream = http.client.HTTPConnection(self.simulator, timeout=60)
        self._keep(connection)
        try:
            connection.settimeout(60)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if fault := self._connection_fault():
                faults.end_handshake(connection, fault)
                return
            if self.context:
                bare, connection = connection, self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                self._keep(connection, instead_of=bare)
                connection.do_handshake()
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
            # Sends RST if a fault has asked for that, otherwise FIN.
            connection.close()

    def _keep(self, connection, instead_of=None):
        with self.lock:
            self.connections.discard(instead_of)
            self.connections.add(connection)

    def _connection_fault(self):
        """What happens to a new connection before its first request; usually None."""
        with self.lock:
            for episode in self.episodes:
                if episode["kind"] == "connect" and self.random.random() < episode["share"]:
                    return self._count(self.random.choice(episode["faults"]))
        return None

    def _count(self, fault):
        self.counts[fault] = self.counts.get(fault, 0) + 1
        return fault

    # One request.

    def _fault(self, kind, bucket):
        with self.lock:
            self.requests += 1
            for episode in self.episodes:
                if episode["kind"] not in (None, kind) or episode["bucket"] not in (None, bucket):
                    continue
                if self.random.random() < episode["share"]:
                    return self._count(self.random.choice(episode["faults"])), self.random.random()
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
            answer = faults.Answer(connection, status or 200, content, secret, chance, self.bombs)
            if answer.refuses_token(fault):
                self.refused_at = time.monotonic()
            return answer.send(fault)
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
            if is_good and asked <= self.dropped_at:
                is_good, is_lost = False, True
            may_be_trial = asked - self.refused_at < TRIALS
            is_good = is_good and not may_be_trial
            if kind == "list":
                self.lists_under_way -= 1
                if is_good:
                    ids = set(re.findall(r'"id":"([^"]+)"', content.decode()))
                    self.list_ids = self.list_ids[-20:] + [(asked, now, ids)]
                else:
                    self.list_failed_at = now
                if is_perhaps:
                    self.lists_fail_since = None
                elif self.lists_fail_since is None and not may_be_trial:
                    self.lists_fail_since = now
            if kind == "refresh" and is_lost:
                self.lost_grant = True
            elif kind == "refresh" and is_perhaps:
                self.granted_at = now
            if is_good:
                self.good[kind, bucket] = [*self.good.get((kind, bucket), [])[-30:], (asked, now)]
            if is_perhaps:
                self.perhaps[kind, bucket] = (asked, now)
