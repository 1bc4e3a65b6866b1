"""Messages posted by a program: the same action as an upload, with a key instead of a person."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import answers, messages
from pestle.web.store import tokens

KINDS = ("application/json", "application/fhir+json")
_REFUSED = {
    "command.key-reused": 409, "messages.role": 403, "request.role": 403, "sheet.no-practice": 403,
    "answer.unknown": 404,
}  # fmt: skip
_STATUS = {"accepted": 201, "duplicate": 200, "refused": 422, "not_for_us": 202}
# The names of keys that we derive: a post of the same bytes by the same program is the same command.
_SPACE = uuid.UUID("6f1d5a86-6f2c-5a7c-9a55-0f6f3c1e7d10")


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> JsonResponse:
    """Files the body as a message and says what became of it; see README.md beside this file."""

    def do(by: Person, now: datetime, key: str, data: bytes) -> JsonResponse:
        outcome = messages.receive(by=by, now=now, key=key, data=data, name="", way="post")
        return JsonResponse(dict(outcome.result), status=_STATUS[outcome.result["outcome"]])

    return posted(request, do)


@csrf_exempt
@login_not_required
@require_POST
def answer(request: HttpRequest, message_id: int) -> JsonResponse:
    """Files the body as the service's answer to a message of ours, and says what it was."""

    def do(by: Person, now: datetime, key: str, data: bytes) -> JsonResponse:
        outcome = answers.take_answer(
            by=by, now=now, key=key, message_id=message_id, data=data, name="", way="post"
        )
        said = dict(outcome.result)
        return JsonResponse({"outcome": "accepted" if said["accepted"] else "refused", **said}, status=201)

    return posted(request, do, about=f":{message_id}")


def posted(
    request: HttpRequest,
    do: Callable[[Person, datetime, str, bytes], JsonResponse],
    *,
    about: str = "",
    refusals: Callable[[int, Iterable[Refusal]], JsonResponse] | None = None,
) -> JsonResponse:
    """What a program posts with a key that holds is done; whatever stands in the way is said by `refusals`,
    by default as this door says it. The same bytes `about` something else are another command."""
    now = datetime.now(UTC)
    say = refusals or _refusals
    by = _holder(request, now=now)
    if by is None:
        refused = say(401, [Refusal("token.unknown", "A key that holds is needed")])
        refused["WWW-Authenticate"] = 'Bearer realm="pestle"'
        return refused
    if request.content_type not in KINDS:
        return say(415, [Refusal("messages.media-type", f"Send {' or '.join(KINDS)}", "Content-Type")])
    try:
        data = request.body
        return do(by, now, _key(request, by, data, about), data)
    except RequestDataTooBig:
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
        return say(413, [Refusal("messages.too-large", f"A message has at most {size} MB", "body")])
    except Refused as refused_:
        return say(_REFUSED.get(refused_.rule, 400), refused_.refusals)


def _holder(request: HttpRequest, *, now: datetime) -> Person | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not secret.strip():
        return None
    return tokens.holder(secret.strip(), now=now)


def _key(request: HttpRequest, by: Person, data: bytes, about: str) -> str:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return str(uuid.uuid5(_SPACE, f"{by.id}:{hashlib.sha256(data).hexdigest()}{about}"))
    try:
        return str(uuid.UUID(given))
    except ValueError:
        raise refuse("messages.key", "The key of a command is a UUID", place="Idempotency-Key") from None


def _refusals(status: int, refusals: Iterable[Refusal]) -> JsonResponse:
    said: list[dict[str, Any]] = [
        {"rule": one.rule, "reason": one.reason, "place": one.place, "way_out": one.way_out}
        for one in refusals
    ]
    answer = {
        "outcome": "not_filed",
        "summary": said[0]["reason"],
        "refusals": said,
        "prescriptions": [],
        "message": None,
    }
    return JsonResponse(answer, status=status)
