"""h2load (many requests) and slowhttptest (slow clients)."""

import csv
import os
import re
import subprocess

import certificates
import programs
from outcome import Outcome


def h2load(directory):
    """As many requests at once as the exporter admits; each must get 200."""
    version = subprocess.run(["h2load", "--version"], capture_output=True, text=True, check=True).stdout.split("/")[1].strip()
    result = Outcome("h2load", version, "40 requests at once over HTTP/2 and HTTP/1.1, plain and with gzip; a case is a request")
    certificates.web_configurations(directory)
    gzip = ["--header", "accept-encoding: gzip"]
    flags = ["--web.config.file", f"{directory}/web.yml"]
    with programs.Simulator() as api, programs.Exporter(api.url, *flags, token=programs.TOKEN) as secure, \
            programs.Exporter(api.url, token=programs.TOKEN) as plain:
        https, http = f"https://127.0.0.1:{secure.port}", f"http://127.0.0.1:{plain.port}"
        for arguments in (
            ["-n", "4000", "-c", "5", "-m", "8", f"{https}/metrics"],
            ["-n", "4000", "-c", "5", "-m", "8", *gzip, f"{https}/metrics"],
            ["-n", "4000", "-c", "40", "--h1", *gzip, f"{https}/metrics"],
            ["-n", "4000", "-c", "40", "--h1", f"{http}/metrics"],
            ["-n", "4000", "-c", "40", "--h1", f"{http}/-/healthy"],
        ):
            text = subprocess.run(["h2load", *arguments], capture_output=True, text=True, check=True).stdout
            summary = re.search(r"^requests: (\d+) total, .* (\d+) succeeded.*", text, re.MULTILINE)
            total, succeeded = int(summary.group(1)), int(summary.group(2))
            result.cases += total
            result.passed += succeeded
            if succeeded != total:
                result.failures.append(f"{' '.join(arguments)}: {summary.group()}")
    return result


MODES = {
    "slow headers": ["-H", "-i", "2"],
    "slow bodies": ["-B", "-i", "2"],
    "range attack": ["-R", "-a", "1", "-b", "3000"],
    "slow reading": ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"],
}


def slowhttptest(directory):
    """1,000 slow connections, about twice as many as the exporter keeps. Each second, the tool asks whether the service is available."""
    text = subprocess.run(["slowhttptest", "-h"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"version ([\d.]+)", text).group(1)
    result = Outcome("slowhttptest", version, "1,000 slow clients; a case is a second, and passed if the exporter answers others")
    with programs.Simulator() as api, programs.Exporter(api.url, token=programs.TOKEN) as exporter:
        for name, mode in MODES.items():
            prefix = os.path.join(directory, name.replace(" ", "-"))
            subprocess.run(
                ["slowhttptest", "-c", "1000", *mode, "-r", "500", "-l", "20", "-p", "5", "-g", "-o", prefix, "-v", "0",
                 "-u", f"http://127.0.0.1:{exporter.port}/metrics"], capture_output=True, check=True, cwd=directory)
            with open(f"{prefix}.csv", encoding="ascii") as file:
                for row in csv.DictReader(file):
                    seconds, available = row["Seconds"], row["Service Available"]
                    result.count(f"{name}, second {seconds}", int(available) > 0, f"{row['Connected']} connections: not available")
    return result
