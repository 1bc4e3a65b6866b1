"""A real Chromium in front of a real site.

The site is the WSGI application itself, served by threads on a port of its own, on the test's own
copy of a database: `live_site` on the one the test asks for (`database` or `demo_database`, the
latter when it names neither).
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from tests.browser.watch import Watch

DOCS = Path(__file__).resolve().parents[2] / "docs"
# The pharmacy computer that every page is made for.
SCREEN = {"width": 1366, "height": 768}
QUIET_AND_ALONE = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium from PESTLE_CHROMIUM or the PATH; nothing is downloaded."""
    chromium = os.environ.get("PESTLE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.fail("No Chromium on the PATH; ./dev test installs one, or name it with PESTLE_CHROMIUM")
    return {**browser_type_launch_args, "executable_path": chromium, "args": QUIET_AND_ALONE}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The screen, language and clock of a pharmacy; nothing moves, so that colours are judged at rest."""
    return {
        **browser_context_args,
        "viewport": SCREEN,
        "reduced_motion": "reduce",
        "locale": "en-GB",
        "timezone_id": "Europe/London",
    }


@pytest.fixture
def live_site(request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve the site on this test's own database; gives its address, without a slash at the end."""
    request.getfixturevalue("database" if "database" in request.fixturenames else "demo_database")
    from django.core.servers.basehttp import ThreadedWSGIServer
    from django.test.testcases import QuietWSGIRequestHandler

    from pestle.web.wsgi import application

    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, name="live-site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def watch(live_site: str) -> Iterator[Watch]:
    """What went wrong behind the pages that it was shown; a fault at the end fails the test."""
    kept = Watch(live_site)
    yield kept
    if kept.faults:
        pytest.fail("\n".join(kept.faults))


@pytest.fixture
def colleague(
    live_site: str, new_context: Callable[..., BrowserContext], watch: Watch
) -> Callable[[str], Page]:
    """Seats somebody of the demo's people in front of a browser of their own: `colleague("tess")`.

    Nobody types a password here; the tests of signing in do.
    """

    # Here, because the settings are chosen after this file is read.
    from tests.browser.hands import at_once, signed_in

    def seat(username: str) -> Page:
        context = new_context(base_url=live_site)
        signed_in(context, username, live_site)
        at_once(context)
        page = context.new_page()
        watch.over(page)
        return page

    return seat


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Ask axe about a page: `axe(page)` fails on anything serious or critical, naming it and where."""
    engine = Axe()

    def check(page: Page) -> None:
        found = engine.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        grave = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: "
            + ", ".join(str(node["target"]) for node in violation["nodes"])
            for violation in found
            if violation["impact"] in GRAVE
        ]
        if grave:
            pytest.fail(f"{page.url} is not accessible:\n" + "\n".join(grave))

    return check


@pytest.fixture(scope="session")
def shot() -> Callable[[Page, str], None]:
    """Take a picture for the guides: `shot(page, "guides/technician/worklist.png")`, below docs/.

    Only with PESTLE_SHOTS=1, as ./dev shots sets it, so that an ordinary run changes no file.
    """

    def take(page: Page, path: str) -> None:
        if os.environ.get("PESTLE_SHOTS") == "1":
            page.screenshot(path=DOCS / path, animations="disabled", caret="initial")

    return take
