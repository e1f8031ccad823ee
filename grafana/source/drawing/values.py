"""Texts and colours of values, according to the settings of a panel."""

COLOURS = {
    "green": "#3f8f3a",
    "yellow": "#d9a800",
    "orange": "#e8710a",
    "red": "#d32f45",
    "blue": "#2f6fd0",
    "purple": "#9040c0",
}
PALETTE = ["#2f6fd0", "#e8710a", "#3f8f3a", "#9040c0", "#d32f45", "#00899b", "#8a6d3b", "#d9a800", "#5f6b7a", "#c2408f"]


def settings(panel: dict, name: str | None = None) -> dict:
    """The settings of a panel's field: the defaults, and the overrides for its name."""
    configuration = dict(panel["fieldConfig"]["defaults"])
    for override in panel["fieldConfig"].get("overrides", []):
        if override["matcher"] == {"id": "byName", "options": name}:
            configuration |= {entry["id"]: entry.get("value") for entry in override["properties"]}
    return configuration


def text(value: float, configuration: dict, digits: int = 3) -> str:
    """A value with its unit."""
    if word := _mapped(value, configuration):
        return word.get("text", str(value))
    unit, decimals = configuration.get("unit", "none"), configuration.get("decimals")
    if unit == "percentunit":
        return f"{value * 100:.{1 if decimals is None else decimals}f} %"
    if unit == "s":
        return _duration(value, decimals)
    if unit == "bytes":
        return _scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], digits)
    if unit in ("decbytes", "Bps"):
        return _scaled(value, 1000, ["B", "kB", "MB", "GB", "TB", "PB"], digits) + ("/s" if unit == "Bps" else "")
    if unit in ("reqps", "cps"):
        return f"{value:.3g} /s"
    if abs(value) >= 1000:
        return _scaled(value, 1000, ["", "K", "Mil", "Bil"], digits)
    return f"{value:.{decimals}f}" if decimals else f"{value:.4g}"


def colour(value: float, configuration: dict) -> str:
    """The colour of a value by its mapping or threshold."""
    if word := _mapped(value, configuration):
        return COLOURS.get(word.get("color", ""), "#333333")
    chosen = "blue"
    for step in configuration.get("thresholds", {}).get("steps", []):
        if step["value"] is None or value >= step["value"]:
            chosen = step["color"]
    return COLOURS.get(chosen, "#333333")


def _mapped(value, configuration: dict) -> dict | None:
    key = f"{value:g}" if isinstance(value, float) else str(value)
    for mapping in configuration.get("mappings") or []:
        if key in mapping.get("options", {}):
            return mapping["options"][key]
    return None


def _scaled(value: float, base: int, units: list[str], digits: int) -> str:
    for unit in units:
        if abs(value) < base or unit == units[-1]:
            return f"{value:.{digits}g} {unit}".strip()
        value /= base
    return str(value)


def _duration(value: float, decimals) -> str:
    if value == 0:
        return "0 s"
    if abs(value) < 1:
        return f"{value * 1000:.{0 if abs(value) >= 0.01 else 2}f} ms"
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(value) >= size:
            return f"{value / size:.1f} {unit}"
    return f"{value:.{1 if decimals is None else decimals}f} s"
