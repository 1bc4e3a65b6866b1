"""Serves rendered pages and our static files from this machine, under the site's content security policy."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.web.design.pages import TEMPLATES

STATIC = Path(TEMPLATES).parent / "static"
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
RECEIVED = (
    "<!DOCTYPE html><html lang=en><title>Received</title><link rel=icon href=/static/pestle/favicon.svg>"
)
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass
class Served:
    """Where the pages stand, and what was posted: (path, fields)."""

    address: str
    posted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(pages: dict[str, str]) -> Iterator[Served]:
    """The pages at /name; any POST is written down and answered by the page it names, else an empty one."""
    served = Served("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            path = urlsplit(self.path).path
            if path.startswith("/static/"):
                self._file(path.removeprefix("/static/"))
            else:
                body = pages.get(path.strip("/"))
                self._answer(
                    200 if body else 404, "text/html; charset=utf-8", (body or "nothing here").encode()
                )

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            served.posted.append((self.path, dict(parse_qsl(text, keep_blank_values=True))))
            body = pages.get(self.path.strip("/"), RECEIVED)
            self._answer(200, "text/html; charset=utf-8", body.encode())

        def _file(self, path: str) -> None:
            file = _htmx() / path if path.startswith("django_htmx/") else STATIC / path
            if file.is_file():
                self._answer(200, KINDS[file.suffix], file.read_bytes())
            else:
                self._answer(404, "text/plain", b"no such file")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: what was asked is in `served`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _htmx() -> Path:
    spec = importlib.util.find_spec("django_htmx")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"
