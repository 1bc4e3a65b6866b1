"""A US National Drug Code in 10, 11 and 12 digits; what has two readings is refused."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.medicines.ndc import ndc
from pestle.pharmacy.medicines.ndc_directory import package_quantity
from pestle.pharmacy.refusal import Refused


@pytest.mark.parametrize(
    ("written", "eleven", "twelve", "ten"),
    [
        ("0002-0485-04", "00002048504", "000002048504", "0002048504"),
        ("12345-678-90", "12345067890", "012345067890", "1234567890"),
        ("12345-6789-0", "12345678900", "012345678900", "1234567890"),
        ("12345-6789-01", "12345678901", "012345678901", None),
        ("123456-7890-12", None, "123456789012", None),
        ("12345678901", "12345678901", "012345678901", None),
        ("012345678901", "12345678901", "012345678901", None),
        ("123456789012", None, "123456789012", None),
    ],
)
def test_one_code_in_every_length(written: str, eleven: str | None, twelve: str, ten: str | None) -> None:
    code = ndc(written)
    assert (code.eleven, code.twelve, code.ten) == (eleven, twelve, ten)


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("1234567890", "ndc.ambiguous"),
        ("123456789", "ndc.not-a-code"),
        ("1234567890123", "ndc.not-a-code"),
        ("1234-567-890", "ndc.segments"),
        ("123-4567-89", "ndc.segments"),
        ("12345-6789", "ndc.segments"),
        ("6-4-2", "ndc.segments"),
        ("", "ndc.not-a-code"),
        ("12345-67x-90", "ndc.not-a-code"),
        ("١٢٣٤٥٦٧٨٩٠١", "ndc.not-a-code"),
    ],
)
def test_what_is_refused(written: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        ndc(written)
    assert refused.value.rule == rule


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Refused):
        assert len(ndc(text).twelve) == 12


@pytest.mark.parametrize(
    ("description", "value", "unit"),
    [
        ("100 TABLET in 1 BOTTLE (0002-0485-04) ", "100", "tablet"),
        ("9 TRAY in 1 BOX (0002-1401-71)  > 160 SYRINGE in 1 TRAY > .5 mL in 1 SYRINGE", "720.0", "ml"),
    ],
)
def test_what_a_package_holds(description: str, value: str, unit: str) -> None:
    held = package_quantity(description)
    assert held is not None
    assert (held.value, held.unit.text) == (Decimal(value), unit)


@pytest.mark.parametrize(
    "description",
    [
        "1 KIT in 1 CARTON *  5 mL in 1 VIAL",
        "4 BOTTLE in 1 CARTON > 100 TABLET in 1 BLISTER PACK",
        "4 BOTTLE in 2 CARTON",
        "0 TABLET in 1 BOTTLE",
        "",
    ],
)
def test_what_is_no_plain_chain_has_no_certain_quantity(description: str) -> None:
    assert package_quantity(description) is None
