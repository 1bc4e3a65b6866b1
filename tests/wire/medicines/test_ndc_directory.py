"""The US directory's own files load; 1,200 real package codes convert to the digit."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pestle.pharmacy.medicines import ndc_directory
from pestle.pharmacy.medicines.concept import Level
from pestle.pharmacy.medicines.dictionary import read
from pestle.pharmacy.medicines.ndc import ndc
from pestle.pharmacy.refusal import Refused

DAY = date(2019, 1, 1)


def _quiet(_: str) -> None:
    pass


def test_real_package_codes_convert_exactly(samples: Path) -> None:
    with (samples / "us/drug/ndc_packages_sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1200
    for row in rows:
        code = ndc(row["package_ndc"])
        assert str(code) == row["package_ndc"]
        assert "-".join(str(len(part)) for part in str(code).split("-")) == row["format"]
        assert code.eleven == row["ndc11_computed"]
        assert code.twelve == row["ndc12_computed_6_4_2"]
        assert code.gtin == row["gtin14_computed_003"]
        held = ndc_directory.package_quantity(row["package_description"])
        assert held is not None
        assert held.value > 0


def _copy(samples: Path, to: Path) -> Path:
    for name in ("product", "package"):
        text = (samples / f"us/drug/{name}_trimmed.txt").read_bytes()
        (to / f"{name}.txt").write_bytes(text)
    return to


def test_the_directory_loads(samples: Path, tmp_path: Path) -> None:
    path = ndc_directory.load(_copy(samples, tmp_path), into=tmp_path / "d", say=_quiet, dated=DAY)
    known = read(path)
    assert (known.release.id, known.release.system) == ("ndc-2019-01-01", ndc_directory.SYSTEM)
    assert [product.id for product in known.products()] == ["0002-0800", "0002-1200", "0002-1407"]
    quinidine = known.product("0002-1407")
    assert quinidine is not None
    assert (quinidine.level, quinidine.generic_id, quinidine.controlled) == (Level.AMP, None, None)
    assert quinidine.ingredients is not None
    strength = quinidine.ingredients[0].strength
    assert strength is not None
    assert (str(strength.numerator), str(strength.denominator)) == ("80 mg", "1 mL")
    # Four substances, three strengths: which belongs to which is not said.
    amyvid = known.product("0002-1200")
    assert amyvid is not None
    assert amyvid.discontinued is True
    assert amyvid.routes == ("INTRALESIONAL", "INTRAMUSCULAR", "INTRASYNOVIAL", "SOFT TISSUE")
    assert [one.strength for one in amyvid.ingredients or ()] == [None] * 4
    pack = known.pack_by_gtin("00300020800018")
    assert pack is not None
    assert (pack.id, pack.product_id, pack.quantity) == ("000002080001", "0002-0800", Decimal(10))
    assert [each.quantity for each in known.packs("0002-1200")] == [30, 50]


@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        ("package.txt", lambda data: data.replace(b"0002-1200_", b"0002-9999_"), "release.unknown-reference"),
        ("package.txt", lambda data: data.replace(b"0002-1200-50", b"0002-1200-30"), "release.id-twice"),
        ("package.txt", lambda data: data.replace(b"0002-0800-01", b"002-0800-01"), "ndc.segments"),
        ("package.txt", lambda data: data[:-30], "release.broken-line"),
        ("product.txt", lambda data: data.replace(b"0002-1407", b"0002-0800"), "release.id-twice"),
        ("product.txt", lambda data: data.replace(b"20180910", b"20189910"), "release.wrong-value"),
        ("product.txt", lambda data: data.replace(b"LABELERNAME", b"LABELLERNAME"), "release.wrong-columns"),
        ("product.txt", lambda data: data + b"\x81", "release.not-readable"),
        ("product.txt", lambda data: b"", "release.wrong-columns"),
    ],
)
def test_a_broken_directory_is_refused_whole(
    samples: Path, tmp_path: Path, name: str, change: Callable[[bytes], bytes], rule: str
) -> None:
    folder = _copy(samples, tmp_path)
    path = ndc_directory.load(folder, into=tmp_path / "d", say=_quiet, dated=DAY)
    before = path.read_bytes()
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    with pytest.raises(Refused) as refused:
        ndc_directory.load(folder, into=tmp_path / "d", say=_quiet, dated=DAY)
    assert refused.value.rule == rule
    assert list((tmp_path / "d").iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_missing_table_and_a_missing_day_are_named(samples: Path, tmp_path: Path) -> None:
    folder = _copy(samples, tmp_path)
    with pytest.raises(Refused) as refused:
        ndc_directory.load(folder, into=tmp_path / "d", say=_quiet)
    assert refused.value.rule == "release.undated"
    (folder / "package.txt").unlink()
    with pytest.raises(Refused) as refused:
        ndc_directory.load(folder, into=tmp_path / "d", say=_quiet, dated=DAY)
    assert refused.value.rule == "release.missing-file"
