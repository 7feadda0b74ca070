"""What somebody tries first: a whole study in one command, its MRI alone, its film as a picture, a scale."""

import json
import re

import numpy as np
import pydicom
import pytest
from PIL import Image

from ovcf.anatomy import Level
from ovcf.phantom.recipe import read_recipe
from tests.cli.test_measure_and_schema import EXAMPLES
from tests.made import looked_at_once, made_patient  # noqa: F401  # the first is a fixture

MRI = ("T1", "T2", "STIR")


@pytest.fixture(scope="module")
def visit(tmp_path_factory, looked_at_once):  # noqa: F811
    """The digital patient of the README, as `make demo` leaves it."""
    return made_patient(read_recipe(EXAMPLES / "phantom.toml"), tmp_path_factory)[0]


@pytest.fixture
def ovcf(command, tmp_path):
    def run(*arguments):
        code, printed, error = command("assess", *arguments, "--out", tmp_path / "report")
        report = tmp_path / "report" / "assessment.json"
        return code, " ".join(printed.split()), error, json.loads(report.read_text()) if report.exists() else {}

    return run


def values(result, level="L1"):
    """By method and image."""
    return {
        (m["method"]["id"], m["source"]["modality"]): m["value"] for m in result["measurements"] if level in m["levels"]
    }


@pytest.fixture(scope="module")
def film(visit, tmp_path_factory):
    """Its radiograph as a JPEG, and the true millimetres of a pixel at the spine."""
    tags = pydicom.dcmread(next((visit / "study" / "DX").glob("*.dcm")))
    pixels = tags.pixel_array.astype(float)
    path = tmp_path_factory.mktemp("film") / "lateral.jpg"
    Image.fromarray((255 * pixels / pixels.max()).astype(np.uint8)).save(path, quality=95)
    return path, float(tags.ImagerPixelSpacing[0]) / float(tags.EstimatedRadiographicMagnificationFactor)


def test_a_study_of_radiograph_and_mri_is_measured_whole_without_a_question(ovcf, visit):
    code, printed, _, result = ovcf(visit / "study", "--clinical", visit / "case.toml")
    assert code == 0
    assert result["questions"] == []
    found = values(result)
    (true,) = json.loads((visit / "truth" / "truth.json").read_text())["drawn"]["fractures"]
    assert {("vhl-han", "radiograph"), ("vhl-han", "MR"), ("bme-percent", "MR")} <= set(found)
    assert "levels as on the radiograph" in json.dumps(result["notes"])
    assert found["bme-percent", "MR"] == pytest.approx(true["edema_percent"], abs=6)
    for modality in ("radiograph", "MR"):
        assert found["vhl-han", modality] == pytest.approx(true["vhl_percent"], abs=8)
    assert "NASOVCF" in printed


def test_a_wrong_answer_for_the_mri_is_noticed_by_the_radiograph(ovcf, visit):
    code, printed, _, result = ovcf(visit / "study", "--level", "11=L4", "--fracture", "L1")
    assert code == 0
    (warning,) = [w for w in result["warnings"] if "name their vertebrae differently" in w]
    film, volume = re.search(r"([TL]\d+) of the radiograph is ([TL]\d+) there", warning).groups()
    assert Level(film).rank - Level(volume).rank == 1
    assert "Check the input: radiograph and PHANTOM T2 TSE SAG seem to name" in printed


def test_mri_alone_is_asked_about_with_a_numbered_picture_and_one_answer_is_enough(ovcf, visit, tmp_path, monkeypatch):
    images = [visit / "study" / name for name in MRI]
    code, printed, _, result = ovcf(*images, "--clinical", visit / "case.toml")
    assert code == 0
    (question,) = result["questions"]
    assert question["bodies"][-1]["number"] == 11
    picture = tmp_path / "report" / "which-level-1.png"
    assert "--level 11=" in printed
    assert Image.open(picture).size[1] == 1000
    monkeypatch.setattr("ovcf.cli.question.can_ask", lambda: True)
    monkeypatch.setattr("sys.stdin", iter_lines("L5\n"))
    code, printed, asked, result = ovcf(*images, "--clinical", visit / "case.toml")
    assert code == 0
    assert "Which level is body 11?" in asked
    assert result["questions"] == []
    assert ("vhl-han", "MR") in values(result)
    assert result["provenance"]["command"].endswith("--level=11=L5")
    assert not picture.exists()


def test_a_film_as_a_picture_gives_ratios_and_angles_and_lengths_only_with_a_scale(ovcf, visit, film):
    path, mm = film
    code, _, _, result = ovcf(path, "--level", f"11={Level.L5}", "--fracture", "L1")
    assert code == 0
    bare = values(result)
    units = {m["method"]["id"]: m["unit"] for m in result["measurements"]}
    assert units["hp"] == "{pixel}"
    assert "vhl-han" in units
    assert any("lengths are in pixels" in reason for reason in result["series"][0]["reasons"])
    for scale in (("--pixel-mm", f"{mm:.5f}"), ("--calibrate", f"100,100,100,900,{800 * mm:.3f}")):
        code, _, _, result = ovcf(path, "--level", f"11={Level.L5}", "--fracture", "L1", *scale)
        assert code == 0
        units = {m["method"]["id"]: m["unit"] for m in result["measurements"]}
        assert units["hp"] == "mm"
        true = json.loads((visit / "truth" / "landmarks.json").read_text())
        (body,) = [v for v in true["vertebrae"] if v["level"] == "L1"]
        hp = np.linalg.norm(np.subtract(body["inferior_posterior"], body["superior_posterior"]))
        assert values(result)["hp", "radiograph"] == pytest.approx(hp, rel=0.1)
        assert values(result)["vhl-han", "radiograph"] == pytest.approx(bare["vhl-han", "radiograph"], abs=4)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--pixel-mm", "14"), "from 0.02 to 10"),
        (("--calibrate", "1,2,3"), "five numbers"),
        (("--calibrate", "10,10,12,12,100"), "too short"),
        (("--calibrate", "10,10,10,90000,100"), "Y2"),
        (("--calibrate", "10,10,10,400,0.0"), "length in mm"),
        (("--pixel-mm", "0.2", "--calibrate", "10,10,10,400,100"), "twice"),
    ],
)
def test_a_scale_that_cannot_be(ovcf, film, option, words):
    code, _, error, result = ovcf(film[0], *option)
    assert (code, result) == (2, {})
    assert words in error


def test_a_scale_without_a_film_it_could_be_for(ovcf, visit):
    code, _, error, _ = ovcf(visit / "study" / "T2", "--pixel-mm", "0.2")
    assert code == 2
    assert "no radiograph" in error


def iter_lines(*lines):
    """A terminal on which these lines are typed."""
    import io

    return io.StringIO("".join(lines))
