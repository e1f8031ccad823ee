"""A proxy between the exporter and the API that holds the answers to chosen requests, so that a test knows what is in progress."""

import socket
import threading


class Proxy:
    def __init__(self, api_port):
        self.api_port = api_port
        self.held = None
        self.seen = threading.Semaphore(0)
        self.released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def hold(self, *words):
        """Holds the answers to requests whose first line contains all of these words, until `release`."""
        self.released = threading.Event()
        self.seen = threading.Semaphore(0)
        self.held = words

    def wait(self, seconds=30):
        """Waits until the API has answered such a request, and the answer is held."""
        return self.seen.acquire(timeout=seconds)

    def release(self):
        self.held = None
        self.released.set()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    @staticmethod
    def _message(stream):
        """The first line of a message with a known length, and the whole message."""
        lines = []
        length = 0
        while True:
            line = stream.readline()
            if not line:
                return None, None
            lines.append(line)
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            if line in (b"\r\n", b"\n"):
                break
        return lines[0].decode(), b"".join(lines) + stream.read(length)

    def _serve(self, client):
        try:
            with client, socket.create_connection(("127.0.0.1", self.api_port)) as api:
                requests, answers = client.makefile("rb"), api.makefile("rb")
                while True:
                    first, message = self._message(requests)
                    if message is None:
                        return
                    api.sendall(message)
                    _, answer = self._message(answers)
                    if answer is None:
                        return
                    held = self.held
                    if held is not None and all(word in first for word in held):
                        released = self.released
                        self.seen.release()
                        released.wait()
                    client.sendall(answer)
        except OSError:
            pass

    def close(self):
        self.released.set()
        self._listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
