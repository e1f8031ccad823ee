"""Rules for links to dashboards: those between dashboards, and those of alerts."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from .project import Project
from .rules import variables


def between(dashboards: dict[str, dict]) -> Iterator[str]:
    """Each dashboard links to all others and keeps time and variables; the dashboards and variables of links exist."""
    for uid, dashboard in dashboards.items():
        kept = [link["url"] for link in dashboard["links"] if link.get("keepTime") and link.get("includeVars")]
        for other in dashboards:
            if (f"/d/{other}" in kept) != (other != uid):
                yield f"{uid}: /d/{other} is linked to itself or not linked to"
        for url in _urls(dashboard["panels"]):
            if problem := broken(url, dashboards):
                yield f"{uid}: {url}: {problem}"


def of_alerts(dashboards: dict[str, dict], project: Project, runbooks: set[str]) -> Iterator[str]:
    """Every alert's runbook exists, and so do the dashboards and variables that Alertmanager's template links to."""
    if not project.alerts:
        yield "there are no alerts"
    for alert in project.alerts:
        if alert.runbook.rpartition("/")[2] not in runbooks:
            yield f"{alert.name}: there is no runbook {alert.runbook!r}"
    found = re.findall(r"/d/([\w-]+)|[?&]var-(\w+)=", project.template)
    if not any(uid for uid, _ in found):
        yield "the template links to no dashboard"
    uid = ""
    for dashboard, name in found:
        uid = dashboard or uid
        if uid not in dashboards:
            yield f"the template: there is no dashboard {uid!r}"
        elif name and name not in variables(dashboards[uid]):
            yield f"the template: {uid} has no variable {name}"


def broken(url: str, dashboards: dict[str, dict]) -> str | None:
    """The problem of a link to a dashboard, or None."""
    path = re.search(r"/d/([^/?#]+)", url)
    if path is None or path[1] not in dashboards:
        return "there is no such dashboard"
    # Grafana's own placeholders, such as ${datasource:queryparam}, do not have the form name=value.
    for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        if name.startswith("var-") and name.removeprefix("var-") not in variables(dashboards[path[1]]):
            return f"the dashboard has no variable {name.removeprefix('var-')}"
    return None


def _urls(value) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("url"), str):
            yield value["url"]
        for each in value.values():
            yield from _urls(each)
    elif isinstance(value, list):
        for each in value:
            yield from _urls(each)
