"""What the exporter takes of its machine, and what Prometheus notes of its scrapes."""

from .panels import lines, over_time, rows
from .queries import process_metric, process_rate
from .tables import Column, listing


def panels():
    return [
        lines(
            "Memory",
            "Memory of the exporter's process: what is in the machine's memory.",
            [over_time(process_metric("process_resident_memory_bytes"), "Resident {{instance}}")],
            "bytes",
            span=8,
        ),
        lines(
            "CPU",
            "Processor time that the exporter takes: 100 % is one core.",
            [over_time(process_rate("process_cpu_seconds_total"), "{{instance}}")],
            "percentunit",
            span=8,
            decimals=1,
        ),
        lines(
            "File descriptors",
            "The share of the file descriptors that the process may open that are open.",
            [over_time(f"{process_metric('process_open_fds')} / {process_metric('process_max_fds')}", "{{instance}}")],
            "percentunit",
            span=8,
            decimals=2,
        ),
        lines(
            "Scrape duration",
            "How long Prometheus waits for the exporter, which waits for the API when something is due.",
            [over_time(process_metric("scrape_duration_seconds"), "{{instance}}")],
            "s",
            span=8,
        ),
        lines(
            "Samples a scrape",
            "How many samples the exporter serves.",
            [over_time(process_metric("scrape_samples_scraped"), "{{instance}}")],
            "short",
            span=8,
            decimals=0,
        ),
        listing(
            "Builds",
            "What runs, and for how long.",
            [
                rows(f"max by (instance, version, revision, swift_version) ({process_metric('flashback_exporter_build_info')})"),
                rows(f"time() - max by (instance) ({process_metric('process_start_time_seconds')})"),
            ],
            [
                Column("instance", "Instance"),
                Column("version", "Version", width=80),
                Column("revision", "Revision"),
                Column("Value #B", "Running for", "s", width=110),
            ],
            key="instance",
            span=8,
            sort="Instance",
            descending=False,
        ),
    ]
