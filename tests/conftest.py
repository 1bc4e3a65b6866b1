"""What every test may ask for."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of public sample messages and tables, named by PESTLE_SAMPLES.

    Without the setting the test is skipped; where it is set, a folder that is missing is a failure.
    """
    folder = os.environ.get("PESTLE_SAMPLES")
    if not folder:
        pytest.skip("PESTLE_SAMPLES is not set: no public samples to test against")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"PESTLE_SAMPLES names {folder}, which is not a folder")
    return path
