"""Medicines: what the dictionary says of one, and what it does not say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.medicines import ndc_directory, rxnorm
from pestle.pharmacy.medicines.concept import Coded, Flag, Ingredient, Level, Pack, Price, Product
from pestle.pharmacy.medicines.search import Hit
from pestle.pharmacy.quantity import SNOMED, Quantity
from pestle.web.pages import words
from pestle.web.pages.bench import at_bench, page
from pestle.web.pages.pack_words import kept_pack_words, pack_words, product_words
from pestle.web.store import stock
from pestle.web.store.knowledge import dictionary, label_wordings, medicine_index, products_known

MOST = 30
# A score below this means that a word was not found as typed, only something spelt like it.
AS_TYPED = 80
_SYSTEMS = {SNOMED: "SNOMED CT", rxnorm.SYSTEM: "RxNorm", ndc_directory.SYSTEM: "NDC"}
UNKNOWN = "unknown: no source says"


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Search; what is only spelt like the words stands apart, and nothing is chosen."""
    bench = at_bench(request)
    text = request.POST.get("text", "").strip()[:200]
    hits = medicine_index().search(text, MOST) if text else ()
    return page(
        request,
        "medicines/index.jinja",
        bench,
        section="medicines",
        text=text,
        most=MOST,
        fitting=[hit_row(hit) for hit in hits if hit.score >= AS_TYPED],
        near=[hit_row(hit) for hit in hits if hit.score < AS_TYPED],
        release=dictionary().release,
        known=products_known(),
    )


@require_GET
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """One product: facts with what is not known, packs, stock here, release and source."""
    bench = at_bench(request)
    known = dictionary()
    current = known.current(product_id)
    product = known.product(current)
    if product is None:
        raise Http404
    if current != product_id:
        return redirect("medicine", product_id=current)
    generic = known.generic(product)
    family = {product.id: product, **{brand.id: brand for brand in known.brands(product.id)}}
    return page(
        request,
        "medicines/show.jinja",
        bench,
        section="medicines",
        product=product,
        name=product_words(product),
        unknown=UNKNOWN,
        level="Generic product (VMP)" if product.level is Level.VMP else "Maker's product (AMP)",
        facts=_facts(product, known.release.system),
        cautions=_cautions(product),
        generic=generic if generic is not None and generic is not product else None,
        brands=[one for one in family.values() if one is not product],
        packs=[_pack(pack) for of in family.values() for pack in known.packs(of.id)],
        held=[
            {
                "href": reverse("batch", kwargs={"batch_id": one.batch.pk}),
                "number": one.batch.number,
                "pack": kept_pack_words(one.batch.pack_id, one.batch.pack_name),
                "expiry": str(one.expiry),
                "state": one.state,
                "shelf": one.shelf_words,
                "elsewhere": one.elsewhere_words,
            }
            for one in stock.held(bench.site.pk, on=bench.today, product_ids=family)
        ],
        release=known.release,
    )


def hit_row(hit: Hit) -> dict[str, Any]:
    """A hit as lists show it."""
    product = hit.product
    return {
        "href": reverse("medicine", kwargs={"product_id": product.id}),
        "name": product_words(replace(product, name=hit.shown or product.name)),
        "level": "generic" if product.level is Level.VMP else product.maker or "brand",
        "discontinued": product.discontinued is True,
        "schedule": product.controlled.schedule if product.controlled else None,
        "look_alike": hit.look_alike,
    }


def _facts(product: Product, system: str) -> list[tuple[str, str]]:
    """What stands on every page, unknown or not; then what only a full release says, where it does."""
    facts = [
        ("Ingredients", _ingredients(product)),
        ("Moiety", product.moiety or UNKNOWN),
        ("Form", product.form or UNKNOWN),
        ("Routes", UNKNOWN if product.routes is None else ", ".join(product.routes) or "none given"),
        ("Counted in", product.base_unit.unit.text if product.base_unit else UNKNOWN),
        ("Controlled drug", _controlled(product)),
        ("BNF code", product.bnf_code or UNKNOWN),
        ("Maker", product.maker or ("not for a generic" if product.level is Level.VMP else UNKNOWN)),
        ("Discontinued", {True: "yes", False: "no", None: UNKNOWN}[product.discontinued]),
        (f"Code ({_SYSTEMS.get(system, system)})", product.id),
        ("Source", product.source or UNKNOWN),
    ]
    stated = [
        ("Prescribing", _coded(product.prescribing_status)),
        ("Availability", _coded(product.availability)),
        ("Licence", _coded(product.licence)),
        ("Marked", _flags(product.flags)),
        ("One dose unit holds", str(product.unit_dose) if product.unit_dose else ""),
        ("Other ingredients", "; ".join(_excipient(one) for one in product.excipients or ())),
        ("ATC code", product.atc_code or ""),
        ("US schedule", product.us_schedule or ""),
    ]
    return facts + [(label, value) for label, value in stated if value]


def _coded(value: Coded | None) -> str:
    return value.text if value else ""


def _flags(flags: tuple[Flag, ...] | None) -> str:
    return ", ".join(flag.value for flag in flags or ())


def _excipient(one: Ingredient) -> str:
    return f"{one.name} {one.amount}" if one.amount else one.name


def _ingredients(product: Product) -> str:
    if product.ingredients is None:
        return UNKNOWN
    return "; ".join(f"{one.name} {_strength(one)}" for one in product.ingredients) or "none"


def _strength(one: Ingredient) -> str:
    if one.strength is None:
        return f"{one.amount}, in how much is unknown" if one.amount else "(strength unknown)"
    below = one.strength.denominator
    return f"{one.strength.numerator}{f' in {below}' if below else ''}"


def _controlled(product: Product) -> str:
    if product.controlled is None:
        return UNKNOWN
    schedule = product.controlled.schedule
    said = "no" if schedule is None else f"Schedule {schedule}"
    return f"{said} ({product.controlled_source})" if product.controlled_source else said


def _cautions(product: Product) -> list[tuple[str, str]] | None:
    """The cautionary and advisory labels as (number, words); None when no source says which."""
    if product.cautionary_labels is None:
        return None
    return [(str(number), _wording(number)) for number in product.cautionary_labels]


def _wording(number: int) -> str:
    caution = label_wordings().by_number.get(number)
    return caution.text if caution else "no wording on file for this number"


def _pack(pack: Pack) -> dict[str, Any]:
    return {
        "name": pack_words(pack),
        "size": str(Quantity(pack.quantity, pack.unit)),
        "codes": pack.gtins,
        "maker": pack.maker or words.NOT_KNOWN,
        "split": {True: "may be split", False: "stays whole", None: UNKNOWN}[pack.split],
        "invented": pack.invented,
        "discontinued": pack.discontinued is True,
        "facts": [
            *([pack.legal_category.text] if pack.legal_category else []),
            *_price(pack.price),
            *_price(pack.tariff),
            *(flag.value for flag in pack.flags or ()),
        ],
    }


def _price(price: Price | None) -> list[str]:
    return [f"{price.basis.text} £{price.pence // 100}.{price.pence % 100:02}"] if price else []
