"""Whoever looks at images with the shipped networks reports it to nobody."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("onnxruntime", reason="runs the shipped networks")


@pytest.mark.skipif(os.name != "posix", reason="looks for what onnxruntime keeps on POSIX systems")
def test_onnxruntime_keeps_no_identifier_of_the_machine_and_nothing_to_send(tmp_path):
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir()
    # Without what the environment says of a test or a build: there onnxruntime is silent of itself.
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temporary"),
    }
    command = (
        "from ovcf.segmentation.network.builtin_model import RADIOGRAPH, builtin_network as n; n(model=RADIOGRAPH)"
    )
    subprocess.run([sys.executable, "-c", command], env=environment, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
