#!/usr/bin/env python3
"""Draws the panels of a dashboard from the results of their queries. Needs matplotlib.

    python3 grafana/source/draw.py http://localhost:9090 flashback-overview docs/images/dashboards-overview.png

The panels are placed as on the dashboard; they do not look exactly as in Grafana, and each picture states that.
"""

import argparse
import io
import time

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as pyplot

from checks import dashboards
from checks.grafana import Prometheus, View
from drawing import figures
from PIL import Image

COLUMN, LINE = 0.5, 0.27  # Inches of a grid unit.


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prometheus", help="its address, such as http://localhost:9090")
    parser.add_argument("dashboard", help="the dashboard's uid")
    parser.add_argument("output", help="the picture's file")
    parser.add_argument("--end", type=float, default=time.time(), help="the end of the time range, in seconds since 1970")
    parser.add_argument("--minutes", type=float, default=30, help="how long the time range is")
    parser.add_argument("--scrape-interval", type=float, default=60, help="seconds between scrapes, as the data source says")
    parser.add_argument(
        "--choose", action="append", default=[], metavar="NAME=VALUE", help="a choice at the top of the dashboard"
    )
    parser.add_argument("--until", metavar="ROW", help="leave out the rows from this one on")
    parser.add_argument("--rows", action="append", default=[], metavar="ROW", help="draw these rows only")
    arguments = parser.parse_args()

    dashboard = dashboards.read()[arguments.dashboard]
    seconds = arguments.minutes * 60
    view = View(
        Prometheus(arguments.prometheus), arguments.end - seconds, arguments.end, seconds / 240, arguments.scrape_interval
    )
    view.choose(dashboard, dict(choice.split("=", 1) for choice in arguments.choose))
    draw(dashboard, view, _chosen(dashboard, arguments.rows, arguments.until), arguments.output)


def _chosen(dashboard: dict, rows: list[str], until: str | None) -> list[dict]:
    """The panels and rows to draw."""
    chosen, taking = [], not rows
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            if panel["title"] == until:
                break
            taking = not rows or panel["title"] in rows
        if taking:
            chosen.append(panel)
    return chosen


def draw(dashboard: dict, view: View, panels: list[dict], output: str) -> None:
    # Omitted rows leave no gap.
    lines = sorted(
        {line for panel in panels for line in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])}
    )
    place = {line: index for index, line in enumerate(lines)}
    width, height = 24 * COLUMN, (len(lines) + 3) * LINE
    figure = pyplot.figure(figsize=(width, height), dpi=100, facecolor="white")
    pyplot.rcParams.update({"font.size": 7, "axes.edgecolor": "#c8cdd4", "xtick.color": figures.GREY, "ytick.color": "#333333"})
    chosen = [f"{name} {value}" for name, value in _choices(dashboard, view)]
    figure.text(0.3 / width, 1 - 0.3 / height, dashboard["title"], fontsize=13, fontweight="bold", va="center")
    figure.text(
        1 - 0.3 / width,
        1 - 0.3 / height,
        "Drawn from query results of a simulated account; not a screenshot of Grafana. Times are UTC."
        + (f"  {', '.join(chosen)}" if chosen else ""),
        fontsize=8,
        color=figures.GREY,
        va="center",
        ha="right",
    )
    for panel in panels:
        box = panel["gridPos"]
        top = height - (place[box["y"]] + 2.4) * LINE
        if panel["type"] == "row":
            figure.text(0.3 / width, (top - LINE * 0.6) / height, panel["title"], fontsize=10, fontweight="bold", va="center")
            continue
        _panel(figure, panel, view, width, height, top)
    picture = io.BytesIO()
    figure.savefig(picture)
    # A palette is enough for the few colours, and reduces the file to a third.
    Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(output, optimize=True)


def _choices(dashboard: dict, view: View):
    """The chosen values other than "all", with their labels."""
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query" and not variable.get("includeAll"):
            value = view.chosen[variable["name"]]
            yield variable["label"], next((text for text, each in view.offered[variable["name"]] if each == value), value)


def _panel(figure, panel: dict, view: View, width: float, height: float, top: float) -> None:
    box = panel["gridPos"]
    left, bottom = box["x"] * COLUMN, top - box["h"] * LINE
    frame = figure.add_axes(
        [(left + 0.06) / width, (bottom + 0.06) / height, (box["w"] * COLUMN - 0.12) / width, (box["h"] * LINE - 0.12) / height]
    )
    frame.set(xticks=[], yticks=[], facecolor="#fbfcfd")
    figure.text((left + 0.16) / width, (top - 0.2) / height, panel["title"], fontsize=8.5, color="#333333", va="center")
    margins = {
        "timeseries": (0.75, 0.7),
        "state-timeline": (1.35, 0.56),
        "bargauge": (1.35, 0.15),
        "table": (0.14, 0.1),
        "stat": (0.1, 0.1),
    }
    start, base = margins[panel["type"]]
    axes = figure.add_axes(
        [
            (left + start) / width,
            (bottom + base) / height,
            (box["w"] * COLUMN - start - 0.22) / width,
            (box["h"] * LINE - base - 0.42) / height,
        ]
    )
    axes.set_facecolor("none")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    answers = [(target, view.ask(target)) for target in panel["targets"]]
    figures.KINDS[panel["type"]](axes, panel, answers, view.start, view.end)


if __name__ == "__main__":
    main()
