"""The one command: what an administrator, a script or a curious person asks Pestle on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pestle.cli.options import parser
from pestle.pharmacy.refusal import Refusal, Refused

WRONG_SETTING = 2
REFUSED = 1
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code: 0 well, 1 refused or broken, 2 a wrong setting or option."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except Refused as refused:
        for refusal in refused.refusals:
            sys.stderr.write(f"pestle: {_line(refusal)}\n")
        return WRONG_SETTING if refused.rule.startswith("setting.") else REFUSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _line(refusal: Refusal) -> str:
    """Reason, place unless the reason names it, way out, rule: in one line."""
    place = f" ({refusal.place})" if refusal.place and refusal.place not in refusal.reason else ""
    way_out = f" {refusal.way_out}" if refusal.way_out else ""
    return f"{refusal.reason.rstrip('.')}{place}.{way_out} [{refusal.rule}]"
