"""The files for schedulers: what the page shows is the file, Kubernetes takes it, and it calls what there is."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "examples" / "batch").iterdir())
VALIDATE = ROOT / "build" / "kubernetes-validate" / "bin" / "kubernetes-validate"


@pytest.fixture
def called(tmp_path, monkeypatch):
    """What a script calls ``ovcf`` with; ``srun`` calls what it is given."""
    for name, does in {"ovcf": 'echo "$@"', "srun": '"$@"'}.items():
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    def run(*command, **variables):
        return subprocess.run(
            command, env={**os.environ, **variables}, check=True, capture_output=True, text=True
        ).stdout

    return run


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_page_shows_the_file(path):
    assert path.read_text("utf-8") in (ROOT / "docs" / "how-to" / "batch.md").read_text("utf-8")


@pytest.mark.skipif(not VALIDATE.exists(), reason="no schemas of Kubernetes: make build/kubernetes-validate/.ready")
@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".yaml"], ids=lambda path: path.name)
def test_kubernetes_takes_the_manifest(path, tmp_path):
    subprocess.run([VALIDATE, "--strict", path], check=True, capture_output=True)
    wrong = tmp_path / path.name
    wrong.write_text(re.sub(r"(parallelism|replicas): \d+", r"\1: many", path.read_text("utf-8"), count=1))
    assert subprocess.run([VALIDATE, "--strict", wrong], check=False, capture_output=True).returncode


def test_a_task_of_a_slurm_array_does_its_own_shard(called):
    said = called(
        "bash",
        str(ROOT / "examples" / "batch" / "slurm-array.sh"),
        SLURM_ARRAY_TASK_ID="7",
        SHARDS="50",
        MANIFEST="studies.csv",
        RESULTS="/shared/results",
    )
    assert said.split() == ["batch", "work", "--manifest", "studies.csv", "--shard", "7/50", "--out", "/shared/results"]


@pytest.mark.parametrize(("index", "shard"), [("0", "1/50"), ("49", "50/50")])
def test_a_pod_of_an_indexed_job_does_its_own_shard(called, index, shard):
    text = (ROOT / "examples" / "batch" / "kubernetes-indexed-job.yaml").read_text("utf-8")
    (script,) = re.findall(r"- >-\n((?: {14}.*\n)+)", text)
    folded = " ".join(line.strip() for line in script.splitlines())
    assert f"--shard {shard} " in called("/bin/sh", "-c", folded, JOB_COMPLETION_INDEX=index)
    (completions,) = re.findall(r"completions: (\d+)", text)
    assert shard.endswith(f"/{completions}")
