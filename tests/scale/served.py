"""A served site for measurements: one server process on loopback, and what a browser would ask of it."""

from __future__ import annotations

import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """A signed-in person's connection, kept open as a browser keeps it."""

    def __init__(self, port: int, *, username: str, password: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._cookies: dict[str, str] = {}
        self._token = ""
        self.get("/sign-in/")
        self.post("/sign-in/", {"login": username, "password": password})
        if self.get("/")[0] != 200:
            raise RuntimeError(f"{username} could not sign in")

    def get(self, path: str) -> tuple[int, str]:
        """The answer's status and text."""
        return self._ask("GET", path, None)

    def post(
        self,
        path: str,
        fields: Mapping[str, str | Sequence[str]],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Sends a form."""
        body = urlencode({"csrfmiddlewaretoken": self._token, **fields}, doseq=True)
        return self._ask("POST", path, body, headers)

    def _ask(
        self, method: str, path: str, body: str | None, more: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        headers |= more or {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, path, body=body, headers=headers)
            answer = self._connection.getresponse()
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            # The server has closed a connection on which nothing came for long; a browser opens another.
            self._connection.close()
            self._connection.request(method, path, body=body, headers=headers)
            answer = self._connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self._cookies[name] = value
        token = _TOKEN.search(text)
        if token:
            self._token = token.group(1)
        return answer.status, text


class _Form(HTMLParser):
    """What a browser would send from the form with an action, before anybody typed."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._inside, self._select, self._area = action, False, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = said.get("action") == self._action
        name = said.get("name", "")
        if not self._inside:
            return
        if (
            tag == "input"
            and name
            and (said.get("type") not in ("checkbox", "radio", "submit") or "checked" in said)
        ):
            self.fields[name] = said.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in said or self._select not in self.fields):
            self.fields[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area


def form(page: str, action: str) -> dict[str, str]:
    """The fields of a page's form as they stand."""
    parser = _Form(action)
    parser.feed(page)
    if not parser.fields:
        raise RuntimeError(f"the page has no form for {action}")
    return parser.fields


@contextmanager
def served() -> Iterator[int]:
    """Serves the site of the environment's database with one process; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pestle.cli", "serve", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def said(name: str, seconds: Sequence[float]) -> str:
    """One line of figures: how many a second, and the median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return (
        f"{name:<34} {len(seconds) / sum(seconds):8.1f} /s   p50 {statistics.median(ordered) * 1e3:7.1f} ms"
        f"   p95 {p95 * 1e3:7.1f} ms\n"
    )
