"""Nothing that only POSIX has is needed to import or to write."""

import os
import subprocess
import sys

import pytest

WITHOUT_POSIX = """
import sys
for name in ("fcntl", "pwd", "grp", "resource", "termios"):
    sys.modules[name] = None
import ovcf.cli, ovcf.cli.streams, ovcf.files.workspace
from ovcf.files import exchange, result_folder
import {more}
"""


@pytest.mark.parametrize("more", ["ovcf.files.result_file", "ovcf.cli.terminal", "ovcf.imaging.pixels"])
def test_imports_without_what_only_posix_has(more):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX.format(more=more)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
