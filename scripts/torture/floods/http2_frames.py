"""HTTP/2 byte for byte, in ways that no library would send it (RFC 9113)."""

import socket
import ssl

DATA, HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 0, 1, 3, 4, 6, 9
END_STREAM, END_HEADERS = 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, stream, payload=b"", flags=0):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def settings(**values):
    numbers = {"initial_window_size": 4}
    return frame(SETTINGS, 0, b"".join(numbers[name].to_bytes(2, "big") + value.to_bytes(4, "big") for name, value in values.items()))


def literal(name, value):
    """A header field that is not indexed, with lengths below 127."""
    return bytes([0, len(name)]) + name + bytes([len(value)]) + value


def request(path=b"/metrics"):
    """The header block of GET: method and scheme are in the static table, path and authority are literals (RFC 7541)."""
    return b"\x82\x87" + bytes([0x04, len(path)]) + path + b"\x01\x09localhost"


def get(stream, path=b"/metrics"):
    return frame(HEADERS, stream, request(path), END_STREAM | END_HEADERS)


class NotNegotiated(Exception):
    """The server did not choose the attacker's protocol, so that it would receive only garbage."""


def secured(port, timeout=20, protocols=("h2",)):
    """A TLS connection that does not verify the certificate, and whose server has chosen one of the protocols (RFC 7301)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(protocols))
    plain = socket.create_connection(("127.0.0.1", port), timeout)
    try:
        connected = context.wrap_socket(plain, server_hostname="localhost")
    except BaseException:
        plain.close()
        raise
    if connected.selected_alpn_protocol() not in protocols:
        connected.close()
        raise NotNegotiated(f"the server chose {connected.selected_alpn_protocol()} instead of {' or '.join(protocols)}")
    return connected


def connection(port, **values):
    """A connection that speaks HTTP/2, with these settings."""
    connected = secured(port)
    connected.sendall(PREFACE + settings(**values))
    return connected
