"""The common parts of all dashboards: identity, variables, links to the others, annotations, and panels in rows."""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from . import queries
from .panels import DATA_SOURCE

# In the order in which they are linked: (uid, title, tooltip of the link).
ALL = [
    ("flashback-overview", "Flashback / Overview", "All buckets at a glance"),
    ("flashback-bucket", "Flashback / Bucket", "One bucket in detail"),
    ("flashback-nodes", "Flashback / Bridge nodes", "The nodes and the buckets that they reach"),
    ("flashback-account", "Flashback / Repositories and quota", "The account's quotas, credits and repositories"),
    ("flashback-exporter", "Flashback / Exporter", "The exporter and the API"),
]


class Section:
    """Panels under a heading; the first section of a dashboard needs none."""

    def __init__(self, title: str | None, *panels):
        self.title, self.panels = title, panels


def assemble(uid: str, description: str, variables, sections: list[Section]) -> models.Dashboard:
    title = next(title for candidate, title, _ in ALL if candidate == uid)
    dashboard = (
        builders.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["flashback"])
        .editable()
        .timezone("browser")
        .time("now-6h", "now")
        .refresh("1m")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .variables(_variables() + list(variables))
        .links([_link(*other) for other in ALL if other[0] != uid])
        .annotation(_alerts())
    )
    identifier = 0
    for section in sections:
        if section.title is not None:
            identifier += 1
            dashboard.with_row(builders.Row(section.title).id(identifier))
        for panel in section.panels:
            identifier += 1
            dashboard.with_panel(panel.id(identifier))
    return dashboard.build()


def choice(name: str, label: str, query: str, description: str) -> builders.QueryVariable:
    """A variable whose values are queried from Prometheus."""
    return (
        builders.QueryVariable(name)
        .label(label)
        .description(description)
        .datasource(DATA_SOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    )


def several(variable: builders.QueryVariable) -> builders.QueryVariable:
    """Allows several values of a variable to be chosen; initially all are."""
    return variable.multi(True).include_all(True).current(models.VariableOption(True, ["All"], ["$__all"]))


def _variables():
    # The build information is served even while the API cannot be read, and `up` exists even while no exporter answers. "All" is
    # expanded to the list of jobs and instances: `.+` would also match those of other exporters.
    jobs = (
        "group by (job) (last_over_time(flashback_exporter_build_info[$__range])"
        ' or last_over_time(up{job=~".*flashback.*"}[$__range]))'
    )
    return [
        builders.DatasourceVariable("datasource")
        .label("Data source")
        .description("The Prometheus that scrapes the exporter.")
        .type("prometheus")
        .current(models.VariableOption(False, "", "")),
        several(choice("job", "Job", f"query_result({jobs})", "The job in Prometheus' configuration.")).regex(
            '/job="(?<text>(?<value>[^"]+))"/'
        ),
        several(
            choice(
                "account",
                "Account",
                'label_values(flashback_up{job=~"$job"}, account)',
                "The accounts of the configuration file. Empty if the exporter has a single account.",
            )
        ).all_value(".*"),
        several(choice("instance", "Instance", 'label_values(up{job=~"$job"}, instance)', "The exporters of the job.")),
    ]


def _link(uid: str, title: str, description: str) -> builders.DashboardLink:
    return (
        builders.DashboardLink(title.removeprefix("Flashback / "))
        .type(models.DashboardLinkType.LINK)
        .url(f"/d/{uid}")
        .tooltip(description)
        .icon("dashboard")
        .include_vars(True)
        .keep_time(True)
        .target_blank(False)
        .as_dropdown(False)
    )


class _AlertAnnotation(models.AnnotationQuery):
    """With the fields of Prometheus' data source for annotations that the SDK does not have."""

    def to_json(self) -> dict[str, object]:
        return super().to_json() | {
            "titleFormat": "{{alertname}}",
            "textFormat": "{{bucket_name}} {{account}} {{instance}} {{collector}}",
            "tagKeys": "severity",
            "useValueForTime": False,
        }


class _Alerts(builders.AnnotationQuery):
    def __init__(self) -> None:
        super().__init__()
        self._internal = _AlertAnnotation()


def _alerts() -> builders.AnnotationQuery:
    return (
        _Alerts().name("Firing alerts").datasource(DATA_SOURCE).enable(True).hide(False).icon_color("red").expr(queries.alerts())
    )
