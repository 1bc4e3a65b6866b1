"""How are log lines written? One JSON object a line, with nothing of a patient in it.

Messages name rules, routes and ids, never names, numbers or what was typed; tracebacks keep their places
and drop the values that an exception quotes.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def _place_only(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[1] is not None:
        event["error"] = type(error[1]).__name__
        event["at"] = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error[2])[-8:]
        ]
    return event


def _no_arguments(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # A library's own message may quote a request's values; only ours are known to be clean.
    record: logging.LogRecord = event["_record"]
    if not record.name.startswith("pestle"):
        event["event"] = str(record.msg)
        record.args = ()
    return event


def formatter() -> logging.Formatter:
    """The formatter of the `stderr` handler."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            _no_arguments,
            _place_only,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
    )
