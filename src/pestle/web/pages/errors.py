"""What a person reads when an address, a form or the server fails. Nothing of the request is repeated."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception, **_: Any) -> HttpResponse:
    """400: the request could not be read."""
    return _page("400.html", 400)


def forbidden(request: HttpRequest, exception: Exception, **_: Any) -> HttpResponse:
    """403: not with this role, or not with this form."""
    return _page("403.html", 403)


def not_found(request: HttpRequest, exception: Exception, **_: Any) -> HttpResponse:
    """404: nothing here, or the work of another site."""
    return _page("404.html", 404)


def forms_only(request: HttpRequest) -> HttpResponse:
    """405: somebody came by address, or reloaded, where only a form goes."""
    return _page("405.html", 405)


def server_error(request: HttpRequest, **_: Any) -> HttpResponse:
    """500: our fault."""
    return _page("500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form did not come from a page of ours, or its session ended."""
    return _page("403.html", 403)


def _page(template: str, status: int) -> HttpResponse:
    # Without the request: whatever failed, the page must not fail on it again.
    return HttpResponse(render_to_string(template), status=status)
