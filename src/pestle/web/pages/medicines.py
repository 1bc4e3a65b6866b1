"""Medicines: what the dictionary says of one, and what it does not say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.documents.medicine import exchange_words, facts, pack_facts, replaced_words
from pestle.pharmacy.medicines.concept import Level, Pack, Product
from pestle.pharmacy.medicines.equivalence import Across, Alternative, Kind, alternatives
from pestle.pharmacy.medicines.search import Hit
from pestle.web.pages import words
from pestle.web.pages.bench import at_bench, page
from pestle.web.pages.pack_words import kept_pack_words, pack_words, product_words
from pestle.web.store import stock
from pestle.web.store.knowledge import (
    dictionary,
    exchange_bars,
    label_wordings,
    medicine_index,
    products_known,
)

MOST = 30
# A score below this means that a word was not found as typed, only something spelt like it.
AS_TYPED = 80


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
    chain = known.replaced(product_id)
    product = known.product(chain[-1])
    if product is None:
        raise Http404
    if len(chain) > 1:
        messages.info(request, replaced_words(chain))
        return redirect("medicine", product_id=product.id)
    generic = known.generic(product)
    found = alternatives(product, dictionary=known, bars=exchange_bars())
    others = {kind: [_alternative(one) for one in found if one.kind is kind] for kind in Kind}
    family = {product.id: product, **{brand.id: brand for brand in known.brands(product.id)}}
    return page(
        request,
        "medicines/show.jinja",
        bench,
        section="medicines",
        product=product,
        name=product_words(product),
        level="Generic product (VMP)" if product.level is Level.VMP else "Maker's product (AMP)",
        facts=facts(product, known),
        cautions=_cautions(product),
        generic=generic if generic is not None and generic is not product else None,
        exchange=exchange_words(product, known),
        kept=_kept(product, generic),
        same=others[Kind.OTHER_BRAND],
        forms=others[Kind.OTHER_FORM],
        unverified=any(bar.status != "verified" for bar in exchange_bars()),
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


def _kept(product: Product, generic: Product | None) -> list[str]:
    """What bars even another brand of it, whether this release knows one or not."""
    return [
        bar.title
        for bar in exchange_bars()
        if Across.BRAND in bar.across and any(bar.holds_for(each) for each in (product, generic) if each)
    ]


def _alternative(one: Alternative) -> dict[str, Any]:
    product = one.product
    return {
        "href": reverse("medicine", kwargs={"product_id": product.id}),
        "name": product_words(product),
        "maker": "generic" if product.level is Level.VMP else product.maker or words.NOT_KNOWN,
        "discontinued": product.discontinued is True,
        "bars": [bar.title for bar in one.bars],
    }


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
        "maker": pack.maker or words.NOT_KNOWN,
        "invented": pack.invented,
        "said": pack_facts(pack),
    }
