"""The queries that Grafana sends to Prometheus for a dashboard's variables and panels."""

import json
import math
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

from . import rules


class Refused(Exception):
    """Prometheus did not answer a query."""


@dataclass
class Prometheus:
    """Prometheus' HTTP API."""

    address: str
    # Time-out of a request in seconds.
    timeout: float = 60

    def get(self, path: str, **parameters) -> object:
        body = urllib.parse.urlencode(parameters, doseq=True).encode()
        # Without a proxy, since the address is local.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(f"{self.address}/api/v1/{path}", data=body), timeout=self.timeout) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise Refused(json.load(error).get("error", str(error))) from None

    def instant(self, query: str, time: float) -> list[dict]:
        return self.get("query", query=query, time=time)["result"]

    def range(self, query: str, start: float, end: float, step: float) -> list[dict]:
        return self.get("query_range", query=query, start=start, end=end, step=step)["result"]

    def series(self, selector: str, start: float, end: float) -> list[dict]:
        return self.get("series", **{"match[]": selector, "start": start, "end": end})


@dataclass
class View:
    """A dashboard as a user views it: its time range and the chosen values of its variables."""

    prometheus: Prometheus
    start: float
    end: float
    # Seconds between the points of a graph, and between Prometheus' scrapes.
    step: float
    scrape_interval: float
    # The chosen values as they are inserted into queries, and the values that were offered.
    chosen: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def expression(self, text: str) -> str:
        """A query with its variables replaced."""
        values = self.chosen | {
            "__rate_interval": f"{round(max(self.step + self.scrape_interval, 4 * self.scrape_interval))}s",
            "__interval": f"{round(self.step)}s",
            "__range": f"{round(self.end - self.start)}s",
        }
        return re.sub(r"\$(\w+)", lambda match: values[match[1]], text)

    def choose(self, dashboard: dict, wanted: dict[str, str]) -> None:
        """Chooses the values of a dashboard's variables: all if that is possible, otherwise the wanted or the first one."""
        for variable in dashboard["templating"]["list"]:
            if variable["type"] != "query":
                continue
            name = variable["name"]
            offered = self.offered[name] = self._offered(variable)
            values = [value for _, value in offered]
            if name in wanted:
                self.chosen[name] = next((value for text, value in offered if text == wanted[name]), wanted[name])
            elif not variable.get("includeAll"):
                self.chosen[name] = values[0] if values else ""
            else:
                # Grafana escapes for a regular expression within a string.
                escaped = [re.sub(r"[$^*{}\[\]'+?.()|\\]", lambda match: "\\\\" + match[0], value) for value in values]
                self.chosen[name] = variable.get("allValue") or f"({'|'.join(escaped)})"

    def _offered(self, variable: dict) -> list[tuple[str, str]]:
        """The texts and values of a variable."""
        expression = self.expression(rules.variable_expression(variable))
        if variable["query"].startswith("label_values"):
            label = variable["query"].rpartition(",")[2].strip(" )")
            found = {series[label] for series in self.prometheus.series(expression, self.start, self.end) if label in series}
            return sorted((value, value) for value in found)
        texts = [_series_text(series) for series in self.prometheus.instant(expression, self.end)]
        pattern = re.compile(variable["regex"].strip("/").replace("(?<", "(?P<"))
        matches = [pattern.search(text) for text in texts]
        return sorted((match["text"], match["value"]) for match in matches if match)

    def ask(self, target: dict, points: int | None = None) -> list[dict]:
        """The series that a panel's query returns; those of an instant query have one value.

        `points` is the panel's maximum number of points, if it has one.
        """
        text = target["expr"]
        if points is not None:
            text = text.replace("$__interval", f"{math.ceil((self.end - self.start) / points)}s")
        expression = self.expression(text)
        if target.get("instant"):
            answer = self.prometheus.instant(expression, self.end)
            return [{"metric": series["metric"], "values": [series["value"]]} for series in answer]
        return self.prometheus.range(expression, self.start, self.end, self.step)


def _series_text(series: dict) -> str:
    """A series as the data source writes it in the answer to query_result(): nothing is escaped."""
    labels = ",".join(f'{name}="{value}"' for name, value in series["metric"].items())
    return f"{{{labels}}} {series['value'][1]} {round(series['value'][0] * 1000)}"
