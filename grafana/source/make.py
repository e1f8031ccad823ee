#!/usr/bin/env python3
"""Writes the dashboards into grafana/dashboards.

Needs the package grafana-foundation-sdk; Tests/requirements.txt names its version.
"""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from flashback_dashboards import DASHBOARDS

OUTPUT = Path(__file__).resolve().parent.parent / "dashboards"


def texts() -> dict[str, str]:
    """The dashboards' JSON by the names of their files."""
    made = [json.loads(json.dumps(make(), cls=JSONEncoder)) for make in DASHBOARDS]
    return {f"{dashboard['uid']}.json": text(dashboard) for dashboard in made}


def text(dashboard: dict) -> str:
    # The dashboards have the schema version 39. The SDK writes 36, which would make Grafana migrate them without need. The style is
    # the user's choice.
    dashboard = {key: value for key, value in dashboard.items() if key != "style"} | {"schemaVersion": 39}
    return json.dumps(dashboard, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    OUTPUT.mkdir(exist_ok=True)
    wanted = texts()
    for name, content in wanted.items():
        (OUTPUT / name).write_text(content, encoding="utf-8")
    for leftover in sorted({path.name for path in OUTPUT.glob("*.json")} - set(wanted)):
        print(f"{OUTPUT / leftover} is none of these dashboards any more; delete it", file=sys.stderr)


if __name__ == "__main__":
    main()
