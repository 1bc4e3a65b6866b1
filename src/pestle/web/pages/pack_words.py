"""How does the screen name a pack or a product?

The medicine in the words of the medication line; a maker's own name, of a brand or a company, as the maker
writes it.
"""

from __future__ import annotations

from pestle.pharmacy.medicines.concept import Level, Pack, Product
from pestle.web.pages import words
from pestle.web.store.knowledge import brand_names, dictionary


def name_words(name: str) -> str:
    """A medicine's name as the medication line says it; a name that is a brand's stays as it is."""
    return name if name in brand_names() else words.medicine_name(name)


def product_words(product: Product) -> str:
    """A generic as the medication line says it; a brand as it is."""
    return words.medicine_name(product.name) if product.level is Level.VMP else name_words(product.name)


def pack_words(pack: Pack) -> str:
    """The pack's name, the product in it said as `product_words` says it."""
    product = dictionary().product(pack.product_id)
    if product is None or not pack.name.startswith(product.name):
        return pack.name
    return product_words(product) + pack.name.removeprefix(product.name)


def kept_pack_words(pack_id: str, kept: str) -> str:
    """The same for a pack that stock was kept of; as it was `kept` when this release has it no more."""
    pack = dictionary().pack(pack_id)
    return pack_words(pack) if pack is not None else kept
