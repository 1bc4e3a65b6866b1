"""Does this patient pay the prescription charge, how much, and what is still to be asked?

Asked once for a prescription, when the first of it is handed out. An exemption is one of the service's
codes, each with the days on which it counts. Under 16 and from 60 years the date of birth shows it, and
nobody is asked to declare anything; everybody else declares, and says whether evidence was seen. A line
that the prescriber endorsed as free (contraceptives) costs nothing whoever takes it. One charge an item:
what carries more than one charge is not known here. An amount that is not known is None, never nought.

Source: the definition files of kind `charge_exemptions` and `prescription_charge`, each with its own source
and status.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.refusal import Refusal, Refused, refuse

KINDS = {
    "charge_exemptions": frozenset({"exemptions", "free_lines"}),
    "prescription_charge": frozenset({"charges", "certificates"}),
}
_EXEMPTION = frozenset(
    {
        "code",
        "display",
        "words",
        "pays",
        "ages",
        "proven_by_birth",
        "evidence",
        "certificate",
        "doubt",
        "ended",
    }
)


class Evidence(Enum):
    """Whether what shows an exemption was seen; the value is stored."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"


class Declarant(Enum):
    """Who declares that no charge is due, or pays it; the value is stored."""

    PATIENT = "patient"
    REPRESENTATIVE = "representative"

    @property
    def words(self) -> str:
        """As the page asks it."""
        return "the patient" if self is Declarant.PATIENT else "somebody for the patient"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why no charge is paid, or (`pays`) that it is. `display` is the service's wording, `words` ours.

    `ages` are whole years, both included. `evidence` is what is asked to be seen (empty: nothing), and with
    `certificate` it has a last day. `doubt` is said from `doubt_since` on.
    """

    code: str
    display: str
    words: str
    pays: bool = False
    ages: tuple[int, int] | None = None
    proven_by_birth: bool = False
    evidence: str = ""
    certificate: bool = False
    doubt: str = ""
    doubt_since: date | None = None
    ended: date | None = None

    def fits(self, age: int | None) -> bool:
        """Whether somebody of that age may have it; of an unknown age that cannot be excluded."""
        return age is None or self.ages is None or self.ages[0] <= age <= self.ages[1]

    def doubted(self, *, on: date) -> str:
        """What is doubtful about it on a day; empty when nothing is."""
        return self.doubt if self.doubt_since is not None and on >= self.doubt_since else ""


@dataclass(frozen=True, slots=True)
class Price:
    """Pence, on the days from `since` to `until`, both included; `name` of what it is the price."""

    pence: int
    since: date
    until: date
    name: str = ""

    def holds(self, *, on: date) -> bool:
        """Whether it is the price on a day."""
        return self.since <= on <= self.until


@dataclass(frozen=True, slots=True)
class Charges:
    """The tables: exemptions by code, what a prescriber's endorsement makes free, prices, and sources."""

    exemptions: Mapping[str, Exemption]
    free_lines: Mapping[str, str]
    charges: tuple[Price, ...]
    certificates: tuple[Price, ...]
    sources: tuple[Source, ...]

    def pence(self, *, on: date) -> int | None:
        """The charge for one item on a day; None when it is not known."""
        return next((price.pence for price in self.charges if price.holds(on=on)), None)

    def by_age(self, patient: Patient, *, on: date) -> Exemption | None:
        """The exemption that the date of birth shows on a day; None when it shows none."""
        age = patient.age(on=on)
        found = (each for each in self.exemptions.values() if each.proven_by_birth and age is not None)
        return next((each for each in found if each.fits(age)), None)

    def choices(self, *, on: date) -> tuple[Exemption, ...]:
        """What may be chosen on a day, in the order of the codes."""
        return tuple(each for each in self.exemptions.values() if each.ended is None or on <= each.ended)


@dataclass(frozen=True, slots=True)
class Declared:
    """What was answered: the code, whether evidence was seen (None: not said), who declares, of a certificate
    its number and last day, and whether the declaration on the back of a paper form is signed."""

    code: str
    evidence: Evidence | None = None
    by: Declarant | None = None
    certificate: str = ""
    certificate_ends: date | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class ChargedItem:
    """One line: `item` as the caller names it, and the prescriber's endorsements on it."""

    item: str
    endorsements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Charged:
    """What follows: the items that a charge is paid for, those that are free by their endorsement (with its
    words), pence for one item and for all (None: not known), and whether a paper form is signed (None: it
    need not be)."""

    exemption: Exemption
    declared: Declared
    paid: tuple[str, ...]
    free: Mapping[str, str]
    item_pence: int | None
    signed: bool | None = None

    @property
    def pence(self) -> int | None:
        """What is to be paid together."""
        if not self.paid:
            return 0
        return None if self.item_pence is None else self.item_pence * len(self.paid)


def read_charges(folder: Path) -> Charges:
    """The tables in the definition files of a folder. Raises `Refused`, as `definition.load` does."""
    exempt, price = (
        d.load(folder / name, file=name, kinds=KINDS) for name in ("exemptions.yaml", "charge.yaml")
    )
    exemptions = [_exemption(each) for each in d.entries(exempt, "exemptions", fields=_EXEMPTION)]
    if len({each.code for each in exemptions}) != len(exemptions):
        raise d.wrong(exempt, "exemptions", "has each code once")
    return Charges(
        exemptions={each.code: each for each in exemptions},
        free_lines=d.words(exempt, "free_lines"),
        charges=tuple(_price(each) for each in d.entries(price, "charges")),
        certificates=tuple(_price(each) for each in d.entries(price, "certificates")),
        sources=(exempt.source, price.source),
    )


def charge(
    items: tuple[ChargedItem, ...],
    declared: Declared | None,
    *,
    patient: Patient,
    charges: Charges,
    on: date,
    paper: bool = False,
) -> Charged:
    """What is charged for these items on a day (a UK calendar date). On `paper` whoever declares signs the
    form; a form that is collected in instalments is charged once, with all of its items, as any other.

    Raises `Refused` with everything that is missing or wrong: ``charge.not-asked``, ``charge.unknown-code``,
    ``charge.ended``, ``charge.age``, ``charge.not-only-contraceptives``, ``charge.evidence-missing``,
    ``charge.certificate-missing``, ``charge.certificate-ended``, ``charge.not-declared``,
    ``charge.not-signed``.
    """
    if declared is None or not declared.code:
        raise refuse("charge.not-asked", "Ask whether the prescription charge is paid, or why not",
                     place="exemption")  # fmt: skip
    exemption = charges.exemptions.get(declared.code)
    if exemption is None:
        raise refuse(
            "charge.unknown-code", f"“{declared.code}” is no exemption that we know", place="exemption"
        )
    free = {
        item.item: charges.free_lines[code]
        for item in items
        for code in item.endorsements
        if code in charges.free_lines
    }
    wrong = tuple(_wrong(exemption, declared, age=patient.age(on=on), on=on, paper=paper))
    if exemption.code == FREE_CONTRACEPTIVES and len(free) < len(items):
        wrong += (
            Refusal("charge.not-only-contraceptives",
                    "Not every item was prescribed as a free contraceptive, so this does not cover them all",
                    "exemption", "Choose whether the charge is paid for the others, or why not."),
        )  # fmt: skip
    if wrong:
        raise Refused(*wrong)
    paid = tuple(item.item for item in items if item.item not in free) if exemption.pays else ()
    asked = paper and not (exemption.proven_by_birth and patient.age(on=on) is not None)
    return Charged(exemption, declared, paid, free, charges.pence(on=on), True if asked else None)


FREE_CONTRACEPTIVES = "0010"


def worth_a_certificate(certificate: Price, item_pence: int) -> int:
    """From how many items a prepayment certificate costs no more than the charges."""
    return -(-certificate.pence // item_pence)


def _wrong(
    exemption: Exemption, declared: Declared, *, age: int | None, on: date, paper: bool
) -> Iterator[Refusal]:
    if exemption.ended is not None and on > exemption.ended:
        yield Refusal(
            "charge.ended", f"{exemption.words} has not been an exemption since {exemption.ended:%d-%b-%Y}",
            "exemption", "Choose another one, or take the charge.",
        )  # fmt: skip
    if not exemption.fits(age):
        yield Refusal("charge.age", f"The patient is {age}, which is not {exemption.words.lower()}",
                      "exemption", "Choose another one, or put the date of birth right.")  # fmt: skip
    shown_by_birth = exemption.proven_by_birth and age is not None
    asked_to_see = exemption.evidence or (exemption.proven_by_birth and age is None)
    if asked_to_see and declared.evidence is None:
        what = exemption.evidence or "proof of age, since the date of birth is not known,"
        yield Refusal("charge.evidence-missing", f"Say whether {what} was seen", "evidence")
    if exemption.certificate and declared.evidence is Evidence.SEEN and declared.certificate_ends is None:
        yield Refusal("charge.certificate-missing", "Say until when the certificate is valid",
                      "certificate ends")  # fmt: skip
    if declared.certificate_ends is not None and declared.certificate_ends < on:
        yield Refusal(
            "charge.certificate-ended", f"The certificate ended on {declared.certificate_ends:%d-%b-%Y}",
            "certificate ends", "Take the charge; it can be claimed back with a receipt.",
        )  # fmt: skip
    if not shown_by_birth and declared.by is None:
        who = "pays the charge" if exemption.pays else "declares it"
        yield Refusal("charge.not-declared", f"Say who {who}", "declared by")
    if paper and not shown_by_birth and not declared.signed:
        yield Refusal("charge.not-signed", "The declaration on the back of the form is not signed", "signed",
                      "Ask whoever declares, or pays, to fill in and sign the back of the form.")  # fmt: skip


def _exemption(each: Definition) -> Exemption:
    doubt = d.entry(each, "doubt", fields=frozenset({"since", "words"})) if "doubt" in each.body else None
    return Exemption(
        code=d.text(each, "code"),
        display=d.text(each, "display"),
        words=d.text(each, "words"),
        pays=d.flag(each, "pays"),
        ages=_ages(each),
        proven_by_birth=d.flag(each, "proven_by_birth"),
        evidence=d.text(each, "evidence") if "evidence" in each.body else "",
        certificate=d.flag(each, "certificate"),
        doubt=d.text(doubt, "words") if doubt else "",
        doubt_since=d.day(doubt, "since") if doubt else None,
        ended=d.day(each, "ended") if "ended" in each.body else None,
    )


def _ages(each: Definition) -> tuple[int, int] | None:
    value = each.body.get("ages")
    if value is None:
        return None
    if not (isinstance(value, list) and len(value) == 2 and all(type(age) is int for age in value)):
        raise d.wrong(each, "ages", "is the least and the greatest age in whole years")
    return value[0], value[1]


def _price(each: Definition) -> Price:
    name = d.text(each, "name") if "name" in each.body else ""
    return Price(d.number(each, "pence"), d.day(each, "from"), d.day(each, "to"), name)
