"""PromQL that all dashboards share.

Every selector of the exporter's metrics matches `job` and `instance`, so that the variables of the dashboard apply to it, and
`account` except for metrics about the process. An exporter with a single account has no such label; the matcher for all accounts,
`account=~".*"`, also selects series without it. While an exporter is replaced, two instances serve the same buckets for some
minutes: metrics of buckets and nodes are therefore joined by `max by (...)`, never by a sum over instances. Metrics of the
exporter itself are summed.
"""

BY_BUCKET = "max by (account, bucket_id, bucket_name)"

# The states as numbers: of two instances that disagree the higher one counts.
ONLINE, DISCONNECTED, OFFLINE, UNKNOWN = 3, 2, 1, 0


def label(name: str, value: str) -> str:
    """A matcher."""
    return f'{name}="{value}"'


def _selector(name: str, *matchers: str) -> str:
    return f"{name}{{{', '.join(matchers)}}}"


def metric(name: str, *matchers: str) -> str:
    """A metric of the exporter about an account."""
    return process_metric(name, 'account=~"$account"', *matchers)


def process_metric(name: str, *matchers: str) -> str:
    """A metric of the exporter about itself, or of Prometheus about its scrapes."""
    return _selector(name, 'job=~"$job"', 'instance=~"$instance"', *matchers)


def recorded(name: str, *matchers: str) -> str:
    """A series of a recording rule. It has no label instance, since it joins the instances of a job."""
    return _selector(name, 'job=~"$job"', 'account=~"$account"', *matchers)


def alerts(*matchers: str) -> str:
    """The alerts of prometheus/rules that fire.

    Alerts about buckets have no label instance, those about the process no account, and FlashbackExporterDown, which fires when there is no
    exporter at all, has no job. It is selected by its name, since other software's alerts lack these labels too.
    """
    firing = 'alertstate="firing"'
    chosen = _selector("ALERTS", firing, 'job=~"$job"', 'instance=~"$instance|"', 'account=~"$account|"', *matchers)
    without_job = _selector("ALERTS", firing, 'alertname="FlashbackExporterDown"', 'job=""', *matchers)
    return f"({chosen} or {without_job})"


def state(name: str, by: str, *matchers: str) -> str:
    """The state of buckets or nodes as a number, computed from the series of each state."""
    numbers = [
        f"{number} * ({metric(name, *matchers, label('status', status))} == 1)"
        for status, number in [("online", ONLINE), ("disconnected", DISCONNECTED), ("offline", OFFLINE), ("unknown", UNKNOWN)]
    ]
    return f"max by ({by}) ({' or '.join(numbers)})"


def online(name: str, by: str, *matchers: str) -> str:
    """1 for each bucket or node that is online and 0 for each that is in another state.

    A state may have a series with the value 0 or none while it is not the current one (`--metrics.states`), so that only series with
    the value 1 count.
    """
    others = metric(name, *matchers, 'status!="online"')
    return f"max by ({by}) ({metric(name, *matchers, label('status', 'online'))} == 1 or 0 * ({others} == 1))"


def moved(name: str) -> str:
    """The increase of a total of each bucket in the time range.

    The API's totals continue when another exporter takes over, so the largest of all instances is one series without a break.
    """
    return f"increase((max by (account, bucket_id) ({metric(name)}))[$__range:$__interval])"


def age(name: str, by: str, *matchers: str) -> str:
    """The age in seconds of a timestamp metric."""
    return f"time() - max by ({by}) ({metric(name, *matchers)})"


def rate(name: str, *matchers: str) -> str:
    return f"rate({metric(name, *matchers)}[$__rate_interval])"


def duration_quantile(quantile: float, name: str, *by: str) -> str:
    """A quantile of a histogram over the exporter's instances.

    Prometheus keeps a histogram as one series for each bucket or, with convert_classic_histograms_to_nhcb, as one series of
    histograms, which has neither the suffix nor the label le. The first form that has data is shown: while both are kept, a mixture
    would have no quantile.
    """
    labels = f" by ({', '.join(by)})" if by else ""
    return (
        f"histogram_quantile({quantile}, sum by ({', '.join([*by, 'le'])}) ({rate(f'{name}_bucket')})) "
        f"or histogram_quantile({quantile}, sum{labels} ({rate(name)}))"
    )


def process_rate(name: str, *matchers: str) -> str:
    return f"rate({process_metric(name, *matchers)}[$__rate_interval])"
