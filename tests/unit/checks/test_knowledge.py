"""A definition that is not whole is refused by file and field; what comes with the program is whole."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.spec.checks.bench import KNOWLEDGE

from pestle.definitions import folder
from pestle.pharmacy.checks.knowledge import FOLDERS, Knowledge, read
from pestle.pharmacy.checks.known.controlled import RULES
from pestle.pharmacy.refusal import Refused


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in FOLDERS:
        shutil.copytree(folder(name), tmp_path / name)
    return tmp_path / "checks"


def test_what_comes_with_the_program_is_whole() -> None:
    sources = [
        KNOWLEDGE.substances.source,
        KNOWLEDGE.duplicate.same_ingredient.source,
        *(each.source for each in KNOWLEDGE.allergy.classes),
        *(each.source for each in KNOWLEDGE.duplicate.classes),
        *(each.source for each in KNOWLEDGE.controlled.values()),
    ]
    assert all(source.title and source.next_review for source in sources)
    assert all(source.verified == (source.checked_on is not None) for source in sources)
    assert set(KNOWLEDGE.controlled) == set(RULES)


def test_nothing_recalled_is_called_verified() -> None:
    assert not any(each.source.verified for each in KNOWLEDGE.allergy.classes)
    verified = {name for name, rule in KNOWLEDGE.controlled.items() if rule.source.verified}
    assert verified == {"validity", "quantity_words", "supply_days", "repeat_dispensing"}


MACROLIDES = "allergy/macrolides.yaml"
BROKEN = [
    (MACROLIDES, "author: Pestle\n", "", "definition.missing-field", "author"),
    (MACROLIDES, "notice: Facts", "notes: Facts", "definition.missing-field", "notice"),
    (MACROLIDES, "author: Pestle", "author: Pestle\nmood: good", "definition.unknown-field", "mood"),
    (MACROLIDES, "status: unverified", "status: fine", "definition.wrong-value", "status"),
    (MACROLIDES, "status: unverified", "status: verified", "definition.wrong-value", "date_checked"),
    (MACROLIDES, "next_review: 2027-05-22", "next_review: soon", "definition.wrong-value", "next_review"),
    (MACROLIDES, "kind: allergy_class", "kind: allergies", "definition.wrong-value", "kind"),
    (MACROLIDES, "within_class: interrupt", "within_class: bad", "definition.wrong-value", "within_class"),
    (MACROLIDES, "members: [", "members: [1, ", "definition.wrong-value", "members"),
    (MACROLIDES, "author: Pestle", "author: Pestle\nauthor: Me", "definition.unreadable", ""),
    (MACROLIDES, "names: [", "names: [[", "definition.unreadable", ""),
    ("allergy/penicillins.yaml", "severity: note", "level: note", "definition.unknown-field", "level"),
    (
        "controlled/validity.yaml",
        "schedules: [1, 2, 3, 4]",
        "schedules: [9]",
        "definition.wrong-value",
        "schedules",
    ),
    ("controlled/validity.yaml", "days: 28", "days: 28.5", "definition.wrong-value", "days"),
    ("controlled/validity.yaml", "days: 28", "days: yes", "definition.wrong-value", "days"),
    (
        "duplicate/same_ingredient.yaml",
        "kind: same_ingredient",
        "kind: duplicate_class",
        "definition.unknown-field",
        "days_when_unknown",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "rule", "field"), BROKEN)
def test_a_broken_definition_is_refused_by_file_and_field(
    copy: Path, file: str, old: str, new: str, rule: str, field: str
) -> None:
    text = (copy / file).read_text()
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1))
    with pytest.raises(Refused) as refused:
        read(*(copy.parent / name for name in FOLDERS))
    assert refused.value.rule == rule
    assert file in (refused.value.refusals[0].place or "")
    assert field in (refused.value.refusals[0].place or "")


@pytest.mark.parametrize(
    "file",
    [
        "substances.yaml",
        "controlled/validity.yaml",
        "duplicate/same_ingredient.yaml",
        "allergy/excipients.yaml",
    ],
)
def test_a_missing_definition_is_refused(copy: Path, file: str) -> None:
    (copy / file).unlink()
    with pytest.raises(Refused) as refused:
        read(*(copy.parent / name for name in FOLDERS))
    assert refused.value.rule == "definition.missing"


def test_everything_that_is_wrong_is_said_at_once(copy: Path) -> None:
    for file in (MACROLIDES, "allergy/penicillins.yaml"):
        (copy / file).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Refused) as refused:
        read(*(copy.parent / name for name in FOLDERS))
    assert {each.place for each in refused.value.refusals} == {
        "allergy/macrolides.yaml",
        "allergy/penicillins.yaml",
    }


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read(tmp_path)


def test_a_folder_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refused:
        folder("../pharmacy")
    assert refused.value.rule == "definitions.unknown-folder"


def test_dates_come_through() -> None:
    source = KNOWLEDGE.controlled["validity"].source
    assert (source.checked_on, source.next_review) == (date(2026, 11, 22), date(2027, 11, 22))
    assert source.definition == "controlled/validity.yaml"


def test_more_substances_leave_the_rest_as_it_was() -> None:
    more: Knowledge = KNOWLEDGE.with_substances(["Tacrolimus monohydrate"])
    assert "tacrolimus" in more.substances.known
    assert more.allergy.classes == KNOWLEDGE.allergy.classes
