"""A release of RxNorm loads into the one concept model; each broken one is refused by its name."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.wire.medicines import rxnorm_release as made
from tests.wire.medicines.rxnorm_release import directory, prescribable, tables, zipped

from pestle.pharmacy.medicines import rxnorm
from pestle.pharmacy.medicines.concept import Flag, Held, Ingredient, Level
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.pharmacy.medicines.equivalence import may_supply
from pestle.pharmacy.medicines.ndc import ndc
from pestle.pharmacy.medicines.search import Index
from pestle.pharmacy.refusal import Refused


def _load(*paths: Path, into: Path) -> Dictionary:
    return read(rxnorm.load(*paths, into=into, say=lambda _: None))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    folder = tmp_path_factory.mktemp("rxnorm")
    return _load(zipped(folder), into=folder / "dictionaries")


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    folder = tmp_path_factory.mktemp("joined")
    return _load(zipped(folder), directory(folder / "ndc"), into=folder / "dictionaries")


def _said(ingredient: Ingredient) -> tuple[str, str, str | None]:
    strength = ingredient.strength
    return (
        ingredient.name,
        f"{strength.numerator}/{strength.denominator}" if strength else "",
        ingredient.basis_id,
    )


def test_the_release_is_dated_and_says_what_it_left_open(full: Dictionary) -> None:
    assert (full.release.id, full.release.system) == ("rxnorm-2017-11-06", rxnorm.SYSTEM)
    assert full.release.notes == (
        "NDCs on two products at once, which find neither: 1",
        "NDCs that are no code: 1",
        "Products whose schedule is said in two ways, and is unknown: 1",
        "Old ids with two successors, which lead to neither: 1",
        rxnorm.COURTESY,
    )


def test_a_clinical_drug_is_a_generic_with_its_strength_to_the_letter(full: Dictionary) -> None:
    product = full.product(made.AMLODIPINE_10_TABLET)
    assert product is not None
    assert (product.level, product.name) == (Level.VMP, "amLODIPine 10 MG Oral Tablet")
    assert (product.moiety, product.moiety_id, product.form) == ("amlodipine", made.AMLODIPINE, "Oral Tablet")
    # Counted as amlodipine, which is the ingredient itself.
    assert [_said(each) for each in product.ingredients or ()] == [("amlodipine", "10 MG/1 1", None)]
    assert (product.flags, product.us_schedule, product.valid) == ((Flag.HUMAN,), None, True)
    assert product.routes is None
    assert product.controlled is None


def test_a_salt_says_what_its_strength_counts(full: Dictionary) -> None:
    product = full.product(made.ATORVASTATIN_20_TABLET)
    assert product is not None
    assert [_said(each) for each in product.ingredients or ()] == [
        ("atorvastatin calcium", "20 MG/1 1", made.ATORVASTATIN)
    ]
    assert product.moiety == "atorvastatin"
    assert product.us_schedule == "CIV"


def test_two_ingredients_are_one_moiety_of_two(full: Dictionary) -> None:
    product = full.product(made.BOTH_10_TABLET)
    assert product is not None
    assert [each.name for each in product.ingredients or ()] == ["amlodipine", "atorvastatin"]
    assert product.moiety == "amlodipine / atorvastatin"
    moiety = full.moiety(made.BOTH)
    assert moiety is not None
    assert moiety.ingredients == (made.AMLODIPINE, made.ATORVASTATIN)
    # Two labels, two schedules: nobody knows.
    assert product.us_schedule is None


def test_a_branded_drug_is_a_brand_of_its_clinical_drug(full: Dictionary) -> None:
    brand, generic = full.product(made.LIPITOR_20), full.product(made.ATORVASTATIN_20_TABLET)
    assert brand is not None
    assert generic is not None
    assert (brand.level, brand.name) == (Level.AMP, "Lipitor 20 MG Oral Tablet")
    assert full.generic(brand) == generic
    assert full.brands(generic.id) == (brand,)
    assert (brand.moiety, brand.us_schedule) == ("atorvastatin", "CIV")
    assert may_supply(generic, brand, full) is None
    refused = may_supply(brand, generic, full)
    assert refused is not None
    assert refused.rule == "equivalence.brand-only"


def test_a_pack_of_several_holds_so_many_of_each(full: Dictionary) -> None:
    product = full.product(made.MADE_PACK)
    assert product is not None
    assert product.holds == (
        Held(made.AMLODIPINE_10_TABLET, Decimal(7)),
        Held(made.ATORVASTATIN_20_TABLET, Decimal(21)),
    )
    brand = full.product(made.MADE_BRAND_PACK)
    assert brand is not None
    assert brand.generic_id == made.MADE_PACK


def test_what_is_obsolete_is_kept_and_never_offered(full: Dictionary) -> None:
    product = full.product(made.HYRIMOZ_OLD)
    assert product is not None
    assert not product.valid
    assert product.id not in {each.id for each in full.products()}
    assert [_said(each)[:2] for each in product.ingredients or ()] == [("adalimumab", "50 MG/1 ML")]
    strength = (product.ingredients or ())[0].strength
    assert strength is not None
    assert Fraction(strength.numerator.value) / Fraction(strength.denominator.value) == 50
    assert str(product.unit_dose) == "0.8 ML"
    # Its dose form is in no table any more.
    assert product.form is None


def test_what_is_for_animals_says_so(full: Dictionary) -> None:
    product = full.product(made.MADE_ANIMAL)
    assert product is not None
    assert product.flags == (Flag.VETERINARY,)


@pytest.mark.parametrize(
    ("code", "id_"),
    [
        ("00071015623", made.LIPITOR_20),
        ("0071-0156-23", made.LIPITOR_20),
        ("000071015623", made.LIPITOR_20),
        ("12634069891", made.ATORVASTATIN_20_TABLET),
        ("00093111310", None),  # on two products
        ("00056017175", None),  # of an obsolete one
    ],
)
def test_a_drug_code_finds_its_product(full: Dictionary, code: str, id_: str | None) -> None:
    product = full.product_by_ndc(code)
    assert (product.id if product else None) == id_


def test_a_code_of_ten_bare_digits_has_three_readings(full: Dictionary) -> None:
    with pytest.raises(Refused) as caught:
        full.product_by_ndc("0071015623")
    assert caught.value.rule == "ndc.ambiguous"


@pytest.mark.parametrize(
    ("old", "current"),
    [
        ("91714", "1000992"),  # the history comes before the archive of names
        ("102209", "102209"),  # retired, and nothing in its place
        ("105048", "105048"),  # two in its place
        ("99900101", made.AMLODIPINE_10_TABLET),  # two steps
        ("360047", "2178097"),  # only the archive knows
        ("99900104", "99900104"),  # a synonym moved, not the concept
    ],
)
def test_an_old_id_is_followed(full: Dictionary, old: str, current: str) -> None:
    assert full.current(old) == current


def test_the_search_finds_brand_and_generic(full: Dictionary) -> None:
    index = Index(full)
    assert index.search("lipitor 20")[0].product.id == made.LIPITOR_20
    assert index.search("amlodpine 10 oral")[0].product.id == made.AMLODIPINE_10_TABLET


def test_the_prescribable_content_loads_without_history(tmp_path: Path) -> None:
    known = _load(prescribable(tmp_path / "unpacked"), into=tmp_path / "d")
    assert known.release.id == "rxnorm-prescribe-2017-11-06"
    assert "Without the history of ids: an old id is not followed" in known.release.notes
    assert known.current("91714") == "91714"


def test_the_directory_gives_the_packs_their_quantity(joined: Dictionary) -> None:
    assert "Packages left out, with a code that RxNorm does not know: 1" in joined.release.notes
    pack = joined.pack_by_gtin(ndc("0071-0156-23").gtin or "")
    assert pack is not None
    assert (pack.id, pack.product_id, pack.quantity, str(pack.unit)) == (
        "000071015623", made.LIPITOR_20, Decimal(90), "tablet",
    )  # fmt: skip
    assert (pack.maker, pack.level) == ("Made Labeler", Level.AMPP)
    for id_ in (made.LIPITOR_20, made.ATORVASTATIN_20_TABLET):
        product = joined.product(id_)
        assert product is not None
        assert product.base_unit is not None
        assert (product.base_unit.unit.text, product.base_unit.per_unit) == ("tablet", 1)
    other = joined.product(made.AMLODIPINE_10_TABLET)
    assert other is not None
    assert other.base_unit is None


def test_nearly_twelve_thousand_real_products_have_their_real_dose_form(
    samples: Path, tmp_path: Path
) -> None:
    drug = samples / "us/drug"
    pairs = _table(drug / "product_rxcui_to_dose_form_rxcui.csv")
    named = dict(_table(drug / "dose_form_rxcui_to_method_dose_unit_and_route.csv"))
    component, ingredient = "1", "2"
    products = sorted({product for product, _ in pairs})
    forms = sorted({form for _, form in pairs})
    whole = {
        "RXNCONSO": "".join(
            made.written("RXNCONSO", RXCUI=id_, SAB="RXNORM", TTY=kind, STR=text, SUPPRESS="N")
            for id_, kind, text in [
                (component, "SCDC", "made 1 MG"), (ingredient, "IN", "made"),
                *((id_, "SCD", f"made {id_}") for id_ in products),
                *((id_, "DF", named.get(id_, f"form {id_}")) for id_ in forms),
            ]
        ),
        "RXNREL": "".join(
            made.written("RXNREL", RXCUI1=to, RXCUI2=of, RELA=relation, SAB="RXNORM")
            for to, of, relation in [
                (ingredient, component, "has_ingredient"),
                *((component, id_, "consists_of") for id_ in products),
                *((form, product, "has_dose_form") for product, form in pairs),
            ]
        ),
        "RXNSAT": "",
    }  # fmt: skip
    for name, text in whole.items():
        (tmp_path / f"{name}.RRF").write_text(text)
    path = rxnorm.load(tmp_path, into=tmp_path / "d", say=lambda _: None, dated=date(2026, 11, 2))
    loaded = {product.id: product.form for product in read(path).products()}
    assert len(loaded) == len(products) > 11_000
    of = {product: {form for each, form in pairs if each == product} for product in products[:500]}
    for product, each in of.items():
        form = min(each)
        wanted = named.get(form, f"form {form}") if len(each) == 1 else None
        assert loaded[product] == wanted


def _table(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1]) for row in list(csv.reader(file))[1:]]


def _first(table: str, old: str, new: str) -> Callable[[], dict[str, str | None]]:
    def changed() -> dict[str, str | None]:
        text = tables()[table]
        assert old in text
        return {table: text.replace(old, new, 1)}

    return changed


@pytest.mark.parametrize(
    ("changed", "rule", "place"),
    [
        (lambda: {"RXNSAT": None}, "release.missing-file", "RXNSAT.RRF"),
        (lambda: {"RXNCUI": None}, "release.missing-file", "RXNCUI.RRF"),
        (lambda: {"RXNATOMARCHIVE": None}, "release.missing-file", "RXNATOMARCHIVE.RRF"),
        (lambda: {"RXNREL": tables()["RXNREL"][:-20]}, "release.broken-line", "RXNREL.RRF, line"),
        (lambda: {"RXNSAT": tables()["RXNSAT"] + "\n"}, "release.broken-line", "RXNSAT.RRF, line"),
        (_first("RXNCONSO", "|ENG|", "|ENG||"), "release.broken-line", "RXNCONSO.RRF, line 1"),
        (_first("RXNCONSO", "amlodipine|", "amlo|dipine|"), "release.broken-line", "RXNCONSO.RRF, line 1"),
        (
            _first("RXNREL", f"\n{made.AMLODIPINE_10}|", "\n77|"),
            "release.unknown-reference", "RXNREL.RRF, line 5",
        ),
        (lambda: {"RXNREL": ""}, "release.no-ingredients", "RXNREL.RRF"),
        (lambda: {"RXNCONSO": ""}, "release.empty", "RXNCONSO.RRF"),
        (
            lambda: {"RXNCONSO": tables()["RXNCONSO"]
                     + made.written("RXNCONSO", RXCUI=made.AMLODIPINE, SAB="RXNORM", TTY="DF", SUPPRESS="N")},
            "release.id-twice", "RXNCONSO.RRF, line",
        ),
        (
            lambda: {"RXNSAB": tables(day="171204")["RXNSAB"]},
            "release.mixed-dates", "RXNSAB.RRF: 04-Dec-2017",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_broken_release_is_refused_whole(
    tmp_path: Path, changed: Callable[[], dict[str, str | None]], rule: str, place: str
) -> None:
    into = tmp_path / "dictionaries"
    with pytest.raises(Refused) as caught:
        rxnorm.load(zipped(tmp_path, **changed()), into=into, say=lambda _: None)
    assert caught.value.rule == rule
    assert any(place in (refusal.place or "") for refusal in caught.value.refusals)
    assert not into.exists() or not list(into.iterdir())


def test_two_releases_at_once_and_a_release_of_no_day_are_refused(tmp_path: Path) -> None:
    whole = zipped(tmp_path)
    other = prescribable(tmp_path / "other")
    with pytest.raises(Refused, match="two tables"):
        rxnorm.load(whole, other, into=tmp_path / "d", say=lambda _: None)
    (other / "Readme_Full_Prescribe_11062017.txt").unlink()
    with pytest.raises(Refused) as caught:
        rxnorm.load(other, into=tmp_path / "d", say=lambda _: None)
    assert caught.value.rule == "release.undated"
    with pytest.raises(Refused, match="not of 04-Dec-2017"):
        rxnorm.load(whole, into=tmp_path / "d", say=lambda _: None, dated=date(2017, 12, 4))


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = prescribable(tmp_path / "unpacked")
    with (folder / "rrf/RXNCONSO.RRF").open("ab") as file:
        file.write(made.written("RXNCONSO", RXCUI="5", STR="caf").encode().replace(b"caf", b"caf\xe9"))
    with pytest.raises(Refused) as caught:
        _load(folder, into=tmp_path / "d")
    assert caught.value.rule == "release.not-readable"
