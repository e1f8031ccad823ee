"""One function per kind of panel, which draws into the given axes."""

import datetime
import re

import matplotlib.dates as dates
from matplotlib.patches import Patch

from .values import COLOURS, PALETTE, colour, settings, text

GREY, FAINT = "#5a6270", "#e3e6ea"

_LEGEND = {
    "loc": "upper left",
    "bbox_to_anchor": (-0.05, -0.14),
    "fontsize": 6.5,
    "frameon": False,
    "handlelength": 1,
    "handleheight": 0.6,
    "columnspacing": 1,
    "borderpad": 0,
}


def legend(target: dict, labels: dict) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], ""), target["legendFormat"]).strip()


def moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def value(axes, panel: dict, answers: list, start: float, end: float) -> None:
    axes.axis("off")
    series = [each for _, found in answers for each in found]
    configuration = settings(panel)
    if not series:
        axes.text(0.5, 0.42, configuration.get("noValue", "No data"), ha="center", va="center", fontsize=13, color=GREY)
        return
    values = series[0]["values"]
    latest = float(values[-1][1])
    shown = colour(latest, configuration)
    if len(values) > 1:
        course = axes.inset_axes([0, 0, 1, 0.35])
        course.axis("off")
        numbers = [float(number) for _, number in values]
        course.fill_between([when for when, _ in values], numbers, min(0, *numbers), color=shown, alpha=0.18, linewidth=0)
        course.plot([when for when, _ in values], numbers, color=shown, linewidth=0.8)
    word = text(latest, configuration)
    size = 19 if len(word) < 10 else 14
    axes.text(0.5, 0.52, word, ha="center", va="center", fontsize=size, fontweight="bold", color=shown)


def lines(axes, panel: dict, answers: list, start: float, end: float) -> None:
    series = []
    for target, found in answers:
        named = [(legend(target, each["metric"]), each["values"]) for each in found]
        series += sorted(named, key=lambda pair: pair[0])
    custom = panel["fieldConfig"]["defaults"].get("custom", {})
    stacked = custom.get("stacking", {}).get("mode") == "normal"
    configuration = settings(panel)
    base: dict[float, float] = {}
    handles = []
    for index, (name, points) in enumerate(series):
        own = settings(panel, name)
        fixed = own.get("color") or {}
        chosen = COLOURS.get(fixed.get("fixedColor", ""), PALETTE[index % len(PALETTE)])
        points = [(when, float(number)) for when, number in points if number != "NaN"]
        for piece in _pieces(points):
            times = [moment(when) for when, _ in piece]
            if stacked:
                bottom = [base.get(when, 0) for when, _ in piece]
                top = [low + number for low, (_, number) in zip(bottom, piece)]
                axes.fill_between(times, bottom, top, color=chosen, alpha=0.45, linewidth=0)
                axes.plot(times, top, color=chosen, linewidth=0.9)
                base |= {when: high for (when, _), high in zip(piece, top)}
            else:
                style = "--" if "custom.lineStyle" in own else "-"
                axes.plot(times, [number for _, number in piece], style, color=chosen, linewidth=1.1)
        handles.append(Patch(color=chosen, label=name))
    if not series:
        axes.text(0.5, 0.5, "No data", transform=axes.transAxes, ha="center", va="center", color=GREY)
    if configuration.get("min") is not None:
        axes.set_ylim(bottom=configuration["min"])
    if configuration.get("max") is not None:
        axes.set_ylim(top=configuration["max"] * 1.0001)
    low, high = axes.get_ylim()
    digits = 3 if high - low > abs(high) / 100 else 6
    axes.yaxis.set_major_formatter(lambda number, _: text(number, configuration, digits))
    _time_axis(axes, start, end)
    axes.legend(handles=handles, ncols=_columns(axes, [name for name, _ in series]), **_LEGEND)


def timeline(axes, panel: dict, answers: list, start: float, end: float) -> None:
    configuration = settings(panel)
    rows = [(legend(target, each["metric"]), each["values"]) for target, found in answers for each in found]
    words = {}
    for row, (_, points) in enumerate(rows):
        step = min((b[0] - a[0] for a, b in zip(points, points[1:])), default=end - start)
        for began, ended, number in _stretches(points, step):
            shown = colour(number, configuration)
            words[text(number, configuration)] = shown
            width = (ended - began) / 86_400
            axes.barh(row, width, left=dates.date2num(moment(began)), height=0.8, color=shown, alpha=0.85, linewidth=0)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=6.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    _time_axis(axes, start, end)
    axes.grid(False)
    handles = [Patch(color=shown, label=word) for word, shown in words.items()]
    axes.legend(handles=handles, ncols=4, **(_LEGEND | {"bbox_to_anchor": (0, -0.12 if len(rows) > 3 else -0.3)}))


def bars(axes, panel: dict, answers: list, start: float, end: float) -> None:
    configuration = settings(panel)
    rows = [(legend(target, each["metric"]), float(each["values"][-1][1])) for target, found in answers for each in found]
    if not rows:
        axes.axis("off")
        axes.text(0.5, 0.5, "No data", ha="center", va="center", color=GREY)
        return
    highest = configuration.get("max") or max(number for _, number in rows) or 1
    for row, (_, number) in enumerate(rows):
        axes.barh(row, highest, height=0.7, color=FAINT, linewidth=0)
        axes.barh(row, max(0, number), height=0.7, color=colour(number, configuration), linewidth=0)
        axes.text(highest * 1.02, row, text(number, configuration), va="center", fontsize=7, color=colour(number, configuration))
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, highest * 1.18)
    axes.set_xticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def listing(axes, panel: dict, answers: list, start: float, end: float) -> None:
    axes.axis("off")
    rows = _joined(panel, answers)
    steps = {step["id"]: step["options"] for step in panel["transformations"]}
    if "groupingToMatrix" in steps:
        headings, cells = _matrix(panel, rows, steps["groupingToMatrix"])
    else:
        order = steps["organize"]["indexByName"]
        names = dict(sorted(steps["organize"]["renameByName"].items(), key=lambda pair: order[pair[0]]))
        headings = list(names.values())
        fields = list(names)
        sort = panel["options"].get("sortBy") or []
        if sort:
            field = next(field for field, heading in names.items() if heading == sort[0]["displayName"])
            rows = sorted(rows, key=lambda row: _sortable(row.get(field, "")), reverse=sort[0]["desc"])
        cells = [[_cell(panel, heading, row.get(field, "")) for field, heading in zip(fields, headings)] for row in rows]
    room = max(1, int(panel["gridPos"]["h"] * 1.55) - 2)
    cells = cells[:room]
    if not cells:
        axes.text(0.5, 0.5, settings(panel).get("noValue", "No data"), ha="center", va="center", color=GREY)
        return
    # The columns share the width in proportion to their contents; longer texts are truncated.
    widths = [max([len(heading)] + [min(44, len(row[index][0])) for row in cells]) + 2 for index, heading in enumerate(headings)]
    total, height = sum(widths), 1 / max(2, room + 1)
    room_for = _inches(axes) / 0.058 / total
    left = 0.0
    for index, heading in enumerate(headings):
        axes.text(left + 0.004, 1 - height / 2, heading, fontsize=7, fontweight="bold", color=GREY, va="center")
        for row, line in enumerate(cells):
            word, shown = line[index]
            fitting = max(4, int(widths[index] * room_for) - 1)
            word = word if len(word) <= fitting else word[: fitting - 1] + "…"
            axes.text(left + 0.004, 1 - height * (row + 1.5), word, fontsize=7, color=shown or "#222222", va="center")
        left += widths[index] / total
    for row in range(len(cells) + 1):
        axes.axhline(1 - height * (row + 1), color=FAINT, linewidth=0.6)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)


KINDS = {"stat": value, "timeseries": lines, "state-timeline": timeline, "bargauge": bars, "table": listing}


def _joined(panel: dict, answers: list) -> list[dict]:
    """The rows of a table; those of several queries are joined by a label."""
    join = next((step["options"]["byField"] for step in panel["transformations"] if step["id"] == "joinByField"), None)
    rows: dict[object, dict] = {}
    for target, found in answers:
        column = "Value" if join is None else f"Value #{target['refId']}"
        for index, each in enumerate(found):
            key = index if join is None else each["metric"].get(join)
            rows.setdefault(key, {}).update(each["metric"] | {column: float(each["values"][-1][1])})
    return list(rows.values())


def _matrix(panel: dict, rows: list[dict], options: dict):
    columns = sorted({row[options["columnField"]] for row in rows})
    lines_: dict[str, dict] = {}
    for row in rows:
        lines_.setdefault(row[options["rowField"]], {})[row[options["columnField"]]] = row["Value"]
    order = sorted(lines_, key=lambda name: (sum(lines_[name].values()), name.lower()))
    configuration = settings(panel)
    cells = [
        [(name, None)]
        + [
            (text(lines_[name][column], configuration), colour(lines_[name][column], configuration))
            if column in lines_[name]
            else ("", None)
            for column in columns
        ]
        for name in order
    ]
    return [f"{options['rowField']}\\{options['columnField']}"] + columns, cells


def _cell(panel: dict, heading: str, content) -> tuple[str, str | None]:
    own = settings(panel, heading)
    if isinstance(content, float):
        return text(content, own), colour(content, own) if "custom.cellOptions" in own else None
    coloured = "custom.cellOptions" in own and content
    return content, colour(content, own) if coloured else None


def _inches(axes) -> float:
    return axes.get_window_extent().width / axes.figure.dpi


def _columns(axes, names: list[str]) -> int:
    """The number of columns of the legend that fit."""
    longest = max((len(name) for name in names), default=1)
    return max(1, min(len(names) or 1, int(_inches(axes) / (longest * 0.058 + 0.3))))


def _sortable(content) -> tuple:
    return (0, content, "") if isinstance(content, float) else (1, 0, content)


def _pieces(points: list) -> list[list]:
    """The points, split at gaps."""
    step = min((b[0] - a[0] for a, b in zip(points, points[1:])), default=0)
    pieces: list[list] = []
    for point in points:
        if pieces and point[0] - pieces[-1][-1][0] <= step * 1.5:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    return pieces


def _stretches(points: list, step: float):
    """The periods in which a series had each value."""
    for piece in _pieces([(when, float(number)) for when, number in points]):
        began, number = piece[0]
        for when, following in piece[1:]:
            if following != number:
                yield began, when, number
                began, number = when, following
        yield began, piece[-1][0] + step, number


def _time_axis(axes, start: float, end: float) -> None:
    axes.set_xlim(moment(start), moment(end))
    axes.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=8))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
    axes.grid(True, color=FAINT, linewidth=0.6)
