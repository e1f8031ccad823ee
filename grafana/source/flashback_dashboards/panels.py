"""Constructors of panels, so that all panels of a kind look and behave the same."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    FieldColorModeId,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from . import appearance

DATA_SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
Query = Builder
# The longest scrape interval that the dashboards support. Grafana makes `$__rate_interval` four times as long; with its own default of
# 15 s a rate would find only one sample.
SCRAPE_INTERVAL = "1m"


# MARK: Queries


def _query(expression: str, legend: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().datasource(DATA_SOURCE).expr(expression).legend_format(legend).interval(SCRAPE_INTERVAL)


def now(expression: str, legend: str) -> Query:
    """A query for the end of the time range only, so that series that have ended by then are not shown."""
    return _query(expression, legend).instant()


def over_time(expression: str, legend: str) -> Query:
    return _query(expression, legend).range()


def rows(expression: str) -> Query:
    """A query for a table: one row per series, with its labels as columns."""
    return _query(expression, "").instant().format(PromQueryFormat.TABLE)


# MARK: Panels


def panel_of(kind, title: str, description: str, queries: Iterable[Query], unit: str, span: int, height: int):
    panel = kind.Panel().title(title).description(description).datasource(DATA_SOURCE).interval(SCRAPE_INTERVAL)
    panel = panel.unit(unit).span(span).height(height)
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        panel.with_target(query.ref_id(letter))
    return panel


def value(
    title: str,
    description: str,
    query: Query,
    unit: str,
    *,
    span: int = 4,
    height: int = 4,
    thresholds=appearance.PLAIN,
    mappings=(),
    text=options.BigValueTextMode.VALUE,
    graph: bool = False,
    decimals=None,
    no_value: str | None = None,
):
    """The current value as a number or text. With `graph`, and a query over time, the background shows its graph."""
    panel = (
        panel_of(stat, title, description, [query], unit, span, height)
        .thresholds(thresholds)
        .mappings(list(mappings))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .color_mode(options.BigValueColorMode.VALUE)
        .graph_mode(options.BigValueGraphMode.AREA if graph else options.BigValueGraphMode.NONE)
        .text_mode(text)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    )
    if decimals is not None:
        panel.decimals(decimals)
    if no_value is not None:
        panel.no_value(no_value)
    return panel


def lines(
    title: str,
    description: str,
    queries: list[Query],
    unit: str,
    *,
    span: int = 12,
    height: int = 8,
    stacked: bool = False,
    minimum: float | None = 0,
    maximum: float | None = None,
    colours: dict[str, str] | None = None,
    dashed: Iterable[str] = (),
    calculations: Iterable[str] = ("lastNotNull", "max"),
    decimals=None,
    limit=None,
):
    """Lines over time with a table of their latest and highest values.

    `colours` gives series colours by their legends, `dashed` names those that are limits rather than measurements, and `limit`
    draws thresholds as lines.
    """
    panel = (
        panel_of(timeseries, title, description, queries, unit, span, height)
        .legend(
            common.VizLegendOptions()
            .display_mode(options.LegendDisplayMode.TABLE)
            .placement(options.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(list(calculations))
        )
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING))
        .color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .line_width(1)
        .fill_opacity(40 if stacked else 8)
        .show_points(options.VisibilityMode.NEVER)
        .stacking(common.StackingConfig().mode(options.StackingMode.NORMAL if stacked else options.StackingMode.NONE).group("A"))
        .thresholds(limit or appearance.PLAIN)
        .thresholds_style(
            common.GraphThresholdsStyleConfig().mode(
                options.GraphTresholdsStyleMode.DASHED if limit else options.GraphTresholdsStyleMode.OFF
            )
        )
    )
    if minimum is not None:
        panel.min(minimum)
    if maximum is not None:
        panel.max(maximum)
    if decimals is not None:
        panel.decimals(decimals)
    for name, colour in (colours or {}).items():
        panel.override_by_name(name, [appearance.colour(colour)])
    for name in dashed:
        panel.override_by_name(
            name,
            [
                DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [10, 10]}),
                DynamicConfigValue(id_val="custom.fillOpacity", value=0),
                appearance.colour(appearance.BAD),
            ],
        )
    return panel


def timeline(title: str, description: str, queries: list[Query], mappings, *, span: int = 24, height: int = 8, links=()):
    """A bar per series that shows its states over time."""
    return (
        panel_of(statetimeline, title, description, queries, "none", span, height)
        .mappings(list(mappings))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(appearance.PLAIN)
        .merge_values(True)
        .show_value(options.VisibilityMode.NEVER)
        .row_height(0.85)
        .line_width(0)
        .fill_opacity(80)
        .legend(
            common.VizLegendOptions()
            .display_mode(options.LegendDisplayMode.LIST)
            .placement(options.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs([])
        )
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.SINGLE).sort(options.SortOrder.NONE))
        .data_links([_BuiltLink(link) for link in links])
    )


def bars(
    title: str,
    description: str,
    queries: list[Query],
    unit: str,
    *,
    span: int = 12,
    height: int = 8,
    thresholds,
    minimum: float | None = 0,
    maximum: float | None = None,
    decimals=None,
):
    """A bar per series with its current value."""
    panel = (
        panel_of(bargauge, title, description, queries, unit, span, height)
        .thresholds(thresholds)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .orientation(options.VizOrientation.HORIZONTAL)
        .display_mode(options.BarGaugeDisplayMode.BASIC)
        .show_unfilled(True)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    )
    if minimum is not None:
        panel.min(minimum)
    if maximum is not None:
        panel.max(maximum)
    if decimals is not None:
        panel.decimals(decimals)
    return panel


class _BuiltLink(Builder):
    """A link as the SDK's builders take it, without the empty fields that the SDK's own links have."""

    def __init__(self, link: dict[str, object]):
        self.link = link

    def build(self) -> dict[str, object]:
        return self.link
