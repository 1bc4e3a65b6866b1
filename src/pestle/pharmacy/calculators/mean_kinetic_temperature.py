"""Which steady temperature would have aged the medicines as much as these did, in °C?

(ΔH/R) ÷ −ln(mean of e^(−ΔH/RT)), T in kelvin, with ΔH/R = 83.144 kJ/mol ÷ 0.0083144 kJ/mol/K = 10,000 K. It
is never below the arithmetic mean. Readings are taken at even intervals; each counts the same.

Source: Haynes JD. Worldwide virtual temperatures for product stability testing. J Pharm Sci 1971;60:927-929.
United States Pharmacopeia, general chapter 1079.2, mean kinetic temperature.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Number, Rows
from pestle.pharmacy.calculators.precision import shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import CELSIUS, Scale

_KELVIN, _GAS_CONSTANT = Decimal("273.15"), Decimal("0.0083144")


@formula(
    name="mean-kinetic-temperature",
    title="Mean kinetic temperature",
    says="The steady temperature, in °C, that equals an excursion; from readings at even intervals.",
    group="Storage",
    source="Haynes JD. J Pharm Sci 1971;60:927-929; USP <1079.2>",
    inputs=(
        Rows(
            "temperature",
            "Temperatures",
            (Number("reading", "celsius", "Temperature", CELSIUS, Decimal(-50), Decimal(70)),),
            most=1000,
        ),
        Number(
            "activation-energy",
            "delta_h_kj_mol",
            "Activation energy",
            (Scale("kJ/mol"),),
            Decimal(40),
            Decimal(250),
            default="83.144",
            hint="83.144 unless the maker says another",
        ),
    ),
    words=("MKT", "excursion", "fridge", "cold chain"),
)
def mean_kinetic_temperature(*, temperature: tuple[tuple[Decimal], ...], delta_h_kj_mol: Decimal) -> Result:
    """Mean kinetic temperature in °C, shown to two decimals."""
    readings = [celsius for (celsius,) in temperature]
    ratio = delta_h_kj_mol / _GAS_CONSTANT
    mean = sum(((-ratio / (celsius + _KELVIN)).exp() for celsius in readings), Decimal(0)) / len(readings)
    kinetic = ratio / -mean.ln() - _KELVIN
    average = sum(readings, Decimal(0)) / len(readings)
    return result(
        figure(kinetic, "°C", places=2),
        f"{shown(ratio)} ÷ −ln(mean of e^(−{shown(ratio)} ÷ T) over {len(readings)} readings) − 273.15",
        also=(
            figure(average, "°C", places=2, label="Arithmetic mean"),
            figure(max(readings), "°C", places=1, label="Highest"),
            figure(min(readings), "°C", places=1, label="Lowest"),
        ),
        warnings=("It does not excuse an excursion: the maker's limits for each reading still hold.",),
    )
