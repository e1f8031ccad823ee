"""Colours, thresholds and words that mean the same on every dashboard."""

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

from .queries import DISCONNECTED, OFFLINE, ONLINE, UNKNOWN

GOOD, FAIR, POOR, BAD, NEUTRAL, UNCLEAR = "green", "yellow", "orange", "red", "blue", "purple"

STATUS_COLOURS = {"online": GOOD, "disconnected": POOR, "offline": BAD, "unknown": UNCLEAR}


def mapping(words: dict[int, tuple[str, str]]) -> list[ValueMap]:
    """Texts and colours that replace numbers."""
    return [
        ValueMap(
            options={
                str(value): ValueMappingResult(text=text, color=colour, index=index)
                for index, (value, (text, colour)) in enumerate(words.items())
            }
        )
    ]


STATES = mapping(
    {
        ONLINE: ("Online", STATUS_COLOURS["online"]),
        DISCONNECTED: ("Disconnected", STATUS_COLOURS["disconnected"]),
        OFFLINE: ("Offline", STATUS_COLOURS["offline"]),
        UNKNOWN: ("Unknown", STATUS_COLOURS["unknown"]),
    }
)
REACHABLE = mapping({1: ("Reachable", GOOD), 0: ("Unreachable", BAD)})
SUCCESS = mapping({1: ("Success", GOOD), 0: ("Failure", BAD)})
READABLE = mapping({1: ("Yes", GOOD), 0: ("No", BAD)})


def thresholds(base: str, *steps: tuple[float, str]) -> ThresholdsConfig:
    """A colour for the lowest values, and further ones from the given values upwards."""
    return (
        ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=None, color=base)] + [Threshold(value=value, color=colour) for value, colour in steps])
    )


PLAIN = thresholds(NEUTRAL)
NONE_IS_GOOD = thresholds(GOOD, (1, BAD))
ALL_IS_GOOD = thresholds(BAD, (0.9, POOR), (1, GOOD))
# A share of time. 0.995 is the objective of the rules in prometheus/rules.
UPTIME = thresholds(BAD, (0.99, POOR), (0.995, GOOD))
BUDGET = thresholds(BAD, (0.0001, POOR), (0.5, GOOD))
# In seconds. 0.5 is the objective of the rules, for the fastest node.
LATENCY = thresholds(GOOD, (0.25, FAIR), (0.5, BAD))
# In seconds: Prometheus scrapes once per minute, and the exporter serves no data that is older than some minutes.
AGE = thresholds(GOOD, (180, POOR), (600, BAD))


def colour(value: str) -> DynamicConfigValue:
    """One colour for all values, for an override."""
    return DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": value})
