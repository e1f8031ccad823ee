"""What the floods share: connections that are counted, in threads or held all at once."""

import errno
import os
import socket
import ssl
import threading
import time

FAILED = (OSError, ssl.SSLError)


class Attack:
    """An attack in progress.

    plain, secure: the exporter's port, without and with TLS; one of them is None.
    """

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
