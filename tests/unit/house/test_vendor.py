"""What is bundled asks no other host for anything, shows no NHS identity, and carries its licence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NHSUK = ROOT / "src" / "pestle" / "web" / "static" / "vendor" / "nhsuk"
FONTS = ROOT / "src" / "pestle" / "web" / "print" / "fonts"


@pytest.mark.parametrize("name", ["nhsuk-frontend.min.css", "nhsuk-frontend.min.js"])
def test_the_front_end_is_stripped(name: str) -> None:
    text = (NHSUK / name).read_text(encoding="utf-8")
    assert "10.6.1" in text
    for unwanted in ("@font-face", "frutiger", "sourcemappingurl", "http://", "https://", "@import"):
        assert unwanted not in text.lower()


def test_every_image_that_the_stylesheet_names_is_here_and_no_other() -> None:
    css = (NHSUK / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    named = set(re.findall(r"url\(([^)]*)\)", css))
    assert named == {f"images/{path.name}" for path in (NHSUK / "images").iterdir()}


@pytest.mark.parametrize("folder", [NHSUK, FONTS], ids=lambda folder: folder.name)
def test_what_is_bundled_has_its_licence_and_stands_in_the_notice(folder: Path) -> None:
    assert "ermission" in (folder / "LICENSE.txt").read_text(encoding="utf-8")
    assert str(folder.relative_to(ROOT)) in (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_no_other_typeface_is_bundled() -> None:
    faces = {path for kind in ("ttf", "otf", "woff", "woff2") for path in (ROOT / "src").rglob(f"*.{kind}")}
    assert faces == {FONTS / "LiberationSans-Regular.ttf", FONTS / "LiberationSans-Bold.ttf"}
