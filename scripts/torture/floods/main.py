"""Floods the exporter while a legitimate scraper continues; see scripts/torture/floods.sh."""

import gzip
import http.client
import multiprocessing
import os
import resource
import ssl
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import attack  # noqa: E402
import certificates  # noqa: E402
import http1_attacks  # noqa: E402
import programs  # noqa: E402
import published_cases  # noqa: E402
import tls_attacks  # noqa: E402

# The promises. A sanitizer multiplies times and memory.
DEADLINE = 30.0 if programs.sanitized() else 10.0
MEMORY_BOUND = 320 * 1024 * 1024
DESCRIPTOR_SLACK = 4
RECOVERY = 60.0

FLOODS = {**http1_attacks.FLOODS, **tls_attacks.FLOODS}
CASES = "published-cases"


class Scraper:
    """Scrapes like Prometheus, over a new connection each time, and records each failure."""

    def __init__(self, port, secure):
        self.port, self.secure = port, secure
        self.scrapes, self.longest, self.problems = 0, 0.0, []

    def connection(self):
        if not self.secure:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=DEADLINE, context=context)

    def scrape(self):
        start = time.monotonic()
        connection = self.connection()
        self.scrapes += 1
        try:
            connection.request("GET", "/metrics", headers={
                "Accept-Encoding": "gzip", "X-Prometheus-Scrape-Timeout-Seconds": str(DEADLINE)})
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise ValueError(f"status {response.status}: {body[:100]!r}")
            if b"\nflashback_up 1\n" not in gzip.decompress(body):
                raise ValueError("flashback_up is not 1")
            if time.monotonic() - start > DEADLINE:
                raise ValueError("too late")
        except (OSError, ValueError, EOFError, http.client.HTTPException) as error:
            self.problems.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()
        self.longest = max(self.longest, time.monotonic() - start)


def attacker(function, plain, secure, seconds, results):
    """Runs in its own process, so that the attacker does not use the scraper's time."""
    os.nice(5)
    state = attack.Attack(plain, secure, seconds)
    state.guard(function, state)
    results.put((state.counts, sorted(state.errors)))


def settled(exporter, descriptors):
    """Waits until the exporter has closed the flood's connections; returns its number of descriptors."""
    end = time.monotonic() + RECOVERY
    while exporter.descriptors() > descriptors + DESCRIPTOR_SLACK and time.monotonic() < end:
        time.sleep(0.2)
    return exporter.descriptors()


def flood(function, exporter, seconds):
    """Runs a flood. Returns its row for the document and the broken promises."""
    scraper = Scraper(exporter.secure or exporter.plain, exporter.secure is not None)
    scraper.scrape()
    memory, descriptors, cpu = exporter.status("VmRSS"), exporter.descriptors(), exporter.cpu_seconds()
    peak = [memory]
    goes_on = threading.Event()

    def watch():
        while not goes_on.wait(0.05):
            peak[0] = max(peak[0], exporter.status("VmRSS"))

    threading.Thread(target=watch, daemon=True).start()
    results = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=attacker, args=(function, exporter.plain, exporter.secure, seconds, results), daemon=True)
    process.start()
    while process.is_alive():
        scraper.scrape()
        process.join(0.5)
    goes_on.set()
    counts, errors = results.get() if process.exitcode == 0 else ({}, [f"ended with status {process.exitcode}"])
    after = settled(exporter, descriptors)
    scraper.scrape()
    name = named(function)
    extra = peak[0] - memory
    problems = [f"{name}: a scrape failed: {problem}" for problem in scraper.problems]
    problems += [f"{name}: an attacker failed: {error}" for error in errors]
    problems += [f"{name}: {shortfall}" for shortfall in attack.shortfalls(counts, FLOODS[function], seconds)]
    if extra > MEMORY_BOUND and not programs.sanitized():
        problems.append(f"{name}: {extra >> 20} MiB more memory")
    if after > descriptors + DESCRIPTOR_SLACK:
        problems.append(f"{name}: {after} descriptors instead of {descriptors}")
    done = ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items()))
    met = scraper.scrapes - len(scraper.problems)
    row = (f"| {name} | {done} | {met} of {scraper.scrapes} | {scraper.longest:.1f} s | {extra / 2**20:.0f} MiB | "
           f"{after - descriptors:+d} | {exporter.cpu_seconds() - cpu:.1f} s |")
    return row, scraper, problems


def named(function):
    """A flood's name in arguments and in the document."""
    return function.__name__.replace("_", "-")


def chosen(arguments):
    """The floods that the arguments name, and whether the published cases are among them; all without arguments."""
    names = arguments or [*map(named, FLOODS), CASES]
    if unknown := sorted(set(names) - {*map(named, FLOODS), CASES}):
        sys.exit(f"floods.sh: error: there is no flood {unknown[0]!r}; there are {', '.join(map(named, FLOODS))}, {CASES}")
    return [function for function in FLOODS if named(function) in names], CASES in names


def main(arguments):
    floods, cases = chosen(arguments)
    # Both ends of more connections than the exporter accepts.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 8192:
        sys.exit("floods.sh: error: the hard limit of open files must be at least 8192; raise it with ulimit -H -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, most))
    seconds = float(os.environ.get("FLOOD_SECONDS", "10"))
    problems, scrapes, case_count = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="floods-") as directory, programs.Simulator("--buckets=200") as api:
        certificates.web_configurations(directory)
        print("| flood | what the attacker did | scrapes in time | longest | memory | descriptors | processor |\n|---|---|---|---|---|---|---|")
        for function in floods:
            # One exporter per flood: the memory of one flood must not hide that of the next.
            tls = function in tls_attacks.FLOODS
            flags = ["--web.config.file", f"{directory}/web.yml"] if tls else []
            with programs.Exporter(api.url, *flags, token=programs.TOKEN) as exporter:
                exporter.plain, exporter.secure = (None, exporter.port) if tls else (exporter.port, None)
                row, scraper, found = flood(function, exporter, seconds)
                print(row, flush=True)
                scrapes += scraper.scrapes
                problems += found
                if exporter.process.poll() is not None:
                    problems.append(f"{named(function)}: the exporter ended")
        if cases:
            with programs.Exporter(api.url, token=programs.TOKEN) as exporter:
                case_count, found = published_cases.run(exporter)
                problems += found
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"floods: {len(floods)} floods of {seconds:g} s, {case_count} published requests, {scrapes} scrapes; "
          + (f"{len(problems)} promises broken" if problems else
             f"each scrape in {DEADLINE:g} s, at most {MEMORY_BOUND >> 20} MiB more, descriptors back"))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
