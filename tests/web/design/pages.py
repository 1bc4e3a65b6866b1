"""Renders our templates without a site: no database, no routes; addresses are their names."""

from datetime import tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from jinja2 import FileSystemLoader
from tests.web.design import samples

from pestle.web.pages import jinja

TEMPLATES = jinja.__file__.rsplit("/pages/", 1)[0] + "/templates"
LONDON: tzinfo = ZoneInfo("Europe/London")


@cache
def page_environment() -> jinja.PageEnvironment:
    """Ours, with addresses that need neither routes nor settings."""
    env = jinja.environment(loader=FileSystemLoader(TEMPLATES))
    env.globals.update(static=lambda path: f"/static/{path}", url=lambda name, **_: f"/{name}")
    return env


def render(template: str, context: dict[str, Any]) -> str:
    """The page, at the sample site's time."""
    if not settings.configured:
        settings.configure(USE_TZ=True, TIME_ZONE="UTC")
    with timezone.override(LONDON):
        return page_environment().get_template(template).render(context)


@cache
def all_pages() -> dict[str, str]:
    """Every page that this folder can make, by the name of its picture."""
    out = {"person": None}
    door = {**samples.context(), **out, "action": "/sign-in", "error": ""}
    change = {
        **samples.context(),
        "refusals": (),
        "flashes": [],
        "action": "/change-person",
        "error": "",
        "people": [
            {"id": "2", "name": "Adam Patel", "title": "pharmacist"},
            {"id": "3", "name": "Mei Lin", "title": "accuracy-checking technician"},
        ],
    }
    quiet: dict[str, Any] = {"flashes": [], "refusals": ()}
    return {
        "list": render("gallery.jinja", samples.context("list")),
        "work": render("gallery.jinja", samples.context("work")),
        "died": render(
            "gallery.jinja",
            samples.context("work", patient=samples.ADA_DIED, allergy_record=samples.ALLERGY_STATES[3]),
        ),
        "components": render("gallery.jinja", samples.context("components")),
        "sign-in": render("signin.jinja", door | quiet),
        "sign-in-refused": render("signin.jinja", door | quiet | {"error": "The password is wrong."}),
        "sign-in-locked": render("signin.jinja", door | quiet | {"locked_for": 5}),
        "sign-in-ended": render("signin.jinja", door | quiet | {"ended": True}),
        "change-person": render("change_person.jinja", change),
        "change-person-refused": render("change_person.jinja", change | {"error": "That PIN is wrong."}),
        **{name: render(f"{name}.html", {}) for name in ("400", "403", "404", "500")},
    }


def scan_answer() -> str:
    """The part of the page that takes the place of a scan box: the next box, with a fresh key."""
    box = page_environment().from_string(
        '{% from "components/scan.jinja" import scan_box %}<div id="scan-part">'
        '{{ scan_box("", "/scan-pack", key, "Scan the next pack", swap="#scan-part") }}</div>'
    )
    return box.render(key="00000000-0000-4000-8000-000000000004")
