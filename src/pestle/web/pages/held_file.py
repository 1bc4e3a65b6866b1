"""A file that was looked at and is not taken in yet waits in the form that says yes to it."""

from __future__ import annotations

import base64
import binascii
import zlib

from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.tree import MAX_BYTES

_MOST_PACKED = 2_000_000


def packed(data: bytes) -> str:
    """The file as a field of a form. Raises `Refused` (``file.too-large``)."""
    text = base64.b64encode(zlib.compress(data)).decode()
    if len(text) > _MOST_PACKED:
        raise refuse("file.too-large", "The file is too large to be looked at first", place="file",
                     way_out="Ask the sender for less in one file.")  # fmt: skip
    return text


def unpacked(text: str) -> bytes:
    """The file that waited. Raises `Refused` (``file.not-whole``) for anything else."""
    try:
        opened = zlib.decompressobj()
        return opened.decompress(base64.b64decode(text, validate=True), MAX_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError):
        raise refuse("file.not-whole", "The file did not come back whole", place="file",
                     way_out="Choose it again.") from None  # fmt: skip
