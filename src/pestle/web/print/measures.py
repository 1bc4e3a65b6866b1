"""How does the pack for a visit look on paper? A4: the rates, then for each measure its patients, the
reason and a box to write in, where there is no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pestle.web.print.typeset import pdf


@dataclass(frozen=True, slots=True)
class PackPatient:
    """One patient, in words."""

    name: str
    born: str
    number: str
    practice: str
    why: str
    since: str


@dataclass(frozen=True, slots=True)
class PackMeasure:
    """One measure, in words; `more` patients are found who are not on the paper."""

    title: str
    why: str
    rate: str
    interval: str
    since: str
    unsure: str
    unverified: bool
    patients: Sequence[PackPatient]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything that stands on the paper."""

    site: str
    source: str
    on: str
    printed: str
    measures: Sequence[PackMeasure]


def pack_pdf(pack: Pack) -> bytes:
    """The pack as PDF/UA-1; the same pack gives the same bytes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    return pdf(
        "measures.typ",
        {
            "site": pack.site,
            "source": pack.source,
            "on": pack.on,
            "printed": pack.printed,
            "measures": [
                {
                    "title": one.title,
                    "why": one.why,
                    "rate": one.rate,
                    "interval": one.interval,
                    "since": one.since,
                    "unsure": one.unsure,
                    "unverified": one.unverified,
                    "more": one.more,
                    "patients": [
                        {
                            "name": each.name, "born": each.born, "number": each.number,
                            "practice": each.practice, "why": each.why, "since": each.since,
                        }
                        for each in one.patients
                    ],
                }
                for one in pack.measures
            ],
        },
    )  # fmt: skip
