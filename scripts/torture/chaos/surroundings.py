"""The exporter's surroundings: its files, its disk, the name and the certificate of its API."""

import contextlib
import os
import ssl
import subprocess

import certificates
import programs
from judge import MAX_STALE, TIMEOUT, TTL

HOST = "chaos-api.test"


class Surroundings:
    """has_namespace: whether this process has its own mount namespace, in which names can stop resolving and disks can be full."""

    def __init__(self, directory, api, simulator, random, has_namespace):
        self.directory, self.api, self.simulator = directory, api, simulator
        self.random, self.has_namespace = random, has_namespace
        self.configuration = f"{directory}/exporter.yml"
        self.token = f"{directory}/{'disk/' if has_namespace else ''}refresh-token"
        self._make_certificates()
        if has_namespace:
            os.makedirs(f"{directory}/disk")
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", f"{directory}/disk"], check=True)
            self.resolve(True)
        self.log_in()
        self.write_configuration()

    @property
    def url(self):
        return f"https://{HOST if self.has_namespace else '127.0.0.1'}:{self.api.port}"

    def _make_certificates(self):
        """One certificate that the exporter trusts, another one of the same authority, one for another name, and one of another
        authority."""
        names = f"DNS:{HOST},IP:127.0.0.1"
        self.authority = certificates.authority(self.directory)
        certificates.authority(self.directory, "other")
        self.contexts = {}
        for name, covered, signer in (
            ("good", names, "ca"), ("renewed", names, "ca"), ("wrong-name", "DNS:other.test", "ca"), ("wrong-authority", names, "other")
        ):  # fmt: skip
            self.contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.contexts[name].load_cert_chain(*certificates.certificate(self.directory, name, covered, signer))
        self.api.context = self.contexts["good"]

    def write_configuration(self, addition=""):
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(
                f"cache: {{ttl: {TTL * 1000:.0f}ms, max-stale: {MAX_STALE}s}}\nscrape: {{timeout: 1s}}\n"
                f"flashback: {{timeout: {TIMEOUT}s, connect-timeout: 1s, concurrency: {self.random.choice([4, 8, 16])}}}\n{addition}"
            )

    def log_in(self):
        """Gives the exporter another refresh token, as an operator does."""
        programs.write_secret(self.token + ".login", self.simulator.log_in())
        os.rename(self.token + ".login", self.token)
        self.api.lost_grant = False

    def resolve(self, works):
        """Makes the API's name resolve or not. In the namespace, /etc/hosts is a file of this run."""
        if not self.has_namespace:
            return
        with open("/etc/hosts", "r+", encoding="ascii") as file:
            file.truncate()
            file.write("127.0.0.1 localhost" + (f" {HOST}" if works else "") + "\n")
        if not works:
            self.api.drop_connections()

    def fill_disk(self):
        if self.has_namespace:
            with contextlib.suppress(OSError), open(f"{self.directory}/disk/filler", "wb", buffering=0) as file:
                while True:
                    file.write(bytes(512))

    @property
    def disk_is_full(self):
        return os.path.exists(f"{self.directory}/disk/filler")

    def empty_disk(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(f"{self.directory}/disk/filler")

    def repair(self):
        """Ends all disturbances."""
        self.api.episodes = []
        self.api.context = self.contexts["good"]
        self.empty_disk()
        self.resolve(True)
        if self.api.lost_grant:
            self.log_in()
