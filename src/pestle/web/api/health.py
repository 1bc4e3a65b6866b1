"""Can this server do its work? For whoever watches it: no name, no number, no secret."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from pestle import __version__
from pestle.pharmacy.refusal import Refused
from pestle.web.store import append_only
from pestle.web.store.knowledge import dictionary

log = logging.getLogger("pestle.health")


@login_not_required
@require_GET
def show(request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503: ``{"status", "database", "append_only", "release", "version"}``.

    `append_only` is false when a table that may only grow is not protected; `release` is the medicines
    dictionary's, null when it cannot be read.
    """
    database, protected = _database()
    release = _release()
    well = database and protected and release is not None
    return JsonResponse(
        {
            "status": "ok" if well else "failing",
            "database": database,
            "append_only": protected,
            "release": release,
            "version": __version__,
        },
        status=200 if well else 503,
    )


def _database() -> tuple[bool, bool]:
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        return True, not append_only.missing(connection)
    except Error:
        log.exception("health: the database does not answer")
        return False, False


def _release() -> str | None:
    try:
        return dictionary().release.id
    except Refused:
        log.exception("health: the dictionary cannot be read")
        return None
