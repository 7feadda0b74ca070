"""SPINEPS and TotalSpineSeg run as programs: what they write is read, what goes wrong is said plainly.

Small programs with their command lines and output layouts (SPINEPS 2.1.3, TotalSpineSeg 20260807) stand in for them;
where the real ones are installed, they are called too.
"""

import shutil
import stat
import sys
import time
from pathlib import Path
from textwrap import dedent

import nibabel
import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import EngineError, GridMismatchError, LabelSchemeError, SeriesChoiceError
from ovcf.imaging.files.nifti_files import read_nifti
from ovcf.imaging.study import Role
from ovcf.segmentation.engine import engine_named
from ovcf.segmentation.engines import spineps, totalspineseg
from ovcf.segmentation.engines.program import ExternalEngine
from tests.tptbox import tptbox

PROGRAMS = {module.PROGRAM.command: module.PROGRAM for module in (spineps, totalspineseg)}
SPINEPS = """
    import argparse, pathlib
    parser = argparse.ArgumentParser()
    parser.add_argument("cmd", choices=["sample"])
    parser.add_argument("--input", required=True)
    parser.add_argument("--model-semantic", required=True, choices=["t2w", "t1w", "vibe", "ct"])
    parser.add_argument("--model-instance", default="instance", choices=["instance", "ct_instance"])
    parser.add_argument("--model-labeling", default="t2w_labeling", choices=["t2w_labeling", "ct_labeling"])
    parser.add_argument("--ignore-inference-compatibility", action="store_true")
    parser.add_argument("--cpu", action="store_true")
    image = pathlib.Path(parser.parse_args().input)
    subject, contrast = image.name[:-7].split("_")
    out = image.parent / "derivatives_seg"
    out.mkdir()
    write(out / f"{subject}_mod-{contrast}_seg-vert_msk.nii.gz", "vert", image)
    write(out / f"{subject}_mod-{contrast}_seg-spine_msk.nii.gz", "parts", image)
"""
TOTALSPINESEG = """
    import argparse, pathlib
    parser = argparse.ArgumentParser()
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--keep-only", "-k", nargs="+", default=[""])
    args = parser.parse_args()
    out = args.output / "step2_output"
    out.mkdir(parents=True)
    write(out / args.input.name, "together", args.input)
"""
LEVELS = {Level.L2, Level.L3, Level.L4}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The maps of the three-level T2 sample, numbered as each program numbers L2 to L4."""
    folder = tmp_path_factory.mktemp("maps")
    vert, parts = (nibabel.load(tptbox(f"sub-mri_seg-{k}_label-6_msk.nii.gz")) for k in ("vert", "subreg"))
    v, p = (np.asarray(m.dataobj).astype(np.int16) for m in (vert, parts))
    together = np.where(p == 61, 2, np.where(p == 60, 1, 0))
    for number, total in {5: 42, 6: 43, 7: 44, 105: 93, 106: 94}.items():
        together[v == number] = total
    for name, voxels in (("vert", np.where(v, v + 16, 0)), ("parts", p), ("cervical", v), ("together", together)):
        nibabel.save(nibabel.Nifti1Image(voxels.astype(np.uint8), vert.affine), folder / f"{name}.nii.gz")
    return folder


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Install a program of this text where the environment variable names it; its version is 9.8."""

    def install(command, text, maps="."):
        script = tmp_path / "env" / "bin" / command
        script.parent.mkdir(parents=True)
        script.write_text(f"#!{sys.executable}\n{WRITE.format(maps=maps)}{dedent(text)}")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        info = tmp_path / "env" / "lib" / "python3.11" / "site-packages" / f"{command}-9.8.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {command.upper()}\nVersion: 9.8\n")
        monkeypatch.setenv(PROGRAMS[command].variable, str(script))
        return engine_named(command)

    return install


WRITE = """
def write(path, kind, image):
    import pathlib, shutil
    assert image.is_file()
    shutil.copy(pathlib.Path("{maps}") / (kind + ".nii.gz"), path)
"""


def sample():
    return read_nifti(tptbox("sub-mri_label-6_T2w.nii.gz"))[0]


@pytest.mark.parametrize(("command", "text"), [("spineps", SPINEPS), ("totalspineseg", TOTALSPINESEG)])
def test_bodies_and_levels_are_the_programs_own(stand_in, drawn, command, text):
    engine, image = stand_in(command, text, drawn), sample()
    found = engine.segment(image, Role.T2, name="T2")
    assert set(found.levels.values()) == LEVELS
    assert found.labels.same_grid(image)
    assert found.made_by == engine.name == f"{PROGRAMS[command].title} 9.8"
    assert any("cite" in note for note in found.notes)
    true = np.asarray(nibabel.load(drawn / "vert.nii.gz").dataobj) == 22
    body = true & (np.asarray(nibabel.load(drawn / "parts.nii.gz").dataobj) == 49)
    mine = found.mask(Level.L3)
    assert 2 * (mine & body).sum() / (mine.sum() + body.sum()) > 0.85
    assert found.canal is not None
    assert found.discs is not None
    assert found.discs.voxels.any()
    assert found.sacrum is not None


@pytest.mark.parametrize("role", [Role.T1, Role.STIR, Role.FS_T2, Role.CT])
def test_every_contrast_gets_models_that_spineps_has(stand_in, drawn, role):
    assert set(stand_in("spineps", SPINEPS, drawn).segment(sample(), role).levels.values()) == LEVELS


def test_the_whole_line_needs_no_level_and_names_the_program(stand_in, drawn, tmp_path):
    from ovcf.workflow.from_files import assess

    stand_in("spineps", SPINEPS, drawn)
    path = tptbox("sub-mri_label-6_T2w.nii.gz")
    made = assess(path, roles={path.name: "sagittal T2"}, engine="spineps", fracture="L3")
    (spine,) = made.landmarks
    assert Level.L3 in spine
    assert spine.vertebrae[0].source.placed_by == "SPINEPS 9.8"


def test_a_level_that_a_person_names_goes_first(stand_in, drawn):
    found = stand_in("spineps", SPINEPS, drawn).segment(sample(), Role.T2, anchors={22: Level.L2})
    assert set(found.levels.values()) == {Level.L1, Level.L2, Level.L3}


def test_impossible_names_are_not_believed(stand_in, drawn):
    (drawn / "wrong").mkdir()
    shutil.copy(drawn / "cervical.nii.gz", drawn / "wrong" / "vert.nii.gz")
    shutil.copy(drawn / "parts.nii.gz", drawn / "wrong" / "parts.nii.gz")
    with pytest.raises(LabelSchemeError, match=r"C5 to C6 would be 27 mm.*State the level of one label"):
        stand_in("spineps", SPINEPS, drawn / "wrong").segment(sample(), Role.T2)


def test_a_program_that_is_not_there_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("OVCF_SPINEPS", raising=False)
    with pytest.raises(EngineError, match=r"not installed.*pip install \"spineps\".*OVCF_SPINEPS"):
        engine_named("spineps").segment(sample(), Role.T2)
    monkeypatch.setenv("OVCF_TOTALSPINESEG", "/nowhere/totalspineseg")
    with pytest.raises(EngineError, match="OVCF_TOTALSPINESEG names no program"):
        _ = engine_named("totalspineseg").name


# The last lines that the real programs printed on a machine without a network.
SPINEPS_SAID = """urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>
RuntimeError: Failed to download model 't2w' from https://github.com/Hendrik-code/spineps/releases/download/v1.0.9/t2w.zip:
could not download the model weights from https://github.com/Hendrik-code/spineps/releases/download/v1.0.9/t2w.zip"""
TOTALSPINESEG_SAID = "urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>"


@pytest.mark.parametrize(
    ("command", "printed", "folder"),
    [
        ("spineps", SPINEPS_SAID, "SPINEPS_SEGMENTOR_MODELS"),
        ("totalspineseg", TOTALSPINESEG_SAID, "TOTALSPINESEG_DATA"),
    ],
)
def test_missing_weights_are_recognised(stand_in, command, printed, folder):
    with pytest.raises(EngineError, match=f"could not get its model weights .*not known.*{folder}.*built-in model"):
        stand_in(command, f"import sys; sys.exit({printed!r})").segment(sample(), Role.T2)


def test_a_failure_is_told_in_the_programs_own_words_and_all_it_printed_is_kept(stand_in):
    text = "import sys; print('Loading'); print('10 %\\r90 %\\r\\x1b[31mCUDA out of memory\\x1b[0m'); sys.exit(3)"
    with pytest.raises(EngineError, match=r"exit code 3\): CUDA out of memory; all it printed") as error:
        stand_in("spineps", text).segment(sample(), Role.T2)
    kept = Path(error.value.problem.rpartition(" ")[2])
    assert kept.read_text().startswith("Loading")
    kept.unlink()


def test_a_program_that_writes_nothing_is_no_success(stand_in):
    with pytest.raises(EngineError, match=r"without writing sub-ovcf_T2w.nii.gz \(no spine here\)") as error:
        stand_in("totalspineseg", "print('no spine here')").segment(sample(), Role.T2)
    Path(error.value.problem.rpartition(" ")[2]).unlink()


def test_maps_on_another_grid_are_refused(stand_in, drawn):
    (drawn / "half").mkdir()
    for name in ("vert", "parts"):
        image = nibabel.load(drawn / f"{name}.nii.gz")
        nibabel.save(image.slicer[::2], drawn / "half" / f"{name}.nii.gz")
    with pytest.raises(GridMismatchError, match="on another grid"):
        stand_in("spineps", SPINEPS, drawn / "half").segment(sample(), Role.T2)


def test_a_run_without_end_is_ended_with_every_worker_it_started(stand_in, tmp_path):
    text = f"""
        import subprocess, sys, time
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3); open({str(tmp_path / "left")!r}, 'w')"])
        time.sleep(60)
    """
    engine = stand_in("spineps", text)
    began = time.monotonic()
    with pytest.raises(EngineError, match=r"stopped after.*OVCF_ENGINE_MINUTES") as error:
        ExternalEngine(program=engine.program, limit_minutes=1 / 60).segment(sample(), Role.T2)
    Path(error.value.problem.rpartition(" ")[2]).unlink()
    assert time.monotonic() - began < 3
    time.sleep(3)
    assert not (tmp_path / "left").exists()


def test_it_tells_what_it_does(stand_in, drawn):
    told = []
    engine = stand_in("spineps", SPINEPS, drawn)
    ExternalEngine(program=engine.program, progress=told.append).segment(sample(), Role.T2, name="T2 of today")
    assert told[0].startswith("SPINEPS 9.8 segments T2 of today")


def test_a_radiograph_is_not_for_them(stand_in):
    with pytest.raises(SeriesChoiceError, match="SPINEPS does not read"):
        stand_in("spineps", SPINEPS).segment(sample(), Role.RADIOGRAPH)


@pytest.mark.slow
@pytest.mark.parametrize("command", list(PROGRAMS))
def test_the_real_program_segments_or_says_that_it_has_no_weights(command):
    engine = engine_named(command)
    try:
        named = engine.name
    except EngineError as error:
        pytest.skip(f"{command} is not installed ({error.problem})")
    try:
        found = engine.segment(sample(), Role.T2)
    except EngineError as refused:
        said = refused.problem
    else:
        said = f"{len(found.levels)} bodies by {found.made_by}"
    assert said.startswith("could not get its model weights") or said == f"3 bodies by {named}"
