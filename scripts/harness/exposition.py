"""Reads metrics strictly: the text format independently of the exporter, OpenMetrics with the reference parser."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
LABELS = re.compile(LABEL)
HELP = re.compile(rf"# HELP ({NAME}) ((?:[^\\\n]|\\[\\n])*)")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge|histogram)")
VALUE = re.compile(r"[+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Inf)|NaN")
ENDINGS = {"counter": ("",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


class Malformed(Exception):
    """A body that Prometheus would reject, or that is inconsistent."""


def parse_text(body):
    """Reads text format 0.0.4. Returns the values by series, and the type by family.

    Stricter than Prometheus: every family has HELP and TYPE before its samples, is in one place and has samples, and no series
    comes twice. A series is its name and the sorted tuple of its labels.
    """
    text = body.decode("utf-8")
    if text and not text.endswith("\n"):
        raise Malformed("no line feed at the end")
    series, types, announced, family, endings = {}, {}, None, None, ()
    empty = None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        if match := SAMPLE.fullmatch(line):
            name, labels, value = match[1], match[2], match[match.lastindex]
            if family is None or announced or not name.startswith(family) or name[len(family) :] not in endings:
                raise Malformed(f"line {number}: not a sample of the family {family}: {line}")
            if not VALUE.fullmatch(value):
                raise Malformed(f"line {number}: not a number: {line}")
            key = (name, tuple(sorted(LABELS.findall(labels))) if labels else ())
            if key in series:
                raise Malformed(f"line {number}: a series that came before: {line}")
            if len({label for label, _ in key[1]}) != len(key[1]):
                raise Malformed(f"line {number}: a label twice: {line}")
            series[key] = float(value)
            empty = None
        elif match := HELP.fullmatch(line):
            if announced or empty:
                raise Malformed(f"line {number}: the family before has no TYPE line or no samples: {line}")
            announced = match[1]
        elif match := TYPE.fullmatch(line):
            if match[1] != announced:
                raise Malformed(f"line {number}: a TYPE line without its HELP line: {line}")
            if match[1] in types:
                raise Malformed(f"line {number}: a family in two places: {line}")
            family, endings = match[1], ENDINGS[match[2]]
            types[family] = match[2]
            empty, announced = family, None
        else:
            raise Malformed(f"line {number}: neither a sample nor HELP nor TYPE: {line[:300]}")
    if announced or empty:
        raise Malformed(f"the last family, {announced or empty}, has no TYPE line or no samples")
    return series, types


def parse_openmetrics(body):
    """Reads OpenMetrics 1.0 with the parser of prometheus_client. Returns the values by series, and the type by family."""
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    series, types = {}, {}
    try:
        for family in text_string_to_metric_families(body.decode("utf-8")):
            types[family.name] = family.type
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                if key in series:
                    raise Malformed(f"a series that came before: {key}")
                series[key] = float(sample.value)
    except ValueError as error:
        raise Malformed(str(error)) from error
    return series, types


def by_family(series, name):
    """The label sets, as dictionaries, of the series with a name, with their values."""
    return [(dict(labels), value) for (own, labels), value in series.items() if own == name]


def buckets(series):
    """The bucket_ids by series name."""
    found = {}
    for name, labels in series:
        for label, value in labels:
            if label == "bucket_id":
                found.setdefault(name, set()).add(value)
    return found
