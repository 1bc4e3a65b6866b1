"""House rules that a program can read: a file answers one question, and the pure part stays pure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src" / "pestle"
LONGEST = 420  # about 400; a file is split by question, not by ruler
# A helper without a home is a missing noun.
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "managers"}
CLOCKS = {"now", "utcnow", "today"}
EXACT = ("quantity.py", "dosage", "ledger", "documents", "dispensary", "calculators")

FILES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
PURE = [path for path in FILES if {"pharmacy", "wire"} & set(path.relative_to(SOURCE).parts)]
AMOUNTS = [path for path in PURE if set(EXACT) & set(path.relative_to(SOURCE).parts)]


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_is_short_and_says_what_it_answers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST, "split it by question"
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "say which question it answers"
    assert path.stem not in NAMELESS


@pytest.mark.parametrize("path", PURE, ids=_name)
def test_now_is_an_argument(path: Path) -> None:
    read = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]
    assert not read


@pytest.mark.parametrize("path", AMOUNTS, ids=_name)
def test_an_amount_is_never_a_float(path: Path) -> None:
    floats = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert not floats
