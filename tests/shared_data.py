"""Real data that live outside the repository: tests that need them skip, with a reason, where they are absent."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(name: str) -> Path:
    """The path of a shared data folder or file, or a skip that says what is missing."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"needs the shared data {name}, expected in {FOLDER}")
    return path
