"""The photo, scan or PDF beside something that came, shown as it was kept."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from pestle.web.store import models, scans


def document_file(message: models.Message | None, *, name: str) -> HttpResponse:
    """The file of a message under a name of ours, since a sender's may name a patient. Raises `Http404`."""
    found = scans.media_type(bytes(message.body)) if message else None
    if message is None or found is None:
        raise Http404
    media, ending = found
    named = f'inline; filename="{name}-{message.pk}.{ending}"'
    return HttpResponse(bytes(message.body), content_type=media, headers={"Content-Disposition": named})
