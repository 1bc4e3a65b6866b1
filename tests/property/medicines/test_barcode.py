"""Whatever a scanner sends: a pack comes back as it was written, and nothing but `Refused` is ever raised."""

from __future__ import annotations

import calendar
from itertools import permutations

import pytest
from hypothesis import given, strategies

from pestle.pharmacy.medicines.barcode import LabelScan, Scan, gtin14, read
from pestle.pharmacy.medicines.expiry import Expiry
from pestle.pharmacy.refusal import Refused

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def _check_digit(digits: str) -> str:
    """The slow way: from the right, three times and once."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


gtins = strategies.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: strategies.text("0123456789", min_size=length, max_size=length)
).map(lambda digits: digits + _check_digit(digits))  # fmt: skip
values = strategies.text(SET_82, min_size=1, max_size=20)
expiries = strategies.builds(
    lambda year, month, day: Expiry(year, month, min(day, calendar.monthrange(year, month)[1])),
    strategies.integers(2000, 2099),
    strategies.integers(1, 12),
    strategies.integers(0, 31),
)
noise = strategies.text(
    strategies.sampled_from("0123456789\x1d\x1e\x04]d2C1Q3E[)>PESTLE:Lab \r\n"), max_size=80
)


@given(
    gtin=gtins,
    batch=values,
    serial=values,
    expiry=expiries,
    order=strategies.permutations(["01", "10", "17", "21"]),
    symbology=strategies.sampled_from(["", "]d2", "]C1", "]Q3"]),
)
def test_a_pack_comes_back_as_it_was_written(
    gtin: str, batch: str, serial: str, expiry: Expiry, order: list[str], symbology: str
) -> None:
    fields = {
        "01": gtin.zfill(14),
        "10": batch,
        "17": f"{expiry.year % 100:02d}{expiry.month:02d}{expiry.day:02d}",
        "21": serial,
    }
    written = "".join(f"{ai}{fields[ai]}" + ("\x1d" if ai in ("10", "21") else "") for ai in order)
    letters = [character for character in written if character.isalpha()]
    if letters and all(character.islower() for character in letters):
        return
    found = read(symbology + written)
    assert found == Scan(gtin.zfill(14), batch, expiry, serial, symbology, symbology + written)


@given(gtin=gtins, batch=values, serial=values, expiry=expiries)
def test_without_its_separators_a_pack_is_never_read_as_another(
    gtin: str, batch: str, serial: str, expiry: Expiry
) -> None:
    date = f"{expiry.year % 100:02d}{expiry.month:02d}{expiry.day:02d}"
    for first, second in permutations([f"10{batch}", f"21{serial}"]):
        with pytest.raises(Refused):
            read(f"01{gtin.zfill(14)}17{date}{first}{second}")


@given(gtins)
def test_a_plain_code_is_read_and_one_changed_digit_is_refused(gtin: str) -> None:
    assert read(gtin) == Scan(gtin.zfill(14), raw=gtin)
    for place, digit in enumerate(gtin):
        wrong = f"{gtin[:place]}{(int(digit) + 1) % 10}{gtin[place + 1 :]}"
        with pytest.raises(Refused, match="check digit"):
            gtin14(wrong)


@given(strategies.one_of(strategies.text(max_size=60), noise))
def test_nothing_but_a_refusal_is_raised(scan: str) -> None:
    try:
        found = read(scan)
    except Refused:
        return
    if isinstance(found, LabelScan):
        assert found.id in scan
    else:
        assert gtin14(found.gtin) == found.gtin
        assert found.raw == scan
