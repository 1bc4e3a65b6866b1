"""Which definitions are there, and which are to be looked at again?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import pestle.definitions
from pestle.pharmacy.library import read
from pestle.pharmacy.refusal import Refused

FOLDER = Path(pestle.definitions.__file__).parent
WHOLE = """
kind: duplicate_class
title: statins
source: A book
date_checked: 2026-01-02
next_review: 2026-12-01
status: verified
members: [simvastatin]
"""


def test_every_file_that_came_with_the_program_is_there_with_its_title() -> None:
    entries = read(FOLDER)
    assert [each.file for each in entries] == sorted(
        path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.yaml")
    )
    assert all(each.title and each.source.title for each in entries)


def test_what_a_file_says_and_what_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "statins.yaml").write_text(WHOLE)
    (tmp_path / "checks" / "bare.yaml").write_text("members: [a]")
    bare, whole = read(tmp_path)
    assert (whole.title, whole.folder, whole.called) == ("statins", "checks", "statins.yaml")
    assert (whole.source.verified, whole.source.checked_on) == (True, date(2026, 1, 2))
    assert whole.body == {"members": ["simvastatin"]}
    assert (bare.title, bare.kind, bare.source.verified) == ("checks/bare.yaml", "", False)


# today -> overdue, for a review on the first of December 2026
OVERDUE = [(date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2027, 1, 1), True)]


@pytest.mark.parametrize(("today", "overdue"), OVERDUE)
def test_overdue_from_its_day_on(tmp_path: Path, today: date, overdue: bool) -> None:
    (tmp_path / "a.yaml").write_text(WHOLE)
    (tmp_path / "b.yaml").write_text("title: says no day")
    named, unnamed = read(tmp_path)
    assert named.overdue(on=today) is overdue
    assert unnamed.overdue(on=today)


@pytest.mark.parametrize("text", ["[1, 2]", "title: [", "just words", "a: " + "[" * 10**5, "- " * 10**5])
def test_what_cannot_be_read_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(Refused) as refused:
        read(tmp_path)
    assert (refused.value.rule, refused.value.refusals[0].place) == ("definition.unreadable", "bad.yaml")
