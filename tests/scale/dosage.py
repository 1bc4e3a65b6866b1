"""How many instructions a second are read, on one core, without a cache and with one?

Processor time over the texts of the labelled sets, again and again. Prints; asserts nothing. Run:
``python -m tests.scale.dosage`` with PESTLE_SAMPLES naming the folder of samples.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from tests.scale.dosage_report import SETS

from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.reading import Reading

_ROUNDS = 100
_REPEATS = 5


def main() -> None:
    """The best of a few runs, because other programs share the processor."""
    named = os.environ.get("PESTLE_SAMPLES")
    if not named:
        sys.stdout.write("PESTLE_SAMPLES names no folder of samples: nothing to measure.\n")
        return
    texts = [case.text for cases in SETS.values() for case in cases(Path(named))]
    for name, reader in (("no cache", read), ("a cache", lru_cache(maxsize=10_000)(read))):
        sys.stdout.write(f"{name:10}{max(_rate(reader, texts) for _ in range(_REPEATS)):12,.0f} a second\n")


def _rate(reader: Callable[[str], Reading], texts: list[str]) -> float:
    start = time.process_time()
    for _ in range(_ROUNDS):
        for text in texts:
            reader(text)
    return _ROUNDS * len(texts) / (time.process_time() - start)


if __name__ == "__main__":
    main()
