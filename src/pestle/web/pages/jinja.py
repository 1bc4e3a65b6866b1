"""How do our templates become pages?

Two environments that share one door. Ours is strict: a name that does not exist, or a None that reaches the
page, raises instead of leaving a blank where a fact should stand. The NHS furniture (`nhsuk/…`,
nhsuk-frontend-jinja) is written for chainable undefined values: its own environment renders it.

Times are shown in the zone that Django has active for the request: the site's.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from jinja2 import (
    ChainableUndefined,
    Environment,
    PackageLoader,
    StrictUndefined,
    Template,
    UndefinedError,
    pass_context,
)
from jinja2.runtime import Context

from pestle.pharmacy.record.patient import age_words
from pestle.web.pages import words
from pestle.web.pages.pack_words import name_words


class PageEnvironment(Environment):
    """Our templates, strict; names that begin with ``nhsuk/`` come from the furniture's environment."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "undefined": StrictUndefined, "finalize": _said,
                            "trim_blocks": True, "lstrip_blocks": True, "autoescape": True})  # fmt: skip
        self.furniture = Environment(
            loader=PackageLoader("nhsuk_frontend_jinja"),
            undefined=ChainableUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=True,
        )

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        """The template of that name; raises TemplateNotFound."""
        if isinstance(name, str) and name.startswith("nhsuk/"):
            return self.furniture.get_template(name)
        return super().get_template(name, parent, globals)


def environment(**options: Any) -> PageEnvironment:
    """The environment that Django's Jinja2 backend asks for (setting TEMPLATES, OPTIONS, "environment")."""
    env = PageEnvironment(**options)
    env.globals.update(static=static, url=_url)
    env.filters.update(
        short_date=words.short_date,
        weekday=words.weekday,
        long_date=words.long_date,
        clock=_zoned(words.clock),
        date_and_time=_zoned(words.date_and_time),
        near_time=_near_time,
        waiting=_waiting,
        nhs_number=words.nhs_number_words,
        gender=words.gender_words,
        amount=words.amount,
        count=words.count,
        medicine_name=name_words,
        age=lambda born, on: age_words(born, on=on),
    )
    return env


@pass_context
def _said(context: Context, value: Any) -> Any:
    if value is None:
        raise UndefinedError(f"None reached the page in {context.name}: say in words what is not known")
    return value


def _url(name: str, **arguments: Any) -> str:
    return reverse(name, kwargs=arguments or None)


def _zoned(say: Callable[..., str]) -> Callable[[datetime | None], str]:
    return lambda moment: say(moment, zone=timezone.get_current_timezone())


def _near_time(moment: datetime | None, now: datetime) -> str:
    return words.near_time(moment, now=now, zone=timezone.get_current_timezone())


def _waiting(since: datetime | None, now: datetime) -> str:
    return words.waiting(since, now=now)
