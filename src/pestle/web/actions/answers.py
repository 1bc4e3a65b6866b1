"""What the service answers to a message of ours is taken in, and what it refused waits for a person."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions.messages import MAY_RECEIVE
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.taking_back import reopen
from pestle.web.store import messages, models
from pestle.wire.eps.outcome import Answer, read_answer, told
from pestle.wire.fhir.tree import parse

# Which of our messages the service answers, and what becomes of one that it refused.
_WAY_OUT = {
    "dispense-notification": "Put right what it refused, and tell the service of the supply again.",
    "Claim": "Put right what it refused, and make the claim again.",
    "Task": "What was to be taken back stands as it was.",
    "prescription-order-response": "Telephone the prescriber.",
    "release request": "Where another dispenser has it, telephone them; else tell the patient.",
}
ANSWERED = frozenset(_WAY_OUT)


def take_answer(
    *, by: Person, now: datetime, key: str, message_id: int, data: bytes, name: str, way: str
) -> Outcome:
    """Takes in what the service answered to a message of ours. Refused: it waits in the list of refused
    messages, and a prescription that was to be returned is taken up again where it was left.

    Raises `Refused`: ``messages.role``, ``messages.empty``, ``answer.unknown``, and what cannot be read.
    """
    called = name.encode(errors="replace").decode().replace("\x00", "?")

    def do() -> Deed:
        if not by.has(*MAY_RECEIVE):
            raise refuse("messages.role", f"Messages are for the dispensary; you are signed in as {by.title}")
        if not data:
            raise refuse("messages.empty", "The file is empty", place="file")
        about = models.Message.objects.filter(pk=message_id, site=by.site_id, direction="out").first()
        if about is None or about.kind not in _WAY_OUT:
            raise refuse("answer.unknown", "This is no message of ours that the service answers")
        said = read_answer(parse(data))
        message = models.Message.objects.create(
            site_id=by.site_id, direction="in", way=way, name=called[:200], kind="OperationOutcome",
            body=data, digest=hashlib.sha256(data).hexdigest(), at=now,
            outcome="accepted" if said.accepted else "refused",
            summary=told(said.issues)[:300], refusals=_refusals(said, about.kind),
        )  # fmt: skip
        models.ServiceAnswer.objects.create(
            about=about, message=message, accepted=said.accepted, by_id=by.id, at=now
        )
        if not said.accepted:
            models.MessageTask.objects.create(message=message, site_id=by.site_id, opened_at=now)
        returned = models.ReturnToService.objects.filter(message=about).first()
        if returned is not None and not said.accepted:
            reopen(returned, now=now)
        detail = {"about": about.pk, "kind": about.kind, "accepted": said.accepted, "message": message.pk,
                  "issues": [issue.code for issue in said.issues]}  # fmt: skip
        result = {"message": message.pk, "accepted": said.accepted, "summary": message.summary}
        return Deed(_subject(about), detail, result)

    request = {"about": message_id, "digest": hashlib.sha256(data).hexdigest(), "way": way}
    return once("messages.take_answer", by=by, now=now, key=key, request=request, do=do)


def _refusals(said: Answer, kind: str) -> list[dict[str, str | None]]:
    if said.accepted:
        return []
    way_out = _WAY_OUT[kind]
    found = [Refusal("eps.answer-refused", str(one), one.code, way_out) for one in said.issues]
    return [
        {"rule": one.rule, "reason": one.reason, "place": one.place, "way_out": one.way_out} for one in found
    ]


def _subject(about: models.Message) -> str:
    """The prescription that the answered message is about, so that its story tells it."""
    of = messages.prescriptions(about)
    return f"prescription:{of[0].pk}" if of else f"message:{about.pk}"
