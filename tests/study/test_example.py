"""The simulated study of three hospitals runs from its protocol to locked data, in small."""

import csv
import subprocess
import sys

import pytest

from ovcf.follow_up.reliability import read_reliability
from ovcf.follow_up.visit import Quantity
from ovcf.registry.store import Registry
from ovcf.study.conduct.studies import study_named
from ovcf.study.data.database_lock import verify
from tests.documents import ROOT


@pytest.mark.slow
def test_from_protocol_to_locked_data(tmp_path):
    out = tmp_path / "out"
    script = ROOT / "examples" / "study" / "run.py"
    done = subprocess.run([sys.executable, script, out, "--patients", "5"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Merged BER: 5 patients" in done.stdout
    with (out / "patients.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["centre"] for row in rows} == {"AKH", "BER", "CHU"}
    # Readers' points err by 0.8 mm: by error propagation on bodies of 28 mm, height loss errs by 2 to 4 points.
    assert 1.0 < read_reliability(out / "our-readers.toml")[Quantity.HEIGHT_LOSS].sem < 6.0
    for made in ("validation/report.html", "reliability/report.html", "flow.svg", "flow.csv"):
        assert (out / made).stat().st_size > 300
    registry = Registry.open(out / "sites" / "AKH" / "data")
    with registry.reading() as session:
        assert verify(session, study_named(session)) == []
    registry.close()
