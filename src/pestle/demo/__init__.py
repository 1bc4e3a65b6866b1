"""An invented pharmacy, its people and patients, made through the same actions as everything else."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]

# What PESTLE_DICTIONARY has to say for the demo: the starter formulary, and invented packs to scan.
DICTIONARY = os.pathsep.join(
    str(path) for path in (_PACKAGE / "definitions" / "formulary", _PACKAGE / "demo" / "packs.yaml")
)
