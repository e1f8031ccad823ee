"""The exporter's use of memory, CPU and file descriptors, and its scrapes."""

from .panels import lines, over_time, rows
from .queries import process_metric, process_rate
from .tables import Column, listing


def panels():
    return [
        lines(
            "Memory",
            "Resident memory of the exporter's process.",
            [over_time(process_metric("process_resident_memory_bytes"), "Resident {{instance}}")],
            "bytes",
            span=8,
        ),
        lines(
            "CPU",
            "Processor time that the exporter uses: 100 % is one core.",
            [over_time(process_rate("process_cpu_seconds_total"), "{{instance}}")],
            "percentunit",
            span=8,
            decimals=1,
        ),
        lines(
            "File descriptors",
            "Open file descriptors as a share of the process' limit.",
            [over_time(f"{process_metric('process_open_fds')} / {process_metric('process_max_fds')}", "{{instance}}")],
            "percentunit",
            span=8,
            decimals=2,
        ),
        lines(
            "Scrape duration",
            "The duration of Prometheus' scrapes. A scrape waits for the API when data is due.",
            [over_time(process_metric("scrape_duration_seconds"), "{{instance}}")],
            "s",
            span=8,
        ),
        lines(
            "Samples per scrape",
            "How many samples the exporter serves in a scrape.",
            [over_time(process_metric("scrape_samples_scraped"), "{{instance}}")],
            "short",
            span=8,
            decimals=0,
        ),
        listing(
            "Builds",
            "The version of each exporter, and how long it has been running.",
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
