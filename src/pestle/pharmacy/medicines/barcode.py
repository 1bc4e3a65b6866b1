"""What does this scan say: which pack, which batch, which expiry, or which of our own labels?

A scanner that misbehaves (a separator lost, caps lock on, a digit misread) still sends characters that can be
read as something. Nothing is guessed or repaired here: one certain reading, or a refusal with a name.

Understood: GS1 element strings (DataMatrix, GS1-128, QR, DataBar), bare or in an ISO/IEC 15434 format 05
envelope; the German pharmacy number (PPN) in a format 06 envelope, read as the NTIN that is its GTIN; EAN-13,
EAN-8, UPC-A and GTIN-14 as plain digits; our labels. The AIM symbology identifier may stand
in front. A year YY is 20YY: no medicine in use expired before 2000, and this is GS1's own rule until 2051.

Source: GS1 General Specifications, sections 3 (application identifiers), 7.8 (processing) and 7.9 (check
digit), with the identifiers' table of biip 5.2; ISO/IEC 15424 (symbology identifiers); ISO/IEC 15434
(envelopes); IFA, PPN code specification, and ANSI MH10.8.2 (data identifiers), both as tabled second-hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from biip import ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from pestle.pharmacy.medicines.expiry import Expiry
from pestle.pharmacy.refusal import Refused, refuse

GS = "\x1d"
LABEL = "PESTLE:L:"
BAG = "PESTLE:BAG:"
SHELF = "PESTLE:SHELF:"
AGAIN = "Scan again; if it repeats, use another pack or type it."


@dataclass(frozen=True, slots=True)
class Scan:
    """A maker's pack. `gtin` has 14 digits; `symbology` is the AIM identifier, empty when none was sent."""

    gtin: str
    batch: str | None = None
    expiry: Expiry | None = None
    serial: str | None = None
    symbology: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class LabelScan:
    """One of our own labels, by the id printed in its code."""

    id: str


@dataclass(frozen=True, slots=True)
class BagScan:
    """The label of a bag, or of a part of it (its name in small letters)."""

    id: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class ShelfScan:
    """The label of a shelf on which bags wait."""

    id: int


def read_bag_or_shelf(scan: str) -> BagScan | ShelfScan | None:
    """The bag or the shelf whose label was scanned; None where it is something else, or was damaged."""
    match = _BAG_OR_SHELF.fullmatch(_symbology(scan.strip(" \t\r\n" + GS))[1])
    if match is None:
        return None
    return BagScan(int(match[2]), (match[3] or "").lower()) if match[1] == "BAG" else ShelfScan(int(match[2]))


def bag_code(id_: int, part: str = "") -> str:
    """What the code on the label of a bag says, or (`part`) on that of a part of it."""
    return f"{BAG}{id_}-{part.upper()}" if part else f"{BAG}{id_}"


def shelf_code(id_: int) -> str:
    """What the code on the label of a shelf says."""
    return f"{SHELF}{id_}"


def read(scan: str) -> Scan | LabelScan:
    """What one scan says.

    Raises `Refused`: ``barcode.unreadable``, ``barcode.no-gtin``, ``barcode.check-digit``,
    ``barcode.not-a-date``, ``barcode.separator-lost``, ``barcode.lower-case``, ``barcode.too-long``,
    ``barcode.characters``, ``barcode.twice`` (one field with two values), ``barcode.ppn`` (a pharmacy number
    of no agency known here), ``barcode.symbology`` (digits that this kind of code does not carry),
    ``barcode.not-a-pack`` (a bag or a shelf).
    """
    symbology, content = _symbology(scan.strip(" \t\r\n" + GS))
    if content.startswith((BAG, SHELF)):
        raise _refused("not-a-pack", "This is the label of a bag or of a shelf")
    if content.startswith(LABEL):
        return _label(content)
    pharmacy_number = _format_06(content)
    if pharmacy_number is not None:
        return _ppn(pharmacy_number, symbology=symbology, raw=scan)
    content = _out_of_envelope(content).strip(GS)
    if not content or len(content) > 200:
        raise _refused("unreadable", "This is not the code of a medicine pack")
    letters = [character for character in content if character.isalpha()]
    if letters and all(character.islower() for character in letters):
        raise _refused("lower-case", "All letters came in lower case: caps lock may be on")
    if symbology not in _ELEMENT_STRINGS and _plain(content):
        if len(content) not in _PLAIN_LENGTHS.get(symbology, (8, 12, 13, 14)):
            raise _refused("symbology", f"{len(content)} digits do not come from a code of kind {symbology}")
        return Scan(gtin14(content), symbology=symbology, raw=scan)
    fields = _fields(content, separated=GS in scan)
    if "01" not in fields:
        raise _refused("no-gtin", "This code does not say which product it is on")
    return Scan(
        gtin=gtin14(fields["01"]),
        batch=fields.get("10"),
        expiry=_expiry(fields["17"]) if "17" in fields else None,
        serial=fields.get("21"),
        symbology=symbology,
        raw=scan,
    )


def gtin14(digits: str, *, place: str = "barcode") -> str:
    """A GTIN of 8, 12, 13 or 14 digits as 14 digits.

    Raises `Refused`: ``barcode.not-a-gtin``, ``barcode.check-digit``.
    """
    written = digits.strip()
    if not (written.isascii() and written.isdigit() and len(written) in (8, 12, 13, 14)):
        raise refuse("barcode.not-a-gtin", f"“{digits}” is not a GTIN of 8, 12, 13 or 14 digits",
                     place=place, way_out=AGAIN)  # fmt: skip
    if gs1_standard_check_digit(written[:-1]) != int(written[-1]):
        raise refuse(
            "barcode.check-digit", f"The check digit of {written} is wrong", place=place, way_out=AGAIN
        )
    return written.zfill(14)


def _symbology(scan: str) -> tuple[str, str]:
    """The AIM identifier, if one was sent, and what follows it."""
    match = re.match(r"\][A-Za-z][0-9A-Za-z]", scan)
    if not match:
        return "", scan
    return match.group(), scan[match.end() :].lstrip(GS)


# Nineteen digits may be more than any id of the database.
_BAG_OR_SHELF = re.compile(r"PESTLE:(BAG|SHELF):(\d{1,18})(?:-([A-Z]{1,12}))?")

# What carries element strings only, and how many digits a plain code has: EAN-8 eight, EAN-13 and UPC-A
# thirteen or twelve (ISO/IEC 15424). A scanner that says otherwise is set up wrongly, or lost digits.
_ELEMENT_STRINGS = frozenset({"]d2", "]C1", "]Q3", "]e0"})
_PLAIN_LENGTHS = {"]E0": (12, 13), "]E4": (8,), "]I1": (14,)}


def _plain(content: str) -> bool:
    return content.isascii() and content.isdigit() and len(content) in (8, 12, 13, 14)


def _label(content: str) -> LabelScan:
    id_ = content.removeprefix(LABEL)
    if not re.fullmatch(r"[0-9A-Za-z-]{1,64}", id_):
        raise _refused("unreadable", "This label of ours came through damaged")
    return LabelScan(id_)


def _out_of_envelope(content: str) -> str:
    """The message in an ISO/IEC 15434 envelope; anything else as it is."""
    if not content.startswith("[)>"):
        return content
    match = re.fullmatch(r"\[\)>\x1e05\x1d(.*?)\x1e?\x04?", content, re.DOTALL)
    if match:
        return match.group(1)
    if re.match(r"\[\)>\x1e?0[56]", content):
        raise _refused("separator-lost", "The separators of this envelope did not come through")
    raise _refused("unreadable", "This envelope is not one that medicine packs use")


def _format_06(content: str) -> str | None:
    """What a format 06 envelope holds; None when this is no such envelope."""
    match = re.fullmatch(r"\[\)>\x1e06\x1d(.*?)\x1e?\x04?", content, re.DOTALL)
    return match.group(1) if match else None


_DATA_IDENTIFIER = re.compile(r"(9N|1T|16D|8P|D|S)(.+)", re.DOTALL)


def _ppn(content: str, *, symbology: str, raw: str) -> Scan:
    """A pack by its pharmacy product number: data identifiers, each field ended by a separator."""
    fields: dict[str, str] = {}
    for part in filter(None, content.split(GS)):
        match = _DATA_IDENTIFIER.fullmatch(part)
        if not match:
            raise _refused("unreadable", "This is not the code of a medicine pack")
        name, value = match.groups()
        if name in ("1T", "S") and not re.fullmatch(r"[0-9A-Za-z_.-]{1,20}", value):
            raise _refused("characters", f"Field {name} has characters that do not belong in it")
        if fields.setdefault(name, value) != value:
            raise _refused("twice", f"Field {name} came with two values")
    gtins = {_ntin(fields["9N"])} if "9N" in fields else set()
    if "8P" in fields:
        gtins.add(gtin14(fields["8P"]))
    if len(gtins) > 1:
        raise _refused("twice", "The pharmacy number and the GTIN are of two products")
    if not gtins:
        raise _refused("no-gtin", "This code does not say which product it is on")
    if "D" in fields and not re.fullmatch(r"[0-9]{6}", fields["D"]):
        raise _not_a_date(fields["D"])
    expiry = _expiry(fields["D"]) if "D" in fields else None
    return Scan(gtins.pop(), fields.get("1T"), expiry, fields.get("S"), symbology, raw)


def _ntin(ppn: str) -> str:
    """The NTIN, a GTIN of 14 digits, for a German PPN: 11, the PZN with its check digit, two check digits.

    The PPN's check: each character's code times its place plus one, summed, modulo 97. The PZN's: each of
    seven digits times its place, modulo 11; 10 is never given out.
    """
    if not re.fullmatch(r"[0-9A-Z]{4,22}", ppn) or not re.fullmatch(r"[0-9]{2}", ppn[-2:]):
        raise _refused("unreadable", f"“{ppn}” is not a pharmacy product number")
    total = sum(ord(character) * (place + 2) for place, character in enumerate(ppn[:-2]))
    if total % 97 != int(ppn[-2:]):
        raise _refused("check-digit", f"The check digits of {ppn} are wrong")
    if not re.fullmatch(r"11[0-9]{10}", ppn):
        raise refuse("barcode.ppn", f"{ppn} is not a German pharmacy number, and no other is known here",
                     place="barcode", way_out="Scan the other code on the pack, or type it.")  # fmt: skip
    pzn = ppn[2:10]
    if sum(int(digit) * place for place, digit in enumerate(pzn[:7], start=1)) % 11 != int(pzn[7]):
        raise _refused("check-digit", f"The check digit of the pharmacy number {pzn} is wrong")
    return f"04150{pzn}{gs1_standard_check_digit(f'04150{pzn}')}"


# What stands on medicine packs, and so may follow a batch or serial number whose separator was lost, each
# with what it holds. National reimbursement numbers (710 to 717) have 8 characters or more.
_TEXT = r"[!-\"%-?A-Z_a-z]"
_ON_PACKS = {
    "01": r"\d{14}",
    "17": r"\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])",
    "10": _TEXT + "{1,20}",
    "21": _TEXT + "{1,20}",
    **{str(number): _TEXT + "{8,20}" for number in range(710, 718)},
}


def _fields(content: str, *, separated: bool) -> dict[str, str]:
    """The element strings by application identifier, each certain.

    `separated`: a separator came through somewhere, so that none was lost. Without one, a batch number with
    "21" in it may be a batch and a serial number.
    """
    fields: dict[str, str] = {}
    open_ended: list[str] = []
    rest = content
    while rest := rest.lstrip(GS):
        identifier = _identifier(rest)
        ai = identifier.ai
        if identifier.separator_required:
            value = rest[len(ai) :].split(GS, 1)[0]
            open_ended.append(value)
        else:
            value = rest[len(ai) : len(ai) + _fixed_length(identifier)]
        _check(identifier, value, known=fields)
        if fields.setdefault(ai, value) != value:
            raise _refused("twice", f"Field ({ai}) came with two values")
        rest = rest[len(ai) + len(value) :]
    if not separated and any(_runs_on(value, set(fields)) for value in open_ended):
        raise _separator_lost()
    return fields


def _identifier(rest: str) -> GS1ApplicationIdentifier:
    try:
        return GS1ApplicationIdentifier.extract(rest)
    except ParseError:
        raise _refused("unreadable", "This is not the code of a medicine pack") from None


def _fixed_length(identifier: GS1ApplicationIdentifier) -> int:
    """The characters of a field that needs no separator: ``N2+N6`` is 6, ``N4+N13+X..17`` is all that
    follows.
    """
    return sum(int(length) for length in re.findall(r"\+[NX](\d+)", identifier.format))


def _check(identifier: GS1ApplicationIdentifier, value: str, *, known: dict[str, str]) -> None:
    ai = identifier.ai
    if re.fullmatch(identifier.pattern, ai + value):
        return
    if identifier.separator_required and _runs_on(value, {*known, ai}):
        raise _separator_lost()
    if ai in ("11", "15", "16", "17"):
        raise _not_a_date(value)
    if not re.fullmatch(_TEXT + "*", value):
        raise _refused("characters", f"Field ({ai}) has characters that do not belong in it")
    if len(value) > 20:
        raise _refused("too-long", f"Field ({ai}) is longer than it may be")
    raise _refused("unreadable", f"Field ({ai}) is not complete")


def _runs_on(value: str, known: set[str]) -> bool:
    """Whether the value can also be read as a shorter one with further fields of the pack behind it."""
    return any(_reads_as_fields(value[cut:], known) for cut in range(1, len(value)))


def _reads_as_fields(tail: str, known: set[str]) -> bool:
    for ai, pattern in _ON_PACKS.items():
        if ai in known or not tail.startswith(ai):
            continue
        body = tail[len(ai) :]
        if re.fullmatch(pattern, body):
            return True
        if any(
            re.fullmatch(pattern, body[:cut]) and _reads_as_fields(body[cut:], {*known, ai})
            for cut in range(1, min(len(body), 21))
        ):
            return True
    return False


def _expiry(digits: str) -> Expiry:
    """YYMMDD; day 00 is the whole month (GS1 General Specifications, AI 17)."""
    try:
        return Expiry(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except (Refused, ValueError):
        raise _not_a_date(digits) from None


def _not_a_date(digits: str) -> Refused:
    return _refused("not-a-date", f"“{digits}” is not a date")


def _separator_lost() -> Refused:
    return _refused("separator-lost", "The fields of this code run together and can be read in two ways")


def _refused(name: str, reason: str) -> Refused:
    return refuse(f"barcode.{name}", reason, place="barcode", way_out=AGAIN)
