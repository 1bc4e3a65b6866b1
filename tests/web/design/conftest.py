"""The browser of the browser tests, and the sample pages served to it."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import axe, browser_context_args, browser_type_launch_args
from tests.web.design.pages import all_pages
from tests.web.design.site import Served, serving

__all__ = ["axe", "browser_context_args", "browser_type_launch_args", "served"]


@pytest.fixture
def served() -> Iterator[Served]:
    """The sample pages, each at its name."""
    with serving(all_pages()) as site:
        yield site
