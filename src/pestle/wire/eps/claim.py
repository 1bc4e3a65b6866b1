"""Is this claim for payment one that the service would take?

Claims are made and sent elsewhere; one that arrives is only judged by the rule that an example of the service
is refused by. Source: NHSDigital/electronic-prescription-service-api 77e80e11, examples (MIT, 2026-04-30).
"""

from __future__ import annotations

from pestle.pharmacy.refusal import Refusal, Refused
from pestle.wire.eps.systems import DISPENSER_ENDORSEMENT
from pestle.wire.fhir.element import Element


def check_claim(claim: Element) -> None:
    """Whether each claimed item has a dispenser endorsement, if only "none" (NDEC).

    Raises `Refused` (``eps.claim-endorsement``) with every item that has none.
    """
    refusals = [
        Refusal(
            "eps.claim-endorsement",
            "A claimed item has a dispenser endorsement code, if only NDEC for none",
            detail.at("programCode"),
        )
        for item in claim.each("item")
        for detail in item.each("detail")
        if not any(
            program.where("coding", "system", DISPENSER_ENDORSEMENT) for program in detail.each("programCode")
        )
    ]
    if refusals:
        raise Refused(*refusals)
