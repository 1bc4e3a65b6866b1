"""May this product be supplied for what was prescribed, and is it as good as that one?

Two questions. *May it be supplied* is law and agreement: the same product may; a generic prescribed may be
any maker's product of that generic; a brand prescribed is that brand only, because in UK primary care nobody
but the prescriber changes it. *Is it equivalent* is what a person asks who looks for another: another brand
of the same product, or the same moiety in another form. Modified release, inhaler devices, biologics and a
narrow therapeutic index bar that, unless a person lifts the bar by its name. What is not known is not
equivalent.

Source: NHSBSA, dm+d Technical Specification (a VMP is the generic, an AMP one maker's product); NHS
(Pharmaceutical and Local Pharmaceutical Services) Regulations 2013, Schedule 4 (what is ordered is what is
supplied), recalled and not re-read. What bars an exchange: the definition files read (kind
`equivalence-bar`), each with its own source and status.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.formulary import listed, load, text
from pestle.pharmacy.refusal import Refusal, refuse

KINDS = {"equivalence-bar": frozenset({"bar", "across", "names", "begins", "ends", "words"})}


class Kind(Enum):
    """In what two products are equivalent; the value says it to a person."""

    SAME = "the same product"
    OTHER_BRAND = "the same product by another brand"
    OTHER_FORM = "the same moiety in another form"


class Across(Enum):
    """What an exchange would cross."""

    BRAND = "brand"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One may stand in for the other. `lifted`: the bars that a person lifted for it."""

    kind: Kind
    lifted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """What forbids an exchange, and how a product it holds for is known; `status` is that of its source.

    `names` are moieties; `begins` and `ends` are of a moiety's words; `words` stand in a form or a product's
    name. All in lower case.
    """

    name: str
    title: str
    across: frozenset[Across]
    status: str
    names: frozenset[str] = frozenset()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def holds_for(self, product: Product) -> bool:
        """Whether the product is of this sort, by its moiety, ingredients, form or name."""
        substances = [name.casefold() for name in (product.moiety or "", *(product.ingredient_names or ()))]
        parts = [part.strip() for name in substances for part in name.split(" + ")]
        if not self.names.isdisjoint(parts):
            return True
        stems = [word for part in parts for word in re.split(r"[\s-]+", part)]
        if any(word.startswith(self.begins) or word.endswith(self.ends) for word in stems if word):
            return True
        text = f"{product.form or ''} | {product.name}".casefold()
        return bool(self.words) and _whole_words(self.words).search(text) is not None


def read_bars(folder: Path) -> tuple[Bar, ...]:
    """The bars in the definition files of a folder.

    Raises `Refused`: ``definition.unreadable``, ``definition.missing-field``, ``definition.wrong-value``.
    """
    return tuple(_bar(path, load(path, kinds=KINDS)) for path in sorted(folder.glob("*.yaml")))


def equivalent(
    one: Product,
    other: Product,
    *,
    dictionary: Dictionary,
    bars: Collection[Bar],
    lifted: Collection[str] = (),
) -> Equivalent | Refusal:
    """In what the two are equivalent, or why they are not. `lifted`: bars that a person lifts, by name.

    Rules: ``equivalence.`` and the name of a bar, ``equivalence.brand-unknown``, ``equivalence.not-known``,
    ``equivalence.other-medicine``, ``equivalence.other-salt``, ``equivalence.other-strength``,
    ``equivalence.other-route``.
    """
    if dictionary.current(one.id) == dictionary.current(other.id):
        return Equivalent(Kind.SAME)
    ours, theirs = dictionary.generic(one), dictionary.generic(other)
    if ours is None or theirs is None:
        return _no("brand-unknown", one, other, "and what one of them is a brand of is not known")
    if _same(ours, theirs, dictionary):
        kind, across = Kind.OTHER_BRAND, Across.BRAND
    else:
        kind, across = Kind.OTHER_FORM, Across.FORM
        different = _other_form_refused(ours, theirs)
        if different is not None:
            return _no(different[0], one, other, different[1])
    held = [
        bar
        for bar in bars
        if across in bar.across and any(bar.holds_for(each) for each in (one, other, ours, theirs))
    ]
    for bar in held:
        if bar.name not in lifted:
            return _no(
                bar.name, one, other, f"and this bars an exchange: {bar.title[0].lower()}{bar.title[1:]}"
            )
    return Equivalent(kind, tuple(bar.name for bar in held))


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another product, in what it is equivalent, and the bars that a person would have to lift for it."""

    product: Product
    kind: Kind
    bars: tuple[Bar, ...] = ()


def alternatives(
    product: Product, *, dictionary: Dictionary, bars: Collection[Bar]
) -> tuple[Alternative, ...]:
    """Every other product that `equivalent` finds when all bars are lifted, with those that would have to be.

    What needs no person comes first, what is discontinued last.
    """
    generic = dictionary.generic(product)
    family = (generic, *dictionary.brands(generic.id)) if generic is not None else ()
    named = {bar.name: bar for bar in bars}
    found = []
    candidates = {each.id: each for each in (*family, *dictionary.generics(generic or product))}
    for other in candidates.values():
        answer = equivalent(product, other, dictionary=dictionary, bars=bars, lifted=named)
        if isinstance(answer, Equivalent) and answer.kind is not Kind.SAME:
            found.append(Alternative(other, answer.kind, tuple(named[name] for name in answer.lifted)))
    return tuple(
        sorted(found, key=lambda one: (one.product.discontinued is True, bool(one.bars), one.product.name))
    )


def may_supply(prescribed: Product, supplied: Product, dictionary: Dictionary) -> Refusal | None:
    """Why `supplied` may not be given for `prescribed`; None when it may.

    Rules: ``equivalence.brand-only``, ``equivalence.brand-unknown``, ``equivalence.other-strength``,
    ``equivalence.other-form``, ``equivalence.other-medicine``.
    """
    if dictionary.current(prescribed.id) == dictionary.current(supplied.id):
        return None
    wanted, given = dictionary.generic(prescribed), dictionary.generic(supplied)
    if prescribed.level is Level.VMP and given is not None and _same(given, prescribed, dictionary):
        return None
    sentence = f"This is {_name(supplied)}; the prescription says {_name(prescribed)}"
    if given is None:
        return Refusal(
            "equivalence.brand-unknown",
            f"{sentence}, and what {_name(supplied)} is a brand of is not known",
            place="pack",
            way_out="Use the product that was prescribed, or ask the pharmacist.",
        )
    if wanted is not None and _same(given, wanted, dictionary):
        return Refusal(
            "equivalence.brand-only",
            f"{sentence}, and a brand prescribed is that brand only",
            place="pack",
            way_out="Use that brand, or ask the prescriber for the generic.",
        )
    return Refusal(_difference(prescribed, supplied), sentence, place="pack",
                   way_out="Put it back and pick what the prescription says.")  # fmt: skip


def _other_form_refused(one: Product, other: Product) -> tuple[str, str] | None:
    """Why two generics are not one moiety in two forms; None when they are."""
    if not one.moiety or not other.moiety or not one.ingredients or not other.ingredients:
        return "not-known", "and what is in one of them is not known"
    if one.moiety.casefold() != other.moiety.casefold():
        return "other-medicine", "which is another medicine"
    if set(one.ingredient_names or ()) != set(other.ingredient_names or ()):
        return "other-salt", "which is another salt"
    if one.routes is None or other.routes is None or not one.form or not other.form:
        return "not-known", "and by which route or in which form one of them is given is not known"
    if not set(one.routes) & set(other.routes):
        return "other-route", "which is given by another route"
    if set(_strengths(one)) != set(_strengths(other)) or one.form == other.form:
        return "other-strength", "and the strengths differ or cannot be compared"
    return None


def _strengths(product: Product) -> Iterator[tuple[str, object]]:
    """The strength of each ingredient in one unit dose; in a liquid, in its own volume.

    So 250 mg in a capsule is 250 mg in a tablet, and no tablet is as strong as a liquid. An unknown strength
    equals nothing.
    """
    for ingredient in product.ingredients or ():
        strength = ingredient.strength
        if strength is None:
            yield ingredient.name, object()
            continue
        above, below = strength.numerator, strength.denominator
        unit = below.unit.text.casefold()
        volume = unit if unit in _MEASURES else "unit dose"
        yield ingredient.name.casefold(), (above.value / below.value, above.unit, volume)


# In these a strength is counted by measure; in anything else by the piece. The short ones are RxNorm's.
_MEASURES = frozenset(
    {"ml", "litre", "l", "gram", "g", "mg", "dose", "actuat", "hour", "hr", "cm2", "square cm"}
)


@cache
def _whole_words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})(?![^\W_])")


def _bar(path: Path, head: Mapping[str, Any]) -> Bar:
    lists = {
        field: tuple(str(each).casefold() for each in listed(head, field, place=path.name))
        for field in ("names", "begins", "ends", "words")
        if field in head
    }
    if not lists:
        raise refuse("definition.missing-field", "It holds for nothing", place=f"{path.name}, names")
    try:
        across = frozenset(Across(each) for each in listed(head, "across", place=path.name))
    except ValueError as error:
        raise refuse("definition.wrong-value", str(error), place=f"{path.name}, across") from None
    return Bar(
        name=text(head, "bar", place=path.name),
        title=head["title"],
        across=across,
        status=head["status"],
        names=frozenset(lists.get("names", ())),
        begins=lists.get("begins", ()),
        ends=lists.get("ends", ()),
        words=lists.get("words", ()),
    )


def _no(rule: str, one: Product, other: Product, why: str) -> Refusal:
    return Refusal(
        f"equivalence.{rule}",
        f"{_name(other)[0].upper()}{_name(other)[1:]} is not {_name(one)}, {why}",
        place="medicine",
        way_out="Use the product itself, or ask the pharmacist.",
    )


def _same(one: Product, other: Product, dictionary: Dictionary) -> bool:
    return dictionary.current(one.id) == dictionary.current(other.id)


def _difference(prescribed: Product, supplied: Product) -> str:
    """The rule that names how they differ."""
    if prescribed.moiety is None or prescribed.moiety != supplied.moiety:
        return "equivalence.other-medicine"
    if prescribed.form != supplied.form:
        return "equivalence.other-form"
    return "equivalence.other-strength"


def _name(product: Product) -> str:
    """A generic in lower case and a brand as its maker writes it: "amlodipine 5mg tablets", "Istin 5mg
    tablets".
    """
    name = product.name
    return name[0].lower() + name[1:] if product.level is Level.VMP else name
