"""What declares itself is listed, measured, documented and in the schema without a second file knowing of it."""

import hashlib
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from ovcf.measures import registry
from ovcf.report.assessment_schema import json_schema
from scripts import engine_page, measurement_page

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = (ROOT / "docs" / "how-to" / "add-a-measurement.md").read_text(encoding="utf-8")
EXAMPLES = (
    "src/ovcf/guidance/evidence/grading.toml",
    "src/ovcf/measures/shape/angle_above.py",
    "src/ovcf/measures/signal/t2_bone_quality.py",
    "tests/measures/shape/test_angle_above.py",
)
NEW = """
from ovcf.measures.declare import FromLandmarks, Points
from ovcf.measures.measurement import Method
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.units import Unit

MEASUREMENTS = (
    FromLandmarks(
        method=Method("mean-height", "Mean height", "(Ha + Hp) / 2", ("genant-1993",)), unit=Unit.MM, points=Points.OWN,
        function=lambda points: (anterior_height(points) + posterior_height(points)) / 2,
    ),
)
"""


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", HOW_TO, re.DOTALL)


@pytest.fixture
def one_more_file(tmp_path, monkeypatch):
    """A file more in the folder of shape measurements, read by a registry that starts anew."""
    import ovcf.measures.shape

    (tmp_path / "mean_height.py").write_text(NEW)
    monkeypatch.setattr(ovcf.measures.shape, "__path__", [*ovcf.measures.shape.__path__, str(tmp_path)])
    caches = (registry.measurements, registry._declared)
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()
    sys.modules.pop("ovcf.measures.shape.mean_height", None)


def test_a_declaration_in_a_new_file_is_measured_listed_and_in_the_schema(one_more_file, command):
    _, printed, _ = command("measure", ROOT / "examples" / "landmarks.json", "--level", "L1", "--json")
    value = {m["method"]["id"]: m["value"] for m in json.loads(printed)["measurements"]}
    assert value["mean-height"] == pytest.approx((value["ha"] + value["hp"]) / 2)
    assert json.loads(command("measurements", "--json")[1])["mean-height"]["points"] == "the vertebra"
    assert "mean-height" in json_schema()["$defs"]["Method"]["properties"]["id"]["enum"]


def test_the_page_of_measurements_is_what_the_declarations_say():
    page = measurement_page.page()
    written = (ROOT / "docs" / "measurements.md").read_text(encoding="utf-8")
    assert written == page, "run python -m scripts.measurement_page docs/measurements.md"


def test_the_page_of_engines_is_what_the_declarations_say():
    page = engine_page.page()
    written = (ROOT / "docs" / "engines.md").read_text(encoding="utf-8")
    assert written == page, "run python -m scripts.engine_page docs/engines.md"


def test_engines_are_listed_with_the_digest_of_the_model_they_run(command):
    found = json.loads(command("engines", "--json")[1])
    model = (ROOT / "src" / "ovcf" / "segmentation" / "model" / "spine.onnx").read_bytes()
    assert ["spine.onnx", hashlib.sha256(model).hexdigest()] in found["builtin"]["models"]
    assert "lateral radiograph" in found["builtin"]["reads"]
    assert found["totalspineseg"]["licence"].startswith("LGPL-3.0")
    assert "SPINEPS" in command("engines")[1]
    assert json.loads(command("schema", "engines")[1])["$defs"]["Published"]["properties"]["models"]


def test_an_engine_that_nobody_declared_is_refused_before_anything_is_read(command, tmp_path):
    code, _, error = command("assess", tmp_path / "nowhere", "--engine", "oracle")
    assert code == 2
    assert "'oracle' is not known" in error
    assert "builtin, labels, spineps, totalspineseg" in error


def test_the_list_says_what_each_needs(command):
    code, printed, _ = command("measurements")
    assert code == 0
    assert "landmarks of both neighbours" in " ".join(printed.split())


def test_the_schema_of_the_assessment_names_every_measurement(command):
    named = json.loads(command("schema", "assessment")[1])["$defs"]["Method"]["properties"]["id"]["enum"]
    assert named == sorted(registry.measurements())
    declared = json.loads(command("schema", "measurements")[1])["$defs"]["Published"]["properties"]
    assert {"unit", "needs", "points", "contrast", "finding"} <= set(declared)


@pytest.mark.parametrize("block", [*blocks("toml"), *blocks("python")])
def test_every_block_of_the_how_to_is_part_of_the_repository(block):
    assert any(block in (ROOT / file).read_text(encoding="utf-8") for file in EXAMPLES)


@pytest.mark.parametrize("line", blocks("sh")[0].splitlines())
def test_every_command_of_the_how_to_works(command, line, monkeypatch):
    monkeypatch.chdir(ROOT)
    code, printed, _ = command(*shlex.split(line)[1:])
    assert code == 0
    assert printed
