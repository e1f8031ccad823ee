"""The rules for every dashboard.

They are those of Grafana's public dashboard-linter and some more. Each is a function that yields the violations.
"""

import itertools
import re
from collections.abc import Iterator

from grafana_foundation_sdk.models import units

from . import promql
from .project import Project

VALID_UNITS = {value for name, value in vars(units).items() if isinstance(value, str) and not name.startswith("_")}
DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}

# Functions whose result depends on how many samples are in the range.
_RATES = {"rate", "irate", "increase", "delta", "idelta", "deriv", "resets", "changes", "predict_linear"}


# Series about the process, which have no label account.
OF_THE_PROCESS = r"up$|scrape_|process_|flashback_exporter_(build_info|shard_info|shards|web_config_.*)$"


# MARK: The parts of a dashboard


def panels(dashboard: dict) -> Iterator[dict]:
    """The panels, including those in collapsed rows."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def targets(dashboard: dict) -> Iterator[tuple[dict, dict]]:
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            yield panel, target


def variables(dashboard: dict) -> dict[str, dict]:
    return {variable["name"]: variable for variable in dashboard["templating"]["list"]}


def variable_expression(variable: dict) -> str:
    """The PromQL in a variable's query."""
    query = variable["query"]
    for pattern in (r"label_values\((?P<expression>.*),\s*\w+\)", r"query_result\((?P<expression>.*)\)"):
        if match := re.fullmatch(pattern, query, re.DOTALL):
            return match["expression"]
    raise promql.Unreadable(f"not a query of a variable: {query}")


def expressions(dashboard: dict) -> Iterator[tuple[str, str]]:
    """All PromQL of a dashboard, with its location."""
    for panel, target in targets(dashboard):
        yield f"panel {panel.get('title')!r} {target.get('refId')}", target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        yield f"annotation {annotation['name']!r}", annotation["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield f"variable {variable['name']}", variable_expression(variable)


# MARK: The rules


def identity(dashboard: dict, project: Project) -> Iterator[str]:
    """A uid for links, no id from a Grafana database, the schema's version, and the tag."""
    if not re.fullmatch(r"flashback-[a-z]+", dashboard.get("uid") or ""):
        yield f"uid {dashboard.get('uid')!r} is not flashback-…"
    if dashboard.get("id") is not None:
        yield f"it has the numeric id {dashboard['id']}"
    if dashboard.get("schemaVersion") != 39:
        yield f"schemaVersion is {dashboard.get('schemaVersion')}, not 39"
    for name in ("title", "description"):
        if not dashboard.get(name):
            yield f"it has no {name}"
    if "flashback" not in dashboard.get("tags", []):
        yield "it lacks the tag flashback"


def one_data_source(dashboard: dict, project: Project) -> Iterator[str]:
    """One variable for the data source, which all queries use."""
    sources = [variable for variable in dashboard["templating"]["list"] if variable["type"] == "datasource"]
    if [(source["name"], source["query"], source["label"]) for source in sources] != [
        ("datasource", "prometheus", "Data source")
    ]:
        yield "there is not exactly one variable for the data source, datasource"
    users = [(f"panel {panel.get('title')!r}", panel) for panel in panels(dashboard)]
    users += [(f"panel {panel.get('title')!r} {target.get('refId')}", target) for panel, target in targets(dashboard)]
    users += [(f"variable {name}", variable) for name, variable in variables(dashboard).items() if variable["type"] == "query"]
    users += [(f"annotation {annotation['name']!r}", annotation) for annotation in dashboard["annotations"]["list"]]
    for where, user in users:
        if user.get("datasource") != DATA_SOURCE:
            yield f"{where}: the data source is {user.get('datasource')}, not the variable"


def job_and_instance(dashboard: dict, project: Project) -> Iterator[str]:
    """Variables for job, account and instance, of which several or all can be chosen.

    A single account has no label. "All" is expanded to the listed jobs and instances: a regular expression would also match those of
    other exporters.
    """
    for name, label, every in (("job", "Job", None), ("account", "Account", ".*"), ("instance", "Instance", None)):
        variable = variables(dashboard).get(name, {})
        wanted = {"type": "query", "label": label, "multi": True, "includeAll": True, "allValue": every, "refresh": 2}
        for key, value in wanted.items():
            if variable.get(key) != value:
                yield f"variable {name}: {key} is {variable.get(key)!r}, not {value!r}"


def refreshed_variables(dashboard: dict, project: Project) -> Iterator[str]:
    """The values of variables are refreshed when the time range changes, and each variable has a label and a description."""
    for name, variable in variables(dashboard).items():
        if variable["type"] == "query" and variable.get("refresh") != 2:
            yield f"variable {name} is not refreshed when the time range changes"
        for key in ("label", "description"):
            if not variable.get(key):
                yield f"variable {name} has no {key}"


def used_variables(dashboard: dict, project: Project) -> Iterator[str]:
    """Every variable that is used exists, and every variable is used."""
    used = set().union(*(promql.variables(expression) for _, expression in expressions(dashboard)))
    made_by_grafana = {name for name in used if name.startswith("__")}
    for name in sorted(made_by_grafana - {"__rate_interval", "__range", "__interval"}):
        yield f"${name} is no variable of Grafana's that these dashboards use"
    there = set(variables(dashboard)) - {"datasource"}
    for name in sorted(used - made_by_grafana - there):
        yield f"${name} does not exist"
    for name in sorted(there - used):
        yield f"${name} is not used"


def titles_and_descriptions(dashboard: dict, project: Project) -> Iterator[str]:
    for panel in panels(dashboard):
        for key in ("title", "description"):
            if not (panel.get(key) or "").strip():
                yield f"panel {panel.get('id')} {panel.get('title')!r} has no {key}"


def valid_units(dashboard: dict, project: Project) -> Iterator[str]:
    for panel in panels(dashboard):
        configuration = panel.get("fieldConfig", {})
        found = [configuration.get("defaults", {}).get("unit")]
        for override in configuration.get("overrides", []):
            found += [entry["value"] for entry in override["properties"] if entry["id"] == "unit"]
        for unit in found:
            if unit not in VALID_UNITS:
                yield f"panel {panel.get('title')!r}: {unit!r} is not a unit"


def legends(dashboard: dict, project: Project) -> Iterator[str]:
    """Every series has an explicit name, and every graph shows its legend."""
    for panel, target in targets(dashboard):
        if panel["type"] != "table" and target.get("legendFormat", "") in ("", "__auto"):
            yield f"panel {panel.get('title')!r} {target.get('refId')} has no legend"
    for panel in panels(dashboard):
        if panel["type"] in ("timeseries", "state-timeline") and not panel["options"].get("legend", {}).get("showLegend"):
            yield f"panel {panel.get('title')!r} hides its legend"


def matchers(dashboard: dict, project: Project) -> Iterator[str]:
    """Every selector follows the variables job, account and instance.

    Exceptions, by the level that a recording rule's name begins with: an objective (flashback:) has none of these labels, and the
    series of a bucket, a node, an account, a shard or a job (bucket:, node:, …) have no instance, since they join the instances of a
    job. Metrics of the exporter's process have no account. Alerts about those lack the same labels, and therefore use `$instance|`
    and `$account|`. The queries of the variables job, account and instance need only the variables before them.
    """
    own = {f"variable {name}": {"job", "account", "instance"} - {"job"} for name in ("account", "instance")}
    own["variable job"] = {"job", "account", "instance"}
    of_accounts = {"job", "account"}
    levels = {level: of_accounts for level in ("bucket", "node", "repository", "account", "shard")} | {"flashback": set(), "job": {"job"}}
    for where, expression in expressions(dashboard):
        for selector in promql.selectors(expression):
            level = selector.name.partition(":")[0] if ":" in selector.name else ""
            needed = levels.get(level, {"job", "account", "instance"})
            if re.match(OF_THE_PROCESS, selector.name):
                needed = needed - {"account"}
            for label in sorted(needed - own.get(where, set())):
                allowed = [("=~", f"${label}")]
                if selector.name == "ALERTS" and label != "job":
                    allowed = [("=~", f"${label}|")]
                if selector.name == "ALERTS" and selector.matchers.get("job") == ("=", ""):
                    # FlashbackExporterDown, which fires when there is no exporter at all.
                    allowed = [None if label != "job" else ("=", "")] if "alertname" in selector.matchers else []
                if selector.matchers.get(label) not in allowed:
                    yield f'{where}: {selector.name or "a selector"} has no matcher {label}=~"${label}"'


def rate_interval(dashboard: dict, project: Project) -> Iterator[str]:
    """Rates use `$__rate_interval`; increases over the whole time range, in tables of current values, use `$__range`.

    `$__range:$__interval` is the range of a subquery, evaluated once for each point of the panel.
    """
    for where, expression in expressions(dashboard):
        for found in promql.ranges(expression):
            if found not in ("$__rate_interval", "$__range", "$__range:$__interval"):
                yield f"{where}: the range [{found}] is fixed"
    for panel, target in targets(dashboard):
        for selector in promql.selectors(target["expr"]):
            if selector.function in _RATES and selector.range != "$__rate_interval":
                if not (selector.function in ("increase", "deriv") and selector.range == "$__range" and target.get("instant")):
                    yield f"panel {panel.get('title')!r} {target.get('refId')}: {selector.function} over [{selector.range}]"


def enough_samples(dashboard: dict, project: Project) -> Iterator[str]:
    """A rate has at least two samples with every scrape interval of the data source, including Grafana's default of 15 s."""
    for panel, target in targets(dashboard):
        least = rate_interval_of(target, 1, 15)
        if least < 2 * project.scrape_interval:
            yield f"panel {panel.get('title')!r} {target.get('refId')}: $__rate_interval may be {least} s only"
        if seconds(panel.get("interval")) < project.scrape_interval:
            yield f"panel {panel.get('title')!r} may have more points than samples"


def rate_interval_of(target: dict, step: float, scrape_interval: float) -> float:
    """Grafana's value of `$__rate_interval`: the query's own minimum step replaces the data source's scrape interval."""
    scrape_interval = seconds(target.get("interval")) or scrape_interval
    return max(step + scrape_interval, 4 * scrape_interval)


def seconds(duration: str | None) -> float:
    """The seconds of a duration as Grafana writes it, such as `1m`; 0 if there is none."""
    match = re.fullmatch(r"(\d+)([smh])", duration or "0s")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]] if match else 0


def counters(dashboard: dict, project: Project) -> Iterator[str]:
    """Counters appear only in rates; with several instances, in the rate of the largest value."""
    for where, expression in expressions(dashboard):
        for selector in promql.selectors(expression):
            if re.search(r"_(total|bucket|count|sum)$", selector.name) and ":" not in selector.name:
                of_largest = re.search(rf"increase\(\(max by \([a-z_, ]+\) \({selector.name}\{{", expression)
                if selector.function not in ("rate", "irate", "increase") and not of_largest:
                    yield f"{where}: the counter {selector.name} is not in a rate"


def unique_identifiers(dashboard: dict, project: Project) -> Iterator[str]:
    identifiers = [panel.get("id") for panel in dashboard["panels"]]
    identifiers += [panel.get("id") for row in dashboard["panels"] for panel in row.get("panels", [])]
    for identifier in {each for each in identifiers if identifiers.count(each) > 1 or not isinstance(each, int)}:
        yield f"the panel id {identifier} is duplicate or not a number"
    for panel in panels(dashboard):
        references = [target.get("refId") for target in panel.get("targets", [])]
        if not references:
            yield f"panel {panel.get('title')!r} has no query"
        if len(set(references)) != len(references) or not all(references):
            yield f"panel {panel.get('title')!r}: refIds {references}"


def grid(dashboard: dict, project: Project) -> Iterator[str]:
    """24 columns, no overlap, and no holes beside a panel."""
    boxes = [(panel.get("title"), panel["gridPos"]) for panel in dashboard["panels"]]
    for title, box in boxes:
        if box["x"] < 0 or box["w"] < 1 or box["x"] + box["w"] > 24 or box["y"] < 0 or box["h"] < 1:
            yield f"panel {title!r} is outside of the grid"
    for (title, box), (other_title, other) in itertools.combinations(boxes, 2):
        apart = (
            box["x"] + box["w"] <= other["x"]
            or other["x"] + other["w"] <= box["x"]
            or box["y"] + box["h"] <= other["y"]
            or other["y"] + other["h"] <= box["y"]
        )
        if not apart:
            yield f"panels {title!r} and {other_title!r} overlap"
    for line in sorted({box["y"] for _, box in boxes}):
        if sum(box["w"] for _, box in boxes if box["y"] == line) != 24:
            yield f"the panels at height {line} do not fill the width"


def known_metrics(dashboard: dict, project: Project) -> Iterator[str]:
    for where, expression in expressions(dashboard):
        for selector in promql.selectors(expression):
            if selector.name not in project.names:
                yield f"{where}: there is no metric and no recording rule {selector.name!r}"


def alert_annotations(dashboard: dict, project: Project) -> Iterator[str]:
    shown = [
        annotation
        for annotation in dashboard["annotations"]["list"]
        if annotation.get("enable")
        and any(
            selector.name == "ALERTS" and selector.matchers.get("alertstate") == ("=", "firing")
            for selector in promql.selectors(annotation["expr"])
        )
    ]
    if len(shown) != 1:
        yield "firing alerts are not annotated"


# The rules for a single dashboard.
RULES = [
    identity,
    one_data_source,
    job_and_instance,
    refreshed_variables,
    used_variables,
    titles_and_descriptions,
    valid_units,
    legends,
    matchers,
    rate_interval,
    enough_samples,
    counters,
    unique_identifiers,
    grid,
    known_metrics,
    alert_annotations,
]
