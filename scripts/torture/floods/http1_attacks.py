"""The floods over HTTP/1.1. Each function attacks until it is stopped, from a process of its own, and counts what it does."""

import contextlib
import random
import selectors
import socket
import struct
import time

from attack import FAILED, is_closed

REQUEST = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"


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


# In the order of the document.
FLOODS = [scrapers, slow_readers, slow_requests, half_open, connections, oversized_headers, pipelining]
