"""Whatever a clinician owns says where it comes from, who answers for it, and until when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

DEFINITIONS = Path(__file__).resolve().parents[3] / "src" / "pestle" / "definitions"
FILES = sorted(DEFINITIONS.rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DEFINITIONS)))
def test_a_definition_names_its_source_its_author_and_its_next_review(path: Path) -> None:
    definition: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for heading in ("title", "source", "author"):
        assert definition.get(heading), f"says no {heading}"
    assert definition.get("licence") or definition.get("notice"), "says neither licence nor notice"
    assert isinstance(definition.get("next_review"), date), "says not when it is next reviewed"
    assert definition.get("status") in ("verified", "unverified")
    if definition["status"] == "verified":
        assert isinstance(definition.get("date_checked"), date), "verified, but says not when"
        assert definition["date_checked"] < definition["next_review"]
