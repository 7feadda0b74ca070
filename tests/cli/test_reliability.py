"""From a table of two readers to the smallest detectable change that follow-up judges by."""

import re

import pytest

from ovcf.follow_up.reliability import read_reliability
from tests.cli.test_follow_up import entered  # noqa: F401

# Bland and Altman's first peak flows by the Wright meter and the mini meter are public; here the six subjects and first
# two judges of Shrout and Fleiss (1979), table 2, whose mean squares can be computed by hand.
JUDGES = "Patient,A,B\n1,9,2\n2,6,1\n3,8,4\n4,7,1\n5,10,5\n6,6,2\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text(JUDGES)
    return path


def test_the_error_of_readers_flows_into_follow_up(command, table, entered, tmp_path):  # noqa: F811
    out = tmp_path / "readers.toml"
    code, printed, error = command(
        "cohort",
        "agreement",
        table,
        "--readings",
        "A",
        "B",
        "--quantity",
        "local kyphosis angle",
        "--source",
        "Shrout and Fleiss",
        "--reliability",
        out,
        "--out",
        tmp_path / "agreement",
    )
    assert code == 0, error
    (found,) = read_reliability(out).values()
    # Differences 7 5 4 6 5 4: mean 31/6, so by hand the variance of the error is 41/60 (SSE 3.4167 / 5), that of the
    # judges (80.083 - 0.6833) / 6, and SEM (agreement) the root of their sum.
    assert found.sem == pytest.approx(((41 / 60) + (80.0833 - 41 / 60) / 6) ** 0.5, abs=1e-3)
    assert (found.subjects, found.readers) == (6, 2)
    code, printed, error = command("follow-up", *entered, "--reliability", out, "--out", tmp_path / "follow-up")
    assert code == 0, error
    assert re.search(
        r"kyphosis angle: .*6\.4°, within the error of measurement \(smallest detectable .* own readers\)", printed
    )
    assert "Shrout and Fleiss" in (tmp_path / "follow-up" / "follow-up.html").read_text()


def test_a_second_measure_is_added_and_an_unknown_one_refused(command, table, tmp_path):
    out = tmp_path / "readers.toml"
    for quantity in ("local kyphosis angle", "vertebral height loss"):
        code, _, error = command(
            "cohort",
            "agreement",
            table,
            "--readings",
            "A",
            "B",
            "--quantity",
            quantity,
            "--source",
            "x",
            "--reliability",
            out,
            "--out",
            tmp_path / "agreement",
        )
        assert code == 0, error
    assert len(read_reliability(out)) == 2
    code, _, error = command(
        "cohort",
        "agreement",
        table,
        "--readings",
        "A",
        "B",
        "--quantity",
        "Cobb",
        "--reliability",
        out,
        "--source",
        "x",
    )
    assert code == 2
    assert "local kyphosis angle" in error
    code, _, error = command("cohort", "agreement", table, "--readings", "A", "B", "--reliability", out)
    assert code == 2
    assert "--source" in error
