"""The bill of materials: what a release holds is in it, and a part under the GPL stops it."""

import hashlib
import json
from pathlib import Path

import pytest

from scripts import sbom

MODEL = Path(__file__).parents[1] / "src/ovcf/segmentation/model"


def part(name, *licences, ref=None):
    said = [{"license": {"id": x}} if " " not in x else {"expression": x} for x in licences]
    return {"type": "library", "name": name, "version": "1", "bom-ref": ref or f"{name}==1", "licenses": said}


def bill(root, *parts, **needs):
    dependencies = [{"ref": ref.replace("_", "-"), "dependsOn": on} for ref, on in needs.items()]
    return {
        "metadata": {"component": {"name": root, "bom-ref": f"root-{root}"}},
        "components": list(parts),
        "dependencies": dependencies,
    }


def test_all_three_kinds_of_parts_are_needed_by_the_root():
    python = bill("ovcf", part("ovcf"), part("numpy"), root_ovcf=["ovcf==1"], numpy=[])
    python["dependencies"].append({"ref": "ovcf==1", "dependsOn": ["numpy==1"]})
    page = bill("ovcf-web", part("preact"), **{"root_ovcf-web": ["preact==1"]})
    made = sbom.merged(python, page, sbom.models())
    assert [c["name"] for c in made["components"] if c["type"] == "library"] == ["numpy", "preact"]
    (root,) = (d for d in made["dependencies"] if d["ref"] == "root-ovcf")
    assert set(root["dependsOn"]) == {"numpy==1", "preact==1", "model:spine.onnx", "model:radiograph.onnx"}


def test_a_model_is_known_by_its_digest():
    for model in sbom.models():
        name = model["bom-ref"].removeprefix("model:")
        assert model["hashes"][0]["content"] == hashlib.sha256((MODEL / name).read_bytes()).hexdigest()
        assert model["version"] == str(json.loads((MODEL / sbom.MODELS[name]).read_text(encoding="utf-8"))["version"])


@pytest.mark.parametrize(
    ("licences", "stopped"),
    [
        (["MIT"], False),
        (["GPL-3.0-only"], True),
        (["AGPL-3.0-or-later"], True),
        (["LGPL-2.1-only"], False),
        (["MIT OR GPL-3.0-only"], False),
        (["GNU General Public License v3"], True),
        ([], False),
        (["GNU Lesser General Public License v3"], False),
        (["BSD-3-Clause", "MIT"], False),
    ],
)
def test_the_gpl_is_not_shipped(licences, stopped):
    assert bool(sbom.forbidden({"components": [part("x", *licences)]})) is stopped
