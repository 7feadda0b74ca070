"""Some hundred damaged inputs of every kind; ``make fuzz`` runs thousands, and whole studies."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_damaged_inputs_end_in_an_image_or_a_message():
    run = [sys.executable, "-m", "bench.inputs.fuzz", "--cases", "360", "--whole", "0"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "360 files and 0 studies: 0 findings" in done.stdout
