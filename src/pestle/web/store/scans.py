"""Scans and photos of prescriptions: what kind of file is it, and which belong to what?"""

from __future__ import annotations

from django.db.models import QuerySet

from pestle.web.store import models

KIND = "scan"
# By how the file begins; nothing else is kept, whatever its name says.
_TYPES = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"%PDF-", "application/pdf", "pdf"),
)
ACCEPT = "image/jpeg,image/png,application/pdf"


def media_type(data: bytes) -> tuple[str, str] | None:
    """The media type and the ending of a scan; None for anything else."""
    return next(((media, ending) for begins, media, ending in _TYPES if data.startswith(begins)), None)


def scan(site_id: int, message_id: int) -> models.Message | None:
    """The scan with its file; None when it is not the site's."""
    return models.Message.objects.filter(site=site_id, pk=message_id, kind=KIND).first()


def loose(site_id: int, message_ids: list[int]) -> QuerySet[models.Message]:
    """Those of these scans that no prescription has yet."""
    return models.Message.objects.filter(site=site_id, pk__in=message_ids, kind=KIND, scan=None)


def of(row: models.Prescription) -> list[models.Message]:
    """The scans of a prescription without their files, in the order in which they came."""
    return [one.message for one in row.scans.select_related("message").defer("message__body").order_by("pk")]
