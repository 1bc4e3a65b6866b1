"""One small list for each thing that can be wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pestle.pharmacy.criteria import code_list
from pestle.pharmacy.criteria.code_list import Purpose
from pestle.pharmacy.criteria.lint import Known, Report, Rule, check
from pestle.pharmacy.definition import Source
from pestle.pharmacy.medicines.concept import Level, Product, Release
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.dmd_bonus import Bonus, current
from pestle.pharmacy.medicines.snomed_id import is_concept
from pestle.pharmacy.refusal import Refused

# Real ids of dm+d; what they stand for here is invented.
OLD, OLDER, NOW, BRAND, OTHER = "329912003", "318173007", "319773006", "319775004", "319740004"
BONUS = Bonus(
    replaced={OLDER: frozenset({OLD}), OLD: frozenset({NOW})},
    bnf={}, atc={NOW: "C03CA01", OTHER: "L02BX02"}, known=frozenset({OLD, OLDER, NOW, OTHER}),
    source="history",
)  # fmt: skip
WORDS = Known(BONUS, None, {"eye": "eye", "tablets": "oral"}, {"Ocular": "eye", "Oral": "oral"})
PURPOSE = Purpose("", ("C03C",), (), frozenset({"oral"}), Source("purpose", verified=False))


def _check(tmp_path: Path, *lines: str, known: Known = WORDS, purpose: Purpose | None = PURPOSE) -> Report:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(("dmd_id,dmd_name", *lines)), encoding="utf-8")
    listed = code_list.read(path, file="list.csv")
    assert listed is not None
    return check(listed, purpose=purpose, known=known)


def _rules(report: Report) -> list[tuple[int, Rule]]:
    return [(fault.line, fault.rule) for fault in report.faults]


def test_nothing_is_said_of_a_list_that_is_in_order(tmp_path: Path) -> None:
    report = _check(tmp_path, f"{NOW},Furosemide 40mg tablets", f"{BRAND},Furosemide 40mg tablets (Maker)")
    assert not report.faults
    assert list(report.not_judged.values()) == [1]  # whether the maker's product exists


def test_an_old_id_is_followed_to_the_one_of_today(tmp_path: Path) -> None:
    report = _check(tmp_path, f"{OLDER},Furosemide 40mg tablets")
    assert _rules(report) == [(2, Rule.SUPERSEDED)]
    assert f"{NOW}, which is not on the list" in report.faults[0].reason
    assert current({"a": ["b"], "b": ["a"]}, "a") == {"a"}, "a circle leads nowhere"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (f"{OTHER},Degarelix 80mg tablets", Rule.CLASS),
        (f"{NOW},Furosemide eye drops", Rule.ROUTE),
        ("318020008,Furosemide 40mg tablets", Rule.NOT_A_CODE),
        ("350153000,Furosemide 40mg tablets", Rule.UNKNOWN),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, rule: Rule) -> None:
    assert (2, rule) in _rules(_check(tmp_path, line))


def test_a_code_that_stands_twice_is_said_of_the_second_line(tmp_path: Path) -> None:
    report = _check(tmp_path, f"{NOW},Furosemide 40mg tablets", f"{NOW},Furosemide 40mg tablets")
    assert _rules(report) == [(3, Rule.DUPLICATE)]


def test_a_brand_is_judged_by_the_words_of_others(tmp_path: Path) -> None:
    report = _check(tmp_path, f"{OTHER},Degarelix 80mg vials", f"{BRAND},Firmagon 80mg vials (Ferring)")
    assert (3, Rule.CLASS) in _rules(report)
    assert [fault.source for fault in report.faults if fault.line == 3] == ["its words"]


def test_a_branded_product_needs_its_generic(tmp_path: Path) -> None:
    products = [
        Product(NOW, Level.VMP, "Furosemide 40mg tablets", routes=("Oral",)),
        Product(BRAND, Level.AMP, "Lasix 40mg tablets", generic_id=NOW, routes=("Oral",)),
    ]
    release = Dictionary(release=Release("dmd-1", "dm+d of a day", "2026-11-01"), products=products)
    known = Known(None, release, {}, {"Oral": "oral"})
    report = _check(tmp_path, f"{BRAND},Lasix 40mg tablets (Sanofi)", known=known, purpose=None)
    assert _rules(report) == [(2, Rule.BRAND_ALONE)]
    path = tmp_path / "own.yaml"
    path.write_text(f'kind: medicine_list\nproducts: ["{BRAND}",\n  "{OTHER}"]\n')
    listed = code_list.read(path, file="own.yaml")
    assert listed is not None
    assert _rules(check(listed, purpose=None, known=known)) == [(2, Rule.BRAND_ALONE), (3, Rule.UNKNOWN)]


def test_another_version_is_told(tmp_path: Path) -> None:
    older = Purpose("0" * 64, (), (), frozenset(), PURPOSE.source)
    assert _rules(_check(tmp_path, f"{NOW},Furosemide 40mg tablets", purpose=older)) == [(0, Rule.VERSION)]


def test_a_file_without_codes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("colour,size\nred,1\n")
    with pytest.raises(Refused, match="no column of codes"):
        code_list.read(path, file="list.csv")


@pytest.mark.parametrize(
    ("code", "holds"),
    [(NOW, True), ("1239511000000100", True), ("1239511000000101", False), ("0319773006", False),
     ("319773", False), ("", False), ("1001030U0AAAAAA", False)],
)  # fmt: skip
def test_an_id_has_a_check_digit(code: str, holds: bool) -> None:
    assert is_concept(code) is holds
