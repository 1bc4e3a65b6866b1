"""How does a page say what the local list has of a medicine?"""

from __future__ import annotations

from typing import Any

from pestle.pharmacy.practice.traffic_light import Light
from pestle.web.store.traffic_lights import Told

TONES = {
    Light.RED: ("stop", "■"),
    Light.GREY: ("stop", "■"),
    Light.SHARED_CARE: ("interrupt", "◆"),
    Light.AMBER: ("note", "●"),
    Light.GREEN: ("done", "✓"),
}


def light_of(told: Told) -> dict[str, Any]:
    """The light as a tag, everything that the list says in words, and where to read on."""
    if not told.entries:
        return {"tone": "unknown", "shape": "○", "word": "", "words": told.words, "link": "", "shared": False}
    first, several = told.apply[0], len({entry.light for entry in told.apply}) > 1
    tone, shape = ("interrupt", "◆") if several else TONES[first.light]
    return {
        "tone": tone, "shape": shape, "words": told.words, "shared": told.shared,
        "word": "By condition" if several else first.light.value.capitalize(),
        "link": first.link if first.link.startswith("https://") else "",
    }  # fmt: skip
