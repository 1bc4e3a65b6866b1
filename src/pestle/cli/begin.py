"""What most commands do first: check the settings, start Django, find the site and who acts."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pestle.pharmacy.refusal import refuse
from pestle.web import environment

if TYPE_CHECKING:
    from pestle.pharmacy.people import Person
    from pestle.web.environment import Environment
    from pestle.web.store import models


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def settings() -> Environment:
    """The settings, checked. Raises `Refused` (``setting.…``) for a wrong one."""
    return environment.read(os.environ)


def start(*, migrated: bool = True) -> None:
    """Starts Django with checked settings and a database that answers.

    Raises `Refused`: ``setting.…``, ``store.unreachable``, and with `migrated` ``store.not-migrated``.
    """
    settings()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
    import django

    try:
        django.setup()
    except OSError as error:
        raise refuse("setting.wrong", f"PESTLE_HOME: {error.strerror}: {error.filename}") from None
    missing = lacking()
    if migrated and missing:
        raise refuse("store.not-migrated", f"The database lacks {missing} migrations",
                     way_out="Run “pestle migrate”.")  # fmt: skip


def lacking() -> int:
    """How many migrations the database lacks. Raises `Refused` (``store.unreachable``)."""
    from django.db import Error, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error as error:
        why = str(error).strip().splitlines()[0]
        raise refuse(
            "store.unreachable",
            f"The database does not answer: {why}",
            place="PESTLE_DATABASE_URL",
            way_out="Start it, or correct the setting.",
        ) from None


def site_of(code: str) -> models.Site:
    from pestle.web.store import models

    site = models.Site.objects.filter(code=code).first()
    if site is None:
        known = ", ".join(models.Site.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise refuse("site.unknown", f"There is no site {code}", place="--site", way_out=f"Sites: {known}.")
    return site


def acting(site: models.Site, username: str | None) -> Person:
    """The named user, or the program itself."""
    from pestle.web.actions.setting_up import program
    from pestle.web.store import models, people

    if username is None:
        return program(site)
    user = models.User.objects.filter(username=username).first()
    person = people.person(user, site.pk) if user else None
    if person is None:
        raise refuse(
            "person.unknown", f"Nobody with the user name {username} works at {site.code}", place="--as"
        )
    return person
