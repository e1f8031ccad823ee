"""The common part of the floods: counted connections, in threads or held all at once."""

import errno
import select
import socket
import ssl
import threading
import time
import traceback

# What an attacked exporter may do to an attacker: close or reset a connection, or take nothing more from it.
_CLOSED = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, TimeoutError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


def is_by_exporter(error):
    """Whether the exporter may cause an error. Others are the attacker's own, such as too few descriptors, or nothing listens."""
    return isinstance(error, _CLOSED) or error.errno == errno.ENOTCONN


class Attack:
    """An attack in progress.

    plain, secure: the exporter's port, without and with TLS; one of them is None.
    """

    def __init__(self, plain, secure, seconds):
        self.plain, self.secure = plain, secure
        self.end = time.monotonic() + seconds
        self.counts = {}
        # What ended an attacker: the flood is not what it is said to be.
        self.errors = set()
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

    def guard(self, function, *arguments):
        """Calls a function, and records the exception that ends it."""
        try:
            function(*arguments)
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            with self.lock:
                self.errors.add(f"{type(error).__name__}: {error} (in {frame.name}, line {frame.lineno})")

    def in_background(self, function, *arguments):
        thread = threading.Thread(target=self.guard, args=(function, *arguments), daemon=True)
        thread.start()
        return thread

    def in_threads(self, number, body):
        def run():
            while self.goes_on():
                try:
                    body()
                except OSError as error:
                    if not is_by_exporter(error):
                        raise
                    self.count("closed by the exporter")
                    time.sleep(0.01)

        for thread in [self.in_background(run) for _ in range(number)]:
            thread.join()

    def hold(self, number, begin, go_on=lambda connected: None):
        """Keeps a number of connections, replacing those that the exporter closes. Calls `go_on` for each once per second."""
        held = set()
        try:
            while self.goes_on():
                self.fill(held, number, begin)
                pause = time.monotonic() + 1
                for connected in list(held):
                    try:
                        go_on(connected)
                        if is_closed(connected):
                            raise ConnectionResetError
                    except OSError as error:
                        if not is_by_exporter(error):
                            raise
                        self.count("closed by the exporter")
                        connected.close()
                        held.remove(connected)
                self.count("held seconds", len(held))
                time.sleep(max(0, min(pause, self.end) - time.monotonic()))
        finally:
            for connected in held:
                connected.close()

    def fill(self, held, number, begin):
        """Adds connections to a set up to a number, or until the exporter accepts no more or the attack ends."""
        while len(held) < number and self.goes_on():
            try:
                held.add(begin())
            except OSError as error:
                if not is_by_exporter(error):
                    raise
                return self.count("refused")


def is_closed(connected):
    """Whether the other side has ended the connection, even if there is something left to read."""
    poll = select.poll()
    poll.register(connected, select.POLLRDHUP)
    return bool(poll.poll(0))


def shortfalls(counts, least, seconds):
    """What an attack did not do often enough to be one. least: by count, how many of it there must be a second, and at least one."""
    return [
        f"did not attack: {counts.get(what, 0):g} {what} in {seconds:g} s, fewer than {number:g} a second"
        for what, number in least.items() if counts.get(what, 0) < max(1, number * seconds)
    ]  # fmt: skip
