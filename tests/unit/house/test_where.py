"""The pages that are drawn from the code are true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("script", ["where.py", "workflows.py"])
def test_a_page_drawn_from_the_code_is_up_to_date(script: str) -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "docs" / script, "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
