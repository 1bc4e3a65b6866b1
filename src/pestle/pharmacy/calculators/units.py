"""In which units may a figure be entered, and what is it in the one that the formula wants?

Conversions are exact fractions: a value entered as 5 ft in inches, or as mg/dL, gives the same result as the
same value in centimetres, or in µmol/L. The first scale of each tuple is the formula's own.

Source: for what is no power of ten, `pestle.pharmacy.record.conversions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.calculators.precision import decimal_of
from pestle.pharmacy.record import conversions as c


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit; a value in it times `factor` plus `offset` is the value in the formula's own unit.

    `also` are other ways to write it: typed, or as UCUM codes it.
    """

    unit: str
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    also: tuple[str, ...] = ()

    def reads(self, text: str) -> bool:
        """Whether `text` writes this unit."""
        return _folded(text) in {_folded(name) for name in (self.unit, *self.also)}

    def convert(self, value: Decimal) -> Decimal:
        """The value in the formula's own unit."""
        if self.factor == 1 and not self.offset:
            return value
        return decimal_of(Fraction(value) * self.factor + self.offset)


def _folded(text: str) -> str:
    return "".join(text.split()).casefold().replace("μ", "u").replace("micro", "u").removeprefix("°")


NONE = (Scale(""),)
YEARS = (Scale("years", also=("year", "y", "a")),)
DAYS = (Scale("days", also=("day", "d")),)
KILOGRAMS = (
    Scale("kg"),
    Scale("lb", c.POUND.times, also=("lbs", "[lb_av]")),
    Scale("stone", c.STONE.times, also=("st", "[stone_av]")),
    Scale("g", Fraction(1, 1000)),
)
CENTIMETRES = (
    Scale("cm"),
    Scale("m", Fraction(100)),
    Scale("in", c.INCH.times, also=("inch", "inches", "[in_i]")),
)
CREATININE = (Scale("µmol/L"), Scale("mg/dL", c.CREATININE.times))
CALCIUM = (Scale("mmol/L"), Scale("mg/dL", c.CALCIUM.times))
ALBUMIN = (Scale("g/L"), Scale("g/dL", Fraction(10)))
CELSIUS = (
    Scale("°C", also=("cel",)),
    Scale("°F", Fraction(5, 9), Fraction(-160, 9), also=("[degf]",)),
)
MILLIGRAMS = (
    Scale("mg"),
    Scale("micrograms", Fraction(1, 1000), also=("microgram", "mcg", "ug")),
    Scale("g", Fraction(1000)),
)
MILLIGRAMS_PER_KILOGRAM = (
    Scale("mg/kg"),
    Scale("micrograms/kg", Fraction(1, 1000), also=("microgram/kg", "mcg/kg", "ug/kg")),
)
MILLILITRES = (Scale("mL"),)
MILLILITRES_PER_MINUTE = (Scale("mL/min"),)
NORMALISED_GFR = (Scale("mL/min/1.73 m²", also=("mL/min/1.73m2", "mL/min/{1.73_m2}")),)
HBA1C = (
    Scale("mmol/mol"),
    Scale("%", c.HBA1C.times, c.HBA1C.plus),
)
