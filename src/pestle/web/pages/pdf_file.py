"""How does a paper leave, to be opened in the browser and printed?"""

from __future__ import annotations

from django.http import HttpResponse


def pdf_file(name: str, made: bytes) -> HttpResponse:
    """The paper, opened in place. `name` is the file's and holds nothing of a patient."""
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
