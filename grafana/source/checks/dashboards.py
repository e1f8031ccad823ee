"""The dashboards as they are committed."""

import json
from pathlib import Path

DIRECTORY = Path(__file__).resolve().parents[2] / "dashboards"


def read(directory: Path = DIRECTORY) -> dict[str, dict]:
    """The dashboards by the names of their files, which are their uids."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(directory.glob("*.json"))}
