"""The floods over HTTP/1.1. Each function attacks until it is stopped, in its own process, and counts its actions."""

import contextlib
import random
import re
import selectors
import socket
import struct
import time

from attack import is_by_exporter, is_closed

REQUEST = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n"


def scrapers(attack, number=500):
    """500 scrapers, each with its own connection, that send the next request as soon as they are answered."""
    request = REQUEST + b"Accept-Encoding: gzip\r\n\r\n"
    held, waiting = set(), selectors.DefaultSelector()

    def begin():
        connected = attack.connect()
        connected.sendall(request)
        waiting.register(connected, selectors.EVENT_READ, bytearray())
        return connected

    while attack.goes_on():
        attack.fill(held, number, begin)
        for key, _ in waiting.select(0.5):
            connected, data = key.fileobj, key.data
            try:
                piece = connected.recv(1 << 20)
                if not piece:
                    raise ConnectionResetError
                data += piece
                if status := whole_response(data):
                    attack.count(f"responses {status}")
                    data.clear()
                    connected.sendall(request)
            except OSError as error:
                if not is_by_exporter(error):
                    raise
                attack.count("closed by the exporter")
                waiting.unregister(connected)
                connected.close()
                held.remove(connected)
    for connected in held:
        connected.close()


def whole_response(data):
    """The status of a response whose body is complete; None before."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found or len(body) < int(re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)[1]):
        return None
    return head.split(b" ", 2)[1].decode()


def slow_readers(attack):
    """1,000 clients that request the metrics without compression and read 16 bytes a second."""

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
    """2,000 connections, of which a third are silent, a third send half a request, and a third are half-closed."""

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
    """64 clients that send an endless head: one field, or many, or a target."""

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
                    # The exporter has stopped reading, as it should.
                    time.sleep(0.1)
                    if is_closed(connected):
                        return attack.count("closed by the exporter")

    attack.in_threads(64, body)


# In the document's order, with the least that each does in a second, which is far below the usual even on a slow machine. A flood that does
# less has not attacked.
FLOODS = {
    scrapers: {"responses 200": 10},
    slow_readers: {"held seconds": 50},
    slow_requests: {"held seconds": 50},
    half_open: {"held seconds": 100},
    connections: {"connections": 20},
    oversized_headers: {"bytes": 1_000_000},
    pipelining: {"requests": 100},
}
