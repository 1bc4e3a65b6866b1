"""Which file decides what? Writes docs/where.md from the first sentence of every file.

Run by `./dev where`; standard library only.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "pestle"
PAGE = ROOT / "docs" / "where.md"
HEAD = """# Which file decides what

Written by `./dev where` from the first sentence of each file (of a definition, its title); change it there.
"""


def page() -> str:
    """The text of docs/where.md. Exits, naming them, where files do not say what they are for."""
    paths = [*SOURCE.rglob("*.py"), *(SOURCE / "definitions").rglob("*.yaml")]
    folders: dict[Path, dict[str, str]] = {}
    for path in sorted(path for path in paths if "migrations" not in path.parts):
        folders.setdefault(path.parent, {})[path.name] = sentence(path)
    silent = [
        str(folder.relative_to(ROOT) / name)
        for folder, files in folders.items()
        for name, says in files.items()
        if not says and name != "__init__.py"
    ]
    if silent:
        sys.exit(f"Nothing says what these files are for: {', '.join(silent)}.")
    return HEAD + "".join(section(folder, files) for folder, files in sorted(folders.items()))


def section(folder: Path, files: dict[str, str]) -> str:
    about = files.get("__init__.py")
    lines = [f"- [{name}](../{(folder / name).relative_to(ROOT)}): {says}" for name, says in files.items()]
    listed = "\n".join(line for line in lines if not line.startswith("- [__init__.py]"))
    parts = [f"## {folder.relative_to(SOURCE.parent)}", about, listed]
    return "".join(f"\n{part}\n" for part in parts if part)


def sentence(path: Path) -> str:
    """What a file says of itself: the first sentence of its docstring, or its title."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        title = re.search(r"^title:\s*(.+)$", text, re.MULTILINE)
        return title.group(1).strip().strip("\"'") if title else ""
    paragraph = " ".join((ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].split())
    first = re.match(r".+?[.?!](?= [A-Z]|$)", paragraph)
    return first.group() if first else paragraph


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page():
            sys.exit("docs/where.md is out of date: run ./dev where.")
    elif arguments:
        sys.exit(f"./dev where does not know {arguments[0]}; it knows --check, which writes nothing.")
    else:
        PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
