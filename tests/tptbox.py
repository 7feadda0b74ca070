"""The real sample images of the TPTBox wheel, fetched by ``make samples``; tests skip where they are absent."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "build" / "tptbox"


def tptbox(name: str) -> Path:
    """The path of one sample file, or a skip that says how to get it."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"needs {name}: run `make samples`")
    return path
