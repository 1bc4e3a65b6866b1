"""The browser of the browser tests, and the sample pages served to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.browser.conftest import axe, browser_context_args, browser_type_launch_args

if TYPE_CHECKING:
    from tests.web.design.site import Served

__all__ = ["axe", "browser_context_args", "browser_type_launch_args", "served"]

# Where this folder alone is asked for it is read before Django is set up, and pages need its models: so they
# are imported where they are used.


@pytest.fixture(scope="session")
def sample_pages() -> dict[str, str]:
    """Every sample page by name, and what a scan of a pack is answered with."""
    from tests.web.design.pages import all_pages, scan_answer

    return {**all_pages(), "scan-pack": scan_answer()}


@pytest.fixture
def served(sample_pages: dict[str, str]) -> Iterator[Served]:
    """The sample pages, each at its name."""
    from tests.web.design.site import serving

    with serving(sample_pages) as site:
        yield site
