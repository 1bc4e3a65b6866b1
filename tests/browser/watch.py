"""What goes wrong behind a page, where nobody looks: broken scripts, refused content, other hosts."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

# What a browser writes about an answer of 4xx, which is how the site refuses.
_A_REFUSAL = "Failed to load resource: the server responded with a status of 4"


class Watch:
    """Listens to pages of one site. `faults` says what was heard, in words."""

    def __init__(self, site: str) -> None:
        self.host = urlsplit(site).netloc
        self.faults: list[str] = []

    def over(self, page: Page) -> None:
        """Listens to this page from now on."""
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("crash", lambda _: self.faults.append(f"{page.url} crashed"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_A_REFUSAL):
            place = message.location
            self.faults.append(f"{place['url']}:{place['lineNumber']}: {message.text}")

    def _request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("data", "blob", "about") and asked.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")
