"""Every engine gives the same kind of result, and says plainly what it cannot do."""

import sys
from functools import cache

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import LabelSchemeError, MissingFileError, SeriesChoiceError
from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.segmentation.engine import BuiltinEngine, candidate_labellings, engine_named
from ovcf.segmentation.label_map import read_bodies
from ovcf.segmentation.network.builtin_model import builtin_network
from ovcf.segmentation.network.fusion import fused, on_grid_of
from ovcf.segmentation.network.inference import CLASSES, POINTS, slice_maps
from ovcf.segmentation.network.landmark_maps import MAP_SD_MM
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from tests.segmentation.probability_maps import COLUMNS, CORNER, ROWS, SLICES, maps_of
from tests.segmentation.shapes import NORMAL, WEDGE, column_of, turned

ANCHOR = {5: Level.L5}
BODIES = (NORMAL, NORMAL, WEDGE, NORMAL, NORMAL)
SACRUM = turned(NORMAL[[0, 1, 3, 2]], 0, (0, 170.0))


@cache
def drawn_maps(sacrum, canal):
    rings, true = column_of(list(BODIES))
    return maps_of(rings, sacrum=SACRUM if sacrum else None, canal=canal), true


class Knowing:
    """A network that gives the maps of a drawn column, whatever it is shown; landmarks certain within ``sd`` mm."""

    def __init__(self, *, sacrum=True, sd=0.5, body=1.0, canal=True):
        maps, self.true = drawn_maps(sacrum, canal)
        self.affine, self.at = maps.affine, 0
        p = maps.classes.astype(float)
        k = CLASSES.index("body")
        p[0] += (1 - body) * p[k]
        p[k] *= body
        heat = np.zeros((len(POINTS), *p.shape[1:]))
        width = np.hypot(MAP_SD_MM, sd)
        rows, columns = np.ogrid[:ROWS, :COLUMNS]
        for six in self.true:
            for j, (x, y) in enumerate(six):
                away = (columns - x + CORNER[0]) ** 2 + (rows - y + CORNER[1]) ** 2
                heat[j] = np.maximum(heat[j], MAP_SD_MM**2 / width**2 * np.exp(-away / (2 * width**2)))
        self.maps = np.moveaxis(np.concatenate([p, heat]), 1, 0)

    def __call__(self, slices):
        out = np.zeros((len(slices), self.maps.shape[1], *slices.shape[2:]), np.float32)
        out[:, 0] = 1.0
        out[:, :, :ROWS, :COLUMNS] = self.maps[self.at : self.at + len(slices)]
        self.at = (self.at + len(slices)) % SLICES
        return out

    def image(self):
        return Volume(np.random.default_rng(0).random((SLICES, ROWS, COLUMNS)), self.affine)


def segmented(network=None, anchors=ANCHOR, **options):
    network = network or Knowing()
    # The maps run right to left; so does the image, whose slices come back in that order.
    return BuiltinEngine(network=network, closer=False).segment(
        network.image(), Role.T2, name="T2", anchors=anchors, **options
    )


def test_the_bodies_above_the_sacrum_are_likeliest_lumbar_and_a_straight_drawn_column_is_not_sure_to_be():
    network = Knowing()
    spine = fused(slice_maps(network.image(), network))
    likeliest, *others = candidate_labellings(spine)
    assert likeliest.levels == tuple(Level(f"L{i}") for i in range(1, 6))
    assert likeliest.probability > 5 * others[0].probability
    with pytest.raises(LabelSchemeError, match="L1-L5"):
        segmented(anchors=None)
    assert segmented().withheld == {}


def test_it_gives_canal_discs_and_sacrum_on_the_grid_of_the_image():
    network = Knowing()
    found = BuiltinEngine(network=network, closer=False).segment(network.image(), Role.T2, anchors=ANCHOR)
    assert found.labels.same_grid(network.image())
    assert all(v is not None and v.voxels.any() for v in (found.canal, found.discs, found.sacrum))


def test_without_a_sacrum_it_asks_for_one_anchor_and_takes_it():
    with pytest.raises(LabelSchemeError, match="State the level of one: bodies are counted 1 to 5"):
        segmented(Knowing(sacrum=False), anchors=None)
    found = segmented(Knowing(sacrum=False), anchors={5: Level.L3})
    assert [found.levels[k] for k in sorted(found.levels)] == [Level(x) for x in ("T11", "T12", "L1", "L2", "L3")]


def test_its_landmarks_lie_where_the_bodies_corners_are():
    network = Knowing()
    found = BuiltinEngine(network=network, closer=False).segment(network.image(), Role.T2, anchors=ANCHOR)
    plane = mid_sagittal_plane(found.labels, found.labels)
    spine, withheld = landmarks_from_bodies(found, plane, Source())
    assert not withheld
    for vertebra, true in zip(spine, network.true, strict=True):
        assert np.linalg.norm(vertebra.array + CORNER - true, axis=1).max() < 1.2


@pytest.mark.parametrize("sd", [0.5, 1.5, 2.5])
def test_the_spread_of_a_landmark_map_becomes_its_sd(sd):
    found = segmented(Knowing(sd=sd))
    assert found.mapped[Level.L2].sd_mm == pytest.approx([sd] * 6, abs=0.25)


def test_unsure_landmarks_withhold_the_body_with_the_reason():
    found = segmented(Knowing(sd=5.0))
    assert set(found.withheld) == {Level(f"L{i}") for i in range(1, 6)}
    assert "known within" in found.withheld[Level.L3]
    spine, withheld = landmarks_from_bodies(found, mid_sagittal_plane(found.labels, found.labels), Source())
    assert not list(spine)
    assert len(withheld) == 5


def test_an_unsure_body_is_withheld_with_the_reason():
    found = segmented(Knowing(body=0.62), anchors={5: Level.L5})
    assert "unsure" in found.withheld[Level.L3]


def test_bodies_without_a_canal_behind_are_withheld():
    found = segmented(Knowing(canal=False))
    assert all("no canal" in why for why in found.withheld.values())
    assert len(found.withheld) == 5


def test_an_image_without_vertebrae_is_refused():
    def blind(slices):
        out = np.zeros((len(slices), len(CLASSES) + len(POINTS), *slices.shape[2:]), np.float32)
        out[:, 0] = 9
        return out

    with pytest.raises(LabelSchemeError, match="no vertebral body"):
        BuiltinEngine(network=blind).segment(Knowing().image(), Role.T1, name="T1")


def test_a_radiograph_is_not_for_this_model():
    with pytest.raises(SeriesChoiceError, match="radiograph"):
        BuiltinEngine(network=Knowing()).segment(Knowing().image(), Role.RADIOGRAPH)


def test_a_given_label_map_goes_through_the_same_protocol(tmp_path):
    import nibabel

    from ovcf.geometry import ras_from_lps

    found = segmented()
    path = tmp_path / "map.nii.gz"
    nibabel.save(nibabel.Nifti1Image(found.labels.voxels, ras_from_lps(found.labels.affine)), path)
    engine = engine_named("labels", labels=[path], scheme="instances")
    again = engine.segment(Knowing().image(), Role.T2, anchors={5: Level.L5})
    assert engine.name == "label map map.nii.gz"
    assert again.levels == read_bodies([path], scheme="instances", anchors={5: Level.L5}).levels == found.levels


def test_an_engine_that_does_not_exist_names_those_that_do():
    with pytest.raises(SeriesChoiceError, match="builtin, labels"):
        engine_named("oracle")
    with pytest.raises(SeriesChoiceError, match="needs a label map"):
        engine_named("labels")


def test_a_model_file_that_is_missing_says_how_to_get_one(monkeypatch):
    from ovcf.segmentation.network import builtin_model

    monkeypatch.setattr(builtin_model, "MODEL", "gone.onnx")
    builtin_model.builtin_network.cache_clear()
    with pytest.raises(MissingFileError, match=r"training/README.md.*label map"):
        builtin_model.builtin_network()
    builtin_model.builtin_network.cache_clear()


def test_the_packaged_model_finds_the_bodies_of_a_digital_patient():
    pytest.importorskip("onnxruntime", reason="the built-in engine runs on it")
    from ovcf.phantom.body.frame import BODY, NUMBER
    from ovcf.phantom.recipe import Recipe
    from ovcf.phantom.render import render

    patient = render(Recipe(seed=900_000_100, lumbar=5), contrasts=("T2",))
    image = patient.stack.volume(patient.images["T2"])
    truth = np.where(patient.part == BODY, patient.vertebra, 0)
    labels, _ = on_grid_of(fused(slice_maps(image, builtin_network())), image)
    whole = [NUMBER[v.level] for v in patient.landmarks if v.level is not Level.S1][2:]
    seen = [k for k in whole if (truth == k).any() and not (truth == k)[:, [0, -1]].any()]
    assert len(seen) > 5
    dice = []
    for k in seen:
        mine = np.bincount(labels.voxels[truth == k]).argmax()
        assert mine > 0
        a, b = labels.voxels == mine, truth == k
        dice.append(2 * (a & b).sum() / (a.sum() + b.sum()))
    assert np.mean(dice) > 0.9
    assert min(dice) > 0.75


def test_an_engine_in_a_new_file_is_known_by_its_id(tmp_path, monkeypatch):
    import ovcf.segmentation.engines as folder
    from ovcf.segmentation.engine import engines

    (tmp_path / "oracle.py").write_text(
        "from dataclasses import replace\nfrom ovcf.segmentation.engines import builtin\n"
        "ENGINE = replace(builtin.ENGINE, id='oracle', make=lambda asked: asked)\n"
    )
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    engines.cache_clear()
    try:
        assert engine_named("oracle", scheme="a scheme").scheme == "a scheme"
    finally:
        monkeypatch.undo()
        engines.cache_clear()
        sys.modules.pop("ovcf.segmentation.engines.oracle", None)
