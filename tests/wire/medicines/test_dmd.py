"""Every published sample of dm+d loads whole and to the letter; each broken one is refused by its name."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pestle.pharmacy.medicines import dmd
from pestle.pharmacy.medicines.archives import files_within
from pestle.pharmacy.medicines.concept import ControlledDrugCategory, Flag, Level
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.pharmacy.medicines.dmd_bnf import bnf_codes, is_mapping
from pestle.pharmacy.medicines.dmd_files import release_files
from pestle.pharmacy.refusal import Refused

DICLOFENAC, ADENOSINE, VOLTAROL = "22480211000001104", "35894711000001106", "22479611000001102"
SALBUTAMOL, VENTOLIN = "39113611000001102", "222311000001102"


def _quiet(_: str) -> None:
    pass


def _load(*paths: Path, into: Path) -> Dictionary:
    return read(dmd.load(*paths, into=into, say=_quiet))


@pytest.fixture(scope="module")
def whole(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dictionary file of April 2019."""
    into = tmp_path_factory.mktemp("dictionaries")
    return dmd.load(samples / "uk/dmd/sample-2019-04", into=into, say=_quiet)


@pytest.fixture(scope="module")
def april_2019(whole: Path) -> Dictionary:
    return read(whole)


@pytest.fixture(scope="module")
def objects(samples: Path) -> list[dict[str, Any]]:
    """What another program made of the release of April 2019."""
    loaded: list[dict[str, Any]] = json.loads((samples / "uk/dmd/sample-objects.json").read_text())
    return loaded


def _of(objects: list[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    return [{**each["fields"], "id": str(each["pk"])} for each in objects if each["model"] == f"dmd.{model}"]


@pytest.mark.parametrize(
    ("name", "id_", "counts"),
    [
        ("sample-2019-04", "dmd-2019-04-01", (7, 13, 40)),
        ("sample-2021-08", "dmd-2021-08-26", (2, 3, 4)),
        ("sample-releases-2022/nhsbsa_dmd_1.0.0_20221001000001.zip", "dmd-2022-10-01-1.0.0", (1, 1, 2)),
        ("sample-releases-2022/nhsbsa_dmd_1.2.0_20221001000001.zip", "dmd-2022-10-01-1.2.0", (1, 1, 2)),
    ],
)
def test_a_release_is_dated_and_counted(
    samples: Path, tmp_path: Path, name: str, id_: str, counts: tuple[int, int, int]
) -> None:
    known = _load(samples / "uk/dmd" / name, into=tmp_path)
    assert known.release.id == id_
    assert known.release.dated in id_
    levels = Counter(product.level for product in known.products())
    packs = sum(len(known.packs(product.id)) for product in known.products())
    # Two AMPs of the 2019 set are marked invalid; so are their packs and nothing else.
    invalid = [
        pack for id_ in ("29915211000001103", "30926911000001106") if known.product(id_)
        for pack in known.packs(id_)
    ]  # fmt: skip
    assert invalid == []
    assert (levels[Level.VMP], levels[Level.AMP]) == counts[:2]
    assert packs == counts[2] - (4 if name == "sample-2019-04" else 0)


def test_another_program_read_the_same_products(
    april_2019: Dictionary, objects: list[dict[str, Any]]
) -> None:
    for vmp in _of(objects, "vmp"):
        product = april_2019.product(vmp["id"])
        assert product is not None
        assert product.name == vmp["nm"]
        assert product.moiety_id == (str(vmp["vtm"]) if vmp["vtm"] else None)
        assert product.prescribing_status is not None
        assert int(product.prescribing_status.code) == vmp["pres_stat"]
        assert (Flag.PRESERVATIVE_FREE in (product.flags or ())) == bool(vmp["pres_f"])
        assert (Flag.GLUTEN_FREE in (product.flags or ())) == bool(vmp["glu_f"])
    for amp in _of(objects, "amp"):
        product = april_2019.product(amp["id"])
        assert product is not None
        assert (product.name, product.generic_id) == (amp["nm"], str(amp["vmp"]))
        assert product.valid is not bool(amp["invalid"])


def test_another_program_read_the_same_strengths(
    april_2019: Dictionary, objects: list[dict[str, Any]]
) -> None:
    rows = _of(objects, "vpi")
    assert rows
    for row in rows:
        product = april_2019.product(str(row["vmp"]))
        assert product is not None
        found = next(one for one in product.ingredients or () if one.id == str(row["ing"]))
        if row["strnt_dnmtr_val"] is None:
            continue
        assert found.strength is not None
        assert found.strength.numerator.value == Decimal(row["strnt_nmrtr_val"])
        assert found.strength.numerator.unit.code == str(row["strnt_nmrtr_uom"])
        assert found.strength.denominator.value == Decimal(row["strnt_dnmtr_val"])
        assert found.strength.denominator.unit.code == str(row["strnt_dnmtr_uom"])


def test_another_program_read_the_same_packs_prices_and_gtins(
    april_2019: Dictionary, objects: list[dict[str, Any]]
) -> None:
    for kind in ("vmpp", "ampp"):
        for row in _of(objects, kind):
            pack = april_2019.pack(row["id"])
            assert pack is not None
            assert pack.name == row["nm"]
            if kind == "vmpp":
                assert pack.quantity == Decimal(row["qtyval"])
            else:
                assert (pack.product_id, pack.generic_id) == (str(row["amp"]), str(row["vmpp"]))
                assert pack.discontinued is (row["disc"] == 1)
    for row in _of(objects, "priceinfo"):
        pack = april_2019.pack(str(row["ampp"]))
        assert pack is not None
        assert (pack.price.pence if pack.price else None) == row["price"]
    for row in _of(objects, "dtinfo"):
        pack = april_2019.pack(str(row["vmpp"]))
        assert pack is not None
        assert pack.tariff is not None
        assert pack.tariff.pence == row["price"]
    for row in _of(objects, "gtin"):
        found = april_2019.pack_by_gtin(str(row["gtin"]))
        assert found is not None
        assert found.id == str(row["ampp"])


def test_one_product_exactly(april_2019: Dictionary) -> None:
    gel = april_2019.product(DICLOFENAC)
    assert gel is not None
    assert (gel.name, gel.moiety, gel.form, gel.routes) == (
        "Diclofenac 2.32% gel", "Diclofenac diethylammonium", "Gel", ("Transdermal",),
    )  # fmt: skip
    assert gel.ingredients is not None
    assert str(gel.ingredients[0].strength and gel.ingredients[0].strength.numerator) == "23.2 mg"
    assert gel.controlled is ControlledDrugCategory.NONE
    assert gel.base_unit is not None
    assert (gel.base_unit.unit.text, gel.base_unit.per_unit) == ("gram", 1000)
    assert [brand.maker for brand in april_2019.brands(DICLOFENAC)] == ["GlaxoSmithKline Consumer Healthcare"]
    voltarol = april_2019.product(VOLTAROL)
    assert voltarol is not None
    assert [one.name for one in voltarol.excipients or ()] == ["Propylene glycol", "Butylated hydroxytoluene"]
    assert [pack.quantity for pack in april_2019.packs(VOLTAROL)] == [30, 50, 100]


def test_two_gtins_of_one_number_are_one(april_2019: Dictionary) -> None:
    """One pack has 5060064792018 until March 2019 and 05060064792018 since: the same code, in two lengths."""
    pack = april_2019.pack_by_gtin("5060064792018")
    assert pack is not None
    assert pack.gtins == ("05060064792018",)


def test_a_code_that_ended_still_finds_the_pack_on_the_shelf(april_2019: Dictionary) -> None:
    pack = april_2019.pack_by_gtin("8712400158572")
    assert pack is not None
    assert pack.gtins == ("08712400360258", "08712400158572")


def test_an_old_id_leads_to_the_one_in_use(april_2019: Dictionary) -> None:
    assert april_2019.current("318338001") == ADENOSINE
    assert april_2019.current("347209005") == "36016311000001102"


def test_bonus_files_within_the_folder(samples: Path, tmp_path: Path) -> None:
    known = _load(samples / "uk/dmd/sample-2021-08", into=tmp_path)
    product = known.product("318136009")
    assert product is not None
    assert (product.bnf_code, product.atc_code) == ("0202040", "C03EB01")
    assert known.current("10406411000001101") == "318135008"
    assert known.current("354303007") == "34186711000001102"
    moiety = known.moiety("34186711000001102")
    assert moiety is not None
    assert moiety.ingredients == ("387516008", "387475002")
    # No "in how much" is given: a tablet is counted, so it is in one tablet.
    assert [str(one.strength and one.strength.denominator) for one in product.ingredients or ()] == [
        "1 tablet", "1 tablet",
    ]  # fmt: skip
    pack = known.pack("37365911000001107")
    assert pack is not None
    assert pack.price is not None
    assert (pack.price.pence, pack.price.since) == (3384, date(2019, 5, 10))
    assert (pack.split, pack.discontinued, pack.discontinued_on) == (False, True, date(2020, 2, 29))
    combination = known.pack("8968011000001101")
    assert combination is not None
    assert combination.contents == ("37365911000001107",)


def test_ids_that_change_between_releases(samples: Path, tmp_path: Path) -> None:
    folder = samples / "uk/dmd/sample-releases-2022"
    earlier = _load(folder / "nhsbsa_dmd_1.0.0_20221001000001.zip", into=tmp_path)
    later = _load(folder / "nhsbsa_dmd_1.2.0_20221001000001.zip", into=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert earlier.current("320139002") == SALBUTAMOL
    # The later release no longer names the old id (its field stands there, empty): it leads nowhere.
    assert later.current("320139002") == "320139002"
    inhaler = later.product(VENTOLIN)
    assert inhaler is not None
    assert inhaler.ingredients is not None
    assert inhaler.ingredients[0].basis_id == "372897005"
    assert inhaler.flags == (Flag.CFC_FREE,)
    assert later.release != earlier.release


def test_the_supplementary_files_of_2025_are_read_whole(samples: Path, tmp_path: Path) -> None:
    """Beside the 2022 release, which knows next to none of their ids."""
    bonus = samples / "uk/dmd/supplementary-2025-02"
    known = _load(
        samples / "uk/dmd/sample-releases-2022/nhsbsa_dmd_1.0.0_20221001000001.zip", bonus, into=tmp_path
    )
    history = gzip.decompress((bonus / "f_history1_0130225.xml.gz").read_bytes()).decode()
    after: dict[str, set[str]] = {}
    for kind in ("VTM", "VMP", "ING"):
        pairs = re.findall(rf"<{kind}><IDCURRENT>(\d+)</IDCURRENT><IDPREVIOUS>(\d+)</IDPREVIOUS>", history)
        assert len(pairs) > 2000
        for current, previous in pairs:
            if current != previous:
                after.setdefault(previous, set()).add(current)
    wrong = [
        previous for previous, ids in after.items()
        if known.current(previous) != (next(iter(ids)) if len(ids) == 1 else previous)
    ]  # fmt: skip
    assert wrong == []
    # An id that stood for a VMP until 2004 and for a VTM until 2023: nobody can say which is meant.
    assert after["111141006"] == {"776742003", "8818811000001101"}
    unclear = sum(len(ids) > 1 for ids in after.values())
    assert known.release.notes == (f"Old ids with two successors, which lead to neither: {unclear}",)


def _unpacked(samples: Path, to: Path) -> Path:
    shutil.copytree(samples / "uk/dmd/sample-2019-04", to / "release", copy_function=shutil.copyfile)
    (to / "release").chmod(0o755)
    return to / "release"


def _without(kind: str) -> Callable[[Path], object]:
    return lambda folder: next(folder.glob(f"f_{kind}2_*.xml")).unlink()


def _changed(kind: str, before: str, after: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = next(folder.glob(f"f_{kind}2_*.xml"))
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return change


def _cut(kind: str) -> Callable[[Path], object]:
    def cut(folder: Path) -> None:
        path = next(folder.glob(f"f_{kind}2_*.xml"))
        path.write_bytes(path.read_bytes()[:-400])

    return cut


KINDS = ("lookup", "ingredient", "vtm", "vmp", "amp", "vmpp", "ampp", "gtin")
BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    *((f"without {kind}", _without(kind), "release.missing-file") for kind in KINDS),
    *((f"{kind} cut off", _cut(kind), "release.not-xml") for kind in KINDS),
    ("check digit", _changed("gtin", "5000283101086", "5000283101087"), "barcode.check-digit"),
    ("AMP of no VMP", _changed("amp", f"<VPID>{ADENOSINE}<", "<VPID>35894711000001107<"),
     "release.unknown-reference"),
    ("VMP of no VTM", _changed("vmp", "<VTMID>108502004<", "<VTMID>108502005<"), "release.unknown-reference"),
    ("VMPP of no VMP", _changed("vmpp", f"<VPID>{ADENOSINE}<", "<VPID>1<"), "release.unknown-reference"),
    ("AMPP of no AMP", _changed("ampp", f"<APID>{VOLTAROL}<", "<APID>1<"), "release.unknown-reference"),
    ("AMPP of no VMPP", _changed("ampp", "<VPPID>4744111000001109<", "<VPPID>1<"),
     "release.unknown-reference"),
    ("AMPP of another VMP", _changed("ampp", f"<APID>{VOLTAROL}<", "<APID>4744411000001104<"),
     "release.contradiction"),
    ("GTIN of no AMPP", _changed("gtin", "<AMPPID>4744711000001105<", "<AMPPID>1<"),
     "release.unknown-reference"),
    ("strength of no VMP", _changed("vmp", f"<VPI>\n      <VPID>{ADENOSINE}<", "<VPI>\n      <VPID>1<"),
     "release.unknown-reference"),
    ("no such ingredient", _changed("vmp", "<ISID>35431001<", "<ISID>35431002<"),
     "release.unknown-reference"),
    ("no such unit", _changed("vmp", "<UNIT_DOSE_UOMCD>415818006<", "<UNIT_DOSE_UOMCD>1<"),
     "release.unknown-code"),
    ("no such supplier", _changed("amp", "<SUPPCD>3515801000001108<", "<SUPPCD>1<"), "release.unknown-code"),
    ("id twice", _changed("vmp", "<VPID>347208002<", f"<VPID>{ADENOSINE}<"), "release.id-twice"),
    ("ingredient twice", _changed("ingredient", "<ISID>372815001<", "<ISID>387005008<"), "release.id-twice"),
    ("no name", _changed("vmp", "<NM>Diclofenac 2.32% gel</NM>", ""), "release.missing-field"),
    ("no id", _changed("amp", "<APID>442611000001109</APID>", ""), "release.missing-field"),
    ("strength not a number", _changed("vmp", "_VAL>23.2<", "_VAL>23,2<"), "quantity.not-a-number"),
    ("pack of nothing", _changed("vmpp", "<QTYVAL>5<", "<QTYVAL>0<"), "release.wrong-value"),
    ("not a day", _changed("ampp", "<DISCDT>2012-09-03<", "<DISCDT>2012-02-30<"), "release.wrong-value"),
    ("doctype", _changed("vmp", "<VIRTUAL_MED_PRODUCTS", "<!DOCTYPE A><VIRTUAL_MED_PRODUCTS"),
     "release.doctype"),
    ("swapped", lambda folder: shutil.copy(
        next(folder.glob("f_amp2*")), next(folder.glob("f_vmp2*"))), "release.wrong-file"),
    ("two weeks", lambda folder: (folder / "f_amp2_3010419.xml").rename(folder / "f_amp2_3080419.xml"),
     "release.mixed-dates"),
    ("two of a kind", lambda folder: shutil.copy(
        folder / "f_amp2_3010419.xml", folder / "f_amp2_3010420.xml"), "release.file-twice"),
]  # fmt: skip


@pytest.mark.parametrize(("breaks", "rule"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN])
def test_a_broken_release_is_refused_whole_and_the_one_before_stays(
    samples: Path, tmp_path: Path, whole: Path, breaks: Callable[[Path], object], rule: str
) -> None:
    folder, into = _unpacked(samples, tmp_path), tmp_path / "dictionaries"
    into.mkdir()
    path = into / whole.name
    shutil.copy(whole, path)
    before = path.read_bytes()
    breaks(folder)
    with pytest.raises(Refused) as refused:
        dmd.load(folder, into=into, say=_quiet)
    assert refused.value.rule == rule
    assert refused.value.refusals[0].place
    assert list(into.iterdir()) == [path]
    assert path.read_bytes() == before


def test_two_lookup_files_in_one_zip_are_refused(samples: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        _load(samples / "uk/dmd/sample-releases-2022/nhsbsa_dmd_1.1.0_20221001000001.zip", into=tmp_path)
    assert refused.value.rule == "release.file-twice"


def test_every_missing_file_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused, release_files([tmp_path]):
        pass
    assert [each.rule for each in refused.value.refusals] == ["release.missing-file"] * len(KINDS)


def test_a_zip_within_a_zip_is_opened_and_a_broken_zip_refused(samples: Path, tmp_path: Path) -> None:
    source = samples / "uk/dmd/sample-2021-08"
    with zipfile.ZipFile(tmp_path / "week-BONUS.zip", "w", zipfile.ZIP_DEFLATED) as inner:
        for path in [*source.glob("f_gtin*"), *source.glob("f_bnf*"), *source.glob("*/f_*.xml")]:
            inner.write(path, path.name)
    outer_path = tmp_path / "nhsbsa_dmd_8.4.0_20210826000001.zip"
    with zipfile.ZipFile(outer_path, "w", zipfile.ZIP_DEFLATED) as outer:
        outer.write(tmp_path / "week-BONUS.zip", "bonus/week-BONUS.zip")
        for path in source.glob("f_*.xml"):
            if "gtin" not in path.name and "bnf" not in path.name:
                outer.write(path, path.name)
    known = _load(outer_path, into=tmp_path / "a")
    assert known.release.id == "dmd-2021-08-26-8.4.0"
    folder = _load(source, into=tmp_path / "b")
    assert tuple(known.products()) == tuple(folder.products())
    assert known.pack_by_gtin("5037563003235") == folder.pack_by_gtin("5037563003235") is not None
    whole = outer_path.read_bytes()
    for broken in (whole[: len(whole) // 2], whole.replace(b"PK\x03\x04", b"PK\x03\x05", 2), b""):
        outer_path.write_bytes(broken)
        with pytest.raises(Refused) as refused:
            _load(outer_path, into=tmp_path / "a")
        assert refused.value.rule in ("release.not-readable", "release.missing-file")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["dmd-2021-08-26-8.4.0.dictionary"]


def test_a_release_whose_files_say_no_day_needs_one(samples: Path, tmp_path: Path) -> None:
    source = samples / "uk/dmd/sample-releases-2022/nhsbsa_dmd_1.0.0_20221001000001.zip"
    renamed = tmp_path / "download.zip"
    shutil.copyfile(source, renamed)
    with pytest.raises(Refused) as refused:
        _load(renamed, into=tmp_path)
    assert refused.value.rule == "release.undated"
    path = dmd.load(renamed, into=tmp_path, say=_quiet, dated=date(2022, 10, 1))
    assert path.name == "dmd-2022-10-01.dictionary"


def test_the_mapping_gives_fifteen_characters(april_2019: Dictionary) -> None:
    codes = {product.id: product.bnf_code for product in april_2019.products()}
    assert codes[DICLOFENAC] == "1003020U0AAAIAI"
    assert codes[VOLTAROL] == "1003020U0BBADAI"
    # Neither the generic nor this maker's liquid has a code in the mapping.
    assert codes["3549611000001100"] is None
    assert codes["10837011000001103"] is None


def test_the_mapping_of_another_month_is_read_from_its_own_zip(samples: Path) -> None:
    with ExitStack() as stack:
        zip_ = samples / "uk/dmd/BNF_Snomed_Mapping_sample_20241119.zip"
        [found] = [file for file in files_within([zip_], stack) if is_mapping(file.name)]
        assert list(bnf_codes(found)) == [
            ("42217211000001101", "0206020T0AAAGAG"), ("108111000001106", "0212000Y0BBAAAA"),
        ]  # fmt: skip


def test_a_broken_mapping_refuses_the_release(samples: Path, tmp_path: Path) -> None:
    source = tmp_path / "release"
    shutil.copytree(samples / "uk/dmd/sample-2019-04", source)
    mapping = source / "bnf_snomed_mapping.xlsx"
    mapping.chmod(0o644)
    source.chmod(0o755)
    mapping.write_bytes(mapping.read_bytes()[:2000])
    with pytest.raises(Refused) as caught:
        _load(source, into=tmp_path / "d")
    assert caught.value.rule == "release.not-readable"
    assert not list((tmp_path / "d").glob("*"))
