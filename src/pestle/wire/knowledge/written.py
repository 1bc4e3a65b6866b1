"""How do these pairs read as files of definitions?

One file for each substance and severity, effect and action: what it acts on so is a list in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import yaml

from pestle.wire.knowledge.pair import Pair


@dataclass(frozen=True, slots=True)
class Heading:
    """What every file says of where it comes from."""

    title: str
    source: str
    notice: str
    author: str
    next_review: date


def definitions(pairs: Iterable[Pair], heading: Heading) -> Mapping[str, str]:
    """The text of each file by its name; the same pairs always give the same files."""
    groups: dict[tuple[str, str, str, str], set[str]] = {}
    for pair in pairs:
        groups.setdefault((pair.one, pair.severity, pair.effect, pair.do), set()).add(pair.other)
    files: dict[str, str] = {}
    for (one, severity, effect, do), others in sorted(groups.items()):
        stem = re.sub(r"[^a-z0-9]+", "_", one).strip("_") or "substance"
        name, number = f"{stem}_{severity}.yaml", 2
        while name in files:
            name, number = f"{stem}_{severity}_{number}.yaml", number + 1
        files[name] = yaml.safe_dump(
            {
                "kind": "interaction",
                "title": f"{one} ({heading.title})",
                "source": heading.source,
                "notice": heading.notice,
                "author": heading.author,
                "next_review": heading.next_review,
                "status": "unverified",
                "list": "national",
                "one": {"ingredients": [one]},
                "other": {"ingredients": sorted(others)},
                "severity": severity,
                "effect": effect,
                "do": do,
            },
            allow_unicode=True,
            sort_keys=False,
            width=100,
        )
    return files
