#!/usr/bin/env python3
"""Measures what scrapes cost Prometheus: processor time and memory for each bucket.

    Benchmarks/run.sh prometheus .tools/*/prometheus/usr/bin/prometheus

Starts the simulator and the exporter, has each Prometheus scrape it, and prints a table. Processor time comes from /proc, so that
other load on the machine matters little.
"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

# What the alerts about reachability need: FlashbackBucketUnreachable, FlashbackBucketDegraded, FlashbackBucketErrorBudgetBurn, FlashbackNodeDown, FlashbackStatusUnknown,
# FlashbackStatusUnreadable, FlashbackAPIDown, FlashbackAuthFailing, FlashbackExporterDown, FlashbackShardMissing and FlashbackBucketsVanished.
SMALL = [
    "flashback_up", "flashback_bucket_node_status", "flashback_bucket_collector_success", "flashback_collector_success",
    "flashback_api_requests_total", "flashback_exporter_build_info", "flashback_exporter_shards", "flashback_exporter_shard_info",
]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url, timeout=600):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read()


def started(*arguments):
    return subprocess.Popen(arguments, env={"PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def until_listening(address):
    for _ in range(500):
        try:
            host, port = address.split(":")
            socket.create_connection((host, int(port))).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing listens on {address}")


def until(url):
    for _ in range(1500):
        try:
            return get(url)
        except OSError:
            time.sleep(0.2)
    sys.exit(f"no answer from {url}")


def processor_seconds(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process, name):
    return int(re.search(rf"{name}:\s+(\d+)", open(f"/proc/{process.pid}/status").read())[1]) / 1024


def own(address, name):
    values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", get(f"http://{address}/metrics").decode(), re.M)
    return sum(map(float, values))


def measure(prometheus, target, params, interval, scrapes):
    """Seconds of processor time for each scrape, resident memory and its peak in MiB."""
    address = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as directory:
        configuration = {"scrape_configs": [{
            "job_name": "flashback", "scrape_interval": f"{interval}s", "scrape_timeout": f"{interval}s", "params": params,
            "static_configs": [{"targets": [target]}]}]}
        with open(f"{directory}/prometheus.yml", "w") as file:
            json.dump(configuration, file)
        process = subprocess.Popen(
            [prometheus, f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address={address}"], stderr=open(f"{directory}/log", "w"))
        try:
            until(f"http://{address}/-/ready")
            # Counted by samples: the first scrapes create the series, and one that is late is not taken.
            name = "prometheus_tsdb_head_samples_appended_total"
            while own(address, name) == 0:
                time.sleep(0.5)
            series = own(address, "prometheus_tsdb_head_series")
            while own(address, name) < 3 * series:
                time.sleep(0.5)
                series = own(address, "prometheus_tsdb_head_series")
            before = own(address, name), processor_seconds(process)
            while own(address, name) < before[0] + scrapes * series:
                time.sleep(0.5)
            after = own(address, name), processor_seconds(process)
            seconds = (after[1] - before[1]) * series / (after[0] - before[0])
            return seconds, memory(process, "VmRSS"), memory(process, "VmHWM")
        finally:
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="the directory of flashback-exporter and flashback-simulator")
    parser.add_argument("--buckets", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--scrapes", type=int, default=8)
    parser.add_argument("--interval", type=int, default=15, help="seconds between scrapes")
    parser.add_argument("prometheus", nargs="+")
    arguments = parser.parse_args()
    print("| Prometheus | buckets | families | series per bucket | CPU per scrape | CPU per bucket and scrape | memory | memory per bucket |")
    print("|---|---|---|---|---|---|---|---|")
    for buckets in arguments.buckets:
        api, target = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        simulator = started(
            f"{arguments.programs}/flashback-simulator", "--web.listen-address", api, "--buckets", str(buckets), "--latency", "0ms")
        until_listening(api)
        password = tempfile.NamedTemporaryFile("w", suffix=".password")
        password.write("simulated-password")
        password.flush()
        exporter = started(
            f"{arguments.programs}/flashback-exporter", "--flashback.url", f"http://{api}", "--web.listen-address", target,
            "--flashback.email", "operator@example.com", "--flashback.password-file", password.name, "--flashback.concurrency", "64",
            # Nothing is collected while Prometheus is measured.
            "--cache.ttl", "12h", "--scrape.timeout", "10m")
        try:
            until(f"http://{target}/-/healthy")
            get(f"http://{target}/metrics")
            for program in arguments.prometheus:
                version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()[2].split("+")[0]
                for families, params in [("all", {}), ("smallest", {"name[]": SMALL})]:
                    text = get(f"http://{target}/metrics?{urllib.parse.urlencode(params, doseq=True)}").decode()
                    per_bucket = sum(1 for line in text.splitlines() if 'bucket_id="' in line) / buckets
                    seconds, resident, peak = measure(program, target, params, arguments.interval, arguments.scrapes)
                    print(
                        f"| {version} | {buckets} | {families} | {per_bucket:.1f} | {seconds:.3f} s | {seconds / buckets * 1e6:.0f} µs "
                        f"| {resident:.0f} MiB, peak {peak:.0f} | {resident * 1024 / buckets:.0f} KiB |", flush=True)
        finally:
            for process in (exporter, simulator):
                process.kill()
                process.wait()


main()
