"""Medicines: found with typing errors, never chosen; and what no source says is said to be unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.web.actions.bench import FUROSEMIDE_28, NOW, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.pharmacy.medicines import dmd
from pestle.pharmacy.medicines.concept import Level
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.web.pages.pack_words import product_words
from pestle.web.store.knowledge import dictionary, medicine_index, prepare


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW)
    return open_bench()


def test_what_is_only_spelt_like_it_stands_apart(bench: Bench) -> None:
    desk = Desk(bench.tess)
    typed = words(text_of(desk.post("/medicines/", text="amoxicillin 500")))
    assert "amoxicillin 500 mg capsules" in typed
    assert "Only spelt like it" not in typed.split("amoxicillin 500 mg capsules")[0]
    misspelt = words(text_of(desk.post("/medicines/", text="amoxycilin")))
    assert "Only spelt like it" in misspelt
    assert misspelt.index("Only spelt like it") < misspelt.index("amoxicillin 250")


def test_a_name_that_looks_like_another_says_so(bench: Bench) -> None:
    seen = words(text_of(Desk(bench.tess).post("/medicines/", text="amoxicillin")))
    assert "Not the same as" in seen
    assert "Ampicillin" in seen


def test_one_hit_is_still_only_offered(bench: Bench) -> None:
    assert Desk(bench.tess).post("/medicines/", text="furosemide 40 tablets").status_code == 200


def test_nothing_like_it_says_which_release_was_asked(bench: Bench) -> None:
    assert dictionary().release.id in words(text_of(Desk(bench.tess).post("/medicines/", text="qqqqqqq")))


def test_the_page_of_a_medicine_has_packs_stock_release_and_source(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 2, number="F1")
    pack = dictionary().pack_by_gtin(FUROSEMIDE_28)
    assert pack is not None
    seen = words(Desk(bench.tess).get(f"/medicines/{pack.product_id}/")[1])
    release = dictionary().release
    for told in ("Furosemide", "F1", "56 tablets", FUROSEMIDE_28, release.title, release.id, pack.product_id):
        assert told in seen
    assert "invented for the demonstration" in seen


def test_what_no_source_says_is_unknown_and_never_empty(bench: Bench) -> None:
    product = next(one for one in dictionary().products() if one.cautionary_labels is None)
    seen = words(Desk(bench.tess).get(f"/medicines/{product.id}/")[1])
    assert "Cautionary labels ○ Unknown no source says" in seen


def test_an_old_code_leads_to_the_one_in_use_and_an_unknown_one_nowhere(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = next(iter(dictionary().products()))
    known = Dictionary(
        release=dictionary().release,
        products=(product,),
        superseded={"old-code": product.id, "older-code": "old-code"},
    )
    monkeypatch.setattr("pestle.web.pages.medicines.dictionary", lambda: known)
    desk = Desk(bench.tess)
    assert desk.client.get("/medicines/old-code/").headers["Location"] == f"/medicines/{product.id}/"
    seen = words(desk.get(f"/medicines/{product.id}/")[1])
    assert "The code older-code is no longer used" not in seen
    assert f"The code old-code is no longer used: it was replaced by {product.id}." in seen
    assert desk.client.get("/medicines/older-code/").status_code == 302
    seen = words(desk.get(f"/medicines/{product.id}/")[1])
    assert f"it was replaced by old-code, and that by {product.id}." in seen
    assert desk.get("/medicines/nothing/")[0] == 404


def _id(name: str) -> str:
    return next(product.id for product in dictionary().products() if product.name == name)


def test_the_page_says_what_is_the_same_and_what_a_person_must_say(bench: Bench) -> None:
    desk = Desk(bench.tess)
    ramipril = words(desk.get(f"/medicines/{_id('Ramipril 5mg capsules')}/")[1])
    same, forms = ramipril.split("The same moiety in another form", 1)
    assert "Tritace 5mg capsules" in same.split("Other packs and brands that are the same")[1]
    assert "nothing on file bars it" in same
    assert "ramipril 5 mg tablets" in forms
    warfarin = words(desk.get(f"/medicines/{_id('Warfarin 1mg tablets')}/")[1])
    assert "Marevan 1mg tablets" in warfarin
    assert "A person must say so Medicines with a narrow therapeutic index" in warfarin
    assert "nobody has compared it with its source" in warfarin


def test_a_brand_prescribed_is_the_brand_supplied(bench: Bench) -> None:
    desk = Desk(bench.tess)
    said = "A brand prescribed is the brand supplied: only the prescriber may change it."
    assert said in words(desk.get(f"/medicines/{_id('Istin 5mg tablets')}/")[1])
    assert said not in words(desk.get(f"/medicines/{_id('Amlodipine 5mg tablets')}/")[1])


def test_a_product_kept_on_one_brand_says_so_where_no_other_is_known(bench: Bench) -> None:
    seen = words(Desk(bench.tess).get(f"/medicines/{_id('Carbamazepine 200mg tablets')}/")[1])
    assert "This release knows no other brand of it" in seen
    assert "kept on one product: another brand only where a person says so" in seen


def test_every_product_of_the_dictionary_has_a_page(bench: Bench) -> None:
    desk = Desk(bench.tess)
    products = list(dictionary().products())
    some = [
        *products[:: max(1, len(products) // 25)],
        next(one for one in products if one.level is Level.AMP),
    ]
    assert {desk.get(f"/medicines/{product.id}/")[0] for product in some} == {200}


def test_a_full_release_tells_more(
    bench: Bench, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = samples / "uk/dmd/sample-2021-08"
    known = read(dmd.load(folder, into=tmp_path, say=lambda _: None))
    for module in ("pestle.web.pages.medicines", "pestle.web.pages.bench", "pestle.web.pages.pack_words"):
        monkeypatch.setattr(f"{module}.dictionary", lambda: known)
    seen = words(Desk(bench.tess).get("/medicines/318136009/")[1])
    for told in (
        "Valid as a prescribable product",
        "sugar free",
        "C03EB01",
        "furosemide 40 mg in 1 tablet",
        "NHS Indicative Price £33.84",
        "special container",
        "stays whole",
        "05037563003235",
        "Discontinued",
        "dmd-2021-08-26",
    ):
        assert told.casefold() in seen.casefold(), told


def test_a_server_has_its_search_index_before_the_first_request() -> None:
    medicine_index.cache_clear()
    prepare()
    assert medicine_index.cache_info().currsize == 1


def test_a_makers_product_with_the_generics_name_is_said_as_the_generic_is() -> None:
    generic = next(one for one in dictionary().products() if one.name == "Amlodipine 5mg tablets")
    made = replace(generic, id="example", level=Level.AMP, generic_id=generic.id)
    assert product_words(made) == product_words(generic) != generic.name
