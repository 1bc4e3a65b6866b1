"""What practices prescribe, asked by one query, is what one line after the other adds up to."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from pestle.definitions import folder
from pestle.pharmacy import definition as d
from pestle.pharmacy.checks import knowledge
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.definition import Source
from pestle.pharmacy.measures import library, morphine, population
from pestle.pharmacy.measures.prescribing import PrescribingMeasure, Which, counted
from pestle.pharmacy.measures.presentations import Presentations
from pestle.pharmacy.medicines import substances
from pestle.pharmacy.medicines.concept import BaseUnit, Ingredient, Level, Product, Release
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.quantity import Quantity, Ratio, Unit

_FILES = d.load_folders(
    folder("calculators"), folder("measures") / "prescribing" / "lists",
    kinds={**knowledge.KINDS, **library.KINDS},
)  # fmt: skip
EQUIVALENTS = morphine.read(_FILES)["morphine_equivalents"]
WORDS = substances.read(d.load_folders(folder("checks"), kinds=library.KINDS))
MADE_UP = Source("made up", verified=False)
MONTH = date(2026, 11, 1)


@dataclass(frozen=True)
class Sold:
    """A presentation: on the list or not, and mg of morphine in one; None where nobody can tell."""

    on: bool | None
    mg: Fraction | None


def _product(id_: str, code: str, moiety: str, holds: str, mg: str | None, route: str | None) -> Product:
    tablet = Unit("tablet")
    strength = Ratio(Quantity(Decimal(mg), Unit("mg")), Quantity(Decimal(1), tablet)) if mg else None
    return Product(
        id_, Level.VMP, holds, moiety=moiety, moiety_id=moiety,
        ingredients=(Ingredient(holds, strength=strength),),
        form="tablet", routes=(route,) if route else None, base_unit=BaseUnit(tablet), bnf_code=code,
    )  # fmt: skip


PRODUCTS = [
    _product("1", "0407020Q0AAAAAA", "A", "morphine sulfate", "7.5", "oral"),
    _product("2", "0407020C0AAABAB", "A", "codeine phosphate", "0.001", "cutaneous"),
    _product("3", "0501013B0AAACAC", "A", "amoxicillin", "500", None),
    _product("4", "0501013B0AAADAD", "B", "amoxicillin", None, "oral"),
    # Two that share a code and do not agree.
    _product("5", "0407020C0AAAEAE", "A", "codeine phosphate", "30", "oral"),
    _product("6", "0407020C0AAAEAE", "B", "codeine phosphate", "15", "oral"),
]  # fmt: skip
# Each code, and what can be told of it: the third stands for a brand that is in no dictionary.
CODES = {
    "0407020Q0AAAAAA": Sold(True, Fraction("7.5")),
    "0407020C0AAABAB": Sold(False, None),
    "0407020Q0BBXXAA": Sold(True, Fraction("7.5")),
    "0501013B0AAACAC": Sold(None, Fraction(0)),
    "0501013B0AAADAD": Sold(False, Fraction(0)),
    "0407020C0AAAEAE": Sold(None, None),
    "0407020ZZAAAAAA": Sold(None, None),
    "0206010F0AAAAAA": Sold(False, Fraction(0)),
}
LISTED = MedicineList("a", "a", MADE_UP, products=frozenset("A"), routes=frozenset({"oral"}))
PRESENTATIONS = Presentations(
    Dictionary(release=Release("made-up", "made up", "2026-11-01"), products=PRODUCTS), WORDS
)
PLACES = st.sampled_from(["EX1", "EX2"])
LINES = st.lists(
    st.tuples(PLACES, st.sampled_from(sorted(CODES)), st.integers(1, 500), st.sampled_from([1, 28, 100.5])),
    max_size=12,
)  # fmt: skip


def _measure(**fields: object) -> PrescribingMeasure:
    blank = {"among_them": (), "for_patients": None, "counted_as": None, "may_be": ("040702",)}
    given_ = {"name": "m", "title": "m", "group": "", "why": "", "fewer_is_better": None, "source": MADE_UP}
    return PrescribingMeasure(**{**blank, **given_, **fields})  # type: ignore[arg-type]


SHARE = _measure(of=(Which("0501"), Which(medicines=LISTED)), among_them=(Which(medicines=LISTED),))
MORPHINE = _measure(of=(Which(not_beginning=("0410",)),), for_patients=1000, counted_as=EQUIVALENTS)


@settings(max_examples=30, deadline=None)
@given(LINES)
def test_one_query_is_one_line_after_the_other(lines: list[tuple[str, str, int, float]]) -> None:
    rows = [
        {"practice": place, "month": MONTH, "bnf": code, "items": items, "quantity": Decimal(str(quantity))}
        for place, code, items, quantity in lines
    ]
    sizes = [{"practice": place, "month": MONTH, "patients": 2000} for place in ("EX1", "EX2")]
    shares: defaultdict[str, Counter[str]] = defaultdict(Counter)
    sums: defaultdict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for place, code, items, quantity in lines:
        sold = CODES[code]
        # Of the antibiotics every one is asked; what is not on the list for certain is perhaps asked.
        asked = True if code.startswith("0501") else sold.on
        found = None if asked is None or sold.on is None else asked and sold.on
        word = "unsure" if asked is None or (asked and found is None) else "asked" if asked else "not"
        shares[place][word] += items
        shares[place]["found"] += items if found else 0
        mg, unsure = sums[place]
        if sold.mg is None:
            sums[place] = [mg, unsure + items]
        else:
            sums[place] = [mg + sold.mg * items * Fraction(str(quantity)), unsure]
    prescribing, lists = population.table("prescribing", rows), population.table("list_size", sizes)

    told = counted(SHARE, prescribing, None, PRESENTATIONS).to_pyarrow().to_pylist()
    assert {row["practice"]: (row["found"], row["asked"], row["unsure"]) for row in told} == {
        place: (each["found"], each["asked"], each["unsure"])
        for place, each in shares.items()
        if each["asked"] or each["unsure"]
    }
    told = counted(MORPHINE, prescribing, lists, PRESENTATIONS).to_pyarrow().to_pylist()
    assert {row["practice"]: [Fraction(row["found"]), Fraction(row["unsure"])] for row in told} == dict(sums)
