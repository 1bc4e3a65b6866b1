"""Messages: received, looked at, and worked through when they could not be taken in whole."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as flashes
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import answers, releases
from pestle.web.actions import messages as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.store import messages, models, request_sheets, scans, traffic_lights
from pestle.wire.fhir.tree import dump, parse

MOST_BYTES = 10 * 1024 * 1024
# A browser shows this much at once; the rest is in the file.
MOST_SHOWN = 400_000

_TABS = (
    ("open", "To work through"),
    ("refused", "All refused"),
    ("in", "In"),
    ("out", "Out"),
    ("all", "All"),
)
_KINDS = {
    "prescription-order": "Prescription",
    "release-response": "Release of prescriptions",
    "prescription-order-update": "Cancellation",
    "prescription-order-response": "Answer to a cancellation",
    "dispense-notification": "Dispense notification",
    "not-read": "Could not be read",
    "Claim": "Claim for payment",
    "Task": "Task of the service",
    "Task search": "Answer of the tracker",
    "OperationOutcome": "Answer of the service",
    "release request": "Request for a release",
    messages.SUPPLIER_ANSWER: "Supplier’s answer to an order",
    messages.TEMPERATURES: "Temperatures of a logger",
    "typed-prescription": "Prescription typed in",
    "scan": "Scan of a prescription",
    request_sheets.KIND: "Requests for repeats",
    request_sheets.DOCUMENT: "Document beside requests",
    traffic_lights.KIND: "Local list of traffic lights",
    traffic_lights.DOCUMENT: "Shared-care agreement",
}
_OUTCOMES = {
    "accepted": ("done", "✓", "Accepted"),
    "duplicate": ("note", "●", "Held already"),
    "not_for_us": ("note", "●", "Not for us"),
    "refused": ("interrupt", "◆", "Refused"),
    "sent": ("done", "✓", "Ready to send"),
}
_WAYS = {
    "upload": "uploaded",
    "command": "by command",
    "post": "posted by a program",
    "again": "tried again",
    "download": "to be downloaded",
    "typed": "typed in",
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Messages in and out, newest first."""
    bench = at_bench(request)
    view = request.GET.get("show", "all")
    view = view if view in messages.VIEWS else "all"
    found = messages.listed(bench.site.pk, view=view, page=_number(request.GET.get("page", "1")))
    return page(
        request,
        "messages/index.jinja",
        bench,
        section="messages",
        view=view,
        found=found,
        rows=[_row(row) for row in found.rows],
        tabs=[
            {
                "label": label,
                "href": _href(name),
                "count": found.counts[name],
                "current": name == view,
                "alarm": False,
            }
            for name, label in _TABS
        ],
        hrefs={number: _href(view, number) for number in range(1, found.pages + 1)},
        total=found.counts[view],
        may_receive=bench.person.has(*actions.MAY_RECEIVE),
    )


@require_POST
def ask_for_release(request: HttpRequest) -> HttpResponse:
    """Makes the message that asks the service for one prescription, or for all that nominate the site."""
    bench = at_bench(request)
    outcome, refusals = attempt(
        lambda: releases.ask_for_release(
            by=bench.person, now=bench.now, key=key_of(request), number=request.POST.get("number", "")[:40]
        )
    )
    if outcome is None:
        return _upload_page(request, bench, ids=[], refusals=list(refusals), status=422)
    flashes.success(request, "Made: download the file, send it, and receive what the service answers.")
    return SeeOther(reverse("message", kwargs={"message_id": outcome.result["message"]}))


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Several files at once, each judged by itself; then what became of each."""
    bench = at_bench(request)
    if request.method == "GET":
        ids = [
            int(part) for part in request.GET.get("of", "").split(",") if part.isascii() and part.isdigit()
        ]
        return _upload_page(request, bench, ids=ids)
    filed: list[int] = []
    refusals: list[Refusal] = []
    files = request.FILES.getlist("files")
    if not files:
        refusals.append(Refusal("messages.no-file", "No file was chosen", "files"))
    for number, file in enumerate(files):
        try:
            filed.append(_receive(request, bench, file, number))
        except Refused as refused:
            name = file.name or "a file without a name"
            refusals += [
                Refusal(one.rule, f"{name}: {one.reason}", one.place, one.way_out) for one in refused.refusals
            ]
            if refused.rule in ("messages.role", "command.no-key"):
                break
    if refusals:
        return _upload_page(request, bench, ids=filed, refusals=refusals, status=422)
    of = urlencode({"of": ",".join(str(pk) for pk in filed)}, safe=",")
    return SeeOther(f"{reverse('upload-messages')}?{of}")


@require_GET
def show(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message: what it is, what became of it, the whole of it, and the way out if it was refused."""
    bench = at_bench(request)
    return _show(request, bench, _message(bench, message_id))


@require_GET
def download(request: HttpRequest, message_id: int) -> HttpResponse:
    """The message as it came or went, byte for byte."""
    bench = at_bench(request)
    message = _message(bench, message_id)
    if message.kind == scans.KIND:
        return SeeOther(reverse("scan-file", kwargs={"scan_id": message.pk}))
    # Our own name: a sender's file name may name a patient.
    name = f"message-{message.pk}.{'csv' if message.kind in messages.FILES else 'json'}"
    return HttpResponse(
        bytes(message.body),
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def try_again(request: HttpRequest, message_id: int) -> HttpResponse:
    """Receives the same bytes once more, as a message of their own in place of the refused one."""
    bench = at_bench(request)
    message = _message(bench, message_id)
    outcome, refusals = attempt(lambda: _again(request, bench, message))
    if outcome is None:
        return _show(request, bench, message, refusals=refusals, status=422)
    result = outcome.result
    if result["refusals"]:
        flashes.warning(request, f"Still refused: {result['summary']}")
    else:
        flashes.success(request, f"Taken in now: {result['summary']}.")
    return SeeOther(reverse("message", kwargs={"message_id": result["message"]}))


@require_POST
def answer(request: HttpRequest, message_id: int) -> HttpResponse:
    """Takes in what the service answered to a message of ours."""
    bench = at_bench(request)
    message = _message(bench, message_id)
    file = request.FILES.get("file")

    def do() -> Outcome:
        if file is None:
            raise refuse("messages.no-file", "Choose the file with the answer", place="file")
        if (file.size or 0) > MOST_BYTES:
            raise refuse("messages.too-large", "A message has at most 10 MB", place="file")
        return answers.take_answer(
            by=bench.person, now=bench.now, key=key_of(request), message_id=message.pk, data=file.read(),
            name=file.name or "", way="upload",
        )  # fmt: skip

    outcome, refusals = attempt(do)
    if outcome is None:
        return _show(request, bench, message, refusals=refusals, status=422)
    if outcome.result["accepted"]:
        flashes.success(request, "The service accepted it.")
        return SeeOther(reverse("message", kwargs={"message_id": message.pk}))
    flashes.warning(request, "The service refused it. Work through what it refused.")
    return SeeOther(reverse("message", kwargs={"message_id": outcome.result["message"]}))


@require_POST
def close(request: HttpRequest, message_id: int) -> HttpResponse:
    """Ends the work on a refused message, with what was done; then the next one."""
    bench = at_bench(request)
    message = _message(bench, message_id)
    note = request.POST.get("note", "")
    outcome, refusals = attempt(
        lambda: actions.close_refused(
            by=bench.person, now=bench.now, key=key_of(request), message_id=message.pk, note=note
        )
    )
    if outcome is None:
        return _show(request, bench, message, refusals=refusals, status=422, note=note)
    following, waiting = messages.next_open(bench.site.pk, but=message.pk)
    if following is None:
        flashes.success(request, "Closed. No refused message waits any more.")
        return SeeOther(_href("open"))
    flashes.success(request, f"Closed. {waiting} more to work through; this is the next.")
    return SeeOther(reverse("message", kwargs={"message_id": following}))


def _again(request: HttpRequest, bench: Bench, message: models.Message) -> Any:
    key = key_of(request)
    task = getattr(message, "task", None)
    if task is None:
        raise Refused(Refusal("messages.not-refused", "This message was not refused"))
    if message.kind in messages.FILES:
        raise Refused(Refusal("messages.not-again", "This file is no message of the prescription service",
                              way_out="Put the file right, and take it in where it belongs."))  # fmt: skip
    outcome = actions.receive(
        by=bench.person, now=bench.now, key=key, data=bytes(message.body), name=message.name, way="again"
    )
    if task.closed_at is None:
        actions.close_refused(
            by=bench.person,
            now=bench.now,
            key=key,
            message_id=message.pk,
            note=f"Tried again as message {outcome.result['message']}",
        )
    return outcome


def _receive(request: HttpRequest, bench: Bench, file: UploadedFile[Any], number: int) -> int:
    if (file.size or 0) > MOST_BYTES:
        raise Refused(Refusal("messages.too-large", "A message has at most 10 MB", "files"))
    key = str(uuid.uuid5(uuid.UUID(key_of(request)), str(number)))
    outcome = actions.receive(
        by=bench.person, now=bench.now, key=key, data=file.read(), name=file.name or "", way="upload"
    )
    return int(outcome.result["message"])


def _upload_page(
    request: HttpRequest,
    bench: Bench,
    *,
    ids: list[int],
    refusals: list[Refusal] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = [_row(row) for row in messages.some(bench.site.pk, ids)]
    return page(
        request,
        "messages/upload.jinja",
        bench,
        section="messages",
        status=status,
        rows=rows,
        refusals=refusals or (),
        may_receive=bench.person.has(*actions.MAY_RECEIVE),
        first_open=next((row for row in rows if row["open"]), None),
    )


def _show(
    request: HttpRequest,
    bench: Bench,
    message: models.Message,
    *,
    refusals: tuple[Refusal, ...] = (),
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    task = getattr(message, "task", None)
    following, waiting = messages.next_open(bench.site.pk, but=message.pk)
    is_scan = message.kind == scans.KIND
    text, cut = ("", False) if is_scan else _written(bytes(message.body))
    return page(
        request,
        "messages/show.jinja",
        bench,
        section="messages",
        status=status,
        refusals=refusals,
        note=note,
        message=message,
        row=_row(message),
        task=task,
        is_open=task is not None and task.closed_at is None,
        again=message.kind not in messages.FILES,
        is_scan=is_scan,
        text=text,
        cut=cut,
        size=len(message.body),
        next_open=following,
        waiting=waiting,
        answers=_answers(message),
        answers_to=getattr(message, "answers_to", None),
        may_answer=message.direction == "out" and message.kind in answers.ANSWERED,
        may_receive=bench.person.has(*actions.MAY_RECEIVE),
        prescriptions=[
            {
                "href": reverse("prescription", kwargs={"prescription_id": one.pk}),
                "number": one.number,
                "patient": name_of(one.patient),
                "step": DISPENSING.step(one.step).title,
            }
            for one in messages.prescriptions(message)
        ],
    )


def _answers(message: models.Message) -> list[dict[str, Any]]:
    """What the service said to it, the newest last."""
    found = message.answers.select_related("message").defer("message__body").order_by("pk")
    return [
        {"href": reverse("message", kwargs={"message_id": one.message_id}), "at": one.at,
         "accepted": one.accepted, "summary": one.message.summary}
        for one in found
    ]  # fmt: skip


def _row(message: models.Message) -> dict[str, Any]:
    task = getattr(message, "task", None)
    tone, shape, word = _OUTCOMES[message.outcome]
    return {
        "id": message.pk,
        "href": reverse("message", kwargs={"message_id": message.pk}),
        "at": message.at,
        "direction": "in" if message.direction == "in" else "out",
        "kind": _KINDS.get(message.kind, message.kind.replace("-", " ").capitalize()),
        "tone": tone,
        "shape": shape,
        "word": word,
        "summary": _summary(message),
        "name": message.name,
        "way": _WAYS.get(message.way, message.way),
        "open": task is not None and task.closed_at is None,
        "closed": task is not None and task.closed_at is not None,
    }


def _summary(message: models.Message) -> str:
    """The one reason itself, where there is only one; else how many of what."""
    if message.outcome == "refused" and len(message.refusals) == 1:
        return str(message.refusals[0]["reason"])
    return message.summary


def _written(body: bytes) -> tuple[str, bool]:
    """The message as a person can read it, nothing changed but the space between; whether it was cut."""
    try:
        text = dump(parse(body)).decode()
    except Refused:
        text = body.decode("utf-8", errors="replace")
    return text[:MOST_SHOWN], len(text) > MOST_SHOWN


def _message(bench: Bench, message_id: int) -> models.Message:
    message = messages.one(bench.site.pk, message_id)
    if message is None:
        raise Http404
    return message


def _href(view: str, number: int = 1) -> str:
    asked = {"show": view, **({"page": str(number)} if number > 1 else {})}
    return f"{reverse('messages')}?{urlencode(asked)}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
