"""Serves a growing histogram of request durations: python3 histogram_target.py classic|native

The native one is in the protobuf format, which Prometheus requests if native histograms are enabled. Prints its address.
"""

import itertools
import struct
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

NAME = "flashback_api_request_duration_seconds"
# Each scrape increases the count.
COUNTS = itertools.count(10, 10)


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number, value):
    """A field of a protobuf message: bytes, a double or an unsigned integer."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    return varint(number << 3) + varint(value)


def zigzag(number):
    return number * 2 if number >= 0 else -number * 2 - 1


def native(count):
    # Schema 0: the buckets' bounds are powers of two. One bucket, from 0.0625 to 0.125 seconds.
    span = field(1, zigzag(-3)) + field(2, 1)
    histogram = (
        field(1, count) + field(2, count * 0.1) + field(5, zigzag(0)) + field(6, 1e-9) + field(7, 0)
        + field(12, span) + field(13, varint(zigzag(count)))
    )
    label = field(1, b"endpoint") + field(2, b"GET /bucket")
    family = field(1, NAME.encode()) + field(3, 4) + field(4, field(1, label) + field(7, histogram))
    return varint(len(family)) + family


def classic(count):
    labels = 'endpoint="GET /bucket"'
    return (
        f"# TYPE {NAME} histogram\n"
        f'{NAME}_bucket{{{labels},le="0.1"}} {count // 2}\n'
        f'{NAME}_bucket{{{labels},le="+Inf"}} {count}\n'
        f"{NAME}_sum{{{labels}}} {count * 0.1}\n"
        f"{NAME}_count{{{labels}}} {count}\n"
    ).encode()


class Target(BaseHTTPRequestHandler):
    def do_GET(self):
        is_native = sys.argv[1] == "native"
        body = (native if is_native else classic)(next(COUNTS))
        kind = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        self.send_response(200)
        self.send_header("Content-Type", kind if is_native else "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Target)
print(f"127.0.0.1:{server.server_address[1]}")
server.serve_forever()
