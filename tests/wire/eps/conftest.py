"""The example messages by their number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pestle.wire.fhir.tree import Tree, parse


@pytest.fixture
def sample(samples: Path) -> Callable[[str], Tree]:
    """``sample("001")`` is the tree of the file whose name begins so."""

    def read(number: str) -> Tree:
        (path,) = (samples / "eps").glob(f"{number}-*.json")
        return parse(path.read_bytes())

    return read
