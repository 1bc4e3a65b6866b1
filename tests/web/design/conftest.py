"""The browser of the browser tests, and the sample pages served to it."""

from collections.abc import Iterator

import pytest
from tests.browser.conftest import axe, browser_context_args, browser_type_launch_args
from tests.web.design.pages import all_pages, scan_answer
from tests.web.design.site import Served, serving

__all__ = ["axe", "browser_context_args", "browser_type_launch_args", "served"]


@pytest.fixture(scope="session")
def sample_pages() -> dict[str, str]:
    """Every sample page by name, and what a scan of a pack is answered with."""
    return {**all_pages(), "scan-pack": scan_answer()}


@pytest.fixture
def served(sample_pages: dict[str, str]) -> Iterator[Served]:
    """The sample pages, each at its name."""
    with serving(sample_pages) as site:
        yield site
