"""The prescription service is asked for prescriptions: one by its number, or all that nominate the site."""

from __future__ import annotations

import uuid
from datetime import datetime

from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.messages import MAY_RECEIVE
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, payment_messages, supplies
from pestle.web.store.notifications import organisation, performer
from pestle.wire.eps.people import named_once
from pestle.wire.eps.prescription_id import prescription_number
from pestle.wire.eps.release_request import ReleaseRequest, write_release_request
from pestle.wire.fhir.tree import dump

KIND = "release request"


def ask_for_release(*, by: Person, now: datetime, key: str, number: str = "") -> Outcome:
    """Makes the message that asks for the prescription with this number, as a token bears it; without one,
    for everything that nominates the pharmacy. It is downloaded and sent like every message of ours; what
    the service answers is received like every message.

    Raises `Refused`: ``messages.role``, ``release.held``, those of `prescription_number`.
    """

    def do() -> Deed:
        if not by.has(*MAY_RECEIVE):
            raise refuse("messages.role", f"Messages are for the dispensary; you are signed in as {by.title}")
        wanted = prescription_number(number.strip().upper(), place="number") if number.strip() else None
        if wanted and supplies.by_number(by.site_id, wanted) is not None:
            raise refuse("release.held", "We hold this prescription already", place="number",
                         way_out="Scan its token again: it opens the prescription.")  # fmt: skip
        site = models.Site.objects.get(pk=by.site_id)
        pharmacy = organisation(site)
        asked = ReleaseRequest(str(uuid.uuid4()), pharmacy, named_once(performer(by, pharmacy)), wanted)
        message = payment_messages.file(
            site, KIND, dump(write_release_request(asked)), now=now, name="release-request.json",
            summary=f"Asks for {wanted}" if wanted else "Asks for everything that nominates us",
        )  # fmt: skip
        detail = {"number": wanted, "message": message.pk}
        return Deed(f"message:{message.pk}", detail, {"message": message.pk})

    return once("messages.ask_for_release", by=by, now=now, key=key, request={"number": number}, do=do)
