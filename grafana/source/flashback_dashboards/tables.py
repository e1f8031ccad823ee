"""Constructors of tables."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders import common, table
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue, FieldColorModeId

from . import appearance
from .panels import Query, panel_of


class Column:
    """A column of a table: the field that it shows, its heading, and how it looks."""

    def __init__(
        self,
        field: str,
        heading: str,
        unit: str | None = None,
        *,
        thresholds=None,
        mappings=None,
        link=None,
        width: int | None = None,
        decimals: int | None = None,
    ):
        self.field, self.heading, self.unit, self.link, self.width = field, heading, unit, link, width
        self.thresholds, self.mappings, self.decimals = thresholds, mappings, decimals

    def properties(self) -> list[DynamicConfigValue]:
        properties = []
        if self.unit is not None:
            properties.append(DynamicConfigValue(id_val="unit", value=self.unit))
        if self.thresholds is not None or self.mappings is not None:
            properties.append(DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}))
            properties.append(DynamicConfigValue(id_val="color", value={"mode": "thresholds"}))
        if self.thresholds is not None:
            properties.append(DynamicConfigValue(id_val="thresholds", value=self.thresholds.build()))
        if self.mappings is not None:
            properties.append(DynamicConfigValue(id_val="mappings", value=list(self.mappings)))
        if self.link is not None:
            properties.append(DynamicConfigValue(id_val="links", value=[self.link]))
        if self.width is not None:
            properties.append(DynamicConfigValue(id_val="custom.width", value=self.width))
        if self.decimals is not None:
            properties.append(DynamicConfigValue(id_val="decimals", value=self.decimals))
        return properties


def listing(
    title: str,
    description: str,
    queries: list[Query],
    columns: list[Column],
    *,
    unit: str = "none",
    span: int = 12,
    height: int = 8,
    key: str | None = None,
    hidden: Iterable[str] = (),
    sort: str | None = None,
    descending: bool = True,
    no_value: str | None = None,
    points: int | None = None,
):
    """A table with one row per series.

    - `key`: the label by which the rows of several queries are joined.
    - `hidden`: fields that are used by links and not shown.
    - `sort`: the heading of the column by which the table is sorted.
    - `points`: into how many intervals `$__interval` divides the time range.
    """
    panel = (
        panel_of(table, title, description, queries, unit, span, height)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(appearance.PLAIN)
        .cell_height(options.TableCellHeight.SM)
        .show_header(True)
    )
    if points is not None:
        panel.max_data_points(points)
    if key is not None:
        panel.with_transformation(DataTransformerConfig(id_val="joinByField", options={"byField": key, "mode": "outer"}))
    # Only these fields remain, so that labels that a user's relabelling adds do not appear.
    kept = [column.field for column in columns] + list(hidden)
    panel.with_transformation(DataTransformerConfig(id_val="filterFieldsByName", options={"include": {"names": kept}}))
    panel.with_transformation(
        DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": {},
                "indexByName": {field: index for index, field in enumerate(kept)},
                "renameByName": {column.field: column.heading for column in columns},
            },
        )
    )
    for field in hidden:
        panel.override_by_name(field, [DynamicConfigValue(id_val="custom.hidden", value=True)])
    for column in columns:
        if column.properties():
            panel.override_by_name(column.heading, column.properties())
    if sort is not None:
        panel.sort_by([common.TableSortByFieldState().display_name(sort).desc(descending)])
    if no_value is not None:
        panel.no_value(no_value)
    return panel


def matrix(title: str, description: str, query: Query, row: str, column: str, mappings, *, height: int = 10):
    """A table with the values of one label as rows, those of another as columns, and a coloured cell for each pair."""
    return (
        panel_of(table, title, description, [query], "none", 24, height)
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .thresholds(appearance.PLAIN)
        .mappings(list(mappings))
        .cell_height(options.TableCellHeight.SM)
        .show_header(True)
        .with_transformation(
            DataTransformerConfig(
                id_val="groupingToMatrix",
                options={"rowField": row, "columnField": column, "valueField": "Value", "emptyValue": "null"},
            )
        )
        .override_by_regexp(
            # The first column, of the rows' names, is called row\\column.
            "/^[^\\\\]*$/",
            [DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-background", "mode": "basic"})],
        )
    )
