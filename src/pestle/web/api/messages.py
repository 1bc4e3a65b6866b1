"""Messages posted by a program: the same action as an upload, with a key instead of a person."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
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
from pestle.web.actions import messages
from pestle.web.store import tokens

KINDS = ("application/json", "application/fhir+json")
_STATUS = {"accepted": 201, "duplicate": 200, "refused": 422, "not_for_us": 202}
# The names of keys that we derive: a post of the same bytes by the same program is the same command.
_SPACE = uuid.UUID("6f1d5a86-6f2c-5a7c-9a55-0f6f3c1e7d10")


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest) -> JsonResponse:
    """Files the body as a message and says what became of it; see README.md beside this file."""
    now = datetime.now(UTC)
    by = _holder(request, now=now)
    if by is None:
        answer = _refusals(401, [Refusal("token.unknown", "A key that holds is needed")])
        answer["WWW-Authenticate"] = 'Bearer realm="pestle"'
        return answer
    if request.content_type not in KINDS:
        return _refusals(415, [Refusal("messages.media-type", f"Send {' or '.join(KINDS)}", "Content-Type")])
    try:
        data = request.body
        key = _key(request, by, data)
        outcome = messages.receive(by=by, now=now, key=key, data=data, name="", way="post")
    except RequestDataTooBig:
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024)
        return _refusals(413, [Refusal("messages.too-large", f"A message has at most {size} MB", "body")])
    except Refused as refused:
        status = (
            409 if refused.rule == "command.key-reused" else 403 if refused.rule == "messages.role" else 400
        )
        return _refusals(status, refused.refusals)
    return JsonResponse(dict(outcome.result), status=_STATUS[outcome.result["outcome"]])


def _holder(request: HttpRequest, *, now: datetime) -> Person | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not secret.strip():
        return None
    return tokens.holder(secret.strip(), now=now)


def _key(request: HttpRequest, by: Person, data: bytes) -> str:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return str(uuid.uuid5(_SPACE, f"{by.id}:{hashlib.sha256(data).hexdigest()}"))
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
