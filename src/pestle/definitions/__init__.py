"""What clinicians own, as data: one YAML file per thing, each with its source, author and dates.

Nothing is decided here. The mechanisms in `pestle.pharmacy` read a folder whose path they are given;
`folder` says where the folders that came with the program are.
"""

from __future__ import annotations

from pathlib import Path

from pestle.pharmacy.refusal import refuse

ROOT = Path(__file__).parent


def folder(name: str) -> Path:
    """Where the definitions called `name` are, such as ``checks``.

    Raises `Refused` (``definitions.unknown-folder``).
    """
    path = ROOT / name
    if not name.isidentifier() or not path.is_dir():
        raise refuse("definitions.unknown-folder", f"There are no definitions called “{name}”", place=name)
    return path
