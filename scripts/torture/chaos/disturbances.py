"""Random disturbances: episodes of faults, and events in the exporter's surroundings."""

import signal
import time

import faults
import programs
from judge import TIMEOUT, Broken

# What an episode is about: None for all requests, "connect" for new connections.
KINDS = [None, None, "list", "totals", "available", "status", "status", "daily", "refresh", "other", "connect"]


class Disturbances:
    def __init__(self, run):
        self.run, self.random = run, run.random
        self.surroundings, self.api = run.surroundings, run.api
        # The probability of each in a cycle.
        self.events = [
            (0.02, self.change_certificate), (0.02, self.lose_name), (0.02, self.fill_disk), (0.03, self.reload), (0.02, self.freeze),
            (0.01, self.restart), (0.02, self.drop), (0.01, self.replace_token), (0.03, self.lose_list),
        ]  # fmt: skip

    def disturb(self):
        self.continue_episodes()
        for share, event in self.events:
            if self.random.random() < share:
                self.run.note(event.__name__)
                event()

    def continue_episodes(self):
        for episode in self.api.episodes:
            episode["cycles"] -= 1
        self.api.episodes = [episode for episode in self.api.episodes if episode["cycles"] > 0]
        if self.random.random() < 0.5:
            kind = self.random.choice(KINDS)
            ids = sorted(self.api.list_ids[-1][2]) if self.api.list_ids else [None]
            known = faults.HANDSHAKES if kind == "connect" else faults.ALL
            chosen = self.random.sample(known, min(self.random.choice([1, 3, len(known)]), len(known)))
            # After failed renewals the exporter waits up to five minutes, which only costs time here.
            length = 2 if kind in (None, "refresh", "connect") else 10
            episode = {
                "kind": kind,
                "bucket": self.random.choice(ids) if self.random.random() < 0.3 else None,
                "share": self.random.choice([0.2, 0.5, 1]),
                "faults": chosen,
                "cycles": self.random.randint(1, length),
            }
            self.run.note(episode)
            self.api.episodes.append(episode)

    # Events.

    def change_certificate(self):
        name = self.random.choice(list(self.surroundings.contexts))
        self.run.note(name)
        self.api.context = self.surroundings.contexts[name]
        self.api.drop_connections()

    def lose_name(self):
        self.surroundings.resolve(False)

    def fill_disk(self):
        self.surroundings.fill_disk()

    def reload(self):
        kind = self.random.choice(["same", "broken", "changed"])
        self.run.note(kind)
        with open(self.surroundings.configuration, encoding="utf-8") as file:
            configuration = file.read()
        is_active = kind != "broken"
        if kind == "changed":
            self.surroundings.write_configuration()
        if kind == "broken":
            self.surroundings.write_configuration(self.random.choice(["no-such-key: 1\n", "{", "web: {max-requests: many}\n", "\0"]))
        if kind != "changed" and self.random.random() < 0.5:
            self.run.exporter.signal(signal.SIGHUP)
        else:
            try:
                status, body = programs.request(self.run.exporter.address, "POST", "/-/reload", timeout=60)
            except OSError as error:
                raise Broken(f"no answer to POST /-/reload: {error}") from error
            # The account would restart without its token.
            if kind == "changed" and b"could not be saved" in body and self.surroundings.disk_is_full:
                self.run.note("refused")
                is_active = False
            if (status == 200) != is_active:
                raise Broken(f"POST /-/reload was answered {status} with a configuration that is {kind}: {body[:300]!r}")
        if kind == "changed" and is_active:
            # The account restarts if its settings differ; the answers to requests in progress belong to the old account.
            self.run.judge.forget(TIMEOUT)
        if not is_active:
            time.sleep(0.3)
            with open(self.surroundings.configuration, "w", encoding="utf-8") as file:
                file.write(configuration)

    def freeze(self):
        """Stops the process for a while, like a suspended machine, and sends signals without a meaning."""
        exporter = self.run.exporter
        exporter.signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(0, 3))
        exporter.signal(signal.SIGCONT)
        exporter.signal(signal.SIGWINCH)
        exporter.signal(signal.SIGPIPE)

    def restart(self):
        # A token that could not be saved so far is saved at the end.
        self.surroundings.empty_disk()
        self.run.stop()
        if self.api.lost_grant:
            self.surroundings.log_in()
        self.run.start()

    def lose_list(self):
        """No list succeeds for longer than one call for it may take."""
        self.api.episodes.insert(0, {"kind": "list", "bucket": None, "share": 1, "faults": self.random.sample(faults.FAILURES, 3), "cycles": 20})

    def drop(self):
        self.api.drop_connections()

    def replace_token(self):
        self.surroundings.empty_disk()
        self.surroundings.log_in()
