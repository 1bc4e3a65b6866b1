"""Is this a prescription number of the service, and is its check character right?

A number is PPPPPP-OOOOOO-SSSSSC: six hexadecimal digits, the prescriber's ODS code padded to six characters
with zeros, five hexadecimal digits, and a check character by ISO 7064 MOD 37-2, with + in place of *.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30), and its examples.
"""

from __future__ import annotations

import re

from pestle.pharmacy.refusal import refuse

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
_FORM = re.compile(r"[0-9A-F]{6}-[0-9A-Z]{6}-[0-9A-F]{5}[0-9A-Z+]")
_HEX = re.compile(r"[0-9A-F]+")
_ODS = re.compile(r"[0-9A-Z]{3,6}")


def check_character(body: str) -> str:
    """The character that completes the seventeen others; hyphens do not count."""
    total = 0
    for character in body.replace("-", ""):
        total = (total + _ALPHABET.index(character)) * 2 % 37
    return _ALPHABET[(38 - total) % 37]


def prescription_number(text: str, *, place: str) -> str:
    """The number, if it is one. Raises `Refused`: ``eps.prescription-number``, ``eps.check-character``."""
    if not _FORM.fullmatch(text):
        reason = f"“{text}” does not have the form of a prescription number"
        raise refuse("eps.prescription-number", reason, place=place)
    if check_character(text[:-1]) != text[-1]:
        raise refuse(
            "eps.check-character",
            f"The check character of prescription number {text} is wrong",
            place=place,
            way_out="Ask the prescriber for the number; it is never repaired here.",
        )
    return text


def make_number(*, first: str, ods: str, second: str) -> str:
    """A number from six and five hexadecimal digits and the prescriber's ODS code.

    Raises `Refused` (``eps.prescription-number``) when a part cannot stand in a number.
    """
    hexadecimal = _HEX.fullmatch(first) and _HEX.fullmatch(second)
    if not hexadecimal or len(first) != 6 or len(second) != 5 or not _ODS.fullmatch(ods):
        raise refuse("eps.prescription-number", f"{first}, {ods}, {second} do not make a prescription number")
    body = f"{first}-{ods.rjust(6, '0')}-{second}"
    return body + check_character(body)
